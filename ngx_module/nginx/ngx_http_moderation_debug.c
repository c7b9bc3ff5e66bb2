/*
 * ngx_http_moderation_debug.c - what was decided, told to one client.
 *
 * Where the variable of moderation_debug is neither empty nor "0", the header
 * X-Moderation says at once whether and by what a response is read, each item
 * with a hit becomes a line in the error log, and, since decisions are made
 * while the body leaves, the trailer X-Moderation-Decisions lists them at its
 * end (RFC 9110, section 6.5) where the protocol has trailers.
 */


#include "ngx_http_moderation.h"


#define NGX_HTTP_MODERATION_DEBUG_ITEMS  32     /* in the trailer            */
#define NGX_HTTP_MODERATION_DEBUG_BYTES  4096   /* of the trailer            */


ngx_uint_t
ngx_http_moderation_debug_on(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf)
{
    ngx_str_t  value;

    return mlcf->debug != NULL
           && ngx_http_complex_value(r, mlcf->debug, &value) == NGX_OK
           && value.len != 0 && !(value.len == 1 && value.data[0] == '0');
}


static void
ngx_http_moderation_debug_add(ngx_list_t *list, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(list);
    if (h == NULL) {
        return;
    }

    h->hash = 1;
#if (nginx_version >= 1023000)
    h->next = NULL;
#endif
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;
}


/* bytes of a policy or page in a header field: visible ASCII as it is, what
 * else there is as %XX */

static u_char *
ngx_http_moderation_debug_escaped(u_char *p, u_char *end, const char *s,
    size_t n)
{
    size_t  i;

    for (i = 0; i < n && end - p >= 3; i++) {
        if (s[i] > 0x20 && s[i] < 0x7f && s[i] != '%' && s[i] != ','
            && s[i] != ';')
        {
            *p++ = (u_char) s[i];

        } else {
            p = ngx_slprintf(p, end, "%%%02XD", (u_char) s[i]);
        }
    }

    return p;
}


void
ngx_http_moderation_debug_header(ngx_http_request_t *r, ngx_uint_t mode,
    ngx_http_moderation_gen_t *gen, ngx_uint_t skip)
{
    u_char             *p, *end;
    ngx_str_t           value;
    mdr_policy_info_t   info;

    value.data = ngx_pnalloc(r->pool, 512);
    if (value.data == NULL) {
        return;
    }

    end = value.data + 512;
    p = ngx_slprintf(value.data, end, "mode=%s", mdl_modes[mode % MDL_MODES]);

    if (gen != NULL) {
        mdr_policy_info(gen->policy, &info);
        p = ngx_slprintf(p, end, "; policy=");
        p = ngx_http_moderation_debug_escaped(p, end - 64, info.name.data,
                                              info.name.len);
        p = ngx_slprintf(p, end, "@%s", info.hash);
    }

    if (skip != NGX_HTTP_MODERATION_SKIP_NONE) {
        p = ngx_slprintf(p, end, "; skip=%V",
                         &ngx_http_moderation_skip_names[skip]);
    }

    value.len = p - value.data;
    ngx_http_moderation_debug_add(&r->headers_out.headers, "X-Moderation",
                                  &value);
}


/* an item with a hit: a line in the log, an entry for the trailer */

void
ngx_http_moderation_debug_item(ngx_http_moderation_ctx_t *ctx,
    const mdr_item_t *item)
{
    u_char           text[96], *p, *end;
    uint32_t         i;
    ngx_str_t        rule, slot;
    mdr_rule_info_t  info;

    slot.data = (u_char *) item->slot_name.data;
    slot.len = item->slot_name.len;

    for (i = 0; i < item->nhits; i++) {
        if (mdr_policy_rule(ctx->gen->policy, item->hits[i].rule, &info)
            != MDR_OK)
        {
            continue;
        }

        rule.data = (u_char *) info.id.data;
        rule.len = info.id.len;

        p = ngx_http_moderation_debug_escaped(text, text + sizeof(text),
                                              item->hits[i].text.data,
                                              item->hits[i].text.len);

        ngx_log_error(NGX_LOG_NOTICE, ctx->request->connection->log, 0,
                      "moderation: slot \"%V\" item %uL at %uL: %s by "
                      "\"%V\" rev %uD in mode %uD at %uL: \"%*s\"", &slot,
                      item->index, item->start,
                      mdl_actions[item->action % MDL_ACTIONS],
                      &rule, info.rev, (uint32_t) item->hits[i].mode,
                      item->hits[i].start, (size_t) (p - text), text);
    }

    if (ctx->told == NGX_HTTP_MODERATION_DEBUG_ITEMS) {
        return;
    }

    if (ctx->tell.data == NULL) {
        ctx->tell.data = ngx_pnalloc(ctx->request->pool,
                                     NGX_HTTP_MODERATION_DEBUG_BYTES);
        if (ctx->tell.data == NULL) {
            return;
        }
    }

    p = ctx->tell.data + ctx->tell.len;
    end = ctx->tell.data + NGX_HTTP_MODERATION_DEBUG_BYTES;

    if (end - p < 512) {
        return;
    }

    p = ngx_slprintf(p, end, "%s", ctx->told++ != 0 ? ", " : "");
    p = ngx_http_moderation_debug_escaped(p, end - 256, item->slot_name.data,
                                          item->slot_name.len);
    p = ngx_slprintf(p, end, ";item=%uL;action=%s", item->index,
                     mdl_actions[item->action % MDL_ACTIONS]);

    if (item->nhits != 0
        && mdr_policy_rule(ctx->gen->policy, item->hits[0].rule, &info)
           == MDR_OK)
    {
        p = ngx_slprintf(p, end, ";rule=");
        p = ngx_http_moderation_debug_escaped(p, end - 1, info.id.data,
                                              info.id.len);
    }

    ctx->tell.len = p - ctx->tell.data;
}


void
ngx_http_moderation_debug_end(ngx_http_moderation_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    if (r->headers_out.trailers.pool == NULL || ctx->tell.len == 0) {
        return;
    }

    ngx_http_moderation_debug_add(&r->headers_out.trailers,
                                  "X-Moderation-Decisions", &ctx->tell);
}
