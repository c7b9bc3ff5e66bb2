/*
 * decide.c - from the raw hits of one item to the verdict on it.
 *
 * What was found becomes what is done, in this order:
 *
 *   1. covering law: an exception of a rule takes away the hits of that rule
 *      which lie wholly inside its span; a hit that only touches it stays;
 *   2. of overlapping hits of one group in one text the leftmost stays, of
 *      those that begin together the longest;
 *   3. jurisdiction and modes say how each rule acts here: not at all, in
 *      shadow, enforcing;
 *   4. the condition is worked out over the hits that stand.  A rule without
 *      one needs any group.  A rule without a single standing hit never
 *      fires, whatever its condition says: "not a" alone would otherwise
 *      fire on every item and could name no text as its reason;
 *   5. the strongest action of the rules that enforce, the strongest
 *      suggestion of all that fired.
 *
 * The hits are sorted in place and there is no allocation; an item without a
 * raw hit never comes here.  The sort is a heap sort where there are many
 * hits, so that hostile text costs n log n.
 *
 * A mode is the weakest of: location, rule, cap of the host (brake, kill
 * switch), status (a draft runs in shadow), expiry (in shadow from the day
 * after, UTC) and roll-out.  The items outside a roll-out, and those without
 * an id to be sticky by, are in shadow, not off: their figures go on.
 *
 * A rule with jurisdictions applies where one is known to hold (law.c).
 * A reader of unknown place is not under the rule: what is legal where the
 * reader is, is the reason of such a rule, and without the place there is no
 * reason to take the item away.
 */

#include "score.h"

#include <string.h>


#define DAY_SECONDS  86400
#define SMALL_SORT   24


typedef int (*less_pt)(const mdr_raw_hit_t *a, const mdr_raw_hit_t *b);

/* rule, subject, start; exceptions before hits, the longer before the
 * shorter: the order of the sweep for the covering law */

static int
less_cover(const mdr_raw_hit_t *a, const mdr_raw_hit_t *b)
{
    if (a->rule != b->rule) {
        return a->rule < b->rule;
    }

    if (a->subject != b->subject) {
        return a->subject < b->subject;
    }

    if (a->start != b->start) {
        return a->start < b->start;
    }

    if (a->except != b->except) {
        return a->except > b->except;
    }

    return a->end > b->end;
}


/* rule, group, subject, start, the longer before the shorter */

static int
less_group(const mdr_raw_hit_t *a, const mdr_raw_hit_t *b)
{
    if (a->rule != b->rule) {
        return a->rule < b->rule;
    }

    if (a->group != b->group) {
        return a->group < b->group;
    }

    if (a->subject != b->subject) {
        return a->subject < b->subject;
    }

    if (a->start != b->start) {
        return a->start < b->start;
    }

    return a->end > b->end;
}


/* by term, then by place */

static int
less_term(const mdr_raw_hit_t *a, const mdr_raw_hit_t *b)
{
    return a->term != b->term ? a->term < b->term : less_group(a, b);
}


static void
sift(mdr_raw_hit_t *h, size_t i, size_t n, less_pt less)
{
    size_t         child;
    mdr_raw_hit_t  t;

    t = h[i];

    while ((child = 2 * i + 1) < n) {
        if (child + 1 < n && less(&h[child], &h[child + 1])) {
            child++;
        }
        if (!less(&t, &h[child])) {
            break;
        }
        h[i] = h[child];
        i = child;
    }

    h[i] = t;
}


static void
sort_hits(mdr_raw_hit_t *h, size_t n, less_pt less)
{
    size_t         i, j;
    mdr_raw_hit_t  t;

    if (n <= SMALL_SORT) {
        for (i = 1; i < n; i++) {
            t = h[i];
            for (j = i; j > 0 && less(&t, &h[j - 1]); j--) {
                h[j] = h[j - 1];
            }
            h[j] = t;
        }
        return;
    }

    for (i = n / 2; i-- > 0; /* void */) {
        sift(h, i, n, less);
    }

    for (i = n - 1; i > 0; i--) {
        t = h[0];
        h[0] = h[i];
        h[i] = t;
        sift(h, 0, i, less);
    }
}


void
mdr_decide_sort(mdr_raw_hit_t *h, size_t n, int how)
{
    sort_hits(h, n, how == MDR_BY_TERM ? less_term : less_group);
}


