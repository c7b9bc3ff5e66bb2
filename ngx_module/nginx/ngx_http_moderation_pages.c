/*
 * ngx_http_moderation_pages.c - pages of a policy (docs/pages.md): which one a
 * response is, what is found in it, and what has to be kept of it for the
 * next: what was missing, and which title whom was told.
 *
 * A title that spiders are told and people are not is how a page looks that
 * was broken into.  A title changes by itself, too; so only a title that one
 * side was told before and after the other was told another one counts.
 */


#include "ngx_http_moderation.h"
#include "ngx_http_moderation_zone.h"


#define NGX_HTTP_MODERATION_PAGE_PROBES  8
#define NGX_HTTP_MODERATION_PAGE_MEMORY  600    /* seconds                   */
#define NGX_HTTP_MODERATION_PAGE_SAID    32


enum { READER_PERSON, READER_SPIDER, READER_SEARCH, READERS };


/* what this worker has said of late, so that a page says a thing once a
 * minute */

static struct {
    uint32_t  hash;
    time_t    at;
} ngx_http_moderation_page_said[NGX_HTTP_MODERATION_PAGE_SAID];


static ngx_uint_t
ngx_http_moderation_page_has(ngx_str_t *s, const char **words)
{
    ngx_uint_t  i;

    for (i = 0; words[i] != NULL; i++) {
        if (ngx_strlcasestrn(s->data, s->data + s->len, (u_char *) words[i],
                             ngx_strlen(words[i]) - 1)
            != NULL)
        {
            return 1;
        }
    }

    return 0;
}


/* spiders by what they say that they are; people whom a search engine sent,
 * who are led elsewhere, too */

static ngx_uint_t
ngx_http_moderation_page_reader(ngx_http_request_t *r)
{
    static const char  *spiders[] = {
        "spider", "googlebot", "bingbot", "sogou", "petalbot", "yandexbot",
        "applebot", "duckduckbot", "slurp", "crawler", NULL
    };
    static const char  *engines[] = {
        "baidu.com/", "sogou.com/", "so.com/", "sm.cn/", "toutiao.com/",
        "bing.com/", "google.", "quark.cn/", NULL
    };

    if (r->headers_in.user_agent != NULL
        && ngx_http_moderation_page_has(&r->headers_in.user_agent->value,
                                        spiders))
    {
        return READER_SPIDER;
    }

    if (r->headers_in.referer != NULL
        && ngx_http_moderation_page_has(&r->headers_in.referer->value,
                                        engines))
    {
        return READER_SEARCH;
    }

    return READER_PERSON;
}


/* the path that was asked for, decoded: try_files and index change r->uri */

static ngx_int_t
ngx_http_moderation_page_path(ngx_http_request_t *r, ngx_str_t *path)
{
    size_t   n;
    u_char  *src, *dst, *end;

    if (!r->internal || r->unparsed_uri.len == 0
        || r->unparsed_uri.data[0] != '/')
    {
        *path = r->uri;
        return NGX_OK;
    }

    end = ngx_strlchr(r->unparsed_uri.data,
                      r->unparsed_uri.data + r->unparsed_uri.len, '?');
    n = end != NULL ? (size_t) (end - r->unparsed_uri.data)
                    : r->unparsed_uri.len;

    path->data = ngx_pnalloc(r->pool, n);
    if (path->data == NULL) {
        return NGX_ERROR;
    }

    src = r->unparsed_uri.data;
    dst = path->data;
    ngx_unescape_uri(&dst, &src, n, NGX_UNESCAPE_URI);
    path->len = dst - path->data;

    return NGX_OK;
}


/* the memory of this page; make: it is made, and what is longest unused goes.
 * NULL: none */

static ngx_http_moderation_zpage_t *
ngx_http_moderation_page_memory(ngx_http_moderation_ctx_t *ctx,
    ngx_uint_t make)
{
    ngx_uint_t                    i, key;
    ngx_http_moderation_zpage_t  *p, *old;

    if (ctx->mcf->zone == NULL || ctx->mcf->zone->data == NULL) {
        return NULL;
    }

    key = ctx->page.key;
    old = NULL;

    for (i = 0; i < NGX_HTTP_MODERATION_PAGE_PROBES; i++) {
        p = &ctx->mcf->zone->data->pages[(key + i)
                                         % NGX_HTTP_MODERATION_PAGES];
        if (p->key == key) {
            return p;
        }

        if (old == NULL || p->key == 0
            || (old->key != 0 && p->touched < old->touched))
        {
            old = p;
        }
    }

    if (!make) {
        return NULL;
    }

    /* two at once may lose what the other says: it is said again by the next
     * response */

    key = old->key;

    if (!ngx_atomic_cmp_set(&old->key, key, ctx->page.key)) {
        return NULL;
    }

    old->missing = 0;
    old->seq = 0;
    ngx_memzero((void *) old->title, sizeof(old->title));
    ngx_memzero((void *) old->seen, sizeof(old->seen));
    ngx_memzero((void *) old->at, sizeof(old->at));

    return old;
}


