/*
 * html_tree.c - the stack of open elements (WHATWG HTML, section 13.2.4.2).
 *
 * No tree is built: what counts is where an element ends.  It ends behind its
 * own end tag, or where the token begins that closes it.  Clones that the
 * standard makes stand on the stack, and selectors see them as parents, but
 * they are no items: an item has a start tag in the source.  Foster parenting
 * moves nothing; the parent of an element is the open one below it.
 *
 * Of elements deeper than MDR_HTML_DEPTH only the tag is kept, and only a
 * count beyond MDR_HTML_DEEP more: as much as it takes to tell which end tags
 * are theirs.
 */

#include "html_learn.h"
#include "html_tags.h"

#include <string.h>


#define TAG_FLAGS(id, name, f)  f,

const uint16_t  mdr_html_flags_of[MDR_TAGS] = {
    F_PLAIN|F_PLAIN_END, TAGS(TAG_FLAGS)
};

#define TAG_NAMES(id, name, f)  name,

static const char *const  names[T_COUNT + 1] = { "", TAGS(TAG_NAMES) };


const char *
mdr_html_tag_name(uint8_t id)
{
    return names[id];
}


void
mdr_html_too_deep(mdr_html_t *h, const char *what)
{
    if (!h->said_deep) {
        h->said_deep = 1;
        h->stop |= (uint8_t) mdr_sink_stop(h->sink, MDR_ERR_DEPTH,
                                           h->tag.start, what);
        h->stop_at = h->tag.start;
    }
}


static inline uint16_t *
count_of(mdr_html_t *h, const mdr_open_t *e)
{
    return e->id != 0 ? &h->count[e->id] : &h->named[MDR_NAMED_AT(e->name)];
}


mdr_open_t *
mdr_html_push(mdr_html_t *h, uint8_t id, uint8_t ns)
{
    mdr_open_t  *e;

    if (h->n == MDR_HTML_DEPTH) {
        if (h->too_deep < MDR_HTML_DEEP) {
            h->deep[h->too_deep] = id;
            h->ndeep[id]++;
        }
        h->too_deep++;
        h->unusual++;
        mdr_html_did_odd(h);
        mdr_html_too_deep(h, "more than 512 elements inside one another");
        return NULL;
    }

    if (h->rules->nsteps != 0) {
        memset(&h->bits[h->n * h->rules->words], 0,
               h->rules->words * sizeof(uint64_t));
    }

    e = &h->open[h->n++];
    e->name = h->tag.name;
    e->serial = ++h->serial;
    e->flags = mdr_html_flags_of[id];
    e->children = 0;
    e->id = id;
    e->ns = ns;
    e->marks = 0;
    e->plain = (e->flags & F_PLAIN_END) && ns == MDR_NS_HTML
               && h->tag.name_len < 8 && !(e->name & MDR_NAME_LONG)
               ? (uint8_t) h->tag.name_len : 0;

    (*count_of(h, e))++;
    h->paragraphs += id == T_P;

    return e;
}


/* what goes with an element; e is a copy of it, off the stack */

static void
gone(mdr_html_t *h, const mdr_open_t *e, uint64_t end)
{
    uint32_t  i;

    if (e->id == T_P) {
        h->paragraphs--;

    } else if (e->id == T_TEMPLATE) {
        h->templates--;
    }

    if (e->marks == 0) {
        goto behind;
    }

    if (e->marks & MDR_OPEN_TURNED) {
        mdr_html_turn(h, h->tag.start, 0);
    }

    if (e->marks & MDR_OPEN_STYLED) {
        h->style = e->style;
    }

    if (e->marks & MDR_OPEN_QUIET) {
        h->quiet--;

        /* texts that began inside it go on where it alone is taken out */

        for (i = 0; i < h->ncollects; i++) {
            if (h->collects[i].quiet == h->quiet + 1) {
                h->collects[i].quiet--;
            }
        }
    }

    if (e->marks & MDR_OPEN_LISTED) {
        for (i = h->nformats; i > 0; i--) {
            if (h->formats[i - 1].serial == e->serial) {
                h->formats[i - 1].open = 0;
                break;
            }
        }
    }

    if (e->marks & (MDR_OPEN_ITEMS_END | MDR_OPEN_TEXT_END)) {
        mdr_html_closed(h, e, end, h->tag.stop);
    }

behind:

    if (h->ncollects != 0 && (e->flags & F_LINES)
        && !(e->marks & MDR_OPEN_QUIET))
    {
        mdr_html_break(h, h->tag.start);
    }
}


void
mdr_html_take_out(mdr_html_t *h, uint32_t i, uint64_t end)
{
    uint32_t    words;
    mdr_open_t  e;

    e = h->open[i];
    h->n--;
    (*count_of(h, &e))--;

    if (i < h->n) {
        words = h->rules->words;
        memmove(&h->open[i], &h->open[i + 1],
                (h->n - i) * sizeof(mdr_open_t));
        memmove(&h->bits[i * words], &h->bits[(i + 1) * words],
                (h->n - i) * words * sizeof(uint64_t));
    }

    gone(h, &e, end);
}


