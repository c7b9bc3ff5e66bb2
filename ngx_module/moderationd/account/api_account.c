/*
 * api_account.c - an account by the API and as a screen: state, score over
 * time, strikes, decisions; a lead sets states, two close or trust.
 */

#include "account.h"
#include "moderationd/web/api.h"
#include "moderationd/log/did.h"
#include "moderationd/web/page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS  86400000ll
#define POINTS  60                      /* of the curve                      */


static json_t *
strikes(mdd_web_t *w, const char *account)
{
    json_t    *list = json_array();
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_STRIKE_LIST, "s", account);

    while (mdd_step(st) == MDD_ROW) {
        json_array_append_new(list, json_pack("{s:I, s:s, s:I, s:s, s:f, s:I,"
            " s:I, s:s}", "id", (json_int_t) mdd_int(st, 0), "rule",
            mdd_text(st, 1), "rev", (json_int_t) mdd_int(st, 2), "state",
            mdd_text(st, 3), "points", (double) mdd_int(st, 4) / 1000.0, "half_life",
            (json_int_t) mdd_int(st, 5), "at", (json_int_t) mdd_int(st, 6),
            "decision", mdd_text(st, 7)));
    }

    mdd_end(st);

    return list;
}


/* states that it had, the newest first */

static json_t *
history(mdd_web_t *w, const char *account)
{
    json_t    *list = json_array();
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_ACCOUNT_WAS, "s", account);

    while (mdd_step(st) == MDD_ROW) {
        json_array_append_new(list, json_pack("{s:I, s:s, s:I, s:s, s:s}",
            "at", (json_int_t) mdd_int(st, 0), "state", mdd_text(st, 1),
            "ends", (json_int_t) mdd_int(st, 2), "by", mdd_text(st, 3),
            "reason", mdd_text(st, 4)));
    }

    mdd_end(st);

    return list;
}


static json_t *
get_account(mdd_web_t *w, const char *account)
{
    json_t        *j;
    double         score;
    mdd_account_t  a;

    mdd_account_get(w->db, account, w->now, &a);
    score = mdd_account_score(w->db, account, w->now);

    j = json_pack("{s:s, s:s, s:I, s:s, s:s, s:f, s:i, s:o}",
                     "account", account, "state", a.state, "ends",
                     (json_int_t) a.ends, "by", a.person, "reason", a.reason,
                     "score", round(score * 1000) / 1000, "credit",
                     mdd_account_credit(score), "strikes",
                     strikes(w, account));
    json_object_set_new(j, "history", history(w, account));
    mdd_add_proposed(w, account, j);

    return j;
}


void
mdd_api_account(mdd_web_t *w)
{
    char  account[40];

    if (mdd_account_key(w->d, w->seg[2], account) != 0) {
        mdd_error(w, 404, "not_found", "no such account", "account");
        return;
    }

    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, get_account(w, account));
}


typedef struct {
    mdd_web_t  *w;
    json_t     *args, *out;
    int64_t     id;
    int         elsewhere;              /* an account of other sites         */
} change_t;


static int
run_state(mdd_tx_t *tx, void *data)
{
    change_t  *c = data;

    return mdd_run_account(tx, &c->w->who, c->args, &c->out);
}


/* {state, until, reason}: a lead; closed and trusted need a second one */

void
mdd_api_account_state(mdd_web_t *w)
{
    int          two;
    char         account[40];
    int64_t      until = mdd_arg_until(w, "until");
    change_t     c = { 0 };
    const char  *state = mdd_arg(w, "state"), *field = NULL;

    until = until == -1 ? 0 : until;

    if (mdd_account_key(w->d, w->seg[2], account) != 0) {
        mdd_error(w, 404, "not_found", "no such account", "account");
        return;
    }

    if (strcmp(state, "none") != 0 && strcmp(state, "watched") != 0
        && strcmp(state, "limited") != 0 && strcmp(state, "suspended") != 0
        && strcmp(state, "closed") != 0 && strcmp(state, "trusted") != 0)
    {
        field = "state";

    } else if (until < 0 || (until && until < w->now)
               || (strcmp(state, "trusted") == 0
                   && (until == 0 || until > w->now + 180 * DAY_MS))
               || (strcmp(state, "suspended") == 0 && until == 0))
    {
        field = "until";

    } else if (mdd_arg(w, "reason")[0] == '\0') {
        field = "reason";
    }

    if (field) {
        mdd_error(w, 400, "bad_value", T(w, "请检查此项", "look at this"),
                  field);
        return;
    }

    if (mdd_scope_refused(w, mdd_scope_target(w->d, w->db, &w->who, "account",
                                              account), "account"))
    {
        return;
    }

    two = strcmp(state, "closed") == 0 || strcmp(state, "trusted") == 0;
    c.w = w;
    c.args = json_pack("{s:s, s:s, s:I, s:s}", "account", account, "state",
                       state, "ends", (json_int_t) until, "reason",
                       mdd_arg(w, "reason"));

    if (two) {
        mdd_ask_second(w, "account", c.args);

    } else if (mdd_change(w->d, run_state, &c) != MDD_OK) {
        json_decref(c.out);
        mdd_error(w, 503, "store", "", NULL);

    } else {
        mdd_tables_sync(w->d, w->db);
        mdd_done(w, 200, c.out);
    }

    json_decref(c.args);
}


