/*
 * html_tree.c - which tag opens and closes which elements (WHATWG HTML,
 * section 13.2.6, tree construction).
 *
 * Only extents are worked out: the stack of open elements, the list of
 * active formatting elements, implied end tags, tables, ruby, select, foreign
 * content, the adoption agency.  No tree is built.  An element ends at the
 * end of its own end tag, or where the token begins that closes it.  Clones
 * that the standard makes stand on the stack without being items.
 *
 * Elements deeper than MDR_HTML_DEPTH are counted, not tracked.
 */

#include "html.h"
#include "html_tags.h"

#include <string.h>


#define TAG_FLAGS(id, name, f)  f,

static const uint16_t  flags[T_COUNT + 1] = { 0, TAGS(TAG_FLAGS) };


static mdr_open_t *
top(mdr_html_t *h)
{
    return &h->open[h->n - 1];
}


static uint32_t
flags_of(const mdr_open_t *e)
{
    return e->ns == MDR_NS_HTML ? flags[e->id] : e->flags;
}


/* the element at index i ends */

static void
take_out(mdr_html_t *h, uint32_t i, uint64_t end)
{
    mdr_open_t  e;

    e = h->open[i];
    h->n--;

    if (i < h->n) {
        memmove(&h->open[i], &h->open[i + 1],
                (h->n - i) * sizeof(mdr_open_t));
        memmove(&h->bits[i * h->rules->words],
                &h->bits[(i + 1) * h->rules->words],
                (h->n - i) * h->rules->words * sizeof(uint64_t));
    }

    if (e.id == T_TEMPLATE && e.ns == MDR_NS_HTML) {
        h->templates--;
    }

    if (e.quiet) {
        h->quiet--;
    }

    if (e.ns == MDR_NS_HTML) {
        h->paragraphs -= e.id == T_P;
        h->selects -= e.id == T_SELECT;
    }

    if (e.items || e.collects) {
        mdr_html_closed(h, &e, end, h->tag.stop);
    }
}


static inline void
pop(mdr_html_t *h, uint64_t end)
{
    take_out(h, h->n - 1, end);
}


/* pops down to index i; it itself ends with the token, the others before */

static void
pop_to(mdr_html_t *h, uint32_t i, uint64_t at, uint64_t end)
{
    while (h->n > i + 1) {
        pop(h, at);
    }

    pop(h, end);
}


static int
find_serial(const mdr_html_t *h, uint64_t serial)
{
    uint32_t  i;

    for (i = h->n; i > 0; i--) {
        if (h->open[i - 1].serial == serial) {
            return (int) i - 1;
        }
    }

    return -1;
}


/* index of the innermost HTML element id in scope, or -1 */

static int
in_scope(const mdr_html_t *h, uint8_t id, int button, int list)
{
    uint32_t           i;
    const mdr_open_t  *e;

    for (i = h->n; i > 0; i--) {
        e = &h->open[i - 1];

        if (e->ns != MDR_NS_HTML) {
            if (e->flags & F_SCOPE) {
                return -1;
            }
            continue;
        }

        if (e->id == id) {
            return (int) i - 1;
        }

        if ((flags[e->id] & F_SCOPE)
            || (button && e->id == T_BUTTON)
            || (list && (e->id == T_OL || e->id == T_UL)))
        {
            return -1;
        }
    }

    return -1;
}


static int
in_table_scope(const mdr_html_t *h, uint8_t id)
{
    uint32_t           i;
    const mdr_open_t  *e;

    for (i = h->n; i > 0; i--) {
        e = &h->open[i - 1];

        if (e->ns != MDR_NS_HTML) {
            continue;
        }

        if (e->id == id) {
            return (int) i - 1;
        }

        if (e->id == T_TABLE || e->id == T_HTML || e->id == T_TEMPLATE) {
            return -1;
        }
    }

    return -1;
}


static void
implied_ends(mdr_html_t *h, uint8_t except, uint64_t at)
{
    mdr_open_t  *e;

    while (h->n != 0) {
        e = top(h);

        if (e->ns != MDR_NS_HTML || !(flags[e->id] & F_IMPLIED)
            || e->id == except)
        {
            return;
        }

        pop(h, at);
    }
}


static void
close_p(mdr_html_t *h, uint64_t at)
{
    int  i;

    if (h->paragraphs == 0) {
        return;
    }

    i = in_scope(h, T_P, 1, 0);

    if (i >= 0) {
        pop_to(h, (uint32_t) i, at, at);
    }
}


/* formatting elements */

