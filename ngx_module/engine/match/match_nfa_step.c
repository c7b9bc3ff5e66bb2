/*
 * match_nfa_step.c - NFA simulation: from the states at an atom to those of the
 * next one.
 *
 * What an atom may be, and when, is said in fold.h and trace.c: one of several
 * forms of one character or more; more of the run that the term had (repeat);
 * a mark that is left out; a letter of a reading (pinyin).
 */

#include "match_nfa_in.h"

#include <string.h>


#define FEW  12                         /* states that need no table         */


/* the place of a state in `then`, or where it is to be; NONE: no memory */

static uint32_t
place_of(mdr_nfa_t *x, uint64_t key)
{
    int                 known;
    uint32_t            i, n;
    mdr_table_entry_t  *e;

    n = (uint32_t) x->then.n;

    if (n < FEW) {
        for (i = 0; i < n && x->then.s[i].key != key; i++) { /* void */ }

        return i;
    }

    for (i = n == FEW ? 0 : n; i <= n; i++) {
        e = mdr_table_at(&x->index, x->alloc,
                         i < n ? x->then.s[i].key : key, &known);

        if (e == NULL) {
            return NONE;
        }

        e->value = known ? e->value : i;
    }

    return e->value;
}


static inline mdr_nfa_state_t
state_at(uint32_t node, uint32_t starts)
{
    mdr_nfa_state_t  q;

    memset(&q, 0, sizeof(q));
    q.node = node;
    q.starts = starts;

    return q;
}


/* a state of the next atom; one that is there already has more starts */

static int
add(mdr_nfa_search_t *s, mdr_nfa_state_t q)
{
    uint32_t          i;
    mdr_nfa_t        *x;
    mdr_nfa_state_t  *p;

    x = s->x;
    q.key = (uint64_t) q.node << 32 | (uint32_t) q.gap << 24
            | (uint32_t) q.other << 16 | (uint32_t) q.read << 8 | q.sub;
    i = place_of(x, q.key);

    if (i == NONE
        || (x->then.n == x->then.cap
            && mdr_table_reserve(x->alloc, &x->then.s, &x->then.cap,
                                 x->then.n + 1, sizeof(mdr_nfa_state_t))
               != MDR_OK))
    {
        return MDR_ERROR;
    }

    p = &x->then.s[i];

    if (i < x->then.n) {
        if (p->starts != q.starts) {
            p->starts = mdr_nfa_set(x, p->starts, q.starts);
        }

        return p->starts == NONE ? MDR_ERROR : MDR_OK;
    }

    x->then.n++;
    *p = q;

    return MDR_OK;
}


/* may a term with this first element begin at atom i? */

static int
may_begin(const mdr_nfa_search_t *s, size_t i, uint32_t code)
{
    return s->p->boundary == MDR_BOUNDARY_WHOLE
           ? i <= s->low || mdr_match_atoms_begins(s->l, i)
           : mdr_nfa_has_edge(s, i, i != 0 ? i - 1 : SIZE_MAX, code);
}


/* is there no word edge before element i of a form? */

static int
is_inside(const uint32_t *cp, size_t i)
{
    return mdr_fold_is_word(cp[i - 1]) && mdr_fold_is_word(cp[i]);
}


/* the first child of a node whose code is at least this one; *end: behind the
 * last child */

