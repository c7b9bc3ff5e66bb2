/*
 * api_decide.c - what a person says of a card, and taking it back.
 *
 * A verdict stands for the version that the person saw.  Where a newer one
 * waits, that one is still to be decided and the answer says so.  Everything
 * is looked at again on the writer, where nothing else runs at the same time:
 * who comes second gets 409 with who was first.
 */

#include "moderationd/log/did.h"
#include "moderationd/report/notice.h"
#include "moderationd/report/report.h"
#include "moderationd/account/account.h"
#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/web/page.h"

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

    if (!mdd_may_see(a->who, c->site, c->queue, c->label)
        || (strcmp(c->kind, "again") == 0
            && (!(a->who->roles & (MDD_REVIEWER|MDD_LEAD))
                || mdd_again_own(tx, c->card, a->who->name))))
    {
        return refuse_word(a, 404, "not_found", "no such card", "card");
    }

    if (strcmp(c->state, "escalated") == 0 && !lead) {
        return refuse_word(a, 403, "forbidden", "a lead decides this card",
                           "verdict");
    }

    if (mdd_look_own(tx, c, a->who->name)) {
        return refuse_word(a, 403, "own", "another person takes the second "
                           "look", "verdict");
    }

    if (c->cut && strcmp(a->verdict, "release") == 0 && !lead) {
        return refuse_word(a, 403, "cut", "the text was cut: a lead may "
                           "release it", "verdict");
    }

    if (strcmp(a->verdict, "reject") == 0 && a->bulk <= 0
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

    if (mdd_put(tx, MDD_SQL_REVIEW_ADD, "iiissPiSSiisiii", a->review,
                c->card, a->version, fingerprint, a->verdict, a->who->name,
                tx->now, a->reason, a->note, ends, a->bulk, state, a->seq,
                tx->log, tx->leaf) != 1)
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "review",
        json_pack("{s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s,"
                  " s:I, s:I, s:I, s:I}",
                  "review", (json_int_t) a->review, "card",
                  (json_int_t) c->card, "version", (json_int_t) a->version,
                  "kind", c->kind, "item", c->item, "account", c->account,
                  "fingerprint", fingerprint, "decision", c->decision, "verdict", a->verdict,
                  "state", state, "by", alias, "bulk", (json_int_t) a->bulk,
                  "ends", (json_int_t) ends, "seq", (json_int_t) a->seq, "first",
                  (json_int_t) a->first),
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
    a->first = review;
    mdd_put(tx, MDD_SQL_REVIEW_STATE, "sis", same ? "standing" : "split",
            review, "first");

    return same ? a->verdict : "escalate";
}


