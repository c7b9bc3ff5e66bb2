/*
 * replay.c - rows from leaves (see replay.h).
 *
 * Twice over all logs.  First every entry is hashed: what the store has must
 * give its root, what was signed must give that one.  Only then what comes
 * behind the store's size makes rows.
 */

#include "replay.h"
#include "lines.h"

#include "ledger/words.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOOKS_MAX   8
#define BATCH       2000                /* leaves of a transaction            */
#define LOGS_MAX    256
#define PLACES_MAX  1024


typedef struct {
    char       zone[33];
    int64_t    place, next, lost, last, ended;
} place_t;

typedef struct {
    mdd_t               *d;
    mdd_db_t            *db;
    int                  dir;
    int                  rows;          /* the second time                    */
    mdd_logrow_t         row;
    int64_t              events;
    mdd_tree_t           tree;
    place_t             *places;
    size_t               nplaces;
    /* of the segment before */
    char                 src[128], zone[33];
    int64_t              place;
} replay_t;

static mdd_replay_pt  hooks[HOOKS_MAX];
static size_t         nhooks;


void
mdd_replay_hook(mdd_replay_pt run)
{
    if (nhooks < HOOKS_MAX) {
        hooks[nhooks++] = run;
    }
}


int
mdd_replay_needed(mdd_db_t *db, const char *name)
{
    return mdd_one(db, 0, MDD_SQL_LOG_NAMED, "s", name) == 0;
}


static int
flush_places(replay_t *r)
{
    size_t    i;
    place_t  *p;

    for (i = 0; i < r->nplaces; i++) {
        p = &r->places[i];
        if (mdd_run(r->db, MDD_SQL_PLACE_PUT, "siiiii", p->zone, p->place,
                    p->next, p->lost, p->last, p->ended) < 0
            || mdd_run(r->db, MDD_SQL_ZONE_SEEN, "is", p->last, p->zone) < 0)
        {
            return MDD_FAILED;
        }
    }

    r->nplaces = 0;

    return MDD_OK;
}


static place_t *
place_of(replay_t *r, const char *zone, int64_t place)
{
    size_t     i;
    place_t   *p;
    mdd_st_t  *st;

    for (i = 0; i < r->nplaces; i++) {
        p = &r->places[i];
        if (p->place == place && strcmp(p->zone, zone) == 0) {
            return p;
        }
    }

    if (r->nplaces == PLACES_MAX && flush_places(r) != MDD_OK) {
        return NULL;
    }

    p = &r->places[r->nplaces++];
    memset(p, 0, sizeof(place_t));
    snprintf(p->zone, sizeof(p->zone), "%s", zone);
    p->place = place;

    st = mdd_query(r->db, MDD_SQL_PLACE_GET, "si", zone, place);
    if (mdd_step(st) == MDD_ROW) {
        p->next = mdd_int(st, 0);
        p->ended = mdd_int(st, 1);
    }

    return mdd_end(st) == MDD_OK ? p : NULL;
}


/* which place a segment belongs to: its head has said so */

static int
segment(replay_t *r, const char *src)
{
    int        rc;
    mdd_st_t  *st;

    if (strcmp(r->src, src) == 0) {
        return MDD_OK;
    }

    snprintf(r->src, sizeof(r->src), "%s", src);
    r->zone[0] = '\0';
    r->place = 0;

    st = mdd_query(r->db, MDD_SQL_SEGMENT_GET, "s", src);
    rc = mdd_step(st);
    if (rc == MDD_ROW) {
        snprintf(r->zone, sizeof(r->zone), "%s", mdd_text(st, 0));
        r->place = mdd_int(st, 1);
    }

    return mdd_end(st);
}


/* an event of the daemon's own */

