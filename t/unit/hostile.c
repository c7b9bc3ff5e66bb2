/* hostile texts: signs, letters, marks and brackets, two and two, or three, over
 * and over.  However they are put together, what they cost is linear in their
 * length, and what is not read for that is said */

#include "base/utf8.h"
#include "match/match_work.h"
#include "policy/policy.h"
#include "test.h"
#include "test_policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>


#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define SHORT     2048
#define LONG      65536

#define GAP   "gap: {max: 2, of: [space, punct, symbol, emoji]}, "
#define ALL   "width, case, hant, gloss, digits, invisible, confusable"
#define HEAD  "schema: 1\npolicy: t\nslots: [{name: a, type: html, match: p, " \
              "fields: {t: .}}]\nrules:\n"
#define NINE  "[lilo, casino, salsa, illi, 甲乙甲, isis lol, soil, '1010', " \
              "assist]"

static const char *const  signs[] = {
    "|", "$", "!", "@", "l", "i", "1", "0", "o", "s", "a", "(", ")", "4",
    "·", " ", "甲", "乙", "🇦", "€", "⒜", "㎏", "ɐ", "\u202e", "3", "重",
    "重(chóng)", "ﬁ", "́", "[", "<", "行", "ǝ", "#️⃣"
};

static const char *const  longs[] = {
    "|$", "l1i| ", "重(chóng)甲", "\u202els·", "|1", "\u202e1|", "||"
};

static char  text[LONG + 64];


static size_t
repeat(const char *unit, size_t n)
{
    size_t  k;

    for (k = 0; k < n; /* void */) {
        k += (size_t) sprintf(text + k, "%s", unit);
    }

    while (k > n || ((uint8_t) text[k] & 0xc0) == 0x80) {
        k--;
    }

    return k;
}


static uint64_t
search(const mdr_policy_t *p, mdr_match_work_t *w, size_t n, size_t *nlimited)
{
    uint64_t        steps;
    mdr_subject_t   s;
    mdr_raw_hits_t  raw;

    memset(&raw, 0, sizeof(raw));
    memset(&s, 0, sizeof(s));
    s.data = (const uint8_t *) text;
    s.len = (uint32_t) n;

    CHECK(mdr_match(p->matcher, w, &s, 1, &raw) == MDR_OK);
    steps = raw.meter.steps;
    *nlimited = raw.nlimited;

    /* what is left for that is said, and only that */

    CHECK(raw.nlimited <= 1);
    CHECK(raw.nlimited == 0 || w->bill != NULL
          || steps >= w->limits.text_steps
                      + w->limits.text_steps_byte * n);
    free(raw.hits);

    return steps;
}


static mdr_match_work_t  *work;
static size_t             texts, limited, wrong;
static double             worst;        /* steps a character                 */
static double             slowest;      /* of texts as long as may be, ms    */


static double
used_ms(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);

    return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}


/* `unit` over and over: twice as long costs twice as much */

static void
try_text(const mdr_policy_t *p, const char *unit)
{
    size_t    i, n, chars, nlimited;
    uint64_t  a, b;

    n = repeat(unit, SHORT);
    a = search(p, work, n, &nlimited);
    n = repeat(unit, 2 * SHORT);
    b = search(p, work, n, &nlimited);

    for (i = 0, chars = 0; i < n; i++) {
        chars += ((uint8_t) text[i] & 0xc0) != 0x80;
    }

    texts++;
    limited += nlimited != 0;
    worst = (double) b / (double) chars > worst ? (double) b / (double) chars
                                                : worst;

    if (nlimited == 0 && 10 * b > 22 * a + 120000 && wrong++ < 3) {
        printf("# \"%s\": %llu steps, twice as long: %llu\n", unit,
               (unsigned long long) a, (unsigned long long) b);
    }
}


/* the same, as long as a slot may be */

static void
try_long(const mdr_policy_t *p, const char *unit)
{
    size_t    n, nlimited;
    double    ms;
    uint64_t  a, b;

    n = repeat(unit, LONG / 2);
    a = search(p, work, n, &nlimited);
    n = repeat(unit, LONG);
    ms = used_ms();
    b = search(p, work, n, &nlimited);
    ms = used_ms() - ms;
    slowest = ms > slowest ? ms : slowest;

    CHECK(b <= work->limits.text_steps
               + (work->limits.text_steps_byte + 4) * n);
    CHECK(10 * b <= 22 * a + 60000);
}


/* all pairs of signs, and so many triples */

static void
try_policy(const char *name, const char *rules, unsigned triples)
{
    char           unit[64];
    size_t         i, j;
    mdr_policy_t  *p;

    p = test_policy(rules, NULL);
    CHECK(p != NULL);
    if (p == NULL) {
        return;
    }

    texts = limited = wrong = 0;
    worst = 0;

    for (i = 0; i < COUNT(signs); i++) {
        for (j = i; j < COUNT(signs); j++) {
            snprintf(unit, sizeof(unit), "%s%s", signs[i], signs[j]);
            try_text(p, unit);
        }
    }

    while (triples-- != 0) {
        snprintf(unit, sizeof(unit), "%s%s%s",
                 signs[(size_t) rand() % COUNT(signs)],
                 signs[(size_t) rand() % COUNT(signs)],
                 signs[(size_t) rand() % COUNT(signs)]);
        try_text(p, unit);
    }

    printf("# %s: %zu of %zu texts have spent their budget, the worst takes "
           "%.0f steps a character\n", name, limited, texts, worst);
    CHECK(wrong == 0);

    slowest = 0;

    for (i = 0; i < COUNT(longs); i++) {
        try_long(p, longs[i]);
    }

    printf("# %s: 64 KB take up to %.1f ms\n", name, slowest);

    mdr_policy_free(p);
}


