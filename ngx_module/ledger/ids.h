/*
 * ids.h - the names by which the record speaks of things: keyed hashes of
 * raw ids, fingerprints of cards, ids of decisions.
 *
 * Keyed: HMAC-SHA-256 (RFC 2104) under the installation's key, each kind of
 * name with a word of its own before it, so that no two kinds can meet.
 * Parts of what is hashed carry their length, so that no two rows of parts
 * give the same bytes.
 *
 * libc, and SHA-256 of the engine's base.
 */

#ifndef MDL_IDS_H
#define MDL_IDS_H

#include "base/digest.h"
#include "json.h"

#define MDL_KEY_BYTES   32
#define MDL_HASH        16          /* bytes of a keyed hash, a fingerprint  */
#define MDL_ID          20          /* characters of a decision's id         */

typedef struct {
    mdr_sha256_t  inner, outer;     /* with the key's blocks in them         */
    char          id[9];            /* names the key: 8 hex digits, NUL      */
} mdl_key_t;

typedef struct {
    const mdl_key_t  *key;
    mdr_sha256_t      sha;
} mdl_mac_t;

/* the key file: one line "moderation-id-key-1 " and 64 hex digits */
#define MDL_KEY_WORD  "moderation-id-key-1 "

void mdl_key_init(mdl_key_t *k, const uint8_t *secret, size_t n);
/* 0, or -1 with a message in err.  *wide: others than owner and group can
 * read it, or the group can write it */
int mdl_key_load(mdl_key_t *k, const char *path, int *wide, char *err,
    size_t size);

void mdl_mac_init(mdl_mac_t *m, const mdl_key_t *k, const char *kind);
/* a part: its length (8 bytes, little-endian), its bytes */
void mdl_mac_add(mdl_mac_t *m, mdl_str_t part);
void mdl_mac_done(mdl_mac_t *m, uint8_t *out, size_t n);

/* keyed hash of a raw id: kind is "item", "account" or "url" */
void mdl_hash(const mdl_key_t *k, const char *kind, mdl_str_t id,
    uint8_t out[MDL_HASH]);

/*
 * Fingerprint of a card: version, item id, then (name, value) of each field,
 * in the order of review.fields; values as the slot's `normal` left them.
 */
typedef struct {
    mdl_str_t  name, value;
} mdl_pair_t;

void mdl_fingerprint(const mdl_key_t *k, mdl_str_t item,
    const mdl_pair_t *fields, size_t n, uint8_t out[MDL_HASH]);

/*
 * Id of a decision: mode, slot, item, action, reason, rules with revs,
 * place, UTC day, subject.  It is no secret and has no key: what goes in are
 * public words of the line, and keyed hashes.
 */
typedef struct {
    mdl_str_t  id;
    uint32_t   rev;
} mdl_rule_rev_t;

typedef struct {
    uint8_t                type;            /* MDL_DECISION, MDL_ERROR ...   */
    uint8_t                mode, action, reason;
    mdl_str_t              slot, place;
    const uint8_t         *item, *subject;  /* MDL_HASH bytes, or NULL       */
    const mdl_rule_rev_t  *rules;
    size_t                 nrules;
    uint64_t               day;             /* since 1970                    */
} mdl_id_t;

void mdl_id(const mdl_id_t *in, char out[MDL_ID + 1]);
/* the same as bits, and from bits */
void mdl_id_bits(const mdl_id_t *in, uint64_t bits[2]);
void mdl_id_text(const uint64_t bits[2], char out[MDL_ID + 1]);

/* RFC 4648 base32 in small letters, of n bits; out is terminated */
void mdl_base32(const uint8_t *p, size_t bits, char *out);

/* n bytes of getrandom(2); -1: there are none */
int mdl_random(void *p, size_t n);

#endif
