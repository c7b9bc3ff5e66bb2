/*
 * html.h - the inside of the HTML scanner.
 *
 *   html_scan.c     tokenizer: tags, comments, declarations, text
 *   html_fast.c     the common run: text, tags seen before, plain end tags;
 *                   html_seen.h: items seen before
 *   html_learn.c    learned markup: html_learn.h
 *   html_note.c     a unit of it is recorded
 *   html_unit.c     what a known unit of it does
 *   html_raw.c      raw text, and what fields collect
 *   html_tag.c      one tag: its name, its attributes, its end
 *   html_doctype.c  quirks mode
 *   html_modes.c    which tag opens and closes what: see html_modes.h
 *   html_tree.c     open elements and scopes
 *   html_format.c   formatting elements, adoption agency
 *   html_rules.c    the selectors of a policy, compiled
 *   html_item.c     items and fields: selectors against the open elements
 *   html_cost.c     what the texts of items inside one another may cost
 *   html_template.c templates that are put on the page, and those that are not
 *   html_xml.c      tags of XML
 *   html_shown.c    blocks, hidden text, direction: what a browser shows
 *   html_unseen.c   does a tag hide what is in it?  html_css.c: its style
 *   html_ref.c      character references
 *   selector.c      selectors: syntax; selector_match.c: a tag against one
 */

#ifndef MDR_HTML_H
#define MDR_HTML_H

#include "markup/markup.h"
#include "sink.h"

/* names: up to 8 bytes are packed (first byte lowest), longer ones hashed
 * with the top bit set; ASCII lower case */
typedef uint64_t  mdr_name_t;

#define MDR_NAME_LONG  ((mdr_name_t) 1 << 63)

#define MDR_ATTRS  256

typedef struct {                        /* offsets from the "<" of the tag  */
    uint32_t    name, name_end;
    uint32_t    value, value_end;       /* equal: none or empty             */
    mdr_name_t  key;
} mdr_attr_t;

typedef struct mdr_memo_s  mdr_memo_t;
typedef struct mdr_open_s  mdr_open_t;

typedef struct {                        /* a tag as it was read             */
    const uint8_t  *p;                  /* "<"                              */
    mdr_memo_t        *memo;            /* what is known of its bytes, or
                                           NULL (html_fast.c)               */
    mdr_name_t      name;
    uint32_t        name_len;           /* "image" counts as "img"          */
    uint32_t        len;                /* "<" to ">"                       */
    uint64_t        start, stop;        /* absolute                         */
    uint8_t         id;                 /* known tag or 0                   */
    uint8_t         end, self_closing;
    uint8_t         cut;                /* 1: there is more of it than was
                                           read: what it does not have, it may
                                           have all the same                */
    uint32_t        child;              /* nth: 1.. among element children  */
    uint32_t        next;               /* attributes from here on have not
                                           been looked at                   */
    uint32_t        nattrs;             /* before it                        */
    mdr_attr_t      attrs[MDR_ATTRS];
    mdr_attr_t      other;              /* one behind these                 */
} mdr_tag_t;

/* html_tag.c */

mdr_name_t mdr_html_name(const uint8_t *p, size_t n);
/* the tag at p ("<", a letter or "/" and a letter behind it) into t; behind
 * its ">", or NULL: its end is not in [p, end).  Attributes are read when
 * they are asked for */
const uint8_t *mdr_html_tag(mdr_tag_t *t, const uint8_t *p,
    const uint8_t *end);
/* ASCII letters of a word in lower case */
static inline uint64_t
mdr_html_lower8(uint64_t v)
{
    uint64_t  low, up;

    low = v & 0x7f7f7f7f7f7f7f7fULL;
    up = (low + 0x3f3f3f3f3f3f3f3fULL) ^ (low + 0x2525252525252525ULL);
    up &= ~v & 0x8080808080808080ULL;

    return v | up >> 2;
}
/* all of them */
void mdr_html_attrs(mdr_tag_t *t);
/* looks for the ">" of a tag in pieces; *state 0 at the "<", [p, p + n) is
 * what has not been looked at; offset of ">", or n */
size_t mdr_html_tag_end(uint8_t *state, const uint8_t *p, size_t n);
/* the first attribute of that name (lower case; key: packed), or NULL */
const mdr_attr_t *mdr_html_attr(mdr_tag_t *t, mdr_str_t name,
    mdr_name_t key);


