#!/usr/bin/env python3
"""Makes ../charset_data.c: the indexes of the WHATWG encoding standard.

The bulk comes from Python's own codecs (gb18030, big5hkscs, cp932 ...); what the
standard has otherwise is listed below, difference by difference, as of its
review draft of June 2025 (index gb18030 follows GB 18030-2022 since then).

Usage: python3 charset_data.py > ../charset_data.c
"""

# index gb18030: A3A0 is a space for compatibility, A8BC is a letter of its
# own since GB 18030-2005, the others lost their private use characters in
# GB 18030-2022.
GB = {
    0xa3a0: 0x3000, 0xa8bc: 0x1e3f,
    0xa6d9: 0xfe10, 0xa6da: 0xfe12, 0xa6db: 0xfe11, 0xa6dc: 0xfe13,
    0xa6dd: 0xfe14, 0xa6de: 0xfe15, 0xa6df: 0xfe16, 0xa6ec: 0xfe17,
    0xa6ed: 0xfe18, 0xa6f3: 0xfe19,
    0xfe59: 0x9fb4, 0xfe61: 0x9fb5, 0xfe66: 0x9fb6, 0xfe67: 0x9fb7,
    0xfe6d: 0x9fb8, 0xfe7e: 0x9fb9, 0xfe90: 0x9fba, 0xfea0: 0x9fbb,
}

# index gb18030 ranges: the code point that A8BC had before (the standard
# names pointer 7457 as a special case).
GB_FOUR = {7457: 0xe7c7}

