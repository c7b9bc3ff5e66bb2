#!/usr/bin/perl

# docs/policy.schema.json and the loader agree, policy by policy of a table
# (t/fixtures/schema), and on what is shipped; every key that the loader knows
# is in the schema and in the table.

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

my $schema = 'docs/policy.schema.json';
my $tmp = tempdir(CLEANUP => 1);

sub slurp {
    my ($path) = @_;
    open my $f, '<', $path or die "$path: $!";
    local $/;
    return decode('UTF-8', scalar <$f>);
}

sub spew {
    my ($path, $text) = @_;
    open my $f, '>', $path or die "$path: $!";
    print $f encode('UTF-8', $text);
    close $f;
}

# the policies of a table: [name, text]
my %stands = (
    '@slots' => "slots:\n  - {name: cards, type: html, match: li,"
        . " fields: {title: b, nick: i}}",
    '@rule' => '{id: r, label: rumor, match: {in: [title], terms: [abc]}}',
    '@match' => 'match: {in: [title, nick], terms: [abc]}',
    '@256x' => '某' x 257,
    '@256' => '某' x 256,
);

sub table {
    my (undef, @cases) = split /^== /m, slurp("t/fixtures/schema/$_[0].txt");
    return map {
        my ($name, $text) = /^([^\n]+)\n(.*)$/s;
        $text =~ s/(\@slots|\@rule|\@match|\@256x?)/$stands{$1}/g;
        [$name, $text];
    } @cases;
}

# what the schema says of files, a line each
sub validate {
    my ($part, @files) = @_;
    my $out = decode('UTF-8', `t/tools/schema '$schema$part' @files 2>&1`);
    return ($?, split /\n/, $out);
}

spew("$tmp/list.txt", "abc\nabd\n");
spew("$tmp/slots.inc", "slots:\n  - {name: more, type: html, match: dd, fields: {title: b}}\n");
spew("$tmp/weighted.txt", "abc\t3\nabd\t-2\tend\n");

my %cases = (good => [table('good')], bad => [table('bad')]);
my (@files, %seen);

for my $kind (qw(good bad)) {
    my $n = 0;
    for my $c (@{$cases{$kind}}) {
        push @$c, sprintf '%s/%s%03d.yaml', $tmp, $kind, $n++;
        spew($c->[2], $c->[1]);
        push @files, $c->[2];
        fail("$kind: two policies named $c->[0]") if $seen{$kind}{$c->[0]}++;
    }
}

cmp_ok(scalar @files, '>=', 60, 'the table has ' . @files . ' policies');

my ($rc, @said) = validate('', @files);
is($rc, 0, 'the schema is one, and every policy was read') or diag(@said);
is(scalar @said, scalar @files, 'a line a policy') or diag(@said);

my $i = 0;

for my $kind (qw(good bad)) {
    for my $c (@{$cases{$kind}}) {
        my ($name, undef, $file) = @$c;
        my $out = decode('UTF-8', `$tool check --format json $file 2>&1`);
        my $loader = $? >> 8;
        my $line = $said[$i++] // '';

        if ($kind eq 'good') {
            isnt($loader, 2, "$name: the loader takes it") or diag($out);
            is($line, 'valid', "$name: so does the schema");

        } else {
            is($loader, 2, "$name: the loader refuses it") or diag($out);
            like($line, qr/^invalid at /, "$name: so does the schema");

            # one mistake each: a second one could hide that the first is none

            my @errors = grep { $_->{severity} eq 'error' }
                map { JSON::PP->new->decode($_) } split /\n/, $out;
            my %places = map { ("$_->{line}:$_->{column}" => 1) } @errors;

            ok(keys %places >= 1 && keys %places <= 2,
               "$name: the loader says where") or diag($out);
        }
    }
}


# every key that the loader knows is in the schema, and in a good policy

my $json = JSON::PP->new->decode(encode('UTF-8', slurp($schema)));
my (%known, @todo) = ();

@todo = ($json);

