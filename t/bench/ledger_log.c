/*
 * ledger_log.c - a signed log of N small leaves in DIR/2026, to measure
 * verify and proofs with:
 *
 *     make build/bench/ledger_log
 *     build/bench/ledger_log DIR 10000000
 *     time build/moderationctl ledger verify DIR/2026
 */

#include "moderationd/log/proof.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>


static int  dir;


static int
put(int level, uint64_t index, unsigned width, const void *p, size_t n)
{
    int    fd;
    char   path[MDD_TILE_PATH], up[MDD_TILE_PATH], *s;

    mdd_tile_path(path, level, index, width);
    fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0) {
        strcpy(up, path);
        for (s = strchr(up, '/'); s != NULL; s = strchr(s + 1, '/')) {
            *s = '\0';
            (void) mkdirat(dir, up, 0755);
            *s = '/';
        }
        fd = openat(dir, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    }
    if (fd < 0 || write(fd, p, n) != (ssize_t) n) {
        perror(path);
        exit(1);
    }
    close(fd);

    return 0;
}


static int
full(void *data, int level, uint64_t index, const mdd_hash_t *h)
{
    (void) data;

    return put(level, index, MDD_TILE, h, MDD_TILE * sizeof(mdd_hash_t));
}


int
main(int argc, char **argv)
{
    int                 l;
    char                name[4096], leaf[128];
    size_t              n;
    uint64_t            i, count;
    mdd_buf_t           b = { 0 }, note = { 0 };
    mdd_key_t           key;
    mdd_hash_t          h;
    static mdd_tree_t   t;
    mdd_checkpoint_t    c;

    if (argc != 3) {
        fprintf(stderr, "usage: ledger_log DIR N\n");
        return 2;
    }

    count = strtoull(argv[2], NULL, 10);
    (void) mkdir(argv[1], 0755);
    snprintf(name, sizeof(name), "%s/2026", argv[1]);
    (void) mkdir(name, 0755);
    dir = open(name, O_RDONLY | O_DIRECTORY);
    snprintf(name, sizeof(name), "%s/key", argv[1]);
    if (dir < 0 || mdd_key_read(&key, name, "bench/2026", MDD_KEY_LOG, 1)
                   != MDD_OK)
    {
        perror(argv[1]);
        return 1;
    }

    for (i = 0; i < count; i++) {
        n = (size_t) sprintf(leaf + 2, "{\"v\":1,\"src\":\"n/d\",\"n\":%llu,"
                             "\"e\":{}}", (unsigned long long) i);
        leaf[0] = 0;
        leaf[1] = (char) n;
        mdd_buf_add(&b, leaf, n + 2);
        mdd_hash_leaf(h, leaf + 2, n);
        (void) mdd_tree_add(&t, h, full, NULL);
        if (t.size % MDD_TILE == 0) {
            put(MDD_ENTRIES, t.size / MDD_TILE - 1, MDD_TILE, b.p, b.n);
            b.n = 0;
        }
    }

    if (t.size % MDD_TILE != 0) {
        put(MDD_ENTRIES, t.size / MDD_TILE, t.size % MDD_TILE, b.p, b.n);
    }
    for (l = 0; l < MDD_LEVELS; l++) {
        if (t.n[l] != 0) {
            put(l, t.size >> (8 * (l + 1)), t.n[l], t.h[l],
                t.n[l] * sizeof(mdd_hash_t));
        }
    }

    strcpy(c.origin, "bench/2026");
    c.size = t.size;
    mdd_tree_root(&t, c.root);
    mdd_checkpoint_print(&c, &note);
    b.n = 0;
    mdd_vkey_print(&key.v, &b);

    return mdd_note_sign(&note, &key, mdd_clock_ms()) != MDD_OK
           || mdd_file_replace(dir, "checkpoint", note.p, note.n, 0644)
              != MDD_OK
           || mdd_file_replace(dir, "vkey", b.p, b.n, 0644) != MDD_OK;
}
