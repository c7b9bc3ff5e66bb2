/*
 * json_value.c - where values begin and end: containers, items, the texts of
 * their places.
 *
 * A value that no path can enter is passed over structurally (json_skip.c):
 * strings and brackets, nothing else.  An item never is: its end and the
 * place of its tag are wanted.
 */

#include "json.h"

#include <string.h>


static int
is_item(const mdr_json_t *j)
{
    return j->nlive != 0 && j->live[j->nlive - 1].depth == j->n;
}


/* the items that the value at hand is */

static int
open_items(mdr_json_t *j, uint64_t at, uint64_t whole)
{
    int                     kind;
    void                   *p;
    uint32_t                i, item;
    uint64_t                parent;
    mdr_json_node_t        *node;
    mdr_json_live_t        *l;
    const mdr_json_slot_t  *s;

    kind = j->n != 0 ? MDR_ITEM_ENTRY
           : j->type == MDR_TYPE_NDJSON ? MDR_ITEM_LINE : MDR_ITEM_DOCUMENT;
    parent = j->n != 0 ? j->frames[j->n - 1].list : UINT64_MAX;
    node = j->now;

    for (i = 0; i < node->nitems; i++) {
        s = &j->rules->slots[node->items[i]];
        j->unusual++;

        if (s->nest >= MDR_JSON_MEMBER) {
            mdr_sink_member(j->sink, s->nest - MDR_JSON_MEMBER);
            continue;
        }

        if (s->nest != 0) {
            j->nest_group = s->nest;
            continue;
        }

        if (s->ref) {
            j->ref_on = 1;
            j->ref = s->slot;
            continue;
        }

        if (j->nlive == MDR_JSON_LIVE) {
            mdr_sink_error(j->sink, MDR_ERR_DEPTH, at,
                           "too many items inside one another");
            break;
        }

        p = j->texts;
        if (mdr_grow(j->alloc, &p, &j->texts_cap, j->ntexts + s->nplaces + 1,
                     sizeof(mdr_text_t *))
            != MDR_OK)
        {
            return MDR_ERROR;
        }
        j->texts = p;

        item = mdr_sink_item_open(j->sink, s->slot, kind, at, whole, parent);

        if (item == MDR_NO_ITEM) {
            continue;
        }

        if (s->named && j->n != 0 && !j->frames[j->n - 1].array) {
            mdr_sink_item_name(j->sink, item, j->key.data, j->key.len);
        }

        if (j->pointer) {
            mdr_sink_item_unreadable(j->sink, item, at,
                                     "a pointer to what is not at hand");
        }

        l = &j->live[j->nlive++];
        l->item = item;
        l->depth = (uint32_t) j->n;
        l->texts = (uint32_t) j->ntexts;
        l->slot = s;
        memset(j->texts + j->ntexts, 0, s->nplaces * sizeof(mdr_text_t *));
        j->ntexts += s->nplaces;
    }

    j->pointer = 0;

    return j->nlive > node->nlive ? mdr_json_opened(j, node, &j->now)
                                  : MDR_OK;
}


/* the text of a place of a live item; NULL: not wanted any more */

mdr_text_t *
mdr_json_text_at(mdr_json_t *j, const mdr_json_collect_t *c)
{
    mdr_text_t             **t;
    const mdr_json_live_t   *l;

    l = &j->live[c->live];
    t = &j->texts[l->texts + c->place];

    if (*t == NULL) {
        *t = mdr_sink_place_open(j->sink, l->item,
                                 l->slot->places[c->place].place);
    }

    return *t;
}


/* another node of a place that has text already, at `at` */

int
mdr_json_next_text(mdr_json_t *j, const mdr_json_collect_t *c, mdr_text_t *t,
    uint64_t at)
{
    return j->live[c->live].slot->places[c->place].pieces
           ? MDR_OK : mdr_text_break(t, at);
}


/* texts that the scalar at hand belongs to */

static int
collect_here(mdr_json_t *j, uint64_t at)
{
    uint32_t                   i;
    mdr_text_t                *t;
    const mdr_json_collect_t  *c;

    for (i = 0; i < j->now->ncollects && i < MDR_JSON_COLLECTS; i++) {
        c = &j->now->collects[i];
        t = mdr_json_text_at(j, c);

        if (t == NULL) {
            continue;
        }

        if (t->len != 0 && mdr_json_next_text(j, c, t, at) != MDR_OK) {
            return MDR_ERROR;
        }

        j->collects[j->ncollects++] = t;
    }

    return MDR_OK;
}


