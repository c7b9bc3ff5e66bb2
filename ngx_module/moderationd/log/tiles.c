/*
 * tiles.c - the files of a log (see tiles.h).
 *
 * A file is written beside its place and renamed; whether it is on the disk is
 * asked once for many of them, so that their waits overlap.
 */

#include "tiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>


void
mdd_tile_path(char *out, int level, uint64_t index, unsigned width)
{
    int       n, i, groups;
    uint64_t  g[8];

    n = level == MDD_ENTRIES ? sprintf(out, "tile/entries")
                             : sprintf(out, "tile/%d", level);

    for (groups = 0; groups == 0 || index > 0; index /= 1000) {
        g[groups++] = index % 1000;
    }

    for (i = groups - 1; i >= 0; i--) {
        n += sprintf(out + n, "/%s%03u", i > 0 ? "x" : "", (unsigned) g[i]);
    }

    if (width < MDD_TILE) {
        sprintf(out + n, ".p/%u", width);
    }
}


static int
sync_folder(int dir, const char *path)
{
    int   fd, rc;
    char  up[MDD_TILE_PATH], *slash;

    snprintf(up, sizeof(up), "%s", path);
    slash = strrchr(up, '/');
    if (slash != NULL) {
        *slash = '\0';
    }

    fd = openat(dir, slash != NULL ? up : ".",
                O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return MDD_FAILED;
    }

    rc = fsync(fd);
    close(fd);

    return rc == 0 ? MDD_OK : MDD_FAILED;
}


/* the folders above path; a new one is on the disk before anything is in it */

static int
folders(int dir, const char *path)
{
    char   up[MDD_TILE_PATH];
    char  *slash;

    snprintf(up, sizeof(up), "%s", path);

    for (slash = strchr(up, '/'); slash != NULL;
         slash = strchr(slash + 1, '/'))
    {
        *slash = '\0';
        if (mkdirat(dir, up, 0750) == 0) {
            if (sync_folder(dir, up) != MDD_OK) {
                return MDD_FAILED;
            }
        } else if (errno != EEXIST) {
            return MDD_FAILED;
        }
        *slash = '/';
    }

    return MDD_OK;
}


int
mdd_tile_write(mdd_sync_t *s, int level, uint64_t index, unsigned width,
    const void *p, size_t n)
{
    int      fd, err;
    char     path[MDD_TILE_PATH], tmp[MDD_TILE_PATH + 8];
    size_t   done;
    ssize_t  rc;

    if (s->n == sizeof(s->fds) / sizeof(s->fds[0])
        && mdd_sync_all(s) != MDD_OK)
    {
        return MDD_FAILED;
    }

    mdd_tile_path(path, level, index, width);
    snprintf(tmp, sizeof(tmp), "%s.new", path);

    fd = openat(s->dir, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
                | O_NOFOLLOW, 0640);
    if (fd < 0 && errno == ENOENT && folders(s->dir, path) == MDD_OK) {
        fd = openat(s->dir, tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
                    | O_NOFOLLOW, 0640);
    }
    if (fd < 0) {
        return MDD_FAILED;
    }

    for (done = 0; done < n; done += (size_t) rc) {
        rc = write(fd, (const char *) p + done, n - done);
        if (rc < 0 && errno == EINTR) {
            rc = 0;
        }
        if (rc < 0) {
            goto failed;
        }
    }

    if (renameat(s->dir, tmp, s->dir, path) != 0) {
        goto failed;
    }

    strcpy(s->paths[s->n], path);
    s->fds[s->n++] = fd;

    return MDD_OK;

failed:

    err = errno;
    close(fd);
    (void) unlinkat(s->dir, tmp, 0);
    errno = err;

    return MDD_FAILED;
}


static int
same_folder(const char *a, const char *b)
{
    size_t  n;

    n = (size_t) (strrchr(a, '/') - a);

    return strncmp(a, b, n + 1) == 0 && strrchr(b, '/') == b + n;
}


int
mdd_sync_all(mdd_sync_t *s)
{
    int     rc;
    size_t  i, j;

    rc = MDD_OK;

    for (i = 0; i < s->n; i++) {
        if (fdatasync(s->fds[i]) != 0) {
            rc = MDD_FAILED;
        }
        if (close(s->fds[i]) != 0) {
            rc = MDD_FAILED;
        }
    }

    for (i = 0; i < s->n; i++) {
        for (j = 0; j < i; j++) {
            if (same_folder(s->paths[i], s->paths[j])) {
                break;
            }
        }
        if (j == i && sync_folder(s->dir, s->paths[i]) != MDD_OK) {
            rc = MDD_FAILED;
        }
    }

    s->n = 0;

    return rc;
}


char *
mdd_bundle_read(int dir, uint64_t index, unsigned width, size_t *n)
{
    char  path[MDD_TILE_PATH];

    mdd_tile_path(path, MDD_ENTRIES, index, width);

    return mdd_file_read(dir, path, MDD_BUNDLE_MAX, n);
}


