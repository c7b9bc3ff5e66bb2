/*
 * explain.h - what the parts of explain share: where the words go, in which
 * language.
 */

#ifndef MDR_EXPLAIN_H
#define MDR_EXPLAIN_H

#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    void  (*put)(void *ctx, const char *text);
    void   *ctx;
    int     zh;
} out_t;

/* a sentence in the language that is asked for; what it names comes in the
 * same order in both */
#define IN(o, english, chinese)  ((o)->zh ? (chinese) : (english))


#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static inline void
say(const out_t *o, const char *fmt, ...)
{
    char     *text;
    va_list   args;

    va_start(args, fmt);

    if (vasprintf(&text, fmt, args) != -1) {
        o->put(o->ctx, text);
        free(text);
    }

    va_end(args);
}

#endif
