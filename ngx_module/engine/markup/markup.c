/*
 * markup.c - the set of learned markup: states, literals, events.
 *
 * What it may hold is limited; where a limit is reached it starts over.
 */

#include "markup.h"

#include <stddef.h>
#include <string.h>


#define MUCH      (512 * 1024)          /* bytes: pages come again           */
#define SIBLINGS  64                    /* literals of a state               */
#define FREE      72                    /* bytes that can be read behind all */


mdr_markup_t *
mdr_markup_new(const mdr_alloc_t *a)
{
    mdr_markup_t  *m;

    m = mdr_alloc(a, sizeof(mdr_markup_t));

    if (m != NULL) {
        memset(m, 0, offsetof(mdr_markup_t, rec));
        m->rec.on = 0;
        m->alloc = a;
        mdr_buf_init(&m->bytes, a);
        mdr_buf_init(&m->rec.states, a);
    }

    return m;
}


void
mdr_markup_free(mdr_markup_t *m)
{
    if (m == NULL) {
        return;
    }

    mdr_free(m->alloc, m->starts);
    mdr_free(m->alloc, m->ways);
    mdr_free(m->alloc, m->states);
    mdr_free(m->alloc, m->literals);
    mdr_free(m->alloc, m->events);
    mdr_buf_done(&m->bytes);
    mdr_buf_done(&m->rec.states);
    mdr_free(m->alloc, m);
}


void
mdr_markup_clear(mdr_markup_t *m)
{
    m->epoch++;
    m->nstates = 0;
    m->nliterals = 0;
    m->nevents = 0;
    m->bytes.len = 0;
    memset(m->buckets, 0, sizeof(m->buckets));

    if (m->starts != NULL) {
        memset(m->starts, 0, m->nstarts * sizeof(mdr_start_t));
    }

    if (m->ways != NULL) {
        memset(m->ways, 0, MDR_WAYS * sizeof(mdr_way_t));
    }
}


static uint32_t
hash_of(const uint8_t *p, size_t n)
{
    size_t    i;
    uint64_t  h;

    for (i = 0, h = n; i + 8 <= n; i += 8) {
        h = (h ^ mdr_load64(p + i)) * 0x9e3779b97f4a7c15ULL;
        h ^= h >> 29;
    }

    for ( ; i < n; i++) {
        h = (h ^ p[i]) * 0x100000001b3ULL;
    }

    return (uint32_t) (h ^ h >> 32);
}


static uint32_t
find(const mdr_markup_t *m, uint32_t hash, const uint8_t *p, size_t n)
{
    uint32_t            i;
    const mdr_state_t  *s;

    for (i = m->buckets[hash & 255]; i != 0; i = s->chain) {
        s = &m->states[i - 1];

        if (s->hash == hash && s->len == n
            && memcmp(m->bytes.data + s->bytes, p, n) == 0)
        {
            return i;
        }
    }

    return 0;
}


uint32_t
mdr_markup_find(const mdr_markup_t *m, const uint8_t *p, size_t n)
{
    return find(m, hash_of(p, n), p, n);
}


/* bytes behind the others; UINT32_MAX: no room */

static uint32_t
keep(mdr_markup_t *m, const uint8_t *p, size_t n)
{
    uint32_t  at;

    if (m->bytes.len + n + FREE > MDR_MARKUP_BYTES
        || mdr_buf_reserve(&m->bytes, n + FREE) != MDR_OK)
    {
        return UINT32_MAX;
    }

    at = (uint32_t) m->bytes.len;
    memcpy(m->bytes.data + at, p, n);
    memset(m->bytes.data + at + n, 0, FREE);
    m->bytes.len += n;

    return at;
}


uint32_t
mdr_markup_state(mdr_markup_t *m, const uint8_t *p, size_t n, uint8_t hole)
{
    void         *v;
    uint32_t      i, hash;
    mdr_state_t  *s;

    hash = hash_of(p, n);

    if (n != 0) {
        i = find(m, hash, p, n);
        if (i != 0) {
            return i;
        }
    }

    v = m->states;

    if (m->nstates == MDR_STATES
        || mdr_grow(m->alloc, &v, &m->states_cap, m->nstates + 1,
                    sizeof(mdr_state_t))
           != MDR_OK)
    {
        return 0;
    }

    m->states = v;
    s = &m->states[m->nstates];
    memset(s, 0, sizeof(*s));
    s->hole = hole;
    s->stop = hole == MDR_HOLE_TEXT ? '<' : hole == MDR_HOLE_SINGLE ? '\'' : '"';
    s->hash = hash;

    if (n != 0) {
        i = keep(m, p, n);
        if (i == UINT32_MAX) {
            return 0;
        }

        s->bytes = i;
        s->len = (uint32_t) n;
        s->chain = m->buckets[hash & 255];
        m->buckets[hash & 255] = (uint32_t) m->nstates + 1;
    }

    return (uint32_t) ++m->nstates;
}


uint32_t
mdr_markup_literal(const mdr_markup_t *m, uint32_t state, const uint8_t *p,
    size_t n)
{
    uint32_t              i;
    const mdr_lit_t  *l;

    for (i = m->states[state].first; i != 0; i = l->next) {
        l = &m->literals[i - 1];

        if (l->len == n && memcmp(m->bytes.data + l->bytes, p, n) == 0) {
            return i;
        }
    }

    return 0;
}


/* literals of s that begin l, or that it begins: which is taken is a matter of
 * the unit */

