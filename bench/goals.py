"""The goals of speed, from the lines that bench.py keeps: medians over the rounds, ratios taken inside each round."""
import json, statistics



def cost(line):
    """CPU of one operation, application and database together, in ms."""
    return sum(v for k, v in line.items() if k.startswith("cpu_ms_per_op."))


def app(line):
    return line["cpu_ms_per_op.app"]


def rate(line):
    return (line.get("posted") or line["requests"]) / line["seconds"]


class Lines:
    def __init__(self, path):
        self.all = [json.loads(line) for line in open(path)]

    def of(self, kind, shape, server):
        """The last run of each round: a shape measured again replaces what it was."""
        return {line["round"]: line for line in self.all if (line.get("kind"), line["shape"], line["server"]) == (kind, shape, server)}

    def one(self, shape, server, kind=None):
        found = [line for line in self.all if line["shape"] == shape and line["server"] == server and kind in (None, line.get("kind"))]
        return found[-1] if found else None

    def median(self, kind, shape, server, what):
        values = [what(line) for line in self.of(kind, shape, server).values()]
        return statistics.median(values) if values else None

    def ratio(self, kind, shape, above, below, what=cost):
        a, b = self.of(kind, shape, above), self.of(kind, shape, below)
        values = [what(a[r]) / what(b[r]) for r in a if r in b and what(b[r])]
        return (statistics.median(values), min(values), max(values)) if values else None


P, F, D, P1M, F1M = "parvis_1000", "floor_1000", "django", "parvis_1000000", "floor_1000000"


def table(lines):
    """(goal, kind of store, what is compared, bound, figure, met)"""
    rows = []

    def at_most(goal, kind, what, found, bound):
        rows.append((goal, kind, what, f"≤ {bound}", shown(found), found and first(found) <= bound))

    def at_least(goal, kind, what, found, bound):
        rows.append((goal, kind, what, f"≥ {bound}", shown(found), found and first(found) >= bound))

    for kind in ("sqlite", "postgres"):
        for goal, shape in (("L1", "page"), ("L2", "invalid")):
            at_most(goal, kind, f"{shape}: CPU ÷ floor", lines.ratio(kind, shape, P, F), 8)
            if kind == "postgres":
                at_least(goal, kind, f"{shape}: Django ÷ ours", lines.ratio(kind, shape, D, P), 40)
    at_least("L3", "sqlite", "submit: rate ÷ floor", lines.ratio("sqlite", "submit", P, F, rate), 0.4)
    at_most("L3", "sqlite", "submit: CPU ÷ floor", lines.ratio("sqlite", "submit", P, F), 6)
    at_least("L3", "sqlite", "submit: rate ÷ without grouping", lines.ratio("sqlite", "submit", P, "ungrouped", rate), 5)
    at_least("L4", "postgres", "submit: rate ÷ floor", lines.ratio("postgres", "submit", P, F, rate), 0.3)
    at_most("L4", "postgres", "submit: CPU of the application ÷ floor", lines.ratio("postgres", "submit", P, F, app), 10)
    at_most("L4", "postgres", "submit: CPU ÷ floor", lines.ratio("postgres", "submit", P, F), 5)
    at_least("L4", "postgres", "submit: rate ÷ Django", lines.ratio("postgres", "submit", P, D, rate), 3)
    at_least("L4", "postgres", "submit: Django ÷ our application", lines.ratio("postgres", "submit", D, P, app), 7)
    at_least("L4", "postgres", "submit: Django ÷ ours, all", lines.ratio("postgres", "submit", D, P), 4)
    at_most("L5", "sqlite", "visit: CPU ÷ floor", lines.ratio("sqlite", "visit", P, F), 7)
    at_most("L5", "postgres", "visit: CPU ÷ floor", lines.ratio("postgres", "visit", P, F), 4)
    at_least("L5", "postgres", "visit: Django ÷ our application", lines.ratio("postgres", "visit", D, P, app), 7)
    at_least("L5", "postgres", "visit: Django ÷ ours, all", lines.ratio("postgres", "visit", D, P), 3)
    for shape in ("list", "deep", "search"):
        at_most("L6", "sqlite", f"{shape}, 1 M: CPU ÷ floor", lines.ratio("sqlite", shape, P1M, F1M), 8)
        at_most("L6", "postgres", f"{shape}, 1 M: CPU ÷ floor", lines.ratio("postgres", shape, P1M, F1M), 8)
        at_least("L6", "postgres", f"{shape}, 1 M: Django ÷ ours", lines.ratio("postgres", shape, D, P1M), 4)
        for kind in ("sqlite", "postgres"):
            at_most("L8", kind, f"{shape}: 1 M ÷ 1 000", lines.ratio(kind, shape, P1M, P), {"list": 1.3, "deep": 2, "search": 1.5}[shape])
    for kind in ("sqlite", "postgres"):
        p50 = lines.median(kind, "submit1", P, lambda line: line["p50_ms"]), lines.median(kind, "submit1", F, lambda line: line["p50_ms"])
        at_most("L9", kind, "submit, 1 connection: p50 − floor's, ms", p50[0] - p50[1] if None not in p50 else None, 2)
    at_most("L9", "sqlite", "50 at once: p99 ÷ floor's", lines.ratio("sqlite", "submit50", P, F, lambda line: line["p99_ms"]), 3)
    for kind in ("sqlite", "postgres"):
        boot, django = lines.one("start", P, kind), lines.one("start", D)
        at_most("L10", kind, "idle, PSS in MB", boot and boot["pss_mb"], 40)
        at_most("L10", kind, "after all shapes and 128 connections, PSS in MB", most_memory(lines, kind), 120)
        at_most("L11", kind, "start to the first page, ms", boot and boot["start_ms"], 150)
        at_most("L11", kind, "start ÷ Django's", boot and django and boot["start_ms"] / django["start_ms"], 0.5)
    for kind in ("sqlite", "postgres"):
        paced = lines.one("pace", P, kind)
        at_most("L13", kind, "500 visits a minute: % of the machine", paced and 100 * paced["share"], 5)
    for line in {line["server"]: line for line in lines.all if line["shape"] == "weight"}.values():
        at_most("page", "", f"{line['server']}: KB", line["bytes"] / 1000, 30)
        at_most("page", "", f"{line['server']}: requests", line["fetched"], 5)
    return rows


