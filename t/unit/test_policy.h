/*
 * test_policy.h - a policy out of its text.
 */

#ifndef MDR_TEST_POLICY_H
#define MDR_TEST_POLICY_H

#include "policy/policy.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>


/* NULL and a line that says why; *model (may be NULL): with its terms; the time
 * for which rules expire is that of no test: autumn 2023 */

static inline mdr_policy_t *
test_policy(const char *text, mdr_model_t **model)
{
    int              fd, rc;
    char             said[400], name[] = "/tmp/mdr-policy-XXXXXX";
    mdr_diags_t     *d;
    mdr_policy_t    *p;
    mdr_load_conf_t  conf;

    fd = mkstemp(name);
    if (fd == -1 || write(fd, text, strlen(text)) != (ssize_t) strlen(text)) {
        return NULL;
    }
    close(fd);

    memset(&conf, 0, sizeof(conf));
    conf.now = 1700000000;
    d = mdr_diags_new(NULL);
    p = NULL;
    rc = mdr_policy_load(name, &conf, d, &p);

    if (rc == MDR_OK && model != NULL) {
        rc = mdr_load(name, &conf, d, model);
    }

    if (rc != MDR_OK) {
        if (mdr_diags_count(d) != 0) {
            mdr_diag_format(mdr_diags_get(d, 0), said, sizeof(said));
            printf("# %s\n# %.2000s\n", said, text);
        }
        mdr_policy_free(p);
        p = NULL;
    }

    mdr_diags_free(d);
    unlink(name);

    return p;
}

#endif
