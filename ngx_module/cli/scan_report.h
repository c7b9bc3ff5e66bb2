/*
 * scan_report.h - what `moderationctl scan` shares between its files:
 *
 *   cmd_scan.c     options, one scan a source
 *   scan_source.c  where bodies come from: files, folders, HAR, a server
 *   scan_json.c    an item as a JSON line
 *   scan_page.c    findings of the page as a whole
 *   scan_text.c    an item as a row for people, and the summary
 *   scan_fields.c  fields that never had a text
 */

#ifndef MDR_CLI_SCAN_REPORT_H
#define MDR_CLI_SCAN_REPORT_H

#include "line.h"
#include "moderation.h"

#include <stdio.h>

/* what became of the items of one slot */
typedef struct {
    uint64_t    items, passed, tagged, masked, held, blocked, over_limit;
    uint64_t    unread;
    uint64_t    read;               /* items whose texts are known           */
    uint32_t    nfields;
    uint8_t    *with_text;          /* [nfields]: in some item               */
    mdr_str_t  *names;              /* [nfields]                             */
} scan_sum_t;

typedef struct {
    const mdr_policy_t  *policy;
    const char          *slot;          /* only this one, or NULL            */
    const char          *page;          /* URL that the body is of, or NULL  */
    uint32_t             absent;
    const char          *source;        /* name of the body that is read     */
    int                  many;          /* bodies may be several: named      */
    int                  apply, text;
    mdr_account_t        account;       /* of every item                     */
    int                  zh;            /* text in Chinese                   */
    int                  hits, errors, failed;
    uint64_t             sources, items;
    uint64_t             next;          /* seq to be printed                 */
    line_t              *waiting;       /* [seq - next]                      */
    size_t               nwaiting, cap;
    uint32_t             nsums;
    scan_sum_t          *sums;          /* [slot]                            */
    uint32_t             last_slot;     /* of the row before; UINT32_MAX     */
} scan_t;

/* the line of an item, at the end of l */
void scan_json_item(line_t *l, const scan_t *s, const mdr_item_t *it);
void scan_text_item(line_t *l, scan_t *s, const mdr_item_t *it);
void scan_json_found(line_t *l, const scan_t *s, const mdr_page_found_t *f);
void scan_text_found(const mdr_page_found_t *f);
int scan_page_of(const char *url, mdr_str_t *host, mdr_str_t *path);
int scan_absent(const mdr_policy_t *p, uint32_t page, const char *id,
    uint32_t *bits);
void scan_text_summary(const scan_t *s);
void scan_fields_count(scan_sum_t *t, const mdr_item_t *it);
/* those without a text in any item are said: in text, or as JSON lines on
 * standard error */
void scan_fields_tell(const scan_t *s);
void scan_fields_free(scan_t *s);

/* a body: bytes in memory or a stream, not both */
typedef struct {
    const char      *name;
    const char      *charset;           /* as its source says; NULL          */
    FILE            *file;
    const uint8_t   *data;
    size_t           len;
} scan_body_t;

typedef void (*scan_body_fn)(void *ctx, const scan_body_t *body);

/*
 * Calls fn with each body of a path: a file, "-" for standard input, a HAR
 * file (each answer in it that has a body), a folder (each file below it,
 * by name, hidden ones left out).  -1: something could not be read, which
 * was said; the others were.
 */
int scan_source_path(const char *path, scan_body_fn fn, void *ctx);
/* the answer to a GET of an http or https URL */
int scan_source_url(const char *url, scan_body_fn fn, void *ctx);

#endif
