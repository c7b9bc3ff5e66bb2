/*
 * ngx_http_moderation_inflate.c - every encoding, alone and in pairs, in
 * pieces of any size; bombs, broken and cut bodies, no memory.
 */

#define MODERATION_STANDALONE       1
#define NGX_HTTP_MODERATION_BROTLI  1
#define NGX_HTTP_MODERATION_ZSTD    1

#include "test.h"
#include "../../ngx_module/nginx/ngx_http_moderation_inflate.c"
#include "../../ngx_module/nginx/ngx_http_moderation_inflate_stage.c"

#include <brotli/encode.h>

#define PLAIN_BYTES  150000
#define SPACE_BYTES  400000

enum { FORM_GZIP, FORM_GZIP_MEMBERS, FORM_ZLIB, FORM_RAW, FORM_BROTLI,
       FORM_ZSTD, FORM_ZSTD_FRAMES, FORMS };

static const uint8_t  form_encoding[] = {
    MODERATION_ENCODING_GZIP, MODERATION_ENCODING_GZIP,
    MODERATION_ENCODING_DEFLATE, MODERATION_ENCODING_DEFLATE,
    MODERATION_ENCODING_BROTLI, MODERATION_ENCODING_ZSTD,
    MODERATION_ENCODING_ZSTD
};

static uint32_t  state = 1;


static uint32_t
rnd(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % n;
}


/* something like a page: words that repeat, numbers that do not */

static void
make_plain(uint8_t *p, size_t n)
{
    char    line[80];
    size_t  i, k, len;

    for (i = 0; i < n; i += k) {
        len = (size_t) snprintf(line, sizeof(line),
                                "<li class=card id=c%u><h3>title %u</h3>\n",
                                rnd(1000000), rnd(50));
        k = len < n - i ? len : n - i;
        memcpy(p + i, line, k);
    }
}


static size_t
pack_zlib(const uint8_t *p, size_t n, uint8_t *out, size_t cap, int bits)
{
    size_t    len;
    z_stream  z;

    memset(&z, 0, sizeof(z));
    deflateInit2(&z, 6, Z_DEFLATED, bits, 8, Z_DEFAULT_STRATEGY);
    z.next_in = (z_const Bytef *) p;
    z.avail_in = (uInt) n;
    z.next_out = out;
    z.avail_out = (uInt) cap;
    CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
    len = cap - z.avail_out;
    deflateEnd(&z);

    return len;
}


static size_t
pack(int form, const uint8_t *p, size_t n, uint8_t *out, size_t cap)
{
    size_t  len, half;

    half = n / 3;

    switch (form) {

    case FORM_GZIP:
        return pack_zlib(p, n, out, cap, 31);

    case FORM_GZIP_MEMBERS:
        len = pack_zlib(p, half, out, cap, 31);
        len += pack_zlib(p, 0, out + len, cap - len, 31);
        return len + pack_zlib(p + half, n - half, out + len, cap - len, 31);

    case FORM_ZLIB:
        return pack_zlib(p, n, out, cap, 15);

    case FORM_RAW:
        return pack_zlib(p, n, out, cap, -15);

    case FORM_BROTLI:
        len = cap;
        CHECK(BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, n, p, &len,
                                    out));
        return len;

    case FORM_ZSTD:
        return ZSTD_compress(out, cap, p, n, 3);

    default:
        len = ZSTD_compress(out, cap, p, half, 3);
        memcpy(out + len, "\x51\x2a\x4d\x18\x03\0\0\0abc", 11);
        len += 11;
        return len + ZSTD_compress(out + len, cap - len, p + half, n - half,
                                   3);
    }
}


/* all of in through d, in pieces of at most piece bytes (random where it is
 * negative); the result, and how much came out */

