/*
 * cmd_check.c - `moderationctl check`: diagnostics, inline tests, lint.
 *
 * Exit status: 0 clean, 1 findings, 2 the policy cannot be used.  Remarks of
 * severity "info" are no findings, and as text they are printed only where
 * they are asked for: a clean policy ends in one line.  What --variants and --corpus report
 * stands before the diagnostics: as JSON an object a line, else as text.
 */

#include "cli.h"
#include "check/moderation_check.h"
#include "messages/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


enum { TEXT, JSON, GITHUB };


static void
put_json_str(mdr_str_t s)
{
    uint32_t  i;

    putchar('"');

    for (i = 0; i < s.len; i++) {
        if (s.data[i] == '"' || s.data[i] == '\\') {
            printf("\\%c", s.data[i]);
        } else if ((unsigned char) s.data[i] < 0x20) {
            printf("\\u%04x", (unsigned char) s.data[i]);
        } else {
            putchar(s.data[i]);
        }
    }

    putchar('"');
}


static void
put_json(const char *s)
{
    mdr_str_t  t;

    t.data = s;
    t.len = (uint32_t) strlen(s);
    put_json_str(t);
}


/* workflow commands: "%" and line ends are escaped, in properties ":" and
 * "," too */

static void
put_github(const char *s, int property)
{
    for ( ; *s != '\0'; s++) {
        if (*s == '%' || *s == '\r' || *s == '\n'
            || (property && (*s == ':' || *s == ',')))
        {
            printf("%%%02X", (unsigned char) *s);
        } else {
            putchar(*s);
        }
    }
}


static void
print(const mdr_diag_t *from, int format, int zh)
{
    char         line[2048], text[2048];
    mdr_diag_t   said;
    const mdr_diag_t  *d;

    static const char *const  severity[] = { "error", "warning", "info" };
    static const char *const  github[] = { "error", "warning", "notice" };

    said = *from;
    d = &said;

    if (zh) {
        said.text = (char *) (uintptr_t) mdr_say_zh(from->code, from->text,
                                                    text, sizeof(text));
    }

    switch (format) {

    case JSON:
        printf("{\"severity\":\"%s\",\"code\":\"%s\",\"file\":",
               severity[d->severity], d->code);
        put_json(d->file != NULL ? d->file : "");
        printf(",\"line\":%u,\"column\":%u,\"text\":", d->line, d->column);
        put_json(d->text);
        printf("}\n");
        break;

    case GITHUB:
        printf("::%s ", github[d->severity]);

        if (d->file != NULL) {
            printf("file=");
            put_github(d->file, 1);
            printf(",");

            if (d->line != 0) {
                printf("line=%u,col=%u,", d->line, d->column);
            }
        }

        printf("title=%s::", d->code);
        put_github(d->text, 0);
        printf("\n");
        break;

    default:
        (void) mdr_diag_format(d, line, sizeof(line));
        printf("%s\n", line);
    }
}


/* reports */

typedef struct {
    int        format;
    mdr_str_t  rule;                    /* that the last line was about      */
} report_t;


static void
on_variant(void *ctx, const mdr_variant_t *v)
{
    report_t  *r;

    r = ctx;

    if (r->format == JSON) {
        printf("{\"variant\":\"%s\",\"rule\":", v->form);
        put_json_str(v->rule);
        printf(",\"needs\":");

        if (v->needs != NULL) {
            printf("\"%s\"", v->needs);
        } else {
            printf("null");
        }

        printf(",\"on\":%s,\"tried\":%u,\"seen\":%u,\"missed\":",
               v->on ? "true" : "false", v->tried, v->seen);

        if (v->missed.len != 0) {
            put_json_str(v->missed);
        } else {
            printf("null");
        }

        printf("}\n");
        return;
    }

    if (v->rule.data != r->rule.data) {
        r->rule = v->rule;
        printf("variants of %s\n", v->rule.data);
    }

    printf("    %-12s %u of %u seen", v->form, v->seen, v->tried);

    if (v->seen < v->tried) {
        if (!v->on && strcmp(v->needs, "gap") == 0) {
            printf(" (the rule has no gap)");
        } else if (!v->on) {
            printf(" (fold %s is off)", v->needs);
        }
        printf(", not \"%.*s\"", (int) v->missed.len, v->missed.data);
    }

    printf("\n");
}


