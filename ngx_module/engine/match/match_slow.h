/*
 * match_slow.h - a text that is read slowly, while that is done (match_slow.c:
 * which atoms need it; match_paths.c: what can be read from one of them).
 */

#ifndef MDR_MATCH_SLOW_H
#define MDR_MATCH_SLOW_H

#include "match_work.h"

#define MDR_SLOW_STATES   4096          /* remembered; powers of two         */
#define MDR_SLOW_OPTIONS  256
#define MDR_SLOW_LAST     256           /* ranges that may go on             */

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
 * they are not, or too many: its options say it.  Atoms up to `solid` may be
 * skipped; `odds` is the first odd one from here on. */

#define MDR_SLOW_CLASSES  4

typedef struct {
    uint16_t  cl[MDR_SLOW_CLASSES];
    uint8_t   n, skip, odd;
    uint32_t  solid, odds;
} mdr_slow_atom_t;

/* a reading on its way: where it is, and the class it takes next.  Of a row of
 * three classes, c are those that it has.  Of patterns [lo, hi), they agree in
 * the `got` classes that were read, the last of which is c[0]. */

typedef struct {
    uint32_t  atom, start;              /* in hand; it began at              */
    uint32_t  lo, hi;
    uint32_t  round;                    /* of x->round                       */
    uint16_t  got, skipped;             /* classes; marks since the last     */
    uint16_t  c[3];                     /* 0 from `got` on                   */
    uint8_t   form, at;
} mdr_slow_path_t;

typedef struct {
    mdr_slow_path_t  *p;
    size_t            n, cap;
} mdr_slow_stack_t;

struct mdr_slow_s {
    const mdr_alloc_t   *alloc;
    mdr_slow_options_t   options[MDR_SLOW_OPTIONS];
    uint32_t             batch;         /* of the options                    */
    mdr_slow_path_t      seen[MDR_SLOW_STATES];
    mdr_slow_stack_t     paths, down;   /* of match_paths, match_descend     */
    uint32_t             round;         /* of what was seen                  */
    mdr_slow_atom_t     *atoms;         /* of the trace                      */
    size_t               atoms_cap;
    uint32_t             nlast;         /* ranges in `last`                  */
    mdr_range_t          last[MDR_SLOW_LAST];   /* by pattern + 1; a range
                                           that is not verified yet          */
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
    uint32_t              from;         /* the atom in hand                  */
} mdr_slow_text_t;

/* match_slow.c: what an atom may be, when x->options do not have it */
const mdr_slow_options_t *mdr_match_slow_options(mdr_slow_text_t *s,
    uint32_t atom);

/* match_slow.c: the options of texts of another batch are forgotten */
void mdr_match_slow_start(mdr_slow_t *s);

/* match_paths.c: between _begin and _end, the patterns that can be read from
 * an atom are compared, at the latest by _end */
void mdr_match_paths_begin(mdr_slow_text_t *s);
int mdr_match_paths(mdr_slow_text_t *s, uint32_t atom);
int mdr_match_paths_word(mdr_slow_text_t *s, uint32_t atom);
int mdr_match_paths_end(mdr_slow_text_t *s);


/* pattern k may begin at atoms [from, to) */
int mdr_match_paths_put(mdr_slow_text_t *s, uint32_t k, uint32_t from,
    uint32_t to);
/* was this state gone into, from this text?  It is, now */
int mdr_match_paths_seen(mdr_slow_text_t *s, mdr_slow_path_t *p);
/* p may go on with any option of its atom, the first one: all that is on the
 * stack.  MDR_OK or MDR_ERROR */
int mdr_match_paths_from(mdr_slow_text_t *s, mdr_slow_path_t p,
    mdr_slow_stack_t *stack);
/* p has taken its class: what it may take next, onto the stack */
int mdr_match_paths_next(mdr_slow_text_t *s, mdr_slow_path_t p,
    mdr_slow_stack_t *stack);

/* match_descend.c: those of the sorted patterns [lo, hi) that can be read from
 * atom `start`; head: all want a word edge before */
int mdr_match_descend(mdr_slow_text_t *s, uint32_t lo, uint32_t hi,
    uint32_t start, int head);
/* the end of the patterns, from k on, of a long group whose anchor is at the
 * same place; *head: all of the group want a word edge before */
uint32_t mdr_match_descend_end(const mdr_matcher_t *m, uint32_t k, int *head);


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


/* the last atom that may be the next behind atom i, or the end of the text */

static inline uint32_t
mdr_slow_reach(const mdr_slow_text_t *s, uint32_t i)
{
    uint32_t  to;

    if (i + 1 >= s->t->n) {
        return (uint32_t) s->t->n;
    }

    to = s->x->atoms[i + 1].solid;

    return to - i - 1 > s->gap ? i + 1 + s->gap : to;
}

#endif
