/*
 * page_run.h - one response of a page, for the files that read it.
 *
 * A guard that blocks takes a *region*: an element from its start tag to its
 * end, the text of a title, what stands before the document.  Its bytes wait
 * until its end is known; where that is farther than max_slot or never comes,
 * a link loses its start tag alone, and of the rest nothing goes.
 */

#ifndef MDR_PAGE_RUN_H
#define MDR_PAGE_RUN_H

#include "page_in.h"
#include "html/html_learn.h"


#define MDR_ABOVE      32               /* elements, see page_gone.c         */
#define MDR_REGIONS    16               /* at once                           */
#define MDR_TITLE_MAX  4096             /* bytes of a title                  */

enum { MDR_R_ELEMENT, MDR_R_HIDDEN, MDR_R_TITLE, MDR_R_FRONT,
       MDR_R_AFTER, MDR_R_ENTRY };

typedef struct {
    uint64_t  serial;                   /* of its element                    */
    uint64_t  start, stop;              /* start tag                         */
    uint8_t   what;                     /* R_*                               */
    uint8_t   kind;                     /* MDR_PAGE_*                        */
    uint8_t   tag;
    uint8_t   holds;
    uint32_t  n;                        /* R_AFTER, R_ENTRY: the requirement */
    char      detail[MDR_HOST_MAX];
} mdr_page_region_t;

typedef struct mdr_sheet_s  mdr_sheet_t;

struct mdr_page_run_s {
    mdr_sink_t              *k;
    const mdr_page_rules_t  *r;
    mdr_html_t              *h;
    uint32_t                 page;
    uint8_t                  enforce;
    uint8_t                  begun;     /* <!doctype or <html has come       */
    uint8_t                  part;      /* until a tag says that it is none  */
    uint8_t                  body_ended, whole;
    uint8_t                  titled;    /* 1: it is being read, 2: it has    */
    uint8_t                  described;
    uint32_t                 have, unseen, done;    /* a bit a requirement   */
    uint32_t                 nfound;
    uint64_t                 front;     /* first byte before the document    */
    uint64_t                 title_at;
    uint64_t                 hidden;    /* serial, MDR_NO_SERIAL: none       */
    uint64_t                 hidden_at;
    uint32_t                 hidden_links;
    uint32_t                 hidden_all;    /* in all that is hidden         */
    uint8_t                  hidden_soft;   /* as menus are, mostly          */
    uint8_t                  folded;        /* it is <details>               */
    mdr_sheet_t             *sheet;     /* NULL: none has come               */
    mdr_buf_t                css;       /* text of the one at hand, ...      */
    uint32_t                 css_len;   /* ... of so many bytes; it is that  */
    int                      css_known; /* of a known one, or -1             */
    uint32_t                 nabove;
    struct {
        uint64_t  serial;
        uint64_t  parts;                /* a bit a part of the sheet         */
    }                        above[MDR_ABOVE];
    uint32_t                 nregions;
    mdr_page_region_t        regions[MDR_REGIONS];
    mdr_own_t                own;
    size_t                   title_len, text_len;
    uint8_t                  raw[MDR_TITLE_MAX];
    char                     title[MDR_TITLE_MAX + 32];
};


/* h->tag, or a card or unit around it, matters: it is read each time */
static inline void
mdr_page_matters(mdr_html_t *h)
{
    h->unusual++;
    mdr_html_did_odd(h);
}

/* page_tell.c */

void mdr_page_tell(mdr_page_run_t *run, uint8_t kind, uint8_t action,
    mdr_str_t id, const char *detail, size_t n, uint64_t start, uint64_t end);
/* what a guard has found */
void mdr_page_guard(mdr_page_run_t *run, uint8_t kind, uint8_t action,
    const char *detail, size_t n, uint64_t start, uint64_t end);
/* requirement i goes in at this place, if it is known to be missing */
void mdr_page_fill(mdr_page_run_t *run, uint32_t i, uint64_t at);
/* a place that the page has once: what was missing the last time goes there,
 * at the end of the body what is */
void mdr_page_fill_all(mdr_page_run_t *run, uint8_t place, uint64_t at);

/* page_region.c */

/* NULL: there are too many at once */
mdr_page_region_t *mdr_page_region(mdr_page_run_t *run, mdr_html_t *h,
    uint8_t what, uint8_t kind, mdr_open_t *e);
/* may bytes from start to end have waited?  Asked of places, not of pieces: the
 * answer is the same however the body came */
