/*
 * alarm.c - alarms begin and end; what else is one than floods and silence.
 *
 * An alarm is a state: it stands as long as what it says is so, and whoever
 * acknowledges it says that he has seen it, no more.  Begin, end and
 * acknowledgement are leaves.
 */

#include "alarm.h"
#include "moderationd/web/api.h"
#include "moderationd/desk/desk.h"
#include "moderationd/log/did.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_MS      86400000ll
#define HOUR_MS     3600000ll
#define DUTY_MS     600000              /* seen in this time: on duty         */
#define SILENT_MS   300000
#define FOUND_MS    1200000             /* workers say counts every 10 min    */
#define EXPIRES     14                  /* days                               */
#define FLOOR_MS    900000
#define WAITS_MS    600000              /* a webhook that nobody takes        */
#define KEEP_MS     (400 * DAY_MS)
#define STATES_MAX  256

/* what is so now, of the kinds that are no events */
typedef struct {
    char     kind[12], what[180], level[8], detail[200];
    int64_t  n;
} state_t;

static struct {
    state_t  list[STATES_MAX];
    int      n;
} now_so;

/* on the writer: events that the transaction of the last call has had */
static size_t  taken;


static void
put(char *out, size_t size, const char *s)
{
    snprintf(out, size, "%s", s);
}


void
mdd_alarm_row(mdd_st_t *st, mdd_alarm_t *a)
{
    a->id = mdd_int(st, 0);
    put(a->key, sizeof(a->key), mdd_text(st, 1));
    put(a->kind, sizeof(a->kind), mdd_text(st, 2));
    put(a->what, sizeof(a->what), mdd_text(st, 3));
    put(a->level, sizeof(a->level), mdd_text(st, 4));
    a->n = mdd_int(st, 5);
    a->expected = mdd_int(st, 6);
    a->began = mdd_int(st, 7);
    a->ended = mdd_int(st, 8);
    put(a->person, sizeof(a->person), mdd_text(st, 9));
    a->at = mdd_int(st, 10);
    put(a->detail, sizeof(a->detail), mdd_text(st, 11));
    a->muted = mdd_int(st, 12);
}


int
mdd_alarm_muted(const mdd_conf_t *conf, const mdd_alarm_t *a)
{
    size_t  i;

    for (i = 0; i < conf->nmute; i++) {
        if (fnmatch(conf->mute[i], a->key, 0) == 0) {
            return 1;
        }
    }

    return a->muted != 0;
}


static int
event(mdd_tx_t *tx, const mdd_alarm_t *a, const char *state)
{
    return mdd_desk_event(tx, "alarm", json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "alarm",
        (json_int_t) a->id, "key", a->key, "kind", a->kind, "what", a->what,
        "level", a->level, "state", state, "n", (json_int_t) a->n, "expected",
        (json_int_t) a->expected, "began", (json_int_t) a->began, "ended",
        (json_int_t) a->ended), NULL);
}


