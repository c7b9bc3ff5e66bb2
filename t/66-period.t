# Reports of a period: a planted month equals a count by hand; the same bytes
# twice, and again from an older size; forms, both languages, the public
# edition; the lead's text; the week that files itself.

use strict;
use warnings;
use utf8;

use Digest::SHA qw(sha256_hex);
use Encode qw(decode);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use ModerationDesk;
use POSIX qw(strftime);
use Test::More;
use Time::HiRes qw(time);

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $d = ModerationDesk->new(conf => <<'CONF', roles => <<'YAML', policy => <<'POLICY');
node: test
sites:
  a: {hosts: [www.example.cn], policy: policy.yaml, language: zh, timezone: Asia/Shanghai}
  b: {hosts: [other.example], policy: policy.yaml, timezone: UTC}
campaigns: {spring: {from: 2020-01-01, labels: [gambling], title: {zh: 专项, en: Spring}}}
reports: {at: "00:00"}
threads: 4
checkpoint: 1s
CONF
users: {alice: [reviewer], r1: [reviewer], bob: [lead], lena: [lead], eve: [viewer], chen: {roles: [viewer], sites: [a]}}
YAML
schema: 1
policy: desk
categories: {clickbait: [clickbait], lowbrow: [vulgar], rumor: [rumor]}
slots:
  - {name: first, type: html, match: li, fields: {title: b}, kind: programme}
  - {name: text, type: html, match: p, fields: {title: b}}
  - {name: later, type: html, match: li, fields: {title: b}, kind: programme, review: required}
  - {name: who, type: html, match: dl, fields: {title: b}, kind: account}
reasons: [{id: gossip, key: 1, label: rumor, title: {zh: 传言, en: Gossip}}]
rules:
  - {id: r.one, rev: 1, label: clickbait, match: {in: [title], terms: [alpha]}, strikes: {points: 2}, precision: 0.95}
POLICY

# thirty whole days of the site, the last of them today

my $day0 = int((time + 8 * 3600) / 86400) - 29;
my $ms0 = ($day0 * 86400 - 8 * 3600) * 1000;
my $text = sub { strftime('%Y-%m-%d', gmtime($_[0] * 86400)) };
my ($from, $to) = ($text->($day0), $text->($day0 + 29));

# a planted month: what workers would have said, and what a person counts

srand 20261128;
my (%seen, %cell, @lines, %acted, %per_day, $shadow);
my %category = (clickbait => 'clickbait', vulgar => 'lowbrow', rumor => 'rumor');
my %kind = (first => 'programmes', text => 'items', who => 'accounts');
my @labels = ('clickbait', 'vulgar', 'rumor', 'gambling', 'spam_contact');

for my $i (1 .. 900) {
    my $item = int rand 160;
    my $slot = $item % 10 == 0 ? 'who' : $item % 2 ? 'first' : 'text';
    my $label = $labels[$item % 7 == 0 ? int rand 5 : $item % 5];
    my $action = (qw(hold block block mask))[int rand 4];
    my $mode = rand() < 0.1 ? 'shadow' : 'enforce';
    my $reason = rand() < 0.05 ? 'order' : 'rule';
    my $host = rand() < 0.1 ? 'other.example' : 'www.example.cn';
    my $at = $ms0 + int rand(30 * 86400000 - 3600000 * 2);
    $at = $ms0 - 1 - int rand 86400000 if $i % 50 == 0;           # the day before
    $at = $ms0 if $i == 7;                                        # its first moment
    my $hash = substr sha256_hex("item$item"), 0, 32;

    push @lines, { type => 'decision', time => $at, id => substr(sha256_hex("id$i"), 0, 20), mode => $mode,
        slot => $slot, host => $host, page => '/', suggestion => 'block', action => $action, reason => $reason,
        found_by => 'own', automation => 'full', fingerprint => substr(sha256_hex("f$item"), 0, 32),
        account => $slot eq 'who' ? $hash : '', item => $hash, policy => 'desk@0', place => '', review => 'none',
        rules => [{ id => "rule.$label", rev => 1, label => $label, action => $action, mode => $mode }] };
    next if $host ne 'www.example.cn' || $at < $ms0;
    $shadow++, next if $mode eq 'shadow';

    my $measure = $reason eq 'order' ? 'ordered' : $action eq 'mask' ? 'masked' : 'not_shown';
    my $c = $category{$label} || 'other';
    for my $row ($c, 'all') {
        $cell{$row}{$kind{$slot}}++ unless $seen{"$row/$item"}++;
        $cell{$row}{$measure}++ unless $seen{"$row/$item/$measure"}++;
    }
    $acted{decisions}++;
    my $day = int(($at - $ms0) / 86400000);
    $per_day{$day}++;
}

