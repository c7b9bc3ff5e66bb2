/*
 * cmd_report.c - `moderationctl report`: what happened in a time, out of a
 * running moderationd.
 */

#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


static const char *
language(void)
{
    const char  *s = getenv("LC_ALL");

    s = s && *s ? s : getenv("LANG");

    return s && strncmp(s, "zh", 2) == 0 ? "zh" : "en";
}


static int
write_out(const char *file, const char *p, size_t n)
{
    FILE  *f = file ? fopen(file, "wb") : stdout;
    int    bad;

    if (f == NULL) {
        fprintf(stderr, "moderationctl: %s: %s\n", file, strerror(errno));
        return 2;
    }

    bad = fwrite(p, 1, n, f) != n;
    bad |= f == stdout ? fflush(f) != 0 : fclose(f) != 0;

    if (bad) {
        fprintf(stderr, "moderationctl: %s: %s\n", file ? file : "output",
                strerror(errno));
    }

    return bad ? 2 : 0;
}


int
cmd_report(int argc, char **argv)
{
    int          i, rc, status;
    char         query[4096] = "", *answer;
    size_t       k, n;
    const char  *socket = CLI_SOCKET, *file = NULL, *lang = language();

    static const char *const  names[] = {
        "from", "to", "week", "campaign", "site", "size", "format", "edition"
    };

    for (i = 0; i < argc; i += 2) {
        if (i + 1 == argc || argv[i][0] != '-') {
            return cli_usage("report");
        }

        if (strcmp(argv[i], "-o") == 0) {
            file = argv[i + 1];

        } else if (strcmp(argv[i], "--socket") == 0) {
            socket = argv[i + 1];

        } else if (strcmp(argv[i], "--lang") == 0) {
            lang = argv[i + 1];

        } else {
            for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
                if (strncmp(argv[i], "--", 2) == 0
                    && strcmp(argv[i] + 2, names[k]) == 0)
                {
                    cli_query(query, sizeof(query), names[k], argv[i + 1]);
                    break;
                }
            }

            if (k == sizeof(names) / sizeof(names[0])) {
                return cli_usage("report");
            }
        }
    }

    cli_query(query, sizeof(query), "lang", lang);
    answer = cli_ask(socket, "GET", "/moderation/v1/report", query, NULL,
                     &status, &n);

    if (answer == NULL) {
        return 2;
    }

    if (status != 200) {
        fputs(answer, stderr);
        free(answer);
        return 1;
    }

    rc = write_out(file, answer, n);
    free(answer);

    return rc;
}
