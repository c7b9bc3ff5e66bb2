/*
 * html_card.c - a unit that is one item, each of whose texts is one hole or
 * stands in one literal, as nearly all are.
 *
 * What the literals of such a unit do is the same whenever they come in this
 * order.  So it is worked out once for each way through the set (mdr_way_t),
 * and from then on where the item's texts stand is all that has to be told.
 * Where a text needs more than to be taken as it is, html_unit.c does what the
 * events say.
 */

#include "html_modes.h"
#include "html_learn.h"
#include "text/text_ready.h"

#include <string.h>


typedef struct {
    mdr_way_t  *way;
    uint32_t    i;                      /* the literal at hand               */
    uint32_t    serials;                /* of the literals before it         */
    uint64_t    open[MDR_UNIT_OPEN];    /* what the unit has open            */
    uint8_t     item;                   /* has begun                         */
    uint8_t     ended;
    uint8_t     states[MDR_WAY_TEXTS];  /* of places: OPEN, FULL, CLOSED     */
} work_t;

enum { OPEN, FULL, CLOSED };


static mdr_spot_t
spot(const work_t *k, uint32_t back, uint32_t off)
{
    mdr_spot_t  s;

    s.step = (uint16_t) (k->i - back);
    s.off = (uint16_t) off;

    return s;
}


/* the text of the place, or NULL */

static mdr_way_text_t *
text_of(work_t *k, uint32_t place, uint8_t **state)
{
    uint32_t  i;

    for (i = 0; i < k->way->ntexts; i++) {
        if (k->way->texts[i].place == place) {
            *state = &k->states[i];
            return &k->way->texts[i];
        }
    }

    return NULL;
}


static int
place(work_t *k, const mdr_event_t *e)
{
    uint8_t         *state;
    mdr_way_text_t  *t;

    t = text_of(k, e->place, &state);

    if (e->op == MDR_DO_OPEN) {
        if (t != NULL || k->way->ntexts == MDR_WAY_TEXTS) {
            return 0;
        }

        t = &k->way->texts[k->way->ntexts];
        memset(t, 0, sizeof(*t));
        t->place = e->place;
        k->states[k->way->ntexts++] = OPEN;
        return 1;
    }

    if (t == NULL || *state == CLOSED) {
        return 0;
    }

    switch (e->op) {

    case MDR_DO_TEXT:
    case MDR_DO_VALUE:
        if (*state == FULL) {
            return 0;
        }

        t->at = spot(k, e->back, e->off);
        t->len = e->len;
        t->hole = (e->flags & MDR_IN_HOLE) != 0;
        *state = FULL;
        break;

    case MDR_DO_CLOSE:
        *state = CLOSED;
        break;

    default:                            /* MDR_DO_BREAK: at an end of it     */
        break;
    }

    return 1;
}


/* 0: it is no such unit */

static int
event(work_t *k, const mdr_event_t *e)
{
    uint32_t  i;

    if (e->live != 0 || k->ended || (!k->item && e->op != MDR_DO_ITEM)) {
        return 0;
    }

    switch (e->op) {

    case MDR_DO_ITEM:
        k->way->slot = e->arg & 0xffff;
        k->way->depth = e->arg >> 16;
        k->way->parent = e->place != 0 || k->way->depth == 0
                         ? k->serials + e->place
                         : (uint32_t) k->open[k->way->depth - 1];
        k->way->start = spot(k, e->back, e->off);
        k->way->stop = spot(k, e->stop, e->len);
        return k->item++ == 0;

    case MDR_DO_TAG_POINT:
        k->way->point = spot(k, e->back, e->off);
        k->way->pointed = 1;
        return 1;

    case MDR_DO_ITEM_END:
        k->way->end = spot(k, e->back, e->off);
        k->ended = 1;

        for (i = 0; i < k->way->ntexts; i++) {
            if (k->states[i] != CLOSED) {
                return 0;
            }
        }
        return 1;

    default:
        return place(k, e);
    }
}


static void
by_place(mdr_way_t *y)
{
    uint32_t        i, j;
    mdr_way_text_t  t;

    for (i = 1; i < y->ntexts; i++) {
        t = y->texts[i];

        for (j = i; j > 0 && y->texts[j - 1].place > t.place; j--) {
            y->texts[j] = y->texts[j - 1];
        }

        y->texts[j] = t;
    }
}


/* what the unit of w does */

