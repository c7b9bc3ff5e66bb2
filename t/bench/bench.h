/*
 * bench.h - what the measuring programs share: files, time, the best of
 * several runs.  A figure is one JSON line: {"name":...,"mbps":...}.
 */

#ifndef MDR_BENCH_H
#define MDR_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_RUNS    9
#define BENCH_MIN_NS  60000000.0


/* of this thread, so that what else the machine does matters less */

static inline double
bench_ns(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);

    return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}


static inline uint8_t *
bench_read(const char *path, size_t *len)
{
    long      n;
    FILE     *f;
    uint8_t  *p;

    f = fopen(path, "rb");
    if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 0) {
        perror(path);
        exit(2);
    }

    rewind(f);
    p = (uint8_t *) malloc((size_t) n + 1);

    if (p == NULL || fread(p, 1, (size_t) n, f) != (size_t) n) {
        perror(path);
        exit(2);
    }

    fclose(f);
    p[n] = '\0';
    *len = (size_t) n;

    return p;
}


/* ns of one call of f: the best run, each run at least BENCH_MIN_NS long */

static inline double
bench_best(void (*f)(void *ctx), void *ctx)
{
    int     i, n;
    double  from, used, best;

    f(ctx);
    best = 0;

    for (i = 0; i < BENCH_RUNS; i++) {
        n = 0;
        from = bench_ns();

        do {
            f(ctx);
            n++;
            used = bench_ns() - from;
        } while (used < BENCH_MIN_NS);

        if (best == 0 || used / n < best) {
            best = used / n;
        }
    }

    return best;
}


static inline void
bench_print(const char *name, size_t bytes, double ns, double build_ms,
    size_t memory, unsigned long long hits)
{
    printf("{\"name\":\"%s\",\"bytes\":%zu,\"mbps\":%.1f,"
           "\"build_ms\":%.1f,\"memory\":%zu,\"hits\":%llu}\n",
           name, bytes, (double) bytes / ns * 1e3, build_ms, memory, hits);
    fflush(stdout);
}


/* measures f and prints, hits read afterwards */

static inline void
bench_run(const char *name, size_t bytes, void (*f)(void *ctx), void *ctx,
    double build_ms, size_t memory, const unsigned long long *hits)
{
    double  ns;

    ns = bench_best(f, ctx);
    bench_print(name, bytes, ns, build_ms, memory, hits ? *hits : 0);
}


static inline void
bench_failed(const char *name, const char *why)
{
    printf("{\"name\":\"%s\",\"failed\":\"%s\"}\n", name, why);
    fflush(stdout);
}

#endif
