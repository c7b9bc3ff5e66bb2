/*
 * lint.c - what works but will hurt.
 *
 * The loader refuses what cannot be meant; lint looks at what can: terms
 * that add nothing or hit everything, exceptions that except nothing, rules
 * that nobody answers for.  Terms are the business of lint_terms.c.  `strict:
 * true` makes errors of what accountability lacks.
 */

#include "check.h"
#include "regex/regex.h"

#include <string.h>


#define TWO_YEARS  730
#define NAMES      2            /* city, district                           */
#define ALIKE      64           /* so many look-alikes are no matter        */

static const char *const  labels[] = {
    "clickbait", "rumor", "counterfeit", "impersonation", "forged_official",
    "unlicensed_reporting", "sexual", "vulgar", "gambling", "spam_contact",
    "marketing_account"
};

#define NLABELS  (sizeof(labels) / sizeof(labels[0]))


static int
holds(mdr_str_t s, const char *what)
{
    size_t  i, n;

    n = strlen(what);

    for (i = 0; i + n <= s.len; i++) {
        if (memcmp(s.data + i, what, n) == 0) {
            return 1;
        }
    }

    return 0;
}


static void
regexes(mdr_check_t *c, const mdr_rule_t *r, const mdr_group_t *g)
{
    char      why[200];
    uint32_t  i;

    for (i = 0; i < g->nregexes; i++) {
        if (!mdr_regex_cheap(g->regexes[i], r->profile.folds, why,
                             sizeof(why)))
        {
            mdr_check_finding(c, MDR_DIAG_INFO, "expensive-regex",
                              &g->regex_pos[i], "expensive regex: %s", why);
        }

        mdr_lint_regex(c, g->regexes[i], r->profile.folds, &g->regex_pos[i]);

        if ((r->profile.folds & MDR_FOLD_CASE) && holds(g->regexes[i], "A-Z")
            && !holds(g->regexes[i], "a-z"))
        {
            mdr_check_finding(c, MDR_DIAG_INFO, "capitals",
                              &g->regex_pos[i], "\"A-Z\" is any Latin letter "
                              "here, as the fold \"case\" leaves no capitals");
        }
    }
}


/* a label written in one rule only and nearly a known one is a slip */

static void
label(mdr_check_t *c, const mdr_rule_t *r)
{
    size_t       i;
    uint32_t     k, used;
    const char  *near;

    for (i = 0; i < NLABELS; i++) {
        if (strlen(labels[i]) == r->label.len
            && memcmp(labels[i], r->label.data, r->label.len) == 0)
        {
            return;
        }
    }

    for (k = 0, used = 0; k < c->m->nrules; k++) {
        used += (uint32_t) mdr_check_same(c->m->rules[k].label, r->label);
    }

    near = used == 1 ? mdr_word_nearest(r->label, labels, NLABELS) : NULL;

    if (near != NULL) {
        mdr_check_finding(c, MDR_DIAG_WARN, "unknown-label", &r->pos,
                          "label \"%.64s\" is none of the known ones (did "
                          "you mean \"%s\"?)", r->label.data, near);
    } else {
        mdr_check_finding(c, MDR_DIAG_INFO, "own-label", &r->pos,
                          "label \"%.64s\" is none of the known ones",
                          r->label.data);
    }
}


static int
has_field(const mdr_slot_t *s, mdr_str_t name)
{
    uint32_t  f;

    for (f = 0; f < s->nfields; f++) {
        if (mdr_check_same(s->fields[f].name, name)) {
            return 1;
        }
    }

    return 0;
}


/* slots that a rule names and that have none of its fields */

static void
unread(mdr_check_t *c, const mdr_rule_t *r)
{
    uint32_t           i, k;
    const mdr_slot_t  *s;

    for (i = 0; i < r->nslots; i++) {
        s = &c->m->slots[r->slots[i]];

        for (k = 0; k < r->nfields && !has_field(s, r->fields[k]); k++) {
            /* void */
        }

        if (k == r->nfields) {
            mdr_check_finding(c, MDR_DIAG_WARN, "unread-slot", &r->pos,
                              "rule \"%s\": slot \"%s\" has none of its "
                              "fields", r->id.data, s->name.data);
        }
    }
}


static void
missing(mdr_check_t *c, const mdr_rule_t *r, const char *code,
    const char *what)
{
    mdr_check_finding(c, c->m->strict ? MDR_DIAG_ERROR : MDR_DIAG_WARN, code,
                      &r->pos, "rule \"%s\" takes something away and has no "
                      "%s", r->id.data, what);
}


