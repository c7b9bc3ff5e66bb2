/*
 * ngx_http_moderation_preaccess.c - conditional and range fields.
 *
 * A browser that holds an older decision, or a page from before there was
 * any, must not be told that nothing has changed; and a slice of a page
 * cannot be read.  Whether a 304 or 206 is sent is decided before the filter
 * sees the response, here or by the upstream, and what type the response has
 * is not known yet.  So where the filter may change bodies the fields are
 * taken out of the request; if the answer turns out to be none that is read,
 * asset.c makes the 304 or 206 of it.  They stay where asset.c knows that no
 * page can come of them.
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


/* all lines of one name out of the list */

static ngx_int_t
ngx_http_moderation_remove_all(ngx_http_request_t *r, const char *name,
    size_t len)
{
    ngx_uint_t        i, more;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    do {
        more = 0;

        for (part = &r->headers_in.headers.part; part && !more;
             part = part->next)
        {
            h = part->elts;

            for (i = 0; i < part->nelts; i++) {

                if (h[i].key.len == len
                    && ngx_strncasecmp(h[i].key.data, (u_char *) name, len)
                       == 0)
                {
                    if (ngx_http_moderation_remove(r, &h[i]) != NGX_OK) {
                        return NGX_ERROR;
                    }

                    more = 1;
                    break;
                }
            }
        }

    } while (more);

    return NGX_OK;
}


/* the field is taken out, and its value kept in *to */

static ngx_int_t
ngx_http_moderation_take(ngx_http_request_t *r, ngx_table_elt_t **field,
    const char *name, size_t len, ngx_str_t *to)
{
    if (*field == NULL) {
        return NGX_OK;
    }

    *to = (*field)->value;
    *field = NULL;

    return ngx_http_moderation_remove_all(r, name, len);
}


/* the mode is a variable's */

static ngx_uint_t
ngx_http_moderation_may_change(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf)
{
    ngx_uint_t  bad, mode;

    mode = ngx_http_moderation_mode(r, mlcf, &bad);

    return mode == MDR_MODE_ENFORCE
           || (mode == MDR_MODE_SHADOW && mlcf->store->gen != NULL
               && ngx_http_moderation_switched_on(r,
                                                  mlcf->store->gen->policy));
}


static ngx_int_t
ngx_http_moderation_preaccess(ngx_http_request_t *r)
{
    ngx_uint_t                       conditions, range;
    ngx_http_moderation_fields_t    *f;
    ngx_http_moderation_loc_conf_t  *mlcf;

    if (r != r->main) {
        return NGX_DECLINED;
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_moderation_filter_module);

    if (mlcf->store == NULL || mlcf->mode == MDR_MODE_OFF
        || (mlcf->mode == MDR_MODE_SHADOW
            && (mlcf->store->gen == NULL
                || !ngx_http_moderation_switched_on(r,
                                                 mlcf->store->gen->policy))))
    {
        return NGX_DECLINED;
    }

    conditions = r->headers_in.if_none_match != NULL
                 || r->headers_in.if_modified_since != NULL;
    range = r->headers_in.range != NULL || r->headers_in.if_range != NULL;

    if (!conditions && !range) {
        return NGX_DECLINED;
    }

    if (mlcf->mode == NGX_HTTP_MODERATION_VALUE
        && !ngx_http_moderation_may_change(r, mlcf))
    {
        return NGX_DECLINED;
    }

    f = ngx_http_moderation_fields(r, 1);
    if (f == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (conditions && !ngx_http_moderation_conditions_known(r, mlcf)
        && (ngx_http_moderation_take(r, &r->headers_in.if_none_match,
                                     "if-none-match", 13, &f->if_none_match)
            != NGX_OK
            || ngx_http_moderation_take(r, &r->headers_in.if_modified_since,
                                        "if-modified-since", 17,
                                        &f->if_modified_since)
               != NGX_OK))
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (!range) {
        return NGX_DECLINED;
    }

    if (ngx_http_moderation_range_known(r, mlcf)) {
        f->range_kept = 1;
        return NGX_DECLINED;
    }

    if (ngx_http_moderation_take(r, &r->headers_in.range, "range", 5,
                                 &f->range)
        != NGX_OK
        || ngx_http_moderation_take(r, &r->headers_in.if_range, "if-range", 8,
                                    &f->if_range)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_DECLINED;
}
