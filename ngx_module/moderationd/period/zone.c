/* zone.c - see zone.h; files of RFC 8536 (TZif), versions 2 and later */

#include "moderationd/moderationd.h"
#include "zone.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER     "/usr/share/zoneinfo/"
#define FILE_MAX   (256u << 10)
#define ZONES_MAX  128

struct mdd_zone_s {
    char       name[64];
    size_t     n;                       /* transitions                       */
    int64_t   *at;                      /* seconds, ascending                */
    int32_t   *offset;                  /* from then on                      */
    int32_t    first;                   /* before the first                  */
};

static struct {
    mdd_zone_t       *zones[ZONES_MAX];
    size_t            n;
    pthread_mutex_t   lock;
} all = { .lock = PTHREAD_MUTEX_INITIALIZER };


static int64_t
big(const uint8_t *p, int n)
{
    int       i;
    uint64_t  v = 0;

    for (i = 0; i < n; i++) {
        v = v << 8 | p[i];
    }

    return n == 4 ? (int64_t) (int32_t) (uint32_t) v : (int64_t) v;
}


/* bytes of a data block behind its header of 44, times being wide */

static int64_t
block(const uint8_t *h, int64_t wide)
{
    return big(h + 32, 4) * (wide + 1) + big(h + 36, 4) * 6 + big(h + 40, 4)
           + big(h + 28, 4) * (wide + 4) + big(h + 24, 4) + big(h + 20, 4);
}


static int
header(const uint8_t *p, size_t n)
{
    int  i;

    if (n < 44 || memcmp(p, "TZif", 4) != 0) {
        return 0;
    }

    for (i = 20; i < 44; i += 4) {
        if (big(p + i, 4) < 0 || big(p + i, 4) > 65535) {
            return 0;
        }
    }

    return 1;
}


static int
read_zone(mdd_zone_t *z, const uint8_t *p, size_t n)
{
    int64_t         i, times, types, skip;
    const uint8_t  *t, *which, *type;

    if (!header(p, n) || p[4] < '2') {
        return -1;
    }

    skip = 44 + block(p, 4);

    if ((int64_t) n < skip || !header(p + skip, n - (size_t) skip)
        || (int64_t) n < skip + 44 + block(p + skip, 8))
    {
        return -1;
    }

    times = big(p + skip + 32, 4);
    types = big(p + skip + 36, 4);
    t = p + skip + 44;
    which = t + times * 8;
    type = which + times;

    z->at = calloc((size_t) times + 1, sizeof(int64_t));
    z->offset = calloc((size_t) times + 1, sizeof(int32_t));

    if (types == 0 || z->at == NULL || z->offset == NULL) {
        return -1;
    }

    z->first = (int32_t) big(type, 4);

    for (i = 0; i < times; i++) {
        if (which[i] >= types) {
            return -1;
        }

        z->at[i] = big(t + i * 8, 8);
        z->offset[i] = (int32_t) big(type + which[i] * 6, 4);
    }

    z->n = (size_t) times;

    return 0;
}


static mdd_zone_t *
load(const char *name)
{
    char         path[128], *file;
    size_t       n;
    mdd_zone_t  *z;

    if (strlen(name) >= sizeof(z->name) || strstr(name, "..") != NULL
        || name[0] == '/' || name[0] == '\0')
    {
        return NULL;
    }

    z = calloc(1, sizeof(mdd_zone_t));

    if (z == NULL) {
        return NULL;
    }

    strcpy(z->name, name);

    if (strcmp(name, "UTC") == 0) {
        return z;
    }

    snprintf(path, sizeof(path), FOLDER "%s", name);
    file = mdd_file_read(-1, path, FILE_MAX, &n);

    if (file == NULL || read_zone(z, (const uint8_t *) file, n) != 0) {
        free(file);
        free(z->at);
        free(z->offset);
        free(z);
        return NULL;
    }

    free(file);

    return z;
}


