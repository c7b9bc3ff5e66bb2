/*
 * regex_need.c - what every match of a pattern holds.
 *
 * A small reader of PCRE syntax.  Of each part of a pattern it works out the
 * strings that the part can be, where those are few (`exact`), a set of
 * literals of which every match holds one (`best`), and how many digits,
 * letters and characters of ASCII there must be, and how many in a row.
 * Strings and rows grow over what stands side by side: [ab]{2,}c holds "ac" or
 * "bc".  Where the reader is not
 * sure it knows nothing, which is always right: the regex then runs on more
 * texts than it had to.
 */

#include "regex.h"
#include "utf8.h"

#include <string.h>


#define DEPTH_MAX  12
#define LIT_MAX    48                   /* bytes of a literal                */
#define POOL       16384
#define GROUPS     10

typedef struct {
    uint16_t  at[MDR_NEED_LITS];        /* in the pool                       */
    uint8_t   len[MDR_NEED_LITS];
    uint32_t  n;                        /* 0: nothing known                  */
} set_t;

typedef struct {                        /* of one kind, at least             */
    uint32_t  count;
    uint32_t  head, tail, best;         /* in a row, at its ends, anywhere   */
    int       all;                      /* nothing else                      */
} row_t;

typedef struct {                        /* of a part of the pattern          */
    int       is_exact;
    set_t     exact;
    set_t     best;
    row_t     rows[MDR_ASCII_KINDS];
    uint64_t  must[2], any[2];
} part_t;

typedef struct {
    const char  *s;
    size_t       n;
    char         pool[POOL];
    size_t       used;
    int          give_up;
    uint32_t     folds;
    uint32_t     ngroups;               /* that capture, begun so far        */
    struct { row_t rows[MDR_ASCII_KINDS]; } groups[GROUPS];
} reader_t;

enum { K_DIGIT = 1, K_LETTER = 2, K_SIGN = 4, K_ASCII = 8 };  /* all are that */


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


static inline int
is_digit(int c)
{
    return c >= '0' && c <= '9';
}