/* selectors */

enum { MDR_SEL_EXISTS, MDR_SEL_EQUALS, MDR_SEL_WORD, MDR_SEL_DASH,
       MDR_SEL_PREFIX, MDR_SEL_SUFFIX, MDR_SEL_PART, MDR_SEL_CLASS,
       MDR_SEL_NTH, MDR_SEL_NOT };

typedef struct mdr_compound_s  mdr_compound_t;

typedef struct {                        /* one simple selector              */
    uint8_t          kind;
    uint8_t          fold;              /* [a=v i]                          */
    uint8_t          plain;             /* value: no reference begins in it */
    mdr_name_t       key;
    mdr_str_t        name;              /* attribute, lower case            */
    mdr_str_t        value;
    int32_t          a, b;              /* nth-child(an+b)                  */
    mdr_compound_t  *no;                /* :not(): none of these            */
    uint32_t         nno;
} mdr_simple_t;

struct mdr_compound_s {
    mdr_name_t     name;                /* 0: any                           */
    mdr_str_t      tag;                 /* lower case                       */
    uint8_t        child;               /* ">" before it                    */
    uint32_t       n;
    mdr_simple_t  *simples;
    uint32_t       bit;                 /* not for the last one             */
    uint8_t        what;                /* MDR_WANT_*                       */
    uint8_t        memo;                /* bit of mdr_memo_t, or MDR_NO_MEMO*/
};

#define MDR_NO_MEMO  255
#define MDR_MEMO_BITS  64

typedef struct {                        /* a b > c                          */
    uint32_t         n;
    mdr_compound_t  *compounds;
} mdr_complex_t;

typedef struct {                        /* comma list                       */
    uint32_t        n;
    mdr_complex_t  *list;
    uint8_t         nth;                /* needs child numbers              */
    uint8_t         single;             /* the bits of mdr_memo_t say all   */
    uint64_t        bits;
} mdr_selector_t;

/* selector.c: NULL and *err, or in arena */
mdr_selector_t *mdr_selector_parse(mdr_str_t s, mdr_arena_t *arena,
    mdr_syntax_t *err);
/* selector_match.c */
int mdr_compound_match(const mdr_compound_t *c, mdr_tag_t *tag);


/* references: how many code points (1 or 2), 0: no reference, -1: more bytes
 * are needed to tell.  p[0] is "&"; *len is its length */
int mdr_html_ref(const uint8_t *p, size_t n, int last, int attr,
    uint32_t cps[2], size_t *len);

extern const uint32_t  mdr_html_ref_count;
extern const char      mdr_html_ref_names[];
extern const uint16_t  mdr_html_ref_at[];
extern const uint32_t  mdr_html_ref_cps[][2];

enum { MDR_NUL_DROP,                    /* U+0000 is left out (in body)     */
       MDR_NUL_BAD };                   /* it is U+FFFD (attributes, raw)   */

/* text with references, [p, p + n) at src, appended to t; attr: the rules of
 * attribute values.  Returns bytes taken: less than n where a reference at
 * the end is cut and last is 0 */
size_t mdr_html_add_text(mdr_text_t *t, uint64_t src, const uint8_t *p,
    size_t n, int last, int attr, int nul, int *rc);
/* the same without references */
int mdr_html_add_raw(mdr_text_t *t, uint64_t src, const uint8_t *p,
    size_t n, int nul);


/* compiled rules (html_rules.c) */

/* more of a selector that is not of a slot: hooks->opened is told of what may
 * match it.  In arena; NULL: no memory */
mdr_selector_t *mdr_html_rules_selector(mdr_html_rules_t *r, mdr_str_t text,
    mdr_arena_t *arena);
/* in learned markup the values of attributes are literal of which s asks, but
 * for those of the simple selector `but`; or of which the name is given */
int mdr_html_rules_looked(mdr_html_rules_t *r, const mdr_selector_t *s,
    const mdr_simple_t *but, mdr_arena_t *arena);
int mdr_html_rules_attr(mdr_html_rules_t *r, const char *name,
    mdr_arena_t *arena);
/* a tag of that name is told to hooks->tag (before: 1) or ->opened */
void mdr_html_rules_tag(mdr_html_rules_t *r, const char *name, int before);
/* behind the last of them */
void mdr_html_rules_done(mdr_html_rules_t *r);

