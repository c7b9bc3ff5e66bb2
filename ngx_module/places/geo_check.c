/*
 * geo_check.c - is a MaxMind database whole?
 *
 * Format: maxmind.github.io/MaxMind-DB, version 2.0.  A search tree of nodes
 * with two records each, 16 zero bytes, a section of values, a marker, the
 * metadata.  A record is the number of a node, or "nothing", or the place of
 * a value.
 *
 * Every node that can be reached is looked at once, every value that one of
 * them points to once: no record leads out of the file, no way down the tree
 * is longer than an address, no value ends behind its section, none is nested
 * deeper than DEPTH_MAX, and pointers lead to values.  The work is bounded by
 * the size of the file.
 */

#include "geo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define MARKER       "\xab\xcd\xefMaxMind.com"
#define MARKER_LEN   14
#define META_MAX     (128u * 1024)
#define DEPTH_MAX    32
#define STEPS_MIN    4096

enum { T_EXTENDED, T_POINTER, T_STRING, T_DOUBLE, T_BYTES, T_UINT16,
       T_UINT32, T_MAP, T_INT32, T_UINT64, T_UINT128, T_ARRAY, T_CONTAINER,
       T_END, T_BOOL, T_FLOAT };


typedef struct {
    const uint8_t  *p;
    size_t          n;
    uint8_t        *known;              /* a bit an offset: taken up already */
    size_t         *todo;               /* offsets                           */
    size_t          ntodo, todo_cap;
    uint64_t        steps, max_steps;
    const char     *bad;
} section_t;


typedef struct {
    unsigned   type;
    size_t     size;                    /* bytes, or entries                 */
    size_t     at;                      /* of what follows the control bytes */
    size_t     to;                      /* of a pointer                      */
} control_t;


static int
fail(section_t *s, const char *why)
{
    if (s->bad == NULL) {
        s->bad = why;
    }

    return 0;
}


/* the control bytes at *at */

static int
control(section_t *s, size_t at, control_t *c)
{
    size_t    n, k, base;
    uint8_t   b;
    uint64_t  v;

    if (at >= s->n) {
        return fail(s, "a value begins behind its section");
    }

    b = s->p[at++];
    c->type = b >> 5;

    if (c->type == T_POINTER) {
        static const uint64_t  bias[] = { 0, 2048, 526336, 0 };

        n = ((b >> 3) & 3) + 1u;

        if (n > s->n - at) {
            return fail(s, "a pointer ends behind its section");
        }

        for (k = 0, v = n < 4 ? b & 7u : 0; k < n; k++) {
            v = v << 8 | s->p[at + k];
        }

        v += bias[n - 1];
        c->at = at + n;
        c->size = 0;

        if (v >= s->n) {
            return fail(s, "a pointer leads out of its section");
        }

        c->to = (size_t) v;

        return 1;
    }

    if (c->type == T_EXTENDED) {
        if (at >= s->n || s->p[at] > 8) {
            return fail(s, "an unknown type");
        }

        c->type = s->p[at++] + 7u;

        if (c->type < T_INT32 || c->type == T_CONTAINER || c->type == T_END) {
            return fail(s, "a type that no value has");
        }
    }

    n = b & 31;

    if (n >= 29 && c->type != T_BOOL) {
        k = n - 28;
        base = n == 29 ? 29 : n == 30 ? 285 : 65821;

        if (k > s->n - at) {
            return fail(s, "a size ends behind its section");
        }

        for (n = 0; k > 0; k--) {
            n = n << 8 | s->p[at++];
        }

        n += base;
    }

    c->size = n;
    c->at = at;

    return 1;
}


static int
later(section_t *s, size_t at)
{
    size_t   cap;
    size_t  *t;

    if (s->known[at / 8] & (1u << at % 8)) {
        return 1;
    }

    if (s->ntodo == s->todo_cap) {
        cap = s->todo_cap < 256 ? 256 : s->todo_cap * 2;
        t = realloc(s->todo, cap * sizeof(size_t));
        if (t == NULL) {
            return fail(s, "no memory");
        }
        s->todo = t;
        s->todo_cap = cap;
    }

    s->known[at / 8] = (uint8_t) (s->known[at / 8] | 1u << at % 8);
    s->todo[s->ntodo++] = at;

    return 1;
}


