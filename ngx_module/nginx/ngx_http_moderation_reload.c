/*
 * ngx_http_moderation_reload.c - a policy changes while nginx runs: what
 * happens when.
 *
 * The event loop only swaps a pointer; looking at the files, the kill file
 * among them, reading, checking, compiling and mapping run in a thread
 * (compile.c).
 *
 * With a zone one worker, the holder of the lease, watches the files and
 * compiles; it saves the image under moderation_image_path and publishes its
 * hash, and all workers map that file, so there is one copy in memory.  Where
 * the image cannot be saved, or without a zone, each worker compiles for
 * itself.  A holder that dies loses the lease to the first who looks.
 *
 * A change is loaded when it has been the same for three quarters of the
 * check interval, so that what is written file by file is whole; at once
 * where a symbolic link was swapped, or where a MANIFEST says that it is
 * whole.  The digest must be the same before and after the compilation, and
 * it decides whether anything has changed at all.
 */


#include "ngx_http_moderation_store.h"


#define NGX_HTTP_MODERATION_TICK      200       /* ms between looks          */
#define NGX_HTTP_MODERATION_POLL      10        /* ms: is the thread done?   */
#define NGX_HTTP_MODERATION_LEASE     10        /* s                         */
#define NGX_HTTP_MODERATION_UNLISTED  10        /* s: half a MANIFEST        */
#define NGX_HTTP_MODERATION_UNSETTLED 30000     /* ms: changes all the time  */
#define NGX_HTTP_MODERATION_DAY       86400


/* what workers tell each other */

ngx_uint_t
ngx_http_moderation_is_gone(ngx_atomic_uint_t pid)
{
    return pid == 0 || (kill((pid_t) pid, 0) == -1 && errno == ESRCH);
}


/* 1: the lease is ours.  Without a zone everyone has one */

static ngx_uint_t
ngx_http_moderation_lease(ngx_http_moderation_store_t *store)
{
    ngx_atomic_uint_t              pid;
    ngx_http_moderation_zstore_t  *s;

    s = store->shared;

    if (s == NULL) {
        return 1;
    }

    pid = s->lease_pid;

    if (pid != (ngx_atomic_uint_t) ngx_pid
        && (((time_t) s->lease_until > ngx_time()
             && !ngx_http_moderation_is_gone(pid))
            || !ngx_atomic_cmp_set(&s->lease_pid, pid,
                                   (ngx_atomic_uint_t) ngx_pid)))
    {
        return 0;
    }

    s->lease_until = (ngx_atomic_uint_t) (ngx_time()
                                          + NGX_HTTP_MODERATION_LEASE);

    return 1;
}


static ngx_uint_t
ngx_http_moderation_holds(ngx_http_moderation_store_t *store)
{
    return store->shared == NULL
           || store->shared->lease_pid == (ngx_atomic_uint_t) ngx_pid;
}


void
ngx_http_moderation_release(ngx_http_moderation_store_t *store)
{
    if (store->shared != NULL) {
        (void) ngx_atomic_cmp_set(&store->shared->lease_pid,
                                  (ngx_atomic_uint_t) ngx_pid, 0);
    }
}


/* which generation we have */

void
ngx_http_moderation_tell(ngx_http_moderation_store_t *store)
{
    ngx_uint_t                      i;
    ngx_atomic_uint_t               pid;
    ngx_http_moderation_zworker_t  *w;

    if (store->shared == NULL) {
        return;
    }

    for (i = 0;
         store->worker == NULL && i < NGX_HTTP_MODERATION_WORKERS; i++)
    {
        w = &store->shared->workers[i];
        pid = w->pid;

        if (ngx_http_moderation_is_gone(pid)
            && ngx_atomic_cmp_set(&w->pid, pid, (ngx_atomic_uint_t) ngx_pid))
        {
            store->worker = w;
        }
    }

    if (store->worker != NULL) {
        store->worker->gen = (store->serial / 2) << 8
                             | ngx_min(store->alive, 255);
    }
}


