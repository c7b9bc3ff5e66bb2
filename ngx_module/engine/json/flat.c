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

#include "json.h"

#include <stdlib.h>
#include <string.h>


enum { E_SCALAR, E_STRING, E_OBJECT, E_ARRAY, E_TUPLE, E_MAP, E_ALIAS };

#define NO_REF   UINT32_MAX
#define LEAST    (-8)                   /* undefined, hole, NaN, ...         */

typedef struct {
    uint32_t  start, end;               /* of its digits                     */
    uint32_t  key, key_len;             /* of an object: in the text         */
    int32_t   to;                       /* entry, or less than 0             */
    uint32_t  from;                     /* entry that it stands in           */
} ref_t;

typedef struct {
    uint32_t  start, end;
    uint32_t  refs, nrefs;
    uint32_t  seen, stamp;              /* states of the path; of which item */
    uint8_t   kind, removed, reached;
} entry_t;

typedef struct {
    uint32_t  entry, slot;              /* slot of the rules                 */
    uint32_t  parent;                   /* entry                             */
    uint8_t   removed;
} item_t;

typedef struct {
    uint32_t  entry, states, parent;
} step_t;

typedef struct {
    mdr_json_t     *j;
    const uint8_t  *p;
    uint64_t        at;
    uint8_t         turbo;
    mdr_buf_t       entries, refs, items, steps;
    uint32_t        stamp;
    uint64_t        budget;
} flat_t;

#define ENTRY(f, i)  (((entry_t *) (void *) (f)->entries.data)[i])
#define REF(f, i)    (((ref_t *) (void *) (f)->refs.data)[i])
#define ITEM(f, i)   (((item_t *) (void *) (f)->items.data)[i])
#define N(b, t)      ((uint32_t) ((b).len / sizeof(t)))


static uint32_t
blank(const uint8_t *p, uint32_t n, uint32_t i)
{
    while (i < n && MDR_JSON_IS_SPACE(p[i])) {
        i++;
    }

    return i;
}


/* behind the string at p + i, or 0 */

static uint32_t
string(const uint8_t *p, uint32_t n, uint32_t i)
{
    for (i++; i < n; i++) {
        if (p[i] == '"') {
            return i + 1;
        }
        i += p[i] == '\\';
    }

    return 0;
}


/* the whole number at p + i, behind it in *end; 0: there is none */

static int
integer(const uint8_t *p, uint32_t n, uint32_t i, int32_t *v, uint32_t *end)
{
    int       minus;
    uint32_t  from;

    minus = i < n && p[i] == '-';
    i += (uint32_t) minus;

    for (*v = 0, from = i; i < n && i - from < 9 && p[i] >= '0'
         && p[i] <= '9'; i++)
    {
        *v = *v * 10 + (p[i] - '0');
    }

    *v = minus ? -*v : *v;
    *end = i;

    return i != from && i < n && (p[i] == ',' || p[i] == ']' || p[i] == '}'
                                  || MDR_JSON_IS_SPACE(p[i]));
}


static int
add_ref(flat_t *f, uint32_t key, uint32_t key_len, uint32_t start,
    uint32_t end, int32_t to)
{
    ref_t  r;

    r.start = start;
    r.end = end;
    r.key = key;
    r.key_len = key_len;
    r.to = to;
    r.from = N(f->entries, entry_t);

    return mdr_buf_add(&f->refs, &r, sizeof(r));
}


/* MDR_OK; MDR_LIMIT: no flat array */

