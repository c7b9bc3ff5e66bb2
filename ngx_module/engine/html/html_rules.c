/*
 * html_rules.c - the selectors of a policy's html and script slots, compiled.
 *
 * What the scanner asks first is the tag: rules->want says for each known tag
 * whether any selector could end at it (as an item, as a field) or step over
 * it.  For most tags of a page the answer is no and nothing else is asked.
 * Compounds that only look at the bytes of a tag have a bit of mdr_memo_t.
 */

#include "html.h"
#include "html_tags.h"

#include <string.h>


static void
index_tags(mdr_html_rules_t *r)
{
    uint8_t      k;
    uint32_t     i;
    mdr_name_t   n;
    const char  *s;

    for (k = 1; k < T_COUNT; k++) {
        s = mdr_html_tag_name(k);
        n = mdr_html_name((const uint8_t *) s, strlen(s));

        for (i = MDR_TAG_HASH(n); r->tag_ids[i] != 0; i = (i + 1) & 511) {
            /* void */
        }

        r->tag_ids[i] = k;
        r->tag_names[i] = n;
    }
}


static void
mark(uint8_t *tags, const mdr_html_rules_t *r, const mdr_compound_t *c,
    uint8_t what)
{
    uint32_t  i;

    if (c->name != 0) {
        tags[mdr_html_tag_id(r, c->name)] |= what;
        return;
    }

    for (i = 0; i < MDR_TAGS; i++) {
        tags[i] |= what;
    }
}


/* does it depend on where the element stands? */

static int
is_positional(const mdr_compound_t *c)
{
    uint32_t             i, k;
    const mdr_simple_t  *s;

    for (i = 0; i < c->n; i++) {
        s = &c->simples[i];

        if (s->kind == MDR_SEL_NTH) {
            return 1;
        }

        for (k = 0; s->kind == MDR_SEL_NOT && k < s->nno; k++) {
            if (is_positional(&s->no[k])) {
                return 1;
            }
        }
    }

    return 0;
}


static void
want(mdr_html_rules_t *r, mdr_compound_t *c, uint8_t what)
{
    c->what = what;
    c->memo = MDR_NO_MEMO;

    mark(r->want, r, c, what);

    if (r->nmemos < MDR_MEMO_BITS && !is_positional(c)) {
        c->memo = (uint8_t) r->nmemos;
        r->memos[r->nmemos++] = c;

    } else {
        mark(r->want_always, r, c, what);
    }
}


/* last compounds say where to look; the others get a bit */

static int
register_selector(mdr_html_rules_t *r, mdr_selector_t *s, uint8_t what,
    mdr_arena_t *arena)
{
    uint32_t          i, j;
    mdr_complex_t    *x;
    mdr_compound_t   *c, **steps;

    r->nth |= s->nth;
    s->single = 1;

    for (i = 0; i < s->n; i++) {
        x = &s->list[i];
        c = &x->compounds[x->n - 1];
        want(r, c, what);

        if (x->n == 1 && c->memo != MDR_NO_MEMO) {
            s->bits |= (uint64_t) 1 << c->memo;
        } else {
            s->single = 0;
        }

        for (j = 0; j + 1 < x->n; j++) {

            if ((r->nsteps & (r->nsteps - 1)) == 0) {
                steps = mdr_arena_alloc(arena, (r->nsteps * 2 + 1)
                                               * sizeof(mdr_compound_t *));
                if (steps == NULL) {
                    return MDR_ERROR;
                }
                if (r->nsteps != 0) {
                    memcpy(steps, r->steps,
                           r->nsteps * sizeof(mdr_compound_t *));
                }
                r->steps = steps;
            }

            x->compounds[j].bit = r->nsteps;
            r->steps[r->nsteps++] = &x->compounds[j];
            want(r, &x->compounds[j], MDR_WANT_STEP);
        }
    }

    return MDR_OK;
}


static mdr_selector_t *
selector(mdr_html_rules_t *r, mdr_str_t text, uint8_t what,
    mdr_arena_t *arena)
{
    mdr_syntax_t     err;
    mdr_selector_t  *s;

    s = mdr_selector_parse(text, arena, &err);

    if (s == NULL || register_selector(r, s, what, arena) != MDR_OK) {
        return NULL;
    }

    return s;
}


