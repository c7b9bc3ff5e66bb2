/*
 * layer_choose.c - what the text of a layer is, by its first bytes, and so the
 * scanner that reads it.
 *
 * The text of a value that a slot names is what the slot says.  That of an
 * event, a part, a row or a message may be anything, and may hold a document
 * behind other text.
 */

#include "layer_in.h"

#include <string.h>


#define BASE64_LOOK  128                /* without a dot: no token           */
#define PACKET_LOOK  96                 /* up to the document of a packet    */


static size_t
blank(const mdr_text_t *t, size_t i)
{
    while (i < t->len && (t->data[i] == ' '
                          || (t->data[i] >= '\t' && t->data[i] <= '\r')))
    {
        i++;
    }

    return i;
}


/* a document in percents, which JSON has no way to say; JavaScript that is
 * evaluated, and no JSON */

static int
is_said(const mdr_text_t *t)
{
    size_t   i;
    uint8_t  d;

    i = blank(t, 0);

    if (i < t->len && t->data[i] == '(') {
        return 1;
    }

    if (t->len - i < 3 || t->data[i] != '%') {
        return 0;
    }

    d = t->data[i + 2] | 32;

    return (t->data[i + 1] == '7' && d == 'b')
           || (t->data[i + 1] == '5' && d == 'b')
           || (t->data[i + 1] == '3' && d == 'c');
}


/* JSON in base64 at p: 1, 0, -1: more bytes are needed; a token (JWT) has
 * dots */

static int
is_base64(const uint8_t *p, size_t n, int last)
{
    size_t  i;

    if (n < 4 || (memcmp(p, "eyJ", 3) != 0 && memcmp(p, "W3s", 3) != 0)) {
        return 0;
    }

    for (i = 0; i < n && i < BASE64_LOOK; i++) {
        if ((p[i] < '0' || p[i] > '9')
            && ((p[i] | 32) < 'a' || (p[i] | 32) > 'z')
            && memchr("+/=-_\r\n", p[i], 7) == NULL)
        {
            return 0;
        }
    }

    return i == BASE64_LOOK || last ? 1 : -1;
}


/*
 * A text that does not begin as a document may hold one: cb({..}), a word and
 * {..}, a line of text and <li>.  *at: where one may begin.  MDR_OK, '<' or
 * '{'; MORE; MDR_LIMIT: there is none.
 */

static int
inside(mdr_layer_t *l, const uint8_t *use, const mdr_html_rules_t *html,
    size_t i, int last, uint8_t *what)
{
    int                kind;
    uint8_t            c;
    const mdr_text_t  *t;

    t = &l->via.text;

    for ( ; i < t->len; i++) {
        c = t->data[i];

        if (html != NULL && c == '<') {
            if (i + 1 == t->len && !last) {
                break;
            }

            c = i + 1 < t->len ? t->data[i + 1] : 0;

            if (((c | 32) >= 'a' && (c | 32) <= 'z') || c == '!') {
                *what = '<';
                l->taken = i;
                return MDR_OK;
            }

        } else if (use != NULL && (c == '{' || c == '[')) {
            kind = mdr_json_data(mdr_sink_json_rules(l->sink), t->data + i,
                                 t->len - i, last);
            if (kind < 0) {
                break;
            }

            if (kind > 0) {
                *what = '{';
                l->taken = i;
                return MDR_OK;
            }
        }
    }

    l->taken = i;

    return last ? MDR_LIMIT : MDR_LAYER_MORE;
}


/* a document that nobody can read, where nothing has been taken of it */

int
mdr_layer_is_hidden(const mdr_layer_t *l, int last)
{
    size_t             i;
    const mdr_text_t  *t;

    t = &l->via.text;
    i = blank(t, 0);

    if (l->looked || i == t->len) {
        return 0;
    }

    return (l->string && is_said(t))
           || (l->use != NULL
               && is_base64(t->data + i, t->len - i, last) > 0);
}


/* how the text of a document begins at t->data + i, which nothing has been
 * taken of: '{' as JSON, 'a' as messages of SockJS, 's' has some in it, '<' as
 * HTML, 0 as nothing that is read; -1: more bytes are needed */

