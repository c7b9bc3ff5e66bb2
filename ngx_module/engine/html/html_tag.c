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
#include <emmintrin.h>
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


/* U+0000 at the end of a packed name would not show */

static inline int
ends_in_nul(uint64_t v, size_t n)
{
    return n != 0 && v >> (8 * (n - 1)) == 0;
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

        v = mdr_html_lower8(v);

        if (!(v & MDR_NAME_LONG) && !ends_in_nul(v, n)) {
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
        v = mdr_html_lower8(v & (~(uint64_t) 0 >> (64 - 8 * n)));

        if (!(v & MDR_NAME_LONG) && !ends_in_nul(v, n)) {
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


const uint8_t *
mdr_html_tag(mdr_tag_t *t, const uint8_t *p, const uint8_t *end)
{
    int             rc, slash;
    uint32_t        behind;
    mdr_attr_t     *a;
    const uint8_t  *s, *q;

    behind = 0;
    t->p = p;
    t->memo = NULL;
    t->nattrs = 0;
    t->self_closing = 0;
    t->end = p[1] == '/';

    s = p + 1 + t->end;
    q = name_end(s, end, 0);
    t->name_len = (uint32_t) (q - s);
    t->name = short_name(s, t->name_len, end);
    t->next = (uint32_t) (q - p);

    do {
        a = &t->attrs[t->nattrs];

        if (t->nattrs == MDR_ATTRS) {
            a = &t->other;
            behind = behind != 0 ? behind : (uint32_t) (q - p);
        }

        rc = next_attr(p, &q, end, a, &slash);
        t->nattrs += rc == 1 && t->nattrs < MDR_ATTRS;
    } while (rc == 1);

    t->len = (uint32_t) ((rc == R_MORE ? end : q) - p);
    t->next = behind != 0 ? behind : t->len;

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


static int
is_attr(const mdr_tag_t *t, const mdr_attr_t *a, mdr_str_t name,
    mdr_name_t key)
{
    uint8_t         c;
    uint32_t        k;
    const uint8_t  *p;

    if (a->key != key) {
        return 0;
    }

    if (!(key & MDR_NAME_LONG)) {
        return 1;
    }

    /* a long name is known by its hash only */

    if (a->name_end - a->name != name.len) {
        return 0;
    }

    p = t->p + a->name;

    for (k = 0; k < name.len; k++) {
        c = p[k];
        c = c >= 'A' && c <= 'Z' ? (uint8_t) (c | 32) : c;
        if (c != (uint8_t) name.data[k]) {
            return 0;
        }
    }

    return 1;
}


const mdr_attr_t *
mdr_html_attr(mdr_tag_t *t, mdr_str_t name, mdr_name_t key)
{
    int             slash;
    uint32_t        i;
    const uint8_t  *q;

    for (i = 0; i < t->nattrs || more(t); i++) {
        if (is_attr(t, &t->attrs[i], name, key)) {
            return &t->attrs[i];
        }
    }

    if (t->nattrs < MDR_ATTRS) {
        return NULL;
    }

    /* those that there is no room for are read again each time */

    for (q = t->p + t->next;
         q + 1 < t->p + t->len
         && next_attr(t->p, &q, t->p + t->len, &t->other, &slash) == 1; )
    {
        if (is_attr(t, &t->other, name, key)) {
            return &t->other;
        }
    }

    return NULL;
}