typedef struct {
    uint32_t         place;
    uint8_t          every;             /* match counts, not the first      */
    uint8_t          inside;            /* its value is read: a path, `as`   */
    mdr_name_t       tag;               /* the only one it can match, or 0  */
    mdr_selector_t  *selector;          /* NULL: the item itself            */
    mdr_name_t       attr_key;
    mdr_str_t        attr;              /* lower case                       */
} mdr_html_place_t;

typedef struct {
    uint32_t           slot;
    uint8_t            xml;             /* of XML, not of pages             */
    uint8_t            sees;            /* MDR_IN_*: looks in there, too    */
    mdr_selector_t    *match;           /* or of the script element         */
    mdr_name_t         tag;             /* the only one it can match, or 0  */
    uint32_t           nplaces;
    mdr_html_place_t  *places;
} mdr_html_slot_t;

typedef struct {                        /* a value that is a document       */
    uint32_t         group;
    mdr_selector_t  *match;
    mdr_name_t       attr_key;
    mdr_str_t        attr;              /* lower case; empty: its text      */
} mdr_html_nest_t;

#define MDR_TAGS  160                   /* known tags: ids 1 ..             */

/* what an element with a tag may be: its name alone decides whether any
 * selector has to be looked at */
#define MDR_WANT_ITEM   1u
#define MDR_WANT_FIELD  2u
#define MDR_WANT_STEP   4u              /* a compound that is not the last  */
#define MDR_WANT_HOOK   8u              /* hooks->opened                    */

/* what is told to who looks at the page as a whole (page/); of responses
 * without one nothing is */
typedef struct {
    /* h->tag, of rules->hooked or while h->hook_all is set, before it takes
     * effect */
    void  (*tag)(void *ctx, mdr_html_t *h);
    /* it has opened e (NULL: it is void), below [0, at); MDR_WANT_HOOK */
    void  (*opened)(void *ctx, mdr_html_t *h, mdr_open_t *e, uint32_t at);
    /* has it to be told of h->tag, whose element would hold nothing but text?
     * If not, it is passed by with that text */
    int   (*concerns)(void *ctx, mdr_html_t *h);
    /* any tag, while h->hook_looks is set */
    void  (*look)(void *ctx, mdr_html_t *h, mdr_open_t *e);
    /* what the value of an attribute of h->tag is in learned markup, from
     * *from on: MDR_HOLE_ATTR, or MDR_HOLE_LINK or _PART (with up to
     * MDR_HOLE_BACK bytes before it): its bytes are told to ->value, with how
     * many behind them may be read, which says whether the tag has to be read */
    uint8_t  (*hole)(void *ctx, const mdr_html_t *h, const mdr_attr_t *a,
        uint32_t *from);
    int   (*value)(void *ctx, uint8_t hole, const uint8_t *p, size_t n,
        size_t room);
    /* an element with MDR_OPEN_ITEMS_END has ended */
    void  (*closed)(void *ctx, mdr_html_t *h, uint64_t serial, uint64_t end);
    /* text before any tag */
    void  (*text)(void *ctx, mdr_html_t *h, uint64_t at);
    void  (*doctype)(void *ctx, mdr_html_t *h, uint64_t at);
    /* raw text, while h->hook_raw is set */
    void  (*raw)(void *ctx, mdr_html_t *h, const uint8_t *p, size_t n);
    void  (*end)(void *ctx, mdr_html_t *h, uint64_t at);
} mdr_html_hooks_t;

struct mdr_html_rules_s {
    const mdr_model_t  *model;
    uint32_t            nslots;         /* html slots                       */
    mdr_html_slot_t    *slots;
    uint32_t            nnests;
    mdr_html_nest_t    *nests;
    uint8_t             names;          /* slots within a script: variable  */
    uint32_t            nscripts;
    mdr_html_slot_t    *scripts;        /* match NULL: by variable name     */
    uint32_t            words;          /* of compound bits an element      */
    uint32_t            place_words;    /* of place bits an item            */
    uint8_t             nth;            /* child numbers are needed         */
    uint8_t             sees;           /* of all slots                     */
    uint8_t             hidden;         /* a rule asks for hidden text      */
    uint8_t             want[MDR_TAGS]; /* [0]: tags without an id          */
    uint8_t             want_always[MDR_TAGS];  /* by compounds without a
                                           bit in mdr_memo_t                */
    uint32_t            nsteps;
    mdr_compound_t    **steps;          /* [bit]                            */
    uint8_t             hooked[MDR_TAGS];   /* hooks->tag                    */
    uint32_t            nmemos;
    const mdr_compound_t  *memos[MDR_MEMO_BITS];
    uint8_t             tag_ids[512];   /* hash of names to ids             */
    mdr_name_t          tag_names[512];
    uint32_t            nlooked;
    mdr_name_t         *looked;         /* attributes whose values count     */
};