static int
event(replay_t *r, mdd_tx_t *tx, const mdd_line_t *l, const char *pub,
    size_t npub)
{
    int         rc;
    char        zone[33];
    size_t      i;
    place_t    *p;
    uint64_t    first, last, to, place;

    if (mdd_run(r->db, MDD_SQL_EVENT_ADD, "iiist", tx->log, tx->leaf,
                (int64_t) l->time, l->name, pub, npub) < 0)
    {
        return MDD_FAILED;
    }

    rc = MDD_OK;

    if (strcmp(l->name, "log") == 0) {
        rc = mdd_run(r->db, MDD_SQL_LOG_OPENED, "ii", (int64_t) l->time,
                     tx->log) < 0 ? MDD_FAILED : MDD_OK;

    } else if (strcmp(l->name, "lost") == 0
        && mdd_json_text(mdd_json_get(l->m, l->n, "zone"), zone,
                         sizeof(zone)) == 32
        && mdd_json_u64(mdd_json_get(l->m, l->n, "place"), &place)
        && mdd_json_u64(mdd_json_get(l->m, l->n, "first"), &first)
        && mdd_json_u64(mdd_json_get(l->m, l->n, "last"), &last))
    {
        p = place_of(r, zone, (int64_t) place);
        if (p == NULL
            || mdd_run(r->db, MDD_SQL_LOST_ADD, "iisiiii", tx->log, tx->leaf,
                       zone, (int64_t) place, (int64_t) first, (int64_t) last,
                       (int64_t) l->time) < 0)
        {
            return MDD_FAILED;
        }
        p->lost += (int64_t) (last - first + 1);
        p->next = (int64_t) last + 1;

    } else if (strcmp(l->name, "gap") == 0
               && mdd_json_text(mdd_json_get(l->m, l->n, "zone"), zone,
                                sizeof(zone)) == 32
               && mdd_json_u64(mdd_json_get(l->m, l->n, "to"), &to))
    {
        rc = mdd_run(r->db, MDD_SQL_ZONE_GAP, "is", (int64_t) to, zone) < 0
             ? MDD_FAILED : MDD_OK;
    }

    for (i = 0; rc == MDD_OK && i < nhooks; i++) {
        rc = hooks[i](tx, l->name, (int64_t) l->time, pub, npub);
    }

    return rc;
}


static int
line(replay_t *r, mdd_tx_t *tx, const mdd_line_t *l, const char *node,
    const char *src, const char *pub, size_t npub, uint64_t n)
{
    place_t     *p;
    mdd_head_t   h;

    if (l->type == MDL_HEAD) {
        if (mdd_head_read(&h, l) != MDD_OK) {
            return MDD_OK;
        }

        p = place_of(r, h.zone, (int64_t) h.place);
        if (p == NULL || mdd_head_rows(tx, &h, (int64_t) l->time) != MDD_OK
            || mdd_run(r->db, MDD_SQL_SEGMENT_PUT, "ssiiiiiii", src, h.zone,
                       (int64_t) h.place, (int64_t) 0, (int64_t) 0, tx->log,
                       tx->leaf, (int64_t) l->time, (int64_t) 0) < 0)
        {
            return MDD_FAILED;
        }
        p->ended = 0;
        p->last = (int64_t) l->time;
        r->src[0] = '\0';
        return MDD_OK;
    }

    if (segment(r, src) != MDD_OK
        || mdd_line_rows(tx, l, node, r->zone, pub, npub) != MDD_OK)
    {
        return MDD_FAILED;
    }

    p = place_of(r, r->zone, r->place);
    if (p == NULL) {
        return MDD_FAILED;
    }
    p->next = (int64_t) n + 1;
    p->ended = l->type == MDL_END;
    p->last = (int64_t) l->time;

    return MDD_OK;
}


static int
leaf(replay_t *r, const char *p, size_t size)
{
    int                k;
    char               src[128], *slash;
    uint64_t           n;
    mdd_tx_t           tx;
    mdd_json_t         m[8];
    mdd_line_t         l;
    const mdd_json_t  *e;

    tx.d = r->d;
    tx.db = r->db;
    tx.now = mdd_now(r->d);
    tx.log = r->row.log;
    tx.leaf = (int64_t) r->tree.size - 1;

    k = mdd_json_members(p, size, m, 8);
    e = k > 0 ? mdd_json_get(m, k, "e") : NULL;
    if (e == NULL
        || mdd_json_text(mdd_json_get(m, k, "src"), src, sizeof(src)) <= 0
        || !mdd_json_u64(mdd_json_get(m, k, "n"), &n)
        || (slash = strchr(src, '/')) == NULL)
    {
        return MDD_OK;
    }
    *slash++ = '\0';

    if (strcmp(slash, "d") == 0) {
        /* events of the daemon have their number outside */
        l.n = mdd_json_members(e->val, e->n, l.m, MDD_MEMBERS);
        if (l.n < 0 || mdd_json_text(mdd_json_get(l.m, l.n, "type"), l.name,
                                     sizeof(l.name)) <= 0
            || !mdd_json_u64(mdd_json_get(l.m, l.n, "time"), &l.time))
        {
            return MDD_OK;
        }
        r->events = (int64_t) n;
        return event(r, &tx, &l, e->val, e->n);
    }

    if (mdd_line_read(&l, e->val, e->n) != MDD_OK) {
        return MDD_OK;
    }

    return line(r, &tx, &l, src, slash, e->val, e->n, n);
}


