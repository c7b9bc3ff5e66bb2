/*
 * match_table.h - a hash table of 64-bit keys that is emptied often: what is of
 * another round is not in it.
 */

#ifndef MDR_MATCH_TABLE_H
#define MDR_MATCH_TABLE_H

#include "base/mem.h"

typedef struct {
    uint32_t  round, value;
    uint64_t  key;
} mdr_table_entry_t;

typedef struct {
    mdr_table_entry_t  *e;
    size_t              n, cap;
    uint32_t            round;
} mdr_table_t;

void mdr_table_done(mdr_table_t *t, const mdr_alloc_t *alloc);
void mdr_table_clear(mdr_table_t *t);
/* the entry of a key; *known: it was there, else its value is to be set.  Until
 * the next call.  NULL: no memory */
mdr_table_entry_t *mdr_table_at(mdr_table_t *t, const mdr_alloc_t *alloc,
    uint64_t key, int *known);

/* room for n elements of *p, which stays where there is some; MDR_OK or
 * MDR_ERROR.  MDR_GROW: of an array a whose room is a_cap */
int mdr_table_reserve(const mdr_alloc_t *alloc, void *p, size_t *cap, size_t n,
    size_t element);

#define MDR_GROW(alloc, a, n)                                                 \
    mdr_table_reserve(alloc, &(a), &(a##_cap), n, sizeof((a)[0]))

#endif
