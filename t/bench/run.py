#!/usr/bin/env python3
"""Runs the benchmark and writes docs/benchmarks.md.

  run.py BUILD [--data DIR] [--out FILE] [--only engine,peers,stages,nginx]
               [--quick]

Data are made by make_pages.py in BUILD/bench/data, or stand in DIR under the
same names.  Every figure is the best of several runs; figures that are
compared come from the same run, in turns.  Peers that are not installed are
left out and named.
"""

import argparse
import collections
import itertools
import json
import os
import shutil
import subprocess
import sys
import time

import nginx_bench
import profile
import report

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
LISTS = (10, 100, 1000, 10000, 100000, 1000000)
ENGLISH = ("seldom", "often")

POLICY = """\
schema: 1
policy: bench
defaults:
  gap: {max: 2, of: [space, punct, symbol, emoji]}
slots:
  - name: home.cards
    type: html
    match: "li.live-card"
    fields: {title: "h3.title", nick: "span.nick", tags: "span.tag"}
  - name: feed.rooms
    type: json
    match: "$.data.list[*]"
    fields: {title: "$.title", nick: "$.uname", tags: "$.tags[*]"}
rules:
  - id: bench.rule
    label: spam_contact
    risk_level: low
    action: block
    match:
      in: [title, nick, tags]
      %s
"""

CARD = "<h3 class=\"title\">t</h3><span class=\"nick\">n</span>"
FILL = [
    ("states", "<s%><li class=\"live-card\">" + CARD + "</li><li class="
     "\"live-card\">" + CARD + "</li><li class=\"live-card\">" + CARD
     + "</li></s%>\n"),
    ("literals", "<li class=\"live-card\"><b k%>x</b>" + CARD + "</li>\n"),
    ("last tag", "<li class=\"live-card\">" + CARD + "<em>12</em><i>345</i>"
     "<u>6789</u><b>text of the same kind</b><s z%></s></li>\n"),
]
ENTRY = '"title":"t","uname":"n","tags":["a","b","c"]'
FILL_JSON = [
    ("keys", "{" + ENTRY + ',"k%":1},'),
    ("containers", "{" + ENTRY + ',"o":{"title":"x","k%":{"u":1}}},'),
    ("last member", "{" + ENTRY + ',"online":1,"cover":"a picture","link":'
     '"to it","extra":{"rank":1,"pk":null},"z%":0},'),
]

FLAGS = ["-std=c11", "-O3", "-D_GNU_SOURCE",
         "-I" + os.path.join(TOP, "ngx_module/engine"),
         "-I" + os.path.join(TOP, "ngx_module")]


def say(*words):
    print(*words, flush=True)


def linkable(lib, cxx=False):
    probe = subprocess.run(
        ["g++" if cxx else "gcc", "-shared", "-x", "c", "/dev/null", "-o",
         "/dev/null", "-l" + lib], capture_output=True)
    return probe.returncode == 0


def compile_all(build):
    """-> {program: path}, [what is missing]"""
    out = os.path.join(build, "bench")
    lib = os.path.join(build, "libmoderation.a")
    missing, programs = [], {}

    def gcc(name, libs):
        path = os.path.join(out, name)
        subprocess.run(["gcc", *FLAGS, "-o", path,
                        os.path.join(HERE, name + ".c"), lib,
                        "-lyaml", "-lpcre2-8",
                        *("-l" + x for x in libs)], check=True)
        programs[name] = path

    have = {x: linkable(x) for x in ("hs", "jansson", "brotlidec",
                                     "brotlienc", "zstd")}
    missing += [x for x in have if not have[x]]
    gcc("peers", [x for x in ("hs", "jansson") if have[x]])
    gcc("stages", ["z"] + [x for x in ("brotlidec", "brotlienc", "zstd")
                           if have[x]])

    if shutil.which("g++") and linkable("simdjson", True):
        path = os.path.join(out, "simdjson")
        subprocess.run(["g++", "-O3", "-o", path,
                        os.path.join(HERE, "simdjson.cpp"), "-lsimdjson"],
                       check=True)
        programs["simdjson"] = path
    else:
        missing.append("simdjson")

    return programs, missing


