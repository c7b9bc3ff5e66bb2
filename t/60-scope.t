# What a person of one site sees and may do of another one: nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(roles => <<'R', conf => <<'C', policy => <<'P');
users:
  bob: [lead, auditor]
  lena: {roles: [lead, auditor], sites: [a]}
  chen: {roles: [lead, auditor], sites: [b]}
  adam: {roles: [admin], sites: [a]}
R
node: test
sites:
  a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}
  b: {hosts: [b.example.cn], policy: policy.yaml, language: en}
origins: ["https://desk.example"]
threads: 8
C
schema: 1
policy: desk
slots: [{name: first, type: html, match: "ul#first > li", fields: {title: b}}]
reasons: [{id: shock, key: 1, label: clickbait, title: {en: Sensational headline}}]
rules:
  - {id: r.one, rev: 1, label: clickbait, strikes: {points: 1}, match: {in: [title], terms: [alpha]}}
P

my $account = 'e' x 32;
my $card = $d->card('secret words', rule => 'r.one', account => $account);
$card->{host} = 'b.example.cn';
my $two = $d->card('secret too', rule => 'r.one', account => $account);
$two->{host} = 'b.example.cn';
ok($d->cards($card, $two), 'two cards of site b');

my ($c) = grep { $_->{fields}{title} eq 'secret words' }
          @{ $d->request(GET => '/moderation/v1/queue', user => 'bob')->{json}{cards} };
my ($id, $decision) = @{$c}{qw(id decision)};

$d->request(POST => '/moderation/public/report', headers => { 'Content-Type' => 'application/json' },
            body => '{"page":"https://b.example.cn/x","reason":"shock","text":"secret words"}');
my $case = $d->request(GET => '/moderation/v1/cases', user => 'bob')->{json}{cases}[0]{id};
ok($case, 'a report of a page there');

is(scalar @{ $d->request(GET => '/moderation/v1/cases', user => 'chen')->{json}{cases} }, 1,
   'which its people see');

my ($other) = grep { $_->{fields}{title} eq 'secret too' }
              @{ $d->request(GET => '/moderation/v1/queue', user => 'bob')->{json}{cards} };
my $review = $d->post("/moderation/v1/cards/$other->{id}/decide",
                      { version => 1, verdict => 'release' }, user => 'chen')->{json}{review};
ok($review, 'one is released by its own lead');

# by GET

for my $path ('queue', 'cards', 'cases', 'decisions', 'teams', 'reports', 'accounts', 'orders', 'pending', 'handover',
              'ledger', 'rules', 'alarms', 'whatif', 'people', "cards/$id", "decisions/$decision",
              "accounts/$account",
              map { "v1/$_" } 'queue', "cards/$id", "cards/$id/preview", 'decisions', "decisions?account=$account",
              "decisions?item=$c->{item}", "decisions/$decision", "decisions/$decision/code",
              "decisions/$decision/proof", "decisions/$decision/statement", 'cases', 'events', 'accounts',
              "accounts/$account", 'teams', 'orders', 'pending', 'calibration', 'queue/forecast', 'report?site=b')
{
    my $r = $d->request(GET => "/moderation/$path", user => 'lena');
    unlike($r->{body}, qr/secret/, "GET $path: no text of site b ($r->{status})");
}

# by POST

for my $try (["cards/$id/claim", {}], ["cards/$id/heartbeat", {}], ["cards/$id/drop", {}],
             ['cards/assign', { card => $id, to => 'bob' }],
             ["cards/$id/decide", { version => 1, verdict => 'release' }],
             ['cards/bulk', { ids => [$id], verdict => 'release' }],
             ['cards/bulk', { account => $account, verdict => 'release' }],
             ['cards/bulk', { fingerprint => $c->{fingerprint}, verdict => 'release' }],
             ['calibration', { card => $id, verdict => 'reject', reason => 'r.one' }],
             ['export', { decisions => [$decision], recipient => 'x', purpose => 'y', reference => 'z' }],
             ['export/case', { decision => $decision, text => 'x' }],
             ["decisions/$decision/handled", { at => 'x' }],
             ['switch', { site => 'b', slot => 'first', mode => 'open', until => '30m', reason => 'x' }],
             ['switch', { slot => 'first', mode => 'open', until => '30m', reason => 'x' }],
             ['report/text', { site => 'b', text => 'x' }], ['report/file', { site => 'b' }],
             ["cases/$case/outcome", { outcome => 'valid' }], ["reviews/$review/undo", {}])
{
    my ($path, $args) = @$try;
    my $r = $d->post("/moderation/v1/$path", $args, user => 'lena');
    like($r->{status}, qr/^40[034]$/, "POST $path");
    unlike($r->{body}, qr/secret/, 'without a text');
}

