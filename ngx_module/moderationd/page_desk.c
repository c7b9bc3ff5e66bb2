/*
 * page_desk.c - screens beside the queue: orders and switches, second
 * signatures, handover, people.
 */

#include "api.h"
#include "desk.h"
#include "page.h"

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
end_table(mdd_web_t *w)
{
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
               "size=\"6\"></label><button class=\"btn reject\">%s</button>"
               "</div></form>",
               T(w, "对象", "Target"), T(w, "房间", "Room"),
               T(w, "账号", "Account"), T(w, "词句", "Phrase"),
               T(w, "编号或文字", "Id or text"), T(w, "来源", "Source"),
               T(w, "主管部门", "Office"), T(w, "法院", "Court"),
               T(w, "内部", "Internal"), T(w, "文号", "Reference"),
               T(w, "理由", "Reason"), T(w, "期限", "For"),
               T(w, "全站下架", "Off everywhere"));
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
    mdd_html_f(b, "<h1>%s</h1>", T(w, "指令与开关", "Orders and switches"));

    list = mdd_get_orders(w);
    begin_table(w, T(w, "指令", "Orders"), heads, 7);

    json_array_foreach(list, i, o) {
        order_row(w, o);
    }

    end_table(w);
    json_decref(list);

    if (w->who.roles & (MDD_REVIEWER|MDD_LEAD)) {
        order_form(w);
    }

    mdd_html_f(b, "<h2>%s</h2>", T(w, "开关", "Switches"));
    list = mdd_get_switches(w);
    begin_table(w, T(w, "开关", "Switches"), switches, 6);

    json_array_foreach(list, i, o) {
        mdd_html_f(b, "<tr><td>%s</td><td>%s</td><td>%s</td><td>",
                   mdd_str(o, "site"), mdd_str(o, "slot"),
                   mdd_word(w, mdd_str(o, "mode")));
        mdd_page_time(w, mdd_num(o, "until"));
        mdd_html_f(b, "</td><td>%s</td><td>%s</td></tr>", mdd_str(o, "by"),
                   mdd_str(o, "reason"));
    }

    end_table(w);
    json_decref(list);

    if (w->who.roles & MDD_LEAD) {
        switch_form(w);
    }

    mdd_page_end(w);
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
    mdd_html_f(b, "<h1>%s</h1>", T(w, "待第二人签署", "Second signatures"));
    list = mdd_get_pending(w);
    begin_table(w, T(w, "待第二人签署", "Second signatures"), heads, 6);

    json_array_foreach(list, i, p) {
        json_t  *args = json_object_get(p, "args");

        mdd_html_f(b, "<tr><td>%lld</td><td>%s<div class=\"sub\">%s %s %s "
                   "%zu</div></td><td>%s</td><td>",
                   (long long) mdd_num(p, "id"),
                   mdd_word(w, mdd_str(p, "what")),
                   mdd_word(w, mdd_str(args, "verdict")),
                   mdd_str(args, "reason"), mdd_str(args, "slot"),
                   json_array_size(json_object_get(args, "cards")),
                   mdd_str(p, "by"));
        mdd_page_time(w, mdd_num(p, "until"));
        mdd_html_f(b, "</td><td>%s %s</td><td>",
                   mdd_word(w, mdd_str(p, "state")), mdd_str(p, "second"));

        if (strcmp(mdd_str(p, "state"), "open") == 0
            && strcmp(mdd_str(p, "by"), w->who.name) != 0
            && (w->who.roles & MDD_LEAD))
        {
            snprintf(action, sizeof(action), "pending/%lld/approve",
                     (long long) mdd_num(p, "id"));
            small_form(w, action, "/moderation/pending",
                       T(w, "签署", "Sign"));
        }

        mdd_html_f(b, "</td></tr>");
    }

    end_table(w);
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
                       "\">%s %lld</a><span>%s</span></li>",
                       (long long) c.card, T(w, "卡片", "Card"),
                       (long long) c.card, c.claimed);
        }
    }

    mdd_end(st);
    mdd_html_f(b, "</ul></section>");
}


