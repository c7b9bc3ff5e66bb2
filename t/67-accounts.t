# Accounts as a list: what other weights would make of them, out and in as CSV.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(roles => <<'YAML', policy => <<'POLICY');
users: {alice: [reviewer], bob: [lead], lena: [lead], eve: [viewer]}
YAML
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b}}]
reasons: [{id: shock, key: 1, title: {zh: 标题夸张, en: Sensational}}]
accounts: {states: {watched: 1, limited: 3, suspended: 6}}
rules:
  - {id: r.one, rev: 1, label: clickbait, match: {in: [title], terms: [alpha]}, strikes: {points: 1.5, half_life: 90d}}
  - {id: r.two, rev: 1, label: clickbait, match: {in: [title], terms: [beta]}, strikes: {points: 0.5, half_life: 90d}}
POLICY

# 4 accounts with one strike of r.one, 3 with one of r.two, 2 with both

my @cards;
my $n = 0;
for my $who (1 .. 9) {
    push @cards, $d->card("alpha $who", rule => 'r.one', account => sprintf('%032x', $who)) if $who <= 4 || $who > 7;
    push @cards, $d->card("beta $who", rule => 'r.two', account => sprintf('%032x', $who)) if $who > 4;
}
$d->cards(@cards);
my @queue = @{ $d->request(GET => '/moderation/v1/queue?limit=100', user => 'alice')->{json}{cards} };
is(scalar @queue, 11, 'cards of nine accounts');
$d->post("/moderation/v1/cards/$_->{id}/decide", { version => 1, verdict => 'reject', reason => 'shock' }, user => 'alice') for @queue;

my $whatif = sub { $d->request(GET => "/moderation/v1/whatif?$_[0]", user => 'eve')->{json} };
my $j = $whatif->('');
is($j->{accounts}, 9, 'accounts with strikes');
is_deeply($j->{now}, { none => 3, watched => 6, limited => 0, suspended => 0 }, 'as they are');
is_deeply($j->{then}, $j->{now}, 'the same weights, the same states');
is($j->{changed}, 0, 'nothing changes');
is_deeply([ map { $_->{now} } @{ $j->{histogram} }[0 .. 4] ], [ 0, 3, 0, 4, 2 ], 'a histogram of scores') or diag(explain $j->{histogram});
is_deeply($whatif->('watched=0.4')->{then}, { none => 0, watched => 9, limited => 0, suspended => 0 }, 'another level');
$j = $whatif->('points.r.one=4&limited=4.2');
is_deeply($j->{then}, { none => 3, watched => 4, limited => 2, suspended => 0 }, 'another weight of a rule');
is($j->{changed}, 2, 'two would stand elsewhere');
is($d->request(GET => '/moderation/v1/accounts/' . sprintf('%032x', 1), user => 'eve')->{json}{score}, 1.5, 'nothing has changed');
is($whatif->('half_life=1s&watched=x')->{levels}{watched}, 1, 'what is no number is left as it is');

for my $lang (qw(zh en)) {
    my $r = $d->request(GET => "/moderation/whatif?lang=$lang&watched=0.4", user => 'eve');
    is($r->{status}, 200, "the screen, $lang");
    like($r->{body}, qr/<svg/, 'with the histogram');
}

# out and in again