static int
begins(mdr_layer_t *l, const uint8_t *use, const mdr_html_rules_t *html,
    size_t i, int last)
{
    int                k;
    size_t             n;
    uint8_t            c, d;
    const mdr_text_t  *t;

    t = &l->via.text;
    c = t->data[i];
    n = t->len - i;

    if (html != NULL && c == '<') {
        return '<';
    }

    if (use == NULL) {
        return html != NULL ? 's' : 0;
    }

    if (c == '"' && l->string) {
        return '{';                     /* a string in a string              */
    }

    if (c == '{' || c == '[' || c == '"') {
        k = (int) blank(t, i + 1);

        if ((size_t) k == t->len && !last) {
            return -1;
        }

        d = (size_t) k < t->len ? t->data[k] : 0;

        /* an event that is a string, with a document in it; "[DONE]" */

        if (d != 0 && strchr(c == '"' ? "{[<" : c == '{' ? "\"}"
                             : l->string ? "\"{[]" : "\"{[]-0123456789tfn",
                             d)
                      != NULL)
        {
            return '{';
        }

        return c == '"' ? 0 : 's';
    }

    if (c == 'a' || (c >= '0' && c <= '9')) {
        if (n < PACKET_LOOK && !last) {
            return -1;
        }

        if (n > 2 && memcmp(t->data + i, "a[\"", 3) == 0) {
            return 'a';
        }

        if (mdr_json_is_packet(t->data + i, n)) {
            return '{';
        }
    }

    if ((c == 'e' || c == 'W') && n < 4 && !last) {
        return -1;
    }

    k = is_base64(t->data + i, n, last);

    return k == 0 ? 's' : k < 0 ? -1 : 0;
}


/* the scanner for a document of a body: MDR_LIMIT, none of the slots is for
 * such a one */

static int
choose_document(mdr_layer_t *l, const uint8_t *use, mdr_html_rules_t *html,
    size_t i, int last)
{
    int      rc, k;
    uint8_t  what;

    what = 's';

    if (!l->looked) {
        k = begins(l, use, html, i, last);

        if (k < 0) {
            return MDR_LAYER_MORE;
        }
        if (k == 0) {
            return MDR_LIMIT;
        }
        what = (uint8_t) k;
    }

    if (what == 's') {
        if (l->row || (!l->looked && l->string && is_said(&l->via.text)))
        {
            return MDR_LIMIT;
        }

        rc = inside(l, use, html, l->looked ? l->taken : i, last, &what);
        l->looked = 1;

        if (rc != MDR_OK) {
            return rc;
        }
        what = what == '{' ? 's' : what;
    }

    if (what == '<') {
        l->html = mdr_html_new(html, l->sink);
        return l->html != NULL ? MDR_OK : MDR_ERROR;
    }

    l->json = mdr_json_new_use(mdr_sink_json_rules(l->sink), l->sink, use);

    if (l->json == NULL) {
        return MDR_ERROR;
    }

    l->json->inner = 1;

    if (l->row && mdr_json_is_row(l->json, l->id) != MDR_OK) {
        return MDR_ERROR;
    }

    if (what == 's') {
        mdr_json_is_stray(l->json, MDR_STRAY_TEXT);

    } else if (what == 'a') {
        mdr_json_is_messages(l->json);
    }

    if (what != 's' && (l->string || what == 'a'
                        || l->via.text.data[i] == '"'))
    {
        mdr_json_read_text(l->json, use, l->document == 2);
    }

    if (l->string && what != 's') {     /* eval('({..})')                    */
        l->json->guarded = i != 0;
        l->taken = i;
    }

    return MDR_OK;
}


/* the scanner for a text, by its first bytes; MDR_LIMIT: none of the slots is
 * for such a one */

int
mdr_layer_choose(mdr_layer_t *l, int last)
{
    size_t               i;
    uint8_t              c;
    const uint8_t       *use;
    mdr_html_rules_t    *html;
    const mdr_text_t    *t;
    const mdr_within_t  *g;

    t = &l->via.text;
    i = blank(t, 0);

    while (l->string && i < t->len && t->data[i] == '(') {
        i = blank(t, i + 1);            /* eval('({..})')                    */
    }

    if (i == t->len && !last) {
        return MDR_LAYER_MORE;
    }

    g = mdr_sink_within(l->sink, l->group);
    use = l->document ? l->use : g->json;
    html = l->document == 1 ? NULL : g->html;

    if (l->document) {
        return i < t->len ? choose_document(l, use, html, i, last) : MDR_LIMIT;
    }

    c = i < t->len ? t->data[i] : '<';

    if (use != NULL && (c == '{' || c == '[')) {
        if (blank(t, i + 1) == t->len && !last) {
            return MDR_LAYER_MORE;
        }

    } else if (use != NULL && (html == NULL || c == '"')) {
        if (c != '"') {
            return MDR_LIMIT;
        }

    } else if (html != NULL) {
        l->html = mdr_html_new(html, l->sink);
        return l->html != NULL ? MDR_OK : MDR_ERROR;

    } else {
        return MDR_LIMIT;
    }

    l->json = mdr_json_new_use(mdr_sink_json_rules(l->sink), l->sink, use);

    if (l->json == NULL) {
        return MDR_ERROR;
    }

    l->json->inner = 1;

    if (c == '"') {
        mdr_json_read_text(l->json, use, l->document == 2);
    }

    return MDR_OK;
}
