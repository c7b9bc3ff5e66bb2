/*
 * page_queue.c - the desk: queue on the left, the card in the middle, its
 * account on the right.  One screen shows all of it, so that a decision needs
 * no reload; without script every part is a link or a form.
 */

#include "account.h"
#include "api.h"
#include "desk.h"
#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX  30


/* "2 min left" or "late by 3 min" */

static void
due(mdd_web_t *w, int64_t at)
{
    int64_t      ms = at - w->now;
    long long    n = (long long) ((ms < 0 ? -ms : ms) / 60000);
    mdd_buf_t   *b = &w->out->body;
    const char  *unit = T(w, "分", "min");

    if (n >= 120) {
        n /= 60;
        unit = T(w, "小时", "h");
    }

    if (ms < 0) {
        mdd_html_f(b, "<strong class=\"bad\">%s %lld %s</strong>",
                   T(w, "逾期", "late"), n, unit);

    } else {
        mdd_html_f(b, "%lld %s", n, unit);
    }
}


static void
tabs(mdd_web_t *w, const char *queue, const char *state)
{
    size_t       i;
    json_t      *row;
    mdd_buf_t   *b = &w->out->body;
    const char  *s, *q;

    mdd_html_f(b, "<nav class=\"tabs\" aria-label=\"%s\">"
               "<a href=\"/moderation/queue\"%s>%s</a>",
               T(w, "队列", "Queues"),
               *queue == '\0' && strcmp(state, "waiting") == 0
               ? " aria-current=page" : "", T(w, "全部", "All"));

    json_array_foreach(mdd_get_counts(w), i, row) {
        s = json_string_value(json_array_get(row, 0));
        q = json_string_value(json_array_get(row, 1));

        if (!mdd_may_see(&w->who, NULL, q, NULL) && w->who.nqueues) {
            continue;
        }

        mdd_html_f(b, "<a href=\"/moderation/queue?state=%s&amp;queue=", s);
        mdd_url(b, q);
        mdd_html_f(b, "\"%s>%s%s%s %lld</a>",
                   strcmp(q, queue) == 0 && strcmp(s, state) == 0
                   ? " aria-current=page" : "", q,
                   strcmp(s, "waiting") == 0 ? "" : " \xc2\xb7 ",
                   strcmp(s, "waiting") == 0 ? "" : mdd_word(w, s),
                   (long long) json_integer_value(json_array_get(row, 2)));
    }

    mdd_html_f(b, "</nav>");
}


/* text of a card's field, or of the first one that it has */

static const char *
first_text(const json_t *card)
{
    json_t      *fields = json_object_get(card, "fields"), *v;
    const char  *s = mdd_str(fields, "title"), *key;

    if (*s == '\0') {
        json_object_foreach(fields, key, v) {
            if (json_is_string(v) && json_string_length(v)) {
                return json_string_value(v);
            }
        }
    }

    return s;
}


