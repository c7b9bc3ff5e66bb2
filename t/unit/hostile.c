/* hostile texts: signs, letters, marks and brackets, two and two, over and
 * over.  However they are put together, what they cost is linear in their
 * length, and what is not read for that is said */

#include "match/match_work.h"
#include "policy/policy.h"
#include "test.h"
#include "test_policy.h"

#include <stdio.h>
#include <stdlib.h>


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
    "·", " ", "甲", "乙", "🇦", "€", "⒜", "㎏", "ɐ", "\u202e", "3", "重"
};

static char  text[LONG + 64];


static size_t
repeat(size_t a, size_t b, size_t n)
{
    size_t  k;

    for (k = 0; k < n; /* void */) {
        k += (size_t) sprintf(text + k, "%s%s", signs[a], signs[b]);
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

    /* what is spent is said, and only that */

    CHECK(raw.nlimited <= 1);
    CHECK((raw.nlimited == 1) == (steps >= w->limits.text_steps
                                  + w->limits.text_steps_byte * n));
    free(raw.hits);

    return steps;
}


static void
try_policy(const char *name, const char *rules)
{
    int                wrong;
    char               yaml[4096];
    size_t             i, j, limited, n, l, nlimited;
    uint64_t           a, b;
    mdr_policy_t      *p;
    mdr_match_work_t  *w;

    snprintf(yaml, sizeof(yaml), HEAD "%s", rules);
    p = test_policy(yaml, NULL);
    CHECK(p != NULL);
    if (p == NULL) {
        return;
    }

    w = mdr_match_work_new(mdr_mem_default());
    limited = 0;
    n = 0;
    wrong = 0;

    for (i = 0; i < COUNT(signs); i++) {
        for (j = i; j < COUNT(signs); j++) {
            l = repeat(i, j, SHORT);
            a = search(p, w, l, &nlimited);
            l = repeat(i, j, 2 * SHORT);
            b = search(p, w, l, &nlimited);
            n++;
            limited += nlimited != 0;

            if (nlimited == 0 && 10 * b > 22 * a + 10000 && wrong++ < 3) {
                printf("# %s: \"%s%s\": %llu steps, twice as long: %llu\n",
                       name, signs[i], signs[j], (unsigned long long) a,
                       (unsigned long long) b);
            }
        }
    }

    printf("# %s: %zu of %zu texts have spent their budget\n", name, limited,
           n);
    CHECK(wrong == 0);

    l = repeat(0, 1, LONG);
    b = search(p, w, l, &nlimited);
    CHECK(b <= w->limits.text_steps + (w->limits.text_steps_byte + 4) * l);

    mdr_match_work_free(w);
    mdr_policy_free(p);
}


int
main(void)
{
    static const char *const  folds[][2] = {
        { "neither", ALL }, { "repeat", ALL ", repeat" },
        { "leet", ALL ", leet" }, { "both", ALL ", repeat, leet" }
    };

    size_t  i;
    char    rules[2048], name[64];

    test_begin("pairs of signs: linear, and what is spent is said");

    for (i = 0; i < COUNT(folds); i++) {
        snprintf(rules, sizeof(rules), "- {id: r, label: x, fold: [%s], " GAP
                 "match: {in: [t], terms: [li]}}\n", folds[i][1]);
        snprintf(name, sizeof(name), "li, %s", folds[i][0]);
        try_policy(name, rules);

        snprintf(rules, sizeof(rules), "- {id: r, label: x, fold: [%s], " GAP
                 "match: {in: [t], terms: " NINE "}}\n", folds[i][1]);
        snprintf(name, sizeof(name), "nine, %s", folds[i][0]);
        try_policy(name, rules);
    }

    return test_done();
}
