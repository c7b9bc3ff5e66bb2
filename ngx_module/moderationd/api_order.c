/*
 * api_order.c - orders from outside, and switches of slots.
 *
 * An order takes a room, an account, a URL or a phrase off everywhere: one
 * reviewer suffices, a lead confirms within twelve hours.  An internal order
 * that nobody confirms lapses, any other stays and is said in the alarms.
 */

#include "api.h"
#include "desk.h"
#include "page.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS       86400000
#define TARGETS_MAX  50

typedef struct {
    mdd_web_t    *w;
    int           kind[TARGETS_MAX];
    const char   *value[TARGETS_MAX];
    size_t        n;
    const char   *source, *reference, *reason;
    int64_t       until, first, seq;
    mdl_key_t     key;
} order_t;


static int
add_order(mdd_tx_t *tx, order_t *o, size_t i)
{
    char        hex[33], alias[17];
    uint8_t     raw[MDL_HASH];
    int64_t     id, seq;
    mdl_str_t   value = { o->value[i], strlen(o->value[i]) };

    if (o->kind[i] == MDL_ORDER_PHRASE) {
        mdd_random(raw, sizeof(raw));

    } else {
        mdl_hash(&o->key, mdl_orders[o->kind[i]], value, raw);
    }

    mdd_hex(hex, raw, sizeof(raw));
    id = mdd_counter(tx, "order");
    seq = mdd_verdict(tx, MDL_TABLE_ORDERS, hex, "", o->kind[i], 0,
                      o->until);

    if (id < 0 || seq < 0
        || mdd_alias(tx, o->w->who.name, alias) != MDD_OK
        || mdd_run(tx->db, MDD_SQL_ORDER_ADD, "isssissssiisi", id,
                   mdl_orders[o->kind[i]], hex, o->value[i], o->until,
                   o->source, o->reference, o->reason, o->w->who.name,
                   tx->now, tx->now + DAY_MS / 2, "live", seq) != 1)
    {
        return MDD_FAILED;
    }

    o->first = o->first ? o->first : id;
    o->seq = seq;

    return mdd_desk_event(tx, "order",
        json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:s, s:I}", "order",
                  (json_int_t) id, "state", "live", "kind",
                  mdl_orders[o->kind[i]], "key", hex, "source", o->source,
                  "until", (json_int_t) o->until, "by", alias, "seq",
                  (json_int_t) seq),
        json_pack("{s:s, s:s, s:s, s:s}", "target", o->value[i], "by",
                  o->w->who.name, "reference", o->reference, "reason",
                  o->reason));
}


static int
run_order(mdd_tx_t *tx, void *data)
{
    int       rc = MDD_OK;
    size_t    i;
    order_t  *o = data;

    for (i = 0; i < o->n && rc == MDD_OK; i++) {
        rc = add_order(tx, o, i);
    }

    return rc;
}


static int
kind_of(const char *word)
{
    int  i;

    for (i = 1; i < MDL_ORDERS; i++) {
        if (strcmp(mdl_orders[i], word) == 0) {
            return i;
        }
    }

    return 0;
}


/* targets: [{kind, value}, ...], or kind and value of a form */

static const char *
read_targets(mdd_web_t *w, order_t *o)
{
    size_t   i;
    json_t  *list = json_object_get(w->args, "targets"), *t;

    if (json_is_array(list)) {
        json_array_foreach(list, i, t) {
            if (o->n == TARGETS_MAX) {
                return "targets";
            }

            o->kind[o->n] = kind_of(mdd_str(t, "kind"));
            o->value[o->n++] = mdd_str(t, "value");
        }

    } else if (mdd_arg(w, "value")[0]) {
        o->kind[0] = kind_of(mdd_arg(w, "kind"));
        o->value[o->n++] = mdd_arg(w, "value");
    }

    for (i = 0; i < o->n; i++) {
        if (o->kind[i] == 0 || o->value[i][0] == '\0'
            || strlen(o->value[i]) > 1024
            || (o->kind[i] == MDL_ORDER_PHRASE
                && (strlen(o->value[i]) < 4 || strpbrk(o->value[i], "\r\n"))))
        {
            return "targets";
        }
    }

    return o->n ? NULL : "targets";
}


/* how often the targets were decided about in the last hour, by the record */

static int64_t
shown(mdd_web_t *w, order_t *o)
{
    char       hex[33];
    size_t     i;
    int64_t    n = 0;
    uint8_t    raw[MDL_HASH];

    for (i = 0; i < o->n; i++) {
        mdl_str_t  value = { o->value[i], strlen(o->value[i]) };

        if (o->kind[i] == MDL_ORDER_ITEM || o->kind[i] == MDL_ORDER_ACCOUNT) {
            mdl_hash(&o->key, mdl_orders[o->kind[i]], value, raw);
            mdd_hex(hex, raw, sizeof(raw));
            n += mdd_one(w->db, 0, o->kind[i] == MDL_ORDER_ITEM
                         ? MDD_SQL_ORDER_SHOWN_ITEM
                         : MDD_SQL_ORDER_SHOWN_ACCOUNT, "si", hex,
                         w->now - 3600000);
        }
    }

    return n;
}


