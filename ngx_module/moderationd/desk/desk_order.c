/*
 * desk_order.c - what orders make of the mapped table, and when they end.
 *
 * An order without sites holds everywhere, another on the hosts of its sites
 * (desk_table.c).  Several may stand about one target: what workers are told
 * is the longest of those that live, so that one which is lifted, lapses or
 * ends takes nothing of the others with it.
 */

#include "desk.h"
#include "moderationd/log/did.h"
#include "moderationd/log/tree.h"

#include <stdio.h>
#include <string.h>

#define LAPSE_MAX  64


int
mdd_order_kind(const char *word)
{
    int  i;

    for (i = 1; i < MDL_ORDERS; i++) {
        if (strcmp(mdl_orders[i], word) == 0) {
            return i;
        }
    }

    return 0;
}


/* the next name of "a,b"; *at begins at 0; no sites are one name, "" */

static int
next_site(const char *sites, size_t *at, char out[MDD_WHO_MAX + 1])
{
    size_t  n;

    if (*at > strlen(sites)) {
        return 0;
    }

    n = strcspn(sites + *at, ",");
    snprintf(out, MDD_WHO_MAX + 1, "%.*s", (int) n, sites + *at);
    *at += n + 1;

    return 1;
}


static int
has_site(const char *sites, const char *site)
{
    char    name[MDD_WHO_MAX + 1];
    size_t  at = 0;

    while (next_site(sites, &at, name)) {
        if (strcmp(name, site) == 0) {
            return 1;
        }
    }

    return 0;
}


/* until when other live orders about the key hold there; 0: there is none */

static int64_t
others(mdd_tx_t *tx, const char *key, const char *site, int64_t but)
{
    int64_t    ends = 0;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_ORDER_SAME, "s", key);

    while (mdd_step(st) == MDD_ROW) {
        if (mdd_int(st, 0) != but && mdd_int(st, 1) > tx->now
            && mdd_int(st, 1) > ends && has_site(mdd_text(st, 2), site))
        {
            ends = mdd_int(st, 1);
        }
    }

    return mdd_end(st) == MDD_OK ? ends : -1;
}


int64_t
mdd_order_tell(mdd_tx_t *tx, const mdd_order_key_t *o, int64_t but,
    int64_t until)
{
    char     site[MDD_WHO_MAX + 1];
    size_t   at = 0;
    int64_t  ends, seq = -1;

    while (next_site(o->sites, &at, site)) {
        ends = others(tx, o->key, site, but);

        if (ends < 0) {
            return -1;
        }

        ends = ends > until ? ends : until;
        seq = mdd_verdict(tx, MDL_TABLE_ORDERS, o->key, site,
                          ends ? o->kind : 0, 0, ends);

        if (seq < 0) {
            return -1;
        }
    }

    return seq;
}


int
mdd_order_hosts(mdd_t *d, mdd_db_t *db, int *moved)
{
    int         rc = MDD_OK;
    char        hex[2 * MDD_HASH + 1];
    size_t      i, k;
    mdd_st_t   *st;
    mdd_buf_t   b = { 0 };
    mdd_hash_t  h;

    for (i = 0; i < d->conf->nsites; i++) {
        mdd_buf_str(&b, d->conf->sites[i].name);

        for (k = 0; k < d->conf->sites[i].nhosts; k++) {
            mdd_buf_str(&b, " ");
            mdd_buf_str(&b, d->conf->sites[i].hosts[k]);
        }

        mdd_buf_str(&b, "\n");
    }

    mdd_hash(h, b.p ? b.p : "", b.n);
    mdd_hex(hex, h, sizeof(h));
    st = mdd_query(db, MDD_SQL_META_GET, "s", "hosts");
    *moved = mdd_step(st) != MDD_ROW || strcmp(mdd_text(st, 0), hex) != 0;

    if (mdd_end(st) != MDD_OK || b.bad
        || (*moved
            && mdd_run(db, MDD_SQL_META_PUT, "ss", "hosts", hex) < 0))
    {
        rc = MDD_FAILED;
    }

    mdd_buf_free(&b);

    return rc;
}


/* orders whose time is over, or that nobody confirmed (internal ones) */

int
mdd_orders_lapse(mdd_tx_t *tx)
{
    int               n = 0, i, over;
    char              why[LAPSE_MAX][12];
    int64_t           id[LAPSE_MAX], seq;
    mdd_st_t         *st;
    mdd_order_key_t   o[LAPSE_MAX];

    st = mdd_query(tx->db, MDD_SQL_ORDER_LIVE, "");

    while (n < LAPSE_MAX && mdd_step(st) == MDD_ROW) {
        over = mdd_int(st, 4) <= tx->now;

        if (over || (strcmp(mdd_text(st, 5), "internal") == 0
                     && mdd_text(st, 10)[0] == '\0'
                     && mdd_int(st, 11) < tx->now))
        {
            id[n] = mdd_int(st, 0);
            o[n].kind = mdd_order_kind(mdd_text(st, 1));
            snprintf(o[n].key, sizeof(o[n].key), "%s", mdd_text(st, 2));
            snprintf(o[n].sites, sizeof(o[n].sites), "%s", mdd_text(st, 15));
            strcpy(why[n], over ? "ended" : "lapsed");
            n++;
        }
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    for (i = 0; i < n; i++) {
        seq = mdd_order_tell(tx, &o[i], id[i], 0);

        if (seq < 0
            || mdd_put(tx, MDD_SQL_ORDER_STATE, "sPii", why[i], "clock",
                       seq, id[i]) != 1
            || mdd_desk_event(tx, "order", json_pack("{s:I, s:s, s:I}",
                   "order", (json_int_t) id[i], "state", why[i], "seq",
                   (json_int_t) seq), NULL) != MDD_OK)
        {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}
