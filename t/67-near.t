# Names near those of closed accounts: a card for a person, and never more.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(roles => "users: {alice: [reviewer], bob: [lead], lena: [lead], eve: [viewer], adam: [admin]}\n", policy => <<'POLICY');
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b, nickname: i}}]
rules:
  - {id: r.one, rev: 1, label: clickbait, match: {in: [title], terms: [alpha]}}
POLICY

# lines that bring no card of themselves: a rule has tagged something

my $i = 0;
sub seen {
    my ($nick, %o) = @_;
    my $item = 'item' . $i++;
    $d->lines($d->card("title $item", rule => 'r.one', action => 'tag', item => $item, nickname => $nick, %o));
    return $item;
}

sub cards { return @{ $d->request(GET => '/moderation/v1/queue?limit=100', user => 'alice')->{json}{cards} } }
sub near { return map { $_->{fields}{nickname} } grep { $_->{near} } cards() }

my $closed = 'c' x 32;
seen('老王说事儿', account => $closed);
seen('Old Wang', account => $closed);
ok($d->until_true(sub { $d->request(GET => '/moderation/v1/decisions', user => 'eve')->{json}{decisions}[1] }, 10), 'its decisions');
seen('老王说事', account => 'd' x 32);
ok($d->cards($d->card('held', rule => 'r.one', account => 'e' x 32)), 'a card');
is_deeply([ near() ], [], 'nobody is closed');

my $r = $d->post("/moderation/v1/accounts/$closed/state", { state => 'closed', reason => 'x' }, user => 'bob');
is($r->{status}, 202, 'closing needs a second person');
is($d->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'lena')->{status}, 200, 'who agrees');

# as a whole, through the folds; one more, one less, another one; and not

my @near = ('老王说事儿', '老 王★说事儿', '老王說事儿', '老王说事', '老王说大事儿', '老张说事儿', 'ｏｌｄ wang', 'Old Wong');
my @far = ('小李说事儿吧', '老张说好事', 'New Wong', '王', '老王');
seen($_, account => sprintf '%032x', $i + 1) for @near, @far;
ok($d->until_true(sub { near() >= @near }, 20), 'cards') or diag join ' ', map { my $s = $_; utf8::encode($s); $s } near();
is_deeply([ sort { $a cmp $b } near() ], [ sort { $a cmp $b } @near ], 'of near names, and of no others');
is(scalar cards(), 1 + @near, 'what is not near is no card');
my ($c) = grep { $_->{near} } cards();
is($c->{near}, $closed, 'it names the account');
is($c->{state}, 'waiting', 'for a person');
is($c->{risk}, 2, 'at the front of its queue');
like($d->request(GET => "/moderation/cards/$c->{id}?lang=en", user => 'alice')->{body},
     qr{The name is near that of a closed account: <a href="/moderation/accounts/$closed">}, 'the card says so');
is($d->request(GET => "/moderation/v1/accounts/$c->{account}", user => 'eve')->{json}{credit}, 100, 'nothing else comes of it');

seen('老王说事儿', account => $closed);
seen('老王说事儿', account => 'f' x 32, review => 'released');
ok($d->cards($d->card('held again', rule => 'r.one', account => 'e' x 32)), 'another card');
is(scalar near(), scalar @near, 'not of itself, nor of what a person has seen');

# it is opened again: its names are forgotten

is($d->post("/moderation/v1/accounts/$closed/state", { state => 'none', reason => 'x' }, user => 'bob')->{status}, 200, 'opened');
is_deeply([ near() ], [], 'no name is near any more');

$d->stop;
unlike($d->daemon_log, qr/\berror\b|could not/, 'no error in the log') or diag $d->daemon_log;
done_testing();
