/*
 * burst.c - floods and silence in one counter (see burst.h).
 *
 * CUSUM: S = max(0, S + (x ln rho - mu (rho - 1)) / spread).  The term is zero
 * at x / mu = (rho - 1) / ln rho, and rho is solved from that being half-way
 * between 1 and `ratio`.  Where S is large enough the count since it began has
 * to be `ratio` times the expected one as well, else the sum starts over with that
 * tick: a rise by less adds up, but to nothing, and what follows it is seen as
 * quickly.
 * By the sum's size the chance of a false alarm at a tick is about e^-S
 * (Moustakides, Annals of Statistics 14, 1986, for the optimality of the test).
 */

#include "burst.h"

#include <math.h>
#include <string.h>

#define FLOOD_SUM    21.0f
#define QUIET_SUM    30.0f
#define QUIET_TICKS  24                 /* 2 min                              */
#define SLOW_SUM     60.0f              /* a rule may rest                    */
#define SLOW_TICKS   360                /* 30 min                             */
#define MEAN_TICKS   360.0f             /* of the EWMA                        */
#define SPREAD_TICKS 720.0f
#define FAST_TICKS   12.0f
#define DAY_TICKS    17280
#define HOUR_TICKS   720
#define LEARN_TICKS  120                /* 10 min                             */
#define EDGE_TICKS   180                /* next to another hour: 15 min       */


void
mdd_series_limits(mdd_series_t *s, double ratio, double min)
{
    int     i;
    double  half = (1 + ratio) / 2, rho = half * 2;

    if ((float) ratio == s->ratio) {
        s->min = (float) min;
        return;
    }

    /* (rho - 1) / ln rho = half, by a fixed point that converges for > 1 */
    for (i = 0; i < 200; i++) {
        rho = 1 + half * log(rho);
    }

    s->ratio = (float) ratio;
    s->min = (float) min;
    s->gain = (float) log(rho);
    s->cost = (float) (rho - 1);
}


void
mdd_series_init(mdd_series_t *s, unsigned asked)
{
    int  i;

    memset(s, 0, sizeof(mdd_series_t));
    s->spread = 1;
    s->asked = (uint8_t) asked;
    s->learn = LEARN_TICKS;
    s->low = -1;

    for (i = 0; i < MDD_WEEK; i++) {
        s->week_rate[i] = s->week_live[i] = -1;
    }

    mdd_series_limits(s, 3, 20);
}


/* hour of the week in which tick k lies */

static int
hour_of(int64_t k)
{
    return (int) (k / HOUR_TICKS % MDD_WEEK);
}


/* what the hours around k brought in other weeks, else on the day before */

static void
season(mdd_series_t *s, int64_t k)
{
    int      i, h, before;
    float    r, l;
    int64_t  at[3];

    at[0] = k;
    at[1] = k - EDGE_TICKS;
    at[2] = k + EDGE_TICKS;
    s->high = 0;
    s->low = -1;

    for (i = 0; i < 3; i++) {
        h = hour_of(at[i]);
        before = (h + MDD_WEEK - 24) % MDD_WEEK;
        r = s->week_rate[h];
        l = s->week_live[h];

        if (r < 0) {
            r = s->week_rate[before];
            l = s->week_live[before];
        }

        if (r > s->high) {
            s->high = r;
        }

        if (l >= 0 && (s->low < 0 || l < s->low)) {
            s->low = l;
        }
    }
}


static void
end_hour(mdd_series_t *s, int64_t k)
{
    int    h = hour_of(k);
    float  r, l;

    /* an hour that was not seen as a whole says little */
    if (s->hour_ticks > HOUR_TICKS / 2 && !s->spoilt) {
        r = s->hour_n / (float) s->hour_ticks;
        l = s->hour_live / (float) s->hour_ticks;

        if (s->week_rate[h] < 0) {
            s->week_rate[h] = r;
            s->week_live[h] = l;

        } else {
            s->week_rate[h] += (r - s->week_rate[h]) / 2;
            s->week_live[h] += (l - s->week_live[h]) / 2;
        }
    }

    s->hour_n = s->hour_live = 0;
    s->hour_ticks = 0;
    s->spoilt = s->flood || s->quiet;
}


