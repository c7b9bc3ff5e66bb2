/*
 * ngx_http_moderation_header.c - the header filter: whether a response is
 * read, what becomes of it if it cannot be, and which fields have to go where
 * its body may change.
 */


#include "ngx_http_moderation.h"


/* a compressed body that becomes longer than this is cut */

#define NGX_HTTP_MODERATION_PLAIN_MAX  (16ULL << 30)


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
         && p[n] != ' ' && p[n] != '\t' && p[n] != ','; n++)
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
        { ngx_string("text/vnd.turbo-stream.html"), MDR_TYPE_HTML },
        { ngx_string("application/xhtml+xml"), MDR_TYPE_XML },
        { ngx_string("application/xml"), MDR_TYPE_XML },
        { ngx_string("text/xml"), MDR_TYPE_XML },
        { ngx_string("application/json"), MDR_TYPE_JSON },
        { ngx_string("text/json"), MDR_TYPE_JSON },
        { ngx_string("application/x-ndjson"), MDR_TYPE_NDJSON },
        { ngx_string("application/ndjson"), MDR_TYPE_NDJSON },
        { ngx_string("application/jsonl"), MDR_TYPE_NDJSON },
        { ngx_string("text/javascript"), MDR_TYPE_JSONP },
        { ngx_string("application/javascript"), MDR_TYPE_JSONP },
        { ngx_string("application/x-javascript"), MDR_TYPE_JSONP },
        { ngx_string("application/json-seq"), MDR_TYPE_JSON },
        { ngx_string("text/event-stream"), MDR_TYPE_EVENTS },
        { ngx_string("multipart/mixed"), MDR_TYPE_PARTS },
        { ngx_string("text/x-component"), MDR_TYPE_ROWS },
        { ngx_string("text/x-script"), MDR_TYPE_JSON },
        { ngx_string("application/json+devalue"), MDR_TYPE_JSON },
        { ngx_string("text/sveltekit-data"), MDR_TYPE_JSON },
        { ngx_string("text/remix-deferred"), MDR_TYPE_EVENTS },
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

    if (len > 4 && ngx_strncasecmp(p + len - 4, (u_char *) "+xml", 4) == 0) {
        return MDR_TYPE_XML;
    }

    if (len > 5 && ngx_strncasecmp(p + len - 5, (u_char *) "+json", 5) == 0) {
        return MDR_TYPE_JSON;
    }

    return MDR_TYPE_AUTO;
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


/* fields that speak of a body that may change, beside those that nginx has
 * functions for: RFC 1864, RFC 3230, RFC 9530 */

void
ngx_http_moderation_clear_digests(ngx_list_t *list)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    static const ngx_str_t  names[] = {
        ngx_string("Content-MD5"),
        ngx_string("Digest"),
        ngx_string("Repr-Digest"),
        ngx_string("Content-Digest"),
        ngx_null_string
    };

    for (part = &list->part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            for (n = 0; names[n].len != 0; n++) {
                if (h[i].key.len == names[n].len
                    && ngx_strncasecmp(h[i].key.data, names[n].data,
                                       names[n].len)
                       == 0)
                {
                    h[i].hash = 0;
                }
            }
        }
    }
}


/* does a content policy, also one that only reports, allow scripts by their
 * hash?  Who edits one would have to change the field, which leaves before the
 * script is read */

static ngx_uint_t
ngx_http_moderation_has_hashes(ngx_http_request_t *r)
{
    u_char           *p, *last;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].hash == 0
                || (h[i].key.len != sizeof("Content-Security-Policy") - 1
                    && h[i].key.len
                       != sizeof("Content-Security-Policy-Report-Only") - 1)
                || ngx_strncasecmp(h[i].key.data, (u_char *)
                                   "Content-Security-Policy-Report-Only",
                                   h[i].key.len)
                   != 0)
            {
                continue;
            }

            p = h[i].value.data;
            last = p + h[i].value.len;

            for ( /* void */ ; last - p > 8; p++) {
                if (p[0] == '\'' && (p[1] | 0x20) == 's'
                    && (p[2] | 0x20) == 'h' && (p[3] | 0x20) == 'a'
                    && p[4] >= '0' && p[4] <= '9' && p[7] == '-')
                {
                    return 1;
                }
            }
        }
    }

    return 0;
}


