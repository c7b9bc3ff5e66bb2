/*
 * api_export.c - evidence to hand over: decisions with their proofs, what was
 * done about them, the key, and a verifier that needs none of this project.
 *
 * Private parts go with it only when a lead asks for them. Who asked, for whom
 * and what for is a leaf of its own, with the digest of the manifest.
 */

#include "moderationd/account/account.h"
#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "moderationd/period/period.h"
#include "moderationd/log/proof.h"
#include "moderationd/web/tar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DECISIONS_MAX  500
#define EVENTS_MAX     200
#define FILE_MAX       65536

typedef struct {
    mdd_web_t   *w;
    mdd_tar_t    tar;
    json_t      *ids;
    int          private;
    int          unsigned_yet, failed;
    int64_t      logs[16];
    int          nlogs;
    char         digest[65];
    const char  *kind;
} export_t;


static const char *
log_name(mdd_web_t *w, int64_t log, char out[80])
{
    mdd_st_t  *st;

    out[0] = '\0';
    st = mdd_query(w->db, MDD_SQL_LOG_ALL, "");

    while (mdd_step(st) == MDD_ROW) {
        if (mdd_int(st, 0) == log) {
            snprintf(out, 80, "%.60s", mdd_text(st, 1));
        }
    }

    mdd_end(st);

    return out;
}


/* key and checkpoint of a log, once */

static void
add_log(export_t *x, int64_t log, int dir)
{
    int                 i;
    char                name[80], path[100], *file;
    size_t              k, n;
    static const char *const  files[] = { "vkey", "checkpoint" };

    for (i = 0; i < x->nlogs; i++) {
        if (x->logs[i] == log) {
            return;
        }
    }

    if (x->nlogs == 16) {
        x->failed = 1;
        return;
    }

    x->logs[x->nlogs++] = log;
    log_name(x->w, log, name);

    for (k = 0; k < 2; k++) {
        file = mdd_file_read(dir, files[k], FILE_MAX, &n);

        if (file == NULL) {
            x->failed = 1;
            return;
        }

        snprintf(path, sizeof(path), "logs/%.60s/%s", name, files[k]);
        mdd_tar_add(&x->tar, path, file, n);
        free(file);
    }
}


static void
add_proof(export_t *x, int64_t log, int64_t leaf, const char *name)
{
    int         dir, rc;
    mdd_buf_t   b = { 0 };

    dir = mdd_log_folder(x->w, log);
    rc = dir < 0 ? MDD_FAILED : mdd_proof_make(dir, (uint64_t) leaf, &b);

    if (rc == MDD_OK) {
        mdd_tar_add(&x->tar, name, b.p, b.n);
        add_log(x, log, dir);

    } else if (rc == MDD_REFUSED) {
        x->unsigned_yet = 1;

    } else {
        x->failed = 1;
    }

    if (dir >= 0) {
        close(dir);
    }

    mdd_buf_free(&b);
}


static void
add_private(export_t *x, const char *id, const json_t *d)
{
    char         name[100], hex[40];
    size_t       n;
    json_t      *source;
    mdd_st_t    *st;
    const void  *salt;
    const char  *body, *text;
    char        *raw;

    st = mdd_query(x->w->db, MDD_SQL_PRIVATE_GET, "ii", mdd_num(d, "log"),
                   mdd_num(d, "leaf"));

    if (mdd_step(st) == MDD_ROW) {
        salt = mdd_blob(st, 0, &n);
        mdd_hex(hex, salt, n < 16 ? n : 16);
        body = mdd_text(st, 1);
        snprintf(name, sizeof(name), "decisions/%.32s.private", id);
        mdd_tar_add(&x->tar, name, body, strlen(body));
        snprintf(name, sizeof(name), "decisions/%.32s.salt", id);
        mdd_tar_add(&x->tar, name, hex, strlen(hex));
    }

    mdd_end(st);

    /* the card as the page had it, as text that no program runs */

    source = json_object_get(json_object_get(d, "private"), "source");
    text = json_string_value(source);
    n = text ? strlen(text) : 0;
    raw = n ? malloc(n) : NULL;

    if (raw) {
        ssize_t  len = mdd_unbase64(raw, n, text, n);

        if (len > 0) {
            snprintf(name, sizeof(name), "decisions/%.32s.source.txt", id);
            mdd_tar_add(&x->tar, name, raw, (size_t) len);
        }

        free(raw);
    }
}


/* the rules as they stood, by their rev */

