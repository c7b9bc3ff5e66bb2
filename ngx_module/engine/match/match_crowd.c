/*
 * match_crowd.c - which terms of a crowd begin at an atom of a trace?
 *
 * The trie of their elements is gone down by what the atoms may be, only as
 * far as some term goes with the text.  Says what trace_match.c says of each
 * term by itself: a hit is where a term ends first.  Where the text is such
 * that all hits end at one place, the first one is enough.
 *
 * Under repeat most ways stay open for long: there all of them are followed
 * side by side, an atom at a time, so that a term's first end is seen first,
 * and none is followed that leads to terms only that have it.
 *
 * Many look-alikes, in the terms as in the text, may leave too many ways.  A
 * text has a budget; where it is spent, its rules have reached their limit
 * (see match.h).
 */

#include "match_exact.h"
#include "match_verify.h"

#include <stdlib.h>
#include <string.h>


#define BUDGET       (1u << 20)         /* states of a text, and for each of */
#define BUDGET_BYTE  256                /* its bytes                         */


/* the elements to a node are there; the next atom, and marks since the last
 * element.  other: a run of that went on, so that it is not the next one. */

typedef struct {
    uint32_t  node, atom;
    uint16_t  gap, other;
} state_t;

typedef struct {
    state_t   state;
    uint32_t  round;
} seen_t;

/* a term ends with atom `last`; the same for one of its users */

typedef struct {
    uint32_t  term, node, last;
} found_t;

typedef struct {
    uint32_t  key;                      /* rule and group                    */
    uint32_t  user, last;
} crowd_hit_t;

struct mdr_crowd_work_s {
    state_t      *stack;                /* or of the next atom               */
    size_t        n, stack_cap;
    state_t      *now;                  /* of the atom in hand               */
    size_t        nnow, now_cap;
    uint32_t     *done;                 /* [nodes of the crowd] terms below
                                           that were found                   */
    size_t        done_cap;             /* all zero between searches         */
    uint32_t      subject;              /* whose the budget is               */
    uint64_t      spent;
    const mdr_crowd_t  *limited;        /* the last that has reached it      */
    seen_t       *seen;                 /* a hash table, half of it free     */
    size_t        nseen, seen_cap;      /* 0 or a power of two               */
    uint32_t      round;
    found_t      *found;
    size_t        nfound, found_cap;
    crowd_hit_t  *hits;
    size_t        hits_cap;
};

typedef struct {
    mdr_verify_t            *v;
    mdr_crowd_work_t        *x;
    const mdr_crowd_t       *c;
    const mdr_exact_line_t  *l;
    const mdr_profile_t     *p;
    size_t                   first;     /* atom where they begin             */
    size_t                   known;     /* atoms that were looked at         */
    size_t                   odd;       /* the first of those that may be
                                           skipped or not, or is several     */
    size_t                   most;      /* the last one that a hit may have  */
    uint64_t                 budget;    /* states of the text                */
    int                      ended;     /* some term was at its end          */
    int                      repeat;
    int                      whole;     /* a hit reaches as far as any may   */
    int                      stop;      /* there is nothing more to find     */
} search_t;


mdr_crowd_work_t *
mdr_match_crowd_new(const mdr_alloc_t *alloc)
{
    return mdr_calloc(alloc, sizeof(mdr_crowd_work_t));
}


void
mdr_match_crowd_start(mdr_crowd_work_t *x)
{
    x->subject = UINT32_MAX;
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
        mdr_free(alloc, x->hits);
        mdr_free(alloc, x);
    }
}


static int
is_seen(search_t *s, const state_t *p, int *seen)
{
    void     *q;
    size_t    i, k, size;
    seen_t   *t, *old;
    uint64_t  h;

    if (2 * s->x->nseen >= s->x->seen_cap) {
        size = s->x->seen_cap != 0 ? 2 * s->x->seen_cap : 4096;
        q = mdr_calloc(s->v->w->alloc, size * sizeof(seen_t));

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

        if (memcmp(&t->state, p, sizeof(state_t)) == 0) {
            *seen = 1;
            return MDR_OK;
        }
    }
}


