/*
 * html_scan.c - the tokenizer (WHATWG HTML, section 13.2.5) over pieces.
 *
 * Only what decides extents and field texts is told apart: where a tag, a
 * comment, a raw-text element begins and ends.  A tag is read as a whole once
 * its end is there; until then its bytes stay unconsumed, and `looked` says
 * how far the search for the end has come, so that no byte is searched twice.
 * Text is passed on as it comes; where no field is collected it is skipped.
 *
 * States: DATA text and tags; COMMENT inside <!-- -->; BOGUS up to ">";
 * CDATA up to "]]>" (foreign content); RAW inside script, style, title ...;
 * PLAIN behind <plaintext>; REST of a tag longer than MDR_TOKEN_MAX, of which
 * the first MDR_TOKEN_MAX bytes have counted.
 */

#include "html.h"
#include "html_tags.h"

#include <string.h>


enum { S_DATA, S_COMMENT, S_BOGUS, S_CDATA, S_RAW, S_PLAIN, S_REST };

/* inside a tag: name, before a name, name, before a value, values */
enum { A_NAME, A_BEFORE, A_ATTR, A_AFTER, A_VALUE, A_DOUBLE, A_SINGLE,
       A_PLAIN };

enum { R_MORE = -1 };


#define SPACE(c)  ((c) == ' ' || (c) == '\n' || (c) == '\t' || (c) == '\r'   \
                   || (c) == '\f')


mdr_html_t *
mdr_html_new(const mdr_html_rules_t *rules, mdr_sink_t *sink)
{
    mdr_html_t         *h;
    const mdr_alloc_t  *a;

    a = mdr_sink_alloc(sink);
    h = mdr_alloc(a, sizeof(mdr_html_t));

    if (h == NULL) {
        return NULL;
    }

    memset(h, 0, offsetof(mdr_html_t, tag));
    memset((char *) h + offsetof(mdr_html_t, open), 0,
           sizeof(mdr_html_t) - offsetof(mdr_html_t, open));
    h->tag.nattrs = 0;
    h->rules = rules;
    h->sink = sink;
    h->alloc = a;
    h->quirks = 1;
    h->bits = mdr_alloc(a, MDR_HTML_DEPTH * rules->words * sizeof(uint64_t));

    if (h->bits == NULL) {
        mdr_free(a, h);
        return NULL;
    }

    return h;
}


void
mdr_html_free(mdr_html_t *h)
{
    if (h == NULL) {
        return;
    }

    if (h->script != NULL) {
        mdr_script_free(h->script);
    }

    mdr_free(h->alloc, h->bits);
    mdr_free(h->alloc, h);
}


/* what ends a name in a tag: 1 an attribute's, 2 also that of the tag */

static const uint8_t  stops[256] = {
    ['\t'] = 3, ['\n'] = 3, ['\f'] = 3, ['\r'] = 3, [' '] = 3, ['/'] = 3,
    ['>'] = 3, ['='] = 1
};


/* the ">" of the tag at p, looked for from `from` on; its offset, or n */

static size_t
tag_end(mdr_html_t *h, const uint8_t *p, size_t n, size_t from)
{
    int             state;
    size_t          i;
    uint8_t         c;
    const uint8_t  *q;

    state = h->tag_state;

    for (i = from; i < n; ) {
        c = p[i];

        switch (state) {

        case A_NAME:
            while (i < n && !(stops[p[i]] & 2)) {
                i++;
            }
            if (i == n) {
                break;
            }
            state = A_BEFORE;
            if (p[i] == '>') {
                goto found;
            }
            i++;
            break;

        case A_BEFORE:
            if (c == '>') {
                goto found;
            }
            if (!SPACE(c) && c != '/') {
                state = A_ATTR;
            }
            i++;
            break;

        case A_ATTR:
            while (i < n && !stops[p[i]]) {
                i++;
            }
            if (i == n) {
                break;
            }
            if (p[i] == '>') {
                goto found;
            }
            state = p[i] == '=' ? A_VALUE : p[i] == '/' ? A_BEFORE : A_AFTER;
            i++;

            /* name="value" in one go */

            if (state == A_VALUE && i < n && p[i] == '"') {
                q = memchr(p + i + 1, '"', n - i - 1);
                if (q == NULL) {
                    state = A_DOUBLE;
                    i = n;
                    break;
                }
                i = (size_t) (q - p) + 1;
                state = A_BEFORE;
            }
            break;

        case A_AFTER:
            if (c == '>') {
                goto found;
            }
            state = c == '=' ? A_VALUE : SPACE(c) ? A_AFTER
                    : c == '/' ? A_BEFORE : A_ATTR;
            i++;
            break;

        case A_VALUE:
            if (c == '>') {
                goto found;
            }
            if (c == '"') {
                state = A_DOUBLE;
            } else if (c == '\'') {
                state = A_SINGLE;
            } else if (!SPACE(c)) {
                state = A_PLAIN;
            }
            i++;
            break;

        case A_DOUBLE:
        case A_SINGLE:
            q = memchr(p + i, state == A_DOUBLE ? '"' : '\'', n - i);
            if (q == NULL) {
                i = n;
                break;
            }
            i = (size_t) (q - p) + 1;
            state = A_BEFORE;
            break;

        default:                        /* A_PLAIN                           */
            while (i < n && p[i] != '>' && !SPACE(p[i])) {
                i++;
            }
            if (i == n) {
                break;
            }
            if (p[i] == '>') {
                goto found;
            }
            state = A_BEFORE;
            i++;
        }
    }

    h->tag_state = (uint8_t) state;

    return n;

found:

    h->tag_state = (uint8_t) state;

    return i;
}


