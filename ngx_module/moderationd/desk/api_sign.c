/*
 * api_sign.c - what two people have to agree to, and the handover of a shift.
 *
 * The first person asks, the second agrees within a day; what is done then is
 * done in one change together with the signature.  People are compared by
 * name, and the local socket user is nobody's second person.
 */

#include "moderationd/account/account.h"
#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/log/did.h"
#include "moderationd/web/page.h"

#include <stdlib.h>
#include <string.h>

#define OPEN_MS  86400000

typedef struct {
    mdd_web_t   *w;
    const char  *what;
    char        *args;
    int64_t      id;
    int          refused;               /* status                            */
    int          elsewhere;             /* it holds on sites of others       */
    json_t      *out;
} sign_t;


static int
run_ask(mdd_tx_t *tx, void *data)
{
    char     alias[17];
    sign_t  *s = data;

    s->id = mdd_counter(tx, "signature");

    if (s->id < 0 || mdd_alias(tx, s->w->who.name, alias) != MDD_OK
        || mdd_put(tx, MDD_SQL_SIGNATURE_ADD, "isSPii", s->id, s->what,
                   s->args, s->w->who.name, tx->now, tx->now + OPEN_MS) != 1)
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "signature", json_pack("{s:I, s:s, s:s, s:s}",
        "signature", (json_int_t) s->id, "what", s->what, "state", "open",
        "by", alias), json_pack("{s:s, s:s}", "by", s->w->who.name, "args",
        s->args));
}


void
mdd_ask_second(mdd_web_t *w, const char *what, json_t *args)
{
    sign_t  s = { 0 };

    s.w = w;
    s.what = what;
    s.args = json_dumps(args, JSON_COMPACT|JSON_SORT_KEYS);

    if (s.args == NULL || mdd_change(w->d, run_ask, &s) != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else if (w->form) {
        w->out->status = 303;
        mdd_field(w, "Location", "/moderation/pending");

    } else {
        mdd_json(w, 202, json_pack("{s:I, s:s}", "pending",
                                   (json_int_t) s.id, "what", what));
    }

    free(s.args);
}


static int
run_approve(mdd_tx_t *tx, void *data)
{
    int           rc;
    char          what[24], first[72], alias[17];
    json_t       *args;
    sign_t       *s = data;
    mdd_st_t     *st;
    mdd_person_t  who;

    st = mdd_query(tx->db, MDD_SQL_SIGNATURE_GET, "i", s->id);

    if (mdd_step(st) != MDD_ROW || strcmp(mdd_text(st, 6), "open") != 0
        || mdd_int(st, 5) < tx->now)
    {
        mdd_end(st);
        s->refused = 404;
        return MDD_REFUSED;
    }

    strncpy(what, mdd_text(st, 1), sizeof(what) - 1);
    what[sizeof(what) - 1] = '\0';
    strncpy(first, mdd_text(st, 3), sizeof(first) - 1);
    first[sizeof(first) - 1] = '\0';
    args = json_loads(mdd_text(st, 2), 0, NULL);
    mdd_end(st);

    /* an admin who is no lead signs erasures alone */

    if (strcmp(first, s->w->who.name) == 0 || s->w->who.local
        || (!(s->w->who.roles & MDD_LEAD) && strcmp(what, "erase") != 0))
    {
        json_decref(args);
        s->refused = 403;
        return MDD_REFUSED;
    }

    if (!mdd_scope_sign(tx->d, tx->db, &s->w->who, what, args)) {
        json_decref(args);
        s->elsewhere = 1;
        return MDD_REFUSED;
    }

    /* it is done in the name of who asked */

    who = s->w->who;
    strcpy(who.name, first);
    rc = strcmp(what, "bulk") == 0 ? mdd_run_bulk(tx, &who, args, &s->out)
         : strcmp(what, "adopt") == 0 ? mdd_run_adopt(tx, &who, args, &s->out)
         : strcmp(what, "account") == 0
           ? mdd_run_account(tx, &who, args, &s->out)
         : strcmp(what, "order") == 0 ? mdd_run_order(tx, &who, args, &s->out)
         : strcmp(what, "erase") == 0 ? mdd_run_erase(tx, &who, args, &s->out)
         : strcmp(what, "import") == 0
           ? mdd_run_import(tx, &who, args, &s->out)
         : MDD_FAILED;
    json_decref(args);

    if (rc != MDD_OK) {
        return rc;
    }

    if (mdd_put(tx, MDD_SQL_SIGNATURE_STATE, "sPii", "approved",
                s->w->who.name, tx->now, s->id) != 1
        || mdd_alias(tx, s->w->who.name, alias) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "signature", json_pack("{s:I, s:s, s:s, s:s}",
        "signature", (json_int_t) s->id, "what", what, "state", "approved",
        "by", alias), json_pack("{s:s, s:s}", "by", s->w->who.name, "first",
        first));
}


void
mdd_api_approve(mdd_web_t *w)
{
    int     rc;
    sign_t  s = { 0 };

    s.w = w;
    s.id = strtoll(w->seg[2], NULL, 10);
    rc = mdd_change(w->d, run_approve, &s);

    if (rc == MDD_OK) {
        mdd_tables_sync(w->d, w->db);
        mdd_done(w, 200, s.out ? s.out : json_object());
        return;
    }

    json_decref(s.out);

    if (rc == MDD_REFUSED && mdd_scope_refused(w, !s.elsewhere, "pending")) {
        return;
    }

    if (rc == MDD_REFUSED && s.refused == 403) {
        mdd_error(w, 403, "second", T(w, "须由另一人签署",
                  "another person signs"), NULL);

    } else if (rc == MDD_REFUSED) {
        mdd_error(w, 404, "not_found", "nothing open", "pending");

    } else {
        mdd_error(w, 503, "store", "", NULL);
    }
}


json_t *
mdd_get_pending(mdd_web_t *w)
{
    json_t    *list = json_array(), *args;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_SIGNATURE_LIST, "");

    while (mdd_step(st) == MDD_ROW) {
        args = json_loads(mdd_text(st, 2), 0, NULL);

        if (strcmp(mdd_text(st, 3), w->who.name) != 0
            && !mdd_scope_sign(w->d, w->db, &w->who, mdd_text(st, 1), args))
        {
            json_decref(args);
            continue;
        }

        json_array_append_new(list, json_pack("{s:I, s:s, s:o?, s:s, s:I, s:I,"
            " s:s, s:s, s:I}",
            "id", (json_int_t) mdd_int(st, 0), "what", mdd_text(st, 1),
            "args", args, "by",
            mdd_text(st, 3), "at", (json_int_t) mdd_int(st, 4), "until",
            (json_int_t) mdd_int(st, 5), "state", mdd_text(st, 6), "second",
            mdd_text(st, 7), "signed", (json_int_t) mdd_int(st, 8)));
    }

    mdd_end(st);

    return list;
}


