/*
 * match_open.c - a lexicon in memory, checked, and the regexes compiled.
 *
 * Every offset, count and index is checked once here, so that the search can
 * trust them: a damaged lexicon is refused and never read out of bounds.
 */

#include "matcher.h"
#include "base/cpu.h"

#include <stdio.h>
#include <string.h>


static int
part(uint64_t at, uint64_t n, size_t element, size_t size)
{
    return at % 4 == 0 && at <= size && n <= (size - at) / element;
}


static int
user_ok(const mdr_matcher_t *m, const mdr_lex_user_t *u)
{
    uint32_t           n;
    const mdr_rule_t  *r;

    if (u->rule >= m->model->nrules) {
        return 0;
    }

    r = &m->model->rules[u->rule];
    n = u->group & ~(MDR_USER_EXCEPT | MDR_USER_REGEX);

    if (n >= ((u->group & MDR_USER_EXCEPT) ? r->nexcepts : r->ngroups)) {
        return 0;
    }

    return u->group & MDR_USER_REGEX
           ? u->text < m->nregexes && m->regexes[u->text].rule == u->rule
           : u->text <= m->h.text_size && u->len <= m->h.text_size - u->text
             && (!(u->flags & MDR_TERM_WEIGHED)
                 || u->text >= sizeof(mdr_lex_weight_t));
}


/* the parts of a lexicon, as header and matcher name them, and how many
 * elements each has */

#define PARTS(X)                                                              \
    X(bmp, MDR_LEX_BMP)                                                       \
    X(stage1, MDR_LEX_STAGE1)                                                 \
    X(stage2, h->nblocks * MDR_LEX_BLOCK)                                     \
    X(odd, h->nodd)                                                           \
    X(bloom, (uint64_t) 1 << h->bloom_bits)                                   \
    X(word_bloom, (uint64_t) 1 << h->word_bits)                               \
    X(hash, (uint64_t) 1 << h->hash_bits)                                     \
    X(patterns, h->npatterns)                                                 \
    X(sorted, h->words)                                                       \
    X(heads, (uint64_t) h->nclasses + 1)                                      \
    X(classes, h->class_count)                                               \
    X(users, h->nusers)                                                       \
    X(text, h->text_size)                                                     \
    X(tries, h->ntries)                                                       \
    X(trie_nodes, h->ntrie_nodes)                                             \
    X(trie_users, h->ntrie_users)                                             \
    X(trie_lists, h->ntrie_lists)                                             \
    X(trie_ranges, h->ntrie_ranges)                                           \
    X(kinds, h->nkinds)


static int
header_ok(const mdr_lex_header_t *h, size_t size, uint32_t nregexes)
{
    return h->magic == MDR_LEX_MAGIC && h->version == MDR_LEX_VERSION
           && h->size == size && h->bloom_bits >= 6 && h->bloom_bits <= 28
           && h->hash_bits >= 6 && h->hash_bits <= 28 && h->nclasses <= 65535
           && h->word_bits >= 6 && h->word_bits <= 28
           && h->letters >= MDR_CL_FIRST && h->letters <= h->letters_end
           && h->letters_end <= h->nclasses
           && h->single <= h->nclasses && h->single >= MDR_CL_FIRST
           && h->index_bits >= 6 && h->index_bits <= 31
           && h->nblocks <= MDR_LEX_STAGE1
           && h->npatterns <= UINT32_MAX - 1 && h->words <= h->npatterns
           && h->ntries < UINT32_MAX && h->ntrie_nodes < UINT32_MAX
           && h->ntrie_users < UINT32_MAX && h->ntrie_lists < UINT32_MAX
           && h->ntrie_ranges < UINT32_MAX
           && (h->nkinds == 0 || h->nkinds == MDR_LEX_BMP)
           && (h->nkinds != 0 || nregexes == 0)
           && h->longest <= MDR_LEX_LONGEST && h->marks <= h->longest
           && h->bare <= h->nusers && h->nbare == h->nusers - h->bare;
}