static void
on_rate(void *ctx, const mdr_rate_t *t)
{
    int        n;
    uint32_t   i;
    report_t  *r;

    r = ctx;

    if (r->format == JSON) {
        printf("{\"corpus\":{\"lines\":%llu,\"chars\":%llu},\"rule\":",
               (unsigned long long) t->lines, (unsigned long long) t->chars);
        put_json_str(t->rule);
        printf(",\"hits\":%llu,\"rate\":%.4f,\"max_rate\":",
               (unsigned long long) t->hits, t->rate);

        if (t->max_rate != 0) {
            printf("%g", t->max_rate);
        } else {
            printf("null");
        }

        printf(",\"folds\":{");

        for (i = 0; i < t->nfolds; i++) {
            printf("%s\"%s\":%llu", i != 0 ? "," : "", t->folds[i].name,
                   (unsigned long long) t->folds[i].hits);
        }

        printf("}}\n");
        return;
    }

    if (r->rule.data == NULL) {
        printf("corpus of %llu lines, %llu characters; hits, hits in 100000 "
               "characters, hits that need a fold\n",
               (unsigned long long) t->lines, (unsigned long long) t->chars);
    }

    r->rule = t->rule;
    printf("    %-40s %6llu  %8.3f", t->rule.data,
           (unsigned long long) t->hits, t->rate);

    if (t->max_rate != 0) {
        printf(" (at most %g)", t->max_rate);
    }

    for (i = 0, n = 0; i < t->nfolds; i++) {
        if (t->folds[i].hits != 0) {
            printf("%s%s %llu", n++ ? ", " : "  ", t->folds[i].name,
                   (unsigned long long) t->folds[i].hits);
        }
    }

    printf("\n");
}


/* owner, basis, notice ... that a rule has not: one line as text, as they are
 * one thing to its author. Diagnostics i.. of the same place; the last of them
 * is returned, and out says them all */

static const char  no_more[] = " takes something away and has no ";


static size_t
together(const mdr_diags_t *diags, size_t i, char *out, size_t size,
    char *codes, size_t room)
{
    size_t             n;
    const char        *what;
    const mdr_diag_t  *d, *first;

    first = mdr_diags_get(diags, i);
    (void) snprintf(out, size, "%s", first->text);
    (void) snprintf(codes, room, "%s", first->code);
    what = strstr(first->text, no_more);

    for (n = mdr_diags_count(diags); what != NULL && i + 1 < n; i++) {
        d = mdr_diags_get(diags, i + 1);

        if (d->file == NULL || first->file == NULL
            || strcmp(d->file, first->file) != 0 || d->line != first->line
            || d->column != first->column || d->severity != first->severity
            || strncmp(d->text, first->text,
                       (size_t) (what - first->text) + sizeof(no_more) - 1)
               != 0)
        {
            break;
        }

        (void) snprintf(out + strlen(out), size - strlen(out), ", %s",
                        d->text + (what - first->text) + sizeof(no_more) - 1);
        (void) snprintf(codes + strlen(codes), room - strlen(codes), ", %s",
                        d->code);
    }

    return i;
}


static void
summary(const uint32_t *counts, int findings, int errors, int remarks, int zh)
{
    int   warnings;
    char  more[80];

    warnings = findings - errors;
    more[0] = '\0';

    if (remarks != 0) {
        (void) snprintf(more, sizeof(more),
                        zh ? "（另有 %d 条提示，用 --remarks 显示）"
                        : remarks == 1 ? " (%d remark: --remarks shows it)"
                        : " (%d remarks: --remarks shows them)", remarks);
    }

    if (zh) {
        printf("%u 条规则，%u 个 slot，%u 个测试：", counts[0], counts[1],
               counts[2]);

        if (findings == 0) {
            printf("全部正常%s\n", more);
        } else {
            printf("%d 个错误，%d 个警告%s\n", errors, warnings, more);
        }
        return;
    }

    printf("%u rule%s, %u slot%s, %u test%s: ", counts[0],
           counts[0] == 1 ? "" : "s", counts[1], counts[1] == 1 ? "" : "s",
           counts[2], counts[2] == 1 ? "" : "s");

    if (findings == 0) {
        printf("all right%s\n", more);
    } else {
        printf("%d error%s, %d warning%s%s\n", errors,
               errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s",
               more);
    }
}


typedef struct {
    const char        *path;
    int                format;
    int                zh;
    int                watch;
    int                remarks;         /* info is printed as text, too      */
    mdr_check_conf_t   check;
} ask_t;


/* 0, or -1: not understood. corpus has room for all of argv */

