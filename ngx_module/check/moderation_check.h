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

#define MDR_RATE_FOLDS  13

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

/* say_zh.c: a message in Chinese, into out; or the message itself */
const char *mdr_say_zh(const char *text, char *out, size_t size);

/* explain.c: rule `id` of the policy at path in words, or, where it is NULL, a
 * line a rule, through put;
 * MDR_ERROR: there is no such rule, or the policy cannot be read */
int mdr_policy_explain(const char *path, const char *id,
    const mdr_load_conf_t *conf, mdr_diags_t *diags,
    void (*put)(void *ctx, const char *text), void *ctx);

/* diff.c: what changed from one policy to another, a line each; *changes
 * counts them */
int mdr_policy_diff(const char *before, const char *after,
    const mdr_load_conf_t *conf, mdr_diags_t *diags,
    void (*put)(void *ctx, const char *text), void *ctx, uint32_t *changes);

#endif
