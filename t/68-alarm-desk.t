# Alarms in the daemon: from counters of the record to the console and a
# webhook.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(hmac_sha256_hex);
use IO::Socket::INET;
use ModerationDesk;
use Test::More;
use Time::HiRes qw(sleep time);

# a target that records what it gets: a file a request; it refuses while a file
# "refuse" stands beside them

sub target {
    my ($dir) = @_;
    my $s = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die $!;
    my $pid = fork;

    if ($pid == 0) {
        my $n = 0;
        while (my $c = $s->accept) {
            my ($head, $body) = ('', '');
            while (my $l = <$c>) { last if $l eq "\r\n"; $head .= $l }
            read $c, $body, $1 if $head =~ /Content-Length: (\d+)/i;
            my $no = -e "$dir/refuse";
            open my $f, '>', sprintf "$dir/%s-%04d.tmp", $no ? 'refused' : 'got', $n or die $!;
            print $f "$head\n$body";
            close $f;
            rename sprintf("$dir/%s-%04d.tmp", $no ? 'refused' : 'got', $n),
                   sprintf("$dir/%s-%04d", $no ? 'refused' : 'got', $n++);
            print $c 'HTTP/1.1 ' . ($no ? '503 No' : '204 OK') . "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            close $c;
        }
        exit;
    }

    return ($pid, $s->sockport);
}

sub requests {
    my ($dir, $what) = @_;
    return map { open my $f, '<:raw', $_; local $/; [ split /\n\n/, scalar <$f>, 2 ] }
           sort grep { !/\.tmp$/ } glob "$dir/$what-*";
}

my $hooks = "$ModerationTest::build/t/hooks-$$";
system 'rm', '-rf', $hooks;
system 'mkdir', '-p', $hooks;
my ($target, $port) = target($hooks);
my @daemons = ($target);
END { my $rc = $?; kill 'KILL', @daemons if @daemons; system 'rm', '-rf', $hooks if $hooks; $? = $rc }

my $d = ModerationDesk->new(no_daemon => 1, conf => <<"YAML", policy => <<'POLICY', files => { 'hook.key' => "a secret of the webhook\n" });
node: test
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}}
origins: ["https://desk.example"]
alarms: {mute: ["quiet/rule:*"]}
webhooks: [{url: "http://127.0.0.1:$port/in", secret: hook.key, types: [alarm]}]
YAML
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b}}]
rules:
  - {id: r.one, label: clickbait, expires: 2020-01-01, title: {zh: 规则一, en: Rule one}, match: {in: [title], terms: [alpha]}}
  - {id: r.two, label: clickbait, match: {in: [title], terms: [beta]}}
bursts: {rules: {r.two: {ratio: 9}}}
POLICY

open my $refuse, '>', "$hooks/refuse" or die $!;
close $refuse;

$d->start_daemon;

sub alarms { return $d->request(GET => '/moderation/v1/alarms', user => 'eve')->{json} }
sub of { my ($key) = @_; return (grep { $_->{key} eq $key } @{ alarms()->{alarms} })[0] }
sub stood { my ($key) = @_; return (grep { $_->{key} eq $key } @{ alarms()->{ended} })[0] }

# an hour of counters that ended a minute ago, then a rise in both rules and a
# slot that is empty

my %total;
my $now = int(time * 1000);
my $t0 = $now - 3_660_000;

sub stat_lines {
    my ($from, $to, $add) = @_;
    my @lines;
    for (my $s = $from + 5; $s <= $to; $s += 5) {
        $total{$_} += $add->{$_} for keys %$add;
        push @lines, { type => 'stats', time => $t0 + $s * 1000, since => $t0,
                       stats => [ map { [ split(m{/}, $_, -1), $total{$_} ] } sort keys %$add ] };
    }
    $d->lines(@lines);
}

