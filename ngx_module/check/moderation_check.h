/*
 * moderation_check.h - the public interface of the checks: lint and inline
 * tests, explain, diff, measure.
 *
 * They stand over the engine, for the tool and the daemon; a worker of nginx
 * never runs them, so none of their types is in moderation.h.
 */

#ifndef MODERATION_CHECK_H
#define MODERATION_CHECK_H

#include "moderation.h"

/* how the disguised forms of the hit tests of one rule fared */
typedef struct {
    mdr_str_t    rule;
    const char  *form;              /* "gloss", "tags" ... (docs/rules.md)   */
    const char  *needs;             /* the fold or "gap"; NULL: none         */
    uint8_t      on;                /* the rule has what it needs            */
    uint32_t     tried, seen;
    mdr_str_t    missed;            /* the first that was not seen           */
} mdr_variant_t;

#define MDR_RATE_FOLDS  32     /* at most                                  */

/* what one rule hits in neutral text */
typedef struct {
    mdr_str_t    rule;
    uint64_t     lines, chars;      /* of the corpus                         */
    uint64_t     hits;              /* lines on which the rule stands        */
    double       rate, max_rate;    /* hits in 100 000 characters; 0: none   */
    uint32_t     nfolds;
    struct {
        const char  *name;          /* a fold of the rule, or "gap"          */
        uint64_t     hits;          /* that are none without it              */
    } folds[MDR_RATE_FOLDS];
} mdr_rate_t;

/* what a check does beyond inline tests and lint; zeroed: nothing */
typedef struct {
    const char          *base;      /* the policy before: revs are compared  */
    const char *const   *corpus;    /* neutral texts, one a line, UTF-8      */
    size_t               ncorpus;
    uint32_t            *counts;    /* rules, slots, tests; or NULL          */
    uint8_t              variants;  /* disguised forms of the hit tests      */
    void                *ctx;
    void               (*variant)(void *ctx, const mdr_variant_t *v);
    void               (*rate)(void *ctx, const mdr_rate_t *r);
} mdr_check_conf_t;

/* check.c: loads, runs the inline tests and the lint; what was found is in
 * diags.  check may be NULL.  MDR_ERROR: the policy cannot be used at all */
int mdr_policy_check(const char *path, const mdr_load_conf_t *conf,
    const mdr_check_conf_t *check, mdr_diags_t *diags);

/* explain.c: rule `id` of the policy at path in words, or, where it is NULL, a
 * line a rule, through put, in Chinese if zh;
 * MDR_ERROR: there is no such rule, or the policy cannot be read */
int mdr_policy_explain(const char *path, const char *id, int zh,
    const mdr_load_conf_t *conf, mdr_diags_t *diags,
    void (*put)(void *ctx, const char *text), void *ctx);

/* diff.c: what changed from one policy to another, a line each; *changes
 * counts them */
int mdr_policy_diff(const char *before, const char *after,
    const mdr_load_conf_t *conf, mdr_diags_t *diags,
    void (*put)(void *ctx, const char *text), void *ctx, uint32_t *changes);

/* judge.c: what a policy would say of an item that is known by the texts of
 * its fields */

#define MDR_JUDGED_RULES  16

typedef struct {
    const char  *name, *text;
    size_t       len;
} mdr_judge_field_t;

typedef struct {
    const char               *slot;
    const mdr_judge_field_t  *fields;
    size_t                    nfields;
    mdr_account_t             account;  /* as it was then                    */
    mdr_str_t                 place;    /* that a jurisdiction held for then */
    int                       anywhere; /* and for rules of other places of
                                           readers and site, too             */
} mdr_judge_item_t;

typedef struct {
    uint8_t   action, suggestion;   /* MDR_ACTION_*, MDR_SUGGEST_*           */
    uint32_t  nrules;               /* that hit, also in shadow              */
    struct {
        uint32_t   index;
        mdr_str_t  id;
        uint8_t    mode;
    } rules[MDR_JUDGED_RULES];
} mdr_judged_t;

typedef struct mdr_judge_s  mdr_judge_t;

/* policy outlives it; NULL: no memory */
mdr_judge_t *mdr_judge_new(const mdr_policy_t *policy);
void mdr_judge_free(mdr_judge_t *j);
/* MDR_LIMIT: the policy has no such slot; MDR_ERROR: no memory */
int mdr_judge(mdr_judge_t *j, const mdr_judge_item_t *item, int64_t now,
    mdr_judged_t *out);
/* does a rule of this slot ask whose an item is? */
int mdr_judge_asks(const mdr_judge_t *j, const char *slot);
/* has a rule of this slot a jurisdiction? */
int mdr_judge_placed(const mdr_judge_t *j, const char *slot);
/* does b find the items of a slot, and the texts of their fields, as a does?
 * 1, 0; -1: one of them has no such slot */
int mdr_judge_reads_alike(const mdr_policy_t *a, const mdr_policy_t *b,
    const char *slot);

/* diff_pages.c: the nth page of a policy, or NULL; does b ask of it what a
 * does?  1, 0; -1: one of them has no such page */
const char *mdr_policy_nth_page(const mdr_policy_t *p, uint32_t nth);
int mdr_policy_pages_alike(const mdr_policy_t *a, const mdr_policy_t *b,
    const char *page);


#endif
