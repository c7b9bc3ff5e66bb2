/*
 * diff_setting.c - what changed of that which only the desk reads (reasons,
 * accounts, categories, bursts, strikes of rules; a line a setting), and of the
 * names of places.
 */

#include "check.h"

#include <stdio.h>
#include <string.h>


static void
say(void (*put)(void *ctx, const char *text), void *ctx, char sign,
    const mdr_setting_t *s)
{
    char  line[1200];

    (void) snprintf(line, sizeof(line), "%c %s%s%.200s\n", sign, s->path.data,
                    s->value.len ? ": " : "", s->value.data);
    put(ctx, line);
}


uint32_t
mdr_diff_settings(const mdr_model_t *a, const mdr_model_t *b,
    void (*put)(void *ctx, const char *text), void *ctx)
{
    int                   rc;
    char                  line[1400];
    uint32_t              i = 0, k = 0, n = 0;
    const mdr_setting_t  *x, *y;

    while (i < a->nsettings || k < b->nsettings) {
        x = i < a->nsettings ? &a->settings[i] : NULL;
        y = k < b->nsettings ? &b->settings[k] : NULL;
        rc = x == NULL ? 1 : y == NULL ? -1
             : strcmp(x->path.data, y->path.data);
        i += rc <= 0;
        k += rc >= 0;

        if (rc < 0) {
            say(put, ctx, '-', x);

        } else if (rc > 0) {
            say(put, ctx, '+', y);

        } else if (!mdr_check_same(x->value, y->value)) {
            (void) snprintf(line, sizeof(line), "~ %s: %.200s to %.200s\n",
                            x->path.data, x->value.data, y->value.data);
            put(ctx, line);

        } else {
            continue;
        }

        n++;
    }

    return n;
}


static const mdr_str_t *
code_of(const mdr_model_t *m, mdr_str_t name)
{
    uint32_t  i;

    for (i = 0; i < m->nplaces; i++) {
        if (mdr_check_same(m->places[i].name, name)) {
            return &m->places[i].code;
        }
    }

    return NULL;
}


uint32_t
mdr_diff_places(const mdr_model_t *a, const mdr_model_t *b,
    void (*put)(void *ctx, const char *text), void *ctx)
{
    char                      line[1400];
    uint32_t                  i, n;
    const mdr_str_t          *code;
    const mdr_named_place_t  *p;

    n = 0;

    for (i = 0; i < a->nplaces; i++) {
        p = &a->places[i];

        if (code_of(b, p->name) == NULL) {
            (void) snprintf(line, sizeof(line), "- place %.200s: %.200s\n",
                            p->name.data, p->code.data);
            put(ctx, line);
            n++;
        }
    }

    for (i = 0; i < b->nplaces; i++) {
        p = &b->places[i];
        code = code_of(a, p->name);

        if (code == NULL) {
            (void) snprintf(line, sizeof(line), "+ place %.200s: %.200s\n",
                            p->name.data, p->code.data);

        } else if (!mdr_check_same(*code, p->code)) {
            (void) snprintf(line, sizeof(line), "~ place %.200s: %.200s to "
                            "%.200s\n", p->name.data, code->data,
                            p->code.data);

        } else {
            continue;
        }

        put(ctx, line);
        n++;
    }

    return n;
}
