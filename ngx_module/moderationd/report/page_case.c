/*
 * page_case.c - the screen of reports and appeals: open ones to answer, those
 * that were answered as a table.
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "report.h"

#include <stdio.h>
#include <string.h>


/* an outcome in words: an appeal is upheld or not, a report is right or not */

static const char *
outcome_word(mdd_web_t *w, const json_t *c, const char *outcome)
{
    if (strcmp(mdd_str(c, "kind"), "appeal") == 0) {
        if (strcmp(outcome, "effective") == 0) {
            return T(w, "申诉成立，撤销原决定",
                     "right: the decision is undone");
        }

        if (strcmp(outcome, "wrong") == 0) {
            return T(w, "申诉不成立，维持原决定",
                     "not right: the decision stands");
        }
    }

    return mdd_word(w, outcome);
}


static void
case_head(mdd_web_t *w, const json_t *c)
{
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "%s %lld", strcmp(mdd_str(c, "kind"), "appeal") == 0
               ? T(w, "申诉", "Appeal")
               : strcmp(mdd_str(c, "kind"), "look") == 0
                 ? T(w, "直播中请再看", "Second look, live")
                 : T(w, "举报", "Report"), (long long) mdd_num(c, "id"));

    if (strcmp(mdd_str(c, "kind"), "report") == 0) {
        mdd_html_f(b, " \xc2\xb7 ");
        mdd_page_reason(w, "", mdd_str(c, "reason"));
    }

    if (json_object_get(c, "arranged")) {
        mdd_html_f(b, " <span class=\"pill warn\">%s</span>",
                   T(w, "疑似集中举报", "looks arranged"));
    }
}


/* what it is about: links, the page, how many reported */

static void
case_about(mdd_web_t *w, const json_t *c)
{
    mdd_buf_t  *b = &w->out->body;

    if (mdd_str(c, "decision")[0]) {
        mdd_html_f(b, "<a href=\"/moderation/decisions/%s\">%s</a>",
                   mdd_str(c, "decision"),
                   T(w, "被申诉的决定", "The decision"));

    } else {
        mdd_html_f(b, "%lld %s", (long long) mdd_num(c, "reports"),
                   T(w, "人次举报", mdd_num(c, "reports") == 1
                     ? "report" : "reports"));
    }

    if (mdd_str(c, "item")[0]) {
        mdd_html_f(b, " \xc2\xb7 <a href=\"/moderation/decisions?item=%s\">%s"
                   "</a>", mdd_str(c, "item"),
                   T(w, "该条目的决定", "decisions of the item"));
    }

    if (mdd_str(c, "page")[0]) {
        mdd_html_f(b, " \xc2\xb7 ");
        mdd_html_text(b, mdd_str(c, "page"), strlen(mdd_str(c, "page")), 120);
    }
}


static void
case_panel(mdd_web_t *w, const json_t *c)
{
    char         action[64];
    size_t       i;
    mdd_buf_t   *b = &w->out->body;
    int          appeal = strcmp(mdd_str(c, "kind"), "appeal") == 0;

    mdd_html_f(b, "<article class=\"panel\"><h2>");
    case_head(w, c);
    mdd_html_f(b, "</h2><p class=\"said\">");
    mdd_html_text(b, mdd_str(c, "text"), strlen(mdd_str(c, "text")), 600);
    mdd_html_f(b, "</p><p class=\"sub\">");
    case_about(w, c);
    mdd_html_f(b, " \xc2\xb7 <span class=\"%s\">%s ",
               mdd_num(c, "due") < w->now ? "bad" : "",
               mdd_num(c, "due") < w->now ? T(w, "已逾期，应在", "late, was due")
               : T(w, "答复期限", "answer by"));
    mdd_page_time(w, mdd_num(c, "due"));
    mdd_html_f(b, "</span></p>");

    if (strcmp(mdd_str(c, "kind"), "look") == 0) {
        mdd_html_f(b, "<p>%s</p></article>",
                   T(w, "由决定它的卡片来办。", "Who decides its card "
                     "answers it."));
        return;
    }

    if (!(w->who.roles & (MDD_REVIEWER|MDD_LEAD))) {
        mdd_html_f(b, "</article>");
        return;
    }

    snprintf(action, sizeof(action), "cases/%lld/outcome",
             (long long) mdd_num(c, "id"));
    mdd_page_form(w, action, "/moderation/cases");
    mdd_html_f(b, "<div class=\"filter\"><label>%s<select name=\"outcome\" "
               "required><option value=\"\">%s</option>",
               T(w, "结果", "Outcome"), T(w, "请选", "choose"));

    for (i = 0; i < MDD_OUTCOMES; i++) {
        if (!appeal || i == 0 || strcmp(mdd_outcomes[i], "wrong") == 0) {
            mdd_html_f(b, "<option value=\"%s\">%s</option>", mdd_outcomes[i],
                       outcome_word(w, c, mdd_outcomes[i]));
        }
    }

    mdd_html_f(b, "</select></label><label class=\"wide\">%s<input name=\""
               "reply\" maxlength=\"2000\"></label><button class=\"btn\">"
               "%s</button></div></form></article>",
               T(w, "答复（举报人或申诉人会看到）",
                 "Reply (who wrote it will read it)"), T(w, "办结", "Answer"));
}


