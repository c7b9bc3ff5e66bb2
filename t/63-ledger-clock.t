# The clock jumps under the daemon: a day forward, an hour back, another one
# back, three days back beyond its start.  Lines come meanwhile, their workers'
# clocks right or wrong.  Nothing is lost or doubled, leaves keep their order, a
# release ends when its time is over by the clock that is, and days of reports
# are those of the lines.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationReview;
use ModerationRebuild 'same_store';
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'no sqlite3 (make test-deps)'
    if system('sqlite3 -version > /dev/null 2>&1') != 0;

my $d = ModerationReview->new(conf => <<'CONF', policy => <<'POLICY', files => { 'html/index.html' => join '', map { qq{<li class="card" id="$_"><b>room $_</b></li>\n} } 1 .. 3 });
node: test
workers: %%WORKERS%%
retention: {private: 1000d}
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}}
CONF
schema: 1
policy: desk
slots:
  - {name: first, type: html, match: li.card, item_id: room, fields: {title: b, room: '@id'}, review: {mode: required, fields: [title], ttl: 2h, stable: assume}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: Sensational headline}
rules: []
POLICY

my $hour = 3600;
my $status = sub { $d->request(GET => '/moderation/v1/status', user => 'bob')->{json} };
my $have = sub { ($status->()->{queues}[0] || {})->{cards} || 0 };
my $n = 0;
my $lines = sub {
    my ($k, $ms) = @_;
    $d->lines(map { { %{ $d->card('line ' . ++$n) }, $ms ? (time => $ms) : () } } 1 .. $k);
};
my $clock = sub { $d->clock($_[0]); delete $d->{tokens} };       # which end by the clock

is($d->shown('/index.html'), '', 'held');
$d->waits(3, 20);
$d->release_all('alice');
is($d->until_true(sub { $d->shown('/index.html') eq '1 2 3' }, 10) ? 1 : 0, 1, 'released for two hours, at most');

# forward by a day: they are over, and wait again as they are shown

$lines->(10);
$clock->(24 * $hour);
ok($d->until_true(sub { $d->shown('/index.html') eq '' }, 30), 'a day later they are over');
$lines->(10);
ok($d->until_true(sub { $have->() == $n + 3 }, 30), 'lines go on, cards wait again');
$d->release_all('alice');

# back by an hour: what is released stays, is not released for ever, and what
# is done now is in order behind what was done

$clock->(-1 * $hour);
$lines->(10, int((time + 23 * $hour) * 1000));
ok($d->until_true(sub { $have->() == 10 }, 30), 'lines go on');
sleep 2.5;
is($d->shown('/index.html'), '1 2 3', 'an hour back: still released');
my $q = $d->request(GET => '/moderation/v1/queue?limit=100', user => 'alice')->{json}{cards};
is($d->post("/moderation/v1/cards/$q->[0]{id}/decide", { version => 1, verdict => 'release' }, user => 'alice')->{status}, 200, 'decisions are taken');
my ($undo) = map { $_->{json} } $d->post("/moderation/v1/cards/$q->[1]{id}/decide", { version => 1, verdict => 'reject', reason => 'shock' }, user => 'alice');
is($d->post("/moderation/v1/reviews/$undo->{review}/undo", {}, user => 'alice')->{status}, 200, 'and undone');
$clock->(4 * $hour);
ok($d->until_true(sub { $d->shown('/index.html') eq '' }, 30), 'and over when two hours have passed');

# back to before it started; checkpoints are signed, claims and orders work

my ($size) = $status->()->{tree}{size};
$clock->(-72 * $hour);
$lines->(10, int((time - 48 * $hour) * 1000));
$lines->(10);
ok($d->until_true(sub { $status->()->{tree}{size} >= $size + 20 }, 30), 'three days back: lines go on');
my $r = $d->post('/moderation/v1/queue/next', { n => 2 }, user => 'alice'); is($r->{status}, 200, 'claims') or diag $r->{body}, $d->daemon_log;
my $o = $d->post('/moderation/v1/orders', { targets => [ { kind => 'item', value => '2' } ], source => 'internal', reason => 'test', until => '1h' }, user => 'alice');
is($o->{status}, 201, 'an order');
my ($order) = @{ $d->request(GET => '/moderation/v1/orders', user => 'bob')->{json}{orders} };
is($order->{state}, 'live', 'is live');
$clock->(2 * $hour);
ok($d->until_true(sub { $d->request(GET => '/moderation/v1/orders', user => 'bob')->{json}{orders}[0]{state} eq 'ended' }, 30), 'and ends');

# restarted on a clock that is behind its own record

$clock->(-24 * $hour);
$d->stop_daemon;
$d->start_daemon;
$lines->(10);
ok($d->until_true(sub { ModerationRebuild::sql("$d->{dir}/store.db", 'SELECT COUNT(*) FROM decision WHERE item IS NOT NULL AND host = \'www.example.cn\'') == $n }, 30),
   'restarted: lines go on');

# into another year, and ended as its log begins: that is signed, too

$clock->(400 * 24 * $hour);
ok($d->until_true(sub { (my @l = glob "$d->{dir}/ledger/2*") > 1 }, 30), 'a year later: a log of its own');
$d->stop_daemon;

my $db = "$d->{dir}/store.db";
is(ModerationRebuild::sql($db, "SELECT COUNT(*), COUNT(DISTINCT id) FROM decision WHERE host = 'www.example.cn'"), "$n|$n\n", 'each line once');
is(ModerationRebuild::sql($db, 'SELECT COUNT(*) FROM lost'), "0\n", 'none is lost');
is(ModerationRebuild::sql($db, 'SELECT COUNT(*) FROM (SELECT leaf, LAG(leaf) OVER (ORDER BY review) AS was FROM review) WHERE leaf < was'), "0\n",
   'reviews have their leaves in order');
is(ModerationRebuild::sql($db, "SELECT COUNT(*) FROM verdict WHERE kind = 0 AND verdict IN (1) AND ends = 0"), "0\n", 'no release is for ever');
my @logs = glob "$d->{dir}/ledger/2*";
for my $log (@logs) {
    my $said = `$ModerationTest::build/moderationctl ledger verify $log --key $log/vkey --sample all 2>&1`;
    is($?, 0, 'the ledger verifies') or diag $said;
}
cmp_ok(scalar @logs, '>=', 2, 'logs');
ok(-s "$logs[-1]/checkpoint", 'the newest is signed');
is(same_store($d), '', 'the store comes back from it');

done_testing();
