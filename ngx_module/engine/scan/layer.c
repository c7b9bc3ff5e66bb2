/*
 * layer.c - documents that stand inside a value: HTML in a JSON string, JSON
 * in an attribute, a state in a string literal, events in their frames.
 *
 * A layer is the text of the value, decoded, with the places where each byte
 * of it came from (text.h).  A scanner of its own reads it and speaks of
 * positions in that text; the calls of sink.h take them back to the body (U)
 * through the innermost layer that is being read.  So items, lists and edits
 * know of no layers: what is written into an item is only put into the escapes
 * of everything around it.
 *
 * Bytes are kept as long as the scanner has not taken them or an item that is
 * open may still speak of them.  What the scanner has not taken must not leave
 * (mdr_layers_limit).
 */

#include "layer_in.h"
#include "json/frames.h"
#include "json/json.h"

#include <string.h>


#define KEEP_BYTES  4096                /* before any go                     */





static void
no_memory(mdr_sink_t *k)
{
    mdr_sink_error(k, MDR_ERR_MEMORY, MDR_NO_POS, "out of memory");
}


mdr_layer_t *
mdr_layer_open(mdr_sink_t *k, uint32_t group, uint8_t style)
{
    uint32_t       i, n;
    mdr_layer_t   *l;
    mdr_layers_t  *all;

    all = mdr_sink_layers(k);

    for (l = all->open, n = 0; l != NULL; l = l->next) {
        n++;
    }

    if (n == MDR_LAYERS_MAX) {
        mdr_sink_error(k, MDR_ERR_DEPTH, MDR_NO_POS,
                       "values inside values: too many");
        return NULL;
    }

    l = mdr_calloc(mdr_sink_alloc(k), sizeof(mdr_layer_t));
    if (l == NULL) {
        no_memory(k);
        return NULL;
    }

    l->sink = k;
    l->all = all;
    l->group = group;
    mdr_text_init(&l->via.text, mdr_sink_alloc(k), UINT32_MAX / 2);

    l->styles[0] = style;
    l->depth = (uint8_t) (mdr_layer_depth(all) + 1);

    for (i = 1; all->now != NULL && i < MDR_STYLES; i++) {
        l->styles[i] = all->now->styles[i - 1];
    }

    l->next = all->open;
    all->open = l;

    return l;
}


mdr_layer_t *
mdr_layer_document(mdr_sink_t *k, const uint8_t *use, int html)
{
    mdr_layer_t  *l;

    l = mdr_layer_open(k, 0, MDR_STYLE_RAW);

    if (l != NULL) {
        l->use = use;
        l->document = html ? 2 : 1;
        l->islands = 1;
    }

    return l;
}


mdr_layer_t *
mdr_layer_row(mdr_sink_t *k, const uint8_t *use, int html, uint32_t id)
{
    mdr_layer_t  *l;

    l = mdr_layer_document(k, use, html);

    if (l != NULL) {
        l->row = 1;
        l->id = id;
    }

    return l;
}


int
mdr_layer_in_row(const mdr_layers_t *all)
{
    return all->now != NULL && all->now->row;
}


mdr_layer_t *
mdr_layer_string(mdr_sink_t *k, const uint8_t *use, int html, uint8_t style)
{
    mdr_layer_t  *l;

    l = mdr_layer_open(k, 0, style);

    if (l != NULL) {
        l->use = use;
        l->document = html ? 2 : 1;
        l->string = 1;
    }

    return l;
}


mdr_layer_t *
mdr_layer_frames(mdr_sink_t *k, mdr_frames_t *frames, uint8_t style)
{
    mdr_layer_t  *l;

    l = mdr_layer_open(k, 0, style);

    if (l != NULL) {
        l->frames = frames;
        l->islands = 1;
    }

    return l;
}


mdr_layer_t *
mdr_layer_rows(mdr_sink_t *k, const uint8_t *use, uint8_t style)
{
    mdr_layers_t  *all;
    mdr_frames_t  *f;

    all = mdr_sink_layers(k);

    if (all->rows == NULL) {
        f = mdr_frames_new(k, MDR_FRAMES_ROWS, use, 0);

        if (f == NULL) {
            no_memory(k);
            return NULL;
        }

        all->rows = mdr_layer_frames(k, f, style);

        if (all->rows == NULL) {
            mdr_frames_free(f);
        }

    } else {
        all->rows->styles[0] = style;
    }

    return all->rows;
}


mdr_layer_t *
mdr_layer_json(mdr_sink_t *k, mdr_json_t *json, uint8_t style)
{
    mdr_layer_t  *l;

    l = mdr_layer_open(k, 0, style);

    if (l != NULL) {
        l->json = json;
        json->inner = 1;
    }

    return l;
}


/* bytes that nobody will speak of any more go */

