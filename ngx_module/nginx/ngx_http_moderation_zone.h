/*
 * ngx_http_moderation_zone.h - what workers share: counters, brakes, leases.
 */

#ifndef _NGX_HTTP_MODERATION_ZONE_H_INCLUDED_
#define _NGX_HTTP_MODERATION_ZONE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "moderation.h"
#include "ledger/area.h"


#define NGX_HTTP_MODERATION_STORES     16
#define NGX_HTTP_MODERATION_WORKERS    64       /* shown, of a policy        */
#define NGX_HTTP_MODERATION_BUCKETS    12       /* of the time histogram     */
#define NGX_HTTP_MODERATION_NAME       96
#define NGX_HTTP_MODERATION_GEOS       8        /* databases                 */
#define NGX_HTTP_MODERATION_PAGES      256      /* remembered                */
#define NGX_HTTP_MODERATION_SLOTS      128      /* with counters             */

/* why a response was not read; the words stand in vars.c */

enum {
    NGX_HTTP_MODERATION_SKIP_NONE,
    NGX_HTTP_MODERATION_SKIP_OFF,
    NGX_HTTP_MODERATION_SKIP_NO_POLICY,
    NGX_HTTP_MODERATION_SKIP_TYPE,
    NGX_HTTP_MODERATION_SKIP_STATUS,
    NGX_HTTP_MODERATION_SKIP_UPGRADE,
    NGX_HTTP_MODERATION_SKIP_HEAD,
    NGX_HTTP_MODERATION_SKIP_ERROR_PAGE,
    NGX_HTTP_MODERATION_SKIP_UNREADABLE,
    NGX_HTTP_MODERATION_SKIPS
};

/* why a rule that would enforce runs in shadow: bits */

#define NGX_HTTP_MODERATION_WHY_KILL     1
#define NGX_HTTP_MODERATION_WHY_BRAKE    2
#define NGX_HTTP_MODERATION_WHY_LIMIT    4      /* regexes reach their limit */
#define NGX_HTTP_MODERATION_WHY_EXPIRED  8

/* a regex that reached its limit so often in a minute puts its rule into
 * shadow until the rule has a new rev */

#define NGX_HTTP_MODERATION_LIMIT_HITS    3
#define NGX_HTTP_MODERATION_LIMIT_WINDOW  60


/* which generation a worker has: its number << 8 | generations alive */

typedef struct {
    ngx_atomic_t   pid;                 /* 0: free                           */
    ngx_atomic_t   gen;
} ngx_http_moderation_zworker_t;


/* one policy (path) that is watched; written by the holder of the lease,
 * read by all.  serial changes last, with a barrier before it; half of it is
 * the number of the generation.  It is the fence, too: who publishes moves it
 * on from the value that it had when the work began, so a holder that was
 * stopped for longer than its lease publishes nothing.  Should it be stopped
 * in the midst of writing, `whole` does not fit what it leaves behind */

typedef struct {
    ngx_atomic_t   key;                 /* of the path; 0: free              */
    ngx_atomic_t   serial;              /* odd: being written                */
    ngx_atomic_t   lease_pid;
    ngx_atomic_t   lease_until;         /* seconds                           */
    ngx_atomic_t   compiles, reloads, refusals;
    ngx_atomic_t   looks, digests;      /* at names and times; of the bytes  */
    u_char         hash[33];            /* of the live image                 */
    uint32_t       whole;               /* of serial and hash                */
    u_char         refused_hash[33];
    time_t         loaded, refused;
    u_char         refusal[512];        /* file:line:column: text            */
    ngx_http_moderation_zworker_t  workers[NGX_HTTP_MODERATION_WORKERS];
} ngx_http_moderation_zstore_t;


/* what counters and brakes are found by.  state 0 free, 1 being written, 2
 * in use; the rest does not change while it is in use */

typedef struct {
    ngx_atomic_t   state;
    ngx_atomic_t   touched;             /* seconds since 1970                */
    uint32_t       hash, rev;
    uint8_t        kind, action, mode;
    u_char         rule[NGX_HTTP_MODERATION_NAME];
    u_char         slot[NGX_HTTP_MODERATION_NAME / 2];
} ngx_http_moderation_zkey_t;


/* counters: items that a rule hit, by action and mode; items that live and
 * candidate policy decide otherwise, by who of them has the rule's hit */

