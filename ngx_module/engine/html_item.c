/*
 * html_item.c - items and fields: selectors against the open elements.
 *
 * A selector is looked at only where its last compound could match: by the
 * tag first, then by attributes.  Steps before the last one are bits that an
 * element keeps while it is open (which compounds it matches by itself);
 * whether they stand in the right order above is worked out only for an
 * element that matches the last compound.
 */

#include "html.h"
#include "html_tags.h"

#include <string.h>
#include <strings.h>


#define TAG_NAME(id, name, f)  name,

static const char *const  names[T_COUNT + 1] = { "", TAGS(TAG_NAME) };


uint8_t
mdr_html_tag_id(const mdr_html_rules_t *r, mdr_name_t name)
{
    uint32_t  i;

    for (i = (uint32_t) ((name * 0x9e3779b97f4a7c15ULL) >> 55);
         r->tags[i & 511] != 0; i++)
    {
        if (r->tag_names[i & 511] == name) {
            return (uint8_t) r->tags[i & 511];
        }
    }

    return T_NONE;
}


static void
index_tags(mdr_html_rules_t *r)
{
    uint32_t    i, k;
    mdr_name_t  n;

    for (k = 1; k < T_COUNT; k++) {
        n = mdr_html_name((const uint8_t *) names[k], strlen(names[k]));

        for (i = (uint32_t) ((n * 0x9e3779b97f4a7c15ULL) >> 55);
             r->tags[i & 511] != 0; i++)
        {
            /* void */
        }

        r->tags[i & 511] = (uint16_t) k;
        r->tag_names[i & 511] = n;
    }
}


static void
interest(mdr_html_rules_t *r, mdr_name_t name, uint8_t *any, uint8_t *other,
    uint8_t *tags)
{
    uint8_t  id;

    if (name == 0) {
        *any = 1;
        return;
    }

    id = mdr_html_tag_id(r, name);

    if (id == T_NONE) {
        *other = 1;
    } else {
        tags[id] = 1;
    }
}


/* last compounds say where to look; the others get a bit */

static int
register_selector(mdr_html_rules_t *r, mdr_selector_t *s, int item,
    mdr_arena_t *arena)
{
    uint32_t          i, j;
    mdr_complex_t    *x;
    mdr_compound_t   *c, **inner;

    r->nth |= s->nth;

    for (i = 0; i < s->n; i++) {
        x = &s->list[i];
        c = &x->compounds[x->n - 1];

        if (item) {
            interest(r, c->name, &r->any_item, &r->other_item, r->item_tag);
        } else {
            interest(r, c->name, &r->any_field, &r->other_field,
                     r->field_tag);
        }

        for (j = 0; j + 1 < x->n; j++) {
            c = &x->compounds[j];

            if ((r->ninner & (r->ninner - 1)) == 0) {
                inner = mdr_arena_alloc(arena, (r->ninner * 2 + 1)
                                               * sizeof(mdr_compound_t *));
                if (inner == NULL) {
                    return MDR_ERROR;
                }
                if (r->ninner != 0) {
                    memcpy(inner, r->inner,
                           r->ninner * sizeof(mdr_compound_t *));
                }
                r->inner = inner;
            }

            c->bit = r->ninner;
            r->inner[r->ninner++] = c;
            interest(r, c->name, &r->inner_any, &r->inner_other,
                     r->inner_tag);
        }
    }

    return MDR_OK;
}


