/*
 * scgi.c - the HTTP side: nothing yet, each connection is closed.
 */

#include "moderationd.h"

#include <unistd.h>


int
mdd_web_init(mdd_t *d)
{
    (void) d;

    return MDD_OK;
}


void
mdd_web_done(mdd_t *d)
{
    (void) d;
}


void
mdd_web_serve(mdd_t *d, int fd, mdd_db_t *db, int slot)
{
    (void) d;
    (void) db;
    (void) slot;
    close(fd);
}
