/*
 * load_value.c - checked values out of a YAML tree, with clear errors.
 *
 * Every function adds its own diagnostic and goes on, so that all mistakes
 * of a policy are reported at once.
 */

#include "node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define WORDS_MAX  128


void *
mdr_load_alloc(mdr_load_t *ld, size_t n)
{
    void  *p;

    p = mdr_arena_alloc(ld->arena, n);
    if (p == NULL) {
        ld->no_memory = 1;
    }

    return p;
}


static void
report(mdr_load_t *ld, const mdr_node_t *at, int severity, const char *code,
    size_t offset, const char *text)
{
    if (mdr_diags_add(ld->diags, severity, code,
                      ld->model->files[at->file].data, at->line,
                      at->column + (uint32_t) offset, "%s", text)
        != MDR_OK)
    {
        ld->no_memory = 1;
    }
}


void
mdr_load_error(mdr_load_t *ld, const mdr_node_t *at, const char *code,
    const char *fmt, ...)
{
    char     text[768];
    va_list  args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    report(ld, at, MDR_DIAG_ERROR, code, 0, text);
}


void
mdr_load_warn(mdr_load_t *ld, const mdr_node_t *at, const char *code,
    const char *fmt, ...)
{
    char     text[768];
    va_list  args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    report(ld, at, MDR_DIAG_WARN, code, 0, text);
}


/* columns count characters; inside a quoted scalar escapes shift them, so
 * only the quote is allowed for */

void
mdr_load_error_in(mdr_load_t *ld, const mdr_node_t *at, size_t offset,
    const char *code, const char *fmt, ...)
{
    char     text[768];
    size_t   i, chars;
    va_list  args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    for (i = 0, chars = 0; i < offset && i < at->text.len; i++) {
        chars += ((uint8_t) at->text.data[i] & 0xc0) != 0x80;
    }

    report(ld, at, MDR_DIAG_ERROR, code, chars + (at->quoted ? 1 : 0), text);
}


mdr_node_t *
mdr_node_get(const mdr_node_t *map, const char *key)
{
    size_t       n;
    mdr_node_t  *e;

    if (map == NULL || map->kind != MDR_NODE_MAP) {
        return NULL;
    }

    n = strlen(key);

    for (e = map->first; e != NULL; e = e->next) {
        if (e->key->text.len == n && memcmp(e->key->text.data, key, n) == 0) {
            return e;
        }
    }

    return NULL;
}


int
mdr_node_is(const mdr_node_t *n, const char *text)
{
    return n->kind == MDR_NODE_SCALAR && n->text.len == strlen(text)
           && memcmp(n->text.data, text, n->text.len) == 0;
}


int
mdr_node_is_null(const mdr_node_t *n)
{
    return n->kind == MDR_NODE_SCALAR && !n->quoted
           && (n->text.len == 0 || mdr_node_is(n, "~")
               || mdr_node_is(n, "null"));
}


static void
unknown(mdr_load_t *ld, const mdr_node_t *at, const char *code,
    const char *what, const char *const *words, size_t n)
{
    char         list[512];
    size_t       i, len;
    const char  *near;

    near = mdr_word_nearest(at->text, words, n);

    if (near != NULL) {
        mdr_load_error(ld, at, code, "unknown %s \"%.64s\" (did you mean "
                       "\"%s\"?)", what, at->text.data, near);
    } else if (strcmp(code, "unknown-word") == 0) {
        for (i = 0, len = 0; i < n && len < sizeof(list) - 32; i++) {
            len += (size_t) snprintf(list + len, sizeof(list) - len, "%s%s",
                                     i != 0 ? ", " : "", words[i]);
        }
        mdr_load_error(ld, at, code, "unknown %s \"%.64s\" (known: %s)", what,
                       at->text.data, list);
    } else {
        mdr_load_error(ld, at, code, "unknown %s \"%.64s\"", what,
                       at->text.data);
    }
}


int
mdr_load_keys(mdr_load_t *ld, const mdr_node_t *map, const char *what,
    const char *const *keys, size_t n)
{
    int          rc;
    char         name[96];
    size_t       i;
    uint8_t      seen[WORDS_MAX];
    mdr_node_t  *e;

    if (map->kind != MDR_NODE_MAP) {
        mdr_load_error(ld, map, "type", "%s: a mapping expected", what);
        return MDR_ERROR;
    }

    memset(seen, 0, sizeof(seen));
    rc = MDR_OK;

    for (e = map->first; e != NULL; e = e->next) {

        for (i = 0; i < n; i++) {
            if (mdr_node_is(e->key, keys[i])) {
                break;
            }
        }

        if (i == n) {
            snprintf(name, sizeof(name), "key in %s", what);
            unknown(ld, e->key, "unknown-key", name, keys, n);
            rc = MDR_ERROR;
            continue;
        }

        if (i < WORDS_MAX && seen[i]++) {
            mdr_load_error(ld, e->key, "duplicate-key",
                           "duplicate key \"%s\" in %s", keys[i], what);
            rc = MDR_ERROR;
        }
    }

    return rc;
}


