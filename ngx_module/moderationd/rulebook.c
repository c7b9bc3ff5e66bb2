/* rulebook.c - see rulebook.h */

#include "rulebook.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SITES_MAX  64
#define TEXT_MAX   (4u << 20)

static struct {
    mdd_book_t        *books[SITES_MAX];
    int64_t            stamps[SITES_MAX];
    size_t             n;
    pthread_rwlock_t   lock;
} shelf = { .lock = PTHREAD_RWLOCK_INITIALIZER };


static char *
copy(const char *s)
{
    return s ? strdup(s) : NULL;
}


static const char *
word(const mdd_yaml_t *map, const char *key)
{
    const mdd_yaml_t  *y;

    y = map && map->kind == MDD_Y_MAP ? mdd_yaml_get(map, key) : NULL;

    return y && y->kind == MDD_Y_SCALAR ? y->text : NULL;
}


static const mdd_yaml_t *
part(const mdd_yaml_t *map, const char *key)
{
    return map && map->kind == MDD_Y_MAP ? mdd_yaml_get(map, key) : NULL;
}


static int64_t
span(const mdd_yaml_t *map, const char *key, int64_t none)
{
    int64_t      ms;
    const char  *s = word(map, key);

    ms = s ? mdd_yaml_ms(s) : -1;

    return ms > 0 ? ms : none;
}


static double
number(const mdd_yaml_t *map, const char *key)
{
    const char  *s = word(map, key);

    return s ? strtod(s, NULL) : 0;
}


static void *
one_more(void *list, size_t n, size_t size)
{
    char  *p = realloc(list, (n + 1) * size);

    if (p) {
        memset(p + n * size, 0, size);
    }

    return p;
}


/* the names of review.scope, or the slot itself: sorted by the policy, since
 * slots of a scope list the same */

static void
slot_scope(mdd_slot_t *s, const mdd_yaml_t *list)
{
    size_t             len = 0;
    char             **p;
    const mdd_yaml_t  *y;

    for (y = list && list->kind == MDD_Y_LIST ? list->first : NULL; y;
         y = y->next)
    {
        if (y->kind == MDD_Y_SCALAR
            && (p = realloc(s->slots, (s->nslots + 1) * sizeof(char *))))
        {
            s->slots = p;
            s->slots[s->nslots++] = copy(y->text);
            len += strlen(y->text) + 1;
        }
    }

    if (s->nslots == 0 && (s->slots = malloc(sizeof(char *)))) {
        s->slots[s->nslots++] = copy(s->name);
        len = strlen(s->name) + 1;
    }

    s->scope = calloc(1, len + 1);

    for (size_t i = 0; s->scope && i < s->nslots; i++) {
        strcat(strcat(s->scope, i ? "," : ""), s->slots[i]);
    }
}


static void
read_slot(mdd_book_t *b, const mdd_yaml_t *y)
{
    void              *p;
    const char        *s;
    mdd_slot_t        *slot;
    const mdd_yaml_t  *review, *def;

    if (word(y, "name") == NULL
        || (p = one_more(b->slots, b->nslots, sizeof(mdd_slot_t))) == NULL)
    {
        return;
    }

    b->slots = p;
    slot = &b->slots[b->nslots++];
    review = part(y, "review");

    slot->name = copy(word(y, "name"));
    s = word(y, "review");
    s = s ? s : word(review, "mode");
    slot->required = s && strcmp(s, "required") == 0;

    s = word(review, "queue");
    slot->queue = copy(s ? s : slot->name);
    slot_scope(slot, part(review, "scope"));

    s = word(review, "people");
    slot->people = s && strcmp(s, "2") == 0 ? 2 : 1;
    slot->ttl_ms = span(review, "ttl", 24 * 3600000);
    slot->target_ms = span(review, "target", 5 * 60000);
    def = part(review, "default");
    slot->after_ms = span(def, "after", 0);
    s = word(def, "do");
    slot->pass = s && strcmp(s, "pass") == 0;
}


static void
two_languages(const mdd_yaml_t *y, char **zh, char **en)
{
    const char  *z = word(y, "zh"), *e = word(y, "en");

    if (y && y->kind == MDD_Y_SCALAR) {
        z = e = y->text;
    }

    *zh = copy(z ? z : e);
    *en = copy(e ? e : z);
}


static void
read_reason(mdd_book_t *b, const mdd_yaml_t *y)
{
    void          *p;
    const char    *key;
    mdd_reason_t  *r;

    if (word(y, "id") == NULL
        || (p = one_more(b->reasons, b->nreasons, sizeof(mdd_reason_t)))
           == NULL)
    {
        return;
    }

    b->reasons = p;
    r = &b->reasons[b->nreasons++];
    r->id = copy(word(y, "id"));
    r->label = copy(word(y, "label"));
    key = word(y, "key");
    r->key = key && *key >= '1' && *key <= '9' && key[1] == '\0'
             ? *key - '0' : 0;
    r->ttl_ms = span(y, "ttl", 0);
    r->points = number(y, "points");
    two_languages(part(y, "title"), &r->title_zh, &r->title_en);
    two_languages(part(y, "notice"), &r->notice_zh, &r->notice_en);
}


