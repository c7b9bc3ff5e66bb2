/*
 * check.c - what `check` says beyond loading: inline tests and lint.
 *
 * An inline test puts its text into one field of one slot and asks whether
 * the rule would stand by its hits, with the same matcher and the same
 * decision as a page.  Lint looks at what works but will hurt.  Findings that
 * `strict: true` makes errors are those of accountability: owner, basis,
 * notice, expiry and tests of a rule that takes something away.
 */

#include "decide.h"
#include "fold.h"
#include "policy.h"
#include "utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define TWO_YEARS  730

typedef struct {
    mdr_model_t        *m;              /* with terms and tests              */
    mdr_policy_t       *policy;
    mdr_match_work_t   *work;
    mdr_diags_t        *diags;
    int64_t             now;
} check_t;


static const char *const  labels[] = {
    "clickbait", "rumor", "counterfeit", "impersonation", "forged_official",
    "unlicensed_reporting", "sexual", "vulgar", "gambling", "spam_contact",
    "marketing_account"
};


static int
same(mdr_str_t a, mdr_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len)
                                            == 0);
}


static void
finding(check_t *c, int severity, const char *code, const mdr_pos_t *pos,
    const char *text)
{
    (void) mdr_diags_add(c->diags, severity, code,
                         c->m->files[pos->file].data, pos->line, pos->column,
                         "%s", text);
}


/* the slot and field of a test: those it names, else the first of the rule */

static int
place(check_t *c, const mdr_rule_t *r, const mdr_test_t *t, uint32_t *slot,
    uint32_t *field)
{
    uint32_t   s, f, i;
    mdr_str_t  want;

    want = t->field.len != 0 ? t->field : r->fields[0];

    for (s = 0; s < c->m->nslots; s++) {

        for (i = 0; i < r->nslots && r->slots[i] != s; i++) { /* void */ }

        if ((r->nslots != 0 && i == r->nslots)
            || (t->slot.len != 0 && !same(t->slot, c->m->slots[s].name)))
        {
            continue;
        }

        for (f = 0; f < c->m->slots[s].nfields; f++) {
            if (same(c->m->slots[s].fields[f].name, want)) {
                *slot = s;
                *field = f;
                return 1;
            }
        }
    }

    return 0;
}


static int
run_test(check_t *c, uint32_t n, const mdr_test_t *t)
{
    int                 hit, want;
    char                text[512];
    size_t              i, k;
    uint32_t            j, x;
    mdr_text_t          tx;
    mdr_subject_t       s;
    mdr_verdict_t       v;
    mdr_raw_hits_t      raw;
    mdr_decide_in_t     in;
    const mdr_rule_t   *r;

    r = &c->m->rules[n];
    memset(&s, 0, sizeof(s));

    if (!place(c, r, t, &s.slot, &s.field)) {
        finding(c, MDR_DIAG_ERROR, "test-place", &t->pos,
                "test: no slot of this rule has that field");
        return MDR_OK;
    }

    mdr_text_init(&tx, mdr_mem_default(), 1 << 20);
    memset(&raw, 0, sizeof(raw));

    if (mdr_text_copy(&tx, 0, (const uint8_t *) t->text.data, t->text.len)
        != MDR_OK
        || mdr_text_finish(&tx) != MDR_OK)
    {
        mdr_text_done(&tx);
        return MDR_ERROR;
    }

    s.data = tx.data;
    s.len = (uint32_t) tx.len;

    if (tx.len != 0
        && mdr_match(c->policy->matcher, c->work, &s, 1, &raw) != MDR_OK)
    {
        mdr_text_done(&tx);
        return MDR_ERROR;
    }

    for (i = 0, k = 0; i < raw.n; i++) {
        if (raw.hits[i].rule == n) {
            raw.hits[k++] = raw.hits[i];
        }
    }

    memset(&in, 0, sizeof(in));
    in.model = c->policy->model;
    in.slot = s.slot;
    in.mode = MDR_MODE_ENFORCE;
    in.now = c->now;
    in.item_id.data = "test";
    in.item_id.len = 4;

    if (r->njurisdictions != 0) {
        in.jurisdiction = r->jurisdictions[0];
    }

    memset(&v, 0, sizeof(v));

    if (k != 0) {
        mdr_decide(&in, raw.hits, k, &s, &v);
    }

    hit = v.hits_total != 0;
    want = t->kind == MDR_TEST_HIT || t->kind == MDR_TEST_TODO_HIT;

    if (t->kind == MDR_TEST_TODO_HIT || t->kind == MDR_TEST_TODO_PASS) {
        if (hit == want) {
            finding(c, MDR_DIAG_INFO, "todo-done", &t->pos,
                    "a todo that works now");
        }

    } else if (hit != want) {
        snprintf(text, sizeof(text), "rule \"%s\": \"%.200s\" %s",
                 r->id.data, t->text.data, want ? "should hit and does not"
                                                : "should pass and hits");
        finding(c, MDR_DIAG_ERROR, "test-failed", &t->pos, text);
    }

    for (j = 0; hit && j < t->nspans; j++) {
        for (x = 0; x < v.nhits; x++) {
            if (v.hits[x].end - v.hits[x].start == t->spans[j].len
                && memcmp(tx.data + v.hits[x].start, t->spans[j].data,
                          t->spans[j].len)
                   == 0)
            {
                break;
            }
        }

        if (x == v.nhits) {
            snprintf(text, sizeof(text), "rule \"%s\": no hit spans "
                     "\"%.200s\"", r->id.data, t->spans[j].data);
            finding(c, MDR_DIAG_ERROR, "test-span", &t->pos, text);
        }
    }

    mdr_text_done(&tx);
    mdr_free(mdr_mem_default(), raw.hits);

    return MDR_OK;
}


