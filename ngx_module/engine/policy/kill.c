/*
 * kill.c - a line of a kill file: which rules it puts into shadow.
 *
 * The file is written by hand in a hurry, so what is meant is taken: a byte
 * order mark, any case, a colon behind the word, a comment behind the name.
 *
 *     all
 *     rule clickbait.shock-and-hurry      # until Monday
 *     Label: clickbait
 */

#include "moderation.h"

#include <string.h>

#define NAME_MAX_BYTES  128      /* longer names are not proposed             */


static int
lower(int c)
{
    return c >= 'A' && c <= 'Z' ? c + 32 : c;
}


static int
same(mdr_str_t a, mdr_str_t b)
{
    uint32_t  i;

    if (a.len != b.len) {
        return 0;
    }

    for (i = 0; i < a.len; i++) {
        if (lower((unsigned char) a.data[i])
            != lower((unsigned char) b.data[i]))
        {
            return 0;
        }
    }

    return 1;
}


static int
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}


/* without white space at both ends, and without a comment: a "#" at the
 * start or behind white space, since an id may hold one */

static mdr_str_t
trimmed(const char *p, size_t n)
{
    size_t     i;
    mdr_str_t  s;

    if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
        n -= 3;
    }

    for (i = 0; i < n; i++) {
        if (p[i] == '#' && (i == 0 || is_space(p[i - 1]))) {
            n = i;
        }
    }

    while (n > 0 && is_space(*p)) {
        p++;
        n--;
    }

    while (n > 0 && is_space(p[n - 1])) {
        n--;
    }

    s.data = p;
    s.len = (uint32_t) n;

    return s;
}


/* takes a word off the front of *s where it stands there; a colon may follow */

static int
word(mdr_str_t *s, const char *w)
{
    uint32_t   n;
    mdr_str_t  a, b;

    n = (uint32_t) strlen(w);

    a.data = s->data;
    a.len = s->len < n ? s->len : n;
    b.data = w;
    b.len = n;

    if (!same(a, b)
        || (s->len > n && !is_space(s->data[n]) && s->data[n] != ':'))
    {
        return 0;
    }

    s->data += n;
    s->len -= n;

    while (s->len > 0 && (is_space(*s->data) || *s->data == ':')) {
        s->data++;
        s->len--;
    }

    return 1;
}


/* the id or label that is nearest to a name; *near is its place */

static void
nearest(const mdr_policy_t *policy, mdr_str_t name, int label,
    mdr_str_t *near)
{
    char             copy[2][NAME_MAX_BYTES];
    uint32_t         i, best;
    mdr_str_t        s;
    const char      *found, *two[2];
    mdr_rule_info_t  rule;

    best = 0;                           /* of copy, once near->len is not 0  */

    for (i = 0; mdr_policy_rule(policy, i, &rule) == MDR_OK; i++) {
        s = label ? rule.label : rule.id;

        if (s.len >= NAME_MAX_BYTES) {
            continue;
        }

        memcpy(copy[1 - best], s.data, s.len);
        copy[1 - best][s.len] = '\0';

        two[0] = near->len != 0 ? copy[best] : copy[1 - best];
        two[1] = copy[1 - best];
        found = mdr_word_nearest(name, two, 2);

        if (found == copy[1 - best]) {
            *near = s;
            best = 1 - best;
        }
    }
}


int
mdr_policy_kill(const mdr_policy_t *policy, const char *line, size_t len,
    uint8_t *rules, mdr_str_t *near)
{
    int              all, label;
    uint32_t         i, n;
    mdr_str_t        s;
    mdr_rule_info_t  rule;

    near->data = "";
    near->len = 0;
    s = trimmed(line, len);

    if (s.len == 0) {
        return MDR_KILL_NOTHING;
    }

    all = label = 0;

    if (word(&s, "all")) {
        all = 1;

        if (s.len != 0) {
            return MDR_KILL_NO_LINE;
        }

    } else if (word(&s, "label")) {
        label = 1;

    } else if (!word(&s, "rule")) {
        return MDR_KILL_NO_LINE;
    }

    if (!all && s.len == 0) {
        return MDR_KILL_NO_LINE;
    }

    for (i = 0, n = 0; mdr_policy_rule(policy, i, &rule) == MDR_OK; i++) {
        if (all || same(s, label ? rule.label : rule.id)) {
            rules[i] = 1;
            n++;
        }
    }

    if (n == 0 && !all) {
        nearest(policy, s, label, near);
        return MDR_KILL_UNKNOWN;
    }

    return MDR_KILL_RULES;
}
