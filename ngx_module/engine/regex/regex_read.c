/*
 * regex_read.c - characters, classes and quantifiers of a pattern.
 */

#include "regex_read.h"
#include "base/utf8.h"

#include <string.h>


static uint32_t
number(const mdr_regex_reader_t *r, size_t *i)
{
    uint32_t  n;

    for (n = 0; mdr_regex_is_digit(mdr_regex_at(r, *i)); (*i)++) {
        n = n < 1000 ? n * 10 + (uint32_t) (r->s[*i] - '0') : n;
    }

    return n;
}


/* the end of what may be a quantifier in braces, 0: it is none */

static size_t
brace_end(const mdr_regex_reader_t *r, size_t i)
{
    int  c;

    do {
        c = mdr_regex_at(r, ++i);
    } while (c == ' ' || c == ',' || mdr_regex_is_digit(c));

    return c == '}' && r->s[i - 1] != '{' ? i + 1 : 0;
}


/* how often the thing before i is there: at least (returned), and at most;
 * *i behind the quantifier */

uint32_t
mdr_regex_quantifier(const mdr_regex_reader_t *r, size_t *i, uint32_t *max)
{
    size_t    end;
    uint32_t  min;

    min = 1;
    *max = 1;

    switch (mdr_regex_at(r, *i)) {

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

        if (mdr_regex_at(r, *i) == ',') {
            (*i)++;
            *max = mdr_regex_is_digit(mdr_regex_at(r, *i)) ? number(r, i)
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

    if (mdr_regex_at(r, *i) == '?' || mdr_regex_at(r, *i) == '+') {
        (*i)++;
    }

    return min;
}


size_t
mdr_regex_class_end(const mdr_regex_reader_t *r, size_t i)
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


size_t
mdr_regex_group_end(const mdr_regex_reader_t *r, size_t i)
{
    int  depth;

    for (depth = 0; i < r->n; ) {
        if (r->s[i] == '\\') {
            i += 2;
        } else if (r->s[i] == '[') {
            i = mdr_regex_class_end(r, i);
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

uint32_t
mdr_regex_hex(const mdr_regex_reader_t *r, size_t i, size_t *next)
{
    int       c, brace;
    size_t    k;
    uint32_t  v;

    brace = mdr_regex_at(r, i + 2) == '{';
    k = i + 2 + (size_t) brace;

    for (v = 0; brace ? k < i + 9 : k < i + 4; k++) {
        c = mdr_regex_at(r, k);

        if (mdr_regex_is_digit(c)) {
            v = v * 16 + (uint32_t) (c - '0');

        } else if ((c | 32) >= 'a' && (c | 32) <= 'f') {
            v = v * 16 + (uint32_t) ((c | 32) - 'a' + 10);

        } else {
            break;
        }
    }

    if (brace && mdr_regex_at(r, k) != '}') {
        return 0;
    }

    *next = k + (size_t) brace;

    return v <= 0x10ffff ? v : 0;
}


/* [...] from i to end */

/* one character of a class at *i, or \x..; its bytes in s, how many in *len,
 * 0: not understood.  *raw: it is not folded */

static uint32_t
class_char(const mdr_regex_reader_t *r, size_t *i, uint8_t s[4], size_t *len,
    int *raw)
{
    size_t    next;
    uint32_t  cp;

    *raw = 0;

    if (r->s[*i] == '\\') {
        if (mdr_regex_at(r, *i + 1) == 'x') {
            cp = mdr_regex_hex(r, *i, &next);
            *raw = cp >= 0x80;
            *i = next;
            *len = cp != 0 ? mdr_utf8_put(s, cp) : 0;
            return cp;
        }

        if (mdr_regex_is_letter(mdr_regex_at(r, *i + 1))
            || mdr_regex_is_digit(mdr_regex_at(r, *i + 1)))
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

    *len = mdr_regex_char_len(r, *i);
    memcpy(s, r->s + *i, *len);
    cp = mdr_utf8_next(s, *len, &next);
    *i += *len;
    *len = next == *len ? next : 0;

    return cp;
}


/* [...] from i to end */

void
mdr_regex_class(mdr_regex_reader_t *r, mdr_regex_part_t *p, size_t i,
    size_t end)
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

    if (mdr_regex_at(r, i) == '^') {
        return;
    }

    exact = 1;
    kind = MDR_REGEX_DIGIT | MDR_REGEX_LETTER | MDR_REGEX_SIGN
           | MDR_REGEX_ASCII;

    while (i < end) {

        if (r->s[i] == '\\' && mdr_regex_at(r, i + 1) == 'd') {
            kind &= MDR_REGEX_DIGIT | MDR_REGEX_ASCII;
            mdr_regex_part_range(p->any, '0', '9');
            exact = 0;
            i += 2;
            continue;
        }

        if (r->s[i] == '\\' && mdr_regex_at(r, i + 1) == 'w') {
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
