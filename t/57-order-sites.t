# Orders for some sites only, and several orders about one target.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationReview;
use JSON::PP ();
use Test::More;

my ($www, $b) = ('www.example.cn', 'b.example.cn');
my $d = ModerationReview->new(policy => <<'Y', roles => <<'R');
schema: 1
policy: pages
slots: [{name: first, type: html, match: li.card, fields: {title: h3, room: "@id", account: "@data-a", url: "a@href"}, item_id: room}]
rules: []
Y
users:
  alice: [reviewer]
  bob: [lead]
  chen: {roles: [reviewer], sites: [b]}
  lena: {roles: [lead], sites: [a]}
  adam: {roles: [lead], sites: [b]}
R
$d->write('html/index.html', join '', '<ul>', (map { my ($id, $a, $t, $u) = split / /;
    qq(<li class="card" id="$id" data-a="$a"><h3>$t $u</h3><a href="/room/$u">x</a></li>) }
    '1 u1 lantern one', '2 u2 lantern two', '3 u3 kettle three', '4 u4 plain four', '5 u5 plain five'), '</ul>');

sub order {
    my ($user, $kind, $value, %o) = @_;
    return $d->post('/moderation/v1/orders', { targets => [ { kind => $kind, value => $value } ], source => 'internal',
                                               reason => 'test', until => '1h', %o }, user => $user);
}
sub step { return $d->post("/moderation/v1/orders/$_[1]/$_[2]", {}, user => $_[0])->{status} }
sub both { my ($here, $there) = @_; my $x = $d->sees('/index.html', $here, 10, $www); my $y = $d->sees('/index.html', $there, 10, $b); return "$x | $y" }

is(both('1 2 3 4 5', '1 2 3 4 5'), '1 2 3 4 5 | 1 2 3 4 5', 'all is shown on both sites');

my %of = (item => '1', account => 'u2', url => '/room/four', phrase => 'kettle');
my %takes = (item => 1, account => 2, url => 4, phrase => 3);
my %left;

for my $kind (qw(item account url phrase)) {
    my $r = order('bob', $kind, $of{$kind}, sites => ['b']);
    is($r->{status}, 201, "an order by $kind on b") or diag $r->{body};
    my $rest = join ' ', grep { $_ != $takes{$kind} } 1 .. 5;
    is(both('1 2 3 4 5', $rest), "1 2 3 4 5 | $rest", 'holds there alone');
    is(both('1 2 3 4 5', $rest), "1 2 3 4 5 | $rest", 'and again, by hints that both have');
    is($r->{json}{orders}, 1, 'one order');
    my ($o) = grep { $_->{id} == $r->{json}{order} } @{ $d->request(GET => '/moderation/v1/orders', user => 'bob')->{json}{orders} };
    is($o->{sites}, 'b', 'the list says where');
    is(step('bob', $r->{json}{order}, 'lift'), 200, 'it is lifted');
    is(both('1 2 3 4 5', '1 2 3 4 5'), '1 2 3 4 5 | 1 2 3 4 5', 'and all is back');
}

# a phrase for the other site stands before one for this

my $r = order('bob', 'phrase', 'lantern', sites => ['a']);
is($r->{status}, 201, 'a phrase on a') or diag $r->{body};
my $far = $r->{json}{order};
$r = order('bob', 'phrase', 'lantern one', sites => ['b']);
is($r->{status}, 201, 'a longer one on b') or diag $r->{body};
my $near = $r->{json}{order};
is(both('3 4 5', '2 3 4 5'), '3 4 5 | 2 3 4 5', 'each phrase on its site');
step('bob', $_, 'lift') for $far, $near;
is(both('1 2 3 4 5', '1 2 3 4 5'), '1 2 3 4 5 | 1 2 3 4 5', 'lifted');

# several orders about one target: what one leaves the others keep

