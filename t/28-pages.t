# docs/pages.md: each of its examples gives what it says, and is found by what
# it says; pages through nginx.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(decode encode);
use IO::Compress::Gzip ();
use ModerationServer;
use ModerationSpool;
use ModerationTest::Server;
use Test::More;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $ctl = "$ModerationTest::build/moderationctl";
my $dir = "$ModerationTest::build/t/pages";
mkdir $dir;

# the examples

open my $f, '<:encoding(UTF-8)', "$FindBin::Bin/../docs/pages.md" or die $!;
my $doc = do { local $/; <$f> };
close $f;

my ($first) = $doc =~ /```yaml\n(pages:.*?)```/s;
write_file("$dir/p.yaml", encode('UTF-8', "schema: 1\npolicy: p\n$first"));
is(system("$ctl check $dir/p.yaml > $dir/out"), 0, 'the first example');

my $n = 0;

while ($doc =~ /<!--\ example\ -->\n```yaml\n(.*?)```\n```html\n(.*?)```\n
                ```html\n(.*?)```\n/gsx)
{
    my ($pages, $in, $want) = ($1, $2, $3);

    write_file("$dir/p.yaml", encode('UTF-8', "schema: 1\npolicy: p\npages:\n"
                                     . $pages =~ s/^/  /mgr));
    write_file("$dir/in", encode('UTF-8', $in));

    my $got = `$ctl scan --apply --policy $dir/p.yaml --page x/ $dir/in 2>&1`;
    $n++;
    is(decode('UTF-8', $got), $want, "example $n");

    my $shadow = encode('UTF-8', "schema: 1\npolicy: p\ndefaults: {mode: "
                        . "shadow}\npages:\n" . $pages =~ s/^/  /mgr);
    write_file("$dir/p.yaml", $shadow);
    $got = `$ctl scan --apply --policy $dir/p.yaml --page x/ $dir/in 2>&1`;
    is(decode('UTF-8', $got), $in, "example $n in shadow");
}

is($n, () = $doc =~ /<!-- example -->/g, 'all examples have page and result');



# the page in Chinese has the same policies

{
    open my $zh, '<:encoding(UTF-8)', "$FindBin::Bin/../docs/zh/pages.md"
        or die $!;
    my @yaml = do { local $/; <$zh> } =~ /```yaml\n(.*?)```/sg;

    is(scalar @yaml, 2, 'policies of docs/zh/pages.md');
    ok(index($doc, $_) >= 0, 'each stands in docs/pages.md') for @yaml;
}


# nothing is found in an ordinary page with its own title and hosts

for my $file (glob "$FindBin::Bin/fixtures/{profiles,pages/pages,demo/site}/*.html") {
    my ($name) = $file =~ m{([^/]+)$};
    open my $in, '<:encoding(UTF-8)', $file or die $!;
    my $page = do { local $/; <$in> };

    my $title = $page =~ m{<title>(.*?)</title>}s
                ? "title: '^\Q$1\E\$', " : '';
    my %hosts = map { lc($_) => 1 } $page =~ m{//([\w.-]+)}g;
    my $hosts = join ', ', map { "\"$_\"" } 'www.example.cn', sort keys %hosts;

    write_file("$dir/p.yaml", encode('UTF-8', <<"EOF"));
schema: 1
policy: p
pages:
  - name: home
    guard: {${title}before_html: block, hidden_links: 2, hosts: [$hosts], action: block}
EOF
    my $got = `$ctl scan --policy $dir/p.yaml --page x/ $file 2>&1`;
    is($? >> 8, 0, "$name: it was read");
    unlike($got, qr/"finding"/, "$name: nothing is found");
    $got = `$ctl scan --apply --policy $dir/p.yaml --page x/ $file 2>&1`;
    is(decode('UTF-8', $got), $page, "$name: it leaves as it is");
}


# tests of a page, with the example of the docs

my ($tested) = $doc =~ /## Tests.*?```yaml\n(.*?)```/s;
mkdir "$dir/tests";
write_file("$dir/tests/home.html", encode('UTF-8', '<title>示例</title>'
           . '<a href="//www.12377.cn/">a</a>'));

sub check {
    my ($pages) = @_;
    write_file("$dir/p.yaml", encode('UTF-8', "schema: 1\npolicy: p\npages:\n"
                                     . $pages =~ s/^/  /mgr));
    my $out = decode('UTF-8', `$ctl check $dir/p.yaml 2>&1`);
    return ($? >> 8, $out);
}

$tested =~ s/example\.cn\]/example.cn, "*.12377.cn"]/;
my ($rc, $said) = check($tested);
is($rc, 0, 'tests of a page') or diag($said);

