# moderationctl probe: slots of pages and feeds that nobody has described.

use strict;
use warnings;
use utf8;

use Encode qw(encode decode);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $ctl = ($ENV{MODERATION_BUILD} || 'build') . '/moderationctl';
my $tmp = tempdir(CLEANUP => 1);

sub spew {
    my ($name, $text) = @_;
    open my $f, '>:raw', "$tmp/$name" or die "$name: $!";
    print $f $text;
    close $f;
    return "$tmp/$name";
}

# (exit status, output, the slots: [match, type, {fields}])

sub probe {
    my (@args) = @_;

    my $out = decode('UTF-8', `$ctl probe @args 2>&1`);
    my $rc = $? >> 8;
    my @slots;

    for (split /\n(?=  - name)/, $out) {
        my ($type, $match) = /type: (\w+)\n    match: "(.*)"/ or next;
        my %f = /^      (\w+): "(.*)"$/mg;
        push @slots, [$match, $type, \%f];
    }

    return ($rc, $out, @slots);
}

# the titles that a proposal finds, by the scanner

sub titles {
    my ($slot, $file) = @_;
    my $policy = encode_json({ schema => 1, policy => 'p', slots => [
        { name => 's', type => $slot->[1], match => $slot->[0],
          fields => $slot->[2] }], rules => [] });
    spew('p.yaml', $policy);
    my $out = `$ctl scan --format json --policy $tmp/p.yaml $file 2>/dev/null`;
    return map { decode_json($_)->{fields}{title} } split /\n/, $out;
}

my @words = map { "今晚第${_}场：一起看海边的灯塔" } 1 .. 12;
my $nav = '<ul class=nav>' . join('', map { "<li><a href=/$_>去$_</a></li>" }
                                      1 .. 6) . '</ul>';

my %pages = (
    'cards.html' => $nav . '<div class=hd><h1>首页</h1></div><div id=list>'
        . join('', map { "<div class=\"room card-$_\"><a href=/r/$_>"
                         . "<img alt=x></a><h3 class=t>$words[$_]</h3>"
                         . "<span class=nick>主播$_</span></div>" } 0 .. 11)
        . '</div>',
    'unclosed.html' => $nav . '<ul class=feed>'
        . join('', map { "<li class=item><a href=/v/$_ class=tt>$words[$_]</a>"
                         . '<p>介绍' } 0 .. 11) . '</ul>',
    'custom.html' => '<main>' . join('', map { "<live-card><a href=/$_>"
        . "<b>$words[$_]</b></a></live-card>" } 0 .. 11) . '</main>',
    'feed.json' => encode_json({ code => 0, data => {
        list => [map { { room_id => $_, room_name => $words[$_],
                         owner => { nickname => "主播$_" },
                         pic => 'https://img.example/x.jpg' } } 0 .. 11],
        nav => [map { { id => $_, name => 'x' } } 1 .. 4] } }),
    'call.js' => 'cb(' . encode_json({ rooms => [
        map { { title => $words[$_], id => "r$_" } } 0 .. 11] }) . ');',
    'lines.ndjson' => join('', map { encode_json({ title => $words[$_],
                                       uid => $_ }) . "\n" } 0 .. 11),
    'pieces.json' => encode_json({ contents => [map { { renderer => {
        videoId => "v$_", title => { runs => [{ text => $words[$_] },
                                              { text => '' }] } } } }
        0 .. 11] }),
);

my %want = (
    'cards.html' => '(div\.room|div#list > div)', 'unclosed.html' => '(li\.item|ul\.feed > li)',
    'custom.html' => 'live-card', 'feed.json' => '\$\.data\.list\[\*\]',
    'call.js' => '\$\.rooms\[\*\]', 'lines.ndjson' => '\$',
    'pieces.json' => '\$\.contents\[\*\]\.renderer',
);

for my $name (sort keys %pages) {
    my $text = $pages{$name};
    $text = encode('UTF-8', $text) if $name =~ /html$/;

    my $file = spew($name, $text);
    my ($rc, $out, @slots) = probe($file);

    is($rc, 0, "$name: proposals");
    like($slots[0][0], qr/^$want{$name}$/, "$name: the list is the first one");
    is_deeply([titles($slots[0], $file)], \@words,
              "$name: and the scanner finds its titles");
    like($out, qr/# 12 items, 12 with a title:\n  #   \Q$words[0]\E\n/,
         "$name: with a preview");
    like($slots[0][2]{room}, qr/href|id/i, "$name: and a name of its own")
        unless $name eq 'lines.ndjson';

    my $said = `$ctl probe $file > $tmp/out.yaml && $ctl check $tmp/out.yaml 2>&1`;
    is($? >> 8, 0, "$name: what is printed is a policy") or diag($said);
}

# what is printed takes the place of slots.yaml beside the shipped rules

