/*
 * cmd_scan.c - `moderationctl scan`: the items of a body, one JSON line each,
 * or (--apply) the body as the filter would send it.
 *
 * Items are reported by the engine when they are decided; lines are printed
 * in page order, so a line waits for an outer item that is still open.
 */

#include "cli.h"

#include "moderation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>


typedef struct {
    char    *data;
    size_t   len, cap;
} line_t;

typedef struct {
    const mdr_policy_t  *policy;
    const char          *slot;          /* only this one, or NULL            */
    int                  apply;
    int                  hits, errors, failed;
    uint64_t             next;          /* seq to be printed                 */
    line_t              *waiting;       /* [seq - next]                      */
    size_t               nwaiting, cap;
} scan_t;


static void
put(line_t *l, const char *s, size_t n)
{
    char    *p;
    size_t   cap;

    if (l->cap - l->len < n) {
        cap = (l->cap + n) * 2 + 64;
        p = realloc(l->data, cap);
        if (p == NULL) {
            fprintf(stderr, "moderationctl: out of memory\n");
            exit(2);
        }
        l->data = p;
        l->cap = cap;
    }

    memcpy(l->data + l->len, s, n);
    l->len += n;
}


static void
puts_(line_t *l, const char *s)
{
    put(l, s, strlen(s));
}


static void
putn(line_t *l, unsigned long long v)
{
    char  buf[24];

    snprintf(buf, sizeof(buf), "%llu", v);
    puts_(l, buf);
}


static void
put_string(line_t *l, mdr_str_t s)
{
    char      esc[8];
    uint32_t  i, from;

    puts_(l, "\"");

    for (i = 0, from = 0; i < s.len; i++) {
        unsigned char  c = (unsigned char) s.data[i];

        if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
            continue;
        }

        put(l, s.data + from, i - from);
        from = i + 1;

        if (c == '"' || c == '\\') {
            esc[0] = '\\';
            esc[1] = (char) c;
            put(l, esc, 2);
        } else {
            snprintf(esc, sizeof(esc), "\\u%04x", c);
            puts_(l, esc);
        }
    }

    put(l, s.data + from, s.len - from);
    puts_(l, "\"");
}


/* members of an object: the name comes with its quotes, a comma before it */

static void
put_text(line_t *l, const char *name, mdr_str_t v)
{
    puts_(l, name);
    puts_(l, ":");
    put_string(l, v);
}


static void
put_number(line_t *l, const char *name, unsigned long long v)
{
    puts_(l, name);
    puts_(l, ":");
    putn(l, v);
}


static void
put_word(line_t *l, const char *name, const char *v)
{
    puts_(l, name);
    puts_(l, ":\"");
    puts_(l, v);
    puts_(l, "\"");
}


static void
put_hit(line_t *l, const scan_t *s, const mdr_hit_t *h)
{
    mdr_rule_info_t  r;

    mdr_policy_rule(s->policy, h->rule, &r);

    put_text(l, "{\"rule\"", r.id);
    put_number(l, ",\"rev\"", r.rev);
    put_text(l, ",\"label\"", r.label);
    put_text(l, ",\"group\"", h->group_name);
    put_text(l, ",\"field\"", h->field);
    put_number(l, ",\"start\"", h->start);
    put_number(l, ",\"end\"", h->end);
    put_text(l, ",\"text\"", h->text);
    put_word(l, ",\"mode\"", cli_mode_name(h->mode));
    puts_(l, "}");
}


static void
flush_lines(scan_t *s)
{
    size_t  i;

    for (i = 0; i < s->nwaiting && s->waiting[i].data != NULL; i++) {
        fwrite(s->waiting[i].data, 1, s->waiting[i].len, stdout);
        free(s->waiting[i].data);
    }

    s->next += i;
    s->nwaiting -= i;

    if (i != 0) {
        memmove(s->waiting, s->waiting + i, s->nwaiting * sizeof(line_t));
    }
}


