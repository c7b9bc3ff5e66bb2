/*
 * table.h - the mapped tables: what the daemon tells workers.
 *
 * A table is a file: a header of one page, entries of 32 bytes in a hash
 * table with linear probing, and behind them a blob that does not change.
 * One process writes it, any number map it read-only and look up without a
 * lock.  An entry appears by its key, which is stored last; it changes by one
 * 8-byte store of its word.  What needs more room, or another blob, is a new
 * file renamed over the old one; the old one says `retired` and is never
 * truncated, so that who still has it mapped reads on until he looks.
 *
 * files of a folder of tables:
 *
 *   items     key: fingerprint; verdict: MDL_REVIEW_*; scope; expiry
 *   accounts  key: mdl_hash "account"; verdict: MDL_ACCOUNT_*, or
 *             MDL_ACCOUNT_SCORED: none, with a credit below 100; flags: credit
 *             0..100; reason: number of the account's place, a line of the
 *             blob, from 1; 0 unknown
 *   orders    key: mdl_hash "item" | "account" | "url", or random (phrase);
 *             verdict: MDL_ORDER_*; of an order for one host: with
 *             MDL_ORDER_HOST, its key by mdl_order_host.  Its blob has the phrases, a line each:
 *             32 hex digits of the key, a space, the phrase.  Its header has
 *             the switches.
 *   wanted    key: mdl_hash "item"; verdict 1: record the next one that
 *             passes
 */

#ifndef MDL_TABLE_H
#define MDL_TABLE_H

#include "ids.h"
#include "words.h"

#define MDL_TABLE_MAGIC     0x31656c626154646dULL       /* "mdTable1"        */
#define MDL_TABLE_VERSION   1
#define MDL_TABLE_HEAD      4096
#define MDL_TABLE_PROBES    256
#define MDL_SWITCHES        64
#define MDL_SWITCH_MAX_S    (4 * 3600)
#define MDL_STALE_MS        5000        /* a heartbeat is stale behind that  */
#define MDL_STALE_MAX_MS    (12 * 3600 * 1000ULL)

enum { MDL_TABLE_ITEMS, MDL_TABLE_ACCOUNTS, MDL_TABLE_ORDERS,
       MDL_TABLE_WANTED, MDL_TABLES };

/* what an order is about; also the index of header.live */
enum { MDL_ORDER_NONE, MDL_ORDER_ITEM, MDL_ORDER_ACCOUNT, MDL_ORDER_URL,
       MDL_ORDER_PHRASE, MDL_ORDERS };

/* with one of them: on one host, of a key that mdl_order_host made; header.live
 * counts these once more */
#define MDL_ORDER_HOST       8
#define MDL_LIVE_HOSTS       MDL_ORDERS

extern const char *const  mdl_table_names[MDL_TABLES];
extern const char *const  mdl_orders[MDL_ORDERS];

/* the verdict of an account in state none that is there for its credit */
#define MDL_ACCOUNT_SCORED  MDL_ACCOUNTS

/* flags of an item's entry */
#define MDL_FLAG_SESSION   1    /* ends with a broadcast                     */
#define MDL_FLAG_SUSPENDED 2    /* its cover has changed: not shown for now  */
#define MDL_FLAG_REJECTED  4    /* was rejected once: no floor for it        */

/* a slot of the hash table.  word: verdict 8 | flags 8 | scope 16 | expiry 32
 * (seconds since 1970, 0 never), lowest bits first.  aux: seq 48 | reason 16 */

typedef struct {
    uint64_t  key[2];               /* key[0] 0: free                        */
    uint64_t  word, aux;
} mdl_slot_t;

typedef struct {
    uint64_t  key;                  /* mdl_switch_key; 0: free               */
    uint64_t  word;                 /* mode 8 | until 32 << 8; 0: none       */
} mdl_switch_t;

typedef struct {
    /* constant part */
    uint64_t  magic;
    uint32_t  version, kind;
    uint64_t  slots;                /* a power of two                        */
    uint64_t  generation;           /* of the file: greater than the old's   */
    uint8_t   timeline[16];         /* of the store that it was made from    */
    char      boot[40];             /* terminated                            */
    uint64_t  created_ms;
    uint64_t  blob_len;
    uint32_t  blob_crc;
    uint32_t  crc;                  /* of all before it                      */

    /* changes while it is mapped */
    uint64_t  heartbeat;            /* ms since 1970, each second            */
    uint64_t  seq;                  /* of the last change                    */
    uint64_t  changes;              /* goes up with each change              */
    uint64_t  used;                 /* slots with a key                      */
    uint64_t  live[8];              /* entries with a verdict; of orders by
                                       kind, else all in [0]                 */
    uint64_t  retired;
    uint64_t  switched;             /* goes up with each change of a switch  */
    mdl_switch_t  switches[MDL_SWITCHES];
} mdl_table_head_t;

typedef struct {
    uint8_t   verdict, flags;
    uint16_t  scope;                /* 0: everywhere                         */
    uint32_t  expiry;
    uint64_t  seq;
    uint16_t  reason;
} mdl_entry_t;


/* reading */

