/*
 * cmd_bench.c - `moderationctl bench`: how fast the engine reads one body.
 *
 * The body is scanned whole, several times; the medians are printed as one
 * JSON line.  scanner_mbps is the way without the matcher (a policy's slots
 * with all rules taken away cost the same scan), mbps the whole way from
 * scanner to verdict, memcpy_mbps a memcpy of the body, all in one run.
 */

#define _POSIX_C_SOURCE 200809L

#include "cli.h"

#include "moderation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


#define RUNS  9
#define MIN_NS  40000000.0      /* a run is at least so long                */


static double
now_ns(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}


static int
by_value(const void *a, const void *b)
{
    double  x = *(const double *) a, y = *(const double *) b;

    return x < y ? -1 : x > y;
}


static double
median(double *v, int n)
{
    qsort(v, (size_t) n, sizeof(double), by_value);

    return v[n / 2];
}


static char *
read_file(const char *path, size_t *len)
{
    char    *p, *q;
    FILE    *f;
    size_t   cap, n;

    f = fopen(path, "rb");
    if (f == NULL) {
        return NULL;
    }

    cap = 1 << 16;
    p = malloc(cap);
    *len = 0;

    while (p != NULL && (n = fread(p + *len, 1, cap - *len, f)) > 0) {
        *len += n;
        if (*len == cap) {
            cap *= 2;
            q = realloc(p, cap);
            if (q == NULL) {
                free(p);
                p = NULL;
            } else {
                p = q;
            }
        }
    }

    if (ferror(f)) {
        free(p);
        p = NULL;
    }

    fclose(f);

    return p;
}


/* ns a pass, the best mean of enough passes */

static double
scan_ns(const mdr_policy_t *p, mdr_work_t *work, const mdr_scan_conf_t *conf,
    const char *body, size_t len, mdr_scan_stats_t *stats)
{
    int          n;
    double       from, used;
    mdr_scan_t  *scan;

    n = 0;
    from = now_ns();

    do {
        scan = mdr_scan_new(p, work, conf);
        if (scan == NULL
            || mdr_scan_feed(scan, (const uint8_t *) body, len) == MDR_ERROR
            || mdr_scan_finish(scan) == MDR_ERROR)
        {
            fprintf(stderr, "moderationctl: out of memory\n");
            exit(2);
        }

        mdr_scan_stats(scan, stats);
        mdr_scan_free(scan);
        n++;
        used = now_ns() - from;
    } while (used < MIN_NS);

    return used / n;
}


static double
memcpy_ns(const char *body, size_t len, char *to)
{
    int       n;
    double    from, used;

    n = 0;
    from = now_ns();

    do {
        memcpy(to, body, len);
        __asm__ volatile("" : : "r" (to) : "memory");
        n++;
        used = now_ns() - from;
    } while (used < MIN_NS);

    return used / n;
}


int
cmd_bench(int argc, char **argv)
{
    int                i;
    char              *body, *to;
    size_t             len, image_size;
    double             build, built[RUNS], whole[RUNS], bare[RUNS],
                       copy[RUNS], ns;
    const void        *image;
    const char        *policy, *file, *opt;
    mdr_work_t        *work;
    mdr_policy_t      *p;
    mdr_scan_conf_t    conf;
    mdr_scan_stats_t   stats, st;
    mdr_policy_info_t  info;

    memset(&conf, 0, sizeof(conf));
    policy = NULL;
    file = NULL;

    for (i = 0; i < argc; i++) {
        opt = argv[i];

        if (opt[0] != '-') {
            if (file != NULL) {
                return cli_usage("bench");
            }
            file = opt;
            continue;
        }

        if (++i == argc) {
            return cli_usage("bench");
        }

        if (strcmp(opt, "--policy") == 0) {
            policy = argv[i];

        } else if (strcmp(opt, "--charset") == 0) {
            conf.charset = argv[i];

        } else if (strcmp(opt, "--type") == 0) {
            conf.type = (uint8_t) (strcmp(argv[i], "html") == 0
                                   ? MDR_TYPE_HTML
                                   : strcmp(argv[i], "json") == 0
                                   ? MDR_TYPE_JSON
                                   : strcmp(argv[i], "ndjson") == 0
                                   ? MDR_TYPE_NDJSON
                                   : strcmp(argv[i], "jsonp") == 0
                                   ? MDR_TYPE_JSONP : MDR_TYPE_NONE);
            if (conf.type == MDR_TYPE_NONE) {
                return cli_usage("bench");
            }

        } else {
            return cli_usage("bench");
        }
    }

    if (policy == NULL || file == NULL) {
        return cli_usage("bench");
    }

    body = read_file(file, &len);
    if (body == NULL || len == 0) {
        fprintf(stderr, "moderationctl: %s: %s\n", file,
                body == NULL ? strerror(errno) : "empty");
        free(body);
        return 2;
    }

    conf.mode = MDR_MODE_SHADOW;
    conf.now = (int64_t) time(NULL);

    p = NULL;

    for (i = 0; i < 3; i++) {
        mdr_policy_free(p);
        build = now_ns();
        p = cli_load(policy, conf.now);
        built[i] = (now_ns() - build) / 1e6;

        if (p == NULL) {
            free(body);
            return 2;
        }
    }

    to = malloc(len);
    work = mdr_work_new(NULL);

    if (to == NULL || work == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
        return 2;
    }

    memset(to, 1, len);
    (void) scan_ns(p, work, &conf, body, len, &stats);

    for (i = 0; i < RUNS; i++) {
        whole[i] = scan_ns(p, work, &conf, body, len, &stats);
        conf.flags = MDR_SCAN_NO_MATCH;
        bare[i] = scan_ns(p, work, &conf, body, len, &st);
        conf.flags = 0;
        copy[i] = memcpy_ns(body, len, to);
    }

    mdr_policy_info(p, &info);
    mdr_policy_image(p, &image, &image_size);

    ns = median(whole, RUNS);

    printf("{\"input_bytes\":%zu,\"terms\":%llu,\"regexes\":%u,"
           "\"items\":%llu,\"hits\":%llu,\"build_ms\":%.1f,"
           "\"image_bytes\":%zu,\"scanner_mbps\":%.1f,\"mbps\":%.1f,"
           "\"memcpy_mbps\":%.1f,\"text_bytes\":%llu,\"survivors\":%llu,"
           "\"candidates\":%llu,\"ns_per_item\":%.1f}\n",
           len, (unsigned long long) info.terms, info.regexes,
           (unsigned long long) stats.items, (unsigned long long) stats.hits,
           median(built, 3), image_size,
           (double) len / median(bare, RUNS) * 1e3, (double) len / ns * 1e3,
           (double) len / median(copy, RUNS) * 1e3,
           (unsigned long long) stats.text_bytes,
           (unsigned long long) stats.survivors,
           (unsigned long long) stats.candidates,
           stats.items != 0 ? ns / (double) stats.items : 0.0);

    mdr_policy_free(p);
    mdr_work_free(work);
    free(body);
    free(to);

    return 0;
}
