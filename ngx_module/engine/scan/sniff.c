/*
 * sniff.c - what a body is, by what its header says and by its first bytes.
 *
 * The label is often wrong: PHP sends JSON as text/html, JSONP comes as
 * application/json, JSON as text/javascript.  Readers go by what the page does
 * with it, so the first bytes decide wherever they are clear.  They are not
 * where any text could begin so: a page whose first byte is no "<" stays what
 * its header says unless it looks like JSON in two places.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                     /* memmem                            */
#endif

#include "scan.h"

#include <string.h>


enum { W_MORE, W_MARKUP, W_FEED, W_JSON, W_MAYBE_JSON, W_CALL, W_MAYBE_CALL,
       W_EVENTS, W_PARTS, W_OTHER };


static int
is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x1e;
}


static int
is_name(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
           || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '.';
}


/* white space and comments */

static size_t
blank(const uint8_t *p, size_t n, size_t i, int comments)
{
    while (i < n) {

        if (is_space(p[i])) {
            i++;
            continue;
        }

        if (!comments || p[i] != '/') {
            break;
        }

        if (n - i < 2) {
            return n;
        }

        if (p[i + 1] == '/') {
            while (i < n && p[i] != '\n') {
                i++;
            }
            continue;
        }

        if (p[i + 1] != '*') {
            break;
        }

        for (i += 2; i < n && !(p[i - 1] == '*' && p[i] == '/'); i++) {
            /* void */
        }

        i += i < n;
    }

    return i;
}


/* does a container of JSON begin at p + i: W_JSON, W_MAYBE_JSON, W_MORE */

static int
container(const uint8_t *p, size_t n, size_t i)
{
    uint8_t  open;

    open = p[i];
    i = blank(p, n, i + 1, 0);

    if (i >= n) {
        return W_MORE;
    }

    if (open == '{') {
        return p[i] == '"' || p[i] == '}' ? W_JSON : W_MAYBE_JSON;
    }

    return p[i] == '"' || p[i] == '{' || p[i] == '[' || p[i] == ']'
           || p[i] == '-' || (p[i] >= '0' && p[i] <= '9') ? W_JSON
                                                          : W_MAYBE_JSON;
}


/* a call with JSON in its brackets */

static int
call(const uint8_t *p, size_t n, size_t i)
{
    int     k, first, loose;
    size_t  from;

    from = i;
    loose = 0;

    while (i < n && is_name(p[i])) {
        i++;
    }

    if (i < n && p[i] == '[') {         /* cb["x"](                          */
        while (i < n && p[i] != ']' && p[i] != '(') {
            i++;
        }
        i += i < n && p[i] == ']';
    }

    if (i >= n) {
        return W_MORE;
    }

    if (p[i] != '(') {

        /* cb && cb({..}), typeof cb === "function" && cb({..}) */

        if (memchr("&=| ", p[i], 4) == NULL
            || (i - from == 8 && memcmp(p + from, "function", 8) == 0))
        {
            return W_OTHER;
        }

        while (i < n && (is_name(p[i])
                         || memchr(" &=|!'\"", p[i], 7) != NULL))
        {
            if (p[i] == '=' && (i + 1 == n || p[i + 1] != '=')
                && p[i - 1] != '=' && p[i - 1] != '!')
            {
                return i + 1 == n ? W_MORE : W_OTHER;   /* an assignment     */
            }
            i++;
        }

        if (i >= n) {
            return W_MORE;
        }
        if (p[i] != '(') {
            return W_OTHER;
        }
        loose = 1;
    }

    for (first = 1; ; first = 0) {
        i = blank(p, n, i + 1, 1);

        if (i >= n) {
            return W_MORE;
        }

        if (p[i] == '{' || p[i] == '[') {
            k = container(p, n, i);
            return k == W_JSON ? (loose ? W_MAYBE_CALL : W_CALL)
                   : k == W_MORE ? k : W_OTHER;
        }

        if (p[i] == '"') {
            return first || loose ? W_MAYBE_CALL : W_CALL;
        }

        /* cb(200, {..}) */

        while (i < n && (is_name(p[i]) || p[i] == '-')) {
            i++;
        }

        i = blank(p, n, i, 0);

        if (i >= n) {
            return W_MORE;
        }

        if (p[i] != ',') {
            return W_OTHER;
        }
    }
}


/* a field of an event stream, a comment in one */

static int
is_field(const uint8_t *p, size_t n)
{
    size_t  i, k, len;

    static const char *const  names[] = { "data:", "event:", "id:", "retry:",
                                          ": " };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        len = strlen(names[i]);
        k = n < len ? n : len;

        if (memcmp(p, names[i], k) == 0) {
            return k == len ? 1 : -1;
        }
    }

    return 0;
}


/* does the element that begins at i have this name? 1, 0, -1: too few bytes */

static int
is_root(const uint8_t *p, size_t n, size_t i, const char *name)
{
    size_t  k;

    for (k = 0; name[k] != '\0'; k++) {
        if (i + k == n) {
            return -1;
        }
        if (p[i + k] != (uint8_t) name[k]) {
            return 0;
        }
    }

    if (i + k == n) {
        return -1;
    }

    return is_space(p[i + k]) || p[i + k] == '>' || p[i + k] == '/';
}


