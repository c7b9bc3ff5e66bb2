/*
 * normal.h - what of a value goes into a fingerprint.
 */

#ifndef MDR_NORMAL_H
#define MDR_NORMAL_H

#include "base/model.h"

/* the value of review field i as `normal` leaves it, added to out;
 * MDR_ERROR: no memory */
int mdr_normal(const mdr_review_t *r, uint32_t i, mdr_str_t value,
    mdr_buf_t *out);

#endif
