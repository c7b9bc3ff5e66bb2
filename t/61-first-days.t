# The first days of a slot: measured, shadow, adopted, a part, all, as the
# status and the page say it.

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
  - {name: first, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title], stable: assume, rollout: PART}}
  - {name: second, type: html, match: dd, fields: {title: b}, review: {mode: required, fields: [title]}}
  - {name: free, type: html, match: dt, fields: {title: b}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
POLICY
my $part = $policy =~ s/PART/10/r;
my $d = ModerationDesk->new(policy => $part);

sub first {
    my ($r) = grep { $_->{slot} eq 'first' }
              @{ $d->request(GET => '/moderation/v1/status', user => 'bob')->{json}{rollout} };
    return $r;
}

sub page {
    my ($user) = @_;
    my $body = $d->request(GET => '/moderation/orders', user => $user, headers => { 'Accept-Language' => 'en' })->{body};
    utf8::decode($body);
    return $body;
}

my $all = $d->request(GET => '/moderation/v1/status', user => 'bob')->{json}{rollout};
is_deeply([ map { "$_->{slot} $_->{step}" } @$all ], [ 'first rollout', 'second measured' ],
          'slots that require review; one is not measured yet');

$d->cards(map { $d->card("shown $_", mode => 'shadow') } 1 .. 4);
is(first()->{step}, 'shadow', 'cards are recorded, not held');
is(first()->{would_hold} . ' of ' . first()->{of}, '4 of 4', 'what would be held');
like(page('bob'), qr{<b>first</b>.*<li class="past">✓ measured</li><li class="" aria-current="step">shadow</li>.*would hold now 4 / 4 .*name="slot" value="first"}s,
     'the page says so, and lets a lead adopt');
unlike(page('alice'), qr{name="slot" value="first"}, 'not a reviewer');

my $body = 'token=' . $d->token('bob') . '&back=/moderation/pending&slot=first&seen=24h';
my $r = $d->request(POST => '/moderation/v1/adopt', user => 'bob', body => $body,
                    headers => { 'Sec-Fetch-Site' => 'same-origin', 'Content-Type' => 'application/x-www-form-urlencoded' });
is($r->{status}, 303, 'asked for by the form');
my ($sign) = @{ $d->request(GET => '/moderation/v1/pending', user => 'bob')->{json}{pending} };
is($d->post("/moderation/v1/pending/$sign->{id}/approve", {}, user => 'lena')->{status}, 200, 'signed');
is(join(' ', @{ first() }{qw(step adopted would_hold)}), 'adopt 4 0', 'adopted: nothing would be held');

$d->cards($d->card('held'));
is(first()->{step}, 'rollout', 'held: a part');
like(page('bob'), qr{aria-current="step">a part 10 %}, 'how large');

utf8::encode(my $bytes = $policy =~ s/PART/100/r);
$d->write('policy.yaml', $bytes);
ok($d->until_true(sub { first()->{step} eq 'all' }, 15), 'all');

$d->stop;
unlike($d->daemon_log, qr/error|alert/, 'no error in the log');
done_testing;
