/*
 * model.h - a policy as data: what the YAML says, checked and resolved.
 *
 * The loader fills it, the compiler turns it into an image, the image is read
 * back into the same structs (without terms and tests, which live in the
 * lexicon or are needed by `check` only).  All memory is the model's arena.
 */

#ifndef MDR_MODEL_H
#define MDR_MODEL_H

#include "mem.h"

/* folds: docs/rules.md */

/* a row a fold: its name in a policy, and in words for people.  A row more is a
 * new bit at the end; what the fold does stands in text/fold.c, a sample of what
 * it sees through in check/disguise.c, and nothing else has to know */

#define MDR_FOLD_TABLE(FOLD)                                                  \
    FOLD(WIDTH, "width", "width", "全角半角")                                 \
    FOLD(CASE, "case", "case", "大小写")                                      \
    FOLD(HANT, "hant", "traditional characters", "繁体字")                    \
    FOLD(GLOSS, "gloss", "glosses", "括号里的注音")                           \
    FOLD(DIGITS, "digits", "digits", "数字写法")                              \
    FOLD(INVISIBLE, "invisible", "invisible characters", "看不见的字符")      \
    FOLD(CONFUSABLE, "confusable", "look-alikes", "形近字")                   \
    FOLD(REPEAT, "repeat", "repeats", "叠字")                                 \
    FOLD(LEET, "leet", "leet", "字母数字替换")                                \
    FOLD(PINYIN, "pinyin", "pinyin", "拼音")                                  \
    FOLD(SPLIT, "split", "characters taken apart", "拆字")                    \
    FOLD(HOMOPHONE, "homophone", "homophones", "同音字")

#define MDR_FOLD_AT(id, name, en, zh)   MDR_FOLD_AT_##id,
#define MDR_FOLD_BIT(id, name, en, zh)  MDR_FOLD_##id = 1 << MDR_FOLD_AT_##id,

enum { MDR_FOLD_TABLE(MDR_FOLD_AT) MDR_FOLDS };     /* numbers of bits       */
enum { MDR_FOLD_TABLE(MDR_FOLD_BIT) };              /* MDR_FOLD_WIDTH ...    */

extern const char *const  mdr_fold_names[MDR_FOLDS];
extern const char *const  mdr_fold_words[2][MDR_FOLDS]; /* English, Chinese  */

/* a regex is written for what is read, not for what sounds or looks so */
#define MDR_FOLD_TERMS       (MDR_FOLD_SPLIT|MDR_FOLD_HOMOPHONE)

#define MDR_FOLD_DEFAULT     0x007fu

/* classes of gap marks */

#define MDR_GAP_SPACE   1u
#define MDR_GAP_PUNCT   2u
#define MDR_GAP_SYMBOL  4u
#define MDR_GAP_EMOJI   8u
#define MDR_GAP_BLOCK   16u             /* boundaries of blocks, text.h     */
#define MDR_GAPS        5

enum { MDR_BOUNDARY_AUTO, MDR_BOUNDARY_NONE, MDR_BOUNDARY_WORD,
       MDR_BOUNDARY_WHOLE };

/* how the terms of a rule are compared */
typedef struct {
    uint32_t  folds;
    uint8_t   gap_max;
    uint8_t   gap_of;
    uint8_t   boundary;
} mdr_profile_t;

enum { MDR_AS_TEXT, MDR_AS_HTML, MDR_AS_JSON, MDR_AS_URL };

enum { MDR_JOIN_AUTO,           /* as the path says: mdr_path_pieces        */
       MDR_JOIN_PIECES, MDR_JOIN_VALUES };

enum { MDR_WITHIN_NOTHING, MDR_WITHIN_JSON, MDR_WITHIN_HTML,
       MDR_WITHIN_SCRIPT };

enum { MDR_REVIEW_ON_MATCH, MDR_REVIEW_NEVER, MDR_REVIEW_REQUIRED };

/* what of a value does not count in a fingerprint */

#define MDR_NORMAL_DIGITS   1u
#define MDR_NORMAL_SPACE    2u
#define MDR_NORMAL_MARKS    4u

enum { MDR_DEFAULT_NONE, MDR_DEFAULT_BLOCK, MDR_DEFAULT_PASS };

