/*
 * ngx_http_moderation_geoip2.c - databases of a running nginx.
 *
 * They are read and checked whole while nginx reads its configuration; workers
 * share that copy.  Later each worker has a thread look whether a file is
 * another one; when it has been the same for two looks it is read, checked,
 * and opened from a copy under moderation_image_path, one for all workers
 * (places/geo_open.c).  A bad one is refused, the last good one stays.  Of
 * each change one worker writes one line to the log.
 *
 * No look-up lasts longer than a call, so the old database goes when the new
 * one is there.
 */


#include "ngx_http_moderation_geoip2.h"
#include "ngx_http_moderation_store.h"


#define NGX_HTTP_MODERATION_GEO_POLL   20       /* ms: is the thread done?   */
#define NGX_HTTP_MODERATION_GEO_KEPT   512      /* answers, a power of two   */


struct ngx_http_moderation_geo_job_s {
    ngx_atomic_t    done;               /* 1; 2: nobody waits for it         */
    char           *file, *map_file, *folder;
    char            prefix[48];
    uint64_t        was, seen;          /* prints: live or refused, last look */

    ngx_uint_t      loaded;             /* db and map are the caller's       */
    ngx_uint_t      refused;
    uint64_t        print;
    mdr_geo_t      *db;
    mdr_geo_map_t  *map;
    char            text[MDR_GEO_TEXT];
};


typedef struct {
    uint32_t        swaps;              /* of when it was asked; 0: never    */
    uint8_t         addr[17];           /* and the family                    */
    uint8_t         len;
    char            place[MDR_GEO_PLACE];
} ngx_http_moderation_geo_kept_t;


static ngx_http_moderation_geo_kept_t  ngx_http_moderation_geo_kept[
                                                NGX_HTTP_MODERATION_GEO_KEPT];
static uint32_t                        ngx_http_moderation_geo_swaps = 1;


/* files */

static uint64_t
ngx_http_moderation_geo_print(const char *file, const char *map)
{
    size_t        i, n;
    uint64_t      h;
    const u_char *p;
    const char   *name;
    struct stat   st;

    struct {
        uint64_t  ino, dev, size, c, cn, m, mn;
    } s;

    h = 0xcbf29ce484222325ULL;

    for (n = 0; n < 2; n++) {
        name = n == 0 ? file : map;

        if (name == NULL) {
            continue;
        }

        memset(&s, 0, sizeof(s));

        if (stat(name, &st) == 0) {
            s.ino = (uint64_t) st.st_ino;
            s.dev = (uint64_t) st.st_dev;
            s.size = (uint64_t) st.st_size + 1;
            s.c = (uint64_t) st.st_ctim.tv_sec;
            s.cn = (uint64_t) st.st_ctim.tv_nsec;
            s.m = (uint64_t) st.st_mtim.tv_sec;
            s.mn = (uint64_t) st.st_mtim.tv_nsec;
        }

        p = (u_char *) &s;

        for (i = 0; i < sizeof(s); i++) {
            h = (h ^ p[i]) * 0x100000001b3ULL;
        }
    }

    return h | 1;
}


/* 1: *db and *map are the caller's; 0: text, *moving: try again later */

static ngx_uint_t
ngx_http_moderation_geo_load(const char *file, const char *map_file,
    const char *folder, const char *prefix, mdr_geo_t **db,
    mdr_geo_map_t **map, int *moving, char *text, size_t n)
{
    size_t    size;
    uint8_t  *data;

    *db = NULL;
    *map = NULL;

    data = mdr_geo_read(file, &size, moving, text, n);
    if (data == NULL) {
        return 0;
    }

    if (mdr_geo_check(data, size, text, n)) {
        *db = mdr_geo_open(data, size, folder, prefix, text, n);
    }

    free(data);

    if (*db == NULL) {
        return 0;
    }

    if (map_file != NULL) {
        *map = mdr_geo_map_new(map_file, text, n);

        if (*map == NULL) {
            mdr_geo_free(*db);
            *db = NULL;
            return 0;
        }
    }

    return 1;
}


/* the thread */

