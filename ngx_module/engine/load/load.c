/*
 * load.c - from a path to a model: which files, their digest, the order of
 * loading.
 *
 * All files are read first, lists too, then the digest is taken over exactly
 * the bytes that the model is made of; so a policy never carries the hash of
 * another state of its files.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                     /* realpath                  */
#endif

#include "base/digest.h"
#include "node.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>


#define YAML_MAX    (16u << 20)


static uint32_t
add_file(mdr_load_t *ld, const char *path)
{
    mdr_str_t     s, *files;
    mdr_model_t  *m;

    m = ld->model;
    s = mdr_arena_str(ld->arena, path, strlen(path));

    if (m->nfiles == ld->files_cap) {
        files = mdr_load_alloc(ld, (ld->files_cap * 2 + 16)
                                   * sizeof(mdr_str_t));
        if (files == NULL) {
            return 0;
        }
        if (m->nfiles != 0) {
            memcpy(files, m->files, m->nfiles * sizeof(mdr_str_t));
        }
        ld->files_cap = ld->files_cap * 2 + 16;
        m->files = files;
    }

    if (s.data == NULL) {
        ld->no_memory = 1;
        return 0;
    }

    m->files[m->nfiles] = s;

    return m->nfiles++;
}


uint8_t *
mdr_load_read_file(const mdr_alloc_t *a, const char *path, size_t max,
    size_t *len)
{
    FILE         *f;
    uint8_t      *p, *q;
    size_t        cap, n;
    struct stat   st;

    f = fopen(path, "rbe");
    if (f == NULL) {
        return NULL;
    }

    if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
        fclose(f);
        errno = EISDIR;
        return NULL;
    }

    cap = st.st_size > 0 && (uint64_t) st.st_size <= max
          ? (size_t) st.st_size + 1 : 4096;
    p = mdr_alloc(a, cap);
    *len = 0;

    while (p != NULL && (n = fread(p + *len, 1, cap - *len, f)) > 0) {
        *len += n;

        if (*len > max) {
            mdr_free(a, p);
            fclose(f);
            errno = EFBIG;
            return NULL;
        }

        if (*len == cap) {
            q = mdr_realloc(a, p, cap * 2);
            if (q == NULL) {
                mdr_free(a, p);
            }
            p = q;
            cap *= 2;
        }
    }

    if (p == NULL) {
        errno = ENOMEM;

    } else if (ferror(f)) {
        mdr_free(a, p);
        p = NULL;
        errno = EIO;
    }

    fclose(f);

    return p;
}


/* Default_Ignorable_Code_Point (Unicode 15.0, DerivedCoreProperties.txt) and
 * the byte order mark; emoji are written with U+200D and U+FE0F, and those
 * are taken */

int
mdr_load_invisible(uint32_t cp)
{
    return cp == 0xad || cp == 0x34f || cp == 0x61c
        || (cp >= 0x115f && cp <= 0x1160) || (cp >= 0x17b4 && cp <= 0x17b5)
        || (cp >= 0x180b && cp <= 0x180f)
        || (cp >= 0x200b && cp <= 0x200f && cp != 0x200d)
        || (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f)
        || cp == 0x3164 || (cp >= 0xfe00 && cp <= 0xfe0e) || cp == 0xfeff
        || cp == 0xffa0 || (cp >= 0xfff0 && cp <= 0xfff8)
        || (cp >= 0x1bca0 && cp <= 0x1bca3)
        || (cp >= 0x1d173 && cp <= 0x1d17a)
        || (cp >= 0xe0000 && cp <= 0xe0fff);
}


/*
 * May the list be read?  It has to be a file inside the policy's folder,
 * wherever links on the way to either lead: nginx reads policies as root, and
 * what it compiles is readable to its workers.  On no, errno says why, or
 * *why does.
 */

int
mdr_load_inside(const char *path, const char *folder, size_t folder_len,
    const char **why)
{
    char         real[PATH_MAX], root[PATH_MAX], name[PATH_MAX];
    size_t       n;
    struct stat  st;

    if (folder_len + 2 > sizeof(name)) {
        errno = ENAMETOOLONG;
        return 0;
    }

    memcpy(name, folder, folder_len);
    memcpy(name + folder_len, ".", 2);

    if (realpath(path, real) == NULL || realpath(name, root) == NULL
        || stat(real, &st) == -1)
    {
        return 0;
    }

    n = strlen(root);

    if (strncmp(real, root, n) != 0 || (n > 1 && real[n] != '/')) {
        *why = "outside of the policy's folder";
        return 0;
    }

    if (!S_ISREG(st.st_mode)) {
        *why = S_ISDIR(st.st_mode) ? strerror(EISDIR) : "not a file";
        return 0;
    }

    return 1;
}


