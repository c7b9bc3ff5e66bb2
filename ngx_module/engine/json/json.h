/*
 * json.h - the inside of the JSON scanner, shared by its files and script.c.
 */

#ifndef MDR_JSON_H
#define MDR_JSON_H

#include "jsonpath.h"

#define MDR_JSON_DEPTH     512
#define MDR_JSON_LIVE      32
#define MDR_JSON_COLLECTS  32
#define MDR_JSON_BUCKETS   64

typedef struct {                        /* inside a value nobody wants       */
    uint64_t  depth;
    uint8_t   string;                   /* inside a string                   */
    uint8_t   escaped;                  /* behind a backslash in it          */
} mdr_json_skip_t;

#define MDR_JS_TEMPLATES   16

#define MDR_JS_WORD        12

typedef struct {                        /* script_skip.c                     */
    uint8_t   state, back, quote, before, ntemplates;
    uint8_t   balanced;                 /* ends behind its last bracket      */
    uint8_t   lines;                    /* a statement may end with its line */
    uint8_t   gap, nword;
    uint8_t   utf;                      /* bytes of U+2028 so far            */
    uint8_t   word[MDR_JS_WORD];        /* that the code ends with           */
    uint64_t  blank;                    /* bytes behind the last of code     */
    uint64_t  depth;
    uint64_t  templates[MDR_JS_TEMPLATES];
} mdr_js_t;

enum { MDR_CODED_NOT,           /* how a text is written in a string         */
       MDR_CODED_URI,           /* decodeURIComponent                        */
       MDR_CODED_ESCAPE,        /* unescape                                  */
       MDR_CODED_ANY };         /* one of these, nobody knows which          */

typedef struct {                /* a literal that is being read              */
    mdr_layer_t  *layer;        /* that gets its text                        */
    uint8_t       quote;        /* 0: no literal, the text itself is coded   */
    uint8_t       coded, ended;
    uint8_t       piece;        /* what it goes on with is no matter         */
} mdr_literal_t;

typedef struct {
    uint32_t     place;
    uint8_t      pieces;                /* several nodes are one text        */
    mdr_path_t  *path;
} mdr_json_place_t;

#define MDR_JSON_MEMBER  0x80000000u

typedef struct {
    uint32_t           slot;
    uint8_t            type;
    uint32_t           group;           /* whose values it reads             */
    uint32_t           nest;            /* no slot: the values of a group, or
                                           MDR_JSON_MEMBER + number of what a
                                           page requires                     */
    uint8_t            ref;             /* what points to items of slot      */
    uint8_t            named;           /* something does                    */
    mdr_path_t        *match, *count;   /* count may be NULL                 */
    uint32_t           nplaces;
    mdr_json_place_t  *places;
} mdr_json_slot_t;

typedef struct {                        /* a variable whose text is read     */
    mdr_str_t  name;                    /* its last name                     */
    uint32_t   group;
} mdr_json_named_t;

struct mdr_json_rules_s {
    const mdr_model_t  *model;
    uint32_t            nnames;
    mdr_json_named_t   *names;
    uint32_t            nslots;
    mdr_json_slot_t    *slots;
};

/*
 * How far every path has got at a value (json_state.c): for each slot its
 * match, then its count; then the places of the live items, outermost first.
 * Nodes are found or made as the body goes on, and the children of a node are
 * remembered, so that the second element of a list costs no path any more.
 * NULL stands for a value that no path can find or enter.
 */

typedef struct mdr_json_node_s  mdr_json_node_t;

typedef struct {                        /* a key that a path names           */
    mdr_str_t         name;
    mdr_json_node_t  *child;
    uint8_t           known;            /* child says it                     */
    uint32_t          next;             /* + 1, of the same mdr_path_key     */
} mdr_json_name_t;

typedef struct {
    uint32_t          live, place;
} mdr_json_collect_t;

/* the members of an object mostly come in the order they came in before: the
 * key at this place then, behind its quote, with what follows it */

#define MDR_JSON_GUESSES  24

