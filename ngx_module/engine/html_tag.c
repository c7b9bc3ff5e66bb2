/*
 * html_tag.c - one tag: its name, its attributes, its end (WHATWG HTML,
 * sections 13.2.5.6 to 13.2.5.40).
 *
 * A tag that is there as a whole is read in one go, with its attributes noted
 * as offsets; nothing of it is decoded here.  The search for what ends a name
 * or a value looks at 16 bytes at a time where the machine can (SSE2 is part
 * of every x86-64), at one otherwise.  A tag that comes in pieces is not read
 * before its end is there; mdr_html_tag_end finds that without looking at a
 * byte twice.
 */

#include "html.h"

#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif


#define C_SPACE  1
#define C_SLASH  2
#define C_GT     4
#define C_EQUAL  8

enum { R_MORE = -1 };

/* "class", packed */
#define CLASS_KEY  0x7373616c63ULL

/* what a byte means inside a tag */

static const uint8_t  class_of[256] = {
    ['\t'] = C_SPACE, ['\n'] = C_SPACE, ['\f'] = C_SPACE, ['\r'] = C_SPACE,
    [' '] = C_SPACE, ['/'] = C_SLASH, ['>'] = C_GT, ['='] = C_EQUAL
};


/* 0 is MDR_HTML_TAG's beginning; the states of 13.2.5 that matter for ">" */

enum { A_NAME, A_BEFORE, A_ATTR, A_AFTER, A_VALUE, A_DOUBLE, A_SINGLE,
       A_PLAIN };


/* first byte of [p, end) that ends a name, or end; equal: "=" does */

static inline const uint8_t *
name_end(const uint8_t *p, const uint8_t *end, int equal)
{
    uint8_t  stop;

#if defined(__SSE2__)

    int      m;
    __m128i  v, hit;

    while (end - p >= 16) {
        v = _mm_loadu_si128((const __m128i *) (const void *) p);

        hit = _mm_or_si128(
                  _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(' ')), v),
                  _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('/')),
                               _mm_cmpeq_epi8(v, _mm_set1_epi8('>'))));
        if (equal) {
            hit = _mm_or_si128(hit, _mm_cmpeq_epi8(v, _mm_set1_epi8('=')));
        }

        m = _mm_movemask_epi8(hit);

        if (m == 0) {
            p += 16;
            continue;
        }

        p += __builtin_ctz((unsigned) m);

        if (class_of[*p] != 0) {
            return p;
        }

        p++;                            /* a control character, no space     */
    }

#endif

    stop = C_SPACE|C_SLASH|C_GT;
    stop = equal ? stop | C_EQUAL : stop;

    while (p < end && !(class_of[*p] & stop)) {
        p++;
    }

    return p;
}


static inline const uint8_t *
find(const uint8_t *p, const uint8_t *end, uint8_t c)
{
#if defined(__SSE2__)

    int      m;
    __m128i  v;

    while (end - p >= 16) {
        v = _mm_loadu_si128((const __m128i *) (const void *) p);
        m = _mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8((char) c)));

        if (m != 0) {
            return p + __builtin_ctz((unsigned) m);
        }

        p += 16;
    }

#endif

    while (p < end && *p != c) {
        p++;
    }

    return p;
}


static inline uint64_t
lower8(uint64_t v)
{
    uint64_t  low, up;

    low = v & 0x7f7f7f7f7f7f7f7fULL;
    up = (low + 0x3f3f3f3f3f3f3f3fULL) ^ (low + 0x2525252525252525ULL);
    up &= ~v & 0x8080808080808080ULL;

    return v | up >> 2;
}


mdr_name_t
mdr_html_name(const uint8_t *p, size_t n)
{
    size_t      i;
    uint8_t     c;
    mdr_name_t  v;

    v = 0;

    if (n <= 8) {
        for (i = 0; i < n; i++) {
            v |= (mdr_name_t) p[i] << (8 * i);
        }

        v = lower8(v);

        if (!(v & MDR_NAME_LONG)) {
            return v;
        }
    }

    v = 0xcbf29ce484222325ULL;

    for (i = 0; i < n; i++) {
        c = p[i];
        c = c >= 'A' && c <= 'Z' ? (uint8_t) (c | 32) : c;
        v = (v ^ c) * 0x100000001b3ULL;
    }

    return v | MDR_NAME_LONG;
}


