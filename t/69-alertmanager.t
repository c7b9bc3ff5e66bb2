# Alarms at a real Alertmanager (API v2), and the files for Prometheus and
# Grafana as promtool reads them.  Needs Debian's prometheus-alertmanager and
# prometheus (make test-deps).

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use ModerationDesk;
use Test::More;

my $bin = (grep { -x } '/usr/bin/prometheus-alertmanager', '/usr/bin/alertmanager')[0];

for my $need ([ $bin, 'Alertmanager' ], [ -x '/usr/bin/promtool', 'promtool' ]) {
    next if $need->[0];
    BAIL_OUT("no $need->[1]") if $ENV{CI};
    plan skip_all => "no $need->[1]: make test-deps installs it";
}

is(system("promtool check rules docs/prometheus-rules.yaml >/dev/null 2>&1"), 0, 'the rules of docs/ as promtool reads them')
    or diag `promtool check rules docs/prometheus-rules.yaml 2>&1`;

my $port = ModerationServer::free_port();
my $d = ModerationDesk->new(no_daemon => 1, conf => <<"YAML");
node: test
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}}
alarms: {alertmanager: "http://127.0.0.1:$port", url: "https://desk.example/moderation"}
YAML

sub alertmanager {
    open my $f, '>', "$d->{dir}/am.yml" or die $!;
    print $f "route: {receiver: none}\nreceivers: [{name: none}]\n";
    close $f;
    my $pid = fork;
    if ($pid == 0) {
        open STDOUT, '>', "$d->{dir}/am.log";
        open STDERR, '>&', \*STDOUT;
        exec $bin, "--config.file=$d->{dir}/am.yml", "--storage.path=$d->{dir}/am",
             "--web.listen-address=127.0.0.1:$port", '--cluster.listen-address=' or exit 127;
    }
    return $pid;
}

my $am;
END { my $rc = $?; kill 'KILL', $am if $am; $? = $rc }

sub alerts {
    my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or return [];
    print $s "GET /api/v2/alerts HTTP/1.0\r\n\r\n";
    my $answer = do { local $/; <$s> } // '';
    return eval { $ModerationDesk::json->decode((split /\r\n\r\n/, $answer, 2)[1]) } || [];
}

sub alert { my ($what) = @_; return (grep { $_->{labels}{what} eq $what } @{ alerts() })[0] }
sub of { my ($key) = @_; return (grep { $_->{key} eq $key }
                                 @{ $d->request(GET => '/moderation/v1/alarms', user => 'eve')->{json}{alarms} })[0] }

# an hour of usual counters, a rise in the minute that is over

my (%total, @lines);
my $t0 = int(Time::HiRes::time() * 1000) - 3_605_000;

for (my $s = 5; $s <= 3600; $s += 5) {
    my %add = ('hits/first/r.one' => $s > 3540 ? 25 : 5, 'items/first/' => 40, 'items/other/' => $s > 3450 ? 0 : 9);
    $total{$_} += $add{$_} for keys %add;
    push @lines, { type => 'stats', time => $t0 + $s * 1000, since => $t0,
                   stats => [ map { [ split(m{/}, $_, -1), $total{$_} ] } sort keys %add ] };
}

# Alertmanager is down when the alarm begins

$d->start_daemon;
$d->lines(@lines);
ok($d->until_true(sub { of('flood/rule:r.one') && of('quiet/slot:other') }, 20), 'a flood and a silence stand')
    or diag $d->daemon_log;
$am = alertmanager();
ok($d->until_true(sub { alert('rule:r.one') && alert('slot:other') }, 30), 'Alertmanager is told when it is there')
    or diag $d->daemon_log;
my $a = alert('rule:r.one');
is_deeply($a->{labels}, { alertname => 'ModerationFlood', kind => 'flood', severity => 'critical', node => 'test',
                          what => 'rule:r.one' }, 'labels');
like($a->{annotations}{summary}, qr/^Rule r\.one: \d+ hits, usually \d+$/, 'in English');
like($a->{annotations}{summary_zh}, qr/^规则 r\.one 命中/, 'in Chinese');
is($a->{generatorURL}, 'https://desk.example/moderation/alarms', 'a link to the console');
is($a->{status}{state}, 'active', 'active');

is($d->post('/moderation/v1/alarms/' . of('quiet/slot:other')->{id} . '/ack', { mute => '4h' }, user => 'bob')->{status},
   200, 'muted');
ok($d->until_true(sub { !alert('slot:other') }, 20), 'what is muted is not told any more');
ok(alert('rule:r.one'), 'the other one is');

# two minutes go by in the counters: the flood ends

@lines = ();

for (my $s = 3605; $s <= 3720; $s += 5) {
    $total{$_} += 5 for keys %total;
    push @lines, { type => 'stats', time => $t0 + $s * 1000, since => $t0,
                   stats => [ map { [ split(m{/}, $_, -1), $total{$_} ] } sort keys %total ] };
}

$d->lines(@lines);
ok($d->until_true(sub { !of('flood/rule:r.one') }, 20), 'the flood ends');
ok($d->until_true(sub { !alert('rule:r.one') }, 20), 'at Alertmanager, too');

$d->stop;
done_testing();
