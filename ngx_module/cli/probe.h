/*
 * probe.h - slots of a page or feed that nobody has described yet.
 *
 *   cmd_probe.c   reads, asks, prints
 *   probe_html.c  a page: a rough tree, groups of elements that look alike
 *   probe_json.c  a feed: objects that stand in lists
 *
 * A proposal is a guess for a person to look at: what repeats, has a title of
 * its own in each place, and best a link.
 */

#ifndef MDR_PROBE_H
#define MDR_PROBE_H

#include <stddef.h>

#define PROBE_FIELDS   6
#define PROBE_PREVIEW  3
#define PROBE_TEXT     160
#define PROBE_MATCH    400

typedef struct {
    char  name[16];
    char  from[PROBE_MATCH];
} probe_field_t;

typedef struct {
    const char     *type;               /* html, json, ndjson, jsonp         */
    char            match[PROBE_MATCH];
    size_t          items, titled;
    double          score;
    size_t          nfields;
    probe_field_t   fields[PROBE_FIELDS];
    char            preview[PROBE_PREVIEW][PROBE_TEXT];
    size_t          npreview;
} probe_slot_t;

typedef struct {
    probe_slot_t  *slots;
    size_t         n, cap;
} probe_t;

/* the best n so far are kept, best first */
void probe_add(probe_t *p, const probe_slot_t *s);
void probe_field(probe_slot_t *s, const char *name, const char *from);
void probe_text(char dst[PROBE_TEXT], const char *s, size_t n);
void *probe_alloc(size_t n);

void probe_html(probe_t *p, const char *s, size_t n);
/* 0: it is no JSON */
int probe_json(probe_t *p, const char *s, size_t n);

#endif
