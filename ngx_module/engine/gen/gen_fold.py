#!/usr/bin/env python3
"""Write fold_data.c: what each character may stand for, fold by fold.

usage: gen_fold.py UNICODE_FOLDER TABLES_FOLDER > fold_data.c

UNICODE_FOLDER  Debian's unicode-data, /usr/share/unicode (Unicode 15.0.0)
TABLES_FOLDER   opencc/TSCharacters.txt, opencc/TWVariants.txt and
                HKVariants.txt (OpenCC, Apache-2.0), confusables.txt (UTS #39,
                Unicode terms of use), pinyin.txt (pinyin-data, MIT)
"""
import os
import re
import sys
import unicodedata

UNI, TAB = sys.argv[1:3]


def lines(path):
    with open(path, encoding="utf-8-sig") as f:
        for line in f:
            line = line.split("#")[0].strip()
            if line:
                yield line


data, ranges, first = {}, [], None
for line in open(os.path.join(UNI, "UnicodeData.txt"), encoding="ascii"):
    f = line.split(";")
    cp = int(f[0], 16)
    if f[1].endswith("First>"):
        first = cp
    elif f[1].endswith("Last>"):
        ranges.append((first, cp, f[2]))
    else:
        data[cp] = f

cat = {cp: f[2] for cp, f in data.items()}
for a, b, c in ranges:
    if b < 0x40000 and c == "Lo":
        for cp in range(a, b + 1):
            cat[cp] = c

case = {}
for line in lines(os.path.join(UNI, "CaseFolding.txt")):
    f = [x.strip() for x in line.split(";")]
    if f[1] in "CF":
        case[int(f[0], 16)] = [int(x, 16) for x in f[2].split()]

ignorable = set()
for line in lines(os.path.join(UNI, "DerivedCoreProperties.txt")):
    f = [x.strip() for x in line.split(";")]
    if f[1] == "Default_Ignorable_Code_Point":
        a, _, b = f[0].partition("..")
        ignorable.update(range(int(a, 16), int(b or a, 16) + 1))

emoji = set()
for line in lines(os.path.join(UNI, "emoji", "emoji-data.txt")):
    f = [x.strip() for x in line.split(";")]
    if f[1] in ("Emoji_Presentation", "Extended_Pictographic",
                "Emoji_Modifier"):
        a, _, b = f[0].partition("..")
        emoji.update(range(int(a, 16), int(b or a, 16) + 1))


def is_han(cp):
    return (0x3400 <= cp <= 0x4dbf or 0x4e00 <= cp <= 0x9fff
            or 0xf900 <= cp <= 0xfaff or 0x20000 <= cp <= 0x323af
            or cp in (0x3005, 0x3006, 0x3007)
            or 0x2e80 <= cp <= 0x2fdf)


# width: compatibility decompositions, brackets of parenthesised forms gone
OPEN = {ord("("), ord(")"), 0x3014, 0x3015}


def compat(cp):
    f = data.get(cp)
    if f is None or not f[5]:
        return None
    t = f[5]
    if not t.startswith("<"):
        # canonical: Han compatibility ideographs and singletons only
        seq = [int(x, 16) for x in t.split()]
        if len(seq) == 1:
            return seq
        return None
    tag, _, rest = t.partition("> ")
    seq = [int(x, 16) for x in rest.split()]
    out = []
    for c in seq:
        out += compat(c) or [c]
    if len(out) > 2 and out[0] in OPEN and out[-1] in OPEN:
        out = out[1:-1]
    if "PARENTHESIZED" in f[1]:
        out = [c for c in out if c not in OPEN]
    return out


width = {}
for cp in data:
    if cp < 0x80:
        continue
    s = compat(cp)
    if s and s != [cp] and len(s) <= 18 and s != [0x20]:
        if cp in (0xa8, 0xaf, 0xb4, 0xb8, 0x2c6, 0x2dc):
            continue
        if s[0] == 0x20 and len(s) > 1:         # spacing clones of accents
            continue
        width[cp] = s
for i in range(26):                             # no decomposition in Unicode
    for base in (0x1f150, 0x1f170, 0x1f1e6):
        width[base + i] = [ord("A") + i]
