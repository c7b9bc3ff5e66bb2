/*
 * period_set.c - sets of a report: items by 64 bits of their keyed hash (two
 * of ten million share them by chance once in 300 000 reports), and short
 * lists of names.
 */

#include "period.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX  4096


static uint64_t
key_of(const char *s)
{
    int       i;
    uint64_t  v = 0;

    for (i = 0; i < 16 && s[i]; i++) {
        if (s[i] >= '0' && s[i] <= '9') {
            v = v << 4 | (uint64_t) (s[i] - '0');

        } else if (s[i] >= 'a' && s[i] <= 'f') {
            v = v << 4 | (uint64_t) (s[i] - 'a' + 10);

        } else {
            break;
        }
    }

    if (i < 16) {                       /* no hash: FNV-1a of what it is */
        v = 1469598103934665603u;

        for ( ; *s; s++) {
            v = (v ^ (uint8_t) *s) * 1099511628211u;
        }
    }

    return v ? v : 1;
}


static mdd_thing_t *
place(mdd_thing_t *list, size_t size, uint64_t key)
{
    size_t  i = (size_t) (key * 0x9e3779b97f4a7c15u >> 20) & (size - 1);

    while (list[i].key != 0 && list[i].key != key) {
        i = (i + 1) & (size - 1);
    }

    return &list[i];
}


static int
grow(mdd_things_t *t)
{
    size_t        i, size = t->size ? t->size * 2 : 4096;
    mdd_thing_t  *list;

    list = calloc(size, sizeof(mdd_thing_t));

    if (list == NULL) {
        return -1;
    }

    for (i = 0; i < t->size; i++) {
        if (t->list[i].key) {
            *place(list, size, t->list[i].key) = t->list[i];
        }
    }

    free(t->list);
    t->list = list;
    t->size = size;

    return 0;
}


mdd_thing_t *
mdd_thing(mdd_things_t *t, const char *hash, int make)
{
    uint64_t      key = key_of(hash);
    mdd_thing_t  *e;

    if (t->size == 0 && (!make || grow(t) != 0)) {
        return NULL;
    }

    e = place(t->list, t->size, key);

    if (e->key || !make) {
        return e->key ? e : NULL;
    }

    if (t->n >= t->size / 3 * 2) {
        if (grow(t) != 0) {
            return NULL;
        }

        e = place(t->list, t->size, key);
    }

    t->n++;
    e->key = key;
    e->day = UINT16_MAX;

    return e;
}


void
mdd_things_free(mdd_things_t *t)
{
    free(t->list);
    memset(t, 0, sizeof(mdd_things_t));
}


static int
room(mdd_names_t *t)
{
    void    *p;
    size_t   cap = t->cap ? t->cap * 2 : 16;

    if (t->n < t->cap) {
        return 0;
    }

    if ((p = realloc(t->text, cap * sizeof(char *))) == NULL) {
        return -1;
    }
    t->text = p;

    if ((p = realloc(t->count, cap * sizeof(int64_t))) == NULL) {
        return -1;
    }
    t->count = p;

    if ((p = realloc(t->more, cap * sizeof(int64_t))) == NULL) {
        return -1;
    }
    t->more = p;
    t->cap = cap;

    return 0;
}


int
mdd_name(mdd_names_t *t, const char *text)
{
    size_t       i;
    uint64_t     h = 1469598103934665603u;
    const char  *s;

    if (t->n && strcmp(t->text[t->last], text) == 0) {
        return t->last;
    }

    if (t->slots == NULL
        && (t->slots = calloc(2 * NAMES_MAX, sizeof(uint16_t))) == NULL)
    {
        return -1;
    }

    for (s = text; *s; s++) {
        h = (h ^ (uint8_t) *s) * 1099511628211u;
    }

    for (i = (size_t) (h ^ h >> 32) & (2 * NAMES_MAX - 1); t->slots[i];
         i = (i + 1) & (2 * NAMES_MAX - 1))
    {
        if (strcmp(t->text[t->slots[i] - 1], text) == 0) {
            return t->last = t->slots[i] - 1;
        }
    }

    if (t->n == NAMES_MAX || room(t) != 0) {
        return -1;
    }

    t->text[t->n] = strdup(text);

    if (t->text[t->n] == NULL) {
        return -1;
    }

    t->count[t->n] = t->more[t->n] = 0;
    t->slots[i] = (uint16_t) (t->n + 1);

    return t->last = (int) t->n++;
}


void
mdd_names_free(mdd_names_t *t)
{
    size_t  i;

    for (i = 0; i < t->n; i++) {
        free(t->text[i]);
    }

    free(t->text);
    free(t->count);
    free(t->more);
    free(t->slots);
    memset(t, 0, sizeof(mdd_names_t));
}
