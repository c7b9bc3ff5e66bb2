/*
 * api_decide.c - what a person says of a card, and taking it back.
 *
 * A verdict stands for the version that the person saw.  Where a newer one
 * waits, that one is still to be decided and the answer says so.  Everything
 * is looked at again on the writer, where nothing else runs at the same time:
 * who comes second gets 409 with who was first.
 */

#include "account.h"
#include "api.h"
#include "desk.h"
#include "page.h"

#include <string.h>


static int
refuse(mdd_decide_t *a, int status, json_t *answer)
{
    a->status = status;
    json_decref(a->answer);
    a->answer = answer;

    return MDD_REFUSED;
}


static int
refuse_word(mdd_decide_t *a, int status, const char *error,
    const char *detail, const char *field)
{
    return refuse(a, status, json_pack("{s:s, s:s, s:s}", "error", error,
                                       "detail", detail, "field", field));
}


/* somebody else's verdict on this version, or first look, or claim: 409 */

static int
taken(mdd_tx_t *tx, mdd_decide_t *a, const mdd_card_t *c, int *first)
{
    int          mine, again;
    json_t      *j = NULL;
    mdd_st_t    *st;
    const char  *state;

    /* asked again after its time: what was said before is history */

    again = strcmp(c->state, "waiting") == 0 && a->version == c->version;
    *first = 0;
    st = mdd_query(tx->db, MDD_SQL_REVIEW_OF, "ii", c->card, a->version);

    while (mdd_step(st) == MDD_ROW && j == NULL) {
        mine = strcmp(mdd_text(st, 5), a->who->name) == 0;
        state = mdd_text(st, 11);

        if (strcmp(state, "first") == 0) {
            *first = mine ? 2 : 1;      /* the second look may come */

        } else if (!again) {
            j = json_pack("{s:s, s:s, s:I, s:s, s:I, s:I}", "error",
                          "decided", "by", mdd_text(st, 5), "at",
                          (json_int_t) mdd_int(st, 6), "verdict",
                          mdd_text(st, 4), "version",
                          (json_int_t) c->version, "review",
                          (json_int_t) mdd_int(st, 0));
        }
    }

    mdd_end(st);

    if (j) {
        return refuse(a, 409, j);
    }

    if (*first == 2) {
        return refuse_word(a, 409, "first", "another person decides now",
                           "version");
    }

    if (c->claimed[0] && c->claim_until > tx->now
        && strcmp(c->claimed, a->who->name) != 0)
    {
        return refuse(a, 409, json_pack("{s:s, s:s, s:I}", "error", "claimed",
                      "by", c->claimed, "until",
                      (json_int_t) c->claim_until));
    }

    return MDD_OK;
}


static int
allowed(mdd_tx_t *tx, mdd_decide_t *a, const mdd_card_t *c)
{
    int  lead = (a->who->roles & MDD_LEAD) != 0;

    if (!mdd_may_see(a->who, c->site, c->queue, c->label)) {
        return refuse_word(a, 404, "not_found", "no such card", "card");
    }

    if (strcmp(c->state, "escalated") == 0 && !lead) {
        return refuse_word(a, 403, "forbidden", "a lead decides this card",
                           "verdict");
    }

    if (c->cut && strcmp(a->verdict, "release") == 0 && !lead) {
        return refuse_word(a, 403, "cut", "the text was cut: a lead may "
                           "release it", "verdict");
    }

    if (strcmp(a->verdict, "reject") == 0 && a->bulk == 0
        && mdd_one(tx->db, 0, MDD_SQL_REVIEW_REJECTED, "si", a->who->name,
                   tx->now - 3600000) >= MDD_MANY)
    {
        return refuse_word(a, 409, "many", "more than 50 rejections in an "
                           "hour need a second person: reject them as one "
                           "bulk", "verdict");
    }

    return MDD_OK;
}


/* ends of releases are spread by a fifth, so that they do not end at once */

static int64_t
ends_of(mdd_tx_t *tx, const mdd_decide_t *a, const mdd_card_t *c)
{
    int64_t            ms = 24 * 3600000;
    const mdd_book_t  *book;
    const mdd_slot_t  *slot;

    if (a->ends) {
        return a->ends > 0 ? a->ends : 0;
    }

    if (strcmp(a->verdict, "release") != 0) {
        return 0;
    }

    book = mdd_book(c->site[0] ? c->site : NULL);
    slot = mdd_book_slot(book, c->slot);
    ms = slot ? slot->ttl_ms : ms;
    mdd_book_leave(book);

    return tx->now + ms - (int64_t) ((uint64_t) c->card * 2654435761u % 1000)
           * ms / 5000;
}