def figure(cmd, timeout=900, env=None):
    """the last JSON line of cmd, or None"""
    try:
        p = subprocess.run(cmd, capture_output=True, text=True,
                           timeout=timeout, env=env)
    except subprocess.TimeoutExpired:
        return {"failed": "over %d s" % timeout}
    lines = [x for x in p.stdout.splitlines() if x.startswith("{")]
    if not lines:
        return {"failed": (p.stderr.strip().splitlines() or ["crashed"])[-1]}
    return json.loads(lines[-1])


def best(cmd, repeat, key="mbps", timeout=900, env=None):
    """the run with the highest key"""
    got = [figure(cmd, timeout, env) for _ in range(repeat)]
    good = [g for g in got if "failed" not in g]
    return max(good, key=lambda g: g[key]) if good else got[0]


def list_policy(where, name, words):
    folder = os.path.join(where, name)
    os.makedirs(folder, exist_ok=True)
    shutil.copy(words, os.path.join(folder, "terms.txt"))
    path = os.path.join(folder, "policy.yaml")
    with open(path, "w") as f:
        f.write(POLICY % "list: terms.txt")
    return path


def policies(where, data):
    """-> {terms: path}, path of the one with regexes"""
    paths = {}
    for n in LISTS:
        words = os.path.join(data, "kw_%d.txt" % n)
        if os.path.exists(words):
            paths[n] = list_policy(where, "p%d" % n, words)

    folder = os.path.join(where, "regex")
    os.makedirs(folder, exist_ok=True)
    regex = os.path.join(folder, "policy.yaml")
    with open(os.path.join(data, "regexes_200.txt"), encoding="utf-8") as f:
        patterns = [x.rstrip("\n") for x in f if x.strip()]
    quoted = "".join("\n        - '%s'" % p.replace("'", "''")
                     for p in patterns)
    with open(regex, "w", encoding="utf-8") as f:
        f.write((POLICY % ("regex:" + quoted)).replace(
            "in: [title, nick, tags]", "in: [title]"))

    return paths, regex


def weighted(where, texts, n=20000):
    """-> policies of the same n fragments of one to four characters, the most
    frequent of the titles, without weights and with"""
    count = collections.Counter()
    with open(texts, encoding="utf-8") as f:
        for line in itertools.islice(f, 40000):
            line = line.strip()
            for size in range(1, 5):
                for i in range(len(line) - size + 1):
                    part = line[i:i + size]
                    if part == part.strip() and part[0] not in "#\"'":
                        count[part] += 1
    top = sorted(count.items(), key=lambda x: (-x[1], x[0]))[:n]
    paths = []
    for name, form, when in (("plain", "%s\n", "words and never"),
                             ("weights", "%s\t%d\n",
                              "score >= 1000000 and never")):
        folder = os.path.join(where, "weighted", name)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "terms.txt"), "w",
                  encoding="utf-8") as f:
            for i, (part, _) in enumerate(top):
                f.write(form % ((part, i % 90 + 1) if "%d" in form else part))
        paths.append(os.path.join(folder, "policy.yaml"))
        with open(paths[-1], "w", encoding="utf-8") as f:
            f.write((POLICY % "groups: {words: {list: terms.txt}, never: "
                     "{terms: [\u9f98\u9750]}}\n      when: %s" % when))
    return paths