($rc, $said) = check($tested =~ s/found: \[.*?\]/found: [link, title]/r);
is($rc, 1, 'a test that finds something else');
like($said, qr/p\.yaml:9:9: page "home": "title" should be found: link, missing:entry .*test-failed/,
     'what should be');
like($said, qr/page "home": more is found than should be: link, missing:entry/,
     'what should not');

($rc, $said) = check($tested =~ s/home\.html/none.html/r);
like($said, qr/p\.yaml:8:9: test: page "tests\/none.html": No such file/,
     'a body that is not there');

($rc, $said) = check($tested =~ s/found: \[.*?\]/found: [missing:entri]/r);
like($said, qr/"missing:entri" is no finding of this page/, 'no such id');


# through nginx

my $entry = '<p><a href="https://www.12377.cn/">违法和不良信息举报 12377</a></p>';

sub policy {
    my ($more) = @_;

    return encode('UTF-8', <<"EOF");
schema: 1
policy: pages
slots: [{name: cards, type: html, match: li.card, fields: {title: b}}]
rules: [{id: r, label: rumor, match: {in: [title], terms: [badword]}}]
pages:
  - name: home
    match: {host: "*.example.cn", path: ["/", "/shadow/", "/bytes/", "/gz", "/gbk", "/part", "/events", "/lines", "/script"]}
    require:
      - {id: entry, selector: 'a[href*="12377.cn"]', insert: '$entry'}
      - {id: icp, selector: 'meta[name=icp]', insert: '<meta name="icp" content="1">', at: head-end, visible: false}
    guard: {title: '示例|hello', before_html: block, hidden_links: 3, spiders: true,
            hosts: [www.example.cn, "*.12377.cn"], action: block}
  - name: many
    match: {path: "/many/*"}
    require: [{id: entry, selector: 'a[href*="12377.cn"]', insert: '$entry'}]
    guard: {hidden_links: 2, hosts: ["*.example.cn", "*.12377.cn"], action: record}
  - name: gone
    match: {path: /*, status: 404}
    require: [{id: back, selector: 'a[href="/"]', insert: '<a href="/">home</a>'}]
  - name: feed
    match: {path: /feed.json}
    require: [{id: feed.report, member: \$.data.report}]
$more
EOF
}

my $head = '<!DOCTYPE html><html><head><title>示例</title></head><body>';
my $cards = join '', map { "<li class=card><b>card $_</b></li>\n" } 1 .. 30;
my $page = encode('UTF-8', "$head$cards</body></html>\n");
my $meta = '<meta name="icp" content="1">';
my $bytes = encode('UTF-8', $entry);

IO::Compress::Gzip::gzip(\$page => \my $gz);

my $http = 'log_format p "$uri $moderation_page";
    map $http_user_agent $cloaked { default home; ~*spider spiders; }
    moderation_zone zone=m:16m; moderation_id_key %%DIR%%/key;
    moderation_ledger %%DIR%%/spool flush=20ms buffer=256k;
    moderation_policy %%DIR%%/p.yaml check=200ms;';
my $locations = 'server_name x.example.cn; access_log %%DIR%%/logs/p.log p;
    moderation enforce;
    location = /status { moderation off; moderation_status; }
    location = /feed.json { default_type application/json; root %%DIR%%/html; }
    location / { index index.html; error_page 404 /gone.html; }
    location = /gone.html { internal; }
    location /shadow/ { alias %%DIR%%/html/; moderation shadow; }
    location /bytes/ { alias %%DIR%%/html/; output_buffers 1 1; sendfile off; }
    location = /events { default_type text/event-stream; alias %%DIR%%/html/events; }
    location = /lines { default_type application/x-ndjson; alias %%DIR%%/html/lines; }
    location = /script { default_type application/javascript; alias %%DIR%%/html/script; }
    location = /part { default_type text/html; alias %%DIR%%/html/part; }
    location = /gz { default_type text/html; alias %%DIR%%/html/gz;
        add_header Content-Encoding gzip; }
    location = /gbk { default_type "text/html; charset=gbk";
        alias %%DIR%%/html/gbk; }';

my $s = ModerationServer->new(workers => 2, http => $http,
    server => $locations,
    files => { 'p.yaml' => policy(''), 'key' => id_key(),
               'html/index.html' => $page, 'html/gz' => $gz,
               'html/gone.html' => "<body>not here</body>\n",
               'html/gbk' => encode('gbk', "<!DOCTYPE html><title>示例"
                                    . "</title><body>样</body>") });

sub get { return $s->get($_[0], Host => 'x.example.cn', @_[1 .. $#_]) }

sub with {
    my ($text, %o) = @_;

    $text =~ s{</head>}{$meta</head>} if $o{meta};
    $text =~ s{</body>}{$bytes</body>} if $o{entry};

    return $text;
}

is(get('/')->{body}, with($page, entry => 1), 'the entry goes in at once');
is(get('/')->{body}, with($page, entry => 1, meta => 1),
   'what is missing elsewhere, from the next response on');
is(get('/')->{body}, with($page, entry => 1, meta => 1), 'and on');
is($s->get('/', Host => 'other.cn')->{body}, $page, 'another host is no page');
unlike(get('/')->{headers}, qr/^Content-Length/mi, 'no length is promised');

is(get('/shadow/')->{body}, $page, 'in shadow nothing changes');
is(get('/shadow/')->{body}, $page, 'nor later');
is(get('/bytes/')->{body}, with($page, entry => 1), 'byte by byte');
is(get('/bytes/')->{body}, with($page, entry => 1, meta => 1),
   'byte by byte, later');
is(get('/gz')->{body}, with($page, entry => 1), 'compressed');
is(get('/gbk')->{body}, encode('gbk', "<!DOCTYPE html><title>示例</title>"
                               . "<body>样$entry</body>"), 'in GBK');
is(get('/nowhere')->{body}, qq{<body>not here<a href="/">home</a></body>\n},
   'a page of errors') or diag $s->log;

$s->write('html/feed.json', '{"data":{"list":[1]}}');
is(get('/feed.json')->{body}, '{"data":{"list":[1]}}', 'a feed');
$s->write('html/feed.json', '{"data":{"report":"/r","list":[1]}}');
get('/feed.json');
ok(defined $s->until(5, sub {
    my $log = read_file("$s->{dir}/logs/p.log");            # lines of two workers
    $log =~ m{^/feed.json feed:missing\n}m && $log =~ m{^/feed.json feed\n}m
}), 'a member that is missing, and that is not');

# it is there again

$s->write('html/index.html', with($page, entry => 1, meta => 1));
is(get('/')->{body} =~ s/\Q$meta\E//gr, with($page, entry => 1),
   'the page has it itself');
is(get('/')->{body}, with($page, entry => 1, meta => 1), 'nothing goes in');


# pages that were broken into, as such pages look

my $spam = join '', map { qq{<a href="https://spam$_.test/">keyword $_</a>} }
    1 .. 5;
my $whole = encode('UTF-8', "$head<p>Hello <a href=\"/about\">about</a></p>"
                            . "$entry\n</body></html>\n");
$whole = with($whole, meta => 1);

my @hijacked = (
    ['title', 'a title that was swapped',
     sub { $_[0] =~ s{<title>.*?</title>}{<title>keyword keyword</title>}r },
     sub { $_[0] =~ s{<title>.*?</title>}{<title></title>}r }],
    ['title', 'a title in references, as kits write them',
     sub { $_[0] =~ s{<title>.*?</title>}{<title>&#24425;&#31080;</title>}r },
     sub { $_[0] =~ s{<title>.*?</title>}{<title></title>}r }],
    ['before_html', 'a block of keywords before the document',
     sub { qq{<div style="display:none">$spam</div>\n$_[0]} }],
    ['hidden_links', 'a block off the screen',
     sub { $_[0] =~ s{<p>}{<div style="position:absolute;left:-9999px">$spam</div><p>}r }],
    ['hidden_links', 'a marquee of one pixel',
     sub { $_[0] =~ s{<p>}{<marquee height=1 width=5 scrollamount=3000>$spam</marquee><p>}r }],
    ['hidden_links', 'a block that a class hides',
     sub { $_[0] =~ s{</head>}{<style>.q7{display:none}</style></head>}r
           =~ s{<p>}{<div class="q7">$spam</div><p>}r },
     sub { $_[0] =~ s{</head>}{<style>.q7{display:none}</style></head>}r }],
    ['frame', 'a page in an attribute',
     sub { $_[0] =~ s{<p>}{<iframe srcdoc="&lt;a href=//spam.test/>k&lt;/a>"></iframe><p>}r }],
    ['form', 'a button that sends elsewhere',
     sub { $_[0] =~ s{<p>}{<button formaction="https://spam.test/">k</button><p>}r }],
    ['script', 'a script at the end',
     sub { qq{$_[0]<script src="//js.spam.test/s.js"></script>} }],
    ['script', 'a script in the head, its host in references',
     sub { $_[0] =~ s{<title>}{<script src="&#104;ttps://js.spam.test/tj.js"></script><title>}r }],
    ['refresh', 'a refresh to elsewhere',
     sub { $_[0] =~ s{<title>}{<meta http-equiv="refresh" content="0;URL='https://spam.test/'"><title>}r }],
    ['frame', 'a frame over all of it',
     sub { $_[0] =~ s{<p>}{<iframe src="https://spam.test/" style="position:fixed;top:0;width:100%;height:100%"></iframe><p>}r }],
    ['frame', 'a frame of no size',
     sub { $_[0] =~ s{<p>}{<iframe src=https://spam.test/ width=0 height=0></iframe><p>}r }],
    ['base', 'a base elsewhere',
     sub { $_[0] =~ s{<title>}{<base href="https://spam.test/"><title>}r }],
    ['style', 'a canonical elsewhere',
     sub { $_[0] =~ s{<title>}{<link rel="canonical" href="https://spam.test/"><title>}r }],
);

for (@hijacked) {
    my ($finding, $name, $break, $left) = @$_;

    $s->write('html/index.html', $break->($whole));
    $left = $left ? $left->($whole) : $whole;

    my $got = get('/')->{body};
    $got =~ s/^\s+//;
    is($got, $left, "$name: its own bytes go and nothing else");
    $got = get('/bytes/')->{body} =~ s/^\s+//r;
    is($got, $left, "$name: byte by byte");
    ok(defined $s->until(5, sub {
        read_file("$s->{dir}/logs/p.log") =~ m{^/\S* home:\S*\b$finding\b\S*\n\z}m
    }), "$name: \$moderation_page says $finding")
        or diag read_file("$s->{dir}/logs/p.log") =~ s/.*\n(?=.*\n\z)//sr;
}

$s->write('html/index.html', $whole);
is(get('/')->{body}, $whole, 'the page as it was');
ok(defined $s->until(5, sub {
    get('/');
    read_file("$s->{dir}/logs/p.log") =~ m{/\S* home\n\z}
}), 'and nothing is found');


# links to many hosts at one place of the markup: more than are learned there,
# by two workers, whole and byte by byte; what leads elsewhere is found each time

{
    my @many = map { sprintf '<li class=card><a href="https://s%d.example.cn/r/%d">'
                     . '<b>card %d</b></a><i>some text that makes it long</i></li>',
                     $_, $_ * 7, $_ } 1 .. 80;
    my $of = sub { encode('UTF-8', $head . join("\n", @_, '')) };
    my %body = (plain => $of->(@many, $entry),
                link => $of->(@many[0 .. 60],
                    $many[61] =~ s/s62\.example\.cn/s62.example.cn.spam.test/r,
                    @many[62 .. 79], $entry),
                entry => $of->(@many[0 .. 30], $many[31] =~ s{s32.example.cn}
                               {www.12377.cn}r, @many[32 .. 79]),
                none => $of->(@many),
                hidden => $of->(@many[0 .. 70], '<div hidden>'
                    . join('', map { s/example\.cn/spam.test/r } @many[71 .. 73])
                    . '</div>', @many[74 .. 79], $entry));
    my %found = (plain => '', link => ':link', entry => '', none => ':inserted',
                 hidden => ':link,hidden_links');

    $s->write("html/many/$_", $body{$_}) for keys %body;

    for my $turn (1 .. 6) {
        for my $name (sort keys %body) {
            my $want = $body{$name} . ($name eq 'none' ? $bytes : '');
            my $got = get("/many/$name", 'X-Turn' => $turn)->{body};
            is($got, $want, "80 hosts, $name, turn $turn") if $got ne $want;
        }
    }

    ok(defined $s->until(5, sub {
        my $log = read_file("$s->{dir}/logs/p.log");
        30 == (() = $log =~ m{^/many/}mg)
    }), '80 hosts at one place: all are logged');

    my $log = read_file("$s->{dir}/logs/p.log");

    for my $name (sort keys %body) {
        my %said;
        $said{$_}++ for $log =~ m{^/many/$name (\S+)$}mg;
        my ($is) = sort keys %said;
        is(scalar(keys %said), 1, "80 hosts, $name: the same each time")
            or diag join ' ', %said;
        is(join(',', sort split /,/, $is =~ s/^many:?//r),
           join(',', sort split /,/, $found{$name} =~ s/^://r),
           "80 hosts, $name: what was found");
    }
}


# at the path of a page, but none: events, lines, a script; they pass

{
    my %other = (events => "data: {\"title\": \"a\"}\n\ndata: <a href=\"//spam.test/\">\n\n",
                 lines => qq({"title":"a"}\n{"title":"<a href='//spam.test/'>"}\n),
                 script => qq(document.write('<a href="//spam.test/">');\n));

    for my $name (sort keys %other) {
        $s->write("html/$name", $other{$name});
        is(get("/$name")->{body}, $other{$name}, "$name: as it came") for 1 .. 2;
        ok(defined $s->until(5, sub {
            2 == (() = read_file("$s->{dir}/logs/p.log") =~ m{^/$name home$}mg)
        }), "$name: nothing is found") or diag read_file("$s->{dir}/logs/p.log")
                                             =~ s/^(?!\/$name ).*\n//mgr;
    }
}


# a part of a page is none, where who asks puts it into one; what it must not have
# it must not have all the same

{
    my $part = '<li class=card><b>card 31</b> <a href="/31">31</a></li>';
    my @asked = (['htmx', 'HX-Request' => 'true'], ['Turbo', 'Turbo-Frame' => 'list'],
                 ['jQuery', 'X-Requested-With' => 'XMLHttpRequest'],
                 ['fetch()', 'Sec-Fetch-Dest' => 'empty']);

    $s->write('html/part', $part);

    for (@asked) {
        my ($name, @header) = @$_;
        is(get('/part', @header)->{body}, $part, "a part for $name: as it came") for 1 .. 2;
    }

    ok(defined $s->until(5, sub {
        8 == (() = read_file("$s->{dir}/logs/p.log") =~ m{^/part home$}mg)
    }), 'nothing is missing in it');

    is(get('/part')->{body}, $part . $bytes, 'a page of these bytes is one');
    is(get('/part', 'Sec-Fetch-Dest' => 'document')->{body}, $part . $bytes,
       'for who goes there, too');

    $s->write('html/part', qq{<a href="//spam.test/">k</a>$part});
    is(get('/part', @{ $asked[0] }[1, 2])->{body}, $part, 'a link in a part goes');

    for ($page, '<!doctype html>' . encode('UTF-8', '<title>示例</title><p>a'), "<body><p>hello") {
        $s->write('html/part', $_);
        my $got = get('/part', @{ $asked[0] }[1, 2])->{body};
        ok(index($got, $bytes) > 0, 'a whole page is one, whoever asks') or diag $got;
    }
}


# one title for spiders, another one for people

my %ua = (spider => 'Mozilla/5.0 (compatible; Baiduspider/2.0)',
          person => 'Mozilla/5.0 (Windows NT 10.0)');
my %told = (spider => 'hello keyword', person => '示例');

sub visit {
    my ($who, $title) = @_;
    $s->write('html/index.html', $whole =~ s{<title>.*?</title>}
              {'<title>' . encode('UTF-8', $title) . '</title>'}er);
    get('/', 'User-Agent' => $ua{$who});
}

sub cloaked {
    for my $e (@{ $s->status->{pages} }) {
        return $e->{count} if $e->{finding} eq 'spiders';
    }
    return 0;
}

visit($_, $told{person}) for qw(spider person spider person);
visit($_, 'hello new') for qw(spider person spider person);
is(cloaked(), 0, 'a title that changes is no finding');

visit($_, $told{$_}) for qw(spider person spider);
is(cloaked(), 1, 'two titles at the same time are');


# what is said of it

my $status = $s->status;
my %said = map { join('/', $_->{page}, $_->{finding}, $_->{require} // '',
                      $_->{mode}) => $_->{count} } @{ $status->{pages} };

cmp_ok($said{'home/inserted/entry/enforce'}, '>=', 5, 'status: inserted');
is($said{'home/missing/entry/shadow'}, 2, 'status: missing, in shadow');
cmp_ok($said{'home/script//enforce'}, '>=', 2, 'status: scripts');
is($said{'gone/inserted/back/enforce'}, 1, 'status: a page of errors');

like($s->get('/status?format=prometheus')->{body},
     qr/^moderation_page_findings_total\{page="home",finding="missing",require="entry",mode="shadow"\} 2$/m,
     'metrics');
like($s->get('/status', Accept => 'text/html')->{body}, qr{<h2>Pages</h2>},
     'the page of the status');
like($s->log, qr/\[warn\].*moderation: page "home": script, js\.spam\.test \(taken out\)/,
     'the log');

# statistics are told every five seconds

my $want = $said{'home/inserted/entry/enforce'}
           + $said{'home/missing/entry/shadow'};
ok(defined $s->until(12, sub {
    join('', map { read_file($_) } glob "$s->{dir}/spool/*")
        =~ /\["page","home","entry",$want\]/
}), 'record: statistics');

my $pid = $s->pid;
kill 'QUIT', $pid;
$s->until(20, sub { !kill 0, $pid });

my $spool = read_spool("$s->{dir}/spool");
my %lines;

for (of_type($spool, 'page')) {
    $lines{join '/', @$_{qw(page finding require mode action)}}++;
}

is($lines{'home/inserted/entry/enforce/none'}, 1,
   'the record has a line a finding, a page and a day')
    or diag join "\n", sort keys %lines;
is($lines{'home/missing/entry/shadow/none'}, 1, 'record: in shadow');
is($lines{'home/guard/script/enforce/block'}, 1, 'record: a guard');
is($lines{'home/guard/spiders/enforce/none'}, 1, 'record: spiders');
is($lines{'gone/inserted/back/enforce/none'}, 1, 'record: another page');

done_testing();
