/*
 * match_crowd.c - which terms of a crowd begin at some atoms of a trace?
 *
 * Where it is worth to look, and whose hits what is found there are.
 */

#include "match_crowd.h"

#include <stdlib.h>
#include <string.h>


mdr_crowd_work_t *
mdr_match_crowd_new(const mdr_alloc_t *alloc)
{
    return mdr_calloc(alloc, sizeof(mdr_crowd_work_t));
}


void
mdr_match_crowd_free(mdr_crowd_work_t *x, const mdr_alloc_t *alloc)
{
    if (x != NULL) {
        mdr_free(alloc, x->stack);
        mdr_free(alloc, x->now);
        mdr_free(alloc, x->done);
        mdr_free(alloc, x->seen);
        mdr_free(alloc, x->found);
        mdr_free(alloc, x->ends);
        mdr_free(alloc, x->hits);
        mdr_free(alloc, x);
    }
}


/* the hits of a rule's group together, the longest first */

static int
by_key(const void *a, const void *b)
{
    const mdr_crowd_hit_t  *x = a, *y = b;

    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }

    if (x->last != y->last) {
        return x->last > y->last ? -1 : 1;
    }

    return x->user < y->user ? -1 : x->user > y->user;
}


static int
is_read(const mdr_crowd_search_t *s, const mdr_lex_user_t *u)
{
    return (int) (s->v->reads[u->rule / 64] >> (u->rule % 64) & 1);
}


