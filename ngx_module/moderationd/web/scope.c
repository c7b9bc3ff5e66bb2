/*
 * scope.c - what a person of some sites (roles.yaml, `sites`) may do that
 * would hold on every site.
 *
 * Orders, states of accounts, strikes and erasures know no site.  Who is of
 * some sites may do them where the record has their target on these alone; a
 * phrase and a list are for people of all sites.  An order may name sites: then
 * it is theirs.
 */

#include "moderationd/account/account.h"
#include "api.h"
#include "moderationd/desk/desk.h"
#include "page.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>


static int
of_host(const mdd_conf_t *conf, const mdd_person_t *who, const char *host)
{
    mdd_person_t  p = *who;

    p.nqueues = p.nlabels_not = 0;

    return mdd_may_see(&p, mdd_site_of(conf, host), NULL, NULL);
}


/* https://host:port/path of a host of theirs */

static int
of_url(const mdd_conf_t *conf, const mdd_person_t *who, const char *url)
{
    char    host[256];
    size_t  n;

    if (strncasecmp(url, "http://", 7) != 0
        && strncasecmp(url, "https://", 8) != 0)
    {
        return 0;
    }

    url = strchr(url, ':') + 3;
    n = strcspn(url, "/?#:@\\");

    if (url[n] == '@' || n == 0 || n >= sizeof(host)) {
        return 0;
    }

    memcpy(host, url, n);
    host[n] = '\0';

    return of_host(conf, who, host);
}


int
mdd_scope_target(mdd_t *d, mdd_db_t *db, const mdd_person_t *who,
    const char *kind, const char *value)
{
    int        n = 0, ok = 1, item = strcmp(kind, "item") == 0;
    char       key[40];
    mdd_st_t  *st;

    if (who->nsites == 0) {
        return 1;
    }

    if (strcmp(kind, "url") == 0) {
        return of_url(d->conf, who, value);
    }

    if ((!item && strcmp(kind, "account") != 0)
        || mdd_id_key(d, kind, value, key) != 0)
    {
        return 0;
    }

    st = mdd_query(db, item ? MDD_SQL_ITEM_HOSTS : MDD_SQL_ACCOUNT_HOSTS, "s",
                   key);

    while (ok && mdd_step(st) == MDD_ROW) {
        ok = of_host(d->conf, who, mdd_text(st, 0));
        n++;
    }

    return mdd_end(st) == MDD_OK && ok && n > 0;
}


int
mdd_scope_site(const char *sites, const char *site)
{
    size_t  n = strlen(site ? site : "");

    if (*sites == '\0') {
        return 1;
    }

    for (; n > 0; sites++) {
        if (strncmp(sites, site, n) == 0
            && (sites[n] == ',' || sites[n] == '\0'))
        {
            return 1;
        }

        sites = strchr(sites, ',');

        if (sites == NULL) {
            break;
        }
    }

    return 0;
}


const char *
mdd_scope_read(mdd_web_t *w, char *out)
{
    char         list[MDD_SITES_TEXT], *name, *rest = list;
    size_t       i, k, n = 0;
    json_t      *given = json_object_get(w->args, "sites"), *v;
    const char  *s;

    out[0] = list[0] = '\0';

    if (json_is_array(given)) {
        json_array_foreach(given, i, v) {
            s = json_string_value(v);

            if (s == NULL || *s == '\0' || strchr(s, ',')
                || strlen(list) + strlen(s) + 2 > sizeof(list))
            {
                return "sites";
            }

            strcat(strcat(list, list[0] ? "," : ""), s);
        }

        if (list[0] == '\0') {
            return "sites";
        }

    } else if (given && !json_is_string(given)) {
        return "sites";

    } else if (strlen(mdd_arg(w, "sites")) < sizeof(list)) {
        strcpy(list, mdd_arg(w, "sites"));

    } else {
        return "sites";
    }

    /* by the order of the configuration, each once */

    while ((name = strsep(&rest, ",")) != NULL && (*name || rest || n)) {
        for (k = 0; k < w->d->conf->nsites
                    && strcmp(w->d->conf->sites[k].name, name) != 0; k++)
        {
            /* void */
        }

        if (k == w->d->conf->nsites || ++n > MDD_SCOPES_MAX) {
            return "sites";
        }

        if (out[0] == '\0' || !mdd_scope_site(out, name)) {
            strcat(strcat(out, out[0] ? "," : ""), name);
        }
    }

    return NULL;
}


