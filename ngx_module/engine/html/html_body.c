/*
 * html_body.c - tags in the body (WHATWG HTML, section 13.2.6.4.7).
 *
 * The common tags come first; where several clauses of the standard do the
 * same to the stack, they are one here.
 */

#include "html_modes.h"


/* 13.2.6.4.7, start tags */

static void
list_item(mdr_html_t *h, uint8_t a, uint8_t b)
{
    uint32_t     i;
    mdr_open_t  *e;

    h->frameset_ok = 0;

    for (i = h->n; i > 0; i--) {
        e = &h->open[i - 1];

        if (e->id == a || e->id == b) {
            mdr_html_pop_to(h, i - 1, h->tag.start);
            break;
        }

        if ((e->flags & F_SPECIAL) && e->id != T_ADDRESS && e->id != T_DIV
            && e->id != T_P)
        {
            break;
        }
    }

    mdr_html_close_p(h);
    (void) mdr_html_element(h);
}


static void
formatting(mdr_html_t *h)
{
    int          i;
    uint64_t     serial;
    mdr_open_t  *e;

    if (h->tag.id == T_A && h->nformats != 0) {
        i = mdr_html_last_format(h, T_A);

        if (i >= 0) {
            serial = h->formats[i].serial;
            mdr_html_adopt(h, h->tag.start);
            mdr_html_drop_format(h, serial);
            i = mdr_html_find(h, serial);
            if (i >= 0) {
                mdr_html_take_out(h, (uint32_t) i, h->tag.start);
            }
        }
    }

    mdr_html_reconstruct(h);

    if (h->tag.id == T_NOBR && mdr_html_in_scope(h, T_NOBR, 0) >= 0) {
        mdr_html_adopt(h, h->tag.start);
        mdr_html_reconstruct(h);
    }

    e = mdr_html_element(h);

    if (e != NULL) {
        mdr_html_add_format(h, e);
    }
}


static int
foreign_root(mdr_html_t *h, uint8_t ns)
{
    mdr_open_t  *e;

    mdr_html_reconstruct(h);

    if (h->tag.self_closing) {
        mdr_html_void(h);
        return MDR_RAW_NONE;
    }

    if (h->rules->nth) {
        h->tag.child = ++mdr_html_top(h)->children;
    }

    e = mdr_html_push(h, 0, ns);

    if (e != NULL) {
        mdr_html_opened(h, e);
    }

    return MDR_RAW_NONE;
}


/* a start tag that has nothing of its own */

static int
ordinary(mdr_html_t *h)
{
    uint32_t  f;

    f = mdr_html_flags(h->tag.id);

    if (f & F_FORMAT) {
        formatting(h);
        return MDR_RAW_NONE;
    }

    if (f & F_CLOSES_P) {
        mdr_html_close_p(h);
        (void) mdr_html_element(h);
        return MDR_RAW_NONE;
    }

    if (f & F_HEAD) {
        return mdr_html_head_start(h);
    }

    if (f & F_TABLE) {
        return MDR_RAW_NONE;            /* outside a table: ignored          */
    }

    mdr_html_reconstruct(h);
    (void) mdr_html_element(h);

    if (f & F_MARKER) {
        mdr_html_marker(h);
        h->frameset_ok = 0;
    }

    return MDR_RAW_NONE;
}


/* what is void, raw, of a ruby or foreign */

