/*
 * api_order.c - orders from outside.
 *
 * An order takes a room, an account, a URL or a phrase off everywhere, or on
 * the sites that it names: one reviewer suffices, a lead confirms within twelve hours.  An internal order
 * that nobody confirms lapses, any other stays and is said in the alarms.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/log/did.h"
#include "moderationd/web/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS       86400000
#define TARGETS_MAX  50
#define WIDE_CARDS   1000

typedef struct {
    const char   *who;
    int           kind[TARGETS_MAX];
    const char   *value[TARGETS_MAX];
    size_t        n;
    const char   *source, *reference, *reason;
    char          sites[MDD_SITES_TEXT];
    int64_t       until, first, seq;
    mdl_key_t     key;
} order_t;


static int
add_order(mdd_tx_t *tx, order_t *o, size_t i)
{
    char              alias[17];
    json_t           *pub;
    uint8_t           raw[MDL_HASH];
    int64_t           id, seq;
    mdl_str_t         value = { o->value[i], strlen(o->value[i]) };
    mdd_order_key_t   k;

    if (o->kind[i] == MDL_ORDER_PHRASE) {
        mdd_random(raw, sizeof(raw));

    } else {
        mdl_hash(&o->key, mdl_orders[o->kind[i]], value, raw);
    }

    mdd_hex(k.key, raw, sizeof(raw));
    k.kind = o->kind[i];
    strcpy(k.sites, o->sites);
    id = mdd_counter(tx, "order");
    seq = mdd_order_tell(tx, &k, 0, o->until);

    if (id < 0 || seq < 0
        || mdd_alias(tx, o->who, alias) != MDD_OK
        || mdd_put(tx, MDD_SQL_ORDER_ADD, "issSisSSPiisi", id,
                   mdl_orders[o->kind[i]], k.key, o->value[i], o->until,
                   o->source, o->reference, o->reason, o->who,
                   tx->now, tx->now + MDD_CONFIRM_MS, "live", seq) != 1
        || (o->sites[0] && mdd_put(tx, MDD_SQL_ORDER_SITES, "si", o->sites,
                                   id) != 1))
    {
        return MDD_FAILED;
    }

    o->first = o->first ? o->first : id;
    o->seq = seq;

    pub = json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:s, s:I}", "order",
                    (json_int_t) id, "state", "live", "kind",
                    mdl_orders[o->kind[i]], "key", k.key, "source", o->source,
                    "until", (json_int_t) o->until, "by", alias, "seq",
                    (json_int_t) seq);

    if (o->sites[0]) {
        json_object_set_new(pub, "sites", json_string(o->sites));
    }

    return mdd_desk_event(tx, "order", pub,
        json_pack("{s:s, s:s, s:s, s:s}", "target", o->value[i], "by",
                  o->who, "reference", o->reference, "reason",
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

            o->kind[o->n] = mdd_order_kind(mdd_str(t, "kind"));
            o->value[o->n++] = mdd_str(t, "value");
        }

    } else if (mdd_arg(w, "value")[0]) {
        o->kind[0] = mdd_order_kind(mdd_arg(w, "kind"));
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
    mdd_st_t  *st;

    for (i = 0; i < o->n; i++) {
        mdl_str_t  value = { o->value[i], strlen(o->value[i]) };

        if (o->kind[i] == MDL_ORDER_ITEM || o->kind[i] == MDL_ORDER_ACCOUNT) {
            mdl_hash(&o->key, mdl_orders[o->kind[i]], value, raw);
            mdd_hex(hex, raw, sizeof(raw));
            st = mdd_query(w->db, o->kind[i] == MDL_ORDER_ITEM
                           ? MDD_SQL_ORDER_SHOWN_ITEM
                           : MDD_SQL_ORDER_SHOWN_ACCOUNT, "si", hex,
                           w->now - 3600000);

            while (mdd_step(st) == MDD_ROW) {
                if (mdd_scope_site(o->sites, mdd_site_of(w->d->conf,
                                                         mdd_text(st, 0))))
                {
                    n += mdd_int(st, 1);
                }
            }

            mdd_end(st);
        }
    }

    return n;
}


/* does target i mean this card, by what the record has of it? */

