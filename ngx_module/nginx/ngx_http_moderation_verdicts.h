/*
 * ngx_http_moderation_verdicts.h - what a worker knows of cards, accounts and
 * orders: the mapped tables.
 *
 *   verdicts.c         the directive, the mappings, what becomes of a damaged
 *                      one
 *   verdicts_begin.c   a response: switches, slots that hold nothing yet
 *   verdicts_item.c    one item: orders, its account; what is left as a hint
 *   verdicts_card.c    the card's own verdict, what fills up a floor
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


typedef struct ngx_http_moderation_verdicts_look_s
    ngx_http_moderation_verdicts_look_t;


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
    ngx_http_moderation_verdicts_look_t  *look;     /* under way, or NULL    */
    ngx_uint_t                            said;     /* a bit a table         */
} ngx_http_moderation_verdicts_t;

extern ngx_http_moderation_verdicts_t  ngx_http_moderation_verdicts;


/* of a response */

typedef struct {
    uint64_t       generation;              /* of hints; 0: nothing is asked */
    uint32_t       clock;                   /* seconds, of expiry            */
    uint8_t       *slot_modes;              /* or NULL                       */
    uint8_t       *unstable;                /* [nslots] or NULL              */
    uint32_t      *fresh, *filled;          /* [nslots] shown; by the floor  */
    uint32_t      *looked;                  /* [nslots] looked up            */
    ngx_uint_t     reviews;                 /* bits: MDL_REVIEW_* seen       */
    uint64_t       host[2];                 /* of orders for one host        */
    unsigned       stale:1;
    unsigned       missing:1;
    unsigned       hosts:1;                 /* there are any                 */
} ngx_http_moderation_verdicts_ctx_t;


char *ngx_http_moderation_set_verdicts(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
void ngx_http_moderation_verdicts_stop(void);
/* a table, if it can be looked at now */
mdl_map_t *ngx_http_moderation_table(ngx_uint_t kind);
/* what stands for a table in hints and the status */
uint64_t ngx_http_moderation_verdicts_generation(void);

ngx_uint_t ngx_http_moderation_switched_on(ngx_http_request_t *r,
    mdr_policy_t *policy);

/* words of a hint: what was found is left beside the card, so that the same
 * bytes cost neither hash nor look-up while no table has changed */

enum {
    HINT_GENERATION,            /* of tables, policy, location; 0: none      */
    HINT_PRINT,                 /* two: the fingerprint                      */
    HINT_ANSWER = HINT_PRINT + 2,   /* stand, review, reason                 */
    HINT_EXPIRY,                /* of the release, seconds; 0: none          */
    HINT_ITEM,                  /* two: hash of the item                     */
    HINT_ACCOUNT = HINT_ITEM + 2,   /* two                                   */
    HINT_ID = HINT_ACCOUNT + 2, /* two: of the decision, see ledger_item.c   */
    HINT_ENTRY = HINT_ID + 2
};

/* cards of a slot that were looked up for the last response: those of the next
 * one are fetched together, before they are asked for */

#define NGX_HTTP_MODERATION_AHEAD  48

struct ngx_http_moderation_ahead_s {
    ngx_uint_t  n;
    uint64_t    print[NGX_HTTP_MODERATION_AHEAD][2];
};

/* verdicts_look.c */

/* a thread looks at the files of a folder; NULL: no memory */
ngx_http_moderation_verdicts_look_t *ngx_http_moderation_verdicts_look_start(
    ngx_str_t *dir);
ngx_uint_t ngx_http_moderation_verdicts_look_done(
    ngx_http_moderation_verdicts_look_t *look);
/* behind look_done(): the file of a table, or NULL */
const struct stat *ngx_http_moderation_verdicts_look_file(
    ngx_http_moderation_verdicts_look_t *look, ngx_uint_t kind);
/* it is freed, by its thread if that still runs */
void ngx_http_moderation_verdicts_look_leave(
    ngx_http_moderation_verdicts_look_t *look);

/* verdicts_phrase.c */

/* the phrases of the orders table have changed */
void ngx_http_moderation_phrases_load(ngx_log_t *log);
/* a phrase that one of the texts has, UINT32_MAX: none has any */
uint32_t ngx_http_moderation_phrases_find(const mdr_ask_t *ask);
/* the key of the next of these; *at begins at 0; NULL: no more */
const uint8_t *ngx_http_moderation_phrase(size_t *at);


#endif /* _NGX_HTTP_MODERATION_VERDICTS_H_INCLUDED_ */
