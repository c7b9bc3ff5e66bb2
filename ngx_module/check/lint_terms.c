/*
 * lint_terms.c - terms that add nothing or hit everything, exceptions that
 * except nothing.
 *
 * Terms are compared by their key, which is what the folds of the rule leave
 * of them, so that two spellings of one word are seen as one.
 */

#include "check.h"
#include "text/fold.h"
#include "base/utf8.h"

#include <string.h>


#define KEY_MAX    256          /* longer keys shadow nothing               */
#define SAID_MAX   20           /* findings of a kind and rule in full      */

typedef struct {
    const mdr_term_t  *term;
    size_t             at;              /* first code point                 */
    uint32_t           n;               /* code points                      */
    uint32_t           group;
    uint64_t           hash;
} key_t;

typedef struct {
    const mdr_alloc_t  *alloc;
    uint32_t           *cps;
    size_t              ncps, cps_cap;
    key_t              *keys;
    size_t              n, cap;
    uint32_t           *table;          /* index of a key + 1               */
    size_t              size;
    uint32_t            longest;
    uint8_t             lens[KEY_MAX + 1];
} keys_t;


static int
shown(mdr_str_t s)
{
    return (int) (s.len > 100 ? 100 : s.len);
}


static uint64_t
step(uint64_t h, uint32_t cp)
{
    h = (h ^ cp) * 0x9fb21c651e98df25ULL;

    return h ^ h >> 29;
}


