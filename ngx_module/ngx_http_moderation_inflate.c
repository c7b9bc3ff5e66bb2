/*
 * ngx_http_moderation_inflate.c - compressed bodies, read as they stream.
 *
 * One decoder is a stage: bytes in, bytes out, whole or not.  A body with two
 * encodings is two stages with a buffer between them.  A stage never says
 * that it has ended, only whether what it has read so far is whole, because
 * another member or frame may follow; the end of the input decides.
 */

#ifndef MODERATION_STANDALONE
#include <ngx_config.h>             /* what configure has found             */
#endif

#include "ngx_http_moderation_inflate.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#if (NGX_HTTP_MODERATION_BROTLI)
#include <brotli/decode.h>
#endif

#if (NGX_HTTP_MODERATION_ZSTD)
#include <zstd.h>
#include <zstd_errors.h>
#endif

#define BETWEEN_BYTES    16384
#define ZSTD_WINDOW_LOG  23         /* RFC 9659: 8 MB in Content-Encoding   */
#define ZSTD_MAGIC       4

typedef struct {
    uint8_t   encoding;
    uint8_t   whole;                /* what was read so far                 */
    uint8_t   trailing;             /* the rest is no more of this format   */
    uint8_t   open;                 /* the library's object is there        */
    uint8_t   head[ZSTD_MAGIC];     /* first bytes, until they are enough   */
    uint8_t   nhead;
    uint64_t  in, out, dropped;

    z_stream  z;
#if (NGX_HTTP_MODERATION_BROTLI)
    BrotliDecoderState  *br;
#endif
#if (NGX_HTTP_MODERATION_ZSTD)
    ZSTD_DStream        *zstd;
#endif
} stage_t;

struct ngx_http_moderation_inflate_s {
    mdr_alloc_t                  alloc;
    moderation_inflate_limits_t  limits;
    unsigned                     n;
    int                          done;      /* result, once it is final     */
    uint8_t                     *between;   /* of stage 0, not read yet     */
    const uint8_t               *pos, *end;
    stage_t                      stages[MODERATION_ENCODINGS_MAX];
};

