# The clocks of appeals: open for 183 days, answered within 15, late after that.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(no_daemon => 1, roles => "users: {alice: [reviewer], r1: [reviewer], bob: [lead], eve: [viewer]}\n", policy => <<'POLICY');
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b}}]
rules:
  - {id: r.one, rev: 1, label: clickbait, strikes: {points: 1}, match: {in: [title], terms: [alpha]}}
POLICY
my $clock = "$d->{dir}/clock";
my $day = 86_400_000;
sub clock { open my $f, '>', "$clock.new" or die $!; print $f $_[0] * $day; close $f; rename "$clock.new", $clock; $d->{tokens} = {} }
clock(0);
$d->start_daemon(MODERATIOND_CLOCK => $clock);

sub appeal { my ($code) = @_;
    return $d->request(POST => '/moderation/public/appeal', headers => { 'Content-Type' => 'application/json' },
                       body => $ModerationDesk::json->encode({ code => $code, text => 'it was a song' })) }

ok($d->cards(map { $d->card("alpha $_", rule => 'r.one', account => "$_" x 32) } 1 .. 3), 'three cards');
my (%code, %id);
for my $c (@{ $d->request(GET => '/moderation/v1/queue', user => 'alice')->{json}{cards} }) {
    my ($n) = $c->{fields}{title} =~ /(\d)/;
    $d->post("/moderation/v1/cards/$c->{id}/decide", { version => 1, verdict => 'reject', reason => 'r.one' }, user => 'alice');
    $id{$n} = $c->{decision};
    $code{$n} = $d->request(GET => "/moderation/v1/decisions/$c->{decision}/code", user => 'bob')->{json}{code};
}

clock(182);
is(appeal($code{1})->{status}, 201, 'an appeal');
clock(182.9);
is($d->until_true(sub { appeal($code{3})->{status} == 201 }, 5), 1, 'on the last day one is taken');
my ($case) = grep { $_->{decision} eq $id{1} } @{ $d->request(GET => '/moderation/v1/cases', user => 'r1')->{json}{cases} };
is(sprintf('%.1f', ($case->{due} - $case->{time}) / $day), '15.0', 'to be answered within fifteen days');
clock(183.1);
my $r;
ok($d->until_true(sub { ($r = appeal($code{2}))->{status} == 410 }, 5), 'a day later none is') or diag $r->{status};
is($r->{json}{error}, 'late', 'it is late');
is(scalar @{ $d->request(GET => '/moderation/v1/cases', user => 'r1')->{json}{cases} }, 2, 'and is no case');
clock(182 + 15.1);
my $alarm = sub { (grep { $_->{key} eq 'overdue/cases' } @{ $d->request(GET => '/moderation/v1/alarms', user => 'eve')->{json}{alarms} })[0] };
ok($d->until_true(sub { $alarm->() }, 20), 'after fifteen days the desk is told');
is($alarm->()->{n}, 1, 'of the one, and not yet of the other');
is($d->post("/moderation/v1/cases/$case->{id}/outcome", { outcome => 'effective', reply => 'You are right.' }, user => 'r1')->{status}, 200,
   'it is answered all the same');
ok($d->until_true(sub { !$alarm->() }, 20), 'and the alarm is over');
is($d->request(GET => '/moderation/v1/accounts/' . '1' x 32, user => 'eve')->{json}{credit}, 100, 'the strike is void');

$d->stop;
unlike($d->daemon_log, qr/\berror\b|<3>/, 'no error in the log') or diag $d->daemon_log;
done_testing();
