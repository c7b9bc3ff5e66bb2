/*
 * html_table.c - tags inside tables (WHATWG HTML, sections 13.2.6.4.9 to
 * 13.2.6.4.15).  What does not belong into a table is treated as in the
 * body; foster parenting moves nothing here.
 */

#include "html_modes.h"


static void
clear_to(mdr_html_t *h, uint8_t a, uint8_t b, uint8_t c)
{
    uint8_t  id;

    for ( ;; ) {
        id = mdr_html_top(h)->id;

        if (id == a || id == b || id == c || id == T_TEMPLATE
            || id == T_HTML)
        {
            return;
        }

        mdr_html_pop(h, h->tag.start);
    }
}


/* an implied element between a table and what stands in it */

static int
imply(mdr_html_t *h, uint8_t id, uint8_t mode)
{
    if (mdr_html_push_implied(h, id) == NULL) {
        h->too_deep--;
        return MDR_RAW_NONE;
    }

    h->mode = mode;

    return AGAIN;
}


static void
enter(mdr_html_t *h, uint8_t mode)
{
    if (mdr_html_element(h) != NULL) {
        h->mode = mode;
    }
}


static int
in_table_start(mdr_html_t *h)
{
    int          i;
    mdr_open_t  *e;

    switch (h->tag.id) {

    case T_CAPTION:
        clear_to(h, T_TABLE, T_TABLE, T_TABLE);
        mdr_html_marker(h);
        enter(h, M_IN_CAPTION);
        return MDR_RAW_NONE;

    case T_COLGROUP:
        clear_to(h, T_TABLE, T_TABLE, T_TABLE);
        enter(h, M_IN_COLGROUP);
        return MDR_RAW_NONE;

    case T_COL:
        clear_to(h, T_TABLE, T_TABLE, T_TABLE);
        return imply(h, T_COLGROUP, M_IN_COLGROUP);

    case T_TBODY:
    case T_TFOOT:
    case T_THEAD:
        clear_to(h, T_TABLE, T_TABLE, T_TABLE);
        enter(h, M_IN_TABLE_BODY);
        return MDR_RAW_NONE;

    case T_TD:
    case T_TH:
    case T_TR:
        clear_to(h, T_TABLE, T_TABLE, T_TABLE);
        return imply(h, T_TBODY, M_IN_TABLE_BODY);

    case T_TABLE:
        i = mdr_html_in_table_scope(h, T_TABLE);
        if (i < 0) {
            return MDR_RAW_NONE;
        }
        mdr_html_pop_to(h, (uint32_t) i, h->tag.start);
        mdr_html_reset_mode(h);
        return AGAIN;

    case T_STYLE:
    case T_SCRIPT:
    case T_TEMPLATE:
        return mdr_html_head_start(h);

    case T_INPUT:
        if (mdr_html_attr_is(h, "type", "hidden")) {
            mdr_html_void(h);
            return MDR_RAW_NONE;
        }
        break;

    case T_FORM:
        if (h->templates == 0 && h->form == 0) {
            e = mdr_html_element(h);
            h->form = UINT64_MAX;
            if (e != NULL) {
                h->form = e->serial;
                mdr_html_pop(h, h->tag.stop);
            }
        }
        return MDR_RAW_NONE;

    default:
        break;
    }

    return mdr_html_body_start(h);
}


static void
close_cell(mdr_html_t *h)
{
    uint32_t  i;

    for (i = h->n; i > 1; i--) {
        if (h->open[i - 1].id == T_TD || h->open[i - 1].id == T_TH) {
            mdr_html_pop_to(h, i - 1, h->tag.start);
            break;
        }
    }

    mdr_html_clear_to_marker(h);
    h->mode = M_IN_ROW;
}


static int
close_caption(mdr_html_t *h, uint64_t end)
{
    int  i;

    i = mdr_html_in_table_scope(h, T_CAPTION);

    if (i < 0) {
        return 0;
    }

    mdr_html_pop_to(h, (uint32_t) i, end);
    mdr_html_clear_to_marker(h);
    h->mode = M_IN_TABLE;

    return 1;
}


static int
close_row(mdr_html_t *h, uint64_t end)
{
    if (mdr_html_in_table_scope(h, T_TR) < 0) {
        return 0;
    }

    clear_to(h, T_TR, T_TR, T_TR);
    mdr_html_pop(h, end);
    h->mode = M_IN_TABLE_BODY;

    return 1;
}


static int
close_table_body(mdr_html_t *h, uint64_t end)
{
    if (mdr_html_in_table_scope(h, T_TBODY) < 0
        && mdr_html_in_table_scope(h, T_THEAD) < 0
        && mdr_html_in_table_scope(h, T_TFOOT) < 0)
    {
        return 0;
    }

    clear_to(h, T_TBODY, T_THEAD, T_TFOOT);
    mdr_html_pop(h, end);
    h->mode = M_IN_TABLE;

    return 1;
}


