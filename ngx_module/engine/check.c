/*
 * check.c - the inline tests of a policy, and the order of a check.
 *
 * An inline test puts its text into one field of one slot and asks whether
 * the rule would stand by its hits, with the matcher and the decision that a
 * page meets; a test of a page reads a whole body.  Modes, roll-out and
 * expiry are left out: a test is about what a rule sees.
 */

#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>


#define PAGE_MAX  (64u << 20)

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


void
mdr_check_finding(mdr_check_t *c, int severity, const char *code,
    const mdr_pos_t *pos, const char *fmt, ...)
{
    char     text[768];
    va_list  args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    (void) mdr_diags_add(c->diags, severity, code,
                         c->m->files[pos->file].data, pos->line, pos->column,
                         "%s", text);
}


int
mdr_check_same(mdr_str_t a, mdr_str_t b)
{
    return a.len == b.len
           && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


mdr_policy_t *
mdr_check_policy(mdr_check_t *c, int probe, uint32_t drop)
{
    uint32_t       i;
    mdr_rule_t    *r;
    mdr_model_t    m;
    mdr_policy_t  *p;

    static mdr_str_t  text = { "text", 4 };

    static mdr_source_t  sources[2] = {
        { .selector = { "p", 1 } }, { .selector = { "$.text", 6 } }
    };

    static mdr_field_t  fields[2] = {
        { .name = { "text", 4 }, .nsources = 1, .sources = &sources[0] },
        { .name = { "text", 4 }, .nsources = 1, .sources = &sources[1] }
    };

    static mdr_slot_t  slots[2] = {
        { .name = { "html", 4 }, .type = MDR_TYPE_HTML, .match = { "li", 2 },
          .nfields = 1, .fields = &fields[0], .item_id = -1,
          .account_id = -1 },
        { .name = { "json", 4 }, .type = MDR_TYPE_JSON,
          .match = { "$[*]", 4 }, .nfields = 1, .fields = &fields[1],
          .item_id = -1, .account_id = -1 }
    };

    m = *c->m;
    m.rules = mdr_alloc(c->alloc, ((size_t) m.nrules + 1)
                                  * sizeof(mdr_rule_t));
    if (m.rules == NULL) {
        return NULL;
    }

    for (i = 0; i < m.nrules; i++) {
        r = &m.rules[i];
        *r = c->m->rules[i];
        r->mode = MDR_MODE_SHADOW;
        r->status = MDR_STATUS_STABLE;
        r->expires_day = INT32_MAX;
        r->rollout = 100;
        r->njurisdictions = 0;
        r->profile.folds &= ~drop;

        if (drop & MDR_CHECK_GAP) {
            r->profile.gap_max = 0;
            r->profile.gap_of = 0;
        }

        if (probe) {
            r->nslots = 0;
            r->nfields = 1;
            r->fields = &text;
        }
    }

    if (probe) {
        m.nslots = 2;
        m.slots = slots;
    }

    p = NULL;
    (void) mdr_policy_make(&m, c->alloc, c->diags, &p);
    mdr_free(c->alloc, m.rules);

    return p;
}


uint8_t *
mdr_check_read(const mdr_check_t *c, const mdr_pos_t *pos, mdr_str_t name,
    size_t *len)
{
    FILE        *f;
    char        *path;
    size_t       n;
    mdr_str_t    file;
    mdr_buf_t    b;
    const char  *slash;

    n = 0;
    file.data = NULL;

    if (pos != NULL && name.data[0] != '/') {
        file = c->m->files[pos->file];
        slash = strrchr(file.data, '/');
        n = slash == NULL ? 0 : (size_t) (slash - file.data) + 1;
    }

    path = mdr_alloc(c->alloc, n + name.len + 1);
    if (path == NULL) {
        errno = ENOMEM;
        return NULL;
    }

    if (n != 0) {
        memcpy(path, file.data, n);
    }
    memcpy(path + n, name.data, name.len);
    path[n + name.len] = '\0';

    f = fopen(path, "rbe");
    mdr_free(c->alloc, path);

    if (f == NULL) {
        return NULL;
    }

    mdr_buf_init(&b, c->alloc);
    errno = ENOMEM;

    while (mdr_buf_reserve(&b, 65536) == MDR_OK) {
        n = fread(b.data + b.len, 1, 65536, f);
        b.len += n;

        if (b.len > PAGE_MAX) {
            errno = EFBIG;
            break;
        }

        if (n == 0) {
            if (ferror(f)) {
                break;
            }
            fclose(f);
            *len = b.len;
            return b.data;
        }
    }

    fclose(f);
    mdr_buf_done(&b);

    return NULL;
}


static int
applies(const mdr_rule_t *r, uint32_t slot)
{
    uint32_t  i;

    for (i = 0; i < r->nslots && r->slots[i] != slot; i++) { /* void */ }

    return r->nslots == 0 || i < r->nslots;
}


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
            near = mdr_diag_nearest(t->field, names, n);
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

        if (!applies(r, s)) {
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

    near = known ? NULL : mdr_diag_nearest(t->slot, names, n);
    mdr_check_finding(c, MDR_DIAG_ERROR, "test-place", &t->pos,
                      known ? "test: no slot \"%.64s\" of this rule has that "
                              "field%s%s%s"
                            : "test: unknown slot \"%.64s\"%s%s%s",
                      t->slot.len != 0 ? t->slot.data : "",
                      near ? " (did you mean \"" : "", near ? near : "",
                      near ? "\"?)" : "");

    return 0;
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
    mdr_text_init(&tx, c->alloc, PAGE_MAX);

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
    in.slot = s.slot;
    in.mode = MDR_MODE_ENFORCE;
    in.now = c->now;

    if (k != 0) {
        mdr_decide(&in, raw.hits, k, &s, &v);
    }

    for (x = 0; x < v.nhits; x++) {
        add_found(f, tx.data + v.hits[x].start,
                  v.hits[x].end - v.hits[x].start);
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

    f->items += (size_t) applies(&f->c->m->rules[f->rule], item->slot);

    for (i = 0; i < item->nhits; i++) {
        h = &item->hits[i];

        if (h->rule == f->rule
            && (t->field.len == 0 || mdr_check_same(t->field, h->field)))
        {
            add_found(f, h->text.data, h->text.len);
        }
    }
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


/*
 * A text hits or passes.  On a page, "hit: TEXT" wants a hit on that very
 * text, "hit: ''" any, and "pass" none of them.
 */

static void
judge(mdr_check_t *c, const found_t *f)
{
    int                hit, want;
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

    if (hit != want) {
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


static int
run_tests(mdr_check_t *c)
{
    int                rc;
    found_t            f;
    uint32_t           i, j;
    mdr_work_t        *pages;
    mdr_policy_t      *p;
    mdr_match_work_t  *texts;

    p = mdr_check_policy(c, 0, 0);
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

            rc = f.t->page.len != 0 ? run_page(c, p, pages, &f)
                                    : run_text(c, p, texts, &f);

            if (rc == MDR_OK && !f.failed) {
                judge(c, &f);
            }
        }
    }

    mdr_buf_done(&f.texts);
    mdr_match_work_free(texts);
    mdr_work_free(pages);
    mdr_policy_free(p);

    return rc == MDR_ERROR || f.failed ? MDR_ERROR : MDR_OK;
}


static int
out_of_memory(const mdr_diags_t *d)
{
    size_t  i, n;

    n = mdr_diags_count(d);

    for (i = 0; i < n && strcmp(mdr_diags_get(d, i)->code, "memory") != 0;
         i++)
    {
        /* void */
    }

    return n == 0 || i < n;
}


/* a changed rule has a higher rev */

static int
check_revs(mdr_check_t *c, const mdr_load_conf_t *conf)
{
    int                rc;
    uint32_t           i;
    mdr_diags_t       *quiet;
    mdr_model_t       *old;
    const mdr_rule_t  *r, *b;

    quiet = mdr_diags_new(c->alloc);
    if (quiet == NULL) {
        return MDR_ERROR;
    }

    if (mdr_load(c->conf->base, conf, quiet, &old) != MDR_OK) {
        rc = out_of_memory(quiet) ? MDR_ERROR : MDR_OK;
        (void) mdr_diags_add(c->diags, MDR_DIAG_WARN, "base", c->conf->base,
                             0, 0, "cannot be loaded: no revs compared");
        mdr_diags_free(quiet);
        return rc;
    }

    for (i = 0; i < c->m->nrules; i++) {
        r = &c->m->rules[i];
        b = mdr_diff_find(old, r->id);

        if (b == NULL) {
            continue;
        }

        if (r->rev < b->rev) {
            mdr_check_finding(c, MDR_DIAG_WARN, "rev", &r->pos,
                              "rule \"%s\": rev %u is lower than the %u it "
                              "had", r->id.data, r->rev, b->rev);

        } else if (r->rev == b->rev
                   && mdr_diff_rule(c->m, r) != mdr_diff_rule(old, b))
        {
            mdr_check_finding(c, MDR_DIAG_WARN, "rev", &r->pos,
                              "rule \"%s\" has changed and its rev is still "
                              "%u", r->id.data, r->rev);
        }
    }

    mdr_model_free(old);
    mdr_diags_free(quiet);

    return MDR_OK;
}


int
mdr_policy_check(const char *path, const mdr_load_conf_t *conf,
    const mdr_check_conf_t *check, mdr_diags_t *diags)
{
    int          rc;
    size_t       before;
    mdr_check_t  c;

    static const mdr_check_conf_t  plain;

    memset(&c, 0, sizeof(c));
    c.alloc = conf->alloc != NULL ? conf->alloc : mdr_mem_default();
    c.diags = diags;
    c.conf = check != NULL ? check : &plain;
    c.now = conf->now;
    before = mdr_diags_count(diags);

    rc = mdr_load(path, conf, diags, &c.m);
    if (rc != MDR_OK) {
        return rc;
    }

    rc = mdr_lint(&c);

    if (rc == MDR_OK) {
        rc = run_tests(&c);
    }

    if (rc == MDR_OK && c.conf->base != NULL) {
        rc = check_revs(&c, conf);
    }

    if (rc == MDR_OK && c.conf->variants && c.conf->variant != NULL) {
        rc = mdr_variants(&c);
    }

    if (rc == MDR_OK && c.conf->ncorpus != 0) {
        rc = mdr_measure(&c);
    }

    mdr_diags_sort(diags, before);
    mdr_model_free(c.m);

    return rc;
}
