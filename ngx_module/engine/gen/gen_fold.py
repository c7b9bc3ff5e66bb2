#!/usr/bin/env python3
"""Write fold_data.c: what each character may stand for, fold by fold.

usage: gen_fold.py UNICODE_FOLDER TABLES_FOLDER > fold_data.c

UNICODE_FOLDER  Debian's unicode-data, /usr/share/unicode (Unicode 15.0.0)
TABLES_FOLDER   opencc/TSCharacters.txt, STCharacters.txt, TWVariants.txt and
                HKVariants.txt (OpenCC, Apache-2.0), confusables.txt (UTS #39,
                Unicode terms of use), pinyin.txt (pinyin-data, MIT)
"""
import bz2
import os
import re
import sys
import unicodedata

UNI, TAB = sys.argv[1:3]


def lines_of(f):
    for line in f:
        line = line.split("#")[0].strip()
        if line:
            yield line


def lines(path):
    with open(path, encoding="utf-8-sig") as f:
        yield from lines_of(f)


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
names = {f[1]: cp for cp, f in data.items()}
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

# pictographs below U+1F000 that are no emoji (a black star) are symbols

emoji, is_emoji = set(), set()
for line in lines(os.path.join(UNI, "emoji", "emoji-data.txt")):
    f = [x.strip() for x in line.split(";")]
    a, _, b = f[0].partition("..")
    points = range(int(a, 16), int(b or a, 16) + 1)
    if f[1] in ("Emoji_Presentation", "Extended_Pictographic",
                "Emoji_Modifier"):
        emoji.update(points)
    if f[1] == "Emoji":
        is_emoji.update(points)
emoji = {cp for cp in emoji if cp >= 0x1f000 or cp in is_emoji}


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
    if cat[cp][0] == "Z" or cp == 0x85:         # spaces of any width
        width[cp] = [0x20]
        continue
    if s and s != [cp] and len(s) <= 18:
        if cp in (0xa8, 0xaf, 0xb4, 0xb8, 0x2c6, 0x2dc):
            continue
        if s[0] == 0x20 and len(s) > 1:         # spacing clones of accents
            continue
        width[cp] = s
for i in range(26):                             # no decomposition in Unicode
    for base in (0x1f150, 0x1f170):
        width[base + i] = [ord("A") + i]
for i in range(9):
    width[0x2776 + i] = width[0x2780 + i] = width[0x278a + i] = [ord("1") + i]
    width[0x24f5 + i] = [ord("1") + i]
width[0x24ff] = width[0x1f10b] = width[0x1f10c] = [ord("0")]
for cp, n in ((0x277f, 10), (0x2789, 10), (0x2793, 10), (0x24fe, 10)):
    width[cp] = [ord(c) for c in str(n)]
for i in range(10):
    width[0x24eb + i] = [ord(c) for c in str(11 + i)]
for cp, f in data.items():
    if 0x1f14a <= cp <= 0x1f1ac and cp not in width:
        m = re.match(r"(?:NEGATIVE )?SQUARED ([A-Z]{2,4})\b", f[1]) or \
            re.match(r"(?:CROSSED NEGATIVE )?SQUARED (?:LATIN [A-Z]+ LETTER )"
                     r"?([A-Z])$", f[1])
        if m:                                   # \U0001f193 "free"
            width[cp] = [ord(c) for c in m.group(1)]
for cp, s in ((0x1f19b, "3D"), (0x1f19d, "2K"), (0x1f19e, "4K"),
              (0x1f19f, "8K")):
    width[cp] = [ord(c) for c in s]
for cp, f in data.items():                      # 10 to 80 in black squares
    if 0x3248 <= cp <= 0x324f:
        width[cp] = [ord(c) for c in f[8]]
for cp, c in ((0x13f, "L"), (0x140, "l"), (0x149, "n"), (0x1e9a, "a")):
    width[cp] = [ord(c)]                        # the dot is no part of it
for cp, f in data.items():                      # the mark is no part of it
    if re.match(r"DIGIT .* (FULL STOP|COMMA)$|NUMBER .* FULL STOP$", f[1]):
        width[cp] = width[cp][:-1]
