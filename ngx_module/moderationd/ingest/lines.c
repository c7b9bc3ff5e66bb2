/*
 * lines.c - what one line of the record means for the rows (see lines.h).
 *
 * Rows come from the public half alone, so that they can be made again from
 * the ledger.
 */

#include "lines.h"

#include "moderationd/alarm/alarm.h"

#include "ledger/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX   512
#define RULES_MAX  64
#define LIST_MAX   2000
#define HOUR_MS    3600000


int
mdd_line_read(mdd_line_t *l, const char *p, size_t n)
{
    const mdd_json_t  *type;

    l->n = mdd_json_members(p, n, l->m, MDD_MEMBERS);
    if (l->n < 0) {
        return MDD_REFUSED;
    }

    type = mdd_json_get(l->m, l->n, "type");
    if (mdd_json_text(type, l->name, sizeof(l->name)) <= 0
        || !mdd_json_u64(mdd_json_get(l->m, l->n, "time"), &l->time))
    {
        return MDD_REFUSED;
    }

    l->type = mdl_word(mdl_types, MDL_TYPES, l->name, strlen(l->name));
    l->numbered = mdd_json_u64(mdd_json_get(l->m, l->n, "n"), &l->number);

    return l->numbered || l->type == MDL_HEAD ? MDD_OK : MDD_REFUSED;
}


int
mdd_head_read(mdd_head_t *h, const mdd_line_t *l)
{
    uint64_t  version;

    if (l->type != MDL_HEAD
        || !mdd_json_u64(mdd_json_get(l->m, l->n, "version"), &version)
        || version != 1
        || mdd_json_text(mdd_json_get(l->m, l->n, "zone"), h->zone,
                         sizeof(h->zone)) != 32
        || strspn(h->zone, "0123456789abcdef") != 32
        || !mdd_json_u64(mdd_json_get(l->m, l->n, "place"), &h->place)
        || h->place > 65535
        || !mdd_json_u64(mdd_json_get(l->m, l->n, "pid"), &h->pid)
        || !mdd_json_u64(mdd_json_get(l->m, l->n, "next"), &h->next)
        || mdd_json_text(mdd_json_get(l->m, l->n, "boot"), h->boot,
                         sizeof(h->boot)) < 0
        || mdd_json_text(mdd_json_get(l->m, l->n, "segment"), h->segment,
                         sizeof(h->segment)) < 0)
    {
        return MDD_REFUSED;
    }

    return MDD_OK;
}


int
mdd_head_rows(mdd_tx_t *tx, const mdd_head_t *h, int64_t time)
{
    return mdd_run(tx->db, MDD_SQL_ZONE_PUT, "ssi", h->zone, h->boot, time)
           < 0 ? MDD_FAILED : MDD_OK;
}


/* a text: where it lies, or in buf where it has escapes; NULL: there is none,
 * or it is longer than a row may have */

typedef struct { const char *p; size_t n; char buf[TEXT_MAX]; } text_t;

static void
text_of(text_t *t, const mdd_json_t *v)
{
    int  n;

    t->p = NULL;
    t->n = 0;

    if (v == NULL || v->kind != '"' || v->n - 2 >= TEXT_MAX) {
        return;
    }

    if (memchr(v->val, '\\', v->n) == NULL) {
        t->p = v->val + 1;
        t->n = v->n - 2;
        return;
    }

    n = mdd_json_text(v, t->buf, sizeof(t->buf));
    if (n >= 0 && memchr(t->buf, '\0', (size_t) n) == NULL) {
        t->p = t->buf;
        t->n = (size_t) n;
    }
}


