/*
 * spool.c - the folder of segments (see spool.h).
 */

#include "spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENTS_MAX  100000


int
mdd_spool_open(mdd_spool_t *s, const mdd_conf_t *conf)
{
    memset(s, 0, sizeof(mdd_spool_t));
    s->workers = conf->workers_uid;
    s->dir = open(conf->spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->dir < 0) {
        mdd_say(MDD_ERR, "spool %s: %s", conf->spool, strerror(errno));
        return MDD_FAILED;
    }

    return MDD_OK;
}


void
mdd_spool_drop(mdd_spool_t *s, size_t i)
{
    if (s->segs[i]->fd >= 0) {
        close(s->segs[i]->fd);
    }
    free(s->segs[i]);
    s->segs[i] = s->segs[--s->n];
}


void
mdd_spool_close(mdd_spool_t *s)
{
    while (s->n > 0) {
        mdd_spool_drop(s, s->n - 1);
    }

    free(s->segs);
    free(s->warned);
    if (s->dir >= 0) {
        close(s->dir);
    }
}


mdd_seg_t *
mdd_spool_add(mdd_spool_t *s, const char *name)
{
    size_t          cap;
    mdd_seg_t      *seg, **p;
    mdl_segment_t   id;

    if (mdl_segment_parse(name, &id) != 0 || s->n >= SEGMENTS_MAX) {
        return NULL;
    }

    if (s->n == s->cap) {
        cap = s->cap ? s->cap * 2 : 64;
        p = realloc(s->segs, cap * sizeof(*p));
        if (p == NULL) {
            return NULL;
        }
        s->segs = p;
        s->cap = cap;
    }

    seg = calloc(1, sizeof(mdd_seg_t));
    if (seg == NULL) {
        return NULL;
    }

    strcpy(seg->name, name);
    seg->id = id;
    seg->fd = -1;
    s->segs[s->n++] = seg;

    return seg;
}


static int
owner_ok(const mdd_spool_t *s, uid_t uid)
{
    struct passwd  *pw;

    if (s->workers >= 0) {
        return uid == (uid_t) s->workers;
    }

    /* not configured: nginx's usual users, and the daemon's own */
    if (uid == geteuid()) {
        return 1;
    }

    pw = getpwnam("www-data");
    if (pw != NULL && pw->pw_uid == uid) {
        return 1;
    }
    pw = getpwnam("nginx");

    return pw != NULL && pw->pw_uid == uid;
}


static void
refuse(mdd_spool_t *s, const char *name, const char *why)
{
    s->refused++;

    if (s->warned == NULL || strcmp(s->warned, name) != 0) {
        free(s->warned);
        s->warned = strdup(name);
        mdd_say(MDD_WARN, "spool: %.80s is left alone: %s", name, why);
    }
}


/* an open file for seg, or why not; failing: the machine's fault, another time
 * it may be there */

static const char  failing[] = "cannot be opened now";


static const char *
open_seg(mdd_spool_t *s, mdd_seg_t *seg)
{
    int          fd;
    const char  *why;
    struct stat  st;

    fd = openat(s->dir, seg->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC
                | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return errno == ENOENT ? ""
               : errno == ELOOP || errno == ENXIO || errno == EACCES
                 || errno == EPERM ? strerror(errno) : failing;
    }

    why = fstat(fd, &st) != 0 ? failing : !S_ISREG(st.st_mode) ? "no regular file"
          : st.st_nlink != 1 ? "it has another name"
          : !owner_ok(s, st.st_uid) ? "another owner than the workers"
          : NULL;

    /* another file under a name that was never to be used again */
    if (why == NULL && seg->inode != 0 && seg->inode != (uint64_t) st.st_ino) {
        mdd_say(MDD_WARN, "spool: %s is another file than before: read from "
                "its begin", seg->name);
        seg->pos = seg->work = 0;
        seg->done = seg->work_done = 0;
        seg->headed = 0;
    }

    if (why == NULL && (int64_t) st.st_size < seg->pos) {
        mdd_say(MDD_WARN, "spool: %s is shorter than before: read from its "
                "begin", seg->name);
        seg->pos = seg->work = 0;
        seg->headed = 0;
    }

    if (why != NULL) {
        close(fd);
        return why;
    }

    seg->inode = (uint64_t) st.st_ino;
    seg->fd = fd;

    return NULL;
}


