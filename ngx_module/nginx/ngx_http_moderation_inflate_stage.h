/*
 * ngx_http_moderation_inflate_stage.h - one decoder of a compressed body.
 */

#ifndef NGX_HTTP_MODERATION_INFLATE_STAGE_H
#define NGX_HTTP_MODERATION_INFLATE_STAGE_H

#ifndef MODERATION_STANDALONE
#include <ngx_config.h>             /* what configure has found             */
#endif

#include "ngx_http_moderation_inflate.h"

#include <zlib.h>

#if (NGX_HTTP_MODERATION_BROTLI)
#include <brotli/decode.h>
#endif

#if (NGX_HTTP_MODERATION_ZSTD)
#include <zstd.h>
#include <zstd_errors.h>
#endif

#define MODERATION_ZSTD_MAGIC  4

typedef struct {
    uint8_t   encoding;
    uint8_t   whole;                /* what was read so far                 */
    uint8_t   trailing;             /* the rest is no more of this format   */
    uint8_t   open;                 /* the library's object is there        */
    uint8_t   head[MODERATION_ZSTD_MAGIC];  /* first bytes, until they do    */
    uint8_t   nhead;
    uint64_t  in, out, dropped;

    z_stream  z;
#if (NGX_HTTP_MODERATION_BROTLI)
    BrotliDecoderState  *br;
#endif
#if (NGX_HTTP_MODERATION_ZSTD)
    ZSTD_DStream        *zstd;
#endif
} moderation_stage_t;

typedef struct {
    const uint8_t  *in, *in_end;
    uint8_t        *out, *out_end;
} moderation_window_t;


/* MDR_OK or MDR_ERROR: no memory, or no such decoder */
int ngx_http_moderation_stage_open(moderation_stage_t *s, mdr_alloc_t *a,
    int encoding);
void ngx_http_moderation_stage_close(moderation_stage_t *s);
/* reads and writes what the window allows; MODERATION_INFLATE_* */
int ngx_http_moderation_stage_run(moderation_stage_t *s,
    moderation_window_t *w, mdr_alloc_t *a, int last);

#endif
