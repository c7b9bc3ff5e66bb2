/*
 * load_list.c - terms: what is fit to be one, and list files of them.
 *
 * A list file has one term a line; "#" begins a comment at the start of a
 * line or behind white space.  Behind a tab a term has a weight, and behind
 * another one the end of the text where it has to stand (begin, end, whole).
 * Terms of a list point into one copy of the file, so that a million of them
 * is one allocation.
 */

#include "node.h"
#include "base/utf8.h"
#include "text/text.h"

#include <string.h>


#define TERM_CHARS  256


int
mdr_load_add_term(mdr_load_t *ld, mdr_group_t *g, uint64_t *cap,
    mdr_str_t term, const mdr_pos_t *pos)
{
    char        *p;
    uint64_t     n;
    mdr_term_t  *t;

    if (mdr_text_has_parts((const uint8_t *) term.data, term.len)) {
        p = mdr_load_alloc(ld, term.len);
        if (p == NULL) {
            return MDR_ERROR;
        }

        memcpy(p, term.data, term.len);
        term.data = p;
        term.len = (uint32_t) mdr_text_compose_bytes((uint8_t *) p, term.len);
    }

    if (g->nterms == *cap) {
        n = *cap < 16 ? 16 : *cap * 2;

        if (n > SIZE_MAX / 4 / sizeof(mdr_term_t)) {
            ld->no_memory = 1;
            return MDR_ERROR;
        }

        t = mdr_load_alloc(ld, n * sizeof(mdr_term_t));
        if (t == NULL) {
            return MDR_ERROR;
        }

        if (g->nterms != 0) {
            memcpy(t, g->terms, g->nterms * sizeof(mdr_term_t));
        }

        g->terms = t;
        *cap = n;
    }

    t = &g->terms[g->nterms++];
    t->weight = 0;
    t->weighed = 0;
    t->place = 0;
    t->text = term;
    t->pos = *pos;

    return MDR_OK;
}


int
mdr_load_term_ok(mdr_load_t *ld, mdr_str_t term, uint32_t file,
    uint32_t line, uint32_t column)
{
    size_t       i, len, chars, seen;
    uint32_t     cp;
    const char  *what;

    what = NULL;
    chars = 0;
    seen = 0;

    for (i = 0; i < term.len; i += len, chars++) {
        cp = mdr_utf8_next((const uint8_t *) term.data + i, term.len - i,
                           &len);

        if (len == 0 || (cp == MDR_CP_BAD && len != 3)) {
            what = "a term that is not UTF-8";
            break;
        }

        if (cp < 0x20 || cp == 0x7f) {
            what = "a control character in a term";
            break;
        }

        if (cp > 0x20 && !mdr_load_invisible(cp)) {
            seen++;
        }
    }

    if (what == NULL && seen == 0) {
        what = "an empty term";

    } else if (what == NULL && chars > TERM_CHARS) {
        what = "a term of more than 256 characters";
    }

    if (what == NULL) {
        return MDR_OK;
    }

    if (mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "bad-term",
                      ld->model->files[file].data, line, column, "%s", what)
        != MDR_OK)
    {
        ld->no_memory = 1;
    }

    return MDR_ERROR;
}


/* a line without its comment, from p on; empty: none */

static mdr_str_t
line_term(const char *p, const char *e)
{
    mdr_str_t    term;
    const char  *c;

    while (p < e && (*p == ' ' || *p == '\t')) {
        p++;
    }

    term.data = p;
    c = p < e && *p == '#' ? p : e;

    if (c == e && memchr(p, '#', (size_t) (e - p)) != NULL) {
        for (c = p + 1; c < e; c++) {
            if (*c == '#' && (c[-1] == ' ' || c[-1] == '\t')) {
                break;
            }
        }
    }

    while (c > p && (c[-1] == ' ' || c[-1] == '\t' || c[-1] == '\r')) {
        c--;
    }

    term.len = (uint32_t) (c - p);

    return term;
}


/* a term with the weight that may stand behind it */

