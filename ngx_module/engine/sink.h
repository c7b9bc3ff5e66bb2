/*
 * sink.h - what the scanners (HTML, JSON, script) tell the scan.
 *
 * A scanner reads bytes and knows markup; the scan (scan/) knows items,
 * verdicts, edits and what may leave.  Positions are absolute offsets in the
 * UTF-8 body.  A scanner must report in page order, and must not consume a
 * byte that may still turn out to begin an item (see `consumed` below).
 *
 * Scanner contract, the same for all:
 *
 *     int mdr_X_scan(x, const uint8_t *data, size_t len, uint64_t base,
 *                    int last, size_t *consumed);
 *
 * data[0] stands at absolute offset base.  The scanner reads as far as it
 * can and says how many bytes it is done with; the rest is presented again,
 * at the same base + *consumed, with more bytes behind it (or with last set:
 * then everything must be consumed).  It may keep private notes on how far
 * it looked into the unconsumed rest, so that growing input is not read
 * again and again.  At most MDR_TOKEN_MAX or max_slot bytes, whichever is
 * more, may stay unconsumed while more input is at hand; a longer token (a tag
 * with a huge attribute) is read on in pieces, with what was seen of it
 * counting.  Returns MDR_OK, or
 * MDR_LIMIT: the body cannot be read any further (broken JSON; an error was
 * reported through mdr_sink_error), *consumed says up to where; bytes behind
 * it pass on uninspected.  Invariant: any split of the input into calls gives
 * the same sequence of sink calls with the same texts.
 */

#ifndef MDR_SINK_H
#define MDR_SINK_H

#include "base/model.h"
#include "base/seen.h"
#include "markup/markup.h"
#include "text/text.h"

#define MDR_TOKEN_MAX   65536
#define MDR_NO_POS      UINT64_MAX
#define MDR_NO_ITEM     UINT32_MAX

typedef struct mdr_sink_s  mdr_sink_t;

/*
 * Places.  Sources of all fields of a slot are numbered through, field by
 * field: place 0 is the first source of field 0.  The scan tells which are
 * wanted; an unwanted place need not be looked for.
 */
int mdr_sink_wanted(mdr_sink_t *sink, uint32_t slot, uint32_t place);

enum { MDR_ITEM_ELEMENT,        /* HTML: the removal is [start, end)        */
       MDR_ITEM_ENTRY,          /* JSON: element or member of list          */
       MDR_ITEM_DOCUMENT,       /* JSON: $; removal leaves null             */
       MDR_ITEM_FLAT,           /* of a flat array: its scanner removes it   */
       MDR_ITEM_MEMBER,         /* other JavaScript as one; leaves "":0     */
       MDR_ITEM_LINE };         /* NDJSON: [start, end) is value, removal
                                   is [whole_start, whole_end)              */

/*
 * An item begins.  start: its first byte ("<" of the start tag, first byte
 * of the JSON value).  whole: where a removal would begin (the key of a
 * member, the line of NDJSON, else start).  parent: a number that items of
 * one parent element or list share and others do not (never 0); for entries
 * the list given to mdr_sink_list_open.  Returns a handle, or MDR_NO_ITEM
 * (memory, or too many open items: the scanner goes on without it).
 */
uint32_t mdr_sink_item_open(mdr_sink_t *sink, uint32_t slot, int kind,
    uint64_t start, uint64_t whole, uint64_t parent);

/* The text of a place: opened once an item (the first match), filled through
 * the mdr_text_* calls, closed.  NULL: not wanted any more, go on without.
 * A JSON place whose path finds several nodes appends them all. */
mdr_text_t *mdr_sink_place_open(mdr_sink_t *sink, uint32_t item,
    uint32_t place);
/* at: behind the last byte read to know that the place is complete (the end
 * tag, the quote, the start tag for an attribute); max_slot counts up to it */
void mdr_sink_place_close(mdr_sink_t *sink, uint32_t item, uint32_t place,
    uint64_t at);

/* the place opened, with the n bytes at p, position src, as its whole text, and
 * closed; 0: nothing was done, as something has to be done to them */
