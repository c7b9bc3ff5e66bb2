/*
 * ngx_http_moderation_verdicts.h - what a worker knows of cards, accounts and
 * orders: the mapped tables.
 *
 *   verdicts.c         the directive, the mappings, what becomes of a damaged
 *                      one
 *   verdicts_item.c    one item: orders, accounts, the card's own verdict
 *   verdicts_phrase.c  phrases of orders
 */

#ifndef _NGX_HTTP_MODERATION_VERDICTS_H_INCLUDED_
#define _NGX_HTTP_MODERATION_VERDICTS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "moderation.h"
#include "ledger/table.h"


#define NGX_HTTP_MODERATION_MISSING_HOLD   0
#define NGX_HTTP_MODERATION_MISSING_PASS   1
#define NGX_HTTP_MODERATION_STALE_KEEP     0
#define NGX_HTTP_MODERATION_STALE_HOLD     1


typedef struct {
    ngx_str_t      dir;                     /* len 0: none                   */
    ngx_uint_t     missing, on_stale;
} ngx_http_moderation_verdicts_conf_t;


/* what this worker has of them */

typedef struct {
    ngx_http_moderation_verdicts_conf_t  *conf;     /* NULL: none            */
    mdl_map_t                             maps[MDL_TABLES];
    dev_t                                 dev[MDL_TABLES];
    ino_t                                 ino[MDL_TABLES];
    ngx_atomic_t                          bus[MDL_TABLES];  /* of a SIGBUS   */
    ngx_uint_t                            opened;   /* so many times         */
    mdr_policy_t                         *phrases;  /* or NULL               */
    uint8_t                             (*phrase_keys)[MDL_HASH];
    ngx_uint_t                            nphrases;
    mdr_work_t                           *work;
    char                                  boot[40];
    ngx_event_t                           tick;
    ngx_uint_t                            said;     /* a bit a table         */
} ngx_http_moderation_verdicts_t;

extern ngx_http_moderation_verdicts_t  ngx_http_moderation_verdicts;


/* of a response */

typedef struct {
    uint64_t       generation;              /* of hints; 0: nothing is asked */
    uint32_t       clock;                   /* seconds, of expiry            */
    uint8_t       *slot_modes;              /* or NULL                       */
    uint32_t      *fresh, *filled;          /* [nslots] shown; by the floor  */
    ngx_uint_t     reviews;                 /* bits: MDL_REVIEW_* seen       */
    unsigned       stale:1;
    unsigned       missing:1;
} ngx_http_moderation_verdicts_ctx_t;


char *ngx_http_moderation_set_verdicts(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
void ngx_http_moderation_verdicts_stop(void);
/* a table, if it can be looked at now */
mdl_map_t *ngx_http_moderation_table(ngx_uint_t kind);
/* what stands for a table in hints and the status */
uint64_t ngx_http_moderation_verdicts_generation(void);

/* verdicts_phrase.c */

/* the phrases of the orders table have changed */
void ngx_http_moderation_phrases_load(ngx_log_t *log);
/* the key of the phrase that one of the texts has, or NULL */
const uint8_t *ngx_http_moderation_phrase(const mdr_ask_t *ask);


#endif /* _NGX_HTTP_MODERATION_VERDICTS_H_INCLUDED_ */
