/*
 * api_import.c - earlier decisions, as a list with source and date.
 *
 * CSV (RFC 4180) with a header line and the columns kind, id, verdict, source,
 * date, reason and, if it has one more, ends.  kind fingerprint: id is one of
 * `scan --fingerprints`, verdict release or reject; what was released counts as
 * adopted, never as reviewed.  kind account: id is the account as pages say it,
 * or its hash, verdict limited, suspended, closed, trusted or watched; suspended
 * and trusted end.  Every line has to be right, else none is taken; a second
 * person signs.
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
#define COLUMNS   7
#define CELL      768                   /* 255 characters                    */
#define DAY_MS    86400000ll

enum { KIND, ID, VERDICT, SOURCE, DATE, REASON, ENDS };

static const char *const  columns[] = {
    "kind", "id", "verdict", "source", "date", "reason", "ends"
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


/* the name of a column that is wrong, or NULL; ends: in ms, 0 for none */

static const char *
row_wrong(char row[COLUMNS][CELL], int64_t now, int64_t *ends)
{
    int  i, state;

    for (i = 0; i < COLUMNS; i++) {
        if (strlen(row[i]) == CELL - 1) {
            return columns[i];          /* longer than that: it was cut      */
        }
    }

    *ends = row[ENDS][0] ? mdd_until(now, row[ENDS]) : 0;

    if (strcmp(row[KIND], "fingerprint") == 0) {
        return strlen(row[ID]) != 32
               || strspn(row[ID], "0123456789abcdef") != 32 ? "id"
               : strcmp(row[VERDICT], "release") != 0
                 && strcmp(row[VERDICT], "reject") != 0 ? "verdict"
               : row[SOURCE][0] == '\0' ? "source"
               : *ends != 0 ? "ends" : NULL;
    }

    if (strcmp(row[KIND], "account") != 0) {
        return "kind";
    }

    state = account_state(row[VERDICT]);

    return row[ID][0] == '\0' ? "id" : state == 0 ? "verdict"
           : row[SOURCE][0] == '\0' ? "source"
           : (*ends != 0 && *ends <= now)
             || (*ends == 0 && state == MDL_ACCOUNT_SUSPENDED)
             || (state == MDL_ACCOUNT_TRUSTED
                 && (*ends == 0 || *ends > now + 180 * DAY_MS)) ? "ends"
           : NULL;
}


/* one line; NULL: *column is wrong, or empty where nothing stands in it */

static json_t *
read_row(mdd_web_t *w, const char **p, int *width, const char **column)
{
    int      i, end;
    char     key[40], row[COLUMNS][CELL];
    json_t  *j;
    int64_t  ends = 0;

    memset(row, 0, sizeof(row));

    for (i = 0, end = ','; end == ',' && i < COLUMNS; i++) {
        end = mdd_csv_read(p, row[i], CELL);
    }

    *column = "columns";

    if (end == -1 || end == ',') {
        return NULL;
    }

    if (i == 1 && row[0][0] == '\0') {
        *column = "";
        return NULL;
    }

    if (*width == 0) {                  /* the header                        */
        *width = i;

        for (i = 0; i < *width && strcmp(row[i], columns[i]) == 0; i++) {
            /* */
        }

        *column = *width < ENDS ? columns[*width] : i < *width ? columns[i]
                  : "";
        return NULL;
    }

    if (i > *width) {
        return NULL;
    }

    *column = row_wrong(row, w->now, &ends);

    if (*column != NULL) {
        return NULL;
    }

    /* what stands in the record is no id of anybody */

    if (strcmp(row[KIND], "account") == 0
        && mdd_account_key(w->d, row[ID], key) == 0)
    {
        strcpy(row[ID], key);
    }

    j = json_pack("[s, s, s, s, s, s, I]", row[KIND], row[ID], row[VERDICT],
                  row[SOURCE], row[DATE], row[REASON], (json_int_t) ends);
    *column = j ? NULL : "columns";

    return j;
}


/* rows, or NULL: *line and *column say where it is wrong */

static json_t *
read_csv(mdd_web_t *w, const char *p, int *line, const char **column)
{
    int      width = 0;
    json_t  *rows = json_array(), *row;

    p += strncmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    for (*line = 1; *p; (*line)++) {
        row = read_row(w, &p, &width, column);

        if (row == NULL && **column == '\0') {
            continue;
        }

        if (row == NULL || json_array_size(rows) == ROWS_MAX) {
            *column = row ? NULL : *column;
            json_decref(row);
            json_decref(rows);
            return NULL;
        }

        json_array_append_new(rows, row);
    }

    *column = NULL;

    return rows;
}


/* what a list would do, before anybody signs: how many by verdict; accounts
 * that have this state already, and those that had another one */

static json_t *
would(mdd_web_t *w, json_t *rows)
{
    size_t          i;
    json_t         *row, *by = json_object();
    const char     *word;
    json_int_t      same = 0, other = 0;
    mdd_account_t   a;

    json_array_foreach(rows, i, row) {
        word = json_string_value(json_array_get(row, VERDICT));
        json_object_set_new(by, word, json_integer(mdd_num(by, word) + 1));

        if (strcmp(json_string_value(json_array_get(row, KIND)), "account")
            != 0)
        {
            continue;
        }

        mdd_account_get(w->db, json_string_value(json_array_get(row, ID)),
                        w->now, &a);
        same += strcmp(a.state, word) == 0;
        other += strcmp(a.state, word) != 0 && strcmp(a.state, "none") != 0;
    }

    return json_pack("{s:i, s:b, s:o, s:I, s:I}", "rows", (int) i, "dry_run",
                     1, "verdicts", by, "as_before", same, "instead", other);
}


int
mdd_run_import(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out)
{
    int          wide, kind, verdict;
    char         err[256], key[40], why[2 * CELL + 4];
    size_t       i;
    json_t      *row;
    uint8_t      raw[MDL_HASH];
    mdl_key_t    k;
    const char  *id, *word, *reason;

    if (mdl_key_load(&k, tx->d->conf->id_key, &wide, err, sizeof(err)) != 0) {
        mdd_say(MDD_ERR, "%s", err);
        return MDD_FAILED;
    }

    json_array_foreach(json_object_get(args, "rows"), i, row) {
        id = json_string_value(json_array_get(row, ID));
        word = json_string_value(json_array_get(row, VERDICT));

        if (strcmp(json_string_value(json_array_get(row, KIND)), "account") == 0)
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

        reason = json_string_value(json_array_get(row, REASON));
        snprintf(why, sizeof(why), "%s%s%s",
                 json_string_value(json_array_get(row, SOURCE)),
                 reason && *reason ? ": " : "", reason ? reason : "");

        if (kind == MDL_TABLE_ACCOUNTS
            ? mdd_account_set(tx, key, word, json_integer_value(
                  json_array_get(row, ENDS)), who->name, why) != MDD_OK
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

    rows = read_csv(w, mdd_arg(w, "csv"), &line, &column);

    if (rows == NULL || json_array_size(rows) == 0) {
        json_decref(rows);
        snprintf(detail, sizeof(detail), "line %d: %s", line,
                 column ? column : "no rows, or too many");
        mdd_error(w, 400, "bad_value", detail, "csv");
        return;
    }

    if (json_is_true(json_object_get(w->args, "dry_run"))) {
        mdd_json(w, 200, would(w, rows));
        json_decref(rows);
        return;
    }

    args = json_pack("{s:o}", "rows", rows);
    mdd_ask_second(w, "import", args);
    json_decref(args);
}
