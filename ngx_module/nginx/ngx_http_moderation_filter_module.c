/*
 * ngx_http_moderation_filter_module.c - directives and configuration.
 *
 * Policies are loaded while the configuration is merged, once a path, so that
 * `nginx -t` shows every mistake in them with file, line and column.
 */


#include "ngx_http_moderation.h"
#include "ngx_http_moderation_status.h"


static void *ngx_http_moderation_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_moderation_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_moderation_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
static char *ngx_http_moderation_set_policy(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
static char *ngx_http_moderation_max_slot(ngx_conf_t *cf, void *post,
    void *data);
static ngx_int_t ngx_http_moderation_preconf(ngx_conf_t *cf);
static ngx_int_t ngx_http_moderation_postconf(ngx_conf_t *cf);
static ngx_int_t ngx_http_moderation_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_moderation_init_process(ngx_cycle_t *cycle);
static void ngx_http_moderation_exit_process(ngx_cycle_t *cycle);


static ngx_str_t  ngx_http_moderation_types[] = {
    ngx_string("text/html"),
    ngx_string("application/xhtml+xml"),
    ngx_string("text/vnd.turbo-stream.html"),
    ngx_string("application/json"),
    ngx_string("text/json"),
    ngx_string("application/x-ndjson"),
    ngx_string("application/ndjson"),
    ngx_string("application/jsonl"),
    ngx_string("text/javascript"),
    ngx_string("application/javascript"),
    ngx_string("application/x-javascript"),
    ngx_string("application/json-seq"),
    ngx_string("text/event-stream"),
    ngx_string("multipart/mixed"),
    ngx_string("text/x-component"),
    ngx_string("text/x-script"),
    ngx_string("application/json+devalue"),
    ngx_string("text/sveltekit-data"),
    ngx_string("text/remix-deferred"),
    ngx_null_string
};

static ngx_conf_enum_t  ngx_http_moderation_tag_forms[] = {
    { ngx_string("full"), MDR_TAGS_FULL },
    { ngx_string("label"), MDR_TAGS_LABEL },
    { ngx_string("off"), MDR_TAGS_OFF },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_moderation_on_errors[] = {
    { ngx_string("pass"), NGX_HTTP_MODERATION_ERR_PASS },
    { ngx_string("block"), NGX_HTTP_MODERATION_ERR_BLOCK },
    { ngx_null_string, 0 }
};

static ngx_conf_post_t  ngx_http_moderation_max_slot_post = {
    ngx_http_moderation_max_slot
};

#ifndef NGX_HTTP_MODERATION_TEMP_PATH
#define NGX_HTTP_MODERATION_TEMP_PATH  "moderation_temp"
#endif

static ngx_path_init_t  ngx_http_moderation_image_path_init = {
    ngx_string(NGX_HTTP_MODERATION_TEMP_PATH), { 0, 0, 0 }
};


static ngx_command_t  ngx_http_moderation_commands[] = {

    { ngx_string("moderation"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
                        |NGX_HTTP_LIF_CONF|NGX_CONF_TAKE1,
      ngx_http_moderation_set_mode,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("moderation_policy"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_moderation_set_policy,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("moderation_types"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_types_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_moderation_loc_conf_t, types_keys),
      NULL },

    { ngx_string("moderation_max_slot"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_moderation_loc_conf_t, max_slot),
      &ngx_http_moderation_max_slot_post },

    { ngx_string("moderation_on_error"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_moderation_loc_conf_t, on_error),
      &ngx_http_moderation_on_errors },

    { ngx_string("moderation_tags"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_moderation_loc_conf_t, tags),
      &ngx_http_moderation_tag_forms },

    { ngx_string("moderation_debug"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_moderation_loc_conf_t, debug),
      NULL },

    { ngx_string("moderation_image_path"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_path_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_moderation_main_conf_t, image_path),
      NULL },

    { ngx_string("moderation_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_moderation_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_moderation_main_conf_t, zone),
      &ngx_http_moderation_filter_module },

    { ngx_string("moderation_ledger"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_moderation_set_ledger,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("moderation_id_key"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_moderation_set_id_key,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("moderation_geoip2"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_moderation_set_geoip2,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("moderation_verdicts"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_1MORE,
      ngx_http_moderation_set_verdicts,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("moderation_jurisdiction"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_moderation_set_jurisdiction,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("moderation_client"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_moderation_set_client,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("moderation_account"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_moderation_set_account,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("moderation_private"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_moderation_loc_conf_t, private),
      NULL },

    { ngx_string("moderation_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_moderation_status,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_moderation_module_ctx = {
    ngx_http_moderation_preconf,           /* preconfiguration */
    ngx_http_moderation_postconf,          /* postconfiguration */

    ngx_http_moderation_create_main_conf,  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_moderation_create_loc_conf,   /* create location configuration */
    ngx_http_moderation_merge_loc_conf     /* merge location configuration */
};


ngx_module_t  ngx_http_moderation_filter_module = {
    NGX_MODULE_V1,
    &ngx_http_moderation_module_ctx,       /* module context */
    ngx_http_moderation_commands,          /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_moderation_init_module,       /* init module */
    ngx_http_moderation_init_process,      /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_moderation_exit_process,      /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* configuration */

static void *
ngx_http_moderation_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_moderation_main_conf_t  *mmcf;

    mmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_moderation_main_conf_t));
    if (mmcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     mmcf->zone = NULL;
     *     mmcf->image_path = NULL;
     *     mmcf->may_enforce = 0;
     *     mmcf->geos = { NULL };
     *     mmcf->needs_geo = 0;
     *     mmcf->needs_accounts = 0;
     */

    if (ngx_array_init(&mmcf->stores, cf->pool, 4,
                       sizeof(ngx_http_moderation_store_t *))
        != NGX_OK)
    {
        return NULL;
    }

    return mmcf;
}


static void *
ngx_http_moderation_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_moderation_loc_conf_t  *mlcf;

    mlcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_moderation_loc_conf_t));
    if (mlcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     mlcf->mode_value = NULL;
     *     mlcf->policy = { 0, NULL };
     *     mlcf->kill = { 0, NULL };
     *     mlcf->shadow = { 0, NULL };
     *     mlcf->check = 0;
     *     mlcf->last_good = 0;
     *     mlcf->store = NULL;
     *     mlcf->candidate = NULL;
     *     mlcf->types = { NULL };
     *     mlcf->types_keys = NULL;
     *     mlcf->debug = NULL;
     *     mlcf->place_value = NULL;
     *     mlcf->client_value = NULL;
     *     mlcf->account_value = NULL;
     *     mlcf->site = { 0, NULL };
     */

    mlcf->mode = NGX_CONF_UNSET_UINT;
    mlcf->max_slot = NGX_CONF_UNSET_SIZE;
    mlcf->on_error = NGX_CONF_UNSET_UINT;
    mlcf->tags = NGX_CONF_UNSET_UINT;
    mlcf->place = NGX_CONF_UNSET_UINT;
    mlcf->private = NGX_CONF_UNSET;
    mlcf->ledger = NGX_CONF_UNSET;

    return mlcf;
}


/* values that a location takes from the one around it */

static void
ngx_http_moderation_inherit(ngx_http_moderation_loc_conf_t *conf,
    ngx_http_moderation_loc_conf_t *prev)
{
    if (conf->mode == NGX_CONF_UNSET_UINT) {
        conf->mode = prev->mode == NGX_CONF_UNSET_UINT ? MDR_MODE_OFF
                                                       : prev->mode;
        conf->mode_value = prev->mode_value;
    }

    if (conf->policy.data == NULL) {
        conf->policy = prev->policy;
        conf->kill = prev->kill;
        conf->last_good = prev->last_good;
        conf->shadow = prev->shadow;
        conf->check = prev->check;
        conf->store = prev->store;
        conf->candidate = prev->candidate;
    }

    if (conf->place == NGX_CONF_UNSET_UINT) {
        conf->place = prev->place == NGX_CONF_UNSET_UINT
                      ? NGX_HTTP_MODERATION_PLACE_OFF : prev->place;
        conf->place_value = prev->place_value;
        conf->site = prev->site;
    }

    if (conf->client_value == NULL) {
        conf->client_value = prev->client_value;
    }

    if (conf->account_value == NULL) {
        conf->account_value = prev->account_value;
    }

    if (conf->debug == NULL) {
        conf->debug = prev->debug;
    }
}


static ngx_int_t
ngx_http_moderation_add_stores(ngx_conf_t *cf,
    ngx_http_moderation_loc_conf_t *conf,
    ngx_http_moderation_main_conf_t *mmcf)
{
    ngx_http_moderation_store_conf_t  sc;

    if (mmcf->image_path == NULL
        && ngx_conf_merge_path_value(cf, &mmcf->image_path, NULL,
                                     &ngx_http_moderation_image_path_init)
           != NGX_CONF_OK)
    {
        return NGX_ERROR;
    }

    sc.path = conf->policy;
    sc.kill = conf->kill;
    sc.check = conf->check;
    sc.last_good = conf->last_good;
    sc.zone = &mmcf->zone;
    sc.image_path = &mmcf->image_path;

    conf->store = ngx_http_moderation_store_add(cf, &mmcf->stores, &sc);

    if (conf->store == NULL || conf->shadow.len == 0) {
        return conf->store != NULL ? NGX_OK : NGX_ERROR;
    }

    sc.path = conf->shadow;
    ngx_str_set(&sc.kill, "");
    conf->candidate = ngx_http_moderation_store_add(cf, &mmcf->stores, &sc);

    if (conf->candidate == NULL) {
        return NGX_ERROR;
    }

    conf->candidate->candidate = 1;

    return NGX_OK;
}


/* rules that ask where the reader is, and nothing says it */

static void
ngx_http_moderation_say_unplaced(ngx_conf_t *cf,
    ngx_http_moderation_loc_conf_t *conf)
{
    mdr_policy_info_t  info;

    if (conf->mode == MDR_MODE_OFF || conf->store == NULL
        || conf->place != NGX_HTTP_MODERATION_PLACE_OFF
        || conf->store->said_unplaced)
    {
        return;
    }

    mdr_policy_info(conf->store->gen->policy, &info);

    if (info.reader_only != 0) {
        conf->store->said_unplaced = 1;
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "rules of \"%V\" ask where the reader is, and no "
                           "\"moderation_jurisdiction\" says it: they do "
                           "nothing here", &conf->policy);
    }
}


static char *
ngx_http_moderation_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_moderation_loc_conf_t *prev = parent;
    ngx_http_moderation_loc_conf_t *conf = child;

    ngx_http_moderation_main_conf_t  *mmcf;

    mmcf = ngx_http_conf_get_module_main_conf(cf,
                                         ngx_http_moderation_filter_module);

    ngx_http_moderation_inherit(conf, prev);

    ngx_conf_merge_value(conf->private, prev->private, 1);
    ngx_conf_merge_value(conf->ledger, prev->ledger, 1);
    ngx_conf_merge_size_value(conf->max_slot, prev->max_slot, 65536);
    ngx_conf_merge_uint_value(conf->on_error, prev->on_error,
                              NGX_HTTP_MODERATION_ERR_PASS);
    ngx_conf_merge_uint_value(conf->tags, prev->tags, MDR_TAGS_FULL);

    if (ngx_http_merge_types(cf, &conf->types_keys, &conf->types,
                             &prev->types_keys, &prev->types,
                             ngx_http_moderation_types)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (conf->policy.data != NULL && conf->store == NULL
        && ngx_http_moderation_add_stores(cf, conf, mmcf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (conf->mode == MDR_MODE_ENFORCE
        || conf->mode == NGX_HTTP_MODERATION_VALUE)
    {
        mmcf->may_enforce = 1;

        if (conf->store == NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"moderation\" %s needs a "
                               "\"moderation_policy\"",
                               conf->mode == MDR_MODE_ENFORCE
                               ? "enforce" : "with a variable");
            return NGX_CONF_ERROR;
        }
    }

    ngx_http_moderation_say_unplaced(cf, conf);

    return NGX_CONF_OK;
}


/* moderation_policy PATH [check=TIME] [kill=PATH] [shadow=PATH]
 * [start=fail|last_good] */

static char *
ngx_http_moderation_set_policy(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_moderation_loc_conf_t *mlcf = conf;

    ngx_str_t   *value, s;
    ngx_int_t    check;
    ngx_uint_t   i;

    if (mlcf->policy.data != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 0) {
        return "has an empty path";
    }

    mlcf->check = 2000;
    ngx_str_set(&mlcf->kill, "");

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strncmp(value[i].data, "check=", 6) == 0) {
            s.data = value[i].data + 6;
            s.len = value[i].len - 6;

            check = ngx_parse_time(&s, 0);
            if (check == NGX_ERROR) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "invalid value \"%V\"", &value[i]);
                return NGX_CONF_ERROR;
            }

            mlcf->check = (ngx_msec_t) check;
            continue;
        }

        if (ngx_strcmp(value[i].data, "start=fail") == 0) {
            mlcf->last_good = 0;
            continue;
        }

        if (ngx_strcmp(value[i].data, "start=last_good") == 0) {
            mlcf->last_good = 1;
            continue;
        }

        if (ngx_strncmp(value[i].data, "kill=", 5) == 0
            && value[i].len > 5)
        {
            mlcf->kill.data = value[i].data + 5;
            mlcf->kill.len = value[i].len - 5;

            if (ngx_conf_full_name(cf->cycle, &mlcf->kill, 1) != NGX_OK) {
                return NGX_CONF_ERROR;
            }

            continue;
        }

        if (ngx_strncmp(value[i].data, "shadow=", 7) == 0
            && value[i].len > 7)
        {
            mlcf->shadow.data = value[i].data + 7;
            mlcf->shadow.len = value[i].len - 7;

            if (ngx_conf_full_name(cf->cycle, &mlcf->shadow, 1) != NGX_OK) {
                return NGX_CONF_ERROR;
            }

            continue;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                           &value[i]);
        return NGX_CONF_ERROR;
    }

    mlcf->policy = value[1];

    if (ngx_conf_full_name(cf->cycle, &mlcf->policy, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (mlcf->shadow.len == mlcf->policy.len
        && ngx_strncmp(mlcf->shadow.data, mlcf->policy.data,
                       mlcf->policy.len) == 0)
    {
        return "has itself as shadow=";
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_moderation_max_slot(ngx_conf_t *cf, void *post, void *data)
{
    size_t *size = data;

    if (*size < 256 || *size > 256 * 1024 * 1024) {
        return "must be between 256 and 256m";
    }

    return NGX_CONF_OK;
}


void
ngx_http_moderation_status_source(ngx_http_request_t *r,
    ngx_http_moderation_zone_t **zone, ngx_array_t **stores,
    ngx_array_t **geos)
{
    ngx_http_moderation_main_conf_t  *mmcf;

    mmcf = ngx_http_get_module_main_conf(r,
                                         ngx_http_moderation_filter_module);

    *zone = mmcf->zone;
    *stores = &mmcf->stores;
    *geos = &mmcf->geos;
}


/* nginx puts a module before or after others by the order of load_module:
 * behind a compressor we would read compressed bytes, before the parts of the
 * page are put together we would read parts */

static ngx_int_t
ngx_http_moderation_order(ngx_conf_t *cf)
{
    char         *name;
    ngx_uint_t    i, n, own;

    static const char *const  below[] = {
        "ngx_http_gzip_filter_module",
        "ngx_http_brotli_filter_module",
        "ngx_http_zstd_filter_module",
        NULL
    };

    static const char *const  above[] = {
        "ngx_http_postpone_filter_module",
        "ngx_http_ssi_filter_module",
        "ngx_http_sub_filter_module",
        "ngx_http_addition_filter_module",
        "ngx_http_gunzip_filter_module",
        NULL
    };

    for (own = 0; cf->cycle->modules[own]; own++) {
        if (cf->cycle->modules[own] == &ngx_http_moderation_filter_module) {
            break;
        }
    }

    for (i = 0; cf->cycle->modules[i]; i++) {
        name = cf->cycle->modules[i]->name;

        for (n = 0; below[n] != NULL; n++) {
            if (i > own && ngx_strcmp(name, below[n]) == 0) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "\"ngx_http_moderation_filter_module\" "
                                   "must be loaded after \"%s\"", name);
                return NGX_ERROR;
            }
        }

        for (n = 0; above[n] != NULL; n++) {
            if (i < own && ngx_strcmp(name, above[n]) == 0) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "\"ngx_http_moderation_filter_module\" "
                                   "stands behind \"%s\" in the list of "
                                   "modules", name);
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_moderation_preconf(ngx_conf_t *cf)
{
    return ngx_http_moderation_add_variables(cf);
}


static ngx_int_t
ngx_http_moderation_postconf(ngx_conf_t *cf)
{
    ngx_http_moderation_main_conf_t  *mmcf;

    mmcf = ngx_http_conf_get_module_main_conf(cf,
                                         ngx_http_moderation_filter_module);

    if (mmcf->needs_geo && mmcf->geos.nelts == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"moderation_jurisdiction geoip2\" needs a "
                      "\"moderation_geoip2\"");
        return NGX_ERROR;
    }

    if (mmcf->needs_accounts && mmcf->verdicts.dir.len == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"moderation_account\" needs a "
                      "\"moderation_verdicts\"");
        return NGX_ERROR;
    }

    if (ngx_http_moderation_ledger_check(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (mmcf->stores.nelts == 0) {
        return NGX_OK;
    }

    if (ngx_http_moderation_order(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (mmcf->may_enforce
        && ngx_http_moderation_preaccess_init(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_moderation_filter_init(cf);
}


static ngx_http_moderation_main_conf_t *
ngx_http_moderation_main_conf(ngx_cycle_t *cycle)
{
    ngx_http_moderation_main_conf_t  *mmcf;

    mmcf = ngx_http_cycle_get_module_main_conf(cycle,
                                         ngx_http_moderation_filter_module);

    return mmcf == NULL || mmcf->stores.nelts == 0 ? NULL : mmcf;
}


static ngx_int_t
ngx_http_moderation_init_module(ngx_cycle_t *cycle)
{
    ngx_http_moderation_main_conf_t  *mmcf, *old;

    mmcf = ngx_http_moderation_main_conf(cycle);

    if (ngx_test_config) {
        return NGX_OK;
    }

    /* "master_process off": the process that serves reads a configuration
     * anew, and nobody calls init_process for it */

    old = NULL;

    if (ngx_process == NGX_PROCESS_SINGLE
        && !ngx_is_init_cycle(cycle->old_cycle))
    {
        old = ngx_http_moderation_main_conf(cycle->old_cycle);

        if (old != NULL) {
            ngx_http_moderation_ledger_stop();
            ngx_http_moderation_verdicts_stop();
            ngx_http_moderation_store_stop(&old->stores);
            ngx_http_moderation_geoip2_stop(&old->geos);
            ngx_http_moderation_asset_reset();
        }
    }

    if (mmcf == NULL) {
        return NGX_OK;
    }

    if (ngx_http_moderation_store_save(cycle, &mmcf->stores) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_process != NGX_PROCESS_SINGLE
        || ngx_is_init_cycle(cycle->old_cycle))
    {
        return NGX_OK;
    }

    if (old == NULL && ngx_http_moderation_work_init(cycle) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_moderation_geoip2_start(cycle, &mmcf->geos, mmcf->image_path);

    if (ngx_http_moderation_store_start(cycle, &mmcf->stores) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_moderation_verdicts_start(cycle, mmcf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_moderation_ledger_start(cycle, mmcf);
}


static ngx_int_t
ngx_http_moderation_init_process(ngx_cycle_t *cycle)
{
    ngx_http_moderation_main_conf_t  *mmcf;

    mmcf = ngx_http_moderation_main_conf(cycle);

    if (mmcf == NULL) {
        return NGX_OK;
    }

    if (ngx_http_moderation_work_init(cycle) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_process != NGX_PROCESS_WORKER
        && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    ngx_http_moderation_geoip2_start(cycle, &mmcf->geos, mmcf->image_path);

    if (ngx_http_moderation_store_start(cycle, &mmcf->stores) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_moderation_verdicts_start(cycle, mmcf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_moderation_ledger_start(cycle, mmcf);
}


static void
ngx_http_moderation_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_moderation_main_conf_t  *mmcf;

    mmcf = ngx_http_moderation_main_conf(cycle);

    if (mmcf == NULL) {
        return;
    }

    ngx_http_moderation_ledger_stop();
    ngx_http_moderation_verdicts_stop();
    ngx_http_moderation_store_stop(&mmcf->stores);
    ngx_http_moderation_geoip2_stop(&mmcf->geos);
    ngx_http_moderation_work_done();
}
