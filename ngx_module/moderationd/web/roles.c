/*
 * roles.c - roles.yaml: users and groups with roles, and what of the work
 * they are kept to.
 *
 *     users:
 *       alice: [reviewer]
 *       chen: {roles: [reviewer], sites: [a], queues: [first],
 *              labels_not: [sexual], until: 2027-01-31}
 *       ines: {roles: [inspector], case: 17, until: 2027-01-31}
 *     groups: {moderators: [reviewer]}
 *
 * Roles of a name and of its groups add up; what keeps somebody to a part is
 * the user's own entry, or that of the only group that gives roles.  Who is
 * there for one case is nothing else beside it.
 */

#include "roles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
    int            group;
    mdd_person_t   who;
} entry_t;

struct mdd_roles_s {
    entry_t  *entries;
    size_t    n;
};

static const char *const  words[] = {
    "viewer", "trainee", "reviewer", "lead", "policy", "auditor",
    "inspector", "admin"
};

#define WORDS  (sizeof(words) / sizeof(words[0]))


void
mdd_roles_text(unsigned mask, char out[128])
{
    size_t  i;

    out[0] = '\0';

    mask = mask & MDD_ONE_CASE ? MDD_INSPECTOR : mask;

    for (i = 0; i < WORDS; i++) {
        if (mask & 1u << i) {
            strcat(strcat(out, out[0] ? "," : ""), words[i]);
        }
    }
}


static int
name_ok(const char *s)
{
    size_t  n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvw"
                          "xyz0123456789._@-");

    return n > 0 && n <= MDD_WHO_MAX && s[n] == '\0';
}


static void
read_roles(mdd_msgs_t *m, const mdd_yaml_t *list, unsigned *mask)
{
    size_t             i;
    const char        *near;
    const mdd_yaml_t  *y;

    if (list->kind != MDD_Y_LIST) {
        mdd_yaml_error(m, list, "roles are a list");
        return;
    }

    for (y = list->first; y; y = y->next) {
        for (i = 0; i < WORDS; i++) {
            if (y->kind == MDD_Y_SCALAR && strcmp(y->text, words[i]) == 0) {
                *mask |= 1u << i;
                break;
            }
        }

        if (i == WORDS) {
            near = y->kind == MDD_Y_SCALAR
                   ? mdd_nearest(y->text, words, WORDS) : NULL;
            mdd_yaml_error(m, y, "unknown role%s%s%s",
                           near ? " (did you mean \"" : "", near ? near : "",
                           near ? "\"?)" : "");
        }
    }
}


static void
read_scope(mdd_msgs_t *m, const mdd_yaml_t *list,
    char names[][MDD_WHO_MAX + 1], size_t *n)
{
    const mdd_yaml_t  *y;

    if (list == NULL) {
        return;
    }

    if (list->kind != MDD_Y_LIST) {
        mdd_yaml_error(m, list, "a list is wanted");
        return;
    }

    for (y = list->first; y; y = y->next) {
        if (y->kind != MDD_Y_SCALAR || !name_ok(y->text)) {
            mdd_yaml_error(m, y, "no name");

        } else if (*n == MDD_SCOPES_MAX) {
            mdd_yaml_error(m, y, "more than %d names", MDD_SCOPES_MAX);
            return;

        } else {
            strcpy(names[(*n)++], y->text);
        }
    }
}


static int64_t
read_day(mdd_msgs_t *m, const mdd_yaml_t *y)
{
    struct tm  tm;

    memset(&tm, 0, sizeof(tm));

    if (y->kind != MDD_Y_SCALAR
        || sscanf(y->text, "%4d-%2d-%2d", &tm.tm_year, &tm.tm_mon,
                  &tm.tm_mday) != 3)
    {
        mdd_yaml_error(m, y, "a day is wanted, as 2027-01-31");
        return 0;
    }

    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    tm.tm_mday += 1;                    /* the day itself counts */

    return (int64_t) timegm(&tm) * 1000;
}


