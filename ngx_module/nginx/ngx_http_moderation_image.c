/*
 * ngx_http_moderation_image.c - files of compiled policies.
 *
 * moderation_image_path holds one file a policy and version, named by a hash
 * of the path and the digest of the sources.  Workers map it read-only, so
 * there is one copy in memory, and a start need not compile what is there.
 * Damage is found by the checksum inside; malice has to get past the owner
 * and the mode of the file.
 */


#include "ngx_http_moderation_store.h"

#include <dirent.h>
#include <sys/mman.h>


char *
ngx_http_moderation_image_prefix(ngx_path_t *path, ngx_str_t *policy)
{
    char    *p;
    size_t   size;

    size = path->name.len + 32;
    p = malloc(size);

    if (p != NULL) {
        snprintf(p, size, "%.*s/%08x%08x-", (int) path->name.len,
                 (char *) path->name.data,
                 (unsigned) ngx_crc32_long(policy->data, policy->len),
                 (unsigned) ngx_murmur_hash2(policy->data, policy->len));
    }

    return p;
}


ngx_uint_t
ngx_http_moderation_image_name(char *dst, size_t size, const char *prefix,
    const char *hash)
{
    int  n;

    n = snprintf(dst, size, "%s%s.img", prefix, hash);

    return n > 0 && (size_t) n < size;
}


mdr_policy_t *
ngx_http_moderation_image_map(const char *name, const char *hash, uid_t user,
    void **map, size_t *size, char *text, size_t text_size)
{
    int                 fd;
    void               *p;
    struct stat         st;
    mdr_diags_t        *diags;
    mdr_policy_t       *policy;
    mdr_policy_info_t   info;

    fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd == -1) {
        snprintf(text, text_size, "%.300s: %s", name, strerror(errno));
        return NULL;
    }

    if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)
        || (st.st_uid != 0 && st.st_uid != geteuid() && st.st_uid != user)
        || (st.st_mode & (S_IWGRP | S_IWOTH)) || st.st_size <= 0)
    {
        snprintf(text, text_size,
                 "%.300s: not a file of root or of the worker's user that "
                 "others cannot write", name);
        close(fd);
        return NULL;
    }

    p = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);

    if (p == MAP_FAILED) {
        snprintf(text, text_size, "%.300s: mmap: %s", name, strerror(errno));
        return NULL;
    }

    policy = NULL;
    diags = mdr_diags_new(NULL);

    if (diags == NULL
        || mdr_policy_map(p, (size_t) st.st_size, NULL, diags, &policy)
           != MDR_OK)
    {
        snprintf(text, text_size, "%.300s: %s", name,
                 diags != NULL && mdr_diags_count(diags) != 0
                 ? mdr_diags_get(diags, 0)->text : "out of memory");
        policy = NULL;

    } else {
        mdr_policy_info(policy, &info);

        if (strcmp(info.hash, hash) != 0) {
            snprintf(text, text_size, "%.300s: image of another policy",
                     name);
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


/* written beside, then renamed.  Not synced: half of a file after the power
 * failed is found by its checksum */

ngx_uint_t
ngx_http_moderation_image_write(const char *name, const void *data,
    size_t size)
{
    int          fd, err;
    char         tmp[NGX_MAX_PATH];
    size_t       at;
    ssize_t      n;

    if ((size_t) snprintf(tmp, sizeof(tmp), "%s.%d.tmp", name,
                          (int) getpid())
        >= sizeof(tmp))
    {
        errno = ENAMETOOLONG;
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
            err = n == 0 ? ENOSPC : errno;
            close(fd);
            goto failed;
        }
    }

    /* whatever the umask is, and no more than we say */

    if (fchmod(fd, 0644) == -1) {
        err = errno;
        close(fd);
        goto failed;
    }

    if (close(fd) == -1 || rename(tmp, name) == -1) {
        err = errno;
        goto failed;
    }

    return 1;

failed:

    (void) unlink(tmp);
    errno = err;

    return 0;
}


/* the process that was writing it is not there any more */

static ngx_uint_t
ngx_http_moderation_image_orphan(const char *rest)
{
    int  pid, n;

    n = 0;

    return sscanf(rest + 32, ".img.%d.tmp%n", &pid, &n) == 1 && n != 0
           && pid > 0 && kill((pid_t) pid, 0) == -1 && errno == ESRCH;
}


/* the hash of the newest whole image of a prefix; 0: there is none */

ngx_uint_t
ngx_http_moderation_image_newest(const char *prefix, char hash[33])
{
    DIR            *dir;
    char            folder[NGX_MAX_PATH];
    size_t          n;
    int64_t         at, newest;             /* ns                            */
    const char     *base, *rest;
    struct stat     st;
    struct dirent  *de;

    base = strrchr(prefix, '/');

    if (base == NULL || (size_t) (base - prefix) >= sizeof(folder)) {
        return 0;
    }

    memcpy(folder, prefix, (size_t) (base - prefix));
    folder[base - prefix] = '\0';
    base++;
    n = strlen(base);
    newest = 0;

    dir = opendir(folder);
    if (dir == NULL) {
        return 0;
    }

    while ((de = readdir(dir)) != NULL) {
        rest = de->d_name + n;

        if (strncmp(de->d_name, base, n) != 0 || strlen(rest) != 36
            || strcmp(rest + 32, ".img") != 0
            || fstatat(dirfd(dir), de->d_name, &st, AT_SYMLINK_NOFOLLOW) == -1
            || !S_ISREG(st.st_mode))
        {
            continue;
        }

        at = (int64_t) st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;

        if (newest == 0 || at > newest) {
            newest = at;
            memcpy(hash, rest, 32);
            hash[32] = '\0';
        }
    }

    closedir(dir);

    return newest != 0;
}



void
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

        if (strlen(rest) < 36
            || ((strncmp(rest, a, 32) == 0 || strncmp(rest, b, 32) == 0)
                && !ngx_http_moderation_image_orphan(rest)))
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
