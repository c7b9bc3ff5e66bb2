/*
 * ngx_http_moderation_compile.c - the thread that reads, checks, compiles and
 * maps.
 *
 * A plain thread with all signals blocked and a low priority, not one of
 * nginx's pool: the priority of those could not be raised again.  It touches
 * nothing but its job; a timer of the worker looks whether the job is done.
 *
 * A worker that ends does not wait for it.  It goes on while nginx takes down
 * its pools, and with them the modules, until the process is gone: so a process
 * that has begun a thread keeps this module for good.
 */


#include "ngx_http_moderation_store.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>


#define NGX_HTTP_MODERATION_NICE  5             /* above our own             */


static void
ngx_http_moderation_first_error(ngx_http_moderation_job_t *job,
    mdr_diags_t *diags)
{
    size_t             i, n, more, size;
    char              *text;
    const mdr_diag_t  *d;

    text = job->text;
    size = sizeof(job->text);
    n = mdr_diags_count(diags);
    more = mdr_diags_errors(diags);

    for (i = 0; i < n; i++) {
        d = mdr_diags_get(diags, i);

        if (d->severity == MDR_DIAG_ERROR) {
            (void) mdr_diag_format(d, text, size);

            if (more > 1 && strlen(text) + 24 < size) {
                snprintf(text + strlen(text), size - strlen(text),
                         " (and %zu more)", more - 1);
            }

            job->no_memory = strcmp(d->code, "memory") == 0;
            return;
        }
    }

    snprintf(text, size, "out of memory");
    job->no_memory = 1;
}


/* what was compiled goes to its file, and the file is mapped */

static void
ngx_http_moderation_job_save(ngx_http_moderation_job_t *job)
{
    char           name[NGX_MAX_PATH];
    size_t         size;
    const void    *image;
    mdr_policy_t  *mapped;

    if (!ngx_http_moderation_image_name(name, sizeof(name), job->image,
                                        job->hash))
    {
        snprintf(job->text, sizeof(job->text), "path too long");
        return;
    }

    mdr_policy_image(job->policy, &image, &size);

    if (!ngx_http_moderation_image_write(name, image, size)) {
        snprintf(job->text, sizeof(job->text), "%.300s: %.100s", name,
                 strerror(errno));
        return;
    }

    job->saved = 1;

    mapped = ngx_http_moderation_image_map(name, job->hash, geteuid(),
                                           &job->map, &job->map_size,
                                           job->text, sizeof(job->text));
    if (mapped != NULL) {
        mdr_policy_free(job->policy);
        job->policy = mapped;
    }

    /* images that somebody else needs by now stay */

    if (job->fence == NULL || *job->fence == job->serial) {
        ngx_http_moderation_image_clean(job->image, job->hash, job->current);
    }
}


static ngx_uint_t
ngx_http_moderation_job_compile(ngx_http_moderation_job_t *job,
    mdr_diags_t *diags)
{
    int                rc;
    char               again[33];
    mdr_load_conf_t    conf;
    mdr_policy_info_t  info;

    if (mdr_policy_digest(job->path, NULL, job->hash, diags) != MDR_OK) {
        ngx_http_moderation_first_error(job, diags);
        return NGX_HTTP_MODERATION_JOB_REFUSED;
    }

    if (strcmp(job->hash, job->current) == 0) {
        return NGX_HTTP_MODERATION_JOB_SAME;
    }

    if (job->kind == NGX_HTTP_MODERATION_JOB_FOLLOW
        && strcmp(job->hash, job->want) != 0)
    {
        return NGX_HTTP_MODERATION_JOB_MOVING;
    }

    rc = mdr_policy_manifest(job->path, NULL, diags);

    if (rc != MDR_OK) {
        ngx_http_moderation_first_error(job, diags);
        return rc == MDR_LIMIT ? NGX_HTTP_MODERATION_JOB_UNLISTED
                               : NGX_HTTP_MODERATION_JOB_REFUSED;
    }

    if (strcmp(job->hash, job->refused) == 0) {
        return NGX_HTTP_MODERATION_JOB_STILL;
    }

    memset(&conf, 0, sizeof(conf));
    conf.now = job->now;
    job->compiled = 1;

    rc = mdr_policy_load(job->path, &conf, diags, &job->policy);

    if (rc != MDR_OK) {
        job->policy = NULL;
        ngx_http_moderation_first_error(job, diags);
    }

    /* a file that was written meanwhile: what was read may be half of it */

    if (rc == MDR_OK) {
        mdr_policy_info(job->policy, &info);
    }

    if ((rc == MDR_OK && strcmp(info.hash, job->hash) != 0)
        || mdr_policy_digest(job->path, NULL, again, diags) != MDR_OK
        || strcmp(again, job->hash) != 0)
    {
        mdr_policy_free(job->policy);
        job->policy = NULL;
        return NGX_HTTP_MODERATION_JOB_MOVING;
    }

    if (rc != MDR_OK) {
        return NGX_HTTP_MODERATION_JOB_REFUSED;
    }

    if (job->image != NULL) {
        ngx_http_moderation_job_save(job);
    }

    return NGX_HTTP_MODERATION_JOB_OK;
}


