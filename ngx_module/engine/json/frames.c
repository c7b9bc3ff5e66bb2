/*
 * frames.c - bodies that are documents in frames: the events of an event
 * stream (HTML, 9.2.6), the parts of multipart/mixed (RFC 2046, 5.1), the rows
 * of React's flight format.
 *
 * Only the frame is known here: each document is a layer, whose scanner is
 * chosen by its first byte.  So a document may have pieces (`data:` lines of an
 * event, a row over several scripts); what stands between the pieces stays
 * where an item that spans them goes.  Nothing waits but the beginning of a
 * line that could be a boundary, or a field of a part.
 */

#include "frames.h"
#include "json.h"

#include <string.h>


#define BOUNDARY_MAX  78                /* "--", 70 (RFC 2046), "--", space  */
#define FIELD_MAX     256               /* of a field of a part, looked at   */

enum { F_LINE, F_NAME, F_KIND, F_SPACE, F_DATA, F_SKIP, /* events            */
       F_PREAMBLE, F_HEADER, F_HEADER_LINE, F_PART, F_PART_LINE, F_END,
       F_ID, F_TAG, F_LENGTH, F_BYTES, F_ROW };

struct mdr_frames_s {
    mdr_sink_t     *sink;
    uint8_t        *use;                /* [nslots of the rules]             */
    mdr_layer_t    *doc;                /* that has begun                    */
    uint8_t         kind, html, state;
    uint8_t         cr;                 /* behind a CR that ended a line     */
    uint8_t         field;              /* at the beginning of one           */
    uint8_t         nname;
    uint8_t         datastar;           /* an event of it                    */
    uint8_t         is_text;            /* a row: its bytes are a text       */
    uint32_t        id;                 /* of a row                          */
    uint8_t         name[8];
    uint8_t         nboundary;
    uint8_t         boundary[BOUNDARY_MAX];
    uint64_t        left;               /* bytes of a row of text            */
};


mdr_frames_t *
mdr_frames_new(mdr_sink_t *sink, int kind, const uint8_t *use, int html)
{
    uint32_t       n;
    mdr_frames_t  *f;

    n = mdr_sink_json_rules(sink)->nslots;
    f = mdr_calloc(mdr_sink_alloc(sink), sizeof(mdr_frames_t) + n + 1);

    if (f != NULL) {
        f->sink = sink;
        f->kind = (uint8_t) kind;
        f->use = (uint8_t *) (f + 1);
        memcpy(f->use, use, n);
        f->html = (uint8_t) html;
        f->state = kind == MDR_FRAMES_EVENTS ? F_LINE
                   : kind == MDR_FRAMES_PARTS ? F_PREAMBLE : F_ID;
    }

    return f;
}


void
mdr_frames_free(mdr_frames_t *f)
{
    if (f == NULL) {
        return;
    }

    mdr_layer_close(f->doc);
    mdr_free(mdr_sink_alloc(f->sink), f);
}


static int
add(mdr_frames_t *f, uint64_t at, const uint8_t *p, size_t n)
{
    if (f->doc == NULL) {
        f->doc = f->kind == MDR_FRAMES_ROWS
                 ? mdr_layer_row(f->sink, f->use, f->html, f->id)
                 : mdr_layer_document(f->sink, f->use, f->html);

        if (f->doc == NULL) {
            return MDR_ERROR;
        }
    }

    return mdr_layer_copy(f->doc, at, p, n);
}


static int
end(mdr_frames_t *f, uint64_t at)
{
    int  rc;

    if (f->doc == NULL) {
        return MDR_OK;
    }

    rc = mdr_layer_read(f->doc, 1);
    mdr_layer_close(f->doc);
    f->doc = NULL;

    if (f->kind == MDR_FRAMES_PARTS) {
        mdr_sink_length_end(f->sink, at);
    }

    mdr_sink_document(f->sink, at);

    return rc;
}


static size_t
line_end(const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n && p[i] != '\n' && p[i] != '\r'; i++) { /* void */ }

    return i;
}


/* does one of the words begin at p, of n bytes: its length, 0; SIZE_MAX: more
 * bytes are needed */

static size_t
word(const uint8_t *p, size_t n, int last, const char *const *words)
{
    size_t  k, len;

    for ( ; *words != NULL; words++) {
        len = strlen(*words);
        k = n < len ? n : len;

        if (memcmp(p, *words, k) == 0 && (k == len || !last)) {
            return k == len ? len : SIZE_MAX;
        }
    }

    return 0;
}


/* bytes of an event stream; *rc: what reading them came to.  In events of
 * Datastar each line of data has a word before it, and those of others are
 * passed by. */