for i in range(9):
    width[0x2776 + i] = width[0x2780 + i] = width[0x278a + i] = [ord("1") + i]
    width[0x24f5 + i] = [ord("1") + i]
width[0x24ff] = [ord("0")]
for cp, n in ((0x277f, 10), (0x2789, 10), (0x2793, 10), (0x24fe, 10)):
    width[cp] = [ord(c) for c in str(n)]
for i in range(10):
    width[0x24eb + i] = [ord(c) for c in str(11 + i)]
regional = set(range(0x1f1e6, 0x1f200))
NEGATIVE = set(range(0x1f150, 0x1f18a))

# digits
digit = {}
for cp, f in data.items():
    if f[6] != "" and cp > 0x7f and f[2] in ("Nd", "No"):
        digit[cp] = ord("0") + int(f[6])
    elif f[7] != "" and cp > 0x7f and f[2] == "No":
        digit[cp] = ord("0") + int(f[7])
for i, chars in enumerate(("零〇", "一壹弌幺", "二贰弍貳貮", "三叁弎參叄叄", "四肆",
                           "五伍", "六陆陸", "七柒", "八捌", "九玖")):
    for c in chars:
        digit[ord(c)] = ord("0") + i

# traditional to simplified
hant = {}
for line in lines(os.path.join(TAB, "opencc", "TSCharacters.txt")):
    a, b = line.split("\t")
    if len(a) == 1 and b.split()[0] != a:
        hant[ord(a)] = ord(b.split()[0])
for name in ("TWVariants.txt", "HKVariants.txt"):
    for line in lines(os.path.join(TAB, "opencc", name)):
        a, b = line.split("\t")
        for v in b.split():
            if len(a) == 1 and len(v) == 1 and v != a:
                t = hant.get(ord(a), ord(a))
                if ord(v) != t and ord(v) not in hant:
                    hant[ord(v)] = t
path = os.path.join(UNI, "EquivalentUnifiedIdeograph.txt")
for line in lines(path):
    f = [x.strip() for x in line.split(";")]
    a, _, b = f[0].partition("..")
    for cp in range(int(a, 16), int(b or a, 16) + 1):
        t = int(f[1], 16)
        hant.setdefault(cp, hant.get(t, t))
for cp in list(hant):                           # chains
    seen = {cp}
    t = hant[cp]
    while t in hant and t not in seen:
        seen.add(t)
        t = hant[t]
    hant[cp] = t

# confusables towards ASCII letters and digits, and Han
conf = {}
for line in lines(os.path.join(TAB, "confusables.txt")):
    f = [x.strip() for x in line.split(";")]
    a, b = f[0].split(), f[1].split()
    if len(a) != 1 or len(b) != 1:
        continue
    a, b = int(a[0], 16), int(b[0], 16)
    if a < 0x80 or a in width:
        continue
    if b < 0x80 and chr(b).isalnum():
        if cat.get(a, "")[:1] in "LNMS" and not is_han(a):
            if b == ord("l") and cat.get(a) in ("Lu", "Nl") and False:
                continue
            conf[a] = b
    elif is_han(b) and not is_han(a) and cat.get(a, "")[:1] in "LNS":
        # kana and symbols that look like a Han character stay themselves:
        # prose in Japanese would fire
        continue
for cp in data:                                 # accents
    if cp < 0x80 or is_han(cp) or cp in conf:
        continue
    d = unicodedata.normalize("NFD", chr(cp))
    if len(d) > 1 and all(unicodedata.combining(c) for c in d[1:]):
        if d[0].isascii() and d[0].isalpha():
            conf[cp] = ord(d[0])
        else:
            base = ord(d[0])
            if base in conf:
                conf[cp] = conf[base]
