/*
 * note.h - signed notes, keys and checkpoints: C2SP signed-note,
 * tlog-checkpoint, tlog-cosignature.  Knows no file but the key's.
 */

#ifndef MDD_NOTE_H
#define MDD_NOTE_H

#include "moderationd/moderationd.h"
#include "tree.h"

#define MDD_NOTE_MAX  65536
#define MDD_NAME_MAX  255

enum { MDD_KEY_LOG = 1, MDD_KEY_WITNESS = 4 };      /* signature types        */

/* who may sign what: name+hash+base64 (a vkey) */
typedef struct {
    char        name[MDD_NAME_MAX + 1];
    uint8_t     id[4];
    int         type;
    uint8_t     pub[32];
} mdd_vkey_t;

typedef struct {
    mdd_vkey_t  v;
    uint8_t     seed[32];
} mdd_key_t;

typedef struct {
    char        origin[MDD_NAME_MAX + 1];
    uint64_t    size;
    mdd_hash_t  root;
} mdd_checkpoint_t;

/* a key for name from a file that holds one base64 seed; make: where the file
 * is not there it is written (0600), durably */
int mdd_key_read(mdd_key_t *k, const char *file, const char *name, int type,
    int make);
int mdd_vkey_parse(mdd_vkey_t *v, const char *s, size_t n);
/* the same key under another name */
void mdd_vkey_rename(mdd_vkey_t *v, const char *name);
void mdd_vkey_print(const mdd_vkey_t *v, mdd_buf_t *out);

/* text (ends in a newline) with an empty line and the signature of k */
int mdd_note_sign(mdd_buf_t *note, const mdd_key_t *k, int64_t now);
/* one more signature line to a note that has some */
int mdd_note_add(mdd_buf_t *note, const mdd_key_t *k, int64_t now);
/* length of the text that v signed; -1: it did not.  *when: seconds of a
 * witness's signature, or 0 */
int64_t mdd_note_verify(const char *note, size_t n, const mdd_vkey_t *v,
    int64_t *when);

void mdd_checkpoint_print(const mdd_checkpoint_t *c, mdd_buf_t *out);
/* from the text of a note; MDD_OK, or MDD_REFUSED */
int mdd_checkpoint_parse(mdd_checkpoint_t *c, const char *p, size_t n);
/* a decimal number without leading zeros; characters, or 0 */
size_t mdd_decimal(const char *p, size_t n, uint64_t *v);

#endif
