/*
 * match_work.h - what the passes of one search hand to one another.
 *
 * mdr_match() in match.c has their order; docs/design.md says what each file is
 * for.
 */

#ifndef MDR_MATCH_WORK_H
#define MDR_MATCH_WORK_H

#include "text/fold.h"
#include "text/text.h"
#include "matcher.h"
#include "match_table.h"

#define MDR_TRACES  8
#define MDR_WORDS   64
#define MDR_VIEW_TABLES  4

/*
 * A row of classes: of the texts of a batch (trace NULL: class i began at
 * byte pos[i] of the work's `bytes`), or of one text as it is read under a
 * set of folds (class i is of atom pos[i]).  cls[0] and what is behind the
 * last are none; there is room for as many survivors of the filter.
 */
typedef struct {
    uint16_t           *cls;
    uint32_t           *pos;
    uint32_t           *survivors;      /* of the n-gram filter              */
    uint8_t            *edges;          /* see match_words.c                 */
    size_t              cls_cap, pos_cap, survivors_cap, edges_cap;
    size_t              n;
    const mdr_trace_t  *trace;
    uint32_t            subject;        /* of the trace                      */
} mdr_row_t;

/* a pattern whose classes stand in a row */
typedef struct {
    uint32_t  subject, pattern;
    uint32_t  at;                       /* class in the row                  */
} mdr_candidate_t;

/* a pattern that may begin somewhere in a trace */
typedef struct {
    uint32_t  pattern;
    uint32_t  from, to;                 /* atoms                             */
} mdr_range_t;

typedef struct {
    uint32_t  at;                       /* class in the row                  */
    uint32_t  print;                    /* to be found in the hash           */
    uint32_t  entry;
    uint32_t  pattern;                  /* the first of it                   */
    uint32_t  n;                        /* classes of the anchor             */
    uint8_t   word;
} mdr_probe_t;

/* a literal of a regex was seen in a text */
typedef struct {
    uint32_t  regex;
    uint32_t  next;                     /* of that text, + 1                 */
} mdr_literal_seen_t;

typedef struct mdr_special_s  mdr_special_t;    /* match_special.h           */
typedef struct mdr_atoms_s  mdr_atoms_t;   /* match_atoms.h                  */
typedef struct mdr_nfa_s  mdr_nfa_t;       /* match_nfa.c                    */
typedef struct mdr_view_table_s  mdr_view_table_t;      /* match_view.c      */

struct mdr_match_work_s {
    const mdr_alloc_t  *alloc;

    uint8_t            *bytes;          /* the texts, a separator behind each */
    uint32_t           *start;          /* [subjects + 1] in bytes           */
    uint8_t            *special;        /* [subjects]                        */
    size_t              bytes_cap, start_cap, special_cap;
    mdr_row_t           row;            /* of all texts                      */
    mdr_row_t           read;           /* of one with special characters    */

    mdr_candidate_t    *cands;
    size_t              ncands, cands_cap;
    mdr_trace_t         traces[MDR_TRACES];
    uint32_t            trace_subject[MDR_TRACES];
    uint32_t            trace_folds[MDR_TRACES];
    uint32_t            next_trace;
    mdr_trace_t         part;           /* around a candidate                */
    uint32_t            part_subject;
    uint32_t            part_spent;     /* bytes read in parts of that       */
    mdr_special_t         *special_work;
    mdr_atoms_t        *atoms;
    mdr_nfa_t          *nfa;
    mdr_buf_t           view, view_map;
    uint32_t            view_same;      /* see mdr_match_view_same; 0: no
                                           two, 1: not counted yet           */
    const mdr_trace_t  *view_trace;     /* that made it, or NULL             */
    mdr_view_table_t   *views[MDR_VIEW_TABLES];
    uint32_t            next_view;
    mdr_regex_work_t   *regex;
    mdr_buf_t           seen;           /* mdr_literal_seen_t                */
    uint32_t           *seen_in;        /* [regexes] the last subject + 1    */
    uint32_t           *seen_first;     /* [subjects] in seen, + 1           */

    mdr_limits_t        limits;         /* match_budget.c                    */
    mdr_match_bill_t   *bill;           /* of the response, or NULL          */
    uint32_t            price;          /* a step counts for 2^price         */
    uint64_t           *spent;          /* [subjects] steps                  */
    size_t              spent_cap;
    uint32_t            metered;        /* the subject in hand               */
    const mdr_subject_t  *metered_text;
    uint64_t            metered_from;   /* what the meter showed             */
    mdr_limited_t      *limited;
    size_t              limited_cap;
    size_t              seen_in_cap, seen_first_cap;

    mdr_raw_hit_t      *later;          /* of a pass, while two are merged   */
    size_t              later_cap;
};

/* fills the row of all texts; *special: some text has special characters (its
 * classes are none).  MDR_OK or MDR_ERROR */
int mdr_match_row(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, size_t nsubjects, int *special);

/* room for n classes and what must be behind them */
int mdr_match_row_reserve(const mdr_alloc_t *alloc, mdr_row_t *r, size_t n);
/* n classes are there: none behind them, as far as anyone looks */
void mdr_match_row_end(mdr_row_t *r, size_t n, uint32_t pos);

