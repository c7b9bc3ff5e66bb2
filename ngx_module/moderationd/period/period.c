/* period.c - see period.h: which days, of which site, up to which leaf */

#include "period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static const mdd_site_t *
site_named(const mdd_conf_t *c, const char *name)
{
    size_t  i;

    for (i = 0; i < c->nsites; i++) {
        if (strcmp(c->sites[i].name, name) == 0) {
            return &c->sites[i];
        }
    }

    return NULL;
}


static const mdd_campaign_t *
campaign_named(const mdd_conf_t *c, const char *name)
{
    size_t  i;

    for (i = 0; i < c->ncampaigns; i++) {
        if (strcmp(c->campaigns[i].name, name) == 0) {
            return &c->campaigns[i];
        }
    }

    return NULL;
}


static const mdd_zone_t *
zone_of(const mdd_conf_t *c, const mdd_site_t *site)
{
    const mdd_zone_t  *z = NULL;

    if (site == NULL && c->nsites) {
        site = &c->sites[0];
    }

    if (site && site->timezone) {
        z = mdd_zone(site->timezone);
    }

    return z ? z : mdd_zone("UTC");
}


static void
set_days(mdd_period_t *p, int64_t day, int64_t days)
{
    p->day = day;
    p->days = days;
    p->from = mdd_zone_begin(p->zone, day);
    p->to = mdd_zone_begin(p->zone, day + days);
}


/* the record as it is committed, or a size of the log of the year (2026:1234,
 * or 1234 of the last one) */

static int
set_size(mdd_web_t *w, mdd_period_t *p)
{
    char        *end;
    const char  *s = mdd_arg(w, mdd_arg(w, "cut")[0] ? "cut" : "size");
    const char  *colon = strchr(s, ':');
    int64_t      size = INT64_MAX;
    mdd_st_t    *st;

    if (*s) {
        size = strtoll(colon ? colon + 1 : s, &end, 10);

        if (*end || size < 0 || end == (colon ? colon + 1 : s)) {
            return -1;
        }
    }

    p->log = -1;
    st = mdd_query(w->db, MDD_SQL_LOG_ALL, "");

    while (mdd_step(st) == MDD_ROW) {
        if (colon == NULL
            || (strlen(mdd_text(st, 1)) == (size_t) (colon - s)
                && memcmp(mdd_text(st, 1), s, (size_t) (colon - s)) == 0))
        {
            p->log = mdd_int(st, 0);
            p->size = size < mdd_int(st, 3) ? size : mdd_int(st, 3);

            if (size != INT64_MAX && size > mdd_int(st, 3)) {
                p->log = -1;            /* it is not so large yet */
            }
        }
    }

    mdd_end(st);

    return p->log < 0 ? -1 : 0;
}


/* a day, or a time (ms, or 2026-11-28T10:00 by the site's clock); *whole: a
 * day */

static int64_t
when(const mdd_period_t *p, const char *s, int *whole)
{
    char       *end, day[11];
    int         h, m, n = 0;
    int64_t     v;

    *whole = 1;
    v = mdd_day_read(s);

    if (v >= 0) {
        return v;
    }

    *whole = 0;
    v = strtoll(s, &end, 10);

    if (*s && *end == '\0') {
        return v;
    }

    if (strlen(s) < 16 || s[10] != 'T'
        || sscanf(s + 11, "%2d:%2d%n", &h, &m, &n) != 2 || s[11 + n] != '\0'
        || h < 0 || h > 23 || m < 0 || m > 59)
    {
        return -1;
    }

    memcpy(day, s, 10);
    day[10] = '\0';
    v = mdd_day_read(day);

    return v < 0 ? -1
           : mdd_zone_begin(p->zone, v) + (h * 60 + m) * 60000ll;
}


