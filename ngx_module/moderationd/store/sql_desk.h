/* sql_desk.h - statements of the desk.  Included by sql.h. */

S(COUNTER, "INSERT INTO counter (name, value) VALUES ($1, 1) "
    "ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 "
    "RETURNING value")

/* cards */
#define CARD_COLUMNS  "c.card, c.kind, c.scope, c.item, c.account, c.site, "  \
    "c.slot, c.queue, c.label, c.rule, c.state, c.version, c.fingerprint, "   \
    "c.log, c.leaf, c.decision, c.risk, c.cut, c.people, c.shadow, c.first, " \
    "c.last, c.due, c.claimed, c.claim_until, c.ends"

S(CARD_ADD, "INSERT INTO card (card, kind, scope, item, account, site, slot, "
    "queue, label, rule, state, version, fingerprint, log, leaf, decision, "
    "risk, cut, people, shadow, first, last, due, claimed, claim_until, ends) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', 1, $11, $12, "
    "$13, $14, $15, $16, $17, $18, $19, $19, $20, '', 0, 0)")
S(CARD_GET, "SELECT " CARD_COLUMNS " FROM card c WHERE c.card = $1")
S(CARD_BY_ITEM, "SELECT " CARD_COLUMNS " FROM card c WHERE c.kind = $1 "
    "AND c.scope = $2 AND c.item = $3")
S(CARD_LAST, "UPDATE card SET last = $1 WHERE card = $2")
S(CARD_VERSION, "UPDATE card SET version = $1, fingerprint = $2, log = $3, "
    "leaf = $4, decision = $5, label = $6, rule = $7, risk = $8, cut = $9, "
    "shadow = $10, last = $11, due = $12, state = 'waiting', ends = 0 "
    "WHERE card = $13")
S(CARD_STATE, "UPDATE card SET state = $1, ends = $2, claimed = '', "
    "claim_until = 0 WHERE card = $3")
S(CARD_AGAIN, "UPDATE card SET state = 'waiting', due = $1, claimed = '', "
    "claim_until = 0 WHERE card = $2")
S(CARD_CLAIM, "UPDATE card SET claimed = $1, claim_until = $2 WHERE card = $3")
S(CARD_UNCLAIM, "UPDATE card SET claimed = '', claim_until = 0 "
    "WHERE claimed <> '' AND claim_until < $1")
S(CARD_UNCLAIM_OF, "UPDATE card SET claimed = '', claim_until = 0 "
    "WHERE claimed = $1 AND card = $2")
/* not by an index of states: all that waits would be walked through */
S(CARD_ACCOUNT, "SELECT " CARD_COLUMNS " FROM card c WHERE c.account = $1 "
    "AND c.state || '' = 'waiting' AND c.kind || '' = 'card' "
    "ORDER BY c.due LIMIT $2")
/* the same item, as it is, elsewhere */
S(CARD_SAME, "SELECT " CARD_COLUMNS " FROM card c WHERE c.item = $1 "
    "AND c.fingerprint = $2 AND c.card <> $3 AND c.kind = 'card' "
    "AND c.state IN ('waiting', 'asked') ORDER BY c.card LIMIT 20")
S(CARD_PRINT, "SELECT " CARD_COLUMNS " FROM card c WHERE c.fingerprint = $1 "
    "AND c.state || '' = 'waiting' AND c.kind || '' = 'card' "
    "ORDER BY c.due LIMIT $2")
/* released ones whose time is over soon: 1 now, 2 what soon is */
S(CARD_ENDING, "SELECT " CARD_COLUMNS " FROM card c WHERE "
    "c.state IN ('released', 'adopted') AND c.ends > $1 AND c.ends < $2 "
    "ORDER BY c.ends LIMIT 200")
S(CARD_OVERDUE, "SELECT " CARD_COLUMNS " FROM card c WHERE "
    "c.state = 'waiting' AND c.due < $1 AND c.claim_until < $1 "
    "ORDER BY c.due LIMIT 200")
/* 1 state, 2 queue, 3 due, 4 card behind it, 5 how many */
S(QUEUE_LIST, "SELECT " CARD_COLUMNS " FROM card c WHERE c.state = $1 "
    "AND c.kind = 'card' AND ($2 = '' OR c.queue = $2) AND (c.due > $3 OR (c.due = $3 "
    "AND c.card > $4)) ORDER BY c.due, c.card LIMIT $5")
/* 1 state, 2 now, 3 who; due ones of a minute are one: then risk, reach */
S(QUEUE_NEXT, "SELECT " CARD_COLUMNS " FROM card c WHERE c.state = $1 "
    "AND c.kind = 'card' AND (c.claim_until < $2 OR c.claimed = $3) ORDER BY c.due, c.card "
    "LIMIT 500")
S(QUEUE_COUNTS, "SELECT state, queue, COUNT(*) FROM card WHERE state IN "
    "('waiting', 'asked', 'escalated') AND kind = 'card' GROUP BY state, queue "
    "ORDER BY state, queue")
