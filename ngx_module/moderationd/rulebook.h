/*
 * rulebook.h - what the desk has to know of a site's policy: how its slots are
 * reviewed, which reasons there are, what its rules say.
 *
 * The engine decides, the desk only reads: so this is the YAML of the policy
 * itself, without compiling it.  A book is immutable; who reads it holds it.
 */

#ifndef MDD_RULEBOOK_H
#define MDD_RULEBOOK_H

#include "moderationd.h"

typedef struct {
    char      *name;
    char      *queue;                   /* default: the slot's name          */
    char      *scope;                   /* names joined by ',': one card     */
    char     **slots;                   /* of the scope                      */
    size_t     nslots;
    int        required;
    int        people;                  /* 1 or 2                            */
    int        first_screen;
    int64_t    ttl_ms, target_ms;
    int64_t    after_ms;                /* of the default, 0: none           */
    int        pass;                    /* do: pass (else block)             */
} mdd_slot_t;

typedef struct {
    char      *id, *label, *title_zh, *title_en, *notice_zh, *notice_en;
    int        key;                     /* 1 to 9, 0: none                   */
    int64_t    ttl_ms;
    double     points;
} mdd_reason_t;

typedef struct {
    char      *id, *label, *title_zh, *title_en, *basis, *expires, *owner;
    int64_t    rev;
    double     points;                  /* of strikes, 0: none               */
    int64_t    half_ms;
    int        risk;                    /* 0 low, 1 medium, 2 high           */
    char      *text;                    /* as it stands in the file          */
} mdd_rule_t;

typedef struct {
    char          *site;
    mdd_slot_t    *slots;
    size_t         nslots;
    mdd_reason_t  *reasons;
    size_t         nreasons;
    mdd_rule_t    *rules;
    size_t         nrules;
    double         watched, limited, suspended;     /* scores                */
} mdd_book_t;

/* reads the policies of all sites, and again when they change */
int mdd_books_init(mdd_t *d);
void mdd_books_done(mdd_t *d);

/* the book of a site (NULL: of the first); held until mdd_book_leave: readers
 * do not wait for each other.  NULL: there is none */
const mdd_book_t *mdd_book(const char *site);
void mdd_book_leave(const mdd_book_t *book);

const mdd_slot_t *mdd_book_slot(const mdd_book_t *b, const char *name);
const mdd_rule_t *mdd_book_rule(const mdd_book_t *b, const char *id);
const mdd_reason_t *mdd_book_reason(const mdd_book_t *b, const char *id);

/* the site of a host: its name, that of the only site, or NULL */
const char *mdd_site_of(const mdd_conf_t *conf, const char *host);

#endif
