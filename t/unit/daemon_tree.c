/*
 * daemon_tree.c - RFC 6962 trees, notes, checkpoints and proofs against what
 * Go's sumdb says (t/fixtures/ledger/tree.txt, by t/verify) and the examples
 * of the C2SP texts.
 */

#include "test.h"

#include "moderationd/log/proof.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LEAVES  70000


/* tiles in memory: level 0 to 2 */

static mdd_hash_t  tiles[3][LEAVES / 256 + 2][256];


static int
keep(void *data, int level, uint64_t index, const mdd_hash_t *h)
{
    (void) data;
    memcpy(tiles[level][index], h, sizeof(tiles[0][0]));

    return 0;
}


static int
get(void *data, int level, uint64_t index, unsigned width, mdd_hash_t *h)
{
    mdd_tree_t  *t = data;

    if (level > 2) {
        return -1;
    }

    if (width < 256 && index == t->size >> (8 * (level + 1))) {
        memcpy(h, t->h[level], width * sizeof(mdd_hash_t));
        return 0;
    }

    memcpy(h, tiles[level][index], width * sizeof(mdd_hash_t));

    return 0;
}


static void
leaf(uint64_t i, mdd_hash_t h)
{
    char  text[32];

    mdd_hash_leaf(h, text, (size_t) sprintf(text, "%llu",
                                            (unsigned long long) i));
}


static size_t
hashes(char *s, mdd_hash_t *out)
{
    char    *p;
    size_t   n;

    n = 0;
    for (p = strtok(s, " \n"); p != NULL; p = strtok(NULL, " \n")) {
        CHECK(mdd_unbase64(out[n++], MDD_HASH, p, strlen(p)) == MDD_HASH);
    }

    return n;
}


static void
vectors(void)
{
    int                 at;
    FILE               *f;
    char                line[8192], *rest;
    size_t              n, m, i;
    uint64_t            a, b, made;
    mdd_hash_t          want[MDD_PATH], got[MDD_PATH], root, old, h;
    static mdd_tree_t   t, full;
    const char         *file;

    test_begin("roots, inclusion and consistency as Go has them");

    file = getenv("TEST_FIXTURES") != NULL ? getenv("TEST_FIXTURES")
                                           : "t/fixtures";
    snprintf(line, sizeof(line), "%s/ledger/tree.txt", file);
    f = fopen(line, "r");
    CHECK(f != NULL);
    if (f == NULL) {
        return;
    }

    for (i = 0; i < LEAVES; i++) {
        leaf(i, h);
        CHECK(mdd_tree_add(&full, h, keep, NULL) == 0);
    }

    made = 0;

    while (fgets(line, sizeof(line), f) != NULL) {
        if (sscanf(line, "root %llu %n", (unsigned long long *) &a, &at) == 1)
        {
            /* grown leaf by leaf, and out of tiles */
            for ( ; made < a; made++) {
                leaf(made, h);
                CHECK(mdd_tree_add(&t, h, NULL, NULL) == 0);
            }
            mdd_tree_root(&t, root);
            CHECK(hashes(line + at, want) == 1);
            CHECK(memcmp(root, want[0], MDD_HASH) == 0);
            CHECK(mdd_tiles_root(a, get, &t, got[0]) == 0);
            CHECK(memcmp(root, got[0], MDD_HASH) == 0);
            continue;
        }

        if (sscanf(line, "inclusion %llu %llu%n", (unsigned long long *) &a,
                   (unsigned long long *) &b, &at) == 2)
        {
            rest = line + at;
            n = hashes(rest, want);
            CHECK(b == t.size);
            CHECK(mdd_tiles_inclusion(a, b, get, &t, got, &m) == 0);
            CHECK(m == n && memcmp(got, want, n * MDD_HASH) == 0);
            leaf(a, h);
            CHECK(mdd_inclusion_ok(h, a, b, (const mdd_hash_t *) got, m,
                                   root));
            CHECK(!mdd_inclusion_ok(h, a + 1, b, (const mdd_hash_t *) got, m,
                                    root));
            CHECK(n == 0 || !mdd_inclusion_ok(h, a, b,
                                              (const mdd_hash_t *) got,
                                              m - 1, root));
            leaf(a + 1, h);
            CHECK(!mdd_inclusion_ok(h, a, b, (const mdd_hash_t *) got, m,
                                    root));
            continue;
        }

        CHECK(sscanf(line, "consistency %llu %llu%n",
                     (unsigned long long *) &a, (unsigned long long *) &b,
                     &at) == 2);
        n = hashes(line + at, want);
        CHECK(b == t.size);
        CHECK(mdd_tiles_consistency(a, b, get, &t, got, &m) == 0);
        CHECK(m == n && memcmp(got, want, n * MDD_HASH) == 0);
        CHECK(mdd_tiles_root(a, get, &t, old) == 0);
        CHECK(mdd_consistency_ok(a, old, b, root, (const mdd_hash_t *) got,
                                 m));
        old[3] ^= 1;
        CHECK(!mdd_consistency_ok(a, old, b, root, (const mdd_hash_t *) got,
                                  m));
    }

    fclose(f);
    CHECK(made == LEAVES);
}


