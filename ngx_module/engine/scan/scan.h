/*
 * scan.h - the inside of a scan, shared by the files that make it up.
 *
 *   scan.c    the public calls: bytes in, windows, the end
 *   scan_charset.c  charset and type of a body, decoding
 *   items.c   what the scanners report: items, places, lists (sink.h)
 *   cards.c   items that come whole
 *   places.c  the texts of items
 *   units.c   the memory of items and elements
 *   judge.c   texts of ready items to the matcher, verdicts
 *   known.c   what the host knows of an item, what it is told of one
 *   mask.c    what is written into items: stars and tags
 *   lists.c   JSON lists: elements and commas
 *   edit.c    what leaves: edits in page order, applied to the window
 *
 * Two rows of positions: U, offsets in the body as UTF-8 (what scanners and
 * edits speak), and S, offsets in the body as it came.  They are the same
 * unless the body has another charset; then runs (text.h) map U to S for the
 * bytes that have not left yet.
 *
 * An item goes through: open (its start is held) -> ready (all that rules
 * read is known, or it closed) -> decided -> closed and reported.  What
 * leaves is everything before the first element that still has an undecided
 * item.  Elements are the units of removal: all items that begin at the same
 * place share one.
 */

#ifndef MDR_SCAN_H
#define MDR_SCAN_H

#include "text/charset.h"
#include "decide.h"
#include "policy/plan.h"
#include "policy/policy.h"
#include "base/seen.h"
#include "layer.h"
#include "page/page.h"
#include "sink.h"

#define MDR_MAX_SLOT     65536
#define MDR_OPEN_ITEMS   4096           /* at once; more are not tracked     */
#define MDR_SNIFF_BYTES  4096           /* that may say charset and type     */
#define MDR_BATCH_BYTES  4096
#define MDR_BATCH_ITEMS  128
#define MDR_BATCH_CARD   0x80000000u    /* and where in it, as a user        */

typedef struct mdr_elem_s  mdr_elem_t;
typedef struct mdr_list_s  mdr_list_t;
typedef struct mdr_unit_s  mdr_unit_t;

struct mdr_elem_s {                     /* a unit of removal                 */
    mdr_elem_t  *next;                  /* in page order                     */
    mdr_list_t  *list;                  /* of an entry                       */
    uint64_t     start;                 /* where it begins (whole)           */
    uint64_t     hold;                  /* what must not leave yet           */
    uint64_t     end;                   /* whole_end once closed             */
    uint64_t     follow;                /* next element of list, its end     */
    uint64_t     ordinal;               /* in list                           */
    uint64_t     removal;               /* id of the edit, 0 none            */
    uint32_t     undecided, unclosed;   /* items                             */
    uint8_t      kind, remove, resolved;
    uint8_t      depth;                 /* layers around it                  */
};

struct mdr_list_s {
    mdr_list_t  *next;                  /* open ones, innermost first        */
    uint64_t     id;
    uint64_t     count, removed;        /* elements                          */
    uint64_t     comma, element;        /* last of each, MDR_NO_POS          */
    uint64_t     tail;                  /* removal that ends at the next     */
    mdr_elem_t  *last;                  /* element that waits for its follow */
    mdr_card_t  *card;                  /* or the card that does             */
    uint8_t      cards;                 /* some are in the batch             */
    uint32_t     refs;
    uint8_t      closed;
};