static int
by_name(const void *a, const void *b)
{
    return strcmp((*(mdd_seg_t *const *) a)->name,
                  (*(mdd_seg_t *const *) b)->name);
}


int
mdd_spool_scan(mdd_spool_t *s)
{
    int             fd;
    DIR            *d;
    size_t          i, known;
    int64_t         mtime, now;
    mdd_seg_t      *seg, key, *pkey, **found;
    const char     *why;
    struct stat     st;
    struct dirent  *e;

    if (fstat(s->dir, &st) != 0) {
        s->failed = 1;
        return MDD_FAILED;
    }

    /* a folder that was touched within the grain of its clock is looked at
     * again */
    now = mdd_clock_ms();
    mtime = (int64_t) st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    if (!s->failed && mtime == s->mtime_ns && s->looked > mtime / 1000000 + 2000
        && now < s->looked + 60000)
    {
        return MDD_OK;
    }

    fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    d = fd >= 0 ? fdopendir(fd) : NULL;
    if (d == NULL) {
        if (fd >= 0) {
            close(fd);
        }
        s->failed = 1;
        return MDD_FAILED;
    }

    s->failed = 0;
    s->mtime_ns = mtime;
    s->looked = now;
    s->refused = 0;

    for (i = 0; i < s->n; i++) {
        s->segs[i]->listed = 0;
    }
    if (s->n > 0) {
        qsort(s->segs, s->n, sizeof(*s->segs), by_name);
    }
    known = s->n;

    for ( ;; ) {
        errno = 0;
        e = readdir(d);
        if (e == NULL) {
            s->failed |= errno != 0;
            break;
        }
        if (e->d_name[0] == '.') {
            continue;
        }

        if (strlen(e->d_name) >= sizeof(key.name)) {
            refuse(s, e->d_name, "not the name of a segment");
            continue;
        }

        strcpy(key.name, e->d_name);
        pkey = &key;
        found = known == 0 ? NULL
                : bsearch(&pkey, s->segs, known, sizeof(*s->segs), by_name);
        seg = found != NULL ? *found : mdd_spool_add(s, e->d_name);
        if (seg == NULL) {
            refuse(s, e->d_name, "not the name of a segment");
            continue;
        }

        seg->listed = 1;
        if (seg->fd >= 0 || seg->done) {
            continue;
        }

        why = open_seg(s, seg);
        if (why == failing) {
            s->failed = 1;
            seg->listed = 0;
            if (found == NULL) {
                mdd_spool_drop(s, s->n - 1);
            }
            continue;
        }
        if (why != NULL) {
            if (why[0] != '\0') {
                refuse(s, seg->name, why);
            }
            seg->listed = 0;
            if (found == NULL) {
                mdd_spool_drop(s, s->n - 1);
            }
        }
    }

    closedir(d);

    return s->failed ? MDD_FAILED : MDD_OK;
}


int64_t
mdd_seg_size(mdd_seg_t *seg, int64_t *mtime_ms)
{
    struct stat  st;

    if (seg->fd < 0 || fstat(seg->fd, &st) != 0) {
        return -1;
    }

    *mtime_ms = (int64_t) st.st_mtim.tv_sec * 1000
                + st.st_mtim.tv_nsec / 1000000;

    return (int64_t) st.st_size;
}


int
mdd_seg_closed(mdd_seg_t *seg)
{
    if (flock(seg->fd, LOCK_EX | LOCK_NB) != 0) {
        return 0;
    }

    (void) flock(seg->fd, LOCK_UN);

    return 1;
}


int
mdd_seg_remove(mdd_spool_t *s, mdd_seg_t *seg)
{
    int          fd, rc;
    struct stat  st;

    fd = openat(s->dir, seg->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC
                | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return errno == ENOENT ? MDD_OK : MDD_FAILED;
    }

    rc = MDD_REFUSED;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0
        && S_ISREG(st.st_mode) && (uint64_t) st.st_ino == seg->inode)
    {
        /* what was cut off in its last line was never whole: MDL_LINE_MAX */
        if ((int64_t) st.st_size >= seg->pos + MDL_LINE_MAX) {
            seg->done = seg->work_done = 0;
        } else {
            rc = unlinkat(s->dir, seg->name, 0) == 0 ? MDD_OK : MDD_FAILED;
        }
    }

    close(fd);

    return rc;
}
