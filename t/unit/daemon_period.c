/*
 * daemon_period.c - days of time zones against dates that are known, intervals
 * against published values, sets and names, CSV both ways, tar.
 */

#include "test.h"

#include "moderationd/period/period.h"
#include "moderationd/report/report.h"
#include "moderationd/web/tar.h"


static void
days(void)
{
    int64_t            d, last;
    char               text[16];
    const mdd_zone_t  *sh, *b, *utc;

    test_begin("days and weeks");
    CHECK(mdd_day_read("1970-01-01") == 0);
    CHECK(mdd_day_read("2026-11-28") == 20785);
    CHECK(mdd_day_read("2000-02-29") == 11016);
    CHECK(mdd_day_read("2026-02-29") == -1);
    CHECK(mdd_day_read("2026-13-01") == -1);
    CHECK(mdd_day_read("2026-1-01") == -1);
    CHECK(mdd_day_read("") == -1);

    for (d = 0, last = -1; d < 80000; d += 13) {
        mdd_day_text(d, text);
        CHECK(mdd_day_read(text) == d);
        CHECK(mdd_day_monday(d) <= d && d - mdd_day_monday(d) < 7);
        mdd_week_text(d, text);
        CHECK(mdd_week_read(text) == mdd_day_monday(d));
        CHECK(d > last);
        last = d;
    }

    /* ISO 8601: the week of a Thursday */
    mdd_week_text(mdd_day_read("2027-01-03"), text);
    CHECK(strcmp(text, "2026-W53") == 0);
    mdd_week_text(mdd_day_read("2024-12-30"), text);
    CHECK(strcmp(text, "2025-W01") == 0);
    CHECK(mdd_week_read("2025-W53") == -1);
    CHECK(mdd_week_read("2025-W00") == -1);

    test_begin("zones");
    utc = mdd_zone("UTC");
    sh = mdd_zone("Asia/Shanghai");
    b = mdd_zone("Europe/Berlin");
    CHECK(utc != NULL && sh != NULL && b != NULL);
    CHECK(mdd_zone("Nowhere/City") == NULL);
    CHECK(mdd_zone("../../etc/passwd") == NULL);
    CHECK(mdd_zone("/etc/localtime") == NULL);
    CHECK(mdd_zone("") == NULL);
    CHECK(mdd_zone("Asia/Shanghai") == sh);

    if (utc == NULL || sh == NULL || b == NULL) {
        return;
    }

    CHECK(mdd_zone_offset(utc, 0) == 0);
    CHECK(mdd_zone_offset(sh, 1795000000000) == 8 * 3600000);
    /* 2026-03-29 01:00 UTC and 2026-10-25 01:00 UTC: summer time */
    CHECK(mdd_zone_offset(b, 1774746000000 - 1) == 3600000);
    CHECK(mdd_zone_offset(b, 1774746000000) == 7200000);
    CHECK(mdd_zone_offset(b, 1792890000000 - 1) == 7200000);
    CHECK(mdd_zone_offset(b, 1792890000000) == 3600000);

    for (d = 20000; d < 21000; d++) {
        int64_t  begin = mdd_zone_begin(b, d), next = mdd_zone_begin(b, d + 1);

        CHECK(mdd_zone_day(b, begin) == d);
        CHECK(mdd_zone_day(b, begin - 1) == d - 1);
        CHECK(next - begin >= 23 * 3600000 && next - begin <= 25 * 3600000);
    }
}


static int
near(double a, double b)
{
    return a - b < 0.0006 && b - a < 0.0006;
}


static void
intervals(void)
{
    double  low, high;

    test_begin("intervals");
    mdd_wilson(265, 300, &low, &high);
    CHECK(near(low, 0.842) && near(high, 0.915));
    mdd_wilson(0, 10, &low, &high);
    CHECK(near(low, 0) && near(high, 0.2775));
    mdd_wilson(0, 0, &low, &high);
    CHECK(low == 0 && high == 1);

    /* exact limits of a Poisson count, Garwood 1936: 10: 4.795, 18.391;
     * 100: 81.364, 121.627; 0: 0, 3.689 */
    mdd_poisson(10, &low, &high);
    CHECK(low > 4.77 && low < 4.82 && high > 18.37 && high < 18.41);
    mdd_poisson(100, &low, &high);
    CHECK(low > 81.3 && low < 81.4 && high > 121.6 && high < 121.7);
    mdd_poisson(0, &low, &high);
    CHECK(low == 0 && high > 3.6 && high < 3.75);
}


