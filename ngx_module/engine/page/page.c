/*
 * page.c - one response of a page: what the HTML scanner tells of its tags
 * becomes findings and, where the page enforces, edits.
 */

#include "page_run.h"
#include "html/html_css.h"
#include "html/html_tags.h"
#include "scan/scan.h"

#include <string.h>


/* a doctype stands before everything: nothing more is asked of each tag */

static void
behind_doctype(const mdr_page_run_t *run, mdr_html_t *h)
{
    if (run->begun) {
        h->hook_all = 0;
    }
}


static void
on_text(void *ctx, mdr_html_t *h, uint64_t at)
{
    mdr_page_front(ctx, h, at);
    behind_doctype(ctx, h);
}


static void
on_doctype(void *ctx, mdr_html_t *h, uint64_t at)
{
    mdr_page_run_t *run = ctx;

    run->part = 0;
    mdr_page_begin(run, at);
    behind_doctype(run, h);
}


static void
on_raw(void *ctx, mdr_html_t *h, const uint8_t *p, size_t n)
{
    mdr_page_run_t *run = ctx;

    if (h->raw_name == mdr_html_name((const uint8_t *) "style", 5)) {
        mdr_page_style_text(run, p, n);
        return;
    }

    if (h->raw_name != mdr_html_name((const uint8_t *) "title", 5)) {
        return;
    }

    if (n > MDR_TITLE_MAX - run->title_len) {
        n = MDR_TITLE_MAX - run->title_len;
    }

    memcpy(run->raw + run->title_len, p, n);
    run->title_len += n;
}


static void
on_tag(void *ctx, mdr_html_t *h)
{
    mdr_page_run_t *run = ctx;

    mdr_html_did_odd(h);

    if (!run->begun) {
        if (h->tag.id == T_HTML && !h->tag.end) {
            mdr_page_begin(run, h->tag.start);
        } else {
            mdr_page_front(run, h, h->tag.start);
        }
    }

    behind_doctype(run, h);

    if (!h->tag.end && (h->tag.id == T_HTML || h->tag.id == T_HEAD
                        || h->tag.id == T_BODY))
    {
        run->part = 0;
    }

    switch (h->tag.id) {

    case T_TITLE:
        if (!h->tag.end) {
            mdr_page_title_begin(run, h);
        } else if (run->titled == 1) {
            mdr_page_title_end(run, h, h->tag.start);
        }
        break;

    case T_STYLE:
        if (!h->tag.end) {
            mdr_page_matters(h);
            h->hook_raw = h->templates == 0 && h->noscript == 0;
        } else {
            h->hook_raw = 0;
            mdr_page_style_end(run, h);
        }
        break;

    case T_HEAD:
        if (!h->tag.end) {
            mdr_page_fill_all(run, MDR_AT_HEAD_START, h->tag.stop);
        } else {
            mdr_page_fill_all(run, MDR_AT_HEAD_END, h->tag.start);
        }
        break;

    case T_BODY:
        if (!h->tag.end) {
            mdr_page_fill_all(run, MDR_AT_BODY_START, h->tag.stop);
            break;
        }
        /* fall through */

    case T_HTML:
        if (h->tag.end && !run->body_ended && h->templates == 0) {
            run->body_ended = 1;
            mdr_page_fill_all(run, MDR_AT_BODY_END, h->tag.start);
        }
        break;
    }
}


/* does h->tag hide what stands in it? */

static inline int
unseen(const mdr_page_run_t *run, mdr_html_t *h)
{
    return mdr_html_unseen(h) || mdr_page_is_gone(run, h, NULL);
}


/* an element whose text a browser shows where it has nothing better, or as the
 * words of a list */

static int
is_fallback(uint8_t id)
{
    return id == T_NOSCRIPT || id == T_CANVAS || id == T_VIDEO
           || id == T_AUDIO || id == T_SELECT || id == T_DATALIST;
}


