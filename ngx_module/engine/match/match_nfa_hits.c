/*
 * match_nfa_hits.c - where terms that were found begin and end.
 *
 * A set of starts is a DAG (match_nfa.c).  It is read once a term, since a hit
 * ends where its term first may, and what was read is never gone through again.
 */

#include "match_nfa_in.h"

#include <stdlib.h>
#include <string.h>


/* a table of so many sets comes slowly from memory: so many steps more */
#define LARGE       8192
#define LARGE_STEP  3


static int
may_end(const mdr_nfa_search_t *s, size_t i, uint32_t code)
{
    return s->p->boundary == MDR_BOUNDARY_WHOLE
           ? i + 1 >= s->high || mdr_match_atoms_ends(s->l, i)
           : mdr_nfa_has_edge(s, i, i + 1, code);
}


static int
by_start(const void *a, const void *b)
{
    uint32_t  x, y;

    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));

    return x < y ? -1 : x > y;
}


/* the starts of a set that have no hit yet of the terms of a node, in order,
 * into x->got; now they have */

static int
take_starts(mdr_nfa_search_t *s, uint32_t set, uint32_t node)
{
    int         known;
    size_t      n;
    mdr_nfa_starts_t      *t;
    mdr_nfa_t  *x;

    x = s->x;
    x->ngot = 0;
    n = 0;

    for ( ;; ) {
        s->meter->steps++;
        t = &x->sets[set];
        known = t->had == node;

        if (t->had == NONE) {
            t->had = node;

        } else if (!known) {
            s->meter->steps += x->reported.n > LARGE ? LARGE_STEP : 0;

            if (mdr_table_at(&x->reported, x->alloc,
                             (uint64_t) node << 32 | set, &known)
                == NULL)
            {
                return MDR_ERROR;
            }
        }

        if (!known) {
            if (MDR_GROW(x->alloc, x->stack, n + 2)
                != MDR_OK
                || mdr_table_reserve(x->alloc, &x->got, &x->got_cap,
                                     x->ngot + 1, sizeof(uint32_t))
                   != MDR_OK)
            {
                return MDR_ERROR;
            }

            if (x->sets[set].b == NONE) {
                x->got[x->ngot++] = x->sets[set].a;
            } else {
                x->stack[n++] = x->sets[set].a;
                x->stack[n++] = x->sets[set].b;
            }
        }

        if (n == 0) {
            break;
        }

        set = x->stack[--n];
    }

    if (x->ngot > 1) {
        qsort(x->got, x->ngot, sizeof(uint32_t), by_start);
    }

    return MDR_OK;
}


/* under repeat, a start behind another of its run says nothing that this does
 * not say */

static int
is_idle(const mdr_nfa_search_t *s, uint32_t before, uint32_t start)
{
    return s->repeat && before + 1 == start
           && s->l->atoms[before].run == s->l->atoms[start].run;
}


/* the spans from each of the starts in x->got, which are in order, to `last`.
 * Where atoms are not in the order of the text, a span holds all of them: from
 * the last start back each is gone through once. */

static int
take_spans(mdr_nfa_search_t *s, size_t last)
{
    size_t       k, at, n;
    mdr_nfa_span_t       one, all, *spans;
    mdr_nfa_t   *x;

    x = s->x;
    n = x->ngot;

    if (n > x->spans_cap
        && MDR_GROW(x->alloc, x->spans, n)
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    spans = x->spans;
    all.start = UINT32_MAX;
    all.end = 0;

    for (k = n, at = last + 1; k-- > 0; at = x->got[k]) {
        mdr_match_atoms_span(s->l, x->got[k], at - 1, &one.start, &one.end);

        all.start = one.start < all.start ? one.start : all.start;
        all.end = one.end > all.end ? one.end : all.end;
        spans[k].start = all.start + s->shift;
        spans[k].end = all.end + s->shift;
    }

    return MDR_OK;
}


/* hits of u, or of n trie users from `user` on, of those spans */

static int
put_spans(mdr_nfa_search_t *s, const mdr_lex_user_t *u, uint32_t user,
    uint32_t n)
{
    int               rc;
    size_t            i;
    const mdr_nfa_t  *x;

    x = s->x;

    for (i = 0, rc = MDR_OK; i < x->ngot && rc == MDR_OK; i++) {
        s->meter->steps++;

        if (i != 0 && is_idle(s, x->got[i - 1], x->got[i])) {
            continue;
        }

        rc = u != NULL
             ? mdr_match_hit(s->v->m, s->v->hits, u, s->v->subject,
                             x->spans[i].start, x->spans[i].end)
             : mdr_match_hit_users(s->v, user, n, x->spans[i].start,
                                   x->spans[i].end);
    }

    return rc;
}


/* the terms of node d end with atom i, if their edges are there */

int
mdr_nfa_found(mdr_nfa_search_t *s, const mdr_trie_node_t *d,
    uint32_t starts, size_t i)
{
    size_t    k, last;
    uint32_t *to;

    last = s->repeat
           ? mdr_match_atoms_run(s->v->w->atoms, s->l, i, d->code >> 1)
           : i;

    if (!may_end(s, last, d->code)) {
        return MDR_OK;
    }

    if (take_starts(s, starts, (uint32_t) (d - s->nodes)) != MDR_OK) {
        return MDR_ERROR;
    }

    s->any |= s->x->ngot != 0;

    if (s->longest) {
        for (k = 0; k < s->x->ngot; k++) {
            to = &s->x->last[s->x->got[k] - s->from];
            *to = last + 1 > *to ? (uint32_t) last + 1 : *to;
        }

        return MDR_OK;
    }

    if (s->x->ngot == 0 || take_spans(s, last) != MDR_OK) {
        return s->x->ngot == 0 ? MDR_OK : MDR_ERROR;
    }

    return put_spans(s, s->branch ? s->v->u : NULL, d->user, d->nusers);
}


/* the longest hits of atoms [s->from, to) */

int
mdr_nfa_put_longest(mdr_nfa_search_t *s, size_t to)
{
    size_t                 i, k, n;
    const uint32_t        *last;
    const mdr_lex_user_t  *u;

    u = s->branch ? s->v->u
        : &s->v->m->users[s->v->m->trie_users[s->c->first]];
    last = s->x->last;
    n = to - s->from;

    if (MDR_GROW(s->x->alloc, s->x->got, n) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0; i < n; i = k) {

        if (last[i] == 0) {
            k = i + 1;
            continue;
        }

        /* those that end at the same place */

        s->x->ngot = 0;

        for (k = i; k < n && (last[k] == last[i] || last[k] == 0); k++) {
            if (last[k] != 0) {
                s->x->got[s->x->ngot++] = (uint32_t) (s->from + k);
            }
        }

        if (take_spans(s, (size_t) last[i] - 1) != MDR_OK
            || put_spans(s, u, 0, 0) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}
