/*
 * places.c - the texts of an item: a place for each source of each field.
 *
 * A field is known when its sources are, or when the first that has text is;
 * an item is ready when all fields that rules read are known.
 */

#include "scan.h"
#include "json/frames.h"


int
mdr_sink_wanted(mdr_sink_t *k, uint32_t slot, uint32_t place)
{
    const mdr_slot_plan_t  *p;

    p = &k->plan->slots[slot];

    return k->conf.all_fields || k->conf.record
           || mdr_known_reads(k, p, p->place_field[place]);
}


int
mdr_sink_tags(mdr_sink_t *k, uint32_t slot)
{
    return k->conf.mode == MDR_MODE_ENFORCE && k->plan->slots[slot].tags;
}


mdr_text_t *
mdr_sink_place_open(mdr_sink_t *k, uint32_t item, uint32_t place)
{
    mdr_unit_t  *u;

    u = mdr_unit_of(k, item);

    if (u == NULL || u->closed || u->large || u->opened[place] == 1
        || u->opened[place] == 2)
    {
        return NULL;
    }

    u->opened[place] = 1;
    u->texts[place].via = mdr_layer_via(&k->layers);

    return &u->texts[place];
}


/* a value that is to be read as something else: positions stay those of the
 * source, because every step maps through the one before */

static __attribute__((noinline)) int
read_value_as(mdr_sink_t *k, const mdr_source_t *src, int join, mdr_text_t *t)
{
    int         rc;
    mdr_text_t  out;

    if (src->path.len == 0 && src->as == MDR_AS_TEXT) {
        return MDR_OK;                  /* nearly all                        */
    }

    mdr_text_init(&out, k->alloc, t->max);

    rc = MDR_OK;

    if (src->path.len != 0) {
        rc = mdr_json_text(t, src->path, join, &out, k->alloc);

        if (rc == MDR_OK && src->as != MDR_AS_JSON) {
            mdr_text_done(t);
            *t = out;
            mdr_text_init(&out, k->alloc, t->max);
            rc = src->as == MDR_AS_HTML ? mdr_html_text(t, &out)
                                        : mdr_url_text(t, &out);
        }

    } else if (src->as == MDR_AS_HTML) {
        rc = mdr_html_text(t, &out);

    } else if (src->as == MDR_AS_URL) {
        rc = mdr_url_text(t, &out);

    } else {
        return MDR_OK;
    }

    if (rc != MDR_OK) {
        mdr_text_done(&out);
        return rc;
    }

    out.hidden += t->hidden;
    mdr_text_done(t);
    *t = out;

    return MDR_OK;
}


/* a text that may be the name of a row of flight (frames.h): the bytes of such an
 * item do not say what it is, so it is not known by them */

static int
resolve(mdr_sink_t *k, mdr_unit_t *u, mdr_text_t *t, uint64_t at)
{
    int  rc;

    if (t->len == 0 || t->data[0] != '$') {
        return MDR_OK;
    }

    rc = MDR_LIMIT;

    if (mdr_row_text_is_name(t)) {
        u->points = 1;

        if (k->layers.texts != NULL) {
            rc = mdr_row_text(k->layers.texts, t);
        }

    } else if (!mdr_row_text_is_other(t)) {
        return MDR_OK;
    }

    /* in a row of flight "$" before a text of its own is written twice */

    if (rc == MDR_LIMIT && mdr_layer_in_row(&k->layers)) {
        mdr_sink_item_unreadable(k, u->self, at,
                                 "a text in a row that has not come");
    }

    return rc == MDR_LIMIT ? MDR_OK : rc;
}


static void
close_place(mdr_sink_t *k, mdr_unit_t *u, uint32_t place, uint64_t at)
{
    uint32_t                f, i, first;
    mdr_text_t             *t;
    const mdr_field_t      *field;
    const mdr_source_t     *src;
    const mdr_slot_plan_t  *p;

    u->opened[place] = 2;
    t = &u->texts[place];
    p = &k->plan->slots[u->slot];
    f = p->place_field[place];
    field = &k->model->slots[u->slot].fields[f];
    first = p->first_place[f];

    src = &field->sources[place - first];
    t->via = NULL;
    at = mdr_layer_behind(&k->layers, at);

    if (field->every && !u->ending) {
        u->opened[place] = 3;           /* another match may come            */

        if (mdr_text_break(t, at) != MDR_OK) {
            k->failed = 1;
        }
        return;
    }

    if (at - u->start > k->conf.max_slot && (!u->ready || u->large)) {
        mdr_text_stop(t, u->start + k->conf.max_slot);
    }

    if (((src->as != MDR_AS_TEXT || src->path.len != 0)
         && read_value_as(k, src, field->join, t) != MDR_OK)
        || (!t->finished && mdr_text_finish(t) != MDR_OK)
        || mdr_text_compose(t) != MDR_OK
        || resolve(k, u, t, at) != MDR_OK)
    {
        k->failed = 1;
        return;
    }

    if (t->cut) {
        u->large = 1;
    }

    if (!mdr_known_reads(k, p, f) || u->ready) {
        return;
    }

    if (u->known[first]) {
        return;
    }

    /* known: all sources are (field->all), or the first ones up to one that
     * has text are */

    for (i = 0; i < field->nsources; i++) {
        if (u->opened[first + i] != 2) {
            return;
        }

        if (!field->all && u->texts[first + i].len != 0) {
            break;
        }
    }

    u->known[first] = 1;

    if (--u->waiting == 0) {
        mdr_items_ready(k, u, at);
    }
}


void
mdr_sink_place_close(mdr_sink_t *k, uint32_t item, uint32_t place,
    uint64_t at)
{
    mdr_unit_t  *u;

    u = mdr_unit_of(k, item);

    if (u != NULL && u->opened[place] == 1) {
        close_place(k, u, place, at);
    }
}


int
mdr_sink_place_whole(mdr_sink_t *k, uint32_t item, uint32_t place,
    uint64_t src, const uint8_t *p, size_t n, uint64_t at)
{
    mdr_unit_t  *u;

    u = mdr_unit_of(k, item);

    if (u == NULL || u->closed || u->large || u->opened[place] != 0
        || k->layers.now != NULL)
    {
        return 0;
    }

    u->texts[place].via = NULL;

    if (!mdr_text_whole(&u->texts[place], src, p, n)) {
        return 0;
    }

    close_place(k, u, place, at);

    return 1;
}


void
mdr_sink_tag_point(mdr_sink_t *k, uint32_t item,
    const mdr_tag_point_t *point)
{
    uint32_t     i;
    mdr_unit_t  *u;

    u = mdr_unit_of(k, item);

    if (u == NULL || k->conf.mode != MDR_MODE_ENFORCE) {
        return;
    }

    if (u->tag == NULL) {
        u->tag = mdr_alloc(k->alloc, sizeof(mdr_tag_point_t));
        if (u->tag == NULL) {
            k->failed = 1;
            return;
        }
    }

    *u->tag = *point;
    u->has_tag = 1;

    if (k->layers.now != NULL) {
        u->tag->at = mdr_layer_behind(&k->layers, point->at);

        for (i = 0; i < point->nstale; i++) {
            u->tag->stale[i].start = mdr_layer_place(&k->layers, point->stale[i].start);
            u->tag->stale[i].end = mdr_layer_behind(&k->layers, point->stale[i].end);
        }
    }
}
