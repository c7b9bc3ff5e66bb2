/*
 * page_region.c - bytes that wait until it is known whether they go.
 */

#include "page_run.h"
#include "html/html_tags.h"
#include "scan/scan.h"

#include <string.h>


mdr_page_region_t *
mdr_page_region(mdr_page_run_t *run, mdr_html_t *h, uint8_t what, uint8_t kind,
    mdr_open_t *e)
{
    mdr_page_region_t  *g;

    if (run->nregions == MDR_REGIONS) {
        return NULL;
    }

    g = &run->regions[run->nregions++];
    g->serial = e != NULL ? e->serial : MDR_NO_SERIAL;
    g->start = h->tag.start;
    g->stop = h->tag.stop;
    g->what = what;
    g->kind = kind;
    g->tag = h->tag.id;
    g->holds = what != MDR_R_AFTER && what != MDR_R_ENTRY;
    g->detail[0] = '\0';

    if (e != NULL) {
        e->marks |= MDR_OPEN_ITEMS_END;
    }

    return g;
}


int
mdr_page_could_wait(const mdr_page_run_t *run, uint64_t start, uint64_t end)
{
    return end - start <= run->k->conf.max_slot;
}


void
mdr_page_drop(mdr_page_run_t *run, uint32_t i)
{
    run->nregions--;
    memmove(&run->regions[i], &run->regions[i + 1],
            (run->nregions - i) * sizeof(mdr_page_region_t));
}


void
mdr_page_give_up(mdr_page_run_t *run, uint32_t i)
{
    const char         *text;
    mdr_page_region_t  *g;

    g = &run->regions[i];

    if (g->what == MDR_R_ELEMENT) {

        /* an element without what it led to; the rest is told elsewhere */

        text = g->tag == T_SCRIPT ? "<script type=\"text/plain\">"
               : g->tag == T_IFRAME ? "<iframe>"
               : g->tag == T_OBJECT ? "<object>"
               : g->tag == T_FORM ? "<form>" : "<a>";

        mdr_edit_put(run->k, g->start, g->stop, text, strlen(text));
        mdr_page_guard(run, g->kind, MDR_ACT_BLOCK, g->detail,
                       strlen(g->detail), g->start, g->stop);
    }

    if (g->what == MDR_R_ENTRY) {
        run->have |= 1u << g->n;        /* it holds what is not closed       */
    }

    mdr_page_drop(run, i);
}


uint64_t
mdr_page_hold(mdr_page_run_t *run, uint64_t scanned)
{
    uint32_t  i;
    uint64_t  hold;

    hold = MDR_NO_POS;

    for (i = 0; i < run->nregions; ) {

        if (!run->regions[i].holds) {
            i++;
            continue;
        }

        if (scanned > run->regions[i].start
            && scanned - run->regions[i].start > run->k->conf.max_slot)
        {
            mdr_page_give_up(run, i);
            continue;
        }

        hold = run->regions[i].start < hold ? run->regions[i].start : hold;
        i++;
    }

    return hold;
}


void
mdr_page_take_out(mdr_page_run_t *run, uint64_t start, uint64_t end)
{
    (void) mdr_edit_remove(run->k, start, end, mdr_edit_gap(run->k, start), 0);
}
