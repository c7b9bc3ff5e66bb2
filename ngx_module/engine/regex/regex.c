/*
 * regex.c - regexes of rules: PCRE2 with JIT on the folded view of a text.
 *
 * The view is folded, so the pattern's own characters are brought to the same
 * form first: what is written outside ASCII becomes its primary form (an
 * escaped one where that is a metacharacter), and with the fold `case` the
 * pattern compares without case.
 *
 * Limits: PCRE2 counts steps from each place where a match may begin anew, so
 * its limit alone allows a long text any time; and it does not say how many it
 * took.  So a text is searched with a limit of a few steps a place first, which
 * nearly all texts need no more than.  Where that is reached, places are tried
 * a few at a time, single ones with up to 100 000 steps, and what each try may
 * have taken is paid from a budget.  Depth 5 000, heap 8 MB, JIT stack 512 KB.
 * A pattern that has spent its budget has no match from there on and is
 * reported.
 */

#define PCRE2_CODE_UNIT_WIDTH 8

#include "regex.h"
#include "base/utf8.h"

#include <pcre2.h>

#include <stdio.h>
#include <string.h>


#define PATTERN_MAX   4096
#define MATCH_LIMIT   100000            /* PCRE2's steps of one place        */
#define FIRST_LIMIT   8                 /* at first, and                     */
#define SECOND_LIMIT  64                /* where that is not enough          */
#define GROW          8
#define STEP          8                 /* of PCRE2's are one of ours        */
#define STEP_BYTES    8                 /* passed by at the first look       */
#define DEPTH_LIMIT   5000
#define HEAP_LIMIT    8192              /* KB                                */
#define JIT_STACK     (512 * 1024)


struct mdr_regex_s {
    const mdr_alloc_t      *alloc;
    pcre2_general_context  *gc;
    pcre2_code             *code;
    int                     jit;
};

struct mdr_regex_work_s {
    const mdr_alloc_t      *alloc;
    pcre2_general_context  *gc;
    pcre2_match_context    *mc;
    pcre2_match_data       *md;
    pcre2_jit_stack        *stack;
    uint32_t                limit;      /* that mc has                       */
    size_t                  last;
    uint64_t               *budget;     /* left for the text in hand         */
    mdr_meter_t            *meter;
};


static void *
pcre_alloc(size_t n, void *a)
{
    return mdr_alloc(a, n);
}


static void
pcre_free(void *p, void *a)
{
    mdr_free(a, p);
}


static pcre2_general_context *
context(const mdr_alloc_t *a)
{
    return pcre2_general_context_create(pcre_alloc, pcre_free,
                                        (void *) (uintptr_t) a);
}


/* the pattern in the characters of the view; its length, or 0: too long.
 * offsets[i]: where byte i of the result stood in the pattern */

static size_t
fold_pattern(mdr_str_t s, uint32_t folds, uint8_t *out, size_t max)
{
    size_t          i, k, len, n;
    uint8_t         buf[4];
    uint32_t        cp;
    mdr_fold_seq_t  f;

    for (i = 0, n = 0; i < s.len; i += len) {

        if ((uint8_t) s.data[i] < 0x80) {
            if (n + 1 > max) {
                return 0;
            }
            out[n++] = (uint8_t) s.data[i];
            len = 1;
            continue;
        }

        cp = mdr_utf8_next((const uint8_t *) s.data + i, s.len - i, &len);
        if (len == 0) {
            return 0;
        }

        /* ends of a range keep their place in the order of characters */

        if ((i + len < s.len && s.data[i + len] == '-')
            || (i > 0 && s.data[i - 1] == '-'))
        {
            f.n = 1;
            f.cp[0] = cp;
        } else {
            mdr_fold_primary(cp, folds, &f);
        }

        for (k = 0; k < f.n; k++) {
            size_t  m;

            if (n + 8 > max) {
                return 0;
            }

            /* by number: "[:" and ":]" would mean something in a class */

            if (f.cp[k] < 0x80
                && strchr("\\^$.[]|()?*+{}-/#:=&~!<>,", (int) f.cp[k])
                   != NULL)
            {
                n += (size_t) sprintf((char *) out + n, "\\x{%02x}",
                                      f.cp[k]);
                continue;
            }

            m = mdr_utf8_put(buf, f.cp[k]);
            memcpy(out + n, buf, m);
            n += m;
        }
    }

    return n;
}


