/*
 * peers.c - what other libraries do with the same bytes.
 *
 *   peers limits FILE            memcpy, and memchr for '<'
 *   peers pcre TERMS TEXT        PCRE2 JIT, one alternation of all terms
 *   peers hs TERMS TEXT          Vectorscan, one database of literals
 *   peers hs-fold TERMS TEXT     the same after the engine's folds, by a flat
 *                                table, the time of folding included
 *   peers regexes FILE TEXT      PCRE2 JIT, one pattern after the other, each
 *                                over the whole text
 *   peers regexes-each FILE TEXT the same, but all patterns line by line: what
 *                                stands in another field is another text
 *   peers jansson FILE           parse a JSON document
 *
 * Libraries get the text in one call, but for that, which is their best case.
 */

#define PCRE2_CODE_UNIT_WIDTH  8

#include "bench.h"
#include "text/fold.h"
#include "base/utf8.h"

#include <pcre2.h>

#if __has_include(<hs/hs.h>)
#include <hs/hs.h>
#define HAVE_HS 1
#endif

#if __has_include(<jansson.h>)
#include <jansson.h>
#define HAVE_JANSSON 1
#endif

typedef struct {
    uint8_t             *text;
    size_t               len;
    uint8_t             *copy;
    unsigned long long   hits;
    uint32_t            *table;         /* folded character, 0: nothing     */
    char               **terms;
    size_t               nterms;

    pcre2_code         **codes;
    size_t               ncodes;
    pcre2_match_data    *match;
    pcre2_match_context *mc;

#if (HAVE_HS)
    hs_database_t       *db;
    hs_scratch_t        *scratch;
#endif
} peer_t;


static void
read_lines(peer_t *p, const char *path)
{
    char    *s, *nl;
    size_t   len, cap;

    s = (char *) bench_read(path, &len);
    cap = 0;
    p->nterms = 0;
    p->terms = NULL;

    while (*s != '\0') {
        nl = strchr(s, '\n');
        if (nl != NULL) {
            *nl = '\0';
        }

        if (p->nterms == cap) {
            cap = cap ? cap * 2 : 1024;
            p->terms = realloc(p->terms, cap * sizeof(char *));
            if (p->terms == NULL) {
                exit(2);
            }
        }

        if (*s != '\0') {
            p->terms[p->nterms++] = s;
        }

        if (nl == NULL) {
            break;
        }
        s = nl + 1;
    }
}


static void
run_memcpy(void *ctx)
{
    peer_t  *p = ctx;

    memcpy(p->copy, p->text, p->len);
    __asm__ volatile("" : : "r" (p->copy) : "memory");
}


static void
run_memchr(void *ctx)
{
    peer_t         *p = ctx;
    const uint8_t  *s, *end;

    p->hits = 0;
    end = p->text + p->len;

    for (s = p->text; (s = memchr(s, '<', (size_t) (end - s))) != NULL; s++) {
        p->hits++;
    }
}


static void
limits(peer_t *p)
{
    bench_run("memcpy", p->len, run_memcpy, p, 0, 0, NULL);
    bench_run("memchr", p->len, run_memchr, p, 0, 0, &p->hits);
}


static pcre2_code *
compile(const char *pattern, uint32_t options, char *why, size_t size)
{
    int          error;
    size_t       at;
    pcre2_code  *re;

    re = pcre2_compile((PCRE2_SPTR) pattern, PCRE2_ZERO_TERMINATED, options,
                       &error, &at, NULL);
    if (re == NULL) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *) why, size);
        return NULL;
    }

    error = pcre2_jit_compile(re, PCRE2_JIT_COMPLETE);
    if (error != 0) {
        pcre2_get_error_message(error, (PCRE2_UCHAR *) why, size);
        pcre2_code_free(re);
        return NULL;
    }

    return re;
}


static void
search(peer_t *p, const uint8_t *text, size_t len)
{
    size_t      i, at;
    PCRE2_SIZE *v;

    for (i = 0; i < p->ncodes; i++) {
        at = 0;

        while (at < len
               && pcre2_jit_match(p->codes[i], text, len, at, 0, p->match,
                                  p->mc)
                  > 0)
        {
            p->hits++;
            v = pcre2_get_ovector_pointer(p->match);
            at = v[1] > at ? v[1] : at + 1;
        }
    }
}


static void
run_pcre(void *ctx)
{
    peer_t  *p = ctx;

    p->hits = 0;
    search(p, p->text, p->len);
}


