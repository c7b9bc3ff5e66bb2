/*
 * geo_open.c - a private copy of a database, opened by libmaxminddb.
 *
 * The copy has the name of its digest, so that all processes that find the
 * same bytes open the same file and share its pages; it takes its name when
 * it is whole (rename), and is never written again.  Where there is no folder
 * for it, it lies in memory of the process (memfd).
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                     /* memfd_create              */
#endif

#include "geo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <maxminddb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>


struct mdr_geo_s {
    MMDB_s   db;
    int      shared;
    char     digest[MDR_GEO_DIGEST];
};


uint8_t *
mdr_geo_read(const char *file, size_t *size, int *moving, char *text,
    size_t n)
{
    int          fd;
    size_t       len, want;
    ssize_t      got;
    uint8_t     *p;
    struct stat  st, after;

    *moving = 0;
    p = NULL;

    fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd == -1 || fstat(fd, &st) == -1) {
        snprintf(text, n, "%s", strerror(errno));
        goto failed;
    }

    if (!S_ISREG(st.st_mode)) {
        snprintf(text, n, "not a file");
        goto failed;
    }

    if ((uint64_t) st.st_size > MDR_GEO_MAX) {
        snprintf(text, n, "larger than 2 GB");
        goto failed;
    }

    want = (size_t) st.st_size;
    p = malloc(want + 1);

    if (p == NULL) {
        snprintf(text, n, "no memory");
        goto failed;
    }

    for (len = 0; len <= want; len += (size_t) got) {
        got = read(fd, p + len, want + 1 - len);

        if (got == -1 && errno == EINTR) {
            got = 0;

        } else if (got == -1) {
            snprintf(text, n, "%s", strerror(errno));
            goto failed;

        } else if (got == 0) {
            break;
        }
    }

    if (len != want || fstat(fd, &after) == -1
        || after.st_size != st.st_size
        || after.st_mtim.tv_sec != st.st_mtim.tv_sec
        || after.st_mtim.tv_nsec != st.st_mtim.tv_nsec)
    {
        *moving = 1;
        snprintf(text, n, "changes while it is read");
        goto failed;
    }

    close(fd);
    *size = len;

    return p;

failed:

    free(p);

    if (fd != -1) {
        close(fd);
    }

    return NULL;
}


void
mdr_geo_digest(const uint8_t *data, size_t size, char digest[33])
{
    size_t    i;
    uint64_t  a, b, w;

    a = 0xcbf29ce484222325ULL ^ size;
    b = 0x9e3779b97f4a7c15ULL;

    for (i = 0; i + 8 <= size; i += 8) {
        memcpy(&w, data + i, 8);
        a = (a ^ w) * 0x100000001b3ULL;
        a ^= a >> 31;
        b = (b + w) * 0xbf58476d1ce4e5b9ULL;
        b ^= b >> 29;
    }

    for ( ; i < size; i++) {
        a = (a ^ data[i]) * 0x100000001b3ULL;
        b = (b + data[i] + 1) * 0xbf58476d1ce4e5b9ULL;
        b ^= b >> 29;
    }

    snprintf(digest, 33, "%016llx%016llx", (unsigned long long) a,
             (unsigned long long) b);
}


static int
write_all(int fd, const uint8_t *p, size_t n)
{
    size_t   i;
    ssize_t  w;

    for (i = 0; i < n; i += (size_t) w) {
        w = write(fd, p + i, n - i);

        if (w == -1 && errno == EINTR) {
            w = 0;
        } else if (w <= 0) {
            return 0;
        }
    }

    return 1;
}


/* a copy that is ours or root's, that nobody else can write, of that size */

static int
usable(const char *name, size_t size)
{
    struct stat  st;

    return lstat(name, &st) == 0 && S_ISREG(st.st_mode)
           && (st.st_uid == 0 || st.st_uid == geteuid())
           && (st.st_mode & 022) == 0 && (size_t) st.st_size == size;
}


