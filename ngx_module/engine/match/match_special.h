/*
 * match_special.h - a text with special characters in hand: what
 * match_special.c, which reads its atoms, and match_readings.c, which follows
 * what can be read from them, share.
 */

#ifndef MDR_MATCH_SPECIAL_H
#define MDR_MATCH_SPECIAL_H

#include "match_table.h"
#include "match_verify.h"

#define MDR_SPECIAL_OPTIONS  256

/* classes that an atom may stand for */

typedef struct {
    uint32_t  key;                      /* character, is it a keycap         */
    uint32_t  batch, folds;             /* when and for which it was made    */
    uint8_t   n;                        /* options                           */
    uint8_t   skip;
    uint8_t   len[MDR_FOLD_ALTS];
    uint16_t  cl[MDR_FOLD_ALTS][MDR_FOLD_SEQ];
} mdr_special_options_t;

/* what an atom may be, shortly: its classes, where each is one; `odd` where
 * they are not, or too many: its options say it */

#define MDR_SPECIAL_CLASSES  4

typedef struct {
    uint16_t  cl[MDR_SPECIAL_CLASSES];
    uint8_t   n, skip, odd;
} mdr_special_atom_t;

/* a state of match_readings.c: the patterns [lo, hi) agree in `got` classes
 * that were read, of which this is the last, and so many marks since; it began
 * at one of atoms [min, max] */

typedef struct {
    uint32_t  lo, hi;
    uint32_t  min, max;
    uint16_t  got, skipped, last;
} mdr_special_state_t;

struct mdr_special_s {
    const mdr_alloc_t   *alloc;
    mdr_special_options_t   options[MDR_SPECIAL_OPTIONS];
    uint32_t             batch;         /* of the options                    */
    const uint32_t      *sorted;        /* the patterns in hand, or NULL:
                                           words                             */
    mdr_special_state_t  *now, *then;   /* of the atom and of the next one   */
    size_t               nnow, nthen, now_cap, then_cap;
    mdr_table_t          states;        /* those of the next one             */
    mdr_range_t         *ranges;        /* where patterns may begin          */
    size_t               nranges, ranges_cap;
    mdr_table_t          found;         /* their patterns                    */
    mdr_special_atom_t  *atoms;         /* of the trace                      */
    size_t               atoms_cap;
    uint32_t            *run;           /* under repeat: the first atom of
                                           the run that each is in, then the
                                           last                              */
    size_t               run_cap;
};

typedef struct {
    const mdr_matcher_t  *m;
    mdr_match_work_t     *w;
    mdr_special_t           *x;
    const mdr_trace_t    *t;
    mdr_raw_hits_t       *hits;
    mdr_verify_t          v;            /* of the text                       */
    uint32_t              subject, folds;
    uint32_t              gap;          /* marks between two classes         */
} mdr_special_text_t;

/* match_special.c: what an atom may be, when x->options do not have it */
const mdr_special_options_t *mdr_match_special_options(mdr_special_text_t *s,
    uint32_t atom);

/* match_special.c: the options of texts of another batch are forgotten */
void mdr_match_special_start(mdr_special_t *s);

/* match_readings.c: hits of patterns that can be read from atoms [from, to)
 * on */
int mdr_match_find(mdr_special_text_t *s, uint32_t from, uint32_t to);


/* a digit and what makes it an emoji */

static inline int
mdr_special_is_keycap(const mdr_atom_t *a)
{
    return a->cp < 0x80 && a->mark == MDR_GAP_EMOJI;
}


static inline uint32_t
mdr_special_key(const mdr_atom_t *a)
{
    return a->cp << 1 | (uint32_t) mdr_special_is_keycap(a);
}


static inline uint32_t
mdr_special_place(const mdr_atom_t *a, uint32_t folds)
{
    return (a->cp ^ a->cp >> 8 ^ folds) % MDR_SPECIAL_OPTIONS;
}


/* classes that an atom may stand for; until the next call */

static inline const mdr_special_options_t *
mdr_special_options_at(mdr_special_text_t *s, uint32_t atom)
{
    const mdr_atom_t          *a;
    const mdr_special_options_t  *o;

    a = &s->t->atoms[atom];
    o = &s->x->options[mdr_special_place(a, s->folds)];

    return o->batch == s->x->batch && o->key == mdr_special_key(a)
           && o->folds == s->folds ? o : mdr_match_special_options(s, atom);
}


/* the last atom where a reading may begin that was found from atom i */

static inline uint32_t
mdr_special_last_start(const mdr_special_text_t *s, uint32_t i)
{
    return s->m->h.repeat ? s->x->run[s->t->n + i] : i;
}

#endif
