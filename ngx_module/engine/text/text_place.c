/*
 * text_place.c - where the bytes of a text came from, and a text carried into
 * another with its places.
 */

#include "text.h"

#include <string.h>


/* which unit of the run byte `at` of the text is of; most are copied bytes */

static inline uint32_t
unit_of(const mdr_run_t *r, uint32_t at)
{
    at -= r->text;

    return r->tunit == 1 ? at : at / r->tunit;
}


static inline int
is_copied(const mdr_run_t *r)
{
    return r->sunit == 1 && r->tunit == 1;
}


/* the run that holds byte at; at < t->len */

static size_t
find_run(const mdr_text_t *t, uint32_t at)
{
    size_t  lo, hi, mid;

    lo = 0;
    hi = t->nruns;

    while (hi - lo > 1) {
        mid = lo + (hi - lo) / 2;

        if (t->runs[mid].text <= at) {
            lo = mid;
        } else {
            hi = mid;
        }
    }

    return lo;
}


void
mdr_text_span(const mdr_text_t *t, uint32_t from, uint32_t to,
    uint64_t *start, uint64_t *end)
{
    const mdr_run_t  *r;

    *start = 0;
    *end = 0;

    if (t->nruns == 0) {
        return;
    }

    if (from >= t->len) {
        r = &t->runs[t->nruns - 1];
        *start = r->src + (uint64_t) r->count * r->sunit;
        *end = *start;
        return;
    }

    r = &t->runs[find_run(t, from)];
    *start = r->src + (uint64_t) unit_of(r, from) * r->sunit;

    if (to <= from) {
        *end = *start;
        return;
    }

    if (to > t->len) {
        to = (uint32_t) t->len;
    }

    if (to - 1 >= mdr_run_end(r)) {
        r = &t->runs[find_run(t, to - 1)];
    }

    *end = r->src + ((uint64_t) unit_of(r, to - 1) + 1) * r->sunit;
}


int
mdr_text_each(const mdr_text_t *t, uint32_t from, uint32_t to,
    int (*f)(void *ctx, const mdr_place_t *place), void *ctx)
{
    int               rc;
    size_t            i;
    uint32_t          n;
    mdr_place_t       pl;
    const mdr_run_t  *r;

    if (to > t->len) {
        to = (uint32_t) t->len;
    }

    if (from >= to) {
        return MDR_OK;
    }

    for (i = find_run(t, from); from < to; i++) {
        r = &t->runs[i];

        if (is_copied(r)) {
            pl.text = from;
            pl.text_end = mdr_run_end(r) < to ? mdr_run_end(r) : to;
            pl.start = r->src + (from - r->text);
            pl.end = pl.start + (pl.text_end - from);
            pl.copied = 1;
            from = pl.text_end;

            rc = f(ctx, &pl);
            if (rc != MDR_OK) {
                return rc;
            }

            continue;
        }

        for (n = (from - r->text) / r->tunit; n < r->count && from < to; n++) {
            pl.text = r->text + n * r->tunit;
            pl.text_end = pl.text + r->tunit;
            pl.start = r->src + (uint64_t) n * r->sunit;
            pl.end = pl.start + r->sunit;
            pl.copied = 0;
            from = pl.text_end;

            rc = f(ctx, &pl);
            if (rc != MDR_OK) {
                return rc;
            }
        }
    }

    return MDR_OK;
}


uint32_t
mdr_text_drop(mdr_text_t *t, uint32_t n)
{
    size_t      i;
    uint32_t    units;
    mdr_run_t  *r;

    if (n >= t->len) {
        n = (uint32_t) t->len;
        t->len = 0;
        t->nruns = 0;
        return n;
    }

    i = find_run(t, n);
    r = &t->runs[i];
    units = unit_of(r, n);
    n = r->text + units * r->tunit;

    r->text = n;
    r->src += (uint64_t) units * r->sunit;
    r->count -= units;

    t->nruns -= i;
    memmove(t->runs, t->runs + i, t->nruns * sizeof(mdr_run_t));

    for (i = 0; i < t->nruns; i++) {
        t->runs[i].text -= n;
    }

    t->len -= n;
    memmove(t->data, t->data + n, t->len);

    return n;
}


uint32_t
mdr_text_before(const mdr_text_t *t, uint64_t src)
{
    size_t            lo, hi, mid;
    uint64_t          n;
    const mdr_run_t  *r;

    lo = 0;
    hi = t->nruns;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;

        if (t->runs[mid].src < src) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    if (lo == 0) {
        return 0;
    }

    r = &t->runs[lo - 1];
    n = (src - r->src) / r->sunit;
    n = n < r->count ? n : r->count;

    return r->text + (uint32_t) n * r->tunit;
}


typedef struct {
    mdr_text_t        *out;
    const mdr_text_t  *in;
} carry_t;


static int
carry(void *ctx, const mdr_place_t *pl)
{
    carry_t  *c = ctx;

    if (pl->copied) {
        return mdr_text_copy(c->out, pl->start, c->in->data + pl->text,
                             pl->text_end - pl->text);
    }

    return mdr_text_unit(c->out, pl->start,
                         (uint32_t) (pl->end - pl->start),
                         c->in->data + pl->text, pl->text_end - pl->text);
}


int
mdr_text_carry(mdr_text_t *out, const mdr_text_t *in, uint32_t from,
    uint32_t to)
{
    carry_t  c;

    c.out = out;
    c.in = in;

    return mdr_text_each(in, from, to, carry, &c);
}