is($d->request(GET => "/moderation/v1/cards/$id", user => 'bob')->{json}{state}, 'waiting', 'the card waits');
is($d->request(GET => "/moderation/v1/cards/$id", user => 'bob')->{json}{claimed} || '', '', 'for anybody');

# what holds on every site: of what is on theirs alone, and no list, no phrase

my $both = 'd' x 32;
my $here = 'c' x 32;
my @more = ($d->card('words of a', rule => 'r.two', account => $here), $d->card('of both', rule => 'r.two', account => $both),
            $d->card('secret of both', rule => 'r.two', account => $both));
$more[2]{host} = 'b.example.cn';
ok($d->cards(@more), 'cards of accounts of a, and of both');
my %card = map { $_->{fields}{title} => $_ } @{ $d->request(GET => '/moderation/v1/queue', user => 'bob')->{json}{cards} };
my %why = (source => 'internal', reason => 'x', until => '1h');
my $gold = $d->post('/moderation/v1/calibration', { card => $id, verdict => 'release' }, user => 'bob')->{json}{id};
my $order = $d->post('/moderation/v1/orders', { %why, kind => 'phrase', value => 'nowhere' }, user => 'bob')->{json}{order};
my $on_b = $d->post('/moderation/v1/orders', { %why, kind => 'item', value => 'room 9' }, user => 'bob')->{json}{order};
ok($gold && $order && $on_b, 'a calibration card of b, orders of everywhere');

my @refused = (
    (map { [ 'orders', { %why, kind => $_->[0], value => $_->[1] }, 403 ] }
     [ phrase => 'word' ], [ url => 'https://b.example.cn/x' ], [ url => '/x' ], [ url => 'https://localhost@b.example.cn/' ],
     [ url => 'https://www.example.cn.b.example.cn/' ], [ item => 'never seen' ]),
    [ 'orders', { %why, targets => [ { kind => 'url', value => 'https://www.example.cn/x' },
                                     { kind => 'phrase', value => 'word' } ] }, 403 ],
    [ 'orders', { %why, kind => 'phrase', value => 'word', dry_run => JSON::PP::true }, 403 ],
    [ "orders/$order/lift", {}, 403 ], [ "orders/$order/confirm", {}, 403 ], [ "orders/$on_b/lift", {}, 403 ],
    (map { [ "accounts/$_/state", { state => 'limited', reason => 'x' }, 403 ] } $account, $both, 'nobody'),
    [ "accounts/$account/state", { state => 'closed', reason => 'x' }, 403 ],
    [ 'import', { csv => "kind,id,verdict,source,date,reason\r\naccount,1,limited,x,,\r\n" }, 403 ],
    [ 'import', { csv => "kind,id,verdict,source,date,reason\r\naccount,1,limited,x,,\r\n", dry_run => JSON::PP::true }, 403 ],
    [ "calibration/$gold/end", {}, 404 ]);

for my $try (@refused) {
    my ($path, $args, $status) = @$try;
    my $r = $d->post("/moderation/v1/$path", $args, user => 'lena');
    is($r->{status}, $status, "POST $path " . ($args->{value} || $args->{state} || '') . ': of all sites');
}

my $state = sub { my ($who, $of) = @_; return $d->post("/moderation/v1/accounts/$of/state", { state => 'limited', reason => 'x' }, user => $who)->{status} };
is($state->('lena', $here), 200, 'an account that is on theirs alone');
is($state->('chen', $here), 403, 'which is none of the others');
is($state->('bob', $both), 200, 'an account of both, by whom no site is set');
is($d->post('/moderation/v1/orders', { %why, kind => 'url', value => 'https://www.example.cn:8443/x' }, user => 'lena')->{status}, 201,
   'an order on a URL of an own host');

# second signatures: what is of others is neither seen nor signed

my $close = $d->post("/moderation/v1/accounts/$both/state", { state => 'closed', reason => 'secret reason' }, user => 'bob')->{json}{pending};
my $shut = $d->post("/moderation/v1/accounts/$here/state", { state => 'closed', reason => 'own' }, user => 'bob')->{json}{pending};
my $of = sub { return join ' ', sort { $a <=> $b } map { $_->{id} } @{ $d->request(GET => '/moderation/v1/pending', user => $_[0])->{json}{pending} } };
is($of->('lena'), $shut, 'signatures that may be given');
is($of->('bob'), "$close $shut", 'all of them');
is($d->post("/moderation/v1/pending/$close/approve", {}, user => 'lena')->{status}, 403, 'not signed by a lead of one');
is($d->post("/moderation/v1/pending/$shut/approve", {}, user => 'lena')->{status}, 200, 'an account of an own site is');

