/*
 * page_record.c - the screens of the record: decisions, one decision, ledger.
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "ledger/words.h"
#include "moderationd/desk/reading.h"
#include "moderationd/conf/rulebook.h"

#include <stdio.h>
#include <string.h>

#define MARKS_MAX   64
#define LONG_FIELD  600                 /* bytes; more scrolls by itself      */


/* the text of a field, with what hit it marked */

void
mdd_page_field(mdd_web_t *w, const json_t *private, const char *name,
    const char *text)
{
    size_t      i, n = 0;
    json_t     *hit;
    mdd_span_t  marks[MARKS_MAX];

    json_array_foreach(json_object_get(private, "hits"), i, hit) {
        if (n < MARKS_MAX && strcmp(mdd_str(hit, "field"), name) == 0
            && mdd_num(hit, "start") >= 0
            && mdd_num(hit, "end") > mdd_num(hit, "start"))
        {
            marks[n].start = (size_t) mdd_num(hit, "start");
            marks[n].end = (size_t) mdd_num(hit, "end");
            marks[n++].title = mdd_str(hit, "rule");
        }
    }

    mdd_html_marked(&w->out->body, text, strlen(text), marks, n);
}


/* what a card is called in a list: its first field, else its item */

void
mdd_page_title(mdd_web_t *w, const json_t *private, size_t max)
{
    json_t      *fields = json_object_get(private, "fields"), *j;
    const char  *s = mdd_str(fields, "title");

    if (*s == '\0' && json_object_size(fields)) {
        j = json_object_iter_value(json_object_iter(fields));
        s = json_is_string(j) ? json_string_value(j) : "";
    }

    if (*s == '\0') {
        s = mdd_str(private, "item");
    }

    if (*s) {
        mdd_html_text(&w->out->body, s, strlen(s), max);

    } else {
        mdd_html_f(&w->out->body, "<span class=\"dim\">%s</span>",
                   T(w, "（无文字）", "(no text)"));
    }
}


/* how its hits are read, where that is not how they are written */

static void
read_as(mdd_web_t *w, const json_t *hits, const char *field)
{
    int          n = 0;
    size_t       i;
    json_t      *hit;
    mdd_buf_t   *b = &w->out->body;
    const char  *s;

    json_array_foreach(hits, i, hit) {
        s = mdd_str(hit, "read");

        if (*s && strcmp(mdd_str(hit, "field"), field) == 0) {
            mdd_html_f(b, n++ ? " \xe2\x80\xa6 " : "<div class=\"sub\">%s ",
                       T(w, "读作", "read as"));
            mdd_html_text(b, s, strlen(s), 80);
        }
    }

    if (n) {
        mdd_html_f(b, "</div>");
    }
}


static void
input(mdd_web_t *w, const char *name, const char *label)
{
    mdd_html_f(&w->out->body, "<label>%s<input name=\"%s\" value=\"%s\" "
               "size=\"14\"%s></label>", label, name, mdd_arg(w, name),
               strcmp(name, "slot") == 0 ? " list=slots"
               : strcmp(name, "rule") == 0 ? " list=rules" : "");
}


/* names that can be asked for: nobody knows them by heart */

static void
names(mdd_web_t *w)
{
    size_t             i;
    mdd_buf_t         *b = &w->out->body;
    const mdd_book_t  *book = mdd_book(mdd_arg(w, "site")[0]
                                       ? mdd_arg(w, "site") : NULL);

    mdd_html_f(b, "<datalist id=\"slots\">");

    for (i = 0; book && i < book->nslots; i++) {
        mdd_html_f(b, "<option value=\"%s\">", book->slots[i].name);
    }

    mdd_html_f(b, "</datalist><datalist id=\"rules\">");

    for (i = 0; book && i < book->nrules; i++) {
        mdd_html_f(b, "<option value=\"%s\">%s</option>", book->rules[i].id,
                   T(w, book->rules[i].title_zh, book->rules[i].title_en));
    }

    mdd_html_f(b, "</datalist>");
    mdd_book_leave(book);
}


