/*
 * regex.h - regexes of rules: PCRE2 on the folded view, and what a text must
 * hold for one to be worth running.
 */

#ifndef MDR_REGEX_H
#define MDR_REGEX_H

#include "base/limits.h"
#include "text/fold.h"

typedef struct mdr_regex_s  mdr_regex_t;

#define MDR_NEED_LITS   64
#define MDR_NEED_BYTES  48              /* of a literal                      */

/* kinds of ASCII characters; blanks and controls are none, marks beyond ASCII
 * are signs, but none of any */
enum { MDR_ASCII_DIGIT, MDR_ASCII_LETTER, MDR_ASCII_SIGN, MDR_ASCII_ANY,
       MDR_ASCII_KINDS };

/*
 * What every match holds: one of these literals (as written in the pattern;
 * n == 0: none is known), at least so many ASCII characters of a kind, so many
 * of them in a row, each of the characters in `must`, a bit a code, and one of
 * those in `any` (none: nothing is known; letters are small ones there, marks
 * beyond ASCII are MDR_ANY_MARK); the same character `same` times in a row.
 */
typedef struct {
    uint32_t   n;
    uint32_t   count[MDR_ASCII_KINDS];
    uint32_t   run[MDR_ASCII_KINDS];
    uint32_t   same;
    int        unread;              /* the pattern was not understood        */
    uint64_t   must[2], any[2];
    mdr_str_t  lit[MDR_NEED_LITS];
    char       buf[MDR_NEED_LITS * MDR_NEED_BYTES];
} mdr_regex_need_t;

#define MDR_ANY_MARK  1

void mdr_regex_need(mdr_str_t pattern, uint32_t folds,
    mdr_regex_need_t *need);

mdr_regex_t *mdr_regex_new(mdr_str_t pattern, uint32_t folds,
    const mdr_alloc_t *alloc);
void mdr_regex_free(mdr_regex_t *re);

typedef struct mdr_regex_work_s  mdr_regex_work_t;

mdr_regex_work_t *mdr_regex_work_new(const mdr_alloc_t *alloc);
void mdr_regex_work_free(mdr_regex_work_t *w);

#define MDR_REGEX_LIMIT  2

/* matches of re in view from `from` on: 1 and [*start, *end), 0 none,
 * MDR_REGEX_LIMIT: the budget is spent, MDR_ERROR.  *budget: steps that it may
 * take beyond a look at each place; what it takes of them is taken away there,
 * and all that it takes put on the meter. */
int mdr_regex_find(const mdr_regex_t *re, mdr_regex_work_t *w,
    const uint8_t *view, size_t n, size_t from, uint64_t *budget,
    mdr_meter_t *meter, size_t *start, size_t *end);

/* for the loader and check */
int mdr_regex_check(mdr_str_t pattern, uint32_t folds, char *err,
    size_t size, size_t *offset);
/* 1: has a required literal or feature; 0: runs on every text; why says it */
int mdr_regex_cheap(mdr_str_t pattern, uint32_t folds, char *why,
    size_t size);

#endif
