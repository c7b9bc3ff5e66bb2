/*
 * match_build.h - a lexicon while it is made.
 *
 *   match_build.c  the order, and the terms of a model one by one
 *   match_class.c  the class of each character
 *   match_term.c   patterns of classes, and their users
 *   match_order.c  patterns in the order of the hash
 *   match_image.c  the tables, as they are written
 */

#ifndef MDR_MATCH_BUILD_H
#define MDR_MATCH_BUILD_H

#include "lexicon.h"
#include "match.h"

#define MDR_CPS           0x110000u
#define MDR_LEX_SETS      32
#define MDR_LEX_ELEMENTS  1024          /* of a term                         */
#define MDR_LEX_WAITING   32

typedef struct {
    mdr_lex_user_t  u;
    uint32_t        pattern;            /* UINT32_MAX: none                  */
} mdr_lex_use_t;

/* a user whose pattern is looked for a little later, when its place in the
 * hash has come from memory */
typedef struct {
    mdr_lex_use_t  use;
    uint32_t       hash;
    uint16_t       n;
    uint16_t       c[MDR_LEX_ELEMENTS];
} mdr_lex_waiting_t;

typedef struct {
    const mdr_alloc_t  *alloc;
    const mdr_model_t  *model;
    mdr_buf_t          *out;
    mdr_lex_header_t    h;

    uint32_t            sets[MDR_LEX_SETS], nsets;
    /* by code point */
    uint32_t           *root;           /* union-find of elements            */
    uint8_t            *element;        /* MDR_ELEMENT_*, or 0               */
    uint16_t           *table;          /* class of text                     */
    uint16_t           *elem_class;
    uint32_t           *text_root;      /* an element a text stands for      */
    uint16_t           *ids;            /* root to class; old to new         */
    uint8_t            *element2;       /* [65536]                           */
    uint8_t            *nature;         /* of elements, then of classes      */
    uint8_t            *class_nature;   /* [65536]                           */
    uint8_t            *kinds;          /* [MDR_LEX_BMP] or NULL             */
    uint32_t            regex;          /* number of the one in hand         */
    const mdr_term_t   *weighed;        /* the one in hand, of a weighted
                                           group, or NULL                    */

    mdr_buf_t           users;          /* mdr_lex_use_t                     */
    mdr_buf_t           text;
    mdr_buf_t           classes;
    mdr_buf_t           patterns;
    uint64_t           *hash;           /* of patterns while building: upper
                                           half of the hash, number + 1      */
    size_t              hash_size, npatterns;

    mdr_lex_waiting_t  *waiting;        /* [MDR_LEX_WAITING]                 */
    uint32_t            nwaiting;       /* so far, all of them               */

    uint32_t           *chars;           /* [MDR_LEX_BMP] MDR_CHAR_*, or 0    */
    uint32_t            chars_folds;
} mdr_lex_build_t;

#define MDR_ELEMENT_INNER  1            /* of terms                          */
#define MDR_ELEMENT_OUTER  2            /* the first or last of one          */

/* what a character of a term is under the folds of the rule in hand: an
 * element, and more */
#define MDR_CHAR_ELEMENT  0x1fffffu
#define MDR_CHAR_KNOWN    0x200000u
#define MDR_CHAR_DROPPED  0x400000u
#define MDR_CHAR_SEVERAL  0x800000u     /* elements, none of them here       */
#define MDR_CHAR_PLAIN    0x1000000u    /* Han, or a letter or digit of ASCII */
#define MDR_CHAR_WORD     0x2000000u    /* the latter                        */
#define MDR_CHAR_EDGE     0x4000000u    /* stands for one of those, and has
                                           word edges                        */

/* what characters of the text stand for an element (or have a class) */
#define MDR_NATURE_MIXED  1             /* not for it alone under all folds  */
#define MDR_NATURE_WORD   2             /* letters or digits                 */
#define MDR_NATURE_SHORT  4             /* of less than three bytes          */

typedef struct {
    uint32_t  at;                       /* in classes                        */
    uint16_t  len;
    uint16_t  anchor : 15, free : 1;    /* free: no word (see lexicon.h)     */
} mdr_lex_term_t;

/* patterns while they are sorted, and their order then */
typedef struct {
    uint64_t  key;                      /* of the anchor                     */
    uint32_t  pattern;
    uint32_t  pad;
} mdr_lex_keyed_t;

typedef struct {
    mdr_lex_build_t        *b;
    const mdr_lex_term_t   *p;
    const uint16_t         *c;          /* classes                           */
    size_t                  n;
    mdr_lex_keyed_t        *order;      /* [n]                               */
    mdr_lex_keyed_t        *spare;      /* [n] for sorting                   */
    uint32_t               *rank;       /* [n] place of a pattern            */
    uint8_t                 by_class;   /* anchors do not matter             */
} mdr_lex_image_t;

/* what is asked for so long before it is read */
#define MDR_LEX_AHEAD  12


/* match_class.c: the classes of all characters, when the elements are known */
int mdr_match_class_make(mdr_lex_build_t *b);
/* the numbers that classes keep (see lexicon.h); no pattern is added
 * afterwards */
void mdr_match_class_number(mdr_lex_build_t *b);

/*
 * match_term.c: one term of `rule`, which is r, in `group` (with
 * MDR_USER_EXCEPT, and MDR_USER_REGEX where it is a literal of the regex
 * b->regex).  Before there are classes: notes its elements, which the letters
 * of its readings are, too; afterwards: adds its patterns.
 */
int mdr_match_term_note(mdr_lex_build_t *b, const mdr_rule_t *r,
    uint32_t rule, uint32_t group, mdr_str_t term);
int mdr_match_term_add(mdr_lex_build_t *b, const mdr_rule_t *r,
    uint32_t rule, uint32_t group, mdr_str_t term);

/* room for what the terms will need, mostly, before the first is added */
int mdr_match_term_room(mdr_lex_build_t *b);
/* all were added: those that wait find their patterns */
int mdr_match_term_end(mdr_lex_build_t *b);

/* match_order.c: the anchor of each pattern */
int mdr_match_order_anchors(mdr_lex_build_t *b);
/* all patterns in the order of the hash's entries, groups together, and words
 * in the order of their classes behind them: fills im->order and im->rank,
 * with im->spare at hand; b->h.hash_bits is known, b->h.words is set */
int mdr_match_order(mdr_lex_image_t *im);

/* those that are no words by their classes, and where those with each first
 * class begin; the order is spent then */
void mdr_match_order_sorted(mdr_lex_image_t *im, uint32_t *sorted,
    uint32_t *heads);

/* match_image.c: the tables behind the header, into b->out */
int mdr_lexicon_put(mdr_lex_build_t *b);
/* n bytes behind the others; *at: where */
int mdr_lexicon_put_part(mdr_lex_build_t *b, uint64_t *at, const void *p,
    size_t n);
/* match_trie.c: the tries of patterns, users and texts that are there */
int mdr_match_trie_put(mdr_lex_build_t *b);

#endif
