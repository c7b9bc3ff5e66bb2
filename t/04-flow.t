# Time: what leaves when, and what happens when somebody goes away.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use Time::HiRes qw(sleep time);
use ModerationTest::Server;

my $open = "<ul class=\"cards\">";
my $head = "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n";

sub card {
    my ($text) = @_;
    return "<li><b>$text</b><i>rest</i></li>";
}

# a page of some megabytes

my ($big, $big_clean) = ($open) x 2;

for (1 .. 30000) {
    my $c = card("number $_ " . ($_ % 3 ? 'z' x ($_ % 120) : 'blockword'));
    $big .= "$c\n";
    $big_clean .= $_ % 3 ? "$c\n" : "\n";
}

$_ .= "</ul>" for $big, $big_clean;

start_upstream(sub {
    my ($s, $path) = @_;

    if ($path eq '/pause') {
        spew($s, $head . $open . card('first'));
        held('pause');
        spew($s, card('blockword') . card('last') . '</ul>');

    } elsif ($path eq '/inside') {

        # the pause is in the middle of a card that is blocked later

        spew($s, $head . $open . card('first') . '<li><b>block');
        held('inside');
        spew($s, 'word</b></li>' . card('last') . '</ul>');

    } elsif ($path eq '/decided') {

        # all fields are known: the rest of the card may take its time

        spew($s, $head . $open . '<li><a href=x></a><b>fine</b>text');
        held('decided');
        spew($s, '</li></ul>');

    } elsif ($path eq '/drip') {
        my $page = $open . card('first') . card('blockword') . card('last');
        spew($s, $head);

        for (split //, $page) {
            spew($s, $_);
            sleep 0.001;
        }

    } elsif ($path =~ m{^/abort(-later)?$}) {
        spew($s, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                 . "Content-Length: 5000\r\n\r\n" . $open . card('first')
                 . '<li><b>block');
        sleep 0.3 if $path =~ /later/;

    } elsif ($path eq '/abort-chunked') {
        my $part = $open . card('first') . '<li><b>block';
        spew($s, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                 . "Transfer-Encoding: chunked\r\n\r\n"
                 . sprintf("%x\r\n%s\r\n", length $part, $part));

    } elsif ($path eq '/big') {
        spew($s, $head . $big);

    } elsif ($path eq '/json-broken') {
        spew($s, "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"
                 . '{"list":[{"title":"first"},' . "\n" . '{"title":]] }');

    } elsif ($path eq '/large') {
        spew($s, $head . $open . card('first') . '<li><i>' . 'w' x 200000
                 . '</i><b>late</b></li>' . card('last') . '</ul>');

    } else {
        my $page = $open . card('first') . card('blockword') . '</ul>';
        spew($s, $head . $page);
    }
});

