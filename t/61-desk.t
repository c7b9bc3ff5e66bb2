# The desk by its API: cards come from the record, are dealt, claimed, decided
# once, undone; versions; what workers are told; orders, switches, bulk,
# rollback, second signatures, adoption; and who may do what.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use ModerationDesk;
use Test::More;
use Time::HiRes qw(sleep time);

my $d = ModerationDesk->new(roles => <<'YAML', policy => <<'POLICY');
users:
  alice: [reviewer]
  bob: [lead, auditor]
  lena: [lead]
  chen: {roles: [reviewer], queues: [second], labels_not: [clickbait]}
  eve: [viewer]
  tom: [trainee]
  adam: [admin]
  aki: {roles: [inspector], until: 2100-01-01}
  r1: [reviewer]
  r2: [reviewer]
YAML
schema: 1
policy: desk
slots:
  - {name: first, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title], ttl: 2h, target: 5m}}
  - {name: second, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title]}}
  - {name: pair, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title], people: 2}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
  - {id: ads, key: 2, label: gambling, title: {zh: 引流, en: Advertising}, points: 2, ttl: 30d}
rules:
  - {id: r.one, rev: 1, label: clickbait, risk_level: high, title: {zh: 规则一, en: Rule one}, match: {in: [title], terms: [alpha]}}
POLICY

my %of;

