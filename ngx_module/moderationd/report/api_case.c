/*
 * api_case.c - what readers and owners say: reports, reasons, appeals, and
 * how a person answers them.
 *
 * An appeal needs the code that the notice carried; counts of reports never
 * act.  Their pages are page_public.c's and page_case.c's.
 */

#include "moderationd/web/api.h"
#include "moderationd/desk/desk.h"
#include "moderationd/log/did.h"
#include "notice.h"
#include "moderationd/web/page.h"
#include "report.h"

#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS      86400000ll
#define CASES       200                 /* of a page, as CASE_LIST            */
#define WINDOW_MS   (183 * DAY_MS)
#define ANSWER_MS   (15 * DAY_MS)

const char *const  mdd_outcomes[MDD_OUTCOMES] = {
    "effective", "late", "valid", "wrong", "abusive", "duplicate"
};


/* the code of an appeal: decision, and an HMAC over it under the id key */

int
mdd_appeal_code(mdd_t *d, const char *decision, char out[80])
{
    int         wide;
    char        err[256];
    uint8_t     mac[MDL_HASH];
    mdl_key_t   key;
    mdl_str_t   s = { decision, strlen(decision) };

    if (s.len > 24
        || mdl_key_load(&key, d->conf->id_key, &wide, err, sizeof(err)) != 0)
    {
        return -1;
    }

    mdl_hash(&key, "appeal", s, mac);
    snprintf(out, 80, "%s-", decision);
    mdl_base32(mac, 80, out + s.len + 1);

    return 0;
}


/* an outcome */
typedef struct {
    mdd_web_t   *w;
    int64_t      casefile;
    const char  *outcome, *reply;
    char         about[24];             /* the decision of an appeal         */
    int          refused;
} case_t;


static int
run_report(mdd_tx_t *tx, void *data)
{
    return mdd_report_take(tx, data);
}


static int
run_look(mdd_tx_t *tx, void *data)
{
    return mdd_look_ask(tx, data);
}


static void
take(mdd_web_t *w, mdd_report_t *c, mdd_change_pt run)
{
    int   rc;
    char  url[80];

    rc = mdd_change(w->d, run, c);

    if (rc == MDD_REFUSED && c->refused == 404) {
        mdd_error(w, 404, "not_found", T(w, "没有被驳回",
                  "it is not rejected"), "code");

    } else if (rc == MDD_REFUSED && c->refused == 410) {
        mdd_error(w, 410, "late", T(w, "直播已过一天，请申诉",
                  "the room was shown more than a day ago: object instead"),
                  "code");

    } else if (rc == MDD_REFUSED) {
        mdd_error(w, 409, "open", T(w, "已有一件在办",
                  "one is open already"), NULL);

    } else if (rc != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else if (w->form) {
        mdd_tables_sync(w->d, w->db);
        snprintf(url, sizeof(url), "/moderation/public/report/%s%s",
                 c->number, mdd_arg(w, "lang")[0] == '\0' ? ""
                 : w->zh ? "?lang=zh" : "?lang=en");
        w->out->status = 303;
        mdd_field(w, "Location", url);

    } else {
        mdd_tables_sync(w->d, w->db);
        mdd_json(w, 201, json_pack("{s:s}", "number", c->number));
    }
}


static const char *
too_long(mdd_web_t *w)
{
    return T(w, "文字太长，最多 8 KiB（约 2700 个汉字）",
             "the text is too long: 8 KiB at most");
}


/* a code as people copy it: with blanks around it, or in capitals */

static void
typed(const char *s, char *out, size_t size)
{
    size_t  n = 0;

    for ( ; *s != '\0' && n + 1 < size; s++) {
        if (!isspace((unsigned char) *s)) {
            out[n++] = (char) tolower((unsigned char) *s);
        }
    }

    out[*s == '\0' ? n : 0] = '\0';
}


void
mdd_public_report(mdd_web_t *w)
{
    mdd_report_t  c = { 0 };
    const char   *bad;

    c.kind = "report";
    c.item = mdd_arg(w, "item");
    c.page = mdd_arg(w, "page");
    c.reason = mdd_arg(w, "reason");
    c.text = mdd_arg(w, "text");
    c.reporter = mdd_arg(w, "reporter");
    c.decision = c.team = "";
    c.due = mdd_report_due(w->d, c.reason, w->now);
    bad = mdd_report_check(w->d, &c);

    if (bad) {
        mdd_error(w, 400, "bad_value", strcmp(bad, "text") == 0 ? too_long(w)
                  : T(w, "请写明页面或编号，以及理由",
                      "a page or an id, and a reason"), bad);
        return;
    }

    take(w, &c, run_report);
}


void
mdd_public_appeal(mdd_web_t *w)
{
    char         code[80], given[80], decision[24] = "";
    size_t       n;
    json_t      *d;
    int64_t      age;
    mdd_report_t  c = { 0 };

    typed(mdd_arg(w, "code"), given, sizeof(given));
    c.kind = "appeal";
    c.text = mdd_arg(w, "text");
    c.reason = "appeal";
    c.reporter = c.item = c.page = c.team = c.who = c.print = "";
    c.due = w->now + ANSWER_MS;
    n = strcspn(given, "-");

    if (strlen(c.text) > MDD_REPORT_TEXT || c.text[0] == '\0') {
        mdd_error(w, 400, "bad_value", c.text[0] ? too_long(w)
                  : T(w, "请写明理由", "say why"), "text");
        return;
    }

    if (n < sizeof(decision) && given[n] == '-') {
        memcpy(decision, given, n);
    }

    if (decision[0] == '\0' || mdd_appeal_code(w->d, decision, code) != 0
        || strlen(code) != strlen(given)
        || CRYPTO_memcmp(code, given, strlen(code)) != 0)
    {
        mdd_error(w, 403, "code", T(w, "申诉须用通知中的代码",
                  "an appeal needs the code of the notice"), "code");
        return;
    }

    w->who.roles = MDD_VIEWER;
    d = mdd_get_decision(w, decision);
    age = d ? w->now - mdd_num(d, "time") : WINDOW_MS + 1;
    json_decref(d);

    if (age > WINDOW_MS) {
        mdd_error(w, 410, "late", T(w, "申诉期为 183 天",
                  "appeals are open for 183 days"), "code");
        return;
    }

    c.decision = decision;
    take(w, &c, mdd_arg_int(w, "look", 0)
         || json_is_true(json_object_get(w->args, "look")) ? run_look
                                                           : run_report);
}


/* the desk's side */

/* a page of another site, or a decision about one, is none of theirs; nobody
 * knows where an item stands */

static int
is_mine(mdd_web_t *w, const char *page, const char *decision)
{
    char           host[256];
    json_t        *d;
    size_t         n;
    const char    *site;
    mdd_person_t   who = w->who;

    if (who.nsites == 0 && who.nlabels_not == 0) {
        return 1;
    }

    if (decision[0]) {
        d = mdd_get_decision(w, decision);
        json_decref(d);

        return d != NULL;
    }

    page = strstr(page, "//") ? strstr(page, "//") + 2 : page;
    n = strcspn(page, "/:?#");

    if (n == 0 || n >= sizeof(host)) {
        return 1;
    }

    memcpy(host, page, n);
    host[n] = '\0';
    site = mdd_site_of(w->d->conf, host);
    who.nqueues = 0;

    return site == NULL || mdd_may_see(&who, site, NULL, NULL);
}


static int
case_is_mine(mdd_web_t *w, int64_t id)
{
    int        mine;
    char      *decision, *page;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_CASE_GET, "i", id);

    if (mdd_step(st) != MDD_ROW) {
        mdd_end(st);
        return 0;
    }

    decision = strdup(mdd_text(st, 1));
    page = strdup(mdd_text(st, 3));
    mdd_end(st);

    mine = decision && page && is_mine(w, page, decision);
    free(decision);
    free(page);

    return mine;
}