static uint32_t
ngx_http_moderation_whole(ngx_atomic_uint_t serial, const u_char hash[33])
{
    return ngx_murmur_hash2((u_char *) hash, 32)
           ^ (uint32_t) serial * 0x9e3779b1U;
}


/* what a start had to refuse (start=last_good), else nothing */

static void
ngx_http_moderation_refusal(ngx_http_moderation_store_t *store)
{
    ngx_memcpy(store->shared->refusal, store->refusal,
               sizeof(store->shared->refusal));
    ngx_memcpy(store->shared->refused_hash, store->refused_hash, 33);
    store->shared->refused = store->refused;
}


/* 0: another one has published since the serial was as expected */

ngx_uint_t
ngx_http_moderation_publish(ngx_http_moderation_store_t *store,
    ngx_atomic_uint_t expected)
{
    ngx_atomic_uint_t              odd;
    ngx_http_moderation_zstore_t  *s;

    s = store->shared;

    if (s == NULL) {
        return 1;
    }

    if (s->serial == expected && (expected & 1) == 0
        && s->whole == ngx_http_moderation_whole(expected, s->hash)
        && ngx_strcmp(s->hash, store->gen->hash) == 0)
    {
        ngx_http_moderation_refusal(store);
        store->serial = expected;
        return 1;
    }

    /* a holder that died while it wrote has left it odd */

    odd = (expected | 1) + (expected & 1) * 2;

    if (!ngx_atomic_cmp_set(&s->serial, expected, odd)) {
        return 0;
    }

    ngx_memcpy(s->hash, store->gen->hash, 33);
    s->loaded = store->gen->loaded;
    s->whole = ngx_http_moderation_whole(odd + 1, store->gen->hash);
    ngx_http_moderation_refusal(store);
    ngx_memory_barrier();

    if (!ngx_atomic_cmp_set(&s->serial, odd, odd + 1)) {
        return 0;
    }

    store->serial = odd + 1;

    return 1;
}


/* what is published, if we have not got it; the serial of it, or 0 */

ngx_atomic_uint_t
ngx_http_moderation_news(ngx_http_moderation_store_t *store, char hash[33])
{
    uint32_t                       whole;
    ngx_atomic_uint_t              serial;
    ngx_http_moderation_zstore_t  *s;

    s = store->shared;

    if (s == NULL) {
        return 0;
    }

    serial = s->serial;

    if (serial == store->serial || (serial & 1)) {
        return 0;
    }

    ngx_memory_barrier();
    ngx_memcpy(hash, s->hash, 33);
    whole = s->whole;
    ngx_memory_barrier();

    hash[32] = '\0';

    if (s->serial != serial
        || whole != ngx_http_moderation_whole(serial, (u_char *) hash))
    {
        return 0;
    }

    if (ngx_strcmp(store->gen->hash, hash) == 0) {
        store->serial = serial;
        ngx_http_moderation_tell(store);
        return 0;
    }

    return serial;
}


/* results of the thread */

static void
ngx_http_moderation_refuse(ngx_http_moderation_store_t *store,
    ngx_http_moderation_job_t *job)
{
    ngx_http_moderation_zstore_t  *s;

    if (ngx_strcmp(store->refusal, job->text) == 0
        && ngx_strcmp(store->refused_hash, job->hash) == 0)
    {
        return;                         /* said so already                   */
    }

    ngx_log_error(NGX_LOG_ERR, store->log, 0,
                  "moderation: policy \"%V\" refused, the last good one "
                  "stays: %s", &store->path, job->text);

    store->refusals++;
    store->refused = ngx_time();
    ngx_cpystrn(store->refusal, (u_char *) job->text,
                sizeof(store->refusal));

    /* without memory the same files may do another time */

    ngx_memcpy(store->refused_hash, job->no_memory ? "" : job->hash,
               job->no_memory ? 1 : 33);

    s = store->shared;

    if (s != NULL && s->serial == job->serial) {
        (void) ngx_atomic_fetch_add(&s->refusals, 1);
        s->refused = ngx_time();
        ngx_memcpy(s->refused_hash, job->hash, 33);
        ngx_memcpy(s->refusal, store->refusal, sizeof(s->refusal));
    }
}


