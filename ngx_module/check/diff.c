/*
 * diff.c - what changed from one policy to another.
 *
 * Rules and slots are compared by their encoded form (model.c), so that no
 * key can be forgotten; terms, which an image does not carry in the model,
 * are compared as sorted lists.
 */

#include "check.h"
#include "ledger/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define SHOWN  20               /* terms that are named                     */

typedef struct {
    void       (*put)(void *ctx, const char *text);
    void        *ctx;
    uint32_t     changes;
    int          failed;
} out_t;

typedef struct {
    const mdr_str_t  **list;
    size_t             n;
} terms_t;


#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
say(const out_t *o, const char *fmt, ...)
{
    char     text[2560];
    va_list  args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    o->put(o->ctx, text);
}


static uint64_t
add(uint64_t h, const void *p, size_t n)
{
    size_t          i;
    const uint8_t  *b;

    b = p;
    h = (h ^ n) * 0x9fb21c651e98df25ULL;

    for (i = 0; i < n; i++) {
        h = (h ^ b[i]) * 0x100000001b3ULL;
        h ^= h >> 29;
    }

    return h;
}


static uint64_t
encoded(const mdr_model_t *m)
{
    uint64_t   h;
    mdr_buf_t  b;

    mdr_buf_init(&b, mdr_mem_default());
    h = 0;

    if (mdr_model_encode(m, &b) == MDR_OK) {
        h = add(1, b.data, b.len) | 1;
    }

    mdr_buf_done(&b);

    return h;
}


uint64_t
mdr_diff_rule(const mdr_model_t *m, const mdr_rule_t *r)
{
    uint64_t      h, k;
    uint32_t      i;
    mdr_rule_t    one;
    mdr_model_t   alone;

    one = *r;
    one.rev = 0;
    one.nslots = 0;

    memset(&alone, 0, sizeof(alone));
    alone.nrules = 1;
    alone.rules = &one;

    h = encoded(&alone);
    if (h == 0) {
        return 0;
    }

    for (i = 0; i < r->nslots; i++) {
        h = add(h, m->slots[r->slots[i]].name.data,
                m->slots[r->slots[i]].name.len);
    }

    for (i = 0; i < r->ngroups; i++) {
        for (k = 0; k < r->groups[i].nterms; k++) {
            h = add(h, r->groups[i].terms[k].text.data,
                    r->groups[i].terms[k].text.len);

            if (r->groups[i].weighted) {
                h = add(h, &r->groups[i].terms[k].weight, sizeof(int32_t));
                h = add(h, &r->groups[i].terms[k].place, 1);
            }
        }
    }

    for (i = 0; i < r->nexcepts; i++) {
        for (k = 0; k < r->excepts[i].group.nterms; k++) {
            h = add(h, r->excepts[i].group.terms[k].text.data,
                    r->excepts[i].group.terms[k].text.len);
        }
    }

    return h | 1;
}


static uint64_t
slot_print(const mdr_slot_t *s)
{
    mdr_slot_t   one;
    mdr_model_t  alone;

    one = *s;
    memset(&alone, 0, sizeof(alone));
    alone.nslots = 1;
    alone.slots = &one;

    return encoded(&alone);
}


const mdr_rule_t *
mdr_diff_find(const mdr_model_t *m, mdr_str_t id)
{
    uint32_t  i;

    for (i = 0; i < m->nrules; i++) {
        if (mdr_check_same(m->rules[i].id, id)) {
            return &m->rules[i];
        }
    }

    return NULL;
}


static const mdr_slot_t *
find_slot(const mdr_model_t *m, mdr_str_t name)
{
    uint32_t  i;

    for (i = 0; i < m->nslots; i++) {
        if (mdr_check_same(m->slots[i].name, name)) {
            return &m->slots[i];
        }
    }

    return NULL;
}


static uint64_t
terms_of(const mdr_rule_t *r)
{
    uint32_t  i;
    uint64_t  n;

    for (i = 0, n = 0; i < r->ngroups; i++) {
        n += r->groups[i].nterms;
    }

    return n;
}


