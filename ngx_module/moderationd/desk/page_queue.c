/*
 * page_queue.c - the desk: queue on the left, the card in the middle, its
 * account on the right (page_card.c).  One screen shows all of it, so that a
 * decision needs no reload; without script every part is a link or a form.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/web/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST_MAX  30


/* "2 min left" or "late by 3 min" */

void
mdd_page_due(mdd_web_t *w, int64_t at)
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
    json_t        *row;
    const json_t  *counts = mdd_get_counts(w);
    size_t         k, n = json_array_size(counts);
    mdd_buf_t     *b = &w->out->body;
    const char    *s, *q;

    mdd_html_f(b, "<nav class=\"tabs\" aria-label=\"%s\">"
               "<a href=\"/moderation/queue\"%s>%s</a>",
               T(w, "队列", "Queues"),
               *queue == '\0' && strcmp(state, "waiting") == 0
               ? " aria-current=page" : "", T(w, "全部", "All"));

    /* what waits first, then what was asked, escalated and so on */

    for (k = 0; k < 2 * n; k++) {
        row = json_array_get(counts, k % n);
        s = json_string_value(json_array_get(row, 0));
        q = json_string_value(json_array_get(row, 1));

        if ((strcmp(s, "waiting") == 0) != (k < n)
            || (!mdd_may_see(&w->who, NULL, q, NULL) && w->who.nqueues))
        {
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

    mdd_html_f(b, "</nav><p class=\"about\">%s</p>",
               T(w, "最急的在前。放行即展示；驳回要有理由。",
                 "Most urgent first. Released, it is shown; a rejection "
                 "needs a reason."));
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


/* who looks at it, if another; or "" */

static const char *
other(const mdd_web_t *w, const json_t *card)
{
    const char  *by = mdd_str(json_object_get(card, "claim"), "by");

    return strcmp(by, w->who.name) != 0 ? by : "";
}


static void
list(mdd_web_t *w, json_t *cards, int64_t current)
{
    size_t       i;
    json_t      *c;
    mdd_buf_t   *b = &w->out->body;
    const char  *s, *by;

    mdd_html_f(b, "<ol id=\"cards\">");

    json_array_foreach(json_object_get(cards, "cards"), i, c) {
        by = other(w, c);
        mdd_html_f(b, "<li><a href=\"/moderation/cards/%lld\" "
                   "data-card=\"%lld\" data-by=\"%s\"%s><span class=\"t\">",
                   (long long) mdd_num(c, "id"), (long long) mdd_num(c, "id"),
                   by, mdd_num(c, "id") == current
                   ? " aria-current=true" : "");
        s = first_text(c);
        mdd_html_text(b, *s ? s : mdd_str(c, "item"),
                      strlen(*s ? s : mdd_str(c, "item")), 60);
        mdd_html_f(b, "</span><span class=\"due\">");
        mdd_page_due(w, mdd_num(c, "due"));
        mdd_html_f(b, "</span><span class=\"sub\">%s", mdd_str(c, "slot"));

        if (mdd_num(c, "version") > 1) {
            mdd_html_f(b, " \xc2\xb7 <span class=\"warn\">%s %lld</span>",
                       T(w, "改过 版本", "changed, version"),
                       (long long) mdd_num(c, "version"));
        }

        s = mdd_str(json_object_get(c, "fields"), "nickname");

        if (*s) {
            mdd_html_f(b, " \xc2\xb7 ");
            mdd_html_text(b, s, strlen(s), 20);
        }

        if (*by) {
            mdd_html_f(b, " \xc2\xb7 %s %s", by,
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


/* what was decided without script a moment ago, and can be taken back */

static void
last(mdd_web_t *w)
{
    int64_t     id = mdd_arg_int(w, "last", 0);
    mdd_st_t   *st;
    mdd_buf_t  *b = &w->out->body;

    if (id <= 0) {
        return;
    }

    st = mdd_query(w->db, MDD_SQL_REVIEW_GET, "i", id);

    if (mdd_step(st) == MDD_ROW && strcmp(mdd_text(st, 5), w->who.name) == 0
        && strcmp(mdd_text(st, 11), "standing") == 0)
    {
        mdd_html_f(b, "<div class=\"last\" role=\"status\"><a href=\"/moderation"
                   "/cards/%lld\">%s %lld</a> %s ", (long long) mdd_int(st, 1),
                   T(w, "卡片", "Card"), (long long) mdd_int(st, 1),
                   mdd_word(w, mdd_text(st, 4)));
        mdd_page_undo(w, id, mdd_int(st, 1));
        mdd_html_f(b, "</div>");
    }

    mdd_end(st);
}


static void
desk(mdd_web_t *w, int64_t id)
{
    int          found, taken = 0;
    char         title[48];
    size_t       i;
    json_t      *cards, *one;
    mdd_card_t   c;
    mdd_buf_t   *b;
    const char  *queue = mdd_arg(w, "queue"), *state = mdd_arg(w, "state");

    state = *state ? state : "waiting";
    cards = mdd_get_queue(w, state, queue, LIST_MAX);

    /* the first that nobody else looks at, or the first */

    json_array_foreach(json_object_get(cards, "cards"), i, one) {
        if (w->nseg < 2 && (id == 0 || (taken && *other(w, one) == '\0'))) {
            id = mdd_num(one, "id");
            taken = *other(w, one) != '\0';
        }
    }

    found = id && mdd_card_get(w->db, id, &c) && mdd_card_mine(w, &c);

    if (w->nseg > 1 && !found) {
        json_decref(cards);
        mdd_error(w, 404, "not_found", "", NULL);
        return;
    }

    w->layout = w->nseg > 1 ? "desk has-card" : "desk";
    snprintf(title, sizeof(title), "%s %lld", T(w, "卡片", "Card"),
             (long long) id);
    b = mdd_page_begin(w, w->nseg > 1 ? title : T(w, "队列", "Queue"),
                       "queue");
    mdd_html_f(b, "<div class=\"list\" role=\"region\" aria-label=\"%s\">",
               T(w, "等待的卡片", "Cards that wait"));
    tabs(w, queue, state);
    last(w);
    list(w, cards, id);
    mdd_html_f(b, "</div>");

    if (found) {
        mdd_page_card_part(w, &c);

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
