/*
 * regex_need.c - what every match of a pattern holds.
 *
 * A small reader of PCRE syntax.  It takes a pattern to pieces, down to single
 * characters and classes of them, and has regex_part.c put together again what
 * is known of these.  Where the reader is not sure it knows nothing, which is
 * always right: the regex then runs on more texts than it had to.
 */

#include "regex_part.h"
#include "utf8.h"

#include <string.h>


#define DEPTH_MAX  12
#define GROUPS     10

typedef struct {
    const char        *s;
    size_t             n;
    mdr_regex_pool_t   pool;
    int                give_up;
    uint32_t           ngroups;         /* that capture, begun so far        */
    struct {
        mdr_regex_row_t  rows[MDR_ASCII_KINDS];
        int              is_one;
    } groups[GROUPS];
} reader_t;

enum { TAKES, TAKES_NOTHING, LOOKS };   /* what a thing is                   */


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


static uint32_t
number(const reader_t *r, size_t *i)
{
    uint32_t  n;

    for (n = 0; mdr_regex_is_digit(at(r, *i)); (*i)++) {
        n = n < 1000 ? n * 10 + (uint32_t) (r->s[*i] - '0') : n;
    }

    return n;
}


/* the end of what may be a quantifier in braces, 0: it is none */

static size_t
brace_end(const reader_t *r, size_t i)
{
    int  c;

    for (i++; (c = at(r, i)) == ' ' || c == ',' || mdr_regex_is_digit(c); i++)
    {
        /* void */
    }

    return c == '}' && r->s[i - 1] != '{' ? i + 1 : 0;
}


/* how often the thing before i is there: at least (returned), and at most;
 * *i behind the quantifier */

