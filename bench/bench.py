"""Measures Parvis beside its floors, in turn within the same minute, and says which goals are met.

usage: bench.py seed                      the stores, 1 000 and 1 000 000 dossiers, on SQLite and PostgreSQL (about 3 GB)
       bench.py load sqlite|postgres [SHAPE...] [--rounds 3] [--seconds 3]
       bench.py start                     time to the first answer and idle memory, Parvis and Django
       bench.py pace                      500 visits a minute for one minute: share of the machine
       bench.py weight                    size and number of requests of the pages of usagers
       bench.py goals                     the table of the goals, from all that was measured since `seed`
"""
import argparse, json, os, re, signal, subprocess, sys

import goals, stores
from goals import bad
from stores import DIR, HERE, HOST, Store, agent, body, draft, pg_url, start_postgres, wait

SMALL, LARGE = 1_000, 1_000_000
RUNS = f"{DIR}/runs.jsonl"
FLOOR = os.environ.get("BENCH_FLOOR", "floor")
PYTHON = os.environ.get("BENCH_DJANGO", sys.executable)
WRONG = {**stores.ANSWERS, "nom": "", "prenom": "", "courriel_contact": "pas-un-courriel", "tel": "1", "naissance.jour": "hier", "rue": "", "cp": "7", "ville": "", "objet": "z", "personnes": "99", "accord": "", "message": ""}
WRONG_FLOOR = "nom=&prenom=&courriel=pas-un-courriel&tel=1&naissance=hier&rue=&cp=7&ville=&objet=z&personnes=99&message="

# name: (connections, threads, stores of Parvis that run it, floor: (script, path, environment), Parvis: (script, environment))
SHAPES = {
    "page": (16, 2, [SMALL], ("get", "/form/", {}), ("get", {})),
    "invalid": (16, 2, [SMALL], ("form_post", "/form/", {"BODY": WRONG_FLOOR}), ("parvis_form", {"BODY": body(WRONG)})),
    "submit": (32, 2, [SMALL], ("form_post", "/form/", {}), ("parvis_deposit", {})),
    "submit1": (1, 1, [SMALL], ("form_post", "/form/", {}), ("parvis_deposit", {})),
    "submit50": (50, 2, [SMALL], ("form_post", "/form/", {}), ("parvis_deposit", {})),
    "submit128": (128, 2, [SMALL], ("form_post", "/form/", {}), ("parvis_deposit", {})),
    "visit": (8, 8, [SMALL], ("visit", "/", {}), ("parvis_visit", {})),
    "list": (16, 2, [SMALL, LARGE], ("get", "/list/", {}), ("parvis_list", {"MODE": "first"})),
    "deep": (16, 2, [SMALL, LARGE], ("list", "/", {"MODE": "deep"}), ("parvis_list", {"MODE": "deep"})),
    "search": (16, 2, [SMALL, LARGE], ("list", "/", {"MODE": "search"}), ("parvis_list", {"MODE": "search"})),
}


class Server:
    """A program that answers on a port; its processes are those of its session."""

    def __init__(self, name, port, command, environment, check, cwd=None):
        self.name, self.port, self.command, self.environment, self.check, self.cwd = name, port, command, environment, check, cwd
        self.process = None

    def start(self):
        log = open(f"{DIR}/{self.name}.log", "w")
        self.process = subprocess.Popen(self.command, env=self.environment, cwd=self.cwd, stdout=log, stderr=log, start_new_session=True)
        wait(self.port, self.check)

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


class Floor(Server):
    """The least that does the same: hand-written, no rights, no journal, no form engine."""

    def __init__(self, kind, n, port):
        where = f"sqlite:{DIR}/floor_{n}.db" if kind == "sqlite" else f"postgres:{pg_url(f'floor_{n}')}"
        super().__init__(f"floor_{n}", port, [FLOOR], {**os.environ, "STORE": where, "BATCH": "1", "PORT": str(port)}, "/form/")
        self.n = n

    def shape(self, name):
        script, path, environment = SHAPES[name][3]
        return script, path, {**environment, "N": str(self.n)}