static int
unpack(ngx_http_moderation_inflate_t *d, const uint8_t *in, size_t n,
    uint8_t *out, size_t cap, int piece, size_t *got)
{
    int             rc, last;
    size_t          k, room, at;
    uint8_t        *o, *part, *room_part;
    const uint8_t  *p;

    *got = 0;
    at = 0;

    for ( ;; ) {
        k = piece > 0 ? (size_t) piece : rnd((uint32_t) -piece) + 1;
        if (k > n - at) {
            k = n - at;
        }

        last = at + k == n;

        part = malloc(k ? k : 1);
        memcpy(part, in + at, k);
        at += k;
        p = part;

        do {
            room = piece > 0 ? (size_t) piece : rnd((uint32_t) -piece) + 1;
            room_part = malloc(room);
            o = room_part;

            rc = ngx_http_moderation_inflate(d, &p, part + k, &o,
                                             room_part + room, last);
            room = (size_t) (o - room_part);
            CHECK(room <= cap - *got);
            if (room > cap - *got) {
                room = cap - *got;
            }
            memcpy(out + *got, room_part, room);
            *got += room;
            free(room_part);

        } while (rc == MODERATION_INFLATE_FULL);

        CHECK(p == part + k);
        free(part);

        if (last || rc > MODERATION_INFLATE_FULL) {
            return rc;
        }
    }
}


static ngx_http_moderation_inflate_t *
open_list(int a, int b, uint64_t max_output, uint32_t ratio)
{
    moderation_encodings_t       e;
    moderation_inflate_limits_t  l;

    e.n = b ? 2 : 1;
    e.list[0] = (uint8_t) a;
    e.list[1] = (uint8_t) b;
    l.max_output = max_output;
    l.max_ratio = ratio;
    l.ratio_from = 100000;

    return ngx_http_moderation_inflate_new(&e, &l, NULL);
}


static uint8_t  *plain, *first, *second, *result;


static void
round_trips(void)
{
    int                             a, b, i, rc;
    size_t                          n, m, got;
    moderation_inflate_stats_t      st;
    ngx_http_moderation_inflate_t  *d;

    static const int  pieces[] = { 100000, 4096, -300, 7, 1 };

    for (a = 0; a < FORMS; a++) {
        for (b = -1; b < FORMS; b++) {
            n = pack(a, plain, PLAIN_BYTES, first, SPACE_BYTES);
            m = n;
            if (b >= 0) {
                m = pack(b, first, n, second, SPACE_BYTES);
            } else {
                memcpy(second, first, n);
            }

            for (i = 0; i < 5; i++) {
                if (pieces[i] > 0 && pieces[i] < 10 && b >= 0 && a != b) {
                    continue;
                }

                d = open_list(form_encoding[a], b < 0 ? 0 : form_encoding[b],
                              0, 0);
                rc = unpack(d, second, m, result, SPACE_BYTES, pieces[i],
                            &got);
                CHECK(rc == MODERATION_INFLATE_END);
                CHECK(got == PLAIN_BYTES
                      && memcmp(result, plain, got) == 0);
                ngx_http_moderation_inflate_stats(d, &st);
                CHECK(st.in == m && st.out == PLAIN_BYTES);
                CHECK(st.trailing == 0);
                ngx_http_moderation_inflate_free(d);
            }
        }
    }
}


static void
cut_bodies(void)
{
    int                             a, rc;
    size_t                          n, k, got;
    ngx_http_moderation_inflate_t  *d;

    for (a = 0; a < FORMS; a++) {
        n = pack(a, plain, 700, first, SPACE_BYTES);

        for (k = 0; k < n; k++) {
            d = open_list(form_encoding[a], 0, 0, 0);
            rc = unpack(d, first, k, result, SPACE_BYTES, -40, &got);
            CHECK(rc == MODERATION_INFLATE_CUT
                  || (rc == MODERATION_INFLATE_END
                      && (k == 0 || a == FORM_GZIP_MEMBERS
                          || a == FORM_ZSTD_FRAMES)));
            CHECK(memcmp(result, plain, got) == 0);
            ngx_http_moderation_inflate_free(d);
        }
    }
}


static void
trailing_bytes(void)
{
    int                             a, i, rc;
    size_t                          n, got;
    moderation_inflate_stats_t      st;
    ngx_http_moderation_inflate_t  *d;

    static const char *const  tails[] = {
        "\n", "0000000000", "\x1f", "\x1fz", "\x28\xb5", "\x28\xb5xxxxx"
    };

    for (a = 0; a < FORMS; a++) {
        for (i = 0; i < 6; i++) {
            n = pack(a, plain, 5000, first, SPACE_BYTES);
            memcpy(first + n, tails[i], strlen(tails[i]));
            n += strlen(tails[i]);

            d = open_list(form_encoding[a], 0, 0, 0);
            rc = unpack(d, first, n, result, SPACE_BYTES, i & 1 ? 1 : -90,
                        &got);
            CHECK(rc == MODERATION_INFLATE_END);
            CHECK(got == 5000 && memcmp(result, plain, got) == 0);
            ngx_http_moderation_inflate_stats(d, &st);
            CHECK(st.in == n);
            CHECK(i == 2 || i == 4 || st.trailing == strlen(tails[i]));
            ngx_http_moderation_inflate_free(d);
        }
    }
}