static int
means(mdd_web_t *w, const order_t *o, size_t i, const mdd_card_t *c,
    const char *hash, json_t **fields)
{
    json_t      *line, *v;
    const char  *name;

    if (o->kind[i] == MDL_ORDER_ITEM) {
        return strcmp(hash, c->item) == 0;
    }

    if (o->kind[i] == MDL_ORDER_ACCOUNT) {
        return strcmp(hash, c->account) == 0;
    }

    if (*fields == NULL) {
        line = mdd_get_line(w, "", c->log, c->leaf);
        *fields = json_incref(json_object_get(json_object_get(line,
                                              "private"), "fields"));
        json_decref(line);
    }

    json_object_foreach(*fields, name, v) {
        if (json_is_string(v)
            && strcasestr(json_string_value(v), o->value[i]) != NULL)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * How wide it is, by the newest cards that the desk has: *hits of *of in the
 * slot where it takes most.  1: more than 2 % and more than two cards, which
 * two people have to want.  A phrase is looked for as it is written, so that
 * with its folds it may take more.
 */

static int
is_wide(mdd_web_t *w, const order_t *o, int *hits, int *of)
{
    int          n = 0, i, wide = 0;
    char         hash[TARGETS_MAX][33] = { "" };
    size_t       k;
    json_t      *fields;
    uint8_t      raw[MDL_HASH];
    mdd_st_t    *st;
    mdd_card_t  *c = calloc(WIDE_CARDS, sizeof(mdd_card_t));
    struct { const char *scope; int hits, of; }  s[32] = { { NULL, 0, 0 } };

    *hits = *of = 0;

    if (c == NULL) {
        return 0;
    }

    for (k = 0; k < o->n; k++) {
        mdl_str_t  v = { o->value[k], strlen(o->value[k]) };

        mdl_hash(&o->key, mdl_orders[o->kind[k]], v, raw);
        mdd_hex(hash[k], raw, sizeof(raw));
    }

    st = mdd_query(w->db, MDD_SQL_CARD_NEWEST, "i", (int64_t) WIDE_CARDS);

    while (n < WIDE_CARDS && mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, &c[n++]);
    }

    mdd_end(st);

    while (n-- > 0) {
        for (i = 0; i < 31 && s[i].scope
                    && strcmp(s[i].scope, c[n].scope) != 0; i++)
        {
            /* void */
        }

        if (!mdd_scope_site(o->sites, c[n].site)) {
            continue;
        }

        s[i].scope = c[n].scope;
        s[i].of++;
        fields = NULL;

        for (k = 0; k < o->n && !means(w, o, k, &c[n], hash[k], &fields);
             k++)
        {
            /* void */
        }

        s[i].hits += k < o->n;
        json_decref(fields);
    }

    for (i = 0; i < 32 && s[i].scope; i++) {
        wide |= s[i].hits > 2 && s[i].hits * 50 > s[i].of;

        if (s[i].hits > *hits || *of == 0) {
            *hits = s[i].hits;
            *of = s[i].of;
        }
    }

    free(c);

    return wide;
}


static int
order_refused(mdd_web_t *w, const order_t *o)
{
    size_t  i;
    int     may = 1;

    for (i = 0; i < o->n; i++) {
        may = may && mdd_scope_order(w->d, w->db, &w->who, o->sites,
                                     mdl_orders[o->kind[i]], o->value[i]);
    }

    return mdd_scope_refused(w, may, "targets");
}


/* agreed by two */

int
mdd_run_order(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out)
{
    int      wide;
    char     err[256];
    size_t   i;
    json_t  *t;
    order_t  o = { 0 };

    o.who = who->name;
    o.source = mdd_str(args, "source");
    o.reference = mdd_str(args, "reference");
    o.reason = mdd_str(args, "reason");
    o.until = mdd_num(args, "until");
    snprintf(o.sites, sizeof(o.sites), "%s", mdd_str(args, "sites"));

    json_array_foreach(json_object_get(args, "targets"), i, t) {
        if (o.n < TARGETS_MAX) {
            o.kind[o.n] = mdd_order_kind(mdd_str(t, "kind"));
            o.value[o.n++] = mdd_str(t, "value");
        }
    }

    if (mdl_key_load(&o.key, tx->d->conf->id_key, &wide, err, sizeof(err))
        != 0 || run_order(tx, &o) != MDD_OK)
    {
        return MDD_FAILED;
    }

    json_decref(*out);
    *out = json_pack("{s:I, s:i}", "order", (json_int_t) o.first, "orders",
                     (int) o.n);

    return MDD_OK;
}


static void
ask_for_wide(mdd_web_t *w, const order_t *o)
{
    char     hex[33];
    size_t   i;
    json_t  *args, *list = json_array();
    uint8_t  raw[MDL_HASH];

    /* with the hash, by which an erasure finds it (api_erase.c) */

    for (i = 0; i < o->n; i++) {
        mdl_str_t  value = { o->value[i], strlen(o->value[i]) };

        mdl_hash(&o->key, mdl_orders[o->kind[i]], value, raw);
        mdd_hex(hex, raw, sizeof(raw));
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "kind",
                              mdl_orders[o->kind[i]], "value", o->value[i],
                              "key", hex));
    }

    args = json_pack("{s:o, s:s, s:s, s:s, s:I, s:s}", "targets", list,
                     "source", o->source, "reference", o->reference, "reason",
                     o->reason, "until", (json_int_t) o->until, "sites",
                     o->sites);
    mdd_ask_second(w, "order", args);
    json_decref(args);
}


