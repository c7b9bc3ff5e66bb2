/*
 * route.c - every call, who may make it, and what answers: one table.
 *
 * A pattern is a path below /moderation/; * stands for one segment, which the
 * handler finds in w->seg.  POST changes something and must be meant; anything
 * else is GET (or HEAD, which nginx answers from it).
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"

#include <string.h>

#define ANY       0xffu
#define REVIEW    (MDD_REVIEWER|MDD_LEAD)
#define DESK      (MDD_REVIEWER|MDD_LEAD|MDD_TRAINEE)
#define LEAD      MDD_LEAD
#define AUDIT     (MDD_AUDITOR|MDD_INSPECTOR)
#define CASE      MDD_ONE_CASE
#define PUBLIC    0x100u

static const struct {
    char          method;               /* G or P                            */
    const char   *pattern;
    unsigned      roles;
    void        (*run)(mdd_web_t *w);
} routes[] = {
    { 'G', "static/*", ANY|CASE, mdd_page_static },
    { 'G', "v1/session", ANY|CASE, mdd_api_session },
    { 'P', "v1/session/language", ANY|CASE, mdd_api_language },
    { 'G', "v1/health", ANY, mdd_api_health },
    { 'G', "v1/status", ANY, mdd_api_status },
    { 'G', "v1/decisions", ANY|CASE, mdd_api_decisions },
    { 'G', "v1/decisions/*", ANY|CASE, mdd_api_decision },
    { 'G', "v1/decisions/*/proof", AUDIT|CASE, mdd_api_proof },
    { 'G', "v1/decisions/*/code", LEAD, mdd_api_code },
    { 'G', "v1/decisions/*/statement", ANY|CASE, mdd_api_statement },
    { 'P', "v1/export", AUDIT|LEAD|CASE, mdd_api_export },
    { 'P', "v1/export/case", LEAD, mdd_api_export_case },
    { 'P', "v1/decisions/*/handled", REVIEW, mdd_api_handled },
    { 'G', "v1/report", ANY, mdd_api_period },
    { 'P', "v1/report/text", LEAD, mdd_api_period_text },
    { 'P', "v1/report/file", LEAD, mdd_api_period_file },
    { 'G', "reports", ANY, mdd_page_periods },
    { 'G', "v1/events", ANY, mdd_api_events },
    { 'G', "ledger/*/*", ANY, mdd_api_log },
    { 'G', "ledger/*/*/*/*", ANY, mdd_api_log },
    { 'G', "ledger/*/*/*/*/*", ANY, mdd_api_log },
    { 'G', "ledger/*/*/*/*/*/*", ANY, mdd_api_log },
    { 'G', "ledger/*/*/*/*/*/*/*", ANY, mdd_api_log },
    { 'G', "v1/alarms", ANY, mdd_api_alarms },
    { 'P', "v1/alarms/*/ack", ANY, mdd_api_ack },
    { 'G', "rules", ANY, mdd_page_rulebook },
    { 'G', "alarms", ANY, mdd_page_alarms },
    { 'G', "v1/cases", DESK|CASE, mdd_api_cases },
    { 'G', "v1/teams", DESK, mdd_api_teams },
    { 'G', "teams", DESK, mdd_page_teams },
    { 'P', "v1/reports/import", REVIEW, mdd_api_partner },
    { 'P', "v1/cases/*/outcome", REVIEW, mdd_api_outcome },
    { 'G', "public/report", PUBLIC, mdd_public_form },
    { 'P', "public/report", PUBLIC, mdd_public_report },
    { 'G', "public/report/*", PUBLIC, mdd_public_status },
    { 'G', "public/reason/*", PUBLIC, mdd_public_reason },
    { 'P', "public/appeal", PUBLIC, mdd_public_appeal },
    { 'G', "public/static/*", PUBLIC, mdd_page_static },
    { 'G', "v1/queue", DESK, mdd_api_queue },
    { 'P', "v1/queue/next", DESK, mdd_api_next },
    { 'P', "v1/cards/bulk", REVIEW, mdd_api_bulk },
    { 'P', "v1/cards/assign", LEAD, mdd_api_assign },
    { 'G', "v1/cards/*", DESK, mdd_api_card },
    { 'G', "v1/cards/*/preview", DESK, mdd_page_preview },
    { 'P', "v1/cards/*/claim", DESK, mdd_api_claim },
    { 'P', "v1/cards/*/heartbeat", DESK, mdd_api_claim },
    { 'P', "v1/cards/*/drop", DESK, mdd_api_claim },
    { 'P', "v1/cards/*/decide", DESK, mdd_api_decide },
    { 'G', "v1/queue/forecast", DESK, mdd_api_forecast },
    { 'G', "v1/calibration", DESK, mdd_api_calibration },
    { 'P', "v1/calibration", LEAD, mdd_api_gold },
    { 'P', "v1/calibration/*/judge", DESK, mdd_api_judge },
    { 'P', "v1/calibration/*/end", LEAD, mdd_api_gold_end },
    { 'G', "calibration", DESK, mdd_page_calibration },
    { 'P', "v1/reviews/*/undo", DESK, mdd_api_undo },
    { 'P', "v1/rollback", LEAD, mdd_api_rollback },
    { 'P', "v1/adopt", LEAD, mdd_api_adopt },
    { 'G', "v1/accounts", ANY, mdd_api_accounts },
    { 'G', "v1/whatif", ANY, mdd_api_whatif },
    { 'G', "whatif", ANY, mdd_page_whatif },
    { 'G', "v1/accounts/*", ANY, mdd_api_account },
    { 'P', "v1/accounts/*/state", LEAD, mdd_api_account_state },
    { 'P', "v1/strikes/*/void", LEAD, mdd_api_strike_void },
    { 'P', "v1/erase", MDD_ADMIN, mdd_api_erase },
    { 'P', "v1/import", LEAD, mdd_api_import },
    { 'G', "v1/orders", ANY, mdd_api_orders },
    { 'P', "v1/orders", REVIEW, mdd_api_order },
    { 'P', "v1/orders/*/confirm", LEAD, mdd_api_order_step },
    { 'P', "v1/orders/*/lift", LEAD, mdd_api_order_step },
    { 'P', "v1/switch", LEAD, mdd_api_switch },
    { 'G', "v1/pending", ANY, mdd_api_pending },
    { 'P', "v1/pending/*/approve", LEAD|MDD_ADMIN, mdd_api_approve },
    { 'P', "v1/handover", REVIEW, mdd_api_handover },
    { 'P', "v1/handover/*/take", REVIEW, mdd_api_take },
    { 'G', "", ANY|CASE, mdd_page_home },
    { 'G', "queue", DESK, mdd_page_queue },
    { 'G', "cards/*", DESK, mdd_page_card },
    { 'G', "cases", DESK, mdd_page_cases },
    { 'G', "accounts", ANY, mdd_page_accounts },
    { 'G', "accounts/*", ANY, mdd_page_account },
    { 'G', "orders", ANY, mdd_page_orders },
    { 'G', "pending", ANY, mdd_page_pending },
    { 'G', "handover", DESK, mdd_page_handover },
    { 'G', "people", ANY, mdd_page_people },
    { 'G', "decisions", ANY|CASE, mdd_page_decisions },
    { 'G', "decisions/*", ANY|CASE, mdd_page_decision },
    { 'G', "ledger", ANY, mdd_page_ledger },
};