const mdd_zone_t *
mdd_zone(const char *name)
{
    size_t       i;
    mdd_zone_t  *z = NULL;

    pthread_mutex_lock(&all.lock);

    for (i = 0; i < all.n && z == NULL; i++) {
        z = strcmp(all.zones[i]->name, name) == 0 ? all.zones[i] : NULL;
    }

    if (z == NULL && all.n < ZONES_MAX && (z = load(name)) != NULL) {
        all.zones[all.n++] = z;
    }

    pthread_mutex_unlock(&all.lock);

    return z;
}


int64_t
mdd_zone_offset(const mdd_zone_t *z, int64_t ms)
{
    size_t   low = 0, high = z->n, mid;
    int64_t  s = ms / 1000 - (ms % 1000 < 0);

    while (low < high) {
        mid = (low + high) / 2;

        if (z->at[mid] <= s) {
            low = mid + 1;

        } else {
            high = mid;
        }
    }

    return 1000ll * (low ? z->offset[low - 1] : z->first);
}


static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}


int64_t
mdd_zone_day(const mdd_zone_t *z, int64_t ms)
{
    return floor_div(ms + mdd_zone_offset(z, ms), MDD_DAY_MS);
}


int64_t
mdd_zone_begin(const mdd_zone_t *z, int64_t day)
{
    int64_t  ms = day * MDD_DAY_MS;

    /* by the offset of about then, and again by that of the result */

    ms -= mdd_zone_offset(z, ms);

    return day * MDD_DAY_MS - mdd_zone_offset(z, ms);
}


/* days since 1970 of a date of the Gregorian calendar (H. Hinnant, "chrono-
 * compatible low-level date algorithms") */

static int64_t
days_of(int64_t y, int64_t m, int64_t d)
{
    int64_t  era, yoe, doy;

    y -= m <= 2;
    era = floor_div(y, 400);
    yoe = y - era * 400;
    doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;

    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}


static void
date_of(int64_t day, int64_t *y, int64_t *m, int64_t *d)
{
    int64_t  era, doe, yoe, doy, mp;

    day += 719468;
    era = floor_div(day, 146097);
    doe = day - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = yoe + era * 400 + (*m <= 2);
}


void
mdd_day_text(int64_t day, char out[16])
{
    int64_t  y, m, d;

    date_of(day, &y, &m, &d);
    snprintf(out, 16, "%04d-%02d-%02d", (int) (y % 10000), (int) (m % 100),
             (int) (d % 100));
}


int64_t
mdd_day_read(const char *s)
{
    char     back[16];
    int      y, m, d;
    int64_t  day;

    if (strlen(s) != 10 || sscanf(s, "%4d-%2d-%2d", &y, &m, &d) != 3
        || y < 1970 || m < 1 || m > 12)
    {
        return -1;
    }

    day = days_of(y, m, d);
    mdd_day_text(day, back);

    return strcmp(s, back) == 0 ? day : -1;
}


int64_t
mdd_day_monday(int64_t day)
{
    int64_t  k = (day + 3) % 7;         /* 1970-01-01 was a Thursday */

    return day - (k < 0 ? k + 7 : k);
}


/* a week belongs to the year of its Thursday */

void
mdd_week_text(int64_t day, char out[16])
{
    int64_t  y, m, d, thursday = mdd_day_monday(day) + 3;

    date_of(thursday, &y, &m, &d);
    snprintf(out, 16, "%04d-W%02d", (int) (y % 10000),
             (int) ((thursday - days_of(y, 1, 1)) / 7 + 1));
}


int64_t
mdd_week_read(const char *s)
{
    int      y, w;
    char     back[16];
    int64_t  day;

    if (strlen(s) != 8 || sscanf(s, "%4d-W%2d", &y, &w) != 2 || y < 1970) {
        return -1;
    }

    day = mdd_day_monday(days_of(y, 1, 4)) + (w - 1) * 7;
    mdd_week_text(day, back);

    return strcmp(s, back) == 0 ? day : -1;
}
