/*
 * daemon_store.c - changes, events, erasure, holds and retention through the
 * writer, without HTTP: what is refused leaves nothing, what is told is on the
 * disk, what is erased is in no file.
 */

#include "test.h"

#include "moderationd/log/ledger.h"
#include "moderationd/loop.h"
#include "moderationd/log/private.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#define THREADS  8
#define EACH     40

static mdd_t  d;
static char   dir[] = "/tmp/daemon_store.XXXXXX";


static const char *const  statements[] = {
#define S(name, text)  text,
#include "moderationd/store/sql.h"
#undef S
};


/* SQLite takes $2 for a name: what comes second is the second argument */

static void
order(void)
{
    int          n, at, ok;
    size_t       i;
    const char  *p;

    test_begin("parameters come in the order of their numbers");

    for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        n = 0;
        ok = 1;

        for (p = statements[i]; (p = strchr(p, '$')) != NULL; p++) {
            at = atoi(p + 1);
            ok = ok && at >= 1 && at <= n + 1;
            n = at > n ? at : n;
        }

        if (!ok) {
            printf("# %s\n", statements[i]);
        }

        CHECK(ok);
    }

    test_end();
}


/* what is asked all the time reads an index alone, not row by row: the status,
 * by Prometheus, with any number of cards that wait; an account's strikes */

static void
plans(void)
{
    char         sql[4096], err[256], path[128];
    size_t       i, steps;
    mdd_db_t    *db;
    mdd_st_t    *st;
    const char  *text;

    const struct { mdd_sql_t sql; const char *types; }  of[] = {
        { MDD_SQL_QUEUE_AGES, "" }, { MDD_SQL_QUEUE_COUNTS, "" },
        { MDD_SQL_QUEUE_WOULD, "n" }, { MDD_SQL_ROLLOUT, "nn" },
        { MDD_SQL_QUEUE_LATE, "n" }, { MDD_SQL_STRIKE_LIST, "n" },
        { MDD_SQL_STRIKE_COUNTED, "n" },
    };

    test_begin("status and accounts are read from an index alone");
    snprintf(path, sizeof(path), "%s/store.db", dir);
    db = mdd_db_open(path, 0, 1, err, sizeof(err));
    CHECK(db != NULL);

    for (i = 0; db != NULL && i < sizeof(of) / sizeof(of[0]); i++) {
        snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s",
                 statements[of[i].sql]);
        st = mdd_query_text(db, sql, of[i].types);

        for (steps = 0; mdd_step(st) == MDD_ROW; steps++) {
            text = mdd_text(st, 3);

            if (strstr(text, "TEMP") || strstr(text, "SCAN c")
                || (strstr(text, "SEARCH") && !strstr(text, "COVERING")))
            {
                printf("# %s: %s\n", sql, text);
                CHECK(0);
            }
        }

        CHECK(steps > 0);
        CHECK(mdd_end(st) == MDD_OK);
    }

    mdd_db_close(db);
    test_end();
}


static int64_t
one(mdd_tx_t *tx, const char *sql)
{
    int64_t    v;
    mdd_st_t  *st;

    st = mdd_query_text(tx->db, sql, "");
    v = mdd_step(st) == MDD_ROW ? mdd_int(st, 0) : -1;
    CHECK(mdd_end(st) == MDD_OK);

    return v;
}


static int
add(mdd_tx_t *tx, void *data)
{
    int  *how = data;

    if (mdd_event(tx, "note", "{\"x\":1}", "{\"text\":\"some words\"}")
        != MDD_OK)
    {
        return MDD_FAILED;
    }

    return *how;
}


static void *
many(void *data)
{
    int  i, how, *ok = data;

    for (i = 0; i < EACH; i++) {
        how = i % 4 == 3 ? MDD_REFUSED : MDD_OK;
        *ok += mdd_change(&d, add, &how) == how;
    }

    return NULL;
}


