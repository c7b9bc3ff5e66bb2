/*
 * script_find.c - the variables that slots name, in the code of a script: by
 * their last name, as an identifier of its own.  What follows one tells
 * script_name.c.
 */

#include "script_in.h"

#include <string.h>


/* an identifier goes on at p + i: U+00A0, U+FEFF, U+2028 and the like do not
 * belong to one (ECMA-262, 12.2) */

static int
is_ident_at(const uint8_t *p, size_t n, size_t i)
{
    return i < n && mdr_js_ident(p[i]) && mdr_js_space(p + i, n - i) == 0;
}


void
mdr_script_keep(mdr_script_t *s, const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = n > 3 ? n - 3 : 0; i < n; i++) {
        s->last[0] = s->last[1];
        s->last[1] = s->last[2];
        s->last[2] = p[i];
    }
}


/* does an identifier end before p + i */

static int
ident_before(const mdr_script_t *s, const uint8_t *p, size_t i)
{
    size_t   k;
    uint8_t  b[3];

    if (!mdr_js_ident(i != 0 ? p[i - 1] : s->last[2])) {
        return 0;
    }

    for (k = 0; k < 3; k++) {
        b[k] = i + k >= 3 ? p[i + k - 3] : s->last[i + k];
    }

    return mdr_js_space(b, 3) != 3 && mdr_js_space(b + 1, 2) != 2;
}


int
mdr_script_is_name(mdr_str_t s)
{
    uint32_t  i;

    /* a selector of a script element begins with its tag, "#", "." or "[" */

    if (s.len == 0 || s.data[0] == '#' || s.data[0] == '['
        || s.data[0] == '.' || s.data[0] == '*')
    {
        return 0;
    }

    for (i = 0; i < s.len; i++) {
        if (!mdr_js_ident((uint8_t) s.data[i]) && s.data[i] != '.') {
            return 0;
        }
    }

    return !(s.len == 6 && memcmp(s.data, "script", 6) == 0)
           && !(s.len > 7 && memcmp(s.data, "script.", 7) == 0);
}


/* the name that x looks for: a slot of rules, or behind them a group */

static mdr_str_t
name_of(const mdr_script_t *s, uint32_t x)
{
    mdr_str_t  none;

    if (x < s->rules->nslots) {
        if (s->named[x]) {
            return mdr_script_last_name(
                   s->rules->model->slots[s->rules->slots[x].slot].script);
        }

    } else {
        return s->rules->names[x - s->rules->nslots].name;
    }

    none.data = NULL;
    none.len = 0;

    return none;
}


static uint32_t
count_names(const mdr_script_t *s)
{
    return s->rules->nslots + (s->nested ? 0 : s->rules->nnames);
}


/* the slots of type script with a variable */

uint32_t
mdr_script_add_names(mdr_script_t *s)
{
    uint32_t                i, n;
    const mdr_json_slot_t  *js;

    for (i = 0, n = 0; i < s->rules->nslots; i++) {
        js = &s->rules->slots[i];

        if (js->type == MDR_TYPE_SCRIPT && js->nest == 0
            && mdr_script_is_name(s->rules->model->slots[js->slot].script))
        {
            s->named[i] = 1;
            n++;
        }
    }

    return n + (s->nested ? 0 : s->rules->nnames);
}


/* the first name of a slot at or behind p, as an identifier of its own: its
 * place and length; n where there is none.  *cut: it may be one that has not
 * come as a whole */

static size_t
next_name(mdr_script_t *s, const uint8_t *p, size_t n, int last,
    size_t from, size_t *len, int *cut)
{
    size_t          i, best;
    uint32_t        x;
    mdr_str_t       name;
    const uint8_t  *q;

    best = n;
    *cut = 0;

    for (x = 0; x < count_names(s); x++) {

        name = name_of(s, x);
        if (name.len == 0) {
            continue;
        }

        for (i = from; i < best; i++) {
            q = memchr(p + i, name.data[0], best - i);

            if (q == NULL) {
                break;
            }

            i = (size_t) (q - p);

            if (ident_before(s, p, i)) {
                continue;
            }

            if (n - i <= name.len) {
                if (memcmp(q, name.data, n - i < name.len ? n - i : name.len)
                    == 0 && (n - i == name.len || !last))
                {
                    best = i;
                    *len = name.len;
                    *cut = !last;
                }
                continue;
            }

            if (memcmp(q, name.data, name.len) != 0) {
                continue;
            }

            if (!last && mdr_js_space_cut(q + name.len, n - i - name.len)) {
                best = i;               /* white space, or a letter          */
                *len = name.len;
                *cut = 1;

            } else if (!is_ident_at(p, n, i + name.len)) {
                best = i;
                *len = name.len;
                *cut = 0;
            }
        }
    }

    return best;
}


