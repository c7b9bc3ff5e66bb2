/* sql_period.h - statements of reports of a period.  Included by sql.h. */

/* where the lines of a time stand: leaves follow time but for what came late.
 * 1 from, 2 to */
S(PERIOD_SPAN, "SELECT MIN(log), MAX(log) FROM decision "
    "WHERE time >= $1 AND time < $2")
S(PERIOD_LEAVES, "SELECT MIN(leaf), MAX(leaf) FROM decision "
    "WHERE time >= $1 AND time < $2 AND log = $3")
/* 1 log, 2 and 3 leaves, 4 from, 5 to */
S(PERIOD_SCAN, "SELECT leaf, kind, time, node, mode, slot, host, action, "
    "reason, found_by, automation, fingerprint, account, item, policy, "
    "review, label, rule FROM decision WHERE log = $1 AND leaf >= $2 "
    "AND leaf <= $3 AND time + 0 >= $4 AND time + 0 < $5")
S(PERIOD_SHOWN, "SELECT label, action, SUM(total) FROM impression "
    "WHERE time >= $1 AND time < $2 AND (log < $3 OR (log = $3 "
    "AND leaf < $4)) AND mode = 'enforce' GROUP BY label, action")
S(PERIOD_LOST, "SELECT COALESCE(SUM(last - first + 1), 0) FROM lost "
    "WHERE time >= $1 AND time < $2 AND (log < $3 OR (log = $3 "
    "AND leaf < $4))")
/* 1 type, 2 from, 3 to, 4 log, 5 size */
S(PERIOD_EVENTS, "SELECT log, leaf, time, public FROM event WHERE type = $1 "
    "AND time >= $2 AND time < $3 AND (log < $4 OR (log = $4 "
    "AND leaf < $5)) ORDER BY log, leaf")
/* what people said of cards, with the line that they saw */
S(PERIOD_REVIEWS, "SELECT r.review, r.verdict, r.person, r.reason, c.item, "
    "c.label, c.kind, COALESCE(d.label, ''), COALESCE(d.kind, ''), "
    "COALESCE(d.host, ''), r.state, r.time, c.site, COALESCE(d.rule, c.rule) "
    "FROM review r JOIN card c ON c.card = r.card "
    "LEFT JOIN version v ON v.card = r.card AND v.version = r.version "
    "LEFT JOIN decision d ON d.log = v.log AND d.leaf = v.leaf "
    "WHERE r.time >= $1 AND r.time < $2 AND (r.log < $3 OR (r.log = $3 "
    "AND r.leaf < $4)) AND r.verdict IN ('release', 'reject') "
    "ORDER BY r.review")
S(PERIOD_LABEL, "SELECT COALESCE(label, ''), COALESCE(item, ''), "
    "COALESCE(host, '') FROM decision WHERE id = $1")
S(CASE_REPORTS, "SELECT COUNT(*) FROM report WHERE casefile = $1")
S(PERIOD_CASE, "SELECT kind, time, due FROM casefile WHERE id = $1")
S(IMPRESSION_ADD, "INSERT INTO impression (log, leaf, mode, label, action, "
    "time, total) VALUES ($1, $2, $3, $4, $5, $6, $7) "
    "ON CONFLICT (log, leaf, mode, label, action) DO UPDATE SET "
    "total = impression.total + excluded.total")
S(PERIOD_BEGIN, "SELECT MIN(t) FROM (SELECT MIN(time) AS t FROM decision "
    "UNION ALL SELECT MIN(time) AS t FROM event WHERE type = 'log') x")
S(PERIOD_FILED, "SELECT time, public FROM event WHERE type = 'period' "
    "ORDER BY log DESC, leaf DESC LIMIT 20")

/* reports of a time by who sent them: 1 from, 2 to; $3: only with a team or
 * only with a name.  acted: something was left out of pages after it */
#define TEAM_COLUMNS  "COUNT(*), "                                            \
    "SUM(CASE WHEN c.state = 'closed' AND c.outcome <> 'duplicate' "          \
    "THEN 1 ELSE 0 END), "                                                    \
    "SUM(CASE WHEN c.outcome IN ('effective', 'late') THEN 1 ELSE 0 END), "   \
    "SUM(CASE WHEN c.outcome = 'abusive' THEN 1 ELSE 0 END), "                \
    "SUM(CASE WHEN EXISTS (SELECT 1 FROM decision d WHERE d.item = c.item "   \
    "AND d.mode = 'enforce' AND d.action IN ('mask', 'hold', 'block') "       \
    "AND (d.time >= r.time OR d.last >= r.time)) THEN 1 ELSE 0 END)"