S(QUEUE_AGES, "SELECT state, queue, COUNT(*), MIN(first), MIN(due) FROM card "
    "WHERE state IN ('waiting', 'asked', 'escalated') AND kind = 'card' "
    "GROUP BY state, queue ORDER BY state, queue")
/* slots that only watch: cards of the last time, and how many of them nobody
 * has released.  From one slot to the next by the index, not card by card */
#define SLOT_CARDS  "SELECT COUNT(*) FROM card c WHERE c.kind = 'card' "       \
    "AND c.slot = s.slot AND c.shadow = 1 AND c.last > $1"
S(QUEUE_WOULD, "WITH RECURSIVE s (slot) AS (SELECT MIN(slot) FROM card "
    "WHERE kind = 'card' UNION ALL SELECT (SELECT MIN(n.slot) FROM card n "
    "WHERE n.kind = 'card' AND n.slot > s.slot) FROM s "
    "WHERE s.slot IS NOT NULL) SELECT s.slot, (" SLOT_CARDS " AND c.state "
    "NOT IN ('released', 'adopted')), (" SLOT_CARDS ") FROM s "
    "WHERE s.slot IS NOT NULL")
#undef SLOT_CARDS
/* 1 slot, 2 since: newest recorded, newest held, nobody has released, of how
 * many, adopted */
#define SLOT_LAST(n)  "(SELECT COALESCE(MAX(last), 0) FROM card "             \
    "WHERE kind = 'card' AND slot = $1 AND shadow = " n ")"
#define SLOT_CARDS  "SELECT COUNT(*) FROM card WHERE kind = 'card' "          \
    "AND slot = $1 AND shadow IN (0, 1) AND last > $2"
S(ROLLOUT, "SELECT " SLOT_LAST("1") ", " SLOT_LAST("0") ", (" SLOT_CARDS
    " AND state NOT IN ('released', 'adopted')), (" SLOT_CARDS "), "
    "(SELECT COUNT(*) FROM card WHERE state = 'adopted' AND kind = 'card' "
    "AND slot = $1)")
#undef SLOT_LAST
#undef SLOT_CARDS
S(QUEUE_LATE, "SELECT COUNT(*) FROM card WHERE state IN ('waiting', 'asked', "
    "'escalated') AND due < $1 AND kind = 'card'")
S(QUEUE_STAMP, "SELECT COALESCE(MAX(review), 0), (SELECT COALESCE(value, 0) "
    "FROM counter WHERE name = 'seq'), (SELECT COALESCE(value, 0) FROM "
    "counter WHERE name = 'claim') FROM review")
S(CLAIMS_OF, "SELECT " CARD_COLUMNS " FROM card c WHERE c.claimed <> '' "
    "AND c.claim_until > $1 ORDER BY c.claimed, c.due LIMIT 200")

S(VERSION_ADD, "INSERT INTO version (card, version, fingerprint, log, leaf, "
    "time) VALUES ($1, $2, $3, $4, $5, $6)")
S(VERSION_GET, "SELECT fingerprint, log, leaf, time FROM version "
    "WHERE card = $1 AND version = $2")
S(VERSION_RELEASED, "SELECT v.version, v.log, v.leaf, r.time, r.person "
    "FROM review r JOIN version v ON v.card = r.card "
    "AND v.version = r.version WHERE r.card = $1 AND r.version < $2 "
    "AND r.verdict = 'release' AND r.state = 'standing' "
    "ORDER BY r.time DESC LIMIT 1")

/* looks again: 1 behind this review, 2 how many */
S(LOOK_NEXT, "SELECT r.review, r.card, r.person, r.verdict FROM review r "
    "JOIN card c ON c.card = r.card AND c.version = r.version "
    "WHERE r.review > $1 AND c.kind = 'card' AND r.state = 'standing' "
    "AND r.person NOT IN ('default', 'local') AND r.bulk = 0 "
    "AND r.verdict IN ('release', 'reject') ORDER BY r.review LIMIT $2")
S(LOOK_CARD, "INSERT INTO card (card, kind, scope, item, account, site, "
    "slot, queue, label, rule, state, version, fingerprint, log, leaf, "
    "decision, risk, cut, people, shadow, first, last, due, claimed, "
    "claim_until, ends) SELECT $1, 'again', c.scope, c.item, c.account, "
    "c.site, c.slot, c.queue, c.label, c.rule, 'waiting', 1, c.fingerprint, "
    "c.log, c.leaf, c.decision, c.risk, c.cut, 1, c.shadow, $2, $2, $3, '', "
    "0, 0 FROM card c WHERE c.card = $4 ON CONFLICT (kind, scope, item) "
    "DO NOTHING")
S(LOOK_ADD, "INSERT INTO again (card, review, person, verdict, label, time, "
    "second, said, reason, at) VALUES ($1, $2, $3, $4, $5, $6, '', '', '', "
    "0)")
S(LOOK_SAID, "UPDATE again SET second = $1, said = $2, reason = $3, at = $4 "
    "WHERE card = $5")
