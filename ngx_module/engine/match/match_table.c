/*
 * match_table.c - see match_table.h: open addressing, at most half full.
 */

#include "match_table.h"

#include <string.h>


#define SMALL  256                      /* entries at first; powers of two   */


void
mdr_table_done(mdr_table_t *t, const mdr_alloc_t *alloc)
{
    mdr_free(alloc, t->e);
}


void
mdr_table_clear(mdr_table_t *t)
{
    t->n = 0;

    if (++t->round == 0) {
        memset(t->e, 0, t->cap * sizeof(mdr_table_entry_t));
        t->round = 1;
    }
}


static mdr_table_entry_t *
place_of(const mdr_table_t *t, uint64_t key)
{
    size_t              i;
    uint64_t            h;
    mdr_table_entry_t  *e;

    h = key * 0x9e3779b97f4a7c15ULL;

    for (i = (size_t) (h >> 32); ; i++) {
        e = &t->e[i & (t->cap - 1)];

        if (e->round != t->round || e->key == key) {
            return e;
        }
    }
}


static int
grow(mdr_table_t *t, const mdr_alloc_t *alloc)
{
    size_t              i;
    mdr_table_t         bigger;
    mdr_table_entry_t  *old;

    bigger = *t;
    bigger.cap = t->cap != 0 ? 4 * t->cap : SMALL;
    bigger.round = t->round != 0 ? t->round : 1;
    bigger.e = mdr_calloc(alloc, bigger.cap * sizeof(mdr_table_entry_t));

    if (bigger.e == NULL) {
        return MDR_ERROR;
    }

    old = t->e;

    for (i = 0; i < t->cap; i++) {
        if (old[i].round == t->round) {
            *place_of(&bigger, old[i].key) = old[i];
        }
    }

    mdr_free(alloc, old);
    *t = bigger;

    return MDR_OK;
}


mdr_table_entry_t *
mdr_table_at(mdr_table_t *t, const mdr_alloc_t *alloc, uint64_t key,
    int *known)
{
    mdr_table_entry_t  *e;

    if (2 * t->n >= t->cap && grow(t, alloc) != MDR_OK) {
        return NULL;
    }

    e = place_of(t, key);
    *known = e->round == t->round;

    if (!*known) {
        e->round = t->round;
        e->key = key;
        t->n++;
    }

    return e;
}


int
mdr_table_reserve(const mdr_alloc_t *alloc, void *p, size_t *cap, size_t n,
    size_t element)
{
    int    rc;
    void  *q;

    if (n <= *cap) {
        return MDR_OK;
    }

    memcpy(&q, p, sizeof(q));
    rc = mdr_grow(alloc, &q, cap, n, element);
    memcpy(p, &q, sizeof(q));

    return rc;
}