static int
store_review(mdd_tx_t *tx, mdd_decide_t *a, const mdd_card_t *c,
    const char *fingerprint, const char *state, int64_t ends)
{
    char  alias[17];

    a->review = mdd_counter(tx, "review");

    if (a->review < 0 || mdd_alias(tx, a->who->name, alias) != MDD_OK) {
        return MDD_FAILED;
    }

    if (mdd_run(tx->db, MDD_SQL_REVIEW_ADD, "iiisssissiisiii", a->review,
                c->card, a->version, fingerprint, a->verdict, a->who->name,
                tx->now, a->reason, a->note, ends, a->bulk, state, a->seq,
                tx->log, tx->leaf) != 1)
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "review",
        json_pack("{s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s,"
                  " s:I, s:I, s:I}",
                  "review", (json_int_t) a->review, "card",
                  (json_int_t) c->card, "version", (json_int_t) a->version,
                  "kind", c->kind, "item", c->item, "account", c->account,
                  "fingerprint", fingerprint, "decision", c->decision, "verdict", a->verdict,
                  "state", state, "by", alias, "bulk", (json_int_t) a->bulk,
                  "ends", (json_int_t) ends, "seq", (json_int_t) a->seq),
        json_pack("{s:s, s:s, s:s}", "by", a->who->name, "reason", a->reason,
                  "note", a->note));
}


/* two people: the first look is kept from the second; where they differ a lead
 * decides */

static const char *
second_look(mdd_tx_t *tx, mdd_decide_t *a, const mdd_card_t *c)
{
    int        same = 0;
    int64_t    review = 0;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_REVIEW_OF, "ii", c->card, a->version);

    while (mdd_step(st) == MDD_ROW) {
        if (strcmp(mdd_text(st, 11), "first") == 0) {
            review = mdd_int(st, 0);
            same = strcmp(mdd_text(st, 4), a->verdict) == 0;
        }
    }

    mdd_end(st);
    mdd_run(tx->db, MDD_SQL_REVIEW_STATE, "sis", same ? "standing" : "split",
            review, "first");

    return same ? a->verdict : "escalate";
}


static int
effect(mdd_tx_t *tx, mdd_decide_t *a, const mdd_card_t *c, const char *print,
    const char *verdict, int64_t ends)
{
    int          release = strcmp(verdict, "release") == 0;
    const char  *state;

    state = release ? "released" : strcmp(verdict, "reject") == 0 ? "rejected"
            : strcmp(verdict, "escalate") == 0 ? "escalated" : "asked";

    if (strcmp(c->kind, "card") == 0
        && (release || strcmp(verdict, "reject") == 0))
    {
        a->seq = mdd_verdict(tx, MDL_TABLE_ITEMS, print, c->scope,
                             release ? MDL_REVIEW_RELEASED
                                     : MDL_REVIEW_REJECTED,
                             release ? 0 : MDL_FLAG_REJECTED, ends);

        if (a->seq < 0) {
            return MDD_FAILED;
        }
    }

    if (a->version != c->version) {
        return MDD_OK;                  /* the newer one waits on */
    }

    return mdd_run(tx->db, MDD_SQL_CARD_STATE, "sii", state, ends, c->card)
           == 1 ? MDD_OK : MDD_FAILED;
}


int
mdd_decide(mdd_tx_t *tx, mdd_decide_t *a)
{
    int          rc, first, final;
    char         print[40] = "";
    int64_t      ends;
    mdd_st_t    *st;
    mdd_card_t   c;
    const char  *verdict = a->verdict, *state = "standing";

    if (!mdd_card_get(tx->db, a->card, &c)) {
        return refuse_word(a, 404, "not_found", "no such card", "card");
    }

    a->version = a->version ? a->version : c.version;
    st = mdd_query(tx->db, MDD_SQL_VERSION_GET, "ii", c.card, a->version);

    if (mdd_step(st) == MDD_ROW) {
        strncpy(print, mdd_text(st, 0), sizeof(print) - 1);
    }

    mdd_end(st);

    if (print[0] == '\0') {
        return refuse_word(a, 400, "bad_value", "no such version", "version");
    }

    rc = allowed(tx, a, &c);
    rc = rc == MDD_OK ? taken(tx, a, &c, &first) : rc;

    if (rc != MDD_OK) {
        return rc;
    }

    final = strcmp(verdict, "release") == 0 || strcmp(verdict, "reject") == 0;
    ends = ends_of(tx, a, &c);

    if (!(a->who->roles & (MDD_REVIEWER|MDD_LEAD))) {
        state = "proposed";             /* a trainee: nothing comes of it */

    } else if (final && c.people > 1 && first == 0
               && strcmp(c.state, "escalated") != 0)
    {
        state = "first";

    } else if (final && first) {
        verdict = second_look(tx, a, &c);
        state = strcmp(verdict, a->verdict) == 0 ? state : "split";
    }

    if (strcmp(state, "standing") == 0 || strcmp(state, "split") == 0) {
        rc = effect(tx, a, &c, print, verdict, ends);

    } else if (mdd_run(tx->db, MDD_SQL_CARD_UNCLAIM_OF, "si", a->who->name,
                       c.card) < 0)
    {
        rc = MDD_FAILED;
    }

    if (rc != MDD_OK) {
        return rc;
    }

    a->status = 200;
    json_decref(a->answer);
    a->answer = json_pack("{s:b, s:s}", "current", a->version == c.version,
                          "state", state);

    rc = store_review(tx, a, &c, print, state, ends);

    if (rc == MDD_OK && strcmp(state, "standing") == 0
        && strcmp(verdict, "reject") == 0)
    {
        rc = mdd_strike(tx, &c, print, a->reason, a->review);
    }

    return rc;
}


