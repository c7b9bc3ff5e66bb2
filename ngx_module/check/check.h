/*
 * check.h - the parts of `moderationctl check`, control plane only.
 *
 *   check.c       the order, and what the others share
 *   check_test.c  inline tests
 *   lint.c        what works but will hurt
 *   variants.c    disguised forms of what the tests hit
 *   measure.c     hits on neutral text
 *   diff_pages.c  what changed in pages
 *   diff.c        what changed between two policies
 */

#ifndef MDR_CHECK_H
#define MDR_CHECK_H

#include "moderation_check.h"
#include "scan/decide.h"
#include "policy/policy.h"
#include "text/text.h"

typedef struct {
    const mdr_alloc_t       *alloc;
    mdr_model_t             *m;         /* with terms and tests              */
    mdr_diags_t             *diags;
    const mdr_check_conf_t  *conf;
    int64_t                  now;
} mdr_check_t;

#if defined(__GNUC__)
__attribute__((format(printf, 5, 6)))
#endif
void mdr_check_finding(mdr_check_t *c, int severity, const char *code,
    const mdr_pos_t *pos, const char *fmt, ...);
/*
 * A policy that only asks whether the rules match: all modes are shadow,
 * without status, expiry, roll-out and jurisdiction.  probe: one field
 * "text" in two slots, <li><p>text</p></li> (slot 0) and [{"text": ...}]
 * (slot 1), that every rule reads; else slots and fields as they are.
 * Without the folds of drop, MDR_CHECK_GAP: without gaps.  Whose items a rule
 * is for is left out, too, but with MDR_CHECK_ACCOUNT.  NULL: no memory, or a
 * diagnostic was added.
 */
#define MDR_CHECK_GAP      0x80000000u
#define MDR_CHECK_ACCOUNT  0x40000000u

mdr_policy_t *mdr_check_policy(mdr_check_t *c, int probe, uint32_t drop);

#define MDR_CHECK_PAGE_MAX  (64u << 20)    /* bytes of a file or text        */

/* a file beside the policy file at pos (or at `name` itself where pos is
 * NULL), of c->alloc; NULL and errno */
uint8_t *mdr_check_read(const mdr_check_t *c, const mdr_pos_t *pos,
    mdr_str_t name, size_t *len);

int mdr_check_same(mdr_str_t a, mdr_str_t b);

/* check_test.c: runs all tests; a finding for each that does not end as it
 * says.  MDR_OK or MDR_ERROR: no memory */
int mdr_check_tests(mdr_check_t *c);
/* check_pages.c: those of pages */
int mdr_check_pages(mdr_check_t *c);
int mdr_lint(mdr_check_t *c);
/* lint_pages.c */
int mdr_lint_pages(mdr_check_t *c);
/* lint_terms.c: the terms of rule n; probe: the policy as mdr_check_policy
 * makes it for that */
int mdr_lint_terms(mdr_check_t *c, uint32_t n, const mdr_policy_t *probe,
    mdr_match_work_t *work);
/* lint_words.c: terms of rule n that were meant otherwise */
void mdr_lint_words(mdr_check_t *c, uint32_t n);
/* lint_regex.c: is the time of a regex more than linear? */
void mdr_lint_regex(mdr_check_t *c, mdr_str_t pattern, uint32_t folds,
    const mdr_pos_t *pos);
int mdr_variants(mdr_check_t *c);
int mdr_measure(mdr_check_t *c);

/* cond_text.c: a condition of r as it is written in a policy; MDR_ERROR: no
 * memory */
int mdr_cond_text(const mdr_rule_t *r, const mdr_cond_t *conds,
    uint32_t nconds, const mdr_alloc_t *alloc, char *out, size_t size);

/* explain.c: names of folds */
void mdr_explain_folds(uint32_t folds, char *out, size_t size);

/* explain_page.c */
void mdr_explain_page(const mdr_page_t *p, int zh,
    void (*put)(void *ctx, const char *text), void *ctx);

/* diff_setting.c, diff_pages.c: how many settings of the desk, names of places
 * or pages came, went or changed, a line each */
uint32_t mdr_diff_settings(const mdr_model_t *a, const mdr_model_t *b,
    void (*put)(void *ctx, const char *text), void *ctx);
uint32_t mdr_diff_places(const mdr_model_t *a, const mdr_model_t *b,
    void (*put)(void *ctx, const char *text), void *ctx);
uint32_t mdr_diff_pages(const mdr_model_t *a, const mdr_model_t *b,
    void (*put)(void *ctx, const char *text), void *ctx);

/* diff.c: what a rule says, as a number: rev, tests and place are not in it.
 * 0: no memory */
uint64_t mdr_diff_rule(const mdr_model_t *m, const mdr_rule_t *r);
const mdr_rule_t *mdr_diff_find(const mdr_model_t *m, mdr_str_t id);

#endif
