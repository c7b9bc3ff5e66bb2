/*
 * explain.c - a rule in words.
 */

#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>


typedef struct {
    void  (*put)(void *ctx, const char *text);
    void   *ctx;
} out_t;


#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
say(const out_t *o, const char *fmt, ...)
{
    char     text[2048];
    va_list  args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    o->put(o->ctx, text);
}


static const char *const  folds[] = {
    "width", "case", "traditional characters", "glosses", "digits",
    "invisible characters", "look-alikes", "repeats", "leet", "pinyin",
    "characters taken apart", "homophones"
};

static const char *const  gaps[] = { "spaces", "punctuation", "symbols",
                                     "emoji", "block boundaries" };


static void
bits(const out_t *o, uint32_t v, const char *const *names, size_t n)
{
    size_t       i;
    const char  *sep;

    for (i = 0, sep = ""; i < n; i++) {
        if (v >> i & 1) {
            say(o, "%s%s", sep, names[i]);
            sep = ", ";
        }
    }
}


/* postfix back to words in out, with a stack of small texts */

static void
say_condition(const mdr_rule_t *r, const mdr_cond_t *conds,
    uint32_t nconds, char out[256])
{
    char               s[MDR_COND_STACK][256], t[256];
    size_t             len;
    uint32_t           i, k, n;
    const mdr_cond_t  *c;

    static const char *const  cmp[] = { "at least", "more than", "at most",
                                        "less than", "exactly" };

    for (i = 0, n = 0; i < nconds; i++) {
        c = &conds[i];

        switch (c->op) {

        case MDR_COND_GROUP:
            snprintf(s[n++], 256, "%.200s", r->groups[c->a].name.data);
            break;

        case MDR_COND_NOT:
            snprintf(t, sizeof(t), "no %.200s", s[n - 1]);
            memcpy(s[n - 1], t, sizeof(t));
            break;

        case MDR_COND_AND:
        case MDR_COND_OR:
            snprintf(t, sizeof(t), "(%.110s %s %.110s)", s[n - 2],
                     c->op == MDR_COND_AND ? "and" : "or", s[n - 1]);
            n--;
            memcpy(s[n - 1], t, sizeof(t));
            break;

        case MDR_COND_NEAR:
            snprintf(s[n++], 256, "%.80s and %.80s at most %d characters "
                     "apart", r->groups[c->a].name.data,
                     r->groups[c->b].name.data, c->n);
            break;

        case MDR_COND_COUNT:
            snprintf(s[n++], 256, "%s %d hits of %.100s", cmp[c->cmp], c->n,
                     r->groups[c->a].name.data);
            break;

        case MDR_COND_OF:
            snprintf(t, sizeof(t), "at least %d of", c->n);
            for (k = 0; k < c->a; k++) {
                len = strlen(t);
                snprintf(t + len, sizeof(t) - len, "%s %.60s", k ? "," : "",
                         s[n - c->a + k]);
            }
            n -= c->a;
            memcpy(s[n++], t, sizeof(t));
            break;

        case MDR_COND_LENGTH:
            snprintf(s[n++], 256, "text of %s %d characters", cmp[c->cmp],
                     c->n);
            break;

        default:
            snprintf(s[n++], 256, "a score of %s %d", cmp[c->cmp], c->n);
        }
    }

    snprintf(out, 256, "%s", n != 0 ? s[0] : "any hit");
}


static void
say_group(const out_t *o, const mdr_rule_t *r, const mdr_group_t *g)
{
    char      t[256];
    uint32_t  i;
    uint64_t  n;

    static const char *const  places[] = { "", " at the beginning",
                                           " at the end", " alone" };

    if (g->nconds != 0) {
        say_condition(r, g->conds, g->nconds, t);
        say(o, "where there is %s\n", t);
        return;
    }

    for (n = 0; n < g->nterms && n < 20; n++) {
        say(o, "%s%.*s", n ? ", " : "", (int) g->terms[n].text.len,
            g->terms[n].text.data);

        if (g->weighted) {
            say(o, " %+d%s", g->terms[n].weight, places[g->terms[n].place]);
        }
    }

    if (g->nterms > 20) {
        say(o, " and %llu more", (unsigned long long) g->nterms - 20);
    }

    for (i = 0; i < g->nregexes; i++) {
        say(o, "%sthe regex %s", g->nterms != 0 || i ? "; " : "",
            g->regexes[i].data);
    }

    say(o, "\n");
}


void
mdr_explain_when(const mdr_rule_t *r, char *out, size_t size)
{
    char  t[256];

    say_condition(r, r->conds, r->nconds, t);
    snprintf(out, size, "\"%s\"", t);
}


void
mdr_explain_folds(uint32_t set, char *out, size_t size)
{
    size_t    n;
    uint32_t  i;

    static const char *const  names[] = {
        "width", "case", "hant", "gloss", "digits", "invisible",
        "confusable", "repeat", "leet", "pinyin", "split", "homophone"
    };

    out[0] = '\0';

    for (i = 0, n = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (set >> i & 1 && n < size) {
            n += (size_t) snprintf(out + n, size - n, "%s%s",
                                   n != 0 ? ", " : "", names[i]);
        }
    }
}


static void
say_date(const out_t *o, int32_t days)
{
    int  z, era, doe, yoe, y, doy, mp, d, m;

    z = days + 719468;
    era = z / 146097;
    doe = z - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    y = yoe + era * 400;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    d = doy - (153 * mp + 2) / 5 + 1;
    m = mp < 10 ? mp + 3 : mp - 9;

    say(o, "Until the end of %04d-%02d-%02d (UTC); then it runs in "
        "shadow.\n", y + (m <= 2), m, d);
}