static void
choice(mdd_web_t *w, const char *name, const char *label,
    const char *const *words, size_t n)
{
    size_t      i;
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<label>%s<select name=\"%s\"><option value=\"\">%s"
               "</option>", label, name, T(w, "全部", "all"));

    for (i = 0; i < n; i++) {
        mdd_html_f(b, "<option value=\"%s\"%s>%s</option>", words[i],
                   strcmp(mdd_arg(w, name), words[i]) == 0
                   ? " selected" : "", mdd_word(w, words[i]));
    }

    mdd_html_f(b, "</select></label>");
}


/* the query of this page with another place to begin */

static void
more(mdd_web_t *w, const char *next)
{
    size_t              i;
    mdd_buf_t          *b = &w->out->body;
    static const char  *const  names[] = {
        "slot", "rule", "label", "action", "host", "item", "account", "from"
    };

    mdd_html_f(b, "<p><a class=\"btn\" rel=\"next\" "
               "href=\"/moderation/decisions?before=%s", next);

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (mdd_arg(w, names[i])[0]) {
            mdd_html_f(b, "&amp;%s=", names[i]);
            mdd_url(b, mdd_arg(w, names[i]));
        }
    }

    mdd_html_f(b, "\">%s</a></p>", T(w, "更早的", "Earlier"));
}


static void
decision_line(mdd_web_t *w, json_t *d)
{
    json_t     *full;
    mdd_buf_t  *b = &w->out->body;

    full = mdd_get_decision(w, mdd_str(d, "id"));

    mdd_html_f(b, "<tr><td>");
    mdd_page_time(w, mdd_num(d, "time"));
    mdd_html_f(b, "</td><td class=\"title\"><a href=\"/moderation/decisions/"
               "%s\">", mdd_str(d, "id"));
    mdd_page_title(w, json_object_get(full, "private"), 60);
    mdd_html_f(b, "</a></td><td>%s%s</td><td>%s</td><td>%s</td>"
               "<td class=\"mono\">%s</td><td>%s</td>"
               "<td class=\"num\">%lld</td></tr>\n",
               mdd_word(w, mdd_str(d, "action")),
               strcmp(mdd_str(d, "mode"), "shadow") == 0
               ? T(w, "（影子）", " (shadow)") : "",
               mdd_word(w, mdd_str(d, "reason")), mdd_str(d, "slot"),
               mdd_str(json_array_get(json_object_get(d, "rules"), 0), "id"),
               mdd_str(d, "host"), (long long) mdd_num(d, "total"));
    json_decref(full);
}


