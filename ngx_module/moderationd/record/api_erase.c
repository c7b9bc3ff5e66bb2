/*
 * api_erase.c - erasure of an account or item, by an admin and a second person.
 *
 * Private parts of the record go (private.c), and so do the texts that the
 * desk keeps beside it: notes, targets of orders, reports and who sent them,
 * replies, arguments of signatures.  Leaves, hashes and counts stay.  All of it
 * stands in leaves as what was done (did.h): a store that comes back from an
 * older backup does it again.
 */

#include "moderationd/web/api.h"
#include "moderationd/desk/desk.h"
#include "moderationd/log/did.h"
#include "moderationd/web/page.h"
#include "moderationd/log/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* hashes and ids of decisions by which something is known, in order */

typedef struct {
    char    (*names)[36];
    size_t    n, cap;
} names_t;


static int
by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}


static int
add_name(names_t *t, const char *name)
{
    void  *p;

    if (*name == '\0' || strlen(name) >= sizeof(t->names[0])) {
        return MDD_OK;
    }

    if (t->n == t->cap) {
        t->cap = t->cap ? t->cap * 2 : 256;
        p = realloc(t->names, t->cap * sizeof(t->names[0]));

        if (p == NULL) {
            return MDD_FAILED;
        }

        t->names = p;
    }

    strcpy(t->names[t->n++], name);

    return MDD_OK;
}


/* its own hash, those of its items, and what was decided about them */

static int
known_by(mdd_tx_t *tx, const char *hash, names_t *t)
{
    int        rc = add_name(t, hash);
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_ERASE_NAMES, "s", hash);

    while (rc == MDD_OK && mdd_step(st) == MDD_ROW) {
        rc = add_name(t, mdd_text(st, 0));
        rc = rc == MDD_OK ? add_name(t, mdd_text(st, 1)) : rc;
    }

    if (mdd_end(st) != MDD_OK || rc != MDD_OK) {
        return MDD_FAILED;
    }

    qsort(t->names, t->n, sizeof(t->names[0]), by_name);

    return MDD_OK;
}


/* does a text name one of them?  Words of letters and digits are looked up */

static int
names_it(const names_t *t, const char *text)
{
    char    word[36];
    size_t  n;

    static const char  letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";

    while (*text) {
        n = strspn(text, letters);

        if ((n == 32 || n == 20)
            && snprintf(word, sizeof(word), "%.*s", (int) n, text)
            && bsearch(word, t->names, t->n, sizeof(word), by_name))
        {
            return 1;
        }

        text += n + (text[n] != '\0');
    }

    return 0;
}


/* private halves of what people did about it; a legal hold keeps them */

static int
erase_events(mdd_tx_t *tx, const names_t *t, int dry_run, int64_t *gone)
{
    int        i, n, found = 1, rc = MDD_OK;
    int64_t    log = -1, leaf = -1, at[1000][2];
    mdd_st_t  *st;

    while (found && rc == MDD_OK) {
        n = found = 0;
        st = mdd_query(tx->db, MDD_SQL_ERASE_LOOK, "ii", log, leaf);

        while (mdd_step(st) == MDD_ROW) {
            found = 1;
            log = mdd_int(st, 0);
            leaf = mdd_int(st, 1);

            /* that it was asked for, and by whom, stays */

            if (n < 1000 && strstr(mdd_text(st, 2), "\"what\":\"erase\"")
                            == NULL
                && (names_it(t, mdd_text(st, 2))
                    || names_it(t, mdd_text(st, 3))))
            {
                at[n][0] = log;
                at[n++][1] = leaf;
            }
        }

        rc = mdd_end(st);
        *gone += n;

        for (i = 0; i < n && !dry_run && rc == MDD_OK; i++) {
            rc = mdd_put(tx, MDD_SQL_ERASE_LEAF, "iii", at[i][0], at[i][1],
                         tx->now) < 0
                 || (mdd_did_much() && mdd_did_end(tx) != MDD_OK)
                 ? MDD_FAILED : MDD_OK;
        }
    }

    return rc;
}


/* what two agreed to, or were to: it is not done any more; the erasure that
 * runs stays as it is until it is signed */

static int
erase_signatures(mdd_tx_t *tx, const names_t *t)
{
    int        i, n = 0, open[256];
    int64_t    id[256];
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_ERASE_SIGNED, "");

    while (n < 256 && mdd_step(st) == MDD_ROW) {
        open[n] = strcmp(mdd_text(st, 3), "open") == 0;

        if (names_it(t, mdd_text(st, 2))
            && !(open[n] && strcmp(mdd_text(st, 1), "erase") == 0))
        {
            id[n++] = mdd_int(st, 0);
        }
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    for (i = 0; i < n; i++) {
        if ((open[i] && mdd_put(tx, MDD_SQL_SIGNATURE_STATE, "sPii",
                                "lapsed", "", tx->now, id[i]) != 1)
            || mdd_put(tx, MDD_SQL_ERASE_SIGNATURE, "i", id[i]) != 1)
        {
            return MDD_FAILED;
        }
    }

    return n == 256 ? erase_signatures(tx, t) : MDD_OK;
}


