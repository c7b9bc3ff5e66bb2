/*
 * page_other.c - where a tag leads that does so otherwise than by one URL in
 * one attribute: markup and scripts in values, lists of URLs, drawings,
 * parameters.
 */

#include "page_run.h"
#include "html/html_tags.h"

#include <string.h>


static int
hex_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}


/* escapes of a script, in place: "\x2f", "\u002f" are their byte where it is
 * ASCII; any other "\" is a slash, as it is in a URL, and more slashes than two
 * are two there, so that "\/\/a.test" leads where "//a.test" does */

static size_t
without_escapes(char *p, size_t n)
{
    int       k;
    size_t    i, o, d, len;
    unsigned  v;

    for (i = 0, o = 0; i < n; i++) {
        len = p[i] != '\\' || i + 1 == n ? 0
              : p[i + 1] == 'x' ? 2 : p[i + 1] == 'u' ? 4 : 0;

        for (v = 0, d = 0; d < len && i + 2 + d < n
                           && (k = hex_of(p[i + 2 + d])) >= 0; d++)
        {
            v = v * 16 + (unsigned) k;
        }

        if (len != 0 && d == len && v < 0x80) {
            p[o++] = (char) v;
            i += 1 + len;
            continue;
        }

        p[o++] = p[i] == '\\' ? '/' : p[i];
    }

    return o;
}


/* does a URL with a host begin at p[i]? */

static int
is_url(const char *p, size_t n, size_t i)
{
    if (p[i] == '/') {
        return n - i > 2 && p[i + 1] == '/';
    }

    return (p[i] | 32) == 'h' && n - i > 6
           && ((p[i + 1] | 32) == 't' && (p[i + 2] | 32) == 't'
               && (p[i + 3] | 32) == 'p')
           && (p[i + 4] == ':' || ((p[i + 4] | 32) == 's' && p[i + 5] == ':'));
}


size_t
mdr_page_host_within(mdr_page_run_t *run, const uint8_t *p, size_t n,
    char host[MDR_HOST_MAX])
{
    char    text[2][MDR_TITLE_MAX];
    size_t  i, k, len;

    /* markup in a value may have references of its own */

    n = mdr_page_plain(p, n, text[0], sizeof(text[0]));
    n = mdr_page_plain((const uint8_t *) text[0], n, text[1], sizeof(text[1]));
    n = without_escapes(text[1], n);

    for (i = 0; i + 2 < n; i = k) {
        k = i + 1;

        if (!is_url(text[1], n, i)) {
            continue;
        }

        while (k < n && memchr(" \"'<>();,", text[1][k], 9) == NULL) {
            k++;
        }

        len = mdr_page_host((const uint8_t *) text[1] + i, k - i, 0, host);

        if (len != 0 && !mdr_hosts_has(&run->r->hosts, host, len)) {
            return len;
        }
    }

    return 0;
}


static int
is_script(const uint8_t *p, size_t n)
{
    size_t             i, k;
    static const char  word[] = "javascript:";

    for (i = 0, k = 0; i < n && word[k] != '\0'; i++) {
        if (p[i] > ' ') {
            if ((p[i] | (word[k] == ':' ? 0 : 32)) != (uint8_t) word[k]) {
                return 0;
            }
            k++;
        }
    }

    return word[k] == '\0';
}


/* the same of a URL as it stands */

static size_t
host_of(mdr_page_run_t *run, const uint8_t *p, size_t n, uint8_t kind,
    char host[MDR_HOST_MAX])
{
    if (is_script(p, n)) {
        return mdr_page_host_within(run, p, n, host);
    }

    n = mdr_page_host(p, n, kind == MDR_LINK_SCRIPT || kind == MDR_LINK_FRAME,
                      host);

    return n != 0 && !mdr_hosts_has(&run->r->hosts, host, n) ? n : 0;
}


size_t
mdr_page_foreign_host(mdr_page_run_t *run, mdr_html_t *h, const mdr_attr_t *a,
    uint8_t kind, char host[MDR_HOST_MAX])
{
    char            text[MDR_TITLE_MAX];
    size_t          n, at;
    const uint8_t  *p;

    p = h->tag.p + a->value;
    n = a->value_end - a->value;

    if (kind == MDR_LINK_REFRESH) {
        n = mdr_page_plain(p, n, text, sizeof(text));
        p = (const uint8_t *) text;
        at = mdr_page_refresh(p, n);

        return host_of(run, p + at, n - at, kind, host);
    }

    return mdr_page_own(&run->r->hosts, &run->own, p, n)
           ? 0 : host_of(run, p, n, kind, host);
}


