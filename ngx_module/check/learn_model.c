/*
 * learn_model.c - from features and labels to weights and a threshold.
 *
 * 1. Of all features those that tell the classes apart best by chi-square, a
 * few times as many as there shall be lines.  2. Logistic regression with an
 * L1 penalty over these; what gets no weight is left out.  3. Logistic
 * regression with an L2 penalty over what is left: the weights that count,
 * not shrunk by the choosing.  4. The same in each fold without the titles
 * that it is asked about; the scores of those say where the threshold has to
 * be for the precision that is wanted.
 *
 * In 2 and 3 a feature that a title has is not 1 but the root of its log-count
 * ratio (how much more often it stands in one class than in the other), after
 * Wang and Manning, "Baselines and Bigrams", ACL 2012: of features that are
 * rare, those of one class alone are then cheap to use and the others dear.
 * The ratio itself, as there, trusts few titles too much.
 *
 * Lines of the author keep their weights: they are no features, but their
 * weights are in every score, so that the threshold knows them.
 */

#include "learn.h"

#include <math.h>
#include <stdlib.h>

#ifdef MDR_HAVE_LIBLINEAR

#include <linear.h>

#define COST_L1  0.5
#define COST_L2  0.2

typedef struct {
    uint32_t  id;
    double    value;
} ranked_t;

typedef struct {
    mdr_learn_t  *l;
    uint32_t     *use;          /* of a feature: number + 1 in the problem   */
    uint32_t     *chosen;       /* its features                              */
    uint32_t      n;
    double       *ratio;        /* of a feature: the root of its ratio       */
    double       *w;            /* of the chosen; the last is the bias       */
} fit_t;


static void
quiet(const char *s)
{
    (void) s;
}


static int
by_value(const void *a, const void *b)
{
    const ranked_t  *x = a, *y = b;

    if (x->value != y->value) {
        return x->value > y->value ? -1 : 1;
    }

    return x->id < y->id ? -1 : x->id > y->id;
}


static int
in_fold(const mdr_learn_t *l, uint32_t t, uint32_t fold)
{
    uint32_t  i;
    uint64_t  h;

    /* by its text, so that a title that is there twice is in one fold */

    for (i = l->at[t], h = 0xcbf29ce484222325u; i < l->at[t + 1]; i++) {
        h = (h ^ l->bytes[i]) * 0x100000001b3u;
    }

    h ^= h >> 29;

    return h % l->conf.folds == fold;
}


/* the features that tell most, of the titles outside the fold */

static int
choose(fit_t *f, uint32_t fold)
{
    size_t        i, n, want;
    double        e, all, pos, ratio, sum[2];
    uint32_t      t, *count;
    ranked_t     *r;
    mdr_learn_t  *l;

    l = f->l;
    count = mdr_calloc(l->c->alloc, (l->nf + 1) * 2 * sizeof(uint32_t));
    r = mdr_alloc(l->c->alloc, (l->nf + 1) * sizeof(ranked_t));

    if (count == NULL || r == NULL) {
        mdr_free(l->c->alloc, count);
        mdr_free(l->c->alloc, r);
        return MDR_ERROR;
    }

    all = 0;
    pos = 0;

    for (t = 0; t < l->ntitles; t++) {
        if (in_fold(l, t, fold)) {
            continue;
        }

        all++;
        pos += l->label[t];

        for (i = l->from[t]; i < l->from[t + 1]; i++) {
            count[2 * l->ids[i] + l->label[t]]++;
        }
    }

    for (i = 0, n = 0; i < l->nf; i++) {
        e = (count[2 * i] + count[2 * i + 1]) * pos / all;

        if (l->f[i].kept
            || (!l->f[i].group
                && count[2 * i] + count[2 * i + 1] < l->conf.titles)
            || e <= 0)
        {
            continue;
        }

        r[n].id = (uint32_t) i;
        r[n++].value = l->f[i].group ? 1e300
                       : fabs(count[2 * i + 1] - e)
                         / sqrt(e * (1 - pos / all));
    }

    qsort(r, n, sizeof(ranked_t), by_value);
    want = (size_t) l->conf.lines * 2;
    n = n < want ? n : want;

    for (i = 0, sum[0] = sum[1] = 0; i < n; i++) {
        f->chosen[i] = r[i].id;
        sum[0] += count[2 * r[i].id] + 1;
        sum[1] += count[2 * r[i].id + 1] + 1;
    }

    for (i = 0; i < n; i++) {
        ratio = log((count[2 * r[i].id + 1] + 1) / sum[1])
                - log((count[2 * r[i].id] + 1) / sum[0]);
        f->ratio[r[i].id] = copysign(sqrt(fabs(ratio)), ratio);
    }

    f->n = (uint32_t) n;
    mdr_free(l->c->alloc, count);
    mdr_free(l->c->alloc, r);

    return MDR_OK;
}


