/*
 * schema_case.h - the step of schema.c for readers: reports, cases, appeals.
 *
 * A case is about one thing (a decision, or an item that passed); reports on
 * the same thing attach to it.  Texts and reporters are private and are
 * deleted with their retention.
 */

#ifndef MDD_SCHEMA_CASE_H
#define MDD_SCHEMA_CASE_H

#define MDD_SCHEMA_CASE                                                       \
"CREATE TABLE casefile ("                                                     \
"  id @int PRIMARY KEY, kind TEXT NOT NULL, item TEXT NOT NULL,"              \
"  page TEXT NOT NULL, decision TEXT NOT NULL, reason TEXT NOT NULL,"         \
"  state TEXT NOT NULL, outcome TEXT NOT NULL, reply TEXT NOT NULL,"          \
"  person TEXT NOT NULL, time @int NOT NULL, due @int NOT NULL,"              \
"  closed @int NOT NULL) @strict;"                                            \
"CREATE INDEX casefile_state ON casefile (state, due);"                       \
"CREATE INDEX casefile_item ON casefile (item, state);"                       \
"CREATE TABLE report ("                                                       \
"  number TEXT PRIMARY KEY, casefile @int NOT NULL, kind TEXT NOT NULL,"      \
"  time @int NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL,"             \
"  reporter TEXT NOT NULL) @strict;"                                          \
"CREATE INDEX report_case ON report (casefile);"

#endif