/* others of the same database; half-written ones after a day */

static void
clean(const char *folder, const char *prefix, const char *keep)
{
    DIR            *dir;
    char            name[4096];
    size_t          n;
    struct stat     st;
    struct dirent  *de;

    dir = opendir(folder);
    if (dir == NULL) {
        return;
    }

    n = strlen(prefix);

    while ((de = readdir(dir)) != NULL) {
        if (strncmp(de->d_name, prefix, n) != 0
            || strcmp(de->d_name, keep) == 0
            || (size_t) snprintf(name, sizeof(name), "%s/%s", folder,
                                 de->d_name)
               >= sizeof(name)
            || lstat(name, &st) == -1)
        {
            continue;
        }

        if (strstr(de->d_name, ".tmp") == NULL
            || time(NULL) - st.st_mtime > 86400)
        {
            (void) unlink(name);
        }
    }

    closedir(dir);
}


static int
copy_to(const char *folder, const char *prefix, const char *digest,
    const uint8_t *data, size_t size, char *name, size_t n)
{
    int   fd, ok;
    char  base[256], tmp[4096];

    if ((size_t) snprintf(base, sizeof(base), "%s%s.mmdb", prefix, digest)
        >= sizeof(base)
        || (size_t) snprintf(name, n, "%s/%s", folder, base) >= n
        || (size_t) snprintf(tmp, sizeof(tmp), "%s.%ld.tmp", name,
                             (long) getpid())
           >= sizeof(tmp))
    {
        return 0;
    }

    if (usable(name, size)) {
        return 1;
    }

    (void) unlink(tmp);
    fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
              0644);
    if (fd == -1) {
        return 0;
    }

    ok = write_all(fd, data, size);
    ok = close(fd) == 0 && ok;

    if (!ok || rename(tmp, name) == -1) {
        (void) unlink(tmp);
        return 0;
    }

    clean(folder, prefix, base);

    return 1;
}


mdr_geo_t *
mdr_geo_open(const uint8_t *data, size_t size, const char *folder,
    const char *prefix, char *text, size_t n)
{
    int         rc, fd;
    char        name[4096];
    mdr_geo_t  *g;

    g = calloc(1, sizeof(mdr_geo_t));
    if (g == NULL) {
        snprintf(text, n, "no memory");
        return NULL;
    }

    mdr_geo_digest(data, size, g->digest);
    fd = -1;

    if (folder != NULL
        && copy_to(folder, prefix, g->digest, data, size, name, sizeof(name)))
    {
        g->shared = 1;

    } else {
        fd = memfd_create("moderation-geoip2", MFD_CLOEXEC);

        if (fd == -1 || !write_all(fd, data, size)) {
            snprintf(text, n, "no copy: %s", strerror(errno));
            if (fd != -1) {
                close(fd);
            }
            free(g);
            return NULL;
        }

        snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    }

    rc = MMDB_open(name, MMDB_MODE_MMAP, &g->db);

    if (fd != -1) {
        close(fd);
    }

    if (rc != MMDB_SUCCESS) {
        snprintf(text, n, "%s", MMDB_strerror(rc));
        free(g);
        return NULL;
    }

    return g;
}


void
mdr_geo_free(mdr_geo_t *g)
{
    if (g != NULL) {
        MMDB_close(&g->db);
        free(g);
    }
}


void
mdr_geo_info(const mdr_geo_t *g, mdr_geo_info_t *info)
{
    info->type = g->db.metadata.database_type;
    info->built = g->db.metadata.build_epoch;
    info->nodes = g->db.metadata.node_count;
    info->ip_version = g->db.metadata.ip_version;
    info->digest = g->digest;
    info->shared = g->shared;
}


struct MMDB_s *
mdr_geo_db(const mdr_geo_t *g)
{
    return (struct MMDB_s *) &g->db;
}
