/*
 * regex_part.c - what is known of a part of a pattern.
 *
 * Of each part: the strings that it can be, where those are few (`exact`), a
 * set of literals of which every match holds one (`best`), and how many digits,
 * letters and characters of ASCII there must be, and how many in a row.
 * Strings and rows grow over what stands side by side: [ab]{2,}c holds "ac" or
 * "bc"; of several ways only what all have is known.
 */

#include "regex_part.h"
#include "base/utf8.h"

#include <string.h>


#define LIT_MAX    MDR_NEED_BYTES
#define COPIES     4                    /* of what is repeated, at most      */

/* bits of information in a character, in sixteenths, roughly; of a set, whole
 * ones */
#define BITS_RARE    160                /* Han                               */
#define BITS_COMMON  96                 /* one of `common`                   */
#define BITS_OTHER   112                /* kana and the like                 */
#define BITS_LEAST   4                  /* a set of no more says nothing     */

/* the Han characters that are in most Chinese texts, and those of numbers */
static const char  common[] =
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自"
    "以会家可下而过天去能对小多然于心学么之都好看起发当没成只如事把还用第样道想作种"
    "开二三四五六七八九十百千万";


/* each of a with each of b behind it; 0: too many or too long */

static int
product(mdr_regex_pool_t *pool, const mdr_regex_set_t *a,
    const mdr_regex_set_t *b, mdr_regex_set_t *out)
{
    size_t           n;
    uint32_t         i, k;
    mdr_regex_set_t  s;

    if (a->n * b->n > MDR_NEED_LITS) {
        return 0;
    }

    s.n = 0;

    for (i = 0; i < a->n; i++) {
        for (k = 0; k < b->n; k++) {
            n = (size_t) a->len[i] + b->len[k];

            if (n > LIT_MAX || pool->used + n > MDR_REGEX_POOL) {
                return 0;
            }

            memcpy(pool->data + pool->used, pool->data + a->at[i], a->len[i]);
            memcpy(pool->data + pool->used + a->len[i], pool->data + b->at[k],
                   b->len[k]);
            s.at[s.n] = (uint16_t) pool->used;
            s.len[s.n++] = (uint8_t) n;
            pool->used += n;
        }
    }

    *out = s;

    return 1;
}


static size_t
char_bytes(uint8_t c)
{
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}


static uint32_t
bits_of(const char *p, size_t n)
{
    size_t  i;

    if (n == 1) {
        return mdr_regex_is_digit(*p) ? 64
               : !mdr_regex_is_letter(*p) ? 64
               : strchr("etaoinsrhl", *p | 32) != NULL ? 56
               : strchr("dcumfpgwyb", *p | 32) != NULL ? 80 : 104;
    }

    if (n != 3 || (uint8_t) *p < 0xe4 || (uint8_t) *p > 0xe9) {
        return BITS_OTHER;
    }

    for (i = 0; i < sizeof(common) - 1; i += 3) {
        if (memcmp(common + i, p, 3) == 0) {
            return BITS_COMMON;
        }
    }

    return BITS_RARE;
}


static uint32_t
more(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}


/* r, and x behind it */

static void
append_row(mdr_regex_row_t *r, const mdr_regex_row_t *x)
{
    r->best = more(more(r->best, x->best), r->tail + x->head);
    r->head = r->all ? r->count + x->head : r->head;
    r->tail = x->all ? r->tail + x->count : x->tail;
    r->all = r->all && x->all;
    r->count += x->count;
    r->near_count = more(r->near_count, x->near_count);
    r->near_best = more(r->near_best, x->near_best);
}


/* r, `times` of it, and perhaps more */

static void
repeat_row(mdr_regex_row_t *r, uint32_t times)
{
    uint32_t  n;

    n = times < 64 ? times : 64;

    if (n == 0) {
        r->count = 0;
        r->head = 0;
        r->tail = 0;
        r->best = 0;
        r->near_count = 0;
        r->near_best = 0;
        return;
    }

    if (r->all) {
        r->count *= n;
        r->head = r->count;
        r->tail = r->count;
        r->best = r->count;
        return;
    }

    r->best = n > 1 ? more(r->best, r->tail + r->head) : r->best;
    r->count *= n;
}


static uint32_t
less(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}


/* r or x */