/* lines [from, to) of the file, without what is common to them on the left */

static char *
lines(const char *file, unsigned from, unsigned to)
{
    char        *out;
    size_t       n;
    unsigned     line = 1;
    const char  *p = file, *start;

    while (p && line < from) {
        p = strchr(p, '\n');
        p = p ? p + 1 : NULL;
        line++;
    }

    start = p;

    while (p && *p && line < to) {
        p = strchr(p, '\n');
        p = p ? p + 1 : NULL;
        line++;
    }

    if (start == NULL) {
        return NULL;
    }

    n = p ? (size_t) (p - start) : strlen(start);
    out = malloc(n + 1);

    if (out) {
        memcpy(out, start, n);

        while (n && (out[n - 1] == '\n' || out[n - 1] == ' ')) {
            n--;
        }

        out[n] = '\0';
    }

    return out;
}


static void
read_rule(mdd_book_t *b, const mdd_yaml_t *y, const char *file)
{
    void        *p;
    const char  *s;
    mdd_rule_t  *r;

    if (word(y, "id") == NULL
        || (p = one_more(b->rules, b->nrules, sizeof(mdd_rule_t))) == NULL)
    {
        return;
    }

    b->rules = p;
    r = &b->rules[b->nrules++];
    r->id = copy(word(y, "id"));
    r->label = copy(word(y, "label"));
    s = word(y, "rev");
    r->rev = s ? atoll(s) : 1;
    r->points = number(part(y, "strikes"), "points");
    r->half_ms = span(part(y, "strikes"), "half_life", 0);
    s = word(y, "risk_level");
    r->risk = s && strcmp(s, "high") == 0 ? 2
              : s && strcmp(s, "medium") == 0 ? 1 : 0;
    two_languages(part(y, "title"), &r->title_zh, &r->title_en);
    s = word(y, "basis");
    r->basis = copy(s ? s : word(part(y, "basis"), "ref"));
    r->expires = copy(word(y, "expires"));
    r->owner = copy(word(y, "owner"));
    r->text = lines(file, y->line, y->next ? y->next->line : ~0u);
}


static void
read_file(mdd_book_t *b, const char *path)
{
    char              *file;
    size_t             n;
    mdd_msgs_t         m = { .file = path };
    mdd_yaml_t        *y;
    const mdd_yaml_t  *v;

    file = mdd_file_read(-1, path, TEXT_MAX, &n);
    y = file ? mdd_yaml_read(path, &m) : NULL;

    if (y && y->kind == MDD_Y_MAP) {
        for (v = part(y, "slots") ? part(y, "slots")->first : NULL; v;
             v = v->next)
        {
            read_slot(b, v);
        }

        for (v = part(y, "reasons") ? part(y, "reasons")->first : NULL; v;
             v = v->next)
        {
            read_reason(b, v);
        }

        for (v = part(y, "rules") ? part(y, "rules")->first : NULL; v;
             v = v->next)
        {
            read_rule(b, v, file);
        }

        v = part(part(y, "accounts"), "states");

        if (v) {
            b->watched = number(v, "watched");
            b->limited = number(v, "limited");
            b->suspended = number(v, "suspended");
        }

        v = part(part(y, "accounts"), "first_screens");

        for (v = v && v->kind == MDD_Y_LIST ? v->first : NULL; v; v = v->next)
        {
            mdd_slot_t  *s = (mdd_slot_t *) mdd_book_slot(b, v->text);

            if (s) {
                s->first_screen = 1;
            }
        }
    }

    mdd_yaml_free(y);
    free(m.text);
    free(file);
}


/* each *.yaml of a folder, or the file; run(NULL path) never comes */

static void
each_file(const char *path, void (*run)(void *ctx, const char *file),
    void *ctx)
{
    int              i, n;
    char             file[4096];
    struct stat      st;
    struct dirent  **names;

    if (stat(path, &st) != 0) {
        return;
    }

    if (!S_ISDIR(st.st_mode)) {
        run(ctx, path);
        return;
    }

    n = scandir(path, &names, NULL, alphasort);

    for (i = 0; i < n; i++) {
        size_t  len = strlen(names[i]->d_name);

        if (len > 5 && names[i]->d_name[0] != '.'
            && strcmp(names[i]->d_name + len - 5, ".yaml") == 0
            && snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name)
               < (int) sizeof(file))
        {
            run(ctx, file);
        }

        free(names[i]);
    }

    if (n >= 0) {
        free(names);
    }
}


static void
stamp_file(void *ctx, const char *file)
{
    int64_t      *sum = ctx;
    struct stat   st;

    if (stat(file, &st) == 0) {
        *sum = *sum * 31 + st.st_mtim.tv_sec * 1000003 + st.st_mtim.tv_nsec
               + st.st_size * 7 + (int64_t) st.st_ino;
    }
}