static void
on_look(void *ctx, mdr_html_t *h, mdr_open_t *e)
{
    mdr_page_run_t *run = ctx;

    if (h->tag.id == T_MARQUEE) {
        mdr_page_matters(h);            /* its size may be a hole            */
    }

    if (mdr_html_unseen(h)) {
        mdr_page_hidden_begin(run, h, e, h->tag.id == T_DIALOG);

    } else if (is_fallback(h->tag.id) || mdr_page_is_gone(run, h, e)
               || (h->tag.id == T_DETAILS
                   && mdr_css_attr(&h->tag, "open") == NULL))
    {
        mdr_page_hidden_begin(run, h, e, 1);

    } else if (h->tag.id != T_HTML && h->tag.id != T_BODY) {
        mdr_page_above(run, h, e);
    }
}


static void
on_closed(void *ctx, mdr_html_t *h, uint64_t serial, uint64_t end)
{
    mdr_page_run_t *run = ctx;

    uint32_t            i;
    mdr_page_region_t  *g;

    if (run->hidden == serial) {
        mdr_page_hidden_end(run, h, end, 1);
    }

    mdr_page_not_above(run, h, serial);

    for (i = run->nregions; i-- > 0; ) {
        g = &run->regions[i];

        if (g->serial != serial) {
            continue;
        }

        if (g->what == MDR_R_AFTER) {
            mdr_page_fill(run, g->n, end);

        } else if (g->what == MDR_R_ENTRY) {
            *(h->tag.start == g->stop ? &run->unseen : &run->have)
                |= 1u << g->n;

        } else if (g->what == MDR_R_ELEMENT
                   && !mdr_page_could_wait(run, g->start, end))
        {
            mdr_page_give_up(run, i);
            continue;

        } else if (g->what == MDR_R_ELEMENT) {
            mdr_page_take_out(run, g->start, end);
            mdr_page_guard(run, g->kind, MDR_ACT_BLOCK, g->detail,
                           strlen(g->detail), g->start, end);
        }

        mdr_page_drop(run, i);
    }
}


/* may the requirement be met by h->tag? */

static int
asks(const mdr_page_require_t *c, const mdr_html_t *h, uint8_t says)
{
    return c->selector != NULL && (c->tag == 0 || c->tag == h->tag.name)
           && (c->needle.len == 0 || (says & MDR_TAG_NEEDLE));
}


/* would a reader see the element of h->tag, e? */

static int
is_seen(const mdr_page_run_t *run, mdr_html_t *h, const mdr_open_t *e)
{
    return (run->hidden == MDR_NO_SERIAL || mdr_page_in_summary(run, h))
           && h->noscript == 0
           && !(h->style & MDR_IN_INERT)
           && h->quiet == 0
           && (e != NULL || !run->r->looks || !unseen(run, h));
}


/* is h->tag, e, a link that nothing but what stands in it can show? */

static int
is_bare(mdr_html_t *h, const mdr_open_t *e)
{
    return e != NULL && h->tag.id == T_A && PAGE_ATTR(h, "class") == NULL
           && PAGE_ATTR(h, "id") == NULL && PAGE_ATTR(h, "style") == NULL;
}


/* h->tag, e, is what requirement i asks for */

static void
met(mdr_page_run_t *run, mdr_html_t *h, mdr_open_t *e, uint32_t i)
{
    mdr_page_region_t  *g;

    if (!run->r->page->requires[i].any && !is_seen(run, h, e)) {
        run->unseen |= 1u << i;
        return;
    }

    if (!run->r->page->requires[i].any && !(run->have >> i & 1)
        && is_bare(h, e))
    {
        g = mdr_page_region(run, h, MDR_R_ENTRY, 0, e);

        if (g != NULL) {
            g->n = i;
            return;
        }
    }

    run->have |= 1u << i;
}


