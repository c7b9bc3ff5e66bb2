/*
 * selector_match.c - one start tag against one compound selector.
 *
 * Names compare without case (both sides are lower case keys), values with
 * case, also in quirks mode.  Values are compared after references are
 * decoded; the raw bytes serve where there is none.
 */

#include "html.h"
#include "utf8.h"

#include <string.h>


#define DECODED_MAX  4096


mdr_name_t
mdr_html_name(const uint8_t *p, size_t n)
{
    size_t      i;
    uint8_t     c;
    mdr_name_t  v;

    v = 0;

    if (n <= 8) {
        for (i = 0; i < n; i++) {
            c = p[i];
            c = c >= 'A' && c <= 'Z' ? (uint8_t) (c | 32) : c;
            v |= (mdr_name_t) c << (8 * i);
        }
        return v & ~((mdr_name_t) (n == 8) << 63);
    }

    v = 0xcbf29ce484222325ULL;

    for (i = 0; i < n; i++) {
        c = p[i];
        c = c >= 'A' && c <= 'Z' ? (uint8_t) (c | 32) : c;
        v = (v ^ c) * 0x100000001b3ULL;
    }

    return v | (mdr_name_t) 1 << 63;
}


const mdr_attr_t *
mdr_html_attr(const mdr_tag_t *tag, mdr_str_t name)
{
    uint32_t           i, k;
    uint8_t            c;
    const mdr_attr_t  *a;

    for (i = 0; i < tag->nattrs; i++) {
        a = &tag->attrs[i];

        if (a->name_len != name.len) {
            continue;
        }

        for (k = 0; k < name.len; k++) {
            c = a->name[k];
            c = c >= 'A' && c <= 'Z' ? (uint8_t) (c | 32) : c;
            if (c != (uint8_t) name.data[k]) {
                break;
            }
        }

        if (k == name.len) {
            return a;
        }
    }

    return NULL;
}


static int
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}


static int
same(const uint8_t *a, const char *b, size_t n, int fold)
{
    size_t   i;
    uint8_t  x, y;

    if (!fold) {
        return memcmp(a, b, n) == 0;
    }

    for (i = 0; i < n; i++) {
        x = a[i];
        y = (uint8_t) b[i];
        x = x >= 'A' && x <= 'Z' ? (uint8_t) (x | 32) : x;
        y = y >= 'A' && y <= 'Z' ? (uint8_t) (y | 32) : y;
        if (x != y) {
            return 0;
        }
    }

    return 1;
}


static int
has_word(const uint8_t *v, size_t n, mdr_str_t w, int fold)
{
    size_t  i, from;

    if (w.len == 0) {
        return 0;
    }

    for (i = 0; i < n; ) {
        while (i < n && is_space(v[i])) {
            i++;
        }

        for (from = i; i < n && !is_space(v[i]); i++) { /* void */ }

        if (i - from == w.len && same(v + from, w.data, w.len, fold)) {
            return 1;
        }
    }

    return 0;
}


static int
value_matches(const mdr_simple_t *s, const uint8_t *v, size_t n)
{
    size_t  i, m;

    m = s->value.len;

    switch (s->kind) {

    case MDR_SEL_EQUALS:
        return n == m && same(v, s->value.data, m, s->fold);

    case MDR_SEL_CLASS:
    case MDR_SEL_WORD:
        return has_word(v, n, s->value, s->fold);

    case MDR_SEL_DASH:
        return n >= m && same(v, s->value.data, m, s->fold)
               && (n == m || v[m] == '-');

    case MDR_SEL_PREFIX:
        return m != 0 && n >= m && same(v, s->value.data, m, s->fold);

    case MDR_SEL_SUFFIX:
        return m != 0 && n >= m
               && same(v + n - m, s->value.data, m, s->fold);

    case MDR_SEL_PART:
        for (i = 0; m != 0 && n >= m && i <= n - m; i++) {
            if (same(v + i, s->value.data, m, s->fold)) {
                return 1;
            }
        }
        return 0;

    default:
        return 1;
    }
}


static size_t
decode(const uint8_t *p, size_t n, uint8_t *out, size_t max)
{
    int       k;
    size_t    i, m, len;
    uint32_t  cps[2];

    for (i = 0, m = 0; i < n && m + 8 <= max; ) {

        if (p[i] == '&') {
            k = mdr_html_ref(p + i, n - i, 1, 1, cps, &len);

            if (k > 0) {
                m += mdr_utf8_put(out + m, cps[0]);
                if (k == 2) {
                    m += mdr_utf8_put(out + m, cps[1]);
                }
                i += len;
                continue;
            }
        }

        out[m++] = p[i++];
    }

    return m;
}


static int
simple_match(const mdr_simple_t *s, const mdr_tag_t *tag)
{
    uint8_t            buf[DECODED_MAX];
    int64_t            d;
    uint32_t           i;
    const mdr_attr_t  *a;

    if (s->kind == MDR_SEL_NTH) {
        d = (int64_t) tag->child - s->b;
        return s->a == 0 ? d == 0 : d % s->a == 0 && d / s->a >= 0;
    }

    if (s->kind == MDR_SEL_NOT) {
        for (i = 0; i < s->nno; i++) {
            if (mdr_compound_match(&s->no[i], tag)) {
                return 0;
            }
        }
        return 1;
    }

    a = mdr_html_attr(tag, s->name);

    if (a == NULL) {
        return 0;
    }

    if (s->kind == MDR_SEL_EXISTS) {
        return 1;
    }

    if (memchr(a->value, '&', a->value_len) != NULL) {
        return value_matches(s, buf, decode(a->value, a->value_len, buf,
                                            sizeof(buf)));
    }

    return value_matches(s, a->value, a->value_len);
}


int
mdr_compound_match(const mdr_compound_t *c, const mdr_tag_t *tag)
{
    uint32_t  i;

    if (c->name != 0 && c->name != tag->name) {
        return 0;
    }

    for (i = 0; i < c->n; i++) {
        if (!simple_match(&c->simples[i], tag)) {
            return 0;
        }
    }

    return 1;
}