static void
join_row(mdr_regex_row_t *r, const mdr_regex_row_t *x)
{
    r->near_count = less(more(r->count, r->near_count),
                         more(x->count, x->near_count));
    r->near_best = less(more(r->best, r->near_best),
                        more(x->best, x->near_best));
    r->count = less(r->count, x->count);
    r->head = less(r->head, x->head);
    r->tail = less(r->tail, x->tail);
    r->best = less(r->best, x->best);
    r->all = r->all && x->all;
}


/* the smaller set says more */

static void
better_any(uint64_t *best, const uint64_t *x)
{
    int  n, m;

    n = __builtin_popcountll(best[0]) + __builtin_popcountll(best[1]);
    m = __builtin_popcountll(x[0]) + __builtin_popcountll(x[1]);

    if (m != 0 && (n == 0 || m < n)) {
        best[0] = x[0];
        best[1] = x[1];
    }
}


static void
join(mdr_regex_set_t *a, const mdr_regex_set_t *b)
{
    uint32_t  i;

    if (a->n == 0 || b->n == 0 || a->n + b->n > MDR_NEED_LITS) {
        a->n = 0;
        return;
    }

    for (i = 0; i < b->n; i++) {
        a->at[a->n] = b->at[i];
        a->len[a->n++] = b->len[i];
    }
}


/* 0: no set, or one with a string that nearly all texts have */

uint32_t
mdr_regex_part_quality(const mdr_regex_pool_t *pool, const mdr_regex_set_t *s)
{
    size_t       k, len;
    uint32_t     i, bits;
    uint64_t     all;
    const char  *p;

    if (s->n == 0) {
        return 0;
    }

    for (i = 0, all = 0; i < s->n; i++) {
        p = pool->data + s->at[i];

        for (k = 0, bits = 0; k < s->len[i]; k += len) {
            len = char_bytes((uint8_t) p[k]);
            bits += bits_of(p + k, len);
        }

        /* how many of 2^32 texts have it; rarer than rare is not better */

        all += (uint64_t) 1 << (32 - less(bits, 32 * 16 - 1) / 16);
    }

    for (bits = 33; all > 1; all >>= 1) {
        bits--;
    }

    return bits <= BITS_LEAST ? 0 : bits;
}


void
mdr_regex_part_better(const mdr_regex_pool_t *pool, mdr_regex_set_t *best,
    const mdr_regex_set_t *s)
{
    if (mdr_regex_part_quality(pool, s) > mdr_regex_part_quality(pool, best)) {
        *best = *s;
    }
}


static int
holds(const char *p, size_t n, const char *q, size_t m)
{
    size_t  i;

    for (i = 0; i + m <= n; i++) {
        if (memcmp(p + i, q, m) == 0) {
            return 1;
        }
    }

    return 0;
}


void
mdr_regex_part_prune(const mdr_regex_pool_t *pool, mdr_regex_set_t *s)
{
    uint32_t  i, k;

    for (i = 0; i < s->n; ) {
        for (k = 0; k < s->n; k++) {
            if (k != i && holds(pool->data + s->at[i], s->len[i],
                                pool->data + s->at[k], s->len[k]))
            {
                break;
            }
        }

        if (k == s->n) {
            i++;
            continue;
        }

        s->n--;
        memmove(&s->at[i], &s->at[i + 1], (s->n - i) * sizeof(s->at[0]));
        memmove(&s->len[i], &s->len[i + 1], s->n - i);
    }
}


void
mdr_regex_part_empty(mdr_regex_set_t *s)
{
    s->n = 1;
    s->at[0] = 0;
    s->len[0] = 0;
}


int
mdr_regex_part_string(mdr_regex_pool_t *pool, mdr_regex_set_t *s,
    const char *p, size_t n)
{
    if (s->n == MDR_NEED_LITS || pool->used + n > MDR_REGEX_POOL) {
        return 0;
    }

    memcpy(pool->data + pool->used, p, n);
    s->at[s->n] = (uint16_t) pool->used;
    s->len[s->n++] = (uint8_t) n;
    pool->used += n;

    return 1;
}


void
mdr_regex_part_clear(mdr_regex_part_t *p)
{
    memset(p, 0, sizeof(mdr_regex_part_t));
}


void
mdr_regex_part_nothing(mdr_regex_part_t *p)
{
    uint32_t  i;

    memset(p, 0, sizeof(mdr_regex_part_t));

    for (i = 0; i < MDR_ASCII_KINDS; i++) {
        p->rows[i].all = 1;
    }
}


