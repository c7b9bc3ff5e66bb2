/*
 * match_slow.h - a text that is read slowly, while that is done (match_slow.c:
 * which atoms need it; match_find.c: what can be read from them).
 */

#ifndef MDR_MATCH_SLOW_H
#define MDR_MATCH_SLOW_H

#include "match_work.h"

#define MDR_SLOW_OPTIONS  256

/* classes that an atom may stand for */

typedef struct {
    uint32_t  key;                      /* character, is it a keycap         */
    uint32_t  batch, folds;             /* when and for which it was made    */
    uint8_t   n;                        /* options                           */
    uint8_t   skip;
    uint8_t   len[MDR_FOLD_ALTS];
    uint16_t  cl[MDR_FOLD_ALTS][MDR_FOLD_SEQ];
} mdr_slow_options_t;

/* what an atom may be, shortly: its classes, where each is one; `odd` where
 * they are not, or too many: its options say it */

#define MDR_SLOW_CLASSES  4

typedef struct {
    uint16_t  cl[MDR_SLOW_CLASSES];
    uint8_t   n, skip, odd;
} mdr_slow_atom_t;

/* a state of match_find.c: so many classes were read, c are the last two of an
 * anchor, or c[0] the last one of the sorted patterns [lo, hi), which agree in
 * them; so many marks since; it began at one of atoms [min, max] */

typedef struct {
    uint32_t  lo, hi;
    uint32_t  min, max;
    uint16_t  got, skipped;
    uint16_t  c[2];
} mdr_slow_state_t;

/* the states of an atom and of the next one */

typedef struct {
    mdr_slow_state_t  *now, *then;
    size_t             nnow, nthen, now_cap, then_cap;
    uint64_t          *places;          /* of those in `then`: a hash table,
                                           their round above                 */
    size_t             nplaces, places_cap;
    uint32_t           round;
    int                down;            /* a range of patterns               */
} mdr_slow_walk_t;

/* where patterns may begin, each once; and a hash table of them */

typedef struct {
    mdr_range_t  *r;
    size_t        n, cap;
    uint64_t     *places;
    size_t        nplaces, places_cap;
    uint32_t      round;
} mdr_slow_ranges_t;

struct mdr_slow_s {
    const mdr_alloc_t   *alloc;
    mdr_slow_options_t   options[MDR_SLOW_OPTIONS];
    uint32_t             batch;         /* of the options                    */
    mdr_slow_walk_t      anchors, down;
    mdr_slow_ranges_t    patterns;
    mdr_slow_ranges_t    groups;        /* long ones, by their first pattern */
    mdr_slow_atom_t     *atoms;         /* of the trace                      */
    size_t               atoms_cap;
    uint32_t            *run;           /* under repeat: the first atom of
                                           the run that each is in, then the
                                           last                              */
    size_t               run_cap;
};

typedef struct {
    const mdr_matcher_t  *m;
    mdr_match_work_t     *w;
    mdr_slow_t           *x;
    const mdr_trace_t    *t;
    const mdr_subject_t  *subjects;
    mdr_raw_hits_t       *hits;
    uint32_t              subject, folds;
    uint32_t              gap;          /* marks between two classes         */
} mdr_slow_text_t;

/* match_slow.c: what an atom may be, when x->options do not have it */
const mdr_slow_options_t *mdr_match_slow_options(mdr_slow_text_t *s,
    uint32_t atom);

/* match_slow.c: the options of texts of another batch are forgotten */
void mdr_match_slow_start(mdr_slow_t *s);

/* match_find.c: hits of patterns that can be read from atoms [from, to) on */
int mdr_match_find(mdr_slow_text_t *s, uint32_t from, uint32_t to);


/* a digit and what makes it an emoji */

static inline int
mdr_slow_is_keycap(const mdr_atom_t *a)
{
    return a->cp < 0x80 && a->mark == MDR_GAP_EMOJI;
}


static inline uint32_t
mdr_slow_key(const mdr_atom_t *a)
{
    return a->cp << 1 | (uint32_t) mdr_slow_is_keycap(a);
}


static inline uint32_t
mdr_slow_place(const mdr_atom_t *a, uint32_t folds)
{
    return (a->cp ^ a->cp >> 8 ^ folds) % MDR_SLOW_OPTIONS;
}


/* classes that an atom may stand for; until the next call */

static inline const mdr_slow_options_t *
mdr_slow_options_at(mdr_slow_text_t *s, uint32_t atom)
{
    const mdr_atom_t          *a;
    const mdr_slow_options_t  *o;

    a = &s->t->atoms[atom];
    o = &s->x->options[mdr_slow_place(a, s->folds)];

    return o->batch == s->x->batch && o->key == mdr_slow_key(a)
           && o->folds == s->folds ? o : mdr_match_slow_options(s, atom);
}


/* the last atom where a reading may begin that was found from atom i */

static inline uint32_t
mdr_slow_last_start(const mdr_slow_text_t *s, uint32_t i)
{
    return s->m->h.repeat ? s->x->run[s->t->n + i] : i;
}

#endif
