/*
 * record_prune.c - `moderationctl ledger prune`: bundles of entries that lie
 * wholly before an index go; hash tiles stay, so that every proof and every
 * root of the log can be made as before (C2SP tlog-tiles, Pruning).
 */

#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>


static int
prune(int dir, const char *name, void *data)
{
    int                    rc;
    char                   path[MDD_TILE_PATH];
    uint64_t               i, gone, before;
    mdd_buf_t              note = { 0 };
    mdd_vkey_t             key;
    struct stat            st;
    mdd_checkpoint_t       c;
    const record_args_t   *a = data;

    rc = record_checkpoint(dir, name, a, &key, &note, &c);
    mdd_buf_free(&note);
    if (rc != MDD_OK) {
        return rc;
    }

    before = a->before < c.size ? a->before : c.size;
    gone = 0;

    /* the mark first: what is gone must be explained */
    snprintf(path, sizeof(path), "%llu\n", (unsigned long long) before);
    if (!a->dry_run
        && mdd_file_replace(dir, "pruned", path, strlen(path), 0640)
           != MDD_OK)
    {
        fprintf(stderr, "%s: pruned: %s\n", name, strerror(errno));
        return -1;
    }

    for (i = 0; (i + 1) * MDD_TILE <= before; i++) {
        mdd_tile_path(path, MDD_ENTRIES, i, MDD_TILE);
        if (fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
            continue;
        }
        if (!a->dry_run && mdd_tile_remove(dir, MDD_ENTRIES, i) != MDD_OK) {
            fprintf(stderr, "%s: %s: %s\n", name, path, strerror(errno));
            return -1;
        }
        gone++;
    }

    printf("%s: %llu bundles of %d entries %s\n", name,
           (unsigned long long) gone, MDD_TILE,
           a->dry_run ? "would go" : "are gone");

    return 0;
}


int
record_prune(const record_args_t *a)
{
    return record_each(a->args[0], prune, (void *) (uintptr_t) a) == 0 ? 0
                                                                      : -1;
}