mdr_list_file_t *
mdr_load_list_file(mdr_load_t *ld, const mdr_node_t *at, mdr_str_t name)
{
    char             *path;
    void             *p;
    size_t            i, n;
    mdr_str_t         file;
    const char       *slash;
    mdr_list_file_t  *l;

    file = ld->model->files[at->file];
    slash = strrchr(file.data, '/');
    n = name.data[0] == '/' || slash == NULL
        ? 0 : (size_t) (slash - file.data) + 1;

    path = mdr_load_alloc(ld, n + name.len + 1);
    if (path == NULL) {
        return NULL;
    }

    memcpy(path, file.data, n);
    memcpy(path + n, name.data, name.len);

    for (i = 0; i < ld->nlists; i++) {
        if (strcmp(ld->lists[i].path, path) == 0) {
            return &ld->lists[i];
        }
    }

    p = ld->lists;
    if (mdr_grow(ld->alloc, &p, &ld->lists_cap, ld->nlists + 1,
                 sizeof(mdr_list_file_t))
        != MDR_OK)
    {
        ld->no_memory = 1;
        return NULL;
    }
    ld->lists = p;

    l = &ld->lists[ld->nlists++];
    l->path = path;
    l->len = 0;
    l->error = 0;
    l->why = NULL;
    l->file = 0;
    l->data = NULL;

    if (mdr_load_inside(path, file.data,
                        slash == NULL ? 0 : (size_t) (slash - file.data) + 1,
                        &l->why))
    {
        l->data = mdr_load_read_file(ld->alloc, path, MDR_LIST_MAX, &l->len);
    }

    if (l->data == NULL) {
        l->error = errno;
    } else {
        l->file = add_file(ld, path);
    }

    return l;
}


/* every "list:" of a document, in order, without recursion */

static void
find_lists(mdr_load_t *ld, mdr_node_t *doc)
{
    size_t       depth;
    mdr_node_t  *n, *e, *up[64];

    depth = 0;
    n = doc;

    for ( ;; ) {

        if (n->key != NULL && mdr_node_is(n->key, "list")) {
            if (n->kind == MDR_NODE_SCALAR && n->text.len != 0) {
                (void) mdr_load_list_file(ld, n, n->text);

            } else if (n->kind == MDR_NODE_LIST) {
                for (e = n->first; e != NULL; e = e->next) {
                    if (e->kind == MDR_NODE_SCALAR && e->text.len != 0) {
                        (void) mdr_load_list_file(ld, e, e->text);
                    }
                }
            }
        }

        if (n->first != NULL && depth < 64) {
            up[depth++] = n;
            n = n->first;
            continue;
        }

        while (n->next == NULL || n == doc) {
            if (depth == 0) {
                return;
            }
            n = up[--depth];
        }

        n = n->next;
    }
}


static int
by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}


int
mdr_load_is_yaml(const char *name)
{
    size_t  n;

    n = strlen(name);

    return name[0] != '.'
           && ((n > 5 && strcmp(name + n - 5, ".yaml") == 0)
               || (n > 4 && strcmp(name + n - 4, ".yml") == 0));
}


/* the YAML files of a path, sorted, into names[]; their number or -1 */

static int
find_files(mdr_load_t *ld, const char *path, char **names)
{
    int             n;
    DIR            *dir;
    char           *s;
    size_t          len;
    struct dirent  *de;

    dir = opendir(path);

    if (dir == NULL) {
        if (errno != ENOTDIR) {
            (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "no-file", path,
                                 0, 0, "%s", strerror(errno));
            return -1;
        }

        names[0] = (char *) path;
        return 1;
    }

    n = 0;
    len = strlen(path);

    while ((de = readdir(dir)) != NULL) {

        if (!mdr_load_is_yaml(de->d_name)) {
            continue;
        }

        if (n == MDR_FILES_MAX) {
            (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "too-many", path,
                                 0, 0, "more than %d files", MDR_FILES_MAX);
            n = -1;
            break;
        }

        s = mdr_load_alloc(ld, len + strlen(de->d_name) + 2);
        if (s == NULL) {
            n = -1;
            break;
        }

        sprintf(s, "%s%s%s", path, path[len - 1] == '/' ? "" : "/",
                de->d_name);
        names[n++] = s;
    }

    closedir(dir);

    if (n == 0) {
        (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "no-file", path, 0,
                             0, "no *.yaml in this folder");
        return -1;
    }

    if (n > 1) {
        qsort(names, (size_t) n, sizeof(char *), by_name);
    }

    return n;
}


/* everything is read, digested and, as YAML, a tree; errors are reported */

