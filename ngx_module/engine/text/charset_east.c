/*
 * charset_east.c - Shift_JIS, EUC-JP and EUC-KR (WHATWG encoding, sections 12.1
 * to 12.3 and 13): their decoders, a character at a time, and encoders.
 *
 * Both Japanese ones write index jis0208, whose rows of 94 come in pairs in
 * Shift_JIS; EUC-JP reaches index jis0212 behind 8F.
 */

#include "charset.h"
#include "charset_data.h"


#define KANA         0xff61u            /* half width, from byte A1 on       */
#define ROW          94
#define PRIVATE      0xe000u
#define PRIVATE_LEAD 0xf0
#define COLUMNS      188                /* cells of a lead of Shift_JIS      */


static int
is_kana(uint8_t c)
{
    return c >= 0xa1 && c <= 0xdf;
}


static int
is_high(uint8_t c)
{
    return c >= 0xa1 && c <= 0xfe;
}


/* an error: a byte of ASCII behind the first is no part of it */

static size_t
error(const uint8_t *p, size_t len)
{
    return p[len - 1] < 0x80 ? len - 1 : len;
}


static size_t
shift_jis(const uint8_t *p, size_t n, uint32_t *cp)
{
    if (p[0] == 0x80 || is_kana(p[0])) {
        *cp = p[0] == 0x80 ? 0x80 : KANA + p[0] - 0xa1;
        return 1;
    }

    if (p[0] == 0xa0 || p[0] > 0xfc) {
        return 1;
    }

    if (n < 2) {
        return 0;
    }

    if (p[0] >= PRIVATE_LEAD && p[0] <= 0xf9 && p[1] >= 0x40 && p[1] != 0x7f
        && p[1] <= 0xfc)
    {
        *cp = PRIVATE + (uint32_t) (p[0] - PRIVATE_LEAD) * COLUMNS + p[1]
              - (p[1] < 0x7f ? 0x40 : 0x41);
        return 2;
    }

    *cp = mdr_charset_cell(mdr_charset_jis, p[0], p[1]);

    return *cp != 0 ? 2 : error(p, 2);
}


/* a row and column of index jis0208 as bytes of Shift_JIS */

static void
to_shift_jis(uint8_t row, uint8_t column, uint8_t *out)
{
    out[0] = (uint8_t) (row / 2 + (row / 2 < 31 ? 0x81 : 0xc1));
    out[1] = (uint8_t) (column + (row % 2 != 0 ? 0x9f
                                  : column < 63 ? 0x40 : 0x41));
}


static size_t
euc_jp(const uint8_t *p, size_t n, uint32_t *cp)
{
    uint8_t  s[2];

    if (p[0] != 0x8e && p[0] != 0x8f && !is_high(p[0])) {
        return 1;
    }

    if (n < 2) {
        return 0;
    }

    if (p[0] == 0x8f) {

        if (!is_high(p[1])) {
            return error(p, 2);
        }

        if (n < 3) {
            return 0;
        }

        if (is_high(p[2])) {
            *cp = mdr_charset_jis0212[(p[1] - 0xa1) * ROW + p[2] - 0xa1];
        }

        return *cp != 0 ? 3 : error(p, 3);
    }

    if (p[0] == 0x8e) {
        *cp = is_kana(p[1]) ? KANA + p[1] - 0xa1 : 0;

    } else if (is_high(p[1])) {
        to_shift_jis((uint8_t) (p[0] - 0xa1), (uint8_t) (p[1] - 0xa1), s);
        *cp = mdr_charset_cell(mdr_charset_jis, s[0], s[1]);
    }

    return *cp != 0 ? 2 : error(p, 2);
}


size_t
mdr_charset_east(int cs, const uint8_t *p, size_t n, uint32_t *cp)
{
    *cp = 0;

    if (cs == MDR_CS_SHIFT_JIS) {
        return shift_jis(p, n, cp);
    }

    if (cs == MDR_CS_EUC_JP) {
        return euc_jp(p, n, cp);
    }

    if (p[0] == 0x80 || p[0] == 0xff) {
        return 1;
    }

    if (n < 2) {
        return 0;
    }

    *cp = mdr_charset_cell(mdr_charset_korean, p[0], p[1]);

    return *cp != 0 ? 2 : error(p, 2);
}


/* bytes of cp in a rectangle; Shift_JIS does not write what NEC selected from
 * IBM's ("index Shift_JIS pointer") */

static size_t
find(const uint16_t *table, uint32_t cp, int nec, uint8_t *dst)
{
    size_t  i, lead;

    for (i = 0; i < MDR_CHARSET_CELLS; i++) {
        lead = 0x81 + i / MDR_CHARSET_COLUMNS;

        if (table[i] == cp && (nec || lead < 0xed || lead > 0xee)) {
            dst[0] = (uint8_t) lead;
            dst[1] = (uint8_t) (0x40 + i % MDR_CHARSET_COLUMNS);
            return 2;
        }
    }

    return 0;
}


size_t
mdr_charset_east_encode(int cs, uint32_t cp, uint8_t *dst)
{
    uint8_t  lead, trail, s[2];

    if (cp > 0xffff || cp == 0) {
        return 0;
    }

    if (cs == MDR_CS_EUC_KR) {
        return find(mdr_charset_korean, cp, 1, dst);
    }

    if (cp == 0xa5 || cp == 0x203e) {
        dst[0] = cp == 0xa5 ? 0x5c : 0x7e;
        return 1;
    }

    if (cp == 0x2212) {
        cp = 0xff0d;
    }

    if (cs == MDR_CS_SHIFT_JIS) {

        if (cp == 0x80 || (cp >= KANA && cp <= 0xff9f)) {
            dst[0] = (uint8_t) (cp == 0x80 ? 0x80 : cp - KANA + 0xa1);
            return 1;
        }

        return find(mdr_charset_jis, cp, 0, dst);
    }

    if (cp >= KANA && cp <= 0xff9f) {
        dst[0] = 0x8e;
        dst[1] = (uint8_t) (cp - KANA + 0xa1);
        return 2;
    }

    if (find(mdr_charset_jis, cp, 1, s) == 0) {
        return 0;
    }

    lead = (uint8_t) ((s[0] < 0xa0 ? s[0] - 0x81 : s[0] - 0xc1) * 2);
    trail = s[1];

    if (trail >= 0x9f) {
        lead++;
        trail = (uint8_t) (trail - 0x9f);
    } else {
        trail = (uint8_t) (trail - (trail < 0x7f ? 0x40 : 0x41));
    }

    if (lead >= ROW) {
        return 0;
    }

    dst[0] = (uint8_t) (0xa1 + lead);
    dst[1] = (uint8_t) (0xa1 + trail);

    return 2;
}