my $list = sub { $d->request(GET => '/moderation/v1/accounts' . ($_[0] // ''), user => 'eve') };
my %state = map { $_->{account} => $_->{state} } @{ $list->()->{json}{accounts} };
is(scalar keys %state, 6, 'six are watched by their score');
my $account = 'c' x 32;
my $r = $d->post("/moderation/v1/accounts/$account/state", { state => 'limited', reason => '=cmd, "x"' }, user => 'bob');
my $csv = $list->('?format=csv')->{body};
like($csv, qr/^\xef\xbb\xbfkind,id,verdict,source,date,reason,ends\r\n/, 'the columns of an import');
like($csv, qr/account,$account,limited,bob,\d{4}-\d\d-\d\d,"'=cmd, ""x""",\r\n/, 'no formula');
$d->post("/moderation/v1/accounts/$account/state", { state => 'none', reason => 'x' }, user => 'bob');
utf8::decode($csv);
my ($line) = $csv =~ /^(account,$account.*)\r$/m;
my $in = "kind,id,verdict,source,date,reason,ends\r\n$line\r\n";
is($d->post('/moderation/v1/import', { csv => $in, dry_run => JSON::PP::true }, user => 'bob')->{json}{rows}, 1, 'tried first');
$r = $d->post('/moderation/v1/import', { csv => $in }, user => 'bob');
is($r->{status}, 202, 'a second person');
is($d->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'lena')->{status}, 200, 'signs');
is($d->request(GET => "/moderation/v1/accounts/$account", user => 'eve')->{json}{state}, 'limited', 'and the list is in again');

# what a list would do is said before anybody signs; a suspension ends, trust ends
# within 180 days, and an exported list has the end

my $try = sub {
    my ($rows, %o) = @_;
    return $d->post('/moderation/v1/import', { csv => ($o{head} // 'kind,id,verdict,source,date,reason,ends') . "\r\n$rows", dry_run => $o{real} ? JSON::PP::false : JSON::PP::true }, user => 'bob');
};
my $wrong = sub { my $r = $try->(@_); return "$r->{status} " . ($r->{json}{detail} // 'taken') };
my ($watched) = map { sprintf '%032x', $_ } 1;
is_deeply($try->("account,u-1,limited,old list,2026-01-01,,\r\naccount,u-2,suspended,old list,2026-01-01,,7d\r\naccount,$account,limited,x,,,\r\naccount,$watched,closed,x,,,\r\n")->{json},
          { rows => 4, dry_run => JSON::PP::true, verdicts => { limited => 2, suspended => 1, closed => 1 }, as_before => 1, instead => 1 }, 'a dry run says what would be');
is($wrong->("account,u-2,suspended,x,,,\r\n"), '400 line 2: ends', 'a suspension without an end');
is($wrong->("account,u-2,suspended,x,,\r\n", head => 'kind,id,verdict,source,date,reason'), '400 line 2: ends', 'also in a list without that column');
is($wrong->("account,u-1,limited,x,,,\r\naccount,u-2,trusted,x,,,\r\n"), '400 line 3: ends', 'trust without an end');
is($wrong->("account,u-2,trusted,x,,,181d\r\n"), '400 line 2: ends', 'or for more than 180 days');
is($wrong->("account,u-2,suspended,x,,,2020-01-01\r\n"), '400 line 2: ends', 'an end that is over');
is($wrong->("account,u-2,suspended,x,,,soon\r\n"), '400 line 2: ends', 'or is none');
is($wrong->('account,u-2,limited,x,,' . '長' x 300 . ",\r\n"), '400 line 2: reason', 'a cell that is too long is not cut in silence');
is($wrong->('account,u-2,limited,x,,' . '長' x 255 . ",\r\n"), '200 taken', 'one of 255 characters is not');
is($wrong->("account,u-2,limited,x,,,,\r\n"), '400 line 2: columns', 'a column too many');
is($wrong->("account,u-2,limited,x,,,\r\n", head => 'kind,id,verdict,source,date,why,ends'), '400 line 1: reason', 'another header');

$r = $try->("account,u-7,suspended,old list,2026-01-01,spam again,7d\r\n", real => 1);
is($d->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'lena')->{status}, 200, 'a suspension of seven days comes in');
my $suspended = $d->request(GET => '/moderation/v1/accounts/u-7', user => 'eve')->{json};
is("$suspended->{state}, $suspended->{reason}", 'suspended, old list: spam again', 'with source and reason');
cmp_ok(abs($suspended->{ends} - time * 1000 - 7 * 86400000), '<', 600000, 'and ends');
$csv = $list->('?format=csv')->{body};
like($csv, qr/^account,$suspended->{account},suspended,bob,\S+,old list: spam again,\d{4}-\d\d-\d\dT\d\d:\d\d\r$/m, 'which an export says');
utf8::decode($csv);
is($d->post('/moderation/v1/import', { csv => $csv, dry_run => JSON::PP::true }, user => 'bob')->{json}{as_before}, scalar @{ $list->()->{json}{accounts} },
   'all of an export comes in again');

# the writer of the store is busy: whoever reads does not wait for it

open my $sql, '|-', "sqlite3 '$d->{dir}/store.db' >/dev/null" or die $!;
$sql->autoflush;
print $sql ".timeout 10000\nBEGIN IMMEDIATE;\nUPDATE card SET last = last;\n.shell touch '$d->{dir}/held'\n";
ok($d->until_true(sub { -e "$d->{dir}/held" }, 20), 'somebody writes');
is($d->request(GET => '/moderation/v1/accounts/u-7', user => 'eve')->{json}{state}, 'suspended', 'an account is read meanwhile');
is($list->()->{status}, 200, 'and the list');
is($d->request(GET => '/moderation/accounts/u-7', user => 'eve')->{status}, 200, 'and the screen');
print $sql "SELECT 1;\n.shell test -e '$d->{dir}/held' && mv '$d->{dir}/held' '$d->{dir}/over'\nROLLBACK;\n";
close $sql;
ok(-e "$d->{dir}/over", 'before it has ended');

$d->stop;
unlike($d->daemon_log, qr/error/, 'no error in the log');
done_testing;
