/*
 * learn.c - from labelled titles to a weighted list (see learn.h).
 *
 * Without a policy the rule has groups for what fragments do not say: marks,
 * digits, length.  With one its groups are taken as they are, and what each
 * weighs is learned, too.
 */

#include "learn.h"
#include "policy/policy.h"

#include <time.h>


static const struct {
    const char  *name, *regex;
    int          cmp, length;
} groups[] = {
    { "exclaims", "!", 0, 0 },
    { "exclaims_last", "!\\s*$", 0, 0 },
    { "exclaims_twice", "![^!]+!|!!", 0, 0 },
    { "asks", "\\?", 0, 0 },
    { "asks_last", "\\?\\s*$", 0, 0 },
    { "trails_off", "\\.{2,}|…|。{2,}", 0, 0 },
    { "trails_off_last", "(?:\\.{2,}|…|。{2,})\\s*$", 0, 0 },
    { "quotes", "[“”\"「」]", 0, 0 },
    { "names_a_work", "《", 0, 0 },
    { "has_a_colon", ":", 0, 0 },
    { "has_a_bar", "[|丨【]", 0, 0 },
    { "digits", "\\d", 0, 0 },
    { "digits_twice", "\\d\\D+\\d", 0, 0 },
    { "letters", "[a-z]", 0, 0 },
    { "one_comma", "^[^,]+,[^,]+$", 0, 0 },
    { "commas", ",[^,]+,", 0, 0 },
    { "long_10", NULL, MDR_OP_GE, 10 },
    { "long_15", NULL, MDR_OP_GE, 15 },
    { "long_20", NULL, MDR_OP_GE, 20 },
    { "long_25", NULL, MDR_OP_GE, 25 },
    { "long_30", NULL, MDR_OP_GE, 30 },
};


static mdr_str_t
str(const char *s)
{
    mdr_str_t  r;

    r.data = s;
    r.len = (uint32_t) strlen(s);

    return r;
}


/* a model of one rule with the groups above */

static int
own_rule(mdr_learn_t *l)
{
    uint32_t      i, n;
    mdr_rule_t   *r;
    mdr_model_t  *m;
    mdr_group_t  *g;

    n = sizeof(groups) / sizeof(groups[0]);
    m = mdr_arena_alloc(l->arena, sizeof(mdr_model_t));
    r = mdr_arena_alloc(l->arena, sizeof(mdr_rule_t));
    g = mdr_arena_alloc(l->arena, (n + 1) * sizeof(mdr_group_t));

    if (m == NULL || r == NULL || g == NULL) {
        return mdr_learn_memory();
    }

    m->name = str("learned");
    m->nrules = 1;
    m->rules = r;
    r->id = str("learned");
    r->label = str("clickbait");
    r->suggestion = MDR_REVIEW;
    r->action = MDR_ACT_TAG;
    r->profile.folds = MDR_FOLD_DEFAULT;
    r->ngroups = n + 1;
    r->groups = g;
    g[0].name = str("words");

    for (i = 0; i < n; i++) {
        g[i + 1].name = str(groups[i].name);

        if (groups[i].regex != NULL) {
            g[i + 1].nregexes = 1;
            g[i + 1].regexes = mdr_arena_alloc(l->arena, sizeof(mdr_str_t));
            if (g[i + 1].regexes == NULL) {
                return mdr_learn_memory();
            }
            g[i + 1].regexes[0] = str(groups[i].regex);
            continue;
        }

        g[i + 1].nconds = 1;
        g[i + 1].conds = mdr_arena_alloc(l->arena, sizeof(mdr_cond_t));
        if (g[i + 1].conds == NULL) {
            return mdr_learn_memory();
        }
        g[i + 1].conds[0].op = MDR_COND_LENGTH;
        g[i + 1].conds[0].cmp = (uint8_t) groups[i].cmp;
        g[i + 1].conds[0].n = groups[i].length;
    }

    l->c->m = m;
    l->r = r;
    l->words = 0;

    return MDR_OK;
}


/* the rule of the policy; its weighted group is learned anew */

