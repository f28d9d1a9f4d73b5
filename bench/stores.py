"""The databases that are measured: a store of Parvis made by `parvis demo`, the store of the floors, both filled by bulk insert.

Parvis fills the demonstration itself and publishes the two téléservices of the bench; one demand is then sent page by page, and
copied N times with other names, states and dates: the inbox of an agent has N dossiers, four in ten of them open.
"""
import http.client, json, os, re, shutil, sqlite3, subprocess, sys, time, urllib.parse, uuid
from datetime import datetime, timedelta, timezone

from seed_floor import rows as floor_rows

HERE = os.path.dirname(os.path.abspath(__file__))
DIR = os.environ.get("BENCH_DIR", "/tmp/parvis-bench")
PARVIS = os.environ.get("BENCH_PARVIS", "parvis")
PG_PORT = int(os.environ.get("BENCH_PG_PORT", "54330"))
HOST = "villeneuve.localhost"
STATES = {"received": ("depose", "recu", 1), "processing": ("en_instruction", "en_cours", 1), "accepted": ("accepte", "repondu", 0), "refused": ("sans_suite", "refuse", 0)}


def pg_url(base):
    return f"postgres://postgres@127.0.0.1:{PG_PORT}/{base}"


def start_postgres():
    """The process number of a PostgreSQL of our own."""
    return int(subprocess.check_output([f"{HERE}/postgres.sh", "start", f"{DIR}/postgres", str(PG_PORT)], text=True))