static int
members(flat_t *f, entry_t *e, uint32_t n, uint32_t *at)
{
    int             word, rc;
    int32_t         v;
    uint32_t        i, end, key, key_len, words, first;
    uint8_t         close;
    const uint8_t  *p;

    p = f->p;
    i = *at;
    close = p[i] == '{' ? '}' : ']';
    e->kind = p[i] == '{' ? E_OBJECT : E_ARRAY;
    e->refs = N(f->refs, ref_t);
    words = 0;
    first = 0;
    i = blank(p, n, i + 1);

    while (i < n && p[i] != close) {
        key = 0;
        key_len = 0;
        word = 0;

        if (p[i] == '"') {
            end = string(p, n, i);
            if (end == 0) {
                return MDR_LIMIT;
            }

            if (e->kind == E_OBJECT) {
                key = i + 1;
                key_len = end - 1 - key;
                i = blank(p, n, end);
                if (i >= n || p[i] != ':') {
                    return MDR_LIMIT;
                }
                i = blank(p, n, i + 1);

            } else {
                if (e->nrefs == 0 && words == 0) {
                    e->kind = E_TUPLE;
                    first = i + 1;      /* its word                          */
                }
                if (e->kind != E_TUPLE) {
                    return MDR_LIMIT;
                }
                words++;
                word = 1;
                i = end;
            }

        } else if (e->kind == E_OBJECT) {
            return MDR_LIMIT;
        }

        if (!word) {
            if (!integer(p, n, i, &v, &end) || v < LEAST) {
                return MDR_LIMIT;
            }

            rc = add_ref(f, key, key_len, i, end, v);
            if (rc != MDR_OK) {
                return rc;
            }

            e->nrefs++;
            i = end;
        }

        i = blank(p, n, i);

        if (i < n && p[i] == ',') {
            i = blank(p, n, i + 1);
        } else if (i >= n || p[i] != close) {
            return MDR_LIMIT;
        }
    }

    *at = i + 1;

    if (e->kind == E_TUPLE) {
        p += first;
        e->kind = memcmp(p, "Set\"", 4) == 0 ? E_ARRAY
                  : memcmp(p, "Map\"", 4) == 0 ? E_MAP
                  : e->nrefs == 1 && words == 1 ? E_ALIAS : E_TUPLE;
    }

    return i < n ? MDR_OK : MDR_LIMIT;
}


/* the array of n bytes as a table; most 1: its first entry alone */

static int
parse(flat_t *f, uint32_t n, uint32_t most)
{
    int             rc;
    uint32_t        i, k;
    entry_t         e;
    const uint8_t  *p;

    p = f->p;
    i = blank(p, n, 1);

    while (i < n && p[i] != ']') {
        memset(&e, 0, sizeof(e));
        e.start = i;

        if (p[i] == '{' || p[i] == '[') {
            rc = members(f, &e, n, &i);
            if (rc != MDR_OK) {
                return rc;
            }

        } else if (p[i] == '"') {
            e.kind = E_STRING;
            i = string(p, n, i);
            if (i == 0) {
                return MDR_LIMIT;
            }

        } else {
            while (i < n && p[i] != ',' && p[i] != ']'
                   && !MDR_JSON_IS_SPACE(p[i]))
            {
                i++;
            }
        }

        e.end = i;

        if (mdr_buf_add(&f->entries, &e, sizeof(e)) != MDR_OK) {
            return MDR_ERROR;
        }

        /* the first that is pointed to is the next */

        if (N(f->entries, entry_t) == 1) {
            f->turbo = e.kind == E_OBJECT && e.nrefs != 0
                       && REF(f, 0).key_len > 1 && p[REF(f, 0).key] == '_';

            for (k = 0; k < e.nrefs && REF(f, k).to < 0; k++) { /* void */ }

            if (e.nrefs == 0 || k == e.nrefs
                || (f->turbo ? memcmp(p + REF(f, 0).key, "_1\"", 3) != 0
                             : REF(f, k).to != 1)
                || (e.kind != E_OBJECT && e.kind != E_ALIAS
                    && e.kind != E_ARRAY))
            {
                return MDR_LIMIT;
            }

            if (most == 1) {
                return MDR_OK;
            }
        }

        i = blank(p, n, i);

        if (i < n && p[i] == ',') {
            i = blank(p, n, i + 1);
        } else if (i >= n || p[i] != ']') {
            return MDR_LIMIT;
        }
    }

    return MDR_OK;
}


/* every index is one, and there is a text to point to */

static int
is_flat(const flat_t *f)
{
    uint32_t  i, n, strings;

    n = N(f->entries, entry_t);

    for (i = 0; i < N(f->refs, ref_t); i++) {
        if (REF(f, i).to >= (int32_t) n) {
            return 0;
        }
    }

    for (i = 0, strings = 0; i < n; i++) {
        strings += ENTRY(f, i).kind == E_STRING;
    }

    return n > 1 && strings != 0;
}


/* the entry that an index comes to, through those that only wrap another */

