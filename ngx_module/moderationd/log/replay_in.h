/*
 * replay_in.h - what replay.c (a leaf) and replay_logs.c (all of them) share.
 */

#ifndef MDD_REPLAY_IN_H
#define MDD_REPLAY_IN_H

#include "moderationd/ingest/lines.h"
#include "replay.h"

#define MDD_RPLACES  1024

typedef struct {
    char       zone[33];
    int64_t    place, next, lost, last, seen, ended;
} mdd_rplace_t;

typedef struct {
    mdd_t               *d;
    mdd_db_t            *db;
    int                  dir;
    int                  rows;          /* the second time                    */
    mdd_logrow_t         row;
    int64_t              events;
    mdd_tree_t           tree;
    mdd_rplace_t             *places;
    size_t               nplaces;
    /* of the segment before */
    char                 src[128], zone[33];
    int64_t              place;
} mdd_rstate_t;

/* rows of one leaf, the last of r->tree */
int mdd_replay_leaf(mdd_rstate_t *r, const char *p, size_t size);
/* positions of places, to the store */
int mdd_replay_places(mdd_rstate_t *r);

#endif
