/*
 * ngx_http_moderation_store.c - policies that change while nginx runs.
 *
 * The event loop only stats files and swaps a pointer.  Reading, checking,
 * compiling and mapping run in a thread of their own with a low priority (a
 * plain one that blocks all signals, not one of nginx's pool: its priority
 * could not be raised again).  The thread touches nothing but its job; a
 * timer of the worker looks whether the job is done.
 *
 * With a zone one worker, the holder of the lease, watches the files and
 * compiles; it saves the image under moderation_image_path and publishes its
 * hash, and all workers map that file, so there is one copy in memory.  Where
 * the image cannot be saved, or without a zone, each worker compiles for
 * itself.  A holder that dies loses the lease to the first who looks.
 *
 * Files are loaded when two looks in a row find the same names, inodes,
 * sizes and times, and when their digest is the same before and after the
 * compilation; the digest decides whether anything has changed at all.
 */


#include "ngx_http_moderation_store.h"

#include <dirent.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>


#define NGX_HTTP_MODERATION_TICK      200       /* ms between looks          */
#define NGX_HTTP_MODERATION_LEASE     10        /* s                         */
#define NGX_HTTP_MODERATION_DIGEST    30        /* s: digest without a hint  */
#define NGX_HTTP_MODERATION_ALIVE     3         /* generations at most       */
#define NGX_HTTP_MODERATION_ENTRIES   4096      /* of a folder               */


enum { JOB_COMPILE, JOB_MAP };
enum { JOB_OK, JOB_SAME, JOB_MOVING, JOB_MISSING, JOB_REFUSED };


typedef struct {
    ngx_atomic_t    done;
    ngx_uint_t      kind, result, saved;
    char           *path;
    char           *image;              /* folder + prefix, or NULL          */
    char            current[33];        /* hash that is live                 */
    char            want[33];           /* MAP: hash of the image            */
    int64_t         now;

    mdr_policy_t   *policy;
    void           *map;
    size_t          map_size;
    char            hash[33];
    char            text[512];
    int             warnings;
} ngx_http_moderation_job_t;


static void ngx_http_moderation_store_timer(ngx_event_t *ev);
static void ngx_http_moderation_caps(ngx_http_moderation_store_t *store,
    ngx_http_moderation_gen_t *gen, ngx_log_t *log);


/* images */

static ngx_uint_t
ngx_http_moderation_image_name(char *dst, size_t size, const char *prefix,
    const char *hash)
{
    int  n;

    n = snprintf(dst, size, "%s%s.img", prefix, hash);

    return n > 0 && (size_t) n < size;
}


/*
 * A policy over a file.  The file must belong to root or to us and be
 * writable by nobody else: what it says is trusted after the checksum.
 */

static mdr_policy_t *
ngx_http_moderation_image_map(const char *name, const char *hash,
    void **map, size_t *size, char *text, size_t text_size)
{
    int                 fd;
    void               *p;
    struct stat         st;
    mdr_diags_t        *diags;
    mdr_policy_t       *policy;
    mdr_policy_info_t   info;

    fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd == -1) {
        snprintf(text, text_size, "%s: %s", name, strerror(errno));
        return NULL;
    }

    if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)
        || (st.st_uid != 0 && st.st_uid != geteuid()
            && geteuid() != 0)
        || (st.st_mode & (S_IWGRP | S_IWOTH)) || st.st_size <= 0)
    {
        snprintf(text, text_size,
                 "%s: not a file of root or of the worker's user that "
                 "others cannot write", name);
        close(fd);
        return NULL;
    }

    p = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);

    if (p == MAP_FAILED) {
        snprintf(text, text_size, "%s: mmap: %s", name, strerror(errno));
        return NULL;
    }

    policy = NULL;
    diags = mdr_diags_new(NULL);

    if (diags == NULL
        || mdr_policy_map(p, (size_t) st.st_size, NULL, diags, &policy)
           != MDR_OK)
    {
        snprintf(text, text_size, "%s: damaged image", name);
        policy = NULL;

    } else {
        mdr_policy_info(policy, &info);

        if (strcmp(info.hash, hash) != 0) {
            snprintf(text, text_size, "%s: image of another policy", name);
            mdr_policy_free(policy);
            policy = NULL;
        }
    }

    if (diags != NULL) {
        mdr_diags_free(diags);
    }

    if (policy == NULL) {
        munmap(p, (size_t) st.st_size);
        return NULL;
    }

    *map = p;
    *size = (size_t) st.st_size;

    return policy;
}


/* whole or not at all: written beside, synced, renamed */