/* the only tag that a selector can match, or 0 */

static mdr_name_t
only_tag(const mdr_selector_t *s)
{
    uint32_t    i;
    mdr_name_t  name;

    name = s->list[0].compounds[s->list[0].n - 1].name;

    for (i = 1; i < s->n; i++) {
        if (s->list[i].compounds[s->list[i].n - 1].name != name) {
            return 0;
        }
    }

    return name;
}


static int
attribute_name(mdr_str_t *to, mdr_str_t from, mdr_arena_t *arena)
{
    char      *p;
    uint32_t   i;

    p = mdr_arena_alloc(arena, from.len + 1);
    if (p == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < from.len; i++) {
        p[i] = from.data[i];
        if (p[i] >= 'A' && p[i] <= 'Z') {
            p[i] = (char) (p[i] | 32);
        }
    }

    to->data = p;
    to->len = from.len;

    return MDR_OK;
}


static int
compile_slot(mdr_html_rules_t *r, uint32_t n, mdr_html_slot_t *hs,
    mdr_arena_t *arena)
{
    uint32_t             f, i, k;
    const mdr_slot_t    *s;
    mdr_html_place_t    *p;
    const mdr_source_t  *src;

    s = &r->model->slots[n];
    hs->slot = n;

    if (s->type == MDR_TYPE_SCRIPT) {
        if (mdr_script_is_name(s->script)) {
            return MDR_OK;
        }

        /* asked at <script> only: see mdr_html_script_match */

        hs->match = selector(r, s->script, 0, arena);
        return hs->match != NULL ? MDR_OK : MDR_ERROR;
    }

    hs->match = selector(r, s->match, MDR_WANT_ITEM, arena);

    if (hs->match == NULL) {
        return MDR_ERROR;
    }

    hs->tag = only_tag(hs->match);
    hs->xml = s->xml;
    hs->sees = s->templates == MDR_TEMPLATES_ALL ? MDR_IN
               : s->templates == MDR_TEMPLATES_SHOWN ? MDR_IN_SHOWN : 0;
    r->sees |= hs->sees;

    for (f = 0; f < s->nfields; f++) {
        hs->nplaces += s->fields[f].nsources;
    }

    hs->places = mdr_arena_alloc(arena, (hs->nplaces + 1)
                                        * sizeof(mdr_html_place_t));
    if (hs->places == NULL) {
        return MDR_ERROR;
    }

    if (r->place_words < (hs->nplaces + 63) / 64) {
        r->place_words = (hs->nplaces + 63) / 64;
    }

    for (f = 0, k = 0; f < s->nfields; f++) {
        for (i = 0; i < s->fields[f].nsources; i++, k++) {
            src = &s->fields[f].sources[i];
            p = &hs->places[k];
            p->place = k;
            p->every = s->fields[f].every;
            p->inside = src->path.len != 0 || src->as != 0;

            if (attribute_name(&p->attr, src->attr, arena) != MDR_OK) {
                return MDR_ERROR;
            }

            p->attr_key = mdr_html_name((const uint8_t *) p->attr.data,
                                        p->attr.len);

            if (src->selector.len != 0) {
                p->selector = selector(r, src->selector, MDR_WANT_FIELD,
                                       arena);
                if (p->selector == NULL) {
                    return MDR_ERROR;
                }
                p->tag = only_tag(p->selector);
            }
        }
    }

    return MDR_OK;
}


/* where values of a group stand in HTML */

static int
compile_nest(mdr_html_rules_t *r, uint32_t group, mdr_arena_t *arena)
{
    uint32_t            i;
    mdr_html_nest_t    *n;
    const mdr_slot_t   *s;

    for (i = 0; i < r->model->nslots && r->model->slots[i].group != group;
         i++)
    {
        /* void */
    }

    if (i == r->model->nslots) {
        return MDR_OK;
    }

    s = &r->model->slots[i];

    if (s->within != MDR_WITHIN_HTML) {
        return MDR_OK;
    }

    n = &r->nests[r->nnests++];
    n->group = group;
    n->attr = s->outer_attr;
    n->attr_key = mdr_html_name((const uint8_t *) n->attr.data, n->attr.len);
    n->match = selector(r, s->outer, MDR_WANT_ITEM, arena);

    return n->match != NULL ? MDR_OK : MDR_ERROR;
}