typedef struct {                /* review: of a slot, docs/review.md        */
    uint8_t     given;          /* the long form                            */
    uint32_t    nfields;        /* of the fingerprint                       */
    uint32_t   *fields;         /* indices of fields                        */
    uint32_t   *normal;         /* [nfields] MDR_NORMAL_*                   */
    uint32_t    ndrop;          /* parameters of URLs that do not count     */
    mdr_str_t  *drop;
    uint32_t    nhosts;         /* hosts of URLs that are one               */
    mdr_str_t  *hosts, *host_names;
    int32_t     cover, session; /* fields, or -1                            */
    uint8_t     cover_content;  /* its bytes are compared, not its URL      */
    uint8_t     default_do, people, rollout, stable;
    uint8_t     first_screen;   /* limited accounts are not shown here      */
    uint32_t    cover_s, ttl_s, target_s, default_s;
    uint32_t    floor, flap_max, flap_s;
    uint32_t    nscope;
    mdr_str_t  *scope;          /* names of slots; never empty              */
    mdr_str_t   queue, audience;
} mdr_review_t;

typedef struct {                /* where something stands in the sources    */
    uint32_t  file;             /* index into mdr_model_t.files             */
    uint32_t  line, column;
} mdr_pos_t;

typedef struct {                /* one place a field is read from           */
    mdr_str_t  selector;        /* CSS or JSON path; empty: the item itself */
    mdr_str_t  attr;            /* attribute; empty: text                   */
    mdr_str_t  path;            /* JSON path inside the value, or empty     */
    uint8_t    as;
} mdr_source_t;

typedef struct {
    mdr_str_t      name;
    uint8_t        all;         /* every source counts, not the first       */
    uint8_t        every;       /* and every match of each                  */
    uint8_t        join;        /* several nodes are MDR_JOIN_*             */
    mdr_str_t      pick;        /* PCRE2: group 1 of it is the value        */
    uint32_t       nsources;
    mdr_source_t  *sources;
} mdr_field_t;

enum { MDR_TEMPLATES_SHOWN, MDR_TEMPLATES_ALL, MDR_TEMPLATES_NONE };

typedef struct {
    mdr_str_t     name;
    uint8_t       type;         /* MDR_TYPE_*; of XML: HTML, and xml        */
    uint8_t       xml;
    uint8_t       templates;    /* MDR_TEMPLATES_*: that html looks into    */
    uint8_t       review;
    mdr_str_t     match;        /* CSS (html) or JSON path                  */
    mdr_str_t     script;       /* type script: variable or selector        */
    mdr_str_t     count;        /* JSON path or empty                       */
    mdr_str_t     refs;         /* JSON path or empty                       */
    uint8_t       within;       /* MDR_WITHIN_*: its documents stand inside
                                   a value                                  */
    mdr_str_t     outer;        /* of that: path, selector, variable        */
    mdr_str_t     outer_attr;   /* attribute, lower case; empty: the text   */
    uint32_t      group;        /* 0: in the body; slots with the same
                                   outer have the same                      */
    uint32_t      limit;        /* 0: none                                  */
    uint32_t      nfields;
    mdr_field_t  *fields;
    int32_t       item_id;      /* field index or -1                        */
    int32_t       account_id;
    int32_t       place;        /* of the account: field index or -1        */
    mdr_review_t  second;       /* second review                            */
    mdr_pos_t     pos;
} mdr_slot_t;

/* conditions: postfix */

enum { MDR_COND_GROUP,          /* push: group a has a hit                  */
       MDR_COND_AND, MDR_COND_OR, MDR_COND_NOT,
       MDR_COND_NEAR,           /* push: hits of a and b at most n apart    */
       MDR_COND_COUNT,          /* push: count(a) OP n                      */
       MDR_COND_SCORE,          /* push: score OP n                         */
       MDR_COND_LENGTH,         /* push: length of the texts OP n           */
       MDR_COND_OF,             /* of the last a, at least n hold           */
       MDR_COND_HIDDEN };       /* push: per cent of the texts that no
                                   reader sees OP n                         */

enum { MDR_OP_GE, MDR_OP_GT, MDR_OP_LE, MDR_OP_LT, MDR_OP_EQ };

/* where a term of a weighted list has to stand in the text, marks aside */

#define MDR_PLACE_BEGIN  1u
#define MDR_PLACE_END    2u

typedef struct {
    mdr_str_t   text;           /* UTF-8, NFC not assumed                   */
    mdr_pos_t   pos;
    int32_t     weight;         /* of a weighted group: its part of a score */
    uint8_t     place;          /* MDR_PLACE_*, or 0                        */
    uint8_t     weighed;        /* the list says a weight                   */
} mdr_term_t;

typedef struct {
    uint8_t   op;
    uint8_t   cmp;
    uint16_t  a, b;
    int32_t   n;
} mdr_cond_t;

/*
 * A group adds its weight to the score of its rule once, where it has a hit.
 * A weighted one adds what each of its terms and regexes weighs, so that all
 * hits count, those too that overlap; a group with a condition has no terms
 * and adds its weight where the condition holds.
 */
