/*
 * match_ascii.c - what a text has of ASCII, for regexes without a literal.
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
add_many(mdr_ascii_t *s, uint32_t kind)
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


/* what has been read of a text so far */

typedef struct {
    const uint8_t  *end;                /* of the last character             */
    uint32_t        last;               /* of what the row before it is      */
    uint32_t        run, any;           /* how long it is, and of any ASCII  */
} reader_t;


/* one character more that is something; how long it is */

static inline size_t
add_one(const mdr_matcher_t *m, reader_t *r, mdr_ascii_t *s, const uint8_t *p)
{
    size_t    len;
    uint32_t  c, kind;

    c = kind_of(m, p, &len);

    if (p != r->end) {                  /* others that are nothing between   */
        r->last = MDR_ASCII_KINDS;
        r->any = 0;
    }

    r->end = p + len;

    if (c == 0) {
        r->last = MDR_ASCII_KINDS;
        r->any = 0;
        return len;
    }

    if (c == MDR_KIND_DROPPED) {
        return len;
    }

    if (c >= MDR_KIND_MANY) {
        add_many(s, c);
        return len;
    }

    kind = ascii_kind(c);
    r->run = kind == r->last ? r->run + 1 : 1;
    r->last = kind;
    s->has[c / 64] |= (uint64_t) 1 << (c % 64);

    if (c == MDR_KIND_STOP) {
        s->has[0] |= (uint64_t) 1 << '.' | (uint64_t) 1 << MDR_KIND_MARK;
    }

    s->count[kind]++;
    s->run[kind] = r->run > s->run[kind] ? r->run : s->run[kind];

    if (c == MDR_KIND_MARK) {
        r->any = 0;
        return len;
    }

    r->any++;
    s->count[MDR_ASCII_ANY]++;
    s->run[MDR_ASCII_ANY] = r->any > s->run[MDR_ASCII_ANY]
                            ? r->any : s->run[MDR_ASCII_ANY];

    return len;
}


/* letters in numbers are digits (match_view.c): in a row of five or more, of
 * which two are digits */

#define NUMBER  5

static void
letters_for_digits(const mdr_matcher_t *m, const uint8_t *p, size_t n,
    mdr_ascii_t *s)
{
    size_t    i, len;
    uint32_t  c, row, digits;

    /* o, i, l and the stroke */

    if (s->count[MDR_ASCII_DIGIT] < 2
        || (s->has[1] & 0x1000920000000000ull) == 0)
    {
        return;
    }

    for (i = 0, row = 0, digits = 0; i < n; i += len) {
        c = kind_of(m, p + i, &len);

        if (c == MDR_KIND_DROPPED) {
            continue;
        }

        if ((c >= '0' && c <= '9') || c == 'o' || c == 'l' || c == 'i'
            || c == '|' || (c & MDR_KIND_MANY))
        {
            row += c & MDR_KIND_MANY ? MANY : 1;
            digits += c & MDR_KIND_MANY ? MANY : c <= '9';

            if (row >= NUMBER && digits > 1) {
                s->number = 1;
                s->has[0] |= (uint64_t) 3 << '0';
                s->count[MDR_ASCII_DIGIT] += row;
                s->run[MDR_ASCII_DIGIT] = row > s->run[MDR_ASCII_DIGIT]
                                          ? row : s->run[MDR_ASCII_DIGIT];
            }

            continue;
        }

        row = 0;
        digits = 0;
    }
}


void
mdr_match_ascii(const mdr_matcher_t *m, const uint8_t *p, size_t n,
    mdr_ascii_t *s)
{
    size_t    i;
    reader_t  r;

    memset(s, 0, sizeof(mdr_ascii_t));
    r.end = p;
    r.last = MDR_ASCII_KINDS;
    r.run = 0;
    r.any = 0;

    for (i = 0; i < n; /* void */ ) {

        /* Han, mostly, which is nothing */

        while (i < n && (p[i] & 0xf0) == 0xe0
               && m->kinds[(uint32_t) (p[i] & 15) << 12
                           | (uint32_t) (p[i + 1] & 63) << 6
                           | (p[i + 2] & 63)]
                  == 0)
        {
            i += 3;
        }

        if (i < n) {
            i += add_one(m, &r, s, p + i);
        }
    }

    letters_for_digits(m, p, n, s);
}
