/*
 * regex_need.c - what every match of a pattern holds.
 *
 * A small reader of PCRE syntax.  It looks for a set of literals of which
 * every match holds one: a run of plain characters, or one run from each way
 * of an alternation.  Where it is not sure it knows nothing, which is always
 * right: the regex then runs on more texts than it had to.
 */

#include "regex.h"

#include <string.h>


#define DEPTH_MAX  12

typedef struct {
    mdr_str_t  lit[MDR_NEED_LITS];
    uint32_t   n;                       /* 0: nothing known                  */
} set_t;

typedef struct {
    const char  *s;
    size_t       n;
    char        *buf;
    size_t       used, size;
    int          give_up;
    uint32_t     folds;
} reader_t;


static size_t
char_len(const reader_t *r, size_t i)
{
    uint8_t  c;
    size_t   len;

    c = (uint8_t) r->s[i];
    len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    return len <= r->n - i ? len : r->n - i;
}


/* how often at least the thing before i is there; *i behind the quantifier */

static uint32_t
quantifier(const reader_t *r, size_t *i)
{
    uint32_t  min;

    min = 1;

    if (*i >= r->n) {
        return 1;
    }

    if (r->s[*i] == '?' || r->s[*i] == '*') {
        min = 0;
        (*i)++;

    } else if (r->s[*i] == '+') {
        (*i)++;

    } else if (r->s[*i] == '{' && *i + 1 < r->n && r->s[*i + 1] >= '0'
               && r->s[*i + 1] <= '9')
    {
        for (min = 0, (*i)++; *i < r->n && r->s[*i] >= '0'
             && r->s[*i] <= '9' && min < 1000; (*i)++)
        {
            min = min * 10 + (uint32_t) (r->s[*i] - '0');
        }
        while (*i < r->n && r->s[*i] != '}') {
            (*i)++;
        }
        *i += *i < r->n;

    } else {
        return 1;
    }

    if (*i < r->n && (r->s[*i] == '?' || r->s[*i] == '+')) {
        (*i)++;
    }

    return min;
}


static size_t
class_end(const reader_t *r, size_t i)
{
    size_t  from;

    i++;
    if (i < r->n && r->s[i] == '^') {
        i++;
    }

    for (from = i; i < r->n; i++) {
        if (r->s[i] == '\\') {
            i++;
        } else if (r->s[i] == '[' && i + 1 < r->n && r->s[i + 1] == ':') {
            while (i + 1 < r->n && !(r->s[i] == ':' && r->s[i + 1] == ']')) {
                i++;
            }
            i++;
        } else if (r->s[i] == ']' && i > from) {
            return i + 1;
        }
    }

    return r->n;
}


static size_t
group_end(const reader_t *r, size_t i)
{
    int  depth;

    for (depth = 0; i < r->n; ) {
        if (r->s[i] == '\\') {
            i += 2;
        } else if (r->s[i] == '[') {
            i = class_end(r, i);
        } else if (r->s[i] == '(') {
            depth++;
            i++;
        } else if (r->s[i] == ')') {
            i++;
            if (--depth == 0) {
                return i;
            }
        } else {
            i++;
        }
    }

    return r->n + 1;
}


static uint32_t
quality(const set_t *s)
{
    uint32_t  i, least;

    if (s->n == 0) {
        return 0;
    }

    for (i = 0, least = UINT32_MAX; i < s->n; i++) {
        if (s->lit[i].len < least) {
            least = s->lit[i].len;
        }
    }

    /* one ASCII letter or two tell nothing */

    return least < 3 ? 0 : least * 64 - s->n;
}


static void
better(set_t *best, const set_t *s)
{
    if (quality(s) > quality(best)) {
        *best = *s;
    }
}


static void
end_run(reader_t *r, size_t from, set_t *best)
{
    set_t  s;

    if (r->used > from) {
        s.n = 1;
        s.lit[0].data = r->buf + from;
        s.lit[0].len = (uint32_t) (r->used - from);
        better(best, &s);
    }
}


static int
push_char(reader_t *r, const char *p, size_t n)
{
    if (r->size - r->used < n) {
        r->give_up = 1;
        return 0;
    }

    memcpy(r->buf + r->used, p, n);
    r->used += n;

    return 1;
}


/* [加薇微]: a set of single characters outside ASCII */

static void
class_set(reader_t *r, size_t from, size_t to, set_t *best)
{
    set_t   s;
    size_t  i, len;

    s.n = 0;

    for (i = from + 1; i + 1 < to; i += len) {
        len = char_len(r, i);

        if (len < 3 || s.n == MDR_NEED_LITS || r->s[i] == '^'
            || (i + len < to && r->s[i + len] == '-'))
        {
            return;
        }

        s.lit[s.n].data = r->s + i;
        s.lit[s.n++].len = (uint32_t) len;
    }

    better(best, &s);
}


static void alternation(reader_t *r, size_t from, size_t to, int depth,
    set_t *out, uint32_t *digits);


/* one way: [from, to) without a "|" of its own */

