/*
 * plan.c - what a scan needs to know of a policy: see plan.h.
 */

#include "plan.h"
#include "sink.h"

#include <string.h>


static int
rule_reads(const mdr_rule_t *r, mdr_str_t field)
{
    uint32_t  i;

    for (i = 0; i < r->nfields; i++) {
        if (r->fields[i].len == field.len
            && memcmp(r->fields[i].data, field.data, field.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* "$.a.list[*]": items can stand in one list only */

static uint8_t
one_list(mdr_str_t match)
{
    uint32_t  i, wild, last;

    wild = 0;
    last = 0;

    for (i = 0; i < match.len; i++) {
        if (match.data[i] == '*' || match.data[i] == ':') {
            wild++;
            last = i;
        }
        if (match.data[i] == ','
            || (match.data[i] == '.' && i + 1 < match.len
                && match.data[i + 1] == '.'))
        {
            return 0;
        }
    }

    return wild == 1 && last + 2 >= match.len;
}


static int
plan_slot(const mdr_model_t *m, uint32_t n, mdr_slot_plan_t *p,
    mdr_arena_t *arena)
{
    uint32_t           i, f, k;
    const mdr_rule_t  *r;
    const mdr_slot_t  *s;

    s = &m->slots[n];

    p->first_place = mdr_arena_alloc(arena, sizeof(uint32_t)
                                            * (s->nfields + 1));
    p->field_read = mdr_arena_alloc(arena, s->nfields + 1);
    p->field_ask = mdr_arena_alloc(arena, s->nfields + 1);
    if (p->first_place == NULL || p->field_read == NULL
        || p->field_ask == NULL)
    {
        return MDR_ERROR;
    }

    for (f = 0; f < s->nfields; f++) {
        p->first_place[f] = p->nplaces;
        p->nplaces += s->fields[f].nsources;
    }

    p->place_field = mdr_arena_alloc(arena, sizeof(uint32_t)
                                            * (p->nplaces + 1));
    if (p->place_field == NULL) {
        return MDR_ERROR;
    }

    for (k = 0, f = 0; f < s->nfields; f++) {
        for (i = 0; i < s->fields[f].nsources; i++) {
            p->place_field[k++] = f;
        }
    }

    for (i = 0; i < m->nrules; i++) {
        r = &m->rules[i];

        if (!mdr_rule_has_slot(r, n)) {
            continue;
        }

        p->tags |= r->action == MDR_ACT_TAG;

        for (f = 0; f < s->nfields; f++) {
            if (rule_reads(r, s->fields[f].name)) {
                p->field_read[f] = 1;
                p->rules = 1;
            }
        }
    }

    /* a rule that holds where the account is reads its place */

    for (i = 0; p->rules && s->place >= 0 && i < m->nrules; i++) {
        r = &m->rules[i];

        if (r->njurisdictions != 0 && r->law <= MDR_LAW_ACCOUNT
            && mdr_rule_has_slot(r, n))
        {
            p->field_read[s->place] = 1;
        }
    }

    /* a rule for some accounts reads whose the item is */

    for (i = 0; p->rules && s->account_id >= 0 && i < m->nrules; i++) {
        r = &m->rules[i];

        if ((r->accounts != 0 || r->credit_given) && mdr_rule_has_slot(r, n)) {
            p->field_read[s->account_id] = 1;
            p->accounts = 1;
            p->alone |= r->alone;
        }
    }

    /* a rule that is rolled out by item id reads the id */

    for (i = 0; p->rules && s->item_id >= 0 && i < m->nrules; i++) {
        r = &m->rules[i];

        if (r->rollout < 100 && mdr_rule_has_slot(r, n)) {
            p->field_read[s->item_id] = 1;
        }
    }

    for (f = 0; f < s->nfields; f++) {
        p->field_ask[f] = p->field_read[f] || (int32_t) f == s->item_id
                          || (int32_t) f == s->account_id;

        for (i = 0; s->review != MDR_REVIEW_NEVER && i < s->second.nfields;
             i++)
        {
            p->field_ask[f] |= s->second.fields[i] == f;
        }

        p->nread += p->field_read[f];
        p->nask += p->field_ask[f];
    }

    p->cards = s->limit == 0 && !p->alone && s->review != MDR_REVIEW_REQUIRED;

    for (f = 0; f < s->nfields; f++) {
        p->cards &= !s->fields[f].every;

        for (i = 0; i < s->fields[f].nsources; i++) {
            p->cards &= s->fields[f].sources[i].as == MDR_AS_TEXT
                        && s->fields[f].sources[i].path.len == 0;
        }
    }

    p->one_list = one_list(s->match);

    return MDR_OK;
}


mdr_plan_t *
mdr_plan_new(const mdr_model_t *m, mdr_arena_t *arena)
{
    uint32_t     i;
    mdr_plan_t  *plan;

    plan = mdr_arena_alloc(arena, sizeof(mdr_plan_t));
    if (plan == NULL) {
        return NULL;
    }

    plan->nslots = m->nslots;
    plan->slots = mdr_arena_alloc(arena, sizeof(mdr_slot_plan_t)
                                         * ((size_t) m->nslots + 1));
    if (plan->slots == NULL) {
        return NULL;
    }

    for (i = 0; i < m->nslots; i++) {
        if (plan_slot(m, i, &plan->slots[i], arena) != MDR_OK) {
            return NULL;
        }

        if (plan->slots[i].nplaces > plan->max_places) {
            plan->max_places = plan->slots[i].nplaces;
        }

        plan->xml |= m->slots[i].xml;

        switch (m->slots[i].within) {
        case MDR_WITHIN_JSON:
            plan->types[MDR_TYPE_JSON] = 1;
            break;
        case MDR_WITHIN_HTML:
            plan->types[MDR_TYPE_HTML] = 1;
            break;
        case MDR_WITHIN_SCRIPT:
            plan->types[MDR_TYPE_SCRIPT] = 1;
            plan->names = 1;
            break;
        default:
            plan->types[m->slots[i].type & 7] = 1;
            plan->names |= m->slots[i].type == MDR_TYPE_SCRIPT
                           && mdr_script_is_name(m->slots[i].script);
        }
    }

    return plan;
}