/* one training over the chosen features; the weights into f->w */

static int
train_with(fit_t *f, uint32_t fold, int solver, double cost)
{
    int                   sign;
    size_t                i, nodes, at;
    uint32_t              t, k, rows;
    mdr_learn_t          *l;
    struct model         *m;
    struct problem        p;
    struct parameter      c;
    struct feature_node  *x;

    l = f->l;
    memset(f->use, 0, l->nf * sizeof(uint32_t));

    for (k = 0; k < f->n; k++) {
        f->use[f->chosen[k]] = k + 1;
    }

    for (t = 0, nodes = 0, rows = 0; t < l->ntitles; t++) {
        if (!in_fold(l, t, fold)) {
            rows += l->times[t];
            nodes += 2;
            for (i = l->from[t]; i < l->from[t + 1]; i++) {
                nodes += f->use[l->ids[i]] != 0;
            }
        }
    }

    memset(&p, 0, sizeof(p));
    memset(&c, 0, sizeof(c));
    p.l = (int) rows;
    p.n = (int) f->n + 1;
    p.bias = 1;
    p.y = malloc((rows + 1) * sizeof(double));
    p.x = malloc((rows + 1) * sizeof(struct feature_node *));
    x = malloc((nodes + 1) * sizeof(struct feature_node));

    if (p.y == NULL || p.x == NULL || x == NULL) {
        free(p.y);
        free(p.x);
        free(x);
        return MDR_ERROR;
    }

    for (t = 0, at = 0, rows = 0; t < l->ntitles; t++) {
        if (in_fold(l, t, fold)) {
            continue;
        }

        p.y[rows] = l->label[t] ? 1 : -1;
        p.x[rows++] = x + at;

        /* numbers rise, as the library wants them: ids of a title do not */

        for (i = l->from[t]; i < l->from[t + 1]; i++) {
            k = f->use[l->ids[i]];

            if (k != 0) {
                size_t  j;

                for (j = at; x + j > p.x[rows - 1]
                             && x[j - 1].index > (int) k; j--)
                {
                    x[j] = x[j - 1];
                }

                x[j].index = (int) k;
                x[j].value = f->ratio[l->ids[i]];
                at++;
            }
        }

        x[at].index = p.n;
        x[at++].value = 1;
        x[at++].index = -1;

        /* a title that counts more than once: the same row again */

        for (k = 1; k < l->times[t]; k++, rows++) {
            p.y[rows] = p.y[rows - 1];
            p.x[rows] = p.x[rows - 1];
        }
    }

    c.solver_type = solver;
    c.eps = solver == L1R_LR ? 0.01 : 0.001;
    c.C = cost;
    set_print_string_function(quiet);
    srand(1);
    m = train(&p, &c);

    free(p.y);
    free(p.x);
    free(x);

    if (m == NULL) {
        return MDR_ERROR;
    }

    sign = m->label[0] == 1 ? 1 : -1;

    for (k = 0; k < f->n; k++) {
        f->w[k] = sign * m->w[k] * f->ratio[f->chosen[k]];
    }

    f->w[f->n] = sign * m->w[f->n];

    free_and_destroy_model(&m);

    return MDR_OK;
}


/* all of it, without the titles of the fold (UINT32_MAX: with all) */

static int
fit(fit_t *f, uint32_t fold)
{
    uint32_t   k, n;
    ranked_t  *r;

    if (choose(f, fold) != MDR_OK
        || train_with(f, fold, L1R_LR, COST_L1) != MDR_OK)
    {
        return MDR_ERROR;
    }

    r = mdr_alloc(f->l->c->alloc, ((size_t) f->n + 1) * sizeof(ranked_t));
    if (r == NULL) {
        return MDR_ERROR;
    }

    for (k = 0, n = 0; k < f->n; k++) {
        if (f->w[k] != 0) {
            r[n].id = f->chosen[k];
            r[n++].value = fabs(f->w[k]);
        }
    }

    qsort(r, n, sizeof(ranked_t), by_value);
    n = n < f->l->conf.lines ? n : f->l->conf.lines;

    for (k = 0; k < n; k++) {
        f->chosen[k] = r[k].id;
    }

    f->n = n;
    mdr_free(f->l->c->alloc, r);

    return train_with(f, fold, L2R_LR, COST_L2);
}


