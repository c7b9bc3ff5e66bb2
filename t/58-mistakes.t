# What people type wrong: message, line and column, in both languages
# (t/fixtures/mistakes.tsv), and the table of docs/zh made of it.

use strict;
use warnings;
use utf8;

use Encode qw(decode encode);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $build = $ENV{MODERATION_BUILD} || 'build';
my $tool = "$build/moderationctl";

plan skip_all => "no $tool" unless -x $tool;

my $tmp = tempdir(CLEANUP => 1);

sub slurp {
    open my $f, '<', $_[0] or die "$_[0]: $!";
    local $/;
    return decode('UTF-8', scalar <$f>);
}

sub spew {
    open my $f, '>', "$tmp/$_[0]" or die "$tmp/$_[0]: $!";
    print $f encode('UTF-8', $_[1]);
    close $f;
}

my $head = "schema: 1\npolicy: p\nslots:\n  - {name: cards, type: html, match: li.card,"
    . " fields: {title: h3, link: \"a\@href\"}}\nrules:\n";
my $rule = "  - id: r\n    label: rumor\n    action: none\n    match:";

sub policy {
    my ($kind, $text) = @_;
    return "$head$rule\n      in: [title]\n      terms: $text\n" if $kind eq 'terms';
    return "$head$rule {in: [title], terms: [abcd]}\n    " . ($text =~ s/\n/\n    /gr) . "\n"
        if $kind eq 'rule';
    return "$head$rule\n      " . ($text =~ s/\n/\n      /gr) . "\n" if $kind eq 'match';
    return "$head  - {id: r, label: rumor, action: none, match: {in: [title], list: l.txt}}\n"
        if $kind eq 'list';
    return "schema: 1\npolicy: p\nslots:\n  - $text\nrules:\n  - {id: r, label: rumor,"
        . " action: none, match: {in: [title], terms: [abcd]}}\n" if $kind eq 'slot';
    return "$text\n";
}

my @rows = map { [split /\t/] } split /\n/, slurp('t/fixtures/mistakes.tsv');
cmp_ok(scalar @rows, '>=', 60, 'mistakes: ' . @rows);

for (@rows) {
    my ($kind, $text, $place, $code, $en, $zh) =
        map { s/\\(.)/{n => "\n", t => "\t"}->{$1} || $1/ger } @$_;
    unlink glob "$tmp/*";
    spew('p.yaml', policy($kind, $text));
    spew('l.txt', "$text\n") if $kind eq 'list';
    my $name = $text =~ s/\n/ /gr;

    for (['en', $en], ['zh', $zh]) {
        my ($lang, $want) = @$_;
        my $out = `$tool check --lang $lang --format json $tmp/p.yaml 2>&1`;
        my @said = map { eval { JSON::PP->new->utf8->decode($_) } || () } split /\n/, $out;
        for my $said (@said) {
            $said->{$_} =~ s/\Q$tmp\E\/// for qw(file text);
        }
        my ($m) = grep { $_->{code} eq $code && $_->{text} eq $want } @said;
        ok($m, "$name: $lang: $want") or diag(decode('UTF-8', $out));
        is($m ? "$m->{file}:$m->{line}:$m->{column}" : '', $place, "$name: $lang: place");
    }
}

is(decode('UTF-8', scalar `t/tools/mistakes`), slurp('docs/zh/mistakes.md'),
   'docs/zh/mistakes.md: made by t/tools/mistakes');

# the language of the environment

spew('p.yaml', policy('terms', '[甲乙丙丁]'));
{
    local $ENV{LC_ALL} = 'zh_CN.UTF-8';
    like(decode('UTF-8', scalar `$tool check $tmp/p.yaml`),
         qr/^1 条规则，1 个 slot，0 个测试：全部正常$/m, 'LC_ALL says Chinese');
    like(`$tool check --lang en $tmp/p.yaml`, qr/^1 rule, 1 slot, 0 tests: all right$/m,
         'and --lang English');
}

# GBK, and what regexes see

open my $f, '>', "$tmp/g.yaml";
print $f "schema: 1\npolicy: p\n# \xd5\xf0\xbe\xaa\n";
close $f;
like(`$tool check --lang en $tmp/g.yaml 2>&1`,
     qr/g\.yaml:3:3: not UTF-8 \(byte 0xd5\), looks like GBK: save the file as UTF-8/, 'GBK');

spew('p.yaml', "$head  - {id: r, label: rumor, action: none, match: {in: [title],"
     . " regex: '第三'}, tests: [{hit: 网絡ＡＢ第二}]}\n");
like(decode('UTF-8', scalar `$tool check --lang en $tmp/p.yaml`),
     qr/"网絡ＡＢ第二" should hit and does not; regexes see "网络ab第2"/, 'the folded text');

spew('p.yaml', "$head  - {id: one, rev: 3, label: rumor, title: 一, action: none,"
     . " match: {in: [title], terms: [abcd]}}\n");
like(decode('UTF-8', scalar `$tool explain $tmp/p.yaml`), qr/^one +rev 3 +一$/m,
     'explain without an id: all rules');

done_testing();
