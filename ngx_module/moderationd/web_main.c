/* web_main.c - start and end of the HTTP side */

#include "desk.h"


int
mdd_web_init(mdd_t *d)
{
    mdd_erase_init();

    if (mdd_identity_init(d) != MDD_OK || mdd_books_init(d) != MDD_OK
        || mdd_tables_init(d) != MDD_OK
        || mdd_clock_start(d) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return MDD_OK;
}


void
mdd_web_done(mdd_t *d)
{
    mdd_clock_stop(d);
    mdd_tables_done(d);
    mdd_books_done(d);
    mdd_identity_done(d);
}
