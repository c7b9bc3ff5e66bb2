/*
 * ngx_http_moderation_store.c - policies of a configuration: load, save,
 * start, stop.
 *
 * A policy is read while nginx reads its configuration, or its saved image is
 * mapped if that is of the same sources.  What was compiled is saved once the
 * configuration is good.  What happens later is in reload.c.
 */


#include "ngx_http_moderation_store.h"

#include <sys/mman.h>


#define NGX_HTTP_MODERATION_TICK  200           /* ms                        */


/* configuration */

/* whose images are as good as root's: the workers save them */

static uid_t
ngx_http_moderation_worker_user(ngx_cycle_t *cycle)
{
    struct passwd    *pwd;
    ngx_core_conf_t  *ccf;

    if (geteuid() != 0) {
        return geteuid();
    }

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    if (ccf != NULL && ccf->user != (ngx_uid_t) NGX_CONF_UNSET_UINT) {
        return ccf->user;
    }

    pwd = getpwnam(NGX_USER);

    return pwd != NULL ? pwd->pw_uid : 0;
}


static mdr_policy_t *
ngx_http_moderation_store_saved(ngx_conf_t *cf,
    ngx_http_moderation_store_t *store, const char *hash, void **map,
    size_t *size)
{
    char          *prefix, name[NGX_MAX_PATH], text[512];
    mdr_policy_t  *policy;

    policy = NULL;
    prefix = NULL;

    if (*store->image_path != NULL) {
        prefix = ngx_http_moderation_image_prefix(*store->image_path,
                                                  &store->path);
    }

    if (prefix != NULL
        && ngx_http_moderation_image_name(name, sizeof(name), prefix, hash)
        && access(name, F_OK) == 0)
    {
        policy = ngx_http_moderation_image_map(name, hash,
                                   ngx_http_moderation_worker_user(cf->cycle),
                                   map, size, text, sizeof(text));
        if (policy == NULL) {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                               "moderation: saved image not used: %s", text);
        }
    }

    free(prefix);

    return policy;
}


/* start=last_good: the sources cannot be used, and diags says why; the newest
 * image of the same path that this engine can map serves in their place */

static mdr_policy_t *
ngx_http_moderation_store_last(ngx_conf_t *cf,
    ngx_http_moderation_store_t *store, mdr_diags_t *diags, void **map,
    size_t *size)
{
    char               *prefix, hash[33], name[NGX_MAX_PATH], why[512];
    char                text[512];
    size_t              i;
    mdr_policy_t       *policy;
    const mdr_diag_t   *d;
    mdr_policy_info_t   info;

    policy = NULL;
    prefix = *store->image_path != NULL
             ? ngx_http_moderation_image_prefix(*store->image_path,
                                                &store->path) : NULL;

    if (prefix != NULL && ngx_http_moderation_image_newest(prefix, hash)
        && ngx_http_moderation_image_name(name, sizeof(name), prefix, hash))
    {
        policy = ngx_http_moderation_image_map(name, hash,
                                   ngx_http_moderation_worker_user(cf->cycle),
                                   map, size, text, sizeof(text));
        if (policy == NULL) {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                               "moderation: saved image not used: %s", text);
        }
    }

    free(prefix);

    if (policy == NULL) {
        return NULL;
    }

    ngx_cpystrn((u_char *) why, (u_char *) "cannot be loaded", sizeof(why));

    for (i = 0; i < mdr_diags_count(diags); i++) {
        d = mdr_diags_get(diags, i);

        if (d->severity == MDR_DIAG_ERROR) {
            (void) mdr_diag_format(d, why, sizeof(why));
            break;
        }
    }

    mdr_policy_info(policy, &info);

    ngx_conf_log_error(NGX_LOG_ERR, cf, 0,
                       "moderation: policy \"%V\" refused, the last good one "
                       "serves, %*s@%s: %s", &store->path,
                       (size_t) info.name.len, info.name.data, info.hash,
                       why);

    store->refusals++;
    store->refused = ngx_time();
    ngx_cpystrn(store->refusal, (u_char *) why, sizeof(store->refusal));

    return policy;
}


