/*
 * match_groups.c - what is worked out of a lexicon once a process.
 *
 * Of patterns of one anchor, where there are many: how two neighbours in the
 * halving differ, so that no class of a text is compared twice; how to get
 * down a chain of patterns that begin with one another by more than a step;
 * and how many rules' groups are in it, so that nothing is looked at when each
 * has its hit.  Of rules: the sets of folds that they have.
 */

#include "text/fold.h"
#include "matcher.h"

#include <stdlib.h>
#include <string.h>


typedef struct {
    uint32_t  lo, hi;                   /* patterns, as in try_many()        */
} half_t;

#define HALVES  64


static uint32_t
in_common(const mdr_matcher_t *m, uint32_t a, uint32_t b)
{
    uint32_t                  i;
    const uint16_t           *c, *d;
    const mdr_lex_pattern_t  *p, *q;

    p = &m->patterns[a];
    q = &m->patterns[b];
    c = m->classes + p->at;
    d = m->classes + q->at;

    for (i = 0; i < p->len && i < q->len && c[i] == d[i]; i++) { /* void */ }

    return i;
}


/* patterns [from, to) have their anchors at one place; chains: of `first` */

static void
make_halves(const mdr_matcher_t *m, mdr_chain_t *chains, uint32_t first,
    uint32_t from, uint32_t to)
{
    size_t        n;
    half_t        h, stack[HALVES];
    uint32_t      mid;
    mdr_chain_t  *c;

    n = 0;
    stack[n].lo = from;
    stack[n++].hi = to;

    while (n != 0) {
        h = stack[--n];

        if (h.lo >= h.hi) {
            continue;
        }

        mid = h.lo + (h.hi - h.lo) / 2;
        c = &chains[mid - first];
        c->left = h.lo == from ? 0 : (uint16_t) in_common(m, mid, h.lo - 1);
        c->right = h.hi == to ? 0 : (uint16_t) in_common(m, mid, h.hi);

        /* one for each halving of 2^32 patterns, at most */

        stack[n].lo = h.lo;
        stack[n++].hi = mid;
        stack[n].lo = mid + 1;
        stack[n++].hi = h.hi;
    }
}


/* the users of pattern k come to a chain, or leave it */

static void
count_users(const mdr_matcher_t *m, uint32_t k, uint32_t *count, int leave,
    mdr_chain_t *c)
{
    uint32_t              *n;
    const mdr_lex_user_t  *u;

    for (u = mdr_lex_users(m->users, &m->patterns[k]); ; u++) {

        if (!mdr_match_longest_only(m->model, u)
            || (u->flags & MDR_TERM_MARKS))
        {
            c->all = 1;

        } else {
            n = &count[mdr_matcher_key(m, u)];
            c->keys += !leave && *n == 0;
            *n += leave ? UINT32_MAX : 1;
        }

        c->head &= (u->flags & MDR_TERM_HEAD) != 0;

        if (u->flags & MDR_TERM_LAST) {
            return;
        }
    }
}


/* patterns stand behind those that they begin with, so that the chain in hand
 * is a stack: stack[n - 1] is the pattern before */

static void
make_chains(const mdr_matcher_t *m, const mdr_lex_group_t *g,
    mdr_chain_t *chains, uint32_t *count, uint32_t *stack)
{
    uint32_t      i, n, next;
    mdr_chain_t  *c, left;              /* left: of what nobody asks         */

    memset(&left, 0, sizeof(left));

    for (i = g->first, n = 0; i < g->end; i++) {
        next = m->links[g->links + i - g->first].next;

        while (n != 0 && stack[n - 1] + 1 != next) {
            count_users(m, stack[--n], count, 1, &left);
        }

        c = &chains[i - g->first];
        c->head = 1;
        c->far = n >= MDR_CHAIN_FAR ? stack[n - MDR_CHAIN_FAR] + 1 : 0;

        if (n != 0) {
            c->keys = chains[next - 1 - g->first].keys;
            c->all = chains[next - 1 - g->first].all;
            c->head = chains[next - 1 - g->first].head;
        }

        count_users(m, i, count, 0, c);
        stack[n++] = i;
    }

    while (n != 0) {
        count_users(m, stack[--n], count, 1, &left);
    }
}


static int
make_groups(mdr_matcher_t *m)
{
    uint32_t                 i, k, from, n, *count, *stack;
    const mdr_lex_group_t   *g;
    const mdr_lex_pattern_t *p;

    for (i = 0, n = 0; i < m->h.ngroups; i++) {
        k = m->groups[i].end - m->groups[i].first;
        n = k > n ? k : n;
    }

    m->group_heads = mdr_calloc(m->alloc, m->h.ngroups + 1);
    m->chains = mdr_calloc(m->alloc, (m->h.nlinks + 1) * sizeof(mdr_chain_t));
    count = mdr_calloc(m->alloc, (m->nkeys + 1) * sizeof(uint32_t));
    stack = mdr_alloc(m->alloc, ((size_t) n + 1) * sizeof(uint32_t));

    p = m->patterns;

    if (m->group_heads == NULL || m->chains == NULL || count == NULL
        || stack == NULL)
    {
        mdr_free(m->alloc, count);
        mdr_free(m->alloc, stack);
        return MDR_ERROR;
    }

    for (i = 0; i < m->h.ngroups; i++) {
        g = &m->groups[i];
        make_chains(m, g, m->chains + g->links, count, stack);

        for (k = g->first; k < g->end
             && m->chains[g->links + k - g->first].head; k++)
        {
            /* void */
        }

        m->group_heads[i] = k == g->end;

        for (from = g->first; from < g->end; from = k) {
            for (k = from; k < g->end && (p[k].anchor & MDR_PAT_AT)
                                         == (p[from].anchor & MDR_PAT_AT);
                 k++)
            {
                /* void */
            }
            make_halves(m, m->chains + g->links, g->first, from, k);
        }
    }

    mdr_free(m->alloc, count);
    mdr_free(m->alloc, stack);

    return MDR_OK;
}


