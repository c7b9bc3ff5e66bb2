/*
 * api_case.c - what readers and owners say: reports, reasons, appeals, and
 * how a person answers them.
 *
 * Everything below public/ is for anyone and tells little: a number's page
 * shows state and reply, never the text; a decision's page says what was done
 * by which rule and how to object, never the words that hit.  An appeal needs
 * the code that the notice carried; counts of reports never act.
 */

#include "api.h"
#include "desk.h"
#include "page.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS      86400000ll
#define TEXT_MAX    8192
#define WINDOW_MS   (183 * DAY_MS)
#define ANSWER_MS   (15 * DAY_MS)
#define REPORT_MS   (3 * DAY_MS)

static const char *const  outcomes[] = {
    "effective", "late", "valid", "wrong", "abusive", "duplicate"
};


/* 80 random bits as 16 characters, and 2 to check: RFC 4648 base32 */

static void
new_number(char out[24])
{
    uint8_t  raw[10];
    int      i, sum = 0;
    char     text[17];

    mdd_random(raw, sizeof(raw));
    mdl_base32(raw, 80, text);

    for (i = 0; i < 16; i++) {
        sum = (sum * 33 + text[i]) % 1024;
    }

    snprintf(out, 24, "%s%c%c", text, "abcdefghijklmnopqrstuvwxyz234567"
             [sum >> 5], "abcdefghijklmnopqrstuvwxyz234567"[sum & 31]);
}


static int
number_ok(const char *s)
{
    int  i, sum = 0;

    if (strlen(s) != 18
        || strspn(s, "abcdefghijklmnopqrstuvwxyz234567") != 18)
    {
        return 0;
    }

    for (i = 0; i < 16; i++) {
        sum = (sum * 33 + s[i]) % 1024;
    }

    return s[16] == "abcdefghijklmnopqrstuvwxyz234567"[sum >> 5]
           && s[17] == "abcdefghijklmnopqrstuvwxyz234567"[sum & 31];
}


/* the code of an appeal: decision, and an HMAC over it under the id key */

static int
appeal_code(mdd_web_t *w, const char *decision, char out[80])
{
    int         wide;
    char        err[256];
    uint8_t     mac[MDL_HASH];
    mdl_key_t   key;
    mdl_str_t   s = { decision, strlen(decision) };

    if (s.len > 24
        || mdl_key_load(&key, w->d->conf->id_key, &wide, err, sizeof(err))
           != 0)
    {
        return -1;
    }

    mdl_hash(&key, "appeal", s, mac);
    snprintf(out, 80, "%s-", decision);
    mdl_base32(mac, 80, out + s.len + 1);

    return 0;
}


typedef struct {
    mdd_web_t   *w;
    const char  *kind, *item, *page, *reason, *text, *reporter;
    const char  *decision;
    char         number[24];
    int64_t      casefile;
    int64_t      due;
    /* an outcome */
    const char  *outcome, *reply;
    char         about[24];             /* the decision of an appeal         */
    int          refused;
} case_t;


static int
run_report(mdd_tx_t *tx, void *data)
{
    case_t    *c = data;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_CASE_OPEN, "sss", c->kind, c->item,
                   c->decision);

    if (mdd_step(st) == MDD_ROW) {
        c->casefile = mdd_int(st, 0);
    }

    mdd_end(st);

    if (c->casefile && strcmp(c->kind, "appeal") == 0) {
        c->refused = 409;
        return MDD_REFUSED;             /* it is open already */
    }

    if (c->casefile == 0) {
        c->casefile = mdd_counter(tx, "case");

        if (c->casefile < 0
            || mdd_run(tx->db, MDD_SQL_CASE_ADD, "isssssii", c->casefile,
                       c->kind, c->item, c->page, c->decision, c->reason,
                       tx->now, c->due) != 1)
        {
            return MDD_FAILED;
        }
    }

    new_number(c->number);

    if (mdd_run(tx->db, MDD_SQL_REPORT_ADD, "sisisss", c->number,
                c->casefile, c->kind, tx->now, c->reason, c->text,
                c->reporter) != 1)
    {
        return MDD_FAILED;
    }

    /* workers record the next one of an item that passes */

    if (strcmp(c->kind, "report") == 0 && strlen(c->item) == 32
        && mdd_verdict(tx, MDL_TABLE_WANTED, c->item, "", 1, 0,
                       tx->now + DAY_MS) < 0)
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, c->kind, json_pack("{s:I, s:s, s:s, s:s}",
        "case", (json_int_t) c->casefile, "item", c->item, "reason",
        c->reason, "decision", c->decision),
        json_pack("{s:s, s:s, s:s, s:s}", "number", c->number, "text",
                  c->text, "reporter", c->reporter, "page", c->page));
}


