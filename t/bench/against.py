#!/usr/bin/env python3
"""This engine beside that of another commit: `moderationctl bench` of both, in
turns, the best of the turns and the median of their ratios.

    git worktree add /tmp/other 566c8ca && make -C /tmp/other engine
    python3 t/bench/make_pages.py /tmp/pages
    t/bench/against.py /tmp/other/build/moderationctl /tmp/pages \\
        home_8m.html feed_4m.json

MODERATION_SIMD=avx2 before it holds both to that width.  On a shared machine
the best of many turns says most.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run

KEYS = ("scanner_mbps", "mbps")


def bench(tool, policy, page):
    p = subprocess.run([tool, "bench", "--policy", policy, page],
                       capture_output=True, text=True)
    if p.returncode != 0:
        sys.exit("%s: %s" % (tool, p.stderr.strip()))
    return json.loads(p.stdout)


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    a.add_argument("--tool", default="build/moderationctl")
    a.add_argument("--turns", type=int, default=7)
    a.add_argument("--terms", type=int, default=10000)
    a.add_argument("other", help="moderationctl of the other commit")
    a.add_argument("pages", help="folder of make_pages.py")
    a.add_argument("file", nargs="+", help="there, or a path")
    o = a.parse_args()

    with tempfile.TemporaryDirectory() as where:
        policy = run.list_policy(where, "p", os.path.join(
            o.pages, "kw_%d.txt" % o.terms))

        print("| page, %d terms | scanner: other | this | ratio | whole: other "
              "| this | ratio | hits |" % o.terms)
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")

        for name in o.file:
            page = name if os.path.exists(name) else os.path.join(o.pages,
                                                                  name)
            got = [(bench(o.other, policy, page), bench(o.tool, policy, page))
                   for _ in range(o.turns)]
            row = [os.path.basename(name)]
            for key in KEYS:
                row += ["%.0f" % max(x[i][key] for x in got) for i in (0, 1)]
                row.append("%.2f" % statistics.median(
                    y[key] / x[key] for x, y in got))
            row.append("%d, %d" % (got[0][0]["hits"], got[0][1]["hits"]))
            print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
