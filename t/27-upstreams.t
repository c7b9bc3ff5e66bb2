# What upstreams really send, one odd thing each: frames of compressors, marks,
# line ends, Content-Type, empty bodies, errors.  Each body has one card that
# must go and one that must stay.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Compress::Zlib qw(deflateInit crc32 MAX_WBITS);
use Encode qw(encode);
use Test::More;
use ModerationTest::Server;

my $policy = "$ModerationTest::build/t/upstreams.yaml";

write_file($policy, encode('UTF-8', <<'EOF2'));
schema: 1
policy: upstreams
slots:
  - {name: j, type: json, match: "$..rooms[*]", fields: {t: "$.t"}}
  - {name: li, type: html, match: li, fields: {t: b}}
rules:
  - {id: gone, label: rumor, match: {in: [t], terms: [震惊]}}
EOF2

my $page = '<ul><li><b>震惊</b></li><li><b>你好</b></li></ul>';
my $page_left = '<ul><li><b>你好</b></li></ul>';
my $json = '{"rooms":[{"t":"震惊"},{"t":"你好"}]}';
my $json_left = '{"rooms":[{"t":"你好"}]}';
my ($html8, $html8_left, $json8, $json8_left)
    = map { encode('UTF-8', $_) } $page, $page_left, $json, $json_left;
my $bom = "\xef\xbb\xbf";


# a gzip member whose header has all of its optional parts

sub gzip_full {
    my ($plain) = @_;
    my $d = deflateInit(-WindowBits => -MAX_WBITS());
    my ($body) = $d->deflate($plain);
    $body .= ($d->flush)[0];
    my $head = pack('C4VCC', 0x1f, 0x8b, 8, 0x02 | 0x04 | 0x08 | 0x10, 0, 2, 3)
               . pack('v/a*', 'extra') . "name.html\0a comment\0";
    $head .= pack 'v', crc32($head) & 0xffff;

    return $head . $body . pack 'VV', crc32($plain), length $plain;
}


# a zstd frame of one raw block (RFC 8878)

sub zstd_raw {
    my ($plain) = @_;
    my $n = length $plain;

    return pack('VCC', 0xfd2fb528, 0x20, $n)
           . substr(pack('V', $n << 3 | 1), 0, 3) . $plain;
}


my $zstd = zstd_raw($html8);
my $br = read_file("$ENV{TEST_NGINX_FIXTURES}/encoded/cards.html.br");

# name: fields, body, what leaves; undef: nothing of the body

my %case = (
    'gzip-parts' => ["Content-Type: text/html\r\nContent-Encoding: gzip",
                     gzip_full($html8), $html8_left],
    'gzip-upper' => ["Content-Type: text/html\r\nContent-Encoding: GZIP",
                     gzip_full($html8), $html8_left],
    'gzip-comma' => ["Content-Type: text/html\r\nContent-Encoding: gzip, ",
                     gzip_full($html8), $html8_left],
    'gzip-empty' => ["Content-Type: text/html\r\nContent-Encoding: gzip",
                     '', ''],
    'gzip-nothing' => ["Content-Type: text/html\r\nContent-Encoding: gzip",
                       gzip_full(''), ''],
    'gzip-plain' => ["Content-Type: text/html\r\nContent-Encoding: gzip",
                     $html8, undef],
    'zstd-frames' => ["Content-Type: text/html\r\nContent-Encoding: zstd",
                      $zstd . $zstd, $html8_left x 2],
    'zstd-skippable' => ["Content-Type: text/html\r\nContent-Encoding: zstd",
                         pack('VV', 0x184d2a53, 3) . 'abc' . $zstd,
                         $html8_left],
    'zstd-cut' => ["Content-Type: text/html\r\nContent-Encoding: zstd",
                   substr($zstd, 0, length($zstd) - 9), undef],
    'br-cut' => ["Content-Type: text/html\r\nContent-Encoding: br",
                 substr($br, 0, length($br) / 2), undef],
    'bom-twice' => ['Content-Type: application/json', "$bom$bom$json8",
                    "$bom$bom$json8_left"],
    'bom-over-gbk' => ['Content-Type: text/html; charset=gbk', "$bom$html8",
                       "$bom$html8_left"],
    'bom-utf16' => ['Content-Type: text/html; charset=utf-8',
                    "\xff\xfe" . encode('UTF-16LE', $page),
                    "\xff\xfe" . encode('UTF-16LE', $page_left)],
    'bom-utf16-json' => ['Content-Type: application/json',
                         "\xfe\xff" . encode('UTF-16BE', $json),
                         "\xfe\xff" . encode('UTF-16BE', $json_left)],
    'bom-sse' => ['Content-Type: text/event-stream',
                  "${bom}data: $json8\n\n", "${bom}data: $json8_left\n\n"],
    'sse-mixed' => ['Content-Type: text/event-stream',
                    "retry: 1\rdata: $json8\r\n\rdata: $json8\n\r\n: x\n"
                    . "data:$json8\r\r",
                    "retry: 1\rdata: $json8_left\r\n\rdata: $json8_left\n\r\n"
                    . ": x\ndata:$json8_left\r\r"],
    'sse-open' => ['Content-Type: text/event-stream;charset=utf-8',
                   "data\ndata: $json8", "data\ndata: $json8_left"],
    'parts-preamble' => ['Content-Type: multipart/mixed; boundary="-"',
                         "hi\r\n\r\n--- \r\nA: b\r\n\r\n$json8\r\n---  \r\n\r\n"
                         . "$json8\r\n-----\r\nbye",
                         "hi\r\n\r\n--- \r\nA: b\r\n\r\n$json8_left\r\n---  "
                         . "\r\n\r\n$json8_left\r\n-----\r\nbye"],
    'type-case' => ['Content-Type: Text/HTML; Charset=UTF-8;', $html8,
                    $html8_left],
    'type-quoted' => ['Content-Type: text/html ; charset="gb2312"',
                      encode('gbk', $page), encode('gbk', $page_left)],
    'type-twice' => ['Content-Type: text/html; charset=gbk; charset=utf-8',
                     encode('gbk', $page), encode('gbk', $page_left)],
    'type-odata' => ['Content-Type: application/json;odata.metadata=minimal;'
                     . 'odata.streaming=true;charset=utf-8', $json8,
                     $json8_left],
    'type-semicolon' => ['Content-Type: text/html;;charset=gbk',
                         encode('gbk', $page), encode('gbk', $page_left)],
    'type-vendor' => ['Content-Type: application/vnd.a.b-v2+json; x="a;b"',
                      $json8, $json8_left],
    'type-plain' => ['Content-Type: text/plain; charset=utf-8', $json8,
                     $json8_left],
    'empty' => ['Content-Type: text/html', '', ''],
    'large-head' => ["Content-Type: text/html\r\n"
                     . join("\r\n", map { "Set-Cookie: c$_=" . 'x' x 1000 }
                                    1 .. 24), $html8, $html8_left],
);

