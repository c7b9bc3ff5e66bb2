/*
 * stages.c - the engine's and the module's parts, each alone.
 *
 *   stages charset LABEL FILE      decoding to UTF-8 with positions
 *   stages text FILE               a text of each line: built, finished
 *   stages match POLICY FILE       folds and matches the lines of FILE as
 *                                  the first field of the first slot
 *   stages scan POLICY FILE        the whole way, nothing else: for profilers
 *   stages inflate ENCODING FILE   FILE is packed first; MB/s of what comes
 *                                  out
 */

#define MODERATION_STANDALONE  1

#include "bench.h"
#include "text/charset.h"
#include "policy/policy.h"

#if __has_include(<brotli/encode.h>)
#include <brotli/encode.h>
#define NGX_HTTP_MODERATION_BROTLI  1
#endif

#if __has_include(<zstd.h>)
#include <zstd.h>
#define NGX_HTTP_MODERATION_ZSTD  1
#endif

#include "../../ngx_module/nginx/ngx_http_moderation_inflate.c"
#include "../../ngx_module/nginx/ngx_http_moderation_inflate_stage.c"

#define PIECE        16384
#define BATCH_BYTES  4096
#define BATCH_ITEMS  128

typedef struct {
    uint8_t                *data;
    size_t                  len;
    unsigned long long      hits;

    int                     cs;
    mdr_text_t              text;

    mdr_policy_t           *policy;
    mdr_match_work_t       *work;
    mdr_work_t             *scan_work;
    mdr_subject_t          *subjects;
    size_t                  nsubjects;

    uint8_t                *packed;
    size_t                  npacked;
    moderation_encodings_t  encodings;
} stage_run_t;


static void
run_charset(void *ctx)
{
    size_t          i, n;
    stage_run_t    *r = ctx;
    mdr_decoder_t   d;

    mdr_decoder_init(&d, r->cs);

    for (i = 0; i < r->len; i += n) {
        n = r->len - i < PIECE ? r->len - i : PIECE;
        mdr_text_clear(&r->text);

        if (mdr_decode(&d, r->data + i, n, i, i + n == r->len, &r->text)
            != MDR_OK)
        {
            exit(2);
        }
    }

    r->hits = d.invalid;
}


static void
run_text(void *ctx)
{
    stage_run_t    *r = ctx;
    const uint8_t  *p, *end, *nl;

    end = r->data + r->len;

    for (p = r->data; p < end; p = nl + 1) {
        nl = memchr(p, '\n', (size_t) (end - p));
        if (nl == NULL) {
            nl = end;
        }

        mdr_text_clear(&r->text);
        if (mdr_text_copy(&r->text, 0, p, (size_t) (nl - p)) != MDR_OK
            || mdr_text_finish(&r->text) != MDR_OK)
        {
            exit(2);
        }
        r->hits++;
    }
}


static void
run_match(void *ctx)
{
    size_t          i, n, bytes;
    stage_run_t    *r = ctx;
    mdr_raw_hits_t  hits;

    memset(&hits, 0, sizeof(hits));
    r->hits = 0;

    for (i = 0; i < r->nsubjects; i += n) {
        bytes = 0;

        for (n = 0; n < BATCH_ITEMS && i + n < r->nsubjects
                    && bytes < BATCH_BYTES; n++)
        {
            bytes += r->subjects[i + n].len;
        }

        if (mdr_match(r->policy->matcher, r->work, r->subjects + i, n, &hits)
            != MDR_OK)
        {
            exit(2);
        }
        r->hits += hits.n;
    }

    free(hits.hits);
}


static void
run_inflate(void *ctx)
{
    int                             rc;
    uint8_t                        *o;
    stage_run_t                    *r = ctx;
    const uint8_t                  *p;
    moderation_inflate_limits_t     limits;
    ngx_http_moderation_inflate_t  *d;

    static uint8_t  out[PIECE];

    memset(&limits, 0, sizeof(limits));
    d = ngx_http_moderation_inflate_new(&r->encodings, &limits, NULL);
    p = r->packed;

    do {
        o = out;
        rc = ngx_http_moderation_inflate(d, &p, r->packed + r->npacked, &o,
                                         out + PIECE, 1);
    } while (rc == MODERATION_INFLATE_FULL);

    if (rc != MODERATION_INFLATE_END) {
        exit(2);
    }

    ngx_http_moderation_inflate_free(d);
}


static void
run_scan(void *ctx)
{
    mdr_scan_t        *scan;
    stage_run_t       *r = ctx;
    mdr_scan_conf_t    conf;
    mdr_scan_stats_t   st;

    memset(&conf, 0, sizeof(conf));
    conf.mode = MDR_MODE_SHADOW;

    scan = mdr_scan_new(r->policy, r->scan_work, &conf);
    if (scan == NULL || mdr_scan_feed(scan, r->data, r->len) != MDR_OK
        || mdr_scan_finish(scan) != MDR_OK)
    {
        exit(2);
    }

    mdr_scan_stats(scan, &st);
    r->hits = st.hits;
    mdr_scan_free(scan);
}


static int
charset(stage_run_t *r, const char *label)
{
    char  name[64];

    r->cs = mdr_charset_label(label, strlen(label));
    if (r->cs == MDR_CS_NONE) {
        fprintf(stderr, "stages: unknown charset %s\n", label);
        return 2;
    }

    mdr_text_init(&r->text, mdr_mem_default(), SIZE_MAX);
    snprintf(name, sizeof(name), "charset %s", mdr_charset_name(r->cs));
    bench_run(name, r->len, run_charset, r, 0, 0, &r->hits);

    return 0;
}


