/*
 * match_work.h - what the passes of one search hand to one another.
 *
 *   match_text.c    the texts of a batch become one row of classes
 *   match_filter.c  places where an anchor may stand, patterns around them
 *   match_slow.c    texts with special characters, through their traces
 *   match_regex.c   which regexes are worth running, and their hits
 *   match.c         candidates on the text, order of the hits
 */

#ifndef MDR_MATCH_WORK_H
#define MDR_MATCH_WORK_H

#include "fold.h"
#include "matcher.h"

#define MDR_TRACES  8

typedef struct {
    uint32_t  subject, pattern;
    uint32_t  at;                       /* class in the row, or MDR_NO_AT:   */
    uint32_t  from, to;                 /* then, atoms where it may begin    */
    uint32_t  folds;                    /* of the trace with these folds     */
} mdr_candidate_t;

#define MDR_NO_AT  UINT32_MAX

typedef struct {
    uint32_t  at;                       /* class in the row                  */
    uint32_t  print;                    /* to be found in the hash           */
    uint32_t  entry;
    uint32_t  n;                        /* classes of the anchor             */
} mdr_probe_t;

typedef struct mdr_slow_s  mdr_slow_t;     /* match_slow.c                      */

struct mdr_match_work_s {
    const mdr_alloc_t  *alloc;

    /* the row: byte k of `bytes` began class i at pos[i] = k */
    uint8_t            *bytes;          /* the texts, a separator behind each */
    uint16_t           *cls;            /* [0] and what is behind are none   */
    uint32_t           *pos;
    uint32_t           *start;          /* [subjects + 1] in bytes           */
    uint8_t            *slow;           /* [subjects]                        */
    uint32_t           *places;         /* survivors of the filter           */
    size_t              bytes_cap, cls_cap, pos_cap, start_cap, slow_cap,
                        places_cap;

    mdr_candidate_t    *cands;
    size_t              ncands, cands_cap;
    mdr_trace_t         traces[MDR_TRACES];
    uint32_t            trace_subject[MDR_TRACES];
    uint32_t            trace_folds[MDR_TRACES];
    uint32_t            next_trace;
    mdr_slow_t         *slow_work;
    mdr_buf_t           view, view_map;
    mdr_regex_work_t   *regex;
    mdr_buf_t           seen;           /* subject << 32 | regex: a literal
                                           of it was seen there              */
};

/* fills the row; *n: its classes, *slow: some text is to be read slowly (its
 * classes are none).  MDR_OK or MDR_ERROR */
int mdr_match_row(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, size_t nsubjects, size_t *n, int *slow);

/* how many characters of a text of the row may be ASCII digits, letters,
 * signs to a regex, at most; one that may be several counts 64 */
typedef struct {
    uint32_t  digits, letters, signs, ascii;
} mdr_counts_t;

void mdr_match_counts(const mdr_matcher_t *m, const mdr_match_work_t *w,
    uint32_t subject, mdr_counts_t *c);

/* candidates of the row */
int mdr_match_filter(const mdr_matcher_t *m, mdr_match_work_t *w,
    size_t nsubjects, size_t n, mdr_raw_hits_t *hits);

mdr_slow_t *mdr_match_slow_new(const mdr_alloc_t *alloc);
/* candidates of one text that is read slowly */
int mdr_match_slow(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, uint32_t subject);

int mdr_match_candidate(mdr_match_work_t *w, uint32_t subject,
    uint32_t pattern, uint32_t at);

int mdr_match_hit(const mdr_matcher_t *m, mdr_raw_hits_t *hits,
    uint32_t rule, uint32_t group, uint32_t subject, uint32_t start,
    uint32_t end);

/* a literal of a regex may stand in a text */
int mdr_match_regex_seen(mdr_match_work_t *w, uint32_t subject,
    uint32_t regex);
/* all regexes that may match, over all texts */
int mdr_match_regexes(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, size_t n, mdr_raw_hits_t *hits);

/* the trace of a subject under folds; NULL: no memory */
mdr_trace_t *mdr_match_trace(mdr_match_work_t *w,
    const mdr_subject_t *subjects, uint32_t subject, uint32_t folds);

/* the first pattern with this anchor + 1, or 0 */
uint32_t mdr_match_look_up(const mdr_matcher_t *m, uint32_t a, uint32_t b,
    uint32_t c);

static inline uint32_t
mdr_class_of(const mdr_matcher_t *m, uint32_t cp)
{
    if (cp < MDR_LEX_BMP) {
        return m->bmp[cp];
    }

    cp -= MDR_LEX_BMP;

    return m->stage2[(uint32_t) m->stage1[cp / MDR_LEX_BLOCK] * MDR_LEX_BLOCK
                     + cp % MDR_LEX_BLOCK];
}

#endif
