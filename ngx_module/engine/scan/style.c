/*
 * style.c - text of our own in the escapes of what stands around it: a tag
 * that is put into HTML inside a JSON string has its quotes escaped as JSON
 * does, and so on outwards.
 */

#include "scan.h"

#include <string.h>


static size_t
escape(uint8_t style, uint8_t c, char *out)
{
    static const char  hex[] = "0123456789ABCDEF";

    switch (style) {

    case MDR_STYLE_JSON:
    case MDR_STYLE_SINGLE:
    case MDR_STYLE_TEMPLATE:
        if (c == '\\' || (c == '"' && style == MDR_STYLE_JSON)
            || (c == '\'' && style == MDR_STYLE_SINGLE)
            || (c == '`' && style == MDR_STYLE_TEMPLATE))
        {
            out[0] = '\\';
            out[1] = (char) c;
            return 2;
        }
        if (c == '<') {
            memcpy(out, "\\u003c", 6);
            return 6;
        }
        break;

    case MDR_STYLE_ATTR:
    case MDR_STYLE_BARE:
    case MDR_STYLE_TEXT:
        if (c == '&') {
            memcpy(out, "&amp;", 5);
            return 5;
        }
        if (c == '<') {
            memcpy(out, "&lt;", 4);
            return 4;
        }
        if (c == '"' && style != MDR_STYLE_TEXT) {
            memcpy(out, "&quot;", 6);
            return 6;
        }
        if ((c == '\'' && style != MDR_STYLE_TEXT)
            || ((c == ' ' || c == '>' || c == '=' || c == '`')
                && style == MDR_STYLE_BARE))
        {
            memcpy(out, "&#x", 3);
            out[3] = hex[c >> 4];
            out[4] = hex[c & 15];
            out[5] = ';';
            return 6;
        }
        break;

    case MDR_STYLE_URI:
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || (c >= '0' && c <= '9') || strchr("-_.~*", c) != NULL)
        {
            break;
        }
        out[0] = '%';
        out[1] = hex[c >> 4];
        out[2] = hex[c & 15];
        return 3;
    }

    out[0] = (char) c;

    return 1;
}


/* edits in the item: text stands for [start, end) */

void
mdr_style_put(mdr_sink_t *k, const uint8_t *styles, uint64_t start,
    uint64_t end, const void *text, size_t len)
{
    int         s;
    char        out[8];
    size_t      i;
    mdr_buf_t   a, b;

    if (styles[0] == MDR_STYLE_RAW && styles[1] == MDR_STYLE_RAW) {
        mdr_edit_put(k, start, end, text, len);
        return;
    }

    mdr_buf_init(&a, k->alloc);

    if (mdr_buf_add(&a, text, len) != MDR_OK) {
        k->failed = 1;
    }

    for (s = 0; s < MDR_STYLES && !k->failed; s++) {
        if (styles[s] == MDR_STYLE_RAW) {
            continue;
        }

        mdr_buf_init(&b, k->alloc);

        for (i = 0; i < a.len; i++) {
            if (mdr_buf_add(&b, out, escape(styles[s], a.data[i], out))
                != MDR_OK)
            {
                k->failed = 1;
                break;
            }
        }

        mdr_buf_done(&a);
        a = b;
    }

    if (!k->failed) {
        mdr_edit_put(k, start, end, a.data, a.len);
    }

    mdr_buf_done(&a);
}
