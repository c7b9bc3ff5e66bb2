/*
 * match_row.c - the texts of a batch as one row of classes.
 *
 * Texts are short (a name, a tag), so they are put together first and read
 * 64 bytes at a time as one: where characters begin is a bit each, their code
 * points are worked out for all places at once, and only then one after the
 * other is looked up.  Between two texts stands U+D800, which is in no text
 * and in no term.  Characters beyond U+FFFF are read one by one.
 */

#include "match_work.h"
#include "base/utf8.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAVE_WIDE  1
#endif


#define BLOCK      64
#define SEPARATOR  "\xed\xa0\x80"
#define SEP        3
#define AHEAD      24

typedef struct {
    const mdr_matcher_t  *m;
    const uint8_t        *p;            /* BLOCK readable bytes behind it    */
    size_t                n;
    uint16_t             *cls;
    uint32_t             *pos;
    size_t                k;            /* classes so far                    */
    uint32_t              special;
} row_t;


/* one class behind the others, unless it is skipped */

static inline __attribute__((always_inline)) void
put(row_t *r, uint32_t cl, uint32_t at, int repeat)
{
    size_t  k;

    k = r->k;
    r->cls[k] = (uint16_t) cl;
    r->pos[k] = at;
    r->special |= cl == MDR_CL_SPECIAL;

    if (repeat) {
        r->k = k + (cl != MDR_CL_SKIP
                    && !(cl == r->cls[k - 1] && cl != MDR_CL_NONE));
    } else {
        r->k = k + (cl != MDR_CL_SKIP);
    }
}


static inline __attribute__((always_inline)) void
one_by_one(row_t *r, size_t from, size_t to, int repeat)
{
    size_t  i;

    for (i = from; i < to; i++) {
        if ((r->p[i] & 0xc0) != 0x80) {
            put(r, mdr_class_of(r->m, mdr_utf8_good(r->p + i)), (uint32_t) i,
                repeat);
        }
    }
}


#if (HAVE_WIDE)

#define WIDE  __attribute__((target("avx2,bmi")))

/* code points of 16 places, right where one begins below U+10000 */

WIDE static inline __m256i
code_points(const uint8_t *p)
{
    __m256i  a, b, c, low, two, three;

    a = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)
                                             (const void *) p));
    b = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)
                                             (const void *) (p + 1)));
    c = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)
                                             (const void *) (p + 2)));
    low = _mm256_set1_epi16(63);
    b = _mm256_and_si256(b, low);
    c = _mm256_and_si256(c, low);

    two = _mm256_or_si256(
              _mm256_slli_epi16(_mm256_and_si256(a, _mm256_set1_epi16(31)),
                                6), b);
    three = _mm256_or_si256(_mm256_slli_epi16(a, 12),
                            _mm256_or_si256(_mm256_slli_epi16(b, 6), c));

    two = _mm256_blendv_epi8(a, two, _mm256_cmpgt_epi16(a,
                                         _mm256_set1_epi16(0x7f)));

    return _mm256_blendv_epi8(two, three, _mm256_cmpgt_epi16(a,
                                              _mm256_set1_epi16(0xdf)));
}


WIDE static inline __attribute__((always_inline)) void
wide(row_t *r, int repeat)
{
    size_t           i, j, k;
    uint16_t         cp[BLOCK], cl, last, *cls;
    uint32_t         special, *pos, at;
    uint64_t         begin;
    __m256i          a, b;
    const uint8_t   *p;
    const uint16_t  *bmp;

    bmp = r->m->bmp;
    cls = r->cls;
    pos = r->pos;
    special = 0;

    for (i = 0; i < r->n; i += BLOCK) {
        p = r->p + i;
        a = _mm256_loadu_si256((const __m256i *) (const void *) p);
        b = _mm256_loadu_si256((const __m256i *) (const void *) p + 1);

        begin = (uint64_t) (uint32_t) _mm256_movemask_epi8(
                    _mm256_cmpgt_epi8(b, _mm256_set1_epi8(-65))) << 32
                | (uint32_t) _mm256_movemask_epi8(
                    _mm256_cmpgt_epi8(a, _mm256_set1_epi8(-65)));

        if (r->n - i < BLOCK) {
            begin &= ((uint64_t) 1 << (r->n - i)) - 1;
        }

        /* F0 and up */

        a = _mm256_max_epu8(a, b);

        if (_mm256_movemask_epi8(_mm256_cmpeq_epi8(
                _mm256_max_epu8(a, _mm256_set1_epi8((char) 0xf0)), a)) != 0)
        {
            r->special |= special;
            one_by_one(r, i, r->n - i < BLOCK ? r->n : i + BLOCK, repeat);
            continue;
        }

        for (j = 0; j < BLOCK; j += 16) {
            _mm256_storeu_si256((__m256i *) (void *) (cp + j),
                                code_points(p + j));
        }

        k = r->k;
        last = cls[k - 1];

        while (begin != 0) {
            at = (uint32_t) __builtin_ctzll(begin);
            begin &= begin - 1;
            cl = bmp[cp[at]];
            cls[k] = cl;
            pos[k] = (uint32_t) i + at;
            special |= cl == MDR_CL_SPECIAL;

            if (repeat) {
                k += (unsigned) (cl != MDR_CL_SKIP)
                     & ((unsigned) (cl != last)
                        | (unsigned) (cl == MDR_CL_NONE));
                last = cl != MDR_CL_SKIP ? cl : last;
            } else {
                k += cl != MDR_CL_SKIP;
            }
        }

        r->k = k;
    }

    r->special |= special;
}


