/*
 * ngx_http_moderation.h - what the files of the nginx glue share.
 *
 * filter_module.c  directives and configuration
 * mode.c           off, shadow or enforce
 * preaccess.c      conditional and range fields of the request
 * asset.c          304 and 206 for what is not read
 * header.c         header filter: whether and how a response is read
 * filter.c         body filter: buffers in and out
 * close.c          the end of a response that is cut
 * place.c          where the reader is
 * geoip2.h         databases for that, see there
 * scan.c           one scan a response
 * chain.c          the buffers that leave
 * inflate.c        compressed bodies
 * candidate.c      a second policy beside the live one
 * vars.c           $moderation_*
 * store.h zone.h status.h  policies of a running nginx, see there
 */

#ifndef _NGX_HTTP_MODERATION_H_INCLUDED_
#define _NGX_HTTP_MODERATION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "moderation.h"
#include "ngx_http_moderation_inflate.h"
#include "ngx_http_moderation_geoip2.h"
#include "ngx_http_moderation_store.h"
#include "ngx_http_moderation_ledger.h"
#include "ngx_http_moderation_verdicts.h"


/* mode of a location: MDR_MODE_*, or a value worked out for each request */

#define NGX_HTTP_MODERATION_VALUE      3

#define NGX_HTTP_MODERATION_ERR_PASS   0
#define NGX_HTTP_MODERATION_ERR_BLOCK  1

/* no type has a longer name (RFC 6838, 4.2: 127 and 127).  It is compared in
 * a buffer of its own: a look-up that needs memory could fail, and the body
 * would pass unread */

#define NGX_HTTP_MODERATION_TYPE_MAX   256


/* a bit of c->buffered that no part of nginx uses: input waits here */

#define NGX_HTTP_MODERATION_BUFFERED   0x40

#define NGX_HTTP_MODERATION_PLAIN      16384    /* bytes of a decoded piece  */


typedef struct {
    ngx_http_moderation_zone_t   *zone;
    ngx_array_t                   stores;   /* ngx_http_moderation_store_t * */
    ngx_path_t                   *image_path;
    ngx_uint_t                    may_enforce;
    ngx_array_t                   geos;     /* ngx_http_moderation_geo_t     */
    ngx_uint_t                    needs_geo;
    ngx_uint_t                    needs_accounts;
    ngx_http_moderation_ledger_conf_t  ledger;
    ngx_http_moderation_verdicts_conf_t  verdicts;
} ngx_http_moderation_main_conf_t;


typedef struct {
    ngx_uint_t                    mode;
    ngx_http_complex_value_t     *mode_value;

    ngx_str_t                     policy;
    ngx_str_t                     kill;
    ngx_str_t                     shadow;
    ngx_msec_t                    check;
    ngx_uint_t                    last_good;    /* start=                    */
    ngx_http_moderation_store_t  *store;
    ngx_http_moderation_store_t  *candidate;    /* of shadow, or NULL        */

    ngx_hash_t                    types;
    ngx_array_t                  *types_keys;

    size_t                        max_slot;
    ngx_uint_t                    on_error;
    ngx_uint_t                    tags;     /* MDR_TAGS_*                    */
    ngx_http_complex_value_t     *debug;

    ngx_uint_t                    place;        /* NGX_HTTP_MODERATION_PLACE_ */
    ngx_http_complex_value_t     *place_value;
    ngx_http_complex_value_t     *client_value;
    ngx_http_complex_value_t     *account_value;
    ngx_str_t                     site;
    ngx_flag_t                    private;
    ngx_flag_t                    ledger;
} ngx_http_moderation_loc_conf_t;


/* the buffers that leave, see chain.c */

