/*
 * json_rules.c - the paths of a policy's slots, parsed once and shared by all
 * scans.
 */

#include "json.h"

#include <string.h>


mdr_str_t
mdr_script_last_name(mdr_str_t s)
{
    uint32_t   i;
    mdr_str_t  n;

    for (i = s.len; i > 0 && s.data[i - 1] != '.'; i--) { /* void */ }

    n.data = s.data + i;
    n.len = s.len - i;

    return n;
}


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
    js->group = s->group;
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

            p->pieces = s->fields[f].join == MDR_JOIN_PIECES
                        || (s->fields[f].join == MDR_JOIN_AUTO
                            && mdr_path_pieces(p->path));
        }
    }

    return MDR_OK;
}


mdr_json_rules_t *
mdr_json_compile(const mdr_model_t *m, mdr_arena_t *arena)
{
    uint32_t           i, g, n;
    const mdr_slot_t  *s;
    mdr_json_slot_t   *js;
    mdr_json_rules_t  *r;

    r = mdr_arena_alloc(arena, sizeof(mdr_json_rules_t));
    if (r == NULL) {
        return NULL;
    }

    r->model = m;
    r->slots = mdr_arena_alloc(arena, (2 * m->nslots + m->ngroups + 1)
                                      * sizeof(mdr_json_slot_t));
    r->names = mdr_arena_alloc(arena, (m->ngroups + 1)
                                      * sizeof(mdr_json_named_t));
    if (r->slots == NULL || r->names == NULL) {
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

    /* what points to items of a slot */

    for (i = 0, n = r->nslots; i < n; i++) {
        s = &m->slots[r->slots[i].slot];

        if (s->refs.len == 0) {
            continue;
        }

        r->slots[i].named = 1;
        js = &r->slots[r->nslots++];
        js->slot = r->slots[i].slot;
        js->type = s->type;
        js->group = s->group;
        js->ref = 1;
        js->match = path(s->refs, arena);

        if (js->match == NULL) {
            return NULL;
        }
    }

    /* values that are documents: what finds them is no slot */

    for (g = 1; g <= m->ngroups; g++) {
        for (i = 0; i < m->nslots && m->slots[i].group != g; i++) {
            /* void */
        }

        if (i < m->nslots && m->slots[i].within == MDR_WITHIN_SCRIPT) {
            r->names[r->nnames].name = mdr_script_last_name(m->slots[i].outer);
            r->names[r->nnames++].group = g;
        }

        if (i == m->nslots || m->slots[i].within != MDR_WITHIN_JSON) {
            continue;
        }

        js = &r->slots[r->nslots++];
        js->slot = UINT32_MAX;
        js->type = MDR_TYPE_JSON;
        js->nest = g;
        js->match = path(m->slots[i].outer, arena);

        if (js->match == NULL) {
            return NULL;
        }
    }

    return r;
}


uint8_t *
mdr_json_group(const mdr_json_rules_t *r, uint32_t group, mdr_arena_t *arena)
{
    uint32_t   i;
    uint8_t   *use;

    use = mdr_arena_alloc(arena, r->nslots + 1);

    for (i = 0; use != NULL && i < r->nslots; i++) {
        use[i] = r->slots[i].group == group && r->slots[i].nest == 0;
    }

    return use;
}


uint8_t *
mdr_json_documents(const mdr_json_rules_t *r, const char *name,
    mdr_arena_t *arena)
{
    uint32_t                i;
    mdr_str_t               s;
    uint8_t                *use;
    const mdr_json_slot_t  *js;

    use = mdr_arena_alloc(arena, r->nslots + 1);

    for (i = 0; use != NULL && i < r->nslots; i++) {
        js = &r->slots[i];

        if (js->group != 0) {
            continue;
        }

        use[i] = js->type == MDR_TYPE_JSON;

        if (js->type == MDR_TYPE_SCRIPT && name[0] != '\0') {
            s = mdr_script_last_name(r->model->slots[js->slot].script);
            use[i] = s.len == strlen(name) && memcmp(s.data, name, s.len) == 0;
        }
    }

    return use;
}
