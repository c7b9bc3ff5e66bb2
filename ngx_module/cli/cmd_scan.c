/*
 * cmd_scan.c - `moderationctl scan`: the items of bodies, for people or as
 * JSON lines, or (--apply) a body as the filter would send it.
 *
 * Items are reported by the engine when they are decided; lines are printed
 * in page order, so a line waits for an outer item that is still open.
 */

#include "cli.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "scan_report.h"
#include "ledger/words.h"

enum { EXIT_NO_HIT, EXIT_HITS, EXIT_UNUSABLE, EXIT_NO_ITEM };

/* what all bodies of one call share */
typedef struct {
    scan_t            s;
    mdr_work_t       *work;
    mdr_scan_conf_t   conf;
    const char       *charset;          /* of --charset                      */
    const char       *absent;           /* of --absent                       */
    int               fingerprints;
} call_t;


static void
flush_lines(scan_t *s)
{
    size_t  i;

    for (i = 0; i < s->nwaiting && s->waiting[i].data != NULL; i++) {
        fwrite(s->waiting[i].data, 1, s->waiting[i].len, stdout);
        line_free(&s->waiting[i]);
    }

    s->next += i;
    s->nwaiting -= i;

    if (i != 0) {
        memmove(s->waiting, s->waiting + i, s->nwaiting * sizeof(line_t));
    }
}


static void
count(scan_sum_t *t, const mdr_item_t *it)
{
    t->items++;

    if (it->flags & (MDR_ITEM_TOO_LARGE | MDR_ITEM_UNREADABLE)) {
        t->unread++;

    } else if ((it->flags & MDR_ITEM_OVER_LIMIT) && it->action < MDR_ACT_HOLD)
    {
        t->over_limit++;

    } else {
        switch (it->action) {
        case MDR_ACT_TAG:    t->tagged++;   break;
        case MDR_ACT_MASK:   t->masked++;   break;
        case MDR_ACT_HOLD:   t->held++;     break;
        case MDR_ACT_BLOCK:  t->blocked++;  break;
        default:             t->passed++;
        }
    }
}


static void
on_account(void *ctx, mdr_str_t account_id, mdr_account_t *account)
{
    const scan_t  *s = ctx;

    (void) account_id;
    *account = s->account;
}


static void
on_item(void *ctx, const mdr_item_t *it)
{
    size_t   n;
    scan_t  *s;
    line_t   line;

    s = ctx;

    if (it->hits_total != 0) {
        s->hits = 1;
    }

    n = (size_t) (it->seq - s->next) + 1;

    if (n > s->cap) {
        s->cap = n * 2 + 16;
        s->waiting = realloc(s->waiting, s->cap * sizeof(line_t));
        if (s->waiting == NULL) {
            fprintf(stderr, "moderationctl: out of memory\n");
            exit(EXIT_UNUSABLE);
        }
    }

    while (s->nwaiting < n) {
        memset(&s->waiting[s->nwaiting++], 0, sizeof(line_t));
    }

    memset(&line, 0, sizeof(line));
    line_put(&line, "", 0);             /* no more to wait for               */

    if (s->slot == NULL || (strlen(s->slot) == it->slot_name.len
        && memcmp(s->slot, it->slot_name.data, it->slot_name.len) == 0))
    {
        s->items++;
        count(&s->sums[it->slot], it);
        scan_fields_count(&s->sums[it->slot], it);

        if (s->apply) {
            /* the body itself is printed */

        } else if (s->text) {
            scan_text_item(&line, s, it);

        } else {
            scan_json_item(&line, s, it);
        }
    }

    s->waiting[n - 1] = line;
    flush_lines(s);
}


