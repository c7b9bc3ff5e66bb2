/*
 * cmd_store.c - `moderationctl store`: is it whole and does it fit the ledger,
 * a copy of it while the daemon runs, and a new one made from the ledger.
 */

#include "cli.h"
#include "record.h"

#include "moderationd/log/replay.h"
#include "moderationd/conf/rulebook.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>


/* each log that the store knows: do its tiles give the root that it has */

static int
fits(mdd_db_t *db, int root)
{
    int           bad, dir;
    size_t        n;
    mdd_st_t     *st;
    uint64_t      size;
    mdd_hash_t    got;
    const char   *name;
    const void   *want;
    mdd_tiles_t  *t;

    bad = 0;
    t = malloc(sizeof(mdd_tiles_t));
    if (t == NULL) {
        return -1;
    }

    st = mdd_query(db, MDD_SQL_LOG_ALL, "");
    while (mdd_step(st) == MDD_ROW) {
        name = mdd_text(st, 1);
        size = (uint64_t) mdd_int(st, 3);
        want = mdd_blob(st, 4, &n);

        dir = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        mdd_tiles_init(t, dir);
        if (dir < 0
            || mdd_tiles_root(size, mdd_tiles_get, t, got) != MDD_OK)
        {
            printf("%s: %llu leaves, not all of them in tiles that are "
                   "signed yet\n", name, (unsigned long long) size);
        } else if (n != MDD_HASH || memcmp(got, want, MDD_HASH) != 0) {
            printf("%s: the store and the tiles differ\n", name);
            bad++;
        } else {
            printf("%s: %llu leaves, as in the tiles\n", name,
                   (unsigned long long) size);
        }
        if (dir >= 0) {
            close(dir);
        }
    }
    free(t);

    return mdd_end(st) == MDD_OK ? bad : -1;
}


static int
check(const mdd_conf_t *conf)
{
    int        bad, root;
    char       err[512];
    mdd_db_t  *db;
    mdd_st_t  *st;

    db = mdd_db_open(conf->store, 0, 1, err, sizeof(err));
    if (db == NULL) {
        fprintf(stderr, "moderationctl: %s\n", err);
        return -1;
    }

    bad = 0;
    st = mdd_query_text(db, "PRAGMA integrity_check", "");
    while (mdd_step(st) == MDD_ROW) {
        if (strcmp(mdd_text(st, 0), "ok") != 0) {
            printf("store: %s\n", mdd_text(st, 0));
            bad++;
        }
    }
    bad += mdd_end(st) != MDD_OK;

    root = open(conf->ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bad += root < 0 || fits(db, root) != 0;
    if (root >= 0) {
        close(root);
    }
    mdd_db_close(db);
    printf("%s\n", bad ? "not as it should be" : "ok");

    return bad != 0;
}


static int
rebuild(mdd_conf_t *conf, const char *to)
{
    int            rc, root, have;
    char           err[512], *old;
    mdd_t          d = { 0 };
    mdd_db_t      *db;
    struct stat    st;
    mdd_logrow_t   last;

    if (stat(to, &st) == 0) {
        fprintf(stderr, "moderationctl: %s is there already\n", to);
        return -1;
    }

    have = mdd_last_read(conf, &last);
    root = open(conf->ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (have < 0 || root < 0) {
        fprintf(stderr, "moderationctl: %s: %s\n", have < 0
                ? conf->last_signed : conf->ledger, strerror(errno));
        return -1;
    }

    umask(0077);
    db = mdd_db_open(to, 1, 0, err, sizeof(err));
    if (db == NULL) {
        fprintf(stderr, "moderationctl: %s\n", err);
        close(root);
        return -1;
    }

    old = conf->store;
    d.conf = conf;
    have = mdd_db_private(db, old) == MDD_OK;
    rc = mdd_replay_logs(&d, db, root, &last);
    close(root);
    if (rc == MDD_REFUSED) {
        fprintf(stderr, "moderationctl: the tiles are not what was signed\n");
    } else if (rc != MDD_OK) {
        fprintf(stderr, "moderationctl: %s\n", mdd_db_error(db));
    }

    if (rc == MDD_OK && mdd_db_settle(db) != MDD_OK) {
        fprintf(stderr, "moderationctl: %s\n", mdd_db_error(db));
        rc = MDD_FAILED;
    }
    if (rc == MDD_OK) {
        printf(have ? "private parts: as in %s\n"
                    : "private parts: none, %s cannot be read\n", old);
    }
    mdd_db_close(db);

    return rc == MDD_OK ? 0 : -1;
}


int
cmd_store(int argc, char **argv)
{
    int             rc;
    char            err[512];
    mdd_msgs_t      m = { 0 };
    mdd_conf_t     *conf;
    record_args_t   a;

    if (!record_args(&a, argc, argv) || a.what == NULL || a.nargs != 0) {
        return cli_usage("store");
    }

    if (strcmp(a.what, "check") != 0 && a.to == NULL) {
        return cli_usage("store");
    }

    conf = mdd_conf_read(a.conf != NULL ? a.conf
                         : "/etc/moderation/moderationd.yaml", &m);
    if (conf == NULL) {
        fputs(m.text != NULL ? m.text : "", stderr);
        free(m.text);
        return 2;
    }
    free(m.text);

    if (strcmp(a.what, "check") == 0) {
        rc = check(conf);
    } else if (strcmp(a.what, "backup") == 0) {
        umask(0077);
        rc = mdd_db_backup(conf->store, a.to, err, sizeof(err));
        if (rc != MDD_OK) {
            fprintf(stderr, "moderationctl: %s\n", err);
        }
    } else if (strcmp(a.what, "rebuild") == 0) {
        rc = rebuild(conf, a.to);
    } else {
        mdd_conf_free(conf);
        return cli_usage("store");
    }

    mdd_conf_free(conf);

    return rc < 0 ? 2 : rc;
}
