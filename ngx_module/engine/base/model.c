/*
 * model.c - the part of a model that an image carries, as bytes and back.
 *
 * One description serves both ways: every part is passed through `walk`
 * functions that write when given a buffer and read when given bytes, so the
 * two cannot drift apart.  Numbers are little-endian; a string is its length
 * and its bytes and a NUL.  Reading checks each length against what is left
 * and each index against its table.
 */

#include "model.h"

#include <string.h>


typedef struct {
    mdr_buf_t      *out;            /* writing, or NULL                     */
    const uint8_t  *p, *end;        /* reading                              */
    mdr_arena_t    *arena;
    int             bad;
} io_t;


static void
bytes(io_t *io, void *v, size_t n)
{
    if (io->bad) {
        return;
    }

    if (io->out != NULL) {
        if (mdr_buf_add(io->out, v, n) != MDR_OK) {
            io->bad = 1;
        }
        return;
    }

    if ((size_t) (io->end - io->p) < n) {
        io->bad = 1;
        return;
    }

    memcpy(v, io->p, n);
    io->p += n;
}


static void
u8(io_t *io, uint8_t *v)
{
    bytes(io, v, 1);
}


static void
number(io_t *io, uint64_t *v, unsigned size)
{
    uint8_t   b[8];
    unsigned  i;

    memset(b, 0, sizeof(b));

    for (i = 0; i < size; i++) {
        b[i] = (uint8_t) (*v >> (8 * i));
    }

    bytes(io, b, size);

    if (io->out == NULL) {
        *v = 0;
        for (i = 0; i < size; i++) {
            *v |= (uint64_t) b[i] << (8 * i);
        }
    }
}


static void
u32(io_t *io, uint32_t *v)
{
    uint64_t  n = *v;

    number(io, &n, 4);
    *v = (uint32_t) n;
}


static void
i32(io_t *io, int32_t *v)
{
    uint64_t  n = (uint32_t) *v;

    number(io, &n, 4);
    *v = (int32_t) (uint32_t) n;
}


static void
u64(io_t *io, uint64_t *v)
{
    number(io, v, 8);
}


static void
real(io_t *io, double *v)
{
    uint64_t  n;

    memcpy(&n, v, 8);
    number(io, &n, 8);
    memcpy(v, &n, 8);

    if (*v != *v) {
        io->bad = 1;
    }
}


static void
str(io_t *io, mdr_str_t *s)
{
    uint8_t   nul;
    uint32_t  n;

    n = s->len;
    u32(io, &n);

    if (io->bad) {
        return;
    }

    if (io->out != NULL) {
        bytes(io, (void *) (uintptr_t) s->data, n);
        nul = 0;
        bytes(io, &nul, 1);
        return;
    }

    if ((size_t) (io->end - io->p) < (size_t) n + 1 || io->p[n] != 0) {
        io->bad = 1;
        return;
    }

    *s = mdr_arena_str(io->arena, io->p, n);
    if (s->data == NULL) {
        io->bad = 1;
        return;
    }

    io->p += (size_t) n + 1;
}


/* an array whose elements take at least `least` bytes each: a count that the
 * rest cannot hold is refused before anything is allocated */

static void
array(io_t *io, uint32_t *n, void **p, size_t element, size_t least)
{
    u32(io, n);

    if (io->bad || io->out != NULL) {
        return;
    }

    if ((size_t) (io->end - io->p) / least < *n) {
        io->bad = 1;
        *n = 0;
        return;
    }

    *p = mdr_arena_alloc(io->arena, ((size_t) *n + 1) * element);
    if (*p == NULL) {
        io->bad = 1;
        *n = 0;
    }
}

#define ARRAY(io, n, p, least)                                               \
    do {                                                                     \
        void *q_ = p;                                                        \
        array(io, &(n), &q_, sizeof(*(p)), least);                           \
        p = q_;                                                              \
    } while (0)


static void
profile(io_t *io, mdr_profile_t *p)
{
    u32(io, &p->folds);
    u8(io, &p->gap_max);
    u8(io, &p->gap_of);
    u8(io, &p->boundary);

    if (p->folds >> MDR_FOLDS != 0 || p->gap_max > 16 || p->gap_of >> MDR_GAPS != 0
        || p->boundary > MDR_BOUNDARY_WHOLE)
    {
        io->bad = 1;
    }
}


/* of a rule, or of a group of it, which names groups of terms alone */

