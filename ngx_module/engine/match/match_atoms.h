/*
 * match_atoms.h - the atoms of a trace under its folds, and terms in primary
 * forms: what match_direct.c and match_nfa.c compare.
 */

#ifndef MDR_MATCH_ATOMS_H
#define MDR_MATCH_ATOMS_H

#include "match_work.h"

/* what an atom is under the folds of its trace, in `form` with its first
 * form, and the last of the atoms behind it that are the same character */

#define MDR_ATOMS_FORM    0x00ffffffu
#define MDR_ATOMS_CHOICE  0x80000000u   /* it may be others of one character */
#define MDR_ATOMS_MANY    0x40000000u   /* or of several                     */

typedef struct {
    uint32_t  form, run;
} mdr_atoms_atom_t;

/* a trace as it is read; whole while its builds are the trace's */

typedef struct {
    const mdr_trace_t  *t;
    uint32_t            builds;
    uint32_t            folds;
    mdr_meter_t        *meter;
    size_t              low, high;      /* atoms that are no marks: the first
                                           and the last                      */
    mdr_atoms_atom_t   *atoms;
    size_t              atoms_cap;
} mdr_atoms_line_t;

/* a term in primary forms */

#define MDR_ATOMS_SHORT  16

typedef struct {
    uint32_t        batch;              /* the one that it was prepared in   */
    uint32_t        text, folds;        /* whose                             */
    uint32_t        n;
    const uint32_t *cp;
    uint32_t        own[MDR_ATOMS_SHORT];
    uint8_t         head_word, tail_word;
} mdr_atoms_term_t;

mdr_atoms_t *mdr_match_atoms_new(const mdr_alloc_t *alloc);
void mdr_match_atoms_free(mdr_atoms_t *x);

/* the terms of another lexicon: what is known of terms is forgotten */
void mdr_match_atoms_start(mdr_atoms_t *x);

/* t as it is read, or NULL: no memory */
const mdr_atoms_line_t *mdr_match_atoms_line(mdr_atoms_t *x,
    const mdr_trace_t *t, mdr_meter_t *meter);

/* a user's term under folds; until the next call.  n is 0 where only the
 * trace can tell */
const mdr_atoms_term_t *mdr_match_atoms_term(mdr_atoms_t *x,
    const mdr_matcher_t *m, const mdr_lex_user_t *u, uint32_t folds);

enum {
    MDR_DIRECT_NO,
    MDR_DIRECT_YES,
    MDR_DIRECT_OPEN                      /* not to be seen here               */
};

/* what atom i of a line may be that is one character; until the next call */
size_t mdr_match_atoms_forms(mdr_atoms_t *x, const mdr_atoms_line_t *l,
    size_t i, const uint32_t **forms);
/* has atom i of a line, which has several forms, this one? */
int mdr_match_atoms_may_be(mdr_atoms_t *x, const mdr_atoms_line_t *l,
    size_t i, uint32_t element);

/* match_direct.c: is a term at atom i of a line, where one way leads on?
 * MDR_DIRECT_*; yes: *last is the last atom of it */
int mdr_match_direct(mdr_atoms_t *x, const mdr_atoms_line_t *l, size_t i,
    const mdr_atoms_term_t *term, const mdr_profile_t *p, size_t *last);

/* boundary: whole.  Does a block or value (text.h), but for marks, begin at
 * atom i of a line, does one end there? */
int mdr_match_atoms_begins(const mdr_atoms_line_t *l, size_t i);
int mdr_match_atoms_ends(const mdr_atoms_line_t *l, size_t i);

/* the bytes of atoms [first, last] */
void mdr_match_atoms_span(const mdr_atoms_line_t *l, size_t first,
    size_t last, uint32_t *start, uint32_t *end);
/* under repeat: the last atom of a hit whose last element is at `last` */
size_t mdr_match_atoms_run(mdr_atoms_t *x, const mdr_atoms_line_t *l,
    size_t last, uint32_t element);

#endif
