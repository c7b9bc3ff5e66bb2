/*
 * seen.c - items that were seen before and had no hit: see seen.h.
 *
 * The table has sets of four entries by hash.  A position in the ring counts
 * on for ever; its bytes are there as long as the ring has not gone round
 * since.  An item lies in one piece: what is left at the end of the ring is
 * passed over.
 *
 * Where far more different items come than the ring can hold, each would be
 * gone before it is needed.  So it is counted how many of the kept ones serve;
 * when they are few, only one in sixteen is kept, and the ring holds these.
 */

#include "seen.h"

#include <string.h>


#define WAYS  4

/* things that have a number, and room for their bytes, a share of the ring;
 * when either is full, all are forgotten */
#define THINGS       256
#define THINGS_SHARE  16

/* an item takes at most so much of the ring */
#define SHARE  8

/* after so many kept items it is looked how many have served */
#define PERIOD  512

typedef struct {
    uint64_t  hash, key;
    uint64_t  place;                    /* its end in the ring, 0: none      */
    uint64_t  next_place, context;      /* of the one that stood behind it   */
    uint32_t  next;                     /* number of its entry + 1, 0: none  */
    uint32_t  len : 31;                 /* 0: it came once                   */
    uint32_t  clean : 1;
} entry_t;

/* the thing with number `first` + its place among the others */

typedef struct {
    uint64_t  hash;                     /* where to look, and no more        */
    uint32_t  at, len, kind;
} thing_t;

struct mdr_seen_s {
    const mdr_alloc_t  *alloc;
    uint8_t            *ring;
    size_t              size;
    uint64_t            head;           /* bytes so far                      */
    uint64_t            turn;           /* which entry of a set goes next    */
    uint64_t            found, passed;  /* in this period; not kept          */
    uint32_t            kept;           /* in this period                    */
    uint8_t             few;            /* one in sixteen is kept            */
    uint32_t            mask;           /* of sets                           */
    entry_t            *entries;
    mdr_hint_t         *hints;          /* one an entry                      */

    uint8_t            *bytes;          /* of things                         */
    size_t              nbytes, bytes_cap;
    uint64_t            first;          /* numbers are never given twice     */
    uint32_t            nthings;
    uint32_t            last[MDR_SEEN_KINDS];   /* of each kind              */
    thing_t             things[THINGS];
    uint16_t            places[2 * THINGS];     /* + 1, by their hashes      */
};


mdr_seen_t *
mdr_seen_new(const mdr_alloc_t *a, size_t bytes)
{
    size_t       sets, all;
    mdr_seen_t  *s;

    for (sets = 16; sets * WAYS * 512 < bytes; sets *= 2) { /* void */ }

    all = sizeof(mdr_seen_t)
          + sets * WAYS * (sizeof(entry_t) + sizeof(mdr_hint_t)) + bytes
          + bytes / THINGS_SHARE;
    s = mdr_alloc(a, all);
    if (s == NULL) {
        return NULL;
    }

    memset(s, 0, all);

    s->alloc = a;
    s->entries = (entry_t *) (s + 1);
    s->hints = (mdr_hint_t *) (s->entries + sets * WAYS);
    s->ring = (uint8_t *) (s->hints + sets * WAYS);
    s->bytes = s->ring + bytes;
    s->bytes_cap = bytes / THINGS_SHARE;
    s->first = 1;
    s->size = bytes;
    s->mask = (uint32_t) sets - 1;

    return s;
}


void
mdr_seen_free(mdr_seen_t *s)
{
    if (s != NULL) {
        mdr_free(s->alloc, s);
    }
}


static inline uint64_t
mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * 0x9e3779b97f4a7c15ULL;

    return h ^ h >> 32;
}


