/*
 * ngx_http_moderation_asset.c - 304 and 206 for what is not read: images,
 * style sheets, videos.
 *
 * The fields that preaccess.c has taken out of a request are given back to a
 * 200 that is not inspected, and it becomes what the upstream would have
 * sent: a 304 here, a 206 by nginx's own range filter behind us.
 *
 * That costs the upstream a whole body, so a worker remembers what was no
 * page: a table of hashes of (location, host, URI, validator).  A condition
 * goes to the upstream if each validator in it has been seen at this very URI
 * with a body that is not inspected: then a 304 for it cannot stand for a
 * page.  A range goes there if the URI's extension, or its last answer, is of
 * such a type; a 206 that is a page all the same is refused, and the URI is
 * remembered as one whose ranges are taken out.
 */


#include "ngx_http_moderation.h"


#define NGX_HTTP_MODERATION_KNOWN  8192         /* entries, a power of two   */


static uint64_t  ngx_http_moderation_known[NGX_HTTP_MODERATION_KNOWN];
static uint64_t  ngx_http_moderation_known_secret;


static uint64_t
ngx_http_moderation_mix_bytes(uint64_t h, const u_char *p, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        h = (h ^ p[i]) * 0x100000001b3ULL;
    }

    h ^= h >> 29;

    return (h ^ len) * 0x9e3779b97f4a7c15ULL;
}


/* what: 'v' a validator with its value, 'a' the URI is no page, 'p' it is */

static uint64_t
ngx_http_moderation_known_hash(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, u_char what, ngx_str_t *value)
{
    uint64_t  h;

    if (ngx_http_moderation_known_secret == 0) {
        ngx_http_moderation_known_secret = ((uint64_t) ngx_random() << 32)
                                           ^ (uint64_t) ngx_random()
                                           ^ (uint64_t) ngx_pid << 20 ^ 1;
    }

    h = ngx_http_moderation_known_secret;
    h = ngx_http_moderation_mix_bytes(h, (u_char *) &mlcf, sizeof(mlcf));
    h = ngx_http_moderation_mix_bytes(h, r->headers_in.server.data,
                                      r->headers_in.server.len);
    h = ngx_http_moderation_mix_bytes(h, r->unparsed_uri.data,
                                      r->unparsed_uri.len);
    h = ngx_http_moderation_mix_bytes(h, &what, 1);

    if (value != NULL) {
        h = ngx_http_moderation_mix_bytes(h, value->data, value->len);
    }

    h ^= h >> 32;

    return h | 1;
}


static ngx_uint_t
ngx_http_moderation_is_known(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, u_char what, ngx_str_t *value)
{
    uint64_t  h;

    h = ngx_http_moderation_known_hash(r, mlcf, what, value);

    return ngx_http_moderation_known[(h >> 1)
                                     & (NGX_HTTP_MODERATION_KNOWN - 1)] == h;
}


static void
ngx_http_moderation_know(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, u_char what, ngx_str_t *value)
{
    uint64_t  h;

    h = ngx_http_moderation_known_hash(r, mlcf, what, value);

    ngx_http_moderation_known[(h >> 1) & (NGX_HTTP_MODERATION_KNOWN - 1)] = h;
}


static void
ngx_http_moderation_forget(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, u_char what)
{
    uint64_t  h, *e;

    h = ngx_http_moderation_known_hash(r, mlcf, what, NULL);
    e = &ngx_http_moderation_known[(h >> 1)
                                   & (NGX_HTTP_MODERATION_KNOWN - 1)];
    if (*e == h) {
        *e = 0;
    }
}


void
ngx_http_moderation_asset_reset(void)
{
    ngx_memzero(ngx_http_moderation_known,
                sizeof(ngx_http_moderation_known));
}


/* what was taken out of a request stays through internal redirects, which
 * forget contexts */

static void
ngx_http_moderation_fields_cleanup(void *data)
{
    (void) data;
}


ngx_http_moderation_fields_t *
ngx_http_moderation_fields(ngx_http_request_t *r, ngx_uint_t make)
{
    ngx_pool_cleanup_t  *cln;

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_moderation_fields_cleanup) {
            return cln->data;
        }
    }

    if (!make) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_moderation_fields_t));
    if (cln == NULL) {
        return NULL;
    }

    ngx_memzero(cln->data, sizeof(ngx_http_moderation_fields_t));
    cln->handler = ngx_http_moderation_fields_cleanup;

    return cln->data;
}


/* what browsers take for no type, and look at the bytes (WHATWG MIME Sniffing,
 * 4.4 and 5.1) */

