/*
 * burst_set.c - all counters of a site: series by name, their ticks closed
 * together (see burst.h).
 *
 * Where every slot falls silent at once the pages are not visited or no worker
 * runs: that is one alarm (key "record"), not one a slot.
 */

#include "burst.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERIES_MAX   16384
#define SPREAD_MAX   12                 /* ticks that share counts: a minute  */
#define GAP_TICKS    720                /* an hour: then nothing is known     */
#define FRESH_TICKS  120
#define WARM_TICKS   720


mdd_burst_t *
mdd_burst_new(mdd_burst_pt tell, mdd_limits_pt limits, void *ctx)
{
    mdd_burst_t  *b = calloc(1, sizeof(mdd_burst_t));

    if (b == NULL) {
        return NULL;
    }

    b->room = 64;
    b->table = calloc(b->room, sizeof(uint32_t));

    if (b->table == NULL) {
        free(b);
        return NULL;
    }

    b->tell = tell;
    b->limits = limits;
    b->ctx = ctx;
    mdd_series_init(&b->record, MDD_SERIES_QUIET);

    return b;
}


void
mdd_burst_free(mdd_burst_t *b)
{
    size_t  i;

    if (b == NULL) {
        return;
    }

    for (i = 0; i < b->n; i++) {
        free(b->all[i]->key);
        free(b->all[i]);
    }

    free(b->all);
    free(b->table);
    free(b);
}


const char *
mdd_burst_key(const char *what, const char *slot, const char *name,
    char *buf, size_t size, unsigned *asked)
{
    int  n = -1;

    if (strcmp(what, "hits") == 0) {
        *asked = MDD_SERIES_FLOOD | MDD_SERIES_QUIET | MDD_SERIES_SLOW;
        n = snprintf(buf, size, "rule:%s", name);

    } else if (strcmp(what, "items") == 0) {
        *asked = MDD_SERIES_QUIET;
        n = snprintf(buf, size, "slot:%s", slot);

    } else if (strcmp(what, "errors") == 0) {
        *asked = MDD_SERIES_FLOOD;
        n = snprintf(buf, size, "error:%s", name);
    }

    return n > 0 && (size_t) n < size ? buf : NULL;
}


static uint64_t
hash_of(const char *s)
{
    uint64_t  h = 1469598103934665603u;

    for (; *s; s++) {
        h = (h ^ (uint8_t) *s) * 1099511628211u;
    }

    return h ^ h >> 29;
}


static int
grow(mdd_burst_t *b)
{
    size_t     i, at, room = b->room * 2, cap = b->cap ? b->cap * 2 : 32;
    uint32_t  *table;
    void      *all;

    if (b->n == b->cap) {
        all = realloc(b->all, cap * sizeof(b->all[0]));
        if (all == NULL) {
            return -1;
        }
        b->all = all;
        b->cap = cap;
    }

    if (b->n * 2 < b->room) {
        return 0;
    }

    table = calloc(room, sizeof(uint32_t));
    if (table == NULL) {
        return -1;
    }

    for (i = 0; i < b->n; i++) {
        at = b->all[i]->hash & (room - 1);
        while (table[at]) {
            at = (at + 1) & (room - 1);
        }
        table[at] = (uint32_t) i + 1;
    }

    free(b->table);
    b->table = table;
    b->room = room;

    return 0;
}


static void
limits_of(mdd_burst_t *b, mdd_entry_t *e)
{
    double  ratio = 3, min = 20;

    if (b->limits) {
        b->limits(b->ctx, e->key, &ratio, &min);
        mdd_series_limits(&e->s, ratio, min);
    }
}


mdd_entry_t *
mdd_burst_entry(mdd_burst_t *b, const char *key, unsigned asked)
{
    size_t        at;
    uint64_t      h = hash_of(key);
    mdd_entry_t  *e;

    for (at = h & (b->room - 1); b->table[at]; at = (at + 1) & (b->room - 1)) {
        e = b->all[b->table[at] - 1];
        if (e->hash == h && strcmp(e->key, key) == 0) {
            return e;
        }
    }

    if (b->n == SERIES_MAX || grow(b) != 0) {
        return NULL;
    }

    e = calloc(1, sizeof(mdd_entry_t));
    if (e == NULL || (e->key = strdup(key)) == NULL) {
        free(e);
        return NULL;
    }

    e->hash = h;
    mdd_series_init(&e->s, asked);
    limits_of(b, e);

    /* what has never counted while others did for an hour had a rate, of 0 */
    if (b->since && b->tick > b->since + WARM_TICKS && b->tick > b->fresh) {
        e->s.learn = 0;
        e->s.age = FRESH_TICKS;
    }

    for (at = h & (b->room - 1); b->table[at]; at = (at + 1) & (b->room - 1)) {
        continue;
    }

    b->all[b->n++] = e;
    b->table[at] = (uint32_t) b->n;

    return e;
}


