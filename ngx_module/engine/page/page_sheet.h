/*
 * page_sheet.h - the style elements of a page, for the files that read them.
 *
 *   page_sheet.c     text -> rules that hide, and rules that show
 *   page_selector.c  the selectors of these
 *   page_gone.c      which rules are about an element; sheets that are known
 *                    from an earlier response
 */

#ifndef MDR_PAGE_SHEET_H
#define MDR_PAGE_SHEET_H

#include "page_run.h"

#define MDR_SHEET_WORDS   4             /* of a compound                     */
#define MDR_SHEET_ABOVE   3             /* compounds before the last one     */
#define MDR_SHEET_PARTS   64            /* of all rules, these               */
#define MDR_SHEET_RULES   256
#define MDR_SHEET_VARS    32
#define MDR_SHEET_BYTES   (256u * 1024)     /* of all sheets of a page       */
#define MDR_SHEET_HEADS   256

enum { MDR_G_DISPLAY, MDR_G_SEEN, MDR_G_PLACE, MDR_G_INK, MDR_GROUPS };

typedef struct {
    uint32_t  at, len;                  /* in names                          */
    uint8_t   id;                       /* #, else a class                   */
} mdr_sheet_name_t;

typedef struct {                        /* a compound                        */
    mdr_name_t        tag;              /* 0: any                            */
    uint8_t           nnames;
    mdr_sheet_name_t  names[MDR_SHEET_WORDS];
} mdr_sheet_part_t;

typedef struct {
    mdr_sheet_part_t  last;
    uint32_t          weight;           /* specificity                       */
    uint32_t          order;
    uint8_t           hides, says;      /* a bit a group                     */
    uint8_t           nabove;
    uint8_t           above[MDR_SHEET_ABOVE];   /* parts, the inner one first */
    uint8_t           child;            /* a bit: it is the parent           */
    uint16_t          next;             /* with the same key, + 1; 0: none   */
} mdr_sheet_rule_t;

struct mdr_sheet_s {
    const mdr_alloc_t  *alloc;
    uint32_t            refs;
    uint32_t            hash;           /* of what it hides                  */
    uint32_t            nhiding, nrules, nparts, nvars;
    uint32_t            read;           /* bytes, with those of sheets before */
    mdr_buf_t           names;
    uint16_t            heads[MDR_SHEET_HEADS];     /* of rules by their key */
    mdr_sheet_part_t    parts[MDR_SHEET_PARTS];
    struct {
        mdr_sheet_name_t  name, value;
    } vars[MDR_SHEET_VARS];
    mdr_sheet_rule_t    rules[MDR_SHEET_RULES];
};

/* a byte that says which of MDR_SHEET_HEADS a name is looked for in */
static inline uint8_t
mdr_sheet_key(const uint8_t *p, size_t n)
{
    return (uint8_t) (p[0] * 7 + p[n - 1] * 31 + n * 13);
}

static inline uint8_t
mdr_sheet_tag_key(mdr_name_t tag)
{
    return (uint8_t) (tag * 0x9e3779b97f4a7c15ULL >> 56);
}

/* page_sheet.c: what the text, without comments, adds to s */
void mdr_sheet_read(mdr_sheet_t *s, uint8_t *text, size_t n);

/* page_selector.c: the n bytes at p, one selector, into r; 0: it is none that
 * is understood.  hides: all of it has to be, else its last compound */
int mdr_sheet_selector(mdr_sheet_t *s, const uint8_t *p, size_t n, int hides,
    mdr_sheet_rule_t *r);

#endif
