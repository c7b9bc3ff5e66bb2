/*
 * load_include.c - `include`: slots and pages of a policy that stand in a file
 * of a folder in it, so that several policies can be made of the same ones.
 *
 * An included file is read where it is named, and is then as any other of the
 * policy; no file is read twice, so that none can include itself.  Rules stand
 * in the policy's own files, where those who answer for them look.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                     /* realpath                  */
#endif

#include "node.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>


static int
is_read(char *const *names, int n, const char *path)
{
    int   i;
    char  real[PATH_MAX], other[PATH_MAX];

    if (realpath(path, real) == NULL) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        if (realpath(names[i], other) != NULL && strcmp(real, other) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
include(mdr_load_t *ld, const mdr_node_t *at, mdr_names_t *names)
{
    char         *path;
    size_t        n, root;
    mdr_str_t     file;
    const char   *slash, *why;
    struct stat   st;

    if (at->kind != MDR_NODE_SCALAR || at->text.len == 0) {
        mdr_load_error(ld, at, "type", "include: the name of a file expected");
        return MDR_ERROR;
    }

    file = ld->model->files[at->file];
    slash = strrchr(file.data, '/');
    n = at->text.data[0] == '/' || slash == NULL
        ? 0 : (size_t) (slash - file.data) + 1;
    path = mdr_load_alloc(ld, n + at->text.len + 1);

    if (path == NULL) {
        return MDR_ERROR;
    }

    memcpy(path, file.data, n);
    memcpy(path + n, at->text.data, at->text.len);

    slash = strrchr(names->name[0], '/');
    root = slash == NULL ? 0 : (size_t) (slash - names->name[0]) + 1;
    why = NULL;

    if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode)) {
        why = "a symbolic link";

    } else if (!mdr_load_inside(path, names->name[0], root, &why)) {
        why = why != NULL ? why : strerror(errno);

    } else if (is_read(names->name, names->n, path)) {
        why = "part of the policy already";

    } else if (names->n == MDR_FILES_MAX) {
        why = "one file too many";
    }

    if (why != NULL) {
        mdr_load_error(ld, at, "no-file", "include: \"%s\": %s",
                       at->text.data, why);
        return MDR_ERROR;
    }

    names->name[names->n++] = path;

    return MDR_OK;
}


int
mdr_load_include(mdr_load_t *ld, const mdr_node_t *doc, mdr_names_t *names)
{
    int                rc;
    const mdr_node_t  *n, *e;

    n = mdr_node_get(doc, "include");

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind != MDR_NODE_LIST) {
        return include(ld, n, names);
    }

    rc = MDR_OK;

    for (e = n->first; e != NULL; e = e->next) {
        if (include(ld, e, names) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


int
mdr_load_included(mdr_load_t *ld, const mdr_node_t *doc)
{
    static const char *const  keys[] = {
        "schema", "places", "slots", "pages", "include"
    };

    int                rc;
    size_t             i;
    const mdr_node_t  *e;

    rc = MDR_OK;

    for (e = doc->first; e != NULL; e = e->next) {

        for (i = 0; i < sizeof(keys) / sizeof(keys[0])
                    && !mdr_node_is(e->key, keys[i]); i++)
        {
            /* void */
        }

        if (i == sizeof(keys) / sizeof(keys[0])) {
            mdr_load_error(ld, e->key, "unknown-key", "\"%.80s\" in a file "
                           "that is included: it may have slots, pages and "
                           "places", e->key->text.data);
            rc = MDR_ERROR;
        }
    }

    return rc;
}
