/*
 * lengths.c - the length that stands before a document, as in
 *
 *     43
 *     [["x",{"rooms":[..]}]]
 *
 * put right when something of the document has gone.  What is counted (bytes or
 * UTF-16 units, with or without the newlines around) differs from site to site,
 * so it is told from the document as it came; a number that fits none of these
 * is no length.  The number is held until its document is decided, at most
 * max_slot bytes of it.  A part of multipart/mixed may have its length in a field
 * of its own, which needs not be there (RFC 2046), so that it goes where the
 * part is too long.
 */

#include "scan.h"

#include <string.h>


void
mdr_sink_length(mdr_sink_t *k, uint64_t start, uint64_t end)
{
    if (k->conf.mode != MDR_MODE_ENFORCE || k->wide
        || k->layers.now != NULL)
    {
        return;
    }

    memset(&k->length, 0, sizeof(k->length));
    k->length.start = start;
    k->length.end = end;
    k->length.held = 1;
}


void
mdr_sink_length_field(mdr_sink_t *k, uint64_t line, uint64_t line_end)
{
    if (k->length.held) {
        k->length.line = line;
        k->length.line_end = line_end;
    }
}


void
mdr_sink_length_from(mdr_sink_t *k, uint64_t at)
{
    k->length.from = at;
}


uint64_t
mdr_lengths_hold(const mdr_sink_t *k)
{
    return k->length.line_end != 0 ? k->length.line : k->length.start;
}


void
mdr_lengths_large(mdr_sink_t *k, uint64_t upto)
{
    if (!k->length.held || upto - k->length.start <= k->conf.max_slot) {
        return;
    }

    k->length.held = 0;

    if (k->length.line_end != 0) {
        mdr_edit_put(k, k->length.line, k->length.line_end, "", 0);
        return;
    }

    mdr_items_error(k, MDR_ERR_TOO_LARGE, k->length.start,
                    "a document behind its length", UINT32_MAX);

    /* nothing of it may go, as the number has to leave */

    mdr_items_abandon(k);
    k->unread = 1;

    if (k->conf.on_error_block) {
        k->cut = 1;
    }
}


static uint64_t
utf16_units(const uint8_t *p, size_t n)
{
    size_t    i;
    uint64_t  units;

    for (i = 0, units = 0; i < n; i++) {
        units += (p[i] & 0xc0) != 0x80;
        units += p[i] >= 0xf0;
    }

    return units;
}


static int
number(const uint8_t *p, size_t n, uint32_t base, uint64_t *v)
{
    size_t   i;
    uint8_t  c;

    for (i = 0, *v = 0; i < n; i++) {
        c = p[i] >= '0' && p[i] <= '9' ? (uint8_t) (p[i] - '0')
            : (p[i] | 32) >= 'a' && (p[i] | 32) <= 'f'
              ? (uint8_t) ((p[i] | 32) - 'a' + 10) : 16;
        if (c >= base) {
            return 0;
        }
        *v = *v * base + c;
    }

    return n != 0 && n <= 8;
}


/* which bytes the number counts, and how; 0: none */

static int
fits(mdr_sink_t *k, uint64_t at, mdr_edit_t *e)
{
    int             unit;
    size_t          i, j, n, len, from[2], to[3], nto;
    uint32_t        base;
    uint64_t        v, size;
    const uint8_t  *p;

    p = mdr_scan_bytes(k, k->length.start, &n);
    len = (size_t) (k->length.end - k->length.start);

    if (p == NULL || n < len) {
        return 0;
    }

    from[0] = len;                      /* with the newline behind it        */
    from[1] = len + 1 + (p[len] == '\r');
    to[0] = (size_t) (at - k->length.start);
    nto = 1;

    if (k->length.from != 0) {
        from[0] = (size_t) (k->length.from - k->length.start);
        from[1] = from[0];

        if (to[0] > from[0] && p[to[0] - 1] == '\n') {
            to[nto++] = to[0] - 1;

            if (to[1] > from[0] && p[to[1] - 1] == '\r') {
                to[nto++] = to[1] - 1;
            }
        }

    } else if (to[0] < n && p[to[0]] == '\r') {
        to[nto++] = to[0] + 1;
    }

    if (k->length.from == 0 && to[nto - 1] < n && p[to[nto - 1]] == '\n') {
        to[nto] = to[nto - 1] + 1;
        nto++;
    }

    for (base = 10; base <= 16; base += 6) {
        if (!number(p, len, base, &v)) {
            continue;
        }

        for (unit = MDR_LENGTH_BYTES; unit <= MDR_LENGTH_UTF16; unit++) {
            for (i = 2; i-- > 0; ) {
                for (j = 0; j < nto; j++) {
                    size = unit == MDR_LENGTH_BYTES
                           ? to[j] - from[i]
                           : utf16_units(p + from[i], to[j] - from[i]);

                    if (size == v) {
                        e->length = (uint8_t) unit;
                        e->base = (uint8_t) base;
                        e->value = v;
                        e->until = k->length.start + to[0];
                        return 1;
                    }
                }
            }
        }
    }

    return 0;
}


void
mdr_sink_length_end(mdr_sink_t *k, uint64_t at)
{
    mdr_edit_t  e;

    if (!k->length.held) {
        return;
    }

    k->length.held = 0;
    memset(&e, 0, sizeof(e));
    e.start = k->length.start;
    e.end = k->length.end;

    if (fits(k, at, &e)) {
        mdr_edit_length(k, &e);
    }
}


/* how much less there is in [e->end, e->until) once the edits behind e are
 * done; n: the number of these that there are */

uint64_t
mdr_length_of(mdr_sink_t *k, const mdr_edit_t *e, const mdr_edit_t *edits,
    size_t n)
{
    size_t             i, have;
    uint64_t           at, in, out, size[2];
    const uint8_t     *p;
    const mdr_edit_t  *x;

    at = e->end;
    in = 0;
    out = 0;

    for (i = 0; i < n && edits[i].start < e->until; i++) {
        x = &edits[i];

        if (x->start < at || x->island) {
            if (x->id != 0 && x->end != MDR_NO_POS && x->end > at
                && x->start < at)
            {
                in += x->end - at;      /* inside what has gone              */
                at = x->end;
            }
            continue;
        }

        at = x->end < e->until ? x->end : e->until;
        p = mdr_scan_bytes(k, x->start, &have);
        size[0] = at - x->start;
        size[1] = x->len;

        if (p == NULL || have < size[0]) {
            continue;
        }

        if (e->length == MDR_LENGTH_UTF16) {
            size[0] = utf16_units(p, (size_t) size[0]);
            size[1] = x->len == 0 ? 0
                      : utf16_units(k->edit_text.data + x->text, x->len);
        }

        if (x->count_slot == 0) {
            in += size[0];
            out += size[1];
        }
    }

    return in > e->value + out ? 0 : e->value + out - in;
}
