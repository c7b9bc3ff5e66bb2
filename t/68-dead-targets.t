# Who never answers keeps nobody waiting: a webhook and an Alertmanager that take
# a connection and say nothing; one that cannot be reached; beside them one that
# answers gets all that happens, in order and soon.  And a flood of readers on
# the public pages, slow ones among them, does not keep the desk from its work.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Select;
use IO::Socket::INET;
use ModerationDesk;
use Test::More;
use Time::HiRes qw(sleep time);

# says nothing, ever; counts

my $silent = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1') or die $!;
my $closed = ModerationServer::free_port();
my $good = IO::Socket::INET->new(Listen => 64, LocalAddr => '127.0.0.1') or die $!;
my ($quiet, $live) = ($silent->sockport, $good->sockport);

my $d = ModerationDesk->new(no_daemon => 1, conf => <<"YAML", policy => <<'POLICY', files => { 'hook.key' => "a secret of the webhook\n" });
node: test
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}}
alarms: {alertmanager: "http://127.0.0.1:$quiet"}
webhooks:
  - {url: "http://127.0.0.1:$quiet/in", secret: hook.key, types: [review, order]}
  - {url: "http://127.0.0.1:$closed/in", secret: hook.key, types: [review]}
  - {url: "http://127.0.0.1:$live/in", secret: hook.key, types: [review]}
threads: 4
YAML
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title]}}]
reasons:
  - {id: shock, key: 1, label: clickbait, title: Sensational headline}
rules: []
POLICY

my ($r, $w);
pipe $r, $w;
my $pid = fork // die;
if (!$pid) {
    close $r;
    $w->autoflush(1);
    while (my $c = $good->accept) {
        my ($head, $body) = ('', '');
        while (my $l = <$c>) { last if $l eq "\r\n"; $head .= $l }
        read $c, $body, $1 if $head =~ /Content-Length: (\d+)/i;
        print $w $body =~ /"review":(\d+)/, "\n";
        print $c "HTTP/1.1 204 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    }
    exit;
}
close $w;
END { kill 'KILL', $pid if $pid }

$d->start_daemon;
my $n = 20;
ok($d->cards(map { $d->card("card $_") } 1 .. $n), 'cards wait');
IO::Select->new($silent)->can_read(60 * $ModerationTest::slow);      # the silent ones are being asked
my @cards = @{ $d->request(GET => '/moderation/v1/queue?limit=100', user => 'alice')->{json}{cards} };
my $from = time;
for my $c (@cards) {
    is($d->post("/moderation/v1/cards/$c->{id}/decide", { version => 1, verdict => 'release' }, user => 'alice')->{status}, 200, 'decided');
}

my $got = '';
my $select = IO::Select->new($r);
while (($got =~ tr/\n//) < $n && time - $from < 90 * $ModerationTest::slow) {
    sysread $r, $got, 4096, length $got if $select->can_read(1);
}
is(join(' ', split /\n/, $got), join(' ', 1 .. $n), 'who answers gets all, in order');
is($d->request(GET => '/moderation/v1/health', user => 'bob')->{status}, 200, 'the desk works');
$d->stop_daemon;
is($?, 0, 'it stops in order, whatever is under way');
$d->start_daemon;

# readers: as many connections as come, some that say their header slowly or not
# at all, reports one after the other through nginx without a limit_req

my @slow = map { my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$d->{port}") or die $!;
    syswrite $s, "POST /moderation/public/report HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
               . ($_ % 2 ? "Content-Length: 4000\r\n\r\n{" : ''); $s } 1 .. 200;
my @readers = map { my $k = $_; my $p = fork // die; $p || do {
    while (!-e "$d->{dir}/enough") {
        $d->post('/moderation/public/report', { page => "http://www.example.cn/$k", reason => 'shock', text => 'x' x 4000 });
        $d->request(GET => '/moderation/public/report/aaaaaaaaaaaaaaaaaa');
    }
    POSIX::_exit(0);
} } 1 .. 6;
my $taken = sub { my $n = 0; $n += $_->{reports} for @{ $d->request(GET => '/moderation/v1/cases', user => 'bob')->{json}{cases} }; $n };
ok($d->until_true(sub { $taken->() > 20 }, 60), 'readers flood');
my @took;
$d->lines(map { $d->card("more $_") } 1 .. 40);
for (1 .. 20) {
    my $t = time;
    my $q = $d->request(GET => '/moderation/v1/queue?limit=5', user => 'alice');
    is($q->{status}, 200, 'the queue');
    my ($c) = @{ $q->{json}{cards} };
    is($d->post("/moderation/v1/cards/$c->{id}/decide", { version => $c->{version}, verdict => 'release' }, user => 'alice')->{status}, 200, 'a decision') if $c;
    push @took, time - $t;
}
@took = sort { $a <=> $b } @took;
is(scalar(grep { waitpid($_, 1) == 0 } @readers), 6, sprintf 'answers while readers flood: median %.2f s, most %.2f s', @took[10, -1]);
$d->write('enough', '');
waitpid $_, 0 for @readers;
cmp_ok($taken->(), '>', 40, $taken->() . ' reports were taken meanwhile');
my ($rss) = do { open my $f, '<', "/proc/$d->{daemon}/status"; map { /^VmHWM:\s+(\d+)/ ? $1 : () } <$f> };
cmp_ok($rss, '<', 200_000, "memory is bounded: $rss kB at most");
close $_ for @slow;
$d->stop;
done_testing();
