# The fast second look of a rejected room: once, by another person, within half
# an hour, and the appeal stays open.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(no_daemon => 1,
    roles => "users: {alice: [reviewer], r1: [reviewer], bob: [lead], eve: [viewer]}\n", policy => <<'POLICY');
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b}, review: {mode: on_match, default: {after: 10m, do: pass}}}]
rules:
  - {id: r.one, rev: 1, label: clickbait, strikes: {points: 1}, match: {in: [title], terms: [alpha]}}
POLICY
my $clock = "$d->{dir}/clock";
sub clock { open my $f, '>', "$clock.new" or die $!; print $f $_[0]; close $f; rename "$clock.new", $clock }
clock(0);
$d->start_daemon(MODERATIOND_CLOCK => $clock);

sub public_post { my ($args) = @_;
    return $d->request(POST => '/moderation/public/appeal', headers => { 'Content-Type' => 'application/json' },
                       body => $ModerationDesk::json->encode($args)) }
sub card_of { my ($id) = @_; return $d->request(GET => "/moderation/v1/cards/$id", user => 'bob')->{json} }
sub decide { my ($id, $verdict, $who) = @_;
    return $d->post("/moderation/v1/cards/$id/decide", { version => 1, verdict => $verdict, reason => 'r.one' }, user => $who)->{status} }
sub credit { return $d->request(GET => "/moderation/v1/accounts/" . $_[0] x 32, user => 'eve')->{json}{credit} }
sub rejected {
    my ($title, $account) = @_;
    $d->cards($d->card($title, rule => 'r.one', account => $account x 32)) or die 'no card';
    my ($c) = grep { $_->{fields}{title} eq $title } @{ $d->request(GET => '/moderation/v1/queue', user => 'alice')->{json}{cards} };
    decide($c->{id}, 'reject', 'alice') == 200 or die 'not rejected';
    return ($c->{id}, $d->request(GET => "/moderation/v1/decisions/$c->{decision}/code", user => 'bob')->{json}{code}, $c->{decision});
}

my ($id, $code, $dec) = rejected('alpha', 'a');
is(credit('a'), 90, 'a strike');
like($d->request(GET => "/moderation/public/reason/$dec?lang=en")->{body}, qr/second look/, 'the page of the reason offers it');
is(public_post({ code => "$dec-aaaaaaaaaaaaaaaa", text => 'live', look => 1 })->{status}, 403, 'it needs the code');
my $r = public_post({ code => $code, text => 'live', look => 1 });
is($r->{status}, 201, 'asked for');
like($r->{json}{number}, qr/^[a-z2-7]{18}$/, 'a number to follow it');
my $c = card_of($id);
is($c->{state}, 'waiting', 'the card waits');
cmp_ok($c->{due} - time * 1000, '<=', 1_801_000, 'for half an hour at most');
my $told = sub { my $v = `sqlite3 $d->{dir}/store.db "select verdict from verdict where key = '$c->{fingerprint}'"`; chomp $v; $v };
is($told->(), 2, 'and is rejected until then');
is(public_post({ code => $code, text => 'live', look => 1 })->{status}, 404, 'once');
is(decide($id, 'release', 'alice'), 403, 'not by the one who rejected it');
clock(40 * 60_000);
ok($d->until_true(sub { grep { $_->{key} eq 'overdue/cases' } @{ $d->request(GET => '/moderation/v1/alarms', user => 'eve')->{json}{alarms} } }, 20),
   'after half an hour it is overdue') or diag $d->daemon_log;
is(card_of($id)->{state}, 'waiting', 'and no default releases it');
is(decide($id, 'release', 'r1'), 200, 'another person releases it');
is($told->(), 1, 'shown again');
is(credit('a'), 100, 'the strike is void');
my $cases = sub { [ grep { $_->{decision} eq $dec } @{ $d->request(GET => '/moderation/v1/cases', user => 'r1')->{json}{cases} } ] };
is(join(" ", @{ $cases->()->[0] }{qw(kind outcome)}), 'look effective', 'the case is closed');

# it is rejected again: the appeal is open

($id, $code, $dec) = rejected('alpha two', 'b');
is(public_post({ code => $code, text => 'live', look => 1 })->{status}, 201, 'another room');
my ($case) = @{ $cases->() };
is($d->post("/moderation/v1/cases/$case->{id}/outcome", { outcome => 'effective' }, user => 'r1')->{status}, 404,
   'its card is decided, not the case');
is(decide($id, 'reject', 'r1'), 200, 'rejected again');
is(credit('b'), 90, 'one strike, not two');
is(public_post({ code => $code, text => 'live', look => 1 })->{status}, 409, 'no third look');
is(public_post({ code => $code, text => 'I object' })->{status}, 201, 'but an appeal');

# the next day it is too late for that

($id, $code, $dec) = rejected('alpha three', 'c');
clock(26 * 3_600_000);
$r = public_post({ code => $code, text => 'live', look => 1 });
is($r->{status}, 410, 'nothing runs that long');

# `live` of the configuration: for what is asked from now on

$d->stop_daemon;
open my $conf, '>>', "$d->{dir}/moderationd.yaml" or die $!;
print $conf "appeals: {live: 5m}\n";
close $conf;
clock(0);
$d->start_daemon(MODERATIOND_CLOCK => $clock);
($id, $code, $dec) = rejected('alpha four', 'd');
like($d->request(GET => "/moderation/public/reason/$dec?lang=en")->{body}, qr/within 5 minutes, once/, 'the page says so');
is(public_post({ code => $code, text => 'live', look => 1 })->{status}, 201, 'asked for');
my $left = card_of($id)->{due} - time * 1000;
cmp_ok($left, '<=', 301_000, 'five minutes to go');
cmp_ok($left, '>', 60_000, 'not none');

$d->stop;
unlike($d->daemon_log, qr/\berror\b|could not/, 'no error in the log') or diag $d->daemon_log;
done_testing();
