/*
 * match_chain.c - the patterns of a candidate, and whose they are.
 *
 * A candidate may stand for a chain: the longest pattern that begins there,
 * and those that it begins with.  Where the longest is there, the others of
 * its rule and group are not looked at (see match.h); the chain is left when
 * every group has its hit, where a word goes on before it, and what reaches
 * over too long a gap is passed by.  Rules that ask the same are asked once.
 */

#include "match_verify.h"

#include <string.h>


/* is a letter or digit right before the candidate, where a word edge is asked
 * for?  Under repeat it may begin later in a run. */

static int
is_inside(mdr_verify_t *v)
{
    size_t          len;
    uint32_t        start;
    const uint8_t  *begin;

    start = v->row->pos[v->at];

    if (v->row->trace != NULL) {
        return start != 0 && v->row->trace->atoms[start - 1].word
               && v->row->trace->atoms[start - 1].mark == 0;
    }

    begin = v->w->bytes + v->w->start[v->subject];

    return v->w->bytes + start > begin
           && mdr_match_verify_is_word(
                  mdr_verify_char_before(v->w->bytes + start, begin, &len),
                  v->m->h.folds)
              == MDR_VERIFY_YES;
}


/* one user of the pattern: yes, no, MDR_ERROR */

static int
one_user(mdr_verify_t *v)
{
    int  rc;

    if (!(v->reads[v->u->rule / 64] >> (v->u->rule % 64) & 1)) {
        return MDR_VERIFY_YES;          /* nothing shorter is wanted, too    */
    }

    if (v->u->group & MDR_USER_REGEX) {
        return mdr_match_regex_seen(v->w, v->subject, v->u->text) == MDR_OK
               ? MDR_VERIFY_YES : MDR_ERROR;
    }

    v->rule = &v->m->model->rules[v->u->rule];

    if (v->row->trace != NULL
        && v->row->trace->folds != v->rule->profile.folds)
    {
        return MDR_VERIFY_YES;          /* its own row has it                */
    }

    if (v->row->trace == NULL && (v->u->flags & MDR_TERM_MARKS)) {
        return MDR_VERIFY_NO;           /* its marks are special characters  */
    }

    if ((v->u->flags & MDR_TERM_HEAD) && !v->m->h.repeat) {
        if (v->inside_at != v->at || v->inside_subject != v->subject) {
            v->inside_at = v->at;
            v->inside_subject = v->subject;
            v->inside = (uint8_t) is_inside(v);
        }

        if (v->inside) {
            return MDR_VERIFY_NO;
        }
    }

    v->hits->candidates++;
    rc = MDR_VERIFY_OPEN;

    if (v->u->flags & MDR_TERM_EXACT) {
        rc = mdr_match_verify_exact(v);
    }

    if (rc == MDR_VERIFY_OPEN && (v->u->flags & MDR_TERM_PLAIN)) {
        rc = mdr_match_verify_plain(v);
    }

    return rc == MDR_VERIFY_OPEN ? mdr_match_compare(v) : rc;
}


/* a user like the one before, which has the last hit: so has this one */

static int
put_alike(mdr_verify_t *v, const mdr_lex_user_t *before,
    const mdr_lex_user_t *u)
{
    const mdr_raw_hit_t  *h;

    if (v->m->h.repeat || v->hits->n == 0) {
        return MDR_VERIFY_OPEN;
    }

    h = &v->hits->hits[v->hits->n - 1];

    if (h->rule != before->rule || h->subject != v->subject
        || h->except != ((before->group & MDR_USER_EXCEPT) != 0)
        || h->group != (before->group & ~MDR_USER_EXCEPT)
        || !(v->reads[before->rule / 64] >> (before->rule % 64) & 1)
        || !(v->reads[u->rule / 64] >> (u->rule % 64) & 1))
    {
        return MDR_VERIFY_OPEN;
    }

    v->hits->candidates++;
    v->hits->meter.steps++;

    return mdr_match_hit(v->m, v->hits, u, v->subject, h->start, h->end)
           == MDR_OK ? MDR_VERIFY_YES : MDR_ERROR;
}


/* a group of a rule that has its longest hit from here */

