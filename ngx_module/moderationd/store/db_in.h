/*
 * db_in.h - a connection to SQLite, as db_sqlite.c and db_open.c see it.
 */

#ifndef MDD_DB_IN_H
#define MDD_DB_IN_H

#include "moderationd/moderationd.h"

#include <sqlite3.h>

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

/* what SQLite says of the last failure, kept for mdd_db_error */
void mdd_db_note(mdd_db_t *db, const char *what);

#endif