static inline mdr_name_t
short_name(const uint8_t *p, size_t n, const uint8_t *end)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__

    uint64_t  v;

    if (n <= 8 && end - p >= 8) {
        memcpy(&v, p, 8);
        v = lower8(v & (~(uint64_t) 0 >> (64 - 8 * n)));

        if (!(v & MDR_NAME_LONG)) {
            return v;
        }
    }

#else
    (void) end;
#endif

    return mdr_html_name(p, n);
}


/*
 * Attributes, the exact way: the one at or behind *q into a.  1: there was
 * one; 0: the ">" was found, *q is behind it and *slash says whether "/" was
 * before it; R_MORE: neither, up to end.
 */

static int
next_attr(const uint8_t *p, const uint8_t **q, const uint8_t *end,
    mdr_attr_t *a, int *slash)
{
    uint8_t         c;
    const uint8_t  *s, *at;

    at = *q;
    *slash = 0;

    for ( ;; ) {
        if (at == end) {
            return R_MORE;
        }

        c = class_of[*at];

        if (!(c & (C_SPACE|C_SLASH))) {
            break;
        }

        *slash = c & C_SLASH;
        at++;
    }

    if (c & C_GT) {
        *q = at + 1;
        return 0;
    }

    a->name = (uint32_t) (at - p);
    s = at;
    at = name_end(at + 1, end, 1);      /* "=" may be its first byte         */
    a->name_end = (uint32_t) (at - p);
    a->key = short_name(s, (size_t) (at - s), end);
    a->value = a->name_end;
    a->value_end = a->name_end;

    while (at < end && (class_of[*at] & C_SPACE)) {
        at++;
    }

    if (at == end) {
        return R_MORE;
    }

    if (*at == '=') {

        do {
            at++;
            if (at == end) {
                return R_MORE;
            }
        } while (class_of[*at] & C_SPACE);

        if (*at == '"' || *at == '\'') {
            s = at + 1;
            at = find(s, end, *at);

            if (at == end) {
                return R_MORE;
            }

            a->value = (uint32_t) (s - p);
            a->value_end = (uint32_t) (at - p);
            at++;

        } else {
            s = at;

            while (at < end && !(class_of[*at] & (C_SPACE|C_GT))) {
                at++;
            }

            if (at == end) {
                return R_MORE;
            }

            a->value = (uint32_t) (s - p);
            a->value_end = (uint32_t) (at - p);
        }
    }

    *q = at;

    return 1;
}


#if defined(__SSE2__)

/*
 * A tag as most are written: every value in double quotes, the quote right
 * behind the "=", the "=" right behind the name.  64 bytes at a time, a bit
 * each; a tag that is written otherwise is read the exact way.
 */

typedef struct {
    uint64_t  quote, gt, is;            /* " > =                             */
    uint64_t  blank;                    /* up to U+0020, and "/"             */
} block_t;

typedef struct {                        /* of the byte before the block      */
    uint64_t  inside;                   /* 1: in quotes                      */
    uint64_t  equal;                    /* 1: it was "="                     */
    uint64_t  is, blank;                /* 1: it was that, outside           */
} before_t;

enum { B_MORE = 64, B_OTHER = 65 };

#define BLOCK  64


/*
 * A quote behind "=" opens a value, any other closes one.  Where the two take
 * turns, the closing ones less the opening ones, as numbers, are the bytes
 * from each opening quote up to its closing one; where they do not, a bit
 * stands wrong at the first that is out of turn.
 */

