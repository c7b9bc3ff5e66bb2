/*
 * match_filter.c - where in the row of classes may a pattern stand?
 *
 * The filter (match_ngram.c) notes the places that may be an anchor.  Those
 * are looked up in the hash, a group of look-ups at a time so
 * that their cache misses overlap; an entry carries so much of the hash that
 * a wrong one is rare.  The patterns of an anchor that was found are compared
 * with the classes around it: a few one by one, many class by class.  Words,
 * which match_words.c notes where they may begin, are looked up likewise.
 */

#include "match_hash.h"
#include "match_work.h"

#include <string.h>


#define PROBES      48
#define CANDIDATES  64
#define BLOCK       256                 /* classes: their words stay near    */

typedef struct {
    const mdr_matcher_t  *m;
    mdr_match_work_t     *w;
    const mdr_row_t      *row;
    size_t                n;
    uint32_t              subject, begin, end;  /* in hand, in positions     */
    uint64_t              steps;
    const mdr_subject_t  *subjects;
    mdr_raw_hits_t       *hits;
} filter_t;


/* is the anchor of `pattern` what the probe has looked up? */

static inline int
is_probed(const mdr_matcher_t *m, uint32_t pattern, const mdr_probe_t *p,
    const uint16_t *c)
{
    const mdr_lex_pattern_t  *t;

    if (!p->word) {
        return pattern < m->h.words
               && mdr_match_is_anchor(m, pattern, c[0], p->n > 1 ? c[1] : 0,
                            p->n > 2 ? c[2] : 0);
    }

    t = &m->patterns[pattern];

    return pattern >= m->h.words
           && (t->len < MDR_WORD_KEY ? t->len : MDR_WORD_KEY) == p->n
           && memcmp(m->classes + t->at, c, p->n * sizeof(uint16_t)) == 0;
}


/* the subject of a position; anchors are not in the order of patterns */

static __attribute__((noinline)) void
take_subject(filter_t *f, uint32_t pos)
{
    uint32_t         s;
    const uint32_t  *start;

    start = f->w->start;
    s = f->subject;

    while (start[s] > pos) {
        s--;
    }

    while (start[s + 1] <= pos) {
        s++;
    }

    f->subject = s;
    f->begin = start[s];
    f->end = start[s + 1];
}


/* a pattern stands at `at` */

static inline int
found(filter_t *f, uint32_t pattern, size_t at)
{
    uint32_t           pos;
    mdr_candidate_t   *c;
    mdr_match_work_t  *w;

    w = f->w;

    if (w->ncands == w->cands_cap
        && MDR_GROW(w->alloc, w->cands, w->ncands + 1) != MDR_OK)
    {
        return MDR_ERROR;
    }

    c = &w->cands[w->ncands++];
    c->pattern = pattern;
    c->at = (uint32_t) at;

    pos = f->row->pos[at];
    if (pos < f->begin || pos >= f->end) {
        take_subject(f, pos);
    }

    c->subject = f->subject;

    return MDR_OK;
}


static inline uint64_t
four(const uint16_t *p)
{
    uint64_t  v;

    memcpy(&v, p, sizeof(v));

    return v;
}


static inline uint32_t
two(const uint16_t *p)
{
    uint32_t  v;

    memcpy(&v, p, sizeof(v));

    return v;
}


/* does pattern t stand at c?  Behind the row are classes of no pattern. */

static inline int
stands(const filter_t *f, const mdr_lex_pattern_t *t, const uint16_t *c)
{
    static const uint16_t  mask[2 * MDR_PAT_HEAD] = {
        0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0xffff
    };

    size_t           i, n;
    const uint16_t  *d;

    n = t->len;
    d = mask + (n < MDR_PAT_HEAD ? MDR_PAT_HEAD - n : 0);

    if ((((four(t->head) ^ four(c)) & four(d))
         | ((two(t->head + 4) ^ two(c + 4)) & two(d + 4)))
        != 0)
    {
        return 0;
    }

    if (n <= MDR_PAT_HEAD) {
        return 1;
    }

    if ((size_t) (f->row->cls + f->n - c) < n) {
        return 0;
    }

    d = f->m->classes + t->at;

    for (i = MDR_PAT_HEAD; i + 4 < n && four(c + i) == four(d + i); i += 4) {
        /* void */
    }

    return i + 4 >= n && four(c + n - 4) == four(d + n - 4);
}


