/*
 * fail_alloc.h - an allocator that fails after a number of calls, and counts
 * what is live: a test goes through a piece of work with fail_at 0, 1, 2 ...
 * until it is done, and nothing may be left.
 */

#ifndef MDR_FAIL_ALLOC_H
#define MDR_FAIL_ALLOC_H

#include <stdlib.h>

static long  calls, fail_at, live;


static void *
may_alloc(void *ctx, size_t n)
{
    (void) ctx;

    if (calls++ >= fail_at) {
        return NULL;
    }

    live++;

    return malloc(n);
}


static void *
may_realloc(void *ctx, void *p, size_t n)
{
    (void) ctx;

    if (calls++ >= fail_at) {
        return NULL;
    }

    live += p == NULL;

    return realloc(p, n);
}


static void
count_free(void *ctx, void *p)
{
    (void) ctx;
    live -= p != NULL;
    free(p);
}

#endif
