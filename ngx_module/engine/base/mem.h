/*
 * mem.h - allocator handles, an arena and a growing byte buffer.
 *
 * Everything that the engine allocates goes through mdr_alloc_t, so that a
 * host can bound it and a test can make it fail.  The arena serves objects
 * that live and die together (a model, compiled selectors).
 */

#ifndef MDR_MEM_H
#define MDR_MEM_H

#include "moderation.h"

#include <string.h>

const mdr_alloc_t *mdr_mem_default(void);

static inline void *
mdr_alloc(const mdr_alloc_t *a, size_t n)
{
    return a->alloc(a->ctx, n);
}

static inline void *
mdr_realloc(const mdr_alloc_t *a, void *p, size_t n)
{
    return a->realloc(a->ctx, p, n);
}

static inline void
mdr_free(const mdr_alloc_t *a, void *p)
{
    if (p != NULL) {
        a->free(a->ctx, p);
    }
}

void *mdr_calloc(const mdr_alloc_t *a, size_t n);

/* arena: blocks, freed as one; memory is zeroed and 16-byte aligned */

typedef struct mdr_arena_s  mdr_arena_t;

mdr_arena_t *mdr_arena_new(const mdr_alloc_t *a);
void mdr_arena_free(mdr_arena_t *ar);
void *mdr_arena_alloc(mdr_arena_t *ar, size_t n);           /* NULL: none    */
/* a terminated copy; data is NULL where there was no memory */
mdr_str_t mdr_arena_str(mdr_arena_t *ar, const void *p, size_t n);

/* growing buffer; zeroed = empty */

typedef struct {
    const mdr_alloc_t  *alloc;
    uint8_t            *data;
    size_t              len, cap;
} mdr_buf_t;

static inline void
mdr_buf_init(mdr_buf_t *b, const mdr_alloc_t *a)
{
    b->alloc = a;
    b->data = NULL;
    b->len = 0;
    b->cap = 0;
}

void mdr_buf_done(mdr_buf_t *b);
int mdr_buf_reserve(mdr_buf_t *b, size_t more);             /* MDR_OK/ERROR  */
int mdr_buf_add(mdr_buf_t *b, const void *p, size_t n);     /* MDR_OK/ERROR  */

/* grows an array of elements to hold at least need; amortised */
int mdr_grow(const mdr_alloc_t *a, void **p, size_t *cap, size_t need,
    size_t element);

/* eight bytes at p, as they lie in memory */

static inline uint64_t
mdr_load64(const void *p)
{
    uint64_t  v;

    memcpy(&v, p, sizeof(v));

    return v;
}

#endif