regional = set(range(0x1f1e6, 0x1f200))

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
digit.pop(0x53c3)                               # see others: three, or join

# traditional to simplified


def level(cp):
    """Where GB 2312 has it: 1 everyday characters, 2 others, 0 not at all."""
    try:
        b = chr(cp).encode("gb2312")
    except UnicodeEncodeError:
        return 0
    return 0 if len(b) != 2 or b[0] < 0xb0 else 1 if b[0] < 0xd8 else 2


def may_be(a, b):
    """Is character a written for b too?  An everyday character of simplified
    text is itself: by its rarer meaning (xiang, like, for xiang, elephant)
    words would be found across the edges of others.  Nor is one a numeral."""
    if b == "幺":
        return
    if len(a) == 1 and len(b) == 1 and a != b and level(ord(b)) \
            and (level(ord(a)) != 1 or a in "藉覆沈"):
        other.setdefault(ord(a), set()).add(ord(b))


hant, other = {}, {}                            # other: second meanings
for line in lines(os.path.join(TAB, "opencc", "TSCharacters.txt")):
    a, b = line.split("\t")
    if len(a) == 1 and b.split()[0] != a:
        hant[ord(a)] = ord(b.split()[0])
        other[ord(a)] = {ord(c) for c in b.split()[1:] if len(c) == 1}
    for c in b.split():
        may_be(a, c)
for line in lines(os.path.join(TAB, "opencc", "STCharacters.txt")):
    b, a = line.split("\t")
    for c in a.split():
        may_be(c, b)
for name in ("TWVariants.txt", "HKVariants.txt"):
    for line in lines(os.path.join(TAB, "opencc", name)):
        a, b = line.split("\t")
        for v in b.split():
            if v != "著" and level(ord(v[0])):
                continue                        # me is no yao, a numeral
            if len(a) == 1 and len(v) == 1 and v != a:
                t = hant.get(ord(a), ord(a))
                if ord(v) != t and ord(v) not in hant:
                    hant[ord(v)] = t
                else:
                    may_be(v, chr(t))

# new forms of Japan, which are neither traditional nor simplified; not those
# that are characters of their own in GB 2312 (a list of our own, out of the
# official table of characters for general use, 2010)
JAPANESE = (
    "亜亚悪恶圧压囲围栄荣営营衛卫駅驿円圆塩盐縁缘艶艳応应桜樱穏稳仮假"
    "価价絵绘壊坏懐怀拡扩殻壳覚觉楽乐巻卷陥陷勧劝寛宽歓欢観观関关巌岩"
    "顔颜帰归気气亀龟偽伪戯戏犠牺拠据挙举暁晓駆驱勲勋恵惠掲揭渓溪経经"
    "継继蛍萤軽轻鶏鸡芸艺撃击県县倹俭剣剑険险圏圈検检権权験验顕显厳严"
    "広广効效鉱矿黒黑済济砕碎斎斋剤剂雑杂桟栈賛赞糸丝歯齿児儿釈释収收"
    "従从渋涩獣兽縦纵粛肃処处緒绪諸诸奨奖焼烧証证乗乘剰剩壌壤嬢娘浄净"
    "畳叠縄绳譲让醸酿図图粋粹酔醉穂穗髄髓瀬濑斉齐摂摄専专戦战銭钱繊纤"
    "捜搜挿插総总聡聪荘庄騒骚増增臓脏蔵藏続续対对帯带滝泷択择沢泽単单"
    "団团弾弹遅迟鋳铸庁厅聴听鎮镇逓递鉄铁転转伝传闘斗徳德読读弐贰脳脑"
    "覇霸廃废拝拜売卖発发髪发抜拔浜滨払拂仏佛並并変变辺边弁辩舗铺豊丰"
    "毎每満满黙默薬药訳译揺摇様样謡谣頼赖覧览欄栏竜龙両两猟猎緑绿涙泪"
    "塁垒隷隶霊灵齢龄労劳"
)
for k in range(0, len(JAPANESE), 2):
    a, b = ord(JAPANESE[k]), ord(JAPANESE[k + 1])
    if a not in hant and not level(a):
        hant[a] = b
