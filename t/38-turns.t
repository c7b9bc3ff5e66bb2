# Responses that take long to read take turns with others: after 10 ms input
# waits for the next turn of the event loop, in shadow as in enforce, and what
# comes out is the same.  How long a turn was is in the status, in steps of the
# matcher, too: they do not depend on what else the machine does.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Uncompress::Gunzip qw(gunzip);
use ModerationHostile;
use ModerationServer;
use Test::More;

# signs that may be letters, over and over, under many rules that nearly hit:
# 512 KB of cards of 4 KB, with others between them

sub hard { return "<li class=card id=$_[0]><b>" . ('|€' x 1024) . '</b></li>' }
my $page = '<ul>' . join('', map {
    hard($_) . "<li class=card><b>" . ($_ % 9 ? 'row' : 'alpha') . " $_</b></li>\n"
} 1 .. 124) . '</ul>';
(my $left = $page) =~ s{<li class=card><b>alpha \d+</b></li>}{}g;

my $rules = join '', map {
    "  - {id: r.$_, label: clickbait, fold: [width, case, confusable, repeat, "
    . "leet], gap: {max: 2, of: [space, punct, symbol]}, match: {in: [title], "
    . "terms: [" . join(', ', map { "'${_}zz'" } term($_), term($_ + 60)) . "]}}\n"
} 1 .. 60;

sub term {
    my ($n) = @_;
    return 'le' . join '', map { (qw(l e s i))[$n / 4 ** $_ % 4] } 0 .. 3;
}

# files, an upstream in buffers of all sizes, encoded, and as a part of a page

my $locations = '';

