# Where the page comes from, and the other filters around us.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use ModerationTest::Server;

my $open = '<ul class="cards">';
my $bad = '<li><b>blockword</b></li>';
my $ok = '<li><b>fine</b></li>';
my $page = "$open$ok$bad$ok</ul>";
my $clean = "$open$ok$ok</ul>";
my $fcgi_port = ModerationTest::free_port();

start_upstream(sub {
    my ($s, $path) = @_;

    my $body = $path =~ /big/ ? $open . ("$ok$bad" x 20000) . '</ul>' : $page;
    my $status = $path =~ /gone/ ? '404 Not Found' : '200 OK';

    spew($s, "HTTP/1.0 $status\r\nContent-Type: text/html\r\n"
             . "Cache-Control: max-age=60\r\nETag: \"abc\"\r\n"
             . "Content-Length: " . length($body) . "\r\n\r\n$body");
});

# a FastCGI responder: reads records up to the end of its input, says one page

my $fcgi = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 8,
                                 LocalPort => $fcgi_port, ReuseAddr => 1)
    or die "fastcgi: $!";
my $fcgi_pid = fork;

if ($fcgi_pid == 0) {
    while (my $s = $fcgi->accept) {
        my $in = '';

        while (sysread $s, $in, 8192, length $in) {
            my ($pos, $end) = (0, 0);

            while (length($in) - $pos >= 8) {
                my (undef, $type, undef, $len, $pad) =
                    unpack 'CCnnC', substr $in, $pos, 8;
                $end = 1 if $type == 5 && $len == 0;
                $pos += 8 + $len + $pad;
            }

            last if $end;
        }

        my $out = "Status: 200 OK\r\nContent-Type: text/html\r\n\r\n$page";
        spew($s, pack('CCnnCC', 1, 6, 1, length $out, 0, 0) . $out
                 . pack('CCnnCC', 1, 6, 1, 0, 0, 0)
                 . pack('CCnnCC', 1, 3, 1, 8, 0, 0) . "\0" x 8);
        close $s;
    }

    POSIX::_exit(0);
}

close $fcgi;
push @ModerationTest::Server::children, $fcgi_pid;

