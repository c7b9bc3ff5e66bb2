/*
 * match.h - from texts to raw hits: lexicon (terms) and regexes.
 *
 * A matcher is the compiled rules: a flat lexicon image shared by all
 * workers plus what must be made per process (PCRE2 code).  It knows
 * patterns, not verdicts: conditions, exceptions and modes are decide.c's.
 */

#ifndef MDR_MATCH_H
#define MDR_MATCH_H

#include "base/limits.h"
#include "base/model.h"

/* a text to be searched: valid UTF-8, white space collapsed */
typedef struct {
    const uint8_t  *data;
    uint32_t        len;
    uint32_t        slot;           /* slot index                           */
    uint32_t        field;          /* field index in the slot              */
    uint32_t        user;           /* caller's                             */
    uint32_t        hidden;         /* characters beside it, see text.h     */
} mdr_subject_t;

typedef struct {
    uint32_t  rule;
    uint16_t  group;                /* group, or except entry               */
    uint8_t   except;               /* 1: an exception's span               */
    uint8_t   state;                /* MDR_HIT_*                            */
    uint32_t  subject;              /* index into the batch                 */
    uint32_t  start, end;           /* bytes of the subject                 */
    uint32_t  term;                 /* of a weighted group: a number of the
                                       term, else MDR_NO_TERM               */
} mdr_raw_hit_t;

#define MDR_NO_TERM  UINT32_MAX

#define MDR_HIT_AGAIN   1u          /* a term that has counted (score.c)    */
#define MDR_HIT_PLACED  2u          /* a term that has its place            */

/* a text that was not read to its end: it has spent its budget (rule is
 * UINT32_MAX), or a regex of a rule its own */
typedef struct {
    uint32_t  subject, rule;
} mdr_limited_t;

typedef struct {
    mdr_raw_hit_t  *hits;           /* sorted by subject, rule, start, end  */
    size_t          n, cap;
    uint64_t        survivors, candidates, regex_runs;
    mdr_meter_t     meter;          /* of the search: what it looked at     */
    uint64_t        worst;          /* steps a character, of one text: it
                                       grows from search to search          */
    const mdr_limited_t  *limited;  /* the work's, in no order              */
    size_t          nlimited;
} mdr_raw_hits_t;

typedef struct mdr_matcher_s  mdr_matcher_t;

/* match_build.c: the lexicon (terms of all rules, folds, anchors) as
 * position-independent bytes; same model, same bytes */
int mdr_lexicon_build(const mdr_model_t *m, const mdr_alloc_t *alloc,
    mdr_buf_t *out, mdr_diags_t *diags);

/* over a lexicon in memory, every index checked; the model gives profiles,
 * regexes, field names.  NULL: damaged or no memory */
mdr_matcher_t *mdr_matcher_new(const mdr_model_t *m, const uint8_t *lexicon,
    size_t size, const mdr_alloc_t *alloc, mdr_diags_t *diags);
void mdr_matcher_free(mdr_matcher_t *mt);
uint64_t mdr_matcher_terms(const mdr_matcher_t *mt);

/* Terms that nothing but look-alikes tell from one another are compared with a
 * text together, wherever one of them may stand: the most of them of which the
 * first is the rule's, or 0; two of those, owned by the matcher. */
uint32_t mdr_matcher_look_alikes(const mdr_matcher_t *mt, uint32_t rule,
    mdr_str_t two[2]);

/* per thread scratch */
typedef struct mdr_match_work_s  mdr_match_work_t;

mdr_match_work_t *mdr_match_work_new(const mdr_alloc_t *alloc);
void mdr_match_work_free(mdr_match_work_t *w);

/* what all texts of a response may cost: steps that are allowed so far, and
 * those that were taken; of a regex, beyond a first look at each text */
typedef struct {
    uint64_t        may, steps;
    uint64_t        at;             /* bytes of the body that may counts     */
    uint64_t        regex_may;
    const uint8_t  *rule_modes;     /* MDR_RULE_NO_REGEX: not run; or NULL   */
    uint64_t       *regex_steps;    /* [regexes] or NULL: none so far        */
    const mdr_alloc_t  *alloc;      /* for those                             */
} mdr_match_bill_t;

/* `pos` bytes of the body have come.  Each is good for some steps more; but no
 * more than a constant are ever left, so that no bytes, however cheap those
 * before them were, take long at once */
void mdr_match_bill(mdr_match_bill_t *b, const mdr_limits_t *l, uint64_t pos);

/* the limits of the texts of the next searches, and the bill of all of them
 * together.  NULL: the defaults; no bound */
void mdr_match_work_limits(mdr_match_work_t *w, const mdr_limits_t *limits,
    mdr_match_bill_t *bill);

/*
 * Searches n subjects at once (fewer, longer calls are faster; a few KB of
 * text a call is right).  Every occurrence of every term and regex of every
 * rule that reads that field in that slot: for a term all leftmost starts,
 * also overlapping ones; of hits of one group from the same start only the
 * longest, where the rule has no exceptions and the group is not weighted.
 * hits is emptied first.  MDR_OK or MDR_ERROR (memory).  No allocation where
 * nothing survives the filter.
 */
int mdr_match(const mdr_matcher_t *mt, mdr_match_work_t *w,
    const mdr_subject_t *subjects, size_t n, mdr_raw_hits_t *hits);

#endif