/* what regexes may find of ASCII in a text, at most: so many of a kind
 * (MDR_ASCII_*), in a row, and which.  One character that may be several
 * counts 64 */
typedef struct {
    uint32_t  count[MDR_ASCII_KINDS], run[MDR_ASCII_KINDS];
    uint64_t  has[2];
    uint8_t   number;                   /* with letters for digits, perhaps  */
} mdr_ascii_t;

/* 64 bytes behind p[0, n) can be read */
void mdr_match_ascii(const mdr_matcher_t *m, const uint8_t *p, size_t n,
    mdr_ascii_t *s);

/* places of cls[0, n) that may be an anchor, into out, which has room for n;
 * how many.  Two classes behind the last are looked at. */
size_t mdr_match_ngrams(const mdr_matcher_t *m, const uint16_t *cls,
    size_t n, uint32_t *out);

/* where words may begin and end in the row, into row->edges */
int mdr_match_edges(const mdr_matcher_t *m, mdr_match_work_t *w,
    mdr_row_t *row);
/* words that may stand in the row, whose edges are known, from class *from on,
 * which moves on: MDR_WORDS at most, into out; how many */
size_t mdr_match_words(const mdr_matcher_t *m, const mdr_row_t *row,
    size_t *from, mdr_probe_t *out);
/* may a word end with class `at` of the row? */
int mdr_match_is_end(const mdr_row_t *row, size_t at);

/* candidates of a row, verified, a few at a time */
int mdr_match_filter(const mdr_matcher_t *m, mdr_match_work_t *w,
    mdr_row_t *row, const mdr_subject_t *subjects, mdr_raw_hits_t *hits);

/* hits of the candidates in w, which are none afterwards */
int mdr_match_verify(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_row_t *row, const mdr_subject_t *subjects,
    mdr_raw_hits_t *hits);
mdr_special_t *mdr_match_special_new(const mdr_alloc_t *alloc);
void mdr_match_special_free(mdr_special_t *s);
/* hits of one text with special characters */
int mdr_match_special(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, uint32_t subject, mdr_raw_hits_t *hits);

/* match_budget.c: nothing of n texts is spent; MDR_OK or MDR_ERROR */
int mdr_match_budget_start(const mdr_matcher_t *m, mdr_match_work_t *w,
    size_t n, mdr_raw_hits_t *hits);
/* what is done from now on is for this text: hits->meter stops where it, or
 * the response, has spent all.  MDR_OK or MDR_ERROR */
int mdr_match_budget_take(mdr_match_work_t *w, const mdr_subject_t *subjects,
    uint32_t subject, mdr_raw_hits_t *hits);
/* the last text is done, and so is the search */
int mdr_match_budget_end(mdr_match_work_t *w, mdr_raw_hits_t *hits);
/* a text was not read to its end (rule UINT32_MAX), or not by a rule's regex:
 * hits may be missing.  MDR_OK or MDR_ERROR */
int mdr_match_limited(mdr_match_work_t *w, mdr_raw_hits_t *hits,
    uint32_t subject, uint32_t rule);
int mdr_match_hit(const mdr_matcher_t *m, mdr_raw_hits_t *hits,
    const mdr_lex_user_t *u, uint32_t subject, uint32_t start, uint32_t end);

/* letters in the numbers of a view are digits (fold confusable) */
void mdr_match_view_digits(uint8_t *p, size_t n);
/* the folded view of a subject into w->view (w->view_map is not filled, or
 * not for it).  MDR_OK or MDR_ERROR */
int mdr_match_view(mdr_match_work_t *w, const mdr_subject_t *subjects,
    uint32_t subject, uint32_t folds);
/* bytes [from, to) of a view, and [start, end) of its text */
typedef struct {
    size_t    from, to;
    uint32_t  start, end;
} mdr_view_span_t;

typedef struct {
    size_t    at;                       /* in the text                       */
    size_t    view;                     /* of what begins there              */
} mdr_view_cursor_t;

/* where in its text the span of the view of a subject stands.  Spans of a view
 * come in order, or *c is as it was at first: all zero.  MDR_OK or MDR_ERROR */
int mdr_match_view_span(mdr_match_work_t *w, const mdr_subject_t *subject,
    uint32_t folds, mdr_view_cursor_t *c, mdr_view_span_t *span);

/* the same character, so often in a row in the view, at most */
uint32_t mdr_match_view_same(mdr_match_work_t *w);
void mdr_match_view_done(mdr_match_work_t *w);

/* a literal of a regex may stand in a text */
int mdr_match_regex_seen(mdr_match_work_t *w, uint32_t subject,
    uint32_t regex);
/* all regexes that may match, over all texts */
int mdr_match_regexes(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, size_t n, mdr_raw_hits_t *hits);

/* the trace of a subject under folds, if there is one, or NULL */
const mdr_trace_t *mdr_match_cached_trace(const mdr_match_work_t *w,
    uint32_t subject, uint32_t folds);
/* the trace of a subject under folds; NULL: no memory */
const mdr_trace_t *mdr_match_trace(mdr_match_work_t *w,
    const mdr_subject_t *subjects, uint32_t subject, uint32_t folds);


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
