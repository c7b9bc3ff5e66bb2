# moderationctl diff: what changed between two policies, a line each.

use strict;
use warnings;

use File::Temp qw(tempdir);
use Test::More;

my $build = $ENV{MODERATION_BUILD} || 'build';
my $tool = "$build/moderationctl";

plan skip_all => "no $tool" unless -x $tool;

my $tmp = tempdir(CLEANUP => 1);

my $old = <<'END';
schema: 1
policy: p
slots:
  - {name: cards, type: html, match: li, fields: {title: b, nick: i}}
  - {name: feed, type: json, match: "$.list[*]", fields: {title: $.title}}
rules:
  - {id: r.one, rev: 4, status: stable, mode: shadow, label: rumor,
     sub_label: old, suggestion: review, action: tag, owner: a@example.org,
     basis: {kind: terms, ref: part 1}, notice: {en: Reason., zh: Warum},
     expires: 2030-01-01, rollout: 50, slots: [cards], risk_level: low,
     match: {in: [title], terms: [alpha, beta, gamma]}}
  - {id: r.two, rev: 1, label: rumor, match: {in: [title], terms: [delta]}}
END

sub spew {
    my ($name, $text) = @_;
    open my $f, '>', "$tmp/$name" or die "$tmp/$name: $!";
    print $f $text;
    close $f;
}

sub diff {
    my $out = `$tool diff $tmp/old.yaml $tmp/new.yaml 2>&1`;
    return ($? >> 8) . "\n$out";
}

# what is replaced, by what, and what is said of it

my $not_raised = '~ rule r.one: rev 4 to 4 (rev not raised)';

my $else = 'slots, conditions, folds, exceptions, tests or the like';

my @rows = (
    [ 'policy: p', 'policy: q', '~ policy: p to q' ],
    [ 'schema: 1', "schema: 1\nstrict: true", '~ strict: now true' ],
    [ 'name: feed', 'name: list', "- slot feed\n+ slot list" ],
    [ 'match: li', 'match: dt', '~ slot cards' ],
    [ 'id: r.two, rev: 1', 'id: r.three, rev: 2',
      "- rule r.two (rev 1, 1 terms)\n+ rule r.three (rev 2, 1 terms)" ],
    [ 'rev: 4', 'rev: 5', '~ rule r.one: rev 4 to 5' ],
    [ 'rev: 4', 'rev: 3', '~ rule r.one: rev 4 to 3 (rev not raised)' ],
    [ 'mode: shadow', 'mode: enforce', 'mode: shadow to enforce' ],
    [ 'status: stable', 'status: test', 'status: stable to test' ],
    [ 'suggestion: review', 'suggestion: block',
      'suggestion: review to block' ],
    [ 'action: tag', 'action: mask', 'action: tag to mask' ],
    [ 'label: rumor,', 'label: vulgar,', 'label: "rumor" to "vulgar"' ],
    [ 'sub_label: old', 'sub_label: new', 'sub_label: "old" to "new"' ],
    [ 'a@example', 'b@example',
      'owner: "a@example.org" to "b@example.org"' ],
    [ 'part 1', 'part 2', 'basis: "part 1" to "part 2"' ],
    [ 'Reason.', 'Because.', 'notice: "Reason." to "Because."' ],
    [ 'Warum', 'Darum', 'notice: "Warum" to "Darum"' ],
    [ 'rollout: 50', 'rollout: 60', 'rollout: 50 to 60' ],
    [ '2030-01-01', '2031-01-01', 'expires: later' ],
    [ '2030-01-01', '2029-01-01', 'expires: earlier' ],
    [ ' expires: 2030-01-01,', '', 'expires: never' ],
    [ 'alpha, beta', 'alpha, aleph', "- beta\n+ aleph" ],
    [ 'beta, gamma', 'gamma', '- beta' ],
    [ 'gamma]', 'gamma, zeta]', '+ zeta' ],
    [ 'slots: [cards]', 'slots: [feed]', $else ],
    [ 'risk_level: low', 'risk_level: high', $else ],
    [ 'terms: [alpha', 'boundary: none, terms: [alpha', $else ],
);

spew('old.yaml', $old);
spew('new.yaml', "# a remark\n$old");
is(diff(), "0\n", 'nothing but a remark');

for (@rows) {
    my ($from, $to, $want) = @$_;
    (my $new = $old) =~ s/\Q$from\E/$to/ or die "no $from";

    if ($want !~ /^[-+~] (?:rule|slot|policy|strict)|^~/) {
        $want = "$not_raised\n" . join "\n", map { "    $_" } split /\n/,
                                                               $want;
    }

    spew('new.yaml', $new);
    is(diff(), "1\n$want\n", "$from: $to");
}

my @many = map { "w$_" } 100 .. 199;
(my $new = $old) =~ s/alpha, beta, gamma/join ', ', @many/e;
spew('new.yaml', $new);
like(diff(), qr/\n    - alpha\n    - beta\n    - gamma\n    \+ w100\n/,
     'many terms: those that go');
like(diff(), qr/\n    \+ w101\n.*\n    \+ and \d+ more terms\n\z/s,
     'the first of those that come');

spew('new.yaml', "$old  - {id: r}\n");
like(diff(), qr/^2\n\S+new\.yaml:\d+:\d+: /, 'a policy that is none');

done_testing();