void
mdr_html_pop(mdr_html_t *h, uint64_t end)
{
    mdr_open_t  *e;

    e = &h->open[--h->n];
    (*count_of(h, e))--;

    if (e->marks != 0 || e->id == T_P || e->id == T_TEMPLATE
        || (h->ncollects != 0 && (e->flags & F_LINES)))
    {
        gone(h, e, end);
    }
}


void
mdr_html_pop_to(mdr_html_t *h, uint32_t i, uint64_t end)
{
    while (h->n > i + 1) {
        mdr_html_pop(h, h->tag.start);
    }

    mdr_html_pop(h, end);
}


mdr_open_t *
mdr_html_push_implied(mdr_html_t *h, uint8_t id)
{
    mdr_tag_t   *t;
    mdr_open_t  *e;

    struct {
        mdr_name_t         name;
        const uint8_t     *p;
        mdr_memo_t        *memo;
        uint32_t           name_len, len, next, nattrs, child;
        uint8_t            id;
    } kept;

    /* selectors look at h->tag: it is that of the element for a while */

    t = &h->tag;
    kept.name = t->name;
    kept.p = t->p;
    kept.memo = t->memo;
    kept.name_len = t->name_len;
    kept.len = t->len;
    kept.next = t->next;
    kept.nattrs = t->nattrs;
    kept.child = t->child;
    kept.id = t->id;

    t->p = NULL;
    t->memo = NULL;
    t->name_len = (uint32_t) strlen(names[id]);
    t->name = mdr_html_name((const uint8_t *) names[id], t->name_len);
    t->len = 0;
    t->next = 0;
    t->nattrs = 0;
    t->id = id;
    t->child = h->n != 0 ? ++h->open[h->n - 1].children : 1;

    e = mdr_html_push(h, id, MDR_NS_HTML);

    if (e != NULL) {
        mdr_html_opened_implied(h, e);
    }

    t->name = kept.name;
    t->p = kept.p;
    t->memo = kept.memo;
    t->name_len = kept.name_len;
    t->len = kept.len;
    t->next = kept.next;
    t->nattrs = kept.nattrs;
    t->child = kept.child;
    t->id = kept.id;

    return e;
}


mdr_open_t *
mdr_html_push_clone(mdr_html_t *h, mdr_name_t name, uint8_t id,
    const uint64_t *bits)
{
    mdr_open_t  *e;

    if (h->n != 0) {
        h->open[h->n - 1].children++;
    }

    e = mdr_html_push(h, id, MDR_NS_HTML);

    if (e != NULL) {
        e->name = name;
        e->plain = 0;

        if (h->rules->nsteps != 0) {
            memcpy(&h->bits[(h->n - 1) * h->rules->words], bits,
                   h->rules->words * sizeof(uint64_t));
        }
    }

    return e;
}


int
mdr_html_find(const mdr_html_t *h, uint64_t serial)
{
    uint32_t  i;

    for (i = h->n; i > 0; i--) {
        if (h->open[i - 1].serial == serial) {
            return (int) i - 1;
        }
    }

    return -1;
}


/* scopes (13.2.4.2); F_SCOPE stands in foreign elements, too */

int
mdr_html_in_scope(const mdr_html_t *h, uint8_t id, int more)
{
    uint32_t           i;
    const mdr_open_t  *e;

    if (h->count[id] == 0) {
        return -1;
    }

    for (i = h->n; i > 0; i--) {
        e = &h->open[i - 1];

        if (e->id == id) {
            return (int) i - 1;
        }

        if ((e->flags & F_SCOPE)
            || (more == MDR_SCOPE_BUTTON && e->id == T_BUTTON)
            || (more == MDR_SCOPE_LIST && (e->id == T_OL || e->id == T_UL)))
        {
            return -1;
        }
    }

    return -1;
}


int
mdr_html_in_table_scope(const mdr_html_t *h, uint8_t id)
{
    uint32_t  i;
    uint8_t   here;

    for (i = h->n; i > 0; i--) {
        here = h->open[i - 1].id;

        if (here == id) {
            return (int) i - 1;
        }

        if (here == T_TABLE || here == T_HTML || here == T_TEMPLATE) {
            return -1;
        }
    }

    return -1;
}


void
mdr_html_implied_ends(mdr_html_t *h, uint8_t except)
{
    const mdr_open_t  *e;

    while (h->n != 0) {
        e = mdr_html_top(h);

        if (!(e->flags & F_IMPLIED) || e->id == except) {
            return;
        }

        mdr_html_pop(h, h->tag.start);
    }
}


void
mdr_html_close_p(mdr_html_t *h)
{
    int  i;

    if (h->paragraphs == 0) {
        return;
    }

    i = mdr_html_in_scope(h, T_P, MDR_SCOPE_BUTTON);

    if (i >= 0) {
        mdr_html_pop_to(h, (uint32_t) i, h->tag.start);
    }
}


void
mdr_html_other_end(mdr_html_t *h, uint64_t end)
{
    uint32_t           i;
    const mdr_open_t  *e;

    if (!mdr_html_may_be_open(h, h->tag.id, h->tag.name)) {
        return;
    }

    for (i = h->n; i > 0; i--) {
        e = &h->open[i - 1];

        if (e->name == h->tag.name && e->ns == MDR_NS_HTML) {
            mdr_html_pop_to(h, i - 1, end);
            return;
        }

        if (e->flags & F_SPECIAL) {
            return;
        }
    }
}
