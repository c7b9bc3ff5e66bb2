/*
 * writer.c - rings to segments.
 *
 * A batch of lines is copied out of the ring, written, and only then taken
 * from it: after a death they are written once more, to another segment, and
 * whoever reads both knows them by their numbers.  What cannot be written now
 * is tried again; meanwhile the ring fills up, and what finds no room there
 * is lost with its number.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                     /* pthread_timedjoin_np      */
#endif

#include "table.h"
#include "writer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>


#define BATCH      (128 * 1024)
#define RETRY_MS   500
#define DEAD_MS    1000
#define SPOOL_MS   5000


typedef struct {                /* of a place to its segment                 */
    uint32_t  place;
    int       fd;               /* -1: none                                  */
    uint64_t  bytes;            /* in the segment                            */
    size_t    len, off;         /* of the batch, written of it               */
    uint64_t  upto;             /* in the ring, behind the batch             */
    uint8_t   last;             /* the batch ends the segment                */
    char     *batch;
} stream_t;

struct mdl_writer_s {
    mdl_writer_conf_t  conf;
    int                dir;
    char               boot[40];
    pthread_t          thread;
    pthread_mutex_t    mutex;
    pthread_cond_t     cond;
    int                stop, woken;
    uint64_t           nsegment;
    uint64_t           dead_ms, spool_ms;
    stream_t           own, dead;
};


