/*
 * api_period.c - reports of a period by the API: the report itself, the lead's
 * text with typical cases, and what a platform says that it has done.
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "period.h"
#include "moderationd/log/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX   8192
#define CASES_MAX  5
#define KEEP_MS    (10 * 366 * MDD_DAY_MS)


static int
public_edition(const mdd_web_t *w)
{
    return strcmp(mdd_arg(w, "edition"), "public") == 0;
}


/* who sees some sites only has to name one of them */

static int
site_ok(mdd_web_t *w, const mdd_period_t *p)
{
    size_t  i;

    for (i = 0; i < w->who.nsites; i++) {
        if (p->site && strcmp(p->site->name, w->who.sites[i]) == 0) {
            return 1;
        }
    }

    return w->who.nsites == 0;
}


int
mdd_period_asked(mdd_web_t *w, mdd_period_t *p)
{
    const char  *bad = mdd_period_args(w, p);

    if (bad) {
        mdd_error(w, 400, "bad_value", T(w, "请检查此项", "look at this"),
                  bad);
        return 0;
    }

    if (!site_ok(w, p)) {
        mdd_error(w, 403, "forbidden", T(w, "请写明您的站点",
                  "name a site of yours"), "site");
        return 0;
    }

    return 1;
}


static void
attachment(mdd_web_t *w, const mdd_period_t *p, const char *end)
{
    char  first[16], last[16], field[160];

    mdd_day_text(p->day, first);
    mdd_day_text(mdd_zone_day(p->zone, p->to - 1), last);
    snprintf(field, sizeof(field), "%s; filename=\"report-%s-%s.%s\"",
             strcmp(end, "html") == 0 ? "inline" : "attachment", first, last,
             end);
    mdd_field(w, "Content-Disposition", field);
}


/* the bytes of a report in one form, into the answer */

void
mdd_period_write(mdd_web_t *w, const json_t *r, const char *format)
{
    char  *text;

    if (strcmp(format, "html") == 0) {
        mdd_period_html(w, r);

    } else if (strcmp(format, "md") == 0) {
        w->out->type = "text/markdown; charset=utf-8";
        mdd_period_markdown(w, r, &w->out->body);

    } else if (strcmp(format, "csv") == 0) {
        w->out->type = "text/csv; charset=utf-8";
        mdd_period_csv(w, r, &w->out->body);

    } else {
        text = json_dumps(r, JSON_INDENT(1)|JSON_REAL_PRECISION(10));
        w->out->type = "application/json";
        mdd_buf_str(&w->out->body, text ? text : "");
        mdd_buf_str(&w->out->body, "\n");
        w->out->body.bad |= text == NULL;
        free(text);
    }
}


