/*
 * regex_read.h - a pattern while it is read: characters, classes, quantifiers
 * (regex_read.c), for the reader of groups (regex_need.c).
 */

#ifndef MDR_REGEX_READ_H
#define MDR_REGEX_READ_H

#include "regex_part.h"

#define MDR_REGEX_GROUPS  10

typedef struct {
    const char        *s;
    size_t             n;
    mdr_regex_pool_t   pool;
    int                give_up;
    uint32_t           ngroups;         /* that capture, begun so far        */
    struct {
        mdr_regex_row_t  rows[MDR_ASCII_KINDS];
        int              is_one;
    } groups[MDR_REGEX_GROUPS];
} mdr_regex_reader_t;


/* how often the thing before i is there: at least (returned), and at most;
 * *i behind the quantifier */
uint32_t mdr_regex_quantifier(const mdr_regex_reader_t *r, size_t *i,
    uint32_t *max);
/* behind the class, the group that begins at i; beyond r->n: it has no end */
size_t mdr_regex_class_end(const mdr_regex_reader_t *r, size_t i);
size_t mdr_regex_group_end(const mdr_regex_reader_t *r, size_t i);
/* \x41 or \x{41} at i: the code point, *next behind it; 0: not understood.
 * (Such a character is not folded: regex.c.) */
uint32_t mdr_regex_hex(const mdr_regex_reader_t *r, size_t i, size_t *next);
/* what is known of the class from i to end */
void mdr_regex_class(mdr_regex_reader_t *r, mdr_regex_part_t *p, size_t i,
    size_t end);


static inline size_t
mdr_regex_char_len(const mdr_regex_reader_t *r, size_t i)
{
    uint8_t  c;
    size_t   len;

    c = (uint8_t) r->s[i];
    len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    return len <= r->n - i ? len : r->n - i;
}


static inline int
mdr_regex_at(const mdr_regex_reader_t *r, size_t i)
{
    return i < r->n ? (uint8_t) r->s[i] : -1;
}

#endif
