/*
 * match_filter.c - where in the row of classes may a pattern stand?
 *
 * The filter (match_places.c) notes the places that may be an anchor.  Those
 * are looked up in the hash, a group of look-ups at a time so
 * that their cache misses overlap; an entry carries so much of the hash that
 * a wrong one is rare.  The patterns of an anchor that was found are compared
 * with the classes around it: a few one by one, many by halving, and of those
 * the longest stands for all that it begins with.
 */

#include "match_work.h"

#include <string.h>


#define PROBES      48
#define CANDIDATES  256

typedef struct {
    const mdr_matcher_t  *m;
    mdr_match_work_t     *w;
    const mdr_row_t      *row;
    size_t                n, subject;
    uint64_t              steps;
} filter_t;


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


static __attribute__((noinline)) int
more_candidates(mdr_match_work_t *w)
{
    int    rc;
    void  *p;

    p = w->cands;
    rc = mdr_grow(w->alloc, &p, &w->cands_cap, w->ncands + 1,
                  sizeof(mdr_candidate_t));
    w->cands = p;

    return rc;
}


/* pattern, and those of its group (+ 1) that it begins with, stands at `at` */

static inline int
found(filter_t *f, uint32_t pattern, size_t at, uint32_t group)
{
    size_t             s;
    uint32_t           pos;
    mdr_candidate_t   *c;
    mdr_match_work_t  *w;

    w = f->w;

    if (w->ncands == w->cands_cap && more_candidates(w) != MDR_OK) {
        return MDR_ERROR;
    }

    c = &w->cands[w->ncands++];
    c->pattern = pattern;
    c->at = (uint32_t) at;
    c->group = group;
    c->subject = f->row->subject;

    if (f->row->trace == NULL) {
        pos = f->row->pos[at];
        s = f->subject;

        while (w->start[s] > pos) {     /* anchors are not in pattern order  */
            s--;
        }

        while (w->start[s + 1] <= pos) {
            s++;
        }

        f->subject = s;
        c->subject = (uint32_t) s;
    }

    return MDR_OK;
}


/* classes that pattern t and the row from `at` on have in common; the first
 * `from` are known to be */