void
mdd_burst_fresh(mdd_burst_t *b, int64_t ms)
{
    b->fresh = ms / MDD_TICK_MS + FRESH_TICKS;
}


void
mdd_burst_again(mdd_burst_t *b)
{
    size_t  i;

    for (i = 0; i < b->n; i++) {
        limits_of(b, b->all[i]);
    }
}


static void
tell(mdd_burst_t *b, const char *key, const mdd_series_t *s, int what,
    int64_t k)
{
    int64_t            back;
    mdd_burst_event_t  e;

    back = what == MDD_QUIET_ON ? s->silent : 0;
    e.time = (k + 1) * MDD_TICK_MS;
    e.began = (k + 1 - back) * MDD_TICK_MS;
    e.what = what;
    e.key = key;
    e.n = what == MDD_FLOOD_ON ? s->n : 0;
    e.expected = what == MDD_FLOOD_ON ? s->expected
                                      : (double) s->rate * (double) back;
    b->tell(b->ctx, &e);
}


/* slots that counted half an hour ago and are not held to be quiet */

static int
slots_live(const mdd_burst_t *b)
{
    int     n = 0;
    size_t  i;

    for (i = 0; i < b->n; i++) {
        n += strncmp(b->all[i]->key, "slot:", 5) == 0
             && b->all[i]->s.live > 0.02f;
    }

    return n;
}


/* share: of what is open, that belongs to this tick */

static void
tick(mdd_burst_t *b, int64_t k, double share)
{
    int           what, many, silent;
    double        any = 0;
    size_t        i;
    mdd_entry_t  *e;

    for (i = 0; i < b->n; i++) {
        e = b->all[i];
        e->now = share == 1 ? e->open : floor(e->open * share);
        e->open -= e->now;
        any += e->now;
    }

    what = mdd_series_tick(&b->record, k, any);
    silent = b->record.silent >= 6;
    many = silent && slots_live(b) != 1;

    /* one slot alone is named itself, and then no alarm of the record began */
    if (what == MDD_QUIET_ON && many) {
        b->told = 1;
        tell(b, "record", &b->record, what, k);

    } else if (what == MDD_QUIET_OFF && b->told) {
        b->told = 0;
        tell(b, "record", &b->record, what, k);
    }

    for (i = 0; i < b->n; i++) {
        e = b->all[i];
        what = mdd_series_tick(&e->s, k, e->now);

        if (what == MDD_BURST_NOTHING && !e->held) {
            continue;
        }

        if (what == MDD_QUIET_ON && many) {
            e->held = 1;                /* the record's alarm says it */
            continue;
        }

        if (e->held) {
            if (what == MDD_QUIET_OFF) {
                e->held = 0;
                continue;
            }

            /* the others count again, this one does not */
            if (silent || !e->s.quiet) {
                continue;
            }

            e->held = 0;
            what = MDD_QUIET_ON;
        }

        tell(b, e->key, &e->s, what, k);
    }
}


void
mdd_burst_until(mdd_burst_t *b, int64_t ms)
{
    size_t   i;
    int      spread;
    int64_t  k = ms / MDD_TICK_MS, n;

    if (b->tick == 0) {
        b->tick = b->since = k;
    }

    n = k - b->tick;

    if (n <= 0) {
        return;                         /* the same tick, or the past */
    }

    /* nothing was looked at: neither silence nor a rise is known of it */
    if (n > GAP_TICKS) {
        for (i = 0; i < b->n; i++) {
            b->all[i]->open = 0;
            b->all[i]->s.silence = b->all[i]->s.sum = 0;
            b->all[i]->s.silent = 0;
            b->all[i]->s.learn = 12;
        }

        b->record.silence = 0;
        b->record.silent = 0;
        b->tick = k;
        return;
    }

    spread = n <= SPREAD_MAX;

    /* a line a minute is as good; where none came for longer nothing counted
     * until the last tick */
    for (; n > 0; n--) {
        tick(b, b->tick, spread || n == 1 ? 1.0 / (double) n : 0);
        b->tick++;
    }
}
