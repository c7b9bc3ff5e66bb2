/*
 * page_public.c - pages for anyone: the form of a report, what became of it,
 * why something was decided and how to object.
 *
 * They tell little: a number's page shows state and reply, never the text; a
 * decision's page says what was done by which rule, never the words that hit.
 */

#include "moderationd/web/api.h"
#include "moderationd/desk/desk.h"
#include "moderationd/web/page.h"
#include "report.h"
#include "moderationd/period/zone.h"

#include <stdio.h>
#include <string.h>


static mdd_buf_t *
public_page(mdd_web_t *w, const char *title)
{
    mdd_buf_t  *b = mdd_page_plain(w, title);

    mdd_html_f(b, "<h1>%s</h1>", title);

    return b;
}


/* a reader who changed the language keeps it */

static void
language(mdd_web_t *w)
{
    if (mdd_arg(w, "lang")[0]) {
        mdd_html_f(&w->out->body, "<input type=\"hidden\" name=\"lang\" "
                   "value=\"%s\">", T(w, "zh", "en"));
    }
}


/* public/report: the form; public/report/NUMBER: state and reply */

void
mdd_public_form(mdd_web_t *w)
{
    size_t              i;
    mdd_buf_t          *b = public_page(w, T(w, "举报", "Report"));
    const mdd_book_t   *book = mdd_book(NULL);
    const mdd_reason_t *r;

    mdd_html_f(b, "<p class=\"about\">%s</p>",
               T(w, "告诉我们哪里不对。提交后得到一个编号，凭它查看办理情况；编号或页面至少填一项。",
                 "Tell us what is wrong. You get a number, by which you see "
                 "what became of it. Fill in the id or the page, or both."));
    mdd_html_f(b, "<form class=\"panel\" method=\"post\" "
               "action=\"/moderation/public/report\">");
    language(w);
    mdd_html_f(b, "<p><label>%s<input name=\"item\" value=\"%s\" maxlength="
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
               "<p><label>%s<textarea name=\"text\" rows=\"4\" maxlength=\"4000\">"
               "</textarea></label></p><p><label>%s<input name=\"reporter\" "
               "maxlength=\"200\" autocomplete=\"email\"></label></p>"
               "<p><button class=\"btn release\">%s</button></p></form>",
               T(w, "其他", "Other"), T(w, "说明", "What is wrong"),
               T(w, "联系方式（可不填，只有组长能看到）",
                 "How to reach you (if you like; only a lead reads it)"),
               T(w, "提交", "Send"));
    mdd_page_end(w);
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


static json_t *
status_of(mdd_web_t *w, const char *number)
{
    char       key[33];
    json_t    *j = NULL;
    mdd_st_t  *st;

    if (!number_ok(number)) {
        return NULL;
    }

    mdd_report_key(number, key);
    st = mdd_query(w->db, MDD_SQL_REPORT_STATUS, "s", key);

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

    b = public_page(w, strcmp(mdd_str(j, "kind"), "appeal") == 0
                    ? T(w, "申诉的办理情况", "Your objection")
                    : T(w, "举报的办理情况", "Your report"));
    mdd_html_f(b, "<p class=\"about\">%s</p><dl class=\"panel\"><dt>%s</dt>"
               "<dd class=\"mono\">%s</dd><dt>%s</dt><dd>",
               T(w, "请记下编号或收藏此页：只凭它查看办理情况。",
                 "Keep the number or this page: what became of it is found "
                 "by it alone."), T(w, "编号", "Number"),
               mdd_str(j, "number"), T(w, "收到", "Received"));
    mdd_page_time(w, mdd_num(j, "time"));
    mdd_html_f(b, "</dd><dt>%s</dt><dd>%s</dd><dt>%s</dt><dd>",
               T(w, "状态", "State"),
               strcmp(mdd_str(j, "state"), "open") == 0
               ? T(w, "办理中", "being looked at")
               : T(w, "已办结", "answered"), T(w, "答复", "Reply"));

    if (strcmp(mdd_str(j, "state"), "open") == 0 && mdd_num(j, "due")) {
        mdd_html_f(b, "%s ", T(w, "最迟", "by"));
        mdd_page_time(w, mdd_num(j, "due"));
    }

    mdd_html_text(b, mdd_str(j, "reply"), strlen(mdd_str(j, "reply")), 0);
    mdd_html_f(b, "</dd></dl>");
    json_decref(j);
    mdd_page_end(w);
}


/* what was done, as somebody who does not work here would say it */

static const char *
done_word(mdd_web_t *w, const json_t *d)
{
    const char  *action = mdd_str(d, "action");

    return strcmp(action, "hold") == 0 || strcmp(action, "block") == 0
           ? T(w, "没有展示", "it was not shown")
           : strcmp(action, "mask") == 0
             ? T(w, "打码后展示", "it was shown with words masked")
           : T(w, "照常展示", "it was shown as it is");
}


/* automatic or by a person, and what the person said; why: the reason that
 * was given for a rejection, or "" */

static void
by_whom(mdd_web_t *w, const json_t *d, char *why, size_t size)
{
    int         found;
    mdd_st_t   *st;
    mdd_buf_t  *b = &w->out->body;

    st = mdd_query(w->db, MDD_SQL_REVIEW_PRINT, "si",
                   mdd_str(d, "fingerprint"), (int64_t) 0);
    found = mdd_step(st) == MDD_ROW;
    snprintf(why, size, "%s", found && strcmp(mdd_text(st, 4), "reject") == 0
             ? mdd_text(st, 7) : "");

    mdd_html_f(b, "<dt>%s</dt><dd>", T(w, "谁决定的", "By whom"));

    if (found) {
        mdd_html_f(b, "%s%s \xc2\xb7 ", T(w, "由人决定：", "by a person: "),
                   strcmp(mdd_text(st, 4), "reject") == 0
                   ? T(w, "不展示", "not to be shown")
                   : T(w, "可以展示", "it may be shown"));
        mdd_page_time(w, mdd_int(st, 6));

    } else if (strcmp(mdd_str(d, "automation"), "full") == 0) {
        mdd_html_f(b, "%s", T(w, "自动", "automatically"));

    } else {
        mdd_html_f(b, "%s", T(w, "自动，等待人复核",
                   "automatically; a person will look at it"));
    }

    mdd_html_f(b, "</dd>");
    mdd_end(st);
}


/* by which rules, for which reason, and on which basis */

static void
grounds(mdd_web_t *w, const json_t *d, const char *why)
{
    size_t               i;
    json_t              *rule;
    mdd_buf_t           *b = &w->out->body;
    const mdd_book_t    *book;
    const mdd_rule_t    *r;
    const mdd_reason_t  *reason;

    book = mdd_book(mdd_site_of(w->d->conf, mdd_str(d, "host")));

    json_array_foreach(json_object_get(d, "rules"), i, rule) {
        r = mdd_book_rule(book, mdd_str(rule, "id"));
        mdd_html_f(b, "<dt>%s</dt><dd>%s%s%s</dd>", T(w, "规则", "Rule"),
                   r ? w->zh ? r->title_zh : r->title_en
                     : mdd_str(rule, "label"),
                   r && r->basis ? " \xc2\xb7 " : "",
                   r && r->basis ? r->basis : "");
    }

    reason = mdd_book_reason(book, why);

    if (reason) {
        mdd_html_f(b, "<dt>%s</dt><dd>%s%s%s</dd>", T(w, "理由", "Reason"),
                   w->zh ? reason->title_zh : reason->title_en,
                   reason->basis ? " \xc2\xb7 " : "",
                   reason->basis ? reason->basis : "");
    }

    mdd_book_leave(book);
}


/* the fast second look at a room that is shown now */

static void
live(mdd_web_t *w)
{
    char        about[200];
    mdd_buf_t  *b = &w->out->body;

    snprintf(about, sizeof(about), T(w, "%lld 分钟内由另一人再看一次，只有一次；"
             "仍可申诉。", "Another person looks again within %lld minutes, "
             "once; you can still object."),
             (long long) w->d->conf->live_ms / 60000);
    mdd_html_f(b, "<h2>%s</h2><form class=\"panel\" method=\"post\" "
               "action=\"/moderation/public/appeal\"><p>%s</p><input "
               "type=\"hidden\" name=\"look\" value=\"1\"><input "
               "type=\"hidden\" name=\"text\" value=\"live\">",
               T(w, "正在直播", "The room is live"),
               about);
    language(w);
    mdd_html_f(b, "<p><label>%s<input name=\"code\" required maxlength=\"80"
               "\"></label></p><p><button class=\"btn\">%s</button></p>"
               "</form>", T(w, "通知中的代码", "Code of the notice"),
               T(w, "请再看一次", "Ask for a second look"));
}


void
mdd_public_reason(mdd_web_t *w)
{
    char        why[72];
    json_t     *d;
    mdd_buf_t  *b;

    w->who.roles = MDD_VIEWER;
    d = mdd_get_decision(w, w->seg[2]);

    if (d == NULL) {
        mdd_error(w, 404, "not_found", "", NULL);
        return;
    }

    b = public_page(w, T(w, "为什么", "Why this was decided"));
    mdd_html_f(b, "<p class=\"about\">%s</p><dl class=\"panel\"><dt>%s</dt>"
               "<dd>%s</dd>", T(w, "您的内容被怎样处理、依据什么，不同意怎么办。",
               "What was done with what you published, on what grounds, and "
               "how to object."), T(w, "处理", "What was done"),
               done_word(w, d));
    by_whom(w, d, why, sizeof(why));
    mdd_html_f(b, "<dt>%s</dt><dd>", T(w, "时间", "When"));
    mdd_page_time(w, mdd_num(d, "time"));
    mdd_html_f(b, "</dd>");

    grounds(w, d, why);
    mdd_html_f(b, "</dl><h2>%s</h2><form class=\"panel\" method=\"post\" "
               "action=\"/moderation/public/appeal\"><p>%s</p>",
               T(w, "申诉", "Object"),
               T(w, "183 天内可申诉，15 天内由另一人答复。",
                 "Within 183 days; another person answers within 15 days."));
    language(w);
    mdd_html_f(b, "<p><label>%s<input name=\"code\" required maxlength=\"80\"></label></p>"
               "<p><label>%s<textarea name=\"text\" required maxlength=\"4000"
               "\"></textarea></label></p><p><button class=\"btn release\">%s"
               "</button></p></form>",
               T(w, "通知中的代码", "Code of the notice"),
               T(w, "理由", "Why"), T(w, "提交", "Send"));
    /* a broadcast cannot wait for fifteen days */

    if (w->now - mdd_num(d, "time") < MDD_DAY_MS) {
        live(w);
    }

    json_decref(d);
    mdd_page_end(w);
}
