/*
 * text_ready.c - is a text of a page what is to be matched, as it stands?
 *
 * text_ready.h has it for 32 bytes together.
 */

#include "text.h"
#include "text_ready.h"
#include "base/cpu.h"


/* the general law */

static int
ready_bytes(const uint8_t *p, size_t n)
{
    size_t  i;

    if (!mdr_ready_ends(p, n)) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        if (p[i] < ' ') {
            return 0;
        }
    }

    return mdr_text_is_plain_bytes(p, n) && !mdr_text_has_parts(p, n);
}


int
mdr_text_is_ready(const uint8_t *p, size_t n)
{
#if (MDR_TEXT_PAIRS)
    if (mdr_cpu() >= MDR_CPU_AVX2) {
        return mdr_ready_wide(p, n);
    }
#endif

    return ready_bytes(p, n);
}
