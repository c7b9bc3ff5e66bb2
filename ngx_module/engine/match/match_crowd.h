/*
 * match_crowd.h - a search for the terms of a crowd, while it is done: where it
 * begins and what is put of it (match_crowd.c), the ways through the text
 * (match_crowd_walk.c).
 */

#ifndef MDR_MATCH_CROWD_H
#define MDR_MATCH_CROWD_H

#include "match_exact.h"
#include "match_verify.h"

/* the elements to a node are there; the next atom, and marks since the last
 * element.  other: a run of that went on, so that it is not the next one. */

typedef struct {
    uint32_t  node, atom;
    uint16_t  gap, other;
} mdr_crowd_state_t;

typedef struct {
    mdr_crowd_state_t  state;
    uint32_t           round;
} mdr_crowd_seen_t;

/* a term that was found, and its node */

typedef struct {
    uint32_t  term, node;
} mdr_crowd_found_t;

/* a term ends with atom `last`, for one of its users */

typedef struct {
    uint32_t  key;                      /* rule and group                    */
    uint32_t  user, last;
} mdr_crowd_hit_t;

struct mdr_crowd_work_s {
    mdr_crowd_state_t  *stack;          /* or of the next atom               */
    size_t              n, stack_cap;
    mdr_crowd_state_t  *now;            /* of the atom in hand               */
    size_t              nnow, now_cap;
    uint32_t           *done;           /* [nodes of the crowd] terms below
                                           that were found                   */
    size_t              done_cap;       /* all zero between searches         */
    mdr_crowd_seen_t   *seen;           /* a hash table, half of it free     */
    size_t              nseen, seen_cap;        /* 0 or a power of two       */
    uint32_t            round;
    mdr_crowd_found_t  *found;
    size_t              nfound, found_cap;
    uint32_t           *ends;           /* [terms of the crowd] behind the
                                           first atom where one ends; 0: it
                                           was not found                     */
    size_t              ends_cap;       /* all zero between searches         */
    mdr_crowd_hit_t    *hits;
    size_t              hits_cap;
};

/* a search: the trie of c at atom `first` of l, by the rules of p */

typedef struct {
    mdr_verify_t            *v;
    mdr_crowd_work_t        *x;
    const mdr_crowd_t       *c;
    const mdr_exact_line_t  *l;
    const mdr_profile_t     *p;
    size_t                   first;     /* atom where they begin             */
    size_t                   known;     /* atoms that were looked at         */
    size_t                   odd;       /* the first of those that may be
                                           skipped or not, or is several     */
    size_t                   most;      /* the last one that a hit may have  */
    int                      ended;     /* some term was at its end          */
    int                      repeat;
    int                      longest;   /* only the longest hit is wanted    */
    int                      whole;     /* a hit reaches as far as any may   */
    int                      stop;      /* there is nothing more to find     */
} mdr_crowd_search_t;


/* match_crowd_walk.c: all terms that begin at atom s->first, into x->found and
 * x->ends.  MDR_OK or MDR_ERROR */
int mdr_match_crowd_walk(mdr_crowd_search_t *s);

#endif