/* an upstream's 1xx is followed by the answer itself, which would pass unread
 * as its body (nginx before 1.29) */

static ngx_uint_t
ngx_http_moderation_is_upgrade(ngx_http_request_t *r)
{
    return r->headers_out.status == NGX_HTTP_SWITCHING_PROTOCOLS
           && (r->upstream == NULL || r->upstream->upgrade);
}


/* why the response is not read; 0: it is */

static ngx_uint_t
ngx_http_moderation_skip(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf)
{
    ngx_uint_t  status;

    status = r->headers_out.status;

    if (mlcf->mode == MDR_MODE_OFF) {
        return NGX_HTTP_MODERATION_SKIP_OFF;
    }

    if (mlcf->store == NULL) {
        return NGX_HTTP_MODERATION_SKIP_NO_POLICY;
    }

    /* a page that replaces one refused by a filter is not read: refusing it
     * too would never end */

    if (r->filter_finalize) {
        return NGX_HTTP_MODERATION_SKIP_ERROR_PAGE;
    }

    if (status < NGX_HTTP_OK) {
        return ngx_http_moderation_is_upgrade(r)
               ? NGX_HTTP_MODERATION_SKIP_UPGRADE : 0;
    }

    if (status == NGX_HTTP_NO_CONTENT || status == NGX_HTTP_NOT_MODIFIED) {
        return NGX_HTTP_MODERATION_SKIP_STATUS;
    }

    if (r->headers_out.content_type.len != 0
        && !ngx_http_moderation_type_inspected(mlcf,
                                          r->headers_out.content_type.data,
                                          r->headers_out.content_type_len))
    {
        return NGX_HTTP_MODERATION_SKIP_TYPE;
    }

    return 0;
}


static ngx_int_t
ngx_http_moderation_refuse(ngx_http_request_t *r, const char *why)
{
    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "moderation: response that cannot be inspected (%s) is "
                  "refused", why);

    return ngx_http_filter_finalize_request(r,
                                           &ngx_http_moderation_filter_module,
                                           NGX_HTTP_BAD_GATEWAY);
}


/* parts of anything, each with its own type */

static ngx_uint_t
ngx_http_moderation_is_byteranges(ngx_http_request_t *r)
{
    return r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT
           && r->headers_out.content_type.len > 20
           && ngx_strncasecmp(r->headers_out.content_type.data,
                              (u_char *) "multipart/byteranges", 20)
              == 0;
}


/* may it have a card of a slot with `review: required`?  Then what a reader
 * gets changes when a person decides, and no cache may keep it */

static ngx_uint_t
ngx_http_moderation_required(ngx_http_request_t *r,
    ngx_http_moderation_gen_t *gen)
{
    if (ngx_http_moderation_type(r) == MDR_TYPE_HTML) {
        return (gen->required
                & ((ngx_uint_t) 1 << MDR_TYPE_HTML
                   | (ngx_uint_t) 1 << MDR_TYPE_SCRIPT))
               != 0;
    }

    return gen->required != 0;
}


/* the policy and how far it may go; NGX_DECLINED: nothing is read */