static void
forget(mdr_layer_t *l)
{
    size_t       n, held;
    uint64_t     hold;
    mdr_text_t  *t;

    t = &l->via.text;
    n = l->taken;

    if (n == 0 || (n < KEEP_BYTES && n < t->len)) {
        return;
    }

    hold = mdr_sink_hold(l->sink);

    if (hold != MDR_NO_POS) {
        held = mdr_text_before(t, hold);
        n = held < n ? held : n;
    }

    n = mdr_text_drop(t, (uint32_t) n);
    l->via.base += n;
    l->taken -= n;
}


static void
begin_piece(mdr_layer_t *l, uint64_t src)
{
    l->via.text.via = mdr_layer_via(l->all);
    src = mdr_layer_place(l->all, src);

    if (l->islands && l->end != 0 && src > l->end) {
        mdr_sink_island(l->sink, l->end, src, l->depth);
    }
}


static int
end_piece(mdr_layer_t *l, uint64_t behind, int rc)
{
    l->via.text.via = NULL;
    l->end = mdr_layer_behind(l->all, behind);

    if (rc != MDR_OK || l->via.text.cut) {
        no_memory(l->sink);
        return MDR_ERROR;
    }

    return l->via.text.len - l->taken > MDR_LAYER_READ ? mdr_layer_read(l, 0)
                                                       : MDR_OK;
}


int
mdr_layer_copy(mdr_layer_t *l, uint64_t src, const uint8_t *p, size_t n)
{
    if (n == 0) {
        return MDR_OK;
    }

    begin_piece(l, src);

    return end_piece(l, src + n, mdr_text_copy(&l->via.text, src, p, n));
}


int
mdr_layer_unit(mdr_layer_t *l, uint64_t src, uint32_t sn, const uint8_t *p,
    size_t n)
{
    if (n == 0) {
        return MDR_OK;
    }

    begin_piece(l, src);

    return end_piece(l, src + sn, mdr_text_unit(&l->via.text, src, sn, p, n));
}


/* where position at of the layer that is read stands in the body */

uint64_t
mdr_layer_place(const mdr_layers_t *all, uint64_t at)
{
    uint64_t            a, b;
    const mdr_layer_t  *l;

    l = all->now;

    if (l == NULL) {
        return at;
    }

    at = at > l->via.base ? at - l->via.base : 0;

    if (at >= l->via.text.len) {
        return l->end;
    }

    mdr_text_span(&l->via.text, (uint32_t) at, (uint32_t) at + 1, &a, &b);

    return a;
}


/* behind the byte before position at */

uint64_t
mdr_layer_behind(const mdr_layers_t *all, uint64_t at)
{
    uint64_t            a, b;
    const mdr_layer_t  *l;

    l = all->now;

    if (l == NULL) {
        return at;
    }

    at = at > l->via.base ? at - l->via.base : 0;

    if (at == 0) {
        return mdr_layer_place(all, l->via.base);
    }

    if (at > l->via.text.len) {
        return l->end;
    }

    mdr_text_span(&l->via.text, (uint32_t) at - 1, (uint32_t) at, &a, &b);

    return b;
}


/* what cannot be read is an item of each slot, to the end of the value */

static void
begin_bad(mdr_layer_t *l, uint64_t at, const char *why)
{
    uint32_t     i, n;
    mdr_sink_t  *k;

    k = l->sink;
    n = mdr_sink_model(k)->nslots;
    l->dead = 1;

    if (l->group == 0) {
        mdr_sink_error(k, l->document && l->depth == 1 ? MDR_ERR_BROKEN
                                                       : MDR_ERR_UNREADABLE,
                       at, why);
        return;
    }

    l->bad = mdr_alloc(mdr_sink_alloc(k), n * sizeof(uint32_t));
    if (l->bad == NULL) {
        no_memory(k);
        return;
    }

    for (i = 0; i < n; i++) {
        l->bad[i] = MDR_NO_ITEM;

        if (mdr_sink_model(k)->slots[i].group != l->group) {
            continue;
        }

        l->bad[i] = mdr_sink_item_open(k, i, MDR_ITEM_ELEMENT, at, at,
                                       UINT64_MAX);
        if (l->bad[i] != MDR_NO_ITEM) {
            mdr_sink_item_unreadable(k, l->bad[i], at, why);
        }
    }
}


static void
end_bad(mdr_layer_t *l)
{
    uint32_t     i;
    mdr_sink_t  *k;

    k = l->sink;

    for (i = mdr_sink_model(k)->nslots; l->bad != NULL && i > 0; i--) {
        if (l->bad[i - 1] != MDR_NO_ITEM) {
            mdr_sink_item_close(k, l->bad[i - 1], MDR_NO_POS, MDR_NO_POS);
        }
    }
}


/* the scanner reads on as far as it can */

