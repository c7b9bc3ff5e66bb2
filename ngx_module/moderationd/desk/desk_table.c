/*
 * desk_table.c - from the store to the mapped tables.
 *
 * A verdict is a row with a number (seq) that its transaction gave it.  After
 * the commit whoever made the change, and the clock every tenth of a second,
 * takes the rows behind the last number, in their order, and writes them into
 * the tables: so a table never runs ahead of the store, and what a killed
 * daemon did not write is written at the next start.
 *
 * Phrases of orders are no keys but text that is searched for: they stand in
 * the blob of the orders table, which is made anew when one comes or goes.
 */

#include "desk.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROOM  4096

static struct {
    pthread_mutex_t   lock;
    mdl_table_t      *t[MDL_TABLES];
    mdl_table_t      *lost[MDL_TABLES]; /* until there is another            */
    int64_t           seq;
    int64_t           phrases;          /* which phrases the blob has        */
    uint8_t           timeline[16];
    int               failed, ready;
    int               moved;            /* sites have other hosts than before */
    int64_t           looked;           /* second of the last look           */
} tables = { .lock = PTHREAD_MUTEX_INITIALIZER };


static int
unhex(const char *s, uint8_t *out, size_t n)
{
    size_t    i;
    unsigned  v;

    if (strlen(s) != n * 2) {
        return -1;
    }

    for (i = 0; i < n; i++) {
        if (sscanf(s + i * 2, "%2x", &v) != 1) {
            return -1;
        }

        out[i] = (uint8_t) v;
    }

    return 0;
}


static uint16_t
scope_number(const char *scope)
{
    size_t      n = 0;
    mdl_str_t   slots[32];
    const char *p, *end;

    if (*scope == '\0') {
        return 0;
    }

    for (p = scope; *p && n < 32; p = end + (*end == ',')) {
        end = p + strcspn(p, ",");
        slots[n].data = p;
        slots[n++].len = (size_t) (end - p);
    }

    return mdl_scope(slots, n);
}


/* a new table of a kind with what the old one had */

static int
carry(void *data, const uint8_t *key, const mdl_entry_t *e)
{
    return mdl_table_put(data, key, e);
}


static mdl_table_t *
make(mdd_t *d, int kind, uint64_t room, const void *blob, size_t len)
{
    char          err[256];
    mdl_table_t  *t;

    t = mdl_table_new(d->conf->verdicts, kind, room, tables.timeline,
                      tables.t[kind], blob, len, err, sizeof(err));

    if (t == NULL) {
        mdd_say(MDD_ERR, "verdicts: %s", err);
    }

    return t;
}


static int
publish(mdd_t *d, mdl_table_t *t)
{
    char  err[256];

    mdl_table_beat(t, (uint64_t) mdd_now(d));

    if (mdl_table_publish(t, err, sizeof(err)) != 0) {
        mdd_say(MDD_ERR, "verdicts: %s", err);
        return -1;
    }

    return 0;
}


/* the same entries with another blob */

static int
renew(mdd_t *d, int kind, const void *blob, size_t len)
{
    mdl_table_t  *t;

    t = make(d, kind, mdl_table_map(tables.t[kind])->head->used + ROOM, blob,
             len);

    if (t == NULL) {
        return -1;
    }

    mdl_table_each(tables.t[kind], carry, t);

    if (publish(d, t) != 0) {
        mdl_table_free(t);
        return -1;
    }

    mdl_table_free(tables.t[kind]);
    tables.t[kind] = t;

    return 0;
}


static int
put(mdd_t *d, int kind, const uint8_t *key, const mdl_entry_t *e)
{
    int   rc;
    char  err[256];

    rc = mdl_table_put(tables.t[kind], key, e);

    if (rc == 1) {
        rc = mdl_table_grow(&tables.t[kind], (uint64_t) mdd_now(d) / 1000,
                            err, sizeof(err));

        if (rc != 0) {
            mdd_say(MDD_ERR, "verdicts: %s", err);
            return -1;
        }

        rc = mdl_table_put(tables.t[kind], key, e);
    }

    return rc;
}


/* an order for a site: an entry a host of it */

