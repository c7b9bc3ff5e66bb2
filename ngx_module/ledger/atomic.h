/*
 * atomic.h - words of shared memory: what stands before a store is seen by who
 * loads what it stored.
 */

#ifndef MDL_ATOMIC_H
#define MDL_ATOMIC_H

#include <stdint.h>

static inline uint64_t
load(const uint64_t *p)
{
    return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}


static inline void
store(uint64_t *p, uint64_t v)
{
    __atomic_store_n(p, v, __ATOMIC_RELEASE);
}


/* 1: it was old, and is v now */

static inline int
swap(uint64_t *p, uint64_t old, uint64_t v)
{
    return __atomic_compare_exchange_n(p, &old, v, 0, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE);
}

#endif