void
mdd_page_decisions(mdd_web_t *w)
{
    size_t      i;
    json_t     *list, *d;
    mdd_buf_t  *b;

    list = mdd_get_decisions(w);

    if (list == NULL) {
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    b = mdd_page_begin(w, T(w, "决定", "Decisions"), "decisions");

    mdd_page_h1(w, T(w, "决定", "Decisions"),
                T(w, "过滤器对条目做过的处理，新的在前；点内容看依据、复核和去向。",
                  "What the filter did, newest first; the content leads to "
                  "its grounds and what people made of it."));
    mdd_html_f(b, "<form class=\"filter\" action=\"/moderation/"
               "decisions\" role=\"search\">");
    input(w, "slot", T(w, "位置", "Slot"));
    input(w, "rule", T(w, "规则", "Rule"));
    input(w, "label", T(w, "标签", "Label"));
    choice(w, "action", T(w, "处理", "Action"), mdl_actions, MDL_ACTIONS);
    input(w, "host", T(w, "主机", "Host"));
    input(w, "item", T(w, "房间（编号）", "Room (id)"));
    input(w, "account", T(w, "账号（编号）", "Account (id)"));
    names(w);
    mdd_html_f(b, "<button class=\"btn\">%s</button></form>",
               T(w, "查找", "Search"));

    if (json_array_size(json_object_get(list, "decisions")) == 0) {
        mdd_html_f(b, "<p class=\"dim\">%s</p>",
                   T(w, "没有符合条件的决定。", "No decision fits."));

    } else {
        mdd_html_f(b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                   "aria-label=\"%s\"><table><thead><tr><th>%s</th><th>%s</th>"
                   "<th>%s</th><th>%s</th><th>%s</th><th>%s</th><th>%s</th>"
                   "<th class=\"num\">%s</th></tr></thead><tbody>\n",
                   T(w, "决定", "Decisions"),
                   T(w, "时间", "Time"), T(w, "内容", "Content"),
                   T(w, "处理", "Action"), T(w, "原因", "Reason"),
                   T(w, "位置", "Slot"), T(w, "规则", "Rule"),
                   T(w, "主机", "Host"), T(w, "次数", "Count"));

        json_array_foreach(json_object_get(list, "decisions"), i, d) {
            decision_line(w, d);
        }

        mdd_html_f(b, "</tbody></table></div>");
    }

    if (mdd_str(list, "next")[0]) {
        more(w, mdd_str(list, "next"));
    }

    json_decref(list);
    mdd_page_end(w);
}


void
mdd_page_row(mdd_web_t *w, const char *name, const char *value)
{
    if (*value) {
        mdd_html_f(&w->out->body, "<dt>%s</dt><dd>%s</dd>\n", name, value);
    }
}


/* the fields of a card as a list; more than the daemon was told is said */

void
mdd_page_fields(mdd_web_t *w, const json_t *private)
{
    json_t      *v, *hits;
    mdd_buf_t   *b = &w->out->body;
    const char  *name;

    if (private == NULL) {
        mdd_html_f(b, "<p class=\"dim\">%s</p>",
                   T(w, "原文已按期限删除。", "The text was deleted when its "
                     "time was over."));
        return;
    }

    hits = mdd_reading_hits(private);
    mdd_html_f(b, "<dl>");

    json_object_foreach(json_object_get(private, "fields"), name, v) {
        if (json_is_string(v) && json_string_length(v)) {
            mdd_html_f(b, "<dt>%s</dt><dd%s>", mdd_word(w, name),
                       json_string_length(v) > LONG_FIELD
                       ? " class=long tabindex=0" : "");
            mdd_page_field(w, private, name, json_string_value(v));
            read_as(w, hits, name);
            mdd_html_f(b, "</dd>\n");
        }
    }

    mdd_html_f(b, "</dl>");
    json_decref(hits);

    if (json_is_true(json_object_get(private, "cut"))) {
        mdd_html_f(b, "<p class=\"warn\">%s</p>",
                   T(w, "文字过长，记录被截断。", "The text was too long and "
                     "was cut."));
    }
}


/* the rule's text at that rev: what the policy says now if it is that rev,
 * else what the store kept when it was */

static void
rule_text(mdd_web_t *w, const mdd_rule_t *now, const char *id, int64_t rev)
{
    mdd_st_t   *st;
    mdd_buf_t  *b = &w->out->body;

    if (now && now->rev == rev) {
        mdd_html_f(b, "<details><summary>%s</summary><pre class=\"mono\">%s"
                   "</pre></details>", T(w, "规则原文", "Text of the rule"),
                   now->text);
        return;
    }

    st = mdd_query(w->db, MDD_SQL_RULE_TEXT, "si", id, rev);

    if (mdd_step(st) == MDD_ROW) {
        mdd_html_f(b, "<details><summary>%s</summary><pre class=\"mono\">%s"
                   "</pre></details>", T(w, "当时的原文", "Text at that rev"),
                   mdd_text(st, 0));

    } else {
        mdd_html_f(b, "<div class=\"sub\">%s</div>",
                   T(w, "该版本的原文未保存", "the text of this rev was not "
                     "kept"));
    }

    mdd_end(st);
}


void
mdd_page_rules(mdd_web_t *w, const json_t *d)
{
    size_t             i;
    json_t            *rule;
    mdd_buf_t         *b = &w->out->body;
    const char        *title;
    const mdd_rule_t  *r;
    const mdd_book_t  *book;

    book = mdd_book(mdd_site_of(w->d->conf, mdd_str(d, "host")));

    json_array_foreach(json_object_get(d, "rules"), i, rule) {
        r = mdd_book_rule(book, mdd_str(rule, "id"));
        title = r ? w->zh ? r->title_zh : r->title_en : NULL;
        mdd_html_f(b, "<div class=\"panel hit%s\"><h3>%s"
                   "<span class=\"pill\">%s</span>"
                   "<span class=\"pill\">%s</span></h3>"
                   "<div class=\"sub mono\">%s \xc2\xb7 %s %lld%s%s</div>",
                   strcmp(mdd_str(rule, "mode"), "shadow") == 0
                   ? "" : " strong",
                   title ? title : mdd_str(rule, "id"),
                   mdd_word(w, mdd_str(rule, "action")),
                   mdd_word(w, mdd_str(rule, "mode")),
                   mdd_str(rule, "id"), T(w, "版本", "rev"),
                   (long long) mdd_num(rule, "rev"),
                   r && r->basis ? " \xc2\xb7 " : "",
                   r && r->basis ? r->basis : "");
        rule_text(w, r, mdd_str(rule, "id"), mdd_num(rule, "rev"));
        mdd_html_f(b, "</div>\n");
    }

    mdd_book_leave(book);
}


static void
ledger_events(mdd_web_t *w)
{
    mdd_st_t   *st;
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<h2>%s</h2><div class=\"scroll\" tabindex=\"0\" "
               "role=\"region\" aria-label=\"%s\"><table><thead><tr><th>%s"
               "</th><th>%s</th><th>%s</th><th>%s</th></tr></thead><tbody>",
               T(w, "守护进程的事件", "Events of the daemon"),
               T(w, "事件", "Events"), T(w, "时间", "Time"),
               T(w, "位置", "Leaf"), T(w, "事件", "Event"),
               T(w, "内容", "What"));

    st = mdd_query(w->db, MDD_SQL_WEB_EVENTS_LAST, "i", (int64_t) 50);

    while (mdd_step(st) == MDD_ROW) {
        mdd_html_f(b, "<tr><td>");
        mdd_page_time(w, mdd_int(st, 2));
        mdd_html_f(b, "</td><td class=\"num\">%lld</td><td>%s</td>"
                   "<td class=\"mono\">%s</td></tr>",
                   (long long) mdd_int(st, 1), mdd_word(w, mdd_text(st, 3)),
                   mdd_text(st, 4));
    }

    mdd_end(st);
    mdd_html_f(b, "</tbody></table></div>");
}


