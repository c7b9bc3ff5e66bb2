/*
 * api_state.c - session, health, status: who asks, and how the house stands.
 */

#include "api.h"
#include "moderationd/desk/desk.h"
#include "page.h"

#include <string.h>

#define STALE_MS  60000


const char *
mdd_str(const json_t *j, const char *name)
{
    const char  *s = json_string_value(json_object_get(j, name));

    return s ? s : "";
}


int64_t
mdd_num(const json_t *j, const char *name)
{
    return json_integer_value(json_object_get(j, name));
}


static json_t *
names(char list[][MDD_WHO_MAX + 1], size_t n)
{
    size_t   i;
    json_t  *j = json_array();

    for (i = 0; i < n; i++) {
        json_array_append_new(j, json_string(list[i]));
    }

    return j;
}


void
mdd_api_session(mdd_web_t *w)
{
    char     text[128], token[65], *p, *end;
    json_t  *roles = json_array();

    mdd_roles_text(w->who.roles, text);

    for (p = text; *p; p = end) {
        end = p + strcspn(p, ",");
        json_array_append_new(roles, json_stringn(p, (size_t) (end - p)));
        end += *end == ',';
    }

    mdd_token(w, w->now / 86400000, token);
    mdd_field(w, "Cache-Control", "private, no-store");

    mdd_json(w, 200, json_pack("{s:s, s:o, s:s, s:o, s:o, s:o, s:s}",
             "user", w->who.name, "roles", roles, "token", token,
             "sites", names(w->who.sites, w->who.nsites),
             "queues", names(w->who.queues, w->who.nqueues),
             "labels_not", names(w->who.labels_not, w->who.nlabels_not),
             "language", w->zh ? "zh" : "en"));
}


typedef struct {
    const char  *name, *lang;
} language_t;


static int
set_language(mdd_tx_t *tx, void *data)
{
    char         alias[17];
    uint8_t      raw[8];
    language_t  *l = data;

    mdd_random(raw, sizeof(raw));
    mdd_hex(alias, raw, sizeof(raw));

    return mdd_run(tx->db, MDD_SQL_PERSON_LANG_PUT, "sssi", l->name, alias,
                   l->lang, tx->now) == 1 ? MDD_OK : MDD_FAILED;
}


void
mdd_api_language(mdd_web_t *w)
{
    language_t  l = { w->who.name, mdd_arg(w, "lang") };

    if (strcmp(l.lang, "zh") != 0 && strcmp(l.lang, "en") != 0) {
        mdd_error(w, 400, "bad_value", "zh or en", "lang");
        return;
    }

    if (mdd_change(w->d, set_language, &l) != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    mdd_done(w, 200, json_pack("{s:s}", "language", l.lang));
}


/* what waits, and since when; what slots in shadow would hold now */

static void
add_queues(mdd_web_t *w, json_t *j)
{
    json_t    *list = json_array(), *would = json_object();
    json_t    *unstable = mdd_get_unstable(w);
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_QUEUE_AGES, "");

    while (mdd_step(st) == MDD_ROW) {
        json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I, s:I}",
            "state", mdd_text(st, 0), "queue", mdd_text(st, 1),
            "cards", (json_int_t) mdd_int(st, 2),
            "age", (json_int_t) (w->now - mdd_int(st, 3)),
            "late", (json_int_t) (w->now > mdd_int(st, 4)
                                  ? w->now - mdd_int(st, 4) : 0)));
    }

    mdd_end(st);
    st = mdd_query(w->db, MDD_SQL_QUEUE_WOULD, "i", w->now - 24 * 3600000ll);

    while (mdd_step(st) == MDD_ROW) {
        if (mdd_int(st, 2) == 0) {
            continue;
        }

        json_object_set_new(would, mdd_text(st, 0), json_pack("{s:I, s:I}",
            "hold", (json_int_t) mdd_int(st, 1), "of",
            (json_int_t) mdd_int(st, 2)));
    }

    mdd_end(st);
    json_object_set_new(j, "queues", list);
    json_object_set_new(j, "would_hold", would);
    json_object_set_new(j, "rollout", mdd_get_rollout(w, unstable));
    json_object_set_new(j, "unstable", unstable);
}


json_t *
mdd_get_status(mdd_web_t *w)
{
    char       error[256];
    int64_t    last = 0, lost = 0, places = 0, size = 0, failing;
    json_t    *j, *tree = NULL;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_WEB_PLACES, "");

    if (mdd_step(st) == MDD_ROW) {
        last = mdd_int(st, 0);
        lost = mdd_int(st, 1);
        places = mdd_int(st, 2);
    }

    mdd_end(st);

    st = mdd_query(w->db, MDD_SQL_LOG_LAST, "");

    if (mdd_step(st) == MDD_ROW) {
        size_t       n;
        char         root[65];
        const void  *p = mdd_blob(st, 4, &n);

        mdd_hex(root, p, n <= 32 ? n : 32);
        size = mdd_int(st, 3);
        tree = json_pack("{s:s, s:s, s:I, s:s}", "log", mdd_text(st, 1),
                         "origin", mdd_text(st, 2), "size",
                         (json_int_t) size, "root", root);
    }

    mdd_end(st);

    j = json_pack("{s:s, s:I, s:I, s:{s:I, s:I, s:I}, s:o?}",
                  "node", w->d->conf->node, "now", (json_int_t) w->now,
                  "started", (json_int_t) w->d->started,
                  "spool", "last", (json_int_t) last, "lost",
                  (json_int_t) lost, "places", (json_int_t) places,
                  "tree", tree);

    failing = mdd_writer_failing(w->d, error, sizeof(error));
    json_object_set_new(j, "store", failing
        ? json_pack("{s:s, s:I, s:s}", "state", "failing", "since",
                    (json_int_t) failing, "error", error)
        : json_pack("{s:s}", "state", "ok"));

    add_queues(w, j);
    json_object_set_new(j, "tables", mdd_tables_state(w->d));
    json_object_set_new(j, "switches", mdd_get_switches(w));
    json_object_set_new(j, "orders", json_integer(mdd_one(w->db, 0,
                        MDD_SQL_ORDER_LIVE_COUNT, "")));

    return j;
}


void
mdd_api_status(mdd_web_t *w)
{
    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, mdd_get_status(w));
}


void
mdd_api_health(mdd_web_t *w)
{
    int        ok;
    char       error[256];
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_LOG_LAST, "");
    mdd_step(st);
    ok = mdd_end(st) == MDD_OK
         && mdd_writer_failing(w->d, error, sizeof(error)) == 0;

    mdd_json(w, ok ? 200 : 503, json_pack("{s:s}", "status",
                                          ok ? "ok" : "store"));
}
