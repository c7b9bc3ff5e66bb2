/*
 * cmd_fingerprints.c - `moderationctl scan --fingerprints A B`: are cards the
 * same in two fetches of a page?
 *
 * What goes into a fingerprint is compared as text, field by field, so that
 * the one that changes has a name.
 */

#include <stdio.h>

#include "cli.h"
#include "moderation.h"
#include "scan_report.h"

#include <stdlib.h>
#include <string.h>


typedef struct {
    uint32_t   slot;
    uint32_t   nprint;
    char      *item;
    char     **names, **values;
} print_t;

typedef struct {
    mdr_scan_conf_t      conf;
    const mdr_policy_t  *policy;
    mdr_work_t          *work;
    print_t             *prints[2];
    size_t               n[2], cap[2];
    int                  which, failed;
} both_t;


static char *
copy(mdr_str_t s)
{
    char  *p;

    p = malloc((size_t) s.len + 1);

    if (p == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
        exit(2);
    }

    memcpy(p, s.data, s.len);
    p[s.len] = '\0';

    return p;
}


static void
on_known(void *ctx, const mdr_ask_t *ask, mdr_answer_t *answer)
{
    both_t *b = ctx;

    uint32_t   i;
    print_t   *p;

    (void) answer;

    if (ask->nprint == 0 || ask->item_id.len == 0) {
        return;
    }

    if (b->n[b->which] == b->cap[b->which]) {
        b->cap[b->which] = b->cap[b->which] * 2 + 64;
        p = realloc(b->prints[b->which],
                    b->cap[b->which] * sizeof(print_t));
        if (p == NULL) {
            b->failed = 1;
            return;
        }
        b->prints[b->which] = p;
    }

    p = &b->prints[b->which][b->n[b->which]++];
    p->slot = ask->slot;
    p->item = copy(ask->item_id);
    p->nprint = ask->nprint;
    p->names = calloc(ask->nprint, sizeof(char *));
    p->values = calloc(ask->nprint, sizeof(char *));

    if (p->names == NULL || p->values == NULL) {
        exit(2);
    }

    for (i = 0; i < ask->nprint; i++) {
        p->names[i] = copy(ask->print[i].name);
        p->values[i] = copy(ask->print[i].text);
    }
}


static void
on_body(void *ctx, const scan_body_t *body)
{
    both_t *b = ctx;

    size_t            n;
    uint8_t           buf[65536];
    mdr_scan_t       *scan;
    mdr_scan_conf_t   conf;

    conf = b->conf;
    conf.ctx = b;
    conf.output = NULL;
    conf.item = NULL;
    conf.error = NULL;
    conf.known = on_known;
    conf.mode = MDR_MODE_SHADOW;

    if (conf.charset == NULL) {
        conf.charset = body->charset;
    }

    scan = mdr_scan_new(b->policy, b->work, &conf);

    if (scan == NULL) {
        b->failed = 1;
        return;
    }

    if (body->file == NULL) {
        (void) mdr_scan_feed(scan, body->data, body->len);

    } else {
        while ((n = fread(buf, 1, sizeof(buf), body->file)) > 0) {
            (void) mdr_scan_feed(scan, buf, n);
        }
    }

    (void) mdr_scan_finish(scan);
    mdr_scan_free(scan);
}


static int
same(const print_t *p, const print_t *q)
{
    uint32_t  j;

    for (j = 0; j < p->nprint && strcmp(p->values[j], q->values[j]) == 0;
         j++)
    {
        /* void */
    }

    return j == p->nprint;
}


/* the card of that item in the second fetch; of several the one that is the
 * same, since their order says nothing */

static const print_t *
find(const both_t *b, const print_t *p)
{
    size_t          i;
    const print_t  *q, *first;

    for (first = NULL, i = 0; i < b->n[1]; i++) {
        q = &b->prints[1][i];

        if (q->slot != p->slot || strcmp(q->item, p->item) != 0) {
            continue;
        }

        if (same(p, q)) {
            return q;
        }

        first = first != NULL ? first : q;
    }

    return first;
}


/* the cards of one slot that are in both; those that are not the same */

static size_t
slot(const both_t *b, uint32_t n, size_t *both)
{
    size_t         i, differ;
    uint32_t       j;
    mdr_str_t      name;
    const print_t  *p, *q;

    name = mdr_policy_slot_name(b->policy, n);
    differ = 0;
    *both = 0;

    for (i = 0; i < b->n[0]; i++) {
        p = &b->prints[0][i];
        q = p->slot == n ? find(b, p) : NULL;

        if (q == NULL) {
            continue;
        }

        (*both)++;

        if (same(p, q)) {
            continue;
        }

        differ++;

        for (j = 0; j < p->nprint; j++) {
            if (strcmp(p->values[j], q->values[j]) != 0) {
                printf("%.*s: item %s, field %s: \"%s\", then \"%s\"\n",
                       (int) name.len, name.data, p->item, p->names[j],
                       p->values[j], q->values[j]);
            }
        }
    }

    return differ;
}


int
cli_fingerprints(const mdr_policy_t *policy, const mdr_scan_conf_t *conf,
    const char *a, const char *b)
{
    size_t             both, all, differ, some;
    uint32_t           i, j;
    both_t             s;
    mdr_str_t          name;
    mdr_policy_info_t  info;

    memset(&s, 0, sizeof(s));
    s.conf = *conf;
    s.policy = policy;
    s.work = mdr_work_new(NULL);

    if (s.work == NULL) {
        return 2;
    }

    s.failed = scan_source_path(a, on_body, &s) != 0;
    s.which = 1;
    s.failed |= scan_source_path(b, on_body, &s) != 0;

    mdr_policy_info(policy, &info);
    all = 0;
    some = 0;

    for (i = 0; i < info.slots; i++) {
        name = mdr_policy_slot_name(policy, i);
        differ = slot(&s, i, &both);
        all += both;
        some += differ;

        if (both != 0) {
            printf("%.*s: %zu of %zu cards have the same fingerprint twice\n",
                   (int) name.len, name.data, both - differ, both);
        }
    }

    if (all == 0 && !s.failed) {
        fprintf(stderr, "moderationctl: no card with an item id is in "
                "both\n");
    }

    for (i = 0; i < 2; i++) {
        for (both = 0; both < s.n[i]; both++) {
            for (j = 0; j < s.prints[i][both].nprint; j++) {
                free(s.prints[i][both].names[j]);
                free(s.prints[i][both].values[j]);
            }
            free(s.prints[i][both].names);
            free(s.prints[i][both].values);
            free(s.prints[i][both].item);
        }
        free(s.prints[i]);
    }

    mdr_work_free(s.work);

    return s.failed ? 2 : some != 0 ? 1 : all == 0 ? 3 : 0;
}