static int
run_void(mdd_tx_t *tx, void *data)
{
    char       account[40] = "", alias[17];
    change_t  *c = data;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_STRIKE_GET, "i", c->id);

    if (mdd_step(st) == MDD_ROW && strcmp(mdd_text(st, 1), "void") != 0) {
        snprintf(account, sizeof(account), "%s", mdd_text(st, 0));
    }

    mdd_end(st);

    c->elsewhere = account[0]
                   && !mdd_scope_target(tx->d, tx->db, &c->w->who, "account",
                                        account);

    if (account[0] == '\0' || c->elsewhere) {
        return MDD_REFUSED;
    }

    if (mdd_put(tx, MDD_SQL_STRIKE_VOID, "i", c->id) != 1
        || mdd_alias(tx, c->w->who.name, alias) != MDD_OK
        || mdd_desk_event(tx, "strike", json_pack("{s:I, s:s, s:s, s:s}",
               "strike", (json_int_t) c->id, "account", account, "state",
               "void", "by", alias), json_pack("{s:s, s:s}", "by",
               c->w->who.name, "reason", mdd_arg(c->w, "reason")))
           != MDD_OK)
    {
        return MDD_FAILED;
    }

    return mdd_account_refresh(tx, account);
}


void
mdd_api_strike_void(mdd_web_t *w)
{
    int       rc;
    change_t  c = { 0 };

    c.w = w;
    c.id = strtoll(w->seg[2], NULL, 10);

    if (mdd_arg(w, "reason")[0] == '\0') {
        mdd_error(w, 400, "bad_value", T(w, "请写明理由", "say why"),
                  "reason");
        return;
    }

    rc = mdd_change(w->d, run_void, &c);

    if (mdd_scope_refused(w, !c.elsewhere, "strike")) {
        return;
    }

    if (rc != MDD_OK) {
        mdd_error(w, rc == MDD_REFUSED ? 404 : 503,
                  rc == MDD_REFUSED ? "not_found" : "store", "", "strike");
        return;
    }

    mdd_tables_sync(w->d, w->db);
    mdd_done(w, 200, json_pack("{s:I}", "strike", (json_int_t) c.id));
}


/* score of the last half year, as a line with its numbers in words */

static void
curve(mdd_web_t *w, const json_t *a)
{
    int         i;
    double      score, max = 6, y;
    size_t      k;
    json_t     *s;
    int64_t     at, age;
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<div class=\"line\"><svg viewBox=\"0 0 240 60\" "
               "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"%s "
               "%.1f\"><polyline points=\"", T(w, "半年来的记分，现在",
               "score of half a year, now"),
               json_number_value(json_object_get(a, "score")));

    for (i = 0; i <= POINTS; i++) {
        at = w->now - (POINTS - i) * 3 * DAY_MS;
        score = 0;

        json_array_foreach(json_object_get(a, "strikes"), k, s) {
            age = at - mdd_num(s, "at");

            if (age >= 0 && strcmp(mdd_str(s, "state"), "counted") == 0) {
                score += json_number_value(json_object_get(s, "points"))
                         * exp2(-(double) age
                                / (double) mdd_num(s, "half_life"));
            }
        }

        y = 57 - 54 * (score > max ? max : score) / max;
        mdd_html_f(b, "%d,%.1f ", i * 240 / POINTS, y);
    }

    mdd_html_f(b, "\"/></svg></div>");
}