/* attributes whose values say what a tag is or does: those of selectors, and
 * those that the scanner knows */

static const char *const  looked[] = {
    "class", "id", "style", "hidden", "dir", "type", "encoding", "color",
    "face", "size", "shadowrootmode", "hx-swap-oob", "data-hx-swap-oob",
    "data-moderation-label", "data-moderation-suggestion",
    "data-moderation-rule"
};

#define LOOKED  (sizeof(looked) / sizeof(looked[0]))


/* those of a compound, and of what it excludes; to NULL: only counted */

static uint32_t
looked_of(const mdr_compound_t *c, mdr_name_t *to)
{
    uint32_t  i, k, n;

    for (i = 0, n = 0; i < c->n; i++) {
        if (to != NULL) {
            to[n] = c->simples[i].key;
        }

        n++;

        for (k = 0; k < c->simples[i].nno; k++) {
            n += looked_of(&c->simples[i].no[k], to != NULL ? to + n : NULL);
        }
    }

    return n;
}


static uint32_t
looked_by(const mdr_selector_t *s, mdr_name_t *to)
{
    uint32_t  i, k, n;

    for (i = 0, n = 0; s != NULL && i < s->n; i++) {
        for (k = 0; k < s->list[i].n; k++) {
            n += looked_of(&s->list[i].compounds[k],
                           to != NULL ? to + n : NULL);
        }
    }

    return n;
}


static uint32_t
looked_by_all(const mdr_html_rules_t *r, mdr_name_t *to)
{
    uint32_t                i, k, n;
    const mdr_html_slot_t  *hs;

    n = 0;

    for (i = 0; i < r->nslots + r->nscripts; i++) {
        hs = i < r->nslots ? &r->slots[i] : &r->scripts[i - r->nslots];
        n += looked_by(hs->match, to != NULL ? to + n : NULL);

        for (k = 0; k < hs->nplaces; k++) {
            n += looked_by(hs->places[k].selector,
                           to != NULL ? to + n : NULL);
        }
    }

    for (i = 0; i < r->nnests; i++) {
        n += looked_by(r->nests[i].match, to != NULL ? to + n : NULL);

        if (to != NULL) {
            to[n] = r->nests[i].attr_key;
        }

        n++;
    }

    return n;
}


static int
list_looked(mdr_html_rules_t *r, mdr_arena_t *arena)
{
    size_t  i;

    r->nlooked = looked_by_all(r, NULL);
    r->looked = mdr_arena_alloc(arena, (r->nlooked + LOOKED)
                                       * sizeof(mdr_name_t));
    if (r->looked == NULL) {
        return MDR_ERROR;
    }

    (void) looked_by_all(r, r->looked);

    for (i = 0; i < LOOKED; i++) {
        r->looked[r->nlooked++] = mdr_html_name((const uint8_t *) looked[i],
                                                strlen(looked[i]));
    }

    return MDR_OK;
}


/* does the condition of some rule ask how much text is hidden? */

static uint8_t
asks_hidden(const mdr_model_t *m)
{
    uint32_t            i, g, k;
    const mdr_rule_t   *r;
    const mdr_group_t  *grp;

    for (i = 0; i < m->nrules; i++) {
        r = &m->rules[i];

        for (k = 0; k < r->nconds; k++) {
            if (r->conds[k].op == MDR_COND_HIDDEN) {
                return 1;
            }
        }

        for (g = 0; g < r->ngroups; g++) {
            grp = &r->groups[g];

            for (k = 0; k < grp->nconds; k++) {
                if (grp->conds[k].op == MDR_COND_HIDDEN) {
                    return 1;
                }
            }
        }
    }

    return 0;
}


