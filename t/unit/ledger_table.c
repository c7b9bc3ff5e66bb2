/*
 * ledger_table.c - mapped tables: entries by scope, growing under readers,
 * damage of every byte of the header, switches, phrases, clocks.
 */

#include "ledger/table.h"
#include "test.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char      dir[64], err[512];
static const uint8_t  timeline[16] = { 1 };


static void
make_key(uint64_t n, uint8_t key[MDL_HASH])
{
    uint64_t  x;

    x = n * 0x9e3779b97f4a7c15ULL + 1;
    x ^= x >> 29;
    memcpy(key, &x, 8);
    x = x * 0xbf58476d1ce4e5b9ULL ^ n;
    memcpy(key + 8, &x, 8);
}


static mdl_entry_t
entry(uint8_t verdict, uint16_t scope, uint64_t seq)
{
    mdl_entry_t  e;

    memset(&e, 0, sizeof(e));
    e.verdict = verdict;
    e.scope = scope;
    e.seq = seq;

    return e;
}


static mdl_str_t
str(const char *s)
{
    mdl_str_t  v;

    v.data = s;
    v.len = strlen(s);

    return v;
}


static void
test_basic(void)
{
    int           stale, i;
    uint8_t       key[MDL_HASH], other[MDL_HASH];
    mdl_map_t     m;
    mdl_entry_t   e, got;
    mdl_table_t  *t, *again;

    test_begin("entries, scopes, changes");

    CHECK(mdl_map_open(&m, dir, MDL_TABLE_ITEMS, NULL, err, sizeof(err))
          == -1 && strstr(err, "No such file") != NULL);

    t = mdl_table_new(dir, MDL_TABLE_ITEMS, 10, timeline, NULL, NULL, 0, err,
                      sizeof(err));
    CHECK(t != NULL);
    CHECK(mdl_map_open(&m, dir, MDL_TABLE_ITEMS, NULL, err, sizeof(err))
          == -1);
    CHECK(mdl_table_publish(t, err, sizeof(err)) == 0);
    CHECK(mdl_map_open(&m, dir, MDL_TABLE_ITEMS, NULL, err, sizeof(err))
          == 0);

    make_key(1, key);
    make_key(2, other);
    CHECK(mdl_map_find(&m, key, 7, &got) == 0);

    e = entry(MDL_REVIEW_RELEASED, 7, 5);
    e.expiry = 1000;
    e.reason = 3;
    e.flags = MDL_FLAG_SESSION;
    CHECK(mdl_table_put(t, key, &e) == 0);
    CHECK(mdl_map_find(&m, key, 7, &got) == 1);
    CHECK(memcmp(&got, &e, sizeof(e)) == 0 || (got.verdict == e.verdict
          && got.flags == e.flags && got.scope == 7 && got.expiry == 1000
          && got.seq == 5 && got.reason == 3));
    CHECK(mdl_map_find(&m, key, 8, &got) == 0);
    CHECK(mdl_map_find(&m, other, 7, &got) == 0);

    /* another scope stands beside it, everywhere is for all */

    e = entry(MDL_REVIEW_REJECTED, 8, 6);
    CHECK(mdl_table_put(t, key, &e) == 0);
    CHECK(mdl_map_find(&m, key, 8, &got) == 1
          && got.verdict == MDL_REVIEW_REJECTED);
    CHECK(mdl_map_find(&m, key, 7, &got) == 1
          && got.verdict == MDL_REVIEW_RELEASED);
    CHECK(mdl_map_find(&m, key, 9, &got) == 0);
    CHECK(mdl_map_live(&m, 0) == 2);
    e = entry(MDL_REVIEW_PENDING, 0, 7);
    CHECK(mdl_table_put(t, key, &e) == 0);
    CHECK(mdl_map_find(&m, key, 9, &got) == 1
          && got.verdict == MDL_REVIEW_PENDING);

    i = (int) mdl_map_changes(&m);
    e = entry(0, 7, 8);
    CHECK(mdl_table_put(t, key, &e) == 0);
    CHECK((int) mdl_map_changes(&m) == i + 1 && mdl_map_live(&m, 0) == 2);
    e = entry(MDL_REVIEW_ADOPTED, 7, 9);
    CHECK(mdl_table_put(t, key, &e) == 0);
    CHECK(mdl_map_live(&m, 0) == 3 && m.head->used == 3 && m.head->seq == 9);

    /* a key that begins with zeros */

    memset(other, 0, 8);
    CHECK(mdl_table_put(t, other, &e) == 0);
    CHECK(mdl_map_find(&m, other, 7, &got) == 1);

    mdl_table_beat(t, 100000);
    CHECK(mdl_map_clock(&m, 101000, &stale) == 100 && !stale);
    CHECK(mdl_map_clock(&m, 106001, &stale) == 100 && stale);
    CHECK(mdl_map_clock(&m, 100000 + MDL_STALE_MAX_MS + 50000, &stale) == 150
          && stale);

    again = mdl_table_open(dir, MDL_TABLE_ITEMS, err, sizeof(err));
    CHECK(again != NULL);
    CHECK(!mdl_map_outdated(&m));
    e.scope = 77;
    CHECK(mdl_table_put(again, key, &e) == 0);
    CHECK(mdl_map_find(&m, key, 77, &got) == 1);
    CHECK(mdl_table_grow(&again, 0, err, sizeof(err)) == 0);
    CHECK(mdl_map_outdated(&m));
    CHECK(mdl_map_find(&m, key, 77, &got) == 1);
    mdl_map_close(&m);
    CHECK(mdl_map_find(&m, key, 77, &got) == -1);
    CHECK(mdl_map_open(&m, dir, MDL_TABLE_ITEMS, "another boot", err,
                       sizeof(err)) == -1 && strstr(err, "boot") != NULL);
    CHECK(mdl_map_open(&m, dir, MDL_TABLE_ACCOUNTS, NULL, err, sizeof(err))
          == -1);
    mdl_table_free(again);
    mdl_table_free(t);
}