/* hits of one rule in one text come in order, as nearly all do */

static int
is_in_order(const mdr_raw_hit_t *h, size_t n)
{
    size_t  i;

    for (i = 1; i < n; i++) {
        if (h[i].rule != h[i - 1].rule || h[i].group != h[i - 1].group
            || h[i].subject != h[i - 1].subject
            || h[i].start <= h[i - 1].start)
        {
            if (less_group(&h[i], &h[i - 1])) {
                return 0;
            }
        }
    }

    return 1;
}


/*
 * Steps 1 and 2.  Returns how many hits stand; they come first, by rule,
 * group, subject, start.
 */

static size_t
standing_hits(const mdr_decide_in_t *in, const mdr_subject_t *subjects,
    mdr_raw_hit_t *h, size_t n)
{
    int                 excepts, any;
    size_t              i, kept;
    uint32_t            rule, subject, covered;
    mdr_edges_t         edges;
    const mdr_group_t  *g;

    excepts = 0;

    for (i = 0; i < n; i++) {
        excepts |= h[i].except;
    }

    if (excepts) {
        sort_hits(h, n, less_cover);

        /* covered: the furthest end of an exception that began so far */

        rule = 0;
        subject = 0;
        covered = 0;
        any = 0;
        kept = 0;

        for (i = 0; i < n; i++) {
            if (i == 0 || h[i].rule != rule || h[i].subject != subject) {
                rule = h[i].rule;
                subject = h[i].subject;
                covered = 0;
                any = 0;
            }

            if (h[i].except) {
                if (!any || h[i].end > covered) {
                    covered = h[i].end;
                }
                any = 1;
                continue;
            }

            if (any && h[i].end <= covered) {
                continue;
            }

            h[kept++] = h[i];
        }

        n = kept;
    }

    if (!is_in_order(h, n)) {
        sort_hits(h, n, less_group);
    }

    memset(&edges, 0, sizeof(edges));

    for (i = 0, kept = 0; i < n; i++) {
        g = &in->model->rules[h[i].rule].groups[h[i].group];

        if (g->weighted) {
            if ((h[i].state & MDR_HIT_PLACED)
                && !mdr_score_place(in, &h[i], subjects, &edges))
            {
                continue;
            }

        } else if (kept != 0
            && h[kept - 1].end > h[i].start
            && h[kept - 1].rule == h[i].rule
            && h[kept - 1].group == h[i].group
            && h[kept - 1].subject == h[i].subject)
        {
            continue;
        }

        if (kept != i) {
            h[kept] = h[i];
        }
        kept++;
    }

    return kept;
}


/*
 * The place of an item in the roll-out of a rule, 0 to 99.  FNV-1a over rule
 * id, a zero byte, item id, then two multiply-and-shift rounds, because the
 * low bits of FNV depend on the low bits of the last bytes only.  The rule is
 * hashed, too: else the same quarter of all rooms would meet every new rule.
 */

static uint32_t
rollout_place(mdr_str_t rule, mdr_str_t item)
{
    uint32_t  i;
    uint64_t  h;

    h = 0xcbf29ce484222325u;

    for (i = 0; i < rule.len; i++) {
        h = (h ^ (uint8_t) rule.data[i]) * 0x100000001b3u;
    }

    h *= 0x100000001b3u;

    for (i = 0; i < item.len; i++) {
        h = (h ^ (uint8_t) item.data[i]) * 0x100000001b3u;
    }

    h = (h ^ (h >> 32)) * 0x9e3779b97f4a7c15u;
    h = (h ^ (h >> 29)) * 0xbf58476d1ce4e5b9u;
    h ^= h >> 32;

    return (uint32_t) (h % 100);
}


static int64_t
day_of(int64_t now)
{
    int64_t  day;

    day = now / DAY_SECONDS;

    return now % DAY_SECONDS < 0 ? day - 1 : day;
}


