/*
 * limits.h - what one text and one response may cost, and the meter that
 * counts it.
 *
 * A step is one look at one atom, class, trie node or candidate: 5 to 15 ns.
 * Each mechanism of the matcher counts its steps where they are spent, on the
 * one meter of the search.  A text may spend a constant and a constant for
 * each of its bytes, a response likewise; so time is linear in the bytes,
 * whatever they are.  Who has spent all is left where it is: what was found
 * counts, the rest is said to be unread (MDR_ERR_MATCH_LIMIT).
 */

#ifndef MDR_LIMITS_H
#define MDR_LIMITS_H

#include "moderation.h"

/* the defaults, with their reasons, are in limits.c and nowhere else */
extern const mdr_limits_t  mdr_limits_default;
/* the same where one is 0 */
void mdr_limits_fill(mdr_limits_t *l);

typedef struct {
    uint64_t  steps;                    /* so far                            */
    uint64_t  stop;                     /* what the text in hand may reach   */
    uint8_t   cut;                      /* something was left for that       */
} mdr_meter_t;

/* is all spent?  Who asks and hears yes leaves what is still to be done */

static inline int
mdr_meter_spent(mdr_meter_t *m)
{
    if (m->steps < m->stop) {
        return 0;
    }

    m->cut = 1;

    return 1;
}

#endif
