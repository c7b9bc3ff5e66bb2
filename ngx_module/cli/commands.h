/*
 * commands.h - the table of commands: what `--help`, the man page and the
 * completion of the shell are made from.
 */

#ifndef MDR_COMMANDS_H
#define MDR_COMMANDS_H

#include <stddef.h>

typedef struct {
    const char  *name;          /* "--type"; NULL ends a list                */
    const char  *arg;           /* "NAME", "a|b|c"; NULL: a switch           */
    const char  *what;
} cli_option_t;

typedef struct {
    const char          *name;
    int                (*run)(int argc, char **argv);
    const char          *line;          /* one line for the overview         */
    const char          *synopsis;      /* what stands behind the name       */
    const char          *about;         /* paragraphs, an empty line between */
    const cli_option_t  *options;
    const char          *exits;         /* a line a status                   */
} cli_command_t;

/* ended by a row without a name */
extern const cli_command_t  cli_commands[];

/* commands_zh.c: an option of a command, or its "line", "about", "exits", in
 * Chinese; NULL: there is none */
const char *cli_said_zh(const char *command, const char *part);

/* help.c, in the language that is wanted */
void help_overview(void);
void help_command(const cli_command_t *c);
void help_man(void);            /* roff, for man(1): the overview            */
void help_man_command(const cli_command_t *c);
void help_bash(void);           /* a completion script                       */
/* text to standard output, folded, each line indented */
void help_fold(const char *text, size_t indent);

#endif
