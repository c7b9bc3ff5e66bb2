# Compressed responses: decoded, read, edited, sent as plain or compressed
# anew; in shadow they leave as they came.
#
# t/fixtures/encoded has the page made below, compressed by brotli and zstd.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use IO::Compress::Deflate ();
use IO::Compress::Gzip ();
use IO::Compress::RawDeflate ();
use IO::Uncompress::Gunzip ();
use Test::More;
use ModerationTest::Server;

my $page = '<ul class="cards">' . join('', map {
    "<li><a href=\"/r/$_\"><b>" . ($_ % 4 == 2 ? 'blockword'
        : "card number $_") . "</b></a></li>\n" } 1 .. 400) . '</ul>';
(my $clean = $page) =~ s{<li>(?:(?!</li>).)*blockword.*?</li>}{}g;

my %body;

IO::Compress::Gzip::gzip(\$page => \$body{gzip});
IO::Compress::Deflate::deflate(\$page => \$body{deflate});
IO::Compress::RawDeflate::rawdeflate(\$page => \$body{rawdeflate});
my ($head, $tail) = (substr($page, 0, 5000), substr($page, 5000));
IO::Compress::Gzip::gzip(\$head => \my $one);
IO::Compress::Gzip::gzip(\$tail => \my $two);
$body{members} = $one . $two;
IO::Compress::Gzip::gzip(\$body{deflate} => \$body{twice});
$body{br} = read_file("$ENV{TEST_NGINX_FIXTURES}/encoded/cards.html.br");
$body{zstd} = read_file("$ENV{TEST_NGINX_FIXTURES}/encoded/cards.html.zst");
$body{cut} = substr $body{gzip}, 0, length($body{gzip}) - 40;
$body{broken} = substr($body{gzip}, 0, 600) . 'x' x 500;
$body{trailing} = $body{gzip} . "\0" x 100;
$body{empty} = '';
$body{$_} = $body{gzip} for qw(xgzip upper identities unknown mixed);
$body{identity} = $page;

{
    my $zeros = '<p>' . ' ' x 30_000_000;
    IO::Compress::Gzip::gzip(\$zeros => \$body{bomb});
}

my %name = (rawdeflate => 'deflate', members => 'gzip',
            twice => 'deflate, gzip', cut => 'gzip', broken => 'gzip',
            trailing => 'gzip', bomb => 'gzip', empty => 'gzip',
            xgzip => 'x-gzip', upper => 'GZip', identities => 'identity, gzip',
            unknown => 'compress', mixed => 'gzip, compress');

start_upstream(sub {
    my ($s, $path, $head) = @_;

    my ($what) = $path =~ m{/(\w+)$};
    my ($size) = $path =~ m{/(\d+)/};
    my $encoding = $name{$what} || $what;
    my $data = $body{$what};

    spew($s, "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n"
             . "Content-Encoding: $encoding\r\nVary: Accept-Encoding\r\n"
             . "Content-Length: " . length($data) . "\r\n\r\n");
    return if $head =~ /^HEAD/;

    for (my $i = 0; $i < length $data; $i += $size) {
        spew($s, substr $data, $i, $size) or last;
    }
});

start_nginx(http => <<'EOF');
    moderation_policy %%POLICY%%;
    log_format m '$uri $moderation_removed $moderation_error';

    server { listen %%PORT%%;
        access_log %%ROOT%%/logs/access.log m;
        location /on/ { moderation enforce;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /stream/ { moderation enforce; proxy_buffering off;
            proxy_buffer_size 512; proxy_pass http://127.0.0.1:%%UP%%/; }
        location /again/ { moderation enforce; gzip on;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /shadow/ { moderation shadow;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /block/ { moderation enforce; moderation_on_error block;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /off/ { proxy_pass http://127.0.0.1:%%UP%%/; }
    }
EOF

for my $what (qw(gzip deflate rawdeflate members twice br zstd trailing xgzip
                 upper identities))
{
    for my $size (1000, 13) {
        for my $base ("/on/$size", "/stream/$size") {
            my @r = http("$base/$what");

            ok($r[2] eq $clean, "$base/$what: decoded and edited")
                or diag substr $r[2], 0, 300;
            ok($r[3], "$base/$what: whole");
            unlike($r[1], qr/^Content-Encoding:/mi,
                   "$base/$what: no Content-Encoding");
            like($r[1], qr/^Vary: Accept-Encoding\r?$/mi, "$what: Vary stays");
        }
    }

    my @head = http("/on/1000/$what", method => 'HEAD');
    unlike($head[1], qr/^Content-Encoding:/mi, "$what: HEAD as GET");

    my @off = http("/off/1000/$what");
    my @shadow = http("/shadow/1000/$what");
    s/^Date: .*$/Date:/m for $off[1], $shadow[1];
    is($shadow[1], $off[1], "$what: shadow, the same header");
    ok($shadow[2] eq $body{$what}, "$what: shadow, the same bytes");

    my @again = http("/again/1000/$what",
                     headers => ['Accept-Encoding: gzip']);
    like($again[1], qr/^Content-Encoding: gzip/mi, "$what: compressed anew");
    IO::Uncompress::Gunzip::gunzip(\$again[2] => \my $plain);
    ok($plain eq $clean, "$what: what was compressed anew");
}

is((http('/on/1000/empty'))[2], '', 'an empty body');

for my $what (qw(cut broken)) {
    my @r = http("/on/1000/$what");
    ok(!$r[3], "$what: the response has no end");
    is($r[2], substr($clean, 0, length $r[2]), "$what: what could be read");

    my @shadow = http("/shadow/1000/$what");
    ok($shadow[2] eq $body{$what}, "$what: shadow, the same bytes");
}

{
    my @r = http('/on/1000/bomb', timeout => 90);
    ok(!$r[3], 'bomb: the response is cut');
    cmp_ok(length $r[2], '<', 25_000_000, 'bomb: before its end');
}

ok((http("/$_/identity"))[2] eq $clean, "identity: edited, $_")
    for 'on/1000', 'stream/13';

# what there is no decoder for: seen, and never silently passed

for my $what (qw(unknown mixed)) {
    my @r = http("/on/1000/$what");
    ok($r[2] eq $body{$what}, "$what: passes as it came");
    like($r[1], qr/^Content-Encoding: $name{$what}\r?$/mi,
         "$what: with its encoding");

    like((http("/block/1000/$what"))[1], qr/^HTTP\S+ 502 /,
         "$what: refused where on_error blocks");
}

# what nginx is done with is in the log

ModerationTest::Server::stop_nginx();

my $log = read_file("$ModerationTest::Server::root/logs/access.log");

like($log, qr{^/shadow/1000/gzip 0 -$}m, 'shadow: read without an error');
like($log, qr{^/on/1000/zstd 100 -$}m, 'enforce: all items');
like($log, qr{^/on/1000/$_ \S+ encoding$}m, "$_: error") for qw(cut broken bomb
                                                                unknown mixed);

start_log();
done_testing();
