/*
 * html_select.c - select and what may not stand in it (WHATWG HTML, section
 * 13.2.6.4.7, since select takes any content, 2025): tags inside are read as
 * in any element; it ends scopes, another select or an input ends it, and
 * option, optgroup and hr end the options before them.
 */

#include "html_modes.h"


int
mdr_html_select_start(mdr_html_t *h)
{
    int      i;
    uint8_t  id;

    id = h->tag.id;
    i = mdr_html_in_scope(h, T_SELECT, 0);

    switch (id) {

    case T_SELECT:
    case T_INPUT:
        if (i >= 0) {
            mdr_html_pop_to(h, (uint32_t) i, h->tag.start);
        }
        if (id == T_INPUT) {
            mdr_html_reconstruct(h);
            mdr_html_void(h);
        } else if (i < 0) {
            mdr_html_reconstruct(h);
            (void) mdr_html_element(h);
        }
        break;

    case T_HR:
        if (i >= 0) {
            mdr_html_implied_ends(h, T_NONE);
        }
        mdr_html_void(h);
        break;

    default:                            /* option, optgroup                  */
        if (i >= 0) {
            mdr_html_implied_ends(h, id == T_OPTION ? T_OPTGROUP : T_NONE);
        } else if (IS_TOP(h, T_OPTION)) {
            mdr_html_pop(h, h->tag.start);
        }
        mdr_html_reconstruct(h);
        (void) mdr_html_element(h);
    }

    return MDR_RAW_NONE;
}