static void
learn(mdd_series_t *s, float x, float mu)
{
    float  a, d;

    a = s->age < (uint32_t) MEAN_TICKS ? 1 / (float) (s->age + 1)
                                       : 1 / MEAN_TICKS;

    if (s->age < DAY_TICKS) {
        s->age++;
    }

    /* one tick says little of the spread of a rare thing: at most 20 */
    if (s->sum < FLOOD_SUM / 2) {
        d = (x - mu) * (x - mu) / (mu > 0.01f ? mu : 0.01f);
        s->spread += ((d < 20 ? d : 20) - s->spread) / SPREAD_TICKS;
    }

    s->rate += (x - s->rate) * a;
    s->live += ((x > 0 ? 1.0f : 0.0f) - s->live) * a;
}


static int
flood(mdd_series_t *s, float x, float mu)
{
    float  step;

    s->fast += (x - s->fast) / FAST_TICKS;

    if (s->flood) {
        s->n += x;
        s->expected += mu;

        if (s->fast > mu * s->ratio / 2 && s->alarmed < DAY_TICKS) {
            s->alarmed++;
            return MDD_BURST_NOTHING;
        }

        s->flood = 0;
        s->sum = 0;
        s->n = s->expected = 0;

        /* a day of it is no burst: it is what is usual now */
        if (s->alarmed == DAY_TICKS) {
            s->rate = s->fast;
            s->learn = LEARN_TICKS;
        }

        return MDD_FLOOD_OFF;
    }

    if (s->learn) {
        s->learn--;
        return MDD_BURST_NOTHING;
    }

    step = (x * s->gain - mu * s->cost) / (s->spread > 1 ? s->spread : 1);
    s->sum += step;

    if (s->sum <= 0) {
        s->sum = 0;
        s->n = s->expected = 0;
        return MDD_BURST_NOTHING;
    }

    s->n += x;
    s->expected += mu;

    if (s->sum < FLOOD_SUM || s->n < s->min) {
        return MDD_BURST_NOTHING;
    }

    /* what came before this tick was no flood: it starts over with this one */

    if (s->n < s->ratio * s->expected) {
        s->sum = step > 0 ? step : 0;
        s->n = x;
        s->expected = mu;
        return MDD_BURST_NOTHING;
    }

    s->flood = s->spoilt = 1;
    s->alarmed = 0;

    return MDD_FLOOD_ON;
}


static int
quiet(mdd_series_t *s, float x)
{
    int    slow = s->asked & MDD_SERIES_SLOW;
    float  p;

    if (x > 0) {
        s->silent = 0;
        s->silence = 0;

        if (!s->quiet) {
            return MDD_BURST_NOTHING;
        }

        s->quiet = 0;

        return MDD_QUIET_OFF;
    }

    s->silent++;

    if (s->quiet) {
        s->alarmed++;

        if (s->alarmed < DAY_TICKS) {
            return MDD_BURST_NOTHING;
        }

        s->quiet = 0;                   /* it is gone, and that is usual now */
        s->live = s->rate = 0;
        s->silence = 0;

        return MDD_QUIET_OFF;
    }

    if (s->flood || s->age < LEARN_TICKS) {
        return MDD_BURST_NOTHING;
    }

    p = s->low >= 0 && s->low < s->live ? s->low : s->live;

    if (p < 0.002f) {
        return MDD_BURST_NOTHING;
    }

    s->silence -= logf(1 - (p < 0.98f ? p : 0.98f));

    if (s->silence < (slow ? SLOW_SUM : QUIET_SUM)
        || s->silent < (slow ? SLOW_TICKS : QUIET_TICKS))
    {
        return MDD_BURST_NOTHING;
    }

    s->quiet = s->spoilt = 1;
    s->alarmed = 0;

    return MDD_QUIET_ON;
}


int
mdd_series_tick(mdd_series_t *s, int64_t k, double count)
{
    int    what = MDD_BURST_NOTHING;
    float  x = (float) count, mu, least;

    if (k % (HOUR_TICKS / 12) == 0 || s->age == 0) {
        if (k % HOUR_TICKS == 0) {
            end_hour(s, k - 1);
        }
        season(s, k);
    }

    s->hour_ticks++;
    s->hour_n += x;
    s->hour_live += x > 0;

    /* fewer than `min` in an hour are no flood, whatever was before */
    mu = s->rate > s->high ? s->rate : s->high;
    least = s->min / (s->ratio * HOUR_TICKS);
    mu = mu > least ? mu : least;

    if (s->asked & MDD_SERIES_FLOOD) {
        what = flood(s, x, mu);
    }

    if ((s->asked & MDD_SERIES_QUIET) && what == MDD_BURST_NOTHING) {
        what = quiet(s, x);
    }

    if (!s->flood && !s->quiet) {
        learn(s, x, s->rate);
    }

    return what;
}