/* one value with all that stands in it; what it points to is for later */

static int
value(section_t *s, size_t at)
{
    size_t     left[DEPTH_MAX + 1];
    uint8_t    map[DEPTH_MAX + 1];
    unsigned   depth, key;
    control_t  c, to;

    static const size_t  most[] = { 0, 0, 0, 8, 0, 2, 4, 0, 4, 8, 16, 0, 0,
                                    0, 1, 4 };

    depth = 0;
    left[0] = 1;
    map[0] = 0;

    for ( ;; ) {

        while (left[depth] == 0) {
            if (depth == 0) {
                return 1;
            }
            depth--;
        }

        if (++s->steps > s->max_steps) {
            return fail(s, "values that overlap too often");
        }

        key = map[depth] && left[depth] % 2 == 0;
        left[depth]--;

        if (!control(s, at, &c)) {
            return 0;
        }

        at = c.at;

        if (c.type == T_POINTER) {
            if (!control(s, c.to, &to)) {
                return 0;
            }

            if (to.type == T_POINTER) {
                return fail(s, "a pointer to a pointer");
            }

            if (key && to.type != T_STRING) {
                return fail(s, "a key that is no string");
            }

            if (!later(s, c.to)) {
                return 0;
            }

            continue;
        }

        if (key && c.type != T_STRING) {
            return fail(s, "a key that is no string");
        }

        switch (c.type) {

        case T_MAP:
        case T_ARRAY:
            if (depth == DEPTH_MAX) {
                return fail(s, "values that are nested too deep");
            }

            if (c.size > (s->n - at) / (c.type == T_MAP ? 2 : 1)) {
                return fail(s, "a list that ends behind its section");
            }

            map[++depth] = c.type == T_MAP;
            left[depth] = c.type == T_MAP ? c.size * 2 : c.size;
            break;

        case T_STRING:
        case T_BYTES:
            if (c.size > s->n - at) {
                return fail(s, "a string that ends behind its section");
            }
            at += c.size;
            break;

        default:
            if (c.size > most[c.type]
                || ((c.type == T_DOUBLE || c.type == T_FLOAT)
                    && c.size != most[c.type]))
            {
                return fail(s, "a number of an impossible size");
            }

            if (c.type != T_BOOL) {
                if (c.size > s->n - at) {
                    return fail(s, "a number that ends behind its section");
                }
                at += c.size;
            }
        }
    }
}


static int
section_init(section_t *s, const uint8_t *p, size_t n)
{
    memset(s, 0, sizeof(*s));
    s->p = p;
    s->n = n;
    s->max_steps = STEPS_MIN + (uint64_t) n * 16;
    s->known = calloc(1, n / 8 + 1);

    return s->known != NULL || fail(s, "no memory");
}


static void
section_done(section_t *s)
{
    free(s->known);
    free(s->todo);
}


static int
run(section_t *s)
{
    while (s->ntodo > 0) {
        if (!value(s, s->todo[--s->ntodo])) {
            return 0;
        }
    }

    return 1;
}


static int
is_one(unsigned type)
{
    return type != T_MAP && type != T_ARRAY;
}


/* the offset behind v, a value of the metadata, where lists have no lists in
 * them; 0: it is another one */

static size_t
meta_behind(section_t *s, const control_t *v)
{
    size_t     k, end;
    control_t  c;

    if (is_one(v->type)) {
        return v->type == T_BOOL ? v->at : v->at + v->size;
    }

    k = v->type == T_MAP ? v->size * 2 : v->size;

    for (end = v->at; k > 0; k--) {
        if (!control(s, end, &c)) {
            return 0;
        }

        if (!is_one(c.type)) {
            return (size_t) fail(s, "metadata that is nested");
        }

        end = c.type == T_BOOL ? c.at : c.at + c.size;
    }

    return end;
}