static void
on_item(void *ctx, const mdr_item_t *it)
{
    size_t     n;
    scan_t    *s;
    line_t     line, *l;
    uint32_t   i;

    s = ctx;

    if (it->hits_total != 0) {
        s->hits = 1;
    }

    if (s->apply) {
        return;
    }

    n = (size_t) (it->seq - s->next) + 1;

    if (n > s->cap) {
        s->cap = n * 2 + 16;
        s->waiting = realloc(s->waiting, s->cap * sizeof(line_t));
        if (s->waiting == NULL) {
            fprintf(stderr, "moderationctl: out of memory\n");
            exit(2);
        }
    }

    while (s->nwaiting < n) {
        memset(&s->waiting[s->nwaiting++], 0, sizeof(line_t));
    }

    memset(&line, 0, sizeof(line));
    l = &line;

    if (s->slot == NULL || (strlen(s->slot) == it->slot_name.len
        && memcmp(s->slot, it->slot_name.data, it->slot_name.len) == 0))
    {
        put_text(l, "{\"slot\"", it->slot_name);
        put_number(l, ",\"index\"", it->index);
        put_number(l, ",\"start\"", it->start);
        put_number(l, ",\"end\"", it->end);
        puts_(l, ",\"fields\":{");

        for (i = 0; i < it->nfields; i++) {
            puts_(l, i ? "," : "");
            put_string(l, it->fields[i].name);
            puts_(l, ":");
            put_string(l, it->fields[i].text);
        }

        put_word(l, "},\"suggestion\"", cli_suggestion_name(it->suggestion));
        put_word(l, ",\"action\"", cli_action_name(it->action));

        if (it->flags & MDR_ITEM_OVER_LIMIT) {
            puts_(l, ",\"over_limit\":true");
        }

        if (it->flags & MDR_ITEM_TOO_LARGE) {
            puts_(l, ",\"error\":\"too_large\"");

        } else if (it->flags & MDR_ITEM_UNREADABLE) {
            puts_(l, ",\"error\":\"unreadable\"");
        }

        puts_(l, ",\"hits\":[");

        for (i = 0; i < it->nhits; i++) {
            puts_(l, i ? "," : "");
            put_hit(l, s, &it->hits[i]);
        }

        puts_(l, "]");

        if (it->hits_total > it->nhits) {
            put_number(l, ",\"hits_total\"", it->hits_total);
        }

        puts_(l, "}\n");

    } else {
        puts_(l, "");
        put(l, "", 0);
        l->data = l->data == NULL ? calloc(1, 1) : l->data;
    }

    s->waiting[n - 1] = line;
    flush_lines(s);
}


static const char *
error_name(int kind)
{
    switch (kind) {
    case MDR_ERR_BROKEN:       return "broken";
    case MDR_ERR_TOO_LARGE:    return "too_large";
    case MDR_ERR_CHARSET:      return "charset";
    case MDR_ERR_DEPTH:        return "depth";
    case MDR_ERR_UNREADABLE:   return "unreadable";
    case MDR_ERR_MEMORY:       return "memory";
    case MDR_ERR_REGEX_LIMIT:  return "regex_limit";
    default:                   return "error";
    }
}


static void
on_error(void *ctx, const mdr_scan_error_t *e)
{
    line_t     l;
    scan_t    *s;
    mdr_str_t  d;

    s = ctx;
    s->errors++;

    memset(&l, 0, sizeof(l));
    d.data = e->detail != NULL ? e->detail : "";
    d.len = (uint32_t) strlen(d.data);

    put_word(&l, "{\"error\"", error_name(e->kind));
    put_number(&l, ",\"offset\"", e->offset);
    put_text(&l, ",\"detail\"", d);
    puts_(&l, "}\n");

    fwrite(l.data, 1, l.len, stderr);
    free(l.data);
}


static int
on_output(void *ctx, const uint8_t *data, size_t len, uint32_t flags)
{
    scan_t  *s;

    (void) flags;
    s = ctx;

    if (s->apply && fwrite(data, 1, len, stdout) != len) {
        s->failed = 1;
        return MDR_ERROR;
    }

    return MDR_OK;
}


static int
type_of(const char *name)
{
    if (strcmp(name, "html") == 0) {
        return MDR_TYPE_HTML;
    }
    if (strcmp(name, "json") == 0) {
        return MDR_TYPE_JSON;
    }
    if (strcmp(name, "ndjson") == 0) {
        return MDR_TYPE_NDJSON;
    }
    if (strcmp(name, "jsonp") == 0) {
        return MDR_TYPE_JSONP;
    }

    return -1;
}