static ngx_uint_t
ngx_http_moderation_job_map(ngx_http_moderation_job_t *job)
{
    char  name[NGX_MAX_PATH];

    ngx_memcpy(job->hash, job->want, sizeof(job->hash));

    if (ngx_http_moderation_image_name(name, sizeof(name), job->image,
                                       job->want))
    {
        job->policy = ngx_http_moderation_image_map(name, job->want,
                                                geteuid(), &job->map,
                                                &job->map_size, job->text,
                                                sizeof(job->text));
    }

    return job->policy != NULL ? NGX_HTTP_MODERATION_JOB_OK
                               : NGX_HTTP_MODERATION_JOB_MISSING;
}


void
ngx_http_moderation_thread_begin(ngx_uint_t lower)
{
    sigset_t  set;
#if (NGX_LINUX)
    int       nice;
#endif

    sigfillset(&set);
    (void) pthread_sigmask(SIG_BLOCK, &set, NULL);

    if (!lower) {
        return;
    }

#if (NGX_LINUX)
    errno = 0;
    nice = getpriority(PRIO_PROCESS, 0);

    if (nice != -1 || errno == 0) {
        (void) setpriority(PRIO_PROCESS, (id_t) syscall(SYS_gettid),
                           nice + NGX_HTTP_MODERATION_NICE);
    }
#endif
}


static void *
ngx_http_moderation_job_run(void *data)
{
    mdr_diags_t                *diags;
    ngx_http_moderation_job_t  *job;

    job = data;
    diags = NULL;

    /* somebody waits for a kill file, and it is one name */

    ngx_http_moderation_thread_begin(job->kind
                                     != NGX_HTTP_MODERATION_JOB_KILL);

    if (job->kind == NGX_HTTP_MODERATION_JOB_LOOK) {
        ngx_http_moderation_look(job->path, job->files, &job->look);
        goto done;
    }

    if (job->kind == NGX_HTTP_MODERATION_JOB_KILL) {
        ngx_http_moderation_look_kill(job->path, job->look.print, &job->kill);
        goto done;
    }

    diags = mdr_diags_new(NULL);

    if (diags == NULL) {
        job->result = NGX_HTTP_MODERATION_JOB_REFUSED;
        job->no_memory = 1;
        snprintf(job->text, sizeof(job->text), "out of memory");

    } else if (job->kind == NGX_HTTP_MODERATION_JOB_MAP) {
        job->result = ngx_http_moderation_job_map(job);

    } else {
        job->result = ngx_http_moderation_job_compile(job, diags);
    }

done:

    if (diags != NULL) {
        mdr_diags_free(diags);
    }

    if (!ngx_atomic_cmp_set(&job->done, 0, 1)) {
        ngx_http_moderation_job_free(job);
    }

    return NULL;
}