static int
meta_find(section_t *s, const char *name, control_t *val)
{
    size_t     i, at;
    control_t  c, key;

    if (!control(s, 0, &c) || c.type != T_MAP) {
        return fail(s, "metadata that is no map");
    }

    at = c.at;

    for (i = 0; i < c.size; i++) {
        if (!control(s, at, &key)) {
            return 0;
        }

        if (key.type != T_STRING) {
            return fail(s, "a key of the metadata behind a pointer");
        }

        if (!control(s, key.at + key.size, val)) {
            return 0;
        }

        if (key.size == strlen(name)
            && memcmp(s->p + key.at, name, key.size) == 0)
        {
            return 1;
        }

        at = meta_behind(s, val);

        if (at == 0) {
            return 0;
        }
    }

    return fail(s, "metadata that lacks a key");
}


/* a number of the metadata, a map at its begin; all of it has been checked,
 * and numbers of its own level stand in it without pointers */

static int
meta_number(section_t *s, const char *name, uint64_t *v)
{
    size_t     k;
    control_t  val;

    if (!meta_find(s, name, &val)) {
        return 0;
    }

    if (val.type != T_UINT16 && val.type != T_UINT32
        && val.type != T_UINT64)
    {
        return fail(s, "metadata of another type");
    }

    for (k = 0, *v = 0; k < val.size; k++) {
        *v = *v << 8 | s->p[val.at + k];
    }

    return 1;
}


/* a string, or a list or map of nothing else: the library takes no other, and
 * does not give back what it took for one that it refuses */

static int
meta_strings(section_t *s, const char *name, unsigned type)
{
    size_t     k, at;
    control_t  val, c, to;

    if (!meta_find(s, name, &val)) {
        return 0;
    }

    if (val.type != type) {
        return fail(s, "metadata of another type");
    }

    k = type == T_MAP ? val.size * 2 : type == T_ARRAY ? val.size : 0;

    for (at = val.at; k > 0; k--, at = c.at + c.size) {
        if (!control(s, at, &c)) {
            return 0;
        }

        if (c.type == T_POINTER && !control(s, c.to, &to)) {
            return 0;
        }

        if (c.type != T_STRING
            && (c.type != T_POINTER || to.type != T_STRING))
        {
            return fail(s, "metadata of another type");
        }
    }

    return 1;
}


typedef struct {
    const uint8_t  *p;
    uint32_t        nodes;
    unsigned        bits;               /* of a record                       */
    unsigned        depth;              /* of an address                     */
} tree_t;


static uint32_t
record(const tree_t *t, uint32_t node, unsigned side)
{
    const uint8_t  *p;

    p = t->p + (size_t) node * (t->bits / 4);

    switch (t->bits) {

    case 24:
        p += side * 3;
        return (uint32_t) p[0] << 16 | (uint32_t) p[1] << 8 | p[2];

    case 28:
        return side == 0
               ? ((uint32_t) p[3] & 0xf0) << 20 | (uint32_t) p[0] << 16
                 | (uint32_t) p[1] << 8 | p[2]
               : ((uint32_t) p[3] & 0x0f) << 24 | (uint32_t) p[4] << 16
                 | (uint32_t) p[5] << 8 | p[6];

    default:
        p += side * 4;
        return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16
               | (uint32_t) p[2] << 8 | p[3];
    }
}


/* down the tree; states of a node: 0 not seen, 1 above us, 2 done */

