/*
 * replay.h - rows from leaves: a store that is older than the ledger, or
 * gone.
 */

#ifndef MDD_REPLAY_H
#define MDD_REPLAY_H

#include "ledger_in.h"

/* 1: the store does not know the log of that name */
int mdd_replay_needed(mdd_db_t *db, const char *name);
/* all leaves of all logs below root that the store does not have; last: what
 * was signed, whose root they must give.  MDD_REFUSED: they do not */
int mdd_replay_logs(mdd_t *d, mdd_db_t *db, int root,
    const mdd_logrow_t *last);

#endif