void
mdd_api_period(mdd_web_t *w)
{
    size_t         i;
    json_t        *r;
    mdd_period_t   p;
    const char    *format = mdd_arg(w, "format");

    static const char *const  formats[] = { "json", "html", "md", "csv" };

    format = *format ? format : "json";

    for (i = 0; i < 4 && strcmp(formats[i], format) != 0; i++) { /* */ }

    if (i == 4) {
        mdd_error(w, 400, "bad_value", "html, csv, json, md", "format");
        return;
    }

    if (*mdd_arg(w, "edition") && !public_edition(w)
        && strcmp(mdd_arg(w, "edition"), "internal") != 0)
    {
        mdd_error(w, 400, "bad_value", "internal, public", "edition");
        return;
    }

    if (!mdd_period_asked(w, &p)) {
        return;
    }

    r = mdd_period_json(w, &p, public_edition(w));

    if (r == NULL) {
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    w->out->status = 200;
    mdd_field(w, "Cache-Control", "private, no-store");
    attachment(w, &p, format);
    mdd_period_write(w, r, format);
    json_decref(r);
}


/* text and cases of a lead: private part of a leaf that is held */

typedef struct {
    mdd_web_t     *w;
    mdd_period_t   p;
    json_t        *cases;
    const char    *text;
} period_t;


json_t *
mdd_period_about(const mdd_period_t *p)
{
    return json_pack("{s:I, s:I, s:s, s:s}", "from", (json_int_t) p->from,
                     "to", (json_int_t) p->to, "site",
                     p->site ? p->site->name : "", "campaign",
                     p->campaign ? p->campaign->name : "");
}


static int
run_text(mdd_tx_t *tx, void *data)
{
    char       alias[17];
    json_t    *pub;
    period_t  *c = data;

    if (mdd_alias(tx, c->w->who.name, alias) != MDD_OK) {
        return MDD_FAILED;
    }

    pub = mdd_period_about(&c->p);
    json_object_set_new(pub, "by", json_string(alias));

    if (mdd_desk_event(tx, "period_text", pub, json_pack(
            "{s:s, s:s, s:O}", "by", c->w->who.name, "text", c->text,
            "cases", c->cases)) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return mdd_hold(tx, "report", tx->log, tx->leaf - 1, tx->now + KEEP_MS);
}


/* {decision, text}: what the lead wrote, with day and label of the decision */

static int
add_case(period_t *c, const char *decision, const char *text)
{
    char       day[16] = "", label[136] = "";
    mdd_st_t  *st;

    if (text[0] == '\0' && decision[0] == '\0') {
        return 0;
    }

    if (text[0] == '\0' || strlen(text) > 500
        || json_array_size(c->cases) == CASES_MAX)
    {
        return -1;
    }

    if (decision[0]) {
        st = mdd_query(c->w->db, MDD_SQL_WEB_DECISION, "s", decision);

        if (mdd_step(st) == MDD_ROW) {
            mdd_day_text(mdd_zone_day(c->p.zone, mdd_int(st, 2)), day);
            snprintf(label, sizeof(label), "%s", mdd_text(st, 19));
        }

        mdd_end(st);

        if (day[0] == '\0') {
            return -1;
        }
    }

    return json_array_append_new(c->cases, json_pack("{s:s, s:s, s:s, s:s}",
        "decision", decision, "day", day, "label", label, "text", text));
}


static int
read_cases(period_t *c)
{
    int       i;
    char      name[16], text[16];
    size_t    k;
    json_t   *list = json_object_get(c->w->args, "cases"), *e;

    json_array_foreach(list, k, e) {
        if (add_case(c, mdd_str(e, "decision"), mdd_str(e, "text")) != 0) {
            return -1;
        }
    }

    for (i = 1; i <= CASES_MAX && list == NULL; i++) {
        snprintf(name, sizeof(name), "case%d", i);
        snprintf(text, sizeof(text), "text%d", i);

        if (add_case(c, mdd_arg(c->w, name), mdd_arg(c->w, text)) != 0) {
            return -1;
        }
    }

    return 0;
}


void
mdd_api_period_text(mdd_web_t *w)
{
    period_t  c = { 0 };

    c.w = w;
    c.text = mdd_arg(w, "text");

    if (!mdd_period_asked(w, &c.p)) {
        return;
    }

    c.cases = json_array();

    if (strlen(c.text) > TEXT_MAX || read_cases(&c) != 0) {
        mdd_error(w, 400, "bad_value", T(w, "至多五例，每例写明（打码后的）文字",
                  "at most five cases, each with its text and a decision of "
                  "the record"), strlen(c.text) > TEXT_MAX ? "text" : "cases");

    } else if (mdd_change(w->d, run_text, &c) != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else {
        mdd_done(w, 200, json_pack("{s:i}", "cases",
                                   (int) json_array_size(c.cases)));
    }

    json_decref(c.cases);
}


/* {at}: the platform that an item came from says that it has acted there */

typedef struct { mdd_web_t *w; int64_t at; } handled_t;

static int
run_handled(mdd_tx_t *tx, void *data)
{
    char        alias[17];
    handled_t  *h = data;

    if (mdd_alias(tx, h->w->who.name, alias) != MDD_OK) {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "handled", json_pack("{s:s, s:I, s:s}",
        "decision", h->w->seg[2], "at", (json_int_t) h->at, "by", alias),
        NULL);
}


void
mdd_api_handled(mdd_web_t *w)
{
    json_t     *d = mdd_get_decision(w, w->seg[2]);
    handled_t   h = { w, mdd_arg_int(w, "at", w->now) };

    if (d == NULL) {
        mdd_error(w, 404, "not_found", "no such decision", "decision");
        return;
    }

    json_decref(d);

    if (h.at <= 0 || h.at > w->now + MDD_DAY_MS) {
        mdd_error(w, 400, "bad_value", "", "at");

    } else if (mdd_change(w->d, run_handled, &h) != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else {
        mdd_done(w, 200, json_pack("{s:s, s:I}", "decision", w->seg[2],
                                   "handled_at", (json_int_t) h.at));
    }
}
