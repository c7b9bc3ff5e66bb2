/*
 * help.c - the table of commands as text, as a man page and as a completion
 * script, so that none of them can say what another does not.
 */

#include "cli.h"
#include "commands.h"

#include <stdio.h>
#include <string.h>

#define WIDTH  78


/* words of text, folded at WIDTH, each line indented; a line break stays */

static void
fold(const char *text, size_t indent)
{
    size_t       n, at;
    const char  *p;

    at = 0;

    for (p = text; *p != '\0'; ) {

        if (*p == '\n') {
            putchar('\n');
            at = 0;
            p++;
            continue;
        }

        n = strcspn(p, " \n");

        if (at != 0 && at + 1 + n > WIDTH) {
            putchar('\n');
            at = 0;
        }

        if (at == 0) {
            printf("%*s", (int) indent, "");
            at = indent;
        } else {
            putchar(' ');
            at++;
        }

        printf("%.*s", (int) n, p);
        at += n;
        p += n;
        p += *p == ' ';
    }

    putchar('\n');
}


void
help_overview(void)
{
    const cli_command_t  *c;

    printf("usage: moderationctl COMMAND [OPTION]... [ARGUMENT]...\n\n");

    for (c = cli_commands; c->name != NULL; c++) {
        printf("    %-10s %s\n", c->name, c->line);
    }

    printf("\n    moderationctl COMMAND --help   what a command takes\n"
           "    moderationctl --version        the version\n");
}


void
help_command(const cli_command_t *c)
{
    char                 left[80];
    const cli_option_t  *o;

    printf("usage: moderationctl %s %s\n\n", c->name, c->synopsis);
    fold(c->about, 0);

    if (c->options[0].name != NULL) {
        printf("\noptions\n");
    }

    for (o = c->options; o->name != NULL; o++) {
        (void) snprintf(left, sizeof(left), "%s%s%s", o->name,
                        o->arg != NULL ? " " : "",
                        o->arg != NULL ? o->arg : "");
        printf("    %s\n", left);
        fold(o->what, 8);
    }

    printf("\nexit status\n");
    fold(c->exits, 4);
}


/* text for roff: a backslash and a dash are escaped, and a line that begins
 * as a request would */

static void
roff(const char *s)
{
    int  start;

    for (start = 1; *s != '\0'; s++) {
        if (start && (*s == '.' || *s == '\'')) {
            printf("\\&");
        }

        start = *s == '\n';

        if (*s == '\\') {
            printf("\\e");
        } else if (*s == '-') {
            printf("\\-");
        } else if (*s == '\n' && s[1] == '\n') {
            printf("\n.PP");
        } else {
            putchar(*s);
        }
    }

    putchar('\n');
}


void
help_man(void)
{
    const char           *p;
    const cli_option_t   *o;
    const cli_command_t  *c;

    printf(".TH MODERATIONCTL 1 \"\" \"moderation %s\" \"User Commands\"\n"
           ".SH NAME\nmoderationctl \\- check, explain and try policies of "
           "the nginx moderation filter\n"
           ".SH SYNOPSIS\n.B moderationctl\n"
           "COMMAND [OPTION]... [ARGUMENT]...\n"
           ".SH DESCRIPTION\n"
           "The engine of the nginx moderation filter on the command "
           "line.\n", MDR_VERSION);

    for (c = cli_commands; c->name != NULL; c++) {
        printf(".SH \"");

        for (p = c->name; *p != '\0'; p++) {
            putchar(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
        }

        printf("\"\n.B moderationctl %s\n", c->name);
        roff(c->synopsis);
        printf(".PP\n");
        roff(c->about);

        for (o = c->options; o->name != NULL; o++) {
            printf(".TP\n\\fB");
            for (p = o->name; *p != '\0'; p++) {
                printf(*p == '-' ? "\\-" : "%c", *p);
            }
            printf("\\fR");
            if (o->arg != NULL) {
                printf(" \\fI%s\\fR", o->arg);
            }
            printf("\n");
            roff(o->what);
        }

        printf(".PP\nExit status:\n.nf\n");
        roff(c->exits);
        printf(".fi\n");
    }
}


/* values that are a choice are offered, all else completes as a file */

static int
is_choice(const char *arg)
{
    return arg != NULL && strchr(arg, '|') != NULL;
}


void
help_bash(void)
{
    const char           *p;
    const cli_option_t   *o;
    const cli_command_t  *c;

    printf("# bash completion of moderationctl\n\n"
           "_moderationctl()\n{\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} words=\n"
           "    local prev=${COMP_WORDS[COMP_CWORD-1]}\n\n"
           "    COMPREPLY=()\n\n"
           "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
           "        words=\"");

    for (c = cli_commands; c->name != NULL; c++) {
        printf("%s%s", c == cli_commands ? "" : " ", c->name);
    }

    printf(" --help --version\"\n    else\n"
           "        case ${COMP_WORDS[1]},$prev in\n");

    for (c = cli_commands; c->name != NULL; c++) {
        for (o = c->options; o->name != NULL; o++) {
            if (!is_choice(o->arg)) {
                continue;
            }

            printf("            %s,%s) words=\"", c->name, o->name);
            for (p = o->arg; *p != '\0'; p++) {
                putchar(*p == '|' ? ' ' : *p);
            }
            printf("\" ;;\n");
        }
    }

    printf("        esac\n"
           "        if [ -z \"$words\" ] && [[ $cur == -* ]]; then\n"
           "            case ${COMP_WORDS[1]} in\n");

    for (c = cli_commands; c->name != NULL; c++) {
        printf("                %s) words=\"", c->name);
        for (o = c->options; o->name != NULL; o++) {
            printf("%s ", o->name);
        }
        printf("--help\" ;;\n");
    }

    printf("            esac\n        fi\n    fi\n\n"
           "    if [ -n \"$words\" ]; then\n"
           "        COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
           "    else\n"
           "        compopt -o default 2>/dev/null\n"
           "    fi\n}\n\n"
           "complete -F _moderationctl moderationctl\n");
}
