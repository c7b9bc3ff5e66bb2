/*
 * match_trie.c - patterns of many terms, while the lexicon is built.
 *
 * Terms may be one pattern, since their characters are one class: `il1i`,
 * `1lli` and thousands of others.  Where many of one profile are, they are a
 * trie of what their characters are, so that a text is compared with all of
 * them at once (match_nfa.c) and not with one after the other.
 */

#include "text/fold.h"
#include "match_build.h"
#include "matcher.h"

#include <stdlib.h>
#include <string.h>


#define FEW  8                          /* more terms are a trie            */

/* a term that may be of a trie, while these are made */

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
    mdr_lex_build_t       *b;
    const mdr_lex_user_t  *users;       /* of the lexicon                    */
    const char            *text;
    uint32_t              *profiles;    /* [rules] the first with the same   */
    member_t              *members;     /* of the pattern in hand            */
    mdr_buf_t              codes;       /* theirs                            */
    mdr_buf_t              below;       /* of the nodes of the trie in hand  */
    mdr_trace_term_t       term;
    mdr_buf_t              tries, nodes, trie_users, lists, ranges;
} make_t;

#define N(buf, type)     ((uint32_t) ((buf).len / sizeof(type)))
#define AT(buf, type)    ((type *) (void *) (buf).data)


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


/* the first rule with the profile of this one */

static uint32_t
profile_of(const mdr_model_t *model, uint32_t rule)
{
    uint32_t              r;
    const mdr_profile_t  *a, *b;

    b = &model->rules[rule].profile;

    for (r = 0; r < rule; r++) {
        a = &model->rules[r].profile;

        if (a->folds == b->folds && a->gap_max == b->gap_max
            && a->gap_of == b->gap_of && a->boundary == b->boundary)
        {
            break;
        }
    }

    return r;
}


/* do two members say the same? */

static int
same_elements(const member_t *a, const member_t *b)
{
    return a->n == b->n
           && memcmp(a->codes, b->codes, a->n * sizeof(uint32_t)) == 0;
}


/* the elements of user u behind all others, if it may be of a trie.  How
 * many; 0: none; MDR_ERROR below that */