static double
score(const fit_t *f, uint32_t t)
{
    double              s;
    size_t              i;
    uint32_t            k;
    const mdr_learn_t  *l;

    l = f->l;

    for (i = l->from[t], s = 0; i < l->from[t + 1]; i++) {
        k = f->use[l->ids[i]];

        if (k != 0) {
            s += f->w[k - 1];
        } else if (l->f[l->ids[i]].kept) {
            s += l->f[l->ids[i]].weight / 100.0;
        }
    }

    return s + f->w[f->n];
}


/* where the precision is what is wanted, for the most titles */

static int
find_cut(mdr_learn_t *l)
{
    uint32_t   t, tp, fp;
    ranked_t  *r;

    r = mdr_alloc(l->c->alloc, ((size_t) l->ntitles + 1) * sizeof(ranked_t));
    if (r == NULL) {
        return MDR_ERROR;
    }

    for (t = 0; t < l->ntitles; t++) {
        r[t].id = t;
        r[t].value = l->scores[t];
    }

    qsort(r, l->ntitles, sizeof(ranked_t), by_value);
    l->cut = r[0].value;

    for (t = 0, tp = 0, fp = 0; t < l->ntitles; t++) {
        tp += l->label[r[t].id];
        fp += !l->label[r[t].id];

        if (t + 1 < l->ntitles && r[t + 1].value == r[t].value) {
            continue;
        }

        if (tp >= l->conf.precision * (tp + fp)) {
            l->cut = r[t].value;
            l->hits = tp + fp;
            l->right = tp;
        }
    }

    mdr_free(l->c->alloc, r);

    return MDR_OK;
}


int
mdr_learn_model(mdr_learn_t *l)
{
    int       rc;
    fit_t     f;
    size_t    i;
    uint32_t  k, t;

    f.l = l;
    f.use = mdr_calloc(l->c->alloc, (l->nf + 1) * sizeof(uint32_t));
    f.chosen = mdr_alloc(l->c->alloc, (l->nf + 1) * sizeof(uint32_t));
    f.ratio = mdr_alloc(l->c->alloc, (l->nf + 1) * sizeof(double));
    f.w = mdr_alloc(l->c->alloc, (l->nf + 2) * sizeof(double));
    l->scores = mdr_calloc(l->c->alloc, ((size_t) l->ntitles + 1)
                                        * sizeof(double));

    rc = f.use != NULL && f.chosen != NULL
         && f.ratio != NULL && f.w != NULL
         && l->scores != NULL ? MDR_OK : MDR_ERROR;

    for (k = 0; rc == MDR_OK && k < l->conf.folds; k++) {
        rc = fit(&f, k);

        for (t = 0; rc == MDR_OK && t < l->ntitles; t++) {
            if (in_fold(l, t, k)) {
                l->scores[t] = score(&f, t);
            }
        }
    }

    if (rc == MDR_OK) {
        rc = find_cut(l);
    }

    if (rc == MDR_OK) {
        rc = fit(&f, UINT32_MAX);
    }

    for (i = 0; rc == MDR_OK && i < l->nf; i++) {
        if (!l->f[i].kept) {
            k = f.use[i];
            l->f[i].weight = k != 0 ? (int32_t) lround(f.w[k - 1] * 100) : 0;
        }
    }

    if (rc == MDR_OK) {
        l->bias = f.w[f.n];
        l->threshold = (int32_t) lround((l->cut - l->bias) * 100);
    }

    mdr_free(l->c->alloc, f.use);
    mdr_free(l->c->alloc, f.chosen);
    mdr_free(l->c->alloc, f.ratio);
    mdr_free(l->c->alloc, f.w);

    return rc == MDR_OK ? rc : mdr_learn_memory();
}

#else

int
mdr_learn_model(mdr_learn_t *l)
{
    (void) l;
    fprintf(stderr, "moderationctl: built without liblinear (Debian: "
            "liblinear-dev): it cannot learn\n");

    return MDR_ERROR;
}

#endif
