/*
 * replay.h - rows from leaves: a store that is older than the ledger (a backup
 * that was put back), or gone.
 *
 * Rows of lines are made by the same functions as when they came; what people
 * and the clock did is done again as their leaves say it (did.h).  What is
 * private is not in the ledger: it comes back where its row is in `private`.
 */

#ifndef MDD_REPLAY_H
#define MDD_REPLAY_H

#include "ledger_in.h"

/* 1: the store does not know the log of that name */
int mdd_replay_needed(mdd_db_t *db, const char *name);
/* all leaves of all logs below root that the store does not have; last: what
 * was signed (its name empty: not known), whose root they must give.
 * MDD_REFUSED: they do not */
int mdd_replay_logs(mdd_t *d, mdd_db_t *db, int root,
    const mdd_logrow_t *last);

#endif
