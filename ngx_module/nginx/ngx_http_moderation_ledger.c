/*
 * ngx_http_moderation_ledger.c - the record: directives, and what a worker
 * has of it.
 *
 * The event loop puts lines into the ring of the worker's place and never
 * waits; a thread writes the ring to segments.  Once a second the worker
 * looks after its place: a segment that is old enough ends, troubles of the
 * thread are logged, and who holds the lease tells counts and statistics for
 * all.
 */


#include "ngx_http_moderation.h"

#include <sys/stat.h>


#define NGX_HTTP_MODERATION_LEDGER_TICK  1000
#define NGX_HTTP_MODERATION_LEDGER_EXIT  5000
#define NGX_HTTP_MODERATION_LEDGER_SAY   60


static void ngx_http_moderation_ledger_tick(ngx_event_t *ev);


ngx_http_moderation_ledger_t  ngx_http_moderation_ledger;

static ngx_uint_t  ngx_http_moderation_ledger_errno;
static time_t      ngx_http_moderation_ledger_said;
static ngx_uint_t  ngx_http_moderation_ledger_full;


/* a number of lines behind the name; 0 is none */

static ngx_uint_t
ngx_http_moderation_ledger_number(ngx_str_t *value, const char *name,
    size_t len, ngx_uint_t *to)
{
    ngx_int_t  n;

    if (value->len <= len || ngx_strncmp(value->data, name, len) != 0) {
        return 0;
    }

    n = ngx_atoi(value->data + len, value->len - len);

    if (n == NGX_ERROR || n > 1000000) {
        return 0;
    }

    *to = (ngx_uint_t) n;

    return 1;
}


/* NAME=VALUE: what is wrong with it; NULL: nothing, "": there is no such name */

static char *
ngx_http_moderation_ledger_parameter(ngx_str_t *value,
    ngx_http_moderation_ledger_conf_t *lcf)
{
    ngx_str_t  s;

    if (ngx_strncmp(value->data, "buffer=", 7) == 0) {
        s.data = value->data + 7;
        s.len = value->len - 7;
        lcf->buffer = (size_t) ngx_parse_size(&s);

        return lcf->buffer < MDL_RING_MIN || lcf->buffer > 1024 * 1024 * 1024
               ? "needs a buffer between 64k and 1g" : NULL;
    }

    if (ngx_strncmp(value->data, "flush=", 6) == 0) {
        s.data = value->data + 6;
        s.len = value->len - 6;
        lcf->flush = (ngx_msec_t) ngx_parse_time(&s, 0);

        return lcf->flush < 1 || lcf->flush > 10000
               ? "needs a flush between 1ms and 10s" : NULL;
    }

    if (ngx_strncmp(value->data, "max=", 4) == 0) {
        s.data = value->data + 4;
        s.len = value->len - 4;
        lcf->max = ngx_parse_offset(&s);

        return lcf->max < 32 * 1024 * 1024 ? "needs a max of at least 32m"
                                           : NULL;
    }

    return ngx_http_moderation_ledger_number(value, "samples=", 8,
                                             &lcf->samples)
           || ngx_http_moderation_ledger_number(value, "flap=", 5,
                                                &lcf->flap)
           || ngx_http_moderation_ledger_number(value, "quota=", 6,
                                                &lcf->quota)
           ? NULL : "";
}


/* moderation_ledger DIR [buffer=] [flush=] [max=] [samples=] [flap=] [quota=]
 * | on | off */