# index Big5: rows of HKSCS-2008 and of ETEN that Python's codec does not
# have, HKSCS compatibility points as their unified ideographs, and the
# punctuation as Microsoft's code page 950 has it.
BIG5 = {
    0x877a: 0x3875, 0x877b: 0x21d53, 0x877c: 0x2369e, 0x877d: 0x26021,
    0x877e: 0x3eec, 0x87a1: 0x258de, 0x87a2: 0x3af5, 0x87a3: 0x7afc,
    0x87a4: 0x9f97, 0x87a5: 0x24161, 0x87a6: 0x2890d, 0x87a7: 0x231ea,
    0x87a8: 0x20a8a, 0x87a9: 0x2325e, 0x87aa: 0x430a, 0x87ab: 0x8484,
    0x87ac: 0x9f96, 0x87ad: 0x942f, 0x87ae: 0x4930, 0x87af: 0x8613,
    0x87b0: 0x5896, 0x87b1: 0x974a, 0x87b2: 0x9218, 0x87b3: 0x79d0,
    0x87b4: 0x7a32, 0x87b5: 0x6660, 0x87b6: 0x6a29, 0x87b7: 0x889d,
    0x87b8: 0x744c, 0x87b9: 0x7bc5, 0x87ba: 0x6782, 0x87bb: 0x7a2c,
    0x87bc: 0x524f, 0x87bd: 0x9046, 0x87be: 0x34e6, 0x87bf: 0x73c4,
    0x87c0: 0x25db9, 0x87c1: 0x74c6, 0x87c2: 0x9fc7, 0x87c3: 0x57b3,
    0x87c4: 0x492f, 0x87c5: 0x544c, 0x87c6: 0x4131, 0x87c7: 0x2368e,
    0x87c8: 0x5818, 0x87c9: 0x7a72, 0x87ca: 0x27b65, 0x87cb: 0x8b8f,
    0x87cc: 0x46ae, 0x87cd: 0x26e88, 0x87ce: 0x4181, 0x87cf: 0x25d99,
    0x87d0: 0x7bae, 0x87d1: 0x224bc, 0x87d2: 0x9fc8, 0x87d3: 0x224c1,
    0x87d4: 0x224c9, 0x87d5: 0x224cc, 0x87d6: 0x9fc9, 0x87d7: 0x8504,
    0x87d8: 0x235bb, 0x87d9: 0x40b4, 0x87da: 0x9fca, 0x87db: 0x44e1,
    0x87dc: 0x2adff, 0x87dd: 0x62c1, 0x87de: 0x706e, 0x87df: 0x9fcb,
    0x8e69: 0x7bb8, 0x8e6f: 0x7c06, 0x8e7e: 0x7cce, 0x8eab: 0x7dd2,
    0x8eb4: 0x7e1d, 0x8ecd: 0x8005, 0x8ed0: 0x8028, 0x8f57: 0x83c1,
    0x8f69: 0x84a8, 0x8f6e: 0x840f, 0x8fcb: 0x89a6, 0x8fcc: 0x89a9,
    0x8ffe: 0x8d77, 0x906d: 0x90fd, 0x907a: 0x92b9, 0x90dc: 0x975c,
    0x90f1: 0x97ff, 0x91bf: 0x9f16, 0x9244: 0x8503, 0x92af: 0x5159,
    0x92b0: 0x515b, 0x92b1: 0x515d, 0x92b2: 0x515e, 0x92c8: 0x936e,
    0x92d1: 0x7479, 0x9447: 0x6d67, 0x94ca: 0x799b, 0x95d9: 0x9097,
    0x9644: 0x975d, 0x96ed: 0x701e, 0x96fc: 0x5b28, 0x9b76: 0x7201,
    0x9b78: 0x77d7, 0x9b7b: 0x7e87, 0x9bc6: 0x99d6, 0x9bde: 0x91d4,
    0x9bec: 0x60de, 0x9bf6: 0x6fb6, 0x9c42: 0x8f36, 0x9c53: 0x4fbb,
    0x9c62: 0x71df, 0x9c68: 0x9104, 0x9c6b: 0x9df0, 0x9c77: 0x83cf,
    0x9cbc: 0x5c10, 0x9cbd: 0x79e3, 0x9cd0: 0x5a67, 0x9d57: 0x8f0b,
    0x9d5a: 0x7b51, 0x9dc4: 0x62d0, 0x9ea9: 0x6062, 0x9eef: 0x75f9,
    0x9efd: 0x6c4a, 0x9f60: 0x9b2e, 0x9f66: 0x9f17, 0x9fcb: 0x50ed,
    0x9fd8: 0x5f0c, 0xa063: 0x880f, 0xa077: 0x62ce, 0xa0d5: 0x7468,
    0xa0df: 0x7162, 0xa0e4: 0x7250, 0xa145: 0x2027, 0xa14e: 0xfe51,
    0xa1c2: 0x00af, 0xa1e3: 0xff5e, 0xa1f2: 0x2295, 0xa1f3: 0x2299,
    0xa241: 0x2215, 0xa242: 0xfe68, 0xa244: 0xffe5, 0xa246: 0xffe0,
    0xa247: 0xffe1, 0xa3c0: 0x2400, 0xa3c1: 0x2401, 0xa3c2: 0x2402,
    0xa3c3: 0x2403, 0xa3c4: 0x2404, 0xa3c5: 0x2405, 0xa3c6: 0x2406,
    0xa3c7: 0x2407, 0xa3c8: 0x2408, 0xa3c9: 0x2409, 0xa3ca: 0x240a,
    0xa3cb: 0x240b, 0xa3cc: 0x240c, 0xa3cd: 0x240d, 0xa3ce: 0x240e,
    0xa3cf: 0x240f, 0xa3d0: 0x2410, 0xa3d1: 0x2411, 0xa3d2: 0x2412,
    0xa3d3: 0x2413, 0xa3d4: 0x2414, 0xa3d5: 0x2415, 0xa3d6: 0x2416,
    0xa3d7: 0x2417, 0xa3d8: 0x2418, 0xa3d9: 0x2419, 0xa3da: 0x241a,
    0xa3db: 0x241b, 0xa3dc: 0x241c, 0xa3dd: 0x241d, 0xa3de: 0x241e,
    0xa3df: 0x241f, 0xa3e0: 0x2421, 0xa3e1: 0x20ac, 0xc6cf: 0x5ef4,
    0xc6d3: 0x65e0, 0xc6d5: 0x7676, 0xc6d7: 0x96b6, 0xc6de: 0x3003,
    0xc6df: 0x4edd, 0xfa5f: 0x5029, 0xfa66: 0x507d, 0xfabd: 0x5305,
    0xfac5: 0x5344, 0xfad5: 0x537f, 0xfb48: 0x5605, 0xfbb8: 0x5a77,
    0xfbf3: 0x5e75, 0xfbf9: 0x5ed0, 0xfc4f: 0x5f58, 0xfc6c: 0x60a4,
    0xfcb9: 0x6490, 0xfce2: 0x6674, 0xfcf1: 0x675e, 0xfdb7: 0x6c9c,
    0xfdb8: 0x6e1d, 0xfdbb: 0x6e2f, 0xfdf1: 0x716e, 0xfe52: 0x732a,
    0xfe6f: 0x745c, 0xfeaa: 0x74e9, 0xfedd: 0x7809,
}

