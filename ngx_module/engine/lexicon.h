/*
 * lexicon.h - the layout of a compiled lexicon, shared by its writer
 * (match_build.c), its reader (match_open.c) and the search (match.c).
 *
 * All offsets are bytes from the start of the lexicon, all counts are of
 * elements; numbers are in the machine's order (the header's magic tells).
 *
 * Classes: 0 skipped, 1 in no term, 2 special (the text takes the slow way),
 * 3 and up forms that some term uses; those from `single` on are terms of one
 * class.  A pattern is a term in classes, less what may be skipped, equal
 * neighbours once where some rule folds repeats.  Its anchor is three classes
 * in a row (fewer in short patterns), its rarest ones.
 */

#ifndef MDR_LEXICON_H
#define MDR_LEXICON_H

#include "model.h"

#define MDR_LEX_MAGIC    0x4d444c58u
#define MDR_LEX_VERSION  1

#define MDR_CL_SKIP     0
#define MDR_CL_NONE     1
#define MDR_CL_SPECIAL  2
#define MDR_CL_FIRST    3

#define MDR_LEX_BLOCK   256             /* code points a block               */
#define MDR_LEX_STAGE1  (0x110000 / MDR_LEX_BLOCK)

#define MDR_USER_EXCEPT  0x8000u        /* in user.group                     */
#define MDR_USER_REGEX   0x4000u        /* a literal that a regex needs      */

typedef struct {
    uint32_t  magic, version;
    uint64_t  size, terms;
    uint32_t  repeat, single;           /* classes are collapsed; see above  */
    uint32_t  nclasses, folds;          /* folds: union                      */
    uint32_t  gaps;                     /* marks that some rule skips        */
    uint32_t  bloom_bits;               /* 2^bits words                      */
    uint32_t  hash_bits;
    uint32_t  pad;
    uint64_t  stage1, stage2, nblocks;
    uint64_t  odd, nodd;                /* specials' classes as elements     */
    uint64_t  bloom;
    uint64_t  hash;                     /* pattern + 1, sorted by anchor     */
    uint64_t  patterns, npatterns;
    uint64_t  classes, nclass_units;
    uint64_t  users, nusers;
    uint64_t  text, text_size;
    uint64_t  bare, nbare;              /* users without a class             */
} mdr_lex_header_t;

typedef struct {
    uint32_t  at;                       /* in classes                        */
    uint16_t  len, anchor;
    uint32_t  user;                     /* first; the next pattern's ends    */
} mdr_lex_pattern_t;

typedef struct {
    uint32_t  text;
    uint16_t  len;
    uint16_t  rule;
    uint16_t  group;
    uint16_t  pad;
} mdr_lex_user_t;

typedef struct {
    uint32_t  cp, cl;
} mdr_lex_odd_t;


static inline uint32_t
mdr_lex_pair(uint32_t a, uint32_t b)
{
    return (a * 0x9e3779b1u) ^ (b * 0x85ebca77u);
}


static inline uint32_t
mdr_lex_bit(uint32_t c)
{
    return ((c * 0x2c1b3c6du) >> 16) % 31;
}


static inline uint32_t
mdr_lex_key(uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t  h;

    h = (a * 0x9e3779b1u) ^ (b * 0x85ebca77u) ^ (c * 0xc2b2ae3du);
    h ^= h >> 15;
    h *= 0x2c1b3c6du;

    return h ^ h >> 13;
}

#endif