struct mdr_unit_s {                     /* an item                           */
    mdr_unit_t       *next;             /* of the spare ones                 */
    uint32_t          places;           /* that it has room for              */
    uint32_t          slot, self;
    uint32_t          waiting;          /* read fields that are not known    */
    uint64_t          index, seq;
    uint64_t          doc;              /* group that is counted together    */
    uint64_t          start, end;       /* U                                 */
    uint64_t          s_start, s_end;   /* S                                 */
    uint64_t          ready_at;
    uint64_t          parent;
    mdr_elem_t       *elem;
    mdr_text_t       *texts;            /* [max_places]                      */
    uint8_t          *opened;           /* [max_places] 1 open, 2 closed, 3
                                           until the next match of "every"   */
    uint8_t           ending;           /* no more places will open          */
    uint8_t          *known;            /* by a field's first place          */
    uint64_t          name;             /* its member name, 0: no refs       */
    uint8_t          *mark;             /* set where it is removed, or NULL  */
    uint8_t           styles[MDR_STYLES];   /* of what stands around it      */
    mdr_tag_point_t  *tag;              /* kept for the next item            */
    mdr_hit_t        *hits;
    mdr_score_part_t *parts;            /* behind the hits, in their memory  */
    uint32_t          nparts;
    uint32_t          nhits, hits_total, flags;
    uint32_t          rule;             /* that decided                      */
    mdr_str_t         law;              /* entry of its jurisdiction         */
    uint8_t           suggestion, action;
    uint8_t           used, ready, decided, closed, large, tag_wait;
    uint8_t           spent;            /* its texts cost too much           */
    uint8_t           seen;             /* before, without a hit             */
    uint8_t           points;           /* to a text that stands elsewhere   */
    uint8_t           clean;            /* no hit now                        */
    uint8_t           limited;          /* a text has spent its budget       */
    uint64_t          hash, place;      /* to be kept, if it has none        */
    uint8_t           has_tag;
    uint8_t           would;            /* action, or what it had been       */
    uint8_t           asked, hinted;    /* the host has, a hint is set       */
    mdr_answer_t      answer;
    mdr_hint_t        hint;
};

typedef struct mdr_ref_s  mdr_ref_t;    /* refs.c                            */

typedef struct {                        /* hashes                            */
    uint64_t  *names;
    size_t     n, cap;
    uint8_t    full;
} mdr_names_t;

typedef struct {
    uint64_t  id;                       /* of an open removal, else 0        */
    uint64_t  start, end;               /* end MDR_NO_POS: not known yet     */
    uint32_t  text, len;                /* replacement, in edit_text         */
    uint32_t  count_slot;               /* + 1: a number to be lowered ...   */
    uint8_t   left;                     /* ... or to be left as it is        */
    uint8_t   depth;                    /* of a removal: layers around it    */
    uint8_t   island;                   /* + 1: stays where such a removal
                                           of this depth or more goes        */
    uint64_t  doc;                      /* group that it counts              */
    uint8_t   length, base;             /* MDR_LENGTH_*: a length ...        */
    uint64_t  value, until;             /* ... of what stands before until   */
} mdr_edit_t;

enum { MDR_LENGTH_NONE, MDR_LENGTH_BYTES, MDR_LENGTH_UTF16 };

typedef struct {
    uint64_t  parent;
    uint32_t  slot;
    uint32_t  opened, shown;
} mdr_shown_t;

typedef struct {                        /* a number before its list          */
    uint64_t  start, end, list;
    uint64_t  group;                    /* number of what it counts          */
    uint8_t   state;                    /* 0 none, 1 held, 2 left, 3 free    */
    uint8_t   items;                    /* the document had some             */
} mdr_count_t;

#define MDR_GONE_MAX  64

typedef struct {                        /* removed of a slot in a document   */
    uint64_t  doc, n;
    uint32_t  slot;
} mdr_gone_t;

/* all that the markup of a body is read by */

typedef struct {
    char         hash[33];              /* of the policy                     */
    const void  *rules;
    uint32_t     conf;
} mdr_learned_key_t;

#define MDR_LEARNED  8

typedef struct {
    mdr_markup_t      *markup;
    mdr_learned_key_t  key;
    uint64_t           used;
} mdr_learned_t;

struct mdr_work_s {
    const mdr_alloc_t  *alloc;
    mdr_match_work_t   *match;
    mdr_raw_hits_t      raw;
    mdr_subject_t      *subjects;
    mdr_text_t        **texts;          /* [subjects]                        */
    size_t              nsubjects, subjects_cap, texts_cap;
    mdr_verdict_t       verdict;
    mdr_seen_t         *seen;           /* or NULL                           */
    mdr_learned_t       learned[MDR_LEARNED];
    uint64_t            learned_uses, resets;
    mdr_sheets_t       *sheets;         /* of style elements; or NULL        */
    mdr_card_t         *cards;          /* [MDR_BATCH_ITEMS], as in a batch  */
    uint8_t            *joined;         /* texts of cards in it ...          */
    size_t              njoined;        /* ... of so many bytes              */
    mdr_buf_t           print;          /* of the item that is asked for     */
    mdr_unit_t         *spare_units;    /* units.c                           */
    mdr_elem_t         *spare_elems;
    uint32_t            nspare_units, nspare_elems;
};

