/*
 * check_test.c - the inline tests of a policy.
 *
 * An inline test puts its text into one field of one slot and asks whether
 * the rule would stand by its hits, with the matcher and the decision that a
 * page meets; a test of a page reads a whole body.  Modes, roll-out and
 * expiry are left out: a test is about what a rule sees.  So is whose an item
 * is, unless the test says it.
 */

#include "check.h"
#include "text/fold.h"
#include "base/utf8.h"

#include <errno.h>
#include <string.h>


/* what a test found: the texts of hits of its rule */
typedef struct {
    const mdr_check_t  *c;
    uint32_t            rule;
    const mdr_test_t   *t;
    mdr_buf_t           texts;          /* each with a NUL                   */
    size_t              n;
    size_t              items;          /* of a page that the test is about  */
    int                 failed;
} found_t;


/* the slot and field of a test: those it names, else the first of the rule;
 * 0: a finding says what is wrong */

static int
place(mdr_check_t *c, const mdr_rule_t *r, const mdr_test_t *t,
    uint32_t *slot, uint32_t *field)
{
    uint32_t      s, f, n, known;
    mdr_str_t     want;
    const char   *names[64], *near;
    mdr_model_t  *m;

    m = c->m;

    for (n = 0, f = 0; f < r->nfields && n < 64; f++) {
        names[n++] = r->fields[f].data;
    }

    if (t->field.len != 0) {
        for (f = 0; f < r->nfields; f++) {
            if (mdr_check_same(r->fields[f], t->field)) {
                break;
            }
        }

        if (f == r->nfields) {
            near = mdr_word_nearest(t->field, names, n);
            mdr_check_finding(c, MDR_DIAG_ERROR, "test-place", &t->pos,
                              "test: the rule does not look into \"%.64s\""
                              "%s%s%s", t->field.data,
                              near ? " (did you mean \"" : "",
                              near ? near : "", near ? "\"?)" : "");
            return 0;
        }
    }

    want = t->field.len != 0 ? t->field : r->fields[0];

    for (s = 0, known = 0, n = 0; s < m->nslots; s++) {

        if (n < 64) {
            names[n++] = m->slots[s].name.data;
        }

        if (t->slot.len != 0 && !mdr_check_same(t->slot, m->slots[s].name)) {
            continue;
        }

        known = 1;

        if (!mdr_rule_has_slot(r, s)) {
            continue;
        }

        for (f = 0; f < m->slots[s].nfields; f++) {
            if (mdr_check_same(m->slots[s].fields[f].name, want)) {
                *slot = s;
                *field = f;
                return 1;
            }
        }
    }

    near = known ? NULL : mdr_word_nearest(t->slot, names, n);
    mdr_check_finding(c, MDR_DIAG_ERROR, "test-place", &t->pos,
                      known ? "test: no slot \"%.64s\" of this rule has that "
                              "field%s%s%s"
                            : "test: unknown slot \"%.64s\"%s%s%s",
                      t->slot.len != 0 ? t->slot.data : "",
                      near ? " (did you mean \"" : "", near ? near : "",
                      near ? "\"?)" : "");

    return 0;
}


/* a rule that asks for nothing but the account has tests that say it, others
 * have none that do: either would end as it does whatever the rule says */

static int
account_fits(mdr_check_t *c, const mdr_rule_t *r, const mdr_test_t *t)
{
    if (r->alone && !t->account.known) {
        mdr_check_finding(c, MDR_DIAG_ERROR, "test-account", &t->pos,
                          "test: the rule looks at accounts alone: "
                          "\"account\" or \"credit\" expected");
        return 0;
    }

    if (t->account.known && r->accounts == 0 && !r->credit_given) {
        mdr_check_finding(c, MDR_DIAG_ERROR, "test-account", &t->pos,
                          "test: the rule asks for no \"account\" and no "
                          "\"credit\"");
        return 0;
    }

    return 1;
}


