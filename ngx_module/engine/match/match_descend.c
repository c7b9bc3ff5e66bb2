/*
 * match_descend.c - which patterns of a long group can be read from an atom.
 *
 * The patterns are in the order of their classes, so those that agree in what
 * was read are a range, and a class more is found by halving.  Where each atom
 * is one class at a time, the ranges are gone down by the classes that are in
 * reach of the last; otherwise, and under repeat, reading by reading.
 */

#include "match_slow.h"

#include <string.h>


#define NEAR    256
#define ODD     1


static inline uint32_t
class_at(const mdr_matcher_t *m, const mdr_lex_pattern_t *p, uint32_t depth)
{
    return depth < MDR_PAT_HEAD ? p->head[depth] : m->classes[p->at + depth];
}


/* the patterns of [lo, hi) whose class at `depth` is at least cl */

static uint32_t
lower(const mdr_matcher_t *m, uint32_t lo, uint32_t hi, uint32_t depth,
    uint32_t cl)
{
    uint32_t                  mid;
    const mdr_lex_pattern_t  *t;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        t = &m->patterns[mid];

        if (t->len <= depth || class_at(m, t, depth) < cl) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    return lo;
}


/* those of p that go on with cl; they agree in p->got classes.  0: none */

static int
narrow(const mdr_matcher_t *m, mdr_slow_path_t *p, uint32_t cl)
{
    const mdr_lex_pattern_t  *first, *last;

    first = &m->patterns[p->lo];
    last = &m->patterns[p->hi - 1];

    /* mostly all of them agree in what is asked for */

    if (first->len > p->got && last->len > p->got
        && class_at(m, first, p->got) == class_at(m, last, p->got))
    {
        return class_at(m, first, p->got) == cl;
    }

    p->lo = lower(m, p->lo, p->hi, p->got, cl);
    p->hi = lower(m, p->lo, p->hi, p->got, cl + 1);

    return p->lo < p->hi;
}


/* all of the sorted patterns [lo, hi) that can be read from atom `start` */

