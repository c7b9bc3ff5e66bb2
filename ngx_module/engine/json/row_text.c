/*
 * row_text.c - texts that stand in rows of their own in React's flight format.
 *
 * A long string of a row, "$2f", is the text of row 2f, `2f:T1a0,` and so many
 * bytes, which comes before.  These texts are kept, so that a field that points
 * to one has it.  Its bytes have left by then: a hit takes the item, or masks
 * the pointer.
 */

#include "frames.h"

#include <string.h>


#define KEPT_BYTES  (512 * 1024)        /* of all texts of a body            */
#define NOT_KEPT    UINT32_MAX

typedef struct {
    uint32_t  id, from, len;
} row_t;

struct mdr_row_texts_s {
    const mdr_alloc_t  *alloc;
    mdr_buf_t           bytes, rows;
};


int
mdr_row_text_begin(mdr_sink_t *k, uint32_t id)
{
    row_t               r;
    mdr_layers_t       *all;
    const mdr_alloc_t  *a;

    all = mdr_sink_layers(k);
    a = mdr_sink_alloc(k);

    if (all->texts == NULL) {
        all->texts = mdr_calloc(a, sizeof(mdr_row_texts_t));
        if (all->texts == NULL) {
            return MDR_ERROR;
        }
        all->texts->alloc = a;
        mdr_buf_init(&all->texts->bytes, a);
        mdr_buf_init(&all->texts->rows, a);
    }

    r.id = id;
    r.from = (uint32_t) all->texts->bytes.len;
    r.len = 0;

    return mdr_buf_add(&all->texts->rows, &r, sizeof(r));
}


int
mdr_row_text_add(mdr_sink_t *k, const uint8_t *p, size_t n)
{
    row_t            *r;
    mdr_row_texts_t  *t;

    t = mdr_sink_layers(k)->texts;

    if (t == NULL || t->rows.len == 0) {
        return MDR_OK;
    }

    r = (row_t *) (void *) (t->rows.data + t->rows.len) - 1;

    if (r->len == NOT_KEPT) {
        return MDR_OK;
    }

    if (t->bytes.len + n > KEPT_BYTES) {
        t->bytes.len = r->from;
        r->len = NOT_KEPT;
        return MDR_OK;
    }

    r->len += (uint32_t) n;

    return mdr_buf_add(&t->bytes, p, n);
}


int
mdr_row_text_is_name(const mdr_text_t *t)
{
    size_t   i;
    uint8_t  c;

    if (t->len < 2 || t->len > 9 || t->data[0] != '$') {
        return 0;
    }

    for (i = 1; i < t->len; i++) {
        c = t->data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return 0;
        }
    }

    return 1;
}


/* "$L2f" and "$@2f", which a script waits for; "$2f:props:title", a part of a
 * row */

int
mdr_row_text_is_other(const mdr_text_t *t)
{
    size_t   i, from;
    uint8_t  c;

    from = t->len > 1 && (t->data[1] == 'L' || t->data[1] == '@') ? 2 : 1;

    for (i = from; i < t->len && i < from + 8; i++) {
        c = t->data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            break;
        }
    }

    return i != from && ((i == t->len && from == 2)
                         || (i < t->len && t->data[i] == ':'));
}


/* the row that t is the name of, or NULL */

static const row_t *
pointed(const mdr_row_texts_t *rows, const mdr_text_t *t)
{
    size_t        i;
    uint8_t       c;
    uint32_t      id;
    const row_t  *r;

    for (i = 1, id = 0; i < t->len; i++) {
        c = t->data[i];
        id = id * 16 + (uint32_t) (c <= '9' ? c - '0' : c - 'a' + 10);
    }

    r = (const row_t *) (const void *) rows->rows.data;

    for (i = rows->rows.len / sizeof(row_t); i > 0; i--) {
        if (r[i - 1].id == id) {
            return &r[i - 1];
        }
    }

    return NULL;
}


int
mdr_row_text(const mdr_row_texts_t *rows, mdr_text_t *t)
{
    int           rc;
    uint64_t      a, b;
    mdr_text_t    out;
    const row_t  *r;

    r = pointed(rows, t);

    if (r == NULL) {
        return MDR_LIMIT;
    }

    if (r->len == NOT_KEPT) {
        t->cut = 1;
        return MDR_OK;
    }

    mdr_text_init(&out, t->alloc, t->max);
    mdr_text_span(t, 0, (uint32_t) t->len, &a, &b);

    rc = mdr_text_unit(&out, a, (uint32_t) (b - a),
                       rows->bytes.data + r->from, r->len);

    if (rc != MDR_OK || mdr_text_finish(&out) != MDR_OK) {
        mdr_text_done(&out);
        return MDR_ERROR;
    }

    mdr_text_done(t);
    *t = out;

    return MDR_OK;
}


void
mdr_row_texts_free(mdr_row_texts_t *t)
{
    if (t != NULL) {
        mdr_buf_done(&t->bytes);
        mdr_buf_done(&t->rows);
        mdr_free(t->alloc, t);
    }
}
