/*
 * diff.c - what changed from one policy to another.
 *
 * Rules and slots are compared by their encoded form (model.c), so that no
 * key can be forgotten; terms, which an image does not carry in the model,
 * are compared as sorted lists.
 */

#include "check.h"

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
    char     text[1024];
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
sorted_terms(const mdr_rule_t *r, terms_t *t)
{
    uint32_t  i;
    uint64_t  k;

    t->n = 0;
    t->list = malloc(((size_t) terms_of(r) + 1) * sizeof(mdr_str_t *));

    if (t->list == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < r->ngroups; i++) {
        for (k = 0; k < r->groups[i].nterms; k++) {
            t->list[t->n++] = &r->groups[i].terms[k].text;
        }
    }

    qsort(t->list, t->n, sizeof(mdr_str_t *), by_text);

    return MDR_OK;
}


/* terms of a that b has not, the first of them by name; how many */

static size_t
missing(const out_t *o, char sign, const terms_t *a, const terms_t *b)
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
            say(o, "    %c %.*s\n", sign,
                (int) (a->list[i]->len < 200 ? a->list[i]->len : 200),
                a->list[i]->data);
        }
    }

    if (n > SHOWN) {
        say(o, "    %c and %zu more terms\n", sign, n - SHOWN);
    }

    return n;
}


static void
changed_rule(out_t *o, const mdr_model_t *a, const mdr_rule_t *x,
    const mdr_model_t *b, const mdr_rule_t *r)
{
    char     old[300], new[300];
    size_t   n;
    terms_t  before, after;

    static const char *const  modes[] = { "off", "shadow", "enforce" };
    static const char *const  statuses[] = { "draft", "test", "stable",
                                             "deprecated" };
    static const char *const  suggestions[] = { "pass", "review", "block" };
    static const char *const  actions[] = { "none", "tag", "mask", "hold",
                                            "block" };

    say(o, "~ rule %s: rev %u to %u%s\n", r->id.data, x->rev, r->rev,
        r->rev <= x->rev ? " (rev not raised)" : "");
    o->changes++;
    n = 0;

#define WORD(key, words)                                                     \
    if (x->key != r->key) {                                                  \
        say(o, "    %s: %s to %s\n", #key, words[x->key], words[r->key]);    \
        n++;                                                                 \
    }

#define TEXT(key, what)                                                      \
    if (!mdr_check_same(x->key, r->key)) {                                   \
        say(o, "    %s: \"%.100s\" to \"%.100s\"\n", what,                   \
            x->key.len ? x->key.data : "", r->key.len ? r->key.data : "");   \
        n++;                                                                 \
    }

    WORD(mode, modes)
    WORD(status, statuses)
    WORD(suggestion, suggestions)
    WORD(action, actions)
    TEXT(label, "label")
    TEXT(sub_label, "sub_label")
    TEXT(owner, "owner")
    TEXT(basis_ref, "basis")
    TEXT(notice_en, "notice")
    TEXT(notice_zh, "notice")

#undef WORD
#undef TEXT

    if (x->rollout != r->rollout) {
        say(o, "    rollout: %u to %u\n", x->rollout, r->rollout);
        n++;
    }

    if (x->expires_day != r->expires_day) {
        say(o, "    expires: %s\n", r->expires_day == INT32_MAX ? "never"
            : x->expires_day < r->expires_day ? "later" : "earlier");
        n++;
    }

    mdr_explain_when(x, old, sizeof(old));
    mdr_explain_when(r, new, sizeof(new));

    if (strcmp(old, new) != 0) {
        say(o, "    when: %s to %s\n", old, new);
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

    if (sorted_terms(x, &before) != MDR_OK) {
        o->failed = 1;
        return;
    }

    if (sorted_terms(r, &after) != MDR_OK) {
        free(before.list);
        o->failed = 1;
        return;
    }

    n += missing(o, '-', &before, &after);
    n += missing(o, '+', &after, &before);
    free(before.list);
    free(after.list);

    if (n == 0 && mdr_diff_rule(a, x) != mdr_diff_rule(b, r)) {
        say(o, "    slots, conditions, folds, exceptions, tests or the like\n");
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