/* MDD_REFUSED: it does not stand any more */

int
mdd_undo(mdd_tx_t *tx, int64_t review, const char *state, const char *person)
{
    int          verdict = MDL_REVIEW_PENDING, flags = 0;
    char         alias[17], print[40], was[16];
    int64_t      card, version, ends = 0, seq = 0;
    mdd_st_t    *st;
    mdd_card_t   c;

    st = mdd_query(tx->db, MDD_SQL_REVIEW_GET, "i", review);

    if (mdd_step(st) != MDD_ROW) {
        mdd_end(st);
        return MDD_REFUSED;
    }

    card = mdd_int(st, 1);
    version = mdd_int(st, 2);
    strncpy(print, mdd_text(st, 3), sizeof(print) - 1);
    print[sizeof(print) - 1] = '\0';
    strncpy(was, mdd_text(st, 11), sizeof(was) - 1);
    was[sizeof(was) - 1] = '\0';
    mdd_end(st);

    if (mdd_run(tx->db, MDD_SQL_REVIEW_STATE, "sis", state, review, was) != 1
        || (strcmp(was, "standing") != 0 && strcmp(was, "first") != 0)
        || !mdd_card_get(tx->db, card, &c))
    {
        return MDD_REFUSED;
    }

    /* what stood before this for the same fingerprint stands again */

    st = mdd_query(tx->db, MDD_SQL_REVIEW_PRINT, "si", print, review);

    if (mdd_step(st) == MDD_ROW
        && (mdd_int(st, 9) == 0 || mdd_int(st, 9) > tx->now))
    {
        verdict = strcmp(mdd_text(st, 4), "reject") == 0 ? MDL_REVIEW_REJECTED
                  : strcmp(mdd_text(st, 4), "adopt") == 0 ? MDL_REVIEW_ADOPTED
                  : MDL_REVIEW_RELEASED;
        flags = verdict == MDL_REVIEW_REJECTED ? MDL_FLAG_REJECTED : 0;
        ends = mdd_int(st, 9);
    }

    mdd_end(st);

    if (strcmp(c.kind, "card") == 0 && strcmp(was, "standing") == 0) {
        seq = mdd_verdict(tx, MDL_TABLE_ITEMS, print, c.scope, verdict, flags,
                          ends);

        if (seq < 0) {
            return MDD_FAILED;
        }
    }

    if (version == c.version
        && mdd_run(tx->db, MDD_SQL_CARD_STATE, "sii",
                   verdict == MDL_REVIEW_PENDING ? "waiting"
                   : verdict == MDL_REVIEW_REJECTED ? "rejected" : "released",
                   ends, card) != 1)
    {
        return MDD_FAILED;
    }

    if (mdd_alias(tx, person, alias) != MDD_OK
        || mdd_strike_void(tx, review, state) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "undo",
        json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:I}", "review",
                  (json_int_t) review, "card", (json_int_t) card, "item",
                  c.item, "account", c.account, "state", state, "fingerprint", print, "by", alias, "seq",
                  (json_int_t) seq),
        json_pack("{s:s}", "by", person));
}


static int
run_decide(mdd_tx_t *tx, void *data)
{
    return mdd_decide(tx, data);
}


/* a rejection says why: a reason of the policy, or the rule that hit */