static uint32_t
target(const flat_t *f, int32_t to)
{
    uint32_t        k;
    const entry_t  *e;

    for (k = 0; to >= 0 && k < 8; k++) {
        e = &ENTRY(f, to);
        if (e->kind != E_ALIAS) {
            return (uint32_t) to;
        }
        to = REF(f, e->refs).to;
    }

    return NO_REF;
}


/* the name that member r of an object or map has; 0: none */

static int
name_of(const flat_t *f, const entry_t *e, uint32_t r, mdr_str_t *name)
{
    int32_t         v;
    uint32_t        end;
    const ref_t    *ref;
    const entry_t  *s;

    ref = &REF(f, e->refs + r);
    name->data = (const char *) f->p + ref->key;
    name->len = ref->key_len;

    if (e->kind == E_OBJECT && !f->turbo) {
        return 1;
    }

    if (e->kind == E_OBJECT) {
        for (v = 0, end = 1; end < ref->key_len && end < 10; end++) {
            v = v * 10 + (f->p[ref->key + end] - '0');
        }
    } else {
        v = REF(f, e->refs + r - 1).to;
    }

    if (v < 0 || (uint32_t) v >= N(f->entries, entry_t)) {
        return 0;
    }

    s = &ENTRY(f, v);
    name->data = (const char *) f->p + s->start + 1;
    name->len = s->kind == E_STRING ? s->end - s->start - 2 : 0;

    return s->kind == E_STRING;
}


/* the states of a path at each child of an entry: found ones are told */

typedef int (*found_pt)(flat_t *f, void *ctx, uint32_t entry, uint32_t parent);