void
mdd_api_order(mdd_web_t *w)
{
    int          wide;
    char         err[256];
    json_t      *j;
    order_t      o = { 0 };
    const char  *field;

    o.w = w;
    o.source = mdd_arg(w, "source");
    o.reference = mdd_arg(w, "reference");
    o.reason = mdd_arg(w, "reason");
    o.until = mdd_arg_until(w, "until");
    o.until = o.until == -1 ? w->now + DAY_MS : o.until;

    field = read_targets(w, &o);

    if (strcmp(o.source, "office") != 0 && strcmp(o.source, "court") != 0
        && strcmp(o.source, "internal") != 0)
    {
        field = "source";

    } else if (o.until < w->now || o.until > w->now + 30ll * DAY_MS) {
        field = "until";

    } else if (o.reason[0] == '\0' || strlen(o.reason) > 2000) {
        field = "reason";

    } else if (strcmp(o.source, "internal") != 0 && o.reference[0] == '\0') {
        field = "reference";
    }

    if (field) {
        mdd_error(w, 400, "bad_value", T(w, "请检查此项", "look at this"),
                  field);
        return;
    }

    if (mdl_key_load(&o.key, w->d->conf->id_key, &wide, err, sizeof(err))
        != 0)
    {
        mdd_say(MDD_ERR, "%s", err);
        mdd_error(w, 503, "key", "the id key cannot be read", NULL);
        return;
    }

    if (json_is_true(json_object_get(w->args, "dry_run"))) {
        mdd_json(w, 200, json_pack("{s:I}", "shown_now",
                                   (json_int_t) shown(w, &o)));
        return;
    }

    if (mdd_change(w->d, run_order, &o) != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    mdd_tables_sync(w->d, w->db);
    j = json_pack("{s:I, s:i, s:I, s:I, s:{s:I}}", "order",
                  (json_int_t) o.first, "orders", (int) o.n, "seq",
                  (json_int_t) o.seq, "shown_now",
                  (json_int_t) shown(w, &o), "live_at", w->d->conf->node,
                  (json_int_t) mdd_now(w->d));
    mdd_done(w, 201, j);
}


json_t *
mdd_get_orders(mdd_web_t *w)
{
    json_t    *list = json_array();
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_ORDER_LIST, "");

    while (mdd_step(st) == MDD_ROW) {
        json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:I, s:s, s:s,"
            " s:s, s:s, s:I, s:s, s:I, s:s, s:s}",
            "id", (json_int_t) mdd_int(st, 0), "kind", mdd_text(st, 1),
            "target", mdd_text(st, 3), "until", (json_int_t) mdd_int(st, 4),
            "source", mdd_text(st, 5), "reference", mdd_text(st, 6),
            "reason", mdd_text(st, 7), "by", mdd_text(st, 8),
            "at", (json_int_t) mdd_int(st, 9), "confirmed", mdd_text(st, 10),
            "confirm_by", (json_int_t) mdd_int(st, 11),
            "lifted", mdd_text(st, 12), "state", mdd_text(st, 13)));
    }

    mdd_end(st);

    return list;
}


json_t *
mdd_get_switches(mdd_web_t *w)
{
    json_t    *list = json_array();
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_SWITCH_LIST, "i", w->now);

    while (mdd_step(st) == MDD_ROW) {
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I, s:s, s:s,"
            " s:I}", "site", mdd_text(st, 0), "slot", mdd_text(st, 1),
            "mode", mdd_text(st, 2), "until", (json_int_t) mdd_int(st, 3),
            "by", mdd_text(st, 4), "reason", mdd_text(st, 5), "at",
            (json_int_t) mdd_int(st, 6)));
    }

    mdd_end(st);

    return list;
}


void
mdd_api_orders(mdd_web_t *w)
{
    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, json_pack("{s:o, s:o}", "orders", mdd_get_orders(w),
                               "switches", mdd_get_switches(w)));
}


typedef struct {
    mdd_web_t  *w;
    int64_t     id;
    int         confirm, found, self;
} step_t;


