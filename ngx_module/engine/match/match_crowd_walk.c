/*
 * match_crowd_walk.c - the ways through a text that some term of a crowd goes.
 *
 * The trie of the terms' elements is gone down by what the atoms may be.  Says
 * what trace_match.c says of each term by itself: a hit is where a term ends
 * first.  Where the text is such that all hits end at one place, the first one
 * is enough.
 *
 * Under repeat most ways stay open for long: there all of them are followed
 * side by side, an atom at a time, so that a term's first end is seen first,
 * and none is followed that leads to terms only that have it.
 */

#include "match_crowd.h"

#include <string.h>


static int
is_seen(mdr_crowd_search_t *s, const mdr_crowd_state_t *p, int *seen)
{
    void              *q;
    size_t             i, k, size;
    mdr_crowd_seen_t  *t, *old;
    uint64_t           h;

    if (2 * s->x->nseen >= s->x->seen_cap) {
        size = s->x->seen_cap != 0 ? 2 * s->x->seen_cap : 4096;
        q = mdr_calloc(s->v->w->alloc, size * sizeof(mdr_crowd_seen_t));

        if (q == NULL) {
            return MDR_ERROR;
        }

        old = s->x->seen;
        k = s->x->seen_cap;
        s->x->seen = q;
        s->x->seen_cap = size;
        s->x->nseen = 0;

        for (i = 0; i < k; i++) {
            if (old[i].round == s->x->round
                && is_seen(s, &old[i].state, seen) != MDR_OK)
            {
                return MDR_ERROR;
            }
        }

        mdr_free(s->v->w->alloc, old);
    }

    h = (p->node | (uint64_t) p->atom << 32) * 0x9e3779b97f4a7c15ULL;
    h = (h ^ h >> 29 ^ p->gap ^ (uint64_t) p->other << 16)
        * 0xd6e8feb86659fd93ULL;

    for (i = h >> 32; ; i++) {
        t = &s->x->seen[i & (s->x->seen_cap - 1)];

        if (t->round != s->x->round) {
            t->round = s->x->round;
            t->state = *p;
            s->x->nseen++;
            *seen = 0;
            return MDR_OK;
        }

        if (memcmp(&t->state, p, sizeof(mdr_crowd_state_t)) == 0) {
            *seen = 1;
            return MDR_OK;
        }
    }
}


static int
push(mdr_crowd_search_t *s, const mdr_crowd_state_t *p)
{
    void  *q;

    if (p->atom >= s->l->t->n) {
        return MDR_OK;
    }

    if (s->x->n == s->x->stack_cap) {
        q = s->x->stack;

        if (mdr_grow(s->v->w->alloc, &q, &s->x->stack_cap, s->x->n + 1,
                     sizeof(mdr_crowd_state_t))
            != MDR_OK)
        {
            return MDR_ERROR;
        }

        s->x->stack = q;
    }

    s->x->stack[s->x->n++] = *p;

    return MDR_OK;
}


/* the terms that end with a node are there, up to atom i, if their edges are */