static void
read_entry(const mdd_conf_t *conf, mdd_msgs_t *m, const mdd_yaml_t *y,
    entry_t *e)
{
    size_t             i, k;
    const mdd_yaml_t  *v;
    static const char *const  keys[] = {
        "roles", "sites", "queues", "labels_not", "until", "case"
    };

    if (!name_ok(y->key)) {
        mdd_yaml_error(m, y, "a name has letters, digits and . _ @ -, at most "
                       "%d", MDD_WHO_MAX);
        return;
    }

    strcpy(e->who.name, y->key);

    if (y->kind == MDD_Y_LIST) {
        read_roles(m, y, &e->who.roles);
        return;
    }

    if (y->kind != MDD_Y_MAP) {
        mdd_yaml_error(m, y, "a list of roles or a map is wanted");
        return;
    }

    mdd_yaml_keys(m, y, "user", keys, sizeof(keys) / sizeof(keys[0]));

    v = mdd_yaml_get(y, "roles");

    if (v) {
        read_roles(m, v, &e->who.roles);
    }

    read_scope(m, mdd_yaml_get(y, "sites"), e->who.sites, &e->who.nsites);
    read_scope(m, mdd_yaml_get(y, "queues"), e->who.queues, &e->who.nqueues);
    read_scope(m, mdd_yaml_get(y, "labels_not"), e->who.labels_not,
               &e->who.nlabels_not);

    for (i = 0; conf && i < e->who.nsites; i++) {
        for (k = 0; k < conf->nsites; k++) {
            if (strcmp(conf->sites[k].name, e->who.sites[i]) == 0) {
                break;
            }
        }

        if (k == conf->nsites) {
            mdd_yaml_error(m, mdd_yaml_get(y, "sites"),
                           "unknown site \"%s\"", e->who.sites[i]);
        }
    }

    v = mdd_yaml_get(y, "case");

    if (v && e->who.roles != MDD_INSPECTOR) {
        mdd_yaml_error(m, v, "a case is for an inspector alone");

    } else if (v && (v->kind != MDD_Y_SCALAR
                     || strspn(v->text, "0123456789") != strlen(v->text)
                     || (e->who.casefile = strtoll(v->text, NULL, 10)) <= 0))
    {
        mdd_yaml_error(m, v, "the number of a case is wanted");
    }

    v = mdd_yaml_get(y, "until");

    if (v) {
        e->who.until = read_day(m, v);

    } else if (e->who.roles & MDD_INSPECTOR) {
        mdd_yaml_error(m, y, "an inspector ends by a date: until");
    }
}


mdd_roles_t *
mdd_roles_read(const mdd_conf_t *conf, const char *file, mdd_msgs_t *m)
{
    int                 g;
    mdd_roles_t        *roles;
    mdd_yaml_t         *y;
    const mdd_yaml_t   *part, *v;
    static const char *const  keys[] = { "users", "groups" };

    m->file = file;
    y = mdd_yaml_read(file, m);

    if (y == NULL) {
        return NULL;
    }

    roles = calloc(1, sizeof(mdd_roles_t));

    if (roles == NULL) {
        mdd_yaml_free(y);
        return NULL;
    }

    mdd_yaml_keys(m, y, "roles.yaml", keys, 2);

    for (g = 0; g < 2; g++) {
        part = y->kind == MDD_Y_MAP ? mdd_yaml_get(y, keys[g]) : NULL;

        if (part && part->kind != MDD_Y_MAP) {
            mdd_yaml_error(m, part, "a map of names is wanted");
            continue;
        }

        for (v = part ? part->first : NULL; v; v = v->next) {
            void  *p = realloc(roles->entries,
                               (roles->n + 1) * sizeof(entry_t));

            if (p == NULL) {
                m->errors++;
                break;
            }

            roles->entries = p;
            memset(&roles->entries[roles->n], 0, sizeof(entry_t));
            roles->entries[roles->n].group = g;
            read_entry(conf, m, v, &roles->entries[roles->n++]);
        }
    }

    mdd_yaml_free(y);

    if (m->errors) {
        mdd_roles_free(roles);
        return NULL;
    }

    return roles;
}


void
mdd_roles_free(mdd_roles_t *roles)
{
    if (roles) {
        free(roles->entries);
        free(roles);
    }
}


static int
in_groups(const char *groups, const char *name)
{
    size_t  n;

    while (*groups) {
        groups += strspn(groups, ", ");
        n = strcspn(groups, ", ");

        if (n && strlen(name) == n && memcmp(groups, name, n) == 0) {
            return 1;
        }

        groups += n;
    }

    return 0;
}


int
mdd_roles_find(const mdd_roles_t *roles, const char *name, const char *groups,
    int64_t now, mdd_person_t *who)
{
    size_t               i;
    unsigned             mask = 0;
    const mdd_person_t  *p, *scope = NULL;

    if (!name_ok(name)) {
        return 0;
    }

    /* users come first in the list, so the user's own entry is the scope */

    for (i = 0; i < roles->n; i++) {
        p = &roles->entries[i].who;

        if (p->until && now >= p->until) {
            continue;
        }

        if (roles->entries[i].group ? groups && in_groups(groups, p->name)
                                    : strcmp(p->name, name) == 0)
        {
            mask |= p->roles;
            scope = scope ? scope : p;
        }
    }

    if (scope == NULL || mask == 0) {
        return 0;
    }

    *who = *scope;
    strcpy(who->name, name);
    who->roles = who->casefile ? MDD_ONE_CASE : mask | MDD_VIEWER;

    return 1;
}


const char *
mdd_roles_user(const mdd_roles_t *roles, size_t i, unsigned *mask)
{
    if (i >= roles->n || roles->entries[i].group) {
        return NULL;
    }

    *mask = roles->entries[i].who.roles;

    return roles->entries[i].who.name;
}


static int
has(char names[][MDD_WHO_MAX + 1], size_t n, const char *name)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            return 1;
        }
    }

    return 0;
}


int
mdd_may_see(const mdd_person_t *who, const char *site, const char *queue,
    const char *label)
{
    mdd_person_t  *w = (mdd_person_t *) who;    /* names are not written */

    return (w->nsites == 0 || (site && has(w->sites, w->nsites, site)))
           && (w->nqueues == 0 || (queue && has(w->queues, w->nqueues, queue)))
           && !(label && has(w->labels_not, w->nlabels_not, label));
}
