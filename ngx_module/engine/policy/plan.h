/*
 * plan.h - what a scan needs to know of a policy, worked out once.
 *
 * For each slot: its places (sources of its fields, numbered through), which
 * fields some rule reads, and whether an item of it can be let go unseen.
 */

#ifndef MDR_PLAN_H
#define MDR_PLAN_H

#include "base/model.h"

typedef struct {
    uint32_t   nplaces;
    uint32_t  *place_field;         /* [nplaces]                            */
    uint32_t  *first_place;         /* [nfields]                            */
    uint8_t   *field_read;          /* [nfields] by a rule, or the item id  */
    uint8_t   *field_ask;           /* by it, ids, fields of the review     */
    uint32_t   nread, nask;         /* fields with field_read, field_ask    */
    uint8_t    one_list;            /* match has one wildcard, at its end   */
    uint8_t    rules;               /* some rule looks at the slot          */
    uint8_t    accounts;            /* and asks whose an item is            */
    uint8_t    alone;               /* and hits by that alone               */
    uint8_t    tags;                /* and may tag its items                */
    uint8_t    cards;               /* no item waits for others or a person,
                                       its texts are read as they stand     */
} mdr_slot_plan_t;

typedef struct {
    uint32_t          nslots;
    uint32_t          max_places;
    uint8_t           types[8];     /* slots a type: is there one?          */
    uint8_t           xml;          /* is there one of XML?                 */
    uint8_t           names;        /* a variable of a script is looked for */
    mdr_slot_plan_t  *slots;
} mdr_plan_t;

/* in arena; NULL: no memory */
mdr_plan_t *mdr_plan_new(const mdr_model_t *m, mdr_arena_t *arena);

#endif