typedef struct {
    uint64_t          key[2], mask[2];  /* no mask: none                     */
    mdr_json_node_t  *child;
    uint32_t          len;              /* of key and its `":`               */
} mdr_json_guess_t;

struct mdr_json_node_s {
    mdr_json_node_t         *chain;     /* in nodes                          */
    uint64_t                 keys;      /* mdr_path_keys of all its paths    */
    uint32_t                 hash, n;   /* of at                             */
    size_t                   bytes;
    uint32_t                 nlive;
    uint32_t                 touched;   /* live items, a bit each, that may
                                           get a text from here              */
    uint32_t                 nitems, ncollects, ncounts, nnames;
    uint32_t                 refs;      /* slot of rules + 1: an object here
                                           may point to an item of it        */
    uint8_t                  used;      /* while others are thrown away      */
    uint8_t                  list;      /* what it holds may be items        */
    uint8_t                  indexed;   /* elements differ                   */
    uint8_t                  points;    /* of a row: 1, a path would go on in
                                           what a string points to; 2, one of
                                           a field or within a value         */
    uint8_t                  other_known, elem_known;
    uint32_t                 here, here_epoch;  /* of the unit that begins
                                           here: its state + 1               */
    uint32_t                 buckets[64];       /* of names, + 1             */
    mdr_json_node_t         *other;     /* of keys that no path names        */
    mdr_json_node_t         *elem;      /* of an element                     */
    mdr_json_node_t         *opened;    /* with its items                    */
    const mdr_json_slot_t  **live;      /* [nlive]                           */
    uint32_t                *at;        /* states, see mdr_path_child        */
    uint32_t                *items;     /* [nitems] slots of rules           */
    uint32_t                *counts;    /* [ncounts] slots of rules          */
    mdr_json_collect_t      *collects;  /* [ncollects] a scalar's texts      */
    mdr_json_name_t         *names;
    mdr_json_guess_t        *guesses;   /* [MDR_JSON_GUESSES] or NULL        */
};

typedef struct {
    mdr_json_node_t  *node;
    uint8_t           array;
    uint8_t           item;             /* its value is an item              */
    uint8_t           in_mod;
    uint32_t          index;            /* of the element being read         */
    uint64_t          list;             /* 0: can hold no item               */
    uint64_t          members, last_end, open_end;
    uint64_t          mod_start, mod_end, mod_comma, mod_next, comma;
    uint32_t          nmods, mod_last;  /* members "moderation", the last    */
    uint32_t          touched;          /* relaxed: see node                 */
    uint32_t          ref;              /* it may be a pointer, or
                                           MDR_NO_ITEM                       */
    mdr_json_node_t  *child;            /* relaxed: of the last value        */
} mdr_json_frame_t;

/* members "moderation" of upstream, one behind the other, that are not its
 * first ones */

#define MDR_JSON_MODS  7

typedef struct {
    size_t    depth;                    /* frames, its own one counted       */
    uint64_t  comma, end;
} mdr_json_mods_t;

typedef struct {
    uint32_t               item;
    uint32_t               depth;       /* frames when it opened             */
    uint32_t               texts;       /* first of its places in texts      */
    const mdr_json_slot_t *slot;
} mdr_json_live_t;

/* what stands next */
enum { MDR_JSON_VALUE, MDR_JSON_VALUE_OR_END, MDR_JSON_KEY,
       MDR_JSON_KEY_OR_END, MDR_JSON_COMMA, MDR_JSON_DONE };

/* json_walk.c: the way through a unit */

typedef struct {                        /* a value that is the text of a place*/
    const uint8_t  *p;
    uint32_t        n, place;
    uint8_t         hole, odd;          /* it has escapes                    */
    uint8_t         ready;              /* it is as it is to be              */
} mdr_json_walk_text_t;