# index jis0208 (as Shift_JIS writes it) and index euc-kr are code pages 932 and
# 949; index jis0212 is JIS X 0212 but for its tilde.  Compared with TextDecoder of
# Chromium, pair for pair.
JIS0212 = {0xa2b7: 0xff5e}

# single-byte indexes, in the order of MDR_CS_*: name, codec, differences.
# Bytes 80..9F without a character are C1 controls there, others have none;
# compared with TextDecoder of Chromium 156, byte for byte.
SINGLE = [
    ("windows-1252", "cp1252", {}),
    ("ibm866", "cp866", {}),
    ("iso-8859-2", "iso8859_2", {}),
    ("iso-8859-3", "iso8859_3", {}),
    ("iso-8859-4", "iso8859_4", {}),
    ("iso-8859-5", "iso8859_5", {}),
    ("iso-8859-6", "iso8859_6", {}),
    ("iso-8859-7", "iso8859_7", {}),
    ("iso-8859-8", "iso8859_8", {}),
    ("iso-8859-8-i", "iso8859_8", {}),
    ("iso-8859-10", "iso8859_10", {}),
    ("iso-8859-13", "iso8859_13", {}),
    ("iso-8859-14", "iso8859_14", {}),
    ("iso-8859-15", "iso8859_15", {}),
    ("iso-8859-16", "iso8859_16", {}),
    ("koi8-r", "koi8_r", {}),
    ("koi8-u", "koi8_u", {0xae: 0x45e, 0xbe: 0x40e}),
    ("macintosh", "mac_roman", {}),
    ("windows-874", "cp874", {}),
    ("windows-1250", "cp1250", {}),
    ("windows-1251", "cp1251", {}),
    ("windows-1253", "cp1253", {}),
    ("windows-1254", "cp1254", {}),
    ("windows-1255", "cp1255", {0xca: 0x5ba}),
    ("windows-1256", "cp1256", {}),
    ("windows-1257", "cp1257", {}),
    ("windows-1258", "cp1258", {}),
    ("x-mac-cyrillic", "mac_cyrillic", {}),
]

COLUMNS = 0xff - 0x40           # trail bytes 40..FE
LEADS = 0xff - 0x81             # lead bytes 81..FE
WIDE = 0xd800                   # a value from here on: big5_wide[value - WIDE]


def char(data, codec):
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return None
    return ord(text) if len(text) == 1 else None


def index(codec, differences, trails):
    table = {}
    for lead in range(0x81, 0xff):
        for trail in trails:
            cp = char(bytes([lead, trail]), codec)
            key = lead << 8 | trail
            cp = differences.get(key, cp)
            if cp is not None:
                table[key] = cp
    return table


