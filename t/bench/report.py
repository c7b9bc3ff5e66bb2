"""docs/benchmarks.md out of the figures of run.py."""

import os
import platform
import subprocess
import time


def speed(r):
    if r is None:
        return "-"
    if "failed" in r:
        return r["failed"]
    return "%.0f MB/s" % r["mbps"]


def number(r, key="mbps", form="%.0f"):
    return "-" if r is None or "failed" in r else form % r[key]


def table(out, head, rows):
    out.append("| " + " | ".join(head) + " |")
    out.append("| " + " | ".join(["---"] + ["---:"] * (len(head) - 1)) + " |")
    out += ["| " + " | ".join(r) + " |" for r in rows]
    out.append("")


def thousands(n):
    return "{:,}".format(n).replace(",", " ")


def machine():
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as f:
            for line in f:
                if line.startswith("model name"):
                    name = line.split(":")[1].strip()
                    break
    except OSError:
        pass
    return "%s, %d cores, Linux %s" % (name, os.cpu_count(),
                                       platform.release())


def english(out, r):
    out += ["English: `english_8m.html` is the same page in words of ASCII",
            "that look English, about 1 MB of them. *seldom*: lists of such",
            "words, none of which is in it; what hits there are written over",
            "two words. *often*: lists of its own words, then of others.",
            "*survivors*: look-ups of a place in the list, a character of",
            "text; *verified*: of those, how many were compared with the",
            "text.", ""]
    rows = []
    for kind, n, g in r:
        if "failed" in g:
            rows.append([kind, thousands(n), speed(g)] + ["-"] * 6)
            continue
        rows.append([kind, thousands(n), number(g, "scanner_mbps"), number(g),
                     "%.3f" % (g["survivors"] / g["text_bytes"]),
                     number(g, "candidates", "%d"), number(g, "hits", "%d"),
                     number(g, "build_ms", "%.1f"),
                     "%.1f" % (g["image_bytes"] / 1e6)])
    table(out, ["words", "terms", "scanner MB/s", "whole MB/s", "survivors",
                "verified", "hits", "build ms", "image MB"], rows)


def engine(out, r):
    out += ["## The engine", "",
            "`moderationctl bench`, one core: raw bytes of the page a second,",
            "from scanner to verdict. `home_8m.html` is 8 MB of markup with",
            "12 000 cards; rules read title, nick and tag of each; default",
            "folds, gap 2. *scanner* is the same way without the matcher.", ""]
    rows = []
    for n, g in r["home"].items():
        rows.append([thousands(int(n)), number(g, "scanner_mbps"), number(g),
                     number(g, "build_ms", "%.1f"),
                     "-" if "failed" in g
                     else "%.1f" % (g["image_bytes"] / 1e6),
                     number(g, "hits", "%d")])
    table(out, ["terms", "scanner MB/s", "whole MB/s", "build ms",
                "image MB", "hits"], rows)

    if r.get("simd"):
        widths(out, r["simd"])

    if r.get("english"):
        english(out, r["english"])

    rows = [[name, speed(g).replace(" MB/s", "")]
            for name, g in list(r["worst"].items())
            + [("200 regexes, home_8m.html", r["regex"])]]
    if r.get("weighted"):
        rows += [["20 000 fragments of 1 to 4 characters, home_8m.html",
                  speed(r["weighted"][0]).replace(" MB/s", "")],
                 ["the same with weights",
                  speed(r["weighted"][1]).replace(" MB/s", "")]]
    out += ["Worst cases: `terms_4m.html` has titles made of listed terms,",
            "`near_4m.html` of terms with the last character changed, both",
            "with 100 000 terms; regexes are read on titles.", ""]
    table(out, ["page", "MB/s"], rows)


    if r.get("fill"):
        out += ["Pages made to fill what is learned of markup, or to be tried",
                "in vain, 10 000 terms: beside reading without it.", ""]
        table(out, ["page", "warm MB/s", "first MB/s", "exact MB/s"],
              [[name, number(g), number(g, "first_mbps"),
                number(g, "exact_mbps")] for name, g in r["fill"]])


def widths(out, rows):
    out += ["By width of register (`MODERATION_SIMD`), 10 000 terms. *warm*:",
            "the page's markup has been learned, its cards are read; *first*:",
            "the first page of a worker; *exact*: nothing is learned.", ""]
    table(out, ["page", "registers", "scanner MB/s", "warm MB/s",
                "first MB/s", "exact MB/s"],
          [[name, g.get("simd", "-"), number(g, "scanner_mbps"), number(g),
            number(g, "first_mbps"), number(g, "exact_mbps")]
           for name, g in rows])


def feeds(out, e, p):
    out += ["## JSON feeds", "",
            "Whole way of the engine; jansson and simdjson parse the document",
            "and read nothing of it.", ""]
    rows = []
    for name in ("feed_4m.json", "feed_4m_esc.json"):
        rows.append([name] + [number(e["feed"].get("%s %d" % (name, n)))
                              for n in (1000, 10000)]
                    + [number(p.get(k + " " + name))
                       for k in ("jansson", "simdjson")])
    table(out, ["feed", "1 000 terms", "10 000 terms", "jansson",
                "simdjson"], rows)


