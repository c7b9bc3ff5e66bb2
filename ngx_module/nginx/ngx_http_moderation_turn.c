/*
 * ngx_http_moderation_turn.c - how long reading may keep the event loop.
 *
 * Responses are read a piece at a time.  Once reading has taken TURN in one
 * turn of the event loop, of whatever responses, who has read a piece in it
 * waits for the next one; past TURN_LAST nobody reads any more.  Who waits
 * stands in one queue of the worker and goes on in its order, a piece each, so
 * that a page which costs little is not behind all of one that costs much.
 *
 * Time is what counts, and the matcher's steps: they are the same on any
 * machine, and of a processor that others use as well the clock says too much.
 *
 * A piece is small where bytes have been expensive: of those that come next it
 * is not known what they cost, so a response begins with a small one.
 */


#include "ngx_http_moderation.h"


#define NGX_HTTP_MODERATION_TURN          10000000   /* ns                   */
#define NGX_HTTP_MODERATION_TURN_LAST     14000000
#define NGX_HTTP_MODERATION_TURN_STEPS    262144     /* of the matcher       */
#define NGX_HTTP_MODERATION_PIECE_NS      2000000    /* a piece may take     */
#define NGX_HTTP_MODERATION_PIECE_STEPS   131072
#define NGX_HTTP_MODERATION_PIECE_MIN     4096
#define NGX_HTTP_MODERATION_PIECE_FIRST   8192
#define NGX_HTTP_MODERATION_PIECE_MAX     32768


static void ngx_http_moderation_turn_handler(ngx_event_t *ev);


static ngx_queue_t  ngx_http_moderation_waiting;
static ngx_uint_t   ngx_http_moderation_nwaiting;
static ngx_event_t  ngx_http_moderation_turns;

/* of the turn that has this time: what reading has taken, and its steps.
 * Others wait by the clock; what is told of a turn is its processor time, so
 * that it says nothing of what else the machine does */
static ngx_msec_t  ngx_http_moderation_now;
static uint64_t    ngx_http_moderation_used_ns;
static uint64_t    ngx_http_moderation_used_steps;
static uint64_t    ngx_http_moderation_cpu_ns;  /* at its begin              */


static uint64_t
ngx_http_moderation_ns(clockid_t clock)
{
    struct timespec  t;

    (void) clock_gettime(clock, &t);

    return (uint64_t) t.tv_sec * 1000000000 + (uint64_t) t.tv_nsec;
}


static void
ngx_http_moderation_wait(ngx_http_moderation_ctx_t *ctx)
{
    if (ngx_http_moderation_turns.handler == NULL) {
        ngx_queue_init(&ngx_http_moderation_waiting);
        ngx_http_moderation_turns.handler = ngx_http_moderation_turn_handler;
    }

    ctx->pauses++;
    ctx->waiting = 1;
    ngx_http_moderation_nwaiting++;
    ngx_http_moderation_turns.log = ngx_cycle->log;
    ngx_queue_insert_tail(&ngx_http_moderation_waiting, &ctx->turn);

    if (!ngx_http_moderation_turns.posted) {
        ngx_post_event(&ngx_http_moderation_turns, &ngx_posted_next_events);
    }
}


void
ngx_http_moderation_turn_leave(ngx_http_moderation_ctx_t *ctx)
{
    if (ctx->waiting) {
        ctx->waiting = 0;
        ngx_http_moderation_nwaiting--;
        ngx_queue_remove(&ctx->turn);
    }
}


/* again: for who has read a piece in it */

static ngx_uint_t
ngx_http_moderation_is_over(ngx_uint_t again)
{
    return ngx_http_moderation_used_steps > NGX_HTTP_MODERATION_TURN_STEPS
           || (again
               && (ngx_http_moderation_used_ns > NGX_HTTP_MODERATION_TURN
                   || ngx_http_moderation_nwaiting != 0));
}