static void
on_opened(void *ctx, mdr_html_t *h, mdr_open_t *e, uint32_t at)
{
    mdr_page_run_t *run = ctx;

    uint8_t                    says;
    uint32_t                   i;
    mdr_page_region_t         *g;
    const mdr_require_t       *q;
    const mdr_page_require_t  *c;

    says = mdr_page_tag(run->r, &run->own, h);

    for (i = 0; i < run->r->page->nrequires; i++) {
        q = &run->r->page->requires[i];
        c = &run->r->requires[i];

        if (asks(c, h, says) && mdr_html_matches(h, c->selector, at)) {
            mdr_page_matters(h);
            met(run, h, e, i);
        }

        if (c->place == NULL || !mdr_html_matches(h, c->place, at)) {
            continue;
        }

        mdr_page_matters(h);

        if ((run->done >> i & 1) || (run->have >> i & 1)
            || !(run->k->conf.absent >> i & 1))
        {
            continue;
        }

        if (q->at == MDR_AT_BEFORE) {
            mdr_page_fill(run, i, h->tag.start);

        } else if (e == NULL) {
            mdr_page_fill(run, i, h->tag.stop);

        } else {
            g = mdr_page_region(run, h, MDR_R_AFTER, 0, e);
            if (g != NULL) {
                g->n = i;
            }
        }
    }

    if (h->tag.id == T_META) {
        mdr_page_description(run, h);

        if (run->r->links && mdr_page_is_refresh(h)) {
            mdr_page_matters(h);        /* its URL may be a hole             */
        }
    }

    if (!run->r->links) {
        return;
    }

    if (mdr_page_is_other(h, e)) {
        mdr_page_matters(h);            /* it may be a hole                  */
    }

    if (run->r->page->guard.nhosts != 0) {
        if (says & MDR_TAG_LEADS) {
            mdr_page_look_at_link(run, h, e);
        }

    } else if (run->hidden != MDR_NO_SERIAL) {
        if (PAGE_ATTR(h, "href") == NULL) {
            mdr_html_did_odd(h);        /* it may be one the next time       */
        }

        mdr_page_look_at_link(run, h, e);
    }
}


/* a requirement at the end: what became of it */

static void
account(mdr_page_run_t *run, uint32_t i)
{
    const mdr_require_t  *q;

    q = &run->r->page->requires[i];

    if (q->selector.len == 0 || (run->have >> i & 1) || run->part) {
        return;
    }

    if (run->unseen >> i & 1) {
        mdr_page_tell(run, MDR_PAGE_HIDDEN, MDR_ACT_NONE, q->id, NULL, 0, 0,
                      0);

    } else if (!(run->done >> i & 1)) {
        mdr_page_tell(run, MDR_PAGE_MISSING, MDR_ACT_NONE, q->id, NULL, 0, 0,
                          0);
    }
}


static void
on_end(void *ctx, mdr_html_t *h, uint64_t at)
{
    mdr_page_run_t *run = ctx;

    uint32_t            i;
    const mdr_guard_t  *g;

    g = &run->r->page->guard;

    if (run->titled == 1) {
        mdr_page_title_end(run, h, MDR_NO_POS);
    }

    if (run->hidden != MDR_NO_SERIAL) {
        mdr_page_hidden_end(run, h, at, 0);
        h->hook_looks = 0;
    }

    while (run->nregions != 0) {
        if (run->regions[0].what == MDR_R_AFTER) {
            mdr_page_fill(run, run->regions[0].n, at);
            mdr_page_drop(run, 0);
        } else {
            mdr_page_give_up(run, 0);
        }
    }

    run->whole = 1;

    /* behind an open comment or script nothing would be seen */

    if (!run->body_ended && h->state == MDR_HTML_DATA) {
        run->body_ended = 1;
        mdr_page_fill_all(run, MDR_AT_BODY_END, at);
    }

    for (i = 0; i < run->r->page->nrequires; i++) {
        account(run, i);
    }

    if (run->part) {
        return;
    }

    if (run->titled == 0 && g->title.len != 0) {
        mdr_page_guard(run, MDR_PAGE_TITLE, MDR_ACT_NONE, NULL, 0, at, at);
    }

    if (!run->described && g->description.len != 0) {
        mdr_page_guard(run, MDR_PAGE_DESCRIPTION, MDR_ACT_NONE, NULL, 0, at,
                       at);
    }
}