static void
run_each(void *ctx)
{
    peer_t         *p = ctx;
    const uint8_t  *s, *end, *nl;

    p->hits = 0;
    end = p->text + p->len;

    for (s = p->text; s < end; s = nl + 1) {
        nl = memchr(s, '\n', (size_t) (end - s));
        nl = nl != NULL ? nl : end;
        search(p, s, (size_t) (nl - s));
    }
}


static void
pcre_ready(peer_t *p)
{
    p->match = pcre2_match_data_create(16, NULL);
    p->mc = pcre2_match_context_create(NULL);
    pcre2_jit_stack_assign(p->mc, NULL,
                           pcre2_jit_stack_create(65536, 8 << 20, NULL));
}


static void
pcre(peer_t *p)
{
    char    *pattern, *s, why[200];
    size_t   i, n;
    double   from, built;

    for (i = 0, n = 1; i < p->nterms; i++) {
        n += strlen(p->terms[i]) + 1;
    }

    s = pattern = malloc(n);
    for (i = 0; i < p->nterms; i++) {
        s = stpcpy(s, p->terms[i]);
        *s++ = '|';
    }
    s[-1] = '\0';

    p->codes = malloc(sizeof(pcre2_code *));
    p->ncodes = 1;
    from = bench_ns();
    p->codes[0] = compile(pattern, 0, why, sizeof(why));
    built = (bench_ns() - from) / 1e6;

    if (p->codes[0] == NULL) {
        bench_failed("pcre", why);
        return;
    }

    pcre2_pattern_info(p->codes[0], PCRE2_INFO_JITSIZE, &n);
    pcre_ready(p);
    bench_run("pcre", p->len, run_pcre, p, built, n, &p->hits);
}


static void
regexes(peer_t *p, int each)
{
    char    why[200];
    size_t  i;
    double  from, built;

    p->codes = malloc(p->nterms * sizeof(pcre2_code *));
    p->ncodes = 0;
    from = bench_ns();

    for (i = 0; i < p->nterms; i++) {
        p->codes[p->ncodes] = compile(p->terms[i], PCRE2_UTF | PCRE2_UCP
                                      | PCRE2_CASELESS, why, sizeof(why));
        if (p->codes[p->ncodes] != NULL) {
            p->ncodes++;
        }
    }

    built = (bench_ns() - from) / 1e6;
    pcre_ready(p);
    bench_run(each ? "regexes-each" : "regexes", p->len,
              each ? run_each : run_pcre, p, built, p->ncodes, &p->hits);
}


#if (HAVE_HS)

static int
on_match(unsigned int id, unsigned long long from, unsigned long long to,
    unsigned int flags, void *ctx)
{
    peer_t  *p = ctx;

    (void) id;
    (void) from;
    (void) to;
    (void) flags;
    p->hits++;

    return 0;
}


/* s as it is under the default folds: 2.3 GB/s of it are the table's, the
 * rest is UTF-8 */

static size_t
fold(const uint32_t *table, const uint8_t *s, size_t n, uint8_t *out)
{
    size_t    i, len;
    uint8_t  *w;
    uint32_t  cp;

    w = out;

    for (i = 0; i < n; i += len) {
        if (s[i] < 0x80) {
            len = 1;
            cp = table[s[i]];

        } else if (s[i] >= 0xe1 && s[i] <= 0xef && n - i >= 3) {
            len = 3;
            cp = table[(s[i] & 15) << 12 | (s[i + 1] & 63) << 6
                       | (s[i + 2] & 63)];

        } else {
            cp = mdr_utf8_next(s + i, n - i, &len);
            if (len == 0) {
                break;
            }
            cp = table[cp];
        }

        if (cp >= 0x800 && cp < 0x10000) {
            w[0] = (uint8_t) (0xe0 | cp >> 12);
            w[1] = (uint8_t) (0x80 | ((cp >> 6) & 63));
            w[2] = (uint8_t) (0x80 | (cp & 63));
            w += 3;

        } else if (cp != 0) {
            w += mdr_utf8_put(w, cp);
        }
    }

    return (size_t) (w - out);
}


static uint32_t *
fold_table(void)
{
    uint32_t        cp, *table;
    mdr_fold_seq_t  forms[MDR_FOLD_ALTS];

    table = calloc(0x110000, sizeof(uint32_t));

    for (cp = 1; cp < 0x110000; cp++) {
        if (cp >= 0xd800 && cp < 0xe000) {
            continue;
        }

        if (!mdr_fold_dropped(cp, MDR_FOLD_DEFAULT)) {
            mdr_fold_forms(cp, MDR_FOLD_DEFAULT, forms);
            table[cp] = forms[0].n != 0 ? forms[0].cp[0] : cp;
        }
    }

    return table;
}