/* the slots of the variable at p */

static void
choose(mdr_script_t *s, const uint8_t *p, size_t len)
{
    uint32_t   x;
    mdr_str_t  name;

    s->group = 0;

    for (x = 0; x < count_names(s); x++) {
        name = name_of(s, x);

        if (x < s->rules->nslots) {
            s->use[x] = name.len == len && memcmp(name.data, p, len) == 0;

        } else if (name.len == len && memcmp(name.data, p, len) == 0) {
            s->group = s->rules->names[x - s->rules->nslots].group;
        }
    }
}


/* what kind of name stands at p */

static int
kind_of(const mdr_script_t *s, const uint8_t *p, size_t len)
{
    uint32_t   x;
    mdr_str_t  name;

    /* Next.js; rsc-html-stream; Waku */

    static const char *const  rows[] = { "__next_f", "__FLIGHT_DATA",
                                         "__WAKU_PUSH__" };

    for (x = 0; x < sizeof(rows) / sizeof(rows[0]); x++) {
        if (strlen(rows[x]) == len && memcmp(p, rows[x], len) == 0) {
            return MDR_NAME_ROWS;
        }
    }

    for (x = s->rules->nslots; x < count_names(s); x++) {
        name = name_of(s, x);
        if (name.len == len && memcmp(name.data, p, len) == 0) {
            return MDR_NAME_TEXT;
        }
    }

    return MDR_NAME_PLAIN;
}


/* the code up to p + upto; data beside a name on the way: its place, *v */

static size_t
pass(mdr_script_t *s, const uint8_t *p, size_t n, size_t *seen, size_t upto,
    int last, mdr_value_t *v)
{
    if (!s->beside && !s->found) {
        *seen += mdr_js_pass(&s->js, p + *seen, upto - *seen, 1);

        if (*seen == upto) {
            return upto;
        }

        /* a name with an escape: it could be any */

        s->group = 0;
        s->beside = 1;
        memcpy(s->use, s->named, s->rules->nslots);
    }

    if (s->beside == 2 || (s->beside && !s->found)) {
        return mdr_script_beside(s, p, n, seen, upto, last, v);
    }

    (void) mdr_js_pass(&s->js, p + *seen, upto - *seen, 0);
    *seen = upto;

    return upto;
}


size_t
mdr_script_search(mdr_script_t *s, const uint8_t *p, size_t n, int last,
    mdr_value_t *v)
{
    int     where, quoted, cut, kind, alone;
    size_t  i, seen, from, len, upto;

    len = 0;

    for (seen = 0, from = 0; ; from = i + 1) {
        i = next_name(s, p, n, last, from, &len, &cut);
        v->kind = MDR_VALUE_NONE;

        from = pass(s, p, n, &seen, i, last, v);

        if (v->kind != MDR_VALUE_NONE || i == n || cut) {
            return from;
        }

        where = mdr_js_where(&s->js);
        quoted = 0;

        if (where == MDR_JS_STRING) {
            quoted = n - i > len && p[i + len] == s->js.quote
                     && (i != 0 ? p[i - 1] : s->last[2]) == s->js.quote;
        }

        /* what follows is looked at as far as this, however it is cut */

        upto = n - i > MDR_LOOK_MAX ? i + MDR_LOOK_MAX : n;
        kind = kind_of(s, p + i, len);
        mdr_script_value(p, upto, i + len, last || n - i > MDR_LOOK_MAX, quoted,
                         kind, v);

        if (v->kind == MDR_VALUE_MORE) {
            return i;
        }

        if (v->kind == MDR_VALUE_NONE) {
            if ((where == MDR_JS_CODE || quoted) && !s->beside && !s->found
                && kind == MDR_NAME_PLAIN)
            {
                alone = mdr_script_stands_alone(p, upto, i + len
                                                         + (quoted != 0));

                if (alone < 0 && !last && n - i <= MDR_LOOK_MAX) {
                    v->kind = MDR_VALUE_MORE;
                    return i;
                }

                if (alone > 0) {
                    choose(s, p + i, len);
                    s->beside = 1;
                }
            }
            continue;
        }

        if (where == MDR_JS_CODE || quoted) {
            choose(s, p + i, len);
            return i;
        }

        s->hidden |= v->kind != MDR_VALUE_OTHER;
    }
}