S(LOOK_OWN, "SELECT COUNT(*) FROM again WHERE card = $1 AND person = $2")
#define LOOK_JUDGED  "FROM again k JOIN review r ON r.review = k.review "     \
    "AND r.state = 'standing' WHERE k.said IN ('release', 'reject') "         \
    "AND k.at > $1 "
S(LOOK_FIGURES, "SELECT k.person, COUNT(*), SUM(CASE WHEN k.said = "
    "k.verdict THEN 1 ELSE 0 END) " LOOK_JUDGED "GROUP BY k.person "
    "ORDER BY k.person")
S(LOOK_LABELS, "SELECT k.label, COUNT(*), SUM(CASE WHEN k.said = k.verdict "
    "THEN 1 ELSE 0 END) " LOOK_JUDGED "GROUP BY k.label ORDER BY k.label")
S(LOOK_DIFFER, "SELECT r.card, k.person, k.verdict, k.second, k.said, "
    "k.reason, k.at " LOOK_JUDGED "AND k.said <> k.verdict "
    "ORDER BY k.at DESC LIMIT 50")
S(SAMPLE_NEXT, "SELECT " CARD_COLUMNS " FROM card c WHERE c.state = 'waiting' "
    "AND c.kind IN ('sample', 'again') AND (c.claim_until < $1 "
    "OR c.claimed = $2) AND NOT EXISTS (SELECT 1 FROM again k "
    "WHERE k.card = c.card AND k.person = $2) ORDER BY c.due, c.card "
    "LIMIT 50")
S(SHIFT_DONE, "SELECT COUNT(*), COALESCE(SUM(CASE c.kind WHEN 'card' THEN 0 "
    "ELSE 1 END), 0) FROM review r JOIN card c ON c.card = r.card "
    "WHERE r.person = $1 AND r.time > $2 AND r.bulk = 0")

/* calibration */
S(GOLD_ADD, "INSERT INTO gold (id, card, decision, log, leaf, site, slot, "
    "queue, label, rule, verdict, reason, note, person, time, state) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
    "$15, 'live')")
#define GOLD_COLUMNS  "g.id, g.card, g.decision, g.log, g.leaf, g.site, "      \
    "g.slot, g.queue, g.label, g.rule, g.verdict, g.reason, g.note, "         \
    "g.person, g.time, g.state "
S(GOLD_GET, "SELECT " GOLD_COLUMNS "FROM gold g WHERE g.id = $1")
S(GOLD_LIVE, "SELECT COUNT(*) FROM gold WHERE card = $1 AND state = 'live'")
/* what a person has not judged */
S(GOLD_OPEN, "SELECT " GOLD_COLUMNS "FROM gold g WHERE g.state = 'live' "
    "AND g.person <> $1 AND NOT EXISTS (SELECT 1 FROM gold_answer a "
    "WHERE a.gold = g.id AND a.person = $1) ORDER BY g.id LIMIT 50")
S(GOLD_LIST, "SELECT " GOLD_COLUMNS ", (SELECT COUNT(*) FROM gold_answer a "
    "WHERE a.gold = g.id), (SELECT COUNT(*) FROM gold_answer a "
    "WHERE a.gold = g.id AND a.verdict = g.verdict) FROM gold g "
    "WHERE g.state = 'live' ORDER BY g.id DESC LIMIT 100")
S(GOLD_END, "UPDATE gold SET state = 'ended' WHERE id = $1 "
    "AND state = 'live'")
S(GOLD_SAY, "INSERT INTO gold_answer (gold, person, verdict, reason, time) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (gold, person) DO NOTHING")
S(GOLD_FIGURES, "SELECT a.person, COUNT(*), SUM(CASE WHEN a.verdict = "
    "g.verdict THEN 1 ELSE 0 END), SUM(CASE WHEN a.verdict = g.verdict "
    "AND (g.verdict = 'release' OR a.reason = g.reason) THEN 1 ELSE 0 END) "
    "FROM gold_answer a JOIN gold g ON g.id = a.gold WHERE a.time > $1 "
    "GROUP BY a.person ORDER BY a.person")
S(GOLD_LABELS, "SELECT g.label, COUNT(*), SUM(CASE WHEN a.verdict = "
    "g.verdict THEN 1 ELSE 0 END) FROM gold_answer a JOIN gold g "
    "ON g.id = a.gold WHERE a.time > $1 GROUP BY g.label ORDER BY g.label")

/* 1 now, 2 an hour limit: what is due by hours from now */
#define HOURS_FROM(column)  "(" column " - $1) / 3600000"
S(FORECAST_DUE, "SELECT " HOURS_FROM("due") " AS h, COUNT(*) FROM card "
    "WHERE state IN ('waiting', 'asked', 'escalated') AND kind = 'card' "
    "AND due < $2 GROUP BY h ORDER BY h")
S(FORECAST_ENDS, "SELECT " HOURS_FROM("ends") " AS h, COUNT(*) FROM card "
    "WHERE state IN ('released', 'adopted') AND kind = 'card' "
    "AND ends >= $1 AND ends < $2 GROUP BY h ORDER BY h")
