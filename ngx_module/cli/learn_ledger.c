/*
 * learn_ledger.c - titles that people have judged, as `moderationctl learn`
 * reads them: out of the store beside the ledger, where texts stand until
 * their retention ends.
 *
 * A verdict of a person that stands (no default, nothing undone, no bulk)
 * gives the title of the version it was spoken on: 1 where it was rejected
 * for the label, 0 where it was released.  The newest of a fingerprint counts.
 */

#include "cli.h"

#include "moderationd/conf/conf.h"
#include "moderationd/store/db.h"
#include "moderationd/moderationd.h"
#include "moderationd/conf/rulebook.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* a line: label, tab, the field without what would end it */

static int
put(FILE *f, int label, const char *s)
{
    if (*s == '\0') {
        return 0;
    }

    fprintf(f, "%d\t", label);

    for ( ; *s != '\0'; s++) {
        putc(*s == '\t' || *s == '\n' || *s == '\r' ? ' ' : *s, f);
    }

    putc('\n', f);

    return 1;
}


/* is it for the label that the row's card was rejected: the label of the rule
 * that held it, or that of the reason that was given */

static int
meant(mdd_st_t *st, const char *label)
{
    int                  same;
    const mdd_book_t    *book;
    const mdd_reason_t  *reason;

    if (strcmp(mdd_text(st, 3), label) == 0) {
        return 1;
    }

    book = mdd_book(mdd_text(st, 4));
    reason = book != NULL ? mdd_book_reason(book, mdd_text(st, 2)) : NULL;
    same = reason != NULL && reason->label != NULL
           && strcmp(reason->label, label) == 0;

    if (book != NULL) {
        mdd_book_leave(book);
    }

    return same;
}


char *
cli_learn_ledger(const char *conf_file, const char *label, const char *field,
    size_t *len)
{
    int          rc;
    char         err[512], *text;
    FILE        *f;
    size_t       gone, n[2];
    mdd_t        d = { 0 };
    json_t      *body;
    mdd_db_t    *db;
    mdd_st_t    *st;
    mdd_msgs_t   m = { 0 };
    mdd_conf_t  *conf;

    conf = mdd_conf_read(conf_file, &m);
    if (conf == NULL) {
        fputs(m.text != NULL ? m.text : "", stderr);
        free(m.text);
        return NULL;
    }
    free(m.text);

    d.conf = conf;
    text = NULL;
    f = open_memstream(&text, len);
    db = mdd_db_open(conf->store, 0, 1, err, sizeof(err));

    if (db == NULL || f == NULL) {
        fprintf(stderr, "moderationctl: %s\n",
                db == NULL ? err : "out of memory");
        if (f != NULL) {
            fclose(f);
        }
        free(text);
        if (db != NULL) {
            mdd_db_close(db);
        }
        mdd_conf_free(conf);
        return NULL;
    }

    mdd_books_read(&d);
    n[0] = n[1] = gone = 0;

    st = mdd_query(db, MDD_SQL_REVIEW_LEARN, "");

    while (mdd_step(st) == MDD_ROW) {
        rc = strcmp(mdd_text(st, 0), "reject") == 0;
        if (rc && !meant(st, label)) {
            continue;
        }

        if (mdd_null(st, 1)) {
            gone++;
            continue;
        }

        body = json_loads(mdd_text(st, 1), JSON_ALLOW_NUL, NULL);
        n[rc] += put(f, rc, json_string_value(json_object_get(
                         json_object_get(body, "fields"), field))
                     ? json_string_value(json_object_get(
                         json_object_get(body, "fields"), field)) : "");
        json_decref(body);
    }

    rc = mdd_end(st);

    if (rc != MDD_OK) {
        fprintf(stderr, "moderationctl: %s\n", mdd_db_error(db));
    }

    mdd_db_close(db);
    mdd_books_done(&d);
    mdd_conf_free(conf);

    if (fclose(f) != 0 || rc != MDD_OK) {
        free(text);
        return NULL;
    }

    fprintf(stderr, "verdicts of people: %zu rejected for %s, %zu released",
            n[1], label, n[0]);
    if (gone != 0) {
        fprintf(stderr, "; %zu whose texts are gone", gone);
    }
    fputc('\n', stderr);

    return text;
}
