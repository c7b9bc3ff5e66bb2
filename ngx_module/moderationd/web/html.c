/* html.c - see html.h */

#include "html.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* characters that a reader cannot see or that turn the line around: default
 * ignorables (Unicode 15), controls, bidi, tags, interlinear annotation */

static const struct { uint32_t from, to; } unseen[] = {
    { 0x0, 0x8 }, { 0xb, 0xc }, { 0xe, 0x1f }, { 0x7f, 0x9f },
    { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
    { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
    { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
    { 0x20dd, 0x20e4 }, { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f },
    { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb },
    { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff }
};


/* one character of valid UTF-8, or U+FFFD of one byte */

static uint32_t
next(const char *s, size_t n, size_t *len)
{
    size_t          i, k;
    uint32_t        c;
    const uint8_t  *u = (const uint8_t *) s;

    *len = 1;

    if (u[0] < 0x80) {
        return u[0] ? u[0] : 0xfffd;
    }

    k = u[0] >= 0xf0 ? 4 : u[0] >= 0xe0 ? 3 : 2;

    if (u[0] < 0xc2 || u[0] > 0xf4 || k > n) {
        return 0xfffd;
    }

    c = u[0] & (0xffu >> (k + 1));

    for (i = 1; i < k; i++) {
        if ((u[i] & 0xc0) != 0x80) {
            return 0xfffd;
        }

        c = c << 6 | (u[i] & 0x3f);
    }

    if ((k == 3 && c < 0x800) || (k == 4 && c < 0x10000) || c > 0x10ffff
        || (c >= 0xd800 && c < 0xe000))
    {
        return 0xfffd;
    }

    *len = k;

    return c;
}


static int
is_unseen(uint32_t c)
{
    size_t  i;

    for (i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
        if (c <= unseen[i].to) {
            return c >= unseen[i].from;
        }
    }

    return 0;
}


static void
escape(mdd_buf_t *b, const char *s, size_t len, uint32_t c)
{
    switch (c) {
    case '&':
        mdd_buf_str(b, "&amp;");
        break;
    case '<':
        mdd_buf_str(b, "&lt;");
        break;
    case '>':
        mdd_buf_str(b, "&gt;");
        break;
    case '"':
        mdd_buf_str(b, "&quot;");
        break;
    case '\'':
        mdd_buf_str(b, "&#39;");
        break;
    case 0xfffd:
        mdd_buf_str(b, "\xef\xbf\xbd");
        break;
    default:
        mdd_buf_add(b, s, len);
    }
}


void
mdd_html_esc(mdd_buf_t *b, const char *s, size_t n)
{
    size_t    i, len;
    uint32_t  c;

    for (i = 0; i < n; i += len) {
        c = next(s + i, n - i, &len);
        escape(b, s + i, len, c);
    }
}


void
mdd_html_f(mdd_buf_t *b, const char *fmt, ...)
{
    va_list      ap;
    const char  *p, *s;

    va_start(ap, fmt);

    for (p = fmt; *p; p++) {
        if (*p != '%') {
            s = strchr(p, '%');
            s = s ? s : p + strlen(p);
            mdd_buf_add(b, p, (size_t) (s - p));
            p = s - 1;
            continue;
        }

        p++;

        if (*p == 's') {
            s = va_arg(ap, const char *);
            mdd_html_esc(b, s ? s : "", s ? strlen(s) : 0);

        } else if (*p == 'd') {
            mdd_buf_fmt(b, "%d", va_arg(ap, int));

        } else if (strncmp(p, "lld", 3) == 0) {
            mdd_buf_fmt(b, "%lld", va_arg(ap, long long));
            p += 2;

        } else if (strncmp(p, "zu", 2) == 0) {
            mdd_buf_fmt(b, "%zu", va_arg(ap, size_t));
            p++;

        } else if (strncmp(p, ".1f", 3) == 0) {
            mdd_buf_fmt(b, "%.1f", va_arg(ap, double));
            p += 2;

        } else if (*p == '%') {
            mdd_buf_add(b, p, 1);

        } else {
            b->bad = 1;                 /* a format that is not known */
            break;
        }
    }

    va_end(ap);
}


static void
draw(mdd_buf_t *b, const char *s, size_t n, size_t max)
{
    size_t    i, len, k = 0;
    uint32_t  c;

    for (i = 0; i < n; i += len) {
        if (max && k++ == max) {
            mdd_buf_str(b, "\xe2\x80\xa6");
            return;
        }

        c = next(s + i, n - i, &len);

        if (is_unseen(c)) {
            mdd_buf_fmt(b, "<span class=\"iv\">U+%04X</span>", (unsigned) c);

        } else {
            escape(b, s + i, len, c);
        }
    }
}


void
mdd_html_text(mdd_buf_t *b, const char *s, size_t n, size_t max)
{
    mdd_buf_str(b, "<bdi>");
    draw(b, s, n, max);
    mdd_buf_str(b, "</bdi>");
}


static int
by_start(const void *a, const void *b)
{
    const mdd_span_t  *x = a, *y = b;

    return (x->start > y->start) - (x->start < y->start);
}


void
mdd_html_marked(mdd_buf_t *b, const char *s, size_t n, mdd_span_t *marks,
    size_t nmarks)
{
    size_t       i, at = 0, start, end;

    qsort(marks, nmarks, sizeof(mdd_span_t), by_start);
    mdd_buf_str(b, "<bdi>");

    for (i = 0; i < nmarks; i++) {
        start = marks[i].start > at ? marks[i].start : at;
        end = marks[i].end < n ? marks[i].end : n;

        if (start >= end) {
            continue;
        }

        draw(b, s + at, start - at, 0);
        mdd_html_f(b, "<mark title=\"%s\">", marks[i].title);
        draw(b, s + start, end - start, 0);
        mdd_buf_str(b, "</mark>");
        at = end;
    }

    draw(b, s + at, n - at, 0);
    mdd_buf_str(b, "</bdi>");
}


/*
 * Diff: what both begin and end with stays, and between that a longest common
 * subsequence of characters where it is short (a title), else all of it has
 * changed.
 */

#define DIFF_MAX  160

typedef struct {
    const char  *s;
    size_t       n;
    size_t       at[DIFF_MAX + 1];      /* where characters begin            */
    size_t       count;                 /* DIFF_MAX + 1: too many            */
} chars_t;


static void
split(chars_t *c, const char *s, size_t n)
{
    size_t  i, len;

    c->s = s;
    c->n = n;
    c->count = 0;

    for (i = 0; i < n && c->count <= DIFF_MAX; i += len) {
        next(s + i, n - i, &len);

        if (c->count < DIFF_MAX) {
            c->at[c->count] = i;
        }

        c->count++;
    }

    if (c->count <= DIFF_MAX) {
        c->at[c->count] = n;
    }
}


static int
same(const chars_t *a, size_t i, const chars_t *b, size_t k)
{
    size_t  n = a->at[i + 1] - a->at[i];

    return n == b->at[k + 1] - b->at[k]
           && memcmp(a->s + a->at[i], b->s + b->at[k], n) == 0;
}


static void
piece(mdd_buf_t *b, const char *tag, const char *s, size_t n)
{
    if (n) {
        mdd_html_f(b, "<%s>", tag);
        draw(b, s, n, 0);
        mdd_html_f(b, "</%s>", tag);
    }
}


static void
middle(mdd_buf_t *b, const char *from, size_t nfrom, const char *to,
    size_t nto)
{
    size_t   i, k, i0, k0;
    uint8_t  (*l)[DIFF_MAX + 1];
    chars_t  x, y;

    split(&x, from, nfrom);
    split(&y, to, nto);
    l = x.count <= DIFF_MAX && y.count <= DIFF_MAX
        ? calloc(DIFF_MAX + 1, sizeof(*l)) : NULL;

    if (l == NULL) {
        piece(b, "del", from, nfrom);
        piece(b, "ins", to, nto);
        return;
    }

    for (i = x.count; i-- > 0; ) {
        for (k = y.count; k-- > 0; ) {
            l[i][k] = same(&x, i, &y, k) ? (uint8_t) (l[i + 1][k + 1] + 1)
                      : l[i + 1][k] > l[i][k + 1] ? l[i + 1][k] : l[i][k + 1];
        }
    }

    for (i = k = 0; i < x.count || k < y.count; ) {
        i0 = i;
        k0 = k;

        while (i < x.count && k < y.count && same(&x, i, &y, k)) {
            i++;
            k++;
        }

        draw(b, to + y.at[k0], y.at[k] - y.at[k0], 0);
        i0 = i;
        k0 = k;

        while (i < x.count && (k == y.count || !same(&x, i, &y, k))
               && (k == y.count || l[i + 1][k] >= l[i][k + 1]))
        {
            i++;
        }

        while (k < y.count && (i == x.count || !same(&x, i, &y, k))
               && (i == x.count || l[i][k + 1] >= l[i + 1][k]))
        {
            k++;
        }

        piece(b, "del", from + x.at[i0], x.at[i] - x.at[i0]);
        piece(b, "ins", to + y.at[k0], y.at[k] - y.at[k0]);
    }

    free(l);
}


void
mdd_html_diff(mdd_buf_t *b, const char *from, size_t nfrom, const char *to,
    size_t nto)
{
    size_t  head = 0, tail = 0, max;

    max = nfrom < nto ? nfrom : nto;

    while (head < max && from[head] == to[head]) {
        head++;
    }

    while (head > 0 && head < nto && ((uint8_t) to[head] & 0xc0) == 0x80) {
        head--;
    }

    while (tail < max - head
           && from[nfrom - 1 - tail] == to[nto - 1 - tail])
    {
        tail++;
    }

    while (tail > 0 && ((uint8_t) to[nto - tail] & 0xc0) == 0x80) {
        tail--;
    }

    mdd_buf_str(b, "<bdi>");
    draw(b, to, head, 0);
    middle(b, from + head, nfrom - head - tail, to + head,
           nto - head - tail);
    draw(b, to + nto - tail, tail, 0);
    mdd_buf_str(b, "</bdi>");
}