static int
collect(mdr_load_t *ld, const char *path, int full)
{
    int            i, n, rc;
    void          *p;
    size_t         len, j, errors;
    uint8_t       *data, size[8];
    uint32_t       file;
    mdr_node_t    *doc;
    mdr_names_t    names;
    mdr_sha256_t   sha;

    if (path[0] == '\0') {
        (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "no-file", NULL, 0,
                             0, "no path");
        return MDR_ERROR;
    }

    names.name = mdr_load_alloc(ld, MDR_FILES_MAX * sizeof(char *));
    if (names.name == NULL) {
        return MDR_ERROR;
    }

    n = find_files(ld, path, names.name);
    if (n < 0) {
        return MDR_ERROR;
    }

    names.n = n;

    mdr_sha256_init(&sha);
    rc = MDR_OK;

    for (i = 0; i < names.n; i++) {     /* with those that are included      */
        data = mdr_load_read_file(ld->alloc, names.name[i], YAML_MAX, &len);

        if (data == NULL) {
            (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "no-file",
                                 names.name[i], 0, 0, "%s", strerror(errno));
            rc = MDR_ERROR;
            continue;
        }

        for (j = 0; j < 8; j++) {
            size[j] = (uint8_t) ((uint64_t) len >> (8 * j));
        }

        mdr_sha256_add(&sha, size, 8);
        mdr_sha256_add(&sha, data, len);

        file = add_file(ld, names.name[i]);
        doc = NULL;
        errors = mdr_diags_errors(ld->diags);

        if (!ld->no_memory
            && (!full || mdr_load_check_bytes(ld, names.name[i], data, len)
                         == MDR_OK))
        {
            doc = mdr_load_yaml(ld, file, data, len);
        }

        mdr_free(ld->alloc, data);

        if (doc != NULL && doc->kind != MDR_NODE_MAP) {
            mdr_load_error(ld, doc, "type", "policy: a mapping expected");
            rc = MDR_ERROR;
            continue;
        }

        if (doc == NULL) {
            if (full && mdr_diags_errors(ld->diags) == errors) {
                (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "empty",
                                     names.name[i], 1, 1,
                                     "the file is empty");
            }
            rc = full ? MDR_ERROR : rc;
            continue;
        }

        p = ld->docs;
        if (mdr_grow(ld->alloc, &p, &ld->docs_cap, ld->ndocs + 1,
                     sizeof(mdr_node_t *))
            != MDR_OK)
        {
            ld->no_memory = 1;
            return MDR_ERROR;
        }
        ld->docs = p;
        ld->docs[ld->ndocs++] = doc;

        find_lists(ld, doc);

        if (i >= n && mdr_load_included(ld, doc) != MDR_OK) {
            rc = MDR_ERROR;
        }

        if (mdr_load_include(ld, doc, &names) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    for (j = 0; j < ld->nlists; j++) {
        for (i = 0; i < 8; i++) {
            size[i] = (uint8_t) ((uint64_t) ld->lists[j].len >> (8 * i));
        }

        /* no list is not an empty list */

        size[7] |= ld->lists[j].data == NULL ? 0x80 : 0;

        mdr_sha256_add(&sha, size, 8);
        mdr_sha256_add(&sha, ld->lists[j].data, ld->lists[j].len);

        if (full && ld->lists[j].data != NULL
            && mdr_load_check_bytes(ld, ld->lists[j].path, ld->lists[j].data,
                           ld->lists[j].len)
               != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    mdr_sha256_hex(&sha, ld->model->hash);

    return ld->no_memory ? MDR_ERROR : rc;
}


static int
begin(mdr_load_t *ld, const mdr_load_conf_t *conf, mdr_diags_t *diags)
{
    memset(ld, 0, sizeof(mdr_load_t));

    ld->diags = diags;
    ld->conf = conf;
    ld->alloc = conf->alloc != NULL ? conf->alloc : mdr_mem_default();
    ld->arena = mdr_arena_new(ld->alloc);

    if (ld->arena == NULL) {
        return MDR_ERROR;
    }

    ld->model = mdr_arena_alloc(ld->arena, sizeof(mdr_model_t));

    if (ld->model == NULL) {
        mdr_arena_free(ld->arena);
        return MDR_ERROR;
    }

    ld->model->arena = ld->arena;
    ld->profile.folds = MDR_FOLD_DEFAULT;
    ld->mode = MDR_MODE_ENFORCE;

    return MDR_OK;
}


static void
end(mdr_load_t *ld, int keep)
{
    size_t  i;

    for (i = 0; i < ld->nlists; i++) {
        mdr_free(ld->alloc, ld->lists[i].data);
    }

    mdr_free(ld->alloc, ld->lists);
    mdr_free(ld->alloc, ld->docs);

    if (!keep) {
        mdr_arena_free(ld->arena);
    }
}


/* keys of all documents, each at most once where it is not a list */

static int
load_top(mdr_load_t *ld)
{
    int          rc;
    size_t       i;
    int64_t      schema;
    uint8_t      strict;
    mdr_node_t  *doc, *n, *name, *first, *has_strict, *any;

    static const char *const  keys[] = {
        "schema", "policy", "strict", "include", "defaults", "places",
        "slots", "pages", "rules", "reasons", "accounts", "categories",
        "bursts"
    };

    rc = MDR_OK;
    name = NULL;
    first = NULL;
    has_strict = NULL;
    any = NULL;

    for (i = 0; i < ld->ndocs; i++) {
        doc = ld->docs[i];
        any = any != NULL ? any : doc;

        if (mdr_load_keys(ld, doc, "policy", keys,
                          sizeof(keys) / sizeof(keys[0])) != MDR_OK) {
            rc = MDR_ERROR;
        }

        n = mdr_node_get(doc, "schema");
        if (n != NULL) {
            first = first != NULL ? first : n;
            schema = 1;
            if (mdr_load_int(ld, n, "schema", 1, 1, &schema) != MDR_OK) {
                rc = MDR_ERROR;
            }
        }

        n = mdr_node_get(doc, "policy");
        if (n != NULL) {
            if (name != NULL) {
                mdr_load_error(ld, n, "duplicate-key", "\"policy\" stands "
                               "in another file too");
            }
            name = n;
            if (mdr_load_string(ld, n, "policy", &ld->model->name)
                != MDR_OK)
            {
                rc = MDR_ERROR;

            } else if (ld->model->name.len == 0
                       || ld->model->name.len > 64)
            {
                mdr_load_error(ld, n, "range", "policy: a name of 1 to 64 "
                               "bytes expected");
            }
        }

        n = mdr_node_get(doc, "strict");
        if (n != NULL) {
            if (has_strict != NULL) {
                mdr_load_error(ld, n, "duplicate-key", "\"strict\" stands "
                               "in another file too");
            }
            has_strict = n;
            strict = 0;
            (void) mdr_load_bool(ld, n, "strict", &strict);
            ld->model->strict = strict;
        }
    }

    if (any != NULL && first == NULL) {
        mdr_load_error(ld, any, "missing-key", "\"schema: 1\" is missing");
    }

    if (any != NULL && name == NULL) {
        mdr_load_error(ld, any, "missing-key", "\"policy: NAME\" is "
                       "missing");
    }

    return mdr_load_desk(ld) == MDR_OK ? rc : MDR_ERROR;
}


int
mdr_load(const char *path, const mdr_load_conf_t *conf, mdr_diags_t *diags,
    mdr_model_t **model)
{
    int         ok;
    size_t      before, errors;
    mdr_load_t  ld;

    *model = NULL;
    before = mdr_diags_count(diags);

    if (begin(&ld, conf, diags) != MDR_OK) {
        return MDR_ERROR;
    }

    errors = mdr_diags_errors(diags);
    ok = collect(&ld, path, 1) == MDR_OK;

    /* what could be read is checked even where another file is broken */

    if (ld.ndocs != 0 && !ld.no_memory) {
        ok &= load_top(&ld) == MDR_OK;
        ok &= mdr_load_defaults(&ld) == MDR_OK;
        ok &= mdr_load_places(&ld) == MDR_OK;
        ok &= mdr_load_slots(&ld) == MDR_OK;
        ok &= mdr_load_pages(&ld) == MDR_OK;
        ok &= mdr_load_rules(&ld) == MDR_OK;
    }

    if (ld.no_memory) {
        (void) mdr_diags_add(diags, MDR_DIAG_ERROR, "memory", path, 0, 0,
                             "out of memory");
        ok = 0;
    }

    ok = ok && mdr_diags_errors(diags) == errors;
    mdr_diags_sort(diags, before);
    end(&ld, ok);

    if (!ok) {
        return MDR_ERROR;
    }

    *model = ld.model;

    return MDR_OK;
}


void
mdr_model_free(mdr_model_t *m)
{
    if (m != NULL) {
        mdr_arena_free(m->arena);
    }
}


int
mdr_policy_digest(const char *path, const mdr_alloc_t *alloc, char hash[33],
    mdr_diags_t *diags)
{
    int              rc;
    mdr_load_t       ld;
    mdr_load_conf_t  conf;

    memset(&conf, 0, sizeof(conf));
    conf.alloc = alloc;

    if (begin(&ld, &conf, diags) != MDR_OK) {
        return MDR_ERROR;
    }

    rc = collect(&ld, path, 0);
    memcpy(hash, ld.model->hash, 33);

    end(&ld, 0);

    return rc;
}
