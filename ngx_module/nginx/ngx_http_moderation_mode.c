/*
 * ngx_http_moderation_mode.c - off, shadow or enforce: the directive, and what
 * it is for a request.
 */


#include "ngx_http_moderation.h"


static ngx_uint_t
ngx_http_moderation_word(ngx_str_t *s)
{
    int  i;

    i = mdl_word(mdl_modes, MDL_MODES, (char *) s->data, s->len);

    return i != -1 ? (ngx_uint_t) i : NGX_CONF_UNSET_UINT;
}


/*
 * The value is worked out twice, before the response is made and with its
 * headers at hand.  The first look must not freeze variables that only the
 * response will set (a map over $upstream_http_...), so their cache is put
 * back as it was.
 */

ngx_uint_t
ngx_http_moderation_mode(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, ngx_uint_t *bad)
{
    size_t                      size;
    ngx_str_t                   value;
    ngx_uint_t                  mode;
    ngx_http_variable_value_t  *saved;
    ngx_http_core_main_conf_t  *cmcf;

    *bad = 0;

    if (mlcf->mode != NGX_HTTP_MODERATION_VALUE) {
        return mlcf->mode;
    }

    saved = NULL;
    size = 0;

    if (!r->header_sent && r->headers_out.status == 0) {
        cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
        size = cmcf->variables.nelts * sizeof(ngx_http_variable_value_t);

        saved = ngx_pnalloc(r->pool, size);
        if (saved != NULL) {
            ngx_memcpy(saved, r->variables, size);
        }
    }

    if (ngx_http_complex_value(r, mlcf->mode_value, &value) != NGX_OK) {

        /* no memory: the answer may not be read, so nothing is let off */

        value.len = 0;
        *bad = 1;
        mode = MDR_MODE_ENFORCE;

    } else if (value.len == 0) {
        mode = MDR_MODE_OFF;

    } else {
        mode = ngx_http_moderation_word(&value);

        if (mode == NGX_CONF_UNSET_UINT) {
            mode = MDR_MODE_ENFORCE;
            *bad = 1;

            if (saved == NULL) {
                ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                              "moderation: unknown mode \"%V\", enforce is "
                              "used", &value);
            }
        }
    }

    if (saved != NULL) {
        ngx_memcpy(r->variables, saved, size);
        (void) ngx_pfree(r->pool, saved);
    }

    return mode;
}


char *
ngx_http_moderation_set_mode(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_moderation_loc_conf_t *mlcf = conf;

    ngx_str_t                         *value;
    ngx_http_compile_complex_value_t   ccv;

    if (mlcf->mode != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    mlcf->mode = ngx_http_moderation_word(&value[1]);

    if (mlcf->mode != NGX_CONF_UNSET_UINT) {
        return NGX_CONF_OK;
    }

    if (ngx_http_script_variables_count(&value[1]) == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\", it must be \"off\", "
                           "\"shadow\", \"enforce\" or have a variable",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    mlcf->mode = NGX_HTTP_MODERATION_VALUE;

    mlcf->mode_value = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (mlcf->mode_value == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = mlcf->mode_value;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