enum {
    NGX_HTTP_MODERATION_COUNT_ITEMS,
    NGX_HTTP_MODERATION_COUNT_LIVE,
    NGX_HTTP_MODERATION_COUNT_CANDIDATE,
    NGX_HTTP_MODERATION_COUNT_BOTH,
    NGX_HTTP_MODERATION_COUNT_SLOT,     /* items of a slot                   */
    NGX_HTTP_MODERATION_COUNT_ACTION,   /* of them, by action                */
    NGX_HTTP_MODERATION_COUNT_PAGE      /* findings: rule is the requirement
                                           or guard, slot the page, action
                                           MDR_PAGE_*                        */
};

typedef struct {
    ngx_http_moderation_zkey_t  key;
    ngx_atomic_t                value;
} ngx_http_moderation_zcount_t;


/* brakes: hits over items of a rule in a slot, or regex limits of a rule, in
 * a window of two halves */

enum {
    NGX_HTTP_MODERATION_BRAKE_RATIO,
    NGX_HTTP_MODERATION_BRAKE_LIMIT
};

typedef struct {
    ngx_http_moderation_zkey_t  key;
    ngx_atomic_t                half;   /* number of the half that counts    */
    ngx_atomic_t                hits[2], items[2];
    ngx_atomic_t                tripped;/* seconds since 1970, 0: not        */
} ngx_http_moderation_zbrake_t;


/* a slot (slots.c): responses are those that the zone counts */

typedef struct {
    ngx_atomic_t   state;               /* 0 free, 1 being written, 2 in use */
    ngx_atomic_t   items;
    ngx_atomic_t   responses;           /* with an item, of late             */
    ngx_atomic_t   first, last;         /* of these: their numbers           */
    ngx_atomic_t   touched;             /* seconds since 1970; 0: no item    */
    ngx_atomic_t   said;                /* 1: that it finds nothing any more */
    uint32_t       hash;
    u_char         name[68];
} ngx_http_moderation_zslot_t;


/* a database of places: which version was said to be live, or refused */

typedef struct {
    ngx_atomic_t                   key;         /* of its name; 0: free      */
    ngx_atomic_t                   live, refused;
    ngx_atomic_t                   reloads, refusals;
} ngx_http_moderation_zgeo_t;


/* what has to be known of a page when it comes again (pages.c) */

typedef struct {
    ngx_atomic_t                   key;         /* 0: free                   */
    ngx_atomic_t                   touched;     /* seconds since 1970        */
    ngx_atomic_t                   missing;     /* a bit a requirement       */
    ngx_atomic_t                   seq;         /* responses with a title    */
    ngx_atomic_t                   title[3];    /* hash, by kind of reader   */
    ngx_atomic_t                   seen[3];     /* seq then                  */
    ngx_atomic_t                   at[3];       /* seconds                   */
} ngx_http_moderation_zpage_t;


typedef struct {
    uint32_t                       magic, version;
    size_t                         size;
    ngx_atomic_t                   started;

    ngx_atomic_t                   responses, items, hits, removed, masked,
                                   tagged, held, over_limit, bytes,
                                   text_bytes, edited, resets, lost;
    ngx_atomic_t                   errors[MDL_ERRS];
    ngx_atomic_t                   skips[NGX_HTTP_MODERATION_SKIPS];
    ngx_atomic_t                   time_ns;
    ngx_atomic_t                   time[NGX_HTTP_MODERATION_BUCKETS];
    ngx_atomic_t                   shadow_items, shadow_differ,
                                   shadow_errors, shadow_ns;
    ngx_atomic_t                   turn_ns, turn_steps;    /* the most that
                                                   reading has taken of one
                                                   turn of the event loop    */
    ngx_atomic_t                   pauses;      /* reading waited for a turn */
    ngx_atomic_t                   trips;       /* changes when one trips    */

    ngx_http_moderation_zstore_t   stores[NGX_HTTP_MODERATION_STORES];
    ngx_http_moderation_zgeo_t     geos[NGX_HTTP_MODERATION_GEOS];
    ngx_http_moderation_zslot_t    slots[NGX_HTTP_MODERATION_SLOTS];
    ngx_http_moderation_zpage_t    pages[NGX_HTTP_MODERATION_PAGES];

    uint32_t                       ncounts, nbrakes;
    size_t                         area;    /* offset, 0: no record          */
    /* ncounts x zcount, then nbrakes x zbrake, then the area of the record */
} ngx_http_moderation_zdata_t;


