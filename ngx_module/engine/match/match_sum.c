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


#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAVE_WIDE  1
#endif


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


/* what has been read of a text so far */

typedef struct {
    const uint8_t  *end;                /* of the last character             */
    uint32_t        last;               /* of what the row before it is      */
    uint32_t        run, any;           /* how long it is, and of any ASCII  */
} reader_t;


/* one character more that is something; how long it is */

static inline size_t
add_one(const mdr_matcher_t *m, reader_t *r, mdr_sum_t *s, const uint8_t *p)
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


#if (HAVE_WIDE)

/* Characters that may be something, a bit a byte of p[0, 32): all but those of
 * three bytes of which the tables know that they are nothing. */

__attribute__((target("avx2"))) static inline uint32_t
some_of(const mdr_matcher_t *m, const uint8_t *p)
{
    __m256i  a, b, low, lead, second, third, skip;

    a = _mm256_loadu_si256((const __m256i *) (const void *) p);
    b = _mm256_loadu_si256((const __m256i *) (const void *) (p + 1));
    low = _mm256_set1_epi8(15);

    lead = _mm256_broadcastsi128_si256(_mm_loadu_si128(
               (const __m128i *) (const void *) m->some[0]));
    second = _mm256_broadcastsi128_si256(_mm_loadu_si128(
                 (const __m128i *) (const void *) m->some[1]));
    third = _mm256_broadcastsi128_si256(_mm_loadu_si128(
                (const __m128i *) (const void *) m->some[2]));

    lead = _mm256_shuffle_epi8(lead, _mm256_and_si256(a, low));
    second = _mm256_shuffle_epi8(second, _mm256_and_si256(
                 _mm256_srli_epi16(b, 4), low));
    third = _mm256_shuffle_epi8(third, _mm256_and_si256(b, low));

    /* E0 to EF and in no bucket, or no beginning at all */

    skip = _mm256_and_si256(
               _mm256_cmpeq_epi8(_mm256_and_si256(a, _mm256_set1_epi8(
                                                         (char) 0xf0)),
                                 _mm256_set1_epi8((char) 0xe0)),
               _mm256_cmpeq_epi8(_mm256_and_si256(_mm256_and_si256(lead,
                                                                   second),
                                                  third),
                                 _mm256_setzero_si256()));
    skip = _mm256_or_si256(skip, _mm256_cmpgt_epi8(_mm256_set1_epi8(-64), a));

    return ~(uint32_t) _mm256_movemask_epi8(skip);
}


__attribute__((target("avx2"))) static void
wide_sum(const mdr_matcher_t *m, const uint8_t *p, size_t n, reader_t *r,
    mdr_sum_t *s)
{
    size_t    i;
    uint32_t  some;

    for (i = 0; i < n; i += 32) {
        some = some_of(m, p + i);

        if (n - i < 32) {
            some &= ((uint32_t) 1 << (n - i)) - 1;
        }

        for ( ; some != 0; some &= some - 1) {
            (void) add_one(m, r, s, p + i + __builtin_ctz(some));
        }
    }
}

#endif


/* what may be a digit of a number beside two digits (match_view.c) */

static void
letters_for_digits(const uint8_t *p, size_t n, mdr_sum_t *s)
{
    size_t    i;
    uint32_t  more;

    if (s->count[MDR_ASCII_DIGIT] < 2) {
        return;
    }

    for (i = 0, more = 0; i < n; i++) {
        more += p[i] == 'o' || p[i] == 'O' || p[i] == 'l' || p[i] == 'L'
                || p[i] == 'i' || p[i] == 'I' || p[i] == '|';
    }

    if (more != 0) {
        s->count[MDR_ASCII_DIGIT] += more;
        s->run[MDR_ASCII_DIGIT] = s->count[MDR_ASCII_DIGIT];
        s->has[0] |= (uint64_t) 3 << '0';
    }
}


void
mdr_match_sum(const mdr_matcher_t *m, const uint8_t *p, size_t n,
    mdr_sum_t *s)
{
    size_t    i;
    reader_t  r;

    memset(s, 0, sizeof(mdr_sum_t));
    r.end = p;
    r.last = MDR_ASCII_KINDS;
    r.run = 0;
    r.any = 0;

#if (HAVE_WIDE)
    if (m->wide) {
        wide_sum(m, p, n, &r, s);
        letters_for_digits(p, n, s);
        return;
    }
#endif

    for (i = 0; i < n; /* void */ ) {
        i += add_one(m, &r, s, p + i);
    }

    letters_for_digits(p, n, s);
}


/*
 * Blocks of 64 characters, by their first two bytes, that hold one that is
 * something: a bucket for each first byte from E4 to E9, where Han characters
 * are, one for all others.  A block may be of use where a bucket has its
 * first byte, and the halves of its second.
 */

void
mdr_match_sum_tables(mdr_matcher_t *m)
{
    uint32_t  lead, second, i;
    uint8_t   bucket;

    memset(m->some, 0, sizeof(m->some));

    for (lead = 0; lead < 16; lead++) {
        bucket = lead >= 4 && lead <= 9 ? (uint8_t) (1u << (lead - 4)) : 0x80;
        m->some[0][lead] |= bucket;

        for (second = 0x80; second < 0xc0; second++) {
            for (i = 0; i < 64; i++) {
                if (m->kinds == NULL
                    || m->kinds[lead << 12 | (second & 63) << 6 | i] != 0)
                {
                    m->some[1][second >> 4] |= bucket;
                    m->some[2][second & 15] |= bucket;
                    break;
                }
            }
        }
    }
}
