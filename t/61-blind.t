# Looks that nobody knows to be such: decisions of others again and samples of
# what passed, at most one in twenty; agreement for the person and the lead
# alone; calibration; shifts and the forecast.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;
use Time::HiRes qw(time);

my $d = ModerationDesk->new(roles => <<'YAML', policy => <<'POLICY', conf => <<'CONF');
users:
  alice: [reviewer]
  r1: [reviewer]
  r2: [reviewer]
  bob: [lead]
  tom: [trainee]
  eve: [viewer]
  chen: {roles: [reviewer], queues: [second]}
YAML
schema: 1
policy: desk
slots:
  - {name: first, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title], ttl: 2h, target: 5m}}
  - {name: second, type: html, match: dd, fields: {title: b}, review: {mode: required, fields: [title]}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
POLICY
node: test
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}}
shifts: {all: {at: "00:00-23:59", target: 40m}, last: {at: "23:59-00:00", target: 40m}}
threads: 4
CONF

sub get { $d->request(GET => "/moderation/v1/$_[0]", user => $_[1])->{json} }
sub queue { @{ get('queue?limit=100', $_[0])->{cards} } }
sub state { get("cards/$_[0]", 'bob')->{state} }

sub decide {
    my ($user, $id, $verdict) = @_;
    return $d->post("/moderation/v1/cards/$id/decide", { version => 1, verdict => $verdict,
                    reason => $verdict eq 'reject' ? 'shock' : '' }, user => $user);
}

sub page {
    my ($path, $user) = @_;
    return $d->request(GET => "/moderation/$path", user => $user, headers => { 'Accept-Language' => 'en' })->{body};
}

# the time that a shift gives

$d->cards(map { $d->card("work $_") } 1 .. 60);
my ($c) = queue('alice');
my $target = $c->{due} - $c->{first_seen};
is($target, 40 * 60000, 'a card is due by the target of the shift');

# alice decides twenty: one of them is looked at again, and not by her

my %by_title = map { $_->{fields}{title} => $_->{id} } queue('alice');
is(decide('alice', $by_title{"work $_"}, $_ % 2 ? 'release' : 'reject')->{status}, 200, "alice decides $_") for 1 .. 20;
my %alice = map { ("work $_" => $_ % 2 ? 'release' : 'reject') } 1 .. 20;
sub again { my ($who) = @_; grep { $alice{ $_->{fields}{title} } } queue($who) }

is(scalar(() = again('r1')), 0, 'somebody who has decided nothing gets none');
is(decide('r1', $by_title{"work $_"}, 'release')->{status}, 200, "r1 decides $_") for 21 .. 39;
ok($d->until_true(sub { my @a = again('r1'); @a == 1 }, 5), 'after nineteen r1 has one of hers among the cards');
my ($again) = again('r1');
is(scalar(() = again('alice')), 0, 'she has not');
is(decide('alice', $again->{id}, 'release')->{status}, 404, 'nor could she decide it');
ok(!exists $again->{kind} && $again->{state} eq 'waiting', 'nothing of the card says so');
my $before = join ' ', map { state($by_title{$_}) } sort keys %alice;

# it agrees, is undone, and differs

my $said = $alice{ $again->{fields}{title} };
my $other = $said eq 'release' ? 'reject' : 'release';
my $r = decide('r1', $again->{id}, $said);
is("$r->{status} $r->{json}{state}", '200 standing', 'an answer like any other');
is(decide('r1', $again->{id}, $said)->{status}, 409, 'once');
is_deeply(get('calibration', 'alice')->{people}{alice}, { looked => 1, agreed => 1, gold => 0, gold_agreed => 0, gold_reason => 0 },
          'she agrees');
is($d->post("/moderation/v1/reviews/$r->{json}{review}/undo", {}, user => 'r1')->{status}, 200, 'undone');
is(get('calibration', 'alice')->{people}{alice}, undef, 'it does not count');
is(decide('r1', $again->{id}, $other)->{status}, 200, 'and decided otherwise');
is(get('calibration', 'alice')->{people}{alice}{agreed}, 0, 'they differ');
is(join(' ', map { state($by_title{$_}) } sort keys %alice), $before, 'nothing changes for readers');
ok(!again('r1'), 'it is gone from the queue');
my $differ = get('calibration', 'bob')->{differ};
is("$differ->[0]{by} $differ->[0]{verdict} $differ->[0]{second} $differ->[0]{said}", "alice $said r1 $other",
   'a lead sees where two differ');
is(get('calibration', 'r1')->{differ}, undef, 'nobody else');
is_deeply(get('calibration', 'r1')->{people}, {}, 'nor figures of others');
like(page('people', 'alice'), qr{looked at again, agreed 0 / 1}, 'her page has hers');
unlike(page('people', 'r1'), qr{looked at again}, 'that of another has not');
like(page('people', 'bob'), qr{looked at again, agreed 0 / 1}, "the lead's has");
unlike($ModerationDesk::json->encode(get('events', 'eve')), qr/"type":"again"[^}]*(verdict|by|alice|r1)/,
       'the public half of the record says nobody agreed with whom');

# samples of what passed come the same way

