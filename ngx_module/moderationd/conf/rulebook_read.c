/*
 * rulebook_read.c - a policy into a book: slots, reasons, rules, categories,
 * bursts, as its files say them (see rulebook.h).
 */

#include "rulebook.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define TEXT_MAX   (4u << 20)


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


/* scope and fields, as workers put it (mdr_policy_review_print) */

static void
slot_print(mdd_slot_t *s, const mdd_yaml_t *review, const mdd_yaml_t *fields)
{
    int                known = 0;
    mdd_buf_t          b = { 0 };
    const char        *name, *session = word(review, "session");
    const mdd_yaml_t  *list = part(review, "fields"), *y;

    mdd_buf_str(&b, s->scope ? s->scope : "");
    mdd_buf_str(&b, "\n");
    list = list ? list : fields;

    for (y = list ? list->first : NULL; y; y = y->next) {
        name = list->kind == MDD_Y_MAP ? y->key : y->text;

        if (name) {
            mdd_buf_str(&b, name);
            mdd_buf_str(&b, ",");
            known |= session && strcmp(name, session) == 0;
        }
    }

    if (session && !known) {
        mdd_buf_str(&b, session);
        mdd_buf_str(&b, ",");
    }

    s->print = b.bad ? NULL : strndup(b.p, b.n);
    mdd_buf_free(&b);
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

    s = word(review, "stable");
    slot->assume = s && strcmp(s, "assume") == 0;
    slot_print(slot, review, part(y, "fields"));

    s = word(part(review, "cover"), "field");
    slot->cover = s ? copy(s) : NULL;
    s = word(part(review, "cover"), "check");
    slot->cover_ms = slot->cover && s && strcmp(s, "content") == 0
                     ? span(part(review, "cover"), "every", 60000) : 0;
    s = word(review, "session");
    slot->session = s ? copy(s) : NULL;
    s = word(review, "rollout");
    slot->rollout = s ? (int) strtol(s, NULL, 10) : 100;
    s = word(review, "people");
    slot->people = s && strcmp(s, "2") == 0 ? 2 : 1;
    slot->ttl_ms = span(review, "ttl", 24 * 3600000);
    slot->target_ms = span(review, "target", 5 * 60000);
    s = word(y, "kind");
    slot->kind = s && strcmp(s, "programme") == 0 ? 1
                 : s && strcmp(s, "account") == 0 ? 2 : 0;
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


/* a text, or {kind, ref}; kind law: it is one */

static char *
basis(const mdd_yaml_t *y, int *law)
{
    const char  *s = word(y, "basis"), *kind = word(part(y, "basis"), "kind");

    *law = kind && strcmp(kind, "law") == 0;

    return copy(s ? s : word(part(y, "basis"), "ref"));
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
    r->basis = basis(y, &r->law);
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
    r->least = number(part(y, "strikes"), "floor");
    r->precision = number(y, "precision");
    s = word(y, "risk_level");
    r->risk = s && strcmp(s, "high") == 0 ? 2
              : s && strcmp(s, "medium") == 0 ? 1 : 0;
    two_languages(part(y, "title"), &r->title_zh, &r->title_en);
    two_languages(part(y, "notice"), &r->notice_zh, &r->notice_en);
    r->basis = basis(y, &r->law);
    r->expires = copy(word(y, "expires"));
    r->owner = copy(word(y, "owner"));
    r->text = lines(file, y->line, y->next ? y->next->line : ~0u);
}


/* categories: {political: [label, ...], ...} */

static void
read_categories(mdd_book_t *b, const mdd_yaml_t *y)
{
    int                i;
    void              *p;
    const mdd_yaml_t  *v;

    static const char *const  names[] = {
        "political", "rumor", "infringing", "clickbait", "reporting",
        "lowbrow", "other"
    };

    for (i = 0; i < 7; i++) {
        v = part(y, names[i]);

        for (v = v && v->kind == MDD_Y_LIST ? v->first : NULL; v; v = v->next)
        {
            p = v->kind != MDD_Y_SCALAR ? NULL
                : one_more(b->categories, b->ncategories,
                           sizeof(mdd_labelled_t));

            if (p) {
                b->categories = p;
                b->categories[b->ncategories].label = copy(v->text);
                b->categories[b->ncategories++].category = i;
            }
        }
    }
}


static void
read_burst(mdd_book_t *b, const char *rule, const mdd_yaml_t *y)
{
    void  *p;

    if (y == NULL
        || (p = one_more(b->bursts, b->nbursts, sizeof(mdd_bursts_t)))
           == NULL)
    {
        return;
    }

    b->bursts = p;
    b->bursts[b->nbursts].rule = copy(rule);
    b->bursts[b->nbursts].ratio = number(y, "ratio");
    b->bursts[b->nbursts++].min = number(y, "min");
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

        read_categories(b, part(y, "categories"));
        v = part(y, "bursts");
        read_burst(b, NULL, part(v, "default"));

        for (v = part(v, "rules") ? part(v, "rules")->first : NULL; v;
             v = v->next)
        {
            read_burst(b, v->key, v);
        }

        v = part(part(y, "accounts"), "states");

        if (v) {
            b->watched = number(v, "watched");
            b->limited = number(v, "limited");
            b->suspended = number(v, "suspended");
        }
    }

    mdd_yaml_free(y);
    free(m.text);
    free(file);
}