static int
is_alpha(uint8_t c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}


/* text of collecting fields; bytes taken */

static size_t
give_text(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at, int last,
    int refs)
{
    int             rc;
    size_t          taken, t;
    uint32_t        i;
    mdr_collect_t  *c;

    taken = n;
    rc = MDR_OK;

    if (h->templates) {
        return n;
    }

    for (i = 0; i < h->ncollects && rc == MDR_OK; i++) {
        c = &h->collects[i];

        if (c->quiet != h->quiet) {
            continue;
        }

        if (refs) {
            t = mdr_html_add_text(c->text, at, p, n, last, 0, &rc);
            taken = t < taken ? t : taken;

        } else {
            rc = mdr_text_copy(c->text, at, p, n);
        }
    }

    if (rc != MDR_OK) {
        mdr_sink_error(h->sink, MDR_ERR_MEMORY, at, "out of memory");
    }

    return taken;
}


static int
is_blank(const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n && SPACE(p[i]); i++) { /* void */ }

    return i == n;
}


/* tree construction sees that there is text */

static void
note_text(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at)
{
    if (h->have_body && h->nformats == 0) {
        return;
    }

    if (is_blank(p, n)) {
        return;
    }

    h->seen_any = 1;
    h->tag.start = at;
    h->tag.stop = at;
    mdr_html_text_seen(h);
}


static void
add_space(mdr_html_t *h)
{
    uint32_t        i;
    mdr_collect_t  *c;

    for (i = 0; i < h->ncollects && !h->templates; i++) {
        c = &h->collects[i];

        if (c->quiet == h->quiet
            && mdr_text_unit(c->text, h->tag.start,
                             (uint32_t) (h->tag.stop - h->tag.start),
                             (const uint8_t *) " ", 1)
               != MDR_OK)
        {
            mdr_sink_error(h->sink, MDR_ERR_MEMORY, h->tag.start,
                           "out of memory");
        }
    }
}


static void
begin_script(mdr_html_t *h)
{
    uint8_t             *by;
    const mdr_model_t   *m;

    h->script_state = 0;

    if (h->rules->nscripts == 0 || h->templates) {
        return;
    }

    m = h->rules->model;
    by = mdr_alloc(h->alloc, m->nslots);

    if (by == NULL) {
        mdr_sink_error(h->sink, MDR_ERR_MEMORY, h->tag.start,
                       "out of memory");
        return;
    }

    if (mdr_html_script_match(h, by)) {
        h->script = mdr_script_new(mdr_sink_json_rules(h->sink), h->sink, by);
    }

    mdr_free(h->alloc, by);
}


/* the tag [p, p + len) is complete (or as long as a tag may be) */

static void
do_tag(mdr_html_t *h, const uint8_t *p, size_t len, uint64_t at)
{
    int         raw;
    size_t      i, from;
    mdr_tag_t  *t;

    t = &h->tag;
    t->end = p[1] == '/';
    from = t->end ? 2 : 1;

    for (i = from; i < len && !(stops[p[i]] & 2); i++) { /* void */ }

    t->name = mdr_html_name_in(p + from, i - from, len - from);
    t->id = mdr_html_tag_id(h->rules, t->name);
    t->name_len = (uint32_t) (i - from);
    t->p = p;
    t->len = len;
    t->start = at;
    t->stop = at + len;
    t->parsed = 0;
    t->nattrs = 0;
    t->self_closing = len > 2 && p[len - 1] == '>' && p[len - 2] == '/'
                      && h->tag_state != A_PLAIN;
    h->seen_any = 1;

    if (t->end) {
        if (t->id == T_BR) {
            add_space(h);
        }
        mdr_html_end(h);
        return;
    }

    if (t->id == T_BR) {
        add_space(h);
    }

    raw = mdr_html_start(h);

    if (raw == MDR_RAW_NONE) {
        return;
    }

    if (raw == MDR_RAW_PLAIN) {
        h->state = S_PLAIN;
        return;
    }

    h->state = S_RAW;
    h->raw_name = t->name;
    h->raw_len = t->name_len;
    h->token = (uint8_t) raw;
    h->script_state = 0;

    if (raw == MDR_RAW_SCRIPT) {
        begin_script(h);
    }
}


