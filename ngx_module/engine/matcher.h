/*
 * matcher.h - a lexicon that was checked, and what is made of it a process.
 */

#ifndef MDR_MATCHER_H
#define MDR_MATCHER_H

#include "lexicon.h"
#include "match.h"
#include "regex.h"

#define MDR_ASKS_NOTHING  MDR_ASCII_KINDS
#define MDR_ASKS          (MDR_ASCII_KINDS + 1)

typedef struct {
    mdr_regex_t  *re;
    uint16_t      rule, group;          /* group with MDR_USER_EXCEPT        */
    uint8_t       need;                 /* a literal must have been seen     */
    uint8_t       asks;                 /* for any of the rest: for a kind
                                           MDR_ASCII_*, or MDR_ASKS_NOTHING  */
    uint32_t      count[MDR_ASCII_KINDS], run[MDR_ASCII_KINDS];
    uint32_t      same;
    uint64_t      must[2], any[2];      /* see regex.h                       */
} mdr_pattern_re_t;

struct mdr_matcher_s {
    const mdr_alloc_t        *alloc;
    const mdr_model_t        *model;
    mdr_lex_header_t          h;
    const uint16_t           *bmp, *stage1, *stage2;
    const mdr_lex_odd_t      *odd;
    const uint32_t           *bloom, *hash;
    const mdr_lex_pattern_t  *patterns;
    const mdr_lex_group_t    *groups;
    const mdr_lex_link_t     *links;
    const uint16_t           *classes;
    const mdr_lex_user_t     *users;
    const char               *text;
    uint32_t                  pair_shift, hash_shift;
    uint32_t                  gap;      /* atoms between two classes of a
                                           pattern, at most: a flag is one
                                           mark, two atoms                   */
    uint8_t                   wide;     /* the machine has AVX2, or NEON     */

    /* which rules read which field of which slot: bits, rules a row */
    uint32_t                  words;
    uint32_t                 *field_row;        /* [slot] first row          */
    uint64_t                 *reads;            /* [row * words]             */

    uint32_t                  nregexes;
    mdr_pattern_re_t         *regexes;          /* by rule                   */
    uint32_t                 *row_always;       /* [rows * MDR_ASKS + 1]     */
    uint32_t                 *always;           /* regexes without a literal,
                                                   by what they ask for      */
    const uint8_t            *kinds;            /* or NULL                   */
};

static inline int
mdr_matcher_reads(const mdr_matcher_t *m, uint32_t slot, uint32_t field,
    uint32_t rule)
{
    return (int) (m->reads[(size_t) (m->field_row[slot] + field) * m->words
                           + rule / 64] >> (rule % 64) & 1);
}

#endif
