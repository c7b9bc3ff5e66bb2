# Clients as they come: old and new protocols, pipelines, HEAD, subrequests,
# internal redirects, pages of errors; clients that stop reading while cards are
# held, or go away; many at once while the policy is reloaded and tables change.
# Pages, the record and verdict tables are on all the time.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IPC::Open2;
use ModerationServer;
use ModerationSpool;
use Socket qw(SOL_SOCKET SO_LINGER SO_RCVBUF);
use Test::More;
use Time::HiRes qw(sleep time);

my $tables = "$ModerationTest::build/tables";
plan skip_all => "no $tables" unless -x $tables;

my $requests = $ENV{MODERATION_REQUESTS} || 2000;
my $changes = 50;

sub policy {
    my ($v) = @_;
    return <<"Y";
schema: 1
policy: clients
slots:
  - {name: first, type: html, match: li.card, fields: {title: b, room: "\@id"}, item_id: room, review: {mode: required, fields: [title], scope: [first], stable: assume}}
  - {name: list, type: html, match: li.row, fields: {title: b}}
rules:
  - {id: b, label: clickbait, match: {in: [title], terms: [bad]}}
pages:
  - name: all
    match: {path: "/*", status: [200, 404]}
    require: [{id: entry, selector: 'a[href="//a.cn/"]', insert: '<a href="//a.cn/">v$v</a>'}]
    guard: {hosts: [a.cn, '*.a.cn'], action: block}
Y
}

my $rows = join '', map { "<li class=row><b>row $_</b> and some words</li>\n" } 1 .. 20;
my $bad = "<li class=row><b>bad row</b></li>";
my $link = '<a href="//b.cn/">away</a>';
my $page = "<html><body><ul>$rows$bad<li class=card id=1><b>one</b></li>"
           . "<li class=card id=2><b>two</b></li></ul>$link</body></html>\n";
my $clean = "<html><body><ul>$rows<li class=card id=1><b>one</b></li>"
            . "</ul>%s</body></html>\n";

# what an SSI is made of: the parts are read as one page
my $ssi = "<html><body><ul>$rows<!--#include virtual=\"/part\"--></ul>$link</body></html>\n";
my $part = "$bad<li class=card id=1><b>one</b></li>";

my $s = ModerationServer->new(workers => 2, no_start => 1,
    http => 'moderation_zone zone=m:16m; moderation_id_key %%DIR%%/key;
        moderation_ledger %%DIR%%/spool flush=20ms buffer=1m;
        moderation_verdicts %%DIR%%/tables;
        moderation_policy %%DIR%%/p.yaml check=20ms;',
    server => 'moderation enforce; keepalive_requests 100000; reset_timedout_connection on;
        send_timeout 60s;
        location = /status { moderation off; moderation_status; }
        location / { index index.html; error_page 404 /gone.html; }
        location = /gone.html { internal; }
        location /rate/ { limit_rate 4k; alias %%DIR%%/html/; }
        location /ssi/ { ssi on; alias %%DIR%%/html/ssi/; }
        location = /part { default_type text/html; alias %%DIR%%/html/part; }
        location /moved/ { rewrite ^/moved/(.*) /$1 last; }
        location /try/ { try_files /none /index.html; }
        location /named/ { try_files /none @named; }
        location @named { rewrite ^ /index.html break; }
        location /small/ { output_buffers 1 64; sendfile off; alias %%DIR%%/html/; }
        location /gzip/ { gzip on; gzip_min_length 1; alias %%DIR%%/html/; }',
    files => { 'html/index.html' => $page, 'html/gone.html' => $page, 'p.yaml' => policy(0),
               'html/ssi/index.html' => $ssi, 'html/part' => $part, 'key' => id_key(),
               'html/big.html' => '<html><body><ul>' . $rows x 3000 . "<li class=card id=1><b>one</b>"
                                  . 'x' x 60000 . "</li></ul></body></html>\n" });

mkdir "$s->{dir}/tables";
chown -1, (getpwnam 'nobody')[3], "$s->{dir}/tables" if $> == 0;
chmod 02755, "$s->{dir}/tables";        # workers read as its group
my $pid = open2(my $out, my $in, $tables, "$s->{dir}/tables", "$s->{dir}/key");
is(scalar readline($out), "ok\n", 'tables');

sub does {
    print $in join("\t", @_), "\n";
    $in->flush;
    return readline $out;
}

