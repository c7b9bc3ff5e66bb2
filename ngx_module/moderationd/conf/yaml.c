/*
 * yaml.c - YAML as a tree with positions; messages as file:line:column with
 * the nearest known word.  One document a file, no aliases, no tags, each key
 * of a map once.
 */

#include "moderationd/moderationd.h"

#include <yaml.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX    (1u << 20)
#define DEPTH_MAX   32


static void
message(mdd_msgs_t *m, unsigned line, unsigned column, int error,
    const char *fmt, va_list ap)
{
    char    text[1024], *p;
    int     n;

    n = snprintf(text, sizeof(text), "%s:%u:%u: %s", m->file, line, column,
                 error ? "" : "warning: ");
    if (n < 0 || (size_t) n >= sizeof(text)) {
        return;
    }
    vsnprintf(text + n, sizeof(text) - (size_t) n, fmt, ap);
    for (p = text; *p != '\0'; p++) {
        if ((unsigned char) *p < 0x20) {
            *p = '?';
        }
    }

    m->errors += error;
    m->warnings += !error;

    n = (int) strlen(text);
    p = realloc(m->text, m->n + (size_t) n + 2);
    if (p != NULL) {
        m->text = p;
        memcpy(m->text + m->n, text, (size_t) n);
        m->n += (size_t) n;
        m->text[m->n++] = '\n';
        m->text[m->n] = '\0';
    }
}


static void
error_at(mdd_msgs_t *m, unsigned line, unsigned column, const char *fmt, ...)
{
    va_list  ap;

    va_start(ap, fmt);
    message(m, line, column, 1, fmt, ap);
    va_end(ap);
}


void
mdd_yaml_error(mdd_msgs_t *m, const mdd_yaml_t *at, const char *fmt, ...)
{
    va_list  ap;

    va_start(ap, fmt);
    message(m, at != NULL ? at->line : 1, at != NULL ? at->column : 1, 1, fmt,
            ap);
    va_end(ap);
}


void
mdd_yaml_warn(mdd_msgs_t *m, const mdd_yaml_t *at, const char *fmt, ...)
{
    va_list  ap;

    va_start(ap, fmt);
    message(m, at != NULL ? at->line : 1, at != NULL ? at->column : 1, 0, fmt,
            ap);
    va_end(ap);
}


void
mdd_yaml_free(mdd_yaml_t *y)
{
    mdd_yaml_t  *next, *child;

    /* children are put in front of what is still to be freed: no recursion */
    while (y != NULL) {
        next = y->next;
        child = y->first;

        if (child != NULL) {
            while (child->next != NULL) {
                child = child->next;
            }
            child->next = next;
            next = y->first;
        }

        free(y->text);
        free(y->key);
        free(y);
        y = next;
    }
}


static int
make_node(const yaml_event_t *ev, mdd_yaml_t **node)
{
    mdd_yaml_t  *n;

    *node = n = calloc(1, sizeof(mdd_yaml_t));
    if (n == NULL) {
        return MDD_FAILED;
    }

    n->line = (unsigned) ev->start_mark.line + 1;
    n->column = (unsigned) ev->start_mark.column + 1;

    if (ev->type == YAML_SCALAR_EVENT) {
        n->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        n->text = strndup((const char *) ev->data.scalar.value,
                          ev->data.scalar.length);
        if (n->text == NULL) {
            free(n);
            *node = NULL;
            return MDD_FAILED;
        }
    } else {
        n->kind = ev->type == YAML_MAPPING_START_EVENT ? MDD_Y_MAP
                                                       : MDD_Y_LIST;
    }

    return MDD_OK;
}


typedef struct {
    mdd_yaml_t  *root, *stack[DEPTH_MAX], *last[DEPTH_MAX], *key;
    int          depth;
} reader_t;


/* a node that has begun takes its place; *key is freed where it is used */

