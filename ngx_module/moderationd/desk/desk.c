/*
 * desk.c - what changes of the desk have in common: cards as rows, numbers,
 * pseudonyms, verdicts, leaves.
 */

#include "desk.h"
#include "moderationd/log/did.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static void
put(char *dst, size_t size, const char *s)
{
    snprintf(dst, size, "%s", s ? s : "");
}

#define PUT(dst, s)  put(dst, sizeof(dst), s)


void
mdd_card_row(mdd_st_t *st, mdd_card_t *c)
{
    memset(c, 0, sizeof(mdd_card_t));

    c->card = mdd_int(st, 0);
    PUT(c->kind, mdd_text(st, 1));
    PUT(c->scope, mdd_text(st, 2));
    PUT(c->item, mdd_text(st, 3));
    PUT(c->account, mdd_text(st, 4));
    PUT(c->site, mdd_text(st, 5));
    PUT(c->slot, mdd_text(st, 6));
    PUT(c->queue, mdd_text(st, 7));
    PUT(c->label, mdd_text(st, 8));
    PUT(c->rule, mdd_text(st, 9));
    PUT(c->state, mdd_text(st, 10));
    c->version = mdd_int(st, 11);
    PUT(c->fingerprint, mdd_text(st, 12));
    c->log = mdd_int(st, 13);
    c->leaf = mdd_int(st, 14);
    PUT(c->decision, mdd_text(st, 15));
    c->risk = mdd_int(st, 16);
    c->cut = mdd_int(st, 17);
    c->people = mdd_int(st, 18);
    c->shadow = mdd_int(st, 19);
    c->first = mdd_int(st, 20);
    c->last = mdd_int(st, 21);
    c->due = mdd_int(st, 22);
    PUT(c->claimed, mdd_text(st, 23));
    c->claim_until = mdd_int(st, 24);
    c->ends = mdd_int(st, 25);
}


int
mdd_card_get(mdd_db_t *db, int64_t card, mdd_card_t *c)
{
    int        found = 0;
    mdd_st_t  *st;

    st = mdd_query(db, MDD_SQL_CARD_GET, "i", card);

    if (mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, c);
        found = 1;
    }

    return mdd_end(st) == MDD_OK && found;
}


int
mdd_card_mine(const mdd_web_t *w, const mdd_card_t *c)
{
    return mdd_may_see(&w->who, c->site, c->queue, c->label);
}


void
mdd_about(mdd_db_t *db, const char *decision, char item[40], char account[40])
{
    mdd_st_t  *st = mdd_query(db, MDD_SQL_ABOUT, "s", decision);

    item[0] = account[0] = '\0';

    if (mdd_step(st) == MDD_ROW) {
        put(item, 40, mdd_text(st, 0));
        put(account, 40, mdd_text(st, 1));
    }

    mdd_end(st);
}


int64_t
mdd_counter(mdd_tx_t *tx, const char *name)
{
    int64_t  n = mdd_one(tx->db, -1, MDD_SQL_COUNTER, "s", name);

    if (n >= 0) {
        mdd_did_counter(name, n);
    }

    return n;
}


int
mdd_alias(mdd_tx_t *tx, const char *name, char out[17])
{
    uint8_t    raw[8];
    mdd_st_t  *st;

    mdd_random(raw, sizeof(raw));
    mdd_hex(out, raw, sizeof(raw));

    if (mdd_run(tx->db, MDD_SQL_PERSON_ADD, "ssi", name, out, tx->now) < 0) {
        return MDD_FAILED;
    }

    st = mdd_query(tx->db, MDD_SQL_PERSON_ALIAS, "s", name);

    if (mdd_step(st) == MDD_ROW) {
        put(out, 17, mdd_text(st, 0));
    }

    return mdd_end(st);
}


int
mdd_present(mdd_tx_t *tx, const char *name)
{
    char  alias[17];

    if (strcmp(name, "local") == 0) {
        return MDD_OK;                  /* a script is nobody on duty        */
    }

    return mdd_alias(tx, name, alias) != MDD_OK
           || mdd_run(tx->db, MDD_SQL_PERSON_SEEN, "is", tx->now, name) < 0
           ? MDD_FAILED : MDD_OK;
}


int64_t
mdd_verdict_put(mdd_tx_t *tx, int kind, const char *key, const char *scope,
    int verdict, int flags, int64_t ends)
{
    int64_t  seq = mdd_counter(tx, "seq");

    if (seq < 0
        || mdd_put(tx, MDD_SQL_VERDICT_PUT, "issiiii", (int64_t) kind,
                   key, scope, (int64_t) verdict, (int64_t) flags, ends, seq)
           != 1)
    {
        return -1;
    }

    return seq;
}


int64_t
mdd_verdict(mdd_tx_t *tx, int kind, const char *key, const char *scope,
    int verdict, int flags, int64_t ends)
{
    int64_t  seq = mdd_verdict_put(tx, kind, key, scope, verdict, flags, ends);

    /* many at once: a leaf for each part of them */

    if (seq >= 0 && mdd_did_much() && mdd_did_end(tx) != MDD_OK) {
        return -1;
    }

    return seq;
}


int
mdd_desk_event(mdd_tx_t *tx, const char *type, json_t *pub, json_t *priv)
{
    int    rc = MDD_FAILED;
    char  *a, *b = NULL;

    a = pub ? json_dumps(pub, JSON_COMPACT) : NULL;
    b = priv ? json_dumps(priv, JSON_COMPACT) : NULL;

    if (a && (b || priv == NULL)) {
        rc = mdd_event(tx, type, a, b);
    }

    free(a);
    free(b);
    json_decref(pub);
    json_decref(priv);

    return rc;
}