static int
other_start(mdr_html_t *h)
{
    switch (h->tag.id) {

    case T_INPUT:
        (void) mdr_html_select_start(h);
        if (h->frameset_ok && !mdr_html_attr_is(h, "type", "hidden")) {
            h->frameset_ok = 0;
        }
        return MDR_RAW_NONE;

    case T_PARAM:
    case T_SOURCE:
    case T_TRACK:
        mdr_html_void(h);
        return MDR_RAW_NONE;

    case T_HR:
        mdr_html_close_p(h);
        h->frameset_ok = 0;
        return mdr_html_select_start(h);

    case T_AREA: case T_BR: case T_EMBED: case T_IMG: case T_KEYGEN:
    case T_WBR:
        mdr_html_reconstruct(h);
        mdr_html_void(h);
        h->frameset_ok = 0;
        return MDR_RAW_NONE;

    case T_TEXTAREA:
        h->skip_newline = 1;
        h->frameset_ok = 0;
        return mdr_html_raw(h, MDR_RAW_RCDATA);

    case T_XMP:
        mdr_html_close_p(h);
        mdr_html_reconstruct(h);
        h->frameset_ok = 0;
        return mdr_html_raw(h, MDR_RAW_TEXT);

    case T_IFRAME:
        h->frameset_ok = 0;
        return mdr_html_raw(h, MDR_RAW_TEXT);

    case T_NOEMBED:
        return mdr_html_raw(h, MDR_RAW_TEXT);

    case T_SELECT:
        h->frameset_ok = 0;
        /* fall through */

    case T_OPTGROUP:
    case T_OPTION:
        return mdr_html_select_start(h);

    case T_RB:
    case T_RTC:
        if (mdr_html_in_scope(h, T_RUBY, 0) >= 0) {
            mdr_html_implied_ends(h, T_NONE);
        }
        (void) mdr_html_element(h);
        return MDR_RAW_NONE;

    case T_RP:
    case T_RT:
        if (mdr_html_in_scope(h, T_RUBY, 0) >= 0) {
            mdr_html_implied_ends(h, T_RTC);
        }
        (void) mdr_html_element(h);
        return MDR_RAW_NONE;

    case T_MATH:
        return foreign_root(h, MDR_NS_MATH);

    case T_SVG:
        return foreign_root(h, MDR_NS_SVG);

    case T_FRAME:
    case T_HEAD:
        return MDR_RAW_NONE;

    default:
        return ordinary(h);
    }
}


int
mdr_html_body_start(mdr_html_t *h)
{
    int          i;
    uint8_t      id;
    mdr_open_t  *e;

    id = h->tag.id;

    if (mdr_html_flags(id) & F_PLAIN) {
        mdr_html_reconstruct(h);
        (void) mdr_html_element(h);
        return MDR_RAW_NONE;
    }

    switch (id) {

    case T_NOSCRIPT:
        mdr_html_reconstruct(h);
        return mdr_html_noscript(h);

    case T_HTML:
        return MDR_RAW_NONE;

    case T_BODY:
        h->frameset_ok = 0;
        return MDR_RAW_NONE;

    case T_FRAMESET:
        if (h->frameset_ok && h->n > 1 && h->open[1].id == T_BODY) {
            mdr_html_pop_to(h, 1, h->tag.start);
            (void) mdr_html_element(h);
            h->mode = M_IN_FRAMESET;
        }
        return MDR_RAW_NONE;

    case T_H1: case T_H2: case T_H3: case T_H4: case T_H5: case T_H6:
        mdr_html_close_p(h);
        if (mdr_html_top(h)->id >= T_H1 && mdr_html_top(h)->id <= T_H6) {
            mdr_html_pop(h, h->tag.start);
        }
        (void) mdr_html_element(h);
        return MDR_RAW_NONE;

    case T_PRE:
    case T_LISTING:
        mdr_html_close_p(h);
        (void) mdr_html_element(h);
        h->skip_newline = 1;
        h->frameset_ok = 0;
        return MDR_RAW_NONE;

    case T_FORM:
        if (h->form != 0 && h->templates == 0) {
            return MDR_RAW_NONE;
        }
        mdr_html_close_p(h);
        e = mdr_html_element(h);
        if (h->templates == 0) {
            h->form = e != NULL ? e->serial : UINT64_MAX;
        }
        return MDR_RAW_NONE;

    case T_LI:
        list_item(h, T_LI, T_LI);
        return MDR_RAW_NONE;

    case T_DD:
    case T_DT:
        list_item(h, T_DD, T_DT);
        return MDR_RAW_NONE;

    case T_PLAINTEXT:
        mdr_html_close_p(h);
        (void) mdr_html_element(h);
        return MDR_RAW_PLAIN;

    case T_BUTTON:
        i = mdr_html_in_scope(h, T_BUTTON, 0);
        if (i >= 0) {
            mdr_html_pop_to(h, (uint32_t) i, h->tag.start);
        }
        mdr_html_reconstruct(h);
        (void) mdr_html_element(h);
        h->frameset_ok = 0;
        return MDR_RAW_NONE;

    case T_TABLE:
        if (!h->quirks) {
            mdr_html_close_p(h);
        }
        e = mdr_html_element(h);
        h->frameset_ok = 0;
        if (e != NULL) {
            h->mode = M_IN_TABLE;
        }
        return MDR_RAW_NONE;

    default:
        return other_start(h);
    }
}


