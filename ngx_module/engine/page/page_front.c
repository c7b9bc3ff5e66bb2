/*
 * page_front.c - what stands before the document, its title, its description.
 */

#include "page_run.h"
#include "html/html_tags.h"
#include "scan/scan.h"


void
mdr_page_begin(mdr_page_run_t *run, uint64_t at)
{
    int       gone;
    uint32_t  i;

    if (run->begun) {
        return;
    }

    run->begun = 1;
    run->h->hook_all = 0;

    if (run->front == MDR_NO_POS) {
        return;
    }

    gone = 0;

    for (i = 0; i < run->nregions; i++) {
        if (run->regions[i].what == MDR_R_FRONT) {
            if (mdr_page_could_wait(run, run->front, at)) {
                (void) mdr_edit_remove(run->k, run->front, at, NULL, 0);
                gone = 1;
            }
            mdr_page_drop(run, i);
            break;
        }
    }

    gone |= !run->enforce && run->r->page->guard.front == MDR_FRONT_BLOCK;
    mdr_page_guard(run, MDR_PAGE_FRONT, gone ? MDR_ACT_BLOCK : MDR_ACT_NONE,
                   NULL, 0, run->front, at);
}


void
mdr_page_front(mdr_page_run_t *run, mdr_html_t *h, uint64_t at)
{
    mdr_page_region_t  *g;

    if (run->begun || run->front != MDR_NO_POS) {
        return;
    }

    run->front = at;

    if (run->enforce && run->r->page->guard.front == MDR_FRONT_BLOCK) {
        g = mdr_page_region(run, h, MDR_R_FRONT, MDR_PAGE_FRONT, NULL);

        if (g != NULL) {
            g->start = at;
        }
    }
}


void
mdr_page_title_end(mdr_page_run_t *run, mdr_html_t *h, uint64_t at)
{
    int                 bad, gone;
    uint32_t            i;
    const mdr_guard_t  *g;

    g = &run->r->page->guard;
    gone = !run->enforce && g->block;
    run->titled = 2;
    h->hook_raw = 0;
    run->text_len = mdr_page_plain(run->raw, run->title_len, run->title,
                                   sizeof(run->title));
    bad = mdr_page_is_bad(run->r, MDR_PAT_TITLE, MDR_PAT_TITLE_NOT,
                          run->title, run->text_len);

    for (i = 0; i < run->nregions; i++) {
        if (run->regions[i].what == MDR_R_TITLE) {
            if (bad && at != MDR_NO_POS
                && mdr_page_could_wait(run, run->title_at, at))
            {
                (void) mdr_edit_remove(run->k, run->title_at, at, NULL, 0);
                gone = 1;
            }
            mdr_page_drop(run, i);
            break;
        }
    }

    if (bad) {
        mdr_page_guard(run, MDR_PAGE_TITLE,
                       gone ? MDR_ACT_BLOCK : MDR_ACT_NONE, run->title,
                       run->text_len, run->title_at,
                       at != MDR_NO_POS ? at : run->title_at);
    }
}


void
mdr_page_title_begin(mdr_page_run_t *run, mdr_html_t *h)
{
    mdr_page_region_t  *g;
    const mdr_guard_t  *guards;

    if (run->titled != 0 || h->templates != 0
        || (h->n != 0 && mdr_html_top(h)->ns != MDR_NS_HTML))
    {
        return;
    }

    guards = &run->r->page->guard;
    mdr_page_matters(h);
    run->titled = 1;
    run->title_at = h->tag.stop;
    h->hook_raw = 1;

    if (run->enforce && guards->block
        && (guards->title.len != 0 || guards->title_not.len != 0))
    {
        g = mdr_page_region(run, h, MDR_R_TITLE, MDR_PAGE_TITLE, NULL);

        if (g != NULL) {
            g->start = h->tag.stop;
        }
    }
}


void
mdr_page_description(mdr_page_run_t *run, mdr_html_t *h)
{
    int                block;
    char               text[MDR_TITLE_MAX];
    size_t             n;
    const mdr_attr_t  *a;

    if ((run->r->codes[MDR_PAT_DESC] == NULL
         && run->r->codes[MDR_PAT_DESC_NOT] == NULL)
        || !mdr_page_value_is(h, PAGE_ATTR(h, "name"), "description", 11))
    {
        return;
    }

    mdr_page_matters(h);                /* it may be the first, elsewhere    */

    if (run->described) {
        return;
    }

    run->described = 1;
    a = PAGE_ATTR(h, "content");
    n = 0;
    text[0] = '\0';

    if (a != NULL) {
        n = mdr_page_plain(h->tag.p + a->value, a->value_end - a->value, text,
                           sizeof(text));
    }

    if (!mdr_page_is_bad(run->r, MDR_PAT_DESC, MDR_PAT_DESC_NOT, text, n)) {
        return;
    }

    block = run->r->page->guard.block;

    if (block && run->enforce) {
        mdr_page_take_out(run, h->tag.start, h->tag.stop);
    }

    mdr_page_guard(run, MDR_PAGE_DESCRIPTION,
                   block ? MDR_ACT_BLOCK : MDR_ACT_NONE, text, n,
                   h->tag.start, h->tag.stop);
}
