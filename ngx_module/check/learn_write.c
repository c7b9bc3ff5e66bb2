/*
 * learn_write.c - what was learned: the list, the rule, the report.
 */

#include "learn.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/stat.h>


#define TESTS  6


void
mdr_learn_wilson(uint32_t k, uint32_t n, double *low, double *high)
{
    double  p, z, mid, half, d;

    if (n == 0) {
        *low = 0;
        *high = 1;
        return;
    }

    z = 1.959964;
    p = (double) k / n;
    d = 1 + z * z / n;
    mid = (p + z * z / (2.0 * n)) / d;
    half = z * sqrt(p * (1 - p) / n + z * z / (4.0 * n * n)) / d;
    *low = mid - half;
    *high = mid + half;
}


static FILE *
create(const mdr_learn_t *l, const char *name)
{
    char   path[4096];
    FILE  *f;

    snprintf(path, sizeof(path), "%s/%s", l->conf.out, name);
    f = fopen(path, "wbe");

    if (f == NULL) {
        fprintf(stderr, "moderationctl: %s: %s\n", path, strerror(errno));
    }

    return f;
}


static int
finish(const mdr_learn_t *l, FILE *f, const char *name)
{
    if (ferror(f) | fclose(f)) {
        fprintf(stderr, "moderationctl: %s/%s: cannot be written\n",
                l->conf.out, name);
        return MDR_ERROR;
    }

    return MDR_OK;
}


static int
by_weight(const void *a, const void *b)
{
    int                   rc;
    uint32_t              n;
    const mdr_feature_t  *x = *(const mdr_feature_t *const *) a,
                         *y = *(const mdr_feature_t *const *) b;

    if (x->kept != y->kept) {
        return x->kept ? -1 : 1;
    }

    if (x->weight != y->weight) {
        return x->weight > y->weight ? -1 : 1;
    }

    n = x->text.len < y->text.len ? x->text.len : y->text.len;
    rc = memcmp(x->text.data, y->text.data, n);

    if (rc == 0) {
        rc = (x->text.len > y->text.len) - (x->text.len < y->text.len);
    }

    return rc != 0 ? rc : x->place - y->place;
}


static const mdr_feature_t **
sorted(mdr_learn_t *l, int group, size_t *n)
{
    size_t                 i;
    const mdr_feature_t  **s;

    s = mdr_alloc(l->c->alloc, (l->nf + 1) * sizeof(*s));
    *n = 0;

    for (i = 0; s != NULL && i < l->nf; i++) {
        if (l->f[i].group == group && (l->f[i].weight != 0 || l->f[i].kept)) {
            s[(*n)++] = &l->f[i];
        }
    }

    if (s != NULL) {
        qsort(s, *n, sizeof(*s), by_weight);
    }

    return s;
}


static int
write_list(mdr_learn_t *l, size_t *lines)
{
    FILE                  *o;
    size_t                 i, n;
    const mdr_feature_t  **s, *f;

    static const char *const  places[] = { "", "\tbegin", "\tend",
                                           "\twhole" };

    s = sorted(l, 0, &n);
    o = s != NULL ? create(l, "learned.txt") : NULL;

    if (o == NULL) {
        mdr_free(l->c->alloc, s);
        return MDR_ERROR;
    }

    fprintf(o, "# Fragments of titles with label 1 (+) and 0 (-), learned from "
            "%u titles.\n# Behind a fragment its weight (100 is one unit of "
            "the logit) and its place;\n# +n -n: in how many titles of each "
            "class it stood. Lines that are changed,\n# or have no such "
            "note, are the author's: learn --keep keeps them.\n", l->ntitles);

    for (i = 0; i < n; i++) {
        f = s[i];
        fprintf(o, "%s\t%d%s", f->text.data, f->weight, places[f->place]);

        if (f->kept) {
            fprintf(o, "\n");
        } else {
            fprintf(o, "  # +%u -%u: %d\n", f->n[1], f->n[0], f->weight);
        }
    }

    *lines = n;
    mdr_free(l->c->alloc, s);

    return finish(l, o, "learned.txt");
}