static inline __attribute__((always_inline)) int
block_end(const block_t *b, before_t *w)
{
    uint64_t  inside, open, close, gt, is, blank, below, wrong;

    open = b->quote & (b->is << 1 | w->equal);
    close = b->quote ^ open;
    inside = close - open - w->inside;
    wrong = (open & ~inside) | (close & inside);

    gt = b->gt & ~inside;
    is = b->is & ~inside;
    blank = (b->blank & ~inside) | close;
    wrong |= (is << 1 | w->is) & ~open;
    wrong |= (blank << 1 | w->blank) & is;
    below = gt ^ (gt - 1);              /* up to the ">", or all             */

    if (wrong & below) {
        return B_OTHER;
    }

    if (gt != 0) {
        return __builtin_ctzll(gt);
    }

    w->inside = inside >> 63;
    w->equal = b->is >> 63;
    w->is = is >> 63;
    w->blank = blank >> 63;

    return B_MORE;
}


static inline uint64_t
equal16(const __m128i v[4], char c)
{
    int      i;
    __m128i  w;
    uint64_t  m;

    w = _mm_set1_epi8(c);

    for (i = 3, m = 0; i >= 0; i--) {
        m = m << 16
            | (uint16_t) _mm_movemask_epi8(_mm_cmpeq_epi8(v[i], w));
    }

    return m;
}


/* the name of the tag, from its first block; 0: not told by it */

static inline __attribute__((always_inline)) int
block_name(mdr_tag_t *t, const uint8_t *p, const block_t *b)
{
    uint32_t  from, to;
    uint64_t  stop, v;

    from = 1 + (uint32_t) t->end;
    stop = (b->blank | b->gt) >> from << from;

    if (stop == 0) {
        return 0;
    }

    to = (uint32_t) __builtin_ctzll(stop);

    /* a control character that is no space, a name with '="' in it */

    if (class_of[p[to]] == 0 || (b->is & (stop ^ (stop - 1))) != 0) {
        return 0;
    }

    t->next = to;
    to -= from;
    t->name_len = to;

    if (to > 8) {
        t->name = mdr_html_name(p + from, to);
        return 1;
    }

    memcpy(&v, p + from, 8);
    v = lower8(v & (~(uint64_t) 0 >> (64 - 8 * to)));

    t->name = v & MDR_NAME_LONG ? mdr_html_name(p + from, to) : v;

    return 1;
}


/* "/" of "</" is no blank, and what follows is a letter */

static inline __attribute__((always_inline)) const uint8_t *
simple_tag(mdr_tag_t *t, const uint8_t *p, const uint8_t *q,
    const block_t *b, before_t *w)
{
    int  k;

    if (q == p && !block_name(t, p, b)) {
        w->inside = B_OTHER;
        return q;
    }

    k = block_end(b, w);

    if (k == B_MORE) {
        return NULL;
    }

    if (k == B_OTHER) {
        w->inside = B_OTHER;
        return q;
    }

    q += k + 1;
    t->len = (uint32_t) (q - p);
    t->self_closing = q[-2] == '/' && t->next < t->len - 1;

    return q;
}


static const uint8_t *
simple(mdr_tag_t *t, const uint8_t *p, const uint8_t *end)
{
    int             i;
    block_t         b;
    before_t        w;
    __m128i         v[4], space;
    const uint8_t  *q, *r;

    memset(&w, 0, sizeof(w));
    space = _mm_set1_epi8(' ');

    for (q = p; end - q >= BLOCK; q += BLOCK) {

        for (i = 0; i < 4; i++) {
            v[i] = _mm_loadu_si128((const __m128i *) (const void *) q + i);
        }

        b.quote = equal16(v, '"');
        b.gt = equal16(v, '>');
        b.is = equal16(v, '=');
        b.blank = equal16(v, '/');

        for (i = 0; i < 4; i++) {
            v[i] = _mm_cmpeq_epi8(_mm_min_epu8(v[i], space), v[i]);
            b.blank |= (uint64_t) (uint16_t) _mm_movemask_epi8(v[i])
                       << (16 * i);
        }

        r = simple_tag(t, p, q, &b, &w);

        if (r != NULL) {
            return w.inside == B_OTHER ? NULL : r;
        }
    }

    return NULL;
}


#define WIDE  __attribute__((target("avx2,bmi")))

