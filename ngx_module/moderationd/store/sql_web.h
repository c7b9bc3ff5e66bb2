/*
 * sql_web.h - statements of console and API that read the record.  Included by
 * sql.h.
 */

/* 1 before (ms), 2 id behind it, 3 from, 4 slot, 5 label, 6 action, 7 host,
 * 8 kind, 9 rule, 10 how many */
#define WEB_COLUMNS  "d.id, d.kind, d.time, d.node, d.mode, d.slot, d.host, " \
    "d.page, d.suggestion, d.action, d.reason, d.found_by, d.automation, "    \
    "d.fingerprint, d.account, d.item, d.policy, d.place, d.review, d.label, "\
    "d.rules, d.total, d.last, d.log, d.leaf"
#define WEB_FILTER  "d.time <= $1 AND (d.time < $1 OR d.id < $2) "            \
    "AND d.time >= $3 AND ($4 = '' OR d.slot = $4) "                          \
    "AND ($5 = '' OR d.label = $5) AND ($6 = '' OR d.action = $6) "           \
    "AND ($7 = '' OR d.host = $7) AND ($8 = '' OR d.kind = $8) "              \
    "AND ($9 = '' OR EXISTS (SELECT 1 FROM decision_rule r WHERE r.rule = $9 "\
    "AND r.log = d.log AND r.leaf = d.leaf))"

S(WEB_DECISIONS, "SELECT " WEB_COLUMNS " FROM decision d WHERE " WEB_FILTER
    " ORDER BY d.time DESC, d.id DESC LIMIT $10")
S(WEB_BY_ITEM, "SELECT " WEB_COLUMNS " FROM decision d WHERE " WEB_FILTER
    " AND d.item = $10 ORDER BY d.time DESC, d.id DESC LIMIT $11")
S(WEB_BY_ACCOUNT, "SELECT " WEB_COLUMNS " FROM decision d WHERE " WEB_FILTER
    " AND d.account = $10 ORDER BY d.time DESC, d.id DESC LIMIT $11")
S(WEB_OF_CASE, "SELECT " WEB_COLUMNS " FROM decision d WHERE " WEB_FILTER
    " AND EXISTS (SELECT 1 FROM casefile f WHERE f.id = $10 AND (f.decision = "
    "d.id OR (f.item <> '' AND f.item = d.item))) "
    "ORDER BY d.time DESC, d.id DESC LIMIT $11")
S(WEB_DECISION, "SELECT " WEB_COLUMNS " FROM decision d WHERE d.id = $1")
S(WEB_COUNTS, "SELECT zone, since, total FROM counts WHERE id = $1 "
    "ORDER BY since")
S(WEB_TABS, "SELECT slot, COUNT(*) FROM decision WHERE time >= $1 "
    "GROUP BY slot ORDER BY slot")
S(WEB_EVENTS, "SELECT log, leaf, time, type, public FROM event "
    "WHERE log > $1 OR (log = $1 AND leaf > $2) ORDER BY log, leaf LIMIT $3")
S(WEB_EVENTS_LAST, "SELECT log, leaf, time, type, public FROM event "
    "ORDER BY log DESC, leaf DESC LIMIT $1")
S(WEB_LOST, "SELECT COALESCE(SUM(last - first + 1), 0) FROM lost")
S(WEB_LOST_LAST, "SELECT log, leaf, zone, place, first, last, time FROM lost "
    "ORDER BY log DESC, leaf DESC LIMIT 20")
S(WEB_PLACES, "SELECT MAX(last), SUM(lost), COUNT(*) FROM place")
S(WEB_ERASED, "SELECT COUNT(*) FROM decision d WHERE NOT EXISTS (SELECT 1 "
    "FROM private p WHERE p.log = d.log AND p.leaf = d.leaf)")

S(PERSON_LANG, "SELECT lang FROM person WHERE name = $1")
S(PERSON_LANG_PUT, "INSERT INTO person (name, alias, lang, seen) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET "
    "lang = excluded.lang")
S(PERSON_ALIAS, "SELECT alias FROM person WHERE name = $1")
S(PERSON_ADD, "INSERT INTO person (name, alias, lang, seen) "
    "VALUES ($1, $2, '', $3) ON CONFLICT (name) DO NOTHING")

S(RULE_TEXT, "SELECT text FROM rule_text WHERE rule = $1 AND rev = $2")
S(RULE_TEXT_ADD, "INSERT INTO rule_text (rule, rev, text, time) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (rule, rev) DO NOTHING")