#define MDR_TAG_HASH(name)                                                   \
    ((uint32_t) (((name) * 0x9e3779b97f4a7c15ULL) >> 55))

/* id of a tag name; the table is made so that no name is looked for twice
 * (html_rules.c) */
static inline uint8_t
mdr_html_tag_id(const mdr_html_rules_t *r, mdr_name_t name)
{
    uint32_t  i;

    for (i = MDR_TAG_HASH(name); r->tag_ids[i] != 0; i = (i + 1) & 511) {
        if (r->tag_names[i] == name) {
            return r->tag_ids[i];
        }
    }

    return 0;
}


/* a tag that was seen before: html_fast.c */

#define MDR_MEMOS       128
#define MDR_MEMO_BYTES  64

struct mdr_memo_s {
    uint32_t    hash;
    uint8_t     len;                    /* 0: seen once, not kept           */
    uint8_t     id, name_len, self_closing;
    uint8_t     want;                   /* MDR_WANT_* of what matches it    */
    uint16_t    look;                   /* MDR_LOOK_*                       */
    uint8_t     unseen;                 /* mdr_html_unseen() + 1, 0: ask     */
    uint8_t     page;                   /* of page/; 0: ask                  */
    mdr_name_t  name;
    uint64_t    bits;                   /* compounds that match it          */
    uint8_t     bytes[MDR_MEMO_BYTES];
};


/* open elements */

#define MDR_HTML_DEPTH  512             /* tracked                          */
#define MDR_HTML_DEEP   4096            /* inside these: known by their tag */
#define MDR_NAMED       256
#define MDR_NAMED_AT(name)                                                   \
    ((uint32_t) (((name) * 0x9e3779b97f4a7c15ULL) >> 56))

enum { MDR_NS_HTML, MDR_NS_SVG, MDR_NS_MATH };

#define MDR_OPEN_ITEMS_END   0x01u      /* an item ends with it             */
#define MDR_OPEN_TEXT_END    0x02u      /* a text ends with it              */
#define MDR_OPEN_QUIET       0x04u      /* rt, rp                           */
#define MDR_OPEN_LISTED      0x08u      /* an active formatting element     */
#define MDR_OPEN_HTML_POINT  0x10u      /* HTML integration point           */
#define MDR_OPEN_MATH_POINT  0x20u      /* MathML text integration point    */
#define MDR_OPEN_STYLED      0x40u      /* h->style changes with it         */
#define MDR_OPEN_TURNED      0x80u      /* its direction is overridden      */

struct mdr_open_s {
    mdr_name_t  name;
    uint64_t    serial;
    uint32_t    flags;                  /* F_* of its tag (html_tags.h)     */
    uint32_t    children;
    uint8_t     id, ns;                 /* id 0 in foreign content          */
    uint8_t     plain;                  /* its end tag does no more than end
                                           it, while it is the innermost:
                                           length of the name, or 0         */
    uint8_t     marks;                  /* MDR_OPEN_*                       */
    uint8_t     style;                  /* h->style before it               */
};

typedef struct {
    uint32_t    item;                   /* of the sink                      */
    uint32_t    slot;                   /* index in rules->slots            */
    uint64_t    serial;                 /* of its element                   */
    uint32_t    left;                   /* places not found yet             */
    uint8_t     sees;                   /* of its slot                      */
    uint8_t     spent;                  /* its texts cost too much          */
    size_t      cost;                   /* of those that are complete       */
} mdr_live_t;

typedef struct {
    mdr_text_t  *text;
    uint32_t     item, place;
    uint64_t     serial;                /* of the element it ends with      */
    uint32_t     quiet;
    uint8_t      style;                 /* h->style where it began          */
    size_t       cost;                  /* memory of the text               */
} mdr_collect_t;

typedef struct {                        /* active formatting element        */
    mdr_name_t  name;                   /* 0: marker                        */
    uint64_t    serial;                 /* of the open element, or gone     */
    uint64_t    hash;                   /* of the attributes                */
    uint8_t     id;
    uint8_t     open;                   /* the element is on the stack      */
} mdr_format_t;

