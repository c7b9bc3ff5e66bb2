/*
 * seen.h - items that were seen before and had no hit.
 *
 * Many readers are sent the same cards.  An item in which no rule hit is kept,
 * byte for byte, when it comes a second time; where the same bytes come again
 * in the same surroundings, nothing in them has to be read.  Bytes are
 * compared, not hashes, so that nobody can make one item pass for another.
 *
 * A ring of bytes and a table of what stands in it: the oldest goes first,
 * and memory is what was asked for at the beginning.
 *
 * Cards mostly come in the same order, too: an item knows which one stood
 * behind it last, so that this one need only be compared, not looked up.
 */

#ifndef MDR_SEEN_H
#define MDR_SEEN_H

#include "mem.h"

typedef struct mdr_seen_s  mdr_seen_t;

/* bytes: of the ring; all memory is touched at once.  NULL: no memory */
mdr_seen_t *mdr_seen_new(const mdr_alloc_t *a, size_t bytes);
void mdr_seen_free(mdr_seen_t *s);

/* What the reading of an item depends on, but for its own bytes, is compared,
 * too: the same n bytes of a kind have the same number (never 0), others have
 * another, now and later.  0: there is no room for so many, and nothing is
 * known there */
enum { MDR_SEEN_POLICY, MDR_SEEN_OPEN, MDR_SEEN_BITS, MDR_SEEN_PATHS,
       MDR_SEEN_KINDS };

uint64_t mdr_seen_number(mdr_seen_t *s, uint32_t kind, const void *p,
    size_t n);

/* of the n bytes that an item begins with; key: the number of all that its
 * reading depends on */
uint64_t mdr_seen_hash(uint64_t key, const uint8_t *p, size_t n);

/* the length of the item that begins at p, with n bytes at hand, if it is one
 * that had no hit, and its number (never 0) until something is noted; else 0 */
size_t mdr_seen_find(mdr_seen_t *s, uint64_t hash, uint64_t key,
    const uint8_t *p, size_t n, uint32_t *at);

/* item `next` stood behind item `at`, in such a context */
void mdr_seen_follow(mdr_seen_t *s, uint32_t at, uint32_t next,
    uint64_t context);
/* the same as mdr_seen_find, of the item that stood behind item `at` in this
 * context: its key is the one that it had there */
size_t mdr_seen_next(mdr_seen_t *s, uint32_t at, uint64_t context,
    const uint8_t *p, size_t n, uint32_t *next);

/* what a host keeps beside item `at`; the item of a hash and place */
mdr_hint_t *mdr_seen_hint(const mdr_seen_t *s, uint32_t at);
void mdr_seen_where(const mdr_seen_t *s, uint32_t at, uint64_t *hash,
    uint64_t *place);
void mdr_seen_set_hint(mdr_seen_t *s, uint64_t hash, uint64_t place,
    const mdr_hint_t *hint);

/* the item of n bytes at p has been read.  Its place, if its bytes are kept
 * now: they count once mdr_seen_clean has been called for it.  0: not kept
 * (the first time, or too long) */
uint64_t mdr_seen_note(mdr_seen_t *s, uint64_t hash, uint64_t key,
    const uint8_t *p, size_t n);
void mdr_seen_clean(mdr_seen_t *s, uint64_t hash, uint64_t place);

#endif