typedef struct {
    mdr_str_t    name;          /* "terms" for the short form               */
    int32_t      weight;
    uint8_t      weighted;      /* terms count one by one                   */
    uint8_t      each;          /* every occurrence, not every term once    */
    uint32_t     per;           /* the sum is for so many characters; 0: it
                                   is for the text                          */
    uint32_t     nconds;
    mdr_cond_t  *conds;         /* "when" of a group                        */
    uint64_t     nterms;
    mdr_term_t  *terms;         /* inline and list terms; NULL from image   */
    uint32_t     nregexes;
    mdr_str_t   *regexes;       /* PCRE2 source                             */
    mdr_pos_t   *regex_pos;
} mdr_group_t;

#define MDR_PER_MAX     1000
#define MDR_COND_STACK  64

typedef struct {                /* match.except: an entry is a group        */
    mdr_group_t  group;
    mdr_str_t    why;
} mdr_except_t;

enum { MDR_TEST_HIT, MDR_TEST_PASS, MDR_TEST_TODO_HIT, MDR_TEST_TODO_PASS };

typedef struct {
    uint8_t     kind;
    mdr_str_t   text;           /* inline text; empty where page is given   */
    mdr_str_t   page;           /* path of a body, relative to the file     */
    mdr_str_t   slot, field;
    mdr_account_t  account;     /* whose the items are; known: it is said   */
    uint32_t    nspans;
    mdr_str_t  *spans;
    mdr_pos_t   pos;
} mdr_test_t;

typedef struct {
    mdr_str_t      id, title_zh, title_en, owner, label, sub_label,
                   basis_kind, basis_ref, notice_zh, notice_en;
    uint32_t       rev;
    uint8_t        status, mode, suggestion, action, risk_level;
    uint8_t        rollout;             /* 0..100                           */
    uint8_t        mode_given;          /* the rule itself says its mode    */
    int32_t        expires_day;         /* INT32_MAX: none                  */
    double         brake_max_ratio;     /* 0: none                          */
    uint32_t       brake_min_hits, brake_window_s;
    double         max_rate;            /* 0: none                          */
    double         precision;           /* it was measured at; 0: not       */
    uint32_t       nslots;              /* 0: every slot                    */
    uint32_t      *slots;
    uint8_t        law;                 /* MDR_LAW_*                        */
    uint32_t       njurisdictions;
    mdr_str_t     *jurisdictions;
    uint8_t        accounts;            /* 1 << MDL_ACCOUNT_*; 0: any       */
    uint8_t        credit_given, credit_op;             /* MDR_OP_*         */
    uint8_t        credit;              /* 0..100                           */
    uint8_t        alone;               /* they are all that match has: its
                                           one group has no terms           */
    uint32_t       nfields;             /* match.in; never 0                */
    mdr_str_t     *fields;
    uint32_t       ngroups;
    mdr_group_t   *groups;
    uint32_t       nconds;              /* 0: any group                     */
    mdr_cond_t    *conds;
    uint32_t       nexcepts;
    mdr_except_t  *excepts;
    mdr_profile_t  profile;
    uint32_t       ntests;
    mdr_test_t    *tests;
    mdr_pos_t      pos;
} mdr_rule_t;

/* keys of a rule that hold one value: rule_keys.c */

enum {
    MDR_KEY_STRING,             /* mdr_str_t                                */
    MDR_KEY_NAME,               /* the same, letters of a name, max of them */
    MDR_KEY_TEXTS,              /* two of them, zh and en                   */
    MDR_KEY_WORD,               /* uint8_t, of words[0..max]                */
    MDR_KEY_U8, MDR_KEY_U32,    /* min..max                                 */
    MDR_KEY_DAY,                /* int32_t                                  */
    MDR_KEY_REAL                /* double, min..max                         */
};

typedef struct {
    const char         *name;
    uint8_t             kind;
    uint16_t            at;             /* in mdr_rule_t                    */
    const char *const  *words;
    uint32_t            min, max;
    int32_t             initial;        /* where it is not given            */
    uint8_t             required;
    uint8_t             part;           /* of a key that is read by code of
                                           its own                          */
    uint8_t             quiet;          /* diff does not say it             */
} mdr_rule_key_t;

extern const mdr_rule_key_t  mdr_rule_keys[];
extern const size_t          mdr_nrule_keys;

/* pages: docs/pages.md */

enum { MDR_AT_BODY_END, MDR_AT_BODY_START, MDR_AT_HEAD_END, MDR_AT_HEAD_START,
       MDR_AT_BEFORE, MDR_AT_AFTER };

typedef struct {                /* something that a page must have          */
    mdr_str_t   id;
    mdr_str_t   selector;       /* CSS, or empty:                           */
    mdr_str_t   member;         /* JSON path                                */
    mdr_str_t   insert;         /* where it is missing; or empty            */
    uint8_t     at;             /* MDR_AT_*                                 */
    uint8_t     any;            /* it counts where it cannot be seen, too   */
    mdr_str_t   place;          /* of before and after: CSS                 */
    mdr_pos_t   pos;
} mdr_require_t;