#define MDR_NO_SERIAL  UINT64_MAX

#define MDR_FORMATS   64
#define MDR_LIVE      256
#define MDR_COLLECTS  512

struct mdr_html_s {
    const mdr_html_rules_t  *rules;
    mdr_sink_t              *sink;
    const mdr_alloc_t       *alloc;

    /* tokenizer */
    uint8_t          state, script_state, token;
    uint8_t          tag_state, rest_state;
    uint8_t          doctype;           /* one may still come               */
    uint8_t          stop;              /* the response ends here           */
    uint8_t          xml;               /* MDR_XML, MDR_XHTML, or 0         */
    uint8_t          blank;             /* only white space and comments     */
    uint8_t          kept_mode, kept_frameset;  /* of the noscript          */
    uint8_t          skip_newline;      /* behind <pre>: 1, CR seen: 2      */
    size_t           looked;            /* bytes of the rest known to hold
                                           no end of the token              */
    size_t           token_max;         /* of a tag are read                */
    uint64_t         noscript;          /* serial of the one that is read, 0*/
    uint64_t         noscript_from;     /* before it its end tag is not     */
    uint64_t         kept_form;
    uint64_t         stop_at;           /* what is from here on is not read  */
    mdr_name_t       raw_name;          /* whose end tag ends raw text      */
    uint32_t         raw_len;
    uint8_t          runs;              /* the script is one that runs       */
    mdr_script_t    *script;
    mdr_tag_t        tag;

    /* tree */
    uint32_t         n;
    uint32_t         paragraphs;        /* p among the open elements        */
    uint32_t         head_children;     /* of the closed head               */
    uint64_t         too_deep;          /* elements not tracked             */
    uint64_t         serial;
    uint64_t         form;              /* serial of the form, 0            */
    uint32_t         templates;
    uint32_t         quiet;
    uint16_t         count[MDR_TAGS];   /* open elements by id              */
    uint16_t         named[MDR_NAMED];  /* and those without, by their name */
    uint32_t         ndeep[MDR_TAGS];   /* of deep, by id                   */
    uint8_t          style;             /* MDR_LOOK_UNSEEN, _NO_SIZE,
                                           MDR_IN_*                         */
    uint8_t          mode;
    uint8_t          raw_pushed;        /* raw text: 1 its element stands on
                                           the stack, 2 it is too deep      */
    uint8_t          quirks, frameset_ok, head_seen, said_deep;
    uint32_t         nformats;
    uint64_t        *bits;              /* [MDR_HTML_DEPTH * words]         */
    uint64_t        *format_bits;       /* [MDR_FORMATS * words]            */
    mdr_format_t     formats[MDR_FORMATS];
    uint8_t          template_modes[MDR_HTML_DEPTH];
    uint8_t          deep[MDR_HTML_DEEP];           /* [too_deep]           */
    mdr_open_t       open[MDR_HTML_DEPTH];

    /* items */
    uint32_t         nlive, nleft;      /* live items; with places to find  */
    uint32_t         ncollects;
    size_t           cost, cost_max;    /* memory of the texts of live items */
    uint64_t        *found;             /* [MDR_LIVE * place_words]         */
    mdr_live_t       live[MDR_LIVE];
    mdr_collect_t    collects[MDR_COLLECTS];

    uint8_t          leaf;              /* the element is not on the stack,
                                           and has text only                */
    mdr_markup_t    *learn;             /* learned markup, or NULL          */
    mdr_record_t    *rec;               /* a unit is being recorded, or NULL*/
    uint64_t         read;              /* h->learn knows of what is before  */
    uint8_t          last, wait;        /* no more comes; a unit is waited for*/
    uint8_t          pass;              /* so many tags begin no unit        */
    uint32_t         here, here_epoch;  /* the state as it is, + 1, or 0      */
    mdr_seen_t      *seen;              /* or NULL                          */
    uint64_t         seen_key;
    struct {                            /* the item that begins at p        */
        const uint8_t  *p;              /* NULL: none                       */
        uint64_t        at, serial;     /* its position, its element        */
        uint64_t        hash, key;
        uint64_t        unusual;        /* h->unusual at its start          */
        uint32_t        item;
    } whole;
    uint64_t         unusual;           /* items, scripts, errors so far    */