typedef struct {
    ngx_pool_t                   *pool;
    ngx_chain_t                  *out, **last_out;
    ngx_buf_t                    *tail;     /* last buffer of out            */
    ngx_chain_t                  *busy, **last_busy;
    ngx_chain_t                  *free_blocks;
    ngx_chain_t                  *free_slices;
    ngx_chain_t                  *special, *free_special;
    ngx_buf_t                    *slice;    /* last into the current input   */
    ngx_uint_t                    blocks;   /* own memory on its way         */
    ngx_uint_t                    slices;
    unsigned                      unflushed:1;
} ngx_http_moderation_chain_t;


typedef struct ngx_http_moderation_candidate_s
    ngx_http_moderation_candidate_t;


typedef struct {
    ngx_http_request_t               *request;
    ngx_http_moderation_main_conf_t  *mcf;
    ngx_http_moderation_gen_t        *gen;
    mdr_scan_t                       *scan;
    mdr_scan_stats_t                  stats;

    ngx_uint_t                        mode;
    ngx_chain_t                      *in;       /* not yet read              */
    u_char                           *pos;      /* in the first of it        */
    ngx_http_moderation_chain_t       chain;

    ngx_http_moderation_inflate_t    *inflate;
    u_char                           *plain;    /* one piece, decoded        */

    u_char                           *hit;      /* a bit a rule              */
    ngx_uint_t                       *seen;     /* items a slot, for brakes  */
    ngx_uint_t                       *braked;   /* hits a brake and slot     */
    ngx_http_moderation_candidate_t  *candidate;/* or NULL                   */
    ngx_uint_t                        differ;   /* items it decides otherwise*/
    ngx_uint_t                        errors;   /* bits                      */
    ngx_uint_t                        skip;     /* NGX_HTTP_MODERATION_SKIP_ */
    uint64_t                          time_ns;
    ngx_http_moderation_ledger_ctx_t  ledger;
    struct {                            /* pages.c                           */
        uint32_t                      n;        /* 1 + its number, 0: none   */
        ngx_str_t                     name;
        ngx_uint_t                    key;      /* in the zone               */
        ngx_uint_t                    found;    /* 1 << MDR_PAGE_*           */
        unsigned                      remembers:1;
        unsigned                      spiders:1;
    } page;
    ngx_http_moderation_verdicts_ctx_t  verdicts;

    /* moderation_debug: decisions for the trailer */
    ngx_str_t                         tell;
    ngx_uint_t                        told;

    /* what all rules that hit would have done, had they enforced */
    ngx_uint_t                        would_action;
    uint64_t                          would_removed, would_held,
                                      would_masked, would_tagged;

    /* turn.c */
    ngx_queue_t                       turn;     /* of those that wait        */
    uint64_t                          pauses;   /* how often it has waited   */
    size_t                            piece;    /* bytes to read at once     */
    ngx_msec_t                        read_at;  /* the last one              */
    uint64_t                          read_from;
    uint64_t                          steps, steps_told;   /* of the matcher */

    ngx_event_t                       close;    /* of a cut response         */
    ngx_msec_t                        close_by;

    unsigned                          active:1; /* bytes go through us       */
    unsigned                          waiting:1;/* for its turn              */
    unsigned                          granted:1;/* a piece, at any price     */
    unsigned                          debug:1;
    unsigned                          passing:1;/* inspection has ended      */
    unsigned                          ended:1;  /* statistics are final      */
    unsigned                          cut:1;
    unsigned                          nomem:1;
    unsigned                          block:1;  /* on_error in enforce       */
    unsigned                          compared:1;   /* differ is a number    */
    unsigned                          lifted:1; /* from shadow, by a switch */
    unsigned                          hashed:1; /* scripts, by their policy  */
} ngx_http_moderation_ctx_t;


/* header.c */

void ngx_http_moderation_header_init(void);
/* fields that speak of the body go out of a list, or of trailers */
void ngx_http_moderation_clear_digests(ngx_list_t *list);

/* account.c */

char *ngx_http_moderation_set_account(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* $moderation_account_state (data 0), $moderation_credit, at any time */
ngx_int_t ngx_http_moderation_account_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);

/* place.c */

