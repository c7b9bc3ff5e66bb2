/*
 * alarms_sim.c - `moderationctl alarms simulate`: counters that nothing ever
 * happens to, and how often an alarm comes all the same; or counters with a
 * rise planted in them, and how long until it comes.
 *
 * Counts are Poisson around a curve: a base from 1 an hour to 3 a second
 * (spread evenly over the logarithm), low at night and high in the evening by
 * up to nine tenths, more or less at the weekend.  The same seed gives the
 * same counts on every machine.
 */

#include "alarms.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY    17280                    /* ticks                              */
#define WEEK   (7 * DAY)
#define MINUTE 12
#define SOON_S 20.0
#define AFTER  60                       /* ticks that a planted rise lasts    */


typedef struct {
    uint64_t  state;
    double    base, swing, late, weekend;
} source_t;


/* splitmix64, Steele, Lea, Flood 2014 */

static uint64_t
next64(uint64_t *state)
{
    uint64_t  z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;

    return z ^ z >> 31;
}


static double
uniform(uint64_t *state)
{
    return (double) (next64(state) >> 11) * 0x1p-53;
}


static void
source_init(source_t *s, const alarms_t *a, long i)
{
    s->state = (uint64_t) a->seed * 1000003u + (uint64_t) i * 0x5851f42du;
    (void) next64(&s->state);
    s->base = a->rate > 0 ? a->rate / MINUTE
                          : exp(log(1.0 / 720)
                                + uniform(&s->state) * log(15.0 * 720));
    s->swing = 0.1 + 0.8 * uniform(&s->state);
    s->late = 0.4 * (uniform(&s->state) - 0.5);
    s->weekend = 0.5 + 1.3 * uniform(&s->state);

    if (a->rate > 0) {
        s->swing = 0;
        s->weekend = 1;
    }
}


/* expected counts of tick k */

static double
curve(const source_t *s, long k)
{
    double  t = (double) (k % DAY) / DAY + s->late, day, mix;

    /* lowest at about 05:00, highest at about 21:00 */
    day = 1 + s->swing * (0.7 * sin(2 * M_PI * (t - 0.58))
                          + 0.3 * sin(4 * M_PI * (t - 0.76)));

    /* from Friday evening to Sunday night, over three hours */
    mix = (double) (k % WEEK) / DAY;
    mix = mix < 4.75 ? 0 : mix < 4.875 ? (mix - 4.75) * 8
          : mix < 6.875 ? 1 : (7 - mix) * 8;

    return s->base * day * (1 + (s->weekend - 1) * mix);
}


/* by inversion; large means in halves, so that exp stays exact */

static long
poisson(uint64_t *state, double mean, double zero)
{
    long    n = 0;
    double  u = uniform(state), p = zero, sum = zero;

    while (u > sum && n < 1000) {
        n++;
        p *= mean / (double) n;
        sum += p;
    }

    return n;
}


static int
by_size(const void *a, const void *b)
{
    double  x = *(const double *) a, y = *(const double *) b;

    return x < y ? -1 : x > y;
}


/* one series from its first week to its last */

static void
run_series(const alarms_t *a, long i, long *floods, long *quiets,
    double *delays, size_t *ndelays)
{
    int           what;
    long          k, n, at = 0, ticks = a->weeks * WEEK, part = 0;
    double        mean = 0, zero = 1;
    source_t      src;
    mdd_series_t  s;

    source_init(&src, a, i);
    mdd_series_init(&s, MDD_SERIES_FLOOD | MDD_SERIES_QUIET);
    mdd_series_limits(&s, a->ratio > 1 ? a->ratio : 3,
                      a->min >= 1 ? a->min : 20);

    for (k = 0; k < ticks; k++) {
        if (k % MINUTE == 0) {
            mean = curve(&src, k);
            zero = exp(-mean);
        }

        /* a rise once a week behind its first day, at any moment of a tick */
        if (a->burst > 0 && k % WEEK == DAY) {
            at = k + (long) (uniform(&src.state) * 5 * DAY);
            part = (long) (uniform(&src.state) * MDD_TICK_MS);
        }

        n = poisson(&src.state, mean, zero);

        if (at && k >= at && k < at + AFTER) {
            double  more = mean * (a->burst - 1)
                           * (k == at ? 1 - (double) part / MDD_TICK_MS : 1);

            n += poisson(&src.state, more, exp(-more));
        }

        what = mdd_series_tick(&s, k, (double) n);

        if (what == MDD_FLOOD_ON && at && k >= at && k < at + AFTER) {
            delays[(*ndelays)++] = (double) ((k + 1 - at) * MDD_TICK_MS
                                             - part) / 1000;
            at = 0;

        } else if (what == MDD_FLOOD_ON) {
            (*floods)++;

        } else if (what == MDD_QUIET_ON) {
            (*quiets)++;
        }
    }
}


int
alarms_simulate(const alarms_t *a)
{
    long    i, floods = 0, quiets = 0;
    size_t  n = 0;
    double  *delays;

    delays = calloc((size_t) (a->series * a->weeks) + 1, sizeof(double));
    if (delays == NULL) {
        return 2;
    }

    for (i = 0; i < a->series; i++) {
        run_series(a, i, &floods, &quiets, delays, &n);
    }

    printf("{\"series\":%ld,\"weeks\":%ld,\"seed\":%ld,\"flood\":%ld,"
           "\"quiet\":%ld", a->series, a->weeks, a->seed, floods, quiets);

    if (a->burst > 0) {
        qsort(delays, n, sizeof(double), by_size);
        printf(",\"planted\":%ld,\"seen\":%zu", a->series * a->weeks, n);
        if (n) {
            for (i = 0; i < (long) n && delays[i] <= SOON_S; i++) {
                /* void */
            }

            printf(",\"within_20s\":%ld", i);
            printf(",\"p50_s\":%.1f,\"p95_s\":%.1f,\"max_s\":%.1f",
                   delays[n / 2], delays[n * 95 / 100], delays[n - 1]);
        }
    }

    printf("}\n");
    free(delays);

    return 0;
}
