/*
 * db_open.c - a connection to SQLite: WAL, synchronous FULL, STRICT tables;
 * the schema brought to the newest version, which user_version names.
 */

#include "db_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* the text of a step with this driver's words */

static char *
words(const char *s)
{
    mdd_buf_t  b = { 0 };

    while (*s != '\0') {
        if (strncmp(s, "@int", 4) == 0) {
            mdd_buf_str(&b, "INTEGER");
            s += 4;
        } else if (strncmp(s, "@blob", 5) == 0) {
            mdd_buf_str(&b, "BLOB");
            s += 5;
        } else if (strncmp(s, "@strict", 7) == 0) {
            mdd_buf_str(&b, "STRICT");
            s += 7;
        } else if (strncmp(s, "@keyed", 6) == 0) {
            mdd_buf_str(&b, "STRICT, WITHOUT ROWID");
            s += 6;
        } else {
            mdd_buf_add(&b, s++, 1);
        }
    }

    mdd_buf_add(&b, "", 1);
    if (b.bad) {
        mdd_buf_free(&b);
        return NULL;
    }

    return b.p;
}


static int
version(mdd_db_t *db)
{
    int            v;
    sqlite3_stmt  *st;

    v = -1;
    if (sqlite3_prepare_v2(db->db, "PRAGMA user_version", -1, &st, NULL)
        == SQLITE_OK)
    {
        if (sqlite3_step(st) == SQLITE_ROW) {
            v = sqlite3_column_int(st, 0);
        }
        sqlite3_finalize(st);
    }

    return v;
}


static int
migrate(mdd_db_t *db, int make)
{
    int    v, ok;
    char   set[64], *sql;

    v = version(db);
    if (v < 0) {
        mdd_db_note(db, "version");
        return MDD_FAILED;
    }

    if (v > mdd_schema_version) {
        snprintf(db->error, sizeof(db->error), "the store has version %d, "
                 "this program knows %d", v, mdd_schema_version);
        return MDD_FAILED;
    }

    if (v < mdd_schema_version && !make) {
        snprintf(db->error, sizeof(db->error), "the store has version %d, "
                 "moderationd has to bring it to %d first", v,
                 mdd_schema_version);
        return MDD_FAILED;
    }

    for ( ; v < mdd_schema_version; v++) {
        sql = words(mdd_schema[v]);
        snprintf(set, sizeof(set), "PRAGMA user_version = %d", v + 1);

        ok = sql != NULL && mdd_db_begin(db) == MDD_OK
             && mdd_db_exec(db, sql) == MDD_OK
             && mdd_db_exec(db, set) == MDD_OK && mdd_db_commit(db) == MDD_OK;
        free(sql);
        if (!ok) {
            mdd_db_rollback(db);
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}


mdd_db_t *
mdd_db_open(const char *url, int make, int readonly, char *err, size_t size)
{
    int        flags;
    mdd_db_t  *db;

    db = calloc(1, sizeof(mdd_db_t));
    if (db == NULL) {
        snprintf(err, size, "no memory");
        return NULL;
    }

    /* statistics of memory are a lock around each malloc of all threads; too
     * late once SQLite has begun, which does no harm */
    (void) sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

    /* a reader of a WAL file writes its index: read-only is a matter of
     * query_only */
    flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
            | (make ? SQLITE_OPEN_CREATE : 0);

    if (sqlite3_open_v2(url, &db->db, flags, NULL) != SQLITE_OK
        || sqlite3_busy_timeout(db->db, 10000) != SQLITE_OK
        || mdd_db_exec(db, "PRAGMA journal_mode = WAL;"
                           "PRAGMA synchronous = FULL;"
                           "PRAGMA foreign_keys = ON;"
                           "PRAGMA trusted_schema = OFF;"
                           "PRAGMA secure_delete = ON;"
                           "PRAGMA cache_size = -24000;"
                           "PRAGMA wal_autocheckpoint = 8000;"
                           "PRAGMA temp_store = MEMORY;") != MDD_OK
        || migrate(db, make) != MDD_OK
        || (readonly && mdd_db_exec(db, "PRAGMA cache_size = -2000;"
                                        "PRAGMA query_only = ON") != MDD_OK))
    {
        snprintf(err, size, "%s: %s", url, db->error[0] != '\0' ? db->error
                 : db->db != NULL ? sqlite3_errmsg(db->db) : "no memory");
        mdd_db_close(db);
        return NULL;
    }

    sqlite3_db_config(db->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);

    return db;
}


void
mdd_db_close(mdd_db_t *db)
{
    size_t  i;

    if (db == NULL) {
        return;
    }

    for (i = 0; i < MDD_SQL_MAX; i++) {
        sqlite3_finalize(db->kept[i].st);
    }

    sqlite3_close(db->db);
    free(db);
}
