/*
 * cmd_replay.c - `moderationctl replay`: what another policy would have said
 * of the decisions and samples of the record, before it goes live, with what
 * people said of these cards beside it.
 *
 * It reads the daemon's store and changes nothing.  A card counts once, as it
 * was seen first; one whose texts are gone cannot be looked at.  What rules
 * see are texts, and these are what is kept: pages are not.  So a slot that
 * the other policy reads otherwise than the live one may see other texts
 * there, and a text that was cut is not whole; both are counted.  Where readers
 * were is not kept either: what a rule would hit only for some of them is
 * counted beside the rest.
 */

#include "cli.h"
#include "check/moderation_check.h"
#include "record.h"
#include "replay_account.h"
#include "replay_page.h"

#include "moderationd/web/api.h"
#include "moderationd/period/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIELDS  32

/* of each rule: cards that it hits now; that nobody acted on before; that it
 * hit before and not now; what persons said of those that it hits; cards that
 * it hits only for readers of its places */
typedef struct {
    mdd_names_t  hit, gone, judged;     /* more: new, right of gone, right   */
    mdd_names_t  placed;
} rules_t;

typedef struct {
    const char    *policy, *conf, *from, *to, *format;
    mdr_policy_t  *p;
    mdr_judge_t   *judge;
    mdd_db_t      *db;
    mdd_things_t   seen;
    rules_t        rules;
    mdr_policy_t **live;                /* of the sites                       */
    size_t         nlive;
    int64_t        cards, blind, elsewhere, same, more, less, other;
    int64_t        cut, otherwise;      /* texts not whole; read otherwise    */
    int64_t        nobody;              /* a rule asks for an account, and the
                                           record has none                    */
    int64_t        placed;              /* a rule hits them only for readers
                                           of its places                      */
    json_t        *pages;
    cli_accounts_t *accounts;
    int64_t        more_right, more_judged, less_right, less_judged;
} replay_t;


static void
add(mdd_names_t *t, const char *id, int64_t count, int64_t more)
{
    int  i = mdd_name(t, id);

    if (i >= 0) {
        t->count[i] += count;
        t->more[i] += more;
    }
}


/* what a person said of this fingerprint: 1 rejected, 0 released, -1 nothing */

static int
said(replay_t *r, const char *print)
{
    int        v = -1;
    mdd_st_t  *st;

    st = mdd_query(r->db, MDD_SQL_REPLAY_SAID, "s", print);

    if (mdd_step(st) == MDD_ROW) {
        v = strcmp(mdd_text(st, 0), "reject") == 0;
    }

    mdd_end(st);

    return v;
}


