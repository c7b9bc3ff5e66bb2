/*
 * ingest.c - segments of workers into store and ledger, each line once and in
 * order.
 *
 * What decides is (zone, place, n), kept in the same transaction as the rows:
 * a number that was taken is skipped, whatever file it comes from; a number
 * that is missing when a higher one comes is lost, and said so by a leaf of
 * its own.  That is safe because the folder is listed before segments are
 * read, segments of a place are read in order, and one is left for the next
 * only at its end: whatever was written before the next one was made has been
 * read by then.
 */

#include "ingest_in.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROUND_LINES   16384             /* of a transaction                   */
#define ROUND_BYTES   (10u << 20)
#define QUIET_MS      10000             /* then an unlocked segment is over   */


mdd_place_t *
mdd_ingest_place(mdd_ingest_t *in, mdd_db_t *db, const char *zone,
    uint64_t place)
{
    size_t         i, cap;
    mdd_st_t      *st;
    mdd_place_t   *p, **list;

    for (i = 0; i < in->nplaces; i++) {
        p = in->places[i];
        if (p->place == place && strcmp(p->zone, zone) == 0) {
            return p;
        }
    }

    if (in->nplaces == in->places_cap) {
        cap = in->places_cap ? in->places_cap * 2 : 16;
        list = realloc(in->places, cap * sizeof(in->places[0]));
        if (list == NULL) {
            return NULL;
        }
        in->places = list;
        in->places_cap = cap;
    }

    p = calloc(1, sizeof(mdd_place_t));
    if (p == NULL) {
        return NULL;
    }

    strcpy(p->zone, zone);
    p->place = place;

    st = mdd_query(db, MDD_SQL_PLACE_GET, "si", zone, (int64_t) place);
    if (mdd_step(st) == MDD_ROW) {
        p->next = p->work = (uint64_t) mdd_int(st, 0);
        p->ended = p->work_ended = mdd_int(st, 1) != 0;
    }
    if (mdd_end(st) != MDD_OK) {
        free(p);
        return NULL;
    }

    in->places[in->nplaces++] = p;

    return p;
}


mdd_ingest_t *
mdd_ingest_open(mdd_t *d, mdd_db_t *db)
{
    mdd_st_t      *st;
    mdd_seg_t     *seg;
    mdd_ingest_t  *in;

    in = calloc(1, sizeof(mdd_ingest_t));
    if (in == NULL) {
        return NULL;
    }

    in->d = d;
    in->spool.dir = -1;
    in->buf = malloc(MDD_READ_MAX);
    if (in->buf == NULL || mdd_spool_open(&in->spool, d->conf) != MDD_OK) {
        mdd_ingest_close(in);
        return NULL;
    }

    st = mdd_query(db, MDD_SQL_SEGMENT_ALL, "");
    while (mdd_step(st) == MDD_ROW) {
        seg = mdd_spool_add(&in->spool, mdd_text(st, 0));
        if (seg == NULL) {
            continue;
        }
        snprintf(seg->zone, sizeof(seg->zone), "%s", mdd_text(st, 1));
        seg->place = (uint64_t) mdd_int(st, 2);
        seg->inode = (uint64_t) mdd_int(st, 3);
        seg->pos = seg->work = mdd_int(st, 4);
        seg->log = mdd_int(st, 5);
        seg->leaf = mdd_int(st, 6);
        seg->time = mdd_int(st, 7);
        seg->done = seg->work_done = mdd_int(st, 8) != 0;
        seg->recorded = 1;
        seg->headed = seg->pos > 0;
        if (seg->done && seg->pos == 0) {
            seg->done = seg->work_done = 0;
        }
    }
    if (mdd_end(st) != MDD_OK) {
        mdd_say(MDD_ERR, "store: %s", mdd_db_error(db));
        mdd_ingest_close(in);
        return NULL;
    }

    return in;
}


void
mdd_ingest_close(mdd_ingest_t *in)
{
    if (in == NULL) {
        return;
    }

    while (in->nplaces > 0) {
        free(in->places[--in->nplaces]);
    }
    free(in->places);
    mdd_spool_close(&in->spool);
    free(in->buf);
    free(in);
}