void
mdd_page_handover(mdd_web_t *w)
{
    char         action[48];
    mdd_st_t    *st;
    mdd_buf_t   *b;

    b = mdd_page_begin(w, T(w, "交接班", "Handover"), "handover");
    mdd_html_f(b, "<h1>%s</h1><div class=\"cols\"><section><h2>%s</h2>"
               "<div class=\"panel\">", T(w, "交接班", "Handover"),
               T(w, "现在", "Now"));
    mdd_html_f(b, "<div class=\"kv\"><span>%s</span><b>%lld</b></div>"
               "<div class=\"kv\"><span>%s</span><b>%lld</b></div>"
               "<div class=\"kv\"><span>%s</span><b>%lld</b></div></div>"
               "</section>", T(w, "逾期", "Late"),
               (long long) mdd_one(w->db, 0, MDD_SQL_QUEUE_LATE, "i", w->now),
               T(w, "待第二人签署", "Second signatures"),
               (long long) mdd_one(w->db, 0, MDD_SQL_SIGNATURE_COUNT, ""),
               T(w, "有效指令", "Live orders"),
               (long long) mdd_one(w->db, 0, MDD_SQL_ORDER_COUNTS, ""));
    claims(w);
    mdd_html_f(b, "</div><h2>%s</h2>", T(w, "交班记录", "Handovers"));

    st = mdd_query(w->db, MDD_SQL_HANDOVER_LIST, "");

    while (mdd_step(st) == MDD_ROW) {
        mdd_html_f(b, "<div class=\"panel\"><b>%s</b> ", mdd_text(st, 2));
        mdd_page_time(w, mdd_int(st, 1));
        mdd_html_f(b, "<p>");
        mdd_html_text(b, mdd_text(st, 3), strlen(mdd_text(st, 3)), 0);
        mdd_html_f(b, "</p>");

        if (mdd_text(st, 4)[0]) {
            mdd_html_f(b, "<p class=\"good\">%s %s ",
                       T(w, "接班：", "taken by"), mdd_text(st, 4));
            mdd_page_time(w, mdd_int(st, 5));
            mdd_html_f(b, "</p>");

        } else if (strcmp(mdd_text(st, 2), w->who.name) != 0) {
            snprintf(action, sizeof(action), "handover/%lld/take",
                     (long long) mdd_int(st, 0));
            small_form(w, action, "/moderation/handover",
                       T(w, "接班并签字", "Take over and sign"));
        }

        mdd_html_f(b, "</div>");
    }

    mdd_end(st);
    mdd_page_form(w, "handover", "/moderation/handover");
    mdd_html_f(b, "<label>%s<textarea name=\"text\" maxlength=\"4000\" "
               "required></textarea></label><p><button class=\"btn\">%s"
               "</button></p></form>", T(w, "要交代的", "What the next shift "
               "has to know"), T(w, "交班并签字", "Hand over and sign"));
    mdd_page_end(w);
}


static void
person(void *ctx, const char *name, unsigned mask)
{
    char        roles[128], *p, *end;
    mdd_web_t  *w = ctx;
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<tr><td>%s</td><td>", name);
    mdd_roles_text(mask, roles);

    for (p = roles; *p; p = end) {
        end = p + strcspn(p, ",");
        end = *end ? (*end = '\0', end + 1) : end;
        mdd_html_f(b, "<span class=\"pill\">%s</span> ", mdd_word(w, p));
    }

    mdd_html_f(b, "</td></tr>");
}


void
mdd_page_people(mdd_web_t *w)
{
    mdd_st_t    *st;
    mdd_buf_t   *b;
    const char  *heads[] = { T(w, "姓名", "Name"), T(w, "角色", "Roles") };

    b = mdd_page_begin(w, T(w, "人员", "People"), "people");
    mdd_html_f(b, "<h1>%s</h1>", T(w, "人员", "People"));
    begin_table(w, T(w, "人员", "People"), heads, 2);
    mdd_identity_users(person, w);
    end_table(w);

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
