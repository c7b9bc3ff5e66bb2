/*
 * ngx_http_moderation_inflate_stage.c - zlib, brotli and zstd behind one face.
 *
 * A stage never says that it has ended, only whether what it has read so far
 * is whole: another member or frame may follow.
 */

#include "ngx_http_moderation_inflate_stage.h"

#include <stdlib.h>
#include <string.h>


#define ZSTD_WINDOW_LOG  23         /* RFC 9659: 8 MB in Content-Encoding   */


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
open_zlib(moderation_stage_t *s, mdr_alloc_t *a, int bits)
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


int
ngx_http_moderation_stage_open(moderation_stage_t *s, mdr_alloc_t *a,
    int encoding)
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


void
ngx_http_moderation_stage_close(moderation_stage_t *s)
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


/* inflate over the window; avail_in and avail_out are 32 bits wide */

static int
zlib_step(moderation_stage_t *s, moderation_window_t *w)
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
replay_head(moderation_stage_t *s, moderation_window_t *w,
    int (*step)(moderation_stage_t *, moderation_window_t *))
{
    int       rc;
    moderation_window_t  h;

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
drop_rest(moderation_stage_t *s, moderation_window_t *w)
{
    s->trailing = 1;
    s->dropped += (uint64_t) (w->in_end - w->in) + s->nhead;
    s->nhead = 0;
    w->in = w->in_end;
}


/* members follow one another (RFC 1952, 2.2); anything else behind the
 * first, such as padding, is dropped */

static int
gzip_run(moderation_stage_t *s, moderation_window_t *w)
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
deflate_run(moderation_stage_t *s, moderation_window_t *w, mdr_alloc_t *a,
    int last)
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
brotli_run(moderation_stage_t *s, moderation_window_t *w)
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
zstd_step(moderation_stage_t *s, moderation_window_t *w)
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
zstd_run(moderation_stage_t *s, moderation_window_t *w)
{
    int  rc;

    for ( ;; ) {
        if (s->whole) {
            while (s->nhead < MODERATION_ZSTD_MAGIC && w->in < w->in_end) {
                s->head[s->nhead++] = *w->in++;

                if (!zstd_frame(s->head, s->nhead)) {
                    drop_rest(s, w);
                    return MODERATION_INFLATE_MORE;
                }
            }

            if (s->nhead < MODERATION_ZSTD_MAGIC) {
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


int
ngx_http_moderation_stage_run(moderation_stage_t *s, moderation_window_t *w,
    mdr_alloc_t *a, int last)
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
