/*
 * ngx_http_moderation_inflate.h - compressed bodies, read as they stream.
 *
 * A decoder for what Content-Encoding names: gzip (any number of members),
 * deflate (zlib or raw, as browsers take both), br, zstd, and two of them one
 * over the other.  It knows no request and no pool; it is fed bytes, fills
 * the caller's buffers, and stops at limits.  br and zstd are there where
 * configure found the libraries (NGX_HTTP_MODERATION_BROTLI, _ZSTD).
 */

#ifndef NGX_HTTP_MODERATION_INFLATE_H
#define NGX_HTTP_MODERATION_INFLATE_H

#include "moderation.h"

#define MODERATION_ENCODINGS_MAX  2

enum { MODERATION_ENCODING_GZIP = 1, MODERATION_ENCODING_DEFLATE,
       MODERATION_ENCODING_BROTLI, MODERATION_ENCODING_ZSTD };

typedef struct {
    uint8_t  n;                     /* 0: identity                          */
    uint8_t  list[MODERATION_ENCODINGS_MAX];        /* in header order      */
    uint8_t  unknown;               /* a word that is no coding was there   */
} moderation_encodings_t;

/*
 * Adds a header line's value to *e (zeroed before the first line).
 * MDR_OK; MDR_ERROR: an encoding that is unknown, not built in, or one too
 * many: the body cannot be read.
 */
int ngx_http_moderation_encodings(const uint8_t *value, size_t len,
    moderation_encodings_t *e);


typedef struct {
    uint64_t  max_output;           /* bytes out in all; 0: no limit        */
    uint32_t  max_ratio;            /* out to in, of each decoder; 0: none  */
    uint64_t  ratio_from;           /* bytes out from which ratio counts    */
} moderation_inflate_limits_t;

/* HTML tables and indentation compress 50 to 1 and more; bombs 1000 and up */
#define MODERATION_INFLATE_RATIO       250
#define MODERATION_INFLATE_RATIO_FROM  (1024 * 1024)

typedef struct ngx_http_moderation_inflate_s  ngx_http_moderation_inflate_t;

/* NULL: no memory, or e holds nothing to undo.  alloc may be NULL (malloc)
 * and serves all but zstd, which takes its memory from the heap. */
ngx_http_moderation_inflate_t *ngx_http_moderation_inflate_new(
    const moderation_encodings_t *e, const moderation_inflate_limits_t *limits,
    const mdr_alloc_t *alloc);
void ngx_http_moderation_inflate_free(ngx_http_moderation_inflate_t *d);

enum { MODERATION_INFLATE_MORE,     /* all input is read, all output given  */
       MODERATION_INFLATE_FULL,     /* out is full: call again with room    */
       MODERATION_INFLATE_END,      /* last, and the body is whole          */
       MODERATION_INFLATE_CUT,      /* last, but the body is not whole      */
       MODERATION_INFLATE_LIMIT,    /* larger than the limits allow         */
       MODERATION_INFLATE_BROKEN,   /* no such format                       */
       MODERATION_INFLATE_ERROR };  /* memory                               */

/*
 * Reads from *in and writes to *out, moving both.  last: no input comes after
 * in_end.  After any result from END on the decoder is done: what was written
 * to out is good, and every further call gives the same result.  An empty
 * body is whole.  Bytes behind the end of a format are read and dropped.
 */
int ngx_http_moderation_inflate(ngx_http_moderation_inflate_t *d,
    const uint8_t **in, const uint8_t *in_end, uint8_t **out,
    uint8_t *out_end, int last);

typedef struct {
    uint64_t  in, out;              /* bytes so far                         */
    uint64_t  trailing;             /* dropped behind the end               */
} moderation_inflate_stats_t;

void ngx_http_moderation_inflate_stats(const ngx_http_moderation_inflate_t *d,
    moderation_inflate_stats_t *stats);

#endif
