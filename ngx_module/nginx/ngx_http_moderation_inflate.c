/*
 * ngx_http_moderation_inflate.c - compressed bodies, read as they stream.
 *
 * One decoder is a stage: bytes in, bytes out, whole or not.  A body with two
 * encodings is two stages with a buffer between them.  A stage never says
 * that it has ended, only whether what it has read so far is whole, because
 * another member or frame may follow; the end of the input decides.
 */

#include "ngx_http_moderation_inflate_stage.h"

#include <stdlib.h>
#include <string.h>

#define BETWEEN_BYTES    16384

struct ngx_http_moderation_inflate_s {
    mdr_alloc_t                  alloc;
    moderation_inflate_limits_t  limits;
    unsigned                     n;
    int                          done;      /* result, once it is final     */
    uint8_t                     *between;   /* of stage 0, not read yet     */
    const uint8_t               *pos, *end;
    moderation_stage_t           stages[MODERATION_ENCODINGS_MAX];
};


static int
same_word(const uint8_t *p, size_t n, const char *word)
{
    size_t   i;
    uint8_t  c;

    if (strlen(word) != n) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        c = p[i];
        if (c >= 'A' && c <= 'Z') {
            c |= 0x20;
        }
        if (c != (uint8_t) word[i]) {
            return 0;
        }
    }

    return 1;
}


/* codings that a client may undo and we do not (IANA, HTTP content codings) */

static int
is_coding(const uint8_t *p, size_t n)
{
    size_t  i;

    static const char *const  names[] = { "br", "zstd", "compress",
                                          "x-compress", "dcb", "dcz",
                                          "aes128gcm", "exi",
                                          "pack200-gzip" };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (same_word(p, n, names[i])) {
            return 1;
        }
    }

    return 0;
}


int
ngx_http_moderation_encodings(const uint8_t *p, size_t len,
    moderation_encodings_t *e)
{
    size_t    i, start, end;
    uint8_t   encoding;

    for (i = 0; i < len; i++) {
        for (start = i; i < len && p[i] != ','; i++) { /* void */ }

        end = i;
        while (start < end && (p[start] == ' ' || p[start] == '\t')) {
            start++;
        }
        while (start < end && (p[end - 1] == ' ' || p[end - 1] == '\t')) {
            end--;
        }

        if (start == end || same_word(p + start, end - start, "identity")) {
            continue;
        }

        if (same_word(p + start, end - start, "gzip")
            || same_word(p + start, end - start, "x-gzip"))
        {
            encoding = MODERATION_ENCODING_GZIP;

        } else if (same_word(p + start, end - start, "deflate")) {
            encoding = MODERATION_ENCODING_DEFLATE;

#if (NGX_HTTP_MODERATION_BROTLI)
        } else if (same_word(p + start, end - start, "br")) {
            encoding = MODERATION_ENCODING_BROTLI;
#endif

#if (NGX_HTTP_MODERATION_ZSTD)
        } else if (same_word(p + start, end - start, "zstd")) {
            encoding = MODERATION_ENCODING_ZSTD;
#endif

        } else if (is_coding(p + start, end - start)) {
            return MDR_ERROR;

        } else {
            e->unknown = 1;             /* no browser undoes it, either      */
            continue;
        }

        if (e->n == MODERATION_ENCODINGS_MAX) {
            return MDR_ERROR;
        }

        e->list[e->n++] = encoding;
    }

    return MDR_OK;
}


static void *
heap_alloc(void *ctx, size_t n)
{
    (void) ctx;
    return malloc(n);
}


static void
heap_free(void *ctx, void *p)
{
    (void) ctx;
    free(p);
}


ngx_http_moderation_inflate_t *
ngx_http_moderation_inflate_new(const moderation_encodings_t *e,
    const moderation_inflate_limits_t *limits, const mdr_alloc_t *alloc)
{
    unsigned                        i;
    mdr_alloc_t                     a;
    ngx_http_moderation_inflate_t  *d;

    if (e->n == 0 || e->n > MODERATION_ENCODINGS_MAX) {
        return NULL;
    }

    if (alloc != NULL) {
        a = *alloc;

    } else {
        memset(&a, 0, sizeof(a));
        a.alloc = heap_alloc;
        a.free = heap_free;
    }

    d = a.alloc(a.ctx, sizeof(*d));
    if (d == NULL) {
        return NULL;
    }

    memset(d, 0, sizeof(*d));
    d->alloc = a;
    d->limits = *limits;
    d->n = e->n;

    if (d->n > 1) {
        d->between = a.alloc(a.ctx, BETWEEN_BYTES);
        if (d->between == NULL) {
            ngx_http_moderation_inflate_free(d);
            return NULL;
        }

        d->pos = d->between;
        d->end = d->between;
    }

    /* the encoding that was applied last is undone first */

    for (i = 0; i < d->n; i++) {
        if (ngx_http_moderation_stage_open(&d->stages[i], &d->alloc,
                                           e->list[d->n - 1 - i])
            != MDR_OK)
        {
            ngx_http_moderation_inflate_free(d);
            return NULL;
        }
    }

    return d;
}