static void
ngx_http_moderation_good(ngx_http_moderation_store_t *store)
{
    store->refusal[0] = '\0';
    store->refused_hash[0] = '\0';

    if (store->shared != NULL && ngx_http_moderation_holds(store)) {
        store->shared->refusal[0] = '\0';
    }
}


/* another worker has taken over while we worked, or were stopped */

static void
ngx_http_moderation_fenced(ngx_http_moderation_store_t *store)
{
    ngx_log_error(NGX_LOG_WARN, store->log, 0,
                  "moderation: policy \"%V\" was published by another worker "
                  "meanwhile, what this one compiled is dropped",
                  &store->path);

    store->done.print[0] = '\0';
}


static void
ngx_http_moderation_live(ngx_http_moderation_store_t *store,
    ngx_http_moderation_job_t *job)
{
    ngx_log_t                   log;
    mdr_policy_info_t           info;
    ngx_http_moderation_gen_t  *gen;

    if (job->kind == NGX_HTTP_MODERATION_JOB_COMPILE
        && store->shared != NULL
        && (!ngx_http_moderation_holds(store)
            || store->shared->serial != job->serial))
    {
        ngx_http_moderation_fenced(store);
        return;
    }

    gen = ngx_http_moderation_gen_new(store, job->policy, job->map,
                                      job->map_size);
    if (gen == NULL) {
        store->done.print[0] = '\0';
        return;
    }

    job->policy = NULL;
    job->map = NULL;

    ngx_http_moderation_gen_swap(store, gen);
    ngx_http_moderation_good(store);
    store->reloads++;

    if (job->kind != NGX_HTTP_MODERATION_JOB_COMPILE) {
        return;
    }

    mdr_policy_info(gen->policy, &info);

    /* an author who has saved a file wants to see this in the log of a plain
     * installation, whose level is "error" */

    log = *store->log;
    log.log_level = ngx_max(log.log_level, NGX_LOG_NOTICE);

    ngx_log_error(NGX_LOG_NOTICE, &log, 0,
                  "moderation: policy \"%V\" is live: %*s@%s, %uD rules, "
                  "%uL terms", &store->path, (size_t) info.name.len,
                  info.name.data, gen->hash, info.rules, info.terms);

    ngx_http_moderation_gen_expired(gen, 0, store->log);

    if (store->shared == NULL) {
        return;
    }

    if (!job->saved) {
        ngx_log_error(NGX_LOG_ERR, store->log, 0,
                      "moderation: image of \"%V\" not saved, each worker "
                      "compiles: %s", &store->path, job->text);
    }

    if (!ngx_http_moderation_publish(store, job->serial)) {
        ngx_http_moderation_fenced(store);
        store->serial = 0;              /* what is live is news to us        */
        return;
    }

    (void) ngx_atomic_fetch_add(&store->shared->reloads, 1);
}


static void ngx_http_moderation_looked(ngx_http_moderation_store_t *store,
    ngx_http_moderation_job_t *job);


