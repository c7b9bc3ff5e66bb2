# Weighted lists: what a score is made of, and what is said of it.

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

sub spew {
    my ($name, $text) = @_;
    open my $f, '>', "$tmp/$name" or die "$tmp/$name: $!";
    print $f encode('UTF-8', $text);
    close $f;
}

sub policy {
    my ($match) = @_;
    spew('p.yaml', <<"END");
schema: 1
policy: p
slots:
  - {name: s, type: json, match: "\$[*]",
     fields: {title: \$.t, nick: \$.n, all: "\$.all[*]"}}
rules:
  - id: r
    label: clickbait
    match:
$match
END
}

# the first item: its hits as "text:weight", the score, the parts of it
sub scan {
    my ($item, $policy) = @_;
    spew('x.json', JSON::PP->new->canonical->encode([$item]));
    my ($line) = decode('UTF-8', scalar `$tool scan --policy $tmp/$policy $tmp/x.json 2>/dev/null`);
    my $it = eval { JSON::PP->new->decode($line) } or return $line;
    my $hits = join ' ', map { "$_->{text}:" . ($_->{weight} // '-') } @{$it->{hits}};
    my $s = $it->{scores}[0];
    my $parts = $s ? join ',', map { "$_=" . (0 + $s->{groups}{$_}) }
        sort keys %{$s->{groups}} : '';
    return $s ? "$hits | " . (0 + $s->{score}) . " $parts" : $hits eq '' ? 'none' : $hits;
}

spew('l.txt', <<"END");
# fragments and what they weigh
震惊\t30
惊\t5   # behind the weight a comment
速看\t-3
最\t10\tbegin
吧\t20\tend
独此\t40\twhole
plain
END

my @cases = (
    ['every term adds what it weighs, shorter and overlapping ones too',
     '      score: {list: l.txt}', 'score >= 30',
     { t => '震惊了，速看' }, '震惊:30 惊:5 速看:-3 | 32 score=32'],
    ['below the threshold nothing stands',
     '      score: {list: l.txt}', 'score >= 33', { t => '震惊了，速看' }, 'none'],
    ['a term counts once',
     '      score: {list: l.txt, count: once}', 'score >= 1',
     { t => '惊，惊，惊' }, '惊:5 惊:- 惊:- | 5 score=5'],
    ['or each time',
     '      score: {list: l.txt, count: each}', 'score >= 1',
     { t => '惊，惊，惊' }, '惊:5 惊:5 惊:5 | 15 score=15'],
    ['many hits count once, too',
     '      score: {list: l.txt}', 'score >= 35',
     { t => '震惊' x 40 }, undef, qr/ \| 35 score=35$/],
    ['a sum for ten characters',
     '      score: {list: l.txt, per: 10 characters}', 'score >= 1',
     { t => '震惊某某某某某某某某' . '某' x 10 }, '震惊:30 惊:5 | 17.5 score=17.5'],
    ['through the folds', '      score: {list: l.txt}', 'score >= 35',
     { t => '震(zhèn)驚' }, undef, qr/\| 35 score=35$/],
    ['traditional characters', '      score: {list: l.txt}', 'score >= 35',
     { t => '震驚' }, '震驚:30 驚:5 | 35 score=35'],
    ['at the beginning, marks aside', '      score: {list: l.txt}', 'score >= 1',
     { t => '【最好' }, '最:10 | 10 score=10'],
    ['at the beginning only', '      score: {list: l.txt}', 'score >= 1',
     { t => '某最好' }, 'none'],
    ['at the end, marks aside', '      score: {list: l.txt}', 'score >= 1',
     { t => '来吧！！' }, '吧:20 | 20 score=20'],
    ['at the end only', '      score: {list: l.txt}', 'score >= 1',
     { t => '吧来' }, 'none'],
    ['alone', '      score: {list: l.txt}', 'score >= 40',
     { t => ' 独此 ' }, '独此:40 | 40 score=40'],
    ['alone only', '      score: {list: l.txt}', 'score >= 1',
     { t => '独此一' }, 'none'],
    ['a line without a weight has that of its group',
     '      score: {list: l.txt, weight: 7}', 'score >= 1',
     { t => 'a plain word' }, 'plain:7 | 7 score=7'],
    ['terms, regexes and conditions add up',
     "      groups:\n        words: {list: l.txt}\n"
     . "        shout: {weight: 7, regex: '!+'}\n"
     . "        near: {weight: 100, when: 'near(words, shout, 2)'}\n",
     'score >= 1', { t => '震惊！！某某！' },
     '震惊:30 惊:5 ！！:- ！:- | 142 near=100,shout=7,words=35'],
    ['a condition of a group that does not hold',
     "      groups:\n        words: {list: l.txt}\n"
     . "        shout: {weight: 7, regex: '!+'}\n"
     . "        near: {weight: 100, when: 'near(words, shout, 2)'}\n",
     'score >= 1', { t => '震惊某某某！' },
     '震惊:30 惊:5 ！:- | 42 shout=7,words=35'],
    ['such a group has a name in other conditions',
     "      groups:\n        words: {list: l.txt}\n"
     . "        shout: {weight: 7, regex: '!+'}\n"
     . "        both: {when: words and shout}\n",
     'both and score >= 43', { t => '震惊！' },
     '震惊:30 惊:5 ！:- | 43 both=1,shout=7,words=35'],
    ['length', '      score: {list: l.txt}', 'score >= 1 and length < 3',
     { t => '震惊' }, '震惊:30 惊:5 | 35 score=35'],
    ['length of the text that was hit', '      score: {list: l.txt}',
     'score >= 1 and length < 3', { t => '震惊某' }, 'none'],
    ['what is not seen has no length', '      score: {list: l.txt}',
     'score >= 1 and length < 3', { t => "震\x{200b}惊\x{200b}" }, undef, qr/score=35/],
    ['a reading in brackets has no length', '      score: {list: l.txt}',
     'score >= 1 and length < 3', { t => '震(zhèn)惊 （jing）' }, undef, qr/score=35/],
    ['what stands in brackets and is none has', '      score: {list: l.txt}',
     'score >= 1 and length < 3', { t => '震惊(jin)' }, 'none'],
    ['a threshold below zero', '      score: {list: l.txt}', 'score >= -3',
     { t => '速看' }, '速看:-3 | -3 score=-3'],
    ['above it', '      score: {list: l.txt}', 'score > -3', { t => '速看' }, 'none'],
    ['the short form', "      list: l.txt\n      per: title\n", 'score >= 35',
     { t => '震惊' }, '震惊:30 惊:5 | 35 terms=35'],
    ['some of several groups',
     "      groups:\n        words: {list: l.txt}\n        a: {terms: 甲}\n        b: {terms: 乙}\n"
     . "        c: {terms: 丙}\n        two: {weight: 50, when: '2 of (a, b, c)'}\n",
     '2 of (two, words, a) and score >= 50 and not 3 of (a, b, c)', { t => '甲丙' },
     '甲:- 丙:- | 52 a=1,c=1,two=50'],
    ['too few of them',
     "      groups:\n        words: {list: l.txt}\n        a: {terms: 甲}\n        b: {terms: 乙}\n"
     . "        c: {terms: 丙}\n        two: {weight: 50, when: '2 of (a, b, c)'}\n",
     'score >= 50', { t => '甲，甲' }, 'none'],
    ['weights of an exception take away',
     "      score: {list: l.txt}\n      except: [{terms: [地震惊动]}]\n",
     'score >= 1', { t => '地震惊动，惊' }, '惊:5 | 5 score=5'],
);

for (@cases) {
    my ($name, $match, $when, $item, $want, $like) = @$_;
    $match =~ s/\n*$/\n/;
    policy("      in: [title]\n$match      when: $when");
    my $got = scan($item, 'p.yaml');
    if ($like) {
        like($got, $like, $name);
    } else {
        is($got, $want, $name);
    }
    `$tool compile $tmp/p.yaml -o $tmp/p.img`;
    is(scan($item, 'p.img'), $got, "$name: from the image");
}

policy("      in: [title, nick]\n      score: {list: l.txt, per: 10 characters}\n"
       . "      when: score >= 1");
is(scan({ t => '惊某某某', n => '惊某某某某某' }, 'p.yaml'),
   '惊:5 惊:- | 5 score=5', 'all texts that were hit make the length');
is(scan({ t => '惊某某某', n => '某某某某某某' }, 'p.yaml'),
   '惊:5 | 12.5 score=12.5', 'and no others');

# mistakes

my $list = sub {
    my ($text, $match) = @_;
    spew('bad.txt', $text);
    policy($match // "      in: [title]\n      score: {list: bad.txt}\n      when: score >= 1");
    my $out = decode('UTF-8', `$tool check $tmp/p.yaml 2>&1`);
    $out =~ s{\Q$tmp\E/}{}g;
    return ($out =~ /^(\S+?:\d+:\d+: .*?)(?: \[.*)?$/m)[0];
};

my $weight = 'a weight expected behind the tab: a whole number from -1000000 to 1000000';

is($list->("某某\tviel\n"), "bad.txt:1:4: $weight", 'a weight that is none');
is($list->("abc\t3\n某\t1.5\n"), "bad.txt:2:3: $weight", 'no whole number');
is($list->("abc\t1000001\n"), "bad.txt:1:5: $weight", 'too large');
is($list->("abc\t-\n"), "bad.txt:1:5: $weight", 'a sign alone');
is($list->("abc\t5\tstart\n"),
   'bad.txt:1:7: begin, end or whole expected behind the weight', 'a place that is none');
is($list->("abc\t5\n", "      in: [title]\n      list: bad.txt"),
   'p.yaml:10:7: weights count only in a score: add "when: score >= n"',
   'weights without a score');
is($list->("abc\t5\n", "      in: [title]\n      groups:\n        a: {list: bad.txt}\n"
   . "        b: {when: a}\n        c: {when: b or a}\n      when: score >= 1"),
   'p.yaml:14:19: when: the condition of a group can name groups of terms only, and no score',
   'a condition over a condition');

is($list->("abc\t5\n", "      in: [title]\n      groups:\n        a: {list: bad.txt}\n"
   . "        b: {terms: abc}\n      when: score >= 1 and 3 of (a, b)"),
   'p.yaml:14:39: when: 3 of 2 groups: a number from 1 to 2 expected',
   'more than there are');
is($list->("abc\t5\n", "      in: [title]\n      groups:\n        a: {list: bad.txt}\n"
   . "        b: {terms: abc}\n      when: score >= 1 or 1 of (a, d)"),
   'p.yaml:14:36: when: unknown group "d"', 'a group that is none');

# in words

spew('l2.txt', "震惊\t30\n吧\t-20\tend\n");
policy("      in: [title]\n      groups:\n        words: {list: l2.txt, per: 10 characters}\n"
       . "        shout: {weight: 7, regex: '!+'}\n"
       . "        both: {weight: 5, when: words and shout}\n      when: score >= 9");
my $words = decode('UTF-8', `$tool explain r $tmp/p.yaml`);
like($words, qr/words: 震惊 \+30, 吧 -20 at the end/, 'explain: weights and places');
like($words, qr/once; the sum is for 10 characters/, 'explain: how it is counted');
like($words, qr/both: where there is \(words and shout\)\n    it adds 5/,
     'explain: a condition');

spew('l2.txt', "震惊\t31\n吧\t-20\tend\n");
`cp $tmp/p.yaml $tmp/q.yaml; sed -i s/l2.txt/l3.txt/ $tmp/q.yaml`;
spew('l3.txt', "震惊\t30\n吧\t-20\tend\n");
like(`$tool diff $tmp/p.yaml $tmp/q.yaml`, qr/rule r: rev 1 to 1/,
     'diff sees a weight');

# explain cuts no condition, however long it is

my @long = map { "a_group_of_a_rather_long_name_$_" } 1 .. 9;
policy("      in: [title]\n      groups:\n"
       . join('', map { "        $_: {terms: [t$_]}\n" } @long)
       . "      when: " . join(' and ', map { "($_ or not $long[0])" } @long));
$words = decode('UTF-8', `$tool explain r $tmp/p.yaml`);
is(join(' ', $words =~ /stands where there is .*/ ? $& =~ /\((a_group\w+)/g : ()),
   join(' ', @long), 'explain: a long condition is whole');

done_testing();
