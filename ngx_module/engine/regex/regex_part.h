/*
 * regex_part.h - what is known of a part of a pattern (regex_part.c), for the
 * reader of patterns (regex_need.c).
 */

#ifndef MDR_REGEX_PART_H
#define MDR_REGEX_PART_H

#include "regex.h"

#define MDR_REGEX_POOL  16384

/* all strings of a pattern; the empty one is at 0 */
typedef struct {
    char      data[MDR_REGEX_POOL];
    size_t    used;
    uint32_t  folds;                    /* of the view                       */
} mdr_regex_pool_t;

typedef struct {
    uint16_t  at[MDR_NEED_LITS];        /* in the pool                       */
    uint8_t   len[MDR_NEED_LITS];
    uint32_t  n;                        /* 0: nothing known                  */
} mdr_regex_set_t;

typedef struct {                        /* of one kind, at least             */
    uint32_t  count;
    uint32_t  head, tail, best;         /* in a row, at its ends, anywhere   */
    uint32_t  near_count, near_best;    /* in the text, as lookarounds say   */
    int       all;                      /* nothing else                      */
} mdr_regex_row_t;

typedef struct {                        /* of a part of the pattern          */
    int              is_exact;
    mdr_regex_set_t  exact;
    mdr_regex_set_t  best;
    mdr_regex_row_t  rows[MDR_ASCII_KINDS];
    uint64_t         must[2], any[2];
    int              is_one;            /* one character                     */
    uint32_t         same;              /* the same one in a row, at least   */
} mdr_regex_part_t;

#define MDR_REGEX_MANY  UINT32_MAX      /* as often as one likes             */

/* kinds of characters, bits: 1 << MDR_ASCII_*; all are that */
enum { MDR_REGEX_DIGIT = 1, MDR_REGEX_LETTER = 2, MDR_REGEX_SIGN = 4,
       MDR_REGEX_ASCII = 8 };


/* nothing is known of it */
void mdr_regex_part_clear(mdr_regex_part_t *p);
/* it takes no character */
void mdr_regex_part_nothing(mdr_regex_part_t *p);
/* one character s[0, n) of the pattern */
void mdr_regex_part_char(mdr_regex_pool_t *pool, mdr_regex_part_t *p,
    const char *s, size_t n);
/* one character, which is all of these kinds */
void mdr_regex_part_kind(mdr_regex_part_t *p, unsigned kind);
/* e, min to max times, behind what out and cur, the strings that out ends
 * with, know */
void mdr_regex_part_append(mdr_regex_pool_t *pool, mdr_regex_part_t *out,
    mdr_regex_set_t *cur, const mdr_regex_part_t *e, uint32_t min,
    uint32_t max);
/* e stands in the text, before or behind or over the same as out */
void mdr_regex_part_look(const mdr_regex_pool_t *pool, mdr_regex_part_t *out,
    const mdr_regex_part_t *e);
/* out or w */
void mdr_regex_part_join(mdr_regex_part_t *out, const mdr_regex_part_t *w);

/* what a set is worth: bits of information, more or less; 0: nothing */
uint32_t mdr_regex_part_quality(const mdr_regex_pool_t *pool,
    const mdr_regex_set_t *s);
/* *best is s, where that is worth more */
void mdr_regex_part_better(const mdr_regex_pool_t *pool,
    mdr_regex_set_t *best, const mdr_regex_set_t *s);
/* strings that hold another one of the set go */
void mdr_regex_part_prune(const mdr_regex_pool_t *pool, mdr_regex_set_t *s);
/* s is the empty string */
void mdr_regex_part_empty(mdr_regex_set_t *s);
/* one string more; 0: no room */
int mdr_regex_part_string(mdr_regex_pool_t *pool, mdr_regex_set_t *s,
    const char *p, size_t n);

/* c, or all from a to b, may be one of any (see regex.h) */
void mdr_regex_part_any(uint64_t *any, uint32_t c);
void mdr_regex_part_range(uint64_t *any, uint32_t a, uint32_t b);
/* the one character of the view that s[0, n) of the pattern is, or the mark
 * that it is several times; 0: it is more */
uint32_t mdr_regex_part_view(const mdr_regex_pool_t *pool, const char *s,
    size_t n);
int mdr_regex_part_is_mark(uint32_t c);
/* kinds of the characters a to b */
unsigned mdr_regex_part_kind_of(uint32_t a, uint32_t b);


static inline int
mdr_regex_is_digit(int c)
{
    return c >= '0' && c <= '9';
}


static inline int
mdr_regex_is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

#endif
