/*
 * match.c - the search against the obvious: every term at every atom.
 *
 * Random policies over a small alphabet full of disguises, random texts.  A
 * rule without `repeat` must give exactly the hits that trying its terms at
 * every atom gives; with `repeat` each of those must lie in a hit that is
 * given, and nothing else may be given.
 */

#define _POSIX_C_SOURCE 200809L

#include "fold.h"
#include "policy.h"

#include "test.h"

#include <unistd.h>


static const char *const  letters[] = {
    "震", "惊", "驚", "网", "網", "a", "A", "ａ", "b", "ⓑ", "1", "l", "０",
    "一", "①", "㎏", "k", "g", "а"
};

static const char *const  marks[] = {
    "!", "·", "★", "(", "】", " ", "，", "🔥", "|", "+"
};

static const char *const  others[] = {
    "\u200b", "(wǎng)", "（jing）", "(UC)", "\ufe0f", "的", "x", "\u202e",
    "\u202c", "ɐ", "(", "（", "【", "】", "{jīng}", " （wǎng）", "((", "(㎏",
    "(a", "<wang>", "ɹ", "〈"
};

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))


static size_t
random_text(char *to, size_t max, int term)
{
    size_t       n, len;
    const char  *s;

    for (n = 0, *to = '\0'; n + 16 < max; ) {
        s = term || rand() % 3 ? letters[(size_t) rand() % COUNT(letters)]
            : rand() % 2 ? marks[(size_t) rand() % COUNT(marks)]
                         : others[(size_t) rand() % COUNT(others)];
        if (term && rand() % 12 == 0) {
            s = marks[(size_t) rand() % (COUNT(marks) - 2)];
            if (*s == ' ') {
                continue;
            }
        }
        len = strlen(s);
        memcpy(to + n, s, len + 1);
        n += len;
        if (rand() % (term ? 3 : 24) == 0) {
            break;
        }
    }

    return n;
}


static const char *const  foldings[] = {
    "width, case, hant, gloss, digits, invisible, confusable",
    "width, case", "case, invisible, hant",
    "width, case, hant, gloss, digits, invisible, confusable, repeat",
    "width, case, hant, gloss, digits, invisible, confusable, leet"
};


static mdr_policy_t *
make_policy(const mdr_load_conf_t *conf, mdr_model_t **model)
{
    int            fd, i, j, n, with_repeat;
    char           text[8192], term[64], name[] = "/tmp/mdr-match-XXXXXX";
    size_t         at, f;
    mdr_diags_t   *d;
    mdr_policy_t  *p;

    at = (size_t) sprintf(text, "schema: 1\npolicy: t\nslots: [{name: a, "
                          "type: html, match: p, fields: {t: .}}]\nrules:\n");
    with_repeat = rand() % 2;

    for (i = 0; i < 4; i++) {
        f = (size_t) rand() % COUNT(foldings);
        if (f == 3 && !with_repeat) {
            f = 0;
        }
        at += (size_t) sprintf(text + at, "- {id: r%d, label: x, fold: [%s],"
                               " gap: {max: %d, of: [space, punct, symbol, "
                               "emoji]}, match: {in: [t], boundary: %s, "
                               "terms: [", i, foldings[f], rand() % 3,
                               rand() % 2 ? "none" : "auto");
        n = 1 + rand() % 5;
        for (j = 0; j < n; j++) {
            while (random_text(term, 30, 1) == 0) { /* void */ }
            at += (size_t) sprintf(text + at, "%s\"%s\"", j ? ", " : "",
                                   term);
        }
        at += (size_t) sprintf(text + at, "]}}\n");
    }

    fd = mkstemp(name);
    if (fd == -1 || write(fd, text, at) != (ssize_t) at) {
        return NULL;
    }
    close(fd);

    d = mdr_diags_new(NULL);
    p = NULL;

    if (mdr_policy_load(name, conf, d, &p) != MDR_OK
        || mdr_load(name, conf, d, model) != MDR_OK)
    {
        if (mdr_diags_count(d) != 0) {
            mdr_diag_format(mdr_diags_get(d, 0), term, sizeof(term));
            printf("# %s\n%s\n", term, text);
        }
        p = NULL;
    }

    mdr_diags_free(d);
    unlink(name);

    return p;
}