static void
sets(void)
{
    int           i, bad = 0;
    char          name[64];
    mdd_thing_t  *t;
    mdd_names_t   n = { 0 };
    mdd_things_t  s = { 0 };

    test_begin("things and names");
    CHECK(mdd_thing(&s, "x", 0) == NULL);

    for (i = 0; i < 100000; i++) {
        snprintf(name, sizeof(name), "%016llx%016d",
                 (unsigned long long) (i % 50000) * 2654435761u, i % 50000);
        t = mdd_thing(&s, name, 1);
        bad += t == NULL;

        if (t) {
            t->cells++;
        }
    }

    CHECK(bad == 0 && s.n == 50000);
    snprintf(name, sizeof(name), "%016llx%016d", 7ull * 2654435761u, 7);
    t = mdd_thing(&s, name, 0);
    CHECK(t != NULL && t->cells == 2);
    CHECK(mdd_thing(&s, "no hash", 0) == NULL);
    mdd_things_free(&s);

    for (i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        bad += mdd_name(&n, name) != (i < 4096 ? i : -1);
    }

    CHECK(bad == 0 && n.n == 4096);
    CHECK(mdd_name(&n, "n17") == 17 && mdd_name(&n, "n4095") == 4095);
    mdd_names_free(&n);
}


static void
csv(void)
{
    int          end, k;
    char         cell[64];
    size_t       i;
    mdd_buf_t    b = { 0 };
    const char  *p;

    static const char *const  cells[] = {
        "plain", "", "a,b", "say \"x\"", "two\r\nlines", "=1+1", "-1", "@x",
        "'", "\t=1"
    };

    test_begin("CSV out and in");

    for (i = 0; i < 10; i++) {
        mdd_csv_cell(&b, cells[i], i == 0);
    }

    mdd_buf_str(&b, "\r\n");
    mdd_buf_add(&b, "", 1);
    CHECK(!b.bad);

    for (p = b.p, i = 0, end = ','; end == ',' && i < 10; i++) {
        end = mdd_csv_read(&p, cell, sizeof(cell));
        k = cell[0] == '\'' && strchr("=+-@\t\r", cell[1]) && cell[1];
        CHECK(strcmp(cell + k, cells[i]) == 0);
        CHECK(cell[0] == '\0' || strchr("=+-@\t", cell[0]) == NULL);
    }

    CHECK(i == 10 && end == '\n' && *p == '\0');
    mdd_buf_free(&b);
    p = "\"open";
    CHECK(mdd_csv_read(&p, cell, sizeof(cell)) == -1);
    p = "\"a\"b,c";
    CHECK(mdd_csv_read(&p, cell, sizeof(cell)) == -1);
    p = "longer than the cell has room for";
    CHECK(mdd_csv_read(&p, cell, 8) == 0 && strcmp(cell, "longer ") == 0);
}


static void
archive(void)
{
    char         one[65], two[65];
    mdd_tar_t    a = { .time = 1000 }, b = { .time = 1000 };

    test_begin("tar");
    mdd_tar_add(&a, "x/one", "hello", 5);
    mdd_tar_add(&a, "x/none", "", 0);
    mdd_tar_end(&a, one);
    mdd_tar_add(&b, "x/one", "hello", 5);
    mdd_tar_add(&b, "x/none", "", 0);
    mdd_tar_end(&b, two);
    CHECK(!a.out.bad && a.out.n % 512 == 0 && a.files == 2);
    CHECK(strcmp(one, two) == 0 && a.out.n == b.out.n
          && memcmp(a.out.p, b.out.p, a.out.n) == 0);
    CHECK(memcmp(a.out.p + 257, "ustar", 6) == 0);
    mdd_tar_free(&a);
    mdd_tar_free(&b);
}


int
main(void)
{
    days();
    intervals();
    sets();
    csv();
    archive();

    return test_done();
}
