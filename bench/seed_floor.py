"""Makes the tables of the floors and N dossiers (same rows at each run), in a SQLite file or in a PostgreSQL database.

usage: seed_floor.py N sqlite FILE | seed.py N postgres DSN      (psql must be on the path)
"""
import json, os, random, sqlite3, subprocess, sys, unicodedata

SURNAMES = "Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefèvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Müller Lefebvre Faure André Mercier Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard Giraud Joly Rivière Lucas Brunet Gaillard Barbier Arnaud Martinez Gérard Roche Renard Schmitt Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine Renaud Dumas Lacroix Olivier Philippe Bourgeois Pierre Benoît Rey Leclerc Payet Rolland Leclercq Guillaume Lecomte".split()
GIVEN = "Jeanne Marie Léa Chloé Camille Inès Sarah Zoé Nathalie Isabelle Jean Paul Louis Hugo Nolan Karim Mehdi Noé Rémi Théo".split()
ENDS = "ault eau el ens er et ez ier in oni ot oux y".split()
fold = lambda s: "".join(c for c in unicodedata.normalize("NFD", s.lower()) if not unicodedata.combining(c))
DATA = json.dumps({"courriel": "jeanne.dupont@example.org", "tel": "0612345678", "naissance": "1980-05-12", "rue": "12 rue des Lilas", "cp": "75011", "ville": "Paris", "objet": "a", "personnes": 2, "accord": True, "message": "Bonjour, je demande un rendez-vous pour une carte."}, ensure_ascii=False)


def rows(n):
    r = random.Random(1)
    for i in range(1, n + 1):
        s = r.choice(SURNAMES)
        if r.random() < .5:
            s = s[:r.randint(2, len(s))] + r.choice(ENDS)
        name = f"{s} {r.choice(GIVEN)}"
        state = r.choices(("received", "processing", "accepted", "refused"), (20, 20, 50, 10))[0]
        yield i, f"D-{i:09d}", f"demarche-{r.randint(1, 40)}", state, name, fold(name), 1_700_000_000_000 + i * 20_000 + r.randint(0, 3_600_000), DATA


INDEXES = ["CREATE INDEX dossier_list ON dossier (state, received_at, id)", "CREATE INDEX dossier_name ON dossier (name_norm, id)"]


def main():
    N, kind, where = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    if kind == "sqlite":
        for e in ("", "-wal", "-shm"):
            if os.path.exists(where + e):
                os.remove(where + e)
        db = sqlite3.connect(where, isolation_level=None)
        db.executescript("""PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;
            CREATE TABLE floor_submission (id BLOB PRIMARY KEY, form TEXT NOT NULL, tracking TEXT NOT NULL UNIQUE, state TEXT NOT NULL, data TEXT NOT NULL, created_at INTEGER NOT NULL) WITHOUT ROWID;
            CREATE INDEX s1 ON floor_submission (form, state, created_at);
            CREATE TABLE floor_event (id INTEGER PRIMARY KEY, submission BLOB NOT NULL REFERENCES floor_submission, kind TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL);
            CREATE INDEX e1 ON floor_event (submission, id);
            CREATE TABLE floor_outbox (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL);
            CREATE TABLE floor_draft (id BLOB PRIMARY KEY, page INTEGER NOT NULL, data TEXT NOT NULL, updated_at INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE dossier (id INTEGER PRIMARY KEY, number TEXT NOT NULL, form TEXT NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL, name_norm TEXT NOT NULL, received_at INTEGER NOT NULL, data TEXT NOT NULL);
            BEGIN""")
        db.executemany("INSERT INTO dossier VALUES (?,?,?,?,?,?,?,?)", rows(N))
        for i in INDEXES:
            db.execute(i)
        for q in ("COMMIT", "ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"):
            db.execute(q)
    else:
        psql = ["psql", "-q", "-v", "ON_ERROR_STOP=1", where]
        subprocess.run(psql + ["-f", os.path.join(os.path.dirname(os.path.abspath(__file__)), "floor", "schema.sql")], check=True)
        p = subprocess.Popen(psql + ["-c", "COPY dossier FROM STDIN"], stdin=subprocess.PIPE, text=True)
        for r in rows(N):
            p.stdin.write("\t".join(map(str, r)) + "\n")
        p.stdin.close()
        if p.wait():
            sys.exit("COPY failed")
        for i in INDEXES + ["VACUUM ANALYZE"]:
            subprocess.run(psql + ["-c", i], check=True)


if __name__ == "__main__":
    main()