/* URLs with white space, or semicolons, between them */

static size_t
host_among(mdr_page_run_t *run, mdr_html_t *h, const mdr_attr_t *a,
    char host[MDR_HOST_MAX])
{
    size_t          i, from, n, len;
    const uint8_t  *p;

    p = h->tag.p + a->value;
    n = a->value_end - a->value;

    for (i = 0, from = 0, len = 0; i <= n && len == 0; i++) {
        if (i == n || p[i] <= ' ' || p[i] == ';') {
            len = i != from ? host_of(run, p + from, i - from, MDR_LINK_A,
                                      host) : 0;
            from = i + 1;
        }
    }

    return len;
}


/* does h->tag, e (NULL: it holds nothing), stand in a drawing? */

static int
is_drawn(mdr_html_t *h, const mdr_open_t *e)
{
    e = e == NULL && h->n != 0 ? mdr_html_top(h) : e;

    return e != NULL && e->ns != MDR_NS_HTML;
}


/* is the parameter one that a plugin loads? */

static int
is_loaded(mdr_html_t *h)
{
    const mdr_attr_t  *a;

    a = PAGE_ATTR(h, "name");

    return mdr_page_value_is(h, a, "movie", 5)
           || mdr_page_value_is(h, a, "src", 3)
           || mdr_page_value_is(h, a, "url", 3)
           || mdr_page_value_is(h, a, "filename", 8);
}


/* of a drawing: links, scripts, and what sets where a link leads */

static size_t
drawn_host(mdr_page_run_t *run, mdr_html_t *h, uint8_t *kind,
    char host[MDR_HOST_MAX])
{
    size_t             i, n;
    const mdr_attr_t  *a;

    static const char *const  names[] = {
        "href", "xlink:href", "to", "from", "values"
    };

    *kind = h->tag.id == T_SCRIPT ? MDR_LINK_SCRIPT : MDR_LINK_A;
    i = h->tag.id == T_A || h->tag.id == T_SCRIPT ? 0 : 2;

    for (n = 0; i < sizeof(names) / sizeof(names[0]) && n == 0; i++) {
        a = mdr_page_attr(h, names[i], strlen(names[i]));
        n = a == NULL ? 0
            : i < 2 ? mdr_page_foreign_host(run, h, a, *kind, host)
            : host_among(run, h, a, host);
    }

    return n;
}


size_t
mdr_page_other_host(mdr_page_run_t *run, mdr_html_t *h, const mdr_open_t *e,
    uint8_t *kind, char host[MDR_HOST_MAX])
{
    const mdr_attr_t  *a;

    switch (h->tag.id) {

    case T_IFRAME:
        a = PAGE_ATTR(h, "srcdoc");
        *kind = MDR_LINK_FRAME;

        return a != NULL ? mdr_page_host_within(run, h->tag.p + a->value,
                                                a->value_end - a->value, host)
                         : 0;

    case T_PARAM:
        a = is_loaded(h) ? PAGE_ATTR(h, "value") : NULL;
        *kind = MDR_LINK_FRAME;

        return a != NULL ? mdr_page_foreign_host(run, h, a, *kind, host) : 0;

    case T_A:
    case T_AREA:
        a = PAGE_ATTR(h, "ping");
        *kind = MDR_LINK_A;

        if (a != NULL) {
            return host_among(run, h, a, host);
        }
        break;
    }

    return is_drawn(h, e) && (h->tag.id == T_A || h->tag.id == T_SCRIPT
                           || h->tag.id == T_SET || h->tag.id == T_ANIMATE)
           ? drawn_host(run, h, kind, host) : 0;
}


int
mdr_page_is_other(mdr_html_t *h, const mdr_open_t *e)
{
    switch (h->tag.id) {

    case T_IFRAME:
        return PAGE_ATTR(h, "srcdoc") != NULL;

    case T_PARAM:
        return 1;

    case T_SET:
    case T_ANIMATE:
    case T_A:
    case T_SCRIPT:
        return is_drawn(h, e);
    }

    return 0;
}