typedef struct {
    const uint8_t  *in, *in_end;
    uint8_t        *out, *out_end;
} window_t;


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

        } else {
            return MDR_ERROR;
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


static void *
zlib_alloc(void *ctx, unsigned items, unsigned size)
{
    mdr_alloc_t  *a = ctx;

    if (size != 0 && items > SIZE_MAX / size) {
        return NULL;
    }

    return a->alloc(a->ctx, (size_t) items * size);
}


static void
any_free(void *ctx, void *p)
{
    mdr_alloc_t  *a = ctx;

    if (p != NULL) {
        a->free(a->ctx, p);
    }
}


#if (NGX_HTTP_MODERATION_BROTLI)

static void *
brotli_alloc(void *ctx, size_t n)
{
    mdr_alloc_t  *a = ctx;

    return a->alloc(a->ctx, n);
}

#endif


static int
open_zlib(stage_t *s, mdr_alloc_t *a, int bits)
{
    s->z.zalloc = zlib_alloc;
    s->z.zfree = any_free;
    s->z.opaque = a;

    if (inflateInit2(&s->z, bits) != Z_OK) {
        return MDR_ERROR;
    }

    s->open = 1;

    return MDR_OK;
}


static int
open_stage(stage_t *s, mdr_alloc_t *a, int encoding)
{
    s->encoding = (uint8_t) encoding;

    switch (encoding) {

    case MODERATION_ENCODING_GZIP:
        return open_zlib(s, a, 15 + 16);

    case MODERATION_ENCODING_DEFLATE:
        return MDR_OK;              /* which one shows in the first bytes   */

#if (NGX_HTTP_MODERATION_BROTLI)
    case MODERATION_ENCODING_BROTLI:
        s->br = BrotliDecoderCreateInstance(brotli_alloc, any_free, a);
        s->open = s->br != NULL;
        break;
#endif

#if (NGX_HTTP_MODERATION_ZSTD)
    case MODERATION_ENCODING_ZSTD:
        s->zstd = ZSTD_createDStream();
        s->open = s->zstd != NULL;

        if (s->open
            && ZSTD_isError(ZSTD_DCtx_setParameter(s->zstd,
                                ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG)))
        {
            return MDR_ERROR;
        }
        break;
#endif

    default:
        break;
    }

    return s->open ? MDR_OK : MDR_ERROR;
}


static void
close_stage(stage_t *s)
{
    if (!s->open) {
        return;
    }

    s->open = 0;

    switch (s->encoding) {

#if (NGX_HTTP_MODERATION_BROTLI)
    case MODERATION_ENCODING_BROTLI:
        BrotliDecoderDestroyInstance(s->br);
        break;
#endif

#if (NGX_HTTP_MODERATION_ZSTD)
    case MODERATION_ENCODING_ZSTD:
        ZSTD_freeDStream(s->zstd);
        break;
#endif

    default:
        inflateEnd(&s->z);
        break;
    }
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
        if (open_stage(&d->stages[i], &d->alloc, e->list[d->n - 1 - i])
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
        close_stage(&d->stages[i]);
    }

    a = d->alloc;
    any_free(&a, d->between);
    a.free(a.ctx, d);
}


/* inflate over the window; avail_in and avail_out are 32 bits wide */

static int
zlib_step(stage_t *s, window_t *w)
{
    int     rc;
    size_t  in, out;

    in = (size_t) (w->in_end - w->in);
    out = (size_t) (w->out_end - w->out);

    if (in > 1 << 30) {
        in = 1 << 30;
    }
    if (out > 1 << 30) {
        out = 1 << 30;
    }

    s->z.next_in = (z_const Bytef *) w->in;
    s->z.avail_in = (uInt) in;
    s->z.next_out = w->out;
    s->z.avail_out = (uInt) out;

    rc = inflate(&s->z, Z_SYNC_FLUSH);

    w->in += in - s->z.avail_in;
    w->out += out - s->z.avail_out;

    switch (rc) {

    case Z_STREAM_END:
        s->whole = 1;
        return MODERATION_INFLATE_MORE;

    case Z_OK:
    case Z_BUF_ERROR:
        return s->z.avail_out == 0 ? MODERATION_INFLATE_FULL
                                   : MODERATION_INFLATE_MORE;

    case Z_MEM_ERROR:
        return MODERATION_INFLATE_ERROR;

    default:
        return MODERATION_INFLATE_BROKEN;
    }
}


/* bytes that were held back to be looked at, through the decoder */

static int
replay_head(stage_t *s, window_t *w, int (*step)(stage_t *, window_t *))
{
    int       rc;
    window_t  h;

    h.in = s->head;
    h.in_end = s->head + s->nhead;
    h.out = w->out;
    h.out_end = w->out_end;

    rc = step(s, &h);

    w->out = h.out;
    s->nhead = (uint8_t) (h.in_end - h.in);
    memmove(s->head, h.in, s->nhead);

    return rc;
}


static void
drop_rest(stage_t *s, window_t *w)
{
    s->trailing = 1;
    s->dropped += (uint64_t) (w->in_end - w->in) + s->nhead;
    s->nhead = 0;
    w->in = w->in_end;
}


/* members follow one another (RFC 1952, 2.2); anything else behind the
 * first, such as padding, is dropped */

static int
gzip_run(stage_t *s, window_t *w)
{
    int  rc;

    static const uint8_t  magic[2] = { 0x1f, 0x8b };

    for ( ;; ) {
        if (s->whole) {
            while (s->nhead < 2 && w->in < w->in_end
                   && *w->in == magic[s->nhead])
            {
                s->head[s->nhead++] = *w->in++;
            }

            if (s->nhead < 2) {
                if (w->in < w->in_end) {
                    drop_rest(s, w);
                }
                return MODERATION_INFLATE_MORE;
            }

            if (inflateReset(&s->z) != Z_OK) {
                return MODERATION_INFLATE_BROKEN;
            }

            s->whole = 0;
            rc = replay_head(s, w, zlib_step);
            if (rc != MODERATION_INFLATE_MORE) {
                return rc;
            }
        }

        rc = zlib_step(s, w);
        if (rc != MODERATION_INFLATE_MORE || !s->whole) {
            return rc;
        }
    }
}


/* "deflate" is the zlib format (RFC 9110, 8.4.1.2), but servers send the raw
 * one as well */

static int
deflate_run(stage_t *s, window_t *w, mdr_alloc_t *a, int last)
{
    int  rc, zlib;

    if (!s->open) {
        while (s->nhead < 2 && w->in < w->in_end) {
            s->head[s->nhead++] = *w->in++;
        }

        if (s->nhead < 2 && !(last && s->nhead == 1)) {
            return MODERATION_INFLATE_MORE;
        }

        zlib = s->nhead == 2 && (s->head[0] & 0x0f) == 8
               && (s->head[0] << 8 | s->head[1]) % 31 == 0;

        if (open_zlib(s, a, zlib ? 15 : -15) != MDR_OK) {
            return MODERATION_INFLATE_ERROR;
        }
    }

    while (s->nhead != 0 && !s->whole) {
        rc = replay_head(s, w, zlib_step);
        if (rc != MODERATION_INFLATE_MORE) {
            return rc;
        }
    }

    rc = MODERATION_INFLATE_MORE;

    if (!s->whole) {
        rc = zlib_step(s, w);
    }

    if (s->whole && (w->in < w->in_end || s->nhead != 0)) {
        drop_rest(s, w);
    }

    return rc;
}


#if (NGX_HTTP_MODERATION_BROTLI)

static int
brotli_run(stage_t *s, window_t *w)
{
    size_t               in, out;
    BrotliDecoderResult  rc;

    if (s->whole) {
        if (w->in < w->in_end) {
            drop_rest(s, w);
        }
        return MODERATION_INFLATE_MORE;
    }

    in = (size_t) (w->in_end - w->in);
    out = (size_t) (w->out_end - w->out);

    rc = BrotliDecoderDecompressStream(s->br, &in, &w->in, &out, &w->out,
                                       NULL);
    switch (rc) {

    case BROTLI_DECODER_RESULT_SUCCESS:
        s->whole = 1;
        if (w->in < w->in_end) {
            drop_rest(s, w);
        }
        return MODERATION_INFLATE_MORE;

    case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
        return MODERATION_INFLATE_MORE;

    case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
        return MODERATION_INFLATE_FULL;

    default:
        switch (BrotliDecoderGetErrorCode(s->br)) {

        case BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES:
        case BROTLI_DECODER_ERROR_ALLOC_TREE_GROUPS:
        case BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MAP:
        case BROTLI_DECODER_ERROR_ALLOC_RING_BUFFER_1:
        case BROTLI_DECODER_ERROR_ALLOC_RING_BUFFER_2:
        case BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES:
            return MODERATION_INFLATE_ERROR;

        default:
            return MODERATION_INFLATE_BROKEN;
        }
    }
}

#endif


#if (NGX_HTTP_MODERATION_ZSTD)

static int
zstd_step(stage_t *s, window_t *w)
{
    size_t          rc;
    ZSTD_inBuffer   in;
    ZSTD_outBuffer  out;

    in.src = w->in;
    in.size = (size_t) (w->in_end - w->in);
    in.pos = 0;
    out.dst = w->out;
    out.size = (size_t) (w->out_end - w->out);
    out.pos = 0;

    rc = ZSTD_decompressStream(s->zstd, &out, &in);

    w->in += in.pos;
    w->out += out.pos;

    if (ZSTD_isError(rc)) {
        return ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation
               ? MODERATION_INFLATE_ERROR : MODERATION_INFLATE_BROKEN;
    }

    s->whole = rc == 0;

    return out.pos == out.size && rc != 0 ? MODERATION_INFLATE_FULL
                                          : MODERATION_INFLATE_MORE;
}


/* does head begin a frame (RFC 8878, 3.1) as far as it goes? */

static int
zstd_frame(const uint8_t *head, size_t n)
{
    static const uint8_t  frame[4] = { 0x28, 0xb5, 0x2f, 0xfd };
    static const uint8_t  skippable[4] = { 0x50, 0x2a, 0x4d, 0x18 };

    return memcmp(head, frame, n) == 0
           || ((head[0] & 0xf0) == skippable[0]
               && memcmp(head + 1, skippable + 1, n - 1) == 0);
}


/* frames follow one another; anything else behind the first is dropped */

static int
zstd_run(stage_t *s, window_t *w)
{
    int  rc;

    for ( ;; ) {
        if (s->whole) {
            while (s->nhead < ZSTD_MAGIC && w->in < w->in_end) {
                s->head[s->nhead++] = *w->in++;

                if (!zstd_frame(s->head, s->nhead)) {
                    drop_rest(s, w);
                    return MODERATION_INFLATE_MORE;
                }
            }

            if (s->nhead < ZSTD_MAGIC) {
                return MODERATION_INFLATE_MORE;
            }

            s->whole = 0;
        }

        while (s->nhead != 0) {
            rc = replay_head(s, w, zstd_step);
            if (rc != MODERATION_INFLATE_MORE) {
                return rc;
            }
        }

        rc = zstd_step(s, w);
        if (rc != MODERATION_INFLATE_MORE || !s->whole) {
            return rc;
        }
    }
}

#endif


static int
run_stage(stage_t *s, window_t *w, mdr_alloc_t *a, int last)
{
    int             rc;
    uint8_t        *out;
    const uint8_t  *in;

    if (s->trailing) {
        s->in += (uint64_t) (w->in_end - w->in);
        drop_rest(s, w);
        return MODERATION_INFLATE_MORE;
    }

    in = w->in;
    out = w->out;

    switch (s->encoding) {

    case MODERATION_ENCODING_GZIP:
        rc = gzip_run(s, w);
        break;

#if (NGX_HTTP_MODERATION_BROTLI)
    case MODERATION_ENCODING_BROTLI:
        rc = brotli_run(s, w);
        break;
#endif

#if (NGX_HTTP_MODERATION_ZSTD)
    case MODERATION_ENCODING_ZSTD:
        rc = zstd_run(s, w);
        break;
#endif

    default:
        rc = deflate_run(s, w, a, last);
        break;
    }

    s->in += (uint64_t) (w->in - in);
    s->out += (uint64_t) (w->out - out);

    return rc;
}


static int
over_limits(const ngx_http_moderation_inflate_t *d)
{
    unsigned        i;
    const stage_t  *s;

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
run_once(ngx_http_moderation_inflate_t *d, window_t *w, int last)
{
    int       rc, idle;
    window_t  m;

    if (d->n == 1) {
        return run_stage(&d->stages[0], w, &d->alloc, last);
    }

    m.in = d->pos;
    m.in_end = d->end;
    m.out = w->out;
    m.out_end = w->out_end;

    rc = run_stage(&d->stages[1], &m, &d->alloc, 0);

    d->pos = m.in;
    w->out = m.out;

    if (rc != MODERATION_INFLATE_MORE) {
        return rc;
    }

    m.in = w->in;
    m.in_end = w->in_end;
    m.out = d->between;
    m.out_end = d->between + BETWEEN_BYTES;

    rc = run_stage(&d->stages[0], &m, &d->alloc, last);

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
    window_t  w;

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