for ([enforce => 'moderation enforce;'], [shadow => 'moderation shadow;'],
     [both => 'moderation shadow; moderation_policy %%DIR%%/p.yaml shadow=%%DIR%%/q.yaml;'])
{
    my ($mode, $extra) = @$_;
    $locations .= <<"EOF";
        location /$mode/ { $extra alias %%DIR%%/html/; }
        location /$mode/proxied/ { $extra proxy_buffer_size 32k; proxy_buffers 16 32k;
            proxy_pass http://127.0.0.1:%%PORT%%/plain/; }
        location /$mode/unbuffered/ { $extra proxy_buffering off; proxy_buffers 8 16k; proxy_buffer_size 16k;
            proxy_pass http://127.0.0.1:%%PORT%%/plain/; }
        location /$mode/encoded/ { $extra proxy_http_version 1.1;
            proxy_set_header Accept-Encoding gzip;
            proxy_pass http://127.0.0.1:%%PORT%%/packed/; }
        location /$mode/ssi/ { $extra ssi on; alias %%DIR%%/html/; }
EOF
}

my $policy = "schema: 1\npolicy: turns\nslots:\n  - {name: card, type: html, "
    . "match: li.card, fields: {title: b}}\nrules:\n  - {id: r.0, label: "
    . "clickbait, match: {in: [title], terms: [alpha]}}\n$rules";

for my $mode (qw(enforce shadow)) {
    $locations .= <<"EOF";
        location /large/$mode/ { moderation $mode; alias %%DIR%%/html/hostile/;
            moderation_policy %%DIR%%/large.yaml; types { text/html html; } }
        location /hostile/$mode/ { moderation $mode; alias %%DIR%%/html/hostile/;
            moderation_policy %%DIR%%/hostile.yaml; types { application/json json; } }
EOF
}

my $s = ModerationServer->new(
    workers => 1, http => 'moderation_zone zone=m:1m;
        log_format turns "$uri $moderation_pauses";',
    server => "access_log %%DIR%%/turns.log turns;
        moderation_policy %%DIR%%/p.yaml; $locations
        location /part/ { moderation off; proxy_pass http://127.0.0.1:%%PORT%%/plain/; }
        location /plain/ { moderation off; alias %%DIR%%/html/; }
        location /packed/ { moderation off; gzip on; gzip_http_version 1.0;
            gzip_proxied any; alias %%DIR%%/html/; }
        location = /status { moderation off; access_log off; moderation_status; }",
    files => {
        'html/hard.html' => $page,
        'html/easy.html' => '<ul><li class=card><b>row</b></li></ul>',
        'html/parts.html' => 'a<!--# include virtual="/plain/hard.html" -->b'
            . '<!--# include virtual="/part/hard.html" -->c',
        'p.yaml' => $policy, 'q.yaml' => $policy,
        'hostile.yaml' => ModerationHostile::policy(),
        'large.yaml' => ModerationHostile::policy() =~ s/alpha/x/r
            . "  - {id: r.large, label: x, match: {in: [title], list: large.txt}}\n",
        'large.txt' => join('', map { my $k = $_;
            map { pack('U0U*', 0x4e00 + $k, 0x5e00 + $_, 10) } 0 .. 299 } 0 .. 239) });

my %want = (enforce => $left, shadow => $page, both => $page);
my @paths;

for my $mode (qw(enforce shadow both)) {
    for my $way (qw(hard.html proxied/hard.html unbuffered/hard.html encoded/hard.html)) {
        my %head = $way =~ /encoded/ ? ('Accept-Encoding' => 'gzip') : ();
        my $r = $s->get("/$mode/$way", %head);
        my $body = $r->{body};

        if ($r->{headers} =~ /^Content-Encoding: gzip/mi) {
            gunzip(\$r->{body} => \$body);
        }

        push @paths, "/$mode/$way" unless $way =~ /unbuffered/;
        ok($body eq $want{$mode}, "/$mode/$way: as in one turn");
    }
}

# the active request is a subrequest then: nothing stands still

for my $mode (qw(enforce shadow both)) {
    my $body = $s->get("/$mode/ssi/parts.html")->{body};

    push @paths, "/$mode/ssi/parts.html";
    is(length $body, length("abc") + 2 * length $want{$mode}, "/$mode/ssi: both parts");
}

is($s->get('/enforce/easy.html')->{body}, '<ul><li class=card><b>row</b></li></ul>',
   'an easy page');

# whatever the texts, the markup, the JSON: a turn ends.  262 144 steps, and then
# one more piece of one response, which has 1 245 184 in hand; with a large list,
# whose steps count for two, as with a small one, and behind much that costs nothing

my $most = 262_144 + 1_245_184;

for my $b (ModerationHostile::bodies()) {
    my ($name, $ext, $text) = @$b;
    $s->write("html/hostile/page.$ext", $text);

    for my $mode (qw(enforce shadow)) {
        is(length $s->get("/hostile/$mode/page.$ext")->{body}, length $text, "$mode: $name");
        my $steps = $s->status->{turns}{longest_steps};
        cmp_ok($steps, '<', $most, "$mode: $name: no turn took longer than it may");
    }
}

for my $mode (qw(enforce shadow)) {
    my $cheap = '<p class=x>' x 18_000;
    my @cards = map { "<li class=card id=$_><b>" . substr("|\xe2\x82\xac|!" x 11_000, 0, 60_000)
                      . "$_</b></li>" } 1 .. 3;
    $s->write('html/hostile/large.html', join('', $cheap, @cards));
    $s->get("/large/$mode/large.html");
    cmp_ok($s->status->{turns}{longest_steps}, '<', $most, "$mode: 72 000 terms, cheap bytes first");
}

my $turns = $s->status->{turns};
note("longest turn: $turns->{longest_cpu_us} us of a processor, $turns->{longest_steps} steps, "
     . "$turns->{pauses} pauses");
cmp_ok($turns->{longest_steps}, '>', 100_000, 'and they are counted');
cmp_ok($turns->{pauses}, '>=', scalar @paths, 'pauses are counted');
$s->stop;

open my $log, '<', "$s->{dir}/turns.log" or die $!;
my %pauses = map { m{(\S+) (\S+)} ? ($1 => $2) : () } <$log>;

cmp_ok($pauses{$_}, '>', 0, "$_: others had their turn") for @paths;
cmp_ok($pauses{'/enforce/easy.html'}, '<', $pauses{'/enforce/hard.html'},
       'the easy page had not to');

done_testing();
