#!/usr/bin/perl

# moderationctl check: every lint is found, and not where its cause is gone;
# inline tests of texts and pages, variants, corpora, --base, the formats and
# the exit status.

use strict;
use warnings;
use utf8;

use Encode qw(encode decode);
use File::Temp qw(tempdir);
use JSON::PP;
use POSIX qw(strftime);
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
    return "$tmp/$name";
}

# the exit status and the output of a check
sub check {
    my (@args) = @_;
    my $out = decode('UTF-8', `$tool check @args 2>$tmp/stderr`);
    return ($? >> 8, $out);
}

# findings and reports as objects
sub objects {
    my ($rc, $out) = check('--format', 'json', @_);
    return ($rc, map { JSON::PP->new->decode($_) } split /\n/, $out);
}

sub day { return strftime('%Y-%m-%d', gmtime(time + $_[0] * 86400)) }

my $soon = day(200);

my $head = "schema: 1\npolicy: check\n";
my $slots = <<'END';
slots:
  - {name: cards, type: html, match: li, fields: {title: b, link: "a@href", nick: i}}
  - {name: feed, type: json, match: "$.list[*]", fields: {title: $.title}}
END
my $base_rule = "id: r, rev: 2, owner: o\@example.org, basis: terms 1,"
    . " notice: Reason., expires: $soon";

# a policy of one page that requires an element
sub page {
    return $head . "pages:\n  - {name: home, require: [{id: entry, $_[0]}]}\n";
}

