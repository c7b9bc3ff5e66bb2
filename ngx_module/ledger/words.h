/*
 * words.h - the words of the product, and the enumerations behind them: what a
 * mode, a suggestion, an action, an error is called wherever it is written or
 * read, and the words of the record.
 *
 * The glue writes them, the daemon reads them; a word that is not in these
 * tables is not in a line.  Enumerations are the numbers of mapped tables and
 * of the shared zone, too: new ones are added at the end.
 */

#ifndef MDL_WORDS_H
#define MDL_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* type of a line */
enum { MDL_HEAD, MDL_DECISION, MDL_COUNTS, MDL_STATS, MDL_SAMPLE, MDL_PAGE,
       MDL_ERROR, MDL_POLICY, MDL_END, MDL_TYPES };

/* the first five of mode, suggestion and action: as the engine numbers them */
enum { MDL_MODE_OFF, MDL_MODE_SHADOW, MDL_MODE_ENFORCE, MDL_MODES };

enum { MDL_PASS, MDL_SUGGEST_REVIEW, MDL_SUGGEST_BLOCK, MDL_SUGGEST_ERROR,
       MDL_SUGGESTIONS };

enum { MDL_ACT_NONE, MDL_ACT_TAG, MDL_ACT_MASK, MDL_ACT_HOLD, MDL_ACT_BLOCK,
       MDL_ACTIONS };

/* why: what decided about the item.  too_large to errors: it could not be
 * inspected */
enum { MDL_WHY_NONE, MDL_WHY_RULE, MDL_WHY_REVIEW, MDL_WHY_ORDER,
       MDL_WHY_ACCOUNT, MDL_WHY_PAGE, MDL_WHY_LIMIT, MDL_WHY_TOO_LARGE,
       MDL_WHY_UNREADABLE, MDL_WHY_FLOOR, MDL_WHY_SAMPLE, MDL_WHYS };

enum { MDL_BY_OWN, MDL_BY_REPORT, MDL_BY_ORDER, MDL_BY_SAMPLE, MDL_BY_IMPORT,
       MDL_BYS };

/* who decided: a rule alone; a rule, until a person has looked; a person */
enum { MDL_AUTO_FULL, MDL_AUTO_PARTIAL, MDL_AUTO_NONE, MDL_AUTOS };

/* what was known of the item: the verdicts of mapped tables (table.h) */
enum { MDL_REVIEW_NONE, MDL_REVIEW_RELEASED, MDL_REVIEW_REJECTED,
       MDL_REVIEW_PENDING, MDL_REVIEW_ADOPTED, MDL_REVIEW_EXPIRED,
       MDL_REVIEWS };

/* states of an account */
enum { MDL_ACCOUNT_NONE, MDL_ACCOUNT_WATCHED, MDL_ACCOUNT_LIMITED,
       MDL_ACCOUNT_SUSPENDED, MDL_ACCOUNT_CLOSED, MDL_ACCOUNT_TRUSTED,
       MDL_ACCOUNTS };

#define MDL_CREDIT  100         /* of whom nothing is known                  */

/* of a page line */
enum { MDL_PAGE_MISSING, MDL_PAGE_INSERTED, MDL_PAGE_GUARD, MDL_PAGES };

/* of a policy line */
enum { MDL_POLICY_LIVE, MDL_POLICY_REFUSED, MDL_POLICY_BRAKE,
       MDL_POLICY_KILL, MDL_POLICY_CANDIDATE, MDL_POLICY_SWITCH,
       MDL_POLICIES };

/* what a counter of a stats line counts */
enum { MDL_STAT_ITEMS, MDL_STAT_HITS, MDL_STAT_ACTIONS, MDL_STAT_ERRORS,
       MDL_STAT_PAGE, MDL_STAT_LOST, MDL_STATS_WORDS };

/* what could not be inspected, a bit each of a response: as the engine numbers
 * it (MDR_ERR_*), and from MDL_ERR_PARTIAL on what the glue finds */
enum { MDL_ERR_OTHER, MDL_ERR_BROKEN, MDL_ERR_TOO_LARGE, MDL_ERR_CHARSET,
       MDL_ERR_DEPTH, MDL_ERR_UNREADABLE, MDL_ERR_MEMORY, MDL_ERR_REGEX_LIMIT,
       MDL_ERR_MATCH_LIMIT, MDL_ERR_BUDGET, MDL_ERR_PARTIAL = 16,
       MDL_ERR_ENCODING, MDL_ERR_BAD_MODE, MDL_ERR_STATUS, MDL_ERR_CSP_HASH,
       MDL_ERRS = 32 };

extern const char *const  mdl_errors[MDL_ERRS];     /* NULL: none            */
extern const char *const  mdl_types[MDL_TYPES];
extern const char *const  mdl_modes[MDL_MODES];
extern const char *const  mdl_suggestions[MDL_SUGGESTIONS];
extern const char *const  mdl_actions[MDL_ACTIONS];
extern const char *const  mdl_whys[MDL_WHYS];
extern const char *const  mdl_bys[MDL_BYS];
extern const char *const  mdl_autos[MDL_AUTOS];
extern const char *const  mdl_reviews[MDL_REVIEWS];
extern const char *const  mdl_accounts[MDL_ACCOUNTS];
extern const char *const  mdl_pages[MDL_PAGES];
extern const char *const  mdl_policies[MDL_POLICIES];
extern const char *const  mdl_stats[MDL_STATS_WORDS];

/* the number of a word among n, or -1 */
int mdl_word(const char *const *words, int n, const char *s, size_t len);

#endif
