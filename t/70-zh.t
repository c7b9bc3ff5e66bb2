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

# the quick start: its rules are a policy without a finding, and each mistake
# of its table is one

my $text = slurp('docs/zh/quickstart.md');
my ($yaml) = $text =~ /^```yaml\n(.*?)^```/ms;
ok($yaml, 'the quick start has rules');

sub check {
    my ($yaml, $name) = @_;
    open my $f, '>:encoding(UTF-8)', "$dir/$name" or die $!;
    print $f $yaml;
    close $f;
    my $out = `$tool check $dir/$name 2>&1`;
    utf8::decode($out);
    return ($? >> 8, $out);
}

my ($rc, $out) = check($yaml, 'quick.yaml');
is($rc, 0, 'they can be copied as they are') or diag $out;

done_testing();
