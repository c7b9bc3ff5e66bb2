/*
 * text_ready.h - is a text of a page what is to be matched, as it stands?  32
 * bytes at a time, for those who ask inside a loop of theirs.
 *
 * Nothing has to be decoded, trimmed, collapsed or composed in it; it is
 * neither copied nor changed.  A character goes on from one block to the next,
 * as the bytes before each are read once more.  What stands around the text is
 * ASCII, so a character that is cut is seen by what follows it.
 */

#ifndef MDR_TEXT_READY_H
#define MDR_TEXT_READY_H

#include "text_pairs.h"

#include <stddef.h>
#include <stdint.h>

#if (MDR_TEXT_PAIRS)
#include <immintrin.h>
#endif


/* the name of a row of flight is no text yet (json/row_text.c) */

static inline int
mdr_ready_ends(const uint8_t *p, size_t n)
{
    return p[0] != ' ' && p[n - 1] != ' ' && p[0] != '$';
}


#if (MDR_TEXT_PAIRS)

#define MDR_READY_WIDE  __attribute__((target("avx2,bmi,bmi2")))
#define MDR_READY_BOTH(row)  _mm256_broadcastsi128_si256(_mm_setr_epi8 row)

/* E1, E3 and EF by their low halves */

#define MDR_READY_FIRSTS                                                               \
    (1, (char) 0xe1, 0, (char) 0xe3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,        \
     (char) 0xef)


MDR_READY_WIDE static inline __m256i
mdr_ready_load(const uint8_t *p)
{
    return _mm256_loadu_si256((const __m256i *) (const void *) p);
}


MDR_READY_WIDE static inline __m256i
mdr_ready_is(__m256i v, int c)
{
    return _mm256_cmpeq_epi8(v, _mm256_set1_epi8((char) c));
}


/* at most c */

MDR_READY_WIDE static inline __m256i
mdr_ready_upto(__m256i v, int c)
{
    return _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8((char) c)), v);
}


MDR_READY_WIDE static inline uint32_t
mdr_ready_bits(__m256i v)
{
    return (uint32_t) _mm256_movemask_epi8(v);
}


/* second bytes of what may be a part of a character, as text_compose.c has
 * them; third ones where the second says too little: v, a before them, b before
 * those */

MDR_READY_WIDE static __attribute__((noinline)) uint32_t
mdr_ready_parts(const uint8_t *p)
{
    __m256i  v, a, e1, e3, ef, m;

    v = mdr_ready_load(p);
    a = mdr_ready_load(p - 1);
    e1 = _mm256_and_si256(mdr_ready_is(a, 0xe1),
                          mdr_ready_is(_mm256_and_si256(v, _mm256_set1_epi8((char) 0xfc)),
                             0x84));
    e3 = _mm256_and_si256(mdr_ready_is(a, 0xe3),
                          mdr_ready_is(_mm256_and_si256(v, _mm256_set1_epi8((char) 0xfe)),
                             0x84));
    ef = _mm256_and_si256(mdr_ready_is(a, 0xef), mdr_ready_is(v, 0xbe));
    m = _mm256_and_si256(_mm256_and_si256(mdr_ready_is(mdr_ready_load(p - 2), 0xe3), mdr_ready_is(a, 0x82)),
                         mdr_ready_upto(_mm256_sub_epi8(v, _mm256_set1_epi8((char) 0x99)),
                              3));

    return mdr_ready_bits(_mm256_or_si256(_mm256_or_si256(e1, e3),
                                _mm256_or_si256(ef, m)));
}


/*
 * Mistakes in the 32 bytes at p, a bit a byte: third and fourth bytes of a
 * character are due where the high bit is set, pairs are looked up.  *first:
 * where the byte before may be the first of a part (E1, E3, EF).
 */

MDR_READY_WIDE static inline uint32_t
mdr_ready_mistakes(const uint8_t *p, __m256i v, __m256i a, uint32_t *first)
{
    __m256i  half, low, due, pairs;

    half = _mm256_set1_epi8(15);
    low = _mm256_and_si256(a, half);

    due = _mm256_or_si256(_mm256_subs_epu8(mdr_ready_load(p - 2), _mm256_set1_epi8(0x60)),
                          _mm256_subs_epu8(mdr_ready_load(p - 3),
                                           _mm256_set1_epi8(0x70)));
    due = _mm256_and_si256(due, _mm256_set1_epi8((char) 0x80));

    pairs = _mm256_and_si256(
                _mm256_shuffle_epi8(MDR_READY_BOTH(MDR_PAIR_FIRST_HIGH),
                    _mm256_and_si256(_mm256_srli_epi16(a, 4), half)),
                _mm256_shuffle_epi8(MDR_READY_BOTH(MDR_PAIR_FIRST_LOW), low));
    pairs = _mm256_and_si256(pairs,
                _mm256_shuffle_epi8(MDR_READY_BOTH(MDR_PAIR_SECOND_HIGH),
                    _mm256_and_si256(_mm256_srli_epi16(v, 4), half)));

    *first = mdr_ready_bits(_mm256_cmpeq_epi8(a, _mm256_shuffle_epi8(MDR_READY_BOTH(MDR_READY_FIRSTS), low)));

    return ~mdr_ready_bits(_mm256_cmpeq_epi8(due, pairs));
}


/* is it all one space between two words?  space: its bits */

static inline int
mdr_ready_is_single(uint32_t space, uint32_t before)
{
    return (space & (space << 1 | before)) == 0;
}


MDR_READY_WIDE static inline int
mdr_ready_wide(const uint8_t *p, size_t n)
{
    size_t    i;
    __m256i   v, a;
    uint32_t  in, over, space, before, first, open;

    if (!mdr_ready_ends(p, n)) {
        return 0;
    }

    before = 1;
    open = 0;

    for (i = 0; i <= n; i += 32) {

        /* the bytes of the text, and the one behind it */

        over = n - i < 31 ? ((uint32_t) 2 << (n - i)) - 1 : UINT32_MAX;
        in = n - i < 32 ? over >> 1 : UINT32_MAX;

        v = mdr_ready_load(p + i);
        a = mdr_ready_load(p + i - 1);

        if ((mdr_ready_bits(_mm256_or_si256(mdr_ready_upto(v, ' '), mdr_ready_is(v, '&'))) & in) != 0) {
            space = mdr_ready_bits(mdr_ready_is(v, ' '));

            if ((mdr_ready_bits(_mm256_or_si256(mdr_ready_upto(v, 0x1f), mdr_ready_is(v, '&'))) & in) != 0
                || !mdr_ready_is_single(space & in, before))
            {
                return 0;
            }

            before = space >> 31;

        } else {
            before = 0;
        }

        if ((mdr_ready_bits(_mm256_or_si256(v, a)) & over) == 0) {
            continue;
        }

        /* a third byte may stand in the next block */

        if ((mdr_ready_mistakes(p + i, v, a, &first) & over) != 0
            || (((first & over) | open) != 0 && (mdr_ready_parts(p + i) & over) != 0))
        {
            return 0;
        }

        open = first >> 31;
    }

    return 1;
}

#endif

#endif