static void
ngx_http_moderation_job_done(ngx_http_moderation_store_t *store)
{
    ngx_http_moderation_job_t  *job;

    job = store->job;
    store->job = NULL;

    if (job->kind == NGX_HTTP_MODERATION_JOB_LOOK) {
        store->looks++;

        if (store->shared != NULL) {
            (void) ngx_atomic_fetch_add(&store->shared->looks, 1);
        }

        ngx_http_moderation_looked(store, job);
        ngx_http_moderation_job_free(job);
        return;
    }

    if (job->compiled && store->shared != NULL) {
        (void) ngx_atomic_fetch_add(&store->shared->compiles, 1);
    }

    if (job->result != NGX_HTTP_MODERATION_JOB_UNLISTED) {
        store->unlisted = 0;
    }

    switch (job->result) {

    case NGX_HTTP_MODERATION_JOB_OK:
        ngx_http_moderation_live(store, job);
        break;

    case NGX_HTTP_MODERATION_JOB_SAME:
        ngx_http_moderation_good(store);
        break;

    case NGX_HTTP_MODERATION_JOB_STILL:
        break;

    case NGX_HTTP_MODERATION_JOB_MOVING:
        store->done.print[0] = '\0';    /* look again                        */
        break;

    case NGX_HTTP_MODERATION_JOB_UNLISTED:
        if (store->unlisted == 0) {
            store->unlisted = ngx_time();
        }

        if (ngx_time() - store->unlisted < NGX_HTTP_MODERATION_UNLISTED) {
            store->done.print[0] = '\0';
            break;
        }

        ngx_http_moderation_refuse(store, job);
        break;

    case NGX_HTTP_MODERATION_JOB_MISSING:
        ngx_log_error(NGX_LOG_INFO, store->log, 0,
                      "moderation: no image of \"%V\", compiling: %s",
                      &store->path, job->text);
        ngx_http_moderation_job_start(store, NGX_HTTP_MODERATION_JOB_FOLLOW,
                                      job->want);
        break;

    default:
        ngx_http_moderation_refuse(store, job);
        break;
    }

    /* last: who sees the number sees what has come of it */

    if (job->kind == NGX_HTTP_MODERATION_JOB_COMPILE) {
        store->digests++;

        if (store->shared != NULL) {
            (void) ngx_atomic_fetch_add(&store->shared->digests, 1);
        }
    }

    ngx_http_moderation_job_free(job);
    ngx_http_moderation_tell(store);
}


/* looks */

static ngx_uint_t
ngx_http_moderation_settled(ngx_http_moderation_store_t *store,
    ngx_http_moderation_look_t *now)
{
    /* what was behind the link before is not half of what is there now */

    if (store->done.links[0] != '\0'
        && ngx_strcmp(now->links, store->done.links) != 0)
    {
        return 1;
    }

    if (!store->waiting) {
        store->waiting = 1;
        store->unsettled_at = ngx_current_msec;
        store->seen_at = ngx_current_msec;
        store->seen = *now;
        return now->manifest;
    }

    if (ngx_strcmp(now->print, store->seen.print) != 0) {
        store->seen_at = ngx_current_msec;
        store->seen = *now;

        return now->manifest
               || ngx_current_msec - store->unsettled_at
                  >= ngx_max(5 * store->check,
                             NGX_HTTP_MODERATION_UNSETTLED);
    }

    return ngx_current_msec - store->seen_at
           >= store->check - store->check / 4;
}


static void
ngx_http_moderation_reload_look(ngx_http_moderation_store_t *store)
{
    char                           hash[33];
    ngx_atomic_uint_t              serial;
    ngx_http_moderation_zstore_t  *s;

    serial = ngx_http_moderation_news(store, hash);

    if (serial != 0 && store->alive < NGX_HTTP_MODERATION_ALIVE) {
        ngx_http_moderation_job_start(store, NGX_HTTP_MODERATION_JOB_MAP,
                                      hash);
        if (store->job != NULL) {
            store->serial = serial;
        }
        return;
    }

    if (!store->waiting
        && ngx_current_msec - store->looked < store->check / 4)
    {
        return;
    }

    store->looked = ngx_current_msec;

    if (!ngx_http_moderation_lease(store)) {
        store->waiting = 0;
        return;
    }

    s = store->shared;

    if (s != NULL && s->serial == store->serial && (s->serial & 1) == 0
        && s->whole != ngx_http_moderation_whole(s->serial, s->hash))
    {
        /* somebody has written into it who was stopped for long */

        (void) ngx_http_moderation_publish(store, store->serial);
    }

    ngx_http_moderation_job_start(store, NGX_HTTP_MODERATION_JOB_LOOK, NULL);
}


/* the thread has looked */

