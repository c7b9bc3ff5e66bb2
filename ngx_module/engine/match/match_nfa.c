/*
 * match_nfa.c - NFA simulation: which terms of a trie stand where in a trace?
 *
 * All terms and all atoms where they may begin are searched for at once.  A
 * state is how much of some term is there, which is a node of the trie, and
 * how many marks stand behind it.  From atom to atom goes a set of states, in
 * which each is once, whatever the number of starts that lead to it: so the
 * time is linear in the text, times the states that may be side by side.
 *
 * Which starts lead to a state is kept as a DAG: where two ways meet their
 * starts are a set that is the union of two.  Where a term ends, the starts
 * are read from that, each set once a term, since a hit ends where its term
 * first may; what they have in common is never gone through again.
 *
 * What an atom may be, and when, is said in fold.h and trace.c: one of several
 * forms of one character or more; more of the run that the term had (repeat);
 * a mark that is left out; a letter of a reading (pinyin).
 */

#include "match_nfa.h"
#include "match_exact.h"

#include <stdlib.h>
#include <string.h>


#define NONE   UINT32_MAX               /* no set; a set of one start        */
#define SMALL  256                      /* entries of a hash table, at first */

/* starts a, and starts b; or b is NONE, and it is the atom a */

typedef struct {
    uint32_t  a, b;
} set_t;

typedef struct {
    uint32_t  node;                     /* its elements are there; or, where
                                           `read` is not 0, all but its last */
    uint8_t   gap;                      /* marks since the last element      */
    uint8_t   other;                    /* its run went on: the next one is
                                           another                           */
    uint8_t   read, sub;                /* which reading of the last one,
                                           + 1; letters of it that are there */
    uint32_t  starts;                   /* a set                             */
} state_t;

typedef struct {
    state_t  *s;
    size_t    n, cap;
} states_t;

/* a hash table; what is of another round is not in it */

typedef struct {
    uint32_t  round, value;
    uint64_t  key;
} entry_t;

typedef struct {
    entry_t  *e;
    size_t    n, cap;
    uint32_t  round;
} table_t;

struct mdr_nfa_s {
    const mdr_alloc_t  *alloc;
    states_t            now, then;
    table_t             places;         /* of states in `then`               */
    table_t             seen;           /* sets whose starts have a term     */
    set_t              *sets;
    size_t              nsets, sets_cap;
    uint32_t           *stack;          /* of sets                           */
    size_t              stack_cap;
    uint32_t           *got;            /* starts                            */
    size_t              ngot, got_cap;
    uint32_t           *last;           /* [to - from] the last atom + 1 of
                                           the longest hit of each; or 0     */
    size_t              last_cap;
    mdr_crowd_node_t   *chain;          /* a term as a trie                  */
    size_t              chain_cap;
    mdr_trace_term_t    term;
    uint32_t            chain_text, chain_folds, chain_known;
};

typedef struct {
    mdr_verify_t            *v;
    mdr_nfa_t               *x;
    mdr_meter_t             *meter;
    const mdr_crowd_t       *c;
    const mdr_crowd_node_t  *nodes;
    const mdr_exact_line_t  *l;
    const mdr_profile_t     *p;
    size_t                   from;
    size_t                   low, high;         /* of the part of the text:
                                           the first atom that is no mark,
                                           behind the last                   */
    uint32_t                 shift;
    int                      repeat, chain;
    int                      longest;   /* only the longest hit of a start   */
    int                      any;
} search_t;


mdr_nfa_t *
mdr_match_nfa_new(const mdr_alloc_t *alloc)
{
    mdr_nfa_t  *x;

    x = mdr_calloc(alloc, sizeof(mdr_nfa_t));

    if (x != NULL) {
        x->alloc = alloc;
    }

    return x;
}


