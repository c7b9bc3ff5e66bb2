# Mistakes in a policy: nginx does not start and says file:line:column.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";

use Encode qw(encode);
use Test::More;
use ModerationTest::Server;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $slot = "slots:\n  - {name: a, type: html, match: li, fields: {title: b, link: 'a\@href'}}\n";
my $head = "schema: 1\npolicy: bad\n";
my $good = "rules:\n  - {id: r, label: rumor, match: {in: [title], terms: [x]}}\n";

sub slot { return $head . "slots:\n  - {$_[0]}\n$good" }
sub rule { return $head . $slot . "rules:\n  - {$_[0]}\n" }
sub match { return rule("id: r, label: rumor, match: {$_[0]}") }

# name, text, place, message
my @bad = (
    ['syntax', "schema: [1\n", '2:1', qr/missing/],
    ['empty', "# nothing\n", '1:1', qr/empty/],
    ['no schema', "policy: x\n$slot$good", '1:1', qr/"schema: 1" is missing/],
    ['schema 2', "schema: 2\npolicy: x\n$slot$good", '1:9', qr/not between 1 and 1/],
    ['no name', "schema: 1\n$slot$good", '1:1', qr/"policy: NAME" is missing/],
    ['unknown key', $head . "rulez: []\n$slot$good", '3:1', qr/unknown key .*"rulez" \(did you mean "rules"\?\)/],
    ['duplicate key', $head . "policy: y\n$slot$good", '3:1', qr/duplicate key "policy"/],
    ['alias', $head . "strict: &a true\ndefaults: *a\n$slot", '4:11', qr/aliases/],
    ['no slots', $head . $good, '1:1', qr/at least one slot/],
    ['slot type', slot('name: a, type: htlm, match: li, fields: {title: b}'), '4:21', qr/unknown type "htlm" \(did you mean "html"\?\)/],
    ['slot without match', slot('name: a, type: html, fields: {title: b}'), '4:5', qr/"match" is missing/],
    ['slot name', slot('name: "a b", type: html, match: li, fields: {title: b}'), '4:12', qr/letters, digits/],
    ['selector', slot('name: a, type: html, match: "li + p", fields: {title: b}'), '4:38', qr/sibling combinators/],
    ['pseudo-class', slot('name: a, type: html, match: "li:hover", fields: {title: b}'), '4:37', qr/pseudo-class is not supported/],
    ['path', slot('name: a, type: json, match: "$.a[?(@.b)]", fields: {title: $.b}'), '4:39', qr/filters are not supported/],
    ['path in html', slot('name: a, type: html, match: "$.a", fields: {title: b}'), '4:34', qr/JSON path in a slot of type html/],
    ['script', slot('name: a, type: script, match: "$.a", fields: {title: $.b}'), '4:5', qr/"script" is missing/],
    ['attribute', slot('name: a, type: html, match: li, fields: {title: "b@"}'), '4:56', qr/name of an attribute/],
    ['limit', slot('name: a, type: html, match: li, limit: 0, fields: {title: b}'), '4:45', qr/not between 1/],
    ['no label', rule('id: r, match: {in: [title], terms: [x]}'), '6:5', qr/"label" is missing/],
    ['action', rule('id: r, label: rumor, action: blok, match: {in: [title], terms: [x]}'), '6:35', qr/did you mean "block"/],
    ['date', rule('id: r, label: rumor, expires: 2027-02-30, match: {in: [title], terms: [x]}'), '6:36', qr/there is no day/],
    ['unknown slot', rule('id: r, label: rumor, slots: [aa], match: {in: [title], terms: [x]}'), '6:35', qr/unknown slot "aa"/],
    ['rollout', rule('id: r, label: rumor, rollout: 101, match: {in: [title], terms: [x]}'), '6:36', qr/not between 0 and 100/],
    ['unknown field', match('in: [titel], terms: [x]'), '6:40', qr/unknown field "titel" \(did you mean "title"\?\)/],
    ['no in', match('terms: [x]'), '6:34', qr/"in" is missing/],
    ['empty term', match('in: [title], terms: ["  "]'), '6:56', qr/empty term/],
    ['invisible', match("in: [title], terms: [\"a\x{200b}b\"]"), '6:58', qr/invisible character U\+200B/],
    ['fold', match('in: [title], terms: [x], fold: [with]'), '6:67', qr/unknown fold "with" \(did you mean "width"\?\)/],
    ['gap', match('in: [title], terms: [x], gap: {max: 99}'), '6:71', qr/not between 0 and 16/],
    ['regex', match('in: [title], regex: "a(b"'), '6:59', qr/regex: .*parenthesis/],
    ['empty regex match', match('in: [title], regex: "a*"'), '6:56', qr/empty text/],
    ['condition', match('in: [title], groups: {a: {terms: [x]}}, when: "a and b"'), '6:88', qr/unknown group "b"/],
    ['condition end', match('in: [title], groups: {a: {terms: [x]}}, when: "(a"'), '6:84', qr/"\)" is missing/],
    ['no list', match('in: [title], list: none.txt'), '6:54', qr/No such file/],
    ['mask of a URL', rule('id: r, label: rumor, action: mask, match: {in: [link], terms: [x]}'), '6:54', qr/never masked/],
    ['duplicate rule', $head . $slot . $good . "  - {id: r, label: rumor, match: {in: [title], terms: [x]}}\n", '7:10', qr/rule "r" twice/],
    ['bursts of no rule', $head . $slot . $good . "bursts: {rules: {x: {ratio: 2}}}\n", '7:21', qr/there is no rule "x"/],
    ['pinyin', match('in: [title], terms: [震惊], fold: [pinyin]'), '6:56', qr/three characters/],
);

for my $b (@bad) {
    my ($name, $text, $place, $message) = @$b;
    my $file = "$ModerationTest::build/t/bad-policy.yaml";

    write_file($file, encode('UTF-8', $text));

    my ($rc, $out) = nginx_t(http => "server { listen %%PORT%%; "
                             . "moderation enforce; moderation_policy $file; }");

    utf8::decode($out);
    is($rc, 1, "$name: refused");
    like($out, qr/\Q$file\E:$place: [^\n]*$message/, "$name: where and why");
}

done_testing();