/* 1 seven days ago: what came, by hours since then */
S(FORECAST_CAME, "SELECT " HOURS_FROM("time") " AS h, COUNT(*) FROM version "
    "WHERE time >= $1 AND time < $2 GROUP BY h ORDER BY h")
S(FORECAST_SINCE, "SELECT COALESCE(MIN(time), 0) FROM version "
    "WHERE time >= $1")

/* broadcasts */
S(SESSION_BEFORE, "SELECT v.fingerprint, COALESCE(p.body, '') FROM version v "
    "LEFT JOIN private p ON p.log = v.log AND p.leaf = v.leaf "
    "WHERE v.card = $1 ORDER BY v.version DESC LIMIT $2")
S(SESSION_OVER, "INSERT INTO session_over (print, scope, card, time) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (print, scope) DO NOTHING")
S(SESSION_LIST, "SELECT print, scope, card FROM session_over LIMIT 100")
S(SESSION_DONE, "DELETE FROM session_over WHERE print = $1 AND scope = $2")

/* reviews */
#define REVIEW_COLUMNS  "r.review, r.card, r.version, r.fingerprint, "        \
    "r.verdict, r.person, r.time, r.reason, r.note, r.ends, r.bulk, r.state, "\
    "r.seq"

S(REVIEW_ADD, "INSERT INTO review (review, card, version, fingerprint, "
    "verdict, person, time, reason, note, ends, bulk, state, seq, log, leaf) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
    "$15)")
S(REVIEW_GET, "SELECT " REVIEW_COLUMNS " FROM review r WHERE r.review = $1")
S(REVIEW_OF, "SELECT " REVIEW_COLUMNS " FROM review r WHERE r.card = $1 "
    "AND r.version = $2 AND r.state IN ('standing', 'first') "
    "AND r.verdict IN ('release', 'reject') ORDER BY r.time DESC")
S(REVIEW_PRINT, "SELECT " REVIEW_COLUMNS " FROM review r "
    "WHERE r.fingerprint = $1 AND r.state = 'standing' "
    "AND r.verdict IN ('release', 'reject', 'adopt') AND r.review <> $2 "
    "ORDER BY r.time DESC LIMIT 1")
S(REVIEW_CARD, "SELECT " REVIEW_COLUMNS " FROM review r WHERE r.card = $1 "
    "ORDER BY r.time DESC LIMIT 50")
S(REVIEW_STATE, "UPDATE review SET state = $1 WHERE review = $2 "
    "AND state = $3")
S(REVIEW_BULK, "SELECT " REVIEW_COLUMNS " FROM review r WHERE r.bulk = $1 "
    "AND r.state = 'standing' ORDER BY r.review LIMIT 5000")
/* the last two who differed */
S(REVIEW_SPLIT, "SELECT * FROM (SELECT " REVIEW_COLUMNS " FROM review r "
    "WHERE r.card = $1 AND r.version = $2 AND r.state = 'split' "
    "ORDER BY r.review DESC LIMIT 2) AS s ORDER BY s.review")
S(REVIEW_WITH, "SELECT review FROM review WHERE bulk = $1 "
    "AND state IN ('standing', 'first') ORDER BY review")
S(REVIEW_ACCOUNT, "SELECT " REVIEW_COLUMNS " FROM review r JOIN card c "
    "ON c.card = r.card WHERE c.account = $1 AND r.state = 'standing' "
    "ORDER BY r.time DESC LIMIT $2")
S(REVIEW_LAST, "SELECT " REVIEW_COLUMNS " FROM review r WHERE r.person = $1 "
    "AND r.state = 'standing' ORDER BY r.time DESC LIMIT 1")
S(REVIEW_REJECTED, "SELECT COUNT(*) FROM review WHERE person = $1 "
    "AND time > $2 AND verdict = 'reject' AND state = 'standing'")
S(REVIEW_RECENT, "SELECT COUNT(*) FROM review WHERE time > $1")
/* learn: what people judged and what stands of it, the newest of a
 * fingerprint, with the private half */
S(REVIEW_LEARN, "SELECT r.verdict, p.body, r.reason, c.label, c.site "
    "FROM review r JOIN card c ON c.card = r.card "
    "JOIN version v ON v.card = r.card AND v.version = r.version "
    "LEFT JOIN private p ON p.log = v.log AND p.leaf = v.leaf "
    "WHERE r.state = 'standing' AND r.person <> 'default' AND r.bulk = 0 "
    "AND r.verdict IN ('release', 'reject') "
    "AND NOT EXISTS (SELECT 1 FROM review n WHERE "
    "n.fingerprint = r.fingerprint AND n.state = 'standing' "
    "AND n.person <> 'default' AND n.review > r.review "
    "AND n.verdict IN ('release', 'reject')) ORDER BY r.review")
S(REVIEW_RULE, "SELECT SUM(CASE WHEN r.verdict = 'reject' THEN 1 ELSE 0 END),"
    " COUNT(*) FROM review r JOIN card c ON c.card = r.card "
    "WHERE c.rule = $1 AND r.state = 'standing' AND r.time > $2 "
    "AND r.verdict IN ('release', 'reject')")

