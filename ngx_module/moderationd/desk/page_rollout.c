/*
 * page_rollout.c - the first days of a slot whose cards have to be released:
 * measured, shadow, adopted, a part of the items, all.
 *
 * Where a slot stands is read from its policy (rollout), from its newest cards
 * (held, or only recorded) and from what was adopted: nobody has to keep it.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/web/page.h"

#include <string.h>

#define DAY_MS  86400000ll

static const char *const  steps[] = {
    "measured", "shadow", "adopt", "rollout", "all"
};


/* of sites that have one policy a slot stands once, with all of their names */

static json_t *
slot_of(const json_t *list, const char *policy, const char *slot)
{
    size_t   i;
    json_t  *s;

    json_array_foreach(list, i, s) {
        if (strcmp(mdd_str(s, "policy"), policy) == 0
            && strcmp(mdd_str(s, "slot"), slot) == 0)
        {
            return json_object_get(s, "sites");
        }
    }

    return NULL;
}


static void
add_slot(mdd_web_t *w, json_t *list, const char *policy, const mdd_book_t *book,
    const mdd_slot_t *s, const json_t *unstable)
{
    int        i, step;
    size_t     k;
    json_t    *u;
    int64_t    n[5] = { 0 };            /* columns of ROLLOUT                */
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_ROLLOUT, "si", s->name, w->now - DAY_MS);

    if (mdd_step(st) == MDD_ROW) {
        for (i = 0; i < 5; i++) {
            n[i] = mdd_int(st, i);
        }
    }

    mdd_end(st);
    step = n[0] > n[1] ? n[4] ? 2 : 1 : s->rollout < 100 ? 3 : 4;

    json_array_foreach(unstable, k, u) {
        step = strcmp(mdd_str(u, "slot"), s->name) == 0 ? 0 : step;
    }

    json_array_append_new(list, json_pack("{s:s, s:[s], s:s, s:s, s:I, s:I,"
        " s:I, s:i}", "policy", policy, "sites",
        book->site ? book->site : "", "slot", s->name,
        "step", steps[step], "would_hold", (json_int_t) n[2], "of",
        (json_int_t) n[3], "adopted", (json_int_t) n[4], "rollout",
        s->rollout));
}


json_t *
mdd_get_rollout(mdd_web_t *w, const json_t *unstable)
{
    size_t             i, k;
    json_t            *list = json_array(), *sites;
    const mdd_site_t  *site;
    const mdd_book_t  *book;

    for (i = 0; i < w->d->conf->nsites; i++) {
        site = &w->d->conf->sites[i];
        book = mdd_book(site->name);

        for (k = 0; book && k < book->nslots; k++) {
            if (!book->slots[k].required
                || !mdd_may_see(&w->who, book->site, book->slots[k].queue,
                                NULL))
            {
                continue;
            }

            sites = slot_of(list, site->policy, book->slots[k].name);

            if (sites) {
                json_array_append_new(sites, json_string(site->name));

            } else {
                add_slot(w, list, site->policy, book, &book->slots[k],
                         unstable);
            }
        }

        mdd_book_leave(book);
    }

    json_array_foreach(list, i, sites) {
        json_object_del(sites, "policy");       /* a path of ours            */
    }

    return list;
}


static void
bar(mdd_web_t *w, const json_t *s)
{
    int          i, now = 0;
    size_t       k;
    json_t      *site;
    mdd_buf_t   *b = &w->out->body;
    const char  *names[] = { T(w, "测量", "measured"), T(w, "影子", "shadow"),
        T(w, "沿用", "adopted"), T(w, "部分", "a part"), T(w, "全部", "all") };

    while (now < 4 && strcmp(steps[now], mdd_str(s, "step")) != 0) {
        now++;
    }

    mdd_html_f(b, "<div class=\"panel\"><b>%s</b> <span class=\"sub\">",
               mdd_str(s, "slot"));

    json_array_foreach(json_object_get(s, "sites"), k, site) {
        mdd_html_f(b, "%s%s", k ? ", " : "", json_string_value(site));
    }

    mdd_html_f(b, "</span><ol class=\"steps\">");

    for (i = 0; i < 5; i++) {
        mdd_html_f(b, "<li class=\"%s\"", i < now ? "past" : "");

        if (i == now) {
            mdd_html_f(b, " aria-current=\"step\"");
        }

        mdd_html_f(b, ">%s%s", i < now ? "\xe2\x9c\x93 " : "", names[i]);

        if (i == 3 && mdd_num(s, "rollout") < 100) {
            mdd_html_f(b, " %lld %%", (long long) mdd_num(s, "rollout"));
        }

        mdd_html_f(b, "</li>");
    }

    mdd_html_f(b, "</ol>");

    if (now == 1 || now == 2) {
        mdd_html_f(b, "<p class=\"sub\">%s %lld / %lld \xc2\xb7 %s %lld</p>",
                   T(w, "现在会扣住", "would hold now"),
                   (long long) mdd_num(s, "would_hold"),
                   (long long) mdd_num(s, "of"),
                   T(w, "已沿用", "adopted"),
                   (long long) mdd_num(s, "adopted"));

        if (w->who.roles & MDD_LEAD) {
            mdd_page_form(w, "adopt", "/moderation/pending");
            mdd_html_f(b, "<input type=\"hidden\" name=\"slot\" value=\"%s\">"
                       "<input type=\"hidden\" name=\"seen\" value=\"24h\">"
                       "<button class=\"btn\">%s</button></form>",
                       mdd_str(s, "slot"),
                       T(w, "沿用 24 小时内展示而无命中的（须第二人签署）",
                         "Adopt what was shown without a hit in 24 h (a second "
                         "person signs)"));
        }
    }

    mdd_html_f(b, "</div>");
}


void
mdd_page_rollout(mdd_web_t *w)
{
    size_t   i;
    json_t  *unstable = mdd_get_unstable(w);
    json_t  *list = mdd_get_rollout(w, unstable), *s;

    json_decref(unstable);

    if (json_array_size(list)) {
        mdd_html_f(&w->out->body, "<h2>%s</h2>",
                   T(w, "先审后播的启用", "How far second review is"));
    }

    json_array_foreach(list, i, s) {
        bar(w, s);
    }

    json_decref(list);
}