static void
closed_row(mdd_web_t *w, const json_t *c)
{
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<tr><td>");
    case_head(w, c);
    mdd_html_f(b, "</td><td class=\"title\">");
    mdd_html_text(b, mdd_str(c, "text"), strlen(mdd_str(c, "text")), 80);
    mdd_html_f(b, "<div class=\"sub\">");
    case_about(w, c);
    mdd_html_f(b, "</div></td><td>%s</td><td>",
               outcome_word(w, c, mdd_str(c, "outcome")));
    mdd_html_text(b, mdd_str(c, "reply"), strlen(mdd_str(c, "reply")), 80);
    mdd_html_f(b, "</td><td>%s</td></tr>\n", mdd_str(c, "by"));
}


void
mdd_page_cases(mdd_web_t *w)
{
    int         open = 0, closed = 0;
    size_t      i;
    json_t     *list = mdd_get_cases(w), *c;
    int64_t     all;
    mdd_buf_t  *b;

    b = mdd_page_begin(w, T(w, "举报与申诉", "Reports and appeals"), "cases");
    mdd_page_h1(w, T(w, "举报与申诉", "Reports and appeals"),
                T(w, "读者的举报和当事人的申诉，先到期的在前；申诉由没参与原决定的人办。",
                  "What readers report and owners object to, the first due "
                  "first; an appeal is for somebody who did not decide."));
    mdd_html_f(b, "<p><a href=\"/moderation/teams\">%s</a> \xc2\xb7 "
               "<a href=\"/moderation/public/report\">%s</a></p>",
               T(w, "团队、有效率、集中举报、导入",
                 "Teams, effective rates, arranged reports, import"),
               T(w, "读者的举报页", "The form that readers have"));

    all = mdd_one(w->db, 0, MDD_SQL_CASE_COUNT, "");

    if (all > (int64_t) json_array_size(list) && w->who.nsites == 0
        && w->who.casefile == 0)
    {
        mdd_html_f(b, "<p>%lld %s</p>", (long long) all,
                   T(w, "件待办；这里是最先到期的 200 件。",
                     "are open; these 200 are due first."));
    }

    json_array_foreach(list, i, c) {
        if (strcmp(mdd_str(c, "state"), "open") == 0) {
            case_panel(w, c);
            open++;
            continue;
        }

        if (closed++ == 0) {
            mdd_html_f(b, open ? "" : "<p class=\"dim\">%s</p>",
                       T(w, "没有待办的案件。", "No case is open."));
            mdd_html_f(b, "<h2>%s</h2><div class=\"scroll\" tabindex=\"0\" "
                       "role=\"region\" aria-label=\"%s\"><table><thead><tr>"
                       "<th>%s</th><th>%s</th><th>%s</th><th>%s</th><th>%s"
                       "</th></tr></thead><tbody>", T(w, "已办结", "Answered"),
                       T(w, "已办结", "Answered"), T(w, "案件", "Case"),
                       T(w, "内容", "What"), T(w, "结果", "Outcome"),
                       T(w, "答复", "Reply"), T(w, "谁", "Who"));
        }

        closed_row(w, c);
    }

    if (closed) {
        mdd_html_f(b, "</tbody></table></div>");
    }

    if (i == 0) {
        mdd_html_f(b, "<p class=\"dim\">%s</p>", T(w, "没有案件。",
                   "There is no case."));
    }

    json_decref(list);
    mdd_page_end(w);
}
