# Inline state and values inside values, through nginx: every form in which a
# page carries its rooms again.  What leaves is read back by parsers that are
# not ours: JSON::PP, and node for the scripts where there is one.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode decode);
use File::Temp qw(tempfile);
use JSON::PP;
use Test::More;
use ModerationTest::Server;

my $json = JSON::PP->new->canonical;
my $root = $ModerationTest::Server::root;
my $policy = "$ModerationTest::build/t/states.yaml";

write_file($policy, encode('UTF-8', <<'EOF'));
schema: 1
policy: states
slots:
  - {name: state, type: script, script: "window.__STATE__", match: "$.rooms[*]", fields: {title: "$.title"}}
  - {name: card, type: html, match: "li", fields: {title: "@data-f $.title", html: {from: "@data-f $.html", as: html}, link: {from: "a@href", as: url}}}
  - {name: feed, type: json, match: "$.list[*]", fields: {html: {from: "$.html", as: html}, title: "$.ext @ $.title", link: {from: "$.ext @ $.link", as: url}}}
rules:
  - {id: s.block, label: rumor, match: {in: [title, html, link], terms: [震惊]}}
  - {id: s.mask, label: rumor, action: mask, match: {in: [title, html], terms: [微信]}}
  - {id: s.tag, label: clickbait, action: tag, suggestion: review, match: {in: [title], terms: [必看]}}
EOF

# the rooms, and what must stay of them

my $rooms = { rooms => [ map { { id => $_->[0], title => $_->[1] } }
    [1, '震惊'], [2, '一"号\\'], [3, '加微信吧'], [4, '震惊</b>'], [5, '末号'],
    [6, '震惊'] ], n => 6 };
my $left = { rooms => [ map { { id => $_->[0], title => $_->[1] } }
    [2, '一"号\\'], [3, '加＊＊吧'], [5, '末号'] ], n => 6 };

my $text = $json->encode($rooms);
(my $pretty = JSON::PP->new->canonical->pretty->encode($rooms)) =~ s{</}{<\\/}g;
(my $safe = $text) =~ s{</}{<\\/}g;

sub quoted {
    my ($s, $q) = @_;
    $s =~ s/\\/\\\\/g;
    $s =~ s/$q/\\$q/g;
    $s =~ s{</}{<\\/}g;
    return "$q$s$q";
}

sub percent {
    my ($s) = encode('UTF-8', $_[0]);
    $s =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge;
    return $s;
}

my $half = quoted(substr($text, 0, 40), "'") . " +\n '"
           . substr(quoted(substr($text, 40), "'"), 1);
(my $x22 = quoted($text, "'")) =~ s/"/\\x22/g;

my %script = (
    plain => "var a=1;window.__STATE__ = $safe;\nf();",
    pretty => "window.__STATE__=\n$pretty",
    escaped => 'window.__STATE__=' . JSON::PP->new->canonical->ascii
               ->encode($rooms) =~ s{</}{<\\/}r . ';',
    var => "var x = {}, __STATE__ = $safe, y = 1; window.__STATE__ = __STATE__ || {}",
    bracket => "window['__STATE__'] /* = {} */ =\n// c\n($safe);",
    iife => "(function (w) { w.__STATE__ = w.__STATE__ || $safe })(window);",
    assign => "window.__STATE__ = Object.assign({}, $safe, {b: 1});",
    single => 'window.__STATE__ = JSON.parse(' . quoted($text, "'") . ');',
    double => 'window.__STATE__=JSON.parse(' . quoted($text, '"') . ');',
    template => 'window.__STATE__=JSON.parse(' . quoted($text, '`') . ');',
    x22 => "window.__STATE__=JSON.parse($x22);",
    halves => "window.__STATE__=JSON.parse($half);",
    uri => "window.__STATE__=JSON.parse(decodeURIComponent('" . percent($text)
           . "'));",
    hidden => "var s = \"__STATE__={\", t = `__STATE__={`, r = /[\"'`]__STATE__={/;"
              . "/* __STATE__={ */ // __STATE__={\nwindow.__STATE__=$safe;",
    member => 'window.__STATE__ = {n: 6}; window.__STATE__.rooms = '
              . $json->encode($rooms->{rooms}) =~ s{</}{<\\/}r . ';',
    twice => "window.__STATE__ = {rooms: [{title: '震惊'}]}; var q = 'it\\'s'"
             . "/2;window.__STATE__ = $safe",
);

