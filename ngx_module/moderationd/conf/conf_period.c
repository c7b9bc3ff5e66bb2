/*
 * conf_period.c - campaigns and the weekly report in moderationd.yaml.
 *
 *     campaigns:
 *       spring: {from: 2026-05-01, until: 2026-08-31, labels: [gambling],
 *                title: {zh: 专项, en: Spring}}
 *     reports: {dir: reports, at: "06:00"}
 */

#include "moderationd/moderationd.h"
#include "moderationd/period/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const  campaign_keys[] = {
    "from", "until", "labels", "title"
};

static const char *const  report_keys[] = { "dir", "at" };


static const char *
word(const mdd_yaml_t *map, const char *key)
{
    const mdd_yaml_t  *y;

    y = map != NULL && map->kind == MDD_Y_MAP ? mdd_yaml_get(map, key) : NULL;

    return y != NULL && y->kind == MDD_Y_SCALAR ? y->text : NULL;
}


static int64_t
day(mdd_msgs_t *m, const mdd_yaml_t *e, const char *key, int64_t none)
{
    int64_t      d;
    const char  *s = word(e, key);

    d = s != NULL ? mdd_day_read(s) : -1;

    if (d < 0 && (s != NULL || none != -1)) {
        mdd_yaml_error(m, e, "%s: a day like 2026-05-01 is wanted here", key);
    }

    return d;
}


static void
campaign(mdd_msgs_t *m, mdd_campaign_t *c, const mdd_yaml_t *e)
{
    const char        *zh, *en;
    const mdd_yaml_t  *y, *v;

    mdd_yaml_keys(m, e, "a campaign", campaign_keys, 4);
    c->name = strdup(e->key);
    c->first = day(m, e, "from", 0);
    c->last = day(m, e, "until", -1);

    y = e->kind == MDD_Y_MAP ? mdd_yaml_get(e, "title") : NULL;
    zh = y != NULL && y->kind == MDD_Y_SCALAR ? y->text : word(y, "zh");
    en = y != NULL && y->kind == MDD_Y_SCALAR ? y->text : word(y, "en");
    c->title_zh = strdup(zh ? zh : en ? en : e->key);
    c->title_en = strdup(en ? en : zh ? zh : e->key);

    y = e->kind == MDD_Y_MAP ? mdd_yaml_get(e, "labels") : NULL;
    c->labels = calloc((y != NULL ? y->n : 0) + 1, sizeof(char *));

    for (v = y != NULL && c->labels != NULL ? y->first : NULL; v; v = v->next)
    {
        if (v->kind == MDD_Y_SCALAR) {
            c->labels[c->nlabels++] = strdup(v->text);
        }
    }
}


static void
reports(mdd_msgs_t *m, mdd_conf_t *c, const mdd_yaml_t *y)
{
    int          h, min, end = 0;
    const char  *dir = word(y, "dir"), *at = word(y, "at");

    mdd_yaml_keys(m, y, "reports", report_keys, 2);
    dir = dir != NULL ? dir : "reports";

    if (asprintf(&c->reports, "%s%s%s", dir[0] == '/' ? "" : c->dir,
                 dir[0] == '/' ? "" : "/", dir) < 0)
    {
        c->reports = NULL;
    }

    c->reports_at = 360;

    if (at != NULL) {
        if (sscanf(at, "%2d:%2d%n", &h, &min, &end) != 2 || at[end] != '\0'
            || h < 0 || h > 23 || min < 0 || min > 59)
        {
            mdd_yaml_error(m, y, "reports: \"at\" is a time of the Monday, "
                           "like \"06:00\"");
            return;
        }

        c->reports_at = h * 60 + min;
    }
}


void
mdd_conf_periods(mdd_msgs_t *m, mdd_conf_t *c)
{
    size_t             i;
    const mdd_yaml_t  *y, *e;

    for (i = 0; i < c->nsites; i++) {
        if (c->sites[i].timezone != NULL
            && mdd_zone(c->sites[i].timezone) == NULL)
        {
            mdd_yaml_error(m, mdd_yaml_get(c->yaml, "sites"), "site %s: the "
                           "system has no time zone \"%.64s\" (package "
                           "tzdata)", c->sites[i].name, c->sites[i].timezone);
        }
    }

    y = mdd_yaml_get(c->yaml, "campaigns");

    if (y != NULL && y->kind != MDD_Y_MAP) {
        mdd_yaml_error(m, y, "campaigns: keys and values are wanted here");

    } else if (y != NULL) {
        c->campaigns = calloc(y->n + 1, sizeof(mdd_campaign_t));

        for (e = y->first; c->campaigns != NULL && e != NULL; e = e->next) {
            campaign(m, &c->campaigns[c->ncampaigns++], e);
        }
    }

    y = mdd_yaml_get(c->yaml, "reports");

    if (y != NULL) {
        reports(m, c, y);
    }
}


void
mdd_conf_periods_free(mdd_conf_t *c)
{
    size_t           i, k;
    mdd_campaign_t  *p;

    for (i = 0; i < c->ncampaigns; i++) {
        p = &c->campaigns[i];

        for (k = 0; k < p->nlabels; k++) {
            free(p->labels[k]);
        }

        free(p->labels);
        free(p->name);
        free(p->title_zh);
        free(p->title_en);
    }

    free(c->campaigns);
    free(c->reports);
}
