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
int cmd_store(int argc, char **argv);
int cmd_witness(int argc, char **argv);
int cmd_geoip2(int argc, char **argv);

/* cli.c: loads a policy (YAML file, folder, or compiled image) and prints
 * all diagnostics to stderr; NULL: it cannot be used */
mdr_policy_t *cli_load(const char *path, int64_t now);

/* cmd_fingerprints.c: two fetches of a page; the exit status */
int cli_fingerprints(const mdr_policy_t *policy, const mdr_scan_conf_t *conf,
    const char *a, const char *b);

/* prints that the arguments of a command do not fit, and where its help is;
 * the exit status 2 */
int cli_usage(const char *command);

/* the word of n that is meant by w, or NULL */
const char *cli_nearest(const char *w, const char *const *words, size_t n);

const char *cli_mode_name(int mode);
const char *cli_suggestion_name(int suggestion);
const char *cli_action_name(int action);

#endif