/* end tags */

static void
close_in_scope(mdr_html_t *h, uint8_t id, int more)
{
    int  i;

    /* mostly it is the innermost */

    if (mdr_html_top(h)->id == id) {
        mdr_html_pop(h, h->tag.stop);
        return;
    }

    i = mdr_html_in_scope(h, id, more);

    if (i >= 0) {
        mdr_html_pop_to(h, (uint32_t) i, h->tag.stop);
    }
}


static void
heading_end(mdr_html_t *h)
{
    uint8_t   id;
    uint32_t  i;

    for (i = h->n; i > 0; i--) {
        id = h->open[i - 1].id;

        if (id >= T_H1 && id <= T_H6) {
            mdr_html_pop_to(h, i - 1, id == h->tag.id ? h->tag.stop
                                                      : h->tag.start);
            return;
        }

        if (h->open[i - 1].flags & F_SCOPE) {
            return;
        }
    }
}


static void
form_end(mdr_html_t *h)
{
    int       i;
    uint64_t  serial;

    if (h->templates) {
        close_in_scope(h, T_FORM, 0);
        return;
    }

    serial = h->form;
    h->form = 0;

    if (serial == 0) {
        return;
    }

    i = mdr_html_find(h, serial);

    if (i < 0 || mdr_html_in_scope(h, T_FORM, 0) != i) {
        return;
    }

    mdr_html_implied_ends(h, T_NONE);
    mdr_html_take_out(h, (uint32_t) i, h->tag.stop);
}


int
mdr_html_body_end(mdr_html_t *h)
{
    uint8_t   id;
    uint32_t  f;

    id = h->tag.id;
    f = mdr_html_flags(id);

    if (f & F_FORMAT) {
        mdr_html_adopt(h, h->tag.stop);
        return MDR_RAW_NONE;
    }

    if (f & F_BLOCK) {
        close_in_scope(h, id, 0);
        return MDR_RAW_NONE;
    }

    switch (id) {

    case T_TEMPLATE:
        mdr_html_template_end(h);
        break;

    case T_BODY:
    case T_HTML:
        break;

    case T_FORM:
        form_end(h);
        break;

    case T_P:
        if (h->paragraphs != 0
            && mdr_html_in_scope(h, T_P, MDR_SCOPE_BUTTON) >= 0)
        {
            close_in_scope(h, T_P, MDR_SCOPE_BUTTON);
        } else {
            mdr_html_empty(h, T_P);
        }
        break;

    case T_LI:
        close_in_scope(h, T_LI, MDR_SCOPE_LIST);
        break;

    case T_DD:
    case T_DT:
        close_in_scope(h, id, 0);
        break;

    case T_H1: case T_H2: case T_H3: case T_H4: case T_H5: case T_H6:
        heading_end(h);
        break;

    case T_APPLET:
    case T_MARQUEE:
    case T_OBJECT:
        if (mdr_html_in_scope(h, id, 0) >= 0) {
            close_in_scope(h, id, 0);
            mdr_html_clear_to_marker(h);
        }
        break;

    case T_BR:
        mdr_html_reconstruct(h);
        mdr_html_space(h);
        mdr_html_empty(h, T_BR);
        h->frameset_ok = 0;
        break;

    default:
        mdr_html_other_end(h, h->tag.stop);
    }

    return MDR_RAW_NONE;
}