/* are all parts in the lexicon? */

static int
parts_ok(const mdr_matcher_t *m, size_t size)
{
    const mdr_lex_header_t  *h;

    h = &m->h;

#define IS_IN(name, n)  && part(h->name, n, sizeof(*m->name), size)

    return 1 PARTS(IS_IN);
}


static void
take_parts(mdr_matcher_t *m, const uint8_t *p)
{
    const mdr_lex_header_t  *h;

    h = &m->h;

#define TAKE(name, n)  m->name = (const void *) (p + h->name);

    PARTS(TAKE)

    m->kinds = h->nkinds != 0 ? m->kinds : NULL;
}


/* are n numbers below this one? */

static int
below(const uint32_t *p, uint64_t n, uint64_t limit)
{
    uint64_t  i;

    for (i = 0; i < n && p[i] < limit; i++) { /* void */ }

    return i == n;
}


static int
below_16(const uint16_t *p, uint64_t n, uint64_t limit)
{
    uint64_t  i;

    for (i = 0; i < n && p[i] < limit; i++) { /* void */ }

    return i == n;
}


static int
classes_ok(const mdr_matcher_t *m)
{
    uint64_t                 i;
    const mdr_lex_header_t  *h;

    h = &m->h;

    for (i = 0; i < h->nodd; i++) {
        if (m->odd[i].cl >= h->nclasses
            || (i != 0 && m->odd[i].cp <= m->odd[i - 1].cp))
        {
            return 0;
        }
    }

    for (i = 0; i < h->nclasses; i++) {
        if (m->heads[i] > m->heads[i + 1]) {
            return 0;
        }
    }

    return m->heads[h->nclasses] <= h->words
           && below_16(m->bmp, MDR_LEX_BMP, h->nclasses)
           && below_16(m->stage1, MDR_LEX_STAGE1, h->nblocks)
           && below_16(m->stage2, h->nblocks * MDR_LEX_BLOCK, h->nclasses)
           && below(m->sorted, h->words, h->words);
}


static int
hash_ok(const mdr_matcher_t *m)
{
    uint32_t  k;
    uint64_t  i, n, free;

    n = (uint64_t) 1 << m->h.hash_bits;

    for (i = 0, free = 0; i < n; i++) {
        k = m->hash[i] & (((uint32_t) 1 << m->h.index_bits) - 1);

        if (k > m->h.npatterns || (k == 0 && m->hash[i] != 0)) {
            return 0;
        }
        free += m->hash[i] == 0;
    }

    return free != 0;                   /* or a look-up would not end        */
}


static int
patterns_ok(const mdr_matcher_t *m)
{
    uint64_t                  i;
    const mdr_lex_header_t   *h;
    const mdr_lex_pattern_t  *t;

    h = &m->h;

    for (i = 0; i < h->npatterns; i++) {
        t = &m->patterns[i];

        if (t->len == 0 || t->at > h->class_count
            || t->len > h->class_count - t->at
            || (t->anchor & MDR_PAT_AT) > (t->len >= 3 ? t->len - 3u : 0u)
            || (i >= h->words && (t->anchor & MDR_PAT_AT) != 0)
            || memcmp(t->head, m->classes + t->at,
                      (t->len < MDR_PAT_HEAD ? t->len : MDR_PAT_HEAD)
                      * sizeof(uint16_t))
               != 0
            || (t->user.flags & MDR_TERM_LIST
                ? t->user.text >= h->bare
                  || mdr_lex_tries(t) > h->ntrie_lists
                : !(t->user.flags & MDR_TERM_LAST)
                  || !user_ok(m, &t->user)))
        {
            return 0;
        }
    }

    /* a group ends, and so does a list of users */

    if ((h->npatterns != 0
         && !(m->patterns[h->npatterns - 1].anchor & MDR_PAT_LAST))
        || (h->words != 0
            && !(m->patterns[h->words - 1].anchor & MDR_PAT_LAST))
        || (h->bare != 0 && !(m->users[h->bare - 1].flags & MDR_TERM_LAST)))
    {
        return 0;
    }

    for (i = 0; i < h->nusers; i++) {
        if (!user_ok(m, &m->users[i])) {
            return 0;
        }
    }

    return 1;
}


