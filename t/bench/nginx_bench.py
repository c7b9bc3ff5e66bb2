"""Requests a second through nginx, with the filter and with its peers.

Every variant is an nginx of its own with one worker in front of the same
upstream; wrk asks them in turns, round by round, so that whatever else the
machine does falls on all.  A share is the median of the rounds' shares of
plain.

What the worker spends is taken from its own clock, too: requests a second
depend on what else the machine does, processor time hardly does.  A share of
processor time is plain's over that of the variant.

The filter knows cards that it has seen before.  So there are two ways to ask:
for one page again and again, as readers of a homepage do, and (variants whose
name ends in NEW) for so many pages in turn, none with a card of another, that
no card is known when it comes again.
"""

import os
import re
import shutil
import socket
import statistics
import subprocess
import time

import profile

# By default glibc gives the buffers of each request back to the system, unless
# something happens to lie behind them, as a loaded policy does: then the same
# nginx is nearly twice as fast.  All variants keep their memory.
MALLOC = {"MALLOC_TRIM_THRESHOLD_": "67108864"}

SECONDS = 3
CONNECTIONS = 16

NEW = ", new cards"
GZIP = ", gzip"
PAGES = 30

# wrk: the pages in turn
IN_TURN = """\
local i = 0
request = function()
    i = (i + 1) %% %d
    return wrk.format("GET", "/new_" .. i .. ".html")
end
""" % PAGES

CONF = """\
%(main)s
worker_processes 1;
daemon on;
pid %(dir)s/nginx.pid;
error_log %(dir)s/error.log warn;
events { worker_connections 512; }
http {
    access_log off;
    default_type text/html;
    types { text/html html; application/json json; }
    client_body_temp_path %(dir)s/body;
    proxy_temp_path %(dir)s/proxy;
    fastcgi_temp_path %(dir)s/fastcgi;
    uwsgi_temp_path %(dir)s/uwsgi;
    scgi_temp_path %(dir)s/scgi;
    keepalive_requests 1000000;
    proxy_buffers 64 16k;
    %(http)s
    server {
        listen 127.0.0.1:%(port)d;
        %(server)s
    }
}
"""