static void
way(reader_t *r, size_t from, size_t to, int depth, set_t *best,
    uint32_t *digits)
{
    size_t    i, j, end, run, len;
    set_t     s;
    uint32_t  min, d;

    best->n = 0;
    *digits = 0;
    run = r->used;

    for (i = from; i < to && !r->give_up; ) {
        char  c = r->s[i];

        if (c == '(') {
            end_run(r, run, best);
            end = group_end(r, i);

            if (end > to) {
                r->give_up = 1;
                return;
            }

            j = end;
            min = quantifier(r, &j);
            len = i + 1;

            if (r->s[len] == '?') {
                if (r->s[len + 1] == ':') {
                    len += 2;

                } else if (r->s[len + 1] == '=' || r->s[len + 1] == '!'
                           || (r->s[len + 1] == '<'
                               && (r->s[len + 2] == '='
                                   || r->s[len + 2] == '!')))
                {
                    i = j;              /* looks around, takes nothing       */
                    run = r->used;
                    continue;

                } else if (r->s[len + 1] == 'i' && r->s[len + 2] == ')'
                           && (r->folds & MDR_FOLD_CASE))
                {
                    i = end;
                    run = r->used;
                    continue;

                } else {
                    r->give_up = 1;
                    return;
                }
            }

            if (min != 0 && depth < DEPTH_MAX) {
                alternation(r, len, end - 1, depth + 1, &s, &d);
                better(best, &s);
                *digits += d * min;
            }

            i = j;
            run = r->used;
            continue;
        }

        if (c == '[') {
            end_run(r, run, best);
            end = class_end(r, i);
            j = end;
            min = quantifier(r, &j);

            if (min != 0) {
                class_set(r, i, end, best);

                if (end - i == 5 && memcmp(r->s + i, "[0-9]", 5) == 0) {
                    *digits += min;
                }
            }

            i = j;
            run = r->used;
            continue;
        }

        if (c == '\\') {
            if (i + 1 >= to) {
                r->give_up = 1;
                return;
            }

            c = r->s[i + 1];
            j = i + 2;

            if (c == 'd') {
                end_run(r, run, best);
                *digits += quantifier(r, &j);
                i = j;
                run = r->used;
                continue;
            }

            if (strchr("wWsSDbBAzZGhHvVRNX", c) != NULL) {
                end_run(r, run, best);
                (void) quantifier(r, &j);
                i = j;
                run = r->used;
                continue;
            }

            if ((c >= '1' && c <= '9')) {
                end_run(r, run, best);
                (void) quantifier(r, &j);
                i = j;
                run = r->used;
                continue;
            }

            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                || c == '0')
            {
                r->give_up = 1;
                return;
            }

            len = char_len(r, i + 1);
            min = quantifier(r, &j);

            if (min != 0) {
                (void) push_char(r, r->s + i + 1, len);
            }

            if (j != i + 1 + len) {
                end_run(r, run, best);
                run = r->used;
            }

            i = i + 1 + len > j ? i + 1 + len : j;
            continue;
        }

        if (c == '.' || c == '^' || c == '$') {
            end_run(r, run, best);
            j = i + 1;
            (void) quantifier(r, &j);
            i = j;
            run = r->used;
            continue;
        }

        len = char_len(r, i);
        j = i + len;
        min = quantifier(r, &j);

        if (min == 0) {
            end_run(r, run, best);
            run = r->used;

        } else {
            (void) push_char(r, r->s + i, len);

            if (j != i + len) {
                end_run(r, run, best);
                run = r->used;
            }
        }

        i = j;
    }

    end_run(r, run, best);
}


static void
alternation(reader_t *r, size_t from, size_t to, int depth, set_t *out,
    uint32_t *digits)
{
    int       known;
    size_t    i, start;
    set_t     s;
    uint32_t  d, k;

    out->n = 0;
    known = 1;
    *digits = UINT32_MAX;

    for (i = from, start = from; i <= to && !r->give_up; ) {

        if (i == to || r->s[i] == '|') {
            way(r, start, i, depth, &s, &d);

            if (d < *digits) {
                *digits = d;
            }

            if (s.n == 0 || out->n + s.n > MDR_NEED_LITS) {
                known = 0;
            }

            for (k = 0; known && k < s.n; k++) {
                out->lit[out->n++] = s.lit[k];
            }

            start = ++i;
            continue;
        }

        if (r->s[i] == '\\') {
            i += 2;
        } else if (r->s[i] == '[') {
            i = class_end(r, i);
        } else if (r->s[i] == '(') {
            i = group_end(r, i);
        } else {
            i++;
        }

        if (i > to) {
            r->give_up = 1;
        }
    }

    if (!known) {
        out->n = 0;
    }

    if (*digits == UINT32_MAX) {
        *digits = 0;
    }
}


void
mdr_regex_need(mdr_str_t pattern, uint32_t folds, mdr_regex_need_t *need)
{
    set_t     s;
    uint32_t  i;
    reader_t  r;

    need->n = 0;
    need->digits = 0;

    memset(&r, 0, sizeof(r));
    r.s = pattern.data;
    r.n = pattern.len;
    r.buf = need->buf;
    r.size = sizeof(need->buf);
    r.folds = folds;

    if (pattern.len == 0) {
        return;
    }

    alternation(&r, 0, pattern.len, 0, &s, &need->digits);

    if (r.give_up) {
        need->digits = 0;
        return;
    }


    if (quality(&s) == 0) {
        return;
    }

    need->n = s.n;

    for (i = 0; i < s.n; i++) {
        need->lit[i] = s.lit[i];
    }
}