static int
is_done(mdr_verify_t *v, const mdr_lex_user_t *u, int rc)
{
    uint32_t  *mark;

    if (!mdr_match_longest_only(v->m->model, u)
        || (u->flags & MDR_TERM_MARKS))
    {
        return 0;
    }

    mark = &v->w->keys[mdr_matcher_key(v->m, u)];

    if (*mark == v->w->key_round) {
        return 1;
    }

    if (rc == MDR_VERIFY_YES) {
        *mark = v->w->key_round;
        v->left--;
    }

    return 0;
}


/* users from u on, up to `end` or the last of the list; yes: for all of them
 * what is shorter is not wanted */

static int
some_users(mdr_verify_t *v, const mdr_lex_user_t *u,
    const mdr_lex_user_t *end, int chain)
{
    int                    rc, all, skipped;
    size_t                 nhits;
    const mdr_lex_user_t  *before;

    all = MDR_VERIFY_YES;
    before = NULL;
    nhits = v->hits->n;
    rc = MDR_VERIFY_NO;

    for ( ; u != end && !mdr_meter_spent(&v->hits->meter); u++) {

        skipped = chain && is_done(v, u, MDR_VERIFY_NO);

        if (skipped) {
            rc = MDR_VERIFY_YES;

        } else {
            rc = before != NULL && v->hits->n > nhits
                 ? put_alike(v, before, u) : MDR_VERIFY_OPEN;
            nhits = v->hits->n - (rc == MDR_VERIFY_YES);

            if (rc == MDR_VERIFY_OPEN) {
                v->u = u;
                rc = one_user(v);
            }

            if (rc == MDR_ERROR) {
                return rc;
            }

            if (chain) {
                (void) is_done(v, u, rc);
            }

            /* what was not there for one is not there for others like it */

            if (rc == MDR_VERIFY_NO && !(u->flags & MDR_TERM_LAST)) {
                u = v->m->users + mdr_match_groups_alike(v->m, u) - 1;
            }
        }

        before = skipped || (u->flags & MDR_TERM_LAST)
                 || v->m->users + mdr_match_groups_alike(v->m, u) == u + 1
                 ? NULL : u;
        all = rc == MDR_VERIFY_YES ? all : MDR_VERIFY_NO;

        if (u->flags & MDR_TERM_LAST) {
            break;
        }
    }

    return all;
}


/* the same of a crowd */

static int
one_crowd(mdr_verify_t *v, const mdr_crowd_t *c, int chain)
{
    int                    rc;
    size_t                 from, to;
    uint32_t               shift;
    const mdr_trace_t     *t;
    const mdr_lex_user_t  *u;

    u = &v->m->users[v->m->crowd_terms[c->first].user];
    v->rule = &v->m->model->rules[c->rule];
    v->hits->meter.steps++;

    if (c->one && !(v->reads[u->rule / 64] >> (u->rule % 64) & 1)) {
        return MDR_VERIFY_YES;
    }

    if (v->row->trace != NULL
        && v->row->trace->folds != v->rule->profile.folds)
    {
        return MDR_VERIFY_YES;
    }

    if (c->one && chain && is_done(v, u, MDR_VERIFY_NO)) {
        return MDR_VERIFY_YES;
    }

    if (c->head && !v->m->h.repeat && is_inside(v)) {
        return MDR_VERIFY_NO;
    }

    t = mdr_match_compare_place(v, &from, &to, &shift);
    rc = t != NULL ? mdr_match_compare_crowd(v, c, t, from, to, shift)
                   : MDR_ERROR;

    if (rc == MDR_ERROR || rc == 0 || !c->one
        || !mdr_match_longest_only(v->m->model, u))
    {
        return rc == MDR_ERROR ? rc : MDR_VERIFY_NO;
    }

    if (chain) {
        (void) is_done(v, u, MDR_VERIFY_YES);
    }

    return MDR_VERIFY_YES;
}


static int
some_crowds(mdr_verify_t *v, const mdr_crowds_t *l, int chain)
{
    int                      rc, all;
    uint32_t                 i;
    const mdr_user_range_t  *r;

    all = MDR_VERIFY_YES;

    for (i = l->first; i < l->end; i++) {
        rc = one_crowd(v, &v->m->crowds[i], chain);

        if (rc == MDR_ERROR) {
            return rc;
        }

        all = rc == MDR_VERIFY_YES ? all : MDR_VERIFY_NO;
    }

    for (i = l->rest; i < l->rest_end; i++) {
        r = &v->m->crowd_ranges[i];
        rc = some_users(v, v->m->users + r->first, v->m->users + r->end,
                        chain);

        if (rc == MDR_ERROR) {
            return rc;
        }

        all = rc == MDR_VERIFY_YES ? all : MDR_VERIFY_NO;
    }

    return all;
}


