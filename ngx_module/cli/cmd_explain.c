/*
 * cmd_explain.c - `moderationctl explain`, of a rule or the code of a message,
 * and `moderationctl diff`.
 */

#include "cli.h"
#include "commands.h"
#include "check/moderation_check.h"
#include "messages/messages.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>


static void
put(void *ctx, const char *text)
{
    fputs(text, ctx);
}


/* what both commands begin with; NULL: no memory, which is said */

static mdr_diags_t *
begin(mdr_load_conf_t *conf)
{
    mdr_diags_t  *diags;

    memset(conf, 0, sizeof(*conf));
    conf->now = (int64_t) time(NULL);
    diags = mdr_diags_new(NULL);

    if (diags == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
    }

    return diags;
}


/* and end with: mistakes are said, diagnostics freed */

static void
end(int rc, mdr_diags_t *diags, int zh)
{
    char               line[2048], text[2048];
    size_t             i;
    mdr_diag_t         d;

    for (i = 0; rc != MDR_OK && i < mdr_diags_count(diags); i++) {
        d = *mdr_diags_get(diags, i);

        if (d.severity != MDR_DIAG_ERROR) {
            continue;
        }

        if (zh) {
            d.text = (char *) (uintptr_t) mdr_say_zh(d.code, d.text, text,
                                                     sizeof(text));
        }

        (void) mdr_diag_format(&d, line, sizeof(line));
        fprintf(stderr, "%s\n", line);
    }

    mdr_diags_free(diags);
}


/* a message with dots where it names something */

static void
print_message(const char *m)
{
    printf("    - ");

    for ( ; *m != '\0'; m++) {
        if (*m == '%') {
            printf("...");

        } else if (m[0] == '{' && m[1] >= '1' && m[1] <= '9') {
            printf("…");
            m = strchr(m, '}');

        } else {
            putchar(*m);
        }
    }

    printf("\n");
}


static void
print_code(const mdr_message_t *code, int zh)
{
    const mdr_message_t  *m;

    printf("%s\n", code->code);
    help_fold(zh ? code->zh : code->en, 4);

    for (m = code + 1; m->en != NULL && m->code == NULL; m++) {
        print_message(zh ? m->zh : m->en);
    }
}


/* what is no file: the code of a message, or an error */

static int
explain_code(const char *word, int zh)
{
    size_t                n;
    const char           *near, *names[128];
    const mdr_message_t  *code;

    code = mdr_code_find(word);

    if (code != NULL) {
        print_code(code, zh);
        return 0;
    }

    for (n = 0; n < 128 && (code = mdr_code_at(n)) != NULL; n++) {
        names[n] = code->code;
    }

    near = cli_nearest(word, names, n);

    if (near != NULL) {
        fprintf(stderr, zh ? "moderationctl: 没有文件也没有代码“%s”（是不是“%s”？）\n"
                : "moderationctl: no file and no code \"%s\" (did you mean "
                "\"%s\"?)\n", word, near);
    } else {
        fprintf(stderr, zh ? "moderationctl: 没有文件也没有代码“%s”\n"
                : "moderationctl: no file and no code \"%s\"\n", word);
    }

    return 2;
}


int
cmd_explain(int argc, char **argv)
{
    int               i, n, rc, zh, codes;
    size_t            k;
    const char       *word[2];
    mdr_diags_t      *diags;
    mdr_load_conf_t   conf;

    zh = cli_wants_zh();
    codes = 0;

    for (i = 0, n = 0; i < argc; i++) {

        if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc) {
            zh = cli_lang(argv[++i]);

        } else if (strcmp(argv[i], "--codes") == 0) {
            codes = 1;

        } else if (argv[i][0] == '-' || n == 2) {
            return cli_usage("explain");

        } else {
            word[n++] = argv[i];
        }
    }

    if ((n == 0) == (codes == 0) || zh == -1) {
        return cli_usage("explain");
    }

    for (k = 0; codes && mdr_code_at(k) != NULL; k++) {
        print_code(mdr_code_at(k), zh);
    }

    if (codes) {
        return 0;
    }

    /* a file goes before a code of its name */

    if (n == 1 && access(word[0], F_OK) != 0) {
        return explain_code(word[0], zh);
    }

    diags = begin(&conf);
    if (diags == NULL) {
        return 2;
    }

    rc = mdr_policy_explain(word[n - 1], n == 2 ? word[0] : NULL, zh, &conf,
                            diags, put, stdout);
    end(rc, diags, zh);

    return rc == MDR_OK ? 0 : 2;
}


/* 0 nothing changed, 1 something, 2 a policy cannot be used */

int
cmd_diff(int argc, char **argv)
{
    int               rc;
    uint32_t          changes;
    mdr_diags_t      *diags;
    mdr_load_conf_t   conf;

    if (argc != 2) {
        return cli_usage("diff");
    }

    diags = begin(&conf);
    if (diags == NULL) {
        return 2;
    }

    rc = mdr_policy_diff(argv[0], argv[1], &conf, diags, put, stdout,
                         &changes);
    end(rc, diags, cli_wants_zh());

    return rc != MDR_OK ? 2 : changes != 0;
}
