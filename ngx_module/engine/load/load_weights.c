/*
 * load_weights.c - what makes a group a part of a score: the weight of a line
 * of a list, how often a term counts, for how much text a sum is, and the
 * condition of a group that has no terms.
 */

#include "node.h"

#include <string.h>


static int
bad_line(mdr_load_t *ld, uint32_t file, uint32_t line, const char *begin,
    const char *at, const char *what)
{
    uint32_t  column;

    for (column = 1; begin < at; begin++) {
        column += ((uint8_t) *begin & 0xc0) != 0x80;
    }

    if (mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "bad-weight",
                      ld->model->files[file].data, line,
                      column, "%s", what)
        != MDR_OK)
    {
        ld->no_memory = 1;
    }

    return MDR_ERROR;
}


int
mdr_load_weight(mdr_load_t *ld, const char *p, const char **e,
    uint32_t file, uint32_t line, mdr_term_t *t)
{
    int          minus;
    size_t       n;
    long         v;
    const char  *tab, *end, *q, *stop;

    stop = *e;
    tab = memchr(p, '\t', (size_t) (stop - p));

    if (tab == NULL) {
        return MDR_OK;
    }

    *e = tab;

    while (*e > p && (*e)[-1] == ' ') {
        (*e)--;
    }

    for (q = tab + 1; q < stop && (*q == ' ' || *q == '\t'); q++) {
        /* void */
    }

    for (end = q; end < stop && *end != ' ' && *end != '\t'; end++) {
        /* void */
    }

    n = (size_t) (end - q);
    minus = n != 0 && *q == '-';
    q += n != 0 && (*q == '-' || *q == '+');

    for (v = 0; q < end && *q >= '0' && *q <= '9' && v <= 1000000; q++) {
        v = v * 10 + (*q - '0');
    }

    if (q < end || n == 0 || end[-1] < '0' || end[-1] > '9' || v > 1000000) {
        return bad_line(ld, file, line, p, tab + 1, "a weight expected behind "
                        "the tab: a whole number from -1000000 to 1000000");
    }

    t->weight = (int32_t) (minus ? -v : v);
    t->weighed = 1;

    for (q = end; q < stop && (*q == ' ' || *q == '\t'); q++) { /* void */ }

    n = (size_t) (stop - q);
    t->place = n == 5 && memcmp(q, "begin", 5) == 0 ? MDR_PLACE_BEGIN
               : n == 3 && memcmp(q, "end", 3) == 0 ? MDR_PLACE_END
               : n == 5 && memcmp(q, "whole", 5) == 0
               ? MDR_PLACE_BEGIN | MDR_PLACE_END : 0;

    if (n != 0 && t->place == 0) {
        return bad_line(ld, file, line, p, q, "begin, end or whole expected "
                        "behind the weight");
    }

    return MDR_OK;
}


/* "title" or "10 characters" */

static int
load_per(mdr_load_t *ld, const mdr_node_t *n, mdr_group_t *g)
{
    uint32_t     v;
    const char  *p;

    if (n->kind == MDR_NODE_SCALAR) {
        p = n->text.data;

        if (strcmp(p, "title") == 0 || strcmp(p, "text") == 0) {
            return MDR_OK;
        }

        for (v = 0; *p >= '0' && *p <= '9' && v <= MDR_PER_MAX; p++) {
            v = v * 10 + (uint32_t) (*p - '0');
        }

        if (v != 0 && v <= MDR_PER_MAX
            && (strcmp(p, " characters") == 0 || strcmp(p, " character") == 0))
        {
            g->per = v;
            return MDR_OK;
        }
    }

    mdr_load_error(ld, n, "bad-value", "per: \"title\" or \"10 characters\" "
                   "(1 to %d) expected", MDR_PER_MAX);

    return MDR_ERROR;
}


int
mdr_load_weights(mdr_load_t *ld, const mdr_node_t *map, mdr_group_t *g)
{
    int          rc;
    uint8_t      each;
    uint64_t     i;
    mdr_node_t  *per, *count;

    static const char *const  words[] = { "once", "each" };

    per = mdr_node_get(map, "per");
    count = mdr_node_get(map, "count");
    rc = MDR_OK;
    each = 0;
    g->weighted = per != NULL || count != NULL;

    for (i = 0; i < g->nterms; i++) {
        g->weighted |= g->terms[i].weighed;
    }

    if (per != NULL && load_per(ld, per, g) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (count != NULL
        && mdr_load_word(ld, count, "count", words, 2, &each) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    g->each = each;

    for (i = 0; g->weighted && i < g->nterms; i++) {
        if (!g->terms[i].weighed) {
            g->terms[i].weight = g->weight;
        }
    }

    return rc;
}


int
mdr_load_group_when(mdr_load_t *ld, const mdr_node_t *when, mdr_rule_t *r,
    mdr_group_t *g)
{
    char          err[256];
    size_t        offset;
    uint32_t      i;
    mdr_cond_t   *c;

    if (when->kind != MDR_NODE_SCALAR) {
        mdr_load_error(ld, when, "type", "when: a condition expected");
        return MDR_ERROR;
    }

    if (mdr_cond_parse(when->text, r->groups, r->ngroups, ld->arena,
                       &g->conds, &g->nconds, err, sizeof(err), &offset)
        != MDR_OK)
    {
        mdr_load_error_in(ld, when, offset, "bad-condition", "when: %s", err);
        g->nconds = 0;
        return MDR_ERROR;
    }

    for (i = 0; i < g->nconds; i++) {
        c = &g->conds[i];

        if (c->op == MDR_COND_SCORE
            || (c->op == MDR_COND_GROUP
                && r->groups[c->a].nterms == 0
                && r->groups[c->a].nregexes == 0))
        {
            mdr_load_error(ld, when, "bad-condition", "when: the condition of "
                           "a group can name groups of terms only, and no "
                           "score");
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


int
mdr_load_score_used(mdr_load_t *ld, const mdr_node_t *at, const mdr_rule_t *r)
{
    uint32_t  i;

    for (i = 0; i < r->nconds; i++) {
        if (r->conds[i].op == MDR_COND_SCORE) {
            return MDR_OK;
        }
    }

    for (i = 0; i < r->ngroups; i++) {
        if (r->groups[i].weighted) {
            mdr_load_error(ld, at, "score-unused", "weights count only in a "
                           "score: add \"when: score >= n\"");
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}
