/*
 * page_decision.c - one decision: what was done and by which rule, what people
 * made of it, where it leads, and how it is handed over.
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "moderationd/conf/rulebook.h"

#include <stdio.h>
#include <string.h>


/* who released or rejected what it was about, and its card */

static void
people_said(mdd_web_t *w, const json_t *d)
{
    int          n = 0;
    int64_t      card;
    mdd_st_t    *st;
    mdd_buf_t   *b = &w->out->body;
    const char  *site = mdd_site_of(w->d->conf, mdd_str(d, "host"));

    mdd_html_f(b, "<h2>%s</h2><ul class=\"plain panel\">",
               T(w, "人的决定", "What people decided"));
    st = mdd_query(w->db, MDD_SQL_REVIEWS_PRINT, "s",
                   mdd_str(d, "fingerprint"));

    while (mdd_step(st) == MDD_ROW) {
        n++;
        mdd_html_f(b, "<li>%s%s <span class=\"sub\">%s \xc2\xb7 ",
                   mdd_word(w, mdd_text(st, 4)),
                   strcmp(mdd_text(st, 11), "standing") == 0 ? ""
                   : T(w, "（已撤销或未定）", " (undone or not final)"),
                   mdd_text(st, 5));
        mdd_page_time(w, mdd_int(st, 6));

        if (mdd_text(st, 7)[0]) {
            mdd_html_f(b, " \xc2\xb7 ");
            mdd_page_reason(w, site ? site : "", mdd_text(st, 7));
        }

        mdd_html_f(b, "</span></li>");
    }

    mdd_end(st);

    if (n == 0) {
        mdd_html_f(b, "<li class=\"dim\">%s</li>",
                   T(w, "还没有人决定。", "Nobody has decided yet."));
    }

    mdd_html_f(b, "</ul>");

    card = mdd_one(w->db, 0, MDD_SQL_CARD_OF_PRINT, "s",
                   mdd_str(d, "fingerprint"));

    if (card && (w->who.roles & (MDD_REVIEWER|MDD_LEAD|MDD_TRAINEE))) {
        mdd_html_f(b, "<p><a href=\"/moderation/cards/%lld\">%s</a></p>",
                   (long long) card, T(w, "打开卡片", "Open the card"));
    }
}


static void
evidence(mdd_web_t *w, const char *id)
{
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<details class=\"panel\"><summary>%s</summary><p class="
               "\"sub\">%s</p>", T(w, "移交证据", "Hand over as evidence"),
               T(w, "一个文件包：这条决定、它的证明、规则原文和校验程序；"
                 "谁取走、给谁、为什么，记入台账。",
                 "A tar with the decision, what proves it, the rule as it "
                 "stood and a verifier. Who took it, for whom and why is a "
                 "leaf of the ledger."));
    mdd_page_form(w, "export", "");
    mdd_html_f(b, "<div class=\"filter\"><input type=\"hidden\" name=\""
               "decisions\" value=\"%s\"><label>%s<input name=\"recipient\" "
               "required maxlength=\"200\"></label><label>%s<input name=\""
               "purpose\" required maxlength=\"500\"></label><label>%s<input "
               "name=\"reference\" maxlength=\"200\"></label>", id,
               T(w, "接收方", "Recipient"), T(w, "用途", "Purpose"),
               T(w, "文号", "Reference"));

    if (w->who.roles & MDD_LEAD) {
        mdd_html_f(b, "<label class=\"row\"><input type=\"checkbox\" name=\""
                   "private\" value=\"1\">%s</label>",
                   T(w, "含非公开部分（原文、账号）",
                     "with the private half (text, account)"));
    }

    mdd_html_f(b, "<button class=\"btn\">%s</button></div></form>",
               T(w, "下载证据包", "Download the tar"));

    if (w->who.roles & MDD_LEAD) {
        mdd_html_f(b, "<p class=\"sub\">%s</p>",
                   T(w, "公开发布用：不含编号、账号和日期，文字由组长写。",
                     "For publication: no id, account or day in it; the "
                     "text is the lead's."));
        mdd_page_form(w, "export/case", "");
        mdd_html_f(b, "<div class=\"filter\"><input type=\"hidden\" name=\""
                   "decision\" value=\"%s\"><label class=\"wide\">%s<input "
                   "name=\"text\" required maxlength=\"1000\"></label>"
                   "<button class=\"btn\">%s</button></div></form>", id,
                   T(w, "案例的文字", "Text of the case"),
                   T(w, "下载案例", "Download the case"));
    }

    mdd_html_f(b, "</details>");
}


