/*
 * match_runs.c - terms of one character, repeated, under repeat.
 *
 * Where runs are one class, terms that are 2, 3 ... 256 times the same
 * character are one pattern, and a run of that character is one candidate for
 * all of them.  Which of them begin where depends on nothing but how many of
 * the character follow with no more than the rule's gaps between: so the
 * places of the character are noted once for each profile, and for each
 * rule's group the longest term that a place has is read from that.
 */

#include "match_exact.h"
#include "match_verify.h"

#include <stdlib.h>
#include <string.h>


/* a place of the character: its atom, the last place with nothing between (a
 * run, which repeat takes as a whole), and the first that is out of reach */

typedef struct {
    uint32_t  atom, run, stop;
    uint32_t  good;                     /* the first from here on that has a
                                           word edge before, if one is asked
                                           for                               */
    uint32_t  next;                     /* the next such that has no hit     */
} place_t;

struct mdr_runs_s {
    place_t             *places;
    size_t               places_cap;
    mdr_matcher_run_t   *runs;          /* those that may be, by group       */
    size_t               runs_cap;
};

typedef struct {
    mdr_verify_t            *v;
    const mdr_exact_line_t  *line;
    place_t                 *places;
    uint32_t                 n;         /* places                            */
    uint32_t                 starts;    /* where a hit may begin             */
    uint32_t                 element, shift;
    const mdr_profile_t     *profile;
} stretch_t;


/* the terms of a rule's group together, the longest first */

static int
by_group(const void *a, const void *b)
{
    const mdr_matcher_run_t  *x = a, *y = b;

    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }

    return x->n > y->n ? -1 : x->n < y->n;
}


/* may a hit begin at atom i, as far as word edges go?  No: no term of these
 * may */

static int
has_edge(const stretch_t *s, size_t i)
{
    const mdr_atom_t  *a;

    a = &s->line->t->atoms[i];

    if (i == 0 || !a[-1].word || a[-1].mark != 0) {
        return 1;
    }

    return s->profile->boundary == MDR_BOUNDARY_AUTO
           ? !(a->word && mdr_fold_is_word(s->element))
           : s->profile->boundary != MDR_BOUNDARY_WORD;
}


/*
 * The places in atoms [from, to), and behind them as far as one can go on;
 * *starts of them are before `to`.  Returns 0 where an atom may be several
 * things, which is none of our business.
 */

static int
find_places(stretch_t *s, size_t from, size_t to)
{
    void              *q;
    size_t             i;
    uint32_t           n, k, gap, form, run, stop;
    place_t           *p;
    mdr_runs_t        *x;
    const mdr_atom_t  *a;

    if (s->profile->boundary == MDR_BOUNDARY_WHOLE
        && to > s->line->t->base)
    {
        return 0;
    }

    x = s->v->w->runs;
    gap = 0;
    s->starts = 0;

    for (i = from, n = 0; i < s->line->t->n; i++) {

        if ((i >= to && gap > s->profile->gap_max)
            || mdr_meter_spent(&s->v->hits->meter))
        {
            break;
        }

        s->v->hits->meter.steps++;
        form = s->line->atoms[i].form;
        a = &s->line->t->atoms[i];

        if (form & MDR_EXACT_MANY) {
            return 0;
        }

        if ((form & MDR_EXACT_FORM) != s->element) {

            if ((form & MDR_EXACT_CHOICE)
                && mdr_match_exact_may_be(s->v->w->exact, s->line, i,
                                          s->element))
            {
                return 0;
            }

            if (!(a->mark & s->profile->gap_of)) {
                gap = s->profile->gap_max + 1u;
            } else if (gap <= s->profile->gap_max) {
                gap += (a->flags & MDR_ATOM_FLAG) == 0 || gap == 0;
            }
            continue;
        }

        if ((form & MDR_EXACT_CHOICE) || (a->mark & s->profile->gap_of)) {
            return 0;
        }

        if (n + 1 >= x->places_cap) {
            q = x->places;
            if (mdr_grow(s->v->m->alloc, &q, &x->places_cap, n + 2,
                         sizeof(place_t))
                != MDR_OK)
            {
                return MDR_ERROR;
            }
            x->places = q;
        }

        p = x->places;
        p[n].atom = (uint32_t) i;
        p[n].stop = n != 0 && gap <= s->profile->gap_max;   /* goes on       */
        n++;
        s->starts += i < to;
        gap = 0;
    }

    p = x->places;

    if (p != NULL) {
        p[n].good = n;
    }

    for (k = n, stop = n, run = 0; k-- > 0; /* void */) {
        if (k + 1 == n || p[k + 1].atom != p[k].atom + 1) {
            run = k;
        }
        gap = p[k].stop;
        p[k].run = run;
        p[k].stop = stop;
        p[k].good = has_edge(s, p[k].atom) ? k : p[k + 1].good;
        stop = gap ? stop : k;
    }

    s->places = p;
    s->n = n;

    return 1;
}


