# Expected: the same bytes however the body is cut: 1 byte to 64 KB a buffer, static and
# proxied, HTTP/1.1 and HTTP/2; and in shadow nothing at all is different.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use ModerationTest::Server;

# cards of all kinds and lengths, so that buffers end everywhere in them; what
# is to come out is made beside it, by hand

my ($page, $want) = ("\xef\xbb\xbf<!doctype html><ul class=\"cards\">\n") x 2;
my @words = ('one', 'blockword', 'two &amp; three', 'maskword', "\xe4\xb8\xad",
             'BlockWord', 'x' x 700, 'shadowword', 'y<!-- b -->z');

for my $i (0 .. 150) {
    my $word = $words[$i % @words];
    my $pad = 'p' x ($i * 7 % 61);
    my $text = "n$i $pad $word";

    $page .= "<li id=c$i><a href='/r/$i'><b>$text</b></a><i>$word</i></li >\n";

    if ($word =~ /blockword/i) {
        $want .= "\n";

    } else {
        $text =~ s/maskword/********/;
        $want .= "<li id=c$i><a href='/r/$i'><b>$text</b></a><i>$word</i>"
                 . "</li >\n";
    }
}

$_ .= "</ul><p>blockword stays</p>\n" for $page, $want;

# an end tag with a space is an end tag; an item ends behind its >

start_upstream(sub {
    my ($s, $path) = @_;

    my ($size) = $path =~ /(\d+)/;

    spew($s, "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n"
             . "Content-Length: " . length($page) . "\r\n\r\n");

    for (my $i = 0; $i < length $page; $i += $size) {
        spew($s, substr $page, $i, $size);
    }
});

my @sizes = (1, 7, 256, 4096, 65536);

my $locations = join "\n", map {
    my $size = $_;
    my $proxy = $size < 256 ? 256 : $size;

    map {
        my ($mode, $m) = ($_, substr $_, 0, 1);
        <<"EOF"
        location /file/$size/$m/ { moderation $mode; sendfile off;
            output_buffers 1 $size; alias %%ROOT%%/html/; }
        location /files/$size/$m/ { moderation $mode; sendfile off;
            output_buffers 4 $size; postpone_output 0;
            alias %%ROOT%%/html/; }
        location /proxy/$size/$m/ { moderation $mode;
            proxy_pass http://127.0.0.1:%%UP%%/$size/;
            proxy_buffer_size $proxy; proxy_buffers 4 $proxy;
            proxy_busy_buffers_size @{[$proxy * 2]}; }
        location /stream/$size/$m/ { moderation $mode; proxy_buffering off;
            proxy_pass http://127.0.0.1:%%UP%%/$size/;
            proxy_buffer_size $proxy; proxy_buffers 4 $proxy;
            proxy_busy_buffers_size @{[$proxy * 2]}; }
EOF
    } qw(off shadow enforce);
} @sizes;

start_nginx(http => <<"EOF");
    default_type text/html;
    moderation_policy %%POLICY%%;
    server { listen %%PORT%%;
$locations
        location /send/o/ { moderation off; sendfile on; alias %%ROOT%%/html/; }
        location /send/s/ { moderation shadow; sendfile on; alias %%ROOT%%/html/; }
        location /send/e/ { moderation enforce; sendfile on; alias %%ROOT%%/html/; }
    }
    server { listen @{[$ENV{TEST_NGINX_PORT} + 1]} http2;
$locations
    }
EOF

write_file("$ModerationTest::Server::root/html/page", $page);

sub same_headers {
    my ($head) = @_;
    $head =~ s/^Date: .*$/Date:/m;
    return $head;
}

for my $base (map({ my $s = $_; map { "/$_/$s" }
                    qw(file files proxy stream) } @sizes), '/send')
{
    my @off = http("$base/o/page");
    my @shadow = http("$base/s/page");
    my @on = http("$base/e/page");

    ok($off[2] eq $page, "$base off");
    is(same_headers($shadow[1]), same_headers($off[1]),
       "$base shadow: the same header lines");
    ok($shadow[2] eq $page, "$base shadow: the same bytes");
    is($on[0], 200, "$base enforce: status");
    ok($on[2] eq $want, "$base enforce: the edited page")
        or diag first_difference($on[2], $want);
    ok($on[3], "$base enforce: whole");
}

# HTTP/2

SKIP: {
    my $has = `curl -V 2>/dev/null`;
    skip 'no curl with HTTP/2', 1 unless $has =~ /HTTP2/;

    for my $size (@sizes) {
        for my $base (map { "/$_/$size" } qw(file proxy stream)) {
            my $port = $ENV{TEST_NGINX_PORT} + 1;
            my $url = "http://127.0.0.1:$port$base";

            my $on = `curl -s --http2-prior-knowledge $url/e/page`;
            ok($on eq $want, "HTTP/2 $base enforce")
                or diag first_difference($on, $want);

            my $off = `curl -s -i --http2-prior-knowledge $url/o/page`;
            my $shadow = `curl -s -i --http2-prior-knowledge $url/s/page`;
            s/^date: .*$//m for $off, $shadow;
            ok($off eq $shadow, "HTTP/2 $base shadow: the same response");
        }
    }
}

sub first_difference {
    my ($got, $exp) = @_;

    my $i = 0;
    $i++ while $i < length $got && $i < length $exp
               && substr($got, $i, 1) eq substr($exp, $i, 1);

    return sprintf "lengths %d, %d; differ at %d: got \"%s\", want \"%s\"",
                   length $got, length $exp, $i, substr($got, $i, 60),
                   substr($exp, $i, 60);
}

start_log();
done_testing();
