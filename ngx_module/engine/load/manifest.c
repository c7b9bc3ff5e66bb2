/*
 * manifest.c - is a folder of policy files whole?
 *
 * Who copies a policy file by file can put a MANIFEST beside them, the output
 * of sha256sum: "hex, two blanks (or a blank and *), name" a line, names
 * relative to the folder.  As long as a line does not fit, or a YAML file of
 * the folder is in no line, the folder is half of something.
 */

#define _POSIX_C_SOURCE 200809L

#include "base/digest.h"
#include "node.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>


#define MANIFEST_MAX  (1u << 20)


typedef struct {
    const char         *folder;
    const mdr_alloc_t  *alloc;
    mdr_diags_t        *diags;
    const char         *text;           /* of the MANIFEST                   */
    size_t              len;
    char                path[4096];     /* of the file in hand               */
} manifest_t;


static int
set_path(manifest_t *m, const char *name, size_t len)
{
    size_t  n;

    n = strlen(m->folder);

    if (n + len + 2 > sizeof(m->path)) {
        return MDR_ERROR;
    }

    memcpy(m->path, m->folder, n);
    m->path[n] = '/';
    memcpy(m->path + n + 1, name, len);
    m->path[n + 1 + len] = '\0';

    return MDR_OK;
}


/* line [*at, ...) of the manifest: its digest and name; 0: the end, -1: it is
 * no line of a manifest */

static int
next_line(const manifest_t *m, size_t *at, uint32_t *line,
    const char **hex, const char **name, size_t *len)
{
    size_t       n;
    const char  *p, *end;

    do {
        if (*at >= m->len) {
            return 0;
        }

        p = m->text + *at;
        end = memchr(p, '\n', m->len - *at);
        n = end != NULL ? (size_t) (end - p) : m->len - *at;
        *at += n + 1;
        (*line)++;

        if (n != 0 && p[n - 1] == '\r') {
            n--;
        }

    } while (n == 0 || p[0] == '#');

    if (n < 67 || p[64] != ' ' || (p[65] != ' ' && p[65] != '*')) {
        return -1;
    }

    *hex = p;
    p += 66;
    n -= 66;

    if (n > 2 && p[0] == '.' && p[1] == '/') {
        p += 2;
        n -= 2;
    }

    *name = p;
    *len = n;

    return 1;
}


static int
hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}


static int
check_file(manifest_t *m, const char *hex, const char *name, size_t len,
    uint32_t line)
{
    size_t         i, n;
    uint8_t       *data, sum[32];
    mdr_sha256_t   sha;

    if (set_path(m, name, len) != MDR_OK) {
        (void) mdr_diags_add(m->diags, MDR_DIAG_ERROR, "manifest",
                             m->folder, 0, 0, "name too long in line %u of "
                             "MANIFEST", line);
        return MDR_LIMIT;
    }

    data = mdr_load_read_file(m->alloc, m->path, MDR_LIST_MAX, &n);

    if (data == NULL) {
        (void) mdr_diags_add(m->diags, MDR_DIAG_ERROR, "manifest",
                             m->path, 0, 0, "%s, but it is in line %u of "
                             "MANIFEST", strerror(errno), line);
        return MDR_LIMIT;
    }

    mdr_sha256_init(&sha);
    mdr_sha256_add(&sha, data, n);
    mdr_sha256_done(&sha, sum);
    mdr_free(m->alloc, data);

    for (i = 0; i < 32; i++) {
        if (hex_digit(hex[2 * i]) != sum[i] >> 4
            || hex_digit(hex[2 * i + 1]) != (sum[i] & 15))
        {
            (void) mdr_diags_add(m->diags, MDR_DIAG_ERROR, "manifest",
                                 m->path, 0, 0, "not as line %u of MANIFEST "
                                 "says", line);
            return MDR_LIMIT;
        }
    }

    return MDR_OK;
}


static int
is_listed(const manifest_t *m, const char *want)
{
    size_t       at, len;
    uint32_t     line;
    const char  *hex, *name;

    at = 0;
    line = 0;

    while (next_line(m, &at, &line, &hex, &name, &len) > 0) {
        if (len == strlen(want) && memcmp(name, want, len) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
check_folder(manifest_t *m)
{
    int             rc;
    DIR            *dir;
    struct dirent  *de;

    dir = opendir(m->folder);
    if (dir == NULL) {
        return MDR_OK;                  /* the loader will say so            */
    }

    rc = MDR_OK;

    while (rc == MDR_OK && (de = readdir(dir)) != NULL) {

        if (mdr_load_is_yaml(de->d_name) && !is_listed(m, de->d_name)) {
            rc = MDR_LIMIT;

            if (set_path(m, de->d_name, strlen(de->d_name)) == MDR_OK) {
                (void) mdr_diags_add(m->diags, MDR_DIAG_ERROR, "manifest",
                                     m->path, 0, 0, "not in MANIFEST");
            }
        }
    }

    closedir(dir);

    return rc;
}


int
mdr_policy_manifest(const char *path, const mdr_alloc_t *alloc,
    mdr_diags_t *diags)
{
    int          rc;
    size_t       at, len;
    uint8_t     *data;
    uint32_t     line;
    manifest_t   m;
    const char  *hex, *name;

    m.folder = path;
    m.alloc = alloc != NULL ? alloc : mdr_mem_default();
    m.diags = diags;

    if (set_path(&m, "MANIFEST", 8) != MDR_OK) {
        return MDR_OK;
    }

    data = mdr_load_read_file(m.alloc, m.path, MANIFEST_MAX, &m.len);

    if (data == NULL) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return MDR_OK;
        }

        (void) mdr_diags_add(diags, MDR_DIAG_ERROR, "manifest", m.path, 0, 0,
                             "%s", strerror(errno));
        return errno == ENOMEM ? MDR_ERROR : MDR_LIMIT;
    }

    m.text = (const char *) data;
    at = 0;
    line = 0;

    for ( ;; ) {
        rc = next_line(&m, &at, &line, &hex, &name, &len);

        if (rc == 0) {
            rc = check_folder(&m);
            break;
        }

        if (rc < 0) {
            (void) mdr_diags_add(diags, MDR_DIAG_ERROR, "manifest", m.path,
                                 line, 1, "not a line of sha256sum");
            rc = MDR_LIMIT;
            break;
        }

        rc = check_file(&m, hex, name, len, line);
        if (rc != MDR_OK) {
            break;
        }
    }

    mdr_free(m.alloc, data);

    return rc;
}