static void
note_doubt(mdr_markup_t *m, const mdr_state_t *s, mdr_lit_t *l)
{
    uint32_t    i;
    mdr_lit_t  *o;

    for (i = s->first; i != 0; i = o->next) {
        o = &m->literals[i - 1];

        if (o != l && memcmp(m->bytes.data + o->bytes,
                             m->bytes.data + l->bytes,
                             o->len < l->len ? o->len : l->len) == 0)
        {
            o->doubt = 1;
            o->quick = 0;
            l->doubt = 1;
        }
    }
}


uint32_t
mdr_markup_add(mdr_markup_t *m, uint32_t state, const uint8_t *p, size_t n,
    const mdr_event_t *events, size_t nevents)
{
    void           *v, *w;
    size_t          i;
    uint32_t        at, *link;
    mdr_state_t    *s;
    mdr_lit_t  *l;

    s = &m->states[state];
    v = m->literals;
    w = m->events;

    if (s->nliterals == SIBLINGS) {
        m->crowded = 1;
        return 0;
    }

    if (m->nliterals == MDR_LITERALS || m->nevents + nevents > MDR_EVENTS
        || mdr_grow(m->alloc, &v, &m->literals_cap, m->nliterals + 1,
                    sizeof(mdr_lit_t))
           != MDR_OK)
    {
        return 0;
    }

    m->literals = v;

    if (mdr_grow(m->alloc, &w, &m->events_cap, m->nevents + nevents + 1,
                 sizeof(mdr_event_t))
        != MDR_OK)
    {
        return 0;
    }

    m->events = w;
    at = keep(m, p, n);

    if (at == UINT32_MAX) {
        return 0;
    }

    l = &m->literals[m->nliterals++];
    memset(l, 0, sizeof(*l));
    l->bytes = at;
    l->len = (uint16_t) n;
    l->mask = n < MDR_LIT_HEAD ? ((uint64_t) 1 << n) - 1 : UINT64_MAX;
    memcpy(l->head, p, n < MDR_LIT_HEAD ? n : MDR_LIT_HEAD);
    l->events = (uint32_t) m->nevents;
    l->nevents = (uint16_t) nevents;

    for (i = 0; i < nevents; i++) {
        l->items += events[i].op == MDR_DO_ITEM;
    }

    if (nevents != 0) {
        memcpy(m->events + m->nevents, events, nevents * sizeof(*events));
        m->nevents += nevents;
    }

    /* the longest first: a shorter one may be its beginning */

    for (link = &s->first;
         *link != 0 && m->literals[*link - 1].len > n;
         link = &m->literals[*link - 1].next)
    {
        /* void */
    }

    l->next = *link;
    *link = (uint32_t) m->nliterals;
    s->nliterals++;
    note_doubt(m, s, l);

    return (uint32_t) m->nliterals;
}


int
mdr_markup_opens(mdr_markup_t *m, uint32_t literal, const uint16_t *opens,
    uint32_t n)
{
    uint32_t    at;
    mdr_lit_t  *l;

    if (n == 0) {
        return 1;
    }

    at = keep(m, (const uint8_t *) opens, n * sizeof(*opens));

    if (at == UINT32_MAX) {
        return 0;
    }

    l = &m->literals[literal - 1];
    l->opens = at;
    l->nopens = (uint8_t) n;

    return 1;
}


/* of a page that is the only one few are kept, since making room for many costs
 * a part of reading it; 0: no memory */

static int
more_starts(mdr_markup_t *m)
{
    uint32_t      n;
    mdr_start_t  *starts;

    n = m->nstarts == 0 ? MDR_STARTS_FEW : MDR_STARTS;
    starts = mdr_calloc(m->alloc, n * sizeof(mdr_start_t));

    if (starts == NULL) {
        return m->nstarts != 0;
    }

    mdr_free(m->alloc, m->starts);
    m->starts = starts;
    m->nstarts = n;

    return 1;
}


mdr_start_t *
mdr_markup_asks(mdr_markup_t *m, uint32_t hash)
{
    mdr_start_t  *e;

    if ((m->nstarts == 0
         || (m->nstarts != MDR_STARTS && m->read > MUCH && !m->rec.on))
        && !more_starts(m))
    {
        return NULL;
    }

    e = &m->starts[hash % m->nstarts];

    if (e->hash != hash) {
        memset(e, 0, sizeof(*e));
        e->hash = hash;
        return NULL;
    }

    return e;
}


mdr_way_t *
mdr_markup_way(mdr_markup_t *m, const mdr_walk_t *w, int *known)
{
    mdr_way_t  *y;

    if (w->n > MDR_WAY_STEPS) {
        return NULL;
    }

    if (m->ways == NULL) {
        m->ways = mdr_calloc(m->alloc, MDR_WAYS * sizeof(mdr_way_t));

        if (m->ways == NULL) {
            return NULL;
        }
    }

    y = &m->ways[w->hash % MDR_WAYS];

    *known = y->n == w->n
             && memcmp(y->lit, w->lit, w->n * sizeof(uint32_t)) == 0;

    if (*known) {
        return y;
    }

    if (y->hash != w->hash) {
        y->hash = w->hash;              /* once is not enough                */
        y->n = 0;
        return NULL;
    }

    memset(y, 0, sizeof(*y));
    y->hash = w->hash;
    y->n = w->n;
    memcpy(y->lit, w->lit, w->n * sizeof(uint32_t));

    return y;
}
