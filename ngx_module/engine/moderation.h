/*
 * moderation.h - the public interface of the engine.
 *
 * A policy (slots + rules + lists) is loaded from YAML or mapped from a
 * compiled image; it is immutable and may be shared by any number of scans.
 * A scan reads one response body, in pieces of any size, finds the items of
 * the policy's slots, decides them and hands out the body as it shall leave.
 * A work area holds what scans of one thread share (scratch buffers, JIT
 * stack).  The engine does no logging, asks no clock, starts no thread and
 * has no globals; its only I/O is reading the files of a policy.
 *
 * Lengths are size_t, positions are uint64_t offsets from the start of the
 * body.  Strings (mdr_str_t) are UTF-8 and not terminated unless said so.
 */

#ifndef MODERATION_H
#define MODERATION_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) && defined(MDR_SHARED)
#define MDR_API __attribute__((visibility("hidden")))
#else
#define MDR_API
#endif

/* of engine, module, tool and daemon together (semver.org) */

#define MDR_VERSION   "0.9.0"

/* results; allocation failure is MDR_ERROR with nothing half done */

#define MDR_OK        0
#define MDR_LIMIT     1      /* a limit ended inspection, bytes pass on     */
#define MDR_CUT       2      /* on_error block: the body must end here      */
#define MDR_ERROR    (-1)

typedef struct {
    const char  *data;
    uint32_t     len;
} mdr_str_t;

/* memory; ctx is handed back.  NULL means malloc/realloc/free. */

typedef struct {
    void  *(*alloc)(void *ctx, size_t size);
    void  *(*realloc)(void *ctx, void *p, size_t size);
    void   (*free)(void *ctx, void *p);
    void   *ctx;
} mdr_alloc_t;


/* words: docs/design.md, glossary */

enum { MDR_TYPE_AUTO, MDR_TYPE_HTML, MDR_TYPE_JSON, MDR_TYPE_NDJSON,
       MDR_TYPE_JSONP,                  /* JavaScript, JSONP or not          */
       MDR_TYPE_SCRIPT, MDR_TYPE_NONE,
       MDR_TYPE_EVENTS,                 /* text/event-stream                 */
       MDR_TYPE_PARTS,                  /* multipart/mixed                   */
       MDR_TYPE_ROWS,                   /* text/x-component                  */
       MDR_TYPE_XML };

enum { MDR_MODE_OFF, MDR_MODE_SHADOW, MDR_MODE_ENFORCE };

/* ordered by strength */
enum { MDR_PASS, MDR_REVIEW, MDR_BLOCK, MDR_SUGGEST_ERROR };
enum { MDR_ACT_NONE, MDR_ACT_TAG, MDR_ACT_MASK, MDR_ACT_HOLD, MDR_ACT_BLOCK };

/* whose place the jurisdiction of a rule is about; ANY: the account's where
 * it is known, else the reader's */
enum { MDR_LAW_ANY, MDR_LAW_ACCOUNT, MDR_LAW_SITE, MDR_LAW_READER };

enum { MDR_STATUS_DRAFT, MDR_STATUS_TEST, MDR_STATUS_STABLE,
       MDR_STATUS_DEPRECATED };


/* diagnostics of loading: all of them at once */

enum { MDR_DIAG_ERROR, MDR_DIAG_WARN, MDR_DIAG_INFO };

typedef struct {
    int          severity;
    const char  *code;          /* static: "unknown-key", "bad-selector" ... */
    char        *file;          /* owned by the list; NULL where none        */
    uint32_t     line, column;  /* from 1; 0 where unknown                   */
    char        *text;          /* owned; without the position               */
} mdr_diag_t;

typedef struct mdr_diags_s  mdr_diags_t;

mdr_diags_t *mdr_diags_new(const mdr_alloc_t *alloc);
void mdr_diags_free(mdr_diags_t *d);
size_t mdr_diags_count(const mdr_diags_t *d);
size_t mdr_diags_errors(const mdr_diags_t *d);
const mdr_diag_t *mdr_diags_get(const mdr_diags_t *d, size_t i);

/* "file:line:column: text [code]" into dst ("[warning: code]", "[info: code]"
 * where it is one), cut to size and terminated; the length that it would have
 * had */
size_t mdr_diag_format(const mdr_diag_t *d, char *dst, size_t size);