static void
ngx_http_moderation_geo_job_free(ngx_http_moderation_geo_job_t *job)
{
    mdr_geo_free(job->db);
    mdr_geo_map_free(job->map);
    free(job->file);
    free(job->map_file);
    free(job->folder);
    free(job);
}


static void *
ngx_http_moderation_geo_run(void *data)
{
    int                             moving;
    ngx_http_moderation_geo_job_t  *job;

    job = data;

    ngx_http_moderation_thread_begin(1);

    job->print = ngx_http_moderation_geo_print(job->file, job->map_file);

    if (job->print != job->was && job->print == job->seen) {

        job->loaded = ngx_http_moderation_geo_load(job->file, job->map_file,
                                          job->folder, job->prefix, &job->db,
                                          &job->map, &moving, job->text,
                                          sizeof(job->text));
        job->refused = !job->loaded && !moving;
    }

    if (!ngx_atomic_cmp_set(&job->done, 0, 1)) {
        ngx_http_moderation_geo_job_free(job);
    }

    return NULL;
}


static void
ngx_http_moderation_geo_begin(ngx_http_moderation_geo_t *geo)
{
    ngx_http_moderation_geo_job_t  *job;

    job = calloc(1, sizeof(ngx_http_moderation_geo_job_t));
    if (job == NULL) {
        return;
    }

    job->file = strdup((char *) geo->file.data);
    job->map_file = geo->map_file.len != 0
                    ? strdup((char *) geo->map_file.data) : NULL;
    job->folder = geo->folder != NULL ? strdup((char *) geo->folder) : NULL;
    snprintf(job->prefix, sizeof(job->prefix), "geoip2-%08lx-",
             (unsigned long) geo->key);
    job->was = geo->done;
    job->seen = geo->seen;

    if (job->file == NULL || (geo->map_file.len != 0 && job->map_file == NULL)
        || ngx_http_moderation_thread(ngx_http_moderation_geo_run, job) != 0)
    {
        ngx_http_moderation_geo_job_free(job);
        return;
    }

    geo->job = job;
}


/* results */

static ngx_http_moderation_zgeo_t *
ngx_http_moderation_geo_shared(ngx_http_moderation_geo_t *geo)
{
    if (*geo->zone == NULL || (*geo->zone)->data == NULL) {
        return NULL;
    }

    return ngx_http_moderation_zone_geo(*geo->zone, geo->key);
}


/* is it for us to say? */

static ngx_uint_t
ngx_http_moderation_geo_first(ngx_atomic_t *said, uint64_t print)
{
    ngx_atomic_uint_t  was;

    was = *said;

    return was != (ngx_atomic_uint_t) print
           && ngx_atomic_cmp_set(said, was, (ngx_atomic_uint_t) print);
}


static void
ngx_http_moderation_geo_done(ngx_http_moderation_geo_t *geo)
{
    mdr_geo_info_t                  info;
    ngx_http_moderation_geo_job_t  *job;
    ngx_http_moderation_zgeo_t     *s;

    job = geo->job;
    geo->job = NULL;
    geo->seen = job->print;

    s = ngx_http_moderation_geo_shared(geo);

    if (job->loaded) {
        mdr_geo_free(geo->db);
        mdr_geo_map_free(geo->map);
        geo->db = job->db;
        geo->map = job->map;
        job->db = NULL;
        job->map = NULL;

        ngx_http_moderation_geo_swaps++;
        geo->done = job->print;
        geo->loaded = ngx_time();
        geo->refusal[0] = '\0';
        geo->reloads++;

        if (s == NULL || ngx_http_moderation_geo_first(&s->live, job->print))
        {
            mdr_geo_info(geo->db, &info);
            ngx_log_error(NGX_LOG_INFO, geo->log, 0,
                          "moderation: geoip2 \"%V\" is live: %s, %uD nodes",
                          &geo->file, info.type, info.nodes);

            if (s != NULL) {
                (void) ngx_atomic_fetch_add(&s->reloads, 1);
            }
        }

    } else if (job->refused) {
        geo->done = job->print;
        geo->refusals++;
        ngx_cpystrn(geo->refusal, (u_char *) job->text,
                    sizeof(geo->refusal));

        if (s == NULL
            || ngx_http_moderation_geo_first(&s->refused, job->print))
        {
            ngx_log_error(NGX_LOG_ERR, geo->log, 0,
                          "moderation: geoip2 \"%V\" refused, the last good "
                          "one stays: %s", &geo->file, job->text);

            if (s != NULL) {
                (void) ngx_atomic_fetch_add(&s->refusals, 1);
            }
        }
    }

    ngx_http_moderation_geo_job_free(job);
}


