# Memory over many requests: what a worker takes for the first thousands has
# to do for all that follow, whatever kind of request they are.
# SLOPE_REQUESTS says how many, 100000 by default.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use Test::More;
use ModerationTest::Server;

my $requests = $ENV{SLOPE_REQUESTS} || 100000;

my $page = '<ul class="cards">' . join('', map {
    "<li><a href='/r/$_'></a><b>" . ($_ % 4 ? "number $_" : 'blockword')
    . "</b></li>\n" } 1 .. 40) . '</ul>';
my $json = '{"list":[' . join(',', map { "{\"title\":\"number $_\"}" }
                              1 .. 40) . ']}';

start_upstream(sub {
    my ($s, $path) = @_;

    if ($path =~ /abort/) {
        spew($s, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                 . "Content-Length: 5000\r\n\r\n" . substr $page, 0, 200);

    } else {
        spew($s, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                 . 'Content-Length: ' . length($page) . "\r\n\r\n$page");
    }
});

start_nginx(http => <<'EOF');
    default_type text/html;
    moderation_policy %%POLICY%%;
    moderation enforce;

    server { listen %%PORT%%;
        keepalive_requests 1000000;
        location / { alias %%ROOT%%/html/; }
        location /shadow/ { moderation shadow; alias %%ROOT%%/html/; }
        location /off/ { moderation off; alias %%ROOT%%/html/; }
        location /gzip/ { gzip on; gzip_types text/html; gzip_min_length 1;
            alias %%ROOT%%/html/; }
        location /json/ { default_type application/json;
            alias %%ROOT%%/html/; }
        location /bad/ { default_type "text/html; charset=x-none";
            moderation_on_error block; alias %%ROOT%%/html/; }
        location /up/ { proxy_pass http://127.0.0.1:%%UP%%; }
        location /nb/ { proxy_buffering off;
            proxy_pass http://127.0.0.1:%%UP%%; }
    }
EOF

my $root = $ModerationTest::Server::root;

write_file("$root/html/page", $page);
write_file("$root/html/feed", $json);

my $pid = worker_pid();

# one connection for static kinds, one a request for the others

my @kept = ('/page', '/shadow/page', '/off/page', '/gzip/page', '/json/feed',
            '/none');
my @others = ('/up/page', '/nb/page', '/up/abort', '/nb/abort', '/bad/page');

sub round {
    my ($n) = @_;

    my $s = http_open(join '', map {
        "GET $kept[$_ % @kept] HTTP/1.1\r\nHost: localhost\r\n"
        . "Accept-Encoding: gzip\r\n"
        . ($_ == $n ? "Connection: close\r\n" : '') . "\r\n" } 1 .. $n);

    while (sysread $s, my $buf, 1 << 16) { }

    http($_) for @others;

    # a client that goes away

    $s = http_open("GET /nb/page HTTP/1.1\r\nHost: localhost\r\n\r\n");
    close $s;

    return $n + @others + 1;
}

is((http($_))[0], /none/ ? 404 : /bad/ ? 502 : 200, "$_: status")
    for @kept, @others;

my ($n, @points) = (0);

while ($n < $requests) {
    $n += round(100);
    push @points, [$n, rss($pid)] if $n > $requests / 4;
}

is(worker_pid(), $pid, 'the worker lives');

my $grown = $points[-1][1] - $points[0][1];

note(sprintf '%d requests, then %d: %+d kB', $points[0][0],
     $points[-1][0] - $points[0][0], $grown);
cmp_ok($grown, '<', 256, 'three quarters of the requests take no memory');

start_log();
done_testing();