WIDE static inline uint64_t
equal32(__m256i a, __m256i b, char c)
{
    __m256i  w;

    w = _mm256_set1_epi8(c);

    return (uint64_t) (uint32_t) _mm256_movemask_epi8(
                                     _mm256_cmpeq_epi8(b, w)) << 32
           | (uint32_t) _mm256_movemask_epi8(_mm256_cmpeq_epi8(a, w));
}


WIDE static const uint8_t *
simple_wide(mdr_tag_t *t, const uint8_t *p, const uint8_t *end)
{
    block_t         b;
    before_t        w;
    __m256i         lo, hi, space;
    const uint8_t  *q, *r;

    memset(&w, 0, sizeof(w));
    space = _mm256_set1_epi8(' ');

    for (q = p; end - q >= BLOCK; q += BLOCK) {
        lo = _mm256_loadu_si256((const __m256i *) (const void *) q);
        hi = _mm256_loadu_si256((const __m256i *) (const void *) q + 1);

        b.quote = equal32(lo, hi, '"');
        b.gt = equal32(lo, hi, '>');
        b.is = equal32(lo, hi, '=');
        b.blank = equal32(lo, hi, '/');

        lo = _mm256_cmpeq_epi8(_mm256_min_epu8(lo, space), lo);
        hi = _mm256_cmpeq_epi8(_mm256_min_epu8(hi, space), hi);
        b.blank |= (uint64_t) (uint32_t) _mm256_movemask_epi8(hi) << 32
                   | (uint32_t) _mm256_movemask_epi8(lo);

        r = simple_tag(t, p, q, &b, &w);

        if (r != NULL) {
            return w.inside == B_OTHER ? NULL : r;
        }
    }

    return NULL;
}

/* all 64 at once */

#define WIDEST  __attribute__((target("avx512bw,bmi")))

WIDEST static const uint8_t *
simple_widest(mdr_tag_t *t, const uint8_t *p, const uint8_t *end)
{
    __m512i         v;
    block_t         b;
    before_t        w;
    const uint8_t  *q, *r;

    memset(&w, 0, sizeof(w));

    for (q = p; end - q >= BLOCK; q += BLOCK) {
        v = _mm512_loadu_si512((const void *) q);

        b.quote = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
        b.gt = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('>'));
        b.is = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('='));
        b.blank = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('/'))
                  | _mm512_cmple_epu8_mask(v, _mm512_set1_epi8(' '));

        r = simple_tag(t, p, q, &b, &w);

        if (r != NULL) {
            return w.inside == B_OTHER ? NULL : r;
        }
    }

    return NULL;
}

#endif


int
mdr_html_tag_wide(void)
{
#if defined(__SSE2__)
    if (!__builtin_cpu_supports("bmi")) {
        return 0;
    }

    return __builtin_cpu_supports("avx512bw") ? 2
           : __builtin_cpu_supports("avx2") ? 1 : 0;
#else
    return 0;
#endif
}


const uint8_t *
mdr_html_tag(mdr_tag_t *t, const uint8_t *p, const uint8_t *end)
{
    int             rc, slash;
    mdr_attr_t     *a, spare;
    const uint8_t  *s, *q;

    t->p = p;
    t->nattrs = 0;
    t->self_closing = 0;
    t->end = p[1] == '/';

#if defined(__SSE2__)

    q = t->wide == 2 ? simple_widest(t, p, end)
        : t->wide ? simple_wide(t, p, end) : simple(t, p, end);

    if (q != NULL) {
        return q;
    }

#endif

    s = p + 1 + t->end;
    q = name_end(s, end, 0);
    t->name_len = (uint32_t) (q - s);
    t->name = short_name(s, t->name_len, end);
    t->next = (uint32_t) (q - p);

    do {
        a = t->nattrs < MDR_ATTRS ? &t->attrs[t->nattrs] : &spare;
        rc = next_attr(p, &q, end, a, &slash);
        t->nattrs += rc == 1 && t->nattrs < MDR_ATTRS;
    } while (rc == 1);

    t->len = (uint32_t) (end - p);
    t->next = t->len;

    if (rc == R_MORE) {
        return NULL;
    }

    t->self_closing = slash != 0;

    return q;
}