static void
add_rules(export_t *x, const json_t *d)
{
    char         name[100], file[160];
    size_t       i;
    json_t      *r;
    mdd_st_t    *st;
    const char  *text;

    json_array_foreach(json_object_get(d, "rules"), i, r) {
        snprintf(name, sizeof(name), "%.60s@%lld", mdd_str(r, "id"),
                 (long long) mdd_num(r, "rev"));

        if (strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
                   "yz0123456789._-@") != strlen(name))
        {
            continue;
        }

        snprintf(file, sizeof(file), "  rules/%s.yaml\n", name);

        if (memmem(x->tar.manifest.p, x->tar.manifest.n, file, strlen(file)))
        {
            continue;                   /* another decision's, too */
        }

        st = mdd_query(x->w->db, MDD_SQL_RULE_TEXT, "si", mdd_str(r, "id"),
                       mdd_num(r, "rev"));
        text = mdd_step(st) == MDD_ROW ? mdd_text(st, 0) : NULL;

        if (text) {
            snprintf(file, sizeof(file), "rules/%s.yaml", name);
            mdd_tar_add(&x->tar, file, text, strlen(text));
        }

        mdd_end(st);
    }
}


/* what persons did about it: each as its own proven leaf */

static void
add_events(export_t *x, const json_t *d)
{
    int         i, n = 0;
    char        item[48], id[48], name[80], file[140];
    int64_t     log[EVENTS_MAX], leaf[EVENTS_MAX];
    mdd_st_t   *st;

    snprintf(id, sizeof(id), "%%\"%.32s\"%%", mdd_str(d, "id"));
    snprintf(item, sizeof(item), "%%\"%.32s\"%%", mdd_str(d, "item")[0]
             ? mdd_str(d, "item") : mdd_str(d, "id"));
    st = mdd_query(x->w->db, MDD_SQL_EXPORT_EVENTS, "ss", id, item);

    while (n < EVENTS_MAX && mdd_step(st) == MDD_ROW) {
        log[n] = mdd_int(st, 0);
        leaf[n++] = mdd_int(st, 1);
    }

    mdd_end(st);

    for (i = 0; i < n; i++) {
        log_name(x->w, log[i], name);
        snprintf(file, sizeof(file), "  events/%.60s-%lld.tlog-proof\n", name,
                 (long long) leaf[i]);

        if (memmem(x->tar.manifest.p, x->tar.manifest.n, file, strlen(file))
            == NULL)
        {
            file[strlen(file) - 1] = '\0';
            add_proof(x, log[i], leaf[i], file + 2);
        }
    }
}


static int
add_decision(export_t *x, const char *id)
{
    char     name[100], *text;
    json_t  *d = mdd_get_decision(x->w, id), *public;

    if (d == NULL) {
        return -1;
    }

    public = json_copy(d);
    json_object_del(public, "private");
    text = json_dumps(public, JSON_INDENT(1));

    if (text) {
        snprintf(name, sizeof(name), "decisions/%.32s.json", id);
        mdd_tar_add(&x->tar, name, text, strlen(text));
    }

    x->failed |= text == NULL;
    free(text);
    json_decref(public);
    snprintf(name, sizeof(name), "decisions/%.32s.tlog-proof", id);
    add_proof(x, mdd_num(d, "log"), mdd_num(d, "leaf"), name);

    if (x->private) {
        add_private(x, id, d);
    }

    add_rules(x, d);
    add_events(x, d);
    json_decref(d);

    return 0;
}


static void
add_words(export_t *x)
{
    mdd_buf_t            b = { 0 };
    const mdd_static_t  *f;
    const char          *to = mdd_arg(x->w, "recipient");
    const char          *why = mdd_arg(x->w, "purpose");
    const char          *ref = mdd_arg(x->w, "reference");

    mdd_buf_fmt(&b,
        "# 移送函 / Referral\n\n"
        "致 / To: %s\n用途 / Purpose: %s\n文号 / Reference: %s\n"
        "来自 / From: %s\n\n"
        "随附 %zu 项决定的记录、证明和有关处理，清单见 MANIFEST，可用 verify.py "
        "独立核验。材料仅用于上述用途；%s\n\n"
        "Enclosed are the records of %zu decisions with their proofs and what "
        "was done about them; MANIFEST lists them, verify.py checks them "
        "without us. For the purpose above only. %s\n\n"
        "经办人 / Officer: ____________  日期 / Date: ____________  "
        "联系方式 / Contact: ____________\n", to, why, ref,
        x->w->d->conf->origin, json_array_size(x->ids),
        x->private ? "含非公开内容，请按规定保管。" : "不含非公开内容。",
        json_array_size(x->ids), x->private
        ? "Private parts are in it: keep them accordingly."
        : "No private part is in it.");
    mdd_tar_add(&x->tar, "REFERRAL.md", b.bad ? "" : b.p, b.n);
    mdd_buf_free(&b);

    f = mdd_static("evidence.txt");
    mdd_tar_add(&x->tar, "README.txt", f->data, (size_t) (f->end - f->data));
    f = mdd_static("verify.py");
    mdd_tar_add(&x->tar, "verify.py", f->data, (size_t) (f->end - f->data));
}