ngx_uint_t
ngx_http_moderation_turn_begin(ngx_http_moderation_ctx_t *ctx)
{
    ngx_uint_t  again;

    if (ctx->waiting) {
        return 0;
    }

    if (ngx_http_moderation_now != ngx_current_msec) {
        ngx_http_moderation_now = ngx_current_msec;
        ngx_http_moderation_used_ns = 0;
        ngx_http_moderation_used_steps = 0;
        ngx_http_moderation_cpu_ns = ngx_http_moderation_ns(
                                                    CLOCK_THREAD_CPUTIME_ID);
    }

    again = ctx->read_at == ngx_http_moderation_now;

    if (!ctx->granted
        && (ngx_http_moderation_used_ns > NGX_HTTP_MODERATION_TURN_LAST
            || ngx_http_moderation_is_over(again)))
    {
        ngx_http_moderation_wait(ctx);
        return 0;
    }

    if (ctx->piece == 0) {
        ctx->piece = NGX_HTTP_MODERATION_PIECE_FIRST;
    }

    ctx->granted = 0;
    ctx->read_at = ngx_http_moderation_now;
    ctx->read_from = ngx_http_moderation_ns(CLOCK_MONOTONIC);

    return 1;
}


/* the longest turns, for the status; no turn takes more of a processor than by
 * the clock, so few have to be asked */

static void
ngx_http_moderation_turn_tell(ngx_http_moderation_zone_t *zone)
{
    uint64_t  ns;

    if (zone == NULL || zone->data == NULL
        || (ngx_http_moderation_used_ns <= zone->data->turn_ns
            && ngx_http_moderation_used_steps <= zone->data->turn_steps))
    {
        return;
    }

    ns = ngx_http_moderation_ns(CLOCK_THREAD_CPUTIME_ID)
         - ngx_http_moderation_cpu_ns;

    ngx_http_moderation_zone_turn(zone, ns, ngx_http_moderation_used_steps);
}


void
ngx_http_moderation_turn_end(ngx_http_moderation_ctx_t *ctx)
{
    uint64_t  took, steps;

    took = ngx_http_moderation_ns(CLOCK_MONOTONIC) - ctx->read_from;
    steps = ctx->steps - ctx->steps_told;

    if (took > NGX_HTTP_MODERATION_PIECE_NS
        || steps > NGX_HTTP_MODERATION_PIECE_STEPS)
    {
        ctx->piece = ngx_max(ctx->piece / 2, NGX_HTTP_MODERATION_PIECE_MIN);

    } else if (took < NGX_HTTP_MODERATION_PIECE_NS / 3
               && steps < NGX_HTTP_MODERATION_PIECE_STEPS / 3)
    {
        ctx->piece = ngx_min(ctx->piece * 2, NGX_HTTP_MODERATION_PIECE_MAX);
    }

    ngx_http_moderation_used_ns += took;
    ngx_http_moderation_used_steps += steps;
    ctx->steps_told = ctx->steps;

    ngx_http_moderation_turn_tell(ctx->mcf->zone);
}


/* others have had their turn: those that wait go on, as far as time allows.
 * Those that come to wait meanwhile do so for the next turn */

static void
ngx_http_moderation_turn_handler(ngx_event_t *ev)
{
    ngx_uint_t                  n, first;
    ngx_queue_t                *q;
    ngx_connection_t           *c;
    ngx_http_request_t         *r;
    ngx_http_moderation_ctx_t  *ctx;

    n = ngx_http_moderation_nwaiting;

    for (first = 1;
         n-- != 0 && ngx_http_moderation_nwaiting != 0
         && (first || ngx_http_moderation_now != ngx_current_msec
             || ngx_http_moderation_used_ns <= NGX_HTTP_MODERATION_TURN);
         first = 0)
    {
        q = ngx_queue_head(&ngx_http_moderation_waiting);
        ctx = ngx_queue_data(q, ngx_http_moderation_ctx_t, turn);
        ngx_http_moderation_turn_leave(ctx);

        c = ctx->request->connection;

        if (c->error || c->destroyed) {
            continue;
        }

        /* one reads a piece, however much new responses have taken of this
         * turn: nobody waits for ever */

        ctx->granted = first;

        /* a subrequest may be what is being sent; its own handler sees what
         * comes of it, and goes on */

        r = c->data;

        (void) ngx_http_output_filter(r, NULL);
        r->write_event_handler(r);
        ngx_http_run_posted_requests(c);
    }

    if (ngx_http_moderation_nwaiting != 0 && !ev->posted) {
        ngx_post_event(ev, &ngx_posted_next_events);
    }
}
