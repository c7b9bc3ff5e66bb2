/*
 * measure.c - what the rules hit in text that nobody wrote for them.
 *
 * A corpus has one text a line, read as the one field of an item.  A hit is a
 * line on which the rule stands, conditions and exceptions counted; the rate
 * is hits in 100 000 characters, and a rule's max_rate is a gate.  To say
 * what a fold costs, lines with hits are read again by a policy without it:
 * hits that are gone are that fold's.
 */

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>


#define LINE_MAX_BYTES  (1u << 20)
#define BATCH_BYTES     8192
#define BATCH_LINES     256

typedef struct {                        /* a rule stands on a line           */
    uint32_t  rule;
    size_t    at, n;                    /* the line, in measure_t.kept       */
} fired_t;

typedef struct {
    mdr_check_t       *c;
    mdr_match_work_t  *work;
    mdr_text_t         text;
    mdr_raw_hits_t     raw;
    uint64_t           lines, chars;
    mdr_buf_t          batch;           /* texts of subjects, padded         */
    mdr_subject_t      subjects[BATCH_LINES];
    size_t             at[BATCH_LINES];
    size_t             n;
    mdr_buf_t          kept;            /* lines with hits                   */
    fired_t           *fired;           /* by line                           */
    size_t             nfired, fired_cap;
} measure_t;

/* folds by the number of their bit, gaps behind them */

enum { GAP = MDR_FOLDS, RATES };

_Static_assert((int) RATES <= MDR_RATE_FOLDS, "room for each fold");

#define BIT(f)  ((f) == GAP ? MDR_CHECK_GAP : 1u << (f))


static int
has(const mdr_rule_t *r, uint32_t bit)
{
    return bit == MDR_CHECK_GAP ? r->profile.gap_max != 0
                                : (r->profile.folds & bit) != 0;
}


/* the rules that stand on subject i of the batch, whose raw hits are hits[n];
 * they come first in hits, *standing of them */

static void
decide(measure_t *me, const mdr_policy_t *p, mdr_raw_hit_t *hits, size_t n,
    size_t *standing)
{
    mdr_verdict_t    v;
    mdr_decide_in_t  in;

    memset(&in, 0, sizeof(in));
    memset(&v, 0, sizeof(v));
    in.model = p->model;
    in.matcher = p->matcher;
    in.mode = MDR_MODE_ENFORCE;
    in.now = me->c->now;

    mdr_decide(&in, hits, n, me->subjects, &v);
    *standing = v.hits_total;
}


static int
keep(measure_t *me, const mdr_raw_hit_t *hits, size_t n)
{
    void                 *p;
    size_t                i, at;
    const mdr_subject_t  *s;

    if (n == 0) {
        return MDR_OK;
    }

    s = &me->subjects[hits[0].subject];
    at = me->kept.len;

    if (mdr_buf_add(&me->kept, s->data, s->len) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0; i < n; i++) {
        if (i != 0 && hits[i].rule == hits[i - 1].rule) {
            continue;
        }

        p = me->fired;
        if (mdr_grow(me->c->alloc, &p, &me->fired_cap, me->nfired + 1,
                     sizeof(fired_t))
            != MDR_OK)
        {
            return MDR_ERROR;
        }

        me->fired = p;
        me->fired[me->nfired].rule = hits[i].rule;
        me->fired[me->nfired].at = at;
        me->fired[me->nfired++].n = s->len;
    }

    return MDR_OK;
}


/* the batch through the matcher; what stands is kept */

