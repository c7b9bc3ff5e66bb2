/*
 * match_hash.h - an anchor in the hash of a lexicon (see lexicon.h).
 */

#ifndef MDR_MATCH_HASH_H
#define MDR_MATCH_HASH_H

#include "matcher.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif


/* the part of a key that an entry of the hash has */

static inline uint32_t
mdr_match_print(const mdr_matcher_t *m, uint64_t key)
{
    return (uint32_t) (key >> 8)
           & (uint32_t) (((uint64_t) 1 << (32 - m->h.index_bits)) - 1);
}


/* is that the anchor of the pattern? */

static inline int
mdr_match_is_anchor(const mdr_matcher_t *m, uint32_t pattern, uint32_t a,
    uint32_t b, uint32_t c)
{
    uint32_t                  at;
    const uint16_t           *d;
    const mdr_lex_pattern_t  *t;

    t = &m->patterns[pattern];
    at = t->anchor & MDR_PAT_AT;
    d = at + 3 <= MDR_PAT_HEAD ? t->head + at : m->classes + t->at + at;

    return d[0] == a && (t->len > 1 ? d[1] : 0) == b
           && (t->len > 2 ? d[2] : 0) == c;
}


/* the first entry from `at` on that is empty or has this print */

static inline uint32_t
mdr_match_first_entry(const mdr_matcher_t *m, uint32_t at, uint32_t print,
    uint32_t *entry)
{
    uint32_t  e, bits, mask;

    bits = m->h.index_bits;
    mask = ((uint32_t) 1 << m->h.hash_bits) - 1;

#if defined(__SSE2__)

    if (at + 4 <= mask) {
        int      found;
        __m128i  four;

        /* where it is among the next ones no branch could foresee */

        four = _mm_loadu_si128((const __m128i *) (const void *)
                               (m->hash + at));
        found = _mm_movemask_ps(_mm_castsi128_ps(_mm_or_si128(
                    _mm_cmpeq_epi32(four, _mm_setzero_si128()),
                    _mm_cmpeq_epi32(_mm_srl_epi32(four,
                                        _mm_cvtsi32_si128((int) bits)),
                                    _mm_set1_epi32((int) print)))));

        if (found != 0) {
            at += (uint32_t) __builtin_ctz((unsigned) found);
            *entry = m->hash[at];
            return at;
        }

        at += 4;
    }

#endif

    while ((e = m->hash[at]) != 0 && e >> bits != print) {
        at = (at + 1) & mask;
    }

    *entry = e;

    return at;
}

#endif