/* verdicts */
S(VERDICT_PUT, "INSERT INTO verdict (kind, key, scope, verdict, flags, ends, "
    "seq) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (kind, key, scope) "
    "DO UPDATE SET verdict = excluded.verdict, flags = excluded.flags, "
    "ends = excluded.ends, seq = excluded.seq")
S(VERDICT_GET, "SELECT verdict, flags, ends, seq FROM verdict WHERE kind = $1 "
    "AND key = $2 AND scope = $3")
S(VERDICT_SINCE, "SELECT kind, key, scope, verdict, flags, ends, seq "
    "FROM verdict WHERE seq > $1 ORDER BY seq")
S(VERDICT_COUNT, "SELECT COUNT(*) FROM verdict WHERE kind = $1")
/* 1 kind, 2 now: over, and still told */
S(VERDICT_OVER, "SELECT key, scope FROM verdict WHERE kind = $1 "
    "AND verdict <> 0 AND ends > 0 AND ends < $2 LIMIT 100")

/* orders, switches */
#define ORDER_COLUMNS  "id, kind, key, target, ends, source, reference, "     \
    "reason, person, time, confirmed, confirm_by, lifted, state, seq, sites"
S(ORDER_ADD, "INSERT INTO orders (id, kind, key, target, ends, source, "
    "reference, reason, person, time, confirmed, confirm_by, lifted, state, "
    "seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11, '', "
    "$12, $13)")
/* of an order that was just given */
S(ORDER_SITES, "UPDATE orders SET sites = $1 WHERE id = $2")
S(ORDER_SAME, "SELECT id, ends, sites FROM orders WHERE key = $1 "
    "AND state = 'live'")
S(ORDER_GET, "SELECT " ORDER_COLUMNS " FROM orders WHERE id = $1")
S(ORDER_LIST, "SELECT " ORDER_COLUMNS " FROM orders ORDER BY "
    "CASE state WHEN 'live' THEN 0 ELSE 1 END, time DESC LIMIT 200")
S(ORDER_LIVE, "SELECT " ORDER_COLUMNS " FROM orders WHERE state = 'live' "
    "ORDER BY id")
S(ORDER_LIVE_COUNT, "SELECT COUNT(*) FROM orders WHERE state = 'live'")
S(ORDER_STATE, "UPDATE orders SET state = $1, lifted = $2, seq = $3 "
    "WHERE id = $4 AND state = 'live'")
S(ORDER_CONFIRM, "UPDATE orders SET confirmed = $1 WHERE id = $2 "
    "AND state = 'live' AND confirmed = ''")
S(ORDER_COUNTS, "SELECT COUNT(*), SUM(CASE WHEN confirmed = '' THEN 1 ELSE 0 "
    "END) FROM orders WHERE state = 'live'")
S(ITEM_HOSTS, "SELECT DISTINCT COALESCE(host, '') FROM decision "
    "WHERE item = $1")
S(ACCOUNT_HOSTS, "SELECT DISTINCT COALESCE(host, '') FROM decision "
    "WHERE account = $1")
S(ORDER_SHOWN_ITEM, "SELECT COALESCE(host, ''), SUM(total) FROM decision "
    "WHERE item = $1 AND last > $2 GROUP BY host")
S(ORDER_SHOWN_ACCOUNT, "SELECT COALESCE(host, ''), SUM(total) FROM decision "
    "WHERE account = $1 AND last > $2 GROUP BY host")
S(SWITCH_PUT, "INSERT INTO switches (site, slot, mode, ends, person, reason, "
    "time) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (site, slot) "
    "DO UPDATE SET mode = excluded.mode, ends = excluded.ends, "
    "person = excluded.person, reason = excluded.reason, "
    "time = excluded.time")
S(SWITCH_LIST, "SELECT site, slot, mode, ends, person, reason, time "
    "FROM switches WHERE ends > $1 ORDER BY site, slot")

/* second signatures, handover, people */
S(SIGNATURE_ADD, "INSERT INTO signature (id, what, args, person, time, ends, "
    "state, second, at) VALUES ($1, $2, $3, $4, $5, $6, 'open', '', 0)")
S(SIGNATURE_GET, "SELECT id, what, args, person, time, ends, state, second, "
    "at FROM signature WHERE id = $1")
S(SIGNATURE_LIST, "SELECT id, what, args, person, time, ends, state, second, "
    "at FROM signature ORDER BY CASE state WHEN 'open' THEN 0 ELSE 1 END, "
    "time DESC LIMIT 100")
S(SIGNATURE_STATE, "UPDATE signature SET state = $1, second = $2, at = $3 "
    "WHERE id = $4 AND state = 'open'")
S(SIGNATURE_LAPSE, "UPDATE signature SET state = 'lapsed', at = $1 "
    "WHERE state = 'open' AND ends < $1")
S(SIGNATURE_COUNT, "SELECT COUNT(*) FROM signature WHERE state = 'open'")
S(HANDOVER_ADD, "INSERT INTO handover (id, time, person, text, taken, "
    "taken_at) VALUES ($1, $2, $3, $4, '', 0)")
