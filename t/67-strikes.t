# Strikes of a rule that cannot be relied on: suspended as a whole while workers
# have braked it, and while persons agree with less of it than its floor.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(roles => "users: {alice: [reviewer], bob: [lead], eve: [viewer]}\n", policy => <<'POLICY');
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b}}]
rules:
  - {id: r.one, rev: 1, label: clickbait, strikes: {points: 1}, match: {in: [title], terms: [alpha]}}
  - {id: r.two, rev: 1, label: clickbait, strikes: {points: 2, floor: 0.5}, match: {in: [title], terms: [beta]}}
POLICY

ModerationTest::within_a_day(120);          # three points a day

sub credit { return $d->request(GET => '/moderation/v1/accounts/' . $_[0] x 32, user => 'eve')->{json}{credit} }
sub strike { return $d->request(GET => '/moderation/v1/accounts/' . $_[0] x 32, user => 'eve')->{json}{strikes}[0] }
sub decide {
    my ($title, $verdict, %o) = @_;
    $d->cards($d->card($title, item => $title, %o)) or return 0;
    my ($c) = grep { ($_->{rule} // '') ne '' || 1 } @{ $d->request(GET => '/moderation/v1/queue', user => 'alice')->{json}{cards} };
    return $d->post("/moderation/v1/cards/$c->{id}/decide", { version => 1, verdict => $verdict, reason => $o{rule} },
                    user => 'alice')->{status} == 200;
}

ok(decide('alpha', 'reject', rule => 'r.one', account => 'a' x 32), 'a rejection');
is(credit('a'), 90, 'a strike');

# workers brake the rule, and it is over

$d->lines({ type => 'policy', event => 'brake', policy => 'desk@0', rule => 'r.one', rev => 1, detail => '' });
ok($d->until_true(sub { credit('a') == 100 }, 20), 'suspended while the rule is braked') or diag $d->daemon_log;
is(strike('a')->{state}, 'suspended', 'the list says so');
ok(decide('alpha again', 'reject', rule => 'r.one', account => 'b' x 32), 'another account');
ok($d->until_true(sub { (strike('b') || {})->{state} eq 'suspended' }, 20), 'the same for it');
$d->lines({ type => 'policy', event => 'brake', policy => 'desk@0', rule => 'r.one', rev => 1, detail => 'over' });
ok($d->until_true(sub { credit('a') == 90 && credit('b') == 90 }, 20), 'counted again');

# persons agree with one in three

ok(decide("beta $_", $_ % 3 ? 'release' : 'reject', rule => 'r.two', account => 'c' x 32), "card $_") for 1 .. 9;
is(credit('c'), 70, 'fewer than ten say nothing of the rule (three points a day)');
ok(decide('beta 10', 'release', rule => 'r.two', account => 'c' x 32), 'the tenth');
ok($d->until_true(sub { credit('c') == 100 }, 20), 'the rule is below its floor');
is($d->request(GET => '/moderation/v1/accounts/' . 'c' x 32, user => 'eve')->{json}{strikes}[-1]{state}, 'suspended', 'suspended');
is(credit('a'), 90, 'not those of the other rule');
is($d->post('/moderation/v1/strikes/' . strike('c')->{id} . '/void', { reason => 'x' }, user => 'bob')->{status}, 200,
   'a lead can still take one back');
my $events = $d->request(GET => '/moderation/v1/events', user => 'eve')->{body};
like($events, qr/"why":\s*"precision"/, 'a leaf says why');
like($events, qr/"why":\s*"braked"/, 'of the brake as well');

$d->stop;
unlike($d->daemon_log, qr/\berror\b|could not/, 'no error in the log') or diag $d->daemon_log;
done_testing();