static int
same_profile(const mdr_profile_t *a, const mdr_profile_t *b)
{
    return a->folds == b->folds && a->gap_max == b->gap_max
           && a->gap_of == b->gap_of && a->boundary == b->boundary;
}


/* the first rule with the profile of each; `first` is for those */

static void
make_profiles(mdr_matcher_t *m, uint32_t *first)
{
    uint32_t  r, k, n;

    for (r = 0, n = 0; r < m->model->nrules; r++) {

        for (k = 0; k < n && !same_profile(&m->model->rules[first[k]].profile,
                                           &m->model->rules[r].profile); k++)
        {
            /* void */
        }

        if (k == n) {
            first[n++] = r;
        }

        m->profiles[r] = first[k];
    }
}


static int
make_rules(mdr_matcher_t *m)
{
    uint32_t  r, k, folds;

    m->key_first = mdr_alloc(m->alloc, (m->model->nrules + 1u)
                                       * sizeof(uint32_t));
    m->sets = mdr_alloc(m->alloc, (m->model->nrules + 1u)
                                  * sizeof(uint32_t));

    m->profiles = mdr_alloc(m->alloc, (m->model->nrules + 1u)
                                      * sizeof(uint32_t));

    if (m->key_first == NULL || m->sets == NULL || m->profiles == NULL) {
        return MDR_ERROR;
    }

    make_profiles(m, m->key_first);     /* which is filled below             */

    for (r = 0; r < m->model->nrules; r++) {
        m->key_first[r] = m->nkeys;
        m->nkeys += m->model->rules[r].ngroups;
        folds = m->model->rules[r].profile.folds;

        for (k = 0; k < m->nsets && m->sets[k] != folds; k++) { /* void */ }

        m->sets[k] = folds;
        m->nsets += k == m->nsets;
    }

    return MDR_OK;
}


/* do two users of a pattern ask the same, but for whom? */

static int
is_alike(const mdr_matcher_t *m, const mdr_lex_user_t *a,
    const mdr_lex_user_t *b)
{
    return ((a->group | b->group) & MDR_USER_REGEX) == 0 && a->len == b->len
           && ((a->flags ^ b->flags) & ~MDR_TERM_LAST) == 0
           && same_profile(&m->model->rules[a->rule].profile,
                           &m->model->rules[b->rule].profile)
           && memcmp(m->text + a->text, m->text + b->text, a->len) == 0;
}


static int
make_alike(mdr_matcher_t *m)
{
    uint32_t  i;

    m->alike = mdr_alloc(m->alloc, (m->h.nusers + 1) * sizeof(uint32_t));

    if (m->alike == NULL) {
        return MDR_ERROR;
    }

    for (i = (uint32_t) m->h.nusers; i-- > 0; /* void */) {
        m->alike[i] = i + 1 < m->h.nusers
                      && !(m->users[i].flags & MDR_TERM_LAST)
                      && is_alike(m, &m->users[i], &m->users[i + 1])
                      ? m->alike[i + 1] : i + 1;
    }

    return MDR_OK;
}


/* the classes that anchors begin with */

static int
make_heads(mdr_matcher_t *m)
{
    uint32_t                  i, at, cl;
    const mdr_lex_pattern_t  *t;

    m->heads = mdr_calloc(m->alloc, (UINT16_MAX + 1) / 64 * sizeof(uint64_t));

    if (m->heads == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < m->h.words; i++) {
        t = &m->patterns[i];
        at = t->anchor & MDR_PAT_AT;
        cl = at < MDR_PAT_HEAD ? t->head[at] : m->classes[t->at + at];
        m->heads[cl / 64] |= (uint64_t) 1 << (cl % 64);
    }

    return MDR_OK;
}


int
mdr_match_groups_make(mdr_matcher_t *m)
{
    return make_rules(m) == MDR_OK && make_groups(m) == MDR_OK
           && make_alike(m) == MDR_OK ? make_heads(m) : MDR_ERROR;
}


void
mdr_match_groups_free(mdr_matcher_t *m)
{
    mdr_free(m->alloc, m->chains);
    mdr_free(m->alloc, m->group_heads);
    mdr_free(m->alloc, m->key_first);
    mdr_free(m->alloc, m->sets);
    mdr_free(m->alloc, m->alike);
    mdr_free(m->alloc, m->profiles);
    mdr_free(m->alloc, m->heads);
}