static int
flush(measure_t *me, const mdr_policy_t *p)
{
    int             rc;
    size_t          i, j, n;
    mdr_raw_hit_t  *h;

    if (me->n == 0) {
        return MDR_OK;
    }

    for (i = 0; i < me->n; i++) {
        me->subjects[i].data = me->batch.data + me->at[i];
    }

    rc = mdr_match(p->matcher, me->work, me->subjects, me->n, &me->raw);
    h = me->raw.hits;

    for (i = 0; rc == MDR_OK && i < me->raw.n; i = j) {
        for (j = i + 1; j < me->raw.n && h[j].subject == h[i].subject; j++) {
            /* void */
        }

        decide(me, p, h + i, j - i, &n);
        rc = keep(me, h + i, n);
    }

    me->n = 0;
    me->batch.len = 0;

    return rc;
}


static int
add_line(measure_t *me, const mdr_policy_t *p, const uint8_t *s, size_t n)
{
    int     rc;
    size_t  i;

    static const uint8_t  pad[MDR_TEXT_PAD];

    mdr_text_clear(&me->text);

    rc = mdr_text_copy(&me->text, 0, s, n);

    if (rc == MDR_OK) {
        rc = mdr_text_finish(&me->text);
    }

    if (rc != MDR_OK || me->text.len == 0) {
        return rc;
    }

    me->lines++;

    for (i = 0; i < me->text.len; i++) {
        me->chars += (me->text.data[i] & 0xc0) != 0x80;
    }

    memset(&me->subjects[me->n], 0, sizeof(mdr_subject_t));
    me->subjects[me->n].len = (uint32_t) me->text.len;
    me->at[me->n++] = me->batch.len;

    rc = mdr_buf_add(&me->batch, me->text.data, me->text.len);

    if (rc == MDR_OK) {
        rc = mdr_buf_add(&me->batch, pad, sizeof(pad));
    }

    if (rc == MDR_OK
        && (me->batch.len > BATCH_BYTES || me->n == BATCH_LINES))
    {
        rc = flush(me, p);
    }

    return rc;
}


static int
corpus(measure_t *me, const mdr_policy_t *p, const char *path)
{
    int        rc;
    size_t     n;
    uint8_t   *data, *s, *e, *end;
    mdr_str_t  name;

    name.data = path;
    name.len = (uint32_t) strlen(path);
    data = mdr_check_read(me->c, NULL, name, &n);

    if (data == NULL) {
        (void) mdr_diags_add(me->c->diags, MDR_DIAG_ERROR, "corpus", path, 0,
                             0, "%s", strerror(errno));
        return MDR_ERROR;
    }

    rc = MDR_OK;
    end = data + n;

    for (s = data; rc == MDR_OK && s < end; s = e + 1) {
        e = memchr(s, '\n', (size_t) (end - s));
        e = e != NULL ? e : end;
        n = (size_t) (e - s);
        rc = add_line(me, p, s, n > LINE_MAX_BYTES ? LINE_MAX_BYTES : n);
    }

    if (rc == MDR_OK) {
        rc = flush(me, p);
    }

    mdr_free(me->c->alloc, data);

    return rc;
}


/* lost[rule]: how many hits there are not without fold f */

static int
without(measure_t *me, uint32_t f, uint64_t *lost)
{
    int            rc;
    size_t         i, j, k, n;
    fired_t       *x;
    mdr_policy_t  *p;

    p = mdr_check_policy(me->c, 1, BIT(f));
    rc = p != NULL ? MDR_OK : MDR_ERROR;
    memset(&me->subjects[0], 0, sizeof(mdr_subject_t));

    for (i = 0; rc == MDR_OK && i < me->nfired; i = j) {
        x = &me->fired[i];
        me->subjects[0].data = me->kept.data + x->at;
        me->subjects[0].len = (uint32_t) x->n;
        n = 0;

        rc = mdr_match(p->matcher, me->work, me->subjects, 1, &me->raw);

        if (rc == MDR_OK && me->raw.n != 0) {
            decide(me, p, me->raw.hits, me->raw.n, &n);
        }

        for (j = i; j < me->nfired && me->fired[j].at == x->at; j++) {
            for (k = 0; k < n && me->raw.hits[k].rule != me->fired[j].rule;
                 k++)
            {
                /* void */
            }

            lost[me->fired[j].rule] += k == n;
        }
    }

    mdr_policy_free(p);

    return rc;
}


