/*
 * record.c - options and walks that the commands of the record share.
 */

#include "record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOGS_MAX  256


static int
number(const char *s, uint64_t *v)
{
    size_t  n = strlen(s);

    return n > 0 && mdd_decimal(s, n, v) == n;
}


int
record_args(record_args_t *a, int argc, char **argv)
{
    int           i;
    const char   *v;
    size_t        j;
    const struct { const char *name; const char **to; }  texts[] = {
        { "--key", &a->key }, { "--root", &a->root },
        { "-c", &a->conf }, { "--name", &a->name }, { "--state", &a->state },
        { "--to", &a->to }, { "--vkey", &a->vkey }
    };

    memset(a, 0, sizeof(record_args_t));
    a->sample = 1000;

    for (i = 0; i < argc; i++) {
        if (argv[i][0] != '-') {
            if (a->what == NULL) {
                a->what = argv[i];
            } else if (a->nargs < 4) {
                a->args[a->nargs++] = argv[i];
            } else {
                return 0;
            }
            continue;
        }

        if (strcmp(argv[i], "--follow") == 0) {
            a->follow = 1;
            continue;
        }
        if (strcmp(argv[i], "--private") == 0) {
            a->priv = 1;
            continue;
        }
        if (strcmp(argv[i], "--dry-run") == 0) {
            a->dry_run = 1;
            continue;
        }

        if (i + 1 == argc) {
            return 0;
        }
        v = argv[i + 1];

        if (strcmp(argv[i], "--size") == 0) {
            a->has_size = number(v, &a->size);
            if (!a->has_size) {
                return 0;
            }
        } else if (strcmp(argv[i], "--before") == 0) {
            a->has_before = number(v, &a->before);
            if (!a->has_before) {
                return 0;
            }
        } else if (strcmp(argv[i], "--sample") == 0) {
            if (strcmp(v, "all") == 0) {
                a->sample = UINT64_MAX;
            } else if (!number(v, &a->sample)) {
                return 0;
            }
        } else {
            for (j = 0; j < sizeof(texts) / sizeof(texts[0]); j++) {
                if (strcmp(argv[i], texts[j].name) == 0) {
                    *texts[j].to = v;
                    break;
                }
            }
            if (j == sizeof(texts) / sizeof(texts[0])) {
                return 0;
            }
        }
        i++;
    }

    return 1;
}


static int
by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}


int
record_each(const char *dir, int (*run)(int dir, const char *name,
    void *data), void *data)
{
    int             root, log, bad;
    DIR            *d;
    char            names[LOGS_MAX][32];
    size_t          i, n;
    struct stat     st;
    struct dirent  *e;

    root = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        fprintf(stderr, "moderationctl: %s: %s\n", dir, strerror(errno));
        return -1;
    }

    /* a log itself */
    if (fstatat(root, "tile", &st, 0) == 0) {
        bad = run(root, dir, data) != 0;
        close(root);
        return bad;
    }

    n = 0;
    d = fdopendir(dup(root));
    while (d != NULL && (e = readdir(d)) != NULL && n < LOGS_MAX) {
        if (e->d_name[0] >= '0' && e->d_name[0] <= '9'
            && strlen(e->d_name) < sizeof(names[0]))
        {
            strcpy(names[n++], e->d_name);
        }
    }
    if (d != NULL) {
        closedir(d);
    }
    qsort(names, n, sizeof(names[0]), by_name);

    bad = 0;
    for (i = 0; i < n; i++) {
        log = openat(root, names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (log < 0) {
            fprintf(stderr, "moderationctl: %s: %s\n", names[i],
                    strerror(errno));
            bad++;
            continue;
        }
        bad += run(log, names[i], data) != 0;
        close(log);
    }

    close(root);

    if (n == 0) {
        fprintf(stderr, "moderationctl: %s: no log in it\n", dir);
        return -1;
    }

    return bad;
}


/* the part of an origin that all years of one ledger have */