/* items whose value has ended */

void
mdr_json_close_items(mdr_json_t *j, uint64_t end, uint64_t whole_end)
{
    while (is_item(j)) {
        j->nlive--;
        j->ntexts = j->live[j->nlive].texts;
        mdr_sink_item_close(j->sink, j->live[j->nlive].item, end,
                            whole_end);
    }
}


/* the value at hand ends before `end` */

void
mdr_json_end(mdr_json_t *j, uint64_t end)
{
    if (j->n == 0) {
        j->value_end = end;
        j->expect = MDR_JSON_DONE;
        mdr_sink_refs_end(j->sink);

        if (j->type != MDR_TYPE_NDJSON) {   /* there the newline belongs to  */
            mdr_json_close_items(j, end, end);                  /* the item  */
            j->done = 1;
        }
        return;
    }

    if (is_item(j)) {
        mdr_json_close_items(j, end, end);
    }

    if (j->rec != NULL) {
        mdr_json_did_value(j, end);
    }

    mdr_json_ended(j, &j->frames[j->n - 1], end);
}


static void
begin_skip(mdr_json_t *j)
{
    j->skip.depth = 1;
    j->skip.string = 0;
    j->skip.escaped = 0;

    if (j->relaxed) {
        mdr_js_init(&j->js, 1);
        j->js.balanced = 1;
    }
}


static int
open_frame(mdr_json_t *j, int array, uint64_t at)
{
    void              *p;
    mdr_json_frame_t  *f;

    if (j->now == NULL) {
        begin_skip(j);
        return MDR_OK;
    }

    if (j->n == MDR_JSON_DEPTH) {
        j->unusual++;
        mdr_json_did_odd(j);
        mdr_sink_error(j->sink, MDR_ERR_DEPTH, at,
                       "more than 512 levels: passed over");
        begin_skip(j);
        return MDR_OK;
    }

    if (j->n == j->cap) {
        p = j->frames;
        if (mdr_grow(j->alloc, &p, &j->cap, j->n + 1,
                     sizeof(mdr_json_frame_t))
            != MDR_OK)
        {
            return MDR_ERROR;
        }
        j->frames = p;
    }

    f = &j->frames[j->n];
    memset(f, 0, sizeof(mdr_json_frame_t));
    f->node = j->now;
    f->ref = MDR_NO_ITEM;
    f->array = (uint8_t) array;
    f->item = (uint8_t) is_item(j);
    f->open_end = at + 1;
    f->comma = MDR_NO_POS;
    f->mod_start = MDR_NO_POS;
    f->mod_next = MDR_NO_POS;

    j->n++;
    j->fresh = f->item && !array;
    j->value_at = MDR_NO_POS;

    if (f->node->list) {
        mdr_json_did_odd(j);
        f->list = ++j->serial;
        mdr_sink_list_open(j->sink, f->list, at);
    }

    j->expect = array ? MDR_JSON_VALUE_OR_END : MDR_JSON_KEY_OR_END;

    return MDR_OK;
}


void
mdr_json_mod(mdr_json_t *j, mdr_json_frame_t *f, uint64_t at)
{
    mdr_json_did_odd(j);

    if (f->mod_start == MDR_NO_POS) {
        while (j->nmods != 0 && j->mods[j->nmods - 1].depth >= j->n) {
            j->nmods--;                 /* of what was given up              */
        }
        f->mod_start = at;
        f->mod_comma = f->comma;
        f->in_mod = 1;

    } else if (f->members == (uint64_t) f->mod_last + 1) {
        f->in_mod = j->nmods != 0 && j->mods[j->nmods - 1].depth == j->n
                    ? 2 : 1;            /* with the one before it            */

    } else if (j->nmods < MDR_JSON_MODS) {
        j->mods[j->nmods].depth = j->n;
        j->mods[j->nmods++].comma = f->comma;
        f->in_mod = 2;

    } else {
        mdr_sink_error(j->sink, MDR_ERR_UNREADABLE, at,
                       "too many members \"moderation\"");
        return;
    }

    f->nmods++;
    f->mod_last = (uint32_t) f->members;
}


