/*
 * page_desk.c - screens beside the queue: orders and switches, second
 * signatures, handover, people.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/web/page.h"

#include <stdio.h>
#include <string.h>


static void
begin_table(mdd_web_t *w, const char *name, const char *const *heads, size_t n)
{
    size_t      i;
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
               "aria-label=\"%s\"><table><thead><tr>", name);

    for (i = 0; i < n; i++) {
        mdd_html_f(b, "<th>%s</th>", heads[i]);
    }

    mdd_html_f(b, "</tr></thead><tbody>");
}


static void
end_table(mdd_web_t *w, size_t rows, size_t columns)
{
    if (rows == 0) {
        mdd_html_f(&w->out->body, "<tr><td class=\"dim\" colspan=\"%zu\">%s"
                   "</td></tr>", columns, T(w, "没有。", "None."));
    }

    mdd_html_f(&w->out->body, "</tbody></table></div>");
}


static void
small_form(mdd_web_t *w, const char *action, const char *back,
    const char *text)
{
    mdd_page_form(w, action, back);
    mdd_html_f(&w->out->body, "<button class=\"btn\">%s</button></form>",
               text);
}


static void
order_row(mdd_web_t *w, const json_t *o)
{
    char        action[48];
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<tr><td>%lld</td><td>%s ", (long long) mdd_num(o, "id"),
               mdd_word(w, mdd_str(o, "kind")));
    mdd_html_text(b, mdd_str(o, "target"), strlen(mdd_str(o, "target")), 80);

    if (mdd_str(o, "sites")[0]) {
        mdd_html_f(b, "<div class=\"sub\">%s%s</div>", T(w, "只在：", "only on "),
                   mdd_str(o, "sites"));
    }

    mdd_html_f(b, "</td><td>%s %s<div class=\"sub\">%s</div></td><td>",
               mdd_word(w, mdd_str(o, "source")), mdd_str(o, "reference"),
               mdd_str(o, "reason"));
    mdd_page_time(w, mdd_num(o, "until"));
    mdd_html_f(b, "</td><td>%s<div class=\"sub\">%s%s</div></td><td>%s</td>"
               "<td>", mdd_str(o, "by"),
               mdd_str(o, "confirmed")[0] ? T(w, "确认：", "confirmed: ")
               : T(w, "待确认", "not confirmed"), mdd_str(o, "confirmed"),
               mdd_word(w, mdd_str(o, "state")));

    if (strcmp(mdd_str(o, "state"), "live") == 0
        && (w->who.roles & MDD_LEAD))
    {
        if (mdd_str(o, "confirmed")[0] == '\0'
            && strcmp(mdd_str(o, "by"), w->who.name) != 0)
        {
            snprintf(action, sizeof(action), "orders/%lld/confirm",
                     (long long) mdd_num(o, "id"));
            small_form(w, action, "/moderation/orders",
                       T(w, "确认", "Confirm"));
        }

        snprintf(action, sizeof(action), "orders/%lld/lift",
                 (long long) mdd_num(o, "id"));
        small_form(w, action, "/moderation/orders", T(w, "撤回", "Lift"));
    }

    mdd_html_f(b, "</td></tr>");
}


/* where an order holds: everywhere, or on a site of theirs */

static void
order_sites(mdd_web_t *w)
{
    size_t         i;
    mdd_buf_t     *b = &w->out->body;
    mdd_person_t   p = w->who;

    p.nqueues = p.nlabels_not = 0;

    if (w->d->conf->nsites < 2) {
        return;
    }

    mdd_html_f(b, "<label>%s<select name=\"sites\"><option value=\"\">%s"
               "</option>", T(w, "范围", "Where"),
               T(w, "所有站点", "Everywhere"));

    for (i = 0; i < w->d->conf->nsites; i++) {
        if (mdd_may_see(&p, w->d->conf->sites[i].name, NULL, NULL)) {
            mdd_html_f(b, "<option>%s</option>", w->d->conf->sites[i].name);
        }
    }

    mdd_html_f(b, "</select></label>");
}


