# Header fields: HEAD, ranges, conditional requests, what cannot be read, and
# shadow, which changes nothing.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use Test::More;
use ModerationTest::Server;

my $page = '<ul class="cards"><li><b>blockword</b></li><li><b>ok</b></li></ul>';
my $clean = '<ul class="cards"><li><b>ok</b></li></ul>';
my $gone = "<html>\r\n<head><title>502";

start_upstream(sub {
    my ($s, $path, $head) = @_;

    my $status = '200 OK';
    my $fields = "Content-Type: text/html\r\n";
    my $body = $page;

    if ($path =~ /seen/) {

        # what arrives here of the request

        $body = join ' ', sort map { lc } $head =~ /^([\w-]+):/mg;
        $body = "<p>$body</p>";

    } elsif ($path =~ /partial/) {
        $status = '206 Partial Content';
        $fields .= "Content-Range: bytes 0-" . (length($body) - 1) . "/900\r\n";

    } elsif ($path =~ /encoded/) {
        $fields .= "Content-Encoding: compress\r\n";

    } elsif ($path =~ /identity/) {
        $fields .= "Content-Encoding: identity\r\n";

    } elsif ($path =~ /charset/) {
        $fields = "Content-Type: text/html; charset=iso-2022-jp\r\n";

    } elsif ($path =~ /unheard/) {
        $fields = "Content-Type: text/html; charset=x-unheard-of\r\n"
                  . "Content-Encoding: none\r\n";

    } elsif ($path =~ /quoted/) {
        $fields = "Content-Type: text/html; charset=\"UTF-8\"\r\n";

    } elsif ($path =~ /image/) {
        $fields = "Content-Type: image/png\r\n";

    } elsif ($path =~ /notype/) {
        $fields = '';

    } elsif ($path =~ /validators/) {
        $fields .= "ETag: \"u\"\r\nAccept-Ranges: bytes\r\n"
                   . "Last-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n";

        if ($head =~ /^If-None-Match: "u"/mi) {
            spew($s, "HTTP/1.0 304 Not Modified\r\n$fields\r\n");
            return;
        }
    }

    $body = '' if $head =~ /^HEAD/;

    spew($s, "HTTP/1.0 $status\r\n$fields"
             . "Content-Length: " . length($page) . "\r\n\r\n$body")
        if $path !~ /seen/;
    spew($s, "HTTP/1.0 $status\r\n$fields\r\n$body") if $path =~ /seen/;
});