/* pattern k stands at `at`, if its word edge does, too */

static inline int
try_end(filter_t *f, uint32_t k, size_t at, int word)
{
    return word && !mdr_match_is_end(f->row, at + f->m->patterns[k].len - 1)
           ? MDR_OK : found(f, k, at);
}


/*
 * Patterns [lo, hi), in order, whose anchor is at the same place of each: all
 * that the row at `at` begins with, the longest first, since what is shorter
 * is mostly not wanted then.
 */

static int
try_sorted(filter_t *f, uint32_t lo, uint32_t hi, size_t at, int word)
{
    size_t                    from, to;
    uint32_t                  n, cl;
    mdr_candidate_t           c;
    const mdr_lex_pattern_t  *t;

    t = f->m->patterns;
    from = f->w->ncands;

    for (n = 0; hi - lo > MDR_PAT_FEW && at + n < f->n; n++) {
        f->steps += n % 4 == 0;         /* they are cheap                    */

        if (t[lo].len == n && try_end(f, lo++, at, word) != MDR_OK) {
            return MDR_ERROR;
        }

        cl = f->row->cls[at + n];

        if (mdr_match_class_at(f->m, &t[lo], n) != cl
            || mdr_match_class_at(f->m, &t[hi - 1], n) != cl)
        {
            lo = mdr_match_lower(f->m, NULL, lo, hi, n, cl);
            hi = mdr_match_lower(f->m, NULL, lo, hi, n, cl + 1);
        }
    }

    for ( ; lo < hi; lo++) {
        f->steps++;

        if (stands(f, &t[lo], f->row->cls + at)
            && try_end(f, lo, at, word) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    for (to = f->w->ncands; from + 1 < to; from++) {
        c = f->w->cands[from];
        f->w->cands[from] = f->w->cands[--to];
        f->w->cands[to] = c;
    }

    return MDR_OK;
}


/* many patterns from k on, whose anchor stands at `at` */

static int
try_many(filter_t *f, uint32_t k, const mdr_probe_t *p)
{
    uint32_t                  end, from;
    const mdr_lex_pattern_t  *t;

    t = f->m->patterns;

    for ( ;; k = end) {
        end = mdr_match_anchor_end(f->m, k);
        from = t[k].anchor & MDR_PAT_AT;

        if (from < p->at
            && try_sorted(f, k, end, p->at - from, p->word) != MDR_OK)
        {
            return MDR_ERROR;
        }

        if (t[end - 1].anchor & MDR_PAT_LAST) {
            return MDR_OK;
        }
    }
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

            if (from < p->at && stands(f, t, c + (p->at - from))
                && (!p->word
                    || mdr_match_is_end(f->row, p->at + t->len - 1)))
            {
                *hit = 1;
                if (found(f, k, p->at - from) != MDR_OK) {
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

    *hit = is_probed(f->m, k, p, c + p->at);

    return *hit && (t->anchor & MDR_PAT_MANY) ? try_many(f, k, p) : MDR_OK;
}


/* the n classes at `at`, whose key that is, are to be looked up */

static inline void
add_probe(const mdr_matcher_t *m, mdr_probe_t *p, uint32_t at, uint32_t n,
    uint64_t key)
{
    p->at = at;
    p->n = n;
    p->word = 0;
    p->entry = (uint32_t) (key >> m->hash_shift);
    p->print = mdr_match_print(m, key);
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

    m = f->m;
    bits = m->h.index_bits;
    index = (1u << bits) - 1;
    mask = ((uint32_t) 1 << m->h.hash_bits) - 1;

    for (i = 0, k = 0; i < n; i++) {
        at = mdr_match_first_entry(m, probes[i].entry, probes[i].print, &e);

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


/* the k survivors of the block that begins at `from`: what each may be */

static int
try_survivors(filter_t *f, mdr_probe_t *probes, size_t *nprobes, size_t from,
    size_t k)
{
    size_t                i, np;
    uint32_t              h, word, at, a, b, c, pair, third, single, shift;
    const uint16_t       *cls;
    const uint32_t       *bloom, *survivors;
    const mdr_matcher_t  *m;

    m = f->m;
    single = m->h.single;
    shift = m->pair_shift;
    bloom = m->bloom;
    survivors = f->row->survivors;
    cls = f->row->cls;
    np = *nprobes;

    for (i = 0; i < k; i++) {
        at = (uint32_t) from + survivors[i];
        a = cls[at];
        b = cls[at + 1];
        c = cls[at + 2];
        h = mdr_lex_pair(a, b);
        word = bloom[h >> shift];

        if (a >= single) {
            add_probe(m, &probes[np++], at, 1, mdr_lex_key(a, 0, 0));
        }

        /* one of two or of three classes, which of them no branch could
         * foresee; seldom both */

        pair = word >> (16 + (h >> (shift - 4) & 15)) & 1;
        third = word >> mdr_lex_third(c) & 1;

        if (pair & third) {
            add_probe(m, &probes[np++], at, 2, mdr_lex_key(a, b, 0));
        }

        add_probe(m, &probes[np], at, 2 + third,
                  mdr_lex_key(a, b, c & (0 - third)));
        np += pair | third;

        if (np >= PROBES) {
            if (try_probes(f, probes, np) != MDR_OK
                || (f->w->ncands >= CANDIDATES
                    && mdr_match_verify(m, f->w, f->row, f->subjects, f->hits)
                       != MDR_OK))
            {
                return MDR_ERROR;
            }
            np = 0;
        }
    }

    *nprobes = np;

    return MDR_OK;
}


static int
try_words(filter_t *f, mdr_row_t *row)
{
    int          rc;
    size_t       from, n;
    mdr_probe_t  probes[MDR_WORDS];

    rc = mdr_match_edges(f->m, f->w, row);
    from = 0;

    while (rc == MDR_OK && from < row->n) {
        n = mdr_match_words(f->m, row, &from, probes);
        f->hits->survivors += n;
        rc = try_probes(f, probes, n);

        if (rc == MDR_OK && f->w->ncands >= CANDIDATES) {
            rc = mdr_match_verify(f->m, f->w, row, f->subjects, f->hits);
        }
    }

    return rc;
}


int
mdr_match_filter(const mdr_matcher_t *m, mdr_match_work_t *w,
    mdr_row_t *row, const mdr_subject_t *subjects, mdr_raw_hits_t *hits)
{
    int          rc;
    size_t       i, k, np, n;
    filter_t     f;
    mdr_probe_t  probes[PROBES + 4];

    f.m = m;
    f.w = w;
    f.row = row;
    f.n = row->n;
    f.subject = row->subject;
    f.begin = 0;
    f.end = UINT32_MAX;                 /* a trace is of one subject         */
    f.steps = 0;
    f.subjects = subjects;
    f.hits = hits;

    if (row->trace == NULL) {
        f.subject = 0;
        f.end = w->start[1];
    }

    np = 0;
    rc = MDR_OK;
    n = m->h.words != 0 ? row->n : 0;   /* or there are words only           */

    for (i = 0; i < n && rc == MDR_OK; i += BLOCK) {
        k = mdr_match_ngrams(m, row->cls + i, n - i < BLOCK ? n - i : BLOCK,
                             row->survivors);

        if (k != 0) {
            hits->survivors += k;
            rc = try_survivors(&f, probes, &np, i, k);
        }
    }

    if (rc == MDR_OK && np != 0) {
        rc = try_probes(&f, probes, np);
    }

    if (rc == MDR_OK && m->h.words < m->h.npatterns) {
        rc = try_words(&f, row);
    }

    hits->meter.steps += f.steps;

    return rc == MDR_OK && w->ncands != 0
           ? mdr_match_verify(m, w, row, subjects, hits) : rc;
}
