# docs/zh: what it shows is true, and it does not fall behind the English pages.

use strict;
use warnings;
use utf8;
use File::Temp 'tempdir';
use Test::More;

binmode Test::More->builder->$_, ':utf8'
    for qw(output failure_output todo_output);

my $tool = ($ENV{MODERATION_BUILD} || 'build') . '/moderationctl';
my $dir = tempdir(CLEANUP => 1);

sub slurp {
    open my $f, '<:encoding(UTF-8)', $_[0] or return undef;
    local $/;
    return <$f>;
}

# a page of docs/zh has the sections of its English original, in their order:
# "## English heading：Chinese", or the heading as it is

for my $zh (glob 'docs/zh/*.md') {
    my ($name) = $zh =~ m{([^/]+)$};
    my $en = $name eq 'README.md' ? 'README.md' : "docs/$name";
    next if !-e $en;

    my @want = slurp($en) =~ /^(#{2,3} .*)$/mg;
    my @have = map { s/：.*//r } slurp($zh) =~ /^(#{2,3} .*)$/mg;
    is(join("\n", @have), join("\n", @want), "$zh has the sections of $en");
}

# the examples of feeds.md are the same in both, and t/16-feed-docs.t runs them

sub examples {
    return join "\n", slurp($_[0]) =~ /^(<!-- (?:example|rules).*? -->\n(?:```\w+\n.*?^```\n)+)/msg;
}

my $examples = examples('docs/feeds.md');
cmp_ok(length $examples, '>', 5000, 'feeds.md has examples');
ok($examples eq examples('docs/zh/feeds.md'), 'docs/zh/feeds.md has the same ones');

# the quick start: its rules are a policy without a finding, and each mistake
# of its table is one, and what is to be written instead is none

my $text = slurp('docs/zh/quickstart.md');
my ($yaml) = $text =~ /^```yaml\n(.*?)^```/ms;
ok($yaml, 'the quick start has rules');

sub check {
    my ($yaml, $name) = @_;
    open my $f, '>:encoding(UTF-8)', "$dir/$name" or die $!;
    print $f $yaml;
    close $f;
    my $out = `LC_ALL=C $tool check $dir/$name 2>&1`;
    utf8::decode($out);
    return ($? >> 8, $out);
}

my ($rc, $out) = check($yaml, 'quick.yaml');
is($rc, 0, 'they can be copied as they are') or diag $out;

my $head = "schema: 1\npolicy: p\nslots:\n  - {name: c, type: html, match: li,"
    . " fields: {title: h3}}\nrules:\n  - id: r\n    label: rumor\n    action: none\n"
    . "    match:\n      in: [title]\n      ";
my $mistakes = 0;

while ($text =~ /^\| `(\w+[:：][^`]*)`[^|]*\| [^|]* \| `(\w+: [^`]*)`/mg) {
    my ($wrong, $right) = ($1, $2);
    ($rc, $out) = check("$head$wrong\n", 'wrong.yaml');
    isnt($rc, 0, "the quick start: $wrong");
    like($out, qr/^\S+wrong\.yaml:11:/m, '... and the line is said');
    ($rc, $out) = check("$head$right\n", 'right.yaml');
    is($rc, 0, "the quick start: $right") or diag $out;
    $mistakes++;
}
is($mistakes, 8, 'mistakes of the quick start that were tried');

# every message of loader and check is in the table (ngx_module/messages),
# under its code: what the sources say is put together, and a row has to fit

# parts of a sentence; the whole ones are in the table
my %parts = map { $_ => 1 } 'a blank here is X: indent with plain spaces',
    'full-width (U+3000)', 'a no-break space (U+00A0)', 'slot "', 'a slot of this rule',
    'should hit and does not', 'should pass and hits';
my (%rows, %explained);
for my $table (qw(load check parts)) {
    my $c = slurp("ngx_module/messages/messages_$table.c") =~ s{/\*.*?\*/}{}sgr;
    my $code = 'parts';
    my $string = qr/(?:"(?:[^"\\]|\\.)*"\s*)+/;
    while ($c =~ /\{\s*(NULL|"[a-z0-9-]+"),\s*($string),\s*($string)\}/g) {
        my ($of, $en, $zh) = ($1, $2, $3);
        $_ = (join '', /"((?:[^"\\]|\\.)*)"/g) =~ s/\\(.)/$1/gr for $en, $zh;
        if ($of ne 'NULL') {
            $code = $of =~ tr/"//dr;
            ok(!$explained{$code}, "$code: explained once");
            like($zh, qr/\p{Han}.*。$/, "... in Chinese");
            like($en, qr/\.$/, "... and in English");
            $explained{$code} = 1;
            next;
        }
        push @{$rows{$code}}, join '(.*)', map { quotemeta } split /%/, $en, -1;
        like($zh, qr/\p{Han}|\{\d!?\}/, "$code: $en: Chinese");
        my %named = map { $_ => 1 } $zh =~ /\{(\d)/g;
        is(join(' ', grep { !$named{$_} } 1 .. ($en =~ tr/%//)), '', '... and names the same')
            if $en !~ /^a weight|did not find|two digits|^% expected|enough digits/;
    }
}
my $some = sub { join '|', map { "(?:$_)" } map { @{$rows{$_} || []} } @_ };
my $any = $some->(keys %rows);
cmp_ok(scalar keys %explained, '>', 85, 'codes: ' . keys %explained);
my ($said, %used) = 0;

for my $source (glob('ngx_module/engine/load/*.c'), glob('ngx_module/engine/{match,policy}/*.c'),
                'ngx_module/engine/html/selector.c',
                'ngx_module/engine/json/jsonpath.c', glob('ngx_module/check/[celmv]*.c'))
{
    next if $source =~ /learn/;
    my $c = slurp($source) =~ s{/\*.*?\*/}{}sgr;
    $used{$1} = 1 while $c =~ /"([a-z]+(?:-[a-z0-9]+)*)"/g;
    while ($c =~ /\b(mdr_load_error(?:_in)?|mdr_load_warn|mdr_check_finding|mdr_diags_add|fail)\(
                  ((?:[^;"]|"(?:[^"\\]|\\.)*")*?)\);/xg) {
        my ($call, $whole) = ($2, $1);
        my ($code) = $call =~ /"([a-z0-9-]+)"/;
        $code = undef if $whole eq 'fail' || $call !~ /^[^"]*"[a-z0-9-]+",/;
        ok($explained{$code}, "$source: the code $code is explained") if defined $code
            && !$explained{$code};
        while ($call =~ /((?:"(?:[^"\\\n]|\\.)*"\s*)+)/g) {
            my $text = join '', $1 =~ /"((?:[^"\\]|\\.)*)"/g;
            $text =~ s/\\(.)/$1/g;
            next if $text !~ / / || $text =~ /^[ :,]|%s%s|" %s$/;
            $text =~ s/%(?:\.\*|\.\d+)?(?:ll|z)?[a-zA-Z]/X/g;
            $text =~ s/X$// if $text =~ /expectedX$|\)X$/;
            $said++;
            my $fits = defined $code ? $some->($code, 'parts') : $any;
            fail("$source: no row in ngx_module/messages for: $text"
                 . (defined $code ? " [$code]" : ''))
                if $text !~ /^(?:$fits)$/ && !$parts{$text};
        }
    }
}
cmp_ok($said, '>', 200, "sentences of loader and check: $said");
ok($used{$_}, "$_: a code that the program has") for sort keys %explained;

# the pages that list them

for (['en', 'docs/messages.md'], ['zh', 'docs/zh/messages.md']) {
    my ($lang, $page) = @$_;
    my $made = `MODERATION_BUILD=\$(dirname $tool) t/tools/messages $lang`;
    utf8::decode($made);
    ok($made eq slurp($page), "$page: made by t/tools/messages $lang");
}

done_testing();