static void
add_found(found_t *f, const void *p, size_t n)
{
    if (mdr_buf_add(&f->texts, p, n) != MDR_OK
        || mdr_buf_add(&f->texts, "", 1) != MDR_OK)
    {
        f->failed = 1;
        return;
    }

    f->n++;
}


static int
was_found(const found_t *f, mdr_str_t s)
{
    size_t       i, len;
    const char  *p;

    for (i = 0; i < f->texts.len; i += len + 1) {
        p = (const char *) f->texts.data + i;
        len = strlen(p);

        if (len == s.len && memcmp(p, s.data, len) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
run_text(mdr_check_t *c, const mdr_policy_t *policy, mdr_match_work_t *work,
    found_t *f)
{
    int              rc;
    size_t           i, k;
    uint32_t         x;
    mdr_text_t       tx;
    mdr_subject_t    s;
    mdr_verdict_t    v;
    mdr_raw_hits_t   raw;
    mdr_decide_in_t  in;

    memset(&s, 0, sizeof(s));

    if (!place(c, &c->m->rules[f->rule], f->t, &s.slot, &s.field)) {
        return MDR_LIMIT;
    }

    memset(&raw, 0, sizeof(raw));
    memset(&v, 0, sizeof(v));
    memset(&in, 0, sizeof(in));
    mdr_text_init(&tx, c->alloc, MDR_CHECK_PAGE_MAX);

    rc = mdr_text_copy(&tx, 0, (const uint8_t *) f->t->text.data,
                       f->t->text.len);
    if (rc == MDR_OK) {
        rc = mdr_text_finish(&tx);
    }

    s.data = tx.data;
    s.len = (uint32_t) tx.len;

    if (rc == MDR_OK && tx.len != 0) {
        rc = mdr_match(policy->matcher, work, &s, 1, &raw);
    }

    for (i = 0, k = 0; rc == MDR_OK && i < raw.n; i++) {
        if (raw.hits[i].rule == f->rule) {
            raw.hits[k++] = raw.hits[i];
        }
    }

    in.model = policy->model;
    in.matcher = policy->matcher;
    in.slot = s.slot;
    in.mode = MDR_MODE_ENFORCE;
    in.now = c->now;
    in.account = f->t->account;

    if (k != 0) {
        mdr_decide(&in, raw.hits, k, &s, &v);
    }

    if (c->m->rules[f->rule].alone) {
        mdr_decide_alone(&in, &v);
    }

    for (x = 0; x < v.nhits; x++) {
        if (v.hits[x].rule == f->rule) {
            add_found(f, tx.data + v.hits[x].start,
                      v.hits[x].end - v.hits[x].start);
        }
    }

    mdr_text_done(&tx);
    mdr_free(c->alloc, raw.hits);

    return rc;
}


static void
on_item(void *ctx, const mdr_item_t *item)
{
    found_t           *f;
    uint32_t           i;
    const mdr_hit_t   *h;
    const mdr_test_t  *t;

    f = ctx;
    t = f->t;

    if (t->slot.len != 0 && !mdr_check_same(t->slot, item->slot_name)) {
        return;
    }

    f->items += (size_t) mdr_rule_has_slot(&f->c->m->rules[f->rule],
                                           item->slot);

    for (i = 0; i < item->nhits; i++) {
        h = &item->hits[i];

        if (h->rule == f->rule
            && (t->field.len == 0 || mdr_check_same(t->field, h->field)))
        {
            add_found(f, h->text.data, h->text.len);
        }
    }
}


static void
on_account(void *ctx, mdr_str_t account_id, mdr_account_t *account)
{
    (void) account_id;
    *account = ((const found_t *) ctx)->t->account;
}


static int
run_page(mdr_check_t *c, const mdr_policy_t *policy, mdr_work_t *work,
    found_t *f)
{
    int               rc;
    size_t            len;
    uint32_t          slot, field;
    uint8_t          *body, *caps;
    mdr_scan_t       *scan;
    mdr_scan_conf_t   conf;

    slot = 0;

    if ((f->t->slot.len != 0 || f->t->field.len != 0)
        && !place(c, &c->m->rules[f->rule], f->t, &slot, &field))
    {
        return MDR_LIMIT;
    }

    body = mdr_check_read(c, &f->t->pos, f->t->page, &len);
    if (body == NULL) {
        mdr_check_finding(c, MDR_DIAG_ERROR, "test-page", &f->t->pos,
                          "test: page \"%.200s\": %s", f->t->page.data,
                          strerror(errno));
        return MDR_LIMIT;
    }

    /* an item records so many hits: all of them shall be of this rule */

    caps = mdr_calloc(c->alloc, c->m->nrules);
    if (caps == NULL) {
        mdr_free(c->alloc, body);
        return MDR_ERROR;
    }
    caps[f->rule] = MDR_MODE_SHADOW;

    memset(&conf, 0, sizeof(conf));
    conf.ctx = f;
    conf.rule_modes = caps;
    conf.all_items = 1;
    conf.item = on_item;
    conf.account = on_account;
    conf.type = f->t->slot.len == 0 ? MDR_TYPE_AUTO
                : c->m->slots[slot].type == MDR_TYPE_SCRIPT ? MDR_TYPE_HTML
                : c->m->slots[slot].type;
    conf.mode = MDR_MODE_SHADOW;
    conf.now = c->now;
    conf.max_slot = 1 << 20;
    conf.alloc = c->alloc;

    scan = mdr_scan_new(policy, work, &conf);
    rc = scan == NULL ? MDR_ERROR : mdr_scan_feed(scan, body, len);

    if (rc != MDR_ERROR) {
        rc = mdr_scan_finish(scan);
    }

    mdr_scan_free(scan);
    mdr_free(c->alloc, caps);
    mdr_free(c->alloc, body);

    if (rc == MDR_ERROR) {
        return MDR_ERROR;
    }

    /* a page without an item would pass whatever the rule says */

    if (f->items == 0) {
        mdr_check_finding(c, MDR_DIAG_ERROR, "test-page", &f->t->pos,
                          "test: page \"%.200s\" has no item of %s%s%s",
                          f->t->page.data, f->t->slot.len != 0 ? "slot \""
                          : "a slot of this rule", f->t->slot.len != 0
                          ? f->t->slot.data : "",
                          f->t->slot.len != 0 ? "\"" : "");
        return MDR_LIMIT;
    }

    return MDR_OK;
}


/* what the regexes of a rule see of a text, character by character; glosses and
 * turned runs stay as they are */

static void
folded(mdr_str_t s, uint32_t folds, char *out, size_t room)
{
    size_t          n, k, len;
    uint32_t        i, cp;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    for (i = 0, n = 0; i < s.len && n + 80 < room; i += (uint32_t) len) {
        cp = mdr_utf8_next((const uint8_t *) s.data + i, s.len - i, &len);

        if (len == 0) {
            break;
        }

        if (mdr_fold_dropped(cp, folds)) {
            continue;
        }

        (void) mdr_fold_forms(cp, folds, f);

        for (k = 0; k < f[0].n; k++) {
            n += mdr_utf8_put((uint8_t *) out + n, f[0].cp[k]);
        }
    }

    out[n] = '\0';
}


static int
has_regex(const mdr_rule_t *r)
{
    uint32_t  i;

    for (i = 0; i < r->ngroups && r->groups[i].nregexes == 0; i++) {
        /* void */
    }

    return i < r->ngroups;
}


/*
 * A text hits or passes.  On a page, "hit: TEXT" wants a hit on that very
 * text, "hit: ''" any, and "pass" none of them.
 */

static void
judge(mdr_check_t *c, const found_t *f)
{
    int                hit, want;
    char               seen[1024];
    uint32_t           j;
    mdr_str_t          what;
    const char        *id;
    const mdr_test_t  *t;

    t = f->t;
    id = c->m->rules[f->rule].id.data;
    hit = f->n != 0;

    if (t->page.len != 0 && t->text.len != 0) {
        hit = was_found(f, t->text);
    }

    want = t->kind == MDR_TEST_HIT || t->kind == MDR_TEST_TODO_HIT;
    what = t->text.len != 0 || t->page.len == 0 ? t->text : t->page;

    if (t->kind == MDR_TEST_TODO_HIT || t->kind == MDR_TEST_TODO_PASS) {
        if (hit == want) {
            mdr_check_finding(c, MDR_DIAG_INFO, "todo-done", &t->pos,
                              "rule \"%s\": \"%.200s\": this todo works now",
                              id, what.data);
        }
        return;
    }

    if (hit != want && want && t->page.len == 0
        && has_regex(&c->m->rules[f->rule]))
    {
        folded(what, c->m->rules[f->rule].profile.folds, seen, sizeof(seen));
        mdr_check_finding(c, MDR_DIAG_ERROR, "test-failed", &t->pos,
                          "rule \"%s\": \"%.200s\" should hit and does not; "
                          "regexes see \"%.300s\"", id, what.data, seen);

    } else if (hit != want) {
        mdr_check_finding(c, MDR_DIAG_ERROR, "test-failed", &t->pos,
                          "rule \"%s\": \"%.200s\" %s", id, what.data,
                          want ? "should hit and does not"
                               : "should pass and hits");
    }

    for (j = 0; hit && want && j < t->nspans; j++) {
        if (!was_found(f, t->spans[j])) {
            mdr_check_finding(c, MDR_DIAG_ERROR, "test-span", &t->pos,
                              "rule \"%s\": no hit spans \"%.200s\", the "
                              "first spans \"%.200s\"", id, t->spans[j].data,
                              (const char *) f->texts.data);
        }
    }
}


int
mdr_check_tests(mdr_check_t *c)
{
    int                rc;
    found_t            f;
    uint32_t           i, j;
    mdr_work_t        *pages;
    mdr_policy_t      *p, *whose;
    mdr_match_work_t  *texts;

    p = mdr_check_policy(c, 0, 0);
    whose = NULL;                       /* made for the first that asks      */
    pages = mdr_work_new(c->alloc);
    texts = mdr_match_work_new(c->alloc);
    rc = p == NULL || pages == NULL || texts == NULL ? MDR_ERROR : MDR_OK;

    memset(&f, 0, sizeof(f));
    f.c = c;
    mdr_buf_init(&f.texts, c->alloc);

    for (i = 0; i < c->m->nrules; i++) {
        for (j = 0; rc != MDR_ERROR && j < c->m->rules[i].ntests; j++) {
            f.rule = i;
            f.t = &c->m->rules[i].tests[j];
            f.n = 0;
            f.items = 0;
            f.texts.len = 0;

            if (!account_fits(c, &c->m->rules[i], f.t)) {
                continue;
            }

            if (f.t->account.known && whose == NULL) {
                whose = mdr_check_policy(c, 0, MDR_CHECK_ACCOUNT);
                if (whose == NULL) {
                    rc = MDR_ERROR;
                    break;
                }
            }

            rc = f.t->page.len != 0
                 ? run_page(c, f.t->account.known ? whose : p, pages, &f)
                 : run_text(c, f.t->account.known ? whose : p, texts, &f);

            if (rc == MDR_OK && !f.failed) {
                judge(c, &f);
            }
        }
    }

    mdr_buf_done(&f.texts);
    mdr_match_work_free(texts);
    mdr_work_free(pages);
    mdr_policy_free(whose);
    mdr_policy_free(p);

    return rc == MDR_ERROR || f.failed ? MDR_ERROR : MDR_OK;
}
