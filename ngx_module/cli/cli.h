/*
 * cli.h - what the commands of moderationctl share.
 */

#ifndef MDR_CLI_H
#define MDR_CLI_H

#include "moderation.h"

/* a command gets what follows its name; its result is the exit status */

int cmd_check(int argc, char **argv);
int cmd_compile(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_scan(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_learn(int argc, char **argv);
int cmd_kill(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_keys(int argc, char **argv);
int cmd_ledger(int argc, char **argv);
int cmd_queue(int argc, char **argv);
int cmd_review(int argc, char **argv);
int cmd_open(int argc, char **argv);
int cmd_partner(int argc, char **argv);
int cmd_evidence(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_store(int argc, char **argv);
int cmd_witness(int argc, char **argv);
int cmd_alarms(int argc, char **argv);
int cmd_geoip2(int argc, char **argv);

/* cli.c: loads a policy (YAML file, folder, or compiled image) and prints
 * all diagnostics to stderr; NULL: it cannot be used */
mdr_policy_t *cli_load(const char *path, int64_t now);

/* MDR_TYPE_* of a name that --type takes, -1: none */
int cli_body_type(const char *name);

/* cmd_fingerprints.c: two fetches of a page; the exit status */
int cli_fingerprints(const mdr_policy_t *policy, const mdr_scan_conf_t *conf,
    const char *a, const char *b);

/* ask.c: one request to a running moderationd, as root or its own user: the
 * body of the answer, of malloc, *n bytes and a NUL; NULL and a message */
#define CLI_SOCKET  "/run/moderation/scgi.sock"
char *cli_ask(const char *socket, const char *method, const char *path,
    const char *query, const char *body, int *status, size_t *n);
/* name=value, encoded, with & before it; at most room bytes */
void cli_query(char *query, size_t room, const char *name,
    const char *value);

/* learn_ledger.c: titles that people judged, a line each: 1 (rejected for the
 * label) or 0 (released), tab, the field; conf: the daemon's file.  To be
 * freed; NULL: it has been said why */
char *cli_learn_ledger(const char *conf, const char *label, const char *field,
    size_t *len);

/* prints that the arguments of a command do not fit, and where its help is;
 * the exit status 2 */
int cli_usage(const char *command);

/* the word of n that is meant by w, or NULL */
const char *cli_nearest(const char *w, const char *const *words, size_t n);

/* 1 if the environment asks for Chinese (LC_ALL, LC_MESSAGES, LANG) */
int cli_wants_zh(void);

/* en..., zh...: 0 or 1; -1: none of them */
int cli_lang(const char *word);

/* watch.c: what the files of a policy are now, and a wait until that is no
 * longer so */
uint64_t cli_watch_look(const char *path);
void cli_watch_wait(const char *path, uint64_t seen);

const char *cli_mode_name(int mode);
const char *cli_suggestion_name(int suggestion);
const char *cli_action_name(int action);

#endif