static ngx_int_t
ngx_http_moderation_begin_policy(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, ngx_http_moderation_ctx_t *ctx)
{
    ngx_uint_t  bad;

    bad = 0;
    ctx->mode = ngx_http_moderation_mode(r, mlcf, &bad);

    if (ctx->mode == MDR_MODE_OFF) {
        ctx->skip = NGX_HTTP_MODERATION_SKIP_OFF;
        return NGX_DECLINED;
    }

    ctx->block = ctx->mode == MDR_MODE_ENFORCE
                 && mlcf->on_error == NGX_HTTP_MODERATION_ERR_BLOCK;
    ctx->gen = ngx_http_moderation_gen_ref(mlcf->store);

    if (bad) {
        ngx_http_moderation_glue_error(ctx, MDL_ERR_BAD_MODE);
    }

    if (ctx->gen == NULL) {
        ctx->skip = NGX_HTTP_MODERATION_SKIP_NO_POLICY;
        return NGX_DECLINED;
    }

    if (ctx->mode == MDR_MODE_SHADOW
        && ngx_http_moderation_switched_on(r, ctx->gen->policy))
    {
        /* a switch has set a slot to enforce: all others stay in shadow */

        ctx->mode = MDR_MODE_ENFORCE;
        ctx->lifted = 1;
    }

    return NGX_OK;
}


/* what the headers alone say cannot be read: MDL_ERR_*, or 0 */

static ngx_uint_t
ngx_http_moderation_unreadable(ngx_http_request_t *r, ngx_str_t *charset,
    moderation_encodings_t *encodings)
{
    ngx_uint_t  status;

    status = r->headers_out.status;

    if (status < NGX_HTTP_OK) {
        return MDL_ERR_STATUS;
    }

    if (status == NGX_HTTP_PARTIAL_CONTENT) {
        return MDL_ERR_PARTIAL;
    }

    if (ngx_http_moderation_encodings_of(r, encodings) != NGX_OK) {
        return MDL_ERR_ENCODING;
    }

    if (charset->len != 0
        && !mdr_charset_known((char *) charset->data, charset->len))
    {
        return MDR_ERR_CHARSET;
    }

    return 0;
}


static ngx_int_t
ngx_http_moderation_begin_not(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_uint_t error)
{
    ngx_http_moderation_fields_t  *f;

    ctx->skip = NGX_HTTP_MODERATION_SKIP_UNREADABLE;
    ngx_http_moderation_glue_error(ctx, error);

    /* a range that we have let through is our own doing; behind a 1xx stands
     * an answer that nobody has looked at */

    f = ngx_http_moderation_fields(r, 0);

    if (!ctx->block
        && (ctx->mode != MDR_MODE_ENFORCE
            || (r->headers_out.status >= NGX_HTTP_OK
                && (error != MDL_ERR_PARTIAL || f == NULL
                    || !f->range_kept))))
    {
        return NGX_DECLINED;
    }

    return ngx_http_moderation_refuse(r,
               error == MDL_ERR_PARTIAL ? "status 206"
               : error == MDL_ERR_STATUS ? "status 1xx"
               : error == MDL_ERR_ENCODING ? "content encoding" : "charset");
}


/* the body may change; without allow_ranges the range filter, which stands
 * behind us in headers and before us in bodies, is idle */

static ngx_int_t
ngx_http_moderation_begin_enforce(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, ngx_http_moderation_ctx_t *ctx,
    ngx_uint_t encoded)
{
    ngx_uint_t  required;

    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);
    ngx_http_moderation_clear_digests(&r->headers_out.headers);

    if (encoded) {
        ngx_http_moderation_clear_encoding(r);
    }

    ctx->hashed = ngx_http_moderation_has_hashes(r);

    if (!mlcf->private) {
        return NGX_OK;
    }

    required = ngx_http_moderation_required(r, ctx->gen);

    if (!required && (ctx->gen->reader_laws == 0
                      || mlcf->place == NGX_HTTP_MODERATION_PLACE_OFF))
    {
        return NGX_OK;
    }

    return ngx_http_moderation_private(r, required);
}


/* NGX_DECLINED: it passes unread */