char *
ngx_http_moderation_set_ledger(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_moderation_loc_conf_t *mlcf = conf;

    char                               *wrong;
    ngx_str_t                          *value;
    ngx_uint_t                          i;
    ngx_http_moderation_main_conf_t    *mmcf;
    ngx_http_moderation_ledger_conf_t  *lcf;

    value = cf->args->elts;

    if (cf->args->nelts == 2
        && (ngx_strcmp(value[1].data, "on") == 0
            || ngx_strcmp(value[1].data, "off") == 0))
    {
        if (mlcf->ledger != NGX_CONF_UNSET) {
            return "is duplicate";
        }

        mlcf->ledger = value[1].data[1] == 'n';
        return NGX_CONF_OK;
    }

    if (cf->cmd_type != NGX_HTTP_MAIN_CONF) {
        return "names its folder in the http block alone: on or off here";
    }

    mmcf = ngx_http_conf_get_module_main_conf(cf,
                                         ngx_http_moderation_filter_module);
    lcf = &mmcf->ledger;

    if (lcf->dir.len != 0) {
        return "is duplicate";
    }

    if (value[1].len == 0) {
        return "has an empty path";
    }

    lcf->dir = value[1];

    if (ngx_conf_full_name(cf->cycle, &lcf->dir, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    lcf->buffer = 1024 * 1024;
    lcf->flush = 100;
    lcf->max = (off_t) 4 * 1024 * 1024 * 1024;
    lcf->samples = 1000;
    lcf->flap = 6;
    lcf->quota = 6000;

    for (i = 2; i < cf->args->nelts; i++) {
        wrong = ngx_http_moderation_ledger_parameter(&value[i], lcf);

        if (wrong == NULL) {
            continue;
        }

        if (*wrong != '\0') {
            return wrong;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                           &value[i]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_moderation_set_id_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_moderation_main_conf_t *mmcf = conf;

    int         wide;
    char        text[512];
    ngx_str_t  *value, *file;

    file = &mmcf->ledger.key_file;

    if (file->len != 0) {
        return "is duplicate";
    }

    value = cf->args->elts;
    *file = value[1];

    if (file->len == 0 || ngx_conf_full_name(cf->cycle, file, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (mdl_key_load(&mmcf->ledger.key, (char *) file->data, &wide, text,
                     sizeof(text))
        != 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s", text);
        return NGX_CONF_ERROR;
    }

    if (wide) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "id key \"%V\" can be read by others: give it mode "
                           "0640", file);
    }

    return NGX_CONF_OK;
}


/* the folder: made where it is not there, as nginx makes its temp paths */

static ngx_int_t
ngx_http_moderation_ledger_dir(ngx_conf_t *cf, ngx_str_t *dir)
{
    struct stat       st;
    ngx_core_conf_t  *ccf;

    if (stat((char *) dir->data, &st) == -1) {

        if (ngx_errno != NGX_ENOENT) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                               "stat() \"%V\" failed", dir);
            return NGX_ERROR;
        }

        if (mkdir((char *) dir->data, 0770) == -1) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                               "mkdir() \"%V\" failed", dir);
            return NGX_ERROR;
        }

        ccf = (ngx_core_conf_t *) ngx_get_conf(cf->cycle->conf_ctx,
                                               ngx_core_module);

        if (geteuid() == 0 && ccf->user != (ngx_uid_t) NGX_CONF_UNSET_UINT
            && chown((char *) dir->data, ccf->user, ccf->group) == -1)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                               "chown() \"%V\" failed", dir);
            return NGX_ERROR;
        }

        return NGX_OK;
    }

    if (!S_ISDIR(st.st_mode)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" is no folder", dir);
        return NGX_ERROR;
    }

    if (st.st_mode & S_IRWXO) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "spool \"%V\" is open to others: give it mode "
                           "3770", dir);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_moderation_ledger_check(ngx_conf_t *cf)
{
    ngx_http_moderation_main_conf_t    *mmcf;
    ngx_http_moderation_ledger_conf_t  *lcf;

    mmcf = ngx_http_conf_get_module_main_conf(cf,
                                         ngx_http_moderation_filter_module);
    lcf = &mmcf->ledger;

    if (mmcf->verdicts.dir.len != 0 && lcf->key_file.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"moderation_verdicts\" needs a "
                           "\"moderation_id_key\" (moderationctl keys new)");
        return NGX_ERROR;
    }

    if (lcf->dir.len == 0) {
        return NGX_OK;
    }

    if (mmcf->zone == NULL) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"moderation_ledger\" needs a "
                           "\"moderation_zone\"");
        return NGX_ERROR;
    }

    if (lcf->key_file.len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"moderation_ledger\" needs a "
                           "\"moderation_id_key\" (moderationctl keys new)");
        return NGX_ERROR;
    }

    mmcf->zone->ring = lcf->buffer;
    mmcf->zone->cycle = cf->cycle;

    return ngx_http_moderation_ledger_dir(cf, &lcf->dir);
}


