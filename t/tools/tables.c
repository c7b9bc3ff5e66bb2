/*
 * tables.c - writes mapped tables as a daemon does, for the suites: tables DIR
 * KEYFILE reads commands, a line each, fields separated by tabs, and answers
 * "ok" or what was wrong.
 *
 *   item VERDICT SCOPE EXPIRY FLAGS ITEM [NAME VALUE]...
 *   account STATE ID           order KIND VALUE EXPIRY
 *   wanted ID                  phrases TEXT...
 *   switch HOST SLOT MODE UNTIL
 *   beat MS (0: now)           grow TABLE        many N (items)
 */

#include "ledger/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char    *dir;
static char           err[512];
static mdl_key_t      key;
static mdl_table_t   *t[MDL_TABLES];
static uint64_t       seq;


static mdl_str_t
str(const char *s)
{
    mdl_str_t  v;

    v.data = s;
    v.len = strlen(s);

    return v;
}


static int
put(int kind, const uint8_t *k, mdl_entry_t *e)
{
    e->seq = ++seq;

    if (mdl_table_put(t[kind], k, e) == 1
        && (mdl_table_grow(&t[kind], 0, err, sizeof(err)) != 0
            || mdl_table_put(t[kind], k, e) != 0))
    {
        return -1;
    }

    return 0;
}


static int
carry(void *data, const uint8_t *k, const mdl_entry_t *e)
{
    return mdl_table_put(data, k, e);
}


static int
fresh(int kind, const char *blob, size_t len)
{
    static const uint8_t  timeline[16] = { 9 };
    mdl_table_t          *n;

    n = mdl_table_new(dir, kind, 100, timeline, t[kind], blob, len, err,
                      sizeof(err));

    if (n == NULL
        || (t[kind] != NULL && mdl_table_each(t[kind], carry, n) != 0)
        || mdl_table_publish(n, err, sizeof(err)) != 0)
    {
        return -1;
    }

    mdl_table_free(t[kind]);
    t[kind] = n;

    return 0;
}


static int
item(char **f, int n)
{
    int          i, k;
    uint8_t      print[MDL_HASH];
    mdl_str_t    scope[8];
    mdl_pair_t   pairs[16];
    mdl_entry_t  e;
    char        *p;

    memset(&e, 0, sizeof(e));
    i = mdl_word(mdl_reviews, MDL_REVIEWS, f[1], strlen(f[1]));

    if (n < 6 || i < 0) {
        return -1;
    }

    e.verdict = (uint8_t) i;

    for (k = 0, p = strtok(f[2], ","); p != NULL && k < 8;
         p = strtok(NULL, ","))
    {
        scope[k++] = str(p);
    }

    e.scope = mdl_scope(scope, (size_t) k);
    e.expiry = (uint32_t) strtoul(f[3], NULL, 10);
    e.flags = (uint8_t) atoi(f[4]);

    for (k = 0, i = 6; i + 1 < n && k < 16; i += 2, k++) {
        pairs[k].name = str(f[i]);
        pairs[k].value = str(f[i + 1]);
    }

    mdl_fingerprint(&key, str(f[5]), pairs, (size_t) k, print);

    return put(MDL_TABLE_ITEMS, print, &e);
}


static int
command(char **f, int n)
{
    int          i, k;
    char         blob[8192];
    size_t       len;
    uint8_t      hash[MDL_HASH];
    mdl_entry_t  e;

    memset(&e, 0, sizeof(e));

    if (strcmp(f[0], "item") == 0 && n >= 6) {
        return item(f, n);
    }

    if (strcmp(f[0], "account") == 0 && n == 3) {
        i = mdl_word(mdl_accounts, MDL_ACCOUNTS, f[1], strlen(f[1]));
        e.verdict = (uint8_t) i;
        mdl_hash(&key, "account", str(f[2]), hash);
        return i < 0 ? -1 : put(MDL_TABLE_ACCOUNTS, hash, &e);
    }

    if (strcmp(f[0], "order") == 0 && n == 4) {
        i = mdl_word(mdl_orders, MDL_ORDERS, f[1], strlen(f[1]));
        e.verdict = (uint8_t) i;
        e.expiry = (uint32_t) strtoul(f[3], NULL, 10);
        mdl_hash(&key, f[1], str(f[2]), hash);

        if (e.expiry == 1) {                /* lifted                        */
            e.verdict = 0;
        }

        return i < 0 ? -1 : put(MDL_TABLE_ORDERS, hash, &e);
    }

    if (strcmp(f[0], "phrases") == 0) {
        for (i = 1, len = 0; i < n; i++) {
            mdl_hash(&key, "phrase", str(f[i]), hash);
            for (k = 0; k < MDL_HASH; k++) {
                len += (size_t) sprintf(blob + len, "%02x", hash[k]);
            }
            len += (size_t) sprintf(blob + len, " %s\n", f[i]);
        }
        return fresh(MDL_TABLE_ORDERS, blob, len);
    }

    if (strcmp(f[0], "wanted") == 0 && n == 2) {
        e.verdict = 1;
        mdl_hash(&key, "item", str(f[1]), hash);
        return put(MDL_TABLE_WANTED, hash, &e);
    }

    if (strcmp(f[0], "switch") == 0 && n == 5) {
        i = mdl_word(mdl_modes, MDL_MODES, f[3], strlen(f[3]));
        return i < 0 ? -1 : mdl_table_switch(t[MDL_TABLE_ORDERS], str(f[1]),
                                             str(f[2]), (uint8_t) i,
                                             strtoull(f[4], NULL, 10));
    }

    if (strcmp(f[0], "beat") == 0 && n == 2) {
        uint64_t  ms = strtoull(f[1], NULL, 10);

        for (i = 0; i < MDL_TABLES; i++) {
            mdl_table_beat(t[i], ms != 0 ? ms
                                         : (uint64_t) time(NULL) * 1000);
        }
        return 0;
    }

    if (strcmp(f[0], "grow") == 0 && n == 2) {
        i = mdl_word(mdl_table_names, MDL_TABLES, f[1], strlen(f[1]));
        return i < 0 ? -1 : mdl_table_grow(&t[i], 0, err, sizeof(err));
    }

    if (strcmp(f[0], "many") == 0 && n == 2) {
        for (i = 0; i < atoi(f[1]); i++) {
            snprintf(blob, sizeof(blob), "none-%d", i);
            mdl_hash(&key, "many", str(blob), hash);
            e.verdict = MDL_REVIEW_REJECTED;
            if (put(MDL_TABLE_ITEMS, hash, &e) != 0) {
                return -1;
            }
        }
        return 0;
    }

    snprintf(err, sizeof(err), "unknown command");

    return -1;
}


int
main(int argc, char **argv)
{
    int    i, n, wide;
    char   line[65536], *f[64];

    if (argc != 3
        || mdl_key_load(&key, argv[2], &wide, err, sizeof(err)) != 0)
    {
        fprintf(stderr, "tables DIR KEYFILE: %s\n", err);
        return 2;
    }

    dir = argv[1];

    for (i = 0; i < MDL_TABLES; i++) {
        if (fresh(i, NULL, 0) != 0) {
            fprintf(stderr, "%s\n", err);
            return 2;
        }
    }

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("ok\n");

    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';

        for (n = 0, f[n] = line; n < 62; ) {
            char  *tab = strchr(f[n], '\t');

            if (tab == NULL) {
                n++;
                break;
            }
            *tab = '\0';
            f[++n] = tab + 1;
        }

        err[0] = '\0';
        printf("%s%s\n", command(f, n) == 0 ? "ok" : "failed: ",
               err);
    }

    return 0;
}
