/*
 * ngx_http_moderation_preaccess.c - conditional and range fields.
 *
 * A browser that holds an older decision, or a page from before there was
 * any, must not be told that nothing has changed; and a slice of a page
 * cannot be read.  Whether a 304 or 206 is sent is decided before the filter
 * sees the response, here or by the upstream, so where the filter may change
 * bodies the fields are taken out of the request.
 */


#include "ngx_http_moderation.h"


static ngx_int_t ngx_http_moderation_preaccess(ngx_http_request_t *r);


ngx_int_t
ngx_http_moderation_preaccess_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_moderation_preaccess;

    return NGX_OK;
}


/*
 * Takes h out of the list.  Other elements must stay where they are, since
 * r->headers_in points to them: a part is made shorter or split.
 */

static ngx_int_t
ngx_http_moderation_remove(ngx_http_request_t *r, ngx_table_elt_t *h)
{
    ngx_list_t       *list;
    ngx_uint_t        i;
    ngx_list_part_t  *part, *prev, *rest;
    ngx_table_elt_t  *elts;

    list = &r->headers_in.headers;
    prev = NULL;
    elts = NULL;

    for (part = &list->part; part != NULL; prev = part, part = part->next) {
        elts = part->elts;

        if (h >= elts && h < elts + part->nelts) {
            break;
        }
    }

    if (part == NULL) {
        return NGX_OK;
    }

    i = h - elts;

    if (i + 1 < part->nelts && i != 0) {
        rest = ngx_palloc(r->pool, sizeof(ngx_list_part_t));
        if (rest == NULL) {
            return NGX_ERROR;
        }

        rest->elts = h + 1;
        rest->nelts = part->nelts - i - 1;
        rest->next = part->next;

        part->nelts = i;
        part->next = rest;

        if (list->last == part) {
            list->last = rest;

            /* nothing is appended behind a part that begins elsewhere */

            list->nalloc = rest->nelts;
        }

        return NGX_OK;
    }

    part->nelts--;

    if (part->nelts != 0) {

        if (i == 0) {
            part->elts = h + 1;

            if (list->last == part) {
                list->nalloc = part->nelts;
            }
        }

        return NGX_OK;
    }

    /* readers of a list expect no empty part but the first and only one */

    if (prev != NULL) {
        prev->next = part->next;

        if (list->last == part) {
            list->last = prev;
            list->nalloc = prev->nelts;
        }

    } else if (part->next != NULL) {
        rest = part->next;

        if (list->last == rest) {
            list->last = part;
            list->nalloc = rest->nelts;
        }

        *part = *rest;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_moderation_preaccess(ngx_http_request_t *r)
{
    ngx_uint_t                       i, bad, more;
    ngx_list_part_t                 *part;
    ngx_table_elt_t                 *h;
    ngx_http_moderation_loc_conf_t  *mlcf;

    static const ngx_str_t  names[] = {
        ngx_string("range"),
        ngx_string("if-range"),
        ngx_string("if-none-match"),
        ngx_string("if-modified-since")
    };

    if (r != r->main) {
        return NGX_DECLINED;
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_moderation_filter_module);

    if (mlcf->store == NULL || mlcf->mode == MDR_MODE_OFF
        || mlcf->mode == MDR_MODE_SHADOW)
    {
        return NGX_DECLINED;
    }

    if (r->headers_in.range == NULL && r->headers_in.if_range == NULL
        && r->headers_in.if_none_match == NULL
        && r->headers_in.if_modified_since == NULL)
    {
        return NGX_DECLINED;
    }

    if (mlcf->mode == NGX_HTTP_MODERATION_VALUE
        && ngx_http_moderation_mode(r, mlcf, &bad) != MDR_MODE_ENFORCE)
    {
        return NGX_DECLINED;
    }

    do {
        more = 0;

        for (part = &r->headers_in.headers.part; part; part = part->next) {
            h = part->elts;

            for (i = 0; i < part->nelts; i++) {

                for (bad = 0; bad < sizeof(names) / sizeof(names[0]); bad++) {
                    if (h[i].key.len == names[bad].len
                        && ngx_strncasecmp(h[i].key.data, names[bad].data,
                                           names[bad].len)
                           == 0)
                    {
                        break;
                    }
                }

                if (bad == sizeof(names) / sizeof(names[0])) {
                    continue;
                }

                if (ngx_http_moderation_remove(r, &h[i]) != NGX_OK) {
                    return NGX_HTTP_INTERNAL_SERVER_ERROR;
                }

                more = 1;
                break;
            }

            if (more) {
                break;
            }
        }

    } while (more);

    r->headers_in.range = NULL;
    r->headers_in.if_range = NULL;
    r->headers_in.if_none_match = NULL;
    r->headers_in.if_modified_since = NULL;

    return NGX_DECLINED;
}