S(HANDOVER_TAKE, "UPDATE handover SET taken = $1, taken_at = $2 "
    "WHERE id = $3 AND taken = '' AND person <> $1")
S(HANDOVER_LIST, "SELECT id, time, person, text, taken, taken_at "
    "FROM handover ORDER BY id DESC LIMIT 20")
S(PERSON_SEEN, "UPDATE person SET seen = $1 WHERE name = $2")
/* what decides by itself has a name, and is nobody on duty */
#define NOBODY  "name NOT IN ('score', 'clock', 'default', 'rule')"
S(PERSON_LIST, "SELECT name, seen FROM person WHERE " NOBODY " ORDER BY name")
S(PERSON_PRESENT, "SELECT COUNT(*) FROM person WHERE seen > $1 AND " NOBODY)

/* rollback of a rule: decisions by default on cards that it brought, and such
 * cards that wait */
#define BY_RULE  "EXISTS (SELECT 1 FROM decision_rule d WHERE d.rule = $1 "   \
    "AND ($2 = 0 OR d.rev = $2) AND d.log = c.log AND d.leaf = c.leaf) "
S(REVIEW_BY_RULE, "SELECT r.review FROM review r JOIN card c "
    "ON c.card = r.card WHERE " BY_RULE "AND r.time >= $3 AND r.time <= $4 "
    "AND r.person = 'default' AND r.state = 'standing' LIMIT 5000")
S(CARD_NEWEST, "SELECT " CARD_COLUMNS " FROM card c WHERE c.kind = 'card' "
    "ORDER BY c.card DESC LIMIT $1")
S(CARD_BY_RULE, "SELECT " CARD_COLUMNS " FROM card c WHERE " BY_RULE
    "AND c.first >= $3 AND c.first <= $4 AND c.state = 'waiting' "
    "AND c.kind = 'card' LIMIT 5000")
/* 1 scope, 2 since: cards seen for an hour with one fingerprint, and such that
 * had another within an hour */
#define CHANGED  "EXISTS (SELECT 1 FROM version v WHERE v.card = c.card "     \
    "AND v.version = 2 AND v.time < c.first + 3600000)"
S(STABLE, "SELECT SUM(CASE WHEN " CHANGED " THEN 0 ELSE CASE WHEN EXISTS "
    "(SELECT 1 FROM version f JOIN decision d ON d.log = f.log "
    "AND d.leaf = f.leaf WHERE f.card = c.card AND f.version = 1 "
    "AND d.last >= d.time + 3600000) THEN 1 ELSE 0 END END), "
    "SUM(CASE WHEN " CHANGED " THEN 1 ELSE 0 END) FROM (SELECT card, first "
    "FROM card WHERE kind = 'card' AND scope = $1 AND first > $2 "
    "ORDER BY card DESC LIMIT 2000) c")
S(STABLE_NOT, "SELECT COALESCE(MAX(c.card), 0) FROM (SELECT card, first "
    "FROM card WHERE kind = 'card' AND scope = $1 AND first > $2 "
    "ORDER BY card DESC LIMIT 2000) c WHERE " CHANGED)
S(VERSIONS_FIRST, "SELECT log, leaf FROM version WHERE card = $1 "
    "ORDER BY version LIMIT 2")
S(ABOUT, "SELECT item, account FROM decision WHERE id = $1")
S(DECISION_TOTAL, "SELECT total FROM decision WHERE id = $1")
S(DECISION_RULES, "SELECT rules FROM decision WHERE id = $1")

/* rules that workers have in shadow */
S(BRAKED_PUT, "INSERT INTO braked (zone, policy, why, rule, rev, time) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (zone, why, rule) "
    "DO UPDATE SET rev = excluded.rev")
S(BRAKED_OVER, "DELETE FROM braked WHERE zone = $1 AND why = $2 "
    "AND rule = $3")
S(BRAKED_NONE, "DELETE FROM braked WHERE zone = $1 AND policy = $2")
/* 2: a zone that was not heard of since then is gone */
S(BRAKED, "SELECT COUNT(*) FROM braked b JOIN zone z ON z.zone = b.zone "
    "WHERE b.rule = $1 AND z.last > $2")
S(BRAKED_SINCE, "SELECT DISTINCT rule, rev FROM braked WHERE time > $1")
S(BRAKED_WHY, "SELECT b.why, MIN(b.time) FROM braked b JOIN zone z "
    "ON z.zone = b.zone WHERE b.rule = $1 AND z.last > $2 GROUP BY b.why "
    "ORDER BY b.why")
/* shown lately, without a rule's hit, and nobody has looked */
S(CARD_ADOPT, "SELECT " CARD_COLUMNS " FROM card c WHERE c.kind = 'card' "
    "AND c.slot = $1 AND c.last >= $2 AND c.state = 'waiting' "
    "AND c.rule = '' ORDER BY c.card LIMIT 5000")

