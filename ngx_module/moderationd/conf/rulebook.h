/*
 * rulebook.h - what the desk has to know of a site's policy: how its slots are
 * reviewed, which reasons there are, what its rules say.
 *
 * The engine decides, the desk only reads: so this is the YAML of the policy
 * itself, without compiling it.  A book is immutable; who reads it holds it.
 */

#ifndef MDD_RULEBOOK_H
#define MDD_RULEBOOK_H

#include "moderationd/moderationd.h"

typedef struct {
    char      *name;
    char      *queue;                   /* default: the slot's name          */
    char      *scope;                   /* names joined by ',': one card     */
    char     **slots;                   /* of the scope                      */
    size_t     nslots;
    int        required;
    int        assume;                  /* stable: assume                    */
    char      *print;                   /* what fingerprints are made of     */
    char      *cover;                   /* the field that has its URL         */
    int64_t    cover_ms;                /* its bytes are compared so often, 0 */
    char      *session;                 /* the field that names a broadcast  */
    int        rollout;                 /* per cent of items                 */
    int        people;                  /* 1 or 2                            */
    int        first_screen;
    int        kind;                    /* 0 item, 1 programme, 2 account    */
    int64_t    ttl_ms, target_ms;
    int64_t    after_ms;                /* of the default, 0: none           */
    int        pass;                    /* do: pass (else block)             */
} mdd_slot_t;

typedef struct {
    char      *id, *label, *title_zh, *title_en, *notice_zh, *notice_en;
    char      *basis;                   /* which part of it; NULL            */
    int        law;                     /* it is one: basis: {kind: law}     */
    int        key;                     /* 1 to 9, 0: none                   */
    int64_t    ttl_ms;
    double     points;
} mdd_reason_t;

typedef struct {
    char      *id, *label, *title_zh, *title_en, *basis, *expires, *owner;
    char      *notice_zh, *notice_en;
    int        law;                     /* the basis is one                  */
    int64_t    rev;
    double     points;                  /* of strikes, 0: none               */
    int64_t    half_ms;
    double     least;                   /* `floor` of strikes, 0: none       */
    double     precision;               /* it was measured at, 0: not        */
    int        risk;                    /* 0 low, 1 medium, 2 high           */
    char      *text;                    /* as it stands in the file          */
} mdd_rule_t;

/* from how much on hits are a burst: "bursts" of the policy */
typedef struct {
    char      *rule;                    /* NULL: the default                  */
    double     ratio, min;              /* 0: not said                        */
} mdd_bursts_t;

typedef struct {
    char      *label;
    int        category;                /* 0 to 6, of reports                */
} mdd_labelled_t;

typedef struct {
    char          *site;
    int64_t        stamp;               /* of its files                      */
    mdd_labelled_t  *categories;
    size_t         ncategories;
    mdd_slot_t    *slots;
    size_t         nslots;
    mdd_reason_t  *reasons;
    size_t         nreasons;
    mdd_rule_t    *rules;
    size_t         nrules;
    mdd_bursts_t  *bursts;
    size_t         nbursts;
    double         watched, limited, suspended;     /* scores                */
} mdd_book_t;

/* reads the policies of all sites, and again when they change */
int mdd_books_init(mdd_t *d);
/* once, where no loop runs */
void mdd_books_read(mdd_t *d);
void mdd_books_done(mdd_t *d);

/* a policy read for its own sake, by path; NULL: no memory */
mdd_book_t *mdd_book_read(const char *path);
void mdd_book_free(mdd_book_t *b);
/* each *.yaml of a folder, or the file */
void mdd_book_files(const char *path,
    void (*run)(void *ctx, const char *file), void *ctx);
/* what the policy says of a rule's bursts; what it does not say stays */
void mdd_book_bursts(const mdd_book_t *b, const char *rule, double *ratio,
    double *min);

/* the book of a site (NULL: of the first); held until mdd_book_leave: readers
 * do not wait for each other.  NULL: there is none */
const mdd_book_t *mdd_book(const char *site);
void mdd_book_leave(const mdd_book_t *book);

/* rule_text.c: new texts of rules, to the store */
int mdd_rule_texts(mdd_tx_t *tx);

const mdd_slot_t *mdd_book_slot(const mdd_book_t *b, const char *name);
const mdd_rule_t *mdd_book_rule(const mdd_book_t *b, const char *id);
const mdd_reason_t *mdd_book_reason(const mdd_book_t *b, const char *id);

/* the site of a host: its name, that of the only site, or NULL */
const char *mdd_site_of(const mdd_conf_t *conf, const char *host);

#endif
