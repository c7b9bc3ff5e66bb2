/*
 * html_unit.c - what a known unit does: the same calls, in the same order, as
 * the scanner made when it was recorded, at the places of this one.
 */

#include "html_modes.h"
#include "html_learn.h"

#include <string.h>


typedef struct {
    mdr_html_t           *h;
    const mdr_walk_t     *w;
    const uint8_t        *p;
    mdr_html_keep_t      *keep;
    const mdr_event_t    *events;
    const mdr_event_t    *waiting;      /* a place to be opened, or NULL     */
    uint64_t              at, serial;    /* of h, before the literal at hand  */
    uint64_t              open[MDR_UNIT_OPEN];  /* what the unit has open     */
    uint32_t              items[MDR_UNIT_DEPTH];
    mdr_text_t           *texts[MDR_UNIT_DEPTH][MDR_UNIT_PLACES];
} unit_t;


/* bytes [from, to) of the unit are text, or an attribute's value */

static void
add(unit_t *u, mdr_text_t *t, const mdr_event_t *e, uint32_t from,
    uint32_t to)
{
    int             rc;
    uint64_t        at;
    const uint8_t  *p;

    p = u->p + from;
    at = u->at + from;
    rc = MDR_OK;

    if (e->op == MDR_DO_TEXT) {
        if ((e->flags & MDR_ONLY) && mdr_text_whole(t, at, p, to - from)) {
            return;
        }

        (void) mdr_html_add_text(t, at, p, to - from, 1, 0, (int) e->arg, &rc);

    } else {
        (void) mdr_html_add_text(t, at, p, to - from, 1, 1, MDR_NUL_BAD, &rc);
    }

    if (rc != MDR_OK) {
        mdr_html_no_memory(u->h, at);
    }
}


static int
item(unit_t *u, const mdr_event_t *e, uint64_t at)
{
    uint32_t               slot, depth;
    uint64_t               parent;
    const mdr_html_t      *h;
    const mdr_html_slot_t *hs;

    h = u->h;
    slot = e->arg & 0xffff;
    hs = &h->rules->slots[slot];
    depth = e->arg >> 16;
    parent = depth == 0 ? UINT64_MAX
             : depth <= h->n ? h->open[depth - 1].serial
             : e->place != 0 ? u->serial + e->place : u->open[depth - 1];

    u->items[e->live] = mdr_sink_item_open(h->sink, hs->slot,
                                           MDR_ITEM_ELEMENT, at, at, parent);

    if (u->keep != NULL && u->keep->seen != 0
        && u->items[e->live] != MDR_NO_ITEM
        && mdr_sink_item_known(h->sink, u->items[e->live],
                               u->w->len - u->w->at[0], u->keep->seen))
    {
        mdr_sink_item_close(h->sink, u->items[e->live], u->at + u->w->len,
                            u->at + u->w->len);
        u->keep->known = 1;
        return 0;
    }

    memset(u->texts[e->live], 0, hs->nplaces * sizeof(mdr_text_t *));

    return 1;
}


/* the place that waits to be opened is: it is no whole text */

static void
open_waiting(unit_t *u)
{
    const mdr_event_t  *e;

    e = u->waiting;
    u->waiting = NULL;
    u->texts[e->live][e->place] = mdr_sink_place_open(u->h->sink,
                                                      u->items[e->live],
                                                      e->place);
}


/* the event is a text that may be all of the place that waits, and the one
 * behind it closes that: both are done; or 0 */

static int
whole(unit_t *u, const mdr_event_t *e, uint32_t i)
{
    uint32_t           from, j;
    const mdr_walk_t  *w;

    if (u->waiting->place != e->place || u->waiting->live != e->live) {
        return 0;
    }

    w = u->w;
    j = i - e->back;
    from = mdr_walk_hole(u->h->learn, w, j);

    if (!mdr_sink_place_whole(u->h->sink, u->items[e->live], e->place,
                              u->at + from, u->p + from, w->at[j] - from,
                              u->at + w->at[i - e[1].back] + e[1].off))
    {
        return 0;
    }

    u->waiting = NULL;

    return 1;
}


static void
text(unit_t *u, mdr_text_t *t, const mdr_event_t *e, uint32_t j)
{
    uint32_t           from;
    const mdr_walk_t  *w;

    w = u->w;

    if (t == NULL) {
        return;
    }

    if (e->flags & MDR_IN_HOLE) {
        from = mdr_walk_hole(u->h->learn, w, j);
        add(u, t, e, from, w->at[j]);

    } else {
        from = w->at[j] + e->off;
        add(u, t, e, from, from + e->len);
    }
}


/* what the literal at hand does; 0: nothing more has to be done */

