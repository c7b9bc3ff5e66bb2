/*
 * page_tell.c - what is told of a page, and what goes into it.
 */

#include "page_run.h"
#include "scan/scan.h"
#include "base/utf8.h"

#include <string.h>


#define TEXT_MAX   512                  /* of a detail                       */
#define FOUND_MAX  64                   /* told of a response                */


void
mdr_page_tell(mdr_page_run_t *run, uint8_t kind, uint8_t action, mdr_str_t id,
    const char *detail, size_t n, uint64_t start, uint64_t end)
{
    size_t            len;
    mdr_sink_t       *k;
    mdr_page_found_t  f;

    k = run->k;

    if (k->conf.found == NULL || run->nfound == FOUND_MAX) {
        return;
    }

    run->nfound++;

    for (len = n < TEXT_MAX ? n : TEXT_MAX;
         len < n && len != 0 && ((uint8_t) detail[len] & 0xc0) == 0x80; len--)
    {
        /* not in the midst of a character */
    }

    memset(&f, 0, sizeof(f));
    f.page = run->page;
    f.name = run->r->page->name;
    f.kind = kind;
    f.mode = run->enforce ? MDR_MODE_ENFORCE : MDR_MODE_SHADOW;
    f.action = action;
    f.id = id;
    f.detail.data = detail;
    f.detail.len = (uint32_t) len;
    f.start = start;
    f.end = end;

    k->conf.found(k->conf.ctx, &f);
}


void
mdr_page_guard(mdr_page_run_t *run, uint8_t kind, uint8_t action,
    const char *detail, size_t n, uint64_t start, uint64_t end)
{
    mdr_str_t  id;

    id.data = mdr_page_word(kind);
    id.len = (uint32_t) strlen(id.data);

    /* what has left has no place any more in another charset */

    if (run->k->wide) {
        start = start >= run->k->settled ? mdr_scan_source(run->k, start) : 0;
        end = start != 0 ? mdr_scan_source(run->k, end) : 0;
    }

    mdr_page_tell(run, kind, action, id, detail, n, start, end);
}


/* what is written in the charset of the page, as references where it has no
 * such character */

static void
insert(mdr_page_run_t *run, uint64_t at, mdr_str_t text)
{
    char         ref[16];
    size_t       i, n, len;
    uint8_t      buf[8];
    uint32_t     cp, v;
    mdr_buf_t    out;
    mdr_sink_t  *k;

    k = run->k;

    if (!k->wide) {
        mdr_edit_put(k, at, at, text.data, text.len);
        return;
    }

    mdr_buf_init(&out, k->alloc);

    for (i = 0; i < text.len; i += len) {
        cp = mdr_utf8_next((const uint8_t *) text.data + i, text.len - i,
                           &len);
        len = len != 0 ? len : 1;

        if (cp < 0x80 || mdr_encode(k->cs, cp, buf) != 0) {
            (void) mdr_buf_add(&out, text.data + i, len);
            continue;
        }

        n = sizeof(ref);
        ref[--n] = ';';

        for (v = cp; v != 0; v /= 10) {
            ref[--n] = (char) ('0' + v % 10);
        }

        ref[--n] = '#';
        ref[--n] = '&';
        (void) mdr_buf_add(&out, ref + n, sizeof(ref) - n);
    }

    mdr_edit_put(k, at, at, out.data, out.len);
    mdr_buf_done(&out);
}


/* requirement i goes in at this place, if it is known to be missing */

void
mdr_page_fill(mdr_page_run_t *run, uint32_t i, uint64_t at)
{
    const mdr_require_t  *q;

    q = &run->r->page->requires[i];

    if ((run->done >> i & 1) || run->part) {
        return;
    }

    run->done |= 1u << i;

    if (run->enforce) {
        insert(run, at, q->insert);
    }

    mdr_page_tell(run, run->enforce ? MDR_PAGE_INSERTED : MDR_PAGE_MISSING,
         MDR_ACT_NONE, q->id, NULL, 0, mdr_scan_source(run->k, at),
         mdr_scan_source(run->k, at));
}


/* a place that the page has once: what was missing the last time goes there,
 * at the end of the body what is */

void
mdr_page_fill_all(mdr_page_run_t *run, uint8_t place, uint64_t at)
{
    uint32_t              i;
    const mdr_require_t  *q;

    for (i = 0; i < run->r->page->nrequires; i++) {
        q = &run->r->page->requires[i];

        if (q->insert.len == 0 || q->at != place || (run->have >> i & 1)) {
            continue;
        }

        if (place == MDR_AT_BODY_END || (run->k->conf.absent >> i & 1)) {
            mdr_page_fill(run, i, at);
        }
    }
}
