/*
 * ingest.c - segments of workers into store and ledger.
 */

#include "ingest.h"

#include <stdlib.h>


struct mdd_ingest_s {
    mdd_t  *d;
};


mdd_ingest_t *
mdd_ingest_open(mdd_t *d, mdd_db_t *db)
{
    mdd_ingest_t  *in;

    (void) db;
    in = calloc(1, sizeof(mdd_ingest_t));
    if (in != NULL) {
        in->d = d;
    }

    return in;
}


void
mdd_ingest_close(mdd_ingest_t *in)
{
    free(in);
}


int
mdd_ingest_look(mdd_ingest_t *in)
{
    (void) in;

    return 0;
}


int
mdd_ingest_some(mdd_ingest_t *in, mdd_tx_t *tx, int *again)
{
    (void) in;
    (void) tx;
    *again = 0;

    return MDD_OK;
}


void
mdd_ingest_settle(mdd_ingest_t *in, int committed)
{
    (void) in;
    (void) committed;
}


void
mdd_ingest_signed(mdd_ingest_t *in, mdd_db_t *db)
{
    (void) in;
    (void) db;
}
