/*
 * rule_keys.c - the keys of a rule that hold one value, a row each.
 *
 * The loader reads them by this table, the image and its checks are made by it,
 * `diff` says by it what has changed, and t/42-schema.t holds the schema to it.
 * What has a form of its own (match, tests, slots, jurisdiction ...) stands in
 * the files that know it.
 */

#include "model.h"
#include "ledger/words.h"

#include <stddef.h>


static const char *const  statuses[] = {
    "draft", "test", "stable", "deprecated"
};

static const char *const  risks[] = { "low", "medium", "high" };


/* both texts stand beside one another */

_Static_assert(offsetof(mdr_rule_t, title_en)
               == offsetof(mdr_rule_t, title_zh) + sizeof(mdr_str_t)
               && offsetof(mdr_rule_t, notice_en)
                  == offsetof(mdr_rule_t, notice_zh) + sizeof(mdr_str_t),
               "zh, en");

#define AT(member)  .at = offsetof(mdr_rule_t, member)

const mdr_rule_key_t  mdr_rule_keys[] = {
    { "mode", MDR_KEY_WORD, AT(mode), .words = mdl_modes, .max = MDL_MODES - 1 },
    { "status", MDR_KEY_WORD, AT(status), .words = statuses, .max = 3,
      .initial = MDR_STATUS_STABLE },
    { "suggestion", MDR_KEY_WORD, AT(suggestion), .words = mdl_suggestions,
      .max = MDL_SUGGEST_ERROR - 1, .initial = MDR_BLOCK },
    { "action", MDR_KEY_WORD, AT(action), .words = mdl_actions,
      .max = MDL_ACTIONS - 1 },
    { "risk_level", MDR_KEY_WORD, AT(risk_level), .words = risks, .max = 2,
      .initial = 1 },
    { "owner", MDR_KEY_STRING, AT(owner) },
    { "label", MDR_KEY_NAME, AT(label), .max = 64, .required = 1 },
    { "sub_label", MDR_KEY_NAME, AT(sub_label), .max = 64 },
    { "title", MDR_KEY_TEXTS, AT(title_zh) },
    { "notice", MDR_KEY_TEXTS, AT(notice_zh) },
    { "rev", MDR_KEY_U32, AT(rev), .min = 1, .max = 1000000000, .initial = 1,
      .quiet = 1 },
    { "rollout", MDR_KEY_U8, AT(rollout), .max = 100, .initial = 100 },
    { "expires", MDR_KEY_DAY, AT(expires_day), .initial = INT32_MAX },
    { "max_rate", MDR_KEY_REAL, AT(max_rate), .max = 1000000 },
    { "precision", MDR_KEY_REAL, AT(precision), .max = 1 },

    /* parts of other keys: they are read with these */

    { "basis kind", MDR_KEY_STRING, AT(basis_kind), .part = 1 },
    { "basis", MDR_KEY_STRING, AT(basis_ref), .part = 1 },
    { "brake max_ratio", MDR_KEY_REAL, AT(brake_max_ratio), .max = 1,
      .part = 1 },
    { "brake min_hits", MDR_KEY_U32, AT(brake_min_hits), .max = 1000000000,
      .part = 1 },
    { "brake window", MDR_KEY_U32, AT(brake_window_s), .max = 30 * 86400,
      .part = 1 }
};

const size_t  mdr_nrule_keys = sizeof(mdr_rule_keys)
                               / sizeof(mdr_rule_keys[0]);
