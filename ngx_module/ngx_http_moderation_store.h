/*
 * ngx_http_moderation_store.h - policies of a running nginx: generations.
 */

#ifndef _NGX_HTTP_MODERATION_STORE_H_INCLUDED_
#define _NGX_HTTP_MODERATION_STORE_H_INCLUDED_


#include "ngx_http_moderation_zone.h"


typedef struct ngx_http_moderation_store_s  ngx_http_moderation_store_t;
typedef struct ngx_http_moderation_gen_s    ngx_http_moderation_gen_t;


/* a policy in use; requests hold a reference from their begin to their end */

struct ngx_http_moderation_gen_s {
    mdr_policy_t                 *policy;
    ngx_http_moderation_store_t  *store;
    ngx_uint_t                    refs;
    uint8_t                      *caps;         /* mode cap a rule, [rules] */
    ngx_uint_t                    nrules;
    ngx_uint_t                    brakes;       /* rules with a brake       */
    void                         *map;          /* the image, if mapped     */
    size_t                        map_size;
    u_char                        hash[33];
    time_t                        loaded;
};


struct ngx_http_moderation_store_s {
    ngx_str_t                     path;         /* terminated               */
    ngx_str_t                     kill;         /* kill switch file or ""   */
    ngx_msec_t                    check;        /* 0: never                 */
    ngx_http_moderation_gen_t    *gen;          /* current; NULL: none      */
    ngx_uint_t                    alive;        /* generations              */
    ngx_http_moderation_zstore_t *shared;       /* in the zone, or NULL     */

    /* private to ngx_http_moderation_store.c */
    ngx_http_moderation_zone_t  **zone;
    ngx_path_t                  **image_path;
    ngx_event_t                   timer;
    void                         *job;
    u_char                        seen[33], done[33];
    ngx_uint_t                    seen_times;
    ngx_msec_t                    looked;
    time_t                        next_digest, caps_at;
    ngx_atomic_uint_t             serial;
    u_char                        kill_seen[33];
    u_char                        refused_hash[33];
    u_char                        refusal[512];
    time_t                        refused;
    ngx_uint_t                    reloads, refusals;
    ngx_log_t                    *log;
};


/*
 * The store of a path, the same one for the same path and kill file in one
 * configuration; the policy is loaded (or its saved image mapped) at once.
 * stores: ngx_http_moderation_store_t *; NULL: an error was logged.
 */
ngx_http_moderation_store_t *ngx_http_moderation_store_add(ngx_conf_t *cf,
    ngx_array_t *stores, ngx_str_t *path, ngx_str_t *kill, ngx_msec_t check,
    ngx_http_moderation_zone_t **zone, ngx_path_t **image_path);

/* init_module: images of freshly compiled policies are saved */
ngx_int_t ngx_http_moderation_store_save(ngx_cycle_t *cycle,
    ngx_array_t *stores);
/* init_process: timers; exit_process: generations are freed */
ngx_int_t ngx_http_moderation_store_start(ngx_cycle_t *cycle,
    ngx_array_t *stores);
void ngx_http_moderation_store_stop(ngx_cycle_t *cycle, ngx_array_t *stores);

ngx_http_moderation_gen_t *ngx_http_moderation_gen_ref(
    ngx_http_moderation_store_t *store);
void ngx_http_moderation_gen_unref(ngx_http_moderation_gen_t *gen);


#endif /* _NGX_HTTP_MODERATION_STORE_H_INCLUDED_ */