int
mdd_ingest_look(mdd_ingest_t *in)
{
    size_t      i;
    int64_t     size, mtime, now;
    mdd_seg_t  *seg;

    if (mdd_spool_scan(&in->spool) != MDD_OK) {
        mdd_say(MDD_WARN, "spool: %s", strerror(errno));
        return 0;
    }

    now = mdd_clock_ms();

    for (i = 0; i < in->spool.n; i++) {
        seg = in->spool.segs[i];
        if (seg->done || seg->fd < 0) {
            continue;
        }
        size = mdd_seg_size(seg, &mtime);
        if (size > seg->pos && size != seg->seen) {
            return 1;
        }
        if (now > mtime + QUIET_MS && now > seg->tried + QUIET_MS) {
            return 1;
        }
    }

    return mdd_gap_due(in);
}


static int
order(const void *a, const void *b)
{
    int               c;
    const mdd_seg_t  *x = *(mdd_seg_t *const *) a;
    const mdd_seg_t  *y = *(mdd_seg_t *const *) b;

    c = strcmp(x->zone, y->zone);
    if (c != 0) {
        return c;
    }

#define CMP(m)  if (x->m != y->m) return x->m < y->m ? -1 : 1
    CMP(place);
    CMP(next);
    CMP(id.ms);
    CMP(id.pid);
    CMP(id.n);
#undef CMP

    return strcmp(x->name, y->name);
}


/* one segment to its end, or to the end of the share; *left: lines that may
 * still be read; MDD_DONE: it ended, MDD_ROW: there is more in it, MDD_REFUSED:
 * it cannot be read now, so that nothing is known of its end */

static int
read_segment(mdd_ingest_t *in, mdd_tx_t *tx, mdd_seg_t *seg, int *left)
{
    int       rc;
    char     *p, *end, *eol;
    ssize_t   n;

    for ( ;; ) {
        n = pread(seg->fd, in->buf, MDD_READ_MAX, (off_t) seg->work);
        if (n < 0) {
            mdd_say(MDD_WARN, "spool: %s: %s", seg->name, strerror(errno));
            return MDD_REFUSED;
        }

        p = in->buf;
        end = p + n;

        while ((eol = memchr(p, '\n', (size_t) (end - p))) != NULL) {
            if (*left == 0) {
                return MDD_ROW;
            }

            rc = mdd_take_line(in, tx, seg, p, (size_t) (eol - p));
            if (rc != MDD_OK) {
                return rc;
            }

            seg->work += eol + 1 - p;
            seg->touched = 1;
            p = eol + 1;
            (*left)--;
            if (seg->work_done) {
                return MDD_DONE;
            }
        }

        /* a line without an end that is longer than any may be */
        if (end - p > MDL_LINE_MAX) {
            rc = mdd_damaged(tx, seg, "too long");
            if (rc != MDD_OK) {
                return rc;
            }
            seg->work += end - p;
            seg->touched = 1;
            continue;
        }

        if (n < MDD_READ_MAX) {
            return MDD_DONE;
        }
    }
}


/* heads of those that have none yet, so that all can be put in order */

static int
read_heads(mdd_ingest_t *in)
{
    char        *eol;
    size_t       i;
    ssize_t      n;
    mdd_seg_t   *seg;
    mdd_head_t   head;
    mdd_line_t   line;

    for (i = 0; i < in->spool.n; i++) {
        seg = in->spool.segs[i];
        if (seg->fd < 0 || seg->done || seg->headed || seg->refused) {
            continue;
        }

        n = pread(seg->fd, in->buf, MDL_LINE_MAX, 0);
        if (n < 0) {
            mdd_say(MDD_WARN, "spool: %s: %s", seg->name, strerror(errno));
            return MDD_FAILED;
        }
        eol = n > 0 ? memchr(in->buf, '\n', (size_t) n) : NULL;
        if (eol == NULL && n < MDL_LINE_MAX) {
            continue;
        }

        if (eol == NULL
            || mdd_line_read(&line, in->buf, (size_t) (eol - in->buf))
               != MDD_OK
            || mdd_head_read(&head, &line) != MDD_OK
            || strcmp(head.segment, seg->name) != 0)
        {
            mdd_say(MDD_WARN, "spool: %s does not begin with its head: left "
                    "alone", seg->name);
            seg->refused = 1;
            continue;
        }

        strcpy(seg->zone, head.zone);
        seg->place = head.place;
        seg->next = head.next;
        seg->headed = 1;
    }

    return MDD_OK;
}