# a policy of one rule: what it is, how it matches, its tests
sub policy {
    my ($match, %o) = @_;
    my $rule = $o{rule} // "label: rumor";
    my $base = $o{base} // $base_rule;
    my $tests = $o{tests} // '[{hit: 甲乙丙}]';
    return ($o{head} // $head) . ($o{slots} // $slots)
        . "rules:\n  - {$base, $rule,\n     match: {$match},\n"
        . "     tests: $tests}\n";
}

my $plain = 'in: [title], terms: [甲乙丙]';

is_deeply([objects(spew('p.yaml', policy($plain)))], [0],
          'a policy with nothing wrong: no finding, status 0');


# lint: name, code, severity, policy with it, where (line:column, or the text
# that stands there and which one of its kind), text, policy without it

sub place {
    my ($text, $where) = @_;
    return $where if $where =~ /^\d:\d$/;
    my ($needle, $n) = $where =~ /^(.*?)(?:#(\d))?$/;
    my $at = -1;
    $at = index($text, $needle, $at + 1) for 1 .. $n // 1;
    die "no $where" if $at < 0;
    my $before = substr($text, 0, $at);
    my $line = 1 + ($before =~ tr/\n//);
    return "$line:" . ($at - rindex($before, "\n"));
}

# terms that are one row of look-alikes, or one of runs

sub look_alikes {
    my ($n) = @_;

    return join ', ', map { my $k = $_;
        join '', map { $k >> $_ & 1 ? 'l' : 'i' } 0 .. 6 } 0 .. $n - 1;
}

sub runs {
    my ($n) = @_;

    return join ', ', map {
        '丙' . '甲' x ($_ % 10 + 1) . '乙' x ($_ / 10 + 1) . '丁' } 0 .. $n - 1;
}

my @lint = (
    ['a term twice', 'duplicate-term', 'warning',
     policy('in: [title], terms: [甲乙丙, 丁戊己, 甲乙丙]'), '甲乙丙#2',
     qr/"甲乙丙" is there twice, first in line 8/,
     policy('in: [title], terms: [甲乙丙, 丁戊己]')],

    ['a term twice under a fold', 'duplicate-term', 'warning',
     policy('in: [title], terms: [甲乙丙, 震惊了, 震驚了]'), '震驚了',
     qr/"震驚了" is "震惊了" of line 8 again: the folds make them one/,
     policy('in: [title], terms: [甲乙丙, 震惊了, 震驚了], fold: [case]')],

    ['a term in two groups', 'shared-term', 'info',
     policy('in: [title], groups: {a: {terms: [甲乙丙]}, b: {terms: [甲乙丙]}}'),
     '甲乙丙#2', qr/stands in group "a" too/,
     policy('in: [title], groups: {a: {terms: [甲乙丙]}, b: {terms: [丁戊己]}}')],

    ['a shadowed term', 'shadowed-term', 'warning',
     policy('in: [title], terms: [甲乙丙, 大甲乙丙]'), '大甲乙丙',
     qr/"大甲乙丙" is shadowed by "甲乙丙" of line 8/,
     policy('in: [title], terms: [甲乙丙, 大甲乙丁]')],

    ['a shadowed term with word edges', 'shadowed-term', 'warning',
     policy('in: [title], terms: [甲乙丙, sale, big sale]'), 'big sale',
     qr/"big sale" is shadowed by "sale"/,
     policy('in: [title], terms: [甲乙丙, sale, wholesale]')],

    ['a term that a mask makes longer', 'shadowed-term', 'warning',
     policy('in: [title], terms: [甲乙丙, 大甲乙丙]'), '大甲乙丙', qr/shadowed/,
     policy('in: [title], terms: [甲乙丙, 大甲乙丙]',
            rule => 'label: rumor, action: mask')],

    ['one character', 'one-character', 'warning',
     policy('in: [title], terms: [甲乙丙, 丁]'), '丁',
     qr/"丁": a term of one character hits nearly everything/,
     policy('in: [title], terms: [甲乙丙, 丁], boundary: whole')],

    ['two Han characters alone', 'two-han', 'warning',
     policy('in: [title], terms: [甲乙丙, 丁戊]'), '丁戊',
     qr/"丁戊": two Han characters alone also stand across words/,
     policy('in: [title], terms: [甲乙丙, 丁戊], except: [{terms: [园丁戊]}]')],

    ['two Han characters behind a condition', 'two-han', 'warning',
     policy('in: [title], groups: {a: {terms: [甲乙丙]}, b: {terms: [丁戊]}},'
            . ' when: a or b'), '丁戊', qr/"丁戊"/,
     policy('in: [title], groups: {a: {terms: [甲乙丙]}, b: {terms: [丁戊]}},'
            . ' when: a and b', tests => '[{hit: 甲乙丙丁戊}]')],

    ['two Han characters and a score', 'two-han', 'warning',
     policy('in: [title], groups: {a: {weight: 40, terms: [甲乙丙]},'
            . ' b: {weight: 40, terms: [丁戊]}}, when: score >= 40'), '丁戊',
     qr/"丁戊"/,
     policy('in: [title], groups: {a: {weight: 40, terms: [甲乙丙]},'
            . ' b: {weight: 20, terms: [丁戊]}}, when: score >= 40')],

    ['a dead exception', 'dead-exception', 'warning',
     policy("$plain, except: [{terms: [甲乙园丁]}]"), '甲乙园丁',
     qr/exception "甲乙园丁": no hit of the rule stands in it/,
     policy("$plain, except: [{terms: [小甲乙丙]}]")],

    ['an exception that holds a regex hit', 'dead-exception', 'warning',
     policy('in: [title], groups: {a: {terms: [甲乙丙]}, b: {regex: "丁{3}"}},'
            . ' except: [{terms: [丁丁]}]'), '丁丁', qr/"丁丁"/,
     policy('in: [title], groups: {a: {terms: [甲乙丙]}, b: {regex: "丁{3}"}},'
            . ' except: [{terms: [丁丁丁当]}]')],

    ['a term that an exception takes away', 'dead-term', 'warning',
     policy('in: [title], terms: [甲乙丙, 丁戊己], except: [{terms: [丁戊己]}]'),
     '丁戊己', qr/"丁戊己" never counts: the exception of line 8 is the same/,
     policy('in: [title], terms: [甲乙丙, 丁戊己], except: [{terms: [园丁戊己]}]')],

    ['an unknown label', 'unknown-label', 'warning',
     policy($plain, rule => 'label: rumour'), '7:5',
     qr/label "rumour" is none of the known ones \(did you mean "rumor"\?\)/,
     policy($plain)],

    ['a label of one\'s own', 'own-label', 'info',
     policy($plain, rule => 'label: house.style_42'), '7:5',
     qr/label "house.style_42" is none/, policy($plain)],

    ['a slot without the fields', 'unread-slot', 'warning',
     policy('in: [nick], terms: [甲乙丙]',
            rule => 'label: rumor, slots: [cards, feed]'), '7:5',
     qr/slot "feed" has none of its fields/,
     policy('in: [nick], terms: [甲乙丙]',
            rule => 'label: rumor, slots: [cards]')],

    (map {
        my ($key, $text) = @$_;
        (my $less = $base_rule) =~ s/, \Q$key\E: [^,]+//;
        ["no $key", "no-$key", 'warning', policy($plain, base => $less),
         '7:5', qr/takes something away and has no $key/, policy($plain)],
        ["no $key, strict", "no-$key", 'error',
         policy($plain, base => $less, head => $head . "strict: true\n",
                tests => '[{hit: 甲乙丙}]'), '8:5',
         qr/has no $key/,
         policy($plain, base => $less, head => $head . "strict: true\n",
                rule => 'label: rumor, action: tag')]
    } ['owner'], ['basis'], ['notice'], ['expires']),

    ['no tests', 'no-tests', 'warning', policy($plain, tests => '[]'), '7:5',
     qr/has no tests/,
     policy($plain, tests => '[]', rule => 'label: rumor, mode: shadow')],

    ['expired', 'expired', 'warning',
     policy($plain, base => $base_rule =~ s/\Q$soon\E/2020-01-31/r), '2020-01-31',
     qr/rule "r" has expired and runs in shadow/, policy($plain)],

    ['expiry far away', 'far-expiry', 'warning',
     policy($plain, base => $base_rule =~ s/\Q$soon\E/day(740)/er), '7:5',
     qr/expires in more than two years/,
     policy($plain, base => $base_rule =~ s/\Q$soon\E/day(720)/er)],

    ['an enforcing draft', 'draft-enforces', 'warning',
     policy($plain, rule => 'label: rumor, status: draft, mode: enforce'),
     '7:5', qr/is a draft and cannot enforce/,
     policy($plain, rule => 'label: rumor, status: draft')],

    ['many terms of look-alikes', 'look-alikes', 'info',
     policy('in: [title], terms: [甲乙丙, ' . look_alikes(100) . ']'), '7:5',
     qr/100 terms differ in look-alikes alone, as "i{7}" and "[li]{7}"/,
     policy('in: [title], terms: [甲乙丙, ' . look_alikes(60) . ']')],

    ['many terms of runs', 'look-alikes', 'info',
     policy('in: [title], terms: [甲乙丙, ' . runs(100) . ']',
            rule => 'label: rumor, fold: [repeat]'), '7:5',
     qr/100 terms differ in look-alikes and repeats alone/,
     policy('in: [title], terms: [甲乙丙, ' . runs(100) . ']')],

    ['what a page inserts is not what it asks for', 'insert', 'warning',
     page('selector: "a[href*=\"a.cn\"]", insert: "<a href=//b.cn>b</a>"'),
     '{id: entry', qr/"entry": what is inserted does not match "selector"/,
     page('selector: "a[href*=\"a.cn\"]", insert: "<p><a href=//a.cn>b</a>"')],

    ['nor in a head', 'insert', 'warning',
     page('selector: "p", visible: false, insert: "<meta name=p>", at: head-end'),
     '{id: entry', qr/"entry": what is inserted does not match "selector"/,
     page('selector: "meta[name=p]", visible: false, insert: "<meta name=p>",'
          . ' at: head-end')],

    ['what a page inserts cannot be seen', 'insert', 'warning',
     page('selector: "a", insert: "<p hidden><a href=/>a</a></p>"'),
     '{id: entry', qr/"entry": what is inserted is not to be seen/,
     page('selector: "a", visible: false, insert: "<p hidden><a>a</a></p>"')],

    ['an expensive regex', 'expensive-regex', 'info',
     policy('in: [title], groups: {a: {terms: [甲乙丙]}, b: {regex: "[^甲]{3}"}}'),
     '"[^甲]{3}"', qr/expensive regex: has no literal .* it runs on every text/,
     policy('in: [title], groups: {a: {terms: [甲乙丙]}, b: {regex: "丁[!?]{3}"}}')],

    ['a regex with repeats in repeats', 'slow-regex', 'warning',
     policy('in: [title], regex: "(甲+)+乙"'), '"(甲+)+乙"',
     qr/its time grows faster than the text; 64 bytes of "甲" spend the budget/,
     policy('in: [title], regex: "甲+乙"')],

    ['a regex that looks far', 'slow-regex', 'info',
     policy('in: [title], regex: "甲.*乙"'), '"甲.*乙"',
     qr/2000 bytes of "甲" spend the budget/,
     policy('in: [title], regex: "甲.{0,9}乙"')],

    ['a regex that asks for two digits', 'expensive-regex', 'info',
     policy('in: [title], groups: {a: {terms: [甲乙丙]}, '
            . 'b: {regex: "[^甲]\\\\d{2}"}}'), '"[^甲]\\\\d{2}"',
     qr/asks for little else: it runs on every text with two digits/,
     policy('in: [title], groups: {a: {terms: [甲乙丙]}, '
            . 'b: {regex: "[^甲]\\\\d{5}"}}')],

    ['a regex that is not understood', 'expensive-regex', 'info',
     policy('in: [title], regex: "甲(?R)?乙"'), '"甲(?R)?乙"',
     qr/not seen what every match holds .* it runs on every text/,
     policy('in: [title], regex: "甲(?:丙)?乙"')],

    ['capitals that are none', 'capitals', 'info',
     policy('in: [title], groups: {a: {terms: [甲乙丙]}, '
            . 'b: {regex: "[A-Z]{4}"}}'), '"[A-Z]{4}"',
     qr/"A-Z" is any Latin letter here/,
     policy('in: [title], groups: {a: {terms: [甲乙丙]}, '
            . 'b: {regex: "[A-Za-z]{4}"}}')],

    ['an expensive regex of an exception', 'expensive-regex', 'info',
     policy("$plain, except: [{regex: '[^甲]{3}'}]"), "'[^甲]{3}'",
     qr/runs on every text/, policy("$plain, except: [{regex: '甲.+'}]")],
);

for my $l (@lint) {
    my ($name, $code, $severity, $with, $place, $text, $without) = @$l;
    my ($rc, @found) = objects(spew('p.yaml', $with));
    my @mine = grep { $_->{code} eq $code } @found;

    is(scalar @mine, 1, "$name: found once") or diag(explain \@found);
    is(@mine ? "$mine[0]{severity} $mine[0]{line}:$mine[0]{column}" : '',
       "$severity " . place($with, $place), "$name: $severity, place");
    like(@mine ? $mine[0]{text} : '', $text, "$name: text");
    is($rc, $severity eq 'info' ? 0 : 1, "$name: exit status");

    ($rc, @found) = objects(spew('p.yaml', $without));
    isnt($rc, 2, "$name: the other policy can be used");
    is(scalar(grep { $_->{code} eq $code } @found), 0,
       "$name: not found without its cause") or diag(explain \@found);
}

# what cannot be loaded: raw invisible characters, unknown slots and fields

for my $l (
    ['an invisible character', policy("in: [title], terms: [甲\x{200b}乙]"),
     'invisible', qr/U\+200B \(write \\u200b in quotes\)/],
    ['an unknown slot', policy($plain, rule => 'label: rumor, slots: [card]'),
     'unknown-slot', qr/did you mean "cards"\?/],
    ['an unknown field', policy('in: [titel], terms: [甲乙丙]'),
     'unknown-field', qr/did you mean "title"\?/],
) {
    my ($name, $text, $code, $re) = @$l;
    my ($rc, @found) = objects(spew('p.yaml', $text));

    is($rc, 2, "$name: exit status 2");
    ok(1 == grep({ $_->{code} eq $code && $_->{severity} eq 'error'
                   && $_->{text} =~ $re } @found), "$name: found")
        or diag(explain \@found);
}

spew('list.txt', "# a list\n甲乙丙\n丁\x{ad}戊己\n");
my ($rc, @found) = objects(spew('p.yaml', policy('in: [title], list: list.txt')));
is($rc, 2, 'an invisible character in a list: exit status 2');
is("$found[0]{code} $found[0]{line}:$found[0]{column}", 'invisible 3:2',
   'an invisible character in a list: its place');

spew('list.txt', "甲乙丙\n丁戊己\n震驚了\n震惊了\n");
($rc, @found) = objects(spew('p.yaml', policy('in: [title], list: list.txt')));
is(join(' ', map { "$_->{code} $_->{line}:$_->{column}" } @found),
   'duplicate-term 4:1', 'a term twice in a list');
like($found[0]{file}, qr/list\.txt$/, 'a term twice in a list: its file');

spew('list.txt', join '', map { "天干$_\n天干${_}地支\n" } 100 .. 160);
($rc, @found) = objects(spew('p.yaml', policy('in: [title], list: list.txt',
                                              tests => '[{hit: 天干100}]')));
is($rc, 0, 'a list may hold longer forms for the sake of another rule')
    or diag(explain \@found);

# twenty of a kind in full, the rest as a number

my $many = join ', ', map { "天干地支$_, 天干地支$_" } 101 .. 130;
($rc, @found) = objects(spew('p.yaml', policy("in: [title], terms: [甲乙丙, $many]")));
is(scalar @found, 21, 'many duplicates: twenty, and one for the rest');
is(scalar(grep { $_->{text} =~ /rule "r": 10 more terms are there twice/ }
          @found), 1, 'many duplicates: how many more');


# inline tests

sub tested {
    my ($tests, %o) = @_;
    my ($status, @f) = objects(spew('p.yaml', policy($o{match} // $plain,
                                                     %o, tests => $tests)));
    return join '; ', $status, map { "$_->{code}: $_->{text}" }
        grep { $_->{code} =~ /test|todo/ } @f;
}

is(tested('[{hit: 小甲乙丙}, {pass: 小甲乙}]'), '0', 'hit and pass');
is(tested('[{hit: 小甲乙}]'),
   '1; test-failed: rule "r": "小甲乙" should hit and does not',
   'a hit that is none');
is(tested('[{pass: 小甲乙丙}]'),
   '1; test-failed: rule "r": "小甲乙丙" should pass and hits',
   'a pass that hits');
is(tested('[{todo_hit: 小甲乙}, {todo_pass: 小甲乙丙}]'), '0',
   'todo: not yet');
is(tested('[{todo_hit: 甲乙丙}]'),
   '0; todo-done: rule "r": "甲乙丙": this todo works now',
   'todo_hit: done is a remark');
is(tested('[{todo_pass: 小甲乙}]'),
   '0; todo-done: rule "r": "小甲乙": this todo works now',
   'todo_pass: done is a remark');
is(tested('[{hit: "一 甲乙丙、 甲(jiǎ)乙丙", spans: [甲乙丙, "甲(jiǎ)乙丙"]}]'),
   '0', 'spans: the text as it stands');
is(tested('[{hit: 小甲乙丙, spans: [小甲乙丙]}]'),
   '1; test-span: rule "r": no hit spans "小甲乙丙", the first spans "甲乙丙"',
   'spans: another text');
is(tested('[{hit: 甲乙丙, spans: [甲乙丙, 丁戊己]}]'),
   '1; test-span: rule "r": no hit spans "丁戊己", the first spans "甲乙丙"',
   'spans: one missing');
is(tested('[{hit: 甲乙丙, slot: feed}, {hit: 甲乙丙, slot: cards, field: title}]'),
   '0', 'slot and field');
is(tested('[{hit: 甲乙丙, slot: feet}]'),
   '1; test-place: test: unknown slot "feet" (did you mean "feed"?)',
   'an unknown slot');
is(tested('[{hit: 甲乙丙, field: titel}]'),
   '1; test-place: test: the rule does not look into "titel" '
   . '(did you mean "title"?)', 'an unknown field');
is(tested('[{hit: 甲乙丙, slot: feed, field: nick}]',
          match => 'in: [title, nick], terms: [甲乙丙]'),
   '1; test-place: test: no slot "feed" of this rule has that field',
   'a field that the slot has not');
is(tested('[{hit: 甲乙丙, slot: feed}]', rule => 'label: rumor, slots: [cards]'),
   '1; test-place: test: no slot "feed" of this rule has that field',
   'a slot that is not the rule\'s');

# whose item it is

my %whose = (slots => <<'END');
slots:
  - {name: cards, type: html, match: li, fields: {title: b, nick: i, account: "@data-a"}}
  - {name: feed, type: json, match: "$.list[*]", fields: {title: $.title, uid: $.u}, account_id: uid}
END

sub whose { my ($match, $tests) = @_; return tested($tests, %whose, match => $match) }

my $of = 'in: [title], terms: [甲乙丙], account: [watched, limited], credit: "< 40"';
is(whose($of, '[{hit: 甲乙丙, account: watched, credit: 39}, {hit: 甲乙丙, account: limited, credit: 0}]'), '0', 'account and credit: a hit');
is(whose($of, '[{pass: 甲乙丙, account: watched, credit: 40}, {pass: 甲乙丙, account: closed, credit: 39}, {pass: 甲乙, account: watched, credit: 39}]'),
   '0', 'account and credit: both have to fit, and the text');
is(whose($of, '[{hit: 甲乙丙}]'), '0', 'without either a test is about the text alone');
is(whose($of, '[{hit: 甲乙丙, account: watched, credit: 40}]'),
   '1; test-failed: rule "r": "甲乙丙" should hit and does not', 'a credit that does not fit');
is(whose($of, '[{pass: 甲乙丙, account: watched, credit: 39}]'),
   '1; test-failed: rule "r": "甲乙丙" should pass and hits', 'one that does');
is(whose('in: [title], terms: [甲乙丙], credit: "< 40"', '[{pass: 甲乙丙, account: watched}, {hit: 甲乙丙, credit: 39}]'), '0',
   'a state without a credit has one of 100, a credit without a state is of state none');
is(whose('in: [title], terms: [甲乙丙], account: [none]', '[{hit: 甲乙丙, credit: 39}, {pass: 甲乙丙, account: watched}]'), '0', 'of state none');
is(whose($of, '[{todo_hit: 甲乙丙, account: watched, credit: 39}]'), '0; todo-done: rule "r": "甲乙丙": this todo works now', 'a todo that is done');
is(whose('in: [title], terms: [甲乙丙]', "[{hit: 甲乙丙, $_}]"),
   '1; test-account: test: the rule asks for no "account" and no "credit"', "a rule that does not ask: $_") for 'account: watched', 'credit: 39';

# the account alone

is(whose('account: [limited]', '[{hit: u1, account: limited}, {hit: "", account: limited}, {pass: u1, account: trusted}, {pass: u1, credit: 0}]'), '0',
   'the account alone');
is(whose('account: [limited]', '[{pass: u1, account: limited}]'), '1; test-failed: rule "r": "u1" should pass and hits', 'which hits');
is(whose('credit: "<= 10"', '[{hit: "", credit: 10}, {pass: "", credit: 11}]'), '0', 'the credit alone');
is(whose('account: [limited]', '[{pass: u1}]'), '1; test-account: test: the rule looks at accounts alone: "account" or "credit" expected',
   'a test that could not fail');

# on pages: of all items, but those that name no account

spew('whose.html', '<ul><li data-a="u1"><b>甲乙丙</b></li><li><b>丁</b></li></ul>');
spew('whose.json', '{"list":[{"title":"甲乙丙","u":"u1"}]}');
spew('nobody.html', '<ul><li><b>甲乙丙</b></li></ul>');
is(whose($of, "[{hit: 甲乙丙, page: $_, account: watched, credit: 39}, {pass: '', page: $_, account: watched}, {hit: 甲乙丙, page: $_}]"), '0', "page: $_")
    for 'whose.html', 'whose.json';
is(whose('account: [limited]', "[{hit: '', page: $_, account: limited}, {pass: '', page: $_, account: closed}]"), '0', "page: $_, the account alone")
    for 'whose.html', 'whose.json';
is(whose('account: [limited]', "[{pass: '', page: nobody.html, account: limited}]"), '0', 'page: nobody to ask about');

for (['account: gone', 'unknown-word', 'unknown account "gone"'], ['account: limitd', 'unknown-word', 'unknown account "limitd" (did you mean "limited"?)'],
     ['account: [limited]', 'type', 'account: one word expected'], ['credit: 101', undef, 'credit'], ['credit: "< 40"', undef, 'credit'])
{
    my ($status, @f) = objects(my $file = spew('p.yaml', policy($of, %whose, tests => "[{hit: 甲乙丙, $_->[0]}]")));
    my @lines = split /\n/, policy($of, %whose, tests => 'HERE');
    my ($line) = grep { $lines[$_] =~ /HERE/ } 0 .. $#lines;
    is($status, 2, "$_->[0]: refused");
    is($f[0]{line}, $line + 1, "$_->[0]: its line");
    ok($f[0]{column} > 1, "$_->[0]: its column");
    like($f[0]{text}, qr/\Q$_->[2]\E/, "$_->[0]: what is wrong");
    is($f[0]{code}, $_->[1], "$_->[0]: its code") if $_->[1];
}


# what a test is about is the rule, not whether it acts now

is(tested('[{hit: 甲乙丙}]', rule => "label: rumor, $_"), '0', "with $_")
    for 'mode: "off"', 'status: draft', 'rollout: 0',
        'jurisdiction: [CN-GD/Shenzhen]';
is(tested('[{hit: 甲乙丙}]', base => $base_rule =~ s/\Q$soon\E/2020-01-31/r),
   '1', 'expired: the test holds, the expiry is a finding');

# pages go through the scan

spew('page.html', '<ul><li><b>一</b><a href="/1">x</a></li>'
     . '<li><b>甲<i>乙</i>&#x4e19;</b></li><li><b>甲<!-- -->乙丙丁</b></ul>');
spew('page.json', '{"list":[{"title":"一"},{"title":"\u7532\u4e59丙"}]}');
spew('none.html', '<p>甲乙丙</p>');

is(tested('[{hit: 甲乙丙, page: page.html}]'), '0', 'page: a hit');
is(tested('[{hit: "", page: page.json}]'), '0', 'page: any hit');
is(tested('[{hit: 丁戊己, page: page.html}]'),
   '1; test-failed: rule "r": "丁戊己" should hit and does not',
   'page: a hit on another text');
is(tested('[{pass: 丁戊己, page: page.html}]'), '0', 'page: no such hit');
is(tested('[{pass: "", page: page.html}]'),
   '1; test-failed: rule "r": "page.html" should pass and hits',
   'page: no hit at all');
is(tested('[{hit: "", page: page.html, spans: [甲乙丙], slot: cards}]'), '0',
   'page: spans and slot');
is(tested('[{hit: 甲乙丙, page: page.html, field: nick}]',
          match => 'in: [title, nick], terms: [甲乙丙]'),
   '1; test-failed: rule "r": "甲乙丙" should hit and does not',
   'page: a field without a hit');
is(tested('[{todo_hit: 甲乙丙, page: page.html}]'),
   '0; todo-done: rule "r": "甲乙丙": this todo works now',
   'page: a todo that is done');
is(tested('[{pass: 甲乙丙, page: none.html}]'),
   '1; test-page: test: page "none.html" has no item of a slot of this rule',
   'page: no item is no pass');
is(tested('[{pass: 甲乙丙, page: page.html, slot: feed}]'),
   '1; test-page: test: page "page.html" has no item of slot "feed"',
   'page: no item of the slot');
is(tested('[{hit: 甲乙丙, page: absent.html}]'),
   '1; test-page: test: page "absent.html": No such file or directory',
   'page: no file');

my $crowd = join '', map { "<li><b>" . ('丁戊己 ' x 100) . "甲乙丙</b></li>" } 1 .. 3;
spew('crowd.html', "<ul>$crowd</ul>");
($rc, @found) = objects(spew('p.yaml', policy($plain, tests => '[{hit: 甲乙丙, page: crowd.html}]')
    . "  - {$base_rule, label: rumor, match: {in: [title], terms: [丁戊己]},"
      =~ s/id: r,/id: other,/r . " tests: [{hit: 丁戊己}]}\n"));
is($rc, 0, 'page: the hits of another rule crowd nothing out')
    or diag(explain \@found);


# --base

my $old = spew('old.yaml', policy($plain));

for (
    ['the same', policy($plain), ''],
    ['another term', policy('in: [title], terms: [甲乙丙, 丁戊己]'),
     'rule "r" has changed and its rev is still 2'],
    ['another action', policy($plain, rule => 'label: rumor, action: hold'),
     'rule "r" has changed and its rev is still 2'],
    ['another exception', policy("$plain, except: [{terms: [小甲乙丙]}]"),
     'rule "r" has changed and its rev is still 2'],
    ['another slot', policy($plain, rule => 'label: rumor, slots: [feed]'),
     'rule "r" has changed and its rev is still 2'],
    ['another test', policy($plain, tests => '[{hit: 甲乙丙}, {pass: 甲乙}]'),
     ''],
    ['a raised rev', policy('in: [title], terms: [甲乙丙, 丁戊己]',
                            base => $base_rule =~ s/rev: 2/rev: 3/r), ''],
    ['a lower rev', policy($plain, base => $base_rule =~ s/rev: 2/rev: 1/r),
     'rule "r": rev 1 is lower than the 2 it had'],
    ['a new rule', policy('in: [title], terms: [甲乙丙, 丁戊己]',
                          base => $base_rule =~ s/id: r/id: new/r), ''],
) {
    my ($name, $text, $want) = @$_;

    ($rc, @found) = objects('--base', $old, spew('p.yaml', $text));
    is(join('; ', map { $_->{text} } grep { $_->{code} eq 'rev' } @found),
       $want, "--base: $name");
    is($rc, $want eq '' ? 0 : 1, "--base: $name: exit status")
        or diag(explain \@found);
}

($rc, @found) = objects('--base', "$tmp/absent.yaml", spew('p.yaml', policy($plain)));
is("$rc $found[0]{code}", '1 base', '--base: not there');


# --variants

my $fold_all = 'fold: [width, case, hant, gloss, digits, invisible, '
    . 'confusable, repeat, leet, pinyin], gap: 2';

sub variants {
    my ($status, @o) = objects('--variants', spew('p.yaml', policy(@_)));
    return ($status, { map { $_->{variant} => $_ }
                       grep { exists $_->{variant} } @o });
}

($rc, my $v) = variants("in: [title], terms: [甲乙丙, 震惊价网络, 免费 sale 88], $fold_all",
    tests => '[{hit: 震惊价网络}, {hit: 免费 sale 88}]');
is($rc, 0, 'variants: exit status');
is_deeply([sort keys %$v],
          [sort qw(traditional gloss ruby width case digits zero-width
                   combining reversed look-alike marks doubled leet pinyin
                   apart same-sound tags references escapes split)],
          'variants: every form is tried');
is_deeply([grep { !$v->{$_}{on} } sort keys %$v], [qw(apart same-sound)],
          'variants: the rule has all folds but two');

for (sort keys %$v) {
    next if /^(?:pinyin|apart|same-sound)$/;
    is("$v->{$_}{seen} of $v->{$_}{tried}",
       "$v->{$_}{tried} of $v->{$_}{tried}", "variants: $_ seen through")
        or diag($v->{$_}{missed});
}

# a character that is taken apart stands for none of its sound: each fold alone

for (['apart', 'split'], ['same-sound', 'homophone']) {
    my ($form, $fold) = @$_;
    my (undef, $alone) = variants("in: [title], terms: [震惊价网络], fold: [$fold]",
        tests => '[{hit: 震惊价网络}]');
    my $one = $alone->{$form};
    ok($one->{on} && $one->{tried} && $one->{seen} == $one->{tried},
       "variants: $form seen through by $fold") or diag(explain $one);
}

cmp_ok($v->{split}{tried}, '==', 10, 'variants: split in HTML and JSON, '
       . 'plain, as references, as escapes');

# a fold that is off is named, and its forms are not seen

($rc, $v) = variants('in: [title], terms: [震惊价网络, 免费 sale 88], fold: [], boundary: none',
    tests => '[{hit: 震惊价网络}, {hit: 免费 sale 88}]');

for (['traditional', 'hant'], ['gloss', 'gloss'], ['width', 'width'],
     ['case', 'case'], ['digits', 'digits'], ['zero-width', 'invisible'],
     ['combining', 'invisible'], ['reversed', 'invisible'],
     ['look-alike', 'confusable'], ['marks', 'gap'], ['doubled', 'repeat'],
     ['leet', 'leet'], ['pinyin', 'pinyin'], ['apart', 'split'],
     ['same-sound', 'homophone'])
{
    my ($form, $fold) = @$_;
    my $one = $v->{$form} || {};

    ok($one->{tried} && !$one->{on} && $one->{needs} eq $fold
       && $one->{seen} == 0 && length $one->{missed},
       "variants: without $fold, $form gets through")
        or diag(explain $one);
}

is("$v->{$_}{seen} $v->{$_}{missed}", "$v->{$_}{tried} ",
   "variants: $_ needs no fold")
    for map { $v->{$_}{missed} //= ''; $_ } qw(tags references escapes split);

# nothing to disguise, nothing tried; a text that is no hit is none

($rc, $v) = variants($plain, tests => '[{pass: 甲乙}]');
is(scalar keys %$v, 0, 'variants: no hit test');
($rc, $v) = variants($plain, tests => '[{hit: 丁戊己}]');
is("$rc " . keys %$v, '1 0', 'variants: a test that fails is not disguised');
($rc, $v) = variants($plain, tests => '[{hit: 甲乙丙}]');
ok(!exists $v->{case} && !exists $v->{digits} && !exists $v->{leet},
   'variants: letters and digits only where there are some');

my (undef, $out) = check('--variants', spew('p.yaml',
    policy('in: [title], terms: [甲乙丙, 震惊价网络], fold: [gloss]',
           tests => '[{hit: 震惊价网络}]')));
like($out, qr/^variants of r$/m, 'variants as text: the rule');
like($out, qr/^    ruby +1 of 1 seen$/m, 'variants as text: seen');
like($out, qr/^    traditional +0 of \d seen \(fold hant is off\), not "震驚/m,
     'variants as text: a fold that is off');
like($out, qr/^    marks +0 of 5 seen \(the rule has no gap\), not "震 惊/m,
     'variants as text: no gap');


# --corpus

my $a = spew('a.txt', "一\n\n小甲乙丙在此\n大 甲乙丙 甲乙丙\n甲乙\n");
my $b = spew('b.txt', ('无' x 100 . "\n") x 9 . "甲（jiǎ）乙丙\n");

sub rates {
    my ($files, @policy) = @_;
    my ($status, @o) = objects((map { "--corpus $_" } @$files),
                               spew('p.yaml', policy(@policy)));
    return ($status, scalar((grep { exists $_->{corpus} } @o)[0]),
            grep { exists $_->{code} } @o);
}

($rc, my $rate, @found) = rates([$a], $plain);
is($rc, 0, 'corpus: exit status');
is_deeply($rate->{corpus}, {lines => 4, chars => 1 + 6 + 9 + 2},
          'corpus: lines and characters');
is($rate->{hits}, 2, 'corpus: a line is one hit');
is(sprintf('%.3f', $rate->{rate}), sprintf('%.3f', 2 * 100000 / 18),
   'corpus: the rate');
is($rate->{max_rate}, undef, 'corpus: no max_rate');

($rc, $rate, @found) = rates([$a, $b], $plain);
is($rate->{hits}, 3, 'corpus: several files');
is($rate->{folds}{gloss}, 1, 'corpus: a hit that needs gloss');
is($rate->{folds}{case}, 0, 'corpus: none needs case');
ok(!exists $rate->{folds}{pinyin}, 'corpus: a fold that is off is not named');

($rc, $rate) = rates([$a], 'in: [title], terms: [甲乙丙], except: [{terms: [小甲乙丙]}]');
is($rate->{hits}, 1, 'corpus: exceptions count');
($rc, $rate) = rates([$a], 'in: [title], groups: {a: {terms: [甲乙丙]}}, when: count(a) >= 2',
                     tests => '[{hit: 甲乙丙甲乙丙}]');
is($rate->{hits}, 1, 'corpus: conditions count');

my $gap = spew('gap.txt', "甲 乙 丙\n甲乙丙\n");
($rc, $rate) = rates([$gap], "$plain, gap: 1");
is("$rate->{hits} $rate->{folds}{gap}", '2 1', 'corpus: a hit that needs the gap');

($rc, $rate, @found) = rates([$a], $plain, rule => 'label: rumor, max_rate: 20000');
is("$rc " . @found, '0 0', 'corpus: below max_rate');
($rc, $rate, @found) = rates([$a], $plain, rule => 'label: rumor, max_rate: 10000');
is("$rc $found[0]{severity} $found[0]{code} $found[0]{line}:$found[0]{column}",
   '1 error max-rate 7:5', 'corpus: above max_rate');
like($found[0]{text}, qr/: 11111 hits in 100000 characters of neutral text, max_rate is 10000/,
     'corpus: above max_rate: how much');

($rc, undef, @found) = rates(["$tmp/absent.txt"], $plain);
is("$rc $found[0]{code} $found[0]{text}", '2 corpus No such file or directory',
   'corpus: not there');
($rc, undef, @found) = rates([spew('empty.txt', "\n \n")], $plain);
is("$rc $found[0]{code} $found[0]{text}", '1 corpus no text in it',
   'corpus: nothing in it is no pass');

(undef, $out) = check('--corpus', $a, '--corpus', $b,
                      spew('p.yaml', policy($plain, rule => 'label: rumor, max_rate: 50000')));
like($out, qr/^corpus of 14 lines, 926 characters; hits/m, 'corpus as text');
like($out, qr/^    r +3 +323\.974 \(at most 50000\)  gloss 1$/m,
     'corpus as text: a rule');


# formats

my $two = spew('p.yaml', policy('in: [title], terms: [甲乙丙, 50%, 50%]',
                                rule => 'label: own_words', tests => '[{hit: 丁戊己}]'));

($rc, $out) = check($two);
is($out, <<"END", 'text');
$two:8:45: "50%" is there twice, first in line 8 [warning: duplicate-term]
$two:9:14: rule "r": "丁戊己" should hit and does not [test-failed]
1 rule, 2 slots, 1 test: 1 error, 1 warning (1 remark: --remarks shows it)
END

($rc, $out) = check('--remarks', $two);
is($out, <<"END", 'text, with remarks');
$two:7:5: label "own_words" is none of the known ones [info: own-label]
$two:8:45: "50%" is there twice, first in line 8 [warning: duplicate-term]
$two:9:14: rule "r": "丁戊己" should hit and does not [test-failed]
1 rule, 2 slots, 1 test: 1 error, 1 warning
END

($rc, $out) = check('--format', 'json', $two);
is_deeply([map { JSON::PP->new->decode($_) } split /\n/, $out],
          [{severity => 'info', code => 'own-label', file => $two, line => 7,
            column => 5, text => 'label "own_words" is none of the known ones'},
           {severity => 'warning', code => 'duplicate-term', file => $two,
            line => 8, column => 45, text => '"50%" is there twice, first in line 8'},
           {severity => 'error', code => 'test-failed', file => $two,
            line => 9, column => 14,
            text => 'rule "r": "丁戊己" should hit and does not'}], 'json');

($rc, $out) = check('--format', 'github', $two);
is($out, <<"END", 'github');
::notice file=$two,line=7,col=5,title=own-label::label "own_words" is none of the known ones
::warning file=$two,line=8,col=45,title=duplicate-term::"50%25" is there twice, first in line 8
::error file=$two,line=9,col=14,title=test-failed::rule "r": "丁戊己" should hit and does not
END

my $odd = spew('a,b:c.yaml', policy('in: [title], terms: [甲乙丙, 丁]'));
($rc, $out) = check('--format', 'github', "'$odd'");
like($out, qr/^::warning file=\Q$tmp\E\/a%2Cb%3Ac\.yaml,line=8,/,
     'github: the name of a file is escaped');

($rc, $out) = check('--format', 'github', "$tmp/absent.yaml");
is("$rc $out", "2 ::error file=$tmp/absent.yaml,title=no-file::No such file or directory\n",
   'github: a message without a line');


# exit status and usage

for (['', 'no policy'], ['--format xml p', 'an unknown format'],
     ['--bass x p', 'an unknown option'], ['--format', 'no format'],
     ['--corpus', 'no corpus'], ['--base', 'no base'], ['a b', 'two policies'])
{
    ($rc, $out) = check($_->[0]);
    is($rc, 2, "usage: $_->[1]");
    open my $f, '<', "$tmp/stderr" or die $!;
    like(scalar <$f>, qr/^usage: moderationctl check /, "usage: $_->[1]: said");
}

($rc, $out) = check(spew('p.yaml', "schema: 1\n"));
is($rc, 2, 'a policy that cannot be used: 2');


# docs/rules.md: its commands on its files print what it says

{
    open my $f, '<:encoding(UTF-8)', 'docs/rules.md' or die $!;
    my $doc = do { local $/; <$f> };

    my ($shop) = $doc =~ /<!-- file: shop\.yaml -->\n```yaml\n(.*?)```/s;
    my ($neutral) = $doc =~ /<!-- file: neutral\.txt -->\n```text\n(.*?)```/s;

    spew('shop.yaml', $shop);
    spew('old.yaml', $shop =~ s/震惊\]/震惊了]/r);
    spew('neutral.txt', $neutral);

    my $n = 0;
    my $bin = $tool =~ m{^/} ? $tool : POSIX::getcwd() . "/$tool";

    while ($doc =~ /^    \$ moderationctl (.*)\n((?:    [^\$\n].*\n)+)/mg) {
        my ($args, $want) = ($1, $2);
        $want =~ s/^    //mg;
        my $got = decode('UTF-8', `cd $tmp && $bin $args`);
        is($got, $want, "docs/rules.md: moderationctl $args");
        $n++;
    }

    cmp_ok($n, '>=', 6, 'docs/rules.md: its commands');

    # every code of a finding is in its table

    my %codes;
    for my $source (map { "ngx_module/check/$_.c" }
                    qw(lint lint_terms check check_test measure))
    {
        open my $c, '<', $source or die "$source: $!";
        my $text = do { local $/; <$c> };
        $codes{$1} = 1 while $text =~ /MDR_DIAG_\w+,\s+"([a-z-]+)"/g;
        $codes{$1} = 1 while $text =~ /missing\(c, r, "([a-z-]+)"/g;
    }
    delete @codes{qw(base corpus)};
    cmp_ok(scalar keys %codes, '>', 18, 'the codes of findings');
    like($doc, qr/^\|.*`\Q$_\E`/m, "docs/rules.md: code $_") for sort keys %codes;
}

done_testing();