int
mdr_html_table_start(mdr_html_t *h)
{
    uint8_t   id;
    uint32_t  f;

    id = h->tag.id;
    f = mdr_html_flags(id);

    switch (h->mode) {

    case M_IN_CAPTION:
        if (f & F_TABLE) {
            return close_caption(h, h->tag.start) ? AGAIN : MDR_RAW_NONE;
        }
        return mdr_html_body_start(h);

    case M_IN_COLGROUP:
        if (id == T_HTML) {
            return MDR_RAW_NONE;
        }
        if (id == T_COL) {
            mdr_html_void(h);
            return MDR_RAW_NONE;
        }
        if (id == T_TEMPLATE) {
            return mdr_html_head_start(h);
        }
        if (!IS_TOP(h, T_COLGROUP)) {
            return MDR_RAW_NONE;
        }
        mdr_html_pop(h, h->tag.start);
        h->mode = M_IN_TABLE;
        return AGAIN;

    case M_IN_TABLE_BODY:
        if (id == T_TR) {
            clear_to(h, T_TBODY, T_THEAD, T_TFOOT);
            enter(h, M_IN_ROW);
            return MDR_RAW_NONE;
        }
        if (id == T_TD || id == T_TH) {
            clear_to(h, T_TBODY, T_THEAD, T_TFOOT);
            return imply(h, T_TR, M_IN_ROW);
        }
        if (f & F_TABLE) {
            return close_table_body(h, h->tag.start) ? AGAIN : MDR_RAW_NONE;
        }
        return in_table_start(h);

    case M_IN_ROW:
        if (id == T_TD || id == T_TH) {
            clear_to(h, T_TR, T_TR, T_TR);
            enter(h, M_IN_CELL);
            mdr_html_marker(h);
            return MDR_RAW_NONE;
        }
        if (f & F_TABLE) {
            return close_row(h, h->tag.start) ? AGAIN : MDR_RAW_NONE;
        }
        return in_table_start(h);

    case M_IN_CELL:
        if (f & F_TABLE) {
            close_cell(h);
            return AGAIN;
        }
        return mdr_html_body_start(h);

    default:                            /* M_IN_TABLE                        */
        return in_table_start(h);
    }
}


static int
in_table_end(mdr_html_t *h)
{
    int       i;
    uint8_t   id;

    id = h->tag.id;

    if (id == T_TABLE) {
        i = mdr_html_in_table_scope(h, T_TABLE);
        if (i >= 0) {
            mdr_html_pop_to(h, (uint32_t) i, h->tag.stop);
            mdr_html_reset_mode(h);
        }
        return MDR_RAW_NONE;
    }

    if ((mdr_html_flags(id) & F_TABLE) || id == T_BODY || id == T_HTML) {
        return MDR_RAW_NONE;
    }

    return mdr_html_body_end(h);
}


static int
cell_end(mdr_html_t *h)
{
    int      i;
    uint8_t  id;

    id = h->tag.id;

    switch (id) {

    case T_TD:
    case T_TH:
        i = mdr_html_in_table_scope(h, id);
        if (i >= 0) {
            mdr_html_pop_to(h, (uint32_t) i, h->tag.stop);
            mdr_html_clear_to_marker(h);
            h->mode = M_IN_ROW;
        }
        return MDR_RAW_NONE;

    case T_TABLE:
    case T_TBODY:
    case T_TFOOT:
    case T_THEAD:
    case T_TR:
        if (mdr_html_in_table_scope(h, id) < 0) {
            return MDR_RAW_NONE;
        }
        close_cell(h);
        return AGAIN;

    case T_BODY:
    case T_CAPTION:
    case T_COL:
    case T_COLGROUP:
    case T_HTML:
        return MDR_RAW_NONE;

    default:
        return mdr_html_body_end(h);
    }
}


static int
row_end(mdr_html_t *h)
{
    uint8_t  id;

    id = h->tag.id;

    switch (id) {

    case T_TR:
        (void) close_row(h, h->tag.stop);
        return MDR_RAW_NONE;

    case T_TBODY:
    case T_TFOOT:
    case T_THEAD:
        if (mdr_html_in_table_scope(h, id) < 0) {
            return MDR_RAW_NONE;
        }
        /* fall through */

    case T_TABLE:
        return close_row(h, h->tag.start) ? AGAIN : MDR_RAW_NONE;

    default:
        return in_table_end(h);
    }
}


int
mdr_html_table_end(mdr_html_t *h)
{
    uint8_t  id;

    id = h->tag.id;

    switch (h->mode) {

    case M_IN_CAPTION:
        if (id == T_CAPTION) {
            (void) close_caption(h, h->tag.stop);
            return MDR_RAW_NONE;
        }
        if (id == T_TABLE) {
            return close_caption(h, h->tag.start) ? AGAIN : MDR_RAW_NONE;
        }
        if ((mdr_html_flags(id) & F_TABLE) || id == T_BODY || id == T_HTML) {
            return MDR_RAW_NONE;
        }
        return mdr_html_body_end(h);

    case M_IN_COLGROUP:
        if (id == T_COL) {
            return MDR_RAW_NONE;
        }
        if (id == T_TEMPLATE) {
            mdr_html_template_end(h);
            return MDR_RAW_NONE;
        }
        if (!IS_TOP(h, T_COLGROUP)) {
            return MDR_RAW_NONE;
        }
        mdr_html_pop(h, id == T_COLGROUP ? h->tag.stop : h->tag.start);
        h->mode = M_IN_TABLE;
        return id == T_COLGROUP ? MDR_RAW_NONE : AGAIN;

    case M_IN_TABLE_BODY:
        if (id == T_TBODY || id == T_TFOOT || id == T_THEAD) {
            if (mdr_html_in_table_scope(h, id) >= 0) {
                clear_to(h, T_TBODY, T_THEAD, T_TFOOT);
                mdr_html_pop(h, IS_TOP(h, id) ? h->tag.stop : h->tag.start);
                h->mode = M_IN_TABLE;
            }
            return MDR_RAW_NONE;
        }
        if (id == T_TABLE) {
            return close_table_body(h, h->tag.start) ? AGAIN : MDR_RAW_NONE;
        }
        return in_table_end(h);

    case M_IN_ROW:
        return row_end(h);

    case M_IN_CELL:
        return cell_end(h);

    default:                            /* M_IN_TABLE                        */
        return in_table_end(h);
    }
}