static void
state_form(mdd_web_t *w, const char *account, const char *proposed)
{
    int         i;
    char        action[80], back[80];
    mdd_buf_t  *b = &w->out->body;

    snprintf(action, sizeof(action), "accounts/%s/state", account);
    snprintf(back, sizeof(back), "/moderation/accounts/%s", account);
    mdd_html_f(b, "<h2>%s</h2>", T(w, "改变状态", "Change the state"));
    mdd_page_form(w, action, back);
    mdd_html_f(b, "<div class=\"filter\"><label>%s<select name=\"state\">",
               T(w, "状态", "State"));

    for (i = 0; i < MDL_ACCOUNTS; i++) {
        mdd_html_f(b, "<option value=\"%s\"%s>%s</option>", mdl_accounts[i],
                   strcmp(mdl_accounts[i], proposed) == 0 ? " selected" : "",
                   i == 0 ? T(w, "正常", "none")
                   : mdd_word(w, mdl_accounts[i]));
    }

    mdd_html_f(b, "</select></label><label>%s<input name=\"until\" size=\"8\""
               " placeholder=\"7d\"></label><label>%s<input name=\"reason\" "
               "required></label><button class=\"btn\">%s</button></div>"
               "</form><p class=\"sub\">%s</p>", T(w, "期限", "For"),
               T(w, "理由", "Reason"), T(w, "改变", "Change"),
               T(w, "关闭和信任须第二人签署。",
                 "Closing and trusting need a second signature."));
}


/* until when, who and why */

static void
state_since(mdd_web_t *w, const json_t *a)
{
    mdd_buf_t  *b = &w->out->body;

    if (mdd_num(a, "ends")) {
        mdd_html_f(b, " %s ", T(w, "到", "until"));
        mdd_page_time(w, mdd_num(a, "ends"));
    }

    if (mdd_str(a, "by")[0] || mdd_str(a, "reason")[0]) {
        mdd_html_f(b, "<div class=\"sub\">%s%s", mdd_str(a, "by"),
                   mdd_str(a, "by")[0] && mdd_str(a, "reason")[0]
                   ? " \xc2\xb7 " : "");
        mdd_html_text(b, mdd_str(a, "reason"), strlen(mdd_str(a, "reason")),
                      200);
        mdd_html_f(b, "</div>");
    }
}


static void
page_history(mdd_web_t *w, const json_t *a)
{
    size_t      i;
    json_t     *h;
    mdd_buf_t  *b = &w->out->body;

    if (json_array_size(json_object_get(a, "history")) == 0) {
        return;
    }

    mdd_html_f(b, "<h2>%s</h2><ul class=\"plain\">",
               T(w, "历来的状态", "States it had"));

    json_array_foreach(json_object_get(a, "history"), i, h) {
        mdd_html_f(b, "<li class=\"panel\"><b>%s</b> \xc2\xb7 ",
                   strcmp(mdd_str(h, "state"), "none") == 0
                   ? T(w, "正常", "none") : mdd_word(w, mdd_str(h, "state")));
        mdd_page_time(w, mdd_num(h, "at"));
        state_since(w, h);
        mdd_html_f(b, "</li>");
    }

    mdd_html_f(b, "</ul>");
}


void
mdd_page_account(mdd_web_t *w)
{
    char        account[40], action[64], back[64];
    size_t      i;
    json_t     *a, *s;
    mdd_buf_t  *b;

    if (mdd_account_key(w->d, w->seg[1], account) != 0) {
        mdd_error(w, 404, "not_found", "", NULL);
        return;
    }

    a = get_account(w, account);
    b = mdd_page_begin(w, T(w, "账号", "Account"), "accounts");
    mdd_html_f(b, "<h1>%s <span class=\"mono\">%s</span></h1>"
               "<p class=\"about\">%s</p>"
               "<div class=\"cols\"><section class=\"panel\"><dl>"
               "<dt>%s</dt><dd>%s", T(w, "账号", "Account"), account,
               T(w, "一个账号的状态、信用和记分；记分来自站得住的处置，随时间减半。",
                 "State, credit and score of one account; strikes come from "
                 "decisions that stand, and halve with time."),
               T(w, "状态", "State"),
               strcmp(mdd_str(a, "state"), "none") == 0
               ? T(w, "正常", "none") : mdd_word(w, mdd_str(a, "state")));
    state_since(w, a);

    if (mdd_str(a, "proposed")[0]) {
        mdd_html_f(b, "</dd><dt>%s</dt><dd><b>%s</b> ",
                   T(w, "记分提议", "Proposed by the score"),
                   mdd_word(w, mdd_str(a, "proposed")));
        mdd_page_time(w, mdd_num(a, "proposed_at"));
    }

    mdd_html_f(b, "</dd><dt>%s</dt><dd>%lld / 100</dd>"
               "<dt>%s</dt><dd>%.1f</dd></dl>", T(w, "信用", "Credit"),
               (long long) mdd_num(a, "credit"), T(w, "记分", "Score"),
               json_number_value(json_object_get(a, "score")));
    curve(w, a);
    mdd_html_f(b, "<p><a href=\"/moderation/decisions?account=%s\">%s</a></p>"
               "</section><section><h2>%s</h2><ul class=\"plain\">", account,
               T(w, "它的决定", "Its decisions"), T(w, "记分记录", "Strikes"));

    json_array_foreach(json_object_get(a, "strikes"), i, s) {
        mdd_html_f(b, "<li class=\"panel\">");
        mdd_page_reason(w, "", mdd_str(s, "rule"));
        mdd_html_f(b, " <b>%.1f</b> ",
                   json_number_value(json_object_get(s, "points")));
        mdd_page_time(w, mdd_num(s, "at"));
        mdd_html_f(b, " %s <a href=\"/moderation/decisions/%s\">%s</a>",
                   strcmp(mdd_str(s, "state"), "counted") == 0 ? ""
                   : strcmp(mdd_str(s, "state"), "suspended") == 0
                   ? T(w, "（暂停计分）", "(suspended)")
                   : T(w, "（已作废）", "(void)"), mdd_str(s, "decision"),
                   T(w, "决定", "decision"));

        if (strcmp(mdd_str(s, "state"), "counted") == 0
            && (w->who.roles & MDD_LEAD))
        {
            snprintf(action, sizeof(action), "strikes/%lld/void",
                     (long long) mdd_num(s, "id"));
            snprintf(back, sizeof(back), "/moderation/accounts/%s", account);
            mdd_page_form(w, action, back);
            mdd_html_f(b, "<div class=\"filter\"><label>%s<input "
                       "name=\"reason\" required></label><button class=\"btn"
                       "\">%s</button></div></form>", T(w, "理由", "Reason"),
                       T(w, "作废", "Void"));
        }

        mdd_html_f(b, "</li>");
    }

    if (i == 0) {
        mdd_html_f(b, "<li class=\"dim\">%s</li>", T(w, "没有记分。",
                   "It has none."));
    }

    mdd_html_f(b, "</ul></section></div>");
    page_history(w, a);

    if (w->who.roles & MDD_LEAD) {
        state_form(w, account, mdd_str(a, "proposed"));
    }

    json_decref(a);
    mdd_page_end(w);
}


