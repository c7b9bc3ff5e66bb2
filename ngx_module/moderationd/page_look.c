/*
 * page_look.c - the card as it looks: its own bytes in a sandbox.
 *
 * The answer's own policy keeps everything from running and from being
 * fetched, whatever the bytes are; elements that would change the page around
 * (meta, base, form, frames, objects, scripts) are left out as well.
 */

#include "api.h"
#include "desk.h"
#include "page.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SOURCE_MAX  16384

static const char *const  out_of_it[] = {
    "meta", "base", "form", "iframe", "frame", "frameset", "object", "embed",
    "applet", "script", "link", "portal", "fencedframe", "html", "head",
    "body", "title", "noscript", "template", "button", "input", "select",
    "textarea", "dialog"
};


static int
is_out(const char *name, size_t n)
{
    size_t  i;

    for (i = 0; i < sizeof(out_of_it) / sizeof(out_of_it[0]); i++) {
        if (strlen(out_of_it[i]) == n
            && strncasecmp(name, out_of_it[i], n) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* the end of a tag as a browser finds it: quotes hide '>' */

static size_t
tag_end(const char *s, size_t i, size_t n)
{
    char  quote = 0;

    for ( ; i < n; i++) {
        if (quote) {
            quote = s[i] == quote ? 0 : quote;

        } else if (s[i] == '>') {
            return i + 1;

        } else if ((s[i] == '"' || s[i] == '\'') && i && s[i - 1] == '=') {
            quote = s[i];
        }
    }

    return n;
}


static void
without(mdd_buf_t *b, const char *s, size_t n)
{
    size_t  i = 0, name, end, len;

    while (i < n) {
        if (s[i] != '<') {
            mdd_buf_add(b, s + i, 1);
            i++;
            continue;
        }

        name = i + 1 + (i + 1 < n && s[i + 1] == '/');
        len = 0;

        while (name + len < n && !isspace((unsigned char) s[name + len])
               && s[name + len] != '/' && s[name + len] != '>')
        {
            len++;
        }

        if (len == 0 || !isalpha((unsigned char) s[name])) {
            mdd_buf_str(b, "&lt;");     /* comments, too, are drawn */
            i++;
            continue;
        }

        end = tag_end(s, name + len, n);

        if (!is_out(s + name, len)) {
            mdd_buf_add(b, s + i, end - i);
        }

        i = end;
    }
}


void
mdd_page_preview(mdd_web_t *w)
{
    int          n = -1;
    char        *bytes;
    json_t      *line, *private;
    mdd_buf_t   *b = &w->out->body;
    mdd_card_t   c;
    const char  *source;

    if (!mdd_card_get(w->db, strtoll(w->seg[2], NULL, 10), &c)
        || !mdd_card_mine(w, &c))
    {
        mdd_error(w, 404, "not_found", "no such card", "card");
        return;
    }

    w->out->type = "text/html; charset=utf-8";
    mdd_field(w, "Content-Security-Policy",
              "sandbox; default-src 'none'; style-src 'unsafe-inline'; "
              "img-src data:; form-action 'none'; base-uri 'none'; "
              "frame-ancestors 'self'");
    mdd_field(w, "Cache-Control", "private, no-store");

    mdd_html_f(b, "<!doctype html><html lang=\"%s\"><meta charset=\"utf-8\">"
               "<title>%s</title><style>body{font:14px system-ui,sans-serif;"
               "margin:8px;overflow-wrap:anywhere}img{filter:blur(8px) "
               "grayscale(1)}</style><body>", w->zh ? "zh-CN" : "en",
               T(w, "卡片", "Card"));

    line = mdd_get_line(w, c.decision, c.log, c.leaf);
    private = json_object_get(line, "private");
    source = mdd_str(private, "source");
    bytes = malloc(SOURCE_MAX);

    if (bytes) {
        n = mdd_unbase64(bytes, SOURCE_MAX, source, strlen(source));
    }

    if (n > 0 && memchr(bytes, '<', (size_t) n)) {
        without(b, bytes, (size_t) n);

    } else if (n > 0) {
        mdd_html_f(b, "<pre style=\"white-space:pre-wrap\">");
        mdd_html_text(b, bytes, (size_t) n, 0);
        mdd_html_f(b, "</pre>");

    } else {
        mdd_html_f(b, "<h3>");
        mdd_page_title(w, private, 0);
        mdd_html_f(b, "</h3><p>%s</p>", T(w, "没有记录卡片的原样。",
                   "The card's own bytes were not recorded."));
    }

    free(bytes);
    json_decref(line);
}
