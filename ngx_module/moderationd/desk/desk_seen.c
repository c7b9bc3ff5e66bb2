/*
 * desk_seen.c - cards as the record brings them.
 *
 * One card an item and scope.  A line with another fingerprint is its next
 * version: while the card waits it keeps its first due time, so that nobody
 * gets more time by changing a title.
 */

#include "desk.h"
#include "moderationd/log/did.h"

#include <stdio.h>
#include <string.h>

#define PUT(dst, s)  snprintf(dst, sizeof(dst), "%s", (s) ? (s) : "")


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

    return strcmp(s->action, "hold") == 0 || s->near
           || (strcmp(s->reason, "review") == 0 && slot != NULL)
           || strcmp(s->reason, "floor") == 0   /* it has run out            */
           || (strcmp(s->reason, "account") == 0
               && strcmp(s->action, "none") == 0);  /* a trusted one, shown   */
}


/* is something known of this fingerprint that holds? then nobody is asked */

static int
is_known_print(mdd_tx_t *tx, const char *print, const char *scope)
{
    int        known = 0, verdict;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_VERDICT_GET, "iss",
                   (int64_t) MDL_TABLE_ITEMS, print, scope);

    if (mdd_step(st) == MDD_ROW) {
        verdict = (int) mdd_int(st, 0);
        known = (verdict == MDL_REVIEW_RELEASED
                 || verdict == MDL_REVIEW_REJECTED
                 || verdict == MDL_REVIEW_ADOPTED)
                && !(mdd_int(st, 1) & MDL_FLAG_SUSPENDED)
                && (mdd_int(st, 2) == 0 || mdd_int(st, 2) > tx->now);
    }

    mdd_end(st);

    return known;
}


/* workers are told that the desk has it: pending, or, where a release has run
 * out, expired, so that it may still fill up a floor */

static int
acknowledge(mdd_tx_t *tx, const char *print, const char *scope)
{
    int        was = 0, flags = 0, now = MDL_REVIEW_PENDING;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_VERDICT_GET, "iss",
                   (int64_t) MDL_TABLE_ITEMS, print, scope);

    if (mdd_step(st) == MDD_ROW) {
        was = (int) mdd_int(st, 0);
        flags = (int) mdd_int(st, 1);
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    if (was == MDL_REVIEW_RELEASED || was == MDL_REVIEW_ADOPTED
        || was == MDL_REVIEW_EXPIRED)
    {
        now = MDL_REVIEW_EXPIRED;
    }

    /* a suspended release stays what it is until somebody decides */

    if (was == now || (flags & MDL_FLAG_SUSPENDED)) {
        return MDD_OK;
    }

    return mdd_verdict_put(tx, MDL_TABLE_ITEMS, print, scope, now,
                       now == MDL_REVIEW_EXPIRED ? flags : 0, 0) < 0
           ? MDD_FAILED : MDD_OK;
}


/* workers were asked for the next one of it that is shown, and it is still
 * what was released: somebody looks again before the release ends */

static int
shown_again(mdd_tx_t *tx, const mdd_seen_t *s, const mdd_card_t *c)
{
    int        wanted = 0;
    mdd_st_t  *st;

    if (strcmp(c->kind, "card") != 0
        || strcmp(c->fingerprint, s->fingerprint) != 0
        || (strcmp(c->state, "released") != 0
            && strcmp(c->state, "adopted") != 0))
    {
        return 0;
    }

    st = mdd_query(tx->db, MDD_SQL_VERDICT_GET, "iss",
                   (int64_t) MDL_TABLE_WANTED, s->item, "");

    if (mdd_step(st) == MDD_ROW) {
        wanted = mdd_int(st, 0) != 0 && mdd_int(st, 2) == c->ends;
    }

    mdd_end(st);

    if (!wanted) {
        return 0;
    }

    return mdd_put(tx, MDD_SQL_CARD_AGAIN, "ii", c->ends, c->card) != 1
           || mdd_put(tx, MDD_SQL_CARD_LAST, "ii", tx->now, c->card) != 1
           || mdd_verdict_put(tx, MDL_TABLE_WANTED, s->item, "", 0, 0, 0) < 0
           ? -1 : 1;
}


static int
add_version(mdd_tx_t *tx, int64_t card, int64_t version, const mdd_seen_t *s)
{
    return mdd_put(tx, MDD_SQL_VERSION_ADD, "iisiii", card, version,
                   s->fingerprint, s->log, s->leaf, tx->now) == 1
           ? MDD_OK : MDD_FAILED;
}


