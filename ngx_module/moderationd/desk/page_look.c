/*
 * page_look.c - the card as it looks: its own bytes in a sandbox, in the style
 * that the site gives (preview_css), with pictures that the daemon fetched
 * (image.h).
 *
 * The answer's own policy keeps everything from running and from being
 * fetched, whatever the bytes are; elements that would change the page around
 * (meta, base, form, frames, objects, scripts) are left out as well.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "image.h"
#include "moderationd/web/page.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SOURCE_MAX  16384
#define CSS_MAX     65536
#define IMAGES      4                   /* of a card                          */
#define FETCH_MS    4000                /* no other is begun behind that      */

typedef struct {
    mdd_web_t         *w;
    const mdd_site_t  *site;
    const char        *host;            /* of the page                        */
    int                images;
    char               cover[2200];     /* its URL, or ""                     */
    int                content;         /* its bytes count                    */
    char               sum[65];         /* of them, as they are shown         */
} look_t;

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


/* the value of an attribute in the inside of a tag, without references */

static int
attribute(const char *s, size_t n, const char *name, char *out, size_t size)
{
    char    q;
    size_t  i, k, len = strlen(name);

    for (i = 1; i + len < n; i++) {
        if (strncasecmp(s + i, name, len) != 0 || s[i + len] != '='
            || (!isspace((unsigned char) s[i - 1]) && s[i - 1] != '"'
                && s[i - 1] != '\''))
        {
            continue;
        }

        i += len + 1;
        q = i < n && (s[i] == '"' || s[i] == '\'') ? s[i++] : 0;

        for (k = 0; i < n && k + 1 < size; i++) {
            if (q ? s[i] == q : isspace((unsigned char) s[i]) || s[i] == '>')
            {
                break;
            }

            out[k++] = s[i];

            if (k >= 5 && memcmp(out + k - 5, "&amp;", 5) == 0) {
                k -= 4;                 /* the ampersand stays               */
            }
        }

        out[k] = '\0';

        return k > 0;
    }

    return 0;
}


/* a picture that the site lets us fetch, else its name */

static void
picture(look_t *l, const char *src, const char *alt)
{
    int         is_cover;
    char        url[2200], sum[65];
    char       *data = NULL;
    mdd_buf_t  *b = &l->w->out->body;

    mdd_image_url(url, sizeof(url), l->host, src);

    is_cover = l->cover[0] && strcmp(url, l->cover) == 0;

    if (l->images < IMAGES && mdd_now(l->w->d) - l->w->now < FETCH_MS) {
        l->images++;
        data = mdd_image(l->site, url, sum);
    }

    if (is_cover) {
        l->cover[0] = '\0';             /* it need not be shown once more     */
    }

    if (data) {
        if (is_cover) {
            memcpy(l->sum, sum, sizeof(sum));
        }

        mdd_html_f(b, "<img alt=\"%s\" src=\"", alt);
        mdd_buf_str(b, data);           /* ours: a type and base64           */
        mdd_buf_str(b, "\">");

    } else {
        mdd_html_f(b, "<span class=\"no-image\">%s %s</span>",
                   T(l->w, "图片", "image"), alt);
    }

    free(data);
}


static void
image_tag(look_t *l, const char *s, size_t n)
{
    char  src[2048] = "", alt[200] = "";

    if (!attribute(s, n, "data-src", src, sizeof(src))) {
        (void) attribute(s, n, "src", src, sizeof(src));
    }

    (void) attribute(s, n, "alt", alt, sizeof(alt));
    picture(l, src, alt);
}


/* of the site's own making: no element begins in it */

static void
site_css(look_t *l)
{
    int         c, n = 0;
    FILE       *f;
    mdd_buf_t  *b = &l->w->out->body;

    f = l->site && l->site->preview_css ? fopen(l->site->preview_css, "re")
                                        : NULL;

    while (f && n++ < CSS_MAX && (c = getc(f)) != EOF) {
        if (c != '<') {
            char  one = (char) c;

            mdd_buf_add(b, &one, 1);
        }
    }

    if (f) {
        fclose(f);
    }
}


