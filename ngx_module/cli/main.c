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
    int                   zh;
    size_t                n;
    const char           *near, *names[64];
    const cli_command_t  *c;

    for (n = 0, c = cli_commands; c->name != NULL && n < 64; c++) {
        names[n++] = c->name;
    }

    zh = cli_wants_zh();
    near = cli_nearest(name, names, n);
    fprintf(stderr, zh ? "moderationctl：没有命令“%s”"
            : "moderationctl: unknown command \"%s\"", name);

    if (near != NULL) {
        fprintf(stderr, zh ? "（是不是“%s”？）" : " (did you mean \"%s\"?)",
                near);
    }

    fprintf(stderr, zh ? "\n参见：moderationctl --help\n"
            : "\nsee: moderationctl --help\n");

    return 2;
}


/* the man page of a command, or the overview */

static int
man(const char *name)
{
    const cli_command_t  *c;

    if (name == NULL) {
        help_man();
        return 0;
    }

    c = find(name);
    if (c == NULL) {
        return unknown(name);
    }

    help_man_command(c);

    return 0;
}


static int
is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}


/* does --help stand behind the command?  Then --lang counts wherever it is */

static int
wants_help(int argc, char **argv)
{
    int  i, help;

    for (i = 2, help = 0; i < argc; i++) {
        help |= strcmp(argv[i], "--help") == 0
                || (i == 2 && strcmp(argv[i], "-h") == 0);
    }

    for (i = 1; i + 1 < argc && (help || argv[1][0] == '-'
                                 || strcmp(argv[1], "help") == 0); i++)
    {
        if (strcmp(argv[i], "--lang") == 0) {
            (void) cli_lang(argv[i + 1]);
        }
    }

    return help;
}


int
main(int argc, char **argv)
{
    int                   help;
    const cli_command_t  *c;

    if (argc < 2) {
        fprintf(stderr, "usage: moderationctl COMMAND ...\n"
                "see: moderationctl --help\n");
        return 2;
    }

    help = wants_help(argc, argv);

    if (is_help(argv[1]) || strcmp(argv[1], "--lang") == 0
        || (strcmp(argv[1], "help") == 0
            && (argc == 2 || strcmp(argv[2], "--lang") == 0)))
    {
        help_overview();
        return 0;
    }

    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("moderationctl %s\n", MDR_VERSION);
        return 0;
    }

    if (strcmp(argv[1], "help") == 0) {
        if (strcmp(argv[2], "--man") == 0) {
            return man(argc > 3 ? argv[3] : NULL);
        }

        if (strcmp(argv[2], "--names") == 0) {
            for (c = cli_commands; c->name != NULL; c++) {
                printf("%s\n", c->name);
            }
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

    if (help) {
        help_command(c);
        return 0;
    }

    return c->run(argc - 2, argv + 2);
}
