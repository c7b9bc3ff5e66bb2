/*
 * api_switch.c - switches: a slot that is open, in shadow or enforced for a time,
 * live within a second (desk_table.c tells workers).
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/log/did.h"
#include "moderationd/web/page.h"

#include <stdlib.h>
#include <string.h>


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
        || mdd_put(tx, MDD_SQL_SWITCH_PUT, "sssiPSi", s->site, s->slot,
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
    size_t        i;
    switch_t      s = { 0 };
    const char   *field = NULL;
    mdd_person_t  who = w->who;

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

    who.nqueues = 0;                    /* a slot is no queue */

    if (!mdd_may_see(&who, s.site, NULL, NULL)) {
        mdd_error(w, 403, "forbidden", T(w, "请写明您负责的站点",
                  "name a site of yours"), "site");
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
