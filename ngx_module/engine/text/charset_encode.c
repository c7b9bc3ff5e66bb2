/*
 * charset_encode.c - encoders of the WHATWG encoding standard, for what we
 * write into a body: a mask, a tag, a number.  One character at a time; the
 * tables are the decoders', searched.
 */

#include "charset.h"
#include "charset_data.h"
#include "base/utf8.h"

#include <string.h>


#define EURO  0x20acu


/* row and column of cp from lead `from` on; Big5 takes the last place of the
 * six characters that it has twice ("index Big5 pointer") */

static size_t
find_cell(const uint16_t *table, uint8_t from, uint32_t value, int last,
    uint8_t *dst)
{
    size_t  i, found;

    found = MDR_CHARSET_CELLS;

    for (i = (size_t) (from - 0x81) * MDR_CHARSET_COLUMNS;
         i < MDR_CHARSET_CELLS;
         i++)
    {
        if (table[i] == value) {
            found = i;
            if (!last) {
                break;
            }
        }
    }

    if (found == MDR_CHARSET_CELLS) {
        return 0;
    }

    dst[0] = (uint8_t) (0x81 + found / MDR_CHARSET_COLUMNS);
    dst[1] = (uint8_t) (0x40 + found % MDR_CHARSET_COLUMNS);

    return 2;
}


/* "gb18030 encoder": code points that GB 18030-2022 moved and that keep the
 * bytes of 2005 */

static size_t
gb_moved(uint32_t cp, uint8_t *dst)
{
    size_t  i;

    static const struct {
        uint16_t  cp;
        uint16_t  bytes;
    } moved[] = {
        { 0xe78d, 0xa6d9 }, { 0xe78e, 0xa6da }, { 0xe78f, 0xa6db },
        { 0xe790, 0xa6dc }, { 0xe791, 0xa6dd }, { 0xe792, 0xa6de },
        { 0xe793, 0xa6df }, { 0xe794, 0xa6ec }, { 0xe795, 0xa6ed },
        { 0xe796, 0xa6f3 }, { 0xe81e, 0xfe59 }, { 0xe826, 0xfe61 },
        { 0xe82b, 0xfe66 }, { 0xe82c, 0xfe67 }, { 0xe832, 0xfe6d },
        { 0xe843, 0xfe7e }, { 0xe854, 0xfe90 }, { 0xe864, 0xfea0 }
    };

    for (i = 0; i < sizeof(moved) / sizeof(moved[0]); i++) {
        if (moved[i].cp == cp) {
            dst[0] = (uint8_t) (moved[i].bytes >> 8);
            dst[1] = (uint8_t) moved[i].bytes;
            return 2;
        }
    }

    return 0;
}


static size_t
gb_encode(uint32_t cp, int gbk, uint8_t *dst)
{
    size_t                      n;
    uint32_t                    i, pointer, size;
    const mdr_charset_range_t  *r;

    if (cp == 0xe5e5) {
        return 0;
    }

    if (gbk && cp == EURO) {
        dst[0] = 0x80;
        return 1;
    }

    if (cp < 0x10000) {
        n = gb_moved(cp, dst);
        if (n != 0) {
            return n;
        }

        /* the rows of GB 2312, where nearly all is, before those above */

        n = find_cell(mdr_charset_gb, 0xa1, cp, 0, dst);
        if (n == 0) {
            n = find_cell(mdr_charset_gb, 0x81, cp, 0, dst);
        }

        if (n != 0 || gbk) {
            return n;
        }

        for (i = 0; i < mdr_charset_nranges; i++) {
            r = &mdr_charset_ranges[i];
            size = (i + 1 < mdr_charset_nranges ? r[1].pointer : GB_BMP_END)
                   - r->pointer;
            if (cp >= r->cp && cp < r->cp + size) {
                break;
            }
        }

        if (i == mdr_charset_nranges) {
            return 0;
        }

        pointer = mdr_charset_ranges[i].pointer + cp
                  - mdr_charset_ranges[i].cp;

    } else {
        if (gbk) {
            return 0;
        }
        pointer = GB_PLANES + cp - 0x10000;
    }

    dst[0] = (uint8_t) (0x81 + pointer / 12600);
    dst[1] = (uint8_t) (0x30 + pointer / 1260 % 10);
    dst[2] = (uint8_t) (0x81 + pointer / 10 % 126);
    dst[3] = (uint8_t) (0x30 + pointer % 10);

    return 4;
}


static size_t
big5_encode(uint32_t cp, uint8_t *dst)
{
    size_t  i;

    if (cp >= 0x10000) {
        if (cp >> 16 != 2) {
            return 0;
        }

        /* a plane 2 character may stand twice, once in the rows below A1 */

        for (i = 0; i < mdr_charset_nwide; i++) {
            if (mdr_charset_big5_wide[i] == (cp & 0xffff)
                && find_cell(mdr_charset_big5, 0xa1,
                             (uint32_t) (0xd800 + i), 0, dst)
                   != 0)
            {
                return 2;
            }
        }

        return 0;
    }

    return find_cell(mdr_charset_big5, 0xa1, cp,
                     cp == 0x2550 || cp == 0x255e || cp == 0x2561
                     || cp == 0x256a || cp == 0x5341 || cp == 0x5345, dst);
}


static size_t
utf16_encode(uint32_t cp, int be, uint8_t *dst)
{
    size_t    i, n;
    uint16_t  u[2];

    n = 1;
    u[0] = (uint16_t) cp;
    u[1] = 0;

    if (cp >= 0x10000) {
        n = 2;
        u[0] = (uint16_t) (0xd800 + ((cp - 0x10000) >> 10));
        u[1] = (uint16_t) (0xdc00 + ((cp - 0x10000) & 0x3ff));
    }

    for (i = 0; i < n; i++) {
        dst[2 * i + (be ? 0 : 1)] = (uint8_t) (u[i] >> 8);
        dst[2 * i + (be ? 1 : 0)] = (uint8_t) u[i];
    }

    return 2 * n;
}


size_t
mdr_encode(int cs, uint32_t cp, uint8_t *dst)
{
    size_t  i;

    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
        return 0;
    }

    switch (cs) {

    case MDR_CS_UTF16LE:
    case MDR_CS_UTF16BE:
        return utf16_encode(cp, cs == MDR_CS_UTF16BE, dst);

    case MDR_CS_UTF8:
        return mdr_utf8_put(dst, cp);

    default:
        break;
    }

    if (cp < 0x80) {
        dst[0] = (uint8_t) cp;
        return 1;
    }

    switch (cs) {

    case MDR_CS_GBK:
    case MDR_CS_GB18030:
        return gb_encode(cp, cs == MDR_CS_GBK, dst);

    case MDR_CS_BIG5:
        return big5_encode(cp, dst);

    case MDR_CS_SHIFT_JIS:
    case MDR_CS_EUC_JP:
    case MDR_CS_EUC_KR:
        return mdr_charset_east_encode(cs, cp, dst);

    default:
        break;
    }

    if (cs < MDR_CS_SINGLE || cs >= MDR_CS_NONE) {
        return 0;
    }

    for (i = 0; i < 128; i++) {
        if (mdr_charset_single[cs - MDR_CS_SINGLE][i] == cp) {
            dst[0] = (uint8_t) (0x80 + i);
            return 1;
        }
    }

    return 0;
}
