/*
 * html_learn.c - what markup.h needs to know of HTML: states, and where a unit
 * begins.
 *
 * A unit begins at a start tag that no collecting field is around, and ends
 * where everything is again as it was before it.  Items may be open around it,
 * as long as none of their fields begins in it.
 */

#include "html_modes.h"
#include "html_learn.h"

#include <string.h>


/* v at p; behind it */

static inline uint8_t *
put(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, sizeof(v));

    return p + sizeof(v);
}


static inline uint8_t *
put_all(uint8_t *p, const void *from, size_t n)
{
    memcpy(p, from, n);

    return p + n;
}


/* an element by its place on the stack; 0: none, or it has gone */

static uint32_t
place_of(const mdr_html_t *h, uint64_t serial)
{
    return serial != 0 ? (uint32_t) (mdr_html_find(h, serial) + 1) : 0;
}


size_t
mdr_html_state(const mdr_html_t *h, uint8_t *to)
{
    uint8_t                 *p;
    uint32_t                 i;
    const mdr_open_t        *e;
    const mdr_live_t        *l;
    const mdr_format_t      *f;
    const mdr_collect_t     *c;
    const mdr_html_rules_t  *r;

    r = h->rules;
    p = to;

    if (h->state != MDR_HTML_DATA || h->noscript != 0
        || !mdr_html_is_told(h) || h->skip_newline
        || h->ncollects > MDR_UNIT_TEXTS || h->n > MDR_UNIT_OPEN
        || 256 + h->templates + h->n * (20 + r->words * 8)
           + h->nlive * (16 + r->place_words * 8) + h->ncollects * 20
           + h->nformats * (16 + r->words * 8) > MDR_HTML_STATE)
    {
        return 0;
    }

    p = put(p, h->mode | (uint32_t) h->doctype << 8 | (uint32_t) h->blank << 9
               | (uint32_t) h->quirks << 10 | (uint32_t) h->frameset_ok << 11
               | (uint32_t) h->head_seen << 12 | (uint32_t) h->said_deep << 13
               | (uint32_t) (h->form != 0) << 14 | (uint32_t) h->style << 16
               | (uint32_t) h->hook_state << 24);
    p = put(p, h->n);
    p = put(p, h->paragraphs);
    p = put(p, h->head_children);
    p = put(p, place_of(h, h->form));
    p = put(p, h->templates);
    p = put_all(p, h->template_modes, h->templates);
    p = put(p, h->quiet);

    for (i = 0; i < h->n; i++) {
        e = &h->open[i];
        p = put_all(p, &e->name, sizeof(e->name));
        p = put(p, e->flags);
        p = put(p, e->id | (uint32_t) e->ns << 8 | (uint32_t) e->plain << 16
                   | (uint32_t) e->marks << 24);

        if (e->marks & MDR_OPEN_STYLED) {
            p = put(p, e->style);
        }
    }

    if (r->nsteps != 0) {
        p = put_all(p, h->bits, (size_t) h->n * r->words * 8);
    }

    p = put(p, h->nformats);

    for (i = 0; i < h->nformats; i++) {
        f = &h->formats[i];
        p = put_all(p, &f->name, sizeof(f->name));
        p = put(p, f->id | (uint32_t) f->open << 8);
        p = put(p, f->open ? place_of(h, f->serial) : 0);
    }

    p = put_all(p, h->format_bits, (size_t) h->nformats * r->words * 8);
    p = put(p, h->nlive);

    for (i = 0; i < h->nlive; i++) {
        l = &h->live[i];
        p = put(p, l->slot);
        p = put(p, place_of(h, l->serial));
        p = put(p, l->left);
        p = put(p, l->sees | (uint32_t) l->spent << 8);
    }

    p = put_all(p, h->found, (size_t) h->nlive * r->place_words * 8);
    p = put(p, h->ncollects);

    for (i = 0; i < h->ncollects; i++) {
        c = &h->collects[i];
        p = put(p, mdr_html_live_of(h, c->item));
        p = put(p, c->place);
        p = put(p, place_of(h, c->serial));
        p = put(p, c->quiet);
        p = put(p, c->style);
    }

    return (size_t) (p - to);
}


/* where a unit may begin, roughly: its first tag, up to an attribute's value
 * (of class and id: with some of it), and what it stands in */

static uint32_t
start_hash(const mdr_html_t *h, const uint8_t *q)
{
    int       k;
    uint64_t  a, w, v, is, gt;

    v = h->n * 0x9e3779b97f4a7c15ULL;
    v ^= h->n != 0 ? h->open[h->n - 1].name : 0;

    for (k = 0; k < 16; k += 8) {
        a = mdr_load64(q + k);

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        a = __builtin_bswap64(a);
#endif

        is = a ^ 0x3d3d3d3d3d3d3d3dULL;
        gt = a ^ 0x3e3e3e3e3e3e3e3eULL;
        w = ((is - 0x0101010101010101ULL) & ~is)
            | ((gt - 0x0101010101010101ULL) & ~gt);
        w &= 0x8080808080808080ULL;

        if (w != 0) {
            w = (w & -w) >> 7;          /* the first; what is before it      */
            v = (v ^ (a & (w - 1))) * 0x9e3779b97f4a7c15ULL;
            q += k + __builtin_ctzll(w) / 8;

            if (*q == '=' && ((q[-1] == 's' && q[-2] == 's')
                              || (q[-1] == 'd' && q[-2] == 'i')))
            {
                for (k = 1; k < 10 && (k == 1 || q[k] != '"')
                            && (uint8_t) (q[k] - '0') > 9; k++)
                {
                    v = (v ^ q[k]) * 0x100000001b3ULL;
                }
            }
            break;
        }

        v = (v ^ a) * 0x9e3779b97f4a7c15ULL;
        v ^= v >> 29;
    }

    return (uint32_t) (v ^ v >> 32);
}