int mdr_sink_place_whole(mdr_sink_t *sink, uint32_t item, uint32_t place,
    uint64_t src, const uint8_t *p, size_t n, uint64_t at);

/*
 * An item of HTML, or an entry of a JSON list, that is read at once, with all
 * its texts: the element of [start, end), its bytes at p.  Each text stands in them as it is to be
 * matched (mdr_text_is_ready, or it is empty), and the item has no others.
 * mdr_sink_card gives room for one of n bytes, or NULL: it is an item as any
 * other; with add it is noted.  Those with texts come in the order of their
 * places, without their subjects.
 */
#define MDR_CARD_TEXTS  MDR_WAY_TEXTS

typedef struct {
    const uint8_t  *p;
    uint32_t        len;
    uint32_t        place;
    uint8_t         first, pieces;      /* 0: it stands in the item; else it is
                                           so many, with boundaries, decoded
                                           and put together in
                                           mdr_sink_card_room                */
    uint32_t        subject;            /* of the batch, or UINT32_MAX       */
} mdr_card_text_t;

typedef struct {
    uint32_t         slot, ntexts;
    const uint8_t   *p;
    uint64_t         start, end, parent;
    uint64_t         tag;               /* where one can be written          */
    mdr_card_text_t  texts[MDR_CARD_TEXTS];
    struct {
        const uint8_t  *p;
        uint32_t        len;
        uint8_t         escaped;        /* mdr_json_unescape                 */
    } pieces[MDR_CARD_TEXTS];

    /* of the scan */
    struct mdr_list_s *list;            /* of an entry, or NULL              */
    uint64_t         ordinal, hold, follow;     /* as an element has them    */
    uint64_t         index, seq;
    uint64_t         doc;               /* group that a number counts        */
    uint64_t         hash, place;       /* place 0: it is not kept           */
    void            *after;             /* what stands before it, or NULL    */
    uint32_t         unit;              /* that it has become                */
} mdr_card_t;

mdr_card_t *mdr_sink_card(mdr_sink_t *sink, uint32_t slot, size_t n);
void mdr_sink_card_add(mdr_sink_t *sink, mdr_card_t *card);
/* the same of one that is the next element of list card->parent */
void mdr_sink_card_entry(mdr_sink_t *sink, mdr_card_t *card);
/* n bytes for the next card, which stay until its batch is judged, or NULL;
 * MDR_TEXT_BEHIND more can be read */
uint8_t *mdr_sink_card_room(mdr_sink_t *sink, size_t n);
/* as mdr_sink_item_keep, before add; and instead of it, of one that was seen
 * before: 0, it has to be an item as any other */
void mdr_sink_card_keep(mdr_sink_t *sink, mdr_card_t *card, uint64_t hash,
    uint64_t key, const uint8_t *p, size_t n);
int mdr_sink_card_known(mdr_sink_t *sink, mdr_card_t *card);

/*
 * Where a tag can be written.  HTML: at = behind the tag name, known when
 * the item opens; JSON: at = behind the last member, known at its close,
 * comma = there is a member before.  stale: what upstream wrote under our
 * names, to be taken out in that case.  Not called: no tag possible (an
 * item that is no object or element).
 */
typedef struct {
    uint64_t  at;
    uint8_t   json;
    uint8_t   comma;
    uint32_t  nstale;
    struct { uint64_t start, end; } stale[8];
} mdr_tag_point_t;

void mdr_sink_tag_point(mdr_sink_t *sink, uint32_t item,
    const mdr_tag_point_t *point);
/* may an item of the slot be tagged?  If not, its tag point is not needed */
int mdr_sink_tags(mdr_sink_t *sink, uint32_t slot);

/* end: behind its last byte; whole_end: where a removal would end (behind
 * the newline of a line, else end).  Inner items close before outer ones. */
void mdr_sink_item_close(mdr_sink_t *sink, uint32_t item, uint64_t end,
    uint64_t whole_end);

/* the texts of the item and those inside it cost too much: it cannot be
 * inspected, and they are forgotten */
void mdr_sink_item_spent(mdr_sink_t *sink, uint32_t item, uint64_t at);
/* the item cannot be inspected (not JSON in a script ...): on_error decides */
void mdr_sink_item_unreadable(mdr_sink_t *sink, uint32_t item,
    uint64_t at, const char *detail);