static int
look(mdd_tx_t *tx, void *data)
{
    int64_t  *v = data;

    v[0] = one(tx, "SELECT COUNT(*) FROM event WHERE type = 'note'");
    v[1] = one(tx, "SELECT COUNT(*) FROM private");
    v[2] = tx->leaf;
    v[3] = one(tx, "SELECT size FROM log ORDER BY log DESC LIMIT 1");

    return MDD_REFUSED;
}


static void
changes(void)
{
    int        i, ok[THREADS] = { 0 };
    int64_t    v[4];
    pthread_t  t[THREADS];

    test_begin("changes of many threads: refused ones leave nothing");

    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&t[i], NULL, many, &ok[i]) == 0);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(t[i], NULL);
        CHECK(ok[i] == EACH);
    }

    CHECK(mdd_change(&d, look, v) == MDD_REFUSED);
    CHECK(v[0] == THREADS * EACH * 3 / 4);
    CHECK(v[1] == v[0]);
    CHECK(v[2] == v[0] + 1);            /* the first leaf names the log       */
    CHECK(v[3] == v[2]);
}


/* two decisions of one account, one of another, each with a private part, and
 * the first of them a second time */

static int
rows(mdd_tx_t *tx, void *data)
{
    (void) data;

    return mdd_db_exec(tx->db, "DELETE FROM private;"
        "INSERT INTO decision (log, leaf, id, kind, time, node, account, "
        "item, total, last) VALUES (1, 5001, 'a', 'decision', 1, 'n', 'A', "
        "'I', 1, 1), (1, 5002, 'b', 'decision', 1, 'n', 'A', 'J', 1, 1), "
        "(1, 5003, 'c', 'decision', 1, 'n', 'B', 'J', 1, 1);"
        "INSERT INTO decision_again (id, log, leaf) VALUES ('a', 1, 5004);"
        "INSERT INTO private (log, leaf, time, salt, body) VALUES "
        "(1, 5001, 1, x'00', 'planted-one'), (1, 5002, 1, x'00', "
        "'planted-two'), (1, 5003, 1, x'00', 'planted-three'), "
        "(1, 5004, 1, x'00', 'planted-four')");
}


typedef struct {
    const char    *what, *hash;
    int            dry;
    mdd_erased_t   out;
} erase_t;


static int
erase(mdd_tx_t *tx, void *data)
{
    erase_t  *e = data;

    return mdd_erase(tx, e->what, e->hash, "p1", "case 7", e->dry, &e->out);
}


static int
hold(mdd_tx_t *tx, void *data)
{
    (void) data;

    return mdd_hold(tx, "case 9", 1, 5002, tx->now + 86400000);
}


static int
lift(mdd_tx_t *tx, void *data)
{
    return mdd_hold_lift(tx, data);
}


static int
left(mdd_tx_t *tx, void *data)
{
    *(int64_t *) data = one(tx, "SELECT COUNT(*) FROM private WHERE leaf > "
                            "5000");

    return MDD_OK;
}


/* bytes that stand in a file of the store */

static int
planted(const char *word)
{
    int      found;
    char    *p, name[128];
    size_t   n, i;
    static const char *const files[] = { "store.db", "store.db-wal" };

    found = 0;
    for (i = 0; i < 2; i++) {
        snprintf(name, sizeof(name), "%s/%s", dir, files[i]);
        p = mdd_file_read(-1, name, 100 << 20, &n);
        found += p != NULL && memmem(p, n, word, strlen(word)) != NULL;
        free(p);
    }

    return found;
}