static int
compile_slot(mdr_html_rules_t *r, uint32_t n, mdr_html_slot_t *hs,
    mdr_arena_t *arena)
{
    uint32_t             f, i, k;
    mdr_syntax_t         err;
    const mdr_slot_t    *s;
    mdr_html_place_t    *p;
    const mdr_source_t  *src;

    s = &r->model->slots[n];
    hs->slot = n;

    if (s->type == MDR_TYPE_SCRIPT) {
        if (!mdr_script_is_name(s->script)) {
            hs->match = mdr_selector_parse(s->script, arena, &err);
            if (hs->match == NULL
                || register_selector(r, hs->match, 1, arena) != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
        return MDR_OK;
    }

    hs->match = mdr_selector_parse(s->match, arena, &err);

    if (hs->match == NULL
        || register_selector(r, hs->match, 1, arena) != MDR_OK)
    {
        return MDR_ERROR;
    }

    for (f = 0; f < s->nfields; f++) {
        hs->nplaces += s->fields[f].nsources;
    }

    hs->places = mdr_arena_alloc(arena, (hs->nplaces + 1)
                                        * sizeof(mdr_html_place_t));
    if (hs->places == NULL) {
        return MDR_ERROR;
    }

    for (f = 0, k = 0; f < s->nfields; f++) {
        for (i = 0; i < s->fields[f].nsources; i++, k++) {
            src = &s->fields[f].sources[i];
            p = &hs->places[k];
            p->slot = n;
            p->place = k;
            p->attr = src->attr;

            if (src->selector.len != 0) {
                p->selector = mdr_selector_parse(src->selector, arena, &err);

                if (p->selector == NULL
                    || register_selector(r, p->selector, 0, arena) != MDR_OK)
                {
                    return MDR_ERROR;
                }
            }
        }
    }

    return MDR_OK;
}


mdr_html_rules_t *
mdr_html_compile(const mdr_model_t *m, mdr_arena_t *arena)
{
    uint32_t           i;
    mdr_html_rules_t  *r;

    r = mdr_arena_alloc(arena, sizeof(mdr_html_rules_t));
    if (r == NULL) {
        return NULL;
    }

    r->model = m;
    r->slots = mdr_arena_alloc(arena, (m->nslots + 1)
                                      * sizeof(mdr_html_slot_t));
    r->scripts = mdr_arena_alloc(arena, (m->nslots + 1)
                                        * sizeof(mdr_html_slot_t));
    if (r->slots == NULL || r->scripts == NULL) {
        return NULL;
    }

    index_tags(r);

    for (i = 0; i < m->nslots; i++) {
        if (m->slots[i].type == MDR_TYPE_HTML) {
            if (compile_slot(r, i, &r->slots[r->nslots++], arena) != MDR_OK) {
                return NULL;
            }

        } else if (m->slots[i].type == MDR_TYPE_SCRIPT) {
            if (compile_slot(r, i, &r->scripts[r->nscripts++], arena)
                != MDR_OK)
            {
                return NULL;
            }
        }
    }

    r->words = (r->ninner + 63) / 64;
    r->words = r->words != 0 ? r->words : 1;

    return r;
}


/* the attributes of h->tag: [p + 1 + name_len, p + len - 1) */

void
mdr_html_attrs(mdr_html_t *h)
{
    uint8_t         q;
    mdr_tag_t      *t;
    mdr_attr_t     *a;
    const uint8_t  *p, *end, *from;

#define SPACE(c)  ((c) == ' ' || (c) == '\n' || (c) == '\t' || (c) == '\r'   \
                   || (c) == '\f')

    t = &h->tag;

    if (t->parsed) {
        return;
    }

    t->parsed = 1;
    t->nattrs = 0;
    p = t->p + 1 + t->name_len;
    end = t->p + t->len;

    if (end > p && end[-1] == '>') {
        end--;
    }

    while (t->nattrs < MDR_ATTRS) {

        while (p < end && (SPACE(*p) || *p == '/')) {
            p++;
        }

        if (p == end) {
            return;
        }

        a = &t->attrs[t->nattrs];
        from = p++;                     /* "=" may be the first byte         */

        while (p < end && !SPACE(*p) && *p != '/' && *p != '=') {
            p++;
        }

        a->name = from;
        a->name_len = (uint32_t) (p - from);
        a->value = p;
        a->value_len = 0;

        while (p < end && SPACE(*p)) {
            p++;
        }

        if (p < end && *p == '=') {
            p++;

            while (p < end && SPACE(*p)) {
                p++;
            }

            if (p < end && (*p == '"' || *p == '\'')) {
                q = *p++;
                a->value = p;
                p = memchr(p, q, (size_t) (end - p));

                if (p == NULL) {
                    return;             /* cut by the limit of a tag         */
                }

                a->value_len = (uint32_t) (p - a->value);
                p++;

            } else {
                a->value = p;
                while (p < end && !SPACE(*p)) {
                    p++;
                }
                a->value_len = (uint32_t) (p - a->value);
            }
        }

        t->nattrs++;                    /* of equal names the first is found */
    }

#undef SPACE
}


/*
 * Do the compounds before the last one of x stand above index `at` of the
 * stack, all of them at `from` or above?  One walk down, a bit a step.
 */

static int
above(const mdr_html_t *h, const mdr_complex_t *x, uint32_t from,
    uint32_t at)
{
    uint32_t         i, j;
    uint32_t         seen, here, last, words;
    const uint64_t  *bits;
    const mdr_compound_t  *c;

    if (x->n == 1) {
        return 1;
    }

    words = h->rules->words;
    seen = 0;                           /* steps matched somewhere above     */
    last = 0;                           /* steps matched by the parent       */

    for (i = from; i < at; i++) {
        bits = &h->bits[i * words];
        here = 0;

        for (j = 0; j + 1 < x->n; j++) {
            c = &x->compounds[j];

            if ((bits[c->bit / 64] >> (c->bit % 64) & 1)
                && (j == 0 || ((c->child ? last : seen) >> (j - 1) & 1)))
            {
                here |= 1u << j;
            }
        }

        seen |= here;
        last = here;
    }

    return ((x->compounds[x->n - 1].child ? last : seen) >> (x->n - 2)) & 1;
}


static int
selector_matches(const mdr_html_t *h, const mdr_selector_t *s, uint32_t from,
    uint32_t at)
{
    uint32_t              i;
    const mdr_complex_t  *x;

    for (i = 0; i < s->n; i++) {
        x = &s->list[i];

        if (mdr_compound_match(&x->compounds[x->n - 1], &h->tag)
            && above(h, x, from, at))
        {
            return 1;
        }
    }

    return 0;
}


/* an attribute's value as the text of a place */

static void
attribute_place(mdr_html_t *h, uint32_t item, const mdr_html_place_t *p)
{
    int                rc;
    mdr_text_t        *t;
    const mdr_attr_t  *a;

    t = mdr_sink_place_open(h->sink, item, p->place);
    if (t == NULL) {
        return;
    }

    a = mdr_html_attr(&h->tag, p->attr);

    if (a != NULL) {
        rc = MDR_OK;
        (void) mdr_html_add_text(t, h->tag.start
                                    + (uint64_t) (a->value - h->tag.p),
                                 a->value, a->value_len, 1, 1, &rc);
    }

    mdr_sink_place_close(h->sink, item, p->place, h->tag.stop);
}


static void
collect(mdr_html_t *h, mdr_open_t *e, uint32_t item,
    const mdr_html_place_t *p)
{
    mdr_text_t     *t;
    mdr_collect_t  *c;

    if (h->ncollects == MDR_COLLECTS) {
        return;
    }

    t = mdr_sink_place_open(h->sink, item, p->place);
    if (t == NULL) {
        return;
    }

    c = &h->collects[h->ncollects++];
    c->text = t;
    c->item = item;
    c->place = p->place;
    c->serial = e->serial;
    c->quiet = h->quiet;
    e->collects = 1;
}


static void
open_place(mdr_html_t *h, mdr_open_t *e, int is_void, uint32_t item,
    const mdr_html_place_t *p)
{
    if (p->attr.len != 0) {
        attribute_place(h, item, p);

    } else if (is_void) {
        if (mdr_sink_place_open(h->sink, item, p->place) != NULL) {
            mdr_sink_place_close(h->sink, item, p->place, h->tag.stop);
        }

    } else {
        collect(h, e, item, p);
    }
}


static void
tag_point(mdr_html_t *h, uint32_t item)
{
    uint32_t            i, k;
    uint64_t            from, end;
    const uint8_t      *q;
    mdr_tag_point_t     tp;
    const mdr_attr_t   *a;

    static const char *const  ours[] = {
        "data-moderation-label", "data-moderation-suggestion",
        "data-moderation-rule"
    };

    memset(&tp, 0, sizeof(tp));
    tp.at = h->tag.start + 1 + h->tag.name_len;

    for (i = 0; i < h->tag.nattrs && tp.nstale < 8; i++) {
        a = &h->tag.attrs[i];

        for (k = 0; k < 3; k++) {
            if (a->name_len == strlen(ours[k])
                && strncasecmp((const char *) a->name, ours[k], a->name_len)
                   == 0)
            {
                break;
            }
        }

        if (k == 3) {
            continue;
        }

        /* with the white space before it and its closing quote */

        q = a->name;
        from = (uint64_t) (q - h->tag.p);

        if (q > h->tag.p + 1 + h->tag.name_len
            && (q[-1] == ' ' || q[-1] == '\n' || q[-1] == '\t'
                || q[-1] == '\r' || q[-1] == '\f'))
        {
            from--;
        }

        end = (uint64_t) (a->value - h->tag.p) + a->value_len;

        if (a->value > a->name + a->name_len
            && (a->value[-1] == '"' || a->value[-1] == '\''))
        {
            end++;
        }

        tp.stale[tp.nstale].start = h->tag.start + from;
        tp.stale[tp.nstale].end = h->tag.start + end;
        tp.nstale++;
    }

    mdr_sink_tag_point(h->sink, item, &tp);
}


static int
wants(uint8_t any, uint8_t other, const uint8_t *tags, uint8_t id)
{
    return any || (id != T_NONE ? tags[id] : other);
}


static void
open_item(mdr_html_t *h, mdr_open_t *e, int is_void, uint32_t slot,
    uint32_t at)
{
    uint32_t                k, item;
    uint64_t                parent;
    mdr_live_t             *l;
    const mdr_html_slot_t  *hs;

    hs = &h->rules->slots[slot];
    parent = at != 0 ? h->open[at - 1].serial : UINT64_MAX;

    item = mdr_sink_item_open(h->sink, hs->slot, MDR_ITEM_ELEMENT,
                              h->tag.start, h->tag.start, parent);
    if (item == MDR_NO_ITEM) {
        return;
    }

    tag_point(h, item);

    for (k = 0; k < hs->nplaces; k++) {
        if (hs->places[k].selector == NULL
            && mdr_sink_wanted(h->sink, hs->slot, k))
        {
            open_place(h, e, is_void, item, &hs->places[k]);
        }
    }

    if (is_void || h->nlive == MDR_LIVE) {
        mdr_sink_item_close(h->sink, item, h->tag.stop, h->tag.stop);
        return;
    }

    l = &h->live[h->nlive++];
    l->item = item;
    l->serial = e->serial;
    l->slot = slot;
    l->found = 0;
    l->done = 1;

    for (k = 0; k < hs->nplaces; k++) {
        if (hs->places[k].selector != NULL
            && mdr_sink_wanted(h->sink, hs->slot, k))
        {
            l->done = 0;
        } else if (k < 64) {
            l->found |= (uint64_t) 1 << k;
        }
    }

    e->items = 1;
}


/* fields of the live items that the element of h->tag is the first for */

static void
match_fields(mdr_html_t *h, mdr_open_t *e, int is_void, uint32_t at,
    uint32_t nlive)
{
    int                     left;
    uint32_t                i, k, from;
    mdr_live_t             *l;
    const mdr_html_slot_t  *hs;

    for (i = 0; i < nlive; i++) {
        l = &h->live[i];

        if (l->done) {
            continue;
        }

        hs = &h->rules->slots[l->slot];
        left = 0;
        from = UINT32_MAX;

        for (k = 0; k < hs->nplaces; k++) {

            if (k < 64 ? (int) (l->found >> k & 1)
                       : hs->places[k].selector == NULL)
            {
                continue;
            }

            left = 1;

            if (from == UINT32_MAX) {
                for (from = at; from > 0
                     && h->open[from - 1].serial != l->serial; from--)
                {
                    /* void */
                }
            }

            if (!selector_matches(h, hs->places[k].selector, from, at)) {
                continue;
            }

            if (k < 64) {
                l->found |= (uint64_t) 1 << k;
            }

            open_place(h, e, is_void, l->item, &hs->places[k]);
        }

        if (!left) {
            l->done = 1;
        }
    }
}


/* e stands on top of the stack, or is void and stands nowhere */

void
mdr_html_opened(mdr_html_t *h, mdr_open_t *e, int is_void)
{
    uint8_t                  id;
    uint32_t                 i, at, nlive;
    const mdr_html_rules_t  *r;

    r = h->rules;
    id = h->tag.id;
    at = is_void ? h->n : h->n - 1;

    if (r->ninner != 0 && !is_void
        && wants(r->inner_any, r->inner_other, r->inner_tag, id))
    {
        mdr_html_attrs(h);

        for (i = 0; i < r->ninner; i++) {
            if (mdr_compound_match(r->inner[i], &h->tag)) {
                h->bits[at * r->words + i / 64] |= (uint64_t) 1 << (i % 64);
            }
        }
    }

    nlive = h->nlive;

    if (r->nslots != 0
        && wants(r->any_item, r->other_item, r->item_tag, id))
    {
        mdr_html_attrs(h);

        for (i = 0; i < r->nslots; i++) {
            if (selector_matches(h, r->slots[i].match, 0, at)) {
                open_item(h, e, is_void, i, at);
            }
        }
    }

    if (nlive != 0
        && wants(r->any_field, r->other_field, r->field_tag, id))
    {
        mdr_html_attrs(h);
        match_fields(h, e, is_void, at, nlive);
    }
}


void
mdr_html_closed(mdr_html_t *h, mdr_open_t *e, uint64_t end, uint64_t seen)
{
    uint32_t       i, n;
    mdr_collect_t  c;

    if (e->collects) {
        for (i = 0, n = 0; i < h->ncollects; i++) {
            c = h->collects[i];

            if (c.serial == e->serial) {
                mdr_sink_place_close(h->sink, c.item, c.place, seen);
            } else {
                h->collects[n++] = c;
            }
        }
        h->ncollects = n;
    }

    if (e->items) {

        /* texts of this item that end with outer elements end here too */

        for (i = h->nlive; i > 0; i--) {
            if (h->live[i - 1].serial != e->serial) {
                continue;
            }

            uint32_t  j;

            for (j = 0, n = 0; j < h->ncollects; j++) {
                c = h->collects[j];
                if (c.item == h->live[i - 1].item) {
                    mdr_sink_place_close(h->sink, c.item, c.place, seen);
                } else {
                    h->collects[n++] = c;
                }
            }
            h->ncollects = n;

            mdr_sink_item_close(h->sink, h->live[i - 1].item, end, end);

            h->nlive--;
            memmove(&h->live[i - 1], &h->live[i],
                    (h->nlive - (i - 1)) * sizeof(mdr_live_t));
        }
    }
}


/* which script slots with a selector match the element of h->tag; 1: some
 * slot may look into this script */

int
mdr_html_script_match(mdr_html_t *h, uint8_t *by_selector)
{
    int                      any;
    uint32_t                 i;
    const mdr_html_rules_t  *r;

    r = h->rules;
    any = 0;

    memset(by_selector, 0, r->model->nslots);

    for (i = 0; i < r->nscripts; i++) {

        if (r->scripts[i].match == NULL) {
            any = 1;
            continue;
        }

        mdr_html_attrs(h);

        if (selector_matches(h, r->scripts[i].match, 0,
                             h->n != 0 ? h->n - 1 : 0))
        {
            by_selector[r->scripts[i].slot] = 1;
            any = 1;
        }
    }

    return any;
}