def most_memory(lines, kind):
    found = [line["pss_mb.app"] for line in lines.all if line.get("kind") == kind and line["server"] == P and "pss_mb.app" in line]
    return max(found) if found else None


def first(found):
    return found[0] if isinstance(found, tuple) else found


def shown(found):
    if not found and found != 0:
        return "not measured"
    if isinstance(found, tuple):
        return f"{found[0]:.3g} [{found[1]:.3g}–{found[2]:.3g}]"
    return f"{found:.3g}"


def show(path):
    lines = Lines(path)
    print("| goal | store | what | bound | figure | met |\n| --- | --- | --- | --- | --- | --- |")
    for goal, kind, what, bound, figure, met in table(lines):
        print(f"| {goal} | {kind} | {what} | {bound} | {figure} | {'–' if figure == 'not measured' else 'yes' if met else '**no**'} |")
    print("\n| shape | store | server | operations/s | CPU ms: application | database | p50 ms | p99 ms | others | faults |\n|" + " --- |" * 10)
    seen = dict.fromkeys((line["kind"], line["shape"], line["server"]) for line in lines.all if "cpu_ms_per_op.app" in line and "round" in line)
    for kind, shape, server in sorted(seen, key=lambda k: (k[1], k[0], k[2])):
        m = lambda what: lines.median(kind, shape, server, what)
        cells = [shape, kind, server, f"{m(rate):.0f}", f"{m(app):.3f}", f"{m(lambda line: cost(line) - app(line)):.3f}", f"{m(lambda line: line['p50_ms']):.2f}", f"{m(lambda line: line['p99_ms']):.2f}",
                 f"{m(lambda line: line['foreign']):.2f}", f"{sum(bad(line) for line in lines.of(kind, shape, server).values())}"]
        print("| " + " | ".join(cells) + " |")


def bad(line):
    status = line.get("err_status", 0) if line["shape"] != "invalid" else 0
    return line.get("bad", status) + line.get("err_timeout", 0) + line.get("err_read", 0) + line.get("err_connect", 0)