static int
read_member(make_t *k, uint32_t u)
{
    size_t                 i;
    uint32_t               folds, code;
    mdr_str_t              text;
    const mdr_lex_user_t  *user;

    user = &k->users[u];
    folds = k->b->model->rules[user->rule].profile.folds;

    if ((user->group & MDR_USER_REGEX) || (user->flags & MDR_TERM_MARKS)
        || (folds & MDR_FOLD_PINYIN))
    {
        return 0;
    }

    text.data = k->text + user->text;
    text.len = user->len;
    mdr_trace_term(text, folds, &k->term);

    for (i = 0; i < k->term.n; i++) {
        if (mdr_fold_mark(k->term.cp[i]) != 0) {
            return 0;
        }
    }

    for (i = 0; i < k->term.n; i++) {
        code = k->term.cp[i] << 1 | (k->term.word[i] != 0);

        if (mdr_buf_add(&k->codes, &code, sizeof(code)) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return (int) k->term.n;
}


/* a node for members [lo, hi), which agree in their first n codes */

static int
put_node(make_t *k, size_t lo, size_t hi, uint32_t n)
{
    below_t          b;
    mdr_trie_node_t  d;

    memset(&b, 0, sizeof(b));
    b.lo = lo;
    b.hi = hi;
    b.k = n;
    memset(&d, 0, sizeof(d));
    d.code = n != 0 ? k->members[lo].codes[n - 1] : 0;

    return mdr_buf_add(&k->below, &b, sizeof(b)) == MDR_OK
           && mdr_buf_add(&k->nodes, &d, sizeof(d)) == MDR_OK ? MDR_OK
                                                              : MDR_ERROR;
}


/* the trie of members [from, to), the first of which is trie user `first`:
 * node by node, the children of each beside one another */

static int
put_nodes(make_t *k, size_t from, size_t to, uint32_t first)
{
    size_t            i, j;
    uint32_t          node, root;
    below_t           b;
    mdr_trie_node_t  *d;

    root = N(k->nodes, mdr_trie_node_t);
    k->below.len = 0;

    if (put_node(k, from, to, 0) != MDR_OK) {
        return MDR_ERROR;
    }

    for (node = root; node < N(k->nodes, mdr_trie_node_t); node++) {
        b = AT(k->below, below_t)[node - root];
        d = &AT(k->nodes, mdr_trie_node_t)[node];

        for (i = b.lo; i < b.hi && k->members[i].n == b.k; i++) {
            /* void */
        }

        d->user = first + (uint32_t) (b.lo - from);
        d->nusers = (uint32_t) (i - b.lo);
        d->child = N(k->nodes, mdr_trie_node_t);

        for ( ; i < b.hi; i = j) {
            for (j = i + 1; j < b.hi && k->members[j].codes[b.k]
                                        == k->members[i].codes[b.k]; j++)
            {
                /* void */
            }

            if (put_node(k, i, j, b.k + 1) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        d = &AT(k->nodes, mdr_trie_node_t)[node];       /* they may have
                                           moved                             */
        d->nchildren = N(k->nodes, mdr_trie_node_t) - d->child;
    }

    return MDR_OK;
}


/* members [from, to), of one profile, are a trie */

static int
put_trie(make_t *k, size_t from, size_t to)
{
    size_t                 i;
    uint32_t               n;
    mdr_trie_t             c;
    const member_t        *e;
    const mdr_lex_user_t  *user, *first;

    first = &k->users[k->members[from].user];
    memset(&c, 0, sizeof(c));
    c.rule = first->rule;
    c.first = N(k->trie_users, uint32_t);
    c.root = N(k->nodes, mdr_trie_node_t);
    c.one = 1;
    c.head = 1;

    for (i = from; i < to; i++) {
        e = &k->members[i];
        user = &k->users[e->user];
        c.terms += i == from || !same_elements(e - 1, e);

        for (n = 1; n < e->n && e->codes[n] == e->codes[0]; n++) {
            /* void */
        }

        c.run = n > c.run ? n : c.run;
        c.longest = e->n > c.longest ? e->n : c.longest;
        c.one &= user->rule == first->rule && user->group == first->group;
        c.head &= (user->flags & MDR_TERM_HEAD) != 0;

        if (mdr_buf_add(&k->trie_users, &e->user, sizeof(e->user)) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    c.end = N(k->trie_users, uint32_t);

    return mdr_buf_add(&k->tries, &c, sizeof(c)) == MDR_OK
           ? put_nodes(k, from, to, c.first) : MDR_ERROR;
}


/* users [first, end) of a list that are of no trie: `in` says which are */

static int
put_rest(make_t *k, const uint8_t *in, uint32_t first, uint32_t end)
{
    uint32_t          u;
    mdr_user_range_t  r;

    for (u = first; u < end; u = r.end + 1) {
        for ( ; u < end && in[u - first]; u++) { /* void */ }

        r.first = u;

        for (r.end = u; r.end < end && !in[r.end - first]; r.end++) {
            /* void */
        }

        if (r.first != r.end
            && mdr_buf_add(&k->ranges, &r, sizeof(r)) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/* members [0, n) of a pattern, and users [first, end) of it */

static int
divide(make_t *k, uint32_t pattern, size_t n, uint32_t first, uint32_t end)
{
    int              rc;
    size_t           i, j;
    uint8_t         *in;
    mdr_trie_list_t  l;

    qsort(k->members, n, sizeof(member_t), by_elements);
    in = mdr_calloc(k->b->alloc, end - first);

    if (in == NULL) {
        return MDR_ERROR;
    }

    l.pattern = pattern;
    l.first = N(k->tries, mdr_trie_t);
    l.rest = N(k->ranges, mdr_user_range_t);
    rc = MDR_OK;

    for (i = 0; i < n && rc == MDR_OK; i = j) {
        for (j = i + 1; j < n && k->members[j].profile
                                 == k->members[i].profile; j++)
        {
            /* void */
        }

        if (j - i > FEW) {
            rc = put_trie(k, i, j);

            for ( ; i < j; i++) {
                in[k->members[i].user - first] = 1;
            }
        }
    }

    l.end = N(k->tries, mdr_trie_t);

    if (rc == MDR_OK && l.end != l.first) {
        rc = put_rest(k, in, first, end);
        l.rest_end = N(k->ranges, mdr_user_range_t);
        rc = rc == MDR_OK ? mdr_buf_add(&k->lists, &l, sizeof(l)) : rc;
    }

    mdr_free(k->b->alloc, in);

    return rc;
}


/* a pattern whose users begin at `first` */

static int
one_list(make_t *k, uint32_t pattern, uint32_t first)
{
    int              n, rc;
    size_t           i, count;
    uint32_t         u, end;
    const uint32_t  *codes;

    for (end = first + 1; !(k->users[end - 1].flags & MDR_TERM_LAST); end++) {
        /* void */
    }

    if (!MDR_USE_TRIES || end - first <= FEW) {
        return MDR_OK;
    }

    k->codes.len = 0;
    k->members = mdr_alloc(k->b->alloc, (end - first) * sizeof(member_t));

    if (k->members == NULL) {
        return MDR_ERROR;
    }

    for (u = first, count = 0, n = 0; u < end && n >= 0; u++) {
        n = read_member(k, u);

        if (n > 0) {
            k->members[count].user = u;
            k->members[count].profile = k->profiles[k->users[u].rule];
            k->members[count++].n = (uint32_t) n;
        }
    }

    for (i = 0, codes = AT(k->codes, uint32_t); i < count; i++) {
        k->members[i].codes = codes;    /* now that they stay                */
        codes += k->members[i].n;
    }

    rc = n < 0 ? MDR_ERROR : divide(k, pattern, count, first, end);

    mdr_free(k->b->alloc, k->members);

    return rc;
}


/* patterns say which tries are theirs */

static void
name_lists(make_t *k)
{
    uint32_t            i;
    mdr_lex_user_t     *u;
    mdr_lex_pattern_t  *patterns;

    patterns = (void *) (k->b->out->data + k->b->h.patterns);

    for (i = 0; i < N(k->lists, mdr_trie_list_t); i++) {
        u = &patterns[AT(k->lists, mdr_trie_list_t)[i].pattern].user;
        u->rule = (uint16_t) (i + 1);
        u->group = (uint16_t) ((i + 1) >> 16);
    }
}


static int
put_all(make_t *k)
{
    size_t             i;
    mdr_lex_header_t  *h;

    h = &k->b->h;

    const struct {
        const mdr_buf_t  *buf;
        uint64_t         *at, *n;
        size_t            size;
    } parts[] = {
        { &k->tries, &h->tries, &h->ntries, sizeof(mdr_trie_t) },
        { &k->nodes, &h->trie_nodes, &h->ntrie_nodes, sizeof(mdr_trie_node_t) },
        { &k->trie_users, &h->trie_users, &h->ntrie_users, sizeof(uint32_t) },
        { &k->lists, &h->trie_lists, &h->ntrie_lists, sizeof(mdr_trie_list_t) },
        { &k->ranges, &h->trie_ranges, &h->ntrie_ranges,
          sizeof(mdr_user_range_t) }
    };

    name_lists(k);

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        *parts[i].n = parts[i].buf->len / parts[i].size;

        if (mdr_lexicon_put_part(k->b, parts[i].at, parts[i].buf->data,
                                 parts[i].buf->len) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


int
mdr_match_trie_put(mdr_lex_build_t *b)
{
    int                       rc;
    make_t                   *k;
    uint32_t                  i;
    mdr_buf_t                *buf;
    const mdr_lex_pattern_t  *patterns;

    k = mdr_calloc(b->alloc, sizeof(make_t));

    if (k == NULL) {
        return MDR_ERROR;
    }

    mdr_buf_t  *const  bufs[] = {
        &k->codes, &k->below, &k->tries, &k->nodes, &k->trie_users,
        &k->lists, &k->ranges, NULL
    };

    for (i = 0; (buf = bufs[i]) != NULL; i++) {
        mdr_buf_init(buf, b->alloc);
    }

    k->b = b;
    k->users = (const void *) (b->out->data + b->h.users);
    k->text = (const char *) b->out->data + b->h.text;
    patterns = (const void *) (b->out->data + b->h.patterns);
    k->profiles = mdr_alloc(b->alloc, (b->model->nrules + 1u)
                                      * sizeof(uint32_t));
    rc = k->profiles != NULL ? MDR_OK : MDR_ERROR;

    for (i = 0; rc == MDR_OK && i < b->model->nrules; i++) {
        k->profiles[i] = profile_of(b->model, i);
    }

    for (i = 0; rc == MDR_OK && i < b->h.npatterns; i++) {
        if (patterns[i].user.flags & MDR_TERM_LIST) {
            rc = one_list(k, i, patterns[i].user.text);
        }
    }

    rc = rc == MDR_OK ? put_all(k) : rc;
    mdr_free(b->alloc, k->profiles);

    for (i = 0; (buf = bufs[i]) != NULL; i++) {
        mdr_buf_done(buf);
    }

    mdr_free(b->alloc, k);

    return rc;
}


static mdr_str_t
text_of(const mdr_matcher_t *m, uint32_t user)
{
    mdr_str_t              s;
    const mdr_lex_user_t  *u;

    u = &m->users[m->trie_users[user]];
    s.data = m->text + u->text;
    s.len = u->len;

    return s;
}


uint32_t
mdr_matcher_look_alikes(const mdr_matcher_t *m, uint32_t rule,
    mdr_str_t two[2])
{
    uint32_t            i, most;
    const mdr_trie_t  *c;

    for (i = 0, most = 0; i < m->h.ntries; i++) {
        c = &m->tries[i];

        if (c->rule == rule && c->terms > most) {
            most = c->terms;
            two[0] = text_of(m, c->first);
            two[1] = text_of(m, c->end - 1);
        }
    }

    return most;
}