static int
by_text(const void *a, const void *b)
{
    int               rc;
    uint32_t          n;
    const mdr_str_t  *x = *(const mdr_str_t *const *) a,
                     *y = *(const mdr_str_t *const *) b;

    n = x->len < y->len ? x->len : y->len;
    rc = memcmp(x->data, y->data, n);

    return rc != 0 ? rc : (x->len > y->len) - (x->len < y->len);
}


static int
sorted_terms(const mdr_group_t *g, terms_t *t)
{
    uint64_t  k;

    t->n = 0;
    t->list = malloc(((size_t) g->nterms + 1) * sizeof(mdr_str_t *));

    if (t->list == NULL) {
        return MDR_ERROR;
    }

    for (k = 0; k < g->nterms; k++) {
        t->list[t->n++] = &g->terms[k].text;
    }

    qsort(t->list, t->n, sizeof(mdr_str_t *), by_text);

    return MDR_OK;
}


/* terms of a that b has not, the first of them by name; how many */

static size_t
missing(const out_t *o, char sign, const char *group, const terms_t *a,
    const terms_t *b)
{
    int     rc;
    size_t  i, k, n;

    for (i = 0, k = 0, n = 0; i < a->n; i++) {

        for (rc = 1; k < b->n; k++) {
            rc = by_text(&a->list[i], &b->list[k]);
            if (rc <= 0) {
                break;
            }
        }

        if (k < b->n && rc == 0) {
            continue;
        }

        if (n++ < SHOWN) {
            say(o, "    %c %s%s%.*s\n", sign, group, *group ? ": " : "",
                (int) (a->list[i]->len < 200 ? a->list[i]->len : 200),
                a->list[i]->data);
        }
    }

    if (n > SHOWN) {
        say(o, "    %c and %zu more terms\n", sign, n - SHOWN);
    }

    return n;
}


/* names of a that b has not, behind "without" or "with"; how many */

static size_t
only_in(const out_t *o, const char *word, const mdr_str_t *a, uint32_t na,
    const mdr_str_t *b, uint32_t nb)
{
    size_t    n;
    uint32_t  i, k;

    for (i = 0, n = 0; i < na; i++) {
        for (k = 0; k < nb && !mdr_check_same(a[i], b[k]); k++) {
            /* void */
        }

        if (k == nb) {
            say(o, "%s %.200s", n++ == 0 ? word : ",", a[i].data);
        }
    }

    return n;
}


static size_t
changed_names(const out_t *o, const char *what, const mdr_str_t *a,
    uint32_t na, const mdr_str_t *b, uint32_t nb)
{
    uint32_t  i;

    for (i = 0; na == nb && i < na && mdr_check_same(a[i], b[i]); i++) {
        /* void */
    }

    if (na == nb && i == na) {
        return 0;
    }

    say(o, "    %s:", what);

    if (only_in(o, " without", a, na, b, nb)
        + only_in(o, " with", b, nb, a, na) == 0)
    {
        say(o, " in another order");
    }

    say(o, "\n");

    return 1;
}


/* the slots of a rule by name; the caller frees */

static mdr_str_t *
slots_of(const mdr_model_t *m, const mdr_rule_t *r)
{
    uint32_t    i;
    mdr_str_t  *names;

    names = malloc(((size_t) r->nslots + 1) * sizeof(mdr_str_t));

    for (i = 0; names != NULL && i < r->nslots; i++) {
        names[i] = m->slots[r->slots[i]].name;
    }

    return names;
}


static size_t
changed_slots(out_t *o, const mdr_model_t *a, const mdr_rule_t *x,
    const mdr_model_t *b, const mdr_rule_t *r)
{
    size_t      n;
    mdr_str_t  *old, *new;

    old = slots_of(a, x);
    new = slots_of(b, r);
    n = 0;

    if (old == NULL || new == NULL) {
        o->failed = 1;

    } else if ((x->nslots == 0) != (r->nslots == 0)) {
        say(o, "    slots: %s\n", r->nslots == 0 ? "all" : "no longer all");
        n = 1;

    } else {
        n = changed_names(o, "slots", old, x->nslots, new, r->nslots);
    }

    free(old);
    free(new);

    return n;
}


/* one group against that of the same name, or against none */