static int
put_site(mdd_t *d, const uint8_t *key, mdl_entry_t *e, const char *site)
{
    size_t      i, k;
    uint64_t    of[2], host[2];
    mdl_str_t   name;
    mdd_site_t *s;

    e->verdict = e->verdict ? e->verdict | MDL_ORDER_HOST : 0;

    for (i = 0; i < d->conf->nsites; i++) {
        s = &d->conf->sites[i];

        for (k = 0; k < s->nhosts && strcmp(s->name, site) == 0; k++) {
            name.data = s->hosts[k];
            name.len = strlen(s->hosts[k]);
            mdl_order_host(name, host);
            memcpy(of, key, sizeof(of));
            of[0] ^= host[0];
            of[1] ^= host[1];

            if (put(d, MDL_TABLE_ORDERS, (const uint8_t *) of, e) != 0) {
                return -1;
            }
        }
    }

    return 0;
}


static int
apply(mdd_t *d, mdd_st_t *st)
{
    int          kind = (int) mdd_int(st, 0);
    uint8_t      key[MDL_HASH];
    mdl_entry_t  e;

    if (kind < 0 || kind >= MDL_TABLES
        || unhex(mdd_text(st, 1), key, sizeof(key)) != 0)
    {
        return 0;
    }

    memset(&e, 0, sizeof(e));
    e.verdict = (uint8_t) mdd_int(st, 3);
    e.flags = (uint8_t) mdd_int(st, 4);
    e.scope = scope_number(mdd_text(st, 2));
    e.expiry = (uint32_t) (mdd_int(st, 5) / 1000);
    e.seq = (uint64_t) mdd_int(st, 6);

    if (kind == MDL_TABLE_ACCOUNTS && e.verdict == MDL_ACCOUNT_NONE
        && e.flags < MDL_CREDIT)
    {
        e.verdict = MDL_ACCOUNT_SCORED;
    }

    if (kind == MDL_TABLE_ORDERS && *mdd_text(st, 2)) {
        e.scope = 0;
        return put_site(d, key, &e, mdd_text(st, 2));
    }

    return put(d, kind, key, &e);
}


/* phrases of live orders, "key phrase" a line; their number changes the blob */

static void
phrases(mdd_t *d, mdd_db_t *db)
{
    int64_t     last = 0;
    mdd_st_t   *st;
    mdd_buf_t   blob = { 0 };

    st = mdd_query(db, MDD_SQL_ORDER_LIVE, "");

    while (mdd_step(st) == MDD_ROW) {
        if (strcmp(mdd_text(st, 1), "phrase") == 0) {
            last = last * 31 + mdd_int(st, 0);
            mdd_buf_str(&blob, mdd_text(st, 2));
            mdd_buf_str(&blob, " ");
            mdd_buf_str(&blob, mdd_text(st, 3));
            mdd_buf_str(&blob, "\n");
        }
    }

    mdd_end(st);

    if (last != tables.phrases && !blob.bad
        && renew(d, MDL_TABLE_ORDERS, blob.p, blob.n) == 0)
    {
        tables.phrases = last;
    }

    mdd_buf_free(&blob);
}


/* a switch that holds is there: somebody may have set it while the daemon was
 * away (moderationctl open) */

static int
has_switch(mdl_str_t host, mdl_str_t slot)
{
    int                      i;
    uint64_t                 key = mdl_switch_key(host, slot);
    uint64_t                 now = (uint64_t) mdd_clock_ms() / 1000;
    const mdl_table_head_t  *h;

    h = mdl_table_map(tables.t[MDL_TABLE_ORDERS])->head;

    for (i = 0; i < MDL_SWITCHES; i++) {
        if (h->switches[i].key == key && h->switches[i].word >> 8 > now) {
            return 1;
        }
    }

    return 0;
}


/* what the store knows of switches; again: at the start, when what the table
 * has goes before it */

static void
switches(mdd_t *d, mdd_db_t *db, int again)
{
    size_t       i, k;
    uint8_t      mode;
    uint64_t     until;
    mdd_st_t    *st;
    mdl_str_t    host, slot;
    const char  *site, *word;

    st = mdd_query(db, MDD_SQL_SWITCH_LIST, "i", mdd_now(d));

    while (mdd_step(st) == MDD_ROW) {
        site = mdd_text(st, 0);
        slot.data = mdd_text(st, 1);
        slot.len = strlen(slot.data);
        word = mdd_text(st, 2);
        until = (uint64_t) mdd_int(st, 3) / 1000;
        mode = strcmp(word, "open") == 0 ? MDL_MODE_OFF
               : strcmp(word, "shadow") == 0 ? MDL_MODE_SHADOW
               : MDL_MODE_ENFORCE;

        for (i = 0; i < d->conf->nsites || i == 0; i++) {
            if (*site && (i == d->conf->nsites
                          || strcmp(site, d->conf->sites[i].name) != 0))
            {
                continue;
            }

            /* without a site it is one of all hosts; a site's is narrower */

            for (k = 0; k < (*site ? d->conf->sites[i].nhosts : 1); k++) {
                host.data = *site ? d->conf->sites[i].hosts[k] : "";
                host.len = strlen(host.data);

                if (!again || !has_switch(host, slot)) {
                    mdl_table_switch(tables.t[MDL_TABLE_ORDERS], host, slot,
                                     mode, until);
                }
            }

            if (*site == '\0') {
                break;
            }
        }
    }

    mdd_end(st);
}