static int
add_key(keys_t *ks, const mdr_term_t *term, uint32_t group, uint32_t folds)
{
    void            *p;
    key_t           *key;
    size_t           i, len;
    uint32_t         cp, k;
    mdr_fold_seq_t   f[MDR_FOLD_ALTS];

    p = ks->keys;
    if (mdr_grow(ks->alloc, &p, &ks->cap, ks->n + 1, sizeof(key_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }
    ks->keys = p;

    key = &ks->keys[ks->n];
    key->term = term;
    key->at = ks->ncps;
    key->n = 0;
    key->group = group;
    key->hash = 1 + (uint64_t) term->place;     /* elsewhere: another one    */

    for (i = 0; i < term->text.len; i += len) {
        cp = mdr_utf8_next((const uint8_t *) term->text.data + i,
                           term->text.len - i, &len);
        if (len == 0) {
            break;
        }

        if (mdr_fold_dropped(cp, folds)) {
            continue;
        }

        (void) mdr_fold_forms(cp, folds, f);
        p = ks->cps;

        if (mdr_grow(ks->alloc, &p, &ks->cps_cap, ks->ncps + f[0].n,
                     sizeof(uint32_t))
            != MDR_OK)
        {
            return MDR_ERROR;
        }
        ks->cps = p;

        for (k = 0; k < f[0].n; k++) {
            ks->cps[ks->ncps++] = f[0].cp[k];
            key->hash = step(key->hash, f[0].cp[k]);
            key->n++;
        }
    }

    ks->n++;

    return MDR_OK;
}


static void
keys_done(keys_t *ks)
{
    mdr_free(ks->alloc, ks->cps);
    mdr_free(ks->alloc, ks->keys);
    mdr_free(ks->alloc, ks->table);
}


/* the first key of that group (any group: UINT32_MAX) that reads so */

static const key_t *
find_key(const keys_t *ks, const uint32_t *cps, uint32_t n, uint64_t hash,
    uint32_t group)
{
    size_t        i;
    const key_t  *key;

    for (i = (size_t) hash & (ks->size - 1); ks->table[i] != 0;
         i = (i + 1) & (ks->size - 1))
    {
        key = &ks->keys[ks->table[i] - 1];

        if (key->hash == hash && key->n == n
            && (group == UINT32_MAX || key->group == group)
            && memcmp(&ks->cps[key->at], cps, n * sizeof(uint32_t)) == 0)
        {
            return key;
        }
    }

    return NULL;
}


/* the terms of all groups of a rule; the table is empty yet */

static int
rule_keys(keys_t *ks, const mdr_alloc_t *alloc, const mdr_rule_t *r)
{
    uint32_t  g;
    uint64_t  i;

    memset(ks, 0, sizeof(keys_t));
    ks->alloc = alloc;

    for (g = 0; g < r->ngroups; g++) {
        for (i = 0; i < r->groups[g].nterms; i++) {
            if (add_key(ks, &r->groups[g].terms[i], g, r->profile.folds)
                != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    for (ks->size = 16; ks->size < ks->n * 2; ks->size *= 2) { /* void */ }

    ks->table = mdr_calloc(alloc, ks->size * sizeof(uint32_t));

    return ks->table != NULL ? MDR_OK : MDR_ERROR;
}


static void
enter(keys_t *ks, size_t k)
{
    size_t    i;
    uint32_t  n;

    for (i = (size_t) ks->keys[k].hash & (ks->size - 1); ks->table[i] != 0;
         i = (i + 1) & (ks->size - 1))
    {
        /* void */
    }

    ks->table[i] = (uint32_t) k + 1;
    n = ks->keys[k].n;

    if (n <= KEY_MAX) {
        ks->lens[n] = 1;
        ks->longest = n > ks->longest ? n : ks->longest;
    }
}


/* a term that stands there before, in its group or in another one */

static void
duplicates(mdr_check_t *c, const mdr_rule_t *r, keys_t *ks)
{
    size_t        i, said;
    const key_t  *key, *first;

    said = 0;

    for (i = 0; i < ks->n; i++) {
        key = &ks->keys[i];
        first = find_key(ks, &ks->cps[key->at], key->n, key->hash,
                         key->group);
        if (first == NULL) {
            first = find_key(ks, &ks->cps[key->at], key->n, key->hash,
                             UINT32_MAX);
        }

        enter(ks, i);

        if (first == NULL || said++ >= SAID_MAX) {
            continue;
        }

        if (first->group != key->group) {
            mdr_check_finding(c, MDR_DIAG_INFO, "shared-term",
                              &key->term->pos, "\"%.*s\" stands in group "
                              "\"%.64s\" too: one hit counts for both",
                              shown(key->term->text), key->term->text.data,
                              r->groups[first->group].name.data);

        } else if (mdr_check_same(first->term->text, key->term->text)) {
            mdr_check_finding(c, MDR_DIAG_WARN, "duplicate-term",
                              &key->term->pos, "\"%.*s\" is there twice, "
                              "first in line %u", shown(key->term->text),
                              key->term->text.data, first->term->pos.line);

        } else {
            mdr_check_finding(c, MDR_DIAG_WARN, "duplicate-term",
                              &key->term->pos, "\"%.*s\" is \"%.*s\" of line "
                              "%u again: the folds make them one",
                              shown(key->term->text), key->term->text.data,
                              shown(first->term->text),
                              first->term->text.data, first->term->pos.line);
        }
    }

    if (said > SAID_MAX) {
        mdr_check_finding(c, MDR_DIAG_WARN, "duplicate-term", &r->pos,
                          "rule \"%s\": %zu more terms are there twice",
                          r->id.data, said - SAID_MAX);
    }
}


/* does a term hit wherever it stands inside another one, between cp before
 * and cp behind (0: nothing)? */

static int
edge_ok(const mdr_rule_t *r, uint32_t before, uint32_t first, uint32_t last,
    uint32_t behind)
{
    switch (r->profile.boundary) {

    case MDR_BOUNDARY_NONE:
        return 1;

    case MDR_BOUNDARY_WHOLE:
        return 0;

    case MDR_BOUNDARY_WORD:
        return !mdr_fold_is_word(before) && !mdr_fold_is_word(behind);

    default:
        return !(mdr_fold_is_word(before) && mdr_fold_is_word(first))
               && !(mdr_fold_is_word(behind) && mdr_fold_is_word(last));
    }
}


static const key_t *
shadow_of(const mdr_rule_t *r, const keys_t *ks, const key_t *key)
{
    uint32_t         i, n;
    uint64_t         h;
    const key_t     *k;
    const uint32_t  *cps;

    cps = &ks->cps[key->at];

    for (i = 0; i < key->n; i++) {
        h = 1;

        for (n = 1; i + n <= key->n && n <= ks->longest && n < key->n; n++) {
            h = step(h, cps[i + n - 1]);

            if (!ks->lens[n]) {
                continue;
            }

            k = find_key(ks, cps + i, n, h, key->group);

            if (k != NULL
                && edge_ok(r, i != 0 ? cps[i - 1] : 0, cps[i],
                           cps[i + n - 1], i + n < key->n ? cps[i + n] : 0))
            {
                return k;
            }
        }
    }

    return NULL;
}


static int
is_near(const mdr_rule_t *r, uint32_t group)
{
    uint32_t  i;

    for (i = 0; i < r->nconds; i++) {
        if (r->conds[i].op == MDR_COND_NEAR
            && (r->conds[i].a == group || r->conds[i].b == group))
        {
            return 1;
        }
    }

    return 0;
}


/*
 * A term that holds another one of its group hits only where that hits.
 * Where spans are masked or measured (near), or an exception may take the
 * shorter hit away, it still makes a difference; a list may serve another
 * rule where it does.
 */

static void
shadows(mdr_check_t *c, const mdr_rule_t *r, const keys_t *ks)
{
    size_t        i, said;
    const key_t  *key, *k;

    if (r->action == MDR_ACT_MASK || r->nexcepts != 0) {
        return;
    }

    said = 0;

    for (i = 0; i < ks->n; i++) {
        key = &ks->keys[i];

        if (key->term->pos.file != r->pos.file || is_near(r, key->group)
            || r->groups[key->group].weighted)
        {
            continue;
        }

        k = shadow_of(r, ks, key);

        if (k != NULL && said++ < SAID_MAX) {
            mdr_check_finding(c, MDR_DIAG_WARN, "shadowed-term",
                              &key->term->pos, "\"%.*s\" is shadowed by "
                              "\"%.*s\" of line %u, which stands in it",
                              shown(key->term->text), key->term->text.data,
                              shown(k->term->text), k->term->text.data,
                              k->term->pos.line);
        }
    }

    if (said > SAID_MAX) {
        mdr_check_finding(c, MDR_DIAG_WARN, "shadowed-term", &r->pos,
                          "rule \"%s\": %zu more terms are shadowed",
                          r->id.data, said - SAID_MAX);
    }
}


static int
compare(uint8_t cmp, int64_t a, int64_t b)
{
    switch (cmp) {
    case MDR_OP_GE:
        return a >= b;
    case MDR_OP_GT:
        return a > b;
    case MDR_OP_LE:
        return a <= b;
    case MDR_OP_LT:
        return a < b;
    default:
        return a == b;
    }
}


/* would one hit of group g alone make the rule fire? */

static int
fires_alone(const mdr_rule_t *r, uint32_t g)
{
    uint8_t            stack[MDR_COND_STACK + 1];
    uint32_t           i, k, n, top;
    const mdr_cond_t  *d;

    if (r->nconds == 0) {
        return 1;
    }

    memset(stack, 0, sizeof(stack));

    for (i = 0, top = 0; i < r->nconds; i++) {
        d = &r->conds[i];

        switch (d->op) {

        case MDR_COND_NOT:
            stack[top - 1] = !stack[top - 1];
            continue;

        case MDR_COND_AND:
            top--;
            stack[top - 1] &= stack[top];
            continue;

        case MDR_COND_OR:
            top--;
            stack[top - 1] |= stack[top];
            continue;
        }

        if (d->op == MDR_COND_OF) {
            for (n = 0, k = 0; k < d->a; k++) {
                n += stack[--top];
            }
            stack[top++] = n >= (uint32_t) d->n;
            continue;
        }

        if (top == MDR_COND_STACK) {
            return 0;
        }

        switch (d->op) {

        case MDR_COND_GROUP:
            stack[top++] = d->a == g;
            break;

        case MDR_COND_NEAR:
            stack[top++] = 0;
            break;

        case MDR_COND_COUNT:
            stack[top++] = (uint8_t) compare(d->cmp, d->a == g, d->n);
            break;

        default:
            stack[top++] = (uint8_t) (d->op == MDR_COND_LENGTH
                           || d->op == MDR_COND_HIDDEN
                           || compare(d->cmp, r->groups[g].weight, d->n));
        }
    }

    return top == 1 && stack[0];
}


static void
short_terms(mdr_check_t *c, const mdr_rule_t *r, const keys_t *ks)
{
    size_t           i;
    const key_t     *key;
    const uint32_t  *cp;

    if (r->profile.boundary == MDR_BOUNDARY_WHOLE) {
        return;
    }

    for (i = 0; i < ks->n; i++) {
        key = &ks->keys[i];
        cp = &ks->cps[key->at];

        if (r->groups[key->group].weighted) {
            continue;                   /* a small part of a score           */
        }

        if (key->n == 1) {
            mdr_check_finding(c, MDR_DIAG_WARN, "one-character",
                              &key->term->pos, "\"%.*s\": a term of one "
                              "character hits nearly everything",
                              shown(key->term->text), key->term->text.data);

        } else if (key->n == 2 && mdr_fold_is_han(cp[0])
                   && mdr_fold_is_han(cp[1]) && r->nexcepts == 0
                   && fires_alone(r, key->group))
        {
            mdr_check_finding(c, MDR_DIAG_WARN, "two-han", &key->term->pos,
                              "\"%.*s\": two Han characters alone also stand "
                              "across words: add a condition or an exception",
                              shown(key->term->text), key->term->text.data);
        }
    }
}


/* an exception that is a term of the rule leaves nothing of that term; one
 * in which no hit of the rule stands excepts nothing */

static int
excepts(mdr_check_t *c, uint32_t n, keys_t *ks, const mdr_policy_t *probe,
    mdr_match_work_t *work)
{
    int                 rc;
    size_t              h;
    uint32_t            j;
    uint64_t            i;
    mdr_text_t          tx;
    mdr_subject_t       s;
    mdr_raw_hits_t      raw;
    const key_t        *key, *term;
    const mdr_rule_t   *r;
    const mdr_term_t   *t;

    r = &c->m->rules[n];
    rc = MDR_OK;
    memset(&raw, 0, sizeof(raw));
    mdr_text_init(&tx, c->alloc, 1 << 16);

    for (j = 0; j < r->nexcepts; j++) {
        for (i = 0; rc == MDR_OK && i < r->excepts[j].group.nterms; i++) {
            t = &r->excepts[j].group.terms[i];
            memset(&s, 0, sizeof(s));
            mdr_text_clear(&tx);

            rc = mdr_text_copy(&tx, 0, (const uint8_t *) t->text.data,
                               t->text.len);
            if (rc == MDR_OK) {
                rc = mdr_text_finish(&tx);
            }

            s.data = tx.data;
            s.len = (uint32_t) tx.len;

            if (rc == MDR_OK) {
                rc = mdr_match(probe->matcher, work, &s, 1, &raw);
            }

            if (rc != MDR_OK || add_key(ks, t, 0, r->profile.folds) != MDR_OK)
            {
                rc = MDR_ERROR;
                break;
            }

            for (h = 0; h < raw.n; h++) {
                if (raw.hits[h].rule == n && !raw.hits[h].except) {
                    break;
                }
            }

            if (h == raw.n) {
                mdr_check_finding(c, MDR_DIAG_WARN, "dead-exception",
                                  &t->pos, "exception \"%.*s\": no hit of "
                                  "the rule stands in it", shown(t->text),
                                  t->text.data);
            }

            key = &ks->keys[--ks->n];
            ks->ncps = key->at;
            term = find_key(ks, &ks->cps[key->at], key->n, key->hash,
                            UINT32_MAX);

            if (term != NULL) {
                mdr_check_finding(c, MDR_DIAG_WARN, "dead-term",
                                  &term->term->pos, "\"%.*s\" never counts: "
                                  "the exception of line %u is the same",
                                  shown(term->term->text),
                                  term->term->text.data, t->pos.line);
            }
        }
    }

    mdr_text_done(&tx);
    mdr_free(c->alloc, raw.hits);

    return rc;
}


int
mdr_lint_terms(mdr_check_t *c, uint32_t n, const mdr_policy_t *probe,
    mdr_match_work_t *work)
{
    int                rc;
    keys_t             ks;
    const mdr_rule_t  *r;

    r = &c->m->rules[n];
    rc = rule_keys(&ks, c->alloc, r);

    if (rc == MDR_OK) {
        duplicates(c, r, &ks);
        shadows(c, r, &ks);
        short_terms(c, r, &ks);
        rc = excepts(c, n, &ks, probe, work);
    }

    keys_done(&ks);

    return rc;
}