/* two hundred from there on; how many there were */

static int
some_cases(mdd_web_t *w, int64_t from, json_t *list)
{
    int        n = 0;
    json_t    *j;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_CASE_LIST, "ii", w->who.casefile, from);

    while (mdd_step(st) == MDD_ROW) {
        j = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I,"
            " s:I, s:I}", "id", (json_int_t) mdd_int(st, 0), "kind",
            mdd_text(st, 1), "item", mdd_text(st, 2), "page", mdd_text(st, 3),
            "decision", mdd_text(st, 4), "reason", mdd_text(st, 5), "state",
            mdd_text(st, 6), "outcome", mdd_text(st, 7), "by",
            mdd_text(st, 9), "time", (json_int_t) mdd_int(st, 10), "due",
            (json_int_t) mdd_int(st, 11), "reports",
            (json_int_t) mdd_int(st, 12));
        json_object_set_new(j, "reply", json_string(mdd_text(st, 8)));
        json_object_set_new(j, "text", json_string(mdd_text(st, 13)));
        json_array_append_new(list, j);
        n++;
    }

    mdd_end(st);

    return n;
}


/* those that this person may see, 200 at most */

json_t *
mdd_get_cases(mdd_web_t *w)
{
    int       n = CASES;
    size_t    i;
    json_t   *list = json_array(), *j, *arranged;
    int64_t   from;

    for (from = 0; n == CASES && json_array_size(list) < CASES; from += n) {
        i = json_array_size(list);
        n = some_cases(w, from, list);

        while (i < json_array_size(list)) {
            j = json_array_get(list, i);

            if (w->who.casefile ? mdd_num(j, "id") != w->who.casefile
                : !is_mine(w, mdd_str(j, "page"), mdd_str(j, "decision")))
            {
                json_array_remove(list, i);

            } else {
                i++;
            }
        }
    }

    json_array_foreach(list, i, j) {
        arranged = mdd_num(j, "reports") < MDD_ARRANGED_MIN ? NULL
                   : mdd_report_arranged(w->db, mdd_num(j, "id"));

        if (arranged) {
            json_object_set_new(j, "arranged", arranged);
        }
    }

    return list;
}