while (@todo) {
    my $x = shift @todo;
    if (ref $x eq 'HASH') {
        $known{$_}++ for ref $x->{properties} eq 'HASH'
            ? keys %{$x->{properties}} : ();
        push @todo, values %$x;
    } elsif (ref $x eq 'ARRAY') {
        push @todo, @$x;
    }
}

my $good = join "\n", map { $_->[1] } @{$cases{good}};
my %loader;

for my $source (glob 'ngx_module/engine/load/load*.c') {
    my $text = slurp($source);
    while ($text =~ /char \*const  \w*keys\[\] = \{(.*?)\}/sg) {
        my $list = $1;
        $loader{$_} = 1 for $list =~ /"(\w+)"/g;
    }
}

# keys of a rule that hold one value stand in a table, which loads, the image and
# diff go by; folds in another one: nothing else has a list of them

my $table = slurp('ngx_module/engine/base/rule_keys.c');
my @rows = $table =~ /^    \{ "([\w ]+)", MDR_KEY_(?:(?!\.part).)*?\}/msg;
my @keys = grep { !/ / && $table !~ /\{ "$_", [^}]*\.part = 1/ } @rows;

cmp_ok(scalar @keys, '>=', 15, 'the table of the keys of a rule');
$loader{$_} = 1 for @keys;