/* does who looks at the page want to read the tag with the value behind literal
 * i of the unit of w? */

static int
is_wanted(mdr_html_t *h, const mdr_walk_t *w, uint32_t i)
{
    uint8_t              link;
    uint32_t             from, back;
    const mdr_markup_t  *m;

    m = h->learn;
    link = mdr_walk_lit(m, w, i)->link;

    if (link == 0) {
        return 0;
    }

    from = mdr_walk_hole(m, w, i + 1);
    back = from < MDR_HOLE_BACK ? from : MDR_HOLE_BACK;
    back = link == MDR_HOLE_PART ? back : 0;

    return h->hooks->value(h->hook_ctx, link, w->p + from - back,
                           w->at[i + 1] - from + back,
                           (size_t) (w->end - w->p) - w->at[i + 1]);
}


/* or one of its tags? */

static int
has_link(mdr_html_t *h, const mdr_walk_t *w)
{
    uint32_t          i;
    const mdr_way_t  *y;

    if (!h->learn->links) {
        return 0;
    }

    y = w->way;

    if (y != NULL) {
        for (i = 0; i < y->nlinks && !is_wanted(h, w, y->links[i]); i++) {
            /* void */
        }

        return i < y->nlinks;
    }

    for (i = 0; i + 1 < w->n && !is_wanted(h, w, i); i++) {
        /* void */
    }

    return i + 1 < w->n;
}


typedef struct {                        /* where units may be                */
    const uint8_t     *p, *end;
    uint64_t           at;
    mdr_html_unit_pt   unit;
    void              *ctx;
    int                stop;            /* out: none is to be recorded here  */
} here_t;


/* units in a row from w->p on, in state s: their bytes */

static size_t
units(mdr_html_t *h, here_t *w, uint32_t s)
{
    int            on;
    size_t         len, total;
    mdr_walk_t     k;
    mdr_markup_t  *m;

    m = h->learn;
    total = 0;
    k.end = w->end;
    k.depth = h->n;
    k.live = h->nlive;

    for (on = 1; on; ) {
        k.p = w->p + total;
        len = mdr_markup_walk(m, h->wide != 0, s - 1, &k);

        if (len == 0) {
            m->wasted += k.len;

            if (k.cut) {
                m->unit_bytes += total;
                h->wait = !h->last && mdr_markup_is_item(m, &k);
                w->stop = 1;
                return total + (h->wait ? k.at[0] : 0);
            }
            break;
        }

        k.way = mdr_html_way(h, &k);

        if (h->hooks != NULL && has_link(h, &k)) {
            m->wasted += k.len;
            w->stop = 1;
            break;
        }

        on = w->unit(h, &k, w->at + total, w->ctx);
        total += len;
        m->units++;
    }

    m->unit_bytes += total;

    return total;
}


static size_t
learned(mdr_html_t *h, here_t *w)
{
    size_t         n, total;
    uint8_t        state[MDR_HTML_STATE];
    uint32_t       s;
    mdr_start_t   *start;
    mdr_markup_t  *m;

    m = h->learn;

    if (w->end - w->p < 256 || !mdr_markup_may_try(m)) {
        return 0;
    }

    n = 0;
    start = NULL;
    s = h->here_epoch == m->epoch ? h->here : 0;

    if (s == 0) {
        start = mdr_markup_asks(m, start_hash(h, w->p));

        if (start == NULL || (!start->good && !mdr_start_may_record(m, start)))
        {
            return 0;
        }

        n = mdr_html_state(h, state);

        if (n == 0) {
            return 0;
        }

        s = mdr_markup_find(m, state, n);
        h->here = s;
        h->here_epoch = m->epoch;
    }

    total = s != 0 ? units(h, w, s) : 0;

    if (w->stop) {
        return total;
    }

    if (total != 0) {
        if (start != NULL) {
            start->good = MDR_START_GOOD;
        }

        return total;
    }

    h->here = 0;

    if (start != NULL) {
        start->good -= start->good != 0;
    }

    if (start == NULL) {
        start = mdr_markup_asks(m, start_hash(h, w->p));
    }

    if (start == NULL || !mdr_start_may_record(m, start)) {
        return 0;
    }

    if (n == 0) {
        n = mdr_html_state(h, state);
    }

    if (n != 0) {
        mdr_html_note_begin(h, start, w->p, w->at, state, n);
    }

    return 0;
}


/* where nothing is known in a row of tags, few of those that follow are asked,
 * not the same ones each time */

#define VAIN  64
#define PASS  15

size_t
mdr_html_learned(mdr_html_t *h, const uint8_t *q, const uint8_t *end,
    uint64_t at, mdr_html_unit_pt unit, void *ctx)
{
    size_t         n;
    here_t         w;
    mdr_markup_t  *m;

    m = h->learn;
    w.p = q;
    w.end = end;
    w.at = at;
    w.unit = unit;
    w.ctx = ctx;
    w.stop = 0;
    n = learned(h, &w);

    if (n != 0 || h->rec != NULL || h->wait) {
        m->vain = 0;

    } else if (m->vain++ >= VAIN) {
        h->pass = (uint8_t) ((m->vain > 16 * VAIN ? 4 * PASS : PASS)
                             + (m->vain * 0x9e3779b1u >> 29));
    }

    return n;
}
