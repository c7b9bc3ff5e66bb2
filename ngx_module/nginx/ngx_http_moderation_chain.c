/*
 * ngx_http_moderation_chain.c - the buffers that leave.
 *
 * Three kinds of own buffers, all recycled:
 *
 *     slices   point into an input buffer.  The last slice of an input buffer
 *              has it as its shadow: when that slice has been sent, the input
 *              is given back to whoever made it, and not before.
 *     blocks   own memory, for what the engine had to keep and for pieces too
 *              small to be worth a slice.
 *     special  no bytes, only flags.  They look sent from the beginning, so
 *              they are reused only when nothing below us holds anything.
 *
 * An input buffer without a slice is given back at once, with its bytes in
 * blocks or in the engine; this is why blocks are counted, and why input is
 * no longer read while too many are on their way: a slow reader would
 * otherwise let them grow without bound.
 */


#include "ngx_http_moderation.h"


#define NGX_HTTP_MODERATION_BLOCK     4096
#define NGX_HTTP_MODERATION_BLOCKS    32        /* on their way at most      */
#define NGX_HTTP_MODERATION_HURRY     4         /* blocks that may linger    */
#define NGX_HTTP_MODERATION_SLICES    256
#define NGX_HTTP_MODERATION_SMALL     256       /* bytes; less is copied     */


static ngx_chain_t *ngx_http_moderation_chain_get(
    ngx_http_moderation_chain_t *ch, ngx_chain_t **list);
static void ngx_http_moderation_chain_push(ngx_http_moderation_chain_t *ch,
    ngx_chain_t *cl);
static void ngx_http_moderation_chain_update(ngx_http_moderation_chain_t *ch,
    ngx_uint_t idle);


void
ngx_http_moderation_chain_init(ngx_http_moderation_chain_t *ch,
    ngx_pool_t *pool)
{
    ch->pool = pool;
    ch->last_out = &ch->out;
    ch->last_busy = &ch->busy;
}


/* a link with a cleared buffer of ours */

static ngx_chain_t *
ngx_http_moderation_chain_get(ngx_http_moderation_chain_t *ch,
    ngx_chain_t **list)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (*list != NULL) {
        cl = *list;
        *list = cl->next;
        cl->next = NULL;
        b = cl->buf;

    } else {
        cl = ngx_alloc_chain_link(ch->pool);
        if (cl == NULL) {
            return NULL;
        }

        b = ngx_calloc_buf(ch->pool);
        if (b == NULL) {
            return NULL;
        }

        cl->buf = b;
        cl->next = NULL;
    }

    ngx_memzero(b, sizeof(ngx_buf_t));
    b->tag = (ngx_buf_tag_t) &ngx_http_moderation_filter_module;

    return cl;
}


static void
ngx_http_moderation_chain_push(ngx_http_moderation_chain_t *ch,
    ngx_chain_t *cl)
{
    *ch->last_out = cl;
    ch->last_out = &cl->next;
    ch->tail = cl->buf;
}


/* room in the last block of what leaves, or a new one */

static ngx_buf_t *
ngx_http_moderation_chain_block(ngx_http_moderation_chain_t *ch)
{
    u_char       *start;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    b = ch->tail;

    if (b != NULL && b->temporary && b->last < b->end) {
        return b;
    }

    cl = ch->free_blocks;

    if (cl != NULL) {
        ch->free_blocks = cl->next;
        cl->next = NULL;
        start = cl->buf->start;
        ngx_memzero(cl->buf, sizeof(ngx_buf_t));
        cl->buf->tag = (ngx_buf_tag_t) &ngx_http_moderation_filter_module;

    } else {
        start = ngx_palloc(ch->pool, NGX_HTTP_MODERATION_BLOCK);
        if (start == NULL) {
            return NULL;
        }

        cl = ngx_http_moderation_chain_get(ch, &cl);
        if (cl == NULL) {
            return NULL;
        }
    }

    b = cl->buf;
    b->start = start;
    b->pos = start;
    b->last = start;
    b->end = start + NGX_HTTP_MODERATION_BLOCK;
    b->temporary = 1;

    ch->blocks++;
    ngx_http_moderation_chain_push(ch, cl);

    return b;
}