static int
add_hit(mdr_crowd_search_t *s, size_t *n, uint32_t user, uint32_t last)
{
    void             *q;
    mdr_crowd_hit_t  *h;

    q = s->x->hits;

    if (mdr_grow(s->v->w->alloc, &q, &s->x->hits_cap, *n + 1,
                 sizeof(mdr_crowd_hit_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    s->x->hits = q;
    h = &s->x->hits[(*n)++];
    h->key = (uint32_t) s->v->m->users[user].rule << 16
             | s->v->m->users[user].group;
    h->user = user;
    h->last = last;

    return MDR_OK;
}


/* who wants what was found; how many hits, into x->hits */

static int
read_found(mdr_crowd_search_t *s, size_t *n)
{
    size_t                   i;
    uint32_t                 u, end, last, most;
    const mdr_crowd_term_t  *t;

    *n = 0;

    for (i = 0, most = 0; i < s->x->nfound; i++) {
        last = s->x->ends[s->x->found[i].term - s->c->first] - 1;
        most = last > most ? last : most;

        if (s->longest) {
            continue;
        }

        t = &s->v->m->crowd_terms[s->x->found[i].term];

        for (u = t->user, end = s->v->m->alike[u]; u < end; u++) {
            if (is_read(s, &s->v->m->users[u])
                && add_hit(s, n, u, last) != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    if (s->longest) {
        u = s->v->m->crowd_terms[s->c->first].user;

        return is_read(s, &s->v->m->users[u]) ? add_hit(s, n, u, most)
                                              : MDR_OK;
    }

    qsort(s->x->hits, *n, sizeof(mdr_crowd_hit_t), by_key);

    return MDR_OK;
}


/* room for the ends of the terms of c */

static int
reserve_ends(mdr_crowd_search_t *s)
{
    void    *q;
    size_t   cap;

    q = s->x->ends;
    cap = s->x->ends_cap;

    if (mdr_grow(s->v->w->alloc, &q, &s->x->ends_cap,
                 s->c->end - s->c->first, sizeof(uint32_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    s->x->ends = q;
    memset(s->x->ends + cap, 0, (s->x->ends_cap - cap) * sizeof(uint32_t));

    return MDR_OK;
}


static void
clear_ends(mdr_crowd_search_t *s)
{
    size_t  i;

    for (i = 0; i < s->x->nfound; i++) {
        s->x->ends[s->x->found[i].term - s->c->first] = 0;
    }
}


static int
put_hits(mdr_crowd_search_t *s, uint32_t shift)
{
    size_t                  i, n;
    uint32_t                start, end;
    const mdr_crowd_hit_t  *h;
    const mdr_lex_user_t   *u;

    if (read_found(s, &n) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0; i < n; i++) {
        h = &s->x->hits[i];
        u = &s->v->m->users[h->user];

        if (i != 0 && h[-1].key == h->key
            && (h[-1].last == h->last
                || mdr_match_longest_only(s->v->m->model, u)))
        {
            continue;
        }

        mdr_match_exact_span(s->l, s->first, h->last, &start, &end);

        if (mdr_match_hit(s->v->m, s->v->hits, u, s->v->subject,
                          start + shift, end + shift)
            != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/*
 * The next atom where it is worth to look, behind i.  Under repeat, all starts
 * in a run of one character go the same way, but for what stands before the
 * first, and what comes from there holds what comes from the others; unless
 * less is left of the run than a term may take of it, and it can be left.
 */

static size_t
next_start(const mdr_crowd_search_t *s, size_t i)
{
    size_t                   run, most;
    uint32_t                 form;
    const mdr_atom_t        *t;
    const mdr_exact_atom_t  *a;

    a = s->l->atoms;
    t = s->l->t->atoms;
    run = a[i].run;
    form = a[i].form;

    if (!s->repeat || run == i
        || (form & MDR_EXACT_MANY) || (t[i].mark & s->p->gap_of)
        || (i != 0 && a[i - 1].run != run && t[i - 1].word))
    {
        return i + 1;
    }

    if (run + 1 < s->l->t->n
        && ((a[run + 1].form & (MDR_EXACT_CHOICE | MDR_EXACT_MANY))
            || a[run + 1].form == form || (form & MDR_EXACT_CHOICE)
            || (t[run + 1].mark & s->p->gap_of)))
    {
        most = form & MDR_EXACT_CHOICE ? s->c->longest : s->c->run;

        return run + 2 > i + 1 + most ? run + 2 - most : i + 1;
    }

    return run + 1;
}


/* boundary: whole, and a part of the text that is read otherwise: one term
 * after the other */

static int
each_term(mdr_crowd_search_t *s, size_t i, uint32_t shift)
{
    int       rc, any;
    uint32_t  k, u;

    s->v->hits->meter.steps += s->c->end - s->c->first;

    for (k = s->c->first, any = 0; k < s->c->end; k++) {
        u = s->v->m->crowd_terms[k].user;

        for ( ; u < s->v->m->alike[s->v->m->crowd_terms[k].user]; u++) {
            s->v->u = &s->v->m->users[u];

            if (!is_read(s, s->v->u)) {
                continue;
            }

            s->v->hits->candidates++;
            rc = mdr_match_compare_at(s->v, s->l->t, i, i + 1, shift);

            if (rc == MDR_ERROR) {
                return rc;
            }
            any |= rc;
        }
    }

    return any;
}


int
mdr_match_crowd(mdr_verify_t *v, const mdr_crowd_t *c, const mdr_trace_t *t,
    size_t from, size_t to, size_t most, uint32_t shift)
{
    int                 rc, any;
    size_t              i;
    mdr_crowd_search_t  s;

    memset(&s, 0, sizeof(s));
    s.v = v;
    s.x = v->w->crowd;
    s.c = c;
    s.p = &v->rule->profile;
    s.repeat = (s.p->folds & MDR_FOLD_REPEAT) != 0;
    s.l = mdr_match_exact_line(v->w->exact, t, &v->hits->meter);
    s.ended = 1;
    s.longest = c->one
                && mdr_match_longest_only(
                       v->m->model,
                       &v->m->users[v->m->crowd_terms[c->first].user]);
    s.most = s.repeat || s.longest ? most : SIZE_MAX;

    if (s.l == NULL || reserve_ends(&s) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = from, any = 0; i < to && i < t->n; i = next_start(&s, i)) {
        v->hits->meter.steps++;

        if (c->head && i != 0 && t->atoms[i - 1].word
            && t->atoms[i - 1].mark == 0)
        {
            continue;
        }

        if (mdr_meter_spent(&v->hits->meter)) {
            break;
        }

        if (s.p->boundary == MDR_BOUNDARY_WHOLE && i >= t->base) {
            rc = each_term(&s, i, shift);

            if (rc == MDR_ERROR) {
                return rc;
            }
            any |= rc;
            continue;
        }

        if (s.p->boundary == MDR_BOUNDARY_WHOLE && i > s.l->low) {
            continue;
        }

        v->hits->candidates++;
        s.first = i;
        rc = mdr_match_crowd_walk(&s);

        if (rc == MDR_OK && s.x->nfound != 0) {
            rc = put_hits(&s, shift);
            any = 1;
        }

        clear_ends(&s);

        if (rc != MDR_OK) {
            return rc;
        }

        /* under repeat, what begins later in the run is in such a hit */

        if (s.whole && s.repeat) {
            break;
        }
    }

    return any;
}
