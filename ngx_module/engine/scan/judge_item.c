/*
 * judge_item.c - one item: from the raw hits on its texts, and what is known of
 * it, to what becomes of it on the page.
 */

#include "scan.h"

#include <string.h>


/* the hit of a rule for an account: the item as a whole, no text */

static void
hit_alone(const mdr_sink_t *k, const mdr_unit_t *u,
    const mdr_verdict_hit_t *vh, mdr_hit_t *h)
{
    const mdr_slot_t  *s;

    s = &k->model->slots[u->slot];

    memset(h, 0, sizeof(*h));
    h->rule = vh->rule;
    h->group_name = k->model->rules[vh->rule].groups[0].name;
    h->field = s->fields[s->account_id].name;
    h->start = u->s_start;
    h->end = u->s_start;
    h->text.data = "";
    h->mode = vh->mode;
}


static int
keep_hits(mdr_sink_t *k, mdr_unit_t *u, const mdr_verdict_t *v)
{
    uint32_t                  i;
    uint64_t                  a, b;
    mdr_hit_t                *h;
    mdr_text_t               *t;
    const mdr_rule_t         *r;
    const mdr_subject_t      *s;
    const mdr_verdict_hit_t  *vh;

    u->hits_total = v->hits_total;
    k->stats.hits += v->hits_total;

    if (v->nhits == 0) {
        return MDR_OK;
    }

    u->hits = mdr_alloc(k->alloc, v->nhits * sizeof(mdr_hit_t)
                                  + v->nparts * sizeof(mdr_score_part_t));
    if (u->hits == NULL) {
        return MDR_ERROR;
    }

    u->parts = (mdr_score_part_t *) (void *) (u->hits + v->nhits);
    u->nparts = v->nparts;
    memcpy(u->parts, v->parts, v->nparts * sizeof(mdr_score_part_t));

    for (i = 0; i < v->nhits; i++) {
        vh = &v->hits[i];
        h = &u->hits[i];

        if (vh->subject == UINT32_MAX) {
            hit_alone(k, u, vh, h);
            continue;
        }

        s = &k->work->subjects[vh->subject];
        t = k->work->texts[vh->subject];
        r = &k->model->rules[vh->rule];

        mdr_text_span(t, vh->start, vh->end, &a, &b);

        h->rule = vh->rule;
        h->group = vh->group;
        h->group_name = r->groups[vh->group].name;
        h->field = k->model->slots[s->slot].fields[s->field].name;
        h->start = mdr_scan_source(k, a);
        h->end = mdr_scan_source(k, b);
        h->text.data = (const char *) t->data + vh->start;
        h->text.len = vh->end - vh->start;
        h->weight = vh->weight;
        h->mode = vh->mode;
    }

    u->nhits = v->nhits;

    return MDR_OK;
}


static void
remove_item(mdr_sink_t *k, mdr_unit_t *u)
{
    u->flags |= MDR_ITEM_REMOVED;
    k->stats.removed++;
}


static void
held(mdr_sink_t *k, mdr_unit_t *u)
{
    if (u->action == MDR_ACT_HOLD) {
        u->flags |= MDR_ITEM_HELD;
        k->stats.held++;
    }
}


/* the strongest action, less than `under`, of the rules that have hit: in
 * shadow of all of them, else of those that enforce */

static uint8_t
strongest(const mdr_sink_t *k, const mdr_verdict_t *v, uint8_t under)
{
    uint8_t            action, best, most;
    uint32_t           i;
    const mdr_rule_t  *r;

    best = MDR_ACT_NONE;
    most = MDR_MODE_OFF;

    for (i = 0; i < v->nhits; i++) {
        most = v->hits[i].mode > most ? v->hits[i].mode : most;
    }

    for (i = 0; i < v->nhits; i++) {
        r = &k->model->rules[v->hits[i].rule];
        action = r->action;

        if (v->hits[i].mode == most && action < under && action > best) {
            best = action;
        }
    }

    return best;
}


/* what the host knows of the account of an item */

