/*
 * load_setting.c - what only the desk reads (load_desk.c, which has checked
 * it) as a flat list of settings in the order of their paths, so that `diff`
 * and `explain` can say it: "bursts: default: ratio" is "2".
 *
 * An entry of a list is known by its `id`, or by its text.  No image has these.
 */

#include "node.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH      6
#define PATH_BYTES 512

typedef struct {
    mdr_load_t  *ld;
    uint32_t     n, cap;
    char         path[PATH_BYTES];
} walk_t;


static void
put(walk_t *w, size_t len, mdr_str_t value)
{
    mdr_setting_t  *s;

    if (w->cap == 0) {
        w->n++;                         /* the first time they are counted */
        return;
    }

    s = &w->ld->model->settings[w->n];
    s->path.data = mdr_load_alloc(w->ld, len + 1);

    if (s->path.data == NULL || w->n == w->cap) {
        return;
    }

    memcpy((char *) s->path.data, w->path, len);
    ((char *) s->path.data)[len] = '\0';
    s->path.len = (uint32_t) len;
    s->value = value;
    w->n++;
}


/* the path so far and one name more; its length, 0: too long */

static size_t
down(walk_t *w, size_t len, mdr_str_t name)
{
    if (len + 2 + name.len >= PATH_BYTES) {
        return 0;
    }

    if (len) {
        memcpy(w->path + len, ": ", 2);
        len += 2;
    }

    memcpy(w->path + len, name.data, name.len);

    return len + name.len;
}


/* no deeper than what load_desk.c lets through */

static void
walk(walk_t *w, const mdr_node_t *n, size_t len, int depth)
{
    size_t             k;
    mdr_str_t          none = { "", 0 };
    const mdr_node_t  *v, *id;

    if (n->kind == MDR_NODE_SCALAR) {
        put(w, len, n->text);
        return;
    }

    for (v = n->first; v != NULL && depth < DEPTH; v = v->next) {
        if (n->kind == MDR_NODE_MAP) {
            k = down(w, len, v->key->text);

            if (k) {
                walk(w, v, k, depth + 1);
            }

            continue;
        }

        id = v->kind == MDR_NODE_MAP ? mdr_node_get(v, "id") : v;
        k = id != NULL && id->kind == MDR_NODE_SCALAR
            ? down(w, len, id->text) : 0;

        if (k && id == v) {
            put(w, k, none);

        } else if (k) {
            walk(w, v, k, depth + 1);
        }
    }
}


static void
walk_all(walk_t *w)
{
    size_t             i, k, len;
    const mdr_node_t  *n, *rule, *id, *strikes;

    static const char *const  keys[] = { "reasons", "accounts", "categories",
                                         "bursts" };
    static const mdr_str_t  of_rules = { "strikes", 7 };

    for (i = 0; i < w->ld->ndocs; i++) {
        for (k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
            n = mdr_node_get(w->ld->docs[i], keys[k]);

            if (n != NULL) {
                len = strlen(keys[k]);
                memcpy(w->path, keys[k], len);
                walk(w, n, len, 1);
            }
        }

        n = mdr_node_get(w->ld->docs[i], "rules");

        for (rule = n != NULL ? n->first : NULL; rule; rule = rule->next) {
            id = mdr_node_get(rule, "id");
            strikes = mdr_node_get(rule, "strikes");

            if (id != NULL && strikes != NULL) {
                len = down(w, down(w, 0, of_rules), id->text);

                if (len) {
                    walk(w, strikes, len, 2);
                }
            }
        }
    }
}


static int
by_path(const void *a, const void *b)
{
    return strcmp(((const mdr_setting_t *) a)->path.data,
                  ((const mdr_setting_t *) b)->path.data);
}


int
mdr_load_settings(mdr_load_t *ld)
{
    walk_t  w;

    memset(&w, 0, sizeof(w));
    w.ld = ld;
    walk_all(&w);

    if (w.n == 0) {
        return MDR_OK;
    }

    ld->model->settings = mdr_load_alloc(ld, w.n * sizeof(mdr_setting_t));

    if (ld->model->settings == NULL) {
        return MDR_ERROR;
    }

    w.cap = w.n;
    w.n = 0;
    walk_all(&w);
    ld->model->nsettings = w.n;
    qsort(ld->model->settings, w.n, sizeof(mdr_setting_t), by_path);

    return ld->no_memory ? MDR_ERROR : MDR_OK;
}


const mdr_setting_t *
mdr_model_setting(const mdr_model_t *m, const char *path)
{
    mdr_setting_t  s;

    s.path.data = path;

    return m->nsettings == 0
           ? NULL : bsearch(&s, m->settings, m->nsettings, sizeof(s), by_path);
}
