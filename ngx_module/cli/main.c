/*
 * main.c - moderationctl: which command.
 */

#include "cli.h"
#include "commands.h"

#include <stdio.h>
#include <string.h>


static const cli_command_t *
find(const char *name)
{
    const cli_command_t  *c;

    for (c = cli_commands; c->name != NULL; c++) {
        if (strcmp(c->name, name) == 0) {
            return c;
        }
    }

    return NULL;
}


static int
unknown(const char *name)
{
    size_t                n;
    const char           *near, *names[64];
    const cli_command_t  *c;

    for (n = 0, c = cli_commands; c->name != NULL && n < 64; c++) {
        names[n++] = c->name;
    }

    near = cli_nearest(name, names, n);
    fprintf(stderr, "moderationctl: unknown command \"%s\"", name);

    if (near != NULL) {
        fprintf(stderr, " (did you mean \"%s\"?)", near);
    }

    fprintf(stderr, "\nsee: moderationctl --help\n");

    return 2;
}


static int
is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}


int
main(int argc, char **argv)
{
    const cli_command_t  *c;

    if (argc < 2) {
        fprintf(stderr, "usage: moderationctl COMMAND ...\n"
                "see: moderationctl --help\n");
        return 2;
    }

    if (is_help(argv[1]) || (strcmp(argv[1], "help") == 0 && argc == 2)) {
        help_overview();
        return 0;
    }

    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("moderationctl %s\n", MDR_VERSION);
        return 0;
    }

    if (strcmp(argv[1], "help") == 0) {
        if (strcmp(argv[2], "--man") == 0) {
            help_man();
            return 0;
        }

        if (strcmp(argv[2], "--bash") == 0) {
            help_bash();
            return 0;
        }

        c = find(argv[2]);
        if (c == NULL) {
            return unknown(argv[2]);
        }

        help_command(c);
        return 0;
    }

    c = find(argv[1]);

    if (c == NULL) {
        return unknown(argv[1]);
    }

    if (argc > 2 && is_help(argv[2])) {
        help_command(c);
        return 0;
    }

    return c->run(argc - 2, argv + 2);
}