/*
 * Pointers to items by their member names (refs.c).  What may be one is opened
 * as an element is, named where it is one, and closed; nothing is a pointer
 * without a name.
 */
void mdr_sink_item_name(mdr_sink_t *sink, uint32_t item, const char *p,
    size_t n);
#define MDR_REF_LEFT  (UINT32_MAX - 1)      /* too many wait: it does not    */
uint32_t mdr_sink_ref_open(mdr_sink_t *sink, uint32_t slot, int kind,
    uint64_t start, uint64_t whole, uint64_t parent);
void mdr_sink_ref_name(mdr_sink_t *sink, uint32_t ref, const char *p,
    size_t n);
void mdr_sink_ref_close(mdr_sink_t *sink, uint32_t ref, uint64_t end);
void mdr_sink_refs_end(mdr_sink_t *sink);       /* the document has ended    */

/* *mark is set where the item is removed; it is known behind mdr_sink_judge,
 * once the item is closed, and the scanner replaces what it has to */
void mdr_sink_item_mark(mdr_sink_t *sink, uint32_t item, uint8_t *mark);
int mdr_sink_judge(mdr_sink_t *sink);
void mdr_sink_replace(mdr_sink_t *sink, uint64_t start, uint64_t end,
    const char *text, size_t len);
size_t mdr_sink_max(const mdr_sink_t *sink);            /* max_slot          */

/*
 * JSON lists (arrays, objects) that may hold items: every element and comma,
 * so that a removal takes exactly one comma.  list: a number, unique in the
 * body, never 0.  element: first byte of an element, or of the key of a
 * member; always before the mdr_sink_item_open for it.
 */
void mdr_sink_list_open(mdr_sink_t *sink, uint64_t list, uint64_t at);
void mdr_sink_list_element(mdr_sink_t *sink, uint64_t list, uint64_t at);
void mdr_sink_list_comma(mdr_sink_t *sink, uint64_t list, uint64_t at);
void mdr_sink_list_close(mdr_sink_t *sink, uint64_t list, uint64_t at);

/* what comes is of a script that the page runs, or not; scripts are allowed by
 * their hashes (CSP, a meta) */
void mdr_sink_in_script(mdr_sink_t *sink, int in);
void mdr_sink_hashes(mdr_sink_t *sink);
/* a member is there that the page requires, its n-th requirement */
void mdr_sink_member(mdr_sink_t *sink, uint32_t n);

/* a document of the body has ended before `at`, another may follow */
void mdr_sink_document(mdr_sink_t *sink, uint64_t at);

/* a number that may be the length of the document behind it, which ends before
 * `at` (lengths.c) */
void mdr_sink_length(mdr_sink_t *sink, uint64_t start, uint64_t end);
/* the same in a field Content-Length, the line [line, line_end): it counts the
 * bytes from there to the end of the document, or to the newline before it;
 * where that is too far, the line goes */
void mdr_sink_length_field(mdr_sink_t *sink, uint64_t line, uint64_t line_end);
void mdr_sink_length_from(mdr_sink_t *sink, uint64_t at);
void mdr_sink_length_end(mdr_sink_t *sink, uint64_t at);

/* a number under a slot's `count` path */
void mdr_sink_count(mdr_sink_t *sink, uint32_t slot, uint64_t start,
    uint64_t end, const uint8_t *digits);

/*
 * Items that were seen before (seen.h); NULL: none are to be remembered.
 * *key: what the verdict on an item depends on but for its slot and bytes.
 * at: its number there.  known: the item, of n bytes, had no hit, and its texts need not come; 0: they
 * have to all the same.  keep: the n bytes at p are the item; if it has no hit
 * it will be known.
 */
mdr_seen_t *mdr_sink_seen(mdr_sink_t *sink, uint64_t *key);
/* an item of HTML that is known, opened, of n bytes at `start`, and closed; 0:
 * it has to be read, and nothing was done */
int mdr_sink_item_again(mdr_sink_t *sink, uint32_t slot, uint64_t start,
    size_t n, uint32_t at, uint64_t parent);