void
mdd_page_accounts(mdd_web_t *w)
{
    char        account[40], url[80];
    mdd_st_t   *st;
    mdd_buf_t  *b;

    if (mdd_arg(w, "id")[0]
        && mdd_account_key(w->d, mdd_arg(w, "id"), account) == 0)
    {
        snprintf(url, sizeof(url), "/moderation/accounts/%s", account);
        w->out->status = 303;
        mdd_field(w, "Location", url);
        return;
    }

    b = mdd_page_begin(w, T(w, "账号", "Accounts"), "accounts");
    mdd_page_h1(w, T(w, "账号", "Accounts"),
                T(w, "有状态的账号。记分只会让账号被关注；限制、停播、关闭和信任都由人定。",
                  "Accounts that have a state. A score makes an account "
                  "watched and no more: people limit, suspend, close and "
                  "trust."));
    mdd_html_f(b, "<form class=\"filter\" action=\"/moderation/accounts\" "
               "role=\"search\"><label>%s<input name=\"id\" required "
               "size=\"30\"></label><button class=\"btn\">%s</button></form>",
               T(w, "账号（编号）", "Account (id)"), T(w, "打开", "Open"));
    mdd_html_f(b, "<p><a href=\"/moderation/whatif\">%s</a> "
               "\xc2\xb7 <a href=\"/moderation/v1/accounts?format=csv\">%s"
               "</a></p>",
               T(w, "换一套记分会怎样", "What if other weights held"),
               T(w, "导出名单（CSV）", "The list as CSV"));
    mdd_page_proposals(w);
    mdd_html_f(b, "<div class=\"scroll\" tabindex=\"0\" "
               "role=\"region\" aria-label=\"%s\"><table><thead><tr><th>%s"
               "</th><th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr>"
               "</thead><tbody>",
               T(w, "账号", "Accounts"), T(w, "账号", "Account"),
               T(w, "状态", "State"), T(w, "到", "Until"),
               T(w, "谁", "Who"), T(w, "理由", "Reason"));

    st = mdd_query(w->db, MDD_SQL_ACCOUNT_LIST, "");

    while (mdd_step(st) == MDD_ROW) {
        mdd_html_f(b, "<tr><td class=\"mono\"><a href=\"/moderation/accounts/"
                   "%s\">%s</a></td><td>%s</td><td>", mdd_text(st, 0),
                   mdd_text(st, 0), mdd_word(w, mdd_text(st, 1)));

        if (mdd_int(st, 2)) {
            mdd_page_time(w, mdd_int(st, 2));
        }

        mdd_html_f(b, "</td><td>%s</td><td>%s</td></tr>", mdd_text(st, 3),
                   mdd_text(st, 4));
    }

    mdd_end(st);
    mdd_html_f(b, "</tbody></table></div>");
    mdd_page_end(w);
}
