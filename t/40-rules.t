#!/usr/bin/perl

# The shipped policy, the sample platform, the examples of rules/README.md
# and README.md.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

my $build = $ENV{MODERATION_BUILD} || 'build';
my $tool = "$build/moderationctl";

plan skip_all => "no $tool" unless -x $tool;

my $tmp = tempdir(CLEANUP => 1);

sub slurp {
    my ($path) = @_;
    open my $f, '<', $path or die "$path: $!";
    local $/;
    return scalar <$f>;
}

sub spew {
    my ($path, $text) = @_;
    open my $f, '>', $path or die "$path: $!";
    print $f $text;
    close $f;
}

sub run {
    my ($cmd) = @_;
    my $out = `$cmd 2>&1`;
    return ($? >> 8, $out);
}

# the policy

my ($rc, $out) = run("$tool check rules/homepage");
is($rc, 0, 'check rules/homepage: clean') or diag($out);

for my $label (qw(clickbait rumor counterfeit impersonation forged_official
                  unlicensed_reporting sexual gambling spam_contact
                  marketing_account))
{
    my $text = slurp("rules/homepage/$label.yaml");
    my @rules = split /^  - id: /m, $text;
    shift @rules;

    cmp_ok(scalar @rules, '>=', 1, "$label.yaml has rules");

    for my $rule (@rules) {
        my ($id) = $rule =~ /^(\S+)/;
        my $hits = () = $rule =~ /^\s+- hit: /mg;
        my $passes = () = $rule =~ /^\s+- pass: /mg;

        ok(($id =~ /^\Q$label\E\./ && $rule =~ /^    label: \Q$label\E$/m
           && $hits >= 3 && $passes >= 3
           && 4 == grep { $rule =~ $_ } qr/^    owner: \S/m,
                                        qr/^    basis: .*ref: /m,
                                        qr/^    notice: .*zh: .*en: /m,
                                        qr/^    expires: \d/m),
           "$id: label, owner, basis, notice, expiry, three tests of each");

        ($rc, $out) = run("$tool explain $id rules/homepage");
        ok($rc == 0 && length $out > 40, "explain $id");
    }
}

