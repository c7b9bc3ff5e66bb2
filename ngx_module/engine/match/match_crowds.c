/*
 * match_crowds.c - patterns of many terms, worked out of a lexicon once a
 * process.
 *
 * Terms may be one pattern, since their characters are one class: `il1i`,
 * `1lli` and thousands of others.  Where many of one profile are, they are a
 * crowd: a trie of what their characters are, so that a text is compared with
 * all of them at once (match_crowd.c) and not with one after the other.
 */

#include "text/fold.h"
#include "matcher.h"

#include <stdlib.h>
#include <string.h>


#define FEW  8                          /* more terms are a crowd            */

/* a term that may be of a crowd, while these are made */

typedef struct {
    const uint32_t  *codes;
    uint32_t         n;
    uint32_t         user, profile;
} member_t;

/* members [lo, hi), which agree in k codes, are below a node */

typedef struct {
    size_t    lo, hi;
    uint32_t  k;
} below_t;

typedef struct {
    mdr_matcher_t     *m;
    member_t          *members;         /* of the pattern in hand            */
    uint32_t          *codes;
    size_t             ncodes, codes_cap;
    below_t           *below;           /* of the nodes of the crowd in hand */
    size_t             below_cap;
    mdr_trace_term_t   term;
    size_t             nterms, terms_cap;
    size_t             nnodes, nodes_cap;
    size_t             crowds_cap, lists_cap, ranges_cap;
} make_t;


static int
by_elements(const void *a, const void *b)
{
    uint32_t         i;
    const member_t  *x = a, *y = b;

    if (x->profile != y->profile) {
        return x->profile < y->profile ? -1 : 1;
    }

    for (i = 0; i < x->n && i < y->n; i++) {
        if (x->codes[i] != y->codes[i]) {
            return x->codes[i] < y->codes[i] ? -1 : 1;
        }
    }

    if (x->n != y->n) {
        return x->n < y->n ? -1 : 1;
    }

    return x->user < y->user ? -1 : x->user > y->user;
}


/* how many ask something, up to FEW + 1 of them */

static uint32_t
count_terms(const mdr_matcher_t *m, uint32_t u)
{
    uint32_t  n;

    for (n = 0; n <= FEW; u = m->alike[u]) {
        n++;

        if (m->users[m->alike[u] - 1].flags & MDR_TERM_LAST) {
            break;
        }
    }

    return n;
}


/* the elements of user u behind all others, if it may be of a crowd.  How
 * many; 0: none; MDR_ERROR below that */