/* readers that know which keys must be there while the table grows */

static volatile int  stop, bad, looks;
static volatile uint64_t  have;


static void *
reader(void *arg)
{
    uint8_t      key[MDL_HASH];
    uint64_t     n, x;
    mdl_map_t    m;
    mdl_entry_t  got;
    char         why[256];

    x = (uint64_t) (uintptr_t) arg;
    memset(&m, 0, sizeof(m));

    while (!stop) {
        if (m.head != NULL && mdl_map_outdated(&m)) {
            mdl_map_close(&m);
        }

        n = have;

        if (m.head == NULL
            && mdl_map_open(&m, dir, MDL_TABLE_WANTED, NULL, why, sizeof(why))
               != 0)
        {
            bad++;
            return NULL;
        }

        x = x * 6364136223846793005ULL + 1442695040888963407ULL;

        if (n == 0) {
            continue;
        }

        make_key((x >> 33) % n, key);

        /* an old file may be short of the newest */

        if (mdl_map_find(&m, key, 1, &got) != 1 && !mdl_map_outdated(&m)) {
            bad++;
        }

        make_key((x >> 33) % n + 10000000, key);

        if (mdl_map_find(&m, key, 1, &got) != 0) {
            bad++;
        }

        looks++;
    }

    mdl_map_close(&m);

    return NULL;
}


static void
test_grow(void)
{
    int           rc;
    uint8_t       key[MDL_HASH];
    uint64_t      i, n;
    pthread_t     th[2];
    mdl_entry_t   e;
    mdl_table_t  *t;

    test_begin("readers find everything while the table grows");

    t = mdl_table_new(dir, MDL_TABLE_WANTED, 1, timeline, NULL, NULL, 0, err,
                      sizeof(err));
    CHECK(t != NULL && mdl_table_publish(t, err, sizeof(err)) == 0);

    for (i = 0; i < 2; i++) {
        pthread_create(&th[i], NULL, reader, (void *) (uintptr_t) (i + 1));
    }

    n = test_share(60000);

    for (i = 0; i < n; i++) {
        make_key(i, key);
        e = entry(1, 1, i + 1);
        rc = mdl_table_put(t, key, &e);

        if (rc == 1) {
            CHECK(mdl_table_grow(&t, 0, err, sizeof(err)) == 0);
            rc = mdl_table_put(t, key, &e);
        }

        CHECK(rc == 0);
        have = i + 1;
    }

    stop = 1;

    for (i = 0; i < 2; i++) {
        pthread_join(th[i], NULL);
    }

    CHECK(bad == 0 && looks > 1000);
    CHECK(mdl_map_live(mdl_table_map(t), 0) == n);

    /* what has expired stays behind */

    make_key(0, key);
    e = entry(1, 1, n + 1);
    e.expiry = 10;
    CHECK(mdl_table_put(t, key, &e) == 0);
    CHECK(mdl_table_grow(&t, 11, err, sizeof(err)) == 0);
    CHECK(mdl_map_live(mdl_table_map(t), 0) == n - 1);
    CHECK(mdl_map_find(mdl_table_map(t), key, 1, &e) == 0);
    mdl_table_free(t);
}


/* the one that has no name yet, in the folder */

static void
unlink_new(void)
{
    DIR            *d;
    char            path[1024];
    struct dirent  *e;

    d = opendir(dir);

    while (d != NULL && (e = readdir(d)) != NULL) {
        if (strncmp(e->d_name, ".wanted-", 8) == 0) {
            snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
            CHECK(unlink(path) == 0);
        }
    }

    closedir(d);
}


