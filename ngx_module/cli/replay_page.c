/*
 * replay_page.c - see replay_page.h.
 */

#include "replay_page.h"

#include "check/moderation_check.h"
#include "moderationd/moderationd.h"


/* 1: p asks of this page what a live policy does; 0: otherwise; -1: p has no
 * such page */

static int
alike(const mdr_policy_t *p, mdr_policy_t *const *live, size_t nlive,
    const char *page)
{
    int     rc = mdr_policy_pages_alike(p, p, page);
    size_t  i;

    if (rc != 1) {
        return -1;
    }

    for (i = 0; i < nlive; i++) {
        if (mdr_policy_pages_alike(live[i], p, page) == 1) {
            return 1;
        }
    }

    return 0;
}


json_t *
cli_pages_of(const mdr_policy_t *p, mdr_policy_t *const *live, size_t nlive,
    mdd_db_t *db, int64_t from, int64_t to)
{
    int          rc;
    int64_t      n[3] = { 0, 0, 0 }, fresh = 0;     /* gone, otherwise, alike */
    uint32_t     i;
    mdd_st_t    *st;
    const char  *page;

    st = mdd_query(db, MDD_SQL_REPLAY_PAGES, "ii", from, to);

    while (mdd_step(st) == MDD_ROW) {
        rc = alike(p, live, nlive, mdd_text(st, 0));
        n[rc + 1] += mdd_int(st, 1);
    }

    if (mdd_end(st) != MDD_OK) {
        return NULL;
    }

    for (i = 0; (page = mdr_policy_nth_page(p, i)) != NULL; i++) {
        fresh += alike(p, live, nlive, page) == 0;
    }

    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "findings",
                     (json_int_t) (n[0] + n[1] + n[2]), "alike",
                     (json_int_t) n[2], "otherwise", (json_int_t) n[1],
                     "gone", (json_int_t) n[0], "new", (json_int_t) fresh);
}
