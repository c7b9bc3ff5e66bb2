/* sql_cover.h - statements of pictures that are compared.  Included by sql.h. */

/* 1 a seq: what workers were told of cards behind it */
S(COVER_TOLD, "SELECT key, scope, verdict, flags, ends, seq FROM verdict "
    "WHERE seq > $1 AND kind = 0 ORDER BY seq LIMIT 200")
S(COVER_CARD, "SELECT c.card, v.log, v.leaf, c.site, c.slot FROM version v "
    "JOIN card c ON c.card = v.card WHERE v.fingerprint = $1 "
    "AND c.scope = $2 AND c.kind = 'card' ORDER BY c.card DESC, "
    "v.version DESC LIMIT 1")
#define COVER_COLUMNS  "c.print, c.scope, c.card, c.log, c.leaf, c.sum, "      \
    "c.since, c.seen, c.seen_at, c.next, c.every, c.fails, c.changed"
S(COVER_GET, "SELECT " COVER_COLUMNS " FROM cover c WHERE c.print = $1 "
    "AND c.scope = $2")
S(COVER_DUE, "SELECT " COVER_COLUMNS " FROM cover c WHERE c.next > 0 "
    "AND c.next <= $1 ORDER BY c.next LIMIT $2")
S(COVER_SEEN, "INSERT INTO cover (print, scope, card, log, leaf, sum, since, "
    "seen, seen_at, next, every, fails, changed) VALUES ($1, $2, $3, $4, $5, "
    "'', 0, $6, $7, 0, 0, 0, 0) ON CONFLICT (print, scope) DO UPDATE SET "
    "seen = excluded.seen, seen_at = excluded.seen_at")
S(COVER_WATCH, "INSERT INTO cover (print, scope, card, log, leaf, sum, since, "
    "seen, seen_at, next, every, fails, changed) VALUES ($1, $2, $3, $4, $5, "
    "$6, $7, '', 0, $8, $9, 0, 0) ON CONFLICT (print, scope) DO UPDATE SET "
    "sum = excluded.sum, since = excluded.since, next = excluded.next, "
    "every = excluded.every, fails = 0")
/* what a release stands for: in a leaf, so that a store which is made again
 * compares with it */
S(COVER_BASE, "INSERT INTO cover (print, scope, card, log, leaf, sum, since, "
    "seen, seen_at, next, every, fails, changed) VALUES ($1, $2, $3, $4, $5, "
    "$6, $7, '', 0, 0, 0, 0, 0) ON CONFLICT (print, scope) DO UPDATE SET "
    "sum = excluded.sum, since = excluded.since")
S(COVER_NEXT, "UPDATE cover SET sum = $1, next = $2, fails = $3 "
    "WHERE print = $4 AND scope = $5 AND next > 0")
S(COVER_STOP, "UPDATE cover SET next = 0 WHERE print = $1 AND scope = $2")
S(COVER_CHANGED, "UPDATE cover SET next = 0, changed = $1 WHERE print = $2 "
    "AND scope = $3")
/* a newer line of the same card, which says where its picture is now */
S(COVER_LINE, "UPDATE cover SET log = $1, leaf = $2, next = $3 "
    "WHERE print = $4 AND scope = $5 AND next > 0 AND fails > 2")
S(COVER_OLD, "DELETE FROM cover WHERE next = 0 AND since < $1 "
    "AND seen_at < $1 AND changed < $1")
S(COVER_FAILED, "SELECT COUNT(*) FROM cover WHERE next > 0 AND fails > 2")
S(COVER_LATE, "SELECT COUNT(*) FROM cover WHERE next > 0 AND next < $1")
S(COVER_OF_CARD, "SELECT changed, seen_at FROM cover WHERE print = $1 "
    "AND scope = $2")
/* cards that are shown to fill up a floor: 1 since */
S(FLOOR_SHOWN, "SELECT slot, COUNT(DISTINCT item) FROM decision "
    "WHERE reason = 'floor' AND last > $1 GROUP BY slot ORDER BY slot")
S(COVER_REVIEW, "SELECT COALESCE(MAX(time), 0) FROM review "
    "WHERE fingerprint = $1 AND state = 'standing' "
    "AND verdict IN ('release', 'adopt')")