typedef struct {
    const uint8_t         *p, *end;     /* where it begins; what has come    */
    uint32_t               n, len;
    uint8_t                cut;         /* it may go on behind the end       */
    uint8_t                more;        /* texts say not all that it does    */
    uint8_t                order;       /* they are not in the order of their
                                           places, or several are of one     */
    uint32_t               ntexts;      /* in the order of the page          */
    mdr_json_walk_text_t   texts[MDR_CARD_TEXTS];
    uint32_t               lit[MDR_UNIT_STEPS];     /* literal + 1           */
    uint32_t               at[MDR_UNIT_STEPS];      /* from the unit on      */
    uint8_t                odd[MDR_UNIT_STEPS];     /* the string before it
                                                       has escapes           */
} mdr_json_walk_t;

typedef struct {                        /* an array that may be a flat one   */
    uint64_t  at, depth;
    size_t    looked;                   /* bytes of it                       */
    uint8_t   string, escaped, checked, no;
} mdr_json_flat_t;

struct mdr_json_s {
    const mdr_json_rules_t  *rules;
    mdr_sink_t              *sink;
    const mdr_alloc_t       *alloc;
    uint8_t                  type, relaxed;
    uint8_t                  nmods;
    mdr_json_mods_t          mods[MDR_JSON_MODS];
    const uint8_t           *use;       /* [nslots of rules] or NULL: by type */

    uint8_t                  expect, string, done, prefix;
    uint8_t                  again;     /* behind the first call             */
    uint8_t                  brackets;  /* before it, with no document       */
    uint8_t                  counted;   /* behind a number that may count    */
    uint8_t                  guard;     /* nothing but space so far          */
    uint8_t                  quote, collecting;
    uint8_t                  bad_line;
    uint8_t                  other;     /* in JavaScript that is no JSON     */
    uint8_t                  comment;   /* 0, '/', '*', or 1: behind its *   */
    uint32_t                *others;    /* [nslots of rules] items of it     */
    uint32_t                 nothers;
    mdr_js_t                 js;
    mdr_json_skip_t          skip;      /* its depth: 0 outside              */
    uint64_t                 serial;
    uint64_t                 value_end;

    mdr_json_frame_t        *frames;
    size_t                   n, cap;
    mdr_json_live_t          live[MDR_JSON_LIVE];
    uint32_t                 nlive;
    mdr_text_t             **texts;     /* of live items, by place; NULL:
                                           not open                          */
    size_t                   ntexts, texts_cap;
    mdr_text_t              *collects[MDR_JSON_COLLECTS];
    uint32_t                 ncollects;
    mdr_json_node_t         *now;       /* of the value at hand              */

    mdr_json_node_t         *root;
    uint8_t                  entered;   /* root is of a member               */
    mdr_json_node_t         *nodes[MDR_JSON_BUCKETS];
    size_t                   node_bytes, kept_bytes;
    uint32_t                *states;    /* of a node that is being made      */
    size_t                   states_cap;

    mdr_seen_t              *seen;      /* or NULL                           */
    uint64_t                 seen_key;
    struct {                            /* the item that begins at p         */
        const uint8_t  *p;              /* NULL: none                        */
        size_t          depth;          /* frames, its own counted           */
        uint64_t        at, hash, key;
        uint64_t        unusual;        /* j->unusual at its start           */
        uint32_t        item;
    } whole;
    mdr_json_flat_t          flat;
    uint64_t                 unusual;   /* items, counts, limits so far      */

    mdr_markup_t            *learn;     /* or NULL                           */
    mdr_record_t            *rec;       /* of the item at hand, or NULL      */
    uint8_t                  fresh;     /* an item has just begun            */
    uint8_t                  wide;      /* as mdr_html_wide()                */
    uint64_t                 value_at;  /* while recording: of a hole        */
    uint64_t                 waited;    /* for the rest of an item there     */
    mdr_json_walk_t          walk;      /* through the unit at `walked` ...  */
    uint64_t                 walked;    /* ... in this window                */
    size_t                   walked_len;

