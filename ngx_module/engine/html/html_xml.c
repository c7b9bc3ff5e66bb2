/*
 * html_xml.c - tags of XML: feeds, site maps, XHTML (XML 1.0, sections 2 and
 * 3).
 *
 * The tokenizer is that of HTML, with what XML does otherwise: CDATA anywhere,
 * no raw text, comments that end at "-->" alone.  Elements end at their own end
 * tag, or at once (<x/>); nothing is implied.  What is not well-formed is read
 * as far as it makes sense: an end tag ends the innermost element of its name.
 * Names are compared without case.  In XHTML elements are those of HTML, so
 * blocks and hidden text are told apart; a script in it is not looked into.
 */

#include "html_modes.h"


/* part of a page that is labelled as XHTML, where no slot is for other XML */

static int
is_part(const mdr_html_t *h)
{
    uint32_t  i;

    for (i = 0; i < h->rules->nslots; i++) {
        if (h->rules->slots[i].xml) {
            return 0;
        }
    }

    return h->tag.id != 0 && h->tag.id != T_SVG && h->tag.id != T_MATH;
}


static void
start(mdr_html_t *h)
{
    uint8_t      id;
    mdr_tag_t   *t;
    mdr_open_t  *e;

    t = &h->tag;

    if (h->n == 0 && (t->id == T_HTML || is_part(h))) {
        h->xml = MDR_XHTML;
    }

    /* its name counts for selectors, but it means nothing */

    id = h->xml == MDR_XML || t->id == T_TEMPLATE ? 0 : t->id;

    if (h->too_deep != 0) {
        h->too_deep += !t->self_closing;
        return;
    }

    if (t->self_closing) {
        mdr_html_void(h);
        return;
    }

    if (h->rules->nth) {
        t->child = h->n != 0 ? ++mdr_html_top(h)->children : 1;
    }

    e = mdr_html_push(h, id, MDR_NS_HTML);

    if (e == NULL) {
        return;
    }

    if (id == T_SCRIPT || id == T_STYLE) {
        e->marks |= MDR_OPEN_QUIET;
        h->quiet++;
    }

    mdr_html_opened(h, e);
}


static void
end(mdr_html_t *h)
{
    uint32_t  i;

    if (h->too_deep != 0) {
        h->too_deep--;
        return;
    }

    for (i = h->n; i > 0; i--) {
        if (h->open[i - 1].name == h->tag.name) {
            mdr_html_pop_to(h, i - 1, h->tag.stop);
            return;
        }
    }
}


void
mdr_html_xml_tag(mdr_html_t *h)
{
    if (h->tag.end) {
        end(h);
    } else {
        start(h);
    }
}
