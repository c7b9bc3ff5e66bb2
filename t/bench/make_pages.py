#!/usr/bin/env python3
"""Pages, feeds and term lists for the benchmark; the same seed gives the same
bytes.

  make_pages.py OUT [--seed N]

writes into OUT

  home_256k.html home_4m.html home_8m.html   a homepage of live cards
  home_4m.gbk.html .big5.html .utf16.html    the same in other charsets
  feed_4m.json feed_4m_esc.json              a feed, raw and \\u-escaped
  near_4m.html                               every text is nearly a term
  terms_4m.html                              every text is made of terms
  fields_256k.txt ...                        the texts of titles, nicks, tags
  kw_10.txt ... kw_1000000.txt               term lists, each the head of the
                                             next
  english_8m.html                            cards in words that look English
  en_seldom_1000.txt ... 100000              lists of such words: none of the
  en_often_1000.txt ... 100000               text, or beginning with those
  regexes_200.txt                            patterns of the kinds that are
                                             written to moderate: words and what
                                             is between them, numbers, sites,
                                             marks, the same again
  manifest.json                              cards and planted terms

Words are strings of common characters drawn at random, so they mean nothing.
Page text never holds a listed word, not even over two words; one card in a
hundred has a term of kw_10 planted, so that hits are nearly the same for each
list (the rest are words that only a fold makes alike).
"""

import argparse
import bisect
import codecs
import itertools
import json
import os
import random
import re

LISTS = (10, 100, 1000, 10000, 100000, 1000000)
SIZES = (("256k", 256 << 10), ("4m", 4 << 20), ("8m", 8 << 20))
# how long terms are: to 100 000, and from there on
LENGTHS = ((2, 40), (3, 27), (4, 25), (5, 5), (6, 3))
LONGER = ((4, 50), (5, 30), (6, 20))
VOCABULARY = 12000
TITLE = (9, 22)


class Words:
    """Draws words; characters and words follow Zipf's law roughly."""

    def __init__(self, rnd):
        self.rnd = rnd
        # level 1 of GB 2312: the 3755 characters in daily use
        chars = [bytes([row, cell]).decode("gb2312")
                 for row in range(0xb0, 0xd8) for cell in range(0xa1, 0xff)
                 if not (row == 0xd7 and cell > 0xf9)]
        rnd.shuffle(chars)
        self.chars = chars
        self.sums = list(itertools.accumulate(
            1 / (i + 40) for i in range(len(chars))))

    def char(self):
        return self.chars[bisect.bisect(
            self.sums, self.rnd.random() * self.sums[-1])]

    def word(self, lengths):
        n = self.rnd.choices([k for k, _ in lengths],
                             [w for _, w in lengths])[0]
        return "".join(self.char() for _ in range(n))

    def draw(self, seen, count, lengths):
        out = []
        while len(out) < count:
            w = self.word(lengths)
            if w not in seen:
                seen.add(w)
                out.append(w)
        return out


class Text:
    """Phrases of the vocabulary without any listed word."""

    def __init__(self, rnd, vocabulary, listed):
        self.rnd = rnd
        self.listed = listed
        self.vocabulary = [w for w in vocabulary if self.clean(w)]

    def clean(self, s):
        return not any(s[i:j] in self.listed
                       for i in range(len(s))
                       for j in range(i + 2, min(i + 6, len(s)) + 1))

    def phrase(self, low, high):
        out = ""
        want = self.rnd.randint(low, high)
        while len(out) < want:
            w = self.vocabulary[int(len(self.vocabulary)
                                    * self.rnd.random() ** 2)]
            if self.clean(out[-5:] + w):
                out += w
        return out

    def title(self):
        kind = self.rnd.random()
        t = self.phrase(*TITLE)
        if kind < 0.2:
            mark = self.phrase(2, 4)
            while not self.clean(mark[-5:] + t[:5]):        # gaps are seen
                mark = self.phrase(2, 4)
            t = "【%s】%s" % (mark, t)
        elif kind < 0.35:
            t += "！%d %s" % (self.rnd.randint(1, 999), self.phrase(3, 6))
        elif kind < 0.45:
            t += " Lv%d %s" % (self.rnd.randint(1, 99), self.phrase(3, 6))
        elif kind < 0.5:
            t += "\U0001f389"
        return t


