/*
 * ngx_http_moderation_vars.c - $moderation_*, valid from the last buffer on.
 */


#include "ngx_http_moderation.h"


#define NGX_HTTP_MODERATION_VAR_SUGGESTION  0
#define NGX_HTTP_MODERATION_VAR_ACTION      1
#define NGX_HTTP_MODERATION_VAR_LABEL       2
#define NGX_HTTP_MODERATION_VAR_RULES       3
#define NGX_HTTP_MODERATION_VAR_ITEMS       4
#define NGX_HTTP_MODERATION_VAR_REMOVED     5
#define NGX_HTTP_MODERATION_VAR_HELD        6
#define NGX_HTTP_MODERATION_VAR_MASKED      7
#define NGX_HTTP_MODERATION_VAR_TAGGED      8
#define NGX_HTTP_MODERATION_VAR_POLICY      9
#define NGX_HTTP_MODERATION_VAR_MODE        10
#define NGX_HTTP_MODERATION_VAR_ERROR       11
#define NGX_HTTP_MODERATION_VAR_DIFFER      12
#define NGX_HTTP_MODERATION_VAR_SKIP        13
#define NGX_HTTP_MODERATION_VAR_W_ACTION    14
#define NGX_HTTP_MODERATION_VAR_W_REMOVED   15
#define NGX_HTTP_MODERATION_VAR_W_HELD      16
#define NGX_HTTP_MODERATION_VAR_W_MASKED    17
#define NGX_HTTP_MODERATION_VAR_W_TAGGED    18
#define NGX_HTTP_MODERATION_VAR_DECISIONS   19
#define NGX_HTTP_MODERATION_VAR_LEDGER      20
#define NGX_HTTP_MODERATION_VAR_REVIEW      21


static ngx_int_t ngx_http_moderation_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


#define ngx_http_moderation_var(name, n)                                     \
    { ngx_string("moderation_" name), NULL, ngx_http_moderation_variable,    \
      n, NGX_HTTP_VAR_NOCACHEABLE, 0 }

static ngx_http_variable_t  ngx_http_moderation_vars[] = {
    ngx_http_moderation_var("suggestion", NGX_HTTP_MODERATION_VAR_SUGGESTION),
    ngx_http_moderation_var("action", NGX_HTTP_MODERATION_VAR_ACTION),
    ngx_http_moderation_var("label", NGX_HTTP_MODERATION_VAR_LABEL),
    ngx_http_moderation_var("rules", NGX_HTTP_MODERATION_VAR_RULES),
    ngx_http_moderation_var("items", NGX_HTTP_MODERATION_VAR_ITEMS),
    ngx_http_moderation_var("removed", NGX_HTTP_MODERATION_VAR_REMOVED),
    ngx_http_moderation_var("held", NGX_HTTP_MODERATION_VAR_HELD),
    ngx_http_moderation_var("masked", NGX_HTTP_MODERATION_VAR_MASKED),
    ngx_http_moderation_var("tagged", NGX_HTTP_MODERATION_VAR_TAGGED),
    ngx_http_moderation_var("policy", NGX_HTTP_MODERATION_VAR_POLICY),
    ngx_http_moderation_var("mode", NGX_HTTP_MODERATION_VAR_MODE),
    ngx_http_moderation_var("error", NGX_HTTP_MODERATION_VAR_ERROR),
    ngx_http_moderation_var("differ", NGX_HTTP_MODERATION_VAR_DIFFER),
    ngx_http_moderation_var("skip", NGX_HTTP_MODERATION_VAR_SKIP),
    ngx_http_moderation_var("would_action", NGX_HTTP_MODERATION_VAR_W_ACTION),
    ngx_http_moderation_var("would_removed",
                            NGX_HTTP_MODERATION_VAR_W_REMOVED),
    ngx_http_moderation_var("would_held", NGX_HTTP_MODERATION_VAR_W_HELD),
    ngx_http_moderation_var("would_masked", NGX_HTTP_MODERATION_VAR_W_MASKED),
    ngx_http_moderation_var("would_tagged", NGX_HTTP_MODERATION_VAR_W_TAGGED),
    { ngx_string("moderation_jurisdiction"), NULL,
      ngx_http_moderation_jurisdiction, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },
    ngx_http_moderation_var("decisions", NGX_HTTP_MODERATION_VAR_DECISIONS),
    ngx_http_moderation_var("review", NGX_HTTP_MODERATION_VAR_REVIEW),
    ngx_http_moderation_var("ledger", NGX_HTTP_MODERATION_VAR_LEDGER),
    ngx_http_null_variable
};

