/*
 * html_select.c - tags inside select (WHATWG HTML, sections 13.2.6.4.16 and
 * 13.2.6.4.17, as they were before select took any content).
 */

#include "html_modes.h"


/* a tag of a table that ends a select inside it */

static int
is_table_tag(const mdr_html_t *h)
{
    uint8_t  id;

    id = h->tag.id;

    return h->mode == M_IN_SELECT_IN_TABLE
           && (id == T_TABLE || ((mdr_html_flags(id) & F_TABLE)
                                 && id != T_COL && id != T_COLGROUP));
}


/* the select is left, if there is one, and the tag is read where that was */

static int
leave_select(mdr_html_t *h)
{
    int  i;

    i = mdr_html_in_select_scope(h);

    if (i >= 0) {
        mdr_html_pop_to(h, (uint32_t) i, h->tag.start);
    }

    mdr_html_reset_mode(h);

    return i >= 0 ? AGAIN : MDR_RAW_NONE;
}


int
mdr_html_select_start(mdr_html_t *h)
{
    int      i;
    uint8_t  id;

    id = h->tag.id;

    if (is_table_tag(h)) {
        return leave_select(h);
    }

    switch (id) {

    case T_OPTION:
    case T_OPTGROUP:
    case T_HR:
        if (IS_TOP(h, T_OPTION)) {
            mdr_html_pop(h, h->tag.start);
        }
        if (id != T_OPTION && IS_TOP(h, T_OPTGROUP)) {
            mdr_html_pop(h, h->tag.start);
        }
        if (id == T_HR) {
            mdr_html_void(h);
        } else {
            (void) mdr_html_element(h);
        }
        return MDR_RAW_NONE;

    case T_SELECT:
    case T_INPUT:
    case T_KEYGEN:
    case T_TEXTAREA:
        i = mdr_html_in_select_scope(h);
        if (i < 0) {
            return MDR_RAW_NONE;
        }
        mdr_html_pop_to(h, (uint32_t) i, h->tag.start);
        mdr_html_reset_mode(h);
        return id == T_SELECT ? MDR_RAW_NONE : AGAIN;

    case T_SCRIPT:
    case T_TEMPLATE:
        return mdr_html_head_start(h);

    default:
        return MDR_RAW_NONE;            /* ignored                           */
    }
}


int
mdr_html_select_end(mdr_html_t *h)
{
    int      i;
    uint8_t  id;

    id = h->tag.id;

    if (is_table_tag(h)) {
        if (mdr_html_in_table_scope(h, id) < 0) {
            return MDR_RAW_NONE;
        }

        return leave_select(h);
    }

    switch (id) {

    case T_OPTGROUP:
        if (IS_TOP(h, T_OPTION) && h->n > 1
            && h->open[h->n - 2].id == T_OPTGROUP)
        {
            mdr_html_pop(h, h->tag.start);
        }
        if (IS_TOP(h, T_OPTGROUP)) {
            mdr_html_pop(h, h->tag.stop);
        }
        break;

    case T_OPTION:
        if (IS_TOP(h, T_OPTION)) {
            mdr_html_pop(h, h->tag.stop);
        }
        break;

    case T_SELECT:
        i = mdr_html_in_select_scope(h);
        if (i >= 0) {
            mdr_html_pop_to(h, (uint32_t) i, h->tag.stop);
            mdr_html_reset_mode(h);
        }
        break;

    case T_TEMPLATE:
        mdr_html_template_end(h);
        break;

    default:
        break;
    }

    return MDR_RAW_NONE;
}
