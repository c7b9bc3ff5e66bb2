# Items of pages of every kind, well made and broken, as an independent parser
# sees them: t/fixtures/html/cases.jsonl, made by t/peer/compare.js.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";

use JSON::PP ();
use Test::More;
use ModerationTest::Server;

my $json = JSON::PP->new->utf8->canonical;
my $tool = moderationctl();
my $dir = "$ModerationTest::build/t/html-cases";
my (undef, $policies, @rows) =
    split /\n/, read_file("$ModerationTest::top/t/fixtures/html/cases.jsonl");

mkdir $dir;
$policies = $json->decode($policies);

for my $name (sort keys %$policies) {
    my $i = 0;

    write_file("$dir/$name.yaml", $json->encode({
        schema => 1,
        policy => $name,
        slots => [map { { name => 's' . $i++, type => 'html', %$_ } }
                  @{$policies->{$name}}],
        rules => [{ id => 'none', rev => 1, label => 'rumor',
                    match => { in => ['title'], boundary => 'whole',
                               terms => ['in no page of these'] } }],
    }));
}

sub flat {
    my ($s) = @_;

    $s = '' unless defined $s;
    $s =~ s/[\s\x{a0}\x{3000}]+/ /g;
    $s =~ s/^ | $//g;

    return $s;
}

# name => how many rows, and the first that is not as it should be
my (%rows, %wrong);

for (@rows) {
    my ($name, $page, $items) = @{$json->decode($_)};
    my $bytes = $page;
    my @want = map { [@$_] } @$items;
    my @got;

    utf8::encode($bytes);
    write_file("$dir/page.html", $bytes);

    for (split /\n/, `$tool scan --type html --charset utf-8 --policy $dir/$name.yaml $dir/page.html`) {
        my $it = $json->decode($_);

        push @got, [substr($it->{slot}, 1) + 0, $it->{start}, $it->{end},
                    map { flat($it->{fields}{$_}) } 'title', 'account',
                                                    'room'];
    }

    # html and body end with the page

    for my $i (0 .. $#want) {
        $want[$i][2] = $got[$i] ? $got[$i][2] : 0 unless defined $want[$i][2];
    }

    $rows{$name}++;

    my ($got, $want) = map { join "\n", map { $json->encode($_) } @$_ }
                       \@got, \@want;

    if ($got ne $want) {
        $wrong{$name}++;
        diag("$name: " . $json->encode([$page]) . "\n$got\nwanted\n$want")
            if $wrong{$name} <= 3;
    }
}

for my $name (sort keys %$policies) {
    cmp_ok($rows{$name}, '>=', 20, "$name: pages");
    is($wrong{$name}, undef, "$name: items, ends, fields");
}

done_testing();