static ngx_str_t  ngx_http_moderation_suggestions[] = {
    ngx_string("pass"),
    ngx_string("review"),
    ngx_string("block"),
    ngx_string("error")
};

static ngx_str_t  ngx_http_moderation_actions[] = {
    ngx_string("none"),
    ngx_string("tag"),
    ngx_string("mask"),
    ngx_string("hold"),
    ngx_string("block")
};

static ngx_str_t  ngx_http_moderation_modes[] = {
    ngx_string("off"),
    ngx_string("shadow"),
    ngx_string("enforce")
};

static ngx_str_t  ngx_http_moderation_ok = ngx_string("ok");
static ngx_str_t  ngx_http_moderation_lost = ngx_string("lost");

/* by bit of ctx->errors */

ngx_str_t  ngx_http_moderation_error_names[NGX_HTTP_MODERATION_ERRORS] = {
    ngx_string("other"),
    ngx_string("broken"),
    ngx_string("too_large"),
    ngx_string("charset"),
    ngx_string("depth"),
    ngx_string("unreadable"),
    ngx_string("memory"),
    ngx_string("regex_limit"),
    ngx_string("match_limit"),
    ngx_string("budget"),
    ngx_null_string, ngx_null_string,
    ngx_null_string, ngx_null_string, ngx_null_string, ngx_null_string,
    ngx_string("partial"),
    ngx_string("encoding"),
    ngx_string("bad_mode"),
    ngx_string("status"),
    ngx_string("csp_hash")
};

/* by NGX_HTTP_MODERATION_SKIP_* */

ngx_str_t  ngx_http_moderation_skip_names[NGX_HTTP_MODERATION_SKIPS] = {
    ngx_null_string,
    ngx_string("off"),
    ngx_string("no_policy"),
    ngx_string("type"),
    ngx_string("status"),
    ngx_string("upgrade"),
    ngx_string("head"),
    ngx_string("error_page"),
    ngx_string("unreadable")
};


ngx_int_t
ngx_http_moderation_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_moderation_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static void
ngx_http_moderation_set(ngx_http_variable_value_t *v, ngx_str_t *s)
{
    v->len = (unsigned) s->len;
    v->data = s->data;
}


/* adds a word to a list in v, unless it is there.  Two passes: without data
 * only the most that the list can need is counted */

static void
ngx_http_moderation_word(ngx_http_variable_value_t *v, size_t *size,
    const char *word, size_t len)
{
    size_t   i;
    u_char  *p;

    if (v->data == NULL) {
        *size += len + 1;
        return;
    }

    for (i = 0; i + len <= v->len; i++) {
        if ((i == 0 || v->data[i - 1] == ',')
            && ngx_memcmp(v->data + i, word, len) == 0
            && (i + len == v->len || v->data[i + len] == ','))
        {
            return;
        }
    }

    p = v->data + v->len;

    if (v->len != 0) {
        *p++ = ',';
    }

    p = ngx_cpymem(p, word, len);
    v->len = (unsigned) (p - v->data);
}


