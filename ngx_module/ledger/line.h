/*
 * line.h - the lines of the record: what stands in each type, written as one
 * JSON object of at most 16 KiB, and read back as far as both sides need it.
 *
 * Members come in a fixed order: type, time, n, then what the type has,
 * private last.  So the public half of a line is found without parsing it
 * (mdl_line_split), byte for byte as it was written, which is what the
 * ledger's leaves hold.
 */

#ifndef MDL_LINE_H
#define MDL_LINE_H

#include "ids.h"
#include "json.h"
#include "words.h"

#define MDL_VERSION        1
#define MDL_LINE_MAX       16384        /* with the newline                  */
#define MDL_TEXT_MAX       12288        /* of all fields, for a person       */
#define MDL_TEXT_SHORT     512          /* of a field, elsewhere             */
#define MDL_SOURCE_MAX     8192         /* bytes of a card, before base64    */
#define MDL_HITS_KEPT      16           /* when a line is too long           */

typedef struct {
    uint64_t     time_ms, next;
    uint32_t     place, pid;
    const uint8_t *zone;                /* 16 random bytes                   */
    mdl_str_t    boot, segment, module, key;
} mdl_head_t;

typedef struct {
    mdl_str_t    id, label;
    uint32_t     rev;
    uint8_t      action, mode;
} mdl_rule_t;

typedef struct {                        /* start, end: bytes of the field    */
    mdl_str_t    rule, field, text;
    uint32_t     start, end;
} mdl_hit_t;

typedef struct {                        /* also a sample                     */
    uint64_t            time_ms, n;
    uint8_t             type;           /* MDL_DECISION, MDL_SAMPLE          */
    uint8_t             mode, suggestion, action, reason, found_by,
                        automation, review;
    uint8_t             flapping;
    const char         *id;             /* MDL_ID characters                 */
    mdl_str_t           slot, host, page, policy, place;
    const uint8_t      *fingerprint, *account, *item;   /* or NULL: none     */
    const mdl_rule_t   *rules;
    size_t              nrules;

    /* private: left out where flapping is set */
    mdl_str_t           raw_item, raw_account, path;
    const mdl_pair_t   *fields;
    size_t              nfields;
    const mdl_hit_t    *hits;
    size_t              nhits;
    const uint8_t      *source;         /* the card's bytes, or NULL         */
    size_t              source_len;
    uint8_t             whole;          /* a person will read the texts      */
} mdl_decision_t;

typedef struct {
    const char         *id;
    uint64_t            since, total;   /* since: ms, birth of the entry     */
} mdl_count_t;

typedef struct {
    uint8_t             what;           /* MDL_STAT_*                        */
    mdl_str_t           slot, name;     /* name: rule, action, kind, page id */
    uint64_t            total;
} mdl_stat_t;

typedef struct {
    uint64_t            time_ms, n;
    const char         *id;
    uint8_t             finding, mode, action;
    mdl_str_t           page, host, require, policy;
    mdl_str_t           path, detail;   /* private                           */
} mdl_page_t;

typedef struct {
    uint64_t            time_ms, n;
    const char         *id;
    uint8_t             mode, action;
    mdl_str_t           kind, slot, host, policy;
    mdl_str_t           path;           /* private                           */
} mdl_error_t;

typedef struct {
    uint64_t            time_ms, n;
    uint8_t             event, mode;    /* mode: of a switch                 */
    mdl_str_t           policy, rule, slot, detail;
    uint32_t            rev;
    uint64_t            until;          /* of a switch, seconds since 1970   */
} mdl_policy_t;

/*
 * Each writes one line with its newline into buf[cap] (MDL_LINE_MAX is always
 * enough) and returns its length; 0: it does not fit.  Of a decision source,
 * hits behind the sixteenth, then texts give way.
 */
size_t mdl_line_head(char *buf, size_t cap, const mdl_head_t *in);
size_t mdl_line_decision(char *buf, size_t cap, const mdl_decision_t *in);
/* as many of the n as fit; *done says how many */
size_t mdl_line_counts(char *buf, size_t cap, uint64_t time_ms, uint64_t n,
    const mdl_count_t *counts, size_t ncounts, size_t *done);
size_t mdl_line_stats(char *buf, size_t cap, uint64_t time_ms, uint64_t n,
    uint64_t since, const mdl_stat_t *stats, size_t nstats, size_t *done);
size_t mdl_line_page(char *buf, size_t cap, const mdl_page_t *in);
size_t mdl_line_error(char *buf, size_t cap, const mdl_error_t *in);
size_t mdl_line_policy(char *buf, size_t cap, const mdl_policy_t *in);
size_t mdl_line_end(char *buf, size_t cap, uint64_t time_ms, uint64_t n);

/*
 * The halves of a line of len bytes, without its newline: the public one is
 * line[0 .. *pub) and, where there is a private one, a closing brace behind
 * it; the value of `private` is line[*priv .. *priv + *priv_len), *priv_len 0
 * where there is none.  -1: not one JSON object, or private is not its last
 * member.
 */
int mdl_line_split(const char *line, size_t len, size_t *pub, size_t *priv,
    size_t *priv_len);

/* names of segments: <ms>-<pid>-<n>-<16 hex>.jsonl */

#define MDL_SEGMENT_MAX  80

typedef struct {
    uint64_t  ms, pid, n;
} mdl_segment_t;

/* 0, and the name in out[MDL_SEGMENT_MAX]; -1: no random bytes */
int mdl_segment_name(char *out, uint64_t ms, uint64_t pid, uint64_t n);
/* 0, or -1: not such a name */
int mdl_segment_parse(const char *name, mdl_segment_t *seg);

#endif
