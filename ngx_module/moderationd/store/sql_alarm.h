/*
 * sql_alarm.h - statements of alarms, of what was learnt of counters, and of
 * webhooks.  Included by sql.h.
 */

#define ALARM_COLUMNS  "a.id, a.key, a.kind, a.what, a.level, a.n, "          \
    "a.expected, a.began, a.ended, a.person, a.at, a.detail, "                  \
    "COALESCE((SELECT m.until "                                                \
    "FROM mute m WHERE m.key = a.key AND m.until > $1), 0)"

S(ALARM_OPEN, "SELECT " ALARM_COLUMNS " FROM alarm a WHERE a.ended = 0 "
    "ORDER BY CASE a.level WHEN 'high' THEN 0 WHEN 'medium' THEN 1 ELSE 2 "
    "END, a.id DESC")
S(ALARM_ENDED, "SELECT " ALARM_COLUMNS " FROM alarm a WHERE a.ended > $2 "
    "ORDER BY a.ended DESC, a.id DESC LIMIT $3")
S(ALARM_GET, "SELECT " ALARM_COLUMNS " FROM alarm a WHERE a.id = $2")
S(ALARM_OF, "SELECT id, n, level, detail FROM alarm WHERE ended = 0 AND key = $1")
S(ALARM_ADD, "INSERT INTO alarm (id, key, kind, what, level, n, expected, "
    "began, ended, person, at, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, "
    "$8, 0, '', 0, $9)")
S(ALARM_NOW, "UPDATE alarm SET n = $1, level = $2, detail = $3 "
    "WHERE id = $4")
S(ALARM_END, "UPDATE alarm SET ended = $1 WHERE id = $2 AND ended = 0")
S(ALARM_ACK, "UPDATE alarm SET person = $1, at = $2 WHERE id = $3 "
    "AND ended = 0 AND person = ''")
S(ALARM_PRUNE, "DELETE FROM alarm WHERE ended > 0 AND ended < $1")
S(MUTE_PUT, "INSERT INTO mute (key, until, person, time) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO UPDATE SET "
    "until = excluded.until, person = excluded.person, time = excluded.time")

S(BASELINE_ALL, "SELECT key, asked, time, state FROM baseline")
S(BASELINE_PUT, "INSERT INTO baseline (key, asked, time, state) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO UPDATE SET "
    "asked = excluded.asked, time = excluded.time, state = excluded.state")
S(BASELINE_OLD, "DELETE FROM baseline WHERE time < $1")

S(LOST_SINCE, "SELECT COALESCE(SUM(last - first + 1), 0) FROM lost "
    "WHERE time > $1")
S(LOST_COUNTED, "SELECT COALESCE(SUM(total), 0) FROM stat_hour "
    "WHERE hour > $1 AND what = 'lost'")

/* what pages must have and have not, or what a guard found, since $1 */
S(PAGE_FOUND, "SELECT rule, MIN(page), SUM(CASE WHEN total > 1 THEN total "
    "ELSE 1 END) FROM decision WHERE kind = 'page' AND last > $1 "
    "AND reason <> 'inserted' GROUP BY rule ORDER BY rule LIMIT 32")

S(OUTBOX_ADD, "INSERT INTO outbox (id, target, type, body, time, tries, "
    "next) VALUES ($1, $2, $3, $4, $5, 0, 0)")
S(OUTBOX_FIRST, "SELECT id, type, body, tries, next FROM outbox "
    "WHERE target = $1 ORDER BY id LIMIT 1")
S(OUTBOX_NEXT, "SELECT id, target FROM outbox WHERE id > $1 AND target NOT IN "
    "(SELECT target FROM outbox WHERE id <= $1) ORDER BY id LIMIT 1")
S(OUTBOX_FORGET, "DELETE FROM outbox WHERE target = $1")
S(OUTBOX_OVER, "DELETE FROM outbox WHERE time < $1")
S(OUTBOX_DONE, "DELETE FROM outbox WHERE id = $1")
S(OUTBOX_LATER, "UPDATE outbox SET tries = $1, next = $2 WHERE id = $3")
S(OUTBOX_OLD, "SELECT COUNT(*) FROM outbox WHERE time < $1")