class English:
    """Words of letters as English has them, and titles of these: a few words
    make half of the text, as in any language."""

    BEGIN = ("b c d f g h j k l m n p r s t v w y st tr pr ch th sh cr br gr "
             "fl cl pl sp str qu".split() + [""] * 4)
    MIDDLE = "a e i o u a e i o e a ea ou ai oo ee io".split()
    END = ("n r t s l m d nd st ck ll ng nt rs ss ct rt".split() + [""] * 8)
    LAST = "s ed ing ly er ers ion ions al able ness ment ity".split()

    def __init__(self, rnd):
        self.rnd = rnd
        words = dict.fromkeys(self.word(k) for k in
                              [1] * 400 + [2] * 3000 + [3] * 7000)
        self.vocabulary = sorted(words, key=lambda w: len(w)
                                 + 6 * rnd.random())
        self.sums = list(itertools.accumulate(
            1 / (i + 2) for i in range(len(self.vocabulary))))

    def word(self, syllables):
        w = "".join(self.rnd.choice(part) for _ in range(syllables)
                    for part in (self.BEGIN, self.MIDDLE, self.END))
        if syllables > 1 and self.rnd.random() < 0.5:
            w += self.rnd.choice(self.LAST)
        return w

    def phrase(self, low, high):
        words = [self.vocabulary[bisect.bisect(
                     self.sums, self.rnd.random() * self.sums[-1])]
                 for _ in range(self.rnd.randint(low, high))]
        return " ".join(words).capitalize()

    def title(self):
        t = self.phrase(4, 9)
        kind = self.rnd.random()
        if kind < 0.2:
            t += ", " + self.phrase(2, 4).lower()
        elif kind < 0.35:
            t += ": %d %s!" % (self.rnd.randint(2, 99), self.phrase(1, 3))
        elif kind < 0.4:
            t = "(Live) " + t
        return t

    def lists(self, count):
        """-> words that are in no text; the rarer half of those that are,
        and such words"""
        seldom = {}
        used = set(self.vocabulary)
        while len(seldom) < count:
            w = self.word(self.rnd.choice((1, 2, 2, 3, 3, 3)))
            if len(w) > 3 and w not in used:
                seldom[w] = 1
        seldom = list(seldom)
        known = self.vocabulary[len(self.vocabulary) // 50:]
        self.rnd.shuffle(known)
        return seldom, (known + seldom)[:count]


def card(rnd, text):
    return {"id": rnd.randint(10 ** 6, 10 ** 8),
            "uid": rnd.randint(10 ** 8, 10 ** 10),
            "title": text.title(), "nick": text.phrase(2, 6),
            "tags": [text.phrase(2, 4) for _ in range(rnd.randint(1, 3))],
            "seen": rnd.randint(1, 10 ** 6),
            "cover": "%032x" % rnd.getrandbits(128)}


def card_html(c):
    tags = "".join('<span class="tag">%s</span>' % t for t in c["tags"])
    return ('<li class="live-card" data-room="%(id)d" data-uid="%(uid)d">\n'
            ' <a href="https://live.example.org/r/%(id)d?from=home&amp;pos=1"'
            ' target="_blank" rel="noopener">\n'
            '  <img loading="lazy" width="320" height="180" src="https://'
            'img.example.org/cover/%(cover)s.jpg@320w_180h" alt="%(title)s">'
            '\n  <h3 class="title" title="%(title)s">%(title)s</h3>\n'
            '  <p><span class="nick">%(nick)s</span>%(rest)s'
            '<em class="seen">%(seen)d</em></p></a></li>\n'
            % dict(c, rest=tags))


SCRIPT = """<script>
(function(w,d){var s=d.createElement("script");s.async=1;
s.src="//static.example.org/log.js?v=%d";d.head.appendChild(s);
w.log=function(){for(var i=0,n=arguments.length;i<n&&n<9;i++){
w.q=(w.q||[]).concat(arguments[i])}}})(window,document);
</script>
"""


def page(cards, charset="utf-8"):
    out = ['<!DOCTYPE html>\n<html lang="zh">\n<head>\n'
           '<meta charset="%s">\n<title>live</title>\n<style>\n'
           '.live-card{border-radius:6px;overflow:hidden}\n'
           '.live-card .title{font-size:15px;white-space:nowrap}\n'
           '</style>\n</head>\n<body>\n' % charset]
    for i in range(0, len(cards), 60):
        out.append('<section class="floor" id="f%d">\n<ul>\n' % (i // 60))
        out += [card_html(c) for c in cards[i:i + 60]]
        out.append('</ul>\n</section>\n')
        if i % 180 == 0:
            out.append(SCRIPT % i)
    out.append('</body>\n</html>\n')
    return "".join(out)


def fields(cards):
    """what the policy's fields say, a line each"""
    return "".join("%s\n%s\n%s\n" % (c["title"], c["nick"], c["tags"][0])
                   for c in cards)


def other_character(error):
    """Big5 has no simplified characters: any of its own will do"""
    bad = error.object[error.start:error.end]
    return "".join(bytes([0xa4 + ord(c) % 34, 0x40 + ord(c) // 34 % 63])
                   .decode("big5") for c in bad), error.end


codecs.register_error("other", other_character)


def feed(cards, escaped):
    rows = [{"room_id": c["id"], "uid": c["uid"], "title": c["title"],
             "uname": c["nick"], "tags": c["tags"], "online": c["seen"],
             "cover": "https://img.example.org/cover/%s.jpg" % c["cover"],
             "link": "https://live.example.org/r/%d?from=home" % c["id"],
             "extra": {"rank": i, "pk": None, "follow": bool(i & 1)}}
            for i, c in enumerate(cards)]
    return json.dumps({"code": 0, "data": {"list": rows}},
                      ensure_ascii=escaped, separators=(",", ":"))


def fit(cards, size, build):
    """as many cards as make size bytes"""
    n = max(1, size * 500 // len(build(cards[:500]).encode()))
    return cards[:n]


def replaced(cards, make):
    return [dict(c, title=make(), nick=make()[:6], tags=[make()[:4]])
            for c in cards]


# what people write to moderate: %s a word, %c a character, %a two to five words
FORMS = (
    "%s.{0,6}%s", "(?:%a).{0,10}(?:%a)", "%s.{0,8}(?:%a)[!！]*", "%s(?:%s)?%s",
    "(?:%s|%s)\\s*[:：]?\\s*\\d{6,11}", "%s[^a-z]{0,4}(?:%s)+[!！]{2,}",
    "(?:%s|%s)(?:[0-9]{2,4}|[a-z]{5,9})", "(?<!%c)%s", "%s(?!%c)",
    "(?i)%s\\W{0,3}%s\\W{0,3}(?:vip|lv)\\d+", "[%c%c%c%c]{2,}[%c%c]",
    "%c[%c%c%c]?%c", "%c\\W*%c\\W*%c", "%c[^\\p{Han}]{0,4}%c", "(?=.*%s).*%s",
    "^%s[!！,，:：]", "%s[?？!！]+$", "(?:仅|只|才)(?:要|售)?\\s*\\d+(?:\\.\\d+)?\\s*%c",
    "第\\d+(?:%c|%c)", "%s\\s*[xX×*]\\s*\\d+", "[【(（]%s[】)）]", "(%s|%s).{0,5}\\1",
    "(?:加|联|找)%c?.{0,4}(?:%a)", "(?:%s|%s|%s)(?:qun|群|裙)", "%a",
)
ALONE = (
    "[!！?？]{3,}", "(?<!\\d)[23]\\d{10}(?!\\d)", "[A-Z]{6,}", "(.)\\1{4,}",
    "(?i)\\b[a-z0-9-]{3,30}\\.(?:example|test|invalid)\\b", "\\d{7,}",
    "(?:\\d[ .-]?){9,}", "[\\x{1F300}-\\x{1FAFF}]{3,}", "[★☆◆■▲●]{3,}",
    "(?:加|➕|\\+)\\s*[vV薇微]\\s*[a-z]\\w{5,}", "(?i)(?:qq|扣)\\s*群?[:：]?\\s*\\d{5,}",
    "https?://(?!www\\.example\\.)\\S+", "[\\w.+-]+@[\\w-]+\\.[a-z]{2,}",
    "[¥￥$]\\s*\\d+(?:\\.\\d{1,2})?", "@\\w{4,}", "([哈呵嘿])\\1{3,}",
    "(?i)\\bf\\W*r\\W*e\\W*e\\b", "(?i)c[a@4]sh", "\\d{1,3}%\\s*off",
)


def regexes(rnd, terms):
    """terms that are in no page, and something about them"""
    common = "".join(terms)

    def fill(m):
        if m == "%s":
            return rnd.choice(terms)
        if m == "%c":
            return rnd.choice(common)
        return "|".join(rnd.sample(terms, rnd.randint(2, 5)))

    out = list(ALONE)
    while len(out) < 200:
        p = re.sub("%[sca]", lambda m: fill(m.group()), rnd.choice(FORMS))
        if p not in out:
            out.append(p)
    return "\n".join(out) + "\n"


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    ap.add_argument("out")
    ap.add_argument("--seed", type=int, default=1)
    a = ap.parse_args()
    os.makedirs(a.out, exist_ok=True)
    rnd = random.Random(a.seed)

    def put(name, data):
        with open(os.path.join(a.out, name), "wb") as f:
            f.write(data)

    words = Words(rnd)
    seen = set()
    # the planted ones are long enough to stand in nothing else
    terms = words.draw(seen, LISTS[0], ((4, 1),))
    vocabulary = words.draw(seen, VOCABULARY, LENGTHS[:3])
    terms += words.draw(seen, 100000 - len(terms), LENGTHS)
    listed = set(terms)
    text = Text(rnd, vocabulary, listed)
    terms += words.draw(seen, LISTS[-1] - len(terms), LONGER)
    text.listed |= set(terms)

    for n in LISTS:
        put("kw_%d.txt" % n, ("\n".join(terms[:n]) + "\n").encode())

    put("regexes_200.txt",
        regexes(random.Random(a.seed), terms[1000:3000]).encode())

    cards = [card(rnd, text) for _ in range(14000)]
    manifest = {"seed": a.seed, "vocabulary": len(text.vocabulary)}

    for name, size in SIZES:
        some = fit(cards, size, page)
        planted = 0
        some = [dict(c) for c in some]
        for c in some[37::100]:
            at = rnd.randint(0, 3)
            c["title"] = c["title"][:at] + rnd.choice(terms[:10]) \
                + c["title"][at:]
            planted += 1
        put("home_%s.html" % name, page(some).encode())
        put("fields_%s.txt" % name, fields(some).encode())
        manifest["home_" + name] = {"cards": len(some), "planted": planted}
        if name != "4m":
            continue
        for charset, codec in (("gbk", "gb18030"), ("big5", "big5"),
                               ("utf-16", "utf-16")):
            put("home_4m.%s.html" % charset.replace("-", ""),
                page(some, charset).encode(codec, "other"))
        put("feed_4m.json", feed(some, False).encode())
        put("feed_4m_esc.json", feed(some, True).encode())

    latin = random.Random(a.seed)
    english = English(latin)
    some = fit([card(latin, english) for _ in range(16000)], 8 << 20, page)
    put("english_8m.html", page(some).encode())
    manifest["english_8m"] = {"cards": len(some)}

    for kind, some in zip(("seldom", "often"), english.lists(100000)):
        for n in LISTS[2:5]:
            put("en_%s_%d.txt" % (kind, n),
                ("\n".join(some[:n]) + "\n").encode())

    # the filter's worst cases, over the list of 100 000
    hundred = terms[:100000]
    some = fit(cards, 4 << 20, page)
    put("terms_4m.html", page(replaced(some, lambda: "".join(
        rnd.choice(hundred) for _ in range(6)))).encode())
    put("near_4m.html", page(replaced(some, lambda: "".join(
        rnd.choice(hundred)[:-1] + words.char() for _ in range(6)))).encode())
    put("manifest.json", json.dumps(manifest, indent=1).encode())


if __name__ == "__main__":
    main()
