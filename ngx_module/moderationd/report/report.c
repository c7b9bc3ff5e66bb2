/*
 * report.c - see report.h.
 *
 * A report is kept with keyed hashes of who sent it and of what it says, so
 * that rates and arranged reports can be seen when both have been deleted.
 */

#include "moderationd/log/did.h"
#include "report.h"
#include "moderationd/log/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS     86400000ll
#define JUDGED_MS  (180 * DAY_MS)


/* 80 random bits as 16 characters, and 2 to check: RFC 4648 base32 */

static void
new_number(char out[24])
{
    uint8_t  raw[10];
    int      i, sum = 0;
    char     text[17];

    mdd_random(raw, sizeof(raw));
    mdl_base32(raw, 80, text);

    for (i = 0; i < 16; i++) {
        sum = (sum * 33 + text[i]) % 1024;
    }

    snprintf(out, 24, "%s%c%c", text, "abcdefghijklmnopqrstuvwxyz234567"
             [sum >> 5], "abcdefghijklmnopqrstuvwxyz234567"[sum & 31]);
}


/* letters and digits of a text, without case: what is sent again and again
 * differs in spaces and marks */

static size_t
fold(const char *s, char *out, size_t size)
{
    size_t  n = 0;

    for ( ; *s && n + 1 < size; s++) {
        if ((uint8_t) *s >= 0x80 || (*s >= '0' && *s <= '9')
            || (*s >= 'a' && *s <= 'z'))
        {
            out[n++] = *s;

        } else if (*s >= 'A' && *s <= 'Z') {
            out[n++] = (char) (*s + 32);
        }
    }

    return n;
}


static int
hash(const mdl_key_t *key, const char *what, const char *p, size_t n,
    char out[33])
{
    uint8_t    raw[MDL_HASH];
    mdl_str_t  s = { p, n };

    mdl_hash(key, what, s, raw);
    mdd_hex(out, raw, sizeof(raw));

    return 0;
}


const char *
mdd_report_check(mdd_t *d, mdd_report_t *r)
{
    int          wide;
    char         err[256], text[MDD_REPORT_TEXT + 1];
    size_t       n;
    mdl_key_t    key;

    if (strlen(r->text) > MDD_REPORT_TEXT) {
        return "text";
    }

    if (strlen(r->page) > 1024 || strlen(r->item) > 256
        || (r->item[0] == '\0' && r->page[0] == '\0'))
    {
        return "item";
    }

    if (strlen(r->reason) > 64 || r->reason[0] == '\0') {
        return "reason";
    }

    if (strlen(r->reporter) > 200) {
        return "reporter";
    }

    if (mdl_key_load(&key, d->conf->id_key, &wide, err, sizeof(err)) != 0) {
        mdd_say(MDD_ERR, "%s", err);
        return "item";
    }

    memset(r->hashes, 0, sizeof(r->hashes));
    n = fold(r->text, text, sizeof(text));

    if (r->item[0]) {
        hash(&key, "item", r->item, strlen(r->item), r->hashes[0]);
    }

    if (r->reporter[0]) {
        hash(&key, "reporter", r->reporter, strlen(r->reporter),
             r->hashes[1]);
    }

    if (n >= 12) {                      /* "spam" is said by many */
        hash(&key, "text", text, n, r->hashes[2]);
    }

    /* of a page alone, so that it is no item's */

    if (r->item[0] == '\0') {
        strcpy(r->hashes[0], "p-");
        hash(&key, "page", r->page, strlen(r->page), &r->hashes[0][2]);
    }

    r->item = r->hashes[0];
    r->who = r->hashes[1];
    r->print = r->hashes[2];

    return NULL;
}


void
mdd_report_key(const char *number, char out[33])
{
    mdd_hash_t  h;

    mdd_hash(h, number, strlen(number));
    mdd_hex(out, h, 16);
}


static int64_t
find_case(mdd_tx_t *tx, const mdd_report_t *r)
{
    int64_t    id = 0;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_CASE_OPEN, "sss", r->kind, r->item,
                   r->decision);

    if (mdd_step(st) == MDD_ROW) {
        id = mdd_int(st, 0);
    }

    mdd_end(st);

    if (id == 0 && strcmp(r->kind, "report") == 0 && strlen(r->item) == 32) {
        id = mdd_one(tx->db, 0, MDD_SQL_CASE_JUDGED, "si", r->item,
                     tx->now - JUDGED_MS);
    }

    return id;
}


int64_t
mdd_report_due(mdd_t *d, const char *reason, int64_t now)
{
    size_t               i;
    char                 label[72] = "";
    const mdd_book_t    *book;
    const mdd_reason_t  *r;

    /* the label of the first site's reason that is called so */
    for (i = 0; i < d->conf->nsites && label[0] == '\0'; i++) {
        book = mdd_book(d->conf->sites[i].name);
        r = mdd_book_reason(book, reason);
        snprintf(label, sizeof(label), "%s", r && r->label ? r->label : "");
        mdd_book_leave(book);
    }

    for (i = 0; i < d->conf->nclocks; i++) {
        if (strcmp(d->conf->clocks[i].label, label) == 0) {
            return now + d->conf->clocks[i].ms;
        }
    }

    return now + d->conf->report_ms;
}



int
mdd_report_take(mdd_tx_t *tx, mdd_report_t *r)
{
    char  key[33], item[40], account[40];

    r->casefile = find_case(tx, r);

    if (r->casefile && strcmp(r->kind, "appeal") == 0) {
        r->refused = 409;
        return MDD_REFUSED;             /* it is open already */
    }

    if (r->casefile == 0) {
        r->casefile = mdd_counter(tx, "case");

        if (r->casefile < 0
            || mdd_put(tx, MDD_SQL_CASE_ADD, "issSssii", r->casefile,
                       r->kind, r->item, r->page, r->decision, r->reason,
                       tx->now, r->due) != 1)
        {
            return MDD_FAILED;
        }
    }

    new_number(r->number);
    mdd_report_key(r->number, key);

    if (mdd_put(tx, MDD_SQL_REPORT_ADD, "sisisSSSSS", key,
                r->casefile, r->kind, tx->now, r->reason, r->text,
                r->reporter, r->team, r->who, r->print) != 1)
    {
        return MDD_FAILED;
    }

    /* workers record the next one of an item that passes */

    if (strcmp(r->kind, "report") == 0 && strlen(r->item) == 32
        && mdd_verdict(tx, MDL_TABLE_WANTED, r->item, "", 1, 0,
                       tx->now + DAY_MS) < 0)
    {
        return MDD_FAILED;
    }

    mdd_about(tx->db, r->decision, item, account);

    return mdd_desk_event(tx, r->kind, json_pack("{s:I, s:s, s:s, s:s, s:s}",
        "case", (json_int_t) r->casefile, "item", *item ? item : r->item,
        "account", account, "reason", r->reason, "decision", r->decision),
        json_pack("{s:s, s:s, s:s, s:s}", "text", r->text, "reporter",
                  r->reporter, "page", r->page, "team", r->team));
}