static inline size_t
in_common(filter_t *f, const mdr_lex_pattern_t *t, size_t at, size_t from)
{
    size_t           i, n;
    const uint16_t  *a, *b;

    a = f->m->classes + t->at;
    b = f->row->cls + at;
    n = f->n - at < t->len ? f->n - at : t->len;

    for (i = from; i + 8 <= n && memcmp(a + i, b + i, 16) == 0; i += 8) {
        f->steps++;
    }

    while (i < n && a[i] == b[i]) {
        i++;
    }

    f->steps++;

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
    size_t                    n, low, high;
    uint32_t                  mid, k;
    const mdr_lex_pattern_t  *t;

    k = 0;
    low = 0;
    high = 0;

    while (lo < hi) {

        /* between two patterns that have n classes of the row all have */

        mid = lo + (hi - lo) / 2;
        t = &f->m->patterns[mid];
        n = low < high ? low : high;
        n = in_common(f, t, at, n < t->len ? n : t->len);

        if (n == t->len
            || (at + n < f->n
                && f->m->classes[t->at + n] < f->row->cls[at + n]))
        {
            k = mid + 1;
            lo = mid + 1;
            low = n;
        } else {
            hi = mid;
            high = n;
        }
    }

    if (k == 0) {
        return MDR_OK;
    }

    n = low;

    while (f->m->patterns[k - 1].len > n) {
        f->steps++;
        k = f->m->links[g->links + k - 1 - g->first].next;

        if (k == 0) {
            return MDR_OK;
        }
    }

    return found(f, k - 1, at, (uint32_t) (g - f->m->groups) + 1);
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


static inline uint64_t
four(const uint16_t *p)
{
    uint64_t  v;

    memcpy(&v, p, sizeof(v));

    return v;
}


static inline int
same(const uint16_t *a, const uint16_t *b, size_t n)
{
    size_t  i;

    if (n >= 4) {
        for (i = 0; i + 4 < n && four(a + i) == four(b + i); i += 4) {
            /* void */
        }
        return i + 4 >= n && four(a + n - 4) == four(b + n - 4);
    }

    return a[0] == b[0] && a[n - 1] == b[n - 1] && a[n / 2] == b[n / 2];
}


/* the patterns from k on of an anchor that stands at `at`, if the anchor is
 * no other with the same hash; *hit: it is not, or it does not matter */

static inline int
try_patterns(filter_t *f, uint32_t k, const mdr_probe_t *p, int *hit)
{
    size_t                    from;
    const uint16_t           *c;
    const mdr_lex_pattern_t  *t;

    t = &f->m->patterns[k];
    c = f->row->cls;
    *hit = 0;

    if (!(t->anchor & MDR_PAT_MANY)) {
        for ( ;; k++, t++) {
            from = t->anchor & MDR_PAT_AT;
            f->steps++;

            if (from < p->at && f->n - (p->at - from) >= t->len
                && same(c + (p->at - from), f->m->classes + t->at, t->len))
            {
                *hit = 1;
                if (found(f, k, p->at - from, 0) != MDR_OK) {
                    return MDR_ERROR;
                }
            }

            if (t->anchor & MDR_PAT_LAST) {
                break;
            }
        }

        if (*hit) {
            return MDR_OK;
        }
    }

    c += p->at;
    *hit = is_anchor(f->m, k, c[0], p->n > 1 ? c[1] : 0,
                     p->n > 2 ? c[2] : 0);

    return *hit && (t->anchor & MDR_PAT_MANY) ? try_group(f, k, p->at)
                                              : MDR_OK;
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
    int                       hit;
    size_t                    i, k;
    uint32_t                  e, at, mask, bits, index;
    mdr_probe_t              *p;
    const mdr_matcher_t      *m;
    const mdr_lex_pattern_t  *t;

    m = f->m;
    bits = m->h.index_bits;
    index = (1u << bits) - 1;
    mask = ((uint32_t) 1 << m->h.hash_bits) - 1;

    for (i = 0, k = 0; i < n; i++) {
        at = probes[i].entry;

        while ((e = m->hash[at]) != 0 && e >> bits != probes[i].print) {
            at = (at + 1) & mask;
        }

        if (e != 0) {
            p = &probes[k++];
            *p = probes[i];
            p->entry = at;
            p->pattern = (e & index) - 1;
            __builtin_prefetch(&m->patterns[p->pattern]);
        }
    }

    n = k;

    for (i = 0; i < n; i++) {
        t = &m->patterns[probes[i].pattern];
        __builtin_prefetch(&m->classes[t->at]);
        __builtin_prefetch(&m->users[t->user]);
    }

    for (i = 0; i < n; i++) {
        p = &probes[i];

        if (try_patterns(f, p->pattern, p, &hit) != MDR_OK) {
            return MDR_ERROR;
        }

        for (at = (p->entry + 1) & mask; !hit && (e = m->hash[at]) != 0;
             at = (at + 1) & mask)
        {
            if (e >> bits == p->print
                && try_patterns(f, (e & index) - 1, p, &hit) != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


int
mdr_match_filter(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_row_t *row, const mdr_subject_t *subjects, size_t nsubjects,
    mdr_raw_hits_t *hits)
{
    int              rc;
    size_t           i, k, np;
    uint32_t         h, h2, word, at, ahead, single;
    filter_t         f;
    mdr_probe_t      probes[PROBES + 3];
    const uint16_t  *cls;

    k = mdr_match_places(m, row->cls, row->n, row->places);

    if (k == 0) {
        return MDR_OK;
    }

    hits->survivors += k;

    f.m = m;
    f.w = w;
    f.row = row;
    f.n = row->n;
    (void) nsubjects;
    f.subject = 0;
    f.steps = 0;

    single = m->h.single;
    cls = row->cls;
    np = 0;
    rc = MDR_OK;

    for (i = 0; i < k && rc == MDR_OK; i++) {
        at = row->places[i];
        h = mdr_lex_pair(cls[at], cls[at + 1]);
        word = m->bloom[h >> m->pair_shift];

        if (i + 8 < k) {
            ahead = row->places[i + 8];
            h2 = mdr_lex_pair(cls[ahead], cls[ahead + 1]);
            __builtin_prefetch(&m->bloom[h2 >> m->pair_shift]);
        }

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
            rc = try_probes(&f, probes, np);
            np = 0;

            if (rc == MDR_OK && w->ncands >= CANDIDATES) {
                rc = mdr_match_verify(m, w, row, subjects, hits);
            }
        }
    }

    if (rc == MDR_OK) {
        rc = try_probes(&f, probes, np);
    }

    hits->steps += f.steps;

    return rc == MDR_OK ? mdr_match_verify(m, w, row, subjects, hits) : rc;
}
