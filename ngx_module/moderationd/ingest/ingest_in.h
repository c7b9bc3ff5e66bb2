/*
 * ingest_in.h - what ingest.c (segments in order), take.c (one line) and gap.c
 * (zones that ended) share.
 */

#ifndef MDD_INGEST_IN_H
#define MDD_INGEST_IN_H

#include "ingest.h"
#include "moderationd/log/ledger.h"
#include "spool.h"

#define MDD_READ_MAX  (256 * 1024)

typedef struct {
    char        zone[33];
    uint64_t    place;
    /* the number that comes; as committed, and in the transaction under way */
    uint64_t    next, work;
    int         ended, work_ended;
    int64_t     lost, last;             /* in this transaction                */
    int64_t     seen;                   /* the latest time of its lines       */
    int         touched;
} mdd_place_t;

struct mdd_ingest_s {
    mdd_t          *d;
    mdd_spool_t     spool;
    mdd_place_t   **places;
    size_t          nplaces, places_cap;
    char           *buf;
    int             closed;
    int64_t         swept, gap_at;
};

mdd_place_t *mdd_ingest_place(mdd_ingest_t *in, mdd_db_t *db,
    const char *zone, uint64_t place);

/* take.c */
int mdd_take_line(mdd_ingest_t *in, mdd_tx_t *tx, mdd_seg_t *seg, char *p,
    size_t n);
int mdd_damaged(mdd_tx_t *tx, mdd_seg_t *seg, const char *why);
/* positions of what was touched, to the store */
int mdd_ingest_save(mdd_ingest_t *in, mdd_tx_t *tx);

/* gap.c */
int mdd_gap_due(mdd_ingest_t *in);
int mdd_gaps(mdd_ingest_t *in, mdd_tx_t *tx);

#endif
