/*
 * cmd_compile.c - `moderationctl compile`: a policy to its flat image.
 */

#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>


int
cmd_compile(int argc, char **argv)
{
    int            i, ok;
    FILE          *f;
    size_t         size;
    const char    *policy, *out;
    const void    *image;
    mdr_policy_t  *p;

    policy = NULL;
    out = NULL;

    for (i = 0; i < argc; i++) {
        if (strcmp(argv[i], "-o") == 0 && i + 1 < argc) {
            out = argv[++i];
        } else if (policy == NULL && argv[i][0] != '-') {
            policy = argv[i];
        } else {
            policy = NULL;
            break;
        }
    }

    if (policy == NULL || out == NULL) {
        return cli_usage("compile");
    }

    p = cli_load(policy, (int64_t) time(NULL));
    if (p == NULL) {
        return 2;
    }

    mdr_policy_image(p, &image, &size);

    f = fopen(out, "wb");
    ok = f != NULL && fwrite(image, 1, size, f) == size;

    if (f != NULL && fclose(f) != 0) {
        ok = 0;
    }

    if (!ok) {
        fprintf(stderr, "moderationctl: %s: %s\n", out, strerror(errno));
    }

    mdr_policy_free(p);

    return ok ? 0 : 2;
}