/* "64k", "1m", bytes; -1: no size */

static long long
size_of(const char *s)
{
    char       *end;
    long long   v;

    v = strtoll(s, &end, 10);

    if (end == s || v <= 0 || v > 1 << 30) {
        return -1;
    }

    if (*end == 'k' || *end == 'K') {
        v *= 1024;
        end++;
    } else if (*end == 'm' || *end == 'M') {
        v *= 1024 * 1024;
        end++;
    }

    return *end == '\0' && v <= 1 << 30 ? v : -1;
}


int
cmd_scan(int argc, char **argv)
{
    int               i, rc;
    FILE             *f;
    scan_t            s;
    size_t            n;
    long long         size;
    const char       *file, *policy, *opt;
    mdr_scan_t       *scan;
    mdr_work_t       *work;
    mdr_policy_t     *p;
    mdr_scan_conf_t   conf;
    static uint8_t    buf[1 << 16];

    memset(&s, 0, sizeof(s));
    memset(&conf, 0, sizeof(conf));
    file = NULL;
    policy = NULL;

    conf.ctx = &s;
    conf.item = on_item;
    conf.error = on_error;
    conf.output = on_output;
    conf.mode = MDR_MODE_ENFORCE;
    conf.all_fields = 1;
    conf.all_items = 1;
    conf.now = (int64_t) time(NULL);

    for (i = 0; i < argc; i++) {
        opt = argv[i];

        if (strcmp(opt, "--apply") == 0) {
            s.apply = 1;
            continue;
        }

        if (opt[0] != '-' || opt[1] == '\0') {
            if (file != NULL) {
                return cli_usage("scan");
            }
            file = opt;
            continue;
        }

        if (i + 1 == argc) {
            return cli_usage("scan");
        }

        i++;

        if (strcmp(opt, "--policy") == 0) {
            policy = argv[i];

        } else if (strcmp(opt, "--type") == 0) {
            if (type_of(argv[i]) < 0) {
                fprintf(stderr, "moderationctl: unknown type \"%s\"\n",
                        argv[i]);
                return 2;
            }
            conf.type = (uint8_t) type_of(argv[i]);

        } else if (strcmp(opt, "--charset") == 0) {
            conf.charset = argv[i];

        } else if (strcmp(opt, "--slot") == 0) {
            s.slot = argv[i];

        } else if (strcmp(opt, "--max-slot") == 0) {
            size = size_of(argv[i]);
            if (size < 0) {
                fprintf(stderr, "moderationctl: bad size \"%s\"\n", argv[i]);
                return 2;
            }
            conf.max_slot = (size_t) size;

        } else {
            return cli_usage("scan");
        }
    }

    if (policy == NULL) {
        return cli_usage("scan");
    }

    p = cli_load(policy, conf.now);
    if (p == NULL) {
        return 2;
    }

    f = stdin;

    if (file != NULL && strcmp(file, "-") != 0) {
        f = fopen(file, "rb");
        if (f == NULL) {
            fprintf(stderr, "moderationctl: %s: %s\n", file,
                    strerror(errno));
            mdr_policy_free(p);
            return 2;
        }
    }

    s.policy = p;
    work = mdr_work_new(NULL);
    scan = work != NULL ? mdr_scan_new(p, work, &conf) : NULL;
    rc = scan != NULL ? MDR_OK : MDR_ERROR;

    while (rc == MDR_OK && (n = fread(buf, 1, sizeof(buf), f)) > 0) {
        rc = mdr_scan_feed(scan, buf, n);
    }

    if (ferror(f)) {
        fprintf(stderr, "moderationctl: %s: %s\n",
                file != NULL ? file : "stdin", strerror(errno));
        s.failed = 1;
    }

    if (rc == MDR_OK) {
        rc = mdr_scan_finish(scan);
    }

    if (rc == MDR_ERROR) {
        fprintf(stderr, "moderationctl: out of memory or output failed\n");
        s.failed = 1;
    }

    flush_lines(&s);
    free(s.waiting);

    mdr_scan_free(scan);
    mdr_work_free(work);
    mdr_policy_free(p);

    if (f != stdin) {
        fclose(f);
    }

    if (fflush(stdout) != 0) {
        s.failed = 1;
    }

    return s.failed ? 2 : s.hits ? 1 : 0;
}