    const char              *broken;    /* what is wrong                     */
    uint8_t                  inner;     /* inside a value: the layer knows
                                           what to do                        */
    mdr_str_t                key;       /* of the member that begins         */
    uint32_t                 ref;       /* of the string at hand             */
    uint8_t                  ref_on, ref_own;
    uint16_t                 ref_len;
    char                     ref_name[256];
    uint32_t                 nest_group;    /* of the value at hand, 0       */
    mdr_layer_t             *nest;      /* the string at hand is read by it  */
    const uint8_t           *documents; /* a text that is all of a body may be
                                           one for these slots; NULL: not    */
    uint8_t                  html;      /* or for those of HTML              */
    uint8_t                  guarded;   /* something stood before it         */
    uint8_t                  row;       /* of flight                         */
    uint8_t                  pointer;   /* the string at hand is one that is
                                           not followed                      */
    uint32_t                *given;     /* [nslots of rules] or NULL: how far
                                           the paths have got at its root    */
    uint8_t                  messages;  /* SockJS: arrays of strings that are
                                           documents                         */
    uint8_t                  passed;    /* in a function: it is looked into  */
    uint8_t                  stray;     /* documents stand anywhere          */
    uint8_t                  beside;    /* mdr_value_t                       */
    uint32_t                 first_number, last_number; /* $R[..]= so far    */
    uint8_t                  stray_last;
    mdr_js_t                 stray_js;  /* MDR_STRAY_CODE: what is between   */
    mdr_literal_t            literal;   /* an argument that is being read    */
};

#define MDR_JSON_MORE    0              /* of bytes taken: needs more input  */
#define MDR_JSON_FAILED  SIZE_MAX       /* no memory                         */

#define MDR_JSON_IS_SPACE(c)                                                 \
    ((c) == ' ' || (c) == '\n' || (c) == '\t' || (c) == '\r')

/* behind the white space at p + i, of n bytes */
static inline size_t
mdr_json_spaces(const uint8_t *p, size_t n, size_t i)
{
    while (i < n && MDR_JSON_IS_SPACE(p[i])) {
        i++;
    }

    return i;
}


/* json_state.c: the node of the document, of a member (name) or an element
 * (index) of the top frame; of the value at hand with the items opened for it.
 * MDR_ERROR: no memory */
int mdr_json_child(mdr_json_t *j, const mdr_str_t *name, uint32_t index,
    mdr_json_node_t **out);
int mdr_json_opened(mdr_json_t *j, mdr_json_node_t *n,
    mdr_json_node_t **out);
void mdr_json_nodes_free(mdr_json_t *j);
/* a key of len bytes and its `":` at p was member number `place` of an object
 * at node n, and led to child; 16 bytes can be read */
void mdr_json_guess(mdr_json_t *j, mdr_json_node_t *n, uint64_t place,
    const uint8_t *p, uint32_t len, mdr_json_node_t *child);
/* the document to come is a member of the one that the paths are of; *out: a
 * path goes on in it */
int mdr_json_enter(mdr_json_t *j, mdr_str_t name, int *out);

/* json_value.c: values begin and end, frames, items, texts */
int mdr_json_begin(mdr_json_t *j, uint8_t first, uint64_t at, uint64_t whole,
    mdr_json_node_t *node);
void mdr_json_end(mdr_json_t *j, uint64_t end);

/* the value of f, the top frame, ends before `end`: no item does, and no list
 * knows of it */

static inline void
mdr_json_ended(mdr_json_t *j, mdr_json_frame_t *f, uint64_t end)
{
    f->last_end = end;
    f->members++;
    f->index++;

    if (f->in_mod) {
        if (f->in_mod == 1) {
            f->mod_end = end;
        } else {
            j->mods[j->nmods - 1].end = end;
        }
        f->in_mod = 0;
    }

    j->expect = MDR_JSON_COMMA;
}


/* a member "moderation" of an item begins at `at`: upstream's own, which a tag
 * of ours replaces */
void mdr_json_mod(mdr_json_t *j, mdr_json_frame_t *f, uint64_t at);
mdr_text_t *mdr_json_text_at(mdr_json_t *j, const mdr_json_collect_t *c);
int mdr_json_next_text(mdr_json_t *j, const mdr_json_collect_t *c,
    mdr_text_t *t, uint64_t at);