static int
walk(const tree_t *t, section_t *data)
{
    int       ok;
    uint8_t  *state, side[130];
    unsigned  depth;
    uint32_t  node[130], v;

    state = calloc(1, (size_t) t->nodes + 1);
    if (state == NULL) {
        return fail(data, "no memory");
    }

    ok = 0;
    depth = 0;
    node[0] = 0;
    side[0] = 0;
    state[0] = 1;

    for ( ;; ) {

        if (side[depth] == 2) {
            state[node[depth]] = 2;

            if (depth == 0) {
                ok = 1;
                break;
            }

            depth--;
            continue;
        }

        v = record(t, node[depth], side[depth]++);

        if (v == t->nodes) {
            continue;
        }

        if (v > t->nodes) {
            if (v - t->nodes < 16 || v - t->nodes - 16 >= data->n) {
                (void) fail(data, "a record that leads out of the file");
                break;
            }

            if (!later(data, v - t->nodes - 16) || !run(data)) {
                break;
            }

            continue;
        }

        if (state[v] == 1) {
            (void) fail(data, "a circle in the tree");
            break;
        }

        if (state[v] == 2) {
            continue;
        }

        if (depth + 1 >= t->depth) {
            (void) fail(data, "a tree that is deeper than an address");
            break;
        }

        state[v] = 1;
        depth++;
        node[depth] = v;
        side[depth] = 0;
    }

    free(state);

    return ok;
}


int
mdr_geo_check(const uint8_t *data, size_t size, char *text, size_t n)
{
    int             ok;
    size_t          i, from, meta, tree_bytes;
    tree_t          tree;
    uint64_t        nodes, bits, version, major, built;
    section_t       s;
    const char     *bad;

    if (size < MARKER_LEN + 1) {
        snprintf(text, n, "%s", size == 0 ? "empty"
                                          : "not a MaxMind database");
        return 0;
    }

    from = size > META_MAX ? size - META_MAX : 0;
    meta = 0;

    for (i = size - MARKER_LEN; ; i--) {
        if (data[i] == 0xab && memcmp(data + i, MARKER, MARKER_LEN) == 0) {
            meta = i;
            break;
        }
        if (i == from) {
            break;
        }
    }

    if (meta == 0) {
        snprintf(text, n, "not a MaxMind database, or not the whole of one");
        return 0;
    }

    /* metadata */

    ok = section_init(&s, data + meta + MARKER_LEN,
                      size - meta - MARKER_LEN)
         && s.n != 0 && later(&s, 0) && run(&s)
         && meta_number(&s, "binary_format_major_version", &major)
         && meta_number(&s, "node_count", &nodes)
         && meta_number(&s, "record_size", &bits)
         && meta_number(&s, "ip_version", &version)
         && meta_number(&s, "build_epoch", &built)
         && meta_strings(&s, "database_type", T_STRING)
         && meta_strings(&s, "languages", T_ARRAY)
         && meta_strings(&s, "description", T_MAP);
    bad = s.bad;
    section_done(&s);

    if (!ok) {
        snprintf(text, n, "damaged: metadata: %s",
                 bad != NULL ? bad : "there is none");
        return 0;
    }

    if (major != 2 || (version != 4 && version != 6)
        || (bits != 24 && bits != 28 && bits != 32))
    {
        snprintf(text, n, "version %llu of the format, IP version %llu, "
                 "records of %llu bits: not known here",
                 (unsigned long long) major, (unsigned long long) version,
                 (unsigned long long) bits);
        return 0;
    }

    if (nodes == 0 || nodes > UINT32_MAX
        || nodes > meta / (bits / 4)
        || meta - nodes * (bits / 4) < 16)
    {
        snprintf(text, n, "damaged: a tree of %llu nodes does not fit",
                 (unsigned long long) nodes);
        return 0;
    }

    tree_bytes = (size_t) (nodes * (bits / 4));

    for (i = 0; i < 16; i++) {
        if (data[tree_bytes + i] != 0) {
            snprintf(text, n, "damaged: no zeros behind the tree");
            return 0;
        }
    }

    tree.p = data;
    tree.nodes = (uint32_t) nodes;
    tree.bits = (unsigned) bits;
    tree.depth = version == 4 ? 32 : 128;

    ok = section_init(&s, data + tree_bytes + 16, meta - tree_bytes - 16)
         && walk(&tree, &s);
    bad = s.bad;
    section_done(&s);

    if (!ok) {
        snprintf(text, n, "damaged: %s", bad != NULL ? bad : "?");
    }

    return ok;
}
