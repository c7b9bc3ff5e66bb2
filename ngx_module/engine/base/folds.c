/*
 * folds.c - the names of folds, and their words for people (the table is in
 * model.h).
 */

#include "model.h"


#define NAME(id, name, en, zh)     name,
#define ENGLISH(id, name, en, zh)  en,
#define CHINESE(id, name, en, zh)  zh,

const char *const  mdr_fold_names[MDR_FOLDS] = { MDR_FOLD_TABLE(NAME) };

const char *const  mdr_fold_words[2][MDR_FOLDS] = {
    { MDR_FOLD_TABLE(ENGLISH) }, { MDR_FOLD_TABLE(CHINESE) }
};
