/*
 * page_calibration.c - the screens of agreement: cards to judge for
 * calibration, and the forecast of the queue.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/web/page.h"

#include <stdio.h>
#include <string.h>


void
mdd_page_agreement(mdd_web_t *w, const json_t *one)
{
    mdd_buf_t  *b = &w->out->body;

    if (mdd_num(one, "looked")) {
        mdd_html_f(b, "<div>%s %lld / %lld</div>",
                   T(w, "再看一致", "looked at again, agreed"),
                   (long long) mdd_num(one, "agreed"),
                   (long long) mdd_num(one, "looked"));
    }

    if (mdd_num(one, "gold")) {
        mdd_html_f(b, "<div>%s %lld / %lld, %s %lld</div>",
                   T(w, "校准一致", "calibration, agreed"),
                   (long long) mdd_num(one, "gold_agreed"),
                   (long long) mdd_num(one, "gold"),
                   T(w, "理由也一致", "with the reason"),
                   (long long) mdd_num(one, "gold_reason"));
    }
}


void
mdd_page_forecast(mdd_web_t *w)
{
    char         shift[96];
    size_t       i;
    json_t      *list = mdd_get_forecast(w), *h;
    mdd_buf_t   *b = &w->out->body;

    mdd_html_f(b, "<h2>%s</h2><div class=\"scroll\" tabindex=\"0\" "
               "role=\"region\" aria-label=\"%s\"><table><thead><tr><th>%s"
               "</th><th>%s</th><th class=\"num\">%s</th><th class=\"num\">%s"
               "</th><th class=\"num\">%s</th><th class=\"num\">%s</th></tr>"
               "</thead><tbody>", T(w, "今后八小时", "The next eight hours"),
               T(w, "今后八小时", "The next eight hours"),
               T(w, "从", "From"), T(w, "班次", "Shift"),
               T(w, "在等、到期", "Waiting, due"),
               T(w, "放行到期", "Releases that end"),
               T(w, "预计新来", "Expected to come"),
               T(w, "合计", "Together"));

    json_array_foreach(list, i, h) {
        snprintf(shift, sizeof(shift), "%.70s", mdd_str(h, "shift"));
        mdd_html_f(b, "<tr><td>");
        mdd_page_time(w, mdd_num(h, "from"));
        mdd_html_f(b, "</td><td>%s", shift);

        if (mdd_num(h, "target")) {
            mdd_html_f(b, " \xc2\xb7 %s %lld %s", T(w, "目标", "target"),
                       (long long) mdd_num(h, "target") / 60000,
                       T(w, "分", "min"));
        }

        mdd_html_f(b, "</td><td class=\"num\">%lld</td><td class=\"num\">%lld"
                   "</td><td class=\"num\">%lld</td><td class=\"num\"><b>%lld"
                   "</b></td></tr>", (long long) mdd_num(h, "waiting"),
                   (long long) mdd_num(h, "ending"),
                   (long long) mdd_num(h, "expected"),
                   (long long) mdd_num(h, "total"));
    }

    mdd_html_f(b, "</tbody></table></div>");
    json_decref(list);
}


/* one card, with the two verdicts and the reasons of its site */

static void
to_judge(mdd_web_t *w, json_t *card)
{
    char                action[48];
    size_t              i;
    mdd_buf_t          *b = &w->out->body;
    const mdd_book_t   *book;

    snprintf(action, sizeof(action), "calibration/%lld/judge",
             (long long) mdd_num(card, "id"));
    mdd_html_f(b, "<div class=\"panel\">");
    mdd_page_fields(w, card);
    mdd_html_f(b, "<p class=\"sub\">%s</p>", mdd_str(card, "slot"));
    mdd_page_form(w, action, "/moderation/calibration");
    mdd_html_f(b, "<label>%s<select name=\"reason\"><option value=\"\">"
               "</option>", T(w, "驳回理由", "Reason of a rejection"));
    book = mdd_book(mdd_str(card, "site")[0] ? mdd_str(card, "site") : NULL);

    for (i = 0; book && i < book->nreasons; i++) {
        mdd_html_f(b, "<option value=\"%s\">%s</option>",
                   book->reasons[i].id, w->zh ? book->reasons[i].title_zh
                   : book->reasons[i].title_en);
    }

    mdd_book_leave(book);
    mdd_html_f(b, "</select></label> <button class=\"btn release\" "
               "name=\"verdict\" value=\"release\">%s</button> "
               "<button class=\"btn reject\" name=\"verdict\" "
               "value=\"reject\">%s</button></form></div>",
               T(w, "放行", "Release"), T(w, "驳回", "Reject"));
}