static void
quoted(FILE *o, mdr_str_t s)
{
    uint32_t  i;

    fputc('\'', o);

    for (i = 0; i < s.len; i++) {
        if (s.data[i] == '\'') {
            fputc('\'', o);
        }
        fputc(s.data[i], o);
    }

    fputc('\'', o);
}


static void
write_condition(FILE *o, const mdr_rule_t *r, const mdr_group_t *g)
{
    char  when[1024];

    if (mdr_cond_text(r, g->conds, g->nconds, mdr_mem_default(), when,
                      sizeof(when))
        != MDR_OK)
    {
        when[0] = '\0';
    }

    fprintf(o, "when: \"%s\"", when);
}


/* does the condition of a group that is written name group g? */

static int
is_named(const mdr_learn_t *l, uint32_t g)
{
    size_t             i;
    uint32_t           k;
    const mdr_cond_t  *c;

    for (i = 0; i < l->nf; i++) {
        if (!l->f[i].group || l->f[i].weight == 0) {
            continue;
        }

        for (k = 0; k < l->r->groups[l->f[i].at].nconds; k++) {
            c = &l->r->groups[l->f[i].at].conds[k];

            if ((c->op == MDR_COND_GROUP || c->op == MDR_COND_COUNT
                 || c->op == MDR_COND_NEAR)
                && (c->a == g || (c->op == MDR_COND_NEAR && c->b == g)))
            {
                return 1;
            }
        }
    }

    return 0;
}


static int
write_groups(mdr_learn_t *l, FILE *o)
{
    size_t               i;
    uint32_t             k;
    uint64_t             j;
    const mdr_group_t   *g;
    const mdr_feature_t *f;

    fprintf(o, "        %s: {list: learned.txt}\n",
            l->r->groups[l->words].name.data);

    for (i = 0; i < l->nf; i++) {
        f = &l->f[i];

        if (!f->group || (f->weight == 0 && !is_named(l, f->at))) {
            continue;
        }

        g = &l->r->groups[f->at];
        fprintf(o, "        %s: {weight: %d, ", g->name.data, f->weight);

        if (g->nconds != 0) {
            write_condition(o, l->r, g);
        }

        for (j = 0; j < g->nterms; j++) {
            fprintf(o, "%s", j == 0 ? "terms: [" : ", ");
            quoted(o, g->terms[j].text);
        }
        fprintf(o, "%s", g->nterms != 0 ? g->nregexes != 0 ? "], " : "]"
                         : "");

        for (k = 0; k < g->nregexes; k++) {
            fprintf(o, "%s", k == 0 ? "regex: [" : ", ");
            quoted(o, g->regexes[k]);
        }
        fprintf(o, "%s}  # +%u -%u\n", g->nregexes != 0 ? "]" : "", f->n[1],
                f->n[0]);
    }

    return MDR_OK;
}


/* titles whose label and score agree with room to spare, in order */

static void
write_tests(mdr_learn_t *l, FILE *o)
{
    double                s;
    size_t                i;
    uint32_t              t, n[2], stands;
    mdr_str_t             title;
    const mdr_feature_t  *f;

    n[0] = 0;
    n[1] = 0;
    fprintf(o, "    tests:\n");

    for (t = 0; t < l->ntitles; t++) {
        for (i = l->from[t], s = 0, stands = 0; i < l->from[t + 1]; i++) {
            f = &l->f[l->ids[i]];
            s += f->weight;
            stands |= f->weight != 0
                      && (!f->group || l->r->groups[f->at].nconds == 0);
        }

        /* a rule needs a hit, whatever conditions give */

        if (n[l->label[t]] == TESTS || (l->label[t] && !stands)
            || (l->label[t] ? s < l->threshold + 20
                            : s > l->threshold - 100))
        {
            continue;
        }

        n[l->label[t]]++;
        title.data = (const char *) l->bytes + l->at[t];
        title.len = l->at[t + 1] - l->at[t] - 1;
        fprintf(o, "      - %s: ", l->label[t] ? "hit" : "pass");
        quoted(o, title);
        fprintf(o, "\n");
    }
}