static int
rules(mdd_tx_t *tx, const mdd_json_t *list, int n, int add, text_t *label,
    text_t *rule)
{
    int         i, k;
    text_t      id;
    uint64_t    rev;
    mdd_json_t  m[8];

    label->p = rule->p = NULL;
    label->n = rule->n = 0;

    for (i = 0; i < n; i++) {
        k = mdd_json_members(list[i].val, list[i].n, m, 8);
        if (k < 0) {
            continue;
        }

        text_of(&id, mdd_json_get(m, k, "id"));
        rev = 0;
        (void) mdd_json_u64(mdd_json_get(m, k, "rev"), &rev);
        if (i == 0) {
            text_of(rule, mdd_json_get(m, k, "id"));
            text_of(label, mdd_json_get(m, k, "label"));
        }

        if (add && id.p != NULL
            && mdd_run(tx->db, MDD_SQL_RULE_ADD, "tiii", id.p, id.n,
                       (int64_t) rev, tx->log, tx->leaf) < 0)
        {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}


/* columns of table decision in the order of DECISION_ADD */

static const char *const columns[] = {
    "mode", "slot", "host", "page", "suggestion", "action", "reason",
    "found_by", "automation", "fingerprint", "account", "item", "policy",
    "place", "review"
};

#define COLUMNS  (sizeof(columns) / sizeof(columns[0]))


static int
decision(mdd_tx_t *tx, const mdd_line_t *l, const char *node)
{
    int                n;
    size_t             i;
    text_t             id, label, rule, c[COLUMNS];
    int64_t            added;
    mdd_json_t         list[RULES_MAX];
    const mdd_json_t  *r;

    text_of(&id, mdd_json_get(l->m, l->n, "id"));
    if (id.p == NULL || id.n == 0 || id.n > 64) {
        return MDD_OK;
    }

    for (i = 0; i < COLUMNS; i++) {
        text_of(&c[i], mdd_json_get(l->m, l->n, columns[i]));
    }

    /* an error's kind is its reason, a page's finding likewise */
    if (l->type == MDL_ERROR) {
        text_of(&c[6], mdd_json_get(l->m, l->n, "kind"));
    } else if (l->type == MDL_PAGE) {
        text_of(&c[6], mdd_json_get(l->m, l->n, "finding"));
    }

    r = mdd_json_get(l->m, l->n, "rules");
    n = r != NULL ? mdd_json_elements(r->val, r->n, list, RULES_MAX) : 0;
    n = n < 0 ? 0 : n;
    (void) rules(tx, list, n > 0, 0, &label, &rule);
    if (l->type == MDL_PAGE) {
        text_of(&rule, mdd_json_get(l->m, l->n, "require"));
    }

    added = mdd_run(tx->db, MDD_SQL_DECISION_ADD, "iitsis" "ttttttttttttttt"
                    "ttt", tx->log, tx->leaf, id.p, id.n, l->name, (int64_t) l->time, node,
                    c[0].p, c[0].n, c[1].p, c[1].n, c[2].p, c[2].n, c[3].p,
                    c[3].n, c[4].p, c[4].n, c[5].p, c[5].n, c[6].p, c[6].n,
                    c[7].p, c[7].n, c[8].p, c[8].n, c[9].p, c[9].n, c[10].p,
                    c[10].n, c[11].p, c[11].n, c[12].p, c[12].n, c[13].p,
                    c[13].n, c[14].p, c[14].n, label.p, label.n, rule.p,
                    rule.n, r != NULL ? r->val : NULL,
                    r != NULL ? r->n : (size_t) 0);
    if (added < 0) {
        return MDD_FAILED;
    }

    /* another zone or node has had it before, or it is a card that still
     * waits: its counts are added there */
    if (added == 0) {
        return mdd_run(tx->db, MDD_SQL_AGAIN_ADD, "tii", id.p, id.n, tx->log,
                       tx->leaf) < 0 ? MDD_FAILED : MDD_OK;
    }

    return rules(tx, list, n, 1, &label, &rule);
}


/* to the decision, and to what its like came to by this leaf */

static int
count(mdd_tx_t *tx, int64_t time, const text_t *id, int64_t more)
{
    int        found;
    char       mode[16] = "", label[136] = "", action[16] = "";
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_DECISION_COUNT, "iit", more, time, id->p,
                   id->n);
    found = mdd_step(st) == MDD_ROW;

    if (found) {
        snprintf(mode, sizeof(mode), "%s", mdd_text(st, 0));
        snprintf(label, sizeof(label), "%s", mdd_text(st, 1));
        snprintf(action, sizeof(action), "%s", mdd_text(st, 2));
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    return !found || mdd_run(tx->db, MDD_SQL_IMPRESSION_ADD, "iisssii",
                             tx->log, tx->leaf, mode, label, action, time,
                             more) >= 0 ? MDD_OK : MDD_FAILED;
}


static int
counts(mdd_tx_t *tx, const mdd_line_t *l, const char *zone)
{
    int                i, n, rc;
    text_t             id;
    int64_t            old;
    uint64_t           since, total;
    mdd_json_t        *list, e[3];
    const mdd_json_t  *c;

    c = mdd_json_get(l->m, l->n, "counts");
    list = malloc(LIST_MAX * sizeof(mdd_json_t));
    if (list == NULL) {
        return MDD_FAILED;
    }

    n = c != NULL ? mdd_json_elements(c->val, c->n, list, LIST_MAX) : -1;
    rc = MDD_OK;

    for (i = 0; i < n && rc == MDD_OK; i++) {
        if (mdd_json_elements(list[i].val, list[i].n, e, 3) != 3
            || !mdd_json_u64(&e[1], &since) || !mdd_json_u64(&e[2], &total))
        {
            continue;
        }

        text_of(&id, &e[0]);
        if (id.p == NULL || id.n == 0 || id.n > 64) {
            continue;
        }

        /* cumulative: the largest counts, what it has more is added */
        old = mdd_one(tx->db, 0, MDD_SQL_COUNTS_GET, "tsi", id.p, id.n, zone,
                      (int64_t) since);
        if ((int64_t) total <= old) {
            continue;
        }

        if (mdd_run(tx->db, MDD_SQL_COUNTS_PUT, "tsii", id.p, id.n, zone,
                    (int64_t) since, (int64_t) total) < 0
            || count(tx, (int64_t) l->time, &id, (int64_t) total - old)
               != MDD_OK)
        {
            rc = MDD_FAILED;
        }
    }

    free(list);

    return rc;
}


static int
stats(mdd_tx_t *tx, const mdd_line_t *l, const char *zone)
{
    int                i, n, rc;
    text_t             what, slot, name;
    int64_t            old, hour;
    uint64_t           total;
    mdd_json_t        *list, e[4];
    const mdd_json_t  *s;

    s = mdd_json_get(l->m, l->n, "stats");
    list = malloc(LIST_MAX * sizeof(mdd_json_t));
    if (list == NULL) {
        return MDD_FAILED;
    }

    n = s != NULL ? mdd_json_elements(s->val, s->n, list, LIST_MAX) : -1;
    hour = (int64_t) (l->time - l->time % HOUR_MS);
    rc = MDD_OK;

    for (i = 0; i < n && rc == MDD_OK; i++) {
        if (mdd_json_elements(list[i].val, list[i].n, e, 4) != 4
            || !mdd_json_u64(&e[3], &total))
        {
            continue;
        }

        text_of(&what, &e[0]);
        text_of(&slot, &e[1]);
        text_of(&name, &e[2]);
        if (what.p == NULL || slot.p == NULL || name.p == NULL) {
            continue;
        }

        old = mdd_one(tx->db, 0, MDD_SQL_STAT_GET, "sttt", zone, what.p,
                      what.n, slot.p, slot.n, name.p, name.n);
        if ((int64_t) total <= old) {
            continue;
        }

        if (mdd_run(tx->db, MDD_SQL_STAT_PUT, "stttii", zone, what.p, what.n,
                    slot.p, slot.n, name.p, name.n, (int64_t) total,
                    (int64_t) l->time) < 0
            || mdd_run(tx->db, MDD_SQL_STAT_HOUR, "ittti", hour, what.p,
                       what.n, slot.p, slot.n, name.p, name.n,
                       (int64_t) total - old) < 0)
        {
            rc = MDD_FAILED;
        }

        mdd_feed_count(what.p, what.n, slot.p, slot.n, name.p, name.n,
                       (int64_t) total - old, (int64_t) l->time);
    }

    free(list);

    return rc;
}


const char *
mdd_line_text(const mdd_line_t *l, const char *name, char *buf, size_t size)
{
    const mdd_json_t  *v = mdd_json_get(l->m, l->n, name);

    if (v == NULL || mdd_json_text(v, buf, size) < 0) {
        buf[0] = '\0';
    }

    return buf;
}


int
mdd_line_rows(mdd_tx_t *tx, const mdd_line_t *l, const char *node,
    const char *zone, const char *pub, size_t npub)
{
    int  rc;

    switch (l->type) {

    case MDL_DECISION:
    case MDL_SAMPLE:
        rc = decision(tx, l, node);
        return rc == MDD_OK && !tx->again ? mdd_desk_line(tx, l) : rc;

    case MDL_PAGE:
    case MDL_ERROR:
        return decision(tx, l, node);

    case MDL_COUNTS:
        return counts(tx, l, zone);

    case MDL_STATS:
        return stats(tx, l, zone);

    case MDL_POLICY:
        rc = mdd_run(tx->db, MDD_SQL_EVENT_ADD, "iiist", tx->log, tx->leaf,
                     (int64_t) l->time, l->name, pub, npub) < 0
             ? MDD_FAILED : MDD_OK;
        return rc == MDD_OK && !tx->again ? mdd_rule_line(tx, l, zone) : rc;

    default:
        return MDD_OK;
    }
}
