#!/usr/bin/env python3
"""What each fold costs: nanoseconds an item with it and without it.

usage: fold_cost.py MODERATIONCTL [ROUNDS]

2000 cards of random Chinese and Latin titles, 1000 terms, the default folds
and a gap of two marks.  For each fold two pages: the plain one, and one in
which every title has something that this fold must look at.  Each is read
with the fold on and off, in turns; the smallest of ROUNDS (5) is printed,
since other load can only add.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

TOOL = sys.argv[1]
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 5
DEFAULT = ["width", "case", "hant", "gloss", "digits", "invisible",
           "confusable"]

# what a title has for a fold: put between its two halves

SPECIMENS = [
    ("width", "ｖｉｐ", "full-width letters"),
    ("width", "㎏", "one sign for two letters"),
    ("case", "VIP", "capitals"),
    ("hant", "網絡", "traditional characters"),
    ("gloss", "（图）", "brackets"),
    ("gloss", "网（wǎng）", "a reading in brackets"),
    ("digits", "①②③", "digits"),
    ("invisible", "\u200b", "zero-width space"),
    ("invisible", "\u202egnawk\u202c", "override"),
    ("confusable", "víр", "accents, letters of other scripts"),
    ("confusable", "|", "a stroke"),
    ("confusable", "ɐɹƃɐᴉʌ", "upside-down letters"),
    ("confusable", "🇨🇳", "a flag"),
    ("repeat", "哈哈哈哈", "a run"),
    ("leet", "v1p", "digits for letters"),
    ("leet", "$", "a sign that may be a letter"),
    ("pinyin", "wang", "letters"),
    ("gap", "·★", "marks"),
]


def words(rng, n):
    common = "".join(chr(0x4e00 + 37 * i) for i in range(400))
    return ["".join(rng.choice(common) for _ in range(rng.randint(3, 5)))
            for _ in range(n)]


def page(specimen):
    rng = random.Random(1)
    out = ["<!DOCTYPE html><ul>"]
    for _ in range(2000):
        a, b = words(rng, 2), words(rng, 3)
        out.append("<li><h3>%s%s%s live %d</h3></li>" % (
            "".join(a), specimen, "".join(b), rng.randint(1, 99)))
    return "\n".join(out) + "</ul>\n"


def policy(folds, gap):
    rng = random.Random(2)
    body = {"schema": 1, "policy": "cost", "defaults": {"fold": folds},
            "slots": [{"name": "s", "type": "html", "match": "li",
                       "fields": {"title": "h3"}}],
            "rules": [{"id": "cost.terms", "label": "x",
                       "match": {"in": ["title"], "terms": words(rng, 1000)}}]}
    if gap:
        body["defaults"]["gap"] = {"max": 2, "of": ["space", "punct",
                                                    "symbol", "emoji"]}
    return json.dumps(body, ensure_ascii=False)


def measure(folder, folds, gap, body):
    for name, text in (("p.yaml", policy(folds, gap)), ("b.html", body)):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
            f.write(text)
    out = subprocess.run([TOOL, "bench", "--policy",
                          os.path.join(folder, "p.yaml"),
                          os.path.join(folder, "b.html")],
                         check=True, capture_output=True).stdout
    return json.loads(out)["ns_per_item"]


def main():
    print("| fold | plain page, off | on | page with | off | on |")
    print("| --- | --- | --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as folder:
        for fold, specimen, what in SPECIMENS:
            rest = [f for f in DEFAULT if f != fold]
            every = rest + ([fold] if fold != "gap" else [])
            cases = [(rest, fold != "gap", ""), (every, True, ""),
                     (rest, fold != "gap", specimen), (every, True, specimen)]
            best = [1e9] * 4
            for _ in range(ROUNDS):
                for i, (folds, gap, text) in enumerate(cases):
                    best[i] = min(best[i], measure(folder, folds, gap,
                                                   page(text)))
            print("| %s | %.0f | %.0f | %s | %.0f | %.0f |" % (
                fold, best[0], best[1], what, best[2], best[3]), flush=True)


if __name__ == "__main__":
    main()
