/*
 * edit.c - what leaves: edits in page order, applied to the window.
 *
 * An edit replaces [start, end) of the body (U) by a text, mostly nothing.
 * Edits are kept sorted by start; those inside a removed range are void.  A
 * removal may begin before its end is known (a card that is still coming):
 * then all bytes are dropped until mdr_edit_end names the end.
 */

#include "scan.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>


static int  emit_source(mdr_sink_t *k, uint64_t from, uint64_t to);
static int  emit_text(mdr_sink_t *k, const uint8_t *p, size_t n);
static int  emit_number(mdr_sink_t *k, const mdr_edit_t *e);
static int  emit_length(mdr_sink_t *k, const mdr_edit_t *e, size_t n);
static int  is_dropping(const mdr_sink_t *k);


static void
add_edit(mdr_sink_t *k, const mdr_edit_t *e)
{
    void    *p;
    size_t   i;

    p = k->edits;

    if (mdr_grow(k->alloc, &p, &k->edits_cap, k->nedits + 1,
                 sizeof(mdr_edit_t))
        != MDR_OK)
    {
        k->failed = 1;
        return;
    }

    k->edits = p;

    for (i = k->nedits; i > 0 && k->edits[i - 1].start > e->start; i--) {
        k->edits[i] = k->edits[i - 1];
    }

    k->edits[i] = *e;
    k->nedits++;
}


static uint32_t
keep_text(mdr_sink_t *k, const void *text, size_t len)
{
    uint32_t  at;

    at = (uint32_t) k->edit_text.len;

    if (k->edit_text.len + len > UINT32_MAX / 2
        || mdr_buf_add(&k->edit_text, text, len) != MDR_OK)
    {
        k->failed = 1;
    }

    return at;
}


void
mdr_edit_put(mdr_sink_t *k, uint64_t start, uint64_t end, const void *text,
    size_t len)
{
    mdr_edit_t  e;

    memset(&e, 0, sizeof(e));
    e.start = start;
    e.end = end;
    e.len = (uint32_t) len;
    e.text = keep_text(k, text, len);

    if (!k->failed) {
        add_edit(k, &e);
    }
}


void
mdr_edit_count(mdr_sink_t *k, uint64_t start, uint64_t end, uint32_t slot)
{
    mdr_edit_t  e;

    memset(&e, 0, sizeof(e));
    e.start = start;
    e.end = end;
    e.count_slot = slot + 1;
    e.doc = k->counts[slot].group;

    add_edit(k, &e);
}


void
mdr_edit_leave(mdr_sink_t *k, uint64_t start)
{
    size_t  i;

    for (i = k->nedits; i > 0; i--) {
        if (k->edits[i - 1].count_slot != 0 && k->edits[i - 1].start == start)
        {
            k->edits[i - 1].left = 1;
        }
    }
}


uint64_t
mdr_edit_remove(mdr_sink_t *k, uint64_t start, uint64_t end,
    const char *replacement, uint8_t depth)
{
    mdr_edit_t  e;

    memset(&e, 0, sizeof(e));
    e.id = ++k->next_edit;
    e.start = start;
    e.end = end;
    e.depth = depth;

    if (replacement != NULL) {
        e.len = (uint32_t) strlen(replacement);
        e.text = keep_text(k, replacement, e.len);
    }

    if (!k->failed) {
        add_edit(k, &e);
    }

    return e.id;
}


/* what stands where markup from `start` on goes, or NULL: a "<" before it was
 * text, and would begin a tag with the letter that is then next to it */

const char *
mdr_edit_gap(const mdr_sink_t *k, uint64_t start)
{
    size_t          n;
    const uint8_t  *p;

    if (start == k->settled) {
        return k->before == '<' ? " " : NULL;
    }

    p = start != 0 ? mdr_scan_bytes(k, start - 1, &n) : NULL;

    return p != NULL && *p == '<' ? " " : NULL;
}


void
mdr_sink_island(mdr_sink_t *k, uint64_t start, uint64_t end, uint8_t depth)
{
    mdr_edit_t  e;

    memset(&e, 0, sizeof(e));
    e.start = start;
    e.end = end;
    e.island = (uint8_t) (depth + 1);

    add_edit(k, &e);
}


/* bytes before end go, by an edit of so many layers */