static int
step(unit_t *u, uint32_t i)
{
    uint32_t            n, j;
    uint64_t            at;
    mdr_text_t        **t;
    mdr_sink_t         *k;
    mdr_tag_point_t     point;
    const mdr_lit_t    *l;
    const mdr_event_t  *e;

    k = u->h->sink;
    l = mdr_walk_lit(u->h->learn, u->w, i);
    e = u->events + l->events;

    for (n = l->nevents; n != 0; n--, e++) {
        j = i - e->back;

        if (u->waiting != NULL) {
            if ((e->flags & MDR_ONLY) && whole(u, e, i)) {
                n--;
                e++;
                continue;
            }

            open_waiting(u);
        }

        at = u->at + u->w->at[j] + e->off;

        if (e->op == MDR_DO_ITEM) {
            if (!item(u, e, at)) {
                return 0;
            }
            continue;
        }

        if (u->items[e->live] == MDR_NO_ITEM) {
            continue;
        }

        t = &u->texts[e->live][e->place];

        switch (e->op) {

        case MDR_DO_TAG_POINT:
            point.at = at;
            point.json = 0;
            point.comma = 0;
            point.nstale = 0;
            mdr_sink_tag_point(k, u->items[e->live], &point);
            break;

        case MDR_DO_OPEN:
            u->waiting = e;
            break;

        case MDR_DO_TEXT:
        case MDR_DO_VALUE:
            text(u, *t, e, j);
            break;

        case MDR_DO_BREAK:
            if (*t != NULL && mdr_text_break(*t, at) != MDR_OK) {
                mdr_html_no_memory(u->h, at);
            }
            break;

        case MDR_DO_CLOSE:
            if (*t != NULL) {
                mdr_sink_place_close(k, u->items[e->live], e->place, at);
                *t = NULL;
            }
            break;

        default:                        /* MDR_DO_ITEM_END                   */
            if (u->keep != NULL) {
                mdr_sink_item_keep(k, u->items[e->live], u->keep->hash,
                                   u->keep->key, u->p + u->w->at[0],
                                   u->w->len - u->w->at[0]);
            }

            mdr_sink_item_close(k, u->items[e->live], at, at);
        }
    }

    return 1;
}


uint32_t
mdr_html_unit_item(const mdr_html_t *h, const mdr_walk_t *w, uint32_t *slot)
{
    uint32_t            i, n, at;
    const mdr_event_t  *e;
    const mdr_lit_t    *l;

    for (i = 0, n = 0, at = 0; i < w->n; i++) {
        if (mdr_walk_lit(h->learn, w, i)->items != 0) {
            n += mdr_walk_lit(h->learn, w, i)->items;
            at = i;
        }
    }

    if (n != 1) {
        return 0;
    }

    l = mdr_walk_lit(h->learn, w, at);

    for (e = h->learn->events + l->events; e->op != MDR_DO_ITEM; e++) {
        /* void */
    }

    *slot = e->arg & 0xffff;
    n = w->at[at - e->stop] + e->len - w->at[0];

    if (w->at[at - e->back] + e->off != w->at[0]) {
        return 0;
    }

    l = mdr_walk_lit(h->learn, w, w->n - 1);

    if (l->nevents == 0) {
        return 0;
    }

    e = h->learn->events + l->events + l->nevents - 1;

    return e->op == MDR_DO_ITEM_END
           && w->at[w->n - 1 - e->back] + e->off == w->len ? n : 0;
}


/* the same calls as when it was recorded; the number of elements behind it */

static uint64_t
play(mdr_html_t *h, const mdr_walk_t *w, uint64_t at, mdr_html_keep_t *keep)
{
    unit_t            u;
    uint32_t          i;
    const mdr_lit_t  *l;

    u.h = h;
    u.w = w;
    u.p = w->p;
    u.at = at;
    u.keep = keep;
    u.events = h->learn->events;
    u.waiting = NULL;
    u.serial = h->serial;

    for (i = 0; i < w->n; i++) {
        l = mdr_walk_lit(h->learn, w, i);

        if (l->nevents != 0 && !step(&u, i)) {
            break;
        }

        mdr_lit_opened(h->learn, l, u.serial, u.open);
        u.serial += l->serials;
    }

    for ( ; i < w->n; i++) {
        u.serial += mdr_walk_lit(h->learn, w, i)->serials;
    }

    return u.serial;
}


void
mdr_html_unit(mdr_html_t *h, const mdr_walk_t *w, const mdr_way_t *y,
    uint64_t at, mdr_html_keep_t *keep)
{
    const mdr_lit_t  *l;

    if (y != NULL && (y->events == 0
                      || (y->card && mdr_html_card(h, w, y, at, keep))))
    {
        h->serial += y->serials;

    } else {
        h->serial = play(h, w, at, keep);
    }

    l = mdr_walk_lit(h->learn, w, w->n - 1);
    h->tag.start = at + w->at[w->n - 1 - l->tag_back] + l->tag;
    h->tag.stop = at + w->len;
    h->unusual++;
}