#define MDR_REQUIRES_MAX  32    /* of a page                                */

/* what a link leads to, a bit each of guard.kinds */
enum { MDR_LINK_A, MDR_LINK_SCRIPT, MDR_LINK_FRAME, MDR_LINK_REFRESH,
       MDR_LINK_BASE, MDR_LINK_STYLE, MDR_LINK_FORM, MDR_LINKS };

enum { MDR_FRONT_ANY, MDR_FRONT_RECORD, MDR_FRONT_BLOCK };

typedef struct {                /* what it must not have                    */
    mdr_str_t   title, title_not;           /* PCRE2, or empty              */
    mdr_str_t   description, description_not;
    uint8_t     front;          /* MDR_FRONT_*: before <!doctype or <html   */
    uint8_t     block;          /* action                                   */
    uint8_t     spiders;        /* they are told the same title             */
    uint32_t    hidden_links;   /* so many in a block that is hidden, or 0  */
    uint32_t    kinds;          /* 1 << MDR_LINK_*                          */
    uint32_t    nhosts;         /* 0: any                                   */
    mdr_str_t  *hosts;          /* lower case, "*.example.cn" too           */
} mdr_guard_t;

#define MDR_PAGE_FOUND  32

typedef struct {                /* a body, and what is found in it           */
    mdr_str_t   body;           /* or, empty:                                */
    mdr_str_t   page;           /* a file                                    */
    uint32_t    nfound;
    mdr_str_t  *found;          /* "title", "missing:ID"                     */
    mdr_pos_t   pos;
} mdr_page_test_t;

typedef struct {
    mdr_str_t       name;
    uint8_t         mode;
    uint32_t        nhosts, npaths, nstatuses;
    mdr_str_t      *hosts;      /* none: any                                */
    mdr_str_t      *paths;      /* none: any; a prefix with "*" behind it   */
    uint32_t       *statuses;   /* none: 200                                */
    uint32_t        nrequires;
    mdr_require_t  *requires;
    mdr_guard_t     guard;
    uint32_t        ntests;     /* not in the image                          */
    mdr_page_test_t *tests;
    mdr_pos_t       pos;
} mdr_page_t;

typedef struct {                /* what a page calls a place             */
    mdr_str_t  name, code;
} mdr_named_place_t;

typedef struct {                /* load_setting.c; not in the image      */
    mdr_str_t  path, value;
} mdr_setting_t;

typedef struct {
    mdr_arena_t   *arena;
    mdr_str_t      name;
    uint8_t        strict;
    uint32_t       nplaces;
    mdr_named_place_t   *places;
    char           hash[33];            /* of the sources and lists         */
    uint32_t       nfiles;
    mdr_str_t     *files;
    uint32_t       nslots;
    mdr_slot_t    *slots;
    uint32_t       ngroups;             /* of slots                         */
    uint32_t       nrules;
    mdr_rule_t    *rules;
    uint32_t       npages;
    mdr_page_t    *pages;
    uint32_t       nsettings;           /* by path                          */
    mdr_setting_t *settings;
} mdr_model_t;

/* load.c: YAML to model.  MDR_ERROR: diags has at least one error */
int mdr_load(const char *path, const mdr_load_conf_t *conf,
    mdr_diags_t *diags, mdr_model_t **model);
void mdr_model_free(mdr_model_t *m);
/* "bursts: default: ratio"; NULL: not said, or this came out of an image */
const mdr_setting_t *mdr_model_setting(const mdr_model_t *m,
    const char *path);

/* is the slot among those of the rule; a rule that names none has all */
int mdr_rule_has_slot(const mdr_rule_t *r, uint32_t slot);

/* model.c: the part of a model that an image carries */
int mdr_model_encode(const mdr_model_t *m, mdr_buf_t *out);
/* NULL: damaged (or no memory); every length is checked */
mdr_model_t *mdr_model_decode(const uint8_t *p, size_t n,
    const mdr_alloc_t *alloc);

/* diag.c */
#if defined(__GNUC__)
__attribute__((format(printf, 7, 8)))
#endif
int mdr_diags_add(mdr_diags_t *d, int severity, const char *code,
    const char *file, uint32_t line, uint32_t column, const char *fmt, ...);
/* messages from the n-th on, by file and place */
void mdr_diags_sort(mdr_diags_t *d, size_t n);
/* what an image of a policy begins with (policy.c) */
#define MDR_IMAGE_MAGIC  0x5052444du    /* "MDRP"                            */

#endif
