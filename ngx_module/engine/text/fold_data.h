/*
 * fold_data.h - the generated tables behind fold.c.
 */

#ifndef MDR_FOLD_DATA_H
#define MDR_FOLD_DATA_H

#include <stdint.h>

/* 0: nothing; a code point; 0x80000000 | n: mdr_fold_pool[n] code points
 * behind it */
typedef struct {
    uint32_t  width, fold, hant, conf;
    uint8_t   digit;                    /* ASCII                            */
    uint8_t   mark, flags;
} mdr_fold_record_t;

#define MDR_FF_WORD      1u
#define MDR_FF_HAN       2u
#define MDR_FF_INVIS     4u             /* dropped under invisible          */
#define MDR_FF_ACCENT    8u             /* dropped under confusable         */
#define MDR_FF_ROTATED  16u             /* upside down                      */
#define MDR_FF_REGION   32u
#define MDR_FF_OTHERS   64u             /* has more forms                   */

extern const uint16_t           mdr_fold_stage1[];
extern const uint16_t           mdr_fold_stage2[];
extern const mdr_fold_record_t  mdr_fold_records[];
extern const uint32_t           mdr_fold_pool[];

/* readings: runs of characters {first, index of its ids}, the last run only
 * ends the one before; an id is where a list begins: how many, syllables */
extern const uint32_t           mdr_fold_nruns;
extern const uint32_t           mdr_fold_runs[][2];
extern const uint16_t           mdr_fold_reading_ids[];
extern const uint16_t           mdr_fold_reading_lists[];
extern const char               mdr_fold_syllables[][8];
/* a character for each syllable, which homophones stand for */
extern const uint32_t           mdr_fold_homophones[];
extern const uint32_t           mdr_fold_nrotated;
extern const uint32_t           mdr_fold_rotated[][2];

/* further forms: character, MDR_FOLD_*, what it may stand for; sorted */
extern const uint32_t           mdr_fold_nothers;
extern const uint32_t           mdr_fold_others[][3];

#endif
