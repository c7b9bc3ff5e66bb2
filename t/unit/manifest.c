/*
 * manifest.c - a folder is whole if its MANIFEST fits.  And what the engine
 * says of a regex that reached its limit: whose it is.
 */

#include "base/digest.h"
#include "load/node.h"
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>


static char  dir[] = "/tmp/mdr-manifest-XXXXXX";


static void
put(const char *name, const char *text)
{
    char   path[256];
    FILE  *f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    f = fopen(path, "wb");

    if (f == NULL || fputs(text, f) == EOF || fclose(f) != 0) {
        perror(path);
        exit(2);
    }
}


/* a line of sha256sum */

static void
add_line(char *to, const char *text, const char *name)
{
    unsigned       i;
    uint8_t        sum[32];
    mdr_sha256_t   sha;

    mdr_sha256_init(&sha);
    mdr_sha256_add(&sha, text, strlen(text));
    mdr_sha256_done(&sha, sum);

    for (i = 0; i < 32; i++) {
        sprintf(to + strlen(to), "%02x", sum[i]);
    }

    sprintf(to + strlen(to), "%s\n", name);
}


/* rc, and what is said behind the folder's name */

static void
check(int want, const char *text)
{
    int           rc;
    char          line[512];
    mdr_diags_t  *d;

    d = mdr_diags_new(NULL);
    rc = mdr_policy_manifest(dir, NULL, d);

    CHECK(rc == want);
    CHECK(mdr_diags_count(d) == (text != NULL));

    if (text != NULL && mdr_diags_count(d) == 1) {
        (void) mdr_diag_format(mdr_diags_get(d, 0), line, sizeof(line));
        CHECK_STR(line + strlen(dir) + 1, strlen(line) - strlen(dir) - 1
                  - strlen(" [manifest]"), text);
    }

    mdr_diags_free(d);
}


static void
test_folder(void)
{
    char          text[8192], sub[256];
    const char   *a = "schema: 1\n", *b = "rules:\n", *w = "word\n";
    mdr_diags_t  *d;

    test_begin("a folder without a MANIFEST");
    put("a.yaml", a);
    check(MDR_OK, NULL);

    d = mdr_diags_new(NULL);
    CHECK(mdr_policy_manifest("/nowhere/at/all", NULL, d) == MDR_OK);
    snprintf(sub, sizeof(sub), "%s/a.yaml", dir);
    CHECK(mdr_policy_manifest(sub, NULL, d) == MDR_OK);
    CHECK(mdr_diags_count(d) == 0);
    mdr_diags_free(d);

    test_begin("a MANIFEST that fits");
    snprintf(sub, sizeof(sub), "%s/lists", dir);
    CHECK(mkdir(sub, 0755) == 0);
    put("b.yml", b);
    put("lists/w.txt", w);
    put("notes.txt", "not of the policy\n");
    put(".c.yaml", "of an editor\n");

    strcpy(text, "# written by a script\r\n\n");
    add_line(text, a, "  a.yaml");
    add_line(text, b, " *./b.yml");
    add_line(text, w, "  lists/w.txt");
    put("MANIFEST", text);
    check(MDR_OK, NULL);

    text[strlen(text) - 1] = '\0';      /* no newline at the end             */
    put("MANIFEST", text);
    check(MDR_OK, NULL);

    test_begin("half of a folder");
    put("lists/w.txt", "wor");
    check(MDR_LIMIT, "lists/w.txt: not as line 5 of MANIFEST says");

    snprintf(sub, sizeof(sub), "%s/lists/w.txt", dir);
    CHECK(unlink(sub) == 0);
    check(MDR_LIMIT, "lists/w.txt: No such file or directory, but it is in "
                     "line 5 of MANIFEST");

    put("lists/w.txt", w);
    check(MDR_OK, NULL);
    put("c.yaml", b);
    check(MDR_LIMIT, "c.yaml: not in MANIFEST");

    test_begin("what is no MANIFEST");
    put("MANIFEST", "\nnothing of the kind\n");
    check(MDR_LIMIT, "MANIFEST:2:1: not a line of sha256sum");

    memset(text, 'a', 64);
    strcpy(text + 64, "\tb.yml\n");
    put("MANIFEST", text);
    check(MDR_LIMIT, "MANIFEST:1:1: not a line of sha256sum");

    memset(text, 'g', 64);
    strcpy(text + 64, "  b.yml\n");
    put("MANIFEST", text);
    check(MDR_LIMIT, "b.yml: not as line 1 of MANIFEST says");

    memset(text, 'a', sizeof(text) - 1);
    strcpy(text + 64, "  ");
    memset(text + 66, 'n', sizeof(text) - 68);
    strcpy(text + sizeof(text) - 2, "\n");
    put("MANIFEST", text);
    check(MDR_LIMIT, " name too long in line 1 of MANIFEST");

    snprintf(sub, sizeof(sub), "%s/b.yml", dir);
    CHECK(unlink(sub) == 0);
    snprintf(sub, sizeof(sub), "%s/c.yaml", dir);
    CHECK(unlink(sub) == 0);
    put("MANIFEST", "");
    check(MDR_LIMIT, "a.yaml: not in MANIFEST");
}


