/*
 * sql.h - every fixed statement, in what SQLite and PostgreSQL both know:
 * parameters $1 $2 ... in the order in which they come first, ON CONFLICT,
 * RETURNING, no functions of one of them alone.  Included by db.h with S.
 */

/* the log, the position */
S(META_GET, "SELECT value FROM meta WHERE key = $1")
S(META_PUT, "INSERT INTO meta (key, value) VALUES ($1, $2) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value")
S(LOG_ADD, "INSERT INTO log (log, name, origin, size, root, opened) "
    "VALUES ($1, $2, $3, 0, $4, $5)")
S(LOG_LAST, "SELECT log, name, origin, size, root, opened FROM log "
    "ORDER BY log DESC LIMIT 1")
S(LOG_ALL, "SELECT log, name, origin, size, root, opened FROM log "
    "ORDER BY log")
S(LOG_NAMED, "SELECT log FROM log WHERE name = $1")
S(LOG_OPENED, "UPDATE log SET opened = $1 WHERE log = $2")
S(LOG_SIZE, "UPDATE log SET size = $1, root = $2 WHERE log = $3")

/* segments and places of workers */
S(PLACE_GET, "SELECT next, ended FROM place WHERE zone = $1 AND place = $2")
S(PLACE_PUT, "INSERT INTO place (zone, place, next, lost, last, ended) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (zone, place) DO UPDATE SET "
    "next = excluded.next, lost = place.lost + excluded.lost, "
    "last = excluded.last, ended = excluded.ended")
S(PLACE_ALL, "SELECT zone, place, next, lost, last, ended FROM place "
    "ORDER BY zone, place")
S(ZONE_PUT, "INSERT INTO zone (zone, boot, first, last, gap) "
    "VALUES ($1, $2, $3, $3, 0) ON CONFLICT (zone) DO NOTHING")
S(ZONE_SEEN, "UPDATE zone SET last = $1 WHERE zone = $2 AND last < $1")
S(ZONE_NEXT, "SELECT first FROM zone WHERE first >= $1 AND zone <> $2 "
    "ORDER BY first LIMIT 1")
S(ZONE_OPEN, "SELECT z.zone, z.last FROM zone z WHERE z.gap = 0 AND EXISTS "
    "(SELECT 1 FROM place p WHERE p.zone = z.zone AND p.ended = 0)")
S(ZONE_GAP, "UPDATE zone SET gap = $1 WHERE zone = $2")
S(SEGMENT_ALL, "SELECT name, zone, place, inode, pos, log, leaf, time, done "
    "FROM segment")
S(SEGMENT_GET, "SELECT zone, place FROM segment WHERE name = $1")
S(SEGMENT_PUT, "INSERT INTO segment (name, zone, place, inode, pos, log, "
    "leaf, time, done) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) "
    "ON CONFLICT (name) DO UPDATE SET pos = excluded.pos, "
    "inode = excluded.inode, log = excluded.log, leaf = excluded.leaf, "
    "time = excluded.time, done = excluded.done")
S(SEGMENT_DELETE, "DELETE FROM segment WHERE name = $1")
S(LOST_ADD, "INSERT INTO lost (log, leaf, zone, place, first, last, time) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)")
S(LOST_ALL, "SELECT log, leaf, zone, place, first, last, time FROM lost "
    "ORDER BY log, leaf")

/* what the lines say */
S(DECISION_ADD, "INSERT INTO decision (log, leaf, id, kind, time, node, mode, "
    "slot, host, page, suggestion, action, reason, found_by, automation, "
    "fingerprint, account, item, policy, place, review, label, rule, rules, "
    "total, last) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, "
    "$13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, 0, $5) "
    "ON CONFLICT (id) DO NOTHING")
S(DECISION_LEAF, "SELECT log, leaf FROM decision WHERE id = $1")
S(DECISION_COUNT, "UPDATE decision SET total = total + $1, "
    "last = CASE WHEN $2 > last THEN $2 ELSE last END WHERE id = $3 "
    "RETURNING mode, label, action")