    uint32_t         nest_group;        /* 0, or the text of this element   */
    uint64_t         nest_serial;       /* is a document                    */
    mdr_layer_t     *nest;              /* once some of it has come         */

    const mdr_html_hooks_t  *hooks;     /* or NULL                          */
    void            *hook_ctx;
    uint8_t          hook_all, hook_looks, hook_raw;
    uint8_t          hook_state;        /* where the same markup means more  */

    uint8_t          wide;              /* mdr_html_wide()                  */
    mdr_memo_t       memo[MDR_MEMOS];
};

enum { MDR_RAW_NONE, MDR_RAW_TEXT, MDR_RAW_RCDATA, MDR_RAW_SCRIPT,
       MDR_RAW_PLAIN, MDR_RAW_NOSCRIPT };

/* insertion modes (13.2.4.1); "text" is the tokenizer's business here, and
 * nothing is known of "after body" but that it is "in body" again */
enum { M_BEFORE_HTML, M_BEFORE_HEAD, M_IN_HEAD, M_AFTER_HEAD,
       M_IN_BODY, M_IN_TABLE, M_IN_CAPTION, M_IN_COLGROUP,
       M_IN_TABLE_BODY, M_IN_ROW, M_IN_CELL,
       M_XML, M_IN_TEMPLATE, M_IN_FRAMESET, M_AFTER_FRAMESET };

/* states of the tokenizer (html_scan.c) */
enum { MDR_HTML_DATA, MDR_HTML_COMMENT, MDR_HTML_BOGUS, MDR_HTML_CDATA,
       MDR_HTML_RAW, MDR_HTML_PLAIN, MDR_HTML_REST, MDR_HTML_NOSCRIPT };

/* modes in which text opens and closes nothing by itself */
#define MDR_IDLE_MODES                                                       \
    (1u << M_IN_BODY | 1u << M_IN_CAPTION | 1u << M_IN_CELL                  \
     | 1u << M_IN_TABLE | 1u << M_IN_TABLE_BODY | 1u << M_IN_ROW             \
     | 1u << M_XML | 1u << M_IN_TEMPLATE | 1u << M_IN_FRAMESET | 1u << M_AFTER_FRAMESET)

static inline int
mdr_html_text_is_idle(const mdr_html_t *h)
{
    return !h->frameset_ok && (MDR_IDLE_MODES >> h->mode & 1)
           && (h->nformats == 0 || h->formats[h->nformats - 1].open);
}

/* at once behind new */
void mdr_html_hook(mdr_html_t *h, const mdr_html_hooks_t *hooks, void *ctx);
/* h->tag, with its id, start and stop, takes effect */
void mdr_html_begin(mdr_html_t *h);

static inline int
mdr_html_is_alpha(uint8_t c)
{
    return (uint8_t) ((c | 32) - 'a') < 26;
}

/* html_fast.c */

/* how many bytes the machine can look at together: 0: 16, 1: 32, 2: 64 */
int mdr_html_wide(void);
/* state DATA: bytes of the common run at p, as many as it goes on */
size_t mdr_html_fast(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at);

/* html_raw.c */

#define MDR_HTML_MORE  (-1)

/* text of collecting fields; bytes taken.  refs: references are decoded */
size_t mdr_html_give(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at,
    int last, int refs, int nul);
/* <br> is white space in them */
void mdr_html_space(mdr_html_t *h);
/* the newline behind <pre>, <listing>, <textarea> is no text; how many bytes
 * of it are at p */
size_t mdr_html_newline(mdr_html_t *h, const uint8_t *p, size_t n);
/* state RAW: bytes taken; the state is DATA where the end tag follows */
size_t mdr_html_raw_text(mdr_html_t *h, const uint8_t *p, size_t n,
    uint64_t at, int last);
/* does p begin with s (fold: lower case, in any case)?  1, 0, or
 * MDR_HTML_MORE: as far as it goes */
int mdr_html_prefix(const uint8_t *p, size_t n, const char *s, int fold);
void mdr_html_no_memory(mdr_html_t *h, uint64_t at);

/* html_modes.c */

/* h->tag is a start tag: what kind of text follows */
int mdr_html_start(mdr_html_t *h);
void mdr_html_end(mdr_html_t *h);
/* noscript: its inside is read as the body of a page of its own, up to where
 * its end tag stands for browsers; there (at) all that is open in it ends */
