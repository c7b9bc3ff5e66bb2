/*
 * db.h - the store behind a driver: statements, rows, transactions.
 *
 * Statements stand in sql.h, in what SQLite and PostgreSQL both know, with
 * parameters $1 $2 ... in the order in which they come first.  Types of
 * arguments, a letter each:
 *
 *     i int64_t   s const char * (NULL: null)   t const char *, size_t
 *     b const void *, size_t   d double   n (null, no argument)
 *
 *     st = mdd_query(db, MDD_SQL_DECISION_BY_ID, "s", id);
 *     while (mdd_step(st) == MDD_ROW) { mdd_int(st, 0), mdd_text(st, 1) }
 *     if (mdd_end(st) != MDD_OK) ...      failures of all calls meet here
 *
 * mdd_query never returns NULL: a failure shows in step and end.  Statements
 * of sql.h are prepared once a connection, so one of them cannot be under way
 * twice; text made at run time is prepared each time.
 */

#ifndef MDD_DB_H
#define MDD_DB_H

#include <stddef.h>
#include <stdint.h>

typedef struct mdd_db_s  mdd_db_t;
typedef struct mdd_st_s  mdd_st_t;

#define MDD_ROW   1
#define MDD_DONE  0             /* step: MDD_ROW, MDD_DONE or MDD_FAILED      */

typedef enum {
#define S(name, text)  MDD_SQL_##name,
#include "sql.h"
#undef S
    MDD_SQL_MAX
} mdd_sql_t;

/* url: a file of SQLite.  make: created and brought to the newest version;
 * otherwise it must have it.  err is filled where NULL is returned */
mdd_db_t *mdd_db_open(const char *url, int make, int readonly, char *err,
    size_t size);
void mdd_db_close(mdd_db_t *db);
const char *mdd_db_error(mdd_db_t *db);

mdd_st_t *mdd_query(mdd_db_t *db, mdd_sql_t sql, const char *types, ...);
mdd_st_t *mdd_query_text(mdd_db_t *db, const char *sql, const char *types,
    ...);
int mdd_step(mdd_st_t *st);
int mdd_end(mdd_st_t *st);

/* columns of the row, from 0; valid until the next step.  A null is 0 or "" */
int64_t mdd_int(mdd_st_t *st, int col);
double mdd_real(mdd_st_t *st, int col);
const char *mdd_text(mdd_st_t *st, int col);
const void *mdd_blob(mdd_st_t *st, int col, size_t *n);
int mdd_null(mdd_st_t *st, int col);

/* no rows wanted: how many were changed, or MDD_FAILED */
int64_t mdd_run(mdd_db_t *db, mdd_sql_t sql, const char *types, ...);
/* the same with values of either kind; s NULL: i */
typedef struct {
    int64_t      i;
    const char  *s;
} mdd_val_t;
int64_t mdd_run_values(mdd_db_t *db, mdd_sql_t sql, const mdd_val_t *v, int n);
/* first column of the first row, or none */
int64_t mdd_one(mdd_db_t *db, int64_t none, mdd_sql_t sql, const char *types,
    ...);

/* a batch of commands without arguments */
int mdd_db_exec(mdd_db_t *db, const char *sql);
int mdd_db_begin(mdd_db_t *db);
int mdd_db_commit(mdd_db_t *db);
void mdd_db_rollback(mdd_db_t *db);
/* savepoints: one level */
int mdd_db_save(mdd_db_t *db);
int mdd_db_keep(mdd_db_t *db);
void mdd_db_undo(mdd_db_t *db);

/* a whole copy in a new file, while others write */
int mdd_db_backup(const char *url, const char *to, char *err, size_t size);
/* from another store of the same log: private parts, people, texts of rules,
 * what is still to be sent, what was learnt of counters */
int mdd_db_private(mdd_db_t *db, const char *from);
/* and of these what db has no leaf for goes; aliases become names */
int mdd_db_settle(mdd_db_t *db);

/* schema.c: the steps from an empty store to the newest version; in the texts
 * @int, @blob, @strict, and @keyed (a table that is its primary key's index)
 * stand for what the driver calls them */
extern const char *const  mdd_schema[];
extern const int          mdd_schema_version;

#endif
