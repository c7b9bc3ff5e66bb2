/*
 * line.c - lines of output: JSON, and text in columns of a terminal.
 */

#include "line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>


void
line_put(line_t *l, const char *s, size_t n)
{
    char    *p;
    size_t   cap;

    if (l->cap - l->len < n + 1) {
        cap = (l->cap + n) * 2 + 64;
        p = realloc(l->data, cap);
        if (p == NULL) {
            fprintf(stderr, "moderationctl: out of memory\n");
            exit(2);
        }
        l->data = p;
        l->cap = cap;
    }

    memcpy(l->data + l->len, s, n);
    l->len += n;
    l->data[l->len] = '\0';
}


void
line_puts(line_t *l, const char *s)
{
    line_put(l, s, strlen(s));
}


void
line_putn(line_t *l, unsigned long long v)
{
    char  buf[24];

    snprintf(buf, sizeof(buf), "%llu", v);
    line_puts(l, buf);
}


void
line_string(line_t *l, mdr_str_t s)
{
    char      esc[8];
    uint32_t  i, from;

    line_puts(l, "\"");

    for (i = 0, from = 0; i < s.len; i++) {
        unsigned char  c = (unsigned char) s.data[i];

        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
            continue;
        }

        line_put(l, s.data + from, i - from);
        from = i + 1;

        if (c == '"' || c == '\\') {
            esc[0] = '\\';
            esc[1] = (char) c;
            line_put(l, esc, 2);
        } else {
            snprintf(esc, sizeof(esc), "\\u%04x", c);
            line_puts(l, esc);
        }
    }

    line_put(l, s.data + from, s.len - from);
    line_puts(l, "\"");
}


void
line_text(line_t *l, const char *name, mdr_str_t v)
{
    line_puts(l, name);
    line_puts(l, ":");
    line_string(l, v);
}


void
line_number(line_t *l, const char *name, unsigned long long v)
{
    line_puts(l, name);
    line_puts(l, ":");
    line_putn(l, v);
}


void
line_word(line_t *l, const char *name, const char *v)
{
    line_puts(l, name);
    line_puts(l, ":\"");
    line_puts(l, v);
    line_puts(l, "\"");
}


/* the character at *i of valid UTF-8, and how it is shown: its own bytes, or
 * its number in angle brackets */

static size_t
shown(mdr_str_t s, uint32_t *i, char out[16])
{
    int       w;
    uint32_t  c, n, k;

    c = (unsigned char) s.data[*i];
    n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    n = n > s.len - *i ? s.len - *i : n;
    c = n == 1 ? c : c & (0x7fu >> n);

    for (k = 1; k < n; k++) {
        c = c << 6 | ((unsigned char) s.data[*i + k] & 0x3f);
    }

    w = wcwidth((wchar_t) c);

    /* what is drawn in no column of its own is drawn as a number, but what
     * belongs to the character before it: combining marks */

    if (w < 0 || (w == 0 && !(c >= 0x300 && c < 0x370))) {
        snprintf(out, 16, "<%04X>", c);
        *i += n;
        return strlen(out);
    }

    memcpy(out, s.data + *i, n);
    out[n] = '\0';
    *i += n;

    return (size_t) w;
}


size_t
line_width(mdr_str_t s)
{
    char      out[16];
    size_t    w;
    uint32_t  i;

    for (i = 0, w = 0; i < s.len; ) {
        w += shown(s, &i, out);
    }

    return w;
}


void
line_columns(line_t *l, mdr_str_t s, size_t width)
{
    char      out[16];
    size_t    at, w;
    uint32_t  i;

    for (i = 0, at = 0; i < s.len; at += w) {
        w = shown(s, &i, out);

        if (at + w > width) {
            break;
        }

        line_puts(l, out);
    }

    for ( ; at < width; at++) {
        line_puts(l, " ");
    }
}


void
line_free(line_t *l)
{
    free(l->data);
    memset(l, 0, sizeof(*l));
}
