#!/usr/bin/perl

# Text with readings in brackets, put into a page: every occurrence of a term
# is found, its span covers the readings, and brackets that hold no reading
# stay text.  What is there is counted by a fold of a few lines, not by the
# engine.

use strict;
use warnings;
use utf8;

use Encode qw(decode encode);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

binmode $_, ':utf8' for Test::More->builder->output,
    Test::More->builder->failure_output;

my $build = $ENV{MODERATION_BUILD} || 'build';
my $tool = "$build/moderationctl";

plan skip_all => "no $tool" unless -x $tool;

my $tmp = tempdir(CLEANUP => 1);
my @terms = qw(网络恶意营销账号 专项整治 网络 监测);

sub slurp {
    my ($path) = @_;
    open my $f, '<:raw', $path or die "$path: $!";
    local $/;
    return scalar <$f>;
}

sub spew {
    my ($path, $bytes) = @_;
    open my $f, '>:raw', $path or die "$path: $!";
    print $f $bytes;
    close $f;
}

# the dumb fold: a bracket behind a Han character with one to seven letters
# of which one has a tone, or a tone number; then the few traditional
# characters of the terms

sub is_reading {
    my ($letters) = @_;
    return $letters =~ /[^a-z]/ || $letters eq 'luo';
}

sub dumb {
    my ($s) = @_;

    $s =~ s/(\p{Han})[(（【]([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,7}[1-4]?)[)）】]/
            is_reading($2) ? $1 : "$1($2)"/gex;
    $s =~ tr/網絡惡營銷賬號專項監測/网络恶营销账号专项监测/;

    return $s;
}

sub count {
    my ($text, $term) = @_;
    my ($n, $at) = (0, 0);

    while (($at = index($text, $term, $at)) >= 0) {
        $n++;
        $at++;
    }
    return $n;
}

sub policy {
    my (@t) = @_;
    my $i = 0;

    return encode('UTF-8', <<'EOT' . join('', map { $i++;
schema: 1
policy: glossed
slots: [{name: para, type: html, match: p.n, fields: {text: .}}]
rules:
EOT
        "  - {id: g.t$i, label: x, match: {in: [text], terms: ['$_']}}\n" } @t));
}

# -> term => [ [source bytes of the span, text of the hit] ... ]

sub hits {
    my ($text, @t) = @_;
    my (%found, $page);

    $page = join '', map { '<p class=n>' . (s/&/&amp;/gr =~ s/</&lt;/gr)
                           . "</p>\n" }
            grep { /\S/ } split /\n/, $text;
    $page = encode('UTF-8', "<html><body>$page</body></html>");

    spew("$tmp/p.yaml", policy(@t));
    spew("$tmp/page.html", $page);

    for my $line (split /\n/, `$tool scan --policy $tmp/p.yaml $tmp/page.html`) {
        for my $h (@{decode_json($line)->{hits} || []}) {
            my ($n) = $h->{rule} =~ /(\d+)$/;

            push @{$found{$t[$n - 1]}},
                [decode('UTF-8', substr($page, $h->{start},
                                        $h->{end} - $h->{start})),
                 $h->{text}];
        }
    }

    return %found;
}