static void
drop_to(mdr_sink_t *k, uint64_t end, uint8_t depth)
{
    if (end <= k->skip) {
        return;
    }

    if (k->skip <= k->settled || depth < k->skip_depth) {
        k->skip_depth = depth;
    }

    k->skip = end;
}


/* it would go with a removal inside its layer, and with none outside */

static int
is_island(const mdr_sink_t *k, const mdr_edit_t *e)
{
    size_t  i;

    for (i = 0; i < k->ngoing; i++) {
        if (k->going[i].depth + 1 < e->island) {
            return 0;
        }
    }

    if (e->start < k->skip && k->skip_depth + 1 < e->island) {
        return 0;
    }

    return k->ngoing != 0 || e->start < k->skip;
}


void
mdr_edit_end(mdr_sink_t *k, uint64_t id, uint64_t end)
{
    size_t  i;

    for (i = 0; i < k->ngoing; i++) {
        if (k->going[i].id == id) {
            drop_to(k, end, k->going[i].depth);
            k->going[i] = k->going[--k->ngoing];
            return;
        }
    }

    for (i = k->nedits; i > 0; i--) {
        if (k->edits[i - 1].id == id) {
            k->edits[i - 1].end = end;
            return;
        }
    }
}


static int
is_dropping(const mdr_sink_t *k)
{
    return k->ngoing != 0;
}


/* bytes [from, to) leave as they are, less what removals drop */

static int
pass(mdr_sink_t *k, uint64_t from, uint64_t to)
{
    if (is_dropping(k)) {
        return MDR_OK;
    }

    if (from < k->skip) {
        from = k->skip;
    }

    return from < to ? emit_source(k, from, to) : MDR_OK;
}


