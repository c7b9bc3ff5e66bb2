/*
 * desk_line.c - a line of the record on its way to the desk: what a card needs
 * of it.
 */

#include "desk.h"
#include "moderationd/ingest/lines.h"
#include "moderationd/account/near.h"
#include "moderationd/report/notice.h"

#include <string.h>


int
mdd_desk_line(mdd_tx_t *tx, const mdd_line_t *l)
{
    int                n;
    char               id[32], mode[16], slot[136], host[256], action[16];
    char               reason[24], review[16], item[40], account[40];
    char               print[40], label[72] = "", rule[136] = "";
    mdd_seen_t         s = { 0 };
    mdd_json_t         list[1], m[8];
    const mdd_json_t  *v;

    s.kind = l->name;
    s.id = mdd_line_text(l, "id", id, sizeof(id));
    s.mode = mdd_line_text(l, "mode", mode, sizeof(mode));
    s.slot = mdd_line_text(l, "slot", slot, sizeof(slot));
    s.host = mdd_line_text(l, "host", host, sizeof(host));
    s.action = mdd_line_text(l, "action", action, sizeof(action));
    s.reason = mdd_line_text(l, "reason", reason, sizeof(reason));
    s.review = mdd_line_text(l, "review", review, sizeof(review));
    s.item = mdd_line_text(l, "item", item, sizeof(item));
    s.account = mdd_line_text(l, "account", account, sizeof(account));
    s.fingerprint = mdd_line_text(l, "fingerprint", print, sizeof(print));

    v = mdd_json_get(l->m, l->n, "rules");

    if (v && mdd_json_elements(v->val, v->n, list, 1) >= 1) {
        n = mdd_json_members(list[0].val, list[0].n, m, 8);

        if (n > 0) {
            mdd_json_text(mdd_json_get(m, n, "id"), rule, sizeof(rule));
            mdd_json_text(mdd_json_get(m, n, "label"), label, sizeof(label));
        }
    }

    /* in a string the quotes of these bytes would be escaped */

    v = mdd_json_get(l->m, l->n, "private");
    s.cut = v && memmem(v->val, v->n, "\"cut\":true", 10) != NULL;

    /* and of one that changes all the time no texts are there to be seen */

    v = mdd_json_get(l->m, l->n, "flapping");
    s.cut |= v != NULL && v->kind == 't';
    s.label = label;
    s.rule = rule;
    s.near = mdd_near_line(tx, l, s.account);
    s.log = tx->log;
    s.leaf = tx->leaf;
    s.line = l;

    return mdd_notice_line(tx, &s) == MDD_OK ? mdd_desk_seen(tx, &s)
                                             : MDD_FAILED;
}