void
ngx_http_moderation_inflate_free(ngx_http_moderation_inflate_t *d)
{
    unsigned     i;
    mdr_alloc_t  a;

    if (d == NULL) {
        return;
    }

    for (i = 0; i < d->n; i++) {
        ngx_http_moderation_stage_close(&d->stages[i]);
    }

    a = d->alloc;
    if (d->between != NULL) {
        a.free(a.ctx, d->between);
    }

    a.free(a.ctx, d);
}


static int
over_limits(const ngx_http_moderation_inflate_t *d)
{
    unsigned        i;
    const moderation_stage_t  *s;

    for (i = 0; i < d->n; i++) {
        s = &d->stages[i];

        if (d->limits.max_output != 0 && s->out > d->limits.max_output) {
            return 1;
        }

        if (d->limits.max_ratio != 0 && s->out > d->limits.ratio_from
            && s->out / d->limits.max_ratio > s->in)
        {
            return 1;
        }
    }

    return 0;
}


/* one move of the whole row of stages; MORE: nothing can be done without
 * input */

static int
run_once(ngx_http_moderation_inflate_t *d, moderation_window_t *w, int last)
{
    int       rc, idle;
    moderation_window_t  m;

    if (d->n == 1) {
        return ngx_http_moderation_stage_run(&d->stages[0], w, &d->alloc, last);
    }

    m.in = d->pos;
    m.in_end = d->end;
    m.out = w->out;
    m.out_end = w->out_end;

    rc = ngx_http_moderation_stage_run(&d->stages[1], &m, &d->alloc, 0);

    d->pos = m.in;
    w->out = m.out;

    if (rc != MODERATION_INFLATE_MORE) {
        return rc;
    }

    m.in = w->in;
    m.in_end = w->in_end;
    m.out = d->between;
    m.out_end = d->between + BETWEEN_BYTES;

    rc = ngx_http_moderation_stage_run(&d->stages[0], &m, &d->alloc, last);

    w->in = m.in;
    d->pos = d->between;
    d->end = m.out;

    if (rc > MODERATION_INFLATE_FULL) {
        return rc;
    }

    idle = d->pos == d->end && rc == MODERATION_INFLATE_MORE;

    return idle ? MODERATION_INFLATE_MORE : -1;
}


/* an empty body is; there is no format to be broken off */

static int
is_whole(const ngx_http_moderation_inflate_t *d)
{
    unsigned  i;

    for (i = 0; i < d->n; i++) {
        if (!d->stages[i].whole && d->stages[i].in != 0) {
            return 0;
        }
    }

    return 1;
}


int
ngx_http_moderation_inflate(ngx_http_moderation_inflate_t *d,
    const uint8_t **in, const uint8_t *in_end, uint8_t **out,
    uint8_t *out_end, int last)
{
    int       rc;
    moderation_window_t  w;

    if (d->done) {
        *in = in_end;
        return d->done;
    }

    w.in = *in;
    w.in_end = in_end;
    w.out = *out;
    w.out_end = out_end;

    do {
        rc = w.out == w.out_end ? MODERATION_INFLATE_FULL
                                : run_once(d, &w, last);

        if (rc <= MODERATION_INFLATE_FULL && over_limits(d)) {
            rc = MODERATION_INFLATE_LIMIT;
        }

    } while (rc < 0);

    *in = w.in;
    *out = w.out;

    if (rc == MODERATION_INFLATE_MORE && last) {
        rc = is_whole(d) ? MODERATION_INFLATE_END : MODERATION_INFLATE_CUT;
    }

    if (rc > MODERATION_INFLATE_FULL) {
        d->done = rc;
        *in = in_end;
    }

    return rc;
}


void
ngx_http_moderation_inflate_stats(const ngx_http_moderation_inflate_t *d,
    moderation_inflate_stats_t *stats)
{
    unsigned  i;

    stats->in = d->stages[0].in;
    stats->out = d->stages[d->n - 1].out;
    stats->trailing = 0;

    for (i = 0; i < d->n; i++) {
        stats->trailing += d->stages[i].dropped;
    }
}
