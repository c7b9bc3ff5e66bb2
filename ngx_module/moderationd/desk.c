/*
 * desk.c - cards as the record brings them, and what changes of the desk have
 * in common: numbers, pseudonyms, verdicts, leaves.
 *
 * One card an item and scope.  A line with another fingerprint is its next
 * version: while the card waits it keeps its first due time, so that nobody
 * gets more time by changing a title.
 */

#include "desk.h"
#include "replay.h"

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


int64_t
mdd_counter(mdd_tx_t *tx, const char *name)
{
    return mdd_one(tx->db, -1, MDD_SQL_COUNTER, "s", name);
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


/*
 * What workers are told stands in the leaf of the event that told it: rows
 * (kind, key, scope, verdict, flags, ends, seq) under "told", so that a store
 * is made again from the ledger with its verdicts.  They are gathered on the
 * writer from the calls of one change; numbers of a change that was undone are
 * given out again, which shows that what was gathered is void.
 */

static struct {
    json_t   *rows;
    int64_t   last;
} told;

#define TOLD_MAX  400                   /* a leaf is 64 KB at most           */


static int64_t
put_verdict(mdd_tx_t *tx, int kind, const char *key, const char *scope,
    int verdict, int flags, int64_t ends)
{
    int64_t  seq = mdd_counter(tx, "seq");

    if (seq < 0
        || mdd_run(tx->db, MDD_SQL_VERDICT_PUT, "issiiii", (int64_t) kind,
                   key, scope, (int64_t) verdict, (int64_t) flags, ends, seq)
           != 1)
    {
        return -1;
    }

    if (told.rows && seq <= told.last) {
        json_decref(told.rows);
        told.rows = NULL;
    }

    return seq;
}


int64_t
mdd_verdict(mdd_tx_t *tx, int kind, const char *key, const char *scope,
    int verdict, int flags, int64_t ends)
{
    int64_t  seq = put_verdict(tx, kind, key, scope, verdict, flags, ends);

    if (seq < 0) {
        return seq;
    }

    if (told.rows == NULL) {
        told.rows = json_array();
    }

    json_array_append_new(told.rows, json_pack("[i, s, s, i, i, I, I]", kind,
                          key, scope, verdict, flags, (json_int_t) ends,
                          (json_int_t) seq));
    told.last = seq;

    /* many at once: a leaf for each part of them */

    if (json_array_size(told.rows) >= TOLD_MAX
        && mdd_desk_event(tx, "told", json_object(), NULL) != MDD_OK)
    {
        return -1;
    }

    return seq;
}


int
mdd_desk_event(mdd_tx_t *tx, const char *type, json_t *pub, json_t *priv)
{
    int    rc = MDD_FAILED;
    char  *a, *b = NULL;

    if (told.rows) {
        if (mdd_one(tx->db, 0, MDD_SQL_COUNTER_GET, "s", "seq") >= told.last) {
            json_object_set(pub, "told", told.rows);
        }

        json_decref(told.rows);
        told.rows = NULL;
    }

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


/* a leaf of ours, when a store is made again */

static int
replay(mdd_tx_t *tx, const char *type, int64_t time, const char *pub,
    size_t npub)
{
    int      rc = MDD_OK;
    size_t   i;
    json_t  *j, *row;
    int64_t  v[7];

    (void) type;
    (void) time;

    if (memmem(pub, npub, "\"told\":[", 8) == NULL
        || (j = json_loadb(pub, npub, 0, NULL)) == NULL)
    {
        return MDD_OK;
    }

    json_array_foreach(json_object_get(j, "told"), i, row) {
        const char  *key = json_string_value(json_array_get(row, 1));
        const char  *scope = json_string_value(json_array_get(row, 2));

        for (size_t k = 0; k < 7; k++) {
            v[k] = json_integer_value(json_array_get(row, k));
        }

        if (key && scope && rc == MDD_OK
            && (mdd_run(tx->db, MDD_SQL_VERDICT_PUT, "issiiii", v[0], key,
                        scope, v[3], v[4], v[5], v[6]) != 1
                || mdd_run(tx->db, MDD_SQL_COUNTER_SET, "si", "seq", v[6])
                   < 0))
        {
            rc = MDD_FAILED;
        }
    }

    json_decref(j);

    return rc;
}


/* before main: a store is caught up before anything else of the desk runs */

__attribute__((constructor))
static void
hook(void)
{
    mdd_replay_hook(replay);
}


/* does a person have to look at what this line says? */

static int
wants_person(const mdd_seen_t *s, const mdd_slot_t *slot)
{
    if (s->fingerprint == NULL || *s->fingerprint == '\0' || s->item == NULL
        || *s->item == '\0')
    {
        return 0;
    }

    if (strcmp(s->kind, "sample") == 0) {
        return 1;
    }

    if (strcmp(s->kind, "decision") != 0
        || strcmp(s->review, "released") == 0
        || strcmp(s->review, "rejected") == 0
        || strcmp(s->review, "adopted") == 0)
    {
        return 0;
    }

    return strcmp(s->action, "hold") == 0
           || (strcmp(s->reason, "review") == 0 && slot != NULL);
}


/* is something known of this fingerprint that holds? then nobody is asked */

static int
is_known(mdd_tx_t *tx, const mdd_seen_t *s, const char *scope)
{
    int        known = 0, verdict;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_VERDICT_GET, "iss",
                   (int64_t) MDL_TABLE_ITEMS, s->fingerprint, scope);

    if (mdd_step(st) == MDD_ROW) {
        verdict = (int) mdd_int(st, 0);
        known = (verdict == MDL_REVIEW_RELEASED
                 || verdict == MDL_REVIEW_REJECTED
                 || verdict == MDL_REVIEW_ADOPTED)
                && (mdd_int(st, 2) == 0 || mdd_int(st, 2) > tx->now);
    }

    mdd_end(st);

    return known;
}


static int
add_version(mdd_tx_t *tx, int64_t card, int64_t version, const mdd_seen_t *s)
{
    return mdd_run(tx->db, MDD_SQL_VERSION_ADD, "iisiii", card, version,
                   s->fingerprint, s->log, s->leaf, tx->now) == 1
           ? MDD_OK : MDD_FAILED;
}


static int
new_card(mdd_tx_t *tx, const mdd_seen_t *s, const char *kind,
    const char *scope, const char *site, const mdd_slot_t *slot, int risk)
{
    int64_t  card = mdd_counter(tx, "card");

    if (card < 0
        || mdd_run(tx->db, MDD_SQL_CARD_ADD, "isssssssss" "siis" "iiiiii",
                   card, kind, scope, s->item, s->account ? s->account : "",
                   site ? site : "", s->slot,
                   slot ? slot->queue : s->slot, s->label ? s->label : "",
                   s->rule ? s->rule : "",
                   s->fingerprint, s->log, s->leaf, s->id,
                   (int64_t) risk, (int64_t) s->cut,
                   (int64_t) (slot ? slot->people : 1),
                   (int64_t) (strcmp(s->mode, "shadow") == 0), tx->now,
                   tx->now + (slot ? slot->target_ms : 300000)) != 1)
    {
        return MDD_FAILED;
    }

    return add_version(tx, card, 1, s);
}


static int
next_version(mdd_tx_t *tx, const mdd_seen_t *s, const mdd_card_t *c,
    const mdd_slot_t *slot, int risk)
{
    int64_t  due = c->due;

    if (strcmp(c->state, "waiting") != 0) {
        due = tx->now + (slot ? slot->target_ms : 300000);

    } else if (put_verdict(tx, MDL_TABLE_ITEMS, c->fingerprint, c->scope, 0,
                           0, 0) < 0)
    {
        return MDD_FAILED;      /* should it come again, it is told again */
    }

    if (mdd_run(tx->db, MDD_SQL_CARD_VERSION, "isiisssiiiiii", c->version + 1,
                s->fingerprint, s->log, s->leaf, s->id,
                s->label ? s->label : "", s->rule ? s->rule : "",
                (int64_t) risk, (int64_t) s->cut,
                (int64_t) (strcmp(s->mode, "shadow") == 0), tx->now, due,
                c->card) != 1)
    {
        return MDD_FAILED;
    }

    return add_version(tx, c->card, c->version + 1, s);
}


int
mdd_desk_seen(mdd_tx_t *tx, const mdd_seen_t *s)
{
    int                rc, risk, found = 0, sample;
    char               scope[256], site[72];
    mdd_st_t          *st;
    mdd_card_t         c;
    mdd_slot_t         sl, *slot = NULL;
    char               queue[136];
    const mdd_book_t  *book;
    const mdd_slot_t  *known;
    const mdd_rule_t  *rule;

    /* what is needed of the book, so that it is not held over the store */

    PUT(site, mdd_site_of(tx->d->conf, s->host ? s->host : ""));
    book = mdd_book(site[0] ? site : NULL);
    known = mdd_book_slot(book, s->slot ? s->slot : "");
    rule = mdd_book_rule(book, s->rule ? s->rule : "");
    risk = rule ? rule->risk : 0;
    PUT(scope, known ? known->scope : s->slot);

    if (known) {
        sl = *known;
        PUT(queue, known->queue);
        sl.queue = queue;
        slot = &sl;
    }

    mdd_book_leave(book);

    sample = strcmp(s->kind, "sample") == 0;

    if (!wants_person(s, slot)) {
        return MDD_OK;
    }

    st = mdd_query(tx->db, MDD_SQL_CARD_BY_ITEM, "sss",
                   sample ? "sample" : "card", scope, s->item);

    if (mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, &c);
        found = 1;
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    if (!sample && is_known(tx, s, scope)) {
        return MDD_OK;
    }

    if (found && strcmp(c.fingerprint, s->fingerprint) == 0) {
        rc = mdd_run(tx->db, MDD_SQL_CARD_LAST, "ii", tx->now, c.card) < 0
             ? MDD_FAILED : MDD_OK;

        if (strcmp(c.state, "waiting") == 0 || sample || rc != MDD_OK) {
            return rc;
        }

        /* decided once, but what was said is over: it waits again */

        if (strcmp(c.state, "escalated") != 0
            && strcmp(c.state, "asked") != 0)
        {
            rc = mdd_run(tx->db, MDD_SQL_CARD_AGAIN, "ii",
                         tx->now + (slot ? slot->target_ms : 300000), c.card)
                 < 0 ? MDD_FAILED : MDD_OK;
        }

    } else if (found) {
        rc = sample ? MDD_OK : next_version(tx, s, &c, slot, risk);

    } else {
        rc = new_card(tx, s, sample ? "sample" : "card", scope, site, slot,
                      risk);
    }

    if (rc != MDD_OK || sample) {
        return rc;
    }

    return put_verdict(tx, MDL_TABLE_ITEMS, s->fingerprint, scope,
                       MDL_REVIEW_PENDING, 0, 0) < 0 ? MDD_FAILED : MDD_OK;
}