static void
account_of(mdr_sink_t *k, const mdr_unit_t *u, mdr_account_t *account)
{
    mdr_str_t          id;
    mdr_text_t        *t;
    const mdr_slot_t  *s;

    s = &k->model->slots[u->slot];

    if (!k->plan->slots[u->slot].accounts || k->conf.account == NULL) {
        return;
    }

    t = mdr_judge_text(k, u, (uint32_t) s->account_id);

    if (t != NULL) {
        id.data = (const char *) t->data;
        id.len = (uint32_t) t->len;
        k->conf.account(k->conf.ctx,
                        mdr_pick(k->policy->picks, u->slot,
                                 (uint32_t) s->account_id, id),
                        account);
    }
}


/* one item that is judged */

typedef struct {
    mdr_sink_t        *k;
    mdr_unit_t        *u;
    const mdr_slot_t  *s;
    mdr_verdict_t     *v;
    mdr_raw_hit_t     *raw;             /* of this item only                 */
    size_t             nraw;
    int                enforce;         /* the response is changed           */
    int                quiet;           /* not for items of this slot        */
    mdr_decide_in_t    in;
} case_t;


/* it could not be read: errors decide, or what is known of it */

static void
judge_unreadable(const case_t *c)
{
    mdr_sink_t  *k;
    mdr_unit_t  *u;

    k = c->k;
    u = c->u;
    u->suggestion = MDR_SUGGEST_ERROR;
    u->action = MDR_ACT_NONE;
    mdr_known_ask(k, u, MDR_ACT_NONE);

    if (u->large) {
        u->flags |= MDR_ITEM_TOO_LARGE;
        mdr_items_error(k, u->spent ? MDR_ERR_BUDGET : MDR_ERR_TOO_LARGE,
                        u->start, "item", UINT32_MAX);
    }

    /* what cannot be read is released by nobody */

    if (k->conf.on_error_block || u->answer.stand == MDR_STAND_OUT) {
        u->would = MDR_ACT_BLOCK;

    } else if (u->answer.stand == MDR_STAND_HOLD
               || (c->s->review == MDR_REVIEW_REQUIRED
                   && u->answer.stand != MDR_STAND_PASS))
    {
        u->would = MDR_ACT_HOLD;
    }

    if (c->enforce && u->would != MDR_ACT_NONE
        && (!c->quiet || u->answer.stand == MDR_STAND_OUT))
    {
        u->action = u->would;
        remove_item(k, u);
        held(k, u);
    }
}


/* the text of a field, or empty */

static mdr_str_t
text_of(mdr_sink_t *k, mdr_unit_t *u, int32_t field)
{
    mdr_str_t    s;
    mdr_text_t  *t;

    s.data = NULL;
    s.len = 0;
    t = field >= 0 ? mdr_judge_text(k, u, (uint32_t) field) : NULL;

    if (t != NULL) {
        s.data = (const char *) t->data;
        s.len = (uint32_t) t->len;
    }

    return s;
}


/* hits to the verdict of the rules */

static int
judge_hits(case_t *c)
{
    mdr_sink_t       *k;
    mdr_unit_t       *u;
    mdr_verdict_t    *v;
    mdr_decide_in_t  *in;

    k = c->k;
    u = c->u;
    v = c->v;
    in = &c->in;

    in->model = k->model;
    in->matcher = k->policy->matcher;
    in->slot = u->slot;
    in->mode = c->quiet ? MDR_MODE_SHADOW : k->conf.mode;
    in->now = k->conf.now;
    in->rule_modes = k->conf.rule_modes;
    in->jurisdiction = k->conf.jurisdiction;
    in->site = k->conf.site;
    in->item_id = text_of(k, u, c->s->item_id);
    in->place = text_of(k, u, c->s->place);

    if (in->place.data != NULL) {
        in->place = mdr_law_place(k->model, in->place);
    }

    account_of(k, u, &in->account);
    mdr_decide(in, c->raw, c->nraw, k->work->subjects, v);

    if (k->plan->slots[u->slot].alone) {
        mdr_decide_alone(in, v);
    }

    u->suggestion = v->suggestion;
    u->would = c->enforce && !c->quiet ? v->action : strongest(k, v, 5);
    u->rule = v->rule;

    if (v->nhits != 0) {
        u->law = mdr_law_entry(in, &k->model->rules[
                           v->rule != UINT32_MAX ? v->rule
                                                 : v->hits[0].rule]);
    }

    return keep_hits(k, u, v);
}