S(RULE_ADD, "INSERT INTO decision_rule (rule, rev, log, leaf) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (rule, log, leaf) DO NOTHING")
S(COUNTS_GET, "SELECT total FROM counts WHERE id = $1 AND zone = $2 "
    "AND since = $3")
S(COUNTS_PUT, "INSERT INTO counts (id, zone, since, total) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (id, zone, since) DO UPDATE SET "
    "total = excluded.total")
S(PRIVATE_ADD, "INSERT INTO private (log, leaf, time, salt, body) "
    "VALUES ($1, $2, $3, $4, $5)")
S(PRIVATE_GET, "SELECT salt, body, time FROM private WHERE log = $1 "
    "AND leaf = $2")
S(AGAIN_ADD, "INSERT INTO decision_again (id, log, leaf) "
    "VALUES ($1, $2, $3) ON CONFLICT (id, log, leaf) DO NOTHING")

/* private parts that go */
S(HOLD_PUT, "INSERT INTO hold (ref, log, leaf, until) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (log, leaf, ref) DO UPDATE SET "
    "until = excluded.until")
S(HOLD_LIFT, "DELETE FROM hold WHERE ref = $1")
S(HOLD_OVER, "DELETE FROM hold WHERE until <= $1")
S(PRIVATE_OLD, "DELETE FROM private WHERE (log, leaf) IN (SELECT p.log, "
    "p.leaf FROM private p WHERE p.time < $1 AND NOT EXISTS (SELECT 1 FROM "
    "hold h WHERE h.log = p.log AND h.leaf = p.leaf AND h.until > $2) "
    "LIMIT $3)")
#define MDD_LEAVES_OF(column, arg)                                            \
    "(SELECT d.log, d.leaf FROM decision d WHERE d." column " = " arg " "     \
    "UNION SELECT a.log, a.leaf FROM decision d JOIN decision_again a "       \
    "ON a.id = d.id WHERE d." column " = " arg ")"
#define MDD_ERASE_COUNT(column)                                               \
    "SELECT COUNT(*), COUNT(h.until), MAX(h.until) FROM private p "           \
    "LEFT JOIN (SELECT log, leaf, MAX(until) AS until FROM hold "             \
    "WHERE until > $1 GROUP BY log, leaf) h ON h.log = p.log "                \
    "AND h.leaf = p.leaf WHERE (p.log, p.leaf) IN " MDD_LEAVES_OF(column, "$2")
#define MDD_ERASE(column)                                                     \
    "DELETE FROM private WHERE (log, leaf) IN " MDD_LEAVES_OF(column, "$1")   \
    " AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.log = private.log "        \
    "AND h.leaf = private.leaf AND h.until > $2)"
S(ERASE_ACCOUNT_COUNT, MDD_ERASE_COUNT("account"))
S(ERASE_ITEM_COUNT, MDD_ERASE_COUNT("item"))
S(ERASE_ACCOUNT, MDD_ERASE("account"))
S(ERASE_ITEM, MDD_ERASE("item"))
#undef MDD_LEAVES_OF
#undef MDD_ERASE_COUNT
#undef MDD_ERASE

S(STAT_GET, "SELECT total FROM stat WHERE zone = $1 AND what = $2 "
    "AND slot = $3 AND name = $4")
S(STAT_PUT, "INSERT INTO stat (zone, what, slot, name, total, time) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (zone, what, slot, name) "
    "DO UPDATE SET total = excluded.total, time = excluded.time")
S(STAT_HOUR, "INSERT INTO stat_hour (hour, what, slot, name, total) "
    "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (hour, what, slot, name) "
    "DO UPDATE SET total = stat_hour.total + excluded.total")
S(EVENT_ADD, "INSERT INTO event (log, leaf, time, type, public) "
    "VALUES ($1, $2, $3, $4, $5)")

#include "sql_web.h"
#include "sql_desk.h"
#include "sql_cover.h"
#include "sql_alarm.h"
#include "sql_period.h"