static void
conditions(io_t *io, const mdr_rule_t *r, int of_group, uint32_t *n,
    mdr_cond_t **conds)
{
    int          depth;
    uint32_t     i, a, b;
    mdr_cond_t  *c;

    ARRAY(io, *n, *conds, 14);
    depth = 0;

    for (i = 0; i < *n && !io->bad; i++) {
        c = &(*conds)[i];
        a = c->a;
        b = c->b;
        u8(io, &c->op);
        u8(io, &c->cmp);
        u32(io, &a);
        u32(io, &b);
        i32(io, &c->n);

        if (c->op > MDR_COND_HIDDEN
            || (of_group && c->op == MDR_COND_SCORE) || c->cmp > MDR_OP_EQ
            || b >= r->ngroups
            || (c->op == MDR_COND_OF ? a < 1 || a > (uint32_t) depth
                                     : a >= r->ngroups))
        {
            io->bad = 1;
            return;
        }

        c->a = (uint16_t) a;
        c->b = (uint16_t) b;

        if (c->op == MDR_COND_AND || c->op == MDR_COND_OR) {
            depth--;
        } else if (c->op == MDR_COND_OF) {
            depth -= (int) a - 1;
        } else if (c->op != MDR_COND_NOT) {
            depth++;
        }

        if (depth < 1 || depth > MDR_COND_STACK) {
            io->bad = 1;
            return;
        }
    }

    if (*n != 0 && depth != 1) {
        io->bad = 1;
    }
}


static void
group(io_t *io, const mdr_rule_t *r, mdr_group_t *g)
{
    uint32_t  i;

    str(io, &g->name);
    i32(io, &g->weight);
    u8(io, &g->weighted);
    u8(io, &g->each);
    u32(io, &g->per);
    u64(io, &g->nterms);
    ARRAY(io, g->nregexes, g->regexes, 5);

    for (i = 0; i < g->nregexes && !io->bad; i++) {
        str(io, &g->regexes[i]);
    }

    conditions(io, r, 1, &g->nconds, &g->conds);

    if (g->weighted > 1 || g->each > 1 || g->per > MDR_PER_MAX
        || (g->nconds != 0 && (g->nterms != 0 || g->nregexes != 0)))
    {
        io->bad = 1;
    }
}


static void
strs(io_t *io, uint32_t n, mdr_str_t *s)
{
    uint32_t  i;

    for (i = 0; i < n && !io->bad; i++) {
        str(io, &s[i]);
    }
}


static void
u32s(io_t *io, uint32_t n, uint32_t *v, uint32_t limit)
{
    uint32_t  i;

    for (i = 0; i < n && !io->bad; i++) {
        u32(io, &v[i]);

        if (v[i] >= limit) {
            io->bad = 1;
        }
    }
}


static void
second(io_t *io, const mdr_slot_t *s, mdr_review_t *r)
{
    u8(io, &r->given);
    ARRAY(io, r->nfields, r->fields, 4);
    u32s(io, r->nfields, r->fields, s->nfields);
    ARRAY(io, r->nfields, r->normal, 4);
    u32s(io, r->nfields, r->normal, 8);
    ARRAY(io, r->ndrop, r->drop, 4);
    strs(io, r->ndrop, r->drop);
    ARRAY(io, r->nhosts, r->hosts, 4);
    strs(io, r->nhosts, r->hosts);
    ARRAY(io, r->nhosts, r->host_names, 4);
    strs(io, r->nhosts, r->host_names);
    ARRAY(io, r->nscope, r->scope, 4);
    strs(io, r->nscope, r->scope);
    i32(io, &r->cover);
    i32(io, &r->session);
    u8(io, &r->cover_content);
    u8(io, &r->default_do);
    u8(io, &r->people);
    u8(io, &r->rollout);
    u8(io, &r->stable);
    u8(io, &r->first_screen);
    u32(io, &r->cover_s);
    u32(io, &r->ttl_s);
    u32(io, &r->target_s);
    u32(io, &r->default_s);
    u32(io, &r->floor);
    u32(io, &r->flap_max);
    u32(io, &r->flap_s);
    str(io, &r->queue);
    str(io, &r->audience);

    if (r->cover >= (int32_t) s->nfields || r->cover < -1
        || r->session >= (int32_t) s->nfields || r->session < -1
        || r->nfields > 64 || r->nscope > 64 || r->rollout > 100
        || r->default_do > MDR_DEFAULT_PASS)
    {
        io->bad = 1;
    }
}


