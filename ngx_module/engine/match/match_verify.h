/*
 * match_verify.h - a candidate in hand: what match_verify.c, which settles
 * most of them, match_chain.c, match_compare.c and match_nfa.c share.
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
    size_t                at, n;        /* the pattern in the row            */

    uint32_t              left;         /* groups that have no hit from here */
    size_t                inside_at;    /* where `inside` was looked for     */
    uint32_t              inside_subject;
    uint8_t               inside;       /* behind a letter or digit          */

    size_t                near_from, near_to;   /* see near_classes()        */
    int                   near_end;     /* too long a gap behind near_to     */

    /* see reach() of match_verify.c */
    size_t                reach_from, reach_to;
    int                   reach_rc;
    uint32_t              reach_folds;
    uint8_t               reach_max, reach_marks;
} mdr_verify_t;

enum {
    MDR_VERIFY_NO,
    MDR_VERIFY_YES,
    MDR_VERIFY_OPEN                     /* not to be seen so                 */
};

/* match_verify.c: is the term v->u at v->at of the row, class for class, or
 * byte for byte?  Yes: its hit is put; MDR_VERIFY_* or MDR_ERROR */
int mdr_match_verify_exact(mdr_verify_t *v);
int mdr_match_verify_plain(mdr_verify_t *v);
/* is cp a letter or digit?  Open: that is not to be seen here */
int mdr_match_verify_is_word(uint32_t cp, uint32_t folds);

/* match_chain.c: a candidate, whatever it stands for; MDR_OK or MDR_ERROR */
int mdr_match_chain(mdr_verify_t *v, const mdr_candidate_t *c);

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

/* match_compare.c: which terms of a crowd begin at atoms [from, to) of a trace
 * that begins `shift` bytes in the text?  1, hits are put; 0; MDR_ERROR */
int mdr_match_compare_crowd(mdr_verify_t *v, const mdr_crowd_t *c,
    const mdr_trace_t *t, size_t from, size_t to, uint32_t shift);


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