def peers(out, p):
    out += ["## Matching alone, next to peers", "",
            "MB/s over the texts of all fields of `home_8m.html` (about 1 MB",
            "of Chinese titles). The engine folds, matches with gaps and",
            "gives spans, in batches of 4 KB as it gets them; peers get the",
            "text in one call and look for the bare terms. *after fold*: the",
            "default folds by a flat table first, its time included.", ""]
    rows = []
    for n, g in p["match"].items():
        hs = p["hs"].get(n) or {"failed": "-"}
        rows.append([thousands(int(n)), number(g),
                     speed(p["pcre"].get(n)).replace(" MB/s", ""),
                     speed(p["hs"].get(n)).replace(" MB/s", ""),
                     speed(p["hs-fold"].get(n)).replace(" MB/s", ""),
                     number(g, "build_ms", "%.0f"),
                     number(hs, "build_ms", "%.0f"),
                     "-" if "failed" in g else "%.1f" % (g["memory"] / 1e6),
                     "-" if "failed" in hs
                     else "%.1f" % (hs["memory"] / 1e6)])
    table(out, ["terms", "engine", "PCRE2 JIT", "Vectorscan",
                "Vectorscan after fold", "build ms", "Vectorscan ms",
                "image MB", "Vectorscan MB"], rows)
    out += ["Build of the engine includes reading the list. 200 regexes over",
            "the same texts: engine %s, PCRE2 JIT one after the other %s,"
            % (speed(p["regex match"]), speed(p["regex pcre"])),
            "and %s where each text is searched alone, as a filter must."
            % speed(p["regex each"]),
            "Limits of the machine: memcpy of the page %s, memchr for `<` %s."
            % (speed(p.get("memcpy")), speed(p.get("memchr"))), ""]


def stages(out, s):
    out += ["## Charsets, compressed upstreams", "",
            "Decoding to UTF-8 with positions, MB/s of what comes in; inflate",
            "MB/s of what comes out, in pieces of 16 KB.", ""]
    table(out, ["stage", "MB/s"], [[k, number(g)] for k, g in s.items()])


def nginx(out, n):
    out += ["## Through nginx", "",
            "One worker, a 256 KB page from another nginx, wrk with 16",
            "connections, all variants in turns, %d rounds. *share* is the"
            % n["rounds"],
            "median over the rounds of the share of plain; *processor* what",
            "the worker spends on a request, microseconds, and plain's share",
            "of that; *first byte* of",
            "the 4 MB page, first quartile of 50 (on two cores most of them",
            "wait for the client, or for the other nginx); *memory* is what",
            "the worker's peak grows while 64 MB pass, after pages of 4 MB",
            "have. All keep the memory that they have freed",
            "(MALLOC_TRIM_THRESHOLD_, see nginx_bench.py).",
            "One page is asked for again and again, so that its cards without",
            "a hit are known and only compared (design.md, \"What was seen",
            "before\"); *new cards*: pages in turn, of which no card is known;",
            "share of plain for these pages; *gzip*: compressed for the",
            "client, share of plain with gzip for the same pages.", ""]
    table(out, ["variant", "requests/s", "share", "processor us",
                "processor share", "first byte ms", "memory KB"],
          [[name, "%.0f" % g["best"], "%.2f" % g["share"],
            "%.0f" % g.get("cpu_us", 0), "%.2f" % g.get("cpu_share", 0),
            "%.2f" % n["first_byte_ms"][name], "%d" % n["memory_kb"][name]]
           for name, g in n["rates"].items()])
    parts = {k: v for k, v in n.get("parts", {}).items() if v}
    if parts:
        out += ["CPU time of the worker, microseconds a request, while it is",
                "looked at (perf):", ""]
        names = ("module", "nginx", "libraries", "kernel")
        table(out, ["variant"] + list(names) + ["all"],
              [[k] + ["%.0f" % v.get(x, 0) for x in names]
               + ["%.0f" % sum(v.values())] for k, v in parts.items()])
    for name, why in n["failed"].items():
        out += ["%s did not start: %s" % (name, why), ""]


def write(r, path, top):
    commit = subprocess.run(["git", "-C", top, "rev-parse", "--short",
                             "HEAD"], capture_output=True, text=True)
    out = ["# Benchmarks", "",
           "Made by `make bench` (`%s`), %s, commit %s, on %s."
           % (r["command"].split(" /")[0],
              time.strftime("%Y-%m-%d", time.gmtime(r["started"])),
              commit.stdout.strip() or "unknown", machine()),
           "Figures of one table come from one run; each is the best of",
           "several. The machine is a virtual one that is shared, so compare",
           "columns with each other rather than with other machines.", ""]

    if "engine" in r:
        engine(out, r["engine"])
    if r.get("profile"):
        out += ["Where the time goes (perf, `home_8m.html`, 10 000 terms):",
                ""]
        table(out, ["function", "share"], [[f, s] for s, f in r["profile"]])
    if r.get("instructions"):
        rooms, items = r["instructions"]
        out += ["Instructions a card (callgrind, which has no AVX-512;",
                "`home_256k.html`, %d cards, 10 000 terms), by the folders of"
                % items, "`ngx_module/engine`:", ""]
        table(out, ["part", "instructions"],
              [[k, "%.0f" % v] for k, v in sorted(rooms.items(),
                                                  key=lambda x: -x[1])
               if v >= 1])
    if "engine" in r and "peers" in r:
        feeds(out, r["engine"], r["peers"])
    if "peers" in r:
        peers(out, r["peers"])
    if "stages" in r:
        stages(out, r["stages"])
    if "nginx" in r:
        nginx(out, r["nginx"])
    if r["missing"]:
        out += ["Not installed, so left out: %s." % ", ".join(r["missing"]),
                ""]

    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(out))
