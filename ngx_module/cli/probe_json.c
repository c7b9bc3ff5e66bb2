/*
 * probe_json.c - slots of a feed: objects that stand in lists, grouped by their
 * path with [*] for every index.
 */

#include "probe.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define GROUPS  2000
#define DEPTH   40
#define SAMPLE  200

typedef struct {
    char      path[PROBE_MATCH];
    json_t  **items;
    size_t    n, cap;
    int       stars;
} group_t;

typedef struct {
    group_t  *g;
    size_t    n;
} groups_t;


static void
put(groups_t *all, const char *path, int stars, json_t *v)
{
    size_t    i;
    group_t  *g;

    for (i = 0; i < all->n && strcmp(all->g[i].path, path) != 0; i++) {
        /* void */
    }

    if (i == GROUPS) {
        return;
    }

    g = &all->g[i];

    if (i == all->n) {
        all->n++;
        memset(g, 0, sizeof(*g));
        snprintf(g->path, sizeof(g->path), "%s", path);
        g->stars = stars;
    }

    if (g->n == g->cap) {
        g->cap = g->cap * 2 + 16;
        g->items = realloc(g->items, g->cap * sizeof(json_t *));
        if (g->items == NULL) {
            exit(2);
        }
    }

    g->items[g->n++] = v;
}


static int
plain_name(const char *s)
{
    if (!isalpha((unsigned char) *s) && *s != '_') {
        return 0;
    }

    for ( ; *s != '\0'; s++) {
        if (!isalnum((unsigned char) *s) && *s != '_') {
            return 0;
        }
    }

    return 1;
}


static int
member(char *dst, size_t size, const char *path, const char *name)
{
    return (size_t) snprintf(dst, size,
                             plain_name(name) ? "%s.%s" : "%s['%s']", path,
                             name)
           < size && strchr(name, '\'') == NULL;
}


static void
walk(groups_t *all, json_t *v, const char *path, int stars, int depth)
{
    char         sub[PROBE_MATCH];
    size_t       i;
    json_t      *e;
    const char  *name;

    if (depth == DEPTH) {
        return;
    }

    if (json_is_array(v)) {
        if ((size_t) snprintf(sub, sizeof(sub), "%s[*]", path)
            >= sizeof(sub))
        {
            return;
        }

        json_array_foreach(v, i, e) {
            walk(all, e, sub, stars + 1, depth + 1);
        }

    } else if (json_is_object(v)) {
        if (stars > 0) {
            put(all, path, stars, v);
        }

        json_object_foreach(v, name, e) {
            if ((json_is_object(e) || json_is_array(e))
                && member(sub, sizeof(sub), path, name))
            {
                walk(all, e, sub, stars, depth + 1);
            }
        }
    }
}


static int
has(const char *name, const char *const *words)
{
    size_t  i;

    for (i = 0; words[i] != NULL; i++) {
        if (strcasestr(name, words[i]) != NULL) {
            return (int) i + 1;
        }
    }

    return 0;
}


static const char *const  title_words[] = {
    "title", "headline", "room_name", "roomname", "subject", "caption",
    "full_text", "text", "content", "summary", "name", "desc", NULL
};

static const char *const  account_words[] = {
    "nickname", "nick", "owner_name", "uname", "anchor", "author",
    "screen_name", "username", "user_name", "owner", "host", "user",
    "uploader", NULL
};

static const char *const  room_words[] = {
    "room_id", "roomid", "live_id", "video_id", "videoid", "id_str", "rid",
    "show_id", "item_id", "href", "url", "link", "id", NULL
};


static int
is_text(const char *s)
{
    size_t  n;

    n = strlen(s);

    return n >= 4 && n < 2000 && strncmp(s, "http", 4) != 0
           && strncmp(s, "//", 2) != 0 && s[0] != '#'
           && strspn(s, "0123456789.:-/ ") != n;
}


/* how many of the group's first objects have a text at that path, and how
 * many different ones */

static double
filled(const group_t *g, const char *const *keys, size_t nkeys, int text,
    probe_slot_t *s, size_t *count)
{
    char         num[32];
    size_t       i, k, n, same, m;
    json_t      *v;
    const char  *t, *last;

    m = g->n < SAMPLE ? g->n : SAMPLE;
    n = 0;
    same = 0;
    last = "";

    if (s != NULL) {
        s->npreview = 0;
    }

    for (i = 0; i < m; i++) {
        v = g->items[i];

        for (k = 0; k < nkeys && v != NULL; k++) {
            if (json_is_array(v)) {
                v = json_array_get(v, 0);
            }
            v = json_object_get(v, keys[k]);
        }

        if (json_is_integer(v) && !text) {
            snprintf(num, sizeof(num), "%lld",
                     (long long) json_integer_value(v));
            t = num;

        } else {
            t = json_string_value(v);
        }

        if (t == NULL || *t == '\0' || (text && !is_text(t))) {
            continue;
        }

        n++;
        same += strcmp(t, last) == 0;
        last = t == num ? "" : t;

        if (s != NULL && s->npreview < PROBE_PREVIEW) {
            probe_text(s->preview[s->npreview++], t, strlen(t));
        }
    }

    *count = n;

    return m == 0 ? 0 : (double) n / (double) m
                        * (1 - 0.8 * (double) same / (double) (n + 1));
}


typedef struct {
    double  best;
    char    path[PROBE_MATCH];
    size_t  keys_n;
    const char *keys[4];
} choice_t;


/* the best member of a kind, at most three names deep in the object, or
 * behind a list of pieces (title.runs[*].text) */