/* rows behind the last one; 1: some were of orders */

static int
take_rows(mdd_t *d, mdd_db_t *db)
{
    int        orders = 0;
    mdd_st_t  *st;

    tables.failed = 0;
    st = mdd_query(db, MDD_SQL_VERDICT_SINCE, "i", tables.seq);

    while (mdd_step(st) == MDD_ROW) {
        if (apply(d, st) != 0) {
            tables.failed = 1;
            break;
        }

        tables.seq = mdd_int(st, 6);
        orders |= mdd_int(st, 0) == MDL_TABLE_ORDERS;
    }

    mdd_end(st);

    return orders;
}


static int
all_there(void)
{
    int  kind;

    for (kind = 0; kind < MDL_TABLES && tables.t[kind]; kind++) { /* */ }

    return kind == MDL_TABLES;
}


static void
beat(mdd_t *d, void *data)
{
    int  kind;

    (void) data;
    pthread_mutex_lock(&tables.lock);

    for (kind = 0; kind < MDL_TABLES; kind++) {
        if (tables.t[kind] && !mdl_table_lost(tables.t[kind])) {
            mdl_table_beat(tables.t[kind], (uint64_t) mdd_now(d));
        }
    }

    pthread_mutex_unlock(&tables.lock);
}


int
mdd_tables_live(void)
{
    int  live;

    pthread_mutex_lock(&tables.lock);
    live = all_there() && !tables.failed;
    pthread_mutex_unlock(&tables.lock);

    return live;
}


json_t *
mdd_tables_state(mdd_t *d)
{
    int                      kind;
    json_t                  *j = json_object();
    const mdl_table_head_t  *h;

    pthread_mutex_lock(&tables.lock);

    for (kind = 0; kind < MDL_TABLES; kind++) {
        if (tables.t[kind] == NULL) {
            json_object_set_new(j, mdl_table_names[kind], json_null());
            continue;
        }

        h = mdl_table_map(tables.t[kind])->head;
        json_object_set_new(j, mdl_table_names[kind],
            json_pack("{s:I, s:I, s:I, s:I}", "age",
                      (json_int_t) (mdd_now(d) - (int64_t) h->heartbeat),
                      "entries", (json_int_t) h->used, "seq",
                      (json_int_t) h->seq, "generation",
                      (json_int_t) h->generation));
    }

    json_object_set_new(j, "failed", json_boolean(tables.failed));
    pthread_mutex_unlock(&tables.lock);

    return j;
}


/* what store this is: tables of another one are not gone on with */

static int
timeline(mdd_db_t *db)
{
    char       hex[33];
    mdd_st_t  *st;

    st = mdd_query(db, MDD_SQL_META_GET, "s", "timeline");

    if (mdd_step(st) == MDD_ROW
        && unhex(mdd_text(st, 0), tables.timeline, 16) == 0)
    {
        return mdd_end(st);
    }

    mdd_end(st);
    mdd_random(tables.timeline, 16);
    mdd_hex(hex, tables.timeline, 16);

    return mdd_run(db, MDD_SQL_META_PUT, "ss", "timeline", hex) < 0
           ? MDD_FAILED : MDD_OK;
}


/* a table that this boot left and that is of this store */

static mdl_table_t *
left_over(mdd_t *d, int kind)
{
    char          err[256];
    mdl_table_t  *t;

    t = mdl_table_open(d->conf->verdicts, kind, err, sizeof(err));

    if (t && memcmp(mdl_table_map(t)->head->timeline, tables.timeline, 16)
             != 0)
    {
        mdl_table_free(t);
        t = NULL;
    }

    return t;
}


static void
drop_new(const int new[MDL_TABLES])
{
    int  kind;

    for (kind = 0; kind < MDL_TABLES; kind++) {
        if (new[kind]) {
            mdl_table_free(tables.t[kind]);
            tables.t[kind] = NULL;
        }
    }
}


/* new tables have their rows before anybody sees them */

