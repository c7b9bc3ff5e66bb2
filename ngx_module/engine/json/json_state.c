/*
 * json_state.c - how far the paths have got, as the nodes of an automaton
 * that is made while a body is read.
 *
 * A node is a row of states (json.h).  All elements of a list have the same
 * one, and what a key leads to is remembered with the node, so that the paths
 * are walked once for each shape of value, not for each value.  Rows are
 * compared by hash; when nodes take too much memory those that no open
 * container needs are thrown away, so a body cannot make them grow.
 */

#include "json.h"

#include <string.h>


#define NODES_BYTES  (1 << 20)          /* beyond twice what must stay       */

#define GUESSES_BYTES  (MDR_JSON_GUESSES * sizeof(mdr_json_guess_t))


static const mdr_str_t  no_name = {NULL, UINT32_MAX};   /* no path has it    */


static int
slot_type(const mdr_json_t *j, uint32_t i)
{
    const mdr_json_slot_t  *s;

    s = &j->rules->slots[i];

    return j->use != NULL ? j->use[i]
           : s->group == 0 && (s->type == j->type
                               || (s->type == MDR_TYPE_JSON
                                   && j->type != MDR_TYPE_SCRIPT));
}


/* room for n states, which are 0 */

static int
room(mdr_json_t *j, size_t n)
{
    int    rc;
    void  *p;

    p = j->states;
    rc = mdr_grow(j->alloc, &p, &j->states_cap, n + 1, sizeof(uint32_t));
    j->states = p;

    if (rc == MDR_OK) {
        memset(j->states, 0, n * sizeof(uint32_t));
    }

    return rc;
}


static void
throw_away(mdr_json_t *j, mdr_json_node_t *keep)
{
    size_t             i;
    uint32_t           k;
    mdr_json_node_t   *n, **pn;

    if (j->node_bytes < NODES_BYTES + 2 * j->kept_bytes) {
        return;
    }

    for (i = 0; i < MDR_JSON_BUCKETS; i++) {
        for (n = j->nodes[i]; n != NULL; n = n->chain) {
            n->used = n == keep || n == j->now;
        }
    }

    for (i = 0; i < j->n; i++) {
        j->frames[i].node->used = 1;

        if (j->frames[i].child != NULL) {
            j->frames[i].child->used = 1;
        }
    }

    for (i = 0; i < MDR_JSON_BUCKETS; i++) {
        for (pn = &j->nodes[i]; (n = *pn) != NULL; ) {

            if (!n->used) {
                *pn = n->chain;
                j->node_bytes -= n->bytes;
                mdr_free(j->alloc, n->guesses);
                mdr_free(j->alloc, n);
                continue;
            }

            if (n->guesses != NULL) {
                memset(n->guesses, 0, GUESSES_BYTES);
            }

            n->other_known = 0;
            n->elem_known = 0;
            n->opened = NULL;
            for (k = 0; k < n->nnames; k++) {
                n->names[k].known = 0;
            }
            pn = &n->chain;
        }
    }

    j->root = NULL;
    j->kept_bytes = j->node_bytes;
}


/* what can be said of one path at a node: its keys, and where elements
 * differ; the names among them, with names != NULL */

static uint32_t
look_at(mdr_json_node_t *n, const mdr_path_t *p, uint32_t states,
    mdr_json_name_t *names)
{
    uint32_t             i, k, x, count;
    mdr_str_t            name;
    const mdr_choice_t  *c;

    n->keys |= mdr_path_keys(p, states);

    for (i = 0, count = 0; i < p->n; i++) {
        if (!(states >> i & 1)) {
            continue;
        }

        for (k = 0; k < p->steps[i].n; k++) {
            c = &p->steps[i].choices[k];

            n->indexed |= c->kind == MDR_STEP_INDEX
                          || c->kind == MDR_STEP_SLICE;

            if (c->kind != MDR_STEP_NAME) {
                continue;
            }

            count++;

            if (names == NULL) {
                continue;
            }

            name = c->name;
            x = n->buckets[mdr_path_key(name)];

            while (x != 0 && (names[x - 1].name.len != name.len
                              || memcmp(names[x - 1].name.data, name.data,
                                        name.len) != 0))
            {
                x = names[x - 1].next;
            }

            if (x == 0) {
                names[n->nnames].name = name;
                names[n->nnames].next = n->buckets[mdr_path_key(name)];
                n->buckets[mdr_path_key(name)] = ++n->nnames;
            }
        }
    }

    return count;
}