static void
on_found(void *ctx, const mdr_page_found_t *f)
{
    scan_t  *s;
    line_t   line;

    s = ctx;
    s->hits = 1;

    if (s->apply) {
        return;
    }

    if (s->text) {
        scan_text_found(f);
        return;
    }

    memset(&line, 0, sizeof(line));
    scan_json_found(&line, s, f);
    fwrite(line.data, 1, line.len, stdout);
    line_free(&line);
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

    line_word(&l, "{\"error\"", mdl_errors[e->kind]);
    line_number(&l, ",\"offset\"", e->offset);
    line_text(&l, ",\"detail\"", d);

    if (s->many) {
        d.data = s->source;
        d.len = (uint32_t) strlen(s->source);
        line_text(&l, ",\"file\"", d);
    }

    line_puts(&l, "}\n");

    fwrite(l.data, 1, l.len, stderr);
    line_free(&l);
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


/* one body through a scan of its own */

static void
on_body(void *ctx, const scan_body_t *body)
{
    int              rc;
    call_t          *c;
    scan_t          *s;
    size_t           n;
    mdr_scan_t      *scan;
    static uint8_t   buf[1 << 16];

    c = ctx;
    s = &c->s;
    s->source = body->name;
    s->sources++;
    s->next = 0;

    if (s->text && s->many && s->items != 0 && s->last_slot != UINT32_MAX) {
        printf("\n");
    }

    s->last_slot = UINT32_MAX;
    c->conf.charset = c->charset != NULL ? c->charset : body->charset;

    scan = mdr_scan_new(s->policy, c->work, &c->conf);
    rc = scan != NULL ? MDR_OK : MDR_ERROR;

    if (rc == MDR_OK && body->file == NULL) {
        rc = mdr_scan_feed(scan, body->data, body->len);
    }

    while (rc == MDR_OK && body->file != NULL
           && (n = fread(buf, 1, sizeof(buf), body->file)) > 0)
    {
        rc = mdr_scan_feed(scan, buf, n);
    }

    if (body->file != NULL && ferror(body->file)) {
        fprintf(stderr, "moderationctl: %s: %s\n", body->name,
                strerror(errno));
        s->failed = 1;
    }

    if (rc == MDR_OK) {
        rc = mdr_scan_finish(scan);
    }

    if (rc == MDR_ERROR) {
        fprintf(stderr, "moderationctl: out of memory or output failed\n");
        s->failed = 1;
    }

    flush_lines(s);

    while (s->nwaiting > 0) {
        line_free(&s->waiting[--s->nwaiting]);
    }

    mdr_scan_free(scan);
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


/* -1: the policy has no such slot, which is said */

static int
known_slot(const mdr_policy_t *p, const char *slot, uint32_t nslots)
{
    char         *names;
    size_t        n, size;
    uint32_t      i;
    mdr_str_t     name;
    const char   *near, *list[64];

    for (i = 0; i < nslots; i++) {
        name = mdr_policy_slot_name(p, i);
        if (name.len == strlen(slot)
            && memcmp(name.data, slot, name.len) == 0)
        {
            return 0;
        }
    }

    fprintf(stderr, cli_wants_zh() ? "moderationctl：没有 slot“%s”"
            : "moderationctl: unknown slot \"%s\"", slot);

    for (i = 0, n = 0, size = 0; i < nslots && i < 64; i++) {
        size += mdr_policy_slot_name(p, i).len + 1;
    }

    names = malloc(size + 1);

    for (i = 0, size = 0; names != NULL && i < nslots && i < 64; i++) {
        name = mdr_policy_slot_name(p, i);
        memcpy(names + size, name.data, name.len);
        names[size + name.len] = '\0';
        list[n++] = names + size;
        size += name.len + 1;
    }

    near = cli_nearest(slot, list, n);

    if (near != NULL) {
        fprintf(stderr, cli_wants_zh() ? "（是不是“%s”？）"
                : " (did you mean \"%s\"?)", near);

    } else if (n != 0) {
        for (i = 0; i < n; i++) {
            fprintf(stderr, "%s%s", i != 0 ? ", "
                    : cli_wants_zh() ? "；有：" : "; there are: ", list[i]);
        }
    }

    fprintf(stderr, "\n");
    free(names);

    return -1;
}


/* whose all items are; -1: it is none, which is said */

static int
take_account(mdr_account_t *a, const char *opt, const char *value)
{
    int    n;
    char  *end;

    if (!a->known) {
        a->known = 1;
        a->credit = MDL_CREDIT;
    }

    if (strcmp(opt, "--account-state") == 0) {
        n = mdl_word(mdl_accounts, MDL_ACCOUNTS, value, strlen(value));

        if (n < 0) {
            fprintf(stderr, cli_wants_zh()
                    ? "moderationctl：没有账号状态“%s”\n"
                    : "moderationctl: unknown state of an account \"%s\"\n",
                    value);
            return -1;
        }

        a->state = (uint8_t) n;
        return 0;
    }

    n = value[0] >= '0' && value[0] <= '9' && strlen(value) <= 3
        ? (int) strtol(value, &end, 10) : -1;

    if (n < 0 || n > 100 || *end != '\0') {
        fprintf(stderr, cli_wants_zh()
                ? "moderationctl：“%s”不是信用分（0 到 100）\n"
                : "moderationctl: bad credit \"%s\": 0 to 100\n", value);
        return -1;
    }

    a->credit = (uint8_t) n;

    return 0;
}


/* an option with a value; -1: unknown or a value that does not fit, said */

static int
set_option(call_t *c, const char *opt, const char *value, const char **policy,
    const char **url)
{
    int        type;
    long long  size;

    if (strcmp(opt, "--policy") == 0) {
        *policy = value;

    } else if (strcmp(opt, "--url") == 0) {
        *url = value;

    } else if (strcmp(opt, "--charset") == 0) {
        c->charset = value;

    } else if (strcmp(opt, "--page") == 0) {
        c->s.page = value;

    } else if (strcmp(opt, "--absent") == 0) {
        c->absent = value;

    } else if (strcmp(opt, "--slot") == 0) {
        c->s.slot = value;

    } else if (strcmp(opt, "--format") == 0) {
        if (strcmp(value, "text") != 0 && strcmp(value, "json") != 0) {
            fprintf(stderr, "moderationctl: unknown format \"%s\": text or "
                    "json\n", value);
            return -1;
        }
        c->s.text = value[0] == 't';

    } else if (strcmp(opt, "--lang") == 0) {
        c->s.zh = cli_lang(value);
        if (c->s.zh < 0) {
            fprintf(stderr, "moderationctl: unknown language \"%s\": en or "
                    "zh\n", value);
            return -1;
        }

    } else if (strcmp(opt, "--type") == 0) {
        type = cli_body_type(value);
        if (type < 0) {
            fprintf(stderr, cli_wants_zh() ? "moderationctl：没有类型“%s”\n"
                    : "moderationctl: unknown type \"%s\"\n", value);
            return -1;
        }
        c->conf.type = (uint8_t) type;

    } else if (strcmp(opt, "--jurisdiction") == 0) {
        c->conf.jurisdiction.data = value;
        c->conf.jurisdiction.len = (uint32_t) strlen(value);

    } else if (strcmp(opt, "--site") == 0) {
        c->conf.site.data = value;
        c->conf.site.len = (uint32_t) strlen(value);

    } else if (strcmp(opt, "--account-state") == 0
               || strcmp(opt, "--credit") == 0)
    {
        return take_account(&c->s.account, opt, value);

    } else if (strcmp(opt, "--max-slot") == 0) {
        size = size_of(value);
        if (size < 0) {
            fprintf(stderr, cli_wants_zh()
                    ? "moderationctl：“%s”不是大小（如 64k、1m）\n"
                    : "moderationctl: bad size \"%s\"\n", value);
            return -1;
        }
        c->conf.max_slot = (size_t) size;

    } else {
        return cli_usage("scan"), -1;
    }

    return 0;
}


/* the page that --page or --url says; -1: it is none, which is said */

static int
find_page(call_t *c, const mdr_policy_t *p, const char *url)
{
    uint32_t   i;
    mdr_str_t  host, path;

    url = c->s.page != NULL ? c->s.page : url;

    if (url == NULL) {
        return 0;
    }

    if (scan_page_of(url, &host, &path) != 0) {
        fprintf(stderr, "moderationctl: --page %s: HOST/PATH or a URL "
                "expected\n", url);
        return -1;
    }

    i = mdr_policy_page(p, host, path, 200);
    c->conf.page = i;

    if (i == 0 && c->s.page != NULL) {
        fprintf(stderr, cli_wants_zh()
                ? "moderationctl：策略里没有页面 %s\n"
                : "moderationctl: %s is no page of the policy\n", url);
        return -1;
    }

    if (c->absent != NULL
        && (i == 0 || scan_absent(p, i - 1, c->absent, &c->conf.absent) != 0))
    {
        fprintf(stderr, "moderationctl: --absent %s: the page requires no "
                "such thing\n", c->absent);
        return -1;
    }

    return 0;
}


static int
run(call_t *c, const char *policy, const char *url, char **files, int nfiles)
{
    int                i;
    mdr_policy_t      *p;
    mdr_policy_info_t  info;

    p = cli_load(policy, c->conf.now);

    if (p == NULL) {
        return EXIT_UNUSABLE;
    }

    mdr_policy_info(p, &info);

    if (c->s.slot != NULL && known_slot(p, c->s.slot, info.slots) != 0) {
        mdr_policy_free(p);
        return EXIT_UNUSABLE;
    }

    if (find_page(c, p, url) != 0) {
        mdr_policy_free(p);
        return EXIT_UNUSABLE;
    }

    if (c->fingerprints) {
        i = nfiles != 2 || url != NULL
            ? cli_usage("scan")
            : cli_fingerprints(p, &c->conf, files[0], files[1]);
        mdr_policy_free(p);
        return i;
    }

    c->s.policy = p;
    c->s.nsums = info.slots;
    c->s.sums = calloc(info.slots + 1, sizeof(scan_sum_t));
    c->work = mdr_work_new(NULL);

    if (c->s.sums == NULL || c->work == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
        exit(EXIT_UNUSABLE);
    }

    if (url != NULL && scan_source_url(url, on_body, c) != 0) {
        c->s.failed = 1;
    }

    for (i = 0; i < nfiles; i++) {
        if (scan_source_path(files[i], on_body, c) != 0) {
            c->s.failed = 1;
        }
    }

    if (url == NULL && nfiles == 0) {
        (void) scan_source_path("-", on_body, c);
    }

    if (c->s.text && !c->s.apply) {
        scan_text_summary(&c->s);
    }

    if (!c->s.apply) {
        scan_fields_tell(&c->s);
    }

    free(c->s.waiting);
    scan_fields_free(&c->s);
    free(c->s.sums);
    mdr_work_free(c->work);
    mdr_policy_free(p);

    if (fflush(stdout) != 0) {
        c->s.failed = 1;
    }

    return c->s.failed ? EXIT_UNUSABLE : c->s.hits ? EXIT_HITS
           : c->s.items == 0 && !c->s.apply && c->conf.page == 0 ? EXIT_NO_ITEM : EXIT_NO_HIT;
}


/* is more than one body to be read? */

static int
is_many(char **files, int n, const char *url)
{
    size_t       len;
    struct stat  st;

    if (n + (url != NULL) > 1) {
        return 1;
    }

    len = n == 1 ? strlen(files[0]) : 0;

    return (len > 4 && strcasecmp(files[0] + len - 4, ".har") == 0)
           || (n == 1 && stat(files[0], &st) == 0 && S_ISDIR(st.st_mode));
}


int
cmd_scan(int argc, char **argv)
{
    int          i, n, rc;
    char       **files;
    call_t       c;
    const char  *policy, *url, *opt;

    (void) setlocale(LC_CTYPE, "C.UTF-8");

    memset(&c, 0, sizeof(c));
    policy = NULL;
    url = NULL;
    n = 0;

    c.conf.ctx = &c.s;
    c.conf.item = on_item;
    c.conf.account = on_account;
    c.conf.error = on_error;
    c.conf.found = on_found;
    c.conf.output = on_output;
    c.conf.mode = MDR_MODE_ENFORCE;
    c.conf.all_fields = 1;
    c.conf.all_items = 1;
    c.conf.now = (int64_t) time(NULL);
    c.s.text = isatty(STDOUT_FILENO);
    c.s.zh = cli_wants_zh();

    files = calloc((size_t) argc + 1, sizeof(char *));

    if (files == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
        return EXIT_UNUSABLE;
    }

    for (i = 0, rc = 0; i < argc && rc == 0; i++) {
        opt = argv[i];

        if (strcmp(opt, "--apply") == 0) {
            c.s.apply = 1;

        } else if (strcmp(opt, "--fingerprints") == 0) {
            c.fingerprints = 1;

        } else if (opt[0] != '-' || opt[1] == '\0') {
            files[n++] = argv[i];

        } else if (i + 1 == argc) {
            rc = cli_usage("scan");

        } else {
            rc = set_option(&c, opt, argv[++i], &policy, &url);
        }
    }

    if (rc == 0 && policy == NULL) {
        fprintf(stderr, cli_wants_zh()
                ? "moderationctl：缺少 --policy：按哪个策略判断\n"
                : "moderationctl: --policy is missing: the policy to decide "
                "by\n");
        rc = cli_usage("scan");
    }

    c.s.many = is_many(files, n, url);

    if (rc == 0 && c.s.apply && c.s.many) {
        fprintf(stderr, cli_wants_zh()
                ? "moderationctl：--apply 只能用于一个页面或接口\n"
                : "moderationctl: --apply takes one body\n");
        rc = -1;
    }

    rc = rc != 0 ? EXIT_UNUSABLE : run(&c, policy, url, files, n);
    free(files);

    return rc;
}
