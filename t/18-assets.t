# One location for a whole site in enforce: what is not read keeps its 206 and
# 304; no old decision, and no unread range of a page, reaches a reader.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use ModerationTest::Server;

my $page = '<ul class="cards"><li><b>blockword</b></li><li><b>ok</b></li></ul>';
my $clean = '<ul class="cards"><li><b>ok</b></li></ul>';
my $film = join '', map { chr($_ % 251) } 0 .. 2047;
my $date = 'Mon, 01 Jan 2024 00:00:00 GMT';

# X-Saw of an answer: the fields that arrived here

start_upstream(sub {
    my ($s, $path, $head) = @_;

    my %h = map { lc } $head =~ /^([\w-]+): (.*?)\r$/mg;
    my $saw = join ',', grep { $h{$_} } 'if-none-match', 'if-modified-since',
                                        'if-range', 'range';
    my ($type, $body) = $path =~ /page|trap/ ? ('text/html', $page)
                      : $path =~ /film|mp4/ ? ('video/mp4', $film)
                      : $path =~ /css/ ? ('text/css', 'a{}')
                      : ('image/png', 'PNG');
    my $fields = "X-Saw: $saw\r\n";
    my $etag = $path =~ /noetag/ ? '' : '"v1"';

    ($type, $body) = ('text/html', $page)
        if $path =~ /turns/ && ($h{'x-turn'} || '');
    $etag = '"v2"' if $path =~ /turns/ && $type eq 'text/html';

    $fields .= "ETag: $etag\r\n" if $etag;
    $fields .= "Last-Modified: $date\r\n" if $path !~ /nodate/;
    $fields .= "Vary: Accept\r\n" if $path =~ /vary/;
    $fields .= "Accept-Ranges: none\r\n" if $path =~ /norange/;

    if (($h{'if-none-match'} || '') =~ /\Q$etag\E/ && $etag
        || ($h{'if-modified-since'} || '') eq lc $date)
    {
        spew($s, "HTTP/1.0 304 Not Modified\r\n$fields\r\n");
        return;
    }

    if (($h{range} || '') =~ /^bytes=(\d+)-(\d+)$/) {
        my $part = substr $body, $1, $2 - $1 + 1;
        spew($s, "HTTP/1.0 206 Partial Content\r\n$fields"
                 . "Content-Range: bytes $1-$2/" . length($body) . "\r\n"
                 . "Content-Type: $type\r\nContent-Length: " . length($part)
                 . "\r\n\r\n$part");
        return;
    }

    spew($s, "HTTP/1.0 200 OK\r\n${fields}Content-Type: $type\r\n"
             . "Content-Length: " . length($body) . "\r\n\r\n"
             . ($head =~ /^HEAD/ ? '' : $body));
});

