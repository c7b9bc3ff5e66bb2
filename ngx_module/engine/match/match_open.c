/*
 * match_open.c - a lexicon in memory, checked, and the regexes compiled.
 *
 * Every offset, count and index is checked once here, so that the search can
 * trust them: a damaged lexicon is refused and never read out of bounds.
 */

#include "matcher.h"

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


static int
check(mdr_matcher_t *m, const uint8_t *p, size_t size)
{
    uint32_t                  k;
    uint64_t                  i, n, last;
    mdr_lex_header_t         *h;
    const mdr_lex_group_t    *g;
    const mdr_lex_pattern_t  *t;

    h = &m->h;

    if (size < sizeof(mdr_lex_header_t) || (uintptr_t) p % 8 != 0) {
        return 0;
    }

    memcpy(h, p, sizeof(mdr_lex_header_t));

    if (h->magic != MDR_LEX_MAGIC || h->version != MDR_LEX_VERSION
        || h->size != size || h->bloom_bits < 6 || h->bloom_bits > 28
        || h->hash_bits < 6 || h->hash_bits > 28 || h->nclasses > 65535
        || h->word_bits < 6 || h->word_bits > 28
        || h->letters < MDR_CL_FIRST || h->letters > h->letters_end
        || h->letters_end > h->nclasses
        || h->single > h->nclasses || h->single < MDR_CL_FIRST
        || h->index_bits < 6 || h->index_bits > 31
        || !part(h->bmp, MDR_LEX_BMP, 2, size)
        || !part(h->stage1, MDR_LEX_STAGE1, 2, size)
        || !part(h->stage2, h->nblocks, 512, size)
        || !part(h->odd, h->nodd, sizeof(mdr_lex_odd_t), size)
        || !part(h->bloom, (uint64_t) 1 << h->bloom_bits, 4, size)
        || !part(h->word_bloom, (uint64_t) 1 << h->word_bits, 4, size)
        || !part(h->hash, (uint64_t) 1 << h->hash_bits, 4, size)
        || h->npatterns > UINT32_MAX - 1 || h->words > h->npatterns
        || !part(h->patterns, h->npatterns, sizeof(mdr_lex_pattern_t), size)
        || !part(h->groups, h->ngroups, sizeof(mdr_lex_group_t), size)
        || !part(h->links, h->nlinks, sizeof(mdr_lex_link_t), size)
        || !part(h->classes, h->nclass_units, 2, size)
        || !part(h->users, h->nusers, sizeof(mdr_lex_user_t), size)
        || !part(h->text, h->text_size, 1, size)
        || !part(h->kinds, h->nkinds, 1, size)
        || (h->nkinds != 0 && h->nkinds != MDR_LEX_BMP)
        || (h->nkinds == 0 && m->nregexes != 0)
        || h->longest > MDR_LEX_LONGEST || h->marks > h->longest
        || h->bare > h->nusers || h->nbare != h->nusers - h->bare)
    {
        return 0;
    }

    m->bmp = (const uint16_t *) (const void *) (p + h->bmp);
    m->stage1 = (const uint16_t *) (const void *) (p + h->stage1);
    m->stage2 = (const uint16_t *) (const void *) (p + h->stage2);
    m->odd = (const mdr_lex_odd_t *) (const void *) (p + h->odd);
    m->bloom = (const uint32_t *) (const void *) (p + h->bloom);
    m->word_bloom = (const uint32_t *) (const void *) (p + h->word_bloom);
    m->hash = (const uint32_t *) (const void *) (p + h->hash);
    m->patterns = (const mdr_lex_pattern_t *) (const void *)
                  (p + h->patterns);
    m->groups = (const mdr_lex_group_t *) (const void *) (p + h->groups);
    m->links = (const mdr_lex_link_t *) (const void *) (p + h->links);
    m->classes = (const uint16_t *) (const void *) (p + h->classes);
    m->users = (const mdr_lex_user_t *) (const void *) (p + h->users);
    m->text = (const char *) p + h->text;
    m->kinds = h->nkinds != 0 ? p + h->kinds : NULL;

    for (i = 0; i < MDR_LEX_BMP; i++) {
        if (m->bmp[i] >= h->nclasses) {
            return 0;
        }
    }

    for (i = 0; i < MDR_LEX_STAGE1; i++) {
        if (m->stage1[i] >= h->nblocks) {
            return 0;
        }
    }

    for (i = 0; i < h->nblocks * MDR_LEX_BLOCK; i++) {
        if (m->stage2[i] >= h->nclasses) {
            return 0;
        }
    }

    for (i = 0; i < h->nodd; i++) {
        if (m->odd[i].cl >= h->nclasses
            || (i != 0 && m->odd[i].cp <= m->odd[i - 1].cp))
        {
            return 0;
        }
    }

    n = (uint64_t) 1 << h->hash_bits;

    for (i = 0, last = 0; i < n; i++) {
        k = m->hash[i] & (((uint32_t) 1 << h->index_bits) - 1);

        if (k > h->npatterns || (k == 0 && m->hash[i] != 0)) {
            return 0;
        }
        last += m->hash[i] == 0;
    }

    if (last == 0) {
        return 0;                       /* a look-up would not end           */
    }

    for (i = 0; i < h->npatterns; i++) {
        t = &m->patterns[i];

        if (t->len == 0 || t->at > h->nclass_units
            || t->len > h->nclass_units - t->at
            || (t->anchor & MDR_PAT_AT) > (t->len >= 3 ? t->len - 3u : 0u)
            || (i >= h->words && (t->anchor & MDR_PAT_AT) != 0)
            || memcmp(t->head, m->classes + t->at,
                      (t->len < MDR_PAT_HEAD ? t->len : MDR_PAT_HEAD)
                      * sizeof(uint16_t))
               != 0
            || (t->user.flags & MDR_TERM_LIST
                ? t->user.text >= h->bare
                : !(t->user.flags & MDR_TERM_LAST)
                  || !user_ok(m, &t->user)))
        {
            return 0;
        }
    }

    if ((h->npatterns != 0
         && !(m->patterns[h->npatterns - 1].anchor & MDR_PAT_LAST))
        || (h->words != 0
            && !(m->patterns[h->words - 1].anchor & MDR_PAT_LAST)))
    {
        return 0;                       /* a group would not end             */
    }

    for (i = 0; i < h->ngroups; i++) {
        g = &m->groups[i];

        if (g->first >= g->end || g->end > h->npatterns
            || (i != 0 && g->first < m->groups[i - 1].end)
            || g->links > h->nlinks
            || g->end - g->first > h->nlinks - g->links)
        {
            return 0;
        }

        /* a link leads to a pattern before its own, in the group */

        for (n = 0; n < g->end - g->first; n++) {
            k = m->links[g->links + n].next;
            if (k != 0 && (k <= g->first || k > g->first + n)) {
                return 0;
            }

            k = m->links[g->links + n].other;
            if (k != 0 && (k <= g->first || k > g->first + n)) {
                return 0;
            }
        }
    }

    if (h->bare != 0 && !(m->users[h->bare - 1].flags & MDR_TERM_LAST)) {
        return 0;                       /* a list of users would not end     */
    }

    for (i = 0; i < h->nusers; i++) {
        if (!user_ok(m, &m->users[i])) {
            return 0;
        }
    }

    return 1;
}


