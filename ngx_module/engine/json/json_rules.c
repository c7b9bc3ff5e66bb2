/*
 * json_rules.c - the paths of a policy's slots, parsed once and shared by all
 * scans.
 */

#include "json.h"


static mdr_path_t *
path(mdr_str_t s, mdr_arena_t *arena)
{
    mdr_syntax_t  err;

    return mdr_path_parse(s, arena, &err);      /* the loader has checked    */
}


static int
slot(const mdr_slot_t *s, mdr_json_slot_t *js, mdr_arena_t *arena)
{
    uint32_t             f, k, n;
    mdr_json_place_t    *p;
    const mdr_source_t  *src;

    static const mdr_str_t  self = {"$", 1};

    js->type = s->type;
    js->match = path(s->match, arena);

    if (js->match == NULL) {
        return MDR_ERROR;
    }

    if (s->count.len != 0) {
        js->count = path(s->count, arena);
        if (js->count == NULL) {
            return MDR_ERROR;
        }
    }

    for (f = 0, n = 0; f < s->nfields; f++) {
        n += s->fields[f].nsources;
    }

    js->places = mdr_arena_alloc(arena, (n + 1) * sizeof(mdr_json_place_t));

    if (js->places == NULL) {
        return MDR_ERROR;
    }

    for (f = 0; f < s->nfields; f++) {
        for (k = 0; k < s->fields[f].nsources; k++) {
            src = &s->fields[f].sources[k];
            p = &js->places[js->nplaces];
            p->place = js->nplaces++;
            p->path = path(src->selector.len != 0 ? src->selector : self,
                           arena);
            if (p->path == NULL) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


mdr_json_rules_t *
mdr_json_compile(const mdr_model_t *m, mdr_arena_t *arena)
{
    uint32_t           i;
    mdr_json_slot_t   *js;
    mdr_json_rules_t  *r;

    r = mdr_arena_alloc(arena, sizeof(mdr_json_rules_t));
    if (r == NULL) {
        return NULL;
    }

    r->model = m;
    r->slots = mdr_arena_alloc(arena, (m->nslots + 1)
                                      * sizeof(mdr_json_slot_t));
    if (r->slots == NULL) {
        return NULL;
    }

    for (i = 0; i < m->nslots; i++) {
        if (m->slots[i].type == MDR_TYPE_HTML) {
            continue;
        }

        js = &r->slots[r->nslots++];
        js->slot = i;

        if (slot(&m->slots[i], js, arena) != MDR_OK) {
            return NULL;
        }
    }

    return r;
}
