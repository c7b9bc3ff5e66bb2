/*
 * pick.h - `pick` of a field: a part of its value.
 */

#ifndef MDR_PICK_H
#define MDR_PICK_H

#include "base/model.h"

typedef struct mdr_picks_s  mdr_picks_t;

/* what is wrong with a pattern, or NULL */
const char *mdr_pick_bad(mdr_str_t pattern);

/* those of a model, compiled; NULL: no memory, or one does not compile */
mdr_picks_t *mdr_picks_new(const mdr_model_t *m, const mdr_alloc_t *alloc);
void mdr_picks_free(mdr_picks_t *p);
/* what the field's pick takes out of a value: group 1, or nothing; the value
 * itself where the field has none */
mdr_str_t mdr_pick(const mdr_picks_t *p, uint32_t slot, uint32_t field,
    mdr_str_t value);

#endif