static int
fill(mdd_t *d, mdd_db_t *db, int start)
{
    int           kind, new[MDL_TABLES] = { 0 }, any = 0;
    int64_t       rows;
    mdl_table_t  *old;

    tables.seq = 0;

    for (kind = 0; kind < MDL_TABLES; kind++) {
        if (start) {
            tables.t[kind] = left_over(d, kind);
        }

        old = NULL;

        if (start && kind == MDL_TABLE_ORDERS && tables.moved) {
            old = tables.t[kind];       /* for its switches                  */

        } else if (tables.t[kind]) {
            int64_t  seq = (int64_t) mdl_table_map(tables.t[kind])->head->seq;

            tables.seq = seq > tables.seq ? seq : tables.seq;
            continue;
        }

        rows = mdd_one(db, 0, MDD_SQL_VERDICT_COUNT, "i", (int64_t) kind);
        tables.t[kind] = make(d, kind, (uint64_t) rows + ROOM, NULL, 0);
        mdl_table_free(old);
        new[kind] = any = 1;

        if (tables.t[kind] == NULL) {
            drop_new(new);
            return -1;
        }
    }

    if (any) {
        tables.seq = 0;
    }

    take_rows(d, db);

    for (kind = 0; kind < MDL_TABLES; kind++) {
        if (new[kind] && publish(d, tables.t[kind]) != 0) {
            drop_new(new);
            return -1;
        }

        new[kind] = 0;

        /* workers may have the lost one mapped still */

        if (tables.lost[kind]) {
            mdl_table_retire(tables.lost[kind]);
            mdl_table_free(tables.lost[kind]);
            tables.lost[kind] = NULL;
        }
    }

    tables.phrases = -1;
    phrases(d, db);
    switches(d, db, 1);
    tables.ready = 1;

    return 0;
}


/* once a second: a table whose file somebody took away, cut or replaced is
 * made anew, from the store */

static void
look_after(mdd_t *d, mdd_db_t *db)
{
    int  kind, lost = 0;

    if (!tables.ready || mdd_clock_ms() / 1000 == tables.looked) {
        return;
    }

    tables.looked = mdd_clock_ms() / 1000;

    for (kind = 0; kind < MDL_TABLES; kind++) {
        if (tables.t[kind] && mdl_table_lost(tables.t[kind])) {
            mdd_say(MDD_WARN, "verdicts: %s/%s is not the table that was "
                    "written: it is made anew", d->conf->verdicts,
                    mdl_table_names[kind]);
            mdl_table_free(tables.lost[kind]);
            tables.lost[kind] = tables.t[kind];
            tables.t[kind] = NULL;
        }

        lost |= tables.t[kind] == NULL;
    }

    if (lost && fill(d, db, 0) != 0) {
        tables.failed = 1;              /* and again in a second             */
    }
}


void
mdd_tables_sync(mdd_t *d, mdd_db_t *db)
{
    pthread_mutex_lock(&tables.lock);
    look_after(d, db);

    if (all_there() && take_rows(d, db)) {
        phrases(d, db);
        switches(d, db, 0);
    }

    pthread_mutex_unlock(&tables.lock);
}


int
mdd_tables_init(mdd_t *d)
{
    int        rc;
    char       err[256];
    mdd_db_t  *db;

    if (d->conf->verdicts == NULL) {
        return MDD_OK;
    }

    mkdir(d->conf->verdicts, 0750);
    db = mdd_db_open(d->conf->store, 0, 0, err, sizeof(err));

    if (db == NULL) {
        mdd_say(MDD_ERR, "store: %s", err);
        return MDD_FAILED;
    }

    rc = timeline(db);
    rc = rc == MDD_OK ? mdd_order_hosts(d, db, &tables.moved) : rc;

    if (rc == MDD_OK && fill(d, db, 1) != 0) {
        mdd_say(MDD_WARN, "verdicts: workers will not be told of any");
        mdd_tables_done(d);
    }

    mdd_db_close(db);

    return rc == MDD_OK ? mdd_timer_add(d, 1000, beat, NULL) : rc;
}


void
mdd_tables_done(mdd_t *d)
{
    int  kind;

    (void) d;

    for (kind = 0; kind < MDL_TABLES; kind++) {

        /* the next one cannot mark what has no name any more */

        if (tables.t[kind] && mdl_table_lost(tables.t[kind])) {
            mdl_table_retire(tables.t[kind]);
        }

        if (tables.lost[kind]) {
            mdl_table_retire(tables.lost[kind]);
        }

        mdl_table_free(tables.t[kind]);
        mdl_table_free(tables.lost[kind]);
        tables.t[kind] = tables.lost[kind] = NULL;
    }
}