static void
ngx_http_moderation_words(ngx_http_moderation_ctx_t *ctx, uintptr_t data,
    ngx_http_variable_value_t *v, size_t *size)
{
    uint32_t          i;
    ngx_str_t        *s;
    mdr_str_t        *m;
    mdr_rule_info_t   info;

    if (data == NGX_HTTP_MODERATION_VAR_ERROR) {

        for (i = 0; i < NGX_HTTP_MODERATION_ERRORS; i++) {
            s = &ngx_http_moderation_error_names[i];

            if ((ctx->errors & ((ngx_uint_t) 1 << i)) && s->len != 0) {
                ngx_http_moderation_word(v, size, (char *) s->data, s->len);
            }
        }

        return;
    }

    if (ctx->hit == NULL) {
        return;
    }

    for (i = 0; i < ctx->gen->nrules; i++) {

        if (ctx->hit[i / 8] == 0) {
            i |= 7;
            continue;
        }

        if ((ctx->hit[i / 8] & (1 << i % 8))
            && mdr_policy_rule(ctx->gen->policy, i, &info) == MDR_OK)
        {
            m = data == NGX_HTTP_MODERATION_VAR_RULES ? &info.id
                                                      : &info.label;
            if (m->len != 0) {
                ngx_http_moderation_word(v, size, m->data, m->len);
            }
        }
    }
}


/* why the response was not read; empty: it was, or there is none yet */

