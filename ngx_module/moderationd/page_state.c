/* page_state.c - state of queue and record in the head of every screen */

#include "api.h"
#include "page.h"


void
mdd_page_state(mdd_web_t *w)
{
    int64_t     lost;
    mdd_buf_t  *b = &w->out->body;

    lost = mdd_one(w->db, 0, MDD_SQL_WEB_LOST, "");

    if (lost) {
        mdd_html_f(b, "<a class=\"pill bad\" href=\"/moderation/ledger\">%s "
                   "%lld</a>", T(w, "台账 丢失", "Ledger: lost"),
                   (long long) lost);

    } else {
        mdd_html_f(b, "<a class=\"pill good\" href=\"/moderation/ledger\">%s"
                   "</a>", T(w, "台账 完整", "Ledger: whole"));
    }
}


void
mdd_page_home(mdd_web_t *w)
{
    w->out->status = 303;
    mdd_field(w, "Location", "/moderation/decisions");
}
