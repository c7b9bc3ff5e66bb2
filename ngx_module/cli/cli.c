/*
 * cli.c - what the commands share: loading a policy, words for values.
 */

#include "cli.h"
#include "commands.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>


const char *
cli_mode_name(int mode)
{
    static const char *const  names[] = { "off", "shadow", "enforce" };

    return mode >= 0 && mode <= MDR_MODE_ENFORCE ? names[mode] : "?";
}


const char *
cli_suggestion_name(int suggestion)
{
    static const char *const  names[] = { "pass", "review", "block",
                                          "error" };

    return suggestion >= 0 && suggestion <= MDR_SUGGEST_ERROR
           ? names[suggestion] : "?";
}


const char *
cli_action_name(int action)
{
    static const char *const  names[] = { "none", "tag", "mask", "hold",
                                          "block" };

    return action >= 0 && action <= MDR_ACT_BLOCK ? names[action] : "?";
}


/* a file that begins as an image does, mapped to the end of the program;
 * NULL: it is none */

static const void *
map_image(const char *path, size_t *size)
{
    int          fd;
    char         head[8];
    void        *p;
    struct stat  st;

    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1) {
        return NULL;
    }

    p = MAP_FAILED;

    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
        && read(fd, head, sizeof(head)) == (ssize_t) sizeof(head)
        && mdr_policy_is_image(head, sizeof(head)))
    {
        *size = (size_t) st.st_size;
        p = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
    }

    (void) close(fd);

    return p != MAP_FAILED ? p : NULL;
}


mdr_policy_t *
cli_load(const char *path, int64_t now)
{
    int               rc;
    char              line[4096];
    size_t            i, n, size;
    const void       *image;
    mdr_diags_t      *diags;
    mdr_policy_t     *p;
    mdr_load_conf_t   conf = { 0 };

    diags = mdr_diags_new(NULL);
    if (diags == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
        return NULL;
    }

    conf.now = now;
    p = NULL;
    image = map_image(path, &size);
    rc = image != NULL ? mdr_policy_map(image, size, NULL, diags, &p)
                       : mdr_policy_load(path, &conf, diags, &p);
    n = mdr_diags_count(diags);

    for (i = 0; i < n; i++) {
        const mdr_diag_t  *d = mdr_diags_get(diags, i);

        if (rc == MDR_OK && d->severity != MDR_DIAG_WARN) {
            continue;
        }

        (void) mdr_diag_format(d, line, sizeof(line));
        fprintf(stderr, "%s%s%s%s\n",
                d->severity == MDR_DIAG_WARN ? "warning: " : "",
                image != NULL ? path : "", image != NULL ? ": " : "", line);
    }

    if (rc != MDR_OK && n == 0) {
        fprintf(stderr, "moderationctl: %s: cannot be loaded\n", path);
    }

    mdr_diags_free(diags);

    return rc == MDR_OK ? p : NULL;
}


int
cli_usage(const char *command)
{
    const cli_command_t  *c;

    for (c = cli_commands; c->name != NULL; c++) {
        if (strcmp(c->name, command) == 0) {
            fprintf(stderr, "usage: moderationctl %s %s\n", c->name,
                    c->synopsis);
        }
    }

    fprintf(stderr, "see: moderationctl %s --help\n", command);

    return 2;
}


const char *
cli_nearest(const char *w, const char *const *words, size_t n)
{
    mdr_str_t  s;

    s.data = w;
    s.len = (uint32_t) strlen(w);

    return mdr_word_nearest(s, words, n);
}