uint8_t
mdr_decide_mode(const mdr_decide_in_t *in, const mdr_rule_t *rule,
    uint32_t rule_index)
{
    uint8_t  mode;

    if (!mdr_law_applies(in, rule) || !mdr_law_account(in, rule)) {
        return MDR_MODE_OFF;
    }

    mode = rule->mode;

    if (in->mode < mode) {
        mode = in->mode;
    }

    if (in->rule_modes != NULL
        && (in->rule_modes[rule_index] & ~MDR_RULE_NO_REGEX) < mode)
    {
        mode = in->rule_modes[rule_index] & (uint8_t) ~MDR_RULE_NO_REGEX;
    }

    if (mode != MDR_MODE_ENFORCE) {
        return mode;
    }

    if (rule->status == MDR_STATUS_DRAFT
        || day_of(in->now) > rule->expires_day)
    {
        return MDR_MODE_SHADOW;
    }

    if (rule->rollout < 100
        && (in->item_id.len == 0
            || rollout_place(rule->id, in->item_id) >= rule->rollout))
    {
        return MDR_MODE_SHADOW;
    }

    return MDR_MODE_ENFORCE;
}


/* the rule that a tag names and a report blames: by action, then
 * suggestion, then risk, then place in the policy */

static int
is_stronger(const mdr_rule_t *a, const mdr_rule_t *b)
{
    if (a->action != b->action) {
        return a->action > b->action;
    }

    if (a->suggestion != b->suggestion) {
        return a->suggestion > b->suggestion;
    }

    return a->risk_level > b->risk_level;
}


static inline void
record(const mdr_decide_in_t *in, const mdr_raw_hit_t *h, uint8_t mode,
    mdr_verdict_t *out)
{
    uint32_t            i;
    mdr_verdict_hit_t   v;
    mdr_verdict_hit_t  *p;

    v.rule = h->rule;
    v.group = h->group;
    v.subject = h->subject;
    v.start = h->start;
    v.end = h->end;
    v.weight = mdr_score_hit(in, &in->model->rules[h->rule], h);
    v.mode = mode;

    /* kept in reading order: subject, start, end, rule, group */

    for (i = out->nhits; i > 0; i--) {
        p = &out->hits[i - 1];

        if (p->subject < v.subject
            || (p->subject == v.subject
                && (p->start < v.start
                    || (p->start == v.start
                        && (p->end < v.end
                            || (p->end == v.end
                                && (p->rule < v.rule
                                    || (p->rule == v.rule
                                        && p->group <= v.group))))))))
        {
            break;
        }

        out->hits[i] = *p;
    }

    out->hits[i] = v;
    out->nhits++;
}


/*
 * The record of an item has 64 places.  Where there are more hits, each rule
 * that fired gets its first one in before any gets its second, and the one
 * that decided comes before all: a flood of hits of one rule hides no other.
 */

static void
record_hits(const mdr_decide_in_t *in, const mdr_raw_hit_t *h, size_t n,
    mdr_verdict_t *out)
{
    int      first, mine;
    size_t   i, pass;
    uint8_t  mode;

    if (n == 0) {
        return;
    }

    mode = mdr_decide_mode(in, &in->model->rules[h[0].rule], h[0].rule);

    if (h[0].rule == h[n - 1].rule) {   /* all are of one                    */
        for (i = 0; i < n && out->nhits < MDR_VERDICT_HITS; i++) {
            record(in, &h[i], mode, out);
        }
        return;
    }

    for (pass = 0; pass < 3 && out->nhits < MDR_VERDICT_HITS; pass++) {
        for (i = 0; i < n && out->nhits < MDR_VERDICT_HITS; i++) {
            first = i == 0 || h[i].rule != h[i - 1].rule;
            mine = h[i].rule == out->rule;

            if ((pass == 0 && first && mine)
                || (pass == 1 && first && !mine)
                || (pass == 2 && !first))
            {
                mode = mdr_decide_mode(in, &in->model->rules[h[i].rule],
                                       h[i].rule);
                record(in, &h[i], mode, out);
            }
        }
    }
}


/* the parts of the score of a rule that fired */

static void
record_parts(const mdr_eval_t *e, uint32_t rule, mdr_verdict_t *out)
{
    int64_t            value;
    uint32_t           i;
    mdr_score_part_t  *p;

    for (i = 0; i < e->rule->nconds; i++) {
        if (e->rule->conds[i].op == MDR_COND_SCORE) {
            break;
        }
    }

    if (i == e->rule->nconds) {
        return;
    }

    for (i = 0; i < e->rule->ngroups && out->nparts < MDR_VERDICT_PARTS;
         i++)
    {
        value = mdr_score_group(e, i);

        if (value != 0) {
            p = &out->parts[out->nparts++];
            p->rule = rule;
            p->group = i;
            p->group_name = e->rule->groups[i].name;
            p->thousandths = value;
        }
    }
}


