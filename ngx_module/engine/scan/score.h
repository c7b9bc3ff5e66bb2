/*
 * score.h - what the hits of one rule add up to.
 */

#ifndef MDR_SCORE_H
#define MDR_SCORE_H

#include "decide.h"

/* of a rule's standing hits, by group: those of terms that count once and
 * have counted are marked MDR_HIT_AGAIN; they may be put in another order and back */
void mdr_score_mark(const mdr_rule_t *r, mdr_raw_hit_t *h, size_t n);

/* may a hit with MDR_HIT_PLACED stand where it does?  *edges is remembered from
 * one hit to the next; all zero at first */
typedef struct {
    uint32_t  subject;          /* + 1                                       */
    uint32_t  begin, end;       /* bytes without the marks at both ends      */
} mdr_edges_t;

int mdr_score_place(const mdr_decide_in_t *in, const mdr_raw_hit_t *h,
    const mdr_subject_t *subjects, mdr_edges_t *edges);

/* what a hit gives by itself: 0 where another has given it, and in a group
 * that is no weighted one; before `per` */
int32_t mdr_score_hit(const mdr_decide_in_t *in, const mdr_rule_t *r,
    const mdr_raw_hit_t *h);

/* what a group gives, and all of them, in thousandths */
int64_t mdr_score_group(const mdr_eval_t *e, uint32_t group);
int64_t mdr_score(const mdr_eval_t *e);

/* characters of the texts that hits of the rule stand in, each text once; 0
 * where nothing of the rule asks for it */
uint64_t mdr_score_length(const mdr_eval_t *e);
/* of all characters of these texts: how many in a hundred nobody sees */
uint64_t mdr_score_hidden(const mdr_eval_t *e);

#endif
