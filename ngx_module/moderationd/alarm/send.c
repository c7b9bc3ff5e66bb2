/*
 * send.c - threads that tell others, one each: webhooks out of the outbox,
 * alarms to Alertmanager.  So who never answers keeps nobody else waiting.
 *
 * A webhook is gone when its target says 2xx; until then it is tried again,
 * one second later, then two, four ... up to an hour, and what is behind it
 * for the same target waits, so that order stays.  Alertmanager wants to be
 * told again and again what stands (its own resolve_timeout otherwise ends
 * it): every minute, and at once where something begins or ends.
 */

#include "alarm.h"
#include "moderationd/report/notice.h"

#include <curl/curl.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_MS   10000
#define AGAIN_MS     60000
#define RESOLVED_MS  300000             /* ended alarms are told so long      */
#define STANDS_MS    600000             /* endsAt of one that stands          */
#define HOUR_MS      3600000ll
#define ALARMS_MAX   512

typedef struct {
    pthread_t             thread;
    mdd_t                *d;
    const mdd_webhook_t  *hook;         /* or NULL, and                       */
    const char           *manager;
    int                   failed;       /* said once, until it works again    */
    int64_t               at;           /* told last                          */
    uint64_t              told;         /* of what stood then                 */
} target_t;

static struct {
    target_t     *list;
    size_t        n;                    /* that run                           */
    volatile int  stop;
} sender;


/* what a target answers: the first of it */

typedef struct {
    size_t  n;
    char    text[1024];
} answer_t;


static size_t
keep(char *p, size_t size, size_t n, void *data)
{
    size_t     room;
    answer_t  *a = data;

    room = sizeof(a->text) - 1 - a->n;
    room = size * n < room ? size * n : room;
    memcpy(a->text + a->n, p, room);
    a->n += room;
    a->text[a->n] = '\0';

    return size * n;
}


/* {"handled_at": ms}, 0: it does not say */

static int64_t
handled_at(const answer_t *a)
{
    int64_t   ms;
    json_t   *j = json_loadb(a->text, a->n, 0, NULL);

    ms = json_integer_value(json_object_get(j, "handled_at"));
    json_decref(j);

    return ms;
}


static int
stopped(void *data, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t e)
{
    (void) data;
    (void) a;
    (void) b;
    (void) c;
    (void) e;

    return sender.stop;
}


/* the status, 0: no answer */

static long
post(const char *url, struct curl_slist *fields, const char *body, size_t n,
    answer_t *answer)
{
    long   status = 0;
    CURL  *c = curl_easy_init();

    if (c == NULL) {
        return 0;
    }

    curl_easy_setopt(c, CURLOPT_URL, url);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PROXY, "");
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long) TIMEOUT_MS);
    curl_easy_setopt(c, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) n);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(c, CURLOPT_USERAGENT, "moderationd");
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, answer);
    answer->n = 0;
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, stopped);

    if (curl_easy_perform(c) == CURLE_OK) {
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    }

    curl_easy_cleanup(c);

    return status;
}


/* webhooks */

typedef struct {
    int64_t  id, tries, next, handled;
    int      notice;
} done_t;


