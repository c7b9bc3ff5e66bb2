/*
 * flat.h - a flat array as a table, for flat.c, which walks over it, and
 * flat_table.c, which makes it.
 */

#ifndef MDR_FLAT_H
#define MDR_FLAT_H

#include "json.h"

enum { MDR_FLAT_SCALAR, MDR_FLAT_STRING, MDR_FLAT_OBJECT, MDR_FLAT_ARRAY,
       MDR_FLAT_TUPLE, MDR_FLAT_MAP, MDR_FLAT_ALIAS };

#define MDR_NO_REF   UINT32_MAX

typedef struct {
    uint32_t  start, end;               /* of its digits                     */
    uint32_t  key, key_len;             /* of an object: in the text         */
    int32_t   to;                       /* entry, or less than 0             */
    uint32_t  from;                     /* entry that it stands in           */
} mdr_flat_ref_t;

typedef struct {
    uint32_t  start, end;
    uint32_t  refs, nrefs;
    uint32_t  seen, stamp;              /* states of the path; of which item */
    uint8_t   kind, removed, reached;
} mdr_flat_entry_t;

typedef struct {
    mdr_json_t     *j;
    const uint8_t  *p;
    uint64_t        at;
    uint8_t         turbo;
    mdr_buf_t       entries, refs, items, steps;
    uint32_t        stamp;
    uint64_t        budget;
} mdr_flat_t;

#define MDR_ENTRY(f, i)  (((mdr_flat_entry_t *) (void *) (f)->entries.data)[i])
#define MDR_REF(f, i)    (((mdr_flat_ref_t *) (void *) (f)->refs.data)[i])
#define MDR_COUNT(b, t)      ((uint32_t) ((b).len / sizeof(t)))

/* MDR_OK; MDR_LIMIT: no flat array.  most 1: its first entry alone */
int mdr_flat_parse(mdr_flat_t *f, uint32_t n, uint32_t most);
/* every index is one, and there is a text to point to */
int mdr_flat_is(const mdr_flat_t *f);
/* the entry that an index comes to, through those that only wrap another */
uint32_t mdr_flat_target(const mdr_flat_t *f, int32_t to);
/* the name that member r of an object or map has; 0: none */
int mdr_flat_name(const mdr_flat_t *f, const mdr_flat_entry_t *e, uint32_t r,
    mdr_str_t *name);
void mdr_flat_done(mdr_flat_t *f);

#endif