/* rows of counts[nrules]: hits, then what is lost without each fold */

static void
report(const measure_t *me, const uint64_t *counts)
{
    uint32_t           i, f, n;
    mdr_rate_t         t;
    mdr_check_t       *c;
    const mdr_rule_t  *r;

    c = me->c;
    n = c->m->nrules;

    for (i = 0; i < n; i++) {
        r = &c->m->rules[i];

        memset(&t, 0, sizeof(t));
        t.rule = r->id;
        t.lines = me->lines;
        t.chars = me->chars;
        t.hits = counts[i];
        t.rate = (double) counts[i] * 100000 / (double) me->chars;
        t.max_rate = r->max_rate;

        for (f = 0; f < RATES; f++) {
            if (has(r, BIT(f))) {
                t.folds[t.nfolds].name = f == GAP ? "gap"
                                                  : mdr_fold_names[f];
                t.folds[t.nfolds++].hits = counts[(f + 1) * (size_t) n + i];
            }
        }

        if (c->conf->rate != NULL) {
            c->conf->rate(c->conf->ctx, &t);
        }

        if (r->max_rate != 0 && t.rate > r->max_rate) {
            mdr_check_finding(c, MDR_DIAG_ERROR, "max-rate", &r->pos,
                              "rule \"%s\": %.5g hits in 100000 characters "
                              "of neutral text, max_rate is %g", r->id.data,
                              t.rate, r->max_rate);
        }
    }
}


int
mdr_measure(mdr_check_t *c)
{
    int            rc;
    size_t         k;
    uint32_t       f, i, n;
    uint64_t      *counts;
    measure_t     *me;
    mdr_policy_t  *p;

    n = c->m->nrules;
    me = mdr_calloc(c->alloc, sizeof(measure_t));
    counts = mdr_calloc(c->alloc, ((size_t) n + 1) * (RATES + 1)
                                  * sizeof(uint64_t));

    if (me == NULL || counts == NULL) {
        mdr_free(c->alloc, me);
        mdr_free(c->alloc, counts);
        return MDR_ERROR;
    }

    me->c = c;
    me->work = mdr_match_work_new(c->alloc);
    mdr_text_init(&me->text, c->alloc, LINE_MAX_BYTES);
    mdr_buf_init(&me->batch, c->alloc);
    mdr_buf_init(&me->kept, c->alloc);

    p = mdr_check_policy(c, 1, 0);
    rc = p == NULL || me->work == NULL ? MDR_ERROR : MDR_OK;

    for (k = 0; rc == MDR_OK && k < c->conf->ncorpus; k++) {
        rc = corpus(me, p, c->conf->corpus[k]);
    }

    for (k = 0; k < me->nfired; k++) {
        counts[me->fired[k].rule]++;
    }

    for (f = 0; rc == MDR_OK && f < RATES && me->nfired != 0; f++) {
        for (i = 0; i < n && !has(&c->m->rules[i], BIT(f)); i++) {
            /* void */
        }

        if (i < n) {
            rc = without(me, f, counts + (f + 1) * (size_t) n);
        }
    }

    if (rc == MDR_OK && me->chars == 0) {
        (void) mdr_diags_add(c->diags, MDR_DIAG_ERROR, "corpus",
                             c->conf->corpus[0], 0, 0, "no text in it");

    } else if (rc == MDR_OK) {
        report(me, counts);
    }

    mdr_text_done(&me->text);
    mdr_buf_done(&me->batch);
    mdr_buf_done(&me->kept);
    mdr_match_work_free(me->work);
    mdr_policy_free(p);
    mdr_free(c->alloc, me->raw.hits);
    mdr_free(c->alloc, me->fired);
    mdr_free(c->alloc, me);
    mdr_free(c->alloc, counts);

    return rc;
}
