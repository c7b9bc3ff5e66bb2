/*
 * ledger.h - the log of this year: leaves to tiles, checkpoints.
 *
 * Used by the writer alone, and in one order: leaves are added while a
 * transaction runs, flushed (on the disk in tiles) before it commits, and
 * signed after it, so that a signature never speaks of what could still be
 * undone.  What was flushed for a transaction that did not commit is cut off.
 */

#ifndef MDD_LEDGER_H
#define MDD_LEDGER_H

#include "moderationd/moderationd.h"
#include "tree.h"

#define MDD_LEAF_MAX  65535         /* C2SP tlog-tiles: a 16-bit length       */

typedef struct { size_t bytes, leaves; } mdd_mark_t;

/* opens the log of the year, catches up a store that is older than the tiles,
 * begins a new log where that is impossible or the year is new */
mdd_ledger_t *mdd_ledger_open(mdd_t *d, mdd_db_t *db);
void mdd_ledger_close(mdd_ledger_t *l);

/* inside a transaction */
int mdd_ledger_add(mdd_ledger_t *l, const void *leaf, size_t n);
mdd_mark_t mdd_ledger_mark(const mdd_ledger_t *l);
void mdd_ledger_cut(mdd_ledger_t *l, mdd_mark_t mark);
int64_t mdd_ledger_log(const mdd_ledger_t *l);
/* index that the next leaf gets */
uint64_t mdd_ledger_next(const mdd_ledger_t *l);
/* leaves waiting, bytes of them */
size_t mdd_ledger_waiting(const mdd_ledger_t *l);

/* waiting leaves to the disk, their number and root to db */
int mdd_ledger_flush(mdd_ledger_t *l, mdd_db_t *db);
/* after the commit, or after a rollback; MDD_FAILED: the tiles cannot be read,
 * no change may be made until a later call succeeds */
int mdd_ledger_settle(mdd_ledger_t *l, int committed);

/* a checkpoint for what is committed, if it is not signed */
int mdd_ledger_sign(mdd_ledger_t *l);
uint64_t mdd_ledger_signed(const mdd_ledger_t *l);

/* a new year: signs the old log, begins the next in db (a transaction of its
 * own) */
int mdd_ledger_year(mdd_ledger_t *l, mdd_db_t *db);

#endif
