/*
 * learn.h - the parts of `moderationctl learn`.
 *
 *   learn.c        the order
 *   learn_read.c   labelled titles, lists of fragments
 *   learn_grams.c  fragments that stand in enough titles
 *   learn_match.c  which of them, and which groups of the rule, the engine
 *                  finds in each title
 *   learn_model.c  selection, training, cross-validation, threshold
 *   learn_write.c  the list, the rule, the report
 *
 * What is learned is what the engine will do: the candidates are compiled as
 * a weighted list and the titles are searched with it, so that a feature is a
 * hit, through the folds of the rule.  Nothing depends on addresses, on time
 * or on chance: the same titles give the same bytes.
 */

#ifndef MDR_LEARN_H
#define MDR_LEARN_H

#include "check.h"

#include <stdio.h>

typedef struct {
    const char  *policy, *rule;     /* the rule to learn for, or NULL        */
    double       precision;         /* that is wanted                        */
    uint32_t     titles;            /* that a fragment has to stand in       */
    uint32_t     lines;             /* at most                               */
    uint32_t     grams;             /* units of a fragment, at most          */
    uint32_t     folds;             /* of the cross-validation               */
    const char  *without, *keep;    /* lists, or NULL                        */
    const char  *out;               /* folder                                */
    const char  *text, *text_name;  /* titles beside the files, or NULL      */
    size_t       text_len;
} mdr_learn_conf_t;

typedef struct {
    mdr_str_t  text;                /* as it stood in a title                */
    uint32_t   at, end;             /* of the group: number; else unused     */
    uint8_t    place;               /* MDR_PLACE_*                           */
    uint8_t    group;               /* a group of the rule, not a fragment   */
    uint8_t    kept;                /* a line of the author: weight is fixed */
    int32_t    weight;              /* hundredths of a logit                 */
    uint32_t   n[2];                /* titles of each class that have it     */
} mdr_feature_t;

typedef struct {
    mdr_check_t      *c;
    mdr_learn_conf_t  conf;
    mdr_arena_t      *arena;

    mdr_rule_t       *r;            /* c->m->rules[0]                        */
    uint32_t          words;        /* its group of fragments                */

    uint8_t          *bytes;        /* the titles, padded                    */
    uint32_t         *at;           /* [ntitles + 1] in bytes                */
    uint8_t          *label;        /* [ntitles]                             */
    uint32_t          ntitles, npos;
    uint8_t          *times;        /* [ntitles] how often it counts         */
    uint32_t          drawn;        /* titles with as many labels of each    */

    mdr_feature_t    *f;
    size_t            nf, f_cap;

    /* the features of title i: ids[from[i]] to ids[from[i + 1]] */
    uint32_t         *ids;
    size_t            nids, ids_cap;
    size_t           *from;

    double            bias, *scores;    /* out of fold, in logits            */
    double            cut;              /* hits from here on                 */
    int32_t           threshold;        /* the same in hundredths, of the
                                           list alone                        */
    uint32_t          hits, right;      /* at the cut, out of fold           */
} mdr_learn_t;

/* each: MDR_OK, or MDR_ERROR and it has been said */

int mdr_learn_titles(mdr_learn_t *l, const char *const *paths, size_t n);
/* lines of a list to f (text, weight, place); learned lines are passed by
 * where `own` */
int mdr_learn_list(mdr_learn_t *l, const char *path, int own,
    mdr_feature_t **f, size_t *n);
int mdr_learn_grams(mdr_learn_t *l, const mdr_feature_t *without,
    size_t nwithout);
int mdr_learn_match(mdr_learn_t *l);
int mdr_learn_model(mdr_learn_t *l);
int mdr_learn_write(mdr_learn_t *l);

mdr_feature_t *mdr_learn_add(mdr_learn_t *l);
/* Wilson's interval of k out of n at 95 per cent */
void mdr_learn_wilson(uint32_t k, uint32_t n, double *low, double *high);
int mdr_learn_memory(void);

/* learn.c; MDR_ERROR: it has been said on stderr */
int mdr_learn(const mdr_learn_conf_t *conf, const char *const *paths,
    size_t npaths);

#endif
