/*
 * html_modes.c - which tag opens and closes what (WHATWG HTML, section
 * 13.2.6): the insertion modes, as far as they decide extents.
 *
 * Here: what goes where, what all rules share, template and frameset,
 * and text, which opens a body and formatting elements, too.
 */

#include "html_modes.h"

#include <string.h>


mdr_open_t *
mdr_html_element(mdr_html_t *h)
{
    mdr_open_t  *e;

    if (h->rules->nth) {
        h->tag.child = h->n != 0 ? ++mdr_html_top(h)->children : 1;
    }

    e = mdr_html_push(h, h->tag.id, MDR_NS_HTML);

    if (e != NULL) {
        mdr_html_opened(h, e);
    }

    return e;
}


void
mdr_html_void(mdr_html_t *h)
{
    if (h->rules->nth && h->n != 0) {
        h->tag.child = ++mdr_html_top(h)->children;
    }

    if (h->tag.id == T_BR) {
        mdr_html_space(h);
    }

    mdr_html_opened(h, NULL);
}


int
mdr_html_raw(mdr_html_t *h, int raw)
{
    h->raw_pushed = 1;

    if (mdr_html_element(h) == NULL) {
        h->too_deep--;
        h->raw_pushed = 2;
    }

    return raw;
}


void
mdr_html_empty(mdr_html_t *h, uint8_t id)
{
    if (mdr_html_push_implied(h, id) == NULL) {
        h->too_deep--;
        return;
    }

    mdr_html_pop(h, h->tag.stop);
}


int
mdr_html_attr_is(mdr_html_t *h, const char *name, const char *value)
{
    size_t             i, n;
    uint8_t            c;
    mdr_str_t          s;
    const uint8_t     *v;
    const mdr_attr_t  *a;

    s.data = name;
    s.len = (uint32_t) strlen(name);
    a = mdr_html_attr(&h->tag, s,
                      mdr_html_name((const uint8_t *) name, s.len));

    if (a == NULL || value == NULL) {
        return a != NULL;
    }

    n = strlen(value);
    v = h->tag.p + a->value;

    if (a->value_end - a->value != n) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        c = v[i] >= 'A' && v[i] <= 'Z' ? (uint8_t) (v[i] | 32) : v[i];
        if (c != (uint8_t) value[i]) {
            return 0;
        }
    }

    return 1;
}


/* 13.2.4.1, "reset the insertion mode appropriately" */

void
mdr_html_reset_mode(mdr_html_t *h)
{
    uint32_t  i;

    for (i = h->n; i > 0; i--) {

        switch (h->open[i - 1].id) {

        case T_TD:
        case T_TH:
            h->mode = M_IN_CELL;
            return;

        case T_TR:
            h->mode = M_IN_ROW;
            return;

        case T_TBODY:
        case T_THEAD:
        case T_TFOOT:
            h->mode = M_IN_TABLE_BODY;
            return;

        case T_CAPTION:
            h->mode = M_IN_CAPTION;
            return;

        case T_COLGROUP:
            h->mode = M_IN_COLGROUP;
            return;

        case T_TABLE:
            h->mode = M_IN_TABLE;
            return;

        case T_TEMPLATE:
            h->mode = h->template_modes[h->templates - 1];
            return;

        case T_HEAD:
            h->mode = M_IN_HEAD;
            return;

        case T_BODY:
            h->mode = M_IN_BODY;
            return;

        case T_FRAMESET:
            h->mode = M_IN_FRAMESET;
            return;

        case T_HTML:
            h->mode = h->head_seen ? M_AFTER_HEAD : M_BEFORE_HEAD;
            return;

        default:
            break;
        }
    }

    h->mode = M_IN_BODY;
}


int
mdr_html_noscript(mdr_html_t *h)
{
    mdr_open_t  *e;

    if (h->noscript != 0 || h->n == MDR_HTML_DEPTH) {
        (void) mdr_html_element(h);
        return MDR_RAW_NONE;
    }

    e = mdr_html_element(h);
    e->flags |= F_SCOPE;                /* nothing outside ends in it        */
    mdr_html_marker(h);

    h->noscript = e->serial;
    h->noscript_from = h->tag.stop;
    h->kept_mode = h->mode;
    h->kept_frameset = h->frameset_ok;
    h->kept_form = h->form;
    h->mode = M_IN_BODY;

    return MDR_RAW_NOSCRIPT;
}