void
mdr_match_nfa_free(mdr_nfa_t *x)
{
    if (x != NULL) {
        mdr_free(x->alloc, x->now.s);
        mdr_free(x->alloc, x->then.s);
        mdr_free(x->alloc, x->places.e);
        mdr_free(x->alloc, x->seen.e);
        mdr_free(x->alloc, x->sets);
        mdr_free(x->alloc, x->stack);
        mdr_free(x->alloc, x->got);
        mdr_free(x->alloc, x->last);
        mdr_free(x->alloc, x->chain);
        mdr_free(x->alloc, x);
    }
}


void
mdr_match_nfa_start(mdr_nfa_t *x)
{
    x->chain_known = 0;
}


/* room for n elements of *p, which stays where there is some */

static int
reserve(mdr_nfa_t *x, void *p, size_t *cap, size_t n, size_t element)
{
    int    rc;
    void  *q;

    if (n <= *cap) {
        return MDR_OK;
    }

    memcpy(&q, p, sizeof(q));
    rc = mdr_grow(x->alloc, &q, cap, n, element);
    memcpy(p, &q, sizeof(q));

    return rc;
}


static void
clear(table_t *t)
{
    t->n = 0;

    if (++t->round == 0) {
        memset(t->e, 0, t->cap * sizeof(entry_t));
        t->round = 1;
    }
}


static entry_t *
place_of(const table_t *t, uint64_t key)
{
    size_t    i;
    uint64_t  h;
    entry_t  *e;

    h = key * 0x9e3779b97f4a7c15ULL;

    for (i = (size_t) (h >> 32); ; i++) {
        e = &t->e[i & (t->cap - 1)];

        if (e->round != t->round || e->key == key) {
            return e;
        }
    }
}


/* the entry of a key, which is new where its round is not the table's; NULL:
 * no memory */

static entry_t *
entry_of(mdr_nfa_t *x, table_t *t, uint64_t key)
{
    size_t    i, size;
    entry_t  *old;
    table_t   bigger;

    if (2 * t->n >= t->cap) {
        bigger = *t;
        size = t->cap != 0 ? 4 * t->cap : SMALL;
        bigger.e = mdr_calloc(x->alloc, size * sizeof(entry_t));

        if (bigger.e == NULL) {
            return NULL;
        }

        bigger.cap = size;
        bigger.round = t->round != 0 ? t->round : 1;
        old = t->e;

        for (i = 0; i < t->cap; i++) {
            if (old[i].round == t->round) {
                *place_of(&bigger, old[i].key) = old[i];
            }
        }

        mdr_free(x->alloc, old);
        *t = bigger;
    }

    return place_of(t, key);
}


/* a set of starts; NONE: no memory */

static uint32_t
new_set(mdr_nfa_t *x, uint32_t a, uint32_t b)
{
    if (reserve(x, &x->sets, &x->sets_cap, x->nsets + 1, sizeof(set_t))
        != MDR_OK)
    {
        return NONE;
    }

    x->sets[x->nsets].a = a;
    x->sets[x->nsets].b = b;

    return (uint32_t) x->nsets++;
}


/* a state of the next atom; one that is there already has more starts */

