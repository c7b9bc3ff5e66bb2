/*
 * event.c - leaves: what of a line or an event is public, and the salted hash
 * of what is not.
 *
 *     {"v":1,"src":"NODE/SEGMENT","n":7,"e":{...},"x":"BASE64"}
 *
 * x = SHA-256(salt ‖ private), a salt of 16 bytes for each, kept beside the
 * private part: when that is deleted, nobody can tell from x what it was.
 */

#include "moderationd/alarm/alarm.h"
#include "did.h"
#include "event.h"
#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


int
mdd_leaf_add(mdd_tx_t *tx, const char *src, int64_t n, const char *pub,
    size_t npub, const char *priv, size_t npriv)
{
    int         rc;
    char        b64[64];
    uint8_t     salt[16];
    mdd_buf_t   b = { 0 };
    mdd_hash_t  x;

    mdd_buf_fmt(&b, "{\"v\":1,\"src\":\"%s/%s\",\"n\":%lld,\"e\":",
                tx->d->conf->node, src, (long long) n);
    mdd_buf_add(&b, pub, npub);

    rc = MDD_OK;
    if (priv != NULL) {
        rc = mdd_random(salt, sizeof(salt));
        mdd_hash2(x, salt, sizeof(salt), priv, npriv);
        mdd_base64(b64, x, MDD_HASH);
        mdd_buf_fmt(&b, ",\"x\":\"%s\"", b64);
    }
    mdd_buf_str(&b, "}");

    if (rc == MDD_OK) {
        rc = b.bad ? MDD_FAILED : mdd_ledger_add(tx->d->ledger, b.p, b.n);
    }
    mdd_buf_free(&b);

    if (rc == MDD_OK && priv != NULL
        && mdd_run(tx->db, MDD_SQL_PRIVATE_ADD, "iiibt", tx->log, tx->leaf,
                   tx->now, salt, sizeof(salt), priv, npriv) != 1)
    {
        rc = MDD_FAILED;
    }

    if (rc == MDD_OK) {
        tx->leaf++;
    }

    return rc;
}


/* the bytes of the private half: what the caller says, and rows */

static char *
private_of(const char *priv, const char *rows)
{
    size_t     n = priv ? strlen(priv) : 0;
    mdd_buf_t  b = { 0 };

    if (n > 2) {
        mdd_buf_add(&b, priv, n - 1);
        mdd_buf_str(&b, ",");

    } else {
        mdd_buf_str(&b, "{");
    }

    mdd_buf_fmt(&b, "\"did\":");
    mdd_buf_add(&b, rows, strlen(rows));
    mdd_buf_add(&b, "}", 2);

    return b.bad ? NULL : b.p;
}


/* the leaf says what was done, the row in `event` only what it was; a leaf that
 * has nothing but rows has none there */

int
mdd_event(mdd_tx_t *tx, const char *type, const char *pub, const char *priv)
{
    int         rc;
    char        number[32], *rows, *secret, *whole = NULL;
    size_t      said;
    int64_t     n;
    mdd_buf_t   b = { 0 };
    mdd_st_t   *st;

    st = mdd_query(tx->db, MDD_SQL_META_GET, "s", "events");
    n = mdd_step(st) == MDD_ROW ? strtoll(mdd_text(st, 0), NULL, 10) + 1 : 1;
    if (mdd_end(st) != MDD_OK || mdd_did_take(tx, &rows, &secret) != MDD_OK) {
        return MDD_FAILED;
    }

    while (*pub == ' ') {
        pub++;
    }

    mdd_buf_fmt(&b, "{\"type\":\"%s\",\"time\":%lld%s", type,
                (long long) tx->now, pub[0] == '{' && pub[1] != '}' ? "," : "");
    mdd_buf_str(&b, pub[0] == '{' ? pub + 1 : "}");
    said = b.n;

    if (rows != NULL && !b.bad) {
        b.n--;                          /* its brace                          */
        mdd_buf_str(&b, ",\"did\":");
        mdd_buf_add(&b, rows, strlen(rows));
        mdd_buf_str(&b, "}");
    }

    if (secret != NULL) {
        priv = whole = private_of(priv, secret);
        b.bad |= whole == NULL;
    }

    snprintf(number, sizeof(number), "%lld", (long long) n);

    rc = b.bad ? MDD_FAILED
         : mdd_leaf_add(tx, "d", n, b.p, b.n, priv,
                        priv != NULL ? strlen(priv) : 0);

    if (rc == MDD_OK && rows != NULL) {
        b.n = said;
        b.p[said - 1] = '}';
    }

    if (rc == MDD_OK
        && mdd_run(tx->db, MDD_SQL_META_PUT, "ss", "events", number) < 0)
    {
        rc = MDD_FAILED;
    }

    if (rc == MDD_OK && strcmp(type, "rows") != 0
        && (mdd_run(tx->db, MDD_SQL_EVENT_ADD, "iiist", tx->log, tx->leaf - 1,
                    tx->now, type, b.p, b.n) != 1
            || mdd_outbox_event(tx, type, b.p, b.n) != MDD_OK))
    {
        rc = MDD_FAILED;
    }

    mdd_buf_free(&b);
    free(rows);
    free(secret);
    free(whole);

    return rc;
}
