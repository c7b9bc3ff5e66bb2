/*
 * ngx_http_moderation_geoip2.h - where readers are.
 *
 * geoip2.c  databases of a running nginx: read, checked, swapped
 * place.c   the place of a request: which address, which database; what
 *           follows for caches
 */

#ifndef _NGX_HTTP_MODERATION_GEOIP2_H_INCLUDED_
#define _NGX_HTTP_MODERATION_GEOIP2_H_INCLUDED_


#include "ngx_http_moderation_zone.h"
#include "places/geo.h"


/* where moderation_jurisdiction takes the place from */

#define NGX_HTTP_MODERATION_PLACE_OFF     0
#define NGX_HTTP_MODERATION_PLACE_GEOIP2  1
#define NGX_HTTP_MODERATION_PLACE_VALUE   2


typedef struct ngx_http_moderation_geo_job_s  ngx_http_moderation_geo_job_t;


typedef struct {
    ngx_str_t                       file;       /* terminated                */
    ngx_str_t                       map_file;   /* terminated, or empty      */
    ngx_msec_t                      check;      /* 0: never                  */
    mdr_geo_path_t                 *path;
    mdr_geo_map_t                  *map;        /* or NULL                   */
    mdr_geo_t                      *db;
    ngx_uint_t                      key;        /* of the file's name        */

    /* of this worker */
    uint64_t                        done, seen; /* prints, see the job       */
    time_t                          loaded;
    ngx_uint_t                      reloads, refusals;
    u_char                          refusal[MDR_GEO_TEXT];
    ngx_event_t                     timer;
    ngx_http_moderation_geo_job_t  *job;
    u_char                         *folder;     /* of copies, or NULL        */
    ngx_http_moderation_zone_t    **zone;
    ngx_log_t                      *log;
} ngx_http_moderation_geo_t;


/* moderation_geoip2; conf is an array of ngx_http_moderation_geo_t */
char *ngx_http_moderation_geoip2(ngx_conf_t *cf, ngx_array_t *all,
    ngx_http_moderation_zone_t **zone);
/* init_process, exit_process */
void ngx_http_moderation_geoip2_start(ngx_cycle_t *cycle, ngx_array_t *all,
    ngx_path_t *folder);
void ngx_http_moderation_geoip2_stop(ngx_array_t *all);
/* the place of an address, of length 0 where it is unknown; answers are kept
 * until a database changes */
size_t ngx_http_moderation_geoip2_place(ngx_array_t *all,
    struct sockaddr *sa, const char **place);


#endif /* _NGX_HTTP_MODERATION_GEOIP2_H_INCLUDED_ */