static int
put_found(mdr_crowd_search_t *s, const mdr_crowd_node_t *d, size_t i)
{
    void      *q;
    size_t     last;
    uint32_t   k, node, head, *end;

    s->ended = 1;
    last = s->repeat
           ? mdr_match_exact_run(s->v->w->exact, s->l, i, d->code >> 1,
                                 &s->v->hits->meter)
           : i;

    head = s->v->m->crowd_terms[d->term].head;

    if (!mdr_match_exact_stands(s->l, s->p, s->first, last, head >> 1,
                                head & 1, d->code >> 1, d->code & 1))
    {
        return MDR_OK;
    }

    q = s->x->found;

    if (mdr_grow(s->v->w->alloc, &q, &s->x->found_cap,
                 s->x->nfound + d->nterms, sizeof(mdr_crowd_found_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    s->x->found = q;

    /* the nodes above have so many fewer to lead to */

    node = (uint32_t) (d - s->v->m->crowd_nodes);

    for (k = node; s->repeat; k = s->v->m->crowd_nodes[k].parent) {
        s->x->done[k - s->c->root] += d->nterms;

        if (k == s->c->root) {
            break;
        }
    }

    for (k = d->term; k < d->term + d->nterms; k++) {
        end = &s->x->ends[k - s->c->first];

        if (*end == 0) {
            s->x->found[s->x->nfound].term = k;
            s->x->found[s->x->nfound++].node = node;
        }

        *end = *end == 0 || last + 1 < *end ? (uint32_t) last + 1 : *end;
    }

    s->whole |= s->c->one && last >= s->most;
    s->stop |= s->whole
               || (s->c->one && s->c->even && last < s->odd && !s->repeat);

    return MDR_OK;
}


/* is there no word edge before element i of a form? */

static int
is_inside(const uint32_t *cp, size_t i)
{
    return mdr_fold_is_word(cp[i - 1]) && mdr_fold_is_word(cp[i]);
}


/* have the terms that end with node d their first end?  Where all ways are
 * followed side by side no later one is asked for */

static inline int
is_found(const mdr_crowd_search_t *s, const mdr_crowd_node_t *d)
{
    return s->repeat && s->x->ends[d->term - s->c->first] != 0;
}


/* the first child of a node whose code is at least this one; its end */

static const mdr_crowd_node_t *
find_child(const mdr_crowd_search_t *s, const mdr_crowd_node_t *d,
    uint32_t code, const mdr_crowd_node_t **end)
{
    uint32_t                 lo, hi, mid;
    const mdr_crowd_node_t  *c;

    c = s->v->m->crowd_nodes + d->child;
    *end = c + d->nchildren;

    for (lo = 0, hi = d->nchildren; hi - lo > 8; /* void */) {
        mid = lo + (hi - lo) / 2;
        if (c[mid].code < code) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    for (c += lo; c < *end && c->code < code; c++) { /* void */ }

    return c;
}


/* what is below node d where p's atom is characters [j, n) of cp; word: if the
 * first of them was written with word edges */

static int
take_from(mdr_crowd_search_t *s, const mdr_crowd_state_t *p,
    const mdr_crowd_node_t *d, const uint32_t *cp, size_t n, size_t j,
    uint32_t word)
{
    int                      ends;
    mdr_crowd_state_t        q;
    const mdr_crowd_node_t  *c, *end;

    ends = j + 1 == n || s->p->boundary == MDR_BOUNDARY_NONE
           || !is_inside(cp, j + 1);

    for (c = find_child(s, d, cp[j] << 1 | word, &end);
         c < end && c->code >> 1 == cp[j]; c++)
    {
        if (c->nterms != 0 && ends && !is_found(s, c)
            && put_found(s, c, p->atom) != MDR_OK)
        {
            return MDR_ERROR;
        }

        if (s->stop) {
            return MDR_OK;
        }

        if (c->nchildren == 0) {
            continue;
        }

        if (j + 1 < n) {
            if (take_from(s, p, c, cp, n, j + 1, 0) != MDR_OK) {
                return MDR_ERROR;
            }
            continue;
        }

        q.node = (uint32_t) (c - s->v->m->crowd_nodes);
        q.atom = p->atom + 1;
        q.gap = 0;
        q.other = 0;

        if (push(s, &q) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/*
 * What p leads to where its atom is the n characters cp, from `from` on; as in
 * trace_match.c, they may begin before a term and end behind it.  second: this
 * is not what the atom is at first.
 */

static int
take(mdr_crowd_search_t *s, const mdr_crowd_state_t *p, const uint32_t *cp,
    size_t n, size_t from, int second)
{
    const mdr_crowd_node_t  *d;

    d = &s->v->m->crowd_nodes[p->node];

    if ((s->p->boundary != MDR_BOUNDARY_NONE && from != 0
         && is_inside(cp, from))
        || (p->other && d->code >> 1 == cp[from])
        || (second && mdr_trace_far_fetched(s->l->t, p->atom, cp[from], 1)))
    {
        return MDR_OK;
    }

    return take_from(s, p, d, cp, n, from,
                     second && mdr_trace_far_fetched(s->l->t, p->atom,
                                                     cp[from], 0));
}


/* the atom is one character of the run that the term had before, which goes on
 * with another one */

static int
stay(mdr_crowd_search_t *s, const mdr_crowd_state_t *p)
{
    mdr_crowd_state_t        q;
    uint32_t                 before;
    const mdr_exact_atom_t  *a;

    a = &s->l->atoms[p->atom];
    before = s->v->m->crowd_nodes[p->node].code >> 1;

    if (a->form & (MDR_EXACT_CHOICE | MDR_EXACT_MANY)
        ? !mdr_match_exact_may_be(s->v->w->exact, s->l, p->atom, before)
        : a->form != before)
    {
        return MDR_OK;
    }

    q = *p;
    q.gap = 0;
    q.other = 1;
    q.atom = p->atom + 1;

    return push(s, &q);
}


/* the atom is a mark that is left out */

static int
skip(mdr_crowd_search_t *s, const mdr_crowd_state_t *p)
{
    int                 flag;
    mdr_crowd_state_t   q;
    const mdr_atom_t   *a;

    a = &s->l->t->atoms[p->atom];
    flag = p->gap != 0 && (a->flags & MDR_ATOM_FLAG) != 0;

    if (!(a->mark & s->p->gap_of) || (!flag && p->gap >= s->p->gap_max)) {
        return MDR_OK;
    }

    q = *p;
    q.atom++;
    q.gap = (uint16_t) (p->gap + !flag);

    return push(s, &q);
}


static int
go_on(mdr_crowd_search_t *s, const mdr_crowd_state_t *p)
{
    size_t           i, n, from;
    uint32_t         form;
    const uint32_t  *forms;
    mdr_fold_seq_t   f[MDR_FOLD_ALTS];

    form = s->l->atoms[p->atom].form;

    if (p->node != s->c->root
        && ((s->repeat && stay(s, p) != MDR_OK)
            || skip(s, p) != MDR_OK))
    {
        return MDR_ERROR;
    }

    if (form & MDR_EXACT_MANY) {
        n = mdr_fold_forms(s->l->t->atoms[p->atom].cp, s->l->folds, f);

        for (i = 0; i < n && !s->stop; i++) {
            for (from = 0; from < f[i].n && !s->stop; from++) {
                if (take(s, p, f[i].cp, f[i].n, from, i != 0) != MDR_OK) {
                    return MDR_ERROR;
                }

                if (p->node != s->c->root) {
                    break;              /* inside: from its first only       */
                }
            }
        }

        return MDR_OK;
    }

    if (!(form & MDR_EXACT_CHOICE)) {
        return take(s, p, &form, 1, 0, 0);
    }

    n = mdr_match_exact_forms(s->v->w->exact, s->l, p->atom, &forms);

    for (i = n; i-- > 0 && !s->stop; /* void */) {
        if (take(s, p, &forms[i], 1, 0, i != 0) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/* may atom i be left out, or not, or be several characters? */

static int
is_odd(const mdr_crowd_search_t *s, size_t i)
{
    const mdr_atom_t  *a;

    a = &s->l->t->atoms[i];

    return (s->l->atoms[i].form & MDR_EXACT_MANY) != 0
           || ((a->mark & s->p->gap_of)
               && mdr_class_of(s->v->m, a->cp) != MDR_CL_SKIP);
}


/* the states that were seen are forgotten */

static void
forget(mdr_crowd_search_t *s)
{
    s->x->nseen = 0;

    if (++s->x->round == 0) {
        memset(s->x->seen, 0, s->x->seen_cap * sizeof(mdr_crowd_seen_t));
        s->x->round = 1;
    }
}


/* one state: MDR_OK or MDR_ERROR */

static int
one_state(mdr_crowd_search_t *s, const mdr_crowd_state_t *p, int seen)
{
    s->v->hits->meter.steps++;

    if (seen && is_seen(s, p, &seen) != MDR_OK) {
        return MDR_ERROR;
    }

    return seen ? MDR_OK : go_on(s, p);
}


/* one way after the other */

static int
search_deep(mdr_crowd_search_t *s)
{
    mdr_crowd_state_t  p;

    /* states that led to nothing from one place lead to nothing from others */

    if (s->ended) {
        s->ended = 0;
        forget(s);
    }

    while (s->x->n != 0 && !s->stop && !mdr_meter_spent(&s->v->hits->meter)) {
        p = s->x->stack[--s->x->n];

        for ( ; s->known <= p.atom && s->odd == SIZE_MAX; s->known++) {
            if (is_odd(s, s->known)) {
                s->odd = s->known;
            }
        }

        if (one_state(s, &p, p.node != s->c->root && p.atom > s->odd)
            != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/* In a run of one character the states of its atoms are soon the same ones:
 * then what comes from them is what they lead to at its end. */

static void
leave_run(mdr_crowd_search_t *s, size_t nfound)
{
    size_t                    i, run;
    uint32_t                  atom;
    const mdr_crowd_state_t  *p, *q;

    atom = s->x->now[0].atom;
    run = s->l->atoms[atom].run;

    if (run < (size_t) atom + 2 || s->x->n != s->x->nnow
        || s->x->nfound != nfound || atom == s->first
        || (s->l->t->atoms[atom].mark & s->p->gap_of))
    {
        return;
    }

    for (i = 0; i < s->x->n; i++) {
        p = &s->x->now[i];
        q = &s->x->stack[i];

        if (p->node != q->node || p->gap != q->gap || p->other != q->other) {
            return;
        }
    }

    for (i = 0; i < s->x->n; i++) {
        s->x->stack[i].atom = (uint32_t) run;
    }
}


/* all ways side by side, an atom at a time */

static int
search_wide(mdr_crowd_search_t *s)
{
    size_t                   i, cap, nfound;
    mdr_crowd_state_t       *p;
    const mdr_crowd_node_t  *d;

    while (s->x->n != 0 && !s->stop) {
        p = s->x->now;
        cap = s->x->now_cap;
        s->x->now = s->x->stack;
        s->x->now_cap = s->x->stack_cap;
        s->x->nnow = s->x->n;
        s->x->stack = p;
        s->x->stack_cap = cap;
        s->x->n = 0;
        nfound = s->x->nfound;
        forget(s);

        for (i = 0; i < s->x->nnow && !s->stop; i++) {
            p = &s->x->now[i];
            d = &s->v->m->crowd_nodes[p->node];

            if (mdr_meter_spent(&s->v->hits->meter)) {
                return MDR_OK;
            }

            if (s->x->done[p->node - s->c->root] < d->below
                && one_state(s, p, 1) != MDR_OK)
            {
                return MDR_ERROR;
            }
        }

        if (s->x->n != 0) {
            leave_run(s, nfound);
        }
    }

    return MDR_OK;
}


/* none of the terms was found */

static void
clear_done(mdr_crowd_search_t *s)
{
    size_t    i;
    uint32_t  k, node;

    for (i = 0; i < s->x->nfound; i++) {
        node = s->x->found[i].node;

        for (k = node; s->x->done[k - s->c->root] != 0; /* void */) {
            s->x->done[k - s->c->root] = 0;
            k = s->v->m->crowd_nodes[k].parent;
        }
    }
}


int
mdr_match_crowd_walk(mdr_crowd_search_t *s)
{
    int                 rc;
    void               *q;
    size_t              cap;
    mdr_crowd_state_t   p;

    s->x->n = 0;
    s->x->nfound = 0;
    s->known = s->first;
    s->odd = SIZE_MAX;
    s->whole = 0;
    s->stop = 0;
    p.node = s->c->root;
    p.atom = (uint32_t) s->first;
    p.gap = 0;
    p.other = 0;

    if (push(s, &p) != MDR_OK) {
        return MDR_ERROR;
    }

    if (!s->repeat) {
        return search_deep(s);
    }

    q = s->x->done;
    cap = s->x->done_cap;

    if (mdr_grow(s->v->w->alloc, &q, &s->x->done_cap, s->c->nnodes,
                 sizeof(uint32_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    s->x->done = q;
    memset(s->x->done + cap, 0, (s->x->done_cap - cap) * sizeof(uint32_t));
    rc = search_wide(s);
    clear_done(s);

    return rc;
}