path = os.path.join(UNI, "EquivalentUnifiedIdeograph.txt")
for line in lines(path):
    f = [x.strip() for x in line.split(";")]
    a, _, b = f[0].partition("..")
    for cp in range(int(a, 16), int(b or a, 16) + 1):
        t = int(f[1], 16)
        hant.setdefault(cp, hant.get(t, t))

# variants that GB 2312 does not have, of characters that it has: the same
# glyph in another hand (z) is that character, the same meaning may be it
same = {}
with bz2.open(os.path.join(UNI, "Unihan_Variants.txt.bz2"), "rt",
              encoding="utf-8") as f:
    for line in lines_of(f):
        a, kind, b = line.split("\t")
        if kind in ("kSimplifiedVariant", "kTraditionalVariant"):
            kind = "kSemanticVariant"
        if kind not in ("kZVariant", "kSemanticVariant",
                        "kSpecializedSemanticVariant"):
            continue
        for b in b.split():
            pair = [int(x[2:], 16) for x in (a, b.split("<")[0])]
            for v, t in (pair, pair[::-1]):
                if level(t) and not level(v):
                    same.setdefault((v, kind), set()).add(t)
for (v, kind), targets in same.items():
    if kind == "kZVariant" and v not in hant and len(targets) == 1:
        hant[v] = min(targets)
for (v, kind), targets in same.items():
    if kind != "kSpecializedSemanticVariant" or v not in hant:
        for t in targets:
            may_be(chr(v), chr(t))

for cp in list(hant):                           # chains
    seen = {cp}
    t = hant[cp]
    while t in hant and t not in seen:
        seen.add(t)
        t = hant[t]
    hant[cp] = t

for cp, targets in other.items():               # those that stay apart
    other[cp] = {hant.get(t, t) for t in targets
                 if hant.get(t, t) != hant.get(cp, cp) and t != cp}

# confusables towards ASCII letters and digits, and Han
look = {}                                       # second looks
conf = {}
many = {}                                       # several letters in one
for line in lines(os.path.join(TAB, "confusables.txt")):
    f = [x.strip() for x in line.split(";")]
    a, b = f[0].split(), [int(x, 16) for x in f[1].split()]
    if len(a) != 1:
        continue
    a = int(a[0], 16)
    if len(b) > 1 and all(c < 0x80 and chr(c).isalnum() for c in b):
        if a >= 0x80 and a not in width and cat.get(a, "")[:1] == "L":
            many[a] = b                         # a ligature
        continue
    if any(cat.get(c, "")[:1] != "M" for c in b[1:]):
        continue                                # a letter with hooks is fine
    b = b[0]
    if a < 0x80:
        continue
    if a in width:                              # its look differs from what
        if width[a][0] != b and b < 0x80 and chr(b).isalnum():  # it means
            look.setdefault(a, set()).add(b)
        continue
    if b < 0x80 and chr(b).isalnum():
        if a in digit:                          # a digit is its own value too
            look.setdefault(a, set()).add(b)
        elif not is_han(a) and (cat.get(a, "")[:1] in "LNMS"
                                or a in (0x5c0, 0x166e)):
            conf[a] = b
        elif a == 0x3007:
            look.setdefault(a, set()).add(b)
    elif is_han(b) and not is_han(a) and cat.get(a, "")[:1] in "LNS":
        look.setdefault(a, set()).add(b)        # kana stay themselves too
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
for cp, f in data.items():                      # hooks, strokes, tails
    m = re.match(r"(?:LATIN|CYRILLIC|GREEK) (SMALL|CAPITAL) LETTER (.+?) "
                 r"WITH ", f[1])
    if not m or cp in conf or cp in width:
        continue
    if f[1].startswith("LATIN"):
        if len(m.group(2)) == 1:
            conf[cp] = ord(m.group(2).lower())
        continue
    base = names.get("%s %s LETTER %s" % (f[1].split()[0], m.group(1),
                                          m.group(2)))
    if base in conf:
        conf[cp] = conf[base]