/* notices */
S(NOTICE_ADD, "INSERT INTO notice (id, decision, who, account, item, rule, "
    "what, reason, site, time, outbox, taken, state) VALUES ($1, $2, $3, $4, "
    "$5, $6, $7, $8, $9, $10, 0, 0, 'new')")
S(NOTICE_SAME, "SELECT COUNT(*) FROM notice WHERE account = $1 AND rule = $2 "
    "AND what = $3 AND who = $4 AND time > $5")
S(NOTICE_NEW, "SELECT id, decision, who, rule, reason, site FROM notice "
    "WHERE state = 'new' ORDER BY id LIMIT 50")
S(NOTICE_OVER, "SELECT id, decision, who, rule, reason, site FROM notice "
    "WHERE state = 'taken' AND taken < $1 AND who = 'rule' ORDER BY taken "
    "LIMIT 50")
S(NOTICE_APPEALED, "SELECT id, decision, who, rule, reason, site FROM notice "
    "WHERE decision = $1 AND who = 'rule' AND state IN ('sent', 'taken')")
S(NOTICE_GET, "SELECT account, what FROM notice WHERE id = $1")
S(NOTICE_OF, "SELECT id, state FROM notice WHERE decision = $1 AND who = $2 "
    "ORDER BY id DESC LIMIT 1")
S(NOTICE_STATE, "UPDATE notice SET state = $1 WHERE id = $2")
S(NOTICE_SENT, "UPDATE notice SET state = 'sent', outbox = $1 WHERE id = $2")
S(NOTICE_TAKEN, "UPDATE notice SET state = 'taken', taken = CASE "
    "WHEN $1 > time THEN $1 ELSE time END WHERE outbox = $2 "
    "AND state = 'sent'")
S(CASE_APPEAL, "SELECT state, outcome FROM casefile WHERE kind = 'appeal' "
    "AND decision = $1")
S(APPEAL_OPEN, "SELECT id FROM casefile WHERE kind = 'appeal' "
    "AND decision = $1 AND state = 'open'")
S(ERASE_NOTICES, "DELETE FROM outbox WHERE id IN (SELECT outbox FROM notice "
    "WHERE account = $1 OR item = $1)")

/* strikes of rules that cannot be relied on */
S(STRIKE_ANY, "SELECT EXISTS (SELECT 1 FROM strike WHERE rule = $1 "
    "AND state IN ('counted', 'suspended'))")
S(STRIKE_HAVE, "SELECT DISTINCT account FROM strike WHERE rule = $1 "
    "AND state = $2 LIMIT $3")
S(STRIKE_MOVE, "UPDATE strike SET state = $1 WHERE account = $2 "
    "AND rule = $3 AND state = $4")

/* names near those of closed accounts */
S(NEAR_ANY, "SELECT EXISTS (SELECT 1 FROM near_name)")
S(NEAR_GET, "SELECT account FROM near_name WHERE key = $1 "
    "AND account <> $2 LIMIT 1")
S(NEAR_PUT, "INSERT INTO near_name (key, account) VALUES ($1, $2) "
    "ON CONFLICT (key, account) DO NOTHING")
S(NEAR_DROP, "DELETE FROM near_name WHERE account = $1")
S(NEAR_NAMES, "SELECT p.body FROM decision d JOIN private p ON p.log = d.log "
    "AND p.leaf = d.leaf WHERE d.account = $1 ORDER BY d.time DESC LIMIT 50")

/* a fast second look */
S(CARD_OF_DECISION, "SELECT " CARD_COLUMNS " FROM card c WHERE c.decision = $1 "
    "AND c.kind = 'card' LIMIT 1")
S(LOOK_HAD, "SELECT COUNT(*) FROM casefile WHERE kind = 'look' "
    "AND decision = $1")
S(LOOK_OPEN, "SELECT id FROM casefile WHERE kind = 'look' AND decision = $1 "
    "AND state = 'open' LIMIT 1")
