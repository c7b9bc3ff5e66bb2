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

# what a rule that takes something away lacks is one line as text

spew('p.yaml', "$head  - {id: r, label: rumor, action: block, match: {in: [title], terms: [abcd]}}\n");
is(decode('UTF-8', scalar `LC_ALL=C $tool check --lang zh $tmp/p.yaml`), <<"END", 'what is missing: one line');
$tmp/p.yaml:6:5: 规则“r”会处置内容，却没有写 owner, basis, notice, expires, tests [warning: no-owner, no-basis, no-notice, no-expires, no-tests]
1 条规则，1 个 slot，0 个测试：0 个错误，5 个警告
END

# GBK, and what regexes see

open my $f, '>', "$tmp/g.yaml";
print $f "schema: 1\npolicy: p\n# \xd5\xf0\xbe\xaa\n";
close $f;
like(`$tool check --lang en $tmp/g.yaml 2>&1`,
     qr/g\.yaml:3:3: not UTF-8 \(byte 0xd5\), looks like GBK: save the file as UTF-8/, 'GBK');

# what Windows puts into a file: a byte order mark, CRLF; UTF-16

open $f, '>', "$tmp/w.yaml";
print $f "\xef\xbb\xbf" . encode('UTF-8', policy('terms', '[加好友]') =~ s/\n/\r\n/gr);
close $f;
like(`$tool check --lang en $tmp/w.yaml 2>&1`, qr/all right/, 'a byte order mark and CRLF');

open $f, '>', "$tmp/w.yaml";
print $f encode('UTF-16', policy('terms', '[加好友]'));
close $f;
like(decode('UTF-8', scalar `$tool check --lang zh $tmp/w.yaml 2>&1`),
     qr/w\.yaml:1:1: 不是 UTF-8（字节 0xfe），像是 UTF-16：请把文件另存为 UTF-8 \[bad-utf8\]$/m, 'UTF-16');

# lines of a list that are as they are meant

spew('p.yaml', policy('list', ''));
spew('l.txt', join '', map { "$_\n" } '苹果 15', '1688网', '-加我哦', '3D打印', '1,000人起', 'Hello, friend',
     '加好友看 # a remark');
like(decode('UTF-8', scalar `$tool check --lang en $tmp/p.yaml 2>&1`), qr/all right/, 'nothing to say of these');

spew('p.yaml', "$head  - {id: r, label: rumor, action: none, match: {in: [title],"
     . " regex: '第三'}, tests: [{hit: 网絡ＡＢ第二}]}\n");
like(decode('UTF-8', scalar `$tool check --lang en $tmp/p.yaml`),
     qr/"网絡ＡＢ第二" should hit and does not; regexes see "网络ab第2"/, 'the folded text');

spew('p.yaml', "$head  - {id: one, rev: 3, label: rumor, title: 一, action: none,"
     . " match: {in: [title], terms: [abcd]}}\n");
like(decode('UTF-8', scalar `$tool explain $tmp/p.yaml`), qr/^one +rev 3 +一$/m,
     'explain without an id: all rules');

# explain in both languages: what stands in the rule, in words

spew('p.yaml', <<'END');
schema: 1
policy: p
slots:
  - {name: cards, type: html, match: li.card, fields: {title: h3, link: "a@href"}}
rules:
  - id: r
    rev: 2
    status: stable
    mode: enforce
    label: rumor
    suggestion: review
    action: mask
    title: {zh: 惊吓加催促, en: Shock and hurry}
    notice: {zh: 用语夸张, en: Exaggerated}
    owner: a@example.org
    basis: {kind: terms, ref: 4.2}
    expires: 2030-06-30
    rollout: 50
    jurisdiction: [CN-GD]
    brake: {max_ratio: 0.05, min_hits: 20}
    slots: [cards]
    fold: [width, hant]
    gap: {max: 2, of: [space, emoji]}
    match:
      in: [title]
      groups:
        shock: {terms: [出大事了]}
        hurry: {terms: [删前速看], regex: '[!?]{3,}'}
      when: near(shock, hurry, 8) and not count(hurry) >= 2 or length > 9
      except: [{terms: [没有出大事了], why: 否认}]
END

$tool = "LC_ALL=C $tool";
is(decode('UTF-8', scalar `$tool explain --lang zh r $tmp/p.yaml 2>&1`), <<'END', 'explain in Chinese');
r，rev 2：惊吓加催促
状态：稳定（stable），生效（enforce）；标签 rumor，建议 review。
命中的条目：照常显示，命中的文字打码。
看的字段：title；看的 slot：cards。
  shock：出大事了
  hurry：删前速看；正则 [!?]{3,}
成立的条件：((shock 和 hurry 相距不超过 8 个字 并且 没有 至少 2 次命中 hurry) 或者 文字长度多于 9 个字)。
在这些文字里面的不算：没有出大事了
  原因：否认
能看穿：全角半角、繁体字。
词的两个字之间最多可以隔 2 个：空格、表情。
只对 100 个条目里的 50 个起作用，总是同样的那些。
只对账号的位置（没有时看读者的位置）在这里的：CN-GD。
刹车：命中的比例超过 0.05、且至少有 20 次命中（600 秒内），就转为 shadow。
报警：命中达到平时的 3 倍、且至少 20 次，算激增（flood）。
有效期到 2030-06-30 结束（UTC）；之后只以 shadow 方式运行。
负责人：a@example.org
依据：4.2
告知：用语夸张
END

my $english = decode('UTF-8', scalar `$tool explain r $tmp/p.yaml`);
like($english, qr/^r, rev 2: Shock and hurry\n.*^It reads title of the slots cards\.$/ms,
     'explain in English');
is(decode('UTF-8', scalar `LC_ALL=zh_CN.UTF-8 $build/moderationctl explain $tmp/p.yaml`) =~ s/ +/ /gr,
   "r rev 2 惊吓加催促\n", 'explain in the language of the environment');
like(decode('UTF-8', scalar `$tool explain --lang zh none $tmp/p.yaml 2>&1`),
     qr/没有规则“none”/, 'and so it says that there is no such rule');

# --watch: again with each change of the policy or of a list beside it

spew('p.yaml', policy('list', '加好友'));
spew('l.txt', "加好友\n");
my $pid = open my $watch, '-|', "exec env LC_ALL=C $build/moderationctl check --watch $tmp/p.yaml 2>&1";

sub next_check {
    my $out = '';
    local $SIG{ALRM} = sub { die "no check came: $out" };
    alarm 120;
    while (my $line = <$watch>) {
        $out .= $line;
        last if $line =~ /again when a file changes/;
    }
    <$watch>;
    alarm 0;
    return decode('UTF-8', $out);
}

like(next_check(), qr/^1 rule, 1 slot, 0 tests: all right$/m, 'watch: at first');
spew('l.txt', "加好友\n加好友\n");
like(next_check(), qr/l\.txt:2:1: "加好友" is there twice/, 'watch: a list has changed');
spew('new.yaml', policy('terms', '[加好友'));
rename "$tmp/new.yaml", "$tmp/p.yaml";
like(next_check(), qr/yaml-syntax.*\nthe policy cannot be used: 1 error$/m,
     'watch: the policy has been replaced by one that is none');
spew('p.yaml', policy('terms', '[加好友]'));
like(next_check(), qr/all right$/m, 'watch: and is right again');
kill 'TERM', $pid;
close $watch;
is($? & 127, 15, 'watch: a signal ends it');

done_testing();