static ngx_uint_t
ngx_http_moderation_is_no_type(u_char *type, size_t n)
{
    u_char      *slash;
    ngx_uint_t   i;

    static ngx_str_t  none[] = {
        ngx_string("*/*"),
        ngx_string("unknown/unknown"),
        ngx_string("application/unknown")
    };

    slash = ngx_strlchr(type, type + n, '/');

    if (slash == NULL || slash == type || slash == type + n - 1) {
        return 1;
    }

    for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        if (none[i].len == n
            && ngx_strncasecmp(type, none[i].data, n) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* is the type of moderation_types?  An unknown one may be */

ngx_uint_t
ngx_http_moderation_type_inspected(ngx_http_moderation_loc_conf_t *mlcf,
    u_char *type, size_t len)
{
    size_t  n;
    u_char  low[NGX_HTTP_MODERATION_TYPE_MAX];

    /* also tabs and lists stand behind a type */

    for (n = 0; n < len && type[n] != ';' && type[n] != ' '
         && type[n] != '\t' && type[n] != ','; n++)
    {
        /* void */
    }

    if (n == 0 || mlcf->types.size == 0
        || ngx_http_moderation_is_no_type(type, n))
    {
        return 1;                       /* no type, or "*"                   */
    }

    if (n > NGX_HTTP_MODERATION_TYPE_MAX) {
        return 0;
    }

    if (ngx_hash_find(&mlcf->types, ngx_hash_strlow(low, type, n), low, n)
        != NULL)
    {
        return 1;
    }

    /* hal+json and its like are JSON (RFC 6839, 3.1) */

    if (n < 5 || ngx_strncmp(low + n - 5, "+json", 5) != 0) {
        return 0;
    }

    return ngx_hash_find(&mlcf->types,
                         ngx_hash_key((u_char *) "application/json",
                                      sizeof("application/json") - 1),
                         (u_char *) "application/json",
                         sizeof("application/json") - 1)
           != NULL;
}


ngx_uint_t
ngx_http_moderation_conditions_known(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf)
{
    ngx_table_elt_t  *h;

    /* all of them: an upstream may look at one and not at the other */

    h = r->headers_in.if_none_match;

    if (h != NULL && !ngx_http_moderation_is_known(r, mlcf, 'v', &h->value)) {
        return 0;
    }

    h = r->headers_in.if_modified_since;

    return h == NULL
           || ngx_http_moderation_is_known(r, mlcf, 'v', &h->value);
}


ngx_uint_t
ngx_http_moderation_range_known(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf)
{
    size_t                     i;
    u_char                    *low;
    ngx_str_t                 *type;
    ngx_table_elt_t           *h;
    ngx_http_core_loc_conf_t  *clcf;

    h = r->headers_in.range;

    /* the answer to several has no type of its own */

    if (h == NULL || ngx_strlchr(h->value.data,
                                 h->value.data + h->value.len, ',') != NULL
        || ngx_http_moderation_is_known(r, mlcf, 'p', NULL))
    {
        return 0;
    }

    if (ngx_http_moderation_is_known(r, mlcf, 'a', NULL)) {
        return 1;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (r->exten.len == 0 || r->exten.len > 16 || mlcf->types.size == 0
        || clcf->types_hash.size == 0)
    {
        return 0;
    }

    low = ngx_pnalloc(r->pool, r->exten.len);
    if (low == NULL) {
        return 0;
    }

    for (i = 0; i < r->exten.len; i++) {
        low[i] = ngx_tolower(r->exten.data[i]);
    }

    type = ngx_hash_find(&clcf->types_hash,
                         ngx_hash_key(low, r->exten.len), low, r->exten.len);

    return type != NULL
           && !ngx_http_moderation_type_inspected(mlcf, type->data,
                                                  type->len);
}


/* a page, or a part of one: this URI's ranges are taken out from now on */

void
ngx_http_moderation_asset_not(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf)
{
    ngx_http_moderation_forget(r, mlcf, 'a');
    ngx_http_moderation_know(r, mlcf, 'p', NULL);
}


/* does the entity tag stand in the list?  Weak comparison, RFC 9110 8.8.3.2 */

static ngx_uint_t
ngx_http_moderation_etag_in(ngx_str_t *etag, ngx_str_t *list)
{
    u_char  *p, *last, *q, *tag, *end;

    p = list->data;
    last = p + list->len;

    if (list->len == 1 && *p == '*') {
        return 1;
    }

    tag = etag->data;
    end = tag + etag->len;

    if (end - tag > 2 && tag[0] == 'W' && tag[1] == '/') {
        tag += 2;
    }

    while (p < last) {

        while (p < last && (*p == ' ' || *p == '\t' || *p == ',')) {
            p++;
        }

        if (last - p > 2 && p[0] == 'W' && p[1] == '/') {
            p += 2;
        }

        if (p < last && *p == '"') {
            q = ngx_strlchr(p + 1, last, '"');
            q = q != NULL ? q + 1 : last;

        } else {
            for (q = p; q < last && *q != ','; q++) { /* void */ }
        }

        if (q - p == end - tag && ngx_memcmp(p, tag, q - p) == 0) {
            return 1;
        }

        p = q;
    }

    return 0;
}


/* RFC 9110, 13.2.2: If-Modified-Since counts only without If-None-Match */

static ngx_uint_t
ngx_http_moderation_not_modified(ngx_http_request_t *r,
    ngx_http_moderation_fields_t *f)
{
    time_t                     since;
    ngx_table_elt_t           *h;
    ngx_http_core_loc_conf_t  *clcf;

    if (f->if_none_match.len != 0) {
        h = r->headers_out.etag;

        return h != NULL && h->hash != 0
               && ngx_http_moderation_etag_in(&h->value, &f->if_none_match);
    }

    if (f->if_modified_since.len == 0
        || r->headers_out.last_modified_time == (time_t) -1)
    {
        return 0;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->if_modified_since == NGX_HTTP_IMS_OFF) {
        return 0;
    }

    since = ngx_parse_http_time(f->if_modified_since.data,
                                f->if_modified_since.len);

    return since == r->headers_out.last_modified_time
           || (clcf->if_modified_since == NGX_HTTP_IMS_BEFORE
               && since != NGX_ERROR
               && since > r->headers_out.last_modified_time);
}


static ngx_table_elt_t *
ngx_http_moderation_field(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    if (value->len == 0) {
        return NULL;
    }

    h = ngx_pcalloc(r->pool, sizeof(ngx_table_elt_t));

    if (h != NULL) {
        h->hash = 1;
        h->key.data = (u_char *) name;
        h->key.len = ngx_strlen(name);
        h->lowcase_key = h->key.data;
        h->value = *value;
    }

    return h;
}


/* a Vary that may choose between a page and something else */

static ngx_uint_t
ngx_http_moderation_varies(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].hash != 0 && h[i].key.len == 4
                && ngx_strncasecmp(h[i].key.data, (u_char *) "vary", 4) == 0
                && (h[i].value.len != sizeof("Accept-Encoding") - 1
                    || ngx_strncasecmp(h[i].value.data,
                                       (u_char *) "Accept-Encoding",
                                       sizeof("Accept-Encoding") - 1)
                       != 0))
            {
                return 1;
            }
        }
    }

    return 0;
}