/* children of a node stand behind it, each code once, so that no more than two
 * are of one element */

static int
node_ok(const mdr_matcher_t *m, uint64_t at)
{
    uint64_t                i;
    const mdr_trie_node_t  *d, *c;

    d = &m->trie_nodes[at];
    c = m->trie_nodes + d->child;

    if (d->code >> 1 > 0x10ffff || d->child <= at
        || d->child > m->h.ntrie_nodes
        || d->nchildren > m->h.ntrie_nodes - d->child
        || d->user > m->h.ntrie_users
        || d->nusers > m->h.ntrie_users - d->user)
    {
        return 0;
    }

    for (i = 1; i < d->nchildren; i++) {
        if (c[i].code <= c[i - 1].code) {
            return 0;
        }
    }

    return 1;
}


static int
tries_ok(const mdr_matcher_t *m)
{
    uint64_t                 i;
    const mdr_trie_t        *c;
    const mdr_lex_header_t  *h;
    const mdr_trie_list_t   *l;

    h = &m->h;

    for (i = 0; i < h->ntrie_nodes; i++) {
        if (!node_ok(m, i)) {
            return 0;
        }
    }

    if (!below(m->trie_users, h->ntrie_users, h->bare)) {
        return 0;
    }

    for (i = 0; i < h->ntrie_users; i++) {
        if (m->users[m->trie_users[i]].group & MDR_USER_REGEX) {
            return 0;
        }
    }

    for (i = 0; i < h->ntries; i++) {
        c = &m->tries[i];

        if (c->rule >= m->model->nrules || c->root >= h->ntrie_nodes
            || c->first >= c->end || c->end > h->ntrie_users || c->run == 0
            || c->longest == 0)
        {
            return 0;
        }
    }

    for (i = 0; i < h->ntrie_ranges; i++) {
        if (m->trie_ranges[i].first > m->trie_ranges[i].end
            || m->trie_ranges[i].end > h->bare)
        {
            return 0;
        }
    }

    for (i = 0; i < h->ntrie_lists; i++) {
        l = &m->trie_lists[i];

        if (l->pattern >= h->npatterns || l->first > l->end
            || l->end > h->ntries || l->rest > l->rest_end
            || l->rest_end > h->ntrie_ranges
            || (i != 0 && l->pattern <= l[-1].pattern))
        {
            return 0;
        }
    }

    return 1;
}


static int
check(mdr_matcher_t *m, const uint8_t *p, size_t size)
{
    if (size < sizeof(mdr_lex_header_t) || (uintptr_t) p % 8 != 0) {
        return 0;
    }

    memcpy(&m->h, p, sizeof(mdr_lex_header_t));

    if (!header_ok(&m->h, size, m->nregexes) || !parts_ok(m, size)) {
        return 0;
    }

    take_parts(m, p);

    return classes_ok(m) && hash_ok(m) && patterns_ok(m) && tries_ok(m);
}


static int
same(mdr_str_t a, mdr_str_t b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}


