/*
 * desk_stable.c - do the cards of a slot keep their fingerprints?
 *
 * Where a field changes with every response (a counter, a signature) no release
 * would last, and a slot with `review: required` would be blank for ever.  So
 * until 99 in 100 cards that were seen for an hour had one fingerprint in it,
 * workers hold nothing for review there; then they are told so by an entry of
 * the items table, whose key is made of scope and fields: other fields are
 * measured anew.  `stable: assume` in the policy says that somebody has looked.
 */

#include "moderationd/web/api.h"
#include "desk.h"

#include <stdlib.h>
#include <string.h>

#define HOUR_MS   3600000
#define DAY_MS    86400000ll
#define LEAST     3                     /* cards that were seen for an hour  */
#define SCOPES    32

typedef struct {
    char  scope[256], print[600], slot[136];
} measured_t;


/* scopes that want measuring */

static int
scopes(mdd_t *d, measured_t *out)
{
    int                n = 0, i;
    size_t             k, s;
    const mdd_book_t  *book;
    const mdd_slot_t  *slot;

    for (s = 0; s < d->conf->nsites; s++) {
        book = mdd_book(d->conf->sites[s].name);

        for (k = 0; book && k < book->nslots && n < SCOPES; k++) {
            slot = &book->slots[k];

            if (!slot->required || slot->assume || slot->scope == NULL
                || slot->print == NULL
                || strlen(slot->print) >= sizeof(out[0].print))
            {
                continue;
            }

            for (i = 0; i < n && strcmp(out[i].print, slot->print) != 0;
                 i++)
            {
                /* void */
            }

            if (i == n) {
                snprintf(out[n].scope, sizeof(out[n].scope), "%s",
                         slot->scope);
                snprintf(out[n].slot, sizeof(out[n].slot), "%s", slot->name);
                strcpy(out[n++].print, slot->print);
            }
        }

        mdd_book_leave(book);
    }

    return n;
}


static void
key_of(const mdl_key_t *key, const char *print, char hex[33])
{
    uint8_t    raw[MDL_HASH];
    mdl_str_t  s = { print, strlen(print) };

    mdl_hash(key, "stable", s, raw);
    mdd_hex(hex, raw, sizeof(raw));
}


static int
is_stable(mdd_db_t *db, const char *hex)
{
    int        stable = 0;
    mdd_st_t  *st;

    st = mdd_query(db, MDD_SQL_VERDICT_GET, "iss", (int64_t) MDL_TABLE_ITEMS,
                   hex, "");

    if (mdd_step(st) == MDD_ROW) {
        stable = mdd_int(st, 0) != 0;
    }

    mdd_end(st);

    return stable;
}


static void
measure(mdd_db_t *db, const char *scope, int64_t now, int64_t *kept,
    int64_t *changed)
{
    mdd_st_t  *st;

    *kept = *changed = 0;
    st = mdd_query(db, MDD_SQL_STABLE, "si", scope, now - DAY_MS);

    if (mdd_step(st) == MDD_ROW) {
        *kept = mdd_int(st, 0);
        *changed = mdd_int(st, 1);
    }

    mdd_end(st);
}


/* once a minute, on the writer */

int
mdd_stable_tick(mdd_tx_t *tx)
{
    int                 n, i, wide;
    char                hex[33], err[256];
    int64_t             kept, changed;
    mdl_key_t           key;
    static measured_t   m[SCOPES];
    static int64_t      at;

    if (tx->now < at + 60000 && tx->now >= at) {
        return MDD_OK;
    }

    at = tx->now;
    n = scopes(tx->d, m);

    if (n == 0
        || mdl_key_load(&key, tx->d->conf->id_key, &wide, err, sizeof(err))
           != 0)
    {
        return MDD_OK;
    }

    for (i = 0; i < n; i++) {
        key_of(&key, m[i].print, hex);

        if (is_stable(tx->db, hex)) {
            continue;
        }

        measure(tx->db, m[i].scope, tx->now, &kept, &changed);

        if (kept < LEAST || changed * 100 > kept + changed) {
            continue;
        }

        if (mdd_verdict(tx, MDL_TABLE_ITEMS, hex, "", MDL_REVIEW_RELEASED, 0,
                        0) < 0
            || mdd_desk_event(tx, "stable", json_pack("{s:s, s:I, s:I}",
                   "scope", m[i].scope, "cards", (json_int_t) kept,
                   "changed", (json_int_t) changed), NULL) != MDD_OK)
        {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}


/* names of fields in which two versions of a card differ, into out */

static void
differing(mdd_web_t *w, int64_t card, char *out, size_t size)
{
    int          n = 0;
    size_t       len = 0;
    json_t      *of[2] = { NULL, NULL }, *line, *v, *other;
    mdd_st_t    *st;
    int64_t      log[2], leaf[2];
    const char  *name;

    out[0] = '\0';
    st = mdd_query(w->db, MDD_SQL_VERSIONS_FIRST, "i", card);

    while (n < 2 && mdd_step(st) == MDD_ROW) {
        log[n] = mdd_int(st, 0);
        leaf[n++] = mdd_int(st, 1);
    }

    mdd_end(st);

    for (int i = 0; n == 2 && i < 2; i++) {
        line = mdd_get_line(w, "", log[i], leaf[i]);
        of[i] = json_incref(json_object_get(json_object_get(line, "private"),
                                            "fields"));
        json_decref(line);
    }

    json_object_foreach(of[0], name, v) {
        other = json_object_get(of[1], name);

        if ((other == NULL || !json_equal(v, other)) && len < size) {
            len += (size_t) snprintf(out + len, size - len, "%s%s",
                                     len ? ", " : "", name);
        }
    }

    json_decref(of[0]);
    json_decref(of[1]);
}


/* [{scope, slot, kept, changed, fields}]: of scopes that are not stable yet */

json_t *
mdd_get_unstable(mdd_web_t *w)
{
    int          n, i, wide;
    char         hex[33], err[256], fields[256];
    json_t      *list = json_array();
    int64_t      kept, changed;
    mdl_key_t    key;
    measured_t  *m = calloc(SCOPES, sizeof(measured_t));

    n = m ? scopes(w->d, m) : 0;

    if (n && mdl_key_load(&key, w->d->conf->id_key, &wide, err, sizeof(err))
             != 0)
    {
        n = 0;
    }

    for (i = 0; i < n; i++) {
        key_of(&key, m[i].print, hex);

        if (is_stable(w->db, hex)) {
            continue;
        }

        measure(w->db, m[i].scope, w->now, &kept, &changed);
        differing(w, mdd_one(w->db, 0, MDD_SQL_STABLE_NOT, "si", m[i].scope,
                             w->now - DAY_MS), fields, sizeof(fields));
        json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:I, s:s}",
            "slot", m[i].slot, "scope", m[i].scope, "kept",
            (json_int_t) kept, "changed", (json_int_t) changed, "fields",
            fields));
    }

    free(m);

    return list;
}