static const mdr_trie_node_t *
find_child(const mdr_nfa_search_t *s, const mdr_trie_node_t *d, uint32_t code,
    const mdr_trie_node_t **end)
{
    uint32_t                 lo, hi, mid;
    const mdr_trie_node_t  *c;

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
starts_of(mdr_nfa_search_t *s, mdr_nfa_state_t *p, size_t i)
{
    if (p->starts == NONE) {
        p->starts = mdr_nfa_set(s->x, (uint32_t) i, NONE);
    }

    return p->starts;
}


/* all elements of node c are there, up to atom i; ends: a term may end here */

static int
arrive(mdr_nfa_search_t *s, mdr_nfa_state_t *p, const mdr_trie_node_t *c,
    size_t i, int ends)
{
    if ((c->nusers == 0 || !ends) && c->nchildren == 0) {
        return MDR_OK;
    }

    if (starts_of(s, p, i) == NONE
        || (c->nusers != 0 && ends
            && mdr_nfa_found(s, c, p->starts, i) != MDR_OK))
    {
        return MDR_ERROR;
    }

    return c->nchildren == 0 ? MDR_OK
           : add(s, state_at((uint32_t) (c - s->nodes), p->starts));
}


/* what state p leads to where atom i is the one character cp; word: only terms
 * that were written so have it there */

static int
take(mdr_nfa_search_t *s, mdr_nfa_state_t *p, size_t i, uint32_t cp,
    uint32_t word)
{
    const mdr_trie_node_t  *d, *c, *end;

    d = &s->nodes[p->node];

    if (p->other && d->code >> 1 == cp) {
        return MDR_OK;
    }

    for (c = find_child(s, d, cp << 1 | word, &end);
         c < end && c->code >> 1 == cp; c++)
    {
        if ((p->node != s->c->root || may_begin(s, i, c->code))
            && arrive(s, p, c, i, 1) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/*
 * The same where it is several characters, a form of the atom, from `at` on.
 * At the end of a term they may reach beyond it, at its beginning they may
 * begin before it.
 */

static int
take_many(mdr_nfa_search_t *s, mdr_nfa_state_t *p, size_t i, size_t form,
    size_t at)
{
    int                      edges, ends, second;
    size_t                   k, n;
    uint32_t                 word;
    const uint32_t          *cp;
    const mdr_trie_node_t  *d, *c, *end;
    struct {
        uint32_t  node, at;
    } stack[2 * MDR_FOLD_SEQ + 2];

    cp = s->x->forms[form].cp;
    n = s->x->forms[form].n;
    second = form != 0;
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

            if (c->nusers != 0 && ends
                && (starts_of(s, p, i) == NONE
                    || mdr_nfa_found(s, c, p->starts, i) != MDR_OK))
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
read_letter(mdr_nfa_search_t *s, mdr_nfa_state_t *p, size_t i,
    const mdr_trie_node_t *c, uint32_t letter)
{
    size_t            k, n;
    const char       *r[8];
    mdr_nfa_state_t   q;

    n = mdr_fold_readings(c->code >> 1, r);

    for (k = p->read != 0 ? p->read - 1u : 0; k < n; k++) {
        if ((uint32_t) (uint8_t) r[k][p->sub] == letter
            || (r[k][p->sub] == 'v' && letter == 'u'))
        {
            if (r[k][p->sub + 1] == '\0') {
                if (arrive(s, p, c, i, 1) != MDR_OK) {
                    return MDR_ERROR;
                }

            } else {
                q = state_at((uint32_t) (c - s->nodes), starts_of(s, p, i));
                q.read = (uint8_t) (k + 1);
                q.sub = (uint8_t) (p->sub + 1);

                if (q.starts == NONE || add(s, q) != MDR_OK) {
                    return MDR_ERROR;
                }
            }
        }

        if (p->read != 0) {
            break;
        }
    }

    return MDR_OK;
}


static int
read_on(mdr_nfa_search_t *s, mdr_nfa_state_t *p, size_t i, uint32_t letter)
{
    uint32_t                 k;
    const mdr_trie_node_t  *d, *c;

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
stay(mdr_nfa_search_t *s, const mdr_nfa_state_t *p)
{
    size_t                   k;
    uint32_t                 before;
    const mdr_nfa_t         *x;
    mdr_nfa_state_t          q;
    const mdr_trie_node_t   *d;

    x = s->x;
    d = &s->nodes[p->node];
    before = d->code >> 1;

    if (d->nchildren == 0
        || (s->nodes[d->child].code >> 1 == before
            && s->nodes[d->child + d->nchildren - 1].code >> 1 == before))
    {
        return MDR_OK;
    }

    for (k = 0; k < x->nforms; k++) {
        if (x->forms[k].n == 1 && x->forms[k].cp[0] == before) {
            q = state_at(p->node, p->starts);
            q.other = 1;
            return add(s, q);
        }
    }

    return MDR_OK;
}


/* the atom is a mark that is left out */

static int
skip(mdr_nfa_search_t *s, const mdr_nfa_state_t *p, size_t i)
{
    int                flag;
    mdr_nfa_state_t    q;
    const mdr_atom_t  *a;

    a = &s->l->t->atoms[i];

    if (!(a->mark & s->p->gap_of)) {
        return MDR_OK;
    }

    flag = p->gap != 0 && (a->flags & MDR_ATOM_FLAG) != 0;

    if (!flag && p->gap >= s->p->gap_max) {
        return MDR_OK;
    }

    q = *p;
    q.gap += !flag;

    return add(s, q);
}


/* what a state leads to at atom i */

int
mdr_nfa_step(mdr_nfa_search_t *s, mdr_nfa_state_t *p, size_t i)
{
    int         root;
    size_t      k, at;
    mdr_nfa_t  *x;

    x = s->x;
    s->meter->steps += x->nforms;
    root = p->node == s->c->root && p->read == 0;

    if (!root
        && ((s->repeat && p->read == 0 && stay(s, p) != MDR_OK)
            || skip(s, p, i) != MDR_OK))
    {
        return MDR_ERROR;
    }

    if (s->p->folds & MDR_FOLD_PINYIN) {
        if (x->forms[0].n == 1
            && read_on(s, p, i, x->forms[0].cp[0]) != MDR_OK)
        {
            return MDR_ERROR;
        }

        if (p->read != 0) {
            return MDR_OK;
        }
    }

    for (k = 0; k < x->nforms; k++) {

        if (x->forms[k].n == 1) {
            if (!x->never[k]
                && take(s, p, i, x->forms[k].cp[0], x->written[k]) != MDR_OK)
            {
                return MDR_ERROR;
            }

            continue;
        }

        for (at = 0; at < (root ? x->forms[k].n : 1u); at++) {
            if (take_many(s, p, i, k, at) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}
