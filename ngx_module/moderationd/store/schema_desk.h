/*
 * schema_desk.h - the step of schema.c that brings the desk: people, cards,
 * reviews, verdicts, orders, switches, second signatures.
 *
 * card      one of an item in a scope; `version` goes up with its fingerprint
 * review    what a person said of a version: first (of two), split (two who
 *           differ), proposed (by a trainee), standing, undone, rolled_back
 * verdict   what workers are told; `seq` orders its changes
 */

#ifndef MDD_SCHEMA_DESK_H
#define MDD_SCHEMA_DESK_H

#define MDD_SCHEMA_DESK                                                       \
"CREATE TABLE counter (name TEXT PRIMARY KEY, value @int NOT NULL) @strict;"  \
"CREATE TABLE person ("                                                       \
"  name TEXT PRIMARY KEY, alias TEXT NOT NULL, lang TEXT NOT NULL,"           \
"  seen @int NOT NULL) @strict;"                                              \
"CREATE TABLE rule_text ("                                                    \
"  rule TEXT NOT NULL, rev @int NOT NULL, text TEXT NOT NULL,"                \
"  time @int NOT NULL, PRIMARY KEY (rule, rev)) @strict;"                     \
"CREATE TABLE card ("                                                         \
"  card @int PRIMARY KEY, kind TEXT NOT NULL, scope TEXT NOT NULL,"           \
"  item TEXT NOT NULL, account TEXT NOT NULL, site TEXT NOT NULL,"            \
"  slot TEXT NOT NULL, queue TEXT NOT NULL, label TEXT NOT NULL,"             \
"  rule TEXT NOT NULL, state TEXT NOT NULL, version @int NOT NULL,"           \
"  fingerprint TEXT NOT NULL, log @int NOT NULL, leaf @int NOT NULL,"         \
"  decision TEXT NOT NULL, risk @int NOT NULL, cut @int NOT NULL,"            \
"  people @int NOT NULL, shadow @int NOT NULL, first @int NOT NULL,"          \
"  last @int NOT NULL, due @int NOT NULL, claimed TEXT NOT NULL,"             \
"  claim_until @int NOT NULL, ends @int NOT NULL) @strict;"                   \
"CREATE UNIQUE INDEX card_item ON card (kind, scope, item);"                  \
"CREATE INDEX card_due ON card (state, due, card);"                           \
"CREATE INDEX card_queue ON card (state, kind, queue);"                       \
"CREATE INDEX card_account ON card (account);"                                \
"CREATE INDEX card_print ON card (fingerprint);"                              \
"CREATE INDEX card_ends ON card (state, ends);"                               \
"CREATE INDEX card_claimed ON card (claimed, claim_until);"                   \
"CREATE TABLE version ("                                                      \
"  card @int NOT NULL, version @int NOT NULL, fingerprint TEXT NOT NULL,"     \
"  log @int NOT NULL, leaf @int NOT NULL, time @int NOT NULL,"                \
"  PRIMARY KEY (card, version)) @strict;"                                     \
"CREATE TABLE review ("                                                       \
"  review @int PRIMARY KEY, card @int NOT NULL, version @int NOT NULL,"       \
"  fingerprint TEXT NOT NULL, verdict TEXT NOT NULL, person TEXT NOT NULL,"   \
"  time @int NOT NULL, reason TEXT NOT NULL, note TEXT NOT NULL,"             \
"  ends @int NOT NULL, bulk @int NOT NULL, state TEXT NOT NULL,"              \
"  seq @int NOT NULL, log @int NOT NULL, leaf @int NOT NULL) @strict;"        \
"CREATE INDEX review_card ON review (card, version);"                         \
"CREATE INDEX review_person ON review (person, time);"                        \
"CREATE INDEX review_print ON review (fingerprint);"                          \
"CREATE INDEX review_bulk ON review (bulk);"                                  \
"CREATE TABLE verdict ("                                                      \
"  kind @int NOT NULL, key TEXT NOT NULL, scope TEXT NOT NULL,"               \
"  verdict @int NOT NULL, flags @int NOT NULL, ends @int NOT NULL,"           \
"  seq @int NOT NULL, PRIMARY KEY (kind, key, scope)) @strict;"               \
"CREATE INDEX verdict_seq ON verdict (seq);"                                  \
"CREATE TABLE orders ("                                                       \
"  id @int PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL,"               \
"  target TEXT NOT NULL, ends @int NOT NULL, source TEXT NOT NULL,"           \
"  reference TEXT NOT NULL, reason TEXT NOT NULL, person TEXT NOT NULL,"      \
"  time @int NOT NULL, confirmed TEXT NOT NULL, confirm_by @int NOT NULL,"    \
"  lifted TEXT NOT NULL, state TEXT NOT NULL, seq @int NOT NULL) @strict;"    \
"CREATE INDEX orders_state ON orders (state, ends);"                          \
"CREATE TABLE switches ("                                                     \
"  site TEXT NOT NULL, slot TEXT NOT NULL, mode TEXT NOT NULL,"               \
"  ends @int NOT NULL, person TEXT NOT NULL, reason TEXT NOT NULL,"           \
"  time @int NOT NULL, PRIMARY KEY (site, slot)) @strict;"                    \
"CREATE TABLE signature ("                                                    \
"  id @int PRIMARY KEY, what TEXT NOT NULL, args TEXT NOT NULL,"              \
"  person TEXT NOT NULL, time @int NOT NULL, ends @int NOT NULL,"             \
"  state TEXT NOT NULL, second TEXT NOT NULL, at @int NOT NULL) @strict;"     \
"CREATE INDEX signature_state ON signature (state, time);"                    \
"CREATE TABLE handover ("                                                     \
"  id @int PRIMARY KEY, time @int NOT NULL, person TEXT NOT NULL,"            \
"  text TEXT NOT NULL, taken TEXT NOT NULL, taken_at @int NOT NULL) @strict;"

