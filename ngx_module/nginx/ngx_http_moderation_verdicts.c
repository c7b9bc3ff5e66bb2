/*
 * ngx_http_moderation_verdicts.c - mapped tables in a worker.
 *
 * Tables are looked at without a lock; a new file takes the place of one that
 * says `retired`, and once a second names are compared with what is mapped
 * (verdicts_look.c).
 * A file that is cut under our hands raises SIGBUS: then the whole mapping
 * becomes zero pages, which no look-up takes for a table, and it counts as
 * missing until there is another.
 */


#include "ngx_http_moderation.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>


#define NGX_HTTP_MODERATION_VERDICTS_TICK  1000 /* ms between looks          */
#define NGX_HTTP_MODERATION_VERDICTS_POLL  10   /* is the thread done?       */


static void ngx_http_moderation_verdicts_tick(ngx_event_t *ev);


ngx_http_moderation_verdicts_t  ngx_http_moderation_verdicts;

static struct sigaction  ngx_http_moderation_old_bus;
static ngx_uint_t        ngx_http_moderation_bus_set;


/* moderation_verdicts DIR [missing=hold|pass] [on_stale=keep|hold] */

char *
ngx_http_moderation_set_verdicts(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_moderation_main_conf_t *mmcf = conf;

    ngx_str_t                            *value;
    ngx_uint_t                            i;
    ngx_http_moderation_verdicts_conf_t  *vcf;

    vcf = &mmcf->verdicts;

    if (vcf->dir.len != 0) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 0) {
        return "has an empty path";
    }

    vcf->dir = value[1];

    if (ngx_conf_full_name(cf->cycle, &vcf->dir, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "missing=hold") == 0) {
            vcf->missing = NGX_HTTP_MODERATION_MISSING_HOLD;

        } else if (ngx_strcmp(value[i].data, "missing=pass") == 0) {
            vcf->missing = NGX_HTTP_MODERATION_MISSING_PASS;

        } else if (ngx_strcmp(value[i].data, "on_stale=keep") == 0) {
            vcf->on_stale = NGX_HTTP_MODERATION_STALE_KEEP;

        } else if (ngx_strcmp(value[i].data, "on_stale=hold") == 0) {
            vcf->on_stale = NGX_HTTP_MODERATION_STALE_HOLD;

        } else {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &value[i]);
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


/* only what may be called in a handler of signals: mmap() is a system call */

static void
ngx_http_moderation_bus(int signo, siginfo_t *info, void *context)
{
    u_char                          *at, *base;
    ngx_uint_t                       i;
    mdl_map_t                       *m;
    ngx_http_moderation_verdicts_t  *v;

    v = &ngx_http_moderation_verdicts;
    at = info != NULL ? info->si_addr : NULL;

    for (i = 0; i < MDL_TABLES; i++) {
        m = &v->maps[i];
        base = (u_char *) (uintptr_t) m->head;

        if (base == NULL || at < base || at >= base + m->size) {
            continue;
        }

        if (mmap(base, m->size, PROT_READ,
                 MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0)
            == MAP_FAILED)
        {
            break;
        }

        v->bus[i] = 1;

        return;
    }

    /* another's */

    if ((ngx_http_moderation_old_bus.sa_flags & SA_SIGINFO)
        && ngx_http_moderation_old_bus.sa_sigaction != NULL)
    {
        ngx_http_moderation_old_bus.sa_sigaction(signo, info, context);
        return;
    }

    if (ngx_http_moderation_old_bus.sa_handler != SIG_DFL
        && ngx_http_moderation_old_bus.sa_handler != SIG_IGN)
    {
        ngx_http_moderation_old_bus.sa_handler(signo);
        return;
    }

    (void) sigaction(SIGBUS, &ngx_http_moderation_old_bus, NULL);
}


static void
ngx_http_moderation_verdicts_close(ngx_uint_t kind)
{
    ngx_http_moderation_verdicts_t  *v;

    v = &ngx_http_moderation_verdicts;

    mdl_map_close(&v->maps[kind]);
    v->bus[kind] = 0;
    v->opened++;
}


static void
ngx_http_moderation_verdicts_open(ngx_uint_t kind)
{
    char                             path[NGX_MAX_PATH], err[512];
    struct stat                      st;
    ngx_http_moderation_verdicts_t  *v;

    v = &ngx_http_moderation_verdicts;

    if (v->maps[kind].head != NULL) {
        ngx_http_moderation_verdicts_close(kind);
    }

    (void) ngx_snprintf((u_char *) path, sizeof(path), "%V/%s%Z",
                        &v->conf->dir, mdl_table_names[kind]);

    v->ino[kind] = 0;

    if (stat(path, &st) == 0) {
        v->dev[kind] = st.st_dev;
        v->ino[kind] = st.st_ino;
    }

    if (mdl_map_open(&v->maps[kind], (char *) v->conf->dir.data, (int) kind,
                     v->boot, err, sizeof(err))
        != 0)
    {
        if (!(v->said & ((ngx_uint_t) 1 << kind))) {
            v->said |= (ngx_uint_t) 1 << kind;
            ngx_log_error(NGX_LOG_WARN, ngx_cycle->log, 0,
                          "moderation: table %s", err);
        }
        return;
    }

    v->opened++;

    if (v->said & ((ngx_uint_t) 1 << kind)) {
        v->said &= ~((ngx_uint_t) 1 << kind);
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "moderation: table \"%s\" is there", path);
    }

    if (kind == MDL_TABLE_ORDERS) {
        ngx_http_moderation_phrases_load(ngx_cycle->log);
    }
}