static int
add(search_t *s, uint32_t node, uint32_t gap, int other, uint32_t read,
    uint32_t sub, uint32_t starts)
{
    uint64_t    key;
    state_t    *q;
    entry_t    *e;
    mdr_nfa_t  *x;

    x = s->x;
    key = (uint64_t) node << 32 | gap << 24 | (uint32_t) other << 16
          | read << 8 | sub;
    e = entry_of(x, &x->places, key);

    if (e == NULL
        || reserve(x, &x->then.s, &x->then.cap, x->then.n + 1,
                   sizeof(state_t))
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    if (e->round == x->places.round) {
        q = &x->then.s[e->value];

        if (q->starts != starts) {
            q->starts = new_set(x, q->starts, starts);
        }

        return q->starts == NONE ? MDR_ERROR : MDR_OK;
    }

    e->round = x->places.round;
    e->key = key;
    e->value = (uint32_t) x->then.n;
    x->places.n++;

    q = &x->then.s[x->then.n++];
    q->node = node;
    q->gap = (uint8_t) gap;
    q->other = (uint8_t) other;
    q->read = (uint8_t) read;
    q->sub = (uint8_t) sub;
    q->starts = starts;

    return MDR_OK;
}


static int
is_word(const mdr_trace_t *t, size_t i)
{
    return t->atoms[i].word && t->atoms[i].mark == 0;
}


/* is there the edge that profile wants of an end at atom i, beside which is
 * atom `next` (or none: t->n)?  A code says what element of a term is there,
 * and if it was written as a letter or digit. */

static int
has_edge(const search_t *s, size_t i, size_t next, uint32_t code)
{
    const mdr_trace_t  *t;

    t = s->l->t;

    if (next >= t->n || !is_word(t, next)) {
        return 1;
    }

    return s->p->boundary == MDR_BOUNDARY_AUTO
           ? !(code & 1) && !(t->atoms[i].word && mdr_fold_is_word(code >> 1))
           : s->p->boundary != MDR_BOUNDARY_WORD;
}


/* may a term with this first element begin at atom i? */

static int
may_begin(const search_t *s, size_t i, uint32_t code)
{
    return s->p->boundary == MDR_BOUNDARY_WHOLE
           ? i <= s->low : has_edge(s, i, i != 0 ? i - 1 : SIZE_MAX, code);
}


static int
may_end(const search_t *s, size_t i, uint32_t code)
{
    return s->p->boundary == MDR_BOUNDARY_WHOLE
           ? i + 1 >= s->high : has_edge(s, i, i + 1, code);
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
take_starts(search_t *s, uint32_t set, uint32_t node)
{
    size_t      n;
    entry_t    *e;
    uint64_t    key;
    mdr_nfa_t  *x;

    x = s->x;
    x->ngot = 0;
    n = 0;

    for ( ;; ) {
        s->meter->steps++;
        key = (uint64_t) node << 32 | set;
        e = entry_of(x, &x->seen, key);

        if (e == NULL
            || reserve(x, &x->stack, &x->stack_cap, n + 2, sizeof(uint32_t))
               != MDR_OK
            || reserve(x, &x->got, &x->got_cap, x->ngot + 1,
                       sizeof(uint32_t))
               != MDR_OK)
        {
            return MDR_ERROR;
        }

        if (e->round != x->seen.round) {
            e->round = x->seen.round;
            e->key = key;
            x->seen.n++;

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


static int
is_read(const search_t *s, const mdr_lex_user_t *u)
{
    return (int) (s->v->reads[u->rule / 64] >> (u->rule % 64) & 1);
}


static int
put_hit(search_t *s, const mdr_lex_user_t *u, size_t first, size_t last)
{
    uint32_t  start, end;

    s->meter->steps++;

    if (mdr_match_exact_span(s->v->w->exact, s->l, first, last, &start, &end)
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    return mdr_match_hit(s->v->m, s->v->hits, u, s->v->subject,
                         start + s->shift, end + s->shift);
}


/* under repeat, a start behind another of its run says nothing that this does
 * not say */

static int
is_idle(const search_t *s, uint32_t before, uint32_t start)
{
    return s->repeat && before + 1 == start
           && s->l->atoms[before].run == s->l->atoms[start].run;
}


/* the terms of node d end with atom i, if their edges are there */

static int
found(search_t *s, const mdr_crowd_node_t *d, uint32_t starts, size_t i)
{
    size_t                   k, last;
    uint32_t                 n, u, *to;
    const mdr_matcher_t     *m;
    const mdr_crowd_term_t  *t;

    m = s->v->m;
    last = s->repeat
           ? mdr_match_exact_run(s->v->w->exact, s->l, i, d->code >> 1,
                                 s->meter)
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

    for (k = 0; k < s->x->ngot; k++) {

        if (k != 0 && is_idle(s, s->x->got[k - 1], s->x->got[k])) {
            continue;
        }

        if (s->chain) {
            if (put_hit(s, s->v->u, s->x->got[k], last) != MDR_OK) {
                return MDR_ERROR;
            }
            continue;
        }

        for (n = d->term; n < d->term + d->nterms; n++) {
            t = &m->crowd_terms[n];

            for (u = t->user; u < m->alike[t->user]; u++) {
                if (is_read(s, &m->users[u])
                    && put_hit(s, &m->users[u], s->x->got[k], last)
                       != MDR_OK)
                {
                    return MDR_ERROR;
                }
            }
        }
    }

    return MDR_OK;
}


/* the longest hits of atoms [s->from, to) */

static int
put_longest(search_t *s, size_t to)
{
    size_t                 i, n;
    const uint32_t        *last;
    const mdr_lex_user_t  *u;

    u = s->chain ? s->v->u
        : &s->v->m->users[s->v->m->crowd_terms[s->c->first].user];
    last = s->x->last;
    n = to - s->from;

    for (i = 0; i < n; i++) {
        if (last[i] == 0
            || (i != 0 && last[i - 1] == last[i]
                && is_idle(s, (uint32_t) (s->from + i - 1),
                           (uint32_t) (s->from + i))))
        {
            continue;
        }

        if (put_hit(s, u, s->from + i, last[i] - 1) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/* is there no word edge before element i of a form? */

static int
is_inside(const uint32_t *cp, size_t i)
{
    return mdr_fold_is_word(cp[i - 1]) && mdr_fold_is_word(cp[i]);
}


/* the first child of a node whose code is at least this one; *end: behind the
 * last child */

static const mdr_crowd_node_t *
find_child(const search_t *s, const mdr_crowd_node_t *d, uint32_t code,
    const mdr_crowd_node_t **end)
{
    uint32_t                 lo, hi, mid;
    const mdr_crowd_node_t  *c;

    c = s->nodes + d->child;
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


/* the starts of a state; of the root it is the atom in hand */

static uint32_t
starts_of(search_t *s, state_t *p, size_t i)
{
    if (p->starts == NONE) {
        p->starts = new_set(s->x, (uint32_t) i, NONE);
    }

    return p->starts;
}


/* all elements of node c are there, up to atom i; ends: a term may end here */

static int
arrive(search_t *s, state_t *p, const mdr_crowd_node_t *c, size_t i, int ends)
{
    if ((c->nterms == 0 || !ends) && c->nchildren == 0) {
        return MDR_OK;
    }

    if (starts_of(s, p, i) == NONE
        || (c->nterms != 0 && ends && found(s, c, p->starts, i) != MDR_OK))
    {
        return MDR_ERROR;
    }

    return c->nchildren == 0 ? MDR_OK
           : add(s, (uint32_t) (c - s->nodes), 0, 0, 0, 0, p->starts);
}


/*
 * What state p leads to where atom i is the n characters cp, from `at` on.  At
 * the end of a term they may reach beyond it, at its beginning they may begin
 * before it.  second: this is not what the atom is at first.
 */

static int
take(search_t *s, state_t *p, size_t i, const uint32_t *cp, size_t n,
    size_t at, int second)
{
    int                      edges, ends;
    size_t                   k;
    uint32_t                 word;
    const mdr_crowd_node_t  *d, *c, *end;
    struct {
        uint32_t  node, at;
    } stack[2 * MDR_FOLD_SEQ + 2];

    edges = s->p->boundary != MDR_BOUNDARY_NONE;
    d = &s->nodes[p->node];

    if ((edges && at != 0 && is_inside(cp, at))
        || (p->other && d->code >> 1 == cp[at])
        || (second && mdr_trace_far_fetched(s->l->t, i, cp[at], 1)))
    {
        return MDR_OK;
    }

    word = second && mdr_trace_far_fetched(s->l->t, i, cp[at], 0);
    stack[0].node = p->node;
    stack[0].at = (uint32_t) at;

    /* an element is one child or two (as it was written), so there are never
     * more than two on the stack for each of them */

    for (k = 1; k != 0; word = 0) {
        d = &s->nodes[stack[--k].node];
        at = stack[k].at;
        ends = !edges || at + 1 == n || !is_inside(cp, at + 1);

        for (c = find_child(s, d, cp[at] << 1 | word, &end);
             c < end && c->code >> 1 == cp[at]; c++)
        {
            if (p->node == s->c->root && d == &s->nodes[s->c->root]
                && !may_begin(s, i, c->code))
            {
                continue;
            }

            if (at + 1 == n) {
                if (arrive(s, p, c, i, ends) != MDR_OK) {
                    return MDR_ERROR;
                }
                continue;
            }

            if (c->nterms != 0 && ends
                && (starts_of(s, p, i) == NONE
                    || found(s, c, p->starts, i) != MDR_OK))
            {
                return MDR_ERROR;
            }

            stack[k].node = (uint32_t) (c - s->nodes);
            stack[k++].at = (uint32_t) at + 1;
        }
    }

    return MDR_OK;
}


/* the atom is a letter of the reading of node c's last element, of which so
 * many letters are there (of reading `read` - 1; 0: none yet) */

static int
read_letter(search_t *s, state_t *p, size_t i, const mdr_crowd_node_t *c,
    uint32_t letter)
{
    size_t       k, n;
    const char  *r[8];

    n = mdr_fold_readings(c->code >> 1, r);

    for (k = p->read != 0 ? p->read - 1u : 0; k < n; k++) {
        if ((uint32_t) (uint8_t) r[k][p->sub] == letter
            || (r[k][p->sub] == 'v' && letter == 'u'))
        {
            if (r[k][p->sub + 1] == '\0') {
                if (arrive(s, p, c, i, 1) != MDR_OK) {
                    return MDR_ERROR;
                }

            } else if (starts_of(s, p, i) == NONE
                       || add(s, (uint32_t) (c - s->nodes), 0, 0,
                              (uint32_t) k + 1, p->sub + 1u, p->starts)
                          != MDR_OK)
            {
                return MDR_ERROR;
            }
        }

        if (p->read != 0) {
            break;
        }
    }

    return MDR_OK;
}


static int
read_on(search_t *s, state_t *p, size_t i, uint32_t letter)
{
    uint32_t                 k;
    const mdr_crowd_node_t  *d, *c;

    d = &s->nodes[p->node];

    if (p->read != 0) {
        return read_letter(s, p, i, d, letter);
    }

    for (k = 0; k < d->nchildren; k++) {
        c = &s->nodes[d->child + k];

        if (c->han
            && (p->node != s->c->root || may_begin(s, i, c->code))
            && read_letter(s, p, i, c, letter) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/* the atom is more of the run that the term had before, which goes on with
 * another element */

static int
stay(search_t *s, const state_t *p, size_t i)
{
    uint32_t                 before;
    const mdr_crowd_node_t  *d;
    const mdr_exact_atom_t  *a;

    d = &s->nodes[p->node];
    before = d->code >> 1;
    a = &s->l->atoms[i];

    if (d->nchildren == 0
        || (s->nodes[d->child].code >> 1 == before
            && s->nodes[d->child + d->nchildren - 1].code >> 1 == before)
        || (a->form & (MDR_EXACT_CHOICE | MDR_EXACT_MANY)
            ? !mdr_match_exact_may_be(s->v->w->exact, s->l, i, before)
            : a->form != before))
    {
        return MDR_OK;
    }

    return add(s, p->node, 0, 1, 0, 0, p->starts);
}


/* the atom is a mark that is left out */

static int
skip(search_t *s, const state_t *p, size_t i)
{
    int                flag;
    const mdr_atom_t  *a;

    a = &s->l->t->atoms[i];

    if (!(a->mark & s->p->gap_of)) {
        return MDR_OK;
    }

    flag = p->gap != 0 && (a->flags & MDR_ATOM_FLAG) != 0;

    return !flag && p->gap >= s->p->gap_max ? MDR_OK
           : add(s, p->node, p->gap + !flag, p->other, p->read, p->sub,
                 p->starts);
}


/* what a state leads to at atom i */

static int
go_on(search_t *s, state_t *p, size_t i)
{
    int              root;
    size_t           k, n, at;
    uint32_t         form;
    const uint32_t  *forms;
    mdr_fold_seq_t   f[MDR_FOLD_ALTS];

    s->meter->steps++;
    root = p->node == s->c->root && p->read == 0;
    form = s->l->atoms[i].form;

    if (!root
        && ((s->repeat && p->read == 0 && stay(s, p, i) != MDR_OK)
            || skip(s, p, i) != MDR_OK))
    {
        return MDR_ERROR;
    }

    if (s->p->folds & MDR_FOLD_PINYIN) {
        (void) mdr_fold_forms(s->l->t->atoms[i].cp, s->l->folds, f);

        if (f[0].n == 1 && read_on(s, p, i, f[0].cp[0]) != MDR_OK) {
            return MDR_ERROR;
        }

        if (p->read != 0) {
            return MDR_OK;
        }
    }

    if (form & MDR_EXACT_MANY) {
        n = mdr_fold_forms(s->l->t->atoms[i].cp, s->l->folds, f);

        for (k = 0; k < n; k++) {
            for (at = 0; at < (root ? f[k].n : 1u); at++) {
                if (take(s, p, i, f[k].cp, f[k].n, at, k != 0) != MDR_OK) {
                    return MDR_ERROR;
                }
            }
        }

        return MDR_OK;
    }

    if (!(form & MDR_EXACT_CHOICE)) {
        return take(s, p, i, &form, 1, 0, 0);
    }

    n = mdr_match_exact_forms(s->v->w->exact, s->l, i, &forms);

    for (k = 0; k < n; k++) {
        if (take(s, p, i, &forms[k], 1, 0, k != 0) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/*
 * The next atom where it is worth to begin, behind i.  Under repeat, all starts
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

    if (!s->repeat || run == i || (s->p->folds & MDR_FOLD_PINYIN)
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


/* boundary: whole.  Readings of parts of a text that stand behind it are of
 * themselves */

static void
find_ends(search_t *s)
{
    size_t              i, end;
    const mdr_trace_t  *t;

    t = s->l->t;
    s->low = s->l->low;
    s->high = s->l->high;

    if (s->from >= t->base) {
        end = t->n;

        for (i = t->base; i < end && t->atoms[i].mark != 0; i++) {
            /* void */
        }

        for (s->low = i; end > i && t->atoms[end - 1].mark != 0; end--) {
            /* void */
        }

        s->high = end;
    }
}


/* the hits of s->c that begin at atoms [s->from, to) */

static int
run(search_t *s, size_t to)
{
    size_t      i, k, next;
    state_t     root;
    states_t    swap;
    mdr_nfa_t  *x;

    x = s->x;
    x->now.n = 0;
    x->nsets = 0;
    clear(&x->seen);

    if (s->longest) {
        if (reserve(x, &x->last, &x->last_cap, to - s->from,
                    sizeof(uint32_t))
            != MDR_OK)
        {
            return MDR_ERROR;
        }

        memset(x->last, 0, (to - s->from) * sizeof(uint32_t));
    }

    memset(&root, 0, sizeof(root));
    root.node = s->c->root;

    for (i = s->from, next = i; i < s->l->t->n; i++) {

        if ((x->now.n == 0 && i >= to) || mdr_meter_spent(s->meter)) {
            break;
        }

        x->then.n = 0;
        clear(&x->places);

        if (i == next && i < to) {
            root.starts = NONE;

            if (!(s->c->head && i != 0 && is_word(s->l->t, i - 1))
                && go_on(s, &root, i) != MDR_OK)
            {
                return MDR_ERROR;
            }

            next = next_start(s, i);
        }

        for (k = 0; k < x->now.n; k++) {
            if (go_on(s, &x->now.s[k], i) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        swap = x->now;
        x->now = x->then;
        x->then = swap;
    }

    if (s->longest && put_longest(s, to) != MDR_OK) {
        return MDR_ERROR;
    }

    return s->any;
}


/* the same of atoms of the text itself and of what is behind it, apart */

static int
run_parts(search_t *s, size_t from, size_t to)
{
    int     rc;
    size_t  base;

    base = s->l->t->base;
    to = to < s->l->t->n ? to : s->l->t->n;

    for (s->from = from; s->from < to; s->from = base) {
        find_ends(s);
        rc = run(s, s->from < base && base < to ? base : to);

        if (rc == MDR_ERROR || s->from >= base || to <= base) {
            break;
        }
    }

    return from < to ? rc : 0;
}


static void
begin(search_t *s, mdr_verify_t *v, const mdr_exact_line_t *l, uint32_t shift)
{
    memset(s, 0, sizeof(search_t));
    s->v = v;
    s->x = v->w->nfa;
    s->meter = &v->hits->meter;
    s->l = l;
    s->p = &v->rule->profile;
    s->shift = shift;
    s->repeat = (s->p->folds & MDR_FOLD_REPEAT) != 0;
}


int
mdr_match_nfa_trie(mdr_verify_t *v, const mdr_crowd_t *c,
    const mdr_exact_line_t *l, size_t from, size_t to, uint32_t shift)
{
    search_t               s;
    const mdr_lex_user_t  *u;

    begin(&s, v, l, shift);
    u = &v->m->users[v->m->crowd_terms[c->first].user];
    s.c = c;
    s.nodes = v->m->crowd_nodes;
    s.longest = c->one && mdr_match_longest_only(v->m->model, u);

    if (c->one && !is_read(&s, u)) {
        return 0;
    }

    return run_parts(&s, from, to);
}


/* v->u's term as a trie of one branch, in x->chain; its elements, 0: none.
 * MDR_ERROR */

static int
make_chain(mdr_verify_t *v, uint32_t folds)
{
    size_t              k;
    mdr_str_t           text;
    mdr_nfa_t          *x;
    mdr_trace_term_t   *t;
    mdr_crowd_node_t   *d;

    x = v->w->nfa;
    t = &x->term;

    if (x->chain_known && x->chain_text == v->u->text
        && x->chain_folds == folds)
    {
        return (int) t->n;
    }

    text.data = v->m->text + v->u->text;
    text.len = v->u->len;
    mdr_trace_term(text, folds, t);
    v->hits->meter.steps += 1 + t->n / 4;
    x->chain_known = 0;

    if (reserve(x, &x->chain, &x->chain_cap, t->n + 1,
                sizeof(mdr_crowd_node_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    memset(x->chain, 0, (t->n + 1) * sizeof(mdr_crowd_node_t));

    for (k = 0; k <= t->n; k++) {
        d = &x->chain[k];
        d->child = (uint32_t) k + 1;
        d->nchildren = k < t->n;
        d->nterms = k == t->n;

        if (k != 0) {
            d->code = t->cp[k - 1] << 1 | (t->word[k - 1] != 0);
            d->han = t->han[k - 1];
        }
    }

    x->chain_text = v->u->text;
    x->chain_folds = folds;
    x->chain_known = 1;

    return (int) t->n;
}


int
mdr_match_nfa_term(mdr_verify_t *v, const mdr_exact_line_t *l, size_t from,
    size_t to, uint32_t shift)
{
    int          n;
    search_t     s;
    mdr_crowd_t  c;

    n = make_chain(v, l->folds);

    if (n <= 0) {
        return n;
    }

    begin(&s, v, l, shift);
    memset(&c, 0, sizeof(c));
    c.longest = (uint32_t) n;
    c.head = (v->u->flags & MDR_TERM_HEAD) != 0;

    for (c.run = 1; c.run < (uint32_t) n
                    && s.x->term.cp[c.run] == s.x->term.cp[0]; c.run++)
    {
        /* void */
    }

    s.c = &c;
    s.nodes = s.x->chain;
    s.chain = 1;
    s.longest = 1;

    return run_parts(&s, from, to);
}