/* validators of an answer that is not inspected */

static void
ngx_http_moderation_learn(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf)
{
    ngx_table_elt_t  *h;

    if (!ngx_http_moderation_is_known(r, mlcf, 'p', NULL)) {
        ngx_http_moderation_know(r, mlcf, 'a', NULL);
    }

    h = r->headers_out.etag;

    if (h != NULL && h->hash != 0) {
        ngx_http_moderation_know(r, mlcf, 'v', &h->value);

    } else if (ngx_http_moderation_varies(r)) {
        return;
    }

    h = r->headers_out.last_modified;

    if (h != NULL && h->hash != 0) {
        ngx_http_moderation_know(r, mlcf, 'v', &h->value);
    }
}


void
ngx_http_moderation_asset(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, ngx_uint_t learn)
{
    ngx_table_elt_t               *h;
    ngx_http_moderation_fields_t  *f;

    if ((r->method != NGX_HTTP_GET && r->method != NGX_HTTP_HEAD)
        || r->headers_out.content_type.len == 0)
    {
        return;
    }

    if (learn && (r->headers_out.status == NGX_HTTP_OK
                  || r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT))
    {
        ngx_http_moderation_learn(r, mlcf);
    }

    if (r->headers_out.status != NGX_HTTP_OK) {
        return;
    }

    f = ngx_http_moderation_fields(r, 0);

    if (f == NULL) {
        return;
    }

    /* an upstream's date has not been read yet */

    h = r->headers_out.last_modified;

    if (h != NULL && h->hash != 0
        && r->headers_out.last_modified_time == (time_t) -1)
    {
        r->headers_out.last_modified_time =
                            ngx_parse_http_time(h->value.data, h->value.len);
    }

    if (ngx_http_moderation_not_modified(r, f)) {

        /* as the not modified filter does it */

        r->headers_out.status = NGX_HTTP_NOT_MODIFIED;
        r->headers_out.status_line.len = 0;
        r->headers_out.content_type.len = 0;
        ngx_http_clear_content_length(r);
        ngx_http_clear_accept_ranges(r);

        if (r->headers_out.content_encoding) {
            r->headers_out.content_encoding->hash = 0;
            r->headers_out.content_encoding = NULL;
        }

        return;
    }

    h = r->headers_out.accept_ranges;

    if (f->range.len == 0 || r->headers_out.content_length_n == -1
        || (h != NULL && h->hash != 0 && h->value.len == 4
            && ngx_strncasecmp(h->value.data, (u_char *) "none", 4) == 0))
    {
        return;
    }

    r->headers_in.if_range = ngx_http_moderation_field(r, "if-range",
                                                       &f->if_range);

    if (f->if_range.len != 0 && r->headers_in.if_range == NULL) {
        return;
    }

    r->headers_in.range = ngx_http_moderation_field(r, "range", &f->range);

    if (!r->allow_ranges) {
        r->allow_ranges = 1;
        r->single_range = 1;
    }
}