static size_t
changed_group(out_t *o, const char *label, const mdr_group_t *x,
    const mdr_group_t *r)
{
    char     what[100];
    size_t   n;
    terms_t  before, after;

    static const mdr_group_t  none;

    x = x != NULL ? x : &none;
    r = r != NULL ? r : &none;

    before.list = NULL;
    after.list = NULL;
    n = 0;

    if (sorted_terms(x, &before) != MDR_OK || sorted_terms(r, &after) != MDR_OK)
    {
        o->failed = 1;

    } else {
        n += missing(o, '-', label, &before, &after);
        n += missing(o, '+', label, &after, &before);
    }

    free(before.list);
    free(after.list);

    (void) snprintf(what, sizeof(what), "regex%s%.64s",
                    *label != '\0' ? " of " : "", label);

    return n + changed_names(o, what, x->regexes, x->nregexes, r->regexes,
                             r->nregexes);
}


static const mdr_group_t *
find_group(const mdr_rule_t *r, mdr_str_t name)
{
    uint32_t  i;

    for (i = 0; i < r->ngroups; i++) {
        if (mdr_check_same(r->groups[i].name, name)) {
            return &r->groups[i];
        }
    }

    return NULL;
}


static size_t
changed_groups(out_t *o, const mdr_rule_t *x, const mdr_rule_t *r)
{
    size_t              n;
    uint32_t            i;
    const mdr_group_t  *g;

    n = 0;

    /* the short form has one group, which needs no name here */

    if (x->ngroups == 1 && r->ngroups == 1
        && mdr_check_same(x->groups[0].name, r->groups[0].name))
    {
        n += changed_group(o, "", &x->groups[0], &r->groups[0]);

    } else {
        for (i = 0; i < x->ngroups; i++) {
            g = find_group(r, x->groups[i].name);
            if (g == NULL) {
                say(o, "    - group %s\n", x->groups[i].name.data);
                n++;
            }
            n += changed_group(o, x->groups[i].name.data, &x->groups[i], g);
        }

        for (i = 0; i < r->ngroups; i++) {
            if (find_group(x, r->groups[i].name) == NULL) {
                say(o, "    + group %s\n", r->groups[i].name.data);
                n++;
                n += changed_group(o, r->groups[i].name.data, NULL,
                                   &r->groups[i]);
            }
        }
    }

    for (i = 0; i < x->nexcepts || i < r->nexcepts; i++) {
        n += changed_group(o, "except",
                           i < x->nexcepts ? &x->excepts[i].group : NULL,
                           i < r->nexcepts ? &r->excepts[i].group : NULL);
    }

    return n;
}


/* account and credit, as they are written; "any" */

static void
account_text(const mdr_rule_t *r, char *states, char *credit, size_t size)
{
    int       n;
    size_t    at;
    uint32_t  i;

    static const char *const  ops[] = { ">=", ">", "<=", "<", "=" };

    (void) snprintf(states, size, "any");
    (void) snprintf(credit, size, "any");

    for (i = 0, at = 0; i < MDL_ACCOUNTS; i++) {
        if (r->accounts >> i & 1) {
            n = snprintf(states + at, size - at, "%s%s", at ? ", " : "",
                         mdl_accounts[i]);
            at += n > 0 && (size_t) n < size - at ? (size_t) n : 0;
        }
    }

    if (r->credit_given) {
        (void) snprintf(credit, size, "%s %u", ops[r->credit_op], r->credit);
    }
}


static size_t
changed_account(out_t *o, const mdr_rule_t *x, const mdr_rule_t *r)
{
    char    old[2][80], new[2][80];
    size_t  i, n;

    account_text(x, old[0], old[1], sizeof(old[0]));
    account_text(r, new[0], new[1], sizeof(new[0]));

    for (i = 0, n = 0; i < 2; i++) {
        if (strcmp(old[i], new[i]) != 0) {
            say(o, "    %s: %s to %s\n", i == 0 ? "account" : "credit",
                old[i], new[i]);
            n++;
        }
    }

    return n;
}


