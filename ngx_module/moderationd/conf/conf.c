/*
 * conf.c - moderationd.yaml: every key checked, with its place and the nearest
 * known word; paths are relative to the file.
 */

#include "moderationd/moderationd.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


static const char *const keys[] = {
    "node", "store", "spool", "ledger", "verdicts", "socket", "secret",
    "id_key", "sign_key", "last_signed", "roles", "sites", "shifts", "origins",
    "origin", "workers", "threads", "spool_keep", "checkpoint", "retention",
    "campaigns", "reports", "alarms", "webhooks", "appeals", "clocks"
};

static const char *const site_keys[] = {
    "hosts", "policy", "timezone", "language", "images", "preview_css"
};

static const char *const shift_keys[] = { "at", "target" };
static const char *const retention_keys[] = { "private" };
static const char *const appeal_keys[] = { "live" };

#define N(a)  (sizeof(a) / sizeof((a)[0]))


/* the text of an entry, fallback where it is absent; NULL: an error */

static char *
text(mdd_msgs_t *m, const mdd_yaml_t *map, const char *key,
    const char *fallback)
{
    mdd_yaml_t  *y;

    y = mdd_yaml_get(map, key);
    if (y == NULL) {
        return fallback != NULL ? strdup(fallback) : NULL;
    }

    if (y->kind != MDD_Y_SCALAR || y->text[0] == '\0') {
        mdd_yaml_error(m, y, "%s: a text is wanted here", key);
        return NULL;
    }

    return strdup(y->text);
}


static char *
path(mdd_msgs_t *m, const mdd_conf_t *c, const char *key,
    const char *fallback)
{
    int    n;
    char  *s, *full;

    s = text(m, c->yaml, key, fallback);
    if (s == NULL || s[0] == '/') {
        return s;
    }

    n = asprintf(&full, "%s/%s", c->dir, s);
    free(s);

    return n < 0 ? NULL : full;
}


static int64_t
time_of(mdd_msgs_t *m, const mdd_yaml_t *map, const char *key,
    int64_t fallback, int64_t min, int64_t max)
{
    int64_t      v;
    mdd_yaml_t  *y;

    y = mdd_yaml_get(map, key);
    if (y == NULL) {
        return fallback;
    }

    v = y->kind == MDD_Y_SCALAR ? mdd_yaml_ms(y->text) : -1;
    if (v < min || v > max) {
        mdd_yaml_error(m, y, "%s: a time like 30s, 10m, 24h or 240d is wanted "
                       "here, from %llds to %lldd", key,
                       (long long) min / 1000, (long long) max / 86400000);
        return fallback;
    }

    return v;
}


static char **
texts(mdd_msgs_t *m, const mdd_yaml_t *y, const char *what, size_t *n)
{
    char        **list;
    mdd_yaml_t   *e;

    *n = 0;
    if (y == NULL) {
        return NULL;
    }

    if (y->kind != MDD_Y_LIST) {
        mdd_yaml_error(m, y, "%s: a list is wanted here", what);
        return NULL;
    }

    list = calloc(y->n + 1, sizeof(char *));
    for (e = y->first; list != NULL && e != NULL; e = e->next) {
        if (e->kind != MDD_Y_SCALAR || e->text[0] == '\0') {
            mdd_yaml_error(m, e, "%s: texts are wanted here", what);
            continue;
        }
        list[(*n)++] = strdup(e->text);
    }

    return list;
}


/* a name as it may stand in leaves and URLs */

static int
plain(const char *s)
{
    size_t  n;

    n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
               "0123456789._-");

    return n > 0 && n <= 64 && s[n] == '\0';
}


static void
sites(mdd_msgs_t *m, mdd_conf_t *c)
{
    size_t       i, j;
    mdd_yaml_t  *y, *e, *l;
    mdd_site_t  *s;

    y = mdd_yaml_get(c->yaml, "sites");
    if (y == NULL) {
        return;
    }

    if (y->kind != MDD_Y_MAP) {
        mdd_yaml_error(m, y, "sites: keys and values are wanted here");
        return;
    }

    c->sites = calloc(y->n + 1, sizeof(mdd_site_t));
    for (e = y->first; c->sites != NULL && e != NULL; e = e->next) {
        if (!plain(e->key)) {
            mdd_yaml_error(m, e, "\"%.64s\" is no name of a site: letters, "
                           "digits, \".\", \"_\", \"-\"", e->key);
            continue;
        }

        mdd_yaml_keys(m, e, "a site", site_keys, N(site_keys));
        if (e->kind != MDD_Y_MAP) {
            continue;
        }

        s = &c->sites[c->nsites++];
        s->name = strdup(e->key);
        s->hosts = texts(m, mdd_yaml_get(e, "hosts"), "hosts", &s->nhosts);
        s->policy = text(m, e, "policy", NULL);
        s->timezone = text(m, e, "timezone", "UTC");
        s->language = text(m, e, "language", "zh");

        l = mdd_yaml_get(e, "language");
        if (l != NULL && s->language != NULL
            && strcmp(s->language, "zh") != 0
            && strcmp(s->language, "en") != 0)
        {
            mdd_yaml_error(m, l, "unknown language \"%.16s\": zh or en",
                           s->language);
        }

        if (s->nhosts == 0) {
            mdd_yaml_error(m, e, "site %s: hosts are missing", e->key);
        }
    }

    for (i = 0; i + 1 < c->nsites; i++) {
        for (j = i + 1; j < c->nsites; j++) {
            if (c->sites[i].nhosts != 0 && c->sites[j].nhosts != 0
                && strcmp(c->sites[i].hosts[0], c->sites[j].hosts[0]) == 0)
            {
                mdd_yaml_error(m, y, "host %s belongs to two sites",
                               c->sites[i].hosts[0]);
            }
        }
    }
}


