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
  - {name: cards, type: html, match: li, fields: {title: b, nick: i, account: "@a"}}
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

my $else = 'weights, limits, reasons of exceptions or the like';

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
    [ 'slots: [cards]', 'slots: [feed]', 'slots: without cards with feed' ],
    [ ' slots: [cards],', '', 'slots: all' ],
    [ 'in: [title]', 'in: [title, nick]', 'in: with nick' ],
    [ 'in: [title]', 'in: [nick]', 'in: without title with nick' ],
    [ 'rollout: 50,', 'rollout: 50, jurisdiction: [CN-GD],', 'jurisdiction: with CN-GD' ],
    [ 'in: [title]', 'in: [title], account: [limited, closed], credit: "< 40"',
      "account: any to limited, closed\ncredit: any to < 40" ],
    [ 'rollout: 50,', 'rollout: 50, brake: {max_ratio: 0.5},', "brake max_ratio: 0 to 0.5\nbrake min_hits: 0 to 1\nbrake window: 0 to 600" ],
    [ 'rollout: 50,', 'rollout: 50, gap: 2,', 'gap: 0 to 2' ],
    [ 'rollout: 50,', 'rollout: 50, fold: [width, repeat],',
      'fold: without case, hant, gloss, digits, invisible, confusable with repeat' ],
    [ 'terms: [alpha, beta, gamma]', "terms: [alpha, beta, gamma], regex: 'x\\d'",
      'regex: with x\\d' ],
    [ 'terms: [alpha, beta, gamma]',
      'terms: [alpha, beta, gamma], except: [{terms: [no alpha]}]', '+ except: no alpha' ],
    [ 'terms: [alpha, beta, gamma]',
      'groups: {a: {terms: [alpha, beta]}, b: {terms: [gamma]}}, when: "near(a, b, 9) and not (count(a) >= 2 or length > 30)"',
      "when: any group to near(a, b, 9) and not (count(a) >= 2 or length > 30)\n"
      . "- group terms\n- terms: alpha\n- terms: beta\n- terms: gamma\n"
      . "+ group a\n+ a: alpha\n+ a: beta\n+ group b\n+ b: gamma" ],
    [ 'risk_level: low', 'risk_level: high', 'risk_level: low to high' ],
    [ 'terms: [alpha', 'boundary: none, terms: [alpha', 'boundary: auto to none' ],
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

# conditions as they are written, old and new

my $groups = $old =~ s/terms: \[alpha, beta, gamma\]/groups: {a: {terms: [alpha]}, b: {terms: [beta]}, c: {terms: [gamma]}}, when: "OLD"/r;

for (['a and b', 'a and (b or c)'], ['not (a or b) and c', '2 of (a, b, c)'],
     ['near(a, b, 12)', 'not near(a, b, 12) or c'], ['a or b and c', '(a or b) and c'],
     ['count(a) == 1', 'length <= 20 and a'],
     ['a', 'a and hidden >= 30'])
{
    spew('old.yaml', $groups =~ s/OLD/$_->[0]/r);
    spew('new.yaml', $groups =~ s/OLD/$_->[1]/r);
    is(diff(), "1\n$not_raised\n    when: $_->[0] to $_->[1]\n", "$_->[0] to $_->[1]");
}

spew('old.yaml', $groups =~ s/OLD/a and b/r);
spew('new.yaml', $groups =~ s/OLD/a and b/r =~ s/\[beta\]/[beth]/r);
is(diff(), "1\n$not_raised\n    - b: beta\n    + b: beth\n", 'terms with their group');
spew('old.yaml', $old);

my @many = map { "w$_" } 100 .. 199;
(my $new = $old) =~ s/alpha, beta, gamma/join ', ', @many/e;
spew('new.yaml', $new);
like(diff(), qr/\n    - alpha\n    - beta\n    - gamma\n    \+ w100\n/,
     'many terms: those that go');
like(diff(), qr/\n    \+ w101\n.*\n    \+ and \d+ more terms\n\z/s,
     'the first of those that come');

my $pages = $old . <<'END';
pages:
  - {name: home, match: {path: /}, require: [{id: a, selector: a}, {id: b, selector: b}], guard: {title: x}}
  - {name: gone, guard: {title: x}}
END
spew('old.yaml', $pages);
spew('new.yaml', $pages);
like(diff(), qr/^0\n/, 'the same pages');
spew('new.yaml', $old . <<'END');
pages:
  - {name: home, mode: shadow, match: {path: /}, require: [{id: b, selector: i}, {id: c, selector: c}], guard: {title: y}}
  - {name: came, guard: {title: x}}