/* accounts; points are thousandths */
S(ACCOUNT_GET, "SELECT state, ends, person, reason, time FROM account "
    "WHERE account = $1")
S(ACCOUNT_PUT, "INSERT INTO account (account, state, ends, person, reason, "
    "time) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account) DO UPDATE "
    "SET state = excluded.state, ends = excluded.ends, "
    "person = excluded.person, reason = excluded.reason, "
    "time = excluded.time")
S(ACCOUNT_LIST, "SELECT account, state, ends, person, reason, time "
    "FROM account WHERE state <> 'none' ORDER BY time DESC LIMIT 200")
S(ACCOUNT_ENDED, "SELECT account FROM account WHERE ends > 0 AND ends < $1 "
    "AND state <> 'none' LIMIT 100")
S(ACCOUNT_WAS_ADD, "INSERT INTO account_was (id, account, time, state, ends, "
    "person, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)")
S(ACCOUNT_WAS, "SELECT time, state, ends, person, reason FROM account_was "
    "WHERE account = $1 ORDER BY id DESC LIMIT 50")
/* 1 account, 2 proposed, 3 now */
S(ACCOUNT_PROPOSE, "INSERT INTO account (account, proposed, proposed_at, "
    "time, state, ends, person, reason) VALUES ($1, $2, $3, $3, 'none', 0, '', "
    "'') "
    "ON CONFLICT (account) DO UPDATE SET proposed = excluded.proposed, "
    "proposed_at = excluded.proposed_at")
S(ACCOUNT_PROPOSED, "SELECT proposed, proposed_at FROM account "
    "WHERE account = $1")
S(ACCOUNT_PROPOSALS, "SELECT account, state, proposed, proposed_at "
    "FROM account WHERE proposed <> '' ORDER BY proposed_at DESC LIMIT 200")
S(ACCOUNT_PROPOSED_COUNT, "SELECT COUNT(*) FROM account WHERE proposed <> ''")
S(STRIKE_LAST, "SELECT COALESCE(MAX(time), 0) FROM strike WHERE account = $1 "
    "AND state = 'counted'")
S(STRIKE_ADD, "INSERT INTO strike (id, account, rule, rev, fingerprint, "
    "review, decision, state, points, half_life, time) VALUES ($1, $2, $3, "
    "$4, $5, $6, $7, $8, $9, $10, $11)")
S(STRIKE_COUNTED, "SELECT points, half_life, time FROM strike "
    "WHERE account = $1 AND state = 'counted'")
S(STRIKE_ACCOUNTS, "SELECT DISTINCT account FROM strike WHERE account > $1 "
    "ORDER BY account LIMIT 100")
S(STRIKE_LIST, "SELECT id, rule, rev, state, points, half_life, time, "
    "decision FROM strike WHERE account = $1 ORDER BY time DESC LIMIT 200")
S(STRIKE_SAME, "SELECT COUNT(*) FROM strike WHERE account = $1 AND rule = $2 "
    "AND fingerprint = $3 AND time > $4 AND state IN ('counted', "
    "'suspended')")
S(STRIKE_TODAY, "SELECT COALESCE(SUM(points), 0) FROM strike "
    "WHERE account = $1 AND time > $2 AND state = 'counted'")
S(STRIKE_OF, "SELECT id, account FROM strike WHERE review = $1 "
    "AND state IN ('counted', 'suspended')")
S(STRIKE_GET, "SELECT account, state FROM strike WHERE id = $1")
S(STRIKE_VOID, "UPDATE strike SET state = 'void' WHERE id = $1 "
    "AND state IN ('counted', 'suspended')")

/* reports, cases, appeals */
S(CASE_OPEN, "SELECT id FROM casefile WHERE kind = $1 AND item = $2 "
    "AND decision = $3 AND state = 'open' LIMIT 1")
S(CASE_ADD, "INSERT INTO casefile (id, kind, item, page, decision, reason, "
    "state, outcome, reply, person, time, due, closed) VALUES ($1, $2, $3, "
    "$4, $5, $6, 'open', '', '', '', $7, $8, 0)")
S(CASE_GET, "SELECT kind, decision, state, page, item FROM casefile WHERE id = $1")
S(CASE_CLOSE, "UPDATE casefile SET state = 'closed', outcome = $1, "
    "reply = $2, person = $3, closed = $4 WHERE id = $5 AND state = 'open'")
S(CASE_LIST, "SELECT c.id, c.kind, c.item, c.page, c.decision, c.reason, "
    "c.state, c.outcome, c.reply, c.person, c.time, c.due, (SELECT COUNT(*) "
    "FROM report r WHERE r.casefile = c.id), COALESCE((SELECT MAX(r.text) "
    "FROM report r WHERE r.casefile = c.id), '') FROM casefile c "
    "WHERE $1 = 0 OR c.id = $1 ORDER BY CASE c.state WHEN 'open' THEN 0 ELSE 1 END, c.due, c.id "
    "LIMIT 200 OFFSET $2")
