/*
 * counts.c - the number of a slot's `count` path, lowered by what is removed.
 *
 * A number behind its list is right when it leaves: everything before it is
 * decided by then.  One before its list is held until the list has ended, or
 * until that takes more than max_slot bytes; then it is left as it is.  A body
 * of several documents (NDJSON, JSON after JSON) has a number in each, so what
 * was removed is counted by document; the few that can still be in the window
 * are remembered.
 */

#include "scan.h"


/* a removed item of a slot with such a number */

void
mdr_counts_removed(mdr_sink_t *k, const mdr_unit_t *u)
{
    uint32_t     i;
    mdr_gone_t  *g;

    if (k->model->slots[u->slot].count.len == 0) {
        return;
    }

    for (i = 0; i < MDR_GONE_MAX; i++) {
        g = &k->gone[i];

        if (g->n != 0 && g->slot == u->slot && g->doc == u->doc) {
            g->n++;
            return;
        }
    }

    g = &k->gone[k->next_gone++ % MDR_GONE_MAX];    /* the oldest            */
    g->slot = u->slot;
    g->doc = u->doc;
    g->n = 1;
}


uint64_t
mdr_counts_gone(const mdr_sink_t *k, uint32_t slot, uint64_t doc)
{
    uint32_t  i;

    for (i = 0; i < MDR_GONE_MAX; i++) {
        if (k->gone[i].n != 0 && k->gone[i].slot == slot
            && k->gone[i].doc == doc)
        {
            return k->gone[i].n;
        }
    }

    return 0;
}


/* its list takes too long: the number leaves as it is */

static void
leave(mdr_sink_t *k, mdr_count_t *c)
{
    c->state = 2;
    mdr_edit_leave(k, c->start);
    mdr_items_error(k, MDR_ERR_TOO_LARGE, c->start,
                    "the list behind its count", UINT32_MAX);
}


void
mdr_counts_large(mdr_sink_t *k, uint64_t upto)
{
    uint32_t      i;
    mdr_count_t  *c;

    for (i = 0; i < k->plan->nslots; i++) {
        c = &k->counts[i];

        if (c->state == 1 && upto > c->start
            && upto - c->start > k->conf.max_slot)
        {
            leave(k, c);
        }
    }
}


void
mdr_sink_document(mdr_sink_t *k, uint64_t at)
{
    uint32_t  i;

    mdr_counts_large(k, mdr_layer_place(&k->layers, at));

    k->doc++;

    for (i = 0; i < k->plan->nslots; i++) {
        k->counts[i].state = 0;
        k->counts[i].items = 0;
        k->counts[i].group = k->doc;
    }
}


void
mdr_sink_count(mdr_sink_t *k, uint32_t slot, uint64_t start, uint64_t end,
    const uint8_t *digits)
{
    uint64_t      a, b;
    mdr_count_t  *c;

    (void) digits;

    if (k->conf.mode != MDR_MODE_ENFORCE) {
        return;
    }

    if (k->layers.now != NULL) {
        a = mdr_layer_place(&k->layers, start);
        b = mdr_layer_behind(&k->layers, end);

        if (b - a != end - start) {
            return;                     /* digits in escapes                 */
        }

        start = a;
        end = b;
    }

    c = &k->counts[slot];

    mdr_edit_count(k, start, end, slot);

    if (!c->items && c->state == 0) {
        c->state = 1;
        c->start = start;
        c->end = end;
        c->list = 0;
    }
}
