/*
 * pages.c - the pages of a policy, compiled, and which of them a response is.
 *
 * Each page has rules of the scanner of its own: those of the policy's slots,
 * and the tags and selectors that the page wants to hear of.  A response that
 * is no page is read by the policy's, in which nothing of it stands.
 */

#include "page_in.h"
#include "policy/policy.h"

#include <string.h>


#define MATCH_LIMIT  100000


/* do these bytes stand in a tag as they are, where they stand in its value as
 * it is read, but for references that are rare, and none of which begins with
 * "&a"? */

static int
is_literal(mdr_str_t s)
{
    uint32_t  i;

    for (i = 0; i < s.len && (uint8_t) s.data[i] > ' '
                && (uint8_t) s.data[i] < 0x80
                && memchr("&\"'<>*", s.data[i], 6) == NULL; i++)
    {
        /* void */
    }

    return s.len != 0 && i == s.len;
}


/* a value that a selector without commas asks for, or NULL */

static const mdr_simple_t *
needle(const mdr_selector_t *s)
{
    uint32_t               i;
    const mdr_simple_t    *q, *best;
    const mdr_compound_t  *c;

    best = NULL;

    if (s->n != 1) {
        return NULL;
    }

    c = &s->list[0].compounds[s->list[0].n - 1];

    for (i = 0; i < c->n; i++) {
        q = &c->simples[i];

        if ((q->kind == MDR_SEL_EQUALS || q->kind == MDR_SEL_PREFIX
             || q->kind == MDR_SEL_SUFFIX || q->kind == MDR_SEL_PART)
            && !q->fold && is_literal(q->value)
            && (best == NULL || q->value.len > best->value.len))
        {
            best = q;
        }
    }

    return best;
}


/* the only tag that it can match, or 0 */

static mdr_name_t
only_tag(const mdr_selector_t *s)
{
    return s->n == 1 ? s->list[0].compounds[s->list[0].n - 1].name : 0;
}