for t, chars in {
        "a": "ᴀɑαаӑӓⱥ", "b": "ʙɓƀвЬьЪъ", "c": "ᴄсϲƈȼ", "d": "ᴅɗđԁ",
        "e": "ᴇеєɇεэ", "f": "ꜰƒғ", "g": "ɢɡǥɠց", "h": "ʜһħнҺ",
        "i": "ɪіιıɩᴉӏ", "j": "ᴊјʝ", "k": "ᴋкκƙ", "l": "ʟłƚӏ", "m": "ᴍмɱ",
        "n": "ɴпոηɲƞ", "o": "ᴏоοσօөøо", "p": "ᴘрρƥ", "q": "ꞯզԛ",
        "r": "ʀгɾɽᴦ", "s": "ꜱѕʂ", "t": "ᴛтτŧƭ", "u": "ᴜυцսʋμ",
        "v": "ᴠνѵѷ", "w": "ᴡшωѡԝ", "x": "хχ×", "y": "ʏуγүұу", "z": "ᴢʐƶ"
        }.items():
    for c in chars:
        if ord(c) > 0x7f:
            conf.setdefault(ord(c), ord(t))
            u = c.upper()
            if len(u) == 1 and ord(u) > 0x7f and ord(u) not in conf \
                    and c not in "ьъвнмктпшгцэ":
                conf[ord(u)] = ord(t)
conf.pop(0x4e28, None)

rotated = dict(zip("ɐɔǝɟƃɓɥᴉɾʞʃɯɹʇʌʍʎ", "aceffghijklmrtvwy"))
rotated = {"ɐ": "a", "ɔ": "c", "ǝ": "e", "ɟ": "f", "ƃ": "g", "ᵷ": "g",
           "ɥ": "h", "ᴉ": "i", "ı": "i", "ɾ": "j", "ʞ": "k", "ʃ": "l",
           "ɯ": "m", "ɹ": "r", "ʇ": "t", "ʌ": "v", "ʍ": "w", "ʎ": "y"}

NONE, SPACE, PUNCT, SYMBOL, EMOJI = 0, 1, 2, 4, 8
WORD, HAN, DROP_INV, DROP_CONF, SPECIAL, REGIONAL = 1, 2, 4, 8, 16, 32


def mark(cp):
    c = cat.get(cp, "Cn")
    if cp in (9, 10, 11, 12, 13) or c[0] == "Z":
        return SPACE
    if cp in emoji and cp > 0xff:
        return EMOJI
    if c[0] == "P":
        return PUNCT
    if c[0] == "S":
        return SYMBOL
    return NONE


def flags(cp):
    c = cat.get(cp, "Cn")
    v = 0
    kana = 0x3040 <= cp <= 0x30ff or 0x31f0 <= cp <= 0x31ff \
        or 0xff66 <= cp <= 0xff9d or 0x3100 <= cp <= 0x312f
    if is_han(cp):
        v |= HAN
    elif c[0] in "LN" and not kana:
        v |= WORD
    elif cp in width and not mark_only(cp):
        v |= WORD
    if cp in ignorable or c == "Cf" or c == "Me" or 0x334 <= cp <= 0x338 \
            or cp in (0x20d2, 0x20d3, 0x20d8, 0x20d9, 0x20da, 0x20e5, 0x20e6,
                      0x20ea, 0x20eb):
        v |= DROP_INV
    if c in ("Mn", "Me"):
        v |= DROP_CONF
    if cp in regional:
        v |= REGIONAL
    return v


def mark_only(cp):
    return not any(chr(c).isalnum() for c in width[cp])


pool = []


def ref(seq):
    if seq is None:
        return 0
    if len(seq) == 1:
        return seq[0]
    at = len(pool)
    pool.append(len(seq))
    pool.extend(seq)
    return 0x80000000 | at


records, index, table = [(0, 0, 0, 0, 0, 0, 0)], {}, {}
cps = set(cat) | set(width) | set(hant) | set(conf) | ignorable
seqs = {}
for cp in sorted(cps):
    if 0xe000 <= cp <= 0xf8ff or cp > 0xe1000:
        continue
    w = width.get(cp)
    if w is not None and len(w) > 1:
        w = seqs.setdefault(tuple(w), None) or ref(w)
        seqs[tuple(width[cp])] = w
    elif w is not None:
        w = w[0]
    else:
        w = 0
    c = case.get(cp)
    if c is not None and len(c) > 1:
        k = seqs.get(tuple(c)) or ref(c)
        seqs[tuple(c)] = k
    else:
        k = c[0] if c else 0
    h = hant.get(cp, 0)
    d = digit.get(cp, 0)
    x = conf.get(cp, 0)
    r = (w, k, h, d, x, mark(cp), flags(cp))
    if r == records[0]:
        continue
    if r not in index:
        index[r] = len(records)
        records.append(r)
    table[cp] = index[r]