static void
clear_to_marker(mdr_html_t *h)
{
    while (h->nformats != 0) {
        if (h->formats[--h->nformats].name == 0) {
            return;
        }
    }
}


static void
add_format(mdr_html_t *h, mdr_name_t name, uint8_t id, uint64_t serial,
    uint64_t hash)
{
    uint32_t       i, first, same;
    mdr_format_t  *f;

    /* at most three alike behind the last marker (Noah's Ark clause) */

    for (i = h->nformats, same = 0, first = 0; name != 0 && i > 0; i--) {
        f = &h->formats[i - 1];

        if (f->name == 0) {
            break;
        }

        if (f->name == name && f->hash == hash) {
            same++;
            first = i - 1;
        }
    }

    if (same >= 3 || h->nformats == MDR_FORMATS) {
        i = same >= 3 ? first : 0;
        h->nformats--;
        memmove(&h->formats[i], &h->formats[i + 1],
                (h->nformats - i) * sizeof(mdr_format_t));
    }

    f = &h->formats[h->nformats++];
    f->name = name;
    f->id = id;
    f->serial = serial;
    f->hash = hash;
}


static void
remove_format(mdr_html_t *h, uint32_t i)
{
    h->nformats--;
    memmove(&h->formats[i], &h->formats[i + 1],
            (h->nformats - i) * sizeof(mdr_format_t));
}


static int
format_of(const mdr_html_t *h, uint64_t serial)
{
    uint32_t  i;

    for (i = h->nformats; i > 0; i--) {
        if (h->formats[i - 1].name != 0
            && h->formats[i - 1].serial == serial)
        {
            return (int) i - 1;
        }
    }

    return -1;
}


/* an element on the stack; 0: too deep, it is only counted */

static mdr_open_t *
push(mdr_html_t *h, mdr_name_t name, uint8_t id, uint8_t ns)
{
    mdr_open_t  *e;

    if (h->n == MDR_HTML_DEPTH) {
        h->too_deep++;

        if (!h->said_deep) {
            h->said_deep = 1;
            mdr_sink_error(h->sink, MDR_ERR_DEPTH, h->tag.start,
                           "more than 512 elements inside one another");
        }
        return NULL;
    }

    e = &h->open[h->n++];
    memset(e, 0, sizeof(mdr_open_t));
    e->name = name;
    e->id = id;
    e->ns = ns;
    e->serial = ++h->serial;

    if (ns == MDR_NS_HTML) {
        h->paragraphs += id == T_P;
        h->selects += id == T_SELECT;
    }


    if (h->rules->words == 1) {
        h->bits[h->n - 1] = 0;
    } else {
        memset(&h->bits[(h->n - 1) * h->rules->words], 0,
               h->rules->words * sizeof(uint64_t));
    }

    return e;
}


static mdr_open_t *
push_clone(mdr_html_t *h, mdr_name_t name, uint8_t id)
{
    mdr_open_t  *e;

    e = push(h, name, id, MDR_NS_HTML);
    if (e != NULL) {
        e->clone = 1;
    }

    return e;
}


static void
reconstruct(mdr_html_t *h)
{
    uint32_t       i;
    mdr_open_t    *e;
    mdr_format_t  *f;

    if (h->nformats == 0) {
        return;
    }

    i = h->nformats;
    f = &h->formats[i - 1];

    if (f->name == 0 || find_serial(h, f->serial) >= 0) {
        return;
    }

    while (i > 1 && h->formats[i - 2].name != 0
           && find_serial(h, h->formats[i - 2].serial) < 0)
    {
        i--;
    }

    for ( ; i <= h->nformats; i++) {
        f = &h->formats[i - 1];
        e = push_clone(h, f->name, f->id);
        if (e == NULL) {
            return;
        }
        f->serial = e->serial;
    }
}


/* section 13.2.6.4.7, "adoption agency algorithm"; 0: any other end tag */

