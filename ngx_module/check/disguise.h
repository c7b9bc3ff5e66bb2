/*
 * disguise.h - the ways in which a text is written to get past a word list.
 */

#ifndef MDR_DISGUISE_H
#define MDR_DISGUISE_H

#include "check.h"

#define MDR_DISGUISE_CPS   2048     /* longest text                         */
#define MDR_DISGUISE_WAYS  6        /* most ways of one form                */

typedef struct {
    uint32_t  plain, disguised;
} mdr_pair_t;

typedef struct {
    mdr_pair_t  *list;
    size_t       n, cap;
} mdr_pairs_t;

typedef struct {
    const mdr_alloc_t  *alloc;
    mdr_pairs_t         hant, latin, sound;
    uint32_t            cps[MDR_DISGUISE_CPS];      /* the text             */
    size_t              n;
    mdr_buf_t           out;                        /* as it is disguised   */
    int                 failed;                     /* no memory            */
} mdr_disguise_t;

/* how a disguised text is put into a body: escaped there, or as it is */
enum { MDR_AS_HTML_TEXT, MDR_AS_HTML_RAW, MDR_AS_JSON_TEXT,
       MDR_AS_JSON_RAW };

typedef struct {
    const char  *name;
    uint32_t     needs;                 /* the fold that sees through it, or
                                           MDR_CHECK_GAP; 0: none            */
    /* the k-th way into d->out: 1, or 0 where there is no such way */
    int        (*make)(mdr_disguise_t *d, uint32_t k);
    uint8_t      as;
    uint8_t      piece;                 /* bytes fed at once, 0: all         */
} mdr_form_t;

/* forms of one name stand together */
extern const mdr_form_t  mdr_forms[];
extern const size_t      mdr_nforms;

/* what a form needs, as it stands in a policy; NULL: nothing */
const char *mdr_form_needs(const mdr_form_t *form);

int mdr_disguise_init(mdr_disguise_t *d, const mdr_alloc_t *alloc);
void mdr_disguise_done(mdr_disguise_t *d);
/* the text to disguise, white space collapsed as in a field; 0: none, or too
 * long */
int mdr_disguise_take(mdr_disguise_t *d, mdr_str_t s);
/* the text as it stands into d->out */
void mdr_disguise_plain(mdr_disguise_t *d);
/* d->out is no other text than the one that was taken */
int mdr_disguise_unchanged(const mdr_disguise_t *d);

#endif