static void
work_out(const mdr_markup_t *m, const mdr_walk_t *w, mdr_way_t *y)
{
    int                 good;
    work_t              k;
    uint32_t            n;
    const mdr_lit_t    *l;
    const mdr_event_t  *e;

    memset(&k, 0, sizeof(k));
    k.way = y;
    good = 1;

    for ( ; k.i < w->n; k.i++) {
        l = mdr_walk_lit(m, w, k.i);

        if (l->link != 0 && k.i + 1 < w->n) {
            y->links[y->nlinks++] = (uint8_t) k.i;
        }

        e = m->events + l->events;
        y->events += l->nevents;

        for (n = l->nevents; good && n != 0; n--, e++) {
            good = event(&k, e);
        }

        mdr_lit_opened(m, l, k.serials, k.open);
        k.serials += l->serials;
    }

    y->serials = k.serials;
    y->card = good && k.ended;
    by_place(y);
}


const mdr_way_t *
mdr_html_way(mdr_html_t *h, const mdr_walk_t *w)
{
    int         known;
    mdr_way_t  *y;

    y = mdr_markup_way(h->learn, w, &known);

    if (y != NULL && !known) {
        work_out(h->learn, w, y);
    }

    return y;
}


static inline uint32_t
offset(const mdr_walk_t *w, mdr_spot_t s)
{
    return w->at[s.step] + s.off;
}


static inline int
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}


/* are the bytes a text as it is to be? */

static inline int
is_ready(const uint8_t *p, size_t n, const int wide)
{
#if (MDR_TEXT_PAIRS)
    if (wide) {
        return mdr_ready_wide(p, n);
    }
#endif

    return mdr_text_is_ready(p, n);
}


/* the texts of the unit at p; 0: one of them is not as it is to be */

static inline __attribute__((always_inline)) int
texts(const mdr_html_t *h, const mdr_walk_t *w, const mdr_way_t *y,
    mdr_card_t *c, const int wide)
{
    uint32_t               i;
    const uint8_t         *from, *to;
    const mdr_way_text_t  *t;

    if ((size_t) (w->end - w->p) < w->len + MDR_TEXT_BEHIND) {
        return 0;
    }

    for (i = 0; i < y->ntexts; i++) {
        t = &y->texts[i];

        if (t->hole) {
            from = w->p + mdr_walk_hole(h->learn, w, t->at.step);
            to = w->p + w->at[t->at.step];

        } else {
            from = w->p + offset(w, t->at);
            to = from + t->len;
        }

        if (from != to && !is_ready(from, (size_t) (to - from), wide)) {

            /* without the white space around it, perhaps */

            if (!is_space(*from) && !is_space(to[-1])) {
                return 0;
            }

            while (from < to && is_space(to[-1])) {
                to--;
            }

            while (from < to && is_space(*from)) {
                from++;
            }

            if (from != to && !is_ready(from, (size_t) (to - from), wide)) {
                return 0;
            }
        }

        c->texts[i].p = from;
        c->texts[i].len = (uint32_t) (to - from);
        c->texts[i].place = t->place;
        c->texts[i].pieces = 0;
    }

    c->ntexts = y->ntexts;

    return 1;
}


#if (MDR_TEXT_PAIRS)

MDR_READY_WIDE static int
texts_wide(const mdr_html_t *h, const mdr_walk_t *w, const mdr_way_t *y,
    mdr_card_t *c)
{
    return texts(h, w, y, c, 1);
}

#endif


static int
texts_any(const mdr_html_t *h, const mdr_walk_t *w, const mdr_way_t *y,
    mdr_card_t *c)
{
#if (MDR_TEXT_PAIRS)
    if (h->wide != 0) {
        return texts_wide(h, w, y, c);
    }
#endif

    return texts(h, w, y, c, 0);
}


int
mdr_html_card(mdr_html_t *h, const mdr_walk_t *w, const mdr_way_t *y,
    uint64_t at, mdr_html_keep_t *keep)
{
    uint32_t     from, n;
    mdr_card_t  *c;

    from = offset(w, y->start);
    n = offset(w, y->end) - from;
    c = mdr_sink_card(h->sink, y->slot, n);

    if (c == NULL) {
        return 0;
    }

    c->slot = y->slot;
    c->p = w->p + from;
    c->start = at + from;
    c->end = c->start + n;
    c->parent = y->depth == 0 ? UINT64_MAX
                : y->depth <= h->n ? h->open[y->depth - 1].serial
                : h->serial + y->parent;
    c->list = NULL;
    c->tag = y->pointed ? at + offset(w, y->point) : MDR_NO_POS;
    c->place = 0;

    if (keep != NULL && keep->seen != 0) {
        if (mdr_sink_card_known(h->sink, c)) {
            keep->known = 1;
            return 1;
        }
        return 0;
    }

    if (!texts_any(h, w, y, c)) {
        return 0;
    }

    if (keep != NULL) {
        mdr_sink_card_keep(h->sink, c, keep->hash, keep->key, c->p, n);
    }

    mdr_sink_card_add(h->sink, c);

    return 1;
}
