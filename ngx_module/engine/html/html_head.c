/*
 * html_head.c - tags before the body (WHATWG HTML, sections 13.2.6.4.1 to
 * 13.2.6.4.6): what opens html, head and body where no tag does.
 */

#include "html_modes.h"


void
mdr_html_leave_head(mdr_html_t *h, uint64_t end)
{
    h->head_children = mdr_html_top(h)->children;
    mdr_html_pop(h, end);
    h->mode = M_AFTER_HEAD;
}


/* A body that begins with a row or cell is a fragment, which a script will put
 * into a table.  (Of a page the tags of the table would be nothing, and what
 * is in them would be read in the same way.) */

static void
begin_rows(mdr_html_t *h)
{
    (void) mdr_html_push_implied(h, T_HTML);
    (void) mdr_html_push_implied(h, T_HEAD);
    h->head_seen = 1;
    mdr_html_leave_head(h, h->tag.start);
    (void) mdr_html_push_implied(h, T_BODY);
    (void) mdr_html_push_implied(h, T_TABLE);
    h->blank = 0;
    h->doctype = 0;
    h->frameset_ok = 0;
    h->mode = M_IN_TABLE;
}


int
mdr_html_early_start(mdr_html_t *h)
{
    int       raw;
    uint8_t   id;
    uint32_t  i, f;

    id = h->tag.id;
    f = mdr_html_flags(id);

    switch (h->mode) {

    case M_BEFORE_HTML:
        if (h->blank && (f & F_TABLE)) {
            begin_rows(h);
            return AGAIN;
        }

        h->blank = 0;
        h->mode = M_BEFORE_HEAD;

        if (id == T_HTML) {
            (void) mdr_html_element(h);
            return MDR_RAW_NONE;
        }

        (void) mdr_html_push_implied(h, T_HTML);
        return AGAIN;

    case M_BEFORE_HEAD:
        if (id == T_HTML) {
            return MDR_RAW_NONE;
        }

        h->head_seen = 1;
        h->mode = M_IN_HEAD;

        if (id == T_HEAD) {
            (void) mdr_html_element(h);
            return MDR_RAW_NONE;
        }

        (void) mdr_html_push_implied(h, T_HEAD);
        return AGAIN;

    case M_IN_HEAD:
        if (id == T_HTML || id == T_HEAD) {
            return MDR_RAW_NONE;
        }

        if (f & F_HEAD) {
            return mdr_html_head_start(h);
        }

        if (id == T_NOSCRIPT) {
            return mdr_html_noscript(h);
        }

        mdr_html_leave_head(h, h->tag.start);
        return AGAIN;

    default:                            /* M_AFTER_HEAD                      */
        if (id == T_HTML || id == T_HEAD) {
            return MDR_RAW_NONE;
        }

        if (id == T_BODY) {
            (void) mdr_html_element(h);
            h->frameset_ok = 0;
            h->mode = M_IN_BODY;
            return MDR_RAW_NONE;
        }

        if (id == T_FRAMESET) {
            (void) mdr_html_element(h);
            h->mode = M_IN_FRAMESET;
            return MDR_RAW_NONE;
        }

        if (f & F_HEAD) {

            /* into the head, which is opened for it once more */

            if (mdr_html_push_implied(h, T_HEAD) == NULL) {
                return MDR_RAW_NONE;
            }

            i = h->n - 1;
            h->open[i - 1].children--;
            h->open[i].children = h->head_children;
            raw = mdr_html_head_start(h);
            h->head_children = h->open[i].children;
            mdr_html_take_out(h, i, h->tag.start);
            return raw;
        }

        (void) mdr_html_push_implied(h, T_BODY);
        h->mode = M_IN_BODY;
        return AGAIN;
    }
}


void
mdr_html_early_end(mdr_html_t *h)
{
    uint8_t  id, ok;

    id = h->tag.id;
    h->doctype = 0;
    h->blank = 0;

    if (id == T_TEMPLATE && h->mode != M_BEFORE_HTML
        && h->mode != M_BEFORE_HEAD)
    {
        mdr_html_template_end(h);
        return;
    }

    if (id == T_HEAD && h->mode != M_AFTER_HEAD) {

        if (h->mode == M_BEFORE_HTML) {
            (void) mdr_html_push_implied(h, T_HTML);
            h->mode = M_BEFORE_HEAD;
        }

        if (h->mode == M_BEFORE_HEAD) {
            (void) mdr_html_push_implied(h, T_HEAD);
            h->head_seen = 1;
        }

        mdr_html_leave_head(h, h->tag.stop);
        return;
    }

    if (id != T_BODY && id != T_HTML && id != T_BR) {
        return;
    }

    ok = h->frameset_ok;
    mdr_html_text_seen(h, h->tag.start);        /* into the body            */
    h->frameset_ok = ok;

    if (id == T_BR) {
        (void) mdr_html_body_end(h);
    }
}
