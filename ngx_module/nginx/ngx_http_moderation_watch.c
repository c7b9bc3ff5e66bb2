/*
 * ngx_http_moderation_watch.c - has a policy or a kill file changed?
 *
 * A look is a hash over names, inodes, sizes and times of all files that the
 * policy is or could be made of; it opens nothing.  A second hash says where
 * the symbolic links lead through which the policy is reached: who swaps a
 * link has a whole folder ready behind it, and so have config maps, whose
 * files all lead through a link "..data".
 */


#include "ngx_http_moderation_store.h"

#include <dirent.h>


#define NGX_HTTP_MODERATION_ENTRIES   4096      /* of a folder               */
#define NGX_HTTP_MODERATION_KILL_MAX  (1024 * 1024)


typedef struct {
    uint64_t  a, b;
} ngx_http_moderation_mix_t;


static void
ngx_http_moderation_mix_init(ngx_http_moderation_mix_t *m)
{
    m->a = 0xcbf29ce484222325ULL;
    m->b = 0;
}


static void
ngx_http_moderation_mix(ngx_http_moderation_mix_t *m, const void *data,
    size_t len)
{
    size_t         i;
    const u_char  *p;

    p = data;

    for (i = 0; i < len; i++) {
        m->a = (m->a ^ p[i]) * 0x100000001b3ULL;
        m->b = (m->b + p[i] + 1) * 0x9e3779b97f4a7c15ULL;
        m->b ^= m->b >> 29;
    }
}


static void
ngx_http_moderation_mix_done(ngx_http_moderation_mix_t *m, u_char out[33])
{
    ngx_sprintf(out, "%016xL%016xL%Z", m->a, m->b);
}


static void
ngx_http_moderation_mix_stat(ngx_http_moderation_mix_t *m, const char *name)
{
    struct stat  st;

    ngx_memzero(&st, sizeof(st));

    if (stat(name, &st) == -1) {
        ngx_memzero(&st, sizeof(st));
    }

    ngx_http_moderation_mix(m, name, strlen(name));
    ngx_http_moderation_mix(m, &st.st_ino, sizeof(st.st_ino));
    ngx_http_moderation_mix(m, &st.st_dev, sizeof(st.st_dev));
    ngx_http_moderation_mix(m, &st.st_mode, sizeof(st.st_mode));
    ngx_http_moderation_mix(m, &st.st_uid, sizeof(st.st_uid));
    ngx_http_moderation_mix(m, &st.st_size, sizeof(st.st_size));
    ngx_http_moderation_mix(m, &st.st_ctim, sizeof(st.st_ctim));
    ngx_http_moderation_mix(m, &st.st_mtim, sizeof(st.st_mtim));
}


/* what editors and copying tools put beside a file for a moment */

static ngx_uint_t
ngx_http_moderation_is_temporary(const char *name)
{
    size_t  n;

    n = strlen(name);

    return name[0] == '.' || name[0] == '#' || name[n - 1] == '~'
           || (n > 4 && ngx_strcmp(name + n - 4, ".tmp") == 0)
           || (n > 4 && ngx_strcmp(name + n - 4, ".swp") == 0);
}


static void
ngx_http_moderation_mix_folder(ngx_http_moderation_mix_t *m,
    const char *folder)
{
    DIR                        *dir;
    char                        name[NGX_MAX_PATH];
    ngx_uint_t                  n;
    struct dirent              *de;
    ngx_http_moderation_mix_t   one, sum;

    dir = opendir(folder);
    if (dir == NULL) {
        return;
    }

    sum.a = 0;
    sum.b = 0;
    n = 0;

    /* in whatever order the folder gives them */

    while ((de = readdir(dir)) != NULL && n++ < NGX_HTTP_MODERATION_ENTRIES)
    {
        if (ngx_http_moderation_is_temporary(de->d_name)
            || (size_t) snprintf(name, sizeof(name), "%s/%s", folder,
                                 de->d_name)
               >= sizeof(name))
        {
            continue;
        }

        ngx_http_moderation_mix_init(&one);
        ngx_http_moderation_mix_stat(&one, name);
        sum.a += one.a;
        sum.b += one.b;
    }

    closedir(dir);

    ngx_http_moderation_mix(m, &sum, sizeof(sum));
}


