/*
 * help.c - the table of commands as text, as a man page and as a completion
 * script, so that none of them can say what another does not.
 */

#include "cli.h"
#include "commands.h"

#include <stdio.h>
#include <string.h>

#define WIDTH  78


/* the next character: its bytes, and the columns that it takes */

static size_t
character(const char *p, size_t *columns)
{
    size_t         n;
    unsigned char  c;

    c = (unsigned char) *p;
    *columns = c < 0xe3 ? 1 : 2;

    for (n = 1; ((unsigned char) p[n] & 0xc0) == 0x80; n++) {
        /* void */
    }

    return n;
}


/* how much of p stands together: a word, or one wide character with the signs
 * behind it, which begin no line */

static size_t
word(const char *p, size_t *columns)
{
    char    c[8];
    size_t  n, w;

    static const char *const  close = "，。、；：？！）】》”";

    n = character(p, columns);

    if (*columns == 1) {
        while (p[n] != '\0' && strchr(" \n", p[n]) == NULL
               && (unsigned char) p[n] < 0xe3)
        {
            n += character(p + n, &w);
            *columns += w;
        }
    }

    while ((unsigned char) p[n] >= 0xe2) {
        (void) snprintf(c, sizeof(c), "%.*s",
                        (int) character(p + n, &w), p + n);
        if (strstr(close, c) == NULL) {
            break;
        }
        n += strlen(c);
        *columns += w;
    }

    return n;
}


/* words of text, folded at WIDTH, each line indented; a line break stays */

void
help_fold(const char *text, size_t indent)
{
    size_t       n, at, columns;
    const char  *p;

    at = 0;

    for (p = text; *p != '\0'; ) {

        if (*p == '\n') {
            putchar('\n');
            at = 0;
            p++;
            continue;
        }

        if (*p == ' ') {
            p++;
            (void) word(p, &columns);
            if (at != 0 && at + 1 + columns <= WIDTH) {
                putchar(' ');
                at++;
            } else if (at != 0) {
                putchar('\n');
                at = 0;
            }
            continue;
        }

        n = word(p, &columns);

        if (at > indent && at + columns > WIDTH) {
            putchar('\n');
            at = 0;
        }

        if (at == 0) {
            printf("%*s", (int) indent, "");
            at = indent;
        }

        printf("%.*s", (int) n, p);
        at += columns;
        p += n;
    }

    putchar('\n');
}


/* a text of the table in the language that is wanted */

static const char *
said(const cli_command_t *c, const char *part, const char *en)
{
    const char  *zh;

    zh = cli_wants_zh() ? cli_said_zh(c->name, part) : NULL;

    return zh != NULL ? zh : en;
}


void
help_overview(void)
{
    int                   zh;
    const cli_command_t  *c;

    zh = cli_wants_zh();
    printf(zh ? "用法：moderationctl 命令 [选项]... [参数]...\n\n"
           : "usage: moderationctl COMMAND [OPTION]... [ARGUMENT]...\n\n");

    for (c = cli_commands; c->name != NULL; c++) {
        printf("    %-10s %s\n", c->name, said(c, "line", c->line));
    }

    printf(zh ? "\n    moderationctl 命令 --help   一个命令的全部选项\n"
                "    moderationctl --version     版本\n"
           : "\n    moderationctl COMMAND --help   what a command takes\n"
             "    moderationctl --version        the version\n");
}