static int
adoption(mdr_html_t *h, mdr_name_t name, uint8_t id, uint64_t at,
    uint64_t end)
{
    int           fi, si, k, lf;
    uint32_t      i, block, loop;
    mdr_open_t    clone;
    mdr_open_t   *e;

    e = top(h);

    if (e->ns == MDR_NS_HTML && e->name == name
        && format_of(h, e->serial) < 0)
    {
        pop(h, end);
        return 1;
    }

    for (loop = 0; loop < 8; loop++) {

        for (fi = -1, i = h->nformats; i > 0; i--) {
            if (h->formats[i - 1].name == 0) {
                break;
            }
            if (h->formats[i - 1].name == name) {
                fi = (int) i - 1;
                break;
            }
        }

        if (fi < 0) {
            return loop != 0;
        }

        si = find_serial(h, h->formats[fi].serial);

        if (si < 0) {
            remove_format(h, (uint32_t) fi);
            return 1;
        }

        /* in scope: nothing that ends the scope stands above it */

        for (i = h->n; i > (uint32_t) si + 1; i--) {
            if (flags_of(&h->open[i - 1]) & F_SCOPE) {
                return 1;
            }
        }

        for (block = (uint32_t) si + 1; block < h->n; block++) {
            if (flags_of(&h->open[block]) & F_SPECIAL) {
                break;
            }
        }

        if (block == h->n) {
            pop_to(h, (uint32_t) si, at, loop == 0 ? end : at);
            remove_format(h, (uint32_t) fi);
            return 1;
        }

        /* between the two: formatting elements become clones, others go */

        for (i = block, k = 0; i > (uint32_t) si + 1; ) {
            i--;
            k++;
            lf = format_of(h, h->open[i].serial);

            if (lf >= 0 && k > 3) {
                remove_format(h, (uint32_t) lf);
                if (lf < fi) {
                    fi--;
                }
                lf = -1;
            }

            if (lf < 0) {
                take_out(h, i, at);
                block--;
                continue;
            }

            clone = h->open[i];

            if (clone.items || clone.collects) {
                mdr_html_closed(h, &clone, at, h->tag.stop);
            }

            e = &h->open[i];
            e->clone = 1;
            e->items = 0;
            e->collects = 0;
            e->serial = ++h->serial;
            h->formats[lf].serial = e->serial;
            memset(&h->bits[i * h->rules->words], 0,
                   h->rules->words * sizeof(uint64_t));
        }

        /* the element itself goes; a clone of it stands above the block */

        take_out(h, (uint32_t) si, loop == 0 ? end : at);
        block--;

        if (push_clone(h, name, id) == NULL) {
            remove_format(h, (uint32_t) fi);
            return 1;
        }

        clone = h->open[h->n - 1];
        h->formats[fi].serial = clone.serial;

        memmove(&h->open[block + 2], &h->open[block + 1],
                (h->n - block - 2) * sizeof(mdr_open_t));
        memmove(&h->bits[(block + 2) * h->rules->words],
                &h->bits[(block + 1) * h->rules->words],
                (h->n - block - 2) * h->rules->words * sizeof(uint64_t));
        h->open[block + 1] = clone;
        memset(&h->bits[(block + 1) * h->rules->words], 0,
               h->rules->words * sizeof(uint64_t));
    }

    return 1;
}


static void
any_other_end(mdr_html_t *h, uint64_t at, uint64_t end)
{
    uint32_t     i;
    mdr_open_t  *e;

    for (i = h->n; i > 0; i--) {
        e = &h->open[i - 1];

        if (e->ns == MDR_NS_HTML && e->name == h->tag.name) {
            pop_to(h, i - 1, at, end);
            return;
        }

        if (flags_of(e) & F_SPECIAL) {
            return;
        }
    }
}


/* foreign content (section 13.2.6.5) */

static int
is_integration(const mdr_open_t *e)
{
    return e->ns != MDR_NS_HTML && (e->flags & F_SCOPE);
}


int
mdr_html_in_foreign(const mdr_html_t *h)
{
    return h->n != 0 && h->open[h->n - 1].ns != MDR_NS_HTML
           && !is_integration(&h->open[h->n - 1]);
}


static int
name_is(mdr_name_t name, const char *s)
{
    return name == mdr_html_name((const uint8_t *) s, strlen(s));
}


static mdr_open_t *
push_foreign(mdr_html_t *h, uint8_t ns)
{
    mdr_name_t   n;
    mdr_open_t  *e;

    n = h->tag.name;
    e = push(h, n, 0, ns);

    if (e == NULL) {
        return NULL;
    }

    /* integration points are special and end scopes */

    if (ns == MDR_NS_SVG
        ? name_is(n, "foreignobject") || name_is(n, "desc")
          || name_is(n, "title")
        : name_is(n, "mi") || name_is(n, "mo") || name_is(n, "mn")
          || name_is(n, "ms") || name_is(n, "mtext"))
    {
        e->flags = (uint8_t) (F_SPECIAL | F_SCOPE);
    }

    return e;
}


static int
font_breaks(mdr_html_t *h)
{
    uint32_t  i;

    mdr_html_attrs(h);

    for (i = 0; i < h->tag.nattrs; i++) {
        mdr_name_t  n = mdr_html_name(h->tag.attrs[i].name,
                                      h->tag.attrs[i].name_len);

        if (name_is(n, "color") || name_is(n, "face") || name_is(n, "size"))
        {
            return 1;
        }
    }

    return 0;
}