start_nginx(http => <<'EOF');
    types { text/html html; video/mp4 mp4; text/css css; image/png png; }
    default_type text/html;
    moderation_policy %%POLICY%%;
    moderation enforce;

    server { listen %%PORT%%;
        location / { proxy_pass http://127.0.0.1:%%UP%%; }
        location /static/ { alias %%ROOT%%/html/; }
        location /var/ { moderation $cookie_m;
            proxy_pass http://127.0.0.1:%%UP%%; }
    }
EOF

my $html = "$ModerationTest::Server::root/html";
write_file("$html/film.mp4", $film);
write_file("$html/page.html", $page);

sub saw {
    my ($head) = @_;

    return $head =~ /^X-Saw: (.*?)\r?$/m ? $1 : '-';
}

sub ask {
    my ($path, @h) = @_;

    my @r = http($path, headers => \@h);

    return (@r[0, 2], saw($r[1]), $r[1]);
}


# ranges

my @r = ask('/a.mp4', 'Range: bytes=0-1');
is("$r[0] $r[2]", '206 range', 'a film by its name: the upstream has the range');
is($r[1], substr($film, 0, 2), 'and its answer passes');

@r = ask('/film?id=3', 'Range: bytes=10-19');
is("$r[0] $r[2]", '206 ', 'a film without a name: 206 of the whole');
is($r[1], substr($film, 10, 10), 'the right bytes');
like($r[3], qr{^Content-Range: bytes 10-19/2048}m, 'and says which');

@r = ask('/film?id=3', 'Range: bytes=20-29');
is("$r[0] $r[2]", '206 range', 'from then on the upstream has the range');
is($r[1], substr($film, 20, 10), 'the right bytes again');

@r = ask('/film?id=4', 'Range: bytes=10-19', 'If-Range: "v1"');
is("$r[0]", '206', 'If-Range that holds');
@r = ask('/film?id=5', 'Range: bytes=10-19', 'If-Range: "old"');
is("$r[0] $r[1]", "200 $film", 'If-Range that does not: the whole');
@r = ask('/film?id=6', 'Range: bytes=10-19', "If-Range: $date");
is("$r[0]", '206', 'If-Range with a date');
@r = ask('/film?id=7', 'Range: bytes=0-1,4-5');
is("$r[0] $r[2]", '200 ', 'several ranges of an upstream: the whole');
@r = ask('/film/norange', 'Range: bytes=0-1');
is($r[0], 200, 'Accept-Ranges: none is believed');

@r = ask('/static/film.mp4', 'Range: bytes=0-1');
is("$r[0] " . length $r[1], '206 2', 'a file');
@r = ask('/static/film.mp4', 'Range: bytes=0-1,4-5');
is($r[0], 206, 'several ranges of a file');
@r = ask('/static/film.mp4', 'Range: bytes=9000-');
is($r[0], 416, 'a range behind its end');


# conditions

@r = ask('/a.css', 'If-None-Match: "v1"');
is("$r[0] $r[2]", '304 ', 'a style sheet: 304 of the whole');
is($r[1], '', 'and no body');
@r = ask('/a.css', 'If-None-Match: "v1"');
is("$r[0] $r[2]", '304 if-none-match', 'then the upstream is asked');
@r = ask('/a.css', 'If-None-Match: "v0"');
is("$r[0] $r[2]", '200 ', 'not about a tag that nobody has seen');
@r = ask('/a.css', 'If-None-Match: "v0", W/"v1"');
is($r[0], 304, 'a list of tags, weakly compared');
@r = ask('/a.css', 'If-None-Match: *');
is($r[0], 304, 'any tag');
@r = ask('/b.png?noetag', "If-Modified-Since: $date");
is("$r[0] $r[2]", '304 ', 'a date');
@r = ask('/b.png?noetag', "If-Modified-Since: $date");
is("$r[0] $r[2]", '304 if-modified-since', 'a date that has been seen');
@r = ask('/b.png?noetag&vary', "If-Modified-Since: $date") for 1 .. 2;
is("$r[0] $r[2]", '304 ', 'a date says nothing where the answer varies');
@r = ask('/c.png', 'If-None-Match: "v0"', "If-Modified-Since: $date");
is($r[0], 200, 'a date does not count beside a tag');

my ($etag) = (http('/static/film.mp4'))[1] =~ /^ETag: (.*?)\r?$/m;
@r = ask('/static/film.mp4', "If-None-Match: $etag");
is($r[0], 304, 'a file');
@r = http('/a.css', method => 'HEAD', headers => ['If-None-Match: "v1"']);
is($r[0], 304, 'HEAD');


# pages: whole and decided, whatever their names

for my $path ('/page', '/page.html', '/static/page.html', '/trap.css',
              '/trap.png?1')
{
    for my $h ('If-None-Match: "v1"', "If-Modified-Since: $date",
               'If-None-Match: *', 'Range: bytes=0-40')
    {
        next if $path eq '/trap.png?1' && $h =~ /Range/;
        next if $path eq '/trap.css' && $h =~ /Range/;

        @r = ask($path, $h) for 1 .. 2;
        is("$r[0] $r[1]", "200 $clean", "$path, $h: whole, decided");
    }
}

@r = ask('/trap.mp4', 'Range: bytes=0-60');
is($r[0], 502, 'a range of a page that is named as a film is refused');
unlike($r[1], qr/blockword/, 'and does not leave');
@r = ask('/trap.mp4', 'Range: bytes=0-60');
is("$r[0] $r[1]", "200 $clean", 'and then asked for as a whole');


# a URI that was an image and turns into a page

@r = ask('/turns', 'If-None-Match: "v1"') for 1 .. 2;
is("$r[0] $r[2]", '304 if-none-match', 'an image at first');
@r = ask('/turns', 'X-Turn: 1', 'If-None-Match: "v2"');
is("$r[0] $r[1]", "200 $clean", 'no 304 for the page that it becomes');
@r = ask('/turns', 'X-Turn: 1', 'If-None-Match: "v1", "v2"');
is("$r[0] $r[1]", "200 $clean", 'nor for a list with the old tag in it');
@r = ask('/turns', 'X-Turn: 1', 'If-None-Match: "v1"', "If-Modified-Since: x");
is("$r[0] $r[1]", "200 $clean", 'nor with a condition that nobody has seen');

@r = ask('/turns/2', 'Range: bytes=0-1') for 1 .. 2;
is("$r[0] $r[2]", '206 range', 'ranges of an image');
@r = ask('/turns/2', 'X-Turn: 1', 'Range: bytes=0-60');
is($r[0], 502, 'of the page that it becomes: refused');
@r = ask('/turns/2', 'X-Turn: 1', 'Range: bytes=0-60');
is("$r[0] $r[1]", "200 $clean", 'once');


# a page that is off for some is not known as no page

@r = ask('/var/page', 'Cookie: m=off');
is($r[1], $page, 'off: the page');
@r = ask('/var/page', 'Cookie: m=off', 'If-None-Match: "v1"');
is("$r[0] $r[2]", '304 if-none-match', 'off: nothing is taken out');
@r = ask('/var/page', 'Cookie: m=enforce', 'If-None-Match: "v1"');
is("$r[0] $r[1]", "200 $clean", 'enforce: whole and decided');
@r = ask('/var/page', 'Cookie: m=enforce', 'Range: bytes=0-60');
is("$r[0] $r[1]", "200 $clean", 'enforce: no range');

start_log();
done_testing();
