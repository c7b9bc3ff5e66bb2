/*
 * json_rules.c - the paths of a policy's slots, parsed once and shared by all
 * scans.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                     /* memmem                            */
#endif

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
    return mdr_json_compile_page(m, NULL, arena);
}


mdr_json_rules_t *
mdr_json_compile_page(const mdr_model_t *m, const mdr_page_t *page,
    mdr_arena_t *arena)
{
    uint32_t           i, g, n;
    const mdr_slot_t  *s;
    mdr_json_slot_t   *js;
    mdr_json_rules_t  *r;

    /* where a script gives a name an object: any string in it */

    static const mdr_str_t  strings = { "$..*", 4 };

    r = mdr_arena_alloc(arena, sizeof(mdr_json_rules_t));
    if (r == NULL) {
        return NULL;
    }

    r->model = m;
    r->slots = mdr_arena_alloc(arena, (2 * m->nslots + m->ngroups + 1
                                       + MDR_REQUIRES_MAX)
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

        if (i == m->nslots || m->slots[i].within == MDR_WITHIN_HTML
            || (m->slots[i].within == MDR_WITHIN_SCRIPT
                && m->slots[i].type != MDR_TYPE_HTML))
        {
            continue;
        }

        js = &r->slots[r->nslots++];
        js->slot = UINT32_MAX;
        js->type = m->slots[i].within == MDR_WITHIN_JSON ? MDR_TYPE_JSON
                                                         : MDR_TYPE_SCRIPT;
        js->nest = g;
        js->match = path(js->type == MDR_TYPE_JSON ? m->slots[i].outer
                                                   : strings, arena);

        if (js->match == NULL) {
            return NULL;
        }
    }

    /* members that a page requires: no slots either */

    for (i = 0; page != NULL && i < page->nrequires; i++) {
        if (page->requires[i].member.len == 0) {
            continue;
        }

        js = &r->slots[r->nslots++];
        js->slot = UINT32_MAX;
        js->type = MDR_TYPE_JSON;
        js->nest = MDR_JSON_MEMBER + i;
        js->match = path(page->requires[i].member, arena);

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

        if (js->type == MDR_TYPE_SCRIPT && js->nest == 0 && name[0] != '\0') {
            s = mdr_script_last_name(r->model->slots[js->slot].script);
            use[i] = s.len == strlen(name) && memcmp(s.data, name, s.len) == 0;
        }
    }

    return use;
}


static int
path_names(const mdr_path_t *p, mdr_str_t name, int *any)
{
    uint32_t             i, k;
    const mdr_choice_t  *c;

    for (i = 0; i < p->n; i++) {
        for (k = 0; k < p->steps[i].n; k++) {
            c = &p->steps[i].choices[k];

            if (c->kind != MDR_STEP_NAME) {
                continue;
            }

            *any = 1;

            if (c->name.len == name.len
                && memcmp(c->name.data, name.data, name.len) == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


int
mdr_json_knows(const mdr_json_rules_t *r, mdr_str_t name)
{
    int                     any, named;
    uint32_t                i, k;
    const mdr_json_slot_t  *js;

    for (i = 0; i < r->nslots; i++) {
        js = &r->slots[i];
        any = 0;
        named = 0;

        if (js->group != 0 || js->ref || js->nest >= MDR_JSON_MEMBER
            || js->type == MDR_TYPE_SCRIPT)
        {
            continue;
        }

        if (path_names(js->match, name, &named)) {
            return 1;
        }

        any = named;

        /* "$[*]": what its items have */

        for (k = 0; k < js->nplaces && !named; k++) {
            if (path_names(js->places[k].path, name, &any)) {
                return 1;
            }
        }

        if (!any) {
            return 1;                   /* nobody knows                      */
        }
    }

    return 0;
}


int
mdr_json_script_knows(const mdr_json_rules_t *r, const uint8_t *use,
    mdr_str_t name)
{
    int                     named;
    uint32_t                i, k;
    const mdr_json_slot_t  *js;

    for (i = 0; i < r->nslots; i++) {
        js = &r->slots[i];
        named = 0;

        if (!use[i] || js->type != MDR_TYPE_SCRIPT || js->ref) {
            continue;
        }

        if (path_names(js->match, name, &named)) {
            return 1;
        }

        for (k = 0; k < js->nplaces && !named; k++) {
            if (path_names(js->places[k].path, name, &named)) {
                return 1;
            }
        }
    }

    return 0;
}


int
mdr_json_in_script(const mdr_json_rules_t *r, const uint8_t *p, size_t n)
{
    uint32_t                i;
    mdr_str_t               name;
    const mdr_json_slot_t  *js;

    for (i = 0; i < r->nslots + r->nnames; i++) {

        if (i < r->nslots) {
            js = &r->slots[i];

            if (js->type != MDR_TYPE_SCRIPT || js->nest != 0
                || !mdr_script_is_name(r->model->slots[js->slot].script))
            {
                continue;
            }
            name = mdr_script_last_name(r->model->slots[js->slot].script);

        } else {
            name = r->names[i - r->nslots].name;
        }

        if (memmem(p, n, name.data, name.len) != NULL) {
            return 1;
        }
    }

    return 0;
}