mkdir "$tmp/policy";
system("cp -R rules/homepage/. $tmp/policy && $ctl probe $tmp/feed.json > $tmp/policy/slots.yaml");
my $beside = `$ctl check $tmp/policy 2>&1`;
is($? >> 8, 0, 'with the shipped rules: a policy, and their tests pass') or diag($beside);

my (undef, $out, @slots) = probe("$tmp/feed.json");
is($slots[0][2]{nickname}, '$.owner.nickname', 'a nickname');

(undef, undef, @slots) = probe('--most 1', map { "$tmp/$_" } sort keys %pages);
is(scalar @slots, scalar keys %pages, 'one of each of several files');

# unusual markup: classes of hashes, tables, definition lists, feeds in wrappers

{
    my @t = map { "第${_}个人怎么种花园里的树" } 1 .. 8;
    my @n = map { "小林$_" } 1 .. 8;
    my %odd = (
        'soup.html' => '<div class="_1a"><a class="_q" href="/">首页</a><a class="_q" href="/h">热门</a></div><div class="sc-fzX kRt">'
            . join('', map { qq{<div class="css-1x${\($_ % 2)} css-abc"><div class="css-77"><a href="/v/$_"><img src="$_.webp"></a></div>}
                . qq{<div class="css-88"><div class="css-t9"><a href="/v/$_"><span class="css-s">$t[$_]</span></a></div>}
                . qq{<a href="/u/$_"><span class="css-n">$n[$_]</span></a></div></div>} } 0 .. 7) . '</div>',
        'rows.html' => '<table class=nav><tr><td><a href=/>首页</a><td><a href=/b>板块</a></table><table id=list><tr><th>主题<th>作者'
            . join('', map { qq{<tr bgcolor=#eee><td class=t><a href="t-$_.html">$t[$_]</a><td><a href="u-$_.html">$n[$_]</a><td>$_} } 0 .. 7) . '</table>',
        'terms.html' => '<h1>问答</h1><dl class=qa>'
            . join('', map { qq{<dt id=q$_><a href="#a$_">$t[$_]</a></dt><dd><p>由 <cite>$n[$_]</cite> 写下</p></dd>} } 0 .. 7) . '</dl>',
        'wrapped.json' => encode_json({ code => 0, data => { tabs => [map +{ id => $_, name => 'tab' }, 1, 2],
            result => { modules => [{ type => 'banner', content => { pics => [{ u => '/a.jpg' }] } },
                { type => 'feed', content => { cells => [map +{ cardType => 3, payload => { vid => "900$_",
                    info => { headline => $t[$_], cover => "$_.jpg" }, author => { uid => $_, nick => $n[$_] } } }, 0 .. 7] } }] } } }),
        'edges.json' => encode_json({ data => { viewer => { id => 'me' }, homeFeed => { pageInfo => { hasNextPage => JSON::PP::true },
            edges => [map +{ cursor => "c$_", node => { __typename => 'Room', id => "R_$_", roomTitle => $t[$_],
                streamer => { id => "U_$_", displayName => $n[$_] } } }, 0 .. 7] } } }));

    for my $name (sort keys %odd) {
        my $text = $name =~ /json$/ ? $odd{$name} : encode('UTF-8', $odd{$name});
        my $file = spew($name, $text);
        my (undef, $said, @found) = probe($file);
        splice @found, 3;

        ok(scalar(grep { join('|', titles($_, $file)) =~ /^\|*\Q$t[0]\E\|.*\Q$t[7]\E$/ } @found),
           "$name: all titles, in one of the first three") or diag $said;
    }
}

# nothing there, and what nobody should send

is((probe(spew('none.html', '<p>one paragraph</p>')))[0], 1, 'nothing repeats');
is((probe(spew('empty', '')))[0], 1, 'an empty file');
is((probe("$tmp/absent"))[0], 2, 'no file');
is((probe('--most 0', "$tmp/feed.json"))[0], 2, 'a bad number');
is((probe())[0], 2, 'no argument');

my @hostile = ('<div>' x 100_000, '<li class=a>' x 50_000, '<!--' . 'x' x 5000,
               '<a href="' . 'x' x 5000, '<' x 20_000, "\xff\xfe\0<\0l\0i\0" x 100,
               '[' x 100_000, '{"a":' x 3000, '[{"t\u0000\u2028":"' . 'x' x 50 . '"},'
               x 5, '<li class="a' . "\e[2J" . "\">\e]0;x\a title here</li>" x 20,
               join('', map { "<i class=c$_ id=x>abcdef</i>" } 1 .. 60_000));

for my $i (0 .. $#hostile) {
    my ($rc, $said) = probe(spew("h$i", $hostile[$i]));
    cmp_ok($rc, '<=', 2, "hostile $i: it ends");
    unlike($said, qr/[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]/, "hostile $i: no controls");
}

done_testing();
