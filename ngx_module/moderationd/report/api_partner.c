/*
 * api_partner.c - reports of a team as a list: CSV with a header line, or
 * JSON.
 *
 * Columns: reporter, item, page, reason, text; in any order, item or page and
 * a reason needed.  Every line has to be right, else none is taken.
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX  5000
#define COLUMNS   5

static const char *const  columns[COLUMNS] = {
    "reporter", "item", "page", "reason", "text"
};

typedef struct {
    mdd_web_t   *w;
    json_t      *rows;                  /* of objects                        */
    const char  *team;
    json_t      *out;
} partner_t;


/* the header: which column each cell is; how many, or -1 */

static int
header(const char **p, int which[16])
{
    int   n = 0, k, end;
    char  name[64];

    do {
        end = mdd_csv_read(p, name, sizeof(name));

        for (k = 0; k < COLUMNS && strcmp(columns[k], name) != 0; k++) {
            /* */
        }

        if (end == -1 || k == COLUMNS || n == 16) {
            return -1;
        }

        which[n++] = k;
    } while (end == ',');

    return n;
}


static json_t *
read_csv(const char *p, int *line)
{
    int      i, n, end, which[16];
    char    *cell = malloc(MDD_REPORT_TEXT + 2);
    json_t  *rows = json_array(), *row;

    *line = 1;
    p += strncmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    n = cell ? header(&p, which) : -1;

    while (n > 0 && *p) {
        (*line)++;
        row = json_object();

        for (i = 0, end = ','; end == ',' && i < n; i++) {
            end = mdd_csv_read(&p, cell, MDD_REPORT_TEXT + 2);
            json_object_set_new(row, columns[which[i]], json_string(cell));
        }

        if (i == 1 && n > 1 && cell[0] == '\0' && end != -1) {
            json_decref(row);           /* an empty line */
            continue;
        }

        json_array_append_new(rows, row);

        if (end == -1 || end == ',' || i < n
            || json_array_size(rows) > ROWS_MAX)
        {
            n = -1;
        }
    }

    free(cell);

    if (n <= 0) {
        json_decref(rows);
        return NULL;
    }

    return rows;
}


static void
of_row(const partner_t *a, const json_t *row, mdd_report_t *r)
{
    memset(r, 0, sizeof(mdd_report_t));
    r->kind = "report";
    r->reporter = mdd_str(row, "reporter");
    r->item = mdd_str(row, "item");
    r->page = mdd_str(row, "page");
    r->reason = mdd_str(row, "reason");
    r->text = mdd_str(row, "text");
    r->decision = "";
    r->team = a->team;
    r->due = mdd_report_due(a->w->d, r->reason, a->w->now);
}


static int
run(mdd_tx_t *tx, void *data)
{
    int            rc;
    size_t         i;
    json_t        *row;
    partner_t     *a = data;
    mdd_report_t   r;

    json_array_foreach(a->rows, i, row) {
        of_row(a, row, &r);

        if (mdd_report_check(tx->d, &r) != NULL) {
            return MDD_FAILED;
        }

        rc = mdd_report_take(tx, &r);

        if (rc != MDD_OK) {
            return rc;
        }

        json_array_append_new(a->out, json_pack("{s:s, s:I}", "number",
            r.number, "case", (json_int_t) r.casefile));
    }

    return MDD_OK;
}


/* {team, csv | reports: [...], dry_run} */

void
mdd_api_partner(mdd_web_t *w)
{
    int            line = 0;
    char           detail[64];
    size_t         i;
    json_t        *row, *list = json_object_get(w->args, "reports");
    partner_t      a = { 0 };
    const char    *bad = NULL;
    mdd_report_t   r;

    a.w = w;
    a.team = mdd_arg(w, "team");
    a.rows = json_is_array(list) ? json_incref(list)
             : read_csv(mdd_arg(w, "csv"), &line);

    if (a.team[0] == '\0' || strlen(a.team) > 64) {
        json_decref(a.rows);
        mdd_error(w, 400, "bad_value", T(w, "请写明团队", "which team"),
                  "team");
        return;
    }

    if (a.rows == NULL || json_array_size(a.rows) == 0
        || json_array_size(a.rows) > ROWS_MAX)
    {
        snprintf(detail, sizeof(detail), T(w, "第 %d 行", "line %d"), line);
        json_decref(a.rows);
        mdd_error(w, 400, "bad_value", detail, "csv");
        return;
    }

    json_array_foreach(a.rows, i, row) {
        of_row(&a, row, &r);
        bad = mdd_report_check(w->d, &r);

        if (bad) {
            snprintf(detail, sizeof(detail), "row %zu: %s", i + 1, bad);
            json_decref(a.rows);
            mdd_error(w, 400, "bad_value", detail, bad);
            return;
        }
    }

    a.out = json_array();

    if (json_is_true(json_object_get(w->args, "dry_run"))) {
        mdd_json(w, 200, json_pack("{s:I, s:b}", "rows",
                 (json_int_t) json_array_size(a.rows), "dry_run", 1));

    } else if (mdd_change(w->d, run, &a) != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else {
        mdd_tables_sync(w->d, w->db);
        mdd_done(w, 201, json_pack("{s:s, s:O}", "team", a.team, "reports",
                                   a.out));
    }

    json_decref(a.out);
    json_decref(a.rows);
}
