/*
 * area.c - places and rings: see area.h.
 *
 * A frame in a ring is its length (4 bytes, the top bit says that the segment
 * ends with it), its number (8) and the line, all modulo the ring's size.
 */

#include "area.h"
#include "atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


#define FRAME_HEAD  12
#define FRAME_LAST  0x80000000U
#define LEASE_S     5
#define START_BITS  40


static uint8_t *
ring_of(mdl_area_t *a, uint32_t place)
{
    return (uint8_t *) (mdl_place(a, a->nplaces)) + place * a->ring_size;
}


uint64_t
mdl_area_size(uint32_t places, uint64_t ring, uint64_t entries)
{
    return sizeof(mdl_area_t) + places * (sizeof(mdl_place_t) + ring)
           + entries * sizeof(mdl_count_entry_t);
}


int
mdl_area_init(mdl_area_t *a, uint32_t places, uint64_t ring, uint64_t entries,
    uint64_t now_ms)
{
    if (mdl_random(a->zone, sizeof(a->zone)) != 0) {
        return -1;
    }

    a->version = MDL_AREA_VERSION;
    a->nplaces = places;
    a->ring_size = ring;
    a->nentries = entries;
    a->size = mdl_area_size(places, ring, entries);
    a->born_ms = now_ms;
    store(&a->magic, MDL_AREA_MAGIC);

    return 0;
}


/* field 22 of /proc/PID/stat: ticks since boot; 0: not to be known */

static uint64_t
start_of(uint64_t pid)
{
    int      fd, i;
    char     path[64], buf[1024], *p;
    ssize_t  n;

    snprintf(path, sizeof(path), "/proc/%llu/stat", (unsigned long long) pid);
    fd = open(path, O_RDONLY|O_CLOEXEC);

    if (fd == -1) {
        return 0;
    }

    n = read(fd, buf, sizeof(buf) - 1);
    close(fd);

    if (n <= 0) {
        return 0;
    }

    buf[n] = '\0';
    p = strrchr(buf, ')');

    for (i = 2; p != NULL && i < 22; i++) {
        p = strchr(p + 1, ' ');
    }

    return p != NULL ? strtoull(p, NULL, 10)
                       & (((uint64_t) 1 << START_BITS) - 1)
                     : 0;
}


uint64_t
mdl_owner(void)
{
    uint64_t  pid;

    pid = (uint64_t) getpid();

    return pid << START_BITS | start_of(pid);
}


uint64_t
mdl_owner_pid(uint64_t owner)
{
    return owner >> START_BITS;
}


int
mdl_owner_alive(uint64_t owner)
{
    uint64_t  pid, start;

    pid = owner >> START_BITS;

    if (kill((pid_t) pid, 0) == -1 && errno == ESRCH) {
        return 0;
    }

    start = start_of(pid);

    return start == 0 || start == (owner & (((uint64_t) 1 << START_BITS) - 1));
}


static void
put_bytes(mdl_area_t *a, uint32_t place, uint64_t at, const void *p, size_t n)
{
    size_t    first;
    uint8_t  *ring;

    ring = ring_of(a, place);
    at %= a->ring_size;
    first = n < a->ring_size - at ? n : (size_t) (a->ring_size - at);
    memcpy(ring + at, p, first);
    memcpy(ring, (const uint8_t *) p + first, n - first);
}


static void
get_bytes(mdl_area_t *a, uint32_t place, uint64_t at, void *p, size_t n)
{
    size_t    first;
    uint8_t  *ring;

    ring = ring_of(a, place);
    at %= a->ring_size;
    first = n < a->ring_size - at ? n : (size_t) (a->ring_size - at);
    memcpy(p, ring + at, first);
    memcpy((uint8_t *) p + first, ring, n - first);
}


uint64_t
mdl_ring_read(mdl_area_t *a, uint32_t place, uint64_t at, mdl_frame_t *f,
    char *buf, size_t cap)
{
    uint32_t      len;
    uint64_t      head;
    uint8_t       b[FRAME_HEAD];
    mdl_place_t  *p;

    p = mdl_place(a, place);
    head = load(&p->head);

    if (head - at < FRAME_HEAD || head - at > a->ring_size) {
        return 0;
    }

    get_bytes(a, place, at, b, FRAME_HEAD);
    memcpy(&len, b, 4);
    memcpy(&f->n, b + 4, 8);

    f->last = (len & FRAME_LAST) != 0;
    f->len = len & ~FRAME_LAST;

    if (f->len > MDL_LINE_MAX || head - at - FRAME_HEAD < f->len) {
        return 0;
    }

    if (buf != NULL && f->len <= cap) {
        get_bytes(a, place, at + FRAME_HEAD, buf, f->len);
    }

    return at + FRAME_HEAD + f->len;
}