/* the word that is meant: the nearest by edits, or NULL where none is near */
const char *mdr_word_nearest(mdr_str_t w, const char *const *words, size_t n);


/* policies */

typedef struct mdr_policy_s  mdr_policy_t;

typedef struct {
    const mdr_alloc_t  *alloc;
    int64_t             now;        /* seconds since 1970, for expires       */
    uint32_t            flags;
} mdr_load_conf_t;

#define MDR_LOAD_LINT   0x01u       /* the lint of `check`, too             */

/*
 * Reads a file or folder, checks it and compiles it.  MDR_OK: *policy is
 * the caller's, diags may hold warnings.  MDR_ERROR: diags says why.
 */
int mdr_policy_load(const char *path, const mdr_load_conf_t *conf,
    mdr_diags_t *diags, mdr_policy_t **policy);

/* digest of the sources and lists as they are now, without compiling; equal
 * to info.hash of the policy loaded from them */
int mdr_policy_digest(const char *path, const mdr_alloc_t *alloc,
    char hash[33], mdr_diags_t *diags);

/*
 * Is a folder of policy files whole?  Where it holds a file MANIFEST (the
 * output of sha256sum), each of its lines has to fit, and each YAML file of
 * the folder has to be in it.  MDR_OK: it is, or there is no MANIFEST;
 * MDR_LIMIT: it is not, diags says where; MDR_ERROR: no memory.
 */
int mdr_policy_manifest(const char *path, const mdr_alloc_t *alloc,
    mdr_diags_t *diags);

/*
 * A policy over an image in memory (a mapping).  The memory must stay as it
 * is until mdr_policy_free.  Every index is checked; a damaged image is
 * MDR_ERROR with one diagnostic and is never read out of bounds.
 */
int mdr_policy_map(const void *image, size_t size, const mdr_alloc_t *alloc,
    mdr_diags_t *diags, mdr_policy_t **policy);

/* do these bytes begin as an image does? */
int mdr_policy_is_image(const void *bytes, size_t size);

/* the flat image of a policy, owned by the policy; the same input gives the
 * same bytes */
void mdr_policy_image(const mdr_policy_t *policy, const void **image,
    size_t *size);

void mdr_policy_free(mdr_policy_t *policy);

typedef struct {
    mdr_str_t  name;
    char       hash[33];            /* of the sources, hex                   */
    uint32_t   slots, rules, regexes;
    uint32_t   reader_laws;         /* rules that ask where the reader is,   */
    uint32_t   reader_only;         /* and of them those that ask no more    */
    uint64_t   terms;
    double     build_ms;            /* always 0: the host has the clock      */
} mdr_policy_info_t;

void mdr_policy_info(const mdr_policy_t *policy, mdr_policy_info_t *info);

typedef struct {
    mdr_str_t  id, label, sub_label, notice_zh, notice_en;
    uint32_t   rev;
    uint8_t    status, mode, suggestion, action, risk_level;
    int32_t    expires_day;         /* days since 1970, INT32_MAX none       */
    uint8_t    rollout;             /* per cent                              */
    double     brake_max_ratio;     /* 0: no brake                           */
    uint32_t   brake_min_hits, brake_window_s;
    uint8_t    has_jurisdiction;
    uint32_t   regexes;
} mdr_rule_info_t;

int mdr_policy_rule(const mdr_policy_t *policy, uint32_t i,
    mdr_rule_info_t *info);
/*
 * A line of a kill file ("all", "label NAME", "rule ID"; kill.c): rules[i] is
 * set to 1 for each rule of the policy that it names, the others stay.
 * MDR_KILL_UNKNOWN: there is no such rule or label; near is the one that may
 * be meant, or empty.
 */

enum { MDR_KILL_NOTHING, MDR_KILL_RULES, MDR_KILL_NO_LINE,
       MDR_KILL_UNKNOWN };

int mdr_policy_kill(const mdr_policy_t *policy, const char *line, size_t len,
    uint8_t *rules, mdr_str_t *near);

/* a file the policy was made of, lists too; MDR_ERROR behind the last */
int mdr_policy_file(const mdr_policy_t *policy, uint32_t i, mdr_str_t *path);
mdr_str_t mdr_policy_slot_name(const mdr_policy_t *policy, uint32_t i);
/* MDR_TYPE_*, AUTO for none */
uint8_t mdr_policy_slot_type(const mdr_policy_t *policy, uint32_t i);