uint64_t
ngx_http_moderation_ledger_next(void)
{
    ngx_http_moderation_ledger_t  *l;

    l = &ngx_http_moderation_ledger;

    return l->place == -1 ? 0 : mdl_place(l->area, (uint32_t) l->place)->next;
}


ngx_int_t
ngx_http_moderation_ledger_put(size_t len, ngx_uint_t last)
{
    ngx_int_t                      rc;
    ngx_http_moderation_ledger_t  *l;

    l = &ngx_http_moderation_ledger;

    if (l->place == -1) {
        (void) __atomic_fetch_add(&l->area->unplaced, 1, __ATOMIC_RELAXED);
        return NGX_ERROR;
    }

    rc = mdl_ring_put(l->area, (uint32_t) l->place, l->line, len, last,
                      ngx_http_moderation_now_ms());

    if (l->writer != NULL
        && mdl_ring_used(l->area, (uint32_t) l->place)
           > l->area->ring_size / 4)
    {
        mdl_writer_wake(l->writer);
    }

    return rc == 0 ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_moderation_ledger_place(ngx_log_t *log)
{
    mdl_writer_conf_t              wc;
    ngx_http_moderation_ledger_t  *l;

    l = &ngx_http_moderation_ledger;
    l->place = mdl_place_claim(l->area, l->owner);

    if (l->place == -1) {
        return;
    }

    ngx_memzero(&wc, sizeof(mdl_writer_conf_t));
    wc.area = l->area;
    wc.place = (uint32_t) l->place;
    wc.owner = l->owner;
    wc.dir = (char *) l->conf->dir.data;
    wc.module = MDR_VERSION;
    wc.key = l->conf->key.id;
    wc.flush_ms = l->conf->flush;
    wc.max_bytes = (uint64_t) l->conf->max;
#ifdef NGX_HTTP_MODERATION_LEDGER_RATE
    wc.rate = NGX_HTTP_MODERATION_LEDGER_RATE;
#endif

    l->writer = mdl_writer_start(&wc);

    if (l->writer == NULL) {
        ngx_log_error(NGX_LOG_ERR, log, ngx_errno,
                      "moderation: no thread for the ledger");
        mdl_place_release(l->area, (uint32_t) l->place, l->owner);
        l->place = -1;
    }
}


ngx_int_t
ngx_http_moderation_ledger_start(ngx_cycle_t *cycle,
    ngx_http_moderation_main_conf_t *mmcf)
{
    ngx_http_moderation_ledger_t  *l;

    l = &ngx_http_moderation_ledger;

    if (mmcf->ledger.dir.len == 0 || mmcf->zone == NULL
        || mmcf->zone->area == NULL)
    {
        l->area = NULL;
        return NGX_OK;
    }

    ngx_memzero(l, sizeof(ngx_http_moderation_ledger_t));
    l->area = mmcf->zone->area;
    l->conf = &mmcf->ledger;
    l->owner = mdl_owner();
    l->line = malloc(MDL_LINE_MAX);

    if (l->line == NULL) {
        l->area = NULL;
        return NGX_ERROR;
    }

    ngx_http_moderation_ledger_item_init();
    ngx_http_moderation_ledger_place(cycle->log);

    if (l->place == -1) {
        ngx_log_error(NGX_LOG_WARN, cycle->log, 0,
                      "moderation: no place in the ledger is free, decisions "
                      "are not recorded until one is");
    }

    l->tick.handler = ngx_http_moderation_ledger_tick;
    l->tick.log = cycle->log;
    l->tick.data = mmcf;
    l->tick.cancelable = 1;
    ngx_add_timer(&l->tick, NGX_HTTP_MODERATION_LEDGER_TICK);

    return NGX_OK;
}


/* the place is given back, what is in its ring is written */

void
ngx_http_moderation_ledger_stop(void)
{
    size_t                         n;
    mdl_place_t                   *p;
    ngx_http_moderation_ledger_t  *l;

    l = &ngx_http_moderation_ledger;

    if (l->area == NULL) {
        return;
    }

    if (l->tick.timer_set) {
        ngx_del_timer(&l->tick);
    }

    ngx_time_update();

    if (l->place != -1) {
        ngx_http_moderation_ledger_counts(1);

        p = mdl_place(l->area, (uint32_t) l->place);

        if (p->segment_bytes != 0 || p->head != p->tail) {
            n = mdl_line_end(l->line, MDL_LINE_MAX,
                             ngx_http_moderation_now_ms(),
                             ngx_http_moderation_ledger_next());
            (void) ngx_http_moderation_ledger_put(n, 1);
        }

        if (l->writer != NULL
            && mdl_writer_stop(l->writer, NGX_HTTP_MODERATION_LEDGER_EXIT)
               != 0)
        {
            ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                          "moderation: the ledger could not be written in "
                          "time, another worker does");
        }
    }

    free(l->line);
    ngx_memzero(l, sizeof(ngx_http_moderation_ledger_t));
    l->place = -1;
}


