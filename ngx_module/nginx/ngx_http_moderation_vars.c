/*
 * ngx_http_moderation_vars.c - $moderation_*, valid from the last buffer on.
 *
 * A table says of each variable what has to be there for it (else it is not
 * found) and which function makes its value, of which argument.
 */


#include "ngx_http_moderation.h"


/* what has to be there: nothing; a response that is looked at; its policy */
#define NGX_HTTP_MODERATION_ANY     0
#define NGX_HTTP_MODERATION_CTX     1
#define NGX_HTTP_MODERATION_POLICY  2


typedef ngx_int_t (*ngx_http_moderation_var_pt)(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg);

typedef struct {
    ngx_str_t                    name;
    ngx_http_moderation_var_pt   get;
    size_t                       arg;
    ngx_uint_t                   needs;
} ngx_http_moderation_var_t;


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


static void
ngx_http_moderation_set(ngx_http_variable_value_t *v, ngx_str_t *s)
{
    v->len = (unsigned) s->len;
    v->data = s->data;
}


static void
ngx_http_moderation_say(ngx_http_variable_value_t *v, const char *word)
{
    v->len = (unsigned) ngx_strlen(word);
    v->data = (u_char *) (uintptr_t) word;
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


/* kinds of errors; labels or ids of the rules that hit */

static void
ngx_http_moderation_errors(ngx_http_moderation_ctx_t *ctx,
    ngx_http_variable_value_t *v, size_t *size)
{
    ngx_uint_t   i;
    const char  *s;

    for (i = 0; i < MDL_ERRS; i++) {
        s = mdl_errors[i];

        if ((ctx->errors & ((ngx_uint_t) 1 << i)) && s != NULL) {
            ngx_http_moderation_word(v, size, s, ngx_strlen(s));
        }
    }
}


static void
ngx_http_moderation_hits(ngx_http_moderation_ctx_t *ctx, size_t offset,
    ngx_http_variable_value_t *v, size_t *size)
{
    uint32_t          i;
    mdr_str_t        *m;
    mdr_rule_info_t   info;

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
            m = (mdr_str_t *) ((u_char *) &info + offset);

            if (m->len != 0) {
                ngx_http_moderation_word(v, size, m->data, m->len);
            }
        }
    }
}


/* arg: of a member of mdr_rule_info_t; ERRORS: errors */

#define NGX_HTTP_MODERATION_VAR_ERRORS  (size_t) -1

