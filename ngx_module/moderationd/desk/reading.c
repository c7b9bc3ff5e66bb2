/* reading.c - see reading.h */

#include "reading.h"

#include "moderationd/web/api.h"
#include "base/utf8.h"
#include "text/fold.h"
#include "text/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX  4096                  /* longer fields are not shown twice */


static void
atoms(const mdr_trace_t *t, int marks, mdd_buf_t *out)
{
    size_t          i, k;
    uint8_t         utf8[4];
    mdr_fold_seq_t  forms[MDR_FOLD_ALTS];

    for (i = 0; i < t->base; i++) {
        if (!marks && t->atoms[i].mark) {
            continue;
        }

        (void) mdr_fold_forms(t->atoms[i].cp, t->folds, forms);

        for (k = 0; k < forms[0].n; k++) {
            mdd_buf_add(out, utf8, mdr_utf8_put(utf8, forms[0].cp[k]));
        }
    }
}


char *
mdd_reading(const char *text, size_t n, int marks)
{
    char         *copy;
    mdd_buf_t     out = { 0 };
    mdr_trace_t   t;

    copy = calloc(1, n + MDR_TEXT_PAD);

    if (copy == NULL) {
        return NULL;
    }

    memcpy(copy, text, n);
    mdr_trace_init(&t, mdr_mem_default());

    if (mdr_trace_build(&t, (const uint8_t *) copy, n, MDR_FOLD_DEFAULT)
        == MDR_OK)
    {
        atoms(&t, marks, &out);
        mdd_buf_add(&out, "", 1);
    }

    mdr_trace_done(&t);

    if (out.bad || out.n <= 1 || strcasecmp(out.p, copy) == 0) {
        mdd_buf_free(&out);
        out.p = NULL;
    }

    free(copy);

    return out.p;
}


static void
set(json_t *to, const char *name, char *reading)
{
    if (reading) {
        json_object_set_new(to, name, json_string(reading));
        free(reading);
    }
}


json_t *
mdd_reading_hits(const json_t *private)
{
    size_t       i, n;
    int64_t      start, end;
    json_t      *hits = json_object_get(private, "hits"), *out, *hit;
    const char  *text;

    if (!json_is_array(hits)) {
        return json_null();
    }

    out = json_deep_copy(hits);

    json_array_foreach(out, i, hit) {
        text = mdd_str(hit, "text");
        n = strlen(text);

        if (n == 0) {                   /* gave way: the field may have it   */
            text = mdd_str(json_object_get(private, "fields"),
                           mdd_str(hit, "field"));
            start = mdd_num(hit, "start");
            end = mdd_num(hit, "end");

            if (start < 0 || end <= start || (size_t) end > strlen(text)) {
                continue;
            }

            text += start;
            n = (size_t) (end - start);
            json_object_set_new(hit, "text", json_stringn(text, n));
        }

        set(hit, "read", mdd_reading(text, n, 0));
    }

    return out;
}


json_t *
mdd_reading_fields(const json_t *private)
{
    json_t      *out = json_object(), *v;
    const char  *name;

    json_object_foreach(json_object_get(private, "fields"), name, v) {
        if (json_is_string(v) && json_string_length(v) <= TEXT_MAX) {
            set(out, name, mdd_reading(json_string_value(v),
                                       json_string_length(v), 1));
        }
    }

    return out;
}