start_upstream(sub {
    my ($s, $path, $head) = @_;
    my ($how, $name) = $path =~ m{/(\w+)/([\w-]+)$};
    my ($fields, $body) = @{ $case{$name} };
    my $status = $how eq 'missing' ? '404 Not Found'
                 : $how eq 'failed' ? '500 Oops' : '200 OK';

    $body = '' if $head =~ /^HEAD/;

    if ($how eq 'chunks') {
        print $s "HTTP/1.1 $status\r\n$fields\r\nTransfer-Encoding: chunked\r\n"
                 . "Trailer: X-End\r\nConnection: close\r\n\r\n";
        for my $c ($head =~ /^HEAD/ ? () : $body =~ /(.{1,7})/gs) {
            printf $s "%x;ext=1\r\n%s\r\n", length $c, $c;
        }
        print $s "0\r\nX-End: 1\r\n\r\n" unless $head =~ /^HEAD/;
        return;
    }

    my $length = $how eq 'length' ? 'Content-Length: ' . length($case{$name}[1])
                                    . "\r\n" : '';
    print $s "HTTP/1.0 $status\r\n$fields\r\n$length\r\n$body";
});

start_nginx(http => <<"EOF2");
    moderation_policy $policy;
    proxy_http_version 1.1;
    proxy_buffer_size 64k;
    proxy_buffers 8 64k;
    proxy_busy_buffers_size 128k;
    log_format what '\$uri \$moderation_error';
    server { listen %%PORT%%;
        access_log %%ROOT%%/logs/what.log what;
        location ~ type-plain { moderation enforce; moderation_on_error block;
            moderation_types text/plain;
            proxy_pass http://127.0.0.1:%%UP%%; }
        location / { moderation enforce; moderation_on_error block;
            proxy_pass http://127.0.0.1:%%UP%%; }
    }
EOF2

my @broken;

for my $name (sort keys %case) {
    my ($fields, $body, $want) = @{ $case{$name} };

    for my $how ('length', 'chunks', 'close') {
        my @r = http("/$how/$name", timeout => 90);

        if (!defined $want) {
            unlike($r[2] // '', qr/\xe9\x9c\x87\xe6\x83\x8a/,
                   "$how, $name: nothing that was not read leaves");
            push @broken, "/$how/$name";
            next;
        }

        is("$r[0] $r[2]", "200 $want", "$how, $name");
    }

    my @head = http("/length/$name", method => 'HEAD');
    is($head[2], '', "HEAD, $name: no body");
}

for my $how ('missing', 'failed') {
    is((http("/$how/type-case"))[2], $html8_left, "$how: the page of an error");
}

ModerationTest::Server::stop_nginx();

my $log = read_file("$ModerationTest::Server::root/logs/what.log");

for my $uri (@broken) {
    like($log, qr/^\Q$uri\E encoding$/m, "$uri: counted and named");
}

done_testing();