int
mdd_scope_order(mdd_t *d, mdd_db_t *db, const mdd_person_t *who,
    const char *sites, const char *kind, const char *value)
{
    char          name[MDD_WHO_MAX + 1];
    size_t        n;
    mdd_person_t  p = *who;

    if (*sites == '\0') {
        return mdd_scope_target(d, db, who, kind, value);
    }

    p.nqueues = p.nlabels_not = 0;

    for (; *sites; sites += n + (sites[n] == ',')) {
        n = strcspn(sites, ",");
        snprintf(name, sizeof(name), "%.*s", (int) n, sites);

        if (!mdd_may_see(&p, name, NULL, NULL)) {
            return 0;
        }
    }

    return 1;
}


json_t *
mdd_scope_keep(const mdd_person_t *who)
{
    size_t   i;
    json_t  *sites = json_array(), *queues = json_array(),
            *labels = json_array();

    for (i = 0; i < who->nsites; i++) {
        json_array_append_new(sites, json_string(who->sites[i]));
    }

    for (i = 0; i < who->nqueues; i++) {
        json_array_append_new(queues, json_string(who->queues[i]));
    }

    for (i = 0; i < who->nlabels_not; i++) {
        json_array_append_new(labels, json_string(who->labels_not[i]));
    }

    return json_pack("{s:o, s:o, s:o}", "sites", sites, "queues", queues,
                     "labels_not", labels);
}


static size_t
names(const json_t *list, char out[][MDD_WHO_MAX + 1])
{
    size_t   i;
    json_t  *v;

    json_array_foreach(list, i, v) {
        if (i == MDD_SCOPES_MAX) {
            return i;
        }

        strncpy(out[i], json_string_value(v), MDD_WHO_MAX);
    }

    return i;
}


int
mdd_scope_card(const mdd_person_t *who, const json_t *kept,
    const mdd_card_t *c)
{
    mdd_person_t  p = { 0 };

    p.nsites = names(json_object_get(kept, "sites"), p.sites);
    p.nqueues = names(json_object_get(kept, "queues"), p.queues);
    p.nlabels_not = names(json_object_get(kept, "labels_not"), p.labels_not);

    return mdd_may_see(&p, c->site, c->queue, c->label)
           && mdd_may_see(who, c->site, c->queue, c->label);
}


int
mdd_scope_sign(mdd_t *d, mdd_db_t *db, const mdd_person_t *who,
    const char *what, const json_t *args)
{
    int         ok = 1;
    size_t      i;
    json_t     *v;
    mdd_card_t  c;

    if (who->nsites == 0 || strcmp(what, "adopt") == 0) {
        return 1;                       /* adoption takes what both may see */
    }

    if (strcmp(what, "order") == 0) {
        json_array_foreach(json_object_get(args, "targets"), i, v) {
            ok = ok && mdd_scope_order(d, db, who, mdd_str(args, "sites"),
                                       mdd_str(v, "kind"),
                                       mdd_str(v, "value"));
        }

        return ok;
    }

    if (strcmp(what, "bulk") == 0) {
        json_array_foreach(json_object_get(args, "cards"), i, v) {
            ok = ok && mdd_card_get(db,
                                json_integer_value(json_array_get(v, 0)), &c)
                 && mdd_may_see(who, c.site, c.queue, c.label);
        }

        return ok;
    }

    return strcmp(what, "account") == 0
           ? mdd_scope_target(d, db, who, what, mdd_str(args, "account"))
           : strcmp(what, "erase") == 0
             && mdd_scope_target(d, db, who, mdd_str(args, "what"),
                                 mdd_str(args, "id"));
}


int
mdd_scope_refused(mdd_web_t *w, int may, const char *field)
{
    if (!may) {
        mdd_error(w, 403, "forbidden", T(w, "它在所有站点生效；须由负责全部站点的人来做",
                  "it would hold on other sites, too: somebody for all sites "
                  "does this"), field);
    }

    return !may;
}