static void
slot(io_t *io, mdr_slot_t *s)
{
    uint32_t       i, j;
    mdr_field_t   *f;
    mdr_source_t  *src;

    str(io, &s->name);
    u8(io, &s->type);
    u8(io, &s->xml);
    u8(io, &s->templates);
    u8(io, &s->review);
    str(io, &s->match);
    str(io, &s->script);
    str(io, &s->count);
    str(io, &s->refs);
    u8(io, &s->within);
    str(io, &s->outer);
    str(io, &s->outer_attr);
    u32(io, &s->group);
    u32(io, &s->limit);
    i32(io, &s->item_id);
    i32(io, &s->account_id);
    i32(io, &s->place);
    ARRAY(io, s->nfields, s->fields, 9);

    for (i = 0; i < s->nfields && !io->bad; i++) {
        f = &s->fields[i];
        str(io, &f->name);
        u8(io, &f->all);
        u8(io, &f->every);
        u8(io, &f->join);
        str(io, &f->pick);
        ARRAY(io, f->nsources, f->sources, 16);

        for (j = 0; j < f->nsources && !io->bad; j++) {
            src = &f->sources[j];
            str(io, &src->selector);
            str(io, &src->attr);
            str(io, &src->path);
            u8(io, &src->as);

            if (src->as > MDR_AS_URL) {
                io->bad = 1;
            }
        }

        if (f->nsources == 0 || f->join > MDR_JOIN_VALUES) {
            io->bad = 1;
        }
    }

    if (!io->bad) {
        second(io, s, &s->second);
    }

    if (s->type < MDR_TYPE_HTML || s->type > MDR_TYPE_SCRIPT
        || s->within > MDR_WITHIN_SCRIPT || s->xml > 1
        || s->templates > MDR_TEMPLATES_NONE
        || (s->group != 0) != (s->within != MDR_WITHIN_NOTHING)
        || s->review > MDR_REVIEW_REQUIRED || s->nfields > 64
        || s->item_id >= (int32_t) s->nfields || s->item_id < -1
        || s->account_id >= (int32_t) s->nfields || s->account_id < -1
        || s->place >= (int32_t) s->nfields || s->place < -1)
    {
        io->bad = 1;
    }
}


/* one value of a rule, at v, and whether it can be */

static void
rule_key(io_t *io, const mdr_rule_key_t *k, void *v)
{
    switch (k->kind) {

    case MDR_KEY_TEXTS:
        str(io, v);
        str(io, (mdr_str_t *) v + 1);
        break;

    case MDR_KEY_WORD:
    case MDR_KEY_U8:
        u8(io, v);
        io->bad |= *(uint8_t *) v < k->min || *(uint8_t *) v > k->max;
        break;

    case MDR_KEY_U32:
        u32(io, v);
        io->bad |= *(uint32_t *) v > k->max;
        break;

    case MDR_KEY_DAY:
        i32(io, v);
        break;

    case MDR_KEY_REAL:
        real(io, v);
        break;

    default: /* MDR_KEY_STRING, MDR_KEY_NAME */
        str(io, v);
        break;
    }
}


static void
rule(io_t *io, const mdr_model_t *m, mdr_rule_t *r)
{
    uint32_t  i;

    str(io, &r->id);
    for (i = 0; i < mdr_nrule_keys && !io->bad; i++) {
        rule_key(io, &mdr_rule_keys[i], (char *) r + mdr_rule_keys[i].at);
    }

    ARRAY(io, r->nslots, r->slots, 4);
    for (i = 0; i < r->nslots && !io->bad; i++) {
        u32(io, &r->slots[i]);
        if (r->slots[i] >= m->nslots) {
            io->bad = 1;
        }
    }

    u8(io, &r->law);
    ARRAY(io, r->njurisdictions, r->jurisdictions, 5);
    for (i = 0; i < r->njurisdictions && !io->bad; i++) {
        str(io, &r->jurisdictions[i]);
    }

    u8(io, &r->accounts);
    u8(io, &r->credit_given);
    u8(io, &r->credit_op);
    u8(io, &r->credit);
    u8(io, &r->alone);

    ARRAY(io, r->nfields, r->fields, 5);
    for (i = 0; i < r->nfields && !io->bad; i++) {
        str(io, &r->fields[i]);
    }

    profile(io, &r->profile);

    ARRAY(io, r->ngroups, r->groups, 30);
    for (i = 0; i < r->ngroups && !io->bad; i++) {
        group(io, r, &r->groups[i]);
    }

    ARRAY(io, r->nexcepts, r->excepts, 35);
    for (i = 0; i < r->nexcepts && !io->bad; i++) {
        group(io, r, &r->excepts[i].group);
        str(io, &r->excepts[i].why);
    }

    conditions(io, r, 0, &r->nconds, &r->conds);

    if (r->law > MDR_LAW_READER || r->credit > 100
        || r->credit_op > MDR_OP_LT || r->ngroups == 0 || r->ngroups > 64
        || r->nfields == 0)
    {
        io->bad = 1;
    }
}


static void
require(io_t *io, mdr_require_t *r)
{
    str(io, &r->id);
    str(io, &r->selector);
    str(io, &r->member);
    str(io, &r->insert);
    u8(io, &r->at);
    u8(io, &r->any);
    str(io, &r->place);

    if (r->at > MDR_AT_AFTER || r->any > 1
        || (r->selector.len != 0) == (r->member.len != 0)
        || (r->place.len != 0) != (r->at >= MDR_AT_BEFORE))
    {
        io->bad = 1;
    }
}


