/*
 * limits.c - the named defaults of all limits (docs/operations.md has them as
 * a table, with what happens at each).
 */

#include "limits.h"


/*
 * A plain text takes less than two steps a byte, one of look-alikes and signs
 * 20 to 60.  The constant leaves room for that up to some 4 KB, which is more
 * than a title or a name ever has; with 16 a byte, 64 KB are 1.2 million steps:
 * some 15 ms.  A response has that much in hand at first and never more, so that
 * no piece of it keeps the event loop for longer; of its bytes those count that
 * are markup, too, of which few are text.
 */

const mdr_limits_t  mdr_limits_default = {
    .text_steps = 196608,
    .text_steps_byte = 16,
    .response_steps = 19 << 16,
    .response_steps_byte = 16,
    .regex_steps = 16384,
    .regex_steps_byte = 16,
    .regex_response_steps = 1 << 18,
    .regex_response_steps_byte = 2,
    .regex_hits = 65536
};


void
mdr_limits_fill(mdr_limits_t *l)
{
    size_t           i;
    uint32_t        *to;
    const uint32_t  *from;

    to = &l->text_steps;                /* nothing but numbers of this kind  */
    from = &mdr_limits_default.text_steps;

    for (i = 0; i < sizeof(*l) / sizeof(*to); i++) {
        to[i] = to[i] != 0 ? to[i] : from[i];
    }
}
