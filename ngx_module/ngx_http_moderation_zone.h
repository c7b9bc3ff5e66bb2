/*
 * ngx_http_moderation_zone.h - what workers share: counters, brakes, leases.
 */

#ifndef _NGX_HTTP_MODERATION_ZONE_H_INCLUDED_
#define _NGX_HTTP_MODERATION_ZONE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "engine/moderation.h"


#define NGX_HTTP_MODERATION_STORES     16
#define NGX_HTTP_MODERATION_BUCKETS    12       /* of the time histogram     */
#define NGX_HTTP_MODERATION_NAME       96
#define NGX_HTTP_MODERATION_ERRORS     8        /* MDR_ERR_* and 0           */


/* one policy (path) that is watched; written by the holder of the lease,
 * read by all.  serial changes last, with a barrier before it */

typedef struct {
    ngx_atomic_t   key;                 /* of the path; 0: free              */
    ngx_atomic_t   serial;              /* odd: being written                */
    ngx_atomic_t   lease_pid;
    ngx_atomic_t   lease_until;         /* seconds                           */
    ngx_atomic_t   compiles, reloads, refusals;
    u_char         hash[33];            /* of the live image                 */
    u_char         refused_hash[33];
    time_t         loaded, refused;
    u_char         refusal[512];        /* file:line:column: text            */
} ngx_http_moderation_zstore_t;


/* a counter: rule x slot x action x mode.  state 0 free, 1 being written, 2
 * in use; names never change once in use */

typedef struct {
    ngx_atomic_t   state;
    ngx_atomic_t   value;
    uint32_t       hash;
    uint8_t        action, mode;
    u_char         rule[NGX_HTTP_MODERATION_NAME];
    u_char         slot[NGX_HTTP_MODERATION_NAME / 2];
} ngx_http_moderation_zcount_t;


/* a brake: hits over items of a rule in a slot, in a window of two halves */

typedef struct {
    ngx_atomic_t   state;
    uint32_t       hash;                /* of rule id, rev and slot          */
    ngx_atomic_t   half;                /* number of the half that counts    */
    ngx_atomic_t   hits[2], items[2];
    ngx_atomic_t   tripped;             /* seconds since 1970, 0: not        */
    uint32_t       rev;
    u_char         rule[NGX_HTTP_MODERATION_NAME];
    u_char         slot[NGX_HTTP_MODERATION_NAME / 2];
} ngx_http_moderation_zbrake_t;


typedef struct {
    uint32_t                       magic, version;
    size_t                         size;
    ngx_atomic_t                   started;

    ngx_atomic_t                   responses, items, hits, removed, masked,
                                   tagged, held, over_limit, bytes,
                                   text_bytes, edited, lost;
    ngx_atomic_t                   errors[NGX_HTTP_MODERATION_ERRORS];
    ngx_atomic_t                   time_ns;
    ngx_atomic_t                   time[NGX_HTTP_MODERATION_BUCKETS];
    ngx_atomic_t                   shadow_items, shadow_differ;

    ngx_http_moderation_zstore_t   stores[NGX_HTTP_MODERATION_STORES];

    uint32_t                       ncounts, nbrakes;
    /* ncounts x zcount, then nbrakes x zbrake */
} ngx_http_moderation_zdata_t;


typedef struct {
    ngx_shm_zone_t                *shm_zone;
    ngx_http_moderation_zdata_t   *data;
    ngx_http_moderation_zcount_t  *counts;
    ngx_http_moderation_zbrake_t  *brakes;
} ngx_http_moderation_zone_t;


char *ngx_http_moderation_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* a whole response is accounted */
void ngx_http_moderation_zone_response(ngx_http_moderation_zone_t *zone,
    const mdr_scan_stats_t *stats, uint64_t ns);
/* a reported item; rules that hit are counted once each */
void ngx_http_moderation_zone_item(ngx_http_moderation_zone_t *zone,
    const mdr_policy_t *policy, const mdr_item_t *item);
void ngx_http_moderation_zone_error(ngx_http_moderation_zone_t *zone,
    int kind);

/* brakes: items of slots seen, whether or not they hit */
void ngx_http_moderation_zone_seen(ngx_http_moderation_zone_t *zone,
    const mdr_policy_t *policy, uint32_t slot, ngx_uint_t n);
ngx_uint_t ngx_http_moderation_zone_braked(ngx_http_moderation_zone_t *zone,
    const mdr_policy_t *policy, uint32_t rule);

/* upper bounds of the time histogram, in microseconds */
extern const ngx_uint_t  ngx_http_moderation_zone_bounds[
    NGX_HTTP_MODERATION_BUCKETS];


#endif /* _NGX_HTTP_MODERATION_ZONE_H_INCLUDED_ */
