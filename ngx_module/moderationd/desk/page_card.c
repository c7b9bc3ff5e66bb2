/*
 * page_card.c - one card on the desk: how it looks, what it says, what hit it
 * and how that is read, what can be said of it, its account and its history.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/web/page.h"
#include "reading.h"

#include <stdio.h>
#include <string.h>

#define ALSO_SHOWN  8


static void
reasons(mdd_web_t *w, const mdd_card_t *c)
{
    size_t              i;
    mdd_buf_t          *b = &w->out->body;
    const mdd_book_t   *book;
    const mdd_rule_t   *rule;
    const mdd_reason_t *r;

    book = mdd_book(c->site[0] ? c->site : NULL);
    mdd_html_f(b, "<fieldset class=\"reasons\"><legend>%s</legend>",
               T(w, "驳回理由（R，再按数字）",
                 "Reason of a rejection (R, then a number)"));

    if (c->rule[0]) {
        rule = mdd_book_rule(book, c->rule);
        mdd_html_f(b, "<label class=\"row\"><input type=\"radio\" "
                   "name=\"reason\" value=\"%s\" checked>%s%s<kbd>R</kbd>"
                   "</label>", c->rule, T(w, "按规则：", "the rule: "),
                   rule ? w->zh ? rule->title_zh : rule->title_en : c->rule);
    }

    for (i = 0; book && i < book->nreasons; i++) {
        r = &book->reasons[i];
        mdd_html_f(b, "<label class=\"row\"><input type=\"radio\" "
                   "name=\"reason\" value=\"%s\"", r->id);

        if (r->key) {
            mdd_html_f(b, " data-key=\"%d\"", r->key);
        }

        mdd_html_f(b, ">%s", w->zh ? r->title_zh : r->title_en);

        if (r->key) {
            mdd_html_f(b, "<kbd>%d</kbd>", r->key);
        }

        mdd_html_f(b, "</label>");
    }

    if (book == NULL || (book->nreasons == 0 && c->rule[0] == '\0')) {
        mdd_html_f(b, "<label>%s<input name=\"reason\" maxlength=\"64\">"
                   "</label>", T(w, "理由", "Reason"));
    }

    mdd_html_f(b, "</fieldset>");
    mdd_book_leave(book);
}


static void
button(mdd_web_t *w, const char *class, const char *verdict,
    const char *text, const char *key)
{
    mdd_html_f(&w->out->body, "<button class=\"btn %s\" name=\"verdict\" "
               "value=\"%s\" data-verdict=\"%s\">%s<kbd>%s</kbd></button>\n",
               class, verdict, verdict, text, key);
}


static void
also_row(mdd_web_t *w, const mdd_card_t *c, int n)
{
    json_t     *line;
    mdd_buf_t  *b = &w->out->body;

    if (n == 0) {
        mdd_html_f(b, "<fieldset class=\"reasons\" id=\"also\"><legend>%s"
                   "</legend>", T(w, "一并决定", "Decide with it"));
    }

    line = mdd_get_line(w, c->decision, c->log, c->leaf);
    mdd_html_f(b, "<label class=\"row\"><input type=\"checkbox\" "
               "name=\"also\" value=\"%lld:%lld\"><span>",
               (long long) c->card, (long long) c->version);
    mdd_page_title(w, json_object_get(line, "private"), 30);
    mdd_html_f(b, " <span class=\"sub\">%s</span></span></label>", c->slot);
    json_decref(line);
}


/* the same item where it waits in other slots, and others of the account.  Not
 * in samples: those show no more than the card */

static void
also(mdd_web_t *w, const mdd_card_t *c)
{
    int          n = 0, i, k;
    mdd_st_t    *st;
    mdd_card_t   others[ALSO_SHOWN];

    if (strcmp(c->kind, "card") != 0) {
        return;
    }

    for (k = 0; k < 2; k++) {
        if (k && c->account[0] == '\0') {
            break;
        }

        st = k == 0 ? mdd_query(w->db, MDD_SQL_CARD_SAME, "ssi", c->item,
                                c->fingerprint, c->card)
             : mdd_query(w->db, MDD_SQL_CARD_ACCOUNT, "si", c->account,
                         (int64_t) 20);

        while (n < ALSO_SHOWN && mdd_step(st) == MDD_ROW) {
            mdd_card_row(st, &others[n]);

            for (i = 0; i < n && others[i].card != others[n].card; i++) {
                /* */
            }

            n += i == n && others[n].card != c->card
                 && strcmp(others[n].kind, "card") == 0
                 && mdd_card_mine(w, &others[n]);
        }

        mdd_end(st);
    }

    for (i = 0; i < n; i++) {
        also_row(w, &others[i], i);
    }

    if (n) {
        mdd_html_f(&w->out->body, "</fieldset>");
    }
}


