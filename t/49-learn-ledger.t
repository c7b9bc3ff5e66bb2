# moderationctl learn --from-ledger: titles that people judged at the desk.

use strict;
use warnings;
use utf8;

use Encode qw(decode);
use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(roles => <<'YAML', policy => <<'POLICY');
users:
  bob: [lead]
  lena: [reviewer]
YAML
schema: 1
policy: desk
slots:
  - {name: first, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title]}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
  - {id: ads, key: 2, label: gambling, title: {zh: 引流, en: Advertising}}
rules:
  - {id: r.one, rev: 1, label: clickbait, match: {in: [title], terms: [alpha]}}
POLICY

my $tool = ($ENV{MODERATION_BUILD} || 'build') . '/moderationctl';
my $out = tempdir(CLEANUP => 1);

sub learn {
    my $said = decode('UTF-8', `$tool learn @_ --from-ledger $d->{dir}/moderationd.yaml -o $out 2>&1`);
    return ($? >> 8, $said);
}

my @things = qw(路灯 石桥 陶罐 风筝 木船 水井 屋顶 菜园 钟楼 纸伞 竹篮 瓷碗);
my @bait = map { "${_}的秘密，看完都沉默了" } @things;
my @calm = map { "${_}维修的通知" } @things;

# 1: rejected for the label by a reason, 2: by the rule that held it, 0:
# released; the last of each is for something else, or undone
ok($d->cards((map { $d->card($_) } @bait[0 .. 9], @calm),
             (map { $d->card($_, rule => 'r.one') } @bait[10, 11]),
             $d->card('加群领红包')), 'cards wait');

my %id = map { $_->{fields}{title} => $_->{id} }
    @{ $d->request(GET => '/moderation/v1/queue?limit=100', user => 'bob')->{json}{cards} };

sub decide {
    my ($title, $verdict, $reason) = @_;
    my $r = $d->post("/moderation/v1/cards/$id{$title}/decide",
                     { version => 1, verdict => $verdict, reason => $reason // '' },
                     user => 'lena');
    is($r->{status}, 200, "$verdict") or diag($r->{body});
    return $r->{json};
}

decide($_, 'reject', 'shock') for @bait;
decide($_, 'release') for @calm[0 .. 10];
decide('加群领红包', 'reject', 'ads');

my ($rc, $said) = learn('--label', 'clickbait', '--titles', 4);
is($rc, 0, 'learned') or diag($said);
like($said, qr/^verdicts of people: 12 rejected for clickbait, 11 released$/m,
     'what people judged, and nothing for another label');
like($said, qr/^23 titles, 12 of them with label 1/m, 'titles to learn from');

open my $f, '<:encoding(UTF-8)', "$out/learned.txt" or die $!;
my $list = do { local $/; <$f> };
like($list, qr/^\S+\t[1-9]\d*.*# \+12 -0/m, 'what all rejected ones have');
unlike($list, qr/红包/, 'not what was rejected for another reason');

# files beside the ledger, and what cannot be

open $f, '>:encoding(UTF-8)', "$out/more.tsv" or die $!;
print $f "0\t花市今天开放\n";
close $f;
($rc, $said) = learn('--label', 'clickbait', "$out/more.tsv");
like($said, qr/^24 titles, 12 of them/m, 'a file beside it') or diag($said);
($rc, $said) = learn('--label', 'nothing');
like($said, qr/^verdicts of people: 0 rejected for nothing, 11 released$/m, 'no such label');
is($rc, 2, 'too few titles');
($rc, $said) = learn();
like($said, qr/usage: moderationctl learn/, 'without a label');
$said = `$tool learn --from-ledger $out/none.yaml --label x -o $out 2>&1`;
is($? >> 8, 2, 'no such configuration');
like($said, qr/none\.yaml/, 'and it is named');

done_testing();
