/*
 * load_source.c - where the text of a field comes from: selectors, attributes,
 * paths, and alternatives of them.
 */

#include "node.h"
#include "regex/pick.h"
#include "sink.h"

#include <string.h>


#define SOURCES_MAX  16


static mdr_str_t
part(mdr_str_t s, size_t from, size_t to)
{
    mdr_str_t  p;

    while (from < to && (s.data[from] == ' ' || s.data[from] == '\t')) {
        from++;
    }

    while (to > from && (s.data[to - 1] == ' ' || s.data[to - 1] == '\t')) {
        to--;
    }

    p.data = s.data + from;
    p.len = (uint32_t) (to - from);

    return p;
}


/* the first c of s from i on that is in no bracket and no quotes and is not
 * escaped, or s.len */

static size_t
find_outside(mdr_str_t s, size_t i, char c)
{
    int   depth;
    char  quote;

    depth = 0;
    quote = 0;

    for ( ; i < s.len; i++) {

        if (quote) {
            if (s.data[i] == '\\') {
                i++;
            } else if (s.data[i] == quote) {
                quote = 0;
            }
            continue;
        }

        switch (s.data[i]) {

        case '\\':
            i++;
            break;

        case '"':
        case '\'':
            quote = s.data[i];
            break;

        case '(':
        case '[':
            depth++;
            break;

        case ')':
        case ']':
            depth--;
            break;

        default:
            if (s.data[i] == c && depth <= 0) {
                return i;
            }
        }
    }

    return s.len;
}


int
mdr_load_check_path(mdr_load_t *ld, const mdr_node_t *at, const char *what,
    mdr_str_t path)
{
    mdr_syntax_t  err;

    if (mdr_path_check(path, &err) != MDR_OK) {
        mdr_load_error_in(ld, at, (size_t) (path.data - at->text.data)
                          + err.offset, "bad-path", "%s \"%.80s\": %s", what,
                          path.data, err.text);
        return MDR_ERROR;
    }

    if (err.text[0] != '\0') {
        mdr_load_warn(ld, at, "loose-path", "%s \"%.80s\": RFC 9535 writes a "
                      "name with \"-\" or \"$\" in quotes: %s", what,
                      path.data, err.text);
    }

    return MDR_OK;
}


int
mdr_load_check_selector(mdr_load_t *ld, const mdr_node_t *at, const char *what,
    mdr_str_t s)
{
    mdr_syntax_t  err;

    if (mdr_selector_check(s, &err) != MDR_OK) {
        mdr_load_error_in(ld, at, (size_t) (s.data - at->text.data)
                          + err.offset, "bad-selector", "%s \"%.*s\": %s",
                          what, (int) (s.len > 80 ? 80 : s.len), s.data,
                          err.text);
        return MDR_ERROR;
    }

    return MDR_OK;
}


/* "sel@attr $.path", "@attr", ".", "" */