static void
bar(mdd_web_t *w, const mdd_card_t *c)
{
    char        action[48];
    mdd_buf_t  *b = &w->out->body;

    snprintf(action, sizeof(action), "cards/%lld/decide",
             (long long) c->card);
    mdd_html_f(b, "<div id=\"decide\" data-card=\"%lld\" data-version="
               "\"%lld\">", (long long) c->card, (long long) c->version);
    mdd_page_form(w, action, "/moderation/queue");

    /* Enter in a field would press the first button: that is none */

    mdd_html_f(b, "<button disabled hidden></button><input type=\"hidden\" name=\"version\" value=\"%lld\">",
               (long long) c->version);
    reasons(w, c);
    also(w, c);
    mdd_html_f(b, "<label>%s<input name=\"note\" id=\"note\" "
               "maxlength=\"1000\" autocomplete=\"off\"></label>"
               "<div class=\"bar\">", T(w, "备注（N）", "Note (N)"));
    button(w, "release", "release", T(w, "放行", "Release"), "F");
    button(w, "reject", "reject", T(w, "驳回", "Reject"), "R");
    button(w, "", "escalate", T(w, "上报", "Escalate"), "E");
    button(w, "", "ask", T(w, "请人再看", "Ask"), "A");
    mdd_html_f(b, "<button type=\"button\" class=\"btn\" id=\"skip\" hidden>"
               "%s<kbd>S</kbd></button>\n"
               "<span class=\"keys\" hidden>%s<kbd>K</kbd> %s<kbd>J</kbd> "
               "%s<kbd>?</kbd></span></div></form></div>",
               T(w, "跳过", "Skip"), T(w, "上一条", "up"),
               T(w, "下一条", "down"), T(w, "帮助", "help"));
}


static void
changes(mdd_web_t *w, const json_t *card)
{
    json_t      *old, *v;
    mdd_buf_t   *b = &w->out->body;
    const char  *name, *before;

    if (mdd_num(card, "cover_changed")) {
        mdd_html_f(b, "<p><strong class=\"bad\">%s ", T(w, "封面图在放行之后换过：",
                   "The picture has changed since it was released:"));
        mdd_page_time(w, mdd_num(card, "cover_changed"));
        mdd_html_f(b, "</strong></p>");
    }

    old = json_object_get(card, "released");

    if (old == NULL) {
        return;
    }

    mdd_html_f(b, "<h2>%s</h2><div class=\"panel\">",
               T(w, "与上次放行的版本", "Against what was released"));

    json_object_foreach(json_object_get(card, "fields"), name, v) {
        before = mdd_str(json_object_get(old, "fields"), name);

        if (json_is_string(v) && strcmp(before, json_string_value(v)) != 0) {
            mdd_html_f(b, "<div><span class=\"sub\">%s</span> ",
                       mdd_word(w, name));
            mdd_html_diff(b, before, strlen(before), json_string_value(v),
                          json_string_length(v));
            mdd_html_f(b, "</div>");
        }
    }

    mdd_html_f(b, "<div class=\"sub\">%s %lld \xc2\xb7 %s \xc2\xb7 ",
               T(w, "版本", "version"), (long long) mdd_num(old, "version"),
               mdd_str(old, "by"));
    mdd_page_time(w, mdd_num(old, "at"));
    mdd_html_f(b, "</div></div>");
}


/* whole fields as rules read them, where that is not what the eye sees */

static void
readings(mdd_web_t *w, const json_t *card)
{
    json_t      *v, *fields = json_object_get(card, "readings");
    mdd_buf_t   *b = &w->out->body;
    const char  *name;

    if (json_object_size(fields) == 0) {
        return;
    }

    mdd_html_f(b, "<details><summary>%s</summary><dl>",
               T(w, "匹配时读到的全文", "All of it as rules read it"));

    json_object_foreach(fields, name, v) {
        mdd_html_f(b, "<dt>%s</dt><dd>", mdd_word(w, name));
        mdd_html_text(b, json_string_value(v), json_string_length(v), 0);
        mdd_html_f(b, "</dd>");
    }

    mdd_html_f(b, "</dl></details>");
}


/* two people who differed, side by side: for the lead who decides */

static void
looks(mdd_web_t *w, const json_t *list)
{
    size_t      i;
    json_t     *r;
    mdd_buf_t  *b = &w->out->body;

    if (json_array_size(list) == 0) {
        return;
    }

    mdd_html_f(b, "<h2>%s</h2><div class=\"looks\">",
               T(w, "两人看法不同", "Two people differ"));

    json_array_foreach(list, i, r) {
        mdd_html_f(b, "<div class=\"panel hit strong\"><h3>%s</h3>"
                   "<div class=\"sub\">%s \xc2\xb7 ",
                   mdd_word(w, mdd_str(r, "verdict")), mdd_str(r, "by"));
        mdd_page_time(w, mdd_num(r, "at"));
        mdd_html_f(b, "</div>");

        if (mdd_str(r, "reason")[0]) {
            mdd_html_f(b, "<p>");
            mdd_page_reason(w, "", mdd_str(r, "reason"));
            mdd_html_f(b, "</p>");
        }

        if (mdd_str(r, "note")[0]) {
            mdd_html_f(b, "<p>");
            mdd_html_text(b, mdd_str(r, "note"), strlen(mdd_str(r, "note")),
                          400);
            mdd_html_f(b, "</p>");
        }

        mdd_html_f(b, "</div>");
    }

    mdd_html_f(b, "</div>");
}