UPSTREAM = """
    upstream origin { server 127.0.0.1:%d; keepalive 32; }
    proxy_http_version 1.1;
    proxy_set_header Connection "";
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:

    def __init__(self, nginx, folder, main="", http="", server=""):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        self.port = free_port()
        self.pid_file = os.path.join(folder, "nginx.pid")
        if os.getuid() == 0:
            main = "user root;\n" + main
        conf = os.path.join(folder, "nginx.conf")
        with open(conf, "w") as f:
            f.write(CONF % {"main": main, "dir": folder, "http": http,
                            "server": server, "port": self.port})
        self.command = [nginx, "-p", folder, "-c", conf]
        p = subprocess.run(self.command, capture_output=True, text=True,
                           env=dict(os.environ, **MALLOC))
        if p.returncode != 0:
            raise RuntimeError(p.stderr.strip()[-300:])
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                break
            except OSError:
                time.sleep(0.05)

    def stop(self):
        subprocess.run(self.command + ["-s", "stop"], capture_output=True)

    def worker(self):
        with open(self.pid_file) as f:
            master = int(f.read())
        with open("/proc/%d/task/%d/children" % (master, master)) as f:
            return int(f.read().split()[0])

    def url(self, path):
        return "http://127.0.0.1:%d/%s" % (self.port, path)


def new_pages(data, root):
    """PAGES pages of about 256 KB out of home_8m.html, each card once"""
    with open(os.path.join(data, "home_8m.html"), "rb") as f:
        page = f.read()
    head, rest = page.split(b"<body>", 1)
    cards = re.findall(rb"<li class=.live-card.*?</li>\n?", rest, re.S)
    n = len(cards) // PAGES
    for i in range(PAGES):
        with open(os.path.join(root, "new_%d.html" % i), "wb") as f:
            f.write(head + b"<body><ul>"
                    + b"".join(cards[i * n:(i + 1) * n]) + b"</ul>\n")


def wrk(url, script=None, gzip=False):
    """(requests a second, requests)"""
    p = subprocess.run(["wrk", "-t1", "-c%d" % CONNECTIONS,
                        "-d%ds" % SECONDS]
                       + (["-H", "Accept-Encoding: gzip"] if gzip else [])
                       + (["-s", script] if script else []) + [url],
                       capture_output=True, text=True)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", p.stdout)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", p.stdout)
    count = re.search(r"(\d+) requests in", p.stdout)
    if bad or not rate or not count:
        return 0.0, 0
    return float(rate.group(1)), int(count.group(1))


def fetch(port, path):
    """(seconds to the first byte of the body, body length)"""
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall(("GET /%s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
               % path).encode())
    begun = time.perf_counter()
    got, first, total = b"", None, 0
    while True:
        part = s.recv(1 << 18)
        if not part:
            break
        if first is None:
            got += part
            at = got.find(b"\r\n\r\n")
            if at >= 0 and len(got) > at + 4:
                first = time.perf_counter() - begun
                total = len(got) - at - 4
        else:
            total += len(part)
    s.close()
    return first, total


def memory(pid, key):
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith(key):
                return int(line.split()[1])
    return 0


def sub_filters(data, n):
    with open(os.path.join(data, "kw_%d.txt" % n), encoding="utf-8") as f:
        words = f.read().split()
    return "sub_filter_once off;\n" + "".join(
        '        sub_filter "%s" "**";\n' % w for w in words)


def variants(build, where, data, lists):
    """name: (main, http, server)"""
    module = "load_module %s/ngx_http_moderation_filter_module.so;\n" % build
    go = "location / { proxy_pass http://origin; %s }"
    out = {"plain": ("", "", go % "")}

    def ours(name, n, mode):
        if n in lists:
            out[name] = (module, "", "moderation_policy %s check=1h;\n"
                         "        moderation %s;\n        %s"
                         % (lists[n], mode, go % ""))

    ours("off, 10 000 terms", 10000, "off")
    ours("shadow, 10 000 terms", 10000, "shadow")
    ours("enforce, 10 000 terms", 10000, "enforce")
    ours("enforce, 100 000 terms", 100000, "enforce")
    out["plain" + NEW] = ("", "", go % "")
    ours("enforce, 10 000 terms" + NEW, 10000, "enforce")
    ours("enforce, 100 000 terms" + NEW, 100000, "enforce")

    packed = "gzip on; gzip_types application/json;"
    out["plain" + NEW + GZIP] = ("", packed, go % "")
    if 10000 in lists:
        main, http, server = out["enforce, 10 000 terms"]
        out["enforce, 10 000 terms" + NEW + GZIP] = (main, packed, server)

    for n in (10, 100):
        out["sub_filter, %d words" % n] = ("", "", go % sub_filters(data, n))

    so = "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so"
    if os.path.exists(so):
        rules = os.path.join(where, "modsecurity.conf")
        shutil.copy(os.path.join(data, "kw_10000.txt"),
                    os.path.join(where, "modsecurity_words.txt"))
        with open(rules, "w") as f:
            f.write("SecRuleEngine On\nSecRequestBodyAccess Off\n"
                    "SecResponseBodyAccess On\n"
                    "SecResponseBodyMimeType text/html\n"
                    "SecResponseBodyLimit 67108864\nSecAuditEngine Off\n"
                    "SecRule RESPONSE_BODY \"@pmFromFile "
                    "modsecurity_words.txt\" "
                    "\"id:1,phase:4,pass,nolog\"\n")
        out["ModSecurity @pmFromFile, 10 000"] = (
            "load_module %s;\n" % so, "",
            "modsecurity on;\n        modsecurity_rules_file %s;\n        %s"
            % (rules, go % ""))

    return out


def run(nginx, build, where, data, lists, rounds, say):
    root = os.path.join(where, "root")
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(root)
    for name in ("home_256k.html", "home_4m.html"):
        os.symlink(os.path.join(data, name), os.path.join(root, name))
    with open(os.path.join(data, "home_4m.html"), "rb") as f:
        page = f.read()
    with open(os.path.join(root, "home_64m.html"), "wb") as f:
        f.write(page * 16)
    new_pages(data, root)
    script = os.path.join(where, "in_turn.lua")
    with open(script, "w") as f:
        f.write(IN_TURN)

    servers, failed = {}, {}
    origin = Server(nginx, os.path.join(where, "ngx-origin"), "",
                    "sendfile on;", "root %s;" % root)
    try:
        for i, (name, parts) in enumerate(
                variants(build, where, data, lists).items()):
            try:
                servers[name] = Server(
                    nginx, os.path.join(where, "ngx-%d" % i), parts[0],
                    UPSTREAM % origin.port + parts[1], parts[2])
            except RuntimeError as e:
                failed[name] = str(e)
                say("  %s: %s" % (name, e))
        return measure(servers, failed, rounds, script, where, say)
    finally:
        for s in list(servers.values()) + [origin]:
            s.stop()


# whose CPU time is looked at
LOOK = ("plain", "enforce, 10 000 terms", "plain" + NEW,
        "enforce, 10 000 terms" + NEW)


def measure(servers, failed, rounds, script, where, say):
    rates = {name: [] for name in servers}
    spent = {name: [] for name in servers}

    for s in servers.values():
        fetch(s.port, "home_256k.html")
    for _ in range(rounds):
        for name, s in servers.items():
            before = profile.cpu(s.worker())
            rate, n = wrk(s.url("home_256k.html"),
                          script if NEW in name else None, GZIP in name)
            rates[name].append(rate)
            if n != 0:
                spent[name].append((profile.cpu(s.worker()) - before) / n)

    r = {"failed": failed, "rates": {}, "first_byte_ms": {}, "memory_kb": {},
         "rounds": rounds}
    for name, got in rates.items():
        as_plain = ("plain" + (NEW if NEW in name else "")
                    + (GZIP if GZIP in name else ""))
        plain = rates[as_plain]
        share = [x / p for x, p in zip(got, plain) if p > 0]
        r["rates"][name] = {"best": max(got),
                            "share": statistics.median(share)}
        if spent[name] and spent[as_plain]:
            r["rates"][name]["cpu_us"] = 1e6 * statistics.median(spent[name])
            r["rates"][name]["cpu_share"] = (
                statistics.median(spent[as_plain])
                / statistics.median(spent[name]))
        say("  %s: %.0f requests/s, %.2f of plain; %.0f us of processor time "
            "each, %.2f" % (name, max(got), r["rates"][name]["share"],
                            r["rates"][name].get("cpu_us", 0),
                            r["rates"][name].get("cpu_share", 0)))

    r["parts"] = {}
    for name in LOOK:
        if name in servers:
            s = servers[name]
            r["parts"][name] = profile.worker(
                s.worker(), lambda: wrk(s.url("home_256k.html"), script
                                        if NEW in name else None)[0],
                SECONDS, where)

    firsts = {name: [] for name in servers}
    for _ in range(10 * rounds):
        for name, s in servers.items():
            firsts[name].append(fetch(s.port, "home_4m.html")[0])
    for name, got in firsts.items():
        # client, proxy and origin may share two cores: more than half of the
        # pages wait for one, whatever the filter does
        r["first_byte_ms"][name] = sorted(got)[len(got) // 4] * 1e3

    for name, s in servers.items():
        pid = s.worker()
        for _ in range(3):
            fetch(s.port, "home_4m.html")
        before = memory(pid, "VmRSS")
        with open("/proc/%d/clear_refs" % pid, "w") as f:
            f.write("5")
        fetch(s.port, "home_64m.html")
        r["memory_kb"][name] = memory(pid, "VmHWM") - before
        say("  %s: first byte %.2f ms, %d KB more for 64 MB"
            % (name, r["first_byte_ms"][name], r["memory_kb"][name]))

    return r
