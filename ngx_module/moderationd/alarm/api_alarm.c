/*
 * api_alarm.c - alarms: the list, acknowledgement and muting, the screen, the
 * strip on every screen.
 */

#include "alarm.h"
#include "moderationd/web/api.h"
#include "moderationd/desk/desk.h"
#include "moderationd/log/did.h"
#include "moderationd/web/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOW_MAX   256
#define MUTE_MAX   (30 * 86400000ll)
#define WEEK_MS    (7 * 86400000ll)

typedef struct {
    mdd_alarm_t   a;
    const char   *person;
    int64_t       until;                /* muted; 0: acknowledged only        */
    int           found;
} ack_t;


static void
show_text(mdd_web_t *w, const mdd_alarm_t *a)
{
    mdd_buf_t  t = { 0 };

    mdd_alarm_text(&t, w->zh, a);

    if (t.p && !t.bad) {
        mdd_html_esc(&w->out->body, t.p, t.n);
    }

    mdd_buf_free(&t);
}


static int
list_of(mdd_web_t *w, mdd_alarm_t *list, int ended)
{
    int        n = 0;
    mdd_st_t  *st;

    st = ended ? mdd_query(w->db, MDD_SQL_ALARM_ENDED, "iii", w->now,
                           w->now - WEEK_MS, (int64_t) 50)
               : mdd_query(w->db, MDD_SQL_ALARM_OPEN, "i", w->now);

    while (n < SHOW_MAX && mdd_step(st) == MDD_ROW) {
        mdd_alarm_row(st, &list[n++]);
    }

    (void) mdd_end(st);

    return n;
}


static const char *
state_of(const mdd_web_t *w, const mdd_alarm_t *a)
{
    return a->ended ? "ended" : mdd_alarm_muted(w->d->conf, a) ? "muted"
           : a->person[0] ? "acked" : "open";
}


static json_t *
to_json(mdd_web_t *w, const mdd_alarm_t *a)
{
    json_t     *j;
    mdd_buf_t   t = { 0 };

    mdd_alarm_text(&t, w->zh, a);
    j = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I}",
                  "id", (json_int_t) a->id, "key", a->key, "kind", a->kind,
                  "what", a->what, "level", a->level, "state",
                  state_of(w, a), "n", (json_int_t) a->n, "expected",
                  (json_int_t) a->expected, "since", (json_int_t) a->began);

    if (j) {
        json_object_set_new(j, "detail", t.p && !t.bad
                            ? json_stringn(t.p, t.n) : json_string(""));
    }

    mdd_buf_free(&t);

    if (j && a->person[0]) {
        json_object_set_new(j, "acked", json_pack("{s:s, s:I}", "by",
                            a->person, "at", (json_int_t) a->at));
    }

    if (j && a->muted) {
        json_object_set_new(j, "muted_until", json_integer(a->muted));
    }

    if (j && a->ended) {
        json_object_set_new(j, "ended", json_integer(a->ended));
    }

    return j;
}


static json_t *
get_list(mdd_web_t *w, int ended)
{
    int           i, n;
    json_t       *j = json_array();
    mdd_alarm_t  *list = calloc(SHOW_MAX, sizeof(mdd_alarm_t));

    n = list ? list_of(w, list, ended) : 0;

    for (i = 0; i < n; i++) {
        json_array_append_new(j, to_json(w, &list[i]));
    }

    free(list);

    return j;
}


json_t *
mdd_get_alarms(mdd_web_t *w)
{
    return get_list(w, 0);
}


void
mdd_api_alarms(mdd_web_t *w)
{
    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, json_pack("{s:o, s:o}", "alarms", get_list(w, 0),
                               "ended", get_list(w, 1)));
}


static int
run_ack(mdd_tx_t *tx, void *data)
{
    char       by[17];
    ack_t     *k = data;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_ALARM_GET, "ii", tx->now, k->a.id);
    k->found = mdd_step(st) == MDD_ROW;

    if (k->found) {
        mdd_alarm_row(st, &k->a);
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    if (!k->found || k->a.ended
        || (k->a.person[0] && k->until == 0))
    {
        return MDD_REFUSED;
    }

    if (mdd_alias(tx, k->person, by) != MDD_OK
        || mdd_put(tx, MDD_SQL_ALARM_ACK, "Pii", k->person, tx->now,
                   k->a.id) < 0
        || (k->until && mdd_put(tx, MDD_SQL_MUTE_PUT, "siPi", k->a.key,
                                k->until, k->person, tx->now) < 0))
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "alarm", json_pack(
        "{s:I, s:s, s:s, s:s, s:I}", "alarm", (json_int_t) k->a.id, "key",
        k->a.key, "state", k->until ? "muted" : "acked", "by", by, "until",
        (json_int_t) k->until), NULL);
}


