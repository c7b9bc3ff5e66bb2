/*
 * load_yaml.c - YAML to a tree of nodes with positions, through libyaml.
 *
 * One document a file.  Aliases and tags are refused: a policy does not need
 * them, and without aliases a small file is a small tree.
 */

#include "node.h"
#include "base/utf8.h"

#include <yaml.h>

#include <string.h>


#define NODES_MAX   4000000
#define DEPTH_MAX   32


static mdr_node_t *
new_node(mdr_load_t *ld, uint32_t file, const yaml_event_t *ev, int kind)
{
    mdr_node_t  *n;

    n = mdr_load_alloc(ld, sizeof(mdr_node_t));
    if (n == NULL) {
        return NULL;
    }

    n->kind = (uint8_t) kind;
    n->file = file;
    n->line = (uint32_t) ev->start_mark.line + 1;
    n->column = (uint32_t) ev->start_mark.column + 1;

    return n;
}


static const char *
name_of(const mdr_load_t *ld, uint32_t file)
{
    return ld->model->files[file].data;
}


/* the tag that was written, or NULL */

static const char *
tag_of(const yaml_event_t *ev)
{
    switch (ev->type) {

    case YAML_SCALAR_EVENT:
        return (const char *) ev->data.scalar.tag;

    case YAML_SEQUENCE_START_EVENT:
        return (const char *) ev->data.sequence_start.tag;

    case YAML_MAPPING_START_EVENT:
        return (const char *) ev->data.mapping_start.tag;

    default:
        return NULL;
    }
}


/* a byte that YAML does not know has an offset only, all else a mark */

static void
syntax_error(mdr_load_t *ld, uint32_t file, const yaml_parser_t *parser,
    const uint8_t *p, size_t size)
{
    char      text[256];
    size_t    i;
    uint32_t  line, column, from, at;

    if (parser->error == YAML_MEMORY_ERROR) {
        ld->no_memory = 1;
        return;
    }

    line = (uint32_t) parser->problem_mark.line + 1;
    column = (uint32_t) parser->problem_mark.column + 1;

    if (parser->error == YAML_READER_ERROR) {
        line = 1;
        column = 1;

        for (i = 0; i < parser->problem_offset && i < size; i++) {
            if (p[i] == '\n') {
                line++;
                column = 1;
            } else {
                column += (p[i] & 0xc0) != 0x80;
            }
        }
    }

    from = parser->context != NULL ? (uint32_t) parser->context_mark.line + 1
                                   : line;

    if (mdr_load_unquoted(p, size, line, column, text, sizeof(text), &at)
        || (parser->problem != NULL
            && (strstr(parser->problem, "node content") != NULL
                || strstr(parser->problem, "',' or") != NULL)
            && mdr_load_hash(p, size, line, text, sizeof(text), &line, &at)))
    {
        (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "quote",
                             name_of(ld, file), line, at, "\"%s\" begins with "
                             "a sign of YAML: write it in quotes, '%s'",
                             text, text);
        return;
    }

    mdr_load_plain(parser->problem, parser->context, from, text, sizeof(text));
    (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "yaml-syntax",
                         name_of(ld, file), line, column, "%s", text);
}


/* two characters of two bytes each, as GBK has them? */

static int
is_gbk(const uint8_t *p, size_t n)
{
    return n >= 4 && p[0] >= 0x81 && p[0] != 0xff && p[1] >= 0x80
           && p[1] != 0xff && p[2] >= 0x81 && p[2] != 0xff && p[3] >= 0x40
           && p[3] != 0xff;
}


int
mdr_load_check_bytes(mdr_load_t *ld, const char *path, const uint8_t *p,
    size_t n)
{
    int       rc;
    size_t    i, len;
    uint32_t  cp, line, column;

    rc = MDR_OK;
    if (mdr_policy_is_image(p, n)) {
        (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "image", path, 1, 1,
                             "a compiled image; the YAML it was made of is "
                             "wanted here");
        return MDR_ERROR;
    }

    line = 1;
    column = 1;
    i = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    for ( ; i < n; i += len, column++) {

        if (p[i] < 0x80) {
            len = 1;
            if (p[i] == '\n') {
                line++;
                column = 0;
            }
            continue;
        }

        cp = mdr_utf8_next(p + i, n - i, &len);

        if (len == 0 || (cp == MDR_CP_BAD && len != 3)) {
            (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "bad-utf8", path,
                                 line, column, "not UTF-8 (byte 0x%02x)%s",
                                 p[i], i == 0 && n >= 2
                                 && (memcmp(p, "\xff\xfe", 2) == 0
                                     || memcmp(p, "\xfe\xff", 2) == 0)
                                 ? ", looks like UTF-16: save the file as "
                                   "UTF-8"
                                 : is_gbk(p + i, n - i)
                                 ? ", looks like GBK: save the file as UTF-8"
                                 : "");
            return MDR_ERROR;
        }

        if (mdr_load_invisible(cp)) {
            (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "invisible",
                                 path, line, column, "invisible character "
                                 "U+%04X (write \\u%04x in quotes)", cp, cp);
            rc = MDR_ERROR;
        }
    }

    return rc;
}


/* a tree that grows event by event */

typedef struct {
    mdr_load_t  *ld;
    uint32_t     file;
    mdr_node_t  *root;
    int          documents, depth;
    size_t       count;
    mdr_node_t  *stack[DEPTH_MAX], *last[DEPTH_MAX], *keys[DEPTH_MAX];
} tree_t;


/* what YAML has and a policy has not; 1: it has been said */