/* each *.yaml of a folder, or the file; run(NULL path) never comes */

void
mdd_book_files(const char *path, void (*run)(void *ctx, const char *file),
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
load_file(void *ctx, const char *file)
{
    read_file(ctx, file);
}


void
mdd_book_free(mdd_book_t *b)
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
        free(b->slots[i].session);
        free(b->slots[i].cover);
        free(b->slots[i].scope);
        free(b->slots[i].print);
    }

    for (i = 0; i < b->nreasons; i++) {
        free(b->reasons[i].id);
        free(b->reasons[i].label);
        free(b->reasons[i].title_zh);
        free(b->reasons[i].title_en);
        free(b->reasons[i].notice_zh);
        free(b->reasons[i].notice_en);
        free(b->reasons[i].basis);
    }

    for (i = 0; i < b->nrules; i++) {
        free(b->rules[i].id);
        free(b->rules[i].label);
        free(b->rules[i].title_zh);
        free(b->rules[i].title_en);
        free(b->rules[i].notice_zh);
        free(b->rules[i].notice_en);
        free(b->rules[i].basis);
        free(b->rules[i].expires);
        free(b->rules[i].owner);
        free(b->rules[i].text);
    }

    for (i = 0; i < b->ncategories; i++) {
        free(b->categories[i].label);
    }

    free(b->categories);
    for (i = 0; i < b->nbursts; i++) {
        free(b->bursts[i].rule);
    }

    free(b->bursts);
    free(b->slots);
    free(b->reasons);
    free(b->rules);
    free(b->site);
    free(b);
}


/* slots may stand in another file than the accounts */

static void
first_screens(void *ctx, const char *path)
{
    mdd_msgs_t         m = { .file = path };
    mdd_slot_t        *s;
    mdd_yaml_t        *y = mdd_yaml_read(path, &m);
    const mdd_yaml_t  *v;

    v = y && y->kind == MDD_Y_MAP
        ? part(part(y, "accounts"), "first_screens") : NULL;

    for (v = v && v->kind == MDD_Y_LIST ? v->first : NULL; v; v = v->next) {
        s = (mdd_slot_t *) mdd_book_slot(ctx, v->text);

        if (s) {
            s->first_screen = 1;
        }
    }

    mdd_yaml_free(y);
    free(m.text);
}


mdd_book_t *
mdd_book_read(const char *path)
{
    mdd_book_t  *b = calloc(1, sizeof(mdd_book_t));

    if (b != NULL) {
        mdd_book_files(path, load_file, b);
        mdd_book_files(path, first_screens, b);
    }

    return b;
}