typedef struct {
    int       limits;
    uint32_t  rule;
    int       others;
} seen_t;


static void
on_error(void *ctx, const mdr_scan_error_t *e)
{
    seen_t  *s;

    s = ctx;

    if (e->kind == MDR_ERR_REGEX_LIMIT) {
        s->limits++;
        s->rule = e->rule;

    } else {
        CHECK(e->rule == UINT32_MAX);
        s->others++;
    }
}


static int
no_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    (void) ctx;
    (void) p;
    (void) n;
    (void) flags;

    return MDR_OK;
}


static void
test_limit(void)
{
    char              page[512];
    unsigned          i;
    seen_t            seen;
    mdr_work_t       *work;
    mdr_scan_t       *scan;
    mdr_diags_t      *d;
    mdr_policy_t     *p;
    mdr_rule_info_t   info;
    mdr_load_conf_t   conf;
    mdr_scan_conf_t   sc;

    test_begin("a regex at its limit: whose it is, once an item");

    put("p.yaml", "schema: 1\npolicy: p\nslots:\n  - {name: s, type: html, "
        "match: li, fields: {title: b}}\nrules:\n"
        "  - {id: one, label: l, match: {in: [title], terms: [x]}}\n"
        "  - {id: two, label: l, match: {in: [title], groups: "
        "{a: {regex: '^(a?b?(ab)*)*c$'}, b: {regex: 'q[0-9]'}}}}\n");

    memset(&conf, 0, sizeof(conf));
    d = mdr_diags_new(NULL);
    snprintf(page, sizeof(page), "%s/p.yaml", dir);
    CHECK(mdr_policy_load(page, &conf, d, &p) == MDR_OK);
    mdr_diags_free(d);

    CHECK(mdr_policy_rule(p, 0, &info) == MDR_OK && info.regexes == 0);
    CHECK(mdr_policy_rule(p, 1, &info) == MDR_OK && info.regexes == 2);

    strcpy(page, "<ul>");

    for (i = 0; i < 2; i++) {
        strcat(page, "<li><b>abababababababababababababababababababababababab"
                     "ababababababababababc!</b></li>");
    }

    memset(&sc, 0, sizeof(sc));
    memset(&seen, 0, sizeof(seen));
    sc.ctx = &seen;
    sc.error = on_error;
    sc.output = no_output;
    sc.mode = MDR_MODE_ENFORCE;
    sc.type = MDR_TYPE_HTML;

    work = mdr_work_new(NULL);
    scan = mdr_scan_new(p, work, &sc);
    CHECK(mdr_scan_feed(scan, (const uint8_t *) page, strlen(page))
          == MDR_OK);
    CHECK(mdr_scan_finish(scan) == MDR_OK);
    CHECK(seen.limits == 2 && seen.rule == 1 && seen.others == 0);

    mdr_scan_free(scan);
    mdr_work_free(work);
    mdr_policy_free(p);
}


int
main(void)
{
    char  cmd[300];

    if (mkdtemp(dir) == NULL) {
        perror(dir);
        return 2;
    }

    test_folder();
    test_limit();

    snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
    if (system(cmd) != 0) {
        return 2;
    }

    return test_done();
}
