/*
 * fuzz_proof.c - any bytes as a checkpoint, a signed note, a key, a proof.
 *
 * What is taken is printed again and must be the same bytes: there is one way
 * to write each of them.
 */

#include "moderationd/log/proof.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t              i;
    int64_t             when, len;
    mdd_buf_t           b = { 0 };
    mdd_vkey_t          v, any;
    const char         *p = (const char *) data;
    mdd_hash_t          root = { 0 };
    mdd_proof_t        *pr;
    mdd_checkpoint_t    c;

    static const char  key[] = "example.com/log+deadbeef+"
                               "AbtKkerofZpq7AwQ4eyfWjWpKvclvOsviQI8AH4ydtAA";

    if (mdd_checkpoint_parse(&c, p, size) == MDD_OK) {
        mdd_checkpoint_print(&c, &b);
        if (b.n > size || memcmp(b.p, p, b.n) != 0) {
            abort();
        }
    }

    b.n = 0;
    if (mdd_vkey_parse(&v, p, size) == MDD_OK) {
        mdd_vkey_print(&v, &b);
        if (b.n - 1 > size || memcmp(b.p, p, b.n - 1) != 0) {
            abort();
        }
    }
    mdd_buf_free(&b);

    (void) mdd_vkey_parse(&any, key, strlen(key));
    len = mdd_note_verify(p, size, &any, &when);
    if (len >= 0) {
        abort();                    /* nobody has signed this                 */
    }

    pr = malloc(sizeof(mdd_proof_t));
    if (pr != NULL && mdd_proof_parse(pr, p, size) == MDD_OK) {
        for (i = 1; i < 100; i += 7) {
            if (pr->n > 0 && pr->index > 0
                && mdd_inclusion_ok(root, pr->index, pr->index + i,
                                    (const mdd_hash_t *) pr->path, pr->n,
                                    root))
            {
                abort();
            }
        }
        (void) mdd_proof_verify(pr, data, size, &any, &c);
    }
    free(pr);

    return 0;
}