static ngx_uint_t
ngx_http_moderation_image_write(const char *name, const void *data,
    size_t size)
{
    int          fd;
    char         tmp[NGX_MAX_PATH];
    size_t       at;
    ssize_t      n;

    if ((size_t) snprintf(tmp, sizeof(tmp), "%s.%d.tmp", name,
                          (int) getpid())
        >= sizeof(tmp))
    {
        return 0;
    }

    (void) unlink(tmp);

    fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
              0644);
    if (fd == -1) {
        return 0;
    }

    for (at = 0; at < size; at += (size_t) n) {
        n = write(fd, (const char *) data + at,
                  ngx_min(size - at, (size_t) 1 << 20));
        if (n <= 0) {
            close(fd);
            (void) unlink(tmp);
            return 0;
        }
    }

    if (fsync(fd) == -1 || close(fd) == -1 || rename(tmp, name) == -1) {
        (void) unlink(tmp);
        return 0;
    }

    return 1;
}


/* files of our prefix that neither hash names are of the past */

static void
ngx_http_moderation_image_clean(const char *prefix, const char *a,
    const char *b)
{
    DIR            *dir;
    char            folder[NGX_MAX_PATH], name[NGX_MAX_PATH];
    size_t          n;
    const char     *base, *rest;
    struct dirent  *de;

    base = strrchr(prefix, '/');

    if (base == NULL || (size_t) (base - prefix) >= sizeof(folder)) {
        return;
    }

    memcpy(folder, prefix, (size_t) (base - prefix));
    folder[base - prefix] = '\0';
    base++;
    n = strlen(base);

    dir = opendir(folder);
    if (dir == NULL) {
        return;
    }

    while ((de = readdir(dir)) != NULL) {

        if (strncmp(de->d_name, base, n) != 0) {
            continue;
        }

        rest = de->d_name + n;

        if (strlen(rest) < 36 || strncmp(rest, a, 32) == 0
            || strncmp(rest, b, 32) == 0)
        {
            continue;
        }

        if ((size_t) snprintf(name, sizeof(name), "%s/%s", folder,
                              de->d_name)
            < sizeof(name))
        {
            (void) unlink(name);
        }
    }

    closedir(dir);
}


/* the thread */

static void
ngx_http_moderation_first_error(mdr_diags_t *diags, char *text, size_t size)
{
    size_t             i, n, more;
    const mdr_diag_t  *d;

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
            return;
        }
    }

    snprintf(text, size, "out of memory");
}


static void
ngx_http_moderation_job_compile(ngx_http_moderation_job_t *job)
{
    char               name[NGX_MAX_PATH], again[33];
    size_t             size;
    const void        *image;
    mdr_diags_t       *diags;
    mdr_policy_t      *mapped;
    mdr_load_conf_t    conf;
    mdr_policy_info_t  info;

    diags = mdr_diags_new(NULL);
    if (diags == NULL) {
        job->result = JOB_REFUSED;
        snprintf(job->text, sizeof(job->text), "out of memory");
        return;
    }

    if (mdr_policy_digest(job->path, NULL, job->hash, diags) != MDR_OK) {
        job->result = JOB_REFUSED;
        ngx_http_moderation_first_error(diags, job->text, sizeof(job->text));
        goto done;
    }

    if (strcmp(job->hash, job->current) == 0) {
        job->result = JOB_SAME;
        goto done;
    }

    memset(&conf, 0, sizeof(conf));
    conf.now = job->now;

    if (mdr_policy_load(job->path, &conf, diags, &job->policy) != MDR_OK) {
        job->policy = NULL;
        job->result = JOB_REFUSED;
        ngx_http_moderation_first_error(diags, job->text, sizeof(job->text));
        goto done;
    }

    /* a file that was written meanwhile: what was read may be half of it */

    mdr_policy_info(job->policy, &info);

    if (strcmp(info.hash, job->hash) != 0
        || mdr_policy_digest(job->path, NULL, again, diags) != MDR_OK
        || strcmp(again, job->hash) != 0)
    {
        mdr_policy_free(job->policy);
        job->policy = NULL;
        job->result = JOB_MOVING;
        goto done;
    }

    job->result = JOB_OK;

    if (job->image != NULL
        && ngx_http_moderation_image_name(name, sizeof(name), job->image,
                                          job->hash))
    {
        mdr_policy_image(job->policy, &image, &size);

        if (ngx_http_moderation_image_write(name, image, size)) {
            job->saved = 1;

            mapped = ngx_http_moderation_image_map(name, job->hash,
                                                   &job->map, &job->map_size,
                                                   job->text,
                                                   sizeof(job->text));
            if (mapped != NULL) {
                mdr_policy_free(job->policy);
                job->policy = mapped;
            }

            ngx_http_moderation_image_clean(job->image, job->hash,
                                            job->current);
        } else {
            snprintf(job->text, sizeof(job->text), "%.300s: %.100s", name,
                     strerror(errno));
        }
    }

done:

    mdr_diags_free(diags);
}