/* opened, and told to the items; void elements end at once */

static void
element(mdr_html_t *h, uint8_t id, int is_void)
{
    uint32_t     i, child;
    mdr_open_t  *e, leaf;

    if (h->rules->nth) {
        i = h->n;
        child = i != 0 ? ++h->open[i - 1].children : 1;
        h->tag.child = child;
    }

    if (is_void || h->n == MDR_HTML_DEPTH) {

        if (!is_void) {
            (void) push(h, h->tag.name, id, MDR_NS_HTML);
        }

        memset(&leaf, 0, sizeof(leaf));
        leaf.name = h->tag.name;
        leaf.id = id;
        leaf.serial = ++h->serial;
        mdr_html_opened(h, &leaf, 1);
        return;
    }

    e = push(h, h->tag.name, id, MDR_NS_HTML);
    e->quiet = id == T_RT || id == T_RP;
    h->quiet += e->quiet;

    if (id == T_TEMPLATE) {
        h->templates++;
    }

    mdr_html_opened(h, e, 0);
}


static void
push_implied(mdr_html_t *h, const char *name, uint8_t id)
{
    if (h->rules->nth && h->n != 0) {
        h->open[h->n - 1].children++;
    }

    (void) push_clone(h, mdr_html_name((const uint8_t *) name, strlen(name)),
                      id);
}


static void
need_html(mdr_html_t *h)
{
    if (!h->have_html) {
        h->have_html = 1;
        push_implied(h, "html", T_HTML);
    }
}


static void
leave_head(mdr_html_t *h, uint64_t at)
{
    uint32_t  i;

    for (i = h->n; i > 0; i--) {
        if (h->open[i - 1].id == T_HEAD && h->open[i - 1].ns == MDR_NS_HTML) {
            pop_to(h, i - 1, at, at);
            return;
        }
    }
}


static void
need_body(mdr_html_t *h, uint64_t at)
{
    if (h->have_body) {
        return;
    }

    need_html(h);
    leave_head(h, at);
    h->have_body = 1;
    h->have_head = 1;
    push_implied(h, "body", T_BODY);
}


void
mdr_html_text_seen(mdr_html_t *h)
{
    if (h->templates || mdr_html_in_foreign(h)) {
        return;
    }

    if (!h->have_body) {
        h->tag.stop = h->tag.start;
        need_body(h, h->tag.start);
    }

    reconstruct(h);
}


/* tables (sections 13.2.6.4.9 on): where we are is told by the stack */

static int
table_place(const mdr_html_t *h)
{
    uint8_t            id;
    uint32_t           i;
    const mdr_open_t  *e;

    for (i = h->n; i > 0; i--) {
        e = &h->open[i - 1];

        if (e->ns != MDR_NS_HTML) {
            continue;
        }

        id = e->id;

        if (id == T_TABLE || id == T_TBODY || id == T_THEAD || id == T_TFOOT
            || id == T_TR || id == T_TD || id == T_TH || id == T_CAPTION
            || id == T_COLGROUP || id == T_TEMPLATE || id == T_HTML)
        {
            return (int) i - 1;
        }
    }

    return -1;
}


/* 1: the start tag was dealt with (or is ignored) */

static int
table_start(mdr_html_t *h, uint8_t id, uint64_t at)
{
    int      i;
    uint8_t  where;

    for ( ;; ) {
        i = table_place(h);

        if (i < 0) {
            return 1;
        }

        where = h->open[i].id;

        switch (where) {

        case T_TD:
        case T_TH:
        case T_CAPTION:
            pop_to(h, (uint32_t) i, at, at);
            clear_to_marker(h);
            continue;

        case T_TR:
            if (id == T_TD || id == T_TH) {
                while (h->n > (uint32_t) i + 1) {
                    pop(h, at);
                }
                element(h, id, 0);
                add_format(h, 0, 0, 0, 0);
                return 1;
            }
            pop_to(h, (uint32_t) i, at, at);
            continue;

        case T_TBODY:
        case T_THEAD:
        case T_TFOOT:
            while (h->n > (uint32_t) i + 1) {
                pop(h, at);
            }
            if (id == T_TR) {
                element(h, id, 0);
                return 1;
            }
            if (id == T_TD || id == T_TH) {
                push_implied(h, "tr", T_TR);
                if (h->n == MDR_HTML_DEPTH) {
                    return 1;
                }
                continue;
            }
            pop(h, at);
            continue;

        case T_COLGROUP:
            if (id == T_COL) {
                element(h, id, 1);
                return 1;
            }
            pop_to(h, (uint32_t) i, at, at);
            continue;

        case T_TABLE:
            while (h->n > (uint32_t) i + 1) {
                pop(h, at);
            }
            if (id == T_CAPTION) {
                add_format(h, 0, 0, 0, 0);
                element(h, id, 0);
                return 1;
            }
            if (id == T_COL) {
                push_implied(h, "colgroup", T_COLGROUP);
                if (h->n == MDR_HTML_DEPTH) {
                    return 1;
                }
                continue;
            }
            if (id == T_TR || id == T_TD || id == T_TH) {
                push_implied(h, "tbody", T_TBODY);
                if (h->n == MDR_HTML_DEPTH) {
                    return 1;
                }
                continue;
            }
            element(h, id, 0);
            return 1;

        default:
            return 1;                   /* outside a table: ignored          */
        }
    }
}