/* the value of a directive that must have a variable */
char *ngx_http_moderation_compile_value(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_complex_value_t **value);
char *ngx_http_moderation_set_geoip2(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_moderation_set_jurisdiction(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
char *ngx_http_moderation_set_client(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* where the reader is; empty: unknown.  Valid for this call only */
void ngx_http_moderation_place(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, ngx_str_t *place);
/* $moderation_jurisdiction, at any time */
ngx_int_t ngx_http_moderation_jurisdiction(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
/* no shared cache keeps the response */
ngx_int_t ngx_http_moderation_private(ngx_http_request_t *r,
    ngx_uint_t no_cache);

/* close.c */

/* the response ends here: as soon as what has been settled is sent, client
 * and upstream are closed */
void ngx_http_moderation_close(ngx_http_moderation_ctx_t *ctx);

/* filter.c */

ngx_int_t ngx_http_moderation_filter_init(ngx_conf_t *cf);

/* turn.c */

/* 1: a piece of ctx->piece bytes may be read now, and turn_end() is called
 * behind it.  0: the response waits, it will be called again */
ngx_uint_t ngx_http_moderation_turn_begin(ngx_http_moderation_ctx_t *ctx);
void ngx_http_moderation_turn_end(ngx_http_moderation_ctx_t *ctx);
/* it waits no more */
void ngx_http_moderation_turn_leave(ngx_http_moderation_ctx_t *ctx);

/* scan.c */

ngx_int_t ngx_http_moderation_work_init(ngx_cycle_t *cycle);
void ngx_http_moderation_work_done(void);
ngx_http_moderation_ctx_t *ngx_http_moderation_ctx_new(
    ngx_http_request_t *r);
/* opens the scan; type is MDR_TYPE_*, an empty charset is unknown */
ngx_int_t ngx_http_moderation_open(ngx_http_moderation_ctx_t *ctx,
    ngx_http_moderation_loc_conf_t *mlcf, ngx_str_t *charset, uint8_t type);
/* bytes, or the end, to the scan; MDR_OK, MDR_CUT or MDR_ERROR */
int ngx_http_moderation_feed(ngx_http_moderation_ctx_t *ctx, u_char *p,
    size_t len, ngx_uint_t last);
/* the sender flushes: nothing waits for a charset */
int ngx_http_moderation_feed_flush(ngx_http_moderation_ctx_t *ctx);
/* the scan is over: its numbers stay, its memory goes */
void ngx_http_moderation_end(ngx_http_moderation_ctx_t *ctx);
/* slots.c: a whole response: the items of each slot are counted */
void ngx_http_moderation_slots(ngx_http_moderation_ctx_t *ctx);
/* kind is MDR_ERR_* or NGX_HTTP_MODERATION_E_* */
void ngx_http_moderation_glue_error(ngx_http_moderation_ctx_t *ctx,
    ngx_uint_t kind);
/* the context of a main request, also behind an internal redirect */
ngx_http_moderation_ctx_t *ngx_http_moderation_get_ctx(ngx_http_request_t *r);

/* candidate.c */

/* the same bytes through a candidate policy, with the conf of the live scan;
 * NULL: no memory.  Its policy is referenced until it is freed */
ngx_http_moderation_candidate_t *ngx_http_moderation_candidate_new(
    ngx_http_moderation_store_t *store, ngx_http_moderation_gen_t *live,
    ngx_http_moderation_zone_t *zone, mdr_work_t *work,
    const mdr_scan_conf_t *conf);
/* what the live scan has been fed; last: the end of the body.  The steps of
 * its matcher so far */
uint64_t ngx_http_moderation_candidate_feed(ngx_http_moderation_candidate_t *c,
    u_char *p, size_t len, ngx_uint_t last);
/* an item that the live policy has decided */
void ngx_http_moderation_candidate_live(ngx_http_moderation_candidate_t *c,
    const mdr_item_t *item);
/* accounts; the number of items that it decides otherwise */
ngx_uint_t ngx_http_moderation_candidate_free(
    ngx_http_moderation_candidate_t *c);

/* filter_module.c */

/* debug.c: moderation_debug */
ngx_uint_t ngx_http_moderation_debug_on(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf);
/* before the header is sent; gen may be NULL, skip is
 * NGX_HTTP_MODERATION_SKIP_* */
void ngx_http_moderation_debug_header(ngx_http_request_t *r, ngx_uint_t mode,
    ngx_http_moderation_gen_t *gen, ngx_uint_t skip);
void ngx_http_moderation_debug_item(ngx_http_moderation_ctx_t *ctx,
    const mdr_item_t *item);
/* all items were told: the trailer */
void ngx_http_moderation_debug_end(ngx_http_moderation_ctx_t *ctx);

extern ngx_module_t  ngx_http_moderation_filter_module;

/* mode.c */

/* the directive */
char *ngx_http_moderation_set_mode(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* MDR_MODE_*; *bad: the value is no known word */
ngx_uint_t ngx_http_moderation_mode(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, ngx_uint_t *bad);

/* ledger.c */

char *ngx_http_moderation_set_ledger(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_moderation_set_id_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
/* postconfiguration: what the record needs is there */
ngx_int_t ngx_http_moderation_ledger_check(ngx_conf_t *cf);
/* a worker begins and ends */
ngx_int_t ngx_http_moderation_ledger_start(ngx_cycle_t *cycle,
    ngx_http_moderation_main_conf_t *mmcf);
void ngx_http_moderation_ledger_stop(void);

/* ledger_item.c */

void ngx_http_moderation_ledger_item_init(void);
/* an item that is to be recorded */
void ngx_http_moderation_ledger_decided(ngx_http_moderation_ctx_t *ctx,
    const mdr_item_t *item);
/* one that is known by its bytes and is out or held: it is counted */
void ngx_http_moderation_ledger_known(ngx_http_moderation_ctx_t *ctx,
    const mdr_item_t *item);
void ngx_http_moderation_ledger_page(ngx_http_moderation_ctx_t *ctx,
    const mdr_page_found_t *f);
void ngx_http_moderation_ledger_error(ngx_http_moderation_ctx_t *ctx,
    const char *kind);
/* the text of an id, until the next call */
u_char *ngx_http_moderation_ledger_text(const uint64_t id[2]);
/* the full line is to come once more */
ngx_uint_t ngx_http_moderation_ledger_draw(mdr_str_t slot,
    const uint64_t print[2]);
ngx_uint_t ngx_http_moderation_ledger_flaps(const mdr_review_info_t *info,
    const uint8_t *item, const uint8_t *print, ngx_uint_t fresh);
ngx_uint_t ngx_http_moderation_ledger_over(mdr_str_t slot);
ngx_uint_t ngx_http_moderation_ledger_again(const mdr_item_t *item,
    mdl_count_entry_t *e);
/* MDL_HASH bytes, or NULL: the slot has none */
const uint8_t *ngx_http_moderation_fingerprint(const mdr_item_t *item);

/* verdicts.c */

ngx_int_t ngx_http_moderation_verdicts_start(ngx_cycle_t *cycle,
    ngx_http_moderation_main_conf_t *mmcf);

/* verdicts_begin.c: a scan begins: conf gets what it needs; and ends */
ngx_int_t ngx_http_moderation_verdicts_begin(ngx_http_moderation_ctx_t *ctx,
    mdr_scan_conf_t *conf);
void ngx_http_moderation_verdicts_end(ngx_http_moderation_ctx_t *ctx);

/* verdicts_card.c */

/* what its fingerprint stands for; trusted: its account is */
void ngx_http_moderation_card(ngx_http_moderation_ctx_t *ctx, uint32_t slot,
    const mdr_review_info_t *info, ngx_uint_t trusted, uint64_t *w,
    mdr_answer_t *answer);
/* a response is over: so many fresh cards did its slots have */
void ngx_http_moderation_floors_keep(ngx_http_moderation_ctx_t *ctx);

/* verdicts_item.c */

void ngx_http_moderation_ask(void *data, const mdr_ask_t *ask,
    mdr_answer_t *answer);
void ngx_http_moderation_ask_account(void *data, mdr_str_t account_id,
    mdr_account_t *account);

/* ledger_tell.c */

void ngx_http_moderation_ledger_tell(ngx_http_moderation_main_conf_t *mmcf);
void ngx_http_moderation_ledger_counts(ngx_uint_t all);
void ngx_http_moderation_ledger_gone(const mdl_count_entry_t *gone);

/* preaccess.c */

ngx_int_t ngx_http_moderation_preaccess_init(ngx_conf_t *cf);

/* asset.c */

/* what preaccess has taken out of the request */
typedef struct {
    ngx_str_t    if_none_match, if_modified_since, range, if_range;
    unsigned     range_kept:1;          /* the content handler has seen it   */
} ngx_http_moderation_fields_t;

/* of the main request; make: NULL is no memory */
ngx_http_moderation_fields_t *ngx_http_moderation_fields(
    ngx_http_request_t *r, ngx_uint_t make);
/* is the type, with or without parameters, one of moderation_types? */
ngx_uint_t ngx_http_moderation_type_inspected(
    ngx_http_moderation_loc_conf_t *mlcf, u_char *type, size_t len);
/* no page can come of the conditions, or the range, of the request */
ngx_uint_t ngx_http_moderation_conditions_known(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf);
ngx_uint_t ngx_http_moderation_range_known(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf);
/* an answer that is not inspected: fields are given back to it.  learn: it
 * never is, whatever the request */
void ngx_http_moderation_asset(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, ngx_uint_t learn);
/* what was learned goes: another configuration, in the same process */
void ngx_http_moderation_asset_reset(void);
/* the URI is a page */
void ngx_http_moderation_asset_not(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf);

/* pages.c */

/* is the response a page of the policy?  What the scan has to know of it */
ngx_int_t ngx_http_moderation_page_begin(ngx_http_moderation_ctx_t *ctx,
    mdr_scan_conf_t *conf);
/* the scan has ended: what is kept for the next response of the page */
void ngx_http_moderation_page_end(ngx_http_moderation_ctx_t *ctx);
ngx_int_t ngx_http_moderation_page_variable(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v);

/* vars.c */

ngx_int_t ngx_http_moderation_add_variables(ngx_conf_t *cf);

/* chain.c */

void ngx_http_moderation_chain_init(ngx_http_moderation_chain_t *ch,
    ngx_pool_t *pool);
/* bytes leave; input: they lie in the current input buffer */
ngx_int_t ngx_http_moderation_chain_add(ngx_http_moderation_chain_t *ch,
    const u_char *data, size_t len, ngx_uint_t input);
/* a whole buffer leaves as it is, where it cannot be read */
ngx_int_t ngx_http_moderation_chain_whole(ngx_http_moderation_chain_t *ch,
    ngx_buf_t *b);
/* the current input buffer is read; its flags go on.  end: also last_buf */
ngx_int_t ngx_http_moderation_chain_input_done(
    ngx_http_moderation_chain_t *ch, ngx_buf_t *b, ngx_uint_t end);
/* what has been added must not wait */
ngx_int_t ngx_http_moderation_chain_flush(ngx_http_moderation_chain_t *ch);
/* the current input buffer is given back unread */
void ngx_http_moderation_chain_consume(ngx_buf_t *b);
/* hands out to the next filter and takes back what has been sent */
ngx_int_t ngx_http_moderation_chain_send(ngx_http_moderation_chain_t *ch,
    ngx_http_request_t *r, ngx_http_output_body_filter_pt next);
/* as much is on its way as may be */
ngx_uint_t ngx_http_moderation_chain_full(ngx_http_moderation_chain_t *ch);


#endif /* _NGX_HTTP_MODERATION_H_INCLUDED_ */