unlike(slurp('rules/homepage/vulgar.yaml'), qr/^\s*[^#\s].*terms/m,
       'vulgar.yaml holds no words');

# a policy that cannot find anything is not what the tests above mean

my $broken = slurp('rules/homepage/gambling.yaml');
mkdir "$tmp/p";
mkdir "$tmp/p/lists";
spew("$tmp/p/slots.yaml", slurp('rules/homepage/slots.yaml'));
spew("$tmp/p/lists/contact_leads.txt", "nothing-of-it\n");
$broken =~ s/terms: \[稳赢/terms: [完全不同/;
spew("$tmp/p/gambling.yaml", $broken);
($rc, $out) = run("$tool check $tmp/p");
is($rc, 1, 'a rule that misses its own hit test is a finding') or diag($out);

# the examples

my ($example) = slurp('README.md') =~ /```yaml\n(.*?)```/s;
spew("$tmp/example.yaml", $example);
spew("$tmp/page.html", '<ul id="first"><li class="card">'
     . '<h3 class="title">震驚！刪前速看</h3></li></ul>');
($rc, $out) = run("$tool scan --policy $tmp/example.yaml $tmp/page.html");
ok($rc == 1 && $out =~ /"action":"tag"/ && $out =~ /刪前速看/,
   'the policy of README.md') or diag($out);

($example) = slurp('rules/README.md') =~ /```yaml\n(.*?)```/s;
spew("$tmp/rule.yaml", "schema: 1\npolicy: example\nstrict: true\n"
     . "defaults: {gap: {max: 2, of: [space, punct, symbol, emoji]}}\nslots:\n"
     . "  - name: a\n    type: html\n    match: li\n"
     . "    fields: {title: .t}\n" . $example);
($rc, $out) = run("$tool check $tmp/rule.yaml");
is($rc, 0, 'the rule of rules/README.md') or diag($out);

# the demo

SKIP: {
    skip 'no module', 4
        unless -e "$build/ngx_http_moderation_filter_module.so";

    local $ENV{DEMO_DIR} = "$tmp/demo";
    local $ENV{NGINX} = $ENV{TEST_NGINX_BINARY} || 'nginx';

    ($rc, $out) = run("t/demo/run $build");
    is($rc, 0, 'demo: every item is as decided') or diag($out);
    like($out, qr/^Gone from HTML, inline state and feed alike: \d/m,
         'demo: rooms gone from all three');
    like($out, qr/^Gone from flight rows, fragment and events as well: \d/m,
         'demo: and from what a framework streams');
    like($out, qr/^In shadow the homepage is the same byte for byte/m,
         'demo: shadow');
    my ($at) = $out =~ m{side by side +(http://\S+)};
    my $get = sub { scalar `curl -s -L $_[0] $at$_[1]` };
    like($get->('-H "Accept-Language: zh-CN"', ''), qr/class="card gone"/,
         'demo: the comparison, in Chinese for who asks for it');
    like($get->('', ''), qr/\d+ cards found: \d+ removed, \d+ masked/,
         'demo: else in English');
    like($get->('', 'status'), qr/"policies"/, 'demo: the status');
    like($get->('', 'log'), qr/mode=enforce/, 'demo: the log');
    like($get->('', '../r/700102'), qr/<title>/, 'demo: a room');
    ($rc, $out) = run("t/demo/run $build stop");
    is($out, "stopped\n", 'demo: stops');
}

# what the rules hit, where the corpora lie beside the project

SKIP: {
    skip 'no corpora', 9 unless -d '../shared/corpora/clickbait';

    ($rc, $out) = run("python3 t/bench/measure_rules.py $tool rules/homepage"
                      . ' ../shared/corpora');
    is($rc, 0, 'measure') or diag($out);

    my ($precision, $recall) =
        $out =~ /^second half\s+\d+\s+\d+\s+\d+\s+(\S+)\s+(\S+)/m;
    ok(($precision || 0) >= 0.99 && ($recall || 0) >= 0.82,
       'English clickbait: precision and recall') or diag($out);

    ($precision, $recall) = $out
        =~ /zh_headlines_a\.tsv\n.*?^all +\d+ +\d+ +(\S+) +\S+ - \S+ +(\S+)/ms;
    ok(($precision || 0) >= 0.90 && ($recall || 0) >= 0.45,
       'Chinese clickbait: precision and recall') or diag($out);

    my ($disguised) = $out =~ /^Found titles in disguise.*?\n(.*?)^$/ms;
    my @found = ($disguised || '') =~ /\((\S+)\)$/mg;
    ok(@found >= 4 && !(grep { $_ < 0.9 } @found),
       'found titles in disguise: nine of ten') or diag($out);

    my ($titles, $plain, $zero) =
        $out =~ /^Invented.*?^all +(\d+) +(\d+) +\d+ +(\d+)/ms;
    ok(($plain || 0) >= 0.9 * ($titles || 1) && $zero == $plain,
       'invented titles: nine of ten, as many with zero-width spaces')
        or diag($out);

    my @rates = $out =~ /hits, (\S+) in 100000/g;
    ok($out =~ /neutral prose/ && !(grep { $_ > 1 } @rates),
       'neutral prose: at most one hit in 100000 characters a rule')
        or diag($out);

    my ($share) = $out =~ /Han characters: \d+ hit \((\S+) %/;
    ok(defined $share && $share <= 0.5, 'real titles: at most 0.5 %')
        or diag($out);

    # the lower ends of the intervals: a topic with few titles proves nothing

    my ($topics) = $out =~ /^Chinese clickbait rules on headlines that are none.*?\n(.*?)^$/ms;
    my %low = ($topics || '') =~ /^(\w+) +\d+ +\d+ +[\d.]+ +(-?[\d.]+) - /mg;
    ok(keys %low > 10 && !(grep { $_ > 0.02 } values %low),
       'headlines that are none: no topic is hit more than others') or diag($out);

    my ($front) = $out =~ /^portal_xinhua_2014 +\d+ titles +\d+ hit +(\S+)$/m;
    ok(defined $front && $front <= 0.003, 'the front page of a news agency: 0.3 %')
        or diag($out);
}

done_testing();