static int
in_select(const mdr_html_t *h)
{
    uint32_t           i;
    const mdr_open_t  *e;

    for (i = h->n; i > 0; i--) {
        e = &h->open[i - 1];

        if (e->ns != MDR_NS_HTML) {
            continue;
        }

        if (e->id == T_SELECT) {
            return (int) i - 1;
        }

        if (e->id != T_OPTION && e->id != T_OPTGROUP) {
            return -1;
        }
    }

    return -1;
}


static uint64_t
tag_hash(const mdr_tag_t *t)
{
    size_t    i;
    uint64_t  v, w;

    v = t->len * 0x9e3779b97f4a7c15ULL;

    for (i = 1; i + 8 <= t->len; i += 8) {
        memcpy(&w, t->p + i, 8);
        v = (v ^ w) * 0x9fb21c651e98df25ULL;
        v ^= v >> 32;
    }

    for ( ; i < t->len; i++) {
        v = (v ^ t->p[i]) * 0x100000001b3ULL;
    }

    return v;
}


static void
close_list_item(mdr_html_t *h, uint8_t a, uint8_t b, uint64_t at)
{
    uint32_t     i;
    mdr_open_t  *e;

    for (i = h->n; i > 0; i--) {
        e = &h->open[i - 1];

        if (e->ns == MDR_NS_HTML && (e->id == a || e->id == b)) {
            pop_to(h, i - 1, at, at);
            break;
        }

        if ((flags_of(e) & F_SPECIAL)
            && !(e->ns == MDR_NS_HTML
                 && (e->id == T_ADDRESS || e->id == T_DIV || e->id == T_P)))
        {
            break;
        }
    }

    close_p(h, at);
}


/* the start tag by the rules of foreign content; 0: HTML rules after all */

static int
foreign_start(mdr_html_t *h)
{
    uint8_t      ns;
    uint64_t     at;
    mdr_open_t  *e;

    at = h->tag.start;

    if ((flags[h->tag.id] & F_BREAKOUT)
        || (h->tag.id == T_FONT && font_breaks(h)))
    {
        while (h->n > 1 && mdr_html_in_foreign(h)) {
            pop(h, at);
        }
        return 0;
    }

    ns = top(h)->ns;

    if (h->rules->nth) {
        h->tag.child = ++top(h)->children;
    }

    if (h->tag.self_closing) {
        mdr_open_t  leaf;

        memset(&leaf, 0, sizeof(leaf));
        leaf.name = h->tag.name;
        leaf.serial = ++h->serial;
        leaf.ns = ns;
        mdr_html_opened(h, &leaf, 1);
        return 1;
    }

    e = push_foreign(h, ns);
    if (e != NULL) {
        mdr_html_opened(h, e, 0);
    }

    return 1;
}


