/*
 * load_profile.c - how terms are compared: folds, gap, boundary; the defaults
 * of a policy.
 */

#include "node.h"
#include "ledger/words.h"


static const char *const  gaps[] = { "space", "punct", "symbol", "emoji",
                                     "block" };

static const char *const  boundaries[] = { "auto", "none", "word", "whole" };



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
            || mdr_load_bits(ld, mdr_node_get(n, "of"), "gap class", gaps,
                             MDR_GAPS, &of)
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

    rc = mdr_load_bits(ld, mdr_node_get(map, "fold"), "fold", mdr_fold_names,
                       MDR_FOLDS, &p->folds);

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
            || mdr_load_word(ld, mdr_node_get(n, "mode"), "mode", mdl_modes,
                             MDL_MODES,
                             &ld->mode)
               != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    return rc;
}