static void
labels(mdd_web_t *w, json_t *all)
{
    json_t      *one;
    mdd_buf_t   *b = &w->out->body;
    const char  *label;

    if (json_object_size(all) == 0) {
        return;
    }

    mdd_html_f(b, "<h2>%s</h2><div class=\"panel\">",
               T(w, "各标签的一致", "Agreement by label"));

    json_object_foreach(all, label, one) {
        mdd_html_f(b, "<div class=\"kv\"><span>%s</span><b>%lld / %lld</b>"
                   "</div>", *label ? label : T(w, "无规则命中", "no rule"),
                   (long long) mdd_num(one, "agreed"),
                   (long long) mdd_num(one, "looked"));
    }

    mdd_html_f(b, "</div>");
}


static void
none(mdd_web_t *w, size_t n)
{
    if (n == 0) {
        mdd_html_f(&w->out->body, "<li class=\"dim\">%s</li>",
                   T(w, "没有。", "None."));
    }
}


/* for a lead: the set, and where two differed */

static void
of_lead(mdd_web_t *w, json_t *j)
{
    char        action[48];
    size_t      i;
    json_t     *row;
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<h2>%s</h2><ul class=\"plain\">",
               T(w, "校准集", "The set"));

    json_array_foreach(json_object_get(j, "set"), i, row) {
        mdd_html_f(b, "<li class=\"panel\">");
        mdd_page_title(w, row, 60);
        mdd_html_f(b, " <span class=\"sub\">%s %s \xc2\xb7 %s \xc2\xb7 %lld / "
                   "%lld</span> ", mdd_word(w, mdd_str(row, "verdict")),
                   mdd_str(row, "reason"), mdd_str(row, "by"),
                   (long long) mdd_num(row, "agreed"),
                   (long long) mdd_num(row, "judged"));
        snprintf(action, sizeof(action), "calibration/%lld/end",
                 (long long) mdd_num(row, "id"));
        mdd_page_form(w, action, "/moderation/calibration");
        mdd_html_f(b, "<button class=\"btn\">%s</button></form></li>",
                   T(w, "移出", "Take out"));
    }

    none(w, i);
    mdd_html_f(b, "</ul><h2>%s</h2><ul class=\"plain\">",
               T(w, "再看不一致的", "Looked at again, and differed"));

    json_array_foreach(json_object_get(j, "differ"), i, row) {
        mdd_html_f(b, "<li class=\"panel\"><a href=\"/moderation/cards/%lld\">"
                   "%s %lld</a> %s %s \xc2\xb7 %s %s %s ",
                   (long long) mdd_num(row, "card"), T(w, "卡片", "Card"),
                   (long long) mdd_num(row, "card"), mdd_str(row, "by"),
                   mdd_word(w, mdd_str(row, "verdict")),
                   mdd_str(row, "second"), mdd_word(w, mdd_str(row, "said")),
                   mdd_str(row, "reason"));
        mdd_page_time(w, mdd_num(row, "at"));
        mdd_html_f(b, "</li>");
    }

    none(w, i);
    mdd_html_f(b, "</ul>");
}


void
mdd_page_calibration(mdd_web_t *w)
{
    size_t       i;
    json_t      *j = mdd_get_calibration(w), *card, *cards;
    mdd_buf_t   *b;

    b = mdd_page_begin(w, T(w, "校准", "Calibration"), "people");
    mdd_page_h1(w, T(w, "校准", "Calibration"),
               T(w, "组长已判定的卡片，各人独立判断；只有本人和组长看得到个人数字。",
                 "Cards that a lead has judged; everybody judges them without "
                 "knowing how. Figures of a person are for that person and "
                 "the lead."));

    mdd_html_f(b, "<div class=\"panel\">");
    mdd_page_agreement(w, json_object_get(json_object_get(j, "people"),
                                          w->who.name));
    cards = json_object_get(j, "cards");
    mdd_html_f(b, "<div>%s %zu</div></div>", T(w, "待判断", "To judge:"),
               json_array_size(cards));

    json_array_foreach(cards, i, card) {
        if (i < 5) {
            to_judge(w, card);
        }
    }

    labels(w, json_object_get(j, "labels"));

    if (w->who.roles & MDD_LEAD) {
        of_lead(w, j);
    }

    json_decref(j);
    mdd_page_end(w);
}
