/*
 * schema_alarm.h - the step of schema.c for alarms and for what is told to
 * others.
 *
 * alarm     one from its begin to its end (ended 0: it stands); key: kind/what
 * mute      keys that are told to nobody for a time
 * baseline  what early warning has learnt of a counter (burst.h)
 * outbox    webhooks that were not taken yet, in order for each target
 */

#ifndef MDD_SCHEMA_ALARM_H
#define MDD_SCHEMA_ALARM_H

#define MDD_SCHEMA_ALARM                                                      \
"CREATE TABLE alarm ("                                                        \
"  id @int PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL,"               \
"  what TEXT NOT NULL, level TEXT NOT NULL, n @int NOT NULL,"                 \
"  expected @int NOT NULL, began @int NOT NULL, ended @int NOT NULL,"         \
"  person TEXT NOT NULL, at @int NOT NULL, detail TEXT NOT NULL) @strict;"    \
"CREATE INDEX alarm_ended ON alarm (ended, id);"                              \
"CREATE TABLE mute ("                                                         \
"  key TEXT PRIMARY KEY, until @int NOT NULL, person TEXT NOT NULL,"          \
"  time @int NOT NULL) @strict;"                                              \
"CREATE TABLE baseline ("                                                     \
"  key TEXT PRIMARY KEY, asked @int NOT NULL, time @int NOT NULL,"            \
"  state @blob NOT NULL) @strict;"                                            \
"CREATE TABLE outbox ("                                                       \
"  id @int PRIMARY KEY, target TEXT NOT NULL, type TEXT NOT NULL,"            \
"  body TEXT NOT NULL, time @int NOT NULL, tries @int NOT NULL,"              \
"  next @int NOT NULL) @strict;"                                              \
"CREATE INDEX outbox_target ON outbox (target, id);"

/* a notice to an owner, from its decision to what became of it (notice.c);
 * what: fingerprint or item; outbox: its webhook */
#define MDD_SCHEMA_NOTICE                                                     \
"CREATE TABLE notice ("                                                       \
"  id @int PRIMARY KEY, decision TEXT NOT NULL, who TEXT NOT NULL,"           \
"  account TEXT NOT NULL, item TEXT NOT NULL, rule TEXT NOT NULL,"            \
"  what TEXT NOT NULL, reason TEXT NOT NULL, site TEXT NOT NULL,"             \
"  time @int NOT NULL, outbox @int NOT NULL, taken @int NOT NULL,"            \
"  state TEXT NOT NULL) @strict;"                                             \
"CREATE INDEX notice_decision ON notice (decision);"                          \
"CREATE INDEX notice_account ON notice (account, time);"                      \
"CREATE INDEX notice_outbox ON notice (outbox);"                              \
"CREATE INDEX notice_state ON notice (state, taken);"

#endif
