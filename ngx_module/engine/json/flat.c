/*
 * flat.c - values written as one flat array whose members point to one another
 * by index: devalue (Nuxt 3, SvelteKit) and turbo-stream (React Router).
 *
 *     [{"rooms":1},[2,4],{"t":3},"one",{"t":5},"two"]
 *
 * Where an item stands is known only when all of it is there, since what
 * points to it and what it points to may be anywhere: the array is not taken
 * before its end has come, and is no flat one if it is longer than max_slot.
 * Then it is a table, the paths of the slots walk over it as they would over
 * the value it stands for, and what is removed loses what points to it; texts
 * that nothing points to any more are emptied.
 */

#include "flat.h"

#include <stdlib.h>
#include <string.h>


typedef struct {
    uint32_t  entry, slot;              /* slot of the rules                 */
    uint32_t  parent;                   /* entry                             */
    uint8_t   removed;
} item_t;

typedef struct {
    uint32_t  entry, states, parent;
} step_t;

#define ITEM(f, i)   (((item_t *) (void *) (f)->items.data)[i])


/* the states of a path at each child of an entry: found ones are told */

typedef int (*found_pt)(mdr_flat_t *f, void *ctx, uint32_t entry,
    uint32_t parent);

static int
walk(mdr_flat_t *f, const mdr_path_t *path, uint32_t from, uint32_t states,
    uint32_t stamp, found_pt found, void *ctx)
{
    int        rc;
    step_t     s, c;
    uint32_t   i, st;
    mdr_flat_entry_t   *e;
    mdr_str_t  name;

    f->steps.len = 0;
    s.entry = from;
    s.states = states;
    s.parent = from;

    if (mdr_buf_add(&f->steps, &s, sizeof(s)) != MDR_OK) {
        return MDR_ERROR;
    }

    while (f->steps.len != 0) {
        f->steps.len -= sizeof(s);
        memcpy(&s, f->steps.data + f->steps.len, sizeof(s));
        e = &MDR_ENTRY(f, s.entry);

        if (e->stamp != stamp) {
            e->stamp = stamp;
            e->seen = 0;
        }

        s.states &= ~e->seen;

        if (s.states == 0) {
            continue;
        }

        if (f->budget-- == 0) {
            f->budget = 1;
            return MDR_LIMIT;
        }

        e->seen |= s.states;

        if (s.states >> path->n & 1) {
            rc = found(f, ctx, s.entry, s.parent);
            if (rc != MDR_OK) {
                return rc;
            }
        }

        if (e->kind == MDR_FLAT_STRING || e->kind == MDR_FLAT_SCALAR
            || e->kind == MDR_FLAT_TUPLE)
        {
            continue;
        }

        /* the last child first, so that the first comes out first */

        for (i = e->nrefs; i-- > 0; ) {
            if (e->kind == MDR_FLAT_MAP && !(i & 1)) {
                continue;
            }

            c.entry = mdr_flat_target(f, MDR_REF(f, e->refs + i).to);
            c.parent = s.entry;

            if (c.entry == MDR_NO_REF) {
                continue;
            }

            if (e->kind == MDR_FLAT_ARRAY) {
                st = mdr_path_child(path, s.states, NULL, i);
            } else {
                st = mdr_flat_name(f, e, i, &name)
                     ? mdr_path_child(path, s.states, &name, 0) : 0;
            }

            c.states = st;

            if (st != 0 && mdr_buf_add(&f->steps, &c, sizeof(c)) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


static int
found_item(mdr_flat_t *f, void *ctx, uint32_t entry, uint32_t parent)
{
    item_t  it;

    it.entry = entry;
    it.parent = parent;
    it.slot = *(uint32_t *) ctx;
    it.removed = 0;

    return mdr_buf_add(&f->items, &it, sizeof(it));
}


typedef struct {
    const mdr_json_slot_t   *slot;
    const mdr_json_place_t  *place;
    uint32_t                 item;
    mdr_text_t              *text;
} text_ctx_t;


static int
found_text(mdr_flat_t *f, void *ctx, uint32_t entry, uint32_t parent)
{
    int             k, rc;
    size_t          len;
    uint32_t        i, from, end;
    uint8_t         out[16];
    text_ctx_t     *c;
    const mdr_flat_entry_t  *e;

    (void) parent;
    c = ctx;
    e = &MDR_ENTRY(f, entry);

    if (e->kind != MDR_FLAT_STRING && e->kind != MDR_FLAT_SCALAR) {
        return MDR_OK;
    }

    if (c->text == NULL) {
        c->text = mdr_sink_place_open(f->j->sink, c->item, c->place->place);
        if (c->text == NULL) {
            return MDR_OK;
        }
    }

    if (c->text->len != 0 && !c->place->pieces
        && mdr_text_break(c->text, f->at + e->start) != MDR_OK)
    {
        return MDR_ERROR;
    }

    i = e->start + (e->kind == MDR_FLAT_STRING);
    end = e->end - (e->kind == MDR_FLAT_STRING);

    if (e->kind == MDR_FLAT_SCALAR && end - i == 4
        && memcmp(f->p + i, "null", 4) == 0)
    {
        return MDR_OK;
    }

    for (from = i, rc = MDR_OK; rc == MDR_OK; ) {
        while (i < end && (f->p[i] != '\\' || e->kind != MDR_FLAT_STRING)) {
            i++;
        }

        rc = mdr_text_copy(c->text, f->at + from, f->p + from, i - from);

        if (i == end || rc != MDR_OK) {
            break;
        }

        k = mdr_json_escape(f->p + i, end - i, 1, 0, out, &len);

        if (k < 0) {
            break;
        }

        rc = mdr_text_unit(c->text, f->at + i, (uint32_t) len, out,
                           (size_t) k);
        i += (uint32_t) len;
        from = i;
    }

    return rc;
}


static int
by_place(const void *a, const void *b)
{
    const item_t  *x = a, *y = b;

    if (x->entry != y->entry) {
        return x->entry < y->entry ? -1 : 1;
    }

    return x->slot < y->slot ? -1 : x->slot > y->slot;
}


static int
tell_item(mdr_flat_t *f, item_t *it, uint64_t serial)
{
    int             rc;
    uint32_t        k;
    uint64_t        start, end;
    text_ctx_t      c;

    c.slot = &f->j->rules->slots[it->slot];
    start = f->at + MDR_ENTRY(f, it->entry).start;
    end = f->at + MDR_ENTRY(f, it->entry).end;

    c.item = mdr_sink_item_open(f->j->sink, c.slot->slot, MDR_ITEM_FLAT,
                                start, start, serial + it->parent + 1);

    if (c.item == MDR_NO_ITEM) {
        return MDR_OK;
    }

    mdr_sink_item_mark(f->j->sink, c.item, &it->removed);

    for (k = 0; k < c.slot->nplaces; k++) {
        c.place = &c.slot->places[k];
        c.text = NULL;

        if (!mdr_sink_wanted(f->j->sink, c.slot->slot, c.place->place)) {
            continue;
        }

        rc = walk(f, c.place->path, it->entry, 1, ++f->stamp, found_text, &c);

        if (rc == MDR_LIMIT) {
            mdr_sink_item_unreadable(f->j->sink, c.item, start,
                                     "a flat array with too many ways");

        } else if (rc != MDR_OK) {
            return rc;
        }
    }

    mdr_sink_item_close(f->j->sink, c.item, end, end);

    return MDR_OK;
}


/* what can still be reached from the root */

static int
reach(mdr_flat_t *f)
{
    int32_t    v;
    uint32_t   i, n, k, end, at;
    mdr_flat_entry_t   *e;

    f->steps.len = 0;
    at = 0;

    for ( ;; ) {
        e = &MDR_ENTRY(f, at);

        if (!e->reached && !e->removed) {
            e->reached = 1;

            for (i = 0; i < e->nrefs; i++) {
                v = MDR_REF(f, e->refs + i).to;

                if (v >= 0
                    && mdr_buf_add(&f->steps, &v, sizeof(v)) != MDR_OK)
                {
                    return MDR_ERROR;
                }

                k = MDR_REF(f, e->refs + i).key;
                n = MDR_REF(f, e->refs + i).key_len;

                for (v = 0, end = 1; f->turbo && end < n && end < 10; end++) {
                    v = v * 10 + (f->p[k + end] - '0');
                }

                if (f->turbo && v > 0
                    && v < (int32_t) MDR_COUNT(f->entries, mdr_flat_entry_t)
                    && mdr_buf_add(&f->steps, &v, sizeof(v)) != MDR_OK)
                {
                    return MDR_ERROR;
                }
            }
        }

        if (f->steps.len == 0) {
            return MDR_OK;
        }

        f->steps.len -= sizeof(v);
        memcpy(&v, f->steps.data + f->steps.len, sizeof(v));
        at = (uint32_t) v;
    }
}


/* an entry of a list loses those of its indices that lead to what has gone, and
 * a comma with each */

static void
drop_indices(mdr_flat_t *f, const mdr_flat_entry_t *e)
{
    int           gone, kept;
    uint32_t      i, t;
    const mdr_flat_ref_t  *r;

    for (i = 0, kept = 0; i < e->nrefs; i++) {
        r = &MDR_REF(f, e->refs + i);
        t = mdr_flat_target(f, r->to);
        gone = t != MDR_NO_REF && MDR_ENTRY(f, t).removed;

        if (!gone) {
            kept = 1;
            continue;
        }

        if (e->kind != MDR_FLAT_ARRAY) {
            mdr_sink_replace(f->j->sink, f->at + r->start, f->at + r->end,
                             f->turbo ? "-5" : "-1", 2);

        } else if (kept) {
            mdr_sink_replace(f->j->sink, f->at + r[-1].end, f->at + r->end, "",
                             0);

        } else {
            mdr_sink_replace(f->j->sink, f->at + r->start, f->at
                             + (i + 1 < e->nrefs ? r[1].start : r->end), "",
                             0);
        }
    }
}


static int
evaluate(mdr_flat_t *f, const mdr_json_node_t *node, uint64_t serial)
{
    int       rc;
    uint32_t  i, n, root, any;
    mdr_flat_entry_t  *e;

    root = mdr_flat_target(f, 0);

    if (root == MDR_NO_REF || node == NULL) {
        return MDR_OK;
    }

    n = MDR_COUNT(f->entries, mdr_flat_entry_t);
    f->stamp = 0;

    for (i = 0; i < f->j->rules->nslots; i++) {
        f->budget = 40 * (uint64_t) n;

        if (node->at[2 * i] != 0 && f->j->rules->slots[i].nest == 0
            && !f->j->rules->slots[i].ref) {
            rc = walk(f, f->j->rules->slots[i].match, root, node->at[2 * i],
                      ++f->stamp, found_item, &i);
            if (rc != MDR_OK) {
                return rc;
            }
        }
    }

    if (f->items.len == 0) {
        return MDR_OK;
    }

    qsort(f->items.data, MDR_COUNT(f->items, item_t), sizeof(item_t), by_place);

    f->budget = 40 * (uint64_t) n + 4096;

    for (i = 0; i < MDR_COUNT(f->items, item_t); i++) {
        rc = tell_item(f, &ITEM(f, i), serial);
        if (rc != MDR_OK) {
            return rc;
        }
    }

    rc = mdr_sink_judge(f->j->sink);

    for (i = 0, any = 0; i < MDR_COUNT(f->items, item_t); i++) {
        if (ITEM(f, i).removed && ITEM(f, i).entry != root) {
            MDR_ENTRY(f, ITEM(f, i).entry).removed = 1;
            any = 1;
        }
    }

    if (rc != MDR_OK || !any) {
        return rc;
    }

    if (reach(f) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0; i < n; i++) {
        e = &MDR_ENTRY(f, i);

        if (e->reached) {
            drop_indices(f, e);

        } else if (e->kind == MDR_FLAT_STRING) {
            mdr_sink_replace(f->j->sink, f->at + e->start + 1,
                             f->at + e->end - 1, "", 0);
        }
    }

    return MDR_OK;
}


/* up to the end of the array at f->p, as far as it has come: MDR_LIMIT, it is
 * none; s->looked: bytes of it, less one at its end */

static int
find_end(mdr_flat_t *f, mdr_json_flat_t *s, size_t n, size_t max)
{
    int             rc;
    const uint8_t  *p;

    p = f->p;

    for ( ; s->looked < n && s->looked < max; s->looked++) {

        if (s->string) {
            if (s->escaped) {
                s->escaped = 0;
            } else if (p[s->looked] == '\\') {
                s->escaped = 1;
            } else if (p[s->looked] == '"') {
                s->string = 0;
            }
            continue;
        }

        switch (p[s->looked]) {

        case '"':
            s->string = 1;
            continue;

        case '{': case '[':
            s->depth++;
            continue;

        case '}': case ']':
            s->depth--;
            break;

        default:
            continue;
        }

        if (s->depth == 1 && !s->checked) {

            /* the first entry says it, mostly */

            s->checked = 1;
            rc = mdr_flat_parse(f, (uint32_t) s->looked + 1, 1);
            mdr_flat_done(f);

            if (rc != MDR_OK) {
                return rc;
            }
        }

        if (s->depth == 0) {
            break;
        }
    }

    return MDR_OK;
}


/*
 * The array at p, at the node: bytes of it, where it is a flat one and has been
 * read; 0: it is none; MDR_JSON_FLAT_MORE; MDR_JSON_FAILED.
 */

size_t
mdr_json_flat(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last,
    const mdr_json_node_t *node)
{
    int              rc;
    size_t           max;
    mdr_flat_t           f;
    mdr_json_flat_t *s;

    s = &j->flat;

    if (s->at != at || s->no) {
        if (s->at == at && s->no) {
            return 0;
        }
        memset(s, 0, sizeof(mdr_json_flat_t));
        s->at = at;
    }

    rc = mdr_json_flat_begins(p, n < 512 ? n : 512);

    if (rc == 0 || (rc < 0 && (last || n >= 512))) {
        s->no = 1;
        return 0;
    }

    if (rc < 0) {
        return MDR_JSON_FLAT_MORE;
    }

    max = mdr_sink_max(j->sink);
    memset(&f, 0, sizeof(f));
    f.j = j;
    f.p = p;
    f.at = at;
    f.entries.alloc = j->alloc;
    f.refs.alloc = j->alloc;
    f.items.alloc = j->alloc;
    f.steps.alloc = j->alloc;

    rc = find_end(&f, s, n, max);

    if (rc != MDR_OK) {
        s->no = 1;
        return rc == MDR_ERROR ? MDR_JSON_FAILED : 0;
    }

    if (s->looked >= max || (s->looked >= n && last)) {
        if (s->looked >= max) {
            mdr_sink_error(j->sink, MDR_ERR_TOO_LARGE, at,
                           "an array that may be a flat one");
        }
        s->no = 1;
        return 0;
    }

    if (s->looked >= n) {
        return MDR_JSON_FLAT_MORE;
    }

    n = s->looked + 1;
    s->no = 1;                          /* once                              */
    rc = mdr_flat_parse(&f, (uint32_t) n, UINT32_MAX);

    if (rc == MDR_OK && !mdr_flat_is(&f)) {
        rc = MDR_LIMIT;
    }

    if (rc == MDR_OK) {
        rc = evaluate(&f, node, mdr_layer_number(mdr_sink_layers(j->sink)));

        if (rc == MDR_LIMIT) {
            mdr_sink_error(j->sink, MDR_ERR_BROKEN, at,
                           "a flat array with too many ways");
            rc = MDR_OK;
        }

    } else if (rc == MDR_LIMIT) {
        mdr_flat_done(&f);
        return 0;
    }

    mdr_flat_done(&f);

    return rc != MDR_OK ? MDR_JSON_FAILED : n;
}