static void
test_publish_fails(void)
{
    mdl_map_t     m;
    mdl_table_t  *t;

    test_begin("what cannot be put in its place leaves the old one in use");

    CHECK(mdl_map_open(&m, dir, MDL_TABLE_WANTED, NULL, err, sizeof(err))
          == 0);
    t = mdl_table_new(dir, MDL_TABLE_WANTED, 1, timeline, NULL, NULL, 0, err,
                      sizeof(err));
    CHECK(t != NULL);
    unlink_new();
    CHECK(mdl_table_publish(t, err, sizeof(err)) == -1
          && strstr(err, "No such file") != NULL);
    CHECK(!mdl_map_outdated(&m));
    mdl_table_free(t);
    mdl_map_close(&m);
}


static void
test_orders(void)
{
    size_t        at;
    uint8_t       key[MDL_HASH], want[MDL_HASH];
    uint64_t      until, now;
    mdl_map_t     m;
    mdl_str_t     phrase;
    mdl_entry_t   e;
    mdl_table_t  *t;

    static const char  blob[] =
        "000102030405060708090a0b0c0d0e0f \xe7\xa6\x81 words\n"
        "ffffffffffffffffffffffffffffffff x\n";

    test_begin("orders: phrases, switches, what is live by kind");

    t = mdl_table_new(dir, MDL_TABLE_ORDERS, 10, timeline, NULL, blob,
                      sizeof(blob) - 1, err, sizeof(err));
    CHECK(t != NULL && mdl_table_publish(t, err, sizeof(err)) == 0);
    CHECK(mdl_map_open(&m, dir, MDL_TABLE_ORDERS, NULL, err, sizeof(err))
          == 0);

    for (at = 0; at < 16; at++) {
        want[at] = (uint8_t) at;
    }

    at = 0;
    CHECK(mdl_map_phrase(&m, &at, key, &phrase) == 1
          && memcmp(key, want, 16) == 0);
    CHECK_STR(phrase.data, phrase.len, "\xe7\xa6\x81 words");
    CHECK(mdl_map_phrase(&m, &at, key, &phrase) == 1 && phrase.len == 1);
    CHECK(mdl_map_phrase(&m, &at, key, &phrase) == 0);

    e = entry(MDL_ORDER_PHRASE, 0, 1);
    CHECK(mdl_table_put(t, want, &e) == 0);
    make_key(5, key);
    e = entry(MDL_ORDER_ACCOUNT, 0, 2);
    CHECK(mdl_table_put(t, key, &e) == 0);
    CHECK(mdl_map_live(&m, MDL_ORDER_PHRASE) == 1
          && mdl_map_live(&m, MDL_ORDER_ACCOUNT) == 1
          && mdl_map_live(&m, MDL_ORDER_ITEM) == 0);
    e.verdict = 0;
    CHECK(mdl_table_put(t, key, &e) == 0
          && mdl_map_live(&m, MDL_ORDER_ACCOUNT) == 0);

    now = (uint64_t) time(NULL);
    CHECK(mdl_map_switch(&m, str("a.cn"), str("home"), now, NULL) == -1);
    CHECK(mdl_table_switch(t, str(""), str("home"), MDL_MODE_OFF, now + 60)
          == 0);
    CHECK(mdl_map_switch(&m, str("a.cn"), str("home"), now, &until)
          == MDL_MODE_OFF && until == now + 60);
    CHECK(mdl_map_switch(&m, str("a.cn"), str("list"), now, NULL) == -1);
    CHECK(mdl_map_switch(&m, str("a.cn"), str("home"), now + 60, NULL) == -1);
    CHECK(mdl_table_switch(t, str("a.cn"), str("home"), MDL_MODE_SHADOW,
                           now + 60) == 0);
    CHECK(mdl_map_switch(&m, str("a.cn"), str("home"), now, NULL)
          == MDL_MODE_SHADOW);
    CHECK(mdl_map_switch(&m, str("b.cn"), str("home"), now, NULL)
          == MDL_MODE_OFF);

    /* growing keeps them and the phrases */

    CHECK(mdl_table_grow(&t, 0, err, sizeof(err)) == 0);
    CHECK(mdl_map_outdated(&m));
    CHECK(mdl_map_switch(mdl_table_map(t), str("b.cn"), str("home"), now,
                         NULL) == MDL_MODE_OFF);
    at = 0;
    CHECK(mdl_map_phrase(mdl_table_map(t), &at, key, &phrase) == 1);
    CHECK(mdl_table_switch(t, str("a.cn"), str("home"), 0, 0) == 0);
    CHECK(mdl_map_switch(mdl_table_map(t), str("a.cn"), str("home"), now,
                         NULL) == MDL_MODE_OFF);
    mdl_map_close(&m);

    /* 64 of them; one that has ended makes room */

    for (at = 0; at < MDL_SWITCHES - 1; at++) {
        char  name[16];

        snprintf(name, sizeof(name), "s%zu", at);
        CHECK(mdl_table_switch(t, str(""), str(name), MDL_MODE_OFF, now + 60)
              == 0);
    }

    CHECK(mdl_table_switch(t, str(""), str("more"), MDL_MODE_OFF, now + 60)
          == -1);
    CHECK(mdl_table_switch(t, str(""), str("s3"), MDL_MODE_OFF, 0) == 0);
    CHECK(mdl_table_switch(t, str(""), str("more"), MDL_MODE_OFF, now + 60)
          == 0);
    mdl_table_free(t);

    CHECK(mdl_scope((mdl_str_t[]) { str("a"), str("b") }, 2)
          != mdl_scope((mdl_str_t[]) { str("ab") }, 1));
}