static int
new_card(mdd_tx_t *tx, const mdd_seen_t *s, const char *kind,
    const char *scope, const char *site, const mdd_slot_t *slot, int risk)
{
    int64_t  card = mdd_counter(tx, "card");

    if (card < 0
        || mdd_put(tx, MDD_SQL_CARD_ADD, "isssssssss" "siis" "iiiiii",
                   card, kind, scope, s->item, s->account ? s->account : "",
                   site ? site : "", s->slot,
                   slot ? slot->queue : s->slot, s->label ? s->label : "",
                   s->rule ? s->rule : "",
                   s->fingerprint, s->log, s->leaf, s->id,
                   (int64_t) risk, (int64_t) s->cut,
                   (int64_t) (slot ? slot->people : 1),
                   (int64_t) (strcmp(s->mode, "shadow") == 0), tx->now,
                   mdd_target(tx, slot ? slot->target_ms : 300000)) != 1)
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
        due = mdd_target(tx, slot ? slot->target_ms : 300000);

    } else if (!is_known_print(tx, c->fingerprint, c->scope)
               && mdd_verdict_put(tx, MDL_TABLE_ITEMS, c->fingerprint, c->scope,
                              0, 0, 0) < 0)
    {
        return MDD_FAILED;      /* should it come again, it is told again */
    }

    if (mdd_put(tx, MDD_SQL_CARD_VERSION, "isiisssiiiiii", c->version + 1,
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


/* a line that workers wrote as they were asked to; 1: that was it */

static int
look_again(mdd_tx_t *tx, const mdd_seen_t *s, const char *scope)
{
    int          found = 0, rc, cover;
    mdd_st_t    *st;
    mdd_card_t   c;

    st = mdd_query(tx->db, MDD_SQL_CARD_BY_ITEM, "sss", "card", scope,
                   s->item);

    if (mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, &c);
        found = 1;
    }

    if (mdd_end(st) != MDD_OK) {
        return -1;
    }

    if (!found) {
        return 0;
    }

    rc = shown_again(tx, s, &c);
    cover = rc < 0 ? rc : mdd_cover_line(tx, s, scope);

    return rc < 0 || cover < 0 ? -1 : rc || cover;
}


int
mdd_desk_seen(mdd_tx_t *tx, const mdd_seen_t *s)
{
    int                rc, risk, found = 0, sample;
    char               scope[256], site[72];
    mdd_st_t          *st;
    mdd_card_t         c;
    mdd_slot_t         sl, *slot = NULL;
    char               queue[136], session[72];
    const mdd_book_t  *book;
    const mdd_slot_t  *known;
    const mdd_rule_t  *rule;

    /* what is needed of the book, so that it is not held over the store */

    PUT(site, mdd_site_of(tx->d->conf, s->host ? s->host : ""));
    book = mdd_book(site[0] ? site : NULL);
    known = mdd_book_slot(book, s->slot ? s->slot : "");
    rule = mdd_book_rule(book, s->rule ? s->rule : "");
    risk = s->near ? 2 : rule ? rule->risk : 0;
    PUT(scope, known ? known->scope : s->slot);

    if (known) {
        sl = *known;
        PUT(queue, known->queue);
        sl.queue = queue;
        PUT(session, known->session);
        sl.session = session[0] ? session : NULL;
        slot = &sl;
    }

    mdd_book_leave(book);

    sample = strcmp(s->kind, "sample") == 0;

    if (!wants_person(s, slot)) {
        return MDD_OK;
    }

    if (sample) {
        rc = look_again(tx, s, scope);

        if (rc != 0) {
            return rc < 0 ? MDD_FAILED : MDD_OK;
        }
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

    if (!sample && is_known_print(tx, s->fingerprint, scope)) {
        return MDD_OK;
    }

    if (found && strcmp(c.fingerprint, s->fingerprint) == 0) {
        rc = mdd_put(tx, MDD_SQL_CARD_LAST, "ii", tx->now, c.card) < 0
             ? MDD_FAILED : MDD_OK;

        if (sample || rc != MDD_OK) {
            return rc;
        }

        if (strcmp(c.state, "waiting") == 0) {
            return acknowledge(tx, s->fingerprint, scope);
        }

        /* decided once, but what was said is over: it waits again */

        if (strcmp(c.state, "escalated") != 0
            && strcmp(c.state, "asked") != 0)
        {
            rc = mdd_put(tx, MDD_SQL_CARD_AGAIN, "ii",
                         mdd_target(tx, slot ? slot->target_ms : 300000), c.card)
                 < 0 ? MDD_FAILED : MDD_OK;
        }

    } else if (found) {
        rc = sample ? MDD_OK : next_version(tx, s, &c, slot, risk);

        if (rc == MDD_OK && !sample && slot && slot->session) {
            rc = mdd_session(tx, s, &c, slot->session);
        }

    } else {
        rc = new_card(tx, s, sample ? "sample" : "card", scope, site, slot,
                      risk);
    }

    if (rc != MDD_OK || sample) {
        return rc;
    }

    return acknowledge(tx, s->fingerprint, scope);
}