int mdr_html_noscript(mdr_html_t *h);
void mdr_html_noscript_end(mdr_html_t *h, uint64_t at);
/* text came; at: of its first character that is no white space, or
 * MDR_NO_POS */
void mdr_html_text_seen(mdr_html_t *h, uint64_t at);
void mdr_html_eof(mdr_html_t *h, uint64_t at);
/* html_doctype.c */
/* a doctype: the bytes behind "<!doctype" up to its ">" */
int mdr_html_is_quirky(const uint8_t *p, size_t n);

/* html_tree.c */

extern const uint16_t  mdr_html_flags_of[MDR_TAGS];

/* F_* of a tag, html_tags.h */
static inline uint32_t
mdr_html_flags(uint8_t id)
{
    return mdr_html_flags_of[id];
}

const char *mdr_html_tag_name(uint8_t id);

static inline mdr_open_t *
mdr_html_top(mdr_html_t *h)
{
    return &h->open[h->n - 1];
}

/* the rules of foreign content hold for what is inside e */
static inline int
mdr_html_is_foreign(const mdr_open_t *e)
{
    return e->ns != MDR_NS_HTML
           && !(e->marks & (MDR_OPEN_HTML_POINT | MDR_OPEN_MATH_POINT));
}

/* on the stack; NULL: too deep, only its tag is kept */
mdr_open_t *mdr_html_push(mdr_html_t *h, uint8_t id, uint8_t ns);
/* something is too deep to be told apart: said once, and the response may end
 * here */
void mdr_html_too_deep(mdr_html_t *h, const char *what);
/* the element at i goes; it ends at end */
void mdr_html_take_out(mdr_html_t *h, uint32_t i, uint64_t end);
/* the innermost goes */
void mdr_html_pop(mdr_html_t *h, uint64_t end);
/* pops down to index i, which ends at end, the others at the tag's start */
void mdr_html_pop_to(mdr_html_t *h, uint32_t i, uint64_t end);
/* an element that no tag in the source stands for: html, head, body, tbody,
 * tr, colgroup; clones have no bits of their own */
mdr_open_t *mdr_html_push_implied(mdr_html_t *h, uint8_t id);
mdr_open_t *mdr_html_push_clone(mdr_html_t *h, mdr_name_t name, uint8_t id,
    const uint64_t *bits);
int mdr_html_find(const mdr_html_t *h, uint64_t serial);

#define MDR_SCOPE_BUTTON  1
#define MDR_SCOPE_LIST    2

/* may an element of this tag be open? */
static inline int
mdr_html_may_be_open(const mdr_html_t *h, uint8_t id, mdr_name_t name)
{
    return id != 0 ? h->count[id] != 0 : h->named[MDR_NAMED_AT(name)] != 0;
}

/* index of the innermost element id in scope, or -1 */
int mdr_html_in_scope(const mdr_html_t *h, uint8_t id, int more);
int mdr_html_in_table_scope(const mdr_html_t *h, uint8_t id);
void mdr_html_implied_ends(mdr_html_t *h, uint8_t except);
void mdr_html_close_p(mdr_html_t *h);
void mdr_html_marker(mdr_html_t *h);
void mdr_html_clear_to_marker(mdr_html_t *h);
/* the element of h->tag, just pushed as e, becomes a formatting element */
void mdr_html_add_format(mdr_html_t *h, mdr_open_t *e);
int mdr_html_last_format(const mdr_html_t *h, uint8_t id);
void mdr_html_drop_format(mdr_html_t *h, uint64_t serial);
void mdr_html_reopen(mdr_html_t *h);
/* end tag of a formatting element; end: where the element itself ends */
void mdr_html_adopt(mdr_html_t *h, uint64_t end);
void mdr_html_other_end(mdr_html_t *h, uint64_t end);

static inline void
mdr_html_reconstruct(mdr_html_t *h)
{
    const mdr_format_t  *f;

    if (h->nformats != 0) {
        f = &h->formats[h->nformats - 1];

        if (f->name != 0 && !f->open) {
            mdr_html_reopen(h);
        }
    }
}

/* html_shown.c, html_unseen.c */

