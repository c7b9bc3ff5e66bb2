/*
 * api_log.c - the ledger to take away: the proof of a decision, and the files
 * of a log as witnesses and verifiers fetch them (C2SP tlog-tiles).
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "moderationd/log/proof.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX  (32u << 20)


int
mdd_log_folder(mdd_web_t *w, int64_t log)
{
    int        dir = -1;
    char       path[4096];
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_LOG_ALL, "");

    while (mdd_step(st) == MDD_ROW) {
        if (mdd_int(st, 0) == log
            && snprintf(path, sizeof(path), "%s/%s", w->d->conf->ledger,
                        mdd_text(st, 1)) < (int) sizeof(path))
        {
            dir = open(path, O_RDONLY|O_DIRECTORY|O_CLOEXEC|O_NOFOLLOW);
        }
    }

    mdd_end(st);

    return dir;
}


void
mdd_api_proof(mdd_web_t *w)
{
    int      dir, rc;
    char     name[80];
    json_t  *d;

    d = mdd_get_decision(w, w->seg[2]);

    if (d == NULL) {
        mdd_error(w, 404, "not_found", "no such decision", NULL);
        return;
    }

    dir = mdd_log_folder(w, mdd_num(d, "log"));
    rc = dir < 0 ? MDD_FAILED
         : mdd_proof_make(dir, (uint64_t) mdd_num(d, "leaf"), &w->out->body);

    if (dir >= 0) {
        close(dir);
    }

    json_decref(d);

    if (rc != MDD_OK) {
        mdd_buf_free(&w->out->body);
        memset(&w->out->body, 0, sizeof(mdd_buf_t));
        mdd_error(w, rc == MDD_REFUSED ? 409 : 503, rc == MDD_REFUSED
                  ? "unsigned" : "ledger", T(w, "尚未签名，稍后再取",
                  "not signed yet, in a few seconds it is"), NULL);
        return;
    }

    w->out->type = "text/plain; charset=utf-8";
    snprintf(name, sizeof(name), "attachment; filename=\"%.32s.tlog-proof\"",
             w->seg[2]);
    mdd_field(w, "Content-Disposition", name);
}


/* only what the format names: checkpoint, vkey, tile/... of digits, x, p and
 * "entries" */

static int
name_ok(const mdd_web_t *w, char *path, size_t size)
{
    int          i;
    size_t       n;
    const char  *s;

    *path = '\0';

    for (i = 1; i < w->nseg; i++) {
        s = w->seg[i];
        n = strspn(s, "0123456789xp.-");

        if (*s == '\0' || *s == '.' || strlen(path) + strlen(s) + 2 > size
            || (s[n] != '\0' && !(i == 3 && strcmp(s, "entries") == 0)
                && !(i == 2 && (strcmp(s, "tile") == 0
                                || strcmp(s, "checkpoint") == 0
                                || strcmp(s, "vkey") == 0))))
        {
            return 0;
        }

        strcat(strcat(path, i > 1 ? "/" : ""), s);
    }

    return w->nseg >= 3;
}


void
mdd_api_log(mdd_web_t *w)
{
    int     dir;
    char    path[256], *file = NULL;
    size_t  n = 0;

    if (name_ok(w, path, sizeof(path))) {
        dir = open(w->d->conf->ledger, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

        if (dir >= 0) {
            file = mdd_file_read(dir, path, FILE_MAX, &n);
            close(dir);
        }
    }

    if (file == NULL) {
        mdd_error(w, 404, "not_found", "", NULL);
        return;
    }

    w->out->type = strstr(path, "/tile/") ? "application/octet-stream"
                                          : "text/plain; charset=utf-8";
    mdd_field(w, "Cache-Control", strstr(path, "/tile/")
              ? "private, max-age=31536000, immutable" : "private, no-cache");
    mdd_buf_add(&w->out->body, file, n);
    free(file);
}
