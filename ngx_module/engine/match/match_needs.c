/*
 * match_needs.c - the regexes of a matcher, and what they ask of a text.
 *
 * A regex of which every match holds one of some literals waits for one to be
 * seen.  The others are asked for, on every text of a field that they read,
 * by what the text has of ASCII: tables say for each kind and each number
 * which of them may be there, a bit a regex, so that a text without digits
 * passes by all that need one at once.
 */

#include "match_table.h"
#include "matcher.h"

#include <string.h>


/* which of the field's regexes may a text have that has so much? */

static void
fill_fits(mdr_matcher_t *m, uint32_t field)
{
    size_t                   words;
    uint32_t                 i, kind, step, n;
    uint64_t                *count, *run;
    const mdr_pattern_re_t  *e;

    n = m->field_always[field + 1] - m->field_always[field];
    words = (n + 63) / 64;

    for (i = 0; i < n; i++) {
        e = &m->regexes[m->always[m->field_always[field] + i]];

        for (kind = 0; kind < MDR_ASCII_KINDS; kind++) {
            count = m->fits + m->field_fits[field]
                    + 2 * (size_t) kind * MDR_STEPS * words;
            run = count + MDR_STEPS * words;

            for (step = 0; step < MDR_STEPS; step++) {
                if (mdr_step(e->count[kind]) <= step) {
                    count[step * words + i / 64] |= (uint64_t) 1 << (i % 64);
                }
                if (mdr_step(e->run[kind]) <= step) {
                    run[step * words + i / 64] |= (uint64_t) 1 << (i % 64);
                }
            }
        }
    }
}


/* the regexes that each field runs whatever was seen in the text, if it has
 * enough of what they ask for */

int
mdr_matcher_always(mdr_matcher_t *m)
{
    size_t           total;
    uint32_t         s, f, i, r, fields, n;
    const uint64_t  *reads;

    for (s = 0, fields = 0; s < m->model->nslots; s++) {
        fields += m->model->slots[s].nfields;
    }

    for (i = 0, n = 0; i < m->nregexes; i++) {
        n += !m->regexes[i].need;
    }

    m->field_always = mdr_calloc(m->alloc, ((size_t) fields + 1)
                                         * sizeof(uint32_t));
    m->field_fits = mdr_calloc(m->alloc, ((size_t) fields + 1)
                                         * sizeof(size_t));
    m->always = mdr_alloc(m->alloc, ((size_t) fields * n + 1)
                                    * sizeof(uint32_t));

    if (m->field_always == NULL || m->field_fits == NULL || m->always == NULL) {
        return MDR_ERROR;
    }

    for (s = 0, fields = 0, n = 0, total = 0; s < m->model->nslots; s++) {
        for (f = 0; f < m->model->slots[s].nfields; f++) {
            reads = mdr_matcher_reads(m, s, f);

            for (i = 0; i < m->nregexes; i++) {
                r = m->regexes[i].rule;

                if (!m->regexes[i].need && (reads[r / 64] >> (r % 64) & 1)) {
                    m->always[n++] = i;
                }
            }

            m->field_fits[fields] = total;
            total += (size_t) (n - m->field_always[fields] + 63) / 64
                     * 2 * MDR_ASCII_KINDS * MDR_STEPS;
            m->field_always[++fields] = n;
        }
    }

    m->fits = mdr_calloc(m->alloc, (total + 1) * sizeof(uint64_t));
    if (m->fits == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < fields; i++) {
        fill_fits(m, i);
    }

    return MDR_OK;
}


/* does it need anything but a literal? */

static uint8_t
needs_ascii(const mdr_regex_need_t *need)
{
    uint32_t  i, n;

    for (i = 0, n = 0; i < MDR_ASCII_KINDS; i++) {
        n |= need->count[i] | need->run[i];
    }

    return n != 0 || (need->must[0] | need->must[1] | need->any[0]
                      | need->any[1]) != 0;
}


/* a regex of a rule's group; MDR_ERROR: it cannot be compiled */

static int
add_regex(mdr_matcher_t *m, uint32_t rule, uint32_t group, mdr_str_t pattern)
{
    uint32_t           folds;
    mdr_pattern_re_t  *e;
    mdr_regex_need_t   need;

    if (MDR_GROW(m->alloc, m->regexes, m->nregexes + 1u) != MDR_OK) {
        return MDR_ERROR;
    }

    e = &m->regexes[m->nregexes];
    memset(e, 0, sizeof(mdr_pattern_re_t));
    folds = m->model->rules[rule].profile.folds;
    e->rule = (uint16_t) rule;
    e->group = (uint16_t) group;
    e->re = mdr_regex_new(pattern, folds, m->alloc);

    if (e->re == NULL) {
        return MDR_ERROR;
    }

    m->nregexes++;
    mdr_regex_need(pattern, folds, &need);
    e->need = need.n != 0;
    memcpy(e->count, need.count, sizeof(e->count));
    memcpy(e->run, need.run, sizeof(e->run));
    memcpy(e->must, need.must, sizeof(e->must));
    memcpy(e->any, need.any, sizeof(e->any));
    e->same = need.same;
    e->ascii = needs_ascii(&need);

    return MDR_OK;
}


int
mdr_matcher_regexes(mdr_matcher_t *m, mdr_diags_t *diags)
{
    uint32_t            r, j, k, group;
    const mdr_rule_t   *rule;
    const mdr_group_t  *g;

    for (r = 0; r < m->model->nrules; r++) {
        rule = &m->model->rules[r];

        for (j = 0; (g = mdr_lex_group(rule, j, &group)) != NULL; j++) {
            for (k = 0; k < g->nregexes; k++) {
                if (add_regex(m, r, group, g->regexes[k]) != MDR_OK) {
                    (void) mdr_diags_add(diags, MDR_DIAG_ERROR, "bad-regex",
                                         NULL, 0, 0, "rule \"%s\": a regex "
                                         "cannot be compiled",
                                         rule->id.data);
                    return MDR_ERROR;
                }
            }
        }
    }

    return MDR_OK;
}