static int
had(const json_t *rules, const char *id)
{
    size_t   i;
    json_t  *j;

    json_array_foreach(rules, i, j) {
        if (strcmp(mdd_str(j, "id"), id) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
hits(const mdr_judged_t *v, const char *id)
{
    uint32_t  i;

    for (i = 0; i < v->nrules; i++) {
        if (v->rules[i].id.len == strlen(id)
            && memcmp(v->rules[i].id.data, id, v->rules[i].id.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


static void
count(replay_t *r, const char *was, const json_t *old, const mdr_judged_t *v,
    int right)
{
    char         id[140];
    size_t       i;
    json_t      *j;
    const char  *now = cli_action_name(v->action);

    if (strcmp(was, now) == 0) {
        r->same++;

    } else if (strcmp(was, "none") == 0) {
        r->more++;
        r->more_judged += right >= 0;
        r->more_right += right == 1;

    } else if (strcmp(now, "none") == 0) {
        r->less++;
        r->less_judged += right >= 0;
        r->less_right += right == 0;    /* a person had released it */

    } else {
        r->other++;
    }

    for (i = 0; i < v->nrules; i++) {
        snprintf(id, sizeof(id), "%.*s", (int) v->rules[i].id.len,
                 v->rules[i].id.data);
        add(&r->rules.hit, id, 1, !had(old, id));

        if (right >= 0) {
            add(&r->rules.judged, id, 1, right);
        }
    }

    json_array_foreach(old, i, j) {
        if (!hits(v, mdd_str(j, "id"))) {
            add(&r->rules.gone, mdd_str(j, "id"), 1, right == 0);
        }
    }
}


/* rules that would hit if readers, or the site, were where they want them */

static void
elsewhere(replay_t *r, mdr_judge_item_t *item, int64_t now,
    const mdr_judged_t *here)
{
    int           any = 0;
    char          id[140];
    uint32_t      i;
    mdr_judged_t  v;

    item->anywhere = 1;

    if (!mdr_judge_placed(r->judge, item->slot)
        || mdr_judge(r->judge, item, now, &v) != MDR_OK)
    {
        return;
    }

    for (i = 0; i < v.nrules; i++) {
        snprintf(id, sizeof(id), "%.*s", (int) v.rules[i].id.len,
                 v.rules[i].id.data);

        if (!hits(here, id)) {
            add(&r->rules.placed, id, 1, 0);
            any = 1;
        }
    }

    r->placed += any;
}


/* no site's policy finds and reads the cards of this slot as the other one
 * does, and one that has the slot reads them otherwise */

static int
reads_otherwise(const replay_t *r, const char *slot)
{
    int     rc, otherwise = 0;
    size_t  i;

    for (i = 0; i < r->nlive; i++) {
        rc = mdr_judge_reads_alike(r->live[i], r->p, slot);

        if (rc == 1) {
            return 0;
        }

        otherwise |= rc == 0;
    }

    return otherwise;
}


/* columns of REPLAY_CARDS */

static void
card(replay_t *r, mdd_st_t *st)
{
    int                 rc;
    size_t              n = 0;
    char                print[64];
    json_t             *body, *private, *fields, *old, *v;
    const char         *key, *was;
    mdr_judged_t        verdict;
    mdr_judge_item_t    item;
    mdr_judge_field_t   f[FIELDS];
    mdd_thing_t        *t;

    snprintf(print, sizeof(print), "%s", mdd_text(st, 3));
    t = mdd_thing(&r->seen, print[0] ? print : mdd_text(st, 6), 1);

    if (t == NULL || t->flags) {
        return;
    }

    t->flags = 1;
    body = json_loads(mdd_text(st, 4), JSON_ALLOW_NUL, NULL);
    private = json_object_get(body, "private");
    fields = json_object_get(private ? private : body, "fields");
    r->cards++;

    if (!json_is_object(fields)) {
        r->blind++;
        json_decref(body);
        return;
    }

    json_object_foreach(fields, key, v) {
        if (json_is_string(v) && n < FIELDS) {
            f[n].name = key;
            f[n].text = json_string_value(v);
            f[n++].len = json_string_length(v);
        }
    }

    r->cut += json_is_true(json_object_get(private ? private : body, "cut"));
    r->otherwise += reads_otherwise(r, mdd_text(st, 1));
    memset(&item, 0, sizeof(item));
    item.slot = mdd_text(st, 1);
    item.fields = f;
    item.nfields = n;
    item.place.data = mdd_text(st, 8);
    item.place.len = (uint32_t) strlen(mdd_text(st, 8));

    if (mdr_judge_asks(r->judge, item.slot)) {
        r->nobody += *mdd_text(st, 7) == '\0';
        cli_accounts_at(r->accounts, mdd_text(st, 7), mdd_int(st, 0),
                        &item.account);
    }

    rc = mdr_judge(r->judge, &item, mdd_int(st, 0) / 1000, &verdict);
    old = json_loads(mdd_text(st, 5), 0, NULL);

    /* what was done for no rule says nothing of rules */

    was = json_array_size(old) ? mdd_text(st, 2) : "none";

    if (rc == MDR_LIMIT) {
        r->elsewhere++;

    } else if (rc == MDR_OK) {
        count(r, was, old, &verdict, said(r, print));
        elsewhere(r, &item, mdd_int(st, 0) / 1000, &verdict);
    }

    json_decref(old);
    json_decref(body);
}


static json_t *
result(const replay_t *r)
{
    int         k, p;
    size_t      i;
    json_t     *list = json_array(), *j;
    mdd_names_t  all = { 0 };
    const mdd_names_t  *gone = &r->rules.gone, *judged = &r->rules.judged;
    mdd_names_t  *both[] = { (mdd_names_t *) &r->rules.hit,
                             (mdd_names_t *) gone,
                             (mdd_names_t *) &r->rules.placed };

    for (k = 0; k < 3; k++) {
        for (i = 0; i < both[k]->n; i++) {
            (void) mdd_name(&all, both[k]->text[i]);
        }
    }

    for (i = 0; i < all.n; i++) {
        int  h = mdd_name(both[0], all.text[i]);
        int  g = mdd_name(both[1], all.text[i]);
        int  q = mdd_name((mdd_names_t *) judged, all.text[i]);

        p = mdd_name(both[2], all.text[i]);
        j = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "rule", all.text[i],
            "hits", (json_int_t) (h >= 0 ? r->rules.hit.count[h] : 0),
            "new", (json_int_t) (h >= 0 ? r->rules.hit.more[h] : 0),
            "gone", (json_int_t) (g >= 0 ? gone->count[g] : 0),
            "gone_wrong", (json_int_t) (g >= 0 ? gone->more[g] : 0),
            "elsewhere", (json_int_t) (p >= 0 ? both[2]->count[p] : 0));
        json_object_set_new(j, "precision", mdd_share(
            q >= 0 ? judged->more[q] : 0, q >= 0 ? judged->count[q] : 0));
        json_array_append_new(list, j);
    }

    mdd_names_free(&all);

    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:O, s:I, s:I, s:I,"
        " s:I, s:o, s:o, s:o}",
        "cards", (json_int_t) r->cards, "without_texts",
        (json_int_t) r->blind, "other_slots", (json_int_t) r->elsewhere,
        "read_otherwise", (json_int_t) r->otherwise, "cut_texts",
        (json_int_t) r->cut, "without_account", (json_int_t) r->nobody,
        "elsewhere", (json_int_t) r->placed, "pages", r->pages,
        "same", (json_int_t) r->same, "now_acted_on", (json_int_t) r->more,
        "now_passed", (json_int_t) r->less, "otherwise",
        (json_int_t) r->other, "now_acted_on_right",
        mdd_share(r->more_right, r->more_judged), "now_passed_right",
        mdd_share(r->less_right, r->less_judged), "rules", list);
}


static void
print(const json_t *j)
{
    char     share[64];
    size_t   i;
    json_t  *r, *pages = json_object_get(j, "pages");

    printf("%lld cards\n  not looked at: %lld without texts, %lld of slots "
           "that the policy does not have\n  looked at by what is kept: %lld "
           "of slots that it reads otherwise than the live one, %lld with "
           "texts that were cut, %lld without the account that a rule asks for"
           "\n%lld as before, %lld acted on now, %lld passed "
           "now, %lld otherwise\n", (long long) mdd_num(j, "cards"),
           (long long) mdd_num(j, "without_texts"),
           (long long) mdd_num(j, "other_slots"),
           (long long) mdd_num(j, "read_otherwise"),
           (long long) mdd_num(j, "cut_texts"),
           (long long) mdd_num(j, "without_account"),
           (long long) mdd_num(j, "same"),
           (long long) mdd_num(j, "now_acted_on"),
           (long long) mdd_num(j, "now_passed"),
           (long long) mdd_num(j, "otherwise"));
    printf("for readers or sites of some places only, which are not kept: "
           "%lld cards that rules of these places hit, counted as not hit\n"
           "pages, which are not kept, are not looked at: %lld findings, %lld "
           "of pages of which the policy asks the same as the live one, %lld of "
           "which it asks otherwise, %lld of which it asks nothing; %lld pages "
           "of it are new or other ones\n",
           (long long) mdd_num(j, "elsewhere"),
           (long long) mdd_num(pages, "findings"),
           (long long) mdd_num(pages, "alike"),
           (long long) mdd_num(pages, "otherwise"),
           (long long) mdd_num(pages, "gone"),
           (long long) mdd_num(pages, "new"));
    mdd_share_text(json_object_get(j, "now_acted_on_right"), share);
    printf("acted on now, and a person had rejected: %s\n", share);
    mdd_share_text(json_object_get(j, "now_passed_right"), share);
    printf("passed now, and a person had released:   %s\n", share);
    printf("\n%-40s %7s %7s %7s %9s  %s\n", "rule", "hits", "new", "gone",
           "elsewhere", "of those judged, rejected");

    json_array_foreach(json_object_get(j, "rules"), i, r) {
        mdd_share_text(json_object_get(r, "precision"), share);
        printf("%-40s %7lld %7lld %7lld %9lld  %s\n", mdd_str(r, "rule"),
               (long long) mdd_num(r, "hits"), (long long) mdd_num(r, "new"),
               (long long) mdd_num(r, "gone"),
               (long long) mdd_num(r, "elsewhere"), share);
    }
}


static int
args(replay_t *r, int argc, char **argv)
{
    int     i;
    size_t  k;

    const struct { const char *name; const char **to; }  texts[] = {
        { "--policy", &r->policy }, { "-c", &r->conf }, { "--from", &r->from },
        { "--to", &r->to }, { "--format", &r->format }
    };

    r->conf = "/etc/moderation/moderationd.yaml";
    r->format = "text";

    for (i = 0; i < argc; i += 2) {
        for (k = 0; k < 5 && strcmp(argv[i], texts[k].name) != 0; k++) {
            /* */
        }

        if (k == 5 || i + 1 == argc) {
            return 0;
        }

        *texts[k].to = argv[i + 1];
    }

    return r->policy != NULL && (strcmp(r->format, "text") == 0
                                 || strcmp(r->format, "json") == 0);
}


static int
run(replay_t *r, const mdd_conf_t *conf)
{
    int                rc;
    char               err[512];
    json_t            *j;
    int64_t            from, to;
    mdd_st_t          *st;
    const mdd_zone_t  *zone;

    zone = conf->nsites ? mdd_zone(conf->sites[0].timezone) : NULL;
    zone = zone ? zone : mdd_zone("UTC");
    from = r->from ? mdd_day_read(r->from) : 0;
    to = r->to ? mdd_day_read(r->to) : 2932896;     /* 9999-12-31 */

    if (from < 0 || to < from) {
        fprintf(stderr, "moderationctl: --from and --to are days like "
                "2026-11-28\n");
        return 2;
    }

    r->db = mdd_db_open(conf->store, 0, 1, err, sizeof(err));

    if (r->db == NULL) {
        fprintf(stderr, "moderationctl: %s\n", err);
        return 2;
    }

    r->accounts = cli_accounts_new(r->db);

    if (r->accounts == NULL) {
        fprintf(stderr, "moderationctl: %s\n", mdd_db_error(r->db));
        mdd_db_close(r->db);
        return 2;
    }

    st = mdd_query(r->db, MDD_SQL_REPLAY_CARDS, "ii",
                   mdd_zone_begin(zone, from), mdd_zone_begin(zone, to + 1));

    while (mdd_step(st) == MDD_ROW) {
        card(r, st);
    }

    rc = mdd_end(st) == MDD_OK ? 0 : 2;
    r->pages = cli_pages_of(r->p, r->live, r->nlive, r->db,
                            mdd_zone_begin(zone, from),
                            mdd_zone_begin(zone, to + 1));

    if (rc == 0 && r->pages != NULL) {
        j = result(r);

        if (strcmp(r->format, "json") == 0) {
            json_dumpf(j, stdout, JSON_COMPACT|JSON_REAL_PRECISION(10));
            printf("\n");

        } else {
            print(j);
        }

        json_decref(j);

    } else {
        rc = 2;
        fprintf(stderr, "moderationctl: %s\n", mdd_db_error(r->db));
    }

    json_decref(r->pages);
    cli_accounts_free(r->accounts);
    mdd_db_close(r->db);

    return rc;
}


/* of the sites, as far as they can be loaded; relative to the configuration */

static void
live_policies(replay_t *r, const mdd_conf_t *conf)
{
    char          path[4096];
    size_t        k;
    const char   *p;

    for (k = 0; r->judge && r->live && k < conf->nsites; k++) {
        p = conf->sites[k].policy;

        if (p) {
            snprintf(path, sizeof(path), "%s%s%s", *p == '/' ? "" : conf->dir,
                     *p == '/' ? "" : "/", p);
            r->live[r->nlive] = cli_load(path, time(NULL));
            r->nlive += r->live[r->nlive] != NULL;
        }
    }
}


int
cmd_replay(int argc, char **argv)
{
    int          rc = 2;
    replay_t     r;
    mdd_msgs_t   m = { 0 };
    mdd_conf_t  *conf;

    memset(&r, 0, sizeof(r));

    if (!args(&r, argc, argv)) {
        return cli_usage("replay");
    }

    conf = mdd_conf_read(r.conf, &m);

    if (conf == NULL || m.errors) {
        fputs(m.text ? m.text : "", stderr);
        free(m.text);
        mdd_conf_free(conf);
        return 2;
    }

    free(m.text);
    r.p = cli_load(r.policy, time(NULL));
    r.judge = r.p ? mdr_judge_new(r.p) : NULL;
    r.live = calloc(conf->nsites + 1, sizeof(mdr_policy_t *));
    live_policies(&r, conf);

    if (r.judge) {
        rc = run(&r, conf);
    }

    while (r.nlive > 0) {
        mdr_policy_free(r.live[--r.nlive]);
    }

    free(r.live);
    mdr_judge_free(r.judge);
    mdr_policy_free(r.p);
    mdd_things_free(&r.seen);
    mdd_names_free(&r.rules.hit);
    mdd_names_free(&r.rules.gone);
    mdd_names_free(&r.rules.judged);
    mdd_names_free(&r.rules.placed);
    mdd_conf_free(conf);

    return rc;
}