static void
bombs(void)
{
    int                             a, b, rc;
    size_t                          n, m, got;
    uint8_t                        *zeros;
    ngx_http_moderation_inflate_t  *d;

    zeros = calloc(1, 8000000);

    for (a = 0; a < FORMS; a++) {
        n = pack(a, zeros, 8000000, first, SPACE_BYTES);

        d = open_list(form_encoding[a], 0, 0, 250);
        rc = unpack(d, first, n, result, SPACE_BYTES, 4096, &got);
        CHECK(rc == MODERATION_INFLATE_LIMIT);
        CHECK(got < 250000 + 4096 * 250);
        CHECK(ngx_http_moderation_inflate(d, &(const uint8_t *){ first },
                                          first + n, &(uint8_t *){ result },
                                          result + 10, 0)
              == MODERATION_INFLATE_LIMIT);
        ngx_http_moderation_inflate_free(d);

        d = open_list(form_encoding[a], 0, 200000, 0);
        rc = unpack(d, first, n, result, SPACE_BYTES, 1000, &got);
        CHECK(rc == MODERATION_INFLATE_LIMIT);
        CHECK(got > 200000 && got <= 201000);
        ngx_http_moderation_inflate_free(d);

        /* a bomb in a bomb: neither may run on */

        for (b = 0; b < FORMS; b++) {
            m = pack(b, first, n, second, SPACE_BYTES);
            d = open_list(form_encoding[a], form_encoding[b], 300000, 250);
            rc = unpack(d, second, m, result, SPACE_BYTES, 4096, &got);
            CHECK(rc == MODERATION_INFLATE_LIMIT);
            CHECK(got <= 310000);
            ngx_http_moderation_inflate_free(d);
        }
    }

    free(zeros);
}


static void
broken(void)
{
    int                             a, i, rc;
    int                             seen[MODERATION_INFLATE_ERROR + 1];
    size_t                          n, got;
    ngx_http_moderation_inflate_t  *d;

    memset(seen, 0, sizeof(seen));

    for (a = 0; a < FORMS; a++) {
        for (i = 0; i < 400; i++) {
            n = pack(a, plain, 3000, first, SPACE_BYTES);
            first[rnd((uint32_t) n)] ^= (uint8_t) (1 + rnd(255));

            d = open_list(form_encoding[a], 0, 100000, 0);
            rc = unpack(d, first, n, result, SPACE_BYTES, -500, &got);
            CHECK(rc >= MODERATION_INFLATE_END
                  && rc <= MODERATION_INFLATE_ERROR);
            seen[rc]++;
            ngx_http_moderation_inflate_free(d);
        }

        d = open_list(form_encoding[a], 0, 0, 0);
        rc = unpack(d, (const uint8_t *) "<html>plain text", 16, result,
                    SPACE_BYTES, 3, &got);
        CHECK(rc == MODERATION_INFLATE_BROKEN
              || rc == MODERATION_INFLATE_CUT);
        ngx_http_moderation_inflate_free(d);
    }

    CHECK(seen[MODERATION_INFLATE_BROKEN] > 1000);
}


static void
empty(void)
{
    int                             rc;
    size_t                          got;
    moderation_encodings_t          e;
    moderation_inflate_limits_t     l;
    ngx_http_moderation_inflate_t  *d;

    d = open_list(MODERATION_ENCODING_GZIP, MODERATION_ENCODING_BROTLI, 0, 0);
    rc = unpack(d, (const uint8_t *) "", 0, result, SPACE_BYTES, 10, &got);
    CHECK(rc == MODERATION_INFLATE_END && got == 0);
    ngx_http_moderation_inflate_free(d);
    ngx_http_moderation_inflate_free(NULL);

    memset(&e, 0, sizeof(e));
    memset(&l, 0, sizeof(l));
    CHECK(ngx_http_moderation_inflate_new(&e, &l, NULL) == NULL);
}