/* points: thousandths, so that they add up; half_life in ms */
#define MDD_SCHEMA_ACCOUNT                                                    \
"CREATE TABLE account ("                                                      \
"  account TEXT PRIMARY KEY, state TEXT NOT NULL, ends @int NOT NULL,"        \
"  person TEXT NOT NULL, reason TEXT NOT NULL, time @int NOT NULL) @strict;"  \
"CREATE INDEX account_ends ON account (ends);"                                \
"CREATE TABLE strike ("                                                       \
"  id @int PRIMARY KEY, account TEXT NOT NULL, rule TEXT NOT NULL,"           \
"  rev @int NOT NULL, fingerprint TEXT NOT NULL, review @int NOT NULL,"       \
"  decision TEXT NOT NULL, state TEXT NOT NULL, points @int NOT NULL,"        \
"  half_life @int NOT NULL, time @int NOT NULL) @strict;"                     \
"CREATE INDEX strike_account ON strike (account, time);"                      \
"CREATE INDEX strike_review ON strike (review);"

/* again: decisions that another looked at; second, said, reason: of who did.
 * gold: cards that a lead has judged for all to judge */
#define MDD_SCHEMA_AGAIN                                                      \
"CREATE TABLE again ("                                                        \
"  card @int PRIMARY KEY, review @int NOT NULL, person TEXT NOT NULL,"        \
"  verdict TEXT NOT NULL, label TEXT NOT NULL, time @int NOT NULL,"           \
"  second TEXT NOT NULL, said TEXT NOT NULL, reason TEXT NOT NULL,"           \
"  at @int NOT NULL) @strict;"                                                \
"CREATE INDEX again_review ON again (review);"                                \
"CREATE TABLE gold ("                                                         \
"  id @int PRIMARY KEY, card @int NOT NULL, decision TEXT NOT NULL,"          \
"  log @int NOT NULL, leaf @int NOT NULL, site TEXT NOT NULL,"                \
"  slot TEXT NOT NULL, queue TEXT NOT NULL, label TEXT NOT NULL,"             \
"  rule TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL,"          \
"  note TEXT NOT NULL, person TEXT NOT NULL, time @int NOT NULL,"             \
"  state TEXT NOT NULL) @strict;"                                             \
"CREATE TABLE gold_answer ("                                                  \
"  gold @int NOT NULL, person TEXT NOT NULL, verdict TEXT NOT NULL,"          \
"  reason TEXT NOT NULL, time @int NOT NULL,"                                 \
"  PRIMARY KEY (gold, person)) @strict;"                                      \
"CREATE INDEX version_time ON version (time);"

/* why: brake | kill */
#define MDD_SCHEMA_BRAKED                                                     \
"CREATE TABLE braked ("                                                       \
"  zone TEXT NOT NULL, policy TEXT NOT NULL, why TEXT NOT NULL,"              \
"  rule TEXT NOT NULL, rev @int NOT NULL, time @int NOT NULL,"                \
"  PRIMARY KEY (zone, why, rule)) @keyed;"                                    \
"CREATE INDEX braked_rule ON braked (rule);"                                  \
"CREATE INDEX verdict_ends ON verdict (kind, ends);"                           \
"CREATE INDEX card_late ON card (state, kind, due, card);"

/* sum: of the bytes that were released, since then; seen: of those that a
 * person was shown last; next: 0, not compared; changed: when, 0 */
#define MDD_SCHEMA_COVER                                                      \
"CREATE TABLE cover ("                                                        \
"  print TEXT NOT NULL, scope TEXT NOT NULL, card @int NOT NULL,"             \
"  log @int NOT NULL, leaf @int NOT NULL, sum TEXT NOT NULL,"                 \
"  since @int NOT NULL, seen TEXT NOT NULL, seen_at @int NOT NULL,"           \
"  next @int NOT NULL, every @int NOT NULL, fails @int NOT NULL,"             \
"  changed @int NOT NULL, PRIMARY KEY (print, scope)) @keyed;"                \
"CREATE INDEX cover_next ON cover (next);"                                    \
"CREATE INDEX cover_card ON cover (card);"                                    \
"CREATE INDEX version_print ON version (fingerprint);"

#endif