void
mdr_html_noscript_end(mdr_html_t *h, uint64_t at)
{
    int  i;

    if (h->script != NULL) {
        mdr_script_free(h->script);
        h->script = NULL;
    }

    h->tag.start = at;
    h->tag.stop = at;
    i = mdr_html_find(h, h->noscript);

    while (i >= 0 && h->n > (uint32_t) i + 1) {
        mdr_html_pop(h, at);
    }

    mdr_html_clear_to_marker(h);

    h->noscript = 0;
    h->mode = h->kept_mode;
    h->frameset_ok = h->kept_frameset;
    h->form = h->kept_form;
    h->too_deep = 0;
    memset(h->ndeep, 0, sizeof(h->ndeep));
    h->raw_pushed = 0;
    h->script_state = 0;
    h->skip_newline = 0;
    h->looked = 0;
    h->state = MDR_HTML_DATA;
}


static void
template_start(mdr_html_t *h)
{
    if (h->n == MDR_HTML_DEPTH) {
        (void) mdr_html_element(h);
        return;
    }

    mdr_html_marker(h);
    mdr_html_template_opened(h, mdr_html_element(h));
    h->frameset_ok = 0;
    h->mode = M_IN_TEMPLATE;
    h->template_modes[h->templates++] = M_IN_TEMPLATE;
}


void
mdr_html_template_end(mdr_html_t *h)
{
    uint32_t  i;

    if (h->templates == 0) {
        return;
    }

    for (i = h->n; i > 0; i--) {
        if (h->open[i - 1].id == T_TEMPLATE) {
            mdr_html_pop_to(h, i - 1, h->tag.stop);
            mdr_html_clear_to_marker(h);
            mdr_html_reset_mode(h);
            return;
        }
    }
}


static void
template_mode(mdr_html_t *h, uint8_t mode)
{
    h->template_modes[h->templates - 1] = mode;
    h->mode = mode;
}


/* does a meta allow scripts by what they are (CSP 3, 3.3)? */

static void
see_meta(mdr_html_t *h)
{
    size_t             i;
    mdr_str_t          s;
    const uint8_t     *p;
    const mdr_attr_t  *a;

    if (!mdr_html_attr_is(h, "http-equiv", "content-security-policy")) {
        return;
    }

    s.data = "content";
    s.len = 7;
    a = mdr_html_attr(&h->tag, s, mdr_html_name((const uint8_t *) "content",
                                                7));

    for (i = a != NULL ? a->value : 0; a != NULL && i + 7 < a->value_end; i++) {
        p = h->tag.p + i;

        if ((p[0] | 32) == 's' && (p[1] | 32) == 'h' && (p[2] | 32) == 'a'
            && p[3] >= '0' && p[3] <= '9' && p[6] == '-')
        {
            mdr_sink_hashes(h->sink);
            return;
        }
    }
}


/* 13.2.6.4.4, for the tags with F_HEAD */

int
mdr_html_head_start(mdr_html_t *h)
{
    switch (h->tag.id) {

    case T_TITLE:
        return mdr_html_raw(h, MDR_RAW_RCDATA);

    case T_NOFRAMES:
    case T_STYLE:
        return mdr_html_raw(h, MDR_RAW_TEXT);

    case T_SCRIPT:
        return mdr_html_raw(h, MDR_RAW_SCRIPT);

    case T_TEMPLATE:
        template_start(h);
        return MDR_RAW_NONE;

    case T_META:
        see_meta(h);
        /* fall through */

    default:
        mdr_html_void(h);
        return MDR_RAW_NONE;
    }
}


static int
template_inner_start(mdr_html_t *h)
{
    switch (h->tag.id) {

    case T_CAPTION:
    case T_COLGROUP:
    case T_TBODY:
    case T_TFOOT:
    case T_THEAD:
        template_mode(h, M_IN_TABLE);
        return AGAIN;

    case T_COL:
        template_mode(h, M_IN_COLGROUP);
        return AGAIN;

    case T_TR:
        template_mode(h, M_IN_TABLE_BODY);
        return AGAIN;

    case T_TD:
    case T_TH:
        template_mode(h, M_IN_ROW);
        return AGAIN;

    default:
        if (mdr_html_flags(h->tag.id) & F_HEAD) {
            return mdr_html_head_start(h);
        }
        template_mode(h, M_IN_BODY);
        return AGAIN;
    }
}


