/*
 * match_hash.h - an anchor in the hash of a lexicon (see lexicon.h).
 */

#ifndef MDR_MATCH_HASH_H
#define MDR_MATCH_HASH_H

#include "matcher.h"

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


/* class `depth` of a pattern, which has more */

static inline uint32_t
mdr_match_class_at(const mdr_matcher_t *m, const mdr_lex_pattern_t *p,
    uint32_t depth)
{
    return depth < MDR_PAT_HEAD ? p->head[depth] : m->classes[p->at + depth];
}


/* match_readings.c: patterns [lo, hi), of m->patterns or of their numbers in
 * `sorted`, are in order and agree in `depth` classes: the first whose next
 * class is cl or more */
uint32_t mdr_match_lower(const mdr_matcher_t *m, const uint32_t *sorted,
    uint32_t lo, uint32_t hi, uint32_t depth, uint32_t cl);

/* match_readings.c: behind the patterns from k on that have the anchor of k, at
 * the same place */
uint32_t mdr_match_anchor_end(const mdr_matcher_t *m, uint32_t k);


/* the first entry from `at` on that is empty or has this print */

static inline uint32_t
mdr_match_first_entry(const mdr_matcher_t *m, uint32_t at, uint32_t print,
    uint32_t *entry)
{
    uint32_t  e, bits, mask;

    bits = m->h.index_bits;
    mask = ((uint32_t) 1 << m->h.hash_bits) - 1;

    while ((e = m->hash[at]) != 0 && e >> bits != print) {
        at = (at + 1) & mask;
    }

    *entry = e;

    return at;
}

#endif
