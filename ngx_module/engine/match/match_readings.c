/*
 * match_readings.c - which patterns can be read from a trace, and where from?
 *
 * Where an atom may be several classes there is no row for the filter.  So the
 * readings are followed down the patterns in the order of their classes, all of
 * them at once from all atoms on: a state is a range of patterns that agree in
 * what was read and the marks behind it, each once an atom, with the first and
 * the last atom where it may have begun.  What is found is a pattern and a
 * range of atoms, ranges of a pattern are joined, and each is searched once.
 */

#include "match_hash.h"
#include "match_special.h"

#include <string.h>


static inline const mdr_lex_pattern_t *
pattern_at(const mdr_matcher_t *m, const uint32_t *sorted, uint32_t i)
{
    return &m->patterns[sorted != NULL ? sorted[i] : i];
}


uint32_t
mdr_match_lower(const mdr_matcher_t *m, const uint32_t *sorted, uint32_t lo,
    uint32_t hi, uint32_t depth, uint32_t cl)
{
    uint32_t                  mid;
    const mdr_lex_pattern_t  *t;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        t = pattern_at(m, sorted, mid);

        if (t->len <= depth || mdr_match_class_at(m, t, depth) < cl) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    return lo;
}


/* have patterns k and j, both words or none, one anchor, at the same place? */

static int
is_same_anchor(const mdr_matcher_t *m, uint32_t k, uint32_t j)
{
    uint32_t                  i, at, n, most;
    const mdr_lex_pattern_t  *p, *q;

    p = &m->patterns[k];
    q = &m->patterns[j];
    at = p->anchor & MDR_PAT_AT;
    most = k >= m->h.words ? MDR_WORD_KEY : 3;
    n = p->len - at < most ? p->len - at : most;

    if ((q->anchor & MDR_PAT_AT) != at
        || (q->len - at < most ? q->len - at : most) != n)
    {
        return 0;
    }

    for (i = at; i < at + n; i++) {
        if (mdr_match_class_at(m, p, i) != mdr_match_class_at(m, q, i)) {
            return 0;
        }
    }

    return 1;
}


uint32_t
mdr_match_anchor_end(const mdr_matcher_t *m, uint32_t k)
{
    uint32_t  lo, hi, mid, step, end;

    end = (uint32_t) (k < m->h.words ? m->h.words : m->h.npatterns);
    lo = k;

    for (step = 1; step < end - lo && is_same_anchor(m, k, lo + step);
         step *= 2)
    {
        lo += step;
    }

    hi = step < end - lo ? lo + step : end;

    while (hi - lo > 1) {
        mid = lo + (hi - lo) / 2;
        if (is_same_anchor(m, k, mid)) {
            lo = mid;
        } else {
            hi = mid;
        }
    }

    return hi;
}


/* a state of the next atom: where it is there already, it may have begun
 * elsewhere, too */