void
help_command(const cli_command_t *c)
{
    int                  zh;
    char                 left[80];
    const cli_option_t  *o;

    zh = cli_wants_zh();
    printf(zh ? "用法：moderationctl %s %s\n\n"
           : "usage: moderationctl %s %s\n\n", c->name, c->synopsis);
    help_fold(said(c, "about", c->about), 0);

    if (c->options[0].name != NULL) {
        printf(zh ? "\n选项（括号里是不写时的值）\n" : "\noptions\n");
    }

    for (o = c->options; o->name != NULL; o++) {
        (void) snprintf(left, sizeof(left), "%s%s%s", o->name,
                        o->arg != NULL ? " " : "",
                        o->arg != NULL ? o->arg : "");
        printf("    %s\n", left);
        help_fold(said(c, o->name, o->what), 8);
    }

    printf(zh ? "\n退出状态\n" : "\nexit status\n");
    help_fold(said(c, "exits", c->exits), 4);
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


/* a bold word of a man page */

static void
bold(const char *s)
{
    printf("\\fB");

    for ( ; *s != '\0'; s++) {
        printf(*s == '-' ? "\\-" : "%c", *s);
    }

    printf("\\fR");
}


static void
title(const char *name)
{
    const char  *p;

    printf(".TH \"");

    for (p = name; *p != '\0'; p++) {
        putchar(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
    }

    printf("\" 1 \"\" \"moderation %s\" \"User Commands\"\n.ad l\n.nh\n",
           MDR_VERSION);
}


void
help_man(void)
{
    int                   zh;
    const cli_command_t  *c;

    zh = cli_wants_zh();
    title("moderationctl");
    printf(zh ? ".SH 名称\nmoderationctl \\- 检查、说明、试用 nginx 审核过滤器的"
           "策略\n"
           ".SH 概要\n.B moderationctl\n"
           "COMMAND [OPTION]... [ARGUMENT]...\n"
           ".SH 描述\n"
           "命令行上的 nginx 审核过滤器引擎。每个命令有自己的手册页，内容和\n"
           ".B \\-\\-help\n一样。\n"
           ".SH 命令\n"
           : ".SH NAME\nmoderationctl \\- check, explain and try policies of "
           "the nginx moderation filter\n"
           ".SH SYNOPSIS\n.B moderationctl\n"
           "COMMAND [OPTION]... [ARGUMENT]...\n"
           ".SH DESCRIPTION\n"
           "The engine of the nginx moderation filter on the command line. "
           "Each command has a page of its own, and says the same with\n"
           ".BR \\-\\-help .\n"
           ".SH COMMANDS\n");

    for (c = cli_commands; c->name != NULL; c++) {
        printf(".TP\n");
        bold(c->name);
        printf("\n");
        roff(said(c, "line", c->line));
    }

    printf(zh ? ".SH 选项\n.TP\n" : ".SH OPTIONS\n.TP\n");
    bold("--version");
    printf(zh ? "\n版本。\n.SH 参见\n" : "\nThe version.\n.SH SEE ALSO\n");

    for (c = cli_commands; c->name != NULL; c++) {
        printf(".BR moderationctl\\-%s (1)%s\n", c->name,
               c[1].name != NULL ? "," : "");
    }
}


void
help_man_command(const cli_command_t *c)
{
    int                  zh;
    char                 name[64];
    const cli_option_t  *o;

    zh = cli_wants_zh();
    (void) snprintf(name, sizeof(name), "moderationctl-%s", c->name);
    title(name);
    printf(".SH %s\nmoderationctl\\-%s \\- ", zh ? "名称" : "NAME", c->name);
    roff(said(c, "line", c->line));
    printf(".SH %s\n", zh ? "概要" : "SYNOPSIS");
    bold("moderationctl");
    printf(" ");
    bold(c->name);
    printf("\n");
    roff(c->synopsis);
    printf(".SH %s\n", zh ? "描述" : "DESCRIPTION");
    roff(said(c, "about", c->about));

    if (c->options[0].name != NULL) {
        printf(".SH %s\n", zh ? "选项" : "OPTIONS");
    }

    for (o = c->options; o->name != NULL; o++) {
        printf(".TP\n");
        bold(o->name);
        if (o->arg != NULL) {
            printf(" \\fI%s\\fR", o->arg);
        }
        printf("\n");
        roff(said(c, o->name, o->what));
    }

    printf(".SH %s\n.nf\n", zh ? "退出状态" : "EXIT STATUS");
    roff(said(c, "exits", c->exits));
    printf(".fi\n.SH %s\n.BR moderationctl (1)\n", zh ? "参见" : "SEE ALSO");
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