int
mdr_load_string(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    mdr_str_t *v)
{
    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind != MDR_NODE_SCALAR || mdr_node_is_null(n)) {
        mdr_load_error(ld, n, "type", "%s: text expected", what);
        return MDR_ERROR;
    }

    if (memchr(n->text.data, '\0', n->text.len) != NULL) {
        mdr_load_error(ld, n, "bad-text", "%s: a zero byte in the text",
                       what);
        return MDR_ERROR;
    }

    *v = n->text;

    return MDR_OK;
}


int
mdr_load_number(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    double min, double max, double *v)
{
    char    *end;
    double   d;

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind != MDR_NODE_SCALAR || n->quoted || n->text.len == 0
        || n->text.len > 32)
    {
        mdr_load_error(ld, n, "type", "%s: a number expected", what);
        return MDR_ERROR;
    }

    d = strtod(n->text.data, &end);

    if (*end != '\0' || d != d
        || strpbrk(n->text.data, "xXnNpP") != NULL)
    {
        mdr_load_error(ld, n, "type", "%s: a number expected, not \"%s\"",
                       what, n->text.data);
        return MDR_ERROR;
    }

    if (d < min || d > max) {
        mdr_load_error(ld, n, "range", "%s: %s is not between %g and %g",
                       what, n->text.data, min, max);
        return MDR_ERROR;
    }

    *v = d;

    return MDR_OK;
}


int
mdr_load_int(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    int64_t min, int64_t max, int64_t *v)
{
    char       *end;
    long long   i;

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind != MDR_NODE_SCALAR || n->quoted || n->text.len == 0
        || n->text.len > 18)
    {
        mdr_load_error(ld, n, "type", "%s: a whole number expected", what);
        return MDR_ERROR;
    }

    i = strtoll(n->text.data, &end, 10);

    if (*end != '\0') {
        mdr_load_error(ld, n, "type", "%s: a whole number expected, not "
                       "\"%s\"", what, n->text.data);
        return MDR_ERROR;
    }

    if (i < min || i > max) {
        mdr_load_error(ld, n, "range", "%s: %lld is not between %lld and "
                       "%lld", what, i, (long long) min, (long long) max);
        return MDR_ERROR;
    }

    *v = i;

    return MDR_OK;
}


int
mdr_load_bool(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    uint8_t *v)
{
    if (n == NULL) {
        return MDR_OK;
    }

    if (!n->quoted && mdr_node_is(n, "true")) {
        *v = 1;
        return MDR_OK;
    }

    if (!n->quoted && mdr_node_is(n, "false")) {
        *v = 0;
        return MDR_OK;
    }

    mdr_load_error(ld, n, "type", "%s: true or false expected", what);

    return MDR_ERROR;
}


int
mdr_load_word(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    const char *const *words, size_t nwords, uint8_t *v)
{
    size_t  i;

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind != MDR_NODE_SCALAR) {
        mdr_load_error(ld, n, "type", "%s: one word expected", what);
        return MDR_ERROR;
    }

    for (i = 0; i < nwords; i++) {
        if (mdr_node_is(n, words[i])) {
            *v = (uint8_t) i;
            return MDR_OK;
        }
    }

    unknown(ld, n, "unknown-word", what, words, nwords);

    return MDR_ERROR;
}


int
mdr_load_bits(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    const char *const *words, size_t nwords, uint32_t *v)
{
    int                rc;
    uint8_t            bit;
    uint32_t           bits;
    const mdr_node_t  *e;

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind != MDR_NODE_LIST) {
        mdr_load_error(ld, n, "type", "%s: a list expected", what);
        return MDR_ERROR;
    }

    rc = MDR_OK;
    bits = 0;

    for (e = n->first; e != NULL; e = e->next) {
        bit = 0;

        if (mdr_load_word(ld, e, what, words, nwords, &bit) != MDR_OK) {
            rc = MDR_ERROR;
            continue;
        }

        if (bits & 1u << bit) {
            mdr_load_error(ld, e, "duplicate", "%s \"%s\" twice", what,
                           words[bit]);
            rc = MDR_ERROR;
        }

        bits |= 1u << bit;
    }

    *v = bits;

    return rc;
}