start_nginx(http => <<'EOF' =~ s/%%PORT2%%/$ENV{TEST_NGINX_PORT} + 1/er);
    default_type text/html;
    moderation_policy %%POLICY%%;
    moderation enforce;
    proxy_http_version 1.1;

    server { listen %%PORT%%;
        location / { proxy_pass http://127.0.0.1:%%UP%%; }
        location /nb/ { proxy_buffering off;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /block/ { moderation_on_error block; proxy_buffering off;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /rate/ { limit_rate 20m; proxy_pass http://127.0.0.1:%%UP%%/; }
        location /static { return 200 '<ul class="cards"><li><b>blockword</b></li><li><b>ok</b></li></ul>'; }
    }

    server { listen %%PORT2%% http2;
        location / { proxy_pass http://127.0.0.1:%%UP%%; }
        location /nb/ { proxy_buffering off;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /block/ { moderation_on_error block; proxy_buffering off;
            proxy_pass http://127.0.0.1:%%UP%%/; }
    }
EOF

my $rest = 'HTTP/1.1' . "\r\nHost: localhost\r\n";
my $close = "${rest}Connection: close\r\n\r\n";


# the first card is there while the upstream pauses before the last

{
    my $s = http_open("GET /nb/pause $close");
    my $got = http_read($s, 30, qr/<\/li>/);

    like($got, qr/first<\/b><i>rest<\/i><\/li>/,
         'pause: the first card');
    ok(!-e "$ModerationTest::Server::root/go-on-pause", 'pause: while the upstream pauses');
    go_on('pause');

    $got .= http_read($s, 90);
    my (undef, undef, $body, $whole) = split_response($got);

    is($body, $open . card('first') . card('last') . '</ul>', 'pause: body');
    ok($whole, 'pause: whole');
}

{
    my $s = http_open("GET /nb/inside $close");
    my $got = http_read($s, 30, qr/first.*<\/li>/s);
    $got .= http_read($s, 0.3);         # nothing more has to come

    like($got, qr/first/, 'pause inside a card: what is before it');
    unlike($got, qr/<b>block/, 'pause inside a card: not the card');
    go_on('inside');

    $got .= http_read($s, 90);
    is((split_response($got))[2], $open . card('first') . card('last')
       . '</ul>', 'pause inside a card: body');
}

{
    my $s = http_open("GET /nb/decided $close");
    my $got = http_read($s, 30, qr/fine<\/b>text/);

    like($got, qr/fine<\/b>text/, 'a decided card does not wait for its end');
    go_on('decided');
    http_read($s, 90);
}

is((http('/nb/drip'))[2], $open . card('first') . card('last'),
   'byte by byte');


# upstream aborts: what is settled, and no end

for my $path ('/abort', '/nb/abort', '/abort-chunked', '/nb/abort-chunked') {
    my ($status, undef, $body, $whole) = http($path);

    is($status, 200, "$path: status");
    is($body, $open . card('first'), "$path: settled bytes");
    ok(!$whole, "$path: the response has no end");
}

is((http('/nb/page'))[2], $open . card('first') . '</ul>',
   'nginx works after aborts');


# clients that go away

for my $path ('/big', '/nb/big') {
    my $s = http_open("GET $path $close");
    http_read($s, 60, qr/number 5/);
    close $s;
}

ok((http('/big'))[2] eq $big_clean, 'nginx works after clients went away');


# slow readers

for my $path ('/big', '/nb/big') {
    my $s = http_open("GET $path $close", rcvbuf => 32768);
    my $got = '';

    for (1 .. 5) {
        sleep 0.2;
        my $n = sysread $s, $got, 2000, length $got;
    }

    $got .= http_read($s, 90);
    ok((split_response($got))[2] eq $big_clean, "slow reader of $path");
}

ok((http('/rate/big'))[2] eq $big_clean, 'limit_rate');


# keep-alive and pipelining

{
    my $s = http_open("GET /static $rest\r\n");
    my $got = http_read($s, 60, qr/\r\n0\r\n\r\n/);

    syswrite $s, "GET /nb/page $rest\r\n";
    my $more = http_read($s, 60, qr/\r\n0\r\n\r\n/);

    is((split_response($got))[2], '<ul class="cards"><li><b>ok</b></li></ul>',
       'keep-alive: the first');
    is((split_response($more))[2], $open . card('first') . '</ul>',
       'keep-alive: the second');

    syswrite $s, "GET /static $rest\r\nGET /nb/page $rest\r\n"
                 . "HEAD /static $rest\r\nGET /static $close";
    my $all = http_read($s, 90);

    my $n = () = $all =~ /^HTTP\/1\.1 200/mg;
    is($n, 4, 'pipelining: four responses');
    $n = () = $all =~ /<li><b>ok<\/b><\/li><\/ul>\r\n0\r\n\r\n/g;
    is($n, 2, 'pipelining: bodies');
}


# HTTP/1.0

is((http('/nb/page', version => '1.0'))[2], $open . card('first') . '</ul>',
   'HTTP/1.0');


# what cannot be read

is((http('/nb/json-broken'))[2],
   '{"list":[{"title":"first"},' . "\n" . '{"title":]] }',
   'on_error pass: broken JSON passes');

{
    my $s = http_open("GET /block/json-broken $rest\r\n");
    my $got = http_read($s, 90);
    my ($status, $headers, $body, $whole) = split_response($got);

    is($status, 200, 'on_error block: the headers have gone');
    unlike($body, qr/\]\] \}/, 'on_error block: the body is cut');
    ok(!$whole, 'on_error block: without an end');
    ok(!syswrite($s, "GET /static $close") || http_read($s, 2) eq '',
       'on_error block: the connection is closed');
    like(error_log(), qr/response that cannot be inspected any further is cut/,
         'on_error block: a line in the log');
}

is(length((http('/nb/large'))[2]), length($open . card('first') . '<li><i>'
   . '</i><b>late</b></li>' . card('last') . '</ul>') + 200000,
   'on_error pass: a card that is too large passes');

is((http('/block/large'))[2], $open . card('first') . card('last') . '</ul>',
   'on_error block: a card that is too large is left out');

# HTTP/2: a cut is a reset, the connection and other streams go on

SKIP: {
    skip 'no curl with HTTP/2', 5 unless `curl -V 2>/dev/null` =~ /HTTP2/;

    my $url = 'http://127.0.0.1:' . ($ENV{TEST_NGINX_PORT} + 1);
    my $curl = 'curl -s --http2-prior-knowledge';

    my $got = `$curl $url/block/json-broken`;
    isnt($? >> 8, 0, 'HTTP/2, on_error block: the stream is reset');
    unlike($got, qr/\]\] \}/, 'HTTP/2, on_error block: the body is cut');

    # a reset right behind the data takes the data with it, now and then, with
    # the filter or without: so the upstream waits a little

    $got = `$curl $url/nb/abort-later`;
    isnt($? >> 8, 0, 'HTTP/2, upstream aborts: the stream is reset');

    is($got, $open . card('first'), 'HTTP/2, upstream aborts: settled bytes');

    system("$curl -o /dev/null --limit-rate 100k -m 1 $url/big");
    system("$curl -o /dev/null --limit-rate 100k -m 1 $url/nb/big");
    ok(`$curl $url/big` eq $big_clean, 'HTTP/2, clients went away');
}

start_log();
done_testing();
