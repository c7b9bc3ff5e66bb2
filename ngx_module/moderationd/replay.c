/*
 * replay.c - rows from leaves (see replay.h).
 */

#include "replay.h"


int
mdd_replay_needed(mdd_db_t *db, const char *name)
{
    return mdd_one(db, 0, MDD_SQL_LOG_NAMED, "s", name) == 0;
}


int
mdd_replay_logs(mdd_t *d, mdd_db_t *db, int root, const mdd_logrow_t *last)
{
    (void) d;
    (void) db;
    (void) root;
    (void) last;

    return MDD_REFUSED;
}