struct mdr_sink_s {
    const mdr_policy_t   *policy;
    const mdr_model_t    *model;
    const mdr_plan_t     *plan;
    const mdr_alloc_t    *alloc;
    mdr_work_t           *work;
    mdr_scan_conf_t       conf;
    mdr_scan_stats_t      stats;
    mdr_match_bill_t      bill;         /* what the texts have cost          */

    /* the window: bytes from base on, in the caller's memory or in held */
    const uint8_t        *win;
    uint64_t              base;
    size_t                win_len;
    uint32_t              win_flags;
    mdr_buf_t             held;
    size_t                held_off;
    uint64_t              in_pos;       /* S: all bytes so far               */
    uint64_t              scanned;      /* U                                 */
    uint64_t              settled;      /* U: has left or was dropped        */
    uint8_t               before;       /* the last byte of that             */

    /* the charset is not known yet: read as UTF-8 as long as it is ASCII */
    uint8_t               sniffing;
    uint8_t               label_said;
    uint8_t               look;         /* of the body: MDR_SNIFF_*             */
    uint8_t               late;         /* ... though others than ASCII have
                                           been read as UTF-8               */
    uint8_t               flushing;     /* ... and shall be, with what is
                                           there                             */
    mdr_buf_t             head;         /* first bytes, at most 1024         */
    size_t                head_fed;     /* of them, handed to the scanner    */

    /* charset stage; wide is 0 for UTF-8 */
    uint8_t               wide;
    int                   cs;
    mdr_decoder_t         decoder;
    mdr_text_t            utf8;         /* U from utf8_base on               */
    uint64_t              utf8_base;
    mdr_buf_t             raw;          /* S from raw_base on                */
    uint64_t              raw_base;

    uint64_t              cut_at;       /* U: nothing from here on leaves    */
    uint8_t               type, started, unread, cut, failed, ended;
    mdr_html_t           *html;
    mdr_page_run_t       *page;         /* or NULL                           */
    mdr_json_t           *json;
    mdr_script_t         *script;       /* a body that is JavaScript         */
    mdr_frames_t         *frames;
    mdr_layers_t          layers;

    /* items */
    mdr_unit_t          **units;
    size_t                nunits, units_cap;
    uint32_t             *free_units;
    size_t                nfree, free_cap;
    uint64_t              seq;
    struct {                            /* that is held                      */
        uint64_t          start, end;
        uint64_t          line, line_end, from;     /* of a field, or 0      */
        uint8_t           held;
    } length;
    uint8_t               in_script;    /* that the page runs                */
    uint8_t               hashes;       /* are what it may run               */
    mdr_ref_t            *refs;
    uint32_t              nrefs, free_ref;
    size_t                refs_cap;
    mdr_names_t           gone_names, left_names;
    uint64_t             *slot_index;   /* [nslots] next index               */
    mdr_count_t          *counts;       /* [nslots]                          */
    mdr_gone_t            gone[MDR_GONE_MAX];
    uint32_t              next_gone;
    uint64_t              doc;          /* the last group                    */
    mdr_elem_t           *first, *last;
    mdr_list_t           *lists;
    mdr_shown_t           shown[64];
    uint32_t              nshown;

    uint32_t              batch[MDR_BATCH_ITEMS];   /* units, MDR_BATCH_CARD */
    size_t                nbatch, batch_bytes;
    uint8_t               cards;        /* items may be such                 */

    /* edits */
    mdr_edit_t           *edits;
    size_t                nedits, edits_cap;
    mdr_edit_t           *going;        /* applied removals without an end   */
    size_t                ngoing, going_cap;
    mdr_buf_t             edit_text;
    uint64_t              next_edit;
    uint64_t              skip;         /* U: dropped up to here ...         */
    uint8_t               skip_depth;   /* ... by removals of this depth     */
};

struct mdr_scan_s {
    mdr_sink_t  k;
};

/* scan.c */
extern const uint8_t  mdr_scan_nothing[1];      /* an empty window           */
/* the scanner for k->type; none where no slot is of it */
int mdr_scan_open(mdr_sink_t *k);
/* one look at the window: read on, judge, let go what is settled */
int mdr_scan_step(mdr_sink_t *k, int last);
/* UTF-8, of the caller and not */
int mdr_scan_feed_utf8(mdr_sink_t *k, const uint8_t *data, size_t len);
int mdr_scan_feed_held(mdr_sink_t *k, const uint8_t *data, size_t len);
uint64_t mdr_scan_source(const mdr_sink_t *k, uint64_t u);
const uint8_t *mdr_scan_bytes(const mdr_sink_t *k, uint64_t u, size_t *len);

