/*
 * main.c - moderationctl: which command.
 */

#include "cli.h"

#include <stdio.h>
#include <string.h>


static const struct {
    const char  *name;
    int        (*run)(int argc, char **argv);
    const char  *what;
} commands[] = {
    { "check", cmd_check, "lint and inline tests of a policy" },
    { "compile", cmd_compile, "the flat image that nginx maps" },
    { "explain", cmd_explain, "a rule in words" },
    { "diff", cmd_diff, "what changed between two policies" },
    { "scan", cmd_scan, "the items of a body, or the body as filtered" },
    { "bench", cmd_bench, "speed of the engine on a body" },
};


static int
usage(FILE *f)
{
    size_t  i;

    fprintf(f, "usage: moderationctl COMMAND ...\n\n");

    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        fprintf(f, "    %-10s %s\n", commands[i].name, commands[i].what);
    }

    return f == stdout ? 0 : 2;
}


int
main(int argc, char **argv)
{
    size_t  i;

    if (argc < 2) {
        return usage(stderr);
    }

    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        return usage(stdout);
    }

    for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[1], commands[i].name) == 0) {
            return commands[i].run(argc - 2, argv + 2);
        }
    }

    fprintf(stderr, "moderationctl: unknown command \"%s\"\n\n", argv[1]);

    return usage(stderr);
}
