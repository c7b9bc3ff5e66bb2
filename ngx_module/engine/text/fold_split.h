/*
 * fold_split.h - Han characters and their halves, sorted by character.
 */

#ifndef MDR_FOLD_SPLIT_H
#define MDR_FOLD_SPLIT_H

#include <stdint.h>

extern const uint32_t  mdr_fold_halves[][3];
extern const uint32_t  mdr_fold_nhalves;

#endif