start_nginx(http => <<'EOF');
    default_type text/html;
    moderation_policy %%POLICY%%;

    map $arg_m $mode { default $arg_m; up $upstream_http_x_mode; }
    server { listen %%PORT%%;
        location /off/ { alias %%ROOT%%/html/; }
        location /shadow/ { moderation shadow; alias %%ROOT%%/html/; }
        location /on/ { moderation enforce; alias %%ROOT%%/html/; }
        location /var/ { moderation $mode; alias %%ROOT%%/html/; }
        location /p/off/ { proxy_pass http://127.0.0.1:%%UP%%/; }
        location /p/shadow/ { moderation shadow;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /p/on/ { moderation enforce;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /p/block/ { moderation enforce; moderation_on_error block;
            proxy_pass http://127.0.0.1:%%UP%%/; }
        location /p/page/ { moderation enforce; moderation_on_error block;
            error_page 502 /sorry; proxy_pass http://127.0.0.1:%%UP%%/; }
        location /p/named/ { moderation enforce; moderation_on_error block;
            error_page 502 = @sorry; proxy_pass http://127.0.0.1:%%UP%%/; }
        location = /sorry { moderation enforce; moderation_on_error block;
            internal; return 200 'sorry'; }
        location = /own/charset { moderation enforce;
            moderation_on_error block;
            default_type 'text/html; Charset="iso-2022-jp"';
            return 200 'never read'; }
        location @sorry { moderation enforce; moderation_on_error block;
            charset iso-2022-jp; return 200 'sorry, too'; }
        location /p/shadow-block/ { moderation shadow;
            moderation_on_error block; proxy_pass http://127.0.0.1:%%UP%%/; }
    }
EOF

write_file("$ModerationTest::Server::root/html/page", $page);

sub fields {
    my ($head) = @_;

    my @lines = grep { !/^(Date|Connection|Transfer-Encoding|Content-Length):/i }
                split /\r\n/, $head;
    return join "\n", @lines;
}

sub same {
    my ($head) = @_;
    $head =~ s/^Date: .*$/Date:/m;
    return $head;
}


# validators and lengths go where the body may change

for my $path ('/on/page', '/p/on/validators') {
    my @get = http($path);
    my @head = http($path, method => 'HEAD');

    is($get[2], $clean, "$path: body");
    unlike($get[1], qr/^(ETag|Last-Modified|Accept-Ranges|Content-Length):/mi,
           "$path: no validators, no length");
    is(fields($head[1]), fields($get[1]), "$path: HEAD as GET");
    is($head[2], '', "$path: HEAD has no body");
}


# ranges and conditions

my $etag = (http('/off/page'))[1] =~ /^ETag: (.*?)\r?$/m ? $1 : '';
my $date = (http('/off/page'))[1] =~ /^Last-Modified: (.*?)\r?$/m ? $1 : '';

ok($etag && $date, 'validators with the filter off');

my @conditions = (
    ["If-None-Match: $etag"],
    ['If-None-Match: *'],
    ["If-Modified-Since: $date"],
    ['Range: bytes=0-9'],
    ['Range: bytes=0-9', "If-Range: $etag"],
    ['X-A: 1', 'Range: bytes=5-9', 'X-B: 2', "If-None-Match: $etag",
     "If-Modified-Since: $date", 'X-C: 3', "If-Range: $date"],
    ["If-None-Match: $etag", 'Range: bytes=0-1', 'range: bytes=2-3'],
);

for my $c (@conditions) {
    my $name = join ', ', map { /^(\S+:)/ } @$c;

    my @off = http('/off/page', headers => $c);
    my @shadow = http('/shadow/page', headers => $c);
    my @on = http('/on/page', headers => $c);
    my @var = http('/var/page?m=enforce', headers => $c);
    my @none = http('/var/page', headers => $c);
    my @vs = http('/var/page?m=shadow', headers => $c);

    isnt($off[0], 200, "$name off: not a whole page")
        unless $name =~ /X-A/;
    is($on[0], 200, "$name enforce: 200");
    is($on[2], $clean, "$name enforce: the whole page");
    is($var[2], $clean, "$name variable, enforce: the whole page");
    is(same($shadow[1]), same($off[1]), "$name shadow: the same header");
    is($shadow[2], $off[2], "$name shadow: the same body");
    is(same($vs[1]), same($off[1]), "$name variable, shadow: the same header");
    is(same($none[1]), same($off[1]), "$name variable, off: the same header");
}

# what the upstream sees: these four fields are gone, all others are there

{
    my @h = ('A1: 1', 'Range: bytes=0-9', 'A2: 2', 'If-None-Match: "u"',
             'If-Modified-Since: x', 'If-Range: "u"', 'A3: 3',
             map { "B$_: $_" } 1 .. 30);
    my @h2 = ('If-Range: "u"', @h[0 .. 4], @h[6 .. $#h]);

    for my $list (\@h, \@h2) {
        my $on = (http('/p/on/seen', headers => $list))[2];
        my $off = (http('/p/off/seen', headers => $list))[2];

        (my $want = $off) =~
            s/ (if-none-match|if-modified-since|if-range|range)(?=[ <])//g;
        like($off, qr/ if-range/, 'off: the upstream sees all fields');
        is($on, $want, 'enforce: all but the four');
    }
}

# an upstream's own 304

is((http('/p/off/validators', headers => ['If-None-Match: "u"']))[0], 304,
   'off: 304 of the upstream');
is((http('/p/on/validators', headers => ['If-None-Match: "u"']))[0], 200,
   'enforce: no 304 of the upstream');


# what cannot be read

for my $path ('partial', 'encoded', 'charset') {
    my @off = http("/p/off/$path");
    my @on = http("/p/on/$path");
    my @block = http("/p/block/$path");
    my @own = http("/p/page/$path");
    my @named = http("/p/named/$path");
    my @head = http("/p/block/$path", method => 'HEAD');

    is(same($on[1]), same($off[1]), "$path, pass: header as it came");
    is($on[2], $page, "$path, pass: body as it came");
    is($block[0], 502, "$path, block: 502");
    unlike($block[2], qr/blockword/, "$path, block: not the body");
    ok($block[3], "$path, block: whole");
    is($head[0], 502, "$path, block: HEAD");
    is($own[0], 502, "$path, block: 502 with a page");
    is($own[2], 'sorry', "$path, block: the page of error_page");
    is($named[2], 'sorry, too', "$path, block: a named location");
    is((http("/p/shadow-block/$path"))[2], $page,
       "$path, block in shadow: the body");
}

is((http('/own/charset'))[0], 502, 'a charset that default_type names');
is((http('/p/on/identity'))[2], $clean, 'identity is no encoding');
is((http('/p/on/quoted'))[2], $clean, 'a charset in quotes');
is((http('/p/block/unheard'))[2], $clean,
   'labels that no browser knows: read as they do');
is((http('/p/on/image'))[2], $page, 'another type');
is((http('/p/on/notype'))[2], $clean, 'no type');


# shadow is the same in everything

for my $path ('page', 'validators', 'partial', 'encoded', 'charset', 'image',
              'notype')
{
    for my $method ('GET', 'HEAD') {
        my $base = $path eq 'page' ? '' : '/p';
        my @off = http("$base/off/$path", method => $method);
        my @shadow = http("$base/shadow/$path", method => $method);

        is(same($shadow[1]), same($off[1]), "shadow $method $path: header");
        is($shadow[2], $off[2], "shadow $method $path: body");
    }
}

start_log();
done_testing();