int
mdr_load_strings(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    mdr_str_t **v, uint32_t *nv)
{
    int                rc;
    uint32_t           i;
    const mdr_node_t  *e;

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind == MDR_NODE_MAP) {
        mdr_load_error(ld, n, "type", "%s: a list expected", what);
        return MDR_ERROR;
    }

    if (n->kind == MDR_NODE_LIST && n->n == 0) {
        mdr_load_error(ld, n, "empty", "%s: the list is empty", what);
        return MDR_ERROR;
    }

    *nv = n->kind == MDR_NODE_LIST ? n->n : 1;
    *v = mdr_load_alloc(ld, *nv * sizeof(mdr_str_t));

    if (*v == NULL) {
        return MDR_ERROR;
    }

    if (n->kind == MDR_NODE_SCALAR) {
        return mdr_load_string(ld, n, what, &(*v)[0]);
    }

    rc = MDR_OK;

    for (e = n->first, i = 0; e != NULL; e = e->next, i++) {
        if (mdr_load_string(ld, e, what, &(*v)[i]) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


int
mdr_load_name(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    size_t max, mdr_str_t *v)
{
    uint32_t   i;
    mdr_str_t  s;

    if (n == NULL) {
        return MDR_OK;
    }

    if (mdr_load_string(ld, n, what, &s) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0; i < s.len; i++) {
        if (!((s.data[i] >= 'a' && s.data[i] <= 'z')
              || (s.data[i] >= 'A' && s.data[i] <= 'Z')
              || (s.data[i] >= '0' && s.data[i] <= '9')
              || strchr("._-", s.data[i]) != NULL || (s.data[i] & 0x80)))
        {
            break;
        }
    }

    if (s.len == 0 || s.len > max || i < s.len) {
        mdr_load_error_in(ld, n, i < s.len ? i : 0, "bad-name", "%s: 1 to "
                          "%u letters, digits, \".\", \"_\", \"-\" expected",
                          what, (unsigned) max);
        return MDR_ERROR;
    }

    *v = s;

    return MDR_OK;
}


/* days from a civil date (proleptic Gregorian calendar) */

static int32_t
days(int y, int m, int d)
{
    int  era, yoe, doy, doe;

    y -= m <= 2;
    era = y / 400;
    yoe = y - era * 400;
    doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

    return era * 146097 + doe - 719468;
}


int
mdr_load_date(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    int32_t *v)
{
    int          i, y, m, d, last;
    const char  *s;

    static const uint8_t  length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30,
                                       31, 30, 31 };

    if (n == NULL) {
        return MDR_OK;
    }

    s = n->kind == MDR_NODE_SCALAR ? n->text.data : "";

    for (i = 0; i < 10; i++) {
        if (i == 4 || i == 7 ? s[i] != '-' : s[i] < '0' || s[i] > '9') {
            break;
        }
    }

    if (i < 10 || s[10] != '\0') {
        mdr_load_error(ld, n, "bad-date", "%s: a date as 2027-06-30 "
                       "expected", what);
        return MDR_ERROR;
    }

    y = atoi(s);
    m = atoi(s + 5);
    d = atoi(s + 8);

    last = m >= 1 && m <= 12 ? length[m - 1] : 0;

    if (m == 2 && (y % 4 == 0 && (y % 100 != 0 || y % 400 == 0))) {
        last = 29;
    }

    if (y < 1970 || d < 1 || d > last) {
        mdr_load_error(ld, n, "bad-date", "%s: there is no day %s", what, s);
        return MDR_ERROR;
    }

    *v = days(y, m, d);

    return MDR_OK;
}


int
mdr_load_seconds(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    uint32_t *v)
{
    char       *end;
    long long   s, unit;

    if (n == NULL) {
        return MDR_OK;
    }

    s = 0;
    unit = 0;

    if (n->kind == MDR_NODE_SCALAR && n->text.len != 0 && n->text.len < 10
        && n->text.data[0] >= '0' && n->text.data[0] <= '9')
    {
        s = strtoll(n->text.data, &end, 10);
        unit = strcmp(end, "s") == 0 ? 1 : strcmp(end, "m") == 0 ? 60
               : strcmp(end, "h") == 0 ? 3600 : strcmp(end, "d") == 0 ? 86400
               : 0;
    }

    s *= unit;

    if (unit == 0 || s < 2 || s > 30 * 86400) {
        mdr_load_error(ld, n, "bad-time", "%s: a time as 30s, 10m, 2h, 1d "
                       "expected (2s to 30d)", what);
        return MDR_ERROR;
    }

    *v = (uint32_t) s;

    return MDR_OK;
}