static int
write_rule(mdr_learn_t *l)
{
    FILE  *o;

    o = create(l, "learned.yaml");
    if (o == NULL) {
        return MDR_ERROR;
    }

    fprintf(o, "# Learned by moderationctl learn; see report.txt.\n"
            "rules:\n"
            "  - id: %s\n    rev: 1\n    status: draft\n"
            "    label: %s\n    suggestion: review\n    action: tag\n"
            "    match:\n      in: [title]\n      groups:\n",
            l->r->id.data, l->r->label.data);
    write_groups(l, o);
    fprintf(o, "      when: score >= %d\n", l->threshold);
    write_tests(l, o);

    return finish(l, o, "learned.yaml");
}


static void
said(FILE *o, const mdr_learn_t *l, size_t lines)
{
    double    low, high, cut;
    uint32_t  t, tp, fp, k;

    static const double  steps[] = { -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2 };

    fprintf(o, "%u titles, %u of them with label 1; %zu lines, threshold "
            "%d\n\n", l->ntitles, l->npos, lines, l->threshold);

    if (l->drawn != 0) {
        fprintf(o, "%u titles more have as many labels of each kind: left "
                "out.\n\n", l->drawn);
    }

    fprintf(o, "Cross-validation in %u parts (each title is scored by what "
            "was learned\nwithout its part; 95 %% by Wilson):\n\n",
            l->conf.folds);
    fprintf(o, "threshold    hit  right  precision               recall\n");

    for (k = 0; k < sizeof(steps) / sizeof(steps[0]); k++) {
        cut = l->cut + steps[k];

        for (t = 0, tp = 0, fp = 0; t < l->ntitles; t++) {
            if (l->scores[t] >= cut) {
                tp += l->label[t];
                fp += !l->label[t];
            }
        }

        mdr_learn_wilson(tp, tp + fp, &low, &high);
        fprintf(o, "%9d %6u %6u  %.4f (%.4f-%.4f)  %.4f%s\n",
                l->threshold + (int) lround(steps[k] * 100), tp + fp, tp,
                (double) tp / (tp + fp != 0 ? tp + fp : 1), low, high,
                (double) tp / l->npos,
                steps[k] == 0 ? "  <- chosen" : "");
    }

    if (l->right < l->conf.precision * l->hits || l->hits == 0) {
        fprintf(o, "\nA precision of %.2f is not reached.\n",
                l->conf.precision);
    }
}


int
mdr_learn_write(mdr_learn_t *l)
{
    FILE                  *o;
    size_t                 i, n, lines;
    const mdr_feature_t  **s;

    if (mkdir(l->conf.out, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "moderationctl: %s: %s\n", l->conf.out,
                strerror(errno));
        return MDR_ERROR;
    }

    if (write_list(l, &lines) != MDR_OK || write_rule(l) != MDR_OK) {
        return MDR_ERROR;
    }

    o = create(l, "report.txt");
    if (o == NULL) {
        return MDR_ERROR;
    }

    said(o, l, lines);
    said(stdout, l, lines);

    s = sorted(l, 1, &n);
    fprintf(o, "\nGroups of the rule, their weights, titles of label 1 and 0:"
            "\n\n");

    for (i = 0; s != NULL && i < n; i++) {
        fprintf(o, "%-24s %6d %6u %6u\n", s[i]->text.data, s[i]->weight,
                s[i]->n[1], s[i]->n[0]);
    }

    mdr_free(l->c->alloc, s);

    return finish(l, o, "report.txt");
}
