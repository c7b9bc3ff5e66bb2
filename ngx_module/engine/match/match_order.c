/*
 * match_order.c - patterns in the order of the hash.
 *
 * Each pattern gets an anchor, three classes in a row that are rare among the
 * terms, and is sorted by it.  The hash of an anchor tells it from all others
 * (it can be turned back), so patterns are brought together by that number
 * alone: into the rows of the hash first, by counting, then each row by
 * comparing, which are of one or two mostly.  Words (see lexicon.h) are
 * sorted by their classes, so that those with the same beginning are together
 * and match_readings.c can read them class by class.
 */

#include "match_build.h"

#include <string.h>


#define AHEAD  MDR_LEX_AHEAD


/* anchors: the rarest three classes in a row, by how often the terms
 * themselves have them */

static inline uint32_t
frequency_at(const uint16_t *c)
{
    return (uint32_t) (mdr_lex_key(c[0], c[1], c[2]) >> 46);
}


int
mdr_match_order_anchors(mdr_lex_build_t *b)
{
    size_t           i, k;
    uint32_t        *freq, f, best;
    uint16_t        *c;
    mdr_lex_term_t  *p;

    freq = mdr_calloc(b->alloc, sizeof(uint32_t) << 18);
    if (freq == NULL) {
        return MDR_ERROR;
    }

    p = (mdr_lex_term_t *) (void *) b->patterns.data;

    for (i = 0; i < b->npatterns; i++) {
        c = (uint16_t *) (void *) b->classes.data + p[i].at;
        for (k = 0; p[i].free && k + 3 <= p[i].len; k++) {
            freq[frequency_at(c + k)]++;
        }
    }

    for (i = 0; i < b->npatterns; i++) {
        if (p[i].len < 4 || !p[i].free) {
            continue;
        }

        c = (uint16_t *) (void *) b->classes.data + p[i].at;
        best = UINT32_MAX;

        for (k = 0; k + 3 <= p[i].len && k < MDR_PAT_AT; k++) {
            f = freq[frequency_at(c + k)];
            if (f < best) {
                best = f;
                p[i].anchor = (uint16_t) k;
            }
        }

        /* all are common, and long groups are halved once for each place of
         * the anchor: where they begin is one place */

        if (best > 2 * MDR_PAT_FEW) {
            p[i].anchor = 0;
        }
    }

    mdr_free(b->alloc, freq);

    return MDR_OK;
}


static uint64_t
anchor_key(const mdr_lex_image_t *im, uint32_t pattern)
{
    const uint16_t        *c;
    const mdr_lex_term_t  *p;

    p = &im->p[pattern];
    c = im->c + p->at + p->anchor;

    return mdr_lex_key(c[0], p->len > 1 ? c[1] : 0, p->len > 2 ? c[2] : 0);
}


/* by classes, prefixes first */

static int
compare_classes(const mdr_lex_image_t *im, const mdr_lex_term_t *p,
    const mdr_lex_term_t *q)
{
    uint32_t         i, n;
    const uint16_t  *c, *d;

    c = im->c + p->at;
    d = im->c + q->at;
    n = p->len < q->len ? p->len : q->len;

    for (i = 0; i < n; i++) {
        if (c[i] != d[i]) {
            return c[i] < d[i] ? -1 : 1;
        }
    }

    return p->len < q->len ? -1 : p->len > q->len;
}


/* patterns of one anchor: by its place, then by classes */

static int
compare(const mdr_lex_image_t *im, const mdr_lex_keyed_t *x,
    const mdr_lex_keyed_t *y)
{
    const mdr_lex_term_t  *p, *q;

    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }

    p = &im->p[x->pattern];
    q = &im->p[y->pattern];

    if (!im->by_class && p->anchor != q->anchor) {
        return p->anchor < q->anchor ? -1 : 1;
    }

    return compare_classes(im, p, q);
}


/* most rows are of one or two */

static void
sort(mdr_lex_image_t *im, mdr_lex_keyed_t *k, size_t n)
{
    size_t           i, j, m, half;
    mdr_lex_keyed_t  x, *s;

    if (n <= 16) {
        for (i = 1; i < n; i++) {
            x = k[i];
            for (j = i; j > 0 && compare(im, &x, &k[j - 1]) < 0; j--) {
                k[j] = k[j - 1];
            }
            k[j] = x;
        }
        return;
    }

    half = n / 2;
    sort(im, k, half);
    sort(im, k + half, n - half);

    s = im->spare;
    memcpy(s, k, half * sizeof(mdr_lex_keyed_t));

    for (i = 0, j = half, m = 0; i < half; m++) {
        if (j < n && compare(im, &k[j], &s[i]) < 0) {
            k[m] = k[j++];
        } else {
            k[m] = s[i++];
        }
    }
}


/* the first classes of a word, eight or four of them, as a number that has
 * their order */