/* second review of a slot */

enum { MDR_REVIEW_WORD_ON_MATCH, MDR_REVIEW_WORD_NEVER,
       MDR_REVIEW_WORD_REQUIRED };

typedef struct {
    uint8_t           mode;             /* MDR_REVIEW_WORD_*                 */
    uint8_t           given;            /* the long form                     */
    uint8_t           stable, rollout, people;
    uint8_t           first_screen;     /* no limited accounts               */
    uint32_t          floor;
    uint32_t          flap_max, flap_s; /* max 0: it says none               */
    const mdr_str_t  *scope;            /* names of slots, never none        */
    uint32_t          nscope;
} mdr_review_info_t;

int mdr_policy_review(const mdr_policy_t *policy, uint32_t slot,
    mdr_review_info_t *info);
/* what its fingerprints are made of, as text: "SCOPE,SCOPE\nFIELD,FIELD,"; the
 * length, or 0 where it does not fit */
size_t mdr_policy_review_print(const mdr_policy_t *policy, uint32_t slot,
    char *buf, size_t cap);


/* what of the machine is used: "avx2" ... (base/cpu.h) */
const char *mdr_simd(void);

/* work area: one a thread */

typedef struct mdr_work_s  mdr_work_t;

mdr_work_t *mdr_work_new(const mdr_alloc_t *alloc);
void mdr_work_free(mdr_work_t *work);
/* items without a hit are remembered, in so many bytes, and not read again
 * when the same bytes come again (seen.h); 0: none, as it is at first.
 * MDR_ERROR: no memory, nothing is remembered */
int mdr_work_remember(mdr_work_t *work, size_t bytes);


/* what a scan reports */

typedef struct {
    uint32_t   rule;                /* index into the policy                 */
    uint32_t   group;               /* index in the rule                     */
    mdr_str_t  group_name;
    mdr_str_t  field;
    uint64_t   start, end;          /* bytes of the body as it came          */
    mdr_str_t  text;                /* original field text between the ends  */
    int32_t    weight;              /* of a weighted list: what it adds      */
    uint8_t    mode;                /* mode the rule hit in                  */
} mdr_hit_t;

typedef struct {                    /* a group's part of its rule's score    */
    uint32_t   rule, group;
    mdr_str_t  group_name;
    int64_t    thousandths;
} mdr_score_part_t;

typedef struct {
    mdr_str_t  name;
    mdr_str_t  text;
} mdr_field_text_t;

enum { MDR_ITEM_OVER_LIMIT = 1, MDR_ITEM_TOO_LARGE = 2, MDR_ITEM_OPEN = 4,
       MDR_ITEM_UNREADABLE = 8, MDR_ITEM_REMOVED = 16, MDR_ITEM_MASKED = 32,
       MDR_ITEM_TAGGED = 64, MDR_ITEM_HELD = 128,
       MDR_ITEM_LIMITED = 256,      /* a text has spent its budget           */
       MDR_ITEM_SCRIPT = 512 };     /* inside a script that the page runs    */

/*
 * What the host knows of an item: it is asked once its ids and the fields of
 * its review are known, before it is decided.  The answer stands before what
 * rules say.
 */

enum { MDR_STAND_NONE,      /* nothing is known: a slot with `review:
                               required` holds it, else as rules say         */
       MDR_STAND_PASS,      /* as rules say, whatever the slot requires      */
       MDR_STAND_SHOW,      /* a person has released it: no rule holds it    */
       MDR_STAND_HOLD,
       MDR_STAND_OUT,       /* rejected, ordered: blocked, before any rule   */
       MDR_STAND_READ };    /* to an ask of a known item: it has to be read  */

/* what a host keeps beside an item that is known by its bytes; zero at first */
typedef struct {
    uint64_t  w[12];
} mdr_hint_t;

typedef struct {
    uint32_t                 slot;
    uint8_t                  known;     /* by its bytes: hint alone, no text */
    uint8_t                  unread;    /* too large, unreadable             */
    mdr_str_t                item_id, account_id;
    const mdr_field_text_t  *fields;    /* of the slot, in its order         */
    uint32_t                 nfields;
    const mdr_field_text_t  *print;     /* of review.fields, as `normal` and
                                           `pick` leave them                 */
    uint32_t                 nprint;
    uint8_t                  action;    /* what rules would do               */
    mdr_hint_t              *hint;      /* may be written                    */
} mdr_ask_t;