/* pattern k at v->at; yes: whatever it begins with adds nothing to it */

static int
one_pattern(mdr_verify_t *v, uint32_t k, int chain)
{
    const mdr_crowds_t  *l;

    v->n = v->m->patterns[k].len;
    v->hits->meter.steps++;
    l = v->m->ncrowd_lists != 0
        && (v->m->patterns[k].user.flags & MDR_TERM_LIST)
        ? mdr_match_crowds(v->m, k) : NULL;

    return l != NULL ? some_crowds(v, l, chain)
           : some_users(v, mdr_lex_users(v->m->users, &v->m->patterns[k]),
                        NULL, chain);
}


/* may class i + 1 of the row follow class i in any rule, as far as gaps go? */

static int
is_near(const mdr_verify_t *v, size_t i)
{
    size_t    len;
    uint32_t  at, cp, n, end;

    at = v->row->pos[i];
    end = v->row->pos[i + 1];

    if (v->row->trace != NULL) {
        return end - at <= v->m->gap_flags + 1;
    }

    at += (uint32_t) mdr_utf8_len(v->w->bytes[at]);

    if (end <= at + v->m->gap) {
        return 1;                       /* a mark is a byte at least         */
    }

    for (n = 0; at < end; at += (uint32_t) len) {
        cp = mdr_utf8_next(v->w->bytes + at, end - at, &len);

        if (len == 0) {
            return 1;
        }

        n += mdr_fold_mark(cp) != 0 && mdr_fold_mark(cp) != MDR_GAP_EMOJI
             && !mdr_fold_dropped(cp, v->m->h.folds);
    }

    return n <= v->m->gap;
}


/* of n classes from v->at on, those that no gap is too long between; what was
 * found is kept, as in reach() */

static size_t
near_classes(mdr_verify_t *v, size_t n)
{
    size_t  last;

    if (v->near_from == 0 || v->at < v->near_from || v->at > v->near_to) {
        v->near_from = v->at;
        v->near_to = v->at;
        v->near_end = 0;
    }

    for (last = v->at + n - 1; v->near_to < last && !v->near_end; /* void */)
    {
        v->hits->meter.steps++;

        if (is_near(v, v->near_to)) {
            v->near_to++;
        } else {
            v->near_end = 1;
        }
    }

    return v->near_to - v->at + 1 < n ? v->near_to - v->at + 1 : n;
}


int
mdr_match_chain(mdr_verify_t *v, const mdr_candidate_t *c)
{
    int                     rc, once;
    size_t                  near;
    uint32_t                k;
    const mdr_chain_t      *chains, *h;
    const mdr_lex_link_t   *links;
    const mdr_lex_group_t  *g;

    v->at = c->at;

    if (c->group == 0) {
        rc = one_pattern(v, c->pattern, 0);
        return rc == MDR_ERROR ? rc : MDR_OK;
    }

    g = &v->m->groups[c->group - 1];
    links = v->m->links + g->links;
    chains = v->m->chains + g->links;
    v->left = chains[c->pattern - g->first].keys;

    if (++v->w->key_round == 0) {
        memset(v->w->keys, 0, v->m->nkeys * sizeof(uint32_t));
        v->w->key_round = 1;
    }

    /* where runs are one class, terms may begin at several characters of one */

    once = !v->m->h.repeat;
    near = once ? near_classes(v, v->m->patterns[c->pattern].len)
                : SIZE_MAX;

    for (k = c->pattern + 1; k != 0 && !mdr_meter_spent(&v->hits->meter); ) {
        h = &chains[k - 1 - g->first];

        if (v->m->patterns[k - 1].len > near) {
            v->hits->meter.steps++;
            k = h->far != 0 && v->m->patterns[h->far - 1].len > near
                ? h->far : links[k - 1 - g->first].next;
            continue;
        }

        if (once && ((!h->all && v->left == 0)
                     || (h->head && is_inside(v))))
        {
            break;
        }

        rc = one_pattern(v, k - 1, once);

        if (rc == MDR_ERROR) {
            return rc;
        }

        k = rc == MDR_VERIFY_YES && once ? links[k - 1 - g->first].other
                                         : links[k - 1 - g->first].next;
    }

    return MDR_OK;
}