/* one character, which is all of these kinds */

void
mdr_regex_part_kind(mdr_regex_part_t *p, unsigned kind)
{
    uint32_t  i, is;

    for (i = 0; i < MDR_ASCII_KINDS; i++) {
        is = kind >> i & 1;
        p->rows[i].count = is;
        p->rows[i].head = is;
        p->rows[i].tail = is;
        p->rows[i].best = is;
        p->rows[i].all = (int) is;
    }
}


void
mdr_regex_part_any(uint64_t *any, uint32_t c)
{
    c = c >= 0x7f ? MDR_ANY_MARK : c;
    c = c >= 'A' && c <= 'Z' ? c | 32 : c;
    any[c / 64] |= (uint64_t) 1 << (c % 64);
}


void
mdr_regex_part_range(uint64_t *any, uint32_t a, uint32_t b)
{
    for ( ; a <= b; a++) {
        mdr_regex_part_any(any, a);
    }
}


/* a mark beyond ASCII */

int
mdr_regex_part_is_mark(uint32_t c)
{
    return c >= 0x7f && (mdr_fold_mark(c) & ~MDR_GAP_SPACE) != 0;
}


/* Beyond U+FFFF emoji are marks (see match_ascii.c), and no others. */

static int
are_marks(uint32_t a, uint32_t b)
{
    if (a >= 0x1f200 && b <= 0x1faff) {
        return 1;
    }

    for ( ; a <= b; a++) {
        if (a > 0xffff || !mdr_regex_part_is_mark(a)) {
            return 0;
        }
    }

    return 1;
}


/* kinds of the characters a to b */

unsigned
mdr_regex_part_kind_of(uint32_t a, uint32_t b)
{
    if (a > 0x7f && b - a < 0x800 && are_marks(a, b)) {
        return MDR_REGEX_SIGN;
    }

    if (a >= 0x80 || b >= 0x80 || a <= ' ') {
        return 0;
    }

    if (mdr_regex_is_digit((int) a) && mdr_regex_is_digit((int) b)) {
        return MDR_REGEX_ASCII | MDR_REGEX_DIGIT;
    }

    if (mdr_regex_is_letter((int) a) && mdr_regex_is_letter((int) b)
        && (a >= 'a') == (b >= 'a'))
    {
        return MDR_REGEX_ASCII | MDR_REGEX_LETTER;
    }

    return a == b && !mdr_regex_is_digit((int) a)
           && !mdr_regex_is_letter((int) a)
           ? MDR_REGEX_ASCII | MDR_REGEX_SIGN : MDR_REGEX_ASCII;
}


/* the one character of the view that a character of the pattern is, or the
 * mark that it is several times; 0: it is more */

uint32_t
mdr_regex_part_view(const mdr_regex_pool_t *pool, const char *s, size_t n)
{
    size_t          len;
    mdr_fold_seq_t  f;

    if (n == 1) {
        return (uint8_t) *s;
    }

    mdr_fold_primary(mdr_utf8_next((const uint8_t *) s, n, &len),
                     pool->folds, &f);

    for (len = 1; len < f.n; len++) {
        if (f.cp[len] != f.cp[0] || mdr_fold_mark(f.cp[0]) == 0) {
            return 0;
        }
    }

    return f.cp[0];
}


/* One character as a part.  Marks stand in no literal: what a term has of
 * them makes every text with one of them slow. */

void
mdr_regex_part_char(mdr_regex_pool_t *pool, mdr_regex_part_t *p,
    const char *s, size_t n)
{
    uint32_t  c;
    unsigned  kind;

    mdr_regex_part_clear(p);
    c = mdr_regex_part_view(pool, s, n);

    if (c == 0) {
        return;
    }

    p->is_one = 1;

    kind = mdr_regex_part_kind_of(c, c);
    p->is_exact = mdr_fold_mark(c) == 0
                  && mdr_regex_part_string(pool, &p->exact, s, n);
    mdr_regex_part_kind(p, kind);

    if (c > ' ' && c < 0x80) {
        c = c >= 'A' && c <= 'Z' ? c | 32 : c;
        p->must[c / 64] |= (uint64_t) 1 << (c % 64);
    }

    if (kind != 0) {
        mdr_regex_part_any(p->any, c);
    }
}


/* cur, or cur and one of e behind it: 0: too many */

