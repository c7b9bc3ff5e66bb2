/*
 * spool.h - the folder of segments: which there are, which are fit to be read,
 * which may go.
 *
 * Nothing in this folder is trusted: a worker can put what it likes there.  A
 * segment is a regular file with one name, of that form, owned by the workers'
 * user; anything else is left alone and counted.
 */

#ifndef MDD_SPOOL_H
#define MDD_SPOOL_H

#include "lines.h"

#include "ledger/line.h"

typedef struct mdd_seg_s  mdd_seg_t;

struct mdd_seg_s {
    char           name[MDL_SEGMENT_MAX];
    mdl_segment_t  id;
    int            fd;
    uint64_t       inode;
    int            listed;              /* seen in the folder                 */

    /* as committed, and as the transaction under way has it */
    int64_t        pos, work;
    int            done, work_done;

    int            headed;              /* zone ... are known                 */
    int            recorded;            /* its head is in the ledger          */
    int            ended, damaged;
    char           zone[33];
    uint64_t       place, next;
    int64_t        log, leaf, time;     /* of its last line                   */
    int            touched;
    int            refused;             /* no segment of ours                 */
    int64_t        seen, tried;         /* size, and when its lock was asked  */
};

typedef struct {
    int            dir;
    int64_t        workers;             /* uid; -1: see owner_ok              */
    int64_t        mtime_ns, looked;
    mdd_seg_t    **segs;
    size_t         n, cap;
    size_t         refused;
    int            failed;              /* the last look was not whole        */
    char          *warned;              /* the last name complained of        */
} mdd_spool_t;

int mdd_spool_open(mdd_spool_t *s, const mdd_conf_t *conf);
void mdd_spool_close(mdd_spool_t *s);
mdd_seg_t *mdd_spool_add(mdd_spool_t *s, const char *name);
/* new names; opened where they are not done */
int mdd_spool_scan(mdd_spool_t *s);
/* size of a segment that is open; -1: it is gone */
int64_t mdd_seg_size(mdd_seg_t *seg, int64_t *mtime_ms);
/* 1: nobody writes to it any more */
int mdd_seg_closed(mdd_seg_t *seg);
/* takes it away under the lock; MDD_REFUSED: somebody has it, or it has grown;
 * MDD_OK: it is gone */
int mdd_seg_remove(mdd_spool_t *s, mdd_seg_t *seg);
void mdd_spool_drop(mdd_spool_t *s, size_t i);

#endif