static inline int
is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
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
        if (!is_digit(at(r, *i + 1))) {
            *once = 1;                  /* a brace like any other            */
            return 1;
        }

        for (min = 0, (*i)++; is_digit(at(r, *i)) && min < 1000; (*i)++) {
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


/* 0: no set, or one with a string that says nothing (an ASCII letter or two) */

static uint32_t
quality(const set_t *s)
{
    uint32_t  i, least;

    if (s->n == 0) {
        return 0;
    }

    for (i = 0, least = UINT32_MAX; i < s->n; i++) {
        if (s->len[i] < least) {
            least = s->len[i];
        }
    }

    return least < 3 ? 0 : (least > 12 ? 12 : least) * 64 - s->n;
}


static void
better(set_t *best, const set_t *s)
{
    if (quality(s) > quality(best)) {
        *best = *s;
    }
}


/* each of a with each of b behind it; 0: too many or too long */

static int
product(reader_t *r, const set_t *a, const set_t *b, set_t *out)
{
    size_t    n;
    set_t     s;
    uint32_t  i, k;

    if (a->n * b->n > MDR_NEED_LITS) {
        return 0;
    }

    s.n = 0;

    for (i = 0; i < a->n; i++) {
        for (k = 0; k < b->n; k++) {
            n = (size_t) a->len[i] + b->len[k];

            if (n > LIT_MAX || r->used + n > POOL) {
                return 0;
            }

            memcpy(r->pool + r->used, r->pool + a->at[i], a->len[i]);
            memcpy(r->pool + r->used + a->len[i], r->pool + b->at[k],
                   b->len[k]);
            s.at[s.n] = (uint16_t) r->used;
            s.len[s.n++] = (uint8_t) n;
            r->used += n;
        }
    }

    *out = s;

    return 1;
}


static void
empty_string(set_t *s)
{
    s->n = 1;
    s->at[0] = 0;
    s->len[0] = 0;
}


static int
add_string(reader_t *r, set_t *s, const char *p, size_t n)
{
    if (s->n == MDR_NEED_LITS || r->used + n > POOL) {
        return 0;
    }

    memcpy(r->pool + r->used, p, n);
    s->at[s->n] = (uint16_t) r->used;
    s->len[s->n++] = (uint8_t) n;
    r->used += n;

    return 1;
}


static void
clear(part_t *p)
{
    memset(p, 0, sizeof(part_t));
}


/* one character, which is all of these kinds */

static void
count_kind(part_t *p, unsigned kind)
{
    uint32_t  i, is;

    for (i = 0; i < MDR_ASCII_KINDS; i++) {
        is = kind >> i & 1;
        p->rows[i].count = is;
        p->rows[i].head = is;
        p->rows[i].tail = is;
        p->rows[i].best = is;
        p->rows[i].all = (int) is;
    }
}


static uint32_t
more(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}


/* r, and x behind it */

static void
append_row(row_t *r, const row_t *x)
{
    r->best = more(more(r->best, x->best), r->tail + x->head);
    r->head = r->all ? r->count + x->head : r->head;
    r->tail = x->all ? r->tail + x->count : x->tail;
    r->all = r->all && x->all;
    r->count += x->count;
}


/* r, `times` of it, and perhaps more */

static void
repeat_row(row_t *r, uint32_t times)
{
    uint32_t  n;

    n = times < 64 ? times : 64;

    if (n == 0) {
        r->count = 0;
        r->head = 0;
        r->tail = 0;
        r->best = 0;
        return;
    }

    if (r->all) {
        r->count *= n;
        r->head = r->count;
        r->tail = r->count;
        r->best = r->count;
        return;
    }

    r->best = n > 1 ? more(r->best, r->tail + r->head) : r->best;
    r->count *= n;
}


static uint32_t
less(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}


/* r or x */

static void
join_row(row_t *r, const row_t *x)
{
    r->count = less(r->count, x->count);
    r->head = less(r->head, x->head);
    r->tail = less(r->tail, x->tail);
    r->best = less(r->best, x->best);
    r->all = r->all && x->all;
}


static void
nothing(part_t *p)
{
    uint32_t  i;

    memset(p, 0, sizeof(part_t));

    for (i = 0; i < MDR_ASCII_KINDS; i++) {
        p->rows[i].all = 1;
    }
}


static void
put_any(uint64_t *any, uint32_t c)
{
    c = c >= 0x7f ? MDR_ANY_MARK : c;
    c = c >= 'A' && c <= 'Z' ? c | 32 : c;
    any[c / 64] |= (uint64_t) 1 << (c % 64);
}


/* the smaller set says more */

static void
better_any(uint64_t *best, const uint64_t *x)
{
    int  n, m;

    n = __builtin_popcountll(best[0]) + __builtin_popcountll(best[1]);
    m = __builtin_popcountll(x[0]) + __builtin_popcountll(x[1]);

    if (m != 0 && (n == 0 || m < n)) {
        best[0] = x[0];
        best[1] = x[1];
    }
}


/* the one character of the view that a character of the pattern is, or the
 * mark that it is several times; 0: it is more */

static uint32_t
in_view(const reader_t *r, const char *s, size_t n)
{
    size_t          len;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    if (n == 1) {
        return (uint8_t) *s;
    }

    (void) mdr_fold_forms(mdr_utf8_next((const uint8_t *) s, n, &len),
                          r->folds, f);

    for (len = 1; len < f[0].n; len++) {
        if (f[0].cp[len] != f[0].cp[0] || mdr_fold_mark(f[0].cp[0]) == 0) {
            return 0;
        }
    }

    return f[0].cp[0];
}


/* a mark beyond ASCII */

static int
is_mark(uint32_t c)
{
    return c >= 0x7f && (mdr_fold_mark(c) & ~MDR_GAP_SPACE) != 0;
}


/* kinds of the characters a to b of ASCII */

static unsigned
kind_of(uint32_t a, uint32_t b)
{
    if (a == b && is_mark(a)) {
        return K_SIGN;
    }

    if (a >= 0x80 || b >= 0x80 || a <= ' ') {
        return 0;
    }

    if (is_digit((int) a) && is_digit((int) b)) {
        return K_ASCII | K_DIGIT;
    }

    if (is_letter((int) a) && is_letter((int) b) && (a >= 'a') == (b >= 'a'))
    {
        return K_ASCII | K_LETTER;
    }

    return a == b && !is_digit((int) a) && !is_letter((int) a)
           ? K_ASCII | K_SIGN : K_ASCII;
}


/* One character as a part.  Marks stand in no literal: what a term has of
 * them makes every text with one of them slow. */

static void
one_char(reader_t *r, part_t *p, const char *s, size_t n)
{
    uint32_t  c;
    unsigned  kind;

    clear(p);
    c = in_view(r, s, n);

    if (c == 0) {
        return;
    }

    kind = kind_of(c, c);
    p->is_exact = mdr_fold_mark(c) == 0 && add_string(r, &p->exact, s, n);
    count_kind(p, kind);

    if (c > ' ' && c < 0x80 && !(kind & (K_DIGIT|K_LETTER))) {
        p->must[c / 64] |= (uint64_t) 1 << (c % 64);
    }

    if (kind != 0) {
        put_any(p->any, c);
    }
}


static void
put_range(uint64_t *any, uint32_t a, uint32_t b)
{
    for ( ; a <= b; a++) {
        put_any(any, a);
    }
}


/* [...] from i to end */

static void
char_class(reader_t *r, part_t *p, size_t i, size_t end)
{
    int       exact, known, all;
    size_t    len;
    uint32_t  c;
    unsigned  kind;

    clear(p);
    known = 1;
    all = 1;
    i++;
    end--;

    if (at(r, i) == '^') {
        return;
    }

    exact = 1;
    kind = K_DIGIT | K_LETTER | K_SIGN | K_ASCII;

    while (i < end) {

        if (r->s[i] == '\\') {
            if (at(r, i + 1) == 'd') {
                kind &= K_DIGIT | K_ASCII;
                put_range(p->any, '0', '9');
                exact = 0;
                i += 2;
                continue;
            }
            if (at(r, i + 1) == 'w') {
                kind &= K_ASCII;
                known = 0;
                exact = 0;
                i += 2;
                continue;
            }
            if (is_letter(at(r, i + 1)) || is_digit(at(r, i + 1))) {
                clear(p);
                return;
            }
            i++;
        }

        if (i >= end || r->s[i] == '[') {
            clear(p);
            return;                     /* [:alpha:] and the like            */
        }

        len = char_len(r, i);

        if (i + len + 1 < end && r->s[i + len] == '-') {
            exact = 0;

            if (len != 1 || (uint8_t) r->s[i + 2] >= 0x80
                || r->s[i + 2] == '\\')
            {
                clear(p);
                return;
            }

            kind &= kind_of((uint8_t) r->s[i], (uint8_t) r->s[i + 2]);
            put_range(p->any, (uint8_t) r->s[i], (uint8_t) r->s[i + 2]);
            all = all && (uint8_t) r->s[i] > ' ';
            i += 3;
            continue;
        }

        c = in_view(r, r->s + i, len);
        kind &= c != 0 ? kind_of(c, c) : 0u;
        all = all && c != 0 && kind_of(c, c) != 0;
        if ((c > ' ' && c < 0x7f) || is_mark(c)) {
            put_any(p->any, c);
        }
        exact = exact && c != 0 && mdr_fold_mark(c) == 0
                && add_string(r, &p->exact, r->s + i, len);
        i += len;
    }

    p->is_exact = exact && p->exact.n != 0;
    count_kind(p, kind);

    if (!known || !all) {
        p->any[0] = 0;
        p->any[1] = 0;
    }
}


static void alternation(reader_t *r, size_t from, size_t to, int depth,
    part_t *out);


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
                && (at(r, k) != 'i' || !(r->folds & MDR_FOLD_CASE)))
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
escape(reader_t *r, size_t i, size_t *next, part_t *p)
{
    int  c;

    clear(p);
    c = at(r, i + 1);
    *next = i + 2;

    if (c == -1) {
        r->give_up = 1;
        return 0;
    }

    if (c == 'd') {
        count_kind(p, K_DIGIT | K_ASCII);
        put_range(p->any, '0', '9');
        return 1;
    }

    if (c == 'w') {
        count_kind(p, K_ASCII);
        return 1;
    }

    if (strchr("bBAzZG", c) != NULL) {
        return 0;
    }

    if (c >= '1' && c <= '9' && !is_digit(at(r, i + 2))) {
        memcpy(p->rows, r->groups[c - '0'].rows, sizeof(p->rows));
        return 1;                       /* what the group has                */
    }

    if (is_digit(c)) {
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

    if (is_letter(c)) {
        r->give_up = 1;
        return 0;
    }

    *next = i + 1 + char_len(r, i + 1);
    one_char(r, p, r->s + i + 1, *next - i - 1);

    return 1;
}


/* e, at least min times, behind what out and cur know */

static void
append(reader_t *r, part_t *out, set_t *cur, const part_t *e, uint32_t min,
    int once)
{
    set_t     s;
    row_t     row;
    uint32_t  i;

    for (i = 0; i < MDR_ASCII_KINDS; i++) {
        row = e->rows[i];
        repeat_row(&row, min);
        append_row(&out->rows[i], &row);
    }

    if (min == 0) {
        better(&out->best, cur);
        empty_string(cur);
        out->is_exact = 0;
        return;
    }

    better_any(out->any, e->any);
    out->must[0] |= e->must[0];
    out->must[1] |= e->must[1];
    better(&out->best, &e->best);

    if (!e->is_exact) {
        better(&out->best, cur);
        empty_string(cur);
        out->is_exact = 0;
        return;
    }

    if (product(r, cur, &e->exact, &s)) {
        if (once) {
            *cur = s;
            return;
        }
        better(&out->best, &s);

    } else {
        better(&out->best, cur);
    }

    /* its last one stands before what follows */

    *cur = e->exact;
    out->is_exact = 0;
}


/* one way: [from, to) without a "|" of its own */

static void
way(reader_t *r, size_t from, size_t to, int depth, part_t *out)
{
    int       once, takes;
    size_t    i, next, inner;
    set_t     cur;
    part_t    e;
    uint32_t  min, group;

    nothing(out);
    out->is_exact = 1;
    empty_string(&cur);

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
            clear(&e);
            next = i + 1;
            break;

        default:
            next = i + char_len(r, i);
            one_char(r, &e, r->s + i, next - i);
        }

        min = quantifier(r, &next, &once);

        if (takes) {
            append(r, out, &cur, &e, min, once);
        }
    }

    better(&out->best, &cur);

    if (out->is_exact) {
        out->exact = cur;
    }
}


