/*
 * html_format.c - the list of active formatting elements (WHATWG HTML,
 * section 13.2.4.3) and the adoption agency (13.2.6.4.7).
 *
 * An entry is a marker (name 0) or stands for an element: open on the stack,
 * or closed and to be opened again, as a clone, before the next text.
 */

#include "html_learn.h"
#include "html_tags.h"

#include <string.h>


static uint64_t *
bits_of(const mdr_html_t *h, uint32_t format)
{
    return &h->format_bits[format * h->rules->words];
}


static void
remove_format(mdr_html_t *h, uint32_t i)
{
    uint32_t  words;

    words = h->rules->words;
    h->nformats--;
    memmove(&h->formats[i], &h->formats[i + 1],
            (h->nformats - i) * sizeof(mdr_format_t));
    memmove(bits_of(h, i), bits_of(h, i + 1),
            (h->nformats - i) * words * sizeof(uint64_t));
}


/* room for one more; the oldest goes where there is none */

static mdr_format_t *
append_format(mdr_html_t *h)
{
    if (h->nformats == MDR_FORMATS) {
        remove_format(h, 0);
    }

    return &h->formats[h->nformats++];
}


void
mdr_html_marker(mdr_html_t *h)
{
    mdr_format_t  *f;

    f = append_format(h);
    f->name = 0;
    f->serial = 0;
    f->open = 1;
    f->id = 0;
    f->hash = 0;
}


void
mdr_html_clear_to_marker(mdr_html_t *h)
{
    while (h->nformats != 0) {
        if (h->formats[--h->nformats].name == 0) {
            return;
        }
    }
}


static inline uint64_t
mix(uint64_t h, const uint8_t *p, size_t n)
{
    uint64_t  v;

    for ( ; n >= 8; p += 8, n -= 8) {
        memcpy(&v, p, 8);
        h = (h ^ v) * 0x9e3779b97f4a7c15ULL;
        h ^= h >> 29;
    }

    for (v = 0; n != 0; n--) {
        v = v << 8 | p[n - 1];
    }

    h = (h ^ v) * 0x9e3779b97f4a7c15ULL;

    return h ^ h >> 32;
}


/* the same for the same attributes in any order */

static uint64_t
attrs_hash(mdr_tag_t *t)
{
    uint32_t           i;
    uint64_t           sum, v;
    const mdr_attr_t  *a;

    mdr_html_attrs(t);
    sum = t->nattrs;

    for (i = 0; i < t->nattrs; i++) {
        a = &t->attrs[i];
        v = mdr_html_name(t->p + a->name, a->name_end - a->name);
        sum += mix(v, t->p + a->value, a->value_end - a->value);
    }

    return sum;
}


void
mdr_html_add_format(mdr_html_t *h, mdr_open_t *e)
{
    uint32_t       i, first, same;
    uint64_t       hash;
    mdr_format_t  *f;

    /* at most three alike behind the last marker (the Noah's Ark clause);
     * of <a> and <nobr> there is never more than one */

    hash = 0;

    if (h->nformats >= MDR_UNIT_FORMATS) {
        mdr_html_did_odd(h);
    }

    if (e->id != T_A && e->id != T_NOBR) {
        hash = attrs_hash(&h->tag);

        for (i = h->nformats, same = 0, first = 0; i > 0; i--) {
            f = &h->formats[i - 1];

            if (f->name == 0) {
                break;
            }

            if (f->id == e->id && f->hash == hash) {
                same++;
                first = i - 1;
            }
        }

        if (same >= 3) {
            remove_format(h, first);
        }
    }

    f = append_format(h);
    f->name = e->name;
    f->id = e->id;
    f->serial = e->serial;
    f->hash = hash;
    f->open = 1;
    e->marks |= MDR_OPEN_LISTED;

    if (h->rules->nsteps != 0) {
        memcpy(bits_of(h, h->nformats - 1),
               &h->bits[(uint32_t) (e - h->open) * h->rules->words],
               h->rules->words * sizeof(uint64_t));
    }
}


int
mdr_html_last_format(const mdr_html_t *h, uint8_t id)
{
    uint32_t  i;

    for (i = h->nformats; i > 0 && h->formats[i - 1].name != 0; i--) {
        if (h->formats[i - 1].id == id) {
            return (int) i - 1;
        }
    }

    return -1;
}


static int
format_of(const mdr_html_t *h, uint64_t serial)
{
    uint32_t  i;

    for (i = h->nformats; i > 0; i--) {
        if (h->formats[i - 1].serial == serial
            && h->formats[i - 1].name != 0)
        {
            return (int) i - 1;
        }
    }

    return -1;
}


void
mdr_html_drop_format(mdr_html_t *h, uint64_t serial)
{
    int  i;

    i = format_of(h, serial);

    if (i >= 0) {
        remove_format(h, (uint32_t) i);
    }
}


/* the last entry is not open: it and those before it that are not, up to one
 * that is, are opened again as clones */

void
mdr_html_reopen(mdr_html_t *h)
{
    uint32_t       i;
    mdr_open_t    *e;
    mdr_format_t  *f;

    for (i = h->nformats - 1; i > 0; i--) {
        if (h->formats[i - 1].name == 0 || h->formats[i - 1].open) {
            break;
        }
    }

    for ( ; i < h->nformats; i++) {
        f = &h->formats[i];

        if (h->n == MDR_HTML_DEPTH) {
            return;
        }

        e = mdr_html_push_clone(h, f->name, f->id, bits_of(h, i));
        e->marks |= MDR_OPEN_LISTED;
        f->serial = e->serial;
        f->open = 1;
    }
}


/* an element of the stack is replaced by a clone of it */