static int
descend(mdr_slow_text_t *s, uint32_t lo, uint32_t hi, uint32_t start)
{
    uint32_t                   cl;
    mdr_slow_path_t            p;
    mdr_slow_stack_t          *stack;
    const mdr_slow_options_t  *o;

    stack = &s->x->down;
    memset(&p, 0, sizeof(p));
    p.lo = lo;
    p.hi = hi;
    p.atom = start;
    p.start = start;

    if (mdr_match_paths_from(s, p, stack) != MDR_OK) {
        return MDR_ERROR;
    }

    while (stack->n != 0 && !mdr_meter_spent(&s->hits->meter)) {
        p = stack->p[--stack->n];
        s->hits->meter.steps++;

        if (mdr_match_paths_seen(s, &p)) {
            continue;
        }

        o = mdr_slow_options_at(s, p.atom);
        cl = o->cl[p.form][p.at];

        if (!(s->m->h.repeat && p.got != 0 && cl == p.c[0])) {

            if (!narrow(s->m, &p, cl)) {
                continue;
            }

            p.got++;
            p.c[0] = (uint16_t) cl;

            if (s->m->patterns[p.lo].len == p.got
                && mdr_match_paths_put(s, p.lo, start,
                                       mdr_slow_last_start(s, start) + 1)
                   != MDR_OK)
            {
                return MDR_ERROR;
            }
        }

        if (mdr_match_paths_next(s, p, stack) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/* patterns [lo, hi), which agree in `got` classes, the last of which is at one
 * of atoms [first, last] */

typedef struct {
    uint32_t  lo, hi, got, first, last;
} near_t;


/* where the class of patterns that all go on with the same one, or each class
 * that is in reach: what of the patterns is left, on the stack of n; NEAR + 1:
 * no room */

static size_t
go_near(mdr_slow_text_t *s, const near_t *p, uint32_t to, near_t *stack,
    size_t n)
{
    size_t                  k, m;
    near_t                  q, *have;
    uint32_t                i, j, cl;
    mdr_slow_path_t         r;
    const mdr_slow_atom_t  *t;

    have = stack + n;                   /* what is new                       */

    for (i = p->first + 1, m = 0; i <= to && i < s->t->n; i++) {
        t = &s->x->atoms[i];

        for (j = 0; j < t->n; j++) {
            cl = t->cl[j];
            s->hits->meter.steps++;

            for (k = 0; k < m && have[k].got != cl; k++) { /* void */ }

            if (k < m) {
                have[k].last = i;
                continue;
            }

            if (n + m == NEAR) {
                return NEAR + 1;
            }

            r.lo = p->lo;
            r.hi = p->hi;
            r.got = (uint16_t) p->got;
            q.lo = 0;
            q.hi = 0;

            if (narrow(s->m, &r, cl)) {
                q.lo = r.lo;
                q.hi = r.hi;
            }

            q.got = cl;                 /* for now                           */
            q.first = i;
            q.last = i;
            have[m++] = q;
        }
    }

    for (k = 0; k < m; k++) {
        if (have[k].lo != have[k].hi) {
            stack[n] = have[k];
            stack[n++].got = p->got + 1;
        }
    }

    return n;
}


/*
 * All of the sorted patterns [lo, hi) that may be read from atom `start`, and
 * some that may not: of the atoms that have a class only the first and the
 * last are known.  ODD: an atom on the way is several classes at once.
 */

static int
descend_near(mdr_slow_text_t *s, uint32_t lo, uint32_t hi, uint32_t start)
{
    size_t                  n;
    near_t                  p, stack[NEAR];
    uint32_t                k, to;
    mdr_slow_path_t         r;
    const mdr_slow_atom_t  *t;

    t = &s->x->atoms[start];

    if (t->odd) {
        return ODD;
    }

    for (k = 0, n = 0; k < t->n; k++) {
        r.lo = lo;
        r.hi = hi;
        r.got = 0;

        if (narrow(s->m, &r, t->cl[k])) {
            stack[n].lo = r.lo;
            stack[n].hi = r.hi;
            stack[n].got = 1;
            stack[n].first = start;
            stack[n++].last = start;
        }
    }

    while (n != 0 && !mdr_meter_spent(&s->hits->meter)) {
        p = stack[--n];
        s->hits->meter.steps++;

        if (s->m->patterns[p.lo].len == p.got) {
            if (mdr_match_paths_put(s, p.lo, start, start + 1) != MDR_OK) {
                return MDR_ERROR;
            }

            if (++p.lo == p.hi) {
                continue;
            }
        }

        to = mdr_slow_reach(s, p.last);

        if (t->odds <= to) {
            return ODD;
        }

        n = go_near(s, &p, to, stack, n);

        if (n > NEAR) {
            return ODD;
        }
    }

    return MDR_OK;
}


/* the end of the patterns, from k on, of a long group whose anchor is at the
 * same place; *head: all of the group want a word edge before */

uint32_t
mdr_match_descend_end(const mdr_matcher_t *m, uint32_t k, int *head)
{
    uint32_t  lo, hi, mid, at;

    lo = 0;
    hi = (uint32_t) m->h.ngroups;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (m->groups[mid].end <= k) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    *head = lo < m->h.ngroups && m->group_heads[lo];
    hi = lo < m->h.ngroups ? m->groups[lo].end : k + 1;
    lo = k + 1;
    at = m->patterns[k].anchor & MDR_PAT_AT;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if ((m->patterns[mid].anchor & MDR_PAT_AT) <= at) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    return lo;
}


/* patterns [lo, hi) of a long group at atom `start` */

int
mdr_match_descend(mdr_slow_text_t *s, uint32_t lo, uint32_t hi, uint32_t start,
    int head)
{
    int                rc;
    const mdr_atom_t  *a;

    if (s->m->h.repeat) {
        return descend(s, lo, hi, start);
    }

    a = &s->t->atoms[start];

    if (head && start != 0 && a[-1].word && a[-1].mark == 0) {
        return MDR_OK;
    }

    rc = descend_near(s, lo, hi, start);

    return rc == ODD ? descend(s, lo, hi, start) : rc;
}
