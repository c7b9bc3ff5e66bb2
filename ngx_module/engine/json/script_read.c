/*
 * script_read.c - the words of a script, one after the other, as far as they
 * have come: what the files that look at what stands around a state share.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                     /* memmem                            */
#endif

#include "script_read.h"

#include <string.h>


size_t
mdr_script_blank(const uint8_t *p, size_t n, size_t i)
{
    const uint8_t  *q;

    for ( ;; ) {
        i = mdr_js_spaces(p, n, i);

        if (i >= n || p[i] != '/') {
            return i;
        }

        if (n - i < 2) {
            return n;
        }

        if (p[i + 1] == '/') {
            i += mdr_js_line(p + i, n - i);

        } else if (p[i + 1] == '*') {
            q = memmem(p + i + 2, n - i - 2, "*/", 2);
            i = q != NULL ? (size_t) (q - p) + 2 : n;

        } else {
            return i;
        }
    }
}


/* the next byte that is no white space, 0: there is none yet */

uint8_t
mdr_script_next(mdr_reader_t *r)
{
    r->i = mdr_script_blank(r->p, r->n, r->i);

    if (r->i >= r->n || mdr_js_space_cut(r->p + r->i, r->n - r->i)) {
        r->short_of = 1;
        return 0;
    }

    return r->p[r->i];
}


/* takes s, where it stands next */

int
mdr_script_take(mdr_reader_t *r, const char *s)
{
    size_t  k, len;

    if (mdr_script_next(r) == 0) {
        return 0;
    }

    len = strlen(s);

    for (k = 0; k < len; k++) {
        if (r->i + k == r->n) {
            r->short_of = 1;
            return 0;
        }
        if (r->p[r->i + k] != (uint8_t) s[k]) {
            return 0;
        }
    }

    r->i += len;

    return 1;
}


mdr_str_t
mdr_script_word(mdr_reader_t *r)
{
    mdr_str_t  w;

    w.data = (const char *) r->p + r->i;
    w.len = 0;

    while (r->i < r->n && mdr_js_ident(r->p[r->i])
           && mdr_js_space(r->p + r->i, r->n - r->i) == 0)
    {
        r->i++;
        w.len++;
    }

    if (r->i == r->n) {
        r->short_of = 1;
    }

    return w;
}


int
mdr_script_is(mdr_str_t w, const char *s)
{
    return w.len == strlen(s) && memcmp(w.data, s, w.len) == 0;
}


int
mdr_script_one_of(mdr_str_t w, const char *const *list)
{
    while (*list != NULL && !mdr_script_is(w, *list)) {
        list++;
    }

    return *list != NULL;
}


/* a.b.c: its last two names */

void
mdr_script_dotted(mdr_reader_t *r, mdr_str_t *before, mdr_str_t *name)
{
    memset(before, 0, sizeof(mdr_str_t));
    *name = mdr_script_word(r);

    while (mdr_script_next(r) == '.'
           && !(r->n - r->i > 1 && r->p[r->i + 1] == '.'))
    {
        r->i++;
        if (!mdr_js_ident(mdr_script_next(r))) {
            return;
        }
        *before = *name;
        *name = mdr_script_word(r);
    }
}


/* a string that begins like JSON, or like JSON in percents; 0: no */

int
mdr_script_holds_json(mdr_reader_t *r, int *coded)
{
    size_t   i, k;
    uint8_t  c;

    for (i = r->i + 1; i < r->n; i++) {
        c = r->p[i];

        /* "{" and "[" in escapes */

        if (c == '\\') {
            k = i + 1 < r->n && r->p[i + 1] == 'x' ? 2
                : i + 1 < r->n && r->p[i + 1] == 'u' ? 4 : 0;

            if (k == 0) {
                continue;
            }
            if (r->n - i < k + 2) {
                break;
            }

            return (k == 2 || memcmp(r->p + i + 2, "00", 2) == 0)
                   && (r->p[i + k] == '7' || r->p[i + k] == '5')
                   && (r->p[i + k + 1] | 32) == 'b';
        }

        if (c == ' ' || c == 'n' || c == 't' || c == 'r') {
            continue;                   /* white space, perhaps escaped      */
        }

        if (c == '%') {
            if (r->n - i < 3) {
                break;
            }
            *coded = MDR_CODED_URI;
            return (r->p[i + 1] == '7' || r->p[i + 1] == '5')
                   && (r->p[i + 2] | 32) == 'b';
        }

        return c == '{' || c == '[';
    }

    r->short_of = 1;

    return 0;
}


/* does a line end in these bytes (ECMA-262, 12.3) */

int
mdr_script_has_line(const uint8_t *p, size_t n)
{
    return mdr_js_line(p, n) < n
           || (n != 0 && (p[n - 1] == '\n' || p[n - 1] == '\r'
                          || (n > 2 && p[n - 3] == 0xe2 && p[n - 2] == 0x80
                              && (p[n - 1] | 1) == 0xa9)));
}
