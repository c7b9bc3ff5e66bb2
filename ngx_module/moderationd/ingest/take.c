/*
 * take.c - one line of a segment: is it new, what is missing before it, its
 * leaf, its rows.
 */

#include "moderationd/log/did.h"
#include "moderationd/log/event.h"
#include "ingest_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAMAGED_MAX  16                 /* then the rest of a segment is left */


int
mdd_damaged(mdd_tx_t *tx, mdd_seg_t *seg, const char *why)
{
    char  pub[256];

    seg->damaged++;
    seg->touched = 1;
    snprintf(pub, sizeof(pub), "{\"segment\":\"%s\",\"at\":%lld,"
             "\"why\":\"%s\"}", seg->name, (long long) seg->work, why);

    if (seg->damaged == DAMAGED_MAX) {
        mdd_say(MDD_WARN, "spool: %s: too much of it is no record: the rest "
                "is left", seg->name);
        seg->work_done = 1;
    }

    return mdd_event(tx, "damaged", pub, NULL);
}


/* first to last were never written, or cannot be read */

static int
lost(mdd_tx_t *tx, mdd_place_t *p, uint64_t first, uint64_t last)
{
    char  pub[256];

    snprintf(pub, sizeof(pub), "{\"zone\":\"%s\",\"place\":%llu,"
             "\"first\":%llu,\"last\":%llu}", p->zone,
             (unsigned long long) p->place, (unsigned long long) first,
             (unsigned long long) last);

    if (mdd_event(tx, "lost", pub, NULL) != MDD_OK) {
        return MDD_FAILED;
    }

    p->lost += (int64_t) (last - first + 1);

    return mdd_run(tx->db, MDD_SQL_LOST_ADD, "iisiiii", tx->log, tx->leaf - 1,
                   p->zone, (int64_t) p->place, (int64_t) first,
                   (int64_t) last, tx->now) < 0 ? MDD_FAILED : MDD_OK;
}


static int
up_to(mdd_tx_t *tx, mdd_place_t *p, uint64_t n)
{
    int  rc;

    if (n <= p->work) {
        return MDD_OK;
    }

    rc = lost(tx, p, p->work, n - 1);
    p->work = n;
    p->touched = 1;

    return rc;
}


static int
take_head(mdd_ingest_t *in, mdd_tx_t *tx, mdd_seg_t *seg,
    const mdd_line_t *line, const char *p, size_t n)
{
    int           rc;
    mdd_head_t    head;
    mdd_place_t  *place;

    if (mdd_head_read(&head, line) != MDD_OK || seg->work != 0) {
        return mdd_damaged(tx, seg, "a second head");
    }

    place = mdd_ingest_place(in, tx->db, seg->zone, seg->place);
    if (place == NULL) {
        return MDD_FAILED;
    }

    if (seg->recorded) {
        return MDD_OK;
    }

    rc = mdd_leaf_add(tx, seg->name, (int64_t) head.next, p, n, NULL, 0);
    if (rc == MDD_OK) {
        rc = mdd_head_rows(tx, &head, (int64_t) line->time);
    }
    if (rc == MDD_OK) {
        rc = up_to(tx, place, head.next);
    }

    place->work_ended = 0;
    place->last = (int64_t) line->time;
    place->seen = place->last > place->seen ? place->last : place->seen;
    place->touched = 1;
    seg->log = tx->log;
    seg->leaf = tx->leaf - 1;
    seg->time = tx->now;

    return rc;
}


int
mdd_take_line(mdd_ingest_t *in, mdd_tx_t *tx, mdd_seg_t *seg, char *p,
    size_t n)
{
    int           rc;
    size_t        pub, at, npriv;
    mdd_line_t    line;
    mdd_place_t  *place;

    if (n >= MDL_LINE_MAX || mdl_line_split(p, n, &pub, &at, &npriv) != 0
        || mdd_line_read(&line, p, n) != MDD_OK)
    {
        return mdd_damaged(tx, seg, "no line");
    }

    if (line.type == MDL_HEAD) {
        return take_head(in, tx, seg, &line, p, n);
    }

    place = mdd_ingest_place(in, tx->db, seg->zone, seg->place);
    if (place == NULL) {
        return MDD_FAILED;
    }

    if (line.number < place->work) {
        if (line.type == MDL_END) {
            seg->ended = 1;
            seg->work_done = 1;
        }
        return MDD_OK;
    }

    rc = up_to(tx, place, line.number);
    if (rc != MDD_OK) {
        return rc;
    }

    /* the public half as written, and the brace that ended the whole */
    if (npriv > 0) {
        p[pub++] = '}';
    }

    rc = mdd_line_rows(tx, &line, tx->d->conf->node, seg->zone, p, pub);
    if (rc == MDD_OK) {
        rc = mdd_leaf_add(tx, seg->name, (int64_t) line.number, p, pub,
                          npriv > 0 ? p + at : NULL, npriv);
    }

    place->work = line.number + 1;
    place->work_ended = line.type == MDL_END;
    place->last = (int64_t) line.time;
    place->seen = place->last > place->seen ? place->last : place->seen;
    place->touched = 1;
    seg->log = tx->log;
    seg->leaf = tx->leaf - 1;
    seg->time = tx->now;

    if (rc == MDD_OK && mdd_did_much()) {
        rc = mdd_did_end(tx);
    }

    if (line.type == MDL_END) {
        seg->ended = 1;
        seg->work_done = 1;
    }

    return rc;
}


int
mdd_ingest_save(mdd_ingest_t *in, mdd_tx_t *tx)
{
    size_t        i;
    mdd_seg_t    *seg;
    mdd_place_t  *p;

    for (i = 0; i < in->spool.n; i++) {
        seg = in->spool.segs[i];
        if (seg->touched
            && mdd_run(tx->db, MDD_SQL_SEGMENT_PUT, "ssiiiiiii", seg->name,
                       seg->zone, (int64_t) seg->place, (int64_t) seg->inode,
                       seg->work, seg->log, seg->leaf, seg->time,
                       (int64_t) seg->work_done) < 0)
        {
            return MDD_FAILED;
        }
    }

    for (i = 0; i < in->nplaces; i++) {
        p = in->places[i];
        if (p->touched
            && (mdd_run(tx->db, MDD_SQL_PLACE_PUT, "siiiii", p->zone,
                        (int64_t) p->place, (int64_t) p->work, p->lost,
                        p->last, (int64_t) p->work_ended) < 0
                || mdd_run(tx->db, MDD_SQL_ZONE_SEEN, "is", p->seen, p->zone)
                   < 0))
        {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}
