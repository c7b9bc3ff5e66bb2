/*
 * test_out.h - bytes and lines that a test collects, and lines that say what
 * a scan reported.  There is a zero byte behind them.
 */

#ifndef MDR_TEST_OUT_H
#define MDR_TEST_OUT_H

#include "moderation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    char    *data;                      /* NULL before the first clear, add  */
    size_t   len, cap;
} test_out_t;


static inline void
test_out_room(test_out_t *o, size_t n)
{
    if (n < o->cap - o->len) {
        return;
    }

    o->cap = (o->cap + n + 256) * 2;
    o->data = realloc(o->data, o->cap);

    if (o->data == NULL) {
        abort();
    }
}


static inline void
test_out_add(test_out_t *o, const void *p, size_t n)
{
    test_out_room(o, n);
    memcpy(o->data + o->len, p, n);
    o->len += n;
    o->data[o->len] = '\0';
}


static inline void
test_out_vprint(test_out_t *o, const char *fmt, va_list ap)
{
    int      n;
    va_list  again;

    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);

    if (n < 0) {
        abort();
    }

    test_out_room(o, (size_t) n);
    vsnprintf(o->data + o->len, o->cap - o->len, fmt, ap);
    o->len += (size_t) n;
}


__attribute__((format(printf, 2, 3)))
static inline void
test_out_print(test_out_t *o, const char *fmt, ...)
{
    va_list  ap;

    va_start(ap, fmt);
    test_out_vprint(o, fmt, ap);
    va_end(ap);
}


static inline void
test_out_clear(test_out_t *o)
{
    o->len = 0;
    test_out_add(o, "", 0);
}


static inline int
test_out_same(const test_out_t *a, const test_out_t *b)
{
    return a->len == b->len
           && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}


/* an item with its hits, as a line */

static inline void
test_out_item(test_out_t *o, const mdr_item_t *it)
{
    uint32_t  i;

    test_out_print(o, "%llu:%.*s/%llu %llu-%llu a%u s%u f%u",
                   (unsigned long long) it->seq, (int) it->slot_name.len,
                   it->slot_name.data, (unsigned long long) it->index,
                   (unsigned long long) it->start,
                   (unsigned long long) it->end, it->action, it->suggestion,
                   it->flags);

    for (i = 0; i < it->nhits; i++) {
        test_out_print(o, " %u[%llu-%llu %.*s]", it->hits[i].rule,
                       (unsigned long long) it->hits[i].start,
                       (unsigned long long) it->hits[i].end,
                       (int) it->hits[i].text.len, it->hits[i].text.data);
    }

    test_out_add(o, "\n", 1);
}

#endif
