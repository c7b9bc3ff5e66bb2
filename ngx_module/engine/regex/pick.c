/*
 * pick.c - `pick` of a field: a part of the value, so that a link and a number
 * name one room.
 */

#define PCRE2_CODE_UNIT_WIDTH  8

#include "pick.h"

#include <pcre2.h>
#include <string.h>


#define MATCH_LIMIT  100000


struct mdr_picks_s {
    const mdr_alloc_t      *alloc;
    const mdr_model_t      *model;
    uint32_t                n;          /* of all slots                      */
    uint32_t               *first;      /* [nslots] number of its field 0    */
    pcre2_code            **codes;      /* [n]                               */
    pcre2_match_context    *context;
};


void
mdr_picks_free(mdr_picks_t *p)
{
    uint32_t  i;

    if (p == NULL) {
        return;
    }

    for (i = 0; i < p->n; i++) {
        pcre2_code_free(p->codes[i]);
    }

    pcre2_match_context_free(p->context);
    mdr_free(p->alloc, p);
}


mdr_picks_t *
mdr_picks_new(const mdr_model_t *m, const mdr_alloc_t *alloc)
{
    int                 code;
    uint32_t            i, j, n;
    PCRE2_SIZE          at;
    mdr_picks_t        *p;
    const mdr_field_t  *f;

    for (i = 0, n = 0; i < m->nslots; i++) {
        n += m->slots[i].nfields;
    }

    p = mdr_calloc(alloc, sizeof(*p) + n * sizeof(pcre2_code *)
                          + m->nslots * sizeof(uint32_t));
    if (p == NULL) {
        return NULL;
    }

    p->alloc = alloc;
    p->model = m;
    p->n = n;
    p->codes = (pcre2_code **) (p + 1);
    p->first = (uint32_t *) (p->codes + n);

    for (i = 0, n = 0; i < m->nslots; i++) {
        p->first[i] = n;

        for (j = 0; j < m->slots[i].nfields; j++, n++) {
            f = &m->slots[i].fields[j];

            if (f->pick.len == 0) {
                continue;
            }

            p->codes[n] = pcre2_compile((PCRE2_SPTR) f->pick.data,
                                        f->pick.len, PCRE2_UTF, &code, &at,
                                        NULL);
            if (p->codes[n] == NULL) {
                mdr_picks_free(p);
                return NULL;
            }
        }
    }

    p->context = pcre2_match_context_create(NULL);

    if (p->context == NULL) {
        mdr_picks_free(p);
        return NULL;
    }

    pcre2_set_match_limit(p->context, MATCH_LIMIT);
    pcre2_set_depth_limit(p->context, 1000);

    return p;
}


mdr_str_t
mdr_pick(const mdr_picks_t *p, uint32_t slot, uint32_t field, mdr_str_t value)
{
    int                rc;
    mdr_str_t          none = { "", 0 };
    PCRE2_SIZE        *v;
    pcre2_code        *code;
    pcre2_match_data  *md;

    code = p->codes[p->first[slot] + field];

    if (code == NULL || value.len == 0) {
        return value;
    }

    md = pcre2_match_data_create(2, NULL);

    if (md == NULL) {
        return none;
    }

    rc = pcre2_match(code, (PCRE2_SPTR) value.data, value.len, 0,
                     PCRE2_NO_UTF_CHECK, md, p->context);
    v = pcre2_get_ovector_pointer(md);

    if ((rc == 0 || rc >= 2) && v[2] != PCRE2_UNSET) {
        none.data = value.data + v[2];
        none.len = (uint32_t) (v[3] - v[2]);
    }

    pcre2_match_data_free(md);

    return none;
}


const char *
mdr_pick_bad(mdr_str_t pattern)
{
    int          code;
    uint32_t     groups;
    PCRE2_SIZE   at;
    pcre2_code  *c;

    c = pcre2_compile((PCRE2_SPTR) pattern.data, pattern.len, PCRE2_UTF,
                      &code, &at, NULL);
    if (c == NULL) {
        return "is no regular expression";
    }

    groups = 0;
    pcre2_pattern_info(c, PCRE2_INFO_CAPTURECOUNT, &groups);
    pcre2_code_free(c);

    return groups == 0 ? "has no group: what is in ( ) is taken" : NULL;
}