static ngx_int_t
ngx_http_moderation_skip_variable(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v)
{
    ngx_uint_t                       skip;
    ngx_http_moderation_loc_conf_t  *mlcf;

    if (ctx != NULL) {
        skip = ctx->skip;

    } else {
        mlcf = ngx_http_get_module_loc_conf(r->main,
                                         ngx_http_moderation_filter_module);

        skip = mlcf->mode == MDR_MODE_OFF ? NGX_HTTP_MODERATION_SKIP_OFF
               : mlcf->store == NULL ? NGX_HTTP_MODERATION_SKIP_NO_POLICY : 0;
    }

    if (skip == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_moderation_set(v, &ngx_http_moderation_skip_names[skip]);

    return NGX_OK;
}


/* what was known of the cards, comma-separated */

static ngx_int_t
ngx_http_moderation_reviews(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v)
{
    u_char      *p;
    ngx_uint_t   i;

    p = ngx_pnalloc(r->pool, MDL_REVIEWS * 16);
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->data = p;

    for (i = 1; i < MDL_REVIEWS; i++) {
        if (ctx->verdicts.reviews & ((ngx_uint_t) 1 << i)) {
            p = ngx_sprintf(p, "%s%s", p != v->data ? "," : "",
                            mdl_reviews[i]);
        }
    }

    if (p == v->data) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->len = (unsigned) (p - v->data);

    return NGX_OK;
}


/* ids of the record, comma-separated */

static ngx_int_t
ngx_http_moderation_decisions(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v)
{
    u_char      *p;
    ngx_uint_t   i;

    if (ctx->ledger.nids == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, ctx->ledger.nids * (MDL_ID + 1));
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->data = p;

    for (i = 0; i < ctx->ledger.nids; i++) {
        if (i != 0) {
            *p++ = ',';
        }

        p = ngx_cpymem(p, ctx->ledger.ids[i], MDL_ID);
    }

    v->len = (unsigned) (p - v->data);

    return NGX_OK;
}


static ngx_int_t
ngx_http_moderation_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                     *p;
    size_t                      size;
    uint64_t                    n;
    mdr_scan_stats_t            stats;
    mdr_policy_info_t           info;
    ngx_http_moderation_ctx_t  *ctx;

    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->len = 0;
    v->data = NULL;

    ctx = ngx_http_moderation_get_ctx(r);

    if (data == NGX_HTTP_MODERATION_VAR_MODE) {
        ngx_http_moderation_set(v, &ngx_http_moderation_modes[
                                   ctx != NULL ? ctx->mode : MDR_MODE_OFF]);
        return NGX_OK;
    }

    if (data == NGX_HTTP_MODERATION_VAR_SKIP) {
        return ngx_http_moderation_skip_variable(r, ctx, v);
    }

    if (data == NGX_HTTP_MODERATION_VAR_LEDGER) {
        ngx_http_moderation_set(v, ctx == NULL || !ctx->ledger.on
                                   ? &ngx_http_moderation_modes[MDR_MODE_OFF]
                                   : ctx->ledger.lost
                                   ? &ngx_http_moderation_lost
                                   : &ngx_http_moderation_ok);
        return NGX_OK;
    }

    if (ctx == NULL
        || (ctx->gen == NULL && data != NGX_HTTP_MODERATION_VAR_ERROR))
    {
        v->not_found = 1;
        return NGX_OK;
    }

    /* an aborted response has no end: the numbers so far */

    if (ctx->scan != NULL) {
        mdr_scan_stats(ctx->scan, &stats);

    } else {
        stats = ctx->stats;
    }

    switch (data) {

    case NGX_HTTP_MODERATION_VAR_SUGGESTION:

        if (stats.items == 0 && stats.suggestion == MDR_PASS) {

            /* nobody has looked at anything */

            v->not_found = 1;
            return NGX_OK;
        }

        ngx_http_moderation_set(v, &ngx_http_moderation_suggestions[
                                   stats.suggestion % 4]);
        return NGX_OK;

    case NGX_HTTP_MODERATION_VAR_ACTION:
        ngx_http_moderation_set(v, &ngx_http_moderation_actions[
                                   stats.action % 5]);
        return NGX_OK;

    case NGX_HTTP_MODERATION_VAR_LABEL:
    case NGX_HTTP_MODERATION_VAR_RULES:
    case NGX_HTTP_MODERATION_VAR_ERROR:

        size = 0;
        ngx_http_moderation_words(ctx, data, v, &size);

        if (size == 0) {
            v->not_found = 1;
            return NGX_OK;
        }

        v->data = ngx_pnalloc(r->pool, size);
        if (v->data == NULL) {
            return NGX_ERROR;
        }

        ngx_http_moderation_words(ctx, data, v, &size);

        return NGX_OK;

    case NGX_HTTP_MODERATION_VAR_POLICY:
        mdr_policy_info(ctx->gen->policy, &info);

        p = ngx_pnalloc(r->pool, info.name.len + 1 + sizeof(info.hash));
        if (p == NULL) {
            return NGX_ERROR;
        }

        v->data = p;
        v->len = (unsigned) (ngx_sprintf(p, "%*s@%s", (size_t) info.name.len,
                                         info.name.data, info.hash)
                             - p);
        return NGX_OK;

    case NGX_HTTP_MODERATION_VAR_DIFFER:
        if (!ctx->compared) {
            v->not_found = 1;
            return NGX_OK;
        }

        n = ctx->differ;
        break;

    case NGX_HTTP_MODERATION_VAR_W_ACTION:
        ngx_http_moderation_set(v, &ngx_http_moderation_actions[
                                   ctx->would_action % 5]);
        return NGX_OK;

    case NGX_HTTP_MODERATION_VAR_W_REMOVED:
        n = ctx->would_removed;
        break;

    case NGX_HTTP_MODERATION_VAR_W_HELD:
        n = ctx->would_held;
        break;

    case NGX_HTTP_MODERATION_VAR_W_MASKED:
        n = ctx->would_masked;
        break;

    case NGX_HTTP_MODERATION_VAR_W_TAGGED:
        n = ctx->would_tagged;
        break;

    case NGX_HTTP_MODERATION_VAR_DECISIONS:
        return ngx_http_moderation_decisions(r, ctx, v);

    case NGX_HTTP_MODERATION_VAR_REVIEW:
        return ngx_http_moderation_reviews(r, ctx, v);

    case NGX_HTTP_MODERATION_VAR_ITEMS:
        n = stats.items;
        break;

    case NGX_HTTP_MODERATION_VAR_REMOVED:
        n = stats.removed;
        break;

    case NGX_HTTP_MODERATION_VAR_HELD:
        n = stats.held;
        break;

    case NGX_HTTP_MODERATION_VAR_MASKED:
        n = stats.masked;
        break;

    default: /* NGX_HTTP_MODERATION_VAR_TAGGED */
        n = stats.tagged;
        break;
    }

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->data = p;
    v->len = (unsigned) (ngx_sprintf(p, "%uL", n) - p);

    return NGX_OK;
}