my %other = (
    call => ['window.__STATE__ = ', "load({\"rooms\":[{\"title\":\"震惊\"}]})",
             ";\ng();"],
    nuxt => ['window.__STATE__=', '(function(a){return {rooms:[{title:a}]}})'
             . '("震惊")', ';g()'],
    line => ["window.__STATE__ = ", "atob('e30=').replace(/[;']/g, ';')",
             "\ng()"],
);

my %page;
$page{$_} = "<!DOCTYPE html><p>x</p><script>$script{$_}</script><p>y</p>"
    for keys %script;
$page{$_} = '<script>' . join('', @{ $other{$_} }) . '</script><p>y</p>'
    for keys %other;

my %card = (
    single => q(<li data-f='{"title":"加微信吧","id":"微信"}'>A</li>),
    entities => '<li data-f="{&quot;title&quot;:&quot;a&amp;&#x5fae;信&quot;}">'
                . 'A</li>',
    escapes => q(<li data-f='{"title":"\u5fae\u4fe1\"&#39;"}'>A</li>),
    unquoted => '<li data-f={&quot;title&quot;:&quot;微信&quot;}>A</li>',
    html => q(<li data-f='{"html":"&lt;b>微&amp;#20449;&lt;/b>"}'>A</li>),
);
my %card_left = (
    single => { title => '加＊＊吧', id => '微信' },
    entities => { title => 'a&＊＊' },
    escapes => { title => "＊＊\"'" },
    unquoted => { title => '＊＊' },
    html => { html => '<b>＊＊</b>' },
);
$page{cards} = '<ul>' . join("\n", map { $card{$_} } sort keys %card)
    . q(<li data-f='{"title":"震惊"}'>gone</li>)
    . '<li><a href="/?q=%E9%9C%87%E6%83%8A">gone</a></li></ul>';

my %body = map { ("$_.html" => encode('UTF-8', $page{$_})) } keys %page;

my $feed = { list => [
    { html => '<b>微</b><a title="微信">信</a>' }, { html => '&#x9707;惊' },
    { ext => $json->encode({ title => '加"微信\\' }), },
    { ext => JSON::PP->new->canonical->ascii->encode({ title => '微信' }) },
    { ext => $json->encode({ title => '震惊', n => [1] }) },
    { ext => $json->encode({ link => '/?q=%E9%9C%87%E6%83%8A' }) } ] };
my $feed_left = { list => [
    { html => '<b>＊</b><a title="微信">＊</a>' },
    { ext => $json->encode({ title => '加"＊＊\\' }) },
    { ext => $json->encode({ title => '＊＊' }) } ] };
$body{'raw.json'} = encode('UTF-8', $json->encode($feed));
$body{'ascii.json'} = JSON::PP->new->canonical->ascii->pretty->encode($feed);

# one tag each, in a script that may hold anything else

$body{'tag.html'} = encode('UTF-8', '<script>window.__STATE__={rooms:['
    . "{title:'必看',},{},{'title':\"必看\",moderation:0}]};</script>");

my $locations = '';
for my $size (1, 5, 4096) {
    $locations .= <<"EOF";
        location /$size/ { moderation enforce; alias $root/html/;
            sendfile off; output_buffers 1 $size; }
        location /block/$size/ { moderation enforce; alias $root/html/;
            moderation_on_error block; sendfile off; output_buffers 1 $size; }
EOF
}