void mdr_json_close_frame(mdr_json_t *j, uint64_t at);
void mdr_json_close_items(mdr_json_t *j, uint64_t end, uint64_t whole_end);
/* everything open ends at `at`, but for the items of less than keep levels */
void mdr_json_drop(mdr_json_t *j, uint64_t at, uint32_t keep);
void mdr_json_forget(mdr_json_t *j);

/* json_token.c: bytes taken of what stands at p, where `expect` says */
size_t mdr_json_token(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last);
/* white space and, if asked for, comments; SIZE_MAX: more bytes needed */
size_t mdr_json_blank(const mdr_json_t *j, const uint8_t *p, size_t n,
    int last, int comments);
int mdr_json_is_number(const uint8_t *p, size_t n);

/* json_call.c: bytes up to the next argument that is a document, or of the
 * string j->literal that is one; 0: more are needed */
size_t mdr_json_call(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last);
size_t mdr_json_call_literal(mdr_json_t *j, const uint8_t *p, size_t n,
    uint64_t at, int last);
/* the string whose text begins at `at` is a document */
int mdr_json_call_text(mdr_json_t *j, uint8_t quote, int percents, uint64_t at);

/* json_rules.c: does a path of a slot for JSON have this name? */
int mdr_json_knows(const mdr_json_rules_t *r, mdr_str_t name);
/* the same for the slots of variables that use has */
int mdr_json_script_knows(const mdr_json_rules_t *r, const uint8_t *use,
    mdr_str_t name);
/* "$R[7]=", which seroval writes before a value that may be named again:
 * bytes, 0: none, SIZE_MAX: more are needed */
size_t mdr_json_numbered(const uint8_t *p, size_t n, int last);
/* the number in it, and in what points to such a value */
uint32_t mdr_json_number(const uint8_t *p, size_t n);
void mdr_json_did_number(mdr_json_t *j, const uint8_t *p, size_t n);
enum { MDR_DATA_NAMED = 4 };            /* beside those of sink.h            */
/* of the object, or list of such, at p: MDR_DATA_QUOTED or MDR_DATA_NAMED by
 * how its first name is written, 0: none, -1: more bytes are needed */
int mdr_json_first_name(const uint8_t *p, size_t n, int last, mdr_str_t *s,
    size_t *lists);

/* json_code.c: bytes up to the next document in a text or in code, 0: more are
 * needed */
size_t mdr_json_stray(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last);
/* behind a document of JSONP other code follows */
void mdr_json_call_on(mdr_json_t *j);

/* json_between.c: bytes of what stands between documents, 0: none; SIZE_MAX:
 * more are needed */
size_t mdr_json_between(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last);

/* json_other.c: other JavaScript at p, where a member or value should begin or
 * go on; bytes of it, 0 while j->other: more are needed */
int mdr_json_begin_other(mdr_json_t *j, const uint8_t *p, size_t n,
    uint64_t at);
size_t mdr_json_other(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last);

/* json_string.c: bytes taken; at: the position of p */
size_t mdr_json_string(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last);
int mdr_json_collect(mdr_json_t *j, uint64_t at, const uint8_t *p, size_t n);
/* one \ escape at p of a JSON (or, relaxed, JavaScript) string: bytes of its
 * text in out[12], *len its length; -1: more bytes needed, -2: not valid */
int mdr_json_escape(const uint8_t *p, size_t n, int last, int relaxed,
    uint8_t *out, size_t *len);

/* are the escapes of the n bytes at p, between the quotes of a string, such as
 * can be read?  The same as text without positions, in n bytes of out: its
 * length, or SIZE_MAX */
size_t mdr_json_decode(const uint8_t *p, size_t n, uint8_t *out);
int mdr_json_string_good(const uint8_t *p, size_t n, int relaxed);

/*
 * json_learn.c: an item is open whose members begin at p (first: it is in
 * sight from its bracket on).  Bytes up to behind its end, which is done; 0: it
 * has to be read; MDR_JSON_WAIT: behind more bytes.
 */
