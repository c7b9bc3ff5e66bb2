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

/* the last one in list files only: in a policy it is YAML's */

static const char *const  separators[] = {
    "，", "、", "；", "｜", "|", ";", "／", ", ", ","
};

static const char *const  quotes[][2] = {
    { "“", "”" }, { "‘", "’" }, { "「", "」" }, { "\"", "\"" },
    { "『", "』" }, { "＂", "＂" }, { "《", "》" }
};


/* what people put in front of a line, and behind a word */

static const char *const  fronts[] = {
    "- ", "— ", "－ ", "－", "– ", "· ", "• ", "•", "* ", "● ", "●", "+ ",
    "，", "、", "；", "。"
};

static const char *const  backs[] = { "，", "、", "；", "。", ";", "," };

static const char *const  brackets[][2] = {
    { "(", ")" }, { "（", "）" }, { "{", "}" }, { "｛", "｝" }, { "[", "]" },
    { "【", "】" }
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


/* a star between two characters that are not ASCII, as 震*惊 or 震.*惊 */

static int
star_inside(mdr_str_t s)
{
    uint32_t  i, k;

    for (i = 1; i + 1 < s.len; i++) {
        k = i + (s.data[i] == '.' && s.data[i + 1] == '*');

        if ((s.data[k] == '*' && k + 1 < s.len
             && (uint8_t) s.data[i - 1] >= 0x80
             && (uint8_t) s.data[k + 1] >= 0x80)
            || (i + 3 < s.len && memcmp(s.data + i, "＊", 3) == 0))
        {
            return 1;
        }
    }

    return 0;
}


/* "a，b、c" as "a, b, c", or a line each; 0: no separator stands between two
 * words */

static int
parts_of(mdr_str_t s, int in_list, char *out, size_t room)
{
    int       n;
    size_t    k, len, x;
    uint32_t  i, from;

    for (i = 0, from = 0, n = 0, len = 0; i <= s.len; i++) {
        x = 0;

        for (k = 0; i < s.len
                    && k < sizeof(separators) / sizeof(separators[0])
                           - (in_list ? 0 : 1); k++)
        {
            if (s.len - i >= strlen(separators[k])
                && memcmp(s.data + i, separators[k], strlen(separators[k]))
                   == 0
                && (separators[k][0] != ',' || i == 0 || i + 1 == s.len
                    || (uint8_t) s.data[i - 1] >= 0x80
                    || (uint8_t) s.data[i + 1] >= 0x80))
            {
                x = strlen(separators[k]);
                break;
            }
        }

        /* a blank between two characters that are not ASCII */

        if (i != 0 && i + 1 < s.len && s.data[i] == ' '
            && (uint8_t) s.data[i - 1] >= 0x80
            && (uint8_t) s.data[i + 1] >= 0x80)
        {
            x = 1;
        }

        if (x == 0 && i < s.len) {
            continue;
        }

        if (i > from && len < room - 1) {
            len += (size_t) snprintf(out + len, room - len, "%s%.*s",
                                     n == 0 ? "" : in_list ? "\", \"" : ", ", (int) (i - from),
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
has_wide(const char *s, size_t n)
{
    while (n != 0 && (uint8_t) s[n - 1] < 0x80) {
        n--;
    }

    return n != 0;
}


/* a line of a list with a weight behind blanks. Terms of ASCII alone are left
 * alone */

static int
list_line(mdr_check_t *c, const mdr_group_t *g, const mdr_term_t *t)
{
    size_t     n, blanks;
    mdr_str_t  s;

    s = t->text;

    if (!has_wide(s.data, s.len)) {
        return 0;
    }

    /* "词  3" and, where other lines have a weight, "词 3" */

    for (n = s.len; n > 0 && s.data[n - 1] >= '0' && s.data[n - 1] <= '9'; n--)
    {
        /* void */
    }

    if (n < s.len && n > 1 && (s.data[n - 1] == '-' || s.data[n - 1] == '+')) {
        n--;
    }

    for (blanks = 0; n > blanks && s.data[n - 1 - blanks] == ' '; blanks++) {
        /* void */
    }

    if (n < s.len && n > blanks && (blanks > 1 || (blanks == 1 && g->weighted)))
    {
        mdr_check_finding(c, MDR_DIAG_WARN, "separator-in-term", &t->pos,
                          "\"%.*s\": the number is part of the term: a weight "
                          "stands behind a tab", (int) s.len, s.data);
        return 1;
    }

    return 0;
}


/* the number that a line begins with, as "1. ", "１、", "(1)", "①"; bytes */

static size_t
number(mdr_str_t s)
{
    int     digits, open;
    size_t  i;

    if (s.len > 3 && memcmp(s.data, "\xe2\x91", 2) == 0) {
        return 3;
    }

    open = starts(s, "(") ? 1 : starts(s, "（") ? 3 : 0;

    for (i = (size_t) open, digits = 0; i + 3 < s.len; digits++) {
        if (s.data[i] >= '0' && s.data[i] <= '9') {
            i++;
        } else if (memcmp(s.data + i, "\xef\xbc", 2) == 0
                   && (uint8_t) s.data[i + 2] >= 0x90
                   && (uint8_t) s.data[i + 2] <= 0x99)
        {
            i += 3;
        } else {
            break;
        }
    }

    if (digits == 0 || digits > 3 || i + 3 >= s.len) {
        return 0;
    }

    if (open) {
        return s.data[i] == ')' ? i + 1
               : memcmp(s.data + i, "）", 3) == 0 ? i + 3 : 0;
    }

    return s.data[i] == '.' && s.data[i + 1] == ' ' ? i + 2
           : memcmp(s.data + i, "、", 3) == 0
             || memcmp(s.data + i, "．", 3) == 0 ? i + 3 : 0;
}


/* what stands around a term, and is none of it: a number or sign in front, a
 * comma behind. What is left */

static mdr_str_t
bare(mdr_str_t s, const char **what)
{
    size_t  i, n;

    *what = NULL;
    n = number(s);

    if (n != 0) {
        *what = "the number";
    }

    for (i = 0; n == 0 && i < sizeof(fronts) / sizeof(fronts[0]); i++) {
        if (starts(s, fronts[i])) {
            n = strlen(fronts[i]);
            *what = i < 5 ? "the dash" : "the sign in front";
            break;
        }
    }

    s.data += n;
    s.len -= (uint32_t) n;

    for (i = 0; i < sizeof(backs) / sizeof(backs[0]); i++) {
        if (ends(s, backs[i])) {
            s.len -= (uint32_t) strlen(backs[i]);
            *what = *what != NULL ? *what : "the sign at the end";
        }
    }

    return s;
}


/* 加好友\d+, ^加好友, 加好友$, /加好友/ */

static int
is_regex(mdr_str_t s)
{
    uint32_t  i;

    for (i = 0; i + 1 < s.len; i++) {
        if (s.data[i] == '\\' && strchr("dwsbDWSB", s.data[i + 1]) != NULL) {
            return 1;
        }
    }

    return has_wide(s.data, s.len)
           && (s.data[0] == '^' || s.data[s.len - 1] == '$'
               || (s.len > 2 && s.data[0] == '/'
                   && s.data[s.len - 1] == '/'));
}


/* -词 and below it -词, without a blank: one text for YAML */

static int
is_dashes(mdr_str_t s)
{
    return s.len > 1 && s.data[0] == '-' && (uint8_t) s.data[1] >= 0x80;
}


/* stars around or inside, half of a pair of brackets */

static int
wildcards(mdr_check_t *c, const mdr_term_t *t)
{
    size_t     a, b;
    mdr_str_t  s;

    s = t->text;

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

    if (star_inside(s)) {
        mdr_check_finding(c, MDR_DIAG_WARN, "separator-in-term", &t->pos,
                          "\"%.*s\": a term has no wildcards: \"gap\" lets "
                          "signs stand between its characters, a regex any "
                          "text", (int) s.len, s.data);
        return 1;
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


static int
one_term(mdr_check_t *c, const mdr_rule_t *r, const mdr_group_t *g,
    const mdr_term_t *t)
{
    int          in_list;
    char         out[256];
    size_t       k, a, b;
    mdr_str_t    s, core;
    const char  *what;

    s = t->text;
    in_list = t->pos.file != r->pos.file;

    if (s.len > 200) {
        return 0;
    }

    if (in_list && list_line(c, g, t)) {
        return 1;
    }

    if (is_regex(s)) {
        a = starts(s, "/") && ends(s, "/") ? 1 : 0;
        mdr_check_finding(c, MDR_DIAG_WARN, "separator-in-term", &t->pos,
                          "\"%.*s\": a term is no regex: write regex: '%.*s'",
                          (int) s.len, s.data, (int) (s.len - 2 * a),
                          s.data + a);
        return 1;
    }

    if (!in_list && is_dashes(s)) {
        mdr_check_finding(c, MDR_DIAG_WARN, "separator-in-term", &t->pos,
                          "\"%.*s\": a dash without a blank behind it is part "
                          "of the term: write \"- \" and the term, each in a "
                          "line of its own", (int) s.len, s.data);
        return 1;
    }

    core = bare(s, &what);

    /* (a, b) is meant as [a, b] */

    for (k = 0; k < sizeof(brackets) / sizeof(brackets[0]); k++) {
        if (starts(core, brackets[k][0]) && ends(core, brackets[k][1])
            && has_wide(core.data, core.len))
        {
            core.data += strlen(brackets[k][0]);
            core.len -= (uint32_t) (strlen(brackets[k][0])
                                    + strlen(brackets[k][1]));
            what = "the bracket";
            break;
        }
    }

    if (parts_of(core, in_list, out, sizeof(out))) {
        mdr_check_finding(c, MDR_DIAG_WARN, "separator-in-term", &t->pos,
                          in_list ? "\"%.*s\" is one term: write a line each: "
                                    "\"%s\""
                                  : "\"%.*s\" is one term: write [%s]",
                          (int) s.len, s.data, out);
        return 1;
    }

    if (what != NULL && core.len != 0 && has_wide(core.data, core.len)) {
        mdr_check_finding(c, MDR_DIAG_WARN, "separator-in-term", &t->pos,
                          "\"%.*s\": %s is part of the term: write %.*s",
                          (int) s.len, s.data, what, (int) core.len,
                          core.data);
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

    return wildcards(c, t);
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
            said += (uint32_t) one_term(c, r, &r->groups[g],
                                        &r->groups[g].terms[i]);
        }
    }
}