static pcre2_code *
compile(mdr_str_t pattern, uint32_t folds, pcre2_general_context *gc,
    int *err, PCRE2_SIZE *offset)
{
    size_t                  n;
    uint8_t                 buf[PATTERN_MAX];
    uint32_t                options;
    pcre2_code             *code;
    pcre2_compile_context  *cc;

    n = fold_pattern(pattern, folds, buf, sizeof(buf));

    if (n == 0) {
        *err = pattern.len == 0 ? -1 : -2;
        *offset = 0;
        return NULL;
    }

    options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE
              | PCRE2_USE_OFFSET_LIMIT;

    if (folds & MDR_FOLD_CASE) {
        options |= PCRE2_CASELESS;
    }

    /* back references need their groups */

    if (memchr(pattern.data, '\\', pattern.len) != NULL) {
        options &= ~(uint32_t) PCRE2_NO_AUTO_CAPTURE;
    }

    cc = pcre2_compile_context_create(gc);
    if (cc == NULL) {
        *err = PCRE2_ERROR_NOMEMORY;
        *offset = 0;
        return NULL;
    }

    (void) pcre2_set_parens_nest_limit(cc, 64);

    code = pcre2_compile(buf, n, options, err, offset, cc);
    pcre2_compile_context_free(cc);

    return code;
}


int
mdr_regex_check(mdr_str_t pattern, uint32_t folds, char *text, size_t size,
    size_t *offset)
{
    int                     err;
    PCRE2_SIZE              at;
    PCRE2_UCHAR             msg[160];
    pcre2_code             *code;
    pcre2_general_context  *gc;

    gc = context(mdr_mem_default());
    if (gc == NULL) {
        snprintf(text, size, "out of memory");
        return MDR_ERROR;
    }

    at = 0;
    code = compile(pattern, folds, gc, &err, &at);

    if (code != NULL) {
        int  rc = MDR_OK;

        /* what matches nothing would match everywhere */

        uint32_t  minlen = 1;

        (void) pcre2_pattern_info(code, PCRE2_INFO_MATCHEMPTY, &minlen);

        if (minlen) {
            snprintf(text, size, "can match the empty text");
            *offset = 0;
            rc = MDR_ERROR;
        }

        pcre2_code_free(code);
        pcre2_general_context_free(gc);
        return rc;
    }

    pcre2_general_context_free(gc);
    *offset = at < pattern.len ? at : pattern.len;

    if (err == -1) {
        snprintf(text, size, "empty");

    } else if (err == -2) {
        snprintf(text, size, "longer than %d bytes", PATTERN_MAX);

    } else {
        (void) pcre2_get_error_message(err, msg, sizeof(msg));
        snprintf(text, size, "%s", (char *) msg);
    }

    return MDR_ERROR;
}


mdr_regex_t *
mdr_regex_new(mdr_str_t pattern, uint32_t all, const mdr_alloc_t *alloc)
{
    const uint32_t  folds = all & ~MDR_FOLD_TERMS;
    int           err;
    PCRE2_SIZE    at;
    mdr_regex_t  *re;

    re = mdr_calloc(alloc, sizeof(mdr_regex_t));
    if (re == NULL) {
        return NULL;
    }

    re->alloc = alloc;
    re->gc = context(alloc);

    if (re->gc != NULL) {
        re->code = compile(pattern, folds, re->gc, &err, &at);
    }

    if (re->code == NULL) {
        mdr_regex_free(re);
        return NULL;
    }

    /* without JIT the interpreter serves */

    re->jit = pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE) == 0;

    return re;
}


void
mdr_regex_free(mdr_regex_t *re)
{
    if (re == NULL) {
        return;
    }

    if (re->code != NULL) {
        pcre2_code_free(re->code);
    }

    if (re->gc != NULL) {
        pcre2_general_context_free(re->gc);
    }

    mdr_free(re->alloc, re);
}


