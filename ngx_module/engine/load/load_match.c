/*
 * load_match.c - what a rule matches: terms, lists, regexes, groups,
 * exceptions, the condition, and the fields that are read.
 */

#include "regex/regex.h"
#include "node.h"
#include "base/utf8.h"

#include <stdio.h>
#include "text/text.h"

#include <string.h>


#define GROUPS_MAX  64


static uint32_t
characters(mdr_str_t s)
{
    uint32_t  i, n;

    for (i = 0, n = 0; i < s.len; i++) {
        n += ((uint8_t) s.data[i] & 0xc0) != 0x80;
    }

    return n;
}


/* kana and Hangul of a pattern that stand in parts, as those of the text */

static int
composed(mdr_load_t *ld, mdr_str_t *s)
{
    char  *p;

    if (!mdr_text_has_parts((const uint8_t *) s->data, s->len)) {
        return MDR_OK;
    }

    p = mdr_load_alloc(ld, s->len + (size_t) 1);
    if (p == NULL) {
        return MDR_ERROR;
    }

    memcpy(p, s->data, s->len);
    s->len = (uint32_t) mdr_text_compose_bytes((uint8_t *) p, s->len);
    p[s->len] = '\0';
    s->data = p;

    return MDR_OK;
}


/* two characters sound like too much else */

