/*
 * judge.c - what a policy would say of an item that is known by the texts of
 * its fields alone: a decision of the record that is looked at again.
 */

#include "check.h"

#include <string.h>

#define FIELDS_MAX  32
#define TEXT_MAX    (64u << 10)

struct mdr_judge_s {
    const mdr_policy_t  *policy;
    mdr_match_work_t    *work;
};


mdr_judge_t *
mdr_judge_new(const mdr_policy_t *policy)
{
    mdr_judge_t  *j = mdr_alloc(mdr_mem_default(), sizeof(mdr_judge_t));

    if (j == NULL) {
        return NULL;
    }

    j->policy = policy;
    j->work = mdr_match_work_new(mdr_mem_default());

    if (j->work == NULL) {
        mdr_free(mdr_mem_default(), j);
        return NULL;
    }

    return j;
}


void
mdr_judge_free(mdr_judge_t *j)
{
    if (j) {
        mdr_match_work_free(j->work);
        mdr_free(mdr_mem_default(), j);
    }
}


static int
same(mdr_str_t a, const char *s)
{
    return a.len == strlen(s) && memcmp(a.data, s, a.len) == 0;
}


/* rules that hit, each once, in the order of the verdict */

static void
rules(const mdr_model_t *m, const mdr_verdict_t *v, mdr_judged_t *out)
{
    uint32_t  i, k;

    for (i = 0; i < v->nhits; i++) {
        for (k = 0; k < out->nrules && out->rules[k].index != v->hits[i].rule;
             k++)
        {
            /* */
        }

        if (k == out->nrules && k < MDR_JUDGED_RULES) {
            out->rules[k].index = v->hits[i].rule;
            out->rules[k].id = m->rules[v->hits[i].rule].id;
            out->rules[k].mode = v->hits[i].mode;
            out->nrules++;
        }
    }
}


static uint32_t
slot_of(const mdr_model_t *m, const char *name)
{
    uint32_t  s;

    for (s = 0; s < m->nslots && !same(m->slots[s].name, name); s++) { /* */ }

    return s;
}


static int
asks(const mdr_rule_t *r)
{
    return r->accounts != 0 || r->credit_given;
}


static int
placed(const mdr_rule_t *r)
{
    return r->njurisdictions != 0;
}


/* is one of the rules of a slot so? */

static int
has(const mdr_judge_t *j, const char *slot, int (*so)(const mdr_rule_t *r))
{
    uint32_t            s, i;
    const mdr_model_t  *m = j->policy->model;

    s = slot_of(m, slot);

    for (i = 0; s < m->nslots && i < m->nrules; i++) {
        if (so(&m->rules[i]) && mdr_rule_has_slot(&m->rules[i], s)) {
            return 1;
        }
    }

    return 0;
}


int
mdr_judge_asks(const mdr_judge_t *j, const char *slot)
{
    return has(j, slot, asks);
}


int
mdr_judge_placed(const mdr_judge_t *j, const char *slot)
{
    return has(j, slot, placed);
}


/* what the texts say of the item beside themselves: its id, its account's
 * place */

static void
about(mdr_decide_in_t *in, const mdr_subject_t *s, size_t n)
{
    size_t             i;
    mdr_str_t          text;
    const mdr_slot_t  *slot = &in->model->slots[in->slot];

    for (i = 0; i < n; i++) {
        text.data = (const char *) s[i].data;
        text.len = s[i].len;

        if ((int32_t) s[i].field == slot->item_id) {
            in->item_id = text;
        }

        if ((int32_t) s[i].field == slot->place) {
            in->place = mdr_law_place(in->model, text);
        }
    }
}


