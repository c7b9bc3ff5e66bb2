/*
 * row_point.c - lists and items of a row of React's flight format that stand in
 * another row: "rooms":"$@8", ["$8", "$L9"].
 *
 * Most rows that are pointed to come later (a promise, a part that is too long
 * for its row).  How far the paths have got where the pointer stands is kept
 * for the row, so that its document is read as if it stood there.  A row that
 * has come before has left, as have the parts of rows ("$8:rooms:0") and what
 * stands for maps and sets: they are items that cannot be read.
 */

#include "frames.h"
#include "json.h"

#include <string.h>


#define IDS      65536                  /* ids that are told apart           */
#define KEPT     256                    /* rows that are waited for          */
#define NAME_MAX 64                     /* of a pointer                      */


typedef struct {
    uint32_t   id;
    uint32_t  *at;                      /* [nslots of the rules]             */
} waited_t;

struct mdr_row_points_s {
    const mdr_alloc_t  *alloc;
    uint32_t            nwaited;
    waited_t            waited[KEPT];
    uint8_t             seen[IDS / 8];
};


static mdr_row_points_t *
points(mdr_sink_t *k)
{
    mdr_layers_t  *all;

    all = mdr_sink_layers(k);

    if (all->points == NULL) {
        all->points = mdr_calloc(mdr_sink_alloc(k), sizeof(mdr_row_points_t));

        if (all->points != NULL) {
            all->points->alloc = mdr_sink_alloc(k);
        }
    }

    return all->points;
}


void
mdr_row_points_free(mdr_row_points_t *t)
{
    uint32_t  i;

    if (t == NULL) {
        return;
    }

    for (i = 0; i < t->nwaited; i++) {
        mdr_free(t->alloc, t->waited[i].at);
    }

    mdr_free(t->alloc, t);
}


int
mdr_row_point_seen(mdr_sink_t *k, uint32_t id)
{
    mdr_row_points_t  *t;

    t = points(k);

    if (t == NULL) {
        return MDR_ERROR;
    }

    if (id < IDS) {
        t->seen[id / 8] |= (uint8_t) (1 << id % 8);
    }

    return MDR_OK;
}


const uint32_t *
mdr_row_point_states(mdr_sink_t *k, uint32_t id)
{
    uint32_t                 i;
    const mdr_row_points_t  *t;

    t = mdr_sink_layers(k)->points;

    for (i = 0; t != NULL && i < t->nwaited; i++) {
        if (t->waited[i].id == id) {
            return t->waited[i].at;
        }
    }

    return NULL;
}


/* the document of a row is to be read as the node says: MDR_LIMIT, there are
 * too many */

static int
wait_for(mdr_json_t *j, uint32_t id, const mdr_json_node_t *node)
{
    uint32_t           i, n;
    waited_t          *w;
    mdr_row_points_t  *t;

    t = points(j->sink);

    if (t == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < t->nwaited && t->waited[i].id != id; i++) { /* void */ }

    if (i == KEPT) {
        return MDR_LIMIT;
    }

    w = &t->waited[i];
    n = j->rules->nslots;

    if (i == t->nwaited) {
        w->at = mdr_calloc(j->alloc, (n + 1) * sizeof(uint32_t));
        if (w->at == NULL) {
            return MDR_ERROR;
        }
        w->id = id;
        t->nwaited++;
    }

    for (i = 0; i < n; i++) {
        if (j->rules->slots[i].nest == 0 && !j->rules->slots[i].ref) {
            w->at[i] |= node->at[2 * i] & ~1u;
        }
    }

    return MDR_OK;
}


/* what the text of a string points to: a row, 1, and its id; something that is
 * not followed, 2; 0: it is no pointer */