static void *
ngx_http_moderation_job_run(void *data)
{
    char                        name[NGX_MAX_PATH];
    sigset_t                    set;
    ngx_http_moderation_job_t  *job;

    job = data;

    sigfillset(&set);
    (void) pthread_sigmask(SIG_BLOCK, &set, NULL);

#if (NGX_LINUX)
    (void) setpriority(PRIO_PROCESS, (id_t) syscall(SYS_gettid), 15);
#endif

    if (job->kind == JOB_MAP) {
        if (ngx_http_moderation_image_name(name, sizeof(name), job->image,
                                           job->want))
        {
            job->policy = ngx_http_moderation_image_map(name, job->want,
                                                &job->map, &job->map_size,
                                                job->text,
                                                sizeof(job->text));
        }

        job->result = job->policy != NULL ? JOB_OK : JOB_MISSING;
        ngx_memcpy(job->hash, job->want, sizeof(job->hash));

    } else {
        ngx_http_moderation_job_compile(job);
    }

    ngx_memory_barrier();
    job->done = 1;

    return NULL;
}


static void
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
    free(job);
}


/* the prefix of a store's images, malloc'ed; NULL: none are kept */

static char *
ngx_http_moderation_image_prefix(ngx_http_moderation_store_t *store)
{
    char        *p;
    size_t       size;
    ngx_path_t  *path;

    if (store->image_path == NULL || *store->image_path == NULL) {
        return NULL;
    }

    path = *store->image_path;
    size = path->name.len + 32;
    p = malloc(size);

    if (p != NULL) {
        snprintf(p, size, "%.*s/%08x-", (int) path->name.len,
                 (char *) path->name.data,
                 (unsigned) ngx_crc32_long(store->path.data,
                                           store->path.len));
    }

    return p;
}


static void
ngx_http_moderation_job_start(ngx_http_moderation_store_t *store,
    ngx_uint_t kind, const char *want)
{
    int                         rc;
    pthread_t                   tid;
    pthread_attr_t              attr;
    ngx_http_moderation_job_t  *job;

    job = calloc(1, sizeof(ngx_http_moderation_job_t));
    if (job == NULL) {
        return;
    }

    job->kind = kind;
    job->now = (int64_t) ngx_time();
    job->path = strdup((char *) store->path.data);
    job->image = store->shared != NULL
                 ? ngx_http_moderation_image_prefix(store) : NULL;

    if (store->gen != NULL) {
        ngx_memcpy(job->current, store->gen->hash, 33);
    }

    if (want != NULL) {
        ngx_memcpy(job->want, want, 33);
    }

    if (job->path == NULL || (kind == JOB_MAP && job->image == NULL)) {
        ngx_http_moderation_job_free(job);
        return;
    }

    (void) pthread_attr_init(&attr);
    (void) pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    rc = pthread_create(&tid, &attr, ngx_http_moderation_job_run, job);
    (void) pthread_attr_destroy(&attr);

    if (rc != 0) {
        ngx_log_error(NGX_LOG_ERR, store->log, rc,
                      "moderation: pthread_create() failed, policy \"%V\" "
                      "is read in the event loop", &store->path);
        ngx_http_moderation_job_run(job);
    }

    store->job = job;
}


/* generations */

static ngx_http_moderation_gen_t *
ngx_http_moderation_gen_new(ngx_http_moderation_store_t *store,
    mdr_policy_t *policy, void *map, size_t map_size)
{
    uint32_t                    i;
    mdr_rule_info_t             rule;
    mdr_policy_info_t           info;
    ngx_http_moderation_gen_t  *gen;

    mdr_policy_info(policy, &info);

    gen = calloc(1, sizeof(ngx_http_moderation_gen_t) + info.rules);
    if (gen == NULL) {
        return NULL;
    }

    gen->policy = policy;
    gen->store = store;
    gen->refs = 1;
    gen->caps = (uint8_t *) (gen + 1);
    gen->nrules = info.rules;
    gen->map = map;
    gen->map_size = map_size;
    gen->loaded = ngx_time();
    ngx_memcpy(gen->hash, info.hash, 33);
    ngx_memset(gen->caps, MDR_MODE_ENFORCE, info.rules);

    for (i = 0; i < info.rules; i++) {
        if (mdr_policy_rule(policy, i, &rule) == MDR_OK
            && rule.brake_max_ratio > 0)
        {
            gen->brakes++;
        }
    }

    store->alive++;

    return gen;
}


