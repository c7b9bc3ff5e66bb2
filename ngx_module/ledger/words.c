/*
 * words.c - the words of the record, by the numbers of words.h.
 */

#include "words.h"

#include <string.h>


const char *const  mdl_types[] = {
    "head", "decision", "counts", "stats", "sample", "page", "error",
    "policy", "end"
};

const char *const  mdl_modes[] = { "off", "shadow", "enforce" };

const char *const  mdl_suggestions[] = { "pass", "review", "block", "error" };

const char *const  mdl_actions[] = { "none", "tag", "mask", "hold", "block" };

const char *const  mdl_whys[] = {
    "none", "rule", "review", "order", "account", "page", "limit",
    "too_large", "unreadable", "floor", "sample"
};

const char *const  mdl_bys[] = {
    "own", "report", "order", "sample", "import"
};

const char *const  mdl_autos[] = { "full", "partial", "none" };

const char *const  mdl_reviews[] = {
    "none", "released", "rejected", "pending", "adopted", "expired"
};

const char *const  mdl_pages[] = { "missing", "inserted", "guard" };

const char *const  mdl_policies[] = {
    "live", "refused", "brake", "kill", "candidate", "switch"
};

const char *const  mdl_stats[] = {
    "items", "hits", "actions", "errors", "page", "lost"
};


int
mdl_word(const char *const *words, int n, const char *s, size_t len)
{
    int  i;

    for (i = 0; i < n; i++) {
        if (strlen(words[i]) == len && memcmp(words[i], s, len) == 0) {
            return i;
        }
    }

    return -1;
}