void
mdd_api_order(mdd_web_t *w)
{
    int          wide, hits, of;
    char         err[256];
    json_t      *j;
    order_t      o = { 0 };
    const char  *field;

    o.who = w->who.name;
    o.source = mdd_arg(w, "source");
    o.reference = mdd_arg(w, "reference");
    o.reason = mdd_arg(w, "reason");
    o.until = mdd_arg_until(w, "until");
    o.until = o.until == -1 ? w->now + DAY_MS : o.until;

    field = read_targets(w, &o);
    field = field ? field : mdd_scope_read(w, o.sites);

    if (field) {
        /* void */

    } else if (strcmp(o.source, "office") != 0 && strcmp(o.source, "court") != 0
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

    if (order_refused(w, &o)) {
        return;
    }

    if (mdl_key_load(&o.key, w->d->conf->id_key, &wide, err, sizeof(err))
        != 0)
    {
        mdd_say(MDD_ERR, "%s", err);
        mdd_error(w, 503, "key", "the id key cannot be read", NULL);
        return;
    }

    wide = is_wide(w, &o, &hits, &of);

    if (json_is_true(json_object_get(w->args, "dry_run"))) {
        mdd_json(w, 200, json_pack("{s:I, s:i, s:i, s:b}", "shown_now",
                                   (json_int_t) shown(w, &o), "cards", hits,
                                   "of", of, "second", wide));
        return;
    }

    /* a phrase shows first what it would hit: the form asks once more */

    if (w->form && strcmp(mdd_arg(w, "kind"), "phrase") == 0
        && mdd_arg(w, "seen")[0] == '\0')
    {
        mdd_page_order_hits(w, hits, of);
        return;
    }

    if (wide) {
        ask_for_wide(w, &o);
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
            " s:s, s:s, s:I, s:s, s:I, s:s, s:s, s:s}",
            "id", (json_int_t) mdd_int(st, 0), "kind", mdd_text(st, 1),
            "target", mdd_text(st, 3), "until", (json_int_t) mdd_int(st, 4),
            "source", mdd_text(st, 5), "reference", mdd_text(st, 6),
            "reason", mdd_text(st, 7), "by", mdd_text(st, 8),
            "at", (json_int_t) mdd_int(st, 9), "confirmed", mdd_text(st, 10),
            "confirm_by", (json_int_t) mdd_int(st, 11),
            "lifted", mdd_text(st, 12), "state", mdd_text(st, 13), "sites",
            mdd_text(st, 15)));
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
    int         confirm, found, self, may;
} step_t;


static int
run_step(mdd_tx_t *tx, void *data)
{
    int               n;
    char              kind[16] = "", value[1100] = "", alias[17];
    step_t           *s = data;
    int64_t           seq = 0;
    mdd_st_t         *st;
    mdd_order_key_t   k;

    memset(&k, 0, sizeof(k));

    st = mdd_query(tx->db, MDD_SQL_ORDER_GET, "i", s->id);

    if (mdd_step(st) == MDD_ROW) {
        s->found = strcmp(mdd_text(st, 13), "live") == 0;
        s->self = strcmp(mdd_text(st, 8), s->w->who.name) == 0
                  || s->w->who.local;
        strncpy(kind, mdd_text(st, 1), sizeof(kind) - 1);
        snprintf(k.key, sizeof(k.key), "%s", mdd_text(st, 2));
        snprintf(k.sites, sizeof(k.sites), "%s", mdd_text(st, 15));
        strncpy(value, mdd_text(st, 3), sizeof(value) - 1);
    }

    mdd_end(st);
    k.kind = mdd_order_kind(kind);
    s->may = mdd_scope_order(tx->d, tx->db, &s->w->who, k.sites, kind, value);

    if (!s->found || !s->may || (s->confirm && s->self)) {
        return MDD_REFUSED;
    }

    if (s->confirm) {
        n = (int) mdd_put(tx, MDD_SQL_ORDER_CONFIRM, "Pi",
                          s->w->who.name, s->id);

    } else {
        seq = mdd_order_tell(tx, &k, s->id, 0);
        n = (int) mdd_put(tx, MDD_SQL_ORDER_STATE, "sPii", "lifted",
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

    if (rc == MDD_REFUSED && s.found && mdd_scope_refused(w, s.may, "order"))
    {
        return;
    }

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