/* the example of C2SP signed-note, and damaged ones */

static void
notes(void)
{
    int64_t            when;
    mdd_buf_t          b = { 0 }, k = { 0 };
    mdd_key_t          key, witness;
    mdd_vkey_t         v;
    mdd_checkpoint_t   c, d;
    char               file[] = "/tmp/daemon_tree.XXXXXX", name[64];
    size_t             i, n;

    static const char  example[] =
        "example.com/behind-the-sofa\n20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

    test_begin("notes, keys, checkpoints");

    CHECK(mkdtemp(file) != NULL);
    snprintf(name, sizeof(name), "%s/key", file);
    CHECK(mdd_key_read(&key, name, "a.example/log/2026", MDD_KEY_LOG, 0)
          == MDD_FAILED);
    CHECK(mdd_key_read(&key, name, "a.example/log/2026", MDD_KEY_LOG, 1)
          == MDD_OK);
    CHECK(mdd_key_read(&witness, name, "w.example", MDD_KEY_WITNESS, 0)
          == MDD_OK);
    CHECK(memcmp(key.v.id, witness.v.id, 4) != 0);
    CHECK(mdd_key_read(&witness, name, "a b", MDD_KEY_LOG, 0) == MDD_FAILED);
    CHECK(mdd_key_read(&witness, name, "a+b", MDD_KEY_LOG, 0) == MDD_FAILED);
    CHECK(mdd_key_read(&witness, name, "a\xe2\x80\xa8" "b", MDD_KEY_LOG, 0)
          == MDD_FAILED);
    CHECK(mdd_key_read(&witness, name, "w.example", MDD_KEY_WITNESS, 0)
          == MDD_OK);

    mdd_vkey_print(&key.v, &k);
    CHECK(mdd_vkey_parse(&v, k.p, k.n) == MDD_OK);
    CHECK(memcmp(v.pub, key.v.pub, 32) == 0 && v.type == MDD_KEY_LOG);
    k.p[20] ^= 1;
    CHECK(mdd_vkey_parse(&v, k.p, k.n) == MDD_REFUSED);

    CHECK(mdd_checkpoint_parse(&c, example, strlen(example)) == MDD_OK);
    CHECK(c.size == 20852163);
    mdd_checkpoint_print(&c, &b);
    CHECK_STR(b.p, b.n, example);

    /* every cut of it is none */
    for (i = 0; i < strlen(example); i++) {
        CHECK(mdd_checkpoint_parse(&d, example, i) == MDD_REFUSED);
    }
    CHECK(mdd_checkpoint_parse(&d, "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3"
                               "j2jxq2I=\n", 50) == MDD_REFUSED);

    CHECK(mdd_note_sign(&b, &key, 1700000000000) == MDD_OK);
    CHECK(mdd_note_add(&b, &witness, 1700000000000) == MDD_OK);
    CHECK(mdd_note_verify(b.p, b.n, &key.v, &when)
          == (int64_t) strlen(example));
    CHECK(mdd_note_verify(b.p, b.n, &witness.v, &when)
          == (int64_t) strlen(example) && when == 1700000000);

    /* each bit matters, of the text and of the signature; what is after the
     * base64's last quantum is refused as well */
    n = b.n;
    for (i = 0; i < n; i++) {
        b.p[i] ^= 4;
        CHECK(mdd_note_verify(b.p, n, &key.v, &when) < 0
              || mdd_note_verify(b.p, n, &witness.v, &when) < 0);
        b.p[i] ^= 4;
    }

    mdd_buf_free(&b);
    mdd_buf_free(&k);
    unlink(name);
    rmdir(file);
}


static void
base64(void)
{
    char     text[64];
    uint8_t  out[16];

    test_begin("base64: one way to write it");

    CHECK(mdd_base64(text, "ab", 2) == 4 && strcmp(text, "YWI=") == 0);
    CHECK(mdd_unbase64(out, 16, "YWI=", 4) == 2);
    CHECK(mdd_unbase64(out, 16, "YWJ=", 4) == -1);
    CHECK(mdd_unbase64(out, 16, "YW==", 4) == -1);
    CHECK(mdd_unbase64(out, 16, "YQ==", 4) == 1);
    CHECK(mdd_unbase64(out, 16, "YQ=", 3) == -1);
    CHECK(mdd_unbase64(out, 16, "Y===", 4) == -1);
    CHECK(mdd_unbase64(out, 16, "=Q==", 4) == -1);
    CHECK(mdd_unbase64(out, 16, "YW I", 4) == -1);
    CHECK(mdd_unbase64(out, 0, "", 0) == 0);
    CHECK(mdd_unbase64(out, 1, "YWI=", 4) == -1);
}


int
main(void)
{
    vectors();
    notes();
    base64();

    return test_done();
}