ngx_http_moderation_gen_t *
ngx_http_moderation_gen_ref(ngx_http_moderation_store_t *store)
{
    if (store->gen != NULL) {
        store->gen->refs++;
    }

    return store->gen;
}


void
ngx_http_moderation_gen_unref(ngx_http_moderation_gen_t *gen)
{
    if (gen == NULL || --gen->refs != 0) {
        return;
    }

    gen->store->alive--;
    mdr_policy_free(gen->policy);

    if (gen->map != NULL) {
        munmap(gen->map, gen->map_size);
    }

    free(gen);
}


static void
ngx_http_moderation_gen_swap(ngx_http_moderation_store_t *store,
    ngx_http_moderation_gen_t *gen)
{
    ngx_http_moderation_gen_t  *old;

    old = store->gen;
    store->gen = gen;
    ngx_http_moderation_caps(store, gen, store->log);
    ngx_http_moderation_gen_unref(old);
}


/*
 * Mode caps a rule: the kill switch (a file with lines "all", "label NAME",
 * "rule ID") and brakes that have tripped; both mean shadow.
 */

static void
ngx_http_moderation_kill(ngx_http_moderation_gen_t *gen, u_char *p,
    u_char *last, ngx_log_t *log, ngx_str_t *file)
{
    u_char           *e, *w;
    uint32_t          i;
    mdr_str_t         name;
    ngx_uint_t        line, kind, hit;
    mdr_rule_info_t   rule;

    for (line = 1; p < last; line++, p = e + 1) {
        e = ngx_strlchr(p, last, '\n');
        if (e == NULL) {
            e = last;
        }

        for (w = p; w < e && (*w == ' ' || *w == '\t'); w++) { /* void */ }

        name.data = (char *) w;
        name.len = (uint32_t) (e - w);

        while (name.len > 0 && (u_char) name.data[name.len - 1] <= ' ') {
            name.len--;
        }

        if (name.len == 0 || name.data[0] == '#') {
            continue;
        }

        if (name.len == 3 && ngx_strncmp(name.data, "all", 3) == 0) {
            kind = 0;

        } else if (name.len > 6 && ngx_strncmp(name.data, "label ", 6) == 0) {
            kind = 1;
            name.data += 6;
            name.len -= 6;

        } else if (name.len > 5 && ngx_strncmp(name.data, "rule ", 5) == 0) {
            kind = 2;
            name.data += 5;
            name.len -= 5;

        } else {
            ngx_log_error(NGX_LOG_ERR, log, 0,
                          "moderation: %V:%ui: \"all\", \"label NAME\" or "
                          "\"rule ID\" expected", file, line);
            continue;
        }

        hit = 0;

        for (i = 0; i < gen->nrules; i++) {
            if (mdr_policy_rule(gen->policy, i, &rule) != MDR_OK) {
                continue;
            }

            if (kind == 0
                || (kind == 1 && rule.label.len == name.len
                    && ngx_memcmp(rule.label.data, name.data, name.len) == 0)
                || (kind == 2 && rule.id.len == name.len
                    && ngx_memcmp(rule.id.data, name.data, name.len) == 0))
            {
                gen->caps[i] = MDR_MODE_SHADOW;
                hit = 1;
            }
        }

        if (!hit) {
            ngx_log_error(NGX_LOG_WARN, log, 0,
                          "moderation: %V:%ui: no such rule or label", file,
                          line);
        }
    }
}


static void
ngx_http_moderation_caps(ngx_http_moderation_store_t *store,
    ngx_http_moderation_gen_t *gen, ngx_log_t *log)
{
    int          fd;
    u_char      *buf;
    ssize_t      n;
    uint32_t     i;
    ngx_uint_t   was;

    if (gen == NULL) {
        return;
    }

    ngx_memset(gen->caps, MDR_MODE_ENFORCE, gen->nrules);

    if (store->kill.len != 0) {
        fd = open((char *) store->kill.data, O_RDONLY | O_CLOEXEC);

        if (fd != -1) {
            buf = malloc(65536);
            n = buf != NULL ? read(fd, buf, 65536) : -1;

            if (n > 0) {
                ngx_http_moderation_kill(gen, buf, buf + n, log,
                                         &store->kill);
            }

            free(buf);
            close(fd);

        } else if (errno != ENOENT) {
            ngx_log_error(NGX_LOG_ERR, log, errno,
                          "moderation: open() \"%V\" failed", &store->kill);
        }
    }

    if (gen->brakes == 0 || store->zone == NULL || *store->zone == NULL) {
        return;
    }

    for (i = 0; i < gen->nrules; i++) {
        was = gen->caps[i];

        if (was == MDR_MODE_ENFORCE
            && ngx_http_moderation_zone_braked(*store->zone, gen->policy, i))
        {
            gen->caps[i] = MDR_MODE_SHADOW;
        }
    }
}