static int
fits(const mdd_web_t *w, const char *pattern)
{
    int     i;
    size_t  n;

    for (i = 0; i < w->nseg; i++) {
        n = strcspn(pattern, "/");

        if (n == 0) {
            return 0;
        }

        if (!(n == 1 && *pattern == '*' && w->seg[i][0])
            && (strlen(w->seg[i]) != n
                || memcmp(w->seg[i], pattern, n) != 0))
        {
            return 0;
        }

        pattern += n + (pattern[n] == '/');
    }

    return *pattern == '\0';
}


void
mdd_route(mdd_web_t *w)
{
    char    method;
    int     found = 0;
    size_t  i;

    method = strcmp(w->in->method, "POST") == 0 ? 'P'
             : strcmp(w->in->method, "GET") == 0
               || strcmp(w->in->method, "HEAD") == 0 ? 'G' : '?';

    for (i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (!fits(w, routes[i].pattern)) {
            continue;
        }

        found = 1;

        if (routes[i].method != method) {
            continue;
        }

        if (!(routes[i].roles & PUBLIC) && !(routes[i].roles & w->who.roles)) {
            mdd_error(w, 403, "forbidden",
                      T(w, "您的角色不能这样做", "your role may not do this"),
                      NULL);
            return;
        }

        if (method == 'P' && !(routes[i].roles & PUBLIC) && !mdd_meant(w)) {
            mdd_error(w, 403, "token", T(w, "请求没有有效的令牌，请重新打开页面",
                      "the request has no valid token; open the page again"),
                      "token");
            return;
        }

        routes[i].run(w);
        return;
    }

    if (found) {
        mdd_error(w, 405, "method", "", NULL);

    } else {
        mdd_error(w, 404, "not_found", "", NULL);
    }
}
