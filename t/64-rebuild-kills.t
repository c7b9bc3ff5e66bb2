# The daemon is killed at any moment while people decide and lines come, KILLS
# (4) times: what was answered stands, nothing is lost or doubled, and the store
# is what its ledger says, all tables, row by row.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use ModerationRebuild 'same_store';
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'no sqlite3 (make test-deps)'
    if system('sqlite3 -version > /dev/null 2>&1') != 0;

my $d = ModerationDesk->new(policy => <<'POLICY');
schema: 1
policy: desk
slots:
  - {name: first, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title]}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: Sensational headline, points: 2}
rules: []
POLICY

my ($lines, $answered, $refused) = (0, 0, 0);

for my $round (1 .. $ENV{KILLS} || 4) {
    $d->lines(map { $d->card('card ' . ++$lines) } 1 .. 200);
    my $pid = fork // die;
    if (!$pid) {
        sleep 0.3 + rand 0.7;
        kill 'KILL', $d->{daemon};
        POSIX::_exit(0);
    }
    delete $d->{tokens};

    for (1 .. 200) {
        my $q = $d->request(GET => '/moderation/v1/queue?limit=20', user => 'alice')->{json} or last;
        my @c = @{ $q->{cards} || [] } or next;
        my $r = $d->post("/moderation/v1/cards/$c[rand @c]{id}/decide",
                         { version => 1, verdict => rand() < 0.5 ? 'release' : 'reject', reason => 'shock', note => "note $_" }, user => 'alice');
        $r->{status} == 200 ? $answered++ : $refused++;
        last if $r->{status} >= 500;
    }

    waitpid $pid, 0;
    $d->stop_daemon('KILL');
    $d->start_daemon;
}

my $count = sub { ModerationRebuild::sql("$d->{dir}/store.db", "SELECT COUNT(*) FROM $_[0]") };
ok($d->until_true(sub { $count->('decision') == $lines }, 60), 'all lines');
$d->stop_daemon;
is($count->('lost') + 0, 0, 'none is lost');
# (some of what was decided is asked again: cards of another kind)

is($count->("(SELECT card FROM card WHERE kind = 'card' GROUP BY decision HAVING COUNT(*) > 1)") + 0, 0, 'no card twice');
cmp_ok($count->('review'), '>=', $answered, "what was answered stands ($answered, $refused not)");
is(same_store($d), '', 'the store is what its ledger says');

done_testing();