# rollback of a bulk that went over both: each undoes their own

my $bulk = $d->post('/moderation/v1/cards/bulk', { ids => [ map { $card{$_}{id} } 'words of a', 'secret of both' ], verdict => 'release' },
                    user => 'bob')->{json};
is($bulk->{done}, 2, 'two cards of two sites, decided at once');
my $back = sub { return $d->post('/moderation/v1/rollback', { bulk => $bulk->{bulk}, @_[1 .. $#_] }, user => $_[0])->{json}{restored} };
is($back->('lena', dry_run => JSON::PP::true), 1, 'one of them would be restored');
is($back->('lena'), 1, 'and is');
is($d->request(GET => "/moderation/v1/cards/$card{'secret of both'}{id}", user => 'bob')->{json}{state}, 'released', 'the other is as it was');
is($back->('bob'), 1, 'until a lead of all undoes it');

my $by_rule = sub { return $d->post('/moderation/v1/rollback', { rule => 'r.two', from => 1, dry_run => JSON::PP::true }, user => $_[0])->{json}{left_queue} };
is($by_rule->('lena'), 2, 'cards of a rule: those of a');
is($by_rule->('bob'), 3, 'and all');

# adoption takes what both may see, whoever asks and whoever signs

my @quiet = map { $d->card("quiet $_", action => 'none') } 'a', 'secret b';
delete $_->{rules} for @quiet;
$quiet[1]{host} = 'b.example.cn';
ok($d->cards(@quiet), 'cards without a hit');
my $dry = sub { return $d->post('/moderation/v1/adopt', { slot => 'first', seen => '1h', dry_run => JSON::PP::true }, user => $_[0])->{json}{adopted} };
is_deeply([ map { $dry->($_) } qw(lena chen bob) ], [ 1, 1, 2 ], 'what would be adopted: of their own');
my $ask = $d->post('/moderation/v1/adopt', { slot => 'first', seen => '1h' }, user => 'lena')->{json}{pending};
is($d->post("/moderation/v1/pending/$ask/approve", {}, user => 'bob')->{json}{adopted}, 1, 'asked by a, signed for all: of a');
is_deeply([ map { $dry->($_) } qw(lena chen bob) ], [ 0, 1, 1 ], 'the other one waits');

# their own they may

is($d->post('/moderation/v1/switch', { site => 'a', slot => 'first', mode => 'shadow', until => '30m',
            reason => 'x' }, user => 'lena')->{status}, 200, 'a switch of an own site');
is($d->post('/moderation/v1/cards/assign', { card => $id, to => 'bob' }, user => 'chen')->{status}, 200,
   'a card of an own site');
is($d->post("/moderation/v1/cases/$case/outcome", { outcome => 'effective', reply => 'x' }, user => 'chen')->{status},
   200, 'a case of an own site');
is($d->post('/moderation/v1/switch', { slot => 'first', mode => 'enforce', until => '30m', reason => 'x' },
            user => 'bob')->{status}, 200, 'all sites by whom no site is set');
is($d->post("/moderation/v1/reviews/$review/undo", {}, user => 'bob')->{status}, 200, 'undo by a lead of all');

# a strike of an account there, and erasure

is($d->post("/moderation/v1/cards/$id/decide", { version => 1, verdict => 'reject', reason => 'shock' }, user => 'bob')->{status}, 200, 'rejected');
my ($strike) = map { $_->{id} } @{ $d->request(GET => "/moderation/v1/accounts/$account", user => 'chen')->{json}{strikes} };
ok($strike, 'a strike');
is($d->post("/moderation/v1/strikes/$strike/void", { reason => 'x' }, user => 'lena')->{status}, 403, 'voided by nobody of another site');
is($d->post("/moderation/v1/strikes/$strike/void", { reason => 'x' }, user => 'chen')->{status}, 200, 'but of its own');
for my $try ([ account => $account, 403 ], [ account => $both, 403 ], [ item => $c->{item}, 403 ], [ account => $here, 202 ]) {
    my ($what, $of, $status) = @$try;
    is($d->post('/moderation/v1/erase', { what => $what, id => $of, ref => 'R' }, user => 'adam')->{status}, $status, "erasure of an $what: $status");
}

$d->stop;
done_testing;
