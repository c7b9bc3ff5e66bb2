/*
 * cmd_witness.c - `moderationctl witness`: somebody else's log, looked at from
 * elsewhere again and again.
 *
 * What makes a log honest is that others remember it.  A witness keeps the
 * last size and root that it saw of a log; a new checkpoint is cosigned only
 * where a consistency proof says that it continues what was seen.  The proof
 * is made here, from tiles that are fetched: their hashes need no trust, since
 * both roots must come out.
 */

#include "cli.h"
#include "record.h"

#include <curl/curl.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TIMEOUT  60L


typedef struct {
    const char  *url;                   /* or NULL                            */
    int          dir;
    CURL        *curl;
} source_t;


static size_t
take(char *p, size_t size, size_t n, void *data)
{
    mdd_buf_t  *b = data;

    if (b->n + size * n > MDD_BUNDLE_MAX) {
        return 0;
    }
    mdd_buf_add(b, p, size * n);

    return b->bad ? 0 : size * n;
}


/* one file of the log; 0: it is there */

static int
fetch(source_t *s, const char *path, mdd_buf_t *out)
{
    char    *p, url[2048];
    long     status;
    size_t   n;

    if (s->url == NULL) {
        p = mdd_file_read(s->dir, path, MDD_BUNDLE_MAX, &n);
        if (p == NULL) {
            return -1;
        }
        mdd_buf_add(out, p, n);
        free(p);
        return out->bad ? -1 : 0;
    }

    if ((size_t) snprintf(url, sizeof(url), "%s/%s", s->url, path)
        >= sizeof(url))
    {
        return -1;
    }

    status = 0;
    out->n = 0;
    curl_easy_setopt(s->curl, CURLOPT_URL, url);
    curl_easy_setopt(s->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(s->curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(s->curl, CURLOPT_WRITEDATA, out);
    curl_easy_setopt(s->curl, CURLOPT_TIMEOUT, TIMEOUT);
    curl_easy_setopt(s->curl, CURLOPT_NOSIGNAL, 1L);

    if (curl_easy_perform(s->curl) != CURLE_OK
        || curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &status)
           != CURLE_OK || status != 200)
    {
        return -1;
    }

    return 0;
}


static int
tile(void *data, int level, uint64_t index, unsigned width, mdd_hash_t *h)
{
    int         rc;
    char        path[MDD_TILE_PATH];
    mdd_buf_t   b = { 0 };

    mdd_tile_path(path, level, index, width);
    rc = fetch(data, path, &b);
    if (rc != 0 && width < MDD_TILE) {
        mdd_tile_path(path, level, index, MDD_TILE);
        rc = fetch(data, path, &b);
    }

    if (rc == 0 && b.n >= width * sizeof(mdd_hash_t)) {
        memcpy(h, b.p, width * sizeof(mdd_hash_t));
    } else {
        rc = -1;
    }
    mdd_buf_free(&b);

    return rc;
}


/* the file of a log in the folder of states: its origin, "/" as "_" */

static int
state_name(char *out, size_t size, const char *origin)
{
    char  *p;

    if (origin[0] == '.' || (size_t) snprintf(out, size, "%s", origin)
                            >= size)
    {
        return -1;
    }

    for (p = out; *p != '\0'; p++) {
        if (*p == '/' || (unsigned char) *p < 0x20) {
            *p = '_';
        }
    }

    return 0;
}


/* 1: c continues old; the reason why not in *why */

static int
continues(source_t *s, const mdd_checkpoint_t *old, const mdd_checkpoint_t *c,
    const char **why)
{
    size_t       n;
    mdd_hash_t   path[MDD_PATH];

    if (c->size < old->size) {
        *why = "it is shorter than what was seen before";
        return 0;
    }

    if (c->size == old->size) {
        *why = "as many leaves as before, and another root";
        return memcmp(c->root, old->root, MDD_HASH) == 0;
    }

    if (old->size == 0) {
        return 1;
    }

    if (mdd_tiles_consistency(old->size, c->size, tile, s, path, &n) != 0) {
        *why = NULL;
        return 0;
    }

    *why = "what was seen before is not its beginning";

    return mdd_consistency_ok(old->size, old->root, c->size, c->root,
                              (const mdd_hash_t *) path, n);
}


static int
look(source_t *s, const record_args_t *a, int state, const mdd_vkey_t *key)
{
    char               *p, name[300];
    size_t              n;
    int64_t             end, when;
    mdd_buf_t           note = { 0 };
    mdd_key_t           own;
    const char         *why;
    mdd_checkpoint_t    c, old;

    if (fetch(s, "checkpoint", &note) != 0) {
        fprintf(stderr, "moderationctl: no checkpoint\n");
        return -1;
    }

    end = mdd_note_verify(note.p, note.n, key, &when);
    if (end < 0 || mdd_checkpoint_parse(&c, note.p, (size_t) end) != MDD_OK
        || strcmp(c.origin, key->name) != 0
        || state_name(name, sizeof(name), c.origin) != 0)
    {
        fprintf(stderr, "the checkpoint is not signed by the key\n");
        mdd_buf_free(&note);
        return 1;
    }

    p = mdd_file_read(state, name, MDD_NOTE_MAX, &n);
    if (p == NULL && errno != ENOENT) {
        fprintf(stderr, "moderationctl: %s: %s\n", name, strerror(errno));
        return -1;
    }

    if (p != NULL) {
        why = strstr(p, "\n\n");
        if (why == NULL
            || mdd_checkpoint_parse(&old, p, (size_t) (why + 1 - p))
               != MDD_OK)
        {
            fprintf(stderr, "moderationctl: %s is damaged\n", name);
            return -1;
        }
        free(p);

        if (!continues(s, &old, &c, &why)) {
            fprintf(stderr, "%s: %s (%llu, then %llu leaves)\n", c.origin,
                    why != NULL ? why : "its tiles cannot be read",
                    (unsigned long long) old.size,
                    (unsigned long long) c.size);
            mdd_buf_free(&note);
            return why != NULL ? 1 : -1;
        }
    }

    if (mdd_key_read(&own, a->key, a->name, MDD_KEY_WITNESS, 1) != MDD_OK) {
        fprintf(stderr, "moderationctl: %s: %s\n", a->key, strerror(errno));
        return -1;
    }

    if (mdd_note_add(&note, &own, mdd_clock_ms()) != MDD_OK
        || mdd_file_replace(state, name, note.p, note.n, 0644) != MDD_OK)
    {
        fprintf(stderr, "moderationctl: %s: %s\n", name, strerror(errno));
        return -1;
    }

    fwrite(note.p, 1, note.n, stdout);

    /* who checks the cosignature needs this */
    note.n = 0;
    mdd_vkey_print(&own.v, &note);
    (void) mdd_file_replace(state, "witness.vkey", note.p, note.n, 0644);
    mdd_buf_free(&note);

    return 0;
}


int
cmd_witness(int argc, char **argv)
{
    int             rc, state;
    char           *text;
    size_t          n;
    source_t        s = { 0 };
    mdd_vkey_t      key;
    record_args_t   a;

    if (!record_args(&a, argc, argv) || a.what == NULL || a.nargs != 0
        || a.key == NULL || a.name == NULL || a.state == NULL
        || a.vkey == NULL)
    {
        return cli_usage("witness");
    }

    text = mdd_file_read(AT_FDCWD, a.vkey, 65536, &n);
    if (text == NULL || mdd_vkey_parse(&key, text, n) != MDD_OK) {
        fprintf(stderr, "moderationctl: %s: not a key\n", a.vkey);
        free(text);
        return 2;
    }
    free(text);

    (void) mkdir(a.state, 0750);
    state = open(a.state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    s.dir = -1;
    if (strncmp(a.what, "http://", 7) == 0
        || strncmp(a.what, "https://", 8) == 0)
    {
        s.url = a.what;
        s.curl = curl_easy_init();
    } else {
        s.dir = open(a.what, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }

    if (state < 0 || (s.curl == NULL && s.dir < 0)) {
        fprintf(stderr, "moderationctl: %s: %s\n", state < 0 ? a.state
                : a.what, strerror(errno));
        rc = -1;
    } else {
        rc = look(&s, &a, state, &key);
    }

    if (s.curl != NULL) {
        curl_easy_cleanup(s.curl);
    }
    if (s.dir >= 0) {
        close(s.dir);
    }
    if (state >= 0) {
        close(state);
    }

    return rc < 0 ? 2 : rc;
}