ngx_int_t
ngx_http_moderation_chain_add(ngx_http_moderation_chain_t *ch,
    const u_char *data, size_t len, ngx_uint_t input)
{
    size_t        n;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (len == 0) {
        return NGX_OK;
    }

    ch->unflushed = 1;

    if (input) {
        b = ch->tail;

        if (b != NULL && b == ch->slice && b->last == data) {
            b->last += len;
            return NGX_OK;
        }

        if (len >= NGX_HTTP_MODERATION_SMALL) {
            cl = ngx_http_moderation_chain_get(ch, &ch->free_slices);
            if (cl == NULL) {
                return NGX_ERROR;
            }

            b = cl->buf;
            b->pos = (u_char *) data;
            b->last = b->pos + len;
            b->start = b->pos;
            b->end = b->last;
            b->memory = 1;

            ch->slice = b;
            ch->slices++;
            ngx_http_moderation_chain_push(ch, cl);

            return NGX_OK;
        }
    }

    while (len != 0) {
        b = ngx_http_moderation_chain_block(ch);
        if (b == NULL) {
            return NGX_ERROR;
        }

        n = ngx_min(len, (size_t) (b->end - b->last));
        b->last = ngx_cpymem(b->last, data, n);
        data += n;
        len -= n;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_moderation_chain_whole(ngx_http_moderation_chain_t *ch,
    ngx_buf_t *b)
{
    ngx_chain_t  *cl;

    cl = ngx_http_moderation_chain_get(ch, &ch->free_slices);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    *cl->buf = *b;

    cl->buf->tag = (ngx_buf_tag_t) &ngx_http_moderation_filter_module;
    cl->buf->shadow = NULL;
    cl->buf->flush = 0;
    cl->buf->sync = 0;
    cl->buf->last_buf = 0;
    cl->buf->last_in_chain = 0;
    cl->buf->recycled = 0;
    cl->buf->temporary = 0;
    cl->buf->memory = ngx_buf_in_memory(b) ? 1 : 0;

    ch->unflushed = 1;
    ch->slice = cl->buf;
    ch->slices++;
    ngx_http_moderation_chain_push(ch, cl);

    return NGX_OK;
}


void
ngx_http_moderation_chain_consume(ngx_buf_t *b)
{
    if (ngx_buf_in_memory(b)) {
        b->pos = b->last;
    }

    if (b->in_file) {
        b->file_pos = b->file_last;
    }
}


/* a buffer of this send that can carry flags */

static ngx_buf_t *
ngx_http_moderation_chain_tail(ngx_http_moderation_chain_t *ch)
{
    ngx_chain_t  *cl;

    if (ch->tail != NULL) {
        return ch->tail;
    }

    cl = ngx_http_moderation_chain_get(ch, &ch->free_special);
    if (cl == NULL) {
        return NULL;
    }

    ngx_http_moderation_chain_push(ch, cl);

    return cl->buf;
}


ngx_int_t
ngx_http_moderation_chain_input_done(ngx_http_moderation_chain_t *ch,
    ngx_buf_t *b, ngx_uint_t end)
{
    ngx_buf_t   *t;
    ngx_uint_t   last, last_in_chain, flush;

    last = end && b->last_buf;
    last_in_chain = b->last_in_chain;
    flush = b->flush && (ch->unflushed || ch->tail != NULL);

    if (ch->slice != NULL) {
        ch->slice->shadow = b;
        ch->slice->recycled = b->recycled;
        ch->slice = NULL;

    } else {
        ngx_http_moderation_chain_consume(b);
    }

    if (!last && !last_in_chain && !flush) {
        return NGX_OK;
    }

    t = ngx_http_moderation_chain_tail(ch);
    if (t == NULL) {
        return NGX_ERROR;
    }

    if (last) {
        t->last_buf = 1;
    }

    if (last_in_chain) {
        t->last_in_chain = 1;
    }

    if (flush) {
        t->flush = 1;
        ch->unflushed = 0;
    }

    /* without bytes it has to be a special buffer */

    if (!ngx_buf_in_memory(t) && !t->in_file && !last && !flush) {
        t->sync = 1;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_moderation_chain_flush(ngx_http_moderation_chain_t *ch)
{
    ngx_buf_t  *t;

    if (!ch->unflushed) {
        return NGX_OK;
    }

    t = ngx_http_moderation_chain_tail(ch);
    if (t == NULL) {
        return NGX_ERROR;
    }

    t->flush = 1;
    ch->unflushed = 0;

    return NGX_OK;
}


ngx_int_t
ngx_http_moderation_chain_send(ngx_http_moderation_chain_t *ch,
    ngx_http_request_t *r, ngx_http_output_body_filter_pt next)
{
    ngx_int_t  rc;

    /* own memory that lingers below (postpone_output) shall not pile up */

    if (ch->tail != NULL && ch->blocks > NGX_HTTP_MODERATION_HURRY
        && ngx_buf_in_memory(ch->tail))
    {
        ch->tail->recycled = 1;
    }

    rc = next(r, ch->out);

    if (ch->out != NULL) {
        *ch->last_busy = ch->out;
        ch->last_busy = ch->last_out;
        ch->out = NULL;
        ch->last_out = &ch->out;
        ch->tail = NULL;
    }

    ngx_http_moderation_chain_update(ch, rc == NGX_OK && r->out == NULL
                                         && !r->connection->buffered);

    return rc;
}


/* idle: nothing below us holds a buffer */

static void
ngx_http_moderation_chain_update(ngx_http_moderation_chain_t *ch,
    ngx_uint_t idle)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    while (ch->busy != NULL) {
        cl = ch->busy;
        b = cl->buf;

        if (ngx_buf_size(b) != 0) {
            break;
        }

        if (b == ch->slice) {

            /* sent before its input buffer has been read to the end */

            ch->slice = NULL;
        }

        ch->busy = cl->next;

        if (ch->busy == NULL) {
            ch->last_busy = &ch->busy;
        }

        if (b->shadow != NULL) {
            ngx_http_moderation_chain_consume(b->shadow);
        }

        if (b->temporary) {
            ch->blocks--;
            cl->next = ch->free_blocks;
            ch->free_blocks = cl;

        } else if (b->memory || b->in_file) {
            ch->slices--;
            cl->next = ch->free_slices;
            ch->free_slices = cl;

        } else {
            cl->next = ch->special;
            ch->special = cl;
        }
    }

    if (!idle) {
        return;
    }

    while (ch->special != NULL) {
        cl = ch->special;
        ch->special = cl->next;
        cl->next = ch->free_special;
        ch->free_special = cl;
    }
}


ngx_uint_t
ngx_http_moderation_chain_full(ngx_http_moderation_chain_t *ch)
{
    return ch->blocks >= NGX_HTTP_MODERATION_BLOCKS
           || ch->slices >= NGX_HTTP_MODERATION_SLICES;
}
