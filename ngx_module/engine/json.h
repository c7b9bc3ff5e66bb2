/*
 * json.h - the inside of the JSON scanner, shared with script.c.
 */

#ifndef MDR_JSON_H
#define MDR_JSON_H

#include "jsonpath.h"

#define MDR_JSON_DEPTH     512
#define MDR_JSON_LIVE      32
#define MDR_JSON_COLLECTS  32

typedef struct {                        /* inside a value nobody wants       */
    uint64_t  depth;
    uint8_t   string;                   /* inside a string                   */
    uint8_t   escaped;                  /* behind a backslash in it          */
} mdr_json_skip_t;

#define MDR_JS_TEMPLATES   16

typedef struct {                        /* script_skip.c                     */
    uint8_t   state, back, quote, before, balanced, ntemplates;
    uint64_t  depth;
    uint64_t  templates[MDR_JS_TEMPLATES];
} mdr_js_t;

typedef struct {
    uint32_t     place;
    mdr_path_t  *path;
} mdr_json_place_t;

typedef struct {
    uint32_t           slot;
    uint8_t            type;
    mdr_path_t        *match, *count;   /* count may be NULL                 */
    uint32_t           nplaces;
    mdr_json_place_t  *places;
} mdr_json_slot_t;

struct mdr_json_rules_s {
    const mdr_model_t  *model;
    uint32_t            nslots;
    mdr_json_slot_t    *slots;
};

typedef struct {
    uint8_t   array;
    uint8_t   item;                     /* its value is an item              */
    uint32_t  index;                    /* of the element being read         */
    uint32_t  states, nlive;            /* in st; items alive when it opened */
    uint64_t  list;                     /* 0: can hold no item               */
    uint64_t  keys;                     /* mdr_path_keys of all its states   */
    uint64_t  members, last_end, open_end;
    uint64_t  mod_start, mod_end, mod_comma, mod_next, comma;
    uint8_t   in_mod;
    uint32_t  touched;                  /* relaxed: live items, a bit each   */
} mdr_json_frame_t;

typedef struct {
    uint32_t               item;
    uint32_t               depth;       /* frames when it opened             */
    const mdr_json_slot_t *slot;
    mdr_text_t            *texts[64];   /* by place; NULL: not open          */
} mdr_json_live_t;

struct mdr_json_s {
    const mdr_json_rules_t  *rules;
    mdr_sink_t              *sink;
    const mdr_alloc_t       *alloc;
    uint8_t                  type, relaxed;
    const uint8_t           *use;       /* [nslots of rules] or NULL: by type */

    uint8_t                  expect, string, done, prefix;
    uint8_t                  quote, collecting;
    uint8_t                  bad_line;
    uint8_t                  alive;     /* some path goes on in the value    */
    uint8_t                  other;     /* in JavaScript that is no JSON     */
    uint8_t                  comment;   /* 0, '/', '*', or 1: behind its *   */
    mdr_js_t                 js;
    mdr_json_skip_t          skip;      /* its depth: 0 outside              */
    uint64_t                 serial;
    uint64_t                 value_end, line_start;
    uint64_t                 too_deep;

    mdr_json_frame_t        *frames;
    size_t                   n, cap;
    uint32_t                *st;        /* states, a stack                   */
    size_t                   nst, st_cap;
    mdr_json_live_t          live[MDR_JSON_LIVE];
    uint32_t                 nlive;
    mdr_text_t              *collects[MDR_JSON_COLLECTS];
    uint32_t                 ncollects;
    uint32_t                *now;       /* states of the value at hand       */
    size_t                   now_cap;
    const char              *broken;    /* what is wrong                     */
    const mdr_text_t        *map;       /* positions go through it ...       */
    uint64_t                 map_base;  /* ... from this one on ...          */
    uint64_t                 map_end;   /* ... to here                       */
};

/* one \ escape at p of a JSON (or, relaxed, JavaScript) string: bytes of its
 * text in out[12], *len its length; -1: more bytes needed, -2: not valid */
int mdr_json_escape(const uint8_t *p, size_t n, int last, int relaxed,
    uint8_t *out, size_t *len);

/* json_skip.c: bytes passed over, a multiple of 64, by which the value has
 * not ended; lines: none of them a newline */
size_t mdr_json_skip(const uint8_t *p, size_t n, int lines,
    mdr_json_skip_t *s);
/* bytes before the first quote or backslash */
size_t mdr_json_plain(const uint8_t *p, size_t n, uint8_t quote);

/* depth: brackets that are open already.  Bytes of [p, n) that belong to the
 * expression; *ended: it is over there, before a "," ";" or closing bracket
 * that is not its own (or, with s->balanced, behind the last bracket) */
void mdr_js_init(mdr_js_t *s, uint64_t depth);
void mdr_js_string(mdr_js_t *s, uint8_t quote);     /* is inside a string    */
size_t mdr_js_skip(mdr_js_t *s, const uint8_t *p, size_t n, int *ended);

/* what is open ends here, undecided */
void mdr_json_abandon(mdr_json_t *j, uint64_t at);

/* a scanner for one value of a script, over the slots that use[] marks */
mdr_json_t *mdr_json_new_script(const mdr_json_rules_t *rules,
    mdr_sink_t *sink, const uint8_t *use);

#endif
