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
add_slot(json_t *list, const char *policy, const mdd_book_t *book, const mdd_slot_t *s,
    json_t *unstable, json_t *seen)
{
    int      step;
    size_t   i;
    json_t  *u, *one = json_object_get(seen, s->name);
    int64_t  adopted = mdd_num(one, "adopted");

    step = mdd_num(one, "shadow") > mdd_num(one, "held")
           ? adopted ? 2 : 1 : s->rollout < 100 ? 3 : 4;

    json_array_foreach(unstable, i, u) {
        step = strcmp(mdd_str(u, "slot"), s->name) == 0 ? 0 : step;
    }

    json_array_append_new(list, json_pack("{s:s, s:[s], s:s, s:s, s:I, s:I,"
        " s:I, s:i}", "policy", policy, "sites",
        book->site ? book->site : "", "slot", s->name,
        "step", steps[step], "would_hold",
        (json_int_t) mdd_num(one, "would"), "of",
        (json_int_t) mdd_num(one, "of"), "adopted", (json_int_t) adopted,
        "rollout", s->rollout));
}


json_t *
mdd_get_rollout(mdd_web_t *w)
{
    size_t             i, k;
    json_t            *list = json_array(), *unstable, *seen = json_object();
    json_t            *sites;
    const mdd_site_t  *site;
    mdd_st_t          *st;
    const mdd_book_t  *book;

    st = mdd_query(w->db, MDD_SQL_ROLLOUT, "i", w->now - DAY_MS);

    while (mdd_step(st) == MDD_ROW) {
        json_object_set_new(seen, mdd_text(st, 0), json_pack("{s:I, s:I, s:I,"
            " s:I, s:I}", "shadow", (json_int_t) mdd_int(st, 1), "held",
            (json_int_t) mdd_int(st, 2), "would", (json_int_t) mdd_int(st, 3),
            "of", (json_int_t) mdd_int(st, 4), "adopted",
            (json_int_t) mdd_int(st, 5)));
    }

    mdd_end(st);
    unstable = mdd_get_unstable(w);

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
                add_slot(list, site->policy, book, &book->slots[k], unstable,
                         seen);
            }
        }

        mdd_book_leave(book);
    }

    json_array_foreach(list, i, sites) {
        json_object_del(sites, "policy");       /* a path of ours            */
    }

    json_decref(unstable);
    json_decref(seen);

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
    json_t  *list = mdd_get_rollout(w), *s;

    if (json_array_size(list)) {
        mdd_html_f(&w->out->body, "<h2>%s</h2>",
                   T(w, "先审后播的启用", "How far second review is"));
    }

    json_array_foreach(list, i, s) {
        bar(w, s);
    }

    json_decref(list);
}