my @folds = slurp('ngx_module/engine/base/model.h') =~ /^    FOLD\(\w+, "(\w+)"/mg;
my ($fold_enum) = grep { ref eq 'HASH' } $json->{'$defs'}{fold}{items};

is_deeply([@folds], $fold_enum->{enum}, 'the folds of the table are those of the schema');

my $code = join '', map { slurp($_) } grep { !m{/base/model\.h$} }
    glob 'ngx_module/*/*.[ch] ngx_module/*/*/*.[ch]';

# other words have other meanings, too

for my $fold (qw(hant confusable homophone)) {
    unlike($code, qr/"$fold"/, "$fold: its name stands in the table alone");
}

my $samples = slurp('ngx_module/check/disguise.c');

for my $fold (@folds) {
    like($samples, qr/^    \{ "[\w-]+", MDR_FOLD_\U$fold\E, /m, "$fold: a sample of what it sees through");
}

cmp_ok(scalar keys %loader, '>', 50, 'the keys of the loader');
is(join(' ', sort keys %loader), join(' ', sort keys %known),
   'the keys of the loader are the keys of the schema');

for (sort keys %loader) {
    like($good, qr/(?:^|[\s{,"-])$_"?:/m, "a good policy has \"$_\"");
}

# words: every one that the loader knows, likewise

my %words;

for my $source (glob("ngx_module/engine/load/load_*.c"), "ngx_module/engine/base/rule_keys.c") {
    my $text = slurp($source);
    while ($text =~ /^static const char \*const  (\w+)\[\] = \{(.*?)\}/msg) {
        my ($name, $list) = ($1, $2);
        $words{join ' ', sort $list =~ /"(\w+)"/g} = $name
            unless $name =~ /keys/;
    }
}

my %enums;
@todo = ($json);

while (@todo) {
    my $x = shift @todo;
    if (ref $x eq 'HASH') {
        $enums{join ' ', sort @{$x->{enum}}} = 1 if ref $x->{enum} eq 'ARRAY';
        push @todo, values %$x;
    } elsif (ref $x eq 'ARRAY') {
        push @todo, @$x;
    }
}

cmp_ok(scalar keys %words, '>=', 9, 'the words of the loader');
ok($enums{$_}, "the schema has the words of $words{$_}: $_")
    for sort keys %words;


# what is shipped

my @shipped = glob 'rules/homepage/*.yaml';

($rc, @said) = validate('#/$defs/file', @shipped);
is(join("\n", @said), join("\n", map { 'valid' } @shipped),
   'the files of rules/homepage');

($rc, @said) = validate('', 'rules/homepage/gambling.yaml');
like("@said", qr/^invalid at \/: '\w+' is a required property/,
     'a file of a folder is no policy of its own');

for my $doc ('README.md', 'rules/README.md') {
    my ($example) = slurp($doc) =~ /```yaml\n(.*?)```/s;
    spew("$tmp/example.yaml", $example);
    ($rc, @said) = validate('#/$defs/file', "$tmp/example.yaml");
    is("@said", 'valid', "the example of $doc");
}

# PyYAML makes dates of dates without quotes

@said = split /\n/, decode('UTF-8', `t/tools/schema --1.1 '$schema#/\$defs/file' @shipped 2>&1`);
is(join("\n", @said), join("\n", map { 'valid' } @shipped), 'and as PyYAML reads them');

for (['2027-06-30', 'valid'], ['"2027-06-30"', 'valid'], ['2027-06', 'invalid'],
     ['2027', 'invalid'], ['true', 'invalid'], ['', 'invalid'])
{
    my ($date, $want) = @$_;
    spew("$tmp/date.yaml", "schema: 1\npolicy: p\n$stands{'@slots'}\nrules:\n"
         . "  - {id: r, label: rumor, match: {in: [title], terms: [abc]}, expires: $date}\n");
    like(scalar `t/tools/schema --1.1 $schema $tmp/date.yaml 2>&1`, qr/^$want\b/,
         "expires: $date is $want");
}

# each key says what it is, in both languages: editors show it

sub keys_of {
    my ($x, $path) = @_;
    if (ref $x eq 'ARRAY') {
        keys_of($_, $path) for @$x;
        return;
    }
    return if ref $x ne 'HASH';
    for my $k (sort keys %$x) {
        if ($k eq 'properties') {
            for my $name (sort keys %{$x->{$k}}) {
                my ($en, $zh) = split /\n/, $x->{$k}{$name}{description} // '';
                ok(($en // '') =~ /[a-z]/ && ($en // '') !~ /\p{Han}/
                   && ($zh // '') =~ /\p{Han}/, "$path.$name says what it is");
                keys_of($x->{$k}{$name}, "$path.$name");
            }
        } elsif ($k eq '$defs') {
            keys_of($x->{$k}{$_}, $_) for sort keys %{$x->{$k}};
        } elsif ($k !~ /^(?:if|then|else|not)$/) {
            keys_of($x->{$k}, $path);
        }
    }
}

keys_of(JSON::PP->new->decode(slurp($schema)), 'policy');

# what the schema does not see (docs/rules.md), the loader does

my ($slots, $rule, $match) = @stands{qw(@slots @rule @match)};

for (['a selector', "slots: [{name: a, type: html, match: 'li + p', fields: {t: b}}]"],
     ['a regex', "$slots\nrules:\n  - {id: r, label: rumor, match: {in: [title], regex: 'a(b'}}"],
     ['a condition', "$slots\nrules:\n  - {id: r, label: rumor, match: {in: [title], terms: [abc], when: terms and}}"],
     ['the name of a slot', "$slots\nrules:\n  - {id: r, label: rumor, slots: [card], $match}"],
     ['the name of a field', "$slots\nrules:\n  - {id: r, label: rumor, match: {in: [titel], terms: [abc]}}"],
     ['a list that is not there', "$slots\nrules:\n  - {id: r, label: rumor, match: {in: [title], list: absent.txt}}"],
     ['an id twice', "$slots\nrules:\n  - $rule\n  - $rule"],
     ['a key twice', "policy: q\n$slots"],
     ['a mask on a URL', "slots: [{name: a, type: html, match: li, fields: {u: a\@href}}]\nrules:\n  - {id: r, label: rumor, action: mask, match: {in: [u], terms: [abc]}}"],
     ['short terms with pinyin', "$slots\nrules:\n  - {id: r, label: rumor, fold: [pinyin], match: {in: [title], terms: [某某]}}"])
{
    my ($name, $text) = @$_;
    spew("$tmp/beyond.yaml", "schema: 1\npolicy: p\n$text\n");
    ($rc, @said) = validate('', "$tmp/beyond.yaml");
    is("@said", 'valid', "$name: not the schema's to see");
    `$tool check $tmp/beyond.yaml 2>&1`;
    is($? >> 8, 2, "$name: the loader refuses it");
}

done_testing();
