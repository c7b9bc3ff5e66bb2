/*
 * web.c - one request from its bytes to its answer: arguments out of query and
 * body, the language, the header fields that every answer has.
 *
 * A path is DOCUMENT_URI, which nginx has decoded and normalised: it is never
 * decoded again, and REQUEST_URI is not looked at.  Arguments are one JSON
 * object, whether they come as query, form or JSON; a name that is given more
 * than once is an array.
 */

#include "page.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ARGS_MAX  2000


static int
hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}


/* in place; the new length */

static size_t
unescape(char *s, size_t n)
{
    size_t  i, k = 0;

    for (i = 0; i < n; i++) {
        if (s[i] == '+') {
            s[k++] = ' ';

        } else if (s[i] == '%' && i + 2 < n && hex(s[i + 1]) >= 0
                   && hex(s[i + 2]) >= 0)
        {
            s[k++] = (char) (hex(s[i + 1]) << 4 | hex(s[i + 2]));
            i += 2;

        } else {
            s[k++] = s[i];
        }
    }

    return k;
}


static int
add_arg(json_t *args, const char *name, size_t nname, const char *value,
    size_t n)
{
    char     key[65];
    json_t  *old, *new, *list;

    if (nname == 0 || nname >= sizeof(key) || memchr(name, 0, nname)) {
        return -1;
    }

    memcpy(key, name, nname);
    key[nname] = '\0';
    new = json_stringn(value, n);       /* NULL: no UTF-8, or a NUL in it */

    if (new == NULL || memchr(value, 0, n)) {
        json_decref(new);
        return -1;
    }

    old = json_object_get(args, key);

    if (old == NULL) {
        return json_object_set_new(args, key, new);
    }

    if (json_is_array(old)) {
        return json_array_append_new(old, new);
    }

    list = json_array();
    json_array_append(list, old);
    json_array_append_new(list, new);

    return json_object_set_new(args, key, list);
}


static json_t *
form_args(const char *s, size_t n)
{
    int      count = 0, bad = 0;
    char    *copy, *p, *end, *eq, *amp;
    json_t  *args;

    args = json_object();
    copy = malloc(n + 1);

    if (args == NULL || copy == NULL) {
        free(copy);
        json_decref(args);
        return NULL;
    }

    memcpy(copy, s, n);
    end = copy + n;

    for (p = copy; p < end && !bad; p = amp + 1) {
        amp = memchr(p, '&', (size_t) (end - p));
        amp = amp ? amp : end;

        if (amp == p) {
            continue;
        }

        eq = memchr(p, '=', (size_t) (amp - p));
        eq = eq ? eq : amp;

        bad = ++count > ARGS_MAX
              || add_arg(args, p, unescape(p, (size_t) (eq - p)),
                         eq < amp ? eq + 1 : eq,
                         eq < amp ? unescape(eq + 1, (size_t) (amp - eq - 1))
                                  : 0) != 0;
    }

    free(copy);

    if (bad) {
        json_decref(args);
        return NULL;
    }

    return args;
}


static int
read_args(mdd_web_t *w)
{
    const mdd_scgi_t  *in = w->in;

    if (strcmp(in->method, "POST") != 0) {
        w->args = form_args(in->query ? in->query : "",
                            in->query ? strlen(in->query) : 0);

    } else if (in->type && strncmp(in->type, "application/x-www-form-urlen"
                                   "coded", 33) == 0)
    {
        w->form = 1;
        w->args = form_args(in->body, in->body_len);

    } else if (in->body_len == 0) {
        w->args = json_object();

    } else {
        w->args = json_loadb(in->body, in->body_len,
                             JSON_REJECT_DUPLICATES, NULL);
    }

    return json_is_object(w->args) ? 0 : -1;
}


const char *
mdd_arg(const mdd_web_t *w, const char *name)
{
    json_t  *j = json_object_get(w->args, name);

    if (json_is_array(j)) {
        j = json_array_get(j, 0);
    }

    return json_is_string(j) ? json_string_value(j) : "";
}


int64_t
mdd_arg_int(const mdd_web_t *w, const char *name, int64_t none)
{
    char        *end;
    long long    n;
    json_t      *j = json_object_get(w->args, name);
    const char  *s;

    if (json_is_integer(j)) {
        return json_integer_value(j);
    }

    s = mdd_arg(w, name);
    n = strtoll(s, &end, 10);

    return *s && *end == '\0' ? n : none;
}


int64_t
mdd_until(int64_t now, const char *s)
{
    char        *end;
    int64_t      n;
    struct tm    tm;

    if (*s == '\0') {
        return -1;
    }

    n = strtoll(s, &end, 10);

    if (n > 0 && *end == '\0') {
        return n;
    }

    n = mdd_yaml_ms(s);

    if (n > 0) {
        return now + n;
    }

    memset(&tm, 0, sizeof(tm));
    end = strptime(s, "%Y-%m-%dT%H:%M", &tm);

    if (end == NULL) {
        memset(&tm, 0, sizeof(tm));
        end = strptime(s, "%Y-%m-%d", &tm);
    }

    return end ? (int64_t) timegm(&tm) * 1000 : -2;
}


int64_t
mdd_arg_until(const mdd_web_t *w, const char *name)
{
    json_t  *j = json_object_get(w->args, name);

    return json_is_integer(j) && json_integer_value(j) > 0
           ? json_integer_value(j) : mdd_until(w->now, mdd_arg(w, name));
}


void
mdd_url(mdd_buf_t *b, const char *s)
{
    for ( ; *s; s++) {
        if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z')
            || (*s >= '0' && *s <= '9') || strchr("-._~", *s))
        {
            mdd_buf_add(b, s, 1);

        } else {
            mdd_buf_fmt(b, "%%%02X", (unsigned char) *s);
        }
    }
}