static void
test_damage(void)
{
    char          path[128], *bytes;
    FILE         *f;
    size_t        i, n, refused;
    uint8_t       key[MDL_HASH];
    mdl_map_t     m;
    mdl_entry_t   e;
    mdl_table_t  *t;

    test_begin("damage is refused, or found at the look-up");

    t = mdl_table_new(dir, MDL_TABLE_ACCOUNTS, 10, timeline, NULL, "CN-GD\n",
                      6, err, sizeof(err));
    CHECK(t != NULL && mdl_table_publish(t, err, sizeof(err)) == 0);
    make_key(3, key);
    e = entry(MDL_ACCOUNT_CLOSED, 0, 1);
    CHECK(mdl_table_put(t, key, &e) == 0);
    mdl_table_free(t);

    snprintf(path, sizeof(path), "%s/accounts", dir);
    bytes = malloc(65536);
    f = fopen(path, "rb");
    n = fread(bytes, 1, 65536, f);
    fclose(f);
    CHECK(n == MDL_TABLE_HEAD + 128 * 32 + 6);

    for (i = 0, refused = 0; i < 160; i++) {
        bytes[i] = (char) (bytes[i] + 1);
        f = fopen(path, "wb");
        fwrite(bytes, 1, n, f);
        fclose(f);
        bytes[i] = (char) (bytes[i] - 1);

        if (mdl_map_open(&m, dir, MDL_TABLE_ACCOUNTS, NULL, err, sizeof(err))
            != 0)
        {
            refused++;
        } else {
            mdl_map_close(&m);
        }
    }

    /* all of the constant part */

    CHECK(refused >= offsetof(mdl_table_head_t, heartbeat));

    for (i = 0; i < n; i += i < MDL_TABLE_HEAD ? 512 : 1000) {
        f = fopen(path, "wb");
        fwrite(bytes, 1, i, f);
        fclose(f);
        CHECK(mdl_map_open(&m, dir, MDL_TABLE_ACCOUNTS, NULL, err,
                           sizeof(err)) == -1);
    }

    /* no free slot anywhere */

    memset(bytes + MDL_TABLE_HEAD, 0x55, 128 * 32);
    f = fopen(path, "wb");
    fwrite(bytes, 1, n, f);
    fclose(f);
    CHECK(mdl_map_open(&m, dir, MDL_TABLE_ACCOUNTS, NULL, err, sizeof(err))
          == 0);
    CHECK(mdl_map_find(&m, key, 0, &e) == 0);
    mdl_map_close(&m);

    remove(path);
    CHECK(symlink("/etc/passwd", path) == 0);
    CHECK(mdl_map_open(&m, dir, MDL_TABLE_ACCOUNTS, NULL, err, sizeof(err))
          == -1);
    remove(path);
    CHECK(mkfifo(path, 0600) == 0);
    CHECK(mdl_map_open(&m, dir, MDL_TABLE_ACCOUNTS, NULL, err, sizeof(err))
          == -1);
    remove(path);
    free(bytes);
}


int
main(void)
{
    int  i;

    snprintf(dir, sizeof(dir), "/tmp/mdl-table-XXXXXX");

    if (mkdtemp(dir) == NULL) {
        perror(dir);
        return 2;
    }

    test_basic();
    test_grow();
    test_publish_fails();
    test_orders();
    test_damage();

    for (i = 0; i < MDL_TABLES; i++) {
        char  path[128];

        snprintf(path, sizeof(path), "%s/%s", dir, mdl_table_names[i]);
        remove(path);
    }

    i = rmdir(dir);
    test_begin("nothing is left");
    CHECK(i == 0);

    return test_done();
}
