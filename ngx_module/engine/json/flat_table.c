/*
 * flat_table.c - a flat array, as it is written, to a table of its entries and
 * of the indices in them.
 */

#include "flat.h"

#include <string.h>


#define LEAST  (-8)                     /* undefined, hole, NaN, ...         */


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
add_ref(mdr_flat_t *f, uint32_t key, uint32_t key_len, uint32_t start,
    uint32_t end, int32_t to)
{
    mdr_flat_ref_t  r;

    r.start = start;
    r.end = end;
    r.key = key;
    r.key_len = key_len;
    r.to = to;
    r.from = MDR_COUNT(f->entries, mdr_flat_entry_t);

    return mdr_buf_add(&f->refs, &r, sizeof(r));
}


/* MDR_OK; MDR_LIMIT: no flat array */

static int
members(mdr_flat_t *f, mdr_flat_entry_t *e, uint32_t n, uint32_t *at)
{
    int             word, rc;
    int32_t         v;
    uint32_t        i, end, key, key_len, words, first;
    uint8_t         close;
    const uint8_t  *p;

    p = f->p;
    i = *at;
    close = p[i] == '{' ? '}' : ']';
    e->kind = p[i] == '{' ? MDR_FLAT_OBJECT : MDR_FLAT_ARRAY;
    e->refs = MDR_COUNT(f->refs, mdr_flat_ref_t);
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

            if (e->kind == MDR_FLAT_OBJECT) {
                key = i + 1;
                key_len = end - 1 - key;
                i = blank(p, n, end);
                if (i >= n || p[i] != ':') {
                    return MDR_LIMIT;
                }
                i = blank(p, n, i + 1);

            } else {
                if (e->nrefs == 0 && words == 0) {
                    e->kind = MDR_FLAT_TUPLE;
                    first = i + 1;      /* its word                          */
                }
                if (e->kind != MDR_FLAT_TUPLE) {
                    return MDR_LIMIT;
                }
                words++;
                word = 1;
                i = end;
            }

        } else if (e->kind == MDR_FLAT_OBJECT) {
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

    if (e->kind == MDR_FLAT_TUPLE) {
        p += first;
        e->kind = memcmp(p, "Set\"", 4) == 0 ? MDR_FLAT_ARRAY
                  : memcmp(p, "Map\"", 4) == 0 ? MDR_FLAT_MAP
                  : e->nrefs == 1 && words == 1 ? MDR_FLAT_ALIAS
                                                : MDR_FLAT_TUPLE;
    }

    return i < n ? MDR_OK : MDR_LIMIT;
}


int
mdr_flat_parse(mdr_flat_t *f, uint32_t n, uint32_t most)
{
    int             rc;
    uint32_t        i, k;
    mdr_flat_entry_t         e;
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
            e.kind = MDR_FLAT_STRING;
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

        if (MDR_COUNT(f->entries, mdr_flat_entry_t) == 1) {
            f->turbo = e.kind == MDR_FLAT_OBJECT && e.nrefs != 0
                       && MDR_REF(f, 0).key_len > 1
                       && p[MDR_REF(f, 0).key] == '_';

            for (k = 0; k < e.nrefs && MDR_REF(f, k).to < 0; k++) { /* void */ }

            if (e.nrefs == 0 || k == e.nrefs
                || (f->turbo ? memcmp(p + MDR_REF(f, 0).key, "_1\"", 3) != 0
                             : MDR_REF(f, k).to != 1)
                || (e.kind != MDR_FLAT_OBJECT && e.kind != MDR_FLAT_ALIAS
                    && e.kind != MDR_FLAT_ARRAY))
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


int
mdr_flat_is(const mdr_flat_t *f)
{
    uint32_t  i, n, strings;

    n = MDR_COUNT(f->entries, mdr_flat_entry_t);

    for (i = 0; i < MDR_COUNT(f->refs, mdr_flat_ref_t); i++) {
        if (MDR_REF(f, i).to >= (int32_t) n) {
            return 0;
        }
    }

    for (i = 0, strings = 0; i < n; i++) {
        strings += MDR_ENTRY(f, i).kind == MDR_FLAT_STRING;
    }

    return n > 1 && strings != 0;
}


uint32_t
mdr_flat_target(const mdr_flat_t *f, int32_t to)
{
    uint32_t        k;
    const mdr_flat_entry_t  *e;

    for (k = 0; to >= 0 && k < 8; k++) {
        e = &MDR_ENTRY(f, to);
        if (e->kind != MDR_FLAT_ALIAS) {
            return (uint32_t) to;
        }
        to = MDR_REF(f, e->refs).to;
    }

    return MDR_NO_REF;
}


int
mdr_flat_name(const mdr_flat_t *f, const mdr_flat_entry_t *e, uint32_t r,
    mdr_str_t *name)
{
    int32_t         v;
    uint32_t        end;
    const mdr_flat_ref_t    *ref;
    const mdr_flat_entry_t  *s;

    ref = &MDR_REF(f, e->refs + r);
    name->data = (const char *) f->p + ref->key;
    name->len = ref->key_len;

    if (e->kind == MDR_FLAT_OBJECT && !f->turbo) {
        return 1;
    }

    if (e->kind == MDR_FLAT_OBJECT) {
        for (v = 0, end = 1; end < ref->key_len && end < 10; end++) {
            v = v * 10 + (f->p[ref->key + end] - '0');
        }
    } else {
        v = MDR_REF(f, e->refs + r - 1).to;
    }

    if (v < 0 || (uint32_t) v >= MDR_COUNT(f->entries, mdr_flat_entry_t)) {
        return 0;
    }

    s = &MDR_ENTRY(f, v);
    name->data = (const char *) f->p + s->start + 1;
    name->len = s->kind == MDR_FLAT_STRING ? s->end - s->start - 2 : 0;

    return s->kind == MDR_FLAT_STRING;
}


void
mdr_flat_done(mdr_flat_t *f)
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