static uint32_t
look_at_all(const mdr_json_t *j, mdr_json_node_t *n, mdr_json_name_t *names)
{
    uint32_t                i, k, count;
    const uint32_t         *at;
    const mdr_json_slot_t  *s;

    at = n->at;

    for (i = 0, count = 0; i < j->rules->nslots; i++, at += 2) {
        s = &j->rules->slots[i];
        count += look_at(n, s->match, at[0], names);

        if (s->count != NULL) {
            count += look_at(n, s->count, at[1], names);
        }
    }

    for (i = 0; i < n->nlive; i++) {
        for (k = 0; k < n->live[i]->nplaces; k++, at++) {
            count += look_at(n, n->live[i]->places[k].path, *at, names);
        }
    }

    return count;
}


/* what the paths find at a node; counted only, where the arrays are NULL */

static void
find(const mdr_json_t *j, mdr_json_node_t *n)
{
    uint32_t                i, k;
    const uint32_t         *at;
    const mdr_step_t       *last;
    const mdr_json_slot_t  *s;

    n->refs = 0;
    n->points = 0;
    n->nitems = 0;
    n->ncounts = 0;
    n->ncollects = 0;
    at = n->at;

    for (i = 0; i < j->rules->nslots; i++, at += 2) {
        s = &j->rules->slots[i];

        if (at[0] >> s->match->n & 1) {
            if (n->items != NULL) {
                n->items[n->nitems] = i;
            }
            n->nitems++;
        }

        if (s->ref) {
            last = s->match->n != 0 ? &s->match->steps[s->match->n - 1] : NULL;

            if (last != NULL && (at[0] >> (s->match->n - 1) & 1)) {
                n->list = 1;            /* `$.ids[*]`                        */

                if (last->n == 1 && last->choices[0].kind == MDR_STEP_NAME) {
                    n->refs = i + 1;
                }
            }

            n->list |= s->match->n > 1 && (at[0] >> (s->match->n - 2) & 1);
            continue;
        }

        if (j->row && (at[0] & ~1u) != 0) {
            n->points |= s->nest == 0 ? 1 : s->nest < MDR_JSON_MEMBER ? 2 : 0;
        }

        n->list |= s->nest == 0 && s->match->n != 0 && (at[0] >> (s->match->n - 1) & 1);

        if (s->count != NULL && (at[1] >> s->count->n & 1)) {
            if (n->counts != NULL) {
                n->counts[n->ncounts] = i;
            }
            n->ncounts++;
        }
    }

    for (i = 0; i < n->nlive; i++) {
        for (k = 0; k < n->live[i]->nplaces; k++, at++) {

            if (*at != 0) {
                n->touched |= (uint32_t) 1 << i;
                n->points |= j->row
                             && (*at & (((uint32_t) 1
                                         << n->live[i]->places[k].path->n) - 1)
                                 & ~1u) ? 2 : 0;
            }

            if (*at >> n->live[i]->places[k].path->n & 1) {
                if (n->collects != NULL) {
                    n->collects[n->ncollects].live = i;
                    n->collects[n->ncollects].place = k;
                }
                n->ncollects++;
            }
        }
    }
}


static uint32_t
hash_of(const uint32_t *at, size_t n)
{
    size_t    i;
    uint32_t  h;

    for (i = 0, h = 2166136261u; i < n; i++) {
        h = (h ^ at[i]) * 16777619u;
        h ^= h >> 15;
    }

    return h;
}


/* the node of j->states[n] with nlive items; keep: must not be thrown away */