static void
choose(const group_t *g, json_t *v, const char **keys, size_t n,
    const char *path, const char *const *words, int text, choice_t *c)
{
    int          rank;
    char         sub[PROBE_MATCH], list[PROBE_MATCH];
    double       q;
    size_t       count, i;
    json_t      *e;
    const char  *name;

    json_object_foreach(v, name, e) {

        if (!member(sub, sizeof(sub), path, name)) {
            continue;
        }

        keys[n] = name;
        rank = has(name, words);

        if (rank == 0 && n > 0) {
            rank = has(keys[n - 1], words);
            rank = rank != 0 && (strcmp(name, "text") == 0
                                 || strcmp(name, "simpleText") == 0
                                 || strcmp(name, "name") == 0
                                 || strcmp(name, "content") == 0)
                   ? rank : 0;
        }

        if (rank == 0 && n > 1) {
            rank = strcmp(name, "text") == 0 ? has(keys[n - 2], words) : 0;
        }

        if (rank != 0 && (json_is_string(e) || (!text && json_is_integer(e))))
        {
            q = filled(g, keys, n + 1, text, NULL, &count)
                * (1 - 0.03 * rank) * (1 - 0.12 * (double) n);

            if (q > c->best + 0.001) {
                c->best = q;
                snprintf(c->path, sizeof(c->path), "%s", sub);
                for (i = 0; i <= n; i++) {
                    c->keys[i] = keys[i];
                }
                c->keys_n = n + 1;
            }

        } else if (n < 2 && json_is_object(e)) {
            choose(g, e, keys, n + 1, sub, words, text, c);

        } else if (n < 2 && json_is_array(e)
                   && json_is_object(json_array_get(e, 0))
                   && (strcmp(name, "runs") == 0
                       || strcmp(name, "pieces") == 0)
                   && (size_t) snprintf(list, sizeof(list), "%s[*]", sub)
                      < sizeof(list))
        {
            choose(g, json_array_get(e, 0), keys, n + 1, list, words, text,
                   c);
        }
    }
}


static void
propose(probe_t *p, const group_t *g, const char *type, double whole)
{
    size_t        i, m, keys_n, count;
    double        size;
    choice_t      title, account, room;
    const char   *keys[4];
    probe_slot_t  s;

    memset(&title, 0, sizeof(title));
    memset(&account, 0, sizeof(account));
    memset(&room, 0, sizeof(room));

    /* objects of one list may differ: some of them say what there is */

    for (i = 0; i < g->n && i < 4; i++) {
        choose(g, g->items[i], keys, 0, "$", title_words, 1, &title);
        choose(g, g->items[i], keys, 0, "$", account_words, 1, &account);
        choose(g, g->items[i], keys, 0, "$", room_words, 0, &room);
    }

    if (title.best < 0.3 || (g->n < 3 && strcmp(g->path, "$") != 0)) {
        return;
    }

    memset(&s, 0, sizeof(s));
    s.type = type;
    snprintf(s.match, sizeof(s.match), "%s", g->path);
    s.items = g->n;
    (void) filled(g, title.keys, title.keys_n, 1, &s, &count);
    s.titled = count;

    for (i = 0, keys_n = 0, m = g->n < SAMPLE ? g->n : SAMPLE; i < m; i++) {
        keys_n += json_object_size(g->items[i]);
    }

    size = (double) keys_n / (double) m;

    probe_field(&s, "title", title.path);

    if (account.best > 0.4 && strcmp(account.path, title.path) != 0) {
        probe_field(&s, "nickname", account.path);
    }

    if (room.best > 0.4) {
        probe_field(&s, "room", room.path);
    }

    /* many, titled, with much in them, with a name and an id of their own,
     * and not far down */

    s.score = log2((double) g->n + 1) * title.best
              * (1 + log2(1 + size) / 3)
              * (room.best > 0.4 ? 1.3 : 1)
              * (account.best > 0.4 ? 1.15 : 1)
              * pow(0.93, whole);

    probe_add(p, &s);
}


static double
steps(const char *path)
{
    double  n;

    for (n = 0; *path != '\0'; path++) {
        n += *path == '.' || *path == '[';
    }

    return n;
}


/* JSON, JSONP, or lines of JSON */

int
probe_json(probe_t *p, const char *s, size_t n)
{
    size_t        i, docs;
    json_t       *v, *all;
    groups_t      groups;
    const char   *type, *start;
    json_error_t  err;

    while (n > 0 && (isspace((unsigned char) *s) || *s == '\xef'
                     || *s == '\xbb' || *s == '\xbf'))
    {
        s++;
        n--;
    }

    type = "json";
    start = s;

    if (n > 0 && *s != '{' && *s != '[') {
        for (i = 0; i < n && i < 200 && s[i] != '(' && s[i] != '<'; i++) {
            /* void */
        }

        if (i == n || i == 200 || s[i] != '(') {
            return 0;
        }

        type = "jsonp";
        s += i + 1;
        n -= i + 1;
    }

    all = json_array();
    docs = 0;

    while (n > 0) {
        v = json_loadb(s, n, JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, &err);

        if (v == NULL) {
            break;
        }

        json_array_append_new(all, v);
        docs++;
        s += err.position;
        n -= (size_t) err.position;

        while (n > 0 && (isspace((unsigned char) *s) || *s == ',')) {
            s++;
            n--;
        }
    }

    if (docs == 0) {
        json_decref(all);
        return *start == '{' || *start == '[';
    }

    groups.g = probe_alloc(GROUPS * sizeof(group_t));
    groups.n = 0;

    if (docs > 1) {
        type = "ndjson";
    }

    for (i = 0; i < docs; i++) {
        walk(&groups, json_array_get(all, i), "$", docs > 1, 0);
    }

    for (i = 0; i < groups.n; i++) {
        propose(p, &groups.g[i], type, steps(groups.g[i].path));
        free(groups.g[i].items);
    }

    free(groups.g);
    json_decref(all);

    return 1;
}