/* sniff.c: the type of a body whose header says label, by its first bytes;
 * MDR_TYPE_AUTO: more are needed to tell, which there are unless it is whole */

enum { MDR_SNIFF_TEXT = 1,      /* it is a string, or a call of one          */
       MDR_SNIFF_CODE = 2,      /* documents stand somewhere in code,        */
       MDR_SNIFF_STRAY = 4,     /* in a text,                                */
       MDR_SNIFF_MESSAGES = 8 };/* or in messages of SockJS                  */

typedef struct {
    const uint8_t           *p;
    size_t                   n;
    int                      whole;
    const mdr_plan_t        *plan;
    const mdr_json_rules_t  *rules;
    uint8_t                 *flags;
} mdr_sniff_t;

int mdr_sniff(int label, const mdr_sniff_t *s);
/* does it begin with a byte that no browser takes for text (WHATWG mimesniff,
 * 3), or as protobuf: 1, 0, -1: more bytes are needed to tell */
int mdr_sniff_binary(const uint8_t *p, size_t n);

/* scan_charset.c */
/* charset and type, from what is held; MDR_LIMIT: more bytes are needed */
int mdr_scan_start(mdr_sink_t *k, int last);
/* another charset */
int mdr_scan_feed_wide(mdr_sink_t *k, const uint8_t *data, size_t len,
    int last);
/* as long as the charset is open; what is left of *data is not for it */
int mdr_scan_feed_sniffing(mdr_sink_t *k, const uint8_t **data, size_t *len,
    int last);

/* the open item of a handle, or NULL */
static inline mdr_unit_t *
mdr_unit_of(const mdr_sink_t *k, uint32_t item)
{
    return item < k->nunits && k->units[item]->used ? k->units[item] : NULL;
}

/* items.c */
/* all that rules read of it is known at position at */
void mdr_items_ready(mdr_sink_t *k, mdr_unit_t *u, uint64_t at);
void mdr_items_cut(mdr_sink_t *k, mdr_unit_t *u);
/* mdr_sink_error, about a rule or UINT32_MAX */
void mdr_items_error(mdr_sink_t *k, int kind, uint64_t at,
    const char *detail, uint32_t rule);
/* the element that begins at whole (U), in the queue */
mdr_elem_t *mdr_items_elem(mdr_sink_t *k, int kind, uint64_t whole,
    uint64_t parent);
/* an item of the element, as it begins */
void mdr_items_begin(mdr_sink_t *k, mdr_unit_t *u, mdr_elem_t *e,
    uint32_t slot, uint64_t start, uint64_t parent);
void mdr_items_elem_closed(mdr_sink_t *k, mdr_elem_t *e);
void mdr_items_drop_elem(mdr_sink_t *k, mdr_elem_t *e);
int mdr_items_resolve(mdr_sink_t *k);   /* elements that are decided         */
void mdr_items_large(mdr_sink_t *k, uint64_t upto);
void mdr_items_abandon(mdr_sink_t *k);  /* the body cannot be read further   */
void mdr_items_decided(mdr_sink_t *k, mdr_unit_t *u);
uint64_t mdr_items_limit(const mdr_sink_t *k);
void mdr_items_free(mdr_sink_t *k);

/* lists.c */
mdr_list_t *mdr_list_find(mdr_sink_t *k, uint64_t id);
void mdr_list_unref(mdr_sink_t *k, mdr_list_t *l);
/* the removal before it, and the one at the front, end at position at */
void mdr_list_follow(mdr_sink_t *k, mdr_list_t *l, uint64_t at);

/* units.c */
mdr_unit_t *mdr_unit_get(mdr_sink_t *k);        /* NULL: too many, memory    */
void mdr_unit_put(mdr_sink_t *k, mdr_unit_t *u);
/* behind that one of the queue; NULL: the first */
mdr_elem_t *mdr_elem_get(mdr_sink_t *k, mdr_elem_t *after);
void mdr_elem_put(mdr_sink_t *k, mdr_elem_t *e);
void mdr_units_free(mdr_sink_t *k);
void mdr_units_done(mdr_work_t *w);