static void
list(mdd_web_t *w, json_t *cards, int64_t current)
{
    size_t       i;
    json_t      *c;
    mdd_buf_t   *b = &w->out->body;
    const char  *s;

    mdd_html_f(b, "<ol id=\"cards\">");

    json_array_foreach(json_object_get(cards, "cards"), i, c) {
        mdd_html_f(b, "<li><a href=\"/moderation/cards/%lld\" "
                   "data-card=\"%lld\"%s><span class=\"t\">",
                   (long long) mdd_num(c, "id"), (long long) mdd_num(c, "id"),
                   mdd_num(c, "id") == current
                   ? " aria-current=true" : "");
        s = first_text(c);
        mdd_html_text(b, *s ? s : mdd_str(c, "item"),
                      strlen(*s ? s : mdd_str(c, "item")), 60);
        mdd_html_f(b, "</span><span class=\"due\">");
        due(w, mdd_num(c, "due"));
        mdd_html_f(b, "</span><span class=\"sub\">%s", mdd_str(c, "slot"));

        if (mdd_num(c, "version") > 1) {
            mdd_html_f(b, " \xc2\xb7 <span class=\"warn\">%s %lld</span>",
                       T(w, "改过 版本", "changed, version"),
                       (long long) mdd_num(c, "version"));
        }

        s = mdd_str(json_object_get(c, "claim"), "by");

        if (*s && strcmp(s, w->who.name) != 0) {
            mdd_html_f(b, " \xc2\xb7 %s %s", s,
                       T(w, "正在看", "is looking"));
        }

        mdd_html_f(b, "</span></a></li>\n");
    }

    mdd_html_f(b, "</ol>");

    if (json_array_size(json_object_get(cards, "cards")) == 0) {
        mdd_html_f(b, "<p class=\"dim panel\">%s</p>",
                   T(w, "没有等待的卡片。", "No card waits."));
    }

    s = mdd_str(cards, "next");

    if (*s) {
        mdd_html_f(b, "<p class=\"panel\"><a rel=\"next\" href=\"/moderation/"
                   "queue?after=%s\">%s</a></p>", s, T(w, "更多", "More"));
    }
}


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
bar(mdd_web_t *w, const mdd_card_t *c)
{
    char        action[48];
    mdd_buf_t  *b = &w->out->body;

    snprintf(action, sizeof(action), "cards/%lld/decide",
             (long long) c->card);
    mdd_html_f(b, "<div id=\"decide\" data-card=\"%lld\" data-version="
               "\"%lld\">", (long long) c->card, (long long) c->version);
    mdd_page_form(w, action, "/moderation/queue");
    mdd_html_f(b, "<input type=\"hidden\" name=\"version\" value=\"%lld\">",
               (long long) c->version);
    reasons(w, c);
    mdd_html_f(b, "<label>%s<input name=\"note\" id=\"note\" "
               "maxlength=\"1000\" autocomplete=\"off\"></label>"
               "<div class=\"bar\">", T(w, "备注（N）", "Note (N)"));
    button(w, "release", "release", T(w, "放行", "Release"), "F");
    button(w, "reject", "reject", T(w, "驳回", "Reject"), "R");
    button(w, "", "escalate", T(w, "上报", "Escalate"), "E");
    button(w, "", "ask", T(w, "再看", "Ask"), "A");
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


static void
history(mdd_web_t *w, const json_t *list)
{
    size_t      i;
    json_t     *r;
    mdd_buf_t  *b = &w->out->body;

    if (json_array_size(list) == 0) {
        return;
    }

    mdd_html_f(b, "<h2>%s</h2><ul>", T(w, "这张卡片", "This card"));

    json_array_foreach(list, i, r) {
        mdd_html_f(b, "<li>%s%s%s <span class=\"sub\">%s \xc2\xb7 ",
                   mdd_word(w, mdd_str(r, "verdict")),
                   strcmp(mdd_str(r, "state"), "standing") == 0 ? ""
                   : T(w, "（已撤销或未定）", " (undone or not final)"),
                   mdd_str(r, "reason")[0] ? "" : "", mdd_str(r, "by"));
        mdd_page_time(w, mdd_num(r, "at"));
        mdd_html_f(b, " \xc2\xb7 %s %lld \xc2\xb7 %s</span>",
                   T(w, "版本", "version"),
                   (long long) mdd_num(r, "version"), mdd_str(r, "reason"));

        if (mdd_str(r, "note")[0]) {
            mdd_html_f(b, "<div>");
            mdd_html_text(b, mdd_str(r, "note"), strlen(mdd_str(r, "note")),
                          400);
            mdd_html_f(b, "</div>");
        }

        mdd_html_f(b, "</li>");
    }

    mdd_html_f(b, "</ul>");
}


/* what else was said of this account: not before the verdict in samples */

static void
account(mdd_web_t *w, const mdd_card_t *c, const json_t *card)
{
    int          n = 0;
    mdd_st_t    *st;
    mdd_buf_t   *b = &w->out->body;
    const char  *name = mdd_str(json_object_get(card, "fields"), "nickname");

    mdd_html_f(b, "<h2>%s</h2><p>", T(w, "账号", "Account"));

    if (*name) {
        mdd_html_text(b, name, strlen(name), 60);
    }

    if (c->account[0]) {
        mdd_account_t  a;
        double         score = mdd_account_score(w->db, c->account, w->now);

        mdd_account_get(w->db, c->account, w->now, &a);
        mdd_html_f(b, " <a href=\"/moderation/accounts/%s\">%s</a></p>"
                   "<div class=\"kv\"><span>%s</span><b>%d / 100</b></div>"
                   "<div class=\"kv\"><span>%s</span><span>%.1f</span></div>"
                   "<div class=\"kv\"><span>%s</span><span>%s</span></div>"
                   "<p>", c->account, T(w, "全部", "all of it"),
                   T(w, "信用", "Credit"), mdd_account_credit(score),
                   T(w, "记分", "Score"), score, T(w, "状态", "State"),
                   strcmp(a.state, "none") == 0 ? T(w, "正常", "none")
                   : mdd_word(w, a.state));

    } else {
        mdd_html_f(b, "<span class=\"dim\">%s</span>",
                   T(w, "没有账号字段", "no account field"));
    }

    mdd_html_f(b, "</p>");

    if (c->account[0] == '\0' || strcmp(c->kind, "card") != 0) {
        return;
    }

    mdd_html_f(b, "<ul>");
    st = mdd_query(w->db, MDD_SQL_REVIEW_ACCOUNT, "si", c->account,
                   (int64_t) 10);

    while (mdd_step(st) == MDD_ROW) {
        n++;
        mdd_html_f(b, "<li>%s <span class=\"sub\">%s \xc2\xb7 ",
                   mdd_word(w, mdd_text(st, 4)), mdd_text(st, 5));
        mdd_page_time(w, mdd_int(st, 6));
        mdd_html_f(b, " \xc2\xb7 %s</span></li>", mdd_text(st, 7));
    }

    mdd_end(st);
    mdd_html_f(b, "</ul>");

    if (n == 0) {
        mdd_html_f(b, "<p class=\"dim\">%s</p>",
                   T(w, "还没有人决定过它的卡片。",
                     "Nobody has decided a card of it yet."));
    }
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
               T(w, "沙箱预览：不运行脚本，不取外部内容",
                 "sandboxed: no script runs, nothing is fetched"));
    (void) line;
}


