/*
 * ngx_http_moderation_header.c - the header filter: whether a response is
 * read, what becomes of it if it cannot be, and which fields have to go where
 * its body may change.
 */


#include "ngx_http_moderation.h"


/* a compressed body that becomes longer than this is cut */

#define NGX_HTTP_MODERATION_PLAIN_MAX  (16ULL << 30)

/* no type has a longer name (RFC 6838, 4.2: 127 and 127).  It is compared in
 * a buffer of its own: a look-up that needs memory could fail, and the body
 * would pass unread */

#define NGX_HTTP_MODERATION_TYPE_MAX   256


static ngx_int_t ngx_http_moderation_header_filter(ngx_http_request_t *r);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


void
ngx_http_moderation_header_init(void)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_moderation_header_filter;
}


/* the length of the type without its parameters */

static size_t
ngx_http_moderation_type_len(ngx_http_request_t *r)
{
    size_t   n;
    u_char  *p;

    p = r->headers_out.content_type.data;

    for (n = 0; n < r->headers_out.content_type_len && p[n] != ';'
         && p[n] != ' '; n++)
    {
        /* void */
    }

    return n;
}


static uint8_t
ngx_http_moderation_type(ngx_http_request_t *r)
{
    size_t      len;
    u_char     *p;
    ngx_uint_t  i;

    static const struct {
        ngx_str_t  name;
        uint8_t    type;
    } types[] = {
        { ngx_string("text/html"), MDR_TYPE_HTML },
        { ngx_string("application/xhtml+xml"), MDR_TYPE_HTML },
        { ngx_string("application/json"), MDR_TYPE_JSON },
        { ngx_string("text/json"), MDR_TYPE_JSON },
        { ngx_string("application/x-ndjson"), MDR_TYPE_NDJSON },
        { ngx_string("application/ndjson"), MDR_TYPE_NDJSON },
        { ngx_string("application/jsonl"), MDR_TYPE_NDJSON },
        { ngx_string("text/javascript"), MDR_TYPE_JSONP },
        { ngx_string("application/javascript"), MDR_TYPE_JSONP },
        { ngx_string("application/x-javascript"), MDR_TYPE_JSONP },
        { ngx_null_string, MDR_TYPE_AUTO }
    };

    p = r->headers_out.content_type.data;
    len = ngx_http_moderation_type_len(r);

    for (i = 0; types[i].name.len != 0; i++) {
        if (types[i].name.len == len
            && ngx_strncasecmp(types[i].name.data, p, len) == 0)
        {
            return types[i].type;
        }
    }

    if (len > 5 && ngx_strncasecmp(p + len - 5, (u_char *) "+json", 5) == 0) {
        return MDR_TYPE_JSON;
    }

    return MDR_TYPE_AUTO;
}


/* is the type one of moderation_types; parameters do not count, also where
 * the configuration names the type with them */

static ngx_uint_t
ngx_http_moderation_type_known(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf)
{
    size_t   len;
    u_char   low[NGX_HTTP_MODERATION_TYPE_MAX];

    if (mlcf->types.size == 0) {
        return 1;                       /* "*"                               */
    }

    len = ngx_http_moderation_type_len(r);

    if (len > NGX_HTTP_MODERATION_TYPE_MAX) {
        return 0;
    }

    return ngx_hash_find(&mlcf->types,
                         ngx_hash_strlow(low, r->headers_out.content_type.data,
                                         len),
                         low, len)
           != NULL;
}


/* the parameter charset as nginx has taken it out of Content-Type, or left it
 * there (a type named with it in the configuration); empty: none */

static void
ngx_http_moderation_charset(ngx_http_request_t *r, ngx_str_t *charset)
{
    u_char  *p, *last;

    *charset = r->headers_out.charset;

    if (charset->len == 0 && r->headers_out.content_type.len > 8) {
        p = r->headers_out.content_type.data;
        last = p + r->headers_out.content_type.len;

        for ( /* void */ ; last - p > 8; p++) {
            if ((*p == ';' || *p == ' ')
                && ngx_strncasecmp(p + 1, (u_char *) "charset=", 8) == 0)
            {
                charset->data = p + 9;
                charset->len = last - charset->data;
                break;
            }
        }
    }

    p = charset->data;
    last = p + charset->len;

    while (p < last && (*p == '"' || *p == ' ')) {
        p++;
    }

    charset->data = p;

    while (p < last && *p != ';' && *p != '"' && *p != ' ') {
        p++;
    }

    charset->len = p - charset->data;
}


/* NGX_DECLINED: an encoding that cannot be undone */

static ngx_int_t
ngx_http_moderation_encodings_of(ngx_http_request_t *r,
    moderation_encodings_t *e)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    ngx_memzero(e, sizeof(moderation_encodings_t));

    part = &r->headers_out.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                break;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].hash == 0 || h[i].key.len != sizeof("Content-Encoding") - 1
            || ngx_strncasecmp(h[i].key.data, (u_char *) "Content-Encoding",
                               sizeof("Content-Encoding") - 1)
               != 0)
        {
            continue;
        }

        if (ngx_http_moderation_encodings(h[i].value.data, h[i].value.len, e)
            != MDR_OK)
        {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


/* what leaves is not encoded any more */

static void
ngx_http_moderation_clear_encoding(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len == sizeof("Content-Encoding") - 1
                && ngx_strncasecmp(h[i].key.data,
                                   (u_char *) "Content-Encoding",
                                   sizeof("Content-Encoding") - 1)
                   == 0)
            {
                h[i].hash = 0;
            }
        }
    }

    r->headers_out.content_encoding = NULL;
}


