/*
 * replay_page.h - what another policy asks of pages, beside what the record
 * has of them.  Pages are not kept, so that nothing of it can be tried: it is
 * counted, what is not said.
 */

#ifndef CLI_REPLAY_PAGE_H
#define CLI_REPLAY_PAGE_H

#include "moderation.h"
#include "moderationd/store/db.h"

#include <jansson.h>

/* {findings, alike, otherwise, gone, new}: findings of the record from..to
 * (ms); of pages of which p asks the same as one of the live policies, other
 * things, nothing; pages of p of which no live one asks the same.  NULL: the
 * store cannot be read */
json_t *cli_pages_of(const mdr_policy_t *p, mdr_policy_t *const *live,
    size_t nlive, mdd_db_t *db, int64_t from, int64_t to);

#endif
