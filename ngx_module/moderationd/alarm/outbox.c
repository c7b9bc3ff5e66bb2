/*
 * outbox.c - webhooks, queued in the store in the transaction of what they
 * tell: what is committed will be sent, what was undone never was.
 *
 * The body of each, exactly:
 *
 *     {"id":7,"node":"web-07","type":"alarm","time":1796000000000,
 *      "event":{...}}
 *
 * id grows; event: the public half of the leaf, as the ledger has it.  A
 * notice has more beside it, which is in no leaf (notice.c).
 */

#include "alarm.h"
#include "moderationd/desk/desk.h"

#include <stdlib.h>
#include <string.h>


static int
wants(const mdd_webhook_t *h, const char *type)
{
    size_t  i;

    for (i = 0; i < h->ntypes; i++) {
        if (strcmp(h->types[i], type) == 0) {
            return 1;
        }
    }

    return 0;
}


/* event, more: JSON of an object; more: members in front of the end, or "" */

static int
queue(mdd_tx_t *tx, const char *type, const char *event, size_t n,
    const char *more)
{
    int               rc = MDD_OK;
    size_t            i;
    int64_t           id;
    mdd_buf_t         b;
    const mdd_conf_t *c = tx->d->conf;

    for (i = 0; i < c->nwebhooks && rc == MDD_OK; i++) {
        if (!wants(&c->webhooks[i], type)) {
            continue;
        }

        id = mdd_counter(tx, "outbox");
        memset(&b, 0, sizeof(b));
        mdd_buf_fmt(&b, "{\"id\":%lld,\"node\":\"%s\",\"type\":\"%s\","
                    "\"time\":%lld,\"event\":", (long long) id, c->node,
                    type, (long long) tx->now);
        mdd_buf_add(&b, event, n);
        mdd_buf_str(&b, more);
        mdd_buf_str(&b, "}");

        rc = id < 0 || b.bad
             || mdd_run(tx->db, MDD_SQL_OUTBOX_ADD, "issti", id,
                        c->webhooks[i].url, type, b.p, b.n, tx->now) != 1
             ? MDD_FAILED : MDD_OK;
        mdd_buf_free(&b);
    }

    return rc;
}


int
mdd_outbox_event(mdd_tx_t *tx, const char *type, const char *pub, size_t n)
{
    /* a notice is told with more than its leaf has */
    return strcmp(type, "notice") == 0 ? MDD_OK
                                       : queue(tx, type, pub, n, "");
}


int
mdd_outbox_put(mdd_tx_t *tx, const char *type, json_t *event, json_t *extra)
{
    int    rc;
    char  *a, *b;

    a = json_dumps(event, JSON_COMPACT);
    b = extra ? json_dumps(extra, JSON_COMPACT) : NULL;

    if (b && b[0] == '{' && b[1] != '}') {
        b[0] = ',';
        b[strlen(b) - 1] = '\0';
    }

    rc = a ? queue(tx, type, a, strlen(a), b && *b == ',' ? b : "")
           : MDD_FAILED;
    free(a);
    free(b);
    json_decref(event);
    json_decref(extra);

    return rc;
}
