/*
 * policy.c - a policy in memory: made from YAML or mapped from an image.
 *
 * There is one way in: YAML is compiled to an image, and the image is what a
 * policy is made over.  Image: a header, the model (model.c), the lexicon
 * (match_build.c); sections begin at multiples of 64.  The checksum is not
 * there against malice but against damage; every index behind it is checked
 * all the same.
 */

#include "policy.h"
#include "page/page.h"
#include "sink.h"

#include <string.h>


#define VERSION  5

/* a checksum of the engine's sources: an image says which characters may be
 * confused, as the folds were when it was made, so another engine must not
 * search with it */
#ifndef MDR_ENGINE_ID
#define MDR_ENGINE_ID  0
#endif


typedef struct {
    uint32_t  magic, version;
    uint64_t  size;                     /* of the image                      */
    uint64_t  model_at, model_size;
    uint64_t  lexicon_at, lexicon_size;
    uint64_t  checksum[2];              /* of all behind the header          */
    uint64_t  engine;                   /* that made it                      */
    char      hash[40];
} header_t;


/* two lanes of multiply and rotate over 16 bytes; bytes in memory order */

static void
checksum(const uint8_t *p, size_t n, uint64_t sum[2])
{
    uint64_t  a, b, x, y;
    uint8_t   rest[16];

    a = 0x9e3779b97f4a7c15ULL ^ n;
    b = 0xc2b2ae3d27d4eb4fULL;

    while (n != 0) {
        if (n >= 16) {
            memcpy(&x, p, 8);
            memcpy(&y, p + 8, 8);
            p += 16;
            n -= 16;

        } else {
            memset(rest, 0, sizeof(rest));
            memcpy(rest, p, n);
            memcpy(&x, rest, 8);
            memcpy(&y, rest + 8, 8);
            n = 0;
        }

        a = (a ^ x) * 0x9fb21c651e98df25ULL;
        a = a << 27 | a >> 37;
        b = (b ^ y) * 0xd6e8feb86659fd93ULL;
        b = b << 31 | b >> 33;
        b += a;
    }

    sum[0] = a ^ b >> 32;
    sum[1] = b ^ a >> 29;
}


static int
refuse(mdr_diags_t *diags, const char *what)
{
    (void) mdr_diags_add(diags, MDR_DIAG_ERROR, "bad-image", NULL, 0, 0,
                         "image refused: %s", what);
    return MDR_ERROR;
}


static int
section_ok(uint64_t at, uint64_t size, uint64_t all)
{
    return at % 64 == 0 && at >= sizeof(header_t) && at <= all
           && size <= all - at;
}


/* what reads the values that slots stand in */

