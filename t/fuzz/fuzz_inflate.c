/*
 * fuzz_inflate.c - compressed bodies of any bytes: pieces give what the whole
 * gives, limits hold, nothing hangs.
 *
 * First byte: the encodings; second: sizes of pieces.
 */

#define MODERATION_STANDALONE       1
#define NGX_HTTP_MODERATION_BROTLI  1
#define NGX_HTTP_MODERATION_ZSTD    1

#include "../../ngx_module/nginx/ngx_http_moderation_inflate.c"
#include "../../ngx_module/nginx/ngx_http_moderation_inflate_stage.c"

#define MAX_OUTPUT  65536
#define ROOM        512


static int
run(const moderation_encodings_t *e, const uint8_t *p, size_t len,
    size_t piece, size_t room, uint32_t *sum, uint64_t *total)
{
    int                             rc;
    size_t                          i, n;
    uint8_t                        *o, *k, out[ROOM];
    const uint8_t                  *at;
    moderation_inflate_limits_t     limits;
    moderation_inflate_stats_t      st;
    ngx_http_moderation_inflate_t  *d;

    memset(&limits, 0, sizeof(limits));
    limits.max_output = MAX_OUTPUT;

    d = ngx_http_moderation_inflate_new(e, &limits, NULL);
    if (d == NULL) {
        abort();
    }

    *sum = 2166136261u;
    *total = 0;
    i = 0;

    do {
        n = piece < len - i ? piece : len - i;
        at = p + i;
        i += n;

        do {
            o = out;
            rc = ngx_http_moderation_inflate(d, &at, p + i, &o, out + room,
                                             i == len);
            for (k = out; k < o; k++) {
                *sum = (*sum ^ *k) * 16777619u;
            }
            *total += (uint64_t) (o - out);

            if (rc == MODERATION_INFLATE_FULL && o == out) {
                abort();
            }
        } while (rc == MODERATION_INFLATE_FULL);

        if (at != p + i) {
            abort();
        }
    } while (rc == MODERATION_INFLATE_MORE && i < len);

    ngx_http_moderation_inflate_stats(d, &st);
    if (st.out != *total || *total > MAX_OUTPUT + ROOM
        || rc == MODERATION_INFLATE_MORE)
    {
        abort();
    }

    ngx_http_moderation_inflate_free(d);

    return rc;
}


int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    int                     a, b, zstd;
    uint32_t                sum, sum2;
    uint64_t                total, total2;
    moderation_encodings_t  e;

    if (len < 2) {
        return 0;
    }

    e.n = (uint8_t) (1 + (p[0] >> 4) % 2);
    e.list[0] = (uint8_t) (1 + p[0] % 4);
    e.list[1] = (uint8_t) (1 + (p[0] >> 2) % 4);

    a = run(&e, p + 2, len - 2, len, ROOM, &sum, &total);
    b = run(&e, p + 2, len - 2, 1 + p[1] % 16, 1 + (size_t) p[1] / 16, &sum2,
            &total2);

    /* of a body that is broken or breaks off, how much comes out before that
     * shows may depend on the pieces; libzstd checks a frame's declared size
     * only where the room is large enough for all of it */

    zstd = e.list[0] == MODERATION_ENCODING_ZSTD
           || (e.n == 2 && e.list[1] == MODERATION_ENCODING_ZSTD);

    if (a == MODERATION_INFLATE_END && b == MODERATION_INFLATE_END) {
        if (sum != sum2 || total != total2) {
            abort();
        }

    } else if ((a == MODERATION_INFLATE_END || b == MODERATION_INFLATE_END)
               && !zstd)
    {
        abort();
    }

    return 0;
}
