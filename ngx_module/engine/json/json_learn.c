/*
 * json_learn.c - learned markup (markup/markup.h) of JSON: the members of an
 * item.
 *
 * A unit goes from behind the "{" of an item to behind its "}".  Its holes are
 * the values that are no containers and the containers that no path enters;
 * keys, other containers, commas and white space are literal.  All that it
 * does is to give texts to places of live items; the item itself, its list,
 * its tag and its end are json_value.c's as ever.
 *
 * What comes next is decided by the containers that are open in the item and
 * how far each path has got in them, by the places that want the value at
 * hand, and by the slots of the live items.
 */

#include "json.h"

#include <string.h>


#define STATE_MAX  4096
#define KEY        24                   /* bytes before a value              */
#define LEVELS     16                   /* of containers in a unit           */
#define LEAST      160                  /* bytes: less is not worth it       */
#define START      16                   /* by which a unit is known, at most */

#define SEEN_PATHS  64                  /* paths that read it, at most       */

#define NO_NODE    (UINT32_MAX - 1)


static inline uint8_t *
put(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, sizeof(v));

    return p + sizeof(v);
}


/* the paths that go on at a node; NULL: no room before end */

static uint8_t *
put_node(uint8_t *p, const uint8_t *end, const mdr_json_node_t *node)
{
    uint32_t  i;

    if (node == NULL) {
        return end - p < 4 ? NULL : put(p, NO_NODE);
    }

    for (i = 0; i < node->n; i++) {
        if (node->at[i] != 0) {
            if (end - p < 12) {
                return NULL;
            }
            p = put(put(p, i), node->at[i]);
        }
    }

    return end - p < 4 ? NULL : put(p, UINT32_MAX);
}


/* the state of the unit whose item is frame `from`, with the value of `node`
 * at hand, in STATE_MAX bytes; 0: it cannot be told */

static size_t
state_of(const mdr_json_t *j, size_t from, uint8_t hole,
    const mdr_json_node_t *node, uint8_t *to)
{
    size_t                   i;
    uint8_t                 *p;
    const uint8_t           *end;
    const mdr_json_frame_t  *f;

    if (j->nlive > MDR_UNIT_DEPTH || j->n - from > LEVELS) {
        return 0;
    }

    end = to + STATE_MAX;
    p = put(to, hole | (uint32_t) j->type << 8 | j->nlive << 16
                | (uint32_t) (j->n - from) << 24);

    for (i = 0; i < j->nlive; i++) {
        p = put(p, (uint32_t) (j->live[i].slot - j->rules->slots));
    }

    for (i = from; i < j->n; i++) {
        f = &j->frames[i];

        if (end - p < 4) {
            return 0;
        }

        p = put(p, f->array | (f->node->indexed ? f->index << 1 : 0));
        p = put_node(p, end, f->node);

        if (p == NULL) {
            return 0;
        }
    }

    p = put_node(p, end, node);

    return p != NULL ? (size_t) (p - to) : 0;
}


void
mdr_json_not_learned(mdr_json_t *j, int cut)
{
    if (j->rec != NULL) {
        mdr_record_drop(j->learn, cut ? MDR_DROP_CUT : MDR_DROP_ODD);
        j->rec = NULL;
    }
}


/* while a unit is recorded: the value at hand has ended before `end` */

void
mdr_json_did_value(mdr_json_t *j, uint64_t end)
{
    size_t                   n;
    uint8_t                  hole, c, state[STATE_MAX + KEY];
    uint32_t                 i;
    uint64_t                 at;
    mdr_record_t            *r;
    mdr_record_state_t       to;
    const mdr_json_node_t   *node;

    r = j->rec;
    at = j->value_at;
    node = j->now;
    j->value_at = MDR_NO_POS;
    r->done = end;

    if (at == MDR_NO_POS) {
        return;                         /* a container: all of it is literal */
    }

    c = r->p[at - r->at];
    hole = c == '"' ? MDR_HOLE_STRING
           : c != '{' && c != '[' ? MDR_HOLE_WORD
           : j->relaxed ? MDR_HOLE_JS_VALUE : MDR_HOLE_VALUE;

    if (hole == MDR_HOLE_STRING) {
        at++;
        end--;
    }

    n = state_of(j, r->depth, hole, node, state);

    if (n == 0 || r->bad) {
        mdr_json_not_learned(j, 0);
        return;
    }

    /* the key as well: most members are wanted by nobody, and what stands
     * behind one of them is one of few things */

    i = (uint32_t) (at - r->at) - r->steps[r->nsteps].at;
    i = i < KEY ? i : KEY;
    memcpy(state + n, r->p + (at - r->at) - i, i);
    n += i;

    memset(&to, 0, sizeof(to));
    to.p = state;
    to.n = n;
    to.before = r->ndid;
    to.hole = hole;
    mdr_record_hole(r, at, end, &to);

    if (node == NULL) {
        return;
    }

    for (i = 0; i < node->ncollects && i < MDR_JSON_COLLECTS; i++) {
        mdr_record_did(r, MDR_DO_TEXT, node->collects[i].live,
                       node->collects[i].place, at, end, 0);
    }
}