int
mdd_ingest_some(mdd_ingest_t *in, mdd_tx_t *tx, int *again)
{
    int         rc, left, stop;
    size_t      i;
    int64_t     now, size, mtime;
    mdd_seg_t  *seg, *last;

    *again = 0;

    /* where not all segments are known, what seems to be missing may stand in
     * another one */
    if (in->spool.failed || read_heads(in) != MDD_OK) {
        return MDD_OK;
    }

    if (in->spool.n > 0) {
        qsort(in->spool.segs, in->spool.n, sizeof(*in->spool.segs), order);
    }

    now = mdd_clock_ms();
    left = ROUND_LINES;
    stop = 0;
    last = NULL;

    for (i = 0; i < in->spool.n; i++) {
        seg = in->spool.segs[i];
        if (seg->fd < 0 || seg->done || !seg->headed) {
            continue;
        }

        /* the next of a place only behind the end of the one before */
        if (stop && last->place == seg->place
            && strcmp(last->zone, seg->zone) == 0)
        {
            continue;
        }
        stop = 0;
        last = seg;

        size = mdd_seg_size(seg, &mtime);
        seg->seen = size;
        in->closed = 0;
        if (now > mtime + QUIET_MS && !seg->ended) {
            seg->tried = now;
            in->closed = mdd_seg_closed(seg);
        }

        rc = left > 0 && mdd_ledger_waiting(in->d->ledger) < ROUND_BYTES
             ? read_segment(in, tx, seg, &left)
             : MDD_ROW;

        if (rc == MDD_ROW || rc == MDD_REFUSED) {
            stop = 1;
            seg->seen = -1;
            *again |= rc == MDD_ROW;
            continue;
        }

        if (rc != MDD_DONE) {
            return rc;
        }

        if (in->closed && !seg->work_done) {
            seg->work_done = 1;
            seg->touched = 1;
        }
    }

    rc = mdd_gaps(in, tx);

    return rc == MDD_OK ? mdd_ingest_save(in, tx) : rc;
}


void
mdd_ingest_settle(mdd_ingest_t *in, int committed)
{
    size_t        i;
    mdd_seg_t    *seg;
    mdd_place_t  *p;

    for (i = 0; i < in->spool.n; i++) {
        seg = in->spool.segs[i];
        if (!seg->touched) {
            continue;
        }

        seg->touched = 0;
        if (committed) {
            seg->pos = seg->work;
            seg->done = seg->work_done;
            seg->recorded = 1;
        } else {
            seg->work = seg->pos;
            seg->work_done = seg->done;
            seg->ended = 0;
            seg->seen = -1;
        }

        if (seg->done && seg->fd >= 0) {
            close(seg->fd);
            seg->fd = -1;
        }
    }

    for (i = 0; i < in->nplaces; i++) {
        p = in->places[i];
        if (committed) {
            p->next = p->work;
            p->ended = p->work_ended;
        } else {
            p->work = p->next;
            p->work_ended = p->ended;
        }
        p->lost = 0;
        p->touched = 0;
    }
}


void
mdd_ingest_signed(mdd_ingest_t *in, mdd_db_t *db)
{
    int         gone;
    size_t      i;
    int64_t     now;
    mdd_seg_t  *seg;

    now = mdd_now(in->d);
    if (now < in->swept + 10000) {
        return;
    }
    in->swept = now;
    gone = 0;

    for (i = 0; i < in->spool.n; ) {
        seg = in->spool.segs[i];

        /* known from the ledger alone, or taken away by somebody */
        if (!in->spool.failed && in->spool.looked != 0 && !seg->done
            && seg->fd < 0 && !seg->listed && now > seg->time + in->d->conf->spool_keep_ms)
        {
            (void) mdd_run(db, MDD_SQL_SEGMENT_DELETE, "s", seg->name);
            mdd_spool_drop(&in->spool, i);
            continue;
        }

        if (!seg->done || now < seg->time + in->d->conf->spool_keep_ms
            || (seg->log == mdd_ledger_log(in->d->ledger)
                && (uint64_t) seg->leaf >= mdd_ledger_signed(in->d->ledger))
            || mdd_seg_remove(&in->spool, seg) != MDD_OK)
        {
            i++;
            continue;
        }

        (void) mdd_run(db, MDD_SQL_SEGMENT_DELETE, "s", seg->name);
        mdd_spool_drop(&in->spool, i);
        if (++gone == 64) {
            break;
        }
    }
}