mdr_html_rules_t *
mdr_html_compile(const mdr_model_t *m, uint32_t group, mdr_arena_t *arena)
{
    uint32_t           i, g;
    mdr_html_slot_t   *hs;
    mdr_html_rules_t  *r;

    r = mdr_arena_alloc(arena, sizeof(mdr_html_rules_t));
    if (r == NULL) {
        return NULL;
    }

    r->model = m;
    r->hidden = asks_hidden(m);
    r->place_words = 1;
    r->slots = mdr_arena_alloc(arena, (m->nslots + 1)
                                      * sizeof(mdr_html_slot_t));
    r->scripts = mdr_arena_alloc(arena, (m->nslots + 1)
                                        * sizeof(mdr_html_slot_t));
    r->nests = mdr_arena_alloc(arena, (m->ngroups + 1)
                                      * sizeof(mdr_html_nest_t));
    if (r->slots == NULL || r->scripts == NULL || r->nests == NULL) {
        return NULL;
    }

    index_tags(r);

    for (i = 0; i < m->nslots; i++) {

        r->names |= group == 0 && m->slots[i].within == MDR_WITHIN_SCRIPT;

        if (m->slots[i].group != group) {
            continue;
        }

        if (m->slots[i].type == MDR_TYPE_HTML) {
            hs = &r->slots[r->nslots++];

        } else if (m->slots[i].type == MDR_TYPE_SCRIPT) {
            hs = &r->scripts[r->nscripts++];

        } else {
            continue;
        }

        if (compile_slot(r, i, hs, arena) != MDR_OK) {
            return NULL;
        }
    }

    for (g = 1; group == 0 && g <= m->ngroups; g++) {
        if (compile_nest(r, g, arena) != MDR_OK) {
            return NULL;
        }
    }

    mdr_html_rules_done(r);

    return list_looked(r, arena) == MDR_OK ? r : NULL;
}


void
mdr_html_rules_done(mdr_html_rules_t *r)
{
    r->words = r->nsteps != 0 ? (r->nsteps + 63) / 64 : 1;
}


mdr_selector_t *
mdr_html_rules_selector(mdr_html_rules_t *r, mdr_str_t text,
    mdr_arena_t *arena)
{
    return selector(r, text, MDR_WANT_HOOK, arena);
}


/* n more of them behind those of r->looked; NULL: no memory */

static mdr_name_t *
more_looked(mdr_html_rules_t *r, uint32_t n, mdr_arena_t *arena)
{
    mdr_name_t  *p;

    p = mdr_arena_alloc(arena, (r->nlooked + n + 1) * sizeof(mdr_name_t));
    if (p == NULL) {
        return NULL;
    }

    memcpy(p, r->looked, r->nlooked * sizeof(mdr_name_t));
    r->looked = p;

    return p + r->nlooked;
}


int
mdr_html_rules_looked(mdr_html_rules_t *r, const mdr_selector_t *s,
    const mdr_simple_t *but, mdr_arena_t *arena)
{
    uint32_t     i, k, n;
    mdr_name_t  *to, key;

    n = looked_by(s, NULL);
    to = more_looked(r, n, arena);

    if (to == NULL) {
        return MDR_ERROR;
    }

    (void) looked_by(s, to);

    key = but != NULL ? but->key : 0;

    for (i = 0, k = 0; i < n; i++) {
        if (key != 0 && to[i] == key) {
            key = 0;                    /* once: others may ask for it, too  */

        } else {
            to[k++] = to[i];
        }
    }

    r->nlooked += k;

    return MDR_OK;
}


int
mdr_html_rules_attr(mdr_html_rules_t *r, const char *name, mdr_arena_t *arena)
{
    mdr_name_t  *to;

    to = more_looked(r, 1, arena);

    if (to == NULL) {
        return MDR_ERROR;
    }

    *to = mdr_html_name((const uint8_t *) name, strlen(name));
    r->nlooked++;

    return MDR_OK;
}


void
mdr_html_rules_tag(mdr_html_rules_t *r, const char *name, int before)
{
    uint8_t  id;

    id = mdr_html_tag_id(r, mdr_html_name((const uint8_t *) name,
                                          strlen(name)));
    if (before) {
        r->hooked[id] = 1;
        return;
    }

    r->want[id] |= MDR_WANT_HOOK;
    r->want_always[id] |= MDR_WANT_HOOK;
}
