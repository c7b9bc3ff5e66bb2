# The disk of store and ledger is full while the daemon runs: what people do is
# refused and said so, lines wait in the spool; nothing is lost and nothing
# doubled when there is room again.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use ModerationRebuild;
use Test::More;

plan skip_all => 'not root: no file system of its own' if $> != 0;
plan skip_all => 'no sqlite3 (make test-deps)'
    if system('sqlite3 -version > /dev/null 2>&1') != 0;

my $mounted;

package FullDisk {
    our @ISA = ('ModerationDesk');

    sub before_start {
        my ($self) = @_;
        mkdir "$self->{dir}/disk";
        $mounted = "$self->{dir}/disk";
        system("mount -t tmpfs -o size=64m,mode=0700 tmpfs $mounted") == 0
            or main::plan(skip_all => 'no tmpfs');
    }
}

END { system("umount $mounted") if $mounted }

my $d = FullDisk->new(conf => <<'END', policy => <<'POLICY');
node: test
store: disk/store.db
ledger: disk/ledger
last_signed: disk/last-signed
checkpoint: 1s
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}}
END
schema: 1
policy: desk
slots:
  - {name: first, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title]}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: Sensational headline}
rules: []
POLICY

my $status = sub { $d->request(GET => '/moderation/v1/status', user => 'bob')->{json} };
my $health = sub { $d->request(GET => '/moderation/v1/health', user => 'bob')->{status} };
my ($waits, $n) = (0, 0);
my $cards = sub { my ($k) = @_; $d->lines(map { $d->card('card number ' . ++$n) } 1 .. $k); $n };

$cards->(20);
ok($d->until_true(sub { $status->()->{tree}{size} >= 22 }, 20), 'a tree');
is($status->()->{store}{state}, 'ok', 'the store is written');
is($health->(), 200, 'health');

# how small the file system can get

for my $round (1 .. 3) {
    my $fill = sub {
        open my $f, '>>', "$mounted/fill" or die;
        1 while syswrite $f, 'x' x 4096;
    };
    $fill->();
    $cards->(400);
    $fill->() for 1 .. 3;
    ok($d->until_true(sub { $fill->(); ($status->()->{store}{state} // '') eq 'failing' }, 30), "$round: full: the status says so")
        or diag $d->daemon_log;
    my $s = $status->();
    like($s->{store}{error}, qr/space|full/i, "$round: and why");
    is($health->(), 503, "$round: health");

    # for a while, in which it tries again

    if ($round == 1) {
        my $until = time + 4;
        $health->() while time < $until;
    }

    like($d->daemon_log, qr/could not be written: .*(?:space|full)/i, "$round: and the log");

    my ($card) = @{ $d->request(GET => '/moderation/v1/queue?limit=1', user => 'alice')->{json}{cards} };
    ok($card, "$round: the queue can be read");
    like($d->request(GET => '/moderation/queue', user => 'alice')->{body}, qr/nothing can be written/, "$round: and its head says so");
    my $r = $d->post("/moderation/v1/cards/$card->{id}/decide",
                     { version => $card->{version}, verdict => 'release' }, user => 'alice');
    is($r->{status}, 503, "$round: a decision is refused");
    is($r->{json}{error}, 'store', "$round: and why");
    is($d->request(GET => "/moderation/v1/cards/$card->{id}", user => 'alice')->{json}{state}, 'waiting', "$round: nothing of it stays");

    # once the daemon is killed meanwhile, and starts on a disk that is full

    if ($round == 2) {
        $d->stop_daemon('KILL');
        my $said = `$ModerationTest::build/moderationd -c $d->{dir}/moderationd.yaml 2>&1`;
        isnt($?, 0, "$round: it does not start on a full disk");
        like($said, qr/error: .*(?:space|full)/i, "$round: and says why");
        unlink "$mounted/fill";
        $d->start_daemon;
    }

    unlink "$mounted/fill";
    ok($d->until_true(sub { my $s = $status->(); $s->{store}{state} eq 'ok' && ($s->{queues}[0]{cards} // 0) + $waits == $n }, 60),
       "$round: all lines are there when there is room") or diag explain($status->()), $d->daemon_log;
    is($health->(), 200, "$round: health");
    $r = $d->post("/moderation/v1/cards/$card->{id}/decide",
                  { version => $card->{version}, verdict => 'release' }, user => 'alice');
    is($r->{status}, 200, "$round: and decisions are taken");
    $waits++;
}

like($d->daemon_log, qr/changes are written again/, 'the log says that it goes on');
my $lines = () = $d->daemon_log =~ /could not be written/g;
cmp_ok($lines, '<=', 12, "a disk that stays full is not told with each try: $lines lines");
$d->stop_daemon;

my $db = "$mounted/store.db";
is(ModerationRebuild::sql($db, 'SELECT COUNT(*), COUNT(DISTINCT id) FROM decision'), "$n|$n\n", 'each decision once');
is(ModerationRebuild::sql($db, 'SELECT COUNT(*) FROM lost'), "0\n", 'no line is lost');
is(ModerationRebuild::sql($db, "SELECT COUNT(*) FROM review WHERE state = 'standing'"), "3\n", 'each decision of a person, too');
my ($log) = glob "$mounted/ledger/2*";
my $said = `$ModerationTest::build/moderationctl ledger verify $log --key $log/vkey --sample all 2>&1`;
is($?, 0, 'the ledger verifies') or diag $said;
if (-x "$ModerationTest::build/verify/verify") {
    $said = `$ModerationTest::build/verify/verify log $log $log/vkey 2>&1`;
    is($?, 0, 'by the Go program, too') or diag $said;
}

done_testing();