static void
without(look_t *l, const char *s, size_t n)
{
    mdd_buf_t  *b = &l->w->out->body;

    size_t      i = 0, name, end, len;

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

        if (len == 3 && strncasecmp(s + name, "img", 3) == 0) {
            if (s[i + 1] != '/') {
                image_tag(l, s + name + len, end - name - len);
            }

        } else if (!is_out(s + name, len)) {
            mdd_buf_add(b, s + i, end - i);
        }

        i = end;
    }
}


static const mdd_site_t *
site_of(mdd_web_t *w, const char *name)
{
    size_t  i;

    for (i = 0; i < w->d->conf->nsites; i++) {
        if (strcmp(w->d->conf->sites[i].name, name) == 0) {
            return &w->d->conf->sites[i];
        }
    }

    return NULL;
}


/* the field that the slot names as its cover */

static void
cover_of(look_t *l, const mdd_card_t *c, const json_t *private)
{
    char               field[72] = "";
    const mdd_book_t  *book;
    const mdd_slot_t  *slot;
    const char        *url;

    book = mdd_book(c->site[0] ? c->site : NULL);
    slot = mdd_book_slot(book, c->slot);

    if (slot && slot->cover) {
        snprintf(field, sizeof(field), "%s", slot->cover);
        l->content = slot->cover_ms != 0;
    }

    mdd_book_leave(book);
    url = mdd_str(json_object_get(private, "fields"), field);

    if (field[0] && *url) {
        mdd_image_url(l->cover, sizeof(l->cover), l->host, url);
    }
}


/* where none of the card's own pictures is it */

static void
cover(look_t *l)
{
    char  url[sizeof(l->cover)];

    if (l->cover[0]) {
        strcpy(url, l->cover);
        picture(l, url, T(l->w, "封面", "cover"));
    }
}


void
mdd_page_preview(mdd_web_t *w)
{
    int          n = -1;
    char        *bytes;
    json_t      *line, *private;
    mdd_buf_t   *b = &w->out->body;
    look_t       l = { 0 };
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

    line = mdd_get_line(w, c.decision, c.log, c.leaf);
    private = json_object_get(line, "private");
    l.w = w;
    l.host = mdd_str(line, "host");
    l.site = site_of(w, c.site);

    mdd_html_f(b, "<!doctype html><html lang=\"%s\"><meta charset=\"utf-8\">"
               "<title>%s</title><style>body{font:14px system-ui,sans-serif;"
               "margin:8px;overflow-wrap:anywhere}img{max-width:100%%}"
               ".no-image{display:inline-block;padding:6px 10px;border:1px "
               "dashed;opacity:.7}</style><style>", w->zh ? "zh-CN" : "en",
               T(w, "卡片", "Card"));
    site_css(&l);
    mdd_html_f(b, "</style>");

    /* pressed, it is seen */

    if (mdd_image_blurred(l.site, c.label)) {
        mdd_html_f(b, "<style>img{filter:blur(8px) grayscale(1)!important}"
                   "img:active{filter:none!important}</style>");
    }

    mdd_html_f(b, "<body>");
    source = mdd_str(private, "source");
    bytes = malloc(SOURCE_MAX);

    if (bytes) {
        n = mdd_unbase64(bytes, SOURCE_MAX, source, strlen(source));
    }

    cover_of(&l, &c, private);

    if (n <= 0 || memmem(bytes, (size_t) n, "<img", 4) == NULL) {
        cover(&l);
    }

    if (n > 0 && memchr(bytes, '<', (size_t) n)) {
        without(&l, bytes, (size_t) n);

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

    cover(&l);

    if (l.content && l.sum[0]) {
        mdd_cover_seen(w->d, &c, l.sum);
    }

    free(bytes);
    json_decref(line);
}