/* looking at files: a fingerprint of names, inodes, sizes and times */

static void
ngx_http_moderation_mix(uint64_t h[2], const void *data, size_t len)
{
    size_t         i;
    const u_char  *p;

    p = data;

    for (i = 0; i < len; i++) {
        h[0] = (h[0] ^ p[i]) * 0x100000001b3ULL;
        h[1] = (h[1] + p[i] + 1) * 0x9e3779b97f4a7c15ULL;
        h[1] ^= h[1] >> 29;
    }
}


static void
ngx_http_moderation_mix_stat(uint64_t h[2], const char *name)
{
    struct stat  st;

    ngx_memzero(&st, sizeof(st));

    if (stat(name, &st) == -1) {
        ngx_memzero(&st, sizeof(st));
    }

    ngx_http_moderation_mix(h, name, strlen(name));
    ngx_http_moderation_mix(h, &st.st_ino, sizeof(st.st_ino));
    ngx_http_moderation_mix(h, &st.st_dev, sizeof(st.st_dev));
    ngx_http_moderation_mix(h, &st.st_mode, sizeof(st.st_mode));
    ngx_http_moderation_mix(h, &st.st_size, sizeof(st.st_size));
    ngx_http_moderation_mix(h, &st.st_ctim, sizeof(st.st_ctim));
    ngx_http_moderation_mix(h, &st.st_mtim, sizeof(st.st_mtim));
}


static void
ngx_http_moderation_fingerprint(ngx_http_moderation_store_t *store,
    u_char out[33])
{
    DIR            *dir;
    char            name[NGX_MAX_PATH];
    size_t          i;
    uint64_t        h[2], one[2], sum[2];
    mdr_str_t       file;
    ngx_uint_t      n;
    struct dirent  *de;

    h[0] = 0xcbf29ce484222325ULL;
    h[1] = 0;

    ngx_http_moderation_mix_stat(h, (char *) store->path.data);

    dir = opendir((char *) store->path.data);

    if (dir != NULL) {
        sum[0] = 0;
        sum[1] = 0;
        n = 0;

        /* in whatever order the folder gives them */

        while ((de = readdir(dir)) != NULL
               && n++ < NGX_HTTP_MODERATION_ENTRIES)
        {
            if (de->d_name[0] == '.'
                || (size_t) snprintf(name, sizeof(name), "%s/%s",
                                     (char *) store->path.data, de->d_name)
                   >= sizeof(name))
            {
                continue;
            }

            one[0] = 0xcbf29ce484222325ULL;
            one[1] = 0;
            ngx_http_moderation_mix_stat(one, name);
            sum[0] += one[0];
            sum[1] += one[1];
        }

        closedir(dir);
        ngx_http_moderation_mix(h, sum, sizeof(sum));
    }

    /* lists may lie anywhere: all files that the live policy was made of */

    for (i = 0; store->gen != NULL
         && mdr_policy_file(store->gen->policy, (uint32_t) i, &file)
            == MDR_OK; i++)
    {
        if (file.len < sizeof(name)) {
            ngx_memcpy(name, file.data, file.len);
            name[file.len] = '\0';
            ngx_http_moderation_mix_stat(h, name);
        }
    }

    ngx_sprintf(out, "%016xL%016xL%Z", h[0], h[1]);
}


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

    if (pid != (ngx_atomic_uint_t) ngx_pid) {

        if (pid != 0 && (time_t) s->lease_until > ngx_time()
            && !(kill((pid_t) pid, 0) == -1 && errno == ESRCH))
        {
            return 0;
        }

        if (!ngx_atomic_cmp_set(&s->lease_pid, pid,
                                (ngx_atomic_uint_t) ngx_pid))
        {
            return 0;
        }
    }

    s->lease_until = (ngx_atomic_uint_t) (ngx_time()
                                          + NGX_HTTP_MODERATION_LEASE);

    return 1;
}


/* the hash is live for all; the serial is even again when it is whole */

