/*
 * private.c - retention, erasure, legal holds (see private.h).
 */

#include "did.h"
#include "private.h"

#include <stdio.h>
#include <string.h>

#define SHARE      2000                 /* rows of one change                 */
#define OUTBOX_MS  (30 * 86400000ll)    /* a webhook is tried so long          */
#define HOOKS_MAX  8

static mdd_erase_pt  hooks[HOOKS_MAX];
static size_t        nhooks;


void
mdd_erase_hook(mdd_erase_pt run)
{
    if (nhooks < HOOKS_MAX) {
        hooks[nhooks++] = run;
    }
}


int
mdd_hold(mdd_tx_t *tx, const char *ref, int64_t log, int64_t leaf,
    int64_t until)
{
    int        rc;
    mdd_buf_t  b = { 0 };

    if (until <= tx->now) {
        return MDD_REFUSED;
    }

    mdd_buf_fmt(&b, "{\"log\":%lld,\"leaf\":%lld,\"until\":%lld}",
                (long long) log, (long long) leaf, (long long) until);
    mdd_buf_add(&b, "", 1);

    rc = b.bad || mdd_put(tx, MDD_SQL_HOLD_PUT, "!siii", ref, log, leaf,
                          until) < 0
         ? MDD_FAILED : mdd_event(tx, "hold", b.p, NULL);
    mdd_buf_free(&b);

    return rc;
}


int
mdd_hold_lift(mdd_tx_t *tx, const char *ref)
{
    char     pub[64];
    int64_t  n;

    n = mdd_put(tx, MDD_SQL_HOLD_LIFT, "!s", ref);
    if (n <= 0) {
        return n < 0 ? MDD_FAILED : MDD_REFUSED;
    }

    snprintf(pub, sizeof(pub), "{\"leaves\":%lld}", (long long) n);

    return mdd_event(tx, "hold_lifted", pub, NULL);
}


int
mdd_erase(mdd_tx_t *tx, const char *what, const char *hash, const char *by,
    const char *ref, int dry_run, mdd_erased_t *out)
{
    int         rc, account;
    size_t      i;
    mdd_st_t   *st;
    mdd_buf_t   b = { 0 };

    account = strcmp(what, "account") == 0;
    if ((!account && strcmp(what, "item") != 0) || hash[0] == '\0') {
        return MDD_REFUSED;
    }

    memset(out, 0, sizeof(mdd_erased_t));
    st = mdd_query(tx->db, account ? MDD_SQL_ERASE_ACCOUNT_COUNT
                                   : MDD_SQL_ERASE_ITEM_COUNT, "is", tx->now,
                   hash);
    if (mdd_step(st) == MDD_ROW) {
        out->leaves = mdd_int(st, 0);
        out->held = mdd_int(st, 1);
        out->held_until = mdd_int(st, 2);
    }
    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    out->gone = out->leaves - out->held;
    out->complete_at = tx->now + tx->d->conf->spool_keep_ms;
    rc = MDD_OK;

    if (!dry_run
        && mdd_put(tx, account ? MDD_SQL_ERASE_ACCOUNT : MDD_SQL_ERASE_ITEM,
                   "si", hash, tx->now) < 0)
    {
        return MDD_FAILED;
    }

    for (i = 0; rc == MDD_OK && i < nhooks; i++) {
        rc = hooks[i](tx, what, hash, dry_run, out);
    }

    if (rc != MDD_OK || dry_run) {
        return rc;
    }

    mdd_buf_fmt(&b, "{\"what\":\"%s\",\"id\":", what);
    mdd_buf_json(&b, hash, strlen(hash));
    mdd_buf_str(&b, ",\"by\":");
    mdd_buf_json(&b, by, strlen(by));
    mdd_buf_str(&b, ",\"ref\":");
    mdd_buf_json(&b, ref, strlen(ref));
    mdd_buf_fmt(&b, ",\"gone\":%lld,\"held\":%lld,\"held_until\":%lld,"
                "\"complete_at\":%lld}", (long long) out->gone,
                (long long) out->held, (long long) out->held_until,
                (long long) out->complete_at);
    mdd_buf_add(&b, "", 1);
    rc = b.bad ? MDD_FAILED : mdd_event(tx, "erasure", b.p, NULL);
    mdd_buf_free(&b);
    mdd_writer_truncate(tx->d);

    return rc;
}


int
mdd_retention(mdd_tx_t *tx, void *data)
{
    int      *more = data;
    char      pub[128];
    int64_t   n, before;

    *more = 0;
    before = tx->now - tx->d->conf->keep_private_ms;

    n = mdd_run(tx->db, MDD_SQL_OUTBOX_OVER, "i", tx->now - OUTBOX_MS);
    if (n < 0 || mdd_run(tx->db, MDD_SQL_HOLD_OVER, "i", tx->now) < 0) {
        return MDD_FAILED;
    }

    if (n > 0) {
        mdd_say(MDD_WARN, "webhooks: %lld messages that nobody took in 30 days "
                "are given up", (long long) n);
    }

    n = mdd_run(tx->db, MDD_SQL_PRIVATE_OLD, "iii", before, tx->now,
                (int64_t) SHARE);
    if (n <= 0) {
        return n < 0 ? MDD_FAILED : MDD_OK;
    }

    *more = n == SHARE;
    snprintf(pub, sizeof(pub), "{\"before\":%lld,\"gone\":%lld}",
             (long long) before, (long long) n);
    mdd_writer_truncate(tx->d);

    return mdd_event(tx, "retention", pub, NULL);
}