static int
intern(mdr_json_t *j, size_t n, uint32_t nlive, mdr_json_node_t *keep,
    mdr_json_node_t **out)
{
    size_t             bytes;
    uint8_t           *p;
    uint32_t           i, h, nnames;
    mdr_json_node_t   *v, tmp;

    h = hash_of(j->states, n);

    for (v = j->nodes[h % MDR_JSON_BUCKETS]; v != NULL; v = v->chain) {
        if (v->hash == h && v->n == n && v->nlive == nlive
            && memcmp(v->at, j->states, n * sizeof(uint32_t)) == 0)
        {
            for (i = 0; i < nlive && v->live[i] == j->live[i].slot; i++) {
                /* void */
            }
            if (i == nlive) {
                *out = v;
                return MDR_OK;
            }
        }
    }

    throw_away(j, keep);

    {
        const mdr_json_slot_t  *live[MDR_JSON_LIVE];

        memset(&tmp, 0, sizeof(tmp));
        tmp.hash = h;
        tmp.n = (uint32_t) n;
        tmp.nlive = nlive;
        tmp.live = live;
        tmp.at = j->states;

        for (i = 0; i < nlive; i++) {
            live[i] = j->live[i].slot;
        }

        find(j, &tmp);
        nnames = look_at_all(j, &tmp, NULL);

        bytes = sizeof(mdr_json_node_t)
                + nlive * sizeof(mdr_json_slot_t *)
                + nnames * sizeof(mdr_json_name_t)
                + tmp.ncollects * sizeof(mdr_json_collect_t)
                + (n + tmp.nitems + tmp.ncounts) * sizeof(uint32_t);

        v = mdr_calloc(j->alloc, bytes);
        if (v == NULL) {
            return MDR_ERROR;
        }

        *v = tmp;
        p = (uint8_t *) (v + 1);

        v->live = (const mdr_json_slot_t **) (void *) p;
        memcpy(v->live, live, nlive * sizeof(live[0]));
        p += nlive * sizeof(live[0]);
    }

    v->bytes = bytes;
    v->names = (mdr_json_name_t *) (void *) p;
    p += nnames * sizeof(mdr_json_name_t);
    v->collects = (mdr_json_collect_t *) (void *) p;
    p += v->ncollects * sizeof(mdr_json_collect_t);
    v->at = (uint32_t *) (void *) p;
    memcpy(v->at, j->states, n * sizeof(uint32_t));
    v->items = v->at + n;
    v->counts = v->items + v->nitems;

    find(j, v);
    (void) look_at_all(j, v, v->names);

    v->chain = j->nodes[h % MDR_JSON_BUCKETS];
    j->nodes[h % MDR_JSON_BUCKETS] = v;
    j->node_bytes += bytes;
    *out = v;

    return MDR_OK;
}


static int
root(mdr_json_t *j, mdr_json_node_t **out)
{
    size_t    n;
    uint32_t  i, any;

    if (j->root != NULL || j->entered) {
        *out = j->root;
        return MDR_OK;
    }

    n = 2 * (size_t) j->rules->nslots;

    if (room(j, n) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0, any = 0; i < j->rules->nslots; i++) {
        if (slot_type(j, i)) {
            j->states[2 * i] = 1;
            j->states[2 * i + 1] = j->rules->slots[i].count != NULL;

            if (j->given != NULL) {
                j->states[2 * i] |= j->given[i];
            }
            any = 1;
        }
    }

    *out = NULL;

    if (any && intern(j, n, 0, NULL, &j->root) != MDR_OK) {
        return MDR_ERROR;
    }

    *out = j->root;

    return MDR_OK;
}


/* walks the paths from a node to its child */

static int
walk(mdr_json_t *j, mdr_json_node_t *from, const mdr_str_t *name,
    uint32_t index, mdr_json_node_t **out)
{
    uint32_t                i, k, any, *to;
    const uint32_t         *at;
    const mdr_json_slot_t  *s;

    if (room(j, from->n) != MDR_OK) {
        return MDR_ERROR;
    }

    at = from->at;
    to = j->states;
    any = 0;

    for (i = 0; i < j->rules->nslots; i++, at += 2, to += 2) {
        s = &j->rules->slots[i];

        if (at[0] != 0) {
            to[0] = mdr_path_child(s->match, at[0], name, index);
        }

        if (at[1] != 0) {
            to[1] = mdr_path_child(s->count, at[1], name, index);
        }

        any |= to[0] | to[1];
    }

    for (i = 0; i < from->nlive; i++) {
        for (k = 0; k < from->live[i]->nplaces; k++, at++, to++) {
            if (*at != 0) {
                *to = mdr_path_child(from->live[i]->places[k].path, *at,
                                     name, index);
                any |= *to;
            }
        }
    }

    *out = NULL;

    return any ? intern(j, from->n, from->nlive, from, out) : MDR_OK;
}


int
mdr_json_enter(mdr_json_t *j, mdr_str_t name, int *out)
{
    mdr_json_node_t  *from;

    if (root(j, &from) != MDR_OK) {
        return MDR_ERROR;
    }

    j->entered = 1;
    j->root = NULL;

    if (from != NULL && walk(j, from, &name, 0, &j->root) != MDR_OK) {
        return MDR_ERROR;
    }

    *out = j->root != NULL;

    return MDR_OK;
}


