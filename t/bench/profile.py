"""Where the time goes: of the engine and of a worker.

perf samples a CPU clock, which works on virtual machines without counters;
callgrind counts instructions, which are the same in every run.  Whichever is
not installed is left out.
"""

import os
import re
import shutil
import subprocess
import time

# the parts of the house, as the folders of ngx_module/engine are
ROOM = re.compile(r"ngx_module/engine/(\w+)/")


def functions(program, policy, page, where):
    """[(share, function)] of the whole way, the fourteen first"""
    if not shutil.which("perf"):
        return []
    out = os.path.join(where, "perf.data")
    rec = subprocess.run(["perf", "record", "-q", "-o", out, program, "scan",
                          policy, page], capture_output=True)
    if rec.returncode != 0:
        return []
    rows = []
    for line in perf_report(out, "symbol", "1"):
        word = line.split()
        rows.append((word[0], word[2]))
    return rows[:14]


def perf_report(data, sort, limit):
    text = subprocess.run(["perf", "report", "-i", data, "--stdio", "-g",
                           "none", "--sort", sort, "--percent-limit", limit],
                          capture_output=True, text=True).stdout
    return [line for line in text.splitlines()
            if re.match(r"\s*[\d.]+%\s", line)]


def instructions(tool, policy, page, where):
    """({room: instructions an item}, items): callgrind over one scan; the
    processor that it plays has AVX2 and no AVX-512"""
    if not shutil.which("valgrind"):
        return None
    out = os.path.join(where, "callgrind.out")
    run = subprocess.run(["valgrind", "--tool=callgrind", "-q",
                          "--callgrind-out-file=" + out,
                          "--toggle-collect=mdr_scan_feed",
                          "--toggle-collect=mdr_scan_finish",
                          tool, "scan", "--apply", "--policy", policy, page],
                         capture_output=True, text=True)
    bench = subprocess.run([tool, "bench", "--policy", policy, page],
                           capture_output=True, text=True)
    found = re.search(r'"items":(\d+)', bench.stdout)
    if not found or not os.path.exists(out) or run.returncode > 1:
        return None
    items = int(found.group(1))
    text = subprocess.run(["callgrind_annotate", "--auto=no",
                           "--threshold=100", "--show-percs=no", out],
                          capture_output=True, text=True).stdout
    rooms = {}
    for line in text.splitlines():
        m = re.match(r"\s*([\d,]+)\s+(\S+):(\S+)", line)
        if not m:
            continue
        room = ROOM.search(m.group(2))
        name = room.group(1) if room else inlined(m.group(3))
        n = int(m.group(1).replace(",", ""))
        rooms[name] = rooms.get(name, 0) + n
    return {k: v / items for k, v in rooms.items()}, items


def inlined(function):
    """intrinsics count under the header that has them, of one's own
    functions; the rest is the library's"""
    own = {"fast_": "html", "mdr_html_": "html", "wide_row": "match",
           "places": "match", "try_": "match", "next_special": "match",
           "plain_blocks": "text", "markup_blocks": "text", "block": "text",
           "mdr_json_": "json", "mdr_match_": "match", "mdr_text_": "text"}
    for k, v in own.items():
        if function.startswith(k):
            return v
    return "libc"


def cpu(pid):
    """seconds of user and of system time"""
    with open("/proc/%d/stat" % pid) as f:
        word = f.read().rsplit(")", 1)[1].split()
    tick = os.sysconf("SC_CLK_TCK")
    return int(word[11]) / tick + int(word[12]) / tick


def worker(pid, load, seconds, where):
    """{part: microseconds of CPU a request} of a worker while load() runs,
    which takes some seconds and returns requests a second"""
    if not shutil.which("perf"):
        return None
    out = os.path.join(where, "worker.data")
    p = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F",
                          "2000", "-o", out, "-p", str(pid), "--", "sleep",
                          str(seconds - 1)],
                         stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    time.sleep(0.1)
    before = cpu(pid)
    rate = load()
    used = cpu(pid) - before
    p.wait()
    if p.returncode != 0 or rate <= 0:
        return None
    each = used / (rate * seconds) * 1e6
    parts = {}
    for line in perf_report(out, "dso", "0"):
        word = line.split()
        name = word[-1]
        name = ("kernel" if name.startswith("[")
                else "module" if "moderation" in name
                else "nginx" if name.startswith("nginx") else "libraries")
        parts[name] = (parts.get(name, 0)
                       + float(word[0].rstrip("%")) / 100 * each)
    return parts