static void
ngx_http_moderation_publish(ngx_http_moderation_store_t *store)
{
    ngx_http_moderation_zstore_t  *s;

    s = store->shared;

    if (s == NULL || store->gen == NULL) {
        return;
    }

    if (ngx_strcmp(s->hash, store->gen->hash) == 0) {
        store->serial = s->serial;
        return;
    }

    (void) ngx_atomic_fetch_add(&s->serial, 1);
    ngx_memory_barrier();
    ngx_memcpy(s->hash, store->gen->hash, 33);
    s->loaded = store->gen->loaded;
    s->refusal[0] = '\0';
    ngx_memory_barrier();
    (void) ngx_atomic_fetch_add(&s->serial, 1);

    store->serial = s->serial;
}


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
    ngx_memcpy(store->refused_hash, job->hash, 33);
    ngx_cpystrn(store->refusal, (u_char *) job->text,
                sizeof(store->refusal));

    s = store->shared;

    if (s != NULL) {
        (void) ngx_atomic_fetch_add(&s->refusals, 1);
        s->refused = ngx_time();
        ngx_memcpy(s->refused_hash, job->hash, 33);
        ngx_memcpy(s->refusal, store->refusal, sizeof(s->refusal));
    }
}


static void
ngx_http_moderation_job_done(ngx_http_moderation_store_t *store)
{
    mdr_policy_info_t           info;
    ngx_http_moderation_gen_t  *gen;
    ngx_http_moderation_job_t  *job;

    job = store->job;
    store->job = NULL;

    if (job->kind == JOB_COMPILE && job->result != JOB_SAME
        && store->shared != NULL)
    {
        (void) ngx_atomic_fetch_add(&store->shared->compiles, 1);
    }

    switch (job->result) {

    case JOB_OK:
        gen = ngx_http_moderation_gen_new(store, job->policy, job->map,
                                          job->map_size);
        if (gen == NULL) {
            break;
        }

        job->policy = NULL;
        job->map = NULL;

        ngx_http_moderation_gen_swap(store, gen);
        store->reloads++;
        store->refusal[0] = '\0';
        store->refused_hash[0] = '\0';
        mdr_policy_info(gen->policy, &info);

        if (job->kind == JOB_COMPILE) {
            ngx_log_error(NGX_LOG_INFO, store->log, 0,
                          "moderation: policy \"%V\" is live: %*s@%s, %uD "
                          "rules, %uL terms", &store->path,
                          (size_t) info.name.len, info.name.data, gen->hash,
                          info.rules, info.terms);

            if (store->shared != NULL && !job->saved) {
                ngx_log_error(NGX_LOG_ERR, store->log, 0,
                              "moderation: image of \"%V\" not saved, each "
                              "worker compiles: %s", &store->path,
                              job->text);
            }

            if (store->shared != NULL) {
                (void) ngx_atomic_fetch_add(&store->shared->reloads, 1);
            }

            ngx_http_moderation_publish(store);
        }
        break;

    case JOB_SAME:
        if (store->shared != NULL) {
            store->shared->refusal[0] = '\0';
        }
        store->refusal[0] = '\0';
        break;

    case JOB_MOVING:
        store->done[0] = '\0';          /* look again                        */
        break;

    case JOB_MISSING:
        ngx_http_moderation_job_free(job);
        ngx_http_moderation_job_start(store, JOB_COMPILE, NULL);
        return;

    default:
        ngx_http_moderation_refuse(store, job);
        break;
    }

    ngx_http_moderation_job_free(job);
}


static void
ngx_http_moderation_store_look(ngx_http_moderation_store_t *store)
{
    u_char             now[33];
    ngx_atomic_uint_t  serial;
    char               hash[33];

    /* what another worker has published */

    if (store->shared != NULL) {
        serial = store->shared->serial;

        if (serial != store->serial && (serial & 1) == 0) {
            ngx_memcpy(hash, store->shared->hash, 33);
            ngx_memory_barrier();

            if (store->shared->serial != serial) {
                return;
            }

            if (store->gen != NULL
                && ngx_strcmp(store->gen->hash, hash) == 0)
            {
                store->serial = serial;

            } else if (store->alive < NGX_HTTP_MODERATION_ALIVE) {
                store->serial = serial;
                ngx_http_moderation_job_start(store, JOB_MAP, hash);
                return;
            }
        }
    }

    if (!ngx_http_moderation_lease(store)) {
        return;
    }

    ngx_http_moderation_fingerprint(store, now);

    if (ngx_strcmp(now, store->done) == 0) {

        if (ngx_time() < store->next_digest) {
            store->seen_times = 0;
            return;
        }

    } else {

        if (ngx_strcmp(now, store->seen) != 0) {
            ngx_memcpy(store->seen, now, 33);
            store->seen_times = 1;
            return;
        }

        if (++store->seen_times < 2) {
            return;
        }
    }

    if (store->alive >= NGX_HTTP_MODERATION_ALIVE) {
        return;                         /* old requests first                */
    }

    ngx_memcpy(store->done, now, 33);
    store->seen_times = 0;
    store->next_digest = ngx_time() + NGX_HTTP_MODERATION_DIGEST;

    ngx_http_moderation_job_start(store, JOB_COMPILE, NULL);
}


