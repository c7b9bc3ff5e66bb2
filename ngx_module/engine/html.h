/*
 * html.h - the inside of the HTML scanner.
 *
 *   html_scan.c  tokenizer: where a tag, a comment, raw text begins and ends
 *   html_tree.c  open elements: which tag closes what
 *   html_item.c  items and fields: selectors against the open elements
 *   html_ref.c   character references
 *   selector.c   selectors: syntax; selector_match.c: one tag against one
 */

#ifndef MDR_HTML_H
#define MDR_HTML_H

#include "sink.h"

#include <string.h>

/* names: up to 8 bytes are packed (first byte lowest), longer ones hashed
 * with the top bit set; ASCII lower case */
typedef uint64_t  mdr_name_t;

#define MDR_ATTRS  256

typedef struct {
    const uint8_t  *name, *value;
    uint32_t        name_len, value_len;
} mdr_attr_t;

typedef struct {                        /* a start tag as it was read       */
    mdr_name_t      name;
    uint8_t         id;                 /* known tag or 0                   */
    uint8_t         self_closing, end;
    uint8_t         parsed;             /* attributes are there             */
    const uint8_t  *p;                  /* "<"                              */
    size_t          len;                /* "<" to ">"                       */
    uint32_t        name_len;
    uint64_t        start, stop;        /* absolute                         */
    uint32_t        nattrs;
    mdr_attr_t      attrs[MDR_ATTRS];
    uint32_t        child, of_child;    /* nth: 1.. among element children  */
} mdr_tag_t;


/* selectors */

enum { MDR_SEL_EXISTS, MDR_SEL_EQUALS, MDR_SEL_WORD, MDR_SEL_DASH,
       MDR_SEL_PREFIX, MDR_SEL_SUFFIX, MDR_SEL_PART, MDR_SEL_CLASS,
       MDR_SEL_NTH, MDR_SEL_NOT };

typedef struct mdr_compound_s  mdr_compound_t;

typedef struct {                        /* one simple selector              */
    uint8_t          kind;
    uint8_t          fold;              /* [a=v i]                          */
    mdr_name_t       key;
    mdr_str_t        name;              /* attribute, lower case            */
    mdr_str_t        value;
    int32_t          a, b;              /* nth-child(an+b)                  */
    mdr_compound_t  *no;                /* :not(): none of these            */
    uint32_t         nno;
} mdr_simple_t;

struct mdr_compound_s {
    mdr_name_t     name;                /* 0: any                           */
    uint8_t        child;               /* ">" before it                    */
    uint32_t       n;
    mdr_simple_t  *simples;
    uint32_t       bit;                 /* not for the last one             */
};

typedef struct {                        /* a b > c                          */
    uint32_t         n;
    mdr_compound_t  *compounds;
} mdr_complex_t;

typedef struct {                        /* comma list                       */
    uint32_t        n;
    mdr_complex_t  *list;
    uint8_t         nth;                /* needs child numbers              */
} mdr_selector_t;

/* selector.c: NULL and *err, or in arena */
mdr_selector_t *mdr_selector_parse(mdr_str_t s, mdr_arena_t *arena,
    mdr_syntax_t *err);
/* selector_match.c: the first attribute of that name (lower case), or NULL */
const mdr_attr_t *mdr_html_attr(const mdr_tag_t *tag, mdr_str_t name);
int mdr_compound_match(const mdr_compound_t *c, const mdr_tag_t *tag);


/* references: how many code points (1 or 2), 0: no reference, -1: more bytes
 * are needed to tell.  p[0] is "&"; *len is its length */
int mdr_html_ref(const uint8_t *p, size_t n, int last, int attr,
    uint32_t cps[2], size_t *len);

extern const uint32_t  mdr_html_ref_count;
extern const char      mdr_html_ref_names[];
extern const uint16_t  mdr_html_ref_at[];
extern const uint32_t  mdr_html_ref_cps[][2];

/* text with references, [p, p + n) at src, appended to t; attr: the rules of
 * attribute values.  Returns bytes taken: less than n where a reference at
 * the end is cut and last is 0 */
size_t mdr_html_add_text(mdr_text_t *t, uint64_t src, const uint8_t *p,
    size_t n, int last, int attr, int *rc);


/* compiled rules */

typedef struct {
    uint32_t         slot, place;
    mdr_selector_t  *selector;          /* NULL: the item itself            */
    mdr_str_t        attr;
} mdr_html_place_t;

typedef struct {
    uint32_t           slot;
    mdr_selector_t    *match;           /* or of the script element         */
    uint32_t           nplaces;
    mdr_html_place_t  *places;
} mdr_html_slot_t;

#define MDR_TAGS  160                   /* known tags: ids 1 ..             */

struct mdr_html_rules_s {
    const mdr_model_t  *model;
    uint32_t            nslots;         /* html slots                       */
    mdr_html_slot_t    *slots;
    uint32_t            nscripts;
    mdr_html_slot_t    *scripts;        /* match NULL: by variable name     */
    uint32_t            words;          /* of compound bits an element      */
    uint8_t             nth;            /* child numbers are needed         */
    uint8_t             any_item, any_field;
    uint8_t             other_item, other_field;    /* tags without an id   */
    uint8_t             item_tag[MDR_TAGS];
    uint8_t             field_tag[MDR_TAGS];
    uint8_t             inner_any, inner_other;     /* not last compounds   */
    uint8_t             inner_tag[MDR_TAGS];
    uint32_t            ninner;
    mdr_compound_t    **inner;          /* [bit]                            */
    uint16_t            tags[512];      /* hash of names to ids             */
    mdr_name_t          tag_names[512];
};

