/*
 * cli.c - what the commands share: loading a policy, words for values.
 */

#include "cli.h"
#include "commands.h"
#include "messages/messages.h"
#include "ledger/words.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
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
    char              line[4096], text[2048];
    size_t            i, n, size;
    mdr_diag_t        said;
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

        said = *d;

        if (cli_wants_zh()) {
            said.text = (char *) (uintptr_t) mdr_say_zh(d->code, d->text,
                                                        text, sizeof(text));
        }

        (void) mdr_diag_format(&said, line, sizeof(line));
        fprintf(stderr, "%s%s%s\n", image != NULL ? path : "",
                image != NULL ? ": " : "", line);
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
            fprintf(stderr, cli_wants_zh() ? "用法：moderationctl %s %s\n"
                    : "usage: moderationctl %s %s\n", c->name, c->synopsis);
        }
    }

    fprintf(stderr, cli_wants_zh() ? "参见：moderationctl %s --help\n"
            : "see: moderationctl %s --help\n", command);

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


/* what --lang said, or -1: nothing */

static int  lang = -1;


/* as gettext looks for it */

int
cli_wants_zh(void)
{
    size_t       i;
    const char  *v;

    static const char *const  names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

    if (lang != -1) {
        return lang;
    }

    for (i = 0; i < 3; i++) {
        v = getenv(names[i]);
        if (v != NULL && *v != '\0') {
            return strncmp(v, "zh", 2) == 0;
        }
    }

    return 0;
}


int
cli_lang(const char *word)
{
    lang = strncmp(word, "zh", 2) == 0 ? 1
           : strncmp(word, "en", 2) == 0 ? 0 : -1;

    return lang;
}


int
cli_body_type(const char *name)
{
    size_t  i;

    static const struct {
        const char  *name;
        int          type;
    } types[] = {
        { "html", MDR_TYPE_HTML },
        { "xml", MDR_TYPE_XML },
        { "json", MDR_TYPE_JSON },
        { "ndjson", MDR_TYPE_NDJSON },
        { "jsonp", MDR_TYPE_JSONP },
        { "js", MDR_TYPE_JSONP },
        { "sse", MDR_TYPE_EVENTS },
        { "multipart", MDR_TYPE_PARTS },
        { "flight", MDR_TYPE_ROWS },
    };

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i].name, name) == 0) {
            return types[i].type;
        }
    }

    return -1;
}
