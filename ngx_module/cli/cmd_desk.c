/*
 * cmd_desk.c - `moderationctl queue`, `review`, `partner`, `open`: the desk of a
 * running moderationd, asked over its socket as root or as the daemon's own user.
 *
 * Whoever asks so is "local": it may decide like a lead, and is nobody's
 * second person.  `open` works without the daemon, too: then it writes the
 * switch into the mapped table itself.
 */

#include "cli.h"
#include "ledger/table.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TABLES    "/var/lib/moderation/verdicts"
#define FILE_MAX  (1 << 20)

typedef struct {
    const char  *socket, *tables, *slot, *queue, *state, *reason, *note, *span,
                *site, *seen, *team;
    long long    version;
    int          dry;
    const char  *words[4];
    int          nwords;
} desk_t;


/* 0, or 2 where an option is not known or has no value */

static int
read_options(desk_t *o, int argc, char **argv)
{
    int     i;
    size_t  k;

    const struct { const char *name; const char **value; } texts[] = {
        { "--socket", &o->socket }, { "--tables", &o->tables },
        { "--slot", &o->slot }, { "--queue", &o->queue },
        { "--state", &o->state }, { "--reason", &o->reason },
        { "--note", &o->note }, { "--for", &o->span }, { "--site", &o->site },
        { "--seen", &o->seen }, { "--team", &o->team }
    };

    memset(o, 0, sizeof(desk_t));
    o->socket = CLI_SOCKET;
    o->tables = TABLES;

    for (i = 0; i < argc; i++) {
        if (argv[i][0] != '-') {
            if (o->nwords == 4) {
                return 2;
            }

            o->words[o->nwords++] = argv[i];
            continue;
        }

        if (strcmp(argv[i], "--dry-run") == 0) {
            o->dry = 1;
            continue;
        }

        if (++i == argc) {
            return 2;
        }

        if (strcmp(argv[i - 1], "--version-seen") == 0) {
            o->version = strtoll(argv[i], NULL, 10);
            continue;
        }

        for (k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
            if (strcmp(argv[i - 1], texts[k].name) == 0) {
                *texts[k].value = argv[i];
                break;
            }
        }

        if (k == sizeof(texts) / sizeof(texts[0])) {
            return 2;
        }
    }

    return 0;
}


/* the answer to one request, or NULL and a message; *status as it says */

static json_t *
ask(const desk_t *o, const char *method, const char *path, const char *query,
    json_t *args, int *status)
{
    char    *body, *answer;
    size_t   n;
    json_t  *j;

    body = args ? json_dumps(args, JSON_COMPACT) : NULL;
    json_decref(args);
    answer = cli_ask(o->socket, method, path, query, body, status, &n);
    free(body);
    j = answer ? json_loadb(answer, n, 0, NULL) : NULL;

    if (answer && j == NULL) {
        fprintf(stderr, "moderationctl: %s: no answer\n", o->socket);
    }

    free(answer);

    return j;
}


/* prints an answer as one JSON line; the exit status */

static int
print(json_t *j, int status)
{
    if (j == NULL) {
        return 2;
    }

    json_dumpf(j, status < 300 ? stdout : stderr, JSON_COMPACT);
    fputc('\n', status < 300 ? stdout : stderr);
    json_decref(j);

    return status < 300 ? 0 : 1;
}


static const char *
or_empty(const char *s)
{
    return s ? s : "";
}


static int
list(const desk_t *o)
{
    int      status;
    char     query[512];
    size_t   i;
    json_t  *j, *c;

    snprintf(query, sizeof(query), "limit=100&state=%s&queue=%s",
             or_empty(o->state), or_empty(o->queue));
    j = ask(o, "GET", "/moderation/v1/queue", query, NULL, &status);

    if (j == NULL || status != 200) {
        return print(j, status);
    }

    json_array_foreach(json_object_get(j, "cards"), i, c) {
        json_dumpf(c, stdout, JSON_COMPACT);
        fputc('\n', stdout);
    }

    json_decref(j);

    return 0;
}


int
cmd_queue(int argc, char **argv)
{
    int     status;
    char    path[128];
    desk_t  o;

    if (read_options(&o, argc, argv) != 0 || o.nwords == 0) {
        return cli_usage("queue");
    }

    if (strcmp(o.words[0], "list") == 0 && o.nwords == 1) {
        return list(&o);
    }

    if (strcmp(o.words[0], "show") == 0 && o.nwords == 2) {
        snprintf(path, sizeof(path), "/moderation/v1/cards/%.20s",
                 o.words[1]);
        return print(ask(&o, "GET", path, "", NULL, &status), status);
    }

    if (strcmp(o.words[0], "decide") == 0 && o.nwords == 3) {
        json_t  *j;

        snprintf(path, sizeof(path), "/moderation/v1/cards/%.20s/decide",
                 o.words[1]);
        j = ask(&o, "POST", path, "", json_pack("{s:s, s:s, s:s, s:I}",
                "verdict", o.words[2], "reason", or_empty(o.reason), "note",
                or_empty(o.note), "version", (json_int_t) o.version),
                &status);
        return print(j, status);
    }

    if (strcmp(o.words[0], "undo") == 0 && o.nwords == 2) {
        json_t  *j;

        snprintf(path, sizeof(path), "/moderation/v1/reviews/%.20s/undo",
                 o.words[1]);
        j = ask(&o, "POST", path, "", json_object(), &status);
        return print(j, status);
    }

    return cli_usage("queue");
}


/* a file (- is standard input) of at most 1 MB, with a NUL; NULL: it has been
 * said why */

