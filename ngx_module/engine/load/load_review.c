/*
 * load_review.c - second review of a slot: `review`, a word or the long form.
 *
 * A fingerprint is made of what the policy names and of nothing else: the item
 * id and `fields`.  Without `fields` it is made of all fields of the slot.
 */

#include "node.h"

#include <string.h>


static const char *const  modes[] = { "on_match", "never", "required" };

static const char *const  normals[] = { "digits", "space", "marks" };


static int
field_of(mdr_load_t *ld, const mdr_node_t *at, const char *what,
    const mdr_slot_t *s, int32_t *field)
{
    uint32_t  i;

    *field = -1;

    if (at == NULL) {
        return MDR_OK;
    }

    for (i = 0; at->kind == MDR_NODE_SCALAR && i < s->nfields; i++) {
        if (s->fields[i].name.len == at->text.len
            && memcmp(s->fields[i].name.data, at->text.data, at->text.len)
               == 0)
        {
            *field = (int32_t) i;
            return MDR_OK;
        }
    }

    mdr_load_error(ld, at, "unknown-field", "%s: the slot has no field "
                   "\"%.64s\"", what,
                   at->kind == MDR_NODE_SCALAR ? at->text.data : "");

    return MDR_ERROR;
}


static int
load_fields(mdr_load_t *ld, const mdr_node_t *list, mdr_slot_t *s)
{
    int            rc;
    int32_t        f;
    uint32_t       i, n;
    mdr_node_t    *e;
    mdr_review_t  *r;

    r = &s->second;
    n = list != NULL ? list->n : s->nfields;
    rc = MDR_OK;

    if (list != NULL && (list->kind != MDR_NODE_LIST || n == 0 || n > 64)) {
        mdr_load_error(ld, list, "type", "fields: a list of fields of the "
                       "slot expected");
        return MDR_ERROR;
    }

    r->fields = mdr_load_alloc(ld, (n + 1) * sizeof(uint32_t));
    r->normal = mdr_load_alloc(ld, (n + 1) * sizeof(uint32_t));

    if (r->fields == NULL || r->normal == NULL) {
        return MDR_ERROR;
    }

    memset(r->normal, 0, (n + 1) * sizeof(uint32_t));

    if (list == NULL) {
        for (i = 0; i < n; i++) {
            r->fields[i] = i;
        }
        r->nfields = n;
        return MDR_OK;
    }

    for (e = list->first; e != NULL; e = e->next) {
        if (field_of(ld, e, "fields", s, &f) != MDR_OK) {
            rc = MDR_ERROR;
            continue;
        }

        for (i = 0; i < r->nfields && r->fields[i] != (uint32_t) f; i++) {
            /* void */
        }

        if (i < r->nfields) {
            mdr_load_error(ld, e, "duplicate-key", "fields: \"%s\" twice",
                           e->text.data);
            rc = MDR_ERROR;
            continue;
        }

        r->fields[r->nfields++] = (uint32_t) f;
    }

    return rc;
}


/* url: {drop: [sign, t], hosts: {"img*.example.cn": img}} */