/* is the standard's "no-quirks" or "limited-quirks" (13.2.6.4.1) */

static int
standards(const uint8_t *p, size_t n)
{
    size_t       i, k;
    const char  *s;

    static const char *const  old[] = {
        "-//w3c//dtd html 3", "-//w3c//dtd html 4.0 ", "-//w3o//dtd",
        "-//ietf//", "-//netscape", "-//microsoft", "-//softquad", "-//sun",
        "-//webtechs", "-//o'reilly", "+//silmaril", "-//as//",
        "-//advasoft", "-//metrius", "-//spyglass", "-//sq//",
        "-//w3c//dtd w3 ", "-//w3c//dtd html experimental"
    };

    /* p: behind "<!doctype"; the name must be html */

    for (i = 0; i < n && SPACE(p[i]); i++) { /* void */ }

    if (n - i < 4 || mdr_html_name(p + i, 4)
                     != mdr_html_name((const uint8_t *) "html", 4))
    {
        return 0;
    }

    for (i += 4; i < n && p[i] != '-' && p[i] != '+'; i++) { /* void */ }

    for (k = 0; k < sizeof(old) / sizeof(old[0]); k++) {
        s = old[k];
        size_t  j;

        for (j = 0; s[j] != '\0' && i + j < n
             && (p[i + j] >= 'A' && p[i + j] <= 'Z' ? p[i + j] | 32
                                                    : p[i + j])
                == (uint8_t) s[j]; j++)
        {
            /* void */
        }

        if (s[j] == '\0') {
            return 0;
        }
    }

    return 1;
}


static int
has_prefix(const uint8_t *p, size_t n, const char *s, int fold)
{
    size_t   i;
    uint8_t  c;

    /* 1: yes, 0: no, R_MORE: as far as it goes */

    for (i = 0; s[i] != '\0'; i++) {
        if (i == n) {
            return R_MORE;
        }
        c = fold && p[i] >= 'A' && p[i] <= 'Z' ? (uint8_t) (p[i] | 32)
                                               : p[i];
        if (c != (uint8_t) s[i]) {
            return 0;
        }
    }

    return 1;
}


/* "<!" at p: bytes taken, 0: more are needed */

static size_t
declaration(mdr_html_t *h, const uint8_t *p, size_t n, int last)
{
    int             k;
    const uint8_t  *q;

    k = has_prefix(p, n, "<!--", 0);

    if (k == R_MORE && !last) {
        return 0;
    }

    if (k == 1) {
        if (n == 4 && !last) {
            return 0;
        }
        if (n > 4 && p[4] == '>') {
            return 5;
        }
        if (n > 4 && p[4] == '-') {
            if (n == 5 && !last) {
                return 0;
            }
            if (n > 5 && p[5] == '>') {
                return 6;
            }
        }
        h->state = S_COMMENT;
        return 4;
    }

    k = has_prefix(p, n, "<!doctype", 1);

    if (k == R_MORE && !last) {
        return 0;
    }

    if (k == 1) {
        q = memchr(p, '>', n);

        if (q == NULL && !last && n < 1024) {
            return 0;
        }

        if (q != NULL && q - p <= 1024 && !h->seen_any) {
            h->quirks = (uint8_t) !standards(p + 9, (size_t) (q - p) - 9);
        }

        h->state = S_BOGUS;
        return 9;
    }

    if (mdr_html_in_foreign(h)) {
        k = has_prefix(p, n, "<![CDATA[", 0);

        if (k == R_MORE && !last) {
            return 0;
        }

        if (k == 1) {
            h->state = S_CDATA;
            return 9;
        }
    }

    h->state = S_BOGUS;

    return 2;
}


/* DATA: bytes taken of [p, p + n); 0: more are needed */

