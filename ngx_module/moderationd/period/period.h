/*
 * period.h - what happened in a week, or any other time, out of the record.
 *
 *   period.c        which days, whose; the weeks before
 *   period_set.c    items once each
 *   period_scan.c   decisions to numbers      period_event.c  events to numbers
 *   period_json.c   numbers to one JSON object, compared with the time before
 *   period_table.c  that object as tables     period_html.c   as a page
 *   period_text.c   as Markdown, CSV
 *   api_period.c    calls, the lead's text    period_week.c   filed ones
 *   page_period.c   the screen
 *
 * A report is a function of the record up to one leaf (log, size), of the
 * policy's names for things and of the days asked for: nothing in it comes
 * from the clock, so that the same question has the same bytes for an answer.
 */

#ifndef MDD_PERIOD_H
#define MDD_PERIOD_H

#include "moderationd/desk/desk.h"
#include "zone.h"

#define MDD_CATEGORIES  7

/* columns of category x measure; the first three are distinct things, the
 * others how many of them had this measure */
enum {
    MDD_ITEMS, MDD_PROGRAMMES, MDD_ACCOUNTS,
    MDD_NOT_SHOWN, MDD_MASKED, MDD_ORDERED, MDD_LIMITED, MDD_SUSPENDED,
    MDD_SUSPENDED_DAYS, MDD_CLOSED, MDD_HANDLED, MDD_REVERSED, MDD_COLUMNS
};

extern const char *const  mdd_categories[MDD_CATEGORIES];
extern const char *const  mdd_columns[MDD_COLUMNS];

typedef struct {
    const mdd_zone_t      *zone;
    const mdd_site_t      *site;        /* NULL: every host                  */
    const mdd_campaign_t  *campaign;    /* NULL: none                        */
    int64_t                from, to;    /* ms; to is not in it               */
    int64_t                day, days;   /* the same; days 0: no whole days   */
    int64_t                log, size;   /* of the record                     */
} mdd_period_t;

/* from site, campaign, week, from, to, size of the arguments; the name of the
 * argument that is wrong, or NULL */
const char *mdd_period_args(mdd_web_t *w, mdd_period_t *p);
/* to the end of the record */
int mdd_period_latest(mdd_web_t *w, mdd_period_t *p);
/* the n-th time of the same length before */
void mdd_period_before(const mdd_period_t *p, int n, mdd_period_t *out);
/* the last week that is over */
void mdd_period_week(const mdd_t *d, const mdd_site_t *site, int64_t now,
    mdd_period_t *p);
/* 1: a row of the record is in it */
int mdd_period_has(const mdd_period_t *p, int64_t log, int64_t leaf);
/* is this host of its site? */
int mdd_period_host(const mdd_period_t *p, const char *host);

/* period_set.c: what is known of each item, by 64 bits of its hash */

typedef struct {
    uint64_t  key;                      /* 0: free                           */
    uint64_t  labels;                   /* a bit each, of mdd_names_t        */
    uint32_t  cells;                    /* bit category * 3 + measure        */
    uint16_t  day;                      /* of the first, from the begin      */
    uint8_t   kind, flags;
} mdd_thing_t;

enum { MDD_THING_HANDLED = 1, MDD_THING_REVERSED = 2, MDD_THING_WAITS = 4 };

typedef struct {
    mdd_thing_t  *list;
    size_t        n, size;              /* a power of two                    */
} mdd_things_t;

/* the thing with this text for a hash, made where it is new; NULL: no memory,
 * or make is 0 and there is none */
mdd_thing_t *mdd_thing(mdd_things_t *t, const char *hash, int make);
void mdd_things_free(mdd_things_t *t);

/* words that come again and again: their number */
typedef struct {
    char      **text;
    int64_t    *count, *more;
    size_t      n, cap;
    uint16_t   *slots;                  /* number + 1, by hash               */
    int         last;                   /* asked for: rows come in runs      */
} mdd_names_t;

int mdd_name(mdd_names_t *t, const char *text);     /* -1: no memory         */
void mdd_names_free(mdd_names_t *t);

/* what a period came to */
typedef struct {
    mdd_period_t   p;
    int64_t        cells[MDD_CATEGORIES + 1][MDD_COLUMNS];  /* last: all     */
    int64_t        decisions, shadow, waiting, technical, impressions;
    mdd_names_t    labels, rules, found_by, automation, nodes, policies,
                   pages, errors;
    int64_t       *day_things, *day_decisions;
    mdd_things_t   things, accounts;
    int64_t        lost, gaps;
    /* readers */
    int64_t        reports, cases, answered, in_time, outcomes[6];
    int64_t        appeals, appeals_decided, appeals_granted;
    mdd_names_t    orders;              /* source/state                      */
    /* persons: of the rules' hits upheld; of samples rejected */
    mdd_names_t    upheld;              /* label: decided, upheld            */
    mdd_names_t    upheld_rules;        /* the same by rule                  */
    int64_t        sampled, missed;
    int            failed;
} mdd_numbers_t;

/* a new one; NULL: no memory.  light: what comparisons need */
mdd_numbers_t *mdd_period_count(mdd_web_t *w, const mdd_period_t *p);
void mdd_numbers_free(mdd_numbers_t *n);
/* parts of it */
void mdd_period_scan(mdd_web_t *w, mdd_numbers_t *n);
void mdd_period_events(mdd_web_t *w, mdd_numbers_t *n);

/* category of a label by the book of the period's site */
int mdd_category(const mdd_book_t *book, const char *label);

/* period_json.c */
json_t *mdd_period_json(mdd_web_t *w, const mdd_period_t *p, int public);
/* [k, n, share, low, high] as an object; Wilson's 95 % interval */
json_t *mdd_share(int64_t k, int64_t n);

/* period_html.c, period_text.c: zh of w */
/* the report's own part of a page */
void mdd_period_body(mdd_web_t *w, const json_t *r);
/* a whole file of it, that needs no other */
void mdd_period_html(mdd_web_t *w, const json_t *r);
void mdd_period_markdown(mdd_web_t *w, const json_t *r, mdd_buf_t *b);
void mdd_period_csv(mdd_web_t *w, const json_t *r, mdd_buf_t *b);

/* one cell with the comma before it, safe from being a formula */
void mdd_csv_cell(mdd_buf_t *b, const char *s, int first);

/* a word of a report in the language of the answer */
const char *mdd_period_word(const mdd_web_t *w, const char *word);

/* period_table.c: the tables of a report in the language of the answer, as
 * [{id, title, note, head: [...], rows: [[...]]}], a new object; cells are
 * texts and whole numbers */
json_t *mdd_period_tables(mdd_web_t *w, const json_t *r);
/* "Week 2026-W48: ..." */
void mdd_period_title(mdd_web_t *w, const json_t *r, mdd_buf_t *b);
/* "88.3 % (84.2-91.5)" of mdd_share, or how many there were */
void mdd_share_text(const json_t *share, char out[64]);

/* api_period.c: the period asked for; 0: the answer says what is wrong */
int mdd_period_asked(mdd_web_t *w, mdd_period_t *p);
json_t *mdd_period_about(const mdd_period_t *p);
void mdd_period_write(mdd_web_t *w, const json_t *r, const char *format);

/* period_week.c: a thread that files the week that is over */
int mdd_weekly_start(mdd_t *d);
void mdd_weekly_stop(void);

/* Wilson, stats.c */
void mdd_wilson(double k, double n, double *low, double *high);
/* 95 % interval of a count that is Poisson */
void mdd_poisson(double n, double *low, double *high);

#endif