static int
by_text(const void *a, const void *b)
{
    int                 rc;
    uint32_t            n;
    const mdr_term_t   *x = *(const mdr_term_t *const *) a,
                       *y = *(const mdr_term_t *const *) b;

    n = x->text.len < y->text.len ? x->text.len : y->text.len;
    rc = memcmp(x->text.data, y->text.data, n);

    if (rc == 0) {
        rc = x->text.len < y->text.len ? -1 : x->text.len > y->text.len;
    }

    return rc != 0 ? rc : x < y ? -1 : x > y;
}


static void
lint_terms(check_t *c, const mdr_rule_t *r, const mdr_group_t *g)
{
    char                text[256];
    size_t              len, i, chars;
    uint32_t            cp, han;
    uint64_t            n;
    const mdr_term_t  **t;

    for (n = 0; n < g->nterms; n++) {
        for (i = 0, chars = 0, han = 0; i < g->terms[n].text.len; i += len) {
            cp = mdr_utf8_next((const uint8_t *) g->terms[n].text.data + i,
                               g->terms[n].text.len - i, &len);
            if (len == 0) {
                break;
            }
            chars++;
            han += (uint32_t) mdr_fold_is_han(cp);
        }

        if (chars == 1 && r->profile.boundary != MDR_BOUNDARY_WHOLE) {
            finding(c, MDR_DIAG_WARN, "one-character", &g->terms[n].pos,
                    "a term of one character hits nearly everything");

        } else if (chars == 2 && han == 2 && r->nconds == 0
                   && r->nexcepts == 0
                   && r->profile.boundary != MDR_BOUNDARY_WHOLE)
        {
            finding(c, MDR_DIAG_WARN, "two-han", &g->terms[n].pos,
                    "two Han characters alone also stand across words: add "
                    "a condition or an exception");
        }
    }

    if (g->nterms < 2) {
        return;
    }

    t = malloc(g->nterms * sizeof(mdr_term_t *));
    if (t == NULL) {
        return;
    }

    for (n = 0; n < g->nterms; n++) {
        t[n] = &g->terms[n];
    }

    qsort(t, g->nterms, sizeof(mdr_term_t *), by_text);

    for (n = 1; n < g->nterms; n++) {
        if (same(t[n]->text, t[n - 1]->text)) {
            snprintf(text, sizeof(text), "\"%.*s\" is there twice",
                     (int) (t[n]->text.len > 100 ? 100 : t[n]->text.len),
                     t[n]->text.data);
            finding(c, MDR_DIAG_WARN, "duplicate-term", &t[n]->pos, text);

        } else if (r->profile.boundary == MDR_BOUNDARY_NONE
                   && t[n]->text.len > t[n - 1]->text.len
                   && memcmp(t[n]->text.data, t[n - 1]->text.data,
                             t[n - 1]->text.len)
                      == 0)
        {
            snprintf(text, sizeof(text), "\"%.*s\" is shadowed by "
                     "\"%.*s\", which it begins with",
                     (int) (t[n]->text.len > 100 ? 100 : t[n]->text.len),
                     t[n]->text.data,
                     (int) (t[n - 1]->text.len > 100 ? 100
                                                     : t[n - 1]->text.len),
                     t[n - 1]->text.data);
            finding(c, MDR_DIAG_WARN, "shadowed-term", &t[n]->pos, text);
        }
    }

    free(t);
}


