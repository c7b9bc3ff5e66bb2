/*
 * cmd_check.c - `moderationctl check`: diagnostics of a policy.
 */

#include "cli.h"

#include <stdio.h>
#include <string.h>
#include <time.h>


int
cmd_check(int argc, char **argv)
{
    mdr_policy_t  *p;

    if (argc != 1) {
        fprintf(stderr, "usage: moderationctl check POLICY\n");
        return 2;
    }

    p = cli_load(argv[0], (int64_t) time(NULL));
    if (p == NULL) {
        return 2;
    }

    mdr_policy_free(p);

    return 0;
}