static size_t
changed_match(out_t *o, const mdr_model_t *a, const mdr_rule_t *x,
    const mdr_model_t *b, const mdr_rule_t *r)
{
    char    old[1100], new[1100];
    size_t  n;

    static const char *const  boundaries[] = { "auto", "none", "word",
                                               "whole" };

    n = changed_slots(o, a, x, b, r);
    n += changed_names(o, "in", x->fields, x->nfields, r->fields, r->nfields);
    n += changed_names(o, "jurisdiction", x->jurisdictions, x->njurisdictions,
                       r->jurisdictions, r->njurisdictions);
    n += changed_account(o, x, r);

    if (mdr_cond_text(x, x->conds, x->nconds, mdr_mem_default(), old,
                      sizeof(old)) != MDR_OK
        || mdr_cond_text(r, r->conds, r->nconds, mdr_mem_default(), new,
                         sizeof(new)) != MDR_OK)
    {
        o->failed = 1;
        return n;
    }

    if (strcmp(old, new) != 0) {
        say(o, "    when: %s to %s\n", *old != '\0' ? old : "any group",
            *new != '\0' ? new : "any group");
        n++;
    }

    if (x->profile.folds != r->profile.folds) {
        mdr_explain_folds(x->profile.folds & ~r->profile.folds, old,
                          sizeof(old));
        mdr_explain_folds(r->profile.folds & ~x->profile.folds, new,
                          sizeof(new));
        say(o, "    fold:%s%s%s%s\n", *old != '\0' ? " without " : "", old,
            *new != '\0' ? " with " : "", new);
        n++;
    }

    if (x->profile.gap_max != r->profile.gap_max) {
        say(o, "    gap: %u to %u\n", x->profile.gap_max, r->profile.gap_max);
        n++;

    } else if (x->profile.gap_of != r->profile.gap_of) {
        say(o, "    gap: of other characters\n");
        n++;
    }

    if (x->profile.boundary != r->profile.boundary) {
        say(o, "    boundary: %s to %s\n", boundaries[x->profile.boundary],
            boundaries[r->profile.boundary]);
        n++;
    }

    return n + changed_groups(o, x, r);
}


static void
changed_text(const out_t *o, const char *name, mdr_str_t was, mdr_str_t is)
{
    say(o, "    %s: \"%.100s\" to \"%.100s\"\n", name,
        was.len ? was.data : "", is.len ? is.data : "");
}


/* one value of a rule */

static size_t
changed_key(const out_t *o, const mdr_rule_key_t *k, const void *was,
    const void *is)
{
    size_t            n;
    double            a, b;
    mdr_str_t         s[2], t[2];

    switch (k->kind) {

    case MDR_KEY_WORD:
    case MDR_KEY_U8:
        if (*(const uint8_t *) was == *(const uint8_t *) is) {
            return 0;
        }

        if (k->words != NULL) {
            say(o, "    %s: %s to %s\n", k->name,
                k->words[*(const uint8_t *) was],
                k->words[*(const uint8_t *) is]);

        } else {
            say(o, "    %s: %u to %u\n", k->name, *(const uint8_t *) was,
                *(const uint8_t *) is);
        }

        return 1;

    case MDR_KEY_U32:
        if (*(const uint32_t *) was == *(const uint32_t *) is) {
            return 0;
        }

        say(o, "    %s: %u to %u\n", k->name, *(const uint32_t *) was,
            *(const uint32_t *) is);
        return 1;

    case MDR_KEY_DAY:
        if (*(const int32_t *) was == *(const int32_t *) is) {
            return 0;
        }

        say(o, "    %s: %s\n", k->name,
            *(const int32_t *) is == INT32_MAX ? "never"
            : *(const int32_t *) was < *(const int32_t *) is ? "later"
            : "earlier");
        return 1;

    case MDR_KEY_REAL:
        a = *(const double *) was;
        b = *(const double *) is;

        if (a <= b && a >= b) {
            return 0;
        }

        say(o, "    %s: %g to %g\n", k->name, a, b);
        return 1;

    default: /* texts */
        memset(s, 0, sizeof(s));
        memset(t, 0, sizeof(t));
        n = k->kind == MDR_KEY_TEXTS ? 2 : 1;
        memcpy(s, was, n * sizeof(mdr_str_t));
        memcpy(t, is, n * sizeof(mdr_str_t));
        n = 0;

        if (!mdr_check_same(s[0], t[0])) {
            changed_text(o, k->name, s[0], t[0]);
            n++;
        }

        if (!mdr_check_same(s[1], t[1])) {
            changed_text(o, k->name, s[1], t[1]);
            n++;
        }

        return n;
    }
}