static int
run_step(mdd_tx_t *tx, void *data)
{
    int         n;
    char        key[40] = "", alias[17];
    step_t     *s = data;
    int64_t     seq = 0;
    mdd_st_t   *st;

    st = mdd_query(tx->db, MDD_SQL_ORDER_GET, "i", s->id);

    if (mdd_step(st) == MDD_ROW) {
        s->found = strcmp(mdd_text(st, 13), "live") == 0;
        s->self = strcmp(mdd_text(st, 8), s->w->who.name) == 0
                  || s->w->who.local;
        strncpy(key, mdd_text(st, 2), sizeof(key) - 1);
    }

    mdd_end(st);

    if (!s->found || (s->confirm && s->self)) {
        return MDD_REFUSED;
    }

    if (s->confirm) {
        n = (int) mdd_run(tx->db, MDD_SQL_ORDER_CONFIRM, "si",
                          s->w->who.name, s->id);

    } else {
        seq = mdd_verdict(tx, MDL_TABLE_ORDERS, key, "", 0, 0, 0);
        n = (int) mdd_run(tx->db, MDD_SQL_ORDER_STATE, "ssii", "lifted",
                          s->w->who.name, seq, s->id);
    }

    if (n != 1 || seq < 0 || mdd_alias(tx, s->w->who.name, alias) != MDD_OK) {
        return n == 0 ? MDD_REFUSED : MDD_FAILED;
    }

    return mdd_desk_event(tx, "order", json_pack("{s:I, s:s, s:s, s:I}",
        "order", (json_int_t) s->id, "state",
        s->confirm ? "confirmed" : "lifted", "by", alias, "seq",
        (json_int_t) seq),
        json_pack("{s:s, s:s}", "by", s->w->who.name, "reason",
                  mdd_arg(s->w, "reason")));
}


/* orders/ID/lift | confirm */

void
mdd_api_order_step(mdd_web_t *w)
{
    int     rc;
    step_t  s = { 0 };

    s.w = w;
    s.id = strtoll(w->seg[2], NULL, 10);
    s.confirm = strcmp(w->seg[3], "confirm") == 0;

    rc = mdd_change(w->d, run_step, &s);

    if (rc == MDD_REFUSED && s.found && s.confirm && s.self) {
        mdd_error(w, 403, "second", T(w, "须由另一人确认",
                  "another person confirms"), NULL);

    } else if (rc == MDD_REFUSED) {
        mdd_error(w, 404, "not_found", "no such live order", "order");

    } else if (rc != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else {
        mdd_tables_sync(w->d, w->db);
        mdd_done(w, 200, json_pack("{s:I}", "order", (json_int_t) s.id));
    }
}


typedef struct {
    mdd_web_t   *w;
    const char  *site, *slot, *mode, *reason;
    int64_t      until;
} switch_t;


static int
run_switch(mdd_tx_t *tx, void *data)
{
    char       alias[17];
    int64_t    seq;
    switch_t  *s = data;

    /* an entry of no key makes the tables look at the switches again */

    seq = mdd_verdict(tx, MDL_TABLE_ORDERS, "ffffffffffffffffffffffffffffffff",
                      "", 0, 0, 0);

    if (seq < 0
        || mdd_run(tx->db, MDD_SQL_SWITCH_PUT, "sssissi", s->site, s->slot,
                   s->mode, s->until, s->w->who.name, s->reason, tx->now) != 1
        || mdd_alias(tx, s->w->who.name, alias) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "switch",
        json_pack("{s:s, s:s, s:s, s:I, s:s, s:I}", "site", s->site, "slot",
                  s->slot, "mode", s->mode, "until", (json_int_t) s->until,
                  "by", alias, "seq", (json_int_t) seq),
        json_pack("{s:s, s:s}", "by", s->w->who.name, "reason", s->reason));
}


void
mdd_api_switch(mdd_web_t *w)
{
    size_t       i;
    switch_t     s = { 0 };
    const char  *field = NULL;

    s.w = w;
    s.site = mdd_arg(w, "site");
    s.slot = mdd_arg(w, "slot");
    s.mode = mdd_arg(w, "mode");
    s.reason = mdd_arg(w, "reason");
    s.until = mdd_arg_until(w, "until");
    s.until = s.until == -1 ? w->now + 1800000 : s.until;

    for (i = 0; i < w->d->conf->nsites; i++) {
        if (strcmp(w->d->conf->sites[i].name, s.site) == 0) {
            break;
        }
    }

    if (*s.site && i == w->d->conf->nsites) {
        field = "site";

    } else if (strcmp(s.mode, "open") != 0 && strcmp(s.mode, "shadow") != 0
               && strcmp(s.mode, "enforce") != 0)
    {
        field = "mode";

    } else if (s.until < w->now || s.until > w->now + 4 * 3600000 + 1000) {
        field = "until";

    } else if (s.reason[0] == '\0') {
        field = "reason";
    }

    if (field) {
        mdd_error(w, 400, "bad_value", T(w, "请检查此项", "look at this"),
                  field);
        return;
    }

    if (mdd_change(w->d, run_switch, &s) != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    mdd_tables_sync(w->d, w->db);
    mdd_done(w, 200, json_pack("{s:s, s:s, s:s, s:I}", "site", s.site,
             "slot", s.slot, "mode", s.mode, "until",
             (json_int_t) s.until));
}