static void
order_form(mdd_web_t *w)
{
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<h2>%s</h2>", T(w, "新指令", "New order"));
    mdd_page_form(w, "orders", "/moderation/orders");
    mdd_html_f(b, "<div class=\"filter\"><label>%s<select name=\"kind\">"
               "<option value=\"item\">%s</option>"
               "<option value=\"account\">%s</option>"
               "<option value=\"url\">URL</option>"
               "<option value=\"phrase\">%s</option></select></label>"
               "<label>%s<input name=\"value\" required maxlength=\"1024\">"
               "</label><label>%s<select name=\"source\">"
               "<option value=\"office\">%s</option>"
               "<option value=\"court\">%s</option>"
               "<option value=\"internal\">%s</option></select></label>"
               "<label>%s<input name=\"reference\" maxlength=\"200\"></label>"
               "<label>%s<input name=\"reason\" required maxlength=\"500\">"
               "</label><label>%s<input name=\"until\" value=\"24h\" "
               "size=\"6\"></label>",
               T(w, "对象", "Target"), T(w, "房间", "Room"),
               T(w, "账号", "Account"), T(w, "词句", "Phrase"),
               T(w, "编号或文字", "Id or text"), T(w, "来源", "Source"),
               T(w, "主管部门", "Office"), T(w, "法院", "Court"),
               T(w, "内部", "Internal"), T(w, "文号", "Reference"),
               T(w, "理由", "Reason"), T(w, "期限", "For"));
    order_sites(w);
    mdd_html_f(b, "<button class=\"btn reject\">%s</button></div></form>",
               T(w, "下架", "Take off"));
}


static void
switch_form(mdd_web_t *w)
{
    size_t      i;
    mdd_buf_t  *b = &w->out->body;

    mdd_page_form(w, "switch", "/moderation/orders");
    mdd_html_f(b, "<div class=\"filter\"><label>%s<select name=\"site\">",
               T(w, "站点", "Site"));

    for (i = 0; i < w->d->conf->nsites; i++) {
        mdd_html_f(b, "<option>%s</option>", w->d->conf->sites[i].name);
    }

    mdd_html_f(b, "</select></label><label>%s<input name=\"slot\" "
               "maxlength=\"128\"></label><label>%s<select name=\"mode\">"
               "<option value=\"open\">%s</option>"
               "<option value=\"shadow\">%s</option>"
               "<option value=\"enforce\">%s</option></select></label>"
               "<label>%s<input name=\"until\" value=\"30m\" size=\"6\">"
               "</label><label>%s<input name=\"reason\" required></label>"
               "<button class=\"btn\">%s</button></div></form>",
               T(w, "位置", "Slot"), T(w, "方式", "Mode"),
               mdd_word(w, "open"), mdd_word(w, "shadow"),
               mdd_word(w, "enforce"), T(w, "时长（≤ 4h）", "For (≤ 4h)"),
               T(w, "理由", "Reason"), T(w, "切换", "Switch"));
}


void
mdd_page_order_hits(mdd_web_t *w, int hits, int of)
{
    size_t       i;
    mdd_buf_t   *b;
    const char  *title = T(w, "下架前先看", "What it would take off");

    static const char *const  args[] = {
        "kind", "value", "source", "reference", "reason", "until", "sites"
    };

    b = mdd_page_begin(w, title, "orders");
    mdd_page_h1(w, title, T(w, "词句按规则的读法匹配，会碰到别的卡片；看过再下令。",
                "A phrase is read as rules read it, and may be in other cards: "
                "look before you order."));
    mdd_html_f(b, "<p class=\"panel\">");
    mdd_html_text(b, mdd_arg(w, "value"), strlen(mdd_arg(w, "value")), 200);
    mdd_html_f(b, ": <strong class=\"%s\">%d / %d</strong> %s</p>",
               hits ? "bad" : "good", hits, of,
               T(w, "张近来的卡片会下架（照字面找；经过折叠可能更多）",
                 "of the latest cards would be taken off (as it is written; "
                 "through the folds it may be more)"));
    mdd_page_form(w, "orders", "/moderation/orders");

    for (i = 0; i < sizeof(args) / sizeof(args[0]); i++) {
        mdd_html_f(b, "<input type=\"hidden\" name=\"%s\" value=\"%s\">",
                   args[i], mdd_arg(w, args[i]));
    }

    mdd_html_f(b, "<input type=\"hidden\" name=\"seen\" value=\"1\">"
               "<button class=\"btn reject\">%s</button> "
               "<a href=\"/moderation/orders\">%s</a></form>",
               T(w, "下架", "Take off"), T(w, "算了", "Leave it"));
    mdd_page_end(w);
}


