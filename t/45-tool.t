# Every command of moderationctl over the fixtures, with the tool built under
# address and undefined-behaviour sanitizers, which end it with a status of
# their own (make valgrind runs this with another: MODERATION_TOOL).  What
# commands say is tested elsewhere; here it is their status, an empty stderr,
# and that one body says the same however it came: as a file or by a pipe, by
# a policy or its image, in one charset or another.

use strict;
use warnings;
use utf8;

use Encode qw(decode encode);
use File::Temp qw(tempdir);
use FindBin;
use JSON::PP;
use Test::More;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $build = $ENV{MODERATION_BUILD} || "$FindBin::Bin/../build";
my $tool = $ENV{MODERATION_TOOL} || "$build/san/moderationctl";
my $fixtures = "$FindBin::Bin/fixtures";
my $rules = "$FindBin::Bin/../rules/homepage";
my $glue = "$fixtures/glue/policy.yaml";
my $tmp = tempdir(CLEANUP => 1);
my $json = JSON::PP->new->utf8->canonical;

plan skip_all => "no $tool (make units)"
    unless $ENV{MODERATION_TOOL} || -x $tool;

$ENV{ASAN_OPTIONS} = 'exitcode=99';
$ENV{UBSAN_OPTIONS} = 'exitcode=99:print_stacktrace=1';

sub slurp {
    my ($name) = @_;
    open my $f, '<:raw', $name or die "$name: $!";
    local $/;
    my $data = <$f>;
    return defined $data ? $data : '';
}

sub spew {
    my ($name, $data) = @_;
    open my $f, '>:raw', "$tmp/$name" or die "$tmp/$name: $!";
    print $f $data;
    close $f or die "$tmp/$name: $!";
    return "$tmp/$name";
}

