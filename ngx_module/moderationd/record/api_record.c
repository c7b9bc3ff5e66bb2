/*
 * api_record.c - the record as it is read: decisions by what people look for,
 * one decision with everything that is known of it, events since a place.
 */

#include "moderationd/account/account.h"
#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "moderationd/conf/rulebook.h"

#include <stdio.h>
#include <string.h>

#define PAGE_MAX  200
#define FAR       INT64_C(9000000000000)


/* a row of WEB_COLUMNS; sites and labels that the person does not see: NULL */

static json_t *
decision_row(mdd_st_t *st)
{
    json_t  *j;

    j = json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s,"
                  " s:s, s:s}",
                  "id", mdd_text(st, 0), "kind", mdd_text(st, 1),
                  "time", (json_int_t) mdd_int(st, 2),
                  "node", mdd_text(st, 3), "mode", mdd_text(st, 4),
                  "slot", mdd_text(st, 5), "host", mdd_text(st, 6),
                  "page", mdd_text(st, 7), "suggestion", mdd_text(st, 8),
                  "action", mdd_text(st, 9), "reason", mdd_text(st, 10),
                  "found_by", mdd_text(st, 11),
                  "automation", mdd_text(st, 12));

    if (j == NULL) {
        return NULL;
    }

    json_object_set_new(j, "fingerprint", json_string(mdd_text(st, 13)));
    json_object_set_new(j, "account", json_string(mdd_text(st, 14)));
    json_object_set_new(j, "item", json_string(mdd_text(st, 15)));
    json_object_set_new(j, "policy", json_string(mdd_text(st, 16)));
    json_object_set_new(j, "place", json_string(mdd_text(st, 17)));
    json_object_set_new(j, "review", json_string(mdd_text(st, 18)));
    json_object_set_new(j, "label", json_string(mdd_text(st, 19)));
    json_object_set_new(j, "rules", json_loads(mdd_text(st, 20), 0, NULL));
    json_object_set_new(j, "total", json_integer(mdd_int(st, 21)));
    json_object_set_new(j, "last", json_integer(mdd_int(st, 22)));
    json_object_set_new(j, "log", json_integer(mdd_int(st, 23)));
    json_object_set_new(j, "leaf", json_integer(mdd_int(st, 24)));

    return j;
}


/* the private part as it was written: the bytes `"private":{...}` hold it */

static void
add_private(mdd_web_t *w, json_t *j, int64_t log, int64_t leaf)
{
    json_t    *p;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_PRIVATE_GET, "ii", log, leaf);

    if (mdd_step(st) == MDD_ROW) {
        p = json_loads(mdd_text(st, 1), JSON_ALLOW_NUL, NULL);

        if (json_object_get(p, "private")) {
            json_object_set(j, "private", json_object_get(p, "private"));
            json_decref(p);

        } else if (p) {
            json_object_set_new(j, "private", p);
        }
    }

    mdd_end(st);
}


/* who is there for one case sees its decision, and those about its item */

static int
of_case(const mdd_web_t *w, const json_t *j)
{
    int        of = 0;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_CASE_GET, "i", w->who.casefile);

    if (mdd_step(st) == MDD_ROW) {
        of = strcmp(mdd_text(st, 1), mdd_str(j, "id")) == 0
             || (mdd_text(st, 4)[0]
                 && strcmp(mdd_text(st, 4), mdd_str(j, "item")) == 0);
    }

    return mdd_end(st) == MDD_OK && of;
}


static int
visible(const mdd_web_t *w, const json_t *j)
{
    mdd_person_t  who = w->who;

    if (who.casefile && !of_case(w, j)) {
        return 0;
    }

    who.nqueues = 0;                    /* a decision stands in no queue */

    return mdd_may_see(&who, mdd_site_of(w->d->conf, mdd_str(j, "host")), NULL,
                       mdd_str(j, "label"));
}