#define MDR_JSON_WAIT  (SIZE_MAX - 2)
size_t mdr_json_item(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int first, int last);
/* while one is recorded: a value has ended, the item has; it cannot be learned,
 * or (cut) its end is not there */
void mdr_json_did_value(mdr_json_t *j, uint64_t end);
void mdr_json_did_item(mdr_json_t *j, uint64_t end);
void mdr_json_not_learned(mdr_json_t *j, int cut);

/* json_walk.c: the length of the unit at p, from the state on, or 0; what is
 * known of it already is not looked at again */
size_t mdr_json_walk(mdr_json_t *j, uint32_t state, const uint8_t *p, size_t n,
    uint64_t at);

static inline const mdr_lit_t *
mdr_json_lit(const mdr_json_t *j, uint32_t i)
{
    return &j->learn->literals[j->walk.lit[i] - 1];
}

/* where the hole before literal i begins */
static inline uint32_t
mdr_json_hole(const mdr_json_t *j, uint32_t i)
{
    return j->walk.at[i - 1] + mdr_json_lit(j, i - 1)->len;
}

/* where the last member of the unit ends, from its beginning on */
static inline uint32_t
mdr_json_last_end(const mdr_json_t *j)
{
    const mdr_lit_t  *l;

    l = mdr_json_lit(j, j->walk.n - 1);

    return j->walk.at[j->walk.n - 1 - l->tag_back] + l->tag;
}

/* an item is looked for by so many of its first bytes among those that were
 * seen before */
#define MDR_JSON_SEEN_HEAD  64
uint64_t mdr_json_seen_key(mdr_json_t *j, const mdr_json_node_t *node,
    size_t depth);

/* json_card.c: the object at p is an element of the top frame, at node; bytes
 * of it and of the entries behind it that are cards, which are done, or 0.
 * `expect` says whether a comma follows or a value */
size_t mdr_json_cards(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    const mdr_json_node_t *node);

static inline void
mdr_json_did_odd(mdr_json_t *j)
{
    if (j->rec != NULL) {
        j->rec->bad = 1;
    }
}

/* json_skip.c: bytes passed over of a value that nobody wants, to its end */
size_t mdr_json_pass_over(mdr_json_t *j, const uint8_t *p, size_t n,
    uint64_t at);

/* depth: brackets that are open already.  Bytes of [p, n) that belong to the
 * expression; *ended: it is over there, before a "," ";" or closing bracket
 * that is not its own (or, with s->balanced, behind the last bracket) */
void mdr_js_init(mdr_js_t *s, uint64_t depth);
void mdr_js_string(mdr_js_t *s, uint8_t quote);     /* is inside a string    */
size_t mdr_js_skip(mdr_js_t *s, const uint8_t *p, size_t n, int *ended);
/* reads on, wherever that leads; then: is p + n in code, in a string with
 * s->quote, or in what else (MDR_JS_HIDDEN: a regular expression) */
enum { MDR_JS_HIDDEN, MDR_JS_CODE, MDR_JS_STRING, MDR_JS_TEMPLATE,
       MDR_JS_COMMENT };
size_t mdr_js_pass(mdr_js_t *s, const uint8_t *p, size_t n, int escapes);
int mdr_js_where(const mdr_js_t *s);
/* a value has been passed over */
void mdr_js_after_value(mdr_js_t *s);

/* white space of ECMAScript at p (ECMA-262, 12.2 and 12.3): bytes of one, 0 */
static inline size_t
mdr_js_space(const uint8_t *p, size_t n)
{
    if (p[0] == ' ' || (p[0] >= '\t' && p[0] <= '\r')) {
        return 1;
    }

    if (p[0] < 0x80) {
        return 0;
    }

    if (n >= 2 && p[0] == 0xc2) {
        return p[1] == 0xa0 ? 2 : 0;
    }

    if (n < 3) {
        return 0;
    }

    if (p[0] == 0xe2) {                 /* U+2000-200A, 2028, 2029, 202F,    */
        return (p[1] == 0x80 && (p[2] <= 0x8a || p[2] == 0xa8     /* 205F    */
                                 || p[2] == 0xa9 || p[2] == 0xaf))
               || (p[1] == 0x81 && p[2] == 0x9f) ? 3 : 0;
    }

    return (p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf)       /* U+FEFF    */
           || (p[0] == 0xe3 && p[1] == 0x80 && p[2] == 0x80)
           || (p[0] == 0xe1 && p[1] == 0x9a && p[2] == 0x80) ? 3 : 0;
}

