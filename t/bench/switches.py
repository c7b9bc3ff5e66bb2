#!/usr/bin/env python3
"""Is each mechanism of the matcher worth its lines?

  switches.py BUILD [NAME...]

ngx_module/engine/match/match_switch.h names what makes the search faster and
changes no hit.  Each is built without (-DMDR_WITHOUT=BIT) and must be missed:
the benchmark row named below is slower, or t/unit/anchor.c, which counts the
steps of hostile texts, fails; and the hits of the row are the same.  Rows are
run in turns with the matcher as it is, each with the best of several runs.
"""

import json
import os
import random
import re
import subprocess
import sys

from run import FLAGS, HERE, TOP, list_policy

MATCH = os.path.join(TOP, "ngx_module/engine/match")
ENGINE = ["-O3", "-std=c11", "-fPIC", "-fvisibility=hidden",
          "-fno-semantic-interposition", "-D_GNU_SOURCE",
          "-fstack-protector-strong", "-falign-functions=64",
          "-falign-loops=32", "-I" + os.path.join(TOP, "ngx_module/engine"),
          "-I" + os.path.join(TOP, "ngx_module")]
ROUNDS = 3                              # and twice as many if it is not missed

# mechanism: where it shows, and what share of the speed is left without it
MECHANISMS = {
    "QUICK": ("terms", 0.95),
    "CLASSES": ("disguised", 0.9),
    "DIRECT": ("words disguised", 0.95),
    "PART": ("disguised", 0.95),
    "BRACKETS": ("page", 0.85),
    "FORMS": ("look-alikes", 0.92),
    "TERMS": ("look-alikes", 0.98),
    "WORDS": ("words", 0.8),
    "WIDE": ("page", 0.85),
    "AHEAD": ("terms", 0.97),
    "SORT": ("terms", 0.9),
    "FITS": ("regexes", 0.92),
    "NEEDS": ("regexes", 0.98),
    "VIEW": ("regexes", 0.9),
    "SAME": ("regexes", 0.9),
    "COVERED": ("anchor", 0),
    "MANY": ("anchor", 0),
    "TRIES": ("anchor", 0),
    "STARTS": ("anchor", 0),
    "LONGEST": ("anchor", 0),
}


def switches():
    """-> {mechanism: its bit}"""
    with open(os.path.join(MATCH, "match_switch.h")) as f:
        return dict(re.findall(r"MDR_USE_(\w+) = !\(MDR_WITHOUT & (.*?)\),",
                               f.read()))


def compile_without(build, name):
    """the objects of the matcher without a mechanism, or with all"""
    out = os.path.join(build, "switches", name)
    os.makedirs(out, exist_ok=True)
    flags = [] if name == "all" else ["-DMDR_WITHOUT=(%s)" % switches()[name]]
    objects = []
    for f in sorted(os.listdir(MATCH)):
        if f.endswith(".c"):
            objects.append(os.path.join(out, f[:-2] + ".o"))
            subprocess.run([*os.environ.get("CC", "gcc").split(), *ENGINE,
                            *flags, "-c", "-o", objects[-1],
                            os.path.join(MATCH, f)], check=True)
    return out, objects


def rest_of(build):
    """the engine but for the matcher"""
    lib = os.path.join(build, "switches", "rest.a")
    subprocess.run(["cp", os.path.join(build, "libmoderation.a"), lib],
                   check=True)
    names = subprocess.run(["ar", "t", lib], capture_output=True, text=True,
                           check=True).stdout.split()
    subprocess.run(["ar", "d", lib] + [n for n in names
                                       if n.startswith("match")], check=True)
    return lib


def link(build, rest, out, objects, name, source, more):
    path = os.path.join(out, name)
    subprocess.run(["gcc", *FLAGS, "-I" + os.path.join(TOP, "t/unit"), "-o",
                    path, source, *objects,
                    os.path.join(build, "libmoderation_check.a"), rest,
                    "-lyaml", "-lpcre2-8", "-lm", *more], check=True)
    return path


def disguise(rnd, word):
    if word.isascii():
        return rnd.choice((" ".join(word), ".".join(word), word.upper(),
                           word.replace("o", "0").replace("l", "1"),
                           "".join(chr(ord(c) + 0xfee0) for c in word)))
    return rnd.choice((" ".join(word), "·".join(word), "\u200b".join(word),
                       word[0] + "😀" + word[1:], word[0] + "-*" + word[1:]))


def lines(path, most=12000):
    with open(path, encoding="utf-8") as f:
        return [x for x in f.read().split("\n") if x][:most]


def texts_of(tool, policy, page, out):
    p = subprocess.run([tool, "scan", "--policy", policy, page],
                       capture_output=True, text=True)
    got = [t for line in p.stdout.splitlines()
           for t in json.loads(line)["fields"].values() if t]
    with open(out, "w", encoding="utf-8") as f:
        f.write("\n".join(got[:30000]) + "\n")
    return out