void
mdd_api_cases(mdd_web_t *w)
{
    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, json_pack("{s:o, s:I}", "cases", mdd_get_cases(w),
             "open", (json_int_t) mdd_one(w->db, 0, MDD_SQL_CASE_COUNT, "")));
}


/* an appeal that is granted: what another person decided is undone, its
 * strike is void; nobody decides about an own decision */

static int
run_outcome(mdd_tx_t *tx, void *data)
{
    int         appeal = 0, own = 0, n = 0, rc;
    char        alias[17], item[40], of[40], account[40];
    case_t     *c = data;
    int64_t     reviews[16];
    mdd_st_t   *st;

    st = mdd_query(tx->db, MDD_SQL_CASE_GET, "i", c->casefile);

    if (mdd_step(st) != MDD_ROW || strcmp(mdd_text(st, 2), "open") != 0) {
        mdd_end(st);
        c->refused = 404;
        return MDD_REFUSED;
    }

    appeal = strcmp(mdd_text(st, 0), "appeal") == 0;
    c->refused = strcmp(mdd_text(st, 0), "look") == 0 ? 409 : 0;
    snprintf(c->about, sizeof(c->about), "%s", mdd_text(st, 1));
    snprintf(item, sizeof(item), "%s", mdd_text(st, 4));
    mdd_end(st);

    if (c->refused) {
        return MDD_REFUSED;             /* its card is decided, not this */
    }

    if (appeal) {
        st = mdd_query(tx->db, MDD_SQL_REVIEW_DECISION, "s", c->about);

        while (n < 16 && mdd_step(st) == MDD_ROW) {
            reviews[n++] = mdd_int(st, 0);
            own |= strcmp(mdd_text(st, 1), c->w->who.name) == 0;
        }

        mdd_end(st);

        if (own) {
            c->refused = 403;
            return MDD_REFUSED;
        }
    }

    while (appeal && strcmp(c->outcome, "effective") == 0 && n > 0) {
        rc = mdd_undo(tx, reviews[--n], "appealed", c->w->who.name);

        if (rc == MDD_FAILED) {
            return rc;
        }
    }

    if (appeal && strcmp(c->outcome, "effective") == 0
        && mdd_notice_void(tx, c->about, "rule") != MDD_OK)
    {
        return MDD_FAILED;
    }

    mdd_about(tx->db, c->about, of, account);

    if (mdd_put(tx, MDD_SQL_CASE_CLOSE, "sSPii", c->outcome, c->reply,
                c->w->who.name, tx->now, c->casefile) != 1
        || mdd_alias(tx, c->w->who.name, alias) != MDD_OK
        || (appeal && mdd_notice_uphold(tx, c->about) != MDD_OK))
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "outcome", json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:I, s:s}", "case",
        (json_int_t) c->casefile, "outcome", c->outcome, "decision", c->about,
        "item", *of ? of : item, "account", account, "reports",
        (json_int_t) mdd_one(tx->db, 1, MDD_SQL_CASE_REPORTS, "i",
                             c->casefile), "by", alias),
        json_pack("{s:s, s:s}", "by", c->w->who.name, "reply", c->reply));
}


void
mdd_api_outcome(mdd_web_t *w)
{
    int      rc;
    size_t   i;
    case_t   c = { 0 };

    c.w = w;
    c.casefile = strtoll(w->seg[2], NULL, 10);
    c.outcome = mdd_arg(w, "outcome");
    c.reply = mdd_arg(w, "reply");

    for (i = 0; i < MDD_OUTCOMES && strcmp(mdd_outcomes[i], c.outcome) != 0; i++) { /* */ }

    if (i == MDD_OUTCOMES || strlen(c.reply) > MDD_REPORT_TEXT) {
        mdd_error(w, 400, "bad_value", "", i == MDD_OUTCOMES ? "outcome" : "reply");
        return;
    }

    if (!case_is_mine(w, c.casefile)) {
        mdd_error(w, 404, "not_found", "no such open case", "case");
        return;
    }

    rc = mdd_change(w->d, run_outcome, &c);

    if (rc == MDD_REFUSED && c.refused == 403) {
        mdd_error(w, 403, "own", T(w, "申诉由另一人决定",
                  "another person decides an appeal"), NULL);

    } else if (rc == MDD_REFUSED) {
        mdd_error(w, 404, "not_found", "no such open case", "case");

    } else if (rc != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else {
        mdd_tables_sync(w->d, w->db);
        mdd_done(w, 200, json_pack("{s:I, s:s}", "case",
                 (json_int_t) c.casefile, "outcome", c.outcome));
    }
}


/* the code that a notice carries; a lead may read it to send it again */

void
mdd_api_code(mdd_web_t *w)
{
    char     code[80];
    json_t  *d = mdd_get_decision(w, w->seg[2]);

    if (d == NULL || mdd_appeal_code(w->d, mdd_str(d, "id"), code) != 0) {
        json_decref(d);
        mdd_error(w, 404, "not_found", "", NULL);
        return;
    }

    json_decref(d);
    mdd_json(w, 200, json_pack("{s:s}", "code", code));
}