start_nginx(http => <<"EOF");
    moderation_policy $policy;
    types { application/json json; text/html html; }
    log_format m '\$uri \$moderation_items \$moderation_removed \$moderation_error';
    server { listen %%PORT%%;
        access_log %%ROOT%%/logs/states.log m;
$locations
    }
EOF

write_file("$root/html/$_", $body{$_}) for keys %body;

sub body { return decode('UTF-8', (http($_[0], timeout => 90))[2]) }

my ($node) = grep { -x } map { "$_/node" } split /:/, $ENV{PATH};

# the value of window.__STATE__ once a script has run

sub state_of {
    my ($script) = @_;
    my ($f, $name) = tempfile(SUFFIX => '.js', UNLINK => 1);
    binmode $f, ':utf8';
    print $f "var window = {}, f = function () {}, g = f, __STATE__;\n",
             "$script\nconsole.log(JSON.stringify(window.__STATE__));\n";
    close $f;
    my $out = `$node $name 2>&1`;
    return eval { $json->decode(decode('UTF-8', $out)) } || $out;
}

for my $size (1, 5, 4096) {

    for my $name (sort keys %script) {
        my $got = body("/$size/$name.html");
        my ($s) = $got =~ m{^<!DOCTYPE html><p>x</p><script>(.*)</script><p>y</p>$}s;

        ok(defined $s && $s !~ /window\.__STATE__.*(?:震惊|%E9%9C%87|\\u9707)/s,
           "$name: gone, in buffers of $size") or diag $got;

        SKIP: {
            skip 'no node', 1 unless $node;
            my $want = $name eq 'assign' ? { %$left, b => 1 } : $left;
            is_deeply(state_of($s), $want, "$name: what node sees of it");
        }
    }

    for my $name (sort keys %other) {
        my ($a, $b, $c) = @{ $other{$name} };

        is(body("/$size/$name.html"), $page{$name}, "$name: passes as it came");
        is(body("/block/$size/$name.html"),
           "<script>${a}null$c</script><p>y</p>",
           "$name: null in its place where on_error blocks, buffers of $size");
    }

    my @got = body("/$size/cards.html") =~ m{<li data-f=(.*?)>[A-Z]}gs;
    is(scalar @got, scalar keys %card, "cards, buffers of $size");

    for my $name (sort keys %card) {
        my $v = shift @got;
        $v =~ s/^(['"])(.*)\1$/$2/s;
        my %ref = (quot => '"', amp => '&', lt => '<');
        $v =~ s/&(?:(\w+)|#x(\w+)|#(\d+));/$1 ? $ref{$1} : chr($2 ? hex $2 : $3)/ge;
        is_deeply(eval { $json->decode($v) } || $v, $card_left{$name},
                  "an attribute is still JSON: $name");
    }

    for my $name ('raw', 'ascii') {
        my $v = body("/$size/$name.json");
        my $d = eval { $json->decode($v) } || {};
        $_->{ext} = $json->encode($json->decode($_->{ext}))
            for grep { $_->{ext} } @{ $d->{list} || [] };
        is_deeply($d, $feed_left, "HTML and JSON in strings: $name, $size")
            or diag $v;
    }

    my $tag = '"moderation":{"suggestion":"review","label":"clickbait",'
              . '"rule":"s.tag"}';
    is(body("/$size/tag.html"), '<script>window.__STATE__={rooms:['
       . "{title:'必看',$tag,},{},{'title':\"必看\",$tag}]};</script>",
       "tags in a script, buffers of $size");
}

# what nginx is done with is in the log

ModerationTest::Server::stop_nginx();

my $log = read_file("$root/logs/states.log");
like($log, qr{^/4096/call\.html 1 0 \S*unreadable}m,
     'what cannot be read is an item, and counted');
like($log, qr{^/block/1/call\.html 1 1 \S*unreadable}m, 'and removed');

done_testing();