int
mdr_layer_read(mdr_layer_t *l, int last)
{
    int             rc;
    size_t          n, used;
    uint64_t        at;
    mdr_sink_t     *k;
    mdr_layer_t    *outer;
    const uint8_t  *p;

    static const uint8_t  nothing[1];

    k = l->sink;
    outer = l->all->now;
    l->all->now = l;
    rc = MDR_OK;
    used = 0;

    if (l->dead) {
        l->taken = l->via.text.len;

        if (last) {
            end_bad(l);
        }

    } else if (l->html == NULL && l->json == NULL && l->frames == NULL) {
        rc = mdr_layer_choose(l, last);

        if (rc == MDR_LIMIT) {
            if (l->document && !mdr_layer_is_hidden(l, last)) {
                l->dead = 1;
            } else {
                begin_bad(l, l->via.base, "a value that is no such document");
            }
            rc = MDR_OK;
            l->taken = l->via.text.len;
            if (last) {
                end_bad(l);
            }
        }
    }

    if (!l->dead && rc == MDR_OK) {
        n = l->via.text.len - l->taken;
        p = n != 0 ? l->via.text.data + l->taken : nothing;
        at = l->via.base + l->taken;

        rc = l->html != NULL ? mdr_html_scan(l->html, p, n, at, last, &used)
             : l->json != NULL ? mdr_json_scan(l->json, p, n, at, last, &used)
             : mdr_frames_scan(l->frames, p, n, at, last, &used);

        l->taken += used;

        if (rc == MDR_LIMIT) {
            at = l->via.base + l->taken;

            if (l->json != NULL) {
                mdr_json_abandon(l->json, at);
            }

            begin_bad(l, at, l->json != NULL && l->json->broken != NULL
                             ? l->json->broken
                             : "a value that cannot be read");
            l->taken = l->via.text.len;
            rc = MDR_OK;

            if (last) {
                end_bad(l);
            }
        }
    }

    l->all->now = outer;

    if (rc == MDR_LAYER_MORE) {
        return MDR_OK;
    }

    if (rc != MDR_OK) {
        no_memory(k);
        return MDR_ERROR;
    }

    forget(l);

    return MDR_OK;
}


int
mdr_layer_fail(mdr_layer_t *l)
{
    mdr_layer_t  *outer;

    if (!l->dead && l->json != NULL) {
        outer = l->all->now;
        l->all->now = l;
        mdr_json_abandon(l->json, l->via.base + l->via.text.len);
        l->all->now = outer;
        l->dead = 1;
    }

    l->taken = l->via.text.len;

    return mdr_layer_read(l, 1);
}


int
mdr_layer_is_dead(const mdr_layer_t *l)
{
    return l->dead;
}


void
mdr_layer_close(mdr_layer_t *l)
{
    mdr_layer_t  **pl;

    if (l == NULL) {
        return;
    }

    for (pl = &l->all->open; *pl != l; pl = &(*pl)->next) { /* void */ }

    if (l->all->rows == l) {
        l->all->rows = NULL;
    }

    *pl = l->next;

    if (l->html != NULL) {
        mdr_html_free(l->html);
    }

    mdr_json_free(l->json);
    mdr_frames_free(l->frames);
    mdr_text_done(&l->via.text);
    mdr_free(mdr_sink_alloc(l->sink), l->bad);
    mdr_free(mdr_sink_alloc(l->sink), l);
}


/* the first byte of the body that a scanner of a layer has not taken */

uint64_t
mdr_layers_limit(const mdr_layers_t *all, uint64_t limit)
{
    uint64_t            a, b;
    const mdr_layer_t  *l;

    for (l = all->open; l != NULL; l = l->next) {
        if (l->taken < l->via.text.len) {
            mdr_text_span(&l->via.text, (uint32_t) l->taken,
                          (uint32_t) l->taken + 1, &a, &b);
            limit = a < limit ? a : limit;
        }
    }

    return limit;
}


int
mdr_layers_finish(mdr_layers_t *all)
{
    int           rc;
    mdr_layer_t  *l;

    rc = MDR_OK;

    for (l = all->open; l != NULL && rc == MDR_OK; l = l->next) {
        rc = mdr_layer_read(l, 1);
    }

    return rc;
}


void
mdr_layers_free(mdr_layers_t *all)
{
    all->now = NULL;

    while (all->open != NULL) {
        mdr_layer_close(all->open);
    }

    mdr_row_texts_free(all->texts);
    all->texts = NULL;
    mdr_row_points_free(all->points);
    all->points = NULL;
}


const mdr_via_t *
mdr_layer_via(const mdr_layers_t *all)
{
    return all->now != NULL ? &all->now->via : NULL;
}


void
mdr_layer_styles(const mdr_layers_t *all, uint8_t *styles)
{
    if (all->now != NULL) {
        memcpy(styles, all->now->styles, MDR_STYLES);
    } else {
        memset(styles, MDR_STYLE_RAW, MDR_STYLES);
    }
}


uint8_t
mdr_layer_depth(const mdr_layers_t *all)
{
    return all->now != NULL ? all->now->depth : 0;
}


uint64_t
mdr_layer_number(mdr_layers_t *all)
{
    return ++all->serials << 32;
}


uint64_t
mdr_layer_serial(mdr_layers_t *all)
{
    return all->now != NULL ? ++all->serials << 32 : 0;
}