void
mdd_page_orders(mdd_web_t *w)
{
    size_t       i;
    json_t      *list, *o;
    mdd_buf_t   *b;
    const char  *heads[] = { "#", T(w, "对象", "Target"),
        T(w, "来源与理由", "Source and reason"), T(w, "到", "Until"),
        T(w, "谁", "Who"), T(w, "状态", "State"), T(w, "操作", "Do") };
    const char  *switches[] = { T(w, "站点", "Site"), T(w, "位置", "Slot"),
        T(w, "方式", "Mode"), T(w, "到", "Until"), T(w, "谁", "Who"),
        T(w, "理由", "Reason") };

    b = mdd_page_begin(w, T(w, "指令与开关", "Orders and switches"),
                       "orders");
    mdd_page_h1(w, T(w, "指令与开关", "Orders and switches"),
                T(w, "指令让房间、账号、网址或词句立刻从各处（或一个站点）下架，到期恢复；"
                  "开关临时改变一个位置的复核方式。",
                  "An order takes a room, account, URL or phrase off "
                  "until it ends, everywhere or on a site; a switch changes how a slot is "
                  "reviewed for a while."));

    list = mdd_get_orders(w);
    begin_table(w, T(w, "指令", "Orders"), heads, 7);

    json_array_foreach(list, i, o) {
        order_row(w, o);
    }

    end_table(w, i, 7);
    json_decref(list);

    if (w->who.roles & (MDD_REVIEWER|MDD_LEAD)) {
        order_form(w);
    }

    mdd_html_f(b, "<h2>%s</h2>", T(w, "开关", "Switches"));
    list = mdd_get_switches(w);
    begin_table(w, T(w, "开关", "Switches"), switches, 6);

    json_array_foreach(list, i, o) {
        mdd_html_f(b, "<tr><td>%s</td><td>%s</td><td>%s</td><td>",
                   mdd_str(o, "site")[0] ? mdd_str(o, "site")
                   : T(w, "全部站点", "all sites"), mdd_str(o, "slot"),
                   mdd_word(w, mdd_str(o, "mode")));
        mdd_page_time(w, mdd_num(o, "until"));
        mdd_html_f(b, "</td><td>%s</td><td>%s</td></tr>", mdd_str(o, "by"),
                   mdd_str(o, "reason"));
    }

    end_table(w, i, 6);
    json_decref(list);

    if (w->who.roles & MDD_LEAD) {
        switch_form(w);
    }

    mdd_page_rollout(w);
    mdd_page_end(w);
}


/* what would be done and to whom: nobody signs without seeing it */

static void
signed_what(mdd_web_t *w, const json_t *args)
{
    size_t      i, n;
    json_t     *t;
    mdd_buf_t  *b = &w->out->body;

    if (mdd_str(args, "account")[0]) {
        mdd_html_f(b, "<div>%s <a class=\"mono\" href=\"/moderation/accounts/"
                   "%s\">%s</a> \xe2\x86\x92 <b>%s</b></div>",
                   T(w, "账号", "Account"), mdd_str(args, "account"),
                   mdd_str(args, "account"),
                   mdd_word(w, mdd_str(args, "state")));
    }

    if (mdd_str(args, "what")[0]) {
        mdd_html_f(b, "<div>%s <span class=\"mono\">%s</span></div>",
                   mdd_word(w, mdd_str(args, "what")), mdd_str(args, "id"));
    }

    if (mdd_str(args, "verdict")[0] || mdd_str(args, "slot")[0]) {
        mdd_html_f(b, "<div>%s %s</div>", mdd_word(w, mdd_str(args,
                   "verdict")), mdd_str(args, "slot"));
    }

    n = json_array_size(json_object_get(args, "cards"))
        + json_array_size(json_object_get(args, "rows"));

    if (n) {
        mdd_html_f(b, "<div>%zu %s</div>", n,
                   json_object_get(args, "rows") ? T(w, "行", "rows")
                   : T(w, "张卡片", "cards"));
    }

    if (mdd_str(args, "reason")[0]) {
        mdd_html_f(b, "<div class=\"sub\">%s ", T(w, "理由：", "reason:"));
        mdd_page_reason(w, "", mdd_str(args, "reason"));
        mdd_html_f(b, "</div>");
    }

    if (mdd_str(args, "sites")[0]) {
        mdd_html_f(b, "<div>%s%s</div>", T(w, "只在：", "only on "),
                   mdd_str(args, "sites"));
    }

    json_array_foreach(json_object_get(args, "targets"), i, t) {
        mdd_html_f(b, "<div>%s <bdi>%s</bdi></div>",
                   mdd_word(w, mdd_str(t, "kind")), mdd_str(t, "value"));
    }
}


