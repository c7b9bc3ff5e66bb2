/*
 * match_exact.h - is a term at an atom of a trace?  What match_exact.c knows
 * of the traces and terms that it has seen, and what match_walk.c makes of it.
 */

#ifndef MDR_MATCH_EXACT_H
#define MDR_MATCH_EXACT_H

#include "match_work.h"

/* what an atom is under the folds of its trace, in `form` with its first
 * form, and the last of the atoms behind it that are the same character */

#define MDR_EXACT_FORM    0x00ffffffu
#define MDR_EXACT_CHOICE  0x80000000u   /* it may be others of one character */
#define MDR_EXACT_MANY    0x40000000u   /* or of several                     */

typedef struct {
    uint32_t  form, run;
} mdr_exact_atom_t;

typedef struct {
    uint32_t  start, end;               /* bytes of the text                 */
} mdr_exact_span_t;

/* a trace as it is read; whole while its builds are the trace's */

typedef struct {
    const mdr_trace_t  *t;
    uint32_t            builds;
    uint32_t            folds;
    size_t              low, high;      /* atoms that are no marks: the first
                                           and the last                      */
    mdr_exact_atom_t   *atoms;
    size_t              cap;
    mdr_exact_span_t   *spans;          /* where they are not in the order of
                                           the text, and asked for           */
    size_t              spans_cap;
    uint8_t             spanned;
} mdr_exact_line_t;

/* a term in primary forms */

typedef struct {
    uint32_t        batch;              /* the one that it was prepared in   */
    uint32_t        text, folds;        /* whose                             */
    uint32_t        head;               /* elements that are the first one   */
    uint32_t        n;
    const uint32_t *cp;
    uint8_t         head_word, tail_word;
} mdr_exact_term_t;

/* atoms [from, end] of a line may all be this element, and the next may not */

typedef struct {
    const mdr_exact_line_t  *line;      /* NULL: none                        */
    uint32_t                 builds, element;
    size_t                   from, end;
} mdr_exact_run_t;

/* where the run of an element was, the last time */
mdr_exact_run_t *mdr_match_exact_known_run(mdr_exact_t *x, uint32_t element);

mdr_exact_t *mdr_match_exact_new(const mdr_alloc_t *alloc);
void mdr_match_exact_free(mdr_exact_t *x);

/* the terms of another lexicon: what is known of terms is forgotten */
void mdr_match_exact_start(mdr_exact_t *x);

/* t as it is read, or NULL: no memory */
const mdr_exact_line_t *mdr_match_exact_line(mdr_exact_t *x,
    const mdr_trace_t *t, mdr_meter_t *meter);

/* a user's term under folds; until the next call.  n is 0 where only the
 * trace can tell */
const mdr_exact_term_t *mdr_match_exact_term(mdr_exact_t *x,
    const mdr_matcher_t *m, const mdr_lex_user_t *u, uint32_t folds);

enum {
    MDR_EXACT_NO,
    MDR_EXACT_YES,
    MDR_EXACT_OPEN                      /* not to be seen here               */
};

/* what atom i of a line may be that is one character; until the next call */
size_t mdr_match_exact_forms(mdr_exact_t *x, const mdr_exact_line_t *l,
    size_t i, const uint32_t **forms);
/* has atom i of a line, which has several forms, this one? */
int mdr_match_exact_may_be(mdr_exact_t *x, const mdr_exact_line_t *l,
    size_t i, uint32_t element);

/* match_walk.c: is a term at atom i of a line?  MDR_EXACT_*; yes: *last is the
 * last atom of it */
int mdr_match_exact(mdr_exact_t *x, const mdr_exact_line_t *l, size_t i,
    const mdr_exact_term_t *term, const mdr_profile_t *p, size_t *last,
    mdr_meter_t *meter);

/* the bytes of atoms [first, last]; MDR_OK or MDR_ERROR */
int mdr_match_exact_span(mdr_exact_t *x, const mdr_exact_line_t *l,
    size_t first, size_t last, uint32_t *start, uint32_t *end);
/* under repeat: the last atom of a hit whose last element is at `last` */
size_t mdr_match_exact_run(mdr_exact_t *x, const mdr_exact_line_t *l,
    size_t last, uint32_t element, mdr_meter_t *meter);

/* the next atom at which it is worth to ask for a term again that was (1) or
 * was not (0) at atom i */
size_t mdr_match_exact_next(const mdr_exact_line_t *l, size_t i,
    const mdr_exact_term_t *term, const mdr_profile_t *p, int found);

#endif