static int
load(stage_run_t *r, const char *path, double *built)
{
    size_t           i;
    double           from;
    mdr_diags_t     *diags;
    mdr_load_conf_t  conf;

    memset(&conf, 0, sizeof(conf));
    conf.alloc = mdr_mem_default();
    diags = mdr_diags_new(conf.alloc);
    from = bench_ns();

    if (mdr_policy_load(path, &conf, diags, &r->policy) != MDR_OK) {
        for (i = 0; i < mdr_diags_count(diags); i++) {
            fprintf(stderr, "%s\n", mdr_diags_get(diags, i)->text);
        }
        return MDR_ERROR;
    }

    *built = (bench_ns() - from) / 1e6;
    r->work = mdr_match_work_new(conf.alloc);
    r->scan_work = mdr_work_new(conf.alloc);

    return MDR_OK;
}


static int
match(stage_run_t *r, const char *path)
{
    char                name[80];
    size_t              cap;
    double              built;
    const uint8_t      *p, *end, *nl;
    mdr_policy_info_t   info;

    if (load(r, path, &built) != MDR_OK) {
        return 2;
    }

    mdr_policy_info(r->policy, &info);
    end = r->data + r->len;
    cap = 0;

    for (p = r->data; p < end; p = nl + 1) {
        nl = memchr(p, '\n', (size_t) (end - p));
        if (nl == NULL) {
            nl = end;
        }

        if (r->nsubjects == cap) {
            cap = cap ? cap * 2 : 1024;
            r->subjects = realloc(r->subjects, cap * sizeof(mdr_subject_t));
            if (r->subjects == NULL) {
                return 2;
            }
        }

        memset(&r->subjects[r->nsubjects], 0, sizeof(mdr_subject_t));
        r->subjects[r->nsubjects].data = p;
        r->subjects[r->nsubjects].len = (uint32_t) (nl - p);
        r->nsubjects++;
    }

    snprintf(name, sizeof(name), "match %llu",
             (unsigned long long) info.terms);
    bench_run(name, r->len, run_match, r, built, r->policy->image_size,
              &r->hits);

    return 0;
}


static int
scan_page(stage_run_t *r, const char *path)
{
    double  built;

    if (load(r, path, &built) != MDR_OK) {
        return 2;
    }

    bench_run("scan", r->len, run_scan, r, built, r->policy->image_size,
              &r->hits);

    return 0;
}


static int
inflate_speed(stage_run_t *r, const char *encoding)
{
    char      name[64];
    size_t    cap;
    z_stream  z;

    if (ngx_http_moderation_encodings((const uint8_t *) encoding,
                                      strlen(encoding), &r->encodings)
        != MDR_OK)
    {
        fprintf(stderr, "stages: %s is not built in\n", encoding);
        return 2;
    }

    cap = r->len * 2 + 65536;
    r->packed = malloc(cap);

    switch (r->encodings.list[0]) {

#if (NGX_HTTP_MODERATION_BROTLI)
    case MODERATION_ENCODING_BROTLI:
        r->npacked = cap;
        if (!BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, r->len, r->data,
                                   &r->npacked, r->packed))
        {
            return 2;
        }
        break;
#endif

#if (NGX_HTTP_MODERATION_ZSTD)
    case MODERATION_ENCODING_ZSTD:
        r->npacked = ZSTD_compress(r->packed, cap, r->data, r->len, 3);
        break;
#endif

    default:
        memset(&z, 0, sizeof(z));
        deflateInit2(&z, 6, Z_DEFLATED,
                     r->encodings.list[0] == MODERATION_ENCODING_GZIP
                     ? 31 : 15, 8, Z_DEFAULT_STRATEGY);
        z.next_in = r->data;
        z.avail_in = (uInt) r->len;
        z.next_out = r->packed;
        z.avail_out = (uInt) cap;
        if (deflate(&z, Z_FINISH) != Z_STREAM_END) {
            return 2;
        }
        r->npacked = cap - z.avail_out;
        deflateEnd(&z);
        break;
    }

    snprintf(name, sizeof(name), "inflate %s", encoding);
    bench_run(name, r->len, run_inflate, r, 0, r->npacked, NULL);

    return 0;
}


int
main(int argc, char **argv)
{
    stage_run_t  r;

    memset(&r, 0, sizeof(r));

    if (argc == 3 && strcmp(argv[1], "text") == 0) {
        r.data = bench_read(argv[2], &r.len);
        mdr_text_init(&r.text, mdr_mem_default(), SIZE_MAX);
        bench_run("text", r.len, run_text, &r, 0, 0, NULL);
        return 0;
    }

    if (argc == 4) {
        r.data = bench_read(argv[3], &r.len);

        if (strcmp(argv[1], "charset") == 0) {
            return charset(&r, argv[2]);
        }

        if (strcmp(argv[1], "match") == 0) {
            return match(&r, argv[2]);
        }

        if (strcmp(argv[1], "scan") == 0) {
            return scan_page(&r, argv[2]);
        }

        if (strcmp(argv[1], "inflate") == 0) {
            return inflate_speed(&r, argv[2]);
        }
    }

    fprintf(stderr, "stages: see the head of stages.c\n");

    return 2;
}