static size_t
data(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at, int last)
{
    size_t          i, len, end, limit;
    const uint8_t  *q;

    /* text up to the next "<" that begins something */

    if (p[0] != '<') {
        q = memchr(p, '<', n);
        len = q != NULL ? (size_t) (q - p) : n;

        note_text(h, p, len, at);

        if (h->ncollects != 0) {
            return give_text(h, p, len, at, last || q != NULL, 1);
        }

        return len;
    }

    if (n == 1) {
        if (!last) {
            return 0;
        }
        note_text(h, p, 1, at);
        (void) give_text(h, p, 1, at, 1, 0);
        return 1;
    }

    if (is_alpha(p[1]) || p[1] == '/') {

        if (p[1] == '/') {
            if (n == 2) {
                if (!last) {
                    return 0;
                }
                note_text(h, p, 2, at);
                (void) give_text(h, p, 2, at, 1, 0);
                return 2;
            }

            if (p[2] == '>') {
                return 3;
            }

            if (!is_alpha(p[2])) {
                h->state = S_BOGUS;
                return 2;
            }
        }

        if (h->looked == 0) {
            h->tag_state = A_NAME;
        }

        limit = n < MDR_TOKEN_MAX ? n : MDR_TOKEN_MAX;
        i = h->looked > 1 ? h->looked : p[1] == '/' ? 2 : 1;
        end = tag_end(h, p, limit, i);

        if (end < limit) {
            h->looked = 0;
            do_tag(h, p, end + 1, at);
            return end + 1;
        }

        if (limit == MDR_TOKEN_MAX) {
            h->looked = 0;
            h->state = S_REST;
            i = h->tag_state;

            /* the rest is passed over whatever text follows the tag */

            do_tag(h, p, limit, at);
            h->rest_state = h->state == S_REST ? S_DATA : h->state;
            h->state = S_REST;
            h->tag_state = (uint8_t) i;
            return limit;
        }

        if (last) {
            return n;                   /* a tag that never ends is none     */
        }

        h->looked = n;
        return 0;
    }

    if (p[1] == '!') {
        return declaration(h, p, n, last);
    }

    if (p[1] == '?') {
        h->state = S_BOGUS;
        return 2;
    }

    note_text(h, p, 1, at);
    (void) give_text(h, p, 1, at, 1, 0);

    return 1;
}


/* is there the end tag that ends this raw text at p ("<")?  1, 0, R_MORE */

static int
raw_end(const mdr_html_t *h, const uint8_t *p, size_t n, int last)
{
    size_t  len;

    len = h->raw_len;

    if (n >= 2 && p[1] != '/') {
        return 0;
    }

    if (n < len + 3) {
        if (last) {
            return 0;
        }

        /* not enough to compare, unless what is there differs already */

        return R_MORE;
    }

    return mdr_html_name(p + 2, len) == h->raw_name
           && (SPACE(p[2 + len]) || p[2 + len] == '/' || p[2 + len] == '>');
}


/* how much of [p, p + n) is raw text; *found: its end tag follows */

static size_t
raw_extent(mdr_html_t *h, const uint8_t *p, size_t n, size_t from, int last,
    int *found)
{
    int             k;
    size_t          i;
    const uint8_t  *q;

    *found = 0;

    for (i = from; i < n; ) {

        if (h->script_state == 0) {
            q = memchr(p + i, '<', n - i);
            if (q == NULL) {
                return n;
            }
            i = (size_t) (q - p);

        } else {
            while (i < n && p[i] != '<' && p[i] != '-') {
                i++;
            }
            if (i == n) {
                return n;
            }
        }

        if (p[i] == '-') {
            if (n - i < 3 && !last) {
                return i;
            }
            if (n - i >= 3 && p[i + 1] == '-' && p[i + 2] == '>') {
                h->script_state = 0;
            }
            i++;
            continue;
        }

        if (h->token == MDR_RAW_SCRIPT && n - i >= 2 && p[i + 1] == '!'
            && h->script_state == 0)
        {
            if (n - i < 4 && !last) {
                return i;
            }
            if (n - i >= 4 && p[i + 2] == '-' && p[i + 3] == '-') {
                h->script_state = 1;
            }
            i += 2;
            continue;
        }

        if (h->script_state == 1 && n - i >= 2 && (p[i + 1] | 32) == 's') {
            if (n - i < 8 && !last) {
                return i;
            }
            if (n - i >= 8 && has_prefix(p + i, 7, "<script", 1) == 1
                && (SPACE(p[i + 7]) || p[i + 7] == '/' || p[i + 7] == '>'))
            {
                h->script_state = 2;
            }
            i++;
            continue;
        }

        if (n - i < 2 && !last) {
            return i;
        }

        k = raw_end(h, p + i, n - i, last);

        if (k == R_MORE) {
            return i;
        }

        if (k == 1) {
            if (h->script_state == 2) {
                h->script_state = 1;

            } else {
                *found = 1;
                return i;
            }
        }

        i++;
    }

    return n;
}


