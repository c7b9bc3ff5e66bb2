# moderation_status: every number that operators are promised, as JSON and as
# Prometheus text; the text is checked by rules of the format here, and by
# promtool where it is installed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IPC::Open2;
use JSON::PP ();
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep time);

my $page = '<ul>' . join('', map { "<li class=card data-room=$_><b>word$_</b></li>" }
                         qw(block mask tag hold shadow clean clean over))
           . '</ul>';

sub policy {
    my ($rev) = @_;
    my $text = "schema: 1\npolicy: 'status \"quoted\" \\name'\nslots:\n"
        . "  - {name: card, type: html, match: li.card, limit: 4, "
        . "fields: {title: b, room: \"\@data-room\"}}\n"
        . "  - {name: feed, type: json, match: '\$.list[*]', "
        . "fields: {title: \$.t}}\nrules:\n";

    for my $a (qw(block mask tag hold)) {
        $text .= "  - {id: r.$a, rev: $rev, label: clickbait, action: $a, "
                 . "match: {in: [title], terms: [word$a]}}\n";
    }

    return $text . "  - {id: r.shadow, rev: $rev, mode: shadow, "
                 . "label: clickbait, match: {in: [title], "
                 . "terms: [wordshadow]}}\n";
}

my $s = ModerationServer->new(
    workers => 2,
    http => 'moderation_zone zone=m:1m; types { text/html html; '
            . 'application/json json; image/png png; }',
    server => 'location = /status { moderation_status; }
        location / { moderation enforce; moderation_max_slot 1k;
            moderation_policy "%%DIR%%/p \"q\".yaml" check=400ms
                              kill=%%DIR%%/kill; }
        location /charset/ { alias %%DIR%%/html/; charset utf-7;
            moderation enforce; moderation_policy %%DIR%%/two.yaml check=0; }
        location /enc/ { alias %%DIR%%/html/;
            add_header Content-Encoding compress;
            moderation enforce; moderation_policy %%DIR%%/two.yaml check=0; }
        location /bad/ { alias %%DIR%%/html/; set $m nonsense; moderation $m;
            moderation_policy %%DIR%%/two.yaml check=0; }',
    files => { 'html/index.html' => $page,
               'html/broken.json' => '{"list":[{"t":"a"},}',
               'html/large.html' => '<li class=card>' . 'x' x 3000,
               'html/plain.png' => 'x',
               'p "q".yaml' => policy(1), 'two.yaml' => policy(1) });

# both workers are there

$s->until(5, sub { @{ $s->policy('p "q".yaml')->{workers} || [] } == 2
                   && @{ $s->policy('two.yaml')->{workers} || [] } >= 1 });

$s->get('/index.html') for 1 .. 10;
$s->get("/$_") for qw(broken.json large.html plain.png
                      charset/index.html enc/index.html bad/index.html);

my $r = $s->get('/status');
is($r->{status}, 200, 'status');
like($r->{headers}, qr{^Content-Type: application/json\r?$}m, 'its type');
like($r->{headers}, qr{^Content-Length: \d+\r?$}m, 'its length');
my $j = JSON::PP->new->utf8->decode($r->{body});
ok($j, 'is JSON');

# policies

my ($p) = grep { $_->{path} =~ /p "q"\.yaml$/ } @{ $j->{policies} };
is(scalar @{ $j->{policies} }, 2, 'both policies');
is($p->{policy}, 'status "quoted" \\name', 'name');
like($p->{hash}, qr/^[0-9a-f]{32}$/, 'hash');
like($p->{age}, qr/^\d+$/, 'age');
is("$p->{slots} $p->{rules} $p->{terms}", '2 5 5', 'slots, rules, terms');
is($p->{generation}, 1, 'generation');
is(scalar @{ $p->{workers} }, 2, 'workers');
is(join(' ', map { "$_->{generation}/$_->{alive}" } @{ $p->{workers} }),
   '1/1 1/1', 'their generations');
is($p->{refused}, undef, 'no refusal');
is("$p->{reloads} $p->{compiles} $p->{refusals}", '0 0 0', 'no reload');

# items and what became of them: of eight cards of a page block, hold, and of
# the six that are left the limit lets four through; the last page has four
# of them more