static void
take(mdd_web_t *w, case_t *c)
{
    int   rc;
    char  url[64];

    c->w = w;
    rc = mdd_change(w->d, run_report, c);

    if (rc == MDD_REFUSED) {
        mdd_error(w, 409, "open", T(w, "已有一件在办",
                  "one is open already"), NULL);

    } else if (rc != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else if (w->form) {
        mdd_tables_sync(w->d, w->db);
        snprintf(url, sizeof(url), "/moderation/public/report/%s",
                 c->number);
        w->out->status = 303;
        mdd_field(w, "Location", url);

    } else {
        mdd_tables_sync(w->d, w->db);
        mdd_json(w, 201, json_pack("{s:s}", "number", c->number));
    }
}


void
mdd_public_report(mdd_web_t *w)
{
    int          wide;
    char         err[256], hex[33] = "";
    case_t       c = { 0 };
    uint8_t      raw[MDL_HASH];
    mdl_key_t    key;
    const char  *item = mdd_arg(w, "item");
    mdl_str_t    s = { item, strlen(item) };

    c.kind = "report";
    c.page = mdd_arg(w, "page");
    c.reason = mdd_arg(w, "reason");
    c.text = mdd_arg(w, "text");
    c.reporter = mdd_arg(w, "reporter");
    c.decision = "";
    c.due = w->now + REPORT_MS;

    if (strlen(c.text) > TEXT_MAX || strlen(c.page) > 1024 || s.len > 256
        || strlen(c.reason) > 64 || strlen(c.reporter) > 200
        || (s.len == 0 && c.page[0] == '\0') || c.reason[0] == '\0')
    {
        mdd_error(w, 400, "bad_value", T(w, "请写明页面或编号，以及理由",
                  "a page or an id, and a reason"), "reason");
        return;
    }

    if (s.len && mdl_key_load(&key, w->d->conf->id_key, &wide, err,
                              sizeof(err)) == 0)
    {
        mdl_hash(&key, "item", s, raw);
        mdd_hex(hex, raw, sizeof(raw));
    }

    c.item = hex[0] ? hex : c.page;
    take(w, &c);
}


void
mdd_public_appeal(mdd_web_t *w)
{
    char         code[80], decision[24] = "";
    size_t       n;
    json_t      *d;
    int64_t      age;
    case_t       c = { 0 };
    const char  *given = mdd_arg(w, "code");

    c.kind = "appeal";
    c.text = mdd_arg(w, "text");
    c.reason = "appeal";
    c.reporter = c.item = c.page = "";
    c.due = w->now + ANSWER_MS;
    n = strcspn(given, "-");

    if (strlen(c.text) > TEXT_MAX || c.text[0] == '\0') {
        mdd_error(w, 400, "bad_value", T(w, "请写明理由", "say why"), "text");
        return;
    }

    if (n < sizeof(decision) && given[n] == '-') {
        memcpy(decision, given, n);
    }

    if (decision[0] == '\0' || appeal_code(w, decision, code) != 0
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
    take(w, &c);
}


static mdd_buf_t *
public_page(mdd_web_t *w, const char *title)
{
    mdd_buf_t  *b = mdd_page_plain(w, title);

    mdd_html_f(b, "<h1>%s</h1>", title);

    return b;
}


/* public/report: the form; public/report/NUMBER: state and reply */

void
mdd_public_form(mdd_web_t *w)
{
    size_t              i;
    mdd_buf_t          *b = public_page(w, T(w, "举报", "Report"));
    const mdd_book_t   *book = mdd_book(NULL);
    const mdd_reason_t *r;

    mdd_html_f(b, "<form class=\"panel\" method=\"post\" "
               "action=\"/moderation/public/report\">"
               "<p><label>%s<input name=\"item\" value=\"%s\" maxlength="
               "\"256\"></label></p><p><label>%s<input name=\"page\" "
               "value=\"%s\" maxlength=\"1024\"></label></p>"
               "<p><label>%s<select name=\"reason\" required>",
               T(w, "房间或账号的编号", "Id of the room or account"),
               mdd_arg(w, "item"), T(w, "页面", "Page"), mdd_arg(w, "page"),
               T(w, "理由", "Reason"));

    for (i = 0; book && i < book->nreasons; i++) {
        r = &book->reasons[i];
        mdd_html_f(b, "<option value=\"%s\">%s</option>", r->id,
                   w->zh ? r->title_zh : r->title_en);
    }

    mdd_book_leave(book);
    mdd_html_f(b, "<option value=\"other\">%s</option></select></label></p>"
               "<p><label>%s<textarea name=\"text\" maxlength=\"4000\">"
               "</textarea></label></p><p><label>%s<input name=\"reporter\" "
               "maxlength=\"200\" autocomplete=\"email\"></label></p>"
               "<p><button class=\"btn\">%s</button></p></form>",
               T(w, "其他", "Other"), T(w, "说明", "What is wrong"),
               T(w, "联系方式（可不填，只有组长能看到）",
                 "How to reach you (if you like; only a lead reads it)"),
               T(w, "提交", "Send"));
    mdd_page_end(w);
}


static json_t *
status_of(mdd_web_t *w, const char *number)
{
    json_t    *j = NULL;
    mdd_st_t  *st;

    if (!number_ok(number)) {
        return NULL;
    }

    st = mdd_query(w->db, MDD_SQL_REPORT_STATUS, "s", number);

    if (mdd_step(st) == MDD_ROW) {
        j = json_pack("{s:s, s:s, s:I, s:s, s:s, s:I}", "number", number,
                      "kind", mdd_text(st, 0), "time",
                      (json_int_t) mdd_int(st, 1), "state", mdd_text(st, 2),
                      "reply", mdd_text(st, 3), "due",
                      (json_int_t) mdd_int(st, 4));
    }

    mdd_end(st);

    return j;
}


void
mdd_public_status(mdd_web_t *w)
{
    json_t     *j = status_of(w, w->seg[2]);
    mdd_buf_t  *b;

    if (j == NULL) {
        mdd_error(w, 404, "not_found", T(w, "没有这个编号",
                  "there is no such number"), "number");
        return;
    }

    if (strcmp(mdd_arg(w, "format"), "json") == 0) {
        mdd_json(w, 200, j);
        return;
    }

    b = public_page(w, T(w, "办理情况", "Your report"));
    mdd_html_f(b, "<dl class=\"panel\"><dt>%s</dt><dd class=\"mono\">%s</dd>"
               "<dt>%s</dt><dd>", T(w, "编号", "Number"),
               mdd_str(j, "number"), T(w, "收到", "Received"));
    mdd_page_time(w, mdd_num(j, "time"));
    mdd_html_f(b, "</dd><dt>%s</dt><dd>%s</dd><dt>%s</dt><dd>",
               T(w, "状态", "State"),
               strcmp(mdd_str(j, "state"), "open") == 0
               ? T(w, "办理中", "being looked at")
               : T(w, "已办结", "answered"), T(w, "答复", "Reply"));
    mdd_html_text(b, mdd_str(j, "reply"), strlen(mdd_str(j, "reply")), 0);
    mdd_html_f(b, "</dd></dl><p class=\"sub\">%s</p>",
               T(w, "请记下编号，凭它查看。",
                 "Keep the number: this page is found by it alone."));
    json_decref(j);
    mdd_page_end(w);
}


void
mdd_public_reason(mdd_web_t *w)
{
    size_t             i;
    json_t            *d, *rule;
    mdd_buf_t         *b;
    const char        *by;
    const mdd_book_t  *book;
    const mdd_rule_t  *r;

    w->who.roles = MDD_VIEWER;
    d = mdd_get_decision(w, w->seg[2]);

    if (d == NULL) {
        mdd_error(w, 404, "not_found", "", NULL);
        return;
    }

    by = mdd_str(d, "automation");
    b = public_page(w, T(w, "为什么", "Why this was decided"));
    mdd_html_f(b, "<dl class=\"panel\"><dt>%s</dt><dd>%s</dd><dt>%s</dt><dd>"
               "%s</dd><dt>%s</dt><dd>", T(w, "处理", "What was done"),
               mdd_word(w, mdd_str(d, "action")), T(w, "谁决定的", "By whom"),
               strcmp(by, "full") == 0 ? T(w, "自动", "automatically")
               : T(w, "自动，由人复核", "automatically, a person looks at it"),
               T(w, "时间", "When"));
    mdd_page_time(w, mdd_num(d, "time"));
    mdd_html_f(b, "</dd>");

    book = mdd_book(mdd_site_of(w->d->conf, mdd_str(d, "host")));

    json_array_foreach(json_object_get(d, "rules"), i, rule) {
        r = mdd_book_rule(book, mdd_str(rule, "id"));
        mdd_html_f(b, "<dt>%s</dt><dd>%s%s%s</dd>", T(w, "规则", "Rule"),
                   r ? w->zh ? r->title_zh : r->title_en
                     : mdd_str(rule, "label"),
                   r && r->basis ? " \xc2\xb7 " : "",
                   r && r->basis ? r->basis : "");
    }

    mdd_book_leave(book);
    mdd_html_f(b, "</dl><h2>%s</h2><form class=\"panel\" method=\"post\" "
               "action=\"/moderation/public/appeal\"><p>%s</p><p><label>%s"
               "<input name=\"code\" required maxlength=\"80\"></label></p>"
               "<p><label>%s<textarea name=\"text\" required maxlength=\"4000"
               "\"></textarea></label></p><p><button class=\"btn\">%s"
               "</button></p></form>", T(w, "申诉", "Object"),
               T(w, "183 天内可申诉，15 天内由另一人答复。",
                 "Within 183 days; another person answers within 15 days."),
               T(w, "通知中的代码", "Code of the notice"),
               T(w, "理由", "Why"), T(w, "提交", "Send"));
    json_decref(d);
    mdd_page_end(w);
}


/* the desk's side */

json_t *
mdd_get_cases(mdd_web_t *w)
{
    json_t    *list = json_array(), *j;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_CASE_LIST, "");

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
    }

    mdd_end(st);

    return list;
}