mdr_regex_work_t *
mdr_regex_work_new(const mdr_alloc_t *alloc)
{
    mdr_regex_work_t  *w;

    w = mdr_calloc(alloc, sizeof(mdr_regex_work_t));
    if (w == NULL) {
        return NULL;
    }

    w->alloc = alloc;
    w->gc = context(alloc);

    if (w->gc != NULL) {
        w->mc = pcre2_match_context_create(w->gc);
        w->md = pcre2_match_data_create(32, w->gc);
        w->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK, w->gc);
    }

    if (w->mc == NULL || w->md == NULL) {
        mdr_regex_work_free(w);
        return NULL;
    }

    w->last = PCRE2_UNSET;
    (void) pcre2_set_depth_limit(w->mc, DEPTH_LIMIT);
    (void) pcre2_set_heap_limit(w->mc, HEAP_LIMIT);

    if (w->stack != NULL) {
        pcre2_jit_stack_assign(w->mc, NULL, w->stack);
    }

    return w;
}


void
mdr_regex_work_free(mdr_regex_work_t *w)
{
    if (w == NULL) {
        return;
    }

    if (w->stack != NULL) {
        pcre2_jit_stack_free(w->stack);
    }

    if (w->md != NULL) {
        pcre2_match_data_free(w->md);
    }

    if (w->mc != NULL) {
        pcre2_match_context_free(w->mc);
    }

    if (w->gc != NULL) {
        pcre2_general_context_free(w->gc);
    }

    mdr_free(w->alloc, w);
}


/* matches that begin from `from` to `last`, with so many steps each: what
 * mdr_regex_find says */

static int
run(const mdr_regex_t *re, mdr_regex_work_t *w, const uint8_t *view, size_t n,
    size_t from, size_t last, uint32_t limit)
{
    int  rc;

    if (w->limit != limit) {
        w->limit = limit;
        (void) pcre2_set_match_limit(w->mc, limit);
    }

    if (w->last != last) {
        w->last = last;
        (void) pcre2_set_offset_limit(w->mc, last);
    }

    rc = re->jit ? pcre2_jit_match(re->code, view, n, from, 0, w->md, w->mc)
                 : pcre2_match(re->code, view, n, from, PCRE2_NO_UTF_CHECK,
                               w->md, w->mc);

    return rc >= 0 ? 1 : rc == PCRE2_ERROR_NOMATCH ? 0
           : rc == PCRE2_ERROR_NOMEMORY ? MDR_ERROR : MDR_REGEX_LIMIT;
}


/* takes n steps; 0: there are not so many */

static int
pay(mdr_regex_work_t *w, uint64_t n)
{
    if (*w->budget < n || mdr_meter_spent(w->meter)) {
        return 0;
    }

    *w->budget -= n;
    w->meter->steps += n;

    return 1;
}


/* the same from one place alone, with more and more steps */

static int
run_at(const mdr_regex_t *re, mdr_regex_work_t *w, const uint8_t *view,
    size_t n, size_t at)
{
    int       rc;
    uint32_t  limit;

    limit = SECOND_LIMIT;

    do {
        limit = limit < MATCH_LIMIT / 8 ? limit * 8 : MATCH_LIMIT;

        if (!pay(w, limit / STEP)) {
            return MDR_REGEX_LIMIT;
        }

        rc = run(re, w, view, n, at, at, limit);

    } while (rc == MDR_REGEX_LIMIT && limit < MATCH_LIMIT);

    return rc;
}


/* the same where some place needs more than a few steps: which one is found by
 * trying GROW times as many at a time, then as many times less */

static int
find_slowly(const mdr_regex_t *re, mdr_regex_work_t *w, const uint8_t *view,
    size_t n, size_t from)
{
    int     rc;
    size_t  at, k, last;

    for (at = from, k = 1; at <= n; /* void */ ) {
        last = n - at < k ? n : at + k - 1;

        if (!pay(w, 4 + (last - at + 1) * (SECOND_LIMIT / STEP / 4))) {
            return MDR_REGEX_LIMIT;
        }

        rc = run(re, w, view, n, at, last, SECOND_LIMIT);

        if (rc == MDR_REGEX_LIMIT && k > 1) {
            k /= GROW;
            continue;
        }

        if (rc == MDR_REGEX_LIMIT) {
            rc = run_at(re, w, view, n, at);
            k = 0;
        }

        if (rc != 0) {
            return rc;
        }

        for (at = last + 1; at < n && (view[at] & 0xc0) == 0x80; at++) {
            /* void */
        }

        k = k == 0 ? 1 : GROW * k;
    }

    return 0;
}


