/*
 * desk_line.c - a line of the record on its way to the desk: what a card needs
 * of it.
 */

#include "desk.h"
#include "lines.h"

#include <string.h>


static const char *
text(const mdd_line_t *l, const char *name, char *buf, size_t size)
{
    const mdd_json_t  *v = mdd_json_get(l->m, l->n, name);

    if (v == NULL || mdd_json_text(v, buf, size) < 0) {
        buf[0] = '\0';
    }

    return buf;
}


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
    s.id = text(l, "id", id, sizeof(id));
    s.mode = text(l, "mode", mode, sizeof(mode));
    s.slot = text(l, "slot", slot, sizeof(slot));
    s.host = text(l, "host", host, sizeof(host));
    s.action = text(l, "action", action, sizeof(action));
    s.reason = text(l, "reason", reason, sizeof(reason));
    s.review = text(l, "review", review, sizeof(review));
    s.item = text(l, "item", item, sizeof(item));
    s.account = text(l, "account", account, sizeof(account));
    s.fingerprint = text(l, "fingerprint", print, sizeof(print));

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
    s.label = label;
    s.rule = rule;
    s.log = tx->log;
    s.leaf = tx->leaf;

    return mdd_desk_seen(tx, &s);
}
