/*
 * units.c - the memory of items and elements.
 *
 * A page has hundreds of items and each of them some texts; nearly all are
 * small.  Their memory goes from one to the next, and from one scan to the
 * next through the work area, so that a response asks for none.
 */

#include "scan.h"

#include <string.h>


#define KEEP_TEXT   4096            /* bytes of a text, within a scan       */
#define SPARE_TEXT  512             /* and from scan to scan                */
#define SPARES      256             /* units and elements, each             */


static int
is_shared(const mdr_sink_t *k)
{
    return k->alloc == k->work->alloc;
}


static void
free_unit(const mdr_alloc_t *a, mdr_unit_t *u)
{
    uint32_t  i;

    for (i = 0; i < u->places; i++) {
        mdr_text_done(&u->texts[i]);
    }

    mdr_free(a, u->hits);
    mdr_free(a, u->tag);
    mdr_free(a, u);
}


/* a unit with room for all places of a slot of this policy */

static mdr_unit_t *
new_unit(mdr_sink_t *k)
{
    uint32_t     i, n;
    mdr_unit_t  *u;
    mdr_work_t  *w;

    n = k->plan->max_places;
    w = k->work;

    if (is_shared(k) && w->spare_units != NULL) {
        u = w->spare_units;
        w->spare_units = u->next;
        w->nspare_units--;

        if (u->places >= n) {
            for (i = 0; i < n; i++) {
                u->texts[i].max = k->conf.max_slot < UINT32_MAX
                                  ? k->conf.max_slot : UINT32_MAX;
            }
            return u;
        }

        free_unit(k->alloc, u);
    }

    u = mdr_calloc(k->alloc, sizeof(mdr_unit_t)
                             + n * (sizeof(mdr_text_t) + 2));
    if (u == NULL) {
        return NULL;
    }

    u->places = n;
    u->texts = (mdr_text_t *) (u + 1);
    u->opened = (uint8_t *) (u->texts + n);
    u->known = u->opened + n;

    for (i = 0; i < n; i++) {
        mdr_text_init(&u->texts[i], k->alloc, k->conf.max_slot);
    }

    return u;
}


mdr_unit_t *
mdr_unit_get(mdr_sink_t *k)
{
    void        *p;
    mdr_unit_t  *u;

    if (k->nfree != 0) {
        u = k->units[k->free_units[--k->nfree]];
        u->used = 1;
        return u;
    }

    if (k->nunits >= MDR_OPEN_ITEMS) {
        return NULL;
    }

    p = k->units;
    if (mdr_grow(k->alloc, &p, &k->units_cap, k->nunits + 1,
                 sizeof(mdr_unit_t *))
        != MDR_OK)
    {
        k->failed = 1;
        return NULL;
    }
    k->units = p;

    p = k->free_units;
    if (mdr_grow(k->alloc, &p, &k->free_cap, k->nunits + 1,
                 sizeof(uint32_t))
        != MDR_OK)
    {
        k->failed = 1;
        return NULL;
    }
    k->free_units = p;

    u = new_unit(k);
    if (u == NULL) {
        k->failed = 1;
        return NULL;
    }

    u->self = (uint32_t) k->nunits;
    u->used = 1;
    k->units[k->nunits++] = u;

    return u;
}


/* as new, with its memory; texts that are larger than keep lose theirs */

static void
clear_unit(mdr_unit_t *u, const mdr_alloc_t *a, size_t keep)
{
    uint32_t     i;
    mdr_text_t  *t;

    for (i = 0; i < u->places; i++) {
        t = &u->texts[i];

        if (t->cap > keep || t->runs_cap > keep / 32) {
            mdr_free(a, t->data);
            mdr_free(a, t->runs);
            mdr_text_init(t, a, t->max);

        } else if (u->opened[i]) {
            mdr_text_clear(t);
        }

        u->opened[i] = 0;
        u->known[i] = 0;
    }

    mdr_free(a, u->hits);
    u->hits = NULL;
    u->parts = NULL;
    u->nparts = 0;

    u->has_tag = 0;
    u->used = 0;
}


void
mdr_unit_put(mdr_sink_t *k, mdr_unit_t *u)
{
    clear_unit(u, k->alloc, KEEP_TEXT);
    k->free_units[k->nfree++] = u->self;
}


void
mdr_units_free(mdr_sink_t *k)
{
    size_t       i;
    mdr_unit_t  *u;
    mdr_work_t  *w;

    w = k->work;

    for (i = 0; i < k->nunits; i++) {
        u = k->units[i];

        if (!is_shared(k) || w->nspare_units == SPARES) {
            free_unit(k->alloc, u);
            continue;
        }

        clear_unit(u, k->alloc, SPARE_TEXT);
        u->next = w->spare_units;
        w->spare_units = u;
        w->nspare_units++;
    }

    mdr_free(k->alloc, k->units);
    mdr_free(k->alloc, k->free_units);
}


mdr_elem_t *
mdr_elem_get(mdr_sink_t *k, mdr_elem_t *after)
{
    mdr_elem_t  *e;
    mdr_work_t  *w;

    w = k->work;
    e = w->spare_elems;

    if (is_shared(k) && e != NULL) {
        w->spare_elems = e->next;
        w->nspare_elems--;

    } else {
        e = mdr_alloc(k->alloc, sizeof(mdr_elem_t));
        if (e == NULL) {
            k->failed = 1;
            return NULL;
        }
    }

    memset(e, 0, sizeof(mdr_elem_t));
    e->end = MDR_NO_POS;
    e->follow = MDR_NO_POS;

    if (after == NULL) {
        e->next = k->first;
        k->first = e;

    } else {
        e->next = after->next;
        after->next = e;
    }

    if (e->next == NULL) {
        k->last = e;
    }

    return e;
}


void
mdr_elem_put(mdr_sink_t *k, mdr_elem_t *e)
{
    mdr_work_t  *w;

    w = k->work;

    if (!is_shared(k) || w->nspare_elems == SPARES) {
        mdr_free(k->alloc, e);
        return;
    }

    e->next = w->spare_elems;
    w->spare_elems = e;
    w->nspare_elems++;
}


void
mdr_units_done(mdr_work_t *w)
{
    mdr_elem_t  *e;
    mdr_unit_t  *u;

    while (w->spare_units != NULL) {
        u = w->spare_units;
        w->spare_units = u->next;
        free_unit(w->alloc, u);
    }

    while (w->spare_elems != NULL) {
        e = w->spare_elems;
        w->spare_elems = e->next;
        mdr_free(w->alloc, e);
    }
}
