/*
 * scan_page.c - findings of `moderationctl scan` that are about the page as a
 * whole (docs/pages.md).
 */

#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "scan_report.h"


void
scan_json_found(line_t *l, const scan_t *s, const mdr_page_found_t *f)
{
    mdr_str_t  name;

    line_text(l, "{\"page\"", f->name);

    if (s->many) {
        name.data = s->source;
        name.len = (uint32_t) strlen(s->source);
        line_text(l, ",\"file\"", name);
    }

    line_word(l, ",\"finding\"", mdr_page_word(f->kind));

    if (f->kind <= MDR_PAGE_INSERTED) {
        line_text(l, ",\"require\"", f->id);
    }

    line_word(l, ",\"mode\"", cli_mode_name(f->mode));
    line_word(l, ",\"action\"", cli_action_name(f->action));

    if (f->detail.len != 0) {
        line_text(l, ",\"detail\"", f->detail);
    }

    if (f->end != 0) {
        line_number(l, ",\"start\"", f->start);
        line_number(l, ",\"end\"", f->end);
    }

    line_puts(l, "}\n");
}


void
scan_text_found(const mdr_page_found_t *f)
{
    printf("page %.*s: %s", (int) f->name.len, f->name.data,
           mdr_page_word(f->kind));

    if (f->kind <= MDR_PAGE_INSERTED) {
        printf(" %.*s", (int) f->id.len, f->id.data);
    }

    if (f->detail.len != 0) {
        printf(" \"%.*s\"", (int) f->detail.len, f->detail.data);
    }

    if (f->action != MDR_ACT_NONE) {
        printf(" (%s%s)", f->mode == MDR_MODE_ENFORCE ? "" : "shadow: ",
               cli_action_name(f->action));
    }

    printf("\n");
}


/* "https://www.example.cn/a?b", "www.example.cn/a" in its host and path; -1: it
 * is neither */

int
scan_page_of(const char *url, mdr_str_t *host, mdr_str_t *path)
{
    const char  *p;

    p = strstr(url, "://");
    p = p != NULL ? p + 3 : url;

    host->data = p;
    host->len = (uint32_t) strcspn(p, "/?#:");
    path->data = strchr(p, '/');

    if (path->data == NULL) {
        path->data = "/";
    }

    path->len = (uint32_t) strcspn(path->data, "?#");

    return host->len != 0 ? 0 : -1;
}


/* the requirement's bit is set; -1: the page has no such one */

int
scan_absent(const mdr_policy_t *p, uint32_t page, const char *id,
    uint32_t *bits)
{
    uint32_t   i;
    mdr_str_t  name;

    for (i = 0; mdr_policy_page_require(p, page, i, &name) == MDR_OK; i++) {
        if (name.len == strlen(id) && memcmp(name.data, id, name.len) == 0) {
            *bits |= (uint32_t) 1 << i;
            return 0;
        }
    }

    return -1;
}
