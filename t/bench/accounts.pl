# What accounts cost when there are many: a store with ACCOUNTS (1000000)
# accounts and ten strikes each, made by SQL; then, through nginx and
# moderationd, the state of one account, and what other weights would make of
# all of them.
#
#     prove -v t/bench/accounts.pl

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use ModerationDesk;
use Test::More;
use Time::HiRes qw(sleep time);

my $n = $ENV{ACCOUNTS} || 1_000_000;

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

my @took;
for my $i (1 .. 200) {
    my $account = sprintf '%032x', int rand $n;
    my $t = time;
    my $r = $d->request(GET => "/moderation/v1/accounts/$account", user => 'bob');
    push @took, time - $t;
    if ($i == 1) {
        is($r->{status}, 200, 'an account') or diag $r->{body};
        cmp_ok($r->{json}{score}, '>', 1, 'its score');
        is(scalar @{ $r->{json}{strikes} }, 10, 'of ten strikes');
    }
}
@took = sort { $a <=> $b } @took;
diag sprintf 'state of one, through nginx: median %.1f ms, most %.1f ms', 1000 * $took[100], 1000 * $took[-1];

$from = time;
my $r = $d->request(GET => '/moderation/v1/whatif', user => 'bob');
is($r->{status}, 200, 'all of them') or diag $r->{body};
diag sprintf 'all scores anew: %.1f s', time - $from;
diag substr $r->{body}, 0, 300;

done_testing();