static int
begin(mdd_tx_t *tx, const char *kind, const char *what, const char *level,
    int64_t n, int64_t expected, int64_t began, const char *detail)
{
    int          rc;
    char         key[200];
    int64_t      id = 0, had = 0;
    mdd_st_t    *st;
    mdd_alarm_t  a = { 0 };

    snprintf(key, sizeof(key), "%s/%s", kind, what);
    st = mdd_query(tx->db, MDD_SQL_ALARM_OF, "s", key);

    if (mdd_step(st) == MDD_ROW) {
        id = mdd_int(st, 0);
        had = mdd_int(st, 1) == n && strcmp(mdd_text(st, 2), level) == 0
              && strcmp(mdd_text(st, 3), detail) == 0;
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    if (id) {
        return had || mdd_run(tx->db, MDD_SQL_ALARM_NOW, "issi", n, level,
                              detail, id) == 1 ? MDD_OK : MDD_FAILED;
    }

    a.id = mdd_counter(tx, "alarm");
    a.n = n;
    a.expected = expected;
    a.began = began;
    put(a.key, sizeof(a.key), key);
    put(a.kind, sizeof(a.kind), kind);
    put(a.what, sizeof(a.what), what);
    put(a.level, sizeof(a.level), level);
    rc = a.id < 0 || mdd_put(tx, MDD_SQL_ALARM_ADD, "issssiiis", a.id,
                             key, kind, what, level, n, expected, began,
                             detail) != 1
         ? MDD_FAILED : event(tx, &a, "begins");

    if (rc == MDD_OK) {
        mdd_say(MDD_WARN, "alarm: %s, %s: %lld", key, level, (long long) n);
    }

    return rc;
}


static int
end(mdd_tx_t *tx, mdd_alarm_t *a)
{
    a->ended = tx->now;

    /* what it was at the last look, which no leaf has said */

    return mdd_put(tx, MDD_SQL_ALARM_NOW, "issi", a->n, a->level, a->detail,
                   a->id) == 1
           && mdd_put(tx, MDD_SQL_ALARM_END, "ii", tx->now, a->id) == 1
           ? event(tx, a, "ends") : MDD_FAILED;
}


/* the alarms that stand; at most n */

static int
standing(mdd_tx_t *tx, mdd_alarm_t *list, int n)
{
    int        i = 0;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_ALARM_OPEN, "i", tx->now);

    while (i < n && mdd_step(st) == MDD_ROW) {
        mdd_alarm_row(st, &list[i++]);
    }

    return mdd_end(st) == MDD_OK ? i : -1;
}


/* floods and silence */

static int
counted(mdd_tx_t *tx)
{
    int                       rc = MDD_OK;
    char                      key[200];
    size_t                    i, n;
    mdd_st_t                 *st;
    mdd_alarm_t               a;
    const char               *kind, *level;
    const mdd_burst_event_t  *e;

    if (taken) {
        mdd_feed_drop(taken);
        taken = 0;
    }

    e = mdd_feed_events(tx, &n);

    for (i = 0; i < n && rc == MDD_OK; i++) {
        kind = e[i].what == MDD_FLOOD_ON || e[i].what == MDD_FLOOD_OFF
               ? "flood" : "quiet";
        level = strncmp(e[i].key, "rule:", 5) == 0 && *kind == 'q' ? "low"
                                                                   : "high";

        if (e[i].what == MDD_FLOOD_ON || e[i].what == MDD_QUIET_ON) {
            rc = begin(tx, kind, e[i].key, level, e[i].what == MDD_FLOOD_ON
                       ? (int64_t) e[i].n
                       : (e[i].time - e[i].began) / 1000,
                       (int64_t) (e[i].expected + 0.5), e[i].began, "");
            continue;
        }

        snprintf(key, sizeof(key), "%s/%s", kind, e[i].key);
        memset(&a, 0, sizeof(a));
        st = mdd_query(tx->db, MDD_SQL_ALARM_OF, "s", key);
        a.id = mdd_step(st) == MDD_ROW ? mdd_int(st, 0) : 0;
        mdd_end(st);

        if (a.id) {
            st = mdd_query(tx->db, MDD_SQL_ALARM_GET, "ii", tx->now, a.id);
            if (mdd_step(st) == MDD_ROW) {
                mdd_alarm_row(st, &a);
            }
            rc = mdd_end(st) == MDD_OK ? end(tx, &a) : MDD_FAILED;
        }
    }

    taken = rc == MDD_OK ? n : 0;

    return rc;
}


static void
say(const char *kind, const char *what, const char *level, int64_t n,
    const char *detail)
{
    state_t  *s = &now_so.list[now_so.n];

    if (n > 0 && now_so.n < STATES_MAX) {
        put(s->kind, sizeof(s->kind), kind);
        put(s->what, sizeof(s->what), what);
        put(s->level, sizeof(s->level), level);
        put(s->detail, sizeof(s->detail), detail);
        s->n = n;
        now_so.n++;
    }
}


static void
so(const char *kind, const char *what, const char *level, int64_t n)
{
    say(kind, what, level, n, "");
}


/* slots that hold nothing for review, as it is not known yet whether a release
 * would last there */