static size_t
raw(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at, int last)
{
    int     found, rc;
    size_t  len, taken;

    len = raw_extent(h, p, n, h->looked, last, &found);
    taken = len;

    if (h->script != NULL) {
        rc = mdr_script_scan(h->script, p, len, at, found || (last
                             && len == n), &taken);
        if (rc != MDR_OK) {
            taken = len;
        }

    } else if (h->token == MDR_RAW_RCDATA) {
        if (len != 0 && h->ncollects != 0) {
            taken = give_text(h, p, len, at, found || last, 1);
        }

    } else if (h->token == MDR_RAW_TEXT && h->ncollects != 0
               && h->raw_name != mdr_html_name((const uint8_t *) "style", 5))
    {
        (void) give_text(h, p, len, at, 1, 0);
    }

    if (taken < len) {
        h->looked = len - taken;
        return taken;
    }

    h->looked = 0;

    if (found) {
        if (h->script != NULL) {
            mdr_script_free(h->script);
            h->script = NULL;
        }

        /* the end tag is read as any other; nothing else is looked for */

        h->state = S_DATA;
        h->script_state = 0;
    }

    return len;
}


static size_t
comment(mdr_html_t *h, const uint8_t *p, size_t n, int last)
{
    size_t          i;
    const uint8_t  *q;

    for (i = 0; i < n; ) {
        q = memchr(p + i, '-', n - i);

        if (q == NULL) {
            return n;
        }

        i = (size_t) (q - p);

        if (n - i < 2 || p[i + 1] != '-') {
            if (n - i < 2) {
                return last ? n : i;
            }
            i++;
            continue;
        }

        if (n - i < 3) {
            return last ? n : i;
        }

        if (p[i + 2] == '>') {
            h->state = S_DATA;
            return i + 3;
        }

        if (p[i + 2] == '!') {
            if (n - i < 4) {
                return last ? n : i;
            }
            if (p[i + 3] == '>') {
                h->state = S_DATA;
                return i + 4;
            }
        }

        i++;
    }

    return n;
}


static size_t
cdata(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at, int last)
{
    size_t          i;
    const uint8_t  *q;

    for (i = 0; i < n; i++) {
        q = memchr(p + i, ']', n - i);

        if (q == NULL) {
            i = n;
            break;
        }

        i = (size_t) (q - p);

        if (n - i < 3 && !last) {
            break;
        }

        if (n - i >= 3 && p[i + 1] == ']' && p[i + 2] == '>') {
            (void) give_text(h, p, i, at, 1, 0);
            h->state = S_DATA;
            return i + 3;
        }
    }

    (void) give_text(h, p, i, at, 1, 0);

    return i;
}


int
mdr_html_scan(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t base,
    int last, size_t *consumed)
{
    size_t          i, k;
    const uint8_t  *q;

    for (i = 0; i < n; i += k) {

        switch (h->state) {

        case S_DATA:

            /* the common case by itself: text that nobody collects */

            if (p[i] != '<' && h->ncollects == 0 && h->have_body
                && h->nformats == 0)
            {
                q = memchr(p + i, '<', n - i);
                k = q != NULL ? (size_t) (q - p) - i : n - i;
                continue;
            }

            k = data(h, p + i, n - i, base + i, last);
            break;

        case S_RAW:
            k = raw(h, p + i, n - i, base + i, last);
            if (k == 0 && h->state == S_DATA) {
                continue;
            }
            break;

        case S_COMMENT:
            k = comment(h, p + i, n - i, last);
            break;

        case S_BOGUS:
            q = memchr(p + i, '>', n - i);
            k = q != NULL ? (size_t) (q - p) - i + 1 : n - i;
            if (q != NULL) {
                h->state = S_DATA;
            }
            break;

        case S_CDATA:
            k = cdata(h, p + i, n - i, base + i, last);
            break;

        case S_REST:
            k = tag_end(h, p + i, n - i, 0);
            if (k < n - i) {
                k++;
                h->state = h->rest_state;
            }
            break;

        default:                        /* S_PLAIN                           */
            note_text(h, p + i, n - i, base + i);
            (void) give_text(h, p + i, n - i, base + i, 1, 0);
            k = n - i;
        }

        if (k == 0) {
            break;
        }
    }

    *consumed = i;

    if (last) {
        *consumed = n;

        if (h->script != NULL) {
            mdr_script_free(h->script);
            h->script = NULL;
        }

        mdr_html_eof(h, base + n);
    }

    return MDR_OK;
}
