/*
 * diag.c - diagnostics of loading: collected, all at once, with positions.
 */

#include "model.h"
#include "utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>


#define DIAGS_MAX   1000
#define WORD_MAX    64


struct mdr_diags_s {
    const mdr_alloc_t  *alloc;
    mdr_diag_t         *list;
    size_t              n, cap;
    size_t              errors;
};


mdr_diags_t *
mdr_diags_new(const mdr_alloc_t *alloc)
{
    mdr_diags_t  *d;

    if (alloc == NULL) {
        alloc = mdr_mem_default();
    }

    d = mdr_calloc(alloc, sizeof(mdr_diags_t));
    if (d != NULL) {
        d->alloc = alloc;
    }

    return d;
}


void
mdr_diags_free(mdr_diags_t *d)
{
    size_t  i;

    if (d == NULL) {
        return;
    }

    for (i = 0; i < d->n; i++) {
        mdr_free(d->alloc, d->list[i].file);
        mdr_free(d->alloc, d->list[i].text);
    }

    mdr_free(d->alloc, d->list);
    mdr_free(d->alloc, d);
}


size_t
mdr_diags_count(const mdr_diags_t *d)
{
    return d->n;
}


size_t
mdr_diags_errors(const mdr_diags_t *d)
{
    return d->errors;
}


const mdr_diag_t *
mdr_diags_get(const mdr_diags_t *d, size_t i)
{
    return i < d->n ? &d->list[i] : NULL;
}


static char *
copy(const mdr_alloc_t *a, const char *s)
{
    char    *p;
    size_t   n;

    if (s == NULL) {
        return NULL;
    }

    n = strlen(s) + 1;
    p = mdr_alloc(a, n);
    if (p != NULL) {
        memcpy(p, s, n);
    }

    return p;
}


/* a message is one line of UTF-8, whatever text of a file it quotes: control
 * characters and pieces of characters become "?" */

static void
clean(char *s)
{
    char      *d;
    size_t     n, len, i;
    uint32_t   cp;

    n = strlen(s);
    d = s;

    while (n != 0) {
        cp = mdr_utf8_next((const uint8_t *) s, n, &len);

        if (len == 0 || (cp == MDR_CP_BAD && len != 3) || cp < 0x20
            || (cp >= 0x7f && cp < 0xa0))
        {
            len = len == 0 ? n : len;
            *d++ = '?';

        } else {
            for (i = 0; i < len; i++) {
                *d++ = s[i];
            }
        }

        s += len;
        n -= len;
    }

    *d = '\0';
}


/* an error counts even where there is no memory to keep its text */

int
mdr_diags_add(mdr_diags_t *d, int severity, const char *code,
    const char *file, uint32_t line, uint32_t column, const char *fmt, ...)
{
    char         text[1024];
    void        *p;
    va_list      args;
    mdr_diag_t  *g;

    if (severity == MDR_DIAG_ERROR) {
        d->errors++;
    }

    if (d->n >= DIAGS_MAX) {
        return MDR_OK;
    }

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    clean(text);

    if (d->n == DIAGS_MAX - 1) {
        file = NULL;
        code = "too-many";
        snprintf(text, sizeof(text), "%d messages; the rest is left out",
                 DIAGS_MAX - 1);
    }

    p = d->list;
    if (mdr_grow(d->alloc, &p, &d->cap, d->n + 1, sizeof(mdr_diag_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }
    d->list = p;

    g = &d->list[d->n];
    g->severity = severity;
    g->code = code;
    g->line = line;
    g->column = column;
    g->file = copy(d->alloc, file);
    g->text = copy(d->alloc, text);

    if (g->text == NULL || (file != NULL && g->file == NULL)) {
        mdr_free(d->alloc, g->file);
        mdr_free(d->alloc, g->text);
        return MDR_ERROR;
    }

    d->n++;

    return MDR_OK;
}


/* messages from the n-th on in the order of files and places; those without
 * a file stay where they are */

static int
before(const mdr_diag_t *a, const mdr_diag_t *b)
{
    int  rc;

    if (a->file == NULL || b->file == NULL) {
        return 0;
    }

    rc = strcmp(a->file, b->file);

    return rc < 0
           || (rc == 0 && (a->line < b->line
                           || (a->line == b->line && a->column < b->column)));
}


void
mdr_diags_sort(mdr_diags_t *d, size_t n)
{
    size_t      i, k;
    mdr_diag_t  g;

    for (i = n + 1; i < d->n; i++) {
        g = d->list[i];

        for (k = i; k > n && before(&g, &d->list[k - 1]); k--) {
            d->list[k] = d->list[k - 1];
        }

        d->list[k] = g;
    }
}


size_t
mdr_diag_format(const mdr_diag_t *d, char *dst, size_t size)
{
    int   n;
    char  place[32];

    static const char *const  kinds[] = { "", "warning: ", "info: " };

    place[0] = '\0';

    if (d->line != 0) {
        (void) snprintf(place, sizeof(place), ":%u:%u", d->line, d->column);
    }

    n = snprintf(dst, size, "%s%s%s%s [%s%s]",
                 d->file != NULL ? d->file : "",
                 d->file != NULL ? place : "", d->file != NULL ? ": " : "",
                 d->text, kinds[d->severity], d->code);

    return n > 0 ? (size_t) n : 0;
}


/* Damerau-Levenshtein distance (adjacent swaps count once) of short words,
 * case and "-" / "_" / "." alike */

static char
plain(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char) (c + 32);
    }

    return c == '-' || c == '.' || c == ' ' ? '_' : c;
}


static size_t
distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t  i, j, v, row[3][WORD_MAX + 1], *r0, *r1, *r2, *t;

    r0 = row[0];
    r1 = row[1];
    r2 = row[2];

    for (j = 0; j <= m; j++) {
        r1[j] = j;
        r0[j] = 0;
    }

    for (i = 1; i <= n; i++) {
        r2[0] = i;

        for (j = 1; j <= m; j++) {
            v = r1[j - 1] + (plain(a[i - 1]) != plain(b[j - 1]));
            v = v < r1[j] + 1 ? v : r1[j] + 1;
            v = v < r2[j - 1] + 1 ? v : r2[j - 1] + 1;

            if (i > 1 && j > 1 && plain(a[i - 1]) == plain(b[j - 2])
                && plain(a[i - 2]) == plain(b[j - 1])
                && v > r0[j - 2] + 1)
            {
                v = r0[j - 2] + 1;
            }

            r2[j] = v;
        }

        t = r0;
        r0 = r1;
        r1 = r2;
        r2 = t;
    }

    return r1[m];
}


const char *
mdr_word_nearest(mdr_str_t w, const char *const *words, size_t n)
{
    size_t       i, d, best, len;
    const char  *found;

    if (w.len == 0 || w.len > WORD_MAX) {
        return NULL;
    }

    found = NULL;
    best = w.len / 3 + 2;

    for (i = 0; i < n; i++) {
        len = strlen(words[i]);

        if (len > WORD_MAX) {
            continue;
        }

        d = distance(w.data, w.len, words[i], len);

        if (d < best && d < len) {
            best = d;
            found = words[i];
        }
    }

    return found;
}