typedef struct {
    uint8_t  stand;                     /* MDR_STAND_*                       */
    uint8_t  review, reason;            /* the host's, see mdr_item_t        */
    uint8_t  report;                    /* also where nothing was done       */
} mdr_answer_t;

typedef struct {
    uint32_t                 slot;
    mdr_str_t                slot_name;
    uint64_t                 index;     /* from 0 within the slot            */
    uint64_t                 seq;       /* from 0 in the body, by start; each
                                           is reported once, not in order    */
    uint64_t                 start, end;/* bytes of the body as it came      */
    const mdr_field_text_t  *fields;
    uint32_t                 nfields;
    uint8_t                  suggestion, action;
    uint32_t                 flags;
    const mdr_hit_t         *hits;      /* at most 64                        */
    uint32_t                 nhits;
    uint32_t                 hits_total;
    const mdr_score_part_t  *parts;     /* of the scores of its rules        */
    uint32_t                 nparts;
    mdr_str_t                item_id, account_id;
    uint8_t                  would;     /* action; in shadow what it had been */
    uint8_t                  stand, review, reason, report; /* of the answer */
    uint8_t                  known;     /* by its bytes: there are no texts  */
    mdr_str_t                place;     /* entry of the jurisdiction of the
                                           rule that decided; may be empty   */
    mdr_hint_t              *hint;      /* may be written                    */
    const uint8_t           *source;    /* its bytes, where they are at hand */
    size_t                   source_len;
} mdr_item_t;

/* what a host knows of an account (docs/accounts.md) */
typedef struct {
    uint8_t  known;                 /* 0: nothing                            */
    uint8_t  state;                 /* MDL_ACCOUNT_* (ledger/words.h)        */
    uint8_t  credit;                /* 0..100                                */
} mdr_account_t;

enum { MDR_ERR_BROKEN = 1, MDR_ERR_TOO_LARGE, MDR_ERR_CHARSET,
       MDR_ERR_DEPTH, MDR_ERR_UNREADABLE, MDR_ERR_MEMORY,
       MDR_ERR_REGEX_LIMIT, MDR_ERR_MATCH_LIMIT, MDR_ERR_BUDGET,
       MDR_ERR_KINDS };

typedef struct {
    int          kind;
    uint64_t     offset;
    const char  *detail;                /* static or valid for the call      */
    uint32_t     rule;                  /* of regex_limit: whose it is; or
                                           UINT32_MAX                       */
} mdr_scan_error_t;

/*
 * Pages (docs/pages.md): what a response as a whole must have and must not
 * have.  The host says which page of the policy it is, is told what is found,
 * and keeps for the next response of that page what was missing in this one.
 */

enum { MDR_PAGE_MISSING, MDR_PAGE_HIDDEN, MDR_PAGE_INSERTED,
       MDR_PAGE_TITLE, MDR_PAGE_DESCRIPTION, MDR_PAGE_FRONT,
       MDR_PAGE_HIDDEN_LINKS, MDR_PAGE_SPIDERS,
       MDR_PAGE_LINK,                   /* and the kinds of links behind it  */
       MDR_PAGE_KINDS = MDR_PAGE_LINK + 7 };

typedef struct {
    uint32_t   page;                    /* index                             */
    mdr_str_t  name;
    uint8_t    kind;                    /* MDR_PAGE_*                        */
    uint8_t    mode;                    /* that it was found in              */
    uint8_t    action;                  /* MDR_ACT_*: done, in shadow: it
                                           had been                          */
    mdr_str_t  id;                      /* of the requirement, or the guard's
                                           word                              */
    mdr_str_t  detail;                  /* the title, a host ...; may be cut */
    uint64_t   start, end;              /* of the body as it came, or equal  */
} mdr_page_found_t;

/* 1 + the index of the page that a response of this host (lower case, without
 * port) is, 0: none */
uint32_t mdr_policy_page(const mdr_policy_t *policy, mdr_str_t host,
    mdr_str_t path, uint32_t status);

