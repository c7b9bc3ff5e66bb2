/*
 * ngx_http_moderation_ledger.h - the record, as far as a worker writes it.
 *
 *   ledger.c        directives, the worker's place and thread, its tick
 *   ledger_item.c   an item to its decision: ids, the entry, the line
 *   ledger_rate.c   samples, cards that flap, how much a slot may write
 *   ledger_tell.c   what is told from time to time: counts, statistics
 *
 * Rings, entries and the thread are ngx_module/ledger's, which knows nothing
 * of nginx.
 */

#ifndef _NGX_HTTP_MODERATION_LEDGER_H_INCLUDED_
#define _NGX_HTTP_MODERATION_LEDGER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ledger/writer.h"


#define NGX_HTTP_MODERATION_DECISIONS  8    /* ids in $moderation_decisions  */
#define NGX_HTTP_MODERATION_SOURCES    8    /* cards whose bytes are kept    */
#define NGX_HTTP_MODERATION_DRAWN      2    /* report of an item: a sample   */


typedef struct {
    ngx_str_t      dir;                     /* len 0: no record              */
    size_t         buffer;
    ngx_msec_t     flush;
    off_t          max;
    ngx_uint_t     samples;                 /* a day and slot                */
    ngx_uint_t     flap;                    /* fingerprints an hour          */
    ngx_uint_t     quota;                   /* distinct lines, a minute      */
    ngx_str_t      key_file;
    mdl_key_t      key;
} ngx_http_moderation_ledger_conf_t;


/* what this worker has of it */

typedef struct {
    mdl_area_t                         *area;       /* NULL: no record       */
    ngx_http_moderation_ledger_conf_t  *conf;
    ngx_int_t                           place;      /* -1: none              */
    uint64_t                            owner;
    mdl_writer_t                       *writer;
    ngx_event_t                         tick;
    char                               *line;       /* [MDL_LINE_MAX]        */
} ngx_http_moderation_ledger_t;

extern ngx_http_moderation_ledger_t  ngx_http_moderation_ledger;


/* of a response */

typedef struct {
    u_char         ids[NGX_HTTP_MODERATION_DECISIONS][MDL_ID];
    ngx_uint_t     nids, nsources;
    unsigned       on:1;
    unsigned       lost:1;
} ngx_http_moderation_ledger_ctx_t;


static ngx_inline uint64_t
ngx_http_moderation_now_ms(void)
{
    return (uint64_t) ngx_cached_time->sec * 1000 + ngx_cached_time->msec;
}


/* a line of len bytes into our ring; NGX_ERROR: its number alone (len 0:
 * there is no line for it) */
ngx_int_t ngx_http_moderation_ledger_put(size_t len, ngx_uint_t last);
/* lines that were not kept, by all */
uint64_t ngx_http_moderation_ledger_lost(void);
/* ok; failing: lines wait; full: the spool is */
const char *ngx_http_moderation_ledger_state(void);
/* the number that it will have */
uint64_t ngx_http_moderation_ledger_next(void);


#endif /* _NGX_HTTP_MODERATION_LEDGER_H_INCLUDED_ */