void
mdd_page_ledger(mdd_web_t *w)
{
    json_t     *s, *tree;
    mdd_buf_t  *b;

    s = mdd_get_status(w);
    tree = json_object_get(s, "tree");
    b = mdd_page_begin(w, T(w, "台账", "Ledger"), "ledger");

    mdd_page_h1(w, T(w, "台账", "Ledger"),
                T(w, "记下的决定一条不能改：这里看它是否完整，少没少记录。",
                  "The record of what was decided, which nobody can change: "
                  "whether it is whole, and how much was lost."));
    mdd_html_f(b, "<div class=\"cols\"><div class=\"panel\"><dl>");
    mdd_page_row(w, T(w, "节点", "Node"), mdd_str(s, "node"));
    mdd_page_row(w, T(w, "日志", "Log"), mdd_str(tree, "log"));
    mdd_page_row(w, T(w, "来源名", "Origin"), mdd_str(tree, "origin"));
    mdd_html_f(b, "<dt>%s</dt><dd>%lld</dd><dt>%s</dt><dd class=\"mono\">%s"
               "</dd></dl></div><div class=\"panel\"><dl>",
               T(w, "条数", "Leaves"), (long long) mdd_num(tree, "size"),
               T(w, "根", "Root"), mdd_str(tree, "root"));

    mdd_html_f(b, "<dt>%s</dt><dd>%lld</dd><dt>%s</dt><dd>",
               T(w, "丢失的记录", "Lines lost"),
               (long long) mdd_num(json_object_get(s, "spool"), "lost"),
               T(w, "最近一行", "Last line"));
    mdd_page_time(w, mdd_num(json_object_get(s, "spool"), "last"));
    mdd_html_f(b, "</dd><dt>%s</dt><dd>%lld</dd></dl></div></div>",
               T(w, "写入者", "Writers"),
               (long long) mdd_num(json_object_get(s, "spool"), "places"));
    ledger_events(w);
    json_decref(s);
    mdd_page_end(w);
}