static int
walk(flat_t *f, const mdr_path_t *path, uint32_t from, uint32_t states,
    uint32_t stamp, found_pt found, void *ctx)
{
    int        rc;
    step_t     s, c;
    uint32_t   i, st;
    entry_t   *e;
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
        e = &ENTRY(f, s.entry);

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

        if (e->kind == E_STRING || e->kind == E_SCALAR
            || e->kind == E_TUPLE)
        {
            continue;
        }

        /* the last child first, so that the first comes out first */

        for (i = e->nrefs; i-- > 0; ) {
            if (e->kind == E_MAP && !(i & 1)) {
                continue;
            }

            c.entry = target(f, REF(f, e->refs + i).to);
            c.parent = s.entry;

            if (c.entry == NO_REF) {
                continue;
            }

            if (e->kind == E_ARRAY) {
                st = mdr_path_child(path, s.states, NULL, i);
            } else {
                st = name_of(f, e, i, &name)
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
found_item(flat_t *f, void *ctx, uint32_t entry, uint32_t parent)
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
found_text(flat_t *f, void *ctx, uint32_t entry, uint32_t parent)
{
    int             k, rc;
    size_t          len;
    uint32_t        i, from, end;
    uint8_t         out[16];
    text_ctx_t     *c;
    const entry_t  *e;

    (void) parent;
    c = ctx;
    e = &ENTRY(f, entry);

    if (e->kind != E_STRING && e->kind != E_SCALAR) {
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

    i = e->start + (e->kind == E_STRING);
    end = e->end - (e->kind == E_STRING);

    if (e->kind == E_SCALAR && end - i == 4
        && memcmp(f->p + i, "null", 4) == 0)
    {
        return MDR_OK;
    }

    for (from = i, rc = MDR_OK; rc == MDR_OK; ) {
        while (i < end && (f->p[i] != '\\' || e->kind != E_STRING)) {
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
tell_item(flat_t *f, item_t *it, uint64_t serial)
{
    int             rc;
    uint32_t        k;
    uint64_t        start, end;
    text_ctx_t      c;

    c.slot = &f->j->rules->slots[it->slot];
    start = f->at + ENTRY(f, it->entry).start;
    end = f->at + ENTRY(f, it->entry).end;

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
reach(flat_t *f)
{
    int32_t    v;
    uint32_t   i, n, k, end, at;
    entry_t   *e;

    f->steps.len = 0;
    at = 0;

    for ( ;; ) {
        e = &ENTRY(f, at);

        if (!e->reached && !e->removed) {
            e->reached = 1;

            for (i = 0; i < e->nrefs; i++) {
                v = REF(f, e->refs + i).to;

                if (v >= 0
                    && mdr_buf_add(&f->steps, &v, sizeof(v)) != MDR_OK)
                {
                    return MDR_ERROR;
                }

                k = REF(f, e->refs + i).key;
                n = REF(f, e->refs + i).key_len;

                for (v = 0, end = 1; f->turbo && end < n && end < 10; end++) {
                    v = v * 10 + (f->p[k + end] - '0');
                }

                if (f->turbo && v > 0 && v < (int32_t) N(f->entries, entry_t)
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
drop_indices(flat_t *f, const entry_t *e)
{
    int           gone, kept;
    uint32_t      i, t;
    const ref_t  *r;

    for (i = 0, kept = 0; i < e->nrefs; i++) {
        r = &REF(f, e->refs + i);
        t = target(f, r->to);
        gone = t != NO_REF && ENTRY(f, t).removed;

        if (!gone) {
            kept = 1;
            continue;
        }

        if (e->kind != E_ARRAY) {
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
evaluate(flat_t *f, const mdr_json_node_t *node, uint64_t serial)
{
    int       rc;
    uint32_t  i, n, root, any;
    entry_t  *e;

    root = target(f, 0);

    if (root == NO_REF || node == NULL) {
        return MDR_OK;
    }

    n = N(f->entries, entry_t);
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

    qsort(f->items.data, N(f->items, item_t), sizeof(item_t), by_place);

    f->budget = 40 * (uint64_t) n + 4096;

    for (i = 0; i < N(f->items, item_t); i++) {
        rc = tell_item(f, &ITEM(f, i), serial);
        if (rc != MDR_OK) {
            return rc;
        }
    }

    rc = mdr_sink_judge(f->j->sink);

    for (i = 0, any = 0; i < N(f->items, item_t); i++) {
        if (ITEM(f, i).removed && ITEM(f, i).entry != root) {
            ENTRY(f, ITEM(f, i).entry).removed = 1;
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
        e = &ENTRY(f, i);

        if (e->reached) {
            drop_indices(f, e);

        } else if (e->kind == E_STRING) {
            mdr_sink_replace(f->j->sink, f->at + e->start + 1,
                             f->at + e->end - 1, "", 0);
        }
    }

    return MDR_OK;
}


static void
done(flat_t *f)
{
    mdr_buf_done(&f->entries);
    mdr_buf_done(&f->refs);
    mdr_buf_done(&f->items);
    mdr_buf_done(&f->steps);
}


/* could the array at p begin a flat one: 1, 0, or -1: more bytes are needed */

int
mdr_json_flat_begins(const uint8_t *p, size_t n)
{
    int     turbo;
    size_t  i, from;

    i = blank(p, (uint32_t) n, 1);

    if (i >= n) {
        return -1;
    }

    if (p[i] != '{' && p[i] != '[') {
        return 0;
    }

    i = blank(p, (uint32_t) n, (uint32_t) i + 1);

    if (i >= n) {
        return -1;
    }

    if (p[i] != '"') {
        return 0;
    }

    from = ++i;

    while (i < n && p[i] != '"' && p[i] != '\\') {
        i++;
    }

    turbo = i - from == 2 && p[from] == '_' && p[from + 1] == '1';

    for (i++; i < n && (MDR_JSON_IS_SPACE(p[i]) || p[i] == ':'
                        || p[i] == ','); i++)
    {
        /* void */
    }

    if (i >= n || (p[i] == '1' && i + 1 >= n)) {
        return -1;
    }

    /* the first index is 1, or of those that are less than 0 */

    return p[i] == '-'
           || (turbo && p[i] >= '0' && p[i] <= '9')
           || (p[i] == '1' && (p[i + 1] == ',' || p[i + 1] == '}'
                               || p[i + 1] == ']'
                               || MDR_JSON_IS_SPACE(p[i + 1])));
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
    flat_t           f;
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
            rc = parse(&f, (uint32_t) s->looked + 1, 1);
            done(&f);

            if (rc != MDR_OK) {
                s->no = 1;
                return rc == MDR_ERROR ? MDR_JSON_FAILED : 0;
            }
        }

        if (s->depth == 0) {
            break;
        }
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
    rc = parse(&f, (uint32_t) n, UINT32_MAX);

    if (rc == MDR_OK && !is_flat(&f)) {
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
        done(&f);
        return 0;
    }

    done(&f);

    return rc != MDR_OK ? MDR_JSON_FAILED : n;
}
