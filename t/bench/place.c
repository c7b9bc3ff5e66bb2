/*
 * place.c - what it costs to ask where a reader is.
 *
 *     gcc -O2 -D_GNU_SOURCE -Ingx_module -Ingx_module/engine -o build/place \
 *         t/bench/place.c build/libmoderation_places.a build/libmoderation.a \
 *         -lmaxminddb -lyaml -lpcre2-8 -lm && build/place [DATABASE]
 *
 * One look-up of an address in the database (in nginx a worker does it once for
 * an address: it keeps the answers of 512), processor time, median of turns of a
 * thousand.  And a small response under a policy in which no rule has a
 * jurisdiction, to a reader whose place is known and to one whose place is not:
 * nobody asks.
 */

#include "moderation.h"
#include "places/geo.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TURNS  2000
#define TURN   1000


static uint64_t
now_ns(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}


static int
by_value(const void *a, const void *b)
{
    double  x, y;

    x = *(const double *) a;
    y = *(const double *) b;

    return (x > y) - (x < y);
}


static double
at(double *v, size_t n, double share)
{
    qsort(v, n, sizeof(v[0]), by_value);

    return v[(size_t) (share * (double) (n - 1) + 0.5)];
}


static void
lookups(const mdr_geo_t *g, uint32_t base, uint32_t mask, uint32_t step,
    const char *what)
{
    int                 i, k;
    char                place[MDR_GEO_PLACE];
    char                text[MDR_GEO_TEXT];
    double              took[TURNS], median;
    size_t              known;
    uint64_t            start;
    uint32_t            a;
    mdr_geo_path_t     *path;
    struct sockaddr_in  sin;

    path = mdr_geo_path_new(MDR_GEO_PATH, text, sizeof(text));
    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;

    for (i = 0, a = 0, known = 0; i < TURNS; i++) {
        start = now_ns();

        for (k = 0; k < TURN; k++, a += step) {
            sin.sin_addr.s_addr = htonl(base + (a & mask));
            known += mdr_geo_place(g, path, NULL, (struct sockaddr *) &sin,
                                   place) != 0;
        }

        took[i] = (double) (now_ns() - start) / TURN;
    }

    median = at(took, TURNS, 0.5);
    printf("%-40s %5.0f ns (%3.0f %% known)\n", what, median,
           100.0 * (double) known / TURNS / TURN);
    mdr_geo_path_free(path);
}


static int
no_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    (void) ctx;
    (void) p;
    (void) n;
    (void) flags;

    return MDR_OK;
}


/* a response under a policy in which no rule has a jurisdiction, to a reader
 * whose place is known or not: it is asked for by nobody */

static void
responses(void)
{
    int               fd, i, k, rc;
    char              name[] = "/tmp/place-XXXXXX";
    double            took[2][TURNS];
    uint64_t          start;
    mdr_work_t       *work;
    mdr_scan_t       *scan;
    mdr_diags_t      *d;
    mdr_policy_t     *policy;
    mdr_load_conf_t   load;
    mdr_scan_conf_t   conf;

    static const char  yaml[] =
        "schema: 1\npolicy: p\nslots: [{name: s, type: html, match: li, "
        "fields: {title: b}}]\nrules: [{id: r, label: rumor, match: "
        "{in: [title], terms: [badword]}}]\n";
    static const char  page[] =
        "<ul><li><b>a title</b></li><li><b>another title</b></li></ul>";

    memset(&load, 0, sizeof(load));
    load.now = 1700000000;
    d = mdr_diags_new(NULL);
    policy = NULL;
    fd = mkstemp(name);

    if (fd == -1 || write(fd, yaml, sizeof(yaml) - 1) == -1) {
        exit(1);
    }

    rc = mdr_policy_load(name, &load, d, &policy);
    unlink(name);
    close(fd);

    if (rc != MDR_OK) {
        exit(1);
    }

    work = mdr_work_new(NULL);
    memset(&conf, 0, sizeof(conf));
    conf.output = no_output;
    conf.mode = MDR_MODE_ENFORCE;
    conf.type = MDR_TYPE_HTML;
    conf.charset = "utf-8";

    for (i = 0; i < 2 * TURNS; i++) {
        conf.jurisdiction.data = i % 2 != 0 ? "CN-GD/Shenzhen" : NULL;
        conf.jurisdiction.len = i % 2 != 0 ? 14 : 0;
        start = now_ns();

        for (k = 0; k < TURN / 10; k++) {
            scan = mdr_scan_new(policy, work, &conf);
            (void) mdr_scan_feed(scan, (const uint8_t *) page,
                                 sizeof(page) - 1);
            (void) mdr_scan_finish(scan);
            mdr_scan_free(scan);
        }

        took[i % 2][i / 2] = (double) (now_ns() - start) / (TURN / 10);
    }

    printf("%-40s %5.0f ns with a place, %.0f ns without\n",
           "a response, no rule has a jurisdiction", at(took[1], TURNS, 0.5),
           at(took[0], TURNS, 0.5));
    mdr_policy_free(policy);
    mdr_work_free(work);
    mdr_diags_free(d);
}


int
main(int argc, char **argv)
{
    int          moving;
    char         text[MDR_GEO_TEXT];
    size_t       size;
    uint8_t     *data;
    mdr_geo_t   *g;
    const char  *file;

    file = argc > 1 ? argv[1] : "t/fixtures/places/GeoIP2-City-Test.mmdb";
    data = mdr_geo_read(file, &size, &moving, text, sizeof(text));
    g = data != NULL ? mdr_geo_open(data, size, NULL, "", text, sizeof(text))
                     : NULL;

    if (g == NULL) {
        fprintf(stderr, "%s: %s\n", file, text);
        return 1;
    }

    /* 81.2.69.160/28 has a city in the fixture */

    lookups(g, 0x510245a0, 15, 1, "a look-up, addresses with a city");
    lookups(g, 0x51020000, 0xffff, 1, "a look-up, a network in a row");
    lookups(g, 0, 0xffffffff, 2654435769u, "a look-up, addresses anywhere");
    responses();

    mdr_geo_free(g);
    free(data);

    return 0;
}
