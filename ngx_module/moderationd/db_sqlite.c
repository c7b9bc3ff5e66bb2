/*
 * db_sqlite.c - the driver for SQLite: WAL, synchronous FULL, STRICT tables,
 * versions by user_version.
 *
 * A connection belongs to one thread at a time.  A statement of sql.h is kept
 * prepared; a failure in any call of it is remembered until mdd_end.
 */

#include "moderationd.h"

#include <sqlite3.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


struct mdd_st_s {
    mdd_db_t       *db;
    sqlite3_stmt   *st;
    int             once;           /* made at run time                       */
    int             failed;
    int             busy;
};

struct mdd_db_s {
    sqlite3        *db;
    mdd_st_t        kept[MDD_SQL_MAX];
    mdd_st_t        bad;
    char            error[256];
};


static const char *const texts[] = {
#define S(name, text)  text,
#include "sql.h"
#undef S
};


static void
note(mdd_db_t *db, const char *what)
{
    snprintf(db->error, sizeof(db->error), "%s: %s", what,
             sqlite3_errmsg(db->db));
}


const char *
mdd_db_error(mdd_db_t *db)
{
    return db->error;
}


int
mdd_db_exec(mdd_db_t *db, const char *sql)
{
    if (sqlite3_exec(db->db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        note(db, "exec");
        return MDD_FAILED;
    }

    return MDD_OK;
}


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
        note(db, "version");
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


/* keep: SQLITE_STATIC where the caller's bytes outlive the statement's use,
 * which saves a copy of each */

static void
bind(mdd_st_t *st, const char *types, va_list ap,
    sqlite3_destructor_type keep)
{
    int          i, rc;
    size_t       n;
    const void  *p;

    for (i = 1; *types != '\0' && !st->failed; types++, i++) {

        switch (*types) {
        case 'i':
            rc = sqlite3_bind_int64(st->st, i, va_arg(ap, int64_t));
            break;
        case 'd':
            rc = sqlite3_bind_double(st->st, i, va_arg(ap, double));
            break;
        case 's':
            p = va_arg(ap, const char *);
            rc = sqlite3_bind_text(st->st, i, p, -1, keep);
            break;
        case 't':
            p = va_arg(ap, const char *);
            n = va_arg(ap, size_t);
            rc = sqlite3_bind_text64(st->st, i, p, n, keep,
                                     SQLITE_UTF8);
            break;
        case 'b':
            p = va_arg(ap, const void *);
            n = va_arg(ap, size_t);
            rc = sqlite3_bind_blob64(st->st, i, p, n, keep);
            break;
        default:
            rc = sqlite3_bind_null(st->st, i);
        }

        if (rc != SQLITE_OK) {
            note(st->db, sqlite3_sql(st->st));
            st->failed = 1;
        }
    }

    if (!st->failed && i - 1 != sqlite3_bind_parameter_count(st->st)) {
        snprintf(st->db->error, sizeof(st->db->error), "%s: %d arguments",
                 sqlite3_sql(st->st), i - 1);
        st->failed = 1;
    }
}


static mdd_st_t *
failed(mdd_db_t *db, const char *what)
{
    note(db, what);
    db->bad.db = db;
    db->bad.failed = 1;

    return &db->bad;
}


static mdd_st_t *
kept(mdd_db_t *db, mdd_sql_t sql)
{
    mdd_st_t  *st;

    st = &db->kept[sql];

    if (st->st == NULL) {
        if (sqlite3_prepare_v3(db->db, texts[sql], -1,
                               SQLITE_PREPARE_PERSISTENT, &st->st, NULL)
            != SQLITE_OK)
        {
            return failed(db, texts[sql]);
        }
        st->db = db;
    }

    if (st->busy) {
        snprintf(db->error, sizeof(db->error), "%s: under way already",
                 texts[sql]);
        db->bad.db = db;
        db->bad.failed = 1;
        return &db->bad;
    }

    st->busy = 1;
    st->failed = 0;

    return st;
}


mdd_st_t *
mdd_query(mdd_db_t *db, mdd_sql_t sql, const char *types, ...)
{
    va_list    ap;
    mdd_st_t  *st;

    st = kept(db, sql);
    if (!st->failed) {
        va_start(ap, types);
        bind(st, types, ap, SQLITE_TRANSIENT);
        va_end(ap);
    }

    return st;
}


mdd_st_t *
mdd_query_text(mdd_db_t *db, const char *sql, const char *types, ...)
{
    va_list    ap;
    mdd_st_t  *st;

    st = calloc(1, sizeof(mdd_st_t));
    if (st == NULL) {
        return failed(db, "no memory");
    }

    st->db = db;
    st->once = 1;

    if (sqlite3_prepare_v2(db->db, sql, -1, &st->st, NULL) != SQLITE_OK) {
        free(st);
        return failed(db, sql);
    }

    va_start(ap, types);
    bind(st, types, ap, SQLITE_TRANSIENT);
    va_end(ap);

    return st;
}


int
mdd_step(mdd_st_t *st)
{
    int  rc;

    if (st->failed) {
        return MDD_FAILED;
    }

    rc = sqlite3_step(st->st);

    if (rc == SQLITE_ROW) {
        return MDD_ROW;
    }

    if (rc != SQLITE_DONE) {
        note(st->db, sqlite3_sql(st->st));
        st->failed = 1;
        return MDD_FAILED;
    }

    return MDD_DONE;
}


int
mdd_end(mdd_st_t *st)
{
    int  rc;

    rc = st->failed ? MDD_FAILED : MDD_OK;

    if (st == &st->db->bad) {
        return rc;
    }

    if (st->once) {
        sqlite3_finalize(st->st);
        free(st);
        return rc;
    }

    sqlite3_reset(st->st);
    sqlite3_clear_bindings(st->st);
    st->busy = 0;

    return rc;
}


int64_t
mdd_int(mdd_st_t *st, int col)
{
    return st->failed ? 0 : sqlite3_column_int64(st->st, col);
}


double
mdd_real(mdd_st_t *st, int col)
{
    return st->failed ? 0 : sqlite3_column_double(st->st, col);
}


const char *
mdd_text(mdd_st_t *st, int col)
{
    const char  *s;

    s = st->failed ? NULL : (const char *) sqlite3_column_text(st->st, col);

    return s != NULL ? s : "";
}


const void *
mdd_blob(mdd_st_t *st, int col, size_t *n)
{
    const void  *p;

    p = st->failed ? NULL : sqlite3_column_blob(st->st, col);
    *n = p == NULL ? 0 : (size_t) sqlite3_column_bytes(st->st, col);

    return p != NULL ? p : "";
}


int
mdd_null(mdd_st_t *st, int col)
{
    return st->failed || sqlite3_column_type(st->st, col) == SQLITE_NULL;
}


int64_t
mdd_run(mdd_db_t *db, mdd_sql_t sql, const char *types, ...)
{
    va_list    ap;
    mdd_st_t  *st;

    st = kept(db, sql);
    if (!st->failed) {
        va_start(ap, types);
        bind(st, types, ap, SQLITE_STATIC);
        va_end(ap);
    }

    while (mdd_step(st) == MDD_ROW) { /* void */ }

    return mdd_end(st) == MDD_OK ? sqlite3_changes64(db->db) : MDD_FAILED;
}


int64_t
mdd_one(mdd_db_t *db, int64_t none, mdd_sql_t sql, const char *types, ...)
{
    int64_t    v;
    va_list    ap;
    mdd_st_t  *st;

    st = kept(db, sql);
    if (!st->failed) {
        va_start(ap, types);
        bind(st, types, ap, SQLITE_STATIC);
        va_end(ap);
    }

    v = mdd_step(st) == MDD_ROW ? mdd_int(st, 0) : none;
    (void) mdd_end(st);

    return v;
}


int
mdd_db_begin(mdd_db_t *db)
{
    return mdd_db_exec(db, "BEGIN IMMEDIATE");
}


int
mdd_db_commit(mdd_db_t *db)
{
    return mdd_db_exec(db, "COMMIT");
}


void
mdd_db_rollback(mdd_db_t *db)
{
    if (!sqlite3_get_autocommit(db->db)) {
        (void) sqlite3_exec(db->db, "ROLLBACK", NULL, NULL, NULL);
    }
}


int
mdd_db_save(mdd_db_t *db)
{
    return mdd_db_exec(db, "SAVEPOINT change");
}


int
mdd_db_keep(mdd_db_t *db)
{
    return mdd_db_exec(db, "RELEASE change");
}


void
mdd_db_undo(mdd_db_t *db)
{
    (void) mdd_db_exec(db, "ROLLBACK TO change; RELEASE change");
}