typedef struct {
    mdr_str_t  name;
    uint8_t    mode;
    uint8_t    spiders;                 /* titles are to be compared         */
    uint8_t    places;                  /* what is missing may be inserted
                                           where the next response is        */
    uint32_t   requires;
} mdr_page_info_t;

/* MDR_ERROR behind the last */
int mdr_policy_page_info(const mdr_policy_t *policy, uint32_t i,
    mdr_page_info_t *info);
/* the id of requirement n */
int mdr_policy_page_require(const mdr_policy_t *policy, uint32_t i,
    uint32_t n, mdr_str_t *id);
/* the word of a finding */
const char *mdr_page_word(uint8_t kind);

typedef struct {
    uint8_t    whole;                   /* it was read to its end            */
    uint32_t   missing;                 /* a bit a requirement               */
    mdr_str_t  title;                   /* valid as long as the scan         */
} mdr_page_seen_t;

/* what a text and a response may cost (see base/limits.h): steps of the
 * matcher, regexes included; 0: the default */
typedef struct {
    uint32_t  text_steps;           /* of one text, and for each of its      */
    uint32_t  text_steps_byte;      /* bytes                                 */
    uint32_t  response_steps;       /* of all texts of a body, at first and  */
    uint32_t  response_steps_byte;  /* at most; more with each byte of it    */
    uint32_t  regex_steps;          /* of one regex, of those: in one text,  */
    uint32_t  regex_steps_byte;     /* and for each of its bytes; in all     */
    uint32_t  regex_response_steps; /* texts of a body                       */
    uint32_t  regex_response_steps_byte;
    uint32_t  regex_hits;           /* of one regex in one text              */
} mdr_limits_t;

#define MDR_RULE_NO_REGEX  0x80u /* its regexes do not run, its terms do      */

/* tags with label, suggestion and rule; without the rule; none are written */
enum { MDR_TAGS_FULL, MDR_TAGS_LABEL, MDR_TAGS_OFF };

#define MDR_SCAN_NO_MATCH  1u   /* items and fields only (for measuring)     */
#define MDR_SCAN_EXACT     2u   /* nothing is learned (markup.h)             */

#define MDR_OUT_INPUT  1u   /* data points into the bytes of this feed call  */

typedef struct {
    void      *ctx;
    /* bytes that leave, in order; valid for the call only unless
     * MDR_OUT_INPUT is set, then as long as the caller's input.  MDR_ERROR
     * ends the scan. NULL: observe only, nothing is held */
    int      (*output)(void *ctx, const uint8_t *data, size_t len,
                 uint32_t flags);
    /* every item once it is decided and its end is known (items with a hit,
     * an edit or an error only, where all_items is 0); may be NULL */
    void     (*item)(void *ctx, const mdr_item_t *item);
    void     (*error)(void *ctx, const mdr_scan_error_t *error);
    /* may be NULL; an answer of zeros is there already */
    void     (*known)(void *ctx, const mdr_ask_t *ask, mdr_answer_t *answer);
    /* of an item that a rule has hit, where a rule of its slot is for some
     * accounts only; may be NULL, an answer of zeros is there already */
    void     (*account)(void *ctx, mdr_str_t account_id,
                 mdr_account_t *account);
    /* may be NULL */
    void     (*found)(void *ctx, const mdr_page_found_t *found);
    uint32_t   page;                    /* mdr_policy_page()                 */
    uint32_t   absent;                  /* what was missing the last time    */
    /* who asks puts the response into a page that is open (htmx, Turbo,
     * fetch()): one without doctype, html, head and body is a part of a page,
     * not a page; it need not have what a page must have */
    uint8_t    part;
    /* a mode a slot, weaker than that of the location where it is; or NULL.
     * MDR_MODE_OFF is as SHADOW: what is out stays out */
    const uint8_t *slot_modes;
    /* 0 everywhere or one that holds: jurisdiction as "CN-GD/Shenzhen" */
    mdr_str_t  jurisdiction;            /* of the reader; empty: unknown     */
    mdr_str_t  site;                    /* of the site                       */

    uint8_t    type;                    /* MDR_TYPE_AUTO: sniff              */
    uint8_t    mode;                    /* of the location                   */
    uint8_t    on_error_block;
    uint8_t    tags;                    /* MDR_TAGS_*: what a tag says       */
    uint8_t    all_fields;              /* extract fields that no rule reads */
    uint8_t    record;                  /* likewise, of items that are read  */
    uint8_t    ask_all;                 /* `known` waits for every field     */
    uint8_t    all_items;               /* report clean items, too           */
    size_t     max_slot;                /* 0: 64k                            */
    int64_t    now;                     /* seconds since 1970                */
    uint32_t   flags;                   /* MDR_SCAN_*                        */
    const char *charset;                /* WHATWG label; NULL: sniff         */
    const uint8_t *rule_modes;          /* a cap a rule (MDR_MODE_*), with
                                           MDR_RULE_NO_REGEX or without; or
                                           NULL                              */
    mdr_limits_t limits;
    const mdr_alloc_t *alloc;
} mdr_scan_conf_t;