void
mdd_api_cases(mdd_web_t *w)
{
    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, json_pack("{s:o}", "cases", mdd_get_cases(w)));
}


/* an appeal that is granted: what another person decided is undone, its
 * strike is void; nobody decides about an own decision */

static int
run_outcome(mdd_tx_t *tx, void *data)
{
    int         appeal = 0, own = 0, n = 0, rc;
    char        alias[17];
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
    snprintf(c->about, sizeof(c->about), "%s", mdd_text(st, 1));
    mdd_end(st);

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

    if (mdd_run(tx->db, MDD_SQL_CASE_CLOSE, "sssii", c->outcome, c->reply,
                c->w->who.name, tx->now, c->casefile) != 1
        || mdd_alias(tx, c->w->who.name, alias) != MDD_OK)
    {
        return MDD_FAILED;
    }

    while (appeal && strcmp(c->outcome, "effective") == 0 && n > 0) {
        rc = mdd_undo(tx, reviews[--n], "appealed", c->w->who.name);

        if (rc == MDD_FAILED) {
            return rc;
        }
    }

    return mdd_desk_event(tx, "outcome", json_pack("{s:I, s:s, s:s, s:s}",
        "case", (json_int_t) c->casefile, "outcome", c->outcome, "decision",
        c->about, "by", alias), json_pack("{s:s, s:s}", "by",
        c->w->who.name, "reply", c->reply));
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

    for (i = 0; i < 6 && strcmp(outcomes[i], c.outcome) != 0; i++) { /* */ }

    if (i == 6 || strlen(c.reply) > TEXT_MAX) {
        mdd_error(w, 400, "bad_value", "", i == 6 ? "outcome" : "reply");
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


static void
case_panel(mdd_web_t *w, const json_t *c)
{
    char        action[64];
    size_t      i;
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<article class=\"panel\"><h2>%s %lld \xc2\xb7 %s</h2><p>",
               strcmp(mdd_str(c, "kind"), "appeal") == 0
               ? T(w, "申诉", "Appeal") : T(w, "举报", "Report"),
               (long long) mdd_num(c, "id"), mdd_str(c, "reason"));
    mdd_html_text(b, mdd_str(c, "text"), strlen(mdd_str(c, "text")), 600);
    mdd_html_f(b, "</p><p class=\"sub\">%s %lld \xc2\xb7 ",
               T(w, "件数", "reports"), (long long) mdd_num(c, "reports"));
    mdd_html_text(b, mdd_str(c, "page"), strlen(mdd_str(c, "page")), 120);
    mdd_html_f(b, " \xc2\xb7 <a href=\"/moderation/decisions?item=%s\">%s</a>"
               " \xc2\xb7 %s ", mdd_str(c, "item"),
               T(w, "该条目的决定", "decisions of the item"),
               T(w, "到期", "due"));
    mdd_page_time(w, mdd_num(c, "due"));
    mdd_html_f(b, "</p>");

    if (mdd_str(c, "decision")[0]) {
        mdd_html_f(b, "<p><a href=\"/moderation/decisions/%s\">%s</a></p>",
                   mdd_str(c, "decision"), T(w, "被申诉的决定",
                   "The decision"));
    }

    if (strcmp(mdd_str(c, "state"), "open") != 0) {
        mdd_html_f(b, "<p>%s \xc2\xb7 %s</p></article>",
                   mdd_word(w, mdd_str(c, "outcome")), mdd_str(c, "by"));
        return;
    }

    snprintf(action, sizeof(action), "cases/%lld/outcome",
             (long long) mdd_num(c, "id"));
    mdd_page_form(w, action, "/moderation/cases");
    mdd_html_f(b, "<div class=\"filter\"><label>%s<select name=\"outcome\">",
               T(w, "结果", "Outcome"));

    for (i = 0; i < 6; i++) {
        mdd_html_f(b, "<option value=\"%s\">%s</option>", outcomes[i],
                   mdd_word(w, outcomes[i]));
    }

    mdd_html_f(b, "</select></label><label>%s<input name=\"reply\" "
               "maxlength=\"2000\" size=\"40\"></label><button class=\"btn\">"
               "%s</button></div></form></article>", T(w, "答复", "Reply"),
               T(w, "办结", "Answer"));
}


void
mdd_page_cases(mdd_web_t *w)
{
    size_t      i;
    json_t     *list = mdd_get_cases(w), *c;
    mdd_buf_t  *b;

    b = mdd_page_begin(w, T(w, "举报与申诉", "Reports and appeals"), "cases");
    mdd_html_f(b, "<h1>%s</h1>", T(w, "举报与申诉", "Reports and appeals"));

    json_array_foreach(list, i, c) {
        case_panel(w, c);
    }

    if (i == 0) {
        mdd_html_f(b, "<p class=\"dim\">%s</p>", T(w, "没有案件。",
                   "There is no case."));
    }

    json_decref(list);
    mdd_page_end(w);
}


/* the code that a notice carries; a lead may read it to send it again */

void
mdd_api_code(mdd_web_t *w)
{
    char     code[80];
    json_t  *d = mdd_get_decision(w, w->seg[2]);

    if (d == NULL || appeal_code(w, mdd_str(d, "id"), code) != 0) {
        json_decref(d);
        mdd_error(w, 404, "not_found", "", NULL);
        return;
    }

    json_decref(d);
    mdd_json(w, 200, json_pack("{s:s}", "code", code));
}