static int
put(reader_t *r, mdd_msgs_t *m, mdd_yaml_t *n)
{
    mdd_yaml_t  *top;

    top = r->depth > 0 ? r->stack[r->depth - 1] : NULL;

    if (top == NULL) {
        r->root = n;

    } else if (top->kind == MDD_Y_MAP && r->key == NULL) {

        if (n->kind != MDD_Y_SCALAR) {
            error_at(m, n->line, n->column, "a key has to be plain text");
            mdd_yaml_free(n);
            return MDD_FAILED;
        }
        if (mdd_yaml_get(top, n->text) != NULL) {
            error_at(m, n->line, n->column, "\"%s\" is there twice", n->text);
            mdd_yaml_free(n);
            return MDD_FAILED;
        }
        r->key = n;
        return MDD_OK;

    } else {
        if (top->kind == MDD_Y_MAP) {
            n->key = r->key->text;
            n->key_line = r->key->line;
            n->key_column = r->key->column;
            r->key->text = NULL;
            mdd_yaml_free(r->key);
            r->key = NULL;
        }
        if (r->last[r->depth - 1] == NULL) {
            top->first = n;
        } else {
            r->last[r->depth - 1]->next = n;
        }
        r->last[r->depth - 1] = n;
        top->n++;
    }

    if (n->kind != MDD_Y_SCALAR) {
        if (r->depth == DEPTH_MAX) {
            error_at(m, n->line, n->column, "nested too deeply");
            return MDD_FAILED;
        }
        r->stack[r->depth] = n;
        r->last[r->depth++] = NULL;
    }

    return MDD_OK;
}


static int
event(reader_t *r, mdd_msgs_t *m, const yaml_event_t *ev, int *documents)
{
    unsigned     line, column;
    mdd_yaml_t  *n;

    line = (unsigned) ev->start_mark.line + 1;
    column = (unsigned) ev->start_mark.column + 1;

    switch (ev->type) {

    case YAML_DOCUMENT_START_EVENT:
        if ((*documents)++) {
            error_at(m, line, column, "a second document");
            return MDD_FAILED;
        }
        return MDD_OK;

    case YAML_ALIAS_EVENT:
        error_at(m, line, column, "aliases are not taken");
        return MDD_FAILED;

    case YAML_SCALAR_EVENT:
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        if ((ev->type == YAML_SCALAR_EVENT ? ev->data.scalar.tag
             : ev->type == YAML_SEQUENCE_START_EVENT
             ? ev->data.sequence_start.tag : ev->data.mapping_start.tag)
            != NULL)
        {
            error_at(m, line, column, "tags are not taken");
            return MDD_FAILED;
        }
        if (make_node(ev, &n) != MDD_OK) {
            error_at(m, line, column, "no memory");
            return MDD_FAILED;
        }
        return put(r, m, n);

    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        r->depth--;
        return MDD_OK;

    default:
        return MDD_OK;
    }
}


mdd_yaml_t *
mdd_yaml_read(const char *file, mdd_msgs_t *m)
{
    int             rc, done, documents;
    char           *p;
    size_t          n;
    reader_t        r;
    yaml_event_t    ev;
    yaml_parser_t   parser;

    m->file = file;
    p = mdd_file_read(AT_FDCWD, file, FILE_MAX, &n);
    if (p == NULL) {
        error_at(m, 1, 1, "%s", strerror(errno));
        return NULL;
    }

    if (memchr(p, '\0', n) != NULL || !yaml_parser_initialize(&parser)) {
        error_at(m, 1, 1, "cannot be read");
        free(p);
        return NULL;
    }

    yaml_parser_set_input_string(&parser, (unsigned char *) p, n);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);

    memset(&r, 0, sizeof(r));
    documents = 0;
    rc = MDD_OK;

    for (done = 0; !done && rc == MDD_OK; ) {
        if (!yaml_parser_parse(&parser, &ev)) {
            error_at(m, (unsigned) parser.problem_mark.line + 1,
                     (unsigned) parser.problem_mark.column + 1, "%s",
                     parser.problem != NULL ? parser.problem
                                            : "cannot be read");
            rc = MDD_FAILED;
            break;
        }
        rc = event(&r, m, &ev, &documents);
        done = ev.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&ev);
    }

    yaml_parser_delete(&parser);
    free(p);
    mdd_yaml_free(r.key);

    if (rc == MDD_OK && (r.root == NULL || r.root->kind != MDD_Y_MAP)) {
        error_at(m, 1, 1, "keys and values are wanted here");
        rc = MDD_FAILED;
    }

    if (rc != MDD_OK) {
        mdd_yaml_free(r.root);
        return NULL;
    }

    return r.root;
}


