/*
 * page.h - pages: what a response as a whole must have and must not have.
 *
 *   pages.c      the pages of a policy, compiled; which one a response is
 *   page.c       one response: what the HTML scanner tells (html.h, hooks);
 *                page_run.h: with page_front.c, page_guard.c, page_region.c,
 *                page_tell.c
 *   page_tag.c   what the bytes of a tag tell before it is read;
 *                page_needle.c: of what has to be there
 *   page_sheet.c what the style elements of the page hide: page_sheet.h
 *   page_link.c  hosts of links
 *   page_text.c  title and description against patterns
 *
 * Nothing waits for what is only known at the end.  What is inserted there
 * goes to the end; for another place the host remembers it until the next
 * response of the page.  Bytes wait only where a guard shall take them, as
 * long as an item of the same size would.
 */

#ifndef MDR_PAGE_H
#define MDR_PAGE_H

#include "base/model.h"
#include "sink.h"

typedef struct mdr_pages_s  mdr_pages_t;
typedef struct mdr_page_run_s  mdr_page_run_t;
typedef struct mdr_sheets_s  mdr_sheets_t;      /* of a worker: page_gone.c  */

/* NULL: no memory, or damaged */
mdr_pages_t *mdr_pages_new(const mdr_model_t *m, const mdr_alloc_t *alloc,
    mdr_arena_t *arena);
void mdr_pages_free(mdr_pages_t *p);
/* rules of the scanner for the page; as policy->html, and the page's */
const mdr_html_rules_t *mdr_pages_html(const mdr_pages_t *p, uint32_t page);
/* as policy->json, or NULL: the page requires no member */
const mdr_json_rules_t *mdr_pages_json(const mdr_pages_t *p, uint32_t page);

/* what is wrong with a pattern, or NULL */
const char *mdr_pattern_bad(mdr_str_t pattern);

/* the response of k is the page; its HTML is read by h (NULL: it is JSON).
 * NULL: no memory */
mdr_page_run_t *mdr_page_open(mdr_sink_t *k, mdr_html_t *h, uint32_t page);
void mdr_page_free(mdr_page_run_t *run);
/* bytes from here on may still go; at most max_slot bytes before scanned */
uint64_t mdr_page_hold(mdr_page_run_t *run, uint64_t scanned);
/* JSON: member n is there; the body has ended */
void mdr_page_member(mdr_page_run_t *run, uint32_t n);
void mdr_page_json_end(mdr_page_run_t *run);
void mdr_page_seen(const mdr_page_run_t *run, mdr_page_seen_t *seen);
void mdr_page_sheets_free(mdr_sheets_t *c);

#endif