static int
on_concerns(void *ctx, mdr_html_t *h)
{
    mdr_page_run_t *run = ctx;

    uint8_t                    says, kind;
    uint32_t                   i;
    const mdr_attr_t          *a;
    const mdr_page_require_t  *c;

    if (run->r->looks && run->hidden == MDR_NO_SERIAL && unseen(run, h)) {
        return 1;
    }

    says = mdr_page_tag(run->r, &run->own, h);

    for (i = 0; i < run->r->page->nrequires; i++) {
        c = &run->r->requires[i];

        if ((asks(c, h, says) && mdr_html_matches(h, c->selector, h->n))
            || (c->place != NULL && mdr_html_matches(h, c->place, h->n)))
        {
            return 1;
        }
    }

    if (!run->r->links) {
        return 0;
    }

    if (run->r->page->guard.nhosts == 0) {
        return run->hidden != MDR_NO_SERIAL;
    }

    if (!(says & MDR_TAG_LEADS)) {
        return 0;
    }

    a = mdr_page_link_of(h, &kind);

    return (a != NULL && !mdr_page_own(&run->r->hosts, &run->own,
                                       h->tag.p + a->value,
                                       a->value_end - a->value))
           || ((h->tag.id == T_A || h->tag.id == T_AREA)
               && PAGE_ATTR(h, "ping") != NULL);
}


static const mdr_html_hooks_t  hooks = {
    on_tag, on_opened, on_concerns, on_look, mdr_page_hole, mdr_page_value,
    on_closed, on_text, on_doctype, on_raw, on_end
};

#if defined(__SSE2__)
static const mdr_html_hooks_t  hooks_32 = {
    on_tag, on_opened, on_concerns, on_look, mdr_page_hole, mdr_page_value_32,
    on_closed, on_text, on_doctype, on_raw, on_end
};
#else
#define hooks_32  hooks
#endif


mdr_page_run_t *
mdr_page_open(mdr_sink_t *k, mdr_html_t *h, uint32_t page)
{
    mdr_page_run_t  *run;

    run = mdr_alloc(k->alloc, sizeof(mdr_page_run_t));
    if (run == NULL) {
        return NULL;
    }

    memset(run, 0, offsetof(mdr_page_run_t, regions));
    memset(run->own.first, 0, sizeof(run->own.first));
    mdr_buf_init(&run->css, k->alloc);
    run->title_len = 0;
    run->text_len = 0;
    run->title[0] = '\0';
    run->k = k;
    run->h = h;
    run->page = page;
    run->r = mdr_pages_rules(k->policy->pages, page);
    run->enforce = k->conf.mode == MDR_MODE_ENFORCE
                   && run->r->page->mode == MDR_MODE_ENFORCE;
    run->front = MDR_NO_POS;
    run->hidden = MDR_NO_SERIAL;

    if (h == NULL) {
        run->begun = 1;
        return run;
    }

    mdr_html_hook(h, mdr_html_wide() ? &hooks_32 : &hooks, run);

    run->begun = run->r->page->guard.front == MDR_FRONT_ANY;
    run->part = k->conf.part;
    h->hook_all = !run->begun || run->part;
    h->hook_looks = run->r->looks;

    return run;
}


void
mdr_page_member(mdr_page_run_t *run, uint32_t n)
{
    if (n < run->r->page->nrequires) {
        run->have |= 1u << n;
    }
}


void
mdr_page_json_end(mdr_page_run_t *run)
{
    uint32_t              i;
    const mdr_require_t  *q;

    run->whole = 1;

    for (i = 0; i < run->r->page->nrequires; i++) {
        q = &run->r->page->requires[i];

        if (q->member.len != 0 && !(run->have >> i & 1)) {
            mdr_page_tell(run, MDR_PAGE_MISSING, MDR_ACT_NONE, q->id, NULL, 0,
                          0, 0);
        }
    }
}


void
mdr_page_free(mdr_page_run_t *run)
{
    if (run != NULL) {
        mdr_page_sheet_free(run);
        mdr_free(run->k->alloc, run);
    }
}


void
mdr_page_seen(const mdr_page_run_t *run, mdr_page_seen_t *seen)
{
    uint32_t  i;

    seen->whole = run->whole && !run->part;
    seen->missing = 0;
    seen->title.data = run->title;
    seen->title.len = (uint32_t) run->text_len;

    for (i = 0; i < run->r->page->nrequires; i++) {
        if (run->r->page->requires[i].selector.len != 0
            && !(run->have >> i & 1))
        {
            seen->missing |= 1u << i;
        }
    }
}