/* our code stays where it is, whatever nginx unloads */

static void
ngx_http_moderation_job_stay(void)
{
#ifdef RTLD_NODELETE
    Dl_info            info;
    static ngx_uint_t  stays;

    if (stays) {
        return;
    }

    stays = 1;

    if (dladdr((void *) &stays, &info) != 0) {
        (void) dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
    }
#endif
}


int
ngx_http_moderation_thread(void *(*run)(void *data), void *data)
{
    int             rc;
    pthread_t       tid;
    pthread_attr_t  attr;

    ngx_http_moderation_job_stay();

    (void) pthread_attr_init(&attr);
    (void) pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    rc = pthread_create(&tid, &attr, run, data);
    (void) pthread_attr_destroy(&attr);

    return rc;
}


void
ngx_http_moderation_job_free(ngx_http_moderation_job_t *job)
{
    if (job->policy != NULL) {
        mdr_policy_free(job->policy);
    }

    if (job->map != NULL) {
        munmap(job->map, job->map_size);
    }

    free(job->path);
    free(job->image);
    free(job->files);
    free(job->kill.text);
    free(job);
}


void
ngx_http_moderation_job_leave(ngx_http_moderation_job_t *job)
{
    if (!ngx_atomic_cmp_set(&job->done, 0, 2)) {
        ngx_http_moderation_job_free(job);
    }
}


void
ngx_http_moderation_job_start(ngx_http_moderation_store_t *store,
    ngx_uint_t kind, const char *want)
{
    int                         rc;
    ngx_http_moderation_job_t  *job;

    job = calloc(1, sizeof(ngx_http_moderation_job_t));
    if (job == NULL) {
        return;
    }

    job->kind = kind;
    job->now = (int64_t) ngx_time();
    job->path = strdup((char *) (kind == NGX_HTTP_MODERATION_JOB_KILL
                                 ? store->kill.data : store->path.data));

    /* with a better MANIFEST the same files may be right */

    if (store->unlisted == 0) {
        ngx_memcpy(job->refused, store->refused_hash, 33);
    }

    /* who follows does not write what another could not write */

    if (store->shared != NULL && store->image_path != NULL
        && *store->image_path != NULL
        && kind != NGX_HTTP_MODERATION_JOB_FOLLOW
        && kind != NGX_HTTP_MODERATION_JOB_LOOK
        && kind != NGX_HTTP_MODERATION_JOB_KILL)
    {
        job->image = ngx_http_moderation_image_prefix(*store->image_path,
                                                      &store->path);
    }

    if (store->shared != NULL) {
        job->fence = &store->shared->serial;
        job->serial = *job->fence;
    }

    if (kind == NGX_HTTP_MODERATION_JOB_LOOK) {
        job->files = ngx_http_moderation_look_files(store->gen);

    } else if (kind == NGX_HTTP_MODERATION_JOB_KILL) {
        ngx_memcpy(job->look.print, store->kill_seen.print, 33);
    }

    if (store->gen != NULL) {
        ngx_memcpy(job->current, store->gen->hash, 33);
    }

    if (want != NULL) {
        ngx_memcpy(job->want, want, 33);
    }

    if (job->path == NULL
        || (kind == NGX_HTTP_MODERATION_JOB_MAP && job->image == NULL))
    {
        ngx_http_moderation_job_free(job);
        return;
    }

    rc = ngx_http_moderation_thread(ngx_http_moderation_job_run, job);

    if (rc != 0) {

        /* in the event loop it would stall requests and lower our priority
         * for good: the next look tries again */

        if (kind != NGX_HTTP_MODERATION_JOB_KILL) {
            ngx_log_error(NGX_LOG_ERR, store->log, rc,
                          "moderation: pthread_create() failed, policy "
                          "\"%V\" is not read", &store->path);
        }

        ngx_http_moderation_job_free(job);
        return;
    }

    if (kind == NGX_HTTP_MODERATION_JOB_KILL) {
        store->kill_job = job;

    } else {
        store->job = job;
    }
}