static ngx_int_t
ngx_http_moderation_var_words(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
{
    size_t      size;
    ngx_uint_t  pass;

    size = 0;

    for (pass = 0; pass < 2; pass++) {

        if (pass == 1) {
            if (size == 0) {
                v->not_found = 1;
                return NGX_OK;
            }

            v->data = ngx_pnalloc(r->pool, size);
            if (v->data == NULL) {
                return NGX_ERROR;
            }
        }

        if (arg == NGX_HTTP_MODERATION_VAR_ERRORS) {
            ngx_http_moderation_errors(ctx, v, &size);

        } else {
            ngx_http_moderation_hits(ctx, arg, v, &size);
        }
    }

    return NGX_OK;
}


/* why the response was not read; empty: it was, or there is none yet */

static ngx_int_t
ngx_http_moderation_var_skip(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
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
ngx_http_moderation_var_review(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
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
ngx_http_moderation_var_decisions(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
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
ngx_http_moderation_var_mode(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
{
    ngx_http_moderation_say(v, mdl_modes[ctx != NULL ? ctx->mode
                                                     : MDR_MODE_OFF]);
    return NGX_OK;
}


static ngx_int_t
ngx_http_moderation_var_ledger(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
{
    ngx_http_moderation_say(v, ctx == NULL || !ctx->ledger.on ? "off"
                               : ctx->ledger.lost ? "lost" : "ok");
    return NGX_OK;
}


static ngx_int_t
ngx_http_moderation_var_page(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
{
    if (ctx->page.n != 0) {
        return ngx_http_moderation_page_variable(r, ctx, v);
    }

    v->not_found = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_moderation_var_policy(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
{
    u_char             *p;
    mdr_policy_info_t   info;

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
}


/* an aborted response has no end: the numbers so far */

static void
ngx_http_moderation_stats(ngx_http_moderation_ctx_t *ctx,
    mdr_scan_stats_t *stats)
{
    if (ctx->scan != NULL) {
        mdr_scan_stats(ctx->scan, stats);

    } else {
        *stats = ctx->stats;
    }
}


static ngx_int_t
ngx_http_moderation_var_suggestion(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
{
    mdr_scan_stats_t  stats;

    ngx_http_moderation_stats(ctx, &stats);

    if (stats.items == 0 && stats.suggestion == MDR_PASS) {

        /* nobody has looked at anything */

        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_moderation_say(v, mdl_suggestions[stats.suggestion
                                               % MDL_SUGGESTIONS]);
    return NGX_OK;
}


/* arg: 1 what would have been done, 0 what was */

static ngx_int_t
ngx_http_moderation_var_action(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
{
    mdr_scan_stats_t  stats;

    ngx_http_moderation_stats(ctx, &stats);
    ngx_http_moderation_say(v, mdl_actions[(arg ? ctx->would_action
                                            : stats.action) % MDL_ACTIONS]);
    return NGX_OK;
}


static ngx_int_t
ngx_http_moderation_var_number(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uint64_t n)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->data = p;
    v->len = (unsigned) (ngx_sprintf(p, "%uL", n) - p);

    return NGX_OK;
}


/* arg: of a counter of mdr_scan_stats_t */

static ngx_int_t
ngx_http_moderation_var_count(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
{
    mdr_scan_stats_t  stats;

    ngx_http_moderation_stats(ctx, &stats);

    return ngx_http_moderation_var_number(r, v,
                                  *(uint64_t *) ((u_char *) &stats + arg));
}


/* arg: of a counter of our context */

static ngx_int_t
ngx_http_moderation_var_would(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
{
    return ngx_http_moderation_var_number(r, v,
                                  *(uint64_t *) ((u_char *) ctx + arg));
}


static ngx_int_t
ngx_http_moderation_var_differ(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v, size_t arg)
{
    if (!ctx->compared) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_moderation_var_number(r, v, ctx->differ);
}


#define ngx_http_moderation_var(name, get, arg, needs)                        \
    { ngx_string("moderation_" name), ngx_http_moderation_var_##get, arg,     \
      NGX_HTTP_MODERATION_##needs }

static ngx_http_moderation_var_t  ngx_http_moderation_vars[] = {
    ngx_http_moderation_var("suggestion", suggestion, 0, POLICY),
    ngx_http_moderation_var("action", action, 0, POLICY),
    ngx_http_moderation_var("label", words,
                            offsetof(mdr_rule_info_t, label), POLICY),
    ngx_http_moderation_var("rules", words,
                            offsetof(mdr_rule_info_t, id), POLICY),
    ngx_http_moderation_var("error", words, NGX_HTTP_MODERATION_VAR_ERRORS,
                            CTX),
    ngx_http_moderation_var("items", count,
                            offsetof(mdr_scan_stats_t, items), POLICY),
    ngx_http_moderation_var("removed", count,
                            offsetof(mdr_scan_stats_t, removed), POLICY),
    ngx_http_moderation_var("held", count,
                            offsetof(mdr_scan_stats_t, held), POLICY),
    ngx_http_moderation_var("masked", count,
                            offsetof(mdr_scan_stats_t, masked), POLICY),
    ngx_http_moderation_var("tagged", count,
                            offsetof(mdr_scan_stats_t, tagged), POLICY),
    ngx_http_moderation_var("policy", policy, 0, POLICY),
    ngx_http_moderation_var("mode", mode, 0, ANY),
    ngx_http_moderation_var("differ", differ, 0, POLICY),
    ngx_http_moderation_var("skip", skip, 0, ANY),
    ngx_http_moderation_var("would_action", action, 1, POLICY),
    ngx_http_moderation_var("would_removed", would,
                            offsetof(ngx_http_moderation_ctx_t,
                                     would_removed), POLICY),
    ngx_http_moderation_var("would_held", would,
                            offsetof(ngx_http_moderation_ctx_t, would_held),
                            POLICY),
    ngx_http_moderation_var("would_masked", would,
                            offsetof(ngx_http_moderation_ctx_t,
                                     would_masked), POLICY),
    ngx_http_moderation_var("would_tagged", would,
                            offsetof(ngx_http_moderation_ctx_t,
                                     would_tagged), POLICY),
    ngx_http_moderation_var("pauses", would,
                            offsetof(ngx_http_moderation_ctx_t, pauses),
                            POLICY),
    ngx_http_moderation_var("decisions", decisions, 0, POLICY),
    ngx_http_moderation_var("review", review, 0, POLICY),
    ngx_http_moderation_var("ledger", ledger, 0, ANY),
    ngx_http_moderation_var("page", page, 0, CTX),
    { ngx_null_string, NULL, 0, 0 }
};


static ngx_int_t
ngx_http_moderation_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_moderation_ctx_t  *ctx;
    ngx_http_moderation_var_t  *var;

    var = &ngx_http_moderation_vars[data];
    ctx = ngx_http_moderation_get_ctx(r);

    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->len = 0;
    v->data = NULL;

    if ((ctx == NULL && var->needs != NGX_HTTP_MODERATION_ANY)
        || (var->needs == NGX_HTTP_MODERATION_POLICY && ctx->gen == NULL))
    {
        v->not_found = 1;
        return NGX_OK;
    }

    return var->get(r, ctx, v, var->arg);
}


/* what does not come with a response: where the reader is (place.c), whose
 * page it is (account.c) */

static ngx_http_variable_t  ngx_http_moderation_early_vars[] = {
    { ngx_string("moderation_jurisdiction"), NULL,
      ngx_http_moderation_jurisdiction, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },
    { ngx_string("moderation_account_state"), NULL,
      ngx_http_moderation_account_variable, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },
    { ngx_string("moderation_credit"), NULL,
      ngx_http_moderation_account_variable, 1, NGX_HTTP_VAR_NOCACHEABLE, 0 },
      ngx_http_null_variable
};


ngx_int_t
ngx_http_moderation_add_variables(ngx_conf_t *cf)
{
    ngx_uint_t            i;
    ngx_http_variable_t  *var, *v;

    for (i = 0; ngx_http_moderation_vars[i].name.len; i++) {
        var = ngx_http_add_variable(cf, &ngx_http_moderation_vars[i].name,
                                    NGX_HTTP_VAR_NOCACHEABLE);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = ngx_http_moderation_variable;
        var->data = i;
    }

    for (v = ngx_http_moderation_early_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}