B = 64
blocks, stage1 = {}, []
for b in range(0x110000 // B):
    blk = tuple(table.get(b * B + i, 0) for i in range(B))
    stage1.append(blocks.setdefault(blk, len(blocks)))

# readings
syll, reads = {}, {}
TONE = re.compile("[\u0300\u0301\u0304\u030c\u0302]")
for line in open(os.path.join(TAB, "pinyin.txt"), encoding="utf-8"):
    m = re.match(r"U\+([0-9A-F]+): (\S+)", line)
    if not m:
        continue
    out = []
    for r in m.group(2).split(","):
        r = TONE.sub("", unicodedata.normalize("NFD", r))
        r = r.replace("u\u0308", "v").replace("e\u0308", "e")
        r = unicodedata.normalize("NFD", r)
        r = "".join(c for c in r if c.isascii() and c.isalpha()).lower()
        if 0 < len(r) <= 7 and r not in out:
            out.append(r)
    if out:
        reads[int(m.group(1), 16)] = out
names = sorted({r for v in reads.values() for r in v})
num = {n: i for i, n in enumerate(names)}
assert len(names) < 4096

w = sys.stdout.write
w("""/*
 * fold_data.c - what each character may stand for.
 *
 * GENERATED by gen/gen_fold.py, do not edit.  Sources: Unicode 15.0.0
 * (UnicodeData, CaseFolding, DerivedCoreProperties, EquivalentUnifiedIdeograph,
 * emoji-data; Unicode licence), confusables.txt 14.0.0 of UTS #39 (Unicode
 * terms of use), OpenCC TSCharacters, TWVariants, HKVariants (Apache-2.0),
 * pinyin-data (MIT), and a few own lines in the generator.
 */

#include "fold_data.h"


""")


def array(kind, name, values, per, fmt):
    w("const %s  %s[] = {\n" % (kind, name))
    for i in range(0, len(values), per):
        w("    " + ", ".join(fmt % v for v in values[i:i + per]) + ",\n")
    w("};\n\n")


array("uint16_t", "mdr_fold_stage1", stage1, 12, "%d")
array("uint16_t", "mdr_fold_stage2",
      [v for blk in sorted(blocks, key=blocks.get) for v in blk], 12, "%d")
w("const mdr_fold_record_t  mdr_fold_records[] = {\n")
for r in records:
    w("    { 0x%x, 0x%x, 0x%x, 0x%x, 0x%x, %d, %d },\n" % (
        r[0], r[1], r[2], r[4], r[3], r[5], r[6]))
w("};\n\n")
array("uint32_t", "mdr_fold_pool", pool, 8, "0x%x")
keys = sorted(reads)
w("const uint32_t  mdr_fold_nreadings = %d;\n\n" % len(keys))
array("uint32_t", "mdr_fold_reading_cps", keys, 8, "0x%x")
offs, flat = [], []
for k in keys:
    offs.append(len(flat))
    flat += [num[r] for r in reads[k]]
offs.append(len(flat))
array("uint32_t", "mdr_fold_reading_at", offs, 10, "%d")
array("uint16_t", "mdr_fold_reading_ids", flat, 14, "%d")
w("const char  mdr_fold_syllables[][8] = {\n")
for n in names:
    w('    "%s",\n' % n)
w("};\n\n")
rot = sorted(rotated.items())
w("const uint32_t  mdr_fold_nrotated = %d;\n\n" % len(rot))
w("const uint32_t  mdr_fold_rotated[][2] = {\n")
for a, b in rot:
    w("    { 0x%x, 0x%x },\n" % (ord(a), ord(b)))
w("};\n")
sys.stderr.write("records %d blocks %d pool %d readings %d syllables %d\n" % (
    len(records), len(blocks), len(pool), len(keys), len(names)))
