/*
 * api_import.c - earlier decisions, as a list with source and date.
 *
 * CSV (RFC 4180) with a header line and the columns kind, id, verdict, source,
 * date, reason.  kind fingerprint: id is one of `scan --fingerprints`, verdict
 * release or reject; what was released counts as adopted, never as reviewed.
 * kind account: id is the account as pages say it, or its hash, verdict limited, suspended,
 * closed, trusted or watched.  Every line has to be right, else none is taken;
 * a second person signs.
 */

#include "moderationd/account/account.h"
#include "moderationd/web/api.h"
#include "moderationd/desk/desk.h"
#include "moderationd/web/page.h"
#include "moderationd/report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX  20000

static const char *const  columns[] = {
    "kind", "id", "verdict", "source", "date", "reason"
};


static int
account_state(const char *word)
{
    int  i;

    for (i = 1; i < MDL_ACCOUNTS; i++) {
        if (strcmp(mdl_accounts[i], word) == 0) {
            return i;
        }
    }

    return 0;
}


static const char *
row_wrong(char row[6][256])
{
    if (strcmp(row[0], "fingerprint") == 0) {
        return strlen(row[1]) != 32
               || strspn(row[1], "0123456789abcdef") != 32 ? "id"
               : strcmp(row[2], "release") != 0
                 && strcmp(row[2], "reject") != 0 ? "verdict"
               : row[3][0] == '\0' ? "source" : NULL;
    }

    if (strcmp(row[0], "account") == 0) {
        return row[1][0] == '\0' ? "id" : !account_state(row[2]) ? "verdict"
               : row[3][0] == '\0' ? "source" : NULL;
    }

    return "kind";
}


/* rows, or NULL: *line and *column say where it is wrong */

static json_t *
read_csv(mdd_t *d, const char *p, int *line, const char **column)
{
    int          i, end;
    char         key[40];
    char         row[6][256];
    json_t      *rows = json_array();

    p += strncmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    for (*line = 1; *p; (*line)++) {
        memset(row, 0, sizeof(row));

        for (i = 0, end = ','; end == ',' && i < 6; i++) {
            end = mdd_csv_read(&p, row[i], sizeof(row[i]));
        }

        *column = end == -1 || end == ',' ? "columns" : NULL;

        if (*line == 1) {
            for (i = 0; i < 6 && *column == NULL; i++) {
                *column = strcmp(row[i], columns[i]) ? columns[i] : NULL;
            }

        } else if (i == 1 && row[0][0] == '\0') {
            continue;

        } else if (*column == NULL) {
            *column = row_wrong(row);
        }

        if (*column || json_array_size(rows) == ROWS_MAX) {
            json_decref(rows);
            return NULL;
        }

        /* what stands in the record is no id of anybody */

        if (*line > 1 && strcmp(row[0], "account") == 0
            && mdd_account_key(d, row[1], key) == 0)
        {
            strcpy(row[1], key);
        }

        if (*line > 1) {
            json_array_append_new(rows, json_pack("[s, s, s, s, s, s]",
                row[0], row[1], row[2], row[3], row[4], row[5]));
        }
    }

    return rows;
}


int
mdd_run_import(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out)
{
    int          wide, kind, verdict;
    char         err[256], key[40];
    size_t       i;
    json_t      *row;
    uint8_t      raw[MDL_HASH];
    mdl_key_t    k;
    const char  *id, *word;

    if (mdl_key_load(&k, tx->d->conf->id_key, &wide, err, sizeof(err)) != 0) {
        mdd_say(MDD_ERR, "%s", err);
        return MDD_FAILED;
    }

    json_array_foreach(json_object_get(args, "rows"), i, row) {
        id = json_string_value(json_array_get(row, 1));
        word = json_string_value(json_array_get(row, 2));

        if (strcmp(json_string_value(json_array_get(row, 0)), "account") == 0)
        {
            mdl_str_t  s = { id, strlen(id) };

            if (s.len == 32 && strspn(id, "0123456789abcdef") == 32) {
                strcpy(key, id);        /* a list that was exported */

            } else {
                mdl_hash(&k, "account", s, raw);
                mdd_hex(key, raw, sizeof(raw));
            }

            kind = MDL_TABLE_ACCOUNTS;
            verdict = account_state(word);

        } else {
            strcpy(key, id);
            kind = MDL_TABLE_ITEMS;
            verdict = strcmp(word, "release") == 0 ? MDL_REVIEW_ADOPTED
                                                   : MDL_REVIEW_REJECTED;
        }

        if (kind == MDL_TABLE_ACCOUNTS
            ? mdd_account_set(tx, key, word, 0, who->name,
                  json_string_value(json_array_get(row, 3))) != MDD_OK
            : mdd_verdict(tx, kind, key, "", verdict,
                  verdict == MDL_REVIEW_REJECTED ? MDL_FLAG_REJECTED : 0, 0)
              < 0)
        {
            return MDD_FAILED;
        }
    }

    json_decref(*out);
    *out = json_pack("{s:i}", "imported", (int) i);

    return mdd_desk_event(tx, "import", json_pack("{s:i}", "rows", (int) i),
        json_pack("{s:s, s:O}", "by", who->name, "rows",
                  json_object_get(args, "rows")));
}


void
mdd_api_import(mdd_web_t *w)
{
    int          line;
    char         detail[64];
    json_t      *rows, *args;
    const char  *column = NULL;

    if (mdd_scope_refused(w, w->who.nsites == 0, "csv")) {
        return;
    }

    rows = read_csv(w->d, mdd_arg(w, "csv"), &line, &column);

    if (rows == NULL || json_array_size(rows) == 0) {
        json_decref(rows);
        snprintf(detail, sizeof(detail), "line %d: %s", line,
                 column ? column : "no rows, or too many");
        mdd_error(w, 400, "bad_value", detail, "csv");
        return;
    }

    if (json_is_true(json_object_get(w->args, "dry_run"))) {
        mdd_json(w, 200, json_pack("{s:i, s:b}", "rows",
                 (int) json_array_size(rows), "dry_run", 1));
        json_decref(rows);
        return;
    }

    args = json_pack("{s:o}", "rows", rows);
    mdd_ask_second(w, "import", args);
    json_decref(args);
}