/* a header field: values are ours or have been checked; never a line end */

void
mdd_field(mdd_web_t *w, const char *name, const char *value)
{
    if (strpbrk(value, "\r\n") == NULL) {
        mdd_buf_fmt(&w->out->fields, "%s: %s\r\n", name, value);
    }
}


int
mdd_unchanged(mdd_web_t *w, const char *etag)
{
    mdd_field(w, "ETag", etag);

    if (w->in->etag && strcmp(w->in->etag, etag) == 0) {
        w->out->status = 304;
        return 1;
    }

    return 0;
}


void
mdd_json(mdd_web_t *w, int status, json_t *j)
{
    char  *text;

    text = j ? json_dumps(j, JSON_COMPACT) : NULL;
    json_decref(j);

    w->out->status = status;
    w->out->type = "application/json";

    if (text == NULL) {
        w->out->body.bad = 1;           /* answered as no memory */
        return;
    }

    mdd_buf_str(&w->out->body, text);
    mdd_buf_str(&w->out->body, "\n");
    free(text);
}


void
mdd_error(mdd_web_t *w, int status, const char *error, const char *detail,
    const char *field)
{
    if (w->form || w->nseg == 0
        || (strcmp(w->seg[0], "v1") != 0
            && !(strcmp(w->seg[0], "public") == 0
                 && strcmp(w->in->method, "POST") == 0)))
    {
        mdd_page_error(w, status, error, detail, field);
        return;
    }

    mdd_json(w, status, json_pack("{s:s, s:s, s:s}", "error", error,
                                  "detail", detail ? detail : "",
                                  "field", field ? field : ""));
}


/* only a page of this console: no other host, no other path */

static int
back_ok(const char *s)
{
    return strncmp(s, "/moderation/", 12) == 0
           && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789-._~/?&=%") == strlen(s)
           && strstr(s, "//") == NULL;
}


void
mdd_done(mdd_web_t *w, int status, json_t *j)
{
    const char  *back;

    if (!w->form) {
        mdd_json(w, status, j);
        return;
    }

    json_decref(j);
    back = mdd_arg(w, "back");
    w->out->status = 303;
    mdd_field(w, "Location", back_ok(back) ? back : "/moderation/queue");
}


static void
path(mdd_web_t *w)
{
    char  *p;

    if (strncmp(w->in->uri, "/moderation/", 12) != 0) {
        w->nseg = -1;
        return;
    }

    w->path = strdup(w->in->uri + 12);

    for (p = w->path; p && *p; ) {
        if (w->nseg == MDD_SEGMENTS) {
            w->nseg = -1;
            return;
        }

        w->seg[w->nseg++] = p;
        p = strchr(p, '/');

        if (p) {
            *p++ = '\0';
        }
    }
}


/* the first of zh and en that Accept-Language names, as the person has set it,
 * or as the first site says */

static void
language(mdd_web_t *w)
{
    const char  *s = w->in->language, *lang;
    mdd_st_t    *st;

    if (w->d->conf->nsites && w->d->conf->sites[0].language) {
        w->zh = strcmp(w->d->conf->sites[0].language, "zh") == 0;
    }

    for ( ; s && *s; s++) {
        if (strncasecmp(s, "zh", 2) == 0 || strncasecmp(s, "en", 2) == 0) {
            w->zh = *s == 'z' || *s == 'Z';
            break;
        }

        s = strchr(s, ',');

        if (s == NULL) {
            break;
        }

        s += strspn(s + 1, " ");
    }

    if (w->who.name[0]) {
        st = mdd_query(w->db, MDD_SQL_PERSON_LANG, "s", w->who.name);

        if (mdd_step(st) == MDD_ROW && (lang = mdd_text(st, 0))[0]) {
            w->zh = strcmp(lang, "zh") == 0;
        }

        mdd_end(st);
    }

    lang = mdd_arg(w, "lang");

    if (*lang) {
        w->zh = strcmp(lang, "zh") == 0;
    }
}


static void
handle(void *ctx, const mdd_scgi_t *in, mdd_reply_t *out)
{
    int          status, bad_args;
    mdd_web_t   *w = ctx;
    const char  *why = "";

    w->in = in;
    w->out = out;
    w->now = mdd_now(w->d);

    mdd_field(w, "X-Content-Type-Options", "nosniff");
    mdd_field(w, "Referrer-Policy", "same-origin");

    bad_args = !in->refused && read_args(w) != 0;

    if (!json_is_object(w->args)) {
        json_decref(w->args);
        w->args = json_object();
    }

    if (!in->refused) {
        path(w);
    }

    status = mdd_identity(w, w->nseg > 0 && strcmp(w->seg[0], "public") == 0,
                          &why);
    language(w);

    if (status) {
        mdd_error(w, status, status == 401 ? "unknown" : "forbidden", why,
                  NULL);

    } else if (w->nseg < 0) {
        w->nseg = 0;
        mdd_error(w, 404, "not_found", "", NULL);

    } else if (bad_args) {
        mdd_error(w, 400, "bad_request", "arguments cannot be read", NULL);

    } else {
        mdd_route(w);
    }

    json_decref(w->counts);
    json_decref(w->args);
    free(w->path);
}


void
mdd_web_serve(mdd_t *d, int fd, mdd_db_t *db, int slot)
{
    mdd_web_t  w;

    (void) slot;

    memset(&w, 0, sizeof(w));
    w.d = d;
    w.db = db;

    mdd_scgi_serve(fd, handle, &w);
    close(fd);
}
