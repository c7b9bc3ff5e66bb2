/*
 * cmd_check.c - `moderationctl check`: diagnostics, inline tests, lint.
 *
 * Exit status: 0 clean, 1 findings, 2 the policy cannot be used.  Remarks of
 * severity "info" are no findings.  What --variants and --corpus report
 * stands before the diagnostics: as JSON an object a line, else as text.
 */

#include "cli.h"
#include "check/moderation_check.h"

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
        said.text = (char *) (uintptr_t) mdr_say_zh(from->text, text,
                                                    sizeof(text));
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
        printf("%s [%s%s]\n", line, d->severity == MDR_DIAG_ERROR ? ""
               : d->severity == MDR_DIAG_WARN ? "warning: " : "info: ",
               d->code);
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


static void
summary(const uint32_t *counts, int findings, int errors, int zh)
{
    int  warnings;

    warnings = findings - errors;

    if (zh) {
        printf("%u 条规则，%u 个 slot，%u 个测试：", counts[0], counts[1],
               counts[2]);

        if (findings == 0) {
            printf("全部正常\n");
        } else {
            printf("%d 个错误，%d 个警告\n", errors, warnings);
        }
        return;
    }

    printf("%u rule%s, %u slot%s, %u test%s: ", counts[0],
           counts[0] == 1 ? "" : "s", counts[1], counts[1] == 1 ? "" : "s",
           counts[2], counts[2] == 1 ? "" : "s");

    if (findings == 0) {
        printf("all right\n");
    } else {
        printf("%d error%s, %d warning%s\n", errors, errors == 1 ? "" : "s",
               warnings, warnings == 1 ? "" : "s");
    }
}


/* the language of the environment, as gettext looks for it */

static int
wants_zh(void)
{
    size_t       i;
    const char  *v;

    static const char *const  names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

    for (i = 0; i < 3; i++) {
        v = getenv(names[i]);
        if (v != NULL && *v != '\0') {
            return strncmp(v, "zh", 2) == 0;
        }
    }

    return 0;
}


int
cmd_check(int argc, char **argv)
{
    int                i, rc, format, findings, zh;
    uint32_t           counts[3];
    size_t             n;
    report_t           report;
    const char        *path, **corpus;
    mdr_diags_t       *diags;
    mdr_load_conf_t    conf;
    mdr_check_conf_t   check;

    path = NULL;
    format = TEXT;
    zh = wants_zh();
    memset(counts, 0, sizeof(counts));
    memset(&conf, 0, sizeof(conf));
    memset(&check, 0, sizeof(check));

    corpus = calloc((size_t) argc + 1, sizeof(char *));
    diags = mdr_diags_new(NULL);

    if (corpus == NULL || diags == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
        free(corpus);
        mdr_diags_free(diags);
        return 2;
    }

    for (i = 0; i < argc; i++) {

        if (strcmp(argv[i], "--format") == 0 && i + 1 < argc) {
            i++;
            format = strcmp(argv[i], "text") == 0 ? TEXT
                     : strcmp(argv[i], "json") == 0 ? JSON
                     : strcmp(argv[i], "github") == 0 ? GITHUB : -1;

        } else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc) {
            i++;
            zh = strncmp(argv[i], "zh", 2) == 0;
            format = zh || strncmp(argv[i], "en", 2) == 0 ? format : -1;

        } else if (strcmp(argv[i], "--base") == 0 && i + 1 < argc) {
            check.base = argv[++i];

        } else if (strcmp(argv[i], "--variants") == 0) {
            check.variants = 1;

        } else if (strcmp(argv[i], "--corpus") == 0 && i + 1 < argc) {
            corpus[check.ncorpus++] = argv[++i];

        } else if (argv[i][0] != '-' && path == NULL) {
            path = argv[i];

        } else {
            format = -1;
        }

        if (format == -1) {
            break;
        }
    }

    if (path == NULL || format == -1) {
        free(corpus);
        mdr_diags_free(diags);
        return cli_usage("check");
    }

    conf.now = (int64_t) time(NULL);
    check.counts = counts;
    check.corpus = corpus;
    check.variant = on_variant;
    check.rate = on_rate;
    check.ctx = &report;
    memset(&report, 0, sizeof(report));
    report.format = format;

    rc = mdr_policy_check(path, &conf, &check, diags);
    findings = 0;

    for (n = 0; n < mdr_diags_count(diags); n++) {
        print(mdr_diags_get(diags, n), format, zh);
        findings += mdr_diags_get(diags, n)->severity != MDR_DIAG_INFO;
    }

    if (format == TEXT && rc == MDR_OK) {
        summary(counts, findings, (int) mdr_diags_errors(diags), zh);
    }

    if (rc != MDR_OK && mdr_diags_errors(diags) == 0) {
        fprintf(stderr, "moderationctl: out of memory\n");
    }

    mdr_diags_free(diags);
    free(corpus);

    return rc != MDR_OK ? 2 : findings != 0;
}