# the card of an item, by its title
sub id_of {
    my ($title) = @_;
    my $q = $d->request(GET => '/moderation/v1/queue?limit=100', user => 'bob')->{json};
    my ($c) = grep { ($_->{fields}{title} // '') eq $title } @{ $q->{cards} };

    return $c ? $c->{id} : 0;
}

sub decide {
    my ($user, $id, $verdict, %o) = @_;
    return $d->post("/moderation/v1/cards/$id/decide",
                    { version => $o{version} || 1, verdict => $verdict,
                      reason => $o{reason} // ($verdict eq 'reject' ? 'shock' : ''),
                      note => $o{note} // '' }, user => $user);
}

sub card { $d->request(GET => "/moderation/v1/cards/$_[0]", user => 'bob')->{json} }

# what workers are told of a fingerprint, out of the mapped table: verdict,
# flags, expiry; verdict 0 where there is no entry
sub told {
    my ($file, $key) = @_;
    open my $f, '<:raw', "$d->{dir}/verdicts/$file" or return {};
    local $/;
    my $bytes = <$f>;
    my $at = 4096;
    my $k = pack 'H*', $key;

    while ($at + 32 <= length $bytes) {
        my $e = substr $bytes, $at, 32;
        if (substr($e, 0, 16) eq $k) {
            my ($v, $fl, $scope, $ends) = unpack 'CCvV', substr $e, 16, 8;
            return { verdict => $v, flags => $fl, ends => $ends };
        }
        $at += 32;
    }
    return { verdict => 0 };
}

my %verdict = (released => 1, rejected => 2, pending => 3, adopted => 4);

# cards

ok($d->cards($d->card('one'), $d->card('two alpha', rule => 'r.one'),
             $d->card('three', slot => 'second')), 'lines become cards');
my $one = id_of('one');
my $two = id_of('two alpha');
my $three = id_of('three');

my $c = card($one);
is($c->{state}, 'waiting', 'a card waits');
is($c->{queue}, 'first', 'in the queue of its slot');
is($c->{version}, 1, 'version');
ok($c->{due} > $c->{first_seen}, 'with a time');
ok($d->until_true(sub { told('items', $c->{fingerprint})->{verdict} == $verdict{pending} }),
   'workers are told that it is known');

# who sees what

is($d->request(GET => "/moderation/v1/cards/$one", user => 'chen')->{status}, 404,
   'a card of another queue');
is($d->request(GET => "/moderation/v1/cards/$three", user => 'chen')->{status}, 200,
   'one of his');
is(scalar @{ $d->request(GET => '/moderation/v1/queue', user => 'chen')->{json}{cards} },
   1, 'his queue');
is($d->request(GET => '/moderation/v1/queue', user => 'eve')->{status}, 403,
   'a viewer has none');

# claims

my $r = $d->post('/moderation/v1/queue/next', { n => 1, queues => ['first'] }, user => 'alice');
is($r->{json}{cards}[0]{id}, $two, 'the card with the higher risk is dealt first');
is($r->{json}{cards}[0]{claim}{by}, 'alice', 'claimed');
$r = $d->post('/moderation/v1/queue/next', { n => 5, queues => ['first'] }, user => 'r1');
is_deeply([ map { $_->{id} } @{ $r->{json}{cards} } ], [$one], 'the other goes to another');
$r = $d->post("/moderation/v1/cards/$two/claim", {}, user => 'r1');
is($r->{status}, 409, 'a claimed card is not claimed again');
is($r->{json}{by}, 'alice', 'and says by whom');
ok($r->{json}{until} > time * 1000, 'and how long');
is($d->post("/moderation/v1/cards/$two/heartbeat", {}, user => 'alice')->{status}, 200,
   'heartbeat');
is($d->post("/moderation/v1/cards/$two/heartbeat", {}, user => 'r1')->{status}, 409,
   'of another');
is(decide('r1', $two, 'release')->{status}, 409, 'nor decided');
is($d->post('/moderation/v1/cards/assign', { card => $two, to => 'r2' }, user => 'alice')->{status},
   403, 'a reviewer does not assign');
is($d->post('/moderation/v1/cards/assign', { card => $two, to => 'r2' }, user => 'bob')->{status},
   200, 'a lead does');
is($d->post("/moderation/v1/cards/$two/drop", {}, user => 'r2')->{status}, 200, 'dropped');

# decisions

is(decide('r1', $one, 'reject', reason => '')->{status}, 400, 'a rejection needs a reason');
is(decide('r1', $one, 'reject', reason => 'nonsense')->{status}, 400, 'that exists');
is(decide('r1', $one, 'pass')->{status}, 400, 'a verdict that does not');
is(decide('r1', $one, 'release', version => 7)->{status}, 400, 'a version that does not');
$r = decide('r1', $one, 'release', note => 'seen');
is($r->{status}, 200, 'released');
ok($r->{json}{current}, 'the version that waits');
my $told = told('items', $c->{fingerprint});
is($told->{verdict}, $verdict{released}, 'workers are told before the answer');
ok($told->{ends} > time && $told->{ends} <= time + 7200, 'until when');
is(card($one)->{state}, 'released', 'state');
$r = decide('alice', $one, 'reject');
is($r->{status}, 409, 'decided once');
is($r->{json}{by}, 'r1', 'by whom');
is($r->{json}{verdict}, 'release', 'what');
my $review = card($one)->{history}[0]{review};
is($d->post("/moderation/v1/reviews/$review/undo", {}, user => 'alice')->{status}, 403,
   "another's decision is not undone by a reviewer");
is($d->post("/moderation/v1/reviews/$review/undo", {}, user => 'r1')->{status}, 200, 'one\'s own is');
is(told('items', $c->{fingerprint})->{verdict}, $verdict{pending}, 'workers are told');
is($d->post("/moderation/v1/reviews/$review/undo", {}, user => 'r1')->{status}, 409, 'once');
is(decide('alice', $one, 'reject', reason => 'shock')->{status}, 200, 'rejected by another then');
is(told('items', $c->{fingerprint})->{verdict}, $verdict{rejected}, 'workers are told');
is(decide('alice', $two, 'reject', reason => 'r.one')->{status}, 200, 'the rule is a reason');

# versions

$d->cards($d->card('first words', item => 'v'));
my $v = id_of('first words');
my $due = card($v)->{due};
my $old = card($v)->{fingerprint};
is($d->post("/moderation/v1/cards/$v/claim", {}, user => 'alice')->{status}, 200, 'somebody looks');
$d->lines($d->card('second words', item => 'v'));
ok($d->until_true(sub { card($v)->{version} == 2 }), 'a changed card is a new version');
is(card($v)->{due}, $due, 'that keeps its time');
$r = decide('alice', $v, 'release', version => 1);
is($r->{status}, 200, 'the one that was seen is decided');
ok(!$r->{json}{current}, 'and a newer one waits');
is(told('items', $old)->{verdict}, $verdict{released}, 'it is released');
is(told('items', card($v)->{fingerprint})->{verdict}, $verdict{pending}, 'the newer is not');
is(card($v)->{released}{fields}{title}, 'first words', 'what was released is beside it');
is(decide('alice', $v, 'release', version => 2)->{status}, 200, 'the newer one');
$d->lines($d->card('first words', item => 'v', day => 2));
sleep 0.5;
is(card($v)->{state}, 'released', 'what was released comes again: nobody is asked');

# two people

$d->cards($d->card('two people', slot => 'pair'), $d->card('two minds', slot => 'pair'));
my $p = id_of('two people');
$r = decide('alice', $p, 'release');
is($r->{json}{state}, 'first', 'the first of two');
is(told('items', card($p)->{fingerprint})->{verdict}, $verdict{pending}, 'nothing comes of it');
is($d->request(GET => "/moderation/v1/cards/$p", user => 'r1')->{json}{history}[0]{verdict}, '',
   'the second does not see it');
is(decide('alice', $p, 'release')->{status}, 409, 'nobody is both');
is($d->post("/moderation/v1/cards/$p/claim", {}, user => 'alice')->{status}, 409, 'nor keeps it from the second');
is(decide('r1', $p, 'release')->{json}{state}, 'standing', 'the second');
is(card($p)->{state}, 'released', 'released by two');
$p = id_of('two minds');
decide('alice', $p, 'release');
decide('r1', $p, 'reject');
is(card($p)->{state}, 'escalated', 'two minds go to a lead');
is(decide('r2', $p, 'release')->{status}, 403, 'not to a reviewer');
is(decide('bob', $p, 'release')->{status}, 200, 'who decides');

# trainees, cut cards, second opinions

$d->cards($d->card('for a trainee'), $d->card('cut', cut => 1), $d->card('asked'));
my $t = id_of('for a trainee');
is(decide('tom', $t, 'release')->{json}{state}, 'proposed', 'a trainee proposes');
is(card($t)->{state}, 'waiting', 'and the card waits');
my $cut = id_of('cut');
is(decide('alice', $cut, 'release')->{status}, 403, 'a cut card is not released by a reviewer');
is(decide('bob', $cut, 'release')->{status}, 200, 'by a lead');
my $asked = id_of('asked');
is(decide('alice', $asked, 'ask')->{status}, 200, 'a second opinion');
is(card($asked)->{state}, 'asked', 'is asked for');
is(decide('r1', $asked, 'release')->{status}, 200, 'and given');

# orders

my $order = { targets => [ { kind => 'item', value => '1187' } ], source => 'office',
              reference => '2026-11', reason => 'test', until => '2h' };
is($d->post('/moderation/v1/orders', { %$order, reference => '' }, user => 'alice')->{json}{field},
   'reference', 'an order of an office has a reference');
is($d->post('/moderation/v1/orders', { %$order, until => '40d' }, user => 'alice')->{json}{field},
   'until', 'and an end within 30 days');
is($d->post('/moderation/v1/orders', $order, user => 'eve')->{status}, 403, 'not by a viewer');
$r = $d->post('/moderation/v1/orders', $order, user => 'alice');
is($r->{status}, 201, 'one reviewer suffices');
ok($r->{json}{live_at}{test}, 'and it is live');
my $o = $r->{json}{order};
my $list = sub { $d->request(GET => '/moderation/v1/orders', user => 'bob')->{json} };
my ($key) = map { $_->{id} == $o ? $_ : () } @{ $list->()->{orders} };
is($key->{state}, 'live', 'in the list');
open my $f, '<:raw', "$d->{dir}/verdicts/orders";
read $f, my $head, 4096;
close $f;
is($d->post("/moderation/v1/orders/$o/confirm", {}, user => 'alice')->{status}, 403, 'a lead confirms');
is($d->post("/moderation/v1/orders/$o/confirm", {}, user => 'bob')->{status}, 200, 'confirmed');
is($d->post("/moderation/v1/orders/$o/lift", {}, user => 'bob')->{status}, 200, 'lifted');
is($d->post("/moderation/v1/orders/$o/lift", {}, user => 'bob')->{status}, 404, 'once');
$r = $d->post('/moderation/v1/orders', { %$order, targets => [ { kind => 'phrase', value => '买粉加我' } ] },
              user => 'bob');
is($r->{status}, 201, 'a phrase');
is($d->post("/moderation/v1/orders/$r->{json}{order}/confirm", {}, user => 'bob')->{status}, 403,
   'nobody confirms an own order');
open $f, '<:raw', "$d->{dir}/verdicts/orders";
{ local $/; my $b = <$f>; utf8::encode(my $w = '买粉加我'); ok(index($b, $w) > 0, 'stands in the table'); }

# by the form a phrase shows first what it would take off

my $form = sub {
    my (%f) = @_;
    my $body = join '&', map { my $v = $f{$_}; utf8::encode($v); "$_=" . $v =~ s/([^\w.-])/sprintf '%%%02X', ord $1/ger } sort keys %f;
    return $d->request(POST => '/moderation/v1/orders', user => 'alice', body => $body,
        headers => { 'Content-Type' => 'application/x-www-form-urlencoded', 'Sec-Fetch-Site' => 'same-origin', 'Accept-Language' => 'en' });
};
my $live = sub { scalar grep { $_->{state} eq 'live' } @{ $d->request(GET => '/moderation/v1/orders', user => 'bob')->{json}{orders} } };
my %phrase = (token => $d->token('alice'), kind => 'phrase', value => 'never "there" <b>', source => 'internal', reference => '', reason => 'test', until => '2h', back => '/moderation/orders');
my $ordered = $live->();
$r = $form->(%phrase);
is($r->{status}, 200, 'a page, not an order');
like($r->{body}, qr{never &quot;there&quot; &lt;b&gt;.*<strong class="good">0 / \d+</strong>}s, 'that says what it would take off');
like($r->{body}, qr{name="seen" value="1"}, 'and has a button');
is($live->(), $ordered, 'nothing is ordered yet');
is($form->(%phrase, seen => 1)->{status}, 303, 'who has seen it orders it');
is($live->(), $ordered + 1, 'and it is');

# switches

my $switch = { site => 'a', slot => 'first', mode => 'open', until => '30m', reason => 'test' };
is($d->post('/moderation/v1/switch', $switch, user => 'alice')->{status}, 403, 'a lead switches');
is($d->post('/moderation/v1/switch', { %$switch, until => '5h' }, user => 'bob')->{status}, 400,
   'for four hours at most');
is($d->post('/moderation/v1/switch', $switch, user => 'bob')->{status}, 200, 'open');
is($list->()->{switches}[0]{mode}, 'open', 'in the list');

# bulk and rollback

my $left = $d->waiting;
$d->cards(map { $d->card("bulk $_", account => 'b' x 32) } 1 .. 20);
$r = $d->post('/moderation/v1/cards/bulk', { account => 'b' x 32, verdict => 'reject', reason => 'shock' },
              user => 'alice');
is($r->{json}{done}, 20, 'twenty at once by account');
my $bulk = $r->{json}{bulk};
$r = $d->post('/moderation/v1/rollback', { bulk => $bulk, dry_run => JSON::PP::true }, user => 'bob');
is($r->{json}{restored}, 20, 'what a rollback would restore');
is($d->waiting, $left, 'nothing has');
is($d->post('/moderation/v1/rollback', { bulk => $bulk }, user => 'alice')->{status}, 403,
   'a lead rolls back');
$r = $d->post('/moderation/v1/rollback', { bulk => $bulk }, user => 'bob');
is($r->{json}{restored}, 20, 'rolled back');
is($d->waiting, $left + 20, 'all wait again');

$d->cards(map { $d->card("many $_", account => 'm' x 32) } 1 .. 60);
$r = $d->post('/moderation/v1/cards/bulk', { account => 'm' x 32, verdict => 'reject', reason => 'shock' },
              user => 'bob');
is($r->{status}, 202, 'sixty need a second person');
my $sign = $r->{json}{pending};
is($d->post("/moderation/v1/pending/$sign/approve", {}, user => 'bob')->{status}, 403, 'another');
is($d->post("/moderation/v1/pending/$sign/approve", {}, user => 'alice')->{status}, 403, 'a lead');
is($d->scgi([ SCGI => 1, REQUEST_METHOD => 'POST', MODERATION_LOCAL => 1,
              DOCUMENT_URI => "/moderation/v1/pending/$sign/approve" ])->{status}, 403,
   'the local socket is nobody');
$r = $d->post("/moderation/v1/pending/$sign/approve", {}, user => 'lena');
is($r->{json}{done}, 60, 'signed by a second');
is($d->post("/moderation/v1/pending/$sign/approve", {}, user => 'lena')->{status}, 404, 'once');

# adoption

$d->cards(map { $d->card("shown $_", mode => 'shadow') } 1 .. 5);
$r = $d->post('/moderation/v1/adopt', { slot => 'first', seen => '24h', dry_run => JSON::PP::true },
              user => 'bob');
my $n = $r->{json}{adopted};
ok($n >= 5, 'what would be adopted');
$r = $d->post('/moderation/v1/adopt', { slot => 'first', seen => '24h' }, user => 'bob');
is($r->{status}, 202, 'two people adopt');
my $shown = id_of('shown 1');
my $print = card($shown)->{fingerprint};
$r = $d->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'lena');
is($r->{json}{adopted}, $n, 'adopted');
is(told('items', $print)->{verdict}, $verdict{adopted}, 'told as adopted');
is(card($shown)->{state}, 'adopted', 'never as reviewed');

# accounts: strikes of what a person rejected, a state that two agree on

ModerationTest::within_a_day(120);          # so many points a day

my $acc = sub { $d->request(GET => '/moderation/v1/accounts/' . $_[0], user => 'eve')->{json} };
$d->cards(map { $d->card("struck $_", account => 'c' x 32) } 1 .. 4);
is($acc->('c' x 32)->{credit}, 100, 'an account without strikes');
my @struck = map { id_of("struck $_") } 1 .. 4;
decide('r1', $struck[0], 'reject', reason => 'ads');
is($acc->('c' x 32)->{score}, 2, 'two points');
is($acc->('c' x 32)->{credit}, 80, 'credit');
is($acc->('c' x 32)->{state}, 'watched', 'watched by itself');
is(told('accounts', 'c' x 32)->{verdict}, 1, 'workers are told');
is(told('accounts', 'c' x 32)->{flags}, 80, 'with the credit');
decide('r1', $struck[1], 'reject', reason => 'ads');
decide('r1', $struck[2], 'reject', reason => 'ads');
is($acc->('c' x 32)->{score}, 3, 'three points a day at most');
my $undo = card($struck[0])->{history}[0]{review};
$d->post("/moderation/v1/reviews/$undo/undo", {}, user => 'r1');
is($acc->('c' x 32)->{score}, 1, 'undone: the strike is void');
is($d->post('/moderation/v1/accounts/someone/state', { state => 'suspended', reason => 'x' },
            user => 'bob')->{json}{field}, 'until', 'a suspension ends');
is($d->post('/moderation/v1/accounts/someone/state', { state => 'suspended', until => '7d', reason => 'x' },
            user => 'bob')->{status}, 200, 'a lead suspends');
$r = $d->post('/moderation/v1/accounts/someone/state', { state => 'closed', reason => 'x' }, user => 'bob');
is($r->{status}, 202, 'two close');
is($acc->('someone')->{state}, 'suspended', 'not before');
$d->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'lena');
is($acc->('someone')->{state}, 'closed', 'closed');
is($d->post('/moderation/v1/accounts/someone/state', { state => 'none', reason => 'x' }, user => 'lena')->{status},
   200, 'one undoes it');

# earlier decisions

my $csv = "kind,id,verdict,source,date,reason\nfingerprint," . 'd' x 32 . ",release,old desk,2026-01-01,\n"
          . "account,u99,limited,\"old, desk\",2026-01-01,spam\n";
is($d->post('/moderation/v1/import', { csv => $csv, dry_run => JSON::PP::true }, user => 'bob')->{json}{rows}, 2,
   'an import is tried');
like($d->post('/moderation/v1/import', { csv => $csv . "room,1,x,y,z,\n" }, user => 'bob')->{json}{detail},
     qr/line 4: kind/, 'a wrong line is named');
$r = $d->post('/moderation/v1/import', { csv => $csv }, user => 'bob');
$d->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'lena');
is(told('items', 'd' x 32)->{verdict}, $verdict{adopted}, 'imported as adopted');
is($acc->('u99')->{state}, 'limited', 'accounts, too');

# the record knows

my $events = $d->request(GET => '/moderation/v1/events', user => 'eve')->{json}{events};
my %types = map { $_->{type} => 1 } @$events;
ok($types{$_}, "event $_") for qw(review undo order switch signature rollback adopt strike account import);
my ($e) = grep { $_->{type} eq 'review' } @$events;
unlike($ModerationDesk::json->encode($events), qr/alice|bob|\b1187\b|买粉|seen/,
       'without names, raw ids and notes');
like($e->{by}, qr/^[0-9a-f]{16}$/, 'people have a pseudonym');

# a daemon that is killed: what was said is said

my $before = told('items', $print);
$d->stop_daemon('KILL');
$d->start_daemon;
is_deeply(told('items', $print), $before, 'after kill -9 the tables stand');
is(card($shown)->{state}, 'adopted', 'the store, too');
unlink glob "$d->{dir}/verdicts/*";
$d->stop_daemon;
$d->start_daemon;
is_deeply(told('items', $print), $before, 'tables that are gone are made again');

# a store that is made again from the ledger says the same of every verdict

my $was = do { open my $h, '<:raw', "$d->{dir}/verdicts/items"; local $/; my $b = <$h>; $b };
my %before = map { my $e = substr $was, 4096 + 32 * $_, 32; my ($v, $fl) = unpack 'CC', substr $e, 16, 2;
                   $v && $v != 3 ? (unpack('H*', substr $e, 0, 16) => "$v $fl") : () }
             0 .. (length($was) - 4096) / 32 - 1;
$d->stop_daemon;
my $made = `$ModerationTest::build/moderationctl store rebuild -c $d->{dir}/moderationd.yaml --to $d->{dir}/again.db 2>&1`;
ok(-s "$d->{dir}/again.db", 'a store is made again') or diag($made);
rename "$d->{dir}/store.db", "$d->{dir}/old.db";
unlink glob "$d->{dir}/store.db-* $d->{dir}/verdicts/*";
rename "$d->{dir}/again.db", "$d->{dir}/store.db";
$d->start_daemon;
my @differ = grep { my $t = told('items', $_); "$t->{verdict} $t->{flags}" ne $before{$_} } keys %before;
ok(scalar keys %before > 50, scalar(keys %before) . ' verdicts');
is("@differ", '', 'are what they were');
$d->stop_daemon;
rename "$d->{dir}/old.db", "$d->{dir}/store.db";
unlink glob "$d->{dir}/store.db-* $d->{dir}/verdicts/*";
$d->start_daemon;

# each call by each role

my %may = (
    'GET v1/session' => 'alice bob eve tom adam aki',
    'GET v1/status' => 'alice bob eve tom adam aki',
    'GET v1/decisions' => 'alice bob eve tom adam aki',
    'GET v1/queue' => 'alice bob tom',
    "GET v1/cards/$one" => 'alice bob tom',
    "GET v1/cards/$one/preview" => 'alice bob tom',
    'GET v1/orders' => 'alice bob eve tom adam aki',
    'GET v1/pending' => 'alice bob eve tom adam aki',
    'GET v1/events' => 'alice bob eve tom adam aki',
    'POST v1/queue/next' => 'alice bob tom',
    "POST v1/cards/$one/claim" => 'alice bob tom',
    'POST v1/cards/bulk' => 'alice bob',
    'POST v1/cards/assign' => 'bob',
    'POST v1/rollback' => 'bob', 'POST v1/adopt' => 'bob',
    'POST v1/orders' => 'alice bob', 'POST v1/switch' => 'bob',
    'POST v1/handover' => 'alice bob',
    'POST v1/pending/99/approve' => 'bob adam', 'POST v1/erase' => 'adam',
    'GET queue' => 'alice bob tom', 'GET orders' => 'alice bob eve tom adam aki',
    'GET people' => 'alice bob eve tom adam aki', 'GET handover' => 'alice bob tom',
);

for my $call (sort keys %may) {
    my ($method, $path) = split / /, $call;
    my %ok = map { $_ => 1 } split / /, $may{$call};
    my @wrong;

    for my $who (qw(alice bob eve tom adam aki)) {
        my $s = $method eq 'GET'
                ? $d->request(GET => "/moderation/$path", user => $who)->{status}
                : $d->post("/moderation/$path", {}, user => $who)->{status};
        push @wrong, "$who $s" if ($s == 403) == ($ok{$who} ? 1 : 0) && $s != 409;
    }
    is("@wrong", '', "$call: who may");
    is($d->request($method, "/moderation/$path")->{status}, 401, 'nobody');
    is($d->request(POST => "/moderation/$path", user => 'bob',
                   headers => { 'Sec-Fetch-Site' => 'same-origin' })->{status}, 403, 'without token')
        if $method eq 'POST';
}

# of what is due in the same minute, with the same risk, what most see comes first

my ($few, $many) = ($d->card('seen by few', slot => 'second'), $d->card('seen by many', slot => 'second'));
ok($d->cards($few, $many), 'two more');
$d->lines({ type => 'counts', counts => [ [ $many->{id}, int(time * 1000) - 1000, 5000 ] ] });
my ($least, $most) = map { id_of($_) } 'seen by few', 'seen by many';
ok($d->until_true(sub { card($most)->{reach} >= 5000 }), 'one is asked for five thousand times');
my $same = int(card($least)->{due} / 60000) == int(card($most)->{due} / 60000);
my @dealt;
while (my ($c) = @{ $d->post('/moderation/v1/queue/next', { n => 1, queues => [ card($most)->{queue} ] }, user => 'r1')->{json}{cards} }) {
    push @dealt, $c->{id};
    last if decide('r1', $c->{id}, 'release')->{status} != 200;
}
is(join(' ', grep { $_ == $least || $_ == $most } @dealt), $same ? "$most $least" : "$least $most", 'that one is dealt first');

$d->stop;
unlike($d->daemon_log, qr/error|alert/, 'no error in the log');
done_testing;