my $n = 12;                # the page under an unknown charset is read, too
is($j->{responses}, $n + 2, 'responses: those that were read');
is($j->{items}, 8 * $n + 1 + 1, 'items');
is($j->{hits}, 5 * $n, 'hits');
is($j->{held}, $n, 'held');
is($j->{masked}, $n, 'masked');
is($j->{tagged}, $n, 'tagged');
is($j->{over_limit}, 2 * $n, 'over the limit');
is($j->{removed}, 4 * $n, 'removed: block, hold, over the limit');
cmp_ok($j->{bytes}, '>', length($page) * $n, 'bytes');
cmp_ok($j->{text_bytes}, '>', 0, 'bytes of text');
is($j->{edited}, $n, 'edited');
is($j->{markup_resets}, 0, 'learned markup has room enough');
cmp_ok($j->{scan_ns}, '>', 0, 'time');

my %rules = map { ("$_->{rule} $_->{slot} $_->{action} $_->{mode}"
                   => $_->{items}) } @{ $j->{rules} };
is_deeply(\%rules, {
    'r.block card block enforce' => $n, 'r.mask card mask enforce' => $n,
    'r.tag card tag enforce' => $n, 'r.hold card hold enforce' => $n,
    'r.shadow card block shadow' => $n }, 'rule, slot, action, mode');

# errors by kind

my %e = %{ $j->{errors} };
is(join(' ', sort keys %e), 'bad_mode broken budget charset csp_hash depth encoding '
   . 'match_limit memory other partial regex_limit status too_large unreadable', 'kinds of errors');
is($e{broken}, 1, 'broken');
is($e{too_large}, 1, 'too large');
is($e{charset}, 1, 'charset');
is($e{encoding}, 1, 'encoding');
is($e{bad_mode}, 1, 'bad mode');

# the histogram

my $sum = 0;
$sum += $_ for values %{ $j->{scan_us} };
is($sum, $j->{responses}, 'the histogram holds each response once');
is(join(' ', sort { $a <=> $b } grep { /\d/ } keys %{ $j->{scan_us} }),
   '10 25 50 100 250 500 1000 2500 5000 10000 50000', 'its bounds');

# the zone

is($j->{zone}{size}, 1024 * 1024, 'size of the zone');
is($j->{zone}{used}, 9, 'counters in use: of rules and of slots');
cmp_ok($j->{zone}{counters}, '>', 2000, 'room');
is($j->{zone}{lost}, 0, 'none lost');

# a refusal

$s->write('p "q".yaml', policy(1) . "nonsense: 1\n");
ok(defined $s->until(4, sub { $s->policy('p "q".yaml')->{refused} }),
   'refused');
$p = $s->policy('p "q".yaml');
like($p->{refused}{error}, qr/p "q"\.yaml:\d+:\d+: /, 'where');
like($p->{refused}{age}, qr/^\d+$/, 'since when');
isnt($p->{refused}{hash}, $p->{hash}, 'which version');
is($p->{refusals}, 1, 'counted');

# the page for people: who asks for HTML gets it, and nothing of a policy is
# markup in it

{
    my $ask = sub { $s->get('/status', @_) };
    my @browser = (Accept => 'text/html,application/xhtml+xml,*/*;q=0.8');
    my $page = $ask->(@browser);
    like($page->{headers}, qr{^Content-Type: text/html; charset=utf-8\r?$}m,
         'a browser gets a page');
    like($page->{headers}, qr/^Content-Security-Policy: default-src 'none'/m,
         'in which nothing runs');
    like($page->{body}, qr{<td>status &quot;quoted&quot; \\name</td>},
         'the name of a policy is text');
    like($page->{body}, qr{class=bad>a newer version is refused[^<]*<br><code>[^<]*p &quot;q&quot;\.yaml:\d+:\d+: },
         'the refusal');
    like($page->{body}, qr{<td>r\.block</td><td>card</td><td>block</td><td>enforce</td><td class=n>$n</td>},
         'what a rule did');
    like($page->{body}, qr{<td>broken</td><td class=n>1</td>}, 'errors');
    like($page->{body}, qr/moderation \d+\.\d+\.\d+, nginx/, 'the version');
    like($ask->(@browser, 'Accept-Language' => 'zh-CN,en;q=0.5')->{body}, qr/<html lang=zh-CN>.*策略/s, 'in Chinese');
    like($ask->(@browser, 'Accept-Language' => 'zh')->{body},
         qr{<code>[^<]*p &quot;q&quot;\.yaml:\d+:\d+: policy 里不认识的键“nonsense” \[unknown-key\]</code>},
         'the refusal in Chinese');
    like($s->get('/status?format=html')->{body}, qr/^<!DOCTYPE html>/,
         '?format=html');
    like($s->get('/status?format=prometheus')->{body},
         qr/^moderation_build_info\{version="\d[^"]*",nginx="\d[^"]*"\} 1$/m,
         'build_info');
}