/* one more attribute of a tag; 0: there is none */

static int
more(mdr_tag_t *t)
{
    int             slash;
    mdr_attr_t     *a;
    const uint8_t  *q, *s, *end;

    if (t->next + 1 >= t->len || t->nattrs == MDR_ATTRS) {
        return 0;                       /* but for its ">"                  */
    }

    q = t->p + t->next;

    /* the first attribute of most tags */

    if (t->len - t->next > 9 && memcmp(q, " class=\"", 8) == 0) {
        a = &t->attrs[t->nattrs];
        end = t->p + t->len;
        s = find(q + 8, end, '"');

        if (s != end) {
            a->name = t->next + 1;
            a->name_end = t->next + 6;
            a->value = t->next + 8;
            a->value_end = (uint32_t) (s - t->p);
            a->key = CLASS_KEY;
            t->next = a->value_end + 1;
            t->nattrs++;
            return 1;
        }
    }

    if (next_attr(t->p, &q, t->p + t->len, &t->attrs[t->nattrs], &slash)
        != 1)
    {
        t->next = t->len;
        return 0;
    }

    t->next = (uint32_t) (q - t->p);
    t->nattrs++;

    return 1;
}


void
mdr_html_attrs(mdr_tag_t *t)
{
    while (more(t)) { /* void */ }
}


size_t
mdr_html_tag_end(uint8_t *at, const uint8_t *p, size_t n)
{
    int             state;
    uint8_t         c;
    const uint8_t  *q, *end;

    state = *at;
    end = p + n;

    /* a name begins behind "<" or "</" */

    for (q = p; q < end; ) {
        c = class_of[*q];

        switch (state) {

        case A_NAME:
            q = name_end(q, end, 0);
            if (q < end) {
                state = A_BEFORE;
            }
            continue;

        case A_BEFORE:
            if (c & C_GT) {
                goto found;
            }
            if (!(c & (C_SPACE|C_SLASH))) {
                state = A_ATTR;
            }
            break;

        case A_ATTR:
            q = name_end(q, end, 1);
            if (q < end) {
                state = A_AFTER;
            }
            continue;

        case A_AFTER:
            if (c & C_GT) {
                goto found;
            }
            state = c & C_EQUAL ? A_VALUE : c & C_SPACE ? A_AFTER
                    : c & C_SLASH ? A_BEFORE : A_ATTR;
            break;

        case A_VALUE:
            if (c & C_GT) {
                goto found;
            }
            state = *q == '"' ? A_DOUBLE : *q == '\'' ? A_SINGLE
                    : c & C_SPACE ? A_VALUE : A_PLAIN;
            break;

        case A_DOUBLE:
        case A_SINGLE:
            q = find(q, end, state == A_DOUBLE ? '"' : '\'');
            if (q == end) {
                continue;
            }
            state = A_BEFORE;
            break;

        default:                        /* A_PLAIN                           */
            if (c & C_GT) {
                goto found;
            }
            if (c & C_SPACE) {
                state = A_BEFORE;
            }
        }

        q++;
    }

    *at = (uint8_t) state;

    return n;

found:

    *at = (uint8_t) state;

    return (size_t) (q - p);
}


const mdr_attr_t *
mdr_html_attr(mdr_tag_t *t, mdr_str_t name, mdr_name_t key)
{
    uint8_t            c;
    uint32_t           i, k;
    const uint8_t     *p;
    const mdr_attr_t  *a;

    for (i = 0; i < t->nattrs || more(t); i++) {
        a = &t->attrs[i];

        if (a->key != key) {
            continue;
        }

        if (!(key & MDR_NAME_LONG)) {
            return a;
        }

        /* a long name is known by its hash only */

        p = t->p + a->name;
        k = 0;

        if (a->name_end - a->name == name.len) {
            for ( ; k < name.len; k++) {
                c = p[k];
                c = c >= 'A' && c <= 'Z' ? (uint8_t) (c | 32) : c;
                if (c != (uint8_t) name.data[k]) {
                    break;
                }
            }
        }

        if (k == name.len) {
            return a;
        }
    }

    return NULL;
}
