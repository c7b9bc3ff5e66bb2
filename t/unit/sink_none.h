/*
 * sink_none.h - what the sinks of the tests do not do: they remember no items,
 * and want all tag points.
 */

#ifndef MDR_SINK_NONE_H
#define MDR_SINK_NONE_H

#include "sink.h"


/* what a test wants learned, or NULL */
static mdr_markup_t  *sink_learned;


mdr_markup_t *
mdr_sink_markup(mdr_sink_t *k, const void *rules)
{
    (void) k;
    (void) rules;

    if (sink_learned != NULL) {
        sink_learned->users++;
    }

    return sink_learned;
}


int
mdr_sink_place_whole(mdr_sink_t *k, uint32_t item, uint32_t place,
    uint64_t src, const uint8_t *p, size_t n, uint64_t at)
{
    (void) k;
    (void) item;
    (void) place;
    (void) src;
    (void) p;
    (void) n;
    (void) at;

    return 0;
}


mdr_card_t *
mdr_sink_card(mdr_sink_t *k, uint32_t slot, size_t n)
{
    (void) k;
    (void) slot;
    (void) n;

    return NULL;
}


void
mdr_sink_card_entry(mdr_sink_t *k, mdr_card_t *c)
{
    (void) k;
    (void) c;
}


uint8_t *
mdr_sink_card_room(mdr_sink_t *k, size_t n)
{
    (void) k;
    (void) n;

    return NULL;
}


void
mdr_sink_card_add(mdr_sink_t *k, mdr_card_t *c)
{
    (void) k;
    (void) c;
}


void
mdr_sink_card_keep(mdr_sink_t *k, mdr_card_t *c, uint64_t hash, uint64_t key,
    const uint8_t *p, size_t n)
{
    (void) k;
    (void) c;
    (void) hash;
    (void) key;
    (void) p;
    (void) n;
}


int
mdr_sink_card_known(mdr_sink_t *k, mdr_card_t *c)
{
    (void) k;
    (void) c;

    return 0;
}


mdr_seen_t *
mdr_sink_seen(mdr_sink_t *k, uint64_t *key)
{
    (void) k;
    (void) key;

    return NULL;
}


int
mdr_sink_item_known(mdr_sink_t *k, uint32_t item, size_t n, uint32_t at)
{
    (void) k;
    (void) item;
    (void) n;
    (void) at;

    return 0;
}


int
mdr_sink_item_again(mdr_sink_t *k, uint32_t slot, uint64_t start, size_t n,
    uint32_t at, uint64_t parent)
{
    (void) at;
    (void) k;
    (void) slot;
    (void) start;
    (void) n;
    (void) parent;

    return 0;
}


void
mdr_sink_item_keep(mdr_sink_t *k, uint32_t item, uint64_t hash, uint64_t key,
    const uint8_t *p, size_t n)
{
    (void) k;
    (void) item;
    (void) hash;
    (void) key;
    (void) p;
    (void) n;
}


int
mdr_sink_tags(mdr_sink_t *k, uint32_t slot)
{
    (void) k;
    (void) slot;

    return 1;
}


int
mdr_sink_stop(mdr_sink_t *k, int kind, uint64_t at, const char *detail)
{
    mdr_sink_error(k, kind, at, detail);

    return 0;
}


size_t
mdr_sink_max_slot(const mdr_sink_t *k)
{
    (void) k;

    return 0;
}


void
mdr_sink_item_spent(mdr_sink_t *k, uint32_t item, uint64_t at)
{
    (void) k;
    (void) item;
    (void) at;
}

#endif
