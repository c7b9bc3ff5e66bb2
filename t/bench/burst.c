/*
 * burst.c - how late a rise is seen: millions of rises to five times 60 a
 * minute, at any moment of a tick, in counters two days old.
 *
 *     cc -O2 -Ingx_module/moderationd t/bench/burst.c -lm -o build/burst
 *     build/burst 4000000 [RATIO]
 *
 * `moderationctl alarms simulate` has day, night and week; it is too slow for
 * what one rise in thousands does.
 */

#include "../../ngx_module/moderationd/alarm/burst.c"

#include <stdio.h>
#include <stdlib.h>

#define MEAN      5.0                   /* a tick: 60 a minute                */
#define COUNTERS  64
#define DAYS      (2 * DAY_TICKS)
#define AFTER     60                    /* ticks that a rise lasts            */

static uint64_t  state = 12345;


static double
uniform(void)
{
    uint64_t  z = state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;

    return (double) ((z ^ z >> 31) >> 11) * 0x1p-53;
}


static double
poisson(double mean)
{
    long    n = 0;
    double  u = uniform(), p = exp(-mean), sum = p;

    while (u > sum && n < 1000) {
        n++;
        p *= mean / (double) n;
        sum += p;
    }

    return (double) n;
}


int
main(int argc, char **argv)
{
    long          t, k, i, ticks, trials, at20 = 0, at30 = 0, never = 0, early = 0;
    double        ratio, part, late, most = 0;
    mdd_series_t  s, old[COUNTERS];

    trials = argc > 1 ? atol(argv[1]) : 1000000;
    ratio = argc > 2 ? atof(argv[2]) : 5;

    for (i = 0; i < COUNTERS; i++) {
        mdd_series_init(&old[i], MDD_SERIES_FLOOD);
        for (k = 1; k < DAYS; k++) {
            (void) mdd_series_tick(&old[i], k, poisson(MEAN));
        }
    }

    for (t = 0; t < trials; t++) {
        s = old[t % COUNTERS];
        ticks = 24 + (long) (uniform() * 24);

        for (k = DAYS; k < DAYS + ticks; k++) {
            early += mdd_series_tick(&s, k, poisson(MEAN)) == MDD_FLOOD_ON;
        }

        part = uniform();

        for (i = 0; i < AFTER; i++, k++) {
            if (mdd_series_tick(&s, k, poisson(MEAN) + poisson(MEAN * (ratio - 1)
                                       * (i == 0 ? 1 - part : 1)))
                == MDD_FLOOD_ON)
            {
                break;
            }
        }

        late = ((double) i + 1 - part) * MDD_TICK_MS / 1000;
        never += i == AFTER;
        at20 += i < AFTER && late > 20;
        at30 += i < AFTER && late > 30;
        most = i < AFTER && late > most ? late : most;
    }

    printf("%ld rises: %ld later than 20 s, %ld later than 30 s, at most %.1f s,"
           " %ld never, %ld before\n", trials, at20, at30, most, never, early);

    return 0;
}