sub whole {
    my ($name, $text) = @_;
    my $dumb = dumb($text);
    my %found = hits($text, @terms);

    for my $t (@terms) {
        my $want = count($dumb, $t);
        my @got = @{$found{$t} || []};

        ok($want > 0, "$name: $t is there");
        is(scalar @got, $want, "$name: $t, all $want of it");
        is(scalar(grep { dumb($_->[0]) ne $t } @got), 0,
           "$name: $t, each span is the term with its readings");
    }

    my @glossed = grep { $_->[0] =~ /[(（【]/ } map { @$_ } values %found;
    ok(@glossed > 0, "$name: spans with readings: " . @glossed);
}

my $own = decode('UTF-8', slurp('t/fixtures/text/glossed.txt'));

whole('invented', $own);

# what is no reading stays: a term with it is found, one across it is not

my %found = hits($own, '器(UC)', '(2020)年', '动年', '器与', '器材');

is(scalar @{$found{'器(UC)'} || []}, 1, '(UC) stays text');
is(scalar @{$found{'(2020)年'} || []}, 1, '(2020) stays text');
ok(!$found{'动年'}, 'nothing is read across (2020)');
ok(!$found{'器与'}, 'nothing is read across (UC)');
is(scalar @{$found{'器材'} || []}, 1, '(qì) is a reading');

# the reading behind the last character goes with it: a mask that left it
# would say what was there

for ([ '網(wǎng)絡(luò)的', '網(wǎng)絡(luò)' ], [ '网络 (wǎngluò)的', '网络 (wǎngluò)' ],
     [ "网\x{fffa}wǎng\x{fffb}络\x{fffa}luò\x{fffb}的",
       "网\x{fffa}wǎng\x{fffb}络\x{fffa}luò\x{fffb}" ],
     [ '網(wǎng)絡(UC)', '網(wǎng)絡' ])
{
    my ($text, $span) = @$_;
    %found = hits($text, '网络');
    is(join('|', map { @$_ } @{$found{'网络'}}), "$span|$span",
       "the last reading: $span");
}

# the same text written otherwise: as many of each term

my $reading = qr/([(（【])([a-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]{1,7}[1-4]?)[)）】]/;

sub glossed {
    my ($s, $how) = @_;
    $s =~ s/$reading/is_reading($2) ? $how->($2) : $&/ge;
    return $s;
}

sub found {
    my ($body, $args, $match) = @_;
    my ($i, %n) = (0);

    spew("$tmp/p.yaml", policy(@terms) =~ s/type: html.*(?=[}][]])/$match/r);
    spew("$tmp/body", $body);

    for my $line (split /\n/,
                  `$tool scan --policy $tmp/p.yaml $args $tmp/body`)
    {
        $n{$_->{rule}}++ for @{decode_json($line)->{hits} || []};
    }

    return join ' ', map { $n{'g.t' . ++$i} || 0 } @terms;
}

sub page {
    return '<html><body>' . join('', map { "<p class=n>$_</p>\n" }
                                 grep { /\S/ } split /\n/, $_[0])
           . '</body></html>';
}

my $html = 'type: html, match: p.n, fields: {text: .}';
my $json = 'type: json, match: "$[*]", fields: {text: "$.t"}';
my @lines = map { {t => $_} } grep { /\S/ } split /\n/, $own;
my $want = join ' ', map { count(dumb($own), $_) } @terms;

for ([ 'white space in and before', sub { " （ $_[0] ）" } ],
     [ 'other brackets', sub { "【$_[0]】" } ],
     [ 'angle brackets', sub { "〈$_[0]〉" } ],
     [ 'capitals', sub { '(' . uc($_[0]) . ')' } ],
     [ 'tags in between', sub { "(<i>$_[0]</i>)" } ],
     [ 'tags around', sub { "<b>(</b>$_[0]<!-- ) -->)" } ],
     [ 'ruby', sub { "<rt>$_[0]</rt>" } ])
{
    my ($name, $how) = @$_;
    is(found(encode('UTF-8', page(glossed($own, $how))), '--type html',
             $html), $want, "$name: $want");
}

is(found(encode('UTF-8', JSON::PP->new->encode(\@lines)), '--type json',
         $json), $want, 'JSON');
is(found(JSON::PP->new->ascii->encode(\@lines), '--type json', $json),
   $want, 'JSON in escapes');
is(found(encode('GBK', page($own)), '--type html --charset gbk', $html),
   $want, 'GBK');

SKIP: {
    my $real = '../shared/corpora/text/zh_glossed_notice.txt';

    skip 'no corpus of real text', 13 unless -e $real;
    whole('real', decode('UTF-8', slurp($real)));
}

done_testing();