static int
begin_removal(mdr_sink_t *k, const mdr_edit_t *e)
{
    void  *p;

    if (e->end != MDR_NO_POS) {
        drop_to(k, e->end, e->depth);
        return MDR_OK;
    }

    p = k->going;

    if (mdr_grow(k->alloc, &p, &k->going_cap, k->ngoing + 1,
                 sizeof(mdr_edit_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    k->going = p;
    k->going[k->ngoing++] = *e;

    return MDR_OK;
}


/*
 * Everything before limit leaves.  Nothing that could still change may stand
 * before it.
 */

int
mdr_edit_apply(mdr_sink_t *k, uint64_t limit)
{
    size_t             i, n;
    const uint8_t     *last;
    const mdr_edit_t  *e;

    if (k->failed) {
        return MDR_ERROR;
    }

    for (i = 0; i < k->nedits; i++) {
        e = &k->edits[i];

        if (e->start > limit
            || (e->start == limit && !k->ended)
            || (e->id == 0 && e->end > limit)
            || (e->length != 0 && e->until > limit))
        {
            break;
        }

        if (e->start > k->settled) {
            if (pass(k, k->settled, e->start) != MDR_OK) {
                return MDR_ERROR;
            }
            k->settled = e->start;
        }

        if (e->island) {
            if (e->end > k->settled && is_island(k, e)) {
                if (emit_source(k, e->start, e->end) != MDR_OK) {
                    return MDR_ERROR;
                }
                k->settled = e->end;    /* once, however many layers know it */
            }
            continue;
        }

        if (is_dropping(k) || e->start < k->skip) {
            if (e->id != 0 && begin_removal(k, e) != MDR_OK) {
                return MDR_ERROR;
            }
            continue;
        }

        if ((e->count_slot == 0 && e->length == 0)
            || mdr_counts_gone(k, e->count_slot - 1, e->doc) != 0)
        {
            k->stats.edited = 1;
        }

        if (e->length != 0) {
            if (emit_length(k, e, k->nedits - i - 1) != MDR_OK) {
                return MDR_ERROR;
            }

        } else if (e->count_slot != 0) {
            if (emit_number(k, e) != MDR_OK) {
                return MDR_ERROR;
            }

        } else if (e->len != 0
                   && emit_text(k, k->edit_text.data + e->text, e->len)
                      != MDR_OK)
        {
            return MDR_ERROR;
        }

        if (e->id != 0) {
            if (begin_removal(k, e) != MDR_OK) {
                return MDR_ERROR;
            }

        } else {
            drop_to(k, e->end, MDR_LAYERS_MAX);
        }
    }

    if (i != 0) {
        k->nedits -= i;
        memmove(k->edits, k->edits + i, k->nedits * sizeof(mdr_edit_t));

        if (k->nedits == 0) {
            k->edit_text.len = 0;
        }
    }

    if (k->nedits != 0 && k->edits[0].start < limit) {
        limit = k->edits[0].start;
    }

    if (limit > k->settled) {
        if (pass(k, k->settled, limit) != MDR_OK) {
            return MDR_ERROR;
        }
        k->settled = limit;
    }

    last = k->settled != 0 ? mdr_scan_bytes(k, k->settled - 1, &n) : NULL;

    if (last != NULL) {
        k->before = *last;
    }

    return MDR_OK;
}


static int
output(mdr_sink_t *k, const uint8_t *p, size_t n, uint32_t flags)
{
    if (n == 0) {
        return MDR_OK;
    }

    k->stats.bytes_out += n;

    if (k->conf.output == NULL) {
        return MDR_OK;
    }

    return k->conf.output(k->conf.ctx, p, n, flags);
}


static int
emit_source(mdr_sink_t *k, uint64_t from, uint64_t to)
{
    size_t    off;
    uint64_t  a, b;

    if (!k->wide) {
        off = (size_t) (from - k->base);
        return output(k, k->win + off, (size_t) (to - from), k->win_flags);
    }

    a = mdr_scan_source(k, from);
    b = mdr_scan_source(k, to);

    return output(k, k->raw.data + (a - k->raw_base), (size_t) (b - a), 0);
}


/* our own text, in the charset of the body */

static int
emit_text(mdr_sink_t *k, const uint8_t *p, size_t n)
{
    size_t    len, m;
    uint8_t   buf[8];
    uint32_t  cp;

    if (!k->wide) {
        return output(k, p, n, 0);
    }

    while (n > 0) {
        cp = mdr_utf8_next(p, n, &len);
        if (len == 0) {
            len = n;
        }

        m = mdr_encode(k->cs, cp, buf);
        if (m == 0) {
            m = mdr_encode(k->cs, cp == 0xff0a ? '*' : '?', buf);
        }

        if (output(k, buf, m, 0) != MDR_OK) {
            return MDR_ERROR;
        }

        p += len;
        n -= len;
    }

    return MDR_OK;
}


/* the number of [start, end) less the items of its document removed so far */

static int
emit_number(mdr_sink_t *k, const mdr_edit_t *e)
{
    char            buf[24];
    size_t          i, n, len;
    uint64_t        v, gone;
    const uint8_t  *p;

    p = mdr_scan_bytes(k, e->start, &len);
    n = (size_t) (e->end - e->start);
    gone = mdr_counts_gone(k, e->count_slot - 1, e->doc);

    if (len < n || n == 0 || n > 18) {
        return emit_source(k, e->start, e->end);
    }

    for (v = 0, i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9') {
            return emit_source(k, e->start, e->end);
        }
        v = v * 10 + (uint64_t) (p[i] - '0');
    }

    if (gone == 0 || e->left) {
        return emit_source(k, e->start, e->end);
    }

    v = v > gone ? v - gone : 0;
    i = sizeof(buf);

    do {
        buf[--i] = (char) ('0' + v % 10);
        v /= 10;
    } while (v != 0);

    return emit_text(k, (uint8_t *) buf + i, sizeof(buf) - i);
}


/* the length e of what is left behind it, with its n edits */

static int
emit_length(mdr_sink_t *k, const mdr_edit_t *e, size_t n)
{
    char      buf[24];
    uint64_t  v;

    v = mdr_length_of(k, e, e + 1, n);

    if (v == e->value) {
        return emit_source(k, e->start, e->end);
    }

    n = (size_t) snprintf(buf, sizeof(buf), e->base == 16 ? "%llx" : "%llu",
                          (unsigned long long) v);

    return emit_text(k, (uint8_t *) buf, n);
}


void
mdr_edit_length(mdr_sink_t *k, const mdr_edit_t *e)
{
    add_edit(k, e);
}


void
mdr_edit_free(mdr_sink_t *k)
{
    mdr_free(k->alloc, k->edits);
    mdr_free(k->alloc, k->going);
    mdr_buf_done(&k->edit_text);
}