$d->lines(map { $d->card("passed $_", type => 'sample', action => 'none') } 1, 2);
ok($d->until_true(sub { @{ get('decisions?kind=sample', 'bob')->{decisions} } == 2 }, 10), 'two samples');
is(decide('bob', $by_title{"work $_"}, 'release')->{status}, 200, "bob decides $_") for 40 .. 58;
ok($d->until_true(sub { grep { $_->{fields}{title} =~ /passed/ || $alice{ $_->{fields}{title} } } queue('bob') }, 5),
   'a lead gets one too');
my @mine = grep { $_->{fields}{title} =~ /passed/ } queue('bob');
is(scalar @mine, 1, 'one of two samples at a time');
like(page("cards/$mine[0]{id}", 'bob'), qr/id="decide"/, 'it can be decided');
my $dealt = $d->post('/moderation/v1/queue/next', { n => 5 }, user => 'bob')->{json}{cards};
is(scalar(grep { $_->{fields}{title} =~ /passed/ } @$dealt), 1, 'next deals it, too');
is(decide('bob', $mine[0]{id}, 'release')->{status}, 200, 'decided');
is(scalar(grep { $_->{fields}{title} =~ /passed/ } queue('bob')), 0, 'the second not before twenty more');
is(scalar(grep { $_->{fields}{title} =~ /passed/ } queue('tom')), 0, 'a trainee has none');

# calibration

my $gold = $by_title{'work 2'};
is($d->post('/moderation/v1/calibration', { card => $gold, verdict => 'reject', reason => 'shock' }, user => 'alice')->{status},
   403, 'a reviewer adds no card');
$r = $d->post('/moderation/v1/calibration', { card => $gold, verdict => 'reject', reason => 'shock', note => 'shouts' }, user => 'bob');
is($r->{status}, 201, 'a lead does');
my $id = $r->{json}{id};
is($d->post('/moderation/v1/calibration', { card => $gold, verdict => 'reject', reason => 'shock' }, user => 'bob')->{status},
   409, 'once');
like(page("cards/$gold", 'bob'), qr{name="card" value="$gold">.*Use for calibration}s, 'by a button on a decided card');
my $open = get('calibration', 'tom')->{cards};
is($open->[0]{fields}{title}, 'work 2', 'a trainee has it to judge');
ok(!exists $open->[0]{verdict} && !exists $open->[0]{note} && !exists $open->[0]{by}, 'without what the lead said');
is(scalar @{ get('calibration', 'bob')->{cards} }, 0, 'the lead has not');
is(scalar @{ get('calibration', 'chen')->{cards} }, 0, 'nor who may not see the queue');
my $form = page('calibration', 'tom');
like($form, qr{/moderation/v1/calibration/$id/judge.*<option value="shock">Sensational headline</option>.*value="reject"}s,
     'the page asks');
unlike($form, qr/shouts/, 'and does not tell');
is($d->post("/moderation/v1/calibration/$id/judge", { verdict => 'reject' }, user => 'tom')->{status}, 400, 'a reason');
$r = $d->post("/moderation/v1/calibration/$id/judge", { verdict => 'release' }, user => 'tom');
is($r->{status}, 200, 'judged');
is_deeply($r->{json}, { agreed => JSON::PP::false, verdict => 'reject', reason => 'shock', note => 'shouts' },
          'and then told');
is($d->post("/moderation/v1/calibration/$id/judge", { verdict => 'reject', reason => 'shock' }, user => 'tom')->{status},
   409, 'once');
is($d->post("/moderation/v1/calibration/$id/judge", { verdict => 'reject', reason => 'shock' }, user => 'r1')->{json}{agreed},
   JSON::PP::true, 'another agrees');
is_deeply(get('calibration', 'tom')->{people}, { tom => { looked => 0, agreed => 0, gold => 1, gold_agreed => 0, gold_reason => 0 } },
          'his own figures');
my $set = get('calibration', 'bob');
is("$set->{set}[0]{agreed}/$set->{set}[0]{judged}", '1/2', 'the lead sees how many agree');
is($set->{people}{r1}{gold_reason}, 1, 'with the reason');
like(page('calibration', 'bob'), qr{The set.*Looked at again, and differed}s, 'on the page');
is($d->post("/moderation/v1/calibration/$id/end", {}, user => 'bob')->{status}, 200, 'taken out');
is(scalar @{ get('calibration', 'alice')->{cards} }, 0, 'nobody is asked any more');
is($d->request(GET => '/moderation/calibration', user => 'eve')->{status}, 403, 'not for a viewer');

# what will be due

my $late = (gmtime)[2] == 23;
my $hours = get('queue/forecast', 'tom')->{hours};
is(scalar @$hours, 8, 'eight hours');
my $waiting = get('status', 'bob');
is($hours->[0]{waiting}, 2, 'what waits is due in the first');
is($hours->[0]{ending} + $hours->[1]{ending}, scalar(grep { $_ % 2 } 1 .. 20) + 19 + 19,
   'releases end within their two hours');
is($hours->[0]{shift}, 'all', 'in which shift') unless $late || (gmtime)[2] == 23;
is($hours->[0]{target}, 40 * 60000, 'with its target');
like(page('handover', 'alice'), qr{The next eight hours.*target 40 min.*<td class="num">2</td>}s, 'the handover shows it');

$d->stop;
unlike($d->daemon_log, qr/error|alert/, 'no error in the log');
done_testing;