#define MDR_LOOK_HIDDEN   0x01u         /* display: none and the like       */
#define MDR_LOOK_UNSEEN   0x02u         /* visibility: hidden               */
#define MDR_LOOK_SEEN     0x04u
#define MDR_LOOK_NO_SIZE  0x08u         /* font-size: 0                     */
#define MDR_LOOK_SIZE     0x10u
#define MDR_LOOK_RTL      0x20u         /* its text is overridden           */
#define MDR_LOOK_LTR      0x40u
#define MDR_LOOK_LINES    0x100u        /* a block, or none, against the
                                           default of its name               */
#define MDR_LOOK_ASK      0x80u         /* of a memo: not looked at yet      */

#define MDR_IN_SHOWN      0x40u         /* a template that is put on the page*/
#define MDR_IN_INERT      0x80u         /* one that is not                  */
#define MDR_IN            (MDR_IN_SHOWN|MDR_IN_INERT)

/* what the attributes of a tag say */
uint16_t mdr_html_look(mdr_tag_t *t);
/* html_foreign.c: e of svg or math is for others than the eye */
int mdr_html_foreign_quiet(const mdr_open_t *e);
/* the same for the tag at hand: asked of its memo once, and only where text
 * is collected, since most tags are new and stand elsewhere */
uint16_t mdr_html_tag_look(mdr_html_t *h);

/* does the tag hide all that stands in it, by what browsers do: as above, out
 * of sight, of no size? */
int mdr_html_unseen(mdr_html_t *h);

/* does what stands here belong to the text of c? */
static inline int
mdr_html_hears(const mdr_html_t *h, const mdr_collect_t *c)
{
    return c->quiet == h->quiet && (h->style & ~c->style) == 0;
}

void mdr_html_break(mdr_html_t *h, uint64_t at);
/* look 0: the end of an override */
void mdr_html_turn(mdr_html_t *h, uint64_t at, uint8_t look);

/* html_nest.c */

/* text of an attribute or element with its references, to a layer */
int mdr_html_layer_text(mdr_layer_t *l, uint64_t src, const uint8_t *p,
    size_t n, int attr);
/* text of the element whose text is a document; bytes taken.  style: of what
 * it is: MDR_STYLE_TEXT (references) or MDR_STYLE_RAW */
size_t mdr_html_nest_give(mdr_html_t *h, const uint8_t *p, size_t n,
    uint64_t at, int last, int style);
/* what was given is a document whole */
void mdr_html_nest_end(mdr_html_t *h);

/* html_template.c */

/* where e, the template of h->tag, stands: what is in it is one of MDR_IN_* */
void mdr_html_template_opened(mdr_html_t *h, mdr_open_t *e);
/* e is in a template; it may be taken out of it and put on the page */
void mdr_html_template_child(mdr_html_t *h, mdr_open_t *e);
/* h->style changes with e */
static inline void
mdr_html_restyle(mdr_html_t *h, mdr_open_t *e, uint8_t style)
{
    if (!(e->marks & MDR_OPEN_STYLED)) {
        e->marks |= MDR_OPEN_STYLED;
        e->style = h->style;
    }

    h->style = style;
}

/* html_xml.c */

#define MDR_XML    1
#define MDR_XHTML  2

/* a tag of XML */
void mdr_html_xml_tag(mdr_html_t *h);

/* html_cost.c */

/* a text has grown; before: its cost before that */
static inline size_t
mdr_html_text_cost(const mdr_text_t *t)
{
    return t->len + t->nruns * sizeof(mdr_run_t);
}

static inline void
mdr_html_grown(mdr_html_t *h, mdr_collect_t *c)
{
    size_t  now;

    now = mdr_html_text_cost(c->text);
    h->cost += now - c->cost;
    c->cost = now;
}

/* live items whose texts cost more than a response may hold are given up, the
 * outermost first, since theirs hold those of all others */
void mdr_html_give_up(mdr_html_t *h, uint64_t at);

/* html_item.c */

/* e is the element of h->tag, on top of the stack; NULL: it is void */
void mdr_html_opened(mdr_html_t *h, mdr_open_t *e);
/* does h->tag, opened below [0, at), match? */
int mdr_html_matches(mdr_html_t *h, const mdr_selector_t *s, uint32_t at);
/* e is implied: nothing but a step or a text of a field */
void mdr_html_opened_implied(mdr_html_t *h, mdr_open_t *e);
void mdr_html_closed(mdr_html_t *h, const mdr_open_t *e, uint64_t end,
    uint64_t seen);
void mdr_html_leaf(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at,
    uint64_t stop);
int mdr_html_script_match(mdr_html_t *h, uint8_t *by_selector);

#endif
