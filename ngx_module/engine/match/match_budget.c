/*
 * match_budget.c - what a text may cost, and all texts of a response.
 *
 * The search does a little of one text and a little of the next: what each has
 * spent is kept, and the meter that everything counts on (base/limits.h) stops
 * where the text in hand, or the response, may spend no more.  A text of which
 * something was left is named, so that nobody takes it for read.
 *
 * The tables of a large lexicon come from memory and not from a cache, so that
 * a step takes twice as long: there each counts for two.
 */

#include "match_work.h"


#define NONE   UINT32_MAX
#define NAMED  (UINT64_MAX / 2)         /* spent: it is in w->limited        */


void
mdr_match_work_limits(mdr_match_work_t *w, const mdr_limits_t *limits,
    mdr_match_bill_t *bill)
{
    w->limits = limits != NULL ? *limits : mdr_limits_default;
    w->bill = bill;
    mdr_limits_fill(&w->limits);
}


int
mdr_match_budget_start(const mdr_matcher_t *m, mdr_match_work_t *w, size_t n,
    mdr_raw_hits_t *hits)
{
    if (MDR_GROW(w->alloc, w->spent, n + 1) != MDR_OK) {
        return MDR_ERROR;
    }

    memset(w->spent, 0, n * sizeof(uint64_t));
    w->metered = NONE;
    w->price = m->h.npatterns > MDR_LEX_FAR;
    hits->meter.steps = 0;
    hits->meter.stop = UINT64_MAX;
    hits->meter.cut = 0;
    hits->nlimited = 0;
    hits->limited = w->limited;

    return MDR_OK;
}


/* steps a character, where that is more than of any text before */

static void
note_worst(const mdr_subject_t *t, uint64_t spent, mdr_raw_hits_t *hits)
{
    uint32_t  i, n;
    uint64_t  v;

    for (i = 0, n = t->len; i + 8 <= t->len; i += 8) {
        v = mdr_load64(t->data + i);
        v = (v >> 7 & ~(v >> 6)) & 0x0101010101010101ULL;
        n -= (uint32_t) (v * 0x0101010101010101ULL >> 56);
    }

    for ( ; i < t->len; i++) {
        n -= (t->data[i] & 0xc0) == 0x80;
    }

    spent = n != 0 ? (spent + n - 1) / n : 0;
    hits->worst = spent > hits->worst ? spent : hits->worst;
}


/* text s has spent more a character than any before it, or has been cut */

static __attribute__((noinline)) int
note(mdr_match_work_t *w, mdr_raw_hits_t *hits, uint32_t s)
{
    if (w->spent[s] >= NAMED) {
        hits->meter.cut = 0;
        return MDR_OK;
    }

    note_worst(w->metered_text, w->spent[s], hits);

    if (!hits->meter.cut) {
        return MDR_OK;
    }

    hits->meter.cut = 0;
    w->spent[s] = NAMED;

    return mdr_match_limited(w, hits, s, UINT32_MAX);
}


/* the text in hand is in hand no more */

static inline int
settle(mdr_match_work_t *w, mdr_raw_hits_t *hits)
{
    uint32_t  s;

    s = w->metered;
    w->metered = NONE;

    if (s == NONE) {
        return MDR_OK;
    }

    w->spent[s] += (hits->meter.steps - w->metered_from) << w->price;

    /* a character is four bytes at most */

    return !hits->meter.cut
           && 4 * w->spent[s] <= hits->worst * w->metered_text->len
           ? MDR_OK : note(w, hits, s);
}


int
mdr_match_budget_take(mdr_match_work_t *w, const mdr_subject_t *subjects,
    uint32_t subject, mdr_raw_hits_t *hits)
{
    uint64_t           may;
    mdr_match_bill_t  *b;

    if (w->metered == subject) {
        return MDR_OK;
    }

    if (settle(w, hits) != MDR_OK) {
        return MDR_ERROR;
    }

    b = w->bill;
    may = w->limits.text_steps
          + (uint64_t) w->limits.text_steps_byte * subjects[subject].len;
    may = may > w->spent[subject] ? may - w->spent[subject] : 0;
    hits->meter.stop = hits->meter.steps + (may >> w->price);

    if (b != NULL && hits->meter.stop > (b->may - b->steps) >> w->price) {
        hits->meter.stop = (b->may - b->steps) >> w->price;
    }

    w->metered = subject;
    w->metered_text = &subjects[subject];
    w->metered_from = hits->meter.steps;

    return MDR_OK;
}


int
mdr_match_budget_end(mdr_match_work_t *w, mdr_raw_hits_t *hits)
{
    int                rc;
    mdr_match_bill_t  *b;

    b = w->bill;
    rc = settle(w, hits);
    hits->meter.steps <<= w->price;

    if (b != NULL) {
        b->steps += hits->meter.steps;
        b->steps = b->steps < b->may ? b->steps : b->may;
    }

    return rc;
}


void
mdr_match_bill(mdr_match_bill_t *b, const mdr_limits_t *l, uint64_t pos)
{
    uint64_t  most;

    if (pos > b->at) {
        b->may += l->response_steps_byte * (pos - b->at);
        b->at = pos;
    }

    most = b->steps + l->response_steps;
    b->may = b->may < most ? b->may : most;
    b->regex_may = l->regex_response_steps
                   + l->regex_response_steps_byte * pos;
}


int
mdr_match_limited(mdr_match_work_t *w, mdr_raw_hits_t *hits, uint32_t subject,
    uint32_t rule)
{
    mdr_limited_t  *l;

    if (MDR_GROW(w->alloc, w->limited, hits->nlimited + 1) != MDR_OK) {
        return MDR_ERROR;
    }

    hits->limited = w->limited;
    l = &w->limited[hits->nlimited++];
    l->subject = subject;
    l->rule = rule;

    return MDR_OK;
}