S(CASE_COUNT, "SELECT COUNT(*) FROM casefile WHERE state = 'open'")
S(REPORT_ADD, "INSERT INTO report (number, casefile, kind, time, reason, "
    "text, reporter, team, who, print) VALUES ($1, $2, $3, $4, $5, $6, $7, "
    "$8, $9, $10)")
/* judged since $2, and nothing else has been seen of the item after that */
S(CASE_JUDGED, "SELECT c.id FROM casefile c WHERE c.kind = 'report' "
    "AND c.item = $1 AND c.state = 'closed' AND c.closed > $2 "
    "AND EXISTS (SELECT 1 FROM decision d WHERE d.item = $1 "
    "AND d.time <= c.closed) AND NOT EXISTS (SELECT 1 FROM decision n "
    "WHERE n.item = $1 AND n.time > c.closed AND n.fingerprint NOT IN "
    "(SELECT o.fingerprint FROM decision o WHERE o.item = $1 "
    "AND o.time <= c.closed)) ORDER BY c.closed DESC LIMIT 1")
S(REPORT_STATUS, "SELECT r.kind, r.time, c.state, c.reply, c.due "
    "FROM report r JOIN casefile c ON c.id = r.casefile WHERE r.number = $1")
S(REVIEWS_PRINT, "SELECT " REVIEW_COLUMNS " FROM review r "
    "WHERE r.fingerprint = $1 ORDER BY r.review DESC LIMIT 16")
S(CARD_OF_PRINT, "SELECT card FROM card WHERE fingerprint = $1 "
    "ORDER BY card LIMIT 1")
S(REVIEW_DECISION, "SELECT r.review, r.person, r.reason FROM review r JOIN card c "
    "ON c.card = r.card WHERE c.decision = $1 AND r.state = 'standing' "
    "AND r.verdict = 'reject' ORDER BY r.review LIMIT 16")

/* erasure: 1 the hash of an account or item.  What it is known by: its items,
 * and decisions; events and signatures that name one of these */
S(ERASE_NAMES, "SELECT id, COALESCE(item, '') FROM decision WHERE item = $1 "
    "OR account = $1")
S(ERASE_LOOK, "SELECT e.log, e.leaf, e.public, p.body FROM event e "
    "JOIN private p ON p.log = e.log AND p.leaf = e.leaf "
    "WHERE e.log > $1 OR (e.log = $1 AND e.leaf > $2) "
    "ORDER BY e.log, e.leaf LIMIT 1000")
S(ERASE_LEAF, "DELETE FROM private WHERE log = $1 AND leaf = $2 "
    "AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.log = private.log "
    "AND h.leaf = private.leaf AND h.until > $3)")
S(ERASE_SIGNED, "SELECT id, what, args, state FROM signature "
    "WHERE args <> '{}'")
S(ERASE_SIGNATURE, "UPDATE signature SET args = '{}' WHERE id = $1")
S(ERASE_GOLD, "UPDATE gold SET note = '' WHERE decision IN (SELECT id "
    "FROM decision WHERE item = $1 OR account = $1)")
S(ERASE_NOTES, "UPDATE review SET note = '' WHERE note <> '' AND card IN "
    "(SELECT card FROM card WHERE item = $1 OR account = $1)")
S(ERASE_ORDERS, "UPDATE orders SET target = '', reference = '', reason = '' "
    "WHERE key = $1")
S(ERASE_REPORTS, "UPDATE report SET text = '', reporter = '', print = '', "
    "who = '' WHERE casefile "
    "IN (SELECT c.id FROM casefile c LEFT JOIN decision d "
    "ON d.id = c.decision WHERE c.item = $1 OR d.item = $1 OR d.account = $1 "
    "OR c.item IN (SELECT o.item FROM decision o WHERE o.account = $1))")
S(ERASE_CASES, "UPDATE casefile SET page = '', reply = '' WHERE item = $1 "
    "OR item IN (SELECT o.item FROM decision o WHERE o.account = $1) "
    "OR decision IN (SELECT id FROM decision WHERE item = $1 "
    "OR account = $1)")
S(ERASE_ACCOUNT_WAS, "UPDATE account_was SET reason = '' WHERE account = $1")
S(ERASE_ACCOUNT_WHY, "UPDATE account SET reason = '' WHERE account = $1")

/* what needs an eye */
S(RULE_HITS, "SELECT COUNT(*) FROM decision_rule r JOIN decision d "
    "ON d.log = r.log AND d.leaf = r.leaf WHERE r.rule = $1 AND d.time > $2")
S(ORDER_UNCONFIRMED, "SELECT COUNT(*) FROM orders WHERE state = 'live' "
    "AND confirmed = '' AND confirm_by < $1")
S(CASE_LATE, "SELECT COUNT(*) FROM casefile WHERE state = 'open' "
    "AND due < $1")
S(COUNTER_GET, "SELECT value FROM counter WHERE name = $1")
S(COUNTER_SET, "INSERT INTO counter (name, value) VALUES ($1, $2) "
    "ON CONFLICT (name) DO UPDATE SET value = CASE WHEN excluded.value > "
    "counter.value THEN excluded.value ELSE counter.value END")
