/*
 * replay_account.h - what the desk had of an account at a time, by its record.
 */

#ifndef CLI_REPLAY_ACCOUNT_H
#define CLI_REPLAY_ACCOUNT_H

#include "moderation.h"
#include "moderationd/store/db.h"

typedef struct cli_accounts_s  cli_accounts_t;

/* states of all accounts, from the events of the store; NULL: no memory, or
 * the store cannot be read */
cli_accounts_t *cli_accounts_new(mdd_db_t *db);
void cli_accounts_free(cli_accounts_t *a);
/* of an account by its hash, at a time in ms; nothing is known of no account */
void cli_accounts_at(cli_accounts_t *a, const char *account, int64_t time,
    mdr_account_t *out);

#endif
