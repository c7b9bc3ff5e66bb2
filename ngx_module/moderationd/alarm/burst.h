/*
 * burst.h - early warning: which counter rises or falls silent against what
 * it used to be.
 *
 * A series is one counter (the hits of a rule, the items of a slot), looked
 * at in ticks of 5 s.  Two questions are asked of it at each tick:
 *
 *   flood  a CUSUM of the Poisson log-likelihood of "far more than usual"
 *          against "as usual".  The alarm comes at FLOOD_SUM, where there were
 *          `ratio` times the expected counts since the sum began, and `min`
 *   quiet  how unlikely so many ticks in a row without a count are, where a
 *          share of the ticks had one before
 *
 * What is usual: an exponential mean over half an hour (EWMA), and what the
 * same hour of the week brought before; for a flood the larger of both, for
 * silence the smaller.  It is frozen while an alarm stands, a day at most.
 *
 * No clock, no store, no threads: the daemon feeds it (alarm_feed.c), and so
 * does `moderationctl alarms replay`.
 */

#ifndef MDD_BURST_H
#define MDD_BURST_H

#include <stddef.h>
#include <stdint.h>

#define MDD_TICK_MS  5000
#define MDD_WEEK     168                /* hours                              */

enum { MDD_SERIES_FLOOD = 1, MDD_SERIES_QUIET = 2, MDD_SERIES_SLOW = 4 };
enum { MDD_BURST_NOTHING, MDD_FLOOD_ON, MDD_FLOOD_OFF, MDD_QUIET_ON,
       MDD_QUIET_OFF };

typedef struct {
    /* what is known of it */
    float     rate;                     /* expected in a tick                 */
    float     spread;                   /* variance to mean, 1: Poisson       */
    float     live;                     /* share of ticks with a count        */
    uint32_t  age;                      /* ticks, as far as it counts         */
    float     week_rate[MDD_WEEK];      /* < 0: never seen                    */
    float     week_live[MDD_WEEK];
    /* of this hour */
    float     hour_n, hour_live;
    uint32_t  hour_ticks;
    /* of the season, until the next tenth of an hour */
    float     high, low;
    /* the two questions */
    float     sum, fast, silence;
    double    n, expected;              /* since the sum was 0                */
    uint32_t  silent;                   /* ticks in a row                     */
    uint32_t  learn;                    /* ticks until floods are asked for   */
    uint32_t  alarmed;                  /* ticks of an alarm                  */
    uint8_t   flood, quiet, spoilt;     /* spoilt: an alarm fell in this hour */
    uint8_t   asked;                    /* MDD_SERIES_*                       */
    float     min, ratio, gain, cost;   /* gain = ln rho, cost = rho - 1      */
} mdd_series_t;

void mdd_series_init(mdd_series_t *s, unsigned asked);
/* ratio > 1, min >= 1 */
void mdd_series_limits(mdd_series_t *s, double ratio, double min);
/* one tick: k = ms since 1970 / MDD_TICK_MS.  What begins or ends with it */
int mdd_series_tick(mdd_series_t *s, int64_t k, double x);

/* many of them by name */

typedef struct {
    char          *key;                 /* "rule:ID", "slot:NAME" ...         */
    uint64_t       hash;
    double         open;                /* of the tick that is not over       */
    double         now;                 /* of the one that ends               */
    uint32_t       held;                /* silent with all others: held back  */
    mdd_series_t   s;
} mdd_entry_t;

typedef struct {
    int64_t      time;                  /* end of the tick, ms                */
    int          what;                  /* MDD_FLOOD_ON ...                   */
    const char  *key;
    double       n, expected;           /* counts since it began; usual ones  */
    int64_t      began;
} mdd_burst_event_t;

typedef void (*mdd_burst_pt)(void *ctx, const mdd_burst_event_t *e);
/* ratio and min of a key, left alone where nothing is said of it */
typedef void (*mdd_limits_pt)(void *ctx, const char *key, double *ratio,
    double *min);

typedef struct {
    mdd_entry_t    **all;
    size_t           n, cap;
    uint32_t        *table;             /* index + 1                          */
    size_t           room;
    int64_t          tick;              /* the open one, 0: none yet          */
    int64_t          since;             /* its first                          */
    int64_t          fresh;             /* tick until new series only learn   */
    mdd_series_t     record;            /* whether anything counts at all     */
    int              told;              /* an alarm of the record stands      */
    mdd_burst_pt     tell;
    mdd_limits_pt    limits;
    void            *ctx;
} mdd_burst_t;

mdd_burst_t *mdd_burst_new(mdd_burst_pt tell, mdd_limits_pt limits,
    void *ctx);
void mdd_burst_free(mdd_burst_t *b);
/* what of a stats line belongs to which series; NULL: none does */
const char *mdd_burst_key(const char *what, const char *slot,
    const char *name, char *buf, size_t size, unsigned *asked);
/* NULL: no memory */
mdd_entry_t *mdd_burst_entry(mdd_burst_t *b, const char *key,
    unsigned asked);
/* a new state of the policy: rules that come with it are not floods */
void mdd_burst_fresh(mdd_burst_t *b, int64_t ms);
/* thresholds are asked for again */
void mdd_burst_again(mdd_burst_t *b);
/* the ticks up to ms are over; what was added since the last call is spread
 * over them where they are a minute at most, else it is of the last */
void mdd_burst_until(mdd_burst_t *b, int64_t ms);

#endif