/* letters that signs may be: many such terms */

static size_t
look_alikes(char *to, unsigned from, unsigned count)
{
    size_t    n;
    unsigned  i, k, m;

    for (i = from, n = 0; i < from + count; i++) {
        n += (size_t) sprintf(to + n, "%s'", i != from ? ", " : "");

        for (k = 0, m = i; k < 3 + i % 4; k++, m /= 3) {
            to[n++] = "lisaote"[(m + k) % 7];
        }

        to[n++] = '\'';
    }

    to[n] = '\0';

    return n;
}


/* the same search beside many terms that are not there, and the response's part
 * of the budget */

static void
try_large(void)
{
    char              *yaml;
    size_t             i, n, nlimited, len;
    uint64_t           steps[2];
    mdr_policy_t      *p;
    mdr_match_bill_t   bill;

    yaml = malloc(1 << 20);
    CHECK(yaml != NULL);

    for (i = 0; i < 2; i++) {
        n = (size_t) sprintf(yaml, HEAD "- {id: r, label: x, fold: [" ALL
                             ", leet], " GAP "match: {in: [t], terms: [li");

        for (len = 0; i == 1 && len < MDR_LEX_FAR + 1000; len++) {
            memcpy(yaml + n, ", ", 2);
            n += 2;
            n += mdr_utf8_put((uint8_t *) yaml + n,
                              (uint32_t) (0x20000 + len % 4096));
            n += mdr_utf8_put((uint8_t *) yaml + n,
                              (uint32_t) (0x4e00 + len / 4096));
        }

        strcpy(yaml + n, "]}}\n");
        p = test_policy(yaml, NULL);
        CHECK(p != NULL);

        if (p != NULL) {
            len = repeat("|!", SHORT);
            steps[i] = search(p, work, len, &nlimited);
            CHECK(nlimited == 0);

            memset(&bill, 0, sizeof(bill));
            bill.may = steps[i] / 2;
            mdr_match_work_limits(work, NULL, &bill);
            (void) search(p, work, len, &nlimited);
            CHECK(nlimited == 1 && bill.steps == bill.may);
            mdr_match_work_limits(work, NULL, NULL);
            mdr_policy_free(p);
        }
    }

    CHECK(steps[1] >= 2 * steps[0]);
    free(yaml);

    /* what is not used does not add up */

    memset(&bill, 0, sizeof(bill));
    bill.may = mdr_limits_default.response_steps;
    mdr_match_bill(&bill, &mdr_limits_default, 1 << 20);
    CHECK(bill.may == mdr_limits_default.response_steps);
    bill.steps = bill.may;
    mdr_match_bill(&bill, &mdr_limits_default, (1 << 20) + 100);
    CHECK(bill.may - bill.steps
          == 100 * mdr_limits_default.response_steps_byte);
}


int
main(void)
{
    static const char *const  folds[][2] = {
        { "neither", ALL }, { "repeat", ALL ", repeat" },
        { "leet", ALL ", leet" }, { "both", ALL ", repeat, leet" }
    };

    static char  yaml[1 << 17];

    size_t    i, n;
    char      name[64];
    unsigned  k;

    srand(5);
    work = mdr_match_work_new(mdr_mem_default());
    test_begin("pairs and triples of signs: linear, and what is spent is said");

    for (i = 0; i < COUNT(folds); i++) {
        snprintf(yaml, sizeof(yaml), HEAD "- {id: r, label: x, fold: [%s], "
                 GAP "match: {in: [t], terms: [li]}}\n", folds[i][1]);
        snprintf(name, sizeof(name), "li, %s", folds[i][0]);
        try_policy(name, yaml, test_share(200));

        snprintf(yaml, sizeof(yaml), HEAD "- {id: r, label: x, fold: [%s], "
                 GAP "match: {in: [t], terms: " NINE "}}\n", folds[i][1]);
        snprintf(name, sizeof(name), "nine, %s", folds[i][0]);
        try_policy(name, yaml, test_share(200));
    }

    test_begin("many terms, many rules, many profiles");

    for (i = 0; i < COUNT(folds); i++) {
        n = (size_t) sprintf(yaml, HEAD "- {id: r, label: x, fold: [%s], " GAP
                             "match: {in: [t], terms: [", folds[i][1]);
        n += look_alikes(yaml + n, 0, 600);
        strcpy(yaml + n, "]}}\n");
        snprintf(name, sizeof(name), "many terms, %s", folds[i][0]);
        try_policy(name, yaml, 0);

        n = (size_t) sprintf(yaml, HEAD);

        for (k = 0; k < 60; k++) {
            n += (size_t) sprintf(yaml + n, "- {id: r%u, label: x, fold: [%s]"
                                  ", " GAP "match: {in: [t], terms: [", k,
                                  folds[i][1]);
            n += look_alikes(yaml + n, 5 * k, 5);
            n += (size_t) sprintf(yaml + n, "]}}\n");
        }

        snprintf(name, sizeof(name), "many rules, %s", folds[i][0]);
        try_policy(name, yaml, 0);
    }

    n = (size_t) sprintf(yaml, HEAD);

    for (k = 0; k < 24; k++) {
        n += (size_t) sprintf(yaml + n, "- {id: r%u, label: x, fold: [%s], "
                              "gap: {max: %u, of: [space, punct, symbol]}, "
                              "match: {in: [t], boundary: %s, terms: [", k,
                              folds[k % 4][1], k / 4 % 3,
                              k % 2 ? "none" : "auto");
        n += look_alikes(yaml + n, 5 * k, 5);
        n += (size_t) sprintf(yaml + n, "]}}\n");
    }

    try_policy("many profiles", yaml, 0);

    test_begin("a large list: each step counts for two");
    try_large();

    mdr_match_work_free(work);

    return test_done();
}