/* what of the top frame, which is an item, goes where a tag of ours comes */

static void
find_stale(mdr_json_t *j, const mdr_json_frame_t *f, mdr_tag_point_t *tp)
{
    if (f->mod_start == MDR_NO_POS) {
        return;
    }

    tp->comma = f->members > f->nmods;
    tp->nstale = 1;

    if (f->mod_comma != MDR_NO_POS) {
        tp->stale[0].start = f->mod_comma;
        tp->stale[0].end = f->mod_end;
    } else {
        tp->stale[0].start = f->mod_start;
        tp->stale[0].end = f->mod_next != MDR_NO_POS ? f->mod_next
                                                     : f->mod_end;
    }

    while (j->nmods != 0 && j->mods[j->nmods - 1].depth > j->n) {
        j->nmods--;
        tp->stale[tp->nstale].start = j->mods[j->nmods].comma;
        tp->stale[tp->nstale++].end = j->mods[j->nmods].end;
    }
}


/* the bracket at `at` closes the top frame, and its value ends */

void
mdr_json_close_frame(mdr_json_t *j, uint64_t at)
{
    uint32_t                 i;
    mdr_tag_point_t          tp;
    const mdr_json_frame_t  *f;

    if (j->whole.p != NULL && j->whole.depth == j->n) {
        if (j->whole.unusual == j->unusual) {
            mdr_sink_item_keep(j->sink, j->whole.item, j->whole.hash,
                               j->whole.key, j->whole.p,
                               (size_t) (at + 1 - j->whole.at));
        }
        j->whole.p = NULL;
    }

    if (j->rec != NULL && j->rec->depth == j->n - 1) {
        mdr_json_did_item(j, at + 1);
    }

    f = &j->frames[--j->n];             /* stays where it is                 */

    if (f->list != 0) {
        mdr_sink_list_close(j->sink, f->list, at);
    }

    if (f->ref != MDR_NO_ITEM) {
        mdr_sink_ref_close(j->sink, f->ref, at + 1);
    }

    if (f->item && !f->array) {
        memset(&tp, 0, sizeof(tp));
        tp.json = 1;
        tp.at = f->members != 0 ? f->last_end : f->open_end;
        tp.comma = f->members != 0;

        find_stale(j, f, &tp);

        for (i = 0; i < j->nlive; i++) {
            if (j->live[i].depth == j->n) {
                mdr_sink_tag_point(j->sink, j->live[i].item, &tp);
            }
        }
    }

    mdr_json_end(j, at + 1);
}


/* an object that may point to an item */

static int
open_pointer(mdr_json_t *j, uint64_t at, uint64_t whole)
{
    int                rc;
    size_t             n;
    uint32_t           ref, slot;
    mdr_json_frame_t  *f;

    f = &j->frames[j->n - 1];
    slot = j->rules->slots[j->now->refs - 1].slot;
    n = j->n;
    j->unusual++;

    ref = f->array ? mdr_sink_ref_open(j->sink, slot, MDR_ITEM_ENTRY, at,
                                       whole, f->list)
          : mdr_sink_ref_open(j->sink, slot, MDR_ITEM_DOCUMENT, at, at,
                              UINT64_MAX);

    rc = open_frame(j, 0, at);

    if (rc == MDR_OK && j->n > n) {
        j->frames[j->n - 1].ref = ref;
    } else {
        mdr_sink_ref_close(j->sink, ref, at);
    }

    return rc;
}


/* the string at hand, a name that something points with, is over */

void
mdr_json_ref_end(mdr_json_t *j, uint64_t end)
{
    mdr_sink_ref_name(j->sink, j->ref, j->ref_name, j->ref_len);

    if (j->ref_own) {
        mdr_sink_ref_close(j->sink, j->ref, end);
    }

    j->ref_on = 0;
}


/* a value whose first byte stands at `at`; whole: the key before it, if any */