WIDE static void
wide_row(row_t *r, int repeat)
{
    if (repeat) {
        wide(r, 1);
    } else {
        wide(r, 0);
    }
}

#endif


int
mdr_match_row_reserve(const mdr_alloc_t *alloc, mdr_row_t *r, size_t n)
{
    n += BLOCK;

    return MDR_GROW(alloc, r->cls, n) == MDR_OK
           && MDR_GROW(alloc, r->pos, n) == MDR_OK
           && MDR_GROW(alloc, r->survivors, n) == MDR_OK ? MDR_OK : MDR_ERROR;
}


void
mdr_match_row_end(mdr_row_t *r, size_t n, uint32_t pos)
{
    size_t  i;

    r->n = n;

    /* the filter looks up to 16 classes ahead */

    for (i = n; i < n + AHEAD; i++) {
        r->cls[i] = MDR_CL_NONE;
        r->pos[i] = pos;
    }
}


static int
reserve(mdr_match_work_t *w, size_t bytes, size_t n)
{
    return MDR_GROW(w->alloc, w->bytes, bytes + 2 * BLOCK) == MDR_OK
           && mdr_match_row_reserve(w->alloc, &w->row, bytes) == MDR_OK
           && MDR_GROW(w->alloc, w->start, n + 1) == MDR_OK
           && MDR_GROW(w->alloc, w->special, n + 1) == MDR_OK
           ? MDR_OK : MDR_ERROR;
}


/* are brackets special for what may stand in them only, and in no term? */

static int
is_bracket_plain(const mdr_matcher_t *m)
{
    size_t  i;

    if ((m->h.folds & MDR_FOLD_GLOSS) == 0) {
        return 0;
    }

    for (i = 0; i < m->h.nodd; i++) {
        if (mdr_gloss_close(m->odd[i].cp) != 0) {
            return 0;
        }
    }

    return 1;
}


/* Is the special character at `at` a bracket that holds no reading?  Readings
 * stand behind Han characters, never behind ASCII letters. */

static int
is_mark_only(const mdr_matcher_t *m, const uint8_t *p, size_t at, size_t from,
    size_t to)
{
    size_t    i, len;
    uint32_t  cp;

    cp = mdr_utf8_next(p + at, to - at, &len);

    if (len == 0 || mdr_gloss_close(cp) == 0
        || (cp == '(' && (m->h.folds & MDR_FOLD_LEET)))
    {
        return 0;
    }

    for (i = at; i > from && p[i - 1] == ' '; i--) {
        /* void */
    }

    return i == from || (p[i - 1] >= '0' && p[i - 1] <= '9')
           || ((p[i - 1] | 32) >= 'a' && (p[i - 1] | 32) <= 'z')
           || !mdr_gloss_may_begin(p + at + len, to - at - len);
}


/* the first special class of [i, n), or n */

static size_t
next_special(const uint16_t *cls, size_t i, size_t n)
{
#if defined(__SSE2__)

    int      m;
    __m128i  v, w;

    w = _mm_set1_epi16((short) MDR_CL_SPECIAL);

    for ( ; n - i >= 8; i += 8) {
        v = _mm_loadu_si128((const __m128i *) (const void *) (cls + i));
        m = _mm_movemask_epi8(_mm_cmpeq_epi16(v, w));

        if (m != 0) {
            return i + (size_t) __builtin_ctz((unsigned) m) / 2;
        }
    }

#endif

    while (i < n && cls[i] != MDR_CL_SPECIAL) {
        i++;
    }

    return i;
}


/* Brackets that hold no reading, which nearly all do not, are the marks that
 * they look like: their texts need no trace.  Returns the classes
 * that are left in the row. */