static size_t
stem(const char *origin)
{
    const char  *slash = strrchr(origin, '/');

    return slash != NULL ? (size_t) (slash - origin) : strlen(origin);
}


/* the key of a file that is meant for this origin: its own, or the one of
 * another year of the same ledger, whose name is then put in */

static int
choose(const char *text, size_t n, const char *origin, mdd_vkey_t *key)
{
    size_t        len;
    mdd_vkey_t    v;
    const char   *p, *end, *eol;

    end = text + n;
    for (p = text; p < end; p = eol + 1) {
        eol = memchr(p, '\n', (size_t) (end - p));
        eol = eol != NULL ? eol : end;
        len = (size_t) (eol - p);

        if (len == 0 || mdd_vkey_parse(&v, p, len) != MDD_OK) {
            continue;
        }
        if (strcmp(v.name, origin) == 0) {
            *key = v;
            return 1;
        }
        if (stem(v.name) == stem(origin)
            && memcmp(v.name, origin, stem(origin)) == 0)
        {
            mdd_vkey_rename(&v, origin);
            *key = v;
            return 1;
        }
    }

    return 0;
}


int
record_checkpoint(int dir, const char *name, const record_args_t *a,
    mdd_vkey_t *key, mdd_buf_t *note, mdd_checkpoint_t *c)
{
    int      rc;
    char    *text, *p, origin[MDD_NAME_MAX + 1];
    size_t   n, len;

    /* who it says it is, before that is believed */
    p = mdd_file_read(dir, "checkpoint", MDD_NOTE_MAX, &n);
    if (p == NULL) {
        fprintf(stderr, "%s: checkpoint: %s\n", name, strerror(errno));
        return MDD_FAILED;
    }
    len = strcspn(p, "\n");
    snprintf(origin, sizeof(origin), "%.*s", (int) len, p);
    free(p);

    text = a->key != NULL ? mdd_file_read(AT_FDCWD, a->key, 65536, &n)
                          : mdd_file_read(dir, "vkey", 65536, &n);
    if (text == NULL) {
        fprintf(stderr, "%s: %s: %s\n", name, a->key != NULL ? a->key
                : "vkey", strerror(errno));
        return MDD_FAILED;
    }

    rc = choose(text, n, origin, key) ? MDD_OK : MDD_REFUSED;
    free(text);
    if (rc != MDD_OK) {
        fprintf(stderr, "%s: no key for \"%s\"\n", name, origin);
        return rc;
    }

    rc = mdd_verify_checkpoint(dir, key, note, c);
    if (rc != MDD_OK) {
        fprintf(stderr, "%s: the checkpoint is not signed by the key\n",
                name);
        return rc;
    }

    if (strcmp(c->origin, key->name) != 0) {
        fprintf(stderr, "%s: the checkpoint is another log's: \"%s\"\n",
                name, c->origin);
        return MDD_REFUSED;
    }

    return MDD_OK;
}


int
record_leaves(int dir, uint64_t from, uint64_t size,
    int (*leaf)(uint64_t index, const char *p, size_t n, void *data),
    void *data)
{
    int          rc;
    char        *p;
    size_t       len, n;
    unsigned     width, i;
    uint64_t     b;
    const char  *s, *entry;

    for (b = from / MDD_TILE; b * MDD_TILE < size; b++) {
        width = b < size / MDD_TILE ? MDD_TILE : size % MDD_TILE;
        p = mdd_bundle_read(dir, b, width, &len);
        if (p == NULL && width < MDD_TILE) {
            p = mdd_bundle_read(dir, b, MDD_TILE, &len);
        }
        if (p == NULL) {
            return MDD_FAILED;
        }

        s = p;
        for (i = 0; i < width && mdd_entry(&s, p + len, &entry, &n); i++) {
            if (b * MDD_TILE + i < from) {
                continue;
            }
            rc = leaf(b * MDD_TILE + i, entry, n, data);
            if (rc != 0) {
                free(p);
                return rc;
            }
        }
        free(p);
    }

    return MDD_OK;
}