int mdr_sink_item_known(mdr_sink_t *sink, uint32_t item, size_t n,
    uint32_t at);
void mdr_sink_item_keep(mdr_sink_t *sink, uint32_t item, uint64_t hash,
    uint64_t key, const uint8_t *p, size_t n);

/* what was learned of the markup of this policy, by the scanner that has these
 * rules; NULL: nothing is to be learned */
mdr_markup_t *mdr_sink_markup(mdr_sink_t *sink, const void *rules);

/* the same where nothing behind it can be told apart: 1, the response ends
 * here (moderation_on_error block); 0, it goes on */
int mdr_sink_stop(mdr_sink_t *sink, int kind, uint64_t at,
    const char *detail);
/* something could not be read; MDR_ERR_* */
void mdr_sink_error(mdr_sink_t *sink, int kind, uint64_t at,
    const char *detail);

const mdr_model_t *mdr_sink_model(mdr_sink_t *sink);
size_t mdr_sink_max_slot(const mdr_sink_t *sink);
const mdr_alloc_t *mdr_sink_alloc(mdr_sink_t *sink);


/*
 * Layers (scan/layer.c): a document inside a value.  The scanner that meets
 * the value opens one, gives it the text piece by piece as it decodes it (src:
 * in its own positions, as for texts), and closes it behind the value.  While
 * a layer is read, all positions that come are of its text.
 */

typedef struct mdr_layer_s  mdr_layer_t;
typedef struct mdr_frames_s  mdr_frames_t;
struct mdr_json_s;

/* how a value is written: what escapes text of our own needs in it */
enum { MDR_STYLE_RAW, MDR_STYLE_JSON, MDR_STYLE_SINGLE, MDR_STYLE_TEMPLATE,
       MDR_STYLE_ATTR, MDR_STYLE_BARE, MDR_STYLE_TEXT, MDR_STYLE_URI };

#define MDR_STYLES      6               /* around one another, innermost first */
#define MDR_LAYERS_MAX  6               /* open at once                      */
#define MDR_LAYER_READ  16384           /* bytes that wait at most           */

/* a value of the slots of a group (model.h); NULL: go on without */
mdr_layer_t *mdr_layer_open(mdr_sink_t *sink, uint32_t group, uint8_t style);
/* read by this scanner, which the layer frees */
mdr_layer_t *mdr_layer_json(mdr_sink_t *sink, struct mdr_json_s *json,
    uint8_t style);
/* the rows of flight that many scripts of a page push, for the slots of use[]
 * (copied); not to be closed */
mdr_layer_t *mdr_layer_rows(mdr_sink_t *sink, const uint8_t *use,
    uint8_t style);
mdr_layer_t *mdr_layer_frames(mdr_sink_t *sink, mdr_frames_t *frames,
    uint8_t style);
/* a document of the body in frames: the slots of use[] read JSON, and where
 * html is set those for HTML do; another text is none */
mdr_layer_t *mdr_layer_row(mdr_sink_t *k, const uint8_t *use, int html,
    uint32_t id);
mdr_layer_t *mdr_layer_document(mdr_sink_t *sink, const uint8_t *use,
    int html);
/* a string that is all of a body, or an argument of one: likewise; a string in
 * it, too, and what looks like a document and is none is said */
mdr_layer_t *mdr_layer_string(mdr_sink_t *sink, const uint8_t *use, int html,
    uint8_t style);
int mdr_layer_copy(mdr_layer_t *l, uint64_t src, const uint8_t *p, size_t n);
int mdr_layer_unit(mdr_layer_t *l, uint64_t src, uint32_t sn,
    const uint8_t *p, size_t n);
/* the scanner reads what there is; last: there is no more */
int mdr_layer_read(mdr_layer_t *l, int last);
/* what was given cannot be read further, and no more will come */
int mdr_layer_fail(mdr_layer_t *l);
int mdr_layer_is_dead(const mdr_layer_t *l);    /* cannot be read further    */
void mdr_layer_close(mdr_layer_t *l);

typedef struct mdr_layers_s  mdr_layers_t;
typedef struct mdr_row_points_s  mdr_row_points_t;  /* json/row_point.c     */
typedef struct mdr_row_texts_s  mdr_row_texts_t;    /* json/row_text.c      */

