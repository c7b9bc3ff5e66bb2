/*
 * match_nfa_in.h - a simulation under way: what match_nfa.c, which goes from
 * atom to atom, match_nfa_step.c, which says what a state leads to there, and
 * match_nfa_hits.c, which says from where to where hits are, share.
 */

#ifndef MDR_MATCH_NFA_IN_H
#define MDR_MATCH_NFA_IN_H

#include "match_nfa.h"
#include "match_atoms.h"
#include "match_table.h"


#define NONE   UINT32_MAX               /* no set; a set of one start        */

/* starts a, and starts b; or b is NONE, and it is the atom a.  They have the
 * terms of node `had`, or NONE; of further nodes the table `reported`
 * knows */

typedef struct {
    uint32_t  a, b, had;
} mdr_nfa_starts_t;

typedef struct {
    uint64_t  key;                      /* all of it but the starts          */
    uint32_t  node;                     /* its elements are there; or, where
                                           `read` is not 0, all but its last */
    uint8_t   gap;                      /* marks since the last element      */
    uint8_t   other;                    /* its run went on: the next one is
                                           another                           */
    uint8_t   read, sub;                /* which reading of the last one,
                                           + 1; letters of it that are there */
    uint32_t  starts;                   /* a set                             */
} mdr_nfa_state_t;

typedef struct {
    mdr_nfa_state_t  *s;
    size_t            n, cap;
} mdr_nfa_states_t;

typedef struct {
    uint32_t  start, end;               /* bytes                             */
} mdr_nfa_span_t;

struct mdr_nfa_s {
    const mdr_alloc_t  *alloc;
    mdr_nfa_states_t    now, then;
    mdr_table_t         index;          /* of states in `then`               */
    mdr_table_t         reported;       /* sets whose starts have a term     */
    mdr_nfa_starts_t   *sets;
    size_t              nsets, sets_cap;
    uint32_t           *stack;          /* of sets                           */
    size_t              stack_cap;
    uint32_t           *got;            /* starts                            */
    size_t              ngot, got_cap;
    mdr_nfa_span_t     *spans;          /* of the hits from there            */
    size_t              spans_cap;
    uint32_t           *last;           /* [to - from] the last atom + 1 of
                                           the longest hit of each; or 0     */
    size_t              last_cap;
    mdr_trie_node_t    *branch;        /* a term as a trie                  */
    size_t              branch_cap;
    mdr_trace_term_t    term;
    uint32_t            branch_text, branch_folds, branch_known;

    /* what the atom in hand may be; of each form: never, or of a term that was
     * written so only, since it is far-fetched there */
    size_t              nforms;
    mdr_fold_seq_t      forms[MDR_FOLD_ALTS];
    uint8_t             never[MDR_FOLD_ALTS], written[MDR_FOLD_ALTS];
};

typedef struct {
    mdr_verify_t            *v;
    mdr_nfa_t               *x;
    mdr_meter_t             *meter;
    const mdr_trie_t       *c;
    const mdr_trie_node_t  *nodes;
    const mdr_atoms_line_t  *l;
    const mdr_profile_t     *p;
    size_t                   from;
    size_t                   low, high;         /* of the part of the text:
                                           the first atom that is no mark,
                                           behind the last                   */
    uint32_t                 shift;
    int                      repeat, branch;
    int                      longest;   /* only the longest hit of a start   */
    int                      any;
} mdr_nfa_search_t;


/* a set of starts; NONE: no memory */

static inline uint32_t
mdr_nfa_set(mdr_nfa_t *x, uint32_t a, uint32_t b)
{
    if (mdr_table_reserve(x->alloc, &x->sets, &x->sets_cap, x->nsets + 1,
                          sizeof(mdr_nfa_starts_t))
        != MDR_OK)
    {
        return NONE;
    }

    x->sets[x->nsets].a = a;
    x->sets[x->nsets].b = b;
    x->sets[x->nsets].had = NONE;

    return (uint32_t) x->nsets++;
}


static inline int
mdr_nfa_is_word(const mdr_trace_t *t, size_t i)
{
    return t->atoms[i].word && t->atoms[i].mark == 0;
}


/* is there the edge that profile wants of an end at atom i, beside which is
 * atom `next` (or none: t->n)?  A code says what element of a term is there,
 * and if it was written as a letter or digit. */

static inline int
mdr_nfa_has_edge(const mdr_nfa_search_t *s, size_t i, size_t next,
    uint32_t code)
{
    const mdr_trace_t  *t;

    t = s->l->t;

    if (next >= t->n || !mdr_nfa_is_word(t, next)) {
        return 1;
    }

    return s->p->boundary == MDR_BOUNDARY_AUTO
           ? !(code & 1) && !(t->atoms[i].word && mdr_fold_is_word(code >> 1))
           : s->p->boundary != MDR_BOUNDARY_WORD;
}


/* what state p leads to at atom i, into s->x->then */
int mdr_nfa_step(mdr_nfa_search_t *s, mdr_nfa_state_t *p, size_t i);
/* the terms of node d end with atom i, if their edges are there */
int mdr_nfa_found(mdr_nfa_search_t *s, const mdr_trie_node_t *d,
    uint32_t starts, size_t i);
/* the longest hits of atoms [s->from, to) */
int mdr_nfa_put_longest(mdr_nfa_search_t *s, size_t to);

#endif
