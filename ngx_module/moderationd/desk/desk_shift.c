/*
 * desk_shift.c - shifts: how long a card may wait in one, and what will be due
 * in the hours that come.
 *
 * The forecast adds up what waits and is due in an hour, the releases that end
 * in it, and what comes in that hour of the day on the mean of the last seven
 * days (or of as many as there are).  Hours of a shift are those of the first
 * site's clock.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/period/zone.h"

#include <string.h>

#define HOUR_MS  3600000ll
#define HOURS    8
#define WEEK     7


static const mdd_shift_t *
shift_at(const mdd_conf_t *conf, int64_t at)
{
    int                 minute;
    size_t              i;
    int64_t             local;
    const mdd_zone_t   *z = NULL;
    const mdd_shift_t  *s;

    if (conf->nsites && conf->sites[0].timezone) {
        z = mdd_zone(conf->sites[0].timezone);
    }

    z = z ? z : mdd_zone("UTC");
    local = at + (z ? mdd_zone_offset(z, at) : 0);
    minute = (int) (local % MDD_DAY_MS / 60000);

    for (i = 0; i < conf->nshifts; i++) {
        s = &conf->shifts[i];

        if (s->from <= s->to ? minute >= s->from && minute < s->to
                             : minute >= s->from || minute < s->to)
        {
            return s;
        }
    }

    return NULL;
}


int64_t
mdd_target(mdd_tx_t *tx, int64_t slot_ms)
{
    const mdd_shift_t  *s = shift_at(tx->d->conf, tx->now);

    return tx->now + (s && s->target_ms ? s->target_ms : slot_ms);
}


/* rows (hour, n); what is late already counts to the first hour */

static void
hours(mdd_st_t *st, int64_t to[HOURS])
{
    int64_t  h;

    while (mdd_step(st) == MDD_ROW) {
        h = mdd_int(st, 0);
        h = h < 0 ? 0 : h;

        if (h < HOURS) {
            to[h] += mdd_int(st, 1);
        }
    }

    mdd_end(st);
}


/* by hour of the day from now on, and over how many days */

static int64_t
came(mdd_web_t *w, int64_t to[HOURS])
{
    int64_t    h, from = w->now - WEEK * MDD_DAY_MS, since, days;
    mdd_st_t  *st;

    since = mdd_one(w->db, 0, MDD_SQL_FORECAST_SINCE, "i", from);
    days = since ? (w->now - since + MDD_DAY_MS - 1) / MDD_DAY_MS : 0;
    days = days > WEEK ? WEEK : days;
    from = w->now - days * MDD_DAY_MS;
    st = mdd_query(w->db, MDD_SQL_FORECAST_CAME, "ii", from, w->now);

    while (days && mdd_step(st) == MDD_ROW) {
        h = mdd_int(st, 0) % 24;

        if (h >= 0 && h < HOURS) {
            to[h] += mdd_int(st, 1);
        }
    }

    mdd_end(st);

    return days;
}


json_t *
mdd_get_forecast(mdd_web_t *w)
{
    int                 h;
    json_t             *list = json_array();
    int64_t             due[HOURS] = { 0 }, ends[HOURS] = { 0 };
    int64_t             mean[HOURS] = { 0 }, days, at;
    const mdd_shift_t  *s;

    hours(mdd_query(w->db, MDD_SQL_FORECAST_DUE, "ii", w->now,
                    w->now + HOURS * HOUR_MS), due);
    hours(mdd_query(w->db, MDD_SQL_FORECAST_ENDS, "ii", w->now,
                    w->now + HOURS * HOUR_MS), ends);
    days = came(w, mean);

    for (h = 0; h < HOURS; h++) {
        at = w->now + h * HOUR_MS;
        s = shift_at(w->d->conf, at);
        mean[h] = days ? (mean[h] + days / 2) / days : 0;

        json_array_append_new(list, json_pack("{s:I, s:I, s:s, s:I, s:I, s:I,"
            " s:I, s:I}", "from", (json_int_t) at, "to",
            (json_int_t) (at + HOUR_MS), "shift", s ? s->name : "",
            "target", (json_int_t) (s ? s->target_ms : 0),
            "waiting", (json_int_t) due[h], "ending", (json_int_t) ends[h],
            "expected", (json_int_t) mean[h], "total",
            (json_int_t) (due[h] + ends[h] + mean[h])));
    }

    return list;
}


void
mdd_api_forecast(mdd_web_t *w)
{
    mdd_json(w, 200, json_pack("{s:o}", "hours", mdd_get_forecast(w)));
}
