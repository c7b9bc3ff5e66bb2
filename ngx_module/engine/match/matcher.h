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
    uint8_t       asks;                 /* for any of the rest               */
    uint32_t      count[MDR_ASCII_KINDS], run[MDR_ASCII_KINDS];
    uint32_t      same;
    uint64_t      must[2], any[2];      /* see regex.h                       */
} mdr_pattern_re_t;

/* of a pattern in a group of many, beside its link (match_groups.c) */

#define MDR_CHAIN_FAR  16

typedef struct {
    uint32_t  keys;                     /* rules' groups that it and the ones
                                           it begins with are of             */
    uint32_t  far;                      /* so many further on, + 1; or 0     */
    uint16_t  left, right;              /* classes in common with what is on
                                           both sides of it, in the halving  */
    uint8_t   all;                      /* some want all hits, not only the
                                           longest                           */
    uint8_t   head;                     /* all want a word edge before       */
} mdr_chain_t;

/* terms of one pattern and one profile, which a rule has, as a trie of their
 * elements: a text is compared with all at once (match_crowd.c).  A code is an
 * element, shifted, and whether what it was written as has word edges. */

typedef struct {
    uint32_t  code;
    uint32_t  child, nchildren;         /* in crowd_nodes, by their codes    */
    uint32_t  term, nterms;             /* that end here, in crowd_terms     */
    uint8_t   han;                      /* may stand as its reading          */
} mdr_crowd_node_t;

typedef struct {
    uint32_t  user;                     /* the first that asks for it        */
    uint32_t  head, n;                  /* its first code, its elements      */
} mdr_crowd_term_t;

typedef struct {
    uint32_t  pattern, rule;
    uint32_t  root;                     /* in crowd_nodes                    */
    uint32_t  first, end;               /* crowd_terms                       */
    uint32_t  run;                      /* the most that one begins with of
                                           the same element                  */
    uint32_t  longest;                  /* elements of a term                */
    uint8_t   one;                      /* all are of one rule's group       */
    uint8_t   head;                     /* all want a word edge before       */
} mdr_crowd_t;

typedef struct {
    uint32_t  first, end;
} mdr_user_range_t;

/* of a pattern: its crowds, and the users that are of none */

typedef struct {
    uint32_t  pattern;
    uint32_t  first, end;               /* crowds                            */
    uint32_t  rest, rest_end;           /* crowd_ranges                      */
} mdr_crowds_t;

struct mdr_matcher_s {
    const mdr_alloc_t        *alloc;
    const mdr_model_t        *model;
    mdr_lex_header_t          h;
    const uint16_t           *bmp, *stage1, *stage2;
    const mdr_lex_odd_t      *odd;
    const uint32_t           *bloom, *word_bloom, *hash;
    const mdr_lex_pattern_t  *patterns;
    const mdr_lex_group_t    *groups;
    const mdr_lex_link_t     *links;
    const uint16_t           *classes;
    const mdr_lex_user_t     *users;
    const char               *text;
    uint32_t                  pair_shift, word_shift, hash_shift;
    uint32_t                  gap;      /* atoms between two classes of a
                                           pattern, at most                  */
    uint32_t                  gap_flags;        /* the same of texts with
                                           flags: one mark, two atoms        */
    mdr_chain_t              *chains;   /* by link                           */
    uint8_t                  *group_heads;  /* all want a word edge before   */
    uint32_t                 *key_first, nkeys; /* see mdr_matcher_key       */
    uint32_t                 *alike;    /* [users] see below                 */
    uint32_t                 *profiles; /* [rules] the first with the same   */
    uint64_t                 *heads;    /* classes, a bit each: does an anchor
                                           begin with it?                    */
    mdr_crowd_t              *crowds;   /* see match_crowds.c                */
    mdr_crowd_term_t         *crowd_terms;
    mdr_crowd_node_t         *crowd_nodes;
    mdr_crowds_t             *crowd_lists;      /* by pattern                */
    mdr_user_range_t         *crowd_ranges;
    uint32_t                  ncrowds, ncrowd_lists;
    uint32_t                 *sets, nsets;      /* of folds, each once       */
    uint8_t                   wide;     /* the machine has AVX2, or NEON     */

    /* which rules read which field of which slot: bits, rules a row */
    uint32_t                  words;
    uint32_t                 *field_row;        /* [slot] first row          */
    uint64_t                 *reads;            /* [row * words]             */

    uint32_t                  nregexes;
    mdr_pattern_re_t         *regexes;          /* by rule                   */
    uint32_t                 *row_always;       /* [rows + 1]                */
    uint32_t                 *always;           /* regexes without a literal */
    size_t                   *row_fits;         /* [rows] in fits            */
    uint64_t                 *fits;             /* which of a row's always a
                                                   text may have, a bit each:
                                                   [kind][count, run][step];
                                                   and which must have: [128]
                                                   characters                */
    uint64_t                 *row_must;         /* [rows * 2] characters that
                                                   one of them must have     */
    const uint8_t            *kinds;            /* or NULL                   */
    uint8_t                   some[3][16];      /* see match_sum.c           */
};

/* match_groups.c: chains, keys and sets, of a lexicon that was checked */
int mdr_match_groups_make(mdr_matcher_t *m);
void mdr_match_groups_free(mdr_matcher_t *m);

/* match_crowds.c: when the groups are made; MDR_OK or MDR_ERROR */
int mdr_match_crowds_make(mdr_matcher_t *m);
void mdr_match_crowds_free(mdr_matcher_t *m);
/* the crowds of a pattern, or NULL: it has none */
const mdr_crowds_t *mdr_match_crowds(const mdr_matcher_t *m,
    uint32_t pattern);


/* of a user in a list: behind it and the ones that ask the same of a text, but
 * for whom; a number of a user */

static inline size_t
mdr_match_groups_alike(const mdr_matcher_t *m, const mdr_lex_user_t *u)
{
    return m->alike[u - m->users];
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


/* a number for rule and group of a user that is of one */

static inline uint32_t
mdr_matcher_key(const mdr_matcher_t *m, const mdr_lex_user_t *u)
{
    return m->key_first[u->rule] + u->group;
}


/* match_asks.c: m->regexes, compiled; and, when it is known what rules read
 * (m->reads), what rows ask for.  MDR_OK or MDR_ERROR */
int mdr_matcher_regexes(mdr_matcher_t *m, mdr_diags_t *diags);
int mdr_matcher_always(mdr_matcher_t *m);

/* match_sum.c: m->some, when m->kinds are known */
void mdr_match_sum_tables(mdr_matcher_t *m);


static inline int
mdr_matcher_reads(const mdr_matcher_t *m, uint32_t slot, uint32_t field,
    uint32_t rule)
{
    return (int) (m->reads[(size_t) (m->field_row[slot] + field) * m->words
                           + rule / 64] >> (rule % 64) & 1);
}

#endif
