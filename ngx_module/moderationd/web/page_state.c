/* page_state.c - state of queue and record in the head of every screen */

#include "api.h"
#include "moderationd/desk/desk.h"
#include "page.h"


void
mdd_page_state(mdd_web_t *w)
{
    char        error[256];
    size_t      i;
    json_t     *row;
    int64_t     lost, late, waiting = 0;
    mdd_buf_t  *b = &w->out->body;

    late = mdd_get_late(w);

    json_array_foreach(mdd_get_counts(w), i, row) {
        waiting += json_integer_value(json_array_get(row, 2));
    }

    if (late) {
        mdd_html_f(b, "<span class=\"pill bad\">%s %lld</span>",
                   T(w, "逾期", "late"), (long long) late);
    }

    mdd_html_f(b, "<span class=\"pill\">%s %lld</span>",
               T(w, "待审", "waiting"), (long long) waiting);

    if (w->who.roles & (MDD_REVIEWER|MDD_LEAD)) {
        int64_t  n = mdd_one(w->db, 0, MDD_SQL_CASE_COUNT, "");

        if (n) {
            mdd_html_f(b, "<a class=\"pill\" href=\"/moderation/cases\">%s "
                       "%lld</a>", T(w, "举报", "reports"), (long long) n);
        }
    }

    if (!mdd_tables_live()) {
        mdd_html_f(b, "<span class=\"pill bad\">%s</span>",
                   T(w, "放行表未写", "verdicts not written"));
    }

    if (mdd_writer_failing(w->d, error, sizeof(error))) {
        mdd_html_f(b, "<span class=\"pill bad\">%s</span>",
                   T(w, "无法写入", "nothing can be written"));
    }

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
    mdd_field(w, "Location", w->who.roles & (MDD_REVIEWER|MDD_LEAD|MDD_TRAINEE)
              ? "/moderation/queue" : "/moderation/decisions");
}
