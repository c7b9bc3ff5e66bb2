/*
 * match_verify.h - a candidate in hand: what match_verify.c, which settles
 * most of them, match_compare.c and match_nfa.c share.
 */

#ifndef MDR_MATCH_VERIFY_H
#define MDR_MATCH_VERIFY_H

#include "match_work.h"
#include "base/utf8.h"

typedef struct {
    const mdr_matcher_t  *m;
    mdr_match_work_t     *w;
    const mdr_row_t      *row;
    const mdr_subject_t  *subjects;
    mdr_raw_hits_t       *hits;
    const mdr_lex_user_t *u;
    const mdr_rule_t     *rule;
    const uint64_t       *reads;        /* the rules that read the subject   */
    uint32_t              subject;
    size_t                at, n;        /* the pattern in the row, or        */
    const mdr_range_t    *range;        /* where it may begin in a trace     */
    const mdr_trace_t    *range_of;

    /* see reach() of match_verify.c */
    size_t                reach_from, reach_to;
    int                   reach_rc;
    uint32_t              reach_folds;
    uint8_t               reach_max, reach_marks;

    /* of the last candidate: its atom, which is the first at last_at of the
     * part of a text that the trace is of, or behind it */
    const mdr_trace_t    *last_trace;
    size_t                last_atom;
    uint32_t              last_at, last_builds;
} mdr_verify_t;

enum {
    MDR_VERIFY_NO,
    MDR_VERIFY_YES,
    MDR_VERIFY_OPEN                     /* not to be seen so                 */
};

/* match_quick.c: puts the hits of the simple candidates from i on, for which
 * there is room; the first other one, or the first in another subject */
size_t mdr_match_quick(mdr_verify_t *v, size_t i);

/* match_verify.c: a hit of each of n trie users that is read */
int mdr_match_hit_users(mdr_verify_t *v, uint32_t user, uint32_t n,
    uint32_t start, uint32_t end);

/* match_compare.c: is the term v->u at v->at of the row, by its folds?  1, its
 * hits are put; 0; MDR_ERROR */
int mdr_match_compare(mdr_verify_t *v);
/* the same at atoms [from, to) of a trace that begins `shift` bytes in the
 * text */
int mdr_match_compare_at(mdr_verify_t *v, const mdr_trace_t *t, size_t from,
    size_t to, uint32_t shift);
/* match_compare.c: the trace that v->rule's folds have of the place v->at of
 * the row, and its atoms [*from, *to) there; *shift: bytes of the text before
 * it.  NULL: no memory */
const mdr_trace_t *mdr_match_compare_place(mdr_verify_t *v, size_t *from,
    size_t *to, uint32_t *shift);

/* match_verify.c: hits of a pattern that begins at one of the atoms r */
int mdr_match_verify_range(mdr_verify_t *v, const mdr_trace_t *t,
    const mdr_range_t *r);
/* match_compare.c: the same of one user; bare: of nothing but marks, which a
 * pattern has not: so they begin where they are looked for */
int mdr_match_compare_user(mdr_verify_t *v, const mdr_trace_t *t,
    const mdr_lex_user_t *u, uint32_t from, uint32_t to, int bare);

/* match_compare.c: which terms of a trie begin at atoms [from, to) of a trace
 * that begins `shift` bytes in the text?  1, hits are put; 0; MDR_ERROR */
int mdr_match_compare_trie(mdr_verify_t *v, const mdr_trie_t *c,
    const mdr_trace_t *t, size_t from, size_t to, uint32_t shift);


static inline int
mdr_verify_is_read(const mdr_verify_t *v, uint32_t rule)
{
    return (int) (v->reads[rule / 64] >> (rule % 64) & 1);
}


/* a hit of u, whose group may say more than its number */

static inline void
mdr_verify_set_hit(mdr_raw_hit_t *h, const mdr_lex_user_t *u, uint32_t subject,
    uint32_t start, uint32_t end)
{
    h->rule = u->rule;
    h->group = (uint16_t) (u->group & ~(MDR_USER_EXCEPT | MDR_USER_REGEX));
    h->except = (u->group & MDR_USER_EXCEPT) != 0;
    h->state = mdr_matcher_state(u);
    h->subject = subject;
    h->start = start;
    h->end = end;
    h->term = u->flags & MDR_TERM_WEIGHED ? u->text : MDR_NO_TERM;
}


/* room for n hits more */

static inline int
mdr_verify_reserve(mdr_verify_t *v, size_t n)
{
    return mdr_table_reserve(v->m->alloc, &v->hits->hits, &v->hits->cap,
                             v->hits->n + n, sizeof(mdr_raw_hit_t));
}


/* the character that begins before p, in text from `begin` on */

static inline uint32_t
mdr_verify_char_before(const uint8_t *p, const uint8_t *begin, size_t *len)
{
    size_t  n;

    n = 1;
    while (n < 4 && p - n > begin && (*(p - n) & 0xc0) == 0x80) {
        n++;
    }

    return mdr_utf8_next(p - n, n, len);
}

#endif