static void
guard(io_t *io, mdr_guard_t *g)
{
    str(io, &g->title);
    str(io, &g->title_not);
    str(io, &g->description);
    str(io, &g->description_not);
    u8(io, &g->front);
    u8(io, &g->block);
    u8(io, &g->spiders);
    u32(io, &g->hidden_links);
    u32(io, &g->kinds);
    ARRAY(io, g->nhosts, g->hosts, 5);
    strs(io, g->nhosts, g->hosts);

    if (g->front > MDR_FRONT_BLOCK || g->block > 1 || g->spiders > 1
        || g->kinds >> MDR_LINKS != 0)
    {
        io->bad = 1;
    }
}


static void
page(io_t *io, mdr_page_t *p)
{
    uint32_t  i;

    str(io, &p->name);
    u8(io, &p->mode);
    ARRAY(io, p->nhosts, p->hosts, 5);
    strs(io, p->nhosts, p->hosts);
    ARRAY(io, p->npaths, p->paths, 5);
    strs(io, p->npaths, p->paths);
    ARRAY(io, p->nstatuses, p->statuses, 4);
    u32s(io, p->nstatuses, p->statuses, 600);
    ARRAY(io, p->nrequires, p->requires, 27);

    for (i = 0; i < p->nrequires && !io->bad; i++) {
        require(io, &p->requires[i]);
    }

    guard(io, &p->guard);

    if (p->mode > MDR_MODE_ENFORCE || p->nrequires > MDR_REQUIRES_MAX) {
        io->bad = 1;
    }
}


static void
model(io_t *io, mdr_model_t *m)
{
    uint32_t  i;

    str(io, &m->name);
    u8(io, &m->strict);

    ARRAY(io, m->nplaces, m->places, 10);
    for (i = 0; i < m->nplaces && !io->bad; i++) {
        str(io, &m->places[i].name);
        str(io, &m->places[i].code);
    }

    bytes(io, m->hash, sizeof(m->hash));

    ARRAY(io, m->nfiles, m->files, 5);
    for (i = 0; i < m->nfiles && !io->bad; i++) {
        str(io, &m->files[i]);
    }

    ARRAY(io, m->nslots, m->slots, 40);
    for (i = 0; i < m->nslots && !io->bad; i++) {
        slot(io, &m->slots[i]);

        if (m->slots[i].group > m->ngroups + 1) {
            io->bad = 1;
        } else if (m->slots[i].group > m->ngroups) {
            m->ngroups = m->slots[i].group;
        }
    }

    ARRAY(io, m->nrules, m->rules, 100);
    for (i = 0; i < m->nrules && !io->bad; i++) {
        rule(io, m, &m->rules[i]);
    }

    ARRAY(io, m->npages, m->pages, 60);
    for (i = 0; i < m->npages && !io->bad; i++) {
        page(io, &m->pages[i]);
    }

    if (m->hash[sizeof(m->hash) - 1] != '\0' || m->nrules > 60000) {
        io->bad = 1;
    }
}


int
mdr_model_encode(const mdr_model_t *m, mdr_buf_t *out)
{
    io_t  io;

    memset(&io, 0, sizeof(io));
    io.out = out;

    /* writing changes nothing of the model */

    model(&io, (mdr_model_t *) (uintptr_t) m);

    return io.bad ? MDR_ERROR : MDR_OK;
}


mdr_model_t *
mdr_model_decode(const uint8_t *p, size_t n, const mdr_alloc_t *alloc)
{
    io_t          io;
    mdr_model_t  *m;

    memset(&io, 0, sizeof(io));
    io.p = p;
    io.end = p + n;
    io.arena = mdr_arena_new(alloc);

    if (io.arena == NULL) {
        return NULL;
    }

    m = mdr_arena_alloc(io.arena, sizeof(mdr_model_t));

    if (m != NULL) {
        m->arena = io.arena;
        model(&io, m);
    }

    if (m == NULL || io.bad || io.p != io.end) {
        mdr_arena_free(io.arena);
        return NULL;
    }

    return m;
}


int
mdr_rule_has_slot(const mdr_rule_t *r, uint32_t slot)
{
    uint32_t  i;

    for (i = 0; i < r->nslots && r->slots[i] != slot; i++) { /* void */ }

    return r->nslots == 0 || i < r->nslots;
}


int
mdr_policy_is_image(const void *bytes, size_t size)
{
    uint32_t  magic;

    if (size < sizeof(magic)) {
        return 0;
    }

    memcpy(&magic, bytes, sizeof(magic));

    return magic == MDR_IMAGE_MAGIC;
}
