/*
 * replay.c - rows from leaves (see replay.h).
 *
 * One leaf after the other, in order: what it says of places and zones, then
 * what lines.c makes of it, then what the event did (did.h).
 */

#include "replay_in.h"

#include "did.h"
#include "ledger/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
mdd_replay_places(mdd_rstate_t *r)
{
    size_t    i;
    mdd_rplace_t  *p;

    for (i = 0; i < r->nplaces; i++) {
        p = &r->places[i];
        if (mdd_run(r->db, MDD_SQL_PLACE_PUT, "siiiii", p->zone, p->place,
                    p->next, p->lost, p->last, p->ended) < 0
            || mdd_run(r->db, MDD_SQL_ZONE_SEEN, "is", p->seen, p->zone) < 0)
        {
            return MDD_FAILED;
        }
    }

    r->nplaces = 0;

    return MDD_OK;
}


static mdd_rplace_t *
place_of(mdd_rstate_t *r, const char *zone, int64_t place)
{
    size_t     i;
    mdd_rplace_t   *p;
    mdd_st_t  *st;

    for (i = 0; i < r->nplaces; i++) {
        p = &r->places[i];
        if (p->place == place && strcmp(p->zone, zone) == 0) {
            return p;
        }
    }

    if (r->nplaces == MDD_RPLACES && mdd_replay_places(r) != MDD_OK) {
        return NULL;
    }

    p = &r->places[r->nplaces++];
    memset(p, 0, sizeof(mdd_rplace_t));
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
segment(mdd_rstate_t *r, const char *src)
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


/* the row of an event, without what it did */

static int
event_row(mdd_rstate_t *r, mdd_tx_t *tx, const mdd_line_t *l, const char *pub,
    size_t npub, const mdd_json_t *did)
{
    int        rc;
    mdd_buf_t  b = { 0 };

    if (strcmp(l->name, "rows") == 0) {
        return MDD_OK;
    }

    if (did != NULL) {
        mdd_buf_add(&b, pub, (size_t) (did->val - pub) - strlen(",\"did\":"));
        mdd_buf_str(&b, "}");
        pub = b.p;
        npub = b.n;
    }

    rc = b.bad || mdd_run(r->db, MDD_SQL_EVENT_ADD, "iiist", tx->log, tx->leaf,
                          (int64_t) l->time, l->name, pub, npub) < 0
         ? MDD_FAILED : MDD_OK;
    mdd_buf_free(&b);

    return rc;
}


/* the private half is taken only where it is what the leaf says */

static int
event_did(mdd_rstate_t *r, mdd_tx_t *tx, const mdd_json_t *did,
    const mdd_json_t *x)
{
    int          rc;
    char         b64[64], *priv = NULL;
    size_t       n, nsalt;
    mdd_st_t    *st;
    mdd_hash_t   h;
    const void  *salt;

    st = mdd_query(r->db, MDD_SQL_PRIVATE_GET, "ii", tx->log, tx->leaf);

    if (x != NULL && mdd_step(st) == MDD_ROW) {
        salt = mdd_blob(st, 0, &nsalt);
        n = strlen(mdd_text(st, 1));
        if (nsalt == 16) {
            mdd_hash2(h, salt, nsalt, mdd_text(st, 1), n);
            mdd_base64(b64, h, MDD_HASH);
            if (x->n == strlen(b64) + 2
                && memcmp(x->val + 1, b64, x->n - 2) == 0)
            {
                priv = strdup(mdd_text(st, 1));
            }
        }
        if (priv == NULL) {
            mdd_say(MDD_WARN, "leaf %lld: its private half is not what the "
                    "ledger says, and is not used", (long long) tx->leaf);
        }
    }

    rc = mdd_end(st);
    if (rc == MDD_OK) {
        rc = mdd_did_again(tx, did->val, did->n, priv);
    }
    free(priv);

    return rc;
}


/* an event of the daemon's own */

static int
event(mdd_rstate_t *r, mdd_tx_t *tx, const mdd_line_t *l, const char *pub,
    size_t npub, const mdd_json_t *x)
{
    int                rc;
    char               zone[33];
    mdd_rplace_t      *p;
    uint64_t           first, last, to, place;
    const mdd_json_t  *did = mdd_json_get(l->m, l->n, "did");

    if (event_row(r, tx, l, pub, npub, did) != MDD_OK) {
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

    return rc == MDD_OK && did != NULL ? event_did(r, tx, did, x) : rc;
}


static int
line(mdd_rstate_t *r, mdd_tx_t *tx, const mdd_line_t *l, const char *node,
    const char *src, const char *pub, size_t npub, uint64_t n)
{
    mdd_rplace_t     *p;
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
        p->seen = p->last > p->seen ? p->last : p->seen;
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
    p->seen = p->last > p->seen ? p->last : p->seen;

    return MDD_OK;
}


int
mdd_replay_leaf(mdd_rstate_t *r, const char *p, size_t size)
{
    int                k;
    char               src[128], *slash;
    uint64_t           n;
    mdd_tx_t           tx;
    mdd_json_t         m[8];
    mdd_line_t         l;
    const mdd_json_t  *e;

    memset(&tx, 0, sizeof(tx));
    tx.d = r->d;
    tx.db = r->db;
    tx.now = mdd_now(r->d);
    tx.again = 1;
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
        return event(r, &tx, &l, e->val, e->n, mdd_json_get(m, k, "x"));
    }

    if (mdd_line_read(&l, e->val, e->n) != MDD_OK) {
        return MDD_OK;
    }

    return line(r, &tx, &l, src, slash, e->val, e->n, n);
}