static int
same(mdr_str_t a, mdr_str_t b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}


static int
make_reads(mdr_matcher_t *m)
{
    uint32_t            s, f, r, i, rows, ok;
    const mdr_rule_t   *rule;
    const mdr_model_t  *model;

    model = m->model;
    m->words = model->nrules / 64 + 1;
    m->field_row = mdr_alloc(m->alloc, (model->nslots + 1)
                                       * sizeof(uint32_t));
    if (m->field_row == NULL) {
        return MDR_ERROR;
    }

    for (s = 0, rows = 0; s < model->nslots; s++) {
        m->field_row[s] = rows;
        rows += model->slots[s].nfields;
    }

    m->reads = mdr_calloc(m->alloc, ((size_t) rows * m->words + 1)
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
                        rows = m->field_row[s] + f;
                        m->reads[(size_t) rows * m->words + r / 64]
                            |= (uint64_t) 1 << (r % 64);
                    }
                }
            }
        }
    }

    return MDR_OK;
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
        || mdr_match_groups_make(m) != MDR_OK
        || mdr_match_crowds_make(m) != MDR_OK)
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
    mdr_match_sum_tables(m);
    m->gap = (m->gap + 1) * (m->h.marks + 1) - 1;
    m->pair_shift = 32 - m->h.bloom_bits;
    m->word_shift = 64 - m->h.word_bits;
    m->hash_shift = 64 - m->h.hash_bits;
#if defined(__x86_64__) && defined(__GNUC__)
    m->wide = __builtin_cpu_supports("avx2")
              && __builtin_cpu_supports("bmi");
#elif defined(__aarch64__)
    m->wide = 1;
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
    mdr_free(m->alloc, m->field_row);
    mdr_free(m->alloc, m->reads);
    mdr_free(m->alloc, m->row_always);
    mdr_free(m->alloc, m->always);
    mdr_match_groups_free(m);
    mdr_match_crowds_free(m);
    mdr_free(m->alloc, m->row_fits);
    mdr_free(m->alloc, m->fits);
    mdr_free(m->alloc, m->row_must);
    mdr_free(m->alloc, m);
}


uint64_t
mdr_matcher_terms(const mdr_matcher_t *m)
{
    return m->h.terms;
}