static int
with_or_without(mdr_regex_pool_t *pool, mdr_regex_set_t *cur,
    const mdr_regex_set_t *e)
{
    mdr_regex_set_t  s;

    if (cur->n * (1 + e->n) > MDR_NEED_LITS || !product(pool, cur, e, &s)) {
        return 0;
    }

    join(cur, &s);

    return 1;
}


/* cur, and e `times` behind it; 0: it did not fit, and cur is what follows
 * something unknown */

static int
append_copies(mdr_regex_pool_t *pool, mdr_regex_set_t *best,
    mdr_regex_set_t *cur, const mdr_regex_set_t *e, uint32_t times)
{
    int       fits;
    uint32_t  i;

    for (i = 0, fits = 1; i < times; i++) {
        if (!product(pool, cur, e, cur)) {
            mdr_regex_part_better(pool, best, cur);
            *cur = *e;
            fits = 0;
        }
    }

    return fits;
}


/* e, min to max times, behind what out and cur know */

void
mdr_regex_part_append(mdr_regex_pool_t *pool, mdr_regex_part_t *out,
    mdr_regex_set_t *cur, const mdr_regex_part_t *e, uint32_t min,
    uint32_t max)
{
    uint32_t         i;
    mdr_regex_row_t  row;

    for (i = 0; i < MDR_ASCII_KINDS; i++) {
        row = e->rows[i];
        repeat_row(&row, min);
        append_row(&out->rows[i], &row);
    }

    if (min == 0) {
        if (max == 1 && e->is_exact
            && with_or_without(pool, cur, &e->exact))
        {
            return;
        }

        mdr_regex_part_better(pool, &out->best, cur);
        mdr_regex_part_empty(cur);
        out->is_exact = 0;
        return;
    }

    better_any(out->any, e->any);
    out->must[0] |= e->must[0];
    out->must[1] |= e->must[1];
    out->same = more(out->same, e->same);
    mdr_regex_part_better(pool, &out->best, &e->best);

    if (!e->is_exact) {
        mdr_regex_part_better(pool, &out->best, cur);
        mdr_regex_part_empty(cur);
        out->is_exact = 0;
        return;
    }

    if (!append_copies(pool, &out->best, cur, &e->exact, less(min, COPIES))) {
        out->is_exact = 0;
    }

    if (max != min || min > COPIES) {

        /* its last one stands before what follows */

        mdr_regex_part_better(pool, &out->best, cur);
        *cur = e->exact;
        out->is_exact = 0;
    }
}


void
mdr_regex_part_look(const mdr_regex_pool_t *pool, mdr_regex_part_t *out,
    const mdr_regex_part_t *e)
{
    uint32_t          i;
    mdr_regex_row_t  *r;

    for (i = 0; i < MDR_ASCII_KINDS; i++) {
        r = &out->rows[i];
        r->near_count = more(r->near_count, more(e->rows[i].count,
                                                 e->rows[i].near_count));
        r->near_best = more(r->near_best, more(e->rows[i].best,
                                               e->rows[i].near_best));
    }

    better_any(out->any, e->any);
    out->must[0] |= e->must[0];
    out->must[1] |= e->must[1];
    out->same = more(out->same, e->same);
    mdr_regex_part_better(pool, &out->best, &e->best);

    if (e->is_exact) {
        mdr_regex_part_better(pool, &out->best, &e->exact);
    }
}


/* out or w */

void
mdr_regex_part_join(mdr_regex_part_t *out, const mdr_regex_part_t *w)
{
    int       known;
    uint32_t  k;

    out->is_exact = out->is_exact && w->is_exact
                    && out->exact.n + w->exact.n <= MDR_NEED_LITS;
    if (out->is_exact) {
        join(&out->exact, &w->exact);
    }
    join(&out->best, &w->best);
    for (k = 0; k < MDR_ASCII_KINDS; k++) {
        join_row(&out->rows[k], &w->rows[k]);
    }

    known = (out->any[0] | out->any[1]) != 0
            && (w->any[0] | w->any[1]) != 0;
    out->any[0] = known ? out->any[0] | w->any[0] : 0;
    out->any[1] = known ? out->any[1] | w->any[1] : 0;
    out->must[0] &= w->must[0];
    out->must[1] &= w->must[1];
    out->is_one = out->is_one && w->is_one;
    out->same = less(out->same, w->same);
}