static void
join(set_t *a, const set_t *b)
{
    uint32_t  i;

    if (a->n == 0 || b->n == 0 || a->n + b->n > MDR_NEED_LITS) {
        a->n = 0;
        return;
    }

    for (i = 0; i < b->n; i++) {
        a->at[a->n] = b->at[i];
        a->len[a->n++] = b->len[i];
    }
}


static void
alternation(reader_t *r, size_t from, size_t to, int depth, part_t *out)
{
    int       first, known;
    size_t    i, start;
    part_t    w;
    uint32_t  k;

    first = 1;
    clear(out);

    for (i = from, start = from; i <= to && !r->give_up; ) {

        if (i == to || r->s[i] == '|') {
            way(r, start, i, depth, &w);

            if (first) {
                *out = w;

            } else {
                out->is_exact = out->is_exact && w.is_exact
                                && out->exact.n + w.exact.n <= MDR_NEED_LITS;
                if (out->is_exact) {
                    join(&out->exact, &w.exact);
                }
                join(&out->best, &w.best);
                for (k = 0; k < MDR_ASCII_KINDS; k++) {
                    join_row(&out->rows[k], &w.rows[k]);
                }

                known = (out->any[0] | out->any[1]) != 0
                        && (w.any[0] | w.any[1]) != 0;
                out->any[0] = known ? out->any[0] | w.any[0] : 0;
                out->any[1] = known ? out->any[1] | w.any[1] : 0;
                out->must[0] &= w.must[0];
                out->must[1] &= w.must[1];
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
    size_t    used;
    part_t    p;
    uint32_t  i;
    reader_t  r;

    memset(need, 0, offsetof(mdr_regex_need_t, buf));

    r.s = pattern.data;
    r.n = pattern.len;
    r.used = 1;                         /* the empty string is at 0          */
    r.give_up = 0;
    r.folds = folds;
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

    if (quality(&p.best) == 0) {
        return;
    }

    for (i = 0, used = 0; i < p.best.n; i++) {
        memcpy(need->buf + used, r.pool + p.best.at[i], p.best.len[i]);
        need->lit[i].data = need->buf + used;
        need->lit[i].len = p.best.len[i];
        used += p.best.len[i];
    }

    need->n = p.best.n;
}
