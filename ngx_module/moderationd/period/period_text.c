/*
 * period_text.c - a report as Markdown and as CSV.
 *
 * CSV: UTF-8 with BOM and CRLF, so that spreadsheets of an office open it
 * right; a cell that one of them could take for a formula has an apostrophe
 * before it (OWASP, "CSV Injection").
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "period.h"

#include <string.h>


static void
cell_text(const json_t *cell, mdd_buf_t *b)
{
    if (json_is_integer(cell)) {
        mdd_buf_fmt(b, "%lld", (long long) json_integer_value(cell));

    } else if (json_is_string(cell)) {
        mdd_buf_str(b, json_string_value(cell));
    }
}


/* what Markdown would read as its own, and the bars of a table */

static void
plain(mdd_buf_t *b, const char *s)
{
    for ( ; *s; s++) {
        if (*s == '\n' || *s == '\r') {
            mdd_buf_str(b, " ");

        } else {
            if (strchr("\\`*_{}[]<>#|", *s)) {
                mdd_buf_str(b, "\\");
            }

            mdd_buf_add(b, s, 1);
        }
    }
}


static void
md_row(const json_t *cells, mdd_buf_t *b)
{
    size_t   i;
    json_t  *c;

    json_array_foreach(cells, i, c) {
        mdd_buf_str(b, "| ");

        if (json_is_string(c)) {
            plain(b, json_string_value(c));

        } else {
            cell_text(c, b);
        }

        mdd_buf_str(b, " ");
    }

    mdd_buf_str(b, "|\n");
}


void
mdd_period_markdown(mdd_web_t *w, const json_t *r, mdd_buf_t *b)
{
    size_t         i, k;
    json_t        *all = mdd_period_tables(w, r), *t, *row, *c;
    const json_t  *text = json_object_get(r, "text");

    mdd_buf_str(b, "# ");
    mdd_period_title(w, r, b);
    mdd_buf_str(b, "\n");

    if (text) {
        mdd_buf_str(b, "\n");
        plain(b, mdd_str(text, "body"));
        mdd_buf_str(b, "\n\n\xe2\x80\x94 ");
        plain(b, mdd_str(text, "by"));
        mdd_buf_str(b, "\n");
    }

    json_array_foreach(all, i, t) {
        mdd_buf_fmt(b, "\n## %s\n\n", mdd_str(t, "title"));
        md_row(json_object_get(t, "head"), b);

        json_array_foreach(json_object_get(t, "head"), k, c) {
            mdd_buf_str(b, k ? "| ---: " : "| --- ");
        }

        mdd_buf_str(b, "|\n");

        json_array_foreach(json_object_get(t, "rows"), k, row) {
            md_row(row, b);
        }

        if (mdd_str(t, "note")[0]) {
            mdd_buf_fmt(b, "\n%s\n", mdd_str(t, "note"));
        }
    }

    json_decref(all);

    if (json_array_size(json_object_get(r, "cases"))) {
        mdd_buf_fmt(b, "\n## %s\n\n", T(w, "典型案例", "Typical cases"));
    }

    json_array_foreach(json_object_get(r, "cases"), i, c) {
        mdd_buf_fmt(b, "%zu. ", i + 1);
        plain(b, mdd_str(c, "text"));
        mdd_buf_str(b, "\n");
    }
}


void
mdd_csv_cell(mdd_buf_t *b, const char *s, int first)
{
    mdd_buf_str(b, first ? "" : ",");

    if (*s == '\0' || (strpbrk(s, ",\"\r\n") == NULL
                       && strchr("=+-@\t\r", *s) == NULL))
    {
        mdd_buf_str(b, s);
        return;
    }

    mdd_buf_str(b, "\"");

    if (strchr("=+-@\t\r", *s)) {
        mdd_buf_str(b, "'");
    }

    for ( ; *s; s++) {
        mdd_buf_str(b, *s == '"' ? "\"" : "");
        mdd_buf_add(b, s, 1);
    }

    mdd_buf_str(b, "\"");
}


static void
csv_row(const json_t *cells, mdd_buf_t *b)
{
    size_t   i;
    json_t  *c;

    json_array_foreach(cells, i, c) {
        if (json_is_string(c)) {
            mdd_csv_cell(b, json_string_value(c), i == 0);

        } else {
            mdd_buf_str(b, i ? "," : "");
            cell_text(c, b);
        }
    }

    mdd_buf_str(b, "\r\n");
}


void
mdd_period_csv(mdd_web_t *w, const json_t *r, mdd_buf_t *b)
{
    size_t      i, k;
    json_t     *all = mdd_period_tables(w, r), *t, *row, *c;
    mdd_buf_t   title = { 0 };

    mdd_period_title(w, r, &title);
    mdd_buf_add(&title, "", 1);
    mdd_buf_str(b, "\xef\xbb\xbf");
    mdd_csv_cell(b, title.bad ? "" : title.p, 1);
    mdd_buf_str(b, "\r\n");
    mdd_buf_free(&title);

    json_array_foreach(all, i, t) {
        mdd_buf_str(b, "\r\n");
        mdd_csv_cell(b, mdd_str(t, "title"), 1);
        mdd_buf_str(b, "\r\n");
        csv_row(json_object_get(t, "head"), b);

        json_array_foreach(json_object_get(t, "rows"), k, row) {
            csv_row(row, b);
        }
    }

    json_decref(all);

    json_array_foreach(json_object_get(r, "cases"), i, c) {
        mdd_buf_str(b, i ? "" : "\r\n");
        mdd_csv_cell(b, T(w, "典型案例", "Typical case"), 1);
        mdd_csv_cell(b, mdd_str(c, "text"), 0);
        mdd_buf_str(b, "\r\n");
    }

    if (json_object_get(r, "text")) {
        mdd_buf_str(b, "\r\n");
        mdd_csv_cell(b, mdd_str(json_object_get(r, "text"), "body"), 1);
        mdd_csv_cell(b, mdd_str(json_object_get(r, "text"), "by"), 0);
        mdd_buf_str(b, "\r\n");
    }
}