static void
ngx_http_moderation_store_timer(ngx_event_t *ev)
{
    u_char                        now[33];
    uint64_t                      h[2];
    ngx_msec_t                    next;
    ngx_http_moderation_job_t    *job;
    ngx_http_moderation_store_t  *store;

    store = ev->data;
    job = store->job;

    if (job != NULL) {
        if (job->done) {
            ngx_memory_barrier();
            ngx_http_moderation_job_done(store);

        } else if (store->shared != NULL
                   && store->shared->lease_pid
                      == (ngx_atomic_uint_t) ngx_pid)
        {
            store->shared->lease_until = (ngx_atomic_uint_t)
                             (ngx_time() + NGX_HTTP_MODERATION_LEASE);
        }

    } else if (store->seen_times != 0 || store->shared != NULL
               || ngx_current_msec - store->looked >= store->check)
    {
        /* with a zone a look is cheap until the check is due */

        if (store->seen_times != 0
            || ngx_current_msec - store->looked >= store->check
            || store->shared->serial != store->serial)
        {
            if (store->seen_times == 0) {
                store->looked = ngx_current_msec;
            }
            ngx_http_moderation_store_look(store);
        }
    }

    if (store->kill.len != 0) {
        h[0] = 1;
        h[1] = 2;
        ngx_http_moderation_mix_stat(h, (char *) store->kill.data);
        ngx_sprintf(now, "%016xL%016xL%Z", h[0], h[1]);

        if (ngx_strcmp(now, store->kill_seen) != 0) {
            ngx_memcpy(store->kill_seen, now, 33);
            ngx_http_moderation_caps(store, store->gen, store->log);
        }
    }

    if (store->gen != NULL && store->gen->brakes != 0
        && store->caps_at != ngx_time())
    {
        store->caps_at = ngx_time();
        ngx_http_moderation_caps(store, store->gen, store->log);
    }

    next = store->job != NULL ? 20 : NGX_HTTP_MODERATION_TICK;

    if (!ngx_exiting) {
        ngx_add_timer(ev, next);
    }
}


/* configuration */

static ngx_int_t
ngx_http_moderation_store_load(ngx_conf_t *cf,
    ngx_http_moderation_store_t *store)
{
    int                         rc;
    void                       *map;
    char                       *prefix, name[NGX_MAX_PATH], line[2048],
                                hash[33], text[512];
    size_t                      i, n, map_size;
    mdr_diags_t                *diags;
    mdr_policy_t               *policy;
    mdr_load_conf_t             conf;
    const mdr_diag_t           *d;
    ngx_http_moderation_gen_t  *gen;

    diags = mdr_diags_new(NULL);
    if (diags == NULL) {
        return NGX_ERROR;
    }

    policy = NULL;
    map = NULL;
    map_size = 0;

    prefix = ngx_http_moderation_image_prefix(store);

    if (prefix != NULL
        && mdr_policy_digest((char *) store->path.data, NULL, hash, diags)
           == MDR_OK
        && ngx_http_moderation_image_name(name, sizeof(name), prefix, hash)
        && access(name, R_OK) == 0)
    {
        policy = ngx_http_moderation_image_map(name, hash, &map, &map_size,
                                               text, sizeof(text));
        if (policy == NULL) {
            ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                               "moderation: saved image not used: %s", text);
        }
    }

    free(prefix);
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
        n = mdr_diags_count(diags);

        for (i = 0; i < n; i++) {
            d = mdr_diags_get(diags, i);

            if (rc == MDR_OK && d->severity != MDR_DIAG_WARN) {
                continue;
            }

            (void) mdr_diag_format(d, line, sizeof(line));
            ngx_conf_log_error(d->severity == MDR_DIAG_ERROR
                               ? NGX_LOG_EMERG : NGX_LOG_WARN, cf, 0,
                               "moderation policy: %s", line);
        }

        mdr_diags_free(diags);

        if (rc != MDR_OK) {
            if (n == 0) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "moderation policy \"%V\" cannot be "
                                   "loaded", &store->path);
            }
            return NGX_ERROR;
        }
    }

    gen = ngx_http_moderation_gen_new(store, policy, map, map_size);
    if (gen == NULL) {
        mdr_policy_free(policy);
        return NGX_ERROR;
    }

    store->gen = gen;

    return NGX_OK;
}


static void
ngx_http_moderation_store_cleanup(void *data)
{
    ngx_http_moderation_store_t  *store = data;

    ngx_http_moderation_gen_unref(store->gen);
    store->gen = NULL;
}


