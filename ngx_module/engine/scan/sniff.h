/*
 * sniff.h - what the files of sniff.c share: what the first bytes of a body
 * look like.
 */

#ifndef MDR_SNIFF_H
#define MDR_SNIFF_H

#include "scan.h"

#define MDR_SNIFF_HEAD  256             /* as far as most forms are looked at */
#define MDR_SNIFF_CODE_BYTES  1024      /* data in a script, before it is
                                           taken for a program               */

enum { W_MORE, W_MARKUP, W_FEED, W_JSON, W_MAYBE_JSON, W_CALL, W_MAYBE_CALL,
       W_LOOSE_CALL, W_CALL_TEXT, W_TEXT, W_EVENTS, W_PARTS, W_ROWS,
       W_MESSAGES, W_OTHER };

static inline int
mdr_sniff_is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x1e;
}


static inline int
mdr_sniff_is_name(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
           || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '.';
}

/* behind white space and, if asked for, comments */
size_t mdr_sniff_blank(const uint8_t *p, size_t n, size_t i, int comments);
/* does a container of JSON begin at p + i: W_JSON, W_MAYBE_JSON, W_MORE */
int mdr_sniff_container(const uint8_t *p, size_t n, size_t i);

/* sniff_call.c: the string at p + i: W_TEXT, if it holds a document of JSON or
 * HTML by its first bytes, W_OTHER, W_MORE */
int mdr_sniff_string(const uint8_t *p, size_t n, size_t i);
/* behind what may stand before a call */
size_t mdr_sniff_before_call(const uint8_t *p, size_t n, size_t i);
/* a call with JSON in its brackets */
int mdr_sniff_call(const uint8_t *p, size_t n, size_t i);

/* sniff_frame.c: W_EVENTS, W_PARTS, W_ROWS, W_MESSAGES, W_OTHER or W_MORE: a
 * frame around documents, whatever the label says */
int mdr_sniff_frame(const uint8_t *p, size_t n);
/* the first byte of a field of an event stream at p: 1, 0, -1: too few bytes */
int mdr_sniff_field(const uint8_t *p, size_t n);
#endif