static void
lint_regexes(check_t *c, const mdr_rule_t *r, const mdr_group_t *g)
{
    char      why[200], text[300];
    uint32_t  i;

    for (i = 0; i < g->nregexes; i++) {
        if (!mdr_regex_cheap(g->regexes[i], r->profile.folds, why,
                             sizeof(why)))
        {
            snprintf(text, sizeof(text), "expensive regex: %s", why);
            finding(c, MDR_DIAG_INFO, "expensive-regex", &g->regex_pos[i],
                    text);
        }
    }
}


static void
lint_rule(check_t *c, const mdr_rule_t *r)
{
    int       strong, severity;
    char      text[256];
    size_t    i;
    uint32_t  j;
    int64_t   today;

    strong = r->mode == MDR_MODE_ENFORCE && r->action >= MDR_ACT_MASK
             && r->status != MDR_STATUS_DRAFT;
    severity = c->m->strict ? MDR_DIAG_ERROR : MDR_DIAG_WARN;

#define MISSING(cond, what)                                                  \
    if (strong && (cond)) {                                                  \
        snprintf(text, sizeof(text), "rule \"%s\" takes something away and " \
                 "has no %s", r->id.data, what);                             \
        finding(c, severity, "no-" what, &r->pos, text);                     \
    }

    MISSING(r->owner.len == 0, "owner")
    MISSING(r->basis_ref.len == 0, "basis")
    MISSING(r->notice_zh.len == 0 && r->notice_en.len == 0, "notice")
    MISSING(r->expires_day == INT32_MAX, "expires")
    MISSING(r->ntests == 0, "tests")

#undef MISSING

    today = c->now / 86400;

    if (r->expires_day != INT32_MAX && c->now != 0
        && r->expires_day - today > TWO_YEARS)
    {
        finding(c, MDR_DIAG_WARN, "far-expiry", &r->pos,
                "expires in more than two years: nobody will look again");
    }

    if (r->status == MDR_STATUS_DRAFT && r->mode == MDR_MODE_ENFORCE) {
        finding(c, MDR_DIAG_INFO, "draft-enforces", &r->pos,
                "a draft cannot enforce: it runs in shadow");
    }

    for (i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (strlen(labels[i]) == r->label.len
            && memcmp(labels[i], r->label.data, r->label.len) == 0)
        {
            break;
        }
    }

    if (i == sizeof(labels) / sizeof(labels[0])) {
        const char  *near;

        near = mdr_diag_nearest(r->label, labels, i);
        snprintf(text, sizeof(text), near != NULL
                 ? "label \"%s\" is none of the known ones (did you mean "
                   "\"%s\"?)"
                 : "label \"%s\" is none of the known ones",
                 r->label.data, near != NULL ? near : "");
        finding(c, MDR_DIAG_INFO, "own-label", &r->pos, text);
    }

    for (j = 0; j < r->ngroups; j++) {
        lint_terms(c, r, &r->groups[j]);
        lint_regexes(c, r, &r->groups[j]);
    }
}


int
mdr_policy_check(const char *path, const mdr_load_conf_t *conf,
    mdr_diags_t *diags)
{
    int       rc;
    check_t   c;
    uint32_t  i, j;

    memset(&c, 0, sizeof(c));
    c.diags = diags;
    c.now = conf->now;

    rc = mdr_policy_load(path, conf, diags, &c.policy);
    if (rc != MDR_OK) {
        return rc;
    }

    {
        mdr_diags_t  *again = mdr_diags_new(NULL);

        /* once more, for what the image does not carry: terms and tests */

        rc = again != NULL ? mdr_load(path, conf, again, &c.m) : MDR_ERROR;
        mdr_diags_free(again);
    }

    c.work = mdr_match_work_new(mdr_mem_default());

    if (rc == MDR_OK && c.work == NULL) {
        rc = MDR_ERROR;
    }

    for (i = 0; rc == MDR_OK && i < c.m->nrules; i++) {
        lint_rule(&c, &c.m->rules[i]);

        for (j = 0; rc == MDR_OK && j < c.m->rules[i].ntests; j++) {
            if (c.m->rules[i].tests[j].page.len == 0) {
                rc = run_test(&c, i, &c.m->rules[i].tests[j]);
            }
        }
    }

    mdr_match_work_free(c.work);
    mdr_policy_free(c.policy);
    mdr_model_free(c.m);

    return rc;
}
