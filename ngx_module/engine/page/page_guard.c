/*
 * page_guard.c - links, and blocks of links that nobody sees.
 *
 * A card that has anything to do with the page counts as unusual (html.h), so
 * that it is read each time; all others are known by their bytes as ever, and
 * by learned markup, where the values of links alone are asked for.  Inside of
 * what is hidden the same bytes mean more: h->hook_state tells it apart.
 */

#include "page_run.h"
#include "html/html_tags.h"

#include <string.h>


const mdr_attr_t *
mdr_page_attr(mdr_html_t *h, const char *name, size_t len)
{
    mdr_str_t          s;
    const mdr_attr_t  *a;

    s.data = name;
    s.len = (uint32_t) len;
    a = mdr_html_attr(&h->tag, s, mdr_html_name((const uint8_t *) name, len));

    return a != NULL && a->value != a->value_end ? a : NULL;
}


int
mdr_page_value_is(mdr_html_t *h, const mdr_attr_t *a, const char *s, size_t n)
{
    size_t  i;

    if (a == NULL || a->value_end - a->value != n) {
        return 0;
    }

    for (i = 0; i < n && (h->tag.p[a->value + i] | 32) == s[i]; i++) {
        /* void */
    }

    return i == n;
}


int
mdr_page_is_refresh(mdr_html_t *h)
{
    return mdr_page_value_is(h, PAGE_ATTR(h, "http-equiv"), "refresh", 7);
}


/* does a link of one of its relations decide what the page is, or run in it? */

static int
is_loaded(mdr_html_t *h)
{
    size_t             i, k, from, to;
    const uint8_t     *p;
    const mdr_attr_t  *a;

    static const char *const  rels[] = {
        "stylesheet", "canonical", "preload", "modulepreload", "manifest",
        "amphtml"
    };

    a = PAGE_ATTR(h, "rel");

    if (a == NULL) {
        return 0;
    }

    p = h->tag.p;

    for (from = a->value; from < a->value_end; from = to + 1) {
        for (to = from; to < a->value_end && p[to] > ' '; to++) { /* void */ }

        for (i = 0; i < sizeof(rels) / sizeof(rels[0]); i++) {
            for (k = 0; k < to - from && (p[from + k] | 32) == rels[i][k]; k++)
            {
                /* void */
            }

            if (k == to - from && rels[i][k] == '\0') {
                return 1;
            }
        }
    }

    return 0;
}


const mdr_attr_t *
mdr_page_link_of(mdr_html_t *h, uint8_t *kind)
{
    const char        *name;

    name = mdr_page_link_attr(h->tag.id, kind);

    if (name == NULL) {
        return NULL;
    }

    if (h->tag.id == T_META && !mdr_page_is_refresh(h)) {
        return NULL;
    }

    if (h->tag.id == T_LINK && !is_loaded(h)) {
        return NULL;
    }

    return mdr_page_attr(h, name, strlen(name));
}


void
mdr_page_hidden_begin(mdr_page_run_t *run, mdr_html_t *h, mdr_open_t *e,
    int soft)
{
    const mdr_guard_t  *g;

    g = &run->r->page->guard;
    e->marks |= MDR_OPEN_ITEMS_END;
    run->hidden = e->serial;
    run->hidden_at = h->tag.start;
    run->hidden_links = 0;
    run->hidden_soft = (uint8_t) soft;
    run->folded = h->tag.id == T_DETAILS;
    h->hook_looks = 0;
    h->hook_state |= 1;

    if (run->enforce && g->hidden_links != 0 && g->block) {
        (void) mdr_page_region(run, h, MDR_R_HIDDEN, MDR_PAGE_HIDDEN_LINKS, e);
    }
}


void
mdr_page_hidden_end(mdr_page_run_t *run, mdr_html_t *h, uint64_t end,
    int closed)
{
    int                 bad, gone;
    char                text[32];
    size_t              n;
    uint32_t            i, v;
    const mdr_guard_t  *g;

    g = &run->r->page->guard;
    run->hidden_all += run->hidden_links;

    /* links to others count together, each in a block of its own, too */

    bad = g->hidden_links != 0 && run->hidden_links != 0
          && (g->nhosts != 0 || !run->hidden_soft)
          && (g->nhosts != 0 ? run->hidden_all : run->hidden_links)
             >= g->hidden_links;
    gone = 0;

    for (i = 0; i < run->nregions; i++) {
        if (run->regions[i].what == MDR_R_HIDDEN) {
            if (bad && closed
                && mdr_page_could_wait(run, run->hidden_at, end))
            {
                mdr_page_take_out(run, run->hidden_at, end);
                gone = 1;
            }
            mdr_page_drop(run, i);
            break;
        }
    }

    if (bad) {
        mdr_page_matters(h);
        n = sizeof(text);

        v = g->nhosts != 0 ? run->hidden_all : run->hidden_links;

        for ( ; v != 0; v /= 10) {
            text[--n] = (char) ('0' + v % 10);
        }

        gone |= !run->enforce && g->block;
        mdr_page_guard(run, MDR_PAGE_HIDDEN_LINKS,
                       gone ? MDR_ACT_BLOCK : MDR_ACT_NONE, text + n,
                       sizeof(text) - n, run->hidden_at, end);
    }

    run->hidden = MDR_NO_SERIAL;
    h->hook_looks = 1;
    h->hook_state &= (uint8_t) ~1u;
}


