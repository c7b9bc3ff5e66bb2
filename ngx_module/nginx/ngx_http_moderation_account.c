/*
 * ngx_http_moderation_account.c - whose page a request is for, as the desk has
 * it: $moderation_account_state and $moderation_credit, at any time, so early
 * too that map, limit_req and proxy_set_header can use them.
 *
 * Nothing is decided here.  What an item's account says of the item is in
 * ngx_http_moderation_verdicts_item.c.
 */


#include "ngx_http_moderation.h"


/* moderation_account $variable */

char *
ngx_http_moderation_set_account(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_moderation_loc_conf_t *mlcf = conf;

    ngx_str_t                        *value;
    ngx_http_moderation_main_conf_t  *mmcf;

    if (mlcf->account_value != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;
    mmcf = ngx_http_conf_get_module_main_conf(cf,
                                         ngx_http_moderation_filter_module);
    mmcf->needs_accounts = 1;

    return ngx_http_moderation_compile_value(cf, &value[1],
                                             &mlcf->account_value);
}


/* 1: there is an account and a table; e has no verdict where the desk has no
 * state of it, or not any more */

static ngx_uint_t
ngx_http_moderation_account_of(ngx_http_request_t *r, mdl_entry_t *e)
{
    int                               stale;
    uint8_t                           key[MDL_HASH];
    uint32_t                          clock;
    ngx_str_t                         s;
    mdl_str_t                         id;
    mdl_map_t                        *m;
    ngx_http_moderation_loc_conf_t   *mlcf;
    ngx_http_moderation_main_conf_t  *mmcf;

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_moderation_filter_module);

    if (mlcf->account_value == NULL
        || ngx_http_complex_value(r, mlcf->account_value, &s) != NGX_OK
        || s.len == 0)
    {
        return 0;
    }

    m = ngx_http_moderation_table(MDL_TABLE_ACCOUNTS);

    if (m == NULL) {
        return 0;
    }

    mmcf = ngx_http_get_module_main_conf(r,
                                         ngx_http_moderation_filter_module);
    id.data = (char *) s.data;
    id.len = s.len;
    mdl_hash(&mmcf->ledger.key, "account", id, key);
    clock = mdl_map_clock(m, ngx_http_moderation_now_ms(), &stale);

    if (mdl_map_find(m, key, 0, e) != 1) {
        ngx_memzero(e, sizeof(mdl_entry_t));
        e->flags = MDL_CREDIT;

    } else if (e->expiry != 0 && e->expiry <= clock) {
        e->verdict = MDL_ACCOUNT_NONE;  /* its credit is what it was         */
    }

    return 1;
}


/* data: 0 the state, 1 the credit */

ngx_int_t
ngx_http_moderation_account_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char       *p;
    mdl_entry_t   e;

    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->len = 0;
    v->data = NULL;

    if (!ngx_http_moderation_account_of(r->main, &e)) {
        v->not_found = 1;
        return NGX_OK;
    }

    if (data == 0) {
        p = (u_char *) mdl_accounts[e.verdict < MDL_ACCOUNTS ? e.verdict : 0];
        v->data = p;
        v->len = (unsigned) ngx_strlen(p);
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->data = p;
    v->len = (unsigned) (ngx_sprintf(p, "%ui", (ngx_uint_t) e.flags) - p);

    return NGX_OK;
}