static void
look(mdd_web_t *w, const mdd_card_t *c, json_t *line)
{
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<div class=\"two\"><div><h2>%s</h2><iframe class=\"look\" "
               "sandbox=\"\" loading=\"lazy\" title=\"%s\" "
               "src=\"/moderation/v1/cards/%lld/preview\"></iframe>"
               "<p class=\"sub\">%s</p>", T(w, "样子", "Look"),
               T(w, "卡片的样子", "How the card looks"), (long long) c->card,
               T(w, "沙箱预览：不运行脚本；图片只经守护进程取自列出的主机",
                 "sandboxed: no script runs; pictures come through the "
                 "daemon, from listed hosts"));
    (void) line;
}


void
mdd_page_card_part(mdd_web_t *w, const mdd_card_t *c)
{
    json_t      *j, *line, *private, *past;
    mdd_buf_t   *b = &w->out->body;
    const char  *by;

    j = mdd_get_card(w, c);
    mdd_add_released(w, c, j);
    mdd_add_looks(w, c, j);
    past = mdd_get_history(w, c);
    line = mdd_get_line(w, c->decision, c->log, c->leaf);
    private = json_object_get(line, "private");

    mdd_html_f(b, "<section class=\"work\" id=\"work\" aria-labelledby="
               "\"name\" tabindex=\"-1\"><h1 id=\"name\">");
    mdd_page_title(w, private, 80);
    mdd_html_f(b, "</h1>");

    by = mdd_str(json_object_get(j, "claim"), "by");

    if (*by && strcmp(by, w->who.name) != 0) {
        mdd_html_f(b, "<p class=\"warn by\" role=\"status\">%s %s</p>", by,
                   T(w, "正在看这张卡片", "is looking at this card"));
    }

    if (c->cut) {
        mdd_html_f(b, "<p class=\"warn\">%s</p>",
                   json_object_size(json_object_get(private, "fields")) == 0
                   ? T(w, "它不断改动，这个时段不再记录文字：可以驳回，只有组长可以放行。",
                       "It changes all the time, and no texts are kept for a "
                       "while: it can be rejected, a lead may release it.")
                   : T(w,
                   "文字过长，记录被截断：可以驳回，只有组长可以放行。",
                   "The text was cut: it can be rejected, a lead may release "
                   "it."));
    }

    look(w, c, line);
    changes(w, j);
    mdd_html_f(b, "</div><div><h2>%s</h2><div class=\"panel\">",
               T(w, "内容", "Content"));
    mdd_page_fields(w, private);
    readings(w, j);
    mdd_html_f(b, "</div><div class=\"panel\"><dl><dt>%s</dt><dd>%s</dd>"
               "<dt>%s</dt><dd>%lld %s</dd><dt>%s</dt><dd>",
               T(w, "位置", "Slot"), c->scope, T(w, "出现", "Shown"),
               (long long) mdd_num(j, "reach"), T(w, "次", "times"),
               T(w, "首见", "First seen"));
    mdd_page_time(w, c->first);
    mdd_html_f(b, "</dd><dt>%s</dt><dd>%s \xc2\xb7 %s %lld \xc2\xb7 ",
               T(w, "状态", "State"), mdd_word(w, c->state),
               T(w, "版本", "version"), (long long) c->version);
    mdd_page_due(w, c->due);
    mdd_html_f(b, "%s</dd></dl></div><h2>%s</h2>",
               c->shadow ? T(w, "（影子，未扣住）", " (shadow: not held)") : "",
               T(w, "命中", "Hits"));
    mdd_page_rules(w, line);

    if (json_array_size(json_object_get(line, "rules")) == 0) {
        mdd_html_f(b, "<p class=\"dim\">%s</p>",
                   T(w, "没有规则命中；此位置要求先审后播。",
                     "No rule hit; this slot shows only what was released."));
    }

    looks(w, json_object_get(j, "looks"));

    if (strcmp(c->state, "waiting") == 0 || strcmp(c->state, "asked") == 0
        || (strcmp(c->state, "escalated") == 0
            && (w->who.roles & MDD_LEAD)))
    {
        bar(w, c);
    }

    mdd_html_f(b, "</div></div></section><aside class=\"side\" aria-label="
               "\"%s\">", T(w, "账号与历史", "Account and history"));
    mdd_page_card_side(w, c, j, past);
    mdd_html_f(b, "</aside>");

    json_decref(line);
    json_decref(past);
    json_decref(j);
}