/* entries of a bundle, from wherever they are: whole, under way, or of the
 * last checkpoint */

static char *
bundle(int dir, uint64_t index, uint64_t size, size_t *n)
{
    char  *p, path[64];

    p = mdd_bundle_read(dir, index, MDD_TILE, n);
    if (p == NULL) {
        mdd_tail_path(path, index);
        p = mdd_file_read(dir, path, MDD_BUNDLE_MAX, n);
    }
    if (p == NULL && index == size / MDD_TILE && size % MDD_TILE != 0) {
        p = mdd_bundle_read(dir, index, size % MDD_TILE, n);
    }

    return p;
}


static int
save(replay_t *r)
{
    char        number[32];
    mdd_hash_t  root;

    mdd_tree_root(&r->tree, root);
    snprintf(number, sizeof(number), "%lld", (long long) r->events);

    return flush_places(r) == MDD_OK
           && mdd_run(r->db, MDD_SQL_LOG_SIZE, "ibi", (int64_t) r->tree.size,
                      root, (size_t) MDD_HASH, r->row.log) == 1
           && (r->events == 0
               || mdd_run(r->db, MDD_SQL_META_PUT, "ss", "events", number)
                  >= 0)
           && mdd_db_commit(r->db) == MDD_OK ? MDD_OK : MDD_FAILED;
}


/* one log; size: what its checkpoint says; last: NULL but for the newest */

static int
one_log(replay_t *r, uint64_t size, const mdd_logrow_t *last)
{
    int          rc, open, k;
    char        *p;
    size_t       n, len;
    uint64_t     b;
    mdd_hash_t   h, root;
    const char  *s, *entry;

    memset(&r->tree, 0, sizeof(r->tree));
    rc = MDD_OK;
    open = 0;

    for (b = 0; rc == MDD_OK; b++) {
        p = bundle(r->dir, b, size, &n);
        if (p == NULL) {
            break;
        }

        s = p;
        for (k = 0; rc == MDD_OK && k < MDD_TILE
                    && mdd_entry(&s, p + n, &entry, &len); k++)
        {
            if (last == NULL && r->tree.size == size) {
                break;
            }

            mdd_hash_leaf(h, entry, len);
            (void) mdd_tree_add(&r->tree, h, NULL, NULL);

            if (r->rows && r->tree.size > r->row.size) {
                if (!open) {
                    rc = mdd_db_begin(r->db);
                    open = rc == MDD_OK;
                }
                if (rc == MDD_OK) {
                    rc = leaf(r, entry, len);
                }
                if (rc == MDD_OK && r->tree.size % BATCH == 0) {
                    rc = save(r);
                    open = 0;
                }
            }

            if (r->tree.size == r->row.size
                || (last != NULL && r->tree.size == last->size))
            {
                mdd_tree_root(&r->tree, root);
                if (memcmp(root, r->tree.size == r->row.size ? r->row.root
                           : last->root, MDD_HASH) != 0)
                {
                    rc = MDD_REFUSED;
                }
            }
        }
        free(p);
        if (k < MDD_TILE) {
            break;
        }
    }

    if (rc == MDD_OK && (r->tree.size < r->row.size || r->tree.size < size
                         || (last != NULL && r->tree.size < last->size)))
    {
        rc = MDD_REFUSED;
    }

    if (rc == MDD_OK && open) {
        rc = save(r);
        open = 0;
    }
    if (rc != MDD_OK) {
        mdd_db_rollback(r->db);
        r->nplaces = 0;
    }

    return rc;
}


/* the row of a log, made where the store has none */

