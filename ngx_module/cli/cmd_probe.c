/*
 * cmd_probe.c - `moderationctl probe`: slots of pages and feeds that nobody has
 * described yet, as YAML with a preview.
 */

#include "cli.h"
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEPT      40
#define FILE_MAX  ((size_t) 64 << 20)


void *
probe_alloc(size_t n)
{
    void  *p;

    p = malloc(n);

    if (p == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
        exit(2);
    }

    return p;
}


void
probe_field(probe_slot_t *s, const char *name, const char *from)
{
    if (s->nfields < PROBE_FIELDS) {
        snprintf(s->fields[s->nfields].name, sizeof(s->fields[0].name), "%s",
                 name);
        snprintf(s->fields[s->nfields].from, sizeof(s->fields[0].from), "%s",
                 from);
        s->nfields++;
    }
}


/* bytes of the UTF-8 character at s, 0 where it is none that a YAML comment
 * may have */

static size_t
character(const unsigned char *s, size_t n)
{
    size_t  len, i;

    if (s[0] < 0x80) {
        return s[0] >= 0x20 && s[0] != 0x7f;
    }

    len = s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
          : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : 0;

    if (len == 0 || len > n) {
        return 0;
    }

    for (i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            return 0;
        }
    }

    /* C1 controls, surrogates, line separators, non-characters */

    return (s[0] == 0xc2 && s[1] < 0xa0)
           || (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] >= 0xa0)
           || (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] >= 0x90)
           || (s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe)
           || (s[0] == 0xe2 && s[1] == 0x80 && (s[2] & 0xfe) == 0xa8)
           ? 0 : len;
}


/* for a comment: one line of UTF-8, no control characters, cut between two */

void
probe_text(char dst[PROBE_TEXT], const char *s, size_t n)
{
    size_t  i, k, len;

    for (i = 0, k = 0; i < n && k + 4 < PROBE_TEXT; i += len) {
        len = character((const unsigned char *) s + i, n - i);

        if (len == 0) {
            dst[k++] = (unsigned char) s[i] < 0x80 ? ' ' : '?';
            len = 1;

        } else {
            memcpy(dst + k, s + i, len);
            k += len;
        }
    }

    dst[k] = '\0';
}


void
probe_add(probe_t *p, const probe_slot_t *s)
{
    size_t  i;

    if (p->slots == NULL) {
        p->slots = probe_alloc((KEPT + 1) * sizeof(probe_slot_t));
    }

    for (i = p->n; i > 0 && p->slots[i - 1].score < s->score; i--) {
        p->slots[i] = p->slots[i - 1];
    }

    p->slots[i] = *s;

    if (p->n < KEPT) {
        p->n++;
    }
}


static char *
read_all(const char *name, size_t *n)
{
    FILE   *f;
    char   *s;
    size_t  cap, got;

    f = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");

    if (f == NULL) {
        fprintf(stderr, "moderationctl: %s: %s\n", name, strerror(errno));
        return NULL;
    }

    cap = 1 << 16;
    s = probe_alloc(cap + 1);
    *n = 0;

    while ((got = fread(s + *n, 1, cap - *n, f)) > 0) {
        *n += got;

        if (*n == cap) {
            cap *= 2;
            s = realloc(s, cap + 1);

            if (s == NULL || cap > FILE_MAX) {
                fprintf(stderr, "moderationctl: %s: too large\n", name);
                exit(2);
            }
        }
    }

    if (ferror(f)) {
        fprintf(stderr, "moderationctl: %s: %s\n", name, strerror(errno));
        free(s);
        s = NULL;
    }

    if (f != stdin) {
        fclose(f);
    }

    return s;
}


/* in YAML's double quotes; names of members come from the page */

static void
quoted(const char *s)
{
    size_t  n, len;

    putchar('"');

    for (n = strlen(s); n > 0; s += len, n -= len) {
        len = character((const unsigned char *) s, n);

        if (len == 0) {
            printf("\\x%02x", (unsigned) (unsigned char) *s);
            len = 1;
            continue;
        }

        if (*s == '"' || *s == '\\') {
            putchar('\\');
        }

        fwrite(s, 1, len, stdout);
    }

    putchar('"');
}


static void
print(const probe_slot_t *s, size_t n)
{
    size_t  i;

    printf("  # %zu items, %zu with a title:\n", s->items, s->titled);

    for (i = 0; i < s->npreview; i++) {
        printf("  #   %s\n", s->preview[i]);
    }

    printf("  - name: probed.%zu\n    type: %s\n    match: ", n + 1, s->type);
    quoted(s->match);
    printf("\n    fields:\n");

    for (i = 0; i < s->nfields; i++) {
        printf("      %s: ", s->fields[i].name);
        quoted(s->fields[i].from);
        printf("\n");
    }
}


int
cmd_probe(int argc, char **argv)
{
    int      i, found;
    char    *s, *end;
    long     most;
    size_t   n, k;
    probe_t  p;

    most = 3;

    for (i = 0; i + 1 < argc && strcmp(argv[i], "--most") == 0; i += 2) {
        most = strtol(argv[i + 1], &end, 10);

        if (*end != '\0' || most < 1 || most > KEPT) {
            fprintf(stderr, "moderationctl: --most: 1 to %d expected\n",
                    KEPT);
            return 2;
        }
    }

    if (i == argc || argv[i][0] == '-') {
        if (i == argc || strcmp(argv[i], "-") != 0) {
            return cli_usage("probe");
        }
    }

    found = 1;
    printf("schema: 1\npolicy: probed\n"
           "defaults:                    # what the shipped rules expect\n"
           "  gap: {max: 2, of: [space, punct, symbol, emoji]}\n"
           "slots:\n");

    for (k = 0; i < argc; i++) {
        s = read_all(argv[i], &n);

        if (s == NULL) {
            return 2;
        }

        memset(&p, 0, sizeof(p));

        if (!probe_json(&p, s, n)) {
            probe_html(&p, s, n);
        }

        printf("  # %s\n", strcmp(argv[i], "-") == 0 ? "standard input"
                                                     : argv[i]);

        if (p.n == 0) {
            printf("  # nothing repeats here that has a title\n");
            found = 0;
        }

        for (n = 0; n < p.n && n < (size_t) most; n++) {
            print(&p.slots[n], k++);
        }

        free(p.slots);
        free(s);
    }

    return found ? 0 : 1;
}