# one title, blocked on ten days through twenty edits of the policy: one item

for my $i (0 .. 19) {
    push @lines, { %{ $lines[0] }, time => $ms0 + int($i / 2) * 86400000 + 1000, id => substr(sha256_hex("ever$i"), 0, 20),
        mode => 'enforce', slot => 'text', host => 'www.example.cn', action => 'block', reason => 'rule', account => '',
        item => substr(sha256_hex('evergreen'), 0, 32), policy => "desk\@$i",
        rules => [{ id => 'r.one', rev => $i + 1, label => 'clickbait', action => 'block', mode => 'enforce' }] };
    $acted{decisions}++;
    $per_day{int($i / 2)}++;
}
$cell{$_}{items}++, $cell{$_}{not_shown}++ for qw(clickbait all);

$d->lines(@lines);
my $url = "/moderation/v1/report?from=$from&to=$to&site=a";
my $get = sub { $d->request(GET => $url . ($_[0] // ''), user => $_[1] || 'eve') };
my $r;
ok($d->until_true(sub { $r = $get->(); ($r->{json}{totals}{decisions} // 0) == $acted{decisions} }, 20),
   "a planted month: $acted{decisions} decisions") or diag(explain $r->{json});

my $j = $r->{json};
my @columns = qw(items programmes accounts not_shown masked ordered);
my %got = map { $_->{category} => $_ } @{ $j->{matrix} };

for my $row (qw(political rumor infringing clickbait reporting lowbrow other all)) {
    is_deeply([ map { $got{$row}{$_} } @columns ], [ map { $cell{$row}{$_} || 0 } @columns ], "counted by hand: $row");
}
is($j->{shadow}, $shadow, 'shadow stands apart');
is_deeply([ map { $_->{decisions} } @{ $j->{days} } ], [ map { $per_day{$_} || 0 } 0 .. 29 ], 'days of the site');
my $sum = 0;
$sum += $_->{things} for @{ $j->{days} };
is($sum, $cell{all}{items} + $cell{all}{programmes} + $cell{all}{accounts}, 'each thing on its first day');
is($j->{period}{first_day}, $from, 'from');
is($j->{period}{last_day}, $to, 'to is in it');

# the same bytes, and those of an older size

my $size = $j->{record}{size};
like($j->{record}{root}, qr{^[A-Za-z0-9+/]{43}=\z}, 'the root of that size, signed or not yet');
is($get->("&size=$size")->{body}, $r->{body}, 'the same size, the same bytes');
my $before = $get->("&size=$size&format=html&lang=zh")->{body};

# people: reports, accounts, what is taken back, handled at source

my $public = sub { $d->request(POST => "/moderation/public/$_[0]", headers => { 'Content-Type' => 'application/json' },
                               body => $ModerationDesk::json->encode($_[1])) };
$public->('report', { item => "x$_", reason => 'gossip', text => 't' }) for 1 .. 12;
$public->('report', { item => 'x1', reason => 'gossip', text => 'again' });
my $cases = $d->request(GET => '/moderation/v1/cases', user => 'alice')->{json}{cases};
is(scalar @$cases, 12, 'twelve cases');
my $k = 0;
$d->post("/moderation/v1/cases/$_->{id}/outcome", { outcome => ++$k == 1 ? 'wrong' : $k == 2 ? 'late' : 'effective' },
         user => 'alice') for sort { $a->{id} <=> $b->{id} } @$cases;
my ($acc) = 'c' x 32;
$d->post("/moderation/v1/accounts/$acc/state", { state => 'suspended', until => '3d', reason => 'x' }, user => 'bob');
$d->post("/moderation/v1/accounts/$acc/state", { state => 'suspended', until => '3d', reason => 'x' }, user => 'bob');
my ($one) = grep { $_->{mode} eq 'enforce' && $_->{time} >= $ms0 && $_->{host} eq 'www.example.cn' } @lines;
is($d->post("/moderation/v1/decisions/$one->{id}/handled", {}, user => 'eve')->{status}, 403, 'handled: not by a viewer');
is($d->post("/moderation/v1/decisions/$one->{id}/handled", {}, user => 'alice')->{status}, 200, 'handled at the source');

$j = $get->()->{json};
is($j->{reports}{received}, 13, 'reports');
is($j->{reports}{cases}, 12, 'cases');
is_deeply([ @{ $j->{reports} }{qw(effective late wrong answered in_time)} ], [ 10, 1, 2, 13, 13 ],
          'outcomes by report: x1 had two');
is_deeply($j->{reports}{effective_rate}, { k => 11, n => 13, share => 0.8462, low => 0.5777, high => 0.9567 },
          'effective rate with its interval');
%got = map { $_->{category} => $_ } @{ $j->{matrix} };
is($got{all}{suspended}, 1, 'an account is suspended once');
is($got{all}{suspended_days}, 3, 'for three days');
is($got{all}{accounts}, ($cell{all}{accounts} || 0) + 1, 'and counts as an account');
is($got{all}{handled}, 1, 'handled at source is a column of its own');

# impressions: counts are cumulative, and those of a size are those by then

$d->lines({ type => 'counts', counts => [ [ $one->{id}, 1, 5 ] ] });
ok($d->until_true(sub { $get->()->{json}{impressions} == 5 }, 10), 'five responses');
my $five = $get->()->{json}{record}{size};
$d->lines({ type => 'counts', counts => [ [ $one->{id}, 1, 7 ] ] });
ok($d->until_true(sub { $get->()->{json}{impressions} == 7 }, 10), 'seven, not twelve');
is($get->("&size=$five")->{json}{impressions}, 5, 'and five as of before');
is($get->("&size=$size&format=html&lang=zh")->{body}, $before, 'the older size still gives the older bytes');

# a held card that a person releases; one that a rule did not see

$d->lines($d->card('alpha song', rule => 'r.one', slot => 'later'), $d->card('plain talk', slot => 'later'));
my %card;
ok($d->until_true(sub { %card = map { $_->{fields}{title} => $_ } @{ $d->request(GET => '/moderation/v1/queue?queue=later',
    user => 'alice')->{json}{cards} }; keys %card == 2 }, 10), 'two cards');
my $all = $get->()->{json}{matrix}[7];
$d->post("/moderation/v1/cards/$card{'alpha song'}{id}/decide", { version => 1, verdict => 'release' }, user => 'alice');
$d->post("/moderation/v1/cards/$card{'plain talk'}{id}/decide", { version => 1, verdict => 'reject', reason => 'gossip' },
         user => 'alice');
$d->lines({ %{ $d->card('plain talk', slot => 'later') }, id => substr(sha256_hex('later'), 0, 20), review => 'rejected', action => 'block', private => undef });
ok($d->until_true(sub { $j = $get->()->{json}; $j->{matrix}[7]{not_shown} == $all->{not_shown} + 1 }, 10), 'a rejection acts');
is($j->{matrix}[7]{reversed}, 1, 'what a person released is said to be taken back');
is($j->{matrix}[1]{programmes}, ($cell{rumor}{programmes} || 0) + 1, 'of the category of its reason');
my ($p) = grep { $_->{label} eq 'clickbait' } @{ $j->{quality}{labels} };
is_deeply([ @$p{qw(n upheld)} ], [ 1, 0 ], "and counts against the rule's precision");
($p) = @{ $j->{quality}{rules} };
is_deeply([ @$p{qw(rule n upheld measured)}, $p->{apart} ? 1 : 0 ], [ 'r.one', 1, 0, 0.95, 0 ],
          'beside what the rule was measured at; one says nothing yet');
$d->lines(map { $d->card("alpha drift $_", rule => 'r.one', slot => 'later') } 1 .. 12);
my @drift;
ok($d->until_true(sub {
    @drift = grep { ($_->{fields}{title} // '') =~ /^alpha drift/ } @{ $d->request(
        GET => '/moderation/v1/queue?queue=later&limit=100', user => 'alice')->{json}{cards} };
    @drift == 12 }, 10), 'twelve more');
$d->post("/moderation/v1/cards/$_->{id}/decide", { version => 1, verdict => 'release' }, user => 'alice')
    for @drift;
($p) = @{ $get->()->{json}{quality}{rules} };
is_deeply([ @$p{qw(n upheld)}, $p->{apart} ? 1 : 0 ], [ 13, 0, 1 ], 'thirteen that nobody upheld are apart');

# forms

my $md = decode('UTF-8', $get->('&format=md&lang=en')->{body});
like($md, qr/^# Report \($from to $to\)\n.*\| All \(each once\) \|/s, 'Markdown');
$r = $get->('&format=csv&lang=zh');
like($r->{body}, qr/^\xef\xbb\xbf/, 'CSV begins with a BOM');
unlike($r->{body}, qr/[^\r]\n/, 'its lines end in CRLF');
like(decode('UTF-8', $r->{body}), qr/\r\n标题党,/, 'Chinese');
$r = $get->('&format=html&lang=en');
like($r->{headers}, qr/Content-Security-Policy: [^\r]*style-src 'sha256-/, 'a page with one style');
unlike($r->{body}, qr/<script|https?:/, 'that needs nothing else');
my @n = $r->{body} =~ /<td class="num">(\d+)<\/td>/g;
cmp_ok(scalar @n, '>', 100, 'with its tables');
like($r->{body}, qr/<svg.*<rect/s, 'and charts');
like($get->('&format=html&lang=zh')->{body}, qr/lang="zh-CN"/, 'in Chinese');
is($get->('&format=pdf')->{status}, 400, 'no such form');
is($get->('&edition=secret')->{status}, 400, 'no such edition');
my $pub = $get->('&edition=public')->{json};
ok(!exists $pub->{$_}, "the public edition has no $_") for qw(rules labels pages errors);
is(ref $pub->{record}{nodes}, '', 'and no names of machines');
is($d->request(GET => '/moderation/v1/report?from=2026-02-30', user => 'eve')->{json}{field}, 'from', 'a day that is none');
is($d->request(GET => "/moderation/v1/report?from=$to&to=$from", user => 'eve')->{json}{field}, 'to', 'before its begin');
is($d->request(GET => '/moderation/v1/report?size=99999999', user => 'eve')->{json}{field}, 'size', 'a size that is not yet');
is($d->request(GET => '/moderation/v1/report', user => "chen")->{status}, 403, 'who has a site names it');
is($get->("", "chen")->{status}, 200, 'and sees it');
is($d->request(GET => '/moderation/v1/report?campaign=spring&site=a', user => 'eve')->{json}{period}{campaign_en}, 'Spring',
   'a campaign to date');
my ($gambling) = grep { $_->{label} eq 'gambling' }
    @{ $d->request(GET => "$url&campaign=spring", user => 'eve')->{json}{labels} };
is(scalar @{ $d->request(GET => "$url&campaign=spring", user => 'eve')->{json}{labels} }, 1, 'is of its labels alone');

# the lead's text

my $words = { from => $from, to => $to, site => 'a', text => "=SUM(A1)\n本期说明", cases => [ { decision => $one->{id}, text => '某某**' } ] };
is($d->post('/moderation/v1/report/text', $words, user => 'alice')->{status}, 403, 'a lead writes it');
is($d->post('/moderation/v1/report/text', { %$words, cases => [ ({ text => 'x' }) x 6 ] }, user => 'bob')->{status}, 400, 'five cases');
is($d->post('/moderation/v1/report/text', { %$words, cases => [ { decision => 'none', text => 'x' } ] }, user => 'bob')->{status}, 400,
   'of the record');
is($d->post('/moderation/v1/report/text', $words, user => 'bob')->{status}, 200, 'signed');
$j = $get->()->{json};
is($j->{text}{by}, 'bob', 'by name');
is($j->{cases}[0]{text}, '某某**', 'typical cases');
isnt($get->('&edition=public')->{json}{text}{by}, 'bob', 'not in the public edition');
like(decode('UTF-8', $get->('&format=csv')->{body}), qr/"'=SUM\(A1\)\n?/, 'no formula in CSV');
unlike($d->request(GET => '/moderation/v1/events?limit=500', user => 'eve')->{body}, qr/本期说明/, 'private in the ledger');

# the tool

my $ctl = "$ModerationTest::build/moderationctl";
my $out = `$ctl report --socket $d->{dir}/scgi.sock --from $from --to $to --site a --size $size --format html --lang zh`;
is($? >> 8, 0, 'moderationctl report');
is($out, $before, 'gives the same bytes');
is(system("$ctl report --socket $d->{dir}/scgi.sock --from never 2>/dev/null") >> 8, 1, 'a refusal');
is(system("$ctl report --never 2>/dev/null") >> 8, 2, 'a wrong option');

# the week files itself; the next one is compared with it

my @files = sub { glob "$d->{dir}/reports/*" };
ok($d->until_true(sub { @files = glob "$d->{dir}/reports/*"; @files >= 28 }, 20), 'last week is filed: ' . scalar @files);
my ($json) = grep { /week-[\d-]+W\d\d-a\.json$/ } @files;
ok($json, 'as files');
open my $f, '<', $json; local $/; my $filed = JSON::PP->new->utf8->decode(scalar <$f>);
my ($e) = grep { $_->{type} eq 'period' && ($_->{site} // '') eq 'a' }
    map { ref $_->{event} ? $_->{event} : $_ } @{ $d->request(GET => '/moderation/v1/events?limit=1000', user => 'eve')->{json}{events} };
ok($e, 'a leaf says so') and is_deeply($e->{totals}, $filed->{totals}, 'with its totals');
my $again = $d->request(GET => "/moderation/v1/report?week=$filed->{period}{week}&site=a&size=$filed->{record}{size}", user => 'eve');
is_deeply($again->{json}, $filed, 'and it is made again from its size');
my ($c) = grep { $_->{what} eq 'decisions' } @{ $again->{json}{compare} };
ok(exists $c->{before}, 'compared with the week before');
ok($c->{low} <= $c->{now} && $c->{now} <= $c->{high}, 'with an interval');

# the screen

for my $lang (qw(zh en)) {
    $r = $d->request(GET => "/moderation/reports?from=$from&to=$to&site=a&lang=$lang", user => 'bob');
    is($r->{status}, 200, "screen, $lang");
    like($r->{body}, qr/name="case5"/, 'a lead writes in it');
}
unlike($d->request(GET => "/moderation/reports?from=$from&to=$to", user => 'eve')->{body}, qr/name="case5"/, 'others do not');

# the pages as files, to be looked at (docs/pictures)

for my $lang ($ENV{MODERATION_PICTURES} ? qw(zh en) : ()) {
    open my $page, '>:raw', "$ENV{MODERATION_PICTURES}/period-$lang.html" or die $!;
    print $page $get->("&format=html&lang=$lang")->{body};
}

$d->stop;
unlike($d->daemon_log, qr/error/, 'no error in the log');
done_testing;