uint64_t
mdr_seen_hash(uint64_t key, const uint8_t *p, size_t n)
{
    uint64_t  a, b, v;

    a = key + n;
    b = key ^ 0xbf58476d1ce4e5b9ULL;

    /* two rows at a time; the last bytes of each again */

    for ( ; n > 16; p += 16, n -= 16) {
        a = mix(a, mdr_load64(p));
        b = mix(b, mdr_load64(p + 8));
    }

    if (n >= 8) {
        a = mix(a, mdr_load64(p));
        b = mix(b, mdr_load64(p + n - 8));

    } else {
        for (v = 0; n != 0; n--) {
            v = v << 8 | p[n - 1];
        }
        a = mix(a, v);
    }

    return mix(a, b * 3);
}


static inline int
is_thing(const mdr_seen_t *s, uint32_t i, uint32_t kind, const void *p,
    size_t n)
{
    const thing_t  *t;

    t = &s->things[i];

    return i < s->nthings && t->kind == kind && t->len == n
           && memcmp(s->bytes + t->at, p, n) == 0;
}


uint64_t
mdr_seen_number(mdr_seen_t *s, uint32_t kind, const void *p, size_t n)
{
    uint32_t   i, at;
    uint64_t   hash;
    thing_t   *t;

    if (is_thing(s, s->last[kind], kind, p, n)) {
        return s->first + s->last[kind];
    }

    if (n > s->bytes_cap) {
        return 0;
    }

    hash = mdr_seen_hash(kind, p, n);

    if (s->nthings == THINGS || n > s->bytes_cap - s->nbytes) {
        s->first += s->nthings;
        s->nthings = 0;
        s->nbytes = 0;
        memset(s->places, 0, sizeof(s->places));
    }

    for (at = (uint32_t) hash % (2 * THINGS); s->places[at] != 0;
         at = (at + 1) % (2 * THINGS))
    {
        i = s->places[at] - 1u;

        if (s->things[i].hash == hash && is_thing(s, i, kind, p, n)) {
            s->last[kind] = i;
            return s->first + i;
        }
    }

    i = s->nthings++;
    s->places[at] = (uint16_t) (i + 1);
    s->last[kind] = i;
    t = &s->things[i];
    t->hash = hash;
    t->kind = kind;
    t->at = (uint32_t) s->nbytes;
    t->len = (uint32_t) n;
    memcpy(s->bytes + s->nbytes, p, n);
    s->nbytes += n;

    return s->first + i;
}


static inline entry_t *
set_of(const mdr_seen_t *s, uint64_t hash)
{
    return &s->entries[(size_t) (hash & s->mask) * WAYS];
}


static inline int
is_there(const mdr_seen_t *s, const entry_t *e)
{
    return e->len != 0 && s->head - (e->place - e->len) <= s->size;
}


static inline const uint8_t *
bytes_of(const mdr_seen_t *s, const entry_t *e)
{
    return s->ring + (size_t) ((e->place - e->len) % s->size);
}


size_t
mdr_seen_find(mdr_seen_t *s, uint64_t hash, uint64_t key,
    const uint8_t *p, size_t n, uint32_t *at)
{
    uint32_t        i;
    const entry_t  *e;

    e = set_of(s, hash);

    for (i = 0; i < WAYS; i++, e++) {
        if (e->hash == hash && e->key == key && e->clean && e->len <= n
            && is_there(s, e) && memcmp(bytes_of(s, e), p, e->len) == 0)
        {
            s->found++;
            *at = (uint32_t) (e - s->entries) + 1;
            return e->len;
        }
    }

    return 0;
}


void
mdr_seen_follow(mdr_seen_t *s, uint32_t at, uint32_t next, uint64_t context)
{
    entry_t  *e;

    e = &s->entries[at - 1];
    e->next = next;
    e->next_place = s->entries[next - 1].place;
    e->context = context;
}


