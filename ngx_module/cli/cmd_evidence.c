/*
 * cmd_evidence.c - `moderationctl evidence`: a tar of evidence out of a running
 * moderationd, and the check of one that somebody handed over.
 *
 * The check needs no daemon and unpacks nothing: each file is what MANIFEST
 * says and no other is there, each proof leads to a signed checkpoint, each
 * JSON says what its leaf says, each private half is the one of its leaf.  It
 * is what verify.py does that lies in the tar, by other code.
 */

#include "cli.h"

#include "moderationd/moderationd.h"
#include "moderationd/log/proof.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define BLOCK      512
#define FILES_MAX  8192
#define KEYS_MAX   16
#define TAR_MAX    (1u << 30)

typedef struct {
    char         name[101];
    const char  *p;
    size_t       n;
    int          listed;                /* in MANIFEST                        */
} file_t;

typedef struct {
    file_t      *files;
    size_t       n;
    mdd_vkey_t   keys[KEYS_MAX];
    size_t       nkeys, proofs, privates;
    char         bad[256];              /* what is wrong                      */
} tar_t;


static int
bad(tar_t *t, const char *name, const char *what)
{
    if (t->bad[0] == '\0') {
        snprintf(t->bad, sizeof(t->bad), "%s%s%s", name, *name ? ": " : "",
                 what);
    }

    return -1;
}


static file_t *
find(const tar_t *t, const char *name)
{
    size_t  i;

    for (i = 0; i < t->n; i++) {
        if (strcmp(t->files[i].name, name) == 0) {
            return &t->files[i];
        }
    }

    return NULL;
}


/* the file beside NAME.tlog-proof; NULL: there is none */

static file_t *
beside(const tar_t *t, const char *proof, const char *ending)
{
    char  name[128];

    snprintf(name, sizeof(name), "%.*s%s",
             (int) (strlen(proof) - strlen(".tlog-proof")), proof, ending);

    return find(t, name);
}


static int
ends_in(const char *name, const char *ending)
{
    size_t  n = strlen(name), k = strlen(ending);

    return n > k && strcmp(name + n - k, ending) == 0;
}


/* digits of an octal field; -1: no number */

static long long
octal(const char *p, size_t n)
{
    size_t     i;
    long long  v = 0;

    for (i = 0; i < n && p[i] >= '0' && p[i] <= '7'; i++) {
        v = v * 8 + (p[i] - '0');
    }

    return i > 0 && (i == n || p[i] == '\0' || p[i] == ' ') ? v : -1;
}


/* plain files with short names, as api_export.c writes them (ustar) */

static int
unpack(tar_t *t, const char *p, size_t n)
{
    size_t      i, at = 0;
    long long   size;
    unsigned    sum;
    const char *head;
    file_t     *f;

    while (at + BLOCK <= n && p[at] != '\0') {
        head = p + at;
        at += BLOCK;
        sum = 0;

        for (i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : (uint8_t) head[i];
        }

        size = octal(head + 124, 12);

        if (octal(head + 148, 8) != (long long) sum || size < 0
            || (unsigned long long) size > n - at
            || memcmp(head + 257, "ustar", 5) != 0)
        {
            return bad(t, "", "no tar of evidence, or cut off");
        }

        f = &t->files[t->n];
        snprintf(f->name, sizeof(f->name), "%.100s", head);
        f->p = p + at;
        f->n = (size_t) size;

        if (head[156] != '0' || f->name[0] == '/' || strstr(f->name, "..")
            || find(t, f->name) != NULL || ++t->n == FILES_MAX)
        {
            return bad(t, f->name, "not a file of evidence");
        }

        at += (f->n + BLOCK - 1) / BLOCK * BLOCK;
        at = at > n ? n : at;
    }

    return t->n ? 0 : bad(t, "", "no tar of evidence, or cut off");
}


/* each file as MANIFEST says, and no other */

static int
manifest(tar_t *t)
{
    char         hex[65], name[101];
    size_t       i, len;
    file_t      *f, *m = find(t, "MANIFEST");
    const char  *p, *eol;
    mdd_hash_t   h;

    if (m == NULL) {
        return bad(t, "MANIFEST", "is missing");
    }

    m->listed = 1;

    for (p = m->p; p < m->p + m->n; p = eol + 1) {
        eol = memchr(p, '\n', (size_t) (m->p + m->n - p));
        len = eol ? (size_t) (eol - p) : 0;

        if (len < 67 || len - 66 > 100 || memcmp(p + 64, "  ", 2) != 0) {
            return bad(t, "MANIFEST", "a line is none");
        }

        snprintf(name, sizeof(name), "%.*s", (int) (len - 66), p + 66);
        f = find(t, name);

        if (f == NULL) {
            return bad(t, name, "is missing");
        }

        mdd_hash(h, f->p, f->n);
        mdd_hex(hex, h, MDD_HASH);
        f->listed = 1;

        if (memcmp(hex, p, 64) != 0) {
            return bad(t, name, "is not what MANIFEST says");
        }
    }

    for (i = 0; i < t->n; i++) {
        if (!t->files[i].listed) {
            return bad(t, t->files[i].name, "is not in MANIFEST");
        }
    }

    return 0;
}