static int
taken(mdd_tx_t *tx, void *data)
{
    done_t  *o = data;

    if (o->notice && o->next == 0
        && mdd_notice_taken(tx, o->id, o->handled) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return (o->next == 0 ? mdd_run(tx->db, MDD_SQL_OUTBOX_DONE, "i", o->id)
                         : mdd_run(tx->db, MDD_SQL_OUTBOX_LATER, "iii",
                                   o->tries, o->next, o->id)) < 0
           ? MDD_FAILED : MDD_OK;
}


static struct curl_slist *
signed_fields(const mdd_webhook_t *h, int64_t id, const char *body,
    size_t n, int64_t now)
{
    char               line[200], hex[65];
    uint8_t            mac[32];
    unsigned           len = sizeof(mac);
    mdd_buf_t          b = { 0 };
    struct curl_slist *f;

    mdd_buf_fmt(&b, "%lld.", (long long) (now / 1000));
    mdd_buf_add(&b, body, n);

    if (b.bad || HMAC(EVP_sha256(), h->secret, (int) h->nsecret,
                      (uint8_t *) b.p, b.n, mac, &len) == NULL)
    {
        mdd_buf_free(&b);
        return NULL;
    }

    mdd_buf_free(&b);
    mdd_hex(hex, mac, sizeof(mac));
    snprintf(line, sizeof(line), "X-Moderation-Signature: t=%lld,v1=%s",
             (long long) (now / 1000), hex);
    f = curl_slist_append(NULL, "Content-Type: application/json");
    f = curl_slist_append(f, line);
    snprintf(line, sizeof(line), "X-Moderation-Id: %lld", (long long) id);

    return curl_slist_append(f, line);
}


/* the oldest, if it may be tried; 1: it was sent */

static int
webhook(target_t *t, mdd_db_t *db)
{
    char               *body;
    long                status;
    done_t              o;
    int64_t             next;
    mdd_st_t           *st;
    answer_t            a;
    struct curl_slist  *f;

    st = mdd_query(db, MDD_SQL_OUTBOX_FIRST, "s", t->hook->url);

    if (mdd_step(st) != MDD_ROW) {
        (void) mdd_end(st);
        return 0;
    }

    o.id = mdd_int(st, 0);
    o.notice = strcmp(mdd_text(st, 1), "notice") == 0;
    body = strdup(mdd_text(st, 2));
    o.tries = mdd_int(st, 3) + 1;
    next = mdd_int(st, 4);
    (void) mdd_end(st);

    if (body == NULL || next > mdd_now(t->d)) {
        free(body);
        return 0;
    }

    f = signed_fields(t->hook, o.id, body, strlen(body), mdd_now(t->d));
    status = post(t->hook->url, f, body, strlen(body), &a);
    curl_slist_free_all(f);
    free(body);

    o.handled = status ? handled_at(&a) : 0;
    o.next = status >= 200 && status < 300 ? 0
             : mdd_now(t->d) + (o.tries > 12 ? HOUR_MS
                                : 1000ll << (o.tries - 1));

    if (sender.stop) {
        return 0;                       /* told again at the next start       */
    }

    if (o.next && o.tries == 3) {
        mdd_say(MDD_WARN, "webhook %s: %s %ld", t->hook->url,
                status ? "status" : "no answer", status);
    }

    return mdd_change(t->d, taken, &o) == MDD_OK && o.next == 0;
}


/* what is for nobody that the configuration still has */

static int
forget(mdd_tx_t *tx, void *data)
{
    size_t             i;
    int64_t            id = 0;
    char               target[1024];
    mdd_st_t          *st;
    const mdd_conf_t  *c = tx->d->conf;

    (void) data;

    for ( ;; ) {
        st = mdd_query(tx->db, MDD_SQL_OUTBOX_NEXT, "i", id);
        target[0] = '\0';

        if (mdd_step(st) == MDD_ROW) {
            id = mdd_int(st, 0);
            snprintf(target, sizeof(target), "%s", mdd_text(st, 1));
        }

        if (mdd_end(st) != MDD_OK) {
            return MDD_FAILED;
        }

        if (target[0] == '\0') {
            return MDD_OK;
        }

        for (i = 0; i < c->nwebhooks
                    && strcmp(c->webhooks[i].url, target) != 0; i++)
        {
            /* void */
        }

        if (i == c->nwebhooks
            && mdd_run(tx->db, MDD_SQL_OUTBOX_FORGET, "s", target) < 0)
        {
            return MDD_FAILED;
        }
    }
}


/* Alertmanager, API v2 */

static void
time_text(char *out, size_t size, int64_t ms)
{
    time_t     t = (time_t) (ms / 1000);
    struct tm  tm;

    gmtime_r(&t, &tm);
    strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
}


static void
alert(mdd_buf_t *b, mdd_t *d, const mdd_alarm_t *a, int ends)
{
    char        began[32], until[32];
    int64_t     now = mdd_now(d);
    mdd_buf_t   zh = { 0 }, en = { 0 }, link = { 0 };
    const char *url = d->conf->alarm_url;

    time_text(began, sizeof(began), a->began);
    time_text(until, sizeof(until), !ends ? now + STANDS_MS
                                    : a->ended ? a->ended : now);
    mdd_alarm_text(&zh, 1, a);
    mdd_alarm_text(&en, 0, a);

    mdd_buf_fmt(b, "%s{\"labels\":{\"alertname\":\"Moderation%c%s\","
                "\"kind\":\"%s\",\"severity\":\"%s\",\"node\":\"%s\","
                "\"what\":", b->n > 1 ? "," : "", a->kind[0] - 32,
                a->kind + 1, a->kind,
                strcmp(a->level, "high") == 0 ? "critical"
                : strcmp(a->level, "medium") == 0 ? "warning" : "info",
                d->conf->node);
    mdd_buf_json(b, a->what, strlen(a->what));
    mdd_buf_str(b, "},\"annotations\":{\"summary\":");
    mdd_buf_json(b, en.p ? en.p : "", en.n);
    mdd_buf_str(b, ",\"summary_zh\":");
    mdd_buf_json(b, zh.p ? zh.p : "", zh.n);
    mdd_buf_fmt(b, "},\"startsAt\":\"%s\",\"endsAt\":\"%s\"", began, until);

    if (url) {
        mdd_buf_fmt(&link, "%s/alarms", url);
        mdd_buf_str(b, ",\"generatorURL\":");
        mdd_buf_json(b, link.p ? link.p : "", link.n);
        mdd_buf_free(&link);
    }

    mdd_buf_str(b, "}");
    mdd_buf_free(&zh);
    mdd_buf_free(&en);
}


/* body, and a number that changes with what stands */

static uint64_t
alerts(mdd_t *d, mdd_db_t *db, mdd_buf_t *b)
{
    int          n = 0, i, muted;
    int64_t      now = mdd_now(d);
    uint64_t     stamp = 1;
    mdd_st_t    *st;
    mdd_alarm_t *list = calloc(ALARMS_MAX, sizeof(mdd_alarm_t));

    if (list == NULL) {
        return 0;
    }

    st = mdd_query(db, MDD_SQL_ALARM_OPEN, "i", now);
    while (n < ALARMS_MAX && mdd_step(st) == MDD_ROW) {
        mdd_alarm_row(st, &list[n++]);
    }
    (void) mdd_end(st);

    st = mdd_query(db, MDD_SQL_ALARM_ENDED, "iii", now, now - RESOLVED_MS,
                   (int64_t) 200);
    while (n < ALARMS_MAX && mdd_step(st) == MDD_ROW) {
        mdd_alarm_row(st, &list[n++]);
    }
    (void) mdd_end(st);

    mdd_buf_str(b, "[");

    for (i = 0; i < n; i++) {
        muted = mdd_alarm_muted(d->conf, &list[i]);
        stamp = stamp * 1000003 + (uint64_t) list[i].id * 4
                + (uint64_t) (muted * 2 + (list[i].ended != 0));
        alert(b, d, &list[i], list[i].ended != 0 || muted);
    }

    mdd_buf_str(b, "]");
    free(list);

    return b->bad ? 0 : stamp;
}


static void
alertmanager(target_t *t, mdd_db_t *db)
{
    char                url[1024];
    long                status;
    int64_t             now = mdd_clock_ms();
    uint64_t            stamp;
    mdd_buf_t           b = { 0 };
    answer_t            a;
    struct curl_slist  *f;

    stamp = alerts(t->d, db, &b);

    /* not told: again in two seconds */
    if (stamp && b.n > 2
        && ((t->told != stamp && now > t->at + 2000) || now > t->at + AGAIN_MS))
    {
        f = curl_slist_append(NULL, "Content-Type: application/json");
        snprintf(url, sizeof(url), "%s/api/v2/alerts", t->manager);
        status = post(url, f, b.p, b.n, &a);
        curl_slist_free_all(f);

        if (status != 200 && !t->failed && !sender.stop) {
            mdd_say(MDD_WARN, "alertmanager %s: %s %ld", t->manager,
                    status ? "status" : "no answer", status);
        }

        t->failed = status != 200;
        t->told = t->failed ? 0 : stamp;
        t->at = now;
    }

    mdd_buf_free(&b);
}


static void *
run(void *data)
{
    int        i;
    char       err[256];
    target_t  *t = data;
    mdd_db_t  *db;

    db = mdd_db_open(t->d->conf->store, 0, 1, err, sizeof(err));

    if (db == NULL) {
        mdd_say(MDD_ERR, "store: %s", err);
        return NULL;
    }

    /* the writer begins after this */

    while (t == sender.list && !sender.stop
           && mdd_change(t->d, forget, NULL) != MDD_OK)
    {
        usleep(100000);
    }

    while (!sender.stop) {
        if (t->hook == NULL) {
            alertmanager(t, db);

        } else if (webhook(t, db)) {
            continue;
        }

        for (i = 0; i < 5 && !sender.stop; i++) {
            usleep(100000);
        }
    }

    mdd_db_close(db);

    return NULL;
}


int
mdd_send_start(mdd_t *d)
{
    size_t             i, n;
    target_t          *t;
    const mdd_conf_t  *c = d->conf;

    n = c->nwebhooks + c->nalertmanagers;
    if (n == 0) {
        return MDD_OK;
    }

    sender.list = calloc(n, sizeof(target_t));
    if (sender.list == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
        return MDD_FAILED;
    }

    for (i = 0; i < n; i++) {
        t = &sender.list[i];
        t->d = d;
        t->hook = i < c->nwebhooks ? &c->webhooks[i] : NULL;
        t->manager = t->hook ? NULL : c->alertmanagers[i - c->nwebhooks];

        if (pthread_create(&t->thread, NULL, run, t) != 0) {
            return MDD_FAILED;
        }
        sender.n++;
    }

    return MDD_OK;
}


void
mdd_send_stop(void)
{
    sender.stop = 1;

    while (sender.n > 0) {
        pthread_join(sender.list[--sender.n].thread, NULL);
    }

    if (sender.list) {
        curl_global_cleanup();
        free(sender.list);
        sender.list = NULL;
    }
}
