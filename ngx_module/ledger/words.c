/*
 * words.c - the words of the product, by the numbers of words.h.
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

const char *const  mdl_errors[MDL_ERRS] = {
    [MDL_ERR_OTHER] = "other",
    [MDL_ERR_BROKEN] = "broken",
    [MDL_ERR_TOO_LARGE] = "too_large",
    [MDL_ERR_CHARSET] = "charset",
    [MDL_ERR_DEPTH] = "depth",
    [MDL_ERR_UNREADABLE] = "unreadable",
    [MDL_ERR_MEMORY] = "memory",
    [MDL_ERR_REGEX_LIMIT] = "regex_limit",
    [MDL_ERR_MATCH_LIMIT] = "match_limit",
    [MDL_ERR_BUDGET] = "budget",
    [MDL_ERR_PARTIAL] = "partial",
    [MDL_ERR_ENCODING] = "encoding",
    [MDL_ERR_BAD_MODE] = "bad_mode",
    [MDL_ERR_STATUS] = "status",
    [MDL_ERR_CSP_HASH] = "csp_hash"
};

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

const char *const  mdl_accounts[] = {
    "none", "watched", "limited", "suspended", "closed", "trusted"
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