# what it said, but for fields that had no text
sub said { return slurp("$tmp/stderr") =~ s/^\{"warning":"empty_field".*\n//gmr }

# runs the tool: what it wrote, after its status has been looked at, which is
# 0, 1 (there are hits) or 3 (there are no items) where none is given; where 0
# is given a scan may say that it found no items

sub run {
    my ($name, $status, $args, %o) = @_;
    my $from = defined $o{from} ? "< $o{from}" : '< /dev/null';
    my $out = `$tool $args $from 2> $tmp/stderr`;

    my $err = said();
    my $rc = $? == 3 << 8 && $args =~ /^scan / ? 0 : $?;
    my $ok = (defined $status ? $rc == $status << 8 : $rc == 0 || $rc == 256)
             && ($o{err} ? $err =~ $o{err} : $err eq '');

    ok($ok, $name) or diag("status ", $? >> 8, ', signal ', $? & 127,
                           ": $args\n", substr($err, 0, 2000));
    return $out;
}

# a file of that text; what a charset has no bytes for is left out (Perl itself
# has no gb18030)

sub in_charset {
    my ($charset, $text) = @_;

    spew('utf8', encode('UTF-8', $text));
    `iconv -c -f UTF-8 -t $charset $tmp/utf8 > $tmp/$charset`;
    return "$tmp/$charset";
}

# what the lines say of the items, without their places in the body

sub items {
    my ($out) = @_;
    my @lines = map { $json->decode($_) } split /\n/, $out;

    for my $item (@lines) {
        delete @$item{qw(start end)};
        delete @$_{qw(start end)} for @{$item->{hits}};
    }

    return \@lines;
}


# commands that read policies

like(run('usage', 0, '--help'), qr/bench/, 'every command is named');
run('no command', 2, '', err => qr/usage/);
run('an unknown command', 2, 'guess', err => qr/unknown command/);
run("$_: no arguments", 2, $_, err => qr/usage/)
    for qw(check compile explain diff scan bench);

run('check: the shipped policy', 0, "check $rules");
run('check: variants', 0, "check --variants $rules");
run('check: a corpus, a base, as JSON', 0, "check --format json "
    . "--corpus $fixtures/text/glossed.txt --base $rules $rules");
run('check: findings for a host of code', 1, "check --format github $glue");

for my $part (1 .. 3) {
    my $text = slurp($glue);
    my $cut = spew("cut$part.yaml", substr($text, 0,
                                           length($text) * $part / 3 - 9));
    like(run("check: a policy cut off, $part", 2, "check $cut"),
         qr/^\Q$cut\E:\d+:\d+: /, 'and it says where');
}

like(run('check: a policy that is not there', 2, "check $tmp/none"),
     qr/No such file/, 'and it says so');

run('compile: the shipped policy', 0, "compile $rules -o $tmp/a.img");
run('compile: once more', 0, "compile $rules -o $tmp/b.img");
ok(slurp("$tmp/a.img") eq slurp("$tmp/b.img"), 'compile: the same bytes');

my $image = slurp("$tmp/a.img");

for my $at (4, 60, 400, length($image) / 2, length($image) - 9) {
    my $bytes = $image;
    substr($bytes, $at, 1) = chr(ord(substr $bytes, $at, 1) ^ 0x41);
    my $file = spew('damaged.img', $bytes);
    run('scan: an image with a wrong byte at ' . int $at, 2,
        "scan --policy $file", err => qr/./);
}

run('scan: half an image', 2, 'scan --policy '
    . spew('half.img', substr $image, 0, length($image) / 2), err => qr/./);
run('compile: to where nothing can be', 2, "compile $glue -o $tmp/no/x",
    err => qr/./);

my ($id) = slurp("$rules/clickbait.yaml") =~ /id: *([\w.-]+)/;
like(run('explain: a rule', 0, "explain $id $rules"), qr/\Q$id\E/,
     'explain: it is that rule');
run('explain: all codes in Chinese', 0, 'explain --codes --lang zh');
run('explain: a rule that is not there', 2, "explain none $rules",
    err => qr/none/);
run('diff: two policies', 1, "diff $rules $glue");
is(run('diff: one policy', 0, "diff $rules $rules"), '',
   'diff: nothing to say');


# bodies of each type, whole, cut off, in other charsets

my $page = decode('UTF-8', slurp("$fixtures/demo/site/index.html"));
my $feed = decode('UTF-8', slurp("$fixtures/demo/site/api/feed.json"));
my $list = $json->decode(encode('UTF-8', $feed))->{data}{list};
my $lines = join '', map { decode('UTF-8', $json->encode($_)) . "\n" } @$list;

spew('lines.yaml', encode('UTF-8', <<'END'));
schema: 1
policy: lines
slots:
  - {name: line, type: ndjson, match: "$", fields: {title: "$.room_name", room: "$.room_id"}}
  - {name: call, type: jsonp, match: "$.data.list[*]", fields: {title: "$.room_name"}}
  - {name: card, type: html, match: "li, td, p, option", fields: {title: ".", link: "a@href"}}
rules:
  - {id: l.mask, label: rumor, action: mask, match: {in: [title], regex: '[微薇]信?\S{0,3}\d+|[!！?？]{2,}'}}
  - {id: l.block, label: rumor, match: {in: [title], terms: [震惊, 直播, a]}}
END

# (the long page is longer than what the tool reads at a time)

my @bodies = (
    [ 'page', 'html', $rules, $page, 1 ],
    [ 'long page', 'html', "$tmp/a.img", $page x 10, 1 ],
    [ 'feed', 'json', $rules, $feed, 1 ],
    [ 'lines', 'ndjson', "$tmp/lines.yaml", $lines, 1 ],
    [ 'call', 'jsonp', "$tmp/lines.yaml", "cb($feed);", 1 ],
    [ 'cards', 'html', $glue,
      decode('UTF-8', slurp("$fixtures/pages/pages/generated_cards.html")),
      0 ],
    [ 'nothing', 'json', $glue, '', 0 ],
);

my $told = qr/^(?:\{"error":"(?:too_large|charset|broken|unreadable)".*\n)*$/;

for (@bodies) {
    my ($name, $type, $policy, $text, $status) = @$_;
    my $bytes = encode('UTF-8', $text);
    my $body = spew('body', $bytes);
    my $scan = "scan --policy $policy --type $type";

    my $out = run("$name: scan", $status, "$scan $body");
    my $want = items($out);

    cmp_ok(scalar @$want, '>', 2, "$name: has items") if $status;

    ok(run("$name: scan of a pipe", $status, "$scan -", from => $body)
       eq $out, "$name: the same by a pipe");
    ok(run("$name: scan by an image", 1, "scan --policy $tmp/a.img "
           . "--type $type $body") eq $out, "$name: the same by an image")
        if $policy eq $rules;

    my $left = run("$name: apply", $status, "$scan --apply $body");

    ok(($left eq $bytes) == !$status, "$name: edited if there are hits");

    run("$name: small slots", undef, "$scan --max-slot 200 $body",
        err => $told);

    run("$name: bench", 0, "bench --policy $policy --type $type $body")
        if $name =~ /^(?:page|feed|lines)$/;

    if ($name eq 'page') {
        local $ENV{MODERATION_SIMD} = 'sse2';
        like(run("$name: bench, narrow", 0,
                 "bench --policy $policy --type $type $body"),
             qr/"simd":"(?:sse2|scalar|neon)"/, 'MODERATION_SIMD is heard');
    }

    next if $text eq '' || $name eq 'long page';

    for my $part (1 .. 3) {
        my $cut = spew('cut', substr $bytes, 0,
                       int(length($bytes) * $part / 4) + $part);
        my $err = $type eq 'html' ? undef : $told;

        items(run("$name: $part quarters of it", undef, "$scan $cut",
                  err => $err));
        run("$name: $part quarters of it, applied", undef,
            "$scan --apply $cut", err => $err);
    }

    for my $charset (qw(gb18030 utf-16le gbk big5 shift_jis euc-jp euc-kr iso-2022-jp)) {
        my $args = "$scan --charset $charset " . in_charset($charset, $text);
        my $got = run("$name, $charset: scan", undef, $args, err => $told);

        is_deeply(items($got), $want, "$name, $charset: the same items")
            if $charset =~ /gb18030|utf-16/;
        run("$name, $charset: apply", undef, "$args --apply", err => $told);
    }
}


# pages that try the tree of elements, under a policy that takes every one

spew('every.yaml', encode('UTF-8', <<'END'));
schema: 1
policy: every
slots:
  - {name: every, type: html, match: "*", fields: {title: ".", inner: "b, a > i, td", link: "a@href"}}
rules:
  - {id: e.mask, label: rumor, action: mask, match: {in: [title], terms: [直播, 在线]}}
  - {id: e.block, label: rumor, match: {in: [inner], terms: [x, q]}}
END

my @odd = grep { /^\[/ } split /\n/, slurp("$fixtures/html/cases.jsonl");

for my $i (map { $_ * 47 } 0 .. $#odd / 47) {
    my $body = spew('odd', encode('UTF-8', $json->decode($odd[$i])->[1]));
    my $scan = "scan --policy $tmp/every.yaml --type html";

    items(run("odd page $i: scan", undef, "$scan $body"));
    run("odd page $i: apply", undef, "$scan --apply $body");
}

done_testing();