static int
erase_desk(mdd_tx_t *tx, const char *what, const char *hash, int dry_run,
    mdd_erased_t *out)
{
    int        rc;
    size_t     i;
    int64_t    n = 0;
    names_t    t = { 0 };
    mdd_sql_t  all[] = {
        MDD_SQL_ERASE_NOTES, MDD_SQL_ERASE_ORDERS, MDD_SQL_ERASE_REPORTS,
        MDD_SQL_ERASE_CASES, MDD_SQL_ERASE_ACCOUNT_WHY,
        MDD_SQL_ERASE_ACCOUNT_WAS, MDD_SQL_ERASE_GOLD, MDD_SQL_ERASE_NOTICES,
        MDD_SQL_NEAR_DROP
    };

    (void) what;
    rc = known_by(tx, hash, &t);
    rc = rc == MDD_OK ? erase_events(tx, &t, dry_run, &n) : rc;
    rc = rc == MDD_OK && !dry_run ? erase_signatures(tx, &t) : rc;
    free(t.names);
    out->leaves += n;
    out->gone += n;

    for (i = 0; i < sizeof(all) / sizeof(all[0]) && !dry_run && rc == MDD_OK;
         i++)
    {
        rc = mdd_put(tx, all[i], "s", hash) < 0 ? MDD_FAILED : MDD_OK;
    }

    return rc;
}


void
mdd_erase_init(void)
{
    mdd_erase_hook(erase_desk);
}


static json_t *
erased(const mdd_erased_t *e, int dry_run)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:b}", "leaves",
                     (json_int_t) e->leaves, "gone", (json_int_t) e->gone,
                     "held", (json_int_t) e->held, "held_until",
                     (json_int_t) e->held_until, "complete_at",
                     (json_int_t) e->complete_at, "dry_run", dry_run);
}


int
mdd_run_erase(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out)
{
    int           rc, dry = json_is_true(json_object_get(args, "dry_run"));
    char          alias[17];
    mdd_erased_t  e;

    if (mdd_alias(tx, who->name, alias) != MDD_OK) {
        return MDD_FAILED;
    }

    rc = mdd_erase(tx, mdd_str(args, "what"), mdd_str(args, "id"), alias,
                   mdd_str(args, "ref"), dry, &e);
    json_decref(*out);
    *out = rc == MDD_OK ? erased(&e, dry) : NULL;

    return rc;
}


typedef struct {
    mdd_web_t  *w;
    json_t     *args, *out;
} erase_t;


static int
run(mdd_tx_t *tx, void *data)
{
    erase_t  *e = data;

    return mdd_run_erase(tx, &e->w->who, e->args, &e->out);
}


/* {what: account | item, id, reason, dry_run}; id as pages say it, or its
 * hash */

void
mdd_api_erase(mdd_web_t *w)
{
    int          wide, dry;
    char         err[256], hex[33];
    erase_t      e = { 0 };
    uint8_t      raw[MDL_HASH];
    mdl_key_t    key;
    const char  *what = mdd_arg(w, "what"), *id = mdd_arg(w, "id");
    mdl_str_t    s = { id, strlen(id) };

    dry = json_is_true(json_object_get(w->args, "dry_run"));

    if ((strcmp(what, "account") != 0 && strcmp(what, "item") != 0)
        || s.len == 0 || s.len > 512)
    {
        mdd_error(w, 400, "bad_value", "account or item, and its id",
                  s.len ? "what" : "id");
        return;
    }

    if (s.len == 32 && strspn(id, "0123456789abcdef") == 32) {
        strcpy(hex, id);

    } else if (mdl_key_load(&key, w->d->conf->id_key, &wide, err, sizeof(err))
               != 0)
    {
        mdd_error(w, 503, "key", "the id key cannot be read", NULL);
        return;

    } else {
        mdl_hash(&key, what, s, raw);
        mdd_hex(hex, raw, sizeof(raw));
    }

    if (mdd_scope_refused(w, mdd_scope_target(w->d, w->db, &w->who, what, hex),
                          "id"))
    {
        return;
    }

    e.w = w;
    e.args = json_pack("{s:s, s:s, s:s, s:b}", "what", what, "id", hex,
                       "ref", mdd_arg(w, "ref"), "dry_run", dry);

    if (!dry) {
        mdd_ask_second(w, "erase", e.args);

    } else if (mdd_change(w->d, run, &e) != MDD_OK) {
        json_decref(e.out);
        mdd_error(w, 503, "store", "", NULL);

    } else {
        mdd_json(w, 200, e.out);
    }

    json_decref(e.args);
}