/* the hit of a term of n characters at place k; 0: edges do not allow it */

static int
hit_at(stretch_t *s, const mdr_exact_term_t *term, uint32_t k,
    uint32_t *start, uint32_t *end)
{
    size_t             i, first, last;
    const mdr_atom_t  *a;

    first = s->places[k].atom;
    last = s->profile->folds & MDR_FOLD_REPEAT
           ? s->places[s->places[k + term->n - 1].run].atom
           : s->places[k + term->n - 1].atom;

    s->v->hits->meter.steps++;

    if ((s->profile->boundary == MDR_BOUNDARY_WHOLE
         && (first > s->line->low || last + 1 < s->line->high))
        || !mdr_trace_edges(s->line->t, s->profile, first, last, s->element,
                            term->head_word, s->element, term->tail_word))
    {
        return 0;
    }

    a = s->line->t->atoms;
    *start = a[first].start;
    *end = a[last].end;

    for (i = first; !s->line->t->ordered && i <= last; i++) {
        *start = a[i].start < *start ? a[i].start : *start;
        *end = a[i].end > *end ? a[i].end : *end;
    }

    *start += s->shift;
    *end += s->shift;

    return 1;
}


static int
is_wanted(const mdr_verify_t *v, const mdr_lex_user_t *u)
{
    return (int) (v->reads[u->rule / 64] >> (u->rule % 64) & 1);
}


/* of one rule's group: the place that is the first without a hit, and where
 * the hit that reaches furthest begins and ends */

typedef struct {
    uint32_t  list, first, last;
    int       any, once;
} group_t;


/* the hits of one term in places up to `to`, at those that have none of a
 * longer one */

static int
put_hits(stretch_t *s, const mdr_lex_user_t *u, group_t *g, uint32_t to)
{
    int                      repeat;
    uint32_t                 k, n, next, before, start, end, run;
    place_t                 *p;
    const mdr_exact_term_t  *term;

    term = mdr_match_exact_term(s->v->w->exact, s->v->m, u,
                                s->line->folds);
    p = s->places;
    n = term->n;
    repeat = (s->profile->folds & MDR_FOLD_REPEAT) != 0;
    before = UINT32_MAX;

    for (k = g->list; k + n <= to && k < s->starts
                      && !mdr_meter_spent(&s->v->hits->meter); k = next)
    {
        run = p[k + n - 1].run;
        next = g->once ? p[k].next : p[k + 1].good;
        s->v->hits->meter.steps++;

        if (repeat && g->any && k >= g->first && run <= g->last) {

            /* in a hit that is there, as all that end in the same run */

            next = run + 2 - n > next ? p[run + 2 - n].good : next;

        } else if (!hit_at(s, term, k, &start, &end)) {
            before = k;
            continue;

        } else if (mdr_match_hit(s->v->m, s->v->hits, u, s->v->subject,
                                 start, end)
                   != MDR_OK)
        {
            return MDR_ERROR;

        } else if (!g->any || run >= g->last) {
            g->any = 1;
            g->first = k;
            g->last = run;
        }

        if (!g->once) {
            continue;
        }

        if (before == UINT32_MAX) {
            g->list = next;
        } else {
            p[before].next = next;
        }
    }

    return MDR_OK;
}


/* n users of one profile, in the order of their lengths, over the stretches
 * of places that one can go through */

