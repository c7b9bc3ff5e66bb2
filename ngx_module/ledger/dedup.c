/*
 * dedup.c - what has been recorded, and how often it came: see area.h.
 */

#include "area.h"
#include "atomic.h"

#include <string.h>


#define PROBES   16
#define SPIN     2000
#define STUCK_S  60


mdl_count_entry_t *
mdl_entry_at(mdl_area_t *a, uint64_t i)
{
    uint8_t  *p;

    p = (uint8_t *) mdl_place(a, a->nplaces) + a->nplaces * a->ring_size;

    return (mdl_count_entry_t *) p + i;
}


int
mdl_entry_is(const mdl_count_entry_t *e, const uint64_t key[2])
{
    return load(&e->state) == MDL_ENTRY_RECORDED && e->key[0] == key[0]
           && e->key[1] == key[1];
}


mdl_count_entry_t *
mdl_entry_get(mdl_area_t *a, const uint64_t key[2], uint64_t now_ms,
    mdl_count_entry_t *gone)
{
    unsigned            i, spin;
    uint64_t            state;
    mdl_count_entry_t  *e, *oldest;

    gone->state = MDL_ENTRY_FREE;
    oldest = NULL;
    e = NULL;

    for (i = 0; i < PROBES && i < a->nentries; i++) {
        e = mdl_entry_at(a, (key[0] + i) % a->nentries);
        state = load(&e->state);

        if (state == MDL_ENTRY_FREE
            && swap(&e->state, MDL_ENTRY_FREE, MDL_ENTRY_WRITING))
        {
            goto make;
        }

        /* perhaps it is the very same: it must not be made twice */

        for (spin = 0; load(&e->state) == MDL_ENTRY_WRITING && spin < SPIN;
             spin++)
        {
#if defined(__x86_64__)
            __builtin_ia32_pause();
#endif
        }

        state = load(&e->state);

        if (state == MDL_ENTRY_WRITING) {

            /* its maker has died, or sleeps: only who has the same key waits
             * for the sweep */

            if (e->key[0] == key[0] && e->key[1] == key[1]) {
                return NULL;
            }

            continue;
        }

        if (state >= MDL_ENTRY_COUNTED && e->key[0] == key[0]
            && e->key[1] == key[1])
        {
            return e;
        }

        if (oldest == NULL || e->touched_s < oldest->touched_s) {
            oldest = e;
        }
    }

    e = oldest;

    if (e == NULL) {
        return NULL;
    }

    state = load(&e->state);

    if (state < MDL_ENTRY_COUNTED || !swap(&e->state, state,
                                           MDL_ENTRY_WRITING))
    {
        return NULL;
    }

    if (e->total != e->told && state == MDL_ENTRY_RECORDED) {
        *gone = *e;
        gone->state = MDL_ENTRY_RECORDED;
    }

    (void) __atomic_fetch_add(&a->given_up, 1, __ATOMIC_RELAXED);

make:

    e->touched_s = now_ms / 1000;
    e->key[0] = key[0];
    e->key[1] = key[1];
    e->since_ms = now_ms;
    e->total = 0;
    e->told = 0;
    e->told_s = 0;
    e->line_s = 0;
    e->flags = 0;
    store(&e->state, MDL_ENTRY_COUNTED);

    return e;
}


uint64_t
mdl_entry_add(mdl_count_entry_t *e, uint64_t now_s)
{
    if (e->touched_s != now_s) {
        store(&e->touched_s, now_s);
    }

    return __atomic_add_fetch(&e->total, 1, __ATOMIC_RELAXED);
}


int
mdl_entry_due(mdl_count_entry_t *e, uint64_t now_s, uint64_t first_s,
    uint64_t every_s)
{
    uint64_t  last, wait;

    if (load(&e->state) != MDL_ENTRY_RECORDED
        || load(&e->total) == load(&e->told))
    {
        return 0;
    }

    last = load(&e->told_s);
    wait = last == 0 ? first_s : every_s;

    if (last == 0) {
        last = e->since_ms / 1000;
    }

    return now_s >= last + wait;
}


uint64_t
mdl_entry_total(const mdl_count_entry_t *e)
{
    return load(&e->total);
}


void
mdl_entry_told(mdl_count_entry_t *e, uint64_t total, uint64_t now_s)
{
    store(&e->told, total);
    store(&e->told_s, now_s);
}


void
mdl_entry_recorded(mdl_count_entry_t *e, uint64_t now_s)
{
    store(&e->line_s, now_s);
    (void) swap(&e->state, MDL_ENTRY_COUNTED, MDL_ENTRY_RECORDED);
}


void
mdl_entry_sweep(mdl_count_entry_t *e, uint64_t now_s)
{
    if (load(&e->state) == MDL_ENTRY_WRITING
        && load(&e->touched_s) + STUCK_S < now_s)
    {
        e->key[0] = 0;
        e->key[1] = 0;
        (void) swap(&e->state, MDL_ENTRY_WRITING, MDL_ENTRY_FREE);
    }
}
