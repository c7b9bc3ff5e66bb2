# What counts against an account, and how it fades, with a clock that moves:
# only what persons upheld; one strike an account, rule and fingerprint in 30
# days; weights as they were; one title through twenty policies is one item.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;

my $policy = <<'POLICY';
schema: 1
policy: desk
slots:
  - {name: first, type: html, match: li, fields: {title: b}, review: {mode: on_match, default: {after: 1h, do: block}}}
  - {name: second, type: html, match: dt, fields: {title: b}}
  - {name: third, type: html, match: dd, fields: {title: b}}
accounts: {states: {watched: 1, limited: 2, suspended: 3}}
rules:
  - {id: r.one, rev: 1, label: clickbait, strikes: {points: 1, half_life: 30d}, match: {in: [title], terms: [alpha]}}
POLICY
my $d = ModerationDesk->new(no_daemon => 1, roles => "users: {alice: [reviewer], r1: [reviewer], bob: [lead], eve: [viewer]}\n", policy => $policy);
my $clock = "$d->{dir}/clock";
my $at = 0;
sub later { my ($hours) = @_; $at += $hours * 3_600_000; open my $f, '>', "$clock.new" or die $!; print $f $at; close $f; rename "$clock.new", $clock; $d->{tokens} = {} }
later(0);
$d->start_daemon(MODERATIOND_CLOCK => $clock);

sub account { return $d->request(GET => '/moderation/v1/accounts/' . $_[0] x 32, user => 'eve')->{json} }
sub strikes { return scalar @{ account($_[0])->{strikes} } }
# a worker of now says these lines, in a segment of their own
sub say_lines { delete @{$d}{qw(segment zone)}; $d->lines(map { { %$_, time => int(time * 1000) + $at } } @_) }
sub waiting { my ($title) = @_; my ($c) = grep { $_->{fields}{title} eq $title } @{ $d->request(GET => '/moderation/v1/queue?limit=100', user => 'alice')->{json}{cards} }; return $c }
sub wait_for { my ($title) = @_; my $c; $d->until_true(sub { $c = waiting($title) }, 20) or diag "no card $title\n" . $d->daemon_log; return $c }
sub reject { my ($c, $who) = @_;
    return $d->post("/moderation/v1/cards/$c->{id}/decide", { version => $c->{version}, verdict => 'reject', reason => 'r.one' }, user => $who || 'alice')->{status} }

# a default, orders, floors and what was adopted bring none

say_lines($d->card('alpha by default', rule => 'r.one', account => 'a' x 32));
my $c = wait_for('alpha by default');
say_lines($d->card('beta', account => '9' x 32, rule => 'r.two', slot => 'second'));
wait_for('beta');
later(1.1);
$d->until_true(sub { $d->post('/moderation/v1/queue/next', { n => 1, queues => ['none'] }, user => 'alice');     # somebody is there
                     $d->request(GET => "/moderation/v1/cards/$c->{id}", user => 'bob')->{json}{state} eq 'rejected' }, 20);
my $j = $d->request(GET => "/moderation/v1/cards/$c->{id}", user => 'bob')->{json};
is($j->{state}, 'rejected', 'a default has kept it out') or diag $d->daemon_log;
is(strikes('a'), 0, 'which is no strike');
say_lines((map { { %{ $d->card("alpha $_", rule => 'r.one', account => 'a' x 32) }, reason => $_, action => 'block', review => 'none' } } 'order', 'floor', 'account'),
          { %{ $d->card('adopted', account => 'a' x 32) }, review => 'adopted', action => 'none', reason => 'review' });
ok($d->until_true(sub { @{ $d->request(GET => '/moderation/v1/decisions?limit=100', user => 'eve')->{json}{decisions} } >= 5 }, 20), 'orders, a floor, an adopted card');
is(account('a')->{credit}, 100, 'nor are these');

# one an account, rule and fingerprint in 30 days

my %same = (rule => 'r.one', account => 'b' x 32, fingerprint => 'f' x 32);
say_lines($d->card('alpha first', %same));
is(reject(wait_for('alpha first')), 200, 'a rejection by a person');
is(strikes('b'), 1, 'is a strike');
later(24 * 5);
say_lines($d->card('alpha second', %same, slot => 'second'));
is(reject(wait_for('alpha second')), 200, 'the same card in another slot');
is(strikes('b'), 1, 'five days later it is none');
later(24 * 26);
say_lines($d->card('alpha third', %same, slot => 'third'));
is(reject(wait_for('alpha third')), 200, 'and in a third');
is(strikes('b'), 2, 'after 31 days it is');

# it halves, and settings do not rewrite it

say_lines($d->card('alpha fades', rule => 'r.one', account => 'c' x 32));
is(reject(wait_for('alpha fades')), 200, 'a strike of one point');
is(sprintf('%.2f', account('c')->{score}), '1.00', 'a score of one');
is(account('c')->{state}, 'watched', 'watched, by the score');
(my $heavy = $policy) =~ s/points: 1, half_life: 30d/points: 3, half_life: 300d/;
$d->write('policy.yaml', $heavy);
later(24 * 30);
ok($d->until_true(sub { sprintf('%.2f', account('c')->{score}) eq '0.50' }, 20), 'half of it thirty days later, whatever the policy says now');
is(account('c')->{credit}, 95, 'a credit of 95');
ok($d->until_true(sub { account('c')->{state} eq 'none' }, 20), 'and no longer above the level');
$d->write('policy.yaml', $policy);

# one title, blocked ten days through twenty edits of the policy

my $first = 1;
for my $day (1 .. 10) {
    for my $edit (1, 2) {
        my $l = $d->card('alpha for days', rule => 'r.one', account => 'd' x 32, day => "$day.$edit");
        $l->{rules}[0]{rev} = 2 * $day + $edit;
        say_lines($l);
        if ($first) {
            is(reject(wait_for('alpha for days')), 200, 'rejected once');
            $first = 0;
        }
    }
    later(24);
}
ok($d->until_true(sub { @{ $d->request(GET => '/moderation/v1/decisions?limit=100&account=' . 'd' x 32, user => 'eve')->{json}{decisions} } == 20 }, 30),
   'twenty decisions, as the record has them');
is(strikes('d'), 1, 'one strike');
isnt(account('d')->{state}, $_, "not $_ without a person") for qw(limited suspended closed);
my ($item) = map { $_->{item} } $d->request(GET => '/moderation/v1/decisions?limit=1&account=' . 'd' x 32, user => 'eve')->{json}{decisions}[0];
my $of = $d->request(GET => '/moderation/v1/decisions?limit=100&account=' . 'd' x 32, user => 'eve')->{json}{decisions};
my %items = map { $_->{item} => 1 } @$of;
is(scalar keys %items, 1, 'of one item');

# a score that would suspend only proposes

for my $n (1 .. 4) {
    say_lines($d->card("alpha many $n", rule => 'r.one', account => 'e' x 32));
    is(reject(wait_for("alpha many $n")), 200, "rejection $n");
    later(25);
}
cmp_ok(account('e')->{score}, '>=', 3, 'a score at which an account is proposed to be suspended');
is(account('e')->{state}, 'watched', 'and it is watched, until a person says more');

$d->stop;
unlike($d->daemon_log, qr/\berror\b|<3>/, 'no error in the log') or diag $d->daemon_log;
done_testing();