static char *
read_file(const char *name, size_t *n)
{
    int    whole, err;
    char  *text = malloc(FILE_MAX);
    FILE  *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");

    err = errno;
    *n = f && text ? fread(text, 1, FILE_MAX - 1, f) : 0;
    whole = f && feof(f);

    if (f && f != stdin) {
        fclose(f);
    }

    if (!whole || *n == 0) {
        fprintf(stderr, "moderationctl: %s: %s\n", name,
                f ? "empty, or longer than 1 MB" : strerror(err));
        free(text);
        return NULL;
    }

    text[*n] = '\0';

    return text;
}


int
cmd_review(int argc, char **argv)
{
    int      status;
    char    *text;
    size_t   n;
    desk_t   o;
    json_t  *args, *j;

    if (read_options(&o, argc, argv) != 0 || o.nwords == 0) {
        return cli_usage("review");
    }

    if (strcmp(o.words[0], "adopt") == 0 && o.nwords == 1 && o.slot) {
        j = ask(&o, "POST", "/moderation/v1/adopt", "",
                json_pack("{s:s, s:s, s:b}", "slot", o.slot, "seen",
                          o.seen ? o.seen : "24h", "dry_run", o.dry),
                &status);
        return print(j, status);
    }

    if (strcmp(o.words[0], "import") != 0 || o.nwords != 2) {
        return cli_usage("review");
    }

    text = read_file(o.words[1], &n);

    if (text == NULL) {
        return 2;
    }

    args = json_pack("{s:s#, s:b}", "csv", text, n, "dry_run", o.dry);
    free(text);

    if (args == NULL) {
        fprintf(stderr, "moderationctl: %s: not UTF-8\n", o.words[1]);
        return 2;
    }

    j = ask(&o, "POST", "/moderation/v1/import", "", args, &status);

    return print(j, status);
}


/* reports of a team: CSV, a JSON list, or an object with the member reports;
 * every line is right, or none is taken */

int
cmd_partner(int argc, char **argv)
{
    int           status;
    char         *text, *p;
    size_t        n;
    desk_t        o;
    json_t       *args, *j, *list;
    json_error_t  e;

    if (read_options(&o, argc, argv) != 0 || o.nwords != 2
        || strcmp(o.words[0], "import") != 0 || o.team == NULL)
    {
        return cli_usage("partner");
    }

    text = read_file(o.words[1], &n);

    if (text == NULL) {
        return 2;
    }

    p = text + (strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
    p += strspn(p, " \t\r\n");
    args = json_pack("{s:s, s:b}", "team", o.team, "dry_run", o.dry);

    if (args && (*p == '[' || *p == '{')) {
        j = json_loads(p, JSON_REJECT_DUPLICATES, &e);
        list = json_is_array(j) ? j : json_object_get(j, "reports");

        if (!json_is_array(list)) {
            fprintf(stderr, "moderationctl: %s:%d: %s\n", o.words[1],
                    j ? 1 : e.line, j ? "no list of reports" : e.text);
            json_decref(args);
            args = NULL;

        } else {
            json_object_set(args, "reports", list);
        }

        json_decref(j);

    } else if (args
               && json_object_set_new(args, "csv", json_stringn(text, n)) != 0)
    {
        fprintf(stderr, "moderationctl: %s: not UTF-8\n", o.words[1]);
        json_decref(args);
        args = NULL;
    }

    free(text);

    if (args == NULL) {
        return 2;
    }

    j = ask(&o, "POST", "/moderation/v1/reports/import", "", args, &status);

    return print(j, status);
}


/* without the daemon: the switch into the table, for every host of it */

static int
open_table(const desk_t *o, const char *slot, long long seconds)
{
    int           rc;
    char          err[256];
    mdl_str_t     host = { o->site ? o->site : "", 0 };
    mdl_str_t     name = { slot, strlen(slot) };
    mdl_table_t  *t;

    host.len = strlen(host.data);
    t = mdl_table_open(o->tables, MDL_TABLE_ORDERS, err, sizeof(err));

    if (t == NULL) {
        fprintf(stderr, "moderationctl: %s: %s\n", o->tables, err);
        return 2;
    }

    rc = mdl_table_switch(t, host, name, MDL_MODE_OFF,
                          (uint64_t) (time(NULL) + seconds));
    mdl_table_free(t);

    if (rc != 0) {
        fprintf(stderr, "moderationctl: %s: too many switches\n", o->tables);
        return 2;
    }

    printf("{\"slot\":\"%s\",\"mode\":\"open\",\"daemon\":false}\n", slot);

    return 0;
}


int
cmd_open(int argc, char **argv)
{
    int         status;
    char        unit;
    desk_t      o;
    json_t     *j;
    long long   n;

    if (read_options(&o, argc, argv) != 0 || o.nwords != 1) {
        return cli_usage("open");
    }

    o.span = o.span ? o.span : "30m";

    if (sscanf(o.span, "%lld%c", &n, &unit) != 2
        || strchr("smh", unit) == NULL
        || (n *= unit == 'h' ? 3600 : unit == 'm' ? 60 : 1) < 1
        || n > MDL_SWITCH_MAX_S)
    {
        return cli_usage("open");
    }

    if (access(o.socket, F_OK) != 0) {
        return open_table(&o, o.words[0], n);
    }

    j = ask(&o, "POST", "/moderation/v1/switch", "",
            json_pack("{s:s, s:s, s:s, s:s, s:s}", "site",
                      or_empty(o.site), "slot", o.words[0], "mode", "open",
                      "until", o.span, "reason",
                      o.reason ? o.reason : "moderationctl open"), &status);

    return j ? print(j, status) : open_table(&o, o.words[0], n);
}