int
mdr_json_begin(mdr_json_t *j, uint8_t first, uint64_t at, uint64_t whole,
    mdr_json_node_t *node)
{
    uint32_t           i;
    mdr_json_frame_t  *f;

    j->now = node;
    j->ncollects = 0;
    j->nest_group = 0;
    j->ref_on = 0;
    j->expect = MDR_JSON_VALUE;         /* until it has ended, or opened     */
    f = j->n != 0 ? &j->frames[j->n - 1] : NULL;
    j->value_at = at;

    if (j->rec != NULL
        && (first == '\''
            || (node != NULL && (node->nitems != 0 || node->refs != 0
                                 || node->ncounts != 0))))
    {
        j->rec->bad = 1;
    }

    if (f != NULL && f->list != 0) {
        mdr_sink_list_element(j->sink, f->list, whole);
    }

    if (node != NULL && node->nitems != 0
        && open_items(j, at, whole) != MDR_OK)
    {
        return MDR_ERROR;
    }

    if ((j->relaxed || j->type == MDR_TYPE_JSONP) && f != NULL) {
        f->touched = 0;
        f->child = node;

        if (j->now != NULL) {
            f->touched = j->now->touched;
            for (i = node->nlive; i < j->nlive; i++) {
                f->touched |= (uint32_t) 1 << i;
            }
        }
    }

    if (first == '{' && node != NULL && node->refs != 0 && f != NULL) {
        return open_pointer(j, at, whole);
    }

    if (first == '{' || first == '[') {
        return open_frame(j, first == '[', at);
    }

    if (j->ref_on && first == '"') {
        j->ref_len = 0;
        j->ref_own = f == NULL || f->array || f->ref == MDR_NO_ITEM;
        j->ref = j->ref_own && f != NULL && f->array
                 ? mdr_sink_ref_open(j->sink, j->ref, MDR_ITEM_ENTRY, at,
                                     whole, f->list)
                 : f != NULL ? f->ref : MDR_NO_ITEM;
        j->ref_on = j->ref != MDR_NO_ITEM;

    } else {
        j->ref_on = 0;
    }

    if (j->now != NULL && collect_here(j, at) != MDR_OK) {
        return MDR_ERROR;
    }

    if (first == '"' || (j->relaxed && first == '\'')) {
        j->string = 1;
        j->quote = first;

        if (j->nest_group != 0) {
            j->nest = mdr_layer_open(j->sink, j->nest_group,
                                     first == '"' ? MDR_STYLE_JSON
                                                  : MDR_STYLE_SINGLE);

        } else if ((f == NULL || (j->messages && j->n == 1 && f->array))
                   && j->documents != NULL && j->ncollects == 0
                   && j->nlive == 0)
        {
            j->nest = mdr_layer_string(j->sink, j->documents, j->html,
                                       MDR_STYLE_JSON);
        }
    }

    return MDR_OK;
}


void
mdr_json_forget(mdr_json_t *j)
{
    j->whole.p = NULL;
    j->fresh = 0;
    mdr_json_not_learned(j, 0);
    j->n = 0;
    j->nlive = 0;
    j->ntexts = 0;
    j->now = NULL;
    j->skip.depth = 0;
    j->string = 0;
    j->collecting = 0;
    j->other = 0;
    j->comment = 0;
    j->expect = MDR_JSON_VALUE;
}


void
mdr_json_drop(mdr_json_t *j, uint64_t at, uint32_t keep)
{
    uint32_t  i;
    uint64_t  end;

    end = at;
    (void) mdr_json_nest_end(j);

    while (j->nothers != 0) {
        mdr_sink_item_close(j->sink, j->others[--j->nothers], at, at);
    }


    for (i = j->nlive; i > 0; i--) {
        mdr_sink_item_unreadable(j->sink, j->live[i - 1].item, end,
                                 "the item cannot be read");
    }

    while (j->n != 0) {
        j->n--;
        if (j->frames[j->n].list != 0) {
            mdr_sink_list_close(j->sink, j->frames[j->n].list, end);
        }
        if (j->frames[j->n].ref != MDR_NO_ITEM) {
            mdr_sink_ref_close(j->sink, j->frames[j->n].ref, end);
        }
    }

    while (j->nlive != 0 && j->live[j->nlive - 1].depth >= keep) {
        j->nlive--;
        mdr_sink_item_close(j->sink, j->live[j->nlive].item, end, end);
    }

    i = j->nlive;
    mdr_json_forget(j);
    j->nlive = i;
}


void
mdr_json_abandon(mdr_json_t *j, uint64_t at)
{
    mdr_json_drop(j, at, 0);
}