/* a rule that enforces has fired */

static void
enforced(const mdr_decide_in_t *in, uint32_t rule, mdr_verdict_t *out)
{
    uint8_t            action;
    const mdr_rule_t  *r;

    r = &in->model->rules[rule];
    action = r->action;

    if (action == MDR_ACT_HOLD
        && in->model->slots[in->slot].review == MDR_REVIEW_NEVER)
    {
        action = MDR_ACT_BLOCK;
    }

    if (action > out->action) {
        out->action = action;
    }

    if (out->rule == UINT32_MAX
        || is_stronger(r, &in->model->rules[out->rule]))
    {
        out->rule = rule;
    }
}


void
mdr_decide(const mdr_decide_in_t *in, mdr_raw_hit_t *hits, size_t n,
    const mdr_subject_t *subjects, mdr_verdict_t *out)
{
    size_t             i, j, standing, kept;
    mdr_eval_t         e;
    uint8_t            mode;
    const mdr_rule_t  *r;

    out->suggestion = MDR_PASS;
    out->action = MDR_ACT_NONE;
    out->rule = UINT32_MAX;
    out->nhits = 0;
    out->hits_total = 0;
    out->nparts = 0;

    if (n == 0) {
        return;
    }

    standing = standing_hits(in, subjects, hits, n);
    kept = 0;
    e.subjects = subjects;
    e.in = in;

    for (i = 0; i < standing; i = j) {
        for (j = i + 1; j < standing && hits[j].rule == hits[i].rule; j++) {
            /* void */
        }

        r = &in->model->rules[hits[i].rule];
        mode = mdr_decide_mode(in, r, hits[i].rule);

        if (mode == MDR_MODE_OFF) {
            continue;
        }

        mdr_score_mark(r, &hits[i], j - i);
        e.hits = &hits[i];
        e.n = j - i;
        e.rule = r;
        e.length = mdr_score_length(&e);

        if (!mdr_decide_rule(&e)) {
            continue;
        }

        record_parts(&e, hits[i].rule, out);

        if (r->suggestion > out->suggestion) {
            out->suggestion = r->suggestion;
        }

        if (mode == MDR_MODE_ENFORCE) {
            enforced(in, hits[i].rule, out);
        }

        if (kept != i) {
            memmove(&hits[kept], &hits[i], e.n * sizeof(mdr_raw_hit_t));
        }
        kept += e.n;
    }

    /* what is left in the row does not count: no mask may be drawn from it */

    for (i = kept; i < n; i++) {
        hits[i].except = 1;
    }

    out->hits_total = kept > UINT32_MAX ? UINT32_MAX : (uint32_t) kept;
    record_hits(in, hits, kept, out);
}


/* what is recorded of texts makes way: each such rule is there, unless they
 * are more than there are places */

void
mdr_decide_alone(const mdr_decide_in_t *in, mdr_verdict_t *out)
{
    uint8_t             mode;
    uint32_t            i, n;
    const mdr_rule_t   *r;
    mdr_verdict_hit_t  *h;

    for (i = 0, n = 0; i < in->model->nrules; i++) {
        r = &in->model->rules[i];

        if (!r->alone || !mdr_rule_has_slot(r, in->slot)) {
            continue;
        }

        mode = mdr_decide_mode(in, r, i);

        if (mode == MDR_MODE_OFF) {
            continue;
        }

        if (r->suggestion > out->suggestion) {
            out->suggestion = r->suggestion;
        }

        if (mode == MDR_MODE_ENFORCE) {
            enforced(in, i, out);
        }

        out->hits_total++;

        if (n == MDR_VERDICT_HITS) {
            continue;
        }

        h = out->nhits < MDR_VERDICT_HITS
            ? &out->hits[out->nhits++] : &out->hits[MDR_VERDICT_HITS - 1 - n];
        memset(h, 0, sizeof(*h));
        h->rule = i;
        h->subject = UINT32_MAX;
        h->mode = mode;
        n++;
    }
}