#define TEAM_FROM  " FROM report r JOIN casefile c ON c.id = r.casefile "     \
    "WHERE r.kind = 'report' AND r.time >= $1 AND r.time < $2 "
S(TEAM_RATES, "SELECT r.team, " TEAM_COLUMNS TEAM_FROM
    "GROUP BY r.team ORDER BY COUNT(*) DESC, r.team LIMIT 500")
S(REPORTER_RATES, "SELECT r.who, " TEAM_COLUMNS TEAM_FROM
    "AND r.who <> '' GROUP BY r.who ORDER BY COUNT(*) DESC, r.who LIMIT 500")
S(REPORTER_NAME, "SELECT reporter, team FROM report WHERE who = $1 "
    "AND reporter <> '' ORDER BY time DESC LIMIT 1")
/* 1 case, 2 since: reports, the largest group with one text, those whose
 * sender has not been seen before the time or did not say who */
S(ARRANGED_CASE, "SELECT COUNT(*), (SELECT COALESCE(MAX(n), 0) FROM (SELECT "
    "COUNT(*) AS n FROM report p WHERE p.casefile = $1 AND p.time > $2 "
    "AND p.print <> '' GROUP BY p.print) x), SUM(CASE WHEN r.who = '' "
    "OR NOT EXISTS (SELECT 1 FROM report o WHERE o.who = r.who "
    "AND o.time <= $2) THEN 1 ELSE 0 END) FROM report r "
    "WHERE r.casefile = $1 AND r.time > $2")
/* texts that came to many cases at once: 1 since, 2 how often, 3 cases */
S(ARRANGED_TEXTS, "SELECT print, COUNT(*), COUNT(DISTINCT casefile), "
    "MIN(time), MAX(time) FROM report WHERE time > $1 AND print <> '' "
    "GROUP BY print HAVING COUNT(*) >= $2 AND COUNT(DISTINCT casefile) >= $3 "
    "ORDER BY COUNT(*) DESC LIMIT 50")
S(CASE_LAST_REPORT, "SELECT COALESCE(MAX(time), 0) FROM report "
    "WHERE casefile = $1")

/* evidence: what persons did about a decision or its item */
S(EXPORT_EVENTS, "SELECT log, leaf FROM event WHERE type IN ('review', "
    "'undo', 'strike', 'account', 'appeal', 'report', 'outcome', 'handled') "
    "AND (public LIKE $1 OR public LIKE $2) ORDER BY log, leaf LIMIT 200")
S(EXPORT_ACCOUNT, "SELECT id FROM decision WHERE account = $1 "
    "ORDER BY log, leaf LIMIT $2")
S(EXPORT_ITEM, "SELECT id FROM decision WHERE item = $1 "
    "ORDER BY log, leaf LIMIT $2")

/* replay: cards with their texts; what a person said of one */
S(REPLAY_CARDS, "SELECT d.time, d.slot, d.action, d.fingerprint, p.body, "
    "COALESCE(d.rules, '[]'), d.id, COALESCE(d.account, ''), "
    "COALESCE(d.place, '') FROM decision d LEFT JOIN private p "
    "ON p.log = d.log AND p.leaf = d.leaf WHERE d.time >= $1 AND d.time < $2 "
    "AND d.kind IN ('decision', 'sample') ORDER BY d.log, d.leaf")
S(REPLAY_PAGES, "SELECT COALESCE(page, ''), COUNT(*) FROM decision "
    "WHERE kind = 'page' AND time >= $1 AND time < $2 "
    "GROUP BY COALESCE(page, '')")
S(REPLAY_STATES, "SELECT time, public FROM event WHERE type = 'account' "
    "ORDER BY log, leaf")
S(REPLAY_SAID, "SELECT CASE WHEN state = 'appealed' THEN 'release' "
    "ELSE verdict END FROM review WHERE fingerprint = $1 "
    "AND state IN ('standing', 'appealed') AND person <> 'default' "
    "AND verdict IN ('release', 'reject') ORDER BY time DESC, review DESC "
    "LIMIT 1")

/* accounts, all of them: their strikes that count, and lists */
S(WHATIF_STRIKES, "SELECT account, rule, points, half_life, time FROM strike "
    "WHERE state = 'counted' ORDER BY account")
S(ACCOUNTS_ALL, "SELECT account, state, ends, person, reason, time "
    "FROM account WHERE state <> 'none' ORDER BY account")