/* the top frame, the item of the unit that is recorded, ends before `end` */

void
mdr_json_did_item(mdr_json_t *j, uint64_t end)
{
    mdr_record_state_t       to;
    const mdr_json_frame_t  *f;

    f = &j->frames[j->n - 1];

    if (f->members == 0) {
        mdr_json_not_learned(j, 0);
        return;
    }

    j->rec = NULL;
    memset(&to, 0, sizeof(to));
    mdr_record_end(j->learn, end, f->last_end, &to);
}


/* the value x is text of its place of live item `live` */

static int
text(mdr_json_t *j, uint32_t live, const mdr_json_walk_text_t *x, uint64_t at)
{
    mdr_text_t          *t;
    mdr_json_collect_t   c;

    c.live = live;
    c.place = x->place;
    t = mdr_json_text_at(j, &c);

    if (t == NULL) {
        return MDR_OK;
    }

    at += (uint64_t) (x->p - j->walk.p);

    if (t->len != 0
        && mdr_json_next_text(j, &c, t, x->hole == MDR_HOLE_STRING ? at - 1
                                                                   : at)
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    if (x->hole == MDR_HOLE_WORD && x->p[0] == 'n') {
        return MDR_OK;                  /* null                              */
    }

    return x->odd ? mdr_json_unescape(t, at, x->p, x->n, j->relaxed)
                  : mdr_text_copy(t, at, x->p, x->n);
}


/* the hole before literal i of the unit */

static void
hole_of(const mdr_json_t *j, uint32_t i, mdr_json_walk_text_t *x)
{
    uint32_t  from;

    from = mdr_json_hole(j, i);
    x->p = j->walk.p + from;
    x->n = j->walk.at[i] - from;
    x->hole = mdr_json_lit(j, i)->hole;
    x->odd = j->walk.odd[i];
}


/* the texts of the unit, which more than the item at hand may want, or more than
 * one place */

static int
all_texts(mdr_json_t *j, uint64_t at)
{
    uint32_t               i, n;
    const mdr_lit_t       *l;
    const mdr_event_t     *e;
    mdr_json_walk_text_t   x;

    for (i = 0; i < j->walk.n; i++) {
        l = mdr_json_lit(j, i);
        e = j->learn->events + l->events;

        for (n = l->nevents; n != 0; n--, e++) {
            hole_of(j, i - e->back, &x);
            x.place = e->place;

            if (text(j, e->live, &x, at) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


/* what the unit at position at does; how many bytes it has */

static size_t
unit(mdr_json_t *j, uint64_t at)
{
    uint32_t           i;
    mdr_json_frame_t  *f;

    if (j->walk.more) {
        if (all_texts(j, at) != MDR_OK) {
            return MDR_JSON_FAILED;
        }

    } else {
        for (i = 0; i < j->walk.ntexts; i++) {
            if (text(j, 0, &j->walk.texts[i], at) != MDR_OK) {
                return MDR_JSON_FAILED;
            }
        }
    }

    f = &j->frames[j->n - 1];
    f->members = 1;                     /* it has some                       */
    f->last_end = at + mdr_json_last_end(j);
    mdr_json_close_frame(j, at + j->walk.len - 1);

    return j->walk.len;
}


static inline int
is_odd_good(const mdr_json_t *j, const mdr_json_walk_text_t *x)
{
    return !x->odd || x->hole != MDR_HOLE_STRING
           || mdr_json_string_good(x->p, x->n, j->relaxed);
}


/* are the strings with escapes, whose text is wanted, such as can be read? */

static int
is_good(const mdr_json_t *j)
{
    uint32_t                i;
    mdr_json_walk_text_t    x;
    const mdr_json_walk_t  *w;

    w = &j->walk;

    if (j->type == MDR_TYPE_NDJSON && memchr(w->p, '\n', w->len) != NULL) {
        return 0;
    }

    for (i = 0; !w->more && i < w->ntexts; i++) {
        if (!is_odd_good(j, &w->texts[i])) {
            return 0;
        }
    }

    for (i = 1; w->more && i < w->n; i++) {
        if (mdr_json_lit(j, i)->nevents == 0) {
            continue;
        }

        hole_of(j, i, &x);

        if (!is_odd_good(j, &x)) {
            return 0;
        }
    }

    return 1;
}


/* how an item begins that may have come before: the slots that it is of, and
 * its bytes up to behind the first key */

static uint32_t
start_hash(const mdr_json_t *j, const uint8_t *p)
{
    uint32_t  i, h;

    for (i = 0, h = 2166136261u; i < j->nlive; i++) {
        h = (h ^ (uint32_t) (j->live[i].slot - j->rules->slots)) * 16777619u;
    }

    for (i = 0; i < START && p[i] != ':'; i++) {
        h = (h ^ p[i]) * 16777619u;
        h ^= h >> 15;
    }

    return h;
}


static size_t
learned(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last)
{
    size_t            len, k;
    uint8_t           state[STATE_MAX];
    uint32_t          s;
    mdr_json_walk_t  *w;
    mdr_start_t      *start;
    mdr_markup_t     *m;
    mdr_json_node_t  *node;

    m = j->learn;
    node = j->frames[j->n - 1].node;

    if (n < LEAST || !mdr_markup_may_try(m)) {
        return 0;
    }

    s = node->here_epoch == m->epoch ? node->here : 0;
    start = NULL;
    k = 0;

    if (s == 0) {
        start = mdr_markup_asks(m, start_hash(j, p));

        if (start == NULL || (!start->good && !mdr_start_may_record(m, start)))
        {
            return 0;
        }

        k = state_of(j, j->n - 1, MDR_HOLE_NONE, NULL, state);

        if (k == 0) {
            return 0;
        }

        s = mdr_markup_find(m, state, k);
        node->here = s;
        node->here_epoch = m->epoch;
    }

    if (s != 0) {
        w = &j->walk;
        len = mdr_json_walk(j, s - 1, p, n, at);

        if (len != 0 && is_good(j)) {
            m->unit_bytes += len;
            m->units++;
            return unit(j, at);
        }

        m->wasted += w->len;

        if (len == 0 && w->cut && n < MDR_UNIT_MAX) {
            if (!last && j->waited != at) {
                j->waited = at;
                return MDR_JSON_WAIT;
            }
            return 0;
        }
    }

    if (start == NULL) {
        start = mdr_markup_asks(m, start_hash(j, p));
    }

    if (start == NULL || !mdr_start_may_record(m, start)) {
        return 0;
    }

    if (k == 0) {
        k = state_of(j, j->n - 1, MDR_HOLE_NONE, NULL, state);
    }

    if (k != 0 && mdr_record_begin(m, start, p, at, state, k)) {
        j->rec = &m->rec;
        j->rec->hole = MDR_HOLE_NONE;
        j->rec->serial = 0;
        j->rec->depth = (uint32_t) j->n - 1;
        j->value_at = MDR_NO_POS;
    }

    return 0;
}


/* by what an item at the node, so many containers deep, is known besides its
 * bytes; 0: by nothing */

uint64_t
mdr_json_seen_key(mdr_json_t *j, const mdr_json_node_t *node, size_t depth)
{
    uint32_t  k, paths;
    uint64_t  v[2 + SEEN_PATHS];

    paths = 2 * j->rules->nslots;

    if (paths > SEEN_PATHS) {
        return 0;
    }

    v[0] = j->seen_key;
    v[1] = depth;

    for (k = 0; k < paths; k++) {
        v[2 + k] = node->at[k];
    }

    return mdr_seen_number(j->seen, MDR_SEEN_PATHS, v,
                           (2 + paths) * sizeof(v[0]));
}


/*
 * The item at p - 1 has just been opened as one: its length, if it was seen
 * before without a hit (seen.h) and is there as a whole; else its end is waited
 * for.  What is inside it is read by the states of all paths at its node, and
 * by nothing else.
 */

static size_t
known(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at)
{
    size_t                  len;
    uint32_t                seen;
    uint64_t                key, hash;
    const mdr_json_node_t  *node;

    node = j->frames[j->n - 1].node;

    if (j->seen == NULL || j->nlive != 1 || node->nitems != 1 || j->relaxed
        || j->type == MDR_TYPE_NDJSON || n < MDR_JSON_SEEN_HEAD)
    {
        return 0;
    }

    key = mdr_json_seen_key(j, node, j->n);

    if (key == 0) {
        return 0;
    }

    p--;
    n++;
    at--;
    hash = mdr_seen_hash(key, p, MDR_JSON_SEEN_HEAD);
    len = mdr_seen_find(j->seen, hash, key, p, n, &seen);

    if (len != 0 && mdr_sink_item_known(j->sink, j->live[0].item, len, seen)) {
        mdr_json_close_frame(j, at + len - 1);
        return len - 1;
    }

    j->whole.p = p;
    j->whole.at = at;
    j->whole.depth = j->n;
    j->whole.hash = hash;
    j->whole.key = key;
    j->whole.unusual = j->unusual;
    j->whole.item = j->live[0].item;

    return 0;
}


size_t
mdr_json_item(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int first, int last)
{
    size_t  k;

    k = first ? known(j, p, n, at) : 0;

    return k != 0 || j->learn == NULL || j->rec != NULL
           ? k : learned(j, p, n, at, last);
}
