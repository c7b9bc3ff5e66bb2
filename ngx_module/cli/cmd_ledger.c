/*
 * cmd_ledger.c - `moderationctl ledger`: the record read and checked without
 * the daemon, from files alone.
 */

#include "cli.h"
#include "record.h"

#include "moderationd/ingest/json_in.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


static int
show(const mdd_checkpoint_t *c, const char *name)
{
    char  b64[64];

    mdd_base64(b64, c->root, MDD_HASH);

    return printf("%s: %s %llu %s\n", name, c->origin,
                  (unsigned long long) c->size, b64);
}


/* a tree that somebody has noted before: the log must have it, too */

static int
had(int dir, const char *name, const record_args_t *a,
    const mdd_checkpoint_t *c)
{
    int           rc;
    mdd_hash_t    want, got;
    mdd_tiles_t  *t;

    if (!a->has_size) {
        return 0;
    }

    if (a->root == NULL || mdd_unbase64(want, MDD_HASH, a->root,
                                        strlen(a->root)) != MDD_HASH)
    {
        fprintf(stderr, "%s: --size needs --root, 32 bytes in base64\n",
                name);
        return -1;
    }

    if (a->size > c->size) {
        fprintf(stderr, "%s: %llu leaves, %llu were there before: the log "
                "was cut\n", name, (unsigned long long) c->size,
                (unsigned long long) a->size);
        return -1;
    }

    t = malloc(sizeof(mdd_tiles_t));
    if (t == NULL) {
        return -1;
    }
    mdd_tiles_init(t, dir);
    rc = mdd_tiles_root(a->size, mdd_tiles_get, t, got);
    free(t);

    if (rc != 0 || memcmp(want, got, MDD_HASH) != 0) {
        fprintf(stderr, "%s: the first %llu leaves are others than before\n",
                name, (unsigned long long) a->size);
        return -1;
    }

    return 0;
}


static int
verify(int dir, const char *name, void *data)
{
    int                    rc;
    mdd_buf_t              note = { 0 };
    mdd_vkey_t             key;
    mdd_verify_t           v;
    mdd_checkpoint_t       c;
    const record_args_t   *a = data;

    rc = record_checkpoint(dir, name, a, &key, &note, &c);
    mdd_buf_free(&note);
    if (rc != MDD_OK) {
        return -1;
    }

    rc = mdd_verify_log(dir, &c, a->sample, &v);
    if (rc != MDD_OK) {
        fprintf(stderr, "%s: %s\n", name, v.error);
        return -1;
    }

    if (had(dir, name, a, &c) != 0) {
        return -1;
    }

    show(&c, name);
    printf("%s: ok: signature%s, %llu tiles, %llu of %llu entries\n", name,
           a->key != NULL ? "" : " (by the key beside the log)",
           (unsigned long long) v.tiles, (unsigned long long) v.entries,
           (unsigned long long) c.size);
    if (v.pruned > 0) {
        printf("%s: entries before %llu were pruned, their hashes are there\n",
               name, (unsigned long long) v.pruned);
    }

    return 0;
}


static int
checkpoint(int dir, const char *name, void *data)
{
    int                rc;
    mdd_buf_t          note = { 0 };
    mdd_vkey_t         key;
    mdd_checkpoint_t   c;

    rc = record_checkpoint(dir, name, data, &key, &note, &c);
    if (rc == MDD_OK) {
        fwrite(note.p, 1, note.n, stdout);
    }
    mdd_buf_free(&note);

    return rc;
}


typedef struct {
    const record_args_t   *a;
    const char            *id;
    int                    found;
    uint64_t               index;
} search_t;


/* the first line with that id is the decision itself */

static int
has_id(uint64_t index, const char *p, size_t n, void *data)
{
    int          k;
    search_t    *s = data;
    mdd_json_t   m[8], e[48];

    if (memmem(p, n, s->id, strlen(s->id)) == NULL) {
        return 0;
    }

    k = mdd_json_members(p, n, m, 8);
    k = k > 0 && mdd_json_get(m, k, "e") != NULL
        ? mdd_json_members(mdd_json_get(m, k, "e")->val,
                           mdd_json_get(m, k, "e")->n, e, 48)
        : 0;

    if (k > 0 && mdd_json_is(mdd_json_get(e, k, "id"), s->id)) {
        s->index = index;
        s->found = 1;
        return 1;
    }

    return 0;
}


static int
prove(int dir, const char *name, void *data)
{
    int                rc;
    size_t             n;
    search_t          *s = data;
    mdd_buf_t          note = { 0 }, out = { 0 };
    mdd_vkey_t         key;
    mdd_checkpoint_t   c;

    rc = record_checkpoint(dir, name, s->a, &key, &note, &c);
    mdd_buf_free(&note);
    if (rc != MDD_OK || s->found) {
        return rc;
    }

    n = strlen(s->id);
    if (mdd_decimal(s->id, n, &s->index) == n) {
        s->found = s->index < c.size;
    } else if (record_leaves(dir, 0, c.size, has_id, s) < 0) {
        fprintf(stderr, "%s: entries cannot be read: %s\n", name,
                strerror(errno));
        return -1;
    }

    if (!s->found) {
        return 0;
    }

    rc = mdd_proof_make(dir, s->index, &out);
    if (rc == MDD_OK) {
        fwrite(out.p, 1, out.n, stdout);
    } else {
        fprintf(stderr, "%s: no proof: %s\n", name, strerror(errno));
    }
    mdd_buf_free(&out);

    return rc;
}


int
cmd_ledger(int argc, char **argv)
{
    int             rc;
    search_t        s = { 0 };
    record_args_t   a;

    if (!record_args(&a, argc, argv) || a.what == NULL || a.nargs == 0) {
        return cli_usage("ledger");
    }

    if (strcmp(a.what, "verify") == 0 && a.nargs == 1) {
        rc = record_each(a.args[0], verify, &a);
    } else if (strcmp(a.what, "checkpoint") == 0 && a.nargs == 1) {
        rc = record_each(a.args[0], checkpoint, &a);
    } else if (strcmp(a.what, "prove") == 0 && a.nargs == 2) {
        s.a = &a;
        s.id = a.args[1];
        rc = record_each(a.args[0], prove, &s);
        if (rc == 0 && !s.found) {
            fprintf(stderr, "moderationctl: no leaf \"%s\" in what is "
                    "signed\n", s.id);
            rc = 1;
        }
    } else if (strcmp(a.what, "gaps") == 0 && a.nargs == 1) {
        rc = record_gaps(&a);
    } else if (strcmp(a.what, "cat") == 0 && a.nargs == 1) {
        rc = record_cat(&a);
    } else if (strcmp(a.what, "prune") == 0 && a.nargs == 1 && a.has_before) {
        rc = record_prune(&a);
    } else {
        return cli_usage("ledger");
    }

    return rc < 0 ? 2 : rc != 0;
}