struct mdr_layers_s {
    mdr_layer_t  *open;                 /* all, the innermost first          */
    mdr_layer_t  *now;                  /* that is being read, or NULL       */
    mdr_layer_t  *rows;                 /* of flight, over many scripts      */
    mdr_row_texts_t  *texts;            /* of its rows, or NULL              */
    mdr_row_points_t *points;           /* from row to row, or NULL          */
    uint64_t      serials;
};

typedef struct {                        /* how values of a group are read    */
    struct mdr_html_rules_s  *html;     /* or NULL                           */
    const uint8_t            *json;     /* slots of the rules, or NULL       */
} mdr_within_t;

/* a number that is of one scanner only: its lists count on from there */
uint64_t mdr_layer_serial(mdr_layers_t *all);
uint64_t mdr_layer_number(mdr_layers_t *all);       /* never 0               */
/* of the sink: its layers, what a group is (0: of the body, HTML only), what an open item still holds
 * (MDR_NO_POS: nothing), and that [start, end) of the body is no part of a
 * layer that goes on behind it */
mdr_layers_t *mdr_sink_layers(mdr_sink_t *sink);
/* is what is being read a row of flight? */
int mdr_layer_in_row(const mdr_layers_t *all);
const mdr_within_t *mdr_sink_within(mdr_sink_t *sink, uint32_t group);
uint64_t mdr_sink_hold(const mdr_sink_t *sink);
void mdr_sink_island(mdr_sink_t *sink, uint64_t start, uint64_t end,
    uint8_t depth);


/* html_scan.c */

typedef struct mdr_html_s  mdr_html_t;
typedef struct mdr_html_rules_s  mdr_html_rules_t;  /* compiled selectors   */

/* the selectors of the html and script slots of a group, in arena; NULL: no
 * memory or a selector that does not parse (the loader has checked) */
mdr_html_rules_t *mdr_html_compile(const mdr_model_t *m, uint32_t group,
    mdr_arena_t *arena);
mdr_html_t *mdr_html_new(const mdr_html_rules_t *rules, mdr_sink_t *sink);
/* at once behind new: the body is XML */
void mdr_html_is_xml(mdr_html_t *h);
int mdr_html_scan(mdr_html_t *h, const uint8_t *data, size_t len,
    uint64_t base, int last, size_t *consumed);
void mdr_html_free(mdr_html_t *h);

/* text of an HTML fragment (as: html): tags left out, references decoded;
 * pieces are appended to out with positions mapped through in */
int mdr_html_text(const mdr_text_t *in, mdr_text_t *out);

/* url_text.c: percent-decoded (as: url), positions mapped through in */
int mdr_url_text(const mdr_text_t *in, mdr_text_t *out);


/* json_scan.c */

typedef struct mdr_json_s  mdr_json_t;
typedef struct mdr_json_rules_s  mdr_json_rules_t;  /* compiled paths       */

mdr_json_rules_t *mdr_json_compile(const mdr_model_t *m, mdr_arena_t *arena);
/* the same, and what a page requires (NULL: none) */
mdr_json_rules_t *mdr_json_compile_page(const mdr_model_t *m,
    const mdr_page_t *page, mdr_arena_t *arena);
/* type: MDR_TYPE_JSON, NDJSON, JSONP, or SCRIPT (relaxed; slots of type
 * script only, chosen by mask: see mdr_script_*) */
mdr_json_t *mdr_json_new(const mdr_json_rules_t *rules, mdr_sink_t *sink,
    int type);
int mdr_json_scan(mdr_json_t *j, const uint8_t *data, size_t len,
    uint64_t base, int last, size_t *consumed);
/* a string that is all of a body may hold a document for the slots of
 * documents[], or where html is set for those of HTML; j may be NULL */
void mdr_json_read_text(mdr_json_t *j, const uint8_t *documents, int html);
/* documents stand anywhere in it, or in code (MDR_STRAY_*) */
enum { MDR_STRAY_TEXT = 1, MDR_STRAY_CODE };
void mdr_json_is_stray(mdr_json_t *j, int where);
/* an array of strings that are documents */
void mdr_json_is_messages(mdr_json_t *j);
/* does data begin at p, which "{" or "[" stands at: a name in quotes, one that
 * a path has; 0; -1: more bytes are needed */
