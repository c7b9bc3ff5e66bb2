/*
 * load_rules.c - rules and defaults.
 */

#include "decide.h"
#include "node.h"
#include "utf8.h"

#include <stdio.h>
#include <string.h>


#define GROUPS_MAX  64
#define RULES_MAX   60000


static const char *const  folds[] = {
    "width", "case", "hant", "gloss", "digits", "invisible", "confusable",
    "repeat", "leet", "pinyin"
};

static const char *const  gaps[] = { "space", "punct", "symbol", "emoji" };

static const char *const  boundaries[] = { "auto", "none", "word", "whole" };

static const char *const  modes[] = { "off", "shadow", "enforce" };

static const char *const  statuses[] = {
    "draft", "test", "stable", "deprecated"
};

static const char *const  risks[] = { "low", "medium", "high" };

static const char *const  suggestions[] = { "pass", "review", "block" };

static const char *const  actions[] = {
    "none", "tag", "mask", "hold", "block"
};


static int
load_gap(mdr_load_t *ld, mdr_node_t *n, mdr_profile_t *p)
{
    int          rc;
    int64_t      max;
    uint32_t     of;
    mdr_node_t  *e;

    static const char *const  keys[] = { "max", "of" };

    if (n == NULL) {
        return MDR_OK;
    }

    max = 0;
    of = MDR_GAP_SPACE | MDR_GAP_PUNCT | MDR_GAP_SYMBOL | MDR_GAP_EMOJI;

    if (n->kind == MDR_NODE_SCALAR) {
        rc = mdr_load_int(ld, n, "gap", 0, 16, &max);

    } else {
        rc = mdr_load_keys(ld, n, "gap", keys, 2);
        e = mdr_node_get(n, "max");

        if (rc == MDR_OK && e == NULL) {
            mdr_load_error(ld, n, "missing-key", "gap: \"max\" is missing");
            rc = MDR_ERROR;
        }

        if (mdr_load_int(ld, e, "gap max", 0, 16, &max) != MDR_OK
            || mdr_load_bits(ld, mdr_node_get(n, "of"), "gap class", gaps, 4,
                             &of)
               != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    p->gap_max = (uint8_t) max;
    p->gap_of = max != 0 ? (uint8_t) of : 0;

    if (p->gap_of == 0) {
        p->gap_max = 0;
    }

    return rc;
}


int
mdr_load_profile(mdr_load_t *ld, const mdr_node_t *map, mdr_profile_t *p)
{
    int  rc;

    rc = mdr_load_bits(ld, mdr_node_get(map, "fold"), "fold", folds, 10,
                       &p->folds);

    if (load_gap(ld, mdr_node_get(map, "gap"), p) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (mdr_load_word(ld, mdr_node_get(map, "boundary"), "boundary",
                      boundaries, 4, &p->boundary)
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    return rc;
}


int
mdr_load_defaults(mdr_load_t *ld)
{
    int          rc;
    size_t       i;
    mdr_node_t  *n, *seen;

    static const char *const  keys[] = { "fold", "gap", "mode", "boundary" };

    rc = MDR_OK;
    seen = NULL;

    for (i = 0; i < ld->ndocs; i++) {
        n = mdr_node_get(ld->docs[i], "defaults");

        if (n == NULL) {
            continue;
        }

        if (seen != NULL) {
            mdr_load_error(ld, n->key, "duplicate-key", "\"defaults\" stands "
                           "in another file too");
            rc = MDR_ERROR;
        }

        seen = n;

        if (mdr_load_keys(ld, n, "defaults", keys, 4) != MDR_OK
            || mdr_load_profile(ld, n, &ld->profile) != MDR_OK
            || mdr_load_word(ld, mdr_node_get(n, "mode"), "mode", modes, 3,
                             &ld->mode)
               != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static int
load_texts(mdr_load_t *ld, mdr_node_t *n, const char *what, mdr_str_t *zh,
    mdr_str_t *en)
{
    int  rc;

    static const char *const  keys[] = { "zh", "en" };

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind == MDR_NODE_SCALAR) {
        return mdr_load_string(ld, n, what, en);
    }

    rc = mdr_load_keys(ld, n, what, keys, 2);

    if (mdr_load_string(ld, mdr_node_get(n, "zh"), what, zh) != MDR_OK
        || mdr_load_string(ld, mdr_node_get(n, "en"), what, en) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    return rc;
}


static uint32_t
characters(mdr_str_t s)
{
    uint32_t  i, n;

    for (i = 0, n = 0; i < s.len; i++) {
        n += ((uint8_t) s.data[i] & 0xc0) != 0x80;
    }

    return n;
}


/* terms, list, regex of a map into g */

static int
load_terms(mdr_load_t *ld, mdr_node_t *map, const mdr_profile_t *profile,
    mdr_group_t *g)
{
    int          rc;
    char         err[256];
    size_t       offset;
    uint64_t     cap, i;
    uint32_t     n;
    mdr_node_t  *terms, *list, *regex, *e;

    terms = mdr_node_get(map, "terms");
    list = mdr_node_get(map, "list");
    regex = mdr_node_get(map, "regex");
    rc = MDR_OK;
    cap = 0;

    if (terms == NULL && list == NULL && regex == NULL) {
        mdr_load_error(ld, map, "missing-key", "\"terms\", \"list\" or "
                       "\"regex\" expected");
        return MDR_ERROR;
    }

    if (terms != NULL && (terms->kind == MDR_NODE_MAP
                          || (terms->kind == MDR_NODE_LIST
                              && terms->n == 0)))
    {
        mdr_load_error(ld, terms, "type", "terms: a list of terms expected");
        rc = MDR_ERROR;

    } else if (terms != NULL) {
        for (e = terms->kind == MDR_NODE_LIST ? terms->first : terms;
             e != NULL;
             e = terms->kind == MDR_NODE_LIST ? e->next : NULL)
        {
            if (e->kind != MDR_NODE_SCALAR || mdr_node_is_null(e)) {
                mdr_load_error(ld, e, "type", "terms: plain text expected");
                rc = MDR_ERROR;
                continue;
            }

            if (mdr_load_term_ok(ld, e->text, e->file, e->line, e->column)
                != MDR_OK
                || mdr_load_add_term(ld, g, &cap, e->text, e->file, e->line,
                                     e->column)
                   != MDR_OK)
            {
                rc = MDR_ERROR;
            }
        }
    }

    if (list != NULL && list->kind == MDR_NODE_LIST && list->n == 0) {
        mdr_load_error(ld, list, "empty", "list: the list is empty");
        rc = MDR_ERROR;

    } else if (list != NULL) {
        if (list->kind == MDR_NODE_LIST) {
            for (e = list->first; e != NULL; e = e->next) {
                if (mdr_load_list(ld, e, g, &cap) != MDR_OK) {
                    rc = MDR_ERROR;
                }
            }

        } else if (mdr_load_list(ld, list, g, &cap) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    if ((profile->folds & MDR_FOLD_PINYIN)
        && profile->boundary != MDR_BOUNDARY_WHOLE)
    {
        for (i = 0; i < g->nterms; i++) {
            if (characters(g->terms[i].text) < 3) {
                (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR,
                               "short-pinyin",
                               ld->model->files[g->terms[i].pos.file].data,
                               g->terms[i].pos.line, g->terms[i].pos.column,
                               "fold pinyin needs terms of three characters "
                               "and more, or boundary: whole");
                rc = MDR_ERROR;
            }
        }
    }

    if (regex == NULL) {
        return rc;
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

    e = regex->kind == MDR_NODE_LIST ? regex->first : regex;

    for (n = 0; n < g->nregexes; n++) {
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

        e = e->next;
    }

    return rc;
}


static int
load_groups(mdr_load_t *ld, mdr_node_t *match, mdr_rule_t *r)
{
    int           rc;
    int64_t       weight;
    mdr_node_t   *groups, *e;
    mdr_group_t  *g;

    static const char *const  keys[] = {
        "weight", "terms", "list", "regex"
    };

    groups = mdr_node_get(match, "groups");
    rc = MDR_OK;

    if (groups == NULL) {
        r->groups = mdr_load_alloc(ld, sizeof(mdr_group_t));
        if (r->groups == NULL) {
            return MDR_ERROR;
        }

        r->ngroups = 1;
        r->groups[0].name.data = "terms";
        r->groups[0].name.len = 5;
        r->groups[0].weight = 1;

        return load_terms(ld, match, &r->profile, &r->groups[0]);
    }

    e = mdr_node_get(match, "terms");
    e = e != NULL ? e : mdr_node_get(match, "list");
    e = e != NULL ? e : mdr_node_get(match, "regex");

    if (e != NULL) {
        mdr_load_error(ld, e->key, "bad-key", "\"%s\" beside \"groups\": "
                       "put it into a group", e->key->text.data);
        rc = MDR_ERROR;
    }

    if (groups->kind != MDR_NODE_MAP || groups->n == 0) {
        mdr_load_error(ld, groups, "type", "groups: a mapping of groups "
                       "expected");
        return MDR_ERROR;
    }

    if (groups->n > GROUPS_MAX) {
        mdr_load_error(ld, groups, "limit", "more than %d groups",
                       GROUPS_MAX);
        return MDR_ERROR;
    }

    r->groups = mdr_load_alloc(ld, groups->n * sizeof(mdr_group_t));
    if (r->groups == NULL) {
        return MDR_ERROR;
    }

    for (e = groups->first; e != NULL; e = e->next) {
        uint32_t  i;

        g = &r->groups[r->ngroups++];
        g->name = e->key->text;
        g->weight = 1;

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

        } else if (mdr_load_name(ld, e->key, "name of a group", 64,
                                 &g->name)
                   != MDR_OK)
        {
            rc = MDR_ERROR;
        }

        if (mdr_load_keys(ld, e, "group", keys, 4) != MDR_OK) {
            rc = MDR_ERROR;
            if (e->kind != MDR_NODE_MAP) {
                continue;
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

        if (load_terms(ld, e, &r->profile, g) != MDR_OK) {
            rc = MDR_ERROR;
        }
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


static int
applies(const mdr_rule_t *r, uint32_t slot)
{
    uint32_t  i;

    for (i = 0; i < r->nslots && r->slots[i] != slot; i++) { /* void */ }

    return r->nslots == 0 || i < r->nslots;
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
            if (!applies(r, s)) {
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
            near = mdr_diag_nearest(r->fields[i], names, n);

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


static int
load_match(mdr_load_t *ld, mdr_node_t *rule, mdr_rule_t *r)
{
    int          rc;
    char         err[256];
    size_t       offset;
    mdr_node_t  *match, *in, *when;

    static const char *const  keys[] = {
        "in", "groups", "terms", "list", "regex", "when", "boundary",
        "except", "fold", "gap"
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
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static int
load_slot_names(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int           rc;
    uint32_t      i, k, s, nnames;
    mdr_str_t    *names;
    mdr_node_t   *e;
    const char   *near, **known;
    mdr_model_t  *m;

    if (n == NULL) {
        return MDR_OK;
    }

    if (mdr_load_strings(ld, n, "slots", &names, &nnames) != MDR_OK) {
        return MDR_ERROR;
    }

    m = ld->model;
    r->slots = mdr_load_alloc(ld, nnames * sizeof(uint32_t));
    known = mdr_load_alloc(ld, (m->nslots + 1) * sizeof(char *));

    if (r->slots == NULL || known == NULL) {
        return MDR_ERROR;
    }

    rc = MDR_OK;
    e = n->kind == MDR_NODE_LIST ? n->first : n;

    for (i = 0; i < nnames; i++, e = e->next) {

        for (s = 0, k = 0; s < m->nslots; s++) {
            if (m->slots[s].name.data == NULL) {
                continue;
            }
            known[k++] = m->slots[s].name.data;
            if (m->slots[s].name.len == names[i].len
                && memcmp(m->slots[s].name.data, names[i].data, names[i].len)
                   == 0)
            {
                break;
            }
        }

        if (s < m->nslots) {
            for (k = 0; k < r->nslots && r->slots[k] != s; k++) {
                /* void */
            }

            if (k < r->nslots) {
                mdr_load_error(ld, e, "duplicate", "slot \"%s\" twice",
                               names[i].data);
                rc = MDR_ERROR;
                continue;
            }

            r->slots[r->nslots++] = s;
            continue;
        }

        near = mdr_diag_nearest(names[i], known, k);

        if (near != NULL) {
            mdr_load_error(ld, e, "unknown-slot", "unknown slot \"%s\" (did "
                           "you mean \"%s\"?)", names[i].data, near);
        } else {
            mdr_load_error(ld, e, "unknown-slot", "unknown slot \"%s\"",
                           names[i].data);
        }
        rc = MDR_ERROR;
    }

    return rc;
}


static int
load_brake(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int      rc;
    int64_t  hits;

    static const char *const  keys[] = { "max_ratio", "min_hits", "window" };

    if (n == NULL) {
        return MDR_OK;
    }

    rc = mdr_load_keys(ld, n, "brake", keys, 3);
    hits = 1;
    r->brake_window_s = 600;

    if (mdr_node_get(n, "max_ratio") == NULL) {
        mdr_load_error(ld, n, "missing-key", "brake: \"max_ratio\" is "
                       "missing");
        rc = MDR_ERROR;
    }

    if (mdr_load_number(ld, mdr_node_get(n, "max_ratio"), "max_ratio",
                        0.000001, 1, &r->brake_max_ratio)
        != MDR_OK
        || mdr_load_int(ld, mdr_node_get(n, "min_hits"), "min_hits", 1,
                        1000000000, &hits)
           != MDR_OK
        || mdr_load_seconds(ld, mdr_node_get(n, "window"), "window",
                            &r->brake_window_s)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    r->brake_min_hits = (uint32_t) hits;

    return rc;
}


static int
load_test(mdr_load_t *ld, mdr_node_t *n, mdr_test_t *t)
{
    int          i, rc, kinds;
    mdr_node_t  *e;

    static const char *const  keys[] = {
        "hit", "pass", "todo_hit", "todo_pass", "spans", "field", "slot",
        "page"
    };

    rc = mdr_load_keys(ld, n, "test", keys, 8);

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    t->pos.file = n->file;
    t->pos.line = n->line;
    t->pos.column = n->column;
    kinds = 0;

    for (i = 0; i < 4; i++) {
        e = mdr_node_get(n, keys[i]);

        if (e != NULL) {
            kinds++;
            t->kind = (uint8_t) i;
            if (mdr_load_string(ld, e, "test", &t->text) != MDR_OK) {
                rc = MDR_ERROR;
            }
        }
    }

    if (kinds != 1) {
        mdr_load_error(ld, n, "missing-key", "test: one of \"hit\", "
                       "\"pass\", \"todo_hit\", \"todo_pass\" expected");
        rc = MDR_ERROR;
    }

    if (mdr_load_string(ld, mdr_node_get(n, "field"), "field", &t->field)
        != MDR_OK
        || mdr_load_string(ld, mdr_node_get(n, "slot"), "slot", &t->slot)
           != MDR_OK
        || mdr_load_string(ld, mdr_node_get(n, "page"), "page", &t->page)
           != MDR_OK
        || mdr_load_strings(ld, mdr_node_get(n, "spans"), "spans", &t->spans,
                            &t->nspans)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    return rc;
}


static int
load_tests(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int          rc;
    mdr_node_t  *e;

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind != MDR_NODE_LIST) {
        mdr_load_error(ld, n, "type", "tests: a list expected");
        return MDR_ERROR;
    }

    r->tests = mdr_load_alloc(ld, (n->n + 1) * sizeof(mdr_test_t));
    if (r->tests == NULL) {
        return MDR_ERROR;
    }

    rc = MDR_OK;

    for (e = n->first; e != NULL; e = e->next) {
        if (load_test(ld, e, &r->tests[r->ntests++]) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


/* "CN", "CN-GD", "CN-GD/Shenzhen": an ISO 3166 code, and a place in it */

static int
load_jurisdictions(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int                rc;
    uint32_t           i, k;
    mdr_str_t          s;
    const mdr_node_t  *e;

    if (mdr_load_strings(ld, n, "jurisdiction", &r->jurisdictions,
                         &r->njurisdictions)
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    if (n == NULL) {
        return MDR_OK;
    }

    rc = MDR_OK;
    e = n->kind == MDR_NODE_LIST ? n->first : n;

    for (i = 0; i < r->njurisdictions; i++, e = e->next) {
        s = r->jurisdictions[i];

        for (k = 0; k < s.len && s.data[k] != '/'; k++) {
            if (!((s.data[k] >= 'A' && s.data[k] <= 'Z')
                  || (k > 2 && s.data[k] >= '0' && s.data[k] <= '9')
                  || (k == 2 && s.data[k] == '-')))
            {
                break;
            }
        }

        if (k < 2 || k == 3 || k > 6 || (k > 2 && s.data[2] != '-')
            || (k < s.len && (s.data[k] != '/' || k + 1 == s.len)))
        {
            mdr_load_error(ld, e, "bad-jurisdiction", "jurisdiction "
                           "\"%.64s\": as CN, CN-GD or CN-GD/Shenzhen "
                           "expected", s.data);
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static int
load_words(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int          rc;
    uint8_t      w;
    int64_t      v;
    mdr_node_t  *basis;

    static const char *const  basis_keys[] = { "kind", "ref" };

    rc = MDR_OK;

    r->status = MDR_STATUS_STABLE;
    r->mode = ld->mode;
    r->mode_given = mdr_node_get(n, "mode") != NULL;
    r->suggestion = MDR_BLOCK;
    r->risk_level = 1;
    r->rollout = 100;
    r->expires_day = INT32_MAX;

#define WORD(key, words, count, dst)                                         \
    if (mdr_load_word(ld, mdr_node_get(n, key), key, words, count, dst)      \
        != MDR_OK)                                                           \
    {                                                                        \
        rc = MDR_ERROR;                                                      \
    }

    WORD("status", statuses, 4, &r->status)
    WORD("mode", modes, 3, &r->mode)
    WORD("risk_level", risks, 3, &r->risk_level)
    WORD("suggestion", suggestions, 3, &r->suggestion)

    w = r->suggestion == MDR_BLOCK ? MDR_ACT_BLOCK
        : r->suggestion == MDR_REVIEW ? MDR_ACT_HOLD : MDR_ACT_NONE;
    WORD("action", actions, 5, &w)
    r->action = w;

#undef WORD

    if (mdr_load_string(ld, mdr_node_get(n, "owner"), "owner", &r->owner)
        != MDR_OK
        || mdr_load_name(ld, mdr_node_get(n, "label"), "label", 64,
                         &r->label)
           != MDR_OK
        || mdr_load_name(ld, mdr_node_get(n, "sub_label"), "sub_label", 64,
                         &r->sub_label)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    if (mdr_node_get(n, "label") == NULL) {
        mdr_load_error(ld, n, "missing-key", "rule: \"label\" is missing");
        rc = MDR_ERROR;
    }

    if (load_texts(ld, mdr_node_get(n, "title"), "title", &r->title_zh,
                   &r->title_en)
        != MDR_OK
        || load_texts(ld, mdr_node_get(n, "notice"), "notice", &r->notice_zh,
                      &r->notice_en)
           != MDR_OK
        || mdr_load_date(ld, mdr_node_get(n, "expires"), "expires",
                         &r->expires_day)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    basis = mdr_node_get(n, "basis");

    if (basis != NULL) {
        if (basis->kind == MDR_NODE_SCALAR) {
            if (mdr_load_string(ld, basis, "basis", &r->basis_ref)
                != MDR_OK)
            {
                rc = MDR_ERROR;
            }

        } else if (mdr_load_keys(ld, basis, "basis", basis_keys, 2) != MDR_OK
                   || mdr_load_string(ld, mdr_node_get(basis, "kind"),
                                      "basis kind", &r->basis_kind)
                      != MDR_OK
                   || mdr_load_string(ld, mdr_node_get(basis, "ref"),
                                      "basis ref", &r->basis_ref)
                      != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    v = 1;
    if (mdr_load_int(ld, mdr_node_get(n, "rev"), "rev", 1, 1000000000, &v)
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }
    r->rev = (uint32_t) v;

    v = 100;
    if (mdr_load_int(ld, mdr_node_get(n, "rollout"), "rollout", 0, 100, &v)
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }
    r->rollout = (uint8_t) v;

    if (mdr_load_number(ld, mdr_node_get(n, "max_rate"), "max_rate", 0,
                        1000000, &r->max_rate)
        != MDR_OK
        || load_jurisdictions(ld, mdr_node_get(n, "jurisdiction"), r)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    return rc;
}


static int
load_rule(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int          rc;
    mdr_node_t  *id;

    static const char *const  keys[] = {
        "id", "rev", "title", "status", "mode", "owner", "label",
        "sub_label", "risk_level", "suggestion", "action", "basis", "notice",
        "expires", "slots", "jurisdiction", "rollout", "brake", "match",
        "tests", "max_rate", "fold", "gap"
    };

    r->pos.file = n->file;
    r->pos.line = n->line;
    r->pos.column = n->column;
    r->profile = ld->profile;

    rc = mdr_load_keys(ld, n, "rule", keys, sizeof(keys) / sizeof(keys[0]));

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    id = mdr_node_get(n, "id");

    if (id == NULL) {
        mdr_load_error(ld, n, "missing-key", "rule: \"id\" is missing");
        rc = MDR_ERROR;

    } else if (mdr_load_name(ld, id, "id", 80, &r->id) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (mdr_load_profile(ld, n, &r->profile) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (load_words(ld, n, r) != MDR_OK
        || load_slot_names(ld, mdr_node_get(n, "slots"), r) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    if (load_brake(ld, mdr_node_get(n, "brake"), r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (load_match(ld, n, r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (load_tests(ld, mdr_node_get(n, "tests"), r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (r->expires_day != INT32_MAX && ld->conf->now != 0
        && ld->conf->now / 86400 > r->expires_day)
    {
        mdr_load_warn(ld, mdr_node_get(n, "expires"), "expired",
                      "rule \"%s\" has expired and runs in shadow",
                      r->id.data != NULL ? r->id.data : "");
    }

    return rc;
}


/* ids are there once; a table of hashes, since there may be thousands */

static int
unique_ids(mdr_load_t *ld, mdr_node_t **nodes)
{
    int           rc;
    size_t        i, j, size;
    uint32_t      h, k, *table;
    mdr_model_t  *m;

    m = ld->model;

    for (size = 16; size < (size_t) m->nrules * 2; size *= 2) { /* void */ }

    table = mdr_load_alloc(ld, size * sizeof(uint32_t));
    if (table == NULL) {
        return MDR_ERROR;
    }

    rc = MDR_OK;

    for (i = 0; i < m->nrules; i++) {
        if (m->rules[i].id.data == NULL) {
            continue;
        }

        for (h = 2166136261u, k = 0; k < m->rules[i].id.len; k++) {
            h = (h ^ (uint8_t) m->rules[i].id.data[k]) * 16777619u;
        }

        for (j = h & (size - 1); table[j] != 0; j = (j + 1) & (size - 1)) {
            if (m->rules[table[j] - 1].id.len == m->rules[i].id.len
                && memcmp(m->rules[table[j] - 1].id.data,
                          m->rules[i].id.data, m->rules[i].id.len)
                   == 0)
            {
                mdr_load_error(ld, mdr_node_get(nodes[i], "id"),
                               "duplicate-id", "rule \"%s\" twice, first in "
                               "%s:%u", m->rules[i].id.data,
                               m->files[m->rules[table[j] - 1].pos.file].data,
                               m->rules[table[j] - 1].pos.line);
                rc = MDR_ERROR;
                break;
            }
        }

        if (table[j] == 0) {
            table[j] = (uint32_t) i + 1;
        }
    }

    return rc;
}


int
mdr_load_rules(mdr_load_t *ld)
{
    int           rc;
    size_t        i, total;
    mdr_node_t   *list, *n, **nodes;
    mdr_model_t  *m;

    m = ld->model;
    rc = MDR_OK;

    for (i = 0, total = 0; i < ld->ndocs; i++) {
        list = mdr_node_get(ld->docs[i], "rules");
        total += list != NULL ? list->n : 0;
    }

    if (total > RULES_MAX) {
        mdr_load_error(ld, ld->docs[0], "limit", "more than %d rules",
                       RULES_MAX);
        return MDR_ERROR;
    }

    m->rules = mdr_load_alloc(ld, (total + 1) * sizeof(mdr_rule_t));
    nodes = mdr_load_alloc(ld, (total + 1) * sizeof(mdr_node_t *));
    if (m->rules == NULL || nodes == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < ld->ndocs; i++) {
        list = mdr_node_get(ld->docs[i], "rules");

        if (list == NULL) {
            continue;
        }

        if (list->kind != MDR_NODE_LIST) {
            if (list->kind == MDR_NODE_SCALAR && list->text.len == 0) {
                continue;               /* "rules:" and nothing yet          */
            }
            mdr_load_error(ld, list, "type", "rules: a list expected");
            rc = MDR_ERROR;
            continue;
        }

        for (n = list->first; n != NULL; n = n->next) {
            nodes[m->nrules] = n;
            if (load_rule(ld, n, &m->rules[m->nrules++]) != MDR_OK) {
                rc = MDR_ERROR;
            }
        }
    }

    if (unique_ids(ld, nodes) != MDR_OK) {
        rc = MDR_ERROR;
    }

    return rc;
}
