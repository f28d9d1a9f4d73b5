"""Whole visits begun at a steady rate for one minute, whatever the answers take: prints how many ended, and how long a request took.

usage: pace.py PORT VISITS_A_MINUTE
"""
import json, re, sys, threading, time
from stores import ANSWERS, Browser

port, rate = int(sys.argv[1]), int(sys.argv[2])
times, ended, failed = [], [], []


def timed(browser, *request):
    t = time.perf_counter()
    status, to, text = browser.ask(*request)
    times.append(1000 * (time.perf_counter() - t))
    return status, to, text


def visit():
    browser = Browser(port)
    status, path, _ = timed(browser, "POST", "/demarches/banc-visite/commencer", {})
    while path and status == 303 and not path.endswith("/depot"):
        status, _, page = timed(browser, "GET", path)
        key, seen = (re.search(f'name="{name}" value="([^"]*)"', page) for name in ("_cle", "_questions"))
        if status != 200 or not key:
            break
        names = seen[1].split() if seen else []
        fields = {name: text for name, text in ANSWERS.items() if name.split(".")[0] in names}
        to = path.replace("/verification", "/depot")
        status, path, _ = timed(browser, "POST", to, {"_cle": key[1], "_questions": " ".join(names), **fields})
    (ended if status == 303 else failed).append(path)


began, threads = time.perf_counter(), []
for i in range(rate):
    time.sleep(max(0, began + 60 * i / rate - time.perf_counter()))
    threads.append(threading.Thread(target=visit))
    threads[-1].start()
for thread in threads:
    thread.join()
times.sort()
at = lambda q: round(times[int((len(times) - 1) * q)], 2)
print(json.dumps({"posted": len(ended), "bad": len(failed), "requests": len(times), "seconds": round(time.perf_counter() - began, 2), "p50_ms": at(.5), "p99_ms": at(.99), "max_ms": at(1)}))