for t, chars in {
        "a": "ᴀɑαаӑӓⱥ", "b": "ʙɓƀвЬьЪъ", "c": "ᴄсϲƈȼ", "d": "ᴅɗđԁ",
        "e": "ᴇеєɇεэ", "f": "ꜰƒғ", "g": "ɢɡǥɠցԍ", "h": "ʜһħнҺ",
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
for t, chars in {                               # alphabets of text decorators
        "a": "ᗩ₳", "b": "ɮ฿₿", "c": "ᑕ₵₡₢", "d": "ժ", "e": "ᗴ", "f": "բʄ₣",
        "g": "Ꮆ₲", "i": "Ꮖ", "j": "յ", "k": "ӄҟ₭", "m": "₥", "n": "ᑎղ₦",
        "p": "քԹ₱", "q": "ᑫ", "s": "ᔕֆ₴", "t": "Ե₮", "u": "ʊմ", "w": "ᗯ₩",
        "y": "վ"
        }.items():
    for c in chars:
        conf.setdefault(ord(c), ord(t))
for cp, f in data.items():                      # letters in another hand
    m = re.match(r"LATIN (SMALL|CAPITAL) LETTER (?:SCRIPT|BLACKLETTER|DOTLESS|"
                 r"LONG|OPEN|BARRED|CLOSED|AFRICAN|BROAD|INSULAR|VISIGOTHIC) "
                 r"([A-Z])\b", f[1])
    if m and cp not in width:
        if cp in conf:
            look.setdefault(cp, set()).add(ord(m.group(2).lower()))
        else:
            conf[cp] = ord(m.group(2).lower())
conf.pop(0x4e28, None)
for cp in regional:
    conf[cp] = ord("a") + cp - 0x1f1e6
conf[0x2118] = ord("p")                         # script capital p

# letters that are written for more than one; the first is in conf
for c, ts in {
        "α": "a", "β": "b", "γ": "yg", "δ": "do", "ε": "e", "ζ": "z",
        "η": "nh", "θ": "o0", "ι": "i", "κ": "k", "λ": "l", "μ": "um",
        "ν": "vn", "ξ": "e", "ο": "o", "π": "np", "ρ": "pr", "ς": "cs",
        "σ": "os", "τ": "t", "υ": "uy", "φ": "of", "χ": "x", "ψ": "w",
        "ω": "wo", "Σ": "es", "Δ": "ad", "Λ": "al", "Π": "np", "Ω": "o",
        "а": "a", "б": "b6", "в": "bv", "г": "rg", "д": "da", "е": "e",
        "з": "3ez", "и": "nui", "й": "nui", "к": "k", "л": "nl", "м": "m",
        "н": "hn", "о": "o", "п": "np", "р": "pr", "с": "cs", "т": "t",
        "у": "yu", "ф": "of", "х": "xh", "ц": "uc", "ч": "y4", "ш": "w",
        "щ": "w", "ъ": "b", "ь": "b", "э": "e", "я": "ra", "ӏ": "li",
        "И": "nui", "Й": "nui", "Я": "ra", "Л": "nl", "З": "3ez",
        "ѵ": "v", "ѡ": "w", "ǫ": "q", "ғ": "f", "ɛ": "e", "ŋ": "n", "Ŋ": "n", "ß": "b",
        "µ": "um", "ƨ": "2s",
        "ᴎ": "n", "ᴙ": "r", "þ": "p", "ð": "do", "Ð": "d", "ƿ": "p",
        "ք": "pf", "ʄ": "fj", "ə": "e", "ɘ": "e", "ɯ": "mw", "ʃ": "s", "ɿ": "r", "ɾ": "r",
        "ʋ": "uv", "ᶌ": "yv", "ɟ": "j", "ſ": "sf",
        "ɐ": "a", "ǝ": "e", "ɹ": "r", "ʇ": "t", "ᴉ": "i", "ʞ": "k",
        "ʌ": "av", "Ʌ": "av", "ɔ": "co", "ʎ": "y", "ɥ": "hu", "ʍ": "mw",
        }.items():
    look.setdefault(ord(c), set()).update(ord(t) for t in ts)
    if c.isalpha() and ord(c) not in width and c not in "ßɯʃɿɾʌɔʎɥʍþǫ":
        conf.setdefault(ord(c), ord(ts[0]))
for cp in look:
    look[cp].discard(conf.get(cp))

# upside down: what text turners write, and capitals of other scripts that are
# Latin ones turned

rotated = {"ɐ": "a", "ɔ": "c", "ǝ": "e", "ɟ": "f", "ƃ": "g", "ᵷ": "g",
           "ɥ": "h", "ᴉ": "i", "ı": "i", "ɾ": "j", "ʞ": "k", "ʃ": "l",
           "ɯ": "m", "ɹ": "r", "ʇ": "t", "ʌ": "v", "ʍ": "w", "ʎ": "y",
           "ə": "e", "ɓ": "g", "ɿ": "j", "ן": "l", "ꞁ": "l", "ʅ": "l",
           "ɒ": "a", "ᴟ": "m", "ᴝ": "u", "ƍ": "g", "ᵹ": "g",
           "∀": "a", "Ɐ": "a", "ᗺ": "b", "Ɔ": "c", "ᗡ": "d", "Ǝ": "e",
           "Ⅎ": "f", "⅁": "g", "פ": "g", "⋊": "k", "Ʞ": "k", "⅂": "l",
           "˥": "l", "Ꞁ": "l", "Ɯ": "m", "Ԁ": "p", "ᴚ": "r", "⊥": "t",
           "Ʇ": "t", "┴": "t", "∩": "u", "Ʌ": "v", "Λ": "v", "⅄": "y",
           "Ɩ": "1", "Ɛ": "3", "ㄣ": "4", "ϛ": "5", "ㄥ": "7",
           "⇂": "1", "ᄅ": "2", "ᔭ": "4", "ᘔ": "2", "Ɫ": "7", "𐐒": "b",
           "Ↄ": "c", "ↄ": "c", "◖": "d", "ſ": "j", "ᴎ": "n", "Ό": "q",
           "ᴧ": "v", "ꓯ": "a", "ꓭ": "b", "ꓛ": "c", "ꓷ": "d", "ꓱ": "e",
           "ꓞ": "f", "ꓨ": "g", "ꓘ": "k", "ꓶ": "l", "ꓤ": "r", "ꓕ": "t",
           "ꓵ": "u", "ꓥ": "v", "ꓩ": "j", "ꓒ": "p", "Ꞟ": "u", "ꞟ": "u",
           "ᴈ": "3", "ɺ": "l", "ʁ": "r", "Ꭻ": "j", "⊤": "t", "ꟺ": "m",
           "ᗄ": "a", "ᗺ": "b", "ᗡ": "d", "⅄": "y"}

# what is written between letters and Han characters as a sign: strokes that are
# no word, tone and stress marks in their spaced form, tatweel, and what has
# its shape from a font of the page (icons)

ornaments = {0x4e28, 0x4e36, 0x640} | set(range(0xe000, 0xf900)) | {
    cp for cp in range(0x2b9, 0x2e0) if cat[cp] == "Lm" and cp not in width}

NONE, SPACE, PUNCT, SYMBOL, EMOJI = 0, 1, 2, 4, 8
WORD, HAN, DROP_INV, DROP_CONF, ROTATED, REGIONAL, OTHER = 1, 2, 4, 8, 16, 32, 64


def mark(cp):
    c = cat.get(cp, "Cn")
    if cp in (9, 10, 11, 12, 13, 0x85) or c[0] == "Z":
        return SPACE
    if cp in emoji and cp > 0xff:
        return EMOJI
    if c[0] == "P":
        return PUNCT
    if c[0] == "S" or cp in ornaments:
        return SYMBOL
    return NONE


def flags(cp):
    c = cat.get(cp, "Cn")
    v = 0
    kana = 0x3040 <= cp <= 0x30ff or 0x31f0 <= cp <= 0x31ff \
        or 0xff66 <= cp <= 0xff9d or 0x3100 <= cp <= 0x312f
    if is_han(cp) or cp in width and len(width[cp]) == 1 \
            and is_han(width[cp][0]):
        v |= HAN
    elif c[0] in "LN" and not kana:
        v |= WORD
    elif cp in width and not kana and not mark_only(cp):
        v |= WORD
    if cp in ignorable or c in ("Cf", "Me") or \
            c == "Cc" and mark(cp) == NONE or 0x334 <= cp <= 0x338 \
            or cp in (0x20d2, 0x20d3, 0x20d8, 0x20d9, 0x20da, 0x20e5, 0x20e6,
                      0x20ea, 0x20eb):
        v |= DROP_INV
    elif c == "Mn":
        v |= DROP_CONF
    if cp in regional:
        v |= REGIONAL
    if chr(cp) in rotated:
        v |= ROTATED
    if cp in others:
        v |= OTHER
    return v


def mark_only(cp):
    return not any(cat.get(c, "")[:1] in "LN" and not is_han(c)
                   and not 0x3040 <= c <= 0x30ff for c in width[cp])


others = {}                                     # cp: [(fold, other form)]
leet = {0x20ac: {ord("e")}, 0xa3: {ord("l")}, 0xa5: {ord("y")},
        0xa2: {ord("c")}, 0xa7: {ord("s")}}
numeral = {0x53c3: {ord("3")}, ord("拾"): {ord("十")},    # as on a cheque
           ord("佰"): {ord("百")}, ord("仟"): {ord("千")}}
for fold, table in ((0x04, other), (0x10, numeral), (0x40, look), (0x100, leet)):
    for cp, targets in table.items():
        for t in sorted(targets):
            others.setdefault(cp, []).append((fold, t))

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
cps = set(cat) | ornaments | set(width) | set(hant) | set(conf) | set(many) | ignorable
seqs = {}
for cp in sorted(cps):
    if cp > 0xe1000:
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
    if cp in many:
        x = seqs.get(tuple(many[cp])) or ref(many[cp])
        seqs[tuple(many[cp])] = x
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
for cp in map(ord, "儿兒"):                     # huar
    reads[cp].append("r")
syllables = sorted({r for v in reads.values() for r in v})
num = {n: i for i, n in enumerate(syllables)}

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

# lists of readings, each once; characters in runs without a hole
lists, flat, runs, ids = {}, [], [], []
for k in sorted(reads):
    key = tuple(num[r] for r in reads[k][:8])
    if key not in lists:
        lists[key] = len(flat)
        flat += [len(key)] + list(key)
    if not runs or k > runs[-1][0] + len(ids) - runs[-1][1] + 3:
        runs.append((k, len(ids)))
    while k > runs[-1][0] + len(ids) - runs[-1][1]:
        ids.append(0xffff)
    ids.append(lists[key])
assert len(flat) < 0xffff
w("const uint32_t  mdr_fold_nruns = %d;\n\n" % len(runs))
w("const uint32_t  mdr_fold_runs[][2] = {\n")
for r in runs + [(0x110000, len(ids))]:
    w("    { 0x%x, %d },\n" % r)
w("};\n\n")
array("uint16_t", "mdr_fold_reading_ids", ids, 14, "%d")
array("uint16_t", "mdr_fold_reading_lists", flat, 14, "%d")
w("const char  mdr_fold_syllables[][8] = {\n")
for n in syllables:
    w('    "%s",\n' % n)
w("};\n\n")
# homophones: a character for each syllable, one that is read in no other way
# where there is one
stands = {}
for k in sorted(reads):
    if 0x4e00 <= k <= 0x9fff:
        for i, r in enumerate(reads[k][:8]):
            rank = (len(reads[k]) != 1, i, k)
            if r not in stands or rank < stands[r]:
                stands[r] = rank
array("uint32_t", "mdr_fold_homophones",
      [stands[n][2] if n in stands else 0 for n in syllables], 8, "0x%x")
flat = [(cp, f, t) for cp, v in sorted(others.items()) for f, t in v]
w("const uint32_t  mdr_fold_nothers = %d;\n\n" % len(flat))
w("const uint32_t  mdr_fold_others[][3] = {\n")
for v in flat:
    w("    { 0x%x, 0x%x, 0x%x },\n" % v)
w("};\n\n")
rot = sorted(rotated.items())
w("const uint32_t  mdr_fold_nrotated = %d;\n\n" % len(rot))
w("const uint32_t  mdr_fold_rotated[][2] = {\n")
for a, b in rot:
    w("    { 0x%x, 0x%x },\n" % (ord(a), ord(b)))
w("};\n")
sys.stderr.write("records %d blocks %d pool %d runs %d lists %d others %d\n" % (
    len(records), len(blocks), len(pool), len(runs), len(lists), len(others)))