static uint64_t
head_of(const mdr_lex_image_t *im, const mdr_lex_term_t *p)
{
    uint32_t         i, n;
    uint64_t         h;
    const uint16_t  *c;

    c = im->c + p->at;
    n = im->b->h.letters_end - im->b->h.letters < 255 ? 8 : 4;

    for (i = 0, h = 0; i < n; i++) {
        h = h << (64 / n)
            | (i < p->len ? c[i] - im->b->h.letters + 1u : 0u);
    }

    return h;
}


/* the words, which are im->order[from, im->n), by their classes; their keys
 * are those of the hash then */

static void
order_words(mdr_lex_image_t *im, size_t from)
{
    size_t                 i;
    const mdr_lex_term_t  *p;

    sort(im, im->order + from, im->n - from);

    for (i = from; i < im->n; i++) {
        p = &im->p[im->order[i].pattern];
        im->order[i].key = mdr_lex_word_key_of(im->c + p->at, p->len);
    }
}


/* all patterns in the order of the hash's entries, groups together; words
 * behind them */

int
mdr_match_order(mdr_lex_image_t *im)
{
    int               shift;
    size_t            i, k, from, n, words;
    uint32_t         *count, slots;
    mdr_lex_build_t  *b;

    b = im->b;
    slots = (uint32_t) 1 << b->h.hash_bits;
    shift = 64 - (int) b->h.hash_bits;

    count = mdr_calloc(b->alloc, ((size_t) slots + 1) * sizeof(uint32_t));
    if (count == NULL) {
        return MDR_ERROR;
    }

    for (i = 0, n = 0, words = im->n; i < im->n; i++) {
        if (!im->p[i].free) {
            im->order[--words].key = head_of(im, &im->p[i]);
            im->order[words].pattern = (uint32_t) i;
            continue;
        }

        im->spare[n].key = anchor_key(im, (uint32_t) i);
        im->spare[n].pattern = (uint32_t) i;
        count[(im->spare[n++].key >> shift) + 1]++;
    }

    b->h.words = words;

    for (i = 0; i < slots; i++) {
        count[i + 1] += count[i];
    }

    for (i = 0; i < n; i++) {
        if (i + 2 * AHEAD < n) {
            __builtin_prefetch(&count[im->spare[i + 2 * AHEAD].key >> shift],
                               1);
            __builtin_prefetch(&im->order[count[im->spare[i + AHEAD].key
                                                >> shift]], 1);
        }
        im->order[count[im->spare[i].key >> shift]++] = im->spare[i];
    }

    mdr_free(b->alloc, count);

    for (from = 0; from < n; from = k) {
        for (k = from + 1; k < n && im->order[k].key >> shift
                                        == im->order[from].key >> shift; k++)
        {
            /* void */
        }

        sort(im, im->order + from, k - from);
    }

    order_words(im, words);

    for (i = 0; i < im->n; i++) {
        im->rank[im->order[i].pattern] = (uint32_t) i;
    }

    return MDR_OK;
}


/* the patterns that are no words, as numbers in the order that is known, by
 * their classes; *heads: where those with each first class begin */

void
mdr_match_order_sorted(mdr_lex_image_t *im, uint32_t *sorted, uint32_t *heads)
{
    size_t                 i, n, from, to;
    uint32_t               cl;
    const uint16_t        *c;
    mdr_lex_keyed_t       *order;
    const mdr_lex_term_t  *p;

    n = (size_t) im->b->h.words;
    order = im->order;                  /* no key of theirs is needed again  */
    im->by_class = 1;

    for (i = 0; i < n; i++) {
        sorted[i] = order[i].pattern;
        heads[im->c[im->p[order[i].pattern].at] + 1]++;
    }

    for (cl = 0; cl < im->b->h.nclasses; cl++) {
        heads[cl + 1] += heads[cl];
    }

    for (i = 0; i < n; i++) {
        p = &im->p[sorted[i]];
        c = im->c + p->at;
        from = heads[c[0]]++;
        order[from].pattern = sorted[i];
        order[from].key = (uint64_t) (p->len > 1 ? c[1] : 0) << 48
                          | (uint64_t) (p->len > 2 ? c[2] : 0) << 32
                          | (uint64_t) (p->len > 3 ? c[3] : 0) << 16
                          | (uint64_t) (p->len > 4 ? c[4] : 0);
    }

    for (from = 0, cl = 0; cl < im->b->h.nclasses; from = to, cl++) {
        to = heads[cl];
        sort(im, order + from, to - from);
    }

    for (cl = im->b->h.nclasses; cl > 0; cl--) {
        heads[cl] = heads[cl - 1];
    }

    heads[0] = 0;

    for (i = 0; i < n; i++) {
        sorted[i] = im->rank[order[i].pattern];
    }

    im->by_class = 0;
}
