/*
 * cmd_bench.c - `moderationctl bench`: how fast the engine reads one body.
 *
 * The body is scanned whole, several times; the medians are printed as one
 * JSON line.  scanner_mbps is the way without the matcher (a policy's slots
 * with all rules taken away cost the same scan), exact_mbps the whole way
 * without learned markup, first_mbps the first pass of a worker that has
 * learned nothing, mbps the whole way from
 * scanner to verdict, memcpy_mbps a memcpy of the body, all in one run.
 * With --texts the file has a text a line, and only the matcher is measured.
 */

#define _POSIX_C_SOURCE 200809L

#include "cli.h"
#include "scan_report.h"

#include "moderation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


#define RUNS  9
#define PAIRS   9
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


/* the same as in a worker, where cards are known that came before, without and
 * with what the policy asks of the page: pairs, so that what else the machine
 * does is in both; the median of their differences in per cent */

static double
page_cost(const mdr_policy_t *p, const mdr_scan_conf_t *given,
    const char *url, const char *body, size_t len, double *mbps)
{
    int               i;
    double            plain[PAIRS], cost[PAIRS], ns;
    mdr_str_t         host, path;
    mdr_work_t       *work;
    mdr_scan_conf_t   conf;
    mdr_scan_stats_t  st;

    conf = *given;
    work = mdr_work_new(NULL);

    if (work == NULL || mdr_work_remember(work, 2 << 20) != MDR_OK) {
        fprintf(stderr, "moderationctl: out of memory\n");
        exit(2);
    }

    conf.page = scan_page_of(url, &host, &path) == 0
                ? mdr_policy_page(p, host, path, 200) : 0;

    if (conf.page == 0) {
        fprintf(stderr, "moderationctl: %s is no page of the policy\n", url);
        exit(2);
    }

    for (i = 0; i < PAIRS; i++) {
        conf.page = 0;
        plain[i] = scan_ns(p, work, &conf, body, len, &st);
        conf.page = mdr_policy_page(p, host, path, 200);
        ns = scan_ns(p, work, &conf, body, len, &st);
        cost[i] = 100 * (ns - plain[i]) / plain[i];
    }

    mdr_work_free(work);
    *mbps = (double) len / median(plain, PAIRS) * 1e3;

    return median(cost, PAIRS);
}


/* ns of the first pass of a worker that has learned nothing, the least of some */

