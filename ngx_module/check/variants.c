/*
 * variants.c - disguised forms of what the tests hit.
 *
 * Each text of a `hit` test is disguised in every way of disguise.c and goes
 * as a page through the real scan, with all rules but one off.  A form that
 * changes nothing (no Han character, no digit) is not tried.
 */

#include "disguise.h"

#include <string.h>


typedef struct {
    mdr_check_t         *c;
    const mdr_policy_t  *policy;
    mdr_work_t          *work;
    uint8_t             *caps;          /* all rules off but one             */
    uint32_t             rule;
    int                  seen;
    mdr_disguise_t       d;
    mdr_buf_t            body;
} variants_t;


/* v->out as the text of the one item of a body */

static int
make_body(variants_t *v, uint8_t as)
{
    int          rc;
    size_t       i;
    uint8_t      ch;
    const char  *quoted;

    v->body.len = 0;
    rc = as < MDR_AS_JSON_TEXT ? mdr_buf_add(&v->body, "<ul><li><p>", 11)
                      : mdr_buf_add(&v->body, "[{\"text\":\"", 10);

    for (i = 0; rc == MDR_OK && i < v->d.out.len; i++) {
        ch = v->d.out.data[i];
        quoted = as == MDR_AS_HTML_TEXT && ch == '<' ? "&lt;"
                 : as == MDR_AS_HTML_TEXT && ch == '&' ? "&amp;"
                 : as == MDR_AS_JSON_TEXT && ch == '"' ? "\\\""
                 : as == MDR_AS_JSON_TEXT && ch == '\\' ? "\\\\" : NULL;

        rc = quoted != NULL ? mdr_buf_add(&v->body, quoted, strlen(quoted))
                            : mdr_buf_add(&v->body, &ch, 1);
    }

    if (rc == MDR_OK) {
        rc = as < MDR_AS_JSON_TEXT ? mdr_buf_add(&v->body, "</p></li></ul>", 14)
                          : mdr_buf_add(&v->body, "\"}]", 3);
    }

    return rc;
}


static void
on_item(void *ctx, const mdr_item_t *item)
{
    variants_t  *v;

    v = ctx;
    v->seen |= item->hits_total != 0;
}


/* 1: the rule stands in the body, 0: it does not, MDR_ERROR */

static int
run(variants_t *v, uint8_t as, size_t piece)
{
    int               rc;
    size_t            i, n;
    mdr_scan_t       *scan;
    mdr_scan_conf_t   conf;

    if (v->d.failed || make_body(v, as) != MDR_OK) {
        return MDR_ERROR;
    }

    memset(&conf, 0, sizeof(conf));
    conf.ctx = v;
    conf.item = on_item;
    conf.type = as < MDR_AS_JSON_TEXT ? MDR_TYPE_HTML : MDR_TYPE_JSON;
    conf.mode = MDR_MODE_SHADOW;
    conf.now = v->c->now;
    conf.max_slot = 1 << 20;
    conf.charset = "utf-8";
    conf.rule_modes = v->caps;
    conf.alloc = v->c->alloc;

    v->seen = 0;
    scan = mdr_scan_new(v->policy, v->work, &conf);
    rc = scan == NULL ? MDR_ERROR : MDR_OK;
    piece = piece != 0 ? piece : v->body.len;

    for (i = 0; rc != MDR_ERROR && i < v->body.len; i += n) {
        n = v->body.len - i < piece ? v->body.len - i : piece;
        rc = mdr_scan_feed(scan, v->body.data + i, n);
    }

    if (rc != MDR_ERROR) {
        rc = mdr_scan_finish(scan);
    }

    mdr_scan_free(scan);

    return rc == MDR_ERROR ? MDR_ERROR : v->seen;
}


