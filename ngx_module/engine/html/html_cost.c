/*
 * html_cost.c - what the texts of items inside one another may cost.
 *
 * A text of an item holds those of all items inside it, so cards that are not
 * closed would cost the square of the page, in bytes and in time.  The texts of
 * the items that are open may have cost_max bytes together (places in the
 * source included).  Where they have more, the outermost item is given up: it
 * is too large to be inspected, and its texts are forgotten.  The inner ones go
 * on.  What is counted does not depend on how the page was cut.
 */

#include "html_learn.h"


static void
give_up(mdr_html_t *h, mdr_live_t *l, uint64_t at)
{
    uint32_t        i, n;
    mdr_collect_t  *c;

    for (i = 0, n = 0; i < h->ncollects; i++) {
        c = &h->collects[i];

        if (c->item == l->item) {
            h->cost -= c->cost;
        } else {
            h->collects[n++] = *c;
        }
    }

    h->ncollects = n;
    h->cost -= l->cost;
    h->nleft -= l->left != 0;
    l->cost = 0;
    l->left = 0;
    l->spent = 1;

    mdr_sink_item_spent(h->sink, l->item, at);
}


void
mdr_html_give_up(mdr_html_t *h, uint64_t at)
{
    uint32_t  i;

    h->unusual++;
    mdr_html_did_odd(h);

    for (i = 0; i < h->nlive && h->cost > h->cost_max; i++) {
        if (!h->live[i].spent) {
            give_up(h, &h->live[i], at);
        }
    }
}