/* one of the modes whose rules stand together, by the first of them */

static int
rules_of(int mode)
{
    switch (mode) {

    case M_IN_CAPTION:
    case M_IN_COLGROUP:
    case M_IN_TABLE_BODY:
    case M_IN_ROW:
    case M_IN_CELL:
        return M_IN_TABLE;

    default:
        return mode;
    }
}


static int
mode_start(mdr_html_t *h)
{
    uint8_t  id;

    id = h->tag.id;

    switch (rules_of(h->mode)) {

    case M_IN_BODY:
        return mdr_html_body_start(h);

    case M_IN_TABLE:
        return mdr_html_table_start(h);

    case M_IN_TEMPLATE:
        return template_inner_start(h);

    case M_IN_FRAMESET:
        if (id == T_FRAMESET) {
            (void) mdr_html_element(h);
        } else if (id == T_FRAME) {
            mdr_html_void(h);
        } else if (id == T_NOFRAMES) {
            return mdr_html_head_start(h);
        }
        return MDR_RAW_NONE;

    case M_AFTER_FRAMESET:
        return id == T_NOFRAMES ? mdr_html_head_start(h) : MDR_RAW_NONE;

    default:
        return mdr_html_early_start(h);
    }
}


/* inside elements that are too deep to be tracked */

static int
deep_start(mdr_html_t *h)
{
    uint8_t   id;
    uint32_t  f;

    id = h->tag.id;
    f = mdr_html_flags(id);

    if (mdr_html_is_foreign(mdr_html_top(h))) {
        if (!h->tag.self_closing) {
            (void) mdr_html_push(h, id, MDR_NS_HTML);
        }
        return MDR_RAW_NONE;
    }

    if (id == T_PLAINTEXT) {
        return MDR_RAW_PLAIN;
    }

    if (id == T_SCRIPT || (f & (F_RAW|F_RCDATA))) {
        h->raw_pushed = 2;
        return id == T_SCRIPT ? MDR_RAW_SCRIPT
               : f & F_RAW ? MDR_RAW_TEXT : MDR_RAW_RCDATA;
    }

    if (!(f & F_VOID)) {
        (void) mdr_html_push(h, id, MDR_NS_HTML);
    }

    return MDR_RAW_NONE;
}


/* 1: the end of an element that is not tracked, or of none */

static int
deep_end(mdr_html_t *h)
{
    uint8_t   id;
    uint32_t  i;

    id = h->tag.id;

    if (h->too_deep > MDR_HTML_DEEP) {
        h->too_deep--;
        return 1;
    }

    if (h->ndeep[id] != 0) {
        for (i = (uint32_t) h->too_deep; h->deep[i - 1] != id; i--) {
            h->ndeep[h->deep[i - 1]]--;
        }

        h->ndeep[id]--;
        h->too_deep = i - 1;
        return 1;
    }

    if (!mdr_html_may_be_open(h, id, h->tag.name)) {
        return 1;
    }

    for (i = h->n; i > 0; i--) {
        if (h->open[i - 1].name == h->tag.name) {
            h->too_deep = 0;
            memset(h->ndeep, 0, sizeof(h->ndeep));
            return 0;
        }
    }

    return 1;
}


int
mdr_html_start(mdr_html_t *h)
{
    int  raw;

    h->skip_newline = 0;

    if (h->too_deep != 0) {
        return deep_start(h);
    }

    if (h->n != 0 && mdr_html_top(h)->ns != MDR_NS_HTML) {
        if (mdr_html_foreign_start(h)) {
            return MDR_RAW_NONE;
        }

    } else if (h->mode == M_IN_BODY) {

        /* the common case by itself */
        if (h->tag.id != T_IMAGE) {
            return mdr_html_body_start(h);
        }
    }

    if (h->tag.id == T_IMAGE) {
        h->tag.id = T_IMG;
        h->tag.name = mdr_html_name((const uint8_t *) "img", 3);
    }

    do {
        raw = mode_start(h);
    } while (raw == AGAIN);

    return raw;
}