/* NULL: it is missing.  A file that was retired is left at once */

mdl_map_t *
ngx_http_moderation_table(ngx_uint_t kind)
{
    mdl_map_t                       *m;
    ngx_http_moderation_verdicts_t  *v;

    v = &ngx_http_moderation_verdicts;

    if (v->conf == NULL) {
        return NULL;
    }

    m = &v->maps[kind];

    if (m->head != NULL && (v->bus[kind] || mdl_map_outdated(m))) {
        ngx_http_moderation_verdicts_open(kind);
    }

    return m->head != NULL ? m : NULL;
}


uint64_t
ngx_http_moderation_verdicts_generation(void)
{
    uint64_t                         g;
    ngx_uint_t                       i;
    mdl_map_t                       *m;
    ngx_http_moderation_verdicts_t  *v;

    v = &ngx_http_moderation_verdicts;
    g = v->opened;

    for (i = 0; i < MDL_TABLES; i++) {
        m = ngx_http_moderation_table(i);

        /* a new file may have as many changes as the old one had once */

        g = (g ^ (m != NULL ? mdl_map_changes(m) + 1 : 0))
            * 0x9e3779b97f4a7c15ULL;
        g = (g ^ g >> 29 ^ (m != NULL ? mdl_map_generation(m) : 0))
            * 0x9e3779b97f4a7c15ULL;
        g ^= g >> 29;
    }

    return g;
}


static void
ngx_http_moderation_verdicts_looked(ngx_http_moderation_verdicts_t *v)
{
    ngx_uint_t           i;
    const struct stat   *st;

    for (i = 0; i < MDL_TABLES; i++) {
        st = ngx_http_moderation_verdicts_look_file(v->look, i);

        if (st == NULL) {

            /* what is mapped is good as long as nothing replaces it */

            if (v->maps[i].head != NULL && (v->bus[i]
                                        || mdl_map_outdated(&v->maps[i])))
            {
                ngx_http_moderation_verdicts_close(i);
            }
            continue;
        }

        if (v->maps[i].head == NULL || v->bus[i]
            || (size_t) st->st_size != v->maps[i].size
            || st->st_ino != v->ino[i] || st->st_dev != v->dev[i]
            || mdl_map_outdated(&v->maps[i]))
        {
            ngx_http_moderation_verdicts_open(i);
        }
    }
}


static void
ngx_http_moderation_verdicts_tick(ngx_event_t *ev)
{
    ngx_msec_t                       next;
    ngx_http_moderation_verdicts_t  *v;

    v = &ngx_http_moderation_verdicts;
    next = NGX_HTTP_MODERATION_VERDICTS_TICK;

    if (v->look == NULL) {
        v->look = ngx_http_moderation_verdicts_look_start(&v->conf->dir);
        next = v->look != NULL ? NGX_HTTP_MODERATION_VERDICTS_POLL : next;

    } else if (ngx_http_moderation_verdicts_look_done(v->look)) {
        ngx_http_moderation_verdicts_looked(v);
        ngx_http_moderation_verdicts_look_leave(v->look);
        v->look = NULL;

    } else {
        next = NGX_HTTP_MODERATION_VERDICTS_POLL;
    }

    if (!ngx_exiting) {
        ngx_add_timer(ev, next);
    }
}


ngx_int_t
ngx_http_moderation_verdicts_start(ngx_cycle_t *cycle,
    ngx_http_moderation_main_conf_t *mmcf)
{
    ngx_uint_t                       i;
    struct sigaction                 sa;
    ngx_http_moderation_verdicts_t  *v;

    v = &ngx_http_moderation_verdicts;
    ngx_memzero(v, sizeof(ngx_http_moderation_verdicts_t));

    if (mmcf->verdicts.dir.len == 0) {
        return NGX_OK;
    }

    v->conf = &mmcf->verdicts;
    (void) mdl_boot_id(v->boot);

    if (!ngx_http_moderation_bus_set) {
        ngx_memzero(&sa, sizeof(struct sigaction));
        sa.sa_sigaction = ngx_http_moderation_bus;
        sa.sa_flags = SA_SIGINFO;
        (void) sigemptyset(&sa.sa_mask);
        (void) sigaction(SIGBUS, &sa, &ngx_http_moderation_old_bus);
        ngx_http_moderation_bus_set = 1;
    }

    for (i = 0; i < MDL_TABLES; i++) {
        ngx_http_moderation_verdicts_open(i);
        mdl_map_touch(&v->maps[i]);
    }

    v->tick.handler = ngx_http_moderation_verdicts_tick;
    v->tick.log = cycle->log;
    v->tick.data = mmcf;
    v->tick.cancelable = 1;
    ngx_add_timer(&v->tick, NGX_HTTP_MODERATION_VERDICTS_TICK);

    return NGX_OK;
}


void
ngx_http_moderation_verdicts_stop(void)
{
    ngx_uint_t                       i;
    ngx_http_moderation_verdicts_t  *v;

    v = &ngx_http_moderation_verdicts;

    if (v->conf == NULL) {
        return;
    }

    if (v->tick.timer_set) {
        ngx_del_timer(&v->tick);
    }

    ngx_http_moderation_verdicts_look_leave(v->look);

    for (i = 0; i < MDL_TABLES; i++) {
        mdl_map_close(&v->maps[i]);
    }

    mdr_policy_free(v->phrases);
    mdr_work_free(v->work);
    free(v->phrase_keys);
    ngx_memzero(v, sizeof(ngx_http_moderation_verdicts_t));
}
