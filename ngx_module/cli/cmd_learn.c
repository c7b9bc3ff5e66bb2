/*
 * cmd_learn.c - `moderationctl learn`.
 */

#include "cli.h"
#include "check/learn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* a number of an option; 0: it is none in [min, max] */

static int
number(const char *s, double min, double max, double *v)
{
    char  *end;

    *v = strtod(s, &end);

    return *s != '\0' && *end == '\0' && *v >= min && *v <= max;
}


int
cmd_learn(int argc, char **argv)
{
    int                i, ok, rc;
    char              *titles;
    double             v;
    size_t             n;
    const char        *opt, *ledger, *label, *field;
    mdr_learn_conf_t   conf;

    memset(&conf, 0, sizeof(conf));
    conf.precision = 0.9;
    conf.titles = 5;
    conf.lines = 1000;
    conf.grams = 4;
    conf.folds = 5;
    n = 0;
    titles = NULL;
    ledger = NULL;
    label = NULL;
    field = "title";

    for (i = 0; i < argc; i++) {
        opt = argv[i];

        if (opt[0] != '-') {
            argv[n++] = argv[i];
            continue;
        }

        if (++i == argc) {
            return cli_usage("learn");
        }

        ok = 1;

        if (strcmp(opt, "-o") == 0) {
            conf.out = argv[i];

        } else if (strcmp(opt, "--policy") == 0) {
            conf.policy = argv[i];

        } else if (strcmp(opt, "--rule") == 0) {
            conf.rule = argv[i];

        } else if (strcmp(opt, "--without") == 0) {
            conf.without = argv[i];

        } else if (strcmp(opt, "--keep") == 0) {
            conf.keep = argv[i];

        } else if (strcmp(opt, "--from-ledger") == 0) {
            ledger = argv[i];

        } else if (strcmp(opt, "--label") == 0) {
            label = argv[i];

        } else if (strcmp(opt, "--field") == 0) {
            field = argv[i];

        } else if (strcmp(opt, "--precision") == 0) {
            ok = number(argv[i], 0.01, 1, &conf.precision);

        } else if (strcmp(opt, "--titles") == 0) {
            ok = number(argv[i], 2, 1000000, &v);
            conf.titles = (uint32_t) v;

        } else if (strcmp(opt, "--lines") == 0) {
            ok = number(argv[i], 1, 100000, &v);
            conf.lines = (uint32_t) v;

        } else if (strcmp(opt, "--grams") == 0) {
            ok = number(argv[i], 1, 8, &v);
            conf.grams = (uint32_t) v;

        } else if (strcmp(opt, "--folds") == 0) {
            ok = number(argv[i], 2, 20, &v);
            conf.folds = (uint32_t) v;

        } else {
            ok = 0;
        }

        if (!ok) {
            return cli_usage("learn");
        }
    }

    if ((n == 0 && ledger == NULL) || conf.out == NULL
        || (conf.policy == NULL) != (conf.rule == NULL)
        || (ledger == NULL) != (label == NULL))
    {
        return cli_usage("learn");
    }

    if (ledger != NULL) {
        titles = cli_learn_ledger(ledger, label, field, &conf.text_len);
        if (titles == NULL) {
            return 2;
        }

        conf.text = titles;
        conf.text_name = ledger;
    }

    rc = mdr_learn(&conf, (const char *const *) argv, n) == MDR_OK ? 0 : 2;
    free(titles);

    return rc;
}
