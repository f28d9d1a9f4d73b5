"""Start and idle memory of a server: N times, start it, poll until the first 200, wait a second, read RSS and PSS of its session, stop it.

usage: startup.py N URL HOST -- command...      prints one JSON line with medians (ms, MB) and the smallest and largest start
"""
import http.client, json, os, statistics as st, subprocess, sys, time, urllib.parse
from measure import mem, stat_all

n, url, host, cmd = int(sys.argv[1]), urllib.parse.urlsplit(sys.argv[2]), sys.argv[3], sys.argv[5:]


def ready():
    try:
        c = http.client.HTTPConnection(url.hostname, url.port, timeout=2)
        c.request("GET", url.path, headers={"Host": host})
        return c.getresponse().status == 200
    except OSError:
        return False


starts, rss, pss, cpu = [], [], [], []
for _ in range(n):
    t = time.perf_counter()
    p = subprocess.Popen(cmd, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not ready():
        time.sleep(0.0005)
        if time.perf_counter() - t > 30:
            sys.exit("not ready after 30 s")
    starts.append(1000 * (time.perf_counter() - t))
    time.sleep(1)
    s = stat_all()
    r, q, k = mem(s, p.pid)
    rss.append(r); pss.append(q)
    cpu.append(10 * sum(s[x][2] for x in s if s[x][0] == p.pid))
    os.killpg(p.pid, 15)
    p.wait()
    while ready():
        time.sleep(0.01)
print(json.dumps({"start_ms": round(st.median(starts), 1), "start_min": round(min(starts), 1), "start_max": round(max(starts), 1), "cpu_ms": st.median(cpu), "rss_mb": st.median(rss), "pss_mb": st.median(pss), "procs": k}))