static void
run_hs(void *ctx)
{
    peer_t  *p = ctx;

    p->hits = 0;
    hs_scan(p->db, (const char *) p->text, (unsigned) p->len, 0, p->scratch,
            on_match, p);
}


static void
run_hs_fold(void *ctx)
{
    size_t   i, n, k;
    peer_t  *p = ctx;

    p->hits = 0;

    /* by blocks that stay in the first cache, cut at lines */

    for (i = 0; i < p->len; i += k) {
        k = p->len - i;
        if (k > 16384) {
            for (k = 16384; p->text[i + k - 1] != '\n'; k--) { /* void */ }
        }

        n = fold(p->table, p->text + i, k, p->copy);
        hs_scan(p->db, (const char *) p->copy, (unsigned) n, 0, p->scratch,
                on_match, p);
    }
}


static void
hs(peer_t *p, int folded)
{
    char                **terms;
    size_t                i, n, size, *lens;
    double                from, built;
    unsigned             *flags, *ids;
    const char           *name;
    hs_compile_error_t   *error;

    name = folded ? "hs-fold" : "hs";
    terms = malloc(p->nterms * sizeof(char *));
    lens = malloc(p->nterms * sizeof(size_t));
    flags = calloc(p->nterms, sizeof(unsigned));
    ids = malloc(p->nterms * sizeof(unsigned));

    if (folded) {
        p->table = fold_table();
    }

    for (i = 0, n = 0; i < p->nterms; i++) {
        size = strlen(p->terms[i]);
        terms[n] = malloc(4 * size + 1);

        if (folded) {
            lens[n] = fold(p->table, (const uint8_t *) p->terms[i], size,
                           (uint8_t *) terms[n]);
        } else {
            memcpy(terms[n], p->terms[i], size);
            lens[n] = size;
        }

        ids[n] = (unsigned) n;
        n += lens[n] != 0;
    }

    from = bench_ns();

    if (hs_compile_lit_multi((const char *const *) terms, flags, ids, lens,
                             (unsigned) n, HS_MODE_BLOCK, NULL, &p->db,
                             &error)
        != HS_SUCCESS)
    {
        bench_failed(name, error->message);
        return;
    }

    built = (bench_ns() - from) / 1e6;
    hs_alloc_scratch(p->db, &p->scratch);
    hs_database_size(p->db, &size);

    bench_run(name, p->len, folded ? run_hs_fold : run_hs, p, built, size,
              &p->hits);
}

#endif


#if (HAVE_JANSSON)

static void
run_jansson(void *ctx)
{
    peer_t  *p = ctx;
    json_t  *j;

    j = json_loadb((const char *) p->text, p->len, 0, NULL);
    p->hits += j != NULL;
    json_decref(j);
}

#endif


int
main(int argc, char **argv)
{
    peer_t       p;
    const char  *what;

    memset(&p, 0, sizeof(p));
    what = argc > 2 ? argv[1] : "";

    if (argc == 3) {
        p.text = bench_read(argv[2], &p.len);
        p.copy = malloc(p.len * 3 + 65536);
        memset(p.copy, 1, p.len * 3 + 65536);

        if (strcmp(what, "limits") == 0) {
            limits(&p);
            return 0;
        }

#if (HAVE_JANSSON)
        if (strcmp(what, "jansson") == 0) {
            bench_run("jansson", p.len, run_jansson, &p, 0, 0, &p.hits);
            return 0;
        }
#endif

    } else if (argc == 4) {
        read_lines(&p, argv[2]);
        p.text = bench_read(argv[3], &p.len);
        p.copy = malloc(p.len * 3 + 65536);

        if (strcmp(what, "pcre") == 0) {
            pcre(&p);
            return 0;
        }

        if (strcmp(what, "regexes") == 0
            || strcmp(what, "regexes-each") == 0)
        {
            regexes(&p, what[7] == '-');
            return 0;
        }

#if (HAVE_HS)
        if (strcmp(what, "hs") == 0 || strcmp(what, "hs-fold") == 0) {
            hs(&p, what[2] == '-');
            return 0;
        }
#endif
    }

    fprintf(stderr, "peers: not built in, or see the head of peers.c\n");

    return 2;
}