static int
read_member(make_t *k, uint32_t u)
{
    void                  *p;
    size_t                 i;
    uint32_t               folds;
    mdr_str_t              text;
    const mdr_lex_user_t  *user;

    user = &k->m->users[u];
    folds = k->m->model->rules[user->rule].profile.folds;

    if ((user->group & MDR_USER_REGEX) || (user->flags & MDR_TERM_MARKS)
        || (folds & MDR_FOLD_PINYIN))
    {
        return 0;
    }

    text.data = k->m->text + user->text;
    text.len = user->len;
    mdr_trace_term(text, folds, &k->term);

    for (i = 0; i < k->term.n; i++) {
        if (mdr_fold_mark(k->term.cp[i]) != 0) {
            return 0;
        }
    }

    if (k->term.n == 0) {
        return 0;
    }

    p = k->codes;

    if (mdr_grow(k->m->alloc, &p, &k->codes_cap, k->ncodes + k->term.n,
                 sizeof(uint32_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    k->codes = p;

    for (i = 0; i < k->term.n; i++) {
        k->codes[k->ncodes + i] = k->term.cp[i] << 1
                                  | (k->term.word[i] != 0);
    }

    return (int) k->term.n;
}


/* a node for members [lo, hi), which agree in their first n codes */

static int
put_node(make_t *k, uint32_t root, size_t lo, size_t hi, uint32_t n)
{
    void              *p, *q;
    below_t           *b;
    mdr_crowd_node_t  *d;

    p = k->m->crowd_nodes;
    q = k->below;

    if (k->nnodes == UINT32_MAX
        || mdr_grow(k->m->alloc, &p, &k->nodes_cap, k->nnodes + 1,
                    sizeof(mdr_crowd_node_t))
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    k->m->crowd_nodes = p;

    if (mdr_grow(k->m->alloc, &q, &k->below_cap, k->nnodes - root + 1,
                 sizeof(below_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    k->below = q;
    b = &k->below[k->nnodes - root];
    b->lo = lo;
    b->hi = hi;
    b->k = n;
    d = &k->m->crowd_nodes[k->nnodes++];
    memset(d, 0, sizeof(mdr_crowd_node_t));
    d->code = n != 0 ? k->members[lo].codes[n - 1] : 0;

    return MDR_OK;
}


/* the trie of members [from, to), the first of which is term `first`: node by
 * node, the children of each beside one another */

static int
make_trie(make_t *k, size_t from, size_t to, uint32_t first)
{
    size_t             i, j;
    uint32_t           node, root;
    below_t            b;
    mdr_crowd_node_t  *d;

    root = (uint32_t) k->nnodes;

    if (put_node(k, root, from, to, 0) != MDR_OK) {
        return MDR_ERROR;
    }

    for (node = root; node < k->nnodes; node++) {
        b = k->below[node - root];
        d = &k->m->crowd_nodes[node];

        for (i = b.lo; i < b.hi && k->members[i].n == b.k; i++) {
            /* void */
        }

        d->term = first + (uint32_t) (b.lo - from);
        d->nterms = (uint32_t) (i - b.lo);
        d->child = (uint32_t) k->nnodes;

        for ( ; i < b.hi; i = j) {
            for (j = i + 1; j < b.hi && k->members[j].codes[b.k]
                                        == k->members[i].codes[b.k]; j++)
            {
                /* void */
            }

            if (put_node(k, root, i, j, b.k + 1) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        d = &k->m->crowd_nodes[node];   /* they may have moved               */
        d->nchildren = (uint32_t) k->nnodes - d->child;
    }

    return MDR_OK;
}


/* members [from, to), of one profile, are a crowd */

static int
put_crowd(make_t *k, uint32_t pattern, size_t from, size_t to)
{
    void                  *p, *q;
    size_t                 i;
    uint32_t               u, n;
    mdr_crowd_t           *c;
    mdr_crowd_term_t      *t;
    const mdr_lex_user_t  *user, *first;

    p = k->m->crowds;
    q = k->m->crowd_terms;

    if (mdr_grow(k->m->alloc, &p, &k->crowds_cap, k->m->ncrowds + 1u,
                 sizeof(mdr_crowd_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    k->m->crowds = p;

    if (mdr_grow(k->m->alloc, &q, &k->terms_cap, k->nterms + (to - from),
                 sizeof(mdr_crowd_term_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    k->m->crowd_terms = q;
    c = &k->m->crowds[k->m->ncrowds++];
    first = &k->m->users[k->members[from].user];
    memset(c, 0, sizeof(mdr_crowd_t));
    c->pattern = pattern;
    c->rule = first->rule;
    c->first = (uint32_t) k->nterms;
    c->one = 1;
    c->head = 1;

    for (i = from; i < to; i++) {
        t = &k->m->crowd_terms[k->nterms++];
        t->user = k->members[i].user;
        t->head = k->members[i].codes[0];
        t->n = k->members[i].n;
        for (n = 1; n < t->n && k->members[i].codes[n]
                                == k->members[i].codes[0];
             n++)
        {
            /* void */
        }

        c->run = n > c->run ? n : c->run;
        c->longest = t->n > c->longest ? t->n : c->longest;

        for (u = t->user; u < k->m->alike[t->user]; u++) {
            user = &k->m->users[u];
            c->one &= user->rule == first->rule
                      && user->group == first->group;
            c->head &= (user->flags & MDR_TERM_HEAD) != 0;
        }
    }

    c->end = (uint32_t) k->nterms;
    c->root = (uint32_t) k->nnodes;
    if (make_trie(k, from, to, c->first) != MDR_OK) {
        return MDR_ERROR;
    }


    return MDR_OK;
}


/* users [from, to) of a list are of no crowd */

static int
put_range(make_t *k, mdr_crowds_t *l, uint32_t from, uint32_t to)
{
    void             *p;
    mdr_user_range_t  *r;

    if (l->rest_end > l->rest
        && k->m->crowd_ranges[l->rest_end - 1].end == from)
    {
        k->m->crowd_ranges[l->rest_end - 1].end = to;
        return MDR_OK;
    }

    p = k->m->crowd_ranges;

    if (mdr_grow(k->m->alloc, &p, &k->ranges_cap, l->rest_end + 1u,
                 sizeof(mdr_user_range_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    k->m->crowd_ranges = p;
    r = &k->m->crowd_ranges[l->rest_end++];
    r->first = from;
    r->end = to;

    return MDR_OK;
}


/* members [0, n) of a pattern, and users [first, end) of it */

static int
divide(make_t *k, uint32_t pattern, size_t n, uint32_t first, uint32_t end)
{
    void                *p;
    size_t               i, j;
    uint8_t             *in;
    uint32_t             u;
    mdr_crowds_t         l;

    qsort(k->members, n, sizeof(member_t), by_elements);
    in = mdr_calloc(k->m->alloc, end - first);

    if (in == NULL) {
        return MDR_ERROR;
    }

    memset(&l, 0, sizeof(l));
    l.pattern = pattern;
    l.first = k->m->ncrowds;
    l.rest = k->m->ncrowd_lists != 0
             ? k->m->crowd_lists[k->m->ncrowd_lists - 1].rest_end : 0;
    l.rest_end = l.rest;

    for (i = 0; i < n; i = j) {
        for (j = i + 1; j < n && k->members[j].profile
                                 == k->members[i].profile; j++)
        {
            /* void */
        }

        if (j - i <= FEW) {
            continue;
        }

        if (put_crowd(k, pattern, i, j) != MDR_OK) {
            mdr_free(k->m->alloc, in);
            return MDR_ERROR;
        }

        for ( ; i < j; i++) {
            in[k->members[i].user - first] = 1;
        }
    }

    l.end = k->m->ncrowds;
    for (u = first; u < end && l.end != l.first; u = k->m->alike[u]) {
        if (!in[u - first]
            && put_range(k, &l, u, k->m->alike[u]) != MDR_OK)
        {
            mdr_free(k->m->alloc, in);
            return MDR_ERROR;
        }
    }

    mdr_free(k->m->alloc, in);

    if (l.end == l.first) {
        return MDR_OK;
    }

    p = k->m->crowd_lists;

    if (mdr_grow(k->m->alloc, &p, &k->lists_cap, k->m->ncrowd_lists + 1u,
                 sizeof(mdr_crowds_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    k->m->crowd_lists = p;
    k->m->crowd_lists[k->m->ncrowd_lists++] = l;

    return MDR_OK;
}


static int
one_list(make_t *k, uint32_t pattern)
{
    int        n, rc;
    size_t     i, count;
    uint32_t   u, first, end;
    uint64_t  *at;

    first = k->m->patterns[pattern].user.text;

    if (count_terms(k->m, first) <= FEW) {
        return MDR_OK;
    }

    for (end = first; !(k->m->users[end].flags & MDR_TERM_LAST); end++) {
        /* void */
    }

    end++;
    k->ncodes = 0;
    k->members = mdr_alloc(k->m->alloc, (end - first) * sizeof(member_t));
    at = mdr_alloc(k->m->alloc, (end - first) * sizeof(uint64_t));

    if (k->members == NULL || at == NULL) {
        mdr_free(k->m->alloc, k->members);
        mdr_free(k->m->alloc, at);
        return MDR_ERROR;
    }

    for (u = first, count = 0, n = 0; u < end && n >= 0;
         u = k->m->alike[u])
    {
        n = read_member(k, u);

        if (n > 0) {
            k->members[count].user = u;
            k->members[count].profile =
                k->m->profiles[k->m->users[u].rule];
            k->members[count].n = (uint32_t) n;
            at[count++] = k->ncodes;
            k->ncodes += (size_t) n;
        }
    }

    for (i = 0; i < count; i++) {       /* they have moved                   */
        k->members[i].codes = k->codes + at[i];
    }

    rc = n < 0 ? MDR_ERROR : divide(k, pattern, count, first, end);

    mdr_free(k->m->alloc, k->members);
    mdr_free(k->m->alloc, at);

    return rc;
}


int
mdr_match_crowds_make(mdr_matcher_t *m)
{
    int       rc;
    make_t   *k;
    uint32_t  i;

    k = mdr_calloc(m->alloc, sizeof(make_t));

    if (k == NULL) {
        return MDR_ERROR;
    }

    k->m = m;

    for (i = 0, rc = MDR_OK; i < m->h.npatterns && rc == MDR_OK; i++) {
        if (m->patterns[i].user.flags & MDR_TERM_LIST) {
            rc = one_list(k, i);
        }
    }

    mdr_free(m->alloc, k->codes);
    mdr_free(m->alloc, k->below);
    mdr_free(m->alloc, k);

    return rc;
}


void
mdr_match_crowds_free(mdr_matcher_t *m)
{
    mdr_free(m->alloc, m->crowds);
    mdr_free(m->alloc, m->crowd_terms);
    mdr_free(m->alloc, m->crowd_nodes);
    mdr_free(m->alloc, m->crowd_lists);
    mdr_free(m->alloc, m->crowd_ranges);
}


const mdr_crowds_t *
mdr_match_crowds(const mdr_matcher_t *m, uint32_t pattern)
{
    uint32_t  lo, hi, mid;

    lo = 0;
    hi = m->ncrowd_lists;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (m->crowd_lists[mid].pattern < pattern) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    return lo < m->ncrowd_lists && m->crowd_lists[lo].pattern == pattern
           ? &m->crowd_lists[lo] : NULL;
}


static mdr_str_t
text_of(const mdr_matcher_t *m, uint32_t term)
{
    mdr_str_t              s;
    const mdr_lex_user_t  *u;

    u = &m->users[m->crowd_terms[term].user];
    s.data = m->text + u->text;
    s.len = u->len;

    return s;
}


uint32_t
mdr_matcher_look_alikes(const mdr_matcher_t *m, uint32_t rule,
    mdr_str_t two[2])
{
    uint32_t            i, most;
    const mdr_crowd_t  *c;

    for (i = 0, most = 0; i < m->ncrowds; i++) {
        c = &m->crowds[i];

        if (c->rule == rule && c->end - c->first > most) {
            most = c->end - c->first;
            two[0] = text_of(m, c->first);
            two[1] = text_of(m, c->end - 1);
        }
    }

    return most;
}
