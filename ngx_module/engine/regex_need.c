/*
 * regex_need.c - what every match of a pattern holds.
 *
 * A small reader of PCRE syntax.  It takes a pattern to pieces, down to single
 * characters and classes of them, and has regex_part.c put together again what
 * is known of these.  Where the reader is not sure it knows nothing, which is
 * always right: the regex then runs on more texts than it had to.
 */

#include "regex_part.h"

#include <string.h>


#define DEPTH_MAX  12
#define GROUPS     10

typedef struct {
    const char        *s;
    size_t             n;
    mdr_regex_pool_t   pool;
    int                give_up;
    uint32_t           ngroups;         /* that capture, begun so far        */
    struct { mdr_regex_row_t rows[MDR_ASCII_KINDS]; } groups[GROUPS];
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


static inline int
at(const reader_t *r, size_t i)
{
    return i < r->n ? (uint8_t) r->s[i] : -1;
}


/* how often the thing before i is there: at least (returned), *once: exactly
 * once; *i behind the quantifier */

static uint32_t
quantifier(const reader_t *r, size_t *i, int *once)
{
    uint32_t  min;

    *once = 0;

    switch (at(r, *i)) {

    case '?':
    case '*':
        min = 0;
        (*i)++;
        break;

    case '+':
        min = 1;
        (*i)++;
        break;

    case '{':
        if (!mdr_regex_is_digit(at(r, *i + 1))) {
            *once = 1;                  /* a brace like any other            */
            return 1;
        }

        for (min = 0, (*i)++; mdr_regex_is_digit(at(r, *i)) && min < 1000;
             (*i)++)
        {
            min = min * 10 + (uint32_t) (r->s[*i] - '0');
        }
        while (*i < r->n && r->s[*i] != '}') {
            (*i)++;
        }
        *i += *i < r->n;
        break;

    default:
        *once = 1;
        return 1;
    }

    if (at(r, *i) == '?' || at(r, *i) == '+') {
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


/* [...] from i to end */

static void
char_class(reader_t *r, mdr_regex_part_t *p, size_t i, size_t end)
{
    int       exact, known, all;
    size_t    len;
    uint32_t  c;
    unsigned  kind;

    mdr_regex_part_clear(p);
    known = 1;
    all = 1;
    i++;
    end--;

    if (at(r, i) == '^') {
        return;
    }

    exact = 1;
    kind = MDR_REGEX_DIGIT | MDR_REGEX_LETTER | MDR_REGEX_SIGN
           | MDR_REGEX_ASCII;

    while (i < end) {

        if (r->s[i] == '\\') {
            if (at(r, i + 1) == 'd') {
                kind &= MDR_REGEX_DIGIT | MDR_REGEX_ASCII;
                mdr_regex_part_range(p->any, '0', '9');
                exact = 0;
                i += 2;
                continue;
            }
            if (at(r, i + 1) == 'w') {
                kind &= MDR_REGEX_ASCII;
                known = 0;
                exact = 0;
                i += 2;
                continue;
            }
            if (mdr_regex_is_letter(at(r, i + 1))
                || mdr_regex_is_digit(at(r, i + 1)))
            {
                mdr_regex_part_clear(p);
                return;
            }
            i++;
        }

        if (i >= end || r->s[i] == '[') {
            mdr_regex_part_clear(p);
            return;                     /* [:alpha:] and the like            */
        }

        len = char_len(r, i);

        if (i + len + 1 < end && r->s[i + len] == '-') {
            exact = 0;

            if (len != 1 || (uint8_t) r->s[i + 2] >= 0x80
                || r->s[i + 2] == '\\')
            {
                mdr_regex_part_clear(p);
                return;
            }

            kind &= mdr_regex_part_kind_of((uint8_t) r->s[i],
                                           (uint8_t) r->s[i + 2]);
            mdr_regex_part_range(p->any, (uint8_t) r->s[i],
                                 (uint8_t) r->s[i + 2]);
            all = all && (uint8_t) r->s[i] > ' ';
            i += 3;
            continue;
        }

        c = mdr_regex_part_view(&r->pool, r->s + i, len);
        kind &= c != 0 ? mdr_regex_part_kind_of(c, c) : 0u;
        all = all && c != 0 && mdr_regex_part_kind_of(c, c) != 0;
        if ((c > ' ' && c < 0x7f) || mdr_regex_part_is_mark(c)) {
            mdr_regex_part_any(p->any, c);
        }
        exact = exact && c != 0 && mdr_fold_mark(c) == 0
                && mdr_regex_part_string(&r->pool, &p->exact, r->s + i, len);
        i += len;
    }

    p->is_exact = exact && p->exact.n != 0;
    mdr_regex_part_kind(p, kind);

    if (!known || !all) {
        p->any[0] = 0;
        p->any[1] = 0;
    }
}


static void alternation(reader_t *r, size_t from, size_t to, int depth,
    mdr_regex_part_t *out);


/* "(" at i, its end at `end`: where its ways begin, 0: nothing is taken by
 * it, r->n + 1: not understood */

static size_t
group_start(const reader_t *r, size_t i, size_t end)
{
    size_t  k;

    i++;

    if (at(r, i) == '*') {
        return r->n + 1;
    }

    if (at(r, i) != '?') {
        return i;
    }

    i++;

    switch (at(r, i)) {

    case ':':
    case '>':
        return i + 1;

    case '=':
    case '!':
    case '#':
        return 0;

    case '<':
        if (at(r, i + 1) == '=' || at(r, i + 1) == '!') {
            return 0;
        }
        break;

    case 'P':
        i++;
        if (at(r, i) != '<') {
            return r->n + 1;
        }
        break;

    default:

        /* (?s), (?im:...): i is known by the fold of case */

        for (k = i; k < end; k++) {
            if (at(r, k) == ')') {
                return 0;
            }
            if (at(r, k) == ':') {
                return k + 1;
            }
            if (at(r, k) != 's' && at(r, k) != 'm'
                && (at(r, k) != 'i' || !(r->pool.folds & MDR_FOLD_CASE)))
            {
                return r->n + 1;
            }
        }
        return r->n + 1;
    }

    while (i < end && r->s[i] != '>') { /* the name */
        i++;
    }

    return i + 1;
}


/* "\" at i; *next behind what it is; 0: it takes no character, as \b */

static int
escape(reader_t *r, size_t i, size_t *next, mdr_regex_part_t *p)
{
    int  c;

    mdr_regex_part_clear(p);
    c = at(r, i + 1);
    *next = i + 2;

    if (c == -1) {
        r->give_up = 1;
        return 0;
    }

    if (c == 'd') {
        mdr_regex_part_kind(p, MDR_REGEX_DIGIT | MDR_REGEX_ASCII);
        mdr_regex_part_range(p->any, '0', '9');
        return 1;
    }

    if (c == 'w') {
        mdr_regex_part_kind(p, MDR_REGEX_ASCII);
        return 1;
    }

    if (strchr("bBAzZG", c) != NULL) {
        return 0;
    }

    if (c >= '1' && c <= '9' && !mdr_regex_is_digit(at(r, i + 2))) {
        memcpy(p->rows, r->groups[c - '0'].rows, sizeof(p->rows));
        return 1;                       /* what the group has                */
    }

    if (mdr_regex_is_digit(c)) {
        r->give_up = 1;                 /* \12: a group or a code            */
        return 0;
    }

    if (strchr("WsSDhHvVRNX", c) != NULL) {
        return 1;
    }

    if (c == 'p' || c == 'P') {
        if (at(r, i + 2) == '{') {
            while (*next < r->n && r->s[*next] != '}') {
                (*next)++;
            }
        }
        (*next)++;
        return 1;
    }

    if (mdr_regex_is_letter(c)) {
        r->give_up = 1;
        return 0;
    }

    *next = i + 1 + char_len(r, i + 1);
    mdr_regex_part_char(&r->pool, p, r->s + i + 1, *next - i - 1);

    return 1;
}


/* one way: [from, to) without a "|" of its own */

static void
way(reader_t *r, size_t from, size_t to, int depth, mdr_regex_part_t *out)
{
    int               once, takes;
    size_t            i, next, inner;
    uint32_t          min, group;
    mdr_regex_set_t   cur;
    mdr_regex_part_t  e;

    mdr_regex_part_nothing(out);
    out->is_exact = 1;
    mdr_regex_part_empty(&cur);

    for (i = from; i < to && !r->give_up; i = next) {
        takes = 1;

        switch (r->s[i]) {

        case '(':
            next = group_end(r, i);
            inner = next > to ? r->n + 1 : group_start(r, i, next);

            if (inner > r->n || depth == DEPTH_MAX) {
                r->give_up = 1;
                return;
            }

            if (inner == 0) {
                takes = 0;
                if (memchr(r->s + i + 1, '(', next - i - 1) != NULL) {
                    r->ngroups = GROUPS;        /* numbers are not known     */
                }
                break;
            }

            /* "(" or "(?<name>" captures */

            group = 0;
            if (inner == i + 1 || r->s[inner - 1] == '>') {
                group = inner == i + 3 ? 0 : ++r->ngroups;
            }

            alternation(r, inner, next - 1, depth + 1, &e);

            if (group != 0 && group < GROUPS) {
                memcpy(r->groups[group].rows, e.rows, sizeof(e.rows));
            }
            break;

        case '[':
            next = class_end(r, i);
            char_class(r, &e, i, next);
            break;

        case '\\':
            takes = escape(r, i, &next, &e);
            break;

        case '^':
        case '$':
            takes = 0;
            next = i + 1;
            break;

        case '.':
            mdr_regex_part_clear(&e);
            next = i + 1;
            break;

        default:
            next = i + char_len(r, i);
            mdr_regex_part_char(&r->pool, &e, r->s + i, next - i);
        }

        min = quantifier(r, &next, &once);

        if (takes) {
            mdr_regex_part_append(&r->pool, out, &cur, &e, min, once);
        }
    }

    mdr_regex_part_better(&out->best, &cur);

    if (out->is_exact) {
        out->exact = cur;
    }
}


static void
alternation(reader_t *r, size_t from, size_t to, int depth,
    mdr_regex_part_t *out)
{
    int               first;
    size_t            i, start;
    mdr_regex_part_t  w;

    first = 1;
    mdr_regex_part_clear(out);

    for (i = from, start = from; i <= to && !r->give_up; ) {

        if (i == to || r->s[i] == '|') {
            way(r, start, i, depth, &w);

            if (first) {
                *out = w;

            } else {
                mdr_regex_part_join(out, &w);
            }

            first = 0;
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
}


void
mdr_regex_need(mdr_str_t pattern, uint32_t folds, mdr_regex_need_t *need)
{
    size_t            used;
    uint32_t          i;
    reader_t          r;
    mdr_regex_part_t  p;

    memset(need, 0, offsetof(mdr_regex_need_t, buf));

    r.s = pattern.data;
    r.n = pattern.len;
    r.pool.used = 1;                    /* the empty string is at 0          */
    r.give_up = 0;
    r.pool.folds = folds;
    r.ngroups = 0;
    memset(r.groups, 0, sizeof(r.groups));

    if (pattern.len == 0) {
        return;
    }

    alternation(&r, 0, pattern.len, 0, &p);

    if (r.give_up) {
        return;
    }

    for (i = 0; i < MDR_ASCII_KINDS; i++) {
        need->count[i] = p.rows[i].count;
        need->run[i] = p.rows[i].best;
    }

    need->must[0] = p.must[0];
    need->must[1] = p.must[1];
    need->any[0] = p.any[0];
    need->any[1] = p.any[1];

    if (mdr_regex_part_quality(&p.best) == 0) {
        return;
    }

    for (i = 0, used = 0; i < p.best.n; i++) {
        memcpy(need->buf + used, r.pool.data + p.best.at[i], p.best.len[i]);
        need->lit[i].data = need->buf + used;
        need->lit[i].len = p.best.len[i];
        used += p.best.len[i];
    }

    need->n = p.best.n;
}