ngx_http_moderation_store_t *
ngx_http_moderation_store_add(ngx_conf_t *cf, ngx_array_t *stores,
    ngx_str_t *path, ngx_str_t *kill, ngx_msec_t check,
    ngx_http_moderation_zone_t **zone, ngx_path_t **image_path)
{
    ngx_uint_t                     i;
    ngx_pool_cleanup_t            *cln;
    ngx_http_moderation_store_t   *store, **all;

    all = stores->elts;

    for (i = 0; i < stores->nelts; i++) {
        if (all[i]->path.len == path->len && all[i]->kill.len == kill->len
            && ngx_strncmp(all[i]->path.data, path->data, path->len) == 0
            && ngx_strncmp(all[i]->kill.data, kill->data, kill->len) == 0)
        {
            if (check != 0 && (all[i]->check == 0 || check < all[i]->check)) {
                all[i]->check = check;
            }
            return all[i];
        }
    }

    store = ngx_pcalloc(cf->pool, sizeof(ngx_http_moderation_store_t));
    if (store == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_moderation_store_cleanup;
    cln->data = store;

    store->path = *path;
    store->kill = *kill;
    store->check = check;
    store->zone = zone;
    store->image_path = image_path;
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


ngx_int_t
ngx_http_moderation_store_save(ngx_cycle_t *cycle, ngx_array_t *stores)
{
    char                          *prefix, name[NGX_MAX_PATH];
    size_t                         size;
    ngx_uint_t                     i, j;
    const void                    *image;
    ngx_atomic_uint_t              key;
    ngx_core_conf_t               *ccf;
    ngx_http_moderation_zone_t    *zone;
    ngx_http_moderation_store_t   *store, **all;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);
    all = stores->elts;

    for (i = 0; i < stores->nelts; i++) {
        store = all[i];
        store->log = cycle->log;

        ngx_http_moderation_readable(cycle, store);

        zone = store->zone != NULL ? *store->zone : NULL;

        if (zone != NULL && zone->data != NULL && store->check != 0) {
            key = ngx_crc32_long(store->path.data, store->path.len) | 1;

            for (j = 0; j < NGX_HTTP_MODERATION_STORES; j++) {
                if (zone->data->stores[j].key == key
                    || (zone->data->stores[j].key == 0
                        && ngx_atomic_cmp_set(&zone->data->stores[j].key, 0,
                                              key)))
                {
                    store->shared = &zone->data->stores[j];
                    break;
                }
            }
        }

        prefix = ngx_http_moderation_image_prefix(store);

        if (prefix != NULL && store->gen->map == NULL
            && ngx_http_moderation_image_name(name, sizeof(name), prefix,
                                              (char *) store->gen->hash))
        {
            mdr_policy_image(store->gen->policy, &image, &size);

            if (ngx_http_moderation_image_write(name, image, size)) {
                if (geteuid() == 0
                    && ccf->user != (ngx_uid_t) NGX_CONF_UNSET_UINT
                    && chown(name, ccf->user, (gid_t) -1) == -1)
                {
                    ngx_log_error(NGX_LOG_WARN, cycle->log, ngx_errno,
                                  "chown() \"%s\" failed", name);
                }

            } else {
                ngx_log_error(NGX_LOG_WARN, cycle->log, ngx_errno,
                              "moderation: image \"%s\" not saved", name);
            }
        }

        free(prefix);

        ngx_http_moderation_publish(store);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_moderation_store_start(ngx_cycle_t *cycle, ngx_array_t *stores)
{
    ngx_uint_t                     i;
    ngx_http_moderation_store_t   *store, **all;

    all = stores->elts;

    for (i = 0; i < stores->nelts; i++) {
        store = all[i];
        store->log = cycle->log;

        ngx_http_moderation_caps(store, store->gen, cycle->log);

        if (store->check == 0 && store->kill.len == 0
            && store->gen->brakes == 0)
        {
            continue;
        }

        if (store->check == 0) {
            store->check = (ngx_msec_t) 1 << 40;
        }

        store->looked = ngx_current_msec;
        store->next_digest = ngx_time() + NGX_HTTP_MODERATION_DIGEST;

        store->timer.handler = ngx_http_moderation_store_timer;
        store->timer.data = store;
        store->timer.log = cycle->log;
        store->timer.cancelable = 1;

        ngx_add_timer(&store->timer, NGX_HTTP_MODERATION_TICK);
    }

    return NGX_OK;
}


void
ngx_http_moderation_store_stop(ngx_cycle_t *cycle, ngx_array_t *stores)
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

        if (store->shared != NULL
            && store->shared->lease_pid == (ngx_atomic_uint_t) ngx_pid)
        {
            store->shared->lease_until = 0;
        }
    }
}