static size_t
drop_marks(const mdr_matcher_t *m, mdr_match_work_t *w, size_t nsubjects,
    size_t n)
{
    int        skip;
    size_t     i, k, s, at, end, len, from;
    uint16_t  *cls;
    uint32_t   cp, *pos;

    cls = w->row.cls;
    pos = w->row.pos;
    k = next_special(cls, 1, n);

    for (i = k, s = 0; i < n; i++) {

        /* what is between them moves on */

        from = i;
        i = next_special(cls, i, n);

        if (m->h.repeat) {
            for ( ; from < i; from++) {
                if (cls[from] == MDR_CL_NONE || cls[from] != cls[k - 1]) {
                    pos[k] = pos[from];
                    cls[k++] = cls[from];
                }
            }

        } else if (from < i) {
            memmove(pos + k, pos + from, (i - from) * sizeof(pos[0]));
            memmove(cls + k, cls + from, (i - from) * sizeof(cls[0]));
            k += i - from;
        }

        if (i == n) {
            break;
        }

        while (s + 1 < nsubjects && w->start[s + 1] <= pos[i]) {
            s++;
        }

        /* a run of special characters may be one class */

        end = i + 1 < n ? pos[i + 1] : w->start[s + 1] - SEP;
        end = end < w->start[s + 1] - SEP ? end : w->start[s + 1] - SEP;
        skip = 1;

        for (at = pos[i]; at < end; at += len) {
            cp = mdr_utf8_next(w->bytes + at, w->start[s + 1] - at, &len);

            if (len == 0 || (mdr_class_of(m, cp) == MDR_CL_SPECIAL
                             && !is_mark_only(m, w->bytes, at, w->start[s],
                                              w->start[s + 1] - SEP)))
            {
                break;
            }

            skip &= (mdr_fold_mark(cp) & m->h.gaps) != 0
                    || mdr_class_of(m, cp) == MDR_CL_SKIP;
        }

        if (at < end) {
            pos[k] = pos[i];
            cls[k++] = MDR_CL_SPECIAL;

        } else if (!skip) {
            pos[k] = pos[i];
            cls[k++] = MDR_CL_NONE;
        }
    }

    return k;
}


/* texts with a special character are not in the row; was there one? */

static int
take_out_special(mdr_match_work_t *w, size_t nsubjects)
{
    int              taken;
    size_t           i, k, s, n;
    uint16_t        *cls;
    const uint32_t  *pos;

    s = 0;
    taken = 0;
    n = w->row.n;
    cls = w->row.cls;
    pos = w->row.pos;

    for (i = next_special(cls, 1, n); i < n; i = next_special(cls, i, n)) {

        while (s + 1 < nsubjects && w->start[s + 1] <= pos[i]) {
            s++;
        }

        w->special[s] = 1;
        taken = 1;

        for (k = i; k > 0 && pos[k] >= w->start[s]; k--) {
            cls[k] = MDR_CL_NONE;
        }

        for (k = i; k < n && pos[k] < w->start[s + 1]; k++) {
            cls[k] = MDR_CL_NONE;
        }

        i = k;
    }

    return taken;
}


int
mdr_match_row(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, size_t nsubjects, int *special)
{
    size_t    i, len;
    row_t     r;
    uint8_t  *p;

    for (i = 0, len = 0; i < nsubjects; i++) {
        len += subjects[i].len + SEP;
    }

    if (len > UINT32_MAX / 2 || reserve(w, len, nsubjects) != MDR_OK) {
        return MDR_ERROR;
    }

    p = w->bytes;

    for (i = 0; i < nsubjects; i++) {
        w->start[i] = (uint32_t) (p - w->bytes);
        memcpy(p, subjects[i].data, subjects[i].len);
        p += subjects[i].len;
        memcpy(p, SEPARATOR, SEP);
        p += SEP;
    }

    w->start[nsubjects] = (uint32_t) len;
    memset(p, 0, 2 * BLOCK);
    memset(w->special, 0, nsubjects);

    w->row.cls[0] = MDR_CL_NONE;
    w->row.pos[0] = 0;

    r.m = m;
    r.p = w->bytes;
    r.n = len;
    r.cls = w->row.cls;
    r.pos = w->row.pos;
    r.k = 1;
    r.special = 0;

#if (HAVE_WIDE)
    if (m->wide) {
        wide_row(&r, m->h.repeat != 0);
    } else
#endif
    if (m->h.repeat) {
        one_by_one(&r, 0, r.n, 1);
    } else {
        one_by_one(&r, 0, r.n, 0);
    }

    if (MDR_USE_BRACKETS && r.special && is_bracket_plain(m)) {
        r.k = drop_marks(m, w, nsubjects, r.k);
    }

    mdr_match_row_end(&w->row, r.k, (uint32_t) len);
    *special = r.special ? take_out_special(w, nsubjects) : 0;

    return MDR_OK;
}
