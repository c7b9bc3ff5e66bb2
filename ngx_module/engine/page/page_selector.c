/*
 * page_selector.c - selectors of style sheets (Selectors 4), as far as they ask
 * for names, classes and ids of an element and of those around it.
 */

#include "page_sheet.h"
#include "html/html_css.h"

#include <string.h>


static int
is_name(uint8_t c)
{
    return (uint8_t) ((c | 32) - 'a') < 26 || (uint8_t) (c - '0') < 10
           || c == '-' || c == '_' || c >= 0x80;
}


static int
is_combinator(uint8_t c)
{
    return mdr_css_space(c) || c == '>' || c == '+' || c == '~';
}


/* is it on every page? */

static int
is_root(const uint8_t *p, size_t n)
{
    return (n == 1 && p[0] == '*')
           || (n == 4 && (memcmp(p, "body", 4) == 0
                          || memcmp(p, "html", 4) == 0))
           || (n == 5 && memcmp(p, ":root", 5) == 0);
}


/* specificity of a compound of any kind, about */

static uint32_t
weight_of(const uint8_t *p, size_t n)
{
    size_t    i;
    uint32_t  w;

    for (i = 0, w = n != 0 && is_name(p[0]); i < n; i++) {
        w += p[i] == '#' ? 1 << 16
             : p[i] == '.' || p[i] == '[' || (p[i] == ':' && i + 1 < n
                                              && p[i + 1] != ':') ? 1 << 8 : 0;
    }

    return w;
}


/* one compound of a type, classes, an id; 0: it is another kind */

static int
compound(mdr_sheet_t *s, const uint8_t *p, size_t n, mdr_sheet_part_t *to)
{
    size_t             i, k;
    mdr_sheet_name_t  *w;

    memset(to, 0, sizeof(*to));

    for (i = 0; i < n && is_name(p[i]); i++) { /* void */ }

    if (i != 0) {
        to->tag = mdr_html_name(p, i);

    } else if (n != 0 && p[0] == '*') {
        i = 1;
    }

    for ( ; i < n; i = k) {

        for (k = i + 1; k < n && is_name(p[k]); k++) { /* void */ }

        if ((p[i] != '.' && p[i] != '#') || k == i + 1
            || to->nnames == MDR_SHEET_WORDS)
        {
            return 0;
        }

        w = &to->names[to->nnames++];
        w->id = p[i] == '#';
        w->at = (uint32_t) s->names.len;
        w->len = (uint32_t) (k - i - 1);

        if (mdr_buf_add(&s->names, p + i + 1, w->len) != MDR_OK) {
            return 0;
        }
    }

    return to->tag != 0 || to->nnames != 0;
}


int
mdr_sheet_selector(mdr_sheet_t *s, const uint8_t *p, size_t n, int hides,
    mdr_sheet_rule_t *r)
{
    int       child, other;
    size_t    from, to;
    uint32_t  nparts;

    memset(r, 0, sizeof(*r));
    nparts = s->nparts;

    for (to = n; ; to = from) {

        /* the combinator between this compound and the one behind it */

        for (child = 0, other = 0; to > 0 && is_combinator(p[to - 1]); to--) {
            child |= p[to - 1] == '>';
            other |= p[to - 1] == '+' || p[to - 1] == '~';
        }

        if (to == 0) {
            break;
        }

        for (from = to; from > 0 && !is_combinator(p[from - 1]); from--) {
            /* void */
        }

        r->weight += is_root(p + from, to - from) && p[from] == '*' ? 0
                     : weight_of(p + from, to - from);

        if (to == n) {
            if (!compound(s, p + from, to - from, &r->last)) {
                return 0;
            }
            continue;
        }

        if (!hides || is_root(p + from, to - from)) {
            continue;
        }

        if (other || r->nabove == MDR_SHEET_ABOVE
            || s->nparts == MDR_SHEET_PARTS
            || !compound(s, p + from, to - from, &s->parts[s->nparts]))
        {
            s->nparts = nparts;
            return 0;
        }

        r->child |= (uint8_t) (child << r->nabove);
        r->above[r->nabove++] = (uint8_t) s->nparts++;
    }

    /* "+" and "~" before what is on every page never match */

    return n != 0;
}