static void
ngx_http_moderation_page_say(ngx_http_moderation_ctx_t *ctx,
    const mdr_page_found_t *f)
{
    uint32_t    hash;
    ngx_uint_t  i;

    hash = (uint32_t) ctx->page.key ^ (uint32_t) f->kind * 0x9e3779b1u
           ^ ngx_murmur_hash2((u_char *) f->id.data, f->id.len);
    i = hash % NGX_HTTP_MODERATION_PAGE_SAID;

    if (ngx_http_moderation_page_said[i].hash == hash
        && ngx_time() - ngx_http_moderation_page_said[i].at < 60)
    {
        return;
    }

    ngx_http_moderation_page_said[i].hash = hash;
    ngx_http_moderation_page_said[i].at = ngx_time();

    ngx_log_error(NGX_LOG_WARN, ctx->request->connection->log, 0,
                  "moderation: page \"%*s\": %s%s%*s%s%*s%s",
                  (size_t) f->name.len, f->name.data, mdr_page_word(f->kind),
                  f->kind <= MDR_PAGE_INSERTED ? " " : "",
                  f->kind <= MDR_PAGE_INSERTED ? (size_t) f->id.len : 0,
                  f->id.data, f->detail.len != 0 ? ", " : "",
                  (size_t) ngx_min(f->detail.len, 200),
                  f->detail.data != NULL ? f->detail.data : "",
                  f->action == MDR_ACT_NONE ? ""
                  : f->mode == MDR_MODE_ENFORCE ? " (taken out)"
                                                : " (shadow)");
}


static void
ngx_http_moderation_page_found(void *data, const mdr_page_found_t *f)
{
    ngx_http_moderation_ctx_t *ctx = data;

    ctx->page.found |= (ngx_uint_t) 1 << f->kind;

    ngx_http_moderation_zone_page(ctx->mcf->zone, f);
    ngx_http_moderation_page_say(ctx, f);

    if (ctx->ledger.on) {
        ngx_http_moderation_ledger_page(ctx, f);
    }
}


/* does who asks put the answer into a page that is open?  Libraries say so;
 * of what asks for no document, browsers do (Fetch Metadata, 2.1) */

static ngx_uint_t
ngx_http_moderation_page_part(ngx_http_request_t *r)
{
    ngx_uint_t        i, k;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    static ngx_str_t  names[] = {
        ngx_string("HX-Request"), ngx_string("Turbo-Frame"),
        ngx_string("X-Requested-With"), ngx_string("X-PJAX"),
        ngx_string("X-Up-Target"), ngx_string("Sec-Fetch-Dest")
    };

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
                if (h[i].key.len == names[k].len
                    && ngx_strncasecmp(h[i].key.data, names[k].data,
                                       names[k].len) == 0
                    && (k != 5 || (h[i].value.len == 5
                                   && ngx_strncmp(h[i].value.data, "empty", 5)
                                      == 0)))
                {
                    return 1;
                }
            }
        }
    }

    return 0;
}


ngx_int_t
ngx_http_moderation_page_begin(ngx_http_moderation_ctx_t *ctx,
    mdr_scan_conf_t *conf)
{
    mdr_str_t                     host, uri;
    ngx_str_t                     path;
    mdr_page_info_t               info;
    mdr_policy_info_t             policy;
    ngx_http_request_t           *r;
    ngx_http_moderation_zpage_t  *p;

    if (mdr_policy_page_info(ctx->gen->policy, 0, &info) != MDR_OK) {
        return NGX_OK;
    }

    r = ctx->request;

    if (ngx_http_moderation_page_path(r, &path) != NGX_OK) {
        return NGX_ERROR;
    }

    host.data = (char *) r->headers_in.server.data;
    host.len = (uint32_t) r->headers_in.server.len;
    uri.data = (char *) path.data;
    uri.len = (uint32_t) path.len;

    conf->page = mdr_policy_page(ctx->gen->policy, host, uri,
                                 (uint32_t) r->headers_out.status);

    if (conf->page == 0
        || mdr_policy_page_info(ctx->gen->policy, conf->page - 1, &info)
           != MDR_OK)
    {
        conf->page = 0;
        return NGX_OK;
    }

    conf->found = ngx_http_moderation_page_found;
    conf->part = (uint8_t) ngx_http_moderation_page_part(r);
    ctx->page.n = conf->page;
    ctx->page.name.data = (u_char *) info.name.data;
    ctx->page.name.len = info.name.len;
    ctx->page.remembers = info.spiders || info.places;
    ctx->page.spiders = info.spiders;

    mdr_policy_info(ctx->gen->policy, &policy);
    ctx->page.key = ngx_murmur_hash2((u_char *) host.data, host.len);
    ctx->page.key = ctx->page.key * 31
                    + ngx_murmur_hash2(path.data, path.len);
    ctx->page.key = ctx->page.key * 31
                    + ngx_murmur_hash2((u_char *) policy.hash, 32);
    ctx->page.key = (ctx->page.key * 31 + conf->page) | 1;

    if (info.places) {
        p = ngx_http_moderation_page_memory(ctx, 0);
        conf->absent = p != NULL ? (uint32_t) p->missing : 0;
    }

    return NGX_OK;
}