static int
look(mdr_judge_t *j, mdr_decide_in_t *in, mdr_text_t *texts, mdr_subject_t *s,
    size_t n, mdr_judged_t *out)
{
    int             rc;
    size_t          i;
    mdr_verdict_t   v;
    mdr_raw_hits_t  raw;

    memset(&raw, 0, sizeof(raw));
    memset(&v, 0, sizeof(v));
    v.rule = UINT32_MAX;

    for (i = 0; i < n; i++) {
        s[i].data = texts[i].data;
        s[i].len = (uint32_t) texts[i].len;
    }

    about(in, s, n);
    rc = n > 0 ? mdr_match(j->policy->matcher, j->work, s, n, &raw) : MDR_OK;

    if (rc == MDR_OK) {
        mdr_decide(in, raw.hits, raw.n, s, &v);
        mdr_decide_alone(in, &v);
        out->action = v.action;
        out->suggestion = v.suggestion;
        rules(in->model, &v, out);
    }

    mdr_free(mdr_mem_default(), raw.hits);

    return rc;
}


int
mdr_judge(mdr_judge_t *j, const mdr_judge_item_t *item, int64_t now,
    mdr_judged_t *out)
{
    int                       rc = MDR_OK;
    size_t                    i, n = 0;
    uint32_t                  f;
    mdr_text_t                texts[FIELDS_MAX];
    mdr_subject_t             subjects[FIELDS_MAX];
    mdr_decide_in_t           in;
    const mdr_slot_t         *s;
    const mdr_judge_field_t  *text;

    memset(out, 0, sizeof(mdr_judged_t));
    memset(subjects, 0, sizeof(subjects));
    memset(&in, 0, sizeof(in));

    in.model = j->policy->model;
    in.matcher = j->policy->matcher;
    in.slot = slot_of(in.model, item->slot);
    in.mode = MDR_MODE_ENFORCE;
    in.now = now;
    in.account = item->account;
    in.jurisdiction = item->place;
    in.site = item->place;
    in.anywhere = item->anywhere != 0;

    if (in.slot == in.model->nslots) {
        return MDR_LIMIT;
    }

    s = &in.model->slots[in.slot];

    for (i = 0; i < item->nfields && n < FIELDS_MAX && rc == MDR_OK; i++) {
        text = &item->fields[i];

        for (f = 0; f < s->nfields && !same(s->fields[f].name, text->name);
             f++)
        {
            /* */
        }

        if (f == s->nfields || text->len == 0) {
            continue;
        }

        mdr_text_init(&texts[n], mdr_mem_default(), TEXT_MAX);
        subjects[n].slot = in.slot;
        subjects[n].field = f;
        rc = mdr_text_copy(&texts[n], 0, (const uint8_t *) text->text,
                           text->len);
        rc = rc == MDR_OK ? mdr_text_finish(&texts[n]) : rc;
        n++;
    }

    if (rc == MDR_OK) {
        rc = look(j, &in, texts, subjects, n, out);
    }

    while (n > 0) {
        mdr_text_done(&texts[--n]);
    }

    return rc;
}


/* how a slot comes by its items and texts, as bytes; nothing but that */

static int
reading(const mdr_policy_t *p, const char *slot, mdr_buf_t *out)
{
    uint32_t      s;
    mdr_slot_t    one;
    mdr_model_t   alone;

    mdr_buf_init(out, mdr_mem_default());

    s = slot_of(p->model, slot);

    if (s == p->model->nslots) {
        return 0;
    }

    one = p->model->slots[s];
    one.review = 0;
    one.group = 0;
    one.limit = 0;
    one.count.len = one.refs.len = 0;
    memset(&one.second, 0, sizeof(one.second));
    memset(&alone, 0, sizeof(alone));
    alone.nslots = 1;
    alone.slots = &one;

    return mdr_model_encode(&alone, out) == MDR_OK;
}


int
mdr_judge_reads_alike(const mdr_policy_t *a, const mdr_policy_t *b,
    const char *slot)
{
    int        rc;
    mdr_buf_t  x, y;

    mdr_buf_init(&y, mdr_mem_default());
    rc = reading(a, slot, &x) && reading(b, slot, &y)
         ? x.len == y.len && memcmp(x.data, y.data, x.len) == 0 : -1;
    mdr_buf_done(&x);
    mdr_buf_done(&y);

    return rc;
}
