/*
 * db_sqlite.c - the driver for SQLite: statements, rows, transactions.
 *
 * A connection belongs to one thread at a time.  A statement of sql.h is kept
 * prepared; a failure in any call of it is remembered until mdd_end.
 */

#include "db_in.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static const char *const texts[] = {
#define S(name, text)  text,
#include "sql.h"
#undef S
};


void
mdd_db_note(mdd_db_t *db, const char *what)
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
        mdd_db_note(db, "exec");
        return MDD_FAILED;
    }

    return MDD_OK;
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
            mdd_db_note(st->db, sqlite3_sql(st->st));
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
    mdd_db_note(db, what);
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
        mdd_db_note(st->db, sqlite3_sql(st->st));
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


/* runs it to its end; rows that it changed, or MDD_FAILED */

static int64_t
changed(mdd_st_t *st)
{
    sqlite3  *db = st->db->db;

    while (mdd_step(st) == MDD_ROW) { /* void */ }

    return mdd_end(st) == MDD_OK ? sqlite3_changes64(db) : MDD_FAILED;
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

    return changed(st);
}


int64_t
mdd_run_values(mdd_db_t *db, mdd_sql_t sql, const mdd_val_t *v, int n)
{
    int        i, rc;
    mdd_st_t  *st;

    st = kept(db, sql);

    for (i = 0; i < n && !st->failed; i++) {
        rc = v[i].s != NULL
             ? sqlite3_bind_text(st->st, i + 1, v[i].s, -1, SQLITE_STATIC)
             : sqlite3_bind_int64(st->st, i + 1, v[i].i);

        if (rc != SQLITE_OK) {
            mdd_db_note(db, sqlite3_sql(st->st));
            st->failed = 1;
        }
    }

    if (!st->failed && n != sqlite3_bind_parameter_count(st->st)) {
        snprintf(db->error, sizeof(db->error), "%s: %d arguments",
                 sqlite3_sql(st->st), n);
        st->failed = 1;
    }

    return changed(st);
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