static int
add(mdr_special_text_t *s, const mdr_special_state_t *p)
{
    int                 known;
    mdr_special_t         *x;
    mdr_special_state_t   *q;
    mdr_table_entry_t  *e;

    x = s->x;
    e = mdr_table_at(&x->states, x->alloc,
                     (uint64_t) p->lo << 32 | (uint32_t) p->got << 16
                     | p->skipped, &known);

    if (e == NULL
        || MDR_GROW(x->alloc, x->then, x->nthen + 1)
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    if (known) {
        q = &x->then[e->value];
        q->min = p->min < q->min ? p->min : q->min;
        q->max = p->max > q->max ? p->max : q->max;
        return MDR_OK;
    }

    e->value = (uint32_t) x->nthen;
    x->then[x->nthen++] = *p;

    return MDR_OK;
}


/* pattern k may begin at [from, to): joined with what is known of it, or that
 * is searched first */

static int
put_pattern(mdr_special_text_t *s, uint32_t k, uint32_t from, uint32_t to)
{
    int                 known;
    mdr_special_t         *x;
    mdr_range_t         old, *r;
    mdr_table_entry_t  *e;

    x = s->x;
    s->hits->meter.steps++;
    e = mdr_table_at(&x->found, x->alloc, k, &known);

    if (e == NULL
        || mdr_table_reserve(x->alloc, &x->ranges, &x->ranges_cap,
                             x->nranges + 1, sizeof(mdr_range_t))
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    if (!known) {
        e->value = (uint32_t) x->nranges;
        r = &x->ranges[x->nranges++];
        r->pattern = k;
        r->from = from;
        r->to = to;
        return MDR_OK;
    }

    r = &x->ranges[e->value];

    if (from <= r->to + s->gap && to >= r->from) {
        r->from = from < r->from ? from : r->from;
        r->to = to > r->to ? to : r->to;
        return MDR_OK;
    }

    old = *r;
    r->from = from;
    r->to = to;

    return mdr_match_verify_range(&s->v, s->t, &old);
}


/* those of p that go on with cl; they agree in p->got classes.  0: none */

static int
narrow(const mdr_special_text_t *s, mdr_special_state_t *p, uint32_t cl)
{
    const mdr_matcher_t  *m;

    m = s->m;

    if (p->got == 0 && s->x->sorted != NULL) {
        p->lo = m->heads[cl];
        p->hi = m->heads[cl + 1];
        return p->lo < p->hi;
    }

    p->lo = mdr_match_lower(m, s->x->sorted, p->lo, p->hi, p->got, cl);
    p->hi = mdr_match_lower(m, s->x->sorted, p->lo, p->hi, p->got, cl + 1);

    return p->lo < p->hi;
}


/* state p takes the n classes cl; what it leads to is of the next atom */

static int
take(mdr_special_text_t *s, mdr_special_state_t p, const uint16_t *cl,
    uint32_t n)
{
    uint32_t                  i;
    const mdr_lex_pattern_t  *t;

    p.skipped = 0;

    for (i = 0; i < n; i++) {
        s->hits->meter.steps++;

        if (cl[i] == MDR_CL_NONE) {
            return MDR_OK;
        }

        if (s->m->h.repeat && p.got != 0 && cl[i] == p.last) {
            continue;
        }

        if (!narrow(s, &p, cl[i])) {
            return MDR_OK;
        }

        p.got++;
        p.last = cl[i];
        t = pattern_at(s->m, s->x->sorted, p.lo);

        if (t->len == p.got) {
            if (put_pattern(s, (uint32_t) (t - s->m->patterns), p.min,
                            mdr_special_last_start(s, p.max) + 1)
                != MDR_OK)
            {
                return MDR_ERROR;
            }

            if (p.hi - p.lo == 1) {
                return MDR_OK;
            }
        }
    }

    return add(s, &p);
}


/* all that p leads to at atom i; root: it begins there */

static int
go_on(mdr_special_text_t *s, mdr_special_state_t p, uint32_t i, int root)
{
    uint32_t                   f, k;
    const mdr_special_atom_t     *a;
    const mdr_special_options_t  *o;

    a = &s->x->atoms[i];
    s->hits->meter.steps++;

    if (!root && a->skip && p.skipped < s->gap) {
        p.skipped++;

        if (add(s, &p) != MDR_OK) {
            return MDR_ERROR;
        }

        p.skipped--;
    }

    if (!a->odd) {
        for (k = 0; k < a->n; k++) {
            if (take(s, p, &a->cl[k], 1) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        return MDR_OK;
    }

    o = mdr_special_options_at(s, i);

    for (f = 0; f < o->n; f++) {
        for (k = 0; k < (root ? o->len[f] : 1u); k++) {
            if (take(s, p, o->cl[f] + k, o->len[f] - k) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


/* words begin where none goes on */

static inline int
may_begin(const mdr_special_text_t *s, uint32_t i)
{
    const mdr_atom_t  *t;

    t = s->t->atoms;

    return s->x->sorted != NULL || s->m->h.repeat || i == 0
           || !t[i - 1].word || t[i - 1].mark != 0;
}


/* the sorted patterns [lo, hi), from each of atoms [from, to) on.  What is
 * found is put. */

static int
follow(mdr_special_text_t *s, uint32_t lo, uint32_t hi, uint32_t from,
    uint32_t to)
{
    size_t             k, cap;
    uint32_t           i;
    mdr_special_t        *x;
    mdr_special_state_t   root, *swap;

    x = s->x;
    memset(&root, 0, sizeof(root));
    root.lo = lo;
    root.hi = hi;
    x->nnow = 0;

    for (i = from; i < s->t->n && (i < to || x->nnow != 0); i++) {

        if (mdr_meter_spent(&s->hits->meter)) {
            break;
        }

        x->nthen = 0;
        mdr_table_clear(&x->states);

        for (k = 0; k < x->nnow; k++) {
            if (go_on(s, x->now[k], i, 0) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        if (i < to && may_begin(s, i)) {
            root.min = i;
            root.max = i;

            if (go_on(s, root, i, 1) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        swap = x->now;
        cap = x->now_cap;
        x->now = x->then;
        x->now_cap = x->then_cap;
        x->nnow = x->nthen;
        x->then = swap;
        x->then_cap = cap;
    }

    return MDR_OK;
}


int
mdr_match_find(mdr_special_text_t *s, uint32_t from, uint32_t to)
{
    size_t                i;
    uint32_t              words, end;
    mdr_special_t           *x;

    x = s->x;
    x->nranges = 0;
    mdr_table_clear(&x->found);
    words = (uint32_t) s->m->h.words;
    end = (uint32_t) s->m->h.npatterns;

    x->sorted = s->m->sorted;

    if (words != 0 && follow(s, 0, words, from, to) != MDR_OK) {
        return MDR_ERROR;
    }

    x->sorted = NULL;

    if (words != end && follow(s, words, end, from, to) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0; i < x->nranges; i++) {
        if (mdr_match_verify_range(&s->v, s->t, &x->ranges[i]) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}
