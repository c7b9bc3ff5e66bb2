/*
 * jsonpath.h - JSON paths (RFC 9535, a subset), compiled.
 *
 * Child (.name, ['name']), wildcard, index, slice, union, descendant (..).
 * Filters and negative indexes need what has not come yet and are refused.
 */

#ifndef MDR_JSONPATH_H
#define MDR_JSONPATH_H

#include "sink.h"

enum { MDR_STEP_NAME, MDR_STEP_INDEX, MDR_STEP_SLICE, MDR_STEP_ANY };

typedef struct {
    uint8_t    kind;
    mdr_str_t  name;
    uint32_t   from, to, step;          /* index: from                      */
} mdr_choice_t;

typedef struct {
    uint8_t        descendant;          /* ".." before it                   */
    uint32_t       n;
    mdr_choice_t  *choices;             /* a union                          */
} mdr_step_t;

#define MDR_PATH_STEPS  31

typedef struct {
    uint32_t    n;
    mdr_step_t *steps;
    uint8_t     single;                 /* finds one node at most           */
    uint8_t     loose;                  /* a name has "-" or "$"            */
} mdr_path_t;

/* NULL and *err, or in arena */
mdr_path_t *mdr_path_parse(mdr_str_t s, mdr_arena_t *arena,
    mdr_syntax_t *err);

/*
 * States: bit i = the first i steps have matched and step i is next; bit n =
 * the path has found this value.  The states of a child: by name in an
 * object (name not NULL) or by index in an array.
 */
uint32_t mdr_path_child(const mdr_path_t *p, uint32_t states,
    const mdr_str_t *name, uint32_t index);

/* what several nodes are that it finds: 1: pieces of one text, where a wildcard
 * is followed by a member; 0: texts of their own */
int mdr_path_pieces(const mdr_path_t *p);

/* a bit for every key that could go on from these states (and for others
 * that mdr_path_key takes for the same) */
uint64_t mdr_path_keys(const mdr_path_t *p, uint32_t states);

static inline unsigned
mdr_path_key(mdr_str_t name)
{
    return name.len == 0 ? 0
           : (name.len * 11 + (uint8_t) name.data[0]
              + 5 * (unsigned) (uint8_t) name.data[name.len - 1]) & 63;
}

#endif
