/*
 * html_foreign.c - tags inside svg and math (WHATWG HTML, section 13.2.6.5).
 */

#include "html_modes.h"

#include <string.h>


static int
name_is(mdr_name_t name, const char *s)
{
    return name == mdr_html_name((const uint8_t *) s, strlen(s));
}


static void
leave_foreign(mdr_html_t *h)
{
    while (h->n > 1 && mdr_html_is_foreign(mdr_html_top(h))) {
        mdr_html_pop(h, h->tag.start);
    }
}


static void
foreign_kind(mdr_html_t *h, mdr_open_t *e)
{
    mdr_name_t  n;

    n = e->name;

    if (e->ns == MDR_NS_SVG) {
        if (name_is(n, "foreignobject") || name_is(n, "desc")
            || name_is(n, "title"))
        {
            e->flags = F_SPECIAL|F_SCOPE;
            e->marks |= MDR_OPEN_HTML_POINT;
        }
        return;
    }

    if (name_is(n, "mi") || name_is(n, "mo") || name_is(n, "mn")
        || name_is(n, "ms") || name_is(n, "mtext"))
    {
        e->flags = F_SPECIAL|F_SCOPE;
        e->marks |= MDR_OPEN_MATH_POINT;

    } else if (name_is(n, "annotation-xml")) {
        e->flags = F_SPECIAL|F_SCOPE;

        if (mdr_html_attr_is(h, "encoding", "text/html")
            || mdr_html_attr_is(h, "encoding", "application/xhtml+xml"))
        {
            e->marks |= MDR_OPEN_HTML_POINT;
        }
    }
}


/* what svg and math hold for others than the eye (SVG 2, 5.8 and 5.9; MathML
 * Core, 3.6) */

int
mdr_html_foreign_quiet(const mdr_open_t *e)
{
    return e->ns == MDR_NS_SVG ? name_is(e->name, "title")
                                 || name_is(e->name, "desc")
                                 || name_is(e->name, "metadata")
           : name_is(e->name, "annotation")
             || name_is(e->name, "annotation-xml");
}


int
mdr_html_foreign_start(mdr_html_t *h)
{
    mdr_open_t  *top, *e;

    top = mdr_html_top(h);

    if (top->marks & MDR_OPEN_HTML_POINT) {
        return 0;
    }

    if ((top->marks & MDR_OPEN_MATH_POINT)
        && !name_is(h->tag.name, "mglyph")
        && !name_is(h->tag.name, "malignmark"))
    {
        return 0;
    }

    if (h->tag.id == T_SVG && name_is(top->name, "annotation-xml")
        && top->ns == MDR_NS_MATH)
    {
        return 0;
    }

    if ((mdr_html_flags(h->tag.id) & F_BREAKOUT)
        || (h->tag.id == T_FONT
            && (mdr_html_attr_is(h, "color", NULL)
                || mdr_html_attr_is(h, "face", NULL)
                || mdr_html_attr_is(h, "size", NULL))))
    {
        leave_foreign(h);
        return 0;
    }

    if (h->tag.self_closing) {
        mdr_html_void(h);
        return 1;
    }

    if (h->rules->nth) {
        h->tag.child = ++top->children;
    }

    e = mdr_html_push(h, 0, top->ns);

    if (e != NULL) {
        foreign_kind(h, e);
        mdr_html_opened(h, e);
    }

    return 1;
}


int
mdr_html_foreign_end(mdr_html_t *h)
{
    uint32_t     i;
    mdr_open_t  *e;

    if (h->tag.id == T_P || h->tag.id == T_BR) {
        leave_foreign(h);
        return 0;
    }

    for (i = h->n; i > 0; i--) {
        e = &h->open[i - 1];

        if (e->ns == MDR_NS_HTML) {
            return 0;
        }

        if (e->name == h->tag.name) {
            mdr_html_pop_to(h, i - 1, h->tag.stop);
            return 1;
        }
    }

    return 1;
}