typedef struct {
    ngx_shm_zone_t                *shm_zone;
    ngx_http_moderation_zdata_t   *data;
    ngx_http_moderation_zcount_t  *counts;
    ngx_http_moderation_zbrake_t  *brakes;
    mdl_area_t                    *area;    /* or NULL                       */
    size_t                         ring;    /* bytes a worker, 0: no record  */
    time_t                         silent;  /* of a slot, to be said; 0: never */
    ngx_cycle_t                   *cycle;
} ngx_http_moderation_zone_t;


char *ngx_http_moderation_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* a whole response is accounted */
void ngx_http_moderation_zone_response(ngx_http_moderation_zone_t *zone,
    const mdr_scan_stats_t *stats, uint64_t ns, uint64_t pauses);
/* what reading has taken of a turn of the event loop, so far; the zone has
 * data */
void ngx_http_moderation_zone_turn(ngx_http_moderation_zone_t *zone,
    uint64_t ns, uint64_t steps);
/* a reported item; rules that hit are counted once each */
void ngx_http_moderation_zone_item(ngx_http_moderation_zone_t *zone,
    const mdr_policy_t *policy, const mdr_item_t *item);
/* n items of a slot; or n of them with an action (its word), 0 for none */
void ngx_http_moderation_zone_slot(ngx_http_moderation_zone_t *zone,
    mdr_str_t slot, const char *action, ngx_uint_t n);
/* slots.c: the counters of a slot; NULL: it has none */
ngx_http_moderation_zslot_t *ngx_http_moderation_slot(
    ngx_http_moderation_zone_t *zone, mdr_str_t name, ngx_uint_t make);
/* it had items, and finds nothing any more */
ngx_uint_t ngx_http_moderation_slot_silent(ngx_http_moderation_zone_t *zone,
    ngx_http_moderation_zslot_t *s);
/* something was found in a page */
void ngx_http_moderation_zone_page(ngx_http_moderation_zone_t *zone,
    const mdr_page_found_t *f);
/* kind is MDR_ERR_* or NGX_HTTP_MODERATION_E_* */
void ngx_http_moderation_zone_error(ngx_http_moderation_zone_t *zone,
    ngx_uint_t kind);
/* a response that is not read; why is NGX_HTTP_MODERATION_SKIP_* */
void ngx_http_moderation_zone_skip(ngx_http_moderation_zone_t *zone,
    ngx_uint_t why);

/* an item that live and candidate policy decide otherwise, for one rule;
 * count is NGX_HTTP_MODERATION_COUNT_* */
void ngx_http_moderation_zone_differ(ngx_http_moderation_zone_t *zone,
    mdr_str_t rule, mdr_str_t slot, ngx_uint_t count);
/* what a candidate saw of a response */
void ngx_http_moderation_zone_candidate(ngx_http_moderation_zone_t *zone,
    uint64_t items, uint64_t differ, uint64_t errors, uint64_t ns);

/* brakes, at the end of a response: items[slots] seen, hit or not, and
 * hits[n * slots] of the n rules that have one */
void ngx_http_moderation_zone_brakes(ngx_http_moderation_zone_t *zone,
    const mdr_policy_t *policy, const uint32_t *rules, ngx_uint_t n,
    ngx_uint_t slots, const ngx_uint_t *items, const ngx_uint_t *hits);
/* a regex of the rule reached its limit */
void ngx_http_moderation_zone_limit(ngx_http_moderation_zone_t *zone,
    const mdr_rule_info_t *rule);
/* WHY_BRAKE: a brake of the rule has tripped in some slot; WHY_LIMIT */
ngx_uint_t ngx_http_moderation_zone_braked(ngx_http_moderation_zone_t *zone,
    const mdr_policy_t *policy, uint32_t rule, ngx_uint_t slots);

/* words, in vars.c; null: no such kind */
extern ngx_str_t  ngx_http_moderation_skip_names[NGX_HTTP_MODERATION_SKIPS];

/* the place of a database, or NULL */
ngx_http_moderation_zgeo_t *ngx_http_moderation_zone_geo(
    ngx_http_moderation_zone_t *zone, ngx_uint_t key);

/* upper bounds of the time histogram, in microseconds */
extern const ngx_uint_t  ngx_http_moderation_zone_bounds[
    NGX_HTTP_MODERATION_BUCKETS];


#endif /* _NGX_HTTP_MODERATION_ZONE_H_INCLUDED_ */