static int
is_refused(tree_t *t, const yaml_event_t *ev)
{
    const char  *file;
    uint32_t     line, column;
    mdr_diags_t *diags;

    diags = t->ld->diags;
    file = name_of(t->ld, t->file);
    line = (uint32_t) ev->start_mark.line + 1;
    column = (uint32_t) ev->start_mark.column + 1;

    if (tag_of(ev) != NULL) {
        (void) mdr_diags_add(diags, MDR_DIAG_ERROR, "yaml-tag", file, line,
                             column,
                             "tags (%.40s) are not taken: a text that "
                             "begins with ! is written in quotes",
                             tag_of(ev));
        return 1;
    }

    if (ev->type == YAML_ALIAS_EVENT) {
        (void) mdr_diags_add(diags, MDR_DIAG_ERROR, "yaml-alias", file, line,
                             column,
                             "aliases (*%s) are not taken: a text that "
                             "begins with * is written in quotes",
                             (char *) ev->data.alias.anchor);
        return 1;
    }

    if (ev->type == YAML_DOCUMENT_START_EVENT && t->documents++ != 0) {
        (void) mdr_diags_add(diags, MDR_DIAG_ERROR, "yaml-two", file, line, 1,
                             "a second document; a policy file is one");
        return 1;
    }

    return 0;
}


/* the node that begins with this event, or NULL */

static mdr_node_t *
node_of(tree_t *t, const yaml_event_t *ev)
{
    mdr_node_t  *n;

    switch (ev->type) {

    case YAML_SEQUENCE_START_EVENT:
        return new_node(t->ld, t->file, ev, MDR_NODE_LIST);

    case YAML_MAPPING_START_EVENT:
        return new_node(t->ld, t->file, ev, MDR_NODE_MAP);

    case YAML_SCALAR_EVENT:
        break;

    default:
        return NULL;
    }

    n = new_node(t->ld, t->file, ev, MDR_NODE_SCALAR);

    if (n != NULL) {
        n->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        n->text = mdr_arena_str(t->ld->arena, ev->data.scalar.value,
                                ev->data.scalar.length);
        if (n->text.data == NULL) {
            t->ld->no_memory = 1;
        }
    }

    return n;
}


/* n to its place: a key, a value, an element, the root */

static int
put_node(tree_t *t, mdr_node_t *n)
{
    int          d;
    mdr_node_t  *top;

    if (++t->count > NODES_MAX || t->depth == DEPTH_MAX) {
        mdr_load_error(t->ld, n, "yaml-limit", "%s",
                       t->depth == DEPTH_MAX ? "nested too deeply"
                       : "too large for YAML: put terms into a list file");
        return MDR_ERROR;
    }

    if (t->depth == 0) {
        t->root = n;

    } else {
        d = t->depth - 1;
        top = t->stack[d];

        if (top->kind == MDR_NODE_MAP && t->keys[d] == NULL) {

            if (n->kind != MDR_NODE_SCALAR) {
                mdr_load_error(t->ld, n, "yaml-key", "a key must be plain "
                               "text");
                return MDR_ERROR;
            }

            t->keys[d] = n;
            return MDR_OK;
        }

        n->key = t->keys[d];
        t->keys[d] = NULL;

        if (t->last[d] == NULL) {
            top->first = n;
        } else {
            t->last[d]->next = n;
        }

        t->last[d] = n;
        top->n++;
    }

    if (n->kind != MDR_NODE_SCALAR) {
        t->stack[t->depth] = n;
        t->last[t->depth] = NULL;
        t->keys[t->depth] = NULL;
        t->depth++;
    }

    return MDR_OK;
}


/* one event to the tree; MDR_DONE: it was the last, MDR_ERROR: it has been
 * said, or there is no memory */

#define MDR_DONE  1

static int
take(tree_t *t, const yaml_event_t *ev)
{
    mdr_node_t  *n;

    if (is_refused(t, ev)) {
        return MDR_ERROR;
    }

    if (ev->type == YAML_STREAM_END_EVENT) {
        return MDR_DONE;
    }

    if (ev->type == YAML_SEQUENCE_END_EVENT
        || ev->type == YAML_MAPPING_END_EVENT)
    {
        t->depth--;
        return MDR_OK;
    }

    n = node_of(t, ev);

    if (t->ld->no_memory) {
        return MDR_ERROR;
    }

    return n != NULL ? put_node(t, n) : MDR_OK;
}


mdr_node_t *
mdr_load_yaml(mdr_load_t *ld, uint32_t file, const uint8_t *p, size_t size)
{
    int             rc;
    tree_t          t;
    yaml_event_t    ev;
    yaml_parser_t   parser;

    /* libyaml skips a byte order mark only where it looks for the encoding,
     * and then a file without one may be anything */

    if (size >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
        size -= 3;
    }

    if (mdr_load_typing(ld, file, p, size) != MDR_OK) {
        return NULL;
    }

    if (!yaml_parser_initialize(&parser)) {
        ld->no_memory = 1;
        return NULL;
    }

    yaml_parser_set_input_string(&parser, p, size);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);

    memset(&t, 0, sizeof(t));
    t.ld = ld;
    t.file = file;

    do {
        if (!yaml_parser_parse(&parser, &ev)) {
            syntax_error(ld, file, &parser, p, size);
            rc = MDR_ERROR;
            break;
        }

        rc = take(&t, &ev);
        yaml_event_delete(&ev);

    } while (rc == MDR_OK);

    yaml_parser_delete(&parser);

    return rc == MDR_ERROR ? NULL : t.root;
}
