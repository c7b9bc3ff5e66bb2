/*
 * mem.c - the allocator handle, the arena, the growing buffer.
 */

#include "mem.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK  16384


typedef struct arena_block_s  arena_block_t;

struct arena_block_s {
    arena_block_t  *next;
    size_t          used, size;
};

#define ARENA_HEAD  ((sizeof(arena_block_t) + 15) & ~(size_t) 15)

struct mdr_arena_s {
    const mdr_alloc_t  *alloc;
    arena_block_t      *blocks;         /* the first is the one in use      */
};


static void *
heap_alloc(void *ctx, size_t n)
{
    (void) ctx;
    return malloc(n ? n : 1);
}


static void *
heap_realloc(void *ctx, void *p, size_t n)
{
    (void) ctx;
    return realloc(p, n ? n : 1);
}


static void
heap_free(void *ctx, void *p)
{
    (void) ctx;
    free(p);
}


static const mdr_alloc_t  heap = { heap_alloc, heap_realloc, heap_free, NULL };


const mdr_alloc_t *
mdr_mem_default(void)
{
    return &heap;
}


void *
mdr_calloc(const mdr_alloc_t *a, size_t n)
{
    void  *p;

    p = mdr_alloc(a, n);
    if (p != NULL) {
        memset(p, 0, n);
    }

    return p;
}


mdr_arena_t *
mdr_arena_new(const mdr_alloc_t *a)
{
    mdr_arena_t  *ar;

    ar = mdr_alloc(a, sizeof(mdr_arena_t));
    if (ar != NULL) {
        ar->alloc = a;
        ar->blocks = NULL;
    }

    return ar;
}


void
mdr_arena_free(mdr_arena_t *ar)
{
    arena_block_t  *b, *next;

    if (ar == NULL) {
        return;
    }

    for (b = ar->blocks; b != NULL; b = next) {
        next = b->next;
        mdr_free(ar->alloc, b);
    }

    mdr_free(ar->alloc, ar);
}


void *
mdr_arena_alloc(mdr_arena_t *ar, size_t n)
{
    void           *p;
    size_t          size;
    arena_block_t  *b;

    if (n > SIZE_MAX / 2) {
        return NULL;
    }

    n = (n + 15) & ~(size_t) 15;
    b = ar->blocks;

    if (b == NULL || b->size - b->used < n) {
        size = n > ARENA_BLOCK / 4 ? n : ARENA_BLOCK;

        b = mdr_alloc(ar->alloc, ARENA_HEAD + size);
        if (b == NULL) {
            return NULL;
        }

        b->used = 0;
        b->size = size;

        if (size == n && ar->blocks != NULL) {
            /* a block of its own; the one in use stays in front */
            b->next = ar->blocks->next;
            ar->blocks->next = b;

        } else {
            b->next = ar->blocks;
            ar->blocks = b;
        }
    }

    p = (uint8_t *) b + ARENA_HEAD + b->used;
    b->used += n;
    memset(p, 0, n);

    return p;
}


mdr_str_t
mdr_arena_str(mdr_arena_t *ar, const void *p, size_t n)
{
    char       *s;
    mdr_str_t   str;

    str.data = NULL;
    str.len = 0;

    if (n >= UINT32_MAX) {
        return str;
    }

    s = mdr_arena_alloc(ar, n + 1);
    if (s != NULL) {
        if (n != 0) {
            memcpy(s, p, n);
        }
        str.data = s;
        str.len = (uint32_t) n;
    }

    return str;
}


void
mdr_buf_done(mdr_buf_t *b)
{
    if (b->data != NULL) {
        mdr_free(b->alloc, b->data);
    }

    b->data = NULL;
    b->len = 0;
    b->cap = 0;
}


int
mdr_grow(const mdr_alloc_t *a, void **p, size_t *cap, size_t need,
    size_t element)
{
    void    *q;
    size_t   n;

    if (need <= *cap) {
        return MDR_OK;
    }

    n = *cap < 8 ? 8 : *cap;

    while (n < need) {
        if (n > SIZE_MAX / 4) {
            return MDR_ERROR;
        }
        n += n / 2;
    }

    if (n > SIZE_MAX / 2 / element) {
        return MDR_ERROR;
    }

    q = *p == NULL ? mdr_alloc(a, n * element)
                   : mdr_realloc(a, *p, n * element);
    if (q == NULL) {
        return MDR_ERROR;
    }

    *p = q;
    *cap = n;

    return MDR_OK;
}


int
mdr_buf_reserve(mdr_buf_t *b, size_t more)
{
    void  *p;
    int    rc;

    if (more <= b->cap - b->len) {
        return MDR_OK;
    }

    if (more > SIZE_MAX / 4) {
        return MDR_ERROR;
    }

    p = b->data;
    rc = mdr_grow(b->alloc, &p, &b->cap, b->len + more, 1);
    b->data = p;

    return rc;
}


int
mdr_buf_add(mdr_buf_t *b, const void *p, size_t n)
{
    if (mdr_buf_reserve(b, n) != MDR_OK) {
        return MDR_ERROR;
    }

    if (n != 0) {
        memcpy(b->data + b->len, p, n);
        b->len += n;
    }

    return MDR_OK;
}
