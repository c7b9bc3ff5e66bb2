/*
 * match_build.c - from the terms of a model to a lexicon (see lexicon.h).
 *
 * 1. Every character that a term may need, in the primary form of its rule's
 *    folds, is an element.  2. A character of the text that may stand for
 *    several elements unites them: they share a class (match_class.c).  3.
 *    Terms become patterns of classes; equal patterns share users
 *    (match_term.c).  4. Each gets its anchor, the filter and the hash are
 *    filled (match_image.c).
 *
 * Here is the order of all that, and what a model has of terms.
 *
 * Nothing depends on addresses or on time: the same model gives the same
 * bytes.
 */

#include "match_build.h"
#include "regex/regex.h"

#include <string.h>


typedef int (*term_pt)(mdr_lex_build_t *b, const mdr_rule_t *r, uint32_t rule,
    uint32_t group, mdr_str_t term);


static int
set_of(mdr_lex_build_t *b, uint32_t folds)
{
    uint32_t  i;

    for (i = 0; i < b->nsets; i++) {
        if (b->sets[i] == folds) {
            return 1;
        }
    }

    if (b->nsets == MDR_LEX_SETS) {

        /* too many: compared under all folds at once, which is coarser */

        b->sets[0] |= folds;
        return 0;
    }

    b->sets[b->nsets++] = folds;

    return 1;
}


/* every term of every rule, exceptions too, and what regexes need */

static int
each_term(mdr_lex_build_t *b, term_pt f)
{
    uint32_t            i, j, k;
    uint64_t            n;
    const mdr_rule_t   *r;
    const mdr_group_t  *g;

    b->regex = 0;

    for (i = 0; i < b->model->nrules; i++) {
        r = &b->model->rules[i];

        for (j = 0; (g = mdr_lex_group(r, j, &k)) != NULL; j++) {
            for (n = 0; n < g->nterms; n++) {
                b->weighed = g->weighted ? &g->terms[n] : NULL;

                if (f(b, r, i, k, g->terms[n].text) != MDR_OK) {
                    return MDR_ERROR;
                }
            }

            b->weighed = NULL;

            for (n = 0; n < g->nregexes; n++, b->regex++) {
                mdr_regex_need_t  need;
                uint32_t          m;

                mdr_regex_need(g->regexes[n], r->profile.folds, &need);

                for (m = 0; m < need.n; m++) {
                    if (f(b, r, i, k | MDR_USER_REGEX, need.lit[m])
                        != MDR_OK)
                    {
                        return MDR_ERROR;
                    }
                }
            }
        }
    }

    return MDR_OK;
}


static int
has_regexes(const mdr_model_t *m)
{
    uint32_t            i, j, k;
    const mdr_group_t  *g;

    for (i = 0; i < m->nrules; i++) {
        for (j = 0; (g = mdr_lex_group(&m->rules[i], j, &k)) != NULL; j++) {
            if (g->nregexes != 0) {
                return 1;
            }
        }
    }

    return 0;
}


/* the tables of a build by code point or class; NULL: none is needed */

static int
make_tables(mdr_lex_build_t *b)
{
    const mdr_alloc_t  *alloc;

    alloc = b->alloc;
    b->root = mdr_alloc(alloc, MDR_CPS * sizeof(uint32_t));
    b->text_root = mdr_alloc(alloc, MDR_CPS * sizeof(uint32_t));
    b->element = mdr_calloc(alloc, MDR_CPS);
    b->element2 = mdr_alloc(alloc, 65536);
    b->nature = mdr_calloc(alloc, MDR_CPS);
    b->class_nature = mdr_calloc(alloc, 65536);
    b->chars = mdr_calloc(alloc, MDR_LEX_BMP * sizeof(uint32_t));
    b->chars_folds = UINT32_MAX;
    b->waiting = mdr_alloc(alloc, MDR_LEX_WAITING
                                  * sizeof(mdr_lex_waiting_t));
    b->table = mdr_alloc(alloc, MDR_CPS * sizeof(uint16_t));
    b->elem_class = mdr_alloc(alloc, MDR_CPS * sizeof(uint16_t));
    b->ids = mdr_calloc(alloc, MDR_CPS * sizeof(uint16_t));

    if (has_regexes(b->model)) {
        b->kinds = mdr_alloc(alloc, MDR_LEX_BMP);

        if (b->kinds == NULL) {
            return MDR_ERROR;
        }

        memset(b->kinds, MDR_KIND_UNSET, MDR_LEX_BMP);
    }

    return b->root != NULL && b->text_root != NULL && b->element != NULL
           && b->element2 != NULL && b->table != NULL && b->elem_class != NULL
           && b->ids != NULL && b->nature != NULL && b->class_nature != NULL
           && b->chars != NULL && b->waiting != NULL ? MDR_OK : MDR_ERROR;
}


static void
free_tables(mdr_lex_build_t *b)
{
    mdr_free(b->alloc, b->root);
    mdr_free(b->alloc, b->text_root);
    mdr_free(b->alloc, b->element);
    mdr_free(b->alloc, b->element2);
    mdr_free(b->alloc, b->nature);
    mdr_free(b->alloc, b->class_nature);
    mdr_free(b->alloc, b->chars);
    mdr_free(b->alloc, b->waiting);
    mdr_free(b->alloc, b->table);
    mdr_free(b->alloc, b->elem_class);
    mdr_free(b->alloc, b->ids);
    mdr_free(b->alloc, b->kinds);
    mdr_free(b->alloc, b->hash);
}


int
mdr_lexicon_build(const mdr_model_t *m, const mdr_alloc_t *alloc,
    mdr_buf_t *out, mdr_diags_t *diags)
{
    int              rc;
    uint32_t         i;
    mdr_lex_build_t  b;

    (void) diags;

    memset(&b, 0, sizeof(b));
    b.alloc = alloc;
    b.model = m;
    b.out = out;
    mdr_buf_init(&b.users, alloc);
    mdr_buf_init(&b.text, alloc);
    mdr_buf_init(&b.classes, alloc);
    mdr_buf_init(&b.patterns, alloc);

    for (i = 0; i < m->nrules; i++) {
        (void) set_of(&b, m->rules[i].profile.folds);
        b.h.folds |= m->rules[i].profile.folds;
        b.h.gaps |= m->rules[i].profile.gap_of;
    }

    b.h.repeat = (b.h.folds & MDR_FOLD_REPEAT) != 0;

    rc = make_tables(&b) == MDR_OK
         && each_term(&b, mdr_match_term_note) == MDR_OK
         && mdr_match_class_make(&b) == MDR_OK
         && mdr_match_term_room(&b) == MDR_OK
         && each_term(&b, mdr_match_term_add) == MDR_OK
         && mdr_match_term_end(&b) == MDR_OK ? MDR_OK : MDR_ERROR;

    if (rc == MDR_OK) {
        mdr_match_class_number(&b);
        rc = mdr_lexicon_put(&b);
    }

    free_tables(&b);
    mdr_buf_done(&b.users);
    mdr_buf_done(&b.text);
    mdr_buf_done(&b.classes);
    mdr_buf_done(&b.patterns);

    return rc;
}