/* what the JSON beside it says of the leaf's line */

static int
same_json(tar_t *t, const file_t *f, const json_t *leaf)
{
    int      rc = 0;
    size_t   i;
    json_t  *j = json_loadb(f->p, f->n, 0, NULL), *a, *b,
            *e = json_object_get(leaf, "e");

    static const char *const  names[] = { "id", "time", "slot", "action",
                                          "fingerprint", "item" };

    if (j == NULL) {
        return bad(t, f->name, "is no JSON");
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]) && rc == 0; i++) {
        a = json_object_get(e, names[i]);
        b = json_object_get(j, names[i]);

        if (a == NULL ? b && json_string_length(b) != 0 : !json_equal(a, b)) {
            rc = bad(t, f->name, "is not what the leaf says");
        }
    }

    json_decref(j);

    return rc;
}


/* 32 hex digits; 0: not */

static int
unhex(const file_t *f, uint8_t raw[16])
{
    size_t       i;
    const char  *at, *digits = "0123456789abcdef";

    for (i = 0; f && f->n == 32 && i < 32; i++) {
        at = f->p[i] ? strchr(digits, f->p[i]) : NULL;

        if (at == NULL) {
            return 0;
        }

        raw[i / 2] = (uint8_t) (raw[i / 2] << 4 | (at - digits));
    }

    return f && f->n == 32;
}


static int
same_private(tar_t *t, const file_t *f, const file_t *salt,
    const json_t *leaf)
{
    char         b64[64];
    uint8_t      raw[16] = { 0 };
    const char  *x = json_string_value(json_object_get(leaf, "x"));
    mdd_hash_t   h;

    if (!unhex(salt, raw)) {
        return bad(t, f->name, "has no salt");
    }

    mdd_hash2(h, raw, 16, f->p, f->n);
    mdd_base64(b64, h, MDD_HASH);
    t->privates++;

    return x && strcmp(x, b64) == 0 ? 0
           : bad(t, f->name, "is not of this leaf");
}


static int
proof(tar_t *t, const file_t *f)
{
    int                rc = -1, n;
    char              *text;
    size_t             i;
    json_t            *leaf = NULL;
    const file_t      *j, *p;
    mdd_proof_t        pr;
    mdd_checkpoint_t   c;

    if (mdd_proof_parse(&pr, f->p, f->n) != MDD_OK || pr.extra == NULL) {
        return bad(t, f->name, "is no proof with its leaf");
    }

    for (i = 0; i < t->nkeys; i++) {
        n = (int) strlen(t->keys[i].name);

        if (pr.nnote > (size_t) n && pr.note[n] == '\n'
            && memcmp(pr.note, t->keys[i].name, (size_t) n) == 0)
        {
            break;
        }
    }

    if (i == t->nkeys) {
        return bad(t, f->name, "there is no key of this log");
    }

    text = malloc(pr.nextra + 1);
    n = text ? mdd_unbase64(text, pr.nextra, pr.extra, pr.nextra) : -1;

    if (n < 0 || mdd_proof_verify(&pr, text, (size_t) n, &t->keys[i], &c)
                 != MDD_OK)
    {
        rc = bad(t, f->name, "does not lead to a signed checkpoint");

    } else if ((leaf = json_loadb(text, (size_t) n, 0, NULL)) == NULL) {
        rc = bad(t, f->name, "its leaf is no JSON");

    } else {
        t->proofs++;
        j = beside(t, f->name, ".json");
        p = beside(t, f->name, ".private");
        rc = j ? same_json(t, j, leaf) : 0;
        rc = rc == 0 && p ? same_private(t, p, beside(t, f->name, ".salt"),
                                         leaf) : rc;
    }

    json_decref(leaf);
    free(text);

    return rc;
}


static int
add_key(tar_t *t, const char *name, const char *p, size_t n)
{
    while (n && (p[n - 1] == '\n' || p[n - 1] == '\r')) {
        n--;
    }

    if (t->nkeys == KEYS_MAX
        || mdd_vkey_parse(&t->keys[t->nkeys], p, n) != MDD_OK)
    {
        return bad(t, name, "is no key of a log");
    }

    t->nkeys++;

    return 0;
}


