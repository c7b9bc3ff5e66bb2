/*
 * cmd_explain.c - `moderationctl explain` and `moderationctl diff`.
 */

#include "cli.h"
#include "check/moderation_check.h"

#include <stdio.h>
#include <string.h>
#include <time.h>


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
end(int rc, mdr_diags_t *diags)
{
    char               line[2048];
    size_t             i;
    const mdr_diag_t  *d;

    for (i = 0; rc != MDR_OK && i < mdr_diags_count(diags); i++) {
        d = mdr_diags_get(diags, i);

        if (d->severity == MDR_DIAG_ERROR) {
            (void) mdr_diag_format(d, line, sizeof(line));
            fprintf(stderr, "%s\n", line);
        }
    }

    mdr_diags_free(diags);
}


int
cmd_explain(int argc, char **argv)
{
    int               rc;
    mdr_diags_t      *diags;
    mdr_load_conf_t   conf;

    if ((argc != 1 && argc != 2) || argv[0][0] == '-') {
        return cli_usage("explain");
    }

    diags = begin(&conf);
    if (diags == NULL) {
        return 2;
    }

    rc = mdr_policy_explain(argv[argc - 1], argc == 2 ? argv[0] : NULL, &conf,
                            diags, put, stdout);
    end(rc, diags);

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
    end(rc, diags);

    return rc != MDR_OK ? 2 : changes != 0;
}