static int
log_row(replay_t *r, const char *name, const mdd_checkpoint_t *c)
{
    size_t       n;
    mdd_st_t    *st;
    mdd_hash_t   empty;
    const void  *p;

    memset(&r->row, 0, sizeof(r->row));
    snprintf(r->row.name, sizeof(r->row.name), "%.31s", name);
    r->row.log = 0;

    st = mdd_query(r->db, MDD_SQL_LOG_ALL, "");
    while (mdd_step(st) == MDD_ROW) {
        if (strcmp(mdd_text(st, 1), name) == 0) {
            r->row.size = (uint64_t) mdd_int(st, 3);
            p = mdd_blob(st, 4, &n);
            if (n == MDD_HASH) {
                memcpy(r->row.root, p, MDD_HASH);
            }
            r->row.log = mdd_int(st, 0);
            break;
        }
        r->row.log = -mdd_int(st, 0);
    }
    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    if (r->row.log > 0) {
        return MDD_OK;
    }

    r->row.log = 1 - r->row.log;
    mdd_hash(empty, "", 0);
    memcpy(r->row.root, empty, MDD_HASH);

    return !r->rows ? MDD_OK
           : mdd_run(r->db, MDD_SQL_LOG_ADD, "issbi", r->row.log, name,
                   c->origin, empty, (size_t) MDD_HASH, mdd_now(r->d)) == 1
           ? MDD_OK : MDD_FAILED;
}


static int
by_name(const void *a, const void *b)
{
    const char  *x = a, *y = b;

    /* 2026, 2026-2, 2026-10, 2027 */
    if (strncmp(x, y, 4) == 0 && strlen(x) != strlen(y)) {
        return strlen(x) < strlen(y) ? -1 : 1;
    }

    return strcmp(x, y);
}


static int
each_log(replay_t *r, int root, char (*names)[32], size_t n,
    const mdd_logrow_t *last)
{
    int                rc;
    char              *p, *end;
    size_t             i, len;
    mdd_checkpoint_t   c;

    rc = MDD_OK;

    for (i = 0; i < n && rc == MDD_OK; i++) {
        r->dir = openat(root, names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC
                        | O_NOFOLLOW);
        p = r->dir >= 0 ? mdd_file_read(r->dir, "checkpoint", MDD_NOTE_MAX,
                                        &len) : NULL;
        end = p != NULL ? strstr(p, "\n\n") : NULL;

        if (end == NULL
            || mdd_checkpoint_parse(&c, p, (size_t) (end + 1 - p)) != MDD_OK)
        {
            /* one that could not be begun, unless it was signed */
            rc = strcmp(names[i], last->name) == 0 ? MDD_REFUSED : MDD_OK;

        } else {
            if (r->rows) {
                mdd_say(MDD_NOTE, "ledger %s: rows from its leaves",
                        names[i]);
            }
            rc = log_row(r, names[i], &c);
            if (rc == MDD_OK) {
                rc = one_log(r, c.size, i + 1 < n ? NULL
                             : strcmp(names[i], last->name) == 0 ? last
                             : &r->row);
            }
        }

        free(p);
        if (r->dir >= 0) {
            close(r->dir);
        }
    }

    return rc;
}


int
mdd_replay_logs(mdd_t *d, mdd_db_t *db, int root, const mdd_logrow_t *last)
{
    int              rc;
    DIR             *list;
    char             names[LOGS_MAX][32];
    size_t           n;
    replay_t        *r;
    struct dirent   *e;

    n = 0;
    list = fdopendir(openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (list != NULL && n < LOGS_MAX && (e = readdir(list)) != NULL) {
        if (e->d_name[0] >= '0' && e->d_name[0] <= '9'
            && strlen(e->d_name) < sizeof(names[0]))
        {
            strcpy(names[n++], e->d_name);
        }
    }
    if (list != NULL) {
        closedir(list);
    }
    qsort(names, n, sizeof(names[0]), by_name);

    r = calloc(1, sizeof(replay_t));
    if (r == NULL || (r->places = calloc(PLACES_MAX, sizeof(place_t)))
                     == NULL)
    {
        free(r);
        return MDD_FAILED;
    }
    r->d = d;
    r->db = db;
    rc = n > 0 ? MDD_OK : MDD_REFUSED;

    if (rc == MDD_OK) {
        rc = each_log(r, root, names, n, last);
    }
    if (rc == MDD_OK) {
        r->rows = 1;
        rc = each_log(r, root, names, n, last);
    }

    free(r->places);
    free(r);

    return rc;
}