static const char *
from_to(mdd_web_t *w, mdd_period_t *p)
{
    int          whole, whole_to;
    int64_t      from, to, today;
    const char  *week = mdd_arg(w, "week"), *s;

    today = mdd_zone_day(p->zone, w->now);

    if (*week) {
        from = mdd_week_read(week);

        if (from < 0) {
            return "week";
        }

        set_days(p, from, 7);
        return NULL;
    }

    s = mdd_arg(w, "from");
    from = *s ? when(p, s, &whole)
           : p->campaign ? p->campaign->first
           : mdd_day_monday(today) - 7;
    whole = *s ? whole : 1;

    if (from < 0) {
        return "from";
    }

    s = mdd_arg(w, "to");
    s = *s ? s : mdd_arg(w, "until");
    to = *s ? when(p, s, &whole_to)
         : !p->campaign ? (whole ? from + 6 : w->now)
         : p->campaign->last >= 0 && p->campaign->last < today
           ? p->campaign->last : today;
    whole_to = *s ? whole_to : whole || p->campaign;

    if (to < 0) {
        return "to";
    }

    if (whole && whole_to) {            /* the last day is in it */
        if (to < from || to - from > 3660) {
            return "to";
        }

        set_days(p, from, to - from + 1);
        return NULL;
    }

    p->from = whole ? mdd_zone_begin(p->zone, from) : from;
    p->to = whole_to ? mdd_zone_begin(p->zone, to + 1) : to;
    p->day = mdd_zone_day(p->zone, p->from);
    to = mdd_zone_day(p->zone, p->to);

    if (p->to > p->from && mdd_zone_begin(p->zone, p->day) == p->from
        && mdd_zone_begin(p->zone, to) == p->to && to - p->day <= 3660)
    {
        set_days(p, p->day, to - p->day);
    }

    return p->to > p->from ? NULL : "to";
}


const char *
mdd_period_args(mdd_web_t *w, mdd_period_t *p)
{
    const char  *site = mdd_arg(w, "site"), *name = mdd_arg(w, "campaign");

    memset(p, 0, sizeof(mdd_period_t));
    p->site = *site ? site_named(w->d->conf, site) : NULL;

    if (*site && p->site == NULL) {
        return "site";
    }

    p->campaign = *name ? campaign_named(w->d->conf, name) : NULL;

    if (*name && p->campaign == NULL) {
        return "campaign";
    }

    p->zone = zone_of(w->d->conf, p->site);

    return set_size(w, p) != 0 ? "size" : from_to(w, p);
}


int
mdd_period_latest(mdd_web_t *w, mdd_period_t *p)
{
    mdd_web_t  plain = *w;

    plain.args = NULL;

    return set_size(&plain, p);
}


void
mdd_period_before(const mdd_period_t *p, int n, mdd_period_t *out)
{
    *out = *p;

    if (p->days) {
        set_days(out, p->day - n * p->days, p->days);

    } else {
        out->from = p->from - n * (p->to - p->from);
        out->to = out->from + (p->to - p->from);
        out->day = mdd_zone_day(p->zone, out->from);
    }
}


void
mdd_period_week(const mdd_t *d, const mdd_site_t *site, int64_t now,
    mdd_period_t *p)
{
    memset(p, 0, sizeof(mdd_period_t));
    p->site = site;
    p->zone = zone_of(d->conf, site);
    set_days(p, mdd_day_monday(mdd_zone_day(p->zone, now)) - 7, 7);
}


int
mdd_period_has(const mdd_period_t *p, int64_t log, int64_t leaf)
{
    return log < p->log || (log == p->log && leaf < p->size);
}


int
mdd_period_host(const mdd_period_t *p, const char *host)
{
    size_t  i;

    if (p->site == NULL) {
        return 1;
    }

    for (i = 0; i < p->site->nhosts; i++) {
        if (strcmp(p->site->hosts[i], host) == 0) {
            return 1;
        }
    }

    return 0;
}


int
mdd_category(const mdd_book_t *book, const char *label)
{
    size_t  i;

    for (i = 0; book && i < book->ncategories; i++) {
        if (strcmp(book->categories[i].label, label) == 0) {
            return book->categories[i].category;
        }
    }

    return MDD_CATEGORIES - 1;
}