/* the first rule of a policy that one of n texts hits, whatever its slots and
 * fields; UINT32_MAX: none.  *limited: a text was not read to its end */
uint32_t mdr_policy_find(const mdr_policy_t *policy, mdr_work_t *work,
    const mdr_str_t *texts, uint32_t n, int *limited);
/* what it found, rule after rule; one that hits several texts may come again.
 * *at begins at 0; UINT32_MAX: no more */
uint32_t mdr_policy_find_next(const mdr_work_t *work, size_t *at);

typedef struct {
    uint64_t  texts, bytes;             /* that were read                    */
    uint64_t  steps, worst_steps;       /* of the matcher; those a character
                                           of the text that took most        */
    uint64_t  limited;                  /* that spent their budget           */
} mdr_cost_t;

/* what the matcher does for n texts, each alone, as every field of every slot;
 * what is no UTF-8 is left out.  MDR_OK or MDR_ERROR */
int mdr_policy_cost(const mdr_policy_t *policy, mdr_work_t *work,
    const mdr_str_t *texts, size_t n, mdr_cost_t *cost);

typedef struct mdr_scan_s  mdr_scan_t;

/* is it a label of a charset that can be read? (in any case, white space around
 * it; WHATWG encoding) */
int mdr_charset_known(const char *label, size_t len);

/* NULL: no memory. policy and work must outlive the scan; conf is copied */
mdr_scan_t *mdr_scan_new(const mdr_policy_t *policy, mdr_work_t *work,
    const mdr_scan_conf_t *conf);
/* MDR_OK, MDR_CUT (see on_error_block), MDR_ERROR (output failed or no
 * memory; bytes not yet handed out are handed out by mdr_scan_finish) */
int mdr_scan_feed(mdr_scan_t *scan, const uint8_t *data, size_t len);
/* the sender will wait now: what waits only to learn charset or type is read
 * as far as it says what it is; results as of mdr_scan_feed */
int mdr_scan_flush(mdr_scan_t *scan);
/* the end of the body; everything leaves */
int mdr_scan_finish(mdr_scan_t *scan);
/* the body was aborted: settled bytes have left, the rest is dropped */
void mdr_scan_free(mdr_scan_t *scan);

typedef struct {
    uint64_t  bytes_in, bytes_out, text_bytes;
    uint64_t  items, hits, removed, masked, tagged, held, over_limit, errors;
    uint64_t  survivors, candidates;    /* of the n-gram filter              */
    uint64_t  steps;                    /* of the matcher                    */
    uint64_t  worst_steps;              /* those a character, of one text    */
    uint64_t  limited;                  /* items with a text at its limit    */
    uint64_t  known;                    /* items that were seen before       */
    uint64_t  resets;                   /* of what the worker had learned of
                                           markup: no room for more          */
    uint64_t  held_max;                 /* most bytes held at once           */
    uint8_t   suggestion, action;       /* strongest of the body             */
    uint8_t   edited;                   /* bytes out differ from bytes in    */
} mdr_scan_stats_t;

void mdr_scan_stats(const mdr_scan_t *scan, mdr_scan_stats_t *stats);
/* the steps among them */
uint64_t mdr_scan_steps(const mdr_scan_t *scan);
/* has the page allowed scripts by their hashes, in a meta, so far? */
int mdr_scan_has_hashes(const mdr_scan_t *scan);
/* behind mdr_scan_finish; MDR_ERROR: it was no page */
int mdr_scan_page(const mdr_scan_t *scan, mdr_page_seen_t *seen);
/* items of a slot so far */
uint64_t mdr_scan_slot_items(const mdr_scan_t *scan, uint32_t slot);

#endif
