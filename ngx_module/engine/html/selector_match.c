/*
 * selector_match.c - one start tag against one compound selector.
 *
 * Names compare without case, values with case, also in quirks mode.  A value
 * counts as it reads: references decoded, CR LF one newline, U+0000 U+FFFD.
 * Most values hold none of these and are compared as they stand; the others
 * are read byte by byte through a cursor, so that no length is too much.
 */

#include "html.h"
#include "base/utf8.h"

#include <string.h>


typedef struct {                        /* a value as it reads              */
    const uint8_t  *p, *end;
    uint8_t         buf[8];             /* of a reference                   */
    uint8_t         at, n;
    uint8_t         fold;
} cursor_t;


static inline int
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}


static inline uint8_t
lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t) (c | 32) : c;
}


static int
put(cursor_t *c, uint32_t a, uint32_t b)
{
    c->n = (uint8_t) mdr_utf8_put(c->buf, a);

    if (b != 0) {
        c->n = (uint8_t) (c->n + mdr_utf8_put(c->buf + c->n, b));
    }

    c->at = 1;

    return c->buf[0];
}


/* the next byte, or -1 */

static int
next(cursor_t *c)
{
    int       k;
    size_t    len;
    uint8_t   b;
    uint32_t  cps[2];

    if (c->at < c->n) {
        return c->buf[c->at++];
    }

    if (c->p == c->end) {
        return -1;
    }

    b = *c->p;

    if (b == '&') {
        k = mdr_html_ref(c->p, (size_t) (c->end - c->p), 1, 1, cps, &len);

        if (k > 0) {
            c->p += len;
            return put(c, cps[0], k == 2 ? cps[1] : 0);
        }
    }

    c->p++;

    if (b == 0) {
        return put(c, MDR_CP_BAD, 0);
    }

    if (b == '\r') {
        c->p += c->p < c->end && *c->p == '\n';
        return '\n';
    }

    return b;
}


/* does w stand here?  The cursor goes behind it, or anywhere */

static int
here(cursor_t *c, mdr_str_t w)
{
    int       b;
    uint32_t  i;

    for (i = 0; i < w.len; i++) {
        b = next(c);

        if (b < 0
            || (c->fold ? lower((uint8_t) b) != lower((uint8_t) w.data[i])
                        : b != (uint8_t) w.data[i]))
        {
            return 0;
        }
    }

    return 1;
}


static int
word(cursor_t *c, mdr_str_t w)
{
    int       b, same;
    uint32_t  i;

    for (b = next(c); b >= 0; b = next(c)) {

        if (is_space((uint8_t) b)) {
            continue;
        }

        for (i = 0, same = 1; b >= 0 && !is_space((uint8_t) b);
             b = next(c), i++)
        {
            same = same && i < w.len
                   && (c->fold ? lower((uint8_t) b)
                                 == lower((uint8_t) w.data[i])
                               : b == (uint8_t) w.data[i]);
        }

        if (same && i == w.len) {
            return 1;
        }

        if (b < 0) {
            break;
        }
    }

    return 0;
}


static int
read_matches(const mdr_simple_t *s, const uint8_t *v, size_t n)
{
    int       b;
    cursor_t  c, from;

    c.p = v;
    c.end = v + n;
    c.at = 0;
    c.n = 0;
    c.fold = s->fold;

    switch (s->kind) {

    case MDR_SEL_EQUALS:
        return here(&c, s->value) && next(&c) < 0;

    case MDR_SEL_CLASS:
    case MDR_SEL_WORD:
        return word(&c, s->value);

    case MDR_SEL_DASH:
        if (!here(&c, s->value)) {
            return 0;
        }
        b = next(&c);
        return b < 0 || b == '-';

    case MDR_SEL_PREFIX:
        return here(&c, s->value);

    default:                            /* MDR_SEL_SUFFIX, MDR_SEL_PART      */
        do {
            from = c;
            if (here(&from, s->value)
                && (s->kind == MDR_SEL_PART || next(&from) < 0))
            {
                return 1;
            }
        } while (next(&c) >= 0);

        return 0;
    }
}


/* the same for bytes that stand for themselves */

