/*
 * did.c - see did.h.
 *
 * A row that is noted is void where its change was undone: the writer, which
 * is the only one here, begins anew.
 */

#include "moderationd/desk/desk.h"
#include "did.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VALUES  32
#define MUCH    30000                   /* of the 64 KB of a leaf             */

/* names in leaves: a statement that takes other values gets another one */
static const struct {
    mdd_sql_t    sql;
    const char  *name;
} statements[] = {
#define R(sql, name)  { MDD_SQL_##sql, name }
    R(CARD_ADD, "card_add"), R(CARD_LAST, "card_last"),
    R(CARD_VERSION, "card_version"), R(CARD_STATE, "card_state"),
    R(CARD_AGAIN, "card_again"), R(VERSION_ADD, "version_add"),
    R(REVIEW_ADD, "review_add"), R(REVIEW_STATE, "review_state"),
    R(VERDICT_PUT, "verdict_put"), R(SESSION_OVER, "session_over"),
    R(SESSION_DONE, "session_done"), R(ORDER_ADD, "order_add"),
    R(ORDER_SITES, "order_sites"),
    R(ORDER_STATE, "order_state"), R(ORDER_CONFIRM, "order_confirm"),
    R(SWITCH_PUT, "switch_put"), R(SIGNATURE_ADD, "signature_add"),
    R(SIGNATURE_STATE, "signature_state"),
    R(SIGNATURE_LAPSE, "signature_lapse"), R(HANDOVER_ADD, "handover_add"),
    R(HANDOVER_TAKE, "handover_take"), R(ACCOUNT_PUT, "account_put"),
    R(ACCOUNT_PROPOSE, "account_propose"), R(ACCOUNT_WAS_ADD, "account_was"),
    R(STRIKE_ADD, "strike_add"), R(STRIKE_VOID, "strike_void"),
    R(STRIKE_MOVE, "strike_move"), R(NEAR_PUT, "near_put"),
    R(NEAR_DROP, "near_drop"), R(CASE_ADD, "case_add"),
    R(CASE_CLOSE, "case_close"), R(REPORT_ADD, "report_add"),
    R(NOTICE_ADD, "notice_add"), R(NOTICE_STATE, "notice_state"),
    R(NOTICE_SENT, "notice_sent"), R(NOTICE_TAKEN, "notice_taken"),
    R(ALARM_ADD, "alarm_add"), R(ALARM_NOW, "alarm_now"),
    R(ALARM_END, "alarm_end"), R(ALARM_ACK, "alarm_ack"),
    R(MUTE_PUT, "mute_put"), R(LOOK_CARD, "look_card"),
    R(LOOK_ADD, "look_add"), R(LOOK_SAID, "look_said"),
    R(GOLD_ADD, "gold_add"), R(GOLD_END, "gold_end"),
    R(GOLD_SAY, "gold_say"), R(HOLD_PUT, "hold_put"),
    R(HOLD_LIFT, "hold_lift"), R(BRAKED_PUT, "braked_put"), R(BRAKED_OVER, "braked_over"),
    R(BRAKED_NONE, "braked_none"), R(COVER_BASE, "cover_base"),
    R(COVER_CHANGED, "cover_changed"), R(COUNTER_SET, "counter_set"),
    R(ERASE_ACCOUNT, "erase_account"), R(ERASE_ITEM, "erase_item"),
    R(ERASE_LEAF, "erase_leaf"), R(ERASE_SIGNATURE, "erase_signature"),
    R(ERASE_NOTES, "erase_notes"), R(ERASE_ORDERS, "erase_orders"),
    R(ERASE_REPORTS, "erase_reports"), R(ERASE_CASES, "erase_cases"),
    R(ERASE_ACCOUNT_WHY, "erase_why"), R(ERASE_ACCOUNT_WAS, "erase_was"),
    R(ERASE_GOLD, "erase_gold"), R(ERASE_NOTICES, "erase_notices")
#undef R
};

#define N  (sizeof(statements) / sizeof(statements[0]))

static struct {
    json_t  *pub, *priv;                /* rows; priv: of the same numbers    */
    json_t  *counters;
    size_t   bytes;
    int      secrets;                   /* rows that priv has                 */
} did;


void
mdd_did_begin(void)
{
    json_decref(did.pub);
    json_decref(did.priv);
    json_decref(did.counters);
    memset(&did, 0, sizeof(did));
}


int
mdd_did_much(void)
{
    return did.bytes > MUCH;
}


void
mdd_did_counter(const char *name, int64_t value)
{
    if (strcmp(name, "claim") == 0) {
        return;                         /* claims end with the daemon         */
    }

    if (did.counters == NULL) {
        did.counters = json_object();
    }

    json_object_set_new(did.counters, name, json_integer(value));
}


/* what decides by itself is nobody whose name has to be kept */

static int
is_person(const char *name)
{
    static const char *const  words[] = {
        "", "default", "clock", "score", "rule", "local"
    };
    size_t  i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i], name) == 0) {
            return 0;
        }
    }

    return 1;
}


static json_t *
text(const char *s)
{
    json_t  *j = json_string(s ? s : "");

    return j ? j : json_string("");     /* cut within a character             */
}


/* a value as the public half has it */

