/*
 * cmd_kill.c - `moderationctl kill`: writes and checks a kill file.
 *
 * Lines that stand in it stay, comments too.  The new file is written beside
 * the old one and renamed over it, so that nginx sees all or nothing.
 */

#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "line.h"

#define FILE_MAX  (1u << 20)        /* bytes of a kill file                  */


typedef struct {
    const char    *file, *policy;
    const char   **add;             /* lines                                 */
    size_t         nadd;
    int            clear;
} kill_t;


/* the file's text in l; 0, or -1: it cannot be read, which is said.  A file
 * that is not there is empty */

static int
read_all(const char *path, line_t *l)
{
    FILE    *f;
    char     buf[4096];
    size_t   n;

    f = fopen(path, "rb");

    if (f == NULL) {
        if (errno == ENOENT) {
            return 0;
        }

        fprintf(stderr, "moderationctl: %s: %s\n", path, strerror(errno));
        return -1;
    }

    while ((n = fread(buf, 1, sizeof(buf), f)) > 0 && l->len < FILE_MAX) {
        line_put(l, buf, n);
    }

    n = (size_t) ferror(f);
    fclose(f);

    if (n != 0 || l->len >= FILE_MAX) {
        fprintf(stderr, "moderationctl: %s: %s\n", path,
                n != 0 ? strerror(errno) : "too large for a kill file");
        return -1;
    }

    return 0;
}


static int
write_all(const char *path, const line_t *l)
{
    int          fd, ok;
    char        *tmp;
    size_t       at;
    ssize_t      n;
    struct stat  st;

    if (asprintf(&tmp, "%s.XXXXXX", path) < 0) {
        fprintf(stderr, "moderationctl: out of memory\n");
        return -1;
    }

    fd = mkstemp(tmp);
    ok = fd != -1;

    if (ok) {
        ok = fchmod(fd, stat(path, &st) == 0 ? st.st_mode & 0777 : 0644)
             == 0;

        for (at = 0; ok && at < l->len; at += (size_t) n) {
            n = write(fd, l->data + at, l->len - at);
            ok = n > 0;
        }

        ok = ok && fsync(fd) == 0;
        ok = close(fd) == 0 && ok;
        ok = ok && rename(tmp, path) == 0;
    }

    if (!ok) {
        fprintf(stderr, "moderationctl: %s: %s\n", path, strerror(errno));
        if (fd != -1) {
            (void) unlink(tmp);
        }
    }

    free(tmp);

    return ok ? 0 : -1;
}


/* does each line name something?  The number of lines that do not */

static int
check(const kill_t *k, const mdr_policy_t *p, const line_t *l, uint8_t *rules)
{
    int          bad;
    size_t       n;
    uint32_t     line;
    mdr_str_t    near;
    const char  *at, *end, *last;

    bad = 0;
    at = l->len != 0 ? l->data : "";
    last = at + l->len;

    for (line = 1; at < last; line++, at = end + 1) {
        end = memchr(at, '\n', (size_t) (last - at));
        end = end != NULL ? end : last;
        n = (size_t) (end - at);

        switch (mdr_policy_kill(p, at, n, rules, &near)) {

        case MDR_KILL_NO_LINE:
            fprintf(stderr, "%s:%u:1: \"all\", \"label NAME\" or \"rule ID\" "
                    "expected\n", k->file, line);
            bad++;
            break;

        case MDR_KILL_UNKNOWN:
            fprintf(stderr, "%s:%u:1: no such rule or label", k->file, line);

            if (near.len != 0) {
                fprintf(stderr, " (did you mean \"%.*s\"?)", (int) near.len,
                        near.data);
            }

            fprintf(stderr, "\n");
            bad++;
            break;

        default:
            break;
        }
    }

    return bad;
}


/* 0 written or right, 1 a line names nothing (and nothing is written), 2 */

static int
run(const kill_t *k)
{
    int                 rc;
    size_t              i;
    line_t              l;
    uint8_t            *rules;
    uint32_t            n, held;
    mdr_policy_t       *p;
    mdr_rule_info_t     rule;
    mdr_policy_info_t   info;

    memset(&l, 0, sizeof(l));

    if (!k->clear && read_all(k->file, &l) != 0) {
        line_free(&l);
        return 2;
    }

    if (l.len != 0 && l.data[l.len - 1] != '\n') {
        line_puts(&l, "\n");
    }

    for (i = 0; i < k->nadd; i++) {
        line_puts(&l, k->add[i]);
        line_puts(&l, "\n");
    }

    p = cli_load(k->policy, (int64_t) time(NULL));

    if (p == NULL) {
        line_free(&l);
        return 2;
    }

    mdr_policy_info(p, &info);
    rules = calloc(info.rules + 1, 1);

    if (rules == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
        exit(2);
    }

    rc = check(k, p, &l, rules) != 0;

    if (rc == 0 && (k->nadd != 0 || k->clear)) {
        rc = write_all(k->file, &l) != 0 ? 2 : 0;
    }

    for (n = 0, held = 0; rc == 0 && n < info.rules; n++) {
        if (rules[n] && mdr_policy_rule(p, n, &rule) == MDR_OK) {
            printf("held back: %.*s\n", (int) rule.id.len, rule.id.data);
            held++;
        }
    }

    if (rc == 0) {
        printf("%u of %u rules are held back\n", held, info.rules);
    }

    free(rules);
    mdr_policy_free(p);
    line_free(&l);

    return rc;
}


int
cmd_kill(int argc, char **argv)
{
    int      i, rc;
    char    *s;
    kill_t   k;

    memset(&k, 0, sizeof(k));
    k.add = calloc((size_t) argc + 1, sizeof(char *));

    if (k.add == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
        return 2;
    }

    for (i = 0, rc = 0; i < argc && rc == 0; i++) {
        s = NULL;

        if (strcmp(argv[i], "--clear") == 0) {
            k.clear = 1;

        } else if (strcmp(argv[i], "--all") == 0) {
            s = strdup("all");

        } else if (argv[i][0] != '-' && k.file == NULL) {
            k.file = argv[i];

        } else if (argv[i][0] != '-' || i + 1 == argc) {
            rc = cli_usage("kill");

        } else if (strcmp(argv[i], "--policy") == 0) {
            k.policy = argv[++i];

        } else if (strcmp(argv[i], "--rule") == 0
                   || strcmp(argv[i], "--label") == 0)
        {
            if (asprintf(&s, "%s %s", argv[i] + 2, argv[i + 1]) < 0) {
                s = NULL;
                rc = 2;
            }
            i++;

        } else {
            rc = cli_usage("kill");
        }

        if (s != NULL) {
            k.add[k.nadd++] = s;
        }
    }

    if (rc == 0 && (k.file == NULL || k.policy == NULL)) {
        rc = cli_usage("kill");
    }

    rc = rc != 0 ? 2 : run(&k);

    while (k.nadd > 0) {
        free((char *) k.add[--k.nadd]);
    }

    free(k.add);

    return rc;
}