def four(pointer):
    return bytes([pointer // 12600 + 0x81, pointer // 1260 % 10 + 0x30,
                  pointer // 10 % 126 + 0x81, pointer % 10 + 0x30])


def emit(name, kind, values, width):
    print("const %s  %s[%d] = {" % (kind, name, len(values)))
    line = ""
    for v in values:
        item = "%d," % v
        if len(line) + len(item) > width:
            print("    " + line)
            line = ""
        line += item
    print("    " + line.rstrip(","))
    print("};\n\n")


def rectangle(table):
    return [table.get((0x81 + i // COLUMNS) << 8 | (0x40 + i % COLUMNS), 0)
            for i in range(LEADS * COLUMNS)]


def main():
    gb = index("gb18030", GB,
               list(range(0x40, 0x7f)) + list(range(0x80, 0xff)))
    assert len(gb) == 23940 and max(gb.values()) < 0x10000
    assert not any(0xd800 <= v < 0xe000 for v in gb.values())

    big5 = index("big5hkscs", BIG5,
                 list(range(0x40, 0x7f)) + list(range(0xa1, 0xff)))
    wide = []
    for key in sorted(big5):
        if big5[key] > 0xffff:
            assert big5[key] >> 16 == 2
            wide.append(big5[key] & 0xffff)
            big5[key] = WIDE + len(wide) - 1
    assert len(wide) < 2048

    jis = index("cp932", {}, range(0x40, 0xff))
    jis = {k: v for k, v in jis.items() if not 0xe000 <= v < 0xf900}
    assert len(jis) == 7724
    korean = index("cp949", {}, range(0x41, 0xff))
    assert len(korean) == 17048
    jis0212 = [JIS0212.get(a << 8 | b)
               or char(bytes([0x8f, a, b]), "euc_jp") or 0
               for a in range(0xa1, 0xff) for b in range(0xa1, 0xff)]
    assert sum(v != 0 for v in jis0212) == 6067

    # ranges: pointer and code point at the start of each row of neighbours
    ranges, before = [], None
    for pointer in range(39420):
        cp = GB_FOUR.get(pointer, char(four(pointer), "gb18030"))
        if before is None or cp != before + 1:
            ranges.append((pointer, cp))
        before = cp
    special = [i for i, r in enumerate(ranges) if r[0] in GB_FOUR]
    assert len(special) == 1

    single = [[differences.get(b) or char(bytes([b]), codec)
               or (b if b < 0xa0 else 0) for b in range(0x80, 0x100)]
              for _, codec, differences in SINGLE]

    print("""\
/*
 * charset_data.c - made by gen/charset_data.py; do not edit.
 *
 * Indexes of the WHATWG encoding standard (review draft of June 2025).  The
 * two-byte tables are rectangles: leads 81..FE, trails 40..FE, 0: nothing.
 */

#include "charset_data.h"

""")
    emit("mdr_charset_gb", "uint16_t", rectangle(gb), 74)
    emit("mdr_charset_big5", "uint16_t", rectangle(big5), 74)
    emit("mdr_charset_jis", "uint16_t", rectangle(jis), 74)
    emit("mdr_charset_jis0212", "uint16_t", jis0212, 74)
    emit("mdr_charset_korean", "uint16_t", rectangle(korean), 74)
    print("/* plane 2, at [value of mdr_charset_big5 less D800] */\n")
    emit("mdr_charset_big5_wide", "uint16_t", wide, 74)
    print("const uint32_t  mdr_charset_nwide = %d;\n\n" % len(wide))
    print("const uint32_t  mdr_charset_nranges = %d;\n\n" % len(ranges))
    print("const mdr_charset_range_t  mdr_charset_ranges[%d] = {"
          % len(ranges))
    for i in range(0, len(ranges), 4):
        print("    " + " ".join("{%d, 0x%x}," % r for r in ranges[i:i + 4]))
    print("};\n\n")
    print("/* by MDR_CS_* less MDR_CS_SINGLE; bytes 80..FF, 0: nothing */\n")
    print("const uint16_t  mdr_charset_single[%d][128] = {" % len(single))
    for (name, _, _), row in zip(SINGLE, single):
        print("    {   /* %s */" % name)
        line = ""
        for v in row:
            item = "%d," % v
            if len(line) + len(item) > 70:
                print("        " + line)
                line = ""
            line += item
        print("        " + line.rstrip(","))
        print("    },")
    print("};")


if __name__ == "__main__":
    main()