static int
scored(const mdr_rule_t *r)
{
    uint32_t  i;

    for (i = 0; i < r->nconds; i++) {
        if (r->conds[i].op == MDR_COND_SCORE) {
            return 1;
        }
    }

    return 0;
}


static void
say_rule(const out_t *o, const mdr_model_t *m, const mdr_rule_t *r)
{
    char                t[256];
    uint32_t            i;
    const mdr_group_t  *g;

    static const char *const  actions[] = {
        "is recorded and shown", "is shown with a tag",
        "is shown with what was hit masked",
        "is held back for a person to decide", "is left out"
    };

    static const char *const  suggestions[] = { "pass", "review", "block" };
    static const char *const  modes[] = { "off", "in shadow", "enforced" };
    static const char *const  statuses[] = { "a draft", "in test", "stable",
                                             "deprecated" };

    say(o, "%s, rev %u: ", r->id.data, r->rev);
    say(o, "%s\n", r->title_en.len ? r->title_en.data
                   : r->title_zh.len ? r->title_zh.data : r->label.data);
    say(o, "It is %s and %s; label %s, suggestion %s.\n",
        statuses[r->status], modes[r->mode], r->label.data,
        suggestions[r->suggestion]);
    say(o, "An item that it hits %s.\n", actions[r->action]);

    say(o, "It reads");
    for (i = 0; i < r->nfields; i++) {
        say(o, "%s %s", i ? "," : "", r->fields[i].data);
    }
    say(o, " of %s", r->nslots ? "the slots" : "every slot");
    for (i = 0; i < r->nslots; i++) {
        say(o, "%s %s", i ? "," : "", m->slots[r->slots[i]].name.data);
    }
    say(o, ".\n");

    for (i = 0; i < r->ngroups; i++) {
        g = &r->groups[i];
        say(o, "  %s: ", g->name.data);
        say_group(o, r, g);

        if (g->weighted) {
            say(o, "    each adds its weight to the score, %s; the sum is for "
                "%s", g->each ? "every time it stands there" : "once",
                g->per != 0 ? "" : "the whole text\n");
            if (g->per != 0) {
                say(o, "%u characters\n", g->per);
            }

        } else if (scored(r)) {
            say(o, "    it adds %d to the score\n", g->weight);
        }
    }

    say_condition(r, r->conds, r->nconds, t);
    say(o, "It stands where there is %s.\n", t);

    for (i = 0; i < r->nexcepts; i++) {
        say(o, "Not inside: ");
        say_group(o, r, &r->excepts[i].group);
        if (r->excepts[i].why.len != 0) {
            say(o, "  because: %s\n", r->excepts[i].why.data);
        }
    }

    say(o, "It sees through ");
    bits(o, r->profile.folds, folds, MDR_FOLDS);
    say(o, ".\n");

    if (r->profile.gap_max != 0) {
        say(o, "Between two characters of a term it allows up to %u of ",
            r->profile.gap_max);
        bits(o, r->profile.gap_of, gaps, MDR_GAPS);
        say(o, ".\n");
    }

    if (r->rollout < 100) {
        say(o, "It acts on %u of 100 items, always the same ones.\n",
            r->rollout);
    }

    if (r->njurisdictions != 0) {
        say(o, r->law == MDR_LAW_ACCOUNT ? "Only for accounts in"
               : r->law == MDR_LAW_SITE ? "Only on sites in"
               : r->law == MDR_LAW_READER ? "Only for readers in"
               : "Only where the account's place, or else the reader's, is "
                 "in");
        for (i = 0; i < r->njurisdictions; i++) {
            say(o, "%s %s", i ? "," : "", r->jurisdictions[i].data);
        }
        say(o, ".\n");
    }

    if (r->brake_max_ratio > 0) {
        say(o, "Brake: shadow once it hits more than %g of the items, with "
            "at least %u hits in %u s.\n", r->brake_max_ratio,
            r->brake_min_hits, r->brake_window_s);
    }

    if (r->expires_day != INT32_MAX) {
        say_date(o, r->expires_day);
    }

    if (r->owner.len != 0) {
        say(o, "Owner: %s\n", r->owner.data);
    }

    if (r->basis_ref.len != 0) {
        say(o, "Basis: %s\n", r->basis_ref.data);
    }

    if (r->notice_en.len != 0 || r->notice_zh.len != 0) {
        say(o, "Notice: %s\n", r->notice_en.len ? r->notice_en.data
                                                : r->notice_zh.data);
    }
}


int
mdr_policy_explain(const char *path, const char *id,
    const mdr_load_conf_t *conf, mdr_diags_t *diags,
    void (*put)(void *ctx, const char *text), void *ctx)
{
    int           rc;
    out_t         o;
    uint32_t      i;
    mdr_model_t  *m;

    rc = mdr_load(path, conf, diags, &m);
    if (rc != MDR_OK) {
        return rc;
    }

    o.put = put;
    o.ctx = ctx;

    for (i = 0; id == NULL && i < m->nrules; i++) {
        say(&o, "%-36s rev %-3u %s\n", m->rules[i].id.data, m->rules[i].rev,
            m->rules[i].title_en.len ? m->rules[i].title_en.data
            : m->rules[i].title_zh.len ? m->rules[i].title_zh.data
            : m->rules[i].label.data);
    }

    if (id == NULL) {
        mdr_model_free(m);
        return MDR_OK;
    }

    for (i = 0; i < m->nrules; i++) {
        if (strcmp(m->rules[i].id.data, id) == 0) {
            say_rule(&o, m, &m->rules[i]);
            break;
        }
    }

    if (i == m->nrules) {
        (void) mdr_diags_add(diags, MDR_DIAG_ERROR, "no-rule", path, 0, 0,
                             "no rule \"%s\"", id);
        rc = MDR_ERROR;
    }

    mdr_model_free(m);

    return rc;
}