int
mdr_html_start(mdr_html_t *h)
{
    int          i;
    uint8_t      id;
    uint32_t     f;
    uint64_t     at;
    mdr_open_t  *e;

    id = h->tag.id;
    f = flags[id];
    at = h->tag.start;

    /* inside a template nothing matters but where it ends */

    if (h->templates) {
        if (id == T_TEMPLATE) {
            e = push(h, h->tag.name, id, MDR_NS_HTML);
            h->templates += e != NULL;
        }

        return id == T_SCRIPT ? MDR_RAW_SCRIPT
               : f & F_RAW ? MDR_RAW_TEXT : f & F_RCDATA ? MDR_RAW_RCDATA
               : MDR_RAW_NONE;
    }

    if (mdr_html_in_foreign(h) && foreign_start(h)) {
        return MDR_RAW_NONE;
    }

    /* span and all that is nothing special, where nothing else matters */

    if ((f & ~F_BREAKOUT) == 0 && h->have_body && h->selects == 0
        && id != T_SVG && id != T_MATH && id != T_RUBY)
    {
        reconstruct(h);
        element(h, id, 0);
        return MDR_RAW_NONE;
    }

    /* the frame of a document */

    if (id == T_HTML) {
        if (!h->have_html) {
            h->have_html = 1;
            element(h, id, 0);
        }
        return MDR_RAW_NONE;
    }

    if (!h->have_body) {
        need_html(h);

        if (id == T_HEAD) {
            if (!h->have_head) {
                h->have_head = 1;
                element(h, id, 0);
            }
            return MDR_RAW_NONE;
        }

        if (id == T_BODY || id == T_FRAMESET) {
            leave_head(h, at);
            h->have_head = 1;
            h->have_body = 1;
            element(h, id, 0);
            return MDR_RAW_NONE;
        }

        if (!(f & F_HEAD)) {
            need_body(h, at);

        } else if (!h->have_head) {
            h->have_head = 1;
            push_implied(h, "head", T_HEAD);

        } else if (top(h)->id == T_NOSCRIPT
                   && !(id == T_LINK || id == T_META || id == T_STYLE
                        || id == T_NOFRAMES || id == T_BASEFONT
                        || id == T_BGSOUND))
        {
            need_body(h, at);
        }

    } else if (id == T_BODY || id == T_HEAD || id == T_FRAMESET) {
        return MDR_RAW_NONE;
    }

    /* in select */

    i = h->selects != 0 ? in_select(h) : -1;

    if (i >= 0) {
        if (id == T_OPTION || id == T_OPTGROUP || id == T_HR) {
            if (top(h)->id == T_OPTION) {
                pop(h, at);
            }
            if (id != T_OPTION && top(h)->id == T_OPTGROUP) {
                pop(h, at);
            }
            element(h, id, id == T_HR);
            return MDR_RAW_NONE;
        }

        if (id == T_SELECT) {
            pop_to(h, (uint32_t) i, at, at);
            return MDR_RAW_NONE;
        }

        if (id == T_SCRIPT || id == T_TEMPLATE) {
            /* as anywhere */

        } else if (id == T_INPUT || id == T_KEYGEN || id == T_TEXTAREA
                   || ((f & F_TABLE) || id == T_TABLE))
        {
            pop_to(h, (uint32_t) i, at, at);

        } else {
            return MDR_RAW_NONE;        /* ignored                           */
        }
    }

    if (f & F_TABLE) {
        (void) table_start(h, id, at);
        return MDR_RAW_NONE;
    }

    if ((f & F_CLOSES_P) && !(id == T_TABLE)) {
        close_p(h, at);
    }

    switch (id) {

    case T_H1: case T_H2: case T_H3: case T_H4: case T_H5: case T_H6:
        if (top(h)->ns == MDR_NS_HTML && top(h)->id >= T_H1
            && top(h)->id <= T_H6)
        {
            pop(h, at);
        }
        element(h, id, 0);
        return MDR_RAW_NONE;

    case T_LI:
        close_list_item(h, T_LI, T_LI, at);
        element(h, id, 0);
        return MDR_RAW_NONE;

    case T_DD:
    case T_DT:
        close_list_item(h, T_DD, T_DT, at);
        element(h, id, 0);
        return MDR_RAW_NONE;

    case T_FORM:
        if (h->form != 0 && find_serial(h, h->form) >= 0) {
            return MDR_RAW_NONE;        /* ignored                           */
        }
        element(h, id, 0);
        h->form = top(h)->serial;
        return MDR_RAW_NONE;

    case T_TABLE:
        if (!h->quirks) {
            close_p(h, at);
        }
        i = table_place(h);
        if (i >= 0 && (h->open[i].id == T_TABLE || h->open[i].id == T_TBODY
                       || h->open[i].id == T_THEAD
                       || h->open[i].id == T_TFOOT || h->open[i].id == T_TR))
        {
            i = in_table_scope(h, T_TABLE);
            if (i >= 0) {
                pop_to(h, (uint32_t) i, at, at);
            }
        }
        element(h, id, 0);
        return MDR_RAW_NONE;

    case T_BUTTON:
        i = in_scope(h, T_BUTTON, 0, 0);
        if (i >= 0) {
            pop_to(h, (uint32_t) i, at, at);
        }
        reconstruct(h);
        element(h, id, 0);
        return MDR_RAW_NONE;

    case T_A:
        for (i = (int) h->nformats; i > 0 && h->formats[i - 1].name != 0;
             i--)
        {
            if (h->formats[i - 1].id == T_A) {
                uint64_t  serial = h->formats[i - 1].serial;

                (void) adoption(h, h->tag.name, T_A, at, at);

                i = format_of(h, serial);
                if (i >= 0) {
                    remove_format(h, (uint32_t) i);
                }
                i = find_serial(h, serial);
                if (i >= 0) {
                    take_out(h, (uint32_t) i, at);
                }
                break;
            }
        }
        break;

    case T_NOBR:
        reconstruct(h);
        if (in_scope(h, T_NOBR, 0, 0) >= 0) {
            (void) adoption(h, h->tag.name, T_NOBR, at, at);
        }
        break;

    case T_OPTION:
    case T_OPTGROUP:
        if (top(h)->ns == MDR_NS_HTML && top(h)->id == T_OPTION) {
            pop(h, at);
        }
        reconstruct(h);
        element(h, id, 0);
        return MDR_RAW_NONE;

    case T_RB:
    case T_RTC:
        if (in_scope(h, T_RUBY, 0, 0) >= 0) {
            implied_ends(h, 0, at);
        }
        element(h, id, 0);
        return MDR_RAW_NONE;

    case T_RP:
    case T_RT:
        if (in_scope(h, T_RUBY, 0, 0) >= 0) {
            implied_ends(h, T_RTC, at);
        }
        element(h, id, 0);
        return MDR_RAW_NONE;

    case T_SVG:
    case T_MATH:
        reconstruct(h);
        if (h->rules->nth) {
            h->tag.child = ++top(h)->children;
        }
        if (h->tag.self_closing) {
            mdr_open_t  leaf;

            memset(&leaf, 0, sizeof(leaf));
            leaf.name = h->tag.name;
            leaf.serial = ++h->serial;
            mdr_html_opened(h, &leaf, 1);
            return MDR_RAW_NONE;
        }
        e = push(h, h->tag.name, 0,
                 id == T_SVG ? MDR_NS_SVG : MDR_NS_MATH);
        if (e != NULL) {
            mdr_html_opened(h, e, 0);
        }
        return MDR_RAW_NONE;

    case T_PLAINTEXT:
        element(h, id, 0);
        return MDR_RAW_PLAIN;

    case T_SCRIPT:
        element(h, id, 0);
        return MDR_RAW_SCRIPT;

    case T_TEMPLATE:
        add_format(h, 0, 0, 0, 0);
        element(h, id, 0);
        return MDR_RAW_NONE;

    default:
        break;
    }

    if (f & (F_RAW | F_RCDATA)) {
        if (id == T_XMP) {
            reconstruct(h);
        }
        element(h, id, 0);
        return f & F_RAW ? MDR_RAW_TEXT : MDR_RAW_RCDATA;
    }

    if (f & F_VOID) {
        if (!(f & F_HEAD) && id != T_PARAM && id != T_SOURCE && id != T_TRACK
            && id != T_HR && id != T_FRAME)
        {
            reconstruct(h);
        }
        element(h, id, 1);
        return MDR_RAW_NONE;
    }

    if (f & F_FORMAT) {
        uint64_t  hash = tag_hash(&h->tag);

        reconstruct(h);

        if (h->n < MDR_HTML_DEPTH) {
            element(h, id, 0);
            add_format(h, h->tag.name, id, top(h)->serial, hash);
        } else {
            element(h, id, 0);
        }
        return MDR_RAW_NONE;
    }

    if (!(f & F_BLOCK) && id != T_NOSCRIPT) {
        reconstruct(h);
    }

    element(h, id, 0);

    if (f & F_MARKER) {
        add_format(h, 0, 0, 0, 0);
    }

    return MDR_RAW_NONE;
}


