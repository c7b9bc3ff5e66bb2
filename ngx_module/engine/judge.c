/*
 * judge.c - ready items to the matcher, verdicts to edits and reports.
 *
 * Items are judged in batches, so that the filter sees a few KB of text at a
 * time.  An item without a raw hit costs nothing here.
 */

#include "fold.h"
#include "scan.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>


/* the text that counts for a field: the first source that has some */

mdr_text_t *
mdr_judge_text(const mdr_sink_t *k, const mdr_unit_t *u, uint32_t field)
{
    uint32_t  i, first, n;

    first = k->plan->slots[u->slot].first_place[field];
    n = k->model->slots[u->slot].fields[field].nsources;

    for (i = 0; i < n; i++) {
        if (u->opened[first + i] == 2 && u->texts[first + i].len != 0) {
            return &u->texts[first + i];
        }
    }

    return NULL;
}


void
mdr_judge_add(mdr_sink_t *k, mdr_unit_t *u)
{
    uint32_t                i;
    mdr_text_t             *t;
    const mdr_slot_plan_t  *p;

    p = &k->plan->slots[u->slot];

    for (i = 0; i < p->nplaces; i++) {
        t = &u->texts[i];
        if (u->opened[i] == 2) {
            k->batch_bytes += t->len;
        }
    }

    k->batch[k->nbatch++] = u->self;

    if (k->nbatch == MDR_BATCH_ITEMS || k->batch_bytes >= MDR_BATCH_BYTES) {
        if (mdr_judge_batch(k) != MDR_OK) {
            k->failed = 1;
        }
    }
}


