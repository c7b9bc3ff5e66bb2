/*
 * ingest.h - segments of workers into store and ledger (the writer's own).
 */

#ifndef MDD_INGEST_H
#define MDD_INGEST_H

#include "moderationd/moderationd.h"

mdd_ingest_t *mdd_ingest_open(mdd_t *d, mdd_db_t *db);
void mdd_ingest_close(mdd_ingest_t *in);

/* 1: there may be something new (no transaction yet) */
int mdd_ingest_look(mdd_ingest_t *in);
/* a share of it, inside a transaction; *again: there is more */
int mdd_ingest_some(mdd_ingest_t *in, mdd_tx_t *tx, int *again);
/* after the commit or the rollback */
void mdd_ingest_settle(mdd_ingest_t *in, int committed);
/* after a checkpoint: segments that may go now */
void mdd_ingest_signed(mdd_ingest_t *in, mdd_db_t *db);

#endif