static int
load_url(mdr_load_t *ld, mdr_node_t *n, mdr_review_t *r)
{
    int          rc;
    mdr_node_t  *hosts, *e;

    static const char *const  keys[] = { "drop", "hosts" };

    rc = mdr_load_keys(ld, n, "url", keys, 2);

    if (rc != MDR_OK) {
        return rc;
    }

    if (mdr_node_get(n, "drop") != NULL
        && mdr_load_strings(ld, mdr_node_get(n, "drop"), "drop", &r->drop,
                            &r->ndrop)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    hosts = mdr_node_get(n, "hosts");

    if (hosts == NULL) {
        return rc;
    }

    if (hosts->kind != MDR_NODE_MAP) {
        mdr_load_error(ld, hosts, "type", "hosts: a map of hosts to names "
                       "expected");
        return MDR_ERROR;
    }

    r->hosts = mdr_load_alloc(ld, (hosts->n + 1) * sizeof(mdr_str_t));
    r->host_names = mdr_load_alloc(ld, (hosts->n + 1) * sizeof(mdr_str_t));

    if (r->hosts == NULL || r->host_names == NULL) {
        return MDR_ERROR;
    }

    for (e = hosts->first; e != NULL; e = e->next) {
        r->hosts[r->nhosts] = e->key->text;

        if (mdr_load_string(ld, e, "hosts", &r->host_names[r->nhosts])
            != MDR_OK)
        {
            rc = MDR_ERROR;
        }

        r->nhosts++;
    }

    return rc;
}


static int
load_normal(mdr_load_t *ld, mdr_node_t *map, mdr_slot_t *s)
{
    int            rc;
    int32_t        f;
    uint32_t       i;
    mdr_node_t    *e;
    mdr_review_t  *r;

    static const char *const  normal_keys[] = { "url" };    /* and fields    */

    r = &s->second;
    rc = MDR_OK;

    if (map == NULL) {
        return MDR_OK;
    }

    if (map->kind != MDR_NODE_MAP) {
        mdr_load_error(ld, map, "type", "normal: a map of fields to what of "
                       "them does not count expected");
        return MDR_ERROR;
    }

    for (e = map->first; e != NULL; e = e->next) {

        if (mdr_node_is(e->key, normal_keys[0]) && e->kind == MDR_NODE_MAP) {
            if (load_url(ld, e, r) != MDR_OK) {
                rc = MDR_ERROR;
            }
            continue;
        }

        if (field_of(ld, e->key, "normal", s, &f) != MDR_OK) {
            rc = MDR_ERROR;
            continue;
        }

        for (i = 0; i < r->nfields && r->fields[i] != (uint32_t) f; i++) {
            /* void */
        }

        if (i == r->nfields) {
            mdr_load_error(ld, e->key, "unknown-field", "normal: \"%s\" is "
                           "none of the review's fields", e->key->text.data);
            rc = MDR_ERROR;
            continue;
        }

        if (mdr_load_bits(ld, e, "normal", normals, 3, &r->normal[i])
            != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static int
load_cover(mdr_load_t *ld, mdr_node_t *n, mdr_slot_t *s)
{
    static const char *const  keys[] = { "field", "check", "every" };
    static const char *const  checks[] = { "url", "content" };

    if (n == NULL) {
        return MDR_OK;
    }

    if (mdr_load_keys(ld, n, "cover", keys, 3) != MDR_OK) {
        return MDR_ERROR;
    }

    if (mdr_node_get(n, "field") == NULL) {
        mdr_load_error(ld, n, "missing-key", "cover: \"field\" is missing");
        return MDR_ERROR;
    }

    s->second.cover_s = 60;

    if (field_of(ld, mdr_node_get(n, "field"), "cover", s, &s->second.cover)
        != MDR_OK
        || mdr_load_word(ld, mdr_node_get(n, "check"), "check", checks, 2,
                         &s->second.cover_content)
           != MDR_OK
        || mdr_load_seconds(ld, mdr_node_get(n, "every"), "every",
                            &s->second.cover_s)
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    return MDR_OK;
}


static int
load_default(mdr_load_t *ld, mdr_node_t *n, mdr_review_t *r)
{
    uint8_t  word;

    static const char *const  keys[] = { "after", "do" };
    static const char *const  dos[] = { "block", "pass" };

    if (n == NULL || mdr_node_is(n, "none")) {
        return MDR_OK;
    }

    if (mdr_load_keys(ld, n, "default", keys, 2) != MDR_OK) {
        return MDR_ERROR;
    }

    if (mdr_node_get(n, "after") == NULL || mdr_node_get(n, "do") == NULL) {
        mdr_load_error(ld, n, "missing-key", "default: none, or both "
                       "\"after\" and \"do\"");
        return MDR_ERROR;
    }

    word = 0;

    if (mdr_load_seconds(ld, mdr_node_get(n, "after"), "after",
                         &r->default_s)
        != MDR_OK
        || mdr_load_word(ld, mdr_node_get(n, "do"), "do", dos, 2, &word)
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    r->default_do = word == 0 ? MDR_DEFAULT_BLOCK : MDR_DEFAULT_PASS;

    return MDR_OK;
}


static int
load_flap(mdr_load_t *ld, mdr_node_t *n, mdr_review_t *r)
{
    int64_t  max;

    static const char *const  keys[] = { "max", "per" };

    max = 6;

    if (n == NULL) {
        return MDR_OK;
    }

    if (mdr_load_keys(ld, n, "flap", keys, 2) != MDR_OK
        || mdr_load_int(ld, mdr_node_get(n, "max"), "max", 1, 1000, &max)
           != MDR_OK
        || mdr_load_seconds(ld, mdr_node_get(n, "per"), "per", &r->flap_s)
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    r->flap_max = (uint32_t) max;

    return MDR_OK;
}


/* a release ends with its broadcast: that is one of the fields that count */

static int
add_session(mdr_load_t *ld, const mdr_node_t *at, mdr_review_t *r)
{
    uint32_t  i;

    if (r->session < 0 || r->fields == NULL) {
        return MDR_OK;
    }

    for (i = 0; i < r->nfields; i++) {
        if (r->fields[i] == (uint32_t) r->session) {
            return MDR_OK;
        }
    }

    if (r->nfields == 64) {
        mdr_load_error(ld, at, "type", "fields: 64 with the session at most");
        return MDR_ERROR;
    }

    r->fields[r->nfields++] = (uint32_t) r->session;    /* there is room     */

    return MDR_OK;
}


static int
load_long(mdr_load_t *ld, mdr_node_t *n, mdr_slot_t *s)
{
    int            rc;
    int64_t        v;
    uint8_t        word;
    mdr_review_t  *r;

    static const char *const  keys[] = {
        "mode", "fields", "normal", "cover", "session", "ttl", "target",
        "default", "scope", "audience", "people", "queue", "rollout",
        "floor", "flap", "stable"
    };
    static const char *const  stables[] = { "measure", "assume" };

    r = &s->second;
    r->given = 1;

    rc = mdr_load_keys(ld, n, "review", keys, sizeof(keys) / sizeof(keys[0]));

    if (mdr_load_word(ld, mdr_node_get(n, "mode"), "mode", modes, 3,
                      &s->review)
        != MDR_OK
        || load_fields(ld, mdr_node_get(n, "fields"), s) != MDR_OK
        || load_normal(ld, mdr_node_get(n, "normal"), s) != MDR_OK
        || load_cover(ld, mdr_node_get(n, "cover"), s) != MDR_OK
        || field_of(ld, mdr_node_get(n, "session"), "session", s,
                    &r->session)
           != MDR_OK
        || mdr_load_seconds(ld, mdr_node_get(n, "ttl"), "ttl", &r->ttl_s)
           != MDR_OK
        || mdr_load_seconds(ld, mdr_node_get(n, "target"), "target",
                            &r->target_s)
           != MDR_OK
        || load_default(ld, mdr_node_get(n, "default"), r) != MDR_OK
        || load_flap(ld, mdr_node_get(n, "flap"), r) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    if (add_session(ld, n, r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (mdr_node_get(n, "scope") != NULL
        && mdr_load_strings(ld, mdr_node_get(n, "scope"), "scope", &r->scope,
                            &r->nscope)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    if ((mdr_node_get(n, "queue") != NULL
         && mdr_load_name(ld, mdr_node_get(n, "queue"), "queue", 64,
                          &r->queue)
            != MDR_OK)
        || (mdr_node_get(n, "audience") != NULL
            && mdr_load_name(ld, mdr_node_get(n, "audience"), "audience", 64,
                             &r->audience)
               != MDR_OK))
    {
        rc = MDR_ERROR;
    }

    v = 1;
    if (mdr_load_int(ld, mdr_node_get(n, "people"), "people", 1, 2, &v)
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }
    r->people = (uint8_t) v;

    v = 100;
    if (mdr_load_int(ld, mdr_node_get(n, "rollout"), "rollout", 0, 100, &v)
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }
    r->rollout = (uint8_t) v;

    v = 0;
    if (mdr_load_int(ld, mdr_node_get(n, "floor"), "floor", 0, 100000, &v)
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }
    r->floor = (uint32_t) v;

    word = 0;
    if (mdr_load_word(ld, mdr_node_get(n, "stable"), "stable", stables, 2,
                      &word)
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }
    r->stable = word;

    return rc;
}


int
mdr_load_review(mdr_load_t *ld, mdr_node_t *slot, mdr_slot_t *s)
{
    int            rc;
    mdr_node_t    *n;
    mdr_review_t  *r;

    n = mdr_node_get(slot, "review");
    r = &s->second;

    s->review = MDR_REVIEW_ON_MATCH;
    r->cover = -1;
    r->session = -1;
    r->people = 1;
    r->rollout = 100;
    r->ttl_s = 86400;
    r->target_s = 300;
    r->flap_s = 3600;

    if (n != NULL && n->kind == MDR_NODE_MAP) {
        rc = load_long(ld, n, s);

    } else {
        rc = mdr_load_word(ld, n, "review", modes, 3, &s->review);

        if (load_fields(ld, NULL, s) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    if (rc == MDR_OK && s->review == MDR_REVIEW_REQUIRED
        && (n->kind != MDR_NODE_MAP || mdr_node_get(n, "fields") == NULL))
    {
        mdr_load_warn(ld, n, "review-fields", "review: required without "
                      "\"fields\": a card that changes in any field of the "
                      "slot has to be released again; name what counts");
    }

    if (rc == MDR_OK && s->review != MDR_REVIEW_NEVER && r->given
        && s->item_id < 0)
    {
        mdr_load_error(ld, n, "missing-key", "review: the slot has no item "
                       "id: two cards that look alike would be one");
        rc = MDR_ERROR;
    }

    if (r->queue.len == 0) {
        r->queue = s->name;
    }

    if (r->nscope == 0) {
        r->scope = mdr_load_alloc(ld, sizeof(mdr_str_t));
        if (r->scope == NULL) {
            return MDR_ERROR;
        }
        r->scope[0] = s->name;
        r->nscope = 1;
    }

    return rc;
}


static int
same(mdr_str_t a, mdr_str_t b)
{
    return a.len == b.len
           && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


static int
same_fields(const mdr_slot_t *a, const mdr_slot_t *b)
{
    uint32_t  i;

    if (a->second.nfields != b->second.nfields) {
        return 0;
    }

    for (i = 0; i < a->second.nfields; i++) {
        if (!same(a->fields[a->second.fields[i]].name,
                  b->fields[b->second.fields[i]].name)
            || a->second.normal[i] != b->second.normal[i])
        {
            return 0;
        }
    }

    return 1;
}


/* a release counts in all slots of a scope: a card has to have one
 * fingerprint in all of them, and one number of the scope */

static int
load_scope(mdr_load_t *ld, const mdr_node_t *at, const mdr_slot_t *s)
{
    int                rc, own;
    uint32_t           i, j, k;
    const mdr_slot_t  *t;

    rc = MDR_OK;
    own = 0;

    for (i = 0; i < s->second.nscope; i++) {
        own |= same(s->second.scope[i], s->name);

        for (j = 0; j < ld->model->nslots; j++) {
            t = &ld->model->slots[j];

            if (same(s->second.scope[i], t->name)) {
                break;
            }
        }

        if (j == ld->model->nslots) {
            mdr_load_error(ld, at, "unknown-slot", "scope: unknown slot "
                           "\"%.*s\"", (int) s->second.scope[i].len,
                           s->second.scope[i].data);
            rc = MDR_ERROR;
            continue;
        }

        if (t->second.nscope != s->second.nscope) {
            k = UINT32_MAX;
        } else {
            for (k = 0; k < s->second.nscope
                        && same(s->second.scope[k], t->second.scope[k]); k++)
            {
                /* void */
            }
        }

        if (k != s->second.nscope) {
            mdr_load_error(ld, at, "bad-scope", "scope: slot \"%.*s\" has "
                           "another scope: all slots of one list the same "
                           "names in the same order", (int) t->name.len,
                           t->name.data);
            rc = MDR_ERROR;

        } else if (!same(s->second.audience, t->second.audience)) {
            mdr_load_error(ld, at, "bad-scope", "scope: slot \"%.*s\" has "
                           "another audience: what is released for one is "
                           "released for no other", (int) t->name.len,
                           t->name.data);
            rc = MDR_ERROR;

        } else if (!same_fields(s, t)) {
            mdr_load_error(ld, at, "bad-scope", "scope: slot \"%.*s\" has "
                           "other review fields: a card would have two "
                           "fingerprints", (int) t->name.len, t->name.data);
            rc = MDR_ERROR;
        }
    }

    if (!own && rc == MDR_OK) {
        mdr_load_error(ld, at, "bad-scope", "scope: the slot itself, "
                       "\"%.*s\", is not in it", (int) s->name.len,
                       s->name.data);
        rc = MDR_ERROR;
    }

    return rc;
}


/* accounts: {first_screens: [SLOT, ...]} */

static int
load_first_screens(mdr_load_t *ld, mdr_node_t *doc)
{
    int          rc;
    uint32_t     i;
    mdr_node_t  *list, *e;
    mdr_slot_t  *s;

    rc = MDR_OK;
    list = mdr_node_get(doc, "accounts");
    list = list != NULL && list->kind == MDR_NODE_MAP
           ? mdr_node_get(list, "first_screens") : NULL;

    if (list == NULL || list->kind != MDR_NODE_LIST) {
        return rc;                      /* load_desk.c has said it           */
    }

    for (e = list->first; e != NULL; e = e->next) {
        for (i = 0; i < ld->model->nslots; i++) {
            s = &ld->model->slots[i];

            if (e->kind == MDR_NODE_SCALAR && same(s->name, e->text)) {
                s->second.first_screen = 1;
                break;
            }
        }

        if (i == ld->model->nslots && e->kind == MDR_NODE_SCALAR) {
            mdr_load_error(ld, e, "unknown-slot", "first_screens: unknown "
                           "slot \"%.64s\"", e->text.data);
            rc = MDR_ERROR;
        }
    }

    return rc;
}


int
mdr_load_scopes(mdr_load_t *ld)
{
    int          rc;
    size_t       i;
    uint32_t     n;
    mdr_node_t  *list, *slot, *at;

    rc = MDR_OK;

    for (i = 0, n = 0; i < ld->ndocs; i++) {
        list = mdr_node_get(ld->docs[i], "slots");

        if (list == NULL || list->kind != MDR_NODE_LIST) {
            continue;
        }

        for (slot = list->first; slot != NULL; slot = slot->next, n++) {
            at = mdr_node_get(slot, "review");
            at = at != NULL && at->kind == MDR_NODE_MAP
                 ? mdr_node_get(at, "scope") : NULL;

            if (at != NULL && n < ld->model->nslots
                && load_scope(ld, at, &ld->model->slots[n]) != MDR_OK)
            {
                rc = MDR_ERROR;
            }
        }
    }

    for (i = 0; i < ld->ndocs; i++) {
        if (load_first_screens(ld, ld->docs[i]) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    return rc;
}