/* what is said of a rule, but for what it matches */

static size_t
changed_words(const out_t *o, const mdr_rule_t *x, const mdr_rule_t *r)
{
    size_t                 i, n;
    const mdr_rule_key_t  *k;

    for (i = 0, n = 0; i < mdr_nrule_keys; i++) {
        k = &mdr_rule_keys[i];

        if (!k->quiet) {
            n += changed_key(o, k, (const char *) x + k->at,
                             (const char *) r + k->at);
        }
    }

    return n;
}


static void
changed_rule(out_t *o, const mdr_model_t *a, const mdr_rule_t *x,
    const mdr_model_t *b, const mdr_rule_t *r)
{
    size_t  n;

    say(o, "~ rule %s: rev %u to %u%s\n", r->id.data, x->rev, r->rev,
        r->rev <= x->rev ? " (rev not raised)" : "");
    o->changes++;

    n = changed_words(o, x, r);
    n += changed_match(o, a, x, b, r);

    if (n == 0 && mdr_diff_rule(a, x) != mdr_diff_rule(b, r)) {
        say(o, "    weights, limits, reasons of exceptions or the like\n");
    }
}


int
mdr_policy_diff(const char *before, const char *after,
    const mdr_load_conf_t *conf, mdr_diags_t *diags,
    void (*put)(void *ctx, const char *text), void *ctx, uint32_t *changes)
{
    out_t              o;
    uint32_t           i;
    mdr_model_t       *a, *b;
    const mdr_rule_t  *r, *x;
    const mdr_slot_t  *s;

    memset(&o, 0, sizeof(o));
    o.put = put;
    o.ctx = ctx;
    *changes = 0;
    a = NULL;
    b = NULL;

    if (mdr_load(before, conf, diags, &a) != MDR_OK
        || mdr_load(after, conf, diags, &b) != MDR_OK)
    {
        mdr_model_free(a);
        return MDR_ERROR;
    }

    if (!mdr_check_same(a->name, b->name)) {
        say(&o, "~ policy: %s to %s\n", a->name.data, b->name.data);
        o.changes++;
    }

    if (a->strict != b->strict) {
        say(&o, "~ strict: %s\n", b->strict ? "now true" : "no longer");
        o.changes++;
    }

    for (i = 0; i < a->nslots; i++) {
        if (find_slot(b, a->slots[i].name) == NULL) {
            say(&o, "- slot %s\n", a->slots[i].name.data);
            o.changes++;
        }
    }

    for (i = 0; i < b->nslots; i++) {
        s = find_slot(a, b->slots[i].name);

        if (s == NULL) {
            say(&o, "+ slot %s\n", b->slots[i].name.data);
            o.changes++;

        } else if (slot_print(s) != slot_print(&b->slots[i])) {
            say(&o, "~ slot %s\n", b->slots[i].name.data);
            o.changes++;
        }
    }

    o.changes += mdr_diff_pages(a, b, put, ctx);
    o.changes += mdr_diff_places(a, b, put, ctx);
    o.changes += mdr_diff_settings(a, b, put, ctx);

    for (i = 0; i < a->nrules; i++) {
        r = &a->rules[i];

        if (mdr_diff_find(b, r->id) == NULL) {
            say(&o, "- rule %s (rev %u, %llu terms)\n", r->id.data, r->rev,
                (unsigned long long) terms_of(r));
            o.changes++;
        }
    }

    for (i = 0; i < b->nrules; i++) {
        r = &b->rules[i];
        x = mdr_diff_find(a, r->id);

        if (x == NULL) {
            say(&o, "+ rule %s (rev %u, %llu terms)\n", r->id.data, r->rev,
                (unsigned long long) terms_of(r));
            o.changes++;

        } else if (x->rev != r->rev
                   || mdr_diff_rule(a, x) != mdr_diff_rule(b, r))
        {
            changed_rule(&o, a, x, b, r);
        }
    }

    mdr_model_free(a);
    mdr_model_free(b);
    *changes = o.changes;

    return o.failed ? MDR_ERROR : MDR_OK;
}
