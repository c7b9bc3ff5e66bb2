/*
 * fold.h - what a character may stand for, and a text seen through that.
 *
 * fold_data.c is generated (gen/gen_fold.py) and says of every code point, fold
 * by fold, which plain characters it may stand for.
 * Comparison rule: a term's character is brought to its primary form under
 * the rule's folds; a character of the text matches it if one of the forms it
 * may stand for under the same folds is that.
 */

#ifndef MDR_FOLD_H
#define MDR_FOLD_H

#include "base/model.h"

#define MDR_FOLD_SEQ    18      /* longest: U+FDFA                          */
#define MDR_FOLD_ALTS   8

typedef struct {
    uint8_t   n;
    uint32_t  cp[MDR_FOLD_SEQ];
} mdr_fold_seq_t;

/*
 * The forms of cp under folds, the primary one first (the folded view that
 * regexes see: native ASCII letters and digits stay what they are there).
 * Returns how many, at least 1.  Dropped characters: see below.
 */
size_t mdr_fold_forms(uint32_t cp, uint32_t folds,
    mdr_fold_seq_t out[MDR_FOLD_ALTS]);

/* the primary form alone */
void mdr_fold_primary(uint32_t cp, uint32_t folds, mdr_fold_seq_t *out);

/* nothing under folds (invisible, combining marks ...) */
int mdr_fold_dropped(uint32_t cp, uint32_t folds);
/* MDR_GAP_* class of a mark, 0 for anything else */
uint8_t mdr_fold_mark(uint32_t cp);
/* letter or digit that has word edges (Han and kana have none) */
int mdr_fold_is_word(uint32_t cp);
int mdr_fold_is_han(uint32_t cp);
/* of an ideographic full stop between these two: is it the dot of a host name
 * (IDNA 2003, RFC 3490, 3.1)? */
int mdr_fold_is_host_dot(uint32_t before, uint32_t after);
/* what cp means depends on its surroundings under folds (brackets, bidi
 * controls, annotations, rotated letters, regional indicators, emoji
 * sequences, symbols that are also letters, one-to-many forms): a text with
 * it is read through mdr_trace_* */
int mdr_fold_special(uint32_t cp, uint32_t folds);
/* toneless readings of a Han character; how many, names in out[8] */
size_t mdr_fold_readings(uint32_t cp, const char *out[8]);
/* what an upside-down letter stands for, or 0 */
uint32_t mdr_fold_rotate(uint32_t cp);


/*
 * A trace: the text as a row of atoms, in reading order (overridden runs
 * reversed), dropped characters and glosses gone, emoji sequences one atom.
 */
typedef struct {
    uint32_t  cp;               /* as it stands in the text                 */
    uint32_t  start, end;       /* bytes in the text                        */
    uint8_t   mark;             /* MDR_GAP_* or 0                           */
    uint8_t   word;
    uint8_t   flags;            /* MDR_ATOM_*                               */
} mdr_atom_t;

#define MDR_ATOM_FLAG  1        /* second letter of a flag: one mark with
                                   the one before                           */

typedef struct {
    const mdr_alloc_t  *alloc;
    mdr_atom_t         *atoms;
    size_t              n, cap;
    size_t              base;       /* atoms of the text itself; behind
                                       them, parts of it read otherwise     */
    uint32_t            folds;
    uint32_t            builds;     /* how often it was built               */
    uint8_t             ordered;    /* atoms stand as they do in the text   */
    uint8_t             flags;      /* some are MDR_ATOM_FLAG               */
    const uint8_t      *text;
    size_t              len;
} mdr_trace_t;

void mdr_trace_init(mdr_trace_t *t, const mdr_alloc_t *a);
void mdr_trace_done(mdr_trace_t *t);
int mdr_trace_build(mdr_trace_t *t, const uint8_t *text, size_t len,
    uint32_t folds);

/* gloss.c: the bytes of a gloss at `at` (its bracket) behind atom last; its
 * readings are of atoms from first on.  0: none there */
size_t mdr_gloss_len(const mdr_trace_t *t, size_t first, size_t last,
    size_t at);
/* the bracket that closes this one, 0 for anything else */
uint32_t mdr_gloss_close(uint32_t open);
/* may p be the inside of a bracket that holds a reading?  Says no to nearly
 * all that are none, cheaply */
int mdr_gloss_may_begin(const uint8_t *p, size_t n);

/* a term in primary forms */

#define MDR_TERM_MAX  1024

typedef struct {
    uint32_t  cp[MDR_TERM_MAX];
    uint8_t   han[MDR_TERM_MAX];    /* may stand as its reading             */
    uint8_t   word[MDR_TERM_MAX];   /* what it was written as has edges     */
    size_t    n;
} mdr_trace_term_t;

/* n is 0 where the term is too long, or nothing */
void mdr_trace_term(mdr_str_t text, uint32_t folds, mdr_trace_term_t *t);
/* do the atoms `first` and `last` end where profile wants edges?  The rest of
 * the text (boundary: whole) is not looked at.  Head and tail: the first and
 * the last element of the term, and whether they are words */
int mdr_trace_edges(const mdr_trace_t *t, const mdr_profile_t *profile,
    size_t first, size_t last, uint32_t head, int head_word, uint32_t tail,
    int tail_word);
/* second looks that no reader has here: may atom i not be cp by any form but
 * its first?  word: what the term's element was written as has edges */
int mdr_trace_far_fetched(const mdr_trace_t *t, size_t i, uint32_t cp,
    int word);

/* folded view for regexes: UTF-8 into out, and for each of its bytes the
 * atom it came from, into map (caller's, grown) */
int mdr_trace_view(const mdr_trace_t *t, mdr_buf_t *out, mdr_buf_t *map);

#endif