static int
mode_end(mdr_html_t *h)
{
    uint8_t  id;

    id = h->tag.id;

    switch (rules_of(h->mode)) {

    case M_IN_BODY:
        return mdr_html_body_end(h);

    case M_IN_TABLE:
        return mdr_html_table_end(h);

    case M_IN_TEMPLATE:
        if (id == T_TEMPLATE) {
            mdr_html_template_end(h);
        }
        return MDR_RAW_NONE;

    case M_IN_FRAMESET:
        if (id == T_FRAMESET && !IS_TOP(h, T_HTML)) {
            mdr_html_pop(h, h->tag.stop);
            if (!IS_TOP(h, T_FRAMESET)) {
                h->mode = M_AFTER_FRAMESET;
            }
        }
        return MDR_RAW_NONE;

    case M_AFTER_FRAMESET:
        return MDR_RAW_NONE;

    default:
        mdr_html_early_end(h);
        return MDR_RAW_NONE;
    }
}


void
mdr_html_end(mdr_html_t *h)
{
    h->skip_newline = 0;

    /* the end of a raw text element */

    if (h->raw_pushed) {
        if (h->raw_pushed == 1) {
            mdr_html_pop(h, h->tag.stop);
        }
        h->raw_pushed = 0;
        return;
    }

    if (h->too_deep != 0 && deep_end(h)) {
        return;
    }

    /* the end of a noscript whose inside is over */

    if (h->tag.id == T_NOSCRIPT && h->n != 0 && h->noscript == 0
        && IS_TOP(h, T_NOSCRIPT))
    {
        mdr_html_pop(h, h->tag.stop);
        return;
    }

    if (h->n != 0 && mdr_html_top(h)->ns != MDR_NS_HTML
        && mdr_html_foreign_end(h))
    {
        return;
    }

    while (mode_end(h) == AGAIN) { /* void */ }
}


void
mdr_html_text_seen(mdr_html_t *h, uint64_t at)
{
    const mdr_open_t  *e;

    e = h->n != 0 ? mdr_html_top(h) : NULL;

    if (e != NULL && mdr_html_is_foreign(e)) {
        if (at != MDR_NO_POS) {
            h->frameset_ok = 0;
        }
        return;
    }

    if (at == MDR_NO_POS) {

        /* white space: it opens formatting elements, but not in tables */

        switch (h->mode) {

        case M_IN_TABLE:
        case M_IN_TABLE_BODY:
        case M_IN_ROW:
            if (e != NULL && (e->id == T_TABLE || e->id == T_TR
                              || e->id == T_TBODY || e->id == T_THEAD
                              || e->id == T_TFOOT || e->id == T_TEMPLATE))
            {
                return;
            }
            /* fall through */

        case M_IN_BODY:
        case M_IN_CAPTION:
        case M_IN_CELL:
        case M_IN_TEMPLATE:
            mdr_html_reconstruct(h);
            return;

        default:
            return;
        }
    }

    h->tag.start = at;
    h->tag.stop = at;

    for ( ;; ) {

        switch (h->mode) {

        case M_BEFORE_HTML:
            (void) mdr_html_push_implied(h, T_HTML);
            h->mode = M_BEFORE_HEAD;
            break;

        case M_BEFORE_HEAD:
            (void) mdr_html_push_implied(h, T_HEAD);
            h->head_seen = 1;
            h->mode = M_IN_HEAD;
            break;

        case M_IN_HEAD:
            mdr_html_leave_head(h, at);
            break;

        case M_AFTER_HEAD:
            (void) mdr_html_push_implied(h, T_BODY);
            h->mode = M_IN_BODY;
            break;

        case M_IN_COLGROUP:
            if (!IS_TOP(h, T_COLGROUP)) {
                return;
            }
            mdr_html_pop(h, at);
            h->mode = M_IN_TABLE;
            break;

        case M_IN_FRAMESET:
        case M_AFTER_FRAMESET:
            return;

        default:
            mdr_html_reconstruct(h);
            h->frameset_ok = 0;
            return;
        }
    }
}


void
mdr_html_eof(mdr_html_t *h, uint64_t at)
{
    h->tag.start = at;
    h->tag.stop = at;

    while (h->n != 0) {
        mdr_html_pop(h, at);
    }
}
