/*
 * match_filter.c - where in the row of classes may a pattern stand?
 *
 * Three passes.  The filter looks at each pair of classes once, eight at a
 * time where the machine has AVX2, and notes the places that may be an
 * anchor.  Those are looked up in the hash, a group of look-ups at a time so
 * that their cache misses overlap; an entry carries so much of the hash that
 * a wrong one is rare.  The patterns of an anchor that was found are compared
 * with the classes around it: a few one by one, many by halving.
 */

#include "match_work.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAVE_WIDE  1
#endif


#define PROBES  48

typedef struct {
    const mdr_matcher_t  *m;
    mdr_match_work_t     *w;
    size_t                n, nsubjects, subject;
} filter_t;


int
mdr_match_candidate(mdr_match_work_t *w, uint32_t subject, uint32_t pattern,
    uint32_t at)
{
    void             *p;
    mdr_candidate_t  *c;

    p = w->cands;

    if (w->ncands == w->cands_cap
        && mdr_grow(w->alloc, &p, &w->cands_cap, w->ncands + 1,
                    sizeof(mdr_candidate_t))
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    w->cands = p;
    c = &w->cands[w->ncands++];
    c->subject = subject;
    c->pattern = pattern;
    c->at = at;

    return MDR_OK;
}


static inline int
is_anchor(const mdr_matcher_t *m, uint32_t pattern, uint32_t a, uint32_t b,
    uint32_t c)
{
    const uint16_t           *d;
    const mdr_lex_pattern_t  *t;

    t = &m->patterns[pattern];
    d = m->classes + t->at + (t->anchor & MDR_PAT_AT);

    return d[0] == a && (t->len > 1 ? d[1] : 0) == b
           && (t->len > 2 ? d[2] : 0) == c;
}


static inline uint32_t
print_of(const mdr_matcher_t *m, uint64_t key)
{
    return (uint32_t) (key >> 8)
           & (uint32_t) (((uint64_t) 1 << (32 - m->h.index_bits)) - 1);
}


uint32_t
mdr_match_look_up(const mdr_matcher_t *m, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t  i, e, k, print, mask;
    uint64_t  key;

    key = mdr_lex_key(a, b, c);
    print = print_of(m, key);
    mask = ((uint32_t) 1 << m->h.hash_bits) - 1;

    for (i = (uint32_t) (key >> m->hash_shift); (e = m->hash[i]) != 0;
         i = (i + 1) & mask)
    {
        if (e >> m->h.index_bits != print) {
            continue;
        }

        k = e & (((uint32_t) 1 << m->h.index_bits) - 1);

        if (is_anchor(m, k - 1, a, b, c)) {
            return k;
        }
    }

    return 0;
}


static int
found(filter_t *f, uint32_t pattern, size_t at)
{
    uint32_t           pos;
    mdr_match_work_t  *w;

    w = f->w;
    pos = w->pos[at];

    if (w->start[f->subject] > pos) {
        f->subject = 0;                 /* anchors are not in pattern order  */
    }

    while (f->subject + 1 < f->nsubjects && w->start[f->subject + 1] <= pos)
    {
        f->subject++;
    }

    return mdr_match_candidate(w, (uint32_t) f->subject, pattern,
                               (uint32_t) at);
}


/* classes that pattern t and the row from `at` on have in common */

static inline size_t
in_common(const filter_t *f, const mdr_lex_pattern_t *t, size_t at)
{
    size_t           i, n;
    const uint16_t  *a, *b;

    a = f->m->classes + t->at;
    b = f->w->cls + at;
    n = f->n - at < t->len ? f->n - at : t->len;

    for (i = 0; i < n && a[i] == b[i]; i++) { /* void */ }

    return i;
}


/*
 * Patterns [lo, hi), in order, whose anchor is at the same place of each: all
 * that the row at `at` begins with.  Those are the last one not behind the
 * row in that order, if it is one, and what its links lead to.
 */

static int
try_many(filter_t *f, const mdr_lex_group_t *g, uint32_t lo, uint32_t hi,
    size_t at)
{
    size_t                    n;
    uint32_t                  mid, k;
    const uint32_t           *links;
    const mdr_lex_pattern_t  *t;

    k = 0;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        t = &f->m->patterns[mid];
        n = in_common(f, t, at);

        if (n == t->len
            || (at + n < f->n
                && f->m->classes[t->at + n] < f->w->cls[at + n]))
        {
            k = mid + 1;
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    if (k == 0) {
        return MDR_OK;
    }

    links = f->m->links + g->links;
    n = in_common(f, &f->m->patterns[k - 1], at);

    for ( ; k != 0; k = links[k - 1 - g->first]) {
        if (f->m->patterns[k - 1].len <= n
            && found(f, k - 1, at) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


static int
try_group(filter_t *f, uint32_t first, size_t at)
{
    uint32_t                  lo, hi, mid, end, k, anchor;
    const mdr_lex_group_t    *g;
    const mdr_lex_pattern_t  *p;

    lo = 0;
    hi = (uint32_t) f->m->h.ngroups;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (f->m->groups[mid].first < first) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    g = &f->m->groups[lo];

    if (lo == f->m->h.ngroups || g->first != first) {
        return MDR_OK;
    }

    p = f->m->patterns;

    for (k = first; k < g->end; k = end) {
        anchor = p[k].anchor & MDR_PAT_AT;

        /* the end of those with the anchor at this place */

        lo = k + 1;
        hi = g->end;

        while (lo < hi) {
            mid = lo + (hi - lo) / 2;
            if ((p[mid].anchor & MDR_PAT_AT) <= anchor) {
                lo = mid + 1;
            } else {
                hi = mid;
            }
        }

        end = lo;

        if (anchor < at && try_many(f, g, k, end, at - anchor) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/* the patterns of an anchor that stands at `at` */

static int
try_patterns(filter_t *f, uint32_t k, size_t at)
{
    size_t                    from;
    const mdr_lex_pattern_t  *t;

    t = &f->m->patterns[k];

    if (t->anchor & MDR_PAT_MANY) {
        return try_group(f, k, at);
    }

    for ( ;; k++, t++) {
        from = t->anchor & MDR_PAT_AT;

        if (from < at && f->n - (at - from) >= t->len
            && memcmp(f->w->cls + (at - from), f->m->classes + t->at,
                      t->len * sizeof(uint16_t))
               == 0
            && found(f, k, at - from) != MDR_OK)
        {
            return MDR_ERROR;
        }

        if (t->anchor & MDR_PAT_LAST) {
            return MDR_OK;
        }
    }
}


static inline void
add_probe(const mdr_matcher_t *m, mdr_probe_t *p, uint32_t at, uint32_t n,
    uint32_t a, uint32_t b, uint32_t c)
{
    uint64_t  key;

    key = mdr_lex_key(a, b, c);
    p->at = at;
    p->n = n;
    p->entry = (uint32_t) (key >> m->hash_shift);
    p->print = print_of(m, key);
    __builtin_prefetch(&m->hash[p->entry]);
}


/* step by step for all of them, so that what the next step reads is on its
 * way */

static int
try_probes(filter_t *f, mdr_probe_t *probes, size_t n)
{
    size_t                    i, k;
    uint32_t                  e, at, mask, bits;
    const uint16_t           *c;
    const mdr_matcher_t      *m;
    const mdr_lex_pattern_t  *t;

    m = f->m;
    bits = m->h.index_bits;
    mask = ((uint32_t) 1 << m->h.hash_bits) - 1;

    for (i = 0, k = 0; i < n; i++) {
        at = probes[i].entry;

        while ((e = m->hash[at]) != 0 && e >> bits != probes[i].print) {
            at = (at + 1) & mask;
        }

        if (e != 0) {
            probes[k] = probes[i];
            probes[k++].entry = at;
            __builtin_prefetch(&m->patterns[(e & ((1u << bits) - 1)) - 1]);
        }
    }

    n = k;

    for (i = 0; i < n; i++) {
        e = m->hash[probes[i].entry] & ((1u << bits) - 1);
        t = &m->patterns[e - 1];
        __builtin_prefetch(&m->classes[t->at]);
    }

    for (i = 0; i < n; i++) {
        c = f->w->cls + probes[i].at;

        for (at = probes[i].entry; (e = m->hash[at]) != 0;
             at = (at + 1) & mask)
        {
            if (e >> bits != probes[i].print) {
                continue;
            }

            e &= (1u << bits) - 1;

            if (!is_anchor(m, e - 1, c[0], probes[i].n > 1 ? c[1] : 0,
                           probes[i].n > 2 ? c[2] : 0))
            {
                continue;
            }

            if (try_patterns(f, e - 1, probes[i].at) != MDR_OK) {
                return MDR_ERROR;
            }

            break;
        }
    }

    return MDR_OK;
}


/* the filter: places of cls[from, n) that may be an anchor */

static size_t
places(const mdr_matcher_t *m, const uint16_t *cls, size_t from, size_t n,
    uint32_t *out)
{
    size_t           i, k;
    uint32_t         h, word, bits, shift, single;
    const uint32_t  *bloom;

    bloom = m->bloom;
    shift = m->pair_shift;
    single = m->h.single;

    for (i = from, k = 0; i < n; i++) {
        h = mdr_lex_pair(cls[i], cls[i + 1]);
        word = bloom[h >> shift];
        bits = 1u << mdr_lex_third(cls[i + 2])
               | 0x10000u << (h >> (shift - 4) & 15);

        out[k] = (uint32_t) i;
        k += ((word & bits) != 0 && cls[i] >= MDR_CL_FIRST)
             | (cls[i] >= single);
    }

    return k;
}


#if (HAVE_WIDE)

__attribute__((target("avx2,bmi")))
static size_t
places_wide(const mdr_matcher_t *m, const uint16_t *cls, size_t n,
    uint32_t *out)
{
    size_t           i, k;
    __m128i          x, y, shift, low;
    __m256i          pair, h, word, bits, one, high, first, single, a, hit;
    unsigned         mask;
    const int       *bloom;

    bloom = (const int *) (const void *) m->bloom;
    shift = _mm_cvtsi32_si128((int) m->pair_shift);
    low = _mm_cvtsi32_si128((int) m->pair_shift - 4);
    one = _mm256_set1_epi32(1);
    high = _mm256_set1_epi32(0x10000);
    first = _mm256_set1_epi32(MDR_CL_FIRST - 1);
    single = _mm256_set1_epi32((int) m->h.single - 1);
    k = 0;

    for (i = 0; i + 8 <= n; i += 8) {
        x = _mm_loadu_si128((const __m128i *) (const void *) (cls + i));
        y = _mm_loadu_si128((const __m128i *) (const void *) (cls + i + 1));

        pair = _mm256_set_m128i(_mm_unpackhi_epi16(x, y),
                                _mm_unpacklo_epi16(x, y));
        h = _mm256_mullo_epi32(pair, _mm256_set1_epi32((int) MDR_LEX_PAIR));
        word = _mm256_i32gather_epi32(bloom, _mm256_srl_epi32(h, shift), 4);

        a = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)
                                             (const void *) (cls + i + 2)));
        a = _mm256_srli_epi32(_mm256_mullo_epi32(a,
                                  _mm256_set1_epi32((int) MDR_LEX_THIRD)),
                              28);
        bits = _mm256_sllv_epi32(one, a);
        h = _mm256_and_si256(_mm256_srl_epi32(h, low),
                             _mm256_set1_epi32(15));
        bits = _mm256_or_si256(bits, _mm256_sllv_epi32(high, h));

        /* hit: not (no bit), and a class that is in some term */

        a = _mm256_and_si256(pair, _mm256_set1_epi32(0xffff));
        hit = _mm256_cmpeq_epi32(_mm256_and_si256(word, bits),
                                 _mm256_setzero_si256());
        hit = _mm256_andnot_si256(hit, _mm256_cmpgt_epi32(a, first));
        hit = _mm256_or_si256(hit, _mm256_cmpgt_epi32(a, single));

        mask = (unsigned) _mm256_movemask_ps(_mm256_castsi256_ps(hit));

        while (mask != 0) {
            out[k++] = (uint32_t) i + (uint32_t) __builtin_ctz(mask);
            mask &= mask - 1;
        }
    }

    return k + places(m, cls, i, n, out + k);
}

#endif


int
mdr_match_filter(const mdr_matcher_t *m, mdr_match_work_t *w,
    size_t nsubjects, size_t n, mdr_raw_hits_t *hits)
{
    size_t           i, k, np;
    uint32_t         h, word, at, single;
    filter_t         f;
    mdr_probe_t      probes[PROBES + 3];
    const uint16_t  *cls;

#if (HAVE_WIDE)
    k = m->wide ? places_wide(m, w->cls, n, w->places)
                : places(m, w->cls, 0, n, w->places);
#else
    k = places(m, w->cls, 0, n, w->places);
#endif

    if (k == 0) {
        return MDR_OK;
    }

    hits->survivors += k;

    f.m = m;
    f.w = w;
    f.n = n;
    f.nsubjects = nsubjects;
    f.subject = 0;

    single = m->h.single;
    cls = w->cls;
    np = 0;

    for (i = 0; i < k; i++) {
        at = w->places[i];
        h = mdr_lex_pair(cls[at], cls[at + 1]);
        word = m->bloom[h >> m->pair_shift];

        if (cls[at] >= single) {
            add_probe(m, &probes[np++], at, 1, cls[at], 0, 0);
        }

        if (word & 0x10000u << (h >> (m->pair_shift - 4) & 15)) {
            add_probe(m, &probes[np++], at, 2, cls[at], cls[at + 1], 0);
        }

        if (word & 1u << mdr_lex_third(cls[at + 2])) {
            add_probe(m, &probes[np++], at, 3, cls[at], cls[at + 1],
                      cls[at + 2]);
        }

        if (np >= PROBES) {
            if (try_probes(&f, probes, np) != MDR_OK) {
                return MDR_ERROR;
            }
            np = 0;
        }
    }

    return try_probes(&f, probes, np);
}