static void
erasure(void)
{
    int      i;
    erase_t  e = { "account", "A", 1, { 0 } };
    int64_t  n;

    test_begin("erasure: dry run, holds, no trace");

    CHECK(mdd_change(&d, rows, NULL) == MDD_OK);
    CHECK(planted("planted-one") > 0);
    CHECK(mdd_change(&d, hold, NULL) == MDD_OK);

    CHECK(mdd_change(&d, erase, &e) == MDD_OK);
    CHECK(e.out.leaves == 3 && e.out.gone == 2 && e.out.held == 1);
    CHECK(e.out.held_until > mdd_now(&d));
    CHECK(e.out.complete_at >= mdd_now(&d) + d.conf->spool_keep_ms - 60000);
    CHECK(mdd_change(&d, left, &n) == MDD_OK && n == 4);

    e.dry = 0;
    CHECK(mdd_change(&d, erase, &e) == MDD_OK);
    CHECK(mdd_change(&d, left, &n) == MDD_OK && n == 2);

    for (i = 0; i < 200 && planted("planted-one"); i++) {
        usleep(20000);
    }
    CHECK(planted("planted-one") == 0);
    CHECK(planted("planted-four") == 0);
    CHECK(planted("planted-two") > 0);

    CHECK(mdd_change(&d, lift, "case 8") == MDD_REFUSED);
    CHECK(mdd_change(&d, lift, "case 9") == MDD_OK);
    e.what = "item";
    e.hash = "J";
    CHECK(mdd_change(&d, erase, &e) == MDD_OK);
    CHECK(e.out.leaves == 2 && e.out.held == 0);
    CHECK(mdd_change(&d, left, &n) == MDD_OK && n == 0);

    e.what = "slot";
    CHECK(mdd_change(&d, erase, &e) == MDD_REFUSED);
}


static int
retain(mdd_tx_t *tx, void *data)
{
    return mdd_retention(tx, data);
}


static int
old(mdd_tx_t *tx, void *data)
{
    char  sql[256];

    (void) data;
    snprintf(sql, sizeof(sql), "INSERT INTO private (log, leaf, time, salt, "
             "body) VALUES (1, 6001, 1, x'00', 'a'), (1, 5002, 1, x'00', "
             "'b'), (1, 6003, %lld, x'00', 'c')", (long long) tx->now);

    return mdd_db_exec(tx->db, sql);
}


static void
retention(void)
{
    int      more;
    int64_t  n;

    test_begin("retention: old ones go, held ones stay");

    CHECK(mdd_change(&d, old, NULL) == MDD_OK);
    CHECK(mdd_change(&d, hold, NULL) == MDD_OK);
    CHECK(mdd_change(&d, retain, &more) == MDD_OK && more == 0);
    CHECK(mdd_change(&d, left, &n) == MDD_OK && n == 2);
    CHECK(mdd_change(&d, lift, "case 9") == MDD_OK);
    CHECK(mdd_change(&d, retain, &more) == MDD_OK);
    CHECK(mdd_change(&d, left, &n) == MDD_OK && n == 1);
}


int
main(void)
{
    char        name[128], cmd[160];
    FILE       *f;
    mdd_msgs_t  m = { 0 };

    if (mkdtemp(dir) == NULL) {
        return 1;
    }
    snprintf(name, sizeof(name), "%s/spool", dir);
    mkdir(name, 0700);
    snprintf(name, sizeof(name), "%s/ledger", dir);
    mkdir(name, 0700);
    snprintf(name, sizeof(name), "%s/conf.yaml", dir);
    f = fopen(name, "w");
    if (f == NULL) {
        return 1;
    }
    fputs("node: n1\nretention: {private: 30d}\n", f);
    fclose(f);

    mdd_say_level(-1);
    d.conf = mdd_conf_read(name, &m);
    d.writer = d.conf != NULL ? mdd_writer_new(&d) : NULL;
    if (d.writer == NULL || mdd_writer_start(d.writer) != MDD_OK) {
        printf("# %s\n", m.text != NULL ? m.text : "no writer");
        return 1;
    }

    order();
    plans();
    changes();
    erasure();
    retention();

    mdd_writer_stop(d.writer);
    mdd_writer_free(d.writer);
    mdd_conf_free(d.conf);
    snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);

    return test_done() || system(cmd) != 0;
}