void
mdd_page_pending(mdd_web_t *w)
{
    char         action[48];
    size_t       i;
    json_t      *list, *p;
    mdd_buf_t   *b;
    const char  *heads[] = { "#", T(w, "什么", "What"), T(w, "谁", "Who"),
        T(w, "到", "Until"), T(w, "状态", "State"), T(w, "操作", "Do") };

    b = mdd_page_begin(w, T(w, "待第二人签署", "Second signatures"),
                       "pending");
    mdd_page_h1(w, T(w, "待第二人签署", "Second signatures"),
                T(w, "一个人不能单独做的事：另一人签署才生效，一天不签就作废。",
                  "What nobody does alone: it holds once another person has "
                  "signed, and lapses after a day."));
    list = mdd_get_pending(w);
    begin_table(w, T(w, "待第二人签署", "Second signatures"), heads, 6);

    json_array_foreach(list, i, p) {
        json_t  *args = json_object_get(p, "args");

        mdd_html_f(b, "<tr><td>%lld</td><td>%s",
                   (long long) mdd_num(p, "id"),
                   mdd_word(w, mdd_str(p, "what")));
        signed_what(w, args);
        mdd_html_f(b, "</td><td>%s</td><td>", mdd_str(p, "by"));
        mdd_page_time(w, mdd_num(p, "until"));
        mdd_html_f(b, "</td><td>%s %s</td><td>",
                   strcmp(mdd_str(p, "state"), "open") == 0
                   ? T(w, "待签署", "waits") : mdd_word(w, mdd_str(p, "state")),
                   mdd_str(p, "second"));

        if (strcmp(mdd_str(p, "state"), "open") == 0
            && strcmp(mdd_str(p, "by"), w->who.name) != 0
            && ((w->who.roles & MDD_LEAD)
                || strcmp(mdd_str(p, "what"), "erase") == 0))
        {
            snprintf(action, sizeof(action), "pending/%lld/approve",
                     (long long) mdd_num(p, "id"));
            small_form(w, action, "/moderation/pending",
                       T(w, "签署", "Sign"));
        }

        mdd_html_f(b, "</td></tr>");
    }

    end_table(w, i, 6);
    json_decref(list);
    mdd_page_end(w);
}


static void
claims(mdd_web_t *w)
{
    mdd_st_t    *st;
    mdd_buf_t   *b = &w->out->body;
    mdd_card_t   c;

    mdd_html_f(b, "<section><h2>%s</h2><ul class=\"plain panel\">",
               T(w, "正在看的卡片", "Cards that somebody looks at"));
    st = mdd_query(w->db, MDD_SQL_CLAIMS_OF, "i", w->now);

    while (mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, &c);

        if (mdd_card_mine(w, &c)) {
            mdd_html_f(b, "<li class=\"kv\"><a href=\"/moderation/cards/%lld"
                       "\">%s %lld</a><span>%s \xc2\xb7 %s</span></li>",
                       (long long) c.card, T(w, "卡片", "Card"),
                       (long long) c.card, c.scope, c.claimed);
        }
    }

    mdd_end(st);
    mdd_html_f(b, "</ul></section>");
}


static void
open_work(mdd_web_t *w, const char *screen, const char *name, int64_t n)
{
    mdd_html_f(&w->out->body, "<div class=\"kv\"><a href=\"/moderation/%s\">"
               "%s</a><b>%lld</b></div>", screen, name, (long long) n);
}