static int
html_source(mdr_load_t *ld, const mdr_node_t *at, mdr_str_t s,
    mdr_source_t *src)
{
    int        rc;
    char      *low;
    size_t     i, a, p;
    mdr_str_t  sel, attr;

    if (s.len == 0 || (s.len == 1 && s.data[0] == '.')) {
        return MDR_OK;
    }

    for (a = find_outside(s, 0, '@'), i = a; i < s.len; ) {
        a = i;
        i = find_outside(s, i + 1, '@');
    }

    sel = part(s, 0, a);
    rc = MDR_OK;

    if (sel.len != 0 && !(sel.len == 1 && sel.data[0] == '.')) {
        rc = mdr_load_check_selector(ld, at, "selector", sel);
        src->selector = sel;
    }

    if (a == s.len) {
        return rc;
    }

    p = find_outside(s, a + 1, '$');
    attr = part(s, a + 1, p);

    if (attr.len == 0) {
        mdr_load_error_in(ld, at, (size_t) (s.data - at->text.data) + a,
                          "bad-field", "the name of an attribute expected "
                          "behind \"@\"");
        return MDR_ERROR;
    }

    low = mdr_load_alloc(ld, attr.len + 1);
    if (low == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < attr.len; i++) {
        low[i] = attr.data[i] >= 'A' && attr.data[i] <= 'Z'
                 ? (char) (attr.data[i] + 32) : attr.data[i];

        if (strchr(" \t\"'>/=<", low[i]) != NULL) {
            mdr_load_error_in(ld, at, (size_t) (attr.data - at->text.data)
                              + i, "bad-field", "\"%.*s\" is not the name "
                              "of an attribute", (int) attr.len, attr.data);
            return MDR_ERROR;
        }
    }

    src->attr.data = low;
    src->attr.len = attr.len;

    if (p < s.len) {
        src->path = part(s, p, s.len);
        src->as = MDR_AS_JSON;

        if (mdr_load_check_path(ld, at, "path", src->path) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


int
mdr_load_html_place(mdr_load_t *ld, const mdr_node_t *at, mdr_str_t *selector,
    mdr_str_t *attr)
{
    mdr_source_t  src;

    memset(&src, 0, sizeof(src));

    if (html_source(ld, at, *selector, &src) != MDR_OK) {
        return MDR_ERROR;
    }

    if (src.path.len != 0) {
        mdr_load_error(ld, at, "bad-field", "no path behind the attribute "
                       "here: \"match\" says it");
        return MDR_ERROR;
    }

    *selector = src.selector;
    *attr = src.attr;

    return MDR_OK;
}


static int
json_source(mdr_load_t *ld, const mdr_node_t *at, mdr_str_t s,
    mdr_source_t *src)
{
    size_t  a;

    if (s.len == 0 || (s.len == 1 && (s.data[0] == '.' || s.data[0] == '$')))
    {
        return MDR_OK;
    }

    if (s.data[0] != '$') {
        mdr_load_error_in(ld, at, (size_t) (s.data - at->text.data),
                          "bad-path", "a JSON path begins with \"$\"");
        return MDR_ERROR;
    }

    /* "$.ext @ $.title": a path inside a string of JSON */

    a = find_outside(s, 0, '@');
    src->selector = part(s, 0, a);

    if (a < s.len) {
        src->path = part(s, a + 1, s.len);
        src->as = MDR_AS_JSON;

        if (mdr_load_check_path(ld, at, "path", src->path) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    if (src->selector.len == 1) {
        src->selector.len = 0;
        return MDR_OK;
    }

    return mdr_load_check_path(ld, at, "path", src->selector);
}


static int
load_sources(mdr_load_t *ld, const mdr_node_t *at, uint8_t type,
    mdr_field_t *f)
{
    int            rc;
    size_t         from, to;
    mdr_str_t      s;
    mdr_source_t  *src;

    if (at->kind != MDR_NODE_SCALAR) {
        mdr_load_error(ld, at, "type", "field: a selector or path expected");
        return MDR_ERROR;
    }

    rc = MDR_OK;

    for (from = 0; from <= at->text.len; from = to + 1) {
        to = find_outside(at->text, from, '|');
        s = part(at->text, from, to);

        if (f->nsources == SOURCES_MAX) {
            mdr_load_error(ld, at, "limit", "field: more than %d places",
                           SOURCES_MAX);
            return MDR_ERROR;
        }

        src = &f->sources[f->nsources++];

        if ((type == MDR_TYPE_HTML ? html_source(ld, at, s, src)
                                   : json_source(ld, at, s, src))
            != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static const char *const  ways[] = { "text", "html", "json", "url" };


/* join, pick, as */

static int
load_field_way(mdr_load_t *ld, mdr_node_t *n, mdr_field_t *f, uint8_t *as)
{
    int          rc;
    uint8_t      join;
    mdr_node_t  *e;

    rc = MDR_OK;
    join = 0;
    e = mdr_node_get(n, "join");

    if (e != NULL) {
        if (mdr_load_bool(ld, e, "join", &join) != MDR_OK) {
            rc = MDR_ERROR;
        }
        f->join = join ? MDR_JOIN_PIECES : MDR_JOIN_VALUES;
    }

    e = mdr_node_get(n, "pick");

    if (e != NULL) {
        if (mdr_load_string(ld, e, "pick", &f->pick) != MDR_OK) {
            rc = MDR_ERROR;

        } else if (mdr_pick_bad(f->pick) != NULL) {
            mdr_load_error(ld, e, "bad-regex", "pick: \"%.100s\" %s",
                           f->pick.data, mdr_pick_bad(f->pick));
            rc = MDR_ERROR;
        }
    }

    if (mdr_load_word(ld, mdr_node_get(n, "as"), "way of reading", ways, 4,
                      as)
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    return rc;
}


/* a list of places, all of which are read */

static int
load_field_all(mdr_load_t *ld, mdr_node_t *all, uint8_t type, mdr_field_t *f)
{
    int          rc;
    mdr_node_t  *e;

    f->all = 1;

    if (all->kind != MDR_NODE_LIST || all->n == 0) {
        mdr_load_error(ld, all, "type", "%s: a list of places expected",
                       f->every ? "every" : "all");
        return MDR_ERROR;
    }

    rc = MDR_OK;

    for (e = all->first; e != NULL; e = e->next) {
        if (load_sources(ld, e, type, f) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


int
mdr_load_field(mdr_load_t *ld, mdr_node_t *n, uint8_t type, mdr_field_t *f)
{
    int          rc;
    uint8_t      as;
    uint32_t     i;
    mdr_node_t  *from, *all, *every;

    static const char *const  keys[] = {
        "from", "all", "every", "as", "join", "pick"
    };

    f->name = n->key->text;
    f->sources = mdr_load_alloc(ld, SOURCES_MAX * sizeof(mdr_source_t));

    if (f->sources == NULL) {
        return MDR_ERROR;
    }

    if (n->kind == MDR_NODE_SCALAR) {
        return load_sources(ld, n, type, f);
    }

    if (mdr_load_keys(ld, n, "field", keys, 6) != MDR_OK) {
        return MDR_ERROR;
    }

    from = mdr_node_get(n, "from");
    all = mdr_node_get(n, "all");
    every = mdr_node_get(n, "every");
    as = MDR_AS_TEXT;

    if ((from != NULL) + (all != NULL) + (every != NULL) != 1) {
        mdr_load_error(ld, n, "missing-key", "field: one of \"from\", "
                       "\"all\" and \"every\" expected");
        return MDR_ERROR;
    }

    if (every != NULL) {
        all = every;
        f->every = 1;
        f->join = MDR_JOIN_VALUES;
    }

    rc = load_field_way(ld, n, f, &as);

    if ((from != NULL ? load_sources(ld, from, type, f)
                      : load_field_all(ld, all, type, f))
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    for (i = 0; i < f->nsources; i++) {
        if (as == MDR_AS_JSON && f->sources[i].path.len == 0) {
            f->sources[i].path.data = "$";
            f->sources[i].path.len = 1;
        }
        if (as != MDR_AS_TEXT) {
            f->sources[i].as = as;
        }
    }

    return rc;
}