void
mdl_ring_taken(mdl_area_t *a, uint32_t place, uint64_t upto)
{
    store(&mdl_place(a, place)->tail, upto);
}


uint64_t
mdl_ring_used(mdl_area_t *a, uint32_t place)
{
    mdl_place_t  *p;

    p = mdl_place(a, place);

    return load(&p->head) - load(&p->tail);
}


void
mdl_ring_lost(mdl_area_t *a, uint32_t place, uint64_t now_ms)
{
    mdl_place_t  *p;

    p = mdl_place(a, place);
    store(&p->lost_ms, now_ms);
    store(&p->lost, p->lost + 1);
    store(&p->next, p->next + 1);
}


int
mdl_ring_put(mdl_area_t *a, uint32_t place, const char *line, size_t len,
    int last, uint64_t now_ms)
{
    uint8_t       b[FRAME_HEAD];
    uint32_t      word;
    mdl_place_t  *p;

    p = mdl_place(a, place);

    if (len == 0 || len > MDL_LINE_MAX
        || a->ring_size - (p->head - load(&p->tail)) < len + FRAME_HEAD)
    {
        mdl_ring_lost(a, place, now_ms);
        return -1;
    }

    word = (uint32_t) len | (last ? FRAME_LAST : 0);
    memcpy(b, &word, 4);
    memcpy(b + 4, &p->next, 8);
    put_bytes(a, place, p->head, b, FRAME_HEAD);
    put_bytes(a, place, p->head + FRAME_HEAD, line, len);

    store(&p->head, p->head + FRAME_HEAD + len);
    store(&p->next, p->next + 1);
    (void) __atomic_fetch_add(&a->lines, 1, __ATOMIC_RELAXED);

    return 0;
}


/* ours now; the one before may have died between head and next, or anywhere
 * else */

static void
repair(mdl_area_t *a, uint32_t place)
{
    uint64_t      at, behind;
    mdl_frame_t   f;
    mdl_place_t  *p;

    p = mdl_place(a, place);

    for (at = p->tail; ; at = behind) {
        behind = mdl_ring_read(a, place, at, &f, NULL, 0);

        if (behind == 0) {
            break;
        }

        if (f.n >= p->next) {
            store(&p->next, f.n + 1);
        }
    }

    /* nothing in between that is no frame */

    if (at != p->head) {
        store(&p->head, at);
    }

    store(&p->segment_bytes, 0);
    store(&p->failing, 0);
}


static int
claim(mdl_area_t *a, uint64_t owner, int dead, int used)
{
    uint32_t      i;
    uint64_t      old;
    mdl_place_t  *p;

    for (i = 0; i < a->nplaces; i++) {
        p = mdl_place(a, i);
        old = load(&p->owner);

        if ((old != 0) != dead || (used && p->head == p->tail)
            || (old != 0 && mdl_owner_alive(old)))
        {
            continue;
        }

        if (swap(&p->owner, old, owner)) {
            repair(a, i);
            return (int) i;
        }
    }

    return -1;
}


int
mdl_place_claim(mdl_area_t *a, uint64_t owner)
{
    int  i;

    /* those that died first: fewer rows of numbers, and their rings wait */

    i = claim(a, owner, 1, 0);

    return i != -1 ? i : claim(a, owner, 0, 0);
}


int
mdl_place_claim_dead(mdl_area_t *a, uint64_t owner)
{
    return claim(a, owner, 1, 1);
}


void
mdl_place_release(mdl_area_t *a, uint32_t place, uint64_t owner)
{
    (void) swap(&mdl_place(a, place)->owner, owner, 0);
}


int
mdl_lease_is(mdl_area_t *a, uint32_t place)
{
    return (load(&a->lease) & 0xffff) == place + 1;
}


int
mdl_lease(mdl_area_t *a, uint32_t place, uint64_t now_s)
{
    uint64_t      old, holder;
    mdl_place_t  *p;

    old = load(&a->lease);
    holder = old & 0xffff;

    if (holder != place + 1 && holder != 0 && old >> 16 > now_s) {
        p = holder <= a->nplaces ? mdl_place(a, (uint32_t) holder - 1) : NULL;

        if (p != NULL && load(&p->owner) != 0) {
            return 0;
        }
    }

    return swap(&a->lease, old, (now_s + LEASE_S) << 16 | (place + 1));
}
