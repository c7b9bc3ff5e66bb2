/*
 * replay.h - rows from leaves: a store that is older than the ledger (a backup
 * that was put back), or gone.
 *
 * Rows are made by the same functions as when the lines came.  What is private
 * is not in the ledger and does not come back.
 */

#ifndef MDD_REPLAY_H
#define MDD_REPLAY_H

#include "ledger_in.h"

/* who keeps tables of its own that follow from events (review, orders ...) is
 * told of each, in order, inside the transaction; pub: the public half */
typedef int (*mdd_replay_pt)(mdd_tx_t *tx, const char *type, int64_t time,
    const char *pub, size_t npub);
void mdd_replay_hook(mdd_replay_pt run);

/* 1: the store does not know the log of that name */
int mdd_replay_needed(mdd_db_t *db, const char *name);
/* all leaves of all logs below root that the store does not have; last: what
 * was signed (its name empty: not known), whose root they must give.
 * MDD_REFUSED: they do not */
int mdd_replay_logs(mdd_t *d, mdd_db_t *db, int root,
    const mdd_logrow_t *last);

#endif
