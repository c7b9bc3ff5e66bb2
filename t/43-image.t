#!/usr/bin/perl

# Compiled images on the command line: they say what their policy says, and
# one that is damaged in any way is refused, with the file's name.

use strict;
use warnings;
use utf8;

use Encode qw(encode);
use File::Temp qw(tempdir);
use Test::More;

my $build = $ENV{MODERATION_BUILD} || 'build';
my $tool = "$build/moderationctl";

plan skip_all => "no $tool" unless -x $tool;

my $tmp = tempdir(CLEANUP => 1);

sub spew {
    my ($name, $bytes) = @_;
    open my $f, '>:raw', "$tmp/$name" or die "$tmp/$name: $!";
    print $f $bytes;
    close $f;
    return "$tmp/$name";
}

sub run {
    my (@args) = @_;
    my $out = `$tool @args 2>&1`;
    return ($? >> 8, $out);
}

my $yaml = spew('p.yaml', encode('UTF-8', <<'EOT'));
schema: 1
policy: images
slots: [{name: s, type: html, match: li, fields: {title: h3}}]
rules:
  - id: r
    label: x
    match: {in: [title], groups: {a: {terms: [震惊, casino]}, b: {regex: 'vx\d{3}'}}}
EOT
my $page = spew('page.html', encode('UTF-8',
                '<ul><li><h3>震驚 Casino vx123</h3><li><h3>x</h3></ul>'));
my $image = "$tmp/p.image";

is((run('compile', $yaml, '-o', $image))[0], 0, 'compiled');

my @want = run('scan --policy', $yaml, $page);

is($want[0], 1, 'hits');
is_deeply([run('scan --policy', $image, $page)], \@want,
          'the image says the same');

is((run('compile', $image, '-o', "$tmp/again"))[0], 0, 'compiled again');

open my $f, '<:raw', $image or die;
my $bytes = do { local $/; <$f> };
close $f;

# one formula for the number of the engine (ngx_module/engine/id): what the tool
# makes a worker uses, see t/33-images.t

chomp(my $engine = `sh ngx_module/engine/id`);
is(unpack('Q<', substr $bytes, 64, 8), $engine, 'the image names the engine that made it');

for my $builder (qw(Makefile config)) {
    open my $m, '<', $builder or die "$builder: $!";
    my $text = do { local $/; <$m> };
    my @ways = $text =~ /MDR_ENGINE_ID=(.*)/g;
    is(scalar @ways, 1, "$builder gives the number in one place");
    like($text, qr{\bsh \S*engine/id\b}, "$builder asks the script for it");
}
open $f, '<:raw', "$tmp/again" or die;
is(do { local $/; <$f> }, $bytes, 'the same bytes');
close $f;

# not where sources are asked for

is_deeply([run('check', $image)],
          [2, "$image:1:1: a compiled image; the YAML it was made of is "
              . "wanted here [image]\nthe policy cannot be used: 1 error\n"],
          'check wants the sources');

# damage

sub refused {
    my ($name, $damaged, $why) = @_;
    my ($rc, $out) = run('scan --policy', spew('bad.image', $damaged), $page);

    ok($rc == 2 && $out =~ /^\Q$tmp\E\/bad\.image: image refused: $why \[bad-image\]$/,
       $name) or diag("$rc: $out");
}

my $n = length $bytes;
my ($bad, $other) = (0, '');

srand 7;

for my $i (8 .. 111, map { 112 + int rand($n - 112) } 1 .. 60) {
    my $d = $bytes;
    substr($d, $i, 1) ^= chr(1 << int rand 8);
    my ($rc, $out) = run('scan --policy', spew('bad.image', $d), $page);
    next if $rc == 2 && $out =~ /: image refused: (damaged|sizes|made by)/;
    $bad++;
    $other .= "byte $i: $rc $out";
}

is($bad, 0, 'a bit anywhere') or diag($other);

refused('cut', substr($bytes, 0, $_),
        $_ < 112 ? 'too short' : 'sizes do not fit')
    for 8, 64, 200, $n - 1;
refused('longer', $bytes . "\0" x $_, 'sizes do not fit') for 1, 64;
refused('two pieces changed places',
        substr($bytes, 0, 512) . substr($bytes, 1024, 512)
        . substr($bytes, 512, 512) . substr($bytes, 1536),
        qr/damaged \(checksum\)/);

done_testing();