static uint64_t
now_ms(clockid_t clock)
{
    struct timespec  ts;

    clock_gettime(clock, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


static void
put(uint64_t *p, uint64_t v)
{
    __atomic_store_n(p, v, __ATOMIC_RELEASE);
}


/* the segments of others may go under our hands: only a name that is there
 * after it was locked counts */

static int
segment_open(mdl_writer_t *w, stream_t *s, uint64_t next)
{
    int          fd, i;
    char         name[MDL_SEGMENT_MAX], line[1024];
    size_t       n;
    mdl_head_t   h;
    struct stat  st;

    for (i = 0; i < 10; i++) {

        if (mdl_segment_name(name, now_ms(CLOCK_REALTIME),
                             (uint64_t) getpid(), ++w->nsegment)
            != 0)
        {
            return EIO;
        }

        if (w->dir == -1) {
            w->dir = open(w->conf.dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

            if (w->dir == -1) {
                return errno;
            }
        }

        fd = openat(w->dir, name,
                    O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC|O_NOFOLLOW, 0640);

        if (fd == -1) {
            if (errno == EEXIST) {
                continue;
            }
            i = errno;

            if (i == ENOENT) {          /* another folder of that name?      */
                close(w->dir);
                w->dir = -1;
            }
            return i;
        }

        if (flock(fd, LOCK_EX|LOCK_NB) == 0 && fstat(fd, &st) == 0
            && st.st_nlink == 1)
        {
            break;
        }

        close(fd);
    }

    if (i == 10) {
        return EAGAIN;
    }

    memset(&h, 0, sizeof(h));
    h.time_ms = now_ms(CLOCK_REALTIME);
    h.next = next;
    h.place = s->place;
    h.pid = (uint32_t) getpid();
    h.zone = w->conf.area->zone;
    h.boot.data = w->boot;
    h.boot.len = strlen(w->boot);
    h.segment.data = name;
    h.segment.len = strlen(name);
    h.module.data = w->conf.module;
    h.module.len = strlen(w->conf.module);
    h.key.data = w->conf.key;
    h.key.len = strlen(w->conf.key);

    n = mdl_line_head(line, sizeof(line), &h);

    /* the head goes in front of the batch, so that one write has both */

    memmove(s->batch + n, s->batch, s->len);
    memcpy(s->batch, line, n);
    s->len += n;

    s->fd = fd;
    s->bytes = 0;
    put(&mdl_place(w->conf.area, s->place)->segment_ms,
        now_ms(CLOCK_REALTIME));
    put(&mdl_place(w->conf.area, s->place)->segments,
        mdl_place(w->conf.area, s->place)->segments + 1);

    return 0;
}


static void
segment_close(mdl_writer_t *w, stream_t *s)
{
    if (s->fd != -1) {
        close(s->fd);
        s->fd = -1;
    }

    put(&mdl_place(w->conf.area, s->place)->segment_bytes, 0);
}


/* lines out of the ring, up to one that ends a segment */

static void
batch(mdl_writer_t *w, stream_t *s, uint64_t *first)
{
    uint64_t      at, behind;
    mdl_frame_t   f;
    mdl_place_t  *p;

    p = mdl_place(w->conf.area, s->place);
    at = p->tail;
    s->len = 0;
    s->off = 0;
    s->last = 0;

    while (s->len + MDL_LINE_MAX <= BATCH && !s->last) {
        behind = mdl_ring_read(w->conf.area, s->place, at, &f,
                               s->batch + s->len, MDL_LINE_MAX);

        /* its number has to be taken: a death before that would give it to
         * another line */

        if (behind == 0
            || f.n >= __atomic_load_n(&p->next, __ATOMIC_ACQUIRE))
        {
            break;
        }

        if (s->len == 0) {
            *first = f.n;
        }

        s->len += f.len;
        s->last = f.last;
        at = behind;
    }

    s->upto = at;
}


/* writes what there is of the place; 0, or errno: try again later */

static int
drain(mdl_writer_t *w, stream_t *s)
{
    int           rc;
    ssize_t       n;
    uint64_t      first = 0;
    mdl_place_t  *p;

    p = mdl_place(w->conf.area, s->place);

    for ( ;; ) {

        if (s->len == s->off) {
            batch(w, s, &first);

            if (s->len == 0) {
                return 0;
            }

            if (s->fd == -1) {
                rc = segment_open(w, s, first);

                if (rc != 0) {
                    s->len = 0;
                    s->off = 0;
                    return rc;
                }
            }
        }

        n = write(s->fd, s->batch + s->off, s->len - s->off);

        if (n == -1) {
            if (errno == EINTR) {
                continue;
            }
            return errno;
        }

        s->off += (size_t) n;
        s->bytes += (uint64_t) n;
        put(&p->segment_bytes, s->bytes);
        put(&p->written, p->written + (uint64_t) n);
        (void) __atomic_fetch_add(&w->conf.area->spool_bytes, (uint64_t) n,
                                  __ATOMIC_RELAXED);

        if (w->conf.rate != 0) {
            usleep((useconds_t) ((uint64_t) n * 1000000 / w->conf.rate));
        }

        if (s->off != s->len) {
            continue;                   /* a short write                     */
        }

        mdl_ring_taken(w->conf.area, s->place, s->upto);

        if (s->last) {
            segment_close(w, s);
        }
    }
}


/* rings of the dead, by who holds the lease */

static void
drain_dead(mdl_writer_t *w)
{
    int       i;
    char      line[128];
    size_t    n;
    uint64_t  ms;

    if (w->dead.fd != -1 || w->dead.len != w->dead.off) {
        goto again;                     /* one that could not be ended       */
    }

    i = mdl_place_claim_dead(w->conf.area, w->conf.owner);

    if (i == -1) {
        return;
    }

    w->dead.place = (uint32_t) i;

again:

    if (drain(w, &w->dead) != 0) {
        return;
    }

    if (w->dead.fd != -1) {
        ms = now_ms(CLOCK_REALTIME);
        n = mdl_line_end(line, sizeof(line), ms,
                         mdl_place(w->conf.area, w->dead.place)->next);

        if (mdl_ring_put(w->conf.area, w->dead.place, line, n, 1, ms) != 0
            || drain(w, &w->dead) != 0)
        {
            return;
        }
    }

    mdl_place_release(w->conf.area, w->dead.place, w->conf.owner);
}


/* how much lies in the spool, by who holds the lease */

static void
look_at_spool(mdl_writer_t *w)
{
    int             fd;
    DIR            *d;
    uint64_t        bytes, files, full;
    struct stat     st;
    mdl_segment_t   seg;
    struct dirent  *e;

    fd = open(w->conf.dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (fd == -1) {
        return;
    }

    d = fdopendir(fd);

    if (d == NULL) {
        close(fd);
        return;
    }

    bytes = 0;
    files = 0;

    while ((e = readdir(d)) != NULL) {
        if (mdl_segment_parse(e->d_name, &seg) == 0
            && fstatat(fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0
            && S_ISREG(st.st_mode))
        {
            bytes += (uint64_t) st.st_size;
            files++;
        }
    }

    closedir(d);

    full = MDL_SPOOL_OK;

    if (w->conf.max_bytes != 0) {
        full = bytes >= w->conf.max_bytes ? MDL_SPOOL_FULL
               : bytes >= w->conf.max_bytes / 2 ? MDL_SPOOL_HALF
                                                : MDL_SPOOL_OK;
    }

    put(&w->conf.area->spool_bytes, bytes);
    put(&w->conf.area->spool_files, files);
    put(&w->conf.area->spool_full, full);
    put(&w->conf.area->spool_ms, now_ms(CLOCK_REALTIME));
}


static int
is_full(mdl_writer_t *w)
{
    uint64_t  bytes;

    bytes = __atomic_load_n(&w->conf.area->spool_bytes, __ATOMIC_RELAXED);

    return w->conf.max_bytes != 0
           && (bytes >= w->conf.max_bytes
               || w->conf.area->spool_full == MDL_SPOOL_FULL);
}


static void *
run(void *data)
{
    mdl_writer_t *w = data;

    int              rc, stop;
    uint64_t         ms, wait;
    struct timespec  until;

    rc = 0;

    for ( ;; ) {
        wait = rc != 0 ? RETRY_MS : w->conf.flush_ms;
        ms = now_ms(CLOCK_MONOTONIC) + wait;
        until.tv_sec = (time_t) (ms / 1000);
        until.tv_nsec = (long) (ms % 1000) * 1000000;

        pthread_mutex_lock(&w->mutex);

        while (!w->stop && !w->woken
               && pthread_cond_timedwait(&w->cond, &w->mutex, &until)
                  != ETIMEDOUT)
        {
            /* void */
        }

        w->woken = 0;
        stop = w->stop;
        pthread_mutex_unlock(&w->mutex);

        ms = now_ms(CLOCK_MONOTONIC);

        if (mdl_lease_is(w->conf.area, w->conf.place)
            && ms - w->spool_ms >= SPOOL_MS)
        {
            w->spool_ms = ms;
            look_at_spool(w);
        }

        rc = is_full(w) ? ENOSPC : drain(w, &w->own);
        put(&mdl_place(w->conf.area, w->conf.place)->failing,
            (uint64_t) rc);

        if (rc == 0 && mdl_lease_is(w->conf.area, w->conf.place)
            && ms - w->dead_ms >= DEAD_MS)
        {
            w->dead_ms = ms;
            drain_dead(w);
        }

        if (stop) {
            break;
        }
    }

    /* what could not be written is left to who takes the place over */

    segment_close(w, &w->own);

    if (rc == 0 && mdl_ring_used(w->conf.area, w->conf.place) == 0) {
        mdl_place_release(w->conf.area, w->conf.place, w->conf.owner);
    }

    if (w->dead.fd != -1) {
        segment_close(w, &w->dead);
    }

    return NULL;
}


static void
writer_free(mdl_writer_t *w)
{
    if (w->dir != -1) {
        close(w->dir);
    }

    free(w->own.batch);
    free(w->dead.batch);
    free(w);
}


mdl_writer_t *
mdl_writer_start(const mdl_writer_conf_t *conf)
{
    int                 rc;
    sigset_t            all, old;
    mdl_writer_t       *w;
    pthread_attr_t      attr;
    pthread_condattr_t  ca;

    w = calloc(1, sizeof(*w));

    if (w == NULL) {
        return NULL;
    }

    w->conf = *conf;
    w->dir = -1;
    w->own.place = conf->place;
    w->own.fd = -1;
    w->dead.fd = -1;
    w->own.batch = malloc(BATCH + 2048);
    w->dead.batch = malloc(BATCH + 2048);
    (void) mdl_boot_id(w->boot);

    if (w->own.batch == NULL || w->dead.batch == NULL) {
        writer_free(w);
        errno = ENOMEM;
        return NULL;
    }

    pthread_mutex_init(&w->mutex, NULL);
    pthread_condattr_init(&ca);
    pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
    pthread_cond_init(&w->cond, &ca);
    pthread_condattr_destroy(&ca);

    /* signals are the host's */

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 256 * 1024);
    rc = pthread_create(&w->thread, &attr, run, w);
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &old, NULL);

    if (rc != 0) {
        writer_free(w);
        errno = rc;
        return NULL;
    }

    return w;
}


void
mdl_writer_wake(mdl_writer_t *w)
{
    /* who holds the mutex holds it for a moment, or is about to look */

    if (pthread_mutex_trylock(&w->mutex) == 0) {
        w->woken = 1;
        pthread_cond_signal(&w->cond);
        pthread_mutex_unlock(&w->mutex);
    }
}


int
mdl_writer_stop(mdl_writer_t *w, uint64_t wait_ms)
{
    uint64_t         ms;
    struct timespec  until;

    pthread_mutex_lock(&w->mutex);
    w->stop = 1;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->mutex);

    ms = now_ms(CLOCK_REALTIME) + wait_ms;
    until.tv_sec = (time_t) (ms / 1000);
    until.tv_nsec = (long) (ms % 1000) * 1000000;

    if (pthread_timedjoin_np(w->thread, NULL, &until) != 0) {
        return -1;
    }

    writer_free(w);

    return 0;
}