class Django(Floor):
    """The smallest honest Django, on the floor's PostgreSQL."""

    def __init__(self, n, port):
        Server.__init__(self, "django", port, [PYTHON, "-m", "gunicorn", "-w", "2", "--threads", "4", "-b", f"127.0.0.1:{port}", "wsgi:application"],
                        {**os.environ, "FLOOR_DSN_PORT": str(stores.PG_PORT), "FLOOR_DB": f"floor_{n}"}, "/form/", f"{HERE}/django")
        self.n = n

    def shape(self, name):
        script, path, environment = super().shape(name)
        return script, path.replace("/form/", "/form-nocsrf/") if script == "form_post" else path, environment


class Parvis(Server):
    """`parvis serve` without background work, as when `parvis work` runs beside it."""

    def __init__(self, kind, n, port, name=None, **settings):
        self.store, self.n = Store(kind, n), n
        super().__init__(name or f"parvis_{n}", port, [stores.PARVIS, "serve"], self.store.environment(port, **settings), "/healthz")

    def start(self):
        super().start()
        self.agent = agent(self.port).cookie
        self.browser, self.draft = draft(self.port)

    def shape(self, name):
        script, environment = SHAPES[name][4]
        environment = {**environment, "COOKIE": self.agent if script == "parvis_list" else self.browser.cookie}
        if script == "parvis_deposit":
            drafts = self.store.drafts(self.draft.rsplit("_", 1)[1], 12_000 if SHAPES[name][0] > 1 else 3_000)
            open(f"{DIR}/drafts", "w").write("\n".join(drafts) + "\n")
            environment |= {"DRAFTS": f"{DIR}/drafts", "THREADS": str(SHAPES[name][1])}
        return script, f"{self.draft}/pages/demande" if script in ("get", "parvis_form") else "/", environment


def servers(kind):
    some = [Floor(kind, SMALL, 8301), Floor(kind, LARGE, 8302), Parvis(kind, SMALL, 8303), Parvis(kind, LARGE, 8304)]
    return some + ([Parvis("sqlite", SMALL, 8305, "ungrouped", GROUP_COMMIT="false")] if kind == "sqlite" else [Django(LARGE, 8306)])


def runs(server, shape):
    """Whether a server runs a shape: the large stores only lists, the one without grouping only submissions."""
    if server.name == "ungrouped":
        return shape == "submit"
    return server.name == "django" or server.n in SHAPES[shape][2]


def load(kind, shapes, rounds, seconds):
    postmaster = start_postgres()
    all_of = servers(kind)
    for server in all_of:
        server.start()
    try:
        for r in range(rounds):
            for shape in shapes:
                for server in [s for s in all_of if runs(s, shape)]:
                    one(kind, r, shape, server, seconds, postmaster)
    finally:
        for server in all_of:
            server.stop()


def one(kind, r, shape, server, seconds, postmaster):
    connections, threads = SHAPES[shape][:2]
    script, path, environment = server.shape(shape)
    sids = ["--sid", f"app={server.process.pid}"] + (["--sid", f"db={postmaster}"] if kind == "postgres" else [])
    wrk = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-H", f"Host: {HOST}", "-s", f"{HERE}/wrk/{script}.lua", f"http://127.0.0.1:{server.port}{path}"]
    measure = [sys.executable, f"{HERE}/measure.py", "--wait", "0", "--tries", "1", "--max-foreign", "1", *sids, "--", *wrk]
    out = subprocess.run(measure, env={**os.environ, "LUA_DIR": f"{HERE}/wrk", **environment}, capture_output=True, text=True)
    keep({"kind": kind, "round": r, "shape": shape, "server": server.name, **json.loads(out.stdout)})


def keep(line):
    with open(RUNS, "a") as f:
        f.write(json.dumps(line) + "\n")
    n = line.get("posted") or line.get("requests") or 0
    costs = {k.removeprefix("cpu_ms_per_op."): v for k, v in line.items() if k.startswith("cpu_ms_per_op.")}
    print(line.get("kind", ""), line["shape"], line["server"], f"{n / line['seconds']:.0f}/s" if n else line, "CPU ms", costs,
          f"p50 {line.get('p50_ms')} p99 {line.get('p99_ms')} others {line.get('foreign')} faults {bad(line)}", flush=True)


