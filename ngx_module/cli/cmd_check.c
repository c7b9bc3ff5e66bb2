/*
 * cmd_check.c - `moderationctl check`: diagnostics, inline tests, lint.
 *
 * Exit status: 0 clean, 1 findings, 2 the policy cannot be used.  Remarks of
 * severity "info" are no findings.
 */

#include "cli.h"

#include <stdio.h>
#include <string.h>
#include <time.h>


enum { TEXT, JSON, GITHUB };


static void
put_json(const char *s)
{
    putchar('"');

    for ( ; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\') {
            printf("\\%c", *s);
        } else if ((unsigned char) *s < 0x20) {
            printf("\\u%04x", (unsigned char) *s);
        } else {
            putchar(*s);
        }
    }

    putchar('"');
}


/* workflow commands: "%" and line ends are escaped, in properties ":" and
 * "," too */

static void
put_github(const char *s, int property)
{
    for ( ; *s != '\0'; s++) {
        if (*s == '%' || *s == '\r' || *s == '\n'
            || (property && (*s == ':' || *s == ',')))
        {
            printf("%%%02X", (unsigned char) *s);
        } else {
            putchar(*s);
        }
    }
}


static void
print(const mdr_diag_t *d, int format)
{
    char  line[2048];

    static const char *const  severity[] = { "error", "warning", "info" };
    static const char *const  github[] = { "error", "warning", "notice" };

    switch (format) {

    case JSON:
        printf("{\"severity\":\"%s\",\"code\":\"%s\",\"file\":",
               severity[d->severity], d->code);
        put_json(d->file != NULL ? d->file : "");
        printf(",\"line\":%u,\"column\":%u,\"text\":", d->line, d->column);
        put_json(d->text);
        printf("}\n");
        break;

    case GITHUB:
        printf("::%s ", github[d->severity]);

        if (d->file != NULL) {
            printf("file=");
            put_github(d->file, 1);
            printf(",");

            if (d->line != 0) {
                printf("line=%u,col=%u,", d->line, d->column);
            }
        }

        printf("title=%s::", d->code);
        put_github(d->text, 0);
        printf("\n");
        break;

    default:
        (void) mdr_diag_format(d, line, sizeof(line));
        printf("%s [%s%s]\n", line, d->severity == MDR_DIAG_ERROR ? ""
               : d->severity == MDR_DIAG_WARN ? "warning: " : "info: ",
               d->code);
    }
}


static int
usage(void)
{
    fprintf(stderr, "usage: moderationctl check [--format text|json|github] "
            "[--base OLD]\n           POLICY\n");

    return 2;
}


int
cmd_check(int argc, char **argv)
{
    int                i, rc, format, findings;
    size_t             n;
    const char        *path;
    mdr_diags_t       *diags;
    mdr_load_conf_t    conf;
    mdr_check_conf_t   check;

    path = NULL;
    format = TEXT;
    memset(&conf, 0, sizeof(conf));
    memset(&check, 0, sizeof(check));

    diags = mdr_diags_new(NULL);

    if (diags == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
            mdr_diags_free(diags);
        return 2;
    }

    for (i = 0; i < argc; i++) {

        if (strcmp(argv[i], "--format") == 0 && i + 1 < argc) {
            i++;
            format = strcmp(argv[i], "text") == 0 ? TEXT
                     : strcmp(argv[i], "json") == 0 ? JSON
                     : strcmp(argv[i], "github") == 0 ? GITHUB : -1;

        } else if (strcmp(argv[i], "--base") == 0 && i + 1 < argc) {
            check.base = argv[++i];

        } else if (argv[i][0] != '-' && path == NULL) {
            path = argv[i];

        } else {
            format = -1;
        }

        if (format == -1) {
            break;
        }
    }

    if (path == NULL || format == -1) {
            mdr_diags_free(diags);
        return usage();
    }

    conf.now = (int64_t) time(NULL);

    rc = mdr_policy_check(path, &conf, &check, diags);
    findings = 0;

    for (n = 0; n < mdr_diags_count(diags); n++) {
        print(mdr_diags_get(diags, n), format);
        findings += mdr_diags_get(diags, n)->severity != MDR_DIAG_INFO;
    }

    mdr_diags_free(diags);

    return rc != MDR_OK ? 2 : findings != 0;
}