my %usual = ('hits/first/r.one' => 5, 'hits/first/r.two' => 5, 'items/first/' => 40, 'items/other/' => 12);
stat_lines(0, 3450, \%usual);
my $start = time;
stat_lines(3450, 3600, { %usual, 'hits/first/r.one' => 25, 'hits/first/r.two' => 25, 'items/first/' => 0 });
ok($d->until_true(sub { of('flood/rule:r.one') && of('quiet/slot:first') }, 20), 'a flood and a silence stand') or diag $d->daemon_log;
my $flood = of('flood/rule:r.one');
is($flood->{state}, 'open', 'nobody has seen it');
is($flood->{level}, 'high', 'high');
cmp_ok($flood->{n}, '>=', 3 * $flood->{expected}, 'with how many, and how many are usual');
cmp_ok(($flood->{since} - $t0) / 1000 - 3450, '<=', 20, 'it began 20 s behind the rise at most');
like($flood->{detail}, qr/^Rule r\.one: \d+ hits, usually \d+$/, 'in words');
is(of('flood/rule:r.two'), undef, 'a threshold of its own holds');
my $expires = of('overdue/expires:r.one');
is($expires, undef, 'a rule that expired long ago is none');
my %kinds = map { $_->{kind} => 1 } @{ alarms()->{alarms} };
ok(!(grep { !/^(?:flood|quiet|lost|overdue|nobody)$/ } keys %kinds), 'five kinds and no more')
    or diag join ' ', keys %kinds;

# console