def engine(tool, data, where, lists, regex, texts, repeat):
    r = {"home": {}, "feed": {}, "worst": {}}

    def bench(policy, name):
        return best([tool, "bench", "--policy", policy,
                     os.path.join(data, name)], repeat)

    for n, policy in lists.items():
        r["home"][n] = bench(policy, "home_8m.html")
        say("  home_8m.html, %d terms: %s" % (n, report.speed(r["home"][n])))

    for name in ("feed_4m.json", "feed_4m_esc.json"):
        for n in (1000, 10000):
            r["feed"]["%s %d" % (name, n)] = bench(lists[n], name)
            say("  %s, %d terms: %s"
                % (name, n, report.speed(r["feed"]["%s %d" % (name, n)])))

    # the same at narrower registers (base/cpu.h)

    r["simd"] = []
    for simd in ("sse2", "avx2", None):
        env = dict(os.environ)
        env.pop("MODERATION_SIMD", None)
        if simd:
            env["MODERATION_SIMD"] = simd
        for name in ("home_8m.html", "feed_4m.json"):
            g = best([tool, "bench", "--policy", lists[10000],
                      os.path.join(data, name)], repeat, env=env)
            r["simd"].append([name, g])
            say("  %s, %s: %s" % (name, g.get("simd"), report.speed(g)))

    # pages made to fill what is learned: card of a kind each, literals without
    # end, units that part from what is known at their end

    r["fill"] = []
    for name, card in FILL + FILL_JSON:
        feed = card.startswith("{")
        page = os.path.join(where, name)
        with open(page, "w") as f:
            f.write('{"data":{"list":[' if feed else "<body><input><ul>\n")
            for i in range(40000):
                f.write(card.replace("%", str(i)))
            f.write("{}]}}" if feed else "")
        g = best([tool, "bench", "--policy", lists[10000], page], repeat)
        r["fill"].append([name, g])
        say("  %s: %s, exact %s" % (name, report.speed(g),
                                    g.get("exact_mbps")))

    for name in ("terms_4m.html", "near_4m.html"):
        if os.path.exists(os.path.join(data, name)):
            r["worst"][name] = bench(lists[100000], name)
            say("  %s, 100000 terms: %s"
                % (name, report.speed(r["worst"][name])))

    plain, weights = weighted(where, texts)
    r["weighted"] = [bench(plain, "home_8m.html"),
                     bench(weights, "home_8m.html")]
    say("  home_8m.html, 20000 fragments of 1 to 4 characters: %s; weighted: %s"
        % tuple(report.speed(g) for g in r["weighted"]))

    r["english"] = []
    for kind in ENGLISH:
        for n in (1000, 10000, 100000):
            name = "en_%s_%d" % (kind, n)
            words = os.path.join(data, name + ".txt")
            if os.path.exists(words):
                g = bench(list_policy(where, name, words), "english_8m.html")
                r["english"].append([kind, n, g])
                say("  english_8m.html, %d terms (%s): %s"
                    % (n, kind, report.speed(g)))

    r["regex"] = bench(regex, "home_8m.html")
    say("  home_8m.html, 200 regexes:", report.speed(r["regex"]))

    return r


def field_texts(tool, policy, data, where):
    """what the fields of home_8m.html say, a line each"""
    ready = os.path.join(data, "fields_8m.txt")
    if os.path.exists(ready):
        return ready
    path = os.path.join(where, "fields_8m.txt")
    p = subprocess.run([tool, "scan", "--policy", policy,
                        os.path.join(data, "home_8m.html")],
                       capture_output=True, text=True)
    with open(path, "w", encoding="utf-8") as f:
        for line in p.stdout.splitlines():
            for text in json.loads(line)["fields"].values():
                f.write(text + "\n")
    return path


def peers(programs, data, lists, regex, texts, repeat, quick):
    r = {"match": {}, "pcre": {}, "hs": {}, "hs-fold": {}}
    p = programs["peers"]
    r["memcpy"] = best([p, "limits", os.path.join(data, "home_8m.html")],
                       repeat)
    limits = subprocess.run([p, "limits", os.path.join(data, "home_8m.html")],
                            capture_output=True, text=True).stdout
    for line in limits.splitlines():
        r[json.loads(line)["name"]] = json.loads(line)

    for n in lists:
        words = os.path.join(data, "kw_%d.txt" % n)
        r["match"][n] = best([programs["stages"], "match", lists[n], texts],
                             repeat)
        if n <= 10000:
            r["pcre"][n] = figure([p, "pcre", words, texts])
        if n <= (10000 if quick else 100000):
            for kind in ("hs", "hs-fold"):
                r[kind][n] = best([p, kind, words, texts],
                                  1 if n > 10000 else repeat)
        say("  %d terms:" % n, ", ".join(
            "%s %s" % (k, report.speed(r[k].get(n)))
            for k in ("match", "pcre", "hs", "hs-fold")))

    r["regex match"] = best([programs["stages"], "match", regex, texts],
                            repeat)
    r["regex pcre"] = figure([p, "regexes",
                              os.path.join(data, "regexes_200.txt"), texts])
    r["regex each"] = figure([p, "regexes-each",
                              os.path.join(data, "regexes_200.txt"), texts])
    say("  200 regexes: match %s, pcre %s, text by text %s"
        % tuple(report.speed(r["regex " + k])
                for k in ("match", "pcre", "each")))

    for name in ("feed_4m.json", "feed_4m_esc.json"):
        path = os.path.join(data, name)
        r["jansson " + name] = figure([p, "jansson", path])
        if "simdjson" in programs:
            r["simdjson " + name] = best([programs["simdjson"], path], repeat)
        say("  %s: jansson %s, simdjson %s"
            % (name, report.speed(r["jansson " + name]),
               report.speed(r.get("simdjson " + name))))

    return r


