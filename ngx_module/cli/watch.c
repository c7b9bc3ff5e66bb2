/*
 * watch.c - waiting until a policy changes, for `check --watch`.
 *
 * A look is a hash over names, sizes and times of all files below the
 * policy's folder, or below the folder that the policy file is in: lists and
 * pages of tests are somewhere there. It is taken a few times a second, which
 * works with every editor and file system.
 */

#define _POSIX_C_SOURCE 200809L

#include "cli.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>


#define ENTRIES  20000          /* of all folders together                   */
#define DEPTH    4
#define PERIOD   250            /* ms                                        */


static uint64_t
mix(uint64_t h, const void *data, size_t len)
{
    size_t          i;
    const uint8_t  *p;

    p = data;

    for (i = 0; i < len; i++) {
        h = (h ^ p[i]) * 0x100000001b3ULL;
        h ^= h >> 31;
    }

    return h;
}


/* what an entry is now; the order in which a folder lists them plays no part,
 * as the entries are summed up */

static uint64_t
look(const char *path, int depth, unsigned *left)
{
    DIR            *dir;
    char            name[4096];
    size_t          n;
    uint64_t        h;
    struct stat     st;
    struct dirent  *e;

    if (*left == 0 || stat(path, &st) != 0) {
        return 0;
    }

    (*left)--;
    n = strlen(path);
    h = mix(0xcbf29ce484222325ULL, path, n);
    h = mix(h, &st.st_ino, sizeof(st.st_ino));

    if (!S_ISDIR(st.st_mode)) {
        h = mix(h, &st.st_size, sizeof(st.st_size));
        h = mix(h, &st.st_mtim, sizeof(st.st_mtim));
        return mix(h, &st.st_ctim, sizeof(st.st_ctim));
    }

    dir = depth != 0 ? opendir(path) : NULL;
    if (dir == NULL) {
        return h;
    }

    while ((e = readdir(dir)) != NULL) {

        /* what editors put beside a file for a moment is of no interest */

        n = strlen(e->d_name);

        if (e->d_name[0] == '.' || e->d_name[0] == '#'
            || e->d_name[n - 1] == '~'
            || (n > 4 && strcmp(e->d_name + n - 4, ".swp") == 0))
        {
            continue;
        }

        if (snprintf(name, sizeof(name), "%s/%s", path, e->d_name)
            < (int) sizeof(name))
        {
            h += look(name, depth - 1, left);
        }
    }

    closedir(dir);

    return h;
}


uint64_t
cli_watch_look(const char *path)
{
    char         folder[4096];
    size_t       n;
    unsigned     left;
    struct stat  st;
    const char  *slash;

    left = ENTRIES;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        return look(path, DEPTH, &left);
    }

    slash = strrchr(path, '/');
    n = slash == NULL ? 0 : (size_t) (slash - path);

    if (n >= sizeof(folder)) {
        return look(path, DEPTH, &left);
    }

    memcpy(folder, path, n);
    folder[n] = '\0';

    return look(slash == NULL ? "." : n == 0 ? "/" : folder, DEPTH, &left);
}


void
cli_watch_wait(const char *path, uint64_t seen)
{
    uint64_t  now, before;

    static const struct timespec  period = { 0, PERIOD * 1000000L };

    before = seen;

    /* a change counts when the next look sees the same: files that are
     * copied one by one are one change */

    for ( ;; ) {
        now = cli_watch_look(path);

        if (now != seen && now == before) {
            return;
        }

        before = now;
        (void) nanosleep(&period, NULL);
    }
}