static int
add_subject(mdr_sink_t *k, const mdr_unit_t *u, uint32_t field,
    mdr_text_t *t)
{
    void           *p;
    mdr_work_t     *w;
    mdr_subject_t  *s;

    w = k->work;

    p = w->subjects;
    if (mdr_grow(w->alloc, &p, &w->subjects_cap, w->nsubjects + 1,
                 sizeof(mdr_subject_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }
    w->subjects = p;

    p = w->texts;
    if (mdr_grow(w->alloc, &p, &w->texts_cap, w->nsubjects + 1,
                 sizeof(mdr_text_t *))
        != MDR_OK)
    {
        return MDR_ERROR;
    }
    w->texts = p;

    s = &w->subjects[w->nsubjects];
    s->data = t->data;
    s->len = (uint32_t) t->len;
    s->slot = u->slot;
    s->field = field;
    s->user = u->self;

    w->texts[w->nsubjects++] = t;
    k->stats.text_bytes += t->len;

    return MDR_OK;
}


static int
add_subjects(mdr_sink_t *k, const mdr_unit_t *u)
{
    uint32_t                i, f, first;
    mdr_text_t             *t;
    const mdr_slot_t       *s;
    const mdr_slot_plan_t  *p;

    s = &k->model->slots[u->slot];
    p = &k->plan->slots[u->slot];

    for (f = 0; f < s->nfields; f++) {
        if (!p->field_read[f]) {
            continue;
        }

        first = p->first_place[f];

        for (i = 0; i < s->fields[f].nsources; i++) {
            t = &u->texts[first + i];

            if (u->opened[first + i] != 2 || t->len == 0) {
                continue;
            }

            if (add_subject(k, u, f, t) != MDR_OK) {
                return MDR_ERROR;
            }

            if (!s->fields[f].all) {
                break;
            }
        }
    }

    return MDR_OK;
}


/* East Asian Width W and F (Unicode 15, EastAsianWidth.txt, as blocks) */

static int
is_wide(uint32_t cp)
{
    return (cp >= 0x1100 && cp <= 0x115f)
        || (cp >= 0x2e80 && cp <= 0xa4cf && cp != 0x303f)
        || (cp >= 0xac00 && cp <= 0xd7a3)
        || (cp >= 0xf900 && cp <= 0xfaff)
        || (cp >= 0xfe30 && cp <= 0xfe6f)
        || (cp >= 0xff00 && cp <= 0xff60)
        || (cp >= 0xffe0 && cp <= 0xffe6)
        || (cp >= 0x1f300 && cp <= 0x1faff)
        || (cp >= 0x20000 && cp <= 0x3fffd);
}


typedef struct {
    mdr_sink_t        *k;
    const mdr_text_t  *text;
} mask_t;


/* what one character of text becomes: "" for one that takes no room, NULL to
 * leave it as it is (white space) */

static const char *
mask_char(uint32_t cp, int escaped)
{
    if (cp == ' ') {
        return NULL;
    }

    if (mdr_fold_dropped(cp, MDR_FOLD_INVISIBLE)) {
        return "";
    }

    if (is_wide(cp)) {
        return escaped ? "\\uff0a" : "\xef\xbc\x8a";
    }

    return "*";
}


static int
mask_place(void *ctx, const mdr_place_t *place)
{
    size_t          i, n, len, have;
    mask_t         *m;
    uint32_t        cp;
    uint64_t        at;
    const char     *s;
    const uint8_t  *p, *src;

    m = ctx;
    p = m->text->data + place->text;
    n = place->text_end - place->text;

    if (!place->copied) {

        /* one unit, whatever it stands for: a character each */

        src = mdr_scan_bytes(m->k, place->start, &have);
        if (have == 0) {
            return MDR_OK;
        }

        for (i = 0, s = NULL; i < n; i += len) {
            cp = mdr_utf8_next(p + i, n - i, &len);
            if (len == 0) {
                len = n - i;
            }

            s = mask_char(cp, src[0] == '\\');
            if (s == NULL) {
                return MDR_OK;
            }

            if (i == 0) {
                mdr_edit_put(m->k, place->start, place->end, s, strlen(s));
            } else {
                mdr_edit_put(m->k, place->end, place->end, s, strlen(s));
            }
        }

        return m->k->failed ? MDR_ERROR : MDR_OK;
    }

    for (i = 0; i < n; i += len) {
        cp = mdr_utf8_next(p + i, n - i, &len);
        if (len == 0) {
            break;
        }

        s = mask_char(cp, 0);
        if (s == NULL) {
            continue;
        }

        at = place->start + i;
        mdr_edit_put(m->k, at, at + len, s, strlen(s));
    }

    return m->k->failed ? MDR_ERROR : MDR_OK;
}


typedef struct {
    uint32_t  subject, start, end;
} span_t;


static int
by_place(const void *a, const void *b)
{
    const span_t  *x = a, *y = b;

    if (x->subject != y->subject) {
        return x->subject < y->subject ? -1 : 1;
    }

    return x->start < y->start ? -1 : x->start > y->start;
}


/*
 * Spans of enforcing rules that mask or more; each byte of text once.  Where
 * more hits came than the verdict records, the raw ones of those rules count,
 * so that nothing stays readable because there was too much of it.
 */

static int
mask_item(mdr_sink_t *k, const mdr_decide_in_t *in, const mdr_verdict_t *v,
    const mdr_raw_hit_t *raw, size_t nraw)
{
    int                       rc;
    size_t                    i, n;
    mask_t                    m;
    span_t                    sp, *spans;
    mdr_buf_t                 b;
    const mdr_verdict_hit_t  *h;

    mdr_buf_init(&b, k->alloc);
    rc = MDR_OK;

    if (v->hits_total <= v->nhits) {
        for (i = 0; i < v->nhits && rc == MDR_OK; i++) {
            h = &v->hits[i];

            if (h->mode == MDR_MODE_ENFORCE
                && k->model->rules[h->rule].action >= MDR_ACT_MASK)
            {
                sp.subject = h->subject;
                sp.start = h->start;
                sp.end = h->end;
                rc = mdr_buf_add(&b, &sp, sizeof(sp));
            }
        }

    } else {
        for (i = 0; i < nraw && rc == MDR_OK; i++) {
            if (!raw[i].except
                && k->model->rules[raw[i].rule].action >= MDR_ACT_MASK
                && mdr_decide_mode(in, &k->model->rules[raw[i].rule],
                                   raw[i].rule)
                   == MDR_MODE_ENFORCE)
            {
                sp.subject = raw[i].subject;
                sp.start = raw[i].start;
                sp.end = raw[i].end;
                rc = mdr_buf_add(&b, &sp, sizeof(sp));
            }
        }
    }

    n = b.len / sizeof(span_t);
    spans = (span_t *) (void *) b.data;

    if (n > 1) {
        qsort(spans, n, sizeof(span_t), by_place);
    }

    m.k = k;

    for (i = 0; i < n && rc == MDR_OK; i++) {
        if (i != 0 && spans[i].subject == spans[i - 1].subject
            && spans[i].start < spans[i - 1].end)
        {
            spans[i].start = spans[i - 1].end;
            if (spans[i].end <= spans[i].start) {
                spans[i].end = spans[i].start;
                continue;
            }
        }

        m.text = k->work->texts[spans[i].subject];
        rc = mdr_text_each(m.text, spans[i].start, spans[i].end, mask_place,
                           &m);
    }

    mdr_buf_done(&b);

    return rc;
}


static const char *
suggestion_name(uint8_t s)
{
    static const char *const  names[] = { "pass", "review", "block",
                                          "error" };

    return names[s & 3];
}


/* s as the value of an attribute or of a JSON string (safe in a script) */

static int
add_escaped(mdr_buf_t *b, mdr_str_t s, int json)
{
    int       rc;
    char      esc[8];
    size_t    i, n;
    uint8_t   c;

    static const char  hex[] = "0123456789abcdef";

    rc = MDR_OK;

    for (i = 0; i < s.len && rc == MDR_OK; i++) {
        c = (uint8_t) s.data[i];

        if (c >= 0x20 && c != '"' && c != '&' && c != '<' && c != '>'
            && c != '\'' && c != '\\')
        {
            rc = mdr_buf_add(b, &c, 1);
            continue;
        }

        n = 0;

        if (json) {
            memcpy(esc, "\\u00", 4);
            esc[4] = hex[c >> 4];
            esc[5] = hex[c & 15];
            n = 6;

        } else {
            memcpy(esc, "&#x", 3);
            esc[3] = hex[c >> 4];
            esc[4] = hex[c & 15];
            esc[5] = ';';
            n = 6;
        }

        rc = mdr_buf_add(b, esc, n);
    }

    return rc;
}


static int
add_name(mdr_buf_t *b, const char *s)
{
    return mdr_buf_add(b, s, strlen(s));
}


/* the tag of an item whose tag point is known */

void
mdr_judge_tag(mdr_sink_t *k, mdr_unit_t *u)
{
    int                     rc;
    uint32_t                i;
    mdr_buf_t               b;
    const mdr_rule_t       *r;
    const mdr_tag_point_t  *t;

    t = u->has_tag ? u->tag : NULL;

    if (t == NULL || u->rule == UINT32_MAX
        || (u->closed && u->end - u->start > k->conf.max_slot && t->json))
    {
        u->action = MDR_ACT_NONE;       /* no element or object: recorded    */
        return;
    }

    r = &k->model->rules[u->rule];
    mdr_buf_init(&b, k->alloc);

    if (t->json) {
        rc = add_name(&b, t->comma ? ",\"moderation\":{\"suggestion\":\""
                                   : "\"moderation\":{\"suggestion\":\"");
        rc |= add_name(&b, suggestion_name(u->suggestion));
        rc |= add_name(&b, "\",\"label\":\"");
        rc |= add_escaped(&b, r->label, 1);
        rc |= add_name(&b, "\",\"rule\":\"");
        rc |= add_escaped(&b, r->id, 1);
        rc |= add_name(&b, "\"}");

    } else {
        rc = add_name(&b, " data-moderation-label=\"");
        rc |= add_escaped(&b, r->label, 0);
        rc |= add_name(&b, "\" data-moderation-suggestion=\"");
        rc |= add_name(&b, suggestion_name(u->suggestion));
        rc |= add_name(&b, "\" data-moderation-rule=\"");
        rc |= add_escaped(&b, r->id, 0);
        rc |= add_name(&b, "\"");
    }

    if (rc != MDR_OK) {
        k->failed = 1;

    } else {
        mdr_edit_put(k, t->at, t->at, b.data, b.len);

        for (i = 0; i < t->nstale; i++) {
            mdr_edit_put(k, t->stale[i].start, t->stale[i].end, "", 0);
        }

        u->flags |= MDR_ITEM_TAGGED;
        k->stats.tagged++;
    }

    mdr_buf_done(&b);
}


/* how many items of one parent are shown so far, this one counted */

static uint32_t
count_shown(mdr_sink_t *k, const mdr_unit_t *u)
{
    uint32_t     i, n;
    mdr_shown_t  s;

    n = sizeof(k->shown) / sizeof(k->shown[0]);

    for (i = 0; i < k->nshown; i++) {
        if (k->shown[i].parent == u->parent && k->shown[i].slot == u->slot) {
            break;
        }
    }

    if (i == k->nshown) {
        if (k->nshown < n) {
            k->nshown++;
        } else {
            i = n - 1;                  /* the one longest unused goes       */
        }
        k->shown[i].parent = u->parent;
        k->shown[i].slot = u->slot;
        k->shown[i].shown = 0;
    }

    s = k->shown[i];
    s.shown++;
    memmove(k->shown + 1, k->shown, i * sizeof(mdr_shown_t));
    k->shown[0] = s;

    return s.shown;
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

    u->hits = mdr_alloc(k->alloc, v->nhits * sizeof(mdr_hit_t));
    if (u->hits == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < v->nhits; i++) {
        vh = &v->hits[i];
        h = &u->hits[i];
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


/* raw hits of this item only */

static int
judge(mdr_sink_t *k, mdr_unit_t *u, mdr_raw_hit_t *raw, size_t nraw)
{
    int                enforce;
    mdr_text_t        *id;
    mdr_verdict_t     *v;
    mdr_decide_in_t    in;
    const mdr_slot_t  *s;

    s = &k->model->slots[u->slot];
    v = &k->work->verdict;
    enforce = k->conf.mode == MDR_MODE_ENFORCE;
    memset(&in, 0, sizeof(in));

    if (u->large || (u->flags & MDR_ITEM_UNREADABLE)) {
        u->suggestion = MDR_SUGGEST_ERROR;
        u->action = MDR_ACT_NONE;

        if (u->large) {
            u->flags |= MDR_ITEM_TOO_LARGE;
            mdr_sink_error(k, MDR_ERR_TOO_LARGE, u->start, "item");
        }

        if (enforce && (k->conf.on_error_block
                        || s->review == MDR_REVIEW_REQUIRED))
        {
            u->action = MDR_ACT_BLOCK;
            remove_item(k, u);
        }

        goto decided;
    }

    if (nraw != 0) {
        in.model = k->model;
        in.slot = u->slot;
        in.mode = k->conf.mode;
        in.now = k->conf.now;
        in.rule_modes = k->conf.rule_modes;
        in.jurisdiction = k->conf.jurisdiction;

        if (s->item_id >= 0) {
            id = mdr_judge_text(k, u, (uint32_t) s->item_id);
            if (id != NULL) {
                in.item_id.data = (const char *) id->data;
                in.item_id.len = (uint32_t) id->len;
            }
        }

        mdr_decide(&in, raw, nraw, k->work->subjects, v);

        u->suggestion = v->suggestion;
        u->action = enforce ? v->action : MDR_ACT_NONE;
        u->rule = v->rule;

        if (keep_hits(k, u, v) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    if (!enforce) {
        goto decided;
    }

    /* without a store of released items nothing of such a slot is shown */

    if (s->review == MDR_REVIEW_REQUIRED && u->action < MDR_ACT_HOLD) {
        u->action = MDR_ACT_HOLD;
        if (u->suggestion < MDR_REVIEW) {
            u->suggestion = MDR_REVIEW;
        }
    }

    if (u->action >= MDR_ACT_HOLD) {
        remove_item(k, u);

        if (u->action == MDR_ACT_HOLD) {
            u->flags |= MDR_ITEM_HELD;
            k->stats.held++;
        }

    } else if (s->limit != 0 && count_shown(k, u) > s->limit) {
        u->flags |= MDR_ITEM_OVER_LIMIT;
        k->stats.over_limit++;
        remove_item(k, u);

    } else if (u->action == MDR_ACT_MASK) {
        if (mask_item(k, &in, v, raw, nraw) != MDR_OK) {
            return MDR_ERROR;
        }
        u->flags |= MDR_ITEM_MASKED;
        k->stats.masked++;

    } else if (u->action == MDR_ACT_TAG) {
        if (!u->has_tag && !u->closed && s->type != MDR_TYPE_HTML) {
            u->tag_wait = 1;            /* behind the last member            */
        } else {
            mdr_judge_tag(k, u);
        }
    }

decided:

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


int
mdr_judge_batch(mdr_sink_t *k)
{
    int              rc;
    size_t           i, n, at, from;
    uint32_t         batch[MDR_BATCH_ITEMS];
    mdr_unit_t      *u;
    mdr_work_t      *w;
    mdr_raw_hits_t  *raw;

    n = k->nbatch;

    if (n == 0) {
        return MDR_OK;
    }

    w = k->work;
    raw = &w->raw;
    w->nsubjects = 0;
    raw->n = 0;
    raw->nlimited = 0;

    memcpy(batch, k->batch, n * sizeof(uint32_t));
    k->nbatch = 0;
    k->batch_bytes = 0;

    for (i = 0; i < n; i++) {
        u = k->units[batch[i]];

        if (!u->large && !(u->flags & MDR_ITEM_UNREADABLE) && !u->seen
            && k->plan->slots[u->slot].rules
            && add_subjects(k, u) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    if (w->nsubjects != 0 && !(k->conf.flags & MDR_SCAN_NO_MATCH)) {
        rc = mdr_match(k->policy->matcher, w->match, w->subjects,
                       w->nsubjects, raw);
        if (rc != MDR_OK) {
            return rc;
        }

        k->stats.survivors += raw->survivors;
        k->stats.candidates += raw->candidates;

        if (raw->nlimited != 0) {
            mdr_sink_error(k, MDR_ERR_REGEX_LIMIT, k->scanned,
                   k->model->rules[raw->limited[0]].id.data);
        }
    }

    /* subjects stand in batch order, hits in subject order */

    for (i = 0, at = 0; i < n; i++) {
        u = k->units[batch[i]];
        from = at;

        while (at < raw->n
               && w->subjects[raw->hits[at].subject].user == u->self)
        {
            at++;
        }

        u->clean = at == from && raw->nlimited == 0 && !u->large
                   && !(u->flags & MDR_ITEM_UNREADABLE);

        if (u->clean && u->place != 0) {
            mdr_seen_clean(w->seen, u->hash, u->place);
        }

        /* no hit at all: the array may not exist, and NULL has no offsets */

        if (judge(k, u, at > from ? raw->hits + from : NULL, at - from)
            != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


void
mdr_judge_report(mdr_sink_t *k, mdr_unit_t *u)
{
    uint32_t           f;
    mdr_item_t         it;
    mdr_text_t        *t;
    const mdr_slot_t  *s;
    mdr_field_text_t   fields[64];

    if (k->conf.item == NULL
        || (!k->conf.all_items && u->flags == 0 && u->hits_total == 0
            && u->suggestion == MDR_PASS && u->action == MDR_ACT_NONE))
    {
        return;
    }

    s = &k->model->slots[u->slot];

    memset(&it, 0, sizeof(it));

    for (f = 0; f < s->nfields && f < 64; f++) {
        t = mdr_judge_text(k, u, f);
        fields[f].name = s->fields[f].name;
        fields[f].text.data = t != NULL ? (const char *) t->data : "";
        fields[f].text.len = t != NULL ? (uint32_t) t->len : 0;
    }

    it.slot = u->slot;
    it.slot_name = s->name;
    it.index = u->index;
    it.seq = u->seq;
    it.start = u->s_start;
    it.end = u->s_end;
    it.fields = fields;
    it.nfields = f;
    it.suggestion = u->suggestion;
    it.action = u->action;
    it.flags = u->flags;
    it.hits = u->hits;
    it.nhits = u->nhits;
    it.hits_total = u->hits_total;

    k->conf.item(k->conf.ctx, &it);
}
