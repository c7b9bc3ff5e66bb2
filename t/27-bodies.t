# What a body is, through nginx: labels that are wrong, events, parts, rows,
# +json, documents inside values, in buffers of one byte and whole; an event
# leaves before the next one has come.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode);
use Test::More;
use ModerationTest::Server;

my $root = $ModerationTest::Server::root;
my $policy = "$ModerationTest::build/t/bodies.yaml";

write_file($policy, encode('UTF-8', <<'EOF2'));
schema: 1
policy: bodies
slots:
  - {name: j, type: json, match: "$..rooms[*]", fields: {t: "$.t"}}
  - {name: s, type: script, script: "self.__next_f", match: "$..rooms[*]", fields: {t: "$.t"}}
  - {name: li, type: html, match: li, fields: {t: b}}
  - {name: h, type: html, within: {json: "$.html"}, match: li, fields: {t: b}}
rules:
  - {id: gone, label: rumor, match: {in: [t], terms: [震惊]}}
EOF2

my $in = '{"rooms":[{"t":"震惊"},{"t":"二"}]}';
my $out = '{"rooms":[{"t":"二"}]}';

my %kinds = (
    'as.html' => ['text/html', "$in", "$out"],
    'jsonp.html' => ['text/html', "cb($in)", "cb($out)"],
    'jsonp.json' => ['application/json', "cb($in);", "cb($out);"],
    'as.js' => ['text/javascript', $in, $out],
    'turbo.turbo' => ['text/vnd.turbo-stream.html',
                      '<template><li><b>震惊</b></li></template>'
                      . '<turbo-stream><template><li><b>震惊</b></li><p>二</p>'
                      . '</template></turbo-stream>',
                      '<template><li><b>震惊</b></li></template>'
                      . '<turbo-stream><template><p>二</p>'
                      . '</template></turbo-stream>'],
    'old.xjs' => ['application/x-javascript', "cb($in)", "cb($out)"],
    'lines.jsonl' => ['application/jsonl', "$in\n$in\n", "$out\n$out\n"],
    'hal.hal' => ['application/hal+json', $in, $out],
    'seq.seq' => ['application/json-seq', "\x1e$in\n\x1e$in\n",
                  "\x1e$out\n\x1e$out\n"],
    'events.sse' => ['text/event-stream', "id: 1\ndata: $in\n\ndata: $in\n\n",
                     "id: 1\ndata: $out\n\ndata: $out\n\n"],
    'parts.mixed' => ['multipart/mixed', "--x\n\n$in\n--x\n\n$in\n--x--\n",
                      "--x\n\n$out\n--x\n\n$out\n--x--\n"],
    'length.mixed' => ['multipart/mixed', "--x\nContent-Length: "
                       . length(encode('UTF-8', $in)) . "\n\n$in\n--x--\n",
                       "--x\nContent-Length: "
                       . length(encode('UTF-8', $out)) . "\n\n$out\n--x--\n"],
    'rows.rsc' => ['text/x-component', "1:I[\"a\"]\n2:$in\n",
                   "1:I[\"a\"]\n2:$out\n"],
    'inner.json' => ['application/json',
                     '{"html":"<li><b>震惊<\/b><\/li><li><b>二<\/b><\/li>"}',
                     '{"html":"<li><b>二<\/b><\/li>"}'],
    'page.bare' => ['text', '<ul><li><b>震惊</b></li><li><b>二</b></li></ul>',
                    '<ul><li><b>二</b></li></ul>'],
    'json.unk' => ['unknown/unknown', '{"rooms":[{"t":"震惊"},{"t":"二"}]}',
                   '{"rooms":[{"t":"二"}]}'],
    'part.xhtml' => ['application/xhtml+xml',
                     '<ul><li><b>震惊</b><br/></li><li><b>二</b></li></ul>',
                     '<ul><li><b>二</b></li></ul>'],
);

my $types = 'types { text/html html; application/json json; '
    . 'text/javascript js; application/hal+json hal; '
    . 'application/json-seq seq; text/event-stream sse; '
    . 'multipart/mixed mixed; text/x-component rsc; '
    . 'text/vnd.turbo-stream.html turbo; text bare; unknown/unknown unk; '
    . 'application/xhtml+xml xhtml; application/x-javascript xjs; '
    . 'application/jsonl jsonl; }';

start_nginx(http => <<"EOF2");
    moderation_policy $policy;
    server { listen %%PORT%%;
        location /1/ { moderation enforce; moderation_on_error block;
            alias $root/html/; sendfile off; output_buffers 1 1; $types }
        location /4096/ { moderation enforce; moderation_on_error block;
            alias $root/html/; sendfile off; output_buffers 1 4096; $types }
        location /off/ { alias $root/html/; $types }
    }
EOF2

write_file("$root/html/$_", encode('UTF-8', $kinds{$_}[1])) for keys %kinds;

for my $name (sort keys %kinds) {
    for my $size (1, 4096) {
        is((http("/$size/$name", timeout => 90))[2],
           encode('UTF-8', $kinds{$name}[2]),
           "$kinds{$name}[0], $name, buffers of $size");
    }
    is((http("/off/$name"))[2], encode('UTF-8', $kinds{$name}[1]),
       "$name as it is");
}

done_testing();