static int
read_args(ask_t *ask, const char **corpus, int argc, char **argv)
{
    int  i;

    ask->zh = cli_wants_zh();

    for (i = 0; i < argc; i++) {

        if (strcmp(argv[i], "--format") == 0 && i + 1 < argc) {
            i++;
            ask->format = strcmp(argv[i], "text") == 0 ? TEXT
                          : strcmp(argv[i], "json") == 0 ? JSON
                          : strcmp(argv[i], "github") == 0 ? GITHUB : -1;

        } else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc) {
            ask->zh = cli_lang(argv[++i]);

        } else if (strcmp(argv[i], "--base") == 0 && i + 1 < argc) {
            ask->check.base = argv[++i];

        } else if (strcmp(argv[i], "--variants") == 0) {
            ask->check.variants = 1;

        } else if (strcmp(argv[i], "--remarks") == 0) {
            ask->remarks = 1;

        } else if (strcmp(argv[i], "--watch") == 0) {
            ask->watch = 1;

        } else if (strcmp(argv[i], "--corpus") == 0 && i + 1 < argc) {
            corpus[ask->check.ncorpus++] = argv[++i];

        } else if (argv[i][0] != '-' && ask->path == NULL) {
            ask->path = argv[i];

        } else {
            return -1;
        }

        if (ask->format == -1 || ask->zh == -1) {
            return -1;
        }
    }

    ask->check.corpus = corpus;

    return ask->path != NULL ? 0 : -1;
}


/* one check, printed; the exit status */

static int
check_once(const ask_t *ask)
{
    int                rc, findings, remarks;
    char               text[1024], codes[256];
    size_t             n, at;
    mdr_diag_t         said;
    uint32_t           counts[3];
    const mdr_diag_t  *d;
    report_t           report;
    mdr_diags_t       *diags;
    mdr_load_conf_t    conf;
    mdr_check_conf_t   check;

    diags = mdr_diags_new(NULL);

    if (diags == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
        return 2;
    }

    memset(counts, 0, sizeof(counts));
    memset(&conf, 0, sizeof(conf));
    memset(&report, 0, sizeof(report));

    conf.now = (int64_t) time(NULL);
    report.format = ask->format;
    check = ask->check;
    check.counts = counts;
    check.variant = on_variant;
    check.rate = on_rate;
    check.ctx = &report;

    rc = mdr_policy_check(ask->path, &conf, &check, diags);
    findings = 0;
    remarks = 0;

    for (n = 0; n < mdr_diags_count(diags); n++) {
        d = mdr_diags_get(diags, n);

        if (d->severity == MDR_DIAG_INFO && ask->format == TEXT
            && !ask->remarks)
        {
            remarks++;
            continue;
        }

        findings += d->severity != MDR_DIAG_INFO;

        if (ask->format == TEXT) {
            said = *d;
            at = n;
            n = together(diags, n, text, sizeof(text), codes, sizeof(codes));
            said.text = text;
            said.code = codes;
            findings += n > at && d->severity != MDR_DIAG_INFO
                        ? (int) (n - at) : 0;
            d = &said;
        }

        print(d, ask->format, ask->zh);
    }

    if (ask->format == TEXT && rc == MDR_OK) {
        summary(counts, findings, (int) mdr_diags_errors(diags), remarks,
                ask->zh);

    } else if (ask->format == TEXT && mdr_diags_errors(diags) != 0) {
        printf(ask->zh ? "这个策略还不能用：%zu 个错误\n"
               : mdr_diags_errors(diags) == 1
               ? "the policy cannot be used: %zu error\n"
               : "the policy cannot be used: %zu errors\n",
               mdr_diags_errors(diags));
    }

    if (rc != MDR_OK && mdr_diags_errors(diags) == 0) {
        fprintf(stderr, "moderationctl: out of memory\n");
    }

    mdr_diags_free(diags);

    return rc != MDR_OK ? 2 : findings != 0;
}


/* again with every change, until a signal ends it */

static void
check_again(const ask_t *ask)
{
    char       at[16];
    time_t     now;
    uint64_t   seen;
    struct tm  tm;

    for ( ;; ) {
        seen = cli_watch_look(ask->path);
        (void) check_once(ask);

        if (ask->format == TEXT) {
            now = time(NULL);
            (void) localtime_r(&now, &tm);
            (void) strftime(at, sizeof(at), "%H:%M:%S", &tm);
            printf(ask->zh ? "%s 看完了；文件一改就再看一遍（Ctrl-C 结束）\n\n"
                   : "%s checked; again when a file changes (Ctrl-C ends)"
                   "\n\n", at);
        }

        fflush(stdout);
        cli_watch_wait(ask->path, seen);
    }
}


int
cmd_check(int argc, char **argv)
{
    int           rc;
    ask_t         ask;
    const char  **corpus;

    memset(&ask, 0, sizeof(ask));
    corpus = calloc((size_t) argc + 1, sizeof(char *));

    if (corpus == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
        return 2;
    }

    if (read_args(&ask, corpus, argc, argv) != 0) {
        free(corpus);
        return cli_usage("check");
    }

    if (ask.watch) {
        check_again(&ask);
    }

    rc = check_once(&ask);
    free(corpus);

    return rc;
}
