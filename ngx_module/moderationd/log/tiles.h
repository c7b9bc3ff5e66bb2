/*
 * tiles.h - the files of a log, as C2SP tlog-tiles names them below a folder.
 */

#ifndef MDD_TILES_H
#define MDD_TILES_H

#include "moderationd/moderationd.h"
#include "tree.h"

#define MDD_ENTRIES       (-1)          /* as level: bundles of entries       */
#define MDD_TILE_PATH     128
#define MDD_BUNDLE_MAX    ((size_t) MDD_TILE * (2 + 65535))

/* tile/L/x001/x234/067 or .p/W behind it; width 256: whole */
void mdd_tile_path(char *out, int level, uint64_t index, unsigned width);

/* files that were written and not yet synced: they and their folders reach
 * the disk with mdd_sync_all, whose failure says that some may not have */
typedef struct {
    int     dir;
    int     fds[48];
    char    paths[48][MDD_TILE_PATH];
    size_t  n;
} mdd_sync_t;

int mdd_tile_write(mdd_sync_t *s, int level, uint64_t index, unsigned width,
    const void *p, size_t n);
int mdd_sync_all(mdd_sync_t *s);

/* the file of the bundle under way: bytes of its entries, appended; out: 64
 * bytes */
void mdd_tail_path(char *out, uint64_t index);

/* whole files, of malloc; NULL and errno */
char *mdd_bundle_read(int dir, uint64_t index, unsigned width, size_t *n);
/* width hashes of a tile that has at least as many: the whole one, or the
 * partial one of that width; MDD_OK or MDD_FAILED */
int mdd_tile_read(int dir, int level, uint64_t index, unsigned width,
    mdd_hash_t *h);
/* for tree.h's functions, of any size that is committed, signed or not; data: a
 * mdd_tiles_t */
typedef struct {
    int         dir;
    /* the last few tiles */
    struct {
        int         level;
        uint64_t    index;
        unsigned    width;
        mdd_hash_t  h[MDD_TILE];
    }           kept[4];
    unsigned    turn;
} mdd_tiles_t;

void mdd_tiles_init(mdd_tiles_t *t, int dir);
int mdd_tiles_get(void *tiles, int level, uint64_t index, unsigned width,
    mdd_hash_t *h);

/* the first entry of p: its bytes and what follows it; 0: cut off */
int mdd_entry(const char **p, const char *end, const char **entry,
    size_t *n);

/* away with a tile or its partial ones; no error where there is none */
int mdd_tile_remove(int dir, int level, uint64_t index);
void mdd_tile_remove_partial(int dir, int level, uint64_t index);

#endif