static void
ngx_http_moderation_mix_link(ngx_http_moderation_mix_t *m, const char *name)
{
    char     to[NGX_MAX_PATH];
    ssize_t  n;

    n = readlink(name, to, sizeof(to));

    if (n > 0) {
        ngx_http_moderation_mix(m, to, (size_t) n);
    }

    ngx_http_moderation_mix(m, "", 1);
}


char *
ngx_http_moderation_look_files(ngx_http_moderation_gen_t *gen)
{
    char       *names, *p;
    size_t      size;
    uint32_t    i;
    mdr_str_t   file;

    for (i = 0, size = 1; mdr_policy_file(gen->policy, i, &file) == MDR_OK;
         i++)
    {
        size += (size_t) file.len + 1;
    }

    names = malloc(size);
    if (names == NULL) {
        return NULL;
    }

    for (i = 0, p = names; mdr_policy_file(gen->policy, i, &file) == MDR_OK;
         i++)
    {
        if (file.len != 0) {
            ngx_memcpy(p, file.data, file.len);
            p += file.len;
            *p++ = '\0';
        }
    }

    *p = '\0';

    return names;
}


void
ngx_http_moderation_look(const char *path, const char *files,
    ngx_http_moderation_look_t *look)
{
    char                        name[NGX_MAX_PATH];
    struct stat                 st;
    ngx_http_moderation_mix_t   m;

    ngx_http_moderation_mix_init(&m);
    ngx_http_moderation_mix_link(&m, path);

    if ((size_t) snprintf(name, sizeof(name), "%s/..data", path)
        < sizeof(name))
    {
        ngx_http_moderation_mix_link(&m, name);
    }

    ngx_http_moderation_mix_done(&m, look->links);

    ngx_http_moderation_mix_init(&m);
    ngx_http_moderation_mix(&m, look->links, 32);
    ngx_http_moderation_mix_stat(&m, path);
    ngx_http_moderation_mix_folder(&m, path);

    /* lists lie in folders below */

    for ( /* void */ ; files != NULL && *files != '\0';
         files += strlen(files) + 1)
    {
        ngx_http_moderation_mix_stat(&m, files);
    }

    ngx_http_moderation_mix_done(&m, look->print);

    look->manifest = (size_t) snprintf(name, sizeof(name), "%s/MANIFEST",
                                       path)
                     < sizeof(name)
                     && stat(name, &st) == 0;
}


/* all of a file; NULL: no memory, or it cannot be read */

static u_char *
ngx_http_moderation_read(int fd, size_t *len)
{
    u_char   *text, *p;
    size_t    size;
    ssize_t   n;

    text = malloc(1);
    size = 0;

    while (text != NULL && size < NGX_HTTP_MODERATION_KILL_MAX) {
        p = realloc(text, size + 65536);
        if (p == NULL) {
            free(text);
            return NULL;
        }

        text = p;
        n = read(fd, text + size, 65536);

        if (n == -1) {
            free(text);
            return NULL;
        }

        if (n == 0) {
            break;
        }

        size += (size_t) n;
    }

    *len = size;

    return text;
}


void
ngx_http_moderation_look_kill(const char *name, const u_char print[33],
    ngx_http_moderation_kill_t *kill)
{
    int                         fd;
    ngx_http_moderation_mix_t   m;

    ngx_memzero(kill, sizeof(ngx_http_moderation_kill_t));

    ngx_http_moderation_mix_init(&m);
    ngx_http_moderation_mix_stat(&m, name);
    ngx_http_moderation_mix_done(&m, kill->print);

    if (ngx_strcmp(kill->print, print) == 0) {
        kill->state = NGX_HTTP_MODERATION_KILL_SAME;
        return;
    }

    fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd == -1) {
        kill->err = errno;
        kill->state = errno == ENOENT || errno == ENOTDIR
                      ? NGX_HTTP_MODERATION_KILL_NONE
                      : NGX_HTTP_MODERATION_KILL_FAILED;
        return;
    }

    kill->text = ngx_http_moderation_read(fd, &kill->len);
    kill->state = kill->text != NULL ? NGX_HTTP_MODERATION_KILL_READ
                                     : NGX_HTTP_MODERATION_KILL_FAILED;
    close(fd);
}