static void
card(mdd_web_t *w, const mdd_card_t *c)
{
    json_t      *j, *line, *private, *past;
    mdd_buf_t   *b = &w->out->body;
    const char  *by;

    j = mdd_get_card(w, c);
    mdd_add_released(w, c, j);
    past = mdd_get_history(w, c);
    line = mdd_get_line(w, c->decision, c->log, c->leaf);
    private = json_object_get(line, "private");

    mdd_html_f(b, "<section class=\"work\" id=\"work\" aria-label=\"%s\" "
               "tabindex=\"-1\"><h1>", T(w, "卡片", "Card"));
    mdd_page_title(w, private, 80);
    mdd_html_f(b, "</h1>");

    by = mdd_str(json_object_get(j, "claim"), "by");

    if (*by && strcmp(by, w->who.name) != 0) {
        mdd_html_f(b, "<p class=\"warn\" role=\"status\">%s %s</p>", by,
                   T(w, "正在看这张卡片", "is looking at this card"));
    }

    look(w, c, line);
    changes(w, j);
    mdd_html_f(b, "</div><div><h2>%s</h2><div class=\"panel\">",
               T(w, "内容", "Content"));
    mdd_page_fields(w, private);
    mdd_html_f(b, "</div><div class=\"panel\"><dl><dt>%s</dt><dd>%s</dd>"
               "<dt>%s</dt><dd>%lld %s</dd><dt>%s</dt><dd>",
               T(w, "位置", "Slot"), c->scope, T(w, "出现", "Shown"),
               (long long) mdd_num(j, "reach"), T(w, "次", "times"),
               T(w, "首见", "First seen"));
    mdd_page_time(w, c->first);
    mdd_html_f(b, "</dd><dt>%s</dt><dd>%s \xc2\xb7 %s %lld \xc2\xb7 ",
               T(w, "状态", "State"), mdd_word(w, c->state),
               T(w, "版本", "version"), (long long) c->version);
    due(w, c->due);
    mdd_html_f(b, "%s</dd></dl></div><h2>%s</h2>",
               c->shadow ? T(w, "（影子，未扣住）", " (shadow: not held)") : "",
               T(w, "命中", "Hits"));
    mdd_page_rules(w, line);

    if (json_array_size(json_object_get(line, "rules")) == 0) {
        mdd_html_f(b, "<p class=\"dim\">%s</p>",
                   T(w, "没有规则命中；此位置要求先审后播。",
                     "No rule hit; this slot shows only what was released."));
    }

    if (strcmp(c->state, "waiting") == 0 || strcmp(c->state, "asked") == 0
        || (strcmp(c->state, "escalated") == 0
            && (w->who.roles & MDD_LEAD)))
    {
        bar(w, c);
    }

    mdd_html_f(b, "</div></div></section><aside class=\"side\" aria-label="
               "\"%s\">", T(w, "账号与历史", "Account and history"));
    account(w, c, j);
    history(w, past);
    mdd_html_f(b, "</aside>");

    json_decref(line);
    json_decref(past);
    json_decref(j);
}


static void
desk(mdd_web_t *w, int64_t id)
{
    int          found;
    json_t      *cards;
    mdd_card_t   c;
    mdd_buf_t   *b;
    const char  *queue = mdd_arg(w, "queue"), *state = mdd_arg(w, "state");

    state = *state ? state : "waiting";
    cards = mdd_get_queue(w, state, queue, LIST_MAX);

    if (id == 0 && json_array_size(json_object_get(cards, "cards"))) {
        id = mdd_num(json_array_get(json_object_get(cards, "cards"), 0),
                     "id");
    }

    found = id && mdd_card_get(w->db, id, &c) && mdd_card_mine(w, &c);

    if (w->nseg > 1 && !found) {
        json_decref(cards);
        mdd_error(w, 404, "not_found", "", NULL);
        return;
    }

    w->layout = w->nseg > 1 ? "desk has-card" : "desk";
    b = mdd_page_begin(w, T(w, "队列", "Queue"), "queue");
    mdd_html_f(b, "<div class=\"list\">");
    tabs(w, queue, state);
    list(w, cards, id);
    mdd_html_f(b, "</div>");

    if (found) {
        card(w, &c);

    } else {
        mdd_html_f(b, "<section class=\"work\" id=\"work\" tabindex=\"-1\">"
                   "<h1>%s</h1><p class=\"dim\">%s</p></section>",
                   T(w, "都看完了", "All done"),
                   T(w, "新的卡片会自己出现。",
                     "New cards will show up here."));
    }

    json_decref(cards);
    mdd_page_end(w);
}


void
mdd_page_queue(mdd_web_t *w)
{
    desk(w, 0);
}


void
mdd_page_card(mdd_web_t *w)
{
    desk(w, strtoll(w->seg[1], NULL, 10));
}
