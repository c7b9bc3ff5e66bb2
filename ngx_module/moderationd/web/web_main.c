/* web_main.c - start and end of the HTTP side */

#include "moderationd/alarm/alarm.h"
#include "moderationd/desk/desk.h"
#include "moderationd/report/notice.h"
#include "moderationd/period/period.h"


int
mdd_web_init(mdd_t *d)
{
    mdd_erase_init();
    mdd_notice_start(d);

    if (mdd_identity_init(d) != MDD_OK || mdd_books_init(d) != MDD_OK
        || mdd_tables_init(d) != MDD_OK
        || mdd_feed_start(d) != MDD_OK || mdd_send_start(d) != MDD_OK
        || mdd_clock_start(d) != MDD_OK || mdd_cover_start(d) != MDD_OK
        || mdd_weekly_start(d) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return MDD_OK;
}


void
mdd_web_done(mdd_t *d)
{
    mdd_weekly_stop();
    mdd_cover_stop();
    mdd_clock_stop(d);
    mdd_send_stop();
    mdd_feed_stop();
    mdd_tables_done(d);
    mdd_books_done(d);
    mdd_identity_done(d);
}
