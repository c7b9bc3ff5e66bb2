/*
 * conf_alarm.c - who is told, in moderationd.yaml.
 *
 *     alarms:
 *       alertmanager: http://127.0.0.1:9093      one, or a list
 *       url: https://www.example.cn/moderation   of the console, for links
 *       mute: ["quiet/rule:*"]
 *     webhooks:
 *       - {url: "https://hooks.example.cn/m", secret: webhook.key, types: [alarm]}
 */

#include "moderationd/moderationd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECRET_MIN  16

static const char *const  alarm_keys[] = { "alertmanager", "url", "mute" };
static const char *const  hook_keys[] = { "url", "secret", "types" };
static const char *const  types[] = {
    "alarm", "notice", "review", "order", "account", "report", "appeal",
    "strike"
};

#define N(a)  (sizeof(a) / sizeof((a)[0]))


static const mdd_yaml_t *
part(const mdd_yaml_t *map, const char *key)
{
    return map != NULL && map->kind == MDD_Y_MAP ? mdd_yaml_get(map, key)
                                                 : NULL;
}


/* one text, or a list of them */

static char **
words(mdd_msgs_t *m, const mdd_yaml_t *y, const char *what, size_t *n)
{
    char              **list;
    const mdd_yaml_t   *e;

    *n = 0;
    list = y != NULL ? calloc(y->n + 2, sizeof(char *)) : NULL;

    if (list == NULL) {
        return NULL;
    }

    for (e = y->kind == MDD_Y_LIST ? y->first : y; e != NULL;
         e = y->kind == MDD_Y_LIST ? e->next : NULL)
    {
        if (e->kind != MDD_Y_SCALAR || e->text[0] == '\0') {
            mdd_yaml_error(m, e, "%s: texts are wanted here", what);
            continue;
        }

        list[(*n)++] = strdup(e->text);
    }

    return list;
}


static int
is_url(const char *s)
{
    return strncmp(s, "http://", 7) == 0 || strncmp(s, "https://", 8) == 0;
}


static void
secret(mdd_msgs_t *m, const mdd_conf_t *c, mdd_webhook_t *h,
    const mdd_yaml_t *y)
{
    char    path[4096], *p;
    size_t  n;

    if (y == NULL || y->kind != MDD_Y_SCALAR
        || snprintf(path, sizeof(path), "%s%s%s",
                    y->text[0] == '/' ? "" : c->dir,
                    y->text[0] == '/' ? "" : "/", y->text)
           >= (int) sizeof(path))
    {
        mdd_yaml_error(m, y, "webhook: \"secret\" is a file");
        return;
    }

    p = mdd_file_read(AT_FDCWD, path, sizeof(h->secret), &n);

    if (p == NULL) {
        mdd_yaml_error(m, y, "%s: %s", path, strerror(errno));
        return;
    }

    while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r')) {
        n--;
    }

    if (n < SECRET_MIN) {
        mdd_yaml_error(m, y, "%s: a secret has %d characters at least", path,
                       SECRET_MIN);

    } else {
        memcpy(h->secret, p, n);
        h->nsecret = n;
    }

    free(p);
}


static void
webhook(mdd_msgs_t *m, mdd_conf_t *c, const mdd_yaml_t *e)
{
    size_t             i;
    mdd_webhook_t     *h = &c->webhooks[c->nwebhooks];
    const char        *near;
    const mdd_yaml_t  *url;

    mdd_yaml_keys(m, e, "a webhook", hook_keys, N(hook_keys));

    if (e->kind != MDD_Y_MAP) {
        return;
    }

    url = part(e, "url");

    if (url == NULL || url->kind != MDD_Y_SCALAR || !is_url(url->text)) {
        mdd_yaml_error(m, url ? url : e, "webhook: \"url\" begins with "
                       "https:// or http://");
        return;
    }

    if (part(e, "secret") == NULL) {
        mdd_yaml_error(m, e, "webhook: \"secret\" is missing, a file with "
                       "what signs it");
        return;
    }

    c->nwebhooks++;
    h->url = strdup(url->text);
    secret(m, c, h, part(e, "secret"));
    h->types = words(m, part(e, "types"), "types", &h->ntypes);

    if (h->ntypes == 0) {
        mdd_yaml_error(m, e, "webhook: \"types\" is missing, as [alarm, "
                       "notice]");
    }

    for (i = 0; i < h->ntypes; i++) {
        near = mdd_nearest(h->types[i], types, N(types));

        if (near == NULL || strcmp(near, h->types[i]) != 0) {
            mdd_yaml_error(m, part(e, "types"), "unknown type \"%.32s\"%s%s%s",
                           h->types[i], near ? " (did you mean \"" : "",
                           near ? near : "", near ? "\"?)" : "");
        }
    }
}


void
mdd_conf_alarms(mdd_msgs_t *m, mdd_conf_t *c)
{
    size_t             i;
    const mdd_yaml_t  *y, *e;

    y = mdd_yaml_get(c->yaml, "alarms");

    if (y != NULL) {
        mdd_yaml_keys(m, y, "alarms", alarm_keys, N(alarm_keys));
        c->alertmanagers = words(m, part(y, "alertmanager"), "alertmanager",
                                 &c->nalertmanagers);
        c->mute = words(m, part(y, "mute"), "mute", &c->nmute);
        e = part(y, "url");

        if (e != NULL && e->kind == MDD_Y_SCALAR) {
            c->alarm_url = strdup(e->text);
        }

        for (i = 0; i < c->nalertmanagers; i++) {
            if (!is_url(c->alertmanagers[i])) {
                mdd_yaml_error(m, part(y, "alertmanager"), "alertmanager: a "
                               "URL like http://127.0.0.1:9093 is wanted "
                               "here");
            }
        }
    }

    y = mdd_yaml_get(c->yaml, "webhooks");

    if (y == NULL) {
        return;
    }

    if (y->kind != MDD_Y_LIST) {
        mdd_yaml_error(m, y, "webhooks: a list is wanted here");
        return;
    }

    c->webhooks = calloc(y->n + 1, sizeof(mdd_webhook_t));

    for (e = c->webhooks != NULL ? y->first : NULL; e != NULL; e = e->next) {
        webhook(m, c, e);
    }
}


static void
free_words(char **list, size_t n)
{
    while (n > 0) {
        free(list[--n]);
    }

    free(list);
}


void
mdd_conf_alarms_free(mdd_conf_t *c)
{
    size_t  i;

    for (i = 0; i < c->nwebhooks; i++) {
        free(c->webhooks[i].url);
        free_words(c->webhooks[i].types, c->webhooks[i].ntypes);
    }

    free(c->webhooks);
    free_words(c->alertmanagers, c->nalertmanagers);
    free_words(c->mute, c->nmute);
    free(c->alarm_url);
}