static void
accountable(mdr_check_t *c, const mdr_rule_t *r)
{
    if (r->mode == MDR_MODE_ENFORCE && r->action >= MDR_ACT_MASK
        && r->status != MDR_STATUS_DRAFT)
    {
        if (r->owner.len == 0) {
            missing(c, r, "no-owner", "owner");
        }
        if (r->basis_ref.len == 0) {
            missing(c, r, "no-basis", "basis");
        }
        if (r->notice_zh.len == 0 && r->notice_en.len == 0) {
            missing(c, r, "no-notice", "notice");
        }
        if (r->expires_day == INT32_MAX) {
            missing(c, r, "no-expires", "expires");
        }
        if (r->ntests == 0) {
            missing(c, r, "no-tests", "tests");
        }
    }

    /* an expired rule is the loader's to name: nginx says it too */

    if (r->expires_day != INT32_MAX && c->now != 0
        && r->expires_day - c->now / 86400 > TWO_YEARS)
    {
        mdr_check_finding(c, MDR_DIAG_WARN, "far-expiry", &r->pos,
                          "rule \"%s\" expires in more than two years: "
                          "nobody will look again", r->id.data);
    }

    if (r->status == MDR_STATUS_DRAFT && r->mode == MDR_MODE_ENFORCE
        && r->mode_given)
    {
        mdr_check_finding(c, MDR_DIAG_WARN, "draft-enforces", &r->pos,
                          "rule \"%s\" is a draft and cannot enforce: it "
                          "runs in shadow", r->id.data);
    }
}


/* many terms that only look-alikes tell apart */

static void
look_alikes(mdr_check_t *c, uint32_t n, const mdr_policy_t *probe)
{
    uint32_t           most;
    mdr_str_t          two[2];
    const mdr_rule_t  *r;

    r = &c->m->rules[n];
    most = mdr_matcher_look_alikes(probe->matcher, n, two);

    if (most > ALIKE) {
        mdr_check_finding(c, MDR_DIAG_INFO, "look-alikes", &r->pos,
                          "%u terms differ in look-alikes%s alone, as "
                          "\"%.*s\" and \"%.*s\": each place where one may "
                          "stand is compared with all of them", most,
                          r->profile.folds & MDR_FOLD_REPEAT
                          ? " and repeats" : "",
                          (int) (two[0].len > 64 ? 64 : two[0].len),
                          two[0].data,
                          (int) (two[1].len > 64 ? 64 : two[1].len),
                          two[1].data);
    }
}


/* CN-GD/Shenzhen/Nanshan is as far down as databases of addresses go */

static void
deep_place(mdr_check_t *c, const mdr_rule_t *r)
{
    uint32_t   i, k, names;
    mdr_str_t  s;

    for (i = 0; i < r->njurisdictions; i++) {
        s = r->jurisdictions[i];

        for (k = 0, names = 0; k < s.len; k++) {
            names += s.data[k] == '/';
        }

        if (names > NAMES && r->law != MDR_LAW_ACCOUNT
            && r->law != MDR_LAW_SITE)
        {
            mdr_check_finding(c, MDR_DIAG_WARN, "deep-place", &r->pos,
                              "rule \"%s\": no database gives \"%.64s\" as "
                              "the place of a reader: they end at the "
                              "district", r->id.data, s.data);
        }
    }
}


static int
lint_rule(mdr_check_t *c, uint32_t n, const mdr_policy_t *probe,
    mdr_match_work_t *work)
{
    uint32_t           i;
    const mdr_rule_t  *r;

    r = &c->m->rules[n];

    accountable(c, r);
    label(c, r);
    unread(c, r);
    look_alikes(c, n, probe);
    deep_place(c, r);

    for (i = 0; i < r->ngroups; i++) {
        regexes(c, r, &r->groups[i]);
    }

    for (i = 0; i < r->nexcepts; i++) {
        regexes(c, r, &r->excepts[i].group);
    }

    mdr_lint_words(c, n);

    return mdr_lint_terms(c, n, probe, work);
}


int
mdr_lint(mdr_check_t *c)
{
    int                rc;
    uint32_t           i;
    mdr_policy_t      *probe;
    mdr_match_work_t  *work;

    probe = mdr_check_policy(c, 1, 0);
    work = mdr_match_work_new(c->alloc);
    rc = probe == NULL || work == NULL ? MDR_ERROR : MDR_OK;

    for (i = 0; rc == MDR_OK && i < c->m->nrules; i++) {
        rc = lint_rule(c, i, probe, work);
    }

    mdr_match_work_free(work);
    mdr_policy_free(probe);

    return rc == MDR_OK ? mdr_lint_pages(c) : rc;
}
