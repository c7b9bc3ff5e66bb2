/*
 * page_card_side.c - what stands beside a card: its account, what was said of
 * it before, and, for a lead, that it goes into the calibration set.
 */

#include "moderationd/account/account.h"
#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/web/page.h"

#include <stdio.h>
#include <string.h>

static void
why(mdd_web_t *w, const char *reason)
{
    if (*reason) {
        mdd_html_f(&w->out->body, " \xc2\xb7 ");
        mdd_page_reason(w, "", reason);
    }
}


void
mdd_page_undo(mdd_web_t *w, int64_t review, int64_t card)
{
    char  action[48], back[48];

    snprintf(action, sizeof(action), "reviews/%lld/undo",
             (long long) review);
    snprintf(back, sizeof(back), "/moderation/cards/%lld", (long long) card);
    mdd_page_form(w, action, back);
    mdd_html_f(&w->out->body, "<button class=\"pill\">%s</button></form>",
               T(w, "撤销", "Undo"));
}


/* what a review is that does not stand alone */

static const char *
of_state(mdd_web_t *w, const char *state)
{
    return strcmp(state, "standing") == 0 ? ""
           : strcmp(state, "first") == 0
             ? T(w, "（两人中的第一人）", " (the first of two people)")
           : strcmp(state, "split") == 0
             ? T(w, "（两人不一致）", " (two people differ)")
           : strcmp(state, "proposed") == 0
             ? T(w, "（见习意见）", " (a trainee's, changes nothing)")
           : strcmp(state, "again") == 0
             ? T(w, "（再看）", " (a look again)")
           : T(w, "（已撤回）", " (taken back)");
}


static void
history(mdd_web_t *w, const mdd_card_t *c, const json_t *list)
{
    size_t      i;
    json_t     *r;
    mdd_buf_t  *b = &w->out->body;

    if (json_array_size(list) == 0) {
        return;
    }

    mdd_html_f(b, "<h2>%s</h2><ul>", T(w, "这张卡片", "This card"));

    json_array_foreach(list, i, r) {
        mdd_html_f(b, "<li>%s%s <span class=\"sub\">%s \xc2\xb7 ",
                   mdd_word(w, mdd_str(r, "verdict")),
                   of_state(w, mdd_str(r, "state")), mdd_str(r, "by"));
        mdd_page_time(w, mdd_num(r, "at"));
        mdd_html_f(b, " \xc2\xb7 %s %lld", T(w, "版本", "version"),
                   (long long) mdd_num(r, "version"));
        why(w, mdd_str(r, "reason"));
        mdd_html_f(b, "</span>");

        if (mdd_str(r, "note")[0]) {
            mdd_html_f(b, "<div>");
            mdd_html_text(b, mdd_str(r, "note"), strlen(mdd_str(r, "note")),
                          400);
            mdd_html_f(b, "</div>");
        }

        if (strcmp(mdd_str(r, "state"), "standing") == 0
            && ((w->who.roles & MDD_LEAD)
                || (strcmp(mdd_str(r, "by"), w->who.name) == 0
                    && w->now - mdd_num(r, "at") < MDD_UNDO_MS)))
        {
            mdd_page_undo(w, mdd_num(r, "review"), c->card);
        }

        mdd_html_f(b, "</li>");
    }

    mdd_html_f(b, "</ul>");
}


/* what else was said of this account: not before the verdict in samples */

static void
account(mdd_web_t *w, const mdd_card_t *c, const json_t *card)
{
    int          n = 0;
    mdd_st_t    *st;
    mdd_buf_t   *b = &w->out->body;
    const char  *name = mdd_str(json_object_get(card, "fields"), "nickname");

    mdd_html_f(b, "<h2>%s</h2><p>", T(w, "账号", "Account"));

    if (*name) {
        mdd_html_text(b, name, strlen(name), 60);
    }

    if (c->account[0]) {
        mdd_account_t  a;
        double         score = mdd_account_score(w->db, c->account, w->now);

        mdd_account_get(w->db, c->account, w->now, &a);
        mdd_html_f(b, " <a href=\"/moderation/accounts/%s\">%s</a></p>"
                   "<div class=\"kv\"><span>%s</span><b>%d / 100</b></div>"
                   "<div class=\"kv\"><span>%s</span><span>%.1f</span></div>"
                   "<div class=\"kv\"><span>%s</span><span>%s</span></div>"
                   "<p>", c->account, T(w, "全部", "all of it"),
                   T(w, "信用", "Credit"), mdd_account_credit(score),
                   T(w, "记分", "Score"), score, T(w, "状态", "State"),
                   strcmp(a.state, "none") == 0 ? T(w, "正常", "none")
                   : mdd_word(w, a.state));

    } else {
        mdd_html_f(b, " <span class=\"dim\">%s</span>",
                   T(w, "没有账号字段", "no account field"));
    }

    mdd_html_f(b, "</p>");

    if (mdd_str(card, "near")[0]) {
        mdd_html_f(b, "<p class=\"warn\">%s <a href=\"/moderation/accounts/%s"
                   "\">%s</a></p>", T(w, "昵称与一个已关闭的账号相近：",
                   "The name is near that of a closed account:"),
                   mdd_str(card, "near"), T(w, "看它", "look at it"));
    }

    if (c->account[0] == '\0' || strcmp(c->kind, "card") != 0) {
        return;
    }

    mdd_html_f(b, "<ul>");
    st = mdd_query(w->db, MDD_SQL_REVIEW_ACCOUNT, "si", c->account,
                   (int64_t) 10);

    while (mdd_step(st) == MDD_ROW) {
        n++;
        mdd_html_f(b, "<li>%s <span class=\"sub\">%s \xc2\xb7 ",
                   mdd_word(w, mdd_text(st, 4)), mdd_text(st, 5));
        mdd_page_time(w, mdd_int(st, 6));
        why(w, mdd_text(st, 7));
        mdd_html_f(b, "</span></li>");
    }

    mdd_end(st);
    mdd_html_f(b, "</ul>");

    if (n == 0) {
        mdd_html_f(b, "<p class=\"dim\">%s</p>",
                   T(w, "还没有人决定过它的卡片。",
                     "Nobody has decided a card of it yet."));
    }
}


/* a lead: a decided card that all may judge */

static void
gold(mdd_web_t *w, const mdd_card_t *c, const json_t *past)
{
    size_t      i;
    json_t     *r;
    mdd_buf_t  *b = &w->out->body;

    if (!(w->who.roles & MDD_LEAD)
        || (strcmp(c->state, "released") != 0
            && strcmp(c->state, "rejected") != 0))
    {
        return;
    }

    json_array_foreach(past, i, r) {
        if (strcmp(mdd_str(r, "state"), "standing") == 0
            && mdd_num(r, "version") == c->version)
        {
            mdd_page_form(w, "calibration", "/moderation/calibration");
            mdd_html_f(b, "<input type=\"hidden\" name=\"card\" value=\"%lld"
                       "\"><input type=\"hidden\" name=\"verdict\" value="
                       "\"%s\"><input type=\"hidden\" name=\"reason\" value="
                       "\"%s\"><button class=\"btn\">%s</button></form>",
                       (long long) c->card, mdd_str(r, "verdict"),
                       mdd_str(r, "reason"), T(w, "作为校准卡片",
                       "Use for calibration"));
            return;
        }
    }
}


void
mdd_page_card_side(mdd_web_t *w, const mdd_card_t *c, const json_t *card,
    const json_t *past)
{
    account(w, c, card);
    history(w, c, past);
    gold(w, c, past);
}