typedef struct {
    long  left;
    long  used;
} failing_t;


static void *
fail_alloc(void *ctx, size_t n)
{
    failing_t  *f = ctx;

    if (f->left-- <= 0) {
        return NULL;
    }
    f->used++;
    return malloc(n);
}


static void
fail_free(void *ctx, void *p)
{
    failing_t  *f = ctx;

    if (p != NULL) {
        f->used--;
    }
    free(p);
}


static void
no_memory(void)
{
    int                             a, i, rc, worked;
    size_t                          n, got;
    failing_t                       f;
    mdr_alloc_t                     alloc;
    moderation_encodings_t          e;
    moderation_inflate_limits_t     l;
    ngx_http_moderation_inflate_t  *d;

    memset(&l, 0, sizeof(l));
    memset(&alloc, 0, sizeof(alloc));
    alloc.alloc = fail_alloc;
    alloc.free = fail_free;
    alloc.ctx = &f;

    for (a = 0; a < FORMS; a++) {
        n = pack(a, plain, PLAIN_BYTES, first, SPACE_BYTES);
        e.n = 1;
        e.list[0] = form_encoding[a];
        worked = 0;

        for (i = 0; i < 40 && !worked; i++) {
            f.left = i;
            f.used = 0;

            d = ngx_http_moderation_inflate_new(&e, &l, &alloc);
            if (d != NULL) {
                rc = unpack(d, first, n, result, SPACE_BYTES, 5000, &got);
                CHECK(rc == MODERATION_INFLATE_ERROR
                      || rc == MODERATION_INFLATE_END);
                worked = rc == MODERATION_INFLATE_END;
                ngx_http_moderation_inflate_free(d);
            }

            CHECK(f.used == 0);
        }

        CHECK(worked && i > 1);
    }
}


static int
list(const char *value, moderation_encodings_t *e)
{
    return ngx_http_moderation_encodings((const uint8_t *) value,
                                         strlen(value), e);
}


static void
header(void)
{
    moderation_encodings_t  e;

    memset(&e, 0, sizeof(e));
    CHECK(list("", &e) == MDR_OK && e.n == 0);
    CHECK(list(" identity ,", &e) == MDR_OK && e.n == 0);
    CHECK(list("GZip", &e) == MDR_OK && e.n == 1
          && e.list[0] == MODERATION_ENCODING_GZIP);
    CHECK(list("identity, br", &e) == MDR_OK && e.n == 2
          && e.list[1] == MODERATION_ENCODING_BROTLI);
    CHECK(list("br", &e) == MDR_ERROR);

    memset(&e, 0, sizeof(e));
    CHECK(list("deflate\t,zstd", &e) == MDR_OK && e.n == 2
          && e.list[0] == MODERATION_ENCODING_DEFLATE
          && e.list[1] == MODERATION_ENCODING_ZSTD);

    memset(&e, 0, sizeof(e));
    CHECK(list("x-gzip", &e) == MDR_OK && e.n == 1);

    memset(&e, 0, sizeof(e));
    CHECK(list("compress", &e) == MDR_ERROR);

    /* what no browser undoes is nothing to undo, and is said */

    CHECK(list("gzip;q=1", &e) == MDR_OK && e.n == 0 && e.unknown);
    memset(&e, 0, sizeof(e));
    CHECK(list("gzipx", &e) == MDR_OK && e.n == 0 && e.unknown);
    memset(&e, 0, sizeof(e));
    CHECK(list("br br", &e) == MDR_OK && e.n == 0 && e.unknown);
}


int
main(void)
{
    plain = malloc(PLAIN_BYTES);
    first = malloc(SPACE_BYTES);
    second = malloc(SPACE_BYTES);
    result = malloc(SPACE_BYTES);
    make_plain(plain, PLAIN_BYTES);

    test_begin("every encoding and every pair, in pieces");
    round_trips();

    test_begin("bodies that break off");
    cut_bodies();

    test_begin("bytes behind the end");
    trailing_bytes();

    test_begin("bombs");
    bombs();

    test_begin("broken bodies");
    broken();

    test_begin("nothing at all");
    empty();

    test_begin("no memory");
    no_memory();

    test_begin("Content-Encoding");
    header();

    free(plain);
    free(first);
    free(second);
    free(result);

    return test_done();
}