enum { MDR_DATA_QUOTED = 1, MDR_DATA_KNOWN };
int mdr_json_data(const mdr_json_rules_t *rules, const uint8_t *p, size_t n,
    int last);
/* is there a member with a name that a path has? */
int mdr_json_is_ours(const mdr_json_rules_t *rules, const uint8_t *p,
    size_t n);
/* does a packet of engine.io that has a document begin at p? */
int mdr_json_is_packet(const uint8_t *p, size_t n);
/* does the name of a variable that a slot reads stand in p? */
int mdr_json_in_script(const mdr_json_rules_t *rules, const uint8_t *p,
    size_t n);
/* the first place in p where it does, or where that is open (*kind as above);
 * n: there is none */
size_t mdr_json_find(const mdr_json_rules_t *rules, const uint8_t *p, size_t n,
    int last, int *kind);
/* what stands before the JSON at p that is no part of it (json_guard.c); bytes,
 * SIZE_MAX: more are needed */
size_t mdr_json_guard(const uint8_t *p, size_t n, int last);
/* what PHP says of its own before one: its bytes, 0, SIZE_MAX as above */
size_t mdr_json_notice(const uint8_t *p, size_t n, int last);
void mdr_json_free(mdr_json_t *j);
/* the slots that read values of a group, 1 each, by their place in rules; NULL:
 * none of them is for JSON, or no memory */
/* those that read the documents of a body that comes in frames: slots of type
 * json, and of type script for the variable `name` */
uint8_t *mdr_json_documents(const mdr_json_rules_t *rules, const char *name,
    mdr_arena_t *arena);
uint8_t *mdr_json_group(const mdr_json_rules_t *rules, uint32_t group,
    mdr_arena_t *arena);

/* n bytes between the quotes of a string at p, at position at, appended to t:
 * its escapes can be read (relaxed: as those of JavaScript) */
int mdr_json_unescape(mdr_text_t *t, uint64_t at, const uint8_t *p, size_t n,
    int relaxed);

/* the strings that path finds in a JSON text (as: json; "@data-field $.t"),
 * appended to out with positions mapped through in */
int mdr_json_text(const mdr_text_t *in, mdr_str_t path, int join,
    mdr_text_t *out, const mdr_alloc_t *alloc);


/*
 * script.c: JSON inside an inline script.  The HTML scanner opens one at
 * <script>, hands over the raw text between the tags under the scanner
 * contract, and frees it at </script>.  NULL: no slot of type script can
 * match.  by_selector[i] is 1 for every slot i of type script whose selector
 * has matched this element (the whole text is one JSON document); slots with
 * a variable name are looked for in any script without such a type.
 */
typedef struct mdr_script_s  mdr_script_t;

mdr_script_t *mdr_script_new(const mdr_json_rules_t *rules,
    mdr_sink_t *sink, const uint8_t *by_selector);
int mdr_script_scan(mdr_script_t *s, const uint8_t *data, size_t len,
    uint64_t base, int last, size_t *consumed);
void mdr_script_free(mdr_script_t *s);
const mdr_json_rules_t *mdr_sink_json_rules(mdr_sink_t *sink);
/* a body that is JavaScript: the slots with a variable */
mdr_script_t *mdr_script_new_body(const mdr_json_rules_t *rules,
    mdr_sink_t *sink);
/* "b" of "a.b" */
mdr_str_t mdr_script_last_name(mdr_str_t s);
/* 1: the text is a variable name (window.__STATE__), 0: a selector */
int mdr_script_is_name(mdr_str_t s);


/* syntax checks for the loader: MDR_OK, or MDR_ERROR with the byte offset
 * in s and a message that lives in static memory or in buf */

typedef struct {
    size_t  offset;
    char    text[160];
} mdr_syntax_t;

int mdr_selector_check(mdr_str_t s, mdr_syntax_t *err);     /* selector.c   */
/* jsonpath.c; MDR_OK with err->text: the path as it ought to be written */
int mdr_path_check(mdr_str_t s, mdr_syntax_t *err);

#endif
