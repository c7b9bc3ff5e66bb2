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
S(CARD_ACCOUNT, "SELECT " CARD_COLUMNS " FROM card c WHERE c.account = $1 "
    "AND c.state = 'waiting' ORDER BY c.due LIMIT $2")
S(CARD_PRINT, "SELECT " CARD_COLUMNS " FROM card c WHERE c.fingerprint = $1 "
    "AND c.state = 'waiting' ORDER BY c.due LIMIT $2")
/* released ones whose time is over soon: 1 what soon is */
S(CARD_ENDING, "SELECT " CARD_COLUMNS " FROM card c WHERE "
    "c.state = 'released' AND c.ends > 0 AND c.ends < $1 LIMIT 200")
S(CARD_OVERDUE, "SELECT " CARD_COLUMNS " FROM card c WHERE "
    "c.state = 'waiting' AND c.due < $1 AND c.claim_until < $1 "
    "ORDER BY c.due LIMIT 200")
/* 1 state, 2 queue, 3 due, 4 card behind it, 5 how many */
S(QUEUE_LIST, "SELECT " CARD_COLUMNS " FROM card c WHERE c.state = $1 "
    "AND c.kind = 'card' AND ($2 = '' OR c.queue = $2) AND (c.due > $3 OR (c.due = $3 "
    "AND c.card > $4)) ORDER BY c.due, c.card LIMIT $5")
/* 1 state, 2 now, 3 who; due ones of a minute are one: then risk, reach */
S(QUEUE_NEXT, "SELECT " CARD_COLUMNS " FROM card c WHERE c.state = $1 "
    "AND (c.claim_until < $2 OR c.claimed = $3) ORDER BY c.due, c.card "
    "LIMIT 500")
S(QUEUE_COUNTS, "SELECT state, queue, COUNT(*) FROM card WHERE state IN "
    "('waiting', 'asked', 'escalated') AND kind = 'card' GROUP BY state, queue "
    "ORDER BY state, queue")
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
S(REVIEW_ACCOUNT, "SELECT " REVIEW_COLUMNS " FROM review r JOIN card c "
    "ON c.card = r.card WHERE c.account = $1 AND r.state = 'standing' "
    "ORDER BY r.time DESC LIMIT $2")
S(REVIEW_LAST, "SELECT " REVIEW_COLUMNS " FROM review r WHERE r.person = $1 "
    "AND r.state = 'standing' ORDER BY r.time DESC LIMIT 1")
S(REVIEW_REJECTED, "SELECT COUNT(*) FROM review WHERE person = $1 "
    "AND time > $2 AND verdict = 'reject' AND state = 'standing'")
S(REVIEW_RECENT, "SELECT COUNT(*) FROM review WHERE time > $1")
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
S(VERDICT_ENDED, "DELETE FROM verdict WHERE ends > 0 AND ends < $1")

/* orders, switches */
#define ORDER_COLUMNS  "id, kind, key, target, ends, source, reference, "     \
    "reason, person, time, confirmed, confirm_by, lifted, state, seq"
S(ORDER_ADD, "INSERT INTO orders (id, kind, key, target, ends, source, "
    "reference, reason, person, time, confirmed, confirm_by, lifted, state, "
    "seq) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11, '', "
    "$12, $13)")
S(ORDER_GET, "SELECT " ORDER_COLUMNS " FROM orders WHERE id = $1")
S(ORDER_LIST, "SELECT " ORDER_COLUMNS " FROM orders ORDER BY "
    "CASE state WHEN 'live' THEN 0 ELSE 1 END, time DESC LIMIT 200")
S(ORDER_LIVE, "SELECT " ORDER_COLUMNS " FROM orders WHERE state = 'live' "
    "ORDER BY id")
S(ORDER_STATE, "UPDATE orders SET state = $1, lifted = $2, seq = $3 "
    "WHERE id = $4 AND state = 'live'")
S(ORDER_CONFIRM, "UPDATE orders SET confirmed = $1 WHERE id = $2 "
    "AND state = 'live' AND confirmed = ''")
S(ORDER_COUNTS, "SELECT COUNT(*), SUM(CASE WHEN confirmed = '' THEN 1 ELSE 0 "
    "END) FROM orders WHERE state = 'live'")
S(ORDER_SHOWN_ITEM, "SELECT COALESCE(SUM(total), 0) FROM decision "
    "WHERE item = $1 AND last > $2")
S(ORDER_SHOWN_ACCOUNT, "SELECT COALESCE(SUM(total), 0) FROM decision "
    "WHERE account = $1 AND last > $2")
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
S(PERSON_LIST, "SELECT name, seen FROM person ORDER BY name")
S(PERSON_PRESENT, "SELECT COUNT(*) FROM person WHERE seen > $1")

/* rollback of a rule: decisions by default on cards that it brought, and such
 * cards that wait */
#define BY_RULE  "EXISTS (SELECT 1 FROM decision_rule d WHERE d.rule = $1 "   \
    "AND ($2 = 0 OR d.rev = $2) AND d.log = c.log AND d.leaf = c.leaf) "
S(REVIEW_BY_RULE, "SELECT r.review FROM review r JOIN card c "
    "ON c.card = r.card WHERE " BY_RULE "AND r.time >= $3 AND r.time <= $4 "
    "AND r.person = 'default' AND r.state = 'standing' LIMIT 5000")