static void
unstable(mdd_tx_t *tx)
{
    int         much;
    char        what[180];
    size_t      i;
    json_t     *all, *u;
    int64_t     kept, changed;
    mdd_web_t   w;

    memset(&w, 0, sizeof(w));
    w.d = tx->d;
    w.db = tx->db;
    w.now = tx->now;
    w.who.roles = MDD_LEAD;
    all = mdd_get_unstable(&w);

    json_array_foreach(all, i, u) {
        kept = mdd_num(u, "kept");
        changed = mdd_num(u, "changed");
        much = changed * 100 > kept + changed;
        snprintf(what, sizeof(what), "unstable:%s", mdd_str(u, "slot"));
        say("lost", what, much ? "high" : "medium", 1 + changed,
            much ? mdd_str(u, "fields") : "");
    }

    json_decref(all);
}


/* rules that will run in shadow soon, by the day */

static void
expiring(mdd_tx_t *tx)
{
    char               what[180];
    size_t             i, k;
    int64_t            left;
    struct tm          tm;
    const mdd_book_t  *book;

    for (i = 0; i < tx->d->conf->nsites; i++) {
        book = mdd_book(tx->d->conf->sites[i].name);

        for (k = 0; book && k < book->nrules; k++) {
            memset(&tm, 0, sizeof(tm));

            if (book->rules[k].expires == NULL
                || strptime(book->rules[k].expires, "%Y-%m-%d", &tm) == NULL)
            {
                continue;
            }

            left = ((int64_t) timegm(&tm) * 1000 + DAY_MS - tx->now) / DAY_MS;

            if (left < EXPIRES && left > -EXPIRES) {
                snprintf(what, sizeof(what), "expires:%s", book->rules[k].id);
                so("overdue", what, left < 3 ? "medium" : "low",
                   left > 0 ? left : 1);
            }
        }

        mdd_book_leave(book);
    }
}


/* of pages: the first is one too many, so it begins with that, and ends once
 * workers have counted none for longer than they wait before they say it */

static void
page_found(mdd_tx_t *tx)
{
    char       what[180];
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_PAGE_FOUND, "i", tx->now - FOUND_MS);

    while (mdd_step(st) == MDD_ROW) {
        snprintf(what, sizeof(what), "page:%s", mdd_text(st, 0));
        say("flood", what, "high", mdd_int(st, 2), mdd_text(st, 1));
    }

    (void) mdd_end(st);
}


/* slots that show cards whose release has run out; workers count them every
 * ten minutes */

static void
floors(mdd_tx_t *tx)
{
    char       what[180];
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_FLOOR_SHOWN, "i", tx->now - FLOOR_MS);

    while (mdd_step(st) == MDD_ROW) {
        snprintf(what, sizeof(what), "floor:%s", mdd_text(st, 0));
        so("overdue", what, "high", mdd_int(st, 1));
    }

    (void) mdd_end(st);
}


static void
collect(mdd_tx_t *tx)
{
    int64_t    waiting = 0, last, n;
    mdd_st_t  *st;

    now_so.n = 0;
    n = mdd_one(tx->db, 0, MDD_SQL_LOST_SINCE, "i", tx->now - HOUR_MS);
    last = mdd_one(tx->db, 0, MDD_SQL_LOST_COUNTED, "i",
                   tx->now - 2 * HOUR_MS);
    so("lost", "record", "high", n > last ? n : last);
    so("lost", "verdicts", "high", !mdd_tables_live());
    so("overdue", "cards", "medium",
       mdd_one(tx->db, 0, MDD_SQL_QUEUE_LATE, "i", tx->now));
    so("overdue", "cases", "medium",
       mdd_one(tx->db, 0, MDD_SQL_CASE_LATE, "i", tx->now));
    so("overdue", "orders", "medium",
       mdd_one(tx->db, 0, MDD_SQL_ORDER_UNCONFIRMED, "i", tx->now));
    so("lost", "covers", "medium", mdd_one(tx->db, 0, MDD_SQL_COVER_FAILED,
                                           ""));
    so("overdue", "covers", "medium",
       mdd_one(tx->db, 0, MDD_SQL_COVER_LATE, "i", tx->now - WAITS_MS));
    so("overdue", "webhooks", "medium",
       mdd_one(tx->db, 0, MDD_SQL_OUTBOX_OLD, "i", tx->now - WAITS_MS));
    floors(tx);
    expiring(tx);
    unstable(tx);
    page_found(tx);

    st = mdd_query(tx->db, MDD_SQL_QUEUE_COUNTS, "");
    while (mdd_step(st) == MDD_ROW) {
        waiting += mdd_int(st, 2);
    }
    (void) mdd_end(st);

    if (waiting && mdd_one(tx->db, 0, MDD_SQL_PERSON_PRESENT, "i",
                           tx->now - DUTY_MS) == 0)
    {
        so("nobody", "desk", "high", waiting);
    }

    st = mdd_query(tx->db, MDD_SQL_WEB_PLACES, "");
    last = mdd_step(st) == MDD_ROW ? mdd_int(st, 0) : 0;
    (void) mdd_end(st);

    if (last && tx->now - last > SILENT_MS) {
        so("quiet", "record", "medium", (tx->now - last) / 1000);
    }
}