# requests

is($s->get('/status?format=xml')->{status}, 400, 'another format');
is($s->get('/status?format=json')->{body} =~ /^\{"version":"\d/ ? 1 : 0, 1,
   'JSON by name');

{
    my $c = $s->connect;
    print $c "HEAD /status HTTP/1.0\r\n\r\n";
    my $answer = join '', <$c>;
    like($answer, qr/^HTTP\S+ 200.*\r\n\r\n$/s, 'HEAD has no body');
    $c = $s->connect;
    print $c "POST /status HTTP/1.0\r\nContent-Length: 1\r\n\r\nx";
    $answer = join '', <$c>;
    like($answer, qr/^HTTP\S+ 405/, 'POST is not allowed');
    $c = $s->connect;
    print $c "POST /status HTTP/1.0\r\nContent-Length: 1\r\nAccept: text/html\r\n"
        . "Accept-Language: zh-CN\r\n\r\nx";
    $answer = join '', <$c>;
    like($answer, qr/^HTTP\S+ 405.*状态页只能读取/s, '... which is said in Chinese');
    my $page = $s->get('/status?format=xml', Accept => 'text/html', 'Accept-Language' => 'zh');
    like("$page->{status} $page->{body}", qr/^400 .*format 只能是/s, 'another format, too');
}


# Prometheus

$s->write('kill', "rule r.tag\n");

# each worker says it of itself: this is one that knows

ok(defined $s->until(10, sub {
    $r = $s->get('/status?format=prometheus');
    $r->{body} =~ /^moderation_rule_in_shadow\{.*rule="r\.tag"/m }),
   'a rule is held back');
like($r->{headers}, qr{^Content-Type: text/plain; version=0\.0\.4; charset=utf-8\r?$}m,
     'Prometheus: type');

my $text = $r->{body};
my (%type, %help, %seen, %value, $last, @wrong);

for (split /\n/, $text) {
    if (/^# (HELP|TYPE) (moderation_[a-z_]+) (.+)$/) {
        my $h = $1 eq 'HELP' ? \%help : \%type;
        push @wrong, "twice: $_" if exists $h->{$2};
        $h->{$2} = $3;
        $last = $2;

    } elsif (/^(moderation_[a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,|(?=\})))+)\})? (\d+(?:\.\d+)?)$/) {
        my ($name, $labels, $v) = ($1, $2 // '', $3);
        (my $family = $name) =~ s/_(bucket|sum|count)$//;
        $family = $name if !exists $type{$family};
        push @wrong, "without a type: $_" if !exists $type{$family};
        push @wrong, "not in its family: $_" if ($last // '') ne $family;
        push @wrong, "twice: $_" if $seen{"$name $labels"}++;
        push @wrong, "a counter without _total: $_"
            if $type{$family} eq 'counter' && $name !~ /_total$/;
        $value{$labels ne '' ? "$name\{$labels\}" : $name} = $v;

    } else {
        push @wrong, "no line of the format: $_";
    }
}

is(join("\n", @wrong), '', 'Prometheus: the format');
is(scalar(grep { !$help{$_} } keys %type), 0, 'Prometheus: help for each');
like($text, qr/\n\z/, 'Prometheus: ends with a newline');

$j = $s->status;
my $path = "$s->{dir}/p \"q\".yaml";
$path =~ s/(["\\])/\\$1/g;
my $pl = "path=\"$path\",kill=\"$s->{dir}/kill\"";
my $hash = $s->policy('p "q".yaml')->{hash};

is($value{"moderation_policy_info{$pl,policy=\"status \\\"quoted\\\" \\\\name\",hash=\"$hash\",candidate=\"no\"}"},
   1, 'Prometheus: name and hash of a policy, quoted');
is($value{"moderation_policy_generation{$pl}"}, 1, 'Prometheus: generation');
is($value{"moderation_policy_worker_generation{$pl,worker=\"$_\"}"}, 1,
   "Prometheus: worker $_") for 0, 1;
is($value{"moderation_policy_refusals_total{$pl}"}, 1,
   'Prometheus: refusals');
is($value{"moderation_policy_refused{$pl}"}, 1, 'Prometheus: refused');
is($value{"moderation_rule_in_shadow{$pl,rule=\"r.tag\",why=\"kill\"}"}, 1,
   'Prometheus: held back');

for (qw(responses items hits removed masked tagged held over_limit bytes
        text_bytes edited markup_resets))
{
    is($value{"moderation_${_}_total"}, $j->{$_}, "Prometheus: $_");
}

is($value{"moderation_errors_total{kind=\"$_\"}"}, $j->{errors}{$_},
   "Prometheus: error $_") for sort keys %{ $j->{errors} };
is($value{'moderation_rule_items_total{rule="r.mask",slot="card",action="mask",mode="enforce"}'},
   $n, 'Prometheus: a rule');
is($value{'moderation_scan_seconds_bucket{le="+Inf"}'}, $j->{responses},
   'Prometheus: the histogram');
is($value{'moderation_scan_seconds_count'}, $j->{responses},
   'Prometheus: its count');

my @buckets = map { $value{$_} } sort {
    my ($x) = $a =~ /le="([^"]+)/; my ($y) = $b =~ /le="([^"]+)/;
    ($x eq '+Inf' ? 9e9 : $x) <=> ($y eq '+Inf' ? 9e9 : $y) }
    grep { /_bucket/ } keys %value;
