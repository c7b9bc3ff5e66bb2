/*
 * lint_regex.c - regexes whose time grows faster than the text.
 *
 * PCRE2 backtracks: `(a+)+b` tries every way to part a run of a's, `a.*b.*c`
 * every pair of places.  Which text a pattern is slow on is not read from it but
 * tried: what it may be made of (its own characters, and one of each kind that
 * its classes name) is repeated, one by one and two by two, behind all of them,
 * so that nothing which every match needs is missing.  Where that spends the
 * budget of a text (base/limits.c), a reader's text may do so, too: of the
 * length of a title that is a finding, of a long one a remark.
 */

#include "check.h"
#include "regex/regex.h"
#include "base/utf8.h"

#include <string.h>


#define SAMPLES  12
#define TITLE    64                     /* bytes of a text: of any title,    */
#define BYTES    2000                   /* and of a long one                 */

typedef struct {
    uint32_t  cp[SAMPLES];
    size_t    n;
} samples_t;


static void
sample(samples_t *s, uint32_t cp)
{
    size_t  i;

    for (i = 0; i < s->n && s->cp[i] != cp; i++) { /* void */ }

    if (i == s->n && s->n < SAMPLES) {
        s->cp[s->n++] = cp;
    }
}


/* what a text of the pattern may hold, roughly: more than it does is no harm */

static void
read_samples(mdr_str_t p, uint32_t folds, samples_t *s)
{
    size_t          i, len;
    uint32_t        cp;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    s->n = 0;

    for (i = 0; i < p.len; i += len) {
        cp = mdr_utf8_next((const uint8_t *) p.data + i, p.len - i, &len);

        if (len == 0) {
            return;
        }

        if (cp == '\\' && i + 1 < p.len) {
            len = 2;

            switch (p.data[i + 1]) {
            case 'd': sample(s, '1'); break;
            case 'w': sample(s, 'a'); break;
            case 's': case 'W': case 'D': case 'b': sample(s, ' '); break;
            case 'p': case 'P': sample(s, 0x7532); break;
            default: break;
            }

        } else if (cp == '.') {
            sample(s, 'q');

        } else if (cp >= 0x80 || mdr_fold_is_word(cp) || cp == ' '
                   || strchr("-_,;:/@#%&=~!<>\"'", (int) cp) != NULL)
        {
            (void) mdr_fold_forms(cp, folds, f);
            sample(s, f[0].cp[0]);
        }
    }
}


/* does the text spend what a regex may take of one? */

static int
is_slow(const mdr_regex_t *re, mdr_regex_work_t *w, const uint8_t *text,
    size_t n)
{
    int          rc;
    size_t       from, start, end;
    uint64_t     budget;
    mdr_meter_t  meter;

    meter.steps = 0;
    meter.stop = UINT64_MAX;
    meter.cut = 0;
    budget = mdr_limits_default.regex_steps
             + (uint64_t) mdr_limits_default.regex_steps_byte * n;

    for (from = 0, rc = 1; rc == 1 && from <= n; from = end + (end == start))
    {
        rc = mdr_regex_find(re, w, text, n, from, &budget, &meter, &start,
                            &end);
    }

    return rc == MDR_REGEX_LIMIT;
}


/* samples a and b over and over, behind all of them; the length */

static size_t
make_text(const samples_t *s, uint32_t a, uint32_t b, size_t bytes,
    uint8_t *text)
{
    size_t  i, n;

    for (i = 0, n = 0; i < s->n; i++) {
        n += mdr_utf8_put(text + n, s->cp[i]);
    }

    while (n < bytes) {
        n += mdr_utf8_put(text + n, a);
        n += mdr_utf8_put(text + n, b);
    }

    return n;
}


/* a text that the regex is slow on; 0: none was found */

static int
find_slow(const mdr_regex_t *re, mdr_regex_work_t *w, const samples_t *s,
    size_t bytes, uint32_t *a, uint32_t *b)
{
    size_t   i, k;
    uint8_t  text[BYTES + 4 * (SAMPLES + 2)];

    for (i = 0; i < s->n; i++) {
        for (k = 0; k <= i; k++) {
            *a = s->cp[i];
            *b = s->cp[k];

            if (is_slow(re, w, text, make_text(s, *a, *b, bytes, text))) {
                return 1;
            }
        }
    }

    return 0;
}


void
mdr_lint_regex(mdr_check_t *c, mdr_str_t pattern, uint32_t folds,
    const mdr_pos_t *pos)
{
    size_t             n, bytes;
    uint32_t           a, b;
    uint8_t            pair[8];
    samples_t          s;
    mdr_regex_t       *re;
    mdr_regex_work_t  *w;

    re = mdr_regex_new(pattern, folds, c->alloc);
    w = mdr_regex_work_new(c->alloc);

    if (re != NULL && w != NULL) {
        read_samples(pattern, folds, &s);

        bytes = find_slow(re, w, &s, TITLE, &a, &b) ? TITLE
                : find_slow(re, w, &s, BYTES, &a, &b) ? BYTES : 0;

        if (bytes != 0) {
            n = mdr_utf8_put(pair, a);
            n += a != b ? mdr_utf8_put(pair + n, b) : 0;
            mdr_check_finding(c, bytes == TITLE ? MDR_DIAG_WARN
                                                : MDR_DIAG_INFO,
                              "slow-regex", pos,
                              "slow regex: its time grows faster than the "
                              "text; %zu bytes of \"%.*s\" spend the budget",
                              bytes, (int) n, (const char *) pair);
        }
    }

    mdr_regex_work_free(w);
    mdr_regex_free(re);
}