static ngx_int_t
ngx_http_moderation_open_inflate(ngx_http_moderation_ctx_t *ctx,
    moderation_encodings_t *e)
{
    moderation_inflate_limits_t  limits;

    ngx_memzero(&limits, sizeof(moderation_inflate_limits_t));

    limits.max_output = NGX_HTTP_MODERATION_PLAIN_MAX;
    limits.max_ratio = MODERATION_INFLATE_RATIO;
    limits.ratio_from = MODERATION_INFLATE_RATIO_FROM;

    ctx->plain = ngx_palloc(ctx->request->pool, NGX_HTTP_MODERATION_PLAIN);
    if (ctx->plain == NULL) {
        return NGX_ERROR;
    }

    ctx->inflate = ngx_http_moderation_inflate_new(e, &limits, NULL);

    return ctx->inflate != NULL ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
ngx_http_moderation_header_filter(ngx_http_request_t *r)
{
    ngx_int_t                        rc;
    ngx_str_t                        charset;
    ngx_uint_t                       mode, bad, error, status, head;
    moderation_encodings_t           encodings;
    ngx_http_moderation_ctx_t       *ctx;
    ngx_http_moderation_loc_conf_t  *mlcf;

    if (r != r->main) {
        ctx = ngx_http_get_module_ctx(r->main,
                                      ngx_http_moderation_filter_module);

        if (ctx != NULL && ctx->active) {

            /* its bytes come to us as a part of the main response */

            r->main_filter_need_in_memory = 1;
        }

        return ngx_http_next_header_filter(r);
    }

    mlcf = ngx_http_get_module_loc_conf(r, ngx_http_moderation_filter_module);
    status = r->headers_out.status;

    /* a page that replaces one refused by a filter is not read: refusing it
     * too would never end */

    if (mlcf->mode == MDR_MODE_OFF || mlcf->store == NULL
        || r->filter_finalize
        || status < NGX_HTTP_OK || status == NGX_HTTP_NO_CONTENT
        || status == NGX_HTTP_NOT_MODIFIED
        || (r->headers_out.content_type.len != 0
            && !ngx_http_moderation_type_known(r, mlcf)))
    {
        return ngx_http_next_header_filter(r);
    }

    bad = 0;
    mode = ngx_http_moderation_mode(r, mlcf, &bad);

    if (mode == MDR_MODE_OFF) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_moderation_ctx_new(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->mode = mode;
    ctx->block = mode == MDR_MODE_ENFORCE
                 && mlcf->on_error == NGX_HTTP_MODERATION_ERR_BLOCK;
    ctx->gen = ngx_http_moderation_gen_ref(mlcf->store);

    if (bad) {
        ngx_http_moderation_glue_error(ctx, NGX_HTTP_MODERATION_E_MODE);
    }

    if (ctx->gen == NULL) {
        return ngx_http_next_header_filter(r);
    }

    /* what the headers alone say cannot be read */

    error = 0;
    ngx_http_moderation_charset(r, &charset);

    if (status == NGX_HTTP_PARTIAL_CONTENT) {
        error = NGX_HTTP_MODERATION_E_PARTIAL;

    } else if (ngx_http_moderation_encodings_of(r, &encodings) != NGX_OK) {
        error = NGX_HTTP_MODERATION_E_ENCODING;

    } else if (charset.len != 0
               && !mdr_charset_known((char *) charset.data, charset.len))
    {
        error = MDR_ERR_CHARSET;
    }

    if (error) {
        ngx_http_moderation_glue_error(ctx, error);

        if (ctx->block) {
            ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                          "moderation: response that cannot be inspected "
                          "(%s) is refused",
                          error == NGX_HTTP_MODERATION_E_PARTIAL ? "status 206"
                          : error == NGX_HTTP_MODERATION_E_ENCODING
                            ? "content encoding" : "charset");

            return ngx_http_filter_finalize_request(r,
                                           &ngx_http_moderation_filter_module,
                                           NGX_HTTP_BAD_GATEWAY);
        }

        return ngx_http_next_header_filter(r);
    }

    head = r->header_only || r->method == NGX_HTTP_HEAD;

    if (!head
        && (ngx_http_moderation_open(ctx, mlcf, &charset,
                                     ngx_http_moderation_type(r))
            != NGX_OK
            || (encodings.n != 0
                && ngx_http_moderation_open_inflate(ctx, &encodings)
                   != NGX_OK)))
    {
        return NGX_ERROR;
    }

    if (mode == MDR_MODE_ENFORCE) {

        /* the body may change; without allow_ranges the range filter, which
         * stands behind us in headers and before us in bodies, is idle */

        ngx_http_clear_content_length(r);
        ngx_http_clear_accept_ranges(r);
        ngx_http_clear_last_modified(r);
        ngx_http_clear_etag(r);

        if (encodings.n != 0) {
            ngx_http_moderation_clear_encoding(r);
        }
    }

    if (head) {
        return ngx_http_next_header_filter(r);
    }

    ctx->active = 1;
    r->main_filter_need_in_memory = 1;

    rc = ngx_http_next_header_filter(r);

    if (r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT) {

        /* shadow: the range filter has made a slice of it */

        ctx->active = 0;
        ngx_http_moderation_glue_error(ctx, NGX_HTTP_MODERATION_E_PARTIAL);
    }

    return rc;
}