static void
ngx_http_moderation_geo_timer(ngx_event_t *ev)
{
    ngx_http_moderation_geo_t  *geo;

    geo = ev->data;

    if (geo->job != NULL && geo->job->done) {
        ngx_memory_barrier();
        ngx_http_moderation_geo_done(geo);

    } else if (geo->job == NULL && !ngx_exiting) {
        ngx_http_moderation_geo_begin(geo);

        if (geo->job != NULL) {
            ngx_add_timer(ev, NGX_HTTP_MODERATION_GEO_POLL);
            return;
        }
    }

    ngx_add_timer(ev, geo->job != NULL ? NGX_HTTP_MODERATION_GEO_POLL
                      : ngx_max(geo->check / 2, 20));
}


void
ngx_http_moderation_geoip2_start(ngx_cycle_t *cycle, ngx_array_t *all,
    ngx_path_t *folder)
{
    ngx_uint_t                  i;
    ngx_http_moderation_geo_t  *geo;

    geo = all->elts;

    for (i = 0; i < all->nelts; i++) {
        geo[i].log = cycle->log;
        geo[i].folder = folder != NULL ? folder->name.data : NULL;

        if (geo[i].check == 0) {
            continue;
        }

        geo[i].timer.handler = ngx_http_moderation_geo_timer;
        geo[i].timer.data = &geo[i];
        geo[i].timer.log = cycle->log;
        geo[i].timer.cancelable = 1;

        ngx_add_timer(&geo[i].timer, ngx_max(geo[i].check / 2, 20));
    }
}


void
ngx_http_moderation_geoip2_stop(ngx_array_t *all)
{
    ngx_uint_t                  i;
    ngx_http_moderation_geo_t  *geo;

    geo = all->elts;

    for (i = 0; i < all->nelts; i++) {

        if (geo[i].timer.timer_set) {
            ngx_del_timer(&geo[i].timer);
        }

        if (geo[i].job != NULL
            && !ngx_atomic_cmp_set(&geo[i].job->done, 0, 2))
        {
            ngx_http_moderation_geo_job_free(geo[i].job);
        }

        geo[i].job = NULL;
    }
}


/* configuration */

static void
ngx_http_moderation_geo_cleanup(void *data)
{
    ngx_uint_t                  i;
    ngx_array_t                *all;
    ngx_http_moderation_geo_t  *geo;

    all = data;

    ngx_http_moderation_geoip2_stop(all);

    geo = all->elts;

    for (i = 0; i < all->nelts; i++) {
        mdr_geo_free(geo[i].db);
        mdr_geo_map_free(geo[i].map);
        mdr_geo_path_free(geo[i].path);
    }
}


/* moderation_geoip2 FILE [check=TIME] [path=PATH] [map=FILE] */

