/*
 * schema.c - the tables, as steps from one version of the store to the next.
 *
 * A step that has been released is never changed: a new one is added below.
 * Every time is ms since 1970.  (log, leaf) says where in the ledger a row
 * comes from; what has none can be worked out again from what has.
 */

#include "db.h"
#include "schema_alarm.h"
#include "schema_case.h"
#include "schema_desk.h"

const char *const mdd_schema[] = {

/* 1: the record */
"CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) @strict;"

"CREATE TABLE log ("
"  log @int PRIMARY KEY, name TEXT NOT NULL UNIQUE, origin TEXT NOT NULL,"
"  size @int NOT NULL, root @blob NOT NULL, opened @int NOT NULL) @strict;"

"CREATE TABLE place ("
"  zone TEXT NOT NULL, place @int NOT NULL, next @int NOT NULL,"
"  lost @int NOT NULL, last @int NOT NULL, ended @int NOT NULL,"
"  PRIMARY KEY (zone, place)) @keyed;"

"CREATE TABLE zone ("
"  zone TEXT PRIMARY KEY, boot TEXT NOT NULL, first @int NOT NULL,"
"  last @int NOT NULL, gap @int NOT NULL) @strict;"

/* pos: bytes taken; log, leaf: its last one; done: nothing more will come */
"CREATE TABLE segment ("
"  name TEXT PRIMARY KEY, zone TEXT NOT NULL, place @int NOT NULL,"
"  inode @int NOT NULL, pos @int NOT NULL, log @int NOT NULL,"
"  leaf @int NOT NULL, time @int NOT NULL, done @int NOT NULL) @keyed;"

"CREATE TABLE lost ("
"  log @int NOT NULL, leaf @int NOT NULL, zone TEXT NOT NULL,"
"  place @int NOT NULL, first @int NOT NULL, last @int NOT NULL,"
"  time @int NOT NULL, PRIMARY KEY (log, leaf)) @strict;"

/* kind: decision | sample | page | error; label, rule: of the first rule;
 * rules: JSON as in the line; total, last: from counts, total 0 until the
 * first of them comes */
"CREATE TABLE decision ("
"  log @int NOT NULL, leaf @int NOT NULL, id TEXT NOT NULL,"
"  kind TEXT NOT NULL,"
"  time @int NOT NULL, node TEXT NOT NULL, mode TEXT, slot TEXT, host TEXT,"
"  page TEXT, suggestion TEXT, action TEXT, reason TEXT, found_by TEXT,"
"  automation TEXT, fingerprint TEXT, account TEXT, item TEXT, policy TEXT,"
"  place TEXT, review TEXT, label TEXT, rule TEXT, rules TEXT,"
"  total @int NOT NULL, last @int NOT NULL,"
"  PRIMARY KEY (log, leaf)) @keyed;"
"CREATE UNIQUE INDEX decision_id ON decision (id);"
"CREATE INDEX decision_time ON decision (time);"
"CREATE INDEX decision_item ON decision (item);"
"CREATE INDEX decision_account ON decision (account);"

"CREATE TABLE decision_rule ("
"  rule TEXT NOT NULL, log @int NOT NULL, leaf @int NOT NULL,"
"  rev @int NOT NULL, PRIMARY KEY (rule, log, leaf)) @keyed;"

"CREATE TABLE counts ("
"  id TEXT NOT NULL, zone TEXT NOT NULL, since @int NOT NULL,"
"  total @int NOT NULL, PRIMARY KEY (id, zone, since)) @keyed;"

"CREATE TABLE private ("
"  log @int NOT NULL, leaf @int NOT NULL, time @int NOT NULL,"
"  salt @blob NOT NULL, body TEXT NOT NULL, PRIMARY KEY (log, leaf)) @keyed;"

"CREATE TABLE stat ("
"  zone TEXT NOT NULL, what TEXT NOT NULL, slot TEXT NOT NULL,"
"  name TEXT NOT NULL, total @int NOT NULL, time @int NOT NULL,"
"  PRIMARY KEY (zone, what, slot, name)) @keyed;"

/* what was added in an hour; hour: ms of its begin */
"CREATE TABLE stat_hour ("
"  hour @int NOT NULL, what TEXT NOT NULL, slot TEXT NOT NULL,"
"  name TEXT NOT NULL, total @int NOT NULL,"
"  PRIMARY KEY (hour, what, slot, name)) @keyed;"

/* of the daemon, and policy lines of workers */
"CREATE TABLE event ("
"  log @int NOT NULL, leaf @int NOT NULL, time @int NOT NULL,"
"  type TEXT NOT NULL, public TEXT NOT NULL,"
"  PRIMARY KEY (log, leaf)) @strict;"
"CREATE INDEX event_type ON event (type, log, leaf);",

/* 2: the desk */
MDD_SCHEMA_DESK,

/* accounts */
MDD_SCHEMA_ACCOUNT,

/* what keeps private parts, and lines of a decision that has a row */
"CREATE TABLE hold ("
"  ref TEXT NOT NULL, log @int NOT NULL, leaf @int NOT NULL,"
"  until @int NOT NULL, PRIMARY KEY (log, leaf, ref)) @keyed;"
"CREATE TABLE decision_again ("
"  id TEXT NOT NULL, log @int NOT NULL, leaf @int NOT NULL,"
"  PRIMARY KEY (id, log, leaf)) @keyed;"
"CREATE INDEX private_time ON private (time);",

/* cases */
MDD_SCHEMA_CASE,

/* reports of a period: what each line of counts added; who reported, as a
 * keyed hash, and for which team; what a text says, as a hash */
"CREATE TABLE impression ("
"  log @int NOT NULL, leaf @int NOT NULL, mode TEXT NOT NULL,"
"  label TEXT NOT NULL, action TEXT NOT NULL, time @int NOT NULL,"
"  total @int NOT NULL, PRIMARY KEY (log, leaf, mode, label, action)) @keyed;"
"CREATE INDEX impression_time ON impression (time);"
"ALTER TABLE report ADD COLUMN team TEXT NOT NULL DEFAULT '';"
"ALTER TABLE report ADD COLUMN who TEXT NOT NULL DEFAULT '';"
"ALTER TABLE report ADD COLUMN print TEXT NOT NULL DEFAULT '';"
"CREATE INDEX report_time ON report (time);"
"CREATE INDEX review_time ON review (time);",

/* rules in shadow, ends of what is told */
MDD_SCHEMA_BRAKED,
/* rates of reporters */
"CREATE INDEX report_who ON report (who, time);",

/* alarms, webhooks */
MDD_SCHEMA_ALARM,

/* notices */
MDD_SCHEMA_NOTICE,

/* strikes of a rule */
"CREATE INDEX strike_rule ON strike (rule, state);",

/* names of closed accounts, as keyed hashes (near.h) */
"CREATE TABLE near_name ("
"  key @int NOT NULL, account TEXT NOT NULL, PRIMARY KEY (key, account)) "
"@keyed;"
"CREATE INDEX near_account ON near_name (account);",

/* broadcasts that are over, until workers have been told (desk_session.c) */
"CREATE TABLE session_over ("
"  print TEXT NOT NULL, scope TEXT NOT NULL, card @int NOT NULL,"
"  time @int NOT NULL, PRIMARY KEY (print, scope)) @keyed;",

/* looks again, calibration */
MDD_SCHEMA_AGAIN,

/* what is asked of a decision */
"CREATE INDEX casefile_decision ON casefile (decision);"
"CREATE INDEX card_decision ON card (decision);",

/* pictures whose bytes are compared (desk_cover.c) */
MDD_SCHEMA_COVER,

/* findings of pages, for alarms */
"CREATE INDEX decision_page ON decision (last) WHERE kind = 'page';",

/* cards that fill up a floor, for alarms */
"CREATE INDEX decision_floor ON decision (last) WHERE reason = 'floor';",

/* states that a score proposes; orders for some sites */
"ALTER TABLE account ADD COLUMN proposed TEXT NOT NULL DEFAULT '';"
"ALTER TABLE account ADD COLUMN proposed_at @int NOT NULL DEFAULT 0;"
"CREATE INDEX account_proposed ON account (proposed_at) "
"WHERE proposed <> '';"
"ALTER TABLE orders ADD COLUMN sites TEXT NOT NULL DEFAULT '';"
"CREATE INDEX orders_key ON orders (key, state);",

/* states that accounts had */
"CREATE TABLE account_was ("
"  id @int PRIMARY KEY, account TEXT NOT NULL, time @int NOT NULL,"
"  state TEXT NOT NULL, ends @int NOT NULL, person TEXT NOT NULL,"
"  reason TEXT NOT NULL) @strict;"
"CREATE INDEX account_was_account ON account_was (account, id);",

/* what waits and what was seen, counted without a look at the cards */
"DROP INDEX card_queue;"
"CREATE INDEX card_queue ON card (state, kind, queue, slot, first, due);"
"CREATE INDEX card_slot ON card (kind, slot, shadow, last, state);",

/* strikes of an account stand beside one another: they came over months, and
 * one by one they would be read from as many places of the disk */
"DROP INDEX strike_account;"
"CREATE INDEX strike_account ON strike (account, time, state, points, "
"half_life, rule, rev, decision);",

};

const int mdd_schema_version = sizeof(mdd_schema) / sizeof(mdd_schema[0]);
