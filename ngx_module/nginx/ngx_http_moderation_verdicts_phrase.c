/*
 * ngx_http_moderation_verdicts_phrase.c - phrases of orders.
 *
 * They are found as terms of rules are, through all the folds: a small policy
 * of nothing but phrases is made whenever there is a new orders table.  It is
 * asked only while an order of a phrase holds.
 */


#include "ngx_http_moderation.h"

#include <stdio.h>
#include <sys/mman.h>


#define NGX_HTTP_MODERATION_PHRASES  4096


static const char  ngx_http_moderation_phrases_head[] =
    "schema: 1\npolicy: orders\n"
    "slots: [{name: any, type: json, match: \"$\", fields: {text: \"$\"}}]\n"
    "rules:\n";


/* a phrase as a double-quoted scalar; NULL: one that no term can be */

static u_char *
ngx_http_moderation_phrase_quote(u_char *to, mdl_str_t s)
{
    size_t  i;
    u_char  c;

    *to++ = '"';

    for (i = 0; i < s.len; i++) {
        c = (u_char) s.data[i];

        if (c < 0x20 || c == 0x7f) {
            return NULL;
        }

        if (c == '"' || c == '\\') {
            *to++ = '\\';
        }

        *to++ = c;
    }

    *to++ = '"';

    return to;
}


static mdr_policy_t *
ngx_http_moderation_phrases_policy(u_char *text, size_t len, ngx_log_t *log)
{
    int               fd;
    char              path[64], said[512];
    mdr_diags_t      *diags;
    mdr_policy_t     *policy;
    mdr_load_conf_t   conf;

    fd = memfd_create("moderation-orders", MFD_CLOEXEC);

    if (fd == -1) {
        return NULL;
    }

    policy = NULL;
    diags = mdr_diags_new(NULL);

    if (diags != NULL && write(fd, text, len) == (ssize_t) len) {
        ngx_memzero(&conf, sizeof(mdr_load_conf_t));
        conf.now = (int64_t) ngx_time();
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);

        if (mdr_policy_load(path, &conf, diags, &policy) != MDR_OK) {
            policy = NULL;

            if (mdr_diags_count(diags) != 0) {
                (void) mdr_diag_format(mdr_diags_get(diags, 0), said,
                                       sizeof(said));
                ngx_log_error(NGX_LOG_ERR, log, 0,
                              "moderation: phrases of orders: %s", said);
            }
        }
    }

    mdr_diags_free(diags);
    close(fd);

    return policy;
}


void
ngx_http_moderation_phrases_load(ngx_log_t *log)
{
    size_t                           at, size;
    u_char                          *text, *p, *q;
    uint8_t                          key[MDL_HASH];
    mdl_map_t                       *m;
    mdl_str_t                        phrase;
    ngx_http_moderation_verdicts_t  *v;

    v = &ngx_http_moderation_verdicts;
    m = &v->maps[MDL_TABLE_ORDERS];

    mdr_policy_free(v->phrases);
    v->phrases = NULL;
    free(v->phrase_keys);
    v->phrase_keys = NULL;
    v->nphrases = 0;

    at = 0;

    if (mdl_map_phrase(m, &at, key, &phrase) == 0) {
        return;
    }

    size = sizeof(ngx_http_moderation_phrases_head);

    for (at = 0; mdl_map_phrase(m, &at, key, &phrase); ) {
        size += 2 * phrase.len + 128;
    }

    text = malloc(size);
    v->phrase_keys = calloc(NGX_HTTP_MODERATION_PHRASES, MDL_HASH);

    if (v->work == NULL) {
        v->work = mdr_work_new(NULL);
    }

    if (text == NULL || v->phrase_keys == NULL || v->work == NULL) {
        free(text);
        return;
    }

    p = ngx_cpymem(text, ngx_http_moderation_phrases_head,
                   sizeof(ngx_http_moderation_phrases_head) - 1);

    for (at = 0; mdl_map_phrase(m, &at, key, &phrase)
                 && v->nphrases < NGX_HTTP_MODERATION_PHRASES; )
    {
        q = ngx_sprintf(p, "  - {id: p%ui, label: order, match: "
                        "{in: [text], terms: [", v->nphrases);
        q = ngx_http_moderation_phrase_quote(q, phrase);

        if (q == NULL) {
            continue;
        }

        p = ngx_sprintf(q, "]}}\n");
        ngx_memcpy(v->phrase_keys[v->nphrases++], key, MDL_HASH);
    }

    if (v->nphrases != 0) {
        v->phrases = ngx_http_moderation_phrases_policy(text,
                                                   (size_t) (p - text), log);
    }

    free(text);
}


uint32_t
ngx_http_moderation_phrases_find(const mdr_ask_t *ask)
{
    int                              limited;
    uint32_t                         i, n;
    mdr_str_t                        texts[64];
    ngx_http_moderation_verdicts_t  *v;

    v = &ngx_http_moderation_verdicts;

    if (v->phrases == NULL) {
        return UINT32_MAX;
    }

    n = ngx_min(ask->nfields, 64);

    for (i = 0; i < n; i++) {
        texts[i] = ask->fields[i].text;
    }

    return mdr_policy_find(v->phrases, v->work, texts, n, &limited);
}


const uint8_t *
ngx_http_moderation_phrase(size_t *at)
{
    uint32_t                         rule;
    ngx_http_moderation_verdicts_t  *v;

    v = &ngx_http_moderation_verdicts;
    rule = mdr_policy_find_next(v->work, at);

    return rule < v->nphrases ? v->phrase_keys[rule] : NULL;
}
