/*
 * match_slow.h - a text that is read slowly, while that is done (match_slow.c:
 * which atoms need it; match_paths.c: what can be read from one of them).
 */

#ifndef MDR_MATCH_SLOW_H
#define MDR_MATCH_SLOW_H

#include "match_work.h"

#define MDR_SLOW_STACK    1024
#define MDR_SLOW_STATES   4096          /* remembered; powers of two         */
#define MDR_SLOW_OPTIONS  256
#define MDR_SLOW_LAST     256           /* ranges that may go on             */

/* classes that an atom may stand for */

typedef struct {
    uint32_t  key;                      /* character, is it a keycap; + 1    */
    uint8_t   n;                        /* options                           */
    uint8_t   skip;
    uint8_t   len[MDR_FOLD_ALTS];
    uint16_t  cl[MDR_FOLD_ALTS][MDR_FOLD_SEQ];
} mdr_slow_options_t;

/* a row on its way: what it has, and the class it takes next */

typedef struct {
    uint32_t  atom;
    uint16_t  skipped;                  /* marks since the last class        */
    uint8_t   form, at;
    uint16_t  c[3];                     /* 0 from `got` on                   */
    uint16_t  got;
    uint16_t  start;                    /* low bits of the atom it is from   */
    uint16_t  pad;
} mdr_slow_path_t;

/* patterns [lo, hi) of a group agree in `depth` classes that were read */

typedef struct {
    uint32_t  lo, hi, atom, start;
    uint16_t  depth, skipped;
    uint8_t   form, at;
    uint16_t  last;                     /* class                             */
} mdr_slow_node_t;

struct mdr_slow_s {
    const mdr_alloc_t   *alloc;
    mdr_slow_options_t   options[MDR_SLOW_OPTIONS];
    mdr_slow_path_t      seen[MDR_SLOW_STATES];
    mdr_slow_path_t      stack[MDR_SLOW_STACK];
    mdr_slow_node_t      nodes[MDR_SLOW_STACK];
    mdr_slow_node_t      been[MDR_SLOW_STATES];
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

/* match_paths.c: the patterns that can be read from an atom are compared, at
 * the latest by _end, where there are no more atoms */
int mdr_match_paths(mdr_slow_text_t *s, uint32_t atom);
int mdr_match_paths_word(mdr_slow_text_t *s, uint32_t atom);
int mdr_match_paths_end(mdr_slow_text_t *s);


/* a digit and what makes it an emoji */

static inline int
mdr_slow_is_keycap(const mdr_atom_t *a)
{
    return a->cp < 0x80 && a->mark == MDR_GAP_EMOJI;
}


static inline uint32_t
mdr_slow_key(const mdr_atom_t *a)
{
    return (a->cp << 1 | (uint32_t) mdr_slow_is_keycap(a)) + 1;
}


/* classes that an atom may stand for; until the next call */

static inline const mdr_slow_options_t *
mdr_slow_options_at(mdr_slow_text_t *s, uint32_t atom)
{
    const mdr_atom_t          *a;
    const mdr_slow_options_t  *o;

    a = &s->t->atoms[atom];
    o = &s->x->options[a->cp % MDR_SLOW_OPTIONS];

    return o->key == mdr_slow_key(a) ? o : mdr_match_slow_options(s, atom);
}

#endif