class Browser:
    """A browser that keeps its cookie and sends forms; enough to prepare what is measured."""

    def __init__(self, port):
        self.port, self.jar = port, {}

    @property
    def cookie(self):
        """The header that it sends."""
        return "; ".join(f"{name}={value}" for name, value in self.jar.items())

    def ask(self, method, path, fields=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Host": HOST, "Cookie": self.cookie}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        c.request(method, path, None if fields is None else urllib.parse.urlencode(fields), headers)
        r = c.getresponse()
        text = r.read().decode()
        for line in r.headers.get_all("set-cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.jar[name] = value
        return r.status, r.headers.get("location"), text

    def send(self, path, fields):
        """POST, then the path it leads to; anything else is a fault of the bench."""
        status, to, text = self.ask("POST", path, {**fields, "_cle": uuid.uuid4().hex})
        if status != 303:
            sys.exit(f"{path}: {status}\n{re.sub(r'<[^>]*>', ' ', text)[:800]}")
        return to


ANSWERS = {"nom": "Dupont", "prenom": "Jeanne", "courriel_contact": "jeanne.dupont@example.org", "tel": "0612345678",
           "naissance.jour": "12", "naissance.mois": "5", "naissance.annee": "1980", "rue": "12 rue des Lilas", "cp": "75011",
           "ville": "Paris", "objet": "a", "personnes": "2", "accord": "oui", "message": "Bonjour, je demande un rendez-vous pour une carte."}
QUESTIONS = " ".join(dict.fromkeys(name.split(".")[0] for name in ANSWERS))


def body(answers=ANSWERS):
    return urllib.parse.urlencode({"_questions": QUESTIONS, **answers})


def draft(port):
    """A new visitor with a draft that is ready to be sent: (browser, path of the dossier)."""
    browser = Browser(port)
    first = browser.send("/demarches/banc/commencer", {})
    browser.send(first, {"_questions": QUESTIONS, **ANSWERS})
    return browser, first.split("/pages/")[0]


def agent(port):
    """An agent of the demonstration, signed in."""
    browser = Browser(port)
    browser.send("/agent/connexion", {"identifiant": f"nadia.roussel@villeneuve.exemple.fr", "mot_de_passe": "Parvis-demo-2026"})
    status, _, _ = browser.ask("GET", "/agent/dossiers")
    if status != 200:
        sys.exit(f"the agent who signed in has no inbox: {status}")
    return browser


class Store:
    """A database of Parvis: `kind` is sqlite or postgres, `n` the number of dossiers copied into it."""

    def __init__(self, kind, n):
        self.kind, self.n = kind, n
        self.name = f"parvis_{kind}_{n}"
        self.dir = f"{DIR}/{self.name}"
        self.url = f"sqlite:{self.dir}/parvis.db" if kind == "sqlite" else pg_url(self.name)

    def environment(self, port, **more):
        settings = {"DATABASE": self.url, "DATA": self.dir, "KEY": f"{self.dir}/parvis.key", "LISTEN": f"127.0.0.1:{port}", "WORK": "false",
                    "LIMITS__READ": "0", "LIMITS__WRITE": "0", "LIMITS__API": "0", "LIMITS__DRAFTS": "0",
                    "LIMITS__FILES": "0", **more}
        return {**os.environ, **{f"PARVIS_{k}": v for k, v in settings.items()}}

    def exists(self):
        return os.path.exists(f"{self.dir}/ready")

    def make(self, port):
        """The demonstration, the téléservices of the bench, N dossiers."""
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        demo = [PARVIS, "demo", "--port", str(port), "--dir", self.dir]
        if self.kind == "postgres":
            psql(pg_url("postgres"), f"drop database if exists {self.name}")
            psql(pg_url("postgres"), f"create database {self.name}")
            demo += ["--database", self.url]
        served = subprocess.Popen(demo, stdout=subprocess.DEVNULL, stderr=open(f"{self.dir}/log", "w"), start_new_session=True)
        wait(port)
        for package in ("banc", "banc-visite"):
            command = [PARVIS, "teleservice", "publish", f"{HERE}/teleservices/{package}", "--tenant", "villeneuve"]
            subprocess.run(command, env=self.environment(port), check=True, stdout=subprocess.DEVNULL)
        browser, path = draft(port)
        browser.send(f"{path}/depot", {})
        served.terminate()
        served.wait()
        self.copy(path.rsplit("_", 1)[1])
        open(f"{self.dir}/ready", "w").close()

    def copy(self, model):
        """N dossiers like the one of this identifier."""
        unit = self.rows(f"select org_unit_id from dossier where id = {self.literal(model)}")[0]
        columns = "id number contact_name search_key phase state is_open due_on created_at".split()
        self.insert(model, columns, copies(self.n))
        if unit:
            unit = "org_" + unit.lower().replace("-", "")
        tenant = f"(select tenant_id from dossier where id = {self.literal(model)})"
        for phase, state, is_open in STATES.values():
            if is_open:
                key = f"{unit}/banc/{phase}/{state}"
                self.script(f"insert into dossier_counter (tenant_id, key, slot, n) select tenant_id, '{key}', 99, count(*) from dossier where tenant_id = {tenant} "
                            f"and slug = 'banc' and phase = '{phase}' and number like 'COP-%' group by tenant_id")
        self.script("analyze" if self.kind == "sqlite" else "vacuum analyze")

    def drafts(self, model, n):
        """N drafts more, like this one and opened by the same key; their identifiers, as in addresses."""
        ids = [new_id(time.time(), i) for i in range(n)]
        self.insert(model, ["id"], ([i] for i in ids))
        whose = f"from dossier_access where dossier_id = {self.literal(model)}"
        fresh = ", ".join(("dossier.id" if c == "dossier_id" else f"a.{c}") for c in self.columns("dossier_access"))
        self.script(f"insert into dossier_access select {fresh} from dossier, (select * {whose}) a where dossier.slug = 'banc' and dossier.phase = 'brouillon' "
                    "and not exists (select 1 from dossier_access b where b.tenant_id = dossier.tenant_id and b.dossier_id = dossier.id)")
        if self.kind == "postgres":  # as autovacuum does within the minute
            self.script("analyze dossier, dossier_access")
        return [f"dos_{i.hex}" for i in ids]

    def insert(self, model, columns, rows):
        """Copies a dossier, once for each row, with these columns changed."""
        every = ", ".join(f"fresh.{c}" if c in columns else f"model.{c}" for c in self.columns("dossier"))
        copy = f"insert into dossier select {every} from fresh, dossier model where model.id = {self.literal(model)}"
        types = {"id": "uuid", "is_open": "boolean", "due_on": "date", "created_at": "timestamptz"}
        table = "create temp table fresh (" + ", ".join(f"{c} {types.get(c, 'text')}" for c in columns) + ")"
        if self.kind == "sqlite":
            with sqlite3.connect(self.url.removeprefix("sqlite:"), timeout=60) as db:
                db.execute("pragma temp_store = memory")
                db.execute(table.replace("uuid", "blob"))
                holes = ", ".join("?" * len(columns))
                db.executemany(f"insert into fresh values ({holes})", ([v.bytes if isinstance(v, uuid.UUID) else v for v in row] for row in rows))
                db.execute(copy)
            db.close()
            return
        p = subprocess.Popen(["psql", "-q", "-v", "ON_ERROR_STOP=1", self.url], stdin=subprocess.PIPE, text=True)
        p.stdin.write(f"begin; {table}; copy fresh from stdin;\n")
        for row in rows:
            p.stdin.write("\t".join(map(str, row)) + "\n")
        p.stdin.write(f"\\.\n{copy}; commit;\n")
        p.stdin.close()
        if p.wait():
            sys.exit("the copies could not be inserted")

    def columns(self, table):
        if self.kind == "sqlite":
            return self.rows(f"select name from pragma_table_info('{table}') order by cid")
        return self.rows(f"select column_name from information_schema.columns where table_name = '{table}' order by ordinal_position")

    def literal(self, hexa):
        return f"x'{hexa}'" if self.kind == "sqlite" else f"'{hexa}'"

    def rows(self, sql):
        """The first column of a reading, as text."""
        if self.kind == "sqlite":
            with sqlite3.connect(self.url.removeprefix("sqlite:"), timeout=60) as db:
                return [v.hex() if isinstance(v, bytes) else v for (v,) in db.execute(sql)]
        return psql(self.url, sql).split()

    def script(self, sql):
        if self.kind == "postgres":
            psql(self.url, sql)
            return
        with sqlite3.connect(self.url.removeprefix("sqlite:"), timeout=60) as db:
            db.execute(sql)


def copies(n):
    """Names, states and dates of N dossiers: those that the floors hold, in Parvis's words."""
    now = datetime.now(timezone.utc)
    for i, _, _, state, name, folded, _, _ in floor_rows(n):
        phase, word, is_open = STATES[state]
        due = (now + timedelta(days=(i * 7919) % 300 - 20)).date().isoformat() if is_open else "9999-12-31"
        at = (now - timedelta(minutes=i)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        number = f"COP-2026-{i:07d}"
        yield [new_id(now.timestamp() - 60 * i, i), number, name, f"{folded} {number.lower()}", phase, word, is_open, due, at]


def new_id(at, i):
    """A version 7 identifier of that second."""
    random = uuid.uuid4().int & ((1 << 62) - 1)
    return uuid.UUID(int=(int(at * 1000) + i % 1000) << 80 | 0x7 << 76 | (i % 4096) << 64 | 0b10 << 62 | random)


def psql(url, sql):
    return subprocess.run(["psql", "-qAt", "-v", "ON_ERROR_STOP=1", url, "-c", sql], check=True, capture_output=True, text=True).stdout


def wait(port, path="/healthz", seconds=240):
    end = time.time() + seconds
    while time.time() < end:
        try:
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            c.request("GET", path, headers={"Host": HOST})
            if c.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    sys.exit(f"nothing answers on port {port}")


def make_floor(kind, n):
    """The store of the floors."""
    where = f"{DIR}/floor_{n}.db" if kind == "sqlite" else pg_url(f"floor_{n}")
    mark = f"{DIR}/floor_{kind}_{n}.ready"
    if os.path.exists(mark):
        return
    if kind == "postgres":
        psql(pg_url("postgres"), f"drop database if exists floor_{n}")
        psql(pg_url("postgres"), f"create database floor_{n}")
    subprocess.run([sys.executable, f"{HERE}/seed_floor.py", str(n), kind, where], check=True)
    open(mark, "w").close()
