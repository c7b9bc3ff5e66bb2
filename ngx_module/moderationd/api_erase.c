/*
 * api_erase.c - erasure of an account or item, by an admin and a second person.
 *
 * Private parts of the record go (private.c), and so do the texts that the
 * desk keeps beside it: notes, targets of orders, reports and who sent them,
 * replies, arguments of signatures.  Leaves, hashes and counts stay.
 */

#include "api.h"
#include "desk.h"
#include "page.h"
#include "private.h"

#include <string.h>


static int
erase_desk(mdd_tx_t *tx, const char *what, const char *hash, int dry_run,
    mdd_erased_t *out)
{
    int64_t     n;
    size_t      i;
    char        like[48];
    mdd_sql_t   all[] = {
        MDD_SQL_ERASE_EVENTS, MDD_SQL_ERASE_NOTES, MDD_SQL_ERASE_ORDERS,
        MDD_SQL_ERASE_REPORTS, MDD_SQL_ERASE_CASES, MDD_SQL_ERASE_ACCOUNT_WHY,
        MDD_SQL_ERASE_SIGNATURES
    };

    (void) what;
    snprintf(like, sizeof(like), "%%%s%%", hash);
    n = mdd_one(tx->db, 0, MDD_SQL_ERASE_EVENTS_COUNT, "s", like);
    out->leaves += n;
    out->gone += n;

    for (i = 0; i < sizeof(all) / sizeof(all[0]) && !dry_run; i++) {
        if (mdd_run(tx->db, all[i], "s", i == 0 || i == 6 ? like : hash) < 0) {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
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