END
is(diff(), "1\n- page gone\n~ page home\n    ~ mode\n    ~ guard\n"
           . "    - require a\n    ~ require b\n    + require c\n+ page came\n",
   'pages');
spew('old.yaml', $old);

# what only the desk reads

my $desk = $old . <<'END';
bursts: {default: {ratio: 3}, rules: {r.one: {ratio: 2}, r.two: {min: 9}}}
accounts: {states: {watched: 1}, first_screens: [cards]}
categories: {rumor: [rumor]}
reasons:
  - {id: shock, key: 1, title: {en: Shock, zh: Shi}, points: 1}
  - {id: gone, key: 2, title: Gone}
END
spew('old.yaml', $desk);
spew('new.yaml', $desk);
like(diff(), qr/^0\n/, 'the same for the desk');
(my $other = $desk) =~ s/ratio: 2\}, r.two: \{min: 9\}/ratio: 2.5, min: 40}/;
$other =~ s/watched: 1/watched: 2, limited: 4/;
$other =~ s/screens: \[cards\]/screens: [feed]/;
$other =~ s/points: 1/points: 2/;
$other =~ s/^  - \{id: gone.*\n//m;
$other =~ s/terms: \[delta\]/terms: [delta]}, strikes: {points: 1, half_life: 90d/;
spew('new.yaml', $other);
is(diff(), <<'END', 'settings of the desk, a line each');
1
~ slot cards
~ slot feed
- accounts: first_screens: cards
+ accounts: first_screens: feed
+ accounts: states: limited: 4
~ accounts: states: watched: 1 to 2
+ bursts: rules: r.one: min: 40
~ bursts: rules: r.one: ratio: 2 to 2.5
- bursts: rules: r.two: min: 9
- reasons: gone: id: gone
- reasons: gone: key: 2
- reasons: gone: title: Gone
~ reasons: shock: points: 1 to 2
+ strikes: r.two: half_life: 90d
+ strikes: r.two: points: 1
END

sub explained { return `$tool explain $_[0] $tmp/new.yaml @{[$_[1] || '']}` }
like(explained('r.one'), qr/^Alarm: a flood at 2\.5 times the usual hits, 40 at least\.$/m, 'explain: bursts of the rule');
like(explained('r.two'), qr/^Alarm: a flood at 3 times the usual hits, 20 at least\.$/m, 'of all, and what holds without a word');
like(explained('r.two'), qr/^Strikes: 1 points for the account, halved every 90d\.$/m, 'explain: strikes');
unlike(explained('r.one'), qr/Strikes/, 'of a rule that has some');
like(explained('r.one', '--lang zh'), qr/2\.5 倍、且至少 40 次/, 'in Chinese');
spew('old.yaml', $old);

spew('new.yaml', "$old  - {id: r}\n");
like(diff(), qr/^2\n\S+new\.yaml:\d+:\d+: /, 'a policy that is none');


# names of places

spew('old.yaml', "places: {north: CN-BJ, south: CN-GD}\n$old");
spew('new.yaml', "places: {south: CN-GD/Shenzhen, east: CN-SH}\n$old");
is(diff(), "1\n- place north: CN-BJ\n~ place south: CN-GD to CN-GD/Shenzhen\n"
           . "+ place east: CN-SH\n", 'names of places');

# a page in words

spew('new.yaml', $old . <<'END');
pages:
  - name: home
    mode: shadow
    match: {host: "www.example.cn", path: ["/", "/live/*"]}
    require:
      - {id: entry, selector: 'a[href*="12377.cn"]', insert: '<p><a href="https://www.12377.cn/">12377</a></p>', at: body-end}
    guard: {title: live, hidden_links: 3, hosts: [example.cn], kinds: [link, script], before_html: block, action: block}
END
like(`$tool explain $tmp/new.yaml`, qr/^page home$/m, 'pages are listed with the rules');
is(explained('home'), <<'END', 'explain: a page');
Page home, mode shadow: found, recorded, left as it is
Responses: host www.example.cn, path /, /live/*, status 200
Must have: entry: an element a[href*="12377.cn"] that a reader can see.
  Where it is missing, goes in at the end of the body: <p><a href="https://www.12377.cn/">12377</a></p>
The title has to match live.
What stands before the document is taken out.
3 links in one block that nobody sees are too many.
links, scripts lead to the page's own host or to example.cn.
What is found is taken out, and nothing else.
END
like(explained('home', '--lang zh'), qr/^必须有：entry：元素 a\[href\*="12377\.cn"\]，读者要看得见。$/m, 'in Chinese');

done_testing();