static void
ngx_http_moderation_store_say(ngx_conf_t *cf,
    ngx_http_moderation_store_t *store, mdr_diags_t *diags)
{
    char               line[2048];
    size_t             i, n;
    const mdr_diag_t  *d;

    n = mdr_diags_count(diags);

    for (i = 0; i < n; i++) {
        d = mdr_diags_get(diags, i);

        (void) mdr_diag_format(d, line, sizeof(line));
        ngx_conf_log_error(d->severity == MDR_DIAG_ERROR
                           ? NGX_LOG_EMERG : NGX_LOG_WARN, cf, 0,
                           "moderation policy: %s", line);
    }

    if (n == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "moderation policy \"%V\" cannot be loaded",
                           &store->path);
    }
}


static ngx_int_t
ngx_http_moderation_store_load(ngx_conf_t *cf,
    ngx_http_moderation_store_t *store)
{
    int                         rc;
    void                       *map;
    char                        hash[33];
    size_t                      map_size;
    mdr_diags_t                *diags;
    mdr_policy_t               *policy;
    mdr_load_conf_t             conf;
    ngx_http_moderation_gen_t  *gen;

    diags = mdr_diags_new(NULL);
    if (diags == NULL) {
        return NGX_ERROR;
    }

    policy = NULL;
    map = NULL;
    map_size = 0;

    if (mdr_policy_manifest((char *) store->path.data, NULL, diags)
        != MDR_OK)
    {
        if (store->last_good) {
            policy = ngx_http_moderation_store_last(cf, store, diags, &map,
                                                    &map_size);
        }

        if (policy == NULL) {
            ngx_http_moderation_store_say(cf, store, diags);
            mdr_diags_free(diags);
            return NGX_ERROR;
        }

    } else if (mdr_policy_digest((char *) store->path.data, NULL, hash, diags)
        == MDR_OK)
    {
        policy = ngx_http_moderation_store_saved(cf, store, hash, &map,
                                                 &map_size);
    }

    mdr_diags_free(diags);

    if (policy == NULL) {
        diags = mdr_diags_new(NULL);
        if (diags == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(&conf, sizeof(conf));
        conf.now = (int64_t) ngx_time();

        rc = mdr_policy_load((char *) store->path.data, &conf, diags,
                             &policy);

        if (rc != MDR_OK && store->last_good) {
            policy = ngx_http_moderation_store_last(cf, store, diags, &map,
                                                    &map_size);
        }

        if (policy == NULL || (map == NULL && mdr_diags_count(diags) != 0)) {
            ngx_http_moderation_store_say(cf, store, diags);
        }

        mdr_diags_free(diags);

        if (policy == NULL) {
            return NGX_ERROR;
        }
    }

    gen = ngx_http_moderation_gen_new(store, policy, map, map_size);
    if (gen == NULL) {
        mdr_policy_free(policy);
        return NGX_ERROR;
    }

    if (map != NULL) {
        ngx_http_moderation_gen_expired(gen, 0, cf->log);
    }

    store->gen = gen;

    return NGX_OK;
}


static void
ngx_http_moderation_store_cleanup(void *data)
{
    ngx_queue_t                  *q;
    ngx_http_moderation_gen_t    *gen;
    ngx_http_moderation_store_t  *store = data;

    if (store->timer.timer_set) {
        ngx_del_timer(&store->timer);
    }

    ngx_http_moderation_gen_unref(store->gen);
    store->gen = NULL;

    /* what requests still hold goes with them */

    for (q = ngx_queue_head(&store->gens);
         q != ngx_queue_sentinel(&store->gens);
         q = ngx_queue_next(q))
    {
        gen = ngx_queue_data(q, ngx_http_moderation_gen_t, queue);
        gen->store = NULL;
    }

    free(store->kill_seen.text);
    store->kill_seen.text = NULL;
}


ngx_http_moderation_store_t *
ngx_http_moderation_store_add(ngx_conf_t *cf, ngx_array_t *stores,
    const ngx_http_moderation_store_conf_t *conf)
{
    ngx_uint_t                     i;
    ngx_pool_cleanup_t            *cln;
    ngx_http_moderation_store_t   *store, **all;

    all = stores->elts;

    for (i = 0; i < stores->nelts; i++) {
        store = all[i];

        if (store->path.len != conf->path.len
            || store->kill.len != conf->kill.len
            || ngx_strncmp(store->path.data, conf->path.data, conf->path.len)
               != 0
            || ngx_strncmp(store->kill.data, conf->kill.data, conf->kill.len)
               != 0)
        {
            continue;
        }

        if (conf->check != 0
            && (store->check == 0 || conf->check < store->check))
        {
            store->check = conf->check;
        }

        return store;
    }

    store = ngx_pcalloc(cf->pool, sizeof(ngx_http_moderation_store_t));
    if (store == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    ngx_queue_init(&store->gens);

    cln->handler = ngx_http_moderation_store_cleanup;
    cln->data = store;

    store->path = conf->path;
    store->kill = conf->kill;
    store->check = conf->check;
    store->last_good = conf->last_good;
    store->zone = conf->zone;
    store->image_path = conf->image_path;
    store->log = &cf->cycle->new_log;

    if (ngx_http_moderation_store_load(cf, store) != NGX_OK) {
        return NULL;
    }

    all = ngx_array_push(stores);
    if (all == NULL) {
        return NULL;
    }

    *all = store;

    return store;
}


/* start */

/* root reads what a worker may not: said at start, not at the first reload */

static void
ngx_http_moderation_readable(ngx_cycle_t *cycle,
    ngx_http_moderation_store_t *store)
{
    char              name[NGX_MAX_PATH];
    uint32_t          i;
    mdr_str_t         file;
    ngx_uint_t        can;
    struct stat       st;
    ngx_core_conf_t  *ccf;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    if (geteuid() != 0 || ccf->user == (ngx_uid_t) NGX_CONF_UNSET_UINT
        || ccf->user == 0)
    {
        return;
    }

    for (i = 0; mdr_policy_file(store->gen->policy, i, &file) == MDR_OK; i++)
    {
        if (file.len >= sizeof(name)) {
            continue;
        }

        ngx_memcpy(name, file.data, file.len);
        name[file.len] = '\0';

        if (stat(name, &st) == -1) {
            continue;
        }

        can = st.st_uid == ccf->user ? st.st_mode & S_IRUSR
              : st.st_gid == ccf->group ? st.st_mode & S_IRGRP
              : st.st_mode & S_IROTH;

        if (!can) {
            ngx_log_error(NGX_LOG_WARN, cycle->log, 0,
                          "moderation: \"%s\" cannot be read by the worker "
                          "user \"%s\": changes will be refused", name,
                          ccf->username);
        }
    }
}


/* the place of a store in the zone, the same one over all configurations */

static ngx_atomic_uint_t
ngx_http_moderation_store_key(ngx_http_moderation_store_t *store)
{
    ngx_atomic_uint_t  key;

    key = ngx_crc32_long(store->path.data, store->path.len);
    key = key * 2654435761U ^ ngx_murmur_hash2(store->path.data,
                                               store->path.len);
    return key | 1;
}


/*
 * Places by key, then free ones, then those of a configuration that is gone.
 * A worker of that, about to end, may look into its place once more: there is
 * no image of such a hash for its path, so it stays with what it has.
 */

static ngx_uint_t
ngx_http_moderation_share(ngx_http_moderation_store_t *store,
    ngx_array_t *stores, ngx_uint_t pass)
{
    ngx_uint_t                      i, j;
    ngx_atomic_uint_t               key;
    ngx_http_moderation_zone_t     *zone;
    ngx_http_moderation_zstore_t   *s;
    ngx_http_moderation_store_t   **all;

    zone = store->zone != NULL ? *store->zone : NULL;

    if (zone == NULL || zone->data == NULL || store->check == 0
        || store->shared != NULL)
    {
        return 1;
    }

    key = ngx_http_moderation_store_key(store);
    all = stores->elts;

    for (i = 0; i < NGX_HTTP_MODERATION_STORES; i++) {
        s = &zone->data->stores[i];

        if (pass == 0 && s->key != key) {
            continue;
        }

        if (pass == 1 && s->key != 0) {
            continue;
        }

        for (j = 0; pass == 2 && j < stores->nelts; j++) {
            if (all[j]->shared == s) {
                break;
            }
        }

        if (pass == 2 && j < stores->nelts) {
            continue;
        }

        if (pass != 0) {
            ngx_memzero(s, sizeof(ngx_http_moderation_zstore_t));
            s->key = key;
        }

        store->shared = s;
        return 1;
    }

    return 0;
}


static void
ngx_http_moderation_store_image(ngx_cycle_t *cycle,
    ngx_http_moderation_store_t *store)
{
    char                        name[NGX_MAX_PATH], text[512], *prefix;
    void                       *map;
    size_t                      size, map_size;
    const void                 *image;
    mdr_policy_t               *policy;
    ngx_core_conf_t            *ccf;
    ngx_http_moderation_gen_t  *gen;

    if (*store->image_path == NULL || store->gen->map != NULL) {
        return;
    }

    prefix = ngx_http_moderation_image_prefix(*store->image_path,
                                              &store->path);

    if (prefix == NULL
        || !ngx_http_moderation_image_name(name, sizeof(name), prefix,
                                           (char *) store->gen->hash))
    {
        free(prefix);
        return;
    }

    mdr_policy_image(store->gen->policy, &image, &size);

    if (!ngx_http_moderation_image_write(name, image, size)) {
        ngx_log_error(NGX_LOG_WARN, cycle->log, ngx_errno,
                      "moderation: image \"%s\" not saved", name);
        free(prefix);
        return;
    }

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    if (geteuid() == 0 && ccf->user != (ngx_uid_t) NGX_CONF_UNSET_UINT
        && chown(name, ccf->user, (gid_t) -1) == -1)
    {
        ngx_log_error(NGX_LOG_WARN, cycle->log, ngx_errno,
                      "chown() \"%s\" failed", name);
    }

    ngx_http_moderation_image_clean(prefix, (char *) store->gen->hash,
                                    (char *) store->gen->hash);
    free(prefix);

    /* the file in place of the memory that compiling has left */

    policy = ngx_http_moderation_image_map(name, (char *) store->gen->hash,
                                   ngx_http_moderation_worker_user(cycle),
                                   &map, &map_size, text, sizeof(text));
    if (policy == NULL) {
        ngx_log_error(NGX_LOG_WARN, cycle->log, 0,
                      "moderation: saved image not used: %s", text);
        return;
    }

    gen = ngx_http_moderation_gen_new(store, policy, map, map_size);

    if (gen != NULL) {
        ngx_http_moderation_gen_swap(store, gen);

    } else {
        mdr_policy_free(policy);
        munmap(map, map_size);
    }
}


ngx_int_t
ngx_http_moderation_store_save(ngx_cycle_t *cycle, ngx_array_t *stores)
{
    ngx_uint_t                     i, pass;
    ngx_http_moderation_store_t   *store, **all;

    all = stores->elts;

    for (pass = 0; pass < 3; pass++) {
        for (i = 0; i < stores->nelts; i++) {
            if (!ngx_http_moderation_share(all[i], stores, pass)
                && pass == 2)
            {
                ngx_log_error(NGX_LOG_WARN, cycle->log, 0,
                              "moderation: more than %d policies, each "
                              "worker compiles \"%V\"",
                              NGX_HTTP_MODERATION_STORES, &all[i]->path);
            }
        }
    }

    for (i = 0; i < stores->nelts; i++) {
        store = all[i];
        store->log = cycle->log;

        ngx_http_moderation_readable(cycle, store);
        ngx_http_moderation_store_image(cycle, store);

        if (store->shared != NULL) {

            /* the master has read the configuration now: it wins */

            while (!ngx_http_moderation_publish(store,
                                                store->shared->serial))
            {
                ngx_cpu_pause();
            }
        }
    }

    return NGX_OK;
}


/* a worker that is started again begins with what is live, not with what the
 * master has read long ago.  Nobody waits for it yet */

static void
ngx_http_moderation_catch_up(ngx_http_moderation_store_t *store)
{
    char                        hash[33], name[NGX_MAX_PATH], text[512];
    char                       *prefix;
    void                       *map;
    size_t                      size;
    mdr_policy_t               *policy;
    ngx_atomic_uint_t           serial;
    ngx_http_moderation_gen_t  *gen;

    serial = ngx_http_moderation_news(store, hash);

    if (serial == 0 || *store->image_path == NULL) {
        return;
    }

    prefix = ngx_http_moderation_image_prefix(*store->image_path,
                                              &store->path);
    if (prefix == NULL) {
        return;
    }

    if (ngx_http_moderation_image_name(name, sizeof(name), prefix, hash)) {
        policy = ngx_http_moderation_image_map(name, hash, geteuid(), &map,
                                               &size, text, sizeof(text));
        if (policy != NULL) {
            gen = ngx_http_moderation_gen_new(store, policy, map, size);

            if (gen != NULL) {
                ngx_http_moderation_gen_swap(store, gen);
                store->serial = serial;

            } else {
                mdr_policy_free(policy);
                munmap(map, size);
            }
        }
    }

    free(prefix);
}


ngx_int_t
ngx_http_moderation_store_start(ngx_cycle_t *cycle, ngx_array_t *stores)
{
    ngx_uint_t                     i;
    ngx_http_moderation_kill_t     kill;
    ngx_http_moderation_store_t   *store, **all;

    all = stores->elts;

    for (i = 0; i < stores->nelts; i++) {
        store = all[i];
        store->log = cycle->log;

        ngx_http_moderation_catch_up(store);
        ngx_http_moderation_tell(store);

        if (store->kill.len != 0) {
            ngx_http_moderation_look_kill((char *) store->kill.data,
                                          store->kill_seen.print, &kill);
            (void) ngx_http_moderation_kill_take(store, &kill, 1);
        }

        ngx_http_moderation_gen_caps(store, store->kill_seen.text != NULL
                                            && ngx_worker == 0);

        if (store->check == 0 && store->kill.len == 0
            && store->gen->nbrakes == 0 && store->gen->nregexes == 0)
        {
            continue;
        }

        store->looked = ngx_current_msec;
        store->next_digest = ngx_time() + NGX_HTTP_MODERATION_DIGEST;

        store->timer.handler = ngx_http_moderation_reload_timer;
        store->timer.data = store;
        store->timer.log = cycle->log;
        store->timer.cancelable = 1;

        ngx_add_timer(&store->timer, NGX_HTTP_MODERATION_TICK);
    }

    return NGX_OK;
}


void
ngx_http_moderation_store_stop(ngx_array_t *stores)
{
    ngx_uint_t                     i;
    ngx_http_moderation_store_t   *store, **all;

    all = stores->elts;

    for (i = 0; i < stores->nelts; i++) {
        store = all[i];

        if (store->timer.timer_set) {
            ngx_del_timer(&store->timer);
        }

        /* a running thread ends with the process; its file is not renamed
         * before it is whole */

        if (store->job != NULL) {
            ngx_http_moderation_job_leave(store->job);
            store->job = NULL;
        }

        if (store->kill_job != NULL) {
            ngx_http_moderation_job_leave(store->kill_job);
            store->kill_job = NULL;
        }

        ngx_http_moderation_release(store);

        if (store->worker != NULL) {
            store->worker->pid = 0;
            store->worker = NULL;
        }
    }
}