/* is it one that only `collect` says? */

static int
is_state(const mdd_alarm_t *a)
{
    return strncmp(a->what, "page:", 5) == 0
           || (strcmp(a->kind, "flood") != 0
               && (strcmp(a->kind, "quiet") != 0
                   || strcmp(a->what, "record") == 0));
}


static int
states(mdd_tx_t *tx)
{
    int          i, k, n;
    state_t     *s;
    mdd_alarm_t  list[STATES_MAX];

    collect(tx);

    for (i = 0; i < now_so.n; i++) {
        s = &now_so.list[i];

        if (begin(tx, s->kind, s->what, s->level, s->n, 0, tx->now, s->detail)
            != MDD_OK)
        {
            return MDD_FAILED;
        }
    }

    n = standing(tx, list, STATES_MAX);

    for (i = 0; i < n; i++) {
        if (!is_state(&list[i])) {
            continue;
        }

        for (k = 0; k < now_so.n; k++) {
            if (strcmp(now_so.list[k].kind, list[i].kind) == 0
                && strcmp(now_so.list[k].what, list[i].what) == 0)
            {
                break;
            }
        }

        /* silence of the record that the counters told ends with them */
        if (k == now_so.n && list[i].expected == 0
            && end(tx, &list[i]) != MDD_OK)
        {
            return MDD_FAILED;
        }
    }

    return n < 0 ? MDD_FAILED : MDD_OK;
}


/* alarms of counters that stood when the daemon ended: five minutes later it
 * is known again whether they still do */

static int
left_over(mdd_tx_t *tx)
{
    int             i, n;
    mdd_alarm_t     list[STATES_MAX];
    static int64_t  begun;

    if (begun == 0) {
        begun = tx->now;
    }

    if (begun < 0 || tx->now < begun + 300000) {
        return MDD_OK;
    }

    n = standing(tx, list, STATES_MAX);

    for (i = 0; i < n; i++) {
        if (!is_state(&list[i])
            && !mdd_feed_stands(list[i].kind, list[i].what)
            && end(tx, &list[i]) != MDD_OK)
        {
            return MDD_FAILED;
        }
    }

    begun = -1;

    return MDD_OK;
}


static int
look(mdd_tx_t *tx, void *data)
{
    int  rc, *full = data;

    rc = counted(tx);

    if (rc == MDD_OK) {
        rc = left_over(tx);
    }

    if (rc == MDD_OK && *full) {
        rc = states(tx);
    }

    if (rc == MDD_OK && *full) {
        rc = mdd_feed_save(tx);
    }

    return rc;
}


/* the change may not have committed: then its events are told again.  The
 * writer alone reads and writes `taken`, a change is over when this returns */

void
mdd_alarm_look(mdd_t *d)
{
    int         full;
    static int  rounds;

    full = rounds++ % 2 == 0;

    if (mdd_change(d, look, &full) != MDD_OK) {
        taken = 0;
    }
}