static void
ngx_http_moderation_ledger_say(ngx_log_t *log)
{
    ngx_uint_t                     err, full;
    ngx_http_moderation_ledger_t  *l;

    l = &ngx_http_moderation_ledger;
    full = l->area->spool_full;

    if (full != ngx_http_moderation_ledger_full) {

        if (full == MDL_SPOOL_FULL) {
            ngx_log_error(NGX_LOG_ERR, log, 0,
                          "moderation: the ledger \"%V\" has reached its "
                          "\"max\", nothing is written until there is room",
                          &l->conf->dir);

        } else if (full == MDL_SPOOL_HALF) {
            ngx_log_error(NGX_LOG_WARN, log, 0,
                          "moderation: the ledger \"%V\" has reached half of "
                          "its \"max\", counts come once an hour",
                          &l->conf->dir);
        }

        ngx_http_moderation_ledger_full = full;
    }

    err = (ngx_uint_t) mdl_place(l->area, (uint32_t) l->place)->failing;

    if (err != ngx_http_moderation_ledger_errno
        && (err == 0 || ngx_time() - ngx_http_moderation_ledger_said
                        >= NGX_HTTP_MODERATION_LEDGER_SAY
            || ngx_http_moderation_ledger_errno == 0))
    {
        ngx_http_moderation_ledger_errno = err;
        ngx_http_moderation_ledger_said = ngx_time();

        if (err != 0) {
            ngx_log_error(NGX_LOG_ERR, log, (ngx_err_t) err,
                          "moderation: the ledger \"%V\" cannot be written, "
                          "lines wait in memory", &l->conf->dir);

        } else {
            ngx_log_error(NGX_LOG_NOTICE, log, 0,
                          "moderation: the ledger \"%V\" is written again",
                          &l->conf->dir);
        }
    }
}


static void
ngx_http_moderation_ledger_tick(ngx_event_t *ev)
{
    size_t                            n;
    uint64_t                          now;
    mdl_place_t                      *p;
    ngx_http_moderation_ledger_t     *l;
    ngx_http_moderation_main_conf_t  *mmcf;

    mmcf = ev->data;
    l = &ngx_http_moderation_ledger;

    if (l->place == -1) {
        ngx_http_moderation_ledger_place(ev->log);
    }

    if (l->place != -1) {
        p = mdl_place(l->area, (uint32_t) l->place);
        now = ngx_http_moderation_now_ms();

        ngx_http_moderation_ledger_say(ev->log);

        if (p->segment_bytes >= MDL_SEGMENT_BYTES
            || (p->segment_bytes != 0
                && now - p->segment_ms >= MDL_SEGMENT_MS))
        {
            /* one that finds no room would be a line lost for nothing */

            if (l->area->ring_size - mdl_ring_used(l->area,
                                                   (uint32_t) l->place)
                > 1024 && p->failing == 0)
            {
                n = mdl_line_end(l->line, MDL_LINE_MAX, now, p->next);
                (void) ngx_http_moderation_ledger_put(n, 1);
            }
        }

        if (mdl_lease(l->area, (uint32_t) l->place, (uint64_t) ngx_time())) {
            ngx_http_moderation_ledger_tell(mmcf);
        }
    }

    if (!ngx_exiting) {
        ngx_add_timer(ev, NGX_HTTP_MODERATION_LEDGER_TICK);
    }
}
