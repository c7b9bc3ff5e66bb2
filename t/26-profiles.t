# rules/profiles: each profile loads, finds the items of a page and a feed of its
# kind, every slot of it some, and takes out what a rule hits.

use strict;
use warnings;
use utf8;

use Encode qw(decode encode);
use File::Temp qw(tempdir);
use JSON::PP;
use File::Copy;
use Test::More;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $ctl = ($ENV{MODERATION_BUILD} || 'build') . '/moderationctl';
my $tmp = tempdir(CLEANUP => 1);

sub slurp {
    open my $f, '<:raw', $_[0] or die "$_[0]: $!";
    local $/;
    return scalar <$f>;
}

my @profiles = map { m{([^/]+)\.yaml$} } sort glob 'rules/profiles/*.yaml';
is("@profiles", 'commercial live messaging news search video',
   'a profile for each of the six kinds');

my $readme = slurp('rules/profiles/README.md');

for my $name (@profiles) {
    my $slots = slurp("rules/profiles/$name.yaml");
    my $policy = "$tmp/$name.yaml";

    like($readme, qr/\Q$name.yaml\E/, "$name: the README has it");

    my $in = join ', ', grep { $slots =~ /\b$_: / } qw(title text nickname);

    mkdir "$tmp/profiles";
    copy("rules/profiles/$name.yaml", "$tmp/profiles/$name.yaml") or die $!;

    open my $f, '>:raw', $policy or die;
    print $f encode('UTF-8', <<"EOF");
schema: 1
policy: $name
include: profiles/$name.yaml
rules:
  - {id: r, label: marketing_account,
     match: {in: [$in], terms: [违例样词]}}
EOF
    close $f;

    my $said = `$ctl check $policy 2>&1`;
    cmp_ok($? >> 8, '<', 2, "$name: loads") or diag($said);

    my (%found, %hit, $titled);

    for my $page (glob "t/fixtures/profiles/$name.*") {
        my ($kind) = $page =~ /\.(\w+)$/;
        my $scan = "$ctl scan --policy $policy"
                   . ($kind eq 'ndjson' ? ' --type ndjson' : '');

        for (split /\n/, `$scan --format json $page`) {
            my $item = decode_json($_);
            $found{$item->{slot}}++;
            $hit{$item->{slot}}++ if @{ $item->{hits} };

            my %f = %{ $item->{fields} };
            $titled++ if ($f{title} // $f{text} // $f{nickname} // '') ne ''
                         && ($f{room} // '') ne '';
        }

        my $left = decode('UTF-8', `$scan --apply $page`);
        unlike($left, qr/违例样词/, "$name.$kind: what the rule hits is gone");
        like($left, qr/灯塔/, "$name.$kind: the rest is there");
    }

    my @names = $slots =~ /^  - name: (\S+)$/mg;
    is(join(' ', sort keys %found), join(' ', sort @names),
       "$name: every slot finds something");
    is(join(' ', sort keys %hit), join(' ', sort @names),
       "$name: and hits once");

    my $items = 0;
    $items += $_ for values %found;
    is($titled, $items, "$name: every item has a text and a name of its own");
}

done_testing();