static void
replace(mdr_html_t *h, uint32_t i, uint32_t format)
{
    mdr_open_t  *e, old;

    e = &h->open[i];
    old = *e;

    e->marks = MDR_OPEN_LISTED;
    e->serial = ++h->serial;
    e->children = 0;
    h->formats[format].serial = e->serial;

    if (old.marks & (MDR_OPEN_ITEMS_END | MDR_OPEN_TEXT_END)) {
        mdr_html_closed(h, &old, h->tag.start, h->tag.stop);
    }
}


/* the element at `from` goes to `to`, what stands between moves down; the
 * same for the list */

static void
move_open(mdr_html_t *h, uint32_t from, uint32_t to)
{
    uint32_t    i, k, words;
    uint64_t    bits;
    mdr_open_t  e;

    e = h->open[from];
    memmove(&h->open[to + 1], &h->open[to], (from - to)
                                            * sizeof(mdr_open_t));
    h->open[to] = e;
    words = h->rules->words;

    for (i = from; i > to; i--) {
        for (k = 0; k < words; k++) {
            bits = h->bits[i * words + k];
            h->bits[i * words + k] = h->bits[(i - 1) * words + k];
            h->bits[(i - 1) * words + k] = bits;
        }
    }
}


static void
move_format(mdr_html_t *h, uint32_t from, uint32_t to)
{
    uint32_t      i, next, k, words;
    uint64_t      bits;
    mdr_format_t  f;

    words = h->rules->words;

    for (i = from; i != to; i = next) {
        next = i < to ? i + 1 : i - 1;
        f = h->formats[i];
        h->formats[i] = h->formats[next];
        h->formats[next] = f;

        for (k = 0; k < words; k++) {
            bits = bits_of(h, i)[k];
            bits_of(h, i)[k] = bits_of(h, next)[k];
            bits_of(h, next)[k] = bits;
        }
    }
}


void
mdr_html_adopt(mdr_html_t *h, uint64_t end)
{
    int            fi, si, lf, moved;
    uint32_t       i, block, loop, inner, mark;
    mdr_name_t     name;
    mdr_open_t    *e;

    name = h->tag.name;
    e = mdr_html_top(h);

    if (e->name == name && e->ns == MDR_NS_HTML) {

        /* the common case: opened last, closed first */

        if (h->nformats != 0
            && h->formats[h->nformats - 1].serial == e->serial)
        {
            h->nformats--;
            e->marks &= (uint8_t) ~MDR_OPEN_LISTED;
            mdr_html_pop(h, end);
            return;
        }

        if (!(e->marks & MDR_OPEN_LISTED) || format_of(h, e->serial) < 0) {
            mdr_html_pop(h, end);
            return;
        }
    }

    for (loop = 0; loop < 8; loop++) {

        fi = mdr_html_last_format(h, h->tag.id);

        if (fi < 0) {
            mdr_html_other_end(h, end);
            return;
        }

        si = h->formats[fi].open ? mdr_html_find(h, h->formats[fi].serial)
                                 : -1;

        if (si < 0) {
            remove_format(h, (uint32_t) fi);
            return;
        }

        /* in scope: nothing above it ends the scope */

        for (i = h->n; i > (uint32_t) si + 1; i--) {
            if (h->open[i - 1].flags & F_SCOPE) {
                return;
            }
        }

        for (block = (uint32_t) si + 1; block < h->n; block++) {
            if (h->open[block].flags & F_SPECIAL) {
                break;
            }
        }

        if (block == h->n) {
            h->open[si].marks &= (uint8_t) ~MDR_OPEN_LISTED;
            remove_format(h, (uint32_t) fi);
            mdr_html_pop_to(h, (uint32_t) si, end);
            return;
        }

        /*
         * Between the two, from the block down: formatting elements become
         * clones of themselves, the first three only; others go.  The mark
         * is where the element's own clone will stand in the list: behind
         * the first of them.
         */

        mark = (uint32_t) fi;
        moved = 0;

        for (i = block, inner = 1; i-- > (uint32_t) si + 1; inner++) {
            e = &h->open[i];
            lf = e->marks & MDR_OPEN_LISTED ? format_of(h, e->serial) : -1;

            if (lf >= 0 && inner > 3) {
                remove_format(h, (uint32_t) lf);
                fi -= lf < fi;
                mark -= (uint32_t) lf < mark;
                lf = -1;
            }

            if (lf < 0) {
                e->marks &= (uint8_t) ~MDR_OPEN_LISTED;
                mdr_html_take_out(h, i, h->tag.start);
                block--;
                continue;
            }

            if (!moved) {
                moved = 1;
                mark = (uint32_t) lf + 1;
            }

            replace(h, i, (uint32_t) lf);
        }

        /* the element itself goes; its clone stands above the block and
         * takes what was in there */

        h->open[si].marks &= (uint8_t) ~MDR_OPEN_LISTED;
        mdr_html_take_out(h, (uint32_t) si, end);
        block--;

        e = mdr_html_push(h, h->formats[fi].id, MDR_NS_HTML);
        e->name = name;
        e->plain = 0;
        e->marks = MDR_OPEN_LISTED;
        e->children = h->open[block].children;
        h->open[block].children = 1;
        h->formats[fi].serial = e->serial;

        if (h->rules->nsteps != 0) {
            memcpy(&h->bits[(h->n - 1) * h->rules->words],
                   bits_of(h, (uint32_t) fi),
                   h->rules->words * sizeof(uint64_t));
        }

        move_open(h, h->n - 1, block + 1);
        move_format(h, (uint32_t) fi, mark > (uint32_t) fi ? mark - 1 : mark);

        end = h->tag.start;
    }
}