/* what is known of it beside the rules: released, out, held */

static void
judge_stand(const case_t *c)
{
    mdr_unit_t  *u;

    u = c->u;

    if (u->limited) {
        u->flags |= MDR_ITEM_LIMITED;
        c->k->stats.limited++;

        if (u->suggestion == MDR_PASS) {
            u->suggestion = MDR_SUGGEST_ERROR;
        }

        if (c->k->conf.on_error_block) {
            u->would = MDR_ACT_BLOCK;
        }
    }

    mdr_known_ask(c->k, u, u->would);

    switch (u->answer.stand) {

    case MDR_STAND_OUT:
        u->would = MDR_ACT_BLOCK;
        break;

    case MDR_STAND_SHOW:
        if (u->would == MDR_ACT_HOLD) {
            u->would = strongest(c->k, c->v, MDR_ACT_HOLD);
        }
        break;

    case MDR_STAND_NONE:
        if (c->s->review != MDR_REVIEW_REQUIRED) {
            break;
        }

        /* fall through */

    case MDR_STAND_HOLD:
        if (u->would < MDR_ACT_HOLD) {
            u->would = MDR_ACT_HOLD;
        }

        if (c->enforce && !c->quiet && u->suggestion < MDR_REVIEW) {
            u->suggestion = MDR_REVIEW;
        }
        break;
    }
}


/* what becomes of it on the page */

static int
judge_act(case_t *c)
{
    mdr_sink_t  *k;
    mdr_unit_t  *u;

    k = c->k;
    u = c->u;
    u->action = u->would;

    if (u->action >= MDR_ACT_HOLD && u->name != 0 && c->nraw != 0
        && mdr_refs_left(k, u->name))
    {
        u->action = MDR_ACT_MASK;       /* something points to it            */
    }

    if (u->action >= MDR_ACT_HOLD) {
        remove_item(k, u);
        held(k, u);

    } else if (c->s->limit != 0
               && ++mdr_judge_shown(k, u->slot, u->parent)->shown
                  > c->s->limit)
    {
        u->flags |= MDR_ITEM_OVER_LIMIT;
        k->stats.over_limit++;
        remove_item(k, u);

    } else if (u->action == MDR_ACT_MASK) {
        if (mdr_mask_item(k, u, &c->in, c->v, c->raw, c->nraw) != MDR_OK) {
            return MDR_ERROR;
        }
        u->flags |= MDR_ITEM_MASKED;
        k->stats.masked++;

    } else if (u->action == MDR_ACT_TAG) {
        if (!u->has_tag && !u->closed && c->s->type != MDR_TYPE_HTML) {
            u->tag_wait = 1;            /* behind the last member            */
        } else {
            mdr_mask_tag(k, u);
        }
    }

    return MDR_OK;
}


int
mdr_judge_item(mdr_sink_t *k, mdr_unit_t *u, mdr_raw_hit_t *raw, size_t nraw)
{
    case_t             c;
    const mdr_slot_t  *s;

    s = &k->model->slots[u->slot];
    memset(&c, 0, sizeof(c));
    c.k = k;
    c.u = u;
    c.s = s;
    c.v = &k->work->verdict;
    c.raw = raw;
    c.nraw = nraw;
    c.enforce = k->conf.mode == MDR_MODE_ENFORCE;
    c.quiet = k->conf.slot_modes != NULL
              && k->conf.slot_modes[u->slot] < MDR_MODE_ENFORCE;

    if (u->large || (u->flags & MDR_ITEM_UNREADABLE)) {
        judge_unreadable(&c);

    } else {
        if ((nraw != 0 || k->plan->slots[u->slot].alone)
            && judge_hits(&c) != MDR_OK)
        {
            return MDR_ERROR;
        }

        judge_stand(&c);

        if (c.enforce && (!c.quiet || u->answer.stand == MDR_STAND_OUT)
            && judge_act(&c) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    if (u->suggestion > k->stats.suggestion) {
        k->stats.suggestion = u->suggestion;
    }

    if (u->action > k->stats.action) {
        k->stats.action = u->action;
    }

    if (!u->tag_wait) {
        mdr_items_decided(k, u);
    }

    return MDR_OK;
}