static void
leads_to(mdd_web_t *w, const json_t *d)
{
    mdd_buf_t   *b = &w->out->body;
    const char  *id = mdd_str(d, "id");

    mdd_html_f(b, "<p class=\"acts\"><a href=\"/moderation/decisions?item=%s"
               "\">%s</a>", mdd_str(d, "item"),
               T(w, "同一条目的决定", "Decisions of the item"));

    if (mdd_str(d, "account")[0]) {
        mdd_html_f(b, "<a href=\"/moderation/accounts/%s\">%s</a>"
                   "<a href=\"/moderation/decisions?account=%s\">%s</a>",
                   mdd_str(d, "account"), T(w, "账号", "Account"),
                   mdd_str(d, "account"),
                   T(w, "同一账号的决定", "Decisions of the account"));
    }

    mdd_html_f(b, "<a href=\"/moderation/public/reason/%s\">%s</a>", id,
               T(w, "当事人看到的说明", "What its owner reads"));

    if (w->who.roles & (MDD_AUDITOR|MDD_INSPECTOR|MDD_ONE_CASE)) {
        mdd_html_f(b, "<a href=\"/moderation/v1/decisions/%s/proof\""
                   " download>%s</a>", id, T(w, "下载证明", "Download proof"));
    }

    mdd_html_f(b, "</p>");

    if (w->who.roles & (MDD_AUDITOR|MDD_INSPECTOR|MDD_ONE_CASE|MDD_LEAD)) {
        evidence(w, id);
    }
}


void
mdd_page_decision(mdd_web_t *w)
{
    json_t     *d, *private;
    mdd_buf_t  *b;

    d = mdd_get_decision(w, w->seg[1]);

    if (d == NULL) {
        mdd_error(w, 404, "not_found", "", NULL);
        return;
    }

    private = json_object_get(d, "private");
    b = mdd_page_begin(w, T(w, "决定", "Decision"), "decisions");

    mdd_html_f(b, "<h1>");
    mdd_page_title(w, private, 80);
    mdd_html_f(b, "</h1><p class=\"about\">%s</p><div class=\"cols\"><section><h2>%s</h2>"
               "<div class=\"panel\">",
               T(w, "一条决定：说了什么，哪条规则命中，当时怎样处理，后来人怎么看。",
                 "One decision: what was said, which rule hit, what was done, "
                 "and what people made of it."), T(w, "内容", "Content"));
    mdd_page_fields(w, private);
    mdd_html_f(b, "</div><h2>%s</h2>", T(w, "命中", "Hits"));
    mdd_page_rules(w, d);
    mdd_html_f(b, "</section><section><h2>%s</h2><div class=\"panel\"><dl>",
               T(w, "决定", "Decision"));

    mdd_page_row(w, T(w, "编号", "Id"), mdd_str(d, "id"));
    mdd_page_row(w, T(w, "处理", "Action"), mdd_word(w, mdd_str(d, "action")));
    mdd_page_row(w, T(w, "原因", "Reason"), mdd_word(w, mdd_str(d, "reason")));
    mdd_page_row(w, T(w, "方式", "Mode"), mdd_word(w, mdd_str(d, "mode")));
    if (strcmp(mdd_str(d, "review"), "none") != 0) {
        mdd_page_row(w, T(w, "当时的放行表", "Verdict at that time"),
            mdd_word(w, mdd_str(d, "review")));
    }

    mdd_page_row(w, T(w, "位置", "Slot"), mdd_str(d, "slot"));
    mdd_page_row(w, T(w, "主机", "Host"), mdd_str(d, "host"));
    mdd_page_row(w, T(w, "页面", "Page"), mdd_str(d, "page"));
    mdd_page_row(w, T(w, "地域", "Jurisdiction"), mdd_str(d, "place"));
    mdd_page_row(w, T(w, "规则集", "Policy"), mdd_str(d, "policy"));
    mdd_page_row(w, T(w, "节点", "Node"), mdd_str(d, "node"));

    mdd_html_f(b, "<dt>%s</dt><dd>", T(w, "首次", "First"));
    mdd_page_time(w, mdd_num(d, "time"));
    mdd_html_f(b, "</dd><dt>%s</dt><dd>", T(w, "最近", "Last"));
    mdd_page_time(w, mdd_num(d, "last"));
    mdd_html_f(b, "</dd><dt>%s</dt><dd>%lld</dd>"
               "<dt>%s</dt><dd>%lld / %lld</dd></dl></div>",
               T(w, "次数", "Count"), (long long) mdd_num(d, "total"),
               T(w, "台账位置", "Leaf (log / index)"),
               (long long) mdd_num(d, "log"), (long long) mdd_num(d, "leaf"));

    people_said(w, d);
    leads_to(w, d);

    mdd_html_f(b, "</section></div>");
    json_decref(d);
    mdd_page_end(w);
}