static int
push(search_t *s, const state_t *p)
{
    void  *q;

    if (p->atom >= s->l->t->n) {
        return MDR_OK;
    }

    if (s->x->n == s->x->stack_cap) {
        q = s->x->stack;

        if (mdr_grow(s->v->w->alloc, &q, &s->x->stack_cap, s->x->n + 1,
                     sizeof(state_t))
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
put_found(search_t *s, const mdr_crowd_node_t *d, size_t i)
{
    void      *q;
    size_t     last;
    uint32_t   k, node, head;

    s->ended = 1;
    last = s->repeat
           ? mdr_match_exact_run(s->v->w->exact, s->l, i, d->code >> 1,
                                 &s->v->hits->steps)
           : i;

    head = s->v->m->crowd_terms[d->term].head;

    if (!mdr_match_exact_stands(s->l, s->p, s->first, last, head >> 1,
                                head & 1, d->code >> 1, d->code & 1))
    {
        return MDR_OK;
    }

    q = s->x->found;

    if (mdr_grow(s->v->w->alloc, &q, &s->x->found_cap,
                 s->x->nfound + d->nterms, sizeof(found_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    s->x->found = q;

    /* found once; and so are the nodes above it, a little more */

    node = (uint32_t) (d - s->v->m->crowd_nodes);

    for (k = node; s->repeat; k = s->v->m->crowd_nodes[k].parent) {
        s->x->done[k - s->c->root] += d->nterms;

        if (k == s->c->root) {
            break;
        }
    }

    for (k = 0; k < d->nterms; k++) {
        s->x->found[s->x->nfound].term = d->term + k;
        s->x->found[s->x->nfound].node = node;
        s->x->found[s->x->nfound++].last = (uint32_t) last;
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


/* were the terms that end with node d found, where that is asked?  Those below
 * are counted there, too: then they are all found, or it is looked up */

static int
is_found(const search_t *s, const mdr_crowd_node_t *d)
{
    uint32_t  k, below;

    if (!s->repeat) {
        return 0;
    }

    below = s->x->done[d - s->v->m->crowd_nodes - s->c->root];

    for (k = 0; k < d->nchildren && below != 0; k++) {
        below -= s->x->done[d->child + k - s->c->root];
    }

    return below != 0;
}


/* the first child of a node whose code is at least this one; its end */

static const mdr_crowd_node_t *
find_child(const search_t *s, const mdr_crowd_node_t *d, uint32_t code,
    const mdr_crowd_node_t **end)
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
take_from(search_t *s, const state_t *p, const mdr_crowd_node_t *d,
    const uint32_t *cp, size_t n, size_t j, uint32_t word)
{
    int                      ends;
    state_t                  q;
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
take(search_t *s, const state_t *p, const uint32_t *cp, size_t n, size_t from,
    int second)
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
stay(search_t *s, const state_t *p)
{
    state_t                  q;
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
skip(search_t *s, const state_t *p)
{
    int                flag;
    state_t            q;
    const mdr_atom_t  *a;

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
go_on(search_t *s, const state_t *p)
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


static int
by_term(const void *a, const void *b)
{
    const found_t  *x = a, *y = b;

    if (x->term != y->term) {
        return x->term < y->term ? -1 : 1;
    }

    return x->last < y->last ? -1 : x->last > y->last;
}


/* the hits of a rule's group together, the longest first */

static int
by_key(const void *a, const void *b)
{
    const crowd_hit_t  *x = a, *y = b;

    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }

    if (x->last != y->last) {
        return x->last > y->last ? -1 : 1;
    }

    return x->user < y->user ? -1 : x->user > y->user;
}


/* who wants what was found; how many hits, MDR_ERROR below that */

static int
read_found(search_t *s, size_t *n)
{
    void                  *q;
    size_t                 i;
    uint32_t               u, term;
    crowd_hit_t           *h;
    const mdr_lex_user_t  *user;

    qsort(s->x->found, s->x->nfound, sizeof(found_t), by_term);
    *n = 0;

    for (i = 0; i < s->x->nfound; i++) {
        term = s->x->found[i].term;

        if (i != 0 && s->x->found[i - 1].term == term) {
            continue;                   /* it ends where it does first       */
        }

        u = s->v->m->crowd_terms[term].user;

        for (term = s->v->m->alike[u]; u < term; u++) {
            user = &s->v->m->users[u];

            if (!(s->v->reads[user->rule / 64] >> (user->rule % 64) & 1)) {
                continue;
            }

            q = s->x->hits;

            if (mdr_grow(s->v->w->alloc, &q, &s->x->hits_cap, *n + 1,
                         sizeof(crowd_hit_t))
                != MDR_OK)
            {
                return MDR_ERROR;
            }

            s->x->hits = q;
            h = &s->x->hits[(*n)++];
            h->key = (uint32_t) user->rule << 16 | user->group;
            h->user = u;
            h->last = s->x->found[i].last;
        }
    }

    qsort(s->x->hits, *n, sizeof(crowd_hit_t), by_key);

    return MDR_OK;
}


static int
put_hits(search_t *s, uint32_t shift)
{
    size_t                 i, n;
    uint32_t               start, end;
    const crowd_hit_t     *h;
    const mdr_lex_user_t  *u;

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


/* may atom i be left out, or not, or be several characters? */

static int
is_odd(const search_t *s, size_t i)
{
    const mdr_atom_t  *a;

    a = &s->l->t->atoms[i];

    return (s->l->atoms[i].form & MDR_EXACT_MANY) != 0
           || ((a->mark & s->p->gap_of)
               && mdr_class_of(s->v->m, a->cp) != MDR_CL_SKIP);
}


/* the states that were seen are forgotten */

static void
forget(search_t *s)
{
    s->x->nseen = 0;

    if (++s->x->round == 0) {
        memset(s->x->seen, 0, s->x->seen_cap * sizeof(seen_t));
        s->x->round = 1;
    }
}


/* one state: MDR_OK or MDR_ERROR */

static int
one_state(search_t *s, const state_t *p, int seen)
{
    s->v->hits->steps++;
    s->x->spent++;

    if (seen && is_seen(s, p, &seen) != MDR_OK) {
        return MDR_ERROR;
    }

    return seen ? MDR_OK : go_on(s, p);
}


/* one way after the other */

static int
search_deep(search_t *s)
{
    state_t  p;

    /* states that led to nothing from one place lead to nothing from others */

    if (s->ended) {
        s->ended = 0;
        forget(s);
    }

    while (s->x->n != 0 && !s->stop && s->x->spent < s->budget) {
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
leave_run(search_t *s, size_t nfound)
{
    size_t           i, run;
    uint32_t         atom;
    const state_t   *p, *q;

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
search_wide(search_t *s)
{
    size_t                   i, cap, nfound;
    state_t                 *p;
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

            if (s->x->spent >= s->budget) {
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
clear_done(search_t *s)
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


/* all terms that begin at atom s->first */

static int
search(search_t *s)
{
    int       rc;
    void     *q;
    size_t    cap;
    state_t   p;

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


/*
 * The next atom where it is worth to look, behind i.  Under repeat, all starts
 * in a run of one character go the same way, but for what stands before the
 * first, and what comes from there holds what comes from the others; unless
 * less is left of the run than a term may take of it, and it can be left.
 */

static size_t
next_start(const search_t *s, size_t i)
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
each_term(search_t *s, size_t i, uint32_t shift)
{
    int       rc, any;
    uint32_t  k, u;

    for (k = s->c->first, any = 0; k < s->c->end; k++) {
        u = s->v->m->crowd_terms[k].user;

        for ( ; u < s->v->m->alike[s->v->m->crowd_terms[k].user]; u++) {
            s->v->u = &s->v->m->users[u];

            if (!(s->v->reads[s->v->u->rule / 64] >> (s->v->u->rule % 64)
                  & 1))
            {
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


/* the budget is spent: whose terms are not looked for any more? */

static void
put_limit(search_t *s)
{
    uint32_t              i, u;
    const mdr_matcher_t  *m;

    m = s->v->m;

    if (s->x->limited == s->c) {
        return;
    }

    s->x->limited = s->c;

    for (i = s->c->first; i < s->c->end; i++) {
        for (u = m->crowd_terms[i].user;
             u < m->alike[m->crowd_terms[i].user]; u++)
        {
            mdr_match_limited(s->v->hits, m->users[u].rule);
        }

        if (s->c->one) {
            return;
        }
    }
}


int
mdr_match_crowd(mdr_verify_t *v, const mdr_crowd_t *c, const mdr_trace_t *t,
    size_t from, size_t to, size_t most, uint32_t shift)
{
    int       rc, any;
    size_t    i;
    search_t  s;

    memset(&s, 0, sizeof(s));
    s.v = v;
    s.x = v->w->crowd;
    s.c = c;
    s.p = &v->rule->profile;
    s.repeat = (s.p->folds & MDR_FOLD_REPEAT) != 0;
    s.budget = BUDGET + (uint64_t) BUDGET_BYTE
                        * v->subjects[v->subject].len;
    s.l = mdr_match_exact_line(v->w->exact, t, &v->hits->steps);
    s.ended = 1;
    s.most = s.repeat
             || mdr_match_longest_only(
                    v->m->model,
                    &v->m->users[v->m->crowd_terms[c->first].user])
             ? most : SIZE_MAX;

    if (s.l == NULL) {
        return MDR_ERROR;
    }

    if (s.x->subject != v->subject) {
        s.x->subject = v->subject;
        s.x->spent = 0;
        s.x->limited = NULL;
    }

    for (i = from, any = 0; i < to && i < t->n; i = next_start(&s, i)) {
        v->hits->steps++;

        if (c->head && i != 0 && t->atoms[i - 1].word
            && t->atoms[i - 1].mark == 0)
        {
            continue;
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

        if (s.x->spent >= s.budget) {
            put_limit(&s);
            break;
        }

        v->hits->candidates++;
        s.first = i;

        if (search(&s) != MDR_OK
            || (s.x->nfound != 0 && put_hits(&s, shift) != MDR_OK))
        {
            return MDR_ERROR;
        }

        any |= s.x->nfound != 0;

        /* under repeat, what begins later in the run is in such a hit */

        if (s.whole && s.repeat) {
            break;
        }
    }

    return any;
}