static int
list_term(mdr_load_t *ld, mdr_str_t term, const mdr_pos_t *pos,
    mdr_group_t *g, uint64_t *cap)
{
    mdr_term_t   weighed;
    const char  *stop;

    stop = term.data + term.len;
    weighed.weighed = 0;
    weighed.place = 0;

    if (mdr_load_weight(ld, term.data, &stop, pos->file, pos->line, &weighed)
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    term.len = (uint32_t) (stop - term.data);

    if (mdr_load_term_ok(ld, term, pos->file, pos->line, pos->column)
        != MDR_OK
        || mdr_load_add_term(ld, g, cap, term, pos) != MDR_OK)
    {
        return MDR_ERROR;
    }

    if (weighed.weighed) {
        g->terms[g->nterms - 1].weight = weighed.weight;
        g->terms[g->nterms - 1].place = weighed.place;
        g->terms[g->nterms - 1].weighed = 1;
    }

    return MDR_OK;
}


static int
load_list(mdr_load_t *ld, const mdr_node_t *at, mdr_group_t *g,
    uint64_t *cap)
{
    int               rc;
    char             *p, *e, *end;
    uint64_t          before;
    mdr_pos_t         pos;
    mdr_str_t         copy, term;
    mdr_list_file_t  *l;

    if (at->kind != MDR_NODE_SCALAR || at->text.len == 0) {
        mdr_load_error(ld, at, "type", "list: the path of a file expected");
        return MDR_ERROR;
    }

    l = mdr_load_list_file(ld, at, at->text);
    if (l == NULL) {
        return MDR_ERROR;
    }

    if (l->data == NULL) {
        mdr_load_error(ld, at, "no-list", "list \"%s\": %s", l->path,
                       l->why != NULL ? l->why : strerror(l->error));
        return MDR_ERROR;
    }

    copy = mdr_arena_str(ld->arena, l->data, l->len);
    if (copy.data == NULL) {
        ld->no_memory = 1;
        return MDR_ERROR;
    }

    rc = MDR_OK;
    before = g->nterms;
    p = (char *) copy.data;
    end = p + copy.len;
    pos.file = l->file;
    pos.column = 1;

    if (copy.len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
    }

    for (pos.line = 1; p < end; pos.line++, p = e + 1) {
        e = memchr(p, '\n', (size_t) (end - p));
        if (e == NULL) {
            e = end;
        }

        term = line_term(p, e);

        if (term.len != 0 && list_term(ld, term, &pos, g, cap) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    if (rc == MDR_OK && g->nterms == before) {
        mdr_load_warn(ld, at, "empty-list", "list \"%s\" has no term",
                      l->path);
    }

    return rc;
}


int
mdr_load_terms(mdr_load_t *ld, mdr_node_t *terms, mdr_group_t *g,
    uint64_t *cap)
{
    int          rc;
    mdr_pos_t    pos;
    mdr_node_t  *e;

    if (terms == NULL) {
        return MDR_OK;
    }

    if (terms->kind == MDR_NODE_MAP
        || (terms->kind == MDR_NODE_LIST && terms->n == 0))
    {
        mdr_load_error(ld, terms, "type", "terms: a list of terms expected");
        return MDR_ERROR;
    }

    rc = MDR_OK;

    for (e = terms->kind == MDR_NODE_LIST ? terms->first : terms; e != NULL;
         e = terms->kind == MDR_NODE_LIST ? e->next : NULL)
    {
        if (e->kind != MDR_NODE_SCALAR || mdr_node_is_null(e)) {
            mdr_load_error(ld, e, "type", "terms: plain text expected%s",
                           e->kind == MDR_NODE_MAP
                           ? ": a text with \": \" in it is written in quotes"
                           : e->kind == MDR_NODE_SCALAR && e->text.len == 0
                           ? ": a text that begins with # is written in quotes"
                           : "");
            rc = MDR_ERROR;
            continue;
        }

        pos.file = e->file;
        pos.line = e->line;
        pos.column = e->column;

        if (mdr_load_term_ok(ld, e->text, e->file, e->line, e->column)
            != MDR_OK
            || mdr_load_add_term(ld, g, cap, e->text, &pos) != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


int
mdr_load_lists(mdr_load_t *ld, mdr_node_t *list, mdr_group_t *g, uint64_t *cap)
{
    int          rc;
    mdr_node_t  *e;

    if (list == NULL) {
        return MDR_OK;
    }

    if (list->kind != MDR_NODE_LIST) {
        return load_list(ld, list, g, cap);
    }

    if (list->n == 0) {
        mdr_load_error(ld, list, "empty", "list: the list is empty");
        return MDR_ERROR;
    }

    rc = MDR_OK;

    for (e = list->first; e != NULL; e = e->next) {
        if (load_list(ld, e, g, cap) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    return rc;
}
