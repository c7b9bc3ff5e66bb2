/*
 * regex_need.c - what every match of a pattern holds.
 *
 * A small reader of PCRE syntax.  It takes a pattern to pieces, down to single
 * characters and classes of them, and has regex_part.c put together again what
 * is known of these.  Where the reader is not sure it knows nothing, which is
 * always right: the regex then runs on more texts than it had to.
 */

#include "regex_read.h"
#include "base/utf8.h"

#include <string.h>


#define DEPTH_MAX  12

enum { TAKES, TAKES_NOTHING, LOOKS };   /* what a thing is                   */


static void alternation(mdr_regex_reader_t *r, size_t from, size_t to,
    int depth, mdr_regex_part_t *out);


/* "(" at i, its end at `end`: where its ways begin, 0: nothing is taken by
 * it, r->n + 1: not understood.  *what it is: LOOKS where its ways stand in
 * the text, but are not taken */

static size_t
group_start(const mdr_regex_reader_t *r, size_t i, size_t end, int *what)
{
    size_t  k;

    *what = TAKES;

    i++;

    if (mdr_regex_at(r, i) == '*') {
        return r->n + 1;
    }

    if (mdr_regex_at(r, i) != '?') {
        return i;
    }

    i++;

    switch (mdr_regex_at(r, i)) {

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
        if (mdr_regex_at(r, i + 1) == '=') {
            *what = LOOKS;
            return i + 2;
        }
        if (mdr_regex_at(r, i + 1) == '!') {
            *what = TAKES_NOTHING;
            return 0;
        }
        break;

    case 'P':
        i++;
        if (mdr_regex_at(r, i) != '<') {
            return r->n + 1;
        }
        break;

    default:

        /* (?s), (?im:...): i is known by the fold of case */

        for (k = i; k < end; k++) {
            if (mdr_regex_at(r, k) == ')') {
                *what = TAKES_NOTHING;
                return 0;
            }
            if (mdr_regex_at(r, k) == ':') {
                return k + 1;
            }
            if (mdr_regex_at(r, k) != 's' && mdr_regex_at(r, k) != 'm'
                && (mdr_regex_at(r, k) != 'i'
                    || !(r->pool.folds & MDR_FOLD_CASE)))
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
escape(mdr_regex_reader_t *r, size_t i, size_t *next, mdr_regex_part_t *p,
    uint32_t *group)
{
    int       c;
    size_t    len;
    uint8_t   s[4];
    uint32_t  cp;

    mdr_regex_part_clear(p);
    c = mdr_regex_at(r, i + 1);
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

    if (c >= '1' && c <= '9' && !mdr_regex_is_digit(mdr_regex_at(r, i + 2))) {
        memcpy(p->rows, r->groups[c - '0'].rows, sizeof(p->rows));
        *group = (uint32_t) (c - '0');
        return 1;                       /* what the group has                */
    }

    if (mdr_regex_is_digit(c)) {
        r->give_up = 1;                 /* \12: a group or a code             */
        return 0;
    }

    if (c == 'N' && mdr_regex_at(r, i + 2) == '{') {
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
        cp = mdr_regex_hex(r, i, next);
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
        if (mdr_regex_at(r, i + 2) == '{') {
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

    *next = i + 1 + mdr_regex_char_len(r, i + 1);
    mdr_regex_part_char(&r->pool, p, r->s + i + 1, *next - i - 1);

    return 1;
}


/* "(" at i, its end in *next: what is known of it, and what it is; *group:
 * its number, 0: none */

static int
group(mdr_regex_reader_t *r, size_t i, size_t to, int depth, size_t *next,
    mdr_regex_part_t *p, uint32_t *number)
{
    int     what;
    size_t  inner;

    *number = 0;
    mdr_regex_part_clear(p);
    *next = mdr_regex_group_end(r, i);
    inner = *next > to ? r->n + 1 : group_start(r, i, *next, &what);

    if (inner > r->n || depth == DEPTH_MAX) {
        r->give_up = 1;
        return TAKES_NOTHING;
    }

    if (inner == 0) {
        if (memchr(r->s + i + 1, '(', *next - i - 1) != NULL) {
            r->ngroups = MDR_REGEX_GROUPS;      /* numbers are not known     */
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

    if (*number >= MDR_REGEX_GROUPS) {
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
way(mdr_regex_reader_t *r, size_t from, size_t to, int depth,
    mdr_regex_part_t *out)
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
            next = mdr_regex_class_end(r, i);
            mdr_regex_class(r, &e, i, next);
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
            next = i + mdr_regex_char_len(r, i);
            mdr_regex_part_char(&r->pool, &e, r->s + i, next - i);
        }

        min = mdr_regex_quantifier(r, &next, &max);

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
alternation(mdr_regex_reader_t *r, size_t from, size_t to, int depth,
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
            i = mdr_regex_class_end(r, i);
        } else if (r->s[i] == '(') {
            i = mdr_regex_group_end(r, i);
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
    mdr_regex_reader_t          r;
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