uint8_t mdr_html_tag_id(const mdr_html_rules_t *r, mdr_name_t name);
mdr_name_t mdr_html_name(const uint8_t *p, size_t n);

/* the same where avail bytes may be read at p: eight at a time */
static inline mdr_name_t
mdr_html_name_in(const uint8_t *p, size_t n, size_t avail)
{
    uint64_t  v, up;

    if (n > 8 || n == 0 || avail < 8) {
        return mdr_html_name(p, n);
    }

    memcpy(&v, p, 8);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    v &= ~(uint64_t) 0 >> (64 - 8 * n);

    /* bytes in A..Z: bit 7 of `up` where so; bytes above 0x7f are none */

    up = ((v & 0x7f7f7f7f7f7f7f7fULL) + 0x3f3f3f3f3f3f3f3fULL)
         & ~((v & 0x7f7f7f7f7f7f7f7fULL) + 0x2525252525252525ULL)
         & ~v & 0x8080808080808080ULL;
    v |= up >> 2;

    return v & ~((uint64_t) (n == 8) << 63);
}


/* open elements */

#define MDR_HTML_DEPTH  512

enum { MDR_NS_HTML, MDR_NS_SVG, MDR_NS_MATH };

typedef struct {
    mdr_name_t  name;
    uint64_t    serial;
    uint32_t    children;
    uint8_t     id, ns, flags;
    uint8_t     clone;                  /* no start tag of its own          */
    uint8_t     items, collects;        /* something ends with it           */
    uint8_t     quiet;                  /* rt, rp                           */
} mdr_open_t;

typedef struct {
    uint32_t    item;                   /* of the sink                      */
    uint64_t    serial;                 /* of its element                   */
    uint32_t    slot;                   /* index in rules->slots            */
    uint64_t    found;                  /* places, one bit each (first 64)  */
    uint8_t     done;
} mdr_live_t;

typedef struct {
    mdr_text_t  *text;
    uint32_t     item, place;
    uint64_t     serial;
    uint32_t     quiet;
} mdr_collect_t;

typedef struct {                        /* active formatting element        */
    mdr_name_t  name;                   /* 0: marker                        */
    uint64_t    serial;                 /* of the open element, or gone     */
    uint64_t    hash;                   /* of the tag                       */
    uint8_t     id;
} mdr_format_t;

#define MDR_FORMATS   64
#define MDR_LIVE      64
#define MDR_COLLECTS  256

struct mdr_html_s {
    const mdr_html_rules_t  *rules;
    mdr_sink_t              *sink;
    const mdr_alloc_t       *alloc;

    /* tokenizer */
    uint8_t          state, script_state, quirks, seen_any, token;
    size_t           looked;            /* bytes of the rest known to hold
                                           no end of the token              */
    uint8_t          tag_state, rest_state;
    mdr_name_t       raw_name;          /* whose end tag ends raw text      */
    uint32_t         raw_len;
    mdr_script_t    *script;
    mdr_tag_t        tag;

    /* tree */
    mdr_open_t       open[MDR_HTML_DEPTH];
    uint64_t        *bits;              /* [MDR_HTML_DEPTH * words]         */
    uint32_t         n;
    uint64_t         too_deep;          /* elements not tracked             */
    uint64_t         serial;
    uint64_t         form;              /* serial of the form, 0            */
    uint32_t         paragraphs, selects;   /* open ones                    */
    uint32_t         templates;
    uint32_t         quiet;
    uint8_t          have_html, have_head, have_body, said_deep;
    mdr_format_t     formats[MDR_FORMATS];
    uint32_t         nformats;

    /* items */
    mdr_live_t       live[MDR_LIVE];
    uint32_t         nlive;
    mdr_collect_t    collects[MDR_COLLECTS];
    uint32_t         ncollects;
};

enum { MDR_RAW_NONE, MDR_RAW_TEXT, MDR_RAW_RCDATA, MDR_RAW_SCRIPT,
       MDR_RAW_PLAIN };

/* html_tree.c */
/* a start tag: opens and closes elements; what kind of text follows */
int mdr_html_start(mdr_html_t *h);
void mdr_html_end(mdr_html_t *h);
/* text that is more than white space came */
void mdr_html_text_seen(mdr_html_t *h);
void mdr_html_eof(mdr_html_t *h, uint64_t at);
int mdr_html_in_foreign(const mdr_html_t *h);

/* html_item.c */
void mdr_html_opened(mdr_html_t *h, mdr_open_t *e, int is_void);
void mdr_html_closed(mdr_html_t *h, mdr_open_t *e, uint64_t end,
    uint64_t seen);
int mdr_html_script_match(mdr_html_t *h, uint8_t *by_selector);
/* attributes of h->tag, once */
void mdr_html_attrs(mdr_html_t *h);

#endif
