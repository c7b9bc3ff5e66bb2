/*
 * script_in.h - one inline script on its way, for script.c, which reads it,
 * and script_find.c, which finds the variables of slots in it.
 */

#ifndef MDR_SCRIPT_IN_H
#define MDR_SCRIPT_IN_H

#include "script.h"

enum { MDR_S_SEARCH, MDR_S_WHOLE, MDR_S_JSON, MDR_S_LITERAL, MDR_S_AFTER,
       MDR_S_OTHER, MDR_S_DEAD };

#define MDR_LOOK_MAX 4096               /* from the name to the value        */

struct mdr_script_s {
    const mdr_json_rules_t  *rules;
    mdr_sink_t              *sink;
    const mdr_alloc_t       *alloc;
    mdr_json_t              *json;
    uint8_t                  state;
    uint8_t                  last[3];   /* bytes before the window           */
    mdr_literal_t            literal;   /* of JSON.parse                     */
    uint8_t                  rows;      /* it is a part of flight rows       */
    uint32_t                 group;     /* of the value: slots within it     */
    uint8_t                  begun;     /* of a whole text: its beginning    */
    uint8_t                  hidden;    /* a name that stood in no code      */
    uint8_t                  found;     /* some value was read               */
    uint8_t                  beside;    /* 1: a name stood without a value, 2:
                                           and data behind it was read       */
    mdr_value_t              value;     /* whose end is S_AFTER              */
    mdr_js_t                 js;        /* while searching, and in S_OTHER   */
    uint8_t                 *use;       /* [nslots of rules] for json        */
    uint8_t                 *named;     /* [nslots of rules] by name         */
    uint32_t                *items;     /* [nslots of rules] of S_OTHER      */
    uint8_t                  whole;     /* some slot took the element        */
    uint8_t                  nested;    /* inside a value: no groups here    */
};

/* n bytes have been passed */
void mdr_script_keep(mdr_script_t *s, const uint8_t *p, size_t n);
/* the first value of a variable of a slot; bytes to pass, *v: what was found */
size_t mdr_script_search(mdr_script_t *s, const uint8_t *p, size_t n, int last,
    mdr_value_t *v);
/* the name before p + i is a parameter, or is called, or what it is called
 * with is looked for: 1, 0, -1: more bytes are needed */
int mdr_script_stands_alone(const uint8_t *p, size_t n, size_t i);
/* data in [*seen, upto) of p that stands beside a name, as above; *seen: how
 * far the code has been passed */
size_t mdr_script_beside(mdr_script_t *s, const uint8_t *p, size_t n,
    size_t *seen, size_t upto, int last, mdr_value_t *v);
/* how many variables of slots are looked for */
uint32_t mdr_script_add_names(mdr_script_t *s);

#endif
