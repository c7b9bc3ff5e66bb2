/*
 * zone.h - days of a place: time zones out of the system's tz database.
 *
 * localtime knows one zone a process; the daemon has one a site.
 */

#ifndef MDD_ZONE_H
#define MDD_ZONE_H

#include <stdint.h>

typedef struct mdd_zone_s  mdd_zone_t;

#define MDD_DAY_MS  86400000ll

/* "Asia/Shanghai", "UTC"; NULL: the system has no such zone.  Never freed:
 * there are as many as sites */
const mdd_zone_t *mdd_zone(const char *name);

/* ms east of UTC at a time (ms since 1970) */
int64_t mdd_zone_offset(const mdd_zone_t *z, int64_t ms);
/* days since 1970-01-01 of a time, by the clock of the place */
int64_t mdd_zone_day(const mdd_zone_t *z, int64_t ms);
/* when a day begins there */
int64_t mdd_zone_begin(const mdd_zone_t *z, int64_t day);

/* "2026-11-28", of days since 1970; and back, -1: it is none */
void mdd_day_text(int64_t day, char out[16]);
int64_t mdd_day_read(const char *s);
/* the Monday on or before; "2026-W48" of its week (ISO 8601) */
int64_t mdd_day_monday(int64_t day);
void mdd_week_text(int64_t day, char out[16]);
/* the Monday of "2026-W48", -1: it is none */
int64_t mdd_week_read(const char *s);

#endif
