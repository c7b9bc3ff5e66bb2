/*
 * gap.c - zones that ended without saying so: a power cut, a killed master.
 *
 * While a zone lives its rings do, and every missing line has a number.  Where
 * the zone itself is gone nobody knows what was in its rings: the record says
 * from when to when it may be incomplete.  A zone is over when none of its
 * segments is open any more; it ended in order where the last segment of each
 * place did.
 */

#include "ingest_in.h"

#include <stdio.h>
#include <string.h>

#define LOOK_MS     5000
#define SILENT_MS   600000              /* without a newer zone               */


int
mdd_gap_due(mdd_ingest_t *in)
{
    return mdd_now(in->d) > in->gap_at + LOOK_MS;
}


static int
open_segments(const mdd_ingest_t *in, const char *zone)
{
    size_t             i;
    const mdd_seg_t   *seg;

    for (i = 0; i < in->spool.n; i++) {
        seg = in->spool.segs[i];
        if (seg->fd >= 0 && !seg->work_done && seg->headed
            && strcmp(seg->zone, zone) == 0)
        {
            return 1;
        }
    }

    return 0;
}


int
mdd_gaps(mdd_ingest_t *in, mdd_tx_t *tx)
{
    int        n, i;
    char       zones[16][33], pub[256];
    int64_t    last[16], to;
    mdd_st_t  *st;

    if (!mdd_gap_due(in)) {
        return MDD_OK;
    }
    in->gap_at = mdd_now(in->d);

    n = 0;
    st = mdd_query(tx->db, MDD_SQL_ZONE_OPEN, "");
    while (n < 16 && mdd_step(st) == MDD_ROW) {
        snprintf(zones[n], sizeof(zones[n]), "%s", mdd_text(st, 0));
        last[n++] = mdd_int(st, 1);
    }
    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    for (i = 0; i < n; i++) {
        if (open_segments(in, zones[i])) {
            continue;
        }

        /* until the next zone of this node began */
        to = mdd_one(tx->db, 0, MDD_SQL_ZONE_NEXT, "is", last[i], zones[i]);
        if (to == 0) {
            if (tx->now < last[i] + SILENT_MS) {
                continue;
            }
            to = tx->now;
        }

        snprintf(pub, sizeof(pub), "{\"zone\":\"%.32s\",\"from\":%lld,"
                 "\"to\":%lld}", zones[i], (long long) last[i],
                 (long long) to);
        if (mdd_event(tx, "gap", pub, NULL) != MDD_OK
            || mdd_run(tx->db, MDD_SQL_ZONE_GAP, "is", to, zones[i]) < 0)
        {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}