static void
shifts(mdd_msgs_t *m, mdd_conf_t *c)
{
    int           h1, m1, h2, m2, end;
    mdd_yaml_t   *y, *e, *at;
    mdd_shift_t  *s;

    y = mdd_yaml_get(c->yaml, "shifts");
    if (y == NULL) {
        return;
    }

    if (y->kind != MDD_Y_MAP) {
        mdd_yaml_error(m, y, "shifts: keys and values are wanted here");
        return;
    }

    c->shifts = calloc(y->n + 1, sizeof(mdd_shift_t));
    for (e = y->first; c->shifts != NULL && e != NULL; e = e->next) {
        mdd_yaml_keys(m, e, "a shift", shift_keys, N(shift_keys));
        at = mdd_yaml_get(e, "at");
        end = 0;

        if (at == NULL || at->kind != MDD_Y_SCALAR
            || sscanf(at->text, "%2d:%2d-%2d:%2d%n", &h1, &m1, &h2, &m2, &end)
               != 4 || at->text[end] != '\0' || h1 < 0 || h1 > 24 || h2 < 0
            || h2 > 24 || m1 < 0 || m1 > 59 || m2 < 0 || m2 > 59)
        {
            mdd_yaml_error(m, at != NULL ? at : e, "shift %s: \"at\" is like "
                           "\"00:00-08:00\"", e->key);
            continue;
        }

        s = &c->shifts[c->nshifts++];
        s->name = strdup(e->key);
        s->from = h1 * 60 + m1;
        s->to = h2 * 60 + m2;
        s->target_ms = time_of(m, e, "target", 0, 1000, 86400000);
    }
}


/* until when reports are answered: {default: 3d, LABEL: 12h} */

static void
clocks(mdd_msgs_t *m, mdd_conf_t *c)
{
    int64_t      ms;
    mdd_yaml_t  *y, *e;

    c->report_ms = 3 * 86400000ll;
    y = mdd_yaml_get(c->yaml, "clocks");

    if (y == NULL) {
        return;
    }

    if (y->kind != MDD_Y_MAP) {
        mdd_yaml_error(m, y, "clocks: keys and values are wanted here");
        return;
    }

    c->clocks = calloc(y->n + 1, sizeof(mdd_clock_t));

    for (e = y->first; c->clocks != NULL && e != NULL; e = e->next) {
        ms = time_of(m, y, e->key, 0, 60000, 90 * 86400000ll);

        if (strcmp(e->key, "default") == 0) {
            c->report_ms = ms;
            continue;
        }

        c->clocks[c->nclocks].label = strdup(e->key);
        c->clocks[c->nclocks++].ms = ms;
    }
}


static char *
folder_of(const char *file)
{
    char  *full, *slash;

    full = realpath(file, NULL);
    if (full == NULL) {
        return NULL;
    }

    slash = strrchr(full, '/');
    slash[slash == full] = '\0';

    return full;
}


