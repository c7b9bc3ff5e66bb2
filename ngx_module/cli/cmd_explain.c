/*
 * cmd_explain.c - `moderationctl explain` and `diff`.
 */

#include "cli.h"

#include <stdio.h>


int
cmd_explain(int argc, char **argv)
{
    (void) argc;
    (void) argv;
    fprintf(stderr, "usage: moderationctl explain ID POLICY\n");
    return 2;
}


int
cmd_diff(int argc, char **argv)
{
    (void) argc;
    (void) argv;
    fprintf(stderr, "usage: moderationctl diff OLD NEW\n");
    return 2;
}