static int
remember(mdr_json_t *j, mdr_json_node_t *from, const mdr_str_t *name,
    mdr_json_node_t **child, uint8_t *known, mdr_json_node_t **out)
{
    if (!*known) {
        if (walk(j, from, name, 0, child) != MDR_OK) {
            return MDR_ERROR;
        }
        *known = 1;
    }

    *out = *child;

    return MDR_OK;
}


/* short names, n bytes each, without a call */

static inline int
same(const char *a, const char *b, size_t n)
{
    uint64_t  x, y, u, v;

    if (n > 16 || n < 8) {
        while (n > 0 && n < 8 && a[n - 1] == b[n - 1]) {
            n--;
        }
        return n == 0 || (n > 16 && memcmp(a, b, n) == 0);
    }

    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    memcpy(&u, a + n - 8, 8);
    memcpy(&v, b + n - 8, 8);

    return x == y && u == v;
}


int
mdr_json_child(mdr_json_t *j, const mdr_str_t *name, uint32_t index,
    mdr_json_node_t **out)
{
    uint32_t          x;
    mdr_json_node_t  *from;
    mdr_json_name_t  *known;

    if (j->n == 0) {
        return root(j, out);
    }

    from = j->frames[j->n - 1].node;

    if (name == NULL) {
        return from->indexed ? walk(j, from, NULL, index, out)
               : remember(j, from, NULL, &from->elem, &from->elem_known, out);
    }

    if (!(from->keys >> mdr_path_key(*name) & 1)) {
        *out = NULL;
        return MDR_OK;
    }

    for (x = from->buckets[mdr_path_key(*name)]; x != 0; x = known->next) {
        known = &from->names[x - 1];

        if (known->name.len == name->len
            && same(known->name.data, name->data, name->len))
        {
            return remember(j, from, name, &known->child, &known->known, out);
        }
    }

    return remember(j, from, &no_name, &from->other, &from->other_known, out);
}


/* of its places only those begin that somebody reads */

int
mdr_json_opened(mdr_json_t *j, mdr_json_node_t *n, mdr_json_node_t **out)
{
    int                     all;
    size_t                  width;
    uint32_t                i, k, *to;
    const mdr_json_slot_t  *s;

    all = j->nlive - n->nlive == n->nitems;

    if (all && n->opened != NULL) {
        *out = n->opened;
        return MDR_OK;
    }

    for (i = n->nlive, width = n->n; i < j->nlive; i++) {
        width += j->live[i].slot->nplaces;
    }

    if (room(j, width) != MDR_OK) {
        return MDR_ERROR;
    }

    memcpy(j->states, n->at, n->n * sizeof(uint32_t));
    to = j->states + n->n;

    for (i = n->nlive; i < j->nlive; i++) {
        s = j->live[i].slot;

        for (k = 0; k < s->nplaces; k++) {
            *to++ = mdr_sink_wanted(j->sink, s->slot, s->places[k].place)
                    ? 1 : 0;
        }
    }

    if (intern(j, width, j->nlive, n, out) != MDR_OK) {
        return MDR_ERROR;
    }

    if (all) {
        n->opened = *out;
    }

    return MDR_OK;
}


void
mdr_json_guess(mdr_json_t *j, mdr_json_node_t *n, uint64_t place,
    const uint8_t *p, uint32_t len, mdr_json_node_t *child)
{
    mdr_json_guess_t  *g;

    len += 2;

    if (place >= MDR_JSON_GUESSES || len > 16) {
        return;
    }

    if (n->guesses == NULL) {
        n->guesses = mdr_calloc(j->alloc, GUESSES_BYTES);
        if (n->guesses == NULL) {
            return;                     /* it goes without                   */
        }
        n->bytes += GUESSES_BYTES;
        j->node_bytes += GUESSES_BYTES;
    }

    g = &n->guesses[place];
    memset(g, 0, sizeof(mdr_json_guess_t));
    memcpy(g->key, p, len);
    memset(g->mask, 0xff, len);
    g->len = len;
    g->child = child;
}


void
mdr_json_nodes_free(mdr_json_t *j)
{
    size_t            i;
    mdr_json_node_t  *n;

    for (i = 0; i < MDR_JSON_BUCKETS; i++) {
        while (j->nodes[i] != NULL) {
            n = j->nodes[i];
            j->nodes[i] = n->chain;
            mdr_free(j->alloc, n->guesses);
            mdr_free(j->alloc, n);
        }
    }

    mdr_free(j->alloc, j->states);
}