/* alarms/ID/ack {mute: "4h"} */

void
mdd_api_ack(mdd_web_t *w)
{
    int    rc;
    ack_t  k;

    memset(&k, 0, sizeof(k));
    k.a.id = atoll(w->seg[2]);
    k.person = w->who.name;

    if (mdd_arg(w, "mute")[0]) {
        k.until = mdd_arg_until(w, "mute");

        if (k.until <= w->now || k.until > w->now + MUTE_MAX) {
            mdd_error(w, 400, "bad_value", T(w, "静音最多 30 天",
                      "muted for 30 days at most"), "mute");
            return;
        }

        if (!(w->who.roles & (MDD_REVIEWER|MDD_LEAD|MDD_POLICY|MDD_ADMIN))) {
            mdd_error(w, 403, "forbidden", T(w, "您的角色不能静音",
                      "your role may not mute"), "mute");
            return;
        }
    }

    rc = mdd_change(w->d, run_ack, &k);

    if (rc == MDD_REFUSED && !k.found) {
        mdd_error(w, 404, "not_found", "", NULL);

    } else if (rc == MDD_REFUSED) {
        mdd_error(w, 409, k.a.ended ? "ended" : "acked",
                  k.a.ended ? T(w, "预警已经结束", "the alarm has ended")
                            : k.a.person, NULL);

    } else if (rc != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else {
        mdd_done(w, 200, json_pack("{s:I, s:s, s:I}", "alarm",
                 (json_int_t) k.a.id, "by", w->who.name, "muted_until",
                 (json_int_t) k.until));
    }
}


/* screens */

static void
buttons(mdd_web_t *w, const mdd_alarm_t *a, const char *state)
{
    char        path[64];
    mdd_buf_t  *b = &w->out->body;

    snprintf(path, sizeof(path), "alarms/%lld/ack", (long long) a->id);

    if (strcmp(state, "open") == 0) {
        mdd_page_form(w, path, "/moderation/alarms");
        mdd_html_f(b, "<button class=\"btn\">%s</button></form>",
                   T(w, "知道了", "Acknowledge"));
    }

    if (strcmp(state, "muted") != 0
        && (w->who.roles & (MDD_REVIEWER|MDD_LEAD|MDD_POLICY|MDD_ADMIN)))
    {
        mdd_page_form(w, path, "/moderation/alarms");
        mdd_html_f(b, "<input type=\"hidden\" name=\"mute\" value=\"4h\">"
                   "<button class=\"btn mute\">%s<kbd>M</kbd></button>"
                   "</form>", T(w, "静音 4 小时", "Mute for 4 h"));
    }
}


static void
panel(mdd_web_t *w, const mdd_alarm_t *a)
{
    int          high = strcmp(a->level, "high") == 0;
    mdd_buf_t   *b = &w->out->body;
    const char  *state = state_of(w, a);

    mdd_html_f(b, "<section class=\"panel hit alarm%s\"><h2 class=\"%s\">%s "
               "<span class=\"pill\">%s</span></h2><p>",
               high && strcmp(state, "open") == 0 ? " strong" : "",
               high ? "bad" : strcmp(a->level, "medium") == 0 ? "warn" : "",
               mdd_word(w, a->kind), mdd_word(w, a->level));
    show_text(w, a);
    mdd_html_f(b, "</p><p class=\"sub\">%s ", T(w, "自", "since"));
    mdd_page_time(w, a->began);
    mdd_html_f(b, " \xc2\xb7 <span class=\"mono\">%s</span>", a->key);

    if (a->person[0]) {
        mdd_html_f(b, " \xc2\xb7 %s %s ", a->person,
                   T(w, "已知道，", "has seen it,"));
        mdd_page_time(w, a->at);
    }

    if (a->muted) {
        mdd_html_f(b, " \xc2\xb7 %s ", T(w, "静音到", "muted until"));
        mdd_page_time(w, a->muted);

    } else if (strcmp(state, "muted") == 0) {
        mdd_html_f(b, " \xc2\xb7 %s", T(w, "配置中静音",
                                        "muted by the configuration"));
    }

    mdd_html_f(b, "</p><div class=\"acts\">");
    buttons(w, a, state);
    mdd_html_f(b, "</div></section>");
}


void
mdd_page_alarms(mdd_web_t *w)
{
    int           i, n;
    mdd_buf_t    *b;
    mdd_alarm_t  *list = calloc(SHOW_MAX, sizeof(mdd_alarm_t));

    b = mdd_page_begin(w, T(w, "预警", "Alarms"), "alarms");
    mdd_page_h1(w, T(w, "预警", "Alarms"),
                T(w, "需要人看一眼的：突增、静默、丢失、逾期、无人在岗。“知道了”留名，“静音”让同一件事四小时不再出声。",
                  "What needs an eye: floods, silence, losses, clocks, nobody "
                  "on duty. To acknowledge says who saw it; muted, the same "
                  "thing is quiet for four hours."));
    n = list ? list_of(w, list, 0) : 0;

    for (i = 0; i < n; i++) {
        panel(w, &list[i]);
    }

    if (n == 0) {
        mdd_html_f(b, "<p class=\"good\">%s</p>", T(w, "没有预警。",
                   "Nothing needs an eye."));
    }

    n = list ? list_of(w, list, 1) : 0;

    if (n) {
        mdd_html_f(b, "<h2>%s</h2><div class=\"scroll\" tabindex=\"0\" "
                   "role=\"region\" aria-label=\"%s\"><table><thead><tr>"
                   "<th>%s</th><th>%s</th><th>%s</th><th>%s</th></tr></thead>"
                   "<tbody>", T(w, "七天内结束的", "Ended within 7 days"),
                   T(w, "七天内结束的", "Ended within 7 days"),
                   T(w, "类别", "Kind"), T(w, "内容", "What"),
                   T(w, "开始", "Began"), T(w, "结束", "Ended"));
    }

    for (i = 0; i < n; i++) {
        mdd_html_f(b, "<tr><td>%s</td><td>", mdd_word(w, list[i].kind));
        show_text(w, &list[i]);
        mdd_html_f(b, "</td><td>");
        mdd_page_time(w, list[i].began);
        mdd_html_f(b, "</td><td>");
        mdd_page_time(w, list[i].ended);
        mdd_html_f(b, "</td></tr>");
    }

    if (n) {
        mdd_html_f(b, "</tbody></table></div>");
    }

    free(list);
    mdd_page_end(w);
}


/* of the handover: what stands, in a line each */

void
mdd_page_alarm_list(mdd_web_t *w)
{
    int           i, n;
    mdd_buf_t    *b = &w->out->body;
    mdd_alarm_t  *list = calloc(SHOW_MAX, sizeof(mdd_alarm_t));

    n = list ? list_of(w, list, 0) : 0;
    mdd_html_f(b, "<section><h2>%s</h2><div class=\"panel\">",
               T(w, "预警", "Alarms"));

    for (i = 0; i < n; i++) {
        mdd_html_f(b, "<p><b>%s</b> ", mdd_word(w, list[i].kind));
        show_text(w, &list[i]);

        if (list[i].person[0]) {
            mdd_html_f(b, " <span class=\"sub\">%s %s</span>",
                       list[i].person, T(w, "已知道", "has seen it"));
        }

        mdd_html_f(b, "</p>");
    }

    if (n == 0) {
        mdd_html_f(b, "<p class=\"good\">%s</p>",
                   T(w, "没有预警。", "Nothing needs an eye."));
    }

    mdd_html_f(b, "</div></section>");
    free(list);
}


/* below the head of each screen: the worst that nobody has seen */

void
mdd_page_strip(mdd_web_t *w)
{
    int           i, n, first = -1, more = 0;
    mdd_buf_t    *b = &w->out->body;
    mdd_alarm_t  *list = calloc(SHOW_MAX, sizeof(mdd_alarm_t));

    n = list ? list_of(w, list, 0) : 0;

    for (i = 0; i < n; i++) {
        if (strcmp(state_of(w, &list[i]), "open") != 0
            || strcmp(list[i].level, "low") == 0)
        {
            continue;
        }

        more += first >= 0;
        first = first < 0 ? i : first;
    }

    if (first >= 0) {
        mdd_html_f(b, "<aside aria-label=\"%s\"><a class=\"strip%s\" href=\""
                   "/moderation/alarms\"><strong>%s</strong> ",
                   T(w, "预警", "Alarms"), strcmp(list[first].level, "high")
                   == 0 ? " high" : "", mdd_word(w, list[first].kind));
        show_text(w, &list[first]);

        if (more) {
            mdd_html_f(b, T(w, " <span>另有 %d 条</span>",
                               " <span>and %d more</span>"), more);
        }

        mdd_html_f(b, "</a></aside>\n");
    }

    free(list);
}