static int
within(mdr_policy_t *p)
{
    uint32_t            i, g;
    const mdr_slot_t   *s;

    p->within = mdr_arena_alloc(p->arena, (p->model->ngroups + 1)
                                          * sizeof(mdr_within_t));
    p->documents = mdr_json_documents(p->json, "", p->arena);
    p->rows = mdr_json_documents(p->json, "__next_f", p->arena);

    if (p->within == NULL || p->documents == NULL || p->rows == NULL) {
        return MDR_ERROR;
    }

    p->within[0].html = p->html;

    for (i = 0; i < p->model->nslots; i++) {
        s = &p->model->slots[i];
        g = s->group;

        if (g == 0) {
            continue;
        }

        if (s->type == MDR_TYPE_HTML) {
            if (p->within[g].html == NULL) {
                p->within[g].html = mdr_html_compile(p->model, g, p->arena);
                if (p->within[g].html == NULL) {
                    return MDR_ERROR;
                }
            }

        } else if (p->within[g].json == NULL) {
            p->within[g].json = mdr_json_group(p->json, g, p->arena);
            if (p->within[g].json == NULL) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


int
mdr_policy_map(const void *image, size_t size, const mdr_alloc_t *alloc,
    mdr_diags_t *diags, mdr_policy_t **policy)
{
    uint64_t        sum[2];
    header_t        h;
    mdr_policy_t   *p;
    const uint8_t  *bytes;

    static const char  rest[sizeof(h.hash) - 33];

    *policy = NULL;

    if (alloc == NULL) {
        alloc = mdr_mem_default();
    }

    bytes = image;

    if (size < sizeof(header_t)) {
        return refuse(diags, "too short");
    }

    memcpy(&h, bytes, sizeof(h));

    if (h.magic != MDR_IMAGE_MAGIC) {
        return refuse(diags, "not an image of a policy");
    }

    if (h.version != VERSION || h.engine != MDR_ENGINE_ID) {
        return refuse(diags, "made by another version");
    }

    if (h.size != size || !section_ok(h.model_at, h.model_size, size)
        || !section_ok(h.lexicon_at, h.lexicon_size, size))
    {
        return refuse(diags, "sizes do not fit");
    }

    checksum(bytes + sizeof(h), size - sizeof(h), sum);

    if (sum[0] != h.checksum[0] || sum[1] != h.checksum[1]) {
        return refuse(diags, "damaged (checksum)");
    }

    p = mdr_calloc(alloc, sizeof(mdr_policy_t));
    if (p == NULL) {
        return refuse(diags, "out of memory");
    }

    p->alloc = alloc;
    p->image = bytes;
    p->image_size = size;
    mdr_buf_init(&p->owned, alloc);

    p->arena = mdr_arena_new(alloc);
    p->model = mdr_model_decode(bytes + h.model_at, (size_t) h.model_size,
                                alloc);

    if (p->arena == NULL || p->model == NULL
        || memcmp(p->model->hash, h.hash, 33) != 0
        || memcmp(rest, h.hash + 33, sizeof(rest)) != 0)
    {
        mdr_policy_free(p);
        return refuse(diags, "damaged (model)");
    }

    p->plan = mdr_plan_new(p->model, p->arena);
    p->html = mdr_html_compile(p->model, 0, p->arena);
    p->json = mdr_json_compile(p->model, p->arena);

    p->picks = mdr_picks_new(p->model, alloc);
    p->pages = mdr_pages_new(p->model, alloc, p->arena);

    if (p->plan == NULL || p->html == NULL || p->json == NULL
        || p->picks == NULL || p->pages == NULL
        || within(p) != MDR_OK)
    {
        mdr_policy_free(p);
        return refuse(diags, "damaged (slots)");
    }

    p->matcher = mdr_matcher_new(p->model, bytes + h.lexicon_at,
                                 (size_t) h.lexicon_size, alloc, diags);
    if (p->matcher == NULL) {
        mdr_policy_free(p);
        return refuse(diags, "damaged (lexicon)");
    }

    *policy = p;

    return MDR_OK;
}


static int
pad(mdr_buf_t *b)
{
    static const uint8_t  zero[64];

    return mdr_buf_add(b, zero, (64 - b->len % 64) % 64);
}


static int
compile(const mdr_model_t *m, const mdr_alloc_t *alloc, mdr_diags_t *diags,
    mdr_buf_t *image)
{
    int        rc;
    header_t   h;
    mdr_buf_t  lexicon;

    memset(&h, 0, sizeof(h));
    mdr_buf_init(&lexicon, alloc);

    rc = mdr_lexicon_build(m, alloc, &lexicon, diags);

    if (rc == MDR_OK) {
        rc = mdr_buf_add(image, &h, sizeof(h));
    }

    if (rc == MDR_OK) {
        rc = pad(image);
    }

    if (rc == MDR_OK) {
        h.model_at = image->len;
        rc = mdr_model_encode(m, image);
        h.model_size = image->len - h.model_at;
    }

    if (rc == MDR_OK) {
        rc = pad(image);
    }

    if (rc == MDR_OK) {
        h.lexicon_at = image->len;
        h.lexicon_size = lexicon.len;
        rc = mdr_buf_add(image, lexicon.data, lexicon.len);
    }

    mdr_buf_done(&lexicon);

    if (rc != MDR_OK) {
        return rc;
    }

    h.magic = MDR_IMAGE_MAGIC;
    h.version = VERSION;
    h.engine = MDR_ENGINE_ID;
    h.size = image->len;
    memcpy(h.hash, m->hash, 33);
    checksum(image->data + sizeof(h), image->len - sizeof(h), h.checksum);
    memcpy(image->data, &h, sizeof(h));

    return MDR_OK;
}


int
mdr_policy_make(const mdr_model_t *m, const mdr_alloc_t *alloc,
    mdr_diags_t *diags, mdr_policy_t **policy)
{
    int            rc;
    size_t         before;
    mdr_buf_t      image;
    mdr_policy_t  *p;

    *policy = NULL;
    before = mdr_diags_errors(diags);
    mdr_buf_init(&image, alloc);
    p = NULL;

    rc = compile(m, alloc, diags, &image);

    if (rc == MDR_OK) {
        rc = mdr_policy_map(image.data, image.len, alloc, diags, &p);
    }

    if (rc != MDR_OK) {
        mdr_buf_done(&image);

        if (mdr_diags_errors(diags) == before) {
            (void) mdr_diags_add(diags, MDR_DIAG_ERROR, "memory", NULL, 0, 0,
                                 "out of memory");
        }
        return MDR_ERROR;
    }

    p->owned = image;
    *policy = p;

    return MDR_OK;
}


int
mdr_policy_load(const char *path, const mdr_load_conf_t *conf,
    mdr_diags_t *diags, mdr_policy_t **policy)
{
    int           rc;
    mdr_model_t  *m;

    *policy = NULL;

    rc = mdr_load(path, conf, diags, &m);

    if (rc == MDR_OK) {
        rc = mdr_policy_make(m, conf->alloc != NULL ? conf->alloc
                                                    : mdr_mem_default(),
                             diags, policy);
        mdr_model_free(m);
    }

    return rc;
}


void
mdr_policy_image(const mdr_policy_t *policy, const void **image,
    size_t *size)
{
    *image = policy->image;
    *size = policy->image_size;
}


void
mdr_policy_free(mdr_policy_t *p)
{
    if (p == NULL) {
        return;
    }

    if (p->matcher != NULL) {
        mdr_matcher_free(p->matcher);
    }

    mdr_picks_free(p->picks);
    mdr_pages_free(p->pages);
    mdr_model_free(p->model);
    mdr_arena_free(p->arena);
    mdr_buf_done(&p->owned);
    mdr_free(p->alloc, p);
}


void
mdr_policy_info(const mdr_policy_t *p, mdr_policy_info_t *info)
{
    uint32_t           i, j;
    const mdr_rule_t  *r;

    memset(info, 0, sizeof(mdr_policy_info_t));

    info->name = p->model->name;
    memcpy(info->hash, p->model->hash, sizeof(info->hash));
    info->slots = p->model->nslots;
    info->rules = p->model->nrules;
    info->terms = mdr_matcher_terms(p->matcher);

    for (i = 0; i < p->model->nrules; i++) {
        r = &p->model->rules[i];

        if (r->njurisdictions != 0 && r->mode != MDR_MODE_OFF
            && (r->law == MDR_LAW_ANY || r->law == MDR_LAW_READER))
        {
            info->reader_laws++;
            info->reader_only += r->law == MDR_LAW_READER;
        }

        for (j = 0; j < r->ngroups; j++) {
            info->regexes += r->groups[j].nregexes;
        }
    }
}


int
mdr_policy_rule(const mdr_policy_t *p, uint32_t i, mdr_rule_info_t *info)
{
    uint32_t           j;
    const mdr_rule_t  *r;

    if (i >= p->model->nrules) {
        return MDR_ERROR;
    }

    r = &p->model->rules[i];

    info->id = r->id;
    info->label = r->label;
    info->sub_label = r->sub_label;
    info->notice_zh = r->notice_zh;
    info->notice_en = r->notice_en;
    info->rev = r->rev;
    info->status = r->status;
    info->mode = r->mode;
    info->suggestion = r->suggestion;
    info->action = r->action;
    info->risk_level = r->risk_level;
    info->expires_day = r->expires_day;
    info->rollout = r->rollout;
    info->brake_max_ratio = r->brake_max_ratio;
    info->brake_min_hits = r->brake_min_hits;
    info->brake_window_s = r->brake_window_s;
    info->has_jurisdiction = r->njurisdictions != 0;
    info->regexes = 0;

    for (j = 0; j < r->ngroups; j++) {
        info->regexes += r->groups[j].nregexes;
    }

    return MDR_OK;
}


int
mdr_policy_file(const mdr_policy_t *p, uint32_t i, mdr_str_t *path)
{
    if (i >= p->model->nfiles) {
        return MDR_ERROR;
    }

    *path = p->model->files[i];

    return MDR_OK;
}


mdr_str_t
mdr_policy_slot_name(const mdr_policy_t *p, uint32_t i)
{
    mdr_str_t  none = { "", 0 };

    return i < p->model->nslots ? p->model->slots[i].name : none;
}


uint8_t
mdr_policy_slot_type(const mdr_policy_t *p, uint32_t i)
{
    return i < p->model->nslots ? p->model->slots[i].type : MDR_TYPE_AUTO;
}


static size_t
put_name(char *buf, size_t cap, size_t len, mdr_str_t name, const char *end)
{
    size_t  n = strlen(end);

    if (len == SIZE_MAX || name.len + n >= cap - len) {
        return SIZE_MAX;
    }

    memcpy(buf + len, name.data, name.len);
    memcpy(buf + len + name.len, end, n);

    return len + name.len + n;
}


size_t
mdr_policy_review_print(const mdr_policy_t *p, uint32_t slot, char *buf,
    size_t cap)
{
    size_t             len = 0;
    uint32_t           i;
    const mdr_slot_t  *s;

    if (slot >= p->model->nslots || cap == 0) {
        return 0;
    }

    s = &p->model->slots[slot];

    for (i = 0; i < s->second.nscope; i++) {
        len = put_name(buf, cap, len, s->second.scope[i],
                       i + 1 < s->second.nscope ? "," : "\n");
    }

    for (i = 0; i < s->second.nfields; i++) {
        len = put_name(buf, cap, len, s->fields[s->second.fields[i]].name,
                       ",");
    }

    return len == SIZE_MAX ? 0 : len;
}


int
mdr_policy_review(const mdr_policy_t *p, uint32_t i, mdr_review_info_t *info)
{
    const mdr_slot_t  *s;

    if (i >= p->model->nslots) {
        return MDR_ERROR;
    }

    s = &p->model->slots[i];
    info->mode = s->review;
    info->given = s->second.given;
    info->stable = s->second.stable;
    info->first_screen = s->second.first_screen;
    info->rollout = s->second.rollout;
    info->people = s->second.people;
    info->floor = s->second.floor;
    info->flap_max = s->second.flap_max;
    info->flap_s = s->second.flap_s;
    info->scope = s->second.scope;
    info->nscope = s->second.nscope;

    return MDR_OK;
}