static json_t *
shown(mdd_tx_t *tx, const mdd_val_t *v, char type)
{
    char  out[17];

    switch (type) {

    case 'i':
        return json_integer(v->i);

    case 'P':
        if (!is_person(v->s)) {
            return text(v->s);
        }
        return mdd_alias(tx, v->s, out) == MDD_OK ? text(out) : NULL;

    case 'S':
        return text("");

    default:
        return text(v->s);
    }
}


static int
note(mdd_tx_t *tx, const char *name, const char *types, const mdd_val_t *v,
    int n, int secret)
{
    int      i, more = secret;
    json_t  *pub, *priv, *value;

    if (did.pub == NULL) {
        did.pub = json_array();
        did.priv = json_array();
    }

    pub = json_array();
    priv = json_array();
    json_array_append_new(pub, json_string(name));
    json_array_append_new(priv, json_string(name));
    did.bytes += strlen(name) + 8;

    for (i = 0; i < n; i++) {
        more |= types[i] == 'S' || types[i] == 'P';
        json_array_append_new(priv, types[i] == 'i' ? json_integer(v[i].i)
                                                    : text(v[i].s));

        if (!secret) {
            value = shown(tx, &v[i], types[i]);
            did.bytes += value && json_is_string(value)
                         ? json_string_length(value) + 3 : 12;

            if (value == NULL || json_array_append_new(pub, value) != 0) {
                json_decref(pub);
                json_decref(priv);
                return MDD_FAILED;
            }
        }
    }

    did.secrets += more;

    if (secret) {
        json_decref(pub);
        pub = json_integer(0);
    }

    if (!more) {
        json_decref(priv);
        priv = json_integer(0);
    }

    return json_array_append_new(did.pub, pub) == 0
           && json_array_append_new(did.priv, priv) == 0 ? MDD_OK
                                                         : MDD_FAILED;
}


int64_t
mdd_put(mdd_tx_t *tx, mdd_sql_t sql, const char *types, ...)
{
    int        n, secret = types[0] == '!';
    size_t     i;
    va_list    ap;
    int64_t    changed;
    mdd_val_t  v[VALUES];

    va_start(ap, types);
    types += secret;

    for (n = 0; n < VALUES && types[n] != '\0'; n++) {
        v[n].s = NULL;

        if (types[n] == 'i') {
            v[n].i = va_arg(ap, int64_t);

        } else {
            v[n].s = va_arg(ap, const char *);
            v[n].s = v[n].s ? v[n].s : "";
        }
    }

    va_end(ap);

    for (i = 0; i < N && statements[i].sql != sql; i++) { /* void */ }

    if (i == N) {
        mdd_say(MDD_ERR, "store: a statement that no leaf knows");
        return MDD_FAILED;
    }

    changed = mdd_run_values(tx->db, sql, v, n);

    /* what changed nothing changes nothing when it is done again */

    return changed > 0 && note(tx, statements[i].name, types, v, n, secret)
                          != MDD_OK ? MDD_FAILED : changed;
}


int
mdd_did_take(mdd_tx_t *tx, char **pub, char **priv)
{
    json_t      *value;
    mdd_val_t    v[2];
    const char  *name;

    *pub = *priv = NULL;

    if (did.pub == NULL) {
        return MDD_OK;                  /* numbers alone are not worth it     */
    }

    json_object_foreach(did.counters, name, value) {
        v[0].s = name;
        v[1].s = NULL;
        v[1].i = json_integer_value(value);
        if (note(tx, "counter_set", "si", v, 2, 0) != MDD_OK) {
            return MDD_FAILED;
        }
    }

    *pub = json_dumps(did.pub, JSON_COMPACT);
    *priv = did.secrets ? json_dumps(did.priv, JSON_COMPACT) : NULL;
    value = *pub && (*priv || did.secrets == 0) ? NULL : did.pub;
    mdd_did_begin();

    if (value != NULL) {
        free(*pub);
        free(*priv);
        return MDD_FAILED;
    }

    return MDD_OK;
}


int
mdd_did_end(mdd_tx_t *tx)
{
    return did.pub ? mdd_event(tx, "rows", "{}", NULL) : MDD_OK;
}


/* one row, done again */

static int
again(mdd_tx_t *tx, const json_t *row)
{
    size_t        i, n = json_array_size(row);
    mdd_val_t     v[VALUES];
    const char   *name = json_string_value(json_array_get(row, 0));
    const json_t *j;

    if (name == NULL || n - 1 > VALUES) {
        return MDD_OK;
    }

    for (i = 1; i < n; i++) {
        j = json_array_get(row, i);
        v[i - 1].s = json_string_value(j);
        v[i - 1].i = json_integer_value(j);
    }

    for (i = 0; i < N && strcmp(statements[i].name, name) != 0; i++) { /* */ }

    return i == N
           || mdd_run_values(tx->db, statements[i].sql, v, (int) n - 1) >= 0
           ? MDD_OK : MDD_FAILED;
}


int
mdd_did_again(mdd_tx_t *tx, const char *p, size_t n, const char *priv)
{
    int      rc = MDD_OK;
    size_t   i;
    json_t  *rows, *row, *private, *whole;

    rows = json_loadb(p, n, 0, NULL);
    private = priv ? json_loads(priv, JSON_ALLOW_NUL, NULL) : NULL;

    json_array_foreach(rows, i, row) {
        whole = json_array_get(json_object_get(private, "did"), i);

        if (rc == MDD_OK) {
            rc = again(tx, json_is_array(whole) ? whole : row);
        }
    }

    json_decref(rows);
    json_decref(private);

    return rc;
}