void
mdd_api_pending(mdd_web_t *w)
{
    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, json_pack("{s:o}", "pending", mdd_get_pending(w)));
}


typedef struct {
    const char  *name, *text;
    int64_t      id;
} handover_t;


static int
run_handover(mdd_tx_t *tx, void *data)
{
    char         alias[17];
    int64_t      n;
    handover_t  *h = data;

    if (h->id) {
        n = mdd_put(tx, MDD_SQL_HANDOVER_TAKE, "Pii", h->name, tx->now,
                    h->id);

        if (n != 1) {
            return n == 0 ? MDD_REFUSED : MDD_FAILED;
        }

    } else {
        h->id = mdd_counter(tx, "handover");

        if (h->id < 0
            || mdd_put(tx, MDD_SQL_HANDOVER_ADD, "iiPS", h->id, tx->now,
                       h->name, h->text) != 1)
        {
            return MDD_FAILED;
        }
    }

    if (mdd_alias(tx, h->name, alias) != MDD_OK) {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "handover", json_pack("{s:I, s:s, s:s}",
        "handover", (json_int_t) h->id, "state", h->text ? "given" : "taken",
        "by", alias), json_pack("{s:s, s:s}", "by", h->name, "text",
        h->text ? h->text : ""));
}


/* handover {text}: given by one; handover/ID/take: signed by another */

void
mdd_api_handover(mdd_web_t *w)
{
    handover_t  h = { w->who.name, mdd_arg(w, "text"), 0 };

    if (strlen(h.text) > 8000) {
        mdd_error(w, 400, "bad_value", "", "text");

    } else if (mdd_change(w->d, run_handover, &h) != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else {
        mdd_done(w, 201, json_pack("{s:I}", "handover", (json_int_t) h.id));
    }
}


void
mdd_api_take(mdd_web_t *w)
{
    int         rc;
    handover_t  h = { w->who.name, NULL, strtoll(w->seg[2], NULL, 10) };

    rc = h.id > 0 ? mdd_change(w->d, run_handover, &h) : MDD_REFUSED;

    if (rc == MDD_REFUSED) {
        mdd_error(w, 409, "taken", T(w, "已被接班，或是您自己交的班",
                  "somebody took it, or it is your own"), NULL);

    } else if (rc != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else {
        mdd_done(w, 200, json_pack("{s:I}", "handover", (json_int_t) h.id));
    }
}
