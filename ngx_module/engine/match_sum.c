/*
 * match_sum.c - what a text has of ASCII, for regexes without a literal.
 *
 * Such a regex is asked for so many digits, letters, signs, so many of them in
 * a row, and certain ones.  What a text has of that is worked out once, on the
 * text as it is and not on its folded view, at most too high: a table says of
 * each character what it may be there.
 */

#include "match_work.h"

#include <string.h>


#define MANY  64

#define ASCII_DIGITS   0x03ff000000000000ull    /* of the lower half         */
#define ASCII_LETTERS  0x07fffffe00000000ull    /* of the upper: small ones  */


/* beyond U+FFFF emoji are marks, the rest may be anything */

static inline uint32_t
kind_of(const mdr_matcher_t *m, const uint8_t *p, size_t *len)
{
    uint32_t  cp;

    if (p[0] < 0x80) {
        *len = 1;
        return m->kinds[p[0]];
    }

    if (p[0] < 0xe0) {
        *len = 2;
        return m->kinds[(uint32_t) (p[0] & 31) << 6 | (p[1] & 63)];
    }

    if (p[0] < 0xf0) {
        *len = 3;
        return m->kinds[(uint32_t) (p[0] & 15) << 12
                        | (uint32_t) (p[1] & 63) << 6 | (p[2] & 63)];
    }

    *len = 4;
    cp = (uint32_t) (p[0] & 7) << 18 | (uint32_t) (p[1] & 63) << 12
         | (uint32_t) (p[2] & 63) << 6 | (p[3] & 63);

    return cp >= 0x1f200 && cp <= 0x1faff ? MDR_KIND_MARK
           : cp >= 0xe0000 ? MDR_KIND_DROPPED : MDR_KIND_ALL;
}


static inline uint32_t
ascii_kind(uint32_t c)
{
    return c >= '0' && c <= '9' ? MDR_ASCII_DIGIT
           : c >= 'a' && c <= 'z' ? MDR_ASCII_LETTER : MDR_ASCII_SIGN;
}


static void
add_many(mdr_sum_t *s, uint32_t kind)
{
    uint32_t  i;

    for (i = 0; i < MDR_ASCII_KINDS; i++) {
        if (i == MDR_ASCII_ANY || (kind & (MDR_KIND_DIGIT << i
                                           & ~MDR_KIND_MANY)))
        {
            s->count[i] += MANY;
            s->run[i] = MANY;
        }
    }

    if (kind & MDR_KIND_DIGIT & ~MDR_KIND_MANY) {
        s->has[0] |= ASCII_DIGITS;
    }

    if (kind & MDR_KIND_LETTER & ~MDR_KIND_MANY) {
        s->has[1] |= ASCII_LETTERS;
    }

    if (kind & MDR_KIND_SIGN & ~MDR_KIND_MANY) {
        s->has[0] |= ~ASCII_DIGITS;
        s->has[1] |= ~ASCII_LETTERS;
    }
}


void
mdr_match_sum(const mdr_matcher_t *m, const uint8_t *p, size_t n,
    mdr_sum_t *s)
{
    size_t    len;
    uint32_t  c, kind, last, run, any;

    memset(s, 0, sizeof(mdr_sum_t));
    last = MDR_ASCII_KINDS;             /* of what the row before is         */
    run = 0;
    any = 0;

    for ( ; n != 0; n -= len, p += len) {
        c = kind_of(m, p, &len);

        if (c == 0) {
            last = MDR_ASCII_KINDS;
            any = 0;
            continue;
        }

        if (c == MDR_KIND_DROPPED) {
            continue;
        }

        if (c >= MDR_KIND_MANY) {
            add_many(s, c);
            continue;
        }

        kind = ascii_kind(c);
        run = kind == last ? run + 1 : 1;
        last = kind;
        s->has[c / 64] |= (uint64_t) 1 << (c % 64);
        s->count[kind]++;
        s->run[kind] = run > s->run[kind] ? run : s->run[kind];

        if (c == MDR_KIND_MARK) {
            any = 0;
            continue;
        }

        any++;
        s->count[MDR_ASCII_ANY]++;
        s->run[MDR_ASCII_ANY] = any > s->run[MDR_ASCII_ANY]
                                ? any : s->run[MDR_ASCII_ANY];
    }
}
