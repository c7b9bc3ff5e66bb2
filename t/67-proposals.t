# limited and suspended: proposed by the score, in force when a person says so.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationReview;
use Test::More;

my $d = ModerationReview->new(policy => <<'Y', server => <<'S');
schema: 1
policy: pages
accounts: {states: {watched: 1, limited: 3, suspended: 5}}
slots: [{name: first, type: html, match: li.card, fields: {title: h3, room: "@id", account: "@data-a"}, item_id: room}]
rules:
  - {id: r.one, rev: 1, label: clickbait, action: hold, strikes: {points: 1, half_life: 10d}, match: {in: [title], terms: [alpha]}}
Y
    location /who { moderation off; moderation_account $arg_a; add_header X-State "[$moderation_account_state]"; return 200; }
S
my $n = 0;

# a card of the account is rejected
sub strike {
    my ($account) = @_;
    $n++;
    $d->write('html/index.html', qq(<ul><li class="card" id="$n" data-a="$account"><h3>alpha $n</h3></li></ul>));
    $d->get('/index.html');
    my $c = $d->card_of($n) or return 0;
    my $r = $d->decide('alice', $c, 'reject', reason => 'r.one');
    diag "$r->{status} $r->{body}" if $r->{status} != 200;
    return $r->{status} == 200;
}

# the day of a token ends, too
sub later { $d->clock($_[0]); $d->{tokens} = {}; return }
sub account { return $d->request(GET => '/moderation/v1/accounts/' . $_[0], user => 'alice')->{json} }
sub stands { my $a = account($_[0]); return "$a->{state} $a->{proposed}" }
sub proposals { return join ' ', map { "$_->{proposed}" } @{ $d->request(GET => '/moderation/v1/accounts', user => 'alice')->{json}{proposals} } }
sub set { my ($account, $state, %o) = @_; return $d->post("/moderation/v1/accounts/$account/state", { state => $state, reason => 'x', %o }, user => 'bob')->{status} }

ok(strike('u1'), 'a strike') for 1, 2;
is(stands('u1'), 'watched ', 'two points: watched by the score, nothing is proposed');
is(proposals(), '', 'no proposal');
ok(strike('u1'), 'a third');
is(stands('u1'), 'watched limited', 'three: limited is proposed, and not in force');
is(proposals(), 'limited', 'in the list');
$d->get('/who?a=u1')->{headers} =~ /X-State: \[(\w*)\]/;
is($1, 'watched', 'workers know nothing of it');
like($d->request(GET => '/moderation/accounts', user => 'bob')->{body}, qr/Proposed by their score.*<b>limited/s, 'on the screen of accounts');
like($d->request(GET => '/moderation/accounts?lang=zh', user => 'bob', headers => {})->{body}, qr/accounts/, 'in Chinese');
like($d->request(GET => '/moderation/accounts/' . account('u1')->{account}, user => 'bob')->{body}, qr/Proposed by the score.*<option value="limited" selected>/s,
     'the form of the account has it chosen');
like($d->request(GET => '/moderation/handover', user => 'bob')->{body}, qr/their score proposes<\/a><b>1</, 'at the handover');

# though it fades it stands, up to half of the level

later(4 * 86400);
is(stands('u1'), 'watched limited', 'four days later: the score is below, it stands');

# who confirms: a lead, and no reviewer

is($d->post('/moderation/v1/accounts/u1/state', { state => 'limited', reason => 'x' }, user => 'alice')->{status}, 403, 'a reviewer does not');
is(set('u1', 'limited'), 200, 'a lead confirms');
is(stands('u1'), 'limited ', 'limited, and nothing is open');
is(proposals(), '', 'nor in the list');

# the next level, and a lead who says otherwise

ok(strike('u1'), 'another strike') for 1, 2;
is(stands('u1'), 'limited ', sprintf 'a score of %.2f', account('u1')->{score});
ok(strike('u1'), 'one more');
is(stands('u1'), 'limited suspended', 'suspended is proposed') or diag account('u1')->{score};
is(set('u1', 'limited'), 200, 'a lead has looked and leaves it at that');
is(stands('u1'), 'limited ', 'it is not proposed any more');
later(86400 + 60);
is(stands('u1'), 'limited ', sprintf 'nor by the clock, though the score is %.2f', account('u1')->{score});
ok(strike('u1'), 'the next strike');
is(stands('u1'), 'limited suspended', 'proposes it again');

# strikes that are taken back take the proposal with them

my ($last) = grep { $_->{state} eq 'counted' } @{ account('u1')->{strikes} };
for my $s (grep { $_->{state} eq 'counted' } @{ account('u1')->{strikes} }) {
    last if stands('u1') eq 'limited ';
    is($d->post("/moderation/v1/strikes/$s->{id}/void", { reason => 'x' }, user => 'bob')->{status}, 200, 'a strike is void');
}
is(stands('u1'), 'limited ', 'and the proposal gone');

# and so does time

ok(strike('u2'), 'a strike of another') for 1 .. 3;
is(stands('u2'), 'watched limited', 'proposed');
later(9 * 86400);
is(stands('u2'), 'watched limited', 'nine days') or diag account('u2')->{score};
later(3 * 86400);
ok($d->until_true(sub { stands('u2') eq 'watched ' }, 20), 'twelve: the score is below half of the level') or diag stands('u2');

# its states, with who and why

my @was = map { "$_->{state} $_->{by}" } @{ account('u1')->{history} };
is(join(', ', @was), 'limited bob, limited bob, watched score', 'the history of the account');
is(account('u1')->{history}[0]{reason}, 'x', 'with the reason');
like($d->request(GET => '/moderation/accounts/' . account('u1')->{account}, user => 'bob')->{body}, qr/States it had.*limited.*watched/s, 'on its screen');

my $events = $d->request(GET => '/moderation/v1/events', user => 'alice')->{body};
like($events, qr/"proposed":\s*"limited"/, 'a leaf says it');

$d->stop;
unlike($d->daemon_log, qr/\berror\b|could not/, 'no error in the log') or diag $d->daemon_log;
done_testing();