static int
make_reads(mdr_matcher_t *m)
{
    uint32_t            s, f, r, i, fields, ok;
    const mdr_rule_t   *rule;
    const mdr_model_t  *model;

    model = m->model;
    m->rule_words = model->nrules / 64 + 1;
    m->field_number = mdr_alloc(m->alloc, (model->nslots + 1)
                                       * sizeof(uint32_t));
    if (m->field_number == NULL) {
        return MDR_ERROR;
    }

    for (s = 0, fields = 0; s < model->nslots; s++) {
        m->field_number[s] = fields;
        fields += model->slots[s].nfields;
    }

    m->reads = mdr_calloc(m->alloc, ((size_t) fields * m->rule_words + 1)
                                    * sizeof(uint64_t));

    if (m->reads == NULL) {
        return MDR_ERROR;
    }

    for (r = 0; r < model->nrules; r++) {
        rule = &model->rules[r];

        for (s = 0; s < model->nslots; s++) {
            for (i = 0, ok = rule->nslots == 0; i < rule->nslots; i++) {
                ok |= rule->slots[i] == s;
            }

            for (f = 0; ok && f < model->slots[s].nfields; f++) {
                for (i = 0; i < rule->nfields; i++) {
                    if (same(rule->fields[i],
                             model->slots[s].fields[f].name))
                    {
                        fields = m->field_number[s] + f;
                        m->reads[(size_t) fields * m->rule_words + r / 64]
                            |= (uint64_t) 1 << (r % 64);
                    }
                }
            }
        }
    }

    return MDR_OK;
}


/* the sets of folds that rules have */

static int
make_sets(mdr_matcher_t *m)
{
    uint32_t  r, k, folds;

    m->sets = mdr_alloc(m->alloc, (m->model->nrules + 1u)
                                  * sizeof(uint32_t));

    for (r = 0; m->sets != NULL && r < m->model->nrules; r++) {
        folds = m->model->rules[r].profile.folds;

        for (k = 0; k < m->nsets && m->sets[k] != folds; k++) { /* void */ }

        m->sets[k] = folds;
        m->nsets += k == m->nsets;
    }

    return m->sets != NULL ? MDR_OK : MDR_ERROR;
}


mdr_matcher_t *
mdr_matcher_new(const mdr_model_t *model, const uint8_t *lexicon,
    size_t size, const mdr_alloc_t *alloc, mdr_diags_t *diags)
{
    uint32_t        r;
    mdr_matcher_t  *m;

    m = mdr_calloc(alloc, sizeof(mdr_matcher_t));
    if (m == NULL) {
        return NULL;
    }

    m->alloc = alloc;
    m->model = model;

    if (mdr_matcher_regexes(m, diags) != MDR_OK || !check(m, lexicon, size)
        || make_reads(m) != MDR_OK || mdr_matcher_always(m) != MDR_OK
        || make_sets(m) != MDR_OK)
    {
        mdr_matcher_free(m);
        return NULL;
    }

    for (r = 0; r < model->nrules; r++) {
        if (m->gap < model->rules[r].profile.gap_max) {
            m->gap = model->rules[r].profile.gap_max;
        }
    }

    m->gap_flags = (2 * m->gap + 1) * (m->h.marks + 1) - 1;
    m->gap = (m->gap + 1) * (m->h.marks + 1) - 1;
    m->pair_shift = 32 - m->h.bloom_bits;
    m->word_shift = 64 - m->h.word_bits;
    m->hash_shift = 64 - m->h.hash_bits;
#if defined(__x86_64__) && defined(__GNUC__)
    m->wide = MDR_USE_WIDE && mdr_cpu() >= MDR_CPU_AVX2;
#elif defined(__aarch64__)
    m->wide = MDR_USE_WIDE;
#endif

    return m;
}


void
mdr_matcher_free(mdr_matcher_t *m)
{
    uint32_t  i;

    if (m == NULL) {
        return;
    }

    for (i = 0; i < m->nregexes; i++) {
        mdr_regex_free(m->regexes[i].re);
    }

    mdr_free(m->alloc, m->regexes);
    mdr_free(m->alloc, m->field_number);
    mdr_free(m->alloc, m->reads);
    mdr_free(m->alloc, m->field_always);
    mdr_free(m->alloc, m->always);
    mdr_free(m->alloc, m->sets);
    mdr_free(m->alloc, m->field_fits);
    mdr_free(m->alloc, m->fits);
    mdr_free(m->alloc, m);
}


uint64_t
mdr_matcher_terms(const mdr_matcher_t *m)
{
    return m->h.terms;
}