static int
put_stretches(stretch_t *s, const mdr_matcher_run_t *r, size_t n,
    mdr_matcher_run_t *sorted)
{
    size_t     i, many, before;
    group_t    g;
    uint32_t   k, j, to;
    place_t   *p;

    p = s->places;

    memset(&g, 0, sizeof(g));

    for (k = 0, many = 0, before = 0;
         k < s->starts && !mdr_meter_spent(&s->v->hits->meter); k = to)
    {
        to = p[k].stop;

        while (many > 0 && r[many - 1].n > to - k) {
            many--;
        }

        while (many < n && r[many].n <= to - k) {
            many++;
        }

        if (many != before) {
            memcpy(sorted, r, many * sizeof(mdr_matcher_run_t));
            qsort(sorted, many, sizeof(mdr_matcher_run_t), by_group);
            before = many;
            s->v->hits->meter.steps += many;
        }

        for (i = 0; i < many; i++) {

            if (i == 0 || sorted[i].key != sorted[i - 1].key) {

                g.list = p[k].good;
                g.any = 0;
                g.once = sorted[i].once && i + 1 < many
                         && sorted[i + 1].key == sorted[i].key;

                for (j = g.list; g.once && j < to; j = p[j].next) {
                    p[j].next = p[j + 1].good;
                    s->v->hits->meter.steps++;
                }
            }

            s->v->hits->meter.steps++;

            if (!is_wanted(s->v, &s->v->m->users[sorted[i].user])) {
                continue;
            }

            if (put_hits(s, &s->v->m->users[sorted[i].user], &g, to)
                != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


/* one by one, where the text is not so simple */

static int
ask_all(mdr_verify_t *v, const mdr_trace_t *t, const mdr_matcher_run_t *r,
    size_t n, size_t from, size_t to, uint32_t shift)
{
    size_t  i;

    for (i = 0; i < n && !mdr_meter_spent(&v->hits->meter); i++) {
        v->u = &v->m->users[r[i].user];

        if (!is_wanted(v, v->u)) {
            continue;
        }

        v->rule = &v->m->model->rules[v->u->rule];
        v->hits->candidates++;

        if (mdr_match_compare_at(v, t, from, to, shift) == MDR_ERROR) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


int
mdr_match_runs(mdr_verify_t *v, const mdr_matcher_runs_t *g,
    const mdr_trace_t *t, size_t from, size_t to, uint32_t shift)
{
    int                       rc;
    void                     *p;
    uint32_t                  i, k;
    stretch_t                 s;
    mdr_runs_t               *x;
    const mdr_matcher_run_t  *r;

    x = v->w->runs;
    to = to < t->n ? to : t->n;
    p = x->runs;

    if (mdr_grow(v->m->alloc, &p, &x->runs_cap, g->end - g->first + 1,
                 sizeof(mdr_matcher_run_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    x->runs = p;
    s.v = v;
    s.shift = shift;
    s.line = mdr_match_exact_line(v->w->exact, t, &v->hits->meter);

    if (s.line == NULL) {
        return MDR_ERROR;
    }

    for (i = g->first + g->rest; i < g->end; i = k) {
        r = &v->m->runs[i];
        k = r->alike;
        s.profile = &v->m->model->rules[r->profile].profile;
        s.element = r->element;

        if (s.profile->folds != t->folds) {
            continue;
        }

        v->hits->candidates++;
        rc = find_places(&s, from, to);

        if (rc != MDR_ERROR) {
            rc = rc ? put_stretches(&s, r, k - i, x->runs)
                    : ask_all(v, t, r, k - i, from, to, shift);
        }

        if (rc != MDR_OK) {
            return rc;
        }
    }

    return MDR_OK;
}


mdr_runs_t *
mdr_match_runs_new(const mdr_alloc_t *alloc)
{
    return mdr_calloc(alloc, sizeof(mdr_runs_t));
}


void
mdr_match_runs_free(mdr_runs_t *x, const mdr_alloc_t *alloc)
{
    if (x != NULL) {
        mdr_free(alloc, x->places);
        mdr_free(alloc, x->runs);
        mdr_free(alloc, x);
    }
}