static int
compile_requires(mdr_page_rules_t *r, mdr_arena_t *arena)
{
    uint32_t              i;
    const mdr_simple_t   *best;
    const mdr_require_t  *q;

    r->requires = mdr_arena_alloc(arena, (r->page->nrequires + 1)
                                         * sizeof(mdr_page_require_t));
    if (r->requires == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < r->page->nrequires; i++) {
        q = &r->page->requires[i];

        if (q->selector.len == 0) {
            continue;
        }

        r->requires[i].selector = mdr_html_rules_selector(r->html,
                                                          q->selector, arena);
        if (r->requires[i].selector == NULL) {
            return MDR_ERROR;
        }

        best = needle(r->requires[i].selector);
        r->requires[i].tag = only_tag(r->requires[i].selector);

        if (best != NULL) {
            r->requires[i].needle = best->value;
            r->requires[i].needle_key = best->key;
            r->needles |= 1u << i;
        }

        if (mdr_html_rules_looked(r->html, r->requires[i].selector, best,
                                  arena) != MDR_OK)
        {
            return MDR_ERROR;
        }

        r->looks |= !q->any;

        if (q->place.len != 0) {
            r->requires[i].place = mdr_html_rules_selector(r->html, q->place,
                                                           arena);
            if (r->requires[i].place == NULL
                || mdr_html_rules_looked(r->html, r->requires[i].place, NULL,
                                         arena) != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


static void
want_tags(mdr_page_rules_t *r)
{
    uint32_t            i;
    const mdr_guard_t  *g;

    static const struct {
        const char  *tag;
        uint8_t      kind;
    } links[] = {
        { "a", MDR_LINK_A }, { "area", MDR_LINK_A },
        { "script", MDR_LINK_SCRIPT }, { "iframe", MDR_LINK_FRAME },
        { "frame", MDR_LINK_FRAME }, { "embed", MDR_LINK_FRAME },
        { "object", MDR_LINK_FRAME }, { "meta", MDR_LINK_REFRESH },
        { "base", MDR_LINK_BASE }, { "link", MDR_LINK_STYLE },
        { "form", MDR_LINK_FORM }, { "button", MDR_LINK_FORM },
        { "input", MDR_LINK_FORM }, { "param", MDR_LINK_FRAME },
        { "set", MDR_LINK_A }, { "animate", MDR_LINK_A }
    };

    static const char *const  tags[] = { "html", "head", "body", "title" };

    g = &r->page->guard;

    for (i = 0; i < 4; i++) {
        mdr_html_rules_tag(r->html, tags[i], 1);
    }

    if (r->looks || g->hidden_links != 0
        || (g->nhosts != 0 && (g->kinds >> MDR_LINK_STYLE & 1)))
    {
        mdr_html_rules_tag(r->html, "style", 1);
    }

    if (g->description.len != 0 || g->description_not.len != 0) {
        mdr_html_rules_tag(r->html, "meta", 0);
    }

    if (g->hidden_links != 0) {
        mdr_html_rules_tag(r->html, "a", 0);
        r->looks = 1;
        r->links = 1;
    }

    for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        if (g->nhosts != 0 && (g->kinds >> links[i].kind & 1)) {
            mdr_html_rules_tag(r->html, links[i].tag, 0);
            r->links = 1;
        }
    }
}


static int
compile(const mdr_model_t *m, uint32_t n, mdr_page_rules_t *r,
    mdr_arena_t *arena)
{
    int               code;
    uint32_t          i;
    PCRE2_SIZE        at;
    const mdr_str_t  *s;

    r->page = &m->pages[n];
    r->html = mdr_html_compile(m, 0, arena);

    if (r->html == NULL || compile_requires(r, arena) != MDR_OK
        || mdr_hosts_init(&r->hosts, r->page->guard.hosts,
                          r->page->guard.nhosts, arena) != MDR_OK)
    {
        return MDR_ERROR;
    }

    for (i = 0; i < r->page->nrequires; i++) {
        if (r->page->requires[i].member.len != 0 && r->json == NULL) {
            r->json = mdr_json_compile_page(m, r->page, arena);
            if (r->json == NULL) {
                return MDR_ERROR;
            }
        }
    }

    /* which element it is that leads somewhere, or describes the page */

    if (mdr_html_rules_attr(r->html, "rel", arena) != MDR_OK
        || mdr_html_rules_attr(r->html, "http-equiv", arena) != MDR_OK
        || mdr_html_rules_attr(r->html, "ping", arena) != MDR_OK
        || (r->page->guard.description.len
            + r->page->guard.description_not.len != 0
            && mdr_html_rules_attr(r->html, "name", arena) != MDR_OK))
    {
        return MDR_ERROR;
    }

    want_tags(r);
    mdr_html_rules_done(r->html);

    for (i = 0; i < MDR_PATS; i++) {
        s = i == MDR_PAT_TITLE ? &r->page->guard.title
            : i == MDR_PAT_TITLE_NOT ? &r->page->guard.title_not
            : i == MDR_PAT_DESC ? &r->page->guard.description
            : &r->page->guard.description_not;

        if (s->len == 0) {
            continue;
        }

        r->codes[i] = pcre2_compile((PCRE2_SPTR) s->data, s->len, PCRE2_UTF,
                                    &code, &at, NULL);
        if (r->codes[i] == NULL) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


void
mdr_pages_free(mdr_pages_t *p)
{
    uint32_t  i, k;

    if (p == NULL) {
        return;
    }

    for (i = 0; i < p->n; i++) {
        for (k = 0; k < MDR_PATS; k++) {
            pcre2_code_free(p->pages[i].codes[k]);
        }
    }

    pcre2_match_context_free(p->context);
    mdr_free(p->alloc, p);
}


mdr_pages_t *
mdr_pages_new(const mdr_model_t *m, const mdr_alloc_t *alloc,
    mdr_arena_t *arena)
{
    uint32_t      i;
    mdr_pages_t  *p;

    p = mdr_calloc(alloc, sizeof(mdr_pages_t)
                          + m->npages * sizeof(mdr_page_rules_t));
    if (p == NULL) {
        return NULL;
    }

    p->alloc = alloc;
    p->n = m->npages;
    p->pages = (mdr_page_rules_t *) (p + 1);

    if (p->n == 0) {
        return p;
    }

    p->context = pcre2_match_context_create(NULL);

    if (p->context == NULL) {
        mdr_pages_free(p);
        return NULL;
    }

    pcre2_set_match_limit(p->context, MATCH_LIMIT);
    pcre2_set_depth_limit(p->context, 1000);

    for (i = 0; i < p->n; i++) {
        p->pages[i].context = p->context;

        if (compile(m, i, &p->pages[i], arena) != MDR_OK) {
            mdr_pages_free(p);
            return NULL;
        }
    }

    return p;
}


const mdr_page_rules_t *
mdr_pages_rules(const mdr_pages_t *p, uint32_t page)
{
    return &p->pages[page];
}


const mdr_html_rules_t *
mdr_pages_html(const mdr_pages_t *p, uint32_t page)
{
    return p->pages[page].html;
}


const mdr_json_rules_t *
mdr_pages_json(const mdr_pages_t *p, uint32_t page)
{
    return p->pages[page].json;
}


static int
path_is(mdr_str_t pattern, mdr_str_t path)
{
    uint32_t  n;

    n = pattern.len;

    if (n != 0 && pattern.data[n - 1] == '*') {
        return path.len >= n - 1 && memcmp(path.data, pattern.data, n - 1)
                                    == 0;
    }

    return path.len == n && memcmp(path.data, pattern.data, n) == 0;
}


uint32_t
mdr_policy_page(const mdr_policy_t *policy, mdr_str_t host, mdr_str_t path,
    uint32_t status)
{
    uint32_t           i, k;
    const mdr_page_t  *p;

    for (i = 0; i < policy->model->npages; i++) {
        p = &policy->model->pages[i];

        if (p->mode == MDR_MODE_OFF
            || (p->nhosts != 0
                && !mdr_page_is_listed(p->hosts, p->nhosts, host.data,
                                       host.len)))
        {
            continue;
        }

        for (k = 0; k < p->nstatuses && p->statuses[k] != status; k++) {
            /* void */
        }

        if (p->nstatuses == 0 ? status != 200 : k == p->nstatuses) {
            continue;
        }

        for (k = 0; k < p->npaths && !path_is(p->paths[k], path); k++) {
            /* void */
        }

        if (p->npaths == 0 || k < p->npaths) {
            return i + 1;
        }
    }

    return 0;
}


int
mdr_policy_page_info(const mdr_policy_t *policy, uint32_t i,
    mdr_page_info_t *info)
{
    uint32_t           k;
    const mdr_page_t  *p;

    if (i >= policy->model->npages) {
        return MDR_ERROR;
    }

    p = &policy->model->pages[i];
    info->name = p->name;
    info->mode = p->mode;
    info->spiders = p->guard.spiders;
    info->requires = p->nrequires;
    info->places = 0;

    for (k = 0; k < p->nrequires; k++) {
        info->places |= p->requires[k].insert.len != 0
                        && p->requires[k].at != MDR_AT_BODY_END;
    }

    return MDR_OK;
}


int
mdr_policy_page_require(const mdr_policy_t *policy, uint32_t i, uint32_t n,
    mdr_str_t *id)
{
    if (i >= policy->model->npages || n >= policy->model->pages[i].nrequires)
    {
        return MDR_ERROR;
    }

    *id = policy->model->pages[i].requires[n].id;

    return MDR_OK;
}


const char *
mdr_page_word(uint8_t kind)
{
    static const char *const  words[] = {
        "missing", "hidden", "inserted", "title", "description",
        "before_html", "hidden_links", "spiders", "link", "script", "frame",
        "refresh", "base", "style", "form"
    };

    return words[kind % MDR_PAGE_KINDS];
}