static ngx_int_t
ngx_http_moderation_begin(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, ngx_http_moderation_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_str_t               charset;
    ngx_uint_t              error, head;
    moderation_encodings_t  encodings;

    if (ngx_http_moderation_begin_policy(r, mlcf, ctx) != NGX_OK) {
        return NGX_DECLINED;
    }

    ngx_memzero(&encodings, sizeof(moderation_encodings_t));
    ngx_http_moderation_charset(r, &charset);
    error = ngx_http_moderation_unreadable(r, &charset, &encodings);

    if (!error && encodings.unknown) {

        /* as browsers do: it is read as it is, and counted */

        ngx_http_moderation_glue_error(ctx, MDL_ERR_ENCODING);
    }

    if (ctx->mode == MDR_MODE_ENFORCE) {
        ngx_http_moderation_asset_not(r, mlcf);
    }

    if (error) {
        return ngx_http_moderation_begin_not(r, ctx, error);
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

    if (ctx->mode == MDR_MODE_ENFORCE
        && ngx_http_moderation_begin_enforce(r, mlcf, ctx, encodings.n != 0)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (head) {
        ctx->skip = NGX_HTTP_MODERATION_SKIP_HEAD;
        return NGX_DECLINED;
    }

    ctx->active = 1;
    r->main_filter_need_in_memory = 1;

    if (ctx->debug) {
        ngx_http_moderation_debug_header(r, ctx->mode, ctx->gen, 0);
        r->expect_trailers = 1;
    }

    rc = ngx_http_next_header_filter(r);

    if (r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT) {

        /* shadow: the range filter has made a slice of it */

        ctx->active = 0;
        ngx_http_moderation_glue_error(ctx, MDL_ERR_PARTIAL);
    }

    return rc;
}


static ngx_int_t
ngx_http_moderation_header_filter(ngx_http_request_t *r)
{
    ngx_int_t                         rc;
    ngx_uint_t                        skip, bad;
    ngx_http_moderation_ctx_t        *ctx;
    ngx_http_moderation_loc_conf_t   *mlcf;
    ngx_http_moderation_main_conf_t  *mmcf;

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
    skip = ngx_http_moderation_skip(r, mlcf);

    if (skip == NGX_HTTP_MODERATION_SKIP_OFF
        || skip == NGX_HTTP_MODERATION_SKIP_NO_POLICY
        || skip == NGX_HTTP_MODERATION_SKIP_ERROR_PAGE)
    {
        /* no context: what a refused response has left in one stays */

        mmcf = ngx_http_get_module_main_conf(r,
                                         ngx_http_moderation_filter_module);
        ngx_http_moderation_zone_skip(mmcf->zone, skip);

        if (ngx_http_moderation_debug_on(r, mlcf)) {
            ngx_http_moderation_debug_header(r, MDR_MODE_OFF, NULL, skip);
        }

        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_moderation_ctx_new(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->skip = skip;
    ctx->debug = ngx_http_moderation_debug_on(r, mlcf);
    ctx->ledger.on = mlcf->ledger && ngx_http_moderation_ledger.area != NULL;

    if (skip == 0) {
        rc = ngx_http_moderation_begin(r, mlcf, ctx);

    } else {
        rc = NGX_DECLINED;
    }

    if (ctx->skip != 0) {
        ngx_http_moderation_zone_skip(ctx->mcf->zone, ctx->skip);

        if (ctx->debug && rc == NGX_DECLINED) {
            ngx_http_moderation_debug_header(r, ctx->mode, ctx->gen,
                                             ctx->skip);
        }
    }

    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (skip == NGX_HTTP_MODERATION_SKIP_TYPE) {

        if (ngx_http_moderation_is_byteranges(r)
            && ngx_http_moderation_mode(r, mlcf, &bad) == MDR_MODE_ENFORCE)
        {
            ngx_http_moderation_asset_not(r, mlcf);
            ngx_http_moderation_glue_error(ctx,
                                           MDL_ERR_PARTIAL);

            if (mlcf->on_error == NGX_HTTP_MODERATION_ERR_BLOCK) {
                return ngx_http_moderation_refuse(r, "status 206");
            }
        }

        if (mlcf->mode != MDR_MODE_SHADOW) {
            ngx_http_moderation_asset(r, mlcf, 1);
        }

    } else if (ctx->skip == NGX_HTTP_MODERATION_SKIP_OFF) {
        ngx_http_moderation_asset(r, mlcf, 0);
    }

    return ngx_http_next_header_filter(r);
}
