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
    char      text[128];
    size_t    i;
    uint32_t  line, column, at;

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

    if (mdr_load_unquoted(p, size, line, column, text, sizeof(text), &at)) {
        (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "quote",
                             name_of(ld, file), line, at, "\"%s\" begins with "
                             "a sign of YAML: write it in quotes, '%s'",
                             text, text);
        return;
    }

    (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "yaml-syntax",
                         name_of(ld, file), line, column, "%s%s%s",
                         parser->problem != NULL ? parser->problem
                                                 : "cannot be read",
                         parser->context != NULL ? " " : "",
                         parser->context != NULL ? parser->context : "");
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
                                 p[i], is_gbk(p + i, n - i)
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


mdr_node_t *
mdr_load_yaml(mdr_load_t *ld, uint32_t file, const uint8_t *p, size_t size)
{
    int             done, depth, again;
    size_t          count;
    mdr_node_t     *root, *n, *stack[DEPTH_MAX], *last[DEPTH_MAX],
                   *keys[DEPTH_MAX], *top;
    yaml_event_t    ev;
    yaml_parser_t   parser;

    if (mdr_load_typing(ld, file, p, size) != MDR_OK) {
        return NULL;
    }

    if (!yaml_parser_initialize(&parser)) {
        ld->no_memory = 1;
        return NULL;
    }

    yaml_parser_set_input_string(&parser, p, size);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);

    root = NULL;
    depth = 0;
    done = 0;
    again = 0;
    count = 0;

    while (!done) {

        if (!yaml_parser_parse(&parser, &ev)) {
            syntax_error(ld, file, &parser, p, size);
            root = NULL;
            break;
        }

        n = NULL;

        if (tag_of(&ev) != NULL) {
            (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "yaml-tag",
                                 name_of(ld, file),
                                 (uint32_t) ev.start_mark.line + 1,
                                 (uint32_t) ev.start_mark.column + 1,
                                 "tags (%.40s) are not taken: a text that "
                                 "begins with ! is written in quotes",
                                 tag_of(&ev));
            yaml_event_delete(&ev);
            root = NULL;
            break;
        }

        switch (ev.type) {

        case YAML_STREAM_END_EVENT:
            done = 1;
            break;

        case YAML_DOCUMENT_START_EVENT:
            if (again++) {
                (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "yaml-two",
                                     name_of(ld, file),
                                     (uint32_t) ev.start_mark.line + 1, 1,
                                     "a second document; a policy file is "
                                     "one");
                root = NULL;
                done = 1;
            }
            break;

        case YAML_ALIAS_EVENT:
            (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "yaml-alias",
                                 name_of(ld, file),
                                 (uint32_t) ev.start_mark.line + 1,
                                 (uint32_t) ev.start_mark.column + 1,
                                 "aliases (*%s) are not taken: a text that "
                                 "begins with * is written in quotes",
                                 (char *) ev.data.alias.anchor);
            root = NULL;
            done = 1;
            break;

        case YAML_SCALAR_EVENT:
            n = new_node(ld, file, &ev, MDR_NODE_SCALAR);
            if (n != NULL) {
                n->quoted = ev.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
                n->text = mdr_arena_str(ld->arena, ev.data.scalar.value,
                                        ev.data.scalar.length);
                if (n->text.data == NULL) {
                    ld->no_memory = 1;
                }
            }
            break;

        case YAML_SEQUENCE_START_EVENT:
            n = new_node(ld, file, &ev, MDR_NODE_LIST);
            break;

        case YAML_MAPPING_START_EVENT:
            n = new_node(ld, file, &ev, MDR_NODE_MAP);
            break;

        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
            depth--;
            break;

        default:
            break;
        }

        yaml_event_delete(&ev);

        if (ld->no_memory) {
            root = NULL;
            break;
        }

        if (n == NULL) {
            continue;
        }

        if (++count > NODES_MAX || depth == DEPTH_MAX) {
            mdr_load_error(ld, n, "yaml-limit", "%s",
                           depth == DEPTH_MAX ? "nested too deeply"
                           : "too large for YAML: put terms into a list "
                             "file");
            root = NULL;
            break;
        }

        if (depth == 0) {
            root = n;

        } else {
            top = stack[depth - 1];

            if (top->kind == MDR_NODE_MAP && keys[depth - 1] == NULL) {

                if (n->kind != MDR_NODE_SCALAR) {
                    mdr_load_error(ld, n, "yaml-key", "a key must be plain "
                                   "text");
                    root = NULL;
                    break;
                }

                keys[depth - 1] = n;
                continue;
            }

            n->key = keys[depth - 1];
            keys[depth - 1] = NULL;

            if (last[depth - 1] == NULL) {
                top->first = n;
            } else {
                last[depth - 1]->next = n;
            }

            last[depth - 1] = n;
            top->n++;
        }

        if (n->kind != MDR_NODE_SCALAR) {
            stack[depth] = n;
            last[depth] = NULL;
            keys[depth] = NULL;
            depth++;
        }
    }

    yaml_parser_delete(&parser);

    return root;
}
