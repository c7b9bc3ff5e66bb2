/*
 * html_template.c - templates: which are put on the page (templates: shown).
 *
 * The inside of a template is no part of the page, unless something puts it
 * there: a browser does with a declarative shadow root (shadowrootmode, WHATWG
 * HTML 4.12.3), Turbo with the template of a <turbo-stream>, htmx with what
 * has hx-swap-oob in a template (which is how table rows are swapped).  React's
 * segments stand in hidden elements, which are read as any.
 */

#include "html_modes.h"

#include <string.h>


static const mdr_attr_t *
attr(mdr_html_t *h, const char *name)
{
    mdr_str_t  s;

    s.data = name;
    s.len = (uint32_t) strlen(name);

    return mdr_html_attr(&h->tag, s,
                         mdr_html_name((const uint8_t *) name, s.len));
}


static int
is_swapped(mdr_html_t *h)
{
    return attr(h, "hx-swap-oob") != NULL
           || attr(h, "data-hx-swap-oob") != NULL;
}


void
mdr_html_template_opened(mdr_html_t *h, mdr_open_t *e)
{
    int         shown;
    mdr_name_t  around;

    around = h->n > 1 ? e[-1].name : 0;
    shown = mdr_html_attr_is(h, "shadowrootmode", "open")
            || mdr_html_attr_is(h, "shadowrootmode", "closed")
            || is_swapped(h)
            || around == mdr_html_name((const uint8_t *) "turbo-stream", 12);

    mdr_html_restyle(h, e, h->style | (shown ? MDR_IN_SHOWN : MDR_IN_INERT));
}


void
mdr_html_template_child(mdr_html_t *h, mdr_open_t *e)
{
    if (h->n > 1 && e[-1].id == T_TEMPLATE && is_swapped(h)) {
        mdr_html_restyle(h, e, (uint8_t) ((h->style & ~MDR_IN_INERT)
                                          | MDR_IN_SHOWN));
    }
}