static size_t
event(mdr_frames_t *f, const uint8_t *p, size_t n, uint64_t at, int last,
    int *rc)
{
    size_t  k, i;

    static const char *const  kinds[] = { "datastar-", NULL };
    static const char *const  holds[] = { "elements ", "fragments ",
                                          "signals ", NULL };

    if (f->cr) {
        f->cr = 0;
        if (p[0] == '\n') {
            return 1;
        }
    }

    switch (f->state) {

    case F_LINE:
        if (p[0] == '\n' || p[0] == '\r') {
            *rc = end(f, at);           /* an empty line                     */
            f->datastar = 0;
            f->cr = p[0] == '\r';
            return 1;
        }
        f->nname = 0;
        f->state = F_NAME;
        /* fall through */

    case F_NAME:
        if (p[0] == ':') {
            f->state = f->nname == 4 && memcmp(f->name, "data", 4) == 0
                       ? F_SPACE
                       : f->nname == 5 && memcmp(f->name, "event", 5) == 0
                       ? F_KIND : F_SKIP;
            return 1;
        }
        if (p[0] == '\n' || p[0] == '\r') {
            f->cr = p[0] == '\r';
            f->state = F_LINE;
            return 1;
        }
        if (f->nname < sizeof(f->name)) {
            f->name[f->nname++] = p[0];
        }
        return 1;

    case F_KIND:
        i = p[0] == ' ';
        k = word(p + i, n - i, last, kinds);
        if (k == SIZE_MAX) {
            return 0;
        }
        f->datastar = k != 0;
        f->state = F_SKIP;
        return event(f, p, n, at, last, rc);

    case F_SPACE:
        i = p[0] == ' ';

        if (f->datastar) {
            k = word(p + i, n - i, last, holds);
            if (k == SIZE_MAX) {
                return 0;
            }
            i += k;
            f->state = k == 0 ? F_SKIP : F_SPACE;
        }

        if (f->state == F_SPACE) {
            f->state = F_DATA;

            /* lines are joined by a line feed, which stands for nothing of
             * the body */

            if (f->doc != NULL) {
                *rc = mdr_layer_unit(f->doc, at, 0, (const uint8_t *) "\n", 1);
            }
        }

        if (i != 0) {
            return i;
        }
        /* fall through */

    default:
        k = line_end(p, n);

        if (k == 0) {
            f->cr = p[0] == '\r';
            f->state = F_LINE;
            return 1;
        }
        if (f->state == F_DATA) {
            *rc = add(f, at, p, k);
        }
        return k;
    }
}


/* is the line at p a boundary: 1, 2 the last one, 0 none; -1: more bytes */

static int
boundary(const mdr_frames_t *f, const uint8_t *p, size_t n, int last)
{
    size_t  i, b;

    b = f->nboundary;
    i = n < b ? n : b;

    if (memcmp(p, f->boundary, i) != 0) {
        return 0;
    }

    if (n < b) {
        return last ? 0 : -1;
    }

    for (i = b; i < n && i < b + 2 && p[i] == '-'; i++) { /* void */ }

    if (i == b + 2) {
        return 2;
    }

    if (i == n) {
        return last ? 1 : -1;
    }

    return p[i] == '\n' || p[i] == '\r' || p[i] == ' ' || p[i] == '\t';
}


/* a field of a part, n bytes and its end of line: is it Content-Length? */

static void
field(mdr_frames_t *f, const uint8_t *p, size_t n, size_t eol, uint64_t at)
{
    size_t  i, from;

    static const char  name[] = "content-length:";

    for (i = 0; name[i] != '\0'; i++) {
        if (i == n || (p[i] | 32) != name[i]) {
            return;
        }
    }

    while (i < n && (p[i] == ' ' || p[i] == '\t')) {
        i++;
    }

    for (from = i; i < n && p[i] >= '0' && p[i] <= '9'; i++) { /* void */ }

    if (i != from) {
        mdr_sink_length(f->sink, at + from, at + i);
        mdr_sink_length_field(f->sink, at, at + n + eol);
    }
}


static size_t
part(mdr_frames_t *f, const uint8_t *p, size_t n, uint64_t at, int last,
    int *rc)
{
    int     b;
    size_t  k;

    switch (f->state) {

    case F_PREAMBLE:                    /* the first line with "--"          */
        if (p[0] == '\n' || p[0] == '\r') {
            return 1;
        }
        for (k = 0; k < n && k < 2 && p[k] == '-'; k++) { /* void */ }

        if (k == n && k < 2 && !last) {
            return 0;
        }

        if (k == 2) {
            k = line_end(p, n);

            if (k == n && !last && k < BOUNDARY_MAX) {
                return 0;
            }

            while (k > 0 && (p[k - 1] == ' ' || p[k - 1] == '\t')) {
                k--;
            }

            if (k < BOUNDARY_MAX) {
                memcpy(f->boundary, p, k);
                f->nboundary = (uint8_t) k;
                f->state = F_HEADER_LINE;
                return k;
            }
        }

        f->state = F_SKIP;
        return 1;

    case F_SKIP:                        /* a line before it                  */
        k = line_end(p, n);
        if (k < n) {
            f->state = F_PREAMBLE;
            return k + 1;
        }
        return n;

    case F_HEADER:                      /* at the beginning of a line        */
        if (p[0] == '\r') {
            return n > 1 || last ? 1 + (n > 1 && p[1] != '\n') : 0;
        }
        if (p[0] == '\n') {
            f->state = F_PART;
            mdr_sink_length_from(f->sink, at + 1);
            return 1;
        }
        f->field = 1;
        f->state = F_HEADER_LINE;
        /* fall through */

    case F_HEADER_LINE:
        k = line_end(p, n);

        if (f->field) {
            if (n - k < 2 && !last && n < FIELD_MAX) {
                f->state = F_HEADER;
                return 0;
            }
            if (n - k != 0) {
                field(f, p, k, n - k > 1 && p[k] == '\r' ? 2 : 1, at);
            }
            f->field = 0;
        }

        if (k < n) {
            if (p[k] == '\n') {
                f->state = F_HEADER;
            }
            k++;
        }
        return k;

    case F_PART:
        b = boundary(f, p, n, last);

        if (b < 0) {
            return 0;
        }

        if (b != 0) {
            *rc = end(f, at);
            f->state = b == 2 ? F_END : F_HEADER_LINE;
            return f->nboundary;
        }

        f->state = F_PART_LINE;
        /* fall through */

    case F_PART_LINE:
        for (k = 0; k < n && p[k] != '\n'; k++) { /* void */ }

        if (k < n) {
            k++;
            f->state = F_PART;
        }
        *rc = add(f, at, p, k);
        return k;

    default:
        return n;                       /* the epilogue                      */
    }
}


