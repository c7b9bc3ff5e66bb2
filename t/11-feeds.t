# Feeds and inline state through nginx: JSON, NDJSON, JSONP, scripts, other
# charsets, in buffers of one byte.  What leaves is parsed by an independent
# parser and compared with the document less what must go.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode decode);
use JSON::PP;
use Test::More;
use ModerationTest::Server;

my $json = JSON::PP->new->canonical;
my $root = $ModerationTest::Server::root;
my $policy = "$ModerationTest::build/t/feeds.yaml";

write_file($policy, encode('UTF-8', <<'EOF'));
schema: 1
policy: feeds
slots:
  - {name: feed, type: json, match: "$.data.list[*]", count: "$.data.total", fields: {title: "$.title", room: "$.id"}}
  - {name: lines, type: ndjson, match: "$", fields: {title: "$.title"}}
  - {name: pages, type: ndjson, match: "$.list[*]", count: "$.total", fields: {title: "$.title"}}
  - {name: cb, type: jsonp, match: "$.data.list[*]", fields: {title: "$.title"}}
  - {name: card, type: html, match: "li.card", fields: {title: "b", room: "@data-id"}}
  - {name: state, type: script, script: "window.__STATE__", match: "$.rooms[*]", fields: {title: "$.title"}}
  - {name: next, type: script, script: "script#__DATA__", match: "$.rooms[*]", fields: {title: "$.title"}}
rules:
  - {id: f.block, label: rumor, match: {in: [title], terms: [震惊]}}
  - {id: f.mask, label: rumor, action: mask, match: {in: [title], terms: [微信]}}
  - {id: f.tag, label: clickbait, action: tag, suggestion: review, match: {in: [title], terms: [必看]}}
EOF