static int
check(tar_t *t, const char *key)
{
    int      rc;
    char    *given;
    size_t   i, n;

    if (manifest(t) != 0) {
        return -1;
    }

    given = key ? mdd_file_read(-1, key, 4096, &n) : NULL;

    if (key) {
        rc = given ? add_key(t, key, given, n)
                   : bad(t, key, "cannot be read");
        free(given);

        if (rc != 0) {
            return rc;
        }
    }

    for (i = 0; i < t->n && key == NULL; i++) {
        if (ends_in(t->files[i].name, "/vkey")
            && add_key(t, t->files[i].name, t->files[i].p, t->files[i].n)
               != 0)
        {
            return -1;
        }
    }

    for (i = 0; i < t->n; i++) {
        if (ends_in(t->files[i].name, ".tlog-proof")
            && proof(t, &t->files[i]) != 0)
        {
            return -1;
        }
    }

    return t->proofs ? 0 : bad(t, "", "no proof");
}


static int
verify(const char *name, const char *key)
{
    int      rc;
    char    *p;
    size_t   n;
    tar_t    t = { 0 };

    p = mdd_file_read(-1, name, TAR_MAX, &n);
    t.files = calloc(FILES_MAX, sizeof(file_t));

    if (p == NULL || t.files == NULL) {
        fprintf(stderr, "moderationctl: %s: %s\n", name, strerror(errno));
        free(p);
        free(t.files);
        return 2;
    }

    rc = unpack(&t, p, n) != 0 || check(&t, key) != 0;

    if (rc) {
        fprintf(stderr, "bad: %s\n", t.bad);

    } else {
        printf("ok %zu files, %zu proofs, %zu private parts\n", t.n - 1,
               t.proofs, t.privates);

        if (key == NULL) {
            fprintf(stderr, "moderationctl: the key is the one in the tar; "
                    "--key names one from elsewhere\n");
        }
    }

    free(p);
    free(t.files);

    return rc;
}


/* a new file that nobody else may read: it may have private parts */

static int
put(const char *file, const char *p, size_t n)
{
    int     failed;
    FILE   *f;

    (void) umask(077);
    f = file ? fopen(file, "wbx") : stdout;

    if (f == NULL) {
        fprintf(stderr, "moderationctl: %s: %s\n", file, strerror(errno));
        return 2;
    }

    failed = fwrite(p, 1, n, f) != n;
    failed |= f == stdout ? fflush(f) != 0 : fclose(f) != 0;

    if (failed) {
        fprintf(stderr, "moderationctl: %s: %s\n", file ? file : "output",
                strerror(errno));
    }

    return failed ? 2 : 0;
}


static int
export(const char *socket, const char *file, json_t *args)
{
    int      rc, status;
    char    *body = json_dumps(args, JSON_COMPACT), *answer;
    size_t   n;

    answer = body ? cli_ask(socket, "POST", "/moderation/v1/export", "", body,
                            &status, &n) : NULL;
    free(body);

    if (answer == NULL) {
        return 2;
    }

    if (status != 200) {
        fprintf(stderr, "%s\n", answer);
        rc = 1;

    } else {
        rc = put(file, answer, n);
    }

    free(answer);

    return rc;
}


int
cmd_evidence(int argc, char **argv)
{
    int          i, rc;
    size_t       k;
    json_t      *args = json_object(), *ids = json_array();
    const char  *what = NULL, *tar = NULL, *key = NULL, *file = NULL,
                *socket = CLI_SOCKET;

    static const char *const  texts[] = {
        "recipient", "purpose", "reference", "item", "account"
    };

    for (i = 0; i < argc; i++) {
        if (argv[i][0] != '-') {
            if (what == NULL) {
                what = argv[i];

            } else if (strcmp(what, "export") == 0) {
                json_array_append_new(ids, json_string(argv[i]));

            } else if (tar == NULL) {
                tar = argv[i];

            } else {
                what = "";
            }

            continue;
        }

        if (strcmp(argv[i], "--private") == 0) {
            json_object_set_new(args, "private", json_true());
            continue;
        }

        for (k = 0; k < sizeof(texts) / sizeof(texts[0]); k++) {
            if (i + 1 < argc && strncmp(argv[i], "--", 2) == 0
                && strcmp(argv[i] + 2, texts[k]) == 0)
            {
                json_object_set_new(args, texts[k], json_string(argv[i + 1]));
                break;
            }
        }

        if (i + 1 == argc
            || (k == sizeof(texts) / sizeof(texts[0])
                && strcmp(argv[i], "--key") != 0
                && strcmp(argv[i], "--socket") != 0
                && strcmp(argv[i], "-o") != 0))
        {
            what = "";
            break;
        }

        i++;
        key = strcmp(argv[i - 1], "--key") == 0 ? argv[i] : key;
        socket = strcmp(argv[i - 1], "--socket") == 0 ? argv[i] : socket;
        file = strcmp(argv[i - 1], "-o") == 0 ? argv[i] : file;
    }

    if (json_array_size(ids)) {
        json_object_set(args, "decisions", ids);
    }

    rc = what && strcmp(what, "export") == 0 ? export(socket, file, args)
         : what && strcmp(what, "verify") == 0 && tar ? verify(tar, key)
         : cli_usage("evidence");
    json_decref(ids);
    json_decref(args);

    return rc;
}