static int
hex(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}


/* ID ":" TAG? DOCUMENT newline, or ID ":" TAG LENGTH "," so many bytes */

static size_t
row(mdr_frames_t *f, const uint8_t *p, size_t n, uint64_t at, int *rc)
{
    int     v;
    size_t  k;

    switch (f->state) {

    case F_ID:
        if (p[0] == ':') {
            f->state = F_TAG;

        } else {
            v = hex(p[0]);
            f->id = v >= 0 ? f->id * 16 + (uint32_t) v : 0;
        }
        return 1;

    case F_TAG:
        *rc = mdr_row_point_seen(f->sink, f->id);

        if (strchr("TAOoUSsLlGgMmVb", p[0]) != NULL && p[0] != '\0') {
            f->state = F_LENGTH;
            f->is_text = p[0] == 'T';
            f->left = 0;
            f->nname = 0;
            return 1;
        }

        if (p[0] >= 'A' && p[0] <= 'Z') {
            return 1;                   /* I, HL, E, D, W, ...               */
        }

        f->state = F_ROW;
        return row(f, p, n, at, rc);

    case F_LENGTH:
        v = hex(p[0]);

        if (v >= 0 && f->nname < 8) {
            f->left = f->left * 16 + (uint64_t) v;
            f->nname++;
            return 1;
        }

        f->state = p[0] != ',' || f->nname == 0 ? F_ROW
                   : f->left != 0 ? F_BYTES : F_ID;

        if (f->state == F_BYTES && f->is_text) {
            *rc = mdr_row_text_begin(f->sink, f->id);
        }

        if (f->state == F_ID) {
            f->id = 0;
        }

        return f->state == F_ROW ? row(f, p, n, at, rc) : 1;

    case F_BYTES:
        k = f->left < n ? (size_t) f->left : n;
        f->left -= k;

        if (f->is_text) {
            *rc = mdr_row_text_add(f->sink, p, k);
        }

        if (f->left == 0) {
            f->state = F_ID;
            f->id = 0;
        }
        return k;

    default:
        for (k = 0; k < n && p[k] != '\n'; k++) { /* void */ }

        if (k != 0) {
            *rc = add(f, at, p, k);
        }
        if (k < n && *rc == MDR_OK) {
            *rc = end(f, at + k);
            f->state = F_ID;
            f->id = 0;
            k++;
        }
        return k;
    }
}


int
mdr_frames_scan(mdr_frames_t *f, const uint8_t *p, size_t n, uint64_t base,
    int last, size_t *consumed)
{
    int      rc;
    size_t   i, k;
    uint8_t  state;

    rc = MDR_OK;
    i = 0;

    if (base == 0 && n != 0 && p[0] == 0xef) {
        if (n < 3 && !last) {
            *consumed = 0;
            return MDR_OK;
        }
        if (n >= 3 && p[1] == 0xbb && p[2] == 0xbf) {
            i = 3;
        }
    }

    for ( ; i < n && rc == MDR_OK; i += k) {

        state = f->state;
        k = f->kind == MDR_FRAMES_EVENTS ? event(f, p + i, n - i, base + i,
                                                 last, &rc)
            : f->kind == MDR_FRAMES_PARTS ? part(f, p + i, n - i, base + i,
                                                 last, &rc)
            : row(f, p + i, n - i, base + i, &rc);

        if (k == 0 && f->state == state) {
            break;                      /* more bytes are needed             */
        }
    }

    *consumed = i;

    if (last && rc == MDR_OK) {
        *consumed = n;
        rc = end(f, base + n);

    } else if (f->doc != NULL && rc == MDR_OK) {
        rc = mdr_layer_read(f->doc, 0);
    }

    return rc;
}