start_nginx(http => <<"EOF");
    default_type text/html;
    moderation_policy %%POLICY%%;
    moderation enforce;
    proxy_cache_path %%ROOT%%/cache keys_zone=c:1m;
    gzip_min_length 1;
    log_format m '\$uri \$moderation_items \$moderation_removed \$moderation_mode';

    server { listen %%PORT%%;
        root %%ROOT%%/html;
        access_log %%ROOT%%/logs/access.log m;

        location /buffered { proxy_pass http://127.0.0.1:%%UP%%; }
        location /temp-big { proxy_pass http://127.0.0.1:%%UP%%;
            proxy_buffers 2 4k; proxy_buffer_size 4k;
            proxy_busy_buffers_size 4k; }
        location /stream { proxy_buffering off;
            proxy_pass http://127.0.0.1:%%UP%%; }
        location /cached { proxy_cache c; proxy_cache_valid any 1m;
            add_header X-Cache \$upstream_cache_status;
            proxy_pass http://127.0.0.1:%%UP%%; }
        location /cached-off { moderation off; proxy_cache c;
            proxy_cache_key cached; proxy_pass http://127.0.0.1:%%UP%%; }
        location /cached-on { proxy_cache c; proxy_cache_key cached;
            add_header X-Cache \$upstream_cache_status;
            proxy_pass http://127.0.0.1:%%UP%%; }
        location /fcgi { fastcgi_pass 127.0.0.1:$fcgi_port;
            fastcgi_param REQUEST_METHOD GET; }
        location /sendfile { sendfile on; alias %%ROOT%%/html/page; }
        location /directio { directio 512; output_buffers 2 4k;
            alias %%ROOT%%/html/big; }
        location /aio { aio threads; alias %%ROOT%%/html/big; }
        location /ssi { ssi on; alias %%ROOT%%/html/ssi; }
        location /ssi-wait { ssi on; alias %%ROOT%%/html/ssi-wait; }
        location /part { return 200 'block'; }
        location /parts/enforced { moderation enforce; return 200 '$page'; }
        location /outer { moderation off; ssi on; alias %%ROOT%%/html/outer; }
        location /proxied-part { proxy_pass http://127.0.0.1:%%UP%%/x; }
        location /addition { add_before_body /before; add_after_body /after;
            alias %%ROOT%%/html/page; }
        location /before { return 200 '$open$bad</ul>'; }
        location /after { return 200 '$open$bad$ok</ul>'; }
        location /sub { sub_filter fine blockword; sub_filter_once off;
            alias %%ROOT%%/html/page; }
        location /gzip { gzip on; alias %%ROOT%%/html/big; }
        location /error { error_page 404 /not-found; return 404; }
        location = /not-found { internal; alias %%ROOT%%/html/page; }
        location /intercept { proxy_intercept_errors on;
            error_page 404 /not-found; proxy_pass http://127.0.0.1:%%UP%%/gone; }
        location /named { try_files /nothing \@fallback; }
        location \@fallback { return 200 '$page'; }
        location /index/ { alias %%ROOT%%/html/dir/; index i.html; }
        location /mirror { mirror /mirrored; proxy_pass http://127.0.0.1:%%UP%%; }
        location /mirrored { internal; proxy_pass http://127.0.0.1:%%UP%%; }
        location /slice { slice 100; proxy_set_header Range \$slice_range;
            proxy_http_version 1.1;
            proxy_pass http://127.0.0.1:%%PORT%%/raw; }
        location /raw { moderation off; alias %%ROOT%%/html/page; }
    }
EOF

my $root = $ModerationTest::Server::root;
my $big = $open . ("$ok$bad" x 20000) . '</ul>';
my $big_clean = $open . ($ok x 20000) . '</ul>';

write_file("$root/html/page", $page);
write_file("$root/html/big", $big);
write_file("$root/html/ssi",
           "$open<li><b><!--#include virtual=\"/part\" -->word</b></li>"
           . "$ok<!--#set var=\"v\" value=\"blockword\" -->"
           . "<li><b><!--#echo var=\"v\" --></b></li></ul>");
write_file("$root/html/ssi-wait",
           "<!--#include virtual=\"/proxied-part\" wait=\"yes\" -->"
           . "<!--#include virtual=\"/proxied-part\" -->");
write_file("$root/html/outer",
           "<p><!--#include virtual=\"/parts/enforced\" --></p>");
mkdir "$root/html/dir";
write_file("$root/html/dir/i.html", $page);

sub body_is {
    my ($path, $want, $name, $status) = @_;

    my @r = http($path);

    is($r[0], $status || 200, "$name: status");
    ok($r[2] eq $want, $name)
        or diag substr($r[2], 0, 200), "\nwant ", substr($want, 0, 200);
    ok($r[3], "$name: whole");

    return $r[1];
}

body_is('/buffered', $clean, 'proxy, buffered');
body_is('/buffered-big', $big_clean, 'proxy, buffered, large');
body_is('/temp-big', $big_clean, 'proxy, through a temporary file');
body_is('/stream', $clean, 'proxy, unbuffered');
body_is('/stream-big', $big_clean, 'proxy, unbuffered, large');

like(body_is('/cached', $clean, 'cache miss'), qr/X-Cache: MISS/, 'miss');
like(body_is('/cached', $clean, 'cache hit'), qr/X-Cache: HIT/, 'hit');

body_is('/cached-off', $page, 'cached with the filter off');
like(body_is('/cached-on', $clean, 'the same entry with the filter on'),
     qr/X-Cache: HIT/, 'the cache holds what the upstream sent');
body_is('/cached-off', $page, 'and still does');

body_is('/fcgi', $clean, 'fastcgi');
body_is('/sendfile', $clean, 'static, sendfile');
body_is('/directio', $big_clean, 'static, directio');

SKIP: {
    my $v = `$ENV{TEST_NGINX_BINARY} -V 2>&1`;
    skip 'no threads', 3 unless $v =~ /--with-threads/;

    body_is('/aio', $big_clean, 'static, aio threads');
}

body_is('/ssi', "$open$ok</ul>", 'SSI: the word comes out of two parts');
body_is('/ssi-wait', $clean x 2, 'SSI: proxied parts');
body_is('/outer', "<p>$page</p>",
        'a location that serves parts only has no effect');
body_is('/addition', "$open</ul>$clean$open$ok</ul>", 'addition');
body_is('/sub', "$open</ul>", 'sub_filter comes first');
body_is('/error', $clean, 'error_page', 404);
body_is('/intercept', $clean, 'error_page for an upstream', 404);
body_is('/named', $clean, 'a named location');
body_is('/index/', $clean, 'an internal redirect');
body_is('/mirror', $clean, 'mirror');
body_is('/slice', $clean, 'slice: the whole from its parts');

# compression comes after us

{
    my ($status, $head, $body) = http('/gzip',
                                  headers => ['Accept-Encoding: gzip']);
    like($head, qr/Content-Encoding: gzip/, 'gzip: compressed');

    require IO::Uncompress::Gunzip;
    my $plain;
    IO::Uncompress::Gunzip::gunzip(\$body => \$plain);
    ok($plain eq $big_clean, 'gzip: what was compressed');
}

# what nginx is done with is in the log

ModerationTest::Server::stop_nginx();

my $log = read_file("$root/logs/access.log");

like($log, qr{^/buffered 3 1 enforce$}m, 'a response is read once');
like($log, qr{^/addition 6 3 enforce$}m, 'and all its parts in one');
like($log, qr{^/not-found 3 1 enforce$}m, 'behind a redirect, too');

start_log();
done_testing();