json_t *
mdd_get_decisions(mdd_web_t *w)
{
    char         after[21] = "~", next[64];
    int64_t      before = FAR, from, limit, n = 0;
    json_t      *list, *j, *rows;
    mdd_st_t    *st;
    long long    ms;
    char         key[40];
    const char  *item, *account;

    if (sscanf(mdd_arg(w, "before"), "%lld-%20[A-Za-z0-9]", &ms, after) >= 1) {
        before = ms;
    }

    from = mdd_arg_int(w, "from", 0);
    limit = mdd_arg_int(w, "limit", 50);
    limit = limit < 1 ? 1 : limit > PAGE_MAX ? PAGE_MAX : limit;

    item = mdd_arg(w, "item");
    account = mdd_arg(w, "account");

#define FILTER                                                               \
    before, after, from, mdd_arg(w, "slot"), mdd_arg(w, "label"),            \
    mdd_arg(w, "action"), mdd_arg(w, "host"), mdd_arg(w, "kind"),            \
    mdd_arg(w, "rule")

    /* by the id that the site knows, or by what the record has of it; all of
     * a case, however many came after it */

    if (w->who.casefile) {
        st = mdd_query(w->db, MDD_SQL_WEB_OF_CASE, "isissssssii", FILTER,
                       w->who.casefile, limit);

    } else if (*item) {
        item = mdd_id_key(w->d, "item", item, key) == 0 ? key : item;
        st = mdd_query(w->db, MDD_SQL_WEB_BY_ITEM, "isisssssssi", FILTER, item,
                       limit);

    } else if (*account) {
        account = mdd_id_key(w->d, "account", account, key) == 0 ? key
                  : account;
        st = mdd_query(w->db, MDD_SQL_WEB_BY_ACCOUNT, "isisssssssi", FILTER,
                       account, limit);

    } else {
        st = mdd_query(w->db, MDD_SQL_WEB_DECISIONS, "isissssssi", FILTER,
                       limit);
    }

#undef FILTER

    rows = json_array();

    while (mdd_step(st) == MDD_ROW) {
        j = decision_row(st);
        n++;

        if (n == limit) {
            snprintf(next, sizeof(next), "%lld-%s",
                     (long long) mdd_int(st, 2), mdd_text(st, 0));
        }

        if (j && visible(w, j)) {
            json_array_append_new(rows, j);

        } else {
            json_decref(j);
        }
    }

    if (mdd_end(st) != MDD_OK) {
        json_decref(rows);
        return NULL;
    }

    list = json_pack("{s:o}", "decisions", rows);

    if (n == limit) {
        json_object_set_new(list, "next", json_string(next));
    }

    return list;
}


json_t *
mdd_get_decision(mdd_web_t *w, const char *id)
{
    json_t    *j = NULL, *counts;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_WEB_DECISION, "s", id);

    if (mdd_step(st) == MDD_ROW) {
        j = decision_row(st);
    }

    mdd_end(st);

    if (j == NULL || !visible(w, j)) {
        json_decref(j);
        return NULL;
    }

    add_private(w, j, mdd_num(j, "log"), mdd_num(j, "leaf"));

    counts = json_array();
    st = mdd_query(w->db, MDD_SQL_WEB_COUNTS, "s", id);

    while (mdd_step(st) == MDD_ROW) {
        json_array_append_new(counts, json_pack("{s:s, s:I, s:I}",
            "zone", mdd_text(st, 0), "since", (json_int_t) mdd_int(st, 1),
            "total", (json_int_t) mdd_int(st, 2)));
    }

    mdd_end(st);
    json_object_set_new(j, "counts", counts);

    return j;
}


/* the line that brought a version of a card: the decision's row, with the
 * texts of that line */

json_t *
mdd_get_line(mdd_web_t *w, const char *id, int64_t log, int64_t leaf)
{
    json_t    *j = NULL;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_WEB_DECISION, "s", id);

    if (mdd_step(st) == MDD_ROW) {
        j = decision_row(st);
    }

    mdd_end(st);
    j = j ? j : json_object();
    add_private(w, j, log, leaf);

    return j;
}


void
mdd_api_decisions(mdd_web_t *w)
{
    json_t  *j = mdd_get_decisions(w);

    if (j == NULL) {
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, j);
}


void
mdd_api_decision(mdd_web_t *w)
{
    json_t  *j = mdd_get_decision(w, w->seg[2]);

    if (j == NULL) {
        mdd_error(w, 404, "not_found", "no such decision", NULL);
        return;
    }

    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, j);
}


void
mdd_api_events(mdd_web_t *w)
{
    char       next[64];
    json_t    *list, *j;
    mdd_st_t  *st;
    long long  log = 0, leaf = -1;

    sscanf(mdd_arg(w, "after"), "%lld-%lld", &log, &leaf);
    list = json_array();
    st = mdd_query(w->db, MDD_SQL_WEB_EVENTS, "iii", (int64_t) log,
                   (int64_t) leaf, (int64_t) PAGE_MAX);

    while (mdd_step(st) == MDD_ROW) {
        log = mdd_int(st, 0);
        leaf = mdd_int(st, 1);
        j = json_loads(mdd_text(st, 4), 0, NULL);
        j = j ? j : json_object();
        json_object_set_new(j, "type", json_string(mdd_text(st, 3)));
        json_object_set_new(j, "time", json_integer(mdd_int(st, 2)));
        json_array_append_new(list, j);
    }

    mdd_end(st);
    snprintf(next, sizeof(next), "%lld-%lld", log, leaf);
    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, json_pack("{s:o, s:s}", "events", list, "next", next));
}
