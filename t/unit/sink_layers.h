/*
 * sink_layers.h - the layers of the sinks of the tests, which have a member
 * `layers` and no slots within values.
 */

#ifndef MDR_SINK_LAYERS_H
#define MDR_SINK_LAYERS_H

#include "scan/layer.h"


mdr_layers_t *
mdr_sink_layers(mdr_sink_t *k)
{
    return &k->layers;
}


const mdr_within_t *
mdr_sink_within(mdr_sink_t *k, uint32_t group)
{
    static const mdr_within_t  none;

    (void) k;
    (void) group;

    return &none;
}


void
mdr_sink_item_name(mdr_sink_t *k, uint32_t item, const char *p, size_t n)
{
    (void) k;
    (void) item;
    (void) p;
    (void) n;
}


uint32_t
mdr_sink_ref_open(mdr_sink_t *k, uint32_t slot, int kind, uint64_t start,
    uint64_t whole, uint64_t parent)
{
    (void) k;
    (void) slot;
    (void) kind;
    (void) start;
    (void) whole;
    (void) parent;

    return MDR_NO_ITEM;
}


void
mdr_sink_ref_name(mdr_sink_t *k, uint32_t ref, const char *p, size_t n)
{
    (void) k;
    (void) ref;
    (void) p;
    (void) n;
}


void
mdr_sink_ref_close(mdr_sink_t *k, uint32_t ref, uint64_t end)
{
    (void) k;
    (void) ref;
    (void) end;
}


void
mdr_sink_refs_end(mdr_sink_t *k)
{
    (void) k;
}


void
mdr_sink_item_mark(mdr_sink_t *k, uint32_t item, uint8_t *mark)
{
    (void) k;
    (void) item;
    (void) mark;
}


int
mdr_sink_judge(mdr_sink_t *k)
{
    (void) k;

    return MDR_OK;
}


void
mdr_sink_replace(mdr_sink_t *k, uint64_t start, uint64_t end,
    const char *text, size_t len)
{
    (void) k;
    (void) start;
    (void) end;
    (void) text;
    (void) len;
}


size_t
mdr_sink_max(const mdr_sink_t *k)
{
    (void) k;

    return 65536;
}


/* nothing is forgotten: items may be open */

uint64_t
mdr_sink_hold(const mdr_sink_t *k)
{
    (void) k;

    return 0;
}


void
mdr_sink_island(mdr_sink_t *k, uint64_t start, uint64_t end, uint8_t depth)
{
    (void) k;
    (void) start;
    (void) end;
    (void) depth;
}

#endif