/* a feed by its root, whatever stands before it (declaration, comments), or
 * some other markup */

static int
markup(const uint8_t *p, size_t n)
{
    int             k;
    size_t          i, r;
    const uint8_t  *q;

    static const char *const  roots[] = {
        "rss", "feed", "rdf:RDF", "urlset", "sitemapindex"
    };

    i = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    while (i < n && (p[i] != '<' || (n - i > 1 && (p[i + 1] == '?'
                                                   || p[i + 1] == '!'))))
    {
        if (p[i] != '<') {
            if (!is_space(p[i])) {
                return W_MARKUP;
            }
            i++;
            continue;
        }

        q = n - i >= 4 && memcmp(p + i, "<!--", 4) == 0
            ? memmem(p + i + 4, n - i - 4, "-->", 3)
            : memchr(p + i, '>', n - i);

        if (q == NULL) {
            return W_MORE;
        }

        i = (size_t) (q - p) + (p[i + 1] == '!' && *q == '-' ? 3 : 1);
    }

    if (n - i < 2) {
        return W_MORE;
    }

    for (r = 0; r < sizeof(roots) / sizeof(roots[0]); r++) {
        k = is_root(p, n, i + 1, roots[r]);

        if (k != 0) {
            return k > 0 ? W_FEED : W_MORE;
        }
    }

    return W_MARKUP;
}


static int
look(const uint8_t *p, size_t n)
{
    int     k;
    size_t  i, from;

    if (n < 3 && memcmp(p, "\xef\xbb\xbf", n) == 0) {
        return W_MORE;
    }

    from = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    i = blank(p, n, from, 1);

    if (i >= n) {
        return W_MORE;
    }

    switch (p[i]) {

    case '<':
        return W_MARKUP;

    case '{': case '[':
        return container(p, n, i);

    case '"': case ')':
        return W_MAYBE_JSON;            /* ")]}'"                            */

    case '-':
        if (n - i < 2) {
            return W_MORE;
        }
        return p[i + 1] == '-' ? W_PARTS : W_OTHER;

    default:
        break;
    }

    k = is_field(p + i, n - i);

    if (k != 0) {
        return k > 0 ? W_EVENTS : W_MORE;
    }

    return is_name(p[i]) || p[i] == '(' ? call(p, n, i) : W_OTHER;
}


static int
json_type(const mdr_plan_t *plan)
{
    return plan->types[MDR_TYPE_NDJSON] && !plan->types[MDR_TYPE_JSON]
           ? MDR_TYPE_NDJSON : MDR_TYPE_JSON;
}


int
mdr_sniff(int label, const uint8_t *p, size_t n, int whole,
    const mdr_plan_t *plan)
{
    int  what, json, calls;

    json = plan->types[MDR_TYPE_JSON] || plan->types[MDR_TYPE_NDJSON];
    calls = plan->types[MDR_TYPE_JSON] || plan->types[MDR_TYPE_JSONP];

    if (label == MDR_TYPE_HTML && !json && !calls && !plan->xml) {
        return label;
    }

    what = n != 0 ? look(p, n) : W_MORE;

    if (what == W_MARKUP && plan->xml) {
        what = markup(p, n);
    }

    if (what == W_MORE) {
        if (!whole) {
            return MDR_TYPE_AUTO;
        }
        what = W_OTHER;
    }

    if (what == W_FEED) {
        return MDR_TYPE_XML;
    }

    switch (label) {

    case MDR_TYPE_HTML:
        return what == W_JSON && json ? json_type(plan)
               : what == W_CALL && calls ? MDR_TYPE_JSONP : label;

    case MDR_TYPE_XML:
        return what == W_JSON && json ? json_type(plan) : label;

    case MDR_TYPE_JSON:
    case MDR_TYPE_NDJSON:
        if (what == W_MARKUP) {
            return plan->types[MDR_TYPE_HTML] ? MDR_TYPE_HTML : label;
        }
        if (what == W_CALL || what == W_MAYBE_CALL) {
            return MDR_TYPE_JSONP;
        }
        return label == MDR_TYPE_JSON ? json_type(plan) : label;

    case MDR_TYPE_JSONP:                /* JavaScript                        */
        if (what == W_JSON && json) {
            return json_type(plan);
        }
        if (what == W_CALL || what == W_MAYBE_CALL) {
            return label;
        }
        return plan->names ? MDR_TYPE_SCRIPT
               : plan->types[MDR_TYPE_JSONP] ? label : MDR_TYPE_NONE;

    case MDR_TYPE_EVENTS:
    case MDR_TYPE_PARTS:
    case MDR_TYPE_ROWS:
        return what == W_JSON && json ? json_type(plan)
               : what == W_MARKUP ? MDR_TYPE_HTML : label;

    case MDR_TYPE_AUTO:
        break;

    default:
        return label;
    }

    switch (what) {

    case W_JSON:
    case W_MAYBE_JSON:
        return json_type(plan);

    case W_CALL:
    case W_MAYBE_CALL:
        return calls ? MDR_TYPE_JSONP : MDR_TYPE_HTML;

    case W_EVENTS:
        return MDR_TYPE_EVENTS;

    case W_PARTS:
        return MDR_TYPE_PARTS;

    default:
        return MDR_TYPE_HTML;
    }
}
