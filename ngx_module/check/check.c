/*
 * check.c - the order of a check, and what its parts share.
 *
 * Each part reads the model and adds its findings to the diagnostics of the
 * check; none stops the others, only lack of memory does.  Parts that match
 * texts do so with a policy that is made here out of the model, in which a
 * rule is whatever they ask about.
 */

#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>


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
          .account_id = -1, .place = -1 },
        { .name = { "json", 4 }, .type = MDR_TYPE_JSON,
          .match = { "$[*]", 4 }, .nfields = 1, .fields = &fields[1],
          .item_id = -1, .account_id = -1, .place = -1 }
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

        if (!(drop & MDR_CHECK_ACCOUNT)) {
            r->accounts = 0;
            r->credit_given = 0;
            r->alone = 0;
        }

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

        if (b.len > MDR_CHECK_PAGE_MAX) {
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
    uint32_t     i;
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

    for (i = 0; c.conf->counts != NULL && i < c.m->nrules; i++) {
        c.conf->counts[2] += c.m->rules[i].ntests;
    }

    for (i = 0; c.conf->counts != NULL && i < c.m->npages; i++) {
        c.conf->counts[2] += c.m->pages[i].ntests;
    }

    if (c.conf->counts != NULL) {
        c.conf->counts[0] = c.m->nrules;
        c.conf->counts[1] = c.m->nslots;
    }

    rc = mdr_lint(&c);

    if (rc == MDR_OK) {
        rc = mdr_check_tests(&c);
    }

    if (rc == MDR_OK) {
        rc = mdr_check_pages(&c);
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