/* this reader was told this title; NULL, or how another kind of reader is told
 * another one */

static const char *
ngx_http_moderation_page_titles(ngx_http_moderation_zpage_t *p,
    ngx_uint_t reader, ngx_uint_t title)
{
    ngx_uint_t   i, seq, before;
    const char  *differs;

    static const char  *words[] = {
        "people are told another one", "spiders are told another one",
        "people from search engines are told another one"
    };

    seq = ngx_atomic_fetch_add(&p->seq, 1) + 1;
    before = p->title[reader] == title ? p->seen[reader] : 0;
    differs = NULL;

    for (i = 0; i < READERS && before != 0; i++) {
        if (i != reader && p->seen[i] > before && p->title[i] != title
            && ngx_time() - (time_t) p->at[i]
               < NGX_HTTP_MODERATION_PAGE_MEMORY
            && ngx_time() - (time_t) p->at[reader]
               < NGX_HTTP_MODERATION_PAGE_MEMORY)
        {
            differs = words[i];
        }
    }

    p->title[reader] = title;
    p->at[reader] = (ngx_atomic_uint_t) ngx_time();
    p->seen[reader] = seq;

    return differs;
}


void
ngx_http_moderation_page_end(ngx_http_moderation_ctx_t *ctx)
{
    u_char                       *text;
    ngx_uint_t                    title;
    const char                   *differs;
    mdr_page_seen_t               seen;
    mdr_page_found_t              f;
    ngx_http_moderation_zpage_t  *p;

    if (!ctx->page.remembers || mdr_scan_page(ctx->scan, &seen) != MDR_OK
        || !seen.whole)
    {
        return;
    }

    p = ngx_http_moderation_page_memory(ctx, 1);

    if (p == NULL) {
        return;
    }

    p->touched = (ngx_atomic_uint_t) ngx_time();
    p->missing = seen.missing;

    if (!ctx->page.spiders) {
        return;
    }

    title = ngx_murmur_hash2((u_char *) seen.title.data, seen.title.len) | 1;
    differs = ngx_http_moderation_page_titles(p,
                          ngx_http_moderation_page_reader(ctx->request),
                          title);
    if (differs == NULL) {
        return;
    }

    text = ngx_pnalloc(ctx->request->pool, 400);
    if (text == NULL) {
        return;
    }

    ngx_memzero(&f, sizeof(f));
    f.page = ctx->page.n - 1;
    f.name.data = (char *) ctx->page.name.data;
    f.name.len = (uint32_t) ctx->page.name.len;
    f.kind = MDR_PAGE_SPIDERS;
    f.mode = (uint8_t) ctx->mode;
    f.action = MDR_ACT_NONE;
    f.id.data = mdr_page_word(MDR_PAGE_SPIDERS);
    f.id.len = (uint32_t) ngx_strlen(f.id.data);
    f.detail.data = (char *) text;
    f.detail.len = (uint32_t) (ngx_snprintf(text, 400, "\"%*s\", %s",
                                            (size_t) ngx_min(seen.title.len,
                                                             300),
                                            seen.title.data, differs)
                               - text);

    ngx_http_moderation_page_found(ctx, &f);
}


/* $moderation_page: its name, and behind a colon what was found */

ngx_int_t
ngx_http_moderation_page_variable(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_http_variable_value_t *v)
{
    u_char      *p;
    uint8_t      kind;
    ngx_uint_t   n;

    p = ngx_pnalloc(r->pool, ctx->page.name.len + 1
                             + MDR_PAGE_KINDS * sizeof("before_html,"));
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->data = p;
    p = ngx_cpymem(p, ctx->page.name.data, ctx->page.name.len);

    for (kind = 0, n = 0; kind < MDR_PAGE_KINDS; kind++) {
        if (ctx->page.found >> kind & 1) {
            *p++ = n++ == 0 ? ':' : ',';
            p = ngx_cpymem(p, mdr_page_word(kind),
                           ngx_strlen(mdr_page_word(kind)));
        }
    }

    v->len = (unsigned) (p - v->data);
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;

    return NGX_OK;
}