static int
same(const uint8_t *a, const char *b, size_t n, int fold)
{
    size_t  i;

    if (!fold) {
        return memcmp(a, b, n) == 0;
    }

    for (i = 0; i < n; i++) {
        if (lower(a[i]) != lower((uint8_t) b[i])) {
            return 0;
        }
    }

    return 1;
}


static int
plain_matches(const mdr_simple_t *s, const uint8_t *v, size_t n)
{
    size_t          i, from, m;
    const char     *w;
    const uint8_t  *q;

    m = s->value.len;
    w = s->value.data;

    switch (s->kind) {

    case MDR_SEL_EQUALS:
        return n == m && same(v, w, m, s->fold);

    case MDR_SEL_DASH:
        return n >= m && same(v, w, m, s->fold) && (n == m || v[m] == '-');

    case MDR_SEL_PREFIX:
        return n >= m && same(v, w, m, s->fold);

    case MDR_SEL_SUFFIX:
        return n >= m && same(v + n - m, w, m, s->fold);

    case MDR_SEL_PART:
        for (i = 0; n >= m && i <= n - m; i++) {
            if (!s->fold) {
                q = memchr(v + i, w[0], n - m - i + 1);
                if (q == NULL) {
                    return 0;
                }
                i = (size_t) (q - v);
            }

            if (same(v + i, w, m, s->fold)) {
                return 1;
            }
        }
        return 0;

    default:                            /* MDR_SEL_CLASS, MDR_SEL_WORD       */
        for (i = 0; i < n; ) {
            while (i < n && is_space(v[i])) {
                i++;
            }

            for (from = i; i < n && !is_space(v[i]); i++) { /* void */ }

            if (i - from == m && i != from && same(v + from, w, m, s->fold)) {
                return 1;
            }
        }
        return 0;
    }
}


static int
is_plain(const uint8_t *p, size_t n)
{
    return memchr(p, '&', n) == NULL && memchr(p, 0, n) == NULL
           && memchr(p, '\r', n) == NULL;
}


static int
simple_match(const mdr_simple_t *s, mdr_tag_t *tag)
{
    size_t             n;
    uint8_t            cut;
    int64_t            d;
    uint32_t           i;
    const uint8_t     *v;
    const mdr_attr_t  *a;

    if (s->kind == MDR_SEL_NTH) {
        d = (int64_t) tag->child - s->b;
        return s->a == 0 ? d == 0 : d % s->a == 0 && d / s->a >= 0;
    }

    if (s->kind == MDR_SEL_NOT) {
        cut = tag->cut;
        tag->cut = 0;
        for (i = 0; i < s->nno && !mdr_compound_match(&s->no[i], tag); i++) {
            /* void */
        }
        tag->cut = cut;
        return i == s->nno;
    }

    a = mdr_html_attr(tag, s->name, s->key);

    if (a == NULL) {
        return tag->cut;                /* it may stand in what was not read */
    }

    if (s->kind == MDR_SEL_EXISTS) {
        return 1;
    }

    if (s->value.len == 0 && s->kind != MDR_SEL_EQUALS
        && s->kind != MDR_SEL_DASH)
    {
        return 0;                       /* Selectors 4, section 6.2          */
    }

    v = tag->p + a->value;
    n = a->value_end - a->value;

    if (s->kind == MDR_SEL_CLASS && n == s->value.len && s->plain
        && memcmp(v, s->value.data, n) == 0)
    {
        return 1;
    }

    return is_plain(v, n) ? plain_matches(s, v, n) : read_matches(s, v, n);
}


static int
same_tag(const mdr_compound_t *c, const mdr_tag_t *tag)
{
    if (c->name != tag->name) {
        return 0;
    }

    /* a long name is known by its hash only */

    return !(c->name & MDR_NAME_LONG)
           || (tag->name_len == c->tag.len
               && same(tag->p + 1, c->tag.data, c->tag.len, 1));
}


int
mdr_compound_match(const mdr_compound_t *c, mdr_tag_t *tag)
{
    uint32_t  i;

    if (tag->memo != NULL && c->memo != MDR_NO_MEMO) {
        return tag->memo->bits >> c->memo & 1;
    }

    if (c->name != 0 && !same_tag(c, tag)) {
        return 0;
    }

    for (i = 0; i < c->n; i++) {
        if (!simple_match(&c->simples[i], tag)) {
            return 0;
        }
    }

    return 1;
}