char *
ngx_http_moderation_geoip2(ngx_conf_t *cf, ngx_array_t *all,
    ngx_http_moderation_zone_t **zone)
{
    int                         moving;
    char                        text[MDR_GEO_TEXT], *path;
    ngx_int_t                   check;
    ngx_str_t                  *value, s;
    ngx_uint_t                  i;
    ngx_pool_cleanup_t         *cln;
    ngx_http_moderation_geo_t  *geo;

    if (all->elts == NULL) {

        if (ngx_array_init(all, cf->pool, 2,
                           sizeof(ngx_http_moderation_geo_t))
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }

        cln = ngx_pool_cleanup_add(cf->pool, 0);
        if (cln == NULL) {
            return NGX_CONF_ERROR;
        }

        cln->handler = ngx_http_moderation_geo_cleanup;
        cln->data = all;
    }

    if (all->nelts == NGX_HTTP_MODERATION_GEOS) {
        return "stands more than eight times";
    }

    geo = ngx_array_push(all);
    if (geo == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(geo, sizeof(ngx_http_moderation_geo_t));

    value = cf->args->elts;
    geo->file = value[1];
    geo->check = 2000;
    geo->zone = zone;
    geo->log = &cf->cycle->new_log;
    path = MDR_GEO_PATH;

    if (ngx_conf_full_name(cf->cycle, &geo->file, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "check=", 6) == 0) {
            s.data = value[i].data + 6;
            s.len = value[i].len - 6;
            check = ngx_parse_time(&s, 0);

            if (check != NGX_ERROR) {
                geo->check = (ngx_msec_t) check;
                continue;
            }

        } else if (ngx_strncmp(value[i].data, "path=", 5) == 0) {
            path = (char *) value[i].data + 5;
            continue;

        } else if (ngx_strncmp(value[i].data, "map=", 4) == 0
                   && value[i].len > 4)
        {
            geo->map_file.data = value[i].data + 4;
            geo->map_file.len = value[i].len - 4;

            if (ngx_conf_full_name(cf->cycle, &geo->map_file, 1) != NGX_OK) {
                return NGX_CONF_ERROR;
            }

            continue;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                           &value[i]);
        return NGX_CONF_ERROR;
    }

    geo->key = ngx_crc32_long(geo->file.data, geo->file.len) | 1;
    geo->path = mdr_geo_path_new(path, text, sizeof(text));

    if (geo->path == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "moderation_geoip2: %s",
                           text);
        return NGX_CONF_ERROR;
    }

    geo->done = ngx_http_moderation_geo_print((char *) geo->file.data,
                                     geo->map_file.len != 0
                                     ? (char *) geo->map_file.data : NULL);
    geo->seen = geo->done;

    if (!ngx_http_moderation_geo_load((char *) geo->file.data,
                                      geo->map_file.len != 0
                                      ? (char *) geo->map_file.data : NULL,
                                      NULL, "", &geo->db, &geo->map, &moving,
                                      text, sizeof(text)))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "moderation_geoip2 \"%V\": %s", &geo->file, text);
        return NGX_CONF_ERROR;
    }

    geo->loaded = ngx_time();

    return NGX_CONF_OK;
}


/* look-ups */

size_t
ngx_http_moderation_geoip2_place(ngx_array_t *all, struct sockaddr *sa,
    const char **place)
{
    size_t                           n;
    uint8_t                          addr[17];
    ngx_uint_t                       i;
    ngx_http_moderation_geo_t       *geo;
    ngx_http_moderation_geo_kept_t  *k;

    ngx_memzero(addr, sizeof(addr));
    addr[16] = (uint8_t) sa->sa_family;

    if (sa->sa_family == AF_INET) {
        ngx_memcpy(addr, &((struct sockaddr_in *) sa)->sin_addr, 4);

#if (NGX_HAVE_INET6)
    } else if (sa->sa_family == AF_INET6) {
        ngx_memcpy(addr, &((struct sockaddr_in6 *) sa)->sin6_addr, 16);
#endif

    } else {
        return 0;
    }

    k = &ngx_http_moderation_geo_kept[ngx_murmur_hash2(addr, sizeof(addr))
                                      & (NGX_HTTP_MODERATION_GEO_KEPT - 1)];

    if (k->swaps != ngx_http_moderation_geo_swaps
        || ngx_memcmp(k->addr, addr, sizeof(addr)) != 0)
    {
        geo = all->elts;

        for (i = 0, n = 0; i < all->nelts && n == 0; i++) {
            n = mdr_geo_place(geo[i].db, geo[i].path, geo[i].map, sa,
                              k->place);
        }

        k->len = (uint8_t) n;
        k->swaps = ngx_http_moderation_geo_swaps;
        ngx_memcpy(k->addr, addr, sizeof(addr));
    }

    *place = k->place;

    return k->len;
}
