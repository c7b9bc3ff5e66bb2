/*
 * alarms.h - the two halves of `moderationctl alarms`.
 */

#ifndef MDR_CLI_ALARMS_H
#define MDR_CLI_ALARMS_H

#include "moderationd/alarm/burst.h"

typedef struct {
    double       ratio, min;            /* 0: not said                        */
    long         series, weeks, seed;
    double       burst, rate;           /* a rise planted in each series      */
} alarms_t;

/* alarms_sim.c: prints one JSON line of sums; the exit status */
int alarms_simulate(const alarms_t *a);

#endif