static int
effect(mdd_tx_t *tx, mdd_decide_t *a, const mdd_card_t *c, const char *print,
    const char *verdict, int64_t ends)
{
    int          release = strcmp(verdict, "release") == 0;
    int          flags = 0;
    mdd_st_t    *st;
    const char  *state;

    state = release ? "released" : strcmp(verdict, "reject") == 0 ? "rejected"
            : strcmp(verdict, "escalate") == 0 ? "escalated" : "asked";

    if (strcmp(c->kind, "card") == 0
        && (release || strcmp(verdict, "reject") == 0))
    {
        /* what was rejected once never fills up a floor */

        st = mdd_query(tx->db, MDD_SQL_VERDICT_GET, "iss",
                       (int64_t) MDL_TABLE_ITEMS, print, c->scope);

        if (mdd_step(st) == MDD_ROW) {
            flags = (int) mdd_int(st, 1) & MDL_FLAG_REJECTED;
        }

        mdd_end(st);

        a->seq = mdd_verdict(tx, MDL_TABLE_ITEMS, print, c->scope,
                             release ? MDL_REVIEW_RELEASED
                                     : MDL_REVIEW_REJECTED,
                             release ? flags : MDL_FLAG_REJECTED, ends);

        if (a->seq < 0) {
            return MDD_FAILED;
        }
    }

    if (a->version != c->version) {
        return MDD_OK;                  /* the newer one waits on */
    }

    return mdd_put(tx, MDD_SQL_CARD_STATE, "sii", state, ends, c->card)
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
    mdd_notice_t n = { 0 };

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

    if (strcmp(c.kind, "again") == 0) {
        return mdd_again_decide(tx, a, &c);
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

    if (mdd_present(tx, a->who->name) != MDD_OK) {
        return MDD_FAILED;
    }

    a->status = 200;
    json_decref(a->answer);
    a->answer = json_pack("{s:b, s:s}", "current", a->version == c.version,
                          "state", state);

    rc = store_review(tx, a, &c, print, state, ends);

    if (rc == MDD_OK && final && strcmp(state, "standing") == 0) {
        rc = mdd_look_over(tx, &c, verdict, a->who->name);
    }

    if (rc == MDD_OK && strcmp(state, "standing") == 0
        && strcmp(verdict, "reject") == 0)
    {
        rc = mdd_strike(tx, &c, print, a->reason, a->review);
        n.decision = c.decision;
        n.by = "person";
        n.account = c.account;
        n.item = c.item;
        n.print = print;
        n.rule = c.rule;
        n.reason = a->reason;
        n.site = c.site;
        rc = rc == MDD_OK ? mdd_notice(tx, &n) : rc;
    }

    return rc;
}


typedef struct {
    mdd_decide_t  a;
    mdd_also_t    also;
} call_t;


static int
run_decide(mdd_tx_t *tx, void *data)
{
    int      rc;
    call_t  *c = data;

    rc = mdd_decide(tx, &c->a);

    return rc == MDD_OK && c->also.n ? mdd_also_run(tx, &c->a, &c->also) : rc;
}


/* a rejection says why: a reason of the policy, or the rule that hit */

static int
reason_ok(const mdd_card_t *c, const char *reason)
{
    int                ok;
    const mdd_book_t  *book;

    book = mdd_book(c->site[0] ? c->site : NULL);
    ok = mdd_book_reason(book, reason) != NULL
         || mdd_book_rule(book, reason) != NULL
         || (c->rule[0] && strcmp(c->rule, reason) == 0)
         || (book == NULL || book->nreasons == 0);
    mdd_book_leave(book);

    return *reason && ok;
}


void
mdd_api_decide(mdd_web_t *w)
{
    int            rc;
    char           url[64];
    json_t        *j;
    call_t         call = { 0 };
    mdd_card_t     c;
    const char    *bad;
    mdd_decide_t  *a = &call.a;
    static const char *const  verdicts[] = {
        "release", "reject", "escalate", "ask"
    };
    size_t         i;

    a->who = &w->who;
    a->card = strtoll(w->seg[2], NULL, 10);
    a->version = mdd_arg_int(w, "version", 0);
    a->verdict = mdd_arg(w, "verdict");
    a->reason = mdd_arg(w, "reason");
    a->note = mdd_arg(w, "note");
    a->ends = *mdd_arg(w, "ttl") ? mdd_arg_until(w, "ttl") : 0;

    for (i = 0; i < 4 && strcmp(a->verdict, verdicts[i]) != 0; i++) { /* */ }

    if (i == 4 || a->ends < -1 || strlen(a->note) > 4000) {
        mdd_error(w, 400, "bad_value", "",
                  i == 4 ? "verdict" : a->ends < -1 ? "ttl" : "note");
        return;
    }

    if (a->version <= 0 && !(w->who.local && a->version == 0)) {
        mdd_error(w, 400, "bad_value", "the version that was seen", "version");
        return;
    }

    if (!mdd_card_get(w->db, a->card, &c) || !mdd_card_mine(w, &c)) {
        mdd_error(w, 404, "not_found", "no such card", "card");
        return;
    }

    if (strcmp(a->verdict, "reject") == 0 && !reason_ok(&c, a->reason)) {
        mdd_error(w, 400, "reason", T(w, "驳回需要理由",
                  "a rejection needs a reason"), "reason");
        return;
    }

    bad = mdd_also_args(w, &c, a->version, &call.also);

    if (bad || (call.also.n && i > 1)) {
        mdd_error(w, 400, "bad_value", bad ? "" : "release or reject",
                  bad ? bad : "also");
        return;
    }

    rc = mdd_change(w->d, run_decide, &call);

    if (rc == MDD_REFUSED && a->answer) {
        if (w->form) {
            mdd_error(w, a->status, mdd_str(a->answer, "error"),
                      mdd_str(a->answer, mdd_str(a->answer, "by")[0]
                                        ? "by" : "detail"), NULL);
            json_decref(a->answer);

        } else {
            if (w->zh && mdd_str(a->answer, "detail")[0]) {
                json_object_set_new(a->answer, "detail", json_string(
                    mdd_word(w, mdd_str(a->answer, "detail"))));
            }

            mdd_json(w, a->status, a->answer);
        }

        return;
    }

    if (rc != MDD_OK) {
        json_decref(a->answer);
        json_decref(call.also.answer);
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    mdd_tables_sync(w->d, w->db);
    j = a->answer;
    json_object_set_new(j, "review", json_integer(a->review));
    json_object_set_new(j, "seq", json_integer(a->seq));

    if (call.also.answer) {
        json_object_set_new(j, "also", call.also.answer);
    }


    if (w->form) {                      /* without script: it can be undone */
        snprintf(url, sizeof(url), "/moderation/queue?last=%lld",
                 (long long) a->review);
        w->out->status = 303;
        mdd_field(w, "Location", url);
        json_decref(j);
        return;
    }

    mdd_done(w, 200, j);
}