def start():
    start_postgres()
    for kind in ("sqlite", "postgres"):
        for n in (SMALL, LARGE):
            boot(kind, Parvis(kind, n, 8303))
    boot("postgres", Django(LARGE, 8306))


def boot(kind, server):
    path = "/" if isinstance(server, Parvis) else server.check
    command = [sys.executable, f"{HERE}/startup.py", "5", f"http://127.0.0.1:{server.port}{path}", HOST, "--", *server.command]
    out = subprocess.run(command, env=server.environment, cwd=server.cwd, capture_output=True, text=True)
    line = {"kind": kind, "shape": "start", "server": server.name, **json.loads(out.stdout)}
    with open(RUNS, "a") as f:
        f.write(json.dumps(line) + "\n")
    print(line)


def pace(visits_a_minute=500):
    """Whole visits begun at a steady rate for one minute: what they cost, in share of the machine."""
    for kind in ("sqlite", "postgres"):
        postmaster = start_postgres()
        server = Parvis(kind, SMALL, 8303)
        server.start()
        try:
            sids = ["--sid", f"app={server.process.pid}"] + (["--sid", f"db={postmaster}"] if kind == "postgres" else [])
            command = [sys.executable, f"{HERE}/measure.py", "--wait", "0", "--tries", "1", "--max-foreign", "1", *sids, "--", sys.executable, f"{HERE}/pace.py", str(server.port), str(visits_a_minute)]
            out = subprocess.run(command, capture_output=True, text=True)
            line = {"kind": kind, "shape": "pace", "server": server.name, **json.loads(out.stdout)}
            line["share"] = round(sum(v for k, v in line.items() if k in ("cpu_s.app", "cpu_s.db")) / line["wall_s"] / os.cpu_count(), 4)
            keep(line)
        finally:
            server.stop()


def weight():
    """What a browser fetches to show a page, compressed, with nothing in its cache."""
    server = Parvis("sqlite", SMALL, 8303)
    server.start()
    try:
        for path in ("/", "/demarches", "/demarches/aide-velo", f"{server.draft}/pages/demande", f"{server.draft}/verification"):
            sizes = fetch_all(server, path)
            line = {"shape": "weight", "server": path.replace(server.draft, "/dossiers/…"), "bytes": sum(sizes), "fetched": len(sizes), "page": sizes[0]}
            with open(RUNS, "a") as f:
                f.write(json.dumps(line) + "\n")
            print(line)
    finally:
        server.stop()


def fetch_all(server, path):
    """Sizes of the page and of all that it names: sheets, scripts, images, and fonts of the sheets."""
    def get(address):
        command = ["curl", "-s", "--compressed", "-H", f"Host: {HOST}", "-H", f"Cookie: {server.browser.cookie}", "-o", f"{DIR}/fetched", "-w", "%{size_download}", f"http://127.0.0.1:{server.port}{address}"]
        size = subprocess.check_output(command, text=True)
        return int(size), open(f"{DIR}/fetched", errors="replace").read()
    size, html = get(path)
    sizes, names = [size], re.findall(r'<(?:link[^>]*rel="(?:stylesheet|icon|modulepreload)"[^>]*href|script[^>]*src|img[^>]*src)="(/[^"]+)"', html)
    seen = set()
    while names := [name for name in names if name not in seen]:
        seen.add(names[0])
        size, text = get(names[0])
        sizes.append(size)
        names.extend(re.findall(r'url\("?(/[^")]+)', text) + re.findall(r'import[^"\';]*["\'](/[^"\']+)["\']', text))
    return sizes


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("what", choices=["seed", "load", "start", "pace", "weight", "goals"])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    a = parser.parse_args()
    os.makedirs(DIR, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the servers are stopped too
    match a.what:
        case "seed":
            start_postgres()
            for kind in ("sqlite", "postgres"):
                for n in (SMALL, LARGE):
                    stores.make_floor(kind, n)
                    store = Store(kind, n)
                    store.exists() or store.make(8303)
        case "load":
            load(a.names[0], a.names[1:] or list(SHAPES), a.rounds, a.seconds)
        case "goals":
            goals.show(RUNS)
        case what:
            globals()[what]()


if __name__ == "__main__":
    main()