static int
check_short_terms(mdr_load_t *ld, const mdr_profile_t *profile,
    const mdr_group_t *g)
{
    int       rc;
    uint64_t  i;

    if (!(profile->folds & (MDR_FOLD_PINYIN|MDR_FOLD_HOMOPHONE))
        || profile->boundary == MDR_BOUNDARY_WHOLE)
    {
        return MDR_OK;
    }

    rc = MDR_OK;

    for (i = 0; i < g->nterms; i++) {
        if (characters(g->terms[i].text) < 3) {
            (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "short-pinyin",
                           ld->model->files[g->terms[i].pos.file].data,
                           g->terms[i].pos.line, g->terms[i].pos.column,
                           "fold %s needs terms of three characters "
                           "and more, or boundary: whole",
                           mdr_fold_names[profile->folds & MDR_FOLD_PINYIN
                                          ? MDR_FOLD_AT_PINYIN
                                          : MDR_FOLD_AT_HOMOPHONE]);
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static int
load_regexes(mdr_load_t *ld, mdr_node_t *regex, const mdr_profile_t *profile,
    mdr_group_t *g)
{
    int          rc;
    char         err[256];
    size_t       offset;
    uint32_t     n;
    mdr_node_t  *e;

    if (regex == NULL) {
        return MDR_OK;
    }

    if (mdr_load_strings(ld, regex, "regex", &g->regexes, &g->nregexes)
        != MDR_OK)
    {
        g->nregexes = 0;
        return MDR_ERROR;
    }

    g->regex_pos = mdr_load_alloc(ld, g->nregexes * sizeof(mdr_pos_t));
    if (g->regex_pos == NULL) {
        return MDR_ERROR;
    }

    rc = MDR_OK;
    e = regex->kind == MDR_NODE_LIST ? regex->first : regex;

    for (n = 0; n < g->nregexes; n++, e = e->next) {
        if (composed(ld, &g->regexes[n]) != MDR_OK) {
            return MDR_ERROR;
        }

        g->regex_pos[n].file = e->file;
        g->regex_pos[n].line = e->line;
        g->regex_pos[n].column = e->column;
        offset = 0;

        if (mdr_regex_check(g->regexes[n], profile->folds, err, sizeof(err),
                            &offset)
            != MDR_OK)
        {
            mdr_load_error_in(ld, e, offset, "bad-regex", "regex: %s", err);
            rc = MDR_ERROR;
        }
    }

    return rc;
}


/* terms, list, regex of a map into g */

static int
load_terms(mdr_load_t *ld, mdr_node_t *map, const mdr_profile_t *profile,
    mdr_group_t *g)
{
    int          rc;
    uint64_t     cap;
    mdr_node_t  *terms, *list, *regex;

    terms = mdr_node_get(map, "terms");
    list = mdr_node_get(map, "list");
    regex = mdr_node_get(map, "regex");

    if (terms == NULL && list == NULL && regex == NULL) {
        mdr_load_error(ld, map, "missing-key", "\"terms\", \"list\" or "
                       "\"regex\" expected");
        return MDR_ERROR;
    }

    rc = MDR_OK;
    cap = 0;

    if (mdr_load_terms(ld, terms, g, &cap) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (mdr_load_lists(ld, list, g, &cap) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (check_short_terms(ld, profile, g) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (load_regexes(ld, regex, profile, g) != MDR_OK) {
        rc = MDR_ERROR;
    }

    return rc;
}


/* the group at e, "score" where it is a key of match itself */

static int
load_group(mdr_load_t *ld, mdr_node_t *e, mdr_rule_t *r)
{
    int           rc;
    int64_t       weight;
    uint32_t      i;
    mdr_node_t   *when;
    mdr_group_t  *g;

    static const char *const  keys[] = {
        "weight", "terms", "list", "regex", "per", "count", "when"
    };

    g = &r->groups[r->ngroups++];
    g->name = e->key->text;
    g->weight = 1;
    rc = MDR_OK;

    for (i = 0; i + 1 < r->ngroups; i++) {
        if (r->groups[i].name.len == g->name.len
            && memcmp(r->groups[i].name.data, g->name.data, g->name.len)
               == 0)
        {
            mdr_load_error(ld, e->key, "duplicate-key",
                           "group \"%s\" twice", g->name.data);
            rc = MDR_ERROR;
        }
    }

    if (mdr_node_is(e->key, "and") || mdr_node_is(e->key, "or")
        || mdr_node_is(e->key, "not"))
    {
        mdr_load_error(ld, e->key, "bad-name", "\"%s\" cannot be the "
                       "name of a group", g->name.data);
        rc = MDR_ERROR;

    } else if (mdr_load_name(ld, e->key, "name of a group", 64, &g->name)
               != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    if (mdr_load_keys(ld, e, "group", keys, 7) != MDR_OK) {
        rc = MDR_ERROR;
        if (e->kind != MDR_NODE_MAP) {
            return rc;
        }
    }

    weight = 1;
    if (mdr_load_int(ld, mdr_node_get(e, "weight"), "weight", -1000000,
                     1000000, &weight)
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }
    g->weight = (int32_t) weight;

    when = mdr_node_get(e, "when");

    if (when != NULL && mdr_node_get(e, "terms") == NULL
        && mdr_node_get(e, "list") == NULL && mdr_node_get(e, "regex") == NULL)
    {
        return rc;                      /* when all groups are there         */
    }

    if (when != NULL) {
        mdr_load_error(ld, when->key, "bad-key", "a group has terms or a "
                       "condition, not both");
        rc = MDR_ERROR;
    }

    if (load_terms(ld, e, &r->profile, g) != MDR_OK
        || mdr_load_weights(ld, e, g) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    return rc;
}


/* conditions of groups, in the order of `groups` */

static int
load_group_whens(mdr_load_t *ld, mdr_node_t *groups, mdr_rule_t *r)
{
    int          rc;
    uint32_t     i;
    mdr_node_t  *e, *when;

    rc = MDR_OK;

    for (e = groups->first, i = 0; e != NULL; e = e->next, i++) {
        when = e->kind == MDR_NODE_MAP ? mdr_node_get(e, "when") : NULL;

        if (when != NULL && r->groups[i].nterms == 0
            && r->groups[i].nregexes == 0
            && mdr_load_group_when(ld, when, r, &r->groups[i]) != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static int
load_groups(mdr_load_t *ld, mdr_node_t *match, mdr_rule_t *r)
{
    int           rc;
    mdr_node_t   *groups, *score, *e;

    groups = mdr_node_get(match, "groups");
    score = mdr_node_get(match, "score");
    rc = MDR_OK;

    e = mdr_node_get(match, "terms");
    e = e != NULL ? e : mdr_node_get(match, "list");
    e = e != NULL ? e : mdr_node_get(match, "regex");

    if (groups == NULL && (e != NULL || score == NULL)) {
        r->groups = mdr_load_alloc(ld, 2 * sizeof(mdr_group_t));
        if (r->groups == NULL) {
            return MDR_ERROR;
        }

        r->ngroups = 1;
        r->groups[0].name.data = "terms";
        r->groups[0].name.len = 5;
        r->groups[0].weight = 1;

        if (load_terms(ld, match, &r->profile, &r->groups[0]) != MDR_OK
            || mdr_load_weights(ld, match, &r->groups[0]) != MDR_OK)
        {
            rc = MDR_ERROR;
        }

        return score != NULL && load_group(ld, score, r) != MDR_OK
               ? MDR_ERROR : rc;
    }

    e = e != NULL ? e : mdr_node_get(match, "per");
    e = e != NULL ? e : mdr_node_get(match, "count");

    if (e != NULL) {
        mdr_load_error(ld, e->key, "bad-key", "\"%s\" beside \"%s\": "
                       "put it into a group", e->key->text.data,
                       groups != NULL ? "groups" : "score");
        rc = MDR_ERROR;
    }

    if (groups != NULL && (groups->kind != MDR_NODE_MAP || groups->n == 0)) {
        mdr_load_error(ld, groups, "type", "groups: a mapping of groups "
                       "expected");
        return MDR_ERROR;
    }

    if (groups != NULL && groups->n + (score != NULL) > GROUPS_MAX) {
        mdr_load_error(ld, groups, "limit", "more than %d groups",
                       GROUPS_MAX);
        return MDR_ERROR;
    }

    r->groups = mdr_load_alloc(ld, ((groups != NULL ? groups->n : 0) + 1)
                                   * sizeof(mdr_group_t));
    if (r->groups == NULL) {
        return MDR_ERROR;
    }

    for (e = groups != NULL ? groups->first : NULL; e != NULL; e = e->next) {
        if (load_group(ld, e, r) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    if (score != NULL && load_group(ld, score, r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (groups != NULL && load_group_whens(ld, groups, r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    return rc;
}


static int
load_excepts(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int            rc;
    mdr_node_t    *e;
    mdr_except_t  *x;

    static const char *const  keys[] = { "terms", "list", "regex", "why" };

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind != MDR_NODE_LIST) {
        mdr_load_error(ld, n, "type", "except: a list expected");
        return MDR_ERROR;
    }

    r->excepts = mdr_load_alloc(ld, (n->n + 1) * sizeof(mdr_except_t));
    if (r->excepts == NULL) {
        return MDR_ERROR;
    }

    rc = MDR_OK;

    for (e = n->first; e != NULL; e = e->next) {
        x = &r->excepts[r->nexcepts++];
        x->group.name.data = "except";
        x->group.name.len = 6;

        if (mdr_load_keys(ld, e, "except", keys, 4) != MDR_OK
            || load_terms(ld, e, &r->profile, &x->group) != MDR_OK
            || mdr_load_string(ld, mdr_node_get(e, "why"), "why", &x->why)
               != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static int
slot_has_field(const mdr_slot_t *s, mdr_str_t name)
{
    uint32_t  i;

    for (i = 0; i < s->nfields; i++) {
        if (s->fields[i].name.len == name.len
            && memcmp(s->fields[i].name.data, name.data, name.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static int
is_url_source(const mdr_slot_t *s, mdr_str_t name)
{
    uint32_t             i, j, k;
    const mdr_source_t  *src;

    static const char *const  attrs[] = {
        "href", "src", "srcset", "action", "formaction", "poster", "data",
        "cite", "background", "data-src", "data-href", "data-url"
    };

    for (i = 0; i < s->nfields; i++) {
        if (s->fields[i].name.len != name.len
            || memcmp(s->fields[i].name.data, name.data, name.len) != 0)
        {
            continue;
        }

        for (j = 0; j < s->fields[i].nsources; j++) {
            src = &s->fields[i].sources[j];

            if (src->as == MDR_AS_URL) {
                return 1;
            }

            for (k = 0; k < sizeof(attrs) / sizeof(attrs[0]); k++) {
                if (src->attr.len == strlen(attrs[k])
                    && memcmp(src->attr.data, attrs[k], src->attr.len) == 0)
                {
                    return 1;
                }
            }
        }
    }

    return 0;
}


/* every field of "in" is one of some slot of the rule */

static int
check_fields(mdr_load_t *ld, mdr_node_t *in, mdr_rule_t *r)
{
    int           rc;
    uint32_t      i, s, f, known, n;
    mdr_node_t   *e;
    const char   *names[256], *near;
    mdr_model_t  *m;

    m = ld->model;
    rc = MDR_OK;
    e = in->kind == MDR_NODE_LIST ? in->first : in;

    for (i = 0; i < r->nfields; i++, e = e->next) {
        known = 0;
        n = 0;

        for (f = 0; f < i; f++) {
            if (r->fields[f].len == r->fields[i].len
                && memcmp(r->fields[f].data, r->fields[i].data,
                          r->fields[i].len)
                   == 0)
            {
                mdr_load_error(ld, e, "duplicate", "field \"%s\" twice",
                               r->fields[i].data);
                rc = MDR_ERROR;
                break;
            }
        }

        for (s = 0; s < m->nslots; s++) {
            if (!mdr_rule_has_slot(r, s)) {
                continue;
            }

            known |= (uint32_t) slot_has_field(&m->slots[s], r->fields[i]);

            for (f = 0; f < m->slots[s].nfields && n < 256; f++) {
                names[n++] = m->slots[s].fields[f].name.data;
            }

            if (r->action == MDR_ACT_MASK
                && is_url_source(&m->slots[s], r->fields[i]))
            {
                mdr_load_error(ld, e, "mask-url", "field \"%s\" of slot "
                               "\"%s\" is a URL, which is never masked",
                               r->fields[i].data, m->slots[s].name.data);
                rc = MDR_ERROR;
            }
        }

        if (!known && !ld->bad_slots) {
            near = mdr_word_nearest(r->fields[i], names, n);

            if (near != NULL) {
                mdr_load_error(ld, e, "unknown-field", "unknown field "
                               "\"%s\" (did you mean \"%s\"?)",
                               r->fields[i].data, near);
            } else {
                mdr_load_error(ld, e, "unknown-field", "no slot of this rule "
                               "has a field \"%s\"", r->fields[i].data);
            }
            rc = MDR_ERROR;
        }
    }

    return rc;
}


int
mdr_load_match(mdr_load_t *ld, mdr_node_t *rule, mdr_rule_t *r)
{
    int          rc;
    char         err[256];
    size_t       offset;
    mdr_node_t  *match, *in, *when;

    static const char *const  keys[] = {
        "in", "groups", "terms", "list", "regex", "when", "boundary",
        "except", "fold", "gap", "score", "per", "count", "account", "credit"
    };

    match = mdr_node_get(rule, "match");

    if (match == NULL) {
        mdr_load_error(ld, rule, "missing-key", "rule: \"match\" is "
                       "missing");
        return MDR_ERROR;
    }

    rc = mdr_load_keys(ld, match, "match", keys,
                       sizeof(keys) / sizeof(keys[0]));

    if (match->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    if (mdr_load_profile(ld, match, &r->profile) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (mdr_load_account(ld, match, r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (r->alone) {
        return rc;
    }

    in = mdr_node_get(match, "in");

    if (in == NULL) {
        mdr_load_error(ld, match, "missing-key", "match: \"in\" is missing: "
                       "the fields to look in");
        rc = MDR_ERROR;

    } else if (mdr_load_strings(ld, in, "in", &r->fields, &r->nfields)
               != MDR_OK)
    {
        r->nfields = 0;
        rc = MDR_ERROR;

    } else if (check_fields(ld, in, r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (load_groups(ld, match, r) != MDR_OK) {
        return MDR_ERROR;
    }

    if (load_excepts(ld, mdr_node_get(match, "except"), r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    when = mdr_node_get(match, "when");

    if (when != NULL) {
        if (when->kind != MDR_NODE_SCALAR) {
            mdr_load_error(ld, when, "type", "when: a condition expected");
            return MDR_ERROR;
        }

        if (mdr_cond_parse(when->text, r->groups, r->ngroups, ld->arena,
                           &r->conds, &r->nconds, err, sizeof(err), &offset)
            != MDR_OK)
        {
            mdr_load_error_in(ld, when, offset, "bad-condition", "when: %s",
                              err);
            return MDR_ERROR;
        }
    }

    if (rc == MDR_OK) {
        rc = mdr_load_score_used(ld, match, r);
    }

    return rc;
}
