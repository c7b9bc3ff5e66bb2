# What accounts cost when there are many: a store with ACCOUNTS (1000000)
# accounts and ten strikes each, made by SQL; then, through nginx and
# moderationd, the state of one account LOOKUPS (2000) times in each of these:
#
#   still     nothing else is asked of the daemon
#   written   its writer commits decisions without pause
#   all       all scores are worked out anew at the same time
#   cold      the page cache has nothing of the store
#
# and what other weights would make of all of them.  Beside the clock stands the
# processor time of the daemon.  On a machine that has other work the clock says
# how long a core was waited for; with `chrt -f 5` it does not.
#
#     chrt -f 5 prove -v t/bench/accounts.pl

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use List::Util qw(min);
use ModerationDesk;
use Test::More;
use Time::HiRes qw(sleep time);

my $n = $ENV{ACCOUNTS} || 1_000_000;
my $lookups = $ENV{LOOKUPS} || 2000;

my $d = ModerationDesk->new(roles => "users: {bob: [lead, auditor]}\n", policy => <<'POLICY');
schema: 1
policy: accounts
slots:
  - {name: first, type: html, match: li, fields: {title: b}, review: required}
rules:
  - {id: r.one, rev: 1, label: clickbait, match: {in: [title], terms: [alpha]}, strikes: {points: 2, half_life: 30d}}
POLICY

$d->stop_daemon;

my $from = time;
open my $sql, '|-', "sqlite3 '$d->{dir}/store.db' > /dev/null" or die $!;
print $sql <<"SQL";
PRAGMA synchronous = OFF;
BEGIN;
WITH RECURSIVE i(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM i WHERE n < $n * 10 - 1)
INSERT INTO strike (id, account, rule, rev, fingerprint, review, decision, state, points, half_life, time)
SELECT n + 1, printf('%032x', n % $n), 'r.one', 1, printf('%032x', n), 0, printf('d%019d', n), 'counted',
       2000, 2592000000, strftime('%s') * 1000 - (n / $n) * 864000000 FROM i;
COMMIT;
SQL
close $sql;
diag sprintf '%d accounts, %d strikes made in %.0f s, store %.1f GB', $n, 10 * $n, time - $from,
     (-s "$d->{dir}/store.db") / 1e9;

$d->start_daemon;

# ms of processor time, of all threads of the daemon
sub ran {
    my $ms = 0;
    for my $f (glob "/proc/$d->{daemon}/task/*/schedstat") {
        open my $h, '<', $f or next;
        $ms += (split ' ', <$h> // '0')[0] / 1e6;
    }
    return $ms;
}

sub share { my ($list, $p) = @_; return $list->[min($#$list, int($p * @$list))] }

sub look {
    my ($what) = @_;
    my @took;
    my $ran = ran();

    for my $i (1 .. $lookups) {
        my $account = sprintf '%032x', int rand $n;
        my $t = time;
        my $r = $d->request(GET => "/moderation/v1/accounts/$account", user => 'bob');
        push @took, 1000 * (time - $t);
        if ($i == 1) {
            is($r->{status}, 200, "$what: an account") or diag $r->{body};
            cmp_ok($r->{json}{score}, '>', 1, 'its score');
            is(scalar @{ $r->{json}{strikes} }, 10, 'of ten strikes');
        }
    }

    $ran = ran() - $ran;
    my @s = sort { $a <=> $b } @took;
    diag sprintf '%-8s median %.2f ms, 99 %% %.2f, most %.2f; over 5 ms: %d of %d; daemon %.2f ms each (load %s)', $what,
         share(\@s, 0.5), share(\@s, 0.99), $s[-1], scalar(grep { $_ > 5 } @s), scalar @s, $ran / @s,
         (split ' ', `cat /proc/loadavg`)[0];
}

sub beside {
    my ($run) = @_;
    my $pid = fork;
    return $pid if $pid;
    $SIG{TERM} = 'DEFAULT';
    $run->();
    require POSIX;
    POSIX::_exit(0);
}

look('still');

# a writer: a hundred decisions a time, as fast as they are taken

my $pid = beside(sub {
    for (my $i = 0; ; $i++) {
        $d->lines(map { $d->card("card $i $_") } 1 .. 100);
        sleep 0.05;
    }
});
sleep 2;
look('written');
kill 'TERM', $pid;
waitpid $pid, 0;

# all of them

$pid = beside(sub { while (1) { $d->request(GET => '/moderation/v1/whatif', user => 'bob') } });
sleep 1;
look('all');
kill 'TERM', $pid;
waitpid $pid, 0;

for (1, 2) {
    $from = time;
    my $r = $d->request(GET => '/moderation/v1/whatif', user => 'bob');
    is($r->{status}, 200, 'all of them') or diag $r->{body};
    diag sprintf 'all scores anew: %.1f s', time - $from;
    diag substr $r->{body}, 0, 300 if $_ == 1;
}

# what a store costs that nobody has read for long

$d->stop_daemon;
system "dd if='$d->{dir}/store.db' iflag=nocache count=0 status=none; sync";
$d->start_daemon;
look('cold');

$d->stop;
done_testing();