static void
load_file(void *ctx, const char *file)
{
    read_file(ctx, file);
}


static void
free_book(mdd_book_t *b)
{
    size_t  i, k;

    if (b == NULL) {
        return;
    }

    for (i = 0; i < b->nslots; i++) {
        for (k = 0; k < b->slots[i].nslots; k++) {
            free(b->slots[i].slots[k]);
        }

        free(b->slots[i].slots);
        free(b->slots[i].name);
        free(b->slots[i].queue);
        free(b->slots[i].scope);
    }

    for (i = 0; i < b->nreasons; i++) {
        free(b->reasons[i].id);
        free(b->reasons[i].label);
        free(b->reasons[i].title_zh);
        free(b->reasons[i].title_en);
        free(b->reasons[i].notice_zh);
        free(b->reasons[i].notice_en);
    }

    for (i = 0; i < b->nrules; i++) {
        free(b->rules[i].id);
        free(b->rules[i].label);
        free(b->rules[i].title_zh);
        free(b->rules[i].title_en);
        free(b->rules[i].basis);
        free(b->rules[i].expires);
        free(b->rules[i].owner);
        free(b->rules[i].text);
    }

    free(b->slots);
    free(b->reasons);
    free(b->rules);
    free(b->site);
    free(b);
}


static void
look(mdd_t *d, void *data)
{
    char         path[4096];
    size_t       i;
    int64_t      stamp;
    mdd_book_t  *b, *old;
    const char  *policy;

    (void) data;

    for (i = 0; i < d->conf->nsites && i < SITES_MAX; i++) {
        stamp = 1;
        policy = d->conf->sites[i].policy;

        if (policy == NULL
            || snprintf(path, sizeof(path), "%s%s%s",
                        *policy == '/' ? "" : d->conf->dir,
                        *policy == '/' ? "" : "/", policy)
               >= (int) sizeof(path))
        {
            continue;
        }

        each_file(path, stamp_file, &stamp);

        if (stamp == shelf.stamps[i]) {
            continue;
        }

        b = calloc(1, sizeof(mdd_book_t));

        if (b == NULL) {
            continue;
        }

        b->site = copy(d->conf->sites[i].name);
        each_file(path, load_file, b);
        shelf.stamps[i] = stamp;

        pthread_rwlock_wrlock(&shelf.lock);
        old = shelf.books[i];
        shelf.books[i] = b;
        shelf.n = i + 1 > shelf.n ? i + 1 : shelf.n;
        pthread_rwlock_unlock(&shelf.lock);
        free_book(old);
    }
}


int
mdd_books_init(mdd_t *d)
{
    look(d, NULL);

    return mdd_timer_add(d, 2000, look, NULL);
}


void
mdd_books_done(mdd_t *d)
{
    size_t  i;

    (void) d;

    for (i = 0; i < shelf.n; i++) {
        free_book(shelf.books[i]);
        shelf.books[i] = NULL;
    }

    shelf.n = 0;
}


const mdd_book_t *
mdd_book(const char *site)
{
    size_t  i;

    pthread_rwlock_rdlock(&shelf.lock);

    for (i = 0; i < shelf.n; i++) {
        if (shelf.books[i]
            && (site == NULL || strcmp(shelf.books[i]->site, site) == 0))
        {
            return shelf.books[i];
        }
    }

    pthread_rwlock_unlock(&shelf.lock);

    return NULL;
}


void
mdd_book_leave(const mdd_book_t *book)
{
    if (book) {
        pthread_rwlock_unlock(&shelf.lock);
    }
}


const mdd_slot_t *
mdd_book_slot(const mdd_book_t *b, const char *name)
{
    size_t  i;

    for (i = 0; b && i < b->nslots; i++) {
        if (strcmp(b->slots[i].name, name) == 0) {
            return &b->slots[i];
        }
    }

    return NULL;
}


const mdd_rule_t *
mdd_book_rule(const mdd_book_t *b, const char *id)
{
    size_t  i;

    for (i = 0; b && i < b->nrules; i++) {
        if (strcmp(b->rules[i].id, id) == 0) {
            return &b->rules[i];
        }
    }

    return NULL;
}


const mdd_reason_t *
mdd_book_reason(const mdd_book_t *b, const char *id)
{
    size_t  i;

    for (i = 0; b && i < b->nreasons; i++) {
        if (strcmp(b->reasons[i].id, id) == 0) {
            return &b->reasons[i];
        }
    }

    return NULL;
}


const char *
mdd_site_of(const mdd_conf_t *conf, const char *host)
{
    size_t  i, k;

    for (i = 0; i < conf->nsites; i++) {
        for (k = 0; k < conf->sites[i].nhosts; k++) {
            if (strcmp(conf->sites[i].hosts[k], host) == 0) {
                return conf->sites[i].name;
            }
        }
    }

    return conf->nsites == 1 ? conf->sites[0].name : NULL;
}