size_t
mdr_seen_next(mdr_seen_t *s, uint32_t at, uint64_t context, const uint8_t *p,
    size_t n, uint32_t *next)
{
    const entry_t  *e, *before;

    before = &s->entries[at - 1];

    if (before->next == 0 || before->context != context) {
        return 0;
    }

    /* no two items ever have the same place */

    e = &s->entries[before->next - 1];

    if (e->place != before->next_place || !e->clean || e->len > n
        || !is_there(s, e) || memcmp(bytes_of(s, e), p, e->len) != 0)
    {
        return 0;
    }

    s->found++;
    *next = before->next;

    return e->len;
}


/* is this one to be kept? */

static int
is_worth_it(mdr_seen_t *s)
{
    if (s->few && (s->passed++ & 15) != 0) {
        return 0;
    }

    if (++s->kept == PERIOD) {
        s->few = s->found < PERIOD / 4;
        s->kept = 0;
        s->found = 0;
    }

    return 1;
}


/* room for n bytes; their position */

static uint64_t
room(mdr_seen_t *s, size_t n)
{
    uint64_t  at, left;

    at = s->head;
    left = s->size - at % s->size;

    if (left < n) {
        at += left;
    }

    s->head = at + n;

    return at;
}


uint64_t
mdr_seen_note(mdr_seen_t *s, uint64_t hash, uint64_t key, const uint8_t *p,
    size_t n)
{
    uint32_t  i, k;
    uint64_t  at;
    entry_t  *e, *set;

    if (n > s->size / SHARE) {
        return 0;
    }

    set = set_of(s, hash);
    e = NULL;

    for (i = 0; i < WAYS; i++) {
        if (set[i].hash != hash || set[i].key != key) {
            continue;
        }

        if (!is_there(s, &set[i])) {
            e = &set[i];

        } else if (set[i].len == n
                   && memcmp(bytes_of(s, &set[i]), p, n) == 0)
        {
            return 0;                   /* it waits for its verdict, or had
                                           a hit                             */
        }
    }

    if (e == NULL) {

        /* the first time: only that it came */

        e = set;

        for (k = 0; k < WAYS; k++) {
            if (set[k].hash == 0 || (set[k].len != 0
                                     && !is_there(s, &set[k])))
            {
                e = &set[k];            /* empty, or its bytes are gone      */
                break;
            }
        }

        if (k == WAYS) {
            e = &set[s->turn++ % WAYS];
        }

        e->hash = hash;
        e->key = key;
        e->len = 0;
        e->place = 0;
        e->clean = 0;
        e->next = 0;

        return 0;
    }

    if (!is_worth_it(s)) {
        return 0;
    }

    at = room(s, n);
    memcpy(s->ring + (size_t) (at % s->size), p, n);

    e->len = (uint32_t) n & INT32_MAX;
    e->place = at + n;
    e->clean = 0;
    e->next = 0;
    memset(&s->hints[e - s->entries], 0, sizeof(mdr_hint_t));

    return e->place;
}


mdr_hint_t *
mdr_seen_hint(const mdr_seen_t *s, uint32_t at)
{
    return &s->hints[at - 1];
}


void
mdr_seen_where(const mdr_seen_t *s, uint32_t at, uint64_t *hash,
    uint64_t *place)
{
    *hash = s->entries[at - 1].hash;
    *place = s->entries[at - 1].place;
}


/* no two items ever have the same place */

void
mdr_seen_set_hint(mdr_seen_t *s, uint64_t hash, uint64_t place,
    const mdr_hint_t *hint)
{
    uint32_t  i;
    entry_t  *e;

    e = set_of(s, hash);

    for (i = 0; i < WAYS; i++, e++) {
        if (e->hash == hash && e->place == place && is_there(s, e)) {
            s->hints[e - s->entries] = *hint;
        }
    }
}


void
mdr_seen_clean(mdr_seen_t *s, uint64_t hash, uint64_t place)
{
    uint32_t  i;
    entry_t  *e;

    e = set_of(s, hash);

    for (i = 0; i < WAYS; i++, e++) {
        if (e->hash == hash && e->place == place && is_there(s, e)) {
            e->clean = 1;
        }
    }
}