static unsigned long  compared, found;


static int
compare(const mdr_policy_t *p, const mdr_model_t *m, mdr_match_work_t *w,
    const char *text, size_t len)
{
    int                 ok, repeat, in;
    size_t              i, k, last;
    uint32_t            r, n, start, end;
    mdr_trace_t         t;
    mdr_subject_t       s;
    mdr_raw_hits_t      raw;
    const mdr_rule_t   *rule;
    uint8_t            *seen;

    memset(&raw, 0, sizeof(raw));
    memset(&s, 0, sizeof(s));
    s.data = (const uint8_t *) text;
    s.len = (uint32_t) len;

    if (mdr_match(p->matcher, w, &s, 1, &raw) != MDR_OK) {
        return 0;
    }

    seen = calloc(raw.n + 1, 1);
    mdr_trace_init(&t, mdr_mem_default());
    ok = 1;

    for (r = 0; r < m->nrules; r++) {
        rule = &m->rules[r];
        repeat = (rule->profile.folds & MDR_FOLD_REPEAT) != 0;
        (void) mdr_trace_build(&t, s.data, len, rule->profile.folds);

        for (n = 0; n < rule->groups[0].nterms; n++) {
            for (i = 0; i < t.n; i++) {
                compared++;

                if (!mdr_trace_match(&t, i, rule->groups[0].terms[n].text,
                                     &rule->profile, &start, &end, &last))
                {
                    continue;
                }

                found++;

                for (k = 0, in = 0; k < raw.n; k++) {
                    if (raw.hits[k].rule != r) {
                        continue;
                    }
                    if (raw.hits[k].start == start && raw.hits[k].end == end)
                    {
                        seen[k] = 1;
                        in = 1;
                    } else if (repeat && raw.hits[k].start <= start
                               && raw.hits[k].end >= end)
                    {
                        in = 1;
                    }
                }

                if (!in) {
                    printf("# missed: rule %u \"%s\" at %u-%u of \"%s\"\n",
                           r, rule->groups[0].terms[n].text.data, start, end,
                           text);
                    ok = 0;
                }
            }
        }
    }

    for (k = 0; k < raw.n; k++) {
        if (!seen[k]) {
            printf("# too much: rule %u at %u-%u of \"%s\"\n",
                   raw.hits[k].rule, raw.hits[k].start, raw.hits[k].end,
                   text);
            ok = 0;
        }
    }

    free(seen);
    free(raw.hits);
    mdr_trace_done(&t);

    return ok;
}


int
main(void)
{
    int                 i, j, wrong;
    char                text[512];
    size_t              n;
    mdr_model_t        *m;
    mdr_policy_t       *p;
    mdr_load_conf_t     conf;
    mdr_match_work_t   *w;

    memset(&conf, 0, sizeof(conf));
    w = mdr_match_work_new(mdr_mem_default());

    test_begin("random policies and texts: no difference to the obvious");

    for (i = 0, wrong = 0; i < 96 && wrong < 5; i++) {
        srand((unsigned) i + 7777);
        p = make_policy(&conf, &m);
        CHECK(p != NULL);

        if (p == NULL) {
            break;
        }

        for (j = 0; j < 300 && wrong < 5; j++) {
            n = random_text(text, 200, 0);
            if (n != 0 && !compare(p, m, w, text, n)) {
                printf("# policy %d text %d\n", i, j);
                wrong++;
            }
        }

        mdr_model_free(m);
        mdr_policy_free(p);
    }

    CHECK(wrong == 0);
    CHECK(found > 1000);
    printf("# %lu comparisons, %lu hits\n", compared, found);

    mdr_match_work_free(w);

    return test_done();
}