void
mdd_page_handover(mdd_web_t *w)
{
    char         action[48];
    json_t      *switches, *alarms;
    mdd_st_t    *st;
    mdd_buf_t   *b;

    b = mdd_page_begin(w, T(w, "交接班", "Handover"), "handover");
    mdd_page_h1(w, T(w, "交接班", "Handover"),
                T(w, "交班的人写下要交代的事并签字，接班的人看过再签。",
                  "Who leaves writes down what the next shift has to know; "
                  "who comes reads it, and both sign."));
    mdd_html_f(b, "<div class=\"cols\"><section><h2>%s</h2>"
               "<div class=\"panel\">", T(w, "现在", "Now"));
    mdd_html_f(b, "<div class=\"kv\"><span>%s</span><b>%lld</b></div>",
               T(w, "逾期的卡片", "Cards that are late"),
               (long long) mdd_get_late(w));
    open_work(w, "pending", T(w, "待第二人签署", "Second signatures"),
              mdd_one(w->db, 0, MDD_SQL_SIGNATURE_COUNT, ""));
    open_work(w, "orders", T(w, "有效指令", "Live orders"),
              mdd_one(w->db, 0, MDD_SQL_ORDER_COUNTS, ""));
    switches = mdd_get_switches(w);
    open_work(w, "orders", T(w, "开着的开关", "Switches that hold"),
              (int64_t) json_array_size(switches));
    json_decref(switches);
    open_work(w, "cases", T(w, "未办结的举报和申诉", "Open reports and appeals"),
              mdd_one(w->db, 0, MDD_SQL_CASE_COUNT, ""));
    alarms = mdd_get_alarms(w);
    open_work(w, "accounts", T(w, "记分提议的账号状态",
              "States of accounts that their score proposes"),
              mdd_one(w->db, 0, MDD_SQL_ACCOUNT_PROPOSED_COUNT, ""));
    open_work(w, "alarms", T(w, "预警", "Alarms"),
              (int64_t) json_array_size(alarms));
    json_decref(alarms);
    mdd_html_f(b, "</div></section>");
    claims(w);
    mdd_page_alarm_list(w);
    mdd_html_f(b, "</div>");
    mdd_page_forecast(w);
    mdd_html_f(b, "<h2>%s</h2>", T(w, "交班记录", "Handovers"));

    st = mdd_query(w->db, MDD_SQL_HANDOVER_LIST, "");

    while (mdd_step(st) == MDD_ROW) {
        mdd_html_f(b, "<div class=\"panel\"><b>%s</b> ", mdd_text(st, 2));
        mdd_page_time(w, mdd_int(st, 1));
        mdd_html_f(b, "<p class=\"said\">");
        mdd_html_text(b, mdd_text(st, 3), strlen(mdd_text(st, 3)), 0);
        mdd_html_f(b, "</p>");

        if (mdd_text(st, 4)[0]) {
            mdd_html_f(b, "<p class=\"good\">%s %s ",
                       T(w, "接班：", "taken by"), mdd_text(st, 4));
            mdd_page_time(w, mdd_int(st, 5));
            mdd_html_f(b, "</p>");

        } else if (strcmp(mdd_text(st, 2), w->who.name) != 0
                   && (w->who.roles & (MDD_REVIEWER|MDD_LEAD)))
        {
            snprintf(action, sizeof(action), "handover/%lld/take",
                     (long long) mdd_int(st, 0));
            small_form(w, action, "/moderation/handover",
                       T(w, "接班并签字", "Take over and sign"));
        }

        mdd_html_f(b, "</div>");
    }

    mdd_end(st);

    if (!(w->who.roles & (MDD_REVIEWER|MDD_LEAD))) {
        mdd_page_end(w);
        return;
    }

    mdd_page_form(w, "handover", "/moderation/handover");
    mdd_html_f(b, "<label>%s<textarea name=\"text\" maxlength=\"4000\" "
               "rows=\"5\" required></textarea></label><p><button class=\"btn\">%s"
               "</button></p></form>", T(w, "要交代的", "What the next shift "
               "has to know"), T(w, "交班并签字", "Hand over and sign"));
    mdd_page_end(w);
}


typedef struct {
    mdd_web_t  *w;
    json_t     *agreement;
} people_t;