static int
read_hashes(int dir, int level, uint64_t index, unsigned name, unsigned width,
    mdd_hash_t *h)
{
    int      fd;
    char     path[MDD_TILE_PATH];
    ssize_t  rc;

    mdd_tile_path(path, level, index, name);
    fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return MDD_FAILED;
    }

    do {
        rc = read(fd, h, width * sizeof(mdd_hash_t));
    } while (rc < 0 && errno == EINTR);
    close(fd);

    return rc == (ssize_t) (width * sizeof(mdd_hash_t)) ? MDD_OK
                                                        : MDD_FAILED;
}


int
mdd_tile_read(int dir, int level, uint64_t index, unsigned width,
    mdd_hash_t *h)
{
    if (width < MDD_TILE
        && read_hashes(dir, level, index, width, width, h) == MDD_OK)
    {
        return MDD_OK;
    }

    return read_hashes(dir, level, index, MDD_TILE, width, h);
}


void
mdd_tiles_init(mdd_tiles_t *t, int dir)
{
    memset(t, 0, sizeof(mdd_tiles_t));
    t->dir = dir;
}


void
mdd_tail_path(char *out, uint64_t index)
{
    sprintf(out, ".tail-%llu", (unsigned long long) index);
}


/* hashes of the bundle under way, from its entries */

static int
from_tail(int dir, uint64_t index, unsigned width, mdd_hash_t *h)
{
    char        *p, path[64];
    size_t       n, len;
    unsigned     i;
    const char  *s, *entry;

    mdd_tail_path(path, index);
    p = mdd_file_read(dir, path, MDD_BUNDLE_MAX, &n);

    for (i = 0, s = p; p != NULL && i < width
         && mdd_entry(&s, p + n, &entry, &len); i++)
    {
        mdd_hash_leaf(h[i], entry, len);
    }

    free(p);

    return i == width ? MDD_OK : MDD_FAILED;
}


/* those of a higher level, from whole tiles of the level below */

static int
from_below(int dir, int level, uint64_t index, unsigned width, mdd_hash_t *h)
{
    unsigned    i;
    mdd_hash_t  below[MDD_TILE];

    for (i = 0; i < width; i++) {
        if (mdd_tile_read(dir, level - 1, index * MDD_TILE + i, MDD_TILE,
                          below)
            != MDD_OK)
        {
            return MDD_FAILED;
        }

        mdd_tree_fold(h[i], (const mdd_hash_t *) below, MDD_TILE);
    }

    return MDD_OK;
}


int
mdd_tiles_get(void *tiles, int level, uint64_t index, unsigned width,
    mdd_hash_t *h)
{
    int           rc;
    size_t        i;
    mdd_tiles_t  *t = tiles;

    for (i = 0; i < 4; i++) {
        if (t->kept[i].width >= width && t->kept[i].level == level
            && t->kept[i].index == index)
        {
            memcpy(h, t->kept[i].h, width * sizeof(mdd_hash_t));
            return MDD_OK;
        }
    }

    /* a size that is not signed, or never was, has no partial tiles */

    rc = mdd_tile_read(t->dir, level, index, width, h);

    if (rc != MDD_OK) {
        rc = level == 0 ? from_tail(t->dir, index, width, h)
                        : from_below(t->dir, level, index, width, h);
    }

    if (rc != MDD_OK) {
        return MDD_FAILED;
    }

    i = t->turn++ % 4;
    t->kept[i].level = level;
    t->kept[i].index = index;
    t->kept[i].width = width;
    memcpy(t->kept[i].h, h, width * sizeof(mdd_hash_t));

    return MDD_OK;
}


int
mdd_entry(const char **p, const char *end, const char **entry, size_t *n)
{
    const uint8_t  *s = (const uint8_t *) *p;

    if (end - *p < 2) {
        return 0;
    }

    *n = (size_t) s[0] << 8 | s[1];
    if ((size_t) (end - *p) < 2 + *n) {
        return 0;
    }

    *entry = *p + 2;
    *p += 2 + *n;

    return 1;
}


int
mdd_tile_remove(int dir, int level, uint64_t index)
{
    char  path[MDD_TILE_PATH];

    mdd_tile_path(path, level, index, MDD_TILE);

    return unlinkat(dir, path, 0) == 0 ? MDD_OK : MDD_FAILED;
}


void
mdd_tile_remove_partial(int dir, int level, uint64_t index)
{
    int             fd;
    char            path[MDD_TILE_PATH];
    DIR            *list;
    struct dirent  *e;

    mdd_tile_path(path, level, index, MDD_TILE);
    strcat(path, ".p");

    fd = openat(dir, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    list = fd >= 0 ? fdopendir(fd) : NULL;
    if (list == NULL) {
        if (fd >= 0) {
            close(fd);
        }
        return;
    }

    while ((e = readdir(list)) != NULL) {
        if (e->d_name[0] != '.') {
            (void) unlinkat(fd, e->d_name, 0);
        }
    }

    closedir(list);
    (void) unlinkat(dir, path, AT_REMOVEDIR);
}