my $page = $d->request(GET => '/moderation/decisions?lang=zh', user => 'alice')->{body};
like($page, qr/<a class="strip high" href="\/moderation\/alarms">/, 'a strip on every screen');
$page = $d->request(GET => '/moderation/alarms', user => 'alice')->{body};
unlike($page, qr/class="strip/, 'but on that of the alarms');
like($page, qr/flood\/rule:r\.one/, 'which has it');
is($d->request(POST => "/moderation/v1/alarms/$flood->{id}/ack", user => 'eve')->{status}, 403, 'not without a token');
like($d->request(GET => '/moderation/handover?lang=en', user => 'alice')->{body}, qr{Rule r\.one: \d+ hits},
     'it is handed over');
my $r = $d->post("/moderation/v1/alarms/$flood->{id}/ack", {}, user => 'eve');
is($r->{status}, 200, 'whoever may look may say that it was seen') or diag $r->{body};
is(of('flood/rule:r.one')->{state}, 'acked', 'seen');
is(of('flood/rule:r.one')->{acked}{by}, 'eve', 'by whom');
is($d->post("/moderation/v1/alarms/$flood->{id}/ack", {}, user => 'bob')->{status}, 409, 'once');
is($d->post('/moderation/v1/alarms/999/ack', {}, user => 'bob')->{status}, 404, 'no such alarm');
my $quiet = of('quiet/slot:first');
is($d->post("/moderation/v1/alarms/$quiet->{id}/ack", { mute => '4h' }, user => 'eve')->{status}, 403, 'a viewer does not mute');
is($d->post("/moderation/v1/alarms/$quiet->{id}/ack", { mute => '60d' }, user => 'bob')->{status}, 400, 'not for ever');

$d->post("/moderation/v1/alarms/$quiet->{id}/ack", { mute => '4h' }, user => 'bob');
is(of('quiet/slot:first')->{state}, 'muted', 'muted');

# the webhook refuses: the queue stands in the store, over a restart

ok($d->until_true(sub { requests($hooks, 'refused') >= 2 }, 20), 'a webhook that is refused is sent again');
is(scalar requests($hooks, 'got'), 0, '(nothing was taken)');
$d->stop_daemon;
unlink "$hooks/refuse";
$d->start_daemon;
ok($d->until_true(sub { grep { $_->[1] =~ /"acked"/ } requests($hooks, 'got') }, 40), 'taken in the end');
my @got = requests($hooks, 'got');
my @ids = map { $ModerationDesk::json->decode($_->[1])->{id} } @got;
is_deeply(\@ids, [ sort { $a <=> $b } @ids ], 'in order');
my ($first) = grep { $_->[1] =~ m{"key":"flood/rule:r\.one"} && $_->[1] =~ /"begins"/ } @got;
my ($t, $mac) = $first->[0] =~ /^X-Moderation-Signature: t=(\d+),v1=([0-9a-f]{64})\r?$/m;
is($mac, hmac_sha256_hex("$t.$first->[1]", 'a secret of the webhook'), 'signed');
like($first->[0], qr/^X-Moderation-Id: \d+\r?$/m, 'with its number');
like($first->[1], qr/\A\{"id":\d+,"node":"test","type":"alarm","time":\d+,"event":\{"type":"alarm","time":\d+,"alarm":$flood->{id},"key":"flood\/rule:r\.one","kind":"flood","what":"rule:r\.one","level":"high","state":"begins","n":$flood->{n},"expected":$flood->{expected},"began":$flood->{since},"ended":0\}\}\z/,
     'the body, exactly as docs/alarms.md has it');
my %begun;
for (@got) { my $e = $ModerationDesk::json->decode($_->[1])->{event}; $begun{$e->{key}}++ if $e->{state} eq 'begins' }
is_deeply([ grep { $begun{$_} > 1 } sort keys %begun ], [], 'each begins once');
unlike(join('', map { $_->[1] } @got), qr/"eve"|"bob"/, 'people are pseudonyms');

# what stood goes on to stand over the restart, and ends

is(of('flood/rule:r.one')->{state}, 'acked', 'it stands still');
$t0 = int(time * 1000) - 3_600_000;
stat_lines(3595, 3600, \%usual);
ok($d->until_true(sub { !$d->request(GET => '/moderation/v1/alarms', user => 'eve')->{json}{alarms}
                        || !of('lost/verdicts') }, 10), 'tables are written');

# pages: the first finding is an alarm, what was inserted is none

my $finding = sub { my ($require, $finding) = @_;
    return { type => 'page', id => substr(('a' x 10) . unpack('H*', $require), 0, 20), mode => 'enforce', page => 'homepage', host => 'www.example.cn',
             finding => $finding, require => $require, action => 'none', policy => 'desk@0', private => { path => '/' } } };
$d->lines($finding->('logo', 'inserted'), $finding->('title', 'guard'), $finding->('imprint', 'missing'));
ok($d->until_true(sub { of('flood/page:title') && of('flood/page:imprint') }, 20), 'a guard and a missing element: alarms of one reader')
    or diag $d->daemon_log;
is(of('flood/page:logo'), undef, 'an inserted one is none');
is(join(' ', @{ of('flood/page:title') }{qw(kind level n expected)}), 'flood high 1 0', 'high, from the first');
like($d->request(GET => '/moderation/alarms?lang=en', user => 'alice')->{body}, qr/Page homepage: finding title, 1 times today/, 'in words');
$d->lines({ type => 'counts', counts => [ [ $finding->('title', 'guard')->{id}, int(time * 1000) - 1000, 40 ] ] });
ok($d->until_true(sub { of('flood/page:title')->{n} == 40 }, 20), 'how many there were');
is($d->post('/moderation/v1/alarms/' . of('flood/page:title')->{id} . '/ack', { mute => '4h' }, user => 'alice')->{status}, 200, 'muted by its key');

# cards, and nobody on duty

my $clock = "$d->{dir}/clock";
$d->stop_daemon;
open my $c, '>', $clock or die $!;
print $c '0';
close $c;
$d->start_daemon(MODERATIOND_CLOCK => $clock);
ok($d->cards($d->card('alpha words', rule => 'r.one')), 'a card waits');
open $c, '>', $clock or die $!;
print $c 3_600_000 * 2;
close $c;
ok($d->until_true(sub { of('overdue/cards') }, 20), 'two hours later it is overdue');
is(of('overdue/cards')->{n}, 1, 'how many');
ok($d->until_true(sub { of('quiet/record') }, 20), 'and no worker has said anything');

ok($d->until_true(sub { !of('flood/page:title') && !of('flood/page:imprint') }, 20), 'findings of two hours ago are over');
ok(stood('flood/page:imprint')->{ended}, 'and were');

my $events = $d->request(GET => '/moderation/v1/events', user => 'eve')->{body};
like($events, qr/"key":\s*"overdue\/cards"/, 'an alarm is a leaf');

$d->stop;
unlike($d->daemon_log, qr/\berror\b|<3>/, 'no error in the log') or diag $d->daemon_log;
done_testing();
