/*
 * matcher.h - a lexicon that was checked, and what is made of it a process.
 */

#ifndef MDR_MATCHER_H
#define MDR_MATCHER_H

#include "lexicon.h"
#include "match.h"
#include "regex/regex.h"

/* how many of a kind a regex needs, or has a text, by steps: what needs no
 * higher step than a text has may be there */
#define MDR_STEPS  10

static inline uint32_t
mdr_step(uint32_t n)
{
    return n < 8 ? n : n < 11 ? 8 : 9;
}


typedef struct {
    mdr_regex_t  *re;
    uint16_t      rule, group;          /* group with MDR_USER_EXCEPT        */
    uint8_t       need;                 /* a literal must have been seen     */
    uint8_t       ascii;                /* for any of the rest               */
    uint32_t      count[MDR_ASCII_KINDS], run[MDR_ASCII_KINDS];
    uint32_t      same;
    uint64_t      must[2], any[2];      /* see regex.h                       */
} mdr_pattern_re_t;

struct mdr_matcher_s {
    const mdr_alloc_t        *alloc;
    const mdr_model_t        *model;
    mdr_lex_header_t          h;
    const uint16_t           *bmp, *stage1, *stage2;
    const mdr_lex_odd_t      *odd;
    const uint32_t           *bloom, *word_bloom, *hash;
    const mdr_lex_pattern_t  *patterns;
    const uint32_t           *sorted, *heads;
    const uint16_t           *classes;
    const mdr_lex_user_t     *users;
    const char               *text;
    uint32_t                  pair_shift, word_shift, hash_shift;
    uint32_t                  gap;      /* atoms between two classes of a
                                           pattern, at most                  */
    uint32_t                  gap_flags;        /* the same of texts with
                                           flags: one mark, two atoms        */
    const mdr_trie_t         *tries;
    const uint32_t           *trie_users;
    const mdr_trie_node_t    *trie_nodes;
    const mdr_trie_list_t    *trie_lists;
    const mdr_user_range_t   *trie_ranges;
    uint32_t                 *sets, nsets;      /* of folds, each once       */
    uint8_t                   wide;     /* the machine has AVX2, or NEON     */

    /* which rules read a field: a bit a rule; the fields of all slots have
     * numbers, those of a slot beside one another */
    uint32_t                  rule_words;       /* of 64 bits                */
    uint32_t                 *field_number;     /* [slot] its first one      */
    uint64_t                 *reads;            /* [fields * rule_words]     */

    uint32_t                  nregexes;
    mdr_pattern_re_t         *regexes;          /* by rule                   */
    size_t                    regexes_cap;
    uint32_t                 *always;           /* regexes without a literal */
    uint32_t                 *field_always;     /* [fields + 1] in that      */
    uint64_t                 *fits;     /* which of a field's always a text
                                           may have, a bit each: [kind]
                                           [count, run][step]                */
    size_t                   *field_fits;       /* [fields] in that          */
    const uint8_t            *kinds;            /* or NULL                   */
};

/* the tries of a pattern, or NULL: it has none */

static inline const mdr_trie_list_t *
mdr_matcher_tries(const mdr_matcher_t *m, uint32_t pattern)
{
    uint32_t  n;

    n = mdr_lex_tries(&m->patterns[pattern]);

    return n != 0 ? &m->trie_lists[n - 1] : NULL;
}


/* hits that decide.c would drop, whatever else is found: shorter than another
 * of their group from the same place, and no exception to cover that */

static inline int
mdr_match_longest_only(const mdr_model_t *model, const mdr_lex_user_t *u)
{
    return !(u->group & (MDR_USER_EXCEPT | MDR_USER_REGEX))
           && !(u->flags & MDR_TERM_WEIGHED)
           && model->rules[u->rule].nexcepts == 0;
}


/* what a term of a weighted group weighs, and where it has to stand */

static inline mdr_lex_weight_t
mdr_matcher_weight(const mdr_matcher_t *m, uint32_t term)
{
    mdr_lex_weight_t  w;

    memcpy(&w, m->text + term - sizeof(w), sizeof(w));

    return w;
}


/* MDR_HIT_* of a hit of u */

static inline uint8_t
mdr_matcher_state(const mdr_lex_user_t *u)
{
    return (uint8_t) (u->flags / (MDR_TERM_PLACED / MDR_HIT_PLACED)
                      & MDR_HIT_PLACED);
}


/* match_needs.c: m->regexes, compiled; and, when it is known what rules read
 * (m->reads), what regexes ask of texts.  MDR_OK or MDR_ERROR */
int mdr_matcher_regexes(mdr_matcher_t *m, mdr_diags_t *diags);
int mdr_matcher_always(mdr_matcher_t *m);

/* the rules that read a field, a bit each */

static inline const uint64_t *
mdr_matcher_reads(const mdr_matcher_t *m, uint32_t slot, uint32_t field)
{
    return m->reads + (size_t) (m->field_number[slot] + field) * m->rule_words;
}

#endif
