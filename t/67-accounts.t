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
like($csv, qr/^\xef\xbb\xbfkind,id,verdict,source,date,reason\r\n/, 'the columns of an import');
like($csv, qr/account,$account,limited,bob,\d{4}-\d\d-\d\d,"'=cmd, ""x"""\r\n/, 'no formula');
$d->post("/moderation/v1/accounts/$account/state", { state => 'none', reason => 'x' }, user => 'bob');
utf8::decode($csv);
my ($line) = $csv =~ /^(account,$account.*)\r$/m;
my $in = "kind,id,verdict,source,date,reason\r\n$line\r\n";
is($d->post('/moderation/v1/import', { csv => $in, dry_run => JSON::PP::true }, user => 'bob')->{json}{rows}, 1, 'tried first');
$r = $d->post('/moderation/v1/import', { csv => $in }, user => 'bob');
is($r->{status}, 202, 'a second person');
is($d->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'lena')->{status}, 200, 'signs');
is($d->request(GET => "/moderation/v1/accounts/$account", user => 'eve')->{json}{state}, 'limited', 'and the list is in again');

$d->stop;
unlike($d->daemon_log, qr/error/, 'no error in the log');
done_testing;