static int
run_form(variants_t *v, size_t f, mdr_variant_t *one, mdr_buf_t *missed)
{
    int       rc;
    uint32_t  k;

    for (k = 0; k < MDR_DISGUISE_WAYS; k++) {
        v->d.out.len = 0;

        if (!mdr_forms[f].make(&v->d, k)) {
            break;
        }

        if (mdr_forms[f].piece == 0 && mdr_disguise_unchanged(&v->d)) {
            continue;
        }

        rc = run(v, mdr_forms[f].as, mdr_forms[f].piece);
        if (rc == MDR_ERROR) {
            return MDR_ERROR;
        }

        one->tried++;
        one->seen += (uint32_t) rc;

        if (rc == 0 && missed->len == 0
            && mdr_buf_add(missed, v->d.out.data, v->d.out.len) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return v->d.failed ? MDR_ERROR : MDR_OK;
}


/* all hit texts of v->rule in all ways of a form */

static int
run_rule(variants_t *v)
{
    int                rc;
    size_t             f;
    uint32_t           t;
    mdr_buf_t          missed;
    mdr_check_t       *c;
    mdr_variant_t      one;
    const mdr_rule_t  *r;

    c = v->c;
    r = &c->m->rules[v->rule];
    rc = MDR_OK;
    memset(&one, 0, sizeof(one));
    mdr_buf_init(&missed, c->alloc);

    for (f = 0; rc == MDR_OK && f < mdr_nforms; f++) {

        for (t = 0; rc == MDR_OK && t < r->ntests; t++) {
            if (r->tests[t].kind != MDR_TEST_HIT || r->tests[t].page.len != 0
                || !mdr_disguise_take(&v->d, r->tests[t].text))
            {
                continue;
            }

            /* what is not seen as it stands is the test's to say */

            mdr_disguise_plain(&v->d);
            rc = run(v, MDR_AS_HTML_TEXT, 0);

            if (rc == 1) {
                rc = run_form(v, f, &one, &missed);
            }
        }

        /* rows of one name are one form */

        if (rc != MDR_OK
            || (f + 1 < mdr_nforms
                && strcmp(mdr_forms[f].name, mdr_forms[f + 1].name) == 0))
        {
            continue;
        }

        if (one.tried != 0) {
            one.rule = r->id;
            one.form = mdr_forms[f].name;
            one.needs = mdr_form_needs(&mdr_forms[f]);
            one.on = mdr_forms[f].needs == 0
                     || (mdr_forms[f].needs == MDR_CHECK_GAP
                         ? r->profile.gap_max != 0
                         : (r->profile.folds & mdr_forms[f].needs) != 0);
            one.missed.data = (char *) missed.data;
            one.missed.len = (uint32_t) missed.len;

            c->conf->variant(c->conf->ctx, &one);
        }

        memset(&one, 0, sizeof(one));
        missed.len = 0;
    }

    mdr_buf_done(&missed);

    return rc;
}


int
mdr_variants(mdr_check_t *c)
{
    int            rc;
    variants_t    *v;
    mdr_policy_t  *p;

    v = mdr_calloc(c->alloc, sizeof(variants_t));
    if (v == NULL) {
        return MDR_ERROR;
    }

    p = mdr_check_policy(c, 1, 0);
    v->c = c;
    v->policy = p;
    v->work = mdr_work_new(c->alloc);
    v->caps = mdr_calloc(c->alloc, (size_t) c->m->nrules + 1);
    mdr_buf_init(&v->body, c->alloc);

    rc = mdr_disguise_init(&v->d, c->alloc);

    if (p == NULL || v->work == NULL || v->caps == NULL) {
        rc = MDR_ERROR;
    }

    for (v->rule = 0; rc == MDR_OK && v->rule < c->m->nrules; v->rule++) {
        v->caps[v->rule] = MDR_MODE_SHADOW;
        rc = run_rule(v);
        v->caps[v->rule] = MDR_MODE_OFF;
    }

    mdr_buf_done(&v->body);
    mdr_disguise_done(&v->d);
    mdr_free(c->alloc, v->caps);
    mdr_work_free(v->work);
    mdr_policy_free(p);
    mdr_free(c->alloc, v);

    return rc;
}