static uint32_t
quantifier(const reader_t *r, size_t *i, uint32_t *max)
{
    size_t    end;
    uint32_t  min;

    min = 1;
    *max = 1;

    switch (at(r, *i)) {

    case '?':
        min = 0;
        (*i)++;
        break;

    case '*':
        min = 0;
        *max = MDR_REGEX_MANY;
        (*i)++;
        break;

    case '+':
        *max = MDR_REGEX_MANY;
        (*i)++;
        break;

    case '{':
        end = brace_end(r, *i);

        if (end == 0) {
            return 1;                   /* a brace like any other            */
        }

        (*i)++;
        min = number(r, i);
        *max = min;

        if (at(r, *i) == ',') {
            (*i)++;
            *max = mdr_regex_is_digit(at(r, *i)) ? number(r, i)
                                                 : MDR_REGEX_MANY;
        }

        if (*i + 1 != end) {            /* a quantifier to some PCRE2 only   */
            min = 0;
            *max = MDR_REGEX_MANY;
        }

        *i = end;
        break;

    default:
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


/* \x41 or \x{41} at i: the code point, *next behind it; 0: not understood.
 * (Such a character is not folded: regex.c.) */

static uint32_t
hex(const reader_t *r, size_t i, size_t *next)
{
    int       c, brace;
    size_t    k;
    uint32_t  v;

    brace = at(r, i + 2) == '{';
    k = i + 2 + (size_t) brace;

    for (v = 0; brace ? k < i + 9 : k < i + 4; k++) {
        c = at(r, k);

        if (mdr_regex_is_digit(c)) {
            v = v * 16 + (uint32_t) (c - '0');

        } else if ((c | 32) >= 'a' && (c | 32) <= 'f') {
            v = v * 16 + (uint32_t) ((c | 32) - 'a' + 10);

        } else {
            break;
        }
    }

    if (brace && at(r, k) != '}') {
        return 0;
    }

    *next = k + (size_t) brace;

    return v <= 0x10ffff ? v : 0;
}


/* [...] from i to end */

/* one character of a class at *i, or \x..; its bytes in s, how many in *len,
 * 0: not understood.  *raw: it is not folded */

static uint32_t
class_char(const reader_t *r, size_t *i, uint8_t s[4], size_t *len, int *raw)
{
    size_t    next;
    uint32_t  cp;

    *raw = 0;

    if (r->s[*i] == '\\') {
        if (at(r, *i + 1) == 'x') {
            cp = hex(r, *i, &next);
            *raw = cp >= 0x80;
            *i = next;
            *len = cp != 0 ? mdr_utf8_put(s, cp) : 0;
            return cp;
        }

        if (mdr_regex_is_letter(at(r, *i + 1))
            || mdr_regex_is_digit(at(r, *i + 1)))
        {
            *len = 0;
            return 0;
        }
        (*i)++;
    }

    if (*i >= r->n) {
        *len = 0;
        return 0;
    }

    *len = char_len(r, *i);
    memcpy(s, r->s + *i, *len);
    cp = mdr_utf8_next(s, *len, &next);
    *i += *len;
    *len = next == *len ? next : 0;

    return cp;
}


/* [...] from i to end */

static void
char_class(reader_t *r, mdr_regex_part_t *p, size_t i, size_t end)
{
    int       exact, known, all, raw, raw2;
    size_t    len, n;
    uint8_t   s[4], to[4];
    uint32_t  c, d;
    unsigned  kind;

    mdr_regex_part_clear(p);
    p->is_one = 1;
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

        if (r->s[i] == '\\' && at(r, i + 1) == 'd') {
            kind &= MDR_REGEX_DIGIT | MDR_REGEX_ASCII;
            mdr_regex_part_range(p->any, '0', '9');
            exact = 0;
            i += 2;
            continue;
        }

        if (r->s[i] == '\\' && at(r, i + 1) == 'w') {
            kind &= MDR_REGEX_ASCII;
            known = 0;
            exact = 0;
            i += 2;
            continue;
        }

        if (r->s[i] == '[') {           /* [:alpha:] and the like            */
            goto unknown;
        }

        c = class_char(r, &i, s, &len, &raw);

        if (len == 0 || i > end) {
            goto unknown;
        }

        if (i + 1 < end && r->s[i] == '-') {
            i++;

            if (r->s[i] == '[') {
                goto unknown;
            }

            d = class_char(r, &i, to, &n, &raw2);

            if (n == 0 || i > end || d < c) {
                goto unknown;
            }

            exact = 0;
            kind &= mdr_regex_part_kind_of(c, d);

            if (d < 0x80) {
                mdr_regex_part_range(p->any, c, d);
                all = all && c > ' ';

            } else if (mdr_regex_part_kind_of(c, d) != 0) {
                mdr_regex_part_any(p->any, d);

            } else {
                all = 0;
            }
            continue;
        }

        if (!raw) {
            c = mdr_regex_part_view(&r->pool, (const char *) s, len);
        }

        kind &= c != 0 ? mdr_regex_part_kind_of(c, c) : 0u;
        all = all && c != 0 && mdr_regex_part_kind_of(c, c) != 0;
        if ((c > ' ' && c < 0x7f) || mdr_regex_part_is_mark(c)) {
            mdr_regex_part_any(p->any, c);
        }
        exact = exact && c != 0 && !raw && mdr_fold_mark(c) == 0
                && mdr_regex_part_string(&r->pool, &p->exact,
                                         (const char *) s, len);
    }

    p->is_exact = exact && p->exact.n != 0;
    mdr_regex_part_kind(p, kind);

    if (!known || !all) {
        p->any[0] = 0;
        p->any[1] = 0;
    }
    return;

unknown:

    mdr_regex_part_clear(p);
    p->is_one = 1;
}


static void alternation(reader_t *r, size_t from, size_t to, int depth,
    mdr_regex_part_t *out);


/* "(" at i, its end at `end`: where its ways begin, 0: nothing is taken by
 * it, r->n + 1: not understood.  *what it is: LOOKS where its ways stand in
 * the text, but are not taken */

static size_t
group_start(const reader_t *r, size_t i, size_t end, int *what)
{
    size_t  k;

    *what = TAKES;

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
        *what = LOOKS;
        return i + 1;

    case '!':
    case '#':
        *what = TAKES_NOTHING;
        return 0;

    case '<':
        if (at(r, i + 1) == '=') {
            *what = LOOKS;
            return i + 2;
        }
        if (at(r, i + 1) == '!') {
            *what = TAKES_NOTHING;
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
                *what = TAKES_NOTHING;
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


/* "\" at i; *next behind what it is; 0: it takes no character, as \b.
 * *group: whose text it is again, or 0 */

static int
escape(reader_t *r, size_t i, size_t *next, mdr_regex_part_t *p,
    uint32_t *group)
{
    int       c;
    size_t    len;
    uint8_t   s[4];
    uint32_t  cp;

    mdr_regex_part_clear(p);
    c = at(r, i + 1);
    *next = i + 2;
    *group = 0;

    if (c == -1) {
        r->give_up = 1;
        return 0;
    }

    if (c == 'd') {
        mdr_regex_part_kind(p, MDR_REGEX_DIGIT | MDR_REGEX_ASCII);
        mdr_regex_part_range(p->any, '0', '9');
        p->is_one = 1;
        return 1;
    }

    if (c == 'w') {
        mdr_regex_part_kind(p, MDR_REGEX_ASCII);
        p->is_one = 1;
        return 1;
    }

    if (strchr("bBAzZGK", c) != NULL) {
        return 0;
    }

    if (c >= '1' && c <= '9' && !mdr_regex_is_digit(at(r, i + 2))) {
        memcpy(p->rows, r->groups[c - '0'].rows, sizeof(p->rows));
        *group = (uint32_t) (c - '0');
        return 1;                       /* what the group has                */
    }

    if (mdr_regex_is_digit(c)) {
        r->give_up = 1;                 /* \12: a group or a code             */
        return 0;
    }

    if (c == 'N' && at(r, i + 2) == '{') {
        r->give_up = 1;                 /* \N{U+41}                          */
        return 0;
    }

    if (strchr("WsSDhHvVNtnrfea", c) != NULL) {
        p->is_one = 1;
        return 1;
    }

    if (strchr("RX", c) != NULL) {
        return 1;
    }

    if (c == 'x') {
        cp = hex(r, i, next);
        p->is_one = 1;

        if (cp == 0) {
            r->give_up = 1;

        } else if (cp < 0x80) {
            len = mdr_utf8_put(s, cp);
            mdr_regex_part_char(&r->pool, p, (const char *) s, len);
        }
        return 1;
    }

    if (c == 'p' || c == 'P') {
        if (at(r, i + 2) == '{') {
            while (*next < r->n && r->s[*next] != '}') {
                (*next)++;
            }
        }
        (*next)++;
        p->is_one = 1;
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


/* "(" at i, its end in *next: what is known of it, and what it is; *group:
 * its number, 0: none */

static int
group(reader_t *r, size_t i, size_t to, int depth, size_t *next,
    mdr_regex_part_t *p, uint32_t *number)
{
    int     what;
    size_t  inner;

    *number = 0;
    mdr_regex_part_clear(p);
    *next = group_end(r, i);
    inner = *next > to ? r->n + 1 : group_start(r, i, *next, &what);

    if (inner > r->n || depth == DEPTH_MAX) {
        r->give_up = 1;
        return TAKES_NOTHING;
    }

    if (inner == 0) {
        if (memchr(r->s + i + 1, '(', *next - i - 1) != NULL) {
            r->ngroups = GROUPS;        /* numbers are not known             */
        }
        return what;
    }

    /* "(" or "(?<name>" captures */

    if (what == TAKES && (inner == i + 1 || r->s[inner - 1] == '>')
        && inner != i + 3)
    {
        *number = ++r->ngroups;
    }

    alternation(r, inner, *next - 1, depth + 1, p);

    if (*number >= GROUPS) {
        *number = 0;
    }

    if (*number != 0) {
        memcpy(r->groups[*number].rows, p->rows, sizeof(p->rows));
        r->groups[*number].is_one = p->is_one;
    }

    return what;
}


/* one way: [from, to) without a "|" of its own */

static void
way(reader_t *r, size_t from, size_t to, int depth, mdr_regex_part_t *out)
{
    int               what;
    size_t            i, next, n;
    uint32_t          min, max, begun, again, last, same;
    mdr_regex_set_t   cur;
    mdr_regex_part_t  e;

    mdr_regex_part_nothing(out);
    out->is_exact = 1;
    mdr_regex_part_empty(&cur);
    last = 0;                           /* the group that is before          */
    same = 0;                           /* its character, so often so far    */

    for (i = from, n = 0; i < to && !r->give_up; i = next) {
        what = TAKES;
        begun = 0;
        again = 0;

        switch (r->s[i]) {

        case '(':
            what = group(r, i, to, depth, &next, &e, &begun);
            if (r->give_up) {
                return;
            }
            break;

        case '[':
            next = class_end(r, i);
            char_class(r, &e, i, next);
            break;

        case '\\':
            what = escape(r, i, &next, &e, &again) ? TAKES : TAKES_NOTHING;
            break;

        case '^':
        case '$':
            what = TAKES_NOTHING;
            next = i + 1;
            break;

        case '.':
            mdr_regex_part_clear(&e);
            e.is_one = 1;
            next = i + 1;
            break;

        default:
            next = i + char_len(r, i);
            mdr_regex_part_char(&r->pool, &e, r->s + i, next - i);
        }

        min = quantifier(r, &next, &max);

        if (what == LOOKS && min != 0) {
            mdr_regex_part_look(&r->pool, out, &e);
        }

        if (what != TAKES) {
            continue;
        }

        /* (.)\1{3,} */

        same = again != 0 && again == last ? same + min
               : begun != 0 && e.is_one && max == 1 && min == 1 ? 1 : 0;
        last = again != 0 && again == last && max == min ? last
               : e.is_one ? begun : 0;
        out->same = same > out->same ? same : out->same;

        mdr_regex_part_append(&r->pool, out, &cur, &e, min, max);
        out->is_one = n == 0 && e.is_one && min == 1 && max == 1;
        n++;
    }

    mdr_regex_part_better(&r->pool, &out->best, &cur);

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
        need->unread = 1;
        return;
    }

    for (i = 0; i < MDR_ASCII_KINDS; i++) {
        need->count[i] = p.rows[i].count > p.rows[i].near_count
                         ? p.rows[i].count : p.rows[i].near_count;
        need->run[i] = p.rows[i].best > p.rows[i].near_best
                       ? p.rows[i].best : p.rows[i].near_best;
    }

    need->must[0] = p.must[0];
    need->must[1] = p.must[1];
    need->any[0] = p.any[0];
    need->any[1] = p.any[1];

    need->same = p.same > 1 ? p.same : 0;

    if (mdr_regex_part_quality(&r.pool, &p.best) == 0) {
        return;
    }

    mdr_regex_part_prune(&r.pool, &p.best);

    for (i = 0, used = 0; i < p.best.n; i++) {
        memcpy(need->buf + used, r.pool.data + p.best.at[i], p.best.len[i]);
        need->lit[i].data = need->buf + used;
        need->lit[i].len = p.best.len[i];
        used += p.best.len[i];
    }

    need->n = p.best.n;
}