static void
person(void *ctx, const char *name, unsigned mask)
{
    char        roles[128], *p, *end;
    people_t   *people = ctx;
    mdd_web_t  *w = people->w;
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<tr><td><bdi>%s</bdi></td><td>", name);
    mdd_roles_text(mask, roles);

    for (p = roles; *p; p = end) {
        end = p + strcspn(p, ",");
        end = *end ? (*end = '\0', end + 1) : end;
        mdd_html_f(b, "<span class=\"pill\">%s</span> ", mdd_word(w, p));
    }

    mdd_html_f(b, "</td><td>");
    mdd_page_agreement(w, json_object_get(people->agreement, name));
    mdd_html_f(b, "</td></tr>");
}


/* what each role may do, in a sentence */

static void
role_table(mdd_web_t *w)
{
    size_t       i;
    const char  *heads[] = { T(w, "角色", "Role"),
                             T(w, "能做什么", "What it may do") };
    static const struct { const char *name, *zh, *en; } roles[] = {
        { "viewer", "看决定、账号、规则、预警、报告和台账",
          "reads decisions, accounts, rules, alarms, statistics, ledger" },
        { "trainee", "试看卡片，决定须由别人复核",
          "tries cards; another person decides with it" },
        { "reviewer", "决定卡片，办举报和申诉，下紧急指令，交接班",
          "decides cards, answers reports and appeals, gives urgent orders, "
          "hands over" },
        { "lead", "复核员的全部；确认和撤回指令，切换开关，定账号状态，签署，写报告",
          "all that a reviewer does; confirms and lifts orders, switches, "
          "sets states of accounts, signs, writes reports" },
        { "policy", "写规则的人：看命中和准确率，静音预警",
          "writes rules: reads hits and precision, mutes alarms" },
        { "auditor", "下载证明和证据包", "downloads proofs and evidence" },
        { "inspector", "外来检查：只看一个站点或案件，到期失效",
          "from outside: reads one site or case, until a day" },
        { "admin", "按要求删除",
          "erases on request" }
    };

    mdd_html_f(&w->out->body, "<h2>%s</h2>", T(w, "角色", "Roles"));
    begin_table(w, T(w, "角色能做什么", "What roles may do"), heads, 2);

    for (i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        mdd_html_f(&w->out->body, "<tr><td>%s</td><td>%s</td></tr>",
                   mdd_word(w, roles[i].name), T(w, roles[i].zh,
                                                 roles[i].en));
    }

    end_table(w, i, 2);
}


void
mdd_page_people(mdd_web_t *w)
{
    mdd_st_t    *st;
    mdd_buf_t   *b;
    people_t     people = { w, NULL };
    const char  *heads[] = { T(w, "姓名", "Name"), T(w, "角色", "Roles"),
        T(w, "一致（本人和组长可见）", "Agreement (for oneself and the lead)") };

    b = mdd_page_begin(w, T(w, "人员", "People"), "people");
    mdd_page_h1(w, T(w, "人员", "People"),
                T(w, "谁能做什么，谁在岗。角色写在 roles.yaml，或来自单点登录的组。",
                  "Who may do what, and who is on duty. Roles stand in "
                  "roles.yaml, or come from groups of the single sign-on."));
    begin_table(w, T(w, "人员", "People"), heads, 3);
    people.agreement = mdd_get_agreement(w);
    mdd_identity_users(person, &people);
    json_decref(people.agreement);
    end_table(w, 1, 3);

    if (w->who.roles & (MDD_REVIEWER|MDD_LEAD|MDD_TRAINEE)) {
        mdd_html_f(b, "<p><a class=\"btn\" href=\"/moderation/calibration\">"
                   "%s</a></p>", T(w, "校准", "Calibration"));
    }

    role_table(w);
    mdd_html_f(b, "<h2>%s</h2><ul class=\"plain panel\">",
               T(w, "在岗（十分钟内）", "On duty (last ten minutes)"));
    st = mdd_query(w->db, MDD_SQL_PERSON_LIST, "");

    while (mdd_step(st) == MDD_ROW) {
        if (mdd_int(st, 1) > w->now - 600000) {
            mdd_html_f(b, "<li>%s</li>", mdd_text(st, 0));
        }
    }

    mdd_end(st);
    mdd_html_f(b, "</ul>");
    mdd_page_end(w);
}
