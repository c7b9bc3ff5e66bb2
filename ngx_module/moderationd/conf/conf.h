/*
 * conf.h - moderationd.yaml as a struct (conf.c); YAML as a tree with
 * positions (yaml.c).
 */

#ifndef MDD_CONF_H
#define MDD_CONF_H

#define MDD_AGENT_MAX  256              /* bytes of images.agent              */

#include <stddef.h>
#include <stdint.h>

/* yaml.c */

enum { MDD_Y_SCALAR, MDD_Y_LIST, MDD_Y_MAP };

typedef struct mdd_yaml_s {
    int                  kind;
    int                  quoted;
    unsigned             line, column;
    char                *text;          /* scalar; bytes without NUL          */
    char                *key;           /* entry of a map                     */
    unsigned             key_line, key_column;
    struct mdd_yaml_s   *first, *next;
    size_t               n;             /* children                           */
} mdd_yaml_t;

/* messages are collected as file:line:column: text, one a line */
typedef struct {
    const char  *file;
    char        *text;
    size_t       n;
    int          errors, warnings;
} mdd_msgs_t;

mdd_yaml_t *mdd_yaml_read(const char *file, mdd_msgs_t *m);
void mdd_yaml_free(mdd_yaml_t *y);
mdd_yaml_t *mdd_yaml_get(const mdd_yaml_t *map, const char *key);
void mdd_yaml_error(mdd_msgs_t *m, const mdd_yaml_t *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void mdd_yaml_warn(mdd_msgs_t *m, const mdd_yaml_t *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* keys of a map against the known ones: an unknown one is an error that names
 * the nearest */
void mdd_yaml_keys(mdd_msgs_t *m, const mdd_yaml_t *map, const char *what,
    const char *const *keys, size_t n);
/* the nearest of n words, or NULL */
const char *mdd_nearest(const char *word, const char *const *words, size_t n);
/* "90s" "15m" "24h" "240d" to ms; -1: no time */
int64_t mdd_yaml_ms(const char *s);
/* "64k" "16m" "4g" to bytes; -1: no size */
int64_t mdd_yaml_size(const char *s);

/* conf.c */

typedef struct {
    char       *name;
    char      **hosts;
    size_t      nhosts;
    char       *policy;
    char       *timezone;
    char       *language;               /* zh | en                            */
    const mdd_yaml_t  *images;          /* of the tree; NULL: none is fetched */
    char       *preview_css;            /* path; NULL                         */
} mdd_site_t;

typedef struct {
    char       *name;
    int         from, to;               /* minutes of the site's day          */
    int64_t     target_ms;              /* 0: none                            */
} mdd_shift_t;

/* a time that reports can be about: days of the site, both in it */
typedef struct {
    char       *name, *title_zh, *title_en;
    int64_t     first, last;            /* days since 1970; last -1: open    */
    char      **labels;                 /* none: all                         */
    size_t      nlabels;
} mdd_campaign_t;

typedef struct {
    char       *label;
    int64_t     ms;
} mdd_clock_t;

typedef struct {
    char       *url;
    char      **types;                  /* of events                          */
    size_t      ntypes;
    uint8_t     secret[256];
    size_t      nsecret;
} mdd_webhook_t;

typedef struct {
    char         *file, *dir;           /* the file itself and its folder     */
    /* paths are absolute */
    char         *node, *store, *spool, *ledger, *verdicts, *socket, *secret,
                 *id_key, *sign_key, *last_signed, *roles;
    char         *origin;               /* of logs: ORIGIN/<year>             */
    char         *workers;              /* user that owns segments; NULL: any
                                         * that is not the daemon's           */
    int64_t       workers_uid;          /* -1: as workers says                */
    mdd_site_t   *sites;
    size_t        nsites;
    mdd_shift_t  *shifts;
    size_t        nshifts;
    char        **origins;
    size_t        norigins;
    char        **alertmanagers;        /* base URLs                          */
    size_t        nalertmanagers;
    char         *alarm_url;            /* of the console, for links; NULL    */
    char        **mute;                 /* keys of alarms, * as in file names */
    size_t        nmute;
    mdd_webhook_t   *webhooks;
    size_t        nwebhooks;
    mdd_campaign_t  *campaigns;
    size_t        ncampaigns;
    char         *reports;              /* folder of weekly ones; NULL: none */
    int           reports_at;           /* minute of the Monday              */
    int           threads;              /* of HTTP                            */
    int64_t       spool_keep_ms, checkpoint_ms;
    int64_t       keep_private_ms;
    int64_t       live_ms;              /* a fast second look is due in      */
    int64_t       report_ms;            /* and a report, by its label:       */
    mdd_clock_t  *clocks;
    size_t        nclocks;
    mdd_yaml_t   *yaml;                 /* the tree it was read from          */
} mdd_conf_t;

/* NULL: m has errors */
mdd_conf_t *mdd_conf_read(const char *file, mdd_msgs_t *m);
void mdd_conf_free(mdd_conf_t *conf);
/* conf_period.c */
void mdd_conf_periods(mdd_msgs_t *m, mdd_conf_t *c);
void mdd_conf_periods_free(mdd_conf_t *c);

/* conf_image.c */
void mdd_conf_images(mdd_msgs_t *m, mdd_conf_t *c);

/* conf_alarm.c */
void mdd_conf_alarms(mdd_msgs_t *m, mdd_conf_t *c);
void mdd_conf_alarms_free(mdd_conf_t *c);
/* -t: what can be seen without starting (modes, owners, folders) */
void mdd_conf_look(const mdd_conf_t *conf, mdd_msgs_t *m);

#endif