mdd_yaml_t *
mdd_yaml_get(const mdd_yaml_t *map, const char *key)
{
    mdd_yaml_t  *n;

    if (map == NULL || map->kind != MDD_Y_MAP) {
        return NULL;
    }

    for (n = map->first; n != NULL; n = n->next) {
        if (strcmp(n->key, key) == 0) {
            return n;
        }
    }

    return NULL;
}


/* letters to add, leave out, change or swap with the next one */

static size_t
distance(const char *a, const char *b)
{
    size_t  i, j, na, nb, d[3][33], v;

    na = strlen(a);
    nb = strlen(b);
    if (na > 32 || nb > 32) {
        return 99;
    }

    for (j = 0; j <= nb; j++) {
        d[0][j] = j;
    }

    for (i = 1; i <= na; i++) {
        d[i % 3][0] = i;
        for (j = 1; j <= nb; j++) {
            v = d[(i - 1) % 3][j - 1] + (a[i - 1] != b[j - 1]);
            v = d[(i - 1) % 3][j] + 1 < v ? d[(i - 1) % 3][j] + 1 : v;
            v = d[i % 3][j - 1] + 1 < v ? d[i % 3][j - 1] + 1 : v;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]
                && d[(i - 2) % 3][j - 2] + 1 < v)
            {
                v = d[(i - 2) % 3][j - 2] + 1;
            }
            d[i % 3][j] = v;
        }
    }

    return d[na % 3][nb];
}


const char *
mdd_nearest(const char *word, const char *const *words, size_t n)
{
    size_t       i, d, best;
    const char  *near;

    near = NULL;
    best = strlen(word) / 3 + 2;

    for (i = 0; i < n; i++) {
        d = distance(word, words[i]);
        if (d < best) {
            best = d;
            near = words[i];
        }
    }

    return near;
}


void
mdd_yaml_keys(mdd_msgs_t *m, const mdd_yaml_t *map, const char *what,
    const char *const *keys, size_t n)
{
    size_t       i;
    const char  *near;
    mdd_yaml_t  *y;

    if (map->kind != MDD_Y_MAP) {
        mdd_yaml_error(m, map, "%s: keys and values are wanted here", what);
        return;
    }

    for (y = map->first; y != NULL; y = y->next) {
        for (i = 0; i < n && strcmp(keys[i], y->key) != 0; i++) { /* void */ }

        if (i == n) {
            near = mdd_nearest(y->key, keys, n);
            error_at(m, y->key_line, y->key_column,
                     "unknown key \"%.64s\" in %s%s%s%s", y->key, what,
                     near != NULL ? " (did you mean \"" : "",
                     near != NULL ? near : "", near != NULL ? "\"?)" : "");
        }
    }
}


/* a number and a unit of s: units are letters, each worth its factor */

static int64_t
with_unit(const char *s, const char *units, const int64_t *worth)
{
    int64_t      v;
    const char  *u;

    if (*s < '0' || *s > '9') {
        return -1;
    }

    for (v = 0; *s >= '0' && *s <= '9'; s++) {
        v = v * 10 + (*s - '0');
        if (v > 1000000000) {
            return -1;
        }
    }

    u = *s != '\0' ? strchr(units, *s) : NULL;
    if (u == NULL || s[1] != '\0') {
        return -1;
    }

    return v * worth[u - units];
}


int64_t
mdd_yaml_ms(const char *s)
{
    static const int64_t  worth[] = { 1000, 60000, 3600000, 86400000 };

    return with_unit(s, "smhd", worth);
}


int64_t
mdd_yaml_size(const char *s)
{
    static const int64_t  worth[] = { 1 << 10, 1 << 20, 1 << 30 };

    return with_unit(s, "kmg", worth);
}