/* decisions asked for: a list of ids, or all of an item or account */

static int
collect(export_t *x)
{
    char         key[40];
    json_t      *list = json_object_get(x->w->args, "decisions");
    mdd_st_t    *st;
    const char  *item = mdd_arg(x->w, "item");
    const char  *account = mdd_arg(x->w, "account");

    if (json_is_array(list) || json_is_string(list)) {
        x->ids = json_is_array(list) ? json_copy(list) : json_pack("[O]", list);
        return 0;
    }

    x->ids = json_array();

    if (*account == '\0' && *item == '\0') {
        return 0;
    }

    if (*account && mdd_account_key(x->w->d, account, key) != 0) {
        return -1;
    }

    st = *account ? mdd_query(x->w->db, MDD_SQL_EXPORT_ACCOUNT, "si", key,
                              (int64_t) DECISIONS_MAX + 1)
         : mdd_query(x->w->db, MDD_SQL_EXPORT_ITEM, "si", item,
                     (int64_t) DECISIONS_MAX + 1);

    while (mdd_step(st) == MDD_ROW) {
        json_array_append_new(x->ids, json_string(mdd_text(st, 0)));
    }

    mdd_end(st);

    return 0;
}


static int
run(mdd_tx_t *tx, void *data)
{
    char       alias[17];
    export_t  *x = data;

    if (mdd_alias(tx, x->w->who.name, alias) != MDD_OK) {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "export", json_pack(
        "{s:s, s:I, s:s, s:b, s:s}", "kind", x->kind, "decisions",
        (json_int_t) json_array_size(x->ids), "manifest", x->digest,
        "private", x->private, "by", alias),
        json_pack("{s:s, s:s, s:s, s:s, s:O}", "by", x->w->who.name,
                  "recipient", mdd_arg(x->w, "recipient"), "purpose",
                  mdd_arg(x->w, "purpose"), "reference",
                  mdd_arg(x->w, "reference"), "ids", x->ids));
}


