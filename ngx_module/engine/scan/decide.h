/*
 * decide.h - from raw hits to the verdict on one item.
 */

#ifndef MDR_DECIDE_H
#define MDR_DECIDE_H

#include "match/match.h"

typedef struct {
    uint32_t  rule;
    uint16_t  group;
    uint32_t  subject;
    uint32_t  start, end;
    int32_t   weight;               /* its part of a sum, or 0              */
    uint8_t   mode;                 /* that the rule acts in here           */
} mdr_verdict_hit_t;

#define MDR_VERDICT_HITS  64
#define MDR_VERDICT_PARTS 32

typedef struct {
    uint8_t            suggestion;  /* of all hit rules, shadow ones too    */
    uint8_t            action;      /* of the rules that enforce            */
    uint32_t           rule;        /* the one that decided, or UINT32_MAX  */
    uint32_t           nhits;       /* recorded, at most 64                 */
    uint32_t           hits_total;
    mdr_verdict_hit_t  hits[MDR_VERDICT_HITS];
    uint32_t           nparts;      /* of scores, of rules that fired       */
    mdr_score_part_t   parts[MDR_VERDICT_PARTS];
} mdr_verdict_t;

typedef struct {
    const mdr_model_t  *model;
    const mdr_matcher_t *matcher;       /* that found the hits; knows weights;
                                           NULL where no rule has any       */
    uint32_t            slot;
    uint8_t             mode;           /* of the location                  */
    int64_t             now;
    const uint8_t      *rule_modes;     /* or NULL                          */
    mdr_str_t           item_id;        /* for rollout; may be empty        */
    mdr_str_t           jurisdiction;   /* of the reader                    */
    mdr_str_t           site;
    mdr_str_t           place;          /* of the account                   */
    uint8_t             anywhere;       /* readers and site are wherever the
                                           rule wants them                   */
    mdr_account_t       account;
} mdr_decide_in_t;

/* law.c */
int mdr_law_applies(const mdr_decide_in_t *in, const mdr_rule_t *rule);
/* the entry of its jurisdiction that the place lies in; empty: none */
mdr_str_t mdr_law_entry(const mdr_decide_in_t *in, const mdr_rule_t *rule);
/* the place that the text of a field names */
mdr_str_t mdr_law_place(const mdr_model_t *m, mdr_str_t text);

/* is the account one that the rule is for? */
int mdr_law_account(const mdr_decide_in_t *in, const mdr_rule_t *rule);

/*
 * hits[n]: the raw hits of this item only, sorted as mdr_match leaves them.
 * Exceptions by the covering law; then of each (rule, group) overlapping
 * hits of one subject keep the leftmost, longest; then conditions (fields of
 * match.in together), modes (weaker of location, rule, status, expiry,
 * rollout, cap), jurisdiction, review (never: hold becomes block).
 * Afterwards the hits that count stand first, hits_total of them; all behind
 * them are marked as exceptions.  No allocation.
 */
void mdr_decide(const mdr_decide_in_t *in, mdr_raw_hit_t *hits, size_t n,
    const mdr_subject_t *subjects, mdr_verdict_t *out);

/* and then the rules that hit an item by its account alone: a hit each, of no
 * text (subject UINT32_MAX) */
void mdr_decide_alone(const mdr_decide_in_t *in, mdr_verdict_t *out);

/* the mode in which rule acts on such an item; off outside its jurisdiction
 * and for other accounts */
uint8_t mdr_decide_mode(const mdr_decide_in_t *in, const mdr_rule_t *rule,
    uint32_t rule_index);

typedef struct {                /* a rule's standing hits, by group         */
    const mdr_raw_hit_t    *hits;
    size_t                  n;
    const mdr_rule_t       *rule;
    const mdr_subject_t    *subjects;
    const mdr_decide_in_t  *in;
    uint64_t                length;     /* mdr_score_length()                */
} mdr_eval_t;

/* the order of hits, in place: by rule, group, text and start; by term */
enum { MDR_BY_GROUP, MDR_BY_TERM };
void mdr_decide_sort(mdr_raw_hit_t *h, size_t n, int how);

/* decide_rule.c: does the condition of the rule hold?  does that of a group?
 * the hits of a group, [*first, *end) */
int mdr_decide_rule(const mdr_eval_t *e);
int mdr_decide_conds(const mdr_eval_t *e, const mdr_cond_t *conds,
    uint32_t nconds);
void mdr_decide_group_hits(const mdr_eval_t *e, uint32_t group,
    size_t *first, size_t *end);
/* characters of a text, as `length` counts them */
uint64_t mdr_decide_length(const mdr_subject_t *s, uint32_t folds);

#endif