typedef struct {
    const mdl_table_head_t  *head;  /* NULL: not mapped                      */
    const mdl_slot_t        *slots;
    const char              *blob;
    uint64_t                 mask;
    size_t                   size;
} mdl_map_t;

/* 0, or -1 with a message: no file, not one of ours, damaged, of another
 * boot (boot NULL: not asked) */
int mdl_map_open(mdl_map_t *m, const char *dir, int kind, const char *boot,
    char *err, size_t size);
void mdl_map_close(mdl_map_t *m);
/* a new file has taken its place, or its pages are gone (zero) */
int mdl_map_outdated(const mdl_map_t *m);
/* 1: found (a verdict, of this scope or everywhere); 0: not; -1: the table is
 * broken or gone */
int mdl_map_find(const mdl_map_t *m, const uint8_t key[MDL_HASH],
    uint16_t scope, mdl_entry_t *out);
/* the memory that this look-up needs is fetched; nothing waits for it */
void mdl_map_prefetch(const mdl_map_t *m, const uint8_t key[MDL_HASH]);
/* every page is there: no look-up waits for the first touch of one */
void mdl_map_touch(const mdl_map_t *m);
uint64_t mdl_map_changes(const mdl_map_t *m);
/* of the file */
uint64_t mdl_map_generation(const mdl_map_t *m);
uint64_t mdl_map_live(const mdl_map_t *m, int kind);
/* the clock on which entries expire, in seconds, for a reader whose own is
 * at now_ms: the heartbeat, but at most 12 hours behind.  *stale: it is */
uint32_t mdl_map_clock(const mdl_map_t *m, uint64_t now_ms, int *stale);
/* the next phrase of an orders table from *at on; 0: there is none */
int mdl_map_phrase(const mdl_map_t *m, size_t *at, uint8_t key[MDL_HASH],
    mdl_str_t *phrase);
/* is any switch set, over or not? */
int mdl_map_switched(const mdl_map_t *m);
/* a switch that holds for slot and host at now (seconds): MDL_MODE_OFF (that
 * is open), SHADOW, ENFORCE; or -1.  The narrowest wins; *until where wanted */
int mdl_map_switch(const mdl_map_t *m, mdl_str_t host, mdl_str_t slot,
    uint64_t now, uint64_t *until);

/* scopes: 16 bits of the row of slot names, never 0 */
uint16_t mdl_scope(const mdl_str_t *slots, size_t n);
uint64_t mdl_switch_key(mdl_str_t host, mdl_str_t slot);
/* what the key of an order is combined with (xor) where it is for one host */
void mdl_order_host(mdl_str_t host, uint64_t out[2]);
/* the boot id of this kernel, terminated */
int mdl_boot_id(char out[40]);
uint32_t mdl_crc32(uint32_t crc, const void *p, size_t n);


/* writing: one process, one thread a table */

typedef struct mdl_table_s  mdl_table_t;

/*
 * A new table, under a name of its own, for at least `room` entries; nobody
 * sees it before mdl_table_publish.  blob may be NULL.  Of the table that it
 * is to replace (old, or NULL) it takes generation and switches.  NULL: err
 * says why.  Files get mode 0640 and the group of the folder.
 */
mdl_table_t *mdl_table_new(const char *dir, int kind, uint64_t room,
    const uint8_t timeline[16], const mdl_table_t *old, const void *blob,
    size_t blob_len, char *err, size_t size);
/* the published table, to go on writing it; NULL: there is none that is
 * whole, of this boot */
mdl_table_t *mdl_table_open(const char *dir, int kind, char *err,
    size_t size);
/* renames it over the one that is there and retires that; 0 or -1 */
int mdl_table_publish(mdl_table_t *t, char *err, size_t size);
/* its file is gone, cut, or another has taken its place: nobody sees what is
 * written into it, and writing may be a SIGBUS */
int mdl_table_lost(const mdl_table_t *t);
/* one that was lost, when another has been published in its place: who still
 * has it mapped leaves it */
void mdl_table_retire(mdl_table_t *t);
/* unmaps; an unpublished one is removed */
void mdl_table_free(mdl_table_t *t);

/*
 * Sets the entry of (key, scope); verdict 0 takes it out.  0; 1: too full, a
 * greater one is needed (mdl_table_grow), nothing has changed.
 */
int mdl_table_put(mdl_table_t *t, const uint8_t key[MDL_HASH],
    const mdl_entry_t *e);
/* a new file with all live entries that have not expired at now (seconds; 0:
 * all) and room for as many again; *t is the new one, published.  0 or -1 */
int mdl_table_grow(mdl_table_t **t, uint64_t now, char *err, size_t size);
void mdl_table_beat(mdl_table_t *t, uint64_t now_ms);
/* mode MDL_MODE_*, until 0 takes it back; -1: 64 are set already */
int mdl_table_switch(mdl_table_t *t, mdl_str_t host, mdl_str_t slot,
    uint8_t mode, uint64_t until);
/* every live entry; fn returns 0 to go on */
int mdl_table_each(const mdl_table_t *t,
    int (*fn)(void *data, const uint8_t *key, const mdl_entry_t *e),
    void *data);
const mdl_map_t *mdl_table_map(const mdl_table_t *t);

#endif