is(scalar(grep { $buckets[$_] < $buckets[$_ - 1] } 1 .. $#buckets), 0,
   'Prometheus: buckets add up');

SKIP: {
    my ($tool) = grep { -x } map { "$_/promtool" } split /:/, $ENV{PATH};
    skip 'no promtool', 1 if !$tool;

    my $pid = open2(my $out, my $in, "$tool check metrics 2>&1");
    print $in $text;
    close $in;
    my $said = join '', <$out>;
    waitpid $pid, 0;
    is($? . $said, '0', 'promtool check metrics');
}

# a zone that is too small: what was longest unused goes, and it is counted

{
    my $rules = join '', map {
        "  - {id: r.$_, rev: 1, label: clickbait, match: {in: [title], "
        . "terms: [number$_]}}\n" } 1 .. 1500;
    my $many = '<ul>' . join('', map { "<li class=card><b>number$_</b></li>" }
                             1 .. 1500) . '</ul>';
    my $t = ModerationServer->new(
        workers => 1, http => 'moderation_zone zone=m:128k;',
        server => 'location = /status { moderation_status; }
            location / { moderation enforce;
                moderation_policy %%DIR%%/p.yaml; }',
        files => { 'html/index.html' => $many, 'html/one.html' =>
                       '<ul><li class=card><b>number1</b></li></ul>',
                   'p.yaml' => "schema: 1\npolicy: many\nslots:\n"
                       . "  - {name: card, type: html, match: li.card, "
                       . "fields: {title: b}}\nrules:\n$rules" });

    is($t->get('/index.html')->{body}, '<ul></ul>', 'all rules act');
    my $st = $t->status;
    cmp_ok($st->{zone}{lost}, '>', 100, 'a zone that is too small');
    cmp_ok($st->{zone}{used}, '<=', $st->{zone}{counters}, 'is full');
    cmp_ok($st->{zone}{used}, '>', $st->{zone}{counters} * 0.9, 'nearly');
    is($st->{hits}, 1500, 'the sums are right');
    sleep 1.1;                          # when a counter was used is known by the second
    $t->get('/one.html') for 1 .. 3;
    my ($c) = grep { $_->{rule} eq 'r.1' } @{ $t->status->{rules} };
    cmp_ok($c->{items}, '>=', 3, 'what is in use is counted');
    is(scalar(grep { $_->{rule} eq 'r.1' } @{ $t->status->{rules} }), 1,
       'once');
}

# without a zone

{
    my $t = ModerationServer->new(
        workers => 1, http => '',
        server => 'location = /status { moderation_status; }
            location / { moderation enforce;
                moderation_policy %%DIR%%/p.yaml; }',
        files => { 'html/index.html' => $page, 'p.yaml' => policy(1) });

    $t->get('/index.html');
    my $st = $t->status;
    is($st->{zone}, undef, 'no zone');
    is($st->{policies}[0]{workers}[0]{pid}, $st->{pid}, 'this worker');
    like($t->get('/status?format=prometheus')->{body},
         qr/^moderation_policy_info\{/m, 'Prometheus without a zone');
}

done_testing();
