/*
 * learn_match.c - what the engine finds in each title.
 *
 * The fragments become a weighted list whose weights are their numbers, the
 * other groups of the rule stay as they are and weigh one; the titles are
 * searched as they would be in a page.  So a feature is there where the
 * engine has a hit, or where the condition of a group holds.
 */

#include "learn.h"
#include "scan/score.h"

#define BATCH  64


/* the fragments as terms of the group */

static int
list_group(mdr_learn_t *l)
{
    size_t        i;
    mdr_group_t  *g;

    g = &l->r->groups[l->words];
    g->terms = mdr_arena_alloc(l->arena, (l->nf + 1) * sizeof(mdr_term_t));

    if (g->terms == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < l->nf; i++) {
        g->terms[i].text = l->f[i].text;
        g->terms[i].place = l->f[i].place;
        g->terms[i].weight = (int32_t) i + 1;
        g->terms[i].weighed = 1;
    }

    g->nterms = l->nf;
    g->weighted = 1;
    g->each = 0;
    g->per = 0;

    return MDR_OK;
}


static int
add_id(mdr_learn_t *l, uint32_t id, uint32_t title)
{
    void  *p;

    p = l->ids;

    if (mdr_grow(l->c->alloc, &p, &l->ids_cap, l->nids + 1,
                 sizeof(uint32_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    l->ids = p;
    l->ids[l->nids++] = id;
    l->f[id].n[l->label[title]]++;

    return MDR_OK;
}


/* the features of one title from its raw hits */

static int
one_title(mdr_learn_t *l, const mdr_policy_t *p, uint32_t title,
    const mdr_subject_t *s, mdr_raw_hit_t *h, size_t n)
{
    size_t            i;
    uint32_t          g, groups;
    mdr_eval_t        e;
    mdr_verdict_t     v;
    mdr_decide_in_t   in;

    memset(&in, 0, sizeof(in));
    memset(&e, 0, sizeof(e));
    v.hits_total = 0;
    in.model = p->model;
    in.matcher = p->matcher;
    in.mode = MDR_MODE_ENFORCE;
    in.now = l->c->now;

    mdr_decide(&in, h, n, s, &v);

    e.hits = h;
    e.n = v.hits_total;
    e.rule = &p->model->rules[0];
    e.subjects = s;
    e.in = &in;
    e.length = mdr_score_length(&e);

    for (i = 0; i < e.n; i++) {
        if (h[i].group == l->words && !(h[i].state & MDR_HIT_AGAIN)
            && add_id(l, (uint32_t) mdr_score_hit(&in, e.rule, &h[i]) - 1,
                      title)
               != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    groups = 0;

    for (g = 0; g < e.rule->ngroups; g++) {
        if (g == l->words) {
            continue;
        }

        if (e.n != 0 && mdr_score_group(&e, g) != 0
            && add_id(l, (uint32_t) (l->nf - (e.rule->ngroups - 1) + groups),
                      title)
               != MDR_OK)
        {
            return MDR_ERROR;
        }

        groups++;
    }

    return MDR_OK;
}


static int
search(mdr_learn_t *l, const mdr_policy_t *p)
{
    int                rc;
    size_t             i, k, n, first;
    uint32_t           t;
    mdr_raw_hits_t     raw;
    mdr_subject_t      s[BATCH];
    mdr_match_work_t  *w;

    memset(&raw, 0, sizeof(raw));
    w = mdr_match_work_new(l->c->alloc);
    rc = w != NULL ? MDR_OK : MDR_ERROR;

    for (t = 0; rc == MDR_OK && t < l->ntitles; t += (uint32_t) n) {
        n = l->ntitles - t < BATCH ? l->ntitles - t : BATCH;
        memset(s, 0, sizeof(s));

        for (i = 0; i < n; i++) {
            s[i].data = l->bytes + l->at[t + i];
            s[i].len = l->at[t + i + 1] - l->at[t + i] - 1;
        }

        rc = mdr_match(p->matcher, w, s, n, &raw);

        for (i = 0, k = 0; rc == MDR_OK && i < n; i++) {
            for (first = k; k < raw.n && raw.hits[k].subject == i; k++) {
                /* void */
            }

            l->from[t + i] = l->nids;
            rc = one_title(l, p, t + (uint32_t) i, s, raw.hits + first,
                           k - first);
        }
    }

    l->from[l->ntitles] = l->nids;
    mdr_match_work_free(w);
    mdr_free(l->c->alloc, raw.hits);

    return rc;
}


int
mdr_learn_match(mdr_learn_t *l)
{
    int             rc;
    uint32_t        g;
    mdr_feature_t  *f;
    mdr_policy_t   *p;

    if (l->nf == 0 || l->nf > 1000000 || list_group(l) != MDR_OK) {
        fprintf(stderr, "moderationctl: %zu fragments stand in %u titles or "
                "more: from 1 to 1000000 can be learned from\n", l->nf,
                l->conf.titles);
        return MDR_ERROR;
    }

    for (g = 0; g < l->r->ngroups; g++) {
        if (g == l->words) {
            continue;
        }

        l->r->groups[g].weight = 1;
        l->r->groups[g].weighted = 0;
        f = mdr_learn_add(l);

        if (f == NULL) {
            return mdr_learn_memory();
        }

        f->group = 1;
        f->at = g;
        f->text = l->r->groups[g].name;
    }

    l->r->nconds = 0;
    l->from = mdr_alloc(l->c->alloc, ((size_t) l->ntitles + 1)
                                     * sizeof(size_t));
    p = l->from != NULL ? mdr_check_policy(l->c, 1, 0) : NULL;

    if (p == NULL) {
        return mdr_learn_memory();
    }

    rc = search(l, p);
    mdr_policy_free(p);

    return rc == MDR_OK ? rc : mdr_learn_memory();
}