static int
policy_rule(mdr_learn_t *l, const mdr_load_conf_t *conf)
{
    char         line[2048];
    size_t       i;
    uint32_t     k;
    mdr_rule_t  *r;
    mdr_group_t *g;

    if (mdr_load(l->conf.policy, conf, l->c->diags, &l->c->m) != MDR_OK) {
        for (i = 0; i < mdr_diags_count(l->c->diags); i++) {
            (void) mdr_diag_format(mdr_diags_get(l->c->diags, i), line,
                                   sizeof(line));
            fprintf(stderr, "%s\n", line);
        }
        return MDR_ERROR;
    }

    r = NULL;

    for (k = 0; k < l->c->m->nrules; k++) {
        if (strcmp(l->c->m->rules[k].id.data, l->conf.rule) == 0) {
            r = &l->c->m->rules[k];
        }
    }

    if (r == NULL) {
        fprintf(stderr, "moderationctl: no rule \"%s\" in %s\n",
                l->conf.rule, l->conf.policy);
        return MDR_ERROR;
    }

    for (k = 0; k < r->ngroups && !r->groups[k].weighted; k++) {
        /* void */
    }

    if (k == r->ngroups) {
        g = mdr_arena_alloc(l->arena, (k + 1) * sizeof(mdr_group_t));
        if (g == NULL) {
            return mdr_learn_memory();
        }
        memcpy(g, r->groups, k * sizeof(mdr_group_t));
        g[k].name = str("words");
        r->groups = g;
        r->ngroups++;
    }

    l->words = k;
    l->r = r;
    l->c->m->rules = r;
    l->c->m->nrules = 1;

    return MDR_OK;
}


/* the author's lines in place of what was found */

static int
keep_lines(mdr_learn_t *l, const mdr_feature_t *kept, size_t n)
{
    size_t          i, k;
    mdr_feature_t  *f;

    for (k = 0; k < n; k++) {
        for (i = 0; i < l->nf; i++) {
            if (l->f[i].place == kept[k].place
                && mdr_check_same(l->f[i].text, kept[k].text))
            {
                break;
            }
        }

        f = i < l->nf ? &l->f[i] : mdr_learn_add(l);

        if (f == NULL) {
            return mdr_learn_memory();
        }

        *f = kept[k];
    }

    return MDR_OK;
}


int
mdr_learn(const mdr_learn_conf_t *conf, const char *const *paths,
    size_t npaths)
{
    int              rc;
    size_t           nkept, nwithout;
    mdr_check_t      c;
    mdr_learn_t      l;
    mdr_model_t     *loaded;
    mdr_feature_t   *kept, *without;
    mdr_load_conf_t  load;

    memset(&c, 0, sizeof(c));
    memset(&l, 0, sizeof(l));
    memset(&load, 0, sizeof(load));
    load.now = (int64_t) time(NULL);
    c.alloc = mdr_mem_default();
    c.now = load.now;
    c.diags = mdr_diags_new(c.alloc);
    l.c = &c;
    l.conf = *conf;
    l.arena = mdr_arena_new(c.alloc);
    kept = NULL;
    nkept = 0;
    without = NULL;
    nwithout = 0;

    if (c.diags == NULL || l.arena == NULL) {
        rc = mdr_learn_memory();
    } else {
        rc = conf->policy != NULL ? policy_rule(&l, &load) : own_rule(&l);
    }

    loaded = conf->policy != NULL ? c.m : NULL;

    if (rc == MDR_OK) {
        rc = mdr_learn_titles(&l, paths, npaths);
    }

    if (rc == MDR_OK && conf->keep != NULL) {
        rc = mdr_learn_list(&l, conf->keep, 1, &kept, &nkept);
    }

    if (rc == MDR_OK && conf->without != NULL) {
        rc = mdr_learn_list(&l, conf->without, 0, &without, &nwithout);
    }

    if (rc == MDR_OK) {
        rc = mdr_learn_grams(&l, without, nwithout);
    }

    if (rc == MDR_OK) {
        rc = keep_lines(&l, kept, nkept);
    }

    if (rc == MDR_OK) {
        rc = mdr_learn_match(&l);
    }

    if (rc == MDR_OK) {
        rc = mdr_learn_model(&l);
    }

    if (rc == MDR_OK) {
        rc = mdr_learn_write(&l);
    }

    mdr_free(c.alloc, kept);
    mdr_free(c.alloc, without);
    mdr_free(c.alloc, l.bytes);
    mdr_free(c.alloc, l.at);
    mdr_free(c.alloc, l.label);
    mdr_free(c.alloc, l.times);
    mdr_free(c.alloc, l.f);
    mdr_free(c.alloc, l.ids);
    mdr_free(c.alloc, l.from);
    mdr_free(c.alloc, l.scores);
    mdr_model_free(loaded);
    mdr_diags_free(c.diags);
    mdr_arena_free(l.arena);

    return rc;
}