static void
answer(export_t *x, const char *name)
{
    char        field[96];
    mdd_web_t  *w = x->w;

    x->tar.time = w->now / 1000;
    mdd_tar_end(&x->tar, x->digest);

    if (x->failed || x->tar.out.bad || x->tar.manifest.bad
        || mdd_change(w->d, run, x) != MDD_OK)
    {
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    w->out->status = 200;
    w->out->type = "application/x-tar";
    mdd_field(w, "Cache-Control", "private, no-store");
    snprintf(field, sizeof(field), "attachment; filename=\"%s-%.16s.tar\"",
             name, x->digest);
    mdd_field(w, "Content-Disposition", field);
    mdd_field(w, "X-Moderation-Manifest", x->digest);
    mdd_buf_add(&w->out->body, x->tar.out.p, x->tar.out.n);
}


/* {decisions | item | account, recipient, purpose, reference, private} */

void
mdd_api_export(mdd_web_t *w)
{
    size_t       i;
    json_t      *id;
    export_t     x = { .w = w, .kind = "evidence" };
    const char  *bad = NULL;

    x.private = json_is_true(json_object_get(w->args, "private"))
                || strcmp(mdd_arg(w, "private"), "1") == 0;

    if (x.private && !(w->who.roles & MDD_LEAD)) {
        mdd_error(w, 403, "forbidden", T(w, "非公开内容由组长移送",
                  "a lead hands private parts over"), "private");
        return;
    }

    bad = mdd_arg(w, "recipient")[0] == '\0' ? "recipient"
          : mdd_arg(w, "purpose")[0] == '\0' ? "purpose"
          : collect(&x) != 0 ? "account"
          : json_array_size(x.ids) == 0
            || json_array_size(x.ids) > DECISIONS_MAX ? "decisions" : NULL;

    x.tar.time = w->now / 1000;

    json_array_foreach(x.ids, i, id) {
        if (bad == NULL && (!json_is_string(id)
                            || add_decision(&x, json_string_value(id)) != 0))
        {
            bad = "decisions";
        }
    }

    if (bad) {
        mdd_error(w, 400, "bad_value", T(w, "请写明决定、接收方和用途",
                  "decisions of the record (up to 500), a recipient and a "
                  "purpose"), bad);

    } else if (x.unsigned_yet) {
        mdd_error(w, 409, "unsigned", T(w, "尚未签名，稍后再取",
                  "not signed yet, in a few seconds it is"), NULL);

    } else {
        add_words(&x);
        answer(&x, "evidence");
    }

    json_decref(x.ids);
    mdd_tar_free(&x.tar);
}


/* for publication: nothing that leads back to a person, an account or an item;
 * the text is the lead's */

static json_t *
anonymous(mdd_web_t *w, const json_t *d)
{
    int                i;
    char               month[16];
    size_t             k;
    json_t            *j, *rules = json_array(), *r;
    const char        *by = mdd_str(d, "automation");
    const mdd_book_t  *book;
    const mdd_rule_t  *rule;

    mdd_day_text(mdd_zone_day(mdd_zone("UTC"), mdd_num(d, "time")), month);
    month[7] = '\0';                    /* the day would lead to the item */
    book = mdd_book(mdd_site_of(w->d->conf, mdd_str(d, "host")));
    i = mdd_category(book, mdd_str(d, "label"));

    json_array_foreach(json_object_get(d, "rules"), k, r) {
        rule = mdd_book_rule(book, mdd_str(r, "id"));
        json_array_append_new(rules, json_pack("{s:s, s:s, s:s}", "title_zh",
            rule && rule->title_zh ? rule->title_zh : mdd_str(r, "label"),
            "title_en", rule && rule->title_en ? rule->title_en
            : mdd_str(r, "label"), "basis",
            rule && rule->basis ? rule->basis : ""));
    }

    mdd_book_leave(book);
    j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:s}", "month", month,
        "category", mdd_categories[i], "label", mdd_str(d, "label"),
        "action", mdd_str(d, "action"), "automation", by, "found_by",
        mdd_str(d, "found_by"), "rules", rules, "text", mdd_arg(w, "text"));

    return j;
}


void
mdd_api_export_case(mdd_web_t *w)
{
    char        *text;
    json_t      *j, *d = mdd_get_decision(w, mdd_arg(w, "decision")), *rule;
    export_t     x = { .w = w, .kind = "case" };
    mdd_buf_t    b = { 0 };

    if (d == NULL || mdd_arg(w, "text")[0] == '\0'
        || strlen(mdd_arg(w, "text")) > 2000)
    {
        mdd_error(w, 400, "bad_value", T(w, "请写明决定和打码后的文字",
                  "a decision, and what may be read of it"),
                  d ? "text" : "decision");
        json_decref(d);
        return;
    }

    x.ids = json_pack("[s]", mdd_str(d, "id"));
    x.tar.time = 0;
    j = anonymous(w, d);
    text = json_dumps(j, JSON_INDENT(1));
    rule = json_array_get(json_object_get(j, "rules"), 0);
    mdd_buf_fmt(&b, "# %s\n\n%s\n\n- %s: %s\n- %s: %s\n- %s: %s\n- %s: %s %s"
                "\n- %s: %s\n", T(w, "案例", "Case"), mdd_arg(w, "text"),
                T(w, "时间", "When"), mdd_str(j, "month"),
                T(w, "类别", "Category"),
                mdd_period_word(w, mdd_str(j, "category")),
                T(w, "处理", "What was done"),
                mdd_word(w, mdd_str(j, "action")), T(w, "规则", "Rule"),
                mdd_str(rule, w->zh ? "title_zh" : "title_en"),
                mdd_str(rule, "basis"), T(w, "决定方式", "Decided by"),
                mdd_period_word(w, mdd_str(j, "automation")));
    mdd_tar_add(&x.tar, "case.json", text ? text : "",
                text ? strlen(text) : 0);
    mdd_tar_add(&x.tar, "case.md", b.bad ? "" : b.p, b.n);
    x.failed = text == NULL || b.bad;
    answer(&x, "case");
    free(text);
    mdd_buf_free(&b);
    json_decref(x.ids);
    json_decref(j);
    json_decref(d);
    mdd_tar_free(&x.tar);
}