my @titles = ('一号', '震驚', '加微信吧', '必看', '"震"惊', '震&惊', '末号');
my $doc = { data => { list => [ map { { id => $_ + 1,
            title => $titles[$_], tags => [1, { x => undef }] } }
            0 .. $#titles ], total => scalar @titles }, code => 0 };

# the same by hand, without the engine

my @kept = @{ $json->decode($json->encode($doc->{data}{list})) };
@kept = grep { $_->{title} ne '震驚' } @kept;
$_->{title} =~ s/微信/＊＊/ for @kept;
$_->{title} eq '必看'
    and $_->{moderation} = { suggestion => 'review', label => 'clickbait',
                             rule => 'f.tag' } for @kept;
my $want = { data => { list => \@kept, total => scalar @kept }, code => 0 };

my %body = (
    'plain.json' => $json->encode($doc),
    'pretty.json' => JSON::PP->new->canonical->pretty->encode($doc),
    'escaped.json' => JSON::PP->new->canonical->ascii->encode($doc),
);
$_ = encode('UTF-8', $_) for values %body;
$body{'gb.json'} = encode('gbk', $json->encode($doc));
$body{'clean.json'} = '{"data":{"list":[{"title":"ok"} , {"title":1e3}]}}';
$body{'broken.json'} = '{"data":{"list":[{"title":"ok"},{"title":oops}]}}';
$body{'lines.ndjson'} = encode('UTF-8', join '',
    map { $json->encode($_) . "\n" } @{ $doc->{data}{list} });
# a number in each document, before or behind its list

my @pages = map { [split /,/] } ('ok,震惊', '震惊,ok,震惊,ok', 'ok', '震惊');
my @numbered = map { my @l = @{ $pages[$_] };
    ['"list":[' . join(',', map { qq({"title":"$_"}) } @l) . ']',
     '"total":' . @l, $_ & 1] } 0 .. $#pages;
$body{'pages.ndjson'} = encode('UTF-8', join '', map {
    '{' . ($_->[2] ? "$_->[1],$_->[0]" : "$_->[0],$_->[1]") . "}\n" }
    @numbered);
my @left = map { my @l = grep { $_ eq 'ok' } @$_;
    { total => scalar @l, list => [ map { { title => $_ } } @l ] } } @pages;

$body{'cb.js'} = encode('UTF-8', '/**/ window.cb && cb('
    . $json->encode($doc) . ");\n");

my $state = '{rooms: [{"title":"震惊"},{"title":\'ok\',},{title:"微信"}], n: undefined}';
$body{'page.html'} = encode('UTF-8', '<ul><li class=card data-id=1><b>震惊</b>'
    . '</li><li class=card data-id=2><b>ok</b></li></ul>'
    . "<script>var a = 1; window.__STATE__ = $state;\nrun();</script>"
    . '<script type="application/json" id="__DATA__">{"rooms":['
    . '{"title":"震惊"},{"title":"ok"}]}</script>'
    . '<script>window.__STATE__=JSON.parse("{\"rooms\":[{\"title\":'
    . '\"\u9707\u60ca\"},{\"title\":\"ok\"}]}")</script>');

my $page = encode('UTF-8', '<ul><li class=card data-id=2><b>ok</b></li></ul>'
    . '<script>var a = 1; window.__STATE__ = {rooms: [{"title":\'ok\',},'
    . "{title:\"＊＊\"}], n: undefined};\nrun();</script>"
    . '<script type="application/json" id="__DATA__">{"rooms":['
    . '{"title":"ok"}]}</script>'
    . '<script>window.__STATE__=JSON.parse("{\"rooms\":['
    . '{\"title\":\"ok\"}]}")</script>');

my $types = 'types { application/json json; application/x-ndjson ndjson; '
    . 'text/javascript js; text/html html; }';
my $locations = '';

for my $size (1, 7, 4096) {
    $locations .= <<"EOF";
        location /$size/ { moderation enforce; alias $root/html/;
            sendfile off; output_buffers 1 $size; $types }
EOF
}

start_nginx(http => <<"EOF");
    moderation_policy $policy;
    server { listen %%PORT%%;
$locations
        location /gb/ { moderation enforce; alias $root/html/; $types
            charset gbk; charset_types application/json;
            sendfile off; output_buffers 1 3; }
        location /shadow/ { moderation shadow; alias $root/html/; $types }
        location /off/ { alias $root/html/; $types }
        location /block/ { moderation enforce; alias $root/html/; $types
            moderation_on_error block; }
    }
EOF

write_file("$root/html/$_", $body{$_}) for keys %body;

sub body { return (http($_[0], timeout => 90))[2] }

for my $size (1, 7, 4096) {
    for my $name ('plain', 'pretty', 'escaped') {
        my $got = body("/$size/$name.json");
        is_deeply(eval { $json->decode(decode('UTF-8', $got)) } || $got,
                  $want, "$name, buffers of $size");
        like($got, qr/\\uff0a\\uff0a/, 'the mask keeps the escapes')
            if $name eq 'escaped';
    }

    is(body("/$size/clean.json"), $body{'clean.json'},
       "no hit, same bytes, buffers of $size");

    my @lines = map { eval { $json->decode(decode('UTF-8', $_)) } || $_ }
                split /\n/, body("/$size/lines.ndjson");
    is_deeply(\@lines, \@kept, "lines, buffers of $size");

    @lines = map { eval { $json->decode(decode('UTF-8', $_)) } || $_ }
             split /\n/, body("/$size/pages.ndjson");
    is_deeply(\@lines, \@left, "numbers of each line, buffers of $size");

    my $cb = body("/$size/cb.js");
    $cb =~ s{^/\*\*/ window\.cb && cb\(}{} or $cb = 'prefix';
    $cb =~ s{\);\n$}{} or $cb = 'suffix';
    is_deeply(eval { $json->decode(decode('UTF-8', $cb)) } || $cb, $want,
              "JSONP, buffers of $size");

    is(body("/$size/page.html"), $page,
       "the card and all its states, buffers of $size");

    is(body("/$size/broken.json"), $body{'broken.json'},
       "broken JSON passes as it came, buffers of $size");
}

my $gb = body('/gb/gb.json');
is_deeply(eval { $json->decode(decode('gbk', $gb)) } || $gb, $want,
          'GBK: read and edited in its own bytes');

for my $name (sort keys %body) {
    my @shadow = http("/shadow/$name");
    my @off = http("/off/$name");
    s/Date: [^\r]*// for $shadow[1], $off[1];
    is($shadow[2], $body{$name}, "$name: shadow changes no byte");
    is($shadow[1], $off[1], "$name: and no header");
}

my @cut = http('/block/broken.json');
ok($cut[2] ne $body{'broken.json'}
   && index($body{'broken.json'}, $cut[2]) == 0,
   'on_error block: broken JSON is cut');

done_testing();