int
mdr_regex_find(const mdr_regex_t *re, mdr_regex_work_t *w,
    const uint8_t *view, size_t n, size_t from, uint64_t *budget,
    mdr_meter_t *meter, size_t *start, size_t *end)
{
    int          rc;
    PCRE2_SIZE  *v;

    view = view != NULL ? view : (const uint8_t *) "";

    w->budget = budget;
    w->meter = meter;
    rc = run(re, w, view, n, from, PCRE2_UNSET, FIRST_LIMIT);
    meter->steps += 2 + ((rc == 1 ? pcre2_get_ovector_pointer(w->md)[0] : n)
                         - from) / STEP_BYTES;

    if (rc == MDR_REGEX_LIMIT) {
        rc = find_slowly(re, w, view, n, from);
    }

    if (rc == 1) {
        v = pcre2_get_ovector_pointer(w->md);
        *start = v[0];
        *end = v[1] >= v[0] ? v[1] : v[0];
    }

    return rc;
}


/* enough of what few texts have? */

static int
asks_enough(const mdr_regex_need_t *need)
{
    return need->count[MDR_ASCII_DIGIT] >= 3
           || need->count[MDR_ASCII_LETTER] >= 3
           || need->count[MDR_ASCII_SIGN] >= 2
           || (need->count[MDR_ASCII_SIGN] != 0
               && need->count[MDR_ASCII_DIGIT] + need->count[MDR_ASCII_LETTER]
                  != 0)
           || need->count[MDR_ASCII_ANY] >= 4
           || need->same >= 3 || (need->must[0] | need->must[1]) != 0;
}


int
mdr_regex_cheap(mdr_str_t pattern, uint32_t folds, char *why, size_t size)
{
    mdr_regex_need_t  need;

    mdr_regex_need(pattern, folds, &need);

    if (need.n != 0) {
        snprintf(why, size, "runs on texts with %s\"%.*s\"",
                 need.n > 1 ? "one of several literals, as " : "",
                 (int) need.lit[0].len, need.lit[0].data);
        return 1;
    }

    if (asks_enough(&need)) {
        snprintf(why, size, "runs on texts with enough digits (%u, %u in a "
                 "row), letters (%u, %u), signs (%u, %u) and ASCII "
                 "characters (%u, %u)%s", need.count[MDR_ASCII_DIGIT],
                 need.run[MDR_ASCII_DIGIT], need.count[MDR_ASCII_LETTER],
                 need.run[MDR_ASCII_LETTER], need.count[MDR_ASCII_SIGN],
                 need.run[MDR_ASCII_SIGN], need.count[MDR_ASCII_ANY],
                 need.run[MDR_ASCII_ANY],
                 (need.must[0] | need.must[1]) != 0
                 ? ", and a certain one" : "");
        return 1;
    }

    if (need.count[MDR_ASCII_ANY] != 0 || need.count[MDR_ASCII_SIGN] != 0
        || (need.any[0] | need.any[1]) != 0)
    {
        snprintf(why, size, "has no literal that every match holds and asks "
                 "for little else: it runs on every text with %s",
                 need.count[MDR_ASCII_DIGIT] > 1 ? "two digits"
                 : need.count[MDR_ASCII_DIGIT] != 0 ? "a digit"
                 : need.count[MDR_ASCII_LETTER] > 1 ? "two Latin letters"
                 : need.count[MDR_ASCII_LETTER] != 0 ? "a Latin letter"
                 : need.count[MDR_ASCII_SIGN] != 0 ? "a sign or an emoji"
                 : "a few ASCII characters");
        return 0;
    }

    if (need.unread) {
        snprintf(why, size, "it is not seen what every match holds (recursion, "
                 "conditions, \\Q or other rare syntax): it runs on every "
                 "text");
        return 0;
    }

    snprintf(why, size, "has no literal that every match holds: it runs on "
             "every text");

    return 0;
}