int
mdr_page_in_summary(const mdr_page_run_t *run, const mdr_html_t *h)
{
    uint32_t  i;

    for (i = h->n; run->folded && i-- > 1 && h->open[i].serial != run->hidden; )
    {
        if (h->open[i].id == T_SUMMARY && h->open[i - 1].serial == run->hidden)
        {
            return 1;
        }
    }

    return 0;
}


/* one more link in what is hidden: it matters to what has begun in there; to
 * what is around it only if they are too many */

static void
hidden_link(const mdr_page_run_t *run, mdr_html_t *h)
{
    if (h->whole.p != NULL && h->whole.at >= run->hidden_at) {
        h->unusual++;
    }

    if (h->rec != NULL && h->rec->at >= run->hidden_at) {
        mdr_html_did_odd(h);
    }
}


void
mdr_page_look_at_link(mdr_page_run_t *run, mdr_html_t *h, mdr_open_t *e)
{
    char                host[MDR_HOST_MAX];
    size_t              n;
    uint8_t             kind, foreign;
    mdr_page_region_t  *r;
    const mdr_attr_t   *a;
    const mdr_guard_t  *g;

    g = &run->r->page->guard;
    a = mdr_page_link_of(h, &kind);
    n = 0;

    if (g->nhosts != 0) {
        n = a != NULL ? mdr_page_foreign_host(run, h, a, kind, host) : 0;
        n = n == 0 ? mdr_page_other_host(run, h, e, &kind, host) : n;

        if (n == 0) {
            return;
        }
    }

    if (a == NULL && n == 0) {
        return;
    }

    foreign = n != 0;

    if (kind == MDR_LINK_A && run->hidden != MDR_NO_SERIAL
        && (g->nhosts == 0 || foreign) && !mdr_page_in_summary(run, h))
    {
        hidden_link(run, h);
        run->hidden_links++;
    }

    if (!foreign || !(g->kinds >> kind & 1)) {
        return;
    }

    mdr_page_matters(h);

    kind += MDR_PAGE_LINK;

    if (!g->block || !run->enforce) {
        mdr_page_guard(run, kind, g->block ? MDR_ACT_BLOCK : MDR_ACT_NONE,
                       host, n, h->tag.start, h->tag.stop);
        return;
    }

    r = e != NULL ? mdr_page_region(run, h, MDR_R_ELEMENT, kind, e) : NULL;

    if (r != NULL) {
        memcpy(r->detail, host, n);
        r->detail[n] = '\0';
        return;
    }

    /* void, or too many at once: its tag alone */

    mdr_page_take_out(run, h->tag.start, h->tag.stop);
    mdr_page_guard(run, kind, MDR_ACT_BLOCK, host, n, h->tag.start,
                   h->tag.stop);
}


/* the bytes of a URL that settle where it leads are told from the rest: they
 * come again and again */

uint8_t
mdr_page_hole(void *ctx, const mdr_html_t *h, const mdr_attr_t *a,
    uint32_t *from)
{
    mdr_page_run_t *run = ctx;

    uint8_t                    kind, hole;
    size_t                     host;
    uint32_t                   i;
    const char                *name;
    const mdr_page_require_t  *c;

    host = h->learn->whole_links
           ? 0 : mdr_page_own_host(&run->r->hosts, h->tag.p + a->value,
                                   a->value_end - a->value);
    hole = MDR_HOLE_ATTR;

    for (i = 0; i < run->r->page->nrequires; i++) {
        c = &run->r->requires[i];

        if (c->needle.len != 0 && c->needle_key == a->key
            && (c->tag == 0 || c->tag == h->tag.name))
        {
            hole = MDR_HOLE_PART;
            host = c->needle.len <= MDR_HOLE_BACK ? host : 0;
        }
    }

    name = run->r->links && run->r->page->guard.nhosts != 0
           ? mdr_page_link_attr(h->tag.id, &kind) : NULL;

    if (name == NULL
        || !((run->r->page->guard.kinds >> kind & 1)
             || (h->hook_state & 1))
        || mdr_html_name((const uint8_t *) name, strlen(name)) != a->key)
    {
        return hole;
    }

    *from += (uint32_t) host;

    return host != 0 ? hole : MDR_HOLE_LINK;
}
