/*
 * load_pages.c - `pages` of a policy: which responses are which page, what it
 * must have, what it must not have (docs/pages.md).
 */

#include "node.h"
#include "sink.h"
#include "page/page.h"
#include "ledger/words.h"

#include <string.h>


#define INSERT_MAX   8192
#define PATTERN_MAX  1000


/* a copy in lower case */

static int
lower(mdr_load_t *ld, mdr_str_t *s)
{
    char      *p;
    uint32_t   i;

    p = mdr_load_alloc(ld, s->len + 1);
    if (p == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < s->len; i++) {
        p[i] = s->data[i];
        if (p[i] >= 'A' && p[i] <= 'Z') {
            p[i] = (char) (p[i] | 32);
        }
    }

    p[i] = '\0';
    s->data = p;

    return MDR_OK;
}


/* "example.cn", "*.example.cn": no scheme, port or path */

static int
load_hosts(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    mdr_str_t **hosts, uint32_t *nhosts)
{
    int                rc;
    uint32_t           i, k, from;
    const mdr_node_t  *e;

    if (n == NULL) {
        return MDR_OK;
    }

    if (mdr_load_strings(ld, n, what, hosts, nhosts) != MDR_OK) {
        return MDR_ERROR;
    }

    rc = MDR_OK;
    e = n->kind == MDR_NODE_LIST ? n->first : n;

    for (i = 0; i < *nhosts; i++, e = e->next) {
        if (lower(ld, &(*hosts)[i]) != MDR_OK) {
            return MDR_ERROR;
        }

        from = (*hosts)[i].len > 2 && memcmp((*hosts)[i].data, "*.", 2) == 0
               ? 2 : 0;

        for (k = from; k < (*hosts)[i].len
                       && strchr("/:*?@ \t", (*hosts)[i].data[k]) == NULL; k++)
        {
            /* void */
        }

        if (k == from || k != (*hosts)[i].len) {
            mdr_load_error(ld, e, "bad-host", "%s \"%.80s\": a name as "
                           "www.example.cn or *.example.cn expected, without "
                           "scheme, port and path", what,
                           (*hosts)[i].data);
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static int
load_match(mdr_load_t *ld, mdr_node_t *n, mdr_page_t *p)
{
    int          rc;
    int64_t      v;
    uint32_t     i;
    mdr_node_t  *e, *list;

    static const char *const  keys[] = { "host", "path", "status" };

    if (n == NULL) {
        return MDR_OK;
    }

    rc = mdr_load_keys(ld, n, "match", keys, 3);

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    if (load_hosts(ld, mdr_node_get(n, "host"), "host", &p->hosts,
                   &p->nhosts) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    list = mdr_node_get(n, "path");

    if (mdr_load_strings(ld, list, "path", &p->paths, &p->npaths) != MDR_OK) {
        rc = MDR_ERROR;
        p->npaths = 0;
    }

    e = list != NULL && list->kind == MDR_NODE_LIST ? list->first : list;

    for (i = 0; i < p->npaths; i++, e = e->next) {
        if (p->paths[i].len == 0 || p->paths[i].data[0] != '/'
            || strchr(p->paths[i].data, '?') != NULL
            || (strchr(p->paths[i].data, '*') != NULL
                && strchr(p->paths[i].data, '*')
                   != p->paths[i].data + p->paths[i].len - 1))
        {
            mdr_load_error(ld, e, "bad-path", "path \"%.80s\": a path as "
                           "/index.html, or a prefix as /news* expected",
                           p->paths[i].data);
            rc = MDR_ERROR;
        }
    }

    list = mdr_node_get(n, "status");

    if (list != NULL) {
        p->nstatuses = list->kind == MDR_NODE_LIST ? list->n : 1;
        p->statuses = mdr_load_alloc(ld, (p->nstatuses + 1)
                                         * sizeof(uint32_t));
        if (p->statuses == NULL) {
            return MDR_ERROR;
        }

        e = list->kind == MDR_NODE_LIST ? list->first : list;

        for (i = 0; i < p->nstatuses; i++, e = e->next) {
            v = 200;
            if (mdr_load_int(ld, e, "status", 200, 599, &v) != MDR_OK) {
                rc = MDR_ERROR;
            }
            p->statuses[i] = (uint32_t) v;
        }
    }

    return rc;
}


/* body-end, ..., before SELECTOR, after SELECTOR */

static int
load_at(mdr_load_t *ld, mdr_node_t *n, mdr_require_t *r)
{
    uint32_t   i, len;
    mdr_str_t  s;

    static const char *const  words[] = {
        "body-end", "body-start", "head-end", "head-start"
    };
    static const char *const  all[] = {
        "body-end", "body-start", "head-end", "head-start", "before SELECTOR",
        "after SELECTOR"
    };

    if (n == NULL) {
        return MDR_OK;
    }

    if (mdr_load_string(ld, n, "at", &s) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0; i < 2; i++) {
        len = i == 0 ? 7 : 6;

        if (s.len > len && memcmp(s.data, i == 0 ? "before " : "after ", len)
                           == 0)
        {
            r->at = i == 0 ? MDR_AT_BEFORE : MDR_AT_AFTER;
            r->place.data = s.data + len;
            r->place.len = s.len - len;

            return mdr_load_check_selector(ld, n, "at", r->place);
        }
    }

    for (i = 0; i < 4; i++) {
        if (mdr_node_is(n, words[i])) {
            r->at = (uint8_t) i;
            return MDR_OK;
        }
    }

    return mdr_load_word(ld, n, "at", all, 6, &r->at);
}


static int
load_require(mdr_load_t *ld, mdr_node_t *n, mdr_require_t *r)
{
    int          rc;
    uint8_t      visible;
    mdr_node_t  *sel, *member, *insert;

    static const char *const  keys[] = {
        "id", "selector", "member", "insert", "at", "visible"
    };

    rc = mdr_load_keys(ld, n, "require", keys, 6);

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    r->pos.file = n->file;
    r->pos.line = n->line;
    r->pos.column = n->column;

    if (mdr_node_get(n, "id") == NULL) {
        mdr_load_error(ld, n, "missing-key", "require: \"id\" is missing");
        rc = MDR_ERROR;

    } else if (mdr_load_name(ld, mdr_node_get(n, "id"), "id", 64, &r->id)
               != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    sel = mdr_node_get(n, "selector");
    member = mdr_node_get(n, "member");
    insert = mdr_node_get(n, "insert");

    if ((sel == NULL) == (member == NULL)) {
        mdr_load_error(ld, member != NULL ? member : n,
                       sel == NULL ? "missing-key" : "both-keys",
                       sel == NULL ? "require: \"selector\" (of pages) or "
                       "\"member\" (of JSON) is missing"
                       : "require: either \"selector\" or \"member\"");
        return MDR_ERROR;
    }

    if (sel != NULL) {
        if (mdr_load_string(ld, sel, "selector", &r->selector) != MDR_OK
            || mdr_load_check_selector(ld, sel, "selector", r->selector)
               != MDR_OK)
        {
            rc = MDR_ERROR;
        }

    } else {
        if (mdr_load_string(ld, member, "member", &r->member) != MDR_OK
            || mdr_load_check_path(ld, member, "member", r->member)
               != MDR_OK)
        {
            rc = MDR_ERROR;
        }

        if (insert != NULL) {
            mdr_load_error(ld, insert, "no-insert", "require: nothing can be "
                           "inserted into JSON");
            rc = MDR_ERROR;
        }
    }

    if (insert != NULL && member == NULL) {
        if (mdr_load_string(ld, insert, "insert", &r->insert) != MDR_OK) {
            rc = MDR_ERROR;

        } else if (r->insert.len == 0 || r->insert.len > INSERT_MAX) {
            mdr_load_error(ld, insert, "range", "insert: 1 to %d bytes "
                           "expected", INSERT_MAX);
            rc = MDR_ERROR;
        }
    }

    if (mdr_node_get(n, "at") != NULL && insert == NULL) {
        mdr_load_error(ld, mdr_node_get(n, "at"), "no-insert", "require: "
                       "\"at\" says where \"insert\" goes, which is missing");
        rc = MDR_ERROR;
    }

    visible = 1;

    if (load_at(ld, mdr_node_get(n, "at"), r) != MDR_OK
        || mdr_load_bool(ld, mdr_node_get(n, "visible"), "visible", &visible)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    r->any = !visible;

    return rc;
}


static int
load_pattern(mdr_load_t *ld, mdr_node_t *n, const char *what, mdr_str_t *s)
{
    int          code;
    const char  *bad;

    if (n == NULL) {
        return MDR_OK;
    }

    if (mdr_load_string(ld, n, what, s) != MDR_OK) {
        return MDR_ERROR;
    }

    if (s->len == 0 || s->len > PATTERN_MAX) {
        mdr_load_error(ld, n, "range", "%s: a pattern of 1 to %d bytes "
                       "expected", what, PATTERN_MAX);
        return MDR_ERROR;
    }

    bad = mdr_pattern_bad(*s);
    code = bad == NULL ? MDR_OK : MDR_ERROR;

    if (bad != NULL) {
        mdr_load_error(ld, n, "bad-regex", "%s \"%.80s\": %s", what, s->data,
                       bad);
    }

    return code;
}


/* title: 'PATTERN', or {must: 'PATTERN', must_not: 'PATTERN'} */

static int
load_text(mdr_load_t *ld, mdr_node_t *n, const char *what, mdr_str_t *must,
    mdr_str_t *must_not)
{
    int  rc;

    static const char *const  keys[] = { "must", "must_not" };

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind == MDR_NODE_SCALAR) {
        return load_pattern(ld, n, what, must);
    }

    rc = mdr_load_keys(ld, n, what, keys, 2);

    if (load_pattern(ld, mdr_node_get(n, "must"), "must", must) != MDR_OK
        || load_pattern(ld, mdr_node_get(n, "must_not"), "must_not",
                        must_not) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    return rc;
}


static int
load_guard(mdr_load_t *ld, mdr_node_t *n, mdr_guard_t *g)
{
    int          rc;
    uint8_t      word;
    int64_t      v;
    mdr_node_t  *e;

    static const char *const  keys[] = {
        "title", "description", "before_html", "hidden_links", "hosts",
        "kinds", "spiders", "action"
    };
    static const char *const  actions[] = { "record", "block" };
    static const char *const  kinds[] = {
        "link", "script", "frame", "refresh", "base", "style", "form"
    };

    g->kinds = (1u << MDR_LINKS) - 1;

    if (n == NULL) {
        return MDR_OK;
    }

    rc = mdr_load_keys(ld, n, "guard", keys, 8);

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    if (load_text(ld, mdr_node_get(n, "title"), "title", &g->title,
                  &g->title_not) != MDR_OK
        || load_text(ld, mdr_node_get(n, "description"), "description",
                     &g->description, &g->description_not) != MDR_OK
        || load_hosts(ld, mdr_node_get(n, "hosts"), "hosts", &g->hosts,
                      &g->nhosts) != MDR_OK
        || mdr_load_bits(ld, mdr_node_get(n, "kinds"), "kinds", kinds,
                         MDR_LINKS, &g->kinds) != MDR_OK
        || mdr_load_bool(ld, mdr_node_get(n, "spiders"), "spiders",
                         &g->spiders) != MDR_OK
        || mdr_load_word(ld, mdr_node_get(n, "action"), "action", actions, 2,
                         &g->block) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    if (mdr_node_get(n, "kinds") != NULL && g->nhosts == 0) {
        mdr_load_error(ld, mdr_node_get(n, "kinds"), "missing-key", "guard: "
                       "\"kinds\" is about \"hosts\", which is missing");
        rc = MDR_ERROR;
    }

    e = mdr_node_get(n, "before_html");

    if (e != NULL) {
        word = 0;
        if (mdr_load_word(ld, e, "before_html", actions, 2, &word) != MDR_OK) {
            rc = MDR_ERROR;
        }
        g->front = (uint8_t) (MDR_FRONT_RECORD + word);
    }

    v = 0;

    if (mdr_load_int(ld, mdr_node_get(n, "hidden_links"), "hidden_links", 1,
                     10000, &v) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    g->hidden_links = (uint32_t) v;

    return rc;
}


/* may a test say it: a kind of finding, or one and the id of a requirement? */

static int
is_finding(const mdr_page_t *p, mdr_str_t s)
{
    size_t       n;
    uint8_t      kind;
    uint32_t     i;
    const char  *colon, *word;

    colon = memchr(s.data, ':', s.len);
    n = colon != NULL ? (size_t) (colon - s.data) : s.len;

    for (kind = 0; kind < MDR_PAGE_KINDS; kind++) {
        word = mdr_page_word(kind);

        if (strlen(word) == n && memcmp(word, s.data, n) == 0) {
            break;
        }
    }

    if (kind == MDR_PAGE_KINDS || kind == MDR_PAGE_INSERTED
        || kind == MDR_PAGE_SPIDERS)
    {
        return 0;
    }

    if (kind != MDR_PAGE_MISSING && kind != MDR_PAGE_HIDDEN) {
        return colon == NULL;
    }

    for (i = 0; colon != NULL && i < p->nrequires; i++) {
        if (p->requires[i].id.len == s.len - n - 1
            && memcmp(p->requires[i].id.data, colon + 1, s.len - n - 1) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static int
load_test(mdr_load_t *ld, const mdr_node_t *n, const mdr_page_t *p,
    mdr_page_test_t *t)
{
    int         rc;
    uint32_t    i;
    mdr_node_t  *found;

    static const char *const  keys[] = { "body", "page", "found" };

    t->pos.file = n->file;
    t->pos.line = n->line;
    t->pos.column = n->column;
    rc = mdr_load_keys(ld, n, "test", keys, 3);

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    found = mdr_node_get(n, "found");

    if (mdr_load_string(ld, mdr_node_get(n, "body"), "body", &t->body)
        != MDR_OK
        || mdr_load_string(ld, mdr_node_get(n, "page"), "page", &t->page)
           != MDR_OK
        || (found != NULL
            && mdr_load_strings(ld, found, "found", &t->found, &t->nfound)
               != MDR_OK))
    {
        return MDR_ERROR;
    }

    if ((t->body.len != 0) == (t->page.len != 0)) {
        mdr_load_error(ld, n, "missing-key", "test of a page: \"body\" or "
                       "\"page\"");
        rc = MDR_ERROR;
    }

    if (t->nfound > MDR_PAGE_FOUND) {
        mdr_load_error(ld, found, "limit", "found: more than %d",
                       MDR_PAGE_FOUND);
        return MDR_ERROR;
    }

    for (i = 0; i < t->nfound; i++) {
        if (!is_finding(p, t->found[i])) {
            mdr_load_error(ld, found, "unknown-word", "found: \"%.80s\" is no "
                           "finding of this page (title, link, missing:ID ...)",
                           t->found[i].data);
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static int
load_tests(mdr_load_t *ld, const mdr_node_t *n, mdr_page_t *p)
{
    int                rc;
    const mdr_node_t  *e;

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind != MDR_NODE_LIST) {
        mdr_load_error(ld, n, "type", "tests: a list expected");
        return MDR_ERROR;
    }

    p->tests = mdr_load_alloc(ld, (n->n + 1) * sizeof(mdr_page_test_t));
    if (p->tests == NULL) {
        return MDR_ERROR;
    }

    memset(p->tests, 0, (n->n + 1) * sizeof(mdr_page_test_t));
    rc = MDR_OK;

    for (e = n->first; e != NULL; e = e->next) {
        if (load_test(ld, e, p, &p->tests[p->ntests++]) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static int
load_page(mdr_load_t *ld, mdr_node_t *n, mdr_page_t *p)
{
    int          rc;
    uint32_t     i;
    mdr_node_t  *list, *e;

    static const char *const  keys[] = {
        "name", "match", "mode", "require", "guard", "tests"
    };

    rc = mdr_load_keys(ld, n, "page", keys, 6);

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    p->pos.file = n->file;
    p->pos.line = n->line;
    p->pos.column = n->column;
    p->mode = ld->mode;

    if (mdr_node_get(n, "name") == NULL) {
        mdr_load_error(ld, n, "missing-key", "page: \"name\" is missing");
        rc = MDR_ERROR;

    } else if (mdr_load_name(ld, mdr_node_get(n, "name"), "name", 64,
                             &p->name) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    if (mdr_load_word(ld, mdr_node_get(n, "mode"), "mode", mdl_modes, MDL_MODES, &p->mode)
        != MDR_OK
        || load_match(ld, mdr_node_get(n, "match"), p) != MDR_OK
        || load_guard(ld, mdr_node_get(n, "guard"), &p->guard) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    list = mdr_node_get(n, "require");

    if (list == NULL) {
        if (mdr_node_get(n, "guard") == NULL) {
            mdr_load_error(ld, n, "missing-key", "page: \"require\" or "
                           "\"guard\" is missing");
            rc = MDR_ERROR;
        }
        return load_tests(ld, mdr_node_get(n, "tests"), p) == MDR_OK
               ? rc : MDR_ERROR;
    }

    if (list->kind != MDR_NODE_LIST || list->n > MDR_REQUIRES_MAX) {
        mdr_load_error(ld, list, "type", "require: a list expected, of %d at "
                       "most", MDR_REQUIRES_MAX);
        return MDR_ERROR;
    }

    p->requires = mdr_load_alloc(ld, (list->n + 1) * sizeof(mdr_require_t));
    if (p->requires == NULL) {
        return MDR_ERROR;
    }

    for (e = list->first; e != NULL; e = e->next) {
        if (load_require(ld, e, &p->requires[p->nrequires]) != MDR_OK) {
            rc = MDR_ERROR;
        }

        for (i = 0; i < p->nrequires; i++) {
            if (p->requires[i].id.len != 0
                && p->requires[i].id.len == p->requires[p->nrequires].id.len
                && memcmp(p->requires[i].id.data,
                          p->requires[p->nrequires].id.data,
                          p->requires[i].id.len) == 0)
            {
                mdr_load_error(ld, mdr_node_get(e, "id"), "duplicate-id",
                               "require \"%s\" twice", p->requires[i].id.data);
                rc = MDR_ERROR;
            }
        }

        p->nrequires++;
    }

    return load_tests(ld, mdr_node_get(n, "tests"), p) == MDR_OK
           ? rc : MDR_ERROR;
}


int
mdr_load_pages(mdr_load_t *ld)
{
    int           rc;
    size_t        i, total;
    uint32_t      j;
    mdr_page_t   *p;
    mdr_node_t   *list, *n;
    mdr_model_t  *m;

    m = ld->model;
    rc = MDR_OK;

    for (i = 0, total = 0; i < ld->ndocs; i++) {
        list = mdr_node_get(ld->docs[i], "pages");

        if (list != NULL && list->kind != MDR_NODE_LIST) {
            mdr_load_error(ld, list, "type", "pages: a list expected");
            return MDR_ERROR;
        }

        total += list != NULL ? list->n : 0;
    }

    if (total == 0) {
        return MDR_OK;
    }

    m->pages = mdr_load_alloc(ld, total * sizeof(mdr_page_t));
    if (m->pages == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < ld->ndocs; i++) {
        list = mdr_node_get(ld->docs[i], "pages");

        for (n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
            p = &m->pages[m->npages];

            if (load_page(ld, n, p) != MDR_OK) {
                rc = MDR_ERROR;
            }

            for (j = 0; j < m->npages; j++) {
                if (p->name.len != 0 && m->pages[j].name.len == p->name.len
                    && memcmp(m->pages[j].name.data, p->name.data,
                              p->name.len) == 0)
                {
                    mdr_load_error(ld, mdr_node_get(n, "name"),
                                   "duplicate-page", "page \"%s\" twice",
                                   p->name.data);
                    rc = MDR_ERROR;
                }
            }

            m->npages++;
        }
    }

    return rc;
}