/* 1: an element of foreign content was closed */

static int
foreign_end(mdr_html_t *h, uint64_t at, uint64_t end)
{
    uint32_t     i;
    mdr_open_t  *e;

    if (h->tag.id == T_P || h->tag.id == T_BR) {
        while (h->n > 1 && mdr_html_in_foreign(h)) {
            pop(h, at);
        }
        return 0;
    }

    for (i = h->n; i > 0; i--) {
        e = &h->open[i - 1];

        if (e->ns == MDR_NS_HTML) {
            return 0;
        }

        if (e->name == h->tag.name) {
            pop_to(h, i - 1, at, end);
            return 1;
        }
    }

    return 1;
}


void
mdr_html_end(mdr_html_t *h)
{
    int       i;
    uint8_t   id;
    uint32_t  f, k;
    uint64_t  at, end;

    id = h->tag.id;
    f = flags[id];
    at = h->tag.start;
    end = h->tag.stop;

    if (h->n == 0) {
        return;
    }

    if (h->templates) {
        if (id == T_TEMPLATE) {
            for (k = h->n; k > 0; k--) {
                if (h->open[k - 1].id == T_TEMPLATE
                    && h->open[k - 1].ns == MDR_NS_HTML)
                {
                    pop_to(h, k - 1, at, end);
                    break;
                }
            }
            if (h->templates == 0) {
                clear_to_marker(h);
            }
        }
        return;
    }

    if (h->too_deep != 0) {
        h->too_deep--;
        return;
    }

    if (top(h)->ns != MDR_NS_HTML && foreign_end(h, at, end)) {
        return;
    }

    if (!h->have_body) {
        if (id == T_HEAD) {
            leave_head(h, end);
            return;
        }
        if (id == T_NOSCRIPT && top(h)->id == T_NOSCRIPT) {
            pop(h, end);
            return;
        }
        if (id != T_BODY && id != T_HTML && id != T_BR) {
            return;
        }
        need_body(h, at);
    }

    switch (id) {

    case T_BODY:
    case T_HTML:
    case T_COL:
        return;

    case T_P:
        i = in_scope(h, T_P, 1, 0);
        if (i >= 0) {
            pop_to(h, (uint32_t) i, at, end);
        }
        return;

    case T_LI:
        i = in_scope(h, T_LI, 0, 1);
        if (i >= 0) {
            pop_to(h, (uint32_t) i, at, end);
        }
        return;

    case T_DD:
    case T_DT:
        i = in_scope(h, id, 0, 0);
        if (i >= 0) {
            pop_to(h, (uint32_t) i, at, end);
        }
        return;

    case T_H1: case T_H2: case T_H3: case T_H4: case T_H5: case T_H6:
        for (k = h->n; k > 0; k--) {
            if (h->open[k - 1].ns == MDR_NS_HTML
                && h->open[k - 1].id >= T_H1 && h->open[k - 1].id <= T_H6)
            {
                pop_to(h, k - 1, at, end);
                return;
            }
            if (flags_of(&h->open[k - 1]) & F_SCOPE) {
                return;
            }
        }
        return;

    case T_FORM:
        i = h->form != 0 ? find_serial(h, h->form) : -1;
        h->form = 0;
        if (i < 0 || in_scope(h, T_FORM, 0, 0) != i) {
            return;
        }
        implied_ends(h, 0, at);
        i = i < (int) h->n ? i : -1;
        if (i >= 0 && h->open[i].id == T_FORM) {
            take_out(h, (uint32_t) i, end);
        }
        return;

    case T_SELECT:
        i = in_select(h);
        if (i >= 0) {
            pop_to(h, (uint32_t) i, at, end);
        }
        return;

    case T_OPTGROUP:
        if (in_select(h) >= 0) {
            if (top(h)->id == T_OPTION && h->n > 1
                && h->open[h->n - 2].id == T_OPTGROUP)
            {
                pop(h, at);
            }
            if (top(h)->id == T_OPTGROUP) {
                pop(h, end);
            }
            return;
        }
        break;

    case T_OPTION:
        if (in_select(h) >= 0) {
            if (top(h)->id == T_OPTION) {
                pop(h, end);
            }
            return;
        }
        break;

    case T_TABLE:
    case T_TBODY:
    case T_THEAD:
    case T_TFOOT:
    case T_TR:
    case T_TD:
    case T_TH:
    case T_CAPTION:
        i = in_table_scope(h, id);
        if (i >= 0) {
            pop_to(h, (uint32_t) i, at, end);
            if (id == T_TD || id == T_TH || id == T_CAPTION) {
                clear_to_marker(h);
            }
        }
        return;

    case T_COLGROUP:
        if (top(h)->id == T_COLGROUP) {
            pop(h, end);
        }
        return;

    default:
        break;
    }

    if (h->selects != 0 && in_select(h) >= 0) {
        return;                         /* any other end tag is ignored      */
    }

    if (f & (F_BLOCK | F_MARKER)) {
        i = in_scope(h, id, 0, 0);
        if (i >= 0) {
            pop_to(h, (uint32_t) i, at, end);
            if (f & F_MARKER) {
                clear_to_marker(h);
            }
        }
        return;
    }

    if ((f & F_FORMAT) && adoption(h, h->tag.name, id, at, end)) {
        return;
    }

    any_other_end(h, at, end);
}


void
mdr_html_eof(mdr_html_t *h, uint64_t at)
{
    h->tag.stop = at;

    while (h->n != 0) {
        pop(h, at);
    }
}
