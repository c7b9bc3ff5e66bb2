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

#include "sniff.h"

#include <string.h>


/* white space and comments */

size_t
mdr_sniff_blank(const uint8_t *p, size_t n, size_t i, int comments)
{
    while (i < n) {

        if (mdr_sniff_is_space(p[i])) {
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

int
mdr_sniff_container(const uint8_t *p, size_t n, size_t i)
{
    uint8_t  open;

    open = p[i];
    i = mdr_sniff_blank(p, n, i + 1, 0);

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


/* HTML or JSON as a string of JSON that is labelled as a page: its escapes say
 * so, before its end */

static int
escaped(const uint8_t *p, size_t n, size_t i)
{
    int  what;

    what = mdr_sniff_string(p, n, i);

    if (what != W_TEXT) {
        return what == W_MORE ? what : W_OTHER;
    }

    for (i++; i < n && p[i] != '"'; i++) {
        if (p[i] == '\\' && i + 1 < n) {
            return memchr("\"/nrtu", p[i + 1], 6) != NULL ? W_TEXT : W_OTHER;
        }
    }

    return i < n ? W_OTHER : W_MORE;
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

    return mdr_sniff_is_space(p[i + k]) || p[i + k] == '>' || p[i + k] == '/';
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
            if (!mdr_sniff_is_space(p[i])) {
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
look(const uint8_t *p, size_t n, int whole)
{
    int     k;
    size_t  i, from, g;

    if (n < 3 && memcmp(p, "\xef\xbb\xbf", n) == 0) {
        return W_MORE;
    }

    from = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    /* behind a guard there is JSON, or a call */

    i = mdr_sniff_blank(p, n, from, 0);
    g = i < n && p[i] != '<' ? mdr_json_guard(p + i, n - i, whole) : 0;

    if (g == SIZE_MAX) {
        return W_MORE;
    }

    if (g != 0) {
        i = mdr_sniff_blank(p, n, i + g, 1);

        if (i < n && p[i] >= '0' && p[i] <= '9') {
            return W_MAYBE_JSON;        /* a length                          */
        }

        if (i < n && p[i] != '{' && p[i] != '[') {
            k = mdr_sniff_call(p, n, mdr_sniff_before_call(p, n, i));
            return k == W_CALL_TEXT ? W_CALL : k;
        }
    }

    if (i >= n) {
        return W_MORE;
    }

    switch (p[i]) {

    case '<':
        return W_MARKUP;

    case '{': case '[':
        return mdr_sniff_container(p, n, i);

    case '"':
        k = escaped(p, n, i);
        return k == W_OTHER ? W_MAYBE_JSON : k;

    case ')':
        return W_MAYBE_JSON;            /* ")]}'"                            */

    case '-':
        if (n - i < 2) {
            return W_MORE;
        }
        return p[i + 1] == '-' ? W_PARTS : W_OTHER;

    default:
        break;
    }

    k = mdr_sniff_field(p + i, n - i);

    if (k != 0) {
        return k > 0 ? W_EVENTS : W_MORE;
    }

    i = mdr_sniff_before_call(p, n, i);

    return i >= n ? W_MORE
           : mdr_sniff_is_name(p[i]) || p[i] == '('
             ? mdr_sniff_call(p, n, i) : W_OTHER;
}


/* JSON in "<!--" and "-->": 1, 0, -1: more bytes are needed */

static int
commented(const uint8_t *p, size_t n, size_t i, int whole)
{
    size_t  g;

    g = mdr_json_guard(p + i, n - i, whole);

    return g == SIZE_MAX ? -1
           : g >= 4 && i + g < n && (p[i + g] == '{' || p[i + g] == '[');
}


static int
json_type(const mdr_plan_t *plan)
{
    return plan->types[MDR_TYPE_NDJSON] && !plan->types[MDR_TYPE_JSON]
           ? MDR_TYPE_NDJSON : MDR_TYPE_JSON;
}


/* JSON behind what PHP says, at p: 1, 0, -1 */

static int
noticed(const uint8_t *p, size_t n, int whole)
{
    size_t  g;

    g = mdr_json_notice(p, n, whole || n >= MDR_SNIFF_BYTES);

    return g == SIZE_MAX ? -1 : g != 0;
}


/* a packet of engine.io, or a length on a line before its document: what
 * json_between.c reads */

static int
numbered(const uint8_t *p, size_t n)
{
    size_t  k;

    for (k = 0; k < n && k < 8 && ((p[k] >= '0' && p[k] <= '9')
                                   || ((p[k] | 32) >= 'a'
                                       && (p[k] | 32) <= 'f')); k++)
    {
        /* void */
    }

    if (k != 0 && n - k > 1 && (p[k] == '\r' || p[k] == '\n')) {
        k += p[k] == '\r';
        return n - k > 1 && p[k] == '\n' && (p[k + 1] == '['
                                             || p[k + 1] == '{');
    }

    return mdr_json_is_packet(p, n);
}


/* data somewhere in the text at p, before any tag: 1, 0, -1 */

static int
data(const mdr_json_rules_t *r, const uint8_t *p, size_t n, int whole)
{
    int             kind;
    const uint8_t  *q;

    if (n >= MDR_SNIFF_CODE_BYTES) {
        n = MDR_SNIFF_CODE_BYTES;
        whole = 1;
    }

    q = memchr(p, '<', n);
    (void) mdr_json_find(r, p, q != NULL ? (size_t) (q - p) : n,
                         whole || q != NULL, &kind);

    return kind > 0 ? 1 : q != NULL || whole ? 0 : -1;
}


/* data in code that some path leads to: 1, 0, -1 */

static int
data_in_code(const mdr_json_rules_t *r, const uint8_t *p, size_t n, int whole)
{
    int     kind;
    size_t  i;

    if (n < MDR_SNIFF_CODE_BYTES && !whole) {
        return -1;
    }

    n = n < MDR_SNIFF_CODE_BYTES ? n : MDR_SNIFF_CODE_BYTES;
    i = mdr_json_find(r, p, n, 1, &kind);

    return kind > 0 && mdr_json_is_ours(r, p + i, n - i);
}


/* a string that begins with a tag, among the first bytes of a script: 1, 0,
 * -1 */

static int
html_in_code(const uint8_t *p, size_t n, int whole)
{
    size_t  i;

    for (i = 1; i + 1 < n && i < MDR_SNIFF_HEAD; i++) {
        if (p[i] == '<' && (p[i + 1] | 32) >= 'a' && (p[i + 1] | 32) <= 'z'
            && (p[i - 1] == '"' || p[i - 1] == '\'' || p[i - 1] == '`'))
        {
            return 1;
        }
    }

    return whole || n >= MDR_SNIFF_HEAD ? 0 : -1;
}


/* a frame, or a document behind something, in a body whose label says nothing
 * of it: the type, NONE, or AUTO where more bytes are needed */

static int
framed(const mdr_sniff_t *s, size_t i)
{
    int             k;
    size_t          n;
    const uint8_t  *p;

    p = s->p + i;
    n = s->n - i;

    if (n == 0) {
        return MDR_TYPE_NONE;
    }

    if (p[0] == '<') {
        k = noticed(p, n, s->whole);
        return k < 0 ? MDR_TYPE_AUTO : k ? json_type(s->plan) : MDR_TYPE_NONE;
    }

    switch (mdr_sniff_frame(p, n < MDR_SNIFF_HEAD ? n : MDR_SNIFF_HEAD)) {

    case W_EVENTS:
        return MDR_TYPE_EVENTS;

    case W_PARTS:
        return MDR_TYPE_PARTS;

    case W_ROWS:
        return MDR_TYPE_ROWS;

    case W_MESSAGES:
        *s->flags |= MDR_SNIFF_MESSAGES;
        return MDR_TYPE_JSON;

    case W_MORE:
        if (!s->whole && n < MDR_SNIFF_HEAD) {
            return MDR_TYPE_AUTO;
        }
        break;

    default:
        break;
    }

    if (numbered(p, n)) {
        return json_type(s->plan);
    }

    if (mdr_sniff_binary(p, n) > 0) {
        return MDR_TYPE_NONE;
    }

    k = data(s->rules, p, n, s->whole);

    if (k > 0) {
        *s->flags |= MDR_SNIFF_STRAY;
    }

    return k < 0 ? MDR_TYPE_AUTO : k ? MDR_TYPE_JSONP : MDR_TYPE_NONE;
}


/* JavaScript, by its label */

static int
script(const mdr_sniff_t *s, size_t i, int what, int json, int calls)
{
    int  k;

    if (what == W_JSON && json) {
        return json_type(s->plan);
    }

    if (calls && (what == W_CALL || what == W_MAYBE_CALL
                  || (what == W_LOOSE_CALL && !s->plan->names)))
    {
        return MDR_TYPE_JSONP;
    }

    if (json && mdr_sniff_frame(s->p + i, s->n - i) == W_MESSAGES) {
        *s->flags |= MDR_SNIFF_MESSAGES;
        return MDR_TYPE_JSON;
    }

    if (calls && mdr_sniff_binary(s->p, s->n) <= 0) {
        k = data_in_code(s->rules, s->p, s->n, s->whole);

        if (k > 0 && s->plan->names
            && mdr_json_in_script(s->rules, s->p, s->n < MDR_SNIFF_CODE_BYTES
                                                  ? s->n
                                                  : MDR_SNIFF_CODE_BYTES))
        {
            k = 0;                      /* a slot knows the variable         */
        }

        if (k != 0) {
            *s->flags |= k > 0 ? MDR_SNIFF_CODE : 0;
            return k < 0 ? MDR_TYPE_AUTO : MDR_TYPE_JSONP;
        }
    }

    /* $("#l").append("<li>..") */

    if (s->plan->types[MDR_TYPE_HTML] && !s->plan->names) {
        k = html_in_code(s->p, s->n, s->whole);

        if (k != 0) {
            *s->flags |= k > 0 ? MDR_SNIFF_CODE | MDR_SNIFF_TEXT : 0;
            return k < 0 ? MDR_TYPE_AUTO : MDR_TYPE_JSONP;
        }
    }

    return s->plan->names ? MDR_TYPE_SCRIPT
           : s->plan->types[MDR_TYPE_JSONP] ? MDR_TYPE_JSONP : MDR_TYPE_NONE;
}


int
mdr_sniff(int label, const mdr_sniff_t *s)
{
    int             what, json, calls, in;
    size_t          i, n;
    const uint8_t  *p;

    p = s->p;
    n = s->n;
    json = s->plan->types[MDR_TYPE_JSON] || s->plan->types[MDR_TYPE_NDJSON];
    calls = s->plan->types[MDR_TYPE_JSON] || s->plan->types[MDR_TYPE_JSONP];

    i = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    i = mdr_sniff_blank(p, n, i, 0);

    if (label == MDR_TYPE_HTML && !json && !calls && !s->plan->xml
        && i < n && p[i] != '"')
    {
        return label;
    }

    what = n == 0 ? W_MORE
           : look(p, n < MDR_SNIFF_HEAD ? n : MDR_SNIFF_HEAD,
                  s->whole || n >= MDR_SNIFF_HEAD);

    /* a text is for the slots of HTML, too */

    *s->flags = what == W_CALL_TEXT || what == W_TEXT || (i < n && p[i] == '"')
                ? MDR_SNIFF_TEXT : 0;
    json |= what == W_TEXT && s->plan->types[MDR_TYPE_HTML];
    calls |= what == W_CALL_TEXT && s->plan->types[MDR_TYPE_HTML];
    what = what == W_TEXT ? W_JSON : what == W_CALL_TEXT ? W_CALL : what;

    if (what == W_MARKUP && s->plan->xml) {
        what = markup(p, n < MDR_SNIFF_HEAD ? n : MDR_SNIFF_HEAD);
    }

    if (what == W_MORE) {
        if (!s->whole && n < MDR_SNIFF_HEAD) {
            return MDR_TYPE_AUTO;
        }
        what = W_OTHER;
    }

    if (what == W_FEED) {
        return MDR_TYPE_XML;
    }

    switch (label) {

    case MDR_TYPE_HTML:
        if (what == W_JSON && json) {
            return json_type(s->plan);
        }
        if (what == W_CALL && calls) {
            return MDR_TYPE_JSONP;
        }
        break;

    case MDR_TYPE_XML:
        return what == W_JSON && json ? json_type(s->plan) : label;

    case MDR_TYPE_JSON:
    case MDR_TYPE_NDJSON:
        if (what == W_MARKUP) {
            in = commented(p, n, i, s->whole);

            if (in < 0) {
                return MDR_TYPE_AUTO;
            }
            if (!in) {
                return s->plan->types[MDR_TYPE_HTML] ? MDR_TYPE_HTML : label;
            }
        }
        if (what == W_CALL || what == W_MAYBE_CALL || what == W_LOOSE_CALL) {
            return MDR_TYPE_JSONP;
        }
        if (label == MDR_TYPE_JSON && (what == W_OTHER || what == W_EVENTS
                                       || what == W_PARTS))
        {
            in = framed(s, i);
            return in != MDR_TYPE_NONE ? in : json_type(s->plan);
        }
        return label == MDR_TYPE_JSON ? json_type(s->plan) : label;

    case MDR_TYPE_JSONP:
        return script(s, i, what, json, calls);

    case MDR_TYPE_EVENTS:
    case MDR_TYPE_PARTS:
    case MDR_TYPE_ROWS:
        return what == W_JSON && json ? json_type(s->plan)
               : what == W_MARKUP ? MDR_TYPE_HTML : label;

    case MDR_TYPE_AUTO:
        if (what == W_JSON || what == W_MAYBE_JSON) {
            return json_type(s->plan);
        }
        if (calls && (what == W_CALL || what == W_MAYBE_CALL
                      || what == W_LOOSE_CALL))
        {
            return MDR_TYPE_JSONP;
        }
        break;

    default:
        return label;
    }

    /* text/html, or none */

    in = json ? framed(s, i) : MDR_TYPE_NONE;

    if (in != MDR_TYPE_NONE) {
        return in;
    }

    return label == MDR_TYPE_HTML ? label
           : what == W_EVENTS ? MDR_TYPE_EVENTS
           : what == W_PARTS ? MDR_TYPE_PARTS : MDR_TYPE_HTML;
}