/* style.c */
void mdr_style_put(mdr_sink_t *k, const uint8_t *styles, uint64_t start,
    uint64_t end, const void *text, size_t len);

/* counts.c */
void mdr_counts_removed(mdr_sink_t *k, const mdr_unit_t *u);
uint64_t mdr_counts_gone(const mdr_sink_t *k, uint32_t slot, uint64_t doc);
void mdr_counts_large(mdr_sink_t *k, uint64_t upto);

/* lengths.c */
void mdr_lengths_large(mdr_sink_t *k, uint64_t upto);
uint64_t mdr_lengths_hold(const mdr_sink_t *k);
uint64_t mdr_length_of(mdr_sink_t *k, const mdr_edit_t *e,
    const mdr_edit_t *edits, size_t n);
void mdr_edit_length(mdr_sink_t *k, const mdr_edit_t *e);

/* refs.c */
uint64_t mdr_refs_hash(const char *p, size_t n, uint32_t slot);
void mdr_refs_decided(mdr_sink_t *k, uint64_t name, int removed);
int mdr_refs_left(const mdr_sink_t *k, uint64_t name);
void mdr_refs_large(mdr_sink_t *k, uint64_t upto);
void mdr_refs_free(mdr_sink_t *k);

/* cards.c: its texts to the batch; the unit that it becomes, NULL: no memory */
int mdr_card_subjects(mdr_sink_t *k, mdr_card_t *c, uint32_t user);
mdr_unit_t *mdr_card_unit(mdr_sink_t *k, mdr_card_t *c);
/* the batch has been judged */
void mdr_cards_judged(mdr_sink_t *k);

/* judge.c */
void mdr_judge_add(mdr_sink_t *k, mdr_unit_t *u);
void mdr_judge_full(mdr_sink_t *k);     /* a batch that is full is judged    */
int mdr_judge_reserve(mdr_work_t *w, size_t n);     /* room for subjects     */
int mdr_judge_batch(mdr_sink_t *k);
/* judge_item.c; the raw hits of this item only */
int mdr_judge_item(mdr_sink_t *k, mdr_unit_t *u, mdr_raw_hit_t *raw,
    size_t nraw);
mdr_shown_t *mdr_judge_shown(mdr_sink_t *k, uint32_t slot, uint64_t parent);
mdr_text_t *mdr_judge_text(const mdr_sink_t *k, const mdr_unit_t *u,
    uint32_t field);

/* known.c */
/* does the item wait for the field before it is decided? */
static inline int
mdr_known_reads(const mdr_sink_t *k, const mdr_slot_plan_t *p, uint32_t field)
{
    return k->conf.known != NULL ? k->conf.ask_all || p->field_ask[field]
                                 : p->field_read[field];
}

/* action: what rules would do */
void mdr_known_ask(mdr_sink_t *k, mdr_unit_t *u, uint8_t action);
/* of an item that stands in work->seen at `at`; 0: it has to be read */
int mdr_known_hint(mdr_sink_t *k, uint32_t slot, uint32_t at,
    mdr_hint_t *hint, mdr_answer_t *answer);
void mdr_known_report(mdr_sink_t *k, mdr_unit_t *u);

/* mask.c */
int mdr_mask_item(mdr_sink_t *k, const mdr_unit_t *u,
    const mdr_decide_in_t *in,
    const mdr_verdict_t *v, const mdr_raw_hit_t *raw, size_t nraw);
void mdr_mask_tag(mdr_sink_t *k, mdr_unit_t *u);

/* edit.c; a failed allocation is kept in k->failed */
uint64_t mdr_edit_remove(mdr_sink_t *k, uint64_t start, uint64_t end,
    const char *replacement, uint8_t depth);
/* the replacement where markup is taken out, or NULL */
const char *mdr_edit_gap(const mdr_sink_t *k, uint64_t start);
void mdr_edit_end(mdr_sink_t *k, uint64_t id, uint64_t end);
void mdr_edit_put(mdr_sink_t *k, uint64_t start, uint64_t end,
    const void *text, size_t len);
void mdr_edit_count(mdr_sink_t *k, uint64_t start, uint64_t end,
    uint32_t slot);
/* the number at start is not lowered */
void mdr_edit_leave(mdr_sink_t *k, uint64_t start);
int mdr_edit_apply(mdr_sink_t *k, uint64_t limit);
void mdr_edit_free(mdr_sink_t *k);

#endif