/* could it be one whose last bytes have not come? */
static inline int
mdr_js_space_cut(const uint8_t *p, size_t n)
{
    return (n == 1 && (p[0] == 0xc2 || p[0] == 0xe1 || p[0] == 0xe2
                       || p[0] == 0xe3 || p[0] == 0xef))
           || (n == 2 && ((p[0] == 0xe2 && (p[1] == 0x80 || p[1] == 0x81))
                          || (p[0] == 0xe3 && p[1] == 0x80)
                          || (p[0] == 0xe1 && p[1] == 0x9a)
                          || (p[0] == 0xef && p[1] == 0xbb)));
}

/* behind the end of a line of ECMAScript (12.3), or n */
static inline size_t
mdr_js_line(const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (p[i] == '\n' || p[i] == '\r') {
            return i + 1;
        }
        if (p[i] == 0xe2 && n - i > 2 && p[i + 1] == 0x80
            && (p[i + 2] | 1) == 0xa9)
        {
            return i + 3;
        }
    }

    return n;
}

/* behind the white space at p + i */
static inline size_t
mdr_js_spaces(const uint8_t *p, size_t n, size_t i)
{
    size_t  k;

    while (i < n && (k = mdr_js_space(p + i, n - i)) != 0) {
        i += k;
    }

    return i;
}

/* flat.c: bytes of the array at p that stands for another value, at node; 0: it
 * is none */
#define MDR_JSON_FLAT_MORE  (SIZE_MAX - 1)
size_t mdr_json_flat(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last, const mdr_json_node_t *node);

/* could the array at p begin one: 1, 0, -1: more bytes are needed */
int mdr_json_flat_begins(const uint8_t *p, size_t n);

/* could it be one at this node? */
static inline int
mdr_json_may_be_flat(const mdr_json_t *j, const mdr_json_node_t *node)
{
    return node != NULL && node->nlive == 0 && node->nitems == 0
           && j->type != MDR_TYPE_NDJSON;
}

/* row_point.c: it reads the document of row id */
int mdr_json_is_row(mdr_json_t *j, uint32_t id);
/* the string at p, whose value is at a node that `points`, may point
 * to another row; 0: it is read as any other; MDR_JSON_WAIT, MDR_JSON_FAILED */
size_t mdr_json_pointer(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last, const mdr_json_node_t *node);

/* json_fast.c: bytes taken of what is plain JSON and complete in the window;
 * the rest is for the caller.  j->n is not 0, and a token begins at p */
size_t mdr_json_fast(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last);

/* what is open ends here, undecided */
void mdr_json_abandon(mdr_json_t *j, uint64_t at);

void mdr_json_ref_end(mdr_json_t *j, uint64_t end);

/* the string at hand is over, or will never be */
int mdr_json_nest_end(mdr_json_t *j);

/* plain JSON, over the slots that use[] marks */
mdr_json_t *mdr_json_new_use(const mdr_json_rules_t *rules, mdr_sink_t *sink,
    const uint8_t *use);

/* a scanner for one value of a script, over the slots that use[] marks */
mdr_json_t *mdr_json_new_script(const mdr_json_rules_t *rules,
    mdr_sink_t *sink, const uint8_t *use);

/* script_literal.c: *taken bytes of p; MDR_LIMIT: it cannot be read */
int mdr_script_literal(mdr_literal_t *s, const uint8_t *p, size_t n,
    uint64_t at, int last, size_t *taken);

#endif