static double
first_ns(const mdr_policy_t *p, const mdr_scan_conf_t *conf, const char *body,
    size_t len)
{
    int               i;
    double            from, used, least;
    mdr_scan_t       *scan;
    mdr_work_t       *work;

    for (i = 0, least = 0; i < 3; i++) {
        work = mdr_work_new(NULL);
        from = now_ns();
        scan = work != NULL ? mdr_scan_new(p, work, conf) : NULL;

        if (scan == NULL
            || mdr_scan_feed(scan, (const uint8_t *) body, len) == MDR_ERROR
            || mdr_scan_finish(scan) == MDR_ERROR)
        {
            fprintf(stderr, "moderationctl: out of memory\n");
            exit(2);
        }

        mdr_scan_free(scan);
        used = now_ns() - from;
        least = i == 0 || used < least ? used : least;
        mdr_work_free(work);
    }

    return least;
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


/* the matcher alone, on the lines of a file; they become strings */

static int
bench_texts(const mdr_policy_t *p, mdr_work_t *work, char *body, size_t len)
{
    int          i;
    char        *at, *end, *line;
    double       ns[RUNS], from;
    size_t       n, cap;
    void        *more;
    mdr_str_t   *texts;
    mdr_cost_t   cost;

    texts = NULL;
    n = 0;
    cap = 0;

    for (at = body, end = body + len; at < end; at = line + 1) {
        line = memchr(at, '\n', (size_t) (end - at));
        line = line != NULL ? line : end;

        if (n == cap) {
            cap = cap != 0 ? 2 * cap : 1024;
            more = realloc(texts, cap * sizeof(mdr_str_t));

            if (more == NULL) {
                free(texts);
                return 2;
            }

            texts = more;
        }

        texts[n].data = at;
        texts[n++].len = (uint32_t) (line - at);
    }

    for (i = 0; i < RUNS; i++) {
        from = now_ns();

        if (mdr_policy_cost(p, work, texts, n, &cost) != MDR_OK) {
            fprintf(stderr, "moderationctl: out of memory\n");
            free(texts);
            return 2;
        }

        ns[i] = now_ns() - from;
    }

    free(texts);

    printf("{\"simd\":\"%s\",\"texts\":%llu,\"text_bytes\":%llu,"
           "\"mbps\":%.1f,\"steps\":%llu,\"worst_steps_per_char\":%llu,"
           "\"limited\":%llu}\n", mdr_simd(),
           (unsigned long long) cost.texts, (unsigned long long) cost.bytes,
           (double) cost.bytes / median(ns, RUNS) * 1e3,
           (unsigned long long) cost.steps,
           (unsigned long long) cost.worst_steps,
           (unsigned long long) cost.limited);

    return 0;
}


int
cmd_bench(int argc, char **argv)
{
    int                i, type, texts;
    char              *body, *to;
    size_t             len, image_size;
    double             build, built[RUNS], whole[RUNS], bare[RUNS],
                       copy[RUNS], cold[RUNS], exact[RUNS], ns;
    const void        *image;
    double             known_mbps, cost;
    const char        *policy, *file, *opt, *page;
    mdr_work_t        *work;
    mdr_policy_t      *p;
    mdr_scan_conf_t    conf;
    mdr_scan_stats_t   stats, st;
    mdr_policy_info_t  info;

    memset(&conf, 0, sizeof(conf));
    policy = NULL;
    file = NULL;
    page = NULL;
    texts = 0;

    for (i = 0; i < argc; i++) {
        opt = argv[i];

        if (strcmp(opt, "--texts") == 0) {
            texts = 1;
            continue;
        }

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

        } else if (strcmp(opt, "--page") == 0) {
            page = argv[i];

        } else if (strcmp(opt, "--charset") == 0) {
            conf.charset = argv[i];

        } else if (strcmp(opt, "--type") == 0) {
            type = cli_body_type(argv[i]);
            conf.type = (uint8_t) type;
            if (type < 0) {
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

    if (texts) {
        i = bench_texts(p, work, body, len);
        mdr_policy_free(p);
        mdr_work_free(work);
        free(body);
        free(to);
        return i;
    }

    memset(to, 1, len);
    (void) scan_ns(p, work, &conf, body, len, &stats);

    for (i = 0; i < RUNS; i++) {
        whole[i] = scan_ns(p, work, &conf, body, len, &stats);
        cold[i] = first_ns(p, &conf, body, len);
        conf.flags = MDR_SCAN_EXACT;
        exact[i] = scan_ns(p, work, &conf, body, len, &st);
        conf.flags = MDR_SCAN_NO_MATCH;
        bare[i] = scan_ns(p, work, &conf, body, len, &st);
        conf.flags = 0;
        copy[i] = memcpy_ns(body, len, to);
    }

    mdr_policy_info(p, &info);
    mdr_policy_image(p, &image, &image_size);

    ns = median(whole, RUNS);

    printf("{\"simd\":\"%s\",\"input_bytes\":%zu,\"terms\":%llu,\"regexes\":%u,"
           "\"items\":%llu,\"hits\":%llu,\"build_ms\":%.1f,"
           "\"image_bytes\":%zu,\"scanner_mbps\":%.1f,\"mbps\":%.1f,"
           "\"memcpy_mbps\":%.1f,\"text_bytes\":%llu,\"survivors\":%llu,"
           "\"candidates\":%llu,\"steps\":%llu,"
           "\"worst_steps_per_char\":%llu,\"limited\":%llu,"
           "\"ns_per_item\":%.1f,\"first_mbps\":%.1f,"
           "\"exact_mbps\":%.1f",
           mdr_simd(), len, (unsigned long long) info.terms, info.regexes,
           (unsigned long long) stats.items, (unsigned long long) stats.hits,
           median(built, 3), image_size,
           (double) len / median(bare, RUNS) * 1e3, (double) len / ns * 1e3,
           (double) len / median(copy, RUNS) * 1e3,
           (unsigned long long) stats.text_bytes,
           (unsigned long long) stats.survivors,
           (unsigned long long) stats.candidates,
           (unsigned long long) stats.steps,
           (unsigned long long) stats.worst_steps,
           (unsigned long long) stats.limited,
           stats.items != 0 ? ns / (double) stats.items : 0.0,
           (double) len / median(cold, RUNS) * 1e3,
           (double) len / median(exact, RUNS) * 1e3);

    if (page != NULL) {
        cost = page_cost(p, &conf, page, body, len, &known_mbps);
        printf(",\"known_mbps\":%.1f,\"page_cost_percent\":%.1f",
               known_mbps, cost);
    }

    printf("}\n");

    mdr_policy_free(p);
    mdr_work_free(work);
    free(body);
    free(to);

    return 0;
}