sub released { return does('item', $_[1] // 'released', 'first', 0, 0, $_[0], 'title', $_[2]) }

does('beat', 0);
released(1, 'released', 'one');
$s->run_nginx;
$s->wait_up;

sub want { return sprintf $clean, qq{<a href="//a.cn/">v$_[0]</a>} }

ok($s->until(10, sub { $s->everywhere(want(0), '/') && $s->everywhere(want(0), '/') }),
   'released, inserted, taken out')
    or diag $s->get('/')->{body};
my @workers = sort $s->workers;

# every way to the same page

for my $path (qw(/ /index.html /moved/index.html /try/x /named/x /small/index.html)) {
    is($s->get($path)->{body}, want(0), $path);
}

is($s->get('/nowhere')->{status}, 404, 'a page of errors: status');
is($s->get('/nowhere')->{body}, want(0), 'and body');
my $of_parts = want(0);
is($s->get('/ssi/index.html')->{body}, $of_parts, 'subrequests');

# HTTP/1.1: one connection, all requests before an answer is read

sub raw {
    my ($text, $read) = @_;
    my $c = $s->connect or return '';
    my $all = '';

    syswrite $c, $text;
    while (sysread $c, my $buf, 65536) { $all .= $buf }

    return $all;
}

sub bodies {
    my ($all) = @_;
    my @bodies;

    while ($all =~ s{\AHTTP/1\.1 (\d+) (.*?)\r\n\r\n}{}s) {
        my ($status, $head) = ($1, $2);
        my $body = '';

        if ($head =~ /chunked/ && $all !~ /\AHTTP/) {
            while ($all =~ s/\A([0-9a-f]+)\r\n//) {
                my $n = hex $1;
                $body .= substr $all, 0, $n, '';
                $all =~ s/\A\r\n//;
                last unless $n;
            }
        }

        push @bodies, "$status $body";
    }

    return (\@bodies, $all);
}

my $end = "Host: localhost\r\nConnection: close\r\n\r\n";
my $more = "Host: localhost\r\n\r\n";
my ($got, $rest) = bodies(raw(join('', map { "GET $_ HTTP/1.1\r\n$more" }
    ('/', '/moved/index.html', '/ssi/index.html', '/none') x 25) . "GET / HTTP/1.1\r\n$end"));
is($rest, '', 'a pipeline: nothing is left over');
is(scalar @$got, 101, '101 answers');
is(scalar(grep { $_ ne '200 ' . want(0) && $_ ne '404 ' . want(0) } @$got), 0, 'all alike');
($got, $rest) = bodies(raw("HEAD / HTTP/1.1\r\n${more}HEAD /ssi/index.html HTTP/1.1\r\n$more"
                         . "HEAD /none HTTP/1.1\r\n${more}GET / HTTP/1.1\r\n$end"));
is_deeply($got, [ '200 ', '200 ', '404 ', '200 ' . want(0) ], 'HEAD has no body');

# slow ones: few bytes a second, none at all, none any more

my @slow = map { $s->open_page('/rate/index.html') } 1 .. 4;
my @stopped = map {
    my $c = $s->open_page($_ % 10 ? '/big.html' : '/small/big.html');
    setsockopt $c, SOL_SOCKET, SO_RCVBUF, pack('i', 4096);
    sysread $c, my $buf, 1000;
    $c } 1 .. 40;

is($s->get('/')->{body}, want(0), 'others are served') for 1 .. 20;
my $most = (sort { $b <=> $a } map { $s->memory($_) } @workers)[0];
cmp_ok($most, '<', 120000 * $ModerationTest::slow, 'what waits for readers is not kept twice');

for my $c (@stopped) {                  # they are gone, with a reset
    setsockopt $c, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
    close $c;
}

for my $c (@slow) {
    my $all = '';
    while (sysread $c, my $buf, 65536) { $all .= $buf }
    my ($body) = bodies($all);
    is($body->[0], '200 ' . want(0), 'slow, and whole');
}

# many at once; a policy that is reloaded, tables that change under them

pipe my $said, my $say or die;
my @kids;

for my $kid (1 .. 4) {
    my $child = fork;

    if ($child == 0) {
        close $said;
        my ($bad, $example, %v) = (0, '');

        for (my $i = 0; $i < $requests / 4 || !-e "$s->{dir}/enough"; $i++) {
            my $r = $s->get(('/', '/moved/x/../index.html', '/none', '/ssi/index.html')[$i % 4]);
            my $ok = $r->{body} =~ m{>v(\d+)</a></body>};
            my $v = $1 // -1;

            # card 2 comes and goes
            $r->{body} =~ s{<li class=card id=2><b>two</b></li>}{};
            $v{$v} = 1;

            if (!$ok || $r->{body} ne want($v)) {
                $bad++;
                $example ||= "$r->{status} ... " . substr $r->{body}, -300;
            }
        }

        $example =~ s/\s+/ /g;
        print $say "$bad\t" . join(',', sort { $a <=> $b } keys %v) . "\t$example\n";
        close $say;
        POSIX::_exit(0);
    }

    push @kids, $child;
}

close $say;
my $answered = 1;

for my $v (1 .. $changes) {
    $s->write('p.yaml', policy($v));

    for my $verdict ('released', 'rejected', 'pending') {
        $answered &&= released(2, $verdict, 'two') eq "ok\n";
        released(1, 'released', 'one');
    }

    if ($v % 10 == 0) {
        does('grow', 0);
        does('many', 500);
    }

    $s->until(2, sub { $s->get('/')->{body} =~ />v$v</ });
}

$s->write('enough', '');

my (%versions, @wrong);

while (my $line = readline $said) {
    my ($bad, $v, $example) = split /\t/, $line;
    $versions{$_} = 1 for split /,/, $v;
    push @wrong, "$bad: $example" if $bad;
}

waitpid $_, 0 for @kids;
is_deeply(\@wrong, [], "$requests requests and more, each is one version of the page");
ok($answered, 'tables were written meanwhile');
cmp_ok(scalar keys %versions, '>', $changes / 5, 'versions were seen: ' . keys %versions);
ok($s->until(10, sub { $s->everywhere(want($changes), '/') }), 'the last policy is everywhere');
is_deeply([ sort $s->workers ], \@workers, 'no worker has ended');

# the record says each of them

my $master = $s->pid;
kill 'QUIT', $master;
ok($s->until(20, sub { !kill 0, $master }), 'ended');
my $l = read_spool("$s->{dir}/spool");
is_deeply($l->{bad}, [], 'segments are well');
is($l->{missing}, 0, 'no line is missing');
is($l->{cut}, 0, 'none is cut');
unlike($s->log, qr/\[(?:alert|emerg|crit)\]|exited on signal/, 'nothing else is said');

close $in;
waitpid $pid, 0;
done_testing;