static int
read_name(const uint8_t *p, size_t n, uint32_t *id)
{
    int     other;
    size_t  i, from;

    if (n < 2 || p[0] != '$') {
        return 0;
    }

    i = 1;
    other = strchr("QWKBiZ", p[1]) != NULL;
    i += (size_t) other || p[1] == '@' || p[1] == 'L';

    for (from = i, *id = 0; i < n && i - from < 8; i++) {
        if (p[i] >= '0' && p[i] <= '9') {
            *id = *id * 16 + (uint32_t) (p[i] - '0');

        } else if (p[i] >= 'a' && p[i] <= 'f') {
            *id = *id * 16 + (uint32_t) (p[i] - 'a' + 10);

        } else {
            break;
        }
    }

    if (i == from || (i < n && p[i] != ':')) {
        return 0;
    }

    return other || i < n ? 2 : 1;
}


/* items of slot that might have stood at the string of [at, end) */

static void
lost(mdr_json_t *j, uint32_t slot, uint64_t at, uint64_t end)
{
    uint32_t  item;

    item = mdr_sink_item_open(j->sink, slot, MDR_ITEM_DOCUMENT, at, at,
                              UINT64_MAX);

    if (item != MDR_NO_ITEM) {
        mdr_sink_item_unreadable(j->sink, item, at,
                                 "a pointer to what is not at hand");
        mdr_sink_item_close(j->sink, item, end, end);
    }
}


static void
lose(mdr_json_t *j, const mdr_json_node_t *node, uint64_t at, uint64_t end)
{
    uint32_t                i, x;
    const mdr_model_t      *m;
    const mdr_json_slot_t  *s;

    m = j->rules->model;

    for (i = 0; i < j->rules->nslots; i++) {
        s = &j->rules->slots[i];

        if ((node->at[2 * i] & ~1u) == 0 || s->ref
            || s->nest >= MDR_JSON_MEMBER)
        {
            continue;
        }

        if (s->nest == 0) {
            if (!(node->at[2 * i] >> s->match->n & 1)) {
                lost(j, s->slot, at, end);
            }
            continue;
        }

        for (x = 0; x < m->nslots; x++) {
            if (m->slots[x].group == s->nest) {
                lost(j, x, at, end);
            }
        }
    }
}


size_t
mdr_json_pointer(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last, const mdr_json_node_t *node)
{
    int                       rc, what;
    size_t                    len;
    uint32_t                  i, id;
    const mdr_row_points_t   *t;

    mdr_json_did_odd(j);

    if (n > 1 && p[1] != '$') {
        return 0;
    }

    for (len = 1; len < n && len <= NAME_MAX && p[len] != '"'
         && p[len] != '\\'; len++)
    {
        /* void */
    }

    if (len == n && !last) {
        return MDR_JSON_WAIT;
    }

    if (len == n || p[len] != '"') {
        return 0;
    }

    what = read_name(p + 1, len - 1, &id);

    if (what == 0) {
        return 0;
    }

    t = points(j->sink);
    rc = t == NULL ? MDR_ERROR : MDR_LIMIT;

    if (t != NULL && what == 1 && id < IDS
        && !(t->seen[id / 8] >> id % 8 & 1) && !(node->points & 2))
    {
        rc = wait_for(j, id, node);
    }

    if (rc == MDR_ERROR) {
        return MDR_JSON_FAILED;
    }

    if (rc == MDR_OK) {
        return 0;
    }

    lose(j, node, at, at + len + 1);

    /* items around it whose texts stand there, and the one that it is */

    j->pointer = node->nitems != 0;

    for (i = 0; i < j->nlive; i++) {
        if (node->touched >> i & 1) {
            mdr_sink_item_unreadable(j->sink, j->live[i].item, at,
                                     "a pointer to what is not at hand");
        }
    }

    return 0;
}


int
mdr_json_is_row(mdr_json_t *j, uint32_t id)
{
    size_t           size;
    const uint32_t  *at;

    j->row = 1;
    at = mdr_row_point_states(j->sink, id);

    if (at == NULL) {
        return MDR_OK;
    }

    size = j->rules->nslots * sizeof(uint32_t);
    j->given = mdr_alloc(j->alloc, size);

    if (j->given == NULL) {
        return MDR_ERROR;
    }

    memcpy(j->given, at, size);

    return MDR_OK;
}