S(CARD_BY_RULE, "SELECT COUNT(*) FROM card c WHERE " BY_RULE
    "AND c.first >= $3 AND c.first <= $4 AND c.state = 'waiting'")
S(CARD_WITHDRAW, "UPDATE card AS c SET state = 'withdrawn', claimed = '', "
    "claim_until = 0 WHERE " BY_RULE "AND c.first >= $3 AND c.first <= $4 "
    "AND c.state = 'waiting'")
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
S(STRIKE_ADD, "INSERT INTO strike (id, account, rule, rev, fingerprint, "
    "review, decision, state, points, half_life, time) VALUES ($1, $2, $3, "
    "$4, $5, $6, $7, $8, $9, $10, $11)")
S(STRIKE_COUNTED, "SELECT points, half_life, time FROM strike "
    "WHERE account = $1 AND state = 'counted'")
S(STRIKE_LIST, "SELECT id, rule, rev, state, points, half_life, time, "
    "decision FROM strike WHERE account = $1 ORDER BY time DESC LIMIT 200")
S(STRIKE_SAME, "SELECT COUNT(*) FROM strike WHERE account = $1 AND rule = $2 "
    "AND fingerprint = $3 AND time > $4 AND state = 'counted'")
S(STRIKE_TODAY, "SELECT COALESCE(SUM(points), 0) FROM strike "
    "WHERE account = $1 AND time > $2 AND state = 'counted'")
S(STRIKE_OF, "SELECT id, account FROM strike WHERE review = $1 "
    "AND state = 'counted'")
S(STRIKE_GET, "SELECT account, state FROM strike WHERE id = $1")
S(STRIKE_VOID, "UPDATE strike SET state = 'void' WHERE id = $1 "
    "AND state = 'counted'")

/* reports, cases, appeals */
S(CASE_OPEN, "SELECT id FROM casefile WHERE kind = $1 AND item = $2 "
    "AND decision = $3 AND state = 'open' LIMIT 1")
S(CASE_ADD, "INSERT INTO casefile (id, kind, item, page, decision, reason, "
    "state, outcome, reply, person, time, due, closed) VALUES ($1, $2, $3, "
    "$4, $5, $6, 'open', '', '', '', $7, $8, 0)")
S(CASE_GET, "SELECT kind, decision, state FROM casefile WHERE id = $1")
S(CASE_CLOSE, "UPDATE casefile SET state = 'closed', outcome = $1, "
    "reply = $2, person = $3, closed = $4 WHERE id = $5 AND state = 'open'")
S(CASE_LIST, "SELECT c.id, c.kind, c.item, c.page, c.decision, c.reason, "
    "c.state, c.outcome, c.reply, c.person, c.time, c.due, (SELECT COUNT(*) "
    "FROM report r WHERE r.casefile = c.id), COALESCE((SELECT MAX(r.text) "
    "FROM report r WHERE r.casefile = c.id), '') FROM casefile c "
    "ORDER BY CASE c.state WHEN 'open' THEN 0 ELSE 1 END, c.due LIMIT 200")
S(CASE_COUNT, "SELECT COUNT(*) FROM casefile WHERE state = 'open'")
S(REPORT_ADD, "INSERT INTO report (number, casefile, kind, time, reason, "
    "text, reporter) VALUES ($1, $2, $3, $4, $5, $6, $7)")
S(REPORT_STATUS, "SELECT r.kind, r.time, c.state, c.reply, c.due "
    "FROM report r JOIN casefile c ON c.id = r.casefile WHERE r.number = $1")
S(REVIEW_DECISION, "SELECT r.review, r.person FROM review r JOIN card c "
    "ON c.card = r.card WHERE c.decision = $1 AND r.state = 'standing' "
    "AND r.verdict = 'reject' ORDER BY r.review LIMIT 16")

/* erasure: 1 the hash, in LIKE with % around it */
S(ERASE_EVENTS_COUNT, "SELECT COUNT(*) FROM private p WHERE EXISTS (SELECT 1 "
    "FROM event e WHERE e.log = p.log AND e.leaf = p.leaf "
    "AND e.public LIKE $1)")
S(ERASE_EVENTS, "DELETE FROM private WHERE EXISTS (SELECT 1 FROM event e "
    "WHERE e.log = private.log AND e.leaf = private.leaf "
    "AND e.public LIKE $1)")
S(ERASE_NOTES, "UPDATE review SET note = '' WHERE note <> '' AND card IN "
    "(SELECT card FROM card WHERE item = $1 OR account = $1)")
S(ERASE_ORDERS, "UPDATE orders SET target = '', reference = '', reason = '' "
    "WHERE key = $1")
S(ERASE_REPORTS, "UPDATE report SET text = '', reporter = '' WHERE casefile "
    "IN (SELECT c.id FROM casefile c LEFT JOIN decision d "
    "ON d.id = c.decision WHERE c.item = $1 OR d.item = $1 OR d.account = $1)")
S(ERASE_CASES, "UPDATE casefile SET page = '', reply = '' WHERE item = $1 "
    "OR decision IN (SELECT id FROM decision WHERE item = $1 "
    "OR account = $1)")
S(ERASE_ACCOUNT_WHY, "UPDATE account SET reason = '' WHERE account = $1")
S(ERASE_SIGNATURES, "UPDATE signature SET args = '{}' WHERE args LIKE $1 "
    "AND state <> 'open'")

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
