/*
 * lint_words.c - one term that its author meant to be several, or more than
 * the text: separators, quotes, wildcards and brackets in a term.
 *
 * Everyday typing ([词，词], “词”, 词*) makes a term that no title ever has,
 * and nothing says so. The corrected line stands in the message.
 */

#include "check.h"

#include <stdio.h>


#define SAID_MAX  20

static const char *const  separators[] = {
    "，", "、", "；", "｜", "|", ";", "／", ", "
};

static const char *const  quotes[][2] = {
    { "“", "”" }, { "‘", "’" }, { "「", "」" }, { "\"", "\"" },
    { "『", "』" }, { "＂", "＂" }, { "《", "》" }
};


static int
starts(mdr_str_t s, const char *x)
{
    return s.len > strlen(x) && memcmp(s.data, x, strlen(x)) == 0;
}


static int
ends(mdr_str_t s, const char *x)
{
    return s.len > strlen(x)
           && memcmp(s.data + s.len - strlen(x), x, strlen(x)) == 0;
}


/* "a，b、c" as "a, b, c", or a line each; 0: no separator stands between two
 * words */

static int
parts_of(mdr_str_t s, const char *glue, char *out, size_t room)
{
    int       n;
    size_t    k, len, x;
    uint32_t  i, from;

    for (i = 0, from = 0, n = 0, len = 0; i <= s.len; i++) {
        x = 0;

        for (k = 0; i < s.len
                    && k < sizeof(separators) / sizeof(separators[0]); k++)
        {
            if (s.len - i >= strlen(separators[k])
                && memcmp(s.data + i, separators[k], strlen(separators[k]))
                   == 0)
            {
                x = strlen(separators[k]);
                break;
            }
        }

        if (x == 0 && i < s.len) {
            continue;
        }

        if (i > from && len < room - 1) {
            len += (size_t) snprintf(out + len, room - len, "%s%.*s",
                                     n != 0 ? glue : "", (int) (i - from),
                                     s.data + from);
            n++;
        }

        if (x != 0) {
            i += (uint32_t) x - 1;
        }
        from = i + 1;
    }

    return n > 1 && len < room;
}


static int
one_term(mdr_check_t *c, const mdr_rule_t *r, const mdr_term_t *t)
{
    int          in_list;
    char         out[256];
    size_t       k, a, b;
    mdr_str_t    s;

    s = t->text;
    in_list = t->pos.file != r->pos.file;

    if (s.len > 200) {
        return 0;
    }

    if (parts_of(s, in_list ? "\", \"" : ", ", out, sizeof(out))) {
        mdr_check_finding(c, MDR_DIAG_WARN, "separator-in-term", &t->pos,
                          in_list ? "\"%.*s\" is one term: write a line each: "
                                    "\"%s\""
                                  : "\"%.*s\" is one term: write [%s]",
                          (int) s.len, s.data, out);
        return 1;
    }

    for (k = 0; k < sizeof(quotes) / sizeof(quotes[0]); k++) {
        a = strlen(quotes[k][0]);
        b = strlen(quotes[k][1]);

        if (s.len > a + b && starts(s, quotes[k][0]) && ends(s, quotes[k][1]))
        {
            mdr_check_finding(c, MDR_DIAG_WARN, "separator-in-term", &t->pos,
                              "\"%.*s\": the marks around it are part of the "
                              "term: write %.*s", (int) s.len, s.data,
                              (int) (s.len - a - b), s.data + a);
            return 1;
        }
    }

    if (starts(s, "*") || ends(s, "*") || ends(s, "＊") || starts(s, "＊")
        || ends(s, ".*") || starts(s, ".*") || ends(s, "%"))
    {
        for (a = 0; a < s.len && strchr("*.%", s.data[a]) != NULL; a++) {
            /* void */
        }
        for (b = s.len; b > a && strchr("*.%", s.data[b - 1]) != NULL; b--) {
            /* void */
        }

        if (b > a && ((uint8_t) s.data[a] & 0x80) != 0) {
            mdr_check_finding(c, MDR_DIAG_WARN, "separator-in-term", &t->pos,
                              "\"%.*s\": a term has no wildcards, and is "
                              "found anywhere in a text: write %.*s",
                              (int) s.len, s.data, (int) (b - a),
                              s.data + a);
            return 1;
        }
    }

    if ((starts(s, "[") && !ends(s, "]")) || (ends(s, "]") && !starts(s, "["))
        || (starts(s, "【") && !ends(s, "】") && s.len > 3
            && memchr(s.data, '\xe3', s.len) == s.data
            && strstr(s.data, "】") == NULL))
    {
        a = starts(s, "[") ? 1 : starts(s, "【") ? 3 : 0;
        b = s.len - (ends(s, "]") ? 1 : 0);
        mdr_check_finding(c, MDR_DIAG_WARN, "separator-in-term", &t->pos,
                          "\"%.*s\": the bracket is part of the term: write "
                          "%.*s", (int) s.len, s.data, (int) (b - a),
                          s.data + a);
        return 1;
    }

    return 0;
}


void
mdr_lint_words(mdr_check_t *c, uint32_t n)
{
    uint32_t           g, said;
    uint64_t           i;
    const mdr_rule_t  *r;

    r = &c->m->rules[n];
    said = 0;

    for (g = 0; g < r->ngroups; g++) {
        for (i = 0; i < r->groups[g].nterms && said < SAID_MAX; i++) {
            said += (uint32_t) one_term(c, r, &r->groups[g].terms[i]);
        }
    }
}
