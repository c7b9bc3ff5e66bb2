/*
 * db_copy.c - a store copied whole while it is written to (SQLite's backup),
 * and private parts taken over into a new one.
 */

#include "moderationd/moderationd.h"

#include <sqlite3.h>

#include <stdio.h>
#include <unistd.h>

#define PAGES  1000                     /* between looks for other writers    */


int
mdd_db_backup(const char *url, const char *to, char *err, size_t size)
{
    int               rc;
    sqlite3          *from, *copy;
    sqlite3_backup   *b;

    if (access(to, F_OK) == 0) {
        snprintf(err, size, "%s is there already", to);
        return MDD_FAILED;
    }

    copy = NULL;
    rc = sqlite3_open_v2(url, &from, SQLITE_OPEN_READONLY, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_open_v2(to, &copy, SQLITE_OPEN_READWRITE
                             | SQLITE_OPEN_CREATE, NULL);
    }

    b = rc == SQLITE_OK ? sqlite3_backup_init(copy, "main", from, "main")
                        : NULL;
    while (b != NULL && (rc = sqlite3_backup_step(b, PAGES)) != SQLITE_DONE
           && (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED))
    {
        if (rc != SQLITE_OK) {
            sqlite3_sleep(20);
        }
    }
    if (b != NULL) {
        rc = sqlite3_backup_finish(b);
    }

    if (b == NULL || rc != SQLITE_OK) {
        snprintf(err, size, "%s: %s", copy != NULL ? to : url,
                 sqlite3_errmsg(copy != NULL ? copy : from));
        rc = MDD_FAILED;
    } else {
        rc = MDD_OK;
    }

    sqlite3_close(copy);
    sqlite3_close(from);

    return rc;
}


/* tables of what is in no leaf.  Names, texts of rules, what waits to be sent,
 * what was learnt, what pictures were: as it was */

int
mdd_db_private(mdd_db_t *db, const char *from)
{
    int        rc = MDD_OK;
    char       sql[160];
    size_t     i;
    mdd_st_t  *st;

    static const char *const  tables[] = {
        "private", "person", "rule_text", "outbox", "baseline", "cover"
    };

    if (access(from, R_OK) != 0) {
        return MDD_FAILED;
    }

    st = mdd_query_text(db, "ATTACH $1 AS old", "s", from);
    (void) mdd_step(st);
    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    for (i = 0; i < sizeof(tables) / sizeof(tables[0]) && rc == MDD_OK; i++) {
        snprintf(sql, sizeof(sql), "INSERT INTO %s SELECT * FROM old.%s",
                 tables[i], tables[i]);
        rc = mdd_db_exec(db, sql);
    }
    (void) mdd_db_exec(db, "DETACH old");

    return rc;
}


/* a person whose private half is gone has an alias in the row yet */

int
mdd_db_settle(mdd_db_t *db)
{
    int     rc;
    char    sql[256];
    size_t  i;

    static const char *const  people[][2] = {
        { "review", "person" }, { "account", "person" },
        { "orders", "person" }, { "orders", "confirmed" },
        { "orders", "lifted" }, { "switches", "person" },
        { "signature", "person" }, { "signature", "second" },
        { "handover", "person" }, { "handover", "taken" },
        { "casefile", "person" }, { "alarm", "person" },
        { "mute", "person" }, { "gold", "person" }
    };

    rc = mdd_db_exec(db, "DELETE FROM private WHERE NOT EXISTS (SELECT 1 "
                     "FROM log l WHERE l.log = private.log "
                     "AND l.size > private.leaf)");

    for (i = 0; i < sizeof(people) / sizeof(people[0]) && rc == MDD_OK; i++) {
        snprintf(sql, sizeof(sql), "UPDATE %s SET %s = (SELECT p.name FROM "
                 "person p WHERE p.alias = %s) WHERE %s IN (SELECT alias "
                 "FROM person)", people[i][0], people[i][1], people[i][1],
                 people[i][1]);
        rc = mdd_db_exec(db, sql);
    }

    return rc;
}