def rows(build, data, where):
    """-> {row: (policy, texts)}"""
    rnd = random.Random(3)
    tool = os.path.join(build, "moderationctl")

    def policy(name):
        return list_policy(where, name, os.path.join(data, name + ".txt"))

    def put(name, texts):
        path = os.path.join(where, name + ".txt")
        with open(path, "w", encoding="utf-8") as f:
            f.write("\n".join(texts) + "\n")
        return path

    home = os.path.join(data, "fields_8m.txt")
    titles = lines(home)
    kw = lines(os.path.join(data, "kw_1000.txt"))
    en = lines(os.path.join(data, "en_often_1000.txt"))
    english = texts_of(tool, policy("kw_10"),
                       os.path.join(data, "english_8m.html"),
                       os.path.join(where, "english.txt"))
    terms = texts_of(tool, policy("kw_10"),
                     os.path.join(data, "terms_4m.html"),
                     os.path.join(where, "terms.txt"))

    alike = put("alike_terms", sorted({
        "".join("lisaote"[(i // 3 ** k + k) % 7] for k in range(3 + i % 4))
        for i in range(600)}))
    regex = os.path.join(where, "regex", "policy.yaml")

    if not os.path.exists(regex):
        from run import policies
        _, regex = policies(where, data)

    return {
        "page": (policy("kw_10"), home),
        "terms": (policy("kw_100000"), terms),
        "words": (policy("en_often_100000"), english),
        "regexes": (regex, home),
        "disguised": (policy("kw_1000"), put("disguised", [
            t[:len(t) // 2] + disguise(rnd, rnd.choice(kw))
            + t[len(t) // 2:] if i % 2 else t
            for i, t in enumerate(titles)])),
        "words disguised": (policy("en_often_1000"), put("en_disguised", [
            t + " " + disguise(rnd, rnd.choice(en)) if i % 2 else t
            for i, t in enumerate(lines(english, 9000))])),
        "look-alikes": (list_policy(where, "alike", alike), put("alike", [
            "".join(rnd.choice("li1|o0s$a@ x") for _ in range(24))
            for _ in range(9000)])),
    }


def figure(program, row):
    out = subprocess.run([program, "match", *row], capture_output=True,
                         text=True, check=True).stdout
    return json.loads(out.strip().splitlines()[-1])


def compare(with_it, without, row, rounds):
    """-> the median share of the speed, in turns; are the hits the same?"""
    shares = []
    for _ in range(rounds):
        a, b = figure(with_it, row), figure(without, row)
        shares.append(b["mbps"] / a["mbps"])
    return sorted(shares)[rounds // 2], a["hits"] == b["hits"]


def anchor(program):
    out = subprocess.run([program], capture_output=True, text=True, cwd=TOP)
    return re.findall(r"^# (.*?): \d+ characters", out.stdout, re.M) \
        + (["limited"] if "limited ==" in out.stdout else [])


def main():
    build = os.path.abspath(sys.argv[1])
    names = sys.argv[2:] or list(MECHANISMS)
    data = os.path.join(build, "bench", "data")
    where = os.path.join(build, "switches", "rows")
    os.makedirs(where, exist_ok=True)

    bad = ["%s: in match_switch.h or here only" % n
           for n in set(switches()) ^ set(MECHANISMS)]

    if not os.path.exists(os.path.join(data, "english_8m.html")):
        subprocess.run([sys.executable, os.path.join(HERE, "make_pages.py"),
                        data], check=True)

    rest = rest_of(build)
    table = rows(build, data, where)
    stages = os.path.join(HERE, "stages.c")
    unit = os.path.join(TOP, "t/unit/anchor.c")
    libs = ["-lz", "-lbrotlidec", "-lbrotlienc", "-lzstd"]
    out, objects = compile_without(build, "all")
    whole = link(build, rest, out, objects, "stages", stages, libs)

    for name in names:
        row, most = MECHANISMS[name]
        out, objects = compile_without(build, name)

        if row == "anchor":
            missed = anchor(link(build, rest, out, objects, "anchor", unit,
                                 []))
            ok = bool(missed)
            say = "t/unit/anchor: " + (", ".join(missed) or "nothing fails")
        else:
            program = link(build, rest, out, objects, "stages", stages, libs)
            share, same = compare(whole, program, table[row], ROUNDS)
            if share > most:
                share, same = compare(whole, program, table[row], 2 * ROUNDS)
            ok = share <= most and same
            say = "%s: %.2f of the speed%s" % (row, share,
                                               "" if same else ", OTHER HITS")

        print("%-10s %s%s" % (name, say, "" if ok else "   NOT MISSED"),
              flush=True)
        if not ok:
            bad.append(name)

    if bad:
        sys.exit("not worth their lines: " + "; ".join(bad))


if __name__ == "__main__":
    main()
