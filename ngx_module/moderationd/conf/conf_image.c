/*
 * conf_image.c - `images` and `preview_css` of a site: from where the daemon
 * may fetch pictures of cards, which labels blur them, and the style that a
 * preview is shown in.
 */

#include "moderationd/moderationd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const  image_keys[] = {
    "hosts", "private", "blur", "agent"
};

#define N(a)  (sizeof(a) / sizeof((a)[0]))


static void
words(mdd_msgs_t *m, const mdd_yaml_t *y, const char *what)
{
    const mdd_yaml_t  *e;

    if (y == NULL) {
        return;
    }

    if (y->kind != MDD_Y_LIST) {
        mdd_yaml_error(m, y, "%s: a list is wanted here", what);
        return;
    }

    for (e = y->first; e != NULL; e = e->next) {
        if (e->kind != MDD_Y_SCALAR || e->text[0] == '\0'
            || strpbrk(e->text, "/@ ") != NULL)
        {
            mdd_yaml_error(m, e, "%s: names are wanted here, like "
                           "img.example.cn or *.example.cn", what);
        }
    }
}


/* a line of a request */

static void
agent(mdd_msgs_t *m, const mdd_yaml_t *y)
{
    const char  *p = y && y->kind == MDD_Y_SCALAR ? y->text : "";

    while (*p >= ' ' && *p <= '~') {
        p++;
    }

    if (y && (y->kind != MDD_Y_SCALAR || *p != '\0' || p == y->text
              || p - y->text > MDD_AGENT_MAX))
    {
        mdd_yaml_error(m, y, "agent: a User-Agent of at most %d ASCII "
                       "characters is wanted here", MDD_AGENT_MAX);
    }
}


void
mdd_conf_images(mdd_msgs_t *m, mdd_conf_t *c)
{
    size_t       i;
    mdd_yaml_t  *sites = mdd_yaml_get(c->yaml, "sites"), *e, *y, *p;

    for (e = sites && sites->kind == MDD_Y_MAP ? sites->first : NULL;
         e != NULL; e = e->next)
    {
        for (i = 0; i < c->nsites; i++) {
            if (c->sites[i].name && strcmp(c->sites[i].name, e->key) == 0) {
                break;
            }
        }

        if (i == c->nsites || e->kind != MDD_Y_MAP) {
            continue;
        }

        y = mdd_yaml_get(e, "preview_css");

        if (y != NULL && (y->kind != MDD_Y_SCALAR || y->text[0] == '\0')) {
            mdd_yaml_error(m, y, "preview_css: a file is wanted here");

        } else if (y != NULL
                   && asprintf(&c->sites[i].preview_css, "%s%s%s",
                               y->text[0] == '/' ? "" : c->dir,
                               y->text[0] == '/' ? "" : "/", y->text) < 0)
        {
            c->sites[i].preview_css = NULL;
        }

        y = mdd_yaml_get(e, "images");

        if (y == NULL) {
            continue;
        }

        mdd_yaml_keys(m, y, "images", image_keys, N(image_keys));

        if (y->kind != MDD_Y_MAP) {
            continue;
        }

        words(m, mdd_yaml_get(y, "hosts"), "hosts");
        words(m, mdd_yaml_get(y, "blur"), "blur");
        agent(m, mdd_yaml_get(y, "agent"));
        p = mdd_yaml_get(y, "private");

        if (p != NULL && (p->kind != MDD_Y_SCALAR
                          || (strcmp(p->text, "true") != 0
                              && strcmp(p->text, "false") != 0)))
        {
            mdd_yaml_error(m, p, "private: true or false");
        }

        c->sites[i].images = y;
    }
}