my $long = order('bob', 'item', '5', source => 'office', reference => 'no. 1', until => '3h')->{json}{order};
my $short = order('alice', 'item', '5', until => '1h')->{json}{order};
my $here = order('bob', 'item', '5', sites => ['a', 'b'], until => '2h')->{json}{order};
is(both('1 2 3 4', '1 2 3 4'), '1 2 3 4 | 1 2 3 4', 'three orders about one room');
is(step('bob', $short, 'lift'), 200, 'one is lifted');
is(both('1 2 3 4', '1 2 3 4'), '1 2 3 4 | 1 2 3 4', 'the others hold');
$short = order('alice', 'item', '5', until => '1h')->{json}{order};
$d->clock(3700); $d->{tokens} = {};
my $state = sub { my ($id) = @_; my ($o) = grep { $_->{id} == $id } @{ $d->request(GET => '/moderation/v1/orders', user => 'bob')->{json}{orders} }; return $o->{state} };
ok($d->until_true(sub { $state->($short) eq 'ended' }, 10), 'one ends');
is(both('1 2 3 4', '1 2 3 4'), '1 2 3 4 | 1 2 3 4', 'the others hold still');
is(step('bob', $long, 'lift'), 200, 'the one of everywhere is lifted');
is(both('1 2 3 4', '1 2 3 4'), '1 2 3 4 | 1 2 3 4', 'the one of the sites holds');
$d->clock(3700); $d->{tokens} = {};
ok($d->until_true(sub { $state->($here) eq 'ended' }, 10), 'it ends');
is(both('1 2 3 4 5', '1 2 3 4 5'), '1 2 3 4 5 | 1 2 3 4 5', 'and the room is back');

# a restart, and hosts that move from site to site

my $stays = order('bob', 'item', '4', sites => ['b'])->{json}{order};
is(both('1 2 3 4 5', '1 2 3 5'), '1 2 3 4 5 | 1 2 3 5', 'on b');
$d->stop_daemon;
$d->start_daemon;
is(both('1 2 3 4 5', '1 2 3 5'), '1 2 3 4 5 | 1 2 3 5', 'after a restart');
$d->stop_daemon;
my $conf = do { open my $f, '<', "$d->{dir}/moderationd.yaml" or die $!; local $/; <$f> };
$d->write('moderationd.yaml', $conf =~ s/b: \{hosts: \[b\.example\.cn\]/b: {hosts: [other.example.cn, www.example.cn]/r =~ s/\[localhost, www\.example\.cn\]/[localhost, b.example.cn]/r);
$d->start_daemon;
is(both('1 2 3 5', '1 2 3 4 5'), '1 2 3 5 | 1 2 3 4 5', 'the hosts that the site has now');
$d->stop_daemon;
$d->write('moderationd.yaml', $conf);
$d->start_daemon;
is(both('1 2 3 4 5', '1 2 3 5'), '1 2 3 4 5 | 1 2 3 5', 'and back');
is(step('bob', $stays, 'lift'), 200, 'lifted');
is(both('1 2 3 4 5', '1 2 3 4 5'), '1 2 3 4 5 | 1 2 3 4 5', 'all is back');

# whose sites

$r = order('chen', 'phrase', 'kettle', sites => ['b']);
is($r->{status}, 201, 'who is of b orders on b, also a phrase');
is(order('chen', 'phrase', 'kettle', sites => $_)->{status}, 403, 'not on another') for ['a'], ['a', 'b'];
is(order('chen', 'phrase', 'kettle')->{status}, 403, 'nor everywhere');
is(step('lena', $r->{json}{order}, $_), 403, "$_: a lead of a does not") for qw(confirm lift);
is(step('adam', $r->{json}{order}, 'confirm'), 200, 'one of b does');
is(step('adam', $r->{json}{order}, 'lift'), 200, 'and lifts it');

for my $bad ([ 'x' ], [], [ '' ], [ 'a,b' ], { a => 1 }, 7, [ 7 ]) {
    my $r = order('bob', 'item', '1', sites => $bad);
    is("$r->{status} " . ($r->{json}{field} // ''), '400 sites', 'no sites: ' . JSON::PP->new->canonical->allow_nonref->encode($bad));
}

$r = order('bob', 'item', '1', sites => [ 'b', 'a', 'b' ]);
my ($o) = grep { $_->{id} == ($r->{json}{order} // 0) } @{ $d->request(GET => '/moderation/v1/orders', user => 'bob')->{json}{orders} };
is(join(',', sort split /,/, $o->{sites}), 'a,b', 'each once');
like($d->request(GET => '/moderation/orders', user => 'bob')->{body}, qr/only on .*<select name="sites">.*<option>b</s, 'on the screen');

$d->stop;
unlike($d->daemon_log, qr/\berror\b|could not/, 'no error in the log') or diag $d->daemon_log;
done_testing();