mdd_conf_t *
mdd_conf_read(const char *file, mdd_msgs_t *m)
{
    char            *w;
    mdd_conf_t      *c;
    mdd_yaml_t      *y, *r;
    struct passwd   *pw;

    c = calloc(1, sizeof(mdd_conf_t));
    if (c == NULL) {
        return NULL;
    }

    c->yaml = mdd_yaml_read(file, m);
    if (c->yaml == NULL) {
        mdd_conf_free(c);
        return NULL;
    }

    c->file = strdup(file);
    c->dir = folder_of(file);
    mdd_yaml_keys(m, c->yaml, "the configuration", keys, N(keys));

    c->node = text(m, c->yaml, "node", NULL);
    y = mdd_yaml_get(c->yaml, "node");
    if (y == NULL) {
        mdd_yaml_error(m, c->yaml, "node is missing: the name of this machine "
                       "in the record");
    } else if (c->node != NULL && !plain(c->node)) {
        mdd_yaml_error(m, y, "node: letters, digits, \".\", \"_\", \"-\", up "
                       "to 64");
    }

    c->store = path(m, c, "store", "store.db");
    c->spool = path(m, c, "spool", "spool");
    c->ledger = path(m, c, "ledger", "ledger");
    c->verdicts = path(m, c, "verdicts", "verdicts");
    c->socket = path(m, c, "socket", "scgi.sock");
    c->secret = path(m, c, "secret", "scgi_secret.conf");
    c->id_key = path(m, c, "id_key", "id.key");
    c->sign_key = path(m, c, "sign_key", "sign.key");
    c->last_signed = path(m, c, "last_signed", "last-signed");
    c->roles = path(m, c, "roles", "roles.yaml");
    c->workers = text(m, c->yaml, "workers", NULL);
    c->origin = text(m, c->yaml, "origin", NULL);

    y = mdd_yaml_get(c->yaml, "origin");
    if (c->origin == NULL && c->node != NULL
        && asprintf(&c->origin, "%s/moderation/ledger", c->node) < 0)
    {
        c->origin = NULL;
    }
    if (y != NULL && c->origin != NULL
        && (strpbrk(c->origin, " +\t\r\n") != NULL
            || strlen(c->origin) > 200))
    {
        mdd_yaml_error(m, y, "origin: no spaces and no \"+\", up to 200 "
                       "characters");
    }

    c->workers_uid = -1;
    if (c->workers != NULL) {
        pw = getpwnam(c->workers);
        if (pw == NULL) {
            mdd_yaml_error(m, mdd_yaml_get(c->yaml, "workers"),
                           "no user \"%.64s\"", c->workers);
        } else {
            c->workers_uid = (int64_t) pw->pw_uid;
        }
    }

    c->threads = 4;
    w = text(m, c->yaml, "threads", "4");
    if (w != NULL) {
        c->threads = atoi(w);
        if (c->threads < 1 || c->threads > 64) {
            mdd_yaml_error(m, mdd_yaml_get(c->yaml, "threads"),
                           "threads: 1 to 64");
        }
        free(w);
    }

    c->spool_keep_ms = time_of(m, c->yaml, "spool_keep", 86400000, 0,
                               30 * 86400000ll);
    c->checkpoint_ms = time_of(m, c->yaml, "checkpoint", 10000, 1000, 600000);

    c->keep_private_ms = 240 * 86400000ll;
    r = mdd_yaml_get(c->yaml, "retention");
    if (r != NULL) {
        mdd_yaml_keys(m, r, "retention", retention_keys, N(retention_keys));
        c->keep_private_ms = time_of(m, r, "private", c->keep_private_ms,
                                     86400000, 36500 * 86400000ll);
    }

    c->live_ms = 1800000;
    r = mdd_yaml_get(c->yaml, "appeals");
    if (r != NULL) {
        mdd_yaml_keys(m, r, "appeals", appeal_keys, N(appeal_keys));
        c->live_ms = time_of(m, r, "live", c->live_ms, 60000, 86400000);
    }

    clocks(m, c);
    c->origins = texts(m, mdd_yaml_get(c->yaml, "origins"), "origins",
                       &c->norigins);
    sites(m, c);
    shifts(m, c);
    mdd_conf_periods(m, c);
    mdd_conf_images(m, c);
    mdd_conf_alarms(m, c);

    if (m->errors) {
        mdd_conf_free(c);
        return NULL;
    }

    return c;
}


void
mdd_conf_free(mdd_conf_t *c)
{
    size_t   i, j;

    if (c == NULL) {
        return;
    }

    for (i = 0; i < c->nsites; i++) {
        for (j = 0; j < c->sites[i].nhosts; j++) {
            free(c->sites[i].hosts[j]);
        }
        free(c->sites[i].hosts);
        free(c->sites[i].name);
        free(c->sites[i].policy);
        free(c->sites[i].preview_css);
        free(c->sites[i].timezone);
        free(c->sites[i].language);
    }

    for (i = 0; i < c->nshifts; i++) {
        free(c->shifts[i].name);
    }

    for (i = 0; i < c->norigins; i++) {
        free(c->origins[i]);
    }

    for (i = 0; i < c->nclocks; i++) {
        free(c->clocks[i].label);
    }

    free(c->clocks);
    free(c->sites);
    free(c->shifts);
    mdd_conf_periods_free(c);
    mdd_conf_alarms_free(c);
    free(c->origins);
    free(c->file);
    free(c->dir);
    free(c->node);
    free(c->store);
    free(c->spool);
    free(c->ledger);
    free(c->verdicts);
    free(c->socket);
    free(c->secret);
    free(c->id_key);
    free(c->sign_key);
    free(c->last_signed);
    free(c->roles);
    free(c->workers);
    free(c->origin);
    mdd_yaml_free(c->yaml);
    free(c);
}