static void
ngx_http_moderation_looked(ngx_http_moderation_store_t *store,
    ngx_http_moderation_job_t *job)
{
    ngx_http_moderation_look_t  now;

    now = job->look;

    if (ngx_strcmp(now.print, store->done.print) == 0) {
        store->waiting = 0;

        if (ngx_time() < store->next_digest) {
            return;
        }

    } else if (!ngx_http_moderation_settled(store, &now)) {
        return;
    }

    if (store->alive >= NGX_HTTP_MODERATION_ALIVE) {
        return;                         /* old requests first                */
    }

    ngx_http_moderation_job_start(store, NGX_HTTP_MODERATION_JOB_COMPILE,
                                  NULL);

    if (store->job != NULL) {
        store->done = now;
        store->waiting = 0;
        store->next_digest = ngx_time() + NGX_HTTP_MODERATION_DIGEST;
    }
}


/* a thread looks at the kill file; it does not wait for one that compiles.  1:
 * what holds may be another thing now */

static ngx_uint_t
ngx_http_moderation_reload_kill(ngx_http_moderation_store_t *store,
    ngx_uint_t say)
{
    ngx_uint_t                   changed;
    ngx_http_moderation_job_t   *job;
    ngx_http_moderation_kill_t   kill;

    job = store->kill_job;
    changed = 0;

    if (job != NULL && job->done) {
        ngx_memory_barrier();
        store->kill_job = NULL;
        changed = ngx_http_moderation_kill_take(store, &job->kill, say);
        ngx_http_moderation_job_free(job);

    } else if (job == NULL && ngx_current_msec - store->kill_looked
                              >= NGX_HTTP_MODERATION_TICK)
    {
        store->kill_looked = ngx_current_msec;
        ngx_http_moderation_job_start(store, NGX_HTTP_MODERATION_JOB_KILL,
                                      NULL);

        if (store->kill_job == NULL) {

            /* no thread: it holds all the same */

            ngx_http_moderation_look_kill((char *) store->kill.data,
                                          store->kill_seen.print, &kill);
            changed = ngx_http_moderation_kill_take(store, &kill, say);
        }
    }

    return changed;
}


/* what holds rules back may have changed, without a new policy */

static void
ngx_http_moderation_reload_caps(ngx_http_moderation_store_t *store)
{
    ngx_uint_t                   today, say, changed;
    ngx_http_moderation_zone_t  *zone;

    zone = store->zone != NULL ? *store->zone : NULL;
    say = ngx_http_moderation_holds(store);
    changed = 0;

    if (store->kill.len != 0) {
        changed = ngx_http_moderation_reload_kill(store, say);
    }

    if (changed || (zone != NULL && zone->data != NULL
                    && zone->data->trips != store->trips))
    {
        ngx_http_moderation_gen_caps(store, changed && say);
    }

    today = (ngx_uint_t) ngx_time() / NGX_HTTP_MODERATION_DAY;

    if (store->gen->day != today) {
        if (say) {
            ngx_http_moderation_gen_expired(store->gen, store->gen->day,
                                            store->log);
        }
        store->gen->day = today;
    }
}


void
ngx_http_moderation_reload_timer(ngx_event_t *ev)
{
    ngx_msec_t                    next;
    ngx_http_moderation_job_t    *job;
    ngx_http_moderation_store_t  *store;

    store = ev->data;
    job = store->job;

    if (job != NULL && job->done) {
        ngx_memory_barrier();
        ngx_http_moderation_job_done(store);

    } else if (job != NULL) {
        if (store->shared != NULL && ngx_http_moderation_holds(store)) {
            (void) ngx_http_moderation_lease(store);
        }

    } else if (store->check != 0 && !ngx_exiting) {
        ngx_http_moderation_reload_look(store);
    }

    ngx_http_moderation_reload_caps(store);

    if (ngx_exiting) {

        /* requests may go on for long, but the next worker watches now */

        ngx_http_moderation_release(store);
    }

    next = ngx_min(NGX_HTTP_MODERATION_TICK,
                   ngx_max(store->check / 4, 20));

    if (store->job != NULL || store->kill_job != NULL) {
        next = NGX_HTTP_MODERATION_POLL;

    } else if (store->check == 0) {
        next = NGX_HTTP_MODERATION_TICK;
    }

    ngx_add_timer(ev, next);
}