int mdr_page_could_wait(const mdr_page_run_t *run, uint64_t start,
    uint64_t end);
void mdr_page_drop(mdr_page_run_t *run, uint32_t i);
/* the end of region i is not near: what can be done without */
void mdr_page_give_up(mdr_page_run_t *run, uint32_t i);
void mdr_page_take_out(mdr_page_run_t *run, uint64_t start, uint64_t end);

/* page_front.c */

/* the document begins at `at`; something stands before it */
void mdr_page_begin(mdr_page_run_t *run, uint64_t at);
void mdr_page_front(mdr_page_run_t *run, mdr_html_t *h, uint64_t at);
void mdr_page_title_begin(mdr_page_run_t *run, mdr_html_t *h);
/* the title has been read, up to `at` */
void mdr_page_title_end(mdr_page_run_t *run, mdr_html_t *h, uint64_t at);
/* h->tag is a meta */
void mdr_page_description(mdr_page_run_t *run, mdr_html_t *h);

/* page_gone.c */

/* text of a <style>; its end */
void mdr_page_style_text(mdr_page_run_t *run, const uint8_t *p, size_t n);
void mdr_page_style_end(mdr_page_run_t *run, mdr_html_t *h);
/* do the style sheets in the page so far hide the element of h->tag, e (NULL: it
 * is not open)? */
int mdr_page_is_gone(const mdr_page_run_t *run, mdr_html_t *h,
    const mdr_open_t *e);
/* what is in e may be hidden because it is; e, of that serial, has ended */
void mdr_page_above(mdr_page_run_t *run, mdr_html_t *h, mdr_open_t *e);
void mdr_page_not_above(mdr_page_run_t *run, mdr_html_t *h, uint64_t serial);
void mdr_page_sheet_free(mdr_page_run_t *run);

/* page_guard.c */

/* an attribute of h->tag that is not empty, or NULL */
const mdr_attr_t *mdr_page_attr(mdr_html_t *h, const char *name, size_t len);
#define PAGE_ATTR(h, s)  mdr_page_attr(h, s, sizeof(s) - 1)
/* is its value this word, of lower case, in any case? */
int mdr_page_value_is(mdr_html_t *h, const mdr_attr_t *a, const char *s,
    size_t n);
int mdr_page_is_refresh(mdr_html_t *h);
/* where the tag leads; its kind in *kind, or NULL */
const mdr_attr_t *mdr_page_link_of(mdr_html_t *h, uint8_t *kind);
void mdr_page_look_at_link(mdr_page_run_t *run, mdr_html_t *h, mdr_open_t *e);
/* what is hidden begins with h->tag, e (soft: by what hides menus and notices
 * on ordinary pages, so that links to the own site do not count); ends */
void mdr_page_hidden_begin(mdr_page_run_t *run, mdr_html_t *h, mdr_open_t *e,
    int soft);
void mdr_page_hidden_end(mdr_page_run_t *run, mdr_html_t *h, uint64_t end,
    int closed);
/* does what is open stand in the part of closed <details> that is shown? */
int mdr_page_in_summary(const mdr_page_run_t *run, const mdr_html_t *h);

/* page_other.c */

/* of markup or a script that is the value of an attribute: the first host that
 * is not listed; its length */
size_t mdr_page_host_within(mdr_page_run_t *run, const uint8_t *p, size_t n,
    char host[MDR_HOST_MAX]);
/* a value of h->tag that leads to a host that is not listed: its length */
size_t mdr_page_foreign_host(mdr_page_run_t *run, mdr_html_t *h,
    const mdr_attr_t *a, uint8_t kind, char host[MDR_HOST_MAX]);
/* the other attributes of h->tag, e, that lead somewhere */
size_t mdr_page_other_host(mdr_page_run_t *run, mdr_html_t *h,
    const mdr_open_t *e, uint8_t *kind, char host[MDR_HOST_MAX]);
/* may it do so by one that is a hole of learned markup? */
int mdr_page_is_other(mdr_html_t *h, const mdr_open_t *e);

/* page_guard.c, too: html.h, hooks */
uint8_t mdr_page_hole(void *ctx, const mdr_html_t *h, const mdr_attr_t *a,
    uint32_t *from);

/* page_needle.c */

/* html.h, hooks; _32: of a machine that has AVX2 */
int mdr_page_value(void *ctx, uint8_t hole, const uint8_t *p, size_t n,
    size_t room);
int mdr_page_value_32(void *ctx, uint8_t hole, const uint8_t *p, size_t n,
    size_t room);

#endif
