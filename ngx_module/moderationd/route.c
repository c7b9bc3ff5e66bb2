/*
 * route.c - every call, who may make it, and what answers: one table.
 *
 * A pattern is a path below /moderation/; * stands for one segment, which the
 * handler finds in w->seg.  POST changes something and must be meant; anything
 * else is GET (or HEAD, which nginx answers from it).
 */

#include "api.h"
#include "page.h"

#include <string.h>

#define ANY       0xffu
#define PUBLIC    0x100u

static const struct {
    char          method;               /* G or P                            */
    const char   *pattern;
    unsigned      roles;
    void        (*run)(mdd_web_t *w);
} routes[] = {
    { 'G', "static/*", ANY, mdd_page_static },
    { 'G', "v1/session", ANY, mdd_api_session },
    { 'P', "v1/session/language", ANY, mdd_api_language },
    { 'G', "v1/health", ANY, mdd_api_health },
    { 'G', "v1/status", ANY, mdd_api_status },
    { 'G', "v1/decisions", ANY, mdd_api_decisions },
    { 'G', "v1/decisions/*", ANY, mdd_api_decision },
    { 'G', "v1/events", ANY, mdd_api_events },
    { 'G', "", ANY, mdd_page_home },
    { 'G', "decisions", ANY, mdd_page_decisions },
    { 'G', "decisions/*", ANY, mdd_page_decision },
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