static int
reason_ok(mdd_web_t *w, const mdd_card_t *c, const char *reason)
{
    int                ok;
    const mdd_book_t  *book;

    book = mdd_book(c->site[0] ? c->site : NULL);
    ok = mdd_book_reason(book, reason) != NULL
         || mdd_book_rule(book, reason) != NULL
         || (c->rule[0] && strcmp(c->rule, reason) == 0)
         || (book == NULL || book->nreasons == 0);
    mdd_book_leave(book);
    (void) w;

    return *reason && ok;
}


void
mdd_api_decide(mdd_web_t *w)
{
    int           rc;
    json_t       *j;
    mdd_card_t    c;
    mdd_decide_t  a = { 0 };
    static const char *const  verdicts[] = {
        "release", "reject", "escalate", "ask"
    };
    size_t        i;

    a.who = &w->who;
    a.card = strtoll(w->seg[2], NULL, 10);
    a.version = mdd_arg_int(w, "version", 0);
    a.verdict = mdd_arg(w, "verdict");
    a.reason = mdd_arg(w, "reason");
    a.note = mdd_arg(w, "note");
    a.ends = *mdd_arg(w, "ttl") ? mdd_arg_until(w, "ttl") : 0;

    for (i = 0; i < 4 && strcmp(a.verdict, verdicts[i]) != 0; i++) { /* */ }

    if (i == 4 || a.ends < -1 || strlen(a.note) > 4000) {
        mdd_error(w, 400, "bad_value", "",
                  i == 4 ? "verdict" : a.ends < -1 ? "ttl" : "note");
        return;
    }

    if (a.version <= 0 && !(w->who.local && a.version == 0)) {
        mdd_error(w, 400, "bad_value", "the version that was seen", "version");
        return;
    }

    if (!mdd_card_get(w->db, a.card, &c) || !mdd_card_mine(w, &c)) {
        mdd_error(w, 404, "not_found", "no such card", "card");
        return;
    }

    if (strcmp(a.verdict, "reject") == 0 && !reason_ok(w, &c, a.reason)) {
        mdd_error(w, 400, "reason", T(w, "驳回需要理由",
                  "a rejection needs a reason"), "reason");
        return;
    }

    rc = mdd_change(w->d, run_decide, &a);

    if (rc == MDD_REFUSED && a.answer) {
        if (w->form) {
            mdd_error(w, a.status, mdd_str(a.answer, "error"),
                      mdd_str(a.answer, mdd_str(a.answer, "by")[0]
                                        ? "by" : "detail"), NULL);
            json_decref(a.answer);

        } else {
            mdd_json(w, a.status, a.answer);
        }

        return;
    }

    if (rc != MDD_OK) {
        json_decref(a.answer);
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    mdd_tables_sync(w->d, w->db);
    j = a.answer;
    json_object_set_new(j, "review", json_integer(a.review));
    json_object_set_new(j, "seq", json_integer(a.seq));
    mdd_done(w, 200, j);
}


typedef struct {
    int64_t      review;
    const char  *person;
} undo_t;


static int
run_undo(mdd_tx_t *tx, void *data)
{
    undo_t  *u = data;

    return mdd_undo(tx, u->review, "undone", u->person);
}


void
mdd_api_undo(mdd_web_t *w)
{
    int        rc, found = 0, mine = 0, late = 0;
    undo_t     u = { 0, w->who.name };
    mdd_st_t  *st;

    u.review = strtoll(w->seg[2], NULL, 10);
    st = mdd_query(w->db, MDD_SQL_REVIEW_GET, "i", u.review);

    if (mdd_step(st) == MDD_ROW) {
        found = 1;
        mine = strcmp(mdd_text(st, 5), w->who.name) == 0;
        late = w->now - mdd_int(st, 6) > MDD_UNDO_MS;
    }

    mdd_end(st);

    if (!found) {
        mdd_error(w, 404, "not_found", "no such decision", "review");
        return;
    }

    if (!(w->who.roles & MDD_LEAD) && (!mine || late)) {
        mdd_error(w, mine ? 410 : 403, mine ? "late" : "forbidden",
                  T(w, "十分钟内可撤销自己的决定，之后由组长撤销",
                    "one's own within ten minutes, later a lead"), NULL);
        return;
    }

    rc = mdd_change(w->d, run_undo, &u);

    if (rc != MDD_OK) {
        mdd_error(w, rc == MDD_REFUSED ? 409 : 503,
                  rc == MDD_REFUSED ? "undone" : "store",
                  T(w, "它已不再有效", "it does not stand any more"), NULL);
        return;
    }

    mdd_tables_sync(w->d, w->db);
    mdd_done(w, 200, json_pack("{s:I}", "review", (json_int_t) u.review));
}