def stages(programs, data, texts, repeat):
    r = {}
    s = programs["stages"]

    def run(name, *args):
        r[name] = best([s, *args], repeat)
        say("  %s: %s" % (name, report.speed(r[name])))

    for label, name in (("gbk", "gbk"), ("gb18030", "gbk"), ("big5", "big5"),
                        ("utf-16", "utf16")):
        path = os.path.join(data, "home_4m.%s.html" % name)
        if os.path.exists(path):
            run("charset %s, page" % label, "charset", label, path)

    dense = os.path.join(os.path.dirname(s), "dense.gbk")
    with open(texts, encoding="utf-8") as f:
        text = f.read()
    with open(dense, "wb") as f:
        f.write(text.encode("gb18030"))
    run("charset gbk, text only", "charset", "gbk", dense)
    run("text, built and finished", "text", texts)

    for encoding in ("gzip", "deflate", "br", "zstd"):
        run("inflate " + encoding, "inflate", encoding,
            os.path.join(data, "home_4m.html"))

    return r


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    ap.add_argument("build")
    ap.add_argument("--data")
    ap.add_argument("--out",
                    default=os.path.join(TOP, "docs/benchmarks.md"))
    ap.add_argument("--only", default="engine,peers,stages,nginx")
    ap.add_argument("--quick", action="store_true")
    ap.add_argument("--nginx", default="/usr/sbin/nginx")
    a = ap.parse_args()

    build = os.path.abspath(a.build)
    where = os.path.join(build, "bench")
    data = os.path.abspath(a.data) if a.data else os.path.join(where, "data")
    only = a.only.split(",")
    repeat = 1 if a.quick else 3
    os.makedirs(where, exist_ok=True)

    last = "manifest.json" if a.data else "english_8m.html"
    if not os.path.exists(os.path.join(data, last)):
        say("making", data)
        subprocess.run([sys.executable, os.path.join(HERE, "make_pages.py"),
                        data], check=True)

    programs, missing = compile_all(build)
    tool = os.path.join(build, "moderationctl")
    lists, regex = policies(where, data)
    if a.quick:
        lists = {n: p for n, p in lists.items() if n <= 100000}
    texts = field_texts(tool, lists[10], data, where)
    results = {"missing": missing, "started": time.time(),
               "command": " ".join(["t/bench/run.py"] + sys.argv[1:])}

    if "engine" in only:
        say("engine")
        results["engine"] = engine(tool, data, where, lists, regex, texts,
                                   repeat)
        results["profile"] = profile.functions(
            programs["stages"], lists[10000],
            os.path.join(data, "home_8m.html"), where)
        results["instructions"] = profile.instructions(
            tool, lists[10000], os.path.join(data, "home_256k.html"), where)
    if "peers" in only:
        say("peers")
        results["peers"] = peers(programs, data, lists, regex, texts, repeat,
                                 a.quick)
    if "stages" in only:
        say("stages")
        results["stages"] = stages(programs, data, texts, repeat)
    if "nginx" in only:
        say("nginx")
        results["nginx"] = nginx_bench.run(
            a.nginx, build, where, data, lists, 2 if a.quick else 5, say)

    with open(os.path.join(where, "results.json"), "w") as f:
        json.dump(results, f, indent=1)
    report.write(results, a.out, TOP)
    say("written:", a.out)


if __name__ == "__main__":
    main()
